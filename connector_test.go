// This file tests the connector on the recording database: what reaches the driver, what comes back from it, and what
// happens to the socket.

package orm

import (
	"context"
	"crypto/tls"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"reflect"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// shortGrace makes the tests that wait for a silent server quick.
const shortGrace = 10 * time.Millisecond

// openFakePool puts database/sql on our connector on the recording database, as the engine does.
func openFakePool(t *testing.T, db *fakeDB, o connectorOptions) (*sql.DB, *connector) {
	t.Helper()
	dc, err := newConnector(db.Open, o)
	if err != nil {
		t.Fatal(err)
	}
	pool := sql.OpenDB(dc)
	t.Cleanup(func() { pool.Close() })
	return pool, dc.(*connector)
}

// openFakeConn connects without a pool.
func openFakeConn(t *testing.T, db *fakeDB, o connectorOptions) *driverConn {
	t.Helper()
	dc, err := newConnector(db.Open, o)
	if err != nil {
		t.Fatal(err)
	}
	c, err := dc.Connect(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c.(*driverConn)
}

func wantLog(t *testing.T, db *fakeDB, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, db.TakeLog()); diff != "" {
		t.Errorf("what the driver got (-want +got):\n%s", diff)
	}
}

func mustExec(t *testing.T, pool *sql.DB, text string, args ...any) {
	t.Helper()
	if _, err := pool.ExecContext(t.Context(), text, args...); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

func mustQuery(t *testing.T, q interface {
	QueryContext(context.Context, string, ...any) (*sql.Rows, error)
}, text string, args ...any,
) *sql.Rows {
	t.Helper()
	rows, err := q.QueryContext(t.Context(), text, args...)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return rows
}

func mustClose(t *testing.T, c io.Closer) {
	t.Helper()
	if err := c.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
}

// isLostError asks as the engine does.
func isLostError(err error) bool {
	var l interface{ lost() bool }
	return errors.As(err, &l) && l.lost()
}

func namedArgs(values ...driver.Value) []driver.NamedValue {
	return namedValues(values)
}

// --- opening ---

func TestConnectorReturnsErrorOfOpen(t *testing.T) {
	want := errors.New("no such driver")
	_, err := newConnector(func(DialFunc) (driver.Connector, error) { return nil, want }, connectorOptions{})
	if !errors.Is(err, want) {
		t.Errorf("newConnector = %v, want %v", err, want)
	}
}

func TestConnectRemembersTheSocketThatItDialled(t *testing.T) {
	db := newFakeDB()
	db.Listen(t)
	c := openFakeConn(t, db, connectorOptions{})
	if c.socket == nil || c.socket.conn != db.Last().socket {
		t.Errorf("remembered socket = %v, want that of the driver's connection", c.socket)
	}
}

func TestConnectWithoutDialHasNoSocket(t *testing.T) {
	if c := openFakeConn(t, newFakeDB(), connectorOptions{}); c.socket != nil {
		t.Errorf("socket = %v, want none", c.socket)
	}
}

func TestConnectHookRunsOncePerConnection(t *testing.T) {
	db := newFakeDB()
	pool, _ := openFakePool(t, db, connectorOptions{connect: func(ctx context.Context, c driver.Conn) error {
		_, err := c.(driver.ExecerContext).ExecContext(ctx, "SET zone", nil)
		return err
	}})
	mustExec(t, pool, "INSERT")
	mustExec(t, pool, "INSERT")
	wantLog(t, db, "connect", "exec SET zone", "exec INSERT", "reset", "exec INSERT")
}

func TestConnectHookErrorDiscardsConnection(t *testing.T) {
	db := newFakeDB()
	want := errors.New("not strict")
	pool, _ := openFakePool(t, db, connectorOptions{connect: func(context.Context, driver.Conn) error { return want }})
	if err := pool.PingContext(t.Context()); !errors.Is(err, want) {
		t.Errorf("Ping = %v, want %v", err, want)
	}
	wantLog(t, db, "connect", "close conn")
}

func TestFailedConnectClosesWhatItDialled(t *testing.T) {
	db := newFakeDB()
	accepted := db.Listen(t)
	want := errors.New("password refused")
	db.On("connect").Fail(want)
	pool, _ := openFakePool(t, db, connectorOptions{})
	if err := pool.PingContext(t.Context()); !errors.Is(err, want) {
		t.Errorf("Ping = %v, want %v", err, want)
	}
	if n, err := (<-accepted).Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("the server's end read %d, %v, want EOF", n, err)
	}
}

func TestConnectReportsEndOfContextWhenServerIsSilent(t *testing.T) {
	db := newFakeDB()
	db.Listen(t)
	db.On("connect").Silent()
	pool, _ := openFakePool(t, db, connectorOptions{grace: shortGrace})
	ctx, cancel := context.WithTimeout(t.Context(), shortGrace)
	defer cancel()
	if err := pool.PingContext(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Ping = %v, want the context's error", err)
	}
}

func TestConnectFailsIfItsSocketWasClosedMeanwhile(t *testing.T) {
	db := newFakeDB()
	db.Listen(t)
	dc, err := newConnector(db.Open, connectorOptions{
		grace: shortGrace,
		connect: func(context.Context, driver.Conn) error {
			_ = db.Last().listen()
			return nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), shortGrace)
	defer cancel()
	if _, err := dc.Connect(ctx); !errors.Is(err, context.DeadlineExceeded) || !isLostError(err) {
		t.Errorf("Connect = %v, want a lost connection and the context's error", err)
	}
	wantLog(t, db, "connect", "close conn")
}

func TestConnectorClosesTheDriversConnector(t *testing.T) {
	closing := closingConnector{fakeConnector{newFakeDB()}, new(int)}
	dc, err := newConnector(func(DialFunc) (driver.Connector, error) { return closing, nil }, connectorOptions{})
	if err != nil {
		t.Fatal(err)
	}
	mustClose(t, sql.OpenDB(dc))
	if *closing.closed != 1 {
		t.Errorf("closed %d times, want once", *closing.closed)
	}
}

type closingConnector struct {
	fakeConnector
	closed *int
}

func (c closingConnector) Close() error {
	*c.closed++
	return nil
}

func TestConnectorIsOfTheDriver(t *testing.T) {
	db := newFakeDB()
	pool, _ := openFakePool(t, db, connectorOptions{})
	if diff := cmp.Diff(driver.Driver(fakeDriver{db}), pool.Driver(), cmp.Comparer(func(a, b fakeDriver) bool { return a == b })); diff != "" {
		t.Errorf("driver (-want +got):\n%s", diff)
	}
}

func TestDialOutsideConnectIsCutOffAfterGrace(t *testing.T) {
	db := newFakeDB()
	db.Listen(t)
	_, dc := openFakePool(t, db, connectorOptions{grace: shortGrace})
	nc, err := dc.dial(t.Context(), "tcp", db.address)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	var timeout net.Error
	if _, err := nc.Read(make([]byte, 1)); !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("Read = %v, want a timeout", err)
	}
}

// --- watching ---

func TestWatchClosesSocketWhenGraceIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		defer far.Close()
		s := &socket{}
		s.remember(near)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		w := s.watch(ctx, 500*time.Millisecond)
		_, err := near.Read(make([]byte, 1))
		w.end()
		if !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("Read = %v, want %v", err, io.ErrClosedPipe)
		}
		if diff := cmp.Diff(1500*time.Millisecond, time.Since(start)); diff != "" {
			t.Errorf("blocked for (-want +got):\n%s", diff)
		}
	})
}

func TestWatchLeavesSocketOpenWhenCallReturns(t *testing.T) {
	for _, test := range []struct {
		name string
		call time.Duration // how long the call under watch takes
	}{
		{"before the context ends", 500 * time.Millisecond},
		{"within the grace period", 1200 * time.Millisecond},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				near, far := net.Pipe()
				defer near.Close()
				defer far.Close()
				s := &socket{}
				s.remember(near)
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				w := s.watch(ctx, 500*time.Millisecond)
				<-time.After(test.call)
				w.end()
				<-time.After(time.Hour)
				if s.isShut() {
					t.Error("the socket was closed after the call had returned")
				}
			})
		})
	}
}

func TestWatchIsFreeWhenContextNeverEnds(t *testing.T) {
	near, far := net.Pipe()
	defer near.Close()
	defer far.Close()
	s := &socket{}
	s.remember(near)
	allocs := testing.AllocsPerRun(100, func() {
		w := s.watch(context.Background(), time.Second)
		w.end()
	})
	if allocs != 0 {
		t.Errorf("%v allocations, want none", allocs)
	}
}

func TestSocketDialledAfterShutdownIsClosed(t *testing.T) {
	near, far := net.Pipe()
	defer far.Close()
	s := &socket{}
	s.shutdown()
	s.remember(near)
	if _, err := near.Write([]byte("x")); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("Write = %v, want %v", err, io.ErrClosedPipe)
	}
}

func TestSilentServerCannotHoldCallBeyondGrace(t *testing.T) {
	for _, test := range []struct {
		name   string
		script func(*fakeDB)
		call   func(context.Context, *sql.Conn) error
	}{
		{"query", func(db *fakeDB) { db.On("SELECT").Silent() }, func(ctx context.Context, c *sql.Conn) error {
			return queryAll(ctx, c, "SELECT")
		}},
		{"exec", func(db *fakeDB) { db.On("INSERT").Silent() }, func(ctx context.Context, c *sql.Conn) error {
			_, err := c.ExecContext(ctx, "INSERT")
			return err
		}},
		{"exec of a kept statement", func(db *fakeDB) { db.On("stmt exec INSERT ?").Silent() }, func(ctx context.Context, c *sql.Conn) error {
			_, err := c.ExecContext(ctx, "INSERT ?", 1)
			return err
		}},
		{"prepare", func(db *fakeDB) { db.On("prepare INSERT").Silent() }, func(ctx context.Context, c *sql.Conn) error {
			_, err := c.PrepareContext(ctx, "INSERT")
			return err
		}},
		{"ping", func(db *fakeDB) { db.On("ping").Silent() }, func(ctx context.Context, c *sql.Conn) error {
			return c.PingContext(ctx)
		}},
		{"begin", func(db *fakeDB) { db.On("begin").Silent() }, func(ctx context.Context, c *sql.Conn) error {
			_, err := c.BeginTx(ctx, nil)
			return err
		}},
		{"rows", func(db *fakeDB) { db.On("SELECT").Rows([]string{"n"}, []driver.Value{int64(1)}).SilentRows() }, func(ctx context.Context, c *sql.Conn) error {
			return queryAll(ctx, c, "SELECT")
		}},
		{"closing rows", func(db *fakeDB) { db.On("close rows").Silent() }, func(ctx context.Context, c *sql.Conn) error {
			rows, err := c.QueryContext(ctx, "SELECT")
			if err != nil {
				return err
			}
			return rows.Close()
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			db := newFakeDB()
			db.Listen(t)
			test.script(db)
			pool, _ := openFakePool(t, db, connectorOptions{grace: shortGrace, statements: 8})
			err := onPoolConn(t, pool, func(c *sql.Conn) error {
				ctx, cancel := context.WithTimeout(t.Context(), shortGrace)
				defer cancel()
				return test.call(ctx, c)
			})
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("error = %v, want the context's among others", err)
			}
			if errors.Is(err, driver.ErrBadConn) {
				t.Errorf("error = %v, which database/sql takes for an invitation to try again", err)
			}
			if n := pool.Stats().OpenConnections; n != 0 {
				t.Errorf("%d connections are left in the pool, want none", n)
			}
		})
	}
}

func queryAll(ctx context.Context, c *sql.Conn, text string) error {
	rows, err := c.QueryContext(ctx, text)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
	}
	return rows.Err()
}

// onPoolConn returns the connection to the pool afterwards.
func onPoolConn(t *testing.T, pool *sql.DB, f func(*sql.Conn) error) error {
	t.Helper()
	c, err := pool.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return f(c)
}

func TestSilentServerLosesConnection(t *testing.T) {
	db := newFakeDB()
	db.Listen(t)
	db.On("INSERT").Silent()
	c := openFakeConn(t, db, connectorOptions{grace: shortGrace})
	ctx, cancel := context.WithTimeout(t.Context(), shortGrace)
	defer cancel()
	if _, err := c.ExecContext(ctx, "INSERT", nil); !isLostError(err) {
		t.Errorf("ExecContext = %v, want a lost connection", err)
	}
	if c.IsValid() {
		t.Error("the connection says that it is valid")
	}
	if err := c.ResetSession(t.Context()); !errors.Is(err, driver.ErrBadConn) {
		t.Errorf("ResetSession = %v, want %v", err, driver.ErrBadConn)
	}
	if _, err := c.ExecContext(t.Context(), "ROLLBACK", nil); !isLostError(err) {
		t.Errorf("the next ExecContext = %v, want a lost connection", err)
	}
	wantLog(t, db, "connect", "exec INSERT")
}

func TestEndedContextSendsNothing(t *testing.T) {
	db := newFakeDB()
	c := openFakeConn(t, db, connectorOptions{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, execErr := c.ExecContext(ctx, "INSERT", nil)
	_, queryErr := c.QueryContext(ctx, "SELECT", nil)
	_, prepareErr := c.PrepareContext(ctx, "SELECT")
	_, beginErr := c.BeginTx(ctx, driver.TxOptions{})
	for _, err := range []error{execErr, queryErr, prepareErr, beginErr, c.Ping(ctx)} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error = %v, want %v", err, context.Canceled)
		}
	}
	if !c.IsValid() {
		t.Error("the connection was given up")
	}
	wantLog(t, db, "connect")
}

func TestErrorAfterContextEndedNamesContext(t *testing.T) {
	db := newFakeDB()
	ctx, cancel := context.WithCancel(t.Context())
	cancelled := errors.New("canceling statement due to user request")
	db.On("SELECT").FailRows(cancelled)
	c := openFakeConn(t, db, connectorOptions{})
	rows, err := c.QueryContext(ctx, "SELECT", nil)
	if err != nil {
		t.Fatal(err)
	}
	cancel()
	err = rows.Next(nil)
	if !errors.Is(err, context.Canceled) || !errors.Is(err, cancelled) {
		t.Errorf("Next = %v, want the context's error and the driver's", err)
	}
	if !c.IsValid() {
		t.Error("the connection was given up, although the driver answered in time")
	}
}

func TestContextErrorOfDriverIsNotRepeated(t *testing.T) {
	db := newFakeDB()
	db.On("SELECT").Block(make(chan struct{}))
	c := openFakeConn(t, db, connectorOptions{})
	ctx, cancel := context.WithTimeout(t.Context(), shortGrace)
	defer cancel()
	_, err := c.QueryContext(ctx, "SELECT", nil)
	if diff := cmp.Diff(context.DeadlineExceeded.Error(), fmt.Sprint(err)); diff != "" {
		t.Errorf("error (-want +got):\n%s", diff)
	}
	if isLostError(err) || !c.IsValid() {
		t.Error("a call that ended with its context cost the connection")
	}
}

// --- lost connections ---

func TestLostConnectionIsReportedAndStatementNotSentAgain(t *testing.T) {
	for _, test := range []struct {
		name  string
		cause error
	}{
		{"bad connection", driver.ErrBadConn},
		{"wrapped bad connection", fmt.Errorf("while reading: %w", driver.ErrBadConn)},
		{"end of file", io.EOF},
		{"end in the middle", io.ErrUnexpectedEOF},
		{"reset", syscall.ECONNRESET},
		{"broken pipe", syscall.EPIPE},
		{"closed", net.ErrClosed},
		{"network operation", &net.OpError{Op: "read", Err: errors.New("no route")}},
		{"network timeout", &net.DNSError{Err: "i/o timeout", IsTimeout: true}},
		{"text of the MySQL driver", errors.New("invalid connection")},
	} {
		t.Run(test.name, func(t *testing.T) {
			db := newFakeDB()
			db.On("INSERT").Fail(test.cause)
			pool, _ := openFakePool(t, db, connectorOptions{})
			_, err := pool.ExecContext(t.Context(), "INSERT")
			if !isLostError(err) || errors.Is(err, driver.ErrBadConn) {
				t.Errorf("error = %#v, want a lost connection that hides driver.ErrBadConn", err)
			}
			wantLog(t, db, "connect", "exec INSERT", "close conn")
		})
	}
}

func TestLostConnectionIsReportedByEveryCall(t *testing.T) {
	for _, test := range []struct {
		line string
		call func(*testing.T, *driverConn) error
	}{
		{"query SELECT", func(t *testing.T, c *driverConn) error {
			_, err := c.QueryContext(t.Context(), "SELECT", nil)
			return err
		}},
		{"prepare SELECT ?", func(t *testing.T, c *driverConn) error {
			_, err := c.QueryContext(t.Context(), "SELECT ?", namedArgs(int64(1)))
			return err
		}},
		{"stmt query SELECT ?", func(t *testing.T, c *driverConn) error {
			_, err := c.QueryContext(t.Context(), "SELECT ?", namedArgs(int64(1)))
			return err
		}},
		{"stmt exec DELETE ?", func(_ *testing.T, c *driverConn) error {
			stmt, err := c.Prepare("DELETE ?")
			if err != nil {
				return err
			}
			_, err = stmt.Exec([]driver.Value{int64(1)})
			return err
		}},
		{"ping", func(t *testing.T, c *driverConn) error { return c.Ping(t.Context()) }},
		{"begin", func(_ *testing.T, c *driverConn) error {
			_, err := c.Begin()
			return err
		}},
		{"close rows", func(t *testing.T, c *driverConn) error {
			rows, err := c.QueryContext(t.Context(), "SELECT", nil)
			if err != nil {
				return err
			}
			return rows.Close()
		}},
		{"close stmt SELECT", func(_ *testing.T, c *driverConn) error {
			stmt, err := c.Prepare("SELECT")
			if err != nil {
				return err
			}
			return stmt.Close()
		}},
	} {
		t.Run(test.line, func(t *testing.T) {
			db := newFakeDB()
			db.On(test.line).Fail(driver.ErrBadConn)
			c := openFakeConn(t, db, connectorOptions{statements: 8})
			if err := test.call(t, c); !isLostError(err) || errors.Is(err, driver.ErrBadConn) {
				t.Errorf("error = %#v, want a lost connection that hides driver.ErrBadConn", err)
			}
			if c.IsValid() {
				t.Error("the connection says that it is valid")
			}
		})
	}
}

func TestLostErrorGivesAccessToDriversError(t *testing.T) {
	cause := &net.OpError{Op: "read", Err: syscall.ECONNRESET}
	var err error = &lostError{cause: errors.Join(driver.ErrBadConn, cause)}
	var got *net.OpError
	if !errors.As(err, &got) || got != cause {
		t.Errorf("errors.As found %v, want %v", got, cause)
	}
	if !errors.Is(err, syscall.ECONNRESET) {
		t.Error("errors.Is does not find the system's error")
	}
	if diff := cmp.Diff("connection lost", err.Error()); diff != "" {
		t.Errorf("text (-want +got):\n%s", diff)
	}
}

func TestOrdinaryErrorKeepsConnection(t *testing.T) {
	for _, test := range []struct {
		name string
		err  error
	}{
		{"of a constraint", errors.New("duplicate key")},
		{"of a deadline", context.DeadlineExceeded},
		{"of a file", &fs.PathError{Op: "open", Path: "data.csv", Err: syscall.ENOENT}},
	} {
		t.Run(test.name, func(t *testing.T) {
			db := newFakeDB()
			db.At(1).Fail(test.err)
			pool, _ := openFakePool(t, db, connectorOptions{})
			if _, err := pool.ExecContext(t.Context(), "INSERT"); err != test.err {
				t.Errorf("error = %v, want the driver's own", err)
			}
			mustExec(t, pool, "INSERT")
			wantLog(t, db, "connect", "exec INSERT", "reset", "exec INSERT")
		})
	}
}

func TestShortResultOfClosedSocketIsNoEnd(t *testing.T) {
	db := newFakeDB()
	db.Listen(t)
	c := openFakeConn(t, db, connectorOptions{})
	rows, err := c.QueryContext(t.Context(), "SELECT", nil)
	if err != nil {
		t.Fatal(err)
	}
	c.socket.shutdown()
	if err := rows.Next(nil); !isLostError(err) {
		t.Errorf("Next = %v, want a lost connection", err)
	}
}

func TestAnyErrorAfterSocketWasClosedIsLostConnection(t *testing.T) {
	db := newFakeDB()
	db.Listen(t)
	garbled := errors.New("garbled answer")
	db.On("SELECT").FailRows(garbled).Wrap(func(rows driver.Rows) driver.Rows { return failingSets{rows, garbled} })
	c := openFakeConn(t, db, connectorOptions{})
	rows, err := c.QueryContext(t.Context(), "SELECT", nil)
	if err != nil {
		t.Fatal(err)
	}
	c.socket.shutdown()
	for _, err := range []error{rows.Next(nil), rows.(driver.RowsNextResultSet).NextResultSet()} {
		if !isLostError(err) || !errors.Is(err, garbled) {
			t.Errorf("error = %v, want a lost connection with the driver's error inside", err)
		}
	}
}

// failingSets fails on the way to the next result set.
type failingSets struct {
	driver.Rows
	err error
}

func (failingSets) HasNextResultSet() bool { return true }
func (r failingSets) NextResultSet() error { return r.err }

func TestStatementOfUserIsGuardedLikeText(t *testing.T) {
	db := newFakeDB()
	c := openFakeConn(t, db, connectorOptions{})
	refused := errors.New("duplicate key")
	db.On("stmt query A").Fail(refused)
	stmt, err := c.Prepare("A")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stmt.Query(nil); !errors.Is(err, refused) {
		t.Errorf("Query = %v, want %v", err, refused)
	}
	c.markLost()
	_, queryErr := stmt.Query(nil)
	_, execErr := stmt.Exec(nil)
	for _, err := range []error{queryErr, execErr} {
		if !isLostError(err) {
			t.Errorf("error = %v, want a lost connection", err)
		}
	}
	wantLog(t, db, "connect", "prepare A", "stmt query A")
}

func TestDriversVerdictOnConnectionCounts(t *testing.T) {
	db := newFakeDB()
	c := openFakeConn(t, db, connectorOptions{})
	db.Last().valid = false
	if c.IsValid() {
		t.Error("the connection says that it is valid")
	}
}

// --- taking a connection from the pool ---

func TestDeadIdleConnectionIsReplacedBeforeAnythingIsSent(t *testing.T) {
	for _, test := range []struct {
		name string
		kill func(*testing.T, net.Conn)
	}{
		{"server has closed", func(t *testing.T, server net.Conn) { mustClose(t, server) }},
		{"server has spoken", func(t *testing.T, server net.Conn) {
			if _, err := server.Write([]byte("terminating connection")); err != nil {
				t.Fatal(err)
			}
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			db := newFakeDB()
			accepted := db.Listen(t)
			pool, _ := openFakePool(t, db, connectorOptions{})
			mustExec(t, pool, "INSERT 1")
			test.kill(t, <-accepted)
			awaitDeath(db.Last().socket)
			mustExec(t, pool, "INSERT 2")
			wantLog(t, db, "connect", "exec INSERT 1", "close conn", "connect", "exec INSERT 2")
		})
	}
}

// awaitDeath returns when what the server did has arrived.
func awaitDeath(nc net.Conn) {
	s := &socket{conn: nc}
	for s.alive() {
		runtime.Gosched()
	}
}

func TestLivingIdleConnectionIsUsedAgain(t *testing.T) {
	for _, test := range []struct {
		name string
		idle func(net.Conn) error
	}{
		{"untouched", func(net.Conn) error { return nil }},
		{"with a deadline that has passed", func(nc net.Conn) error { return nc.SetDeadline(time.Unix(1, 0)) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			db := newFakeDB()
			db.Listen(t)
			pool, _ := openFakePool(t, db, connectorOptions{})
			mustExec(t, pool, "INSERT")
			if err := test.idle(db.Last().socket); err != nil {
				t.Fatal(err)
			}
			mustExec(t, pool, "INSERT")
			wantLog(t, db, "connect", "exec INSERT", "reset", "exec INSERT")
		})
	}
}

func TestLivenessIsSeenThroughTLS(t *testing.T) {
	db := newFakeDB()
	accepted := db.Listen(t)
	nc, err := new(net.Dialer).DialContext(t.Context(), "tcp", db.address)
	if err != nil {
		t.Fatal(err)
	}
	defer nc.Close()
	s := &socket{conn: tls.Client(nc, &tls.Config{ServerName: "localhost"})}
	if !s.alive() {
		t.Error("a quiet socket counts as dead")
	}
	mustClose(t, <-accepted)
	awaitDeath(s.conn)
}

func TestSocketThatCannotBeLookedAtCountsAsAlive(t *testing.T) {
	near, far := net.Pipe()
	defer near.Close()
	mustClose(t, far)
	if s := (&socket{conn: near}); !s.alive() {
		t.Error("a pipe counts as dead")
	}
}

func TestDriversResetSessionMayRefuseConnection(t *testing.T) {
	db := newFakeDB()
	pool, _ := openFakePool(t, db, connectorOptions{})
	mustExec(t, pool, "INSERT")
	db.On("reset").Fail(driver.ErrBadConn)
	mustExec(t, pool, "INSERT")
	wantLog(t, db, "connect", "exec INSERT", "reset", "close conn", "connect", "exec INSERT")
}

// --- the statement cache ---

func TestStatementWithArgumentsIsPreparedOnce(t *testing.T) {
	db := newFakeDB()
	pool, dc := openFakePool(t, db, connectorOptions{statements: 8})
	for i := range 3 {
		mustExec(t, pool, "INSERT ?", i)
	}
	mustClose(t, mustQuery(t, pool, "SELECT ?", 1))
	wantLog(t, db, "connect",
		"prepare INSERT ?", "stmt exec INSERT ? [0]",
		"reset", "stmt exec INSERT ? [1]",
		"reset", "stmt exec INSERT ? [2]",
		"reset", "prepare SELECT ?", "stmt query SELECT ? [1]", "close rows")
	got := []int64{dc.stats.prepared.Load(), dc.stats.reused.Load()}
	if diff := cmp.Diff([]int64{2, 2}, got); diff != "" {
		t.Errorf("prepared and reused (-want +got):\n%s", diff)
	}
}

func TestStatementIsNotKept(t *testing.T) {
	long := "SELECT ? -- " + strings.Repeat("x", maxKeptText)
	for _, test := range []struct {
		name    string
		options connectorOptions
		text    string
		args    []driver.Value
	}{
		{name: "without arguments", options: connectorOptions{statements: 8}, text: "COMMIT"},
		{name: "without a cache", text: "SELECT ?", args: []driver.Value{int64(1)}},
		{name: "when it is long", options: connectorOptions{statements: 8}, text: long, args: []driver.Value{int64(1)}},
		{name: "when it names a savepoint", options: connectorOptions{statements: 8, prepareAll: true}, text: "SAVEPOINT s1"},
		{name: "when it releases a savepoint", options: connectorOptions{statements: 8, prepareAll: true}, text: "RELEASE SAVEPOINT s1"},
		{name: "when it returns to a savepoint", options: connectorOptions{statements: 8, prepareAll: true}, text: "ROLLBACK TO s1"},
		{name: "when it reads of a cursor, which may be another's next time", options: connectorOptions{statements: 8, prepareAll: true}, text: "FETCH 5 FROM s1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			db := newFakeDB()
			c := openFakeConn(t, db, test.options)
			for range 2 {
				if _, err := c.ExecContext(t.Context(), test.text, namedArgs(test.args...)); err != nil {
					t.Fatal(err)
				}
			}
			line := "exec " + test.text + formatFakeArgs(namedArgs(test.args...))
			wantLog(t, db, "connect", line, line)
		})
	}
}

func TestPrepareAllKeepsStatementsWithoutArguments(t *testing.T) {
	db := newFakeDB()
	pool, _ := openFakePool(t, db, connectorOptions{statements: 8, prepareAll: true})
	mustExec(t, pool, "BEGIN")
	mustExec(t, pool, "BEGIN")
	wantLog(t, db, "connect", "prepare BEGIN", "stmt exec BEGIN", "reset", "stmt exec BEGIN")
}

func TestLeastRecentlyUsedStatementFallsOutAndIsClosed(t *testing.T) {
	db := newFakeDB()
	c := openFakeConn(t, db, connectorOptions{statements: 2})
	for _, text := range []string{"A ?", "B ?", "A ?", "C ?", "A ?", "B ?"} {
		if _, err := c.ExecContext(t.Context(), text, namedArgs(int64(1))); err != nil {
			t.Fatal(err)
		}
	}
	wantLog(t, db, "connect",
		"prepare A ?", "stmt exec A ? [1]",
		"prepare B ?", "stmt exec B ? [1]",
		"stmt exec A ? [1]",
		"prepare C ?", "close stmt B ?", "stmt exec C ? [1]",
		"stmt exec A ? [1]",
		"prepare B ?", "close stmt C ?", "stmt exec B ? [1]")
}

func TestStatementWithOpenRowsIsRunUnpreparedMeanwhile(t *testing.T) {
	db := newFakeDB()
	c := openFakeConn(t, db, connectorOptions{statements: 2})
	query := func() driver.Rows {
		rows, err := c.QueryContext(t.Context(), "SELECT ?", namedArgs(int64(1)))
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	first := query()
	mustClose(t, query())
	mustClose(t, first)
	mustClose(t, query())
	wantLog(t, db, "connect",
		"prepare SELECT ?", "stmt query SELECT ? [1]",
		"query SELECT ? [1]", "close rows",
		"close rows",
		"stmt query SELECT ? [1]", "close rows")
}

func TestStatementThatFallsOutIsClosedAfterItsRows(t *testing.T) {
	db := newFakeDB()
	c := openFakeConn(t, db, connectorOptions{statements: 1})
	rows, err := c.QueryContext(t.Context(), "SELECT ?", namedArgs(int64(1)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.ExecContext(t.Context(), "INSERT ?", namedArgs(int64(2))); err != nil {
		t.Fatal(err)
	}
	mustClose(t, rows)
	mustClose(t, rows)
	wantLog(t, db, "connect",
		"prepare SELECT ?", "stmt query SELECT ? [1]",
		"prepare INSERT ?", "stmt exec INSERT ? [2]",
		"close rows", "close stmt SELECT ?")
}

func TestStatementsAreForgottenAfterChangeOfSchemaOrSettings(t *testing.T) {
	for _, text := range []string{
		"CREATE TABLE t (n int)", " alter table t", "/* why */ DROP TABLE t", "-- why\nTRUNCATE t",
		"SET search_path = x", "DISCARD ALL", "USE other",
	} {
		t.Run(text, func(t *testing.T) {
			db := newFakeDB()
			c := openFakeConn(t, db, connectorOptions{statements: 8})
			for _, step := range []string{"SELECT ?", text, "SELECT ?"} {
				if _, err := c.ExecContext(t.Context(), step, namedArgs(make([]driver.Value, strings.Count(step, "?"))...)); err != nil {
					t.Fatal(err)
				}
			}
			wantLog(t, db, "connect",
				"prepare SELECT ?", "stmt exec SELECT ? [<nil>]",
				strings.TrimSpace("exec "+text), "close stmt SELECT ?",
				"prepare SELECT ?", "stmt exec SELECT ? [<nil>]")
		})
	}
}

func TestStatementsAreForgottenWhenDatabaseCallsThemStale(t *testing.T) {
	stale := errors.New("cached plan must not change result type")
	options := connectorOptions{statements: 8, isStale: func(err error) bool { return errors.Is(err, stale) }}
	for _, test := range []struct {
		name   string
		script func(*fakeDB)
	}{
		{"at the start", func(db *fakeDB) { db.At(2).Fail(stale) }},
		{"while rows come in", func(db *fakeDB) { db.At(2).FailRows(stale) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			db := newFakeDB()
			test.script(db)
			pool, _ := openFakePool(t, db, options)
			mustExec(t, pool, "INSERT ?", 1)
			err := onPoolConn(t, pool, func(c *sql.Conn) error {
				rows, err := c.QueryContext(t.Context(), "SELECT ?", 1)
				if err != nil {
					return err
				}
				defer rows.Close()
				rows.Next()
				return rows.Err()
			})
			if !errors.Is(err, stale) {
				t.Errorf("error = %v, want the driver's own", err)
			}
			lines := db.TakeLog()
			want := []string{"close stmt SELECT ?", "close stmt INSERT ?"}
			if diff := cmp.Diff(want, lines[len(lines)-2:]); diff != "" {
				t.Errorf("last lines (-want +got):\n%s", diff)
			}
		})
	}
}

func TestFailedPrepareIsReportedAndNotKept(t *testing.T) {
	db := newFakeDB()
	want := errors.New("syntax error")
	db.On("prepare SELEC ?").Fail(want)
	c := openFakeConn(t, db, connectorOptions{statements: 8})
	for range 2 {
		if _, err := c.QueryContext(t.Context(), "SELEC ?", namedArgs(int64(1))); !errors.Is(err, want) {
			t.Errorf("QueryContext = %v, want %v", err, want)
		}
		if _, err := c.ExecContext(t.Context(), "SELEC ?", namedArgs(int64(1))); !errors.Is(err, want) {
			t.Errorf("ExecContext = %v, want %v", err, want)
		}
	}
	wantLog(t, db, "connect", "prepare SELEC ?", "prepare SELEC ?", "prepare SELEC ?", "prepare SELEC ?")
}

func TestTextsAreClassifiedByTheirFirstWords(t *testing.T) {
	for _, test := range []struct {
		text string
		want textKind
	}{
		{"SELECT 1", textPlain},
		{"BEGIN IMMEDIATE", textPlain},
		{"COMMIT", textPlain},
		{"ROLLBACK", textPlain},
		{"rollback work", textPlain},
		{"", textPlain},
		{"-- only a comment", textPlain},
		{"/* never closed", textPlain},
		{"SETTINGS()", textPlain},
		{"savepoint sp_1", textPasses},
		{"RELEASE sp_1", textPasses},
		{"ROLLBACK TO sp_1", textPasses},
		{"ROLLBACK TO SAVEPOINT sp_1", textPasses},
		{"ROLLBACK WORK TO sp_1", textPasses},
		{"PRAGMA foreign_keys = on", textPasses},
		{"SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", textPasses},
		{"SET CONSTRAINTS ALL DEFERRED", textPasses},
		{"SET LOCAL timezone = 'UTC'", textUnsettles},
		{"SET @x = 1", textUnsettles},
		{"\t/* a */ -- b\n# c\ncreate index", textUnsettles},
		{"DEALLOCATE ALL", textUnsettles},
	} {
		t.Run(test.text, func(t *testing.T) {
			if diff := cmp.Diff(test.want, classifyText(test.text)); diff != "" {
				t.Errorf("kind (-want +got):\n%s", diff)
			}
		})
	}
}

func TestKeptStatementsAreClosedWithEmbeddedConnection(t *testing.T) {
	db := newFakeDB()
	pool, _ := openFakePool(t, db, connectorOptions{statements: 8})
	mustExec(t, pool, "INSERT ?", 1)
	mustClose(t, pool)
	wantLog(t, db, "connect", "prepare INSERT ?", "stmt exec INSERT ? [1]", "close stmt INSERT ?", "close conn")
}

func TestKeptStatementsCostNoRoundTripWhenConnectionCloses(t *testing.T) {
	db := newFakeDB()
	db.Listen(t)
	pool, _ := openFakePool(t, db, connectorOptions{statements: 8})
	mustExec(t, pool, "INSERT ?", 1)
	mustClose(t, pool)
	wantLog(t, db, "connect", "prepare INSERT ?", "stmt exec INSERT ? [1]", "close conn")
}

func TestConnectionLostWhileStatementClosesIsDropped(t *testing.T) {
	db := newFakeDB()
	db.On("close stmt A ?").Fail(io.EOF)
	c := openFakeConn(t, db, connectorOptions{statements: 1})
	if _, err := c.ExecContext(t.Context(), "A ?", namedArgs(int64(1))); err != nil {
		t.Fatal(err)
	}
	if _, err := c.ExecContext(t.Context(), "B ?", namedArgs(int64(1))); err != nil {
		t.Fatal(err)
	}
	if c.IsValid() {
		t.Error("the connection says that it is valid")
	}
}

// --- one conversation per socket ---

func TestOpenRowsOnSocketRefuseOtherCalls(t *testing.T) {
	db := newFakeDB()
	db.Listen(t)
	c := openFakeConn(t, db, connectorOptions{statements: 8})
	rows, err := c.QueryContext(t.Context(), "SELECT ?", namedArgs(int64(1)))
	if err != nil {
		t.Fatal(err)
	}
	_, execErr := c.ExecContext(t.Context(), "INSERT", nil)
	_, queryErr := c.QueryContext(t.Context(), "SELECT", nil)
	_, prepareErr := c.PrepareContext(t.Context(), "SELECT")
	for _, err := range []error{execErr, queryErr, prepareErr, c.Ping(t.Context())} {
		if !errors.Is(err, errRowsOpen) {
			t.Errorf("error = %v, want %v", err, errRowsOpen)
		}
	}
	mustClose(t, rows)
	if _, err := c.ExecContext(t.Context(), "INSERT", nil); err != nil {
		t.Errorf("after the rows are closed: %v", err)
	}
	wantLog(t, db, "connect", "prepare SELECT ?", "stmt query SELECT ? [1]", "close rows", "exec INSERT")
}

func TestStatementOfUserIsClosedAfterRowsOnSocket(t *testing.T) {
	db := newFakeDB()
	db.Listen(t)
	c := openFakeConn(t, db, connectorOptions{})
	stmt, err := c.Prepare("DELETE")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := c.QueryContext(t.Context(), "SELECT", nil)
	if err != nil {
		t.Fatal(err)
	}
	mustClose(t, stmt)
	mustClose(t, stmt)
	mustClose(t, rows)
	wantLog(t, db, "connect", "prepare DELETE", "query SELECT", "close rows", "close stmt DELETE")
}

func TestStatementOfUserIsClosedAfterItsOwnRows(t *testing.T) {
	db := newFakeDB()
	c := openFakeConn(t, db, connectorOptions{})
	stmt, err := c.Prepare("SELECT")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := stmt.Query(nil)
	if err != nil {
		t.Fatal(err)
	}
	mustClose(t, stmt)
	mustClose(t, rows)
	wantLog(t, db, "connect", "prepare SELECT", "stmt query SELECT", "close rows", "close stmt SELECT")
}

// --- drivers that can do less, or decline ---

func TestPlainDriverRunsThrowAwayStatements(t *testing.T) {
	db := newFakeDB()
	db.Plain = true
	db.On("SELECT ?").Rows([]string{"n"}, []driver.Value{int64(7)})
	pool, _ := openFakePool(t, db, connectorOptions{})
	mustExec(t, pool, "INSERT")
	var n int64
	if err := pool.QueryRowContext(t.Context(), "SELECT ?", 7).Scan(&n); err != nil || n != 7 {
		t.Errorf("Scan = %d, %v, want 7", n, err)
	}
	if err := pool.PingContext(t.Context()); err != nil {
		t.Errorf("Ping: %v", err)
	}
	wantLog(t, db, "connect",
		"prepare INSERT", "stmt exec INSERT", "close stmt INSERT",
		"prepare SELECT ?", "stmt query SELECT ? [7]", "close rows", "close stmt SELECT ?")
}

func TestDriverThatSkipsGetsThrowAwayStatement(t *testing.T) {
	db := newFakeDB()
	db.On("exec INSERT").Fail(driver.ErrSkip)
	db.On("query SELECT").Fail(driver.ErrSkip)
	pool, _ := openFakePool(t, db, connectorOptions{})
	mustExec(t, pool, "INSERT")
	mustClose(t, mustQuery(t, pool, "SELECT"))
	wantLog(t, db, "connect",
		"exec INSERT", "prepare INSERT", "stmt exec INSERT", "close stmt INSERT",
		"reset",
		"query SELECT", "prepare SELECT", "stmt query SELECT", "close rows", "close stmt SELECT")
}

func TestPlainDriverRefusesNamedArguments(t *testing.T) {
	db := newFakeDB()
	db.Plain = true
	pool, _ := openFakePool(t, db, connectorOptions{})
	_, execErr := pool.ExecContext(t.Context(), "INSERT ?", sql.Named("n", 1))
	_, queryErr := pool.QueryContext(t.Context(), "SELECT ?", sql.Named("n", 1))
	for _, err := range []error{execErr, queryErr} {
		if !errors.Is(err, errNamedArgs) {
			t.Errorf("error = %v, want %v", err, errNamedArgs)
		}
	}
}

func TestPlainDriverBeginsOnlyWithoutOptions(t *testing.T) {
	db := newFakeDB()
	db.Plain = true
	pool, _ := openFakePool(t, db, connectorOptions{})
	if _, err := pool.BeginTx(t.Context(), &sql.TxOptions{ReadOnly: true}); err == nil {
		t.Error("a read-only transaction was promised")
	}
	tx, err := pool.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := tx.Commit(); err != nil {
		t.Error(err)
	}
	wantLog(t, db, "connect", "begin", "commit")
}

func TestWrongNumberOfArgumentsIsFoundBeforeExecution(t *testing.T) {
	db := newFakeDB()
	c := openFakeConn(t, db, connectorOptions{statements: 8})
	_, execErr := c.ExecContext(t.Context(), "INSERT ? ?", namedArgs(int64(1)))
	_, queryErr := c.QueryContext(t.Context(), "INSERT ? ?", namedArgs(int64(1)))
	want := "orm: execute statement: it has 2 placeholders and got 1 arguments (pass one for each)"
	for _, err := range []error{execErr, queryErr} {
		if diff := cmp.Diff(want, fmt.Sprint(err)); diff != "" {
			t.Errorf("error (-want +got):\n%s", diff)
		}
	}
	wantLog(t, db, "connect", "prepare INSERT ? ?")
}

// checkingConn and checkingStmt convert values in their own ways.
type checkingConn struct{ *fakeConn }

func (checkingConn) CheckNamedValue(nv *driver.NamedValue) error {
	nv.Value = fmt.Sprint("conn:", nv.Value)
	return nil
}

func (c checkingConn) PrepareContext(ctx context.Context, text string) (driver.Stmt, error) {
	stmt, err := c.fakeConn.PrepareContext(ctx, text)
	if err != nil || text != "checked ?" {
		return stmt, err
	}
	return checkingStmt{stmt.(*fakeStmt)}, nil
}

type checkingStmt struct{ *fakeStmt }

func (checkingStmt) CheckNamedValue(nv *driver.NamedValue) error {
	nv.Value = fmt.Sprint("stmt:", nv.Value)
	return nil
}

type checkingConnector struct{ fakeConnector }

func (c checkingConnector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.fakeConnector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	return checkingConn{conn.(*fakeConn)}, nil
}

func TestDriverConvertsArgumentsItself(t *testing.T) {
	db := newFakeDB()
	dc, err := newConnector(func(DialFunc) (driver.Connector, error) {
		return checkingConnector{fakeConnector{db}}, nil
	}, connectorOptions{})
	if err != nil {
		t.Fatal(err)
	}
	pool := sql.OpenDB(dc)
	defer pool.Close()
	mustExec(t, pool, "INSERT ?", 1)
	for _, text := range []string{"plain ?", "checked ?"} {
		stmt, err := pool.PrepareContext(t.Context(), text)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := stmt.ExecContext(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		mustClose(t, stmt)
	}
	wantLog(t, db, "connect", "exec INSERT ? [conn:1]",
		"reset", "prepare plain ?", "reset", "stmt exec plain ? [conn:1]", "close stmt plain ?",
		"reset", "prepare checked ?", "reset", "stmt exec checked ? [stmt:1]", "close stmt checked ?")
}

func TestArgumentsAreConvertedByDefault(t *testing.T) {
	db := newFakeDB()
	pool, _ := openFakePool(t, db, connectorOptions{})
	mustExec(t, pool, "INSERT ? ?", sql.NullString{String: "a", Valid: true}, int8(3))
	wantLog(t, db, "connect", "exec INSERT ? ? [a 3]")
}

// --- rows ---

// typedRows offers every optional interface of a result set, with one more set to come.
type typedRows struct {
	driver.Rows
	sets int
}

func (*typedRows) ColumnTypeScanType(int) reflect.Type               { return reflect.TypeFor[int64]() }
func (*typedRows) ColumnTypeDatabaseTypeName(int) string             { return "BIGINT" }
func (*typedRows) ColumnTypeNullable(int) (bool, bool)               { return true, true }
func (*typedRows) ColumnTypeLength(int) (int64, bool)                { return 12, true }
func (*typedRows) ColumnTypePrecisionScale(int) (int64, int64, bool) { return 10, 2, true }
func (r *typedRows) HasNextResultSet() bool                          { return r.sets > 0 }

func (r *typedRows) NextResultSet() error {
	if r.sets == 0 {
		return io.EOF
	}
	r.sets--
	return nil
}

// columnFacts is what database/sql tells about a column.
type columnFacts struct {
	Name, Database        string
	Scan                  string
	Nullable, HasNullable bool
	Length                int64
	HasLength             bool
	Precision, Scale      int64
	HasPrecision          bool
	AnotherSet            bool
}

func factsOf(t *testing.T, rows *sql.Rows) columnFacts {
	t.Helper()
	types, err := rows.ColumnTypes()
	if err != nil {
		t.Fatal(err)
	}
	ct := types[0]
	f := columnFacts{Name: ct.Name(), Database: ct.DatabaseTypeName(), Scan: ct.ScanType().String()}
	f.Nullable, f.HasNullable = ct.Nullable()
	f.Length, f.HasLength = ct.Length()
	f.Precision, f.Scale, f.HasPrecision = ct.DecimalSize()
	f.AnotherSet = rows.NextResultSet()
	return f
}

func TestRowsTellWhatTheDriverTells(t *testing.T) {
	for _, test := range []struct {
		name string
		wrap func(driver.Rows) driver.Rows
		want columnFacts
	}{
		{
			name: "everything",
			wrap: func(rows driver.Rows) driver.Rows { return &typedRows{Rows: rows, sets: 1} },
			want: columnFacts{
				Name: "n", Database: "BIGINT", Scan: "int64", Nullable: true, HasNullable: true, Length: 12, HasLength: true,
				Precision: 10, Scale: 2, HasPrecision: true, AnotherSet: true,
			},
		},
		{
			name: "nothing",
			wrap: func(rows driver.Rows) driver.Rows { return rows },
			want: columnFacts{Name: "n", Scan: "interface {}"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			db := newFakeDB()
			db.On("SELECT").Rows([]string{"n"}, []driver.Value{int64(1)}).Wrap(test.wrap)
			pool, _ := openFakePool(t, db, connectorOptions{})
			rows := mustQuery(t, pool, "SELECT")
			defer rows.Close()
			if diff := cmp.Diff(test.want, factsOf(t, rows)); diff != "" {
				t.Errorf("column (-want +got):\n%s", diff)
			}
		})
	}
}

func TestRowsWithoutFurtherSetsSayEOF(t *testing.T) {
	c := openFakeConn(t, newFakeDB(), connectorOptions{})
	rows, err := c.QueryContext(t.Context(), "SELECT", nil)
	if err != nil {
		t.Fatal(err)
	}
	sets := rows.(driver.RowsNextResultSet)
	if sets.HasNextResultSet() || sets.NextResultSet() != io.EOF {
		t.Error("a result set more was promised")
	}
}

func TestRowsAllocateNothingPerRow(t *testing.T) {
	db := newFakeDB()
	db.Listen(t)
	db.On("SELECT").Rows([]string{"n"}, make([][]driver.Value, 1000)...)
	c := openFakeConn(t, db, connectorOptions{})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	rows, err := c.QueryContext(ctx, "SELECT", nil)
	if err != nil {
		t.Fatal(err)
	}
	dest := make([]driver.Value, 1)
	allocs := testing.AllocsPerRun(900, func() {
		if err := rows.Next(dest); err != nil {
			t.Fatal(err)
		}
	})
	if allocs != 0 {
		t.Errorf("%v allocations per row, want none", allocs)
	}
}
