package orm_test

import (
	"context"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"os"
	"strings"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/sqlite"
)

// A listener sees every statement before it is sent. It may change it, or keep
// it back with an error.
func ExampleEngineEvents_BeforeExecute() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}
	ctx := context.Background()
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()

	remove := engine.Events().BeforeExecute(func(_ context.Context, x *orm.Execution) error {
		if strings.HasPrefix(x.SQL, "DROP ") {
			return errors.New("nothing is dropped here")
		}
		x.SQL += " /* seen in the server's log */"
		return nil
	})
	_, err = orm.Exec(ctx, engine, orm.Text("DROP TABLE users"))
	fmt.Println(err)
	fmt.Println(orm.FetchOne[int](ctx, engine, orm.Text("SELECT 40 + ?", 2)))
	remove()
	// Output:
	// nothing is dropped here
	// 42 <nil>
}

// AfterExecute is where statements are counted and timed.
func ExampleEngineEvents_AfterExecute() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}
	ctx := context.Background()
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()

	statements, rows := 0, int64(0)
	engine.Events().AfterExecute(func(_ context.Context, x *orm.Execution) error {
		statements++
		rows += x.Rows
		return nil
	})
	_, err = orm.Fetch[int](ctx, engine, orm.Text("SELECT 1 UNION SELECT 2"))
	check(err)
	fmt.Println(statements, rows)
	// Output:
	// 1 2
}

// Statements are logged at level Debug. Values are hidden unless EchoValues
// shows them.
func ExampleWithLogger() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}
	ctx := context.Background()
	logger := slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{
		Level: slog.LevelDebug,
		ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
			if a.Key == "time" || a.Key == "duration" {
				return slog.Attr{}
			}
			return a
		},
	}))
	engine, err := orm.Open("sqlite:///:memory:", orm.WithLogger(logger))
	check(err)
	defer engine.Close()
	_, err = orm.FetchOne[string](ctx, engine, orm.Text("SELECT ?", "a secret"))
	check(err)
	// Output:
	// level=DEBUG msg="orm: statement" sql="SELECT ?" op=text table="" rows=1
}
