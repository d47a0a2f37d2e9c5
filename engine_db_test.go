// This file proves on every database what an engine promises of its pool, of
// the pools of others, of prepared statements, and of what it writes into logs.

package orm_test

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	gocmp "github.com/google/go-cmp/cmp"

	"github.com/aurum-go/orm"
)

// lines is a writer that keeps what was written. It is safe for concurrent use.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

// take returns what was written since it was last asked.
func (l *lines) take() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	defer l.text.Reset()
	return l.text.String()
}

// statements returns the statements of an echo without times and outcomes.
func (l *lines) statements() []string {
	var all []string
	for line := range strings.Lines(l.take()) {
		_, text, _ := strings.Cut(line, "ms  ")
		text, _, _ = strings.Cut(strings.TrimSpace(text), "  ")
		all = append(all, text)
	}
	return all
}

// backend returns the number of the connection on the server.
func backend(t *testing.T, ex orm.Executor) int {
	t.Helper()
	text := orm.SQL("SELECT CONNECTION_ID()")
	if ex.Engine().Dialect().Name() == "postgres" {
		text = "SELECT pg_backend_pid()"
	}
	return get(orm.FetchOne[int](t.Context(), ex, orm.Text(text)))(t)
}

// kill ends a connection on the server.
func (p *place) kill(t *testing.T, id int) {
	t.Helper()
	if p.name == "mysql" {
		run(t, p.reader, fmt.Sprintf("KILL %d", id))
		return
	}
	run(t, p.reader, fmt.Sprintf("SELECT pg_terminate_backend(%d)", id))
}

func TestOpenConnectsWhenSomethingIsSent(t *testing.T) {
	onEachServer(t, func(t *testing.T, p *place) {
		db := p.open(t)
		if n := p.proxy.connections(); n != 0 || db.Stats().OpenConnections != 0 {
			t.Errorf("%d connections after Open", n)
		}
		must(t, db.Ping(t.Context()))
		if n := p.proxy.connections(); n != 1 {
			t.Errorf("%d connections after Ping, want 1", n)
		}
	})
}

func TestOpenMakesNoFile(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/new.db"
	db := openTestDB(t, "sqlite:///"+path)
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("stat after Open: %v, want that there is no file", err)
	}
	run(t, db.Engine, "CREATE TABLE marks (id INTEGER PRIMARY KEY)")
	if _, err := os.Stat(path); err != nil {
		t.Error(err)
	}
}

func TestFullPoolRefusesInTimeAndSaysWhoHoldsIt(t *testing.T) {
	onEachPlace(t, func(t *testing.T, p *place) {
		db := p.open(t, orm.WithPool(orm.PoolConfig{MaxOpen: 1, Timeout: 500 * time.Millisecond}))
		holder := get(db.Connect(t.Context()))(t)
		_, err := orm.FetchOne[int](t.Context(), db, orm.Text("SELECT 1"))
		wantIs(t, err, orm.ErrPoolTimeout)
		for _, part := range []string{"1 of 1 connections in use", "1 waiting", "the oldest held for ", " since 2"} {
			if !strings.Contains(err.Error(), part) {
				t.Errorf("the error %q does not say %q", err, part)
			}
		}
		if status := db.Status(); !strings.HasPrefix(status, "1 of 1 connections in use, 0 waiting, the oldest held for ") {
			t.Errorf("status: %s", status)
		}
		must(t, holder.Close())
		must(t, mark(t.Context(), db, 1))
		if status := db.Status(); status != "0 of 1 connections in use, 0 waiting" {
			t.Errorf("status: %s", status)
		}
	})
}

func TestWaitingForAFullPoolEndsWithTheContext(t *testing.T) {
	onEachPlace(t, func(t *testing.T, p *place) {
		db := p.open(t, one())
		c := connect(t, db)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		wantIs(t, mark(ctx, db, 1), orm.ErrPoolTimeout, orm.ErrCanceled, context.DeadlineExceeded)
		must(t, c.Close())
		p.wantMarks(t)
	})
}

func TestPoolOpensNoMoreThanItNeeds(t *testing.T) {
	onEachPlace(t, func(t *testing.T, p *place) {
		db := p.open(t, orm.WithPool(orm.PoolConfig{MaxOpen: 3, MaxIdle: 3}))
		for range 5 {
			_ = get(orm.FetchOne[int](t.Context(), db, orm.Text("SELECT 1")))(t)
		}
		if n := db.Stats().OpenConnections; n != 1 {
			t.Errorf("%d connections for one user after the other, want 1", n)
		}
		conns := []*orm.Conn{connect(t, db), connect(t, db), connect(t, db)}
		if n := db.Stats().OpenConnections; n != 3 {
			t.Errorf("%d connections for three users at once, want 3", n)
		}
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		_, err := db.Connect(ctx)
		wantIs(t, err, orm.ErrPoolTimeout)
		for _, c := range conns {
			must(t, c.Close())
		}
	})
}

func TestConnectionHandedBackInATransactionIsRolledBackOnce(t *testing.T) {
	onEachPlace(t, func(t *testing.T, p *place) {
		echo := &lines{}
		db := p.open(t, one(), orm.WithEcho(echo))
		c := get(db.Connect(t.Context()))(t)
		must(t, mark(t.Context(), c, 1))
		must(t, c.Close())
		must(t, c.Close())
		sent := echo.statements()
		if n := strings.Count(strings.Join(sent, "\n"), "ROLLBACK"); n != 1 {
			t.Errorf("%d ROLLBACKs in %q, want 1", n, sent)
		}
		p.wantMarks(t)
	})
}

func TestKilledIdleConnectionsAreReplacedUnnoticed(t *testing.T) {
	onEachServer(t, func(t *testing.T, p *place) {
		db := p.open(t, orm.WithPool(orm.PoolConfig{MaxOpen: 3, MaxIdle: 3}))
		killIdle := func() {
			conns := []*orm.Conn{connect(t, db), connect(t, db), connect(t, db)}
			var ids []int
			for _, c := range conns {
				ids = append(ids, backend(t, c))
			}
			for _, c := range conns {
				must(t, c.Close())
			}
			for _, id := range ids {
				p.kill(t, id)
			}
			p.proxy.waitUntilEmpty()
		}
		killIdle()
		must(t, mark(t.Context(), db, 1))
		killIdle()
		must(t, db.Transact(t.Context(), func(ctx context.Context, c *orm.Conn) error { return mark(ctx, c, 2) }, orm.Retries(0)))
		killIdle()
		must(t, db.Ping(t.Context()))
		killIdle()
		s := orm.NewSession(db)
		_ = get(orm.FetchOne[int](t.Context(), s, orm.Text("SELECT 1")))(t)
		must(t, s.Close())
		p.wantMarks(t, 1, 2)
	})
}

// A server that starts again resets its connections at a moment of its own.
func TestIdleConnectionsThatWereResetAreReplacedUnnoticed(t *testing.T) {
	onEachServer(t, func(t *testing.T, p *place) {
		db := p.open(t)
		must(t, db.Ping(t.Context()))
		for id := range 20 {
			p.proxy.cut()
			p.proxy.waitUntilEmpty()
			must(t, mark(t.Context(), db, id))
		}
		if n := len(p.marks(t)); n != 20 {
			t.Errorf("%d rows, want 20", n)
		}
	})
}

func TestConnectionIsReplacedWhenItsLifeIsOver(t *testing.T) {
	onEachServer(t, func(t *testing.T, p *place) {
		db := p.open(t, orm.WithPool(orm.PoolConfig{MaxOpen: 1, MaxLifetime: time.Nanosecond}))
		if first, second := backend(t, db), backend(t, db); first == second {
			t.Errorf("the connection %d was used beyond its life", first)
		}
	})
}

func TestAllConnectionsOfAnEngineInMemorySeeOneDatabase(t *testing.T) {
	db := onSQLite(t).withModels(t)
	writer, reader := db.session(t), db.session(t)
	if n := len(get(orm.Query[User](reader).All(t.Context()))(t)); n != 0 {
		t.Fatalf("%d users in a new database", n)
	}
	must(t, reader.Rollback(t.Context()))
	writer.Add(&User{Name: "ed", Email: "ed@example.com"})
	must(t, writer.Commit(t.Context()))
	if n := len(get(orm.Query[User](reader).All(t.Context()))(t)); n != 1 {
		t.Errorf("another session sees %d users, want 1", n)
	}
	must(t, reader.Rollback(t.Context()))
	first, second := connect(t, db.Engine, orm.Autocommit()), connect(t, db.Engine, orm.Autocommit())
	for _, c := range []*orm.Conn{first, second} {
		if n := get(orm.FetchOne[int](t.Context(), c, orm.Text("SELECT count(*) FROM users")))(t); n != 1 {
			t.Errorf("a connection sees %d users, want 1", n)
		}
	}
	other := openTestDB(t, "sqlite://")
	_, err := orm.FetchOne[int](t.Context(), other.Engine, orm.Text("SELECT count(*) FROM users"))
	wantIs(t, err, orm.ErrSyntax)
}

func TestDatabaseInMemoryOutlivesItsIdleConnections(t *testing.T) {
	t.Parallel()
	db := openTestDB(t, "sqlite:///:memory:", orm.WithPool(orm.PoolConfig{MaxIdle: -1, MaxLifetime: time.Nanosecond})).Engine
	run(t, db, "CREATE TABLE marks (id INTEGER PRIMARY KEY, n INTEGER NOT NULL)")
	for id := range 5 {
		must(t, mark(t.Context(), db, id))
	}
}

func TestEveryConnectionToAFileHasItsSettings(t *testing.T) {
	p := newPlace(t, "sqlite")
	t.Parallel()
	run(t, p.reader, "CREATE TABLE notes (id INTEGER PRIMARY KEY, mark_id INTEGER REFERENCES marks (id))")
	db := p.open(t)
	for range 3 {
		c := connect(t, db, orm.Autocommit())
		var got []string
		for _, text := range []orm.SQL{"PRAGMA journal_mode", "PRAGMA foreign_keys", "PRAGMA busy_timeout"} {
			for _, value := range get(orm.FetchOne[orm.M](t.Context(), c, orm.Text(text)))(t) {
				got = append(got, fmt.Sprint(value))
			}
		}
		if diff := gocmp.Diff([]string{"wal", "1", "5000"}, got); diff != "" {
			t.Errorf("settings (-want +got):\n%s", diff)
		}
		_, err := orm.Exec(t.Context(), c, orm.Text("INSERT INTO notes (mark_id) VALUES (7)"))
		wantIs(t, err, orm.ErrForeignKeyViolation)
	}
	if n := db.Stats().OpenConnections; n != 3 {
		t.Errorf("%d connections, want 3", n)
	}
}

func TestPreparedStatementsStayRightAfterASchemaChangeElsewhere(t *testing.T) {
	onEachPlace(t, func(t *testing.T, p *place) {
		db := p.open(t, one())
		must(t, mark(t.Context(), db, 1))
		named := orm.Text("SELECT id, n FROM marks WHERE id = ?", 1)
		type row struct{ ID, N int }
		read := func() []row { return get(orm.Fetch[row](t.Context(), db, named))(t) }
		_ = read()
		for _, change := range []string{
			"ALTER TABLE marks ADD COLUMN first INTEGER DEFAULT 5",
			"ALTER TABLE marks DROP COLUMN first",
			"ALTER TABLE marks ADD COLUMN second INTEGER DEFAULT 6",
		} {
			run(t, p.reader, change)
			if diff := gocmp.Diff([]row{{1, 0}}, read()); diff != "" {
				t.Errorf("after %s (-want +got):\n%s", change, diff)
			}
		}
		must(t, mark(t.Context(), db, 2))
	})
}

// Where a star means other columns than before, PostgreSQL refuses the kept
// statement, once.
func TestStarOfAPreparedStatementNeverMeansTheOldColumns(t *testing.T) {
	onEachPlace(t, func(t *testing.T, p *place) {
		db := p.open(t, one())
		must(t, mark(t.Context(), db, 1))
		star := orm.Text("SELECT * FROM marks WHERE id = ?", 1)
		_ = get(orm.Fetch[orm.M](t.Context(), db, star))(t)
		run(t, p.reader, "ALTER TABLE marks ADD COLUMN extra INTEGER DEFAULT 5")
		rows, err := orm.Fetch[orm.M](t.Context(), db, star)
		if err != nil {
			if p.name != "postgres" {
				t.Errorf("after the change: %v", err)
			}
			wantIs(t, err, orm.ErrSerialization)
			rows = get(orm.Fetch[orm.M](t.Context(), db, star))(t)
		}
		if len(rows) != 1 || fmt.Sprint(rows[0]["extra"]) != "5" {
			t.Errorf("rows after the change: %v", rows)
		}
	})
}

func TestUnitIsRepeatedWhenASchemaChangeMakesItsStatementsStale(t *testing.T) {
	onEachPlace(t, func(t *testing.T, p *place) {
		db := p.open(t, one())
		must(t, mark(t.Context(), db, 1))
		read := func() (rows []orm.M) {
			must(t, db.Transact(t.Context(), func(ctx context.Context, c *orm.Conn) (err error) {
				rows, err = orm.Fetch[orm.M](ctx, c, orm.Text("SELECT * FROM marks WHERE id = ?", 1))
				return err
			}))
			return rows
		}
		_ = read()
		run(t, p.reader, "ALTER TABLE marks ADD COLUMN extra INTEGER DEFAULT 5")
		if rows := read(); len(rows) != 1 || fmt.Sprint(rows[0]["extra"]) != "5" {
			t.Errorf("rows after the change: %v", rows)
		}
	})
}

func TestPoolBelowTakesTextInTheDriversOwnForm(t *testing.T) {
	onEachPlace(t, func(t *testing.T, p *place) {
		db := p.open(t, one())
		text := "INSERT INTO marks (id, n) VALUES (?, ?)"
		if p.name == "postgres" {
			text = "INSERT INTO marks (id, n) VALUES ($1, $2)"
		}
		if _, err := db.DB().ExecContext(t.Context(), text, 1, 2); err != nil {
			t.Error(err)
		}
		if n := db.Stats().OpenConnections; n != 1 {
			t.Errorf("%d connections, want the one of the engine", n)
		}
		p.wantMarks(t, 1)
	})
}

func TestPoolerModeLeavesNoPreparedStatementOnTheServer(t *testing.T) {
	onPlaces(t, []string{"postgres"}, func(t *testing.T, p *place) {
		prepared := func(db *orm.Engine) int {
			for id := range 3 {
				_ = get(orm.Fetch[int](t.Context(), db, orm.Text("SELECT id FROM marks WHERE id > ?", id)))(t)
			}
			must(t, db.Transact(t.Context(), func(ctx context.Context, c *orm.Conn) error {
				_, err := orm.Exec(ctx, c, orm.Text("UPDATE marks SET n = ? WHERE id = ?", 1, 1))
				return err
			}))
			return get(orm.FetchOne[int](t.Context(), db, orm.Text("SELECT count(*) FROM pg_prepared_statements")))(t)
		}
		if n := prepared(p.open(t, one(), orm.PoolerMode())); n != 0 {
			t.Errorf("%d statements are prepared in pooler mode", n)
		}
		if n := prepared(p.open(t, one())); n != 2 {
			t.Errorf("%d statements are kept prepared, want 2", n)
		}
	})
}

// openCallersPool opens a place with database/sql alone, as a caller would.
func openCallersPool(t *testing.T, p *place) *sql.DB {
	t.Helper()
	u := get(orm.ParseURL(p.url))(t)
	source := u.Render()
	if p.name == "sqlite" {
		source = u.Database() + "?_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)"
	}
	var pool *sql.DB
	if p.name == "mysql" {
		c := mysql.NewConfig()
		c.User, c.Net, c.Addr, c.DBName = u.User(), "tcp", net.JoinHostPort(u.Host(), strconv.Itoa(u.Port())), u.Database()
		c.ParseTime, c.ClientFoundRows, c.Logger = true, true, &mysql.NopLogger{}
		pool = sql.OpenDB(get(mysql.NewConnector(c))(t))
	} else {
		pool = get(sql.Open(p.name, source))(t)
	}
	t.Cleanup(func() { must(t, pool.Close()) })
	return pool
}

func TestEngineOnTheCallersPoolWorksAndLeavesItOpen(t *testing.T) {
	onEachPlace(t, func(t *testing.T, p *place) {
		pool := openCallersPool(t, p)
		engine := get(orm.OpenDB(pool, p.name))(t)
		must(t, engine.Transact(t.Context(), func(ctx context.Context, c *orm.Conn) error {
			must(t, mark(ctx, c, 1))
			wantIs(t, c.Nested(ctx, func(ctx context.Context) error { return mark(ctx, c, 1) }), orm.ErrUniqueViolation)
			return mark(ctx, c, 2)
		}))
		wantIs(t, engine.Transact(t.Context(), func(ctx context.Context, c *orm.Conn) error {
			return mark(ctx, c, 3)
		}, orm.ReadOnly()), orm.ErrReadOnly)
		must(t, models.CreateAll(t.Context(), engine))
		s := orm.NewSession(engine)
		s.Add(&User{Name: "ed", Email: "ed@example.com"})
		must(t, s.Commit(t.Context()))
		if got := get(orm.Query[User](s).One(t.Context()))(t); got.Name != "ed" {
			t.Errorf("read %q", got.Name)
		}
		must(t, s.Close())
		must(t, engine.Close())
		must(t, engine.Close())
		wantIs(t, mark(t.Context(), engine, 4), orm.ErrClosed)
		must(t, pool.PingContext(t.Context()))
		if n := pool.Stats().InUse; n != 0 {
			t.Errorf("%d connections of the caller's pool were not given back", n)
		}
		p.wantMarks(t, 1, 2)
	})
}

func TestLostConnectionOfTheCallersPoolIsNoSecondRow(t *testing.T) {
	onEachServer(t, func(t *testing.T, p *place) {
		pool := openCallersPool(t, p)
		engine := get(orm.OpenDB(pool, p.name))(t)
		c := connect(t, engine)
		p.proxy.on("INSERT", loseAnswer)
		wantIs(t, mark(t.Context(), c, 1), orm.ErrConnection)
		wantState(t, c, orm.TxLost)
		must(t, c.Rollback(t.Context()))
		must(t, mark(t.Context(), c, 2))
		must(t, c.Commit(t.Context()))
		p.wantMarks(t, 2)
		if n := p.proxy.count("INSERT"); n != 2 {
			t.Errorf("%d INSERTs were sent, want 2", n)
		}
	})
}

const secretPassword, secretValue = "p@ss/w%rd:?#'\"x", "s3cret-value"

func TestNeitherLogsNorErrorsNorPrintedEnginesTellSecrets(t *testing.T) {
	onEachPlace(t, func(t *testing.T, p *place) {
		url := p.url
		if p.name == "postgres" { // it trusts whoever comes from here
			url = get(orm.ParseURL(url))(t).WithPassword(secretPassword).Render()
		}
		run(t, p.reader, "CREATE TABLE secrets (id INTEGER PRIMARY KEY, word VARCHAR(40) UNIQUE)")
		written := &lines{}
		logger := slog.New(slog.NewTextHandler(written, &slog.HandlerOptions{Level: slog.LevelDebug}))
		db := openTestDB(t, url, orm.WithEcho(written), orm.WithLogger(logger), orm.WithSlowQuery(time.Nanosecond)).Engine
		var errs []error
		for id := range 2 {
			_, err := orm.Exec(t.Context(), db, orm.Text("INSERT INTO secrets (id, word) VALUES (?, ?)", id, secretValue))
			errs = append(errs, err)
		}
		wantIs(t, errs[1], orm.ErrUniqueViolation)
		_, err := orm.FetchOne[int](t.Context(), db, orm.Text("SELECT id FROM secrets WHERE nosuch = ?", secretValue))
		wantIs(t, err, orm.ErrSyntax)
		var printed strings.Builder
		printed.WriteString(written.take())
		if all := printed.String(); !strings.Contains(all, "INSERT INTO secrets") || !strings.Contains(all, "[hidden 2]") {
			t.Errorf("echo and log:\n%s", all)
		}
		printed.WriteString(errs[1].Error() + err.Error() + db.Status())
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d"} {
			fmt.Fprintf(&printed, verb+verb+verb, db, db.URL(), *db.URL())
		}
		all := printed.String()
		for _, secret := range []string{secretValue, secretPassword, "p%40ss"} {
			if strings.Contains(all, secret) {
				t.Errorf("%q can be read in:\n%s", secret, all)
			}
		}
	})
}

func TestRefusedPasswordIsNotTold(t *testing.T) {
	onPlaces(t, []string{"mysql"}, func(t *testing.T, p *place) {
		written := &lines{}
		engine := get(orm.Open(get(orm.ParseURL(p.url))(t).WithPassword(secretPassword).Render(), orm.WithEcho(written)))(t)
		err := engine.Ping(t.Context())
		if err == nil {
			t.Fatal("the server took a wrong password")
		}
		for e := err; e != nil; e = errors.Unwrap(e) {
			if strings.Contains(e.Error()+fmt.Sprintf("%#v", e)+written.take(), secretPassword) {
				t.Errorf("the error %#v tells the password", e)
			}
		}
		must(t, engine.Close())
	})
}

func TestEchoShowsValuesAndTransactionsWhenAsked(t *testing.T) {
	onEachPlace(t, func(t *testing.T, p *place) {
		echo := &lines{}
		db := p.open(t, orm.WithEcho(echo), orm.EchoValues())
		_ = db.Ping(t.Context())
		echo.take()
		must(t, db.Transact(t.Context(), func(ctx context.Context, c *orm.Conn) error { return mark(ctx, c, 4711) }))
		all := echo.take()
		for _, part := range []string{"INSERT INTO marks (id, n) VALUES (", "[4711]", "1 row\n", "COMMIT\n"} {
			if !strings.Contains(all, part) {
				t.Errorf("the echo does not have %q:\n%s", part, all)
			}
		}
		begins := map[string]string{"sqlite": "BEGIN IMMEDIATE", "postgres": "BEGIN", "mysql": "START TRANSACTION"}
		if first, _, _ := strings.Cut(all, "\n"); !strings.HasSuffix(first, "ms  "+begins[p.name]) {
			t.Errorf("the first line is %q", first)
		}
	})
}

func TestEventsComeInOrder(t *testing.T) {
	onEachPlace(t, func(t *testing.T, p *place) {
		db := p.open(t, one())
		var got []string
		note := func(name string) func(context.Context, *orm.TxEvent) {
			return func(_ context.Context, e *orm.TxEvent) {
				if e.Savepoint == "" {
					got = append(got, name)
					return
				}
				got = append(got, name+" savepoint")
			}
		}
		events := db.Events()
		events.Connect(func(context.Context, *orm.ConnectEvent) error { got = append(got, "connect"); return nil })
		events.BeforeExecute(func(_ context.Context, x *orm.Execution) error { got = append(got, "before "+x.Op); return nil })
		events.AfterExecute(func(_ context.Context, x *orm.Execution) error {
			got = append(got, fmt.Sprintf("after %s, %d rows, failed: %t", x.Op, x.Rows, x.Err != nil))
			return nil
		})
		events.Begin(note("begin"))
		events.Commit(note("commit"))
		events.Rollback(note("rollback"))
		events.Savepoint(note("set"))
		events.ReleaseSavepoint(note("release"))
		events.RollbackSavepoint(note("back to"))
		must(t, db.Transact(t.Context(), func(ctx context.Context, c *orm.Conn) error {
			must(t, mark(ctx, c, 1))
			must(t, c.Nested(ctx, func(ctx context.Context) error { return mark(ctx, c, 2) }))
			wantIs(t, c.Nested(ctx, func(ctx context.Context) error { return mark(ctx, c, 1) }), orm.ErrUniqueViolation)
			_, err := orm.Fetch[int](ctx, c, orm.Text("SELECT id FROM marks"))
			return err
		}))
		_ = db.Transact(t.Context(), func(ctx context.Context, c *orm.Conn) error { must(t, mark(ctx, c, 3)); return errUnit })
		insert := []string{"before text", "after text, 1 rows, failed: false"}
		want := slices.Concat(
			[]string{"connect", "begin"}, insert,
			[]string{"set savepoint"}, insert, []string{"release savepoint"},
			[]string{"set savepoint", "before text", "after text, -1 rows, failed: true", "back to savepoint"},
			[]string{"before text", "after text, 2 rows, failed: false", "commit", "begin"}, insert, []string{"rollback"},
		)
		if diff := gocmp.Diff(want, got); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
	})
}

func TestErrorOfAListenerIsJoinedAndUndoesTheUnit(t *testing.T) {
	onEachPlace(t, func(t *testing.T, p *place) {
		errListener := errors.New("the listener has failed")
		db := p.open(t)
		remove := db.Events().AfterExecute(func(context.Context, *orm.Execution) error { return errListener })
		twice := func(ctx context.Context, c *orm.Conn) error {
			wantIs(t, mark(ctx, c, 1), errListener)
			return nil // what it hides, Commit tells
		}
		wantIs(t, db.Transact(t.Context(), twice), orm.ErrTxFailed, errListener)
		p.wantMarks(t)
		must(t, mark(t.Context(), p.reader, 1))
		wantIs(t, mark(t.Context(), db, 1), errListener, orm.ErrUniqueViolation)
		remove()
		must(t, mark(t.Context(), db, 2))
		p.wantMarks(t, 1, 2)
	})
}

// Rows that every database reports alike: an UPDATE counts what it matches.
func TestResultTellsRowsAndKeys(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withModels(t)
		result := get(orm.Exec(t.Context(), db.Engine, orm.Insert(orm.Entity[User]()).Values(orm.M{"Name": "ed", "Email": "ed@example.com"})))(t)
		if diff := gocmp.Diff([]any{int64(1)}, result.InsertedPrimaryKey()); diff != "" {
			t.Errorf("key (-want +got):\n%s", diff)
		}
		for range 2 {
			result = get(orm.Exec(t.Context(), db.Engine, orm.Text("UPDATE users SET name = ? WHERE id = ?", "edward", 1)))(t)
			if n := result.RowsAffected(); n != 1 {
				t.Errorf("%d rows, want 1", n)
			}
		}
	})
}
