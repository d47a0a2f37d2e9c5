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

// Tables can be defined without structs, and statements run without sessions.
func ExampleNewTable() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}

	ctx, meta := context.Background(), orm.NewMetadata()
	city := orm.NewTable("city", meta,
		orm.NewColumn("id", types.Integer(), orm.PrimaryKey()),
		orm.NewColumn("name", types.String(50), orm.NotNull(), orm.Unique()),
		orm.NewColumn("people", types.BigInteger(), orm.Default(0)),
	)
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	check(meta.CreateAll(ctx, engine))

	_, err = orm.Exec(ctx, engine, orm.Insert(city).Values(
		orm.M{"name": "Alice Springs", "people": 25000},
		orm.M{"name": "Hobart", "people": 200000},
		orm.M{"name": "Nowhere"},
	))
	check(err)

	type row struct {
		Name   string
		People int64
	}
	rows, err := orm.Fetch[row](ctx, engine, orm.Select(city.C("name"), city.C("people")).
		From(city).Where(city.C("people").Lt(100000)).OrderBy(city.C("name")))
	check(err)
	fmt.Println(rows)
	// Output:
	// [{Alice Springs 25000} {Nowhere 0}]
}

// One statement changes or deletes any number of rows. Without a condition it
// has to be asked for, with AllRows.
func ExampleUpdate() {
	type User struct {
		orm.Base `orm:"table:users"`

		ID     int64
		Name   string `orm:"size:50"`
		Logins int
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

	u := orm.Entity[User]()
	_, err = orm.Exec(ctx, engine, orm.Insert(u).Values(orm.M{"Name": "ed", "Logins": 1}, orm.M{"Name": "wendy", "Logins": 4}))
	check(err)

	more := orm.Update(u).Set(orm.C(&u.Logins).SetExpr(orm.C(&u.Logins).Plus(1))).Where(orm.C(&u.Name).Ne("ed"))
	logins, err := orm.Fetch[int](ctx, engine, more.Returning(orm.C(&u.Logins)))
	check(err)
	fmt.Println(logins)

	_, err = orm.Exec(ctx, engine, orm.Delete(u))
	fmt.Println(errors.Is(err, orm.ErrNoFilter))
	res, err := orm.Exec(ctx, engine, orm.Delete(u).AllRows())
	check(err)
	fmt.Println(res.RowsAffected(), "deleted")
	// Output:
	// [5]
	// true
	// 2 deleted
}
