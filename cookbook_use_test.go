// This file holds the recipes for what comes of a statement: documents, text,
// results of every kind, streams, futures, and many rows at once.

package orm_test

import (
	"context"
	"database/sql"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

var usingChapters = []chapter{
	{"JSON", jsonRecipes},
	{"SQL as text", sqlTextRecipes},
	{"Results", resultRecipes},
	{"Streams and futures", streamRecipes},
	{"Many rows at once", bulkRecipes},
}

var jsonRecipes = []recipe{
	{
		title: "A part of a document", use: "The type says how it is read: a text without quotes, a number. What is not there is NULL.",
		stmt: func() orm.Statement {
			views := orm.JSONPath[int](orm.C(&sheet.Doc), "stats", "views")
			return orm.Select(orm.JSONPath[string](orm.C(&sheet.Doc), "title").As("title"), views.As("views")).OrderBy(orm.C(&sheet.ID))
		},
		rows: []string{"title=Go views=7", "title=SQL views=3"},
	},
	{
		title: "A condition on a part", use: "Names and positions go down the document. Make an index on the expression if it is asked often.",
		stmt: func() orm.Statement {
			return orm.Select(orm.C(&sheet.ID)).Where(orm.JSONPath[int](orm.C(&sheet.Doc), "stats", "views").Gt(5), orm.JSONPath[string](orm.C(&sheet.Doc), "tags", 0).Eq("code"))
		},
		rows: []string{"id=1"},
	},
}

var sqlTextRecipes = []recipe{
	{
		title: "A statement as text", use: "For what only one database can say. Values are parameters, by their place or by a name; a list becomes as many as it has.",
		stmt: func() orm.Statement {
			return orm.Text("SELECT name FROM workers WHERE wage >= :low AND id IN (:ids) ORDER BY id", sql.Named("low", 30), sql.Named("ids", []int{1, 4, 5}))
		},
		rows: []string{"name=Ann", "name=Dee"},
	},
	{
		title: "Text inside of a statement", use: "An expression that the library has no word for. Columns and values go in by question marks.",
		stmt: func() orm.Statement {
			return orm.Select(orm.C(&worker.Name)).Where(orm.Raw[bool]("? % ? = 0", orm.C(&worker.Wage), 20)).OrderBy(orm.C(&worker.ID))
		},
		rows: []string{"name=Cyd", "name=Eve"},
	},
	{
		title: "Text in FROM", use: "Say which columns it has, and go on with the builder.",
		stmt: func() orm.Statement {
			rich := orm.Text("SELECT id FROM workers WHERE wage > ?", 35).Columns(orm.ResultColumn{Name: "id", Type: types.BigInteger()}).Subquery("rich")
			return orm.Select(orm.C(&worker.Name)).From(worker).Join(rich, orm.Eq(orm.C(&worker.ID), orm.Col[int64](rich, "id"))).OrderBy(orm.C(&worker.ID))
		},
		rows: []string{"name=Ann", "name=Cyd"},
	},
	{
		title: "An operator of the database", use: "It stands between two expressions, with the type of its result.",
		stmt: func() orm.Statement {
			return orm.Select(orm.Op[int](orm.C(&worker.Wage), "+", 1).As("more")).Where(orm.C(&worker.ID).Eq(1))
		},
		rows: []string{"more=51"},
	},
}

var resultRecipes = []recipe{
	{
		title: "One column as a slice", use: "The type of the slice is that of the values.",
		run: func(ctx context.Context, s *orm.Session) (any, error) {
			names, err := orm.Fetch[string](ctx, s, orm.Select(orm.C(&worker.Name)).Where(orm.C(&worker.Wage).Gt(30)).OrderBy(orm.C(&worker.ID)))
			return names, err
		},
		want: "[Ann Cyd]",
	},
	{
		title: "One value", use: "No row is `orm.ErrNoRows`, and a second one an error, too.",
		run: func(ctx context.Context, s *orm.Session) (any, error) {
			count, err := orm.FetchOne[int](ctx, s, orm.Select(orm.Count()).From(worker))
			return count, err
		},
		want: "5",
	},
	{
		title: "Rows as structs", use: "Any struct: columns find their fields by name. A column without a field, or a field without a column, is an error.",
		run: func(ctx context.Context, s *orm.Session) (any, error) {
			type total struct {
				Region string
				Total  int
			}
			totals, err := orm.Fetch[total](ctx, s, orm.Select(orm.C(&sale.Region), orm.Sum(orm.C(&sale.Amount)).As("total")).GroupBy(orm.C(&sale.Region)).OrderBy(orm.C(&sale.Region)))
			return totals, err
		},
		want: "[{north 200} {south 80}]",
	},
	{
		title: "Rows as maps", use: "For statements whose columns are not known before. Types are the same on every database.",
		run: func(ctx context.Context, s *orm.Session) (any, error) {
			rows, err := orm.Fetch[orm.M](ctx, s, orm.Select(orm.C(&goods.SKU), orm.C(&goods.Price)).OrderBy(orm.C(&goods.SKU)))
			return rows, err
		},
		want: "[map[price:10 sku:apple] map[price:20 sku:pear]]",
	},
	{
		title: "Rows as tuples", use: "Two to four columns by their order, without a struct for it.",
		run: func(ctx context.Context, s *orm.Session) (any, error) {
			rows, err := orm.Fetch[orm.Tuple2[string, int]](ctx, s, orm.Select(orm.C(&goods.SKU), orm.C(&goods.Price)).OrderBy(orm.C(&goods.SKU)))
			return rows, err
		},
		want: "[{apple 10} {pear 20}]",
	},
	{
		title: "Objects beside columns", use: "A session makes its objects of the columns of an entity; what was computed stands beside them.",
		run: func(ctx context.Context, s *orm.Session) (any, error) {
			rows, err := orm.Fetch[orm.Tuple2[*Store, int]](ctx, s, orm.Select(store, orm.Count(orm.C(&worker.ID))).
				From(store).OuterJoin(&store.Workers).GroupBy(orm.C(&store.ID), orm.C(&store.City)).OrderBy(orm.C(&store.ID)))
			return []any{rows[2].V1.City, rows[2].V2}, err
		},
		want: "[Turin 0]",
	},
	{
		title: "Objects", use: "A query of a session gives objects, whose changes Commit writes.",
		run: func(ctx context.Context, s *orm.Session) (any, error) {
			cyd, err := orm.Query[Worker](s).Filter(orm.C(&worker.Name).Eq("Cyd")).One(ctx)
			return cyd.Wage, err
		},
		want: "40",
	},
	{
		title: "Objects with what they lead to", use: "One more statement for all of them, however many there are.",
		run: func(ctx context.Context, s *orm.Session) (any, error) {
			stores, err := orm.Query[Store](s).Options(orm.SelectInLoad(&store.Workers)).OrderBy(orm.C(&store.ID)).All(ctx)
			return len(stores[0].Workers), err
		},
		want: "2",
	},
	{
		title: "Objects that a join has found", use: "Join to choose; the result is still one object for each row of its table.",
		run: func(ctx context.Context, s *orm.Session) (any, error) {
			inOslo, err := orm.Query[Worker](s).Join(&worker.Store).Filter(orm.C(&store.City).Eq("Oslo")).OrderBy(orm.C(&worker.ID)).All(ctx)
			return inOslo[1].Name, err
		},
		want: "Eve",
	},
	{
		title: "An expression for each object", use: "`orm.Pluck` reads an expression in place of the objects of a query.",
		run: func(ctx context.Context, s *orm.Session) (any, error) {
			cities, err := orm.Pluck(ctx, orm.Query[Store](s).OrderBy(orm.C(&store.City)), orm.Upper(orm.C(&store.City)))
			return cities, err
		},
		want: "[BERLIN OSLO TURIN]",
	},
	{
		title: "Whether there is any, and how many", use: "Neither reads a row.",
		run: func(ctx context.Context, s *orm.Session) (any, error) {
			poor := orm.Query[Worker](s).Filter(orm.C(&worker.Wage).Lt(25))
			found, err := poor.Exists(ctx)
			if err != nil {
				return nil, err
			}
			n, err := poor.Count(ctx)
			return []any{found, n}, err
		},
		want: "[true 1]",
	},
}

var streamRecipes = []recipe{
	{
		title: "Rows one after the other", use: "However many there are, one is in memory. Leaving the loop ends the query.",
		run: func(ctx context.Context, s *orm.Session) (any, error) {
			total := 0
			for amount, err := range orm.FetchIter[int](ctx, s, orm.Select(orm.C(&sale.Amount)).OrderBy(orm.C(&sale.ID))) {
				if err != nil {
					return nil, err
				}
				total += amount
			}
			return total, nil
		},
		want: "280",
	},
	{
		title: "Objects one after the other", use: "The session does not hold them when the loop goes on, unless they are changed.",
		run: func(ctx context.Context, s *orm.Session) (any, error) {
			longest := ""
			for w, err := range orm.Query[Worker](s).OrderBy(orm.C(&worker.ID)).Iter(ctx) {
				if err != nil {
					return nil, err
				}
				longest = max(longest, w.Name)
			}
			return longest, nil
		},
		want: "Eve",
	},
	{
		title: "Two queries side by side", use: "Each in a session and on a connection of its own, so neither waits for the other.",
		run: func(ctx context.Context, s *orm.Session) (any, error) {
			factory := orm.NewSessionFactory(s.Engine())
			workers := orm.Go(ctx, factory, func(ctx context.Context, s *orm.Session) (int64, error) {
				return orm.FetchOne[int64](ctx, s, orm.Select(orm.Count()).From(worker))
			}, orm.ReadOnly())
			n, err := workers.Await(ctx)
			return n, err
		},
		want: "5",
	},
}

var bulkRecipes = []recipe{
	{
		title: "Many rows without objects", use: "Sets of values in statements of up to a thousand rows, in one transaction.",
		run: func(ctx context.Context, s *orm.Session) (any, error) {
			sets := []orm.M{{"sku": "fig", "quantity": 1, "price": 2}, {"sku": "kiwi", "quantity": 3, "price": 4}}
			result, err := orm.ExecMany(ctx, s, orm.Insert(goods), sets)
			return result.RowsAffected(), err
		},
		want: "2",
	},
	{
		title: "Many objects", use: "Commit writes rows of one shape together, and the keys that the database makes come back.",
		run: func(ctx context.Context, s *orm.Session) (any, error) {
			jobs := []*Job{{ID: 10, State: "open", Work: "wash"}, {ID: 11, State: "open", Work: "iron"}}
			orm.AddAll(s, jobs)
			err := s.Flush(ctx)
			return len(jobs), err
		},
		want: "2",
	},
	{
		title: "Many objects without reading them", use: "The rows that a query would find are changed by one statement; objects that the session holds are kept in step.",
		run: func(ctx context.Context, s *orm.Session) (any, error) {
			raised, err := orm.Query[Worker](s).Filter(orm.C(&worker.Wage).Lt(35)).Update(ctx, orm.C(&worker.Wage).SetExpr(orm.C(&worker.Wage).Plus(1)))
			return raised, err
		},
		want: "3",
	},
	{
		title: "One statement, many sets of values", use: "It is prepared once, and run for each set.",
		run: func(ctx context.Context, s *orm.Session) (any, error) {
			setPrice := orm.Update(goods).Set(orm.C(&goods.Price).SetExpr(orm.Param[int]("price"))).Where(orm.Eq(orm.C(&goods.SKU), orm.Param[string]("sku")))
			result, err := orm.ExecMany(ctx, s, setPrice, []orm.M{{"sku": "apple", "price": 11}, {"sku": "pear", "price": 21}})
			return result.RowsAffected(), err
		},
		want: "2",
	},
}
