package orm_test

import (
	"context"
	"fmt"
	"log"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/sqlite"
)

// Iter reads many objects with memory for one. Leaving the loop closes the
// result.
func ExampleEntityQuery_Iter() {
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
	for i := range 1000 {
		s.Add(&User{Name: fmt.Sprint("user ", i)})
	}
	check(s.Commit(ctx))
	s.ExpungeAll()

	u := orm.Entity[User]()
	for user, err := range orm.Query[User](s).OrderBy(orm.C(&u.ID)).Iter(ctx) {
		check(err)
		if user.ID > 3 {
			break
		}
		fmt.Println(user.Name, orm.StateOf(user))
	}
	// Output:
	// user 0 detached
	// user 1 detached
	// user 2 detached
}

// FetchIter is the same for rows that are no objects.
func ExampleFetchIter() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}
	ctx := context.Background()
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()

	numbers := orm.Text("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n LIMIT 1000000")
	sum := 0
	for i, err := range orm.FetchIter[int](ctx, engine, numbers) {
		check(err)
		if sum += i; sum > 1000 {
			break
		}
	}
	fmt.Println(sum)
	// Output:
	// 1035
}
