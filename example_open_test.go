package orm_test

import (
	"context"
	"database/sql"
	"fmt"
	"log"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/sqlite" // the dialect, and the driver "sqlite"
)

// An engine can work on a pool that the program has opened itself, with any
// driver of the database.
func ExampleOpenDB() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}
	ctx := context.Background()
	db, err := sql.Open("sqlite", "file:/shared?vfs=memdb")
	check(err)
	defer db.Close()
	engine, err := orm.OpenDB(db, "sqlite")
	check(err)
	fmt.Println(orm.FetchOne[int](ctx, engine, orm.Text("SELECT 40 + ?", 2)))
	// Output:
	// 42 <nil>
}

// A URL shows no password, however it is printed.
func ExampleParseURL() {
	u, err := orm.ParseURL("postgres://ed:s%2Fcret@db.example.com:5432/app?sslmode=verify-full")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(u)
	fmt.Println(u.WithDatabase("other").WithPort(6432))
	password, _ := u.Password()
	fmt.Println(password, u.Host(), u.Query().Get("sslmode"))
	// Output:
	// postgres://ed:***@db.example.com:5432/app?sslmode=verify-full
	// postgres://ed:***@db.example.com:6432/other?sslmode=verify-full
	// s/cret db.example.com verify-full
}
