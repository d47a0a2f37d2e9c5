// This file tests sessions on the recording fake: what becomes of objects when
// an answer is lost, and databases that tell less than those that are tested.

package orm

import (
	"context"
	"database/sql/driver"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// parcel gets its key, and perhaps its state, from the database.
type parcel struct {
	Base  `orm:"table:parcels"`
	ID    int64
	Name  string `orm:"size:20"`
	State string `orm:"size:20;server_default:'new'"`
}

// crate has no default of the database's.
type crate struct {
	Base `orm:"table:crates"`
	ID   int32
	Name string `orm:"size:20"`
}

var _ = MustRegister(&parcel{}, &crate{})

const (
	insertParcel = "INSERT INTO parcels (name) VALUES (?)"
	insertCrate  = "INSERT INTO crates (name) VALUES (?)"
)

func newFakeSession(t *testing.T, features func(f *Features)) (*Session, *fakeDB) {
	t.Helper()
	db := newFakeDB()
	s := NewSession(openFake(t, &testDialect{db: db, features: features}))
	t.Cleanup(func() { wantNoError(t, s.Close()) })
	return s, db
}

func returning(f *Features) { f.InsertReturning = true }

func wantStates(t *testing.T, want State, objects ...Model) {
	t.Helper()
	for i, m := range objects {
		if got := StateOf(m); got != want {
			t.Errorf("object %d is %s, want %s", i, got, want)
		}
	}
}

func TestCommitWithoutAnAnswerDetachesEverything(t *testing.T) {
	s, db := newFakeSession(t, nil)
	ctx := testContext(t)
	db.On(insertCrate).Result(7, 1)
	db.On("COMMIT").Fail(driver.ErrBadConn)
	a, b := &crate{Name: "a"}, &crate{Name: "b"}
	s.Add(a, b)
	wantError(t, s.Commit(ctx), ErrOutcomeUnknown)
	wantStates(t, Detached, a, b)
	for _, err := range []error{s.Flush(ctx), s.Commit(ctx), s.Nested(ctx, func(context.Context) error { return nil })} {
		wantError(t, err, ErrTxFailed, ErrOutcomeUnknown)
	}
	wantError(t, s.Rollback(ctx), ErrOutcomeUnknown)
	wantStates(t, Detached, a, b)
	if a.ID != 7 {
		t.Errorf("the key that may be the row's is gone: %d", a.ID)
	}
	wantNoError(t, s.Flush(ctx))
}

func TestTransactDoesNotRepeatWhatMayBeSaved(t *testing.T) {
	e, db := newTestEngine(t)
	db.On(insertCrate).Result(7, 1)
	db.On("COMMIT").Fail(driver.ErrBadConn)
	attempts := 0
	err := NewSessionFactory(e).Transact(testContext(t), func(_ context.Context, s *Session) error {
		attempts++
		s.Add(&crate{}, &crate{})
		return nil
	})
	wantError(t, err, ErrOutcomeUnknown)
	if attempts != 1 {
		t.Errorf("%d attempts", attempts)
	}
}

func TestConnectionLostBeforeCommitIsRepeated(t *testing.T) {
	e, db := newTestEngine(t)
	db.On(insertCrate).Result(7, 1)
	db.At(2).Fail(driver.ErrBadConn)
	attempts := 0
	wantNoError(t, NewSessionFactory(e).Transact(testContext(t), func(_ context.Context, s *Session) error {
		attempts++
		s.Add(&crate{}, &crate{})
		return nil
	}))
	if attempts != 2 {
		t.Errorf("%d attempts", attempts)
	}
}

func TestRefusedCommitUndoesTheObjects(t *testing.T) {
	s, db := newFakeSession(t, nil)
	ctx := testContext(t)
	db.On(insertCrate).Result(7, 1)
	db.On("COMMIT").Fail(serverSays(ErrForeignKeyViolation, "23503"))
	a, b := &crate{Name: "a"}, &crate{Name: "b"}
	s.Add(a, b)
	wantError(t, s.Commit(ctx), ErrForeignKeyViolation)
	wantError(t, s.Commit(ctx), ErrTxFailed, ErrForeignKeyViolation)
	wantNoError(t, s.Rollback(ctx))
	wantStates(t, Transient, a, b)
	if a.ID != 0 {
		t.Errorf("the key is left: %d", a.ID)
	}
}

// A statement that is its own transaction may be saved when its answer is lost,
// or does not make sense.
func TestLoneStatementWithoutAnAnswerIsUnknown(t *testing.T) {
	for name, answer := range map[string]func(a *fakeAnswer){
		"lost":   func(a *fakeAnswer) { a.Fail(driver.ErrBadConn) },
		"no row": func(a *fakeAnswer) { a.Rows([]string{"id", "state"}) },
		"two rows": func(a *fakeAnswer) {
			a.Rows([]string{"id", "state"}, []driver.Value{int64(1), "new"}, []driver.Value{int64(2), "new"})
		},
		"another type":    func(a *fakeAnswer) { a.Rows([]string{"id", "state"}, []driver.Value{"x", "new"}) },
		"lost in between": func(a *fakeAnswer) { a.Rows([]string{"id", "state"}).FailRows(driver.ErrBadConn) },
	} {
		t.Run(name, func(t *testing.T) {
			s, db := newFakeSession(t, returning)
			ctx := testContext(t)
			answer(db.On(insertParcel + " RETURNING id, state"))
			p := &parcel{Name: "p"}
			s.Add(p)
			wantError(t, s.Commit(ctx), ErrOutcomeUnknown)
			wantStates(t, Detached, p)
			wantError(t, s.Commit(ctx), ErrTxFailed)
			wantNoError(t, s.Rollback(ctx))
			wantStates(t, Detached, p)
			if lines := sent(db); lines[0] != insertParcel+" RETURNING id, state [p]" {
				t.Errorf("%q", lines)
			}
		})
	}
}

func TestLoneStatementThatIsRefusedIsNotSaved(t *testing.T) {
	s, db := newFakeSession(t, returning)
	ctx := testContext(t)
	db.On(insertParcel + " RETURNING id, state").Fail(serverSays(ErrUniqueViolation, "23505"))
	p := &parcel{Name: "p"}
	s.Add(p)
	err := s.Commit(ctx)
	wantError(t, err, ErrUniqueViolation)
	if errors.Is(err, ErrOutcomeUnknown) {
		t.Errorf("%v", err)
	}
	wantNoError(t, s.Rollback(ctx))
	wantStates(t, Transient, p)
}

func TestTheSameAnswerInATransactionIsNoSecret(t *testing.T) {
	s, db := newFakeSession(t, returning)
	ctx := testContext(t)
	db.On(insertParcel+" RETURNING id, state").Rows([]string{"id", "state"}, []driver.Value{"x", "new"})
	p := &parcel{Name: "p"}
	s.Add(p)
	err := s.Flush(ctx)
	wantError(t, err, ErrDecode)
	if errors.Is(err, ErrOutcomeUnknown) {
		t.Errorf("%v", err)
	}
	wantNoError(t, s.Rollback(ctx))
	wantStates(t, Transient, p)
	wantSent(t, db, "BEGIN", insertParcel+" RETURNING id, state [p]", "ROLLBACK")
}

func TestDatabaseWithoutReturningIsAskedAfterwards(t *testing.T) {
	s, db := newFakeSession(t, nil)
	ctx := testContext(t)
	db.At(2).Result(7, 1)
	db.At(3).Result(9, 1)
	const read = "SELECT state, id FROM parcels WHERE id IN (?, ?)"
	db.On(read).Rows([]string{"state", "id"}, []driver.Value{"nine", int64(9)}, []driver.Value{"seven", int64(7)})
	a, b := &parcel{Name: "a"}, &parcel{Name: "b"}
	s.Add(a, b)
	wantNoError(t, s.Commit(ctx))
	wantSent(t, db, "BEGIN", insertParcel+" [a]", insertParcel+" [b]", read+" [7 9]", "COMMIT")
	if diff := cmp.Diff([]any{int64(7), "seven", int64(9), "nine"}, []any{a.ID, a.State, b.ID, b.State}); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestOneRowThatNeedsTwoStatementsIsATransaction(t *testing.T) {
	s, db := newFakeSession(t, nil)
	db.On(insertParcel).Result(7, 1)
	const read = "SELECT state, id FROM parcels WHERE id = ?"
	db.On(read).Rows([]string{"state", "id"}, []driver.Value{"new", int64(7)})
	s.Add(&parcel{Name: "a"})
	wantNoError(t, s.Commit(testContext(t)))
	wantSent(t, db, "BEGIN", insertParcel+" [a]", read+" [7]", "COMMIT")
}

func TestRowThatDoesNotComeBackIsAnError(t *testing.T) {
	s, db := newFakeSession(t, nil)
	db.On(insertParcel).Result(7, 1)
	db.On("SELECT state, id FROM parcels WHERE id IN (?, ?)").Rows([]string{"state", "id"})
	s.Add(&parcel{Name: "a"}, &parcel{Name: "b"})
	wantError(t, s.Commit(testContext(t)), ErrSchemaMismatch)
}

func TestKeyThatNobodyTellsIsAnError(t *testing.T) {
	s, db := newFakeSession(t, func(f *Features) { f.LastInsertID = false })
	db.On(insertCrate).Result(-1, 1)
	ctx := testContext(t)
	s.Add(&crate{Name: "a"}, &crate{Name: "b"})
	wantError(t, s.Commit(ctx), ErrUnsupported)
	wantNoError(t, s.Rollback(ctx))
	wantSent(t, db, "BEGIN", insertCrate+" [a]", "ROLLBACK")
}

func TestKeyThatIsTooLargeForItsFieldIsRefused(t *testing.T) {
	s, db := newFakeSession(t, nil)
	db.On(insertCrate).Result(1<<40, 1)
	ctx := testContext(t)
	a := &crate{Name: "a"}
	s.Add(a, &crate{Name: "b"})
	wantError(t, s.Commit(ctx), ErrValue)
	wantNoError(t, s.Rollback(ctx))
	if a.ID != 0 {
		t.Errorf("the key was cut to %d", a.ID)
	}
}

func TestBeginThatFailsLeavesTheSessionAsItWas(t *testing.T) {
	s, db := newFakeSession(t, nil)
	ctx := testContext(t)
	db.At(3).Result(7, 1)
	db.At(4).Result(8, 1)
	db.On("BEGIN").Fail(serverSays(ErrResource, "53300"))
	a, b := &crate{Name: "a"}, &crate{Name: "b"}
	s.Add(a, b)
	wantError(t, s.Commit(ctx), ErrResource)
	wantStates(t, Pending, a, b)
	if s.InTransaction() || s.engine.Stats().InUse != 0 {
		t.Error("the connection was not given back")
	}
	db.On("BEGIN")
	wantNoError(t, s.Commit(ctx))
	wantStates(t, Persistent, a, b)
}

func TestSavepointThatIsRefusedFailsTheBlock(t *testing.T) {
	s, db := newFakeSession(t, nil)
	ctx := testContext(t)
	db.On("SAVEPOINT orm_1").Fail(serverSays(ErrResource, "53200"))
	err := s.Nested(ctx, func(context.Context) error {
		t.Error("the block runs without its savepoint")
		return nil
	})
	wantError(t, err, ErrResource)
	wantError(t, s.Flush(ctx), ErrTxFailed, ErrResource)
	wantNoError(t, s.Rollback(ctx))
}

func TestBlockThatCannotBeUndoneLosesTheTransaction(t *testing.T) {
	s, db := newFakeSession(t, nil)
	ctx, boom := testContext(t), errors.New("boom")
	db.On("ROLLBACK TO SAVEPOINT orm_1").Fail(serverSays(ErrTxLost, "3B001"))
	err := s.Nested(ctx, func(context.Context) error { return boom })
	wantError(t, err, boom, ErrTxLost)
	wantError(t, s.Commit(ctx), ErrTxFailed, ErrTxLost)
	wantNoError(t, s.Rollback(ctx))
	wantNoError(t, s.Commit(ctx))
}
