package orm_test

import (
	"context"
	"fmt"
	"log"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/sqlite"
)

// Rows of one kind are written by one statement, and get their keys.
func ExampleSession_Add() {
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
	engine.Events().BeforeExecute(func(_ context.Context, x *orm.Execution) error {
		fmt.Println(x.SQL)
		return nil
	})

	s := orm.NewSession(engine)
	defer s.Close()
	ed, wendy := &User{Name: "ed"}, &User{Name: "wendy"}
	s.Add(ed, wendy)
	fmt.Println(orm.StateOf(ed), ed.ID)
	check(s.Commit(ctx))
	fmt.Println(orm.StateOf(ed), ed.ID, wendy.ID)
	// Output:
	// pending 0
	// INSERT INTO users (name) VALUES (?)
	// persistent 1 2
}

// A row that another refers to is written before it, in whatever order the
// objects were added. The key has to be known when the other is written, so
// flush in between.
func ExampleSession_Flush() {
	type User struct {
		orm.Base `orm:"table:users"`

		ID   int64
		Name string `orm:"size:50"`
	}
	type Post struct {
		orm.Base `orm:"table:posts"`

		ID       int64
		AuthorID int64 `orm:"foreign_key:users.id"`
		Title    string
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
	ed := &User{Name: "ed"}
	s.Add(ed)
	check(s.Flush(ctx)) // within the transaction; nothing is committed yet
	post := &Post{AuthorID: ed.ID, Title: "hello"}
	s.Add(post)
	check(s.Commit(ctx))
	fmt.Println(post.ID, post.AuthorID == ed.ID)
	// Output:
	// 1 true
}
