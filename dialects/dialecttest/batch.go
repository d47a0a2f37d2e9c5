// This file looks at many rows at once, through mapped structs: each object gets
// the key of its own row, whatever the way in which the rows are sent.

package dialecttest

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aurum-go/orm"
)

// widget has a key and a time that come from elsewhere, and a name to recognise
// its row by.
type widget struct {
	orm.Base `orm:"table:widgets"`

	ID     int64  `orm:"primary_key"`
	Name   string `orm:"size:60;unique"`
	Size   *int
	Kind   string `orm:"size:20;server_default:'plain'"`
	MadeAt time.Time
}

// gadget has a key of two columns that the program makes.
type gadget struct {
	orm.Base `orm:"table:gadgets"`

	Shelf int64  `orm:"primary_key;autoincrement:false"`
	Place int64  `orm:"primary_key;autoincrement:false"`
	Label string `orm:"size:20"`
	Turn  int    `orm:"version"`
}

// models maps the structs, when the suite is first run.
var models = sync.OnceValue(func() *orm.Registry { return orm.MustRegister(&widget{}, &gadget{}) })

func batchChecks() []check {
	var checks []check
	for _, n := range []int{1, 2, 100, 1000, 30000} {
		checks = append(checks, check{name: fmt.Sprintf("%d objects get the keys of their rows", n), run: insertsObjects(n)})
	}
	return append(checks, []check{
		{name: "objects with different columns", run: insertsDifferentColumns},
		{name: "objects with defaults of the server", run: insertsServerDefaults},
		{name: "5,000 rows with keys of their own", run: insertsComposites},
		{name: "2,000 objects are changed", run: updatesObjects},
		{name: "2,000 objects are changed to different values and columns", run: updatesDifferently},
		{name: "2,000 versions are counted", run: updatesVersions},
		{name: "a row that is gone is noticed among many", run: noticesStaleRow},
		{name: "2,000 objects are deleted", run: deletesObjects},
		{name: "a duplicate among many undoes all of them", run: undoesDuplicate},
		{name: "an object that is refused keeps all from being saved", run: refusesOneOfMany},
		{name: "objects are read back whole", run: readsBack},
	}...)
}

// working opens a session on empty tables of widgets and gadgets.
func working(t *testing.T, db *database) *orm.Session {
	t.Helper()
	db.create(t, models().Metadata())
	s := orm.NewSession(db.engine)
	t.Cleanup(func() { must(t, s.Close()) })
	return s
}

func widgets(n int) []*widget {
	list := make([]*widget, n)
	for i := range list {
		list[i] = &widget{Name: fmt.Sprintf("w%05d", i), Kind: "round", MadeAt: seen.Add(time.Duration(i) * time.Microsecond)}
	}
	return list
}

// names of rows by their keys.
type keyed struct {
	ID   int64
	Name string
}

func insertsObjects(n int) func(t *testing.T, db *database) {
	return func(t *testing.T, db *database) {
		s := working(t, db)
		list := widgets(n)
		orm.AddAll(s, list)
		must(t, s.Commit(t.Context()))
		matchRows(t, db, list)
	}
}

// matchRows compares the keys in memory with those of the rows.
func matchRows(t *testing.T, db *database, list []*widget) {
	t.Helper()
	want := make([]keyed, len(list))
	for i, w := range list {
		want[i] = keyed{w.ID, w.Name}
	}
	slices.SortFunc(want, func(a, b keyed) int { return int(a.ID - b.ID) })
	equal(t, want, append([]keyed{}, fetch[keyed](t, db, orm.Text("SELECT id, name FROM widgets ORDER BY id"))...))
}

func insertsDifferentColumns(t *testing.T, db *database) {
	s := working(t, db)
	list := widgets(300)
	for i, w := range list {
		if i%3 == 0 {
			w.Size = &i
		}
		if i%5 == 0 {
			w.ID = int64(100_000 + i)
		}
	}
	orm.AddAll(s, list)
	must(t, s.Commit(t.Context()))
	matchRows(t, db, list)
	equal(t, 100, fetchOne[int](t, db, orm.Text("SELECT count(size) FROM widgets")))
}

func insertsServerDefaults(t *testing.T, db *database) {
	s := working(t, db)
	list := widgets(200)
	for _, w := range list {
		w.Kind = ""
	}
	orm.AddAll(s, list)
	must(t, s.Commit(t.Context()))
	for _, w := range list {
		must(t, s.Refresh(t.Context(), w))
		if w.Kind != "plain" {
			t.Fatalf("the default of the server came back as %q", w.Kind)
		}
	}
	must(t, s.Commit(t.Context()))
	matchRows(t, db, list)
}

func gadgets(n int) []*gadget {
	list := make([]*gadget, n)
	for i := range list {
		list[i] = &gadget{Shelf: int64(i % 7), Place: int64(i), Label: fmt.Sprint("g", i)}
	}
	return list
}

func insertsComposites(t *testing.T, db *database) {
	s := working(t, db)
	orm.AddAll(s, gadgets(5000))
	must(t, s.Commit(t.Context()))
	equal(t, 5000, fetchOne[int](t, db, orm.Text("SELECT count(*) FROM gadgets WHERE label = ? OR label <> ?", "g1", "g1")))
	found, err := orm.Get[gadget](t.Context(), s, 3, 10)
	must(t, err)
	equal(t, "g10", found.Label)
}

// stored returns a session with n stored widgets.
func stored(t *testing.T, db *database, n int) (*orm.Session, []*widget) {
	t.Helper()
	s, list := working(t, db), widgets(n)
	orm.AddAll(s, list)
	must(t, s.Commit(t.Context()))
	return s, list
}

func updatesObjects(t *testing.T, db *database) {
	s, list := stored(t, db, 2000)
	for _, w := range list {
		w.Kind = "square"
	}
	must(t, s.Commit(t.Context()))
	equal(t, 2000, fetchOne[int](t, db, orm.Text("SELECT count(*) FROM widgets WHERE kind = ?", "square")))
}

func updatesDifferently(t *testing.T, db *database) {
	s, list := stored(t, db, 2000)
	for i, w := range list {
		switch i % 4 {
		case 0:
			w.Name = fmt.Sprint("renamed ", i)
		case 1:
			w.Size = &i
		case 2:
			w.MadeAt, w.Kind = seen.Add(-time.Second), "old"
		}
	}
	must(t, s.Commit(t.Context()))
	matchRows(t, db, list)
	equal(t, 500, fetchOne[int](t, db, orm.Text("SELECT count(size) FROM widgets WHERE size % 4 = 1")))
	equal(t, 500, fetchOne[int](t, db, orm.Text("SELECT count(*) FROM widgets WHERE kind = ?", "old")))
}

func updatesVersions(t *testing.T, db *database) {
	s, list := working(t, db), gadgets(2000)
	orm.AddAll(s, list)
	must(t, s.Commit(t.Context()))
	for _, g := range list {
		g.Label = "changed"
	}
	must(t, s.Commit(t.Context()))
	equal(t, 2000, fetchOne[int](t, db, orm.Text("SELECT count(*) FROM gadgets WHERE turn = ?", list[0].Turn)))
}

func noticesStaleRow(t *testing.T, db *database) {
	s, list := working(t, db), gadgets(500)
	orm.AddAll(s, list)
	must(t, s.Commit(t.Context()))
	for _, g := range list {
		g.Label = "changed"
	}
	exec(t, db, orm.Text("UPDATE gadgets SET turn = turn + 1 WHERE place = ?", 250))
	err := s.Commit(t.Context())
	wantKind(t, orm.ErrStaleData, err)
	must(t, s.Rollback(t.Context()))
	equal(t, 0, fetchOne[int](t, db, orm.Text("SELECT count(*) FROM gadgets WHERE label = ?", "changed")))
}

func deletesObjects(t *testing.T, db *database) {
	s, list := stored(t, db, 2000)
	for _, w := range list[1:] {
		s.Delete(w)
	}
	must(t, s.Commit(t.Context()))
	matchRows(t, db, list[:1])
}

func undoesDuplicate(t *testing.T, db *database) {
	s, list := working(t, db), widgets(1000)
	list[700].Name = list[2].Name
	orm.AddAll(s, list)
	err := s.Commit(t.Context())
	wantKind(t, orm.ErrUniqueViolation, err)
	must(t, s.Rollback(t.Context()))
	matchRows(t, db, nil)
	for _, w := range list {
		if w.ID != 0 {
			t.Fatalf("a key of a row that is gone was left: %d", w.ID)
		}
	}
}

func refusesOneOfMany(t *testing.T, db *database) {
	s, list := working(t, db), widgets(1000)
	list[999].Name = "\x00"
	orm.AddAll(s, list)
	wantKind(t, orm.ErrValue, s.Commit(t.Context()))
	must(t, s.Rollback(t.Context()))
	matchRows(t, db, nil)
}

func readsBack(t *testing.T, db *database) {
	s, list := stored(t, db, 1000)
	must(t, s.Close())
	fresh := orm.NewSession(db.engine)
	defer func() { must(t, fresh.Close()) }()
	got, err := orm.Query[widget](fresh).OrderBy(orm.F("ID")).All(t.Context())
	must(t, err)
	for i, w := range got {
		if w.ID != list[i].ID || w.Name != list[i].Name || !w.MadeAt.Equal(list[i].MadeAt) {
			t.Fatalf("row %d came back as %d %q %s, not %d %q %s", i, w.ID, w.Name, w.MadeAt, list[i].ID, list[i].Name, list[i].MadeAt)
		}
	}
	equal(t, len(list), len(got))
}
