// This file looks at savepoints: what is undone with them, and that the
// transaction around them goes on.

package dialecttest

import (
	"context"
	"errors"
	"testing"

	"github.com/aurum-go/orm"
)

func savepointChecks() []check {
	checks := []check{
		{name: "what was done inside is kept", run: keepsNested},
		{name: "what was done inside is undone by an error", run: undoesNested},
		{name: "an error of the database inside leaves the outside intact", run: survivesNestedViolation},
		{name: "an error of the database before a savepoint", run: refusesSavepointAfterFailure},
		{name: "savepoints inside of savepoints", run: nestsTwice},
		{name: "an inner one undone, the outer one kept", run: undoesInner},
		{name: "an outer one undone with the inner one that was kept", run: undoesOuter},
		{name: "one after the other", run: nestsInTurn},
		{name: "50 levels", run: nestsDeep},
		{name: "a panic inside", run: panicsNested},
		{name: "everything undone by the transaction", run: rollsBackAroundNested},
		{name: "an error that is handled inside a failed one", run: handledErrorInside},
		{name: "a savepoint begins a transaction", run: savepointBegins},
		{name: "a row changed inside and outside", run: changesRowInsideAndOutside},
		{name: "a table created inside is undone", needs: []need{needsTransactionalDDL}, run: undoesNestedTable},
		{name: "a result that is left open inside", run: leavesResultInside},
	}
	for i := range checks {
		if checks[i].needs == nil {
			checks[i].lacking = refusesSavepoint
		}
		checks[i].needs = append([]need{needsSavepoints}, checks[i].needs...)
	}
	return checks
}

var errNo = errors.New("no")

func refusesSavepoint(t *testing.T, db *database) {
	wantKind(t, orm.ErrUnsupported, db.conn(t).Nested(t.Context(), func(context.Context) error { return nil }))
}

// work is a connection in a transaction that has put the number 1.
type work struct {
	*testing.T
	db    *database
	conn  *orm.Conn
	table *orm.Table
}

func begun(t *testing.T, db *database) *work {
	t.Helper()
	w := &work{t, db, nil, numbers(t, db)}
	w.conn = db.conn(t)
	put(t, w.conn, w.table, 1)
	return w
}

func (w *work) put(id int) {
	w.Helper()
	put(w.T, w.conn, w.table, id)
}

// nested runs work in a savepoint that ends with the returned error.
func (w *work) nested(f func() error) error {
	w.Helper()
	return w.conn.Nested(w.Context(), func(context.Context) error { return f() })
}

// commits ends the transaction, and compares what is there.
func (w *work) commits(want ...int64) {
	w.Helper()
	must(w.T, w.conn.Commit(w.Context()))
	equal(w.T, want, column[int64](w.T, w.db, w.table, "id"))
}

func (w *work) fails(err error) {
	w.Helper()
	if !errors.Is(err, errNo) {
		w.Errorf("want the function's error, got: %v", err)
	}
}

func keepsNested(t *testing.T, db *database) {
	w := begun(t, db)
	must(t, w.nested(func() error { w.put(2); return nil }))
	w.put(3)
	w.commits(1, 2, 3)
}

func undoesNested(t *testing.T, db *database) {
	w := begun(t, db)
	w.fails(w.nested(func() error { w.put(2); return errNo }))
	w.put(3)
	w.commits(1, 3)
}

func survivesNestedViolation(t *testing.T, db *database) {
	w := begun(t, db)
	err := w.nested(func() error { w.put(2); return duplicate(t, w.conn, w.table) })
	wantKind(t, orm.ErrUniqueViolation, err)
	equal(t, orm.TxActive, w.conn.State())
	w.put(3)
	w.commits(1, 3)
}

func refusesSavepointAfterFailure(t *testing.T, db *database) {
	w := begun(t, db)
	_ = duplicate(t, w.conn, w.table)
	wantKind(t, orm.ErrTxFailed, w.nested(func() error { t.Error("the function was called"); return nil }))
}

func nestsTwice(t *testing.T, db *database) {
	w := begun(t, db)
	must(t, w.nested(func() error {
		w.put(2)
		return w.nested(func() error { w.put(3); return nil })
	}))
	w.commits(1, 2, 3)
}

func undoesInner(t *testing.T, db *database) {
	w := begun(t, db)
	must(t, w.nested(func() error {
		w.put(2)
		w.fails(w.nested(func() error { w.put(3); return errNo }))
		w.put(4)
		return nil
	}))
	w.commits(1, 2, 4)
}

func undoesOuter(t *testing.T, db *database) {
	w := begun(t, db)
	w.fails(w.nested(func() error {
		w.put(2)
		must(t, w.nested(func() error { w.put(3); return nil }))
		return errNo
	}))
	w.commits(1)
}

func nestsInTurn(t *testing.T, db *database) {
	w := begun(t, db)
	for i := 2; i < 6; i++ {
		err := w.nested(func() error {
			w.put(i)
			if i%2 == 0 {
				return errNo
			}
			return nil
		})
		equal(t, i%2 == 0, err != nil)
	}
	w.commits(1, 3, 5)
}

func nestsDeep(t *testing.T, db *database) {
	w := begun(t, db)
	var nest func(level int) error
	nest = func(level int) error {
		if level == 50 {
			return nil
		}
		w.put(100 + level)
		if err := w.nested(func() error { return nest(level + 1) }); err != nil {
			return err
		}
		if level == 25 {
			return errNo
		}
		return nil
	}
	w.fails(nest(0))
	must(t, w.conn.Rollback(t.Context()))
	equal(t, 0, count(t, db, w.table))
}

func panicsNested(t *testing.T, db *database) {
	w := begun(t, db)
	func() {
		defer func() { equal(t, any("oops"), recover()) }()
		_ = w.nested(func() error { w.put(2); panic("oops") })
	}()
	w.put(3)
	w.commits(1, 3)
}

func rollsBackAroundNested(t *testing.T, db *database) {
	w := begun(t, db)
	must(t, w.nested(func() error { w.put(2); return nil }))
	must(t, w.conn.Rollback(t.Context()))
	equal(t, 0, count(t, db, w.table))
}

func handledErrorInside(t *testing.T, db *database) {
	w := begun(t, db)
	err := w.nested(func() error {
		w.put(2)
		_ = duplicate(t, w.conn, w.table)
		return nil // as if nothing had happened
	})
	wantKind(t, orm.ErrTxFailed, err)
	w.put(3)
	w.commits(1, 3)
}

func savepointBegins(t *testing.T, db *database) {
	table := numbers(t, db)
	conn := db.conn(t)
	must(t, conn.Nested(t.Context(), func(context.Context) error { put(t, conn, table, 1); return nil }))
	must(t, conn.Rollback(t.Context()))
	equal(t, 0, count(t, db, table))
}

func changesRowInsideAndOutside(t *testing.T, db *database) {
	w := begun(t, db)
	move := func(from, to int) {
		exec(t, w.conn, orm.Update(w.table).Set(w.table.C("id").Set(to)).Where(w.table.C("id").Eq(from)))
	}
	move(1, 2)
	w.fails(w.nested(func() error { move(2, 3); return errNo }))
	move(2, 4)
	w.commits(4)
}

func undoesNestedTable(t *testing.T, db *database) {
	w := begun(t, db)
	other := orm.NewTable("other", orm.NewMetadata(), key("id"))
	w.fails(w.nested(func() error { exec(t, w.conn, orm.CreateTable(other)); return errNo }))
	exec(t, w.conn, orm.CreateTable(other))
	must(t, w.conn.Rollback(t.Context()))
	equal(t, 0, count(t, db, w.table))
}

func leavesResultInside(t *testing.T, db *database) {
	w := begun(t, db)
	err := w.nested(func() error {
		w.put(2)
		for range orm.FetchIter[int64](t.Context(), w.conn, orm.Select(w.table.C("id")).From(w.table)) {
			return errNo
		}
		return nil
	})
	w.fails(err)
	w.commits(1)
}
