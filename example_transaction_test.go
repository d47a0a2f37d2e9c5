package orm_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/sqlite"
	"github.com/aurum-go/orm/types"
)

// Transact runs a unit of work in a session of its own: nil commits, an error
// or a panic rolls back.
func ExampleSessionFactory_Transact() {
	type Account struct {
		orm.Base `orm:"table:accounts"`

		ID      int64
		Balance int64
	}
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}

	ctx, models := context.Background(), orm.MustRegister(&Account{})
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	check(models.CreateAll(ctx, engine))

	sessions := orm.NewSessionFactory(engine)
	check(sessions.Transact(ctx, func(ctx context.Context, s *orm.Session) error {
		s.Add(&Account{ID: 1, Balance: 100}, &Account{ID: 2})
		return nil
	}))

	transfer := func(amount int64) error {
		return sessions.Transact(ctx, func(ctx context.Context, s *orm.Session) error {
			from, err := orm.Get[Account](ctx, s, 1)
			if err != nil {
				return err
			}
			to, err := orm.Get[Account](ctx, s, 2)
			if err != nil {
				return err
			}
			from.Balance -= amount
			to.Balance += amount
			if from.Balance < 0 {
				return errors.New("not enough")
			}
			return nil
		})
	}
	fmt.Println(transfer(70))
	fmt.Println(transfer(70))

	balances, err := orm.Fetch[int64](ctx, engine, orm.Text("SELECT balance FROM accounts ORDER BY id"))
	check(err)
	fmt.Println(balances)
	// Output:
	// <nil>
	// not enough
	// [30 70]
}

// The same without mapped structs: an engine lends a connection.
func ExampleEngine_Transact() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}

	ctx, meta := context.Background(), orm.NewMetadata()
	city := orm.NewTable("city", meta,
		orm.NewColumn("id", types.Integer(), orm.PrimaryKey()),
		orm.NewColumn("name", types.String(50), orm.NotNull()),
	)
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	check(meta.CreateAll(ctx, engine))

	err = engine.Transact(ctx, func(ctx context.Context, conn *orm.Conn) error {
		res, err := orm.Exec(ctx, conn, orm.Insert(city).Values(orm.M{"name": "Perth"}))
		if err != nil {
			return err
		}
		fmt.Println(res.RowsAffected(), res.InsertedPrimaryKey())
		return errors.New("changed my mind")
	})
	fmt.Println(err)
	n, err := orm.FetchOne[int](ctx, engine, orm.Select(orm.Count()).From(city))
	check(err)
	fmt.Println(n, "rows")
	// Output:
	// 1 [1]
	// changed my mind
	// 0 rows
}

// The session travels in the context, so that functions in between need not
// hand it on.
func ExampleSessionFrom() {
	type User struct {
		orm.Base `orm:"table:users"`

		ID   int64
		Name string `orm:"size:50"`
	}
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}

	ctx, models := context.Background(), orm.MustRegister(&User{})
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	check(models.CreateAll(ctx, engine))

	register := func(ctx context.Context, name string) {
		orm.SessionFrom(ctx).Add(&User{Name: name})
	}
	check(orm.NewSessionFactory(engine).Transact(ctx, func(ctx context.Context, s *orm.Session) error {
		register(ctx, "ed")
		fmt.Println(len(s.New()), "new")
		return nil
	}))
	fmt.Println(orm.SessionFrom(ctx) == nil)
	// Output:
	// 1 new
	// true
}

// One pool, two engines: what is only to be read cannot be written.
func ExampleEngine_With() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}

	ctx, meta := context.Background(), orm.NewMetadata()
	city := orm.NewTable("city", meta, orm.NewColumn("name", types.String(50), orm.PrimaryKey()))
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	check(meta.CreateAll(ctx, engine))

	reports := engine.With(orm.ReadOnly())
	insert := orm.Insert(city).Values(orm.M{"name": "Perth"})
	_, err = orm.Exec(ctx, reports, insert)
	fmt.Println(errors.Is(err, orm.ErrReadOnly))
	_, err = orm.Exec(ctx, engine, insert)
	check(err)
	names, err := orm.Fetch[string](ctx, reports, orm.Select(city.C("name")))
	check(err)
	fmt.Println(names)
	// Output:
	// true
	// [Perth]
}
