// This file tests statements that are shown to people.

package orm_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

// A text with its values in it asks for the same rows as the statement.
func TestTextWithValuesAsksForTheSameRows(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withCompany(t)
		conn := get(db.Connect(t.Context()))(t)
		defer func() { must(t, conn.Close()) }()
		for _, c := range predicateCases() {
			if c.rows == nil || c.check != nil || slices.Contains(strings.Fields(c.lacks), db.name()) {
				continue
			}
			text := get(orm.DebugSQL(c.stmt, db.name()))(t)
			if strings.ContainsRune(text, 0) {
				t.Errorf("%s: a mark is left in %q", c.name, text)
			}
			t.Run(c.name, func(t *testing.T) {
				shown := c
				shown.stmt = orm.Text(orm.SQL(text))
				got, err := caseRows(t, conn, shown)
				if err != nil {
					t.Fatalf("%s: %v", text, err)
				}
				expect(t, c.rows, got)
			})
		}
	})
}

// It says that it is for reading, quotes as the database does, and names what has
// no value yet.
func TestTextWithValuesIsMarked(t *testing.T) {
	p := orm.NewTable("p", orm.NewMetadata(), orm.NewColumn("name", types.Text()), orm.NewColumn("at", types.Timestamp()), orm.NewColumn("ok", types.Boolean()), orm.NewColumn("raw", types.LargeBinary()), orm.NewColumn("n", types.Double()))
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	stmt := orm.Select(p.C("name")).Where(
		p.C("name").Eq(`it's \ ?`), orm.Col[bool](p, "ok").Eq(true), p.C("raw").Eq([]byte("\x00\xff")), orm.Col[float64](p, "n").Gt(1.5),
		orm.Eq(orm.Col[string](p, "name"), orm.Param[string]("wanted")), orm.Col[time.Time](p, "at").Lt(at),
	)
	const marked = "/* for reading only */ SELECT p.name FROM p WHERE p.name = "
	text := get(orm.DebugSQL(stmt, "sqlite"))(t)
	if want := marked + `'it''s \ ?' AND p.ok = `; !strings.HasPrefix(text, want) || !strings.Contains(text, "p.raw = x'00ff' AND p.n > 1.5 AND p.name = :wanted AND p.at < '2026-01-02 03:04:05") {
		t.Error(text)
	}
	if text := get(orm.DebugSQL(stmt, "mysql"))(t); !strings.HasPrefix(text, marked+`'it''s \\ ?' AND`) {
		t.Error(text)
	}
	_, err := orm.DebugSQL(orm.Select(), "sqlite")
	expectKind(t, orm.ErrArgument, err)
}

// A statement prints as standard SQL without its values, and a mistake as what it
// is.
func TestStatementsPrintThemselves(t *testing.T) {
	p := orm.NewTable("p", orm.NewMetadata(), orm.NewColumn("id", types.Integer()), orm.NewColumn("name", types.Text()))
	name := orm.Col[string](p, "name")
	for _, test := range []struct {
		stmt fmt.Stringer
		want string
	}{
		{orm.Select(name).Where(name.Eq("secret")), "SELECT p.name FROM p WHERE p.name = ?"},
		{orm.Union(orm.Select(name), orm.Select(name)), "SELECT p.name FROM p UNION SELECT p.name FROM p"},
		{orm.Insert(p).Values(orm.M{"name": "x"}), "INSERT INTO p (name) VALUES (?)"},
		{orm.Update(p).Set(name.Set("x")).AllRows(), "UPDATE p SET name = ?"},
		{orm.Delete(p).Where(name.Eq("x")), "DELETE FROM p WHERE p.name = ?"},
		{orm.Text("SELECT :x", "y"), "<orm: "},
	} {
		if got := fmt.Sprint(test.stmt); !strings.HasPrefix(got, test.want) {
			t.Errorf("%q, and not %q", got, test.want)
		}
	}
}
