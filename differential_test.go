// This file runs random queries on each database and in memory, and wants the same
// rows. A failure prints the smallest query that was found; -rapid.seed repeats it,
// and -rapid.checks asks for more of them.

package orm_test

import (
	"flag"
	"strconv"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/aurum-go/orm"
)

// How often the random tests of queries run, in multiples of -rapid.checks, which is
// 150 unless more is asked for: 300 on SQLite, and 60 on each server.
const (
	checksOnSQLite  = 2.0
	checksOnServers = 0.4
)

// rapidly checks a property a multiple of -rapid.checks times.
func rapidly(t *testing.T, times float64, property func(*rapid.T)) {
	t.Helper()
	asked, err := strconv.ParseFloat(flag.Lookup("rapid.checks").Value.String(), 64)
	must(t, err)
	for left := int(asked * times); left > 0 && !t.Failed(); {
		failed := false
		rapid.Check(t, func(rt *rapid.T) {
			if left--; left < 0 && !failed {
				return
			}
			ended := false
			defer func() { failed = failed || !ended }()
			property(rt)
			ended = true
		})
	}
}

// rapidlyOn is rapidly for a database.
func rapidlyOn(t *testing.T, db *testDB, property func(*rapid.T)) {
	t.Helper()
	times := checksOnServers
	if db.name() == "sqlite" {
		times = checksOnSQLite
	}
	rapidly(t, times, property)
}

// onEachTissue runs a test on a database with cells and fibres.
func onEachTissue(t *testing.T, test func(t *testing.T, db *testDB, cells []*Cell, fibres []*Fibre)) {
	t.Helper()
	t.Parallel()
	for _, d := range databases {
		t.Run(d.name, func(t *testing.T) {
			t.Parallel()
			url := d.create(t)
			if d.name == "mysql" {
				url += "?collation=utf8mb4_bin"
			}
			db, cells, fibres := openTestDB(t, url).withCells(t)
			test(t, db, cells, fibres)
		})
	}
}

// rowsIn are the rows of a query on a database, as the model writes them.
func rowsIn(t *testing.T, db *testDB, r relation) ([][]any, error) {
	found, err := orm.Fetch[orm.M](t.Context(), db.Engine, r.stmt.(orm.Statement))
	rows := make([][]any, len(found))
	for i, row := range found {
		for _, o := range r.outputs {
			rows[i] = append(rows[i], row[o.label])
		}
	}
	return rows, err
}

func TestQueriesGiveTheRowsThatTheyMean(t *testing.T) {
	onEachTissue(t, func(t *testing.T, db *testDB, cells []*Cell, fibres []*Fibre) {
		rapidlyOn(t, db, func(rt *rapid.T) {
			r := newQueries(rt, db.name() == "sqlite", cells, fibres).relation(rapid.IntRange(1, 4).Draw(rt, "depth"))
			got, err := rowsIn(t, db, r)
			want, have := allWritten(r.rows), allWritten(got)
			if !r.sorted {
				want, have = sorted(want), sorted(have)
			}
			diff := gocmp.Diff(want, have)
			if err == nil && diff == "" {
				return
			}
			text, args, _ := orm.Compile(r.stmt.(orm.Statement), db.name())
			rt.Fatalf("%s\n%#v\n%v\n(-in memory +in the database)\n%s", text, args, err, diff)
		})
	})
}

// The product's own evaluation of conditions, where it dares to, is what they mean.
func TestConditionsAreEvaluatedAsTheyMean(t *testing.T) {
	onEachTissue(t, func(t *testing.T, db *testDB, cells []*Cell, _ []*Fibre) {
		rapidlyOn(t, db, func(rt *rapid.T) {
			s := cellSource(orm.Entity[Cell](), cells)
			m := &maker{T: rt, fold: db.name() == "sqlite", sources: []*source{s}}
			condition := m.truth(rapid.IntRange(0, 4).Draw(rt, "depth"))
			for i, c := range cells {
				got, ok := orm.Evaluate(db.Engine, c, condition.expr)
				if want := condition.of(view{}.with(s, s.rows[i])); ok && got != want {
					rt.Fatalf("%s is evaluated to %v in place of %v\n%v", orm.Select().Where(condition.expr), got, want, s.rows[i])
				}
			}
		})
	})
}

// What follows was found by the tests above.

func TestAConstantThatIsSelectedIsABool(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		row := get(orm.FetchOne[orm.M](t.Context(), db.Engine, orm.Select(orm.True().As("yes"), orm.False().As("no"))))(t)
		compare(t, orm.M{"yes": true, "no": false}, row)
	})
}

func TestAListOfValuesCanBeGroupedBy(t *testing.T) {
	onEachTissue(t, func(t *testing.T, db *testDB, _ []*Cell, _ []*Fibre) {
		c := orm.Entity[Cell]()
		for name, key := range map[string]orm.Expr[bool]{
			"IN":         orm.C(&c.ID).In(1, 2, 3),
			"a tuple IN": orm.Tuple(orm.C(&c.ID), orm.C(&c.ID)).In([]any{1, 1}, []any{2, 2}, []any{3, 3}),
		} {
			counts, err := orm.Fetch[orm.Tuple2[bool, int64]](t.Context(), db.Engine, orm.Select(key, orm.Count()).From(c).Where(orm.C(&c.ID).Le(10)).GroupBy(key).OrderBy(orm.Count()))
			if diff := gocmp.Diff([]orm.Tuple2[bool, int64]{{V1: true, V2: 3}, {V1: false, V2: 7}}, counts); err != nil || diff != "" {
				t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
			}
		}
	})
}
