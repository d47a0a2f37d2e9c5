// This file looks at groupings beyond the plain, at aggregates with an order, and
// at limits with ties.

package dialecttest

import "github.com/aurum-go/orm"

func groupChecks() []check { return append(queries(groupingQueries()), queries(orderedQueries())...) }

// groupSizes are the sizes of groups, in their order.
func groupSizes(items ...orm.Expression) *orm.SelectStatement {
	sizes := orm.Select(orm.Count().As("n")).From(people).GroupBy(items...).Subquery("sizes")
	return orm.Select(sizes.C("n")).OrderBy(sizes.C("n"))
}

func groupingQueries() []query {
	active, city := people.C("active"), people.C("city")
	rollup := feature("ROLLUP", func(f *orm.Features) bool { return f.GroupingSets || f.WithRollup })
	rollupOrder := feature("an order behind ROLLUP", func(f *orm.Features) bool { return f.GroupingSets || f.RollupOrder })
	sets := feature("GROUPING SETS", func(f *orm.Features) bool { return f.GroupingSets })
	function := feature("grouping()", func(f *orm.Features) bool { return f.GroupingFunction })
	totals := orm.Grouping(active)
	return []query{
		{name: "rollup", stmt: groupSizes(orm.Rollup(active)), want: rows(1, 3, 4), needs: []need{rollup}},
		{name: "rollup of two", stmt: groupSizes(orm.Rollup(active, city)), want: rows(1, 1, 1, 2, 3, 4), needs: []need{rollup}},
		{name: "rollup with an order", stmt: orm.Select(orm.Count()).From(people).GroupBy(orm.Rollup(active)).OrderBy(orm.Count()), want: rows(1, 3, 4), needs: []need{rollup, rollupOrder}},
		{name: "cube", stmt: groupSizes(orm.Cube(active)), want: rows(1, 3, 4), needs: []need{sets}},
		{name: "grouping sets", stmt: groupSizes(orm.GroupingSets(orm.GroupingSet(active), orm.GroupingSet())), want: rows(1, 3, 4), needs: []need{sets}},
		{name: "which rows are totals", stmt: orm.Select(totals).From(people).GroupBy(orm.Rollup(active)).OrderBy(totals), want: rows(0, 0, 1), needs: []need{rollup, rollupOrder, function}},
	}
}

func orderedQueries() []query {
	id, name, age := people.C("id"), orm.Col[string](people, "name"), orm.Col[int64](people, "age")
	one := func(e orm.Expression) *orm.SelectStatement { return orm.Select(e).From(people) }
	texts := feature("joined texts in order", func(f *orm.Features) bool { return f.AggregateOrder || f.GroupConcat })
	order := feature("an aggregate in order", func(f *orm.Features) bool { return f.AggregateOrder })
	within := feature("WITHIN GROUP", func(f *orm.Features) bool { return f.OrderedSets })
	ties := feature("WITH TIES", func(f *orm.Features) bool { return f.WithTies })
	ages := orm.Select(age).From(people).Where(age.IsNotNull()).OrderBy(age)
	return []query{
		{name: "texts joined in order", stmt: one(orm.StringAgg(name, "+").OrderBy(name.Desc())), want: value("dan+cleo+bob+ann"), needs: []need{texts}},
		{name: "texts joined by a hostile separator", stmt: one(orm.StringAgg(name, `'\?`).OrderBy(name).Filter(age.Eq(25))), want: value(`bob'\?dan`), needs: []need{texts}},
		{name: "an aggregate in order", stmt: one(orm.Max(name).OrderBy(id)), want: value("dan"), needs: []need{order}},
		{name: "the median", stmt: one(orm.PercentileCont(0.5).WithinGroup(age)), want: value(25.0), needs: []need{within}},
		{name: "limit with ties", stmt: ages.LimitWithTies(1), want: rows(25, 25), needs: []need{ties}},
		{name: "limit with ties and offset", stmt: ages.LimitWithTies(1).Offset(1), want: rows(25), needs: []need{ties}},
	}
}
