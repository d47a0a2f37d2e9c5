// This file looks at what stands in FROM besides tables and subqueries.

package dialecttest

import (
	"testing"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

var (
	needsTableFunctions = feature("functions in FROM", func(f *orm.Features) bool { return f.TableFunctions })
	needsNamedFunctions = feature("names for the columns of functions", func(f *orm.Features) bool { return f.TableFunctions && f.FunctionColumns })
)

func fromChecks() []check {
	return append(
		queries(fromQueries()),
		check{name: "a function", needs: []need{needsTableFunctions}, run: readsFunction, lacking: refusesFunction},
	)
}

func fromQueries() []query {
	listed := orm.Values("listed", orm.ResultColumn{Name: "id", Type: types.BigInteger()}, orm.ResultColumn{Name: "born", Type: types.Date()})
	list := listed.Rows([]any{1, nil}, []any{2, day(1999, 12, 31)}, []any{99, nil})
	valuesTable := []need{feature("VALUES in FROM", func(f *orm.Features) bool { return f.ValuesTable || f.ValuesColumns || f.UnionRows })}
	first := orm.Select(pets.C("name")).From(pets).Where(orm.Eq(pets.C("owner_id"), people.C("id"))).OrderBy(pets.C("id")).Limit(1).Lateral("first")
	pairs := orm.Select(people.C("name").As("a"), first.C("name").As("b")).From(people)
	lateral := []need{feature("LATERAL", func(f *orm.Features) bool { return f.Lateral })}
	counting := orm.TableFunc("generate_series", 5, 3, -1).As("down", orm.ResultColumn{Name: "n", Type: types.Integer()}).WithOrdinality("at")
	ordinality := feature("WITH ORDINALITY", func(f *orm.Features) bool { return f.Ordinality })
	sample := []need{feature("TABLESAMPLE", func(f *orm.Features) bool { return f.TableSample })}
	return []query{
		{name: "values", stmt: orm.Select(list.C("id")).OrderBy(list.C("id")), want: rows(1, 2, 99), needs: valuesTable},
		{name: "values joined", stmt: names().Join(list, orm.Eq(list.C("id"), people.C("id"))), want: rows("ann", "bob"), needs: valuesTable},
		{name: "values keep their types", stmt: names().Join(list, orm.Eq(list.C("born"), people.C("born"))), want: rows("bob"), needs: valuesTable},
		{name: "values without rows", stmt: orm.Select(listed.C("id")), want: rows[int](), needs: valuesTable},
		{name: "lateral", stmt: pairs.Join(first, orm.True()).OrderBy(people.C("id")), want: rows(pair{"ann", new("rex")}, pair{"bob", new("ida")}), needs: lateral},
		{
			name: "lateral, rows without a partner too", needs: lateral,
			stmt: pairs.OuterJoin(first, orm.True()).Where(people.C("id").Ge(2)).OrderBy(people.C("id")), want: rows(pair{"bob", new("ida")}, pair{"cleo", nil}, pair{"dan", nil}),
		},
		{name: "a function that counts its rows", stmt: orm.Select(counting.C("at")).Where(orm.Col[int](counting, "n").Eq(4)), want: value(2), needs: []need{needsNamedFunctions, ordinality}},
		{name: "a sample that is everything", stmt: orm.Select(people.C("name")).From(orm.TableSample(people, 100)).OrderBy(people.C("id")), want: rows("ann", "bob", "cleo", "dan"), needs: sample},
		{name: "a sample that is nothing", stmt: orm.Select(people.C("name")).From(orm.TableSample(people, 0)), want: rows[string](), needs: sample},
	}
}

// numbersOf are the numbers 4 and 5 by a function that the database has.
func numbersOf(db *database) *orm.TableFunction {
	if unmet([]need{needsNamedFunctions}, db) == "" {
		return orm.TableFunc("generate_series", 4, 5).As("numbers", orm.ResultColumn{Name: "value", Type: types.Integer()})
	}
	return orm.TableFunc("json_each", "[4, 5]").As("numbers", orm.ResultColumn{Name: "value", Type: types.Integer()})
}

func readsFunction(t *testing.T, db *database) {
	numbers := numbersOf(db)
	equal(t, []int{4, 5}, fetch[int](t, db, orm.Select(numbers.C("value")).OrderBy(numbers.C("value"))))
}

func refusesFunction(t *testing.T, db *database) {
	db.refusesUnsent(t, orm.ErrUnsupported, orm.Select(numbersOf(db).C("value")))
}
