// This file looks at results that are read a part at a time: by a cursor of the
// server, or as the driver hands out rows.

package dialecttest

import (
	"testing"

	"github.com/aurum-go/orm"
)

func cursorChecks() []check {
	return []check{
		{name: "objects are read one by one", run: readsObjects},
		{name: "a loop that is left ends the result", run: leavesLoop},
	}
}

// streamed returns a query for the 1,000 widgets of a session.
func streamed(t *testing.T, db *database) (*orm.Session, *orm.EntityQuery[widget]) {
	t.Helper()
	s := working(t, db)
	orm.AddAll(s, widgets(1000))
	must(t, s.Commit(t.Context()))
	s.ExpungeAll()
	w := orm.Entity[widget]()
	return s, orm.Query[widget](s).OrderBy(orm.C(&w.ID))
}

func readsObjects(t *testing.T, db *database) {
	s, q := streamed(t, db)
	var read []string
	for w, err := range q.Iter(t.Context()) {
		must(t, err)
		read = append(read, w.Name)
	}
	must(t, s.Commit(t.Context()))
	equal(t, fetch[string](t, db, orm.Text("SELECT name FROM widgets ORDER BY id")), read)
}

func leavesLoop(t *testing.T, db *database) {
	s, q := streamed(t, db)
	for _, err := range q.Iter(t.Context()) {
		must(t, err)
		break
	}
	n, err := q.Count(t.Context())
	must(t, err)
	equal(t, int64(1000), n)
	must(t, s.Commit(t.Context()))
}
