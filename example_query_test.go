package orm_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/sqlite"
)

// A query is an immutable value: it can be kept and extended twice.
func ExampleQuery() {
	type User struct {
		orm.Base `orm:"table:users"`

		ID   int64
		Name string `orm:"size:50"`
		Age  int
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
	s := orm.NewSession(engine)
	defer s.Close()
	s.Add(&User{Name: "ed", Age: 40}, &User{Name: "wendy", Age: 30}, &User{Name: "fred", Age: 12})

	u := orm.Entity[User]()
	adults := orm.Query[User](s).Filter(orm.C(&u.Age).Ge(18)) // emits no SQL
	n, err := adults.Count(ctx)
	check(err)
	first, err := adults.OrderBy(orm.C(&u.Age)).First(ctx)
	check(err)
	some, err := adults.Filter(orm.C(&u.Name).Eq("nobody")).Exists(ctx)
	check(err)
	fmt.Println(n, first.Name, some)
	// Output:
	// 2 wendy false
}

// One, OneOrNil and First say in their names how many rows they expect.
func ExampleEntityQuery_One() {
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
	s := orm.NewSession(engine)
	defer s.Close()
	s.Add(&User{Name: "ed"}, &User{Name: "wendy"})

	_, err = orm.Query[User](s).One(ctx)
	fmt.Println(errors.Is(err, orm.ErrMultipleRows), err)
	_, err = orm.Query[User](s).FilterBy("Name", "nobody").One(ctx)
	fmt.Println(errors.Is(err, orm.ErrNoRows), err)
	nobody, err := orm.Query[User](s).FilterBy("Name", "nobody").OneOrNil(ctx)
	fmt.Println(nobody == nil, err)
	// Output:
	// true orm: read User: one row was asked for and there are more (use First or All)
	// true orm: read User: no row meets the conditions
	// true <nil>
}

// Get answers from the session where it can. A composite key is given in the
// order of the table.
func ExampleGet() {
	type OrderLine struct {
		orm.Base `orm:"table:order_lines"`

		OrderID int64  `orm:"primary_key"`
		LineNo  int    `orm:"primary_key"`
		SKU     string `orm:"size:20"`
	}
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}

	ctx, models := context.Background(), orm.MustRegister(&OrderLine{})
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	check(models.CreateAll(ctx, engine))
	s := orm.NewSession(engine)
	defer s.Close()
	s.Add(&OrderLine{OrderID: 7, LineNo: 1, SKU: "apple"})
	check(s.Commit(ctx))

	engine.Events().BeforeExecute(func(_ context.Context, x *orm.Execution) error {
		fmt.Println(x.SQL)
		return nil
	})
	line, err := orm.Get[OrderLine](ctx, s, 7, 1) // the commit has made it stale
	check(err)
	again, err := orm.Get[OrderLine](ctx, s, 7, 1) // no SQL
	check(err)
	fmt.Println(line.SKU, line == again)
	_, err = orm.Get[OrderLine](ctx, s, 7, 2)
	fmt.Println(errors.Is(err, orm.ErrNoRows))
	// Output:
	// SELECT order_lines.order_id, order_lines.line_no, order_lines.sku FROM order_lines WHERE order_lines.order_id = ? AND order_lines.line_no = ?
	// apple true
	// SELECT order_lines.order_id, order_lines.line_no, order_lines.sku FROM order_lines WHERE order_lines.order_id = ? AND order_lines.line_no = ?
	// true
}
