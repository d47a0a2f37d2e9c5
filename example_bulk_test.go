package orm_test

import (
	"context"
	"fmt"
	"log"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/sqlite"
)

// One statement changes or deletes all rows that meet a condition. The objects that
// the session holds follow: here without reading anything.
func ExampleEntityQuery_Update() {
	type Task struct {
		orm.Base `orm:"table:tasks"`

		ID       int64
		Title    string `orm:"size:50"`
		Priority int
	}
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}

	ctx, models := context.Background(), orm.MustRegister(&Task{})
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	check(models.CreateAll(ctx, engine))
	s, t := orm.NewSession(engine), orm.Entity[Task]()
	defer s.Close()
	write, rest := &Task{Title: "write", Priority: 1}, &Task{Title: "rest", Priority: 9}
	s.Add(write, rest)
	check(s.Flush(ctx))

	engine.Events().BeforeExecute(func(_ context.Context, x *orm.Execution) error {
		fmt.Println(x.SQL)
		return nil
	})
	n, err := orm.Query[Task](s).Filter(orm.C(&t.Priority).Lt(5)).Update(ctx, orm.C(&t.Priority).SetExpr(orm.C(&t.Priority).Plus(10)))
	check(err)
	fmt.Println(n, write.Priority, rest.Priority)
	n, err = orm.Query[Task](s).Filter(orm.C(&t.Priority).Lt(10)).Delete(ctx)
	check(err)
	fmt.Println(n, orm.StateOf(write), orm.StateOf(rest))
	// Output:
	// UPDATE tasks SET priority = tasks.priority + ? WHERE tasks.priority < ?
	// 1 11 9
	// DELETE FROM tasks WHERE tasks.priority < ?
	// 1 persistent deleted
}
