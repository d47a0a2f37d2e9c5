package orm_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/sqlite"
)

// Pluck reads one expression in place of objects.
func ExamplePluck() {
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

	u := orm.Entity[User]()
	names, err := orm.Pluck(ctx, orm.Query[User](s).OrderBy(orm.C(&u.Name).Desc()), orm.Upper(orm.C(&u.Name)))
	check(err)
	fmt.Printf("%q\n", names)
	// Output:
	// ["WENDY" "ED"]
}

// Fetch reads rows into structs, scalars or maps. Every column needs a field,
// and every field a column.
func ExampleFetch() {
	type Post struct {
		orm.Base `orm:"table:posts"`

		ID     int64
		Author string `orm:"size:50"`
		Views  int
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
	s := orm.NewSession(engine)
	defer s.Close()
	s.Add(&Post{Author: "ed", Views: 3}, &Post{Author: "wendy", Views: 5}, &Post{Author: "ed", Views: 4})
	check(s.Commit(ctx))

	type Sum struct {
		Author string
		Posts  int64
		Views  int
	}
	p := orm.Entity[Post]()
	perAuthor := orm.Select(orm.C(&p.Author), orm.Count().As("posts"), orm.Sum(orm.C(&p.Views)).As("views")).
		From(p).GroupBy(orm.C(&p.Author)).OrderBy(orm.C(&p.Author))
	sums, err := orm.Fetch[Sum](ctx, engine, perAuthor)
	check(err)
	fmt.Println(sums)

	top, err := orm.FetchOne[orm.M](ctx, engine, perAuthor.Having(orm.Count().Gt(1)))
	check(err)
	fmt.Println(top["author"], top["views"])

	_, err = orm.Fetch[Sum](ctx, engine, orm.Select(orm.C(&p.Author)).From(p))
	fmt.Println(errors.Is(err, orm.ErrSchemaMismatch))
	// Output:
	// [{ed 2 7} {wendy 1 5}]
	// ed 7
	// true
}
