// This file looks at the errors that others are to blame for: locks, deadlocks,
// rows that were changed meanwhile, connections that are gone.

package dialecttest

import (
	"errors"
	"testing"

	"github.com/aurum-go/orm"
)

// impatient has the connection give up soon when it waits for a lock. The
// setting would outlast the case, so the connection is not used again.
func impatient(t *testing.T, db *database, conn *orm.Conn) {
	t.Helper()
	t.Cleanup(func() { _ = conn.Invalidate() })
	db.text(t, conn, "ImpatientLocks", db.config.Server.ImpatientLocks)
}

// set is an update of one row of the table val.
func set(table *orm.Table, id, v int) orm.Statement {
	return orm.Update(table).Set(table.C("v").Set(v)).Where(table.C("id").Eq(id))
}

// deadlocks has two connections each change the other's row after its own. One
// of the two is told; the other goes on.
func deadlocks(t *testing.T, db *database) {
	table := values(t, db)
	one, two := db.conn(t), db.conn(t)
	exec(t, one, set(table, 1, 10))
	exec(t, two, set(table, 2, 20))
	first := make(chan error, 1)
	go func() {
		_, err := orm.Exec(soon(t), one, set(table, 2, 11))
		if err != nil { // the other one waits for this one's row
			err = errors.Join(err, one.Rollback(t.Context()))
		}
		first <- err
	}()
	_, second := orm.Exec(soon(t), two, set(table, 1, 21))
	if second != nil {
		must(t, two.Rollback(t.Context()))
	}
	err := <-first
	if (err == nil) == (second == nil) {
		t.Fatalf("the connections ended with %v and %v", err, second)
	}
	err = errors.Join(err, second)
	wantKind(t, orm.ErrDeadlock, err)
	describes(t, db, err)
	must(t, one.Commit(t.Context()))
	must(t, two.Commit(t.Context()))
}

func timesOut(t *testing.T, db *database) {
	table := values(t, db)
	one, two := db.conn(t), db.conn(t, orm.Autocommit())
	exec(t, one, set(table, 1, 10))
	impatient(t, db, two)
	_, err := orm.Exec(soon(t), two, set(table, 1, 20))
	wantKind(t, orm.ErrLockTimeout, err)
	e := describes(t, db, err)
	equal(t, true, e.Kind.Temporary())
	must(t, one.Commit(t.Context()))
	equal(t, []int{10, 2, 3}, column[int](t, db, table, "v"))
}

func failsSerialization(t *testing.T, db *database) {
	s := db.config.Server
	if s.Snapshot == "" {
		db.text(t, db, "Snapshot", "")
	}
	table := values(t, db)
	one := db.conn(t, orm.Isolation(s.Snapshot))
	if s.SnapshotSetup != "" {
		exec(t, one, orm.Text(s.SnapshotSetup))
		must(t, one.Commit(t.Context()))
	}
	equal(t, 3, count(t, one, table))
	exec(t, db, set(table, 1, 10))
	_, err := orm.Exec(soon(t), one, set(table, 1, 20))
	wantKind(t, orm.ErrSerialization, err)
	e := describes(t, db, err)
	equal(t, true, e.Kind.Temporary())
}

// kill ends a connection as an administrator does, and waits for the end.
func kill(t *testing.T, db *database, conn *orm.Conn) {
	t.Helper()
	s := db.config.Server
	if s.ConnectionID == "" || s.Kill == nil || s.Alive == nil {
		db.text(t, db, "Kill", "")
	}
	id := fetchOne[int64](t, conn, orm.Text(s.ConnectionID))
	admin := db.conn(t, orm.Autocommit())
	fetch[orm.M](t, admin, orm.Text(s.Kill(id)))
	for ctx := soon(t); fetchOne[int](t, admin, orm.Text(s.Alive(id))) > 0; {
		must(t, ctx.Err())
	}
	must(t, admin.Close())
}

// killed: whatever of the end is seen first, it is a lost connection, and the
// next statement has another one.
func killed(t *testing.T, db *database) {
	table := numbers(t, db)
	conn := db.conn(t)
	put(t, conn, table, 1)
	kill(t, db, conn)
	_, err := orm.Exec(soon(t), conn, orm.Insert(table).Values(orm.M{"id": 2}))
	wantKind(t, orm.ErrConnection, err)
	equal(t, orm.TxLost, conn.State())
	must(t, conn.Rollback(t.Context()))
	put(t, conn, table, 3)
	must(t, conn.Commit(t.Context()))
	equal(t, []int64{3}, column[int64](t, db, table, "id"))
}

// killedWhileIdle: a connection that died in the pool is replaced, and nobody
// notices.
func killedWhileIdle(t *testing.T, db *database) {
	table := numbers(t, db)
	conn := db.conn(t, orm.Autocommit())
	kill(t, db, conn)
	must(t, conn.Close())
	for i := range 3 {
		put(t, db, table, i)
	}
	equal(t, 3, count(t, db, table))
}

func killedInTransaction(t *testing.T, db *database) {
	table := numbers(t, db)
	conn := db.conn(t)
	put(t, conn, table, 1)
	kill(t, db, conn)
	err := conn.Commit(soon(t))
	if !errors.Is(err, orm.ErrConnection) && !errors.Is(err, orm.ErrOutcomeUnknown) {
		t.Errorf("the commit ended with: %v", err)
	}
	must(t, conn.Close())
	equal(t, 0, count(t, db, table))
}
