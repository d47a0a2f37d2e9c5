package orm_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/sqlite"
)

// Errors are of one closed list on every database. The type tells more, and
// neither it nor its text holds a value.
func ExampleIntegrityError() {
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
	s.Add(&User{Email: "ed@example.com"}, &User{Email: "ed@example.com"})
	err = s.Commit(ctx)

	var integrity *orm.IntegrityError
	switch {
	case err == nil:
		fmt.Println("saved")
	case errors.Is(err, orm.ErrUniqueViolation) && errors.As(err, &integrity):
		fmt.Println("there already:", integrity.Table, integrity.Columns)
	default:
		check(err)
	}
	fmt.Println(err)
	fmt.Println(s.Commit(ctx)) // the transaction has failed: only Rollback is accepted
	check(s.Rollback(ctx))
	// Output:
	// there already: users [email]
	// orm: insert users: unique violation on email (sqlite 2067)
	// orm: commit: the transaction has failed (roll it back first): orm: insert users: unique violation on email (sqlite 2067)
}

// What was used wrongly is found before anything is sent, and says what to do.
func ExampleUsageError() {
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
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	check(models.CreateAll(ctx, engine))

	u := orm.Entity[User]()
	for _, stmt := range []orm.Statement{
		orm.Delete(u),
		orm.Update(u).Set(orm.C(&u.Name).Set("x")).Where(orm.True()),
		orm.Select(orm.F("Nmae")).From(u),
		orm.Select(u).From(u).Limit(-1),
		orm.Text("DELETE FROM users; DELETE FROM users"),
	} {
		_, err := orm.Exec(ctx, engine, stmt)
		var usage *orm.UsageError
		fmt.Println(errors.As(err, &usage), err)
	}
	// Output:
	// true orm: delete users: no condition leaves rows out, so all would be written (add Where, or say AllRows())
	// true orm: update users: no condition leaves rows out, so all would be written (add Where, or say AllRows())
	// true orm: refer to "Nmae": there is no such field (there are: ID, Name)
	// true orm: limit -1: the number is negative
	// true orm: read SQL text: a second statement begins at byte 19 (send one statement at a time)
}
