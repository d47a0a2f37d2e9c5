package orm_test

import (
	"context"
	"fmt"
	"log"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/sqlite"
)

// From a struct to rows and back, with the SQL that is sent.
func Example() {
	type User struct {
		orm.Base `orm:"table:users"`
		ID       int64
		Name     string `orm:"size:50"`
		Age      *int
	}
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}

	ctx := context.Background()
	models := orm.MustRegister(&User{})
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	err = models.CreateAll(ctx, engine)
	check(err)
	engine.Events().BeforeExecute(func(_ context.Context, x *orm.Execution) error {
		fmt.Println(x.SQL)
		return nil
	})

	s := orm.NewSession(engine)
	defer s.Close()
	ed := &User{Name: "ed"}
	s.Add(ed)
	err = s.Commit(ctx)
	check(err)
	ed.Name = "edward" // nothing to call: the session sees it
	err = s.Commit(ctx)
	check(err)

	u := orm.Entity[User]() // its fields name the columns
	users, err := orm.Query[User](s).
		Filter(orm.C(&u.Name).StartsWith("e"), orm.N(&u.Age).IsNull()).
		OrderBy(orm.C(&u.Name)).
		Limit(10).
		All(ctx)
	check(err)
	fmt.Println(len(users), users[0] == ed)
	check(s.Commit(ctx))

	sessions := orm.NewSessionFactory(engine)
	err = sessions.Transact(ctx, func(ctx context.Context, s *orm.Session) error {
		s.Add(&User{Name: "wendy"})
		return nil
	})
	check(err)
	names, err := orm.Fetch[string](ctx, engine, orm.Text("SELECT name FROM users WHERE id > ?", 0))
	check(err)
	fmt.Println(names)
	// Output:
	// INSERT INTO users (name, age) VALUES (?, ?)
	// UPDATE users SET name = ? WHERE id = ?
	// SELECT users.id, users.name, users.age FROM users WHERE users.name LIKE ? ESCAPE '/' AND users.age IS NULL ORDER BY users.name LIMIT ?
	// 1 true
	// INSERT INTO users (name, age) VALUES (?, ?)
	// SELECT name FROM users WHERE id > ?
	// [edward wendy]
}
