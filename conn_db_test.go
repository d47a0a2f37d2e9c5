// This file proves on every database what a connection promises of its
// transactions: what is saved, what is not, what is in force, and what the next
// user of the connection finds.

package orm_test

import (
	"context"
	"errors"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/aurum-go/orm"
)

// place is an empty database with the table marks, for several engines. Each
// engine is checked for what it leaves behind.
type place struct {
	name   string // of the dialect
	url    string
	reader *orm.Engine // knows nothing of the engines that are tested
	proxy  *proxy      // nil unless the engines go through one
	direct string      // url without the proxy
	holder int         // the connection that holds a lock for the test
}

// onEachPlace runs a test on every database. SQLite is a file.
func onEachPlace(t *testing.T, test func(t *testing.T, p *place)) {
	t.Helper()
	onPlaces(t, []string{"sqlite", "postgres", "mysql"}, test)
}

// onEachServer runs a test on every database that is a server, through a proxy.
func onEachServer(t *testing.T, test func(t *testing.T, p *place)) {
	t.Helper()
	onPlaces(t, []string{"postgres", "mysql"}, func(t *testing.T, p *place) {
		p.direct = p.url
		p.proxy, p.url = newProxy(t, p.url)
		test(t, p)
	})
}

func onPlaces(t *testing.T, names []string, test func(t *testing.T, p *place)) {
	t.Helper()
	t.Parallel()
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, newPlace(t, name))
		})
	}
}

func newPlace(t *testing.T, name string) *place {
	t.Helper()
	p := &place{name: name}
	switch name {
	case "sqlite":
		p.url = "sqlite:///" + filepath.Join(t.TempDir(), "test.db")
	case "postgres":
		p.url = newPostgres(t)
		_, schema, _ := strings.Cut(p.url, "search_path=")
		p.url += "&application_name=" + schema
	case "mysql":
		p.url = newMySQL(t)
	}
	p.direct = p.url
	p.reader = openTestDB(t, p.url).Engine
	run(t, p.reader, "CREATE TABLE marks (id INTEGER PRIMARY KEY, n INTEGER NOT NULL)")
	return p
}

// open returns an engine on the place.
func (p *place) open(t *testing.T, options ...orm.EngineOption) *orm.Engine {
	t.Helper()
	db := openTestDB(t, p.url, options...)
	t.Cleanup(func() {
		eventually(t, "no transaction is left open on the server", func() bool { return p.openTransactions(t) == 0 })
	})
	return db.Engine
}

// openTransactions returns how many transactions are open on the server.
func (p *place) openTransactions(t *testing.T) int {
	t.Helper()
	switch p.name {
	case "postgres":
		return get(orm.FetchOne[int](context.Background(), p.reader, orm.Text(`SELECT count(*) FROM pg_stat_activity
			WHERE application_name = current_setting('application_name') AND state LIKE 'idle in transaction%' AND pid <> ?`, p.holder)))(t)
	case "mysql":
		ours := get(orm.Fetch[string](context.Background(), p.reader, orm.Text(
			"SELECT CAST(id AS CHAR) FROM information_schema.processlist WHERE db = DATABASE() AND id NOT IN (CONNECTION_ID(), ?)", p.holder)))(t)
		status := get(orm.FetchOne[struct{ Type, Name, Status string }](context.Background(), p.reader, orm.Text("SHOW ENGINE INNODB STATUS")))(t)
		return countActive(status.Status, ours)
	}
	return 0
}

var threadOf = regexp.MustCompile(`thread id (\d+)`)

// countActive reads InnoDB's own account of its transactions, which unlike the
// table of them is never out of date.
func countActive(status string, threads []string) int {
	n := 0
	for _, section := range strings.Split(status, "---TRANSACTION ")[1:] {
		head, _, _ := strings.Cut(section, "\n")
		m := threadOf.FindStringSubmatch(section)
		if strings.Contains(head, "ACTIVE") && m != nil && slices.Contains(threads, m[1]) {
			n++
		}
	}
	return n
}

// eventually waits for what another process does in its own time.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	ticker := time.NewTicker(5 * time.Millisecond)
	defer ticker.Stop()
	for !holds() {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			t.Fatalf("it did not come about that %s", what)
		}
	}
}

// marks returns the ids that an independent reader sees.
func (p *place) marks(t *testing.T) []int {
	t.Helper()
	return get(orm.Fetch[int](context.Background(), p.reader, orm.Text("SELECT id FROM marks ORDER BY id")))(t)
}

// wantMarks compares the ids that an independent reader sees.
func (p *place) wantMarks(t *testing.T, want ...int) {
	t.Helper()
	if diff := gocmp.Diff(want, p.marks(t)); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

// mark inserts a row.
func mark(ctx context.Context, ex orm.Executor, id int) error {
	_, err := orm.Exec(ctx, ex, orm.Text("INSERT INTO marks (id, n) VALUES (?, 0)", id))
	return err
}

// connect returns a connection that is closed when the test ends.
func connect(t *testing.T, engine *orm.Engine, options ...orm.TxOption) *orm.Conn {
	t.Helper()
	c := get(engine.Connect(t.Context(), options...))(t)
	t.Cleanup(func() { must(t, c.Close()) })
	return c
}

func wantState(t *testing.T, c *orm.Conn, want orm.TxState) {
	t.Helper()
	if got := c.State(); got != want {
		t.Errorf("state is %s, want %s", got, want)
	}
}

func wantIs(t *testing.T, err error, targets ...error) {
	t.Helper()
	for _, target := range targets {
		if !errors.Is(err, target) {
			t.Errorf("got %v (%T), want an error that is %v", err, err, target)
		}
	}
}

var errUnit = errors.New("the unit has failed")

// one is a pool of one connection: whoever is next has the same.
func one() orm.EngineOption { return orm.WithPool(orm.PoolConfig{MaxOpen: 1, MaxIdle: 1}) }

func TestTransactSavesWhatReturnsNilAndNothingElse(t *testing.T) {
	onEachPlace(t, func(t *testing.T, p *place) {
		db := p.open(t, one())
		unit := func(id int, end func() error) func(context.Context, *orm.Conn) error {
			return func(ctx context.Context, c *orm.Conn) error {
				must(t, mark(ctx, c, id))
				return end()
			}
		}
		must(t, db.Transact(t.Context(), unit(1, func() error { return nil })))
		wantIs(t, db.Transact(t.Context(), unit(2, func() error { return errUnit })), errUnit)
		func() {
			defer func() {
				if got := recover(); got != "user" {
					t.Errorf("recovered %v, want the panic of the unit", got)
				}
			}()
			_ = db.Transact(t.Context(), unit(3, func() error { panic("user") }))
		}()
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_ = db.Transact(t.Context(), unit(4, func() error { runtime.Goexit(); return nil }))
		}()
		<-ended
		must(t, db.Transact(t.Context(), unit(5, func() error { return nil })))
		p.wantMarks(t, 1, 5)
	})
}

func TestNothingIsSavedWithoutCommitAndTheNextStatementBeginsAgain(t *testing.T) {
	onEachPlace(t, func(t *testing.T, p *place) {
		db := p.open(t, one())
		c := connect(t, db)
		wantState(t, c, orm.TxClean)
		must(t, mark(t.Context(), c, 1))
		wantState(t, c, orm.TxActive)
		p.wantMarks(t)
		must(t, c.Commit(t.Context()))
		wantState(t, c, orm.TxClean)
		p.wantMarks(t, 1)

		must(t, mark(t.Context(), c, 2))
		must(t, c.Rollback(t.Context()))
		must(t, mark(t.Context(), c, 3))
		must(t, c.Close())
		p.wantMarks(t, 1)
		wantIs(t, mark(t.Context(), c, 4), orm.ErrClosed)
		must(t, db.Transact(t.Context(), func(ctx context.Context, c *orm.Conn) error { return mark(ctx, c, 5) }))
		p.wantMarks(t, 1, 5)
	})
}

func TestNothingIsSentBehindTheEarlyEndOfAUnit(t *testing.T) {
	onEachPlace(t, func(t *testing.T, p *place) {
		db := p.open(t, one())
		early := func(id int, end func(*orm.Conn, context.Context) error) func(context.Context, *orm.Conn) error {
			return func(ctx context.Context, c *orm.Conn) error {
				must(t, mark(ctx, c, id))
				must(t, end(c, ctx))
				wantState(t, c, orm.TxClean)
				wantIs(t, c.Begin(ctx), orm.ErrClosed)
				wantIs(t, c.Commit(ctx), orm.ErrClosed)
				wantIs(t, c.Nested(ctx, func(context.Context) error { return mark(ctx, c, id+1) }), orm.ErrClosed)
				must(t, c.Rollback(ctx))
				return mark(ctx, c, id+1)
			}
		}
		wantIs(t, db.Transact(t.Context(), early(1, (*orm.Conn).Commit)), orm.ErrClosed)
		wantIs(t, db.Transact(t.Context(), early(3, (*orm.Conn).Rollback)), orm.ErrClosed)
		p.wantMarks(t, 1)
		must(t, db.Transact(t.Context(), func(ctx context.Context, c *orm.Conn) error { return mark(ctx, c, 5) }))
		p.wantMarks(t, 1, 5)
	})
}

func TestBeginAfterTheFirstStatementIsRefused(t *testing.T) {
	onEachPlace(t, func(t *testing.T, p *place) {
		c := connect(t, p.open(t))
		must(t, mark(t.Context(), c, 1))
		wantIs(t, c.Begin(t.Context()), orm.ErrArgument)
		wantState(t, c, orm.TxActive)
		must(t, c.Commit(t.Context()))
		must(t, c.Begin(t.Context()))
		must(t, mark(t.Context(), c, 2))
		must(t, c.Commit(t.Context()))
		p.wantMarks(t, 1, 2)
	})
}

func TestHandledErrorOfANestedBlockLeavesTheOuterIntact(t *testing.T) {
	onEachPlace(t, func(t *testing.T, p *place) {
		err := p.open(t).Transact(t.Context(), func(ctx context.Context, c *orm.Conn) error {
			must(t, mark(ctx, c, 1))
			err := c.Nested(ctx, func(ctx context.Context) error {
				must(t, mark(ctx, c, 2))
				must(t, c.Nested(ctx, func(ctx context.Context) error { return mark(ctx, c, 3) }))
				return mark(ctx, c, 1)
			})
			wantIs(t, err, orm.ErrUniqueViolation)
			wantState(t, c, orm.TxActive)
			must(t, c.Nested(ctx, func(ctx context.Context) error {
				must(t, mark(ctx, c, 4))
				wantIs(t, c.Nested(ctx, func(ctx context.Context) error {
					must(t, mark(ctx, c, 5))
					return errUnit
				}), errUnit)
				return mark(ctx, c, 6)
			}))
			return mark(ctx, c, 7)
		})
		must(t, err)
		p.wantMarks(t, 1, 4, 6, 7)
	})
}

func TestPanicInANestedBlockUndoesItAlone(t *testing.T) {
	onEachPlace(t, func(t *testing.T, p *place) {
		c := connect(t, p.open(t))
		must(t, mark(t.Context(), c, 1))
		func() {
			defer func() { _ = recover() }()
			_ = c.Nested(t.Context(), func(ctx context.Context) error {
				must(t, mark(ctx, c, 2))
				panic("user")
			})
		}()
		wantState(t, c, orm.TxActive)
		must(t, c.Commit(t.Context()))
		p.wantMarks(t, 1)
	})
}

func TestAfterAnErrorOnlyARollbackIsAccepted(t *testing.T) {
	onEachPlace(t, func(t *testing.T, p *place) {
		c := connect(t, p.open(t))
		must(t, mark(t.Context(), c, 1))
		first := mark(t.Context(), c, 1)
		wantIs(t, first, orm.ErrUniqueViolation)
		wantState(t, c, orm.TxFailed)
		wantIs(t, mark(t.Context(), c, 2), orm.ErrTxFailed, orm.ErrUniqueViolation)
		wantIs(t, c.Commit(t.Context()), orm.ErrTxFailed, orm.ErrUniqueViolation)
		wantIs(t, c.Nested(t.Context(), func(context.Context) error { return nil }), orm.ErrTxFailed)
		must(t, c.Rollback(t.Context()))
		must(t, mark(t.Context(), c, 3))
		must(t, c.Commit(t.Context()))
		p.wantMarks(t, 3)
	})
}

func TestDeferredConstraintIsADefiniteErrorOfCommit(t *testing.T) {
	onPlaces(t, []string{"sqlite", "postgres"}, func(t *testing.T, p *place) {
		run(t, p.reader, "CREATE TABLE notes (id INTEGER PRIMARY KEY, mark_id INTEGER REFERENCES marks (id) DEFERRABLE INITIALLY DEFERRED)")
		c := connect(t, p.open(t, one()))
		must(t, mark(t.Context(), c, 1))
		_, err := orm.Exec(t.Context(), c, orm.Text("INSERT INTO notes (id, mark_id) VALUES (1, 7)"))
		must(t, err)
		err = c.Commit(t.Context())
		wantIs(t, err, orm.ErrForeignKeyViolation)
		if _, ok := errors.AsType[*orm.IntegrityError](err); !ok {
			t.Errorf("got %T, want an IntegrityError", err)
		}
		wantState(t, c, orm.TxFailed)
		must(t, c.Rollback(t.Context()))
		must(t, mark(t.Context(), c, 2))
		must(t, c.Commit(t.Context()))
		p.wantMarks(t, 2)
	})
}

// inForce returns the isolation level of the transaction that is open.
func inForce(t *testing.T, c *orm.Conn) string {
	t.Helper()
	switch c.Engine().Dialect().Name() {
	case "postgres":
		return strings.ToUpper(get(orm.FetchOne[string](t.Context(), c, orm.Text("SELECT current_setting('transaction_isolation')")))(t))
	case "mysql":
		must(t, exec(t.Context(), c, touch(1)))
		return listedLevel(t, c)
	}
	return "SERIALIZABLE"
}

// listed is InnoDB's table of transactions, which the server makes anew only
// when nobody has read it for a tenth of a second.
var listed struct {
	sync.Mutex
	known map[uint64]bool // ids of transactions that were asked about
}

// listedLevel waits until a transaction of the connection is listed that was not
// there before.
func listedLevel(t *testing.T, c *orm.Conn) (level string) {
	t.Helper()
	listed.Lock()
	defer listed.Unlock()
	if listed.known == nil {
		listed.known = map[uint64]bool{}
	}
	eventually(t, "the server lists the transaction", func() bool {
		_ = get(orm.FetchOne[int](t.Context(), c, orm.Text("SELECT SLEEP(0.11)")))(t)
		rows := get(orm.Fetch[struct {
			ID    uint64
			Level string
		}](t.Context(), c, orm.Text(
			"SELECT trx_id AS id, trx_isolation_level AS level FROM information_schema.innodb_trx WHERE trx_mysql_thread_id = CONNECTION_ID()")))(t)
		if len(rows) != 1 || listed.known[rows[0].ID] {
			return false
		}
		listed.known[rows[0].ID], level = true, rows[0].Level
		return true
	})
	return level
}

func TestIsolationIsInForceAndGoneForTheNextUser(t *testing.T) {
	onEachPlace(t, func(t *testing.T, p *place) {
		db := p.open(t, one())
		var usual string
		level := func(got *string) func(context.Context, *orm.Conn) error {
			return func(_ context.Context, c *orm.Conn) error { *got = inForce(t, c); return nil }
		}
		must(t, mark(t.Context(), db, 1))
		must(t, db.Transact(t.Context(), level(&usual)))
		for _, want := range db.Dialect().Features().Isolation {
			var got, next string
			must(t, db.Transact(t.Context(), level(&got), orm.Isolation(strings.ToLower(want))))
			must(t, db.Transact(t.Context(), level(&next)))
			if got != want || next != usual {
				t.Errorf("asked for %s: in force %s, for the next user %s, want %s", want, got, next, usual)
			}
		}
	})
}

func TestNearestIsolationIsTheOneInForce(t *testing.T) {
	onPlaces(t, []string{"postgres", "mysql"}, func(t *testing.T, p *place) {
		db := p.open(t, one(), orm.WithIsolation("SERIALIZABLE"))
		must(t, mark(t.Context(), db, 1))
		want := func(c *orm.Conn, level string) {
			t.Helper()
			if got := inForce(t, c); got != level {
				t.Errorf("in force is %s, want %s", got, level)
			}
			must(t, c.Rollback(t.Context()))
		}
		c := connect(t, db)
		want(c, "SERIALIZABLE")
		must(t, c.Close())
		c = connect(t, db, orm.Isolation("REPEATABLE READ"))
		want(c, "REPEATABLE READ")
		must(t, c.Begin(t.Context(), orm.Isolation("READ COMMITTED")))
		want(c, "READ COMMITTED")
		want(c, "REPEATABLE READ")
	})
}

func TestEngineWithOptionsSharesThePoolAndKeepsItsOwnLevel(t *testing.T) {
	onEachPlace(t, func(t *testing.T, p *place) {
		db := p.open(t, one())
		levels := db.Dialect().Features().Isolation
		first, last := levels[0], levels[len(levels)-1]
		sub := db.With(orm.Isolation(first))
		want := func(e *orm.Engine, level string, options ...orm.TxOption) {
			t.Helper()
			must(t, e.Transact(t.Context(), func(_ context.Context, c *orm.Conn) error {
				if got := inForce(t, c); got != level {
					t.Errorf("in force is %s, want %s", got, level)
				}
				return nil
			}, options...))
		}
		var usual string
		must(t, mark(t.Context(), db, 1))
		must(t, db.Transact(t.Context(), func(_ context.Context, c *orm.Conn) error { usual = inForce(t, c); return nil }))
		want(sub, first)
		want(sub, last, orm.Isolation(last))
		want(sub.With(orm.Isolation(last)), last)
		want(sub.With(orm.Retries(0)), first)
		want(db, usual)
		if sub.DB() != db.DB() || sub.Events() != db.Events() {
			t.Error("the engines do not share pool and events")
		}
		wantIs(t, db.With(orm.Isolation("SNAPSHOT")).Transact(t.Context(), func(context.Context, *orm.Conn) error { return nil }), orm.ErrUnsupported)
		must(t, sub.Close())
		wantIs(t, db.Ping(t.Context()), orm.ErrClosed)
	})
}

func TestEngineWithReadOnlyWritesNothing(t *testing.T) {
	onEachPlace(t, func(t *testing.T, p *place) {
		db := p.open(t, one())
		reader := db.With(orm.ReadOnly())
		must(t, mark(t.Context(), db, 1))
		row, table := orm.Text("INSERT INTO marks (id, n) VALUES (2, 0)"), orm.Text("CREATE TABLE other (id INTEGER)")
		for _, write := range []orm.Statement{row, table} {
			wantIs(t, exec(t.Context(), reader, write), orm.ErrReadOnly)
			c := connect(t, reader)
			wantIs(t, exec(t.Context(), c, write), orm.ErrReadOnly)
			must(t, c.Rollback(t.Context()))
			_ = get(orm.Fetch[int](t.Context(), c, orm.Text("SELECT id FROM marks")))(t)
			wantIs(t, exec(t.Context(), c, write), orm.ErrReadOnly)
			must(t, c.Close())
			wantIs(t, reader.Transact(t.Context(), func(ctx context.Context, c *orm.Conn) error { return exec(ctx, c, write) }), orm.ErrReadOnly)
		}
		wantIs(t, orm.NewSessionFactory(reader).Transact(t.Context(), func(ctx context.Context, s *orm.Session) error { return exec(ctx, s, row) }), orm.ErrReadOnly)
		_, err := reader.Connect(t.Context(), orm.Autocommit())
		wantIs(t, err, orm.ErrArgument)
		if got := get(orm.Fetch[int](t.Context(), reader, orm.Text("SELECT id FROM marks")))(t); len(got) != 1 {
			t.Errorf("it reads %d rows", len(got))
		}
		must(t, mark(t.Context(), db, 3))
		p.wantMarks(t, 1, 3)
	})
}

func TestTransactIsATransactionOnAnEngineOfLoneStatements(t *testing.T) {
	onEachPlace(t, func(t *testing.T, p *place) {
		db := p.open(t, one()).With(orm.Autocommit())
		c := connect(t, db)
		must(t, mark(t.Context(), c, 1))
		wantState(t, c, orm.TxClean)
		must(t, c.Rollback(t.Context()))
		must(t, c.Close())
		wantIs(t, db.Transact(t.Context(), func(ctx context.Context, c *orm.Conn) error {
			must(t, mark(ctx, c, 2))
			return errUnit
		}), errUnit)
		p.wantMarks(t, 1)
	})
}

func TestOptionThatTheDatabaseLacksIsRefusedBeforeAnythingIsSent(t *testing.T) {
	onEachPlace(t, func(t *testing.T, p *place) {
		db := p.open(t)
		refused := map[string]orm.TxOption{"level": orm.Isolation("SNAPSHOT")}
		if p.name == "sqlite" {
			refused["weaker level"] = orm.Isolation("READ COMMITTED")
		}
		if p.name != "postgres" {
			refused["deferrable"] = orm.Deferrable()
		}
		for name, option := range refused {
			err := db.Transact(t.Context(), func(context.Context, *orm.Conn) error { t.Error("the unit ran"); return nil }, option)
			if !errors.Is(err, orm.ErrUnsupported) {
				t.Errorf("%s: got %v, want ErrUnsupported", name, err)
			}
			c := connect(t, db)
			wantIs(t, c.Begin(t.Context(), option), orm.ErrUnsupported)
			wantState(t, c, orm.TxClean)
			must(t, c.Close())
		}
	})
}

func TestReadOnlyTransactionRefusesWritesAndTheNextDoesNot(t *testing.T) {
	onEachPlace(t, func(t *testing.T, p *place) {
		db := p.open(t, one())
		refused := func(ctx context.Context, c *orm.Conn, id int) {
			t.Helper()
			_ = get(orm.Fetch[int](ctx, c, orm.Text("SELECT id FROM marks")))(t)
			wantIs(t, mark(ctx, c, id), orm.ErrReadOnly)
			wantState(t, c, orm.TxFailed)
		}
		ends := []struct {
			name string
			end  func(ctx context.Context, c *orm.Conn) error
		}{
			{"commit", func(ctx context.Context, c *orm.Conn) error { return c.Commit(ctx) }},
			{"rollback", func(ctx context.Context, c *orm.Conn) error { return c.Rollback(ctx) }},
			{"close", func(_ context.Context, c *orm.Conn) error { return c.Close() }},
			{"refused write", func(ctx context.Context, c *orm.Conn) error { refused(ctx, c, 100); return c.Rollback(ctx) }},
			{"refused write, then close", func(ctx context.Context, c *orm.Conn) error { refused(ctx, c, 101); return c.Close() }},
			{"lost connection", func(ctx context.Context, c *orm.Conn) error { must(t, c.Invalidate()); return c.Rollback(ctx) }},
			{"ended context", func(ctx context.Context, c *orm.Conn) error {
				ended, cancel := context.WithCancel(ctx)
				cancel()
				wantIs(t, mark(ended, c, 102), context.Canceled, orm.ErrCanceled)
				return c.Rollback(ended)
			}},
		}
		var want []int
		for i, e := range ends {
			c := get(db.Connect(t.Context(), orm.ReadOnly()))(t)
			_ = get(orm.Fetch[int](t.Context(), c, orm.Text("SELECT id FROM marks")))(t)
			if err := e.end(t.Context(), c); err != nil {
				t.Errorf("%s: %v", e.name, err)
			}
			must(t, c.Close())
			if err := db.Transact(t.Context(), func(ctx context.Context, c *orm.Conn) error { return mark(ctx, c, i) }); err != nil {
				t.Errorf("the next user after %s: %v", e.name, err)
			}
			want = append(want, i)
		}
		p.wantMarks(t, want...)
	})
}

func TestReadOnlyIsForOneTransactionOfAConnection(t *testing.T) {
	onEachPlace(t, func(t *testing.T, p *place) {
		c := connect(t, p.open(t, one()))
		must(t, c.Begin(t.Context(), orm.ReadOnly()))
		wantIs(t, mark(t.Context(), c, 1), orm.ErrReadOnly)
		must(t, c.Rollback(t.Context()))
		must(t, mark(t.Context(), c, 2))
		must(t, c.Commit(t.Context()))
		p.wantMarks(t, 2)
	})
}

func TestPanicInAReadOnlyTransactionLeavesTheConnectionWritable(t *testing.T) {
	onEachPlace(t, func(t *testing.T, p *place) {
		db := p.open(t, one())
		func() {
			defer func() { _ = recover() }()
			_ = db.Transact(t.Context(), func(ctx context.Context, c *orm.Conn) error {
				_ = get(orm.Fetch[int](ctx, c, orm.Text("SELECT id FROM marks")))(t)
				panic("user")
			}, orm.ReadOnly())
		}()
		must(t, mark(t.Context(), db, 1))
		p.wantMarks(t, 1)
	})
}

// A transaction that only reads takes no lock on a file, and costs two settings
// more, which stay in the process.
func TestReadOnlyTransactionOfAFileWaitsForNobody(t *testing.T) {
	p := newPlace(t, "sqlite")
	t.Parallel()
	echo := &lines{}
	db := p.open(t, orm.WithEcho(echo))
	writer := connect(t, db)
	must(t, mark(t.Context(), writer, 1))
	echo.take()
	err := db.Transact(t.Context(), func(ctx context.Context, c *orm.Conn) error {
		_, err := orm.Fetch[int](ctx, c, orm.Text("SELECT id FROM marks"))
		return err
	}, orm.ReadOnly())
	must(t, err)
	want := []string{"PRAGMA query_only = 1", "BEGIN", "SELECT id FROM marks", "COMMIT", "PRAGMA query_only = 0"}
	if diff := gocmp.Diff(want, echo.statements()); diff != "" {
		t.Errorf("statements (-want +got):\n%s", diff)
	}
	must(t, writer.Commit(t.Context()))
}

func TestDeferrableTransactionOfPostgres(t *testing.T) {
	onPlaces(t, []string{"postgres"}, func(t *testing.T, p *place) {
		db := p.open(t, one())
		setting := func(options ...orm.TxOption) (got []string) {
			must(t, db.Transact(t.Context(), func(ctx context.Context, c *orm.Conn) error {
				for _, name := range []string{"transaction_deferrable", "transaction_read_only", "transaction_isolation"} {
					got = append(got, get(orm.FetchOne[string](ctx, c, orm.Text("SELECT current_setting(?)", name)))(t))
				}
				return nil
			}, options...))
			return got
		}
		asked := setting(orm.Isolation("SERIALIZABLE"), orm.ReadOnly(), orm.Deferrable())
		if diff := gocmp.Diff([]string{"on", "on", "serializable"}, asked); diff != "" {
			t.Errorf("settings (-want +got):\n%s", diff)
		}
		if diff := gocmp.Diff([]string{"off", "off", "read committed"}, setting()); diff != "" {
			t.Errorf("settings of the next user (-want +got):\n%s", diff)
		}
	})
}

func TestSchemaChangeCommitsWhereTheDatabaseSaysSo(t *testing.T) {
	onEachPlace(t, func(t *testing.T, p *place) {
		db := p.open(t, one())
		transactional := db.Dialect().Features().TransactionalDDL
		err := db.Transact(t.Context(), func(ctx context.Context, c *orm.Conn) error {
			must(t, mark(ctx, c, 1))
			_, err := orm.Exec(ctx, c, orm.Text("CREATE TABLE made (id INTEGER)"))
			must(t, err)
			if transactional {
				wantState(t, c, orm.TxActive)
			} else {
				wantState(t, c, orm.TxClean)
			}
			must(t, mark(ctx, c, 2))
			wantState(t, c, orm.TxActive)
			return errUnit
		})
		wantIs(t, err, errUnit)
		if transactional {
			p.wantMarks(t)
			return
		}
		p.wantMarks(t, 1)
	})
}

func TestSchemaChangeInANestedBlockOfMySQLIsToldAndNotRepeated(t *testing.T) {
	onPlaces(t, []string{"mysql"}, func(t *testing.T, p *place) {
		units := 0
		err := p.open(t).Transact(t.Context(), func(ctx context.Context, c *orm.Conn) error {
			units++
			must(t, mark(ctx, c, 1))
			return c.Nested(ctx, func(ctx context.Context) error {
				_, err := orm.Exec(ctx, c, orm.Text("CREATE TABLE made (id INTEGER)"))
				return err
			})
		})
		wantIs(t, err, orm.ErrImplicitCommit)
		if units != 1 {
			t.Errorf("the unit ran %d times, though its first part is saved", units)
		}
		p.wantMarks(t, 1)
	})
}

func TestTransactionControlAsTextIsRefused(t *testing.T) {
	onEachPlace(t, func(t *testing.T, p *place) {
		c := connect(t, p.open(t))
		must(t, mark(t.Context(), c, 1))
		for _, text := range []orm.SQL{"COMMIT", "ROLLBACK", "BEGIN", "SAVEPOINT a", "/* x */ commit"} {
			_, err := orm.Exec(t.Context(), c, orm.Text(text))
			if !errors.Is(err, orm.ErrTxControl) {
				t.Errorf("%s: got %v, want ErrTxControl", text, err)
			}
		}
		must(t, c.Rollback(t.Context()))
		p.wantMarks(t)
	})
}

func TestSettingOfAConnectionIsNotLeftToTheNextUser(t *testing.T) {
	onPlaces(t, []string{"postgres", "mysql"}, func(t *testing.T, p *place) {
		set, ask := "SET lock_timeout = '1234ms'", "SELECT current_setting('lock_timeout')"
		if p.name == "mysql" {
			set, ask = "SET SESSION sql_mode = ''", "SELECT @@sql_mode"
		}
		db := p.open(t, one())
		usual := get(orm.FetchOne[string](t.Context(), db, orm.Text(orm.SQL(ask))))(t)
		must(t, db.Transact(t.Context(), func(ctx context.Context, c *orm.Conn) error {
			_, err := orm.Exec(ctx, c, orm.Text(orm.SQL(set)))
			return err
		}))
		if got := get(orm.FetchOne[string](t.Context(), db, orm.Text(orm.SQL(ask))))(t); got != usual {
			t.Errorf("the next user finds %q, want %q", got, usual)
		}
	})
}
