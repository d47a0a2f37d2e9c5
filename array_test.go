// This file tests what there is to do with arrays.

package orm_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

// bagTable holds arrays: of two, of one, an empty one, and none.
var (
	bags     = orm.NewMetadata()
	bagTable = orm.NewTable("bag", bags,
		orm.NewColumn("id", types.BigInteger(), orm.PrimaryKey(), orm.Autoincrement(false)),
		orm.NewColumn("tags", types.Array(types.String(20))),
		orm.NewColumn("marks", types.Array(types.Integer())),
	)
	bag = struct {
		id    orm.Expr[int64]
		tags  orm.Expr[[]string]
		marks orm.Expr[[]int]
	}{orm.Col[int64](bagTable, "id"), orm.Col[[]string](bagTable, "tags"), orm.Col[[]int](bagTable, "marks")}
)

// bagIf selects the bags that meet a condition.
func bagIf(conditions ...orm.Expr[bool]) *orm.SelectStatement {
	return orm.Select(bag.id.As("v")).Where(conditions...).OrderBy(bag.id)
}

func eachBag[T any](e orm.Expr[T]) *orm.SelectStatement { return orm.Select(e.As("v")).OrderBy(bag.id) }

// Where there are arrays, their operators say what PostgreSQL says; where there
// are none, each is refused before it is sent.
func TestArraysAreWorkedOnWhereThereAreAny(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		if db.name() == "postgres" {
			must(t, bags.CreateAll(t.Context(), db.Engine))
			get(orm.Exec(t.Context(), db.Engine, orm.Insert(bagTable).Values(
				orm.M{"id": 1, "tags": []string{"go", "sql"}, "marks": []int{1, 5}}, orm.M{"id": 2, "tags": []string{`a"',{}\\`}, "marks": []int{3}},
				orm.M{"id": 3, "tags": []string{}, "marks": []int{}}, orm.M{"id": 4, "tags": nil, "marks": nil})))(t)
		}
		for _, c := range arrayCases() {
			c.lacks = "sqlite mysql"
			t.Run(c.name, func(t *testing.T) { runCase(t, db, c) })
		}
	})
}

var (
	bagTag      = orm.Unnest(bag.tags, "tag")
	numberedTag = bagTag.WithOrdinality("n")
)

func arrayCases() []sqlCase {
	return []sqlCase{
		{name: "contains", stmt: bagIf(orm.ArrayContains(bag.tags, "go")), rows: valueRows(1)},
		{name: "contains a hostile text", stmt: bagIf(orm.ArrayContains(bag.tags, `a"',{}\\`)), rows: valueRows(2)},
		{name: "contains two", stmt: bagIf(orm.ArrayContains(bag.marks, 5, 1)), rows: valueRows(1)},
		{name: "contains nothing", stmt: bagIf(orm.ArrayContains(bag.marks)), rows: valueRows(1, 2, 3)},
		{name: "does not contain", stmt: bagIf(orm.Not(orm.ArrayContains(bag.tags, "go"))), rows: valueRows(2, 3)},
		{name: "is contained", stmt: bagIf(orm.ArrayContainedBy(bag.marks, 1, 3, 5)), rows: valueRows(1, 2, 3)},
		{name: "overlaps", stmt: bagIf(orm.ArrayOverlaps(bag.marks, 3, 5)), rows: valueRows(1, 2)},
		{name: "an element is equal", stmt: bagIf(orm.AnyElement(bag.tags).Eq("sql")), rows: valueRows(1)},
		{name: "an element differs", stmt: bagIf(orm.AnyElement(bag.marks).Ne(1)), rows: valueRows(1, 2)},
		{name: "an element is less", stmt: bagIf(orm.AnyElement(bag.marks).Lt(3)), rows: valueRows(1)},
		{name: "an element is at most", stmt: bagIf(orm.AnyElement(bag.marks).Le(3)), rows: valueRows(1, 2)},
		{name: "an element is greater", stmt: bagIf(orm.AnyElement(bag.marks).Gt(3)), rows: valueRows(1)},
		{name: "an element is at least", stmt: bagIf(orm.AnyElement(bag.marks).Ge(3)), rows: valueRows(1, 2)},
		{name: "no element is equal", stmt: bagIf(orm.Not(orm.AnyElement(bag.marks).Eq(1))), rows: valueRows(2, 3)},
		{name: "all elements are less", stmt: bagIf(orm.AllElements(bag.marks).Lt(4)), rows: valueRows(2, 3)},
		{name: "all elements differ", stmt: bagIf(orm.AllElements(bag.tags).Ne("go")), rows: valueRows(2, 3)},
		{name: "a column is an element", stmt: bagIf(orm.InArray(bag.id.Plus(4), orm.TypeCoerce[[]int64](bag.marks, types.Array(types.Integer())))), rows: valueRows(1)},
		{name: "a value is an element", stmt: bagIf(orm.InArray(orm.Lit("go"), bag.tags)), rows: valueRows(1)},
		{name: "a column is among the values of a parameter", stmt: bagIf(orm.InArray(bag.id, orm.TypeCoerce[[]int64](orm.Lit([]int64{2, 4}), types.Array(types.BigInteger())))), rows: valueRows(2, 4)},
		{name: "an element", stmt: eachBag(orm.ArrayElement(bag.tags, 2)), rows: valueRows("sql", nil, nil, nil)},
		{name: "an element in a condition", stmt: bagIf(orm.ArrayElement(bag.marks, 1).Plus(1).Eq(4)), rows: valueRows(2)},
		{name: "a slice", stmt: eachBag(orm.ArraySlice(bag.marks, 2, 9)), rows: valueRows("[5]", "[]", "[]", nil)},
		{name: "the length", stmt: eachBag(orm.ArrayLength(bag.tags)), rows: valueRows(2, 1, 0, nil)},
		{name: "one more element", stmt: eachBag(orm.ArrayAppend(bag.marks, 7)), rows: valueRows("[1 5 7]", "[3 7]", "[7]", "[7]")},
		{name: "without an element", stmt: eachBag(orm.ArrayRemove(bag.tags, "go")).Limit(1), rows: valueRows("[sql]")},
		{name: "two arrays", stmt: eachBag(orm.ArrayConcat(bag.marks, orm.Lit([]int{8}))).Limit(1), rows: valueRows("[1 5 8]")},
		{name: "an array of a group", stmt: orm.Select(orm.ArrayAgg(bag.id).OrderBy(bag.id.Desc()).As("v")), rows: valueRows("[4 3 2 1]")},
		{name: "an array of some of a group", stmt: orm.Select(orm.ArrayAgg(bag.id).Filter(bag.id.Gt(2)).OrderBy(bag.id).As("v")), rows: valueRows("[3 4]")},
		{name: "elements as rows", stmt: orm.Select(bag.id, orm.Col[string](bagTag, "tag")).From(bagTable, bagTag).OrderBy(bag.id, bagTag.C("tag")).Limit(2), rows: []string{"id=1 tag=go", "id=1 tag=sql"}},
		{name: "elements as rows, numbered", stmt: orm.Select(numberedTag.C("n"), orm.Col[string](numberedTag, "tag")).From(bagTable, numberedTag).Where(bag.id.Eq(1)).OrderBy(numberedTag.C("n").Desc()), rows: []string{"n=2 tag=sql", "n=1 tag=go"}},
		{name: "an update of an array", stmt: orm.Update(bagTable).Set(bag.marks.SetExpr(orm.ArrayAppend(bag.marks, 9))).Where(bag.id.Eq(2)), check: orm.Select(bag.marks.As("v")).Where(bag.id.Eq(2)), rows: valueRows("[3 9]")},
	}
}

// Elements and arrays are read into the types that Go programs use.
func TestArraysAreReadIntoTypesOfGo(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		if db.name() != "postgres" {
			_, err := orm.Fetch[[]int64](t.Context(), db.Engine, orm.Select(orm.ArrayAgg(bag.id)))
			if !errors.Is(err, orm.ErrUnsupported) {
				t.Errorf("the error is %v, not ErrUnsupported", err)
			}
			return
		}
		db.withCompany(t)
		type row struct {
			Active bool
			Ages   []*int
			Names  []string
		}
		got := get(orm.Fetch[row](t.Context(), db.Engine, orm.Select(person.active, orm.ArrayAgg(person.age).OrderBy(person.id).As("ages"),
			orm.ArrayAgg(person.name).OrderBy(person.id).As("names")).GroupBy(person.active).OrderBy(person.active)))(t)
		want := []row{{false, []*int{nil}, []string{"Cyd"}}, {true, []*int{new(40), new(30), new(30), new(7)}, []string{"Ann", "Bob", "Dee", "Eve"}}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestArrayMistakesAreTypedErrors(t *testing.T) {
	null := (*int)(nil)
	for name, e := range map[string]orm.Expression{
		"the element 0":        orm.ArrayElement(bag.tags, 0),
		"a slice from 0":       orm.ArraySlice(bag.tags, 0, 2),
		"a comparison to NULL": orm.AnyElement(orm.Col[[]*int](bagTable, "marks")).Eq(null),
	} {
		t.Run(name, func(t *testing.T) {
			if _, _, err := orm.Compile(orm.Select(e), "postgres"); !errors.Is(err, orm.ErrArgument) {
				t.Errorf("the error is %v, not ErrArgument", err)
			}
		})
	}
}
