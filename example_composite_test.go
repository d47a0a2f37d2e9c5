package orm_test

import (
	"context"
	"database/sql"
	"fmt"
	"log"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/sqlite"
)

// A struct that is a value of its own, and several columns of the table. A sql.Null
// of it is one that may be missing.
func Example_composite() {
	type Point struct{ X, Y int }
	type Route struct {
		orm.Base `orm:"table:routes"`

		ID    int64
		Start Point           `orm:"composite;prefix:from_"`
		End   sql.Null[Point] `orm:"composite"`
	}
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}

	ctx, models := context.Background(), orm.MustRegister(&Route{})
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	check(models.CreateAll(ctx, engine))
	s := orm.NewSession(engine)
	defer s.Close()
	s.Add(&Route{Start: Point{1, 2}})
	s.Add(&Route{Start: Point{3, 4}, End: sql.Null[Point]{V: Point{5, 6}, Valid: true}})
	check(s.Commit(ctx))

	r := orm.Entity[Route]()
	q := orm.Query[Route](s).Filter(orm.C(&r.Start).Eq(Point{3, 4}), orm.C(&r.End).IsNotNull())
	fmt.Println(orm.Compile(q.Statement(), "sqlite"))
	route, err := q.One(ctx)
	check(err)
	fmt.Println(route.Start, route.End.V)
	route.Start.Y = 9 // one column is written
	check(s.Commit(ctx))
	starts, err := orm.Pluck(ctx, orm.Query[Route](s).OrderBy(orm.C(&r.Start)), orm.C(&r.Start))
	check(err)
	fmt.Println(starts)
	// Output:
	// SELECT routes.id, routes.from_x, routes.from_y, routes.end_x, routes.end_y FROM routes WHERE routes.from_x = ? AND routes.from_y = ? AND (routes.end_x IS NOT NULL OR routes.end_y IS NOT NULL) [3 4] <nil>
	// {3 4} {5 6}
	// [{1 2} {3 9}]
}
