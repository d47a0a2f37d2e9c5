package orm_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/sqlite"
)

// A unit that failed through nobody's fault, and of which certainly nothing is
// saved, is run again, in a fresh session.
func ExampleRetries() {
	type User struct {
		orm.Base `orm:"table:users"`

		ID   int64
		Name string `orm:"size:50"`
	}
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}

	ctx, models := context.Background(), orm.MustRegister(&User{})
	engine, err := orm.Open("sqlite:///:memory:?_busy_timeout=0") // do not wait for locks
	check(err)
	defer engine.Close()
	check(models.CreateAll(ctx, engine))

	other, err := engine.Connect(ctx)
	check(err)
	defer other.Close()
	check(other.Begin(ctx)) // somebody else is writing

	attempt := 0
	err = orm.NewSessionFactory(engine).Transact(ctx, func(ctx context.Context, s *orm.Session) error {
		attempt++
		s.Add(&User{Name: "ed"})
		err := s.Flush(ctx)
		fmt.Println("attempt", attempt, errors.Is(err, orm.ErrLockTimeout))
		if err != nil {
			check(other.Rollback(ctx)) // and is done now
		}
		return err
	}, orm.Retries(5))
	fmt.Println(err)
	// Output:
	// attempt 1 true
	// attempt 2 false
	// <nil>
}
