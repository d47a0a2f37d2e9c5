// This file tests WITH: where it stands, in which order, and what holds in it.

package orm_test

import (
	"testing"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

func TestCTEsGiveTheSameRowsOnEveryDatabase(t *testing.T) { runCases(t, cteCases()) }

// The people of thirty years and more, by office; and those of one boss, with
// theirs.
var (
	adults = orm.Select(person.id, person.name, person.office).Where(person.age.Ge(30)).CTE("adults")
	staff  = orm.Select(person.id, person.name, orm.Lit(0).As("depth")).Where(person.id.Eq(1)).
		RecursiveCTE("staff", below)
)

// below are the people whose boss is among rows of id, name and depth.
func below(rows *orm.CTE) *orm.SelectStatement {
	return orm.Select(person.id, person.name, orm.Col[int](rows, "depth").Plus(1)).
		From(rows).Join(personTable, orm.Eq(person.boss, orm.Col[int64](rows, "id")))
}

// adult has the columns of adults.
var adult = struct {
	id     orm.Expr[int64]
	name   orm.Expr[string]
	office orm.Expr[int]
}{orm.Col[int64](adults, "id"), orm.Col[string](adults, "name"), orm.Col[int](adults, "office_id")}

// onlyAdults selects the ids of adults.
var onlyAdults = orm.Select(adult.id).From(adults)

func cteCases() []sqlCase {
	return []sqlCase{
		{name: "a SELECT", stmt: orm.Select(adult.name).From(adults).OrderBy(adult.id), rows: nameRows("Ann", "Bob", "Dee")},
		{name: "all its columns", stmt: orm.Select(adults).Where(adult.id.Eq(2)), rows: []string{"id=2 name=Bob office_id=1"}},
		{name: "implied by a column", stmt: orm.Select(adult.name).Where(adult.id.Le(2)).OrderBy(adult.id), rows: nameRows("Ann", "Bob")},
		{
			name: "joined", rows: []string{"city=Berlin name=Ann", "city=Berlin name=Bob"},
			stmt: orm.Select(adult.name, office.city).From(officeTable).Join(adults, orm.Eq(adult.office, office.id)).OrderBy(adult.id),
		},
		{
			name: "under two names", rows: []string{"name=Ann other=Bob"},
			stmt: func() orm.Statement {
				other := adults.Alias("other")
				return orm.Select(adult.name, other.C("name").As("other")).From(adults).
					Join(other, orm.Eq(adult.office, orm.Col[int](other, "office_id")), orm.Lt(adult.id, orm.Col[int64](other, "id")))
			}(),
		},
		{name: "in IN", stmt: whoIf(person.id.InSelect(onlyAdults)), rows: nameRows("Ann", "Bob", "Dee")},
		{
			name: "in EXISTS about the row", rows: []string{"city=Berlin"},
			stmt: orm.Select(office.city).Where(orm.Exists(orm.Select(adult.id).From(adults).Where(orm.Eq(adult.office, office.id)))),
		},
		{
			name: "as a value, in FROM and in IN at once", rows: []string{"n=3 name=Bob", "n=3 name=Dee"},
			stmt: func() orm.Statement {
				counted, later := adults.Alias("counted"), adults.Alias("later")
				return orm.Select(adult.name, orm.Scalar[int64](orm.Select(orm.Count()).From(counted)).As("n")).From(adults).
					Where(adult.id.InSelect(orm.Select(orm.Col[int64](later, "id")).Where(orm.Col[string](later, "name").Gt("B")))).OrderBy(adult.id)
			}(),
		},
		{
			name: "parameters stand in the order of the text", rows: []string{"name=Bob v=8"},
			stmt: orm.Select(adult.name, orm.Lit(8).As("v")).From(adults).Where(adult.id.Eq(2)).Limit(5),
		},
		{
			name: "a parameter given to the whole", rows: nameRows("Cyd", "Eve"),
			stmt: func() orm.Statement {
				there := orm.Select(person.id, person.name).Where(orm.Eq(person.office, orm.Param[int]("office"))).CTE("there")
				return orm.Select(there.C("name")).From(there).OrderBy(there.C("id")).Params(orm.M{"office": 2})
			}(),
		},
		{
			name: "one that uses another, which is found later", rows: nameRows("Bob"),
			stmt: func() orm.Statement {
				seconds := orm.Select(adult.id, adult.name).From(adults).Where(adult.id.Gt(1)).CTE("seconds")
				firsts := orm.Select(seconds.C("name")).From(seconds).Where(orm.Col[int64](seconds, "id").Lt(3)).CTE("firsts")
				return orm.Select(firsts.C("name")).From(firsts)
			}(),
		},
		{
			name: "several, one of which two use", rows: []string{"v=2", "v=4"},
			stmt: func() orm.Statement {
				few := onlyAdults.Where(adult.id.Gt(1)).CTE("few")
				more := onlyAdults.Where(adult.id.Lt(9)).CTE("more")
				return orm.Select(few.C("id").As("v")).From(few).Join(more, orm.Eq(few.C("id"), more.C("id"))).OrderBy(few.C("id"))
			}(),
		},
		{
			name: "inside of a SELECT in FROM", rows: valueRows(3),
			stmt: orm.Select(orm.Count().As("v")).From(onlyAdults.Subquery("sub")),
		},
		{
			name: "kept where it stands", rows: nameRows("Bob"),
			stmt: func() orm.Statement {
				inner := orm.Select(person.id).Where(person.age.Eq(30)).CTE("inner_people", orm.Nesting())
				return whoIf(person.id.InSelect(orm.Select(inner.C("id")).From(inner)), person.id.InSelect(onlyAdults.Where(adult.id.Lt(3))))
			}(),
		},
		{
			name: "kept inside of another", rows: valueRows(2, 4),
			stmt: func() orm.Statement {
				inner := orm.Select(person.id).Where(person.age.Eq(30)).CTE("inner_people", orm.Nesting())
				outer := orm.Select(inner.C("id")).From(inner).CTE("outer_people")
				return orm.Select(outer.C("id").As("v")).From(outer).OrderBy(outer.C("id"))
			}(),
		},
		{
			name: "columns under other names", rows: []string{"a=1 b=Ann"},
			stmt: func() orm.Statement {
				named := orm.Select(person.id, person.name).Where(person.id.Eq(1)).CTE("named", orm.CTEColumns("a", "b"))
				return orm.Select(orm.Col[int64](named, "a"), named.C("b")).From(named)
			}(),
		},
		{
			name: "materialized", rows: valueRows(3),
			stmt: func() orm.Statement {
				once := onlyAdults.CTE("once", orm.Materialized())
				return orm.Select(orm.Count().As("v")).From(once)
			}(),
		},
		{
			name: "not materialized", rows: valueRows(3),
			stmt: func() orm.Statement {
				part := onlyAdults.CTE("part", orm.NotMaterialized())
				return orm.Select(orm.Count().As("v")).From(part)
			}(),
		},
		{
			name: "of a set operation", rows: valueRows(1, 2, 5),
			stmt: func() orm.Statement {
				met := orm.Union(orm.Select(visit.host), orm.Select(visit.guest)).CTE("met", orm.CTEColumns("id"))
				return orm.Select(met.C("id").As("v")).From(met).OrderBy(met.C("id"))
			}(),
		},
		{
			name: "of a text", rows: valueRows(2),
			stmt: func() orm.Statement {
				thirty := orm.Text("SELECT age FROM person WHERE age = ?", 30).Columns(orm.ResultColumn{Name: "age", Type: types.Integer()}).CTE("thirty")
				return orm.Select(orm.Count(thirty.C("age")).As("v")).From(thirty)
			}(),
		},
		{
			name: "before a set operation", rows: []string{"id=1", "id=2", "id=4", "id=5"},
			stmt: orm.Union(onlyAdults, orm.Select(person.id).Where(person.age.Eq(7))).OrderBy(adult.id),
		},
		{
			name: "in a member with a limit of its own", rows: []string{"id=1", "id=5"},
			stmt: orm.Union(onlyAdults.OrderBy(adult.id).Limit(1), orm.Select(person.id).Where(person.age.Eq(7))).OrderBy(adult.id),
		},
		{name: "recursive", stmt: orm.Select(staff).OrderBy(staff.C("id")), rows: []string{"depth=0 id=1 name=Ann", "depth=1 id=2 name=Bob", "depth=1 id=3 name=Cyd", "depth=2 id=4 name=Dee"}},
		{name: "recursive in IN", stmt: whoIf(person.id.InSelect(orm.Select(staff.C("id")).From(staff).Where(orm.Col[int](staff, "depth").Gt(0)))), rows: nameRows("Bob", "Cyd", "Dee")},
		{
			name: "recursive, each row once", rows: valueRows(1, 2, 5),
			stmt: func() orm.Statement {
				reached := orm.Select(visit.host.As("id")).Where(visit.host.Eq(1)).RecursiveCTE("reached", func(reached *orm.CTE) *orm.SelectStatement {
					return orm.Select(orm.Case[int64]().WhenExpr(orm.Eq(visit.host, orm.Col[int64](reached, "id")), visit.guest).ElseExpr(visit.host)).
						From(reached).Join(visitTable, orm.Or(orm.Eq(visit.host, orm.Col[int64](reached, "id")), orm.Eq(visit.guest, orm.Col[int64](reached, "id"))))
				}, orm.DistinctRows())
				return orm.Select(reached.C("id").As("v")).From(reached).OrderBy(reached.C("id"))
			}(),
		},
		{
			name: "numbers", rows: valueRows(1, 2, 3, 4, 5),
			stmt: func() orm.Statement {
				numbers := orm.Select(orm.Lit[int64](1).As("n")).RecursiveCTE("numbers", func(numbers *orm.CTE) *orm.SelectStatement {
					n := orm.Col[int64](numbers, "n")
					return orm.Select(n.Plus(1)).From(numbers).Where(n.Lt(5))
				})
				return orm.Select(numbers.C("n").As("v")).From(numbers).OrderBy(numbers.C("n"))
			}(),
		},
		{
			name: "recursive from a set operation, and one that is not", rows: valueRows(1, 2, 3, 4, 5),
			stmt: func() orm.Statement {
				all := orm.UnionAll(orm.Select(adult.id).From(adults).Where(adult.id.Eq(1)), orm.Select(person.id).Where(person.id.Eq(5))).
					RecursiveCTE("everyone", func(rows *orm.CTE) *orm.SelectStatement {
						return orm.Select(person.id).From(rows).Join(personTable, orm.Eq(person.boss, orm.Col[int64](rows, "id")))
					})
				return orm.Select(all.C("id").As("v")).From(all).OrderBy(all.C("id"))
			}(),
		},
		{
			name: "before an INSERT from a SELECT", check: orm.Select(shelf.label, shelf.x).Where(shelf.x.Gt(2)).OrderBy(shelf.x), rows: []string{"label=Bob x=4"},
			stmt: orm.Insert(shelfTable).FromSelect(orm.Select(orm.Lit(2).Plus(2).As("x"), orm.Lit(2).As("y"), adult.name).From(adults).Where(adult.name.Eq("Bob")), shelf.x, shelf.y, shelf.label),
		},
		{
			name: "in an INSERT of values", check: orm.Select(shelf.label).Where(shelf.x.Eq(8)), rows: []string{"label=Bob"},
			stmt: orm.Insert(shelfTable).Set(shelf.x.Set(8), shelf.y.Set(1), shelf.label.SetExpr(orm.Scalar[string](orm.Select(adult.name).From(adults).Where(adult.id.Eq(2))))),
		},
		{
			name: "before an UPDATE", check: whoIf(person.rank.Eq(77)), rows: nameRows("Ann", "Bob", "Dee"),
			stmt: orm.Update(personTable).Set(person.rank.Set(77)).Where(person.id.InSelect(onlyAdults)),
		},
		{
			name: "before a DELETE", check: orm.Select(shelf.x, shelf.y), rows: []string{"x=2 y=1"},
			stmt: func() orm.Statement {
				low := orm.Select(orm.Min(shelf.x).As("x")).CTE("low")
				return orm.Delete(shelfTable).Where(shelf.x.InSelect(orm.Select(low.C("x")).From(low)))
			}(),
		},
		{
			name: "in FROM of an UPDATE", check: whoIf(person.rank.Eq(78)), rows: nameRows("Bob"), lacks: "mysql",
			stmt: orm.Update(personTable).Set(person.rank.Set(78)).From(adults).Where(orm.Eq(person.id, adult.id), adult.name.Eq("Bob")),
		},
		{
			name: "a DELETE that another reads from", rows: []string{"x=1 y=1", "x=1 y=2"}, lacks: "sqlite mysql",
			stmt: func() orm.Statement {
				gone := orm.Delete(shelfTable).Where(shelf.x.Eq(1)).Returning(shelf.x, shelf.y).CTE("gone")
				return orm.Select(gone).OrderBy(gone.C("y"))
			}(),
		},
		{
			name: "rows that are moved", rows: []string{"label=a x=11", "label=b x=12"}, check: orm.Select(shelf.x, shelf.label).Where(shelf.x.Ne(2)).OrderBy(shelf.x), lacks: "sqlite mysql",
			stmt: func() orm.Statement {
				gone := orm.Delete(shelfTable).Where(shelf.x.Eq(1)).Returning(shelf.y, shelf.label).CTE("gone")
				return orm.Insert(shelfTable).FromSelect(orm.Select(orm.Col[int](gone, "y").Plus(10), gone.C("y"), gone.C("label")).From(gone), shelf.x, shelf.y, shelf.label)
			}(),
		},
		{
			name: "one that is only executed", rows: []string{"n=3"}, lacks: "sqlite mysql",
			stmt: func() orm.Statement {
				put := orm.Insert(shelfTable).Values(orm.M{"x": 9, "y": 9}).CTE("put")
				return orm.Select(orm.Count().As("n")).From(shelfTable).AddCTE(put)
			}(),
		},
		{
			name: "an UPDATE before another statement", rows: nameRows("Ann", "Bob"), check: whoIf(person.rank.In(79, 80)), lacks: "sqlite mysql",
			stmt: func() orm.Statement {
				first := orm.Update(personTable).Set(person.rank.Set(79)).Where(person.id.Eq(1)).CTE("first")
				return orm.Update(personTable).Set(person.rank.Set(80)).Where(person.id.Eq(2)).AddCTE(first)
			}(),
		},
		{
			name: "one whose name stands in text", rows: valueRows(3),
			stmt: orm.Select(orm.Raw[int64]("SELECT count(*) FROM adults").As("v")).AddCTE(adults),
		},
	}
}
