// This file tests what can stand in FROM besides tables, SELECTs and WITH.

package orm_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

func TestFROMItemsGiveTheSameRowsOnEveryDatabase(t *testing.T) { runCases(t, fromCases()) }

func TestCorrelationGivesTheSameRowsOnEveryDatabase(t *testing.T) { runCases(t, correlateCases()) }

// list has rows of the program.
var list = orm.Values("list", orm.ResultColumn{Name: "id", Type: types.BigInteger()}, orm.ResultColumn{Name: "word", Type: types.String(20)})

// eldest selects the names of the oldest people of an office that is not this
// statement's.
var eldest = orm.Select(person.name, person.age).From(personTable).Where(orm.Eq(person.office, office.id)).OrderBy(person.age.Desc().NullsLast()).Limit(1)

// counted is a function that gives the numbers from 1 to 3.
var counted = orm.TableFunc("generate_series", 1, 3).As("counted", orm.ResultColumn{Name: "n", Type: types.Integer()})

// words is list with rows.
var words = list.Rows([]any{1, "one"}, []any{3, "three"}, []any{99, nil})

func fromCases() []sqlCase {
	return []sqlCase{
		{name: "values", stmt: orm.Select(words).OrderBy(words.C("id")), rows: []string{"id=1 word=one", "id=3 word=three", "id=99 word=NULL"}},
		{
			name: "values joined", rows: []string{"name=Ann word=one", "name=Cyd word=three"},
			stmt: orm.Select(person.name, words.C("word")).From(personTable).Join(words, orm.Eq(person.id, orm.Col[int64](words, "id"))).OrderBy(person.id),
		},
		{name: "values in a condition", stmt: whoIf(person.id.InSelect(orm.Select(words.C("id")).Where(orm.Col[string](words, "word").Eq("three")))), rows: nameRows("Cyd")},
		{name: "values, a single row with NULL first", stmt: orm.Select(list.Rows([]any{nil, nil})), rows: []string{"id=NULL word=NULL"}},
		{name: "values without rows", stmt: whoIf(person.id.InSelect(orm.Select(list.C("id")))), rows: nameRows()},
		{
			name: "values of expressions", rows: []string{"id=5 word=EVE"},
			stmt: func() orm.Statement {
				v := list.Rows([]any{orm.Scalar[int64](orm.Select(orm.Max(person.id))), orm.Upper(orm.Lit("eve"))})
				return orm.Select(v)
			}(),
		},
		{
			name: "values of many types", rows: []string{"at=2021-01-31T10:20:30 name=Bob wage=99.99"},
			stmt: func() orm.Statement {
				v := orm.Values("v", orm.ResultColumn{Name: "wage", Type: types.Numeric(10, 2)}, orm.ResultColumn{Name: "at", Type: types.DateTime()}).
					Rows([]any{nil, nil}, []any{"99.99", time.Date(2021, 1, 31, 10, 20, 30, 0, time.UTC)}, []any{"10.50", nil})
				return orm.Select(person.name, v.C("wage"), v.C("at")).From(personTable).
					Join(v, orm.Eq(person.wage, orm.Col[string](v, "wage")), orm.Eq(person.hired, orm.Col[time.Time](v, "at")))
			}(),
		},
		{
			name: "expressions that are longer than their type says are not cut", rows: []string{"word=MORE THAN TWENTY CHARACTERS"},
			stmt: orm.Select(list.Rows([]any{1, orm.Upper(orm.Lit("more than twenty characters"))}).C("word")),
		},
		{
			name: "values inside of WITH", rows: []string{"word=three"},
			stmt: func() orm.Statement {
				named := orm.Select(words).CTE("named")
				return orm.Select(named.C("word")).Where(orm.Col[int64](named, "id").Eq(3))
			}(),
		},
		{
			name: "values an UPDATE takes", check: whoIf(person.nick.In("one", "three")), rows: nameRows("Ann", "Cyd"),
			stmt: orm.Update(personTable).Set(person.nick.SetExpr(orm.Col[string](words, "word"))).From(words).Where(orm.Eq(person.id, orm.Col[int64](words, "id"))),
		},
		{
			name: "lateral", rows: []string{"city=Berlin name=Ann", "city=Oslo name=Eve"}, lacks: "sqlite mysql",
			stmt: func() orm.Statement {
				first := eldest.Lateral("first")
				return orm.Select(office.city, first.C("name")).From(officeTable).Join(first, orm.True()).OrderBy(office.id)
			}(),
		},
		{
			name: "lateral, rows without a partner too", rows: []string{"city=Berlin name=Ann", "city=Oslo name=Eve", "city=Turin name=NULL"}, lacks: "sqlite mysql",
			stmt: func() orm.Statement {
				first := eldest.Lateral("first")
				return orm.Select(office.city, first.C("name")).From(officeTable).OuterJoin(first, orm.True()).OrderBy(office.id)
			}(),
		},
		{
			name: "lateral of a set operation", rows: []string{"n=2 v=1", "n=3 v=1"}, lacks: "sqlite mysql",
			stmt: func() orm.Statement {
				both := orm.UnionAll(orm.Select(person.id.Plus(1).As("n")), orm.Select(person.id.Plus(2))).Limit(2).Lateral("both")
				return orm.Select(person.id.As("v"), both.C("n")).From(personTable).CrossJoin(both).Where(person.id.Eq(1), orm.Lt(person.id, orm.Col[int64](both, "n"))).OrderBy(both.C("n")).Limit(2)
			}(),
		},
		{name: "a function", stmt: orm.Select(counted).OrderBy(counted.C("n")), rows: []string{"n=1", "n=2", "n=3"}, lacks: "mysql", absent: "sqlite"},
		{
			name: "a function that counts its rows", rows: []string{"at=1 n=5", "at=2 n=3", "at=3 n=1"}, lacks: "sqlite mysql",
			stmt: func() orm.Statement {
				down := orm.TableFunc("generate_series", 5, 1, -2).As("down", orm.ResultColumn{Name: "n", Type: types.Integer()}).WithOrdinality("at")
				return orm.Select(down.C("n"), down.C("at")).OrderBy(down.C("at"))
			}(),
		},
		{
			name: "a function of a column", rows: []string{"n=1 x=1", "n=1 x=2", "n=2 x=2"}, lacks: "mysql", absent: "sqlite",
			stmt: func() orm.Statement {
				upTo := orm.TableFunc("generate_series", 1, shelf.x).As("up_to", orm.ResultColumn{Name: "n", Type: types.Integer()})
				return orm.Select(shelf.x, upTo.C("n")).From(shelfTable, upTo).Where(shelf.y.Eq(1)).OrderBy(shelf.x, upTo.C("n"))
			}(),
		},
		{
			name: "a sample of a table", rows: nameRows("Ann"), lacks: "sqlite mysql",
			stmt: orm.Select(person.name).From(orm.TableSample(personTable, 100)).Where(person.id.Eq(1)),
		},
		{
			name: "a sample of an alias, joined, repeatable", rows: nameRows("Bob", "Cyd"), lacks: "sqlite mysql",
			stmt: orm.Select(person.name).From(personTable).Join(orm.TableSample(boss, 100).System().Repeatable(7), orm.Eq(person.boss, bossRow.id)).Where(bossRow.id.Eq(1)).OrderBy(person.id),
		},
		{
			name: "a function without names for its columns", rows: valueRows(4, 5), lacks: "mysql", absent: "postgres",
			stmt: func() orm.Statement {
				each := orm.TableFunc("json_each", "[4, 5]").As("each", orm.ResultColumn{Name: "value", Type: types.Integer()})
				return orm.Select(each.C("value").As("v")).OrderBy(each.C("value"))
			}(),
		},
		{name: "a sample of an entity", stmt: orm.Select(orm.C(&rival.Title)).From(orm.TableSample(rival, 12.5))},
		{name: "nothing of a table", stmt: orm.Select(person.name).From(orm.TableSample(personTable, 0)), rows: nameRows(), lacks: "sqlite mysql"},
	}
}

func TestMistakesOfWITHAndFROMAreTypedErrors(t *testing.T) {
	var noCTE *orm.CTE
	var noStatement *orm.SelectStatement
	other := orm.Select(office.id).CTE("adults")
	people := orm.Select(person.id).CTE("person")
	read := func(c *orm.CTE) orm.Statement { return orm.Select(orm.Count()).From(c) }
	circle := orm.Select(person.id).RecursiveCTE("circle", func(rows *orm.CTE) *orm.SelectStatement {
		again := orm.Select(rows.C("id")).From(rows).CTE("again")
		return orm.Select(again.C("id")).From(again)
	})
	for name, test := range map[string]struct {
		stmt orm.Statement
		want orm.ErrorKind
	}{
		"two CTEs of one name":                  {onlyAdults.Where(adult.id.InSelect(orm.Select(orm.Lit(1)).From(other))), orm.ErrAmbiguous},
		"a CTE with the name of a table":        {orm.Select(people.C("id")).Where(orm.Exists(orm.Select(boss.C("id")))), orm.ErrAmbiguous},
		"CTEs that use each other":              {read(circle), orm.ErrCircular},
		"an unknown column of a CTE":            {orm.Select(adults.C("nmae")), orm.ErrUnknownName},
		"a CTE that is nil":                     {orm.Select(orm.Count()).From(noCTE), orm.ErrArgument},
		"a CTE of nothing":                      {read(noStatement.CTE("nothing")), orm.ErrArgument},
		"a nil option":                          {read(named().CTE("n", nil)), orm.ErrArgument},
		"no recursive part":                     {read(named().RecursiveCTE("n", nil)), orm.ErrArgument},
		"a recursive part that is nil":          {read(named().RecursiveCTE("n", func(*orm.CTE) *orm.SelectStatement { return nil })), orm.ErrArgument},
		"parts of different numbers of columns": {read(named().RecursiveCTE("n", func(n *orm.CTE) *orm.SelectStatement { return orm.Select(n.C("name"), orm.Lit(1)).From(n) })), orm.ErrArgument},
		"another number of names":               {read(named().CTE("n", orm.CTEColumns("a", "b"))), orm.ErrArgument},
		"reading what returns nothing":          {read(orm.Delete(shelfTable).AllRows().CTE("gone")), orm.ErrArgument},
		"adding nil":                            {named().AddCTE(nil), orm.ErrArgument},
		"members of different columns":          {orm.Union(named(), orm.Select(person.id, person.name)), orm.ErrArgument},
		"nested members of different columns":   {orm.Union(named(), orm.Except(orm.Select(officeTable), orm.Select(officeTable))), orm.ErrArgument},
		"a row of another length":               {orm.Select(list.Rows([]any{1})), orm.ErrArgument},
		"a value that is too long":              {orm.Select(list.Rows([]any{1, strings.Repeat("x", 21)})), orm.ErrValue},
		"values without columns":                {orm.Select(orm.Count()).From(orm.Values("v")), orm.ErrArgument},
		"a function of a bad name":              {orm.Select(orm.Count()).From(orm.TableFunc("a b")), orm.ErrBadIdentifier},
		"a sample of a subquery":                {orm.Select(orm.Count()).From(orm.TableSample(named().Subquery("s"), 1)), orm.ErrArgument},
		"writing to a sample":                   {orm.Delete(orm.TableSample(shelfTable, 1)).AllRows(), orm.ErrArgument},
		"sharing what FROM names":               {whoIf(orm.Exists(mates.From(personTable, officeTable).Correlate(officeTable))), orm.ErrArgument},
	} {
		t.Run(name, func(t *testing.T) {
			if _, _, err := orm.Compile(test.stmt, "postgres"); !errors.Is(err, test.want) {
				t.Errorf("the error is %v, not %v", err, test.want)
			}
		})
	}
}

// VALUES takes as many rows as the database takes parameters, and not only as many
// as it takes SELECTs in a UNION.
func TestValuesOfManyRows(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		v := orm.Values("v", orm.ResultColumn{Name: "n", Type: types.Integer()})
		for i := range 2000 {
			v = v.Rows([]any{i})
		}
		if n := get(orm.FetchOne[int64](t.Context(), db.Engine, orm.Select(orm.Count()).From(v)))(t); n != 2000 {
			t.Errorf("%d rows", n)
		}
	})
}

// The criteria of a session hold in a CTE, and what lifts them outside lifts them
// inside; a CTE that is used under both is refused.
func TestCriteriaHoldInCTEs(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		h := newClubhouse(t, db)
		all := orm.Select(orm.C(&h.m.ID)).CTE("all_members")
		count := orm.Select(orm.Count()).From(all)
		if n := get(orm.FetchOne[int64](t.Context(), h.Session, count))(t); n != 3 {
			t.Errorf("%d members are seen, not 3", n)
		}
		if n := get(orm.FetchOne[int64](t.Context(), h.Session, count.WithoutCriteria()))(t); n != 5 {
			t.Errorf("%d members are seen without criteria, not 5", n)
		}
		below := orm.C(&h.m.ID).InSelect(orm.Select(all.C("id")).From(all).WithoutCriteria())
		both := orm.Select(orm.Count()).From(h.m).Where(below, orm.C(&h.m.ID).InSelect(orm.Select(all.C("id")).From(all)))
		if _, err := orm.FetchOne[int64](t.Context(), h.Session, both); !errors.Is(err, orm.ErrAmbiguous) {
			t.Errorf("the error of a CTE under two criteria is %v", err)
		}
		found := get(orm.Query[Club](h.Session).Filter(orm.C(&h.c.ID).InSelect(
			orm.Select(orm.C(&h.m.ClubID)).Where(orm.C(&h.m.ID).InSelect(orm.Select(all.C("id")).From(all))))).All(t.Context()))(t)
		if len(found) != 1 || found[0].Name != "chess" {
			t.Errorf("%v", h.namesOf(found))
		}
	})
}

// What a mapped struct leads to in its own table is walked by a recursive CTE,
// whose keys a query of objects takes.
func TestRecursionOverMappedRows(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		h := newClubhouse(t, db)
		sponsored := orm.Select(orm.C(&h.m.ID)).From(h.m).Where(orm.C(&h.m.ID).Eq(1)).RecursiveCTE("sponsored", func(rows *orm.CTE) *orm.SelectStatement {
			return orm.Select(orm.C(&h.m.ID)).From(rows).Join(h.m, orm.Eq(orm.N(&h.m.SponsorID), orm.Col[int64](rows, "id")))
		})
		q := orm.Query[Member](h.Session).Filter(orm.C(&h.m.ID).InSelect(orm.Select(sponsored.C("id")).From(sponsored))).OrderBy(orm.C(&h.m.ID))
		if got := h.namesOf(get(q.All(t.Context()))(t)); !slices.Equal(got, []string{"ann", "eve"}) {
			t.Errorf("the walk gives %v", got)
		}
		joined := orm.Query[Member](h.Session).Join(sponsored, orm.Eq(orm.C(&h.m.ID), orm.Col[int64](sponsored, "id")))
		if n := get(joined.Count(t.Context()))(t); n != 2 {
			t.Errorf("%d are joined", n)
		}
	})
}

func correlateCases() []sqlCase {
	return []sqlCase{
		{
			name: "nothing is shared", rows: []string{"city=Berlin", "city=Oslo", "city=Turin"},
			stmt: orm.Select(office.city).Where(orm.Exists(mates.Correlate())).OrderBy(office.id),
		},
		{
			name: "one of two is shared", rows: []string{"city=Oslo name=Eve"},
			stmt: orm.Select(office.city, person.name).From(officeTable).Join(personTable).
				Where(orm.Eq(person.age, orm.Scalar[int](orm.Select(orm.Min(person.age)).Where(orm.Le(person.office, office.id)).Correlate(officeTable))), office.id.Eq(2)),
		},
		{
			name: "all but one are shared", rows: []string{"city=Oslo name=Eve"},
			stmt: orm.Select(office.city, person.name).From(officeTable).Join(personTable).
				Where(orm.Eq(person.age, orm.Scalar[int](orm.Select(orm.Min(person.age)).Where(orm.Le(person.office, office.id)).CorrelateExcept(personTable))), office.id.Eq(2)),
		},
		{name: "a statement by itself shares nothing", stmt: mates.Correlate(officeTable), rows: []string{"id=1", "id=2", "id=3", "id=5"}},
		{name: "an entity is shared", stmt: orm.Select(orm.C(&owner.Name)).Where(orm.Scalar[int64](orm.Select(orm.Count()).From(rival).Where(orm.Lt(orm.C(&rival.ID), orm.C(&owner.ID))).Correlate(owner)).Gt(3))},
	}
}
