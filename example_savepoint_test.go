package orm_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/sqlite"
)

// What fails in a nested block is undone, rows and objects alike, and the
// transaction around it goes on.
func ExampleSession_Nested() {
	type User struct {
		orm.Base `orm:"table:users"`

		ID    int64
		Email string `orm:"size:120;unique"`
	}
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}

	ctx, models := context.Background(), orm.MustRegister(&User{})
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	check(models.CreateAll(ctx, engine))

	s := orm.NewSession(engine)
	defer s.Close()
	for _, email := range []string{"ed@example.com", "wendy@example.com", "ed@example.com"} {
		err := s.Nested(ctx, func(ctx context.Context) error {
			s.Add(&User{Email: email})
			return nil // what was added is flushed here
		})
		if errors.Is(err, orm.ErrUniqueViolation) {
			fmt.Println(email, "is there already")
			continue
		}
		check(err)
	}
	check(s.Commit(ctx))
	n, err := orm.Query[User](s).Count(ctx)
	check(err)
	fmt.Println(n, "users")
	// Output:
	// ed@example.com is there already
	// 2 users
}
