package orm_test

import (
	"context"
	"fmt"
	"log"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/sqlite"
)

// Conditions are made of the fields of an entity reference. The compiler checks
// their names and the types of the values.
func ExampleEntityQuery_Filter() {
	type User struct {
		orm.Base `orm:"table:users"`

		ID   int64
		Name string `orm:"size:50"`
		Age  *int
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
	age := 40
	s.Add(&User{Name: "ed", Age: &age}, &User{Name: "wendy"}, &User{Name: "100%"})

	u := orm.Entity[User]()
	show := func(conditions ...orm.Expr[bool]) {
		names, err := orm.Pluck(ctx, orm.Query[User](s).Filter(conditions...).OrderBy(orm.C(&u.ID)), orm.C(&u.Name))
		check(err)
		fmt.Println(names)
	}
	show(orm.C(&u.Name).Eq("ed"))
	show(orm.C(&u.Name).In("ed", "wendy"), orm.N(&u.Age).IsNull())          // joined with AND
	show(orm.Or(orm.N(&u.Age).Gt(18), orm.C(&u.Name).Like("w%")))           // N is C for a pointer
	show(orm.Not(orm.C(&u.Name).ILike("E%")))                               // on every database
	show(orm.C(&u.Name).Contains("%"))                                      // % is a character here
	show(orm.Gt(orm.Length(orm.C(&u.Name)), orm.Lit[int64](3)), orm.True()) // two expressions
	show(orm.C(&u.Name).In())                                               // no row is in an empty list
	// Output:
	// [ed]
	// [wendy]
	// [ed wendy]
	// [wendy 100%]
	// [100%]
	// [wendy 100%]
	// []
}

// Where a column is known only at run time, it is given by the name of its
// field. An unknown name is an error; it never becomes SQL.
func ExampleEntityQuery_FilterBy() {
	type User struct {
		orm.Base `orm:"table:users"`

		ID   int64
		Name string `orm:"size:50"`
		Age  *int
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
	s.Add(&User{Name: "ed"}, &User{Name: ""})

	n, err := orm.Query[User](s).FilterBy("Name", "", "Age", nil).Count(ctx) // a zero is a value, nil is NULL
	check(err)
	fmt.Println(n)
	ed, err := orm.Query[User](s).Filter(orm.F("Name").Eq("ed")).OrderBy(orm.F("Age").Desc().NullsLast()).First(ctx)
	check(err)
	fmt.Println(ed.Name)
	_, err = orm.Query[User](s).FilterBy("Nmae", "ed").All(ctx)
	fmt.Println(err)
	// Output:
	// 1
	// ed
	// orm: filter User: there is no field "Nmae" (there are: ID, Name, Age)
}
