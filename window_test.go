// This file tests window functions: what they give, what a frame lets them see,
// windows that a statement names, and what is refused.

package orm_test

import (
	"errors"
	"testing"

	"github.com/aurum-go/orm"
)

func TestWindowFunctionsGiveTheSameRowsOnEveryDatabase(t *testing.T) { runCases(t, windowCases()) }

// byID orders a window by the person's id, and all is a frame of every row.
var (
	byID = orm.OrderBy(person.id)
	all  = orm.Rows(orm.UnboundedPreceding(), orm.UnboundedFollowing())
)

// overAll selects a value for each person, by their id.
func overAll[T any](e orm.Expr[T]) *orm.SelectStatement { return eachValue(e) }

func windowCases() []sqlCase {
	return []sqlCase{
		{name: "the number of a row", stmt: overAll(orm.RowNumber().Over(orm.OrderBy(person.name.Desc()))), rows: valueRows(5, 4, 3, 2, 1)},
		{name: "the number of a row in its part", stmt: overAll(orm.RowNumber().Over(orm.PartitionBy(person.office), byID)), rows: valueRows(1, 2, 1, 1, 2)},
		{
			name: "parted by two, ordered by two", rows: valueRows(1, 1, 1, 1, 1),
			stmt: overAll(orm.RowNumber().Over(orm.PartitionBy(person.office, person.active), orm.PartitionBy(person.age), byID, orm.OrderBy(person.name.Desc()))),
		},
		{name: "rank", stmt: overAll(orm.Rank().Over(orm.OrderBy(person.age.Desc().NullsLast()))), rows: valueRows(1, 2, 5, 2, 4)},
		{name: "rank without gaps, NULLs first", stmt: overAll(orm.DenseRank().Over(orm.OrderBy(person.age.Asc().NullsFirst()))), rows: valueRows(4, 3, 1, 3, 2)},
		{name: "rank in parts of one", stmt: overAll(orm.PercentRank().Over(orm.OrderBy(person.age.Asc().NullsFirst()))), rows: valueRows(1, 0.5, 0, 0.5, 0.25)},
		{name: "part of the rows up to this one", stmt: overAll(orm.CumeDist().Over(byID)), rows: valueRows(0.2, 0.4, 0.6, 0.8, 1)},
		{name: "groups of about one size", stmt: overAll(orm.Ntile(2).Over(byID)), rows: valueRows(1, 1, 1, 2, 2)},
		{name: "the row before", stmt: overAll(orm.Lag(person.name).Over(byID)), rows: valueRows(nil, "Ann", "Bob", "Cyd", "Dee")},
		{name: "two rows before", stmt: overAll(orm.LagBy(person.age, 2).Over(byID)), rows: valueRows(nil, nil, 40, 30, nil)},
		{name: "two rows before, with a default", stmt: overAll(orm.LagBy(person.age, 2, -1).Over(byID)), rows: valueRows(-1, -1, 40, 30, nil), lacks: "mysql"}, // MySQL has it, MariaDB does not
		{name: "the row behind", stmt: overAll(orm.Lead(person.rank).Over(byID)), rows: valueRows(2, 3, 4, 5, nil)},
		{name: "three rows behind", stmt: overAll(orm.LeadBy(person.name, 3).Over(byID)), rows: valueRows("Dee", "Eve", nil, nil, nil)},
		{name: "the first value", stmt: overAll(orm.FirstValue(person.name).Over(orm.PartitionBy(person.office), byID)), rows: valueRows("Ann", "Ann", "Cyd", "Dee", "Cyd")},
		{name: "the last value up to the row", stmt: overAll(orm.LastValue(person.name).Over(byID)), rows: valueRows("Ann", "Bob", "Cyd", "Dee", "Eve")},
		{name: "the last value", stmt: overAll(orm.LastValue(person.name).Over(byID, all)), rows: valueRows("Eve", "Eve", "Eve", "Eve", "Eve")},
		{name: "the second value", stmt: overAll(orm.NthValue(person.name, 2).Over(byID)), rows: valueRows(nil, "Bob", "Bob", "Bob", "Bob")},

		{name: "an aggregate of all rows", stmt: overAll(orm.Count().Over()), rows: valueRows(5, 5, 5, 5, 5)},
		{name: "a running sum", stmt: overAll(orm.Sum(person.rank).Over(byID)), rows: valueRows(1, 3, 6, 10, 15)},
		{name: "an aggregate with a filter", stmt: overAll(orm.Sum(person.rank).Filter(person.active).Over(byID)), rows: valueRows(1, 3, 3, 7, 12)},
		{name: "a filter after OVER", stmt: overAll(orm.Count().Over(byID).Filter(person.age.Ge(30))), rows: valueRows(1, 2, 2, 3, 3)},
		{name: "a function by its name", stmt: overAll(orm.Func[int64]("max", person.rank).Over(orm.PartitionBy(person.office))), rows: valueRows(2, 2, 5, 4, 5)},
		{name: "in an expression", stmt: overAll(orm.Subtract(person.rank, orm.Min(person.rank).Over(orm.PartitionBy(person.office)))), rows: valueRows(0, 1, 0, 0, 2)},
		{name: "of an aggregate of a group", stmt: orm.Select(orm.Sum(orm.Count()).Over().As("v")).From(personTable).GroupBy(person.active), rows: valueRows(5, 5)},
		{
			name: "a label of the select list", rows: []string{"age=7 v=1", "age=40 v=2"},
			stmt: orm.Select(person.age.As("age"), orm.RowNumber().Over(orm.OrderBy(person.age.As("age"))).As("v")).Where(person.age.In(7, 40)).OrderBy(person.age.As("age")),
		},
		{name: "order of the result", stmt: orm.Select(person.name).OrderBy(orm.RowNumber().Over(orm.OrderBy(person.id.Desc()))), rows: nameRows("Eve", "Dee", "Cyd", "Bob", "Ann")},
		{name: "the first of each part", stmt: firstOfOffice(), rows: nameRows("Ann", "Cyd")},
		{name: "FROM is what the window uses", stmt: orm.Select(orm.Count().Over(orm.PartitionBy(person.office)).As("v")).OrderBy(person.id).Limit(1), rows: valueRows(2)},

		{name: "a frame of rows", stmt: overAll(orm.Sum(person.rank).Over(byID, orm.Rows(orm.Preceding(1), orm.Following(1)))), rows: valueRows(3, 6, 9, 12, 9)},
		{name: "a frame up to the row", stmt: overAll(orm.Sum(person.rank).Over(byID, orm.Rows(orm.Preceding(1), orm.CurrentRow()))), rows: valueRows(1, 3, 5, 7, 9)},
		{name: "a frame before the row", stmt: overAll(orm.Sum(person.rank).Over(byID, orm.Rows(orm.UnboundedPreceding(), orm.Preceding(1)))), rows: valueRows(nil, 1, 3, 6, 10)},
		{name: "a frame behind the row", stmt: overAll(orm.Sum(person.rank).Over(byID, orm.Rows(orm.Following(1), orm.UnboundedFollowing()))), rows: valueRows(14, 12, 9, 5, nil)},
		{name: "a frame of values", stmt: overAll(orm.Count().Over(orm.OrderBy(person.rank), orm.Range(orm.Preceding(2), orm.CurrentRow()))), rows: valueRows(1, 2, 3, 3, 3)},
		{
			name: "a frame of groups", rows: valueRows(3, 3, 1, 3, 2), lacks: "mysql",
			stmt: overAll(orm.Count().Over(orm.OrderBy(person.age.Asc().NullsFirst()), orm.Groups(orm.Preceding(1), orm.CurrentRow()))),
		},
		{name: "a frame without the row", stmt: overAll(orm.Sum(person.rank).Over(byID, all, orm.ExcludeCurrentRow())), rows: valueRows(14, 13, 12, 11, 10), lacks: "mysql"},
		{name: "a frame without the row's equals", stmt: overAll(orm.Count().Over(orm.OrderBy(person.age), all, orm.ExcludeTies())), rows: valueRows(5, 4, 5, 4, 5), lacks: "mysql"},
		{name: "a frame without the row's group", stmt: overAll(orm.Count().Over(orm.OrderBy(person.age), all, orm.ExcludeGroup())), rows: valueRows(4, 3, 4, 3, 4), lacks: "mysql"},

		{
			name: "a window of the statement", rows: []string{"n=1 v=1", "n=3 v=2"},
			stmt: orm.Select(orm.RowNumber().Over(orm.WindowName("w")).As("v"), orm.Sum(person.rank).Over(orm.WindowName("w")).As("n")).
				Window("w", byID).OrderBy(person.id).Limit(2),
		},
		{
			name: "a window built on another", rows: valueRows(1, 3, 3, 4, 8),
			stmt: overAll(orm.Sum(person.rank).Over(orm.WindowName("sorted"))).
				Window("parted", orm.PartitionBy(person.office)).Window("sorted", orm.WindowName("parted"), byID),
		},
		{name: "a window with a frame of its own", stmt: overAll(orm.LastValue(person.name).Over(orm.WindowName("w"), all)).Window("w", byID).Limit(1), rows: valueRows("Eve")},
		{name: "a window with a reserved name", stmt: overAll(orm.Rank().Over(orm.WindowName("order"))).Window("order", byID).Limit(1), rows: valueRows(1)},
	}
}

// firstOfOffice names the person of each office with the lowest id.
func firstOfOffice() orm.Statement {
	numbered := orm.Select(person.name, orm.RowNumber().Over(orm.PartitionBy(person.office), byID).As("n")).
		Where(person.office.IsNotNull()).Subquery("numbered")
	return orm.Select(numbered.C("name")).Where(orm.Col[int](numbered, "n").Eq(1)).OrderBy(numbered.C("name"))
}

// What no database could run is refused before it is sent.
func TestWindowMistakesAreTypedErrors(t *testing.T) {
	over := func(options ...orm.WindowOption) orm.Statement { return overAll(orm.Count().Over(options...)) }
	for name, test := range map[string]struct {
		stmt orm.Statement
		want orm.ErrorKind
	}{
		"a window function without OVER":   {overAll(orm.RowNumber()), orm.ErrArgument},
		"OVER of a column":                 {overAll(person.id.Over(byID)), orm.ErrArgument},
		"OVER of a label":                  {overAll(orm.Count().As("n").Over(byID)), orm.ErrArgument},
		"a filter of a window function":    {overAll(orm.Rank().Filter(person.active).Over(byID)), orm.ErrArgument},
		"a filter behind OVER of one":      {overAll(orm.Rank().Over(byID).Filter(person.active)), orm.ErrArgument},
		"DISTINCT in a window":             {overAll(orm.CountDistinct(person.age).Over()), orm.ErrUnsupported},
		"an unknown window":                {over(orm.WindowName("w")), orm.ErrUnknownName},
		"a window built on an unknown one": {orm.Select(person.id).Window("w", orm.WindowName("x")), orm.ErrUnknownName},
		"a window built on a later one":    {orm.Select(person.id).Window("w", orm.WindowName("x")).Window("x"), orm.ErrUnknownName},
		"two windows of one name":          {orm.Select(person.id).Window("w").Window("w"), orm.ErrAmbiguous},
		"a negative offset":                {over(byID, orm.Rows(orm.Preceding(-1), orm.CurrentRow())), orm.ErrArgument},
		"a frame that ends before it begins": {
			over(byID, orm.Rows(orm.Following(1), orm.CurrentRow())), orm.ErrArgument,
		},
		"a frame from the end":         {over(byID, orm.Rows(orm.UnboundedFollowing(), orm.UnboundedFollowing())), orm.ErrArgument},
		"a frame without bounds":       {over(byID, orm.Rows(orm.FrameBound{}, orm.CurrentRow())), orm.ErrArgument},
		"an exclusion without a frame": {over(byID, orm.ExcludeTies()), orm.ErrArgument},
		"a missing option":             {over(nil), orm.ErrArgument},
		"groups of nobody":             {overAll(orm.Ntile(0).Over(byID)), orm.ErrArgument},
		"a distance below 0":           {overAll(orm.LagBy(person.id, -1).Over(byID)), orm.ErrArgument},
		"two defaults":                 {overAll(orm.LeadBy(person.id, 1, 2, 3).Over(byID)), orm.ErrArgument},
	} {
		t.Run(name, func(t *testing.T) {
			if _, _, err := orm.Compile(test.stmt, "postgres"); !errors.Is(err, test.want) {
				t.Errorf("the error is %v, not %v", err, test.want)
			}
		})
	}
}

// A window that a statement has is no part of the statement it was made from.
func TestWindowLeavesTheStatementAsItWas(t *testing.T) {
	first := orm.Select(person.id).Window("a", byID)
	second, third := first.Window("b", byID), first.Window("c", byID)
	text, _, err := orm.Compile(second, "sqlite")
	must(t, err)
	if want := "SELECT person.id FROM person WINDOW a AS (ORDER BY person.id), b AS (ORDER BY person.id)"; text != want {
		t.Errorf("got %q, want %q; the other is %v", text, want, third)
	}
}
