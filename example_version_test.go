package orm_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/sqlite"
)

// With a version column nothing is overwritten that somebody else has changed
// meanwhile.
func Example_version() {
	type Account struct {
		orm.Base `orm:"table:accounts"`

		ID      int64
		Balance int64
		Version int `orm:"version"`
	}
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}

	ctx, models := context.Background(), orm.MustRegister(&Account{})
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	check(models.CreateAll(ctx, engine))

	mine, yours := orm.NewSession(engine), orm.NewSession(engine)
	defer mine.Close()
	defer yours.Close()
	mine.Add(&Account{ID: 1, Balance: 100})
	check(mine.Commit(ctx))

	read, err := orm.Get[Account](ctx, mine, 1)
	check(err)
	check(mine.Commit(ctx)) // the form is open in a browser meanwhile
	current, err := orm.Get[Account](ctx, yours, 1)
	check(err)
	current.Balance = 200
	check(yours.Commit(ctx))

	read.Balance = 150
	err = mine.Commit(ctx)
	fmt.Println(errors.Is(err, orm.ErrStaleData))
	check(mine.Rollback(ctx))
	check(mine.Refresh(ctx, read))
	fmt.Println(read.Balance, read.Version)
	// Output:
	// true
	// 200 2
}
