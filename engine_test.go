// This file tests the engine: opening, the first meeting with the server,
// options, and closing. It also holds what the other tests of executing share:
// an engine on the recording fake.

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

// testDialect opens connections to a fake database.
type testDialect struct {
	StandardDialect
	db       *fakeDB
	features func(f *Features)
	settings ConnectorSettings
	begin    []SQL
	beginErr error
	probe    func(ctx context.Context, query func(context.Context, SQL) ([]string, error)) (Dialect, error)
}

func (d *testDialect) Name() string { return "fake" }

func (d *testDialect) Features() Features {
	f := d.StandardDialect.Features()
	f.TransactionalDDL, f.DeferrableTx, f.LastInsertID = true, true, true
	if d.features != nil {
		d.features(&f)
	}
	return f
}

func (d *testDialect) Connector(_ *URL, dial DialFunc) (driver.Connector, error) {
	if d.db == nil {
		return nil, errors.New("no database")
	}
	return d.db.Open(dial)
}

func (d *testDialect) ConnectorOptions(*URL) ConnectorSettings { return d.settings }

func (d *testDialect) Classify(err error) (ErrorDetails, bool) {
	if e, ok := errors.AsType[*serverError](err); ok {
		return e.ErrorDetails, true
	}
	return ErrorDetails{}, false
}

// beginningDialect has BEGIN statements of its own.
type beginningDialect struct{ *testDialect }

func (d beginningDialect) BeginSQL(TxOptions) ([]SQL, error) { return d.begin, d.beginErr }

// probingDialect asks the server what it is.
type probingDialect struct{ *testDialect }

func (d probingDialect) Probe(ctx context.Context, query func(context.Context, SQL) ([]string, error)) (Dialect, error) {
	return d.probe(ctx, query)
}

// resolvingDialect remembers what became of transactions.
type resolvingDialect struct{ *testDialect }

func (resolvingDialect) TxIDSQL() SQL   { return "SELECT txid" }
func (resolvingDialect) StatusSQL() SQL { return "SELECT status" }

// serverError is an error that the fake's server reports.
type serverError struct{ ErrorDetails }

func (e *serverError) Error() string { return "server says: secret " + e.Code }

func serverSays(kind ErrorKind, code string) error {
	return &serverError{ErrorDetails{Kind: kind, Code: code}}
}

// testContext keeps a test that hangs from taking the whole run with it.
func testContext(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// openFake opens an engine on a dialect, which sends texts as they are. At the
// end of the test no connection may be in use.
func openFake(t *testing.T, d Dialect, options ...EngineOption) *Engine {
	t.Helper()
	u, err := ParseURL("fake://host/db")
	if err != nil {
		t.Fatal(err)
	}
	e, err := openEngine(d, u, append([]EngineOption{WithStatementCache(0)}, options...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if n := e.Stats().InUse; n != 0 {
			t.Errorf("%d connections are still in use", n)
		}
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

func newTestEngine(t *testing.T, options ...EngineOption) (*Engine, *fakeDB) {
	t.Helper()
	db := newFakeDB()
	return openFake(t, &testDialect{db: db}, options...), db
}

func mustConnect(t *testing.T, e *Engine, options ...TxOption) *Conn {
	t.Helper()
	c, err := e.Connect(testContext(t), options...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// sent returns the statements that have arrived since it was last asked, and
// the ends of connections.
func sent(db *fakeDB) []string {
	var lines []string
	for _, line := range db.TakeLog() {
		text, isExec := strings.CutPrefix(line, "exec ")
		text, isQuery := strings.CutPrefix(text, "query ")
		if isExec || isQuery || line == "close conn" {
			lines = append(lines, text)
		}
	}
	return lines
}

func wantSent(t *testing.T, db *fakeDB, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, sent(db)); diff != "" {
		t.Errorf("statements (-want +got)\n%s", diff)
	}
}

func wantState(t *testing.T, c *Conn, want TxState) {
	t.Helper()
	if got := c.State(); got != want {
		t.Errorf("state %v, want %v", got, want)
	}
}

func wantError(t *testing.T, err error, kinds ...error) {
	t.Helper()
	for _, kind := range kinds {
		if !errors.Is(err, kind) {
			t.Errorf("error %v, want one that is %v", err, kind)
		}
	}
}

func wantNoError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var (
	insertOne = &Compiled{SQL: "INSERT INTO a", op: "insert", table: "a"}
	updateOne = &Compiled{SQL: "UPDATE a", op: "update", table: "a"}
	selectOne = &Compiled{SQL: "SELECT a", op: "select", table: "a", read: true}
	createOne = &Compiled{SQL: "CREATE TABLE b", op: "ddl", ddl: true}
	commitOne = &Compiled{SQL: "COMMIT", op: "text", txControl: true}
)

func run(t *testing.T, c *Conn, cc *Compiled) error {
	t.Helper()
	_, err := c.exec(testContext(t), cc, nil)
	return err
}

func mustRun(t *testing.T, c *Conn, cc *Compiled) {
	t.Helper()
	wantNoError(t, run(t, c, cc))
}

func TestOpenMakesNoConnection(t *testing.T) {
	e, db := newTestEngine(t)
	if log := db.Log(); len(log) != 0 {
		t.Errorf("Open has sent %q", log)
	}
	wantNoError(t, e.Ping(testContext(t)))
	if diff := cmp.Diff([]string{"connect", "ping"}, db.TakeLog()); diff != "" {
		t.Errorf("log (-want +got)\n%s", diff)
	}
}

func TestOpenRefuses(t *testing.T) {
	tests := []struct {
		name string
		open func() error
		want error
	}{
		{"a text that is no URL", func() error { _, err := Open("nothing"); return err }, ErrURL},
		{"an unknown scheme", func() error { _, err := Open("nosuch://host"); return err }, ErrUnknownDialect},
		{"an unknown dialect of a pool", func() error { _, err := OpenDB(nil, "nosuch"); return err }, ErrUnknownDialect},
		{"a dialect that cannot open", func() error { _, err := openEngine(StandardDialect{}, &URL{&urlParts{}}, nil); return err }, ErrUnsupported},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { wantError(t, test.open(), test.want) })
	}
	if _, err := openEngine(&testDialect{}, &URL{&urlParts{}}, nil); err == nil {
		t.Error("a driver that refuses the URL is an error")
	}
}

func TestClosedEngineRefuses(t *testing.T) {
	e, db := newTestEngine(t)
	wantNoError(t, e.Ping(testContext(t)))
	wantNoError(t, e.Close())
	wantNoError(t, e.Close())
	db.TakeLog()
	ctx := testContext(t)
	_, connectErr := e.Connect(ctx)
	_, execErr := Exec(ctx, e, Text("SELECT 1"))
	for _, err := range []error{connectErr, execErr, e.Ping(ctx)} {
		wantError(t, err, ErrClosed)
	}
	wantSent(t, db)
}

func TestOpenDBLeavesThePoolToItsOwner(t *testing.T) {
	db := newFakeDB()
	pool := sql.OpenDB(db.Connector())
	defer pool.Close()
	e, err := OpenDB(pool, "standard")
	wantNoError(t, err)
	if _, err := Exec(testContext(t), e, Text("DELETE FROM a WHERE b")); err != nil {
		t.Fatal(err)
	}
	wantNoError(t, e.Close())
	wantNoError(t, pool.PingContext(testContext(t)))
	wantError(t, e.Ping(testContext(t)), ErrClosed)
	if e.URL() != nil || e.DB() != pool {
		t.Errorf("URL %v, DB %p", e.URL(), e.DB())
	}
}

func TestFirstConnectionMeetsTheServerOnce(t *testing.T) {
	db := newFakeDB()
	db.On("SELECT version()").Rows([]string{"v", "n"}, []driver.Value{"11.4-Maria", nil})
	refined := &testDialect{db: db, features: func(f *Features) { f.MaxParams = 7 }}
	var answer []string
	d := probingDialect{&testDialect{db: db}}
	d.probe = func(ctx context.Context, query func(context.Context, SQL) ([]string, error)) (Dialect, error) {
		var err error
		answer, err = query(ctx, "SELECT version()")
		return refined, err
	}
	e := openFake(t, d)
	if e.Dialect() != Dialect(d) {
		t.Error("before the first connection the dialect is the registered one")
	}
	for range 2 {
		c := mustConnect(t, e)
		wantNoError(t, c.Close())
	}
	if e.Dialect() != Dialect(refined) {
		t.Error("the dialect is not the one that the server has led to")
	}
	if diff := cmp.Diff([]string{"11.4-Maria", ""}, answer); diff != "" {
		t.Errorf("answer (-want +got)\n%s", diff)
	}
	wantSent(t, db, "SELECT version()")
}

func TestFailedProbeIsRepeatedNextTime(t *testing.T) {
	db := newFakeDB()
	db.At(1).Fail(serverSays(ErrResource, "53300"))
	d := probingDialect{&testDialect{db: db}}
	d.probe = func(ctx context.Context, query func(context.Context, SQL) ([]string, error)) (Dialect, error) {
		_, err := query(ctx, "SELECT version()")
		return d, err
	}
	e := openFake(t, d)
	_, err := e.Connect(testContext(t))
	wantError(t, err, ErrResource)
	mustConnect(t, e)
	wantSent(t, db, "SELECT version()", "SELECT version()")
}

func TestKeeperOutlivesThePool(t *testing.T) {
	db := newFakeDB()
	e := openFake(t, &testDialect{db: db, settings: ConnectorSettings{KeepOne: true, MaxOpen: 1}}, WithPool(PoolConfig{MaxIdle: -1}))
	c := mustConnect(t, e)
	wantNoError(t, c.Close())
	if diff := cmp.Diff([]string{"connect", "connect", "close conn"}, db.TakeLog()); diff != "" {
		t.Errorf("log (-want +got)\n%s", diff)
	}
	if most := e.Stats().MaxOpenConnections; most != 1 {
		t.Errorf("%d connections may be open, want the dialect's 1", most)
	}
	wantNoError(t, e.Close())
	wantSent(t, db, "close conn")
}

func TestConnectListenersRunOncePerConnection(t *testing.T) {
	e, db := newTestEngine(t)
	e.Events().Connect(func(ctx context.Context, c *ConnectEvent) error {
		if c.Engine() != e {
			t.Error("another engine")
		}
		return c.Exec(ctx, "SET search_path = app")
	})
	for range 2 {
		wantNoError(t, mustConnect(t, e).Close())
	}
	wantSent(t, db, "SET search_path = app")
}

func TestFailingConnectListenerDiscardsTheConnection(t *testing.T) {
	e, db := newTestEngine(t)
	boom := errors.New("boom")
	remove := e.Events().Connect(func(context.Context, *ConnectEvent) error { return boom })
	_, err := e.Connect(testContext(t))
	wantError(t, err, boom)
	wantSent(t, db, "close conn")
	remove()
	mustConnect(t, e)
}

func TestPoolDefaults(t *testing.T) {
	e, _ := newTestEngine(t)
	if most := e.Stats().MaxOpenConnections; most != 15 {
		t.Errorf("MaxOpen = %d, want 15", most)
	}
	unlimited, _ := newTestEngine(t, WithPool(PoolConfig{MaxOpen: -1}))
	if most := unlimited.Stats().MaxOpenConnections; most != 0 {
		t.Errorf("MaxOpen = %d, want no limit", most)
	}
	mustConnect(t, unlimited)
}

func TestNowIsUTCInMicroseconds(t *testing.T) {
	at := time.Date(2026, 3, 4, 5, 6, 7, 1_234_567, time.FixedZone("x", 3600))
	e, _ := newTestEngine(t, WithClock(func() time.Time { return at }))
	want := time.Date(2026, 3, 4, 4, 6, 7, 1_234_000, time.UTC)
	if diff := cmp.Diff(want, e.now()); diff != "" {
		t.Errorf("now (-want +got)\n%s", diff)
	}
}

func TestPingHasADeadlineOfItsOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := newFakeDB()
		db.On("ping").Block(make(chan struct{}))
		e := openFake(t, &testDialect{db: db}, WithCommitTimeout(time.Second))
		began := time.Now()
		wantError(t, e.Ping(context.Background()), ErrCanceled, context.DeadlineExceeded)
		if took := time.Since(began); took != time.Second {
			t.Errorf("Ping took %v, want the engine's 1s", took)
		}
	})
}

func TestFullPoolSaysWhoHoldsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := newFakeDB()
		e := openFake(t, &testDialect{db: db}, WithPool(PoolConfig{MaxOpen: 1, Timeout: 3 * time.Second}))
		holder, err := e.Connect(context.Background())
		wantNoError(t, err)
		time.Sleep(time.Minute)
		_, err = e.Connect(context.Background())
		wantError(t, err, ErrPoolTimeout)
		want := "orm: connect: no connection came free within 3s: 1 of 1 connections in use, 1 waiting, the oldest held for 1m3s since 2000-01-01T00:00:00Z" +
			" (close sessions, connections and iterators sooner, or enlarge the pool with WithPool)"
		if diff := cmp.Diff(want, fmt.Sprint(err)); diff != "" {
			t.Errorf("text (-want +got)\n%s", diff)
		}
		if status := e.Status(); !strings.HasPrefix(status, "1 of 1 connections in use, 0 waiting, the oldest held for 1m3s") {
			t.Errorf("status %q", status)
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_, err = e.Connect(ctx)
		wantError(t, err, ErrPoolTimeout, ErrCanceled, context.DeadlineExceeded)
		wantNoError(t, holder.Close())
	})
}

func TestWaitingForAConnectionEndsWhenOneComesFree(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := newFakeDB()
		e := openFake(t, &testDialect{db: db}, WithPool(PoolConfig{MaxOpen: 2}))
		first, err := e.Connect(context.Background())
		wantNoError(t, err)
		second, err := e.Connect(context.Background())
		wantNoError(t, err)
		go func() {
			time.Sleep(time.Second)
			_ = first.Close()
		}()
		began := time.Now()
		third, err := e.Connect(context.Background())
		wantNoError(t, err)
		if took := time.Since(began); took != time.Second {
			t.Errorf("waited %v, want 1s", took)
		}
		wantNoError(t, second.Close())
		wantNoError(t, third.Close())
		if e.pool.held != 0 || e.pool.oldest != nil || e.pool.newer != nil {
			t.Error("the list of holders is not empty")
		}
	})
}

func TestWaitingForSomebodyElsesPoolEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := newFakeDB()
		pool := sql.OpenDB(db.Connector())
		defer pool.Close()
		pool.SetMaxOpenConns(1)
		e, err := OpenDB(pool, "standard", WithPool(PoolConfig{Timeout: time.Second}))
		wantNoError(t, err)
		taken, err := pool.Conn(context.Background())
		wantNoError(t, err)
		_, err = e.Connect(context.Background())
		wantError(t, err, ErrPoolTimeout)
		wantNoError(t, taken.Close())
	})
}

func TestSilentServerDoesNotHoldConnectForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		db := newFakeDB()
		db.On("connect").Block(make(chan struct{}))
		e := openFake(t, &testDialect{db: db}, WithPool(PoolConfig{Timeout: 2 * time.Second}))
		began := time.Now()
		_, err := e.Connect(context.Background())
		wantError(t, err, ErrConnection, context.DeadlineExceeded)
		if took := time.Since(began); took > 3*time.Second {
			t.Errorf("Connect took %v", took)
		}
	})
}

func TestRefusedConnectionIsClassified(t *testing.T) {
	e, db := newTestEngine(t)
	db.On("connect").Fail(serverSays(ErrResource, "53300"))
	_, err := e.Connect(testContext(t))
	wantError(t, err, ErrResource)
	if strings.Contains(err.Error(), "secret") {
		t.Errorf("the driver's text is in %q", err)
	}
}

func TestPoolListKeepsOrder(t *testing.T) {
	var p pool
	holders := make([]holder, 4)
	for i := range holders {
		p.enter(&holders[i])
	}
	var order []int
	for _, i := range []int{1, 0, 3, 2} {
		p.leave(&holders[i])
		order = append(order, slices.IndexFunc(holders, func(h holder) bool { return p.oldest != nil && h.since.Equal(p.oldest.since) }))
	}
	if diff := cmp.Diff([]int{0, 2, 2, -1}, order); diff != "" {
		t.Errorf("oldest holder (-want +got)\n%s", diff)
	}
	if p.held != 0 || p.oldest != nil || p.newer != nil {
		t.Error("the list of holders is not empty")
	}
}

// poolerDialect has settings of its own behind a pooler, and knows stale
// statements.
type poolerDialect struct {
	*testDialect
	opened []string
}

func (d *poolerDialect) PoolerURL(u *URL) *URL { return u.WithQuery("pooler", "yes") }

func (d *poolerDialect) Connector(u *URL, dial DialFunc) (driver.Connector, error) {
	d.opened = append(d.opened, u.String())
	return d.testDialect.Connector(u, dial)
}

func (d *poolerDialect) IsStaleStatement(err error) bool {
	e, ok := errors.AsType[*serverError](err)
	return ok && e.Code == "0A000"
}

func TestPoolerModeKeepsNoStatements(t *testing.T) {
	d := &poolerDialect{testDialect: &testDialect{db: newFakeDB()}}
	e := openFake(t, d, WithStatementCache(10), PoolerMode())
	for range 2 {
		if _, err := Exec(testContext(t), e, Text("DELETE FROM a WHERE b = ?", 1)); err != nil {
			t.Fatal(err)
		}
	}
	wantSent(t, d.db, "DELETE FROM a WHERE b = ? [1]", "DELETE FROM a WHERE b = ? [1]")
	if diff := cmp.Diff([]string{"fake://host/db?pooler=yes"}, d.opened); diff != "" {
		t.Errorf("opened (-want +got)\n%s", diff)
	}
	if e.URL().String() != "fake://host/db" {
		t.Errorf("URL %v", e.URL())
	}
}

func TestStaleStatementIsForgotten(t *testing.T) {
	d := &poolerDialect{testDialect: &testDialect{db: newFakeDB()}}
	e := openFake(t, d, WithStatementCache(10))
	run := func() error {
		_, err := Exec(testContext(t), e, Text("DELETE FROM a WHERE b = ?", 1))
		return err
	}
	wantNoError(t, run())
	d.db.At(2).Fail(serverSays(ErrDatabase, "0A000"))
	wantError(t, run(), ErrDatabase)
	wantNoError(t, run())
	prepared := slices.DeleteFunc(d.db.Log(), func(line string) bool { return !strings.HasPrefix(line, "prepare ") })
	if len(prepared) != 2 {
		t.Errorf("prepared %q, want it twice", prepared)
	}
}

func TestConnectListenerNeedsADriverThatExecutes(t *testing.T) {
	var bare struct{ driver.Conn }
	c := &ConnectEvent{conn: bare}
	wantError(t, c.Exec(testContext(t), "SET x"), ErrUnsupported)
}

func TestPrintedEngineHidesThePassword(t *testing.T) {
	u, err := ParseURL("fake://u:hunter2@host/db")
	wantNoError(t, err)
	e, err := openEngine(&testDialect{db: newFakeDB()}, u, nil)
	wantNoError(t, err)
	defer e.Close()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d"} {
		if shown := fmt.Sprintf(verb, e); strings.Contains(shown, "hunter2") {
			t.Errorf("%s shows %s", verb, shown)
		}
	}
}
