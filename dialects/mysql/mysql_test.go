// This file tests what a connection is like: what the URL becomes, what holds
// on every connection that the connector makes, and what is made of a server's
// version. It has what the tests of the package need to reach a server.

package mysql

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	gocmp "github.com/google/go-cmp/cmp"

	"github.com/aurum-go/orm"
)

// serverURL is the server for tests, on which they may create databases.
var serverURL = cmp.Or(os.Getenv("ORM_TEST_MYSQL"), "mysql://root@127.0.0.1:3306/")

// databases counts the databases that this process has created.
var databases atomic.Int64

// open returns a pool over the dialect's connector, on an empty database of its
// own, and the dialect for the server. Options of the URL may be added.
func open(t *testing.T, options ...string) (*sql.DB, dialect) {
	t.Helper()
	u, err := orm.ParseURL(serverURL)
	if err != nil {
		t.Fatal(err)
	}
	admin := pool(t, u)
	if err := admin.PingContext(t.Context()); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("MySQL cannot be reached: %v", err)
		}
		t.Skipf("MySQL cannot be reached, nothing is tested: %v", err)
	}
	name := fmt.Sprintf("orm_dialect_%d_%d", os.Getpid(), databases.Add(1))
	exec(t, admin, "CREATE DATABASE "+name)
	t.Cleanup(func() {
		if _, err := admin.ExecContext(context.Background(), "DROP DATABASE "+name); err != nil {
			t.Error(err)
		}
	})
	u = u.WithDatabase(name)
	for _, option := range options {
		key, value, _ := strings.Cut(option, "=")
		u = u.WithQuery(key, value)
	}
	db := pool(t, u)
	return db, forVersion(value(t, db, "SELECT VERSION()").(string))
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

// configFor returns the driver's settings for a URL.
func configFor(t *testing.T, url string) (*mysql.Config, error) {
	t.Helper()
	u, err := orm.ParseURL(url)
	if err != nil {
		t.Fatal(err)
	}
	return config(u, nil)
}

func TestConfigFromURL(t *testing.T) {
	tests := []struct{ name, url, user, password, network, address, database string }{
		{"all parts", "mysql://me:pass@host:3307/db", "me", "pass", "tcp", "host:3307", "db"},
		{"as little as there can be", "mysql://", "", "", "tcp", "127.0.0.1:3306", ""},
		{"special characters", "mariadb://me:a%40%2F%3F@host/a%2Fb", "me", "a@/?", "tcp", "host:3306", "a/b"},
		{"IPv6", "mysql://me@[::1]/db", "me", "", "tcp", "[::1]:3306", "db"},
		{"socket", "mysql+pymysql://me@localhost/db?unix_socket=/run/mysqld/mysqld.sock", "me", "", "unix", "/run/mysqld/mysqld.sock", "db"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := configFor(t, test.url)
			if err != nil {
				t.Fatal(err)
			}
			want := []string{test.user, test.password, test.network, test.address, test.database}
			if diff := gocmp.Diff(want, []string{got.User, got.Passwd, got.Net, got.Addr, got.DBName}); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if !got.ClientFoundRows || !got.ParseTime || got.Loc != time.UTC || got.InterpolateParams || got.MultiStatements {
				t.Errorf("a setting is wrong in %+v", got)
			}
		})
	}
}

func TestOptionsOfTheDriverPass(t *testing.T) {
	got, err := configFor(t, "mysql://me@host/db?timeout=3s&readTimeout=4s&parseTime=true&collation=utf8mb4_bin&innodb_lock_wait_timeout=1")
	if err != nil {
		t.Fatal(err)
	}
	if got.Timeout != 3*time.Second || got.ReadTimeout != 4*time.Second || got.Collation != "utf8mb4_bin" || got.Params["innodb_lock_wait_timeout"] != "1" {
		t.Errorf("an option is lost in %+v", got)
	}
}

func TestOptionsThatUndoAPromiseAreRefused(t *testing.T) {
	for _, option := range []string{
		"interpolateParams=true", "multiStatements=true", "clientFoundRows=false", "parseTime=false", "loc=Local",
		"time_zone='%2B01:00'", "strict=false", "timeout=soon",
	} {
		_, err := configFor(t, "mysql://me:geheim@host/db?"+option)
		name, _, _ := strings.Cut(option, "=")
		if !errors.Is(err, orm.ErrURL) || strings.Contains(err.Error(), "geheim") || name != "timeout" && !strings.Contains(err.Error(), name) {
			t.Errorf("%s: the error is %v", option, err)
		}
	}
}

func TestEveryConnectionHasItsSettings(t *testing.T) {
	for _, base := range []string{"''", "'NO_BACKSLASH_ESCAPES,ANSI_QUOTES'"} {
		db, _ := open(t, "sql_mode="+base)
		mode, _ := value(t, db, "SELECT @@sql_mode").(string)
		if !strings.Contains(mode, "STRICT_ALL_TABLES") || strings.Contains(mode, "NO_BACKSLASH_ESCAPES") {
			t.Errorf("the mode is %s", mode)
		}
		if strings.Contains(base, "ANSI") != strings.Contains(mode, "ANSI_QUOTES") {
			t.Errorf("of %s came %s", base, mode)
		}
		if got := value(t, db, "SELECT concat(@@time_zone, @@character_set_client, @@character_set_results)"); got != "+00:00utf8mb4utf8mb4" {
			t.Errorf("zone and character sets are %v", got)
		}
	}
}

func TestUpdateReportsTheRowsThatItFound(t *testing.T) {
	db, _ := open(t)
	exec(t, db, "CREATE TABLE t (x INT)")
	exec(t, db, "INSERT INTO t VALUES (1), (1)")
	result, err := db.ExecContext(t.Context(), "UPDATE t SET x = 1")
	if err != nil {
		t.Fatal(err)
	}
	if n, err := result.RowsAffected(); n != 2 || err != nil {
		t.Errorf("%d rows, %v, want 2", n, err)
	}
}

func TestValueThatDoesNotFitIsRefused(t *testing.T) {
	db, _ := open(t, "sql_mode=''")
	exec(t, db, "CREATE TABLE t (n TINYINT, s VARCHAR(3), d DATETIME(6)) ENGINE=MyISAM")
	for _, text := range []string{"INSERT INTO t (n) VALUES (300)", "INSERT INTO t (n) VALUES (1), (300)", "INSERT INTO t (s) VALUES ('abcd')", "INSERT INTO t (d) VALUES ('0000-00-00')"} {
		_, err := db.ExecContext(t.Context(), text)
		if got, _ := (dialect{}).Classify(err); got.Kind != orm.ErrValue {
			t.Errorf("%s: %v is %v, want %v", text, err, got.Kind, orm.ErrValue)
		}
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

func TestBeginSQL(t *testing.T) {
	db, _ := open(t)
	c, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	tests := []struct {
		options orm.TxOptions
		want    []orm.SQL
	}{
		{orm.TxOptions{}, []orm.SQL{"START TRANSACTION"}},
		{orm.TxOptions{ReadOnly: true}, []orm.SQL{"START TRANSACTION READ ONLY"}},
		{orm.TxOptions{Isolation: "SERIALIZABLE", ReadOnly: true}, []orm.SQL{"SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", "START TRANSACTION READ ONLY"}},
	}
	for _, test := range tests {
		got, err := dialect{}.BeginSQL(test.options)
		if err != nil {
			t.Fatal(err)
		}
		if diff := gocmp.Diff(test.want, got); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
		for _, text := range append(got, "ROLLBACK") {
			if _, err := c.ExecContext(t.Context(), string(text)); err != nil {
				t.Errorf("%s: %v", text, err)
			}
		}
	}
}

// XA stands in place of the transaction, and of what it would have been begun with.
func TestTwoPhaseSQL(t *testing.T) {
	for step, want := range map[orm.TwoPhaseStep][]orm.SQL{
		orm.TwoPhaseBegin:    {"XA START 'x'"},
		orm.TwoPhasePrepare:  {"XA END 'x'", "XA PREPARE 'x'"},
		orm.TwoPhaseCommit:   {"XA COMMIT 'x'"},
		orm.TwoPhaseRollback: {"XA ROLLBACK 'x'"},
		orm.TwoPhaseAbandon:  {"XA END 'x'", "XA ROLLBACK 'x'"},
	} {
		if diff := gocmp.Diff(want, dialect{}.TwoPhaseSQL(step, "x", "START TRANSACTION")); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}
}

func TestProbeTellsTheServers(t *testing.T) {
	tests := []struct {
		version                                                                 string
		mariaDB, insertReturning, intersect, forShare, skipLocked, indexIfExist bool
	}{
		{"8.4.3", false, false, true, true, true, false},
		{"9.1.0-commercial", false, false, true, true, true, false},
		{"8.0.36-0ubuntu0.22.04.1", false, false, true, true, true, false},
		{"8.0.30", false, false, false, true, true, false},
		{"10.11.6-MariaDB-0+deb12u1", true, true, true, false, true, true},
		{"5.5.5-10.5.8-MariaDB", true, true, true, false, false, true},
		{"11.4.2-MariaDB-log", true, true, true, false, true, true},
		{"10.4.1-MariaDB", true, false, true, false, false, true},
	}
	for _, test := range tests {
		t.Run(test.version, func(t *testing.T) {
			d, err := dialect{}.Probe(t.Context(), func(context.Context, orm.SQL) ([]string, error) { return []string{test.version}, nil })
			if err != nil {
				t.Fatal(err)
			}
			f := d.Features()
			want := []bool{test.mariaDB, test.insertReturning, test.insertReturning, test.intersect, test.forShare, test.skipLocked, test.indexIfExist}
			got := []bool{d.(dialect).mariaDB, f.InsertReturning, f.MultiRowReturning, f.Intersect, f.ForShare, f.SkipLocked, f.IndexIfExists}
			if diff := gocmp.Diff(want, got); diff != "" || d.Name() != "mysql" {
				t.Errorf("%s (-want +got)\n%s", d.Name(), diff)
			}
		})
	}
}

func TestProbeThatFails(t *testing.T) {
	failed := errors.New("failed")
	_, err := dialect{}.Probe(t.Context(), func(context.Context, orm.SQL) ([]string, error) { return nil, failed })
	if !errors.Is(err, failed) {
		t.Errorf("the error is %v", err)
	}
}

func TestWordsThatAreNotReservedStandAsNames(t *testing.T) {
	db, d := open(t)
	rows, err := db.QueryContext(t.Context(), "SELECT lower(word) FROM information_schema.keywords WHERE word REGEXP '^[A-Za-z_0-9]+$'")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = rows.Close() }()
	var free []string
	for rows.Next() {
		var word string
		if err := rows.Scan(&word); err != nil {
			t.Fatal(err)
		}
		if !d.Reserved(word) {
			free = append(free, word)
		}
	}
	if err := rows.Err(); err != nil || len(free) < 300 {
		t.Fatalf("%d words, %v", len(free), err)
	}
	// One query names a column, a table and a result by each of them.
	var results, columns []string
	for _, word := range free {
		results = append(results, fmt.Sprintf("(SELECT %[1]s.%[1]s AS %[1]s FROM (SELECT 2 AS %[1]s) AS %[1]s WHERE %[1]s = 2) AS %[1]s", word))
		columns = append(columns, word+" INT")
	}
	exec(t, db, "CREATE TABLE t ("+strings.Join(columns, ", ")+")")
	if got := value(t, db, "SELECT count(*) FROM (SELECT "+strings.Join(results, ", ")+") AS x"); got != int64(1) {
		t.Errorf("%v rows", got)
	}
}

func TestQuoting(t *testing.T) {
	db, d := open(t)
	name := "a`b\"c"
	if got := d.QuoteIdent(name); got != "`a``b\"c`" {
		t.Errorf("the name is quoted as %s", got)
	}
	for _, text := range []string{`it's`, `back\slash`, `\`, `\'`, `%_`, "new\nline", `日本🎉`} {
		if got := value(t, db, "SELECT "+d.QuoteLiteral(text)+" AS "+d.QuoteIdent(name)); got != text {
			t.Errorf("%q is read back as %q", text, got)
		}
	}
}
