package orm_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/sqlite"
	"github.com/aurum-go/orm/history"
	"github.com/aurum-go/orm/softdelete"
)

// What orders were is kept beside what they are.
func Example_history() {
	type Order struct {
		orm.Base `orm:"table:orders"`

		ID     int64
		Item   string `orm:"size:50"`
		Amount int
		Placed time.Time
	}
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }

	ctx, models := context.Background(), orm.MustRegister(&Order{})
	orders, err := history.Keep[Order](models, history.CreatedAt("Placed"), history.WithClock(clock))
	check(err)
	defer orders.Stop()
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	check(models.CreateAll(ctx, engine))
	s := orm.NewSession(engine)
	defer s.Close()

	order := &Order{Item: "tea", Amount: 1, Placed: now}
	s.Add(order)
	check(s.Commit(ctx))
	now = now.AddDate(0, 0, 1)
	order.Amount = 3
	check(s.Commit(ctx))
	now = now.AddDate(0, 0, 1)
	s.Delete(order)
	check(s.Commit(ctx))

	versions, err := orders.Of(ctx, s, order)
	check(err)
	for _, v := range versions {
		fmt.Println(v.Object.Amount, "until the", v.ChangedAt.Day(), v.Operation)
	}
	o := orm.Entity[Order]()
	then, err := orders.AsOf(s, now.Add(-time.Hour)).Filter(orm.C(&o.Item).Eq("tea")).All(ctx)
	check(err)
	fmt.Println(len(then), then[0].Amount)
	// Output:
	// 1 until the 2 update
	// 3 until the 3 delete
	// 1 3
}

// What is deleted stays, and is not seen.
func Example_softDelete() {
	type Note struct {
		orm.Base `orm:"table:notes"`

		ID   int64
		Text string `orm:"size:50"`
		softdelete.Columns
	}
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}
	ctx, models := context.Background(), orm.MustRegister(&Note{})
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	check(models.CreateAll(ctx, engine))

	sessions := orm.NewSessionFactory(engine, softdelete.Hide())
	softdelete.Listen(sessions)

	check(sessions.Transact(ctx, func(ctx context.Context, s *orm.Session) error {
		note := &Note{Text: "milk"}
		s.Add(note, &Note{Text: "bread"})
		if err := s.Flush(ctx); err != nil {
			return err
		}
		s.Delete(note)
		seen, err := orm.Query[Note](s).Count(ctx)
		if err != nil {
			return err
		}
		all, err := orm.Query[Note](s).WithoutCriteria().Count(ctx)
		fmt.Println(seen, all)
		return err
	}))
	// Output: 1 2
}

// PostgreSQL keeps a version of every row by itself: the transaction that has written
// it. A struct with this field has to be created without the column.
func Example_xmin() {
	type Ledger struct {
		orm.Base `orm:"table:ledgers"`

		ID   int64
		Text string `orm:"size:20"`
		XMin int64  `orm:"column:xmin;type:exact(xid);version;fetched"`
	}
	m, err := orm.MustRegister(&Ledger{}).Mapper(&Ledger{})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(m.Fields()[2].Name, m.Fields()[2].Version)
	// Output: XMin true
}
