// This file looks at contexts that end: before a statement, while it runs, and
// while its rows come in.

package dialecttest

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/aurum-go/orm"
)

func cancelChecks() []check {
	return []check{
		{name: "a context that has ended sends nothing", run: sendsNothing},
		{name: "a deadline ends a statement", run: deadlineEnds},
		{name: "a cancellation ends a statement", run: cancellationEnds},
		{name: "the cause of the cancellation is told", run: tellsCause},
		{name: "the engine goes on after a deadline", run: goesOnAfterDeadline},
		{name: "a transaction is over after a deadline", run: transactionEndsByDeadline},
		{name: "a deadline in a savepoint", needs: []need{needsSavepoints}, run: deadlineInSavepoint},
		{name: "a deadline while a result is read", run: deadlineInResult},
		{name: "a deadline while a transaction reads a result", run: deadlineInResultOfTransaction},
		{name: "waiting for a connection ends with the context", run: waitingEnds},
		{name: "a transaction is committed though its first context has ended", run: outlivesFirstContext},
	}
}

// haste is a deadline that a statement of ten seconds cannot meet.
const haste = 150 * time.Millisecond

// sleep runs the slow statement under a context, and checks that it ended long
// before its time.
func sleep(ctx context.Context, t *testing.T, db *database, ex orm.Executor) error {
	t.Helper()
	text := db.config.Server.Sleep
	if text == "" {
		db.text(t, db, "Sleep", "")
	}
	began := time.Now()
	_, err := orm.Fetch[orm.M](ctx, ex, orm.Text(text))
	if d := time.Since(began); d > 5*time.Second {
		t.Errorf("the statement ended after %s", d)
	}
	wantKind(t, orm.ErrCanceled, err)
	if !errors.Is(err, ctx.Err()) {
		t.Errorf("the error is not the context's: %v", err)
	}
	return err
}

// hasty is a context that ends soon.
func hasty(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), haste)
	t.Cleanup(cancel)
	return ctx
}

func sendsNothing(t *testing.T, db *database) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	db.statements()
	_, err := orm.Exec(ctx, db, orm.Text("SELECT 1"))
	wantKind(t, orm.ErrCanceled, err)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the error is not the context's: %v", err)
	}
	equal(t, 0, len(db.statements()))
}

func deadlineEnds(t *testing.T, db *database) {
	err := sleep(hasty(t), t, db, db)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("the error does not name the deadline: %v", err)
	}
}

func cancellationEnds(t *testing.T, db *database) {
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(haste, cancel)
	_ = sleep(ctx, t, db, db)
}

func tellsCause(t *testing.T, db *database) {
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(haste, func() { cancel(errNo) })
	if err := sleep(ctx, t, db, db); !errors.Is(err, errNo) {
		t.Errorf("the error does not tell the cause: %v", err)
	}
}

func goesOnAfterDeadline(t *testing.T, db *database) {
	for range 3 {
		_ = sleep(hasty(t), t, db, db)
		equal(t, 1, fetchOne[int](t, db, orm.Text("SELECT 1")))
		equal(t, 0, db.Stats().InUse)
	}
}

func transactionEndsByDeadline(t *testing.T, db *database) {
	w := begun(t, db)
	_ = sleep(hasty(t), t, db, w.conn)
	if s := w.conn.State(); s != orm.TxFailed && s != orm.TxLost {
		t.Errorf("the transaction is %s", s)
	}
	if err := w.conn.Commit(t.Context()); !errors.Is(err, orm.ErrTxFailed) && !errors.Is(err, orm.ErrTxLost) {
		t.Errorf("the commit ended with: %v", err)
	}
	must(t, w.conn.Rollback(t.Context()))
	w.put(2)
	w.commits(2)
}

// deadlineInSavepoint: the transaction goes on if the connection has survived.
// If it has not, all is lost, and the transaction says so.
func deadlineInSavepoint(t *testing.T, db *database) {
	w := begun(t, db)
	err := w.nested(func() error {
		w.put(2)
		return sleep(hasty(t), t, db, w.conn)
	})
	wantKind(t, orm.ErrCanceled, err)
	if w.conn.State() == orm.TxActive {
		w.put(3)
		w.commits(1, 3)
		return
	}
	wantKind(t, orm.ErrTxLost, err)
	must(t, w.conn.Rollback(t.Context()))
	equal(t, 0, count(t, db, w.table))
}

// deadlineInResult lets the context end between two rows. What was read until
// then does not look like all.
func deadlineInResult(t *testing.T, db *database) {
	db.reading(t)
	cancelsWhileReading(t, db)
	equal(t, 1, fetchOne[int](t, db, orm.Text("SELECT 1")))
}

// deadlineInResultOfTransaction: the transaction is over, and says so.
func deadlineInResultOfTransaction(t *testing.T, db *database) {
	db.reading(t)
	w := begun(t, db)
	cancelsWhileReading(t, w.conn)
	if s := w.conn.State(); s != orm.TxFailed && s != orm.TxLost {
		t.Errorf("the transaction is %s", s)
	}
	must(t, w.conn.Rollback(t.Context()))
	equal(t, 0, count(t, db, w.table))
}

// cancelsWhileReading ends the context of a result of 4⁹ rows in its tenth.
func cancelsWhileReading(t *testing.T, ex orm.Executor) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	stmt := orm.Select(people.C("name")).From(people)
	for i := range 8 {
		stmt = stmt.CrossJoin(people.Alias("p" + string(rune('a'+i))))
	}
	var last error
	n := 0
	for _, err := range orm.FetchIter[string](ctx, ex, stmt) {
		if n++; n == 10 {
			cancel()
		}
		last = err
	}
	wantKind(t, orm.ErrCanceled, last)
	if errors.Is(last, orm.ErrDecode) {
		t.Errorf("the end of the context is taken for a value that does not fit: %v", last)
	}
}

func waitingEnds(t *testing.T, db *database) {
	most := db.Stats().MaxOpenConnections
	if most == 0 {
		return // there is nothing to wait for
	}
	for range most {
		db.conn(t, orm.Autocommit())
	}
	_, err := orm.Exec(hasty(t), db, orm.Text("SELECT 1"))
	if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, orm.ErrPoolTimeout) {
		t.Errorf("waiting ended with: %v", err)
	}
}

func outlivesFirstContext(t *testing.T, db *database) {
	table := numbers(t, db)
	conn := db.conn(t)
	ctx, cancel := context.WithCancel(t.Context())
	_, err := orm.Exec(ctx, conn, orm.Insert(table).Values(orm.M{"id": 1}))
	must(t, err)
	cancel()
	put(t, conn, table, 2)
	must(t, conn.Commit(t.Context()))
	equal(t, 2, count(t, db, table))
}
