package orm_test

import (
	"context"
	"fmt"
	"log"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/sqlite"
	"github.com/aurum-go/orm/types"
)

// Over makes a window function of an aggregate, or gives one of the others its
// window: the rows that belong together, their order, and how many are seen.
func ExampleExpr_Over() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}

	ctx, meta := context.Background(), orm.NewMetadata()
	score := orm.NewTable("score", meta,
		orm.NewColumn("id", types.Integer(), orm.PrimaryKey()),
		orm.NewColumn("team", types.String(20)),
		orm.NewColumn("points", types.Integer()),
	)
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	check(meta.CreateAll(ctx, engine))
	_, err = orm.Exec(ctx, engine, orm.Insert(score).Values(
		orm.M{"team": "red", "points": 3}, orm.M{"team": "red", "points": 5}, orm.M{"team": "blue", "points": 4}))
	check(err)

	id, team, points := orm.Col[int](score, "id"), orm.Col[string](score, "team"), orm.Col[int](score, "points")
	inTeam := orm.PartitionBy(team)
	stmt := orm.Select(
		team,
		orm.Rank().Over(inTeam, orm.OrderBy(points.Desc())).As("place"),
		orm.Sum(points).Over(inTeam, orm.OrderBy(id), orm.Rows(orm.UnboundedPreceding(), orm.CurrentRow())).As("total"),
	).OrderBy(id)
	rows, err := orm.Fetch[orm.Tuple3[string, int, int]](ctx, engine, stmt)
	fmt.Println(rows, err)
	// Output:
	// [{red 2 3} {red 1 8} {blue 1 4}] <nil>
}
