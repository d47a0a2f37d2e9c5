// This file tests what a connection is like: what the URL becomes, and what
// holds on every connection that the connector makes. It has what the tests of
// the package need to reach a server.

package postgres

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/aurum-go/orm"
)

// serverURL is the server for tests, on which they may create databases.
var serverURL = cmp.Or(os.Getenv("ORM_TEST_POSTGRES"), "postgres://postgres@127.0.0.1:5432/postgres?sslmode=disable")

// database is the one that this process creates for its tests.
var database = fmt.Sprintf("orm_dialect_%d", os.Getpid())

// createDatabase is called by the first test that needs a server.
var createDatabase = sync.OnceValue(func() error { return runOnServer("CREATE DATABASE " + database) })

func runOnServer(statement string) error {
	u, err := orm.ParseURL(serverURL)
	if err != nil {
		return err
	}
	connector, err := dialect{}.Connector(u, (&net.Dialer{}).DialContext)
	if err != nil {
		return err
	}
	db := sql.OpenDB(connector)
	_, err = db.ExecContext(context.Background(), statement)
	return errors.Join(err, db.Close())
}

func TestMain(m *testing.M) {
	code := m.Run()
	if err := createDatabase(); err == nil {
		if err := runOnServer("DROP DATABASE " + database + " WITH (FORCE)"); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

// schemas counts the schemas of tests.
var schemas atomic.Int64

// open returns a pool over the dialect's connector, on an empty schema of the
// test's own. Options of the URL may be added.
func open(t *testing.T, options ...string) *sql.DB {
	t.Helper()
	if err := createDatabase(); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("PostgreSQL cannot be reached: %v", err)
		}
		t.Skipf("PostgreSQL cannot be reached, nothing is tested: %v", err)
	}
	u, err := orm.ParseURL(serverURL)
	if err != nil {
		t.Fatal(err)
	}
	schema := fmt.Sprintf("test_%d", schemas.Add(1))
	u = u.WithDatabase(database).WithQuery("search_path", schema)
	for _, option := range options {
		key, value, _ := strings.Cut(option, "=")
		u = u.WithQuery(key, value)
	}
	db := pool(t, u)
	exec(t, db, "CREATE SCHEMA "+schema)
	return db
}

func pool(t *testing.T, u *orm.URL) *sql.DB {
	t.Helper()
	connector, err := dialect{}.Connector(u, (&net.Dialer{}).DialContext)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func exec(t *testing.T, db *sql.DB, query string, args ...any) {
	t.Helper()
	if _, err := db.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

// value returns the one value of a query, text as string.
func value(t *testing.T, db *sql.DB, query string, args ...any) any {
	t.Helper()
	var v any
	if err := db.QueryRowContext(t.Context(), query, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	if text, ok := v.([]byte); ok {
		return string(text)
	}
	return v
}

func TestConnectionString(t *testing.T) {
	tests := []struct{ name, url, want string }{
		{"all parts", "postgres://me:pass@host:5433/db?sslmode=disable", "TimeZone='UTC' dbname='db' host='host' password='pass' port='5433' sslmode='disable' user='me'"},
		{"as little as there can be", "postgresql://", "TimeZone='UTC'"},
		{"special characters", `postgres://me:it%27s%20a%5Cb%40%2F@host/d%20b`, `TimeZone='UTC' dbname='d b' host='host' password='it\'s a\\b@/' user='me'`},
		{"empty password", "postgres://me:@host/db", "TimeZone='UTC' dbname='db' host='host' password='' user='me'"},
		{"socket", "postgres://me@/db?host=/var/run/postgresql", "TimeZone='UTC' dbname='db' host='/var/run/postgresql' user='me'"},
		{"IPv6", "postgres://me@[::1]:5432/db", "TimeZone='UTC' dbname='db' host='::1' port='5432' user='me'"},
		{"several servers", "postgres://me@one,two:5433/db", "TimeZone='UTC' dbname='db' host='one,two' port='5432,5433' user='me'"},
		{"another zone", "postgres://me@host/db?timezone=Europe/Berlin", "TimeZone='Europe/Berlin' dbname='db' host='host' user='me'"},
		{"driver behind a plus sign", "postgresql+psycopg2://me@host/db", "TimeZone='UTC' dbname='db' host='host' user='me'"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			u, err := orm.ParseURL(test.url)
			if err != nil {
				t.Fatal(err)
			}
			if diff := gocmp.Diff(test.want, connectionString(u)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if _, err := (dialect{}).Connector(u, nil); err != nil {
				t.Errorf("the driver says %v", err)
			}
		})
	}
}

func TestOptionThatTheDriverRefuses(t *testing.T) {
	u, err := orm.ParseURL("postgres://me:geheim@host/db?sslmode=perhaps")
	if err != nil {
		t.Fatal(err)
	}
	_, err = dialect{}.Connector(u, nil)
	if err == nil || !strings.HasPrefix(err.Error(), "orm: open postgres: the driver refuses an option of the URL: ") || strings.Contains(err.Error(), "geheim") {
		t.Errorf("the error is %v", err)
	}
}

func TestPoolerSendsStatementAndValuesTogether(t *testing.T) {
	u, err := orm.ParseURL("postgres://me@host/db")
	if err != nil {
		t.Fatal(err)
	}
	if got := (dialect{}).PoolerURL(u).Query().Get("binary_parameters"); got != "yes" {
		t.Errorf("binary_parameters is %q", got)
	}
	db := open(t, "binary_parameters=yes")
	if got := value(t, db, "SELECT $1 || 'b'", "a"); got != "ab" {
		t.Errorf("the server answers %v", got)
	}
}

func TestBeginSaysEverythingAtOnce(t *testing.T) {
	db := open(t)
	tests := []struct {
		options orm.TxOptions
		want    orm.SQL
	}{
		{orm.TxOptions{}, "BEGIN"},
		{orm.TxOptions{ReadOnly: true}, "BEGIN READ ONLY"},
		{orm.TxOptions{Isolation: "REPEATABLE READ"}, "BEGIN ISOLATION LEVEL REPEATABLE READ"},
		{orm.TxOptions{Isolation: "SERIALIZABLE", ReadOnly: true, Deferrable: true}, "BEGIN ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE"},
	}
	for _, test := range tests {
		got, err := dialect{}.BeginSQL(test.options)
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff([]orm.SQL{test.want}, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		exec(t, db, string(test.want)+"; ROLLBACK")
	}
}

func TestTwoPhaseSQL(t *testing.T) {
	for step, want := range map[orm.TwoPhaseStep]orm.SQL{
		orm.TwoPhaseBegin:    "BEGIN READ ONLY",
		orm.TwoPhasePrepare:  "PREPARE TRANSACTION 'x'",
		orm.TwoPhaseCommit:   "COMMIT PREPARED 'x'",
		orm.TwoPhaseRollback: "ROLLBACK PREPARED 'x'",
		orm.TwoPhaseAbandon:  "ROLLBACK",
	} {
		if diff := gocmp.Diff([]orm.SQL{want}, dialect{}.TwoPhaseSQL(step, "x", "BEGIN READ ONLY")); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}
}

func TestEveryConnectionIsInUTC(t *testing.T) {
	db := open(t)
	if got := value(t, db, "SHOW TimeZone"); got != "UTC" {
		t.Errorf("the zone is %v", got)
	}
	if got := value(t, db, "SELECT current_setting('server_encoding')"); got != "UTF8" {
		t.Errorf("the encoding is %v", got)
	}
}

func TestDriverDialsThroughTheEngine(t *testing.T) {
	open(t) // leaves out the test where there is no server
	u, err := orm.ParseURL(serverURL)
	if err != nil {
		t.Fatal(err)
	}
	type mark struct{}
	dialled := 0
	connector, err := dialect{}.Connector(u, func(ctx context.Context, network, address string) (net.Conn, error) {
		if ctx.Value(mark{}) != nil {
			dialled++
		}
		return (&net.Dialer{}).DialContext(ctx, network, address)
	})
	if err != nil {
		t.Fatal(err)
	}
	c, err := connector.Connect(context.WithValue(t.Context(), mark{}, true))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	if dialled != 1 {
		t.Errorf("the engine has dialled %d times with the context of Connect, want 1", dialled)
	}
}

func TestStatusOfATransaction(t *testing.T) {
	db := open(t)
	exec(t, db, "CREATE TABLE t (x int)")
	for ending, want := range map[string]string{"COMMIT": "committed", "ROLLBACK": "aborted"} {
		tx, err := db.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var id, system, timeline sql.NullString
		for _, text := range []string{"BEGIN", "INSERT INTO t VALUES (1)"} {
			if err := tx.QueryRowContext(t.Context(), string(dialect{}.TxIDSQL())).Scan(&id, &system, &timeline); err != nil || id.Valid {
				t.Fatalf("before a row is written the id is %v, %v", id, err)
			}
			if _, err := tx.ExecContext(t.Context(), text); err != nil {
				t.Fatal(err)
			}
		}
		if err := tx.QueryRowContext(t.Context(), string(dialect{}.TxIDSQL())).Scan(&id, &system, &timeline); err != nil {
			t.Fatal(err)
		}
		if got := status(t, db, id.String, system.String, timeline.String); got != "in progress" {
			t.Errorf("the open transaction is %q", got)
		}
		if _, err := tx.ExecContext(t.Context(), ending); err != nil {
			t.Fatal(err)
		}
		if got := status(t, db, id.String, system.String, timeline.String); got != want {
			t.Errorf("after %s the transaction is %q, want %q", ending, got, want)
		}
		_ = tx.Close()
	}
}

// status asks for the status of a transaction, and checks that the server says
// it is the same.
func status(t *testing.T, db *sql.DB, id, system, timeline string) string {
	t.Helper()
	var status, sameSystem, sameTimeline string
	if err := db.QueryRowContext(t.Context(), string(dialect{}.StatusSQL()), id).Scan(&status, &sameSystem, &sameTimeline); err != nil {
		t.Fatal(err)
	}
	if sameSystem != system || sameTimeline != timeline {
		t.Errorf("the server is %s on timeline %s, and was %s on %s", sameSystem, sameTimeline, system, timeline)
	}
	return status
}

func TestWordsThatAreNotReservedStandAsNames(t *testing.T) {
	db := open(t)
	rows, err := db.QueryContext(t.Context(), "SELECT word FROM pg_get_keywords() ORDER BY word")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var script strings.Builder
	script.WriteString("BEGIN;")
	count := 0
	for rows.Next() {
		var word string
		if err := rows.Scan(&word); err != nil {
			t.Fatal(err)
		}
		if (dialect{}).Reserved(word) {
			continue
		}
		count++
		script.WriteString(strings.NewReplacer("$", word).Replace(`
			CREATE TABLE $ ($ INTEGER, UNIQUE ($)); CREATE INDEX ix_$ ON $ ($); INSERT INTO $ ($) VALUES (2);
			UPDATE $ SET $ = 3 WHERE $.$ = 2; SELECT $.$ AS $ FROM $ AS $ ORDER BY $; DELETE FROM $ WHERE $ = 2; DROP TABLE $;`))
	}
	if err := rows.Err(); err != nil || count < 200 {
		t.Fatalf("%d words, %v", count, err)
	}
	exec(t, db, script.String()+"ROLLBACK")
}

func TestLockTimeoutOfTheServer(t *testing.T) {
	db := open(t, "lock_timeout=20ms")
	exec(t, db, "CREATE TABLE t (x int)")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = tx.Rollback() }()
	if _, err := tx.ExecContext(ctx, "LOCK TABLE t"); err != nil {
		t.Fatal(err)
	}
	_, err = db.ExecContext(ctx, "INSERT INTO t VALUES (1)")
	if got, _ := (dialect{}).Classify(err); got.Kind != orm.ErrLockTimeout {
		t.Errorf("%v is %v, want %v", err, got.Kind, orm.ErrLockTimeout)
	}
}
