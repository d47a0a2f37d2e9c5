// This file tests the iteration over the objects of a query: what it keeps in
// memory, what may be done meanwhile, and how it ends.

package orm_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"weak"

	"github.com/aurum-go/orm"
)

// strictMoon reads the table of moons with a field that has no room for NULL.
type strictMoon struct {
	orm.Base `orm:"table:moons"`

	ID     int64
	Name   string `orm:"size:40"`
	Radius int
}

// brittle refuses to be read by a panic.
type brittle string

func (*brittle) Scan(any) error { panic("brittle") }

// brittleMoon reads the table of moons with a field whose Scan panics.
type brittleMoon struct {
	orm.Base `orm:"table:moons"`

	ID   int64
	Name brittle `orm:"type:string(40)"`
}

var _, _ = orm.MustRegister(&strictMoon{}), orm.MustRegister(&brittleMoon{})

func TestIterGivesTheObjectsThatAllGives(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s := newSky(t, db)
		ctx := t.Context()
		held := get(s.moons().FilterBy("Name", "Titan").One(ctx))(t)
		held.Name = "Titania"
		db.statements()
		var streamed []*Moon
		for m, err := range s.moons().Iter(ctx) {
			must(t, err)
			streamed = append(streamed, m)
		}
		compare(t, []string{
			"UPDATE moons SET name = ? WHERE id = ?",
			"SELECT " + moonColumns + " FROM moons ORDER BY moons.id",
		}, db.sentPlain())
		compare(t, []string{"Luna", "Phobos", "Deimos", "Titania", "Dione"}, moonNames(streamed))
		if streamed[3] != held {
			t.Error("an object that the session holds was read a second time")
		}
		if orm.StateOf(streamed[0]) != orm.Detached || s.Contains(streamed[0]) {
			t.Errorf("the session holds what it has streamed: %s", orm.StateOf(streamed[0]))
		}
		s.Add(streamed[0])
		streamed[0].Name = "Selene"
		must(t, s.Commit(ctx))
		compare(t, "Selene", get(orm.Get[Moon](ctx, s.Session, streamed[0].ID))(t).Name)
	})
}

func TestIterHoldsNoObjectThatWasGivenAway(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s := newSky(t, db)
		ctx := t.Context()
		const many = 2000
		comets := make([]*Comet, many)
		for i := range comets {
			comets[i] = &Comet{Name: fmt.Sprint("comet ", i)}
		}
		orm.AddAll(s.Session, comets)
		must(t, s.Commit(ctx))
		s.ExpungeAll()
		clear(comets)
		var seen []weak.Pointer[Comet]
		for c, err := range orm.Query[Comet](s.Session).Iter(ctx) {
			must(t, err)
			if seen = append(seen, weak.Make(c)); len(seen) == many-1 {
				break
			}
		}
		runtime.GC()
		alive := 0
		for _, p := range seen {
			if p.Value() != nil {
				alive++
			}
		}
		if alive > many/10 {
			t.Errorf("%d of %d streamed objects are still in memory", alive, len(seen))
		}
	})
}

func TestIterIsFreeAgainHoweverItEnds(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s := newSky(t, db)
		ctx := t.Context()
		for name, leave := range map[string]func(i int) bool{
			"at the first": func(i int) bool { return i == 0 },
			"in between":   func(i int) bool { return i == 2 },
			"at the last":  func(i int) bool { return i == 4 },
			"at the end":   func(int) bool { return false },
		} {
			i := 0
			for _, err := range s.moons().Iter(ctx) {
				must(t, err)
				if leave(i) {
					break
				}
				i++
			}
			if n, err := s.moons().Count(ctx); n != 5 || err != nil {
				t.Errorf("left %s, the next query gives %d, %v", name, n, err)
			}
		}
		must(t, s.Commit(ctx))
		if n := db.Stats().InUse; n != 0 {
			t.Errorf("%d connections are in use", n)
		}
	})
}

func TestObjectsLetGoInALoopAreNotGivenAgain(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s := newSky(t, db)
		ctx := t.Context()
		for name, letGo := range map[string]func(held []*Moon){
			"all":  func([]*Moon) { s.ExpungeAll() },
			"each": func(held []*Moon) { s.Expunge(held[1], held[2], held[3], held[4]) },
		} {
			held := get(s.moons().All(ctx))(t)
			var streamed []*Moon
			for m, err := range s.moons().Iter(ctx) {
				must(t, err)
				if streamed = append(streamed, m); len(streamed) == 1 {
					letGo(held)
				}
			}
			compare(t, moonNames(held), moonNames(streamed))
			if streamed[0] != held[0] || streamed[1] == held[1] || streamed[4] == held[4] {
				t.Errorf("%s: the loop gave objects that were let go", name)
			}
			s.ExpungeAll()
		}
	})
}

func TestIterCanBeRangedOverAgain(t *testing.T) {
	s := newSky(t, onSQLite(t))
	iteration := s.moons().Iter(t.Context())
	for range 2 {
		n := 0
		for _, err := range iteration {
			must(t, err)
			n++
		}
		compare(t, 5, n)
	}
}

func TestPanicInALoopFreesTheConnectionAndFailsTheTransaction(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s := newSky(t, db)
		ctx := t.Context()
		s.Add(&Comet{Name: "Halley"})
		panicked := panicOf(func() {
			for range s.moons().Iter(ctx) {
				panic("in the loop")
			}
		})
		compare(t, any("in the loop"), panicked)
		if _, err := s.moons().Count(ctx); !errors.Is(err, orm.ErrTxFailed) {
			t.Errorf("the transaction goes on: %v", err)
		}
		must(t, s.Rollback(ctx))
		if n := db.Stats().InUse; n != 0 {
			t.Errorf("%d connections are in use", n)
		}
		compare(t, int64(0), get(orm.Query[Comet](s.Session).Count(ctx))(t))
	})
}

func panicOf(f func()) (cause any) {
	defer func() { cause = recover() }()
	f()
	return nil
}

func TestPanicOfAScannerLeavesTheSessionToBeRolledBack(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s := newSky(t, db)
		ctx := t.Context()
		q := orm.Query[brittleMoon](s.Session)
		for name, read := range map[string]func(){
			"All":  func() { _, _ = q.All(ctx) },
			"Iter": func() { _ = iterError(ctx, q) },
			"Get":  func() { _, _ = orm.Get[brittleMoon](ctx, s.Session, 1) },
			"Pluck": func() {
				_, _ = orm.Pluck(ctx, q, orm.C(&orm.Entity[brittleMoon]().Name))
			},
			"Fetch": func() { _, _ = orm.Fetch[brittle](ctx, s.Session, orm.Select(orm.C(&s.m.Name)).From(s.m)) },
		} {
			if cause := panicOf(read); cause != "brittle" {
				t.Fatalf("%s: %v", name, cause)
			}
			must(t, s.Rollback(ctx))
			if n := db.Stats().InUse; n != 0 {
				t.Fatalf("%s: %d connections are in use", name, n)
			}
			compare(t, int64(5), get(s.moons().Count(ctx))(t))
			must(t, s.Rollback(ctx))
		}
	})
}

func TestResultThatCannotBeReadToItsEndLeavesNothingBehind(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s := newSky(t, db)
		ctx := t.Context()
		q := orm.Query[strictMoon](s.Session).OrderBy(orm.C(&orm.Entity[strictMoon]().ID))
		moons, err := q.All(ctx)
		if moons != nil || !errors.Is(err, orm.ErrDecode) || !strings.Contains(err.Error(), "moons.radius into strictMoon.Radius") {
			t.Fatalf("%v, %v", moons, err)
		}
		var names []string
		for m, err := range q.Iter(ctx) {
			if err != nil {
				names = append(names, "error")
				continue
			}
			names = append(names, m.Name)
		}
		compare(t, []string{"Luna", "Phobos", "Deimos", "Titan", "error"}, names)
		db.statements()
		get(orm.Get[strictMoon](ctx, s.Session, 1))(t)
		if len(db.statements()) != 1 {
			t.Error("an object of the result that failed is held")
		}
		if n := get(s.moons().Count(ctx))(t); n != 5 {
			t.Errorf("%d", n)
		}
	})
}

func TestStatementInALoopIsRefusedAndTheLoopGoesOn(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s := newSky(t, db)
		ctx := t.Context()
		held := get(s.planets().First(ctx))(t)
		for name, use := range map[string]func() error{
			"query":   func() error { return errOf(s.planets().All(ctx)) },
			"count":   func() error { return errOf(s.planets().Count(ctx)) },
			"iterate": func() error { return iterError(ctx, s.planets()) },
			"get":     func() error { return errOf(orm.Get[Planet](ctx, s.Session, 2)) },
			"fetch":   func() error { return errOf(orm.Fetch[int64](ctx, s.Session, orm.Select(orm.C(&s.p.ID)))) },
			"execute": func() error { return errOf(orm.Exec(ctx, s.Session, orm.Delete(s.m).AllRows())) },
			"refresh": func() error { return s.Refresh(ctx, held) },
			"load":    func() error { return orm.Load(ctx, held, &held.Story) },
			"nested":  func() error { return s.Nested(ctx, func(context.Context) error { return nil }) },
			"commit":  func() error { return s.Commit(ctx) },
			"flush": func() error {
				held.Rings = !held.Rings
				return s.Flush(ctx)
			},
			"query that flushes first": func() error {
				held.Rings = !held.Rings
				return errOf(s.planets().All(ctx))
			},
		} {
			refused, n := error(nil), 0
			for _, err := range s.moons().Iter(ctx) {
				if err != nil {
					t.Fatalf("%s: the loop ends with %v", name, err)
				}
				if n++; n == 2 {
					refused = use()
				}
			}
			if !errors.Is(refused, orm.ErrConcurrentUse) || n != 5 {
				t.Errorf("%s: %v after %d rows", name, refused, n)
			}
			if _, err := s.moons().Count(ctx); err != nil {
				t.Errorf("%s in a loop has failed the transaction: %v", name, err)
				must(t, s.Rollback(ctx))
				held = get(s.planets().First(ctx))(t)
			}
		}
		must(t, s.Commit(ctx))
	})
}

func TestRollbackInALoopEndsIt(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s := newSky(t, db)
		ctx := t.Context()
		for name, end := range map[string]func() error{
			"rollback": func() error { return s.Rollback(ctx) },
			"close":    func() error { return s.Close() },
		} {
			rows, last := 0, error(nil)
			for _, err := range s.moons().Iter(ctx) {
				if last = err; err == nil {
					rows++
					must(t, end())
				}
			}
			if rows != 1 || !errors.Is(last, orm.ErrClosed) {
				t.Errorf("%s: %d rows, then %v", name, rows, last)
			}
			if n := db.Stats().InUse; n != 0 {
				t.Errorf("%s: %d connections are in use", name, n)
			}
			s.Session = db.session(t)
		}
	})
}

func TestContextThatEndsInALoopEndsIt(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s := newSky(t, db)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		rows, last := 0, error(nil)
		for _, err := range orm.Query[Moon](s.Session).Iter(ctx) {
			if last = err; err == nil {
				rows++
				cancel()
			}
		}
		// A driver may have buffered all rows, which then are no error.
		if rows != 5 && (!errors.Is(last, context.Canceled) || !errors.Is(last, orm.ErrCanceled)) {
			t.Errorf("%d rows, then %v", rows, last)
		}
		must(t, s.Rollback(t.Context()))
		compare(t, int64(5), get(s.moons().Count(t.Context()))(t))
	})
}

func TestAnotherGoroutineInALoopMeetsNoRace(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s := newSky(t, db)
		ctx := t.Context()
		held := get(s.planets().All(ctx))(t)
		uses := []func() error{
			func() error { return errOf(s.planets().All(ctx)) },
			func() error { return errOf(orm.Get[Planet](ctx, s.Session, 1)) },
			func() error { return s.Refresh(ctx, held[0]) },
			func() error { s.Add(&Comet{Name: "x"}); return s.Flush(ctx) },
			func() error { s.Expunge(held[1]); return nil },
			func() error { s.ExpireAll(); return nil },
			func() error { s.ExpungeAll(); return nil },
		}
		var wg sync.WaitGroup
		for _, err := range s.planets().Join(s.m).Iter(ctx) {
			if err != nil && !errors.Is(err, orm.ErrConcurrentUse) {
				t.Errorf("the loop ends with %v", err)
			}
			for _, use := range uses {
				wg.Go(func() {
					if err := use(); err != nil && !errors.Is(err, orm.ErrConcurrentUse) && !errors.Is(err, orm.ErrDetached) {
						t.Errorf("%v", err)
					}
				})
			}
		}
		wg.Wait()
		must(t, s.Rollback(ctx))
		compare(t, int64(4), get(s.planets().Count(ctx))(t))
	})
}
