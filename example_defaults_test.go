package orm_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/sqlite"
)

// A zero in a column with a default means the default; Explicit sends the zero.
// A column without a default is written as it is.
func ExampleExplicit() {
	type Ticket struct {
		orm.Base `orm:"table:tickets"`

		ID        int64
		Priority  int       `orm:"default:3"`                     // filled in by the library
		Status    string    `orm:"size:20;server_default:'open'"` // filled in by the database
		CreatedAt time.Time `orm:"default:now"`                   // by the engine's clock
		UpdatedAt time.Time `orm:"default:now;on_update:now"`     // and at every UPDATE
	}
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}

	now := time.Date(2026, time.May, 1, 12, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	ctx, models := context.Background(), orm.MustRegister(&Ticket{})
	engine, err := orm.Open("sqlite:///:memory:", orm.WithClock(clock))
	check(err)
	defer engine.Close()
	check(models.CreateAll(ctx, engine))

	s := orm.NewSession(engine)
	defer s.Close()
	usual, lowest := &Ticket{}, &Ticket{}
	s.Add(usual, lowest)
	check(orm.Explicit(lowest, &lowest.Priority))
	check(s.Commit(ctx))
	fmt.Println(usual.Priority, lowest.Priority, usual.Status, usual.CreatedAt.Format(time.TimeOnly))

	now = now.Add(time.Hour)
	usual.Status = "done"
	check(s.Commit(ctx))
	fmt.Println(usual.CreatedAt.Format(time.TimeOnly), usual.UpdatedAt.Format(time.TimeOnly))
	// Output:
	// 3 0 open 12:00:00
	// 12:00:00 13:00:00
}
