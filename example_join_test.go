package orm_test

import (
	"context"
	"fmt"
	"log"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/sqlite"
)

// A join without conditions is made along the one foreign key between the two
// tables. An alias is the same table under another name.
func ExampleAlias() {
	type Employee struct {
		orm.Base `orm:"table:employees"`

		ID        int64
		Name      string `orm:"size:50"`
		ManagerID *int64 `orm:"foreign_key:employees.id"`
	}
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}

	ctx, models := context.Background(), orm.MustRegister(&Employee{})
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	check(models.CreateAll(ctx, engine))
	s := orm.NewSession(engine)
	defer s.Close()
	boss := &Employee{Name: "wendy"}
	s.Add(boss)
	check(s.Flush(ctx))
	s.Add(&Employee{Name: "ed", ManagerID: &boss.ID})
	check(s.Commit(ctx))

	e, manager := orm.Entity[Employee](), orm.Alias[Employee]("manager")
	pairs := orm.Select(orm.C(&e.Name), orm.C(&manager.Name).As("manager")).
		From(e).OuterJoin(manager, orm.Eq(orm.N(&e.ManagerID), orm.C(&manager.ID))).OrderBy(orm.C(&e.Name))
	type row struct {
		Name    string
		Manager *string
	}
	rows, err := orm.Fetch[row](ctx, engine, pairs)
	check(err)
	for _, r := range rows {
		fmt.Println(r.Name, r.Manager != nil)
	}
	// Output:
	// ed true
	// wendy false
}

// Conditions on another table: joined along the foreign key, or as EXISTS.
func ExampleExists() {
	type User struct {
		orm.Base `orm:"table:users"`

		ID   int64
		Name string `orm:"size:50"`
	}
	type Post struct {
		orm.Base `orm:"table:posts"`

		ID       int64
		AuthorID int64 `orm:"foreign_key:users.id"`
		Views    int
	}
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}

	ctx, models := context.Background(), orm.MustRegister(&User{}, &Post{})
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	check(models.CreateAll(ctx, engine))
	s := orm.NewSession(engine)
	defer s.Close()
	s.Add(&User{ID: 1, Name: "ed"}, &User{ID: 2, Name: "wendy"}, &Post{AuthorID: 1, Views: 7}, &Post{AuthorID: 1, Views: 9})
	check(s.Commit(ctx))
	engine.Events().BeforeExecute(func(_ context.Context, x *orm.Execution) error {
		fmt.Println(x.SQL)
		return nil
	})

	u, p := orm.Entity[User](), orm.Entity[Post]()
	joined, err := orm.Query[User](s).Join(p).Filter(orm.C(&p.Views).Gt(5)).Distinct().All(ctx)
	check(err)
	fmt.Println(len(joined))
	read := orm.Select(orm.C(&p.ID)).Where(orm.Eq(orm.C(&p.AuthorID), orm.C(&u.ID)), orm.C(&p.Views).Gt(5))
	readers, err := orm.Query[User](s).Filter(orm.Exists(read)).All(ctx)
	check(err)
	fmt.Println(len(readers))
	// Output:
	// SELECT DISTINCT users.id, users.name FROM users JOIN posts ON users.id = posts.author_id WHERE posts.views > ?
	// 1
	// SELECT users.id, users.name FROM users WHERE EXISTS (SELECT posts.id FROM posts WHERE posts.author_id = users.id AND posts.views > ?)
	// 1
}
