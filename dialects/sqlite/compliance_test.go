// This file runs the compliance suite, on databases in memory and in files.

package sqlite_test

import (
	"path/filepath"
	"testing"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/dialects/dialecttest"
	_ "github.com/aurum-go/orm/dialects/sqlite"
)

func TestComplianceInMemory(t *testing.T) {
	dialecttest.Run(t, config(func(*testing.T) string { return "sqlite:///:memory:" }))
}

func TestComplianceInFile(t *testing.T) {
	dialecttest.Run(t, config(func(t *testing.T) string {
		return "sqlite:///" + filepath.Join(t.TempDir(), "test.db")
	}))
}

func config(url func(t *testing.T) string) dialecttest.Config {
	return dialecttest.Config{
		Open: func(t *testing.T) *orm.Engine {
			t.Helper()
			engine, err := orm.Open(url(t))
			if err != nil {
				t.Fatal(err)
			}
			return engine
		},
		Server: dialecttest.Server{
			Raise:          []orm.SQL{"CREATE TRIGGER no_rows BEFORE INSERT ON guarded BEGIN SELECT RAISE(ABORT, 'no rows here'); END"},
			Sleep:          "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000000) SELECT count(*) FROM n",
			ImpatientLocks: "PRAGMA busy_timeout = 100",
		},
		Tells: map[orm.ErrorKind]dialecttest.Names{
			orm.ErrUniqueViolation:  {Columns: true},
			orm.ErrNotNullViolation: {Columns: true},
			orm.ErrCheckViolation:   {Constraint: true},
		},
		Missing: []dialecttest.Exemption{
			{Case: "inspect/a key that is not generated", Reason: "every INTEGER PRIMARY KEY is the number of the row, which SQLite makes where a statement has none"},
			{Case: "errors/a number out of range", Reason: "columns have no range; the library checks the values that it sends"},
			{Case: "errors/a text that is too long", Reason: "columns have no length; the library checks the values that it sends"},
			{Case: "errors/a row that was changed meanwhile", Reason: "a transaction that may write has the lock from the start"},
			{Case: "errors/a connection that an administrator has ended", Reason: "there is no server and no administrator"},
			{Case: "errors/a connection that was ended while it was idle", Reason: "there is no server and no administrator"},
			{Case: "errors/a connection that was ended in a transaction", Reason: "there is no server and no administrator"},
		},
	}
}
