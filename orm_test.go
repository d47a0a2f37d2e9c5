// This file holds what the tests of behaviour share: the mapped structs, and a
// helper that runs a test on every database there is.

package orm_test

import (
	"cmp"
	"context"
	"crypto/rand"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/mysql"
	_ "github.com/aurum-go/orm/dialects/postgres"
	_ "github.com/aurum-go/orm/dialects/sqlite"
)

// User is the struct of most tests.
type User struct {
	orm.Base `orm:"table:users"`

	ID        int64  `orm:"primary_key"`
	Name      string `orm:"size:50"`
	Email     string `orm:"size:120;unique"`
	Age       *int
	Active    bool      `orm:"default:true"`
	CreatedAt time.Time `orm:"default:now"`
}

// Account counts its versions.
type Account struct {
	orm.Base `orm:"table:accounts"`

	ID      int64  `orm:"primary_key"`
	Owner   string `orm:"size:50"`
	Balance int64
	Version int `orm:"version"`
}

// OrderLine has a composite key that the database does not make.
type OrderLine struct {
	orm.Base `orm:"table:order_lines"`

	OrderID int64  `orm:"primary_key;autoincrement:false"`
	LineNo  int    `orm:"primary_key;autoincrement:false"`
	SKU     string `orm:"size:20"`
}

// Document has deferred columns, two of them in a group.
type Document struct {
	orm.Base `orm:"table:documents"`

	ID      int64  `orm:"primary_key"`
	Title   string `orm:"size:100"`
	Body    string `orm:"deferred"`
	Summary string `orm:"deferred:extra"`
	Notes   string `orm:"deferred:extra"`
}

// Ticket has what the database fills in.
type Ticket struct {
	orm.Base `orm:"table:tickets"`

	ID       int64  `orm:"primary_key"`
	Title    string `orm:"size:50"`
	Status   string `orm:"size:20;server_default:'open'"`
	Priority int    `orm:"server_default:3"`
	OwnerID  *int64 `orm:"foreign_key:users.id"`
}

var models = orm.MustRegister(&User{}, &Account{}, &OrderLine{}, &Document{}, &Ticket{})

// database is one database that tests run on.
type database struct {
	name string
	// create makes a database for one test, and returns its URL.
	create func(t *testing.T) string
}

var databases = []database{
	{"sqlite", func(*testing.T) string { return "sqlite:///:memory:" }},
	{"postgres", newPostgres},
	{"mysql", newMySQL},
}

// onEachDatabase runs a test on every database, each time with a database of
// its own. SQLite is always there. A server that cannot be reached skips its
// part of the test, and fails it where CI is set.
func onEachDatabase(t *testing.T, test func(t *testing.T, db *testDB)) {
	t.Helper()
	t.Parallel()
	for _, d := range databases {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			test(t, openTestDB(t, d.create(t)))
		})
	}
}

// onSQLite runs a test on SQLite alone: for what no database has a say in.
func onSQLite(t *testing.T) *testDB {
	t.Helper()
	t.Parallel()
	return openTestDB(t, "sqlite:///:memory:")
}

// testDB is an engine on an empty database of the test's own.
type testDB struct {
	*orm.Engine
	url string

	mu   sync.Mutex
	sent []string
}

func openTestDB(t *testing.T, url string, options ...orm.EngineOption) *testDB {
	t.Helper()
	engine, err := orm.Open(url, options...)
	if err != nil {
		t.Fatal(err)
	}
	db := &testDB{Engine: engine, url: url}
	engine.Events().BeforeExecute(func(_ context.Context, e *orm.Execution) error {
		db.mu.Lock()
		defer db.mu.Unlock()
		db.sent = append(db.sent, e.SQL)
		return nil
	})
	t.Cleanup(func() {
		if n := engine.Stats().InUse; n != 0 {
			t.Errorf("%d connections were not given back", n)
		}
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

// withModels creates the tables of the test's structs.
func (db *testDB) withModels(t *testing.T) *testDB {
	t.Helper()
	must(t, models.CreateAll(t.Context(), db.Engine))
	db.statements()
	return db
}

// session returns a session that is closed when the test ends.
func (db *testDB) session(t *testing.T, options ...orm.SessionOption) *orm.Session {
	t.Helper()
	s := orm.NewSession(db.Engine, options...)
	t.Cleanup(func() { must(t, s.Close()) })
	return s
}

// statements returns what was sent since it was last asked.
func (db *testDB) statements() []string {
	db.mu.Lock()
	defer db.mu.Unlock()
	sent := db.sent
	db.sent = nil
	return sent
}

// name returns the name of the database's dialect.
func (db *testDB) name() string { return db.Dialect().Name() }

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// get returns the value of a call that must not fail: get(call())(t).
func get[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		must(t, err)
		return v
	}
}

// newPostgres makes a schema on the PostgreSQL server of ORM_TEST_POSTGRES.
func newPostgres(t *testing.T) string {
	t.Helper()
	base := cmp.Or(os.Getenv("ORM_TEST_POSTGRES"), "postgres://postgres@127.0.0.1:5432/postgres?sslmode=disable")
	admin := connectAdmin(t, base)
	schema := "orm_" + strings.ToLower(rand.Text()[:12])
	run(t, admin, "CREATE SCHEMA "+schema)
	t.Cleanup(func() { run(t, admin, "DROP SCHEMA "+schema+" CASCADE") })
	return base + "&search_path=" + schema
}

// newMySQL makes a database on the MySQL or MariaDB server of ORM_TEST_MYSQL.
func newMySQL(t *testing.T) string {
	t.Helper()
	base := cmp.Or(os.Getenv("ORM_TEST_MYSQL"), "mysql://root@127.0.0.1:3306/")
	admin := connectAdmin(t, base)
	name := "orm_" + strings.ToLower(rand.Text()[:12])
	run(t, admin, "CREATE DATABASE "+name)
	t.Cleanup(func() { run(t, admin, "DROP DATABASE "+name) })
	return base + name
}

var admins struct {
	sync.Mutex
	engines map[string]*orm.Engine
	errs    map[string]error
}

// connectAdmin returns an engine on a server itself, one for all tests.
func connectAdmin(t *testing.T, url string) *orm.Engine {
	t.Helper()
	admins.Lock()
	defer admins.Unlock()
	if admins.engines == nil {
		admins.engines, admins.errs = map[string]*orm.Engine{}, map[string]error{}
	}
	if _, known := admins.engines[url]; !known {
		engine, err := orm.Open(url)
		if err == nil {
			err = engine.Ping(context.Background())
		}
		admins.engines[url], admins.errs[url] = engine, err
	}
	if err := admins.errs[url]; err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("the server cannot be reached: %v", err)
		}
		t.Skipf("the server cannot be reached, so this part is not tested: %v", err)
	}
	return admins.engines[url]
}

// run sends a statement of the tests' own. A test that failed may have left
// locks behind, for which it does not wait long.
func run(t *testing.T, engine *orm.Engine, text string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	_, err := orm.Exec(ctx, engine, orm.Text(orm.SQL(text)))
	must(t, err)
}

// sorted returns a sorted copy.
func sorted[T cmp.Ordered](list []T) []T { return slices.Sorted(slices.Values(list)) }
