// This file looks at connections: that all of them see one database, what they
// are set up for, and that none of them brings anything along from its last user.

package dialecttest

import (
	"context"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

func connectChecks() []check {
	return []check{
		{name: "the database answers", run: func(t *testing.T, db *database) { must(t, db.Ping(t.Context())) }},
		{name: "the dialect is registered under its name", run: dialectIsRegistered},
		{name: "the URL shows no password", run: urlIsRedacted},
		{name: "connections see the same tables", run: connectionsShareTables},
		{name: "sessions see the same tables", run: sessionsShareTables},
		{name: "several connections are open at once", run: connectionsAreSeveral},
		{name: "tables outlast idle connections", run: tablesOutlastConnections},
		{name: "many goroutines share an engine", run: goroutinesShareEngine},
		{name: "a listener runs once for each connection", run: listenerRunsOnce},
		{name: "a listener can refuse a connection", run: listenerRefuses},
		{name: "a connection is handed back without its transaction", run: transactionEndsWithConn},
		{name: "a closed connection is refused", run: closedConnIsRefused},
		{name: "an invalidated connection is replaced", run: invalidatedConnIsReplaced},
		{name: "characters of four bytes go both ways in SQL text", run: charactersOfFourBytes},
		{name: "a second statement in a text is refused", run: refusesSecondStatement},
		{name: "transaction control in a text is refused", run: refusesTransactionControl},
		{name: "a statement waits for the result before it", run: refusesStatementInsideResult},
		{name: "leaving a loop gives the connection back", run: loopGivesBack},
	}
}

func dialectIsRegistered(t *testing.T, db *database) {
	d, err := orm.DialectByName(db.Dialect().Name())
	must(t, err)
	equal(t, db.Dialect().Name(), d.Name())
}

func urlIsRedacted(t *testing.T, db *database) {
	if db.URL() == nil {
		return // of a pool that somebody else has opened
	}
	if text := db.URL().WithPassword("se/cr:et").String(); strings.Contains(text, "et") && strings.Contains(text, "cr") {
		t.Errorf("the URL shows its password: %s", text)
	}
}

// numbers makes a table of one column.
func numbers(t *testing.T, db *database) *orm.Table {
	t.Helper()
	return db.table(t, "numbers", key("id"))
}

func connectionsShareTables(t *testing.T, db *database) {
	table := numbers(t, db)
	one, two := db.conn(t), db.conn(t)
	exec(t, one, orm.Insert(table).Values(orm.M{"id": 1}))
	must(t, one.Commit(t.Context()))
	equal(t, 1, count(t, two, table))
}

func sessionsShareTables(t *testing.T, db *database) {
	db.create(t, models().Metadata())
	one, two := orm.NewSession(db.engine), orm.NewSession(db.engine)
	defer func() { must(t, errors.Join(one.Close(), two.Close())) }()
	one.Add(&widget{Name: "a"})
	must(t, one.Commit(t.Context()))
	n, err := orm.Query[widget](two).Count(t.Context())
	must(t, err)
	equal(t, int64(1), n)
}

func connectionsAreSeveral(t *testing.T, db *database) {
	var conns []*orm.Conn
	for range 3 {
		conns = append(conns, db.conn(t, orm.Autocommit()))
	}
	for _, c := range conns {
		equal(t, 1, fetchOne[int](t, c, orm.Text("SELECT 1")))
	}
	equal(t, 3, db.Stats().InUse)
}

func tablesOutlastConnections(t *testing.T, db *database) {
	table := numbers(t, db)
	exec(t, db, orm.Insert(table).Values(orm.M{"id": 1}))
	db.DB().SetMaxIdleConns(0)
	defer db.DB().SetMaxIdleConns(2)
	equal(t, 1, count(t, db, table))
}

func goroutinesShareEngine(t *testing.T, db *database) {
	table := numbers(t, db)
	var wg sync.WaitGroup
	for g := range 8 {
		wg.Go(func() {
			for i := range 20 {
				if _, err := orm.Exec(t.Context(), db, orm.Insert(table).Values(orm.M{"id": g*100 + i})); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	equal(t, 160, count(t, db, table))
}

func listenerRunsOnce(t *testing.T, db *database) {
	var calls atomic.Int64
	defer db.Events().Connect(func(ctx context.Context, c *orm.ConnectEvent) error {
		calls.Add(1)
		return c.Exec(ctx, "SELECT 1")
	})()
	one := db.conn(t)
	must(t, one.Invalidate())
	must(t, one.Rollback(t.Context()))
	before := calls.Load()
	db.DB().SetMaxIdleConns(0)
	defer db.DB().SetMaxIdleConns(2)
	for range 3 {
		equal(t, 1, fetchOne[int](t, one, orm.Text("SELECT 1")))
		must(t, one.Commit(t.Context()))
	}
	if n := calls.Load() - before; n > 1 {
		t.Errorf("the listener was called %d times for one connection", n)
	}
}

func listenerRefuses(t *testing.T, db *database) {
	refusal := errors.New("not today")
	db.DB().SetMaxIdleConns(0)
	defer db.DB().SetMaxIdleConns(2)
	remove := db.Events().Connect(func(context.Context, *orm.ConnectEvent) error { return refusal })
	err := db.Ping(t.Context())
	remove()
	if !errors.Is(err, refusal) {
		t.Errorf("want the listener's error, got: %v", err)
	}
	must(t, db.Ping(t.Context()))
}

func transactionEndsWithConn(t *testing.T, db *database) {
	table := numbers(t, db)
	conn := db.conn(t)
	exec(t, conn, orm.Insert(table).Values(orm.M{"id": 1}))
	must(t, conn.Close())
	equal(t, 0, count(t, db, table))
	equal(t, 0, db.Stats().InUse)
}

func closedConnIsRefused(t *testing.T, db *database) {
	conn := db.conn(t)
	must(t, conn.Close())
	_, err := orm.Exec(t.Context(), conn, orm.Text("SELECT 1"))
	wantKind(t, orm.ErrClosed, err)
}

func invalidatedConnIsReplaced(t *testing.T, db *database) {
	table := numbers(t, db)
	conn := db.conn(t)
	exec(t, conn, orm.Insert(table).Values(orm.M{"id": 1}))
	must(t, conn.Invalidate())
	_, err := orm.Exec(t.Context(), conn, orm.Text("SELECT 1"))
	wantKind(t, orm.ErrTxLost, err)
	must(t, conn.Rollback(t.Context()))
	equal(t, 0, count(t, conn, table))
}

func charactersOfFourBytes(t *testing.T, db *database) {
	equal(t, "日本🎉", fetchOne[string](t, db, orm.Text("SELECT '日本🎉'")))
	table := db.table(t, "texts", key("id"), orm.NewColumn("v", types.String(3), orm.ServerDefaultText("日本🎉")))
	exec(t, db, orm.Insert(table).Values(orm.M{"id": 1}))
	equal(t, "日本🎉", fetchOne[string](t, db, orm.Select(table.C("v")).From(table)))
}

func refusesSecondStatement(t *testing.T, db *database) {
	db.refusesUnsent(t, orm.ErrMultiStatement, orm.Text("SELECT 1; SELECT 2"))
	equal(t, 1, fetchOne[int](t, db, orm.Text("SELECT 1; -- nothing more")))
}

func refusesTransactionControl(t *testing.T, db *database) {
	for _, text := range []orm.SQL{"BEGIN", "COMMIT", " rollback", "/* x */ SAVEPOINT a", "START TRANSACTION", "RELEASE SAVEPOINT a", "END"} {
		conn := db.conn(t)
		_, err := orm.Exec(t.Context(), conn, orm.Text(text))
		wantKind(t, orm.ErrTxControl, err)
		must(t, conn.Close())
	}
}

func refusesStatementInsideResult(t *testing.T, db *database) {
	db.reading(t)
	conn := db.conn(t)
	for _, err := range orm.FetchIter[string](t.Context(), conn, names()) {
		must(t, err)
		_, err = orm.Exec(t.Context(), conn, orm.Text("SELECT 1"))
		wantKind(t, orm.ErrConcurrentUse, err)
	}
	equal(t, 1, fetchOne[int](t, conn, orm.Text("SELECT 1")))
}

func loopGivesBack(t *testing.T, db *database) {
	db.reading(t)
	stmt := orm.Select(people.C("name")).From(people).CrossJoin(people.Alias("b")).CrossJoin(people.Alias("c"))
	began := time.Now()
	for _, err := range orm.FetchIter[string](t.Context(), db, stmt) {
		must(t, err)
		break
	}
	equal(t, 0, db.Stats().InUse)
	if d := time.Since(began); d > patience {
		t.Errorf("leaving the loop took %s", d)
	}
}
