// This file holds the recipes for writing, and for locking what is to be written.

package orm_test

import (
	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

var writingChapters = []chapter{
	{"Insert", insertRecipes},
	{"Upsert", upsertRecipes},
	{"Update", updateRecipes},
	{"Delete", deleteRecipes},
	{"Locking", lockingRecipes},
}

// What the recipes have left behind.
var (
	goodsLeft = orm.Select(orm.C(&goods.SKU), orm.C(&goods.Count)).OrderBy(orm.C(&goods.SKU))
	jobsLeft  = orm.Select(orm.C(&job.ID), orm.C(&job.State)).OrderBy(orm.C(&job.ID))
	wagesLeft = orm.Select(orm.C(&worker.Name), orm.C(&worker.Wage)).OrderBy(orm.C(&worker.ID))
)

var insertRecipes = []recipe{
	{
		title: "Several rows", use: "Values by the names of columns. Columns that no row names get their defaults.",
		stmt: func() orm.Statement {
			return orm.Insert(goods).Values(
				orm.M{"sku": "fig", "quantity": 1, "price": 5},
				orm.M{"sku": "kiwi", "quantity": 2, "price": 6},
			)
		},
		check: goodsLeft, rows: []string{"quantity=5 sku=apple", "quantity=1 sku=fig", "quantity=2 sku=kiwi", "quantity=0 sku=pear"},
	},
	{
		title: "One row, checked by the compiler", use: "Assignments name fields, so that a name or a type that is wrong does not compile.",
		stmt: func() orm.Statement {
			return orm.Insert(goods).Set(orm.C(&goods.SKU).Set("fig"), orm.C(&goods.Count).Set(1), orm.C(&goods.Price).SetExpr(orm.Lit(2).Times(3)))
		},
		check: goodsLeft, rows: []string{"quantity=5 sku=apple", "quantity=1 sku=fig", "quantity=0 sku=pear"},
	},
	{
		title: "The rows of a query", use: "Nothing travels to the program and back.",
		stmt: func() orm.Statement {
			open := orm.Select(orm.C(&job.Work), orm.Lit(1), orm.Lit(9)).Where(orm.C(&job.State).Eq("open"))
			return orm.Insert(goods).FromSelect(open, orm.C(&goods.SKU), orm.C(&goods.Count), orm.C(&goods.Price))
		},
		check: goodsLeft, rows: []string{"quantity=5 sku=apple", "quantity=1 sku=paint", "quantity=0 sku=pear", "quantity=1 sku=sweep"},
	},
	{
		title: "What the database has made", use: "Keys and defaults come back with the statement.",
		stmt: func() orm.Statement {
			return orm.Insert(job).Values(orm.M{"id": 9, "state": "open", "work": "cook"}).Returning(orm.C(&job.ID), orm.C(&job.Work))
		},
		rows: []string{"id=9 work=cook"},
	},
}

var upsertRecipes = []recipe{
	{
		title: "Insert, or update", use: "The row with that key gets the new values. Name the columns that are to change.",
		stmt: func() orm.Statement {
			return orm.Insert(goods).Values(orm.M{"sku": "apple", "quantity": 7, "price": 11}, orm.M{"sku": "fig", "quantity": 1, "price": 5}).
				OnConflict(&goods.SKU).DoUpdate(&goods.Count, &goods.Price)
		},
		check: goodsLeft, rows: []string{"quantity=7 sku=apple", "quantity=1 sku=fig", "quantity=0 sku=pear"},
	},
	{
		title: "Insert, or add", use: "`orm.Excluded` is the row that could not be inserted; the other is the one that is there.",
		stmt: func() orm.Statement {
			count := orm.C(&goods.Count)
			return orm.Insert(goods).Values(orm.M{"sku": "apple", "quantity": 7, "price": 11}).
				OnConflict(&goods.SKU).DoUpdateSet(count.SetExpr(orm.Add(count, orm.Excluded(count))))
		},
		check: goodsLeft, rows: []string{"quantity=12 sku=apple", "quantity=0 sku=pear"},
	},
	{
		title: "Insert, or leave alone", use: "For rows that somebody else may have written first.",
		stmt: func() orm.Statement {
			return orm.Insert(goods).Values(orm.M{"sku": "apple", "quantity": 7, "price": 11}, orm.M{"sku": "fig", "quantity": 1, "price": 5}).
				OnConflict(&goods.SKU).DoNothing()
		},
		check: goodsLeft, rows: []string{"quantity=5 sku=apple", "quantity=1 sku=fig", "quantity=0 sku=pear"},
	},
	{
		title: "Update only what is older", use: "A condition on both rows; where it does not hold, the row stays.",
		stmt: func() orm.Statement {
			count := orm.C(&goods.Count)
			return orm.Insert(goods).Values(orm.M{"sku": "apple", "quantity": 3, "price": 1}, orm.M{"sku": "pear", "quantity": 3, "price": 1}).
				OnConflict(&goods.SKU).DoUpdate(&goods.Count).DoUpdateWhere(orm.Gt(orm.Excluded(count), count))
		},
		check: goodsLeft, rows: []string{"quantity=5 sku=apple", "quantity=3 sku=pear"},
	},
}

var updateRecipes = []recipe{
	{
		title: "A value that depends on the row", use: "The database computes it, so that two who do it at once both count.",
		stmt: func() orm.Statement {
			count := orm.C(&goods.Count)
			return orm.Update(goods).Set(count.SetExpr(count.Minus(1))).Where(orm.C(&goods.SKU).Eq("apple"), count.Ge(1))
		},
		check: goodsLeft, rows: []string{"quantity=4 sku=apple", "quantity=0 sku=pear"},
	},
	{
		title: "A different value for each row", use: "One statement in place of one for each row.",
		stmt: func() orm.Statement {
			raise := orm.CaseOf[int](orm.C(&worker.Name)).When("Ann", 5).When("Bob", 3).Else(0)
			return orm.Update(worker).Set(orm.C(&worker.Wage).SetExpr(orm.Add(orm.C(&worker.Wage), raise))).Where(orm.C(&worker.ID).Le(3))
		},
		check: wagesLeft, rows: []string{"name=Ann wage=55", "name=Bob wage=33", "name=Cyd wage=40", "name=Dee wage=30", "name=Eve wage=20"},
	},
	{
		title: "Values of another table", use: "A row that no row of the other meets stays as it is.",
		stmt: func() orm.Statement {
			totals := orm.Select(orm.C(&sale.WorkerID), orm.Sum(orm.C(&sale.Amount)).As("total")).GroupBy(orm.C(&sale.WorkerID)).Subquery("totals")
			return orm.Update(worker).Set(orm.C(&worker.Wage).SetExpr(orm.Col[int](totals, "total"))).
				From(totals).Where(orm.Eq(orm.C(&worker.ID), orm.Col[int64](totals, "worker_id")))
		},
		check: wagesLeft, rows: []string{"name=Ann wage=160", "name=Bob wage=100", "name=Cyd wage=20", "name=Dee wage=30", "name=Eve wage=20"},
	},
	{
		title: "Values of a list", use: "Many rows of one shape, each to its own value, in one statement.",
		stmt: func() orm.Statement {
			wages := orm.Values("wages", orm.ResultColumn{Name: "id", Type: types.BigInteger()}, orm.ResultColumn{Name: "wage", Type: types.Integer()}).
				Rows([]any{4, 31}, []any{5, 21})
			return orm.Update(worker).Set(orm.C(&worker.Wage).SetExpr(orm.Col[int](wages, "wage"))).
				From(wages).Where(orm.Eq(orm.C(&worker.ID), orm.Col[int64](wages, "id")))
		},
		check: wagesLeft, rows: []string{"name=Ann wage=50", "name=Bob wage=30", "name=Cyd wage=40", "name=Dee wage=31", "name=Eve wage=21"},
	},
	{
		title: "The rows that were changed", use: "They come back as they are now.",
		stmt: func() orm.Statement {
			return orm.Update(job).Set(orm.C(&job.State).Set("done")).Where(orm.C(&job.ID).Eq(2)).Returning(orm.C(&job.Work), orm.C(&job.State))
		},
		rows: []string{"state=done work=paint"}, lacks: "mysql",
	},
}

var deleteRecipes = []recipe{
	{
		title: "Rows that meet a condition", use: "Without a condition that leaves rows out, a DELETE or UPDATE is refused; `AllRows` says that all are meant.",
		stmt: func() orm.Statement {
			return orm.Delete(job).Where(orm.C(&job.State).Eq("done"))
		},
		check: jobsLeft, rows: []string{"id=1 state=open", "id=2 state=open"},
	},
	{
		title: "Rows that have a partner", use: "DELETE … USING, or what the database has in its place. A subquery does it on every one.",
		stmt: func() orm.Statement {
			return orm.Delete(sale).Using(worker).Where(orm.Eq(orm.C(&sale.WorkerID), orm.C(&worker.ID)), orm.C(&worker.Name).Eq("Ann"))
		},
		check: orm.Select(orm.Count().As("n")).From(sale), rows: []string{"n=3"}, lacks: "sqlite",
	},
	{
		title: "Rows without a partner", use: "What is left over, on every database.",
		stmt: func() orm.Statement {
			return orm.Delete(store).Where(orm.Not(orm.Exists(orm.Select(orm.C(&worker.ID)).Where(orm.Eq(orm.N(&worker.StoreID), orm.C(&store.ID))))))
		},
		check: orm.Select(orm.C(&store.City)).OrderBy(orm.C(&store.ID)), rows: []string{"city=Berlin", "city=Oslo"},
	},
	{
		title: "The rows that are gone", use: "Take a row and have it, in one statement.",
		stmt: func() orm.Statement {
			return orm.Delete(job).Where(orm.C(&job.State).Eq("done")).Returning(orm.C(&job.Work))
		},
		rows: []string{"work=build"},
	},
	{
		title: "Rows that move to another table", use: "What is deleted is inserted elsewhere by the same statement: nobody sees it twice or not at all.",
		stmt: func() orm.Statement {
			gone := orm.Delete(job).Where(orm.C(&job.State).Eq("done")).Returning(orm.C(&job.Work)).CTE("gone")
			moved := orm.Select(orm.Col[string](gone, "work"), orm.Lit(1), orm.Lit(1)).From(gone)
			return orm.Insert(goods).FromSelect(moved, orm.C(&goods.SKU), orm.C(&goods.Count), orm.C(&goods.Price))
		},
		check: goodsLeft, rows: []string{"quantity=5 sku=apple", "quantity=1 sku=build", "quantity=0 sku=pear"}, lacks: "sqlite mysql",
	},
}

var lockingRecipes = []recipe{
	{
		title: "The next job of a queue", use: "Everybody gets another row, and nobody waits: rows that others hold are passed over. Mark or delete the row in the same transaction.",
		stmt: func() orm.Statement {
			return orm.Select(orm.C(&job.ID), orm.C(&job.Work)).
				Where(orm.C(&job.State).Eq("open")).OrderBy(orm.C(&job.ID)).Limit(1).
				ForUpdate(orm.SkipLocked())
		},
		rows: []string{"id=1 work=sweep"},
	},
	{
		title: "A row that nobody else may change", use: "Read what you are about to write, and fail at once if somebody has it. SQLite locks as a whole, and leaves the clause out.",
		stmt: func() orm.Statement {
			return orm.Select(orm.C(&goods.Count)).Where(orm.C(&goods.SKU).Eq("apple")).ForUpdate(orm.NoWait())
		},
		rows: []string{"quantity=5"},
	},
	{
		title: "A row that has to stay", use: "Others may read it and refer to it, but not delete it or change its key.",
		stmt: func() orm.Statement {
			return orm.Select(orm.C(&store.City)).Where(orm.C(&store.ID).Eq(1)).ForKeyShare()
		},
		rows: []string{"city=Berlin"}, lacks: "mysql",
	},
}
