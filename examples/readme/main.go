package main

import (
	"context"
	"fmt"
	"os"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/sqlite"
)

type User struct {
	orm.Base `orm:"table:users"`
	ID       int64
	Name     string  `orm:"size:50"`
	Posts    []*Post `orm:"back_populates:Author;order_by:ID"`
}

type Post struct {
	orm.Base     `orm:"table:posts"`
	ID, AuthorID int64
	Title        string
	Author       *User `orm:"back_populates:Posts"`
}

func main() {
	check := func(err error) {
		if err != nil {
			panic(err)
		}
	}
	ctx, models := context.Background(), orm.MustRegister(&User{}, &Post{})
	engine, err := orm.Open("sqlite:///:memory:", orm.WithEcho(os.Stderr))
	check(err)
	check(models.CreateAll(ctx, engine))
	s, u := orm.NewSession(engine), orm.Entity[User]()
	s.Add(&User{Name: "ed", Posts: []*Post{{Title: "hello"}, {Title: "goodbye"}}})
	check(s.Commit(ctx))
	ed, err := orm.Query[User](s).Filter(orm.C(&u.Name).Eq("ed")).Options(orm.SelectInLoad(&u.Posts)).One(ctx)
	check(err)
	fmt.Println(ed.Name, ed.Posts[0].Title, ed.Posts[1].Title, ed.Posts[1].Author == ed)
}
