// This file holds the recipes for many rows at once: groups, windows, sets, pages.

package orm_test

import "github.com/aurum-go/orm"

var groupingChapters = []chapter{
	{"Grouping", groupingRecipes},
	{"Windows", windowRecipes},
	{"Set operations", setRecipes},
	{"Paging", pagingRecipes},
}

var groupingRecipes = []recipe{
	{
		title: "Groups with a condition", use: "`Where` leaves out rows before they are grouped, `Having` leaves out groups.",
		stmt: func() orm.Statement {
			total := orm.Sum(orm.C(&sale.Amount))
			return orm.Select(orm.C(&sale.WorkerID), total.As("total")).
				GroupBy(orm.C(&sale.WorkerID)).Having(total.Gt(50)).OrderBy(total.Desc())
		},
		rows: []string{"total=160 worker_id=1", "total=100 worker_id=2"},
	},
	{
		title: "Several counts at once", use: "An aggregate of some rows of the group. Where there is no FILTER, CASE is written.",
		stmt: func() orm.Statement {
			return orm.Select(
				orm.Count().As("everybody"),
				orm.Count().Filter(orm.C(&worker.Wage).Ge(40)).As("rich"),
				orm.Count().Filter(orm.N(&worker.BossID).IsNull()).As("bosses"),
			).From(worker)
		},
		rows: []string{"bosses=2 everybody=5 rich=2"},
	},
	{
		title: "Rows turned into columns", use: "A pivot: one aggregate with a filter for each column of the result.",
		stmt: func() orm.Statement {
			in := func(region string) orm.Expr[int] {
				return orm.Sum(orm.C(&sale.Amount)).Filter(orm.C(&sale.Region).Eq(region)).As(region)
			}
			return orm.Select(orm.C(&sale.WorkerID), in("north"), in("south")).GroupBy(orm.C(&sale.WorkerID)).OrderBy(orm.C(&sale.WorkerID))
		},
		rows: []string{"north=100 south=60 worker_id=1", "north=100 south=NULL worker_id=2", "north=NULL south=20 worker_id=3"},
	},
	{
		title: "Totals below the groups", use: "One more row for each prefix of what is grouped, and one for everything; NULL stands for all.",
		stmt: func() orm.Statement {
			sums := orm.Select(orm.C(&sale.Region), orm.Sum(orm.C(&sale.Amount)).As("total")).GroupBy(orm.Rollup(orm.C(&sale.Region))).Subquery("sums")
			return orm.Select(sums.C("region"), sums.C("total")).OrderBy(sums.C("total"))
		},
		rows: []string{"region=south total=80", "region=north total=200", "region=NULL total=280"}, lacks: "sqlite",
	},
	{
		title: "Groupings of one's choice", use: "Totals by worker and totals by region from one pass over the rows.",
		stmt: func() orm.Statement {
			return orm.Select(orm.C(&sale.WorkerID), orm.C(&sale.Region), orm.Sum(orm.C(&sale.Amount)).As("total")).
				GroupBy(orm.GroupingSets(orm.GroupingSet(orm.C(&sale.WorkerID)), orm.GroupingSet(orm.C(&sale.Region)))).
				OrderBy(orm.C(&sale.WorkerID).Asc().NullsLast(), orm.C(&sale.Region))
		},
		rows: []string{
			"region=NULL total=160 worker_id=1", "region=NULL total=100 worker_id=2", "region=NULL total=20 worker_id=3",
			"region=north total=200 worker_id=NULL", "region=south total=80 worker_id=NULL",
		}, lacks: "sqlite mysql",
	},
	{
		title: "Texts of a group in one", use: "Joined by the database, in an order.",
		stmt: func() orm.Statement {
			names := orm.StringAgg(orm.C(&worker.Name), ", ").OrderBy(orm.C(&worker.Name).Desc())
			return orm.Select(orm.C(&store.City), names.As("names")).From(store).Join(&store.Workers).GroupBy(orm.C(&store.City)).OrderBy(orm.C(&store.City))
		},
		rows: []string{"city=Berlin names=Bob, Ann", "city=Oslo names=Eve, Cyd"},
	},
	{
		title: "The median", use: "A value at a place in the order, in between two if need be.",
		stmt: func() orm.Statement {
			return orm.Select(orm.PercentileCont(0.5).WithinGroup(orm.C(&worker.Wage)).As("median")).From(worker)
		},
		rows: []string{"median=30"}, lacks: "sqlite mysql",
	},
}

var windowRecipes = []recipe{
	{
		title: "A running total", use: "With an order, an aggregate counts the rows up to the present one.",
		stmt: func() orm.Statement {
			total := orm.Sum(orm.C(&sale.Amount)).Over(orm.OrderBy(orm.C(&sale.ID)))
			return orm.Select(orm.C(&sale.ID), total.As("total")).OrderBy(orm.C(&sale.ID)).Limit(3)
		},
		rows: []string{"id=1 total=100", "id=2 total=150", "id=3 total=220"},
	},
	{
		title: "Ranks within a group", use: "`orm.Rank` leaves gaps behind equal rows, `orm.DenseRank` does not, `orm.RowNumber` knows no equal rows.",
		stmt: func() orm.Statement {
			rank := orm.Rank().Over(orm.PartitionBy(orm.N(&worker.StoreID)), orm.OrderBy(orm.C(&worker.Wage).Desc()))
			return orm.Select(orm.C(&worker.Name), rank.As("place")).OrderBy(orm.C(&worker.ID))
		},
		rows: []string{"name=Ann place=1", "name=Bob place=2", "name=Cyd place=1", "name=Dee place=1", "name=Eve place=2"},
	},
	{
		title: "The first n of each group", use: "Number the rows inside, choose outside: a condition cannot see a window.",
		stmt: func() orm.Statement {
			place := orm.RowNumber().Over(orm.PartitionBy(orm.C(&sale.Region)), orm.OrderBy(orm.C(&sale.Amount).Desc(), orm.C(&sale.ID)))
			ranked := orm.Select(orm.C(&sale.Region), orm.C(&sale.Amount), place.As("place")).Subquery("ranked")
			return orm.Select(ranked.C("region"), ranked.C("amount")).
				Where(orm.Col[int](ranked, "place").Le(2)).OrderBy(ranked.C("region"), ranked.C("place"))
		},
		rows: []string{"amount=100 region=north", "amount=70 region=north", "amount=50 region=south", "amount=20 region=south"},
	},
	{
		title: "A part of the whole", use: "A window without an order and without parts is all rows of the result.",
		stmt: func() orm.Statement {
			percent := orm.Divide(orm.C(&sale.Amount).Times(100), orm.Sum(orm.C(&sale.Amount)).Over())
			return orm.Select(orm.C(&sale.ID), percent.As("percent")).Where(orm.C(&sale.Region).Eq("north")).OrderBy(orm.C(&sale.ID))
		},
		rows: []string{"id=1 percent=50", "id=3 percent=35", "id=4 percent=15"},
	},
	{
		title: "The change from the row before", use: "`orm.Lag` and `orm.Lead` reach the rows beside; there is none before the first.",
		stmt: func() orm.Statement {
			before := orm.Lag(orm.C(&sale.Amount)).Over(orm.OrderBy(orm.C(&sale.ID)))
			return orm.Select(orm.C(&sale.ID), orm.Subtract(orm.C(&sale.Amount), before).As("change")).OrderBy(orm.C(&sale.ID)).Limit(3)
		},
		rows: []string{"change=NULL id=1", "change=-50 id=2", "change=20 id=3"},
	},
	{
		title: "A sum over neighbours", use: "A frame of rows around the present one; `orm.Range` counts in values, `orm.Groups` in equal rows.",
		stmt: func() orm.Statement {
			near := orm.Rows(orm.Preceding(1), orm.Following(1))
			return orm.Select(orm.Sum(orm.C(&sale.Amount)).Over(orm.OrderBy(orm.C(&sale.ID)), near).As("near")).OrderBy(orm.C(&sale.ID)).Limit(3)
		},
		rows: []string{"near=150", "near=220", "near=150"},
	},
	{
		title: "Gaps and islands", use: "Keys that follow one another differ from the number of their row by the same amount: group by the difference.",
		stmt: func() orm.Statement {
			number := orm.RowNumber().Over(orm.OrderBy(orm.C(&sale.ID)))
			south := orm.Select(orm.C(&sale.ID), orm.Subtract(orm.C(&sale.ID), number).As("island")).
				Where(orm.C(&sale.Region).Eq("south")).Subquery("south")
			first := orm.Min(orm.Col[int64](south, "id"))
			return orm.Select(first.As("first"), orm.Max(orm.Col[int64](south, "id")).As("last")).
				From(south).GroupBy(south.C("island")).OrderBy(first)
		},
		rows: []string{"first=2 last=2", "first=5 last=6"},
	},
	{
		title: "One window for several columns", use: "Name it once; what is built on it may add an order or a frame.",
		stmt: func() orm.Statement {
			w := orm.WindowName("w")
			return orm.Select(orm.C(&worker.Name), orm.RowNumber().Over(w).As("n"), orm.Sum(orm.C(&worker.Wage)).Over(w).As("total")).
				Window("w", orm.OrderBy(orm.C(&worker.Hired))).
				OrderBy(orm.C(&worker.Hired)).Limit(2)
		},
		rows: []string{"n=1 name=Ann total=50", "n=2 name=Bob total=80"},
	},
}

var setRecipes = []recipe{
	{
		title: "Rows of two queries", use: "`orm.UnionAll` keeps duplicates and costs nothing; `orm.Union` looks for them.",
		stmt: func() orm.Statement {
			return orm.UnionAll(
				orm.Select(orm.C(&worker.Name).As("name")).Where(orm.C(&worker.Wage).Lt(25)),
				orm.Select(orm.C(&store.City)).Where(orm.C(&store.ID).Eq(3)),
			).OrderBy(orm.F("name"))
		},
		rows: []string{"name=Eve", "name=Turin"},
	},
	{
		title: "Rows of one query and not of another", use: "Whole rows are compared, and NULL is equal to NULL. `orm.Intersect` is for those of both.",
		stmt: func() orm.Statement {
			return orm.Except(orm.Select(orm.C(&worker.ID)), orm.Select(orm.C(&sale.WorkerID))).OrderBy(orm.C(&worker.ID))
		},
		rows: []string{"id=4", "id=5"},
	},
	{
		title: "A limit for each query and one for all", use: "A member with an order or a limit of its own stands in parentheses, or what the database has for that.",
		stmt: func() orm.Statement {
			best := orm.Select(orm.C(&worker.Name)).OrderBy(orm.C(&worker.Wage).Desc()).Limit(2)
			last := orm.Select(orm.C(&worker.Name)).OrderBy(orm.C(&worker.Hired).Desc()).Limit(2)
			return orm.Union(best, last).OrderBy(orm.C(&worker.Name).Desc()).Limit(3)
		},
		rows: []string{"name=Eve", "name=Dee", "name=Cyd"},
	},
}

var pagingRecipes = []recipe{
	{
		title: "A page by its number", use: "For small tables and for people who jump about. The order ends with a key, so that no row is on two pages.",
		stmt: func() orm.Statement {
			number, size := 1, 2
			return orm.Select(orm.C(&worker.Name)).OrderBy(orm.C(&worker.Wage), orm.C(&worker.ID)).Limit(size).Offset(number * size)
		},
		rows: []string{"name=Dee", "name=Cyd"},
	},
	{
		title: "The page behind a row", use: "For large tables: an index leads to the place, and new rows move nothing. Remember what the last row had.",
		stmt: func() orm.Statement {
			lastWage, lastID := 30, int64(2)
			behind := orm.Or(orm.C(&worker.Wage).Gt(lastWage), orm.And(orm.C(&worker.Wage).Eq(lastWage), orm.C(&worker.ID).Gt(lastID)))
			return orm.Select(orm.C(&worker.Name)).Where(behind).OrderBy(orm.C(&worker.Wage), orm.C(&worker.ID)).Limit(2)
		},
		rows: []string{"name=Dee", "name=Cyd"},
	},
	{
		title: "A page, and how many rows there are", use: "The count comes with each row, in one statement. It is as dear as a count of its own.",
		stmt: func() orm.Statement {
			return orm.Select(orm.C(&worker.Name), orm.Count().Over().As("all_rows")).OrderBy(orm.C(&worker.ID)).Limit(2)
		},
		rows: []string{"all_rows=5 name=Ann", "all_rows=5 name=Bob"},
	},
	{
		title: "The first rows, and those equal to the last", use: "A list of winners that leaves nobody out by chance.",
		stmt: func() orm.Statement {
			return orm.Select(orm.C(&worker.Name)).OrderBy(orm.C(&worker.Wage)).LimitWithTies(2)
		},
		rows: []string{"name=Eve", "name=Bob", "name=Dee"}, lacks: "sqlite",
	},
}
