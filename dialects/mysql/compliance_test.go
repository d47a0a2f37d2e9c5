// This file runs the compliance suite, each topic on a database of its own.

package mysql_test

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
	_ "github.com/aurum-go/orm/dialects/mysql"
)

// server is where databases for tests may be created.
var server = cmp.Or(os.Getenv("ORM_TEST_MYSQL"), "mysql://root@127.0.0.1:3306/")

func TestCompliance(t *testing.T) {
	admin := open(t, server)
	t.Cleanup(func() { closeEngine(t, admin) })
	if err := admin.Ping(t.Context()); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("MySQL cannot be reached: %v", err)
		}
		t.Skipf("MySQL cannot be reached, nothing is tested: %v", err)
	}
	dialecttest.Run(t, dialecttest.Config{
		Open: func(t *testing.T) *orm.Engine { return newDatabase(t, admin) },
		Server: dialecttest.Server{
			Raise:        []orm.SQL{"CREATE TRIGGER no_rows BEFORE INSERT ON guarded FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no rows here'"},
			Sleep:        "SELECT SLEEP(20)",
			ConnectionID: "SELECT CONNECTION_ID()",
			Kill:         func(id int64) orm.SQL { return orm.SQL(fmt.Sprintf("KILL %d", id)) },
			Alive: func(id int64) orm.SQL {
				return orm.SQL(fmt.Sprintf("SELECT count(*) FROM information_schema.processlist WHERE id = %d", id))
			},
			ImpatientLocks: "SET innodb_lock_wait_timeout = 1",
			Snapshot:       "REPEATABLE READ",
			SnapshotSetup:  "SET innodb_snapshot_isolation = ON",
		},
		Tells: map[orm.ErrorKind]dialecttest.Names{
			orm.ErrUniqueViolation:     {Constraint: true},
			orm.ErrForeignKeyViolation: {Constraint: true, Columns: true},
			orm.ErrNotNullViolation:    {Columns: true},
			orm.ErrCheckViolation:      {Constraint: true},
		},
		Missing: []dialecttest.Exemption{
			{Case: "literals/comments with characters of four bytes", Reason: "the server keeps comments in the character set utf8mb3"},
			{Case: "inspect/a default that is a text with characters of four bytes", Reason: "the default is right, but the catalogue shows it in the character set utf8mb3"},
			{Case: "identifiers/a name with characters of four bytes", Reason: "the server takes names of the basic plane only"},
			{Case: "literals/labels that differ in case or accents", Reason: "labels of an ENUM compare under the collation of the column"},
			{Case: "inspect/type UUID", Reason: "the column is CHAR(36), and nothing shows that its texts are UUIDs"},
			{Case: "inspect/on delete set default", Reason: "the server has RESTRICT in place of SET DEFAULT"},
			{Case: "inspect/on update set default", Reason: "the server has RESTRICT in place of SET DEFAULT"},
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
	run(t, admin, "CREATE DATABASE "+name)
	t.Cleanup(func() { run(t, admin, "DROP DATABASE "+name) })
	return open(t, admin.URL().WithDatabase(name).Render())
}

func run(t *testing.T, engine *orm.Engine, text string) {
	t.Helper()
	if _, err := orm.Exec(context.Background(), engine, orm.Text(orm.SQL(text))); err != nil {
		t.Fatal(err)
	}
}
