// This file tests what listeners may do and may not, and what the session is worth
// after they fail.

package orm_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/aurum-go/orm"
)

// refusals are what a session says to the calls that listeners might make.
func refusals(ctx context.Context, s *orm.Session, page *Notice) map[string]error {
	return map[string]error{
		"flush": s.Flush(ctx), "commit": s.Commit(ctx), "rollback": s.Rollback(ctx), "begin": s.Begin(ctx), "close": s.Close(),
		"nested": s.Nested(ctx, func(context.Context) error { return nil }),
		"query":  second(orm.Query[Notice](s).All(ctx)), "get": second(orm.Get[Notice](ctx, s, 1)),
		"refresh": s.Refresh(ctx, page), "execute": second(orm.Exec(ctx, s, orm.Text("SELECT 1"))),
	}
}

// refused are the names of the calls that were refused to a listener.
func refused(calls map[string]error) []string {
	maps.DeleteFunc(calls, func(_ string, err error) bool { return !errors.Is(err, orm.ErrHook) })
	return slices.Sorted(maps.Keys(calls))
}

func TestListenersOfRowsCannotUseTheSession(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx, book := opened(t, db.factory(t)), t.Context(), t.Name()
		var calls []map[string]error
		events, page := orm.Events[Notice](), &Notice{Book: book, Title: "a"}
		for _, on := range []func(func(context.Context, *orm.Session, *Notice) error) func(){
			events.BeforeInsert, events.AfterInsert, events.BeforeUpdate, events.AfterUpdate, events.BeforeDelete, events.AfterDelete,
		} {
			defer on(onPages(book, func(*Notice) error {
				calls = append(calls, refusals(ctx, s, page))
				conn := get(s.Connection(ctx))(t)
				get(orm.FetchOne[int](ctx, conn, orm.Text("SELECT 1")))(t)
				return nil
			}))()
		}
		s.Add(page)
		must(t, s.Commit(ctx))
		page.Title = "b"
		must(t, s.Commit(ctx))
		s.Delete(page)
		must(t, s.Commit(ctx))
		expect(t, 6, len(calls))
		for _, c := range calls {
			expect(t, slices.Sorted(maps.Keys(c)), refused(maps.Clone(c)))
		}
	})
}

func TestAnAddOfARowsListenerFailsTheFlush(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx, book := opened(t, db.factory(t)), t.Context(), t.Name()
		remove := orm.Events[Notice]().BeforeInsert(onPages(book, func(*Notice) error {
			s.Add(&Notice{Title: "another"})
			return nil
		}))
		page := &Notice{Book: book, Title: "a"}
		s.Add(page)
		expectKind(t, orm.ErrHook, s.Commit(ctx))
		expectKind(t, orm.ErrTxFailed, s.Commit(ctx))
		must(t, s.Rollback(ctx))
		expect(t, Notice{Book: book, Title: "a"}.Title, page.Title)
		expect(t, int64(0), page.ID)
		remove()
		s.Add(page)
		must(t, s.Commit(ctx))
		expect(t, int64(1), get(orm.Query[Notice](s).Count(ctx))(t))
	})
}

func TestAFailedListenerTakesItsChangesAlong(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx, book := opened(t, db.factory(t)), t.Context(), t.Name()
		fails := errors.New("fails")
		old := &Notice{Book: book, Title: "old"}
		s.Add(old)
		must(t, s.Commit(ctx))
		defer orm.Events[Notice]().BeforeInsert(onPages(book, func(p *Notice) error { p.Notes = "set"; return nil }))()
		defer orm.Events[Notice]().BeforeUpdate(onPages(book, func(p *Notice) error { p.Notes = "set"; return nil }))()
		defer orm.Events[Notice]().AfterInsert(onPages(book, func(*Notice) error { return fails }))()
		fresh := &Notice{Book: book, Title: "new"}
		s.Add(fresh)
		old.Title = "older"
		expectKind(t, fails, s.Commit(ctx))
		must(t, s.Rollback(ctx))
		expect(t, []string{"new", "", "", "old", ""}, []string{fresh.Title, fresh.Notes, fresh.Status, old.Title, old.Notes})
		expectState(t, orm.Transient, fresh)
		expectState(t, orm.Persistent, old)
		expect(t, int64(1), get(orm.Query[Notice](s).Count(ctx))(t))
	})
}

func TestAPanicOfAListenerGoesOnAndLeavesARollback(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx, book := opened(t, db.factory(t)), t.Context(), t.Name()
		events := orm.Events[Notice]()
		for name, add := range map[string]func() func(){
			"before insert": func() func() { return events.BeforeInsert(onPages(book, func(*Notice) error { panic("no") })) },
			"after insert":  func() func() { return events.AfterInsert(onPages(book, func(*Notice) error { panic("no") })) },
			"after flush":   func() func() { return s.Events().AfterFlush(func(context.Context, *orm.Session) error { panic("no") }) },
			"before flush": func() func() {
				return s.Events().BeforeFlush(func(context.Context, *orm.Session) error { panic("no") })
			},
			"after begin": func() func() { return s.Events().AfterBegin(func(context.Context, *orm.Session) error { panic("no") }) },
		} {
			remove := add()
			s.Add(&Notice{Book: book, Title: "a"})
			func() {
				defer func() { expect(t, any("no"), recover()) }()
				_ = s.Commit(ctx)
				t.Error(name, "has not panicked")
			}()
			must(t, s.Rollback(ctx))
			remove()
			expect(t, int64(0), get(orm.Query[Notice](s).Count(ctx))(t))
			must(t, s.Rollback(ctx))
		}
	})
}

func TestListenersOfFlushesCannotEndThem(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := opened(t, db.factory(t)), t.Context()
		page := &Notice{Title: "a"}
		s.Add(page)
		must(t, s.Commit(ctx))
		got := map[string][]string{}
		note := func(name string) func(context.Context, *orm.Session) error {
			return func(ctx context.Context, s *orm.Session) error {
				if got[name] == nil {
					got[name] = refused(refusals(ctx, s, page))
					page.Title = "b" // which a refresh has dropped, where it was let through
				}
				return nil
			}
		}
		for name, on := range map[string]func(func(context.Context, *orm.Session) error) func(){
			"BeforeFlush": s.Events().BeforeFlush, "AfterFlush": s.Events().AfterFlush, "AfterFlushPostExec": s.Events().AfterFlushPostExec,
			"BeforeCommit": s.Events().BeforeCommit, "AfterCommit": s.Events().AfterCommit, "AfterRollback": s.Events().AfterRollback, "AfterBegin": s.Events().AfterBegin,
		} {
			on(note(name))
		}
		page.Title = "b"
		must(t, s.Commit(ctx))
		get(orm.Query[Notice](s).All(ctx))(t)
		must(t, s.Rollback(ctx))
		all := slices.Sorted(maps.Keys(refusals(ctx, s, page)))
		ends := []string{"begin", "close", "commit", "flush", "nested", "rollback"}
		expect(t, map[string][]string{
			"BeforeFlush": ends, "AfterFlush": ends, "AfterFlushPostExec": ends, "BeforeCommit": slices.DeleteFunc(slices.Clone(ends), func(s string) bool { return s == "flush" }),
			"AfterCommit": all, "AfterRollback": all, "AfterBegin": all,
		}, got)
	})
}

func TestEndsOfTransactionsAreTold(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		factory, ctx := db.factory(t), t.Context()
		var log []string
		note := func(name string) func(context.Context, *orm.Session) error {
			return func(context.Context, *orm.Session) error {
				log = append(log, name)
				return nil
			}
		}
		e := factory.Events()
		e.AfterBegin(note("begin"))
		e.BeforeCommit(note("before commit"))
		e.AfterCommit(note("commit"))
		e.AfterRollback(note("rollback"))
		e.AfterSoftRollback(note("soft rollback"))
		s := opened(t, factory)
		must(t, s.Commit(ctx))
		expect(t, []string{"before commit", "commit"}, log)
		s.Add(&Notice{Title: "a"})
		log = nil
		must(t, s.Commit(ctx))
		expect(t, []string{"before commit", "begin", "commit"}, log)
		log = nil
		inner := errors.New("inner")
		expectKind(t, inner, s.Nested(ctx, func(context.Context) error { return inner }))
		must(t, s.Rollback(ctx))
		must(t, s.Rollback(ctx))
		expect(t, []string{"begin", "soft rollback", "rollback", "soft rollback"}, log)
		refuse := errors.New("refused")
		remove := s.Events().AfterBegin(func(context.Context, *orm.Session) error { return refuse })
		_, err := orm.Query[Notice](s).All(ctx)
		expectKind(t, refuse, err)
		remove()
		expect(t, false, s.InTransaction())
		get(orm.Query[Notice](s).All(ctx))(t)
	})
}

func TestEachStepOfAnObjectIsToldOnce(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		factory, ctx := db.factory(t), t.Context()
		var log []string
		e := factory.Events()
		for name, on := range map[string]func(func(*orm.Session, orm.Model)) func(){
			"transient to pending": e.TransientToPending, "pending to transient": e.PendingToTransient, "persistent to transient": e.PersistentToTransient,
			"pending to persistent": e.PendingToPersistent, "detached to persistent": e.DetachedToPersistent, "loaded": e.LoadedAsPersistent,
			"persistent to deleted": e.PersistentToDeleted, "deleted to persistent": e.DeletedToPersistent, "deleted to detached": e.DeletedToDetached,
			"persistent to detached": e.PersistentToDetached,
		} {
			on(func(_ *orm.Session, m orm.Model) { log = append(log, name+" "+m.(*Notice).Title) })
		}
		told := func(want ...string) {
			t.Helper()
			expect(t, want, log)
			log = nil
		}
		s, a := opened(t, factory), &Notice{Title: "a"}
		s.Add(a)
		s.Expunge(a)
		s.Add(a)
		must(t, s.Flush(ctx))
		must(t, s.Rollback(ctx))
		told("transient to pending a", "pending to transient a", "transient to pending a", "pending to persistent a", "persistent to transient a")
		s.Add(a)
		must(t, s.Commit(ctx))
		s.Expunge(a)
		s.Add(a)
		told("transient to pending a", "pending to persistent a", "persistent to detached a", "detached to persistent a")
		s.Delete(a)
		must(t, s.Flush(ctx))
		must(t, s.Rollback(ctx))
		told("persistent to deleted a", "deleted to persistent a")
		s.ExpungeAll()
		get(orm.Get[Notice](ctx, s, a.ID))(t)
		get(orm.Get[Notice](ctx, s, a.ID))(t)
		told("persistent to detached a", "loaded a")
		p := orm.Entity[Notice]()
		get(orm.Query[Notice](s).Filter(orm.C(&p.ID).Eq(a.ID)).Delete(ctx))(t)
		must(t, s.Commit(ctx))
		told("persistent to deleted a", "deleted to detached a")
	})
}

func TestExecutionsAreShownAndMayBeChanged(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newBookshop(t, db), t.Context()
		var seen []string
		refuse := errors.New("refused")
		var fail error
		hide := orm.CriteriaFor(func(b *Book) orm.Expr[bool] { return orm.C(&b.Title).Ne("a1") })
		s.Events().DoExecute(func(_ context.Context, x *orm.SessionExecution) error {
			kinds := []string{"statement", "key", "relationship"}
			seen = append(seen, kinds[x.Kind]+" "+x.Relationship)
			x.AddCriteria(hide)
			return fail
		})
		ann := get(orm.Get[Writer](ctx, s.Session, 1))(t)
		must(t, orm.Load(ctx, ann, &ann.Books))
		expect(t, []string{"a2"}, titlesOf(ann.Books))
		must(t, s.Refresh(ctx, ann))
		s.ExpungeAll()
		writers := get(orm.Query[Writer](s.Session).Options(orm.SelectInLoad(&s.w.Books)).OrderBy(orm.C(&s.w.ID)).All(ctx))(t)
		expect(t, []string{"a2"}, titlesOf(writers[0].Books))
		n := get(orm.Query[Book](s.Session).Filter(orm.C(&s.b.ID).Gt(0)).Update(ctx, orm.C(&s.b.Title).Set("new")))(t)
		expect(t, int64(2), n)
		expect(t, []string{"key ", "relationship Writer.Books", "key ", "statement ", "relationship Writer.Books", "statement "}, seen)
		fail = refuse
		_, err := orm.Query[Writer](s.Session).All(ctx)
		expectKind(t, refuse, err)
		expectKind(t, refuse, s.Refresh(ctx, writers[0]))
	})
}

func TestBulkWritesAreTold(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := opened(t, db.factory(t)), t.Context()
		s.Add(&Notice{Title: "a"}, &Notice{Title: "b"})
		must(t, s.Commit(ctx))
		var log []string
		note := func(name string) func(context.Context, *orm.Session, *orm.BulkWrite) error {
			return func(ctx context.Context, s *orm.Session, w *orm.BulkWrite) error {
				left := get(orm.FetchOne[int64](ctx, get(s.Connection(ctx))(t), orm.Text("SELECT count(*) FROM notices")))(t)
				log = append(log, fmt.Sprintf("%s %d, %d left", name, w.Rows, left))
				return nil
			}
		}
		s.Events().AfterBulkUpdate(note("update"))
		s.Events().AfterBulkDelete(note("delete"))
		p := orm.Entity[Notice]()
		get(orm.Query[Notice](s).AllRows().Update(ctx, orm.C(&p.Notes).Set("n")))(t)
		get(orm.Exec(ctx, s, orm.Delete(p).Where(orm.C(&p.Title).Eq("a"))))(t)
		expect(t, []string{"update 2, 2 left", "delete 1, 1 left"}, log)
	})
}

func TestLoadRefreshAndExpireAreTold(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx, book := opened(t, db.factory(t)), t.Context(), t.Name()
		p := orm.Entity[Notice]()
		var log []string
		note := func(what string) func(*orm.Session, *Notice) error {
			return func(at *orm.Session, p *Notice) error {
				if p.Book == book {
					log = append(log, what+" "+p.Title)
					expect(t, true, at == s)
					_, err := orm.Get[Notice](ctx, s, p.ID)
					expectKind(t, orm.ErrHook, err)
				}
				return nil
			}
		}
		defer orm.Events[Notice]().Load(note("load"))()
		defer orm.Events[Notice]().Refresh(note("refresh"))()
		defer orm.Events[Notice]().Expire(func(s *orm.Session, p *Notice) { _ = note("expire")(s, p) })()
		page := &Notice{Book: book, Title: "a"}
		s.Add(page)
		must(t, s.Commit(ctx))
		query := orm.Query[Notice](s).Filter(orm.C(&p.Book).Eq(book))
		get(query.All(ctx))(t)
		get(query.All(ctx))(t)
		must(t, s.Refresh(ctx, page))
		s.Expire(page)
		s.ExpungeAll()
		get(query.All(ctx))(t)
		get(query.Untracked().All(ctx))(t)
		expect(t, []string{"refresh a", "refresh a", "expire a", "load a", "load a"}, log)
		fails := errors.New("fails")
		defer orm.Events[Notice]().Load(func(_ *orm.Session, p *Notice) error {
			if p.Book == book {
				return fails
			}
			return nil
		})()
		s.ExpungeAll()
		_, err := query.All(ctx)
		expectKind(t, fails, err)
	})
}

func TestChangesOfAFieldAreTold(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx, book := opened(t, db.factory(t)), t.Context(), t.Name()
		p := orm.Entity[Notice]()
		var log []string
		defer orm.Changed(&p.Title, func(_ context.Context, _ *orm.Session, p *Notice, before, after string) error {
			if p.Book == book {
				log = append(log, before+" → "+after)
			}
			return nil
		})()
		page := &Notice{Book: book, Title: "a"}
		s.Add(page)
		must(t, s.Commit(ctx))
		page.Notes = "n"
		must(t, s.Commit(ctx))
		page.Title = "b"
		must(t, s.Commit(ctx))
		expect(t, []string{"a → b"}, log)
	})
}

func TestAStatementIsReplacedByOneOfItsType(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := opened(t, db.factory(t)), t.Context()
		p := orm.Entity[Notice]()
		s.Add(&Notice{Title: "a"}, &Notice{Title: "b"})
		must(t, s.Commit(ctx))
		remove := s.Events().DoExecute(func(_ context.Context, x *orm.SessionExecution) error {
			x.Statement = x.Statement.(*orm.SelectStatement).Where(orm.C(&p.Title).Eq("b"))
			return nil
		})
		expect(t, "b", get(orm.Query[Notice](s).One(ctx))(t).Title)
		remove()
		s.Events().DoExecute(func(_ context.Context, x *orm.SessionExecution) error {
			x.Statement = orm.Text("SELECT 1")
			return nil
		})
		_, err := orm.Query[Notice](s).All(ctx)
		expectKind(t, orm.ErrHook, err)
		_, err = orm.Get[Notice](ctx, s, 77)
		expectKind(t, orm.ErrHook, err)
	})
}
