// This file tests what a flush costs: its statements follow from how many rows go
// into one, and its stack from nothing.

package orm_test

import (
	"fmt"
	"runtime/debug"
	"testing"

	"github.com/aurum-go/orm"
)

// How many rows one statement writes, and for how many objects one reads a
// relationship, below the limits of parameters.
const (
	rowsWritten = 250
	keysRead    = 500
)

// parts is how many statements rows take.
func parts(rows, each int) int { return (rows + each - 1) / each }

// The number of statements of a flush is that of the tables, times the rows over
// those that one statement takes: whether they are new, moved, linked, or deleted
// with others. Where no network lies in between, rows go through one prepared
// statement, which counts once.
func TestStatementsFollowFromTheRowsOfOne(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withTables(t, graph)
		written := func(rows int) int {
			return byDialect[int]{"sqlite": 1}.of(db) + byDialect[int]{"postgres": 1, "mysql": 1}.of(db)*parts(rows, rowsWritten)
		}
		for _, n := range []int{100, 1000} {
			s, ctx := db.session(t), t.Context()
			flush := func(want map[string]int) {
				t.Helper()
				must(t, s.Flush(ctx))
				sent := map[string]int{}
				for _, target := range targets(db.plainStatements()) {
					sent[target]++
				}
				expect(t, want, sent)
			}
			people, labels := newAuthors(n), make([]*Label, 10)
			for i := range labels {
				labels[i] = &Label{Name: fmt.Sprint(n, " ", i)}
			}
			orm.AddAll(s, people)
			flush(map[string]int{"INSERT people": written(n), "INSERT articles": written(10 * n)})
			for _, p := range people {
				p.Articles[0].Labels = append(p.Articles[0].Labels, labels...)
			}
			flush(map[string]int{"INSERT labels": 1, "INSERT article_labels": parts(10*n, rowsWritten)})
			first := people[0].Articles
			for i, p := range people[1:] {
				people[i].Articles = p.Articles
			}
			people[n-1].Articles = first
			flush(map[string]int{"UPDATE articles": written(10 * n)})
			expect(t, people[0].ID, people[0].Articles[9].AuthorID)
			must(t, s.Commit(ctx))
			orm.DeleteAll(s, people)
			flush(map[string]int{
				"SELECT articles": parts(n, keysRead), "SELECT passports": parts(n, keysRead), "SELECT drafts": parts(n, keysRead),
				"DELETE articles": parts(10*n, rowsWritten), "DELETE people": parts(n, rowsWritten),
			})
			must(t, s.Commit(ctx))
			expect(t, []int64{0, 0, 0}, ints(t, db, "SELECT count(*) FROM people UNION ALL SELECT count(*) FROM articles UNION ALL SELECT count(*) FROM article_labels"))
			db.statements()
		}
	})
}

// newAuthors are people with ten articles each.
func newAuthors(n int) []*Person {
	people := make([]*Person, n)
	for i := range people {
		people[i] = &Person{Name: fmt.Sprint(i)}
		for j := range 10 {
			people[i].Articles = append(people[i].Articles, &Article{Title: fmt.Sprint(j)})
		}
	}
	return people
}

// Waypoint leads to the next one of its line.
type Waypoint struct {
	orm.Base `orm:"table:waypoints"`

	ID     int64
	Name   string    `orm:"size:20"`
	NextID *int64    `orm:"index;foreign_key:waypoints.id"`
	Next   *Waypoint `orm:"cascade:all"`
}

// Shoot is a Branch whose children are found by an index.
type Shoot struct {
	orm.Base `orm:"table:shoots"`

	ID       int64
	ParentID *int64   `orm:"index"`
	Parent   *Shoot   `orm:"back_populates:Children"`
	Children []*Shoot `orm:"back_populates:Parent;cascade:all"`
}

var depths = orm.MustRegister(&Waypoint{}, &Shoot{})

// newLine is a chain of waypoints; it returns the first one.
func newLine(n int) *Waypoint {
	var first *Waypoint
	for range n {
		first = &Waypoint{Name: "x", Next: first}
	}
	return first
}

// newShoots is a tree of so many levels, each object but those of the last level
// with as many children.
func newShoots(levels, children int) *Shoot {
	root := &Shoot{}
	for level := []*Shoot{root}; levels > 1; levels-- {
		var next []*Shoot
		for _, s := range level {
			for range children {
				s.Children = append(s.Children, &Shoot{})
			}
			next = append(next, s.Children...)
		}
		level = next
	}
	return root
}

// TestDeepGraphsDoNotRecurse is not parallel: it lowers the limit of all stacks to
// a few bytes for each object of the graphs, which no call for each would fit.
func TestDeepGraphsDoNotRecurse(t *testing.T) { //nolint:paralleltest // see above
	const many = 20000
	defer debug.SetMaxStack(debug.SetMaxStack(many * 16))
	db := openTestDB(t, "sqlite:///:memory:").withTables(t, depths)
	for name, graph := range map[string]deepGraph{
		"a chain":         {newLine(many), "waypoints"},
		"a chain of many": {newShoots(many, 1), "shoots"},
		"a tree":          {newShoots(5, 11), "shoots"},
	} {
		t.Run(name, func(t *testing.T) { graph.live(t, db) }) //nolint:paralleltest // see above
	}
}

// deepGraph is an object that leads to many others, and their table.
type deepGraph struct {
	root  orm.Model
	table string
}

// live has a graph go through all that follows it.
func (g deepGraph) live(t *testing.T, db *testDB) {
	s, ctx := db.session(t), t.Context()
	s.Add(g.root)
	must(t, s.Commit(ctx))
	n := ints(t, db, orm.SQL("SELECT count(*) FROM "+g.table))[0]
	if n < 16000 {
		t.Fatalf("%d rows", n)
	}
	must(t, s.Refresh(ctx, g.root))
	s.Expunge(g.root)
	must(t, s.Rollback(ctx))
	other := db.session(t)
	switch root := g.root.(type) {
	case *Waypoint:
		get(orm.Merge(ctx, other, root))(t)
	case *Shoot:
		get(orm.Merge(ctx, other, root))(t)
	}
	expect(t, 0, len(other.New())+len(other.Dirty()))
	must(t, other.Close())
	s.ExpungeAll()
	s.Add(g.root)
	s.Delete(g.root)
	must(t, s.Flush(ctx))
	expect(t, []int64{0}, get(orm.Fetch[int64](ctx, s, orm.Text(orm.SQL("SELECT count(*) FROM "+g.table))))(t))
	must(t, s.Rollback(ctx))
	s.Delete(g.root)
	must(t, s.Commit(ctx))
	expect(t, orm.Detached, orm.StateOf(g.root))
}

// What is in memory of a chain is read again by few statements, not by one for each
// level; and rows that refer to each other are deleted by few, where the database
// checks foreign keys at the end of a statement.
func TestChainInMemoryIsDeletedByFewStatements(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withTables(t, depths)
		const many = 300
		deletes := byDialect[int]{"sqlite": parts(many, rowsWritten), "postgres": parts(many, rowsWritten), "mysql": many}.of(db)
		for name, c := range map[string]struct {
			root  orm.Model
			stale bool
			reads int
		}{
			"a chain":                  {root: newLine(many)},
			"a chain that is stale":    {root: newLine(many), stale: true, reads: 1},
			"children":                 {root: newShoots(many, 1)},
			"children that are stale":  {root: newShoots(many, 1), stale: true, reads: 1},
			"a tree that is not known": {root: newShoots(3, 16), stale: true, reads: 1},
		} {
			s, ctx := db.session(t), t.Context()
			s.Add(c.root)
			must(t, s.Flush(ctx))
			if c.stale {
				must(t, s.Commit(ctx))
			}
			s.Delete(c.root)
			db.statements()
			must(t, s.Flush(ctx))
			sent := map[string]int{}
			for _, head := range heads(db.plainStatements()) {
				sent[head]++
			}
			want := map[string]int{"DELETE": deletes, "SELECT": c.reads}
			if name == "a tree that is not known" {
				want["DELETE"] = byDialect[int]{"sqlite": 2, "postgres": 2, "mysql": 4}.of(db)
			}
			if c.reads == 0 {
				delete(want, "SELECT")
			}
			if len(sent) != len(want) || sent["DELETE"] != want["DELETE"] || sent["SELECT"] != want["SELECT"] {
				t.Errorf("%s: %v and not %v", name, sent, want)
			}
			must(t, s.Rollback(ctx))
		}
	})
}

// UPDATE and DELETE go by what the rows of the table itself lead to.
func TestWritesGoByRelationshipsToTheSameTable(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, graph).session(t), t.Context()
		s.Add(&Branch{Name: "root", Children: []*Branch{{Name: "leaf"}}})
		must(t, s.Commit(ctx))
		s.ExpungeAll()
		b := orm.Entity[Branch]()
		get(orm.Exec(ctx, s, orm.Update(b).Set(orm.C(&b.Name).Set("parent")).Where(orm.Many(&b.Children).Any())))(t)
		get(orm.Exec(ctx, s, orm.Delete(b).Where(orm.One(&b.Parent).Has(orm.C(&b.Name).Eq("parent")))))(t)
		expect(t, []string{"parent"}, get(orm.Fetch[string](ctx, s, orm.Text("SELECT name FROM branches")))(t))
		must(t, s.Rollback(ctx))
	})
}
