// This file tests COMMIT: when it is sent, what its errors mean, and how a lost
// answer is found out.

package orm

import (
	"context"
	"database/sql/driver"
	"errors"
	"testing"
	"testing/synctest"
	"time"
)

func TestCommitErrorOfTheServerIsDefinite(t *testing.T) {
	tests := []struct {
		name  string
		err   error
		want  ErrorKind
		state TxState
	}{
		{"serialization", serverSays(ErrSerialization, "40001"), ErrSerialization, TxFailed},
		{"a deferred constraint", serverSays(ErrForeignKeyViolation, "23503"), ErrForeignKeyViolation, TxFailed},
		{"a canceled statement", serverSays(ErrCanceled, "57014"), ErrCanceled, TxFailed},
		{"no transaction any more", serverSays(ErrTxLost, "1"), ErrTxLost, TxLost},
		{"a connection that the server ends", serverSays(ErrConnection, "57P01"), ErrOutcomeUnknown, TxUnknown},
		{"an outcome that the server does not know", serverSays(ErrOutcomeUnknown, "08007"), ErrOutcomeUnknown, TxUnknown},
		{"an answer that is lost", driver.ErrBadConn, ErrOutcomeUnknown, TxUnknown},
		{"an error of the driver's own", errors.New("something"), ErrOutcomeUnknown, TxUnknown},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e, db := newTestEngine(t)
			db.On("COMMIT").Fail(test.err)
			c := mustConnect(t, e)
			mustRun(t, c, insertOne)
			wantError(t, c.Commit(testContext(t)), test.want)
			wantState(t, c, test.state)
			if test.state == TxUnknown {
				wantSent(t, db, "BEGIN", "INSERT INTO a", "COMMIT", "close conn")
				return
			}
			wantNoError(t, c.Rollback(testContext(t)))
			wantState(t, c, TxClean)
		})
	}
}

func TestIntegrityErrorOfCommitIsTyped(t *testing.T) {
	e, db := newTestEngine(t)
	db.On("COMMIT").Fail(serverSays(ErrForeignKeyViolation, "23503"))
	c := mustConnect(t, e)
	mustRun(t, c, insertOne)
	var integrity *IntegrityError
	if err := c.Commit(testContext(t)); !errors.As(err, &integrity) {
		t.Errorf("error %#v", err)
	}
}

func TestUnknownOutcomeRefusesEverythingButClose(t *testing.T) {
	e, db := newTestEngine(t)
	db.On("COMMIT").Fail(driver.ErrBadConn)
	c := mustConnect(t, e)
	ctx := testContext(t)
	mustRun(t, c, insertOne)
	_ = c.Commit(ctx)
	sent(db)
	_, savepointErr := c.savepoint(ctx)
	_, resolveErr := c.Resolve(ctx)
	for _, err := range []error{run(t, c, insertOne), c.Begin(ctx), c.Commit(ctx), c.Rollback(ctx), savepointErr, c.rollbackTo(ctx, "orm_1"), resolveErr} {
		wantError(t, err, ErrOutcomeUnknown)
	}
	wantNoError(t, c.Close())
	wantState(t, c, TxClosed)
	wantSent(t, db)
}

func TestCommitIsFinishedThoughTheContextEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := newFakeDB()
		e := openFake(t, &testDialect{db: db})
		release := make(chan struct{})
		db.On("COMMIT").Block(release)
		c, err := e.Connect(context.Background())
		wantNoError(t, err)
		_, err = c.exec(context.Background(), insertOne, nil)
		wantNoError(t, err)
		ctx, cancel := context.WithCancel(context.Background())
		go func() {
			time.Sleep(time.Second)
			cancel()
			time.Sleep(time.Second)
			close(release)
		}()
		wantNoError(t, c.Commit(ctx))
		wantState(t, c, TxClean)
		wantNoError(t, c.Close())
		wantSent(t, db, "BEGIN", "INSERT INTO a", "COMMIT")
	})
}

func TestCommitHasADeadlineOfItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := newFakeDB()
		e := openFake(t, &testDialect{db: db})
		db.On("COMMIT").Block(make(chan struct{}))
		c, err := e.Connect(context.Background())
		wantNoError(t, err)
		_, err = c.exec(context.Background(), insertOne, nil)
		wantNoError(t, err)
		began := time.Now()
		wantError(t, c.Commit(context.Background()), ErrOutcomeUnknown, context.DeadlineExceeded)
		if took := time.Since(began); took != 10*time.Second {
			t.Errorf("Commit took %v, want the engine's 10s", took)
		}
		wantState(t, c, TxUnknown)
		wantNoError(t, c.Close())
	})
}

func TestCommitOnADeadConnectionIsNotSent(t *testing.T) {
	e, db := newTestEngine(t)
	c := mustConnect(t, e)
	mustRun(t, c, insertOne)
	db.Last().valid = false
	wantError(t, c.Commit(testContext(t)), ErrConnection)
	wantState(t, c, TxLost)
	wantNoError(t, c.Rollback(testContext(t)))
	wantSent(t, db, "BEGIN", "INSERT INTO a", "close conn")
}

func TestCommitThatPanicsInAListenerStands(t *testing.T) {
	e, db := newTestEngine(t)
	e.Events().Commit(func(context.Context, *TxEvent) { panic("boom") })
	c := mustConnect(t, e)
	mustRun(t, c, insertOne)
	if err := recoverFrom(func() error { return c.Commit(testContext(t)) }); err == nil || err.Error() != "panic: boom" {
		t.Errorf("error %v", err)
	}
	wantState(t, c, TxClean)
	wantNoError(t, c.Close())
	wantSent(t, db, "BEGIN", "INSERT INTO a", "COMMIT")
}

func TestResolution(t *testing.T) {
	answer := func(word any, server string) func(*fakeAnswer) {
		return func(a *fakeAnswer) { a.Rows([]string{"status", "server"}, []driver.Value{word, server}) }
	}
	tests := []struct {
		name   string
		status func(*fakeAnswer)
		want   error
		state  TxState
	}{
		{"committed", answer("committed", "one"), nil, TxClean},
		{"aborted", answer("aborted", "one"), ErrConnection, TxClean},
		{"forgotten", answer(nil, "one"), ErrOutcomeUnknown, TxUnknown},
		{"another server", answer("committed", "two"), ErrOutcomeUnknown, TxUnknown},
		{"no answer", func(a *fakeAnswer) { a.Rows([]string{"status"}) }, ErrOutcomeUnknown, TxUnknown},
		{"still in progress", answer("in progress", "one"), ErrOutcomeUnknown, TxUnknown},
		{"an error", func(a *fakeAnswer) { a.Fail(serverSays(ErrSyntax, "42883")) }, ErrOutcomeUnknown, TxUnknown},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				db := newFakeDB()
				e := openFake(t, resolvingDialect{&testDialect{db: db}})
				db.On("SELECT txid").Rows([]string{"id", "server"}, []driver.Value{int64(77), "one"})
				db.On("COMMIT").Fail(driver.ErrBadConn)
				test.status(db.On("SELECT status"))
				c, err := e.Connect(context.Background(), ResolveCommit())
				wantNoError(t, err)
				_, err = c.exec(context.Background(), insertOne, nil)
				wantNoError(t, err)
				err = c.Commit(context.Background())
				if test.want == nil {
					wantNoError(t, err)
				}
				wantError(t, err, test.want)
				wantState(t, c, test.state)
				lines := sent(db)
				if lines[2] != "SELECT txid" || lines[5] != "SELECT status [77]" {
					t.Errorf("statements %q", lines)
				}
				wantNoError(t, c.Close())
			})
		})
	}
}

func TestResolutionWaitsForATransactionInProgress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := newFakeDB()
		e := openFake(t, resolvingDialect{&testDialect{db: db}})
		db.On("SELECT txid").Rows([]string{"id"}, []driver.Value{"77"})
		db.On("COMMIT").Fail(driver.ErrBadConn)
		db.On("SELECT status").Rows([]string{"s"}, []driver.Value{"in progress"})
		c, err := e.Connect(context.Background(), ResolveCommit())
		wantNoError(t, err)
		_, err = c.exec(context.Background(), insertOne, nil)
		wantNoError(t, err)
		db.At(8).Rows([]string{"s"}, []driver.Value{"committed"})
		wantNoError(t, c.Commit(context.Background()))
		wantSent(t, db, "BEGIN", "INSERT INTO a", "SELECT txid", "COMMIT", "close conn",
			"SELECT status [77]", "SELECT status [77]", "SELECT status [77]", "SELECT status [77]")
		_, err = c.exec(context.Background(), insertOne, nil)
		wantNoError(t, err)
		wantNoError(t, c.Close())
	})
}

func TestResolveLaterFindsOut(t *testing.T) {
	e, db := newTestEngine(t)
	c := mustConnect(t, e)
	_, err := c.Resolve(testContext(t))
	wantError(t, err, ErrArgument)

	synctest.Test(t, func(t *testing.T) {
		db = newFakeDB()
		e = openFake(t, resolvingDialect{&testDialect{db: db}})
		db.On("SELECT txid").Rows([]string{"id"}, []driver.Value{"77"})
		db.On("COMMIT").Fail(driver.ErrBadConn)
		db.On("SELECT status").Fail(driver.ErrBadConn)
		c, err := e.Connect(context.Background(), ResolveCommit())
		wantNoError(t, err)
		_, err = c.exec(context.Background(), insertOne, nil)
		wantNoError(t, err)
		wantError(t, c.Commit(context.Background()), ErrOutcomeUnknown)
		db.On("SELECT status").Rows([]string{"s"}, []driver.Value{"committed"})
		committed, err := c.Resolve(context.Background())
		wantNoError(t, err)
		if !committed {
			t.Error("not committed")
		}
		wantState(t, c, TxClean)
		wantNoError(t, c.Close())
	})
}

func TestTransactionWithoutAnIDIsNotResolved(t *testing.T) {
	tests := []struct {
		name string
		id   func(*fakeAnswer)
		want error
	}{
		{"nothing was written", func(a *fakeAnswer) { a.Rows([]string{"id"}, []driver.Value{nil}) }, ErrOutcomeUnknown},
		{"the question fails", func(a *fakeAnswer) { a.Fail(serverSays(ErrDatabase, "X")) }, ErrDatabase},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			db := newFakeDB()
			e := openFake(t, resolvingDialect{&testDialect{db: db}})
			test.id(db.On("SELECT txid"))
			db.On("COMMIT").Fail(driver.ErrBadConn)
			c := mustConnect(t, e, ResolveCommit())
			mustRun(t, c, insertOne)
			wantError(t, c.Commit(testContext(t)), test.want)
		})
	}
}

func TestErrorsOfCommitAreHandledAndNotHidden(t *testing.T) {
	own := errors.New("own")
	for name, test := range map[string]struct {
		err     error
		told    ErrorKind
		unknown bool
	}{
		"refused":  {serverSays(ErrSerialization, "40001"), ErrSerialization, false},
		"unknown":  {driver.ErrBadConn, ErrOutcomeUnknown, true},
		"disguise": {errors.New("something"), ErrOutcomeUnknown, true},
	} {
		t.Run(name, func(t *testing.T) {
			e, db := newTestEngine(t)
			var seen []ErrorKind
			e.Events().HandleError(func(_ context.Context, x *ErrorEvent) {
				seen = append(seen, x.Err.Kind)
				x.Err.Kind, x.Replacement = ErrSyntax, own
			})
			db.On("COMMIT").Fail(test.err)
			c := mustConnect(t, e)
			mustRun(t, c, insertOne)
			err := c.Commit(testContext(t))
			wantError(t, err, own)
			if errors.Is(err, ErrOutcomeUnknown) != test.unknown || len(seen) != 1 || seen[0] != test.told {
				t.Errorf("%v, told of %v", err, seen)
			}
			if test.unknown {
				wantError(t, c.refusal("execute"), ErrOutcomeUnknown)
			}
		})
	}
}

func TestARefusedCommitMayLoseTheConnection(t *testing.T) {
	e, db := newTestEngine(t)
	e.Events().HandleError(func(_ context.Context, x *ErrorEvent) { x.Disconnect = true })
	db.On("COMMIT").Fail(serverSays(ErrSerialization, "40001"))
	c := mustConnect(t, e)
	mustRun(t, c, insertOne)
	wantError(t, c.Commit(testContext(t)), ErrConnection)
	wantState(t, c, TxLost)
	wantNoError(t, c.Rollback(testContext(t)))
	wantSent(t, db, "BEGIN", "INSERT INTO a", "COMMIT", "close conn")
}

func TestErrorsOfBeginAreHandled(t *testing.T) {
	own := errors.New("own")
	e, db := newTestEngine(t)
	e.Events().HandleError(func(_ context.Context, x *ErrorEvent) { x.Replacement, x.Disconnect = own, true })
	db.On("BEGIN").Fail(serverSays(ErrSyntax, "42601"))
	c := mustConnect(t, e)
	wantError(t, c.Begin(testContext(t)), own)
	wantState(t, c, TxClean)
	wantSent(t, db, "BEGIN", "close conn")
}

func TestAWriteOfItsOwnStaysUnknownWhateverReplacesItsError(t *testing.T) {
	own := errors.New("own")
	e, db := newTestEngine(t)
	e.Events().HandleError(func(_ context.Context, x *ErrorEvent) { x.Replacement = own })
	db.On("INSERT INTO a").Fail(driver.ErrBadConn)
	wantError(t, run(t, mustConnect(t, e, Autocommit()), insertOne), own, ErrOutcomeUnknown)
}
