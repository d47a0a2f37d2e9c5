// This file looks at transactions: what others see of them and when, and what an
// error leaves of them.

package dialecttest

import (
	"context"
	"errors"
	"testing"

	"github.com/aurum-go/orm"
)

func transactionChecks() []check {
	return []check{
		{name: "the first statement begins a transaction", run: beginsByItself},
		{name: "a commit is seen by others", run: commitIsSeen},
		{name: "what is not committed is not seen by others", run: uncommittedIsNotSeen},
		{name: "a rollback undoes everything", run: rollbackUndoes},
		{name: "a transaction sees its own writes", run: seesOwnWrites},
		{name: "transactions follow one another on a connection", run: transactionsFollow},
		{name: "begin is sent before the first statement", run: beginsEarly},
		{name: "a second begin is refused", run: refusesSecondBegin},
		{name: "an error fails the transaction", run: errorFailsTransaction},
		{name: "half of the work cannot be committed", run: refusesHalfCommit},
		{name: "a failed transaction is over after a rollback", run: recoversAfterRollback},
		{name: "an error that was not sent fails nothing", run: unsentErrorFailsNothing},
		{name: "an ended context fails nothing that was not sent", run: endedContextFailsNothing},
		{name: "autocommit saves each statement", run: autocommitSaves},
		{name: "a function in a transaction", run: transacts},
		{name: "a function that fails", run: transactRollsBack},
		{name: "a function that panics", run: transactPanics},
		{name: "a commit of nothing", run: commitsNothing},
		{name: "a rollback of nothing", run: rollsBackNothing},
		{name: "a change of the schema in a transaction", run: schemaChangeInTransaction},
		{name: "generated keys have gaps after a rollback, and no duplicates", run: keysAfterRollback},
	}
}

// put inserts a number.
func put(t *testing.T, ex orm.Executor, table *orm.Table, id int) {
	t.Helper()
	exec(t, ex, orm.Insert(table).Values(orm.M{"id": id}))
}

// duplicate inserts the number 1 a second time.
func duplicate(t *testing.T, ex orm.Executor, table *orm.Table) error {
	t.Helper()
	_, err := orm.Exec(t.Context(), ex, orm.Insert(table).Values(orm.M{"id": 1}))
	wantKind(t, orm.ErrUniqueViolation, err)
	return err
}

func beginsByItself(t *testing.T, db *database) {
	table := numbers(t, db)
	conn := db.conn(t)
	equal(t, orm.TxClean, conn.State())
	put(t, conn, table, 1)
	equal(t, orm.TxActive, conn.State())
	must(t, conn.Commit(t.Context()))
	equal(t, orm.TxClean, conn.State())
}

func commitIsSeen(t *testing.T, db *database) {
	table := numbers(t, db)
	conn := db.conn(t)
	put(t, conn, table, 1)
	must(t, conn.Commit(t.Context()))
	equal(t, 1, count(t, db, table))
}

func uncommittedIsNotSeen(t *testing.T, db *database) {
	table := numbers(t, db)
	conn := db.conn(t)
	put(t, conn, table, 1)
	if n, err := orm.FetchOne[int](t.Context(), db, orm.Select(orm.Count()).From(table)); err == nil {
		equal(t, 0, n)
	} else {
		wantKind(t, orm.ErrLockTimeout, err) // a database that has one user at a time
	}
	must(t, conn.Rollback(t.Context()))
	equal(t, 0, count(t, db, table))
}

func rollbackUndoes(t *testing.T, db *database) {
	table := numbers(t, db)
	put(t, db, table, 1)
	conn := db.conn(t)
	put(t, conn, table, 2)
	exec(t, conn, orm.Delete(table).Where(table.C("id").Eq(1)))
	exec(t, conn, orm.Update(table).Set(table.C("id").Set(9)).AllRows())
	must(t, conn.Rollback(t.Context()))
	equal(t, []int64{1}, column[int64](t, db, table, "id"))
}

func seesOwnWrites(t *testing.T, db *database) {
	table := numbers(t, db)
	conn := db.conn(t)
	put(t, conn, table, 1)
	equal(t, 1, count(t, conn, table))
	exec(t, conn, orm.Delete(table).AllRows())
	equal(t, 0, count(t, conn, table))
}

func transactionsFollow(t *testing.T, db *database) {
	table := numbers(t, db)
	conn := db.conn(t)
	for i := range 4 {
		put(t, conn, table, i)
		end := conn.Commit
		if i%2 == 1 {
			end = conn.Rollback
		}
		must(t, end(t.Context()))
	}
	equal(t, []int64{0, 2}, column[int64](t, db, table, "id"))
}

func beginsEarly(t *testing.T, db *database) {
	conn := db.conn(t)
	must(t, conn.Begin(t.Context()))
	equal(t, orm.TxActive, conn.State())
	must(t, conn.Commit(t.Context()))
}

func refusesSecondBegin(t *testing.T, db *database) {
	conn := db.conn(t)
	must(t, conn.Begin(t.Context()))
	wantKind(t, orm.ErrArgument, conn.Begin(t.Context()))
	equal(t, orm.TxActive, conn.State())
}

func errorFailsTransaction(t *testing.T, db *database) {
	table := numbers(t, db)
	conn := db.conn(t)
	put(t, conn, table, 1)
	cause := duplicate(t, conn, table)
	equal(t, orm.TxFailed, conn.State())
	_, err := orm.Exec(t.Context(), conn, orm.Text("SELECT 1"))
	wantKind(t, orm.ErrTxFailed, err)
	if !errors.Is(err, orm.ErrUniqueViolation) || !errors.Is(cause, orm.ErrUniqueViolation) {
		t.Errorf("the error does not tell the first cause: %v", err)
	}
}

func refusesHalfCommit(t *testing.T, db *database) {
	table := numbers(t, db)
	conn := db.conn(t)
	put(t, conn, table, 1)
	_ = duplicate(t, conn, table)
	wantKind(t, orm.ErrTxFailed, conn.Commit(t.Context()))
	must(t, conn.Close())
	equal(t, 0, count(t, db, table))
}

func recoversAfterRollback(t *testing.T, db *database) {
	table := numbers(t, db)
	conn := db.conn(t)
	put(t, conn, table, 1)
	_ = duplicate(t, conn, table)
	must(t, conn.Rollback(t.Context()))
	put(t, conn, table, 2)
	must(t, conn.Commit(t.Context()))
	equal(t, []int64{2}, column[int64](t, db, table, "id"))
}

func unsentErrorFailsNothing(t *testing.T, db *database) {
	table := numbers(t, db)
	conn := db.conn(t)
	put(t, conn, table, 1)
	_, err := orm.Exec(t.Context(), conn, orm.Insert(table).Values(orm.M{"id": "text"}))
	wantKind(t, orm.ErrValue, err)
	equal(t, orm.TxActive, conn.State())
	must(t, conn.Commit(t.Context()))
	equal(t, 1, count(t, db, table))
}

func endedContextFailsNothing(t *testing.T, db *database) {
	table := numbers(t, db)
	conn := db.conn(t)
	put(t, conn, table, 1)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := orm.Exec(ended, conn, orm.Insert(table).Values(orm.M{"id": 2}))
	wantKind(t, orm.ErrCanceled, err)
	must(t, conn.Commit(t.Context()))
	equal(t, []int64{1}, column[int64](t, db, table, "id"))
}

func autocommitSaves(t *testing.T, db *database) {
	table := numbers(t, db)
	conn := db.conn(t, orm.Autocommit())
	put(t, conn, table, 1)
	_ = duplicate(t, conn, table)
	put(t, conn, table, 2)
	equal(t, orm.TxClean, conn.State())
	equal(t, 2, count(t, db, table))
}

func transacts(t *testing.T, db *database) {
	table := numbers(t, db)
	must(t, db.Transact(t.Context(), func(_ context.Context, conn *orm.Conn) error {
		put(t, conn, table, 1)
		return nil
	}))
	equal(t, 1, count(t, db, table))
}

func transactRollsBack(t *testing.T, db *database) {
	table := numbers(t, db)
	reason := errors.New("no")
	err := db.Transact(t.Context(), func(_ context.Context, conn *orm.Conn) error {
		put(t, conn, table, 1)
		return reason
	})
	if !errors.Is(err, reason) {
		t.Errorf("want the function's error, got: %v", err)
	}
	equal(t, 0, count(t, db, table))
}

func transactPanics(t *testing.T, db *database) {
	table := numbers(t, db)
	func() {
		defer func() { equal(t, any("oops"), recover()) }()
		_ = db.Transact(t.Context(), func(_ context.Context, conn *orm.Conn) error {
			put(t, conn, table, 1)
			panic("oops")
		})
	}()
	equal(t, 0, db.Stats().InUse)
	equal(t, 0, count(t, db, table))
}

func commitsNothing(t *testing.T, db *database)   { must(t, db.conn(t).Commit(t.Context())) }
func rollsBackNothing(t *testing.T, db *database) { must(t, db.conn(t).Rollback(t.Context())) }

// schemaChangeInTransaction: either a rollback undoes the change and all before
// it, or the change has committed, and the connection knows.
func schemaChangeInTransaction(t *testing.T, db *database) {
	table := numbers(t, db)
	other := orm.NewTable("other", orm.NewMetadata(), key("id"))
	t.Cleanup(func() {
		_, err := orm.Exec(background(t), db, orm.DropTable(other).IfExists())
		must(t, err)
	})
	conn := db.conn(t)
	put(t, conn, table, 1)
	exec(t, conn, orm.CreateTable(other))
	want := 0
	if !db.features.TransactionalDDL {
		want = 1
		equal(t, orm.TxClean, conn.State())
	}
	must(t, conn.Rollback(t.Context()))
	equal(t, want, count(t, db, table))
}

func keysAfterRollback(t *testing.T, db *database) {
	table := city(t, db)
	conn := db.conn(t)
	exec(t, conn, orm.Insert(table).Values(orm.M{"name": "a"}))
	must(t, conn.Rollback(t.Context()))
	first := exec(t, db, orm.Insert(table).Values(orm.M{"name": "b"})).InsertedPrimaryKey()
	second := exec(t, db, orm.Insert(table).Values(orm.M{"name": "c"})).InsertedPrimaryKey()
	if first[0].(int64) >= second[0].(int64) {
		t.Errorf("the keys are %v and %v", first, second)
	}
	equal(t, 2, count(t, db, table))
}
