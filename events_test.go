// This file tests the events of objects and sessions: when listeners are called, and
// what comes of what they do.

package orm_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/aurum-go/orm"
)

// Notice is watched in most tests of events. Each test has pages of its own by their
// book, for those who listen to a struct hear of all tests.
type Notice struct {
	orm.Base `orm:"table:notices"`

	ID     int64
	Book   string `orm:"size:120"`
	Title  string `orm:"size:80"`
	Notes  string `orm:"size:120"`
	Size   *int64
	Status string `orm:"size:20;default:draft"`
}

// Signed has methods for its rows.
type Signed struct {
	Log []string `orm:"-"`
}

func (s *Signed) BeforeInsert(context.Context, *orm.Session) error {
	s.Log = append(s.Log, "method before insert")
	return nil
}

func (s *Signed) AfterUpdate(context.Context, *orm.Session) error {
	s.Log = append(s.Log, "method after update")
	return nil
}

// Letter has its methods from what it embeds.
type Letter struct {
	orm.Base `orm:"table:letters"`
	Signed

	ID   int64
	Text string `orm:"size:120"`
}

var watchedModels = orm.MustRegister(&Notice{}, &Letter{})

// onPages has a listener hear of the pages of one test only.
func onPages(book string, f func(p *Notice) error) func(context.Context, *orm.Session, *Notice) error {
	return func(_ context.Context, _ *orm.Session, p *Notice) error {
		if p.Book != book {
			return nil
		}
		return f(p)
	}
}

// factory returns a factory of sessions on a database with the tables of this file.
func (db *testDB) factory(t *testing.T) *orm.SessionFactory {
	t.Helper()
	db.withTables(t, watchedModels)
	return orm.NewSessionFactory(db.Engine)
}

// opened is a session that is closed when the test ends.
func opened(t *testing.T, f *orm.SessionFactory) *orm.Session {
	t.Helper()
	s := f.New()
	t.Cleanup(func() { must(t, s.Close()) })
	return s
}

func TestListenersAreCalledInTheOrderOfAFlush(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		factory, ctx, book := db.factory(t), t.Context(), t.Name()
		var log []string
		note := func(s string) { log = append(log, s) }
		defer orm.Events[Notice]().BeforeInsert(onPages(book, func(p *Notice) error {
			note("before insert " + p.Title)
			p.Title += "!"
			return nil
		}))()
		defer orm.Events[Notice]().AfterUpdate(onPages(book, func(p *Notice) error {
			note("after update " + p.Title)
			return nil
		}))()
		factory.Events().BeforeFlush(func(context.Context, *orm.Session) error { note("before flush"); return nil })
		factory.Events().AfterCommit(func(context.Context, *orm.Session) error { note("after commit"); return nil })
		p := orm.Entity[Notice]()
		refuse := errors.New("no notes")
		defer orm.Validate(&p.Notes, func(v string) (string, error) {
			if v == "refused "+book {
				return v, refuse
			}
			return v, nil
		})()
		s := opened(t, factory)
		page := &Notice{Book: book, Title: "one"}
		s.Add(page)
		must(t, s.Commit(ctx))
		page.Title = "two"
		must(t, s.Commit(ctx))
		must(t, s.Commit(ctx))
		expect(t, []string{"before flush", "before insert one", "after commit", "before flush", "after update two", "after commit", "after commit"}, log)
		expect(t, "two", readAgain[Notice](t, db, page.ID).Title)
		bad := &Notice{Book: book, Title: "bad", Notes: "refused " + book}
		s.Add(bad)
		err := s.Commit(ctx)
		expectKind(t, refuse, err)
		expectKind(t, orm.ErrValue, err)
		if !strings.Contains(err.Error(), "Notice.Notes") {
			t.Error(err)
		}
		bad.Notes = "fine"
		must(t, s.Commit(ctx))
		expect(t, []string{"before flush", "before flush", "before insert bad", "after commit"}, log[7:])
	})
}

func TestWhatBeforeListenersSetBelongsToTheRow(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		factory, ctx, book := db.factory(t), t.Context(), t.Name()
		s := opened(t, factory)
		size := int64(3)
		defer orm.Events[Notice]().BeforeInsert(onPages(book, func(p *Notice) error {
			if p.Title == "b" {
				p.Status = "set"
			}
			p.Size = &size
			return nil
		}))()
		defer orm.Events[Notice]().BeforeUpdate(onPages(book, func(p *Notice) error {
			switch p.Title {
			case "c":
				p.Notes = "noted"
			case "kept":
				p.Title = "b"
			}
			return nil
		}))()
		a, b := &Notice{Book: book, Title: "a"}, &Notice{Book: book, Title: "b"}
		s.Add(a, b)
		must(t, s.Commit(ctx))
		expect(t, []string{"draft", "set"}, []string{readAgain[Notice](t, db, a.ID).Status, readAgain[Notice](t, db, b.ID).Status})
		expect(t, int64(3), *readAgain[Notice](t, db, a.ID).Size)
		a.Title, b.Title = "c", "kept"
		db.statements()
		must(t, s.Commit(ctx))
		expect(t, 1, len(db.statements()))
		expect(t, "noted", readAgain[Notice](t, db, a.ID).Notes)
		expect(t, "b", readAgain[Notice](t, db, b.ID).Title)
	})
}

func TestChangesOfBeforeFlushJoinTheFlush(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		factory, ctx, book := db.factory(t), t.Context(), t.Name()
		s := opened(t, factory)
		old, gone := &Notice{Book: book, Title: "old"}, &Notice{Book: book, Title: "gone"}
		s.Add(old, gone)
		must(t, s.Commit(ctx))
		remove := s.Events().BeforeFlush(func(ctx context.Context, s *orm.Session) error {
			for _, m := range s.New() {
				s.Add(&Notice{Book: book, Title: "copy of " + m.(*Notice).Title})
			}
			old.Title = "older"
			s.Delete(gone)
			n, err := orm.Query[Notice](s).Count(ctx)
			if n != 2 {
				t.Errorf("a query of BeforeFlush has flushed: %d", n)
			}
			return err
		})
		s.Add(&Notice{Book: book, Title: "new"})
		must(t, s.Commit(ctx))
		remove()
		p := orm.Entity[Notice]()
		titles := get(orm.Pluck(ctx, orm.Query[Notice](s).OrderBy(orm.C(&p.ID)), orm.C(&p.Title)))(t)
		expect(t, []string{"older", "new", "copy of new"}, titles)
	})
}

func TestAfterFlushSeesWhatWasWritten(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		factory, ctx, book := db.factory(t), t.Context(), t.Name()
		s := opened(t, factory)
		a, b := &Notice{Book: book, Title: "a"}, &Notice{Book: book, Title: "b"}
		s.Add(a, b)
		must(t, s.Commit(ctx))
		var seen []int
		factory.Events().AfterFlush(func(_ context.Context, s *orm.Session) error {
			seen = append(seen, len(s.New()), len(s.Dirty()), len(s.Deleted()))
			return nil
		})
		factory.Events().AfterFlushPostExec(func(_ context.Context, s *orm.Session) error {
			seen = append(seen, len(s.New()), len(s.Dirty()), len(s.Deleted()))
			if b.Notes == "" && len(seen) < 7 {
				s.Add(&Notice{Book: book, Title: "late"})
			}
			return nil
		})
		a.Title = "a2"
		s.Delete(b)
		s.Add(&Notice{Book: book, Title: "c"}, &Notice{Book: book, Title: "d"})
		must(t, s.Commit(ctx))
		expect(t, []int{2, 1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0}, seen)
		expect(t, int64(4), int64(get(orm.Query[Notice](s).Count(ctx))(t)))
	})
}

func TestMethodsOfAModelAreCalledOnceBeforeListeners(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := opened(t, db.factory(t)), t.Context()
		letter := &Letter{Text: t.Name()}
		remove := orm.Events[Letter]().BeforeInsert(func(_ context.Context, _ *orm.Session, l *Letter) error {
			if l.Text == t.Name() {
				l.Log = append(l.Log, "listener")
			}
			return nil
		})
		s.Add(letter)
		must(t, s.Commit(ctx))
		remove()
		letter.Text += "!"
		must(t, s.Commit(ctx))
		expect(t, []string{"method before insert", "listener", "method after update"}, letter.Log)
	})
}

// Heir embeds a struct to which others listen.
type Heir struct {
	orm.Base `orm:"table:heirs"`
	Estate

	ID   int64
	Name string `orm:"size:20"`
}

// Estate is embedded by Heir.
type Estate struct {
	Worth string `orm:"size:20"`
}

func TestListenersOfForebearsAreCalledFirst(t *testing.T) {
	db := openTestDB(t, "sqlite:///:memory:")
	heirs := orm.NewRegistry()
	must(t, heirs.Register(&Heir{}))
	s, ctx := db.withTables(t, heirs).session(t), t.Context()
	defer orm.Descend(&Heir{}, reflect.TypeFor[Estate]())()
	var log []string
	defer orm.Events[Heir]().BeforeInsert(func(context.Context, *orm.Session, *Heir) error {
		log = append(log, "heir")
		return nil
	})()
	defer orm.Events[Estate]().BeforeInsert(func(_ context.Context, _ *orm.Session, e *Estate) error {
		log = append(log, "estate "+e.Worth)
		e.Worth += "!"
		return nil
	})()
	defer orm.Events[Estate]().Load(func(_ *orm.Session, e *Estate) error {
		log = append(log, "load "+e.Worth)
		return nil
	})()
	heir := &Heir{Estate: Estate{Worth: "much"}}
	s.Add(heir)
	must(t, s.Commit(ctx))
	s.ExpungeAll()
	get(orm.Get[Heir](ctx, s, heir.ID))(t)
	expect(t, []string{"estate much", "heir", "load much!"}, log)
}

func TestAListenerIsTakenOutOrCalledOnce(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx, book := opened(t, db.factory(t)), t.Context(), t.Name()
		var log []string
		note := func(what string) func(context.Context, *orm.Session, *Notice) error {
			return onPages(book, func(p *Notice) error {
				log = append(log, what+" "+p.Title)
				return nil
			})
		}
		events := orm.Events[Notice]()
		defer events.AfterInsert(note("first"))()
		remove := events.AfterInsert(note("second"))
		var takeOut func()
		takeOut = s.Events().AfterCommit(func(context.Context, *orm.Session) error {
			log = append(log, "commit")
			takeOut()
			return nil
		})
		for _, title := range []string{"a", "b"} {
			s.Add(&Notice{Book: book, Title: title})
			must(t, s.Commit(ctx))
			remove()
			remove()
		}
		expect(t, []string{"first a", "second a", "commit", "first b"}, log)
		log = nil
		once := orm.Once(note("once"))
		for range 2 {
			must(t, once(ctx, s, &Notice{Book: book, Title: "c"}))
		}
		expect(t, []string{"once c"}, log)
	})
}

func TestConfiguredIsCalledOnceForAMapper(t *testing.T) {
	t.Parallel()
	type Pupil struct {
		orm.Base
		ID int64
	}
	type Teacher struct {
		orm.Base
		ID      int64
		PupilID int64
		Pupil   *Pupil
	}
	var log []string
	note := func(m *orm.Mapper) { log = append(log, m.Name()) }
	defer orm.Events[Teacher]().Configured(note)()
	log = nil // the test may have run before, and registered it
	r := orm.NewRegistry()
	must(t, r.Register(&Teacher{}))
	expect(t, []string(nil), log)
	must(t, r.Register(&Pupil{}))
	must(t, r.Register(&Pupil{}))
	get(r.Mapper(&Pupil{}))(t) // the first use
	defer orm.Events[Pupil]().Configured(note)()
	expect(t, []string{"Teacher", "Pupil"}, log)
}
