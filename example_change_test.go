package orm_test

import (
	"context"
	"fmt"
	"log"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/sqlite"
)

// An UPDATE names the columns that differ from the row, and nothing else. An
// assignment of an equal value is no change.
func ExampleSession_Dirty() {
	type User struct {
		orm.Base `orm:"table:users"`

		ID     int64
		Name   string `orm:"size:50"`
		Active bool
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
	ed := &User{Name: "ed", Active: true}
	s.Add(ed)
	check(s.Commit(ctx))

	engine.Events().BeforeExecute(func(_ context.Context, x *orm.Execution) error {
		fmt.Println(x.SQL)
		return nil
	})
	ed.Name = "ed"
	fmt.Println(len(s.Dirty()), "dirty")
	ed.Active = false // a zero is a value like any other
	fmt.Println(len(s.Dirty()), "dirty")
	check(s.Commit(ctx))
	// Output:
	// 0 dirty
	// 1 dirty
	// UPDATE users SET active = ? WHERE id = ?
}

// Rollback undoes the rows and the objects: fields go back, generated keys go
// back to zero.
func ExampleSession_Rollback() {
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
	s := orm.NewSession(engine)
	defer s.Close()
	ed := &User{Name: "ed"}
	s.Add(ed)
	check(s.Commit(ctx))

	ed.Name = "edward"
	wendy := &User{Name: "wendy"}
	s.Add(wendy)
	check(s.Flush(ctx))
	fmt.Println(ed.Name, wendy.ID, orm.StateOf(wendy))
	check(s.Rollback(ctx))
	fmt.Println(ed.Name, wendy.ID, orm.StateOf(wendy))
	// Output:
	// edward 2 persistent
	// ed 0 transient
}

// Delete marks an object; the next flush deletes its row.
func ExampleSession_Delete() {
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
	s := orm.NewSession(engine)
	defer s.Close()
	ed := &User{Name: "ed"}
	s.Add(ed)
	check(s.Commit(ctx))

	s.Delete(ed)
	check(s.Flush(ctx))
	fmt.Println(orm.StateOf(ed))
	check(s.Commit(ctx))
	fmt.Println(orm.StateOf(ed))
	// Output:
	// deleted
	// detached
}
