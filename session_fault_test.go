package orm_test

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aurum-go/orm"
)

// Brick refuses to be written when it is told to.
type (
	fragile string
	Brick   struct {
		orm.Base `orm:"table:bricks"`
		ID       int64
		Made     fragile `orm:"type:string(20)"`
		Weight   int     `orm:"check:weight_is_positive(weight > 0)"`
	}
)

func (f fragile) Value() (driver.Value, error) {
	switch f {
	case "panic":
		panic("fragile")
	case "refuse":
		return nil, errors.New("refused")
	}
	return string(f), nil
}

var bricks = orm.MustRegister(&Brick{})

// unitOfMany is objects and changes whose flush takes several statements of all
// three kinds.
type unitOfMany struct {
	s                       *orm.Session
	changed, deleted, fresh *User
	account                 *Account
	ticket                  *Ticket
}

func newUnitOfMany(t *testing.T, s *orm.Session) *unitOfMany {
	t.Helper()
	users := people(t, s, "changed", "deleted")
	must(t, s.Refresh(t.Context(), users[0]))
	must(t, s.Refresh(t.Context(), users[1]))
	must(t, s.Rollback(t.Context()))
	return &unitOfMany{s, users[0], users[1], &User{Name: "fresh", Email: "f"}, &Account{ID: 1, Owner: "o"}, &Ticket{Title: "t"}}
}

func (u *unitOfMany) work() {
	u.changed.Name = "x"
	u.s.Delete(u.deleted)
	u.s.Add(u.ticket, u.account, u.fresh)
}

// expectUndone checks that nothing of the unit is left, in the database and in
// memory.
func (u *unitOfMany) expectUndone(t *testing.T, db *testDB) {
	t.Helper()
	expectState(t, orm.Persistent, u.changed, u.deleted)
	expectState(t, orm.Transient, u.fresh, u.account, u.ticket)
	expect(t, []any{"changed", int64(0), 0, int64(0), ""}, []any{u.changed.Name, u.fresh.ID, u.account.Version, u.ticket.ID, u.ticket.Status})
	expect(t, 0, len(u.s.New())+len(u.s.Dirty())+len(u.s.Deleted()))
	expect(t, []string{"changed", "deleted"}, storedNames(t, db))
	for _, table := range []orm.SQL{"accounts", "tickets"} {
		expect(t, int64(0), get(orm.FetchOne[int64](t.Context(), db.Engine, orm.Text("SELECT count(*) FROM "+table)))(t))
	}
	expect(t, 0, db.Stats().InUse)
}

// expectFailed checks that nothing but a rollback is accepted.
func expectFailed(t *testing.T, s *orm.Session, cause error) {
	t.Helper()
	for name, err := range map[string]error{
		"flush": s.Flush(t.Context()), "commit": s.Commit(t.Context()), "query": second(orm.Query[User](s).All(t.Context())),
	} {
		failed := errors.Is(err, orm.ErrTxFailed) || errors.Is(err, orm.ErrTxLost)
		if !failed || !errors.Is(err, cause) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// failAt has something happen before, or after, the n-th statement from here on.
func (db *testDB) failAt(t *testing.T, n int, after bool, happen func() error) {
	t.Helper()
	count := 0
	listen := db.Events().BeforeExecute
	if after {
		listen = db.Events().AfterExecute
	}
	var remove func()
	remove = listen(func(context.Context, *orm.Execution) error {
		if count++; count != n {
			return nil
		}
		remove()
		return happen()
	})
	t.Cleanup(remove)
}

// statementsOfMany is how many statements the flush of a unitOfMany takes.
const statementsOfMany = 5

func TestEndOfTheContextBeforeAFlushChangesNothing(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s := db.withModels(t).session(t)
		unit := newUnitOfMany(t, s)
		unit.work()
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		db.statements()
		for name, err := range map[string]error{
			"flush": s.Flush(ended), "commit": s.Commit(ended), "query": second(orm.Query[User](s).All(ended)),
			"get": second(orm.Get[User](ended, s, 99)), "refresh": s.Refresh(ended, unit.changed),
			"nested": s.Nested(ended, func(context.Context) error { return nil }),
		} {
			if !errors.Is(err, context.Canceled) || !errors.Is(err, orm.ErrCanceled) {
				t.Errorf("%s: %v", name, err)
			}
		}
		expect(t, []string(nil), db.statements())
		expect(t, 0, db.Stats().InUse)
		must(t, s.Commit(t.Context()))
		expect(t, []string{"x", "fresh"}, storedNames(t, db))
	})
}

func TestEndOfTheContextAtAnyStatementOfAFlushUndoesAll(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s := db.withModels(t).session(t)
		unit := newUnitOfMany(t, s)
		for n := 1; n <= statementsOfMany; n++ {
			for _, after := range []bool{false, true} {
				ctx, cancel := context.WithCancel(t.Context())
				db.failAt(t, n, after, func() error { cancel(); return nil })
				unit.work()
				err := s.Commit(ctx)
				if !errors.Is(err, context.Canceled) || !errors.Is(err, orm.ErrCanceled) {
					t.Fatalf("statement %d, after %t: %v", n, after, err)
				}
				if n < statementsOfMany || !after {
					expectFailed(t, s, context.Canceled)
				}
				must(t, s.Rollback(ctx))
				unit.expectUndone(t, db)
			}
		}
		unit.work()
		db.statements()
		must(t, s.Commit(t.Context()))
		expect(t, statementsOfMany, len(db.statements()))
		expect(t, []string{"x", "fresh"}, storedNames(t, db))
	})
}

func TestEndOfTheContextBeforeCOMMITLeavesTheTransactionOpen(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s := db.withModels(t).session(t)
		unit := newUnitOfMany(t, s)
		ctx, cancel := context.WithCancel(t.Context())
		db.failAt(t, statementsOfMany, true, func() error { cancel(); return nil })
		unit.work()
		expectKind(t, context.Canceled, s.Commit(ctx))
		expect(t, true, s.InTransaction())
		must(t, s.Commit(t.Context()))
		expect(t, []string{"x", "fresh"}, storedNames(t, db))
	})
}

func TestEndOfTheContextAtALoneStatementUndoesIt(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s := db.withModels(t).session(t)
		ctx, cancel := context.WithCancel(t.Context())
		db.failAt(t, 1, false, func() error { cancel(); return nil })
		ed := &User{Name: "ed", Email: "e"}
		s.Add(ed)
		expectKind(t, context.Canceled, s.Commit(ctx))
		expectFailed(t, s, context.Canceled)
		must(t, s.Rollback(ctx))
		expect(t, []string(nil), storedNames(t, db))
		s.Add(ed)
		must(t, s.Commit(t.Context()))
		expect(t, []string{"ed"}, storedNames(t, db))
	})
}

func TestFailureAtAnyStatementOfAFlushUndoesAll(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		unit := newUnitOfMany(t, s)
		boom := errors.New("boom")
		for n := 1; n <= statementsOfMany; n++ {
			for _, after := range []bool{false, true} {
				db.failAt(t, n, after, func() error { return boom })
				unit.work()
				if err := s.Commit(ctx); !errors.Is(err, boom) {
					t.Fatalf("statement %d, after %t: %v", n, after, err)
				}
				expectFailed(t, s, boom)
				// What a failed session is asked without SQL it still answers.
				_, _, _ = s.New(), s.Dirty(), s.Deleted()
				s.Expire(unit.changed)
				must(t, s.Rollback(ctx))
				unit.expectUndone(t, db)
			}
		}
		unit.work()
		must(t, s.Commit(ctx))
		expect(t, []string{"x", "fresh"}, storedNames(t, db))
	})
}

func TestFailureAtAnyStatementOfANestedBlockLeavesTheOuterOne(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		unit := newUnitOfMany(t, s)
		boom := errors.New("boom")
		for n := 1; n <= statementsOfMany; n++ {
			db.failAt(t, n, false, func() error { return boom })
			err := s.Nested(ctx, func(context.Context) error {
				unit.work()
				return nil
			})
			expectKind(t, boom, err)
			expectState(t, orm.Persistent, unit.changed, unit.deleted)
			expectState(t, orm.Transient, unit.fresh, unit.account, unit.ticket)
			expect(t, "changed", unit.changed.Name)
			s.Add(&User{Name: fmt.Sprint("outer ", n), Email: fmt.Sprint(n)})
			must(t, s.Flush(ctx))
		}
		must(t, s.Rollback(ctx))
		unit.expectUndone(t, db)
	})
}

func TestPanicInAFlushUndoesAll(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).withTables(t, bricks).session(t), t.Context()
		users := people(t, s, "a", "b")
		brick := &Brick{Made: "panic", Weight: 1}
		for name, arrange := range map[string]func() (cause any){
			"listener": func() any {
				db.failAt(t, 2, false, func() error { panic("listener") })
				return "listener"
			},
			"listener after": func() any {
				db.failAt(t, 2, true, func() error { panic("listener") })
				return "listener"
			},
			"valuer": func() any {
				s.Add(brick)
				return "fragile"
			},
		} {
			cause := arrange()
			users[0].Name, users[1].Age = "x", new(1)
			s.Add(&Account{ID: 1})
			func() {
				defer func() {
					if got := recover(); got != cause {
						t.Errorf("%s: %v", name, got)
					}
				}()
				if err := s.Commit(ctx); err == nil {
					t.Errorf("%s: no error", name)
				}
			}()
			if err := s.Commit(ctx); !errors.Is(err, orm.ErrTxFailed) {
				t.Errorf("%s: %v", name, err)
			}
			must(t, s.Rollback(ctx))
			expect(t, 0, db.Stats().InUse)
			expect(t, "a", users[0].Name)
			expect(t, []string{"a", "b"}, storedNames(t, db))
			expect(t, int64(0), get(orm.Query[Account](s).Count(ctx))(t))
			must(t, s.Rollback(ctx))
		}
	})
}

func TestViolatedConstraintsAreTypedAndCanBeCorrected(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).withTables(t, bricks).session(t), t.Context()
		people(t, s, "ed")
		second := &User{Name: "second", Email: "ed@x"}
		ticket := &Ticket{Title: "t", OwnerID: new(int64(999))}
		brick := &Brick{Made: "x"}
		for name, test := range map[string]struct {
			object  orm.Model
			table   string
			want    orm.ErrorKind
			correct func()
		}{
			"unique":      {second, "users", orm.ErrUniqueViolation, func() { second.Email = "s" }},
			"foreign key": {ticket, "tickets", orm.ErrForeignKeyViolation, func() { ticket.OwnerID = nil }},
			"check":       {brick, "bricks", orm.ErrCheckViolation, func() { brick.Weight = 1 }},
		} {
			s.Add(&Account{}, test.object)
			err := s.Commit(ctx)
			var integrity *orm.IntegrityError
			if !errors.Is(err, test.want) || !errors.As(err, &integrity) || integrity.Table != test.table {
				t.Errorf("%s: %v", name, err)
			}
			expectFailed(t, s, test.want)
			must(t, s.Rollback(ctx))
			expectState(t, orm.Transient, test.object)
			test.correct()
			s.Add(test.object)
			must(t, s.Commit(ctx))
			expectState(t, orm.Persistent, test.object)
		}
		expect(t, int64(0), get(orm.Query[Account](s).Count(ctx))(t))
	})
}

// Anchor and Chain are checked at COMMIT, where the database can.
type (
	Anchor struct {
		orm.Base `orm:"table:anchors"`
		ID       int64
	}
	Chain struct {
		orm.Base `orm:"table:chains"`
		ID       int64
		AnchorID int64
	}
)

var _ = orm.MustRegister(&Anchor{}, &Chain{})

func TestConstraintThatIsCheckedAtCommitFailsIt(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		if !db.Dialect().Features().DeferrableKeys {
			return
		}
		run(t, db.Engine, "CREATE TABLE anchors (id INTEGER PRIMARY KEY)")
		run(t, db.Engine, "CREATE TABLE chains (id INTEGER PRIMARY KEY, anchor_id INTEGER NOT NULL REFERENCES anchors(id) DEFERRABLE INITIALLY DEFERRED)")
		s, ctx := db.session(t), t.Context()
		chains := []*Chain{{ID: 1, AnchorID: 7}, {ID: 2, AnchorID: 7}}
		orm.AddAll(s, chains)
		must(t, s.Flush(ctx))
		expectKind(t, orm.ErrForeignKeyViolation, s.Commit(ctx))
		expectKind(t, orm.ErrTxFailed, s.Commit(ctx))
		must(t, s.Rollback(ctx))
		expectState(t, orm.Transient, chains[0], chains[1])
		s.Add(&Anchor{ID: 7})
		orm.AddAll(s, chains)
		must(t, s.Commit(ctx))
		expect(t, int64(2), get(orm.Query[Chain](s).Count(ctx))(t))
	})
}

// A trigger of SQLite can roll the whole transaction back. What comes after it
// must not be saved on its own.
func TestTransactionThatTheDatabaseEndsIsLost(t *testing.T) {
	db := onSQLite(t).withModels(t)
	s, ctx := db.session(t), t.Context()
	run(t, db.Engine, "CREATE TRIGGER no_sevens BEFORE INSERT ON accounts WHEN NEW.id = 7 BEGIN SELECT RAISE(ROLLBACK, 'no sevens'); END")
	outer := &User{Name: "outer", Email: "o"}
	s.Add(outer)
	err := s.Nested(ctx, func(context.Context) error {
		s.Add(&Account{ID: 7})
		_ = s.Flush(ctx)
		return nil
	})
	expectKind(t, orm.ErrTxLost, err)
	s.Add(&User{Name: "after", Email: "a"})
	expectKind(t, orm.ErrTxLost, s.Flush(ctx))
	expectKind(t, orm.ErrTxLost, s.Commit(ctx))
	must(t, s.Rollback(ctx))
	expectState(t, orm.Transient, outer)
	expect(t, []string(nil), storedNames(t, db))
	s.Add(outer)
	must(t, s.Commit(ctx))
}

func TestConnectionThatIsKilledLosesTheUnit(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		kill := byDialect[orm.SQL]{
			"postgres": "SELECT pg_terminate_backend(%d)", "mysql": "KILL %d",
		}.of(db)
		if kill == "" {
			return
		}
		who := byDialect[orm.SQL]{"postgres": "SELECT pg_backend_pid()", "mysql": "SELECT connection_id()"}.of(db)
		s, ctx := db.withModels(t).session(t), t.Context()
		ed := people(t, s, "ed")[0]
		fresh := &User{Name: "fresh", Email: "f"}
		s.Add(fresh)
		must(t, s.Flush(ctx))
		id := get(orm.FetchOne[int64](ctx, s, orm.Text(who)))(t)
		must(t, second(orm.Exec(ctx, db.Engine, orm.Text(orm.SQL(fmt.Sprintf(string(kill), id))))))
		ed.Name = "x"
		err := s.Commit(ctx)
		expectKind(t, orm.ErrConnection, err)
		for _, err := range []error{s.Commit(ctx), s.Nested(ctx, func(context.Context) error { return nil })} {
			if !errors.Is(err, orm.ErrTxFailed) && !errors.Is(err, orm.ErrTxLost) {
				t.Errorf("%v", err)
			}
		}
		must(t, s.Rollback(ctx))
		expectState(t, orm.Transient, fresh)
		expect(t, "ed", ed.Name)
		s.Add(fresh)
		must(t, s.Commit(ctx))
		expect(t, []string{"ed", "fresh"}, storedNames(t, db))
	})
}

// meeting lets two goroutines meet, once each.
type meeting struct {
	mu      sync.Mutex
	arrived int
	full    chan struct{}
}

func newMeeting() *meeting { return &meeting{full: make(chan struct{})} }

// arrive waits for the other, unless both were here before.
func (m *meeting) arrive() {
	m.mu.Lock()
	if m.arrived++; m.arrived == 2 {
		close(m.full)
	}
	m.mu.Unlock()
	<-m.full
}

func TestDeadlockIsRepeated(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		if db.name() == "sqlite" {
			return // one writer at a time
		}
		accounts(t, db.withModels(t).session(t), 2)
		ctx := t.Context()
		m, attempts, results := newMeeting(), make(chan int, 10), make(chan error, 2)
		for g := range 2 {
			go func() {
				results <- orm.NewSessionFactory(db.Engine).Transact(ctx, func(ctx context.Context, s *orm.Session) error {
					attempts <- g
					for i := range 2 {
						a, err := orm.Get[Account](ctx, s, (g+i)%2+1)
						if err != nil {
							return err
						}
						if err := s.Lock(ctx, a); err != nil {
							return err
						}
						a.Balance++
						if err := s.Flush(ctx); err != nil {
							return err
						}
						m.arrive()
					}
					return nil
				})
			}()
		}
		must(t, <-results)
		must(t, <-results)
		if n := len(attempts); n < 3 {
			t.Errorf("%d attempts: there was no deadlock", n)
		}
		for id := range 2 {
			a := readAgain[Account](t, db, id+1)
			expect(t, []any{int64(2), 3}, []any{a.Balance, a.Version})
		}
	})
}

func TestSerializationFailureIsRepeated(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		if db.name() != "postgres" {
			return // the others let one wait
		}
		accounts(t, db.withModels(t).session(t), 2)
		ctx := t.Context()
		factory := orm.NewSessionFactory(db.Engine, orm.WithTx(orm.Isolation("SERIALIZABLE")))
		m, attempts, results := newMeeting(), make(chan int, 10), make(chan error, 2)
		for g := range 2 {
			go func() {
				results <- factory.Transact(ctx, func(ctx context.Context, s *orm.Session) error {
					attempts <- g
					all, err := orm.Query[Account](s).OrderBy(orm.C(&orm.Entity[Account]().ID)).All(ctx)
					if err != nil {
						return err
					}
					m.arrive()
					all[g].Balance = all[1-g].Balance + 1
					return nil
				})
			}()
		}
		must(t, <-results)
		must(t, <-results)
		if len(attempts) < 3 {
			t.Error("there was no conflict")
		}
		sum := readAgain[Account](t, db, 1).Balance + readAgain[Account](t, db, 2).Balance
		expect(t, int64(3), sum) // one after the other: 0+1 and 1+1
	})
}

func TestBusyDatabaseIsTriedAgain(t *testing.T) {
	t.Parallel()
	db := openTestDB(t, "sqlite:///:memory:?_busy_timeout=1").withModels(t)
	ctx := t.Context()
	holder := db.session(t)
	holder.Add(&User{Email: "h"}, &User{Email: "i"})
	must(t, holder.Flush(ctx))
	add := func(_ context.Context, s *orm.Session) error {
		s.Add(&User{Email: "a"}, &User{Email: "b"})
		return nil
	}
	factory, attempts := orm.NewSessionFactory(db.Engine), 0
	err := factory.Transact(ctx, func(ctx context.Context, s *orm.Session) error {
		attempts++
		return add(ctx, s)
	}, orm.Retries(2))
	expectKind(t, orm.ErrLockTimeout, err)
	expect(t, 3, attempts)
	err = factory.Transact(ctx, func(ctx context.Context, s *orm.Session) error {
		if attempts++; attempts == 5 {
			must(t, holder.Commit(ctx))
		}
		return add(ctx, s)
	})
	must(t, err)
	expect(t, 5, attempts)
	expect(t, 4, len(storedNames(t, db)))
}

func TestOnlyWhatIsCertainlyNotSavedIsRepeated(t *testing.T) {
	db := onSQLite(t).withModels(t)
	conn := get(db.Connect(t.Context()))(t)
	defer conn.Close()
	factory := orm.NewSessionFactory(db.Engine)
	for name, test := range map[string]struct {
		err      error
		factory  *orm.SessionFactory
		options  []orm.TxOption
		attempts int
	}{
		"deadlock":              {err: &orm.DBError{Kind: orm.ErrDeadlock}, attempts: 3},
		"wrapped":               {err: fmt.Errorf("unit: %w", &orm.DBError{Kind: orm.ErrSerialization}), attempts: 3},
		"connection":            {err: &orm.DBError{Kind: orm.ErrConnection}, attempts: 3},
		"not at all":            {err: &orm.DBError{Kind: orm.ErrDeadlock}, options: []orm.TxOption{orm.Retries(0)}, attempts: 1},
		"as the factory says":   {err: &orm.DBError{Kind: orm.ErrDeadlock}, factory: orm.NewSessionFactory(db.Engine, orm.WithTx(orm.Retries(1))), options: []orm.TxOption{}, attempts: 2},
		"unknown":               {err: &orm.DBError{Kind: orm.ErrOutcomeUnknown, Err: &orm.DBError{Kind: orm.ErrConnection}}, attempts: 1},
		"constraint":            {err: &orm.DBError{Kind: orm.ErrUniqueViolation}, attempts: 1},
		"stale":                 {err: &orm.UsageError{Kind: orm.ErrStaleData}, attempts: 1},
		"anything":              {err: errors.New("boom"), attempts: 1},
		"in the caller's hands": {err: &orm.DBError{Kind: orm.ErrDeadlock}, factory: orm.NewSessionFactory(db.Engine, orm.WithConn(conn)), attempts: 1},
	} {
		if test.options == nil {
			test.options = []orm.TxOption{orm.Retries(2)}
		}
		if test.factory == nil {
			test.factory = factory
		}
		sessions := map[*orm.Session]bool{}
		err := test.factory.Transact(t.Context(), func(_ context.Context, s *orm.Session) error {
			sessions[s] = true
			return test.err
		}, test.options...)
		if err != test.err || len(sessions) != test.attempts {
			t.Errorf("%s: %v after %d attempts", name, err, len(sessions))
		}
	}
}

func TestRepetitionEndsWithTheContext(t *testing.T) {
	db := onSQLite(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	attempts := 0
	err := orm.NewSessionFactory(db.Engine).Transact(ctx, func(context.Context, *orm.Session) error {
		if attempts++; attempts == 2 {
			cancel()
		}
		return &orm.DBError{Kind: orm.ErrDeadlock}
	}, orm.Retries(100))
	expectKind(t, orm.ErrDeadlock, err)
	expect(t, 2, attempts)
}

func TestErrorsOfAFlushShowNoValues(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).withTables(t, bricks).session(t), t.Context()
		people(t, s, "secret")
		for name, object := range map[string]orm.Model{
			"unique": &User{Email: "secret@x"}, "too long": &User{Email: strings.Repeat("secret", 50)}, "refused": &Brick{Made: "refuse", Weight: 1},
		} {
			s.Add(object)
			if err := s.Flush(ctx); err == nil || strings.Contains(err.Error(), "secret") {
				t.Errorf("%s: %v", name, err)
			}
			must(t, s.Rollback(ctx))
		}
	})
}
