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
	Name     string `orm:"size:50"`
}

func main() {
	check := func(err error) {
		if err != nil {
			panic(err)
		}
	}
	ctx, models := context.Background(), orm.MustRegister(&User{})
	engine, err := orm.Open("sqlite:///:memory:", orm.WithEcho(os.Stderr))
	check(err)
	check(models.CreateAll(ctx, engine))
	s, u := orm.NewSession(engine), orm.Entity[User]()
	s.Add(&User{Name: "ed"}, &User{Name: "wendy"})
	ed, err := orm.Query[User](s).Filter(orm.C(&u.Name).StartsWith("e")).One(ctx)
	check(err)
	ed.Name = "edward" // nothing to call: the session sees it
	check(s.Commit(ctx))
	fmt.Println(ed.ID, ed.Name)
}
