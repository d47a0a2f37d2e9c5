package orm_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/sqlite"
)

// openWith opens a database in memory with the tables of structs.
func openWith(ctx context.Context, models *orm.Registry) *orm.Engine {
	engine, err := orm.Open("sqlite:///:memory:")
	if err == nil {
		err = models.CreateAll(ctx, engine)
	}
	if err != nil {
		log.Fatal(err)
	}
	return engine
}

func orDie(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// What is done is written down on another database, in the same unit of work.
func ExampleBind() {
	type Order struct {
		orm.Base `orm:"table:orders"`

		ID   int64
		Item string `orm:"size:50"`
	}
	type AuditEntry struct {
		orm.Base `orm:"table:audit"`

		ID   int64
		Text string `orm:"size:50"`
	}
	ctx, models := context.Background(), orm.MustRegister(&Order{}, &AuditEntry{})
	main, audit := openWith(ctx, models), openWith(ctx, models)
	defer main.Close()
	defer audit.Close()

	sessions := orm.NewSessionFactory(main, orm.Bind(&AuditEntry{}, audit))
	err := sessions.Transact(ctx, func(ctx context.Context, s *orm.Session) error {
		s.Add(&Order{Item: "tea"}, &AuditEntry{Text: "tea was ordered"})
		return nil
	})
	orDie(err)
	for _, engine := range []*orm.Engine{main, audit} {
		orders, err := orm.FetchOne[int](ctx, engine, orm.Text("SELECT count(*) FROM orders"))
		orDie(err)
		entries, err := orm.FetchOne[int](ctx, engine, orm.Text("SELECT count(*) FROM audit"))
		orDie(err)
		fmt.Println(orders, entries)
	}
	// Output:
	// 1 0
	// 0 1
}

// A session reads from a replica until it writes. This replica is far behind: it has
// no rows at all.
func ExampleReplicas() {
	type Order struct {
		orm.Base `orm:"table:orders"`

		ID   int64
		Item string `orm:"size:50"`
	}
	ctx, models := context.Background(), orm.MustRegister(&Order{})
	leader, replica := openWith(ctx, models), openWith(ctx, models)
	defer leader.Close()
	defer replica.Close()

	sessions := orm.NewSessionFactory(leader, orm.Replicas(replica))
	err := sessions.Transact(ctx, func(ctx context.Context, s *orm.Session) error {
		before, err := orm.Query[Order](s).Count(ctx)
		if err != nil {
			return err
		}
		s.Add(&Order{Item: "tea"})
		after, err := orm.Query[Order](s).Count(ctx) // flushes, and so asks the leader
		fmt.Println(before, after)
		return err
	})
	orDie(err)
	// Output: 0 1
}

type nearKey struct{}

// Reads of a request go to the database next to it.
func ExampleRoute() {
	type Order struct {
		orm.Base `orm:"table:orders"`

		ID   int64
		Item string `orm:"size:50"`
	}
	ctx, models := context.Background(), orm.MustRegister(&Order{})
	leader, near := openWith(ctx, models), openWith(ctx, models)
	defer leader.Close()
	defer near.Close()
	_, err := orm.Exec(ctx, near, orm.Text("INSERT INTO orders (item) VALUES ('nearby tea')"))
	orDie(err)
	ctx = context.WithValue(ctx, nearKey{}, near)

	nearest := orm.Route(func(ctx context.Context, q orm.RouteRequest) (*orm.Engine, error) {
		if near, ok := ctx.Value(nearKey{}).(*orm.Engine); ok && q.Read && !q.Written {
			return near, nil
		}
		return nil, nil // where it would go
	})
	s := orm.NewSession(leader, nearest)
	defer s.Close()
	order, err := orm.Query[Order](s).First(ctx)
	orDie(err)
	fmt.Println(order.Item)
	// Output: nearby tea
}

// Customers live on the shard of their region, with all that is theirs.
func ExampleShards() {
	type Order struct {
		orm.Base `orm:"table:orders"`

		ID         int64
		Item       string `orm:"size:50"`
		CustomerID int64  `orm:"foreign_key:customers.id"`
	}
	type Customer struct {
		orm.Base `orm:"table:customers"`

		ID     int64
		Name   string `orm:"size:50"`
		Region string `orm:"size:10"`
		Orders []*Order
	}
	ctx, models := context.Background(), orm.MustRegister(&Customer{}, &Order{})
	eu, us := openWith(ctx, models), openWith(ctx, models)
	defer eu.Close()
	defer us.Close()
	check := func(err error) {
		orDie(err)
	}

	sessions := orm.NewSessionFactory(nil, orm.Shards(map[string]*orm.Engine{"eu": eu, "us": us},
		orm.ShardChooser(func(m orm.Model) (string, error) {
			if customer, ok := m.(*Customer); ok {
				return customer.Region, nil
			}
			return "", fmt.Errorf("%T belongs to no customer", m)
		})))

	s := sessions.New()
	defer s.Close()
	s.Add(
		&Customer{Name: "Ada", Region: "eu", Orders: []*Order{{Item: "tea"}}},
		&Customer{Name: "Grace", Region: "us", Orders: []*Order{{Item: "coffee"}, {Item: "cake"}}},
	)
	check(s.Commit(ctx))
	s.ExpungeAll()

	c := orm.Entity[Customer]()
	customers, err := orm.Query[Customer](s).Options(orm.SelectInLoad(&c.Orders)).All(ctx)
	check(err)
	for _, customer := range customers {
		fmt.Println(customer.ID, customer.Name, orm.ShardOf(customer), len(customer.Orders))
	}
	american, err := orm.Get[Customer](orm.OnShard(ctx, "us"), s, 1)
	check(err)
	fmt.Println(american.Name)
	// Output:
	// 1 Ada eu 1
	// 1 Grace us 2
	// Grace
}

// Two databases commit together, or not at all. This function is compiled and not
// run: SQLite has no transactions of two phases.
func ExampleTwoPhase() {
	type Account struct {
		orm.Base `orm:"table:accounts"`

		ID      int64
		Balance int64
	}
	move := func(ctx context.Context, here, there *orm.Engine) error {
		sessions := orm.NewSessionFactory(here, orm.Shards(map[string]*orm.Engine{"here": here, "there": there}), orm.TwoPhase())
		return sessions.Transact(ctx, func(ctx context.Context, s *orm.Session) error {
			from, err := orm.Get[Account](orm.OnShard(ctx, "here"), s, 1)
			if err != nil {
				return err
			}
			to, err := orm.Get[Account](orm.OnShard(ctx, "there"), s, 1)
			if err != nil {
				return err
			}
			from.Balance -= 10
			to.Balance += 10
			return nil
		})
	}
	// After a crash between the two phases, what was promised waits to be ended.
	settle := func(ctx context.Context, engine *orm.Engine, decided func(xid string) bool) error {
		xids, err := engine.RecoverTwoPhase(ctx)
		if err != nil {
			return err
		}
		for _, xid := range xids {
			if decided(xid) {
				err = engine.CommitPrepared(ctx, xid)
			} else {
				err = engine.RollbackPrepared(ctx, xid)
			}
			if err != nil {
				return err
			}
		}
		return nil
	}
	ctx := context.Background()
	here, err := orm.Open("sqlite:///:memory:")
	orDie(err)
	defer here.Close()
	// SQLite promises nothing; PostgreSQL and MySQL do.
	fmt.Println(errors.Is(settle(ctx, here, nil), orm.ErrUnsupported), move != nil)
	// Output: true true
}
