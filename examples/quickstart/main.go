// Quickstart describes two structs, makes their tables, and adds, queries,
// changes and deletes rows, in a database in memory. It prints the SQL.
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/sqlite"
)

type User struct {
	orm.Base `orm:"table:users"`
	ID       int64
	Name     string `orm:"size:50"`
	Age      *int   // a pointer is a column that may be NULL
}

type Post struct {
	orm.Base `orm:"table:posts"`
	ID       int64
	AuthorID int64  `orm:"foreign_key:users.id;ondelete:cascade"`
	Title    string `orm:"size:100"`
}

func main() {
	ctx, models := context.Background(), orm.MustRegister(&User{}, &Post{})
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	check(models.CreateAll(ctx, engine))
	engine.Events().BeforeExecute(func(_ context.Context, x *orm.Execution) error {
		fmt.Println("   ", x.SQL)
		return nil
	})

	s := orm.NewSession(engine)
	defer s.Close()
	ed := &User{Name: "ed"}
	s.Add(ed, &User{Name: "wendy"})
	check(s.Flush(ctx)) // the keys are there, nothing is committed yet
	s.Add(&Post{AuthorID: ed.ID, Title: "hello"}, &Post{AuthorID: ed.ID, Title: "draft"})
	check(s.Commit(ctx))

	u := orm.Entity[User]() // its fields name the columns
	drafts, err := orm.Query[Post](s).Join(u).Filter(orm.C(&u.Name).Eq("ed")).FilterBy("Title", "draft").All(ctx)
	check(err)
	fmt.Println(len(drafts), "draft, by", drafts[0].AuthorID)

	ed.Name = "edward" // nothing to call: the session sees what was changed
	check(s.Commit(ctx))
	s.Delete(drafts[0])
	check(s.Commit(ctx))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
