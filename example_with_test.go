package orm_test

import (
	"context"
	"fmt"
	"log"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/sqlite"
	"github.com/aurum-go/orm/types"
)

// A CTE gives a query a name, by which a statement uses it more than once.
func ExampleSelectStatement_CTE() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}

	ctx, meta := context.Background(), orm.NewMetadata()
	sale := orm.NewTable("sale", meta,
		orm.NewColumn("id", types.Integer(), orm.PrimaryKey()),
		orm.NewColumn("region", types.String(20)),
		orm.NewColumn("amount", types.Integer()),
	)
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	check(meta.CreateAll(ctx, engine))
	_, err = orm.Exec(ctx, engine, orm.Insert(sale).Values(
		orm.M{"region": "north", "amount": 10}, orm.M{"region": "north", "amount": 20}, orm.M{"region": "south", "amount": 25}))
	check(err)

	amount := orm.Col[int](sale, "amount")
	totals := orm.Select(sale.C("region"), orm.Sum(amount).As("total")).GroupBy(sale.C("region")).CTE("totals")
	all := totals.Alias("all_totals")
	most := orm.Select(orm.Max(orm.Col[int](all, "total"))).From(all)
	best := orm.Select(totals.C("region")).From(totals).Where(orm.Eq(orm.Col[int](totals, "total"), orm.Scalar[int](most)))
	fmt.Println(best)

	region, err := orm.FetchOne[string](ctx, engine, best)
	fmt.Println(region, err)
	// Output:
	// WITH totals AS (SELECT sale.region, sum(sale.amount) AS total FROM sale GROUP BY sale.region) SELECT totals.region FROM totals WHERE totals.total = (SELECT max(all_totals.total) FROM totals AS all_totals)
	// north <nil>
}

// A recursive CTE begins with the rows of one query and goes on from these by
// another: here, from a folder to all that is in it.
func ExampleSelectStatement_RecursiveCTE() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}

	ctx, meta := context.Background(), orm.NewMetadata()
	folder := orm.NewTable("folder", meta,
		orm.NewColumn("id", types.Integer(), orm.PrimaryKey()),
		orm.NewColumn("name", types.String(20)),
		orm.NewColumn("parent_id", types.Integer(), orm.References("folder", "id")),
	)
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	check(meta.CreateAll(ctx, engine))
	_, err = orm.Exec(ctx, engine, orm.Insert(folder).Values(
		orm.M{"id": 1, "name": "home", "parent_id": nil}, orm.M{"id": 2, "name": "music", "parent_id": 1},
		orm.M{"id": 3, "name": "jazz", "parent_id": 2}, orm.M{"id": 4, "name": "etc", "parent_id": nil}))
	check(err)

	id, name, parent := orm.Col[int](folder, "id"), orm.Col[string](folder, "name"), orm.Col[int](folder, "parent_id")
	tree := orm.Select(id, name, orm.Lit(0).As("depth")).Where(name.Eq("home")).
		RecursiveCTE("tree", func(tree *orm.CTE) *orm.SelectStatement {
			return orm.Select(id, name, orm.Col[int](tree, "depth").Plus(1)).
				From(tree).Join(folder, orm.Eq(parent, orm.Col[int](tree, "id")))
		})
	rows, err := orm.Fetch[orm.Tuple2[string, int]](ctx, engine, orm.Select(tree.C("name"), tree.C("depth")).From(tree).OrderBy(tree.C("depth")))
	fmt.Println(rows, err)
	// Output:
	// [{home 0} {music 1} {jazz 2}] <nil>
}
