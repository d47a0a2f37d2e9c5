package orm_test

import (
	"context"
	"fmt"
	"log"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/sqlite"
)

// An inspector reads what the database has, as the values of which a schema is
// defined.
func ExampleEngine_Inspect() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}
	ctx := context.Background()
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	for _, ddl := range []orm.SQL{
		"CREATE TABLE users (id integer PRIMARY KEY, name varchar(50) NOT NULL)",
		"CREATE TABLE posts (id integer PRIMARY KEY, author_id int REFERENCES users (id) ON DELETE CASCADE)",
		"CREATE UNIQUE INDEX one_each ON posts (author_id)",
	} {
		_, err := orm.Exec(ctx, engine, orm.Text(ddl))
		check(err)
	}

	inspector, err := engine.Inspect(ctx)
	check(err)
	names, err := inspector.TableNames(ctx)
	check(err)
	fmt.Println(names)
	posts, err := inspector.Table(ctx, "posts")
	check(err)
	for _, c := range posts.Columns() {
		fmt.Println(c.Name(), c.Type(), c.Nullable(), c.IsPrimaryKey())
	}
	key := posts.ForeignKeys()[0]
	fmt.Println(key.Columns(), key.Target(), key.TargetColumns())
	fmt.Println(posts.Indexes()[0].Name(), posts.Indexes()[0].IsUnique())
	// Output:
	// [posts users]
	// id BIGINT false true
	// author_id BIGINT true false
	// [author_id] users [id]
	// one_each true
}

// What is mapped can be asked as well, without a database.
func ExampleInspect() {
	type User struct {
		orm.Base `orm:"table:users"`

		ID    int64
		Name  string `orm:"size:50"`
		Photo []byte `orm:"deferred"`
	}
	orm.MustRegister(&User{})
	mapper, err := orm.Inspect((*User)(nil))
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(mapper.Name(), mapper.Table().Name(), mapper.PrimaryKey())
	for _, f := range mapper.Fields() {
		fmt.Println(f.Name, f.GoType, f.Column.Name(), f.Column.Type(), f.Deferred)
	}
	// Output:
	// User users [ID]
	// ID int64 id BIGINT false
	// Name string name VARCHAR(50) false
	// Photo []uint8 photo BLOB true
}
