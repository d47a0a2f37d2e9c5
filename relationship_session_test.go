package orm_test

import (
	"testing"

	"github.com/aurum-go/orm"
)

func TestRelateSetsBothSidesAtOnce(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, graph).session(t), t.Context()
		ed, jo, a := &Person{Name: "ed"}, &Person{Name: "jo"}, &Article{Title: "a"}
		must(t, orm.Relate(a, &a.Author, ed))
		expect(t, true, a.Author == ed && len(ed.Articles) == 1)
		must(t, orm.Relate(jo, &jo.Articles, a))
		expect(t, true, a.Author == jo && len(ed.Articles) == 0 && len(jo.Articles) == 1)
		l := &Label{Name: "l"}
		must(t, orm.Relate(a, &a.Labels, l))
		expect(t, true, l.Articles[0] == a)
		s.Add(ed, jo)
		must(t, s.Commit(ctx))
		expect(t, []int64{jo.ID}, ints(t, db, "SELECT author_id FROM articles"))
		must(t, orm.Relate(a, &a.Author, ed))
		must(t, orm.Unrelate(l, &l.Articles, a))
		expect(t, true, len(jo.Articles) == 0 && len(ed.Articles) == 1 && len(a.Labels) == 0)
		must(t, s.Commit(ctx))
		expect(t, []int64{ed.ID}, ints(t, db, "SELECT author_id FROM articles"))
		expect(t, []int64{0}, ints(t, db, "SELECT count(*) FROM article_labels"))
		p, q := &Passport{Number: "1"}, &Passport{Number: "2"}
		must(t, orm.Relate(ed, &ed.Passport, p))
		must(t, orm.Relate(ed, &ed.Passport, q))
		expect(t, true, p.Person == nil && q.Person == ed && ed.Passport == q)
		expectKind(t, orm.ErrArgument, orm.Relate(a, &a.Author, l))
		expectKind(t, orm.ErrArgument, orm.Relate(a, &a.Title, ed))
		expectKind(t, orm.ErrArgument, orm.Relate(a, &a.Author, (*Person)(nil)))
	})
}

// Merging an object of the session does nothing; one from elsewhere is copied with what
// it leads to.
func TestMergeCopiesAGraphIntoTheSession(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, graph).session(t), t.Context()
		ed := &Person{Name: "ed", Articles: []*Article{{Title: "a"}, {Title: "b"}}}
		s.Add(ed)
		must(t, s.Commit(ctx))
		given := &Person{ID: ed.ID, Name: "edward", Articles: []*Article{{ID: ed.Articles[1].ID, Title: "B"}, {Title: "c"}}}
		given.Articles[0].Author = given
		merged := get(orm.Merge(ctx, s, given))(t)
		if merged != ed || orm.StateOf(given) != orm.Transient || given.Articles[1].ID != 0 || len(ed.Articles) != 2 {
			t.Fatalf("%+v", merged)
		}
		must(t, s.Commit(ctx))
		expect(t, []string{"B", "c"}, db.titles(t))
		expect(t, "edward", ed.Name)
		if again := get(orm.Merge(ctx, s, ed))(t); again != ed {
			t.Error("an object of the session is not itself")
		}
		other := db.session(t)
		copied := get(orm.Merge(ctx, other, ed))(t)
		if copied == ed || copied.Name != "edward" || copied.Articles[0] == ed.Articles[0] || copied.Articles[0].Author != copied {
			t.Errorf("%+v", copied)
		}
		expect(t, 0, len(other.Dirty()))
	})
}

func TestExpungeAndExpireFollowTheirCascades(t *testing.T) {
	db := onSQLite(t).withTables(t, graph)
	s, ctx := db.session(t), t.Context()
	ed := &Person{Name: "ed", Articles: []*Article{{Title: "a"}}, Drafts: []*Draft{{Text: "d"}}}
	s.Add(ed)
	must(t, s.Commit(ctx))
	s.Expunge(ed)
	expect(t, []orm.State{orm.Detached, orm.Detached, orm.Persistent}, []orm.State{orm.StateOf(ed), orm.StateOf(ed.Articles[0]), orm.StateOf(ed.Drafts[0])})
	s.Add(ed)
	expect(t, orm.Persistent, orm.StateOf(ed.Articles[0]))
	ed.Articles[0].Title = "lost"
	s.Expire(ed)
	expect(t, "a", ed.Articles[0].Title)
	must(t, s.Commit(ctx))
}
