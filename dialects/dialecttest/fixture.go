// This file holds the tables that the topics of reading share, with rows that
// have a NULL, a tie, and a row without partner in each direction.

package dialecttest

import (
	"testing"
	"time"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

// The tables of reading. They are values, made once; a topic creates them in its
// database by the first case that needs them.
var (
	readingMeta = orm.NewMetadata()

	people = orm.NewTable("people", readingMeta,
		key("id"),
		orm.NewColumn("name", types.String(50), orm.NotNull()),
		orm.NewColumn("city", types.String(50)),
		orm.NewColumn("age", types.Integer()),
		orm.NewColumn("height", types.Double()),
		orm.NewColumn("born", types.Date()),
		orm.NewColumn("seen", types.DateTime()),
		orm.NewColumn("active", types.Boolean(), orm.NotNull()),
	)
	pets = orm.NewTable("pets", readingMeta,
		key("id"),
		orm.NewColumn("owner_id", types.BigInteger(), orm.References("people", "id")),
		orm.NewColumn("name", types.String(50), orm.NotNull()),
	)
)

var seen = time.Date(2024, 2, 29, 13, 45, 59, 123456000, time.UTC)

func day(year, month, day int) time.Time {
	return time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
}

var peopleRows = []orm.M{
	{"id": 1, "name": "ann", "city": "oslo", "age": 31, "height": 1.75, "born": day(1993, 1, 2), "seen": seen, "active": true},
	{"id": 2, "name": "bob", "city": "rome", "age": 25, "height": 1.8, "born": day(1999, 12, 31), "seen": seen.Add(time.Hour), "active": false},
	{"id": 3, "name": "cleo", "city": "oslo", "age": nil, "height": nil, "born": nil, "seen": nil, "active": true},
	{"id": 4, "name": "dan", "city": nil, "age": 25, "height": 1.6, "born": day(1999, 2, 28), "seen": seen.Add(-48 * time.Hour), "active": true},
}

var petRows = []orm.M{
	{"id": 1, "owner_id": 1, "name": "rex"},
	{"id": 2, "owner_id": 1, "name": "tom"},
	{"id": 3, "owner_id": 2, "name": "ida"},
	{"id": 4, "owner_id": nil, "name": "stray"},
}

// reading makes the tables of reading, once for a topic.
func (db *database) reading(t *testing.T) {
	t.Helper()
	if db.fixtures["reading"] {
		return
	}
	must(t, readingMeta.CreateAll(t.Context(), db.engine))
	exec(t, db, orm.Insert(people).Values(peopleRows))
	exec(t, db, orm.Insert(pets).Values(petRows))
	db.fixtures["reading"] = true
}

// query is a case of one statement over the tables of reading, and its rows.
type query struct {
	name  string
	stmt  orm.Statement
	want  result
	needs []need
}

// result compares the rows of a statement.
type result func(t *testing.T, db *database, stmt orm.Statement)

// rows expects these rows, in this order.
func rows[T any](want ...T) result {
	return func(t *testing.T, db *database, stmt orm.Statement) {
		t.Helper()
		got := fetch[T](t, db, stmt)
		if len(want) == 0 && len(got) == 0 {
			return
		}
		equal(t, want, got)
	}
}

// value expects one row of one column.
func value[T any](want T) result { return rows(want) }

// pair is a row of two columns.
type pair struct {
	A string
	B *string
}

// queries makes cases of queries. Where a feature is missing, the statement has
// to be refused before it is sent.
func queries(list []query) []check {
	checks := make([]check, len(list))
	for i, q := range list {
		checks[i] = check{
			name: q.name, needs: q.needs,
			run: func(t *testing.T, db *database) {
				db.reading(t)
				q.want(t, db, q.stmt)
			},
			lacking: func(t *testing.T, db *database) { db.refusesUnsent(t, orm.ErrUnsupported, q.stmt) },
		}
	}
	return checks
}
