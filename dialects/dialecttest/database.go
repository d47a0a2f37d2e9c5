// This file is what cases work with: the database of their topic, tables that are
// gone when the case ends, and comparisons.

package dialecttest

import (
	"context"
	"errors"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

// patience is how long something may take that is sure to happen.
const patience = 20 * time.Second

// engine is embedded under a name that leaves its method Engine visible.
type engine = orm.Engine

// database is the database of a topic.
type database struct {
	*engine
	config   *Config
	features orm.Features
	meta     *orm.Metadata   // of the fixtures
	fixtures map[string]bool // that exist

	mu   sync.Mutex
	sent []string
}

func (db *database) record(text string) {
	db.mu.Lock()
	defer db.mu.Unlock()
	db.sent = append(db.sent, text)
}

// statements returns what was sent since it was last asked.
func (db *database) statements() []string {
	db.mu.Lock()
	defer db.mu.Unlock()
	sent := db.sent
	db.sent = nil
	return sent
}

// create makes the tables of a Metadata, until the case ends.
func (db *database) create(t *testing.T, m *orm.Metadata) {
	t.Helper()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		must(t, m.DropAll(ctx, db.engine))
	})
	must(t, m.CreateAll(t.Context(), db.engine))
}

// table makes one table, until the case ends.
func (db *database) table(t *testing.T, name string, items ...orm.TableItem) *orm.Table {
	t.Helper()
	m := orm.NewMetadata()
	table := orm.NewTable(name, m, items...)
	db.create(t, m)
	return table
}

// conn takes a connection, until the case ends.
func (db *database) conn(t *testing.T, options ...orm.TxOption) *orm.Conn {
	t.Helper()
	conn, err := db.Connect(t.Context(), options...)
	must(t, err)
	t.Cleanup(func() { must(t, conn.Close()) })
	return conn
}

// text runs a text of Config.Server, which has to be there.
func (db *database) text(t *testing.T, ex orm.Executor, field string, text orm.SQL) {
	t.Helper()
	if text == "" {
		t.Fatalf("Config.Server.%s is empty (fill it in, or list the case in Config.Missing)", field)
	}
	exec(t, ex, orm.Text(text))
}

// key is a primary key that the database does not make.
func key(name string) *orm.Column {
	return orm.NewColumn(name, types.BigInteger(), orm.PrimaryKey(), orm.Autoincrement(false))
}

// counted is a primary key that the database makes.
func counted(name string) *orm.Column {
	return orm.NewColumn(name, types.BigInteger(), orm.PrimaryKey())
}

// must ends the case on an error.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func exec(t *testing.T, ex orm.Executor, stmt orm.Statement) *orm.Result {
	t.Helper()
	result, err := orm.Exec(t.Context(), ex, stmt)
	must(t, err)
	return result
}

func fetch[T any](t *testing.T, ex orm.Executor, stmt orm.Statement) []T {
	t.Helper()
	rows, err := orm.Fetch[T](t.Context(), ex, stmt)
	must(t, err)
	return rows
}

func fetchOne[T any](t *testing.T, ex orm.Executor, stmt orm.Statement) T {
	t.Helper()
	row, err := orm.FetchOne[T](t.Context(), ex, stmt)
	must(t, err)
	return row
}

// column returns the values of a column in the order of the table's key.
func column[T any](t *testing.T, ex orm.Executor, table *orm.Table, name string) []T {
	t.Helper()
	stmt := orm.Select(table.C(name)).From(table)
	for _, k := range table.PrimaryKey().Columns() {
		stmt = stmt.OrderBy(table.C(k))
	}
	return fetch[T](t, ex, stmt)
}

// count returns the number of a table's rows.
func count(t *testing.T, ex orm.Executor, table *orm.Table) int {
	t.Helper()
	return fetchOne[int](t, ex, orm.Select(orm.Count()).From(table))
}

// equal compares; times by their instants, NaN with itself.
func equal(t *testing.T, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmpopts.EquateNaNs(), cmpopts.EquateComparable(netip.Addr{}, netip.Prefix{})); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// wantKind checks that an error is of a kind.
func wantKind(t *testing.T, kind orm.ErrorKind, err error) {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Fatalf("want an error of kind %q, got: %v", kind, err)
	}
}

// refusesUnsent checks that a statement is refused, with nothing sent.
func (db *database) refusesUnsent(t *testing.T, kind orm.ErrorKind, stmt orm.Statement) {
	t.Helper()
	db.statements()
	_, err := orm.Exec(t.Context(), db, stmt)
	wantKind(t, kind, err)
	if sent := db.statements(); len(sent) > 0 {
		t.Errorf("it was sent all the same: %q", sent)
	}
}

// is reports whether a type comes back as one of the kinds.
func is(t types.Type, kinds ...types.Kind) bool { return slices.Contains(kinds, t.Kind()) }

// errorTexts are all texts that a reader of an error gets to see: its own, and
// the strings in the fields of the library's errors.
func errorTexts(err error) string {
	texts := []string{err.Error()}
	if db, ok := errors.AsType[*orm.DBError](err); ok {
		texts = append(texts, db.Code, db.SQL, db.Schema, db.Table, db.Constraint, strings.Join(db.Columns, " "))
	}
	return strings.Join(texts, "\n")
}
