// This file runs the compliance suite, each topic on a database of its own.

package postgres_test

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/dialects/dialecttest"
	_ "github.com/aurum-go/orm/dialects/postgres"
)

// server is where databases for tests may be created.
var server = cmp.Or(os.Getenv("ORM_TEST_POSTGRES"), "postgres://postgres@127.0.0.1:5432/postgres?sslmode=disable")

func TestCompliance(t *testing.T) {
	admin := open(t, server)
	t.Cleanup(func() { closeEngine(t, admin) })
	if err := admin.Ping(t.Context()); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("PostgreSQL cannot be reached: %v", err)
		}
		t.Skipf("PostgreSQL cannot be reached, nothing is tested: %v", err)
	}
	dialecttest.Run(t, dialecttest.Config{
		Open: func(t *testing.T) *orm.Engine { return newDatabase(t, admin) },
		Server: dialecttest.Server{
			Raise: []orm.SQL{
				"CREATE FUNCTION no_rows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no rows here'; END $$",
				"CREATE TRIGGER no_rows BEFORE INSERT ON guarded FOR EACH ROW EXECUTE FUNCTION no_rows()",
			},
			Sleep:        "SELECT CAST(pg_sleep(20) AS text) AS slept",
			ConnectionID: "SELECT pg_backend_pid()",
			Kill:         func(id int64) orm.SQL { return orm.SQL(fmt.Sprintf("SELECT pg_terminate_backend(%d)", id)) },
			Alive: func(id int64) orm.SQL {
				return orm.SQL(fmt.Sprintf("SELECT count(*) FROM pg_stat_activity WHERE pid = %d", id))
			},
			ImpatientLocks: "SET lock_timeout = '200ms'",
			Snapshot:       "REPEATABLE READ",
		},
		Tells: map[orm.ErrorKind]dialecttest.Names{
			orm.ErrUniqueViolation:     {Constraint: true, Columns: true},
			orm.ErrForeignKeyViolation: {Constraint: true, Columns: true},
			orm.ErrNotNullViolation:    {Columns: true},
			orm.ErrCheckViolation:      {Constraint: true},
		},
		Missing: []dialecttest.Exemption{
			{Case: "expression/parameters alone", Reason: "the server finds no operator for two parameters of unknown types; a Cast tells one"},
		},
	})
}

func open(t *testing.T, url string) *orm.Engine {
	t.Helper()
	engine, err := orm.Open(url)
	if err != nil {
		t.Fatal(err)
	}
	return engine
}

func closeEngine(t *testing.T, engine *orm.Engine) {
	t.Helper()
	if err := engine.Close(); err != nil {
		t.Error(err)
	}
}

// newDatabase creates a database, and drops it when the test ends.
func newDatabase(t *testing.T, admin *orm.Engine) *orm.Engine {
	t.Helper()
	name := "orm_" + strings.ToLower(rand.Text()[:12])
	run(t, admin, "CREATE DATABASE "+name+" TEMPLATE template0")
	t.Cleanup(func() { run(t, admin, "DROP DATABASE "+name+" WITH (FORCE)") })
	return open(t, admin.URL().WithDatabase(name).Render())
}

func run(t *testing.T, engine *orm.Engine, text string) {
	t.Helper()
	if _, err := orm.Exec(context.Background(), engine, orm.Text(orm.SQL(text))); err != nil {
		t.Fatal(err)
	}
}
