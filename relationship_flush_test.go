package orm_test

import (
	"context"
	"errors"
	"testing"

	"github.com/aurum-go/orm"
)

// Person, Passport, Article and Label are the one-to-many, many-to-one, one-to-one
// and many-to-many cases.
type Person struct {
	orm.Base `orm:"table:people"`

	ID       int64
	Name     string     `orm:"size:50"`
	Articles []*Article `orm:"back_populates:Author;cascade:all,delete-orphan;order_by:ID"`
	Drafts   []*Draft   `orm:"back_populates:Owner"`
	Passport *Passport  `orm:"back_populates:Person;cascade:all,delete-orphan"`
}

type Passport struct {
	orm.Base `orm:"table:passports"`

	ID       int64
	Number   string  `orm:"size:20"`
	PersonID int64   `orm:"unique"`
	Person   *Person `orm:"back_populates:Passport"`
}

type Article struct {
	orm.Base `orm:"table:articles"`

	ID       int64
	Title    string `orm:"size:50"`
	AuthorID int64
	Author   *Person  `orm:"back_populates:Articles"`
	Labels   []*Label `orm:"secondary:article_labels;back_populates:Articles"`
}

type Label struct {
	orm.Base `orm:"table:labels"`

	ID       int64
	Name     string     `orm:"size:50;unique"`
	Articles []*Article `orm:"secondary:article_labels;back_populates:Labels"`
}

// Draft may belong to nobody.
type Draft struct {
	orm.Base `orm:"table:drafts"`

	ID      int64
	Text    string `orm:"size:50"`
	OwnerID *int64
	Owner   *Person `orm:"back_populates:Drafts"`
}

// Branch is a tree.
type Branch struct {
	orm.Base `orm:"table:branches"`

	ID       int64
	Name     string `orm:"size:50"`
	ParentID *int64
	Parent   *Branch   `orm:"back_populates:Children"`
	Children []*Branch `orm:"back_populates:Parent;cascade:all"`
}

var graph = orm.MustRegister(&Person{}, &Passport{}, &Article{}, &Label{}, &Draft{}, &Branch{})

func (db *testDB) titles(t *testing.T) []string {
	t.Helper()
	return get(orm.Fetch[string](t.Context(), db.Engine, orm.Text("SELECT title FROM articles ORDER BY id")))(t)
}

func ints(t *testing.T, db *testDB, text orm.SQL) []int64 {
	t.Helper()
	return get(orm.Fetch[int64](t.Context(), db.Engine, orm.Text(text)))(t)
}

func TestGraphIsWrittenParentsFirst(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, graph).session(t), t.Context()
		ed := &Person{Name: "ed", Passport: &Passport{Number: "1"}, Articles: []*Article{{Title: "a", Labels: []*Label{{Name: "go"}}}, {Title: "b"}}}
		s.Add(ed)
		must(t, s.Commit(ctx))
		expect(t, 5, len(db.statements()))
		a := ed.Articles[0]
		if ed.ID == 0 || a.AuthorID != ed.ID || a.Author != ed || ed.Passport.PersonID != ed.ID || ed.Passport.Person != ed || a.Labels[0].ID == 0 {
			t.Errorf("%+v", ed)
		}
		if l := a.Labels[0]; len(l.Articles) != 1 || l.Articles[0] != a {
			t.Errorf("%+v", l)
		}
		expect(t, []int64{a.Labels[0].ID}, ints(t, db, "SELECT label_id FROM article_labels"))
		must(t, s.Flush(ctx))
		expect(t, 1, len(db.statements()))
	})
}

// Adding a child of a tree adds its parents, which are inserted first.
func TestChildBringsItsParent(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, graph).session(t), t.Context()
		leaf := &Branch{Name: "leaf", Parent: &Branch{Name: "middle", Parent: &Branch{Name: "root"}}}
		s.Add(leaf)
		expect(t, 3, len(s.New()))
		must(t, s.Commit(ctx))
		expect(t, 3, len(db.statements()))
		root := leaf.Parent.Parent
		if *leaf.ParentID != leaf.Parent.ID || *leaf.Parent.ParentID != root.ID || root.ParentID != nil || root.Children[0] != leaf.Parent {
			t.Errorf("%+v", leaf)
		}
	})
}

func TestRemovedChildIsDeletedAsAnOrphanOrReleased(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, graph).session(t), t.Context()
		ed := &Person{Name: "ed", Articles: []*Article{{Title: "a"}, {Title: "b"}, {Title: "c"}}, Drafts: []*Draft{{Text: "x"}, {Text: "y"}}}
		s.Add(ed)
		must(t, s.Commit(ctx))
		db.statements()
		a, x := ed.Articles[0], ed.Drafts[0]
		ed.Articles, ed.Drafts = ed.Articles[1:], ed.Drafts[1:]
		must(t, s.Commit(ctx))
		expect(t, 2, len(db.statements()))
		expect(t, []string{"b", "c"}, db.titles(t))
		expect(t, []int64{1}, ints(t, db, "SELECT count(*) FROM drafts WHERE owner_id IS NULL"))
		if orm.StateOf(a) != orm.Detached || x.Owner != nil || x.OwnerID != nil || orm.StateOf(x) != orm.Persistent {
			t.Errorf("%v %+v", orm.StateOf(a), x)
		}
	})
}

func TestMoveIsOneUpdateInEitherOrder(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, graph).session(t), t.Context()
		ed, jo := &Person{Name: "ed", Articles: []*Article{{Title: "a"}, {Title: "b"}}}, &Person{Name: "jo"}
		s.Add(ed, jo)
		must(t, s.Commit(ctx))
		a, b := ed.Articles[0], ed.Articles[1]
		db.statements()
		jo.Articles = append(jo.Articles, a)
		ed.Articles = ed.Articles[1:]
		must(t, s.Flush(ctx))
		expect(t, 1, len(db.statements()))
		b.Author = jo
		must(t, s.Commit(ctx))
		expect(t, 1, len(db.statements()))
		if a.Author != jo || a.AuthorID != jo.ID || b.AuthorID != jo.ID || len(ed.Articles) != 0 || len(jo.Articles) != 2 {
			t.Errorf("%+v %+v", ed, jo)
		}
		expect(t, []string{"a", "b"}, db.titles(t))
	})
}

func TestSidesThatDisagreeAreRefused(t *testing.T) {
	db := onSQLite(t).withTables(t, graph)
	s, ctx := db.session(t), t.Context()
	ed, jo, al := &Person{Name: "ed", Articles: []*Article{{Title: "a"}}}, &Person{Name: "jo"}, &Person{Name: "al"}
	s.Add(ed, jo, al)
	must(t, s.Commit(ctx))
	a := ed.Articles[0]
	a.Author = jo
	al.Articles = append(al.Articles, a)
	expectKind(t, orm.ErrContradiction, s.Flush(ctx))
	must(t, s.Rollback(ctx))
	if a.Author != ed || len(al.Articles) != 0 {
		t.Errorf("%+v %+v", a, al)
	}
	jo.Articles, al.Articles = []*Article{a}, []*Article{a}
	expectKind(t, orm.ErrContradiction, s.Flush(ctx))
	must(t, s.Rollback(ctx))
	ed.Articles = append(ed.Articles, nil)
	expectKind(t, orm.ErrArgument, s.Flush(ctx))
	must(t, s.Rollback(ctx))
	must(t, s.Commit(ctx))
}

func TestLinksAreWrittenByTheirDifference(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, graph).session(t), t.Context()
		a := &Article{Title: "a", Author: &Person{Name: "ed"}, Labels: []*Label{{Name: "x"}, {Name: "y"}}}
		s.Add(a)
		must(t, s.Commit(ctx))
		x, y := a.Labels[0], a.Labels[1]
		db.statements()
		a.Labels = append(a.Labels[1:], &Label{Name: "z"})
		must(t, s.Commit(ctx))
		expect(t, 3, len(db.statements()))
		expect(t, []int64{y.ID, a.Labels[1].ID}, ints(t, db, "SELECT label_id FROM article_labels ORDER BY 1"))
		if len(x.Articles) != 0 || len(a.Labels[1].Articles) != 1 {
			t.Errorf("%+v", x)
		}
		x.Articles = append(x.Articles, a) // from the other side, and twice
		a.Labels = append(a.Labels, x, x)
		must(t, s.Commit(ctx))
		expect(t, []int64{x.ID, y.ID, a.Labels[1].ID}, ints(t, db, "SELECT label_id FROM article_labels ORDER BY 1"))
		get(orm.Exec(ctx, db.Engine, orm.Text("DELETE FROM article_labels")))(t)
		a.Labels = nil
		expectKind(t, orm.ErrStaleData, s.Flush(ctx))
		must(t, s.Rollback(ctx))
	})
}

func TestOneToOneIsReplaced(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, graph).session(t), t.Context()
		ed := &Person{Name: "ed", Passport: &Passport{Number: "1"}}
		s.Add(ed)
		must(t, s.Commit(ctx))
		old := ed.Passport
		ed.Passport = &Passport{Number: "2"}
		must(t, s.Commit(ctx))
		expect(t, []string{"2"}, get(orm.Fetch[string](ctx, db.Engine, orm.Text("SELECT number FROM passports")))(t))
		if orm.StateOf(old) != orm.Detached {
			t.Error(orm.StateOf(old))
		}
	})
}

func TestRollbackPutsRelationshipsBack(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, graph).session(t), t.Context()
		ed, jo := &Person{Name: "ed", Articles: []*Article{{Title: "a"}, {Title: "b"}}}, &Person{Name: "jo"}
		s.Add(ed, jo)
		must(t, s.Commit(ctx))
		a, b := ed.Articles[0], ed.Articles[1]
		fresh := &Article{Title: "c"}
		change := func() {
			ed.Articles = []*Article{b, fresh}
			jo.Articles = []*Article{a}
		}
		check := func() {
			t.Helper()
			if len(ed.Articles) != 2 || ed.Articles[0] != a || a.Author != ed || a.AuthorID != ed.ID || len(jo.Articles) != 0 {
				t.Errorf("%+v %+v %+v", ed, jo, a)
			}
			if orm.StateOf(fresh) != orm.Transient || fresh.Author != nil || fresh.AuthorID != 0 || fresh.ID != 0 {
				t.Errorf("%v %+v", orm.StateOf(fresh), fresh)
			}
		}
		change()
		must(t, s.Flush(ctx))
		must(t, s.Rollback(ctx))
		check()
		change()
		must(t, s.Rollback(ctx))
		check()
		stop := errors.New("stop")
		if err := s.Nested(ctx, func(context.Context) error { change(); must(t, s.Flush(ctx)); return stop }); !errors.Is(err, stop) {
			t.Fatal(err)
		}
		check()
		change()
		must(t, s.Commit(ctx))
		expect(t, []int64{jo.ID, ed.ID, ed.ID}, ints(t, db, "SELECT author_id FROM articles ORDER BY id"))
	})
}
