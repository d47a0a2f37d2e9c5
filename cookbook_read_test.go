// This file holds the recipes for reading rows: what is selected, under which
// conditions, from where.

package orm_test

import (
	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

var readingChapters = []chapter{
	{"Selecting", selectingRecipes},
	{"Conditions", conditionRecipes},
	{"Text", textRecipes},
	{"NULL", nullRecipes},
	{"Dates", dateRecipes},
	{"CASE", caseRecipes},
	{"Joins", joinRecipes},
	{"Subqueries and EXISTS", subqueryRecipes},
	{"WITH", withRecipes},
}

var selectingRecipes = []recipe{
	{
		title: "Some columns", use: "Name the columns that you need, and leave the rest in the database. FROM follows from them.",
		stmt: func() orm.Statement {
			return orm.Select(orm.C(&worker.Name), orm.C(&worker.Wage)).OrderBy(orm.C(&worker.ID))
		},
		rows: []string{"name=Ann wage=50", "name=Bob wage=30", "name=Cyd wage=40", "name=Dee wage=30", "name=Eve wage=20"},
	},
	{
		title: "An expression under a name", use: "Give a computed column a name with `As`; a struct or map of the result takes it by that name.",
		stmt: func() orm.Statement {
			return orm.Select(orm.C(&worker.Name), orm.C(&worker.Wage).Times(12).As("yearly")).Where(orm.C(&worker.ID).Eq(1))
		},
		rows: []string{"name=Ann yearly=600"},
	},
	{
		title: "Without duplicates", use: "For the values that a column has at all. To count them, use `orm.CountDistinct`.",
		stmt: func() orm.Statement {
			return orm.Select(orm.C(&sale.Region)).Distinct().OrderBy(orm.C(&sale.Region))
		},
		rows: []string{"region=north", "region=south"},
	},
	{
		title: "The first row for each value", use: "The latest sale of each worker, on PostgreSQL without a window. The order begins with what is distinct.",
		stmt: func() orm.Statement {
			return orm.Select(orm.C(&sale.WorkerID), orm.C(&sale.Day)).
				DistinctOn(orm.C(&sale.WorkerID)).
				OrderBy(orm.C(&sale.WorkerID), orm.C(&sale.Day).Desc())
		},
		rows: []string{"day=2024-02-07T00:00:00 worker_id=1", "day=2024-01-03T00:00:00 worker_id=2", "day=2024-01-06T00:00:00 worker_id=3"}, lacks: "sqlite mysql",
	},
	{
		title: "A value that comes later", use: "Keep a statement in a variable and give it its values where it runs. One without a value is refused.",
		stmt: func() orm.Statement {
			byName := orm.Select(orm.C(&worker.ID)).Where(orm.Eq(orm.C(&worker.Name), orm.Param[string]("name")))
			return byName.Params(orm.M{"name": "Cyd"})
		},
		rows: []string{"id=3"},
	},
	{
		title: "Rows of the program", use: "Join a list that the program has, in place of sending a query for each of its elements.",
		stmt: func() orm.Statement {
			wanted := orm.Values("wanted", orm.ResultColumn{Name: "name"}, orm.ResultColumn{Name: "bonus"}).
				Rows([]any{"Ann", 5}, []any{"Eve", 9})
			return orm.Select(orm.C(&worker.Name), wanted.C("bonus")).
				From(worker).Join(wanted, orm.Eq(orm.Col[string](wanted, "name"), orm.C(&worker.Name))).
				OrderBy(orm.C(&worker.ID))
		},
		rows: []string{"bonus=5 name=Ann", "bonus=9 name=Eve"},
	},
}

var conditionRecipes = []recipe{
	{
		title: "All of several conditions", use: "Conditions of `Where` are joined with AND, and so are those of a second `Where`: build a search up step by step.",
		stmt: func() orm.Statement {
			return orm.Select(orm.C(&worker.Name)).
				Where(orm.C(&worker.Wage).Ge(30), orm.N(&worker.StoreID).Eq(1)).
				Where(orm.C(&worker.Name).Ne("Ann"))
		},
		rows: []string{"name=Bob"},
	},
	{
		title: "One of several conditions", use: "`orm.Or` and `orm.Not` take conditions, and put the parentheses where they belong.",
		stmt: func() orm.Statement {
			low, boss := orm.C(&worker.Wage).Lt(25), orm.N(&worker.BossID).IsNull()
			return orm.Select(orm.C(&worker.Name)).Where(orm.Or(low, orm.Not(boss))).OrderBy(orm.C(&worker.ID))
		},
		rows: []string{"name=Bob", "name=Cyd", "name=Dee", "name=Eve"},
	},
	{
		title: "In a list", use: "Any number of values. An empty list has no row and is no error, so there is no special case to write.",
		stmt: func() orm.Statement {
			names := []string{"Ann", "Eve", "Zoe"}
			return orm.Select(orm.C(&worker.ID)).Where(orm.C(&worker.Name).In(names...)).OrderBy(orm.C(&worker.ID))
		},
		rows: []string{"id=1", "id=5"},
	},
	{
		title: "Between two values", use: "Both ends are included. For a range of times, use `Ge` and `Lt`: the end of one is then the beginning of the next.",
		stmt: func() orm.Statement {
			return orm.Select(orm.C(&worker.Name)).Where(orm.C(&worker.Wage).Between(30, 40)).OrderBy(orm.C(&worker.ID))
		},
		rows: []string{"name=Bob", "name=Cyd", "name=Dee"},
	},
	{
		title: "Pairs in a list", use: "For keys of several columns, and wherever two values belong together.",
		stmt: func() orm.Statement {
			return orm.Select(orm.C(&sale.ID)).
				Where(orm.Tuple(orm.C(&sale.WorkerID), orm.C(&sale.Region)).In([]any{1, "north"}, []any{3, "south"})).
				OrderBy(orm.C(&sale.ID))
		},
		rows: []string{"id=1", "id=5"},
	},
	{
		title: "A flag in a number", use: "For columns that hold bits.",
		stmt: func() orm.Statement {
			return orm.Select(orm.C(&worker.ID)).Where(orm.C(&worker.ID).BitAnd(4).Ne(0)).OrderBy(orm.C(&worker.ID))
		},
		rows: []string{"id=4", "id=5"},
	},
}

var textRecipes = []recipe{
	{
		title: "A text that begins with another", use: "What a user has typed is taken as it is: a percent sign in it is a percent sign. There are `EndsWith` and `Contains`, too.",
		stmt: func() orm.Statement {
			return orm.Select(orm.C(&worker.Name)).Where(orm.N(&worker.Nick).StartsWith("c%"))
		},
		rows: []string{"name=Cyd"},
	},
	{
		title: "A pattern, whatever the case", use: "`ILike` where % and _ stand for something; `IContains` for a plain text.",
		stmt: func() orm.Statement {
			return orm.Select(orm.C(&worker.Name)).Where(orm.N(&worker.Nick).ILike("e_e"))
		},
		rows: []string{"name=Eve"},
	},
	{
		title: "A regular expression", use: "In the language of the database, which differs: keep it simple.",
		stmt: func() orm.Statement {
			return orm.Select(orm.C(&worker.Name)).Where(orm.C(&worker.Name).Matches("^[AB]")).OrderBy(orm.C(&worker.ID))
		},
		rows: []string{"name=Ann", "name=Bob"}, lacks: "sqlite",
	},
	{
		title: "Texts put together", use: "NULL in any part makes NULL of the whole; see `orm.Coalesce`.",
		stmt: func() orm.Statement {
			label := orm.Concat(orm.Upper(orm.C(&worker.Name)), orm.Lit(" of "), orm.C(&store.City))
			return orm.Select(label.As("label")).From(worker).Join(store).OrderBy(orm.C(&worker.ID)).Limit(2)
		},
		rows: []string{"label=ANN of Berlin", "label=BOB of Berlin"},
	},
	{
		title: "A function of the database", use: "By its name, with the type of its result. Arguments are values or expressions, never text.",
		stmt: func() orm.Statement {
			return orm.Select(orm.Func[string]("replace", orm.C(&worker.Name), "n", "m").As("other")).Where(orm.C(&worker.ID).Eq(1))
		},
		rows: []string{"other=Amm"},
	},
}

var nullRecipes = []recipe{
	{
		title: "A column without a value", use: "A field that is a pointer is reached by `orm.N`, so that it compares with values. `Eq(nil)` is IS NULL as well.",
		stmt: func() orm.Statement {
			return orm.Select(orm.C(&worker.Name)).Where(orm.N(&worker.Nick).IsNull()).OrderBy(orm.C(&worker.ID))
		},
		rows: []string{"name=Bob", "name=Dee"},
	},
	{
		title: "A value in place of NULL", use: "The first that is not NULL.",
		stmt: func() orm.Statement {
			return orm.Select(orm.Coalesce(orm.N(&worker.Nick), orm.C(&worker.Name)).As("called")).OrderBy(orm.C(&worker.ID)).Limit(2)
		},
		rows: []string{"called=an_n", "called=Bob"},
	},
	{
		title: "Different, NULL being a value", use: "`Ne` leaves rows with NULL out, for NULL is unknown. This does not.",
		stmt: func() orm.Statement {
			return orm.Select(orm.C(&worker.Name)).Where(orm.N(&worker.StoreID).IsDistinctFrom(1)).OrderBy(orm.C(&worker.ID))
		},
		rows: []string{"name=Cyd", "name=Dee", "name=Eve"},
	},
	{
		title: "NULL in place of a value", use: "To divide by what may be zero, say.",
		stmt: func() orm.Statement {
			return orm.Select(orm.C(&goods.SKU), orm.Divide(orm.C(&goods.Price), orm.NullIf(orm.C(&goods.Count), 0)).As("each")).OrderBy(orm.C(&goods.SKU))
		},
		rows: []string{"each=2 sku=apple", "each=NULL sku=pear"},
	},
	{
		title: "NULL at the end of the order", use: "Databases differ in where NULL stands; say it where it matters.",
		stmt: func() orm.Statement {
			return orm.Select(orm.C(&worker.Name)).OrderBy(orm.N(&worker.StoreID).Desc().NullsLast(), orm.C(&worker.ID))
		},
		rows: []string{"name=Cyd", "name=Eve", "name=Ann", "name=Bob", "name=Dee"},
	},
}

var dateRecipes = []recipe{
	{
		title: "The rows of a month", use: "Compare with both ends: an index on the column can be used, as it could not with a function of it.",
		stmt: func() orm.Statement {
			begin := onDay(2024, 1, 1)
			return orm.Select(orm.Sum(orm.C(&sale.Amount)).As("total")).
				Where(orm.C(&sale.Day).Ge(begin), orm.C(&sale.Day).Lt(begin.AddDate(0, 1, 0)))
		},
		rows: []string{"total=270"},
	},
	{
		title: "Totals by month", use: "Group by parts of a date. Months without a row do not show up; see the calendar below.",
		stmt: func() orm.Statement {
			month := orm.Extract(orm.Month, orm.C(&sale.Day)).As("month")
			return orm.Select(month, orm.Sum(orm.C(&sale.Amount)).As("total")).GroupBy(month).OrderBy(month)
		},
		rows: []string{"month=1 total=270", "month=2 total=10"},
	},
	{
		title: "Who was hired in a year", use: "A part of a date in a condition, where no index is at stake.",
		stmt: func() orm.Statement {
			return orm.Select(orm.C(&worker.Name)).Where(orm.Extract(orm.Year, orm.C(&worker.Hired)).Eq(2021)).OrderBy(orm.C(&worker.ID))
		},
		rows: []string{"name=Bob", "name=Cyd"},
	},
}

var caseRecipes = []recipe{
	{
		title: "Classes of a value", use: "The first condition that holds decides.",
		stmt: func() orm.Statement {
			class := orm.Case[string]().
				When(orm.C(&worker.Wage).Ge(50), "high").
				When(orm.C(&worker.Wage).Ge(30), "middle").
				Else("low")
			return orm.Select(orm.C(&worker.Name), class.As("class")).Where(orm.C(&worker.ID).In(1, 2, 5)).OrderBy(orm.C(&worker.ID))
		},
		rows: []string{"class=high name=Ann", "class=middle name=Bob", "class=low name=Eve"},
	},
	{
		title: "An order of one's own", use: "Where neither the alphabet nor a number says what comes first.",
		stmt: func() orm.Statement {
			rank := orm.CaseOf[int](orm.C(&job.State)).When("open", 1).When("done", 2).Else(3)
			return orm.Select(orm.C(&job.Work)).OrderBy(rank, orm.C(&job.ID).Desc())
		},
		rows: []string{"work=paint", "work=sweep", "work=build"},
	},
}

var joinRecipes = []recipe{
	{
		title: "Join by the foreign key", use: "Name what is joined; the condition is found from the one foreign key between the two.",
		stmt: func() orm.Statement {
			return orm.Select(orm.C(&worker.Name), orm.C(&store.City)).From(worker).Join(store).OrderBy(orm.C(&worker.ID)).Limit(2)
		},
		rows: []string{"city=Berlin name=Ann", "city=Berlin name=Bob"},
	},
	{
		title: "Join along a relationship", use: "Name the field that leads there: it knows its columns, and a link table comes along by itself.",
		stmt: func() orm.Statement {
			return orm.Select(orm.C(&store.City), orm.C(&worker.Name)).From(store).Join(&store.Workers).Where(orm.C(&store.City).Eq("Oslo")).OrderBy(orm.C(&worker.ID))
		},
		rows: []string{"city=Oslo name=Cyd", "city=Oslo name=Eve"},
	},
	{
		title: "Rows without a partner too", use: "The columns of the missing partner are NULL: count one of its columns, and not the rows.",
		stmt: func() orm.Statement {
			return orm.Select(orm.C(&store.City), orm.Count(orm.C(&worker.ID)).As("workers")).
				From(store).OuterJoin(&store.Workers).
				GroupBy(orm.C(&store.City)).OrderBy(orm.C(&store.City))
		},
		rows: []string{"city=Berlin workers=2", "city=Oslo workers=2", "city=Turin workers=0"},
	},
	{
		title: "Only rows without a partner", use: "NOT EXISTS says what is meant, and has no trouble with NULL as NOT IN has.",
		stmt: func() orm.Statement {
			return orm.Select(orm.C(&store.City)).Where(orm.Not(orm.Many(&store.Workers).Any()))
		},
		rows: []string{"city=Turin"},
	},
	{
		title: "A table with itself", use: "The second of the two needs a name. Fields of the alias name its columns.",
		stmt: func() orm.Statement {
			boss := orm.Alias[Worker]("boss")
			return orm.Select(orm.C(&worker.Name), orm.C(&boss.Name).As("boss")).
				From(worker).Join(boss, orm.Eq(orm.N(&worker.BossID), orm.C(&boss.ID))).
				OrderBy(orm.C(&worker.ID))
		},
		rows: []string{"boss=Ann name=Bob", "boss=Ann name=Cyd", "boss=Bob name=Dee"},
	},
	{
		title: "Join on a range", use: "Any conditions may stand behind what is joined.",
		stmt: func() orm.Statement {
			return orm.Select(orm.C(&worker.Name), orm.C(&goods.SKU)).
				From(worker).Join(goods, orm.Gt(orm.C(&worker.Wage), orm.C(&goods.Price)), orm.C(&goods.Count).Eq(0)).
				OrderBy(orm.C(&worker.ID)).Limit(2)
		},
		rows: []string{"name=Ann sku=pear", "name=Bob sku=pear"},
	},
	{
		title: "Every pair", use: "Say it, and nobody takes it for a join that was forgotten: without it the log has a warning, and a strict engine refuses.",
		stmt: func() orm.Statement {
			return orm.Select(orm.C(&store.City), orm.C(&goods.SKU)).From(store).CrossJoin(goods).OrderBy(orm.C(&store.ID), orm.C(&goods.SKU)).Limit(3)
		},
		rows: []string{"city=Berlin sku=apple", "city=Berlin sku=pear", "city=Oslo sku=apple"},
	},
}

var subqueryRecipes = []recipe{
	{
		title: "A query as a value", use: "It gives one column and one row at most; no row is NULL.",
		stmt: func() orm.Statement {
			peer := orm.Alias[Worker]("peer")
			average := orm.Scalar[float64](orm.Select(orm.Avg(orm.C(&peer.Wage))))
			return orm.Select(orm.C(&worker.Name)).Where(orm.Gt(orm.Cast[float64](orm.C(&worker.Wage), types.Double()), average)).OrderBy(orm.C(&worker.ID))
		},
		rows: []string{"name=Ann", "name=Cyd"},
	},
	{
		title: "A value for each row", use: "The query uses a column of the row that it stands in, and does not select from its table again.",
		stmt: func() orm.Statement {
			sold := orm.Select(orm.Count()).From(sale).Where(orm.Eq(orm.C(&sale.WorkerID), orm.C(&worker.ID)))
			return orm.Select(orm.C(&worker.Name), orm.Scalar[int](sold).As("sales")).OrderBy(orm.C(&worker.ID)).Limit(2)
		},
		rows: []string{"name=Ann sales=3", "name=Bob sales=2"},
	},
	{
		title: "In a query", use: "For rows whose key another query finds.",
		stmt: func() orm.Statement {
			north := orm.Select(orm.C(&sale.WorkerID)).Where(orm.C(&sale.Region).Eq("north"))
			return orm.Select(orm.C(&worker.Name)).Where(orm.C(&worker.ID).InSelect(north)).OrderBy(orm.C(&worker.ID))
		},
		rows: []string{"name=Ann", "name=Bob"},
	},
	{
		title: "A query in FROM", use: "To go on with the result of a grouping. Its columns are reached by their names.",
		stmt: func() orm.Statement {
			totals := orm.Select(orm.C(&sale.WorkerID), orm.Sum(orm.C(&sale.Amount)).As("total")).GroupBy(orm.C(&sale.WorkerID)).Subquery("totals")
			return orm.Select(orm.C(&worker.Name), totals.C("total")).
				From(worker).Join(totals, orm.Eq(orm.Col[int64](totals, "worker_id"), orm.C(&worker.ID))).
				OrderBy(totals.C("total").Desc())
		},
		rows: []string{"name=Ann total=160", "name=Bob total=100", "name=Cyd total=20"},
	},
	{
		title: "A query in FROM for each row", use: "The best sale of each worker, with all its columns. It sees what stands before it in FROM.",
		stmt: func() orm.Statement {
			best := orm.Select(orm.C(&sale.Amount), orm.C(&sale.Region)).From(sale).
				Where(orm.Eq(orm.C(&sale.WorkerID), orm.C(&worker.ID))).
				OrderBy(orm.C(&sale.Amount).Desc()).Limit(1).Lateral("best")
			return orm.Select(orm.C(&worker.Name), best.C("amount"), best.C("region")).
				From(worker).Join(best, orm.True()).OrderBy(orm.C(&worker.ID))
		},
		rows: []string{"amount=100 name=Ann region=north", "amount=70 name=Bob region=north", "amount=20 name=Cyd region=south"}, lacks: "sqlite mysql",
	},
	{
		title: "EXISTS", use: "Whether there is a partner, however many there are: no row comes twice.",
		stmt: func() orm.Statement {
			big := orm.Select(orm.C(&sale.ID)).Where(orm.Eq(orm.C(&sale.WorkerID), orm.C(&worker.ID)), orm.C(&sale.Amount).Ge(70))
			return orm.Select(orm.C(&worker.Name)).Where(orm.Exists(big)).OrderBy(orm.C(&worker.ID))
		},
		rows: []string{"name=Ann", "name=Bob"},
	},
	{
		title: "EXISTS over a relationship", use: "The same, said with the field; `orm.One(…).Has` is for a field that leads to one.",
		stmt: func() orm.Statement {
			return orm.Select(orm.C(&worker.Name)).Where(orm.Many(&worker.Sales).Any(orm.C(&sale.Amount).Ge(70))).OrderBy(orm.C(&worker.ID))
		},
		rows: []string{"name=Ann", "name=Bob"},
	},
	{
		title: "For all", use: "There is none for which it is not so. Those without any partner count, too.",
		stmt: func() orm.Statement {
			small := orm.Many(&worker.Sales).Any(orm.C(&sale.Amount).Lt(25))
			return orm.Select(orm.C(&worker.Name)).Where(orm.Not(small)).OrderBy(orm.C(&worker.ID))
		},
		rows: []string{"name=Bob", "name=Dee", "name=Eve"},
	},
}

var withRecipes = []recipe{
	{
		title: "A query under a name", use: "Take a long statement apart, and use a part of it more than once.",
		stmt: func() orm.Statement {
			totals := orm.Select(orm.C(&sale.Region), orm.Sum(orm.C(&sale.Amount)).As("total")).GroupBy(orm.C(&sale.Region)).CTE("totals")
			most := orm.Select(orm.Max(orm.Col[int](totals.Alias("all_totals"), "total")))
			return orm.Select(totals.C("region")).From(totals).Where(orm.Eq(orm.Col[int](totals, "total"), orm.Scalar[int](most)))
		},
		rows: []string{"region=north"},
	},
	{
		title: "A tree from its root", use: "Everybody below somebody, with the depth. The second query begins from the rows of the first, then from its own.",
		stmt: func() orm.Statement {
			tree := orm.Select(orm.C(&worker.ID), orm.C(&worker.Name), orm.Lit(0).As("depth")).
				Where(orm.C(&worker.ID).Eq(1)).
				RecursiveCTE("tree", func(tree *orm.CTE) *orm.SelectStatement {
					return orm.Select(orm.C(&worker.ID), orm.C(&worker.Name), orm.Col[int](tree, "depth").Plus(1)).
						From(tree).Join(worker, orm.Eq(orm.N(&worker.BossID), orm.Col[int64](tree, "id")))
				})
			return orm.Select(tree.C("name"), tree.C("depth")).From(tree).OrderBy(tree.C("depth"), tree.C("id"))
		},
		rows: []string{"depth=0 name=Ann", "depth=1 name=Bob", "depth=1 name=Cyd", "depth=2 name=Dee"},
	},
	{
		title: "The way up a tree", use: "From a row to the root: the same with the condition turned round.",
		stmt: func() orm.Statement {
			up := orm.Select(orm.C(&worker.ID), orm.C(&worker.Name), orm.N(&worker.BossID)).
				Where(orm.C(&worker.Name).Eq("Dee")).
				RecursiveCTE("up", func(up *orm.CTE) *orm.SelectStatement {
					return orm.Select(orm.C(&worker.ID), orm.C(&worker.Name), orm.N(&worker.BossID)).
						From(up).Join(worker, orm.Eq(orm.C(&worker.ID), orm.Col[int64](up, "boss_id")))
				})
			return orm.Select(up.C("name")).From(up).OrderBy(up.C("id"))
		},
		rows: []string{"name=Ann", "name=Bob", "name=Dee"},
	},
	{
		title: "What can be reached in a graph", use: "A graph has circles: with `orm.DistinctRows` a row that was found is not followed again, so the query ends.",
		stmt: func() orm.Statement {
			reached := orm.Select(orm.C(&road.To).As("city")).
				Where(orm.C(&road.From).Eq("Berlin")).
				RecursiveCTE("reached", func(reached *orm.CTE) *orm.SelectStatement {
					return orm.Select(orm.C(&road.To)).
						From(reached).Join(road, orm.Eq(orm.C(&road.From), orm.Col[string](reached, "city")))
				}, orm.DistinctRows())
			return orm.Select(reached.C("city")).From(reached).OrderBy(reached.C("city"))
		},
		rows: []string{"city=Berlin", "city=Oslo", "city=Turin"},
	},
	{
		title: "A calendar to join", use: "Numbers made by the database; an outer join from them shows what has no rows.",
		stmt: func() orm.Statement {
			months := orm.Select(orm.Lit[int64](1).As("month")).RecursiveCTE("months", func(months *orm.CTE) *orm.SelectStatement {
				month := orm.Col[int64](months, "month")
				return orm.Select(month.Plus(1)).From(months).Where(month.Lt(3))
			})
			return orm.Select(months.C("month"), orm.Coalesce(orm.Sum(orm.C(&sale.Amount)), orm.Lit(0)).As("total")).
				From(months).OuterJoin(sale, orm.Eq(orm.Extract(orm.Month, orm.C(&sale.Day)), orm.Col[int64](months, "month"))).
				GroupBy(months.C("month")).OrderBy(months.C("month"))
		},
		rows: []string{"month=1 total=270", "month=2 total=10", "month=3 total=0"},
	},
}
