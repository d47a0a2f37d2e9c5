package orm_test

import (
	"context"
	"database/sql"
	"fmt"
	"log"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/sqlite"
)

// SQL written by hand is a constant of the program. Parameters are ? or :name
// on every database; a slice becomes a list.
func ExampleText() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}

	ctx := context.Background()
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	_, err = orm.Exec(ctx, engine, orm.Text("CREATE TABLE city (name text, people int)"))
	check(err)
	_, err = orm.Exec(ctx, engine, orm.Text("INSERT INTO city VALUES (?, ?), (?, ?)", "Perth", 2_000_000, "Hobart", 200_000))
	check(err)

	names, err := orm.Fetch[string](ctx, engine, orm.Text(
		"SELECT name FROM city WHERE name IN (:names) AND people > :least",
		sql.Named("names", []string{"Perth", "Hobart", "Sydney"}), sql.Named("least", 1_000_000),
	))
	check(err)
	fmt.Println(names)
	// Output:
	// [Perth]
}

// A part of a statement can be text as well.
func ExampleRaw() {
	type User struct {
		orm.Base `orm:"table:users"`

		ID   int64
		Name string `orm:"size:50"`
	}
	orm.MustRegister(&User{})
	u := orm.Entity[User]()
	text, args, err := orm.Compile(orm.Select(orm.C(&u.ID)).From(u).Where(orm.Raw[bool]("soundex(name) = soundex(?)", "ed")), "sqlite")
	fmt.Println(text, args, err)
	// Output:
	// SELECT users.id FROM users WHERE (soundex(name) = soundex(?)) [ed] <nil>
}
