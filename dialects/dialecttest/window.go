// This file looks at window functions, the frames that they see, and windows that
// a statement names.

package dialecttest

import "github.com/aurum-go/orm"

var needsWindow = feature("window functions", func(f *orm.Features) bool { return f.WindowFunctions })

func windowChecks() []check { return append(queries(windowQueries()), queries(frameQueries())...) }

// eachPerson selects an expression for each of the people, by their keys.
func eachPerson(e orm.Expression) *orm.SelectStatement {
	return orm.Select(e).From(people).OrderBy(people.C("id"))
}

func windowQueries() []query {
	id, name := orm.Col[int64](people, "id"), orm.Col[string](people, "name")
	byID := orm.OrderBy(id)
	byAge := orm.OrderBy(people.C("age").Asc().NullsLast())
	inCity := orm.PartitionBy(people.C("city"))
	numbered := orm.Select(name, orm.RowNumber().Over(inCity, byID).As("n")).From(people).Subquery("numbered")
	window := []need{needsWindow}
	lagDefault := feature("a default of lag", func(f *orm.Features) bool { return f.LagDefault })
	return []query{
		{name: "the number of a row", stmt: eachPerson(orm.RowNumber().Over(orm.OrderBy(id.Desc()))), want: rows(4, 3, 2, 1), needs: window},
		{name: "the number of a row in its part", stmt: eachPerson(orm.RowNumber().Over(inCity, byID)), want: rows(1, 1, 2, 1), needs: window},
		{name: "ranks with a tie", stmt: eachPerson(orm.Rank().Over(byAge)), want: rows(3, 1, 4, 1), needs: window},
		{name: "ranks without gaps", stmt: eachPerson(orm.DenseRank().Over(byAge)), want: rows(2, 1, 3, 1), needs: window},
		{name: "groups of one size", stmt: eachPerson(orm.Ntile(2).Over(byID)), want: rows(1, 1, 2, 2), needs: window},
		{name: "a running sum", stmt: eachPerson(orm.Sum(id).Over(byID)), want: rows(1, 3, 6, 10), needs: window},
		{name: "an aggregate of all rows", stmt: eachPerson(orm.Count().Over()), want: rows(4, 4, 4, 4), needs: window},
		{name: "an aggregate with a filter", stmt: eachPerson(orm.Count().Filter(id.Gt(2)).Over()), want: rows(2, 2, 2, 2), needs: window},
		{name: "the row before", stmt: eachPerson(orm.Lag(name).Over(byID)), want: rows(nil, new("ann"), new("bob"), new("cleo")), needs: window},
		{name: "the row before, or a default", stmt: eachPerson(orm.LagBy(id, 1, -1).Over(byID)), want: rows(-1, 1, 2, 3), needs: []need{needsWindow, lagDefault}},
		{name: "the row behind", stmt: eachPerson(orm.Lead(name).Over(byID)), want: rows(new("bob"), new("cleo"), new("dan"), nil), needs: window},
		{name: "the first value", stmt: eachPerson(orm.FirstValue(name).Over(byID)), want: rows("ann", "ann", "ann", "ann"), needs: window},
		{name: "a window of the statement", stmt: eachPerson(orm.Sum(id).Over(orm.WindowName("w"))).Window("w", byID), want: rows(1, 3, 6, 10), needs: window},
		{name: "the first of each part", stmt: orm.Select(numbered.C("name")).Where(orm.Col[int](numbered, "n").Eq(1)).OrderBy(numbered.C("name")), want: rows("ann", "bob", "dan"), needs: window},
		{name: "in order", stmt: names().Unordered().OrderBy(orm.RowNumber().Over(orm.OrderBy(id.Desc()))), want: rows("dan", "cleo", "bob", "ann"), needs: window},
	}
}

func frameQueries() []query {
	id := orm.Col[int64](people, "id")
	byID, byAge := orm.OrderBy(id), orm.OrderBy(people.C("age").Asc().NullsLast())
	all := orm.Rows(orm.UnboundedPreceding(), orm.UnboundedFollowing())
	groups := []need{needsWindow, feature("GROUPS in a window", func(f *orm.Features) bool { return f.FrameGroups })}
	exclude := []need{needsWindow, feature("EXCLUDE in a window", func(f *orm.Features) bool { return f.FrameExclude })}
	return []query{
		{name: "a frame of rows", stmt: eachPerson(orm.Sum(id).Over(byID, orm.Rows(orm.Preceding(1), orm.Following(1)))), want: rows(3, 6, 9, 7), needs: []need{needsWindow}},
		{name: "a frame of all rows", stmt: eachPerson(orm.LastValue(id).Over(byID, all)), want: rows(4, 4, 4, 4), needs: []need{needsWindow}},
		{name: "a frame of values", stmt: eachPerson(orm.Count().Over(byID, orm.Range(orm.Preceding(1), orm.CurrentRow()))), want: rows(1, 2, 2, 2), needs: []need{needsWindow}},
		{name: "a frame of groups", stmt: eachPerson(orm.Count().Over(byAge, orm.Groups(orm.Preceding(1), orm.CurrentRow()))), want: rows(3, 2, 2, 2), needs: groups},
		{name: "a frame without the row", stmt: eachPerson(orm.Sum(id).Over(byID, all, orm.ExcludeCurrentRow())), want: rows(9, 8, 7, 6), needs: exclude},
		{name: "a frame without the row's group", stmt: eachPerson(orm.Count().Over(byAge, all, orm.ExcludeGroup())), want: rows(3, 2, 3, 2), needs: exclude},
		{name: "a frame without the row's ties", stmt: eachPerson(orm.Count().Over(byAge, all, orm.ExcludeTies())), want: rows(4, 3, 4, 3), needs: exclude},
	}
}
