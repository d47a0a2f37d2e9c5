// This file tests the states of a transaction: every way into each of them, and
// what each of them allows.

package orm

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestFailedTransactionAcceptsOnlyARollback(t *testing.T) {
	e, db := newTestEngine(t)
	db.At(2).Fail(serverSays(ErrUniqueViolation, "23505"))
	c := mustConnect(t, e)
	ctx := testContext(t)
	first := run(t, c, insertOne)
	wantError(t, first, ErrUniqueViolation)
	wantState(t, c, TxFailed)
	_, savepointErr := c.savepoint(ctx)
	_, queryErr := c.query(ctx, selectOne, nil)
	for _, err := range []error{run(t, c, insertOne), queryErr, c.Begin(ctx), c.Commit(ctx), savepointErr, c.releaseSavepoint(ctx, "orm_1")} {
		wantError(t, err, ErrTxFailed, ErrUniqueViolation, first)
	}
	wantSent(t, db, "BEGIN", "INSERT INTO a")
	wantNoError(t, c.Rollback(ctx))
	wantState(t, c, TxClean)
	mustRun(t, c, insertOne)
	wantNoError(t, c.Commit(ctx))
	wantSent(t, db, "ROLLBACK", "BEGIN", "INSERT INTO a", "COMMIT")
}

func TestFirstCauseOfAFailureStays(t *testing.T) {
	e, _ := newTestEngine(t)
	c := mustConnect(t, e)
	first, second := errors.New("first"), errors.New("second")
	c.fail(first)
	wantState(t, c, TxClean)
	mustRun(t, c, insertOne)
	c.fail(first)
	c.fail(second)
	c.lose(second)
	wantState(t, c, TxLost)
	err := run(t, c, insertOne)
	wantError(t, err, ErrTxLost, first)
	if errors.Is(err, second) {
		t.Error("a later cause has replaced the first")
	}
}

func TestCloseRollsBackWhatIsOpen(t *testing.T) {
	tests := []struct {
		name string
		fail error
		want []string
	}{
		{"an active transaction", nil, []string{"BEGIN", "INSERT INTO a", "ROLLBACK"}},
		{"a failed one", serverSays(ErrDatabase, "X"), []string{"BEGIN", "INSERT INTO a", "ROLLBACK"}},
		{"a lost one, by closing its connection", driver.ErrBadConn, []string{"BEGIN", "INSERT INTO a", "close conn"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e, db := newTestEngine(t)
			if test.fail != nil {
				db.At(2).Fail(test.fail)
			}
			c := mustConnect(t, e)
			_ = run(t, c, insertOne)
			wantNoError(t, c.Close())
			wantSent(t, db, test.want...)
		})
	}
}

func TestLostConnectionLosesTheTransaction(t *testing.T) {
	e, db := newTestEngine(t)
	db.At(2).Fail(driver.ErrBadConn)
	c := mustConnect(t, e)
	ctx := testContext(t)
	err := run(t, c, insertOne)
	wantError(t, err, ErrConnection)
	if errors.Is(err, driver.ErrBadConn) {
		t.Error("the error would make database/sql send the statement again")
	}
	wantState(t, c, TxLost)
	for _, err := range []error{run(t, c, insertOne), c.Commit(ctx), c.rollbackTo(ctx, "orm_1")} {
		wantError(t, err, ErrTxLost, ErrConnection)
	}
	wantNoError(t, c.Rollback(ctx))
	wantState(t, c, TxClean)
	mustRun(t, c, insertOne)
	wantSent(t, db, "BEGIN", "INSERT INTO a", "close conn", "BEGIN", "INSERT INTO a")
}

func TestUnconfirmedRollbackClosesTheConnection(t *testing.T) {
	tests := []struct {
		name  string
		err   error
		close bool
	}{
		{"the server refuses", serverSays(ErrDatabase, "X"), true},
		{"the connection is gone", driver.ErrBadConn, true},
		{"the server has no transaction any more", serverSays(ErrTxLost, "1"), false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e, db := newTestEngine(t)
			db.On("ROLLBACK").Fail(test.err)
			c := mustConnect(t, e)
			mustRun(t, c, insertOne)
			wantNoError(t, c.Rollback(testContext(t)))
			wantState(t, c, TxClean)
			mustRun(t, c, insertOne)
			want := []string{"BEGIN", "INSERT INTO a", "ROLLBACK", "BEGIN", "INSERT INTO a"}
			if test.close {
				want = slices.Insert(want, 3, "close conn")
			}
			wantSent(t, db, want...)
		})
	}
}

func TestRollbackDoesNotEndWithTheContext(t *testing.T) {
	e, db := newTestEngine(t)
	c := mustConnect(t, e)
	mustRun(t, c, insertOne)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	wantNoError(t, c.Rollback(ctx))
	wantSent(t, db, "BEGIN", "INSERT INTO a", "ROLLBACK")
}

func TestRollbackHasADeadlineOfItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := newFakeDB()
		db.On("ROLLBACK").Block(make(chan struct{}))
		e := openFake(t, &testDialect{db: db}, WithCommitTimeout(2*time.Second))
		c, err := e.Connect(context.Background())
		wantNoError(t, err)
		_, err = c.exec(context.Background(), insertOne, nil)
		wantNoError(t, err)
		began := time.Now()
		wantNoError(t, c.Close())
		if took := time.Since(began); took != 2*time.Second {
			t.Errorf("Close took %v, want the engine's 2s", took)
		}
	})
}

func TestBeginTexts(t *testing.T) {
	tests := []struct {
		name    string
		dialect func(*testDialect) Dialect
		options []TxOption
		want    []string
	}{
		{"plain", nil, nil, []string{"BEGIN"}},
		{
			"all options", nil,
			[]TxOption{Isolation("serializable"), ReadOnly(), Deferrable()},
			[]string{"BEGIN", "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", "SET TRANSACTION READ ONLY", "SET TRANSACTION DEFERRABLE"},
		},
		{"the dialect's own", func(d *testDialect) Dialect { d.begin = []SQL{"BEGIN IMMEDIATE"}; return beginningDialect{d} }, nil, []string{"BEGIN IMMEDIATE"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			db := newFakeDB()
			var d Dialect = &testDialect{db: db}
			if test.dialect != nil {
				d = test.dialect(d.(*testDialect))
			}
			c := mustConnect(t, openFake(t, d), test.options...)
			wantNoError(t, c.Begin(testContext(t)))
			wantSent(t, db, test.want...)
		})
	}
}

func TestIsolationOfTheEngineIsTheDefault(t *testing.T) {
	e, db := newTestEngine(t, WithIsolation("REPEATABLE READ"))
	c := mustConnect(t, e)
	mustRun(t, c, insertOne)
	wantNoError(t, c.Rollback(testContext(t)))
	wantNoError(t, c.Begin(testContext(t), Isolation("SERIALIZABLE")))
	wantSent(t, db, "BEGIN", "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ", "INSERT INTO a", "ROLLBACK", "BEGIN", "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE")
}

func TestOptionsThatTheDatabaseLacksAreRefused(t *testing.T) {
	db := newFakeDB()
	e := openFake(t, &testDialect{db: db, features: func(f *Features) { f.ReadOnlyTx, f.DeferrableTx, f.Savepoints = false, false, false }})
	c := mustConnect(t, e)
	for _, option := range []TxOption{ReadOnly(), Deferrable(), Isolation("SNAPSHOT"), Isolation("SERIALIZABLE; DROP TABLE a")} {
		_, err := e.Connect(testContext(t), option)
		wantError(t, err, ErrUnsupported)
		wantError(t, c.Begin(testContext(t), option), ErrUnsupported)
		wantError(t, e.Transact(testContext(t), func(context.Context, *Conn) error { return nil }, option), ErrUnsupported)
	}
	wantError(t, c.Nested(testContext(t), func(context.Context) error { return nil }), ErrUnsupported)
	wantSent(t, db)
}

func TestBeginInATransactionIsRefused(t *testing.T) {
	e, db := newTestEngine(t)
	c := mustConnect(t, e)
	wantNoError(t, c.Begin(testContext(t)))
	wantError(t, c.Begin(testContext(t)), ErrArgument)
	wantSent(t, db, "BEGIN")
}

func TestBeginIsRepeatedOnAStaleConnection(t *testing.T) {
	db := newFakeDB()
	pool := sql.OpenDB(db.Connector())
	defer pool.Close()
	pool.SetMaxIdleConns(4)
	e, err := OpenDB(pool, "standard")
	wantNoError(t, err)
	var idle []*Conn
	for range 3 {
		idle = append(idle, mustConnect(t, e))
	}
	for _, c := range idle {
		wantNoError(t, c.Close())
	}
	for n := range 3 {
		db.At(n + 1).Fail(driver.ErrBadConn)
	}
	c := mustConnect(t, e)
	mustRun(t, c, insertOne)
	wantSent(t, db, "BEGIN", "close conn", "BEGIN", "close conn", "BEGIN", "close conn", "BEGIN", "INSERT INTO a")
}

func TestBeginIsNotRepeatedForEver(t *testing.T) {
	e, db := newTestEngine(t)
	db.On("BEGIN").Fail(driver.ErrBadConn)
	c := mustConnect(t, e)
	wantError(t, run(t, c, insertOne), ErrConnection)
	wantState(t, c, TxClean)
	if n := len(sent(db)); n > 6 {
		t.Errorf("%d lines", n)
	}
}

func TestFailedBeginLeavesTheConnectionClean(t *testing.T) {
	tests := []struct {
		name  string
		at    int
		texts []SQL
		want  []string
	}{
		{"one statement", 1, []SQL{"BEGIN IMMEDIATE"}, []string{"BEGIN IMMEDIATE", "BEGIN IMMEDIATE", "INSERT INTO a"}},
		{"the second of two", 2, []SQL{"SET x", "BEGIN"}, []string{"SET x", "BEGIN", "close conn", "SET x", "BEGIN", "INSERT INTO a"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			db := newFakeDB()
			db.At(test.at).Fail(serverSays(ErrLockTimeout, "5"))
			c := mustConnect(t, openFake(t, beginningDialect{&testDialect{db: db, begin: test.texts}}))
			wantError(t, run(t, c, insertOne), ErrLockTimeout)
			wantState(t, c, TxClean)
			mustRun(t, c, insertOne)
			wantSent(t, db, test.want...)
		})
	}
	boom := errors.New("boom")
	c := mustConnect(t, openFake(t, beginningDialect{&testDialect{db: newFakeDB(), beginErr: boom}}))
	wantError(t, run(t, c, insertOne), boom)
}

func TestNestedBlockThatFailsLeavesTheOuterIntact(t *testing.T) {
	e, db := newTestEngine(t)
	db.At(4).Fail(serverSays(ErrUniqueViolation, "23505"))
	c := mustConnect(t, e)
	mustRun(t, c, insertOne)
	err := c.Nested(testContext(t), func(context.Context) error { return run(t, c, insertOne) })
	wantError(t, err, ErrUniqueViolation)
	wantState(t, c, TxActive)
	mustRun(t, c, updateOne)
	wantNoError(t, c.Commit(testContext(t)))
	wantSent(t, db, "BEGIN", "INSERT INTO a", "SAVEPOINT orm_1", "INSERT INTO a", "ROLLBACK TO SAVEPOINT orm_1", "UPDATE a", "COMMIT")
}

func TestSavepointNamesNeverRepeat(t *testing.T) {
	e, db := newTestEngine(t)
	c := mustConnect(t, e)
	ctx := testContext(t)
	nothing := func(context.Context) error { return nil }
	wantNoError(t, c.Nested(ctx, func(ctx context.Context) error { return c.Nested(ctx, nothing) }))
	wantNoError(t, c.Commit(ctx))
	wantNoError(t, c.Nested(ctx, nothing))
	wantSent(t, db, "BEGIN", "SAVEPOINT orm_1", "SAVEPOINT orm_2", "RELEASE SAVEPOINT orm_2", "RELEASE SAVEPOINT orm_1", "COMMIT", "BEGIN", "SAVEPOINT orm_3", "RELEASE SAVEPOINT orm_3")
}

func TestErrorThatANestedBlockSwallowsStillUndoesIt(t *testing.T) {
	e, db := newTestEngine(t)
	db.At(3).Fail(serverSays(ErrUniqueViolation, "23505"))
	c := mustConnect(t, e)
	err := c.Nested(testContext(t), func(context.Context) error { _ = run(t, c, insertOne); return nil })
	wantError(t, err, ErrTxFailed, ErrUniqueViolation)
	wantState(t, c, TxActive)
	wantSent(t, db, "BEGIN", "SAVEPOINT orm_1", "INSERT INTO a", "ROLLBACK TO SAVEPOINT orm_1")
}

func TestPanicInANestedBlockUndoesIt(t *testing.T) {
	e, db := newTestEngine(t)
	c := mustConnect(t, e)
	err := recoverFrom(func() error {
		return c.Nested(testContext(t), func(context.Context) error { panic("boom") })
	})
	if err == nil || err.Error() != "panic: boom" {
		t.Errorf("error %v", err)
	}
	wantState(t, c, TxActive)
	wantSent(t, db, "BEGIN", "SAVEPOINT orm_1", "ROLLBACK TO SAVEPOINT orm_1")
}

func TestSavepointThatIsGoneLosesTheTransaction(t *testing.T) {
	e, db := newTestEngine(t)
	db.At(3).Fail(serverSays(ErrDeadlock, "1213"))
	db.On("ROLLBACK TO SAVEPOINT orm_1").Fail(serverSays(ErrDatabase, "1305"))
	c := mustConnect(t, e)
	ctx := testContext(t)
	err := c.Nested(ctx, func(context.Context) error { return run(t, c, insertOne) })
	wantError(t, err, ErrTxLost, ErrDeadlock)
	wantState(t, c, TxLost)
	wantError(t, run(t, c, insertOne), ErrTxLost)
	wantError(t, c.Commit(ctx), ErrTxLost)
	wantNoError(t, c.Rollback(ctx))
	wantSent(t, db, "BEGIN", "SAVEPOINT orm_1", "INSERT INTO a", "ROLLBACK TO SAVEPOINT orm_1", "close conn")
}

func TestReleaseThatFailsTellsAnEarlyCommitFromALoss(t *testing.T) {
	tests := []struct {
		name      string
		ddlIsInTx bool
		err       error
		want      error
	}{
		{"where DDL commits", false, serverSays(ErrDatabase, "1305"), ErrImplicitCommit},
		{"where it does not", true, serverSays(ErrDatabase, "1"), ErrTxLost},
		{"without a connection", true, driver.ErrBadConn, ErrConnection},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			db := newFakeDB()
			c := mustConnect(t, openFake(t, &testDialect{db: db, features: func(f *Features) { f.TransactionalDDL = test.ddlIsInTx }}))
			db.On("RELEASE SAVEPOINT orm_1").Fail(test.err)
			err := c.Nested(testContext(t), func(context.Context) error { return nil })
			wantError(t, err, test.want, ErrTxLost)
			wantState(t, c, TxLost)
		})
	}
}

func TestUnknownSavepointIsRefused(t *testing.T) {
	e, db := newTestEngine(t)
	c := mustConnect(t, e)
	ctx := testContext(t)
	mustRun(t, c, insertOne)
	wantError(t, c.rollbackTo(ctx, "orm_9"), ErrTxLost)
	wantError(t, c.releaseSavepoint(ctx, "orm_9"), ErrTxLost)
	wantSent(t, db, "BEGIN", "INSERT INTO a")
}

func TestFailureCannotBeUndoneByASavepointThatWasReleased(t *testing.T) {
	e, db := newTestEngine(t)
	c := mustConnect(t, e)
	ctx := testContext(t)
	name, err := c.savepoint(ctx)
	wantNoError(t, err)
	wantNoError(t, c.releaseSavepoint(ctx, name))
	c.fail(errors.New("boom"))
	if c.rollbackTo(ctx, name) == nil {
		t.Error("no error")
	}
	wantState(t, c, TxFailed)
	wantSent(t, db, "BEGIN", "SAVEPOINT orm_1", "RELEASE SAVEPOINT orm_1")
}

func TestDDLThatCommitsEndsTheTransaction(t *testing.T) {
	db := newFakeDB()
	c := mustConnect(t, openFake(t, &testDialect{db: db, features: func(f *Features) { f.TransactionalDDL = false }}))
	ctx := testContext(t)
	mustRun(t, c, createOne)
	wantState(t, c, TxClean)
	mustRun(t, c, insertOne)
	mustRun(t, c, createOne)
	wantState(t, c, TxClean)
	mustRun(t, c, insertOne)
	wantNoError(t, c.Commit(ctx))
	wantSent(t, db, "CREATE TABLE b", "BEGIN", "INSERT INTO a", "CREATE TABLE b", "BEGIN", "INSERT INTO a", "COMMIT")
	err := c.Nested(ctx, func(context.Context) error { return run(t, c, createOne) })
	wantError(t, err, ErrImplicitCommit)
}

func TestDDLThatCanBeUndoneStaysInTheTransaction(t *testing.T) {
	e, db := newTestEngine(t)
	c := mustConnect(t, e)
	mustRun(t, c, createOne)
	wantState(t, c, TxActive)
	wantNoError(t, c.Rollback(testContext(t)))
	wantSent(t, db, "BEGIN", "CREATE TABLE b", "ROLLBACK")
}

func TestEventsOfTransactions(t *testing.T) {
	e, _ := newTestEngine(t)
	var got []string
	note := func(what string) func(context.Context, *TxEvent) {
		return func(_ context.Context, x *TxEvent) {
			got = append(got, strings.TrimSpace(fmt.Sprint(what, " ", x.Savepoint)))
			if x.Conn.State() == TxFailed {
				t.Errorf("%s comes too early", what)
			}
		}
	}
	events := e.Events()
	events.Begin(note("begin"))
	events.Commit(note("commit"))
	events.Rollback(note("rollback"))
	events.Savepoint(note("savepoint"))
	events.ReleaseSavepoint(note("release"))
	events.RollbackSavepoint(note("rollback to"))
	executed := 0
	events.AfterExecute(func(context.Context, *Execution) error { executed++; return nil })
	c := mustConnect(t, e)
	ctx := testContext(t)
	boom := errors.New("boom")
	wantNoError(t, c.Nested(ctx, func(context.Context) error { return nil }))
	wantNoError(t, c.Commit(ctx))
	wantError(t, c.Nested(ctx, func(context.Context) error { return boom }), boom)
	wantNoError(t, c.Rollback(ctx))
	want := []string{"begin", "savepoint orm_1", "release orm_1", "commit", "begin", "savepoint orm_2", "rollback to orm_2", "rollback"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("events (-want +got)\n%s", diff)
	}
	if executed != 0 {
		t.Errorf("%d executions of transaction control", executed)
	}
}

func TestStatesHaveNames(t *testing.T) {
	var got []string
	for s := TxClean; s <= TxPrepared+1; s++ {
		got = append(got, s.String())
	}
	want := []string{"clean", "active", "failed", "lost", "unknown", "closed", "prepared", "TxState(7)"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("names (-want +got)\n%s", diff)
	}
}

func TestFrameOfATransactionDuringAResultIsRefused(t *testing.T) {
	e, db := newTestEngine(t)
	db.On(selectOne.SQL).Rows([]string{"a"}, []driver.Value{int64(1)}, []driver.Value{int64(2)})
	ctx := testContext(t)
	alone := mustConnect(t, e, Autocommit())
	_, err := alone.query(ctx, selectOne, nil)
	wantNoError(t, err)
	wantError(t, alone.Begin(ctx), ErrConcurrentUse)
	c := mustConnect(t, e)
	name, err := c.savepoint(ctx)
	wantNoError(t, err)
	_, err = c.query(ctx, selectOne, nil)
	wantNoError(t, err)
	wantError(t, c.releaseSavepoint(ctx, name), ErrConcurrentUse)
	wantNoError(t, c.rollbackTo(ctx, name))
	wantState(t, c, TxActive)
	wantSent(t, db, "SELECT a", "BEGIN", "SAVEPOINT orm_1", "SELECT a", "ROLLBACK TO SAVEPOINT orm_1")
}

func TestResultThatEndsBadlyLosesTheSavepoint(t *testing.T) {
	e, db := newTestEngine(t)
	db.On(selectOne.SQL).Rows([]string{"a"}, []driver.Value{int64(1)})
	db.On("close rows").Fail(driver.ErrBadConn)
	ctx := testContext(t)
	c := mustConnect(t, e)
	name, err := c.savepoint(ctx)
	wantNoError(t, err)
	_, err = c.query(ctx, selectOne, nil)
	wantNoError(t, err)
	wantError(t, c.rollbackTo(ctx, name), ErrTxLost, ErrConnection)
	wantState(t, c, TxLost)
	wantNoError(t, c.Rollback(ctx))
	wantSent(t, db, "BEGIN", "SAVEPOINT orm_1", "SELECT a", "close conn")
}
