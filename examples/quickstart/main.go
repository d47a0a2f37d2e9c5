// Quickstart describes two structs and what leads from one to the other, makes
// their tables, and adds, queries, changes and deletes objects, in a database in
// memory. It prints the SQL.
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
	Name     string  `orm:"size:50"`
	Age      *int    // a pointer is a column that may be NULL
	Posts    []*Post `orm:"back_populates:Author;cascade:all,delete-orphan"`
}

type Post struct {
	orm.Base `orm:"table:posts"`
	ID       int64
	Title    string `orm:"size:100"`
	AuthorID int64  // a foreign key, for the field below is named Author
	Author   *User  `orm:"back_populates:Posts"`
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
	s.Add(&User{Name: "ed", Posts: []*Post{{Title: "hello"}, {Title: "draft"}}}, &User{Name: "wendy"})
	check(s.Commit(ctx)) // a graph is saved as a whole

	u, p := orm.Entity[User](), orm.Entity[Post]() // their fields name the columns
	users, err := orm.Query[User](s).OrderBy(orm.C(&u.Name)).Options(orm.SelectInLoad(&u.Posts)).All(ctx)
	check(err)
	for _, user := range users {
		fmt.Println(user.Name, "has", len(user.Posts), "posts")
	}
	drafts, err := orm.Query[Post](s).Join(&p.Author).Filter(orm.C(&u.Name).Eq("ed"), orm.C(&p.Title).Eq("draft")).All(ctx)
	check(err)
	fmt.Println(len(drafts), "draft, by", drafts[0].Author.Name)

	ed, wendy := users[0], users[1]
	ed.Name = "edward" // nothing to call: the session sees what was changed
	check(s.Commit(ctx))
	drafts[0].Author = wendy // a post moves
	check(s.Commit(ctx))
	fmt.Println("now", len(ed.Posts), "and", len(wendy.Posts))
	s.Delete(ed) // and its posts with it
	check(s.Commit(ctx))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
