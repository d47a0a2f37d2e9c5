// This file tests the events of connections, of errors, and of tables that are made
// and removed.

package orm_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

func TestConnectionsAreToldOnTheirWay(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx := t.Context()
		engine := get(orm.Open(db.url, orm.WithPool(orm.PoolConfig{MaxOpen: 1})))(t)
		var log []string
		note := func(name string) func(*orm.ConnectEvent) {
			return func(e *orm.ConnectEvent) {
				expect(t, true, e.Engine().Dialect().Name() == db.name())
				log = append(log, name)
			}
		}
		events := engine.Events()
		events.Connect(func(_ context.Context, e *orm.ConnectEvent) error { note("connect")(e); return nil })
		events.Checkout(func(ctx context.Context, e *orm.ConnectEvent) error {
			note("checkout")(e)
			return e.Exec(ctx, "SELECT 1")
		})
		events.Reset(func(ctx context.Context, e *orm.ConnectEvent) error {
			note("reset")(e)
			return e.Exec(ctx, "SELECT 1")
		})
		events.Rollback(func(context.Context, *orm.TxEvent) { log = append(log, "rollback") })
		events.Checkin(note("checkin"))
		events.Invalidate(note("invalidate"))
		events.Close(note("close"))
		use := func() *orm.Conn {
			conn := get(engine.Connect(ctx))(t)
			get(orm.FetchOne[int](ctx, conn, orm.Text("SELECT 1")))(t)
			return conn
		}
		must(t, engine.Ping(ctx))
		log = nil
		must(t, use().Close())
		must(t, use().Close())
		expect(t, []string{"checkout", "rollback", "reset", "checkin", "checkout", "rollback", "reset", "checkin"}, log)
		log = nil
		conn := use()
		must(t, conn.Invalidate())
		must(t, conn.Close())
		must(t, use().Close())
		must(t, use().Close())
		expect(t, []string{
			"checkout", "invalidate", "close",
			"connect", "checkout", "rollback", "reset", "checkin", "checkout", "rollback", "reset", "checkin",
		}, log)
		log = nil
		refuse := errors.New("refused")
		allow := events.Reset(func(context.Context, *orm.ConnectEvent) error { return refuse })
		must(t, use().Close())
		allow()
		expect(t, []string{"checkout", "rollback", "reset", "invalidate", "close"}, log)
		events.Checkout(func(context.Context, *orm.ConnectEvent) error { return refuse })
		_, err := engine.Connect(ctx)
		expectKind(t, refuse, err)
		must(t, engine.Close())
	})
}

func TestErrorsMayBeReplacedAndLoseTheConnection(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx, own := t.Context(), errors.New("my own")
		var seen []orm.ErrorKind
		replace, lose := true, false
		db.Events().HandleError(func(_ context.Context, e *orm.ErrorEvent) {
			seen = append(seen, e.Err.Kind)
			if replace {
				e.Replacement = fmt.Errorf("%w: %w", own, e.Err)
			}
			e.Disconnect = e.Disconnect || lose
		})
		_, err := orm.Exec(ctx, db.Engine, orm.Text("SELECT * FROM nowhere"))
		expectKind(t, own, err)
		expectKind(t, orm.ErrSyntax, err)
		replace, lose = false, true
		err = db.Transact(ctx, func(ctx context.Context, conn *orm.Conn) error {
			_, err := orm.Exec(ctx, conn, orm.Text("SELECT * FROM nowhere"))
			expectKind(t, orm.ErrConnection, err)
			_, err = orm.Exec(ctx, conn, orm.Text("SELECT 1"))
			expectKind(t, orm.ErrTxLost, err)
			return own
		})
		expectKind(t, own, err)
		expect(t, []orm.ErrorKind{orm.ErrSyntax, orm.ErrSyntax}, seen)
		get(orm.FetchOne[int](ctx, db.Engine, orm.Text("SELECT 1")))(t)
	})
}

func TestTablesAreToldWhenTheyAreMadeAndRemoved(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx, metadata := t.Context(), orm.NewMetadata()
		var log []string
		for _, name := range []string{"inner", "outer"} {
			items := []orm.TableItem{orm.NewColumn("id", types.BigInteger(), orm.PrimaryKey())}
			if name == "outer" {
				items = append(items, orm.NewColumn("inner_id", types.BigInteger(), orm.References("inner", "id"), orm.IndexColumn()))
			}
			table := orm.NewTable(name, metadata, items...)
			note := func(what string) func(context.Context, orm.Executor, *orm.Table) error {
				return func(_ context.Context, _ orm.Executor, t *orm.Table) error {
					log = append(log, what+" "+t.Name())
					return nil
				}
			}
			e := table.Events()
			e.BeforeCreate(note("before create"))
			e.AfterCreate(note("after create"))
			e.BeforeDrop(note("before drop"))
			e.AfterDrop(note("after drop"))
		}
		all := metadata.Events()
		all.AfterCreate(func(_ context.Context, _ orm.Executor, tables []*orm.Table) error {
			log = append(log, fmt.Sprintf("%d created", len(tables)))
			return nil
		})
		all.BeforeDrop(func(_ context.Context, _ orm.Executor, tables []*orm.Table) error {
			log = append(log, fmt.Sprintf("%d dropped", len(tables)))
			return nil
		})
		outer := metadata.Table("outer").Events()
		outer.OnCreate("CREATE VIEW seen AS SELECT id FROM inner_seen", "nowhere")
		outer.OnCreate("CREATE VIEW seen AS SELECT 7 AS id")
		texts := get(metadata.CreateSQL(db.name()))(t)
		expect(t, "CREATE VIEW seen AS SELECT 7 AS id", texts[len(texts)-1])
		expect(t, 4, len(texts)) // two tables, an index, the view
		remove := outer.OnDrop("DROP VIEW seen")
		must(t, metadata.CreateAll(ctx, db.Engine))
		must(t, metadata.CreateAll(ctx, db.Engine))
		expect(t, 7, get(orm.FetchOne[int](ctx, db.Engine, orm.Text("SELECT id FROM seen")))(t))
		must(t, metadata.DropAll(ctx, db.Engine))
		remove()
		expect(t, []string{
			"before create inner", "after create inner", "before create outer", "after create outer", "2 created", "0 created",
			"2 dropped", "before drop outer", "after drop outer", "before drop inner", "after drop inner",
		}, log)
		refuse := errors.New("refused")
		outer.BeforeCreate(func(context.Context, orm.Executor, *orm.Table) error { return refuse })
		expectKind(t, refuse, metadata.CreateAll(ctx, db.Engine))
	})
}

func TestErrorsOfConnectingAreHandled(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx, own, refuse := t.Context(), errors.New("my own"), errors.New("refused")
		engine := get(orm.Open(db.url, orm.WithPool(orm.PoolConfig{MaxOpen: 1})))(t)
		defer func() { must(t, engine.Close()) }()
		engine.Events().Connect(func(context.Context, *orm.ConnectEvent) error { return refuse })
		var seen []string
		replace := engine.Events().HandleError(func(_ context.Context, e *orm.ErrorEvent) {
			seen = append(seen, e.Err.Op)
			e.Replacement = fmt.Errorf("%w: %w", own, e.Err)
		})
		for _, err := range []error{engine.Ping(ctx), second(engine.Connect(ctx))} {
			expectKind(t, own, err)
			expectKind(t, refuse, err)
		}
		expect(t, []string{"connect", "connect"}, seen)
		replace()
		expect(t, false, errors.Is(engine.Ping(ctx), own))
	})
}

func TestInspectedColumnsAreShown(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx, refuse := t.Context(), errors.New("refused")
		_, err := orm.Exec(ctx, db.Engine, orm.Text("CREATE TABLE parts (id INT NOT NULL PRIMARY KEY, name VARCHAR(20) NOT NULL)"))
		must(t, err)
		var seen []string
		remove := db.Events().ColumnReflect(func(_ context.Context, t *orm.TableInfo, c *orm.ColumnInfo) error {
			seen = append(seen, t.Name+"."+c.Name)
			if c.Name == "name" {
				c.Type, c.Nullable = types.Text(), true
			}
			return nil
		})
		inspector := get(db.Inspect(ctx))(t)
		for range 2 {
			name := get(inspector.Table(ctx, "parts"))(t).Column("name")
			expect(t, true, name.Nullable())
			expect(t, types.Text().String(), name.Type().String())
		}
		expect(t, []string{"parts.id", "parts.name"}, seen)
		remove()
		inspector.Clear()
		expect(t, false, get(inspector.Table(ctx, "parts"))(t).Column("name").Nullable())
		for want, listener := range map[error]func(*orm.ColumnInfo) error{
			refuse:      func(*orm.ColumnInfo) error { return refuse },
			orm.ErrHook: func(c *orm.ColumnInfo) error { c.Name = "key"; return nil },
		} {
			inspector.Clear()
			remove := db.Events().ColumnReflect(func(_ context.Context, _ *orm.TableInfo, c *orm.ColumnInfo) error { return listener(c) })
			_, err := inspector.Table(ctx, "parts")
			expectKind(t, want, err)
			remove()
		}
	})
}
