// This file tests what a connection is like: what the URL becomes, and what
// holds on every connection that the connector makes.

package sqlite

import (
	"context"
	"database/sql"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aurum-go/orm"
)

// open returns a pool over the dialect's connector.
func open(t *testing.T, url string) *sql.DB {
	t.Helper()
	u, err := orm.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	connector, err := dialect{}.Connector(u, nil)
	if err != nil {
		t.Fatal(err)
	}
	db := sql.OpenDB(connector)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// conn returns one connection of a pool.
func conn(t *testing.T, db *sql.DB) *sql.Conn {
	t.Helper()
	c, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

type execer interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
}

func exec(t *testing.T, on execer, query string, args ...any) {
	t.Helper()
	if _, err := on.ExecContext(t.Context(), query, args...); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
}

type querier interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// value returns the one value of a query.
func value(t *testing.T, on querier, query string, args ...any) any {
	t.Helper()
	var v any
	if err := on.QueryRowContext(t.Context(), query, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return v
}

func TestDataSourceFillsInDefaultsUnlessTheURLSaysOtherwise(t *testing.T) {
	const standard = "_busy_timeout=5000&_dqs=0&_foreign_keys=1&_journal_mode=WAL&_synchronous=NORMAL"
	tests := []struct{ name, url, want string }{
		{"relative file", "sqlite:///some.db", "file:some.db?" + standard},
		{"absolute file", "sqlite:////var/some.db", "file:/var/some.db?" + standard},
		{"special characters", "sqlite:///a%3Fb%23c%25.db", "file:a%3Fb%23c%25.db?" + standard},
		{"file URI", "sqlite:///file:some.db?uri=true", "file:some.db?" + standard + "&uri=true"},
		{"option of the driver", "sqlite:///some.db?_journal_mode=DELETE&_dqs=1", "file:some.db?_busy_timeout=5000&_dqs=1&_foreign_keys=1&_journal_mode=DELETE&_synchronous=NORMAL"},
		{"short option", "sqlite:///some.db?_timeout=1", "file:some.db?_dqs=0&_foreign_keys=1&_journal_mode=WAL&_synchronous=NORMAL&_timeout=1"},
		{"pragma", "sqlite:///some.db?_pragma=Foreign_Keys(0)", "file:some.db?_busy_timeout=5000&_dqs=0&_journal_mode=WAL&_pragma=Foreign_Keys%280%29&_synchronous=NORMAL"},
		{"read-only file", "sqlite:///some.db?mode=ro", "file:some.db?_busy_timeout=5000&_dqs=0&_foreign_keys=1&_synchronous=NORMAL&mode=ro"},
		{"named memory", "sqlite:///shared?mode=memory&cache=shared", "file:/shared?_busy_timeout=5000&_dqs=0&_foreign_keys=1&vfs=memdb"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			u, err := orm.ParseURL(test.url)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, dataSource(u)); diff != "" {
				t.Errorf("data source (-want +got)\n%s", diff)
			}
		})
	}
}

func TestMemoryDatabasesHaveNamesOfTheirOwn(t *testing.T) {
	for _, url := range []string{"sqlite://", "sqlite:///:memory:"} {
		u, err := orm.ParseURL(url)
		if err != nil {
			t.Fatal(err)
		}
		first, second := dataSource(u), dataSource(u)
		if first == second || !strings.HasPrefix(first, "file:/orm-") || !strings.Contains(first, "vfs=memdb") {
			t.Errorf("%s became %s and then %s", url, first, second)
		}
		if got := (dialect{}).ConnectorOptions(u); got != (orm.ConnectorSettings{PrepareAll: true, KeepOne: true}) {
			t.Errorf("%s: the settings are %+v", url, got)
		}
	}
}

func TestURLWithAHostIsRefused(t *testing.T) {
	u, err := orm.ParseURL("sqlite://file.db")
	if err != nil {
		t.Fatal(err)
	}
	_, err = dialect{}.Connector(u, nil)
	want := "orm: open sqlite: a file has no host and no user (three slashes before a relative path, four before an absolute one)"
	if err == nil || err.Error() != want {
		t.Errorf("the error is %v, want %s", err, want)
	}
}

func TestConnectionsShareTheDatabaseInMemory(t *testing.T) {
	db := open(t, "sqlite:///:memory:")
	first, second := conn(t, db), conn(t, db)
	exec(t, first, "CREATE TABLE t (id INTEGER PRIMARY KEY)")
	exec(t, first, "INSERT INTO t DEFAULT VALUES")
	if got := value(t, second, "SELECT count(*) FROM t"); got != int64(1) {
		t.Errorf("the other connection counts %v rows, want 1", got)
	}
	elsewhere := open(t, "sqlite:///:memory:")
	if got := value(t, elsewhere, "SELECT count(*) FROM sqlite_schema"); got != int64(0) {
		t.Errorf("another database has %v tables, want 0", got)
	}
}

func TestEveryConnectionHasItsSettings(t *testing.T) {
	db := open(t, "sqlite:///"+filepath.Join(t.TempDir(), "a b?.db"))
	for range 2 {
		c := conn(t, db)
		for pragma, want := range map[string]any{
			"foreign_keys": int64(1), "busy_timeout": int64(5000), "journal_mode": "wal", "synchronous": int64(1),
		} {
			if got := value(t, c, "PRAGMA "+pragma); got != want {
				t.Errorf("%s is %v, want %v", pragma, got, want)
			}
		}
		if _, err := c.ExecContext(t.Context(), `SELECT "nosuch"`); err == nil {
			t.Error("a name that does not exist is taken for text")
		}
	}
}

func TestWriterWaitsForTheOtherOne(t *testing.T) {
	file := "sqlite:///" + filepath.Join(t.TempDir(), "test.db")
	db := open(t, file+"?_busy_timeout=1")
	begin, err := dialect{}.BeginSQL(orm.TxOptions{})
	if err != nil {
		t.Fatal(err)
	}
	exec(t, conn(t, db), string(begin[0]))
	_, err = conn(t, db).ExecContext(t.Context(), string(begin[0]))
	if details, _ := (dialect{}).Classify(err); details.Kind != orm.ErrLockTimeout {
		t.Errorf("the second writer gets %v, want a lock timeout", err)
	}
	reading, err := dialect{}.BeginSQL(orm.TxOptions{ReadOnly: true})
	if err != nil {
		t.Fatal(err)
	}
	reader := conn(t, db)
	exec(t, reader, string(reading[0]))
	if got := value(t, reader, "SELECT count(*) FROM sqlite_schema"); got != int64(0) {
		t.Errorf("the reader sees %v", got)
	}
}

// keywords are all of SQLite's.
const keywords = `abort action add after all alter always analyze and as asc attach autoincrement before begin between by cascade
	case cast check collate column commit conflict constraint create cross current current_date current_time current_timestamp
	database default deferrable deferred delete desc detach distinct do drop each else end escape except exclude exclusive
	exists explain fail filter first following for foreign from full generated glob group groups having if ignore immediate in
	index indexed initially inner insert instead intersect into is isnull join key last left like limit match materialized
	natural no not nothing notnull null nulls of offset on or order others outer over partition plan pragma preceding primary
	query raise range recursive references regexp reindex release rename replace restrict returning right rollback row rows
	savepoint select set table temp temporary then ties to transaction trigger unbounded union unique update using vacuum
	values view virtual when where window with within without true false`

func TestWordsThatAreNotReservedStandAsNames(t *testing.T) {
	db := open(t, "sqlite://")
	c := conn(t, db)
	words := strings.Fields(keywords)
	words = slices.DeleteFunc(words, dialect{}.Reserved)
	if len(words) < 50 {
		t.Fatalf("only %d keywords are left", len(words))
	}
	for _, word := range words {
		named := strings.NewReplacer("$", word)
		for _, text := range []string{
			"CREATE TABLE $ ($ INTEGER, UNIQUE ($))", "CREATE INDEX ix_$ ON $ ($)", "INSERT INTO $ ($) VALUES (2)",
			"UPDATE $ SET $ = 3 WHERE $.$ = 2", "DELETE FROM $ WHERE $ = 2",
		} {
			exec(t, c, named.Replace(text))
		}
		if got := value(t, c, named.Replace("SELECT $.$ AS $ FROM $ AS $ ORDER BY $")); got != int64(3) {
			t.Errorf("%s reads as %v, want 3", word, got)
		}
		exec(t, c, "DROP TABLE "+word)
	}
}
