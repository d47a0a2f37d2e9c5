package orm_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/aurum-go/orm"
)

// during runs a function on another goroutine while the next statement that
// begins with a word is under way, and waits for it to end.
func (db *testDB) during(t *testing.T, word string, f func()) {
	t.Helper()
	var once sync.Once
	remove := db.Events().BeforeExecute(func(_ context.Context, e *orm.Execution) error {
		if heads([]string{e.SQL})[0] != word {
			return nil
		}
		once.Do(func() {
			done := make(chan struct{})
			go func() {
				defer close(done)
				f()
			}()
			<-done
		})
		return nil
	})
	t.Cleanup(remove)
}

func TestClosedSessionRefusesEverything(t *testing.T) {
	db := onSQLite(t).withModels(t)
	s, ctx := db.session(t), t.Context()
	ed := people(t, s, "ed")[0]
	must(t, s.Close())
	db.statements()
	for name, err := range map[string]error{
		"flush": s.Flush(ctx), "commit": s.Commit(ctx), "rollback": s.Rollback(ctx), "begin": s.Begin(ctx),
		"nested":  s.Nested(ctx, func(context.Context) error { return nil }),
		"refresh": s.Refresh(ctx, ed), "lock": s.Lock(ctx, ed),
		"query":   second(orm.Query[User](s).All(ctx)),
		"count":   second(orm.Query[User](s).Count(ctx)),
		"get":     second(orm.Get[User](ctx, s, ed.ID)),
		"execute": second(orm.Exec(ctx, s, orm.Text("SELECT 1"))),
		"fetch":   second(orm.Fetch[int](ctx, s, orm.Text("SELECT 1"))),
	} {
		if !errors.Is(err, orm.ErrClosed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	fresh := &User{}
	s.Add(fresh)
	s.Delete(ed)
	s.Expunge(ed)
	s.Expire(ed)
	s.ExpireAll()
	s.ExpungeAll()
	expectState(t, orm.Transient, fresh)
	expectState(t, orm.Detached, ed)
	expect(t, 0, len(s.New())+len(s.Dirty())+len(s.Deleted()))
	expect(t, []bool{false, false, false}, []bool{s.Contains(ed), s.IsModified(ed), s.InTransaction()})
	expect(t, []string(nil), db.statements())
	must(t, s.Close())
}

func TestCallDuringAQueryIsRefusedAndTheQueryGoesOn(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		ed := people(t, s, "ed")[0]
		refused := map[string]error{}
		db.during(t, "SELECT", func() {
			refused["flush"] = s.Flush(ctx)
			refused["commit"] = s.Commit(ctx)
			refused["rollback"] = s.Rollback(ctx)
			refused["begin"] = s.Begin(ctx)
			refused["close"] = s.Close()
			refused["nested"] = s.Nested(ctx, func(context.Context) error { return nil })
			refused["query"] = second(orm.Query[User](s).All(ctx))
			refused["get"] = second(orm.Get[User](ctx, s, ed.ID))
			refused["refresh"] = s.Refresh(ctx, ed)
			refused["load"] = orm.Load(ctx, ed, &ed.Name)
			refused["execute"] = second(orm.Exec(ctx, s, orm.Text("SELECT 1")))
			if !s.InTransaction() {
				t.Error("the session does not say that it is in a transaction")
			}
		})
		get(orm.Query[User](s).One(ctx))(t)
		for name, err := range refused {
			if !errors.Is(err, orm.ErrConcurrentUse) {
				t.Errorf("%s: %v", name, err)
			}
		}
		ed.Name = "x"
		must(t, s.Commit(ctx))
	})
}

// A method without an error cannot say that it did nothing, so the session does
// with the next call that can.
func TestSilentCallDuringAQueryFailsTheTransaction(t *testing.T) {
	for name, use := range map[string]func(s *orm.Session, ed *User){
		"add":      func(s *orm.Session, _ *User) { s.Add(&User{Email: "lost"}) },
		"delete":   func(s *orm.Session, ed *User) { s.Delete(ed) },
		"expunge":  func(s *orm.Session, ed *User) { s.Expunge(ed) },
		"expire":   func(s *orm.Session, ed *User) { s.Expire(ed) },
		"dirty":    func(s *orm.Session, _ *User) { _ = s.Dirty() },
		"contains": func(s *orm.Session, ed *User) { _ = s.Contains(ed) },
	} {
		t.Run(name, func(t *testing.T) {
			db := onSQLite(t).withModels(t)
			s, ctx := db.session(t), t.Context()
			ed := people(t, s, "ed")[0]
			db.during(t, "SELECT", func() { use(s, ed) })
			get(orm.Query[User](s).All(ctx))(t)
			expectKind(t, orm.ErrConcurrentUse, s.Commit(ctx))
			err := s.Commit(ctx)
			expectKind(t, orm.ErrTxFailed, err)
			expectKind(t, orm.ErrConcurrentUse, err)
			must(t, s.Rollback(ctx))
			expectState(t, orm.Persistent, ed)
			must(t, s.Commit(ctx))
			expect(t, []string{"ed"}, storedNames(t, db))
		})
	}
}

func TestCallDuringAFlushFailsTheTransaction(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		var refused error
		db.during(t, "INSERT", func() { refused = s.Flush(ctx) })
		a, b := &User{Email: "a"}, &User{Email: "b"}
		s.Add(a, b)
		expectKind(t, orm.ErrConcurrentUse, s.Commit(ctx))
		expectKind(t, orm.ErrConcurrentUse, refused)
		expectKind(t, orm.ErrTxFailed, s.Commit(ctx))
		must(t, s.Rollback(ctx))
		expectState(t, orm.Transient, a, b)
		expect(t, []string(nil), storedNames(t, db))
		s.Add(a, b)
		must(t, s.Commit(ctx))
	})
}

func TestListenerCannotUseTheSessionThatItListensTo(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		var within error
		remove := db.Events().BeforeExecute(func(ctx context.Context, _ *orm.Execution) error {
			_, within = orm.Query[User](s).All(ctx)
			return nil
		})
		get(orm.Query[Account](s).All(ctx))(t)
		remove()
		expectKind(t, orm.ErrConcurrentUse, within)
		must(t, s.Commit(ctx))
	})
}

// TestSessionUsedByManyGoroutinesHasNoRace means something when races are looked
// for. Every goroutine has objects of its own; what it may do with them in spite
// of the others is refused or done, and in the end nothing is half done.
func TestSessionUsedByManyGoroutinesHasNoRace(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		var all sync.WaitGroup
		allowed := []error{nil, orm.ErrConcurrentUse, orm.ErrTxFailed, orm.ErrNoRows, orm.ErrDetached, orm.ErrNotPersistent, orm.ErrArgument, orm.ErrUniqueViolation, orm.ErrTxLost}
		for g := range 4 {
			all.Go(func() {
				for i := range 60 {
					mine := &Account{ID: int64(g*1000 + i)}
					var err error
					switch i % 10 {
					case 0, 1, 2:
						s.Add(mine)
					case 3:
						err = s.Flush(ctx)
					case 4:
						_, err = orm.Query[Account](s).Untracked().All(ctx)
					case 5:
						_, err = orm.Fetch[int64](ctx, s, orm.Text("SELECT id FROM accounts"))
					case 6:
						err = s.Nested(ctx, func(context.Context) error { s.Add(mine); return nil })
					case 7:
						_, _, _ = s.InTransaction(), s.New(), s.Contains(mine)
					case 8:
						err = s.Rollback(ctx)
					case 9:
						err = s.Commit(ctx)
					}
					if !slices.ContainsFunc(allowed, func(kind error) bool { return errors.Is(err, kind) }) {
						t.Errorf("%v", err)
					}
				}
			})
		}
		all.Wait()
		must(t, s.Rollback(ctx))
		expect(t, 0, db.Stats().InUse)
		fresh := &Account{ID: 999_999}
		s.Add(fresh)
		must(t, s.Commit(ctx))
	})
}

func TestSessionsSideBySideShareAnEngine(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withModels(t)
		ctx := t.Context()
		var all sync.WaitGroup
		for g := range 4 {
			all.Go(func() {
				for i := range 5 {
					err := orm.NewSessionFactory(db.Engine).Transact(ctx, func(ctx context.Context, s *orm.Session) error {
						a := &Account{ID: int64(g*100 + i + 1)}
						s.Add(a, &User{Email: string(rune('a'+g)) + string(rune('a'+i))})
						if err := s.Flush(ctx); err != nil {
							return err
						}
						a.Balance = 7
						_, err := orm.Get[Account](ctx, s, a.ID)
						return err
					}, orm.Retries(20))
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		all.Wait()
		s := db.session(t)
		expect(t, int64(20), get(orm.Query[Account](s).FilterBy("Balance", 7).Count(ctx))(t))
	})
}
