// This file tests what a connection sends and refuses to send, who may use it,
// and what becomes of it afterwards. conn_tx_test.go has the states.

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

func TestStatementsBeginTransactionsByThemselves(t *testing.T) {
	e, db := newTestEngine(t)
	c := mustConnect(t, e)
	ctx := testContext(t)
	wantNoError(t, c.Commit(ctx))
	wantNoError(t, c.Rollback(ctx))
	mustRun(t, c, insertOne)
	mustRun(t, c, updateOne)
	wantNoError(t, c.Commit(ctx))
	mustRun(t, c, insertOne)
	wantNoError(t, c.Rollback(ctx))
	wantNoError(t, c.Commit(ctx))
	wantSent(t, db, "BEGIN", "INSERT INTO a", "UPDATE a", "COMMIT", "BEGIN", "INSERT INTO a", "ROLLBACK")
}

func TestAutocommitBeginsNone(t *testing.T) {
	e, db := newTestEngine(t)
	c := mustConnect(t, e, Autocommit())
	mustRun(t, c, insertOne)
	wantState(t, c, TxClean)
	wantNoError(t, c.Begin(testContext(t)))
	mustRun(t, c, insertOne)
	wantNoError(t, c.Commit(testContext(t)))
	wantSent(t, db, "INSERT INTO a", "BEGIN", "INSERT INTO a", "COMMIT")
}

func TestEngineRunsEachStatementAlone(t *testing.T) {
	e, db := newTestEngine(t)
	db.On("DELETE FROM a WHERE b").Result(0, 3)
	res, err := Exec(testContext(t), e, Text("DELETE FROM a WHERE b"))
	wantNoError(t, err)
	if res.RowsAffected() != 3 || res.InsertedPrimaryKey() != nil {
		t.Errorf("%+v", res)
	}
	wantSent(t, db, "DELETE FROM a WHERE b")
}

func TestOutcomeOfAnInsert(t *testing.T) {
	e, db := newTestEngine(t)
	db.On(insertOne.SQL).Result(7, 1)
	db.On(updateOne.SQL).Result(7, 2)
	c := mustConnect(t, e)
	inserted, err := c.exec(testContext(t), insertOne, nil)
	wantNoError(t, err)
	updated, err := c.exec(testContext(t), updateOne, nil)
	wantNoError(t, err)
	want := []Outcome{{Rows: 1, LastID: 7, HasLastID: true}, {Rows: 2}}
	if diff := cmp.Diff(want, []Outcome{inserted, updated}); diff != "" {
		t.Errorf("outcomes (-want +got)\n%s", diff)
	}
}

func TestTransactionControlInTextIsRefused(t *testing.T) {
	e, db := newTestEngine(t)
	c := mustConnect(t, e)
	wantError(t, run(t, c, commitOne), ErrTxControl)
	for _, text := range []SQL{"BEGIN", "commit", "ROLLBACK", "SAVEPOINT x"} {
		_, err := Exec(testContext(t), e, Text(text))
		wantError(t, err, ErrTxControl)
	}
	wantState(t, c, TxClean)
	wantSent(t, db)
}

// The shape of the flush: after n statements something fails. Whatever it is,
// no statement arrives twice, nothing follows but a rollback, and the connection
// comes back.
func TestNothingIsSentTwice(t *testing.T) {
	failures := []struct {
		name string
		err  error
	}{
		{"bad connection", driver.ErrBadConn},
		{"server error", serverSays(ErrDatabase, "X")},
		{"invalid connection", errors.New("invalid connection")},
	}
	full := []string{"BEGIN", "INSERT INTO a", "UPDATE a", "SELECT a", "SAVEPOINT orm_1", "INSERT INTO a", "RELEASE SAVEPOINT orm_1", "COMMIT"}
	unit := func(ctx context.Context, c *Conn) error {
		for _, cc := range []*Compiled{insertOne, updateOne} {
			if _, err := c.exec(ctx, cc, nil); err != nil {
				return err
			}
		}
		cur, err := c.query(ctx, selectOne, nil)
		if err != nil {
			return err
		}
		if err := cur.Close(); err != nil {
			return err
		}
		return c.Nested(ctx, func(ctx context.Context) error {
			_, err := c.exec(ctx, insertOne, nil)
			return err
		})
	}
	for _, failure := range failures {
		for n := range full {
			if n == 0 && failure.name != "server error" {
				continue // BEGIN alone may be sent again
			}
			t.Run(fmt.Sprintf("%s at %s", failure.name, full[n]), func(t *testing.T) {
				e, db := newTestEngine(t)
				db.At(n + 1).Fail(failure.err)
				if err := e.Transact(testContext(t), unit, Retries(0)); err == nil {
					t.Error("no error")
				}
				got := slices.DeleteFunc(sent(db), func(line string) bool {
					return line == "close conn" || strings.HasPrefix(line, "ROLLBACK")
				})
				if !slices.Equal(got, full[:min(len(got), len(full))]) {
					t.Errorf("statements %q", got)
				}
			})
		}
	}
}

func TestAutocommitWriteWithoutAnswerHasAnUnknownOutcome(t *testing.T) {
	tests := []struct {
		name string
		cc   *Compiled
		err  error
		want error
	}{
		{"a write", insertOne, driver.ErrBadConn, ErrOutcomeUnknown},
		{"a read", selectOne, driver.ErrBadConn, ErrConnection},
		{"a write that the server refuses", insertOne, serverSays(ErrUniqueViolation, "23505"), ErrUniqueViolation},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e, db := newTestEngine(t)
			db.At(1).Fail(test.err)
			c := mustConnect(t, e, Autocommit())
			wantError(t, run(t, c, test.cc), test.want)
			wantState(t, c, TxClean)
			mustRun(t, c, test.cc)
			lines := slices.DeleteFunc(sent(db), func(line string) bool { return line == "close conn" })
			if diff := cmp.Diff([]string{test.cc.SQL, test.cc.SQL}, lines); diff != "" {
				t.Errorf("statements (-want +got)\n%s", diff)
			}
		})
	}
}

func TestContextDoneBeforeAStatementSendsNothing(t *testing.T) {
	e, db := newTestEngine(t)
	c := mustConnect(t, e)
	mustRun(t, c, insertOne)
	why := errors.New("the user went away")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(why)
	_, execErr := c.exec(ctx, insertOne, nil)
	_, queryErr := c.query(ctx, selectOne, nil)
	_, savepointErr := c.savepoint(ctx)
	for _, err := range []error{execErr, queryErr, savepointErr, c.Commit(ctx)} {
		wantError(t, err, ErrCanceled, context.Canceled, why)
	}
	wantState(t, c, TxActive)
	wantNoError(t, c.Commit(testContext(t)))
	wantError(t, c.Begin(ctx), ErrCanceled)
	_, err := e.Connect(ctx)
	wantError(t, err, ErrCanceled)
	wantSent(t, db, "BEGIN", "INSERT INTO a", "COMMIT")
}

func TestContextDoneInsideAStatementFailsTheTransaction(t *testing.T) {
	for n, at := range []string{"INSERT INTO a", "SELECT a", "SAVEPOINT orm_1"} {
		t.Run(at, func(t *testing.T) {
			e, db := newTestEngine(t)
			c := mustConnect(t, e)
			mustRun(t, c, updateOne)
			db.On(at).Block(make(chan struct{}))
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
			defer cancel()
			var err error
			switch n {
			case 0:
				_, err = c.exec(ctx, insertOne, nil)
			case 1:
				_, err = c.query(ctx, selectOne, nil)
			case 2:
				_, err = c.savepoint(ctx)
			}
			wantError(t, err, ErrCanceled, context.DeadlineExceeded)
			wantState(t, c, TxFailed)
			wantError(t, c.Commit(testContext(t)), ErrTxFailed)
			wantNoError(t, c.Rollback(testContext(t)))
			wantSent(t, db, "BEGIN", "UPDATE a", at, "ROLLBACK")
		})
	}
}

func TestContextThatKillsTheConnectionLosesTheTransaction(t *testing.T) {
	e, db := newTestEngine(t)
	c := mustConnect(t, e)
	mustRun(t, c, updateOne)
	db.On(insertOne.SQL).Block(make(chan struct{}))
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	db.Last().valid = false
	_, err := c.exec(ctx, insertOne, nil)
	wantError(t, err, ErrCanceled, context.DeadlineExceeded)
	wantState(t, c, TxLost)
}

func TestCanceledBeginLeavesNoTransactionBehind(t *testing.T) {
	e, db := newTestEngine(t)
	c := mustConnect(t, e)
	db.At(1).Block(make(chan struct{}))
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	_, err := c.exec(ctx, insertOne, nil)
	wantError(t, err, ErrCanceled, context.DeadlineExceeded)
	wantState(t, c, TxClean)
	wantSent(t, db, "BEGIN", "ROLLBACK")
}

func TestListenerMayChangeOrStopAStatement(t *testing.T) {
	e, db := newTestEngine(t)
	boom := errors.New("boom")
	stop := false
	e.Events().BeforeExecute(func(_ context.Context, x *Execution) error {
		x.SQL += " /* app */"
		x.Args = []any{int64(2)}
		if stop {
			return boom
		}
		return nil
	})
	c := mustConnect(t, e)
	if _, err := c.exec(testContext(t), insertOne, []any{int64(1)}); err != nil {
		t.Fatal(err)
	}
	stop = true
	wantError(t, run(t, c, insertOne), boom)
	wantState(t, c, TxActive)
	wantSent(t, db, "BEGIN", "INSERT INTO a /* app */ [2]")
}

func TestExecutionOfEveryKind(t *testing.T) {
	e, db := newTestEngine(t)
	db.On(insertOne.SQL).Result(0, 4)
	db.On(selectOne.SQL).Rows([]string{"a"}, []driver.Value{int64(1)}, []driver.Value{int64(2)})
	db.On(updateOne.SQL).Fail(serverSays(ErrDeadlock, "40P01"))
	var seen []Execution
	e.Events().BeforeExecute(func(_ context.Context, x *Execution) error { x.Set("key", x.Op); return nil })
	e.Events().AfterExecute(func(_ context.Context, x *Execution) error {
		if x.Value("key") != x.Op || x.Value("other") != nil {
			t.Errorf("kept %v", x.Value("key"))
		}
		seen = append(seen, Execution{SQL: x.SQL, Args: x.Args, Sets: x.Sets, Op: x.Op, Table: x.Table, Dialect: x.Dialect, Rows: x.Rows})
		if (x.Err != nil) != (x.Op == "update") {
			t.Errorf("%s: error %v", x.Op, x.Err)
		}
		return nil
	})
	c := mustConnect(t, e)
	ctx := testContext(t)
	_, err := c.exec(ctx, insertOne, []any{"x"})
	wantNoError(t, err)
	cur, err := c.query(ctx, selectOne, nil)
	wantNoError(t, err)
	for cur.Next() {
		if len(seen) != 1 {
			t.Error("a query has ended before its rows were read")
		}
	}
	wantNoError(t, cur.Close())
	wantNoError(t, cur.Close())
	sets := func(i int) ([]any, error) { return []any{int64(i)}, nil }
	wantNoError(t, c.execMany(ctx, insertOne, 3, sets, func(int, Outcome) error { return nil }))
	wantError(t, run(t, c, updateOne), ErrDeadlock)
	want := []Execution{
		{SQL: "INSERT INTO a", Args: []any{"x"}, Sets: 1, Op: "insert", Table: "a", Dialect: "fake", Rows: 4},
		{SQL: "SELECT a", Sets: 1, Op: "select", Table: "a", Dialect: "fake", Rows: 2},
		{SQL: "INSERT INTO a", Args: []any{int64(0)}, Sets: 3, Op: "insert", Table: "a", Dialect: "fake", Rows: 12},
		{SQL: "UPDATE a", Sets: 1, Op: "update", Table: "a", Dialect: "fake", Rows: -1},
	}
	ignore := cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".start" || p.Last().String() == ".values" }, cmp.Ignore())
	if diff := cmp.Diff(want, seen, ignore, cmp.AllowUnexported(Execution{})); diff != "" {
		t.Errorf("executions (-want +got)\n%s", diff)
	}
}

func TestListenerErrorAfterAStatementFailsTheTransaction(t *testing.T) {
	e, _ := newTestEngine(t)
	boom := errors.New("boom")
	e.Events().AfterExecute(func(context.Context, *Execution) error { return boom })
	c := mustConnect(t, e)
	wantError(t, run(t, c, insertOne), boom)
	wantState(t, c, TxFailed)
}

func TestListenerErrorIsJoinedToTheStatements(t *testing.T) {
	e, db := newTestEngine(t)
	boom := errors.New("boom")
	db.On(insertOne.SQL).Fail(serverSays(ErrDeadlock, "40P01"))
	e.Events().AfterExecute(func(context.Context, *Execution) error { return boom })
	wantError(t, run(t, mustConnect(t, e), insertOne), boom, ErrDeadlock)
}

func TestListenerCannotUseTheConnection(t *testing.T) {
	e, db := newTestEngine(t)
	c := mustConnect(t, e)
	var inside error
	remove := e.Events().BeforeExecute(func(ctx context.Context, _ *Execution) error {
		_, inside = c.exec(ctx, selectOne, nil)
		return nil
	})
	mustRun(t, c, selectOne)
	wantError(t, inside, ErrConcurrentUse)
	wantState(t, c, TxActive)
	remove()
	wantSent(t, db, "BEGIN", "SELECT a")
}

func TestPanicOfAListenerFailsTheTransaction(t *testing.T) {
	for _, when := range []string{"before", "after"} {
		t.Run(when, func(t *testing.T) {
			e, db := newTestEngine(t)
			listener := func(context.Context, *Execution) error { panic("boom") }
			if when == "before" {
				e.Events().BeforeExecute(listener)
			} else {
				e.Events().AfterExecute(listener)
			}
			err := recoverFrom(func() error {
				return e.Transact(testContext(t), func(ctx context.Context, c *Conn) error {
					defer wantState(t, c, TxClean)
					defer func() { wantState(t, c, TxFailed); _ = c.Rollback(ctx) }()
					_, err := c.exec(ctx, insertOne, nil)
					return err
				})
			})
			if err == nil || err.Error() != "panic: boom" {
				t.Errorf("error %v", err)
			}
			if lines := sent(db); lines[len(lines)-1] != "ROLLBACK" {
				t.Errorf("statements %q", lines)
			}
		})
	}
}

// recoverFrom turns a panic into an error.
func recoverFrom(f func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return f()
}

func TestStatementDuringAResultIsRefused(t *testing.T) {
	e, db := newTestEngine(t)
	db.On(selectOne.SQL).Rows([]string{"a"}, []driver.Value{int64(1)}, []driver.Value{int64(2)})
	c := mustConnect(t, e)
	ctx := testContext(t)
	cur, err := c.query(ctx, selectOne, nil)
	wantNoError(t, err)
	if !cur.Next() {
		t.Fatal("no row")
	}
	_, savepointErr := c.savepoint(ctx)
	for _, err := range []error{run(t, c, insertOne), run(t, c, selectOne), c.Commit(ctx), savepointErr} {
		wantError(t, err, ErrConcurrentUse)
	}
	wantNoError(t, cur.Close())
	mustRun(t, c, insertOne)
	wantNoError(t, c.Commit(ctx))
	wantSent(t, db, "BEGIN", "SELECT a", "INSERT INTO a", "COMMIT")
}

func TestRollbackEndsTheResultThatIsRead(t *testing.T) {
	ends := []struct {
		name string
		end  func(*Conn) error
	}{
		{"Rollback", func(c *Conn) error { return c.Rollback(context.Background()) }},
		{"Close", func(c *Conn) error { return c.Close() }},
		{"Invalidate", func(c *Conn) error { return c.Invalidate() }},
	}
	for _, test := range ends {
		t.Run(test.name, func(t *testing.T) {
			e, db := newTestEngine(t)
			db.On(selectOne.SQL).Rows([]string{"a"}, []driver.Value{int64(1)}, []driver.Value{int64(2)})
			c := mustConnect(t, e)
			cur, err := c.query(testContext(t), selectOne, nil)
			wantNoError(t, err)
			if !cur.Next() {
				t.Fatal("no row")
			}
			wantNoError(t, test.end(c))
			if cur.Next() {
				t.Error("there is another row")
			}
			wantError(t, cur.Err(), ErrClosed)
			wantError(t, cur.Close(), ErrClosed)
		})
	}
}

func TestTruncatedResultIsAnError(t *testing.T) {
	e, db := newTestEngine(t)
	db.On(selectOne.SQL).Rows([]string{"a"}, []driver.Value{int64(1)}).FailRows(errors.New("unexpected EOF of sorts"))
	c := mustConnect(t, e)
	cur, err := c.query(testContext(t), selectOne, nil)
	wantNoError(t, err)
	n := 0
	for cur.Next() {
		n++
	}
	if n != 1 {
		t.Errorf("%d rows", n)
	}
	wantError(t, cur.Err(), ErrDatabase)
	wantError(t, cur.Close(), ErrDatabase)
	wantState(t, c, TxFailed)
}

func TestTwoGoroutinesAtOnce(t *testing.T) {
	tests := []struct {
		name string
		cc   *Compiled
		want TxState
	}{
		{"during a write the transaction fails", insertOne, TxFailed},
		{"during a read it goes on", selectOne, TxActive},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				db := newFakeDB()
				e := openFake(t, &testDialect{db: db})
				release := make(chan struct{})
				db.On(test.cc.SQL).Block(release)
				c, err := e.Connect(context.Background())
				wantNoError(t, err)
				first := make(chan error)
				go func() {
					_, err := c.exec(context.Background(), test.cc, nil)
					first <- err
				}()
				synctest.Wait()
				ctx := context.Background()
				_, execErr := c.exec(ctx, updateOne, nil)
				_, queryErr := c.query(ctx, selectOne, nil)
				_, savepointErr := c.savepoint(ctx)
				_, resolveErr := c.Resolve(ctx)
				for _, err := range []error{
					execErr, queryErr, savepointErr, resolveErr, c.releaseSavepoint(ctx, "x"), c.rollbackTo(ctx, "x"), c.Begin(ctx), c.Commit(ctx), c.Rollback(ctx), c.Invalidate(),
				} {
					wantError(t, err, ErrConcurrentUse)
				}
				close(release)
				wantNoError(t, <-first)
				wantState(t, c, test.want)
				wantNoError(t, c.Close())
				wantSent(t, db, "BEGIN", test.cc.SQL, "ROLLBACK")
			})
		})
	}
}

func TestCloseByAnotherGoroutineTakesEffectWhenTheCallEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := newFakeDB()
		e := openFake(t, &testDialect{db: db})
		release := make(chan struct{})
		db.On(selectOne.SQL).Block(release)
		c, err := e.Connect(context.Background())
		wantNoError(t, err)
		first := make(chan error)
		go func() {
			_, err := c.exec(context.Background(), selectOne, nil)
			first <- err
		}()
		synctest.Wait()
		wantError(t, c.Close(), ErrConcurrentUse)
		close(release)
		wantNoError(t, <-first)
		wantState(t, c, TxClosed)
		wantSent(t, db, "BEGIN", "SELECT a", "ROLLBACK")
	})
}

func TestClosedConnectionRefuses(t *testing.T) {
	e, db := newTestEngine(t)
	c := mustConnect(t, e)
	wantNoError(t, c.Close())
	wantNoError(t, c.Close())
	ctx := testContext(t)
	_, savepointErr := c.savepoint(ctx)
	_, resolveErr := c.Resolve(ctx)
	for _, err := range []error{
		run(t, c, insertOne), c.Begin(ctx), c.Commit(ctx), c.Rollback(ctx), c.Invalidate(), savepointErr, resolveErr, c.releaseSavepoint(ctx, "x"), c.rollbackTo(ctx, "x"),
		c.Nested(ctx, func(context.Context) error { return nil }),
	} {
		wantError(t, err, ErrClosed)
	}
	wantSent(t, db)
}

func TestConnectionWithChangedSettingsIsNotReused(t *testing.T) {
	tests := []struct {
		text   SQL
		reused bool
	}{
		{"SET search_path = app", false},
		{"set foreign_key_checks = 0", false},
		{"USE other", false},
		{"SET LOCAL search_path = app", true},
		{"SET CONSTRAINTS ALL DEFERRED", true},
		{"SELECT 1", true},
	}
	for _, test := range tests {
		t.Run(string(test.text), func(t *testing.T) {
			e, db := newTestEngine(t)
			if _, err := Exec(testContext(t), e, Text(test.text)); err != nil {
				t.Fatal(err)
			}
			if reused := !slices.Contains(sent(db), "close conn"); reused != test.reused {
				t.Errorf("reused: %v, want %v", reused, test.reused)
			}
		})
	}
}

func TestInvalidatedConnectionIsReplaced(t *testing.T) {
	e, db := newTestEngine(t)
	c := mustConnect(t, e)
	mustRun(t, c, insertOne)
	wantNoError(t, c.Invalidate())
	wantState(t, c, TxLost)
	wantError(t, run(t, c, insertOne), ErrTxLost)
	wantNoError(t, c.Rollback(testContext(t)))
	mustRun(t, c, insertOne)
	wantNoError(t, c.Invalidate())
	wantNoError(t, c.Close())
	wantSent(t, db, "BEGIN", "INSERT INTO a", "close conn", "BEGIN", "INSERT INTO a", "close conn")
}

func TestBatchRunsOnceForEachSet(t *testing.T) {
	e, db := newTestEngine(t)
	db.On(insertOne.SQL).Result(5, 1)
	c := mustConnect(t, e)
	var outcomes []Outcome
	err := c.execMany(testContext(t), insertOne, 3,
		func(i int) ([]any, error) { return []any{int64(i)}, nil },
		func(_ int, o Outcome) error { outcomes = append(outcomes, o); return nil })
	wantNoError(t, err)
	wantNoError(t, c.execMany(testContext(t), insertOne, 0, nil, nil))
	one := Outcome{Rows: 1, LastID: 5, HasLastID: true}
	if diff := cmp.Diff([]Outcome{one, one, one}, outcomes); diff != "" {
		t.Errorf("outcomes (-want +got)\n%s", diff)
	}
	wantSent(t, db, "BEGIN", "INSERT INTO a [0]", "INSERT INTO a [1]", "INSERT INTO a [2]")
}

func TestBatchOnSomebodyElsesPoolIsPreparedOnce(t *testing.T) {
	db := newFakeDB()
	pool := sql.OpenDB(db.Connector())
	defer pool.Close()
	e, err := OpenDB(pool, "standard")
	wantNoError(t, err)
	c := mustConnect(t, e)
	cc := &Compiled{SQL: "INSERT INTO a VALUES (?)", op: "insert"}
	err = c.execMany(testContext(t), cc, 2, func(i int) ([]any, error) { return []any{int64(i)}, nil }, func(int, Outcome) error { return nil })
	wantNoError(t, err)
	want := []string{
		"connect", "exec BEGIN", "prepare " + cc.SQL, "stmt exec " + cc.SQL + " [0]", "stmt exec " + cc.SQL + " [1]", "close stmt " + cc.SQL,
	}
	if diff := cmp.Diff(want, db.TakeLog()); diff != "" {
		t.Errorf("log (-want +got)\n%s", diff)
	}
	db.On("prepare " + cc.SQL).Fail(serverSays(ErrSyntax, "42601"))
	err = c.execMany(testContext(t), cc, 2, func(i int) ([]any, error) { return []any{int64(i)}, nil }, nil)
	wantError(t, err, ErrDatabase)
	wantState(t, c, TxFailed)
}

func TestBatchThatStopsHalfWayFailsTheTransaction(t *testing.T) {
	boom := errors.New("boom")
	tests := []struct {
		name  string
		next  func(i int) ([]any, error)
		each  func(i int, o Outcome) error
		sent  int
		state TxState
	}{
		{"a value of the first set is refused", func(int) ([]any, error) { return nil, boom }, nil, 0, TxActive},
		{"a value of a later set is refused", func(i int) ([]any, error) {
			if i == 1 {
				return nil, boom
			}
			return nil, nil
		}, func(int, Outcome) error { return nil }, 1, TxFailed},
		{"an outcome is refused", func(int) ([]any, error) { return nil, nil }, func(int, Outcome) error { return boom }, 1, TxFailed},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e, db := newTestEngine(t)
			c := mustConnect(t, e)
			wantNoError(t, c.Begin(testContext(t)))
			sent(db)
			err := c.execMany(testContext(t), insertOne, 3, test.next, test.each)
			wantError(t, err, boom)
			if n := len(sent(db)); n != test.sent {
				t.Errorf("%d sets were sent, want %d", n, test.sent)
			}
			wantState(t, c, test.state)
		})
	}
}

func TestUnobservedStatementAllocatesNoExecution(t *testing.T) {
	e, _ := newTestEngine(t)
	if x := e.observe(context.Background(), insertOne, nil, 1); x != nil {
		t.Errorf("execution %+v though nobody wants it", x)
	}
}

func TestConnectionIsAnExecutor(t *testing.T) {
	e, db := newTestEngine(t)
	c := mustConnect(t, e)
	if _, err := Exec(testContext(t), c, Text("DELETE FROM a WHERE b")); err != nil {
		t.Fatal(err)
	}
	wantState(t, c, TxActive)
	if c.Engine() != e || e.Engine() != e {
		t.Error("another engine")
	}
	wantSent(t, db, "BEGIN", "DELETE FROM a WHERE b")
}
