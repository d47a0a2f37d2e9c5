// This file looks at WITH: before a SELECT, recursive, with hints, before what
// writes, and around what writes.

package dialecttest

import (
	"testing"

	"github.com/aurum-go/orm"
)

var (
	needsCTE        = feature("WITH", func(f *orm.Features) bool { return f.CTE })
	needsWritingCTE = feature("writing in WITH", func(f *orm.Features) bool { return f.WritingCTE })
)

func cteChecks() []check {
	return append(
		queries(cteQueries()),
		check{name: "with before an insert from a select", needs: []need{needsCTE}, run: insertsFromCTE},
		check{name: "with before an update", needs: []need{needsCTE}, run: updatesByCTE},
		check{name: "with before a delete", needs: []need{needsCTE}, run: deletesByCTE},
		check{name: "rows that are moved in one statement", needs: []need{needsCTE, needsWritingCTE}, run: movesRows, lacking: refusesWritingCTE},
	)
}

func cteQueries() []query {
	oslo := orm.Select(people.C("id"), people.C("name")).From(people).Where(people.C("city").Eq("oslo"))
	named := func(options ...orm.CTEOption) *orm.SelectStatement {
		with := oslo.CTE("from_oslo", options...)
		return orm.Select(with.C("name")).From(with).OrderBy(with.C("id"))
	}
	plain := oslo.CTE("from_oslo")
	second := orm.Select(plain.C("name")).From(plain).Where(orm.Col[int64](plain, "id").Gt(1)).CTE("later")
	upTo := func(n int64) *orm.SelectStatement {
		numbers := orm.Select(orm.Lit[int64](1).As("n")).RecursiveCTE("numbers", func(numbers *orm.CTE) *orm.SelectStatement {
			at := orm.Col[int64](numbers, "n")
			return orm.Select(at.Plus(1)).From(numbers).Where(at.Lt(n))
		})
		return orm.Select(numbers.C("n")).From(numbers).OrderBy(numbers.C("n"))
	}
	with := []need{needsCTE}
	return []query{
		{name: "with", stmt: named(), want: rows("ann", "cleo"), needs: with},
		{name: "with hints", stmt: named(orm.Materialized()), want: rows("ann", "cleo"), needs: with},
		{name: "with the other hint", stmt: named(orm.NotMaterialized()), want: rows("ann", "cleo"), needs: with},
		{name: "one that uses another", stmt: orm.Select(second.C("name")).From(second), want: rows("cleo"), needs: with},
		{name: "in a condition", stmt: names(people.C("id").InSelect(orm.Select(plain.C("id")).From(plain))), want: rows("ann", "cleo"), needs: with},
		{name: "recursive", stmt: upTo(4), want: rows(1, 2, 3, 4), needs: with},
	}
}

// secondOf is a CTE of the row of a table whose key is 2.
func secondOf(table *orm.Table) *orm.CTE {
	return orm.Select(table.C("id"), table.C("v")).From(table).Where(table.C("id").Eq(2)).CTE("second")
}

func insertsFromCTE(t *testing.T, db *database) {
	table := values(t, db)
	second := secondOf(table)
	exec(t, db, orm.Insert(table).FromSelect(orm.Select(orm.Col[int64](second, "id").Plus(10), second.C("v")).From(second), table.C("id"), table.C("v")))
	equal(t, []int{1, 2, 3, 12}, column[int](t, db, table, "id"))
}

func updatesByCTE(t *testing.T, db *database) {
	table := values(t, db)
	second := secondOf(table)
	exec(t, db, orm.Update(table).Set(table.C("v").Set(20)).Where(table.C("id").InSelect(orm.Select(second.C("id")).From(second))))
	equal(t, []int{1, 20, 3}, column[int](t, db, table, "v"))
}

func deletesByCTE(t *testing.T, db *database) {
	table := values(t, db)
	second := secondOf(table)
	exec(t, db, orm.Delete(table).Where(table.C("id").InSelect(orm.Select(second.C("id")).From(second))))
	equal(t, []int{1, 3}, column[int](t, db, table, "id"))
}

// moving deletes a row and inserts it under another key.
func moving(table *orm.Table) orm.Statement {
	gone := orm.Delete(table).Where(table.C("id").Eq(2)).Returning(table.C("v")).CTE("gone")
	return orm.Insert(table).FromSelect(orm.Select(orm.Lit[int64](9), gone.C("v")).From(gone), table.C("id"), table.C("v"))
}

func movesRows(t *testing.T, db *database) {
	table := values(t, db)
	exec(t, db, moving(table))
	equal(t, []int{1, 3, 9}, column[int](t, db, table, "id"))
	equal(t, []int{1, 3, 2}, column[int](t, db, table, "v"))
}

func refusesWritingCTE(t *testing.T, db *database) {
	db.refusesUnsent(t, orm.ErrUnsupported, moving(values(t, db)))
}
