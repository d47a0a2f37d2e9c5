package orm_test

import (
	"context"
	"fmt"
	"log"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/sqlite"
)

// An upsert inserts the rows that are new, and changes the others. It is spelt in
// the same way for every database.
func ExampleInsertStatement_OnConflict() {
	type User struct {
		orm.Base `orm:"table:users"`

		ID     int64
		Email  string `orm:"size:120;unique"`
		Name   string `orm:"size:50"`
		Logins int
	}
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}

	ctx, registry := context.Background(), orm.MustRegister(&User{})
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	check(registry.CreateAll(ctx, engine))

	u := orm.Entity[User]()
	_, err = orm.Exec(ctx, engine, orm.Insert(u).Values(&User{Email: "ed@example.org", Name: "ed", Logins: 1}))
	check(err)

	upsert := orm.Insert(u).Values([]*User{
		{Email: "ed@example.org", Name: "Edward", Logins: 1},
		{Email: "wendy@example.org", Name: "Wendy", Logins: 1},
	}).OnConflict(&u.Email).DoUpdateSet(
		orm.C(&u.Name).SetExpr(orm.Excluded(orm.C(&u.Name))),
		orm.C(&u.Logins).SetExpr(orm.Add(orm.C(&u.Logins), orm.Excluded(orm.C(&u.Logins)))),
	)

	s := orm.NewSession(engine)
	defer s.Close()
	users, err := orm.FromStatement[User](s, upsert.Returning(u)).PopulateExisting().All(ctx)
	check(err)
	for _, user := range users {
		fmt.Println(user.Name, user.Logins)
	}
	check(s.Commit(ctx))
	// Output:
	// Edward 2
	// Wendy 1
}
