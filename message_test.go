// This file tests statements and values that are larger than a database takes at
// once: they are typed errors, and the connection stays, or is replaced.

package orm_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

// withParcels makes a table of what can be large.
func (db *testDB) withParcels(t *testing.T) *orm.Table {
	t.Helper()
	m := orm.NewMetadata()
	parcels := orm.NewTable("parcels", m, orm.NewColumn("id", types.BigInteger(), orm.PrimaryKey()),
		orm.NewColumn("content", types.LargeBinary()), orm.NewColumn("label", types.Text()))
	must(t, m.CreateAll(t.Context(), db.Engine))
	return parcels
}

func TestStatementOfMoreThan500MBIsNotSent(t *testing.T) {
	huge := make([]byte, 501<<20)
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx := t.Context()
		insert := orm.Insert(db.withParcels(t))
		err := db.Transact(ctx, func(ctx context.Context, c *orm.Conn) error {
			get(orm.Exec(ctx, c, insert.Values(orm.M{"label": "before"})))(t)
			db.statements()
			for name, err := range map[string]error{
				"a value": errOf(orm.Exec(ctx, c, insert.Values(orm.M{"content": huge}))),
				"values":  errOf(orm.Exec(ctx, c, insert.Values(orm.M{"content": huge[:251<<20]}, orm.M{"content": huge[:251<<20]}))),
				"a query": errOf(orm.Fetch[int](ctx, c, orm.Text("SELECT 1 WHERE ? IS NULL", huge))),
			} {
				if !errors.Is(err, orm.ErrValue) {
					t.Errorf("%s: %v", name, err)
				}
			}
			if sent := db.statements(); len(sent) != 0 {
				t.Errorf("%.50q was sent", sent)
			}
			compare(t, orm.TxActive, c.State())
			return nil
		})
		must(t, err)
		compare(t, 1, get(orm.FetchOne[int](ctx, db.Engine, orm.Text("SELECT count(*) FROM parcels")))(t))
	})
}

// packetLimit is the most that the server takes at once; 0 where only the
// library's own limit is.
func packetLimit(t *testing.T, db *testDB) int {
	t.Helper()
	if db.name() != "mysql" {
		return 0
	}
	return get(orm.FetchOne[int](t.Context(), db.Engine, orm.Text("SELECT @@max_allowed_packet")))(t)
}

func TestMoreThanTheServerTakesAtOnceIsATypedErrorAndCostsNoConnection(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx := t.Context()
		insert := orm.Insert(db.withParcels(t))
		limit := packetLimit(t, db)
		more := limit + 1<<20
		var opened atomic.Int64
		db.Events().Connect(func(context.Context, *orm.ConnectEvent) error { opened.Add(1); return nil })
		rows := 0
		for name, stmt := range map[string]orm.Statement{
			"bytes":     insert.Values(orm.M{"content": make([]byte, more), "label": nil}),
			"text":      insert.Values(orm.M{"content": nil, "label": strings.Repeat("x", more)}),
			"statement": orm.Text(orm.SQL("INSERT INTO parcels (label) VALUES ('" + strings.Repeat("x", more) + "')")),
		} {
			attempts := 0
			for where, err := range map[string]error{
				"alone": errOf(orm.Exec(ctx, db.Engine, stmt)),
				"in a transaction": db.Transact(ctx, func(ctx context.Context, c *orm.Conn) error {
					attempts++
					return errOf(orm.Exec(ctx, c, stmt))
				}),
			} {
				switch {
				case limit == 0 && err == nil:
					rows++
				case limit == 0 || !errors.Is(err, orm.ErrValue) || !strings.Contains(err.Error(), "max_allowed_packet"):
					t.Errorf("%s %s: %v", name, where, err)
				}
			}
			compare(t, 1, attempts)
			get(orm.Exec(ctx, db.Engine, insert.Values(orm.M{"content": []byte{1}, "label": nil})))(t)
			get(orm.Exec(ctx, db.Engine, insert.Values(orm.M{"content": nil, "label": "x"})))(t)
			rows += 2
		}
		compare(t, rows, get(orm.FetchOne[int](ctx, db.Engine, orm.Text("SELECT count(*) FROM parcels")))(t))
		compare(t, int64(0), opened.Load())
	})
}
