package orm_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/mysql"
	_ "github.com/aurum-go/orm/dialects/postgres"
	_ "github.com/aurum-go/orm/dialects/sqlite"
)

// The next page begins behind the last row of the one before, however many rows
// there are in front of it.
func ExampleTuple() {
	type Post struct {
		orm.Base `orm:"table:posts"`

		ID  int64
		Day time.Time `orm:"type:date"`
	}
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}

	ctx, models := context.Background(), orm.MustRegister(&Post{})
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	check(models.CreateAll(ctx, engine))
	monday := time.Date(2024, 3, 4, 0, 0, 0, 0, time.UTC)
	s := orm.NewSession(engine)
	defer s.Close()
	for i := range 5 {
		s.Add(&Post{Day: monday.AddDate(0, 0, i/2)})
	}
	check(s.Commit(ctx))

	p := orm.Entity[Post]()
	pages := orm.Query[Post](s).OrderBy(orm.C(&p.Day), orm.C(&p.ID)).Limit(2)
	page, err := pages.All(ctx)
	check(err)
	for len(page) > 0 {
		last := page[len(page)-1]
		fmt.Println(len(page), "up to", last.Day.Format(time.DateOnly), last.ID)
		page, err = pages.Filter(orm.Tuple(orm.C(&p.Day), orm.C(&p.ID)).Gt(last.Day, last.ID)).All(ctx)
		check(err)
	}
	// Output:
	// 2 up to 2024-03-04 2
	// 2 up to 2024-03-05 4
	// 1 up to 2024-03-06 5
}

// An operator that this package has no method for is told how each database
// spells it, how tightly it binds, and what its result is.
func ExampleNewOperator() {
	type Place struct {
		orm.Base `orm:"table:places"`

		ID   int64
		Name string `orm:"size:50"`
	}
	orm.MustRegister(&Place{})

	sounds := orm.NewOperator[bool]("").
		On("sqlite", "soundex(?) = soundex(?)").
		On("mysql", "soundex(?) = soundex(?)").
		On("postgres", "%").
		Precedence(orm.LikeComparison)

	p := orm.Entity[Place]()
	stmt := orm.Select(orm.C(&p.ID)).Where(sounds.Of(orm.C(&p.Name), "Lundun"))
	for _, dialect := range []string{"sqlite", "postgres", "mysql"} {
		text, args, err := orm.Compile(stmt, dialect)
		fmt.Println(text, args, err)
	}
	// Output:
	// SELECT places.id FROM places WHERE (soundex(places.name) = soundex(?)) [Lundun] <nil>
	// SELECT places.id FROM places WHERE places.name % $1 [Lundun] <nil>
	// SELECT places.id FROM places WHERE (soundex(places.name) = soundex(?)) [Lundun] <nil>
}

// A span of time begins, and ends, on the same instant on every database.
func ExampleDateTrunc() {
	type Sale struct {
		orm.Base `orm:"table:sales"`

		ID     int64
		At     time.Time
		Amount int64
	}
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}

	ctx, models := context.Background(), orm.MustRegister(&Sale{})
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	check(models.CreateAll(ctx, engine))
	sale := orm.Entity[Sale]()
	at := time.Date(2024, 1, 30, 18, 0, 0, 0, time.UTC)
	_, err = orm.Exec(ctx, engine, orm.Insert(sale).Values(
		orm.M{"At": at, "Amount": 5}, orm.M{"At": at.AddDate(0, 0, 1), "Amount": 7}, orm.M{"At": at.AddDate(0, 0, 2), "Amount": 11}))
	check(err)

	type month struct {
		Begin  time.Time
		Amount int64
	}
	begin := orm.DateTrunc(orm.Month, orm.C(&sale.At))
	months, err := orm.Fetch[month](ctx, engine, orm.Select(begin.As("Begin"), orm.Sum(orm.C(&sale.Amount)).As("Amount")).
		From(sale).GroupBy(begin).OrderBy(begin))
	check(err)
	for _, m := range months {
		fmt.Println(m.Begin.Format(time.DateOnly), m.Amount)
	}
	// Output:
	// 2024-01-01 12
	// 2024-02-01 11
}
