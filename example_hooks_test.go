package orm_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"strings"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/sqlite"
)

type Invoice struct {
	orm.Base `orm:"table:invoices"`

	ID     int64
	Number string `orm:"size:20"`
	Email  string `orm:"size:120"`
	Cents  int64
	Lines  int64
}

// Change is a line of the history of invoices.
type Change struct {
	orm.Base `orm:"table:changes"`

	ID        int64
	InvoiceID int64
	What      string `orm:"size:80"`
}

// BeforeInsert gives a new invoice its number.
func (i *Invoice) BeforeInsert(context.Context, *orm.Session) error {
	i.Number = fmt.Sprintf("R-%03d", i.Cents%1000)
	return nil
}

// Listeners of rows see each object that a flush writes. Before it is written they may
// change it; on the session's connection they may write rows of their own.
func ExampleEvents() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}
	ctx, models := context.Background(), orm.MustRegister(&Invoice{}, &Change{})
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	check(models.CreateAll(ctx, engine))

	remove := orm.Events[Invoice]().AfterUpdate(func(ctx context.Context, s *orm.Session, i *Invoice) error {
		conn, err := s.Connection(ctx)
		if err != nil {
			return err
		}
		c := orm.Entity[Change]()
		_, err = orm.Exec(ctx, conn, orm.Insert(c).Set(orm.C(&c.InvoiceID).Set(i.ID), orm.C(&c.What).Set("updated")))
		return err
	})
	defer remove()

	s := orm.NewSession(engine)
	defer s.Close()
	invoice := &Invoice{Cents: 4711}
	s.Add(invoice)
	check(s.Commit(ctx))
	fmt.Println(invoice.Number)
	invoice.Cents = 4800
	check(s.Commit(ctx))
	fmt.Println(orm.Query[Change](s).Count(ctx))
	// Output:
	// R-711
	// 1 <nil>
}

// A validator sees what is about to be written into a field. It may change it, or
// refuse it, and then nothing is sent.
func ExampleValidate() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}
	ctx, models := context.Background(), orm.MustRegister(&Invoice{})
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	check(models.CreateAll(ctx, engine))

	i := orm.Entity[Invoice]()
	remove := orm.Validate(&i.Email, func(v string) (string, error) {
		if !strings.Contains(v, "@") {
			return v, errors.New("no e-mail address")
		}
		return strings.ToLower(v), nil
	})
	defer remove()

	s := orm.NewSession(engine)
	defer s.Close()
	invoice := &Invoice{Email: "ED"}
	s.Add(invoice)
	err = s.Commit(ctx)
	fmt.Println(err, errors.Is(err, orm.ErrValue))
	invoice.Email = "Ed@Example.com"
	check(s.Commit(ctx))
	fmt.Println(invoice.Email)
	// Output:
	// orm: validate Invoice.Email: the validator refuses the value: no e-mail address true
	// ed@example.com
}

// Listeners of Changed hear of a field before the row is updated, with what it held.
func ExampleChanged() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}
	ctx, models := context.Background(), orm.MustRegister(&Invoice{})
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	check(models.CreateAll(ctx, engine))

	i := orm.Entity[Invoice]()
	defer orm.Changed(&i.Cents, func(_ context.Context, _ *orm.Session, i *Invoice, before, after int64) error {
		fmt.Printf("invoice %d: %d, now %d\n", i.ID, before, after)
		return nil
	})()

	s := orm.NewSession(engine)
	defer s.Close()
	invoice := &Invoice{Cents: 100}
	s.Add(invoice)
	check(s.Commit(ctx))
	invoice.Cents = 250
	check(s.Commit(ctx))
	// Output:
	// invoice 1: 100, now 250
}

// What BeforeFlush changes belongs to the flush: objects that it adds are written with
// the others.
func ExampleSessionEvents_BeforeFlush() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}
	ctx, models := context.Background(), orm.MustRegister(&Invoice{}, &Change{})
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	check(models.CreateAll(ctx, engine))

	sessions := orm.NewSessionFactory(engine)
	sessions.Events().BeforeFlush(func(_ context.Context, s *orm.Session) error {
		for _, m := range s.Dirty() {
			if i, ok := m.(*Invoice); ok {
				s.Add(&Change{InvoiceID: i.ID, What: fmt.Sprintf("%d cents", i.Cents)})
			}
		}
		return nil
	})
	sessions.Events().AfterCommit(func(context.Context, *orm.Session) error {
		fmt.Println("saved")
		return nil
	})

	s := sessions.New()
	defer s.Close()
	invoice := &Invoice{Cents: 100}
	s.Add(invoice)
	check(s.Commit(ctx))
	invoice.Cents = 250
	check(s.Commit(ctx))
	change, err := orm.Query[Change](s).One(ctx)
	check(err)
	fmt.Println(change.InvoiceID, change.What)
	// Output:
	// saved
	// saved
	// 1 250 cents
}

// DoExecute sees what a session reads and writes for its user, whatever way it
// comes to it, and may add criteria.
func ExampleSessionEvents_DoExecute() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}
	ctx, models := context.Background(), orm.MustRegister(&Invoice{})
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	check(models.CreateAll(ctx, engine))
	s := orm.NewSession(engine)
	defer s.Close()
	s.Add(&Invoice{Cents: 1}, &Invoice{Cents: 200})
	check(s.Commit(ctx))

	s.Events().DoExecute(func(_ context.Context, x *orm.SessionExecution) error {
		x.AddCriteria(orm.CriteriaFor(func(i *Invoice) orm.Expr[bool] { return orm.C(&i.Cents).Gt(100) }))
		return nil
	})
	fmt.Println(orm.Query[Invoice](s).Count(ctx))
	_, err = orm.Get[Invoice](ctx, s, 1)
	fmt.Println(err)
	// Output:
	// 1 <nil>
	// orm: get Invoice: no row has that key
}

// SQL of the user's own runs with the table that it belongs to.
func ExampleSchemaEvents_OnCreate() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}
	ctx, models := context.Background(), orm.MustRegister(&Invoice{})
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()

	invoices := models.Metadata().Table("invoices")
	invoices.Events().OnCreate("CREATE VIEW large AS SELECT id FROM invoices WHERE cents > 1000", "sqlite", "postgres")
	invoices.Events().OnDrop("DROP VIEW large", "sqlite", "postgres")
	check(models.CreateAll(ctx, engine))
	fmt.Println(orm.FetchOne[int](ctx, engine, orm.Text("SELECT count(*) FROM large")))
	check(models.DropAll(ctx, engine))
	// Output:
	// 0 <nil>
}
