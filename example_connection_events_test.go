package orm_test

import (
	"context"
	"fmt"
	"log"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/sqlite"
	"github.com/aurum-go/orm/types"
)

// What a connection is to lose before the next one takes it is undone by Reset.
func ExampleEngineEvents_Reset() {
	ctx := context.Background()
	engine, err := orm.Open("sqlite:///:memory:")
	if err != nil {
		log.Fatal(err)
	}
	defer engine.Close()
	engine.Events().Reset(func(ctx context.Context, c *orm.ConnectEvent) error {
		fmt.Println("reset")
		return c.Exec(ctx, "DROP TABLE IF EXISTS temp.scratch")
	})
	for range 2 {
		err := engine.Transact(ctx, func(ctx context.Context, conn *orm.Conn) error {
			_, err := orm.Exec(ctx, conn, orm.Text("CREATE TEMP TABLE scratch (n int)"))
			return err
		})
		fmt.Println(err)
	}
	// Output:
	// reset
	// <nil>
	// reset
	// <nil>
}

// A type of which only the database knows is given another one where it is read.
func ExampleEngineEvents_ColumnReflect() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}
	ctx := context.Background()
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	engine.Events().ColumnReflect(func(_ context.Context, _ *orm.TableInfo, c *orm.ColumnInfo) error {
		if c.RawType == "polygon" {
			c.Type = types.Text()
		}
		return nil
	})
	_, err = orm.Exec(ctx, engine, orm.Text("CREATE TABLE fields (id integer PRIMARY KEY, shape polygon)"))
	check(err)
	inspector, err := engine.Inspect(ctx)
	check(err)
	fields, err := inspector.Table(ctx, "fields")
	check(err)
	fmt.Println(fields.Column("shape").Type())
	// Output:
	// TEXT
}
