package orm_test

import (
	"context"
	"fmt"
	"log"
	"strings"
	"time"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/sqlite"
)

// All mistakes are reported at once, with the place in the tag.
func ExampleRegistry_Register() {
	type User struct {
		orm.Base `orm:"table:users"`

		ID    int64
		Name  string `orm:"siez:50"`
		Age   int    `orm:"default:many"`
		Peers chan int
	}
	err := orm.NewRegistry().Register(&User{})
	fmt.Println(strings.ReplaceAll(err.Error(), "\t", "    "))
	// Output:
	// orm: map User.Name: unknown word "siez" (did you mean "size"?)
	//     siez:50
	//     ^
	// orm: map User.Age: the value "many" is no int (what the database computes is a server_default)
	//     default:many
	//             ^
	// orm: map User.Peers: no column type fits it (tag it type:json, give it a converter with types.Register, or leave it out with "-")
}

// Structs that are embedded lend their columns: as they are, under a prefix, or
// with a Base of their own that is tagged abstract.
func Example_embedded() {
	type Timestamps struct {
		CreatedAt time.Time `orm:"default:now"`
	}
	type Address struct {
		Street, City string
	}
	type Customer struct {
		orm.Base `orm:"table:customers"`

		ID int64
		Timestamps
		Address `orm:"prefix:home_"`
	}
	models := orm.MustRegister(&Customer{})
	statements, err := models.Metadata().CreateSQL("sqlite")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(statements[0])
	// Output:
	// CREATE TABLE customers (
	// 	id INTEGER PRIMARY KEY AUTOINCREMENT,
	// 	created_at DATETIME_TEXT NOT NULL,
	// 	home_street TEXT NOT NULL,
	// 	home_city TEXT NOT NULL
	// )
}

// A document is edited in place: the session compares what it holds.
func Example_document() {
	type Settings struct {
		orm.Base `orm:"table:settings"`

		ID     int64
		Values map[string]any `orm:"type:json"`
	}
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}

	ctx, models := context.Background(), orm.MustRegister(&Settings{})
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	check(models.CreateAll(ctx, engine))
	s := orm.NewSession(engine)
	defer s.Close()
	settings := &Settings{Values: map[string]any{"theme": "dark"}}
	s.Add(settings)
	check(s.Commit(ctx))

	settings.Values["theme"] = "light"
	fmt.Println(s.IsModified(settings))
	check(s.Commit(ctx))
	fmt.Println(orm.FetchOne[string](ctx, engine, orm.Text("SELECT \"values\" FROM settings")))
	// Output:
	// true
	// {"theme":"light"} <nil>
}
