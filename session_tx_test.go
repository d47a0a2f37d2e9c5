package orm_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/aurum-go/orm"
)

func TestFirstStatementBeginsATransaction(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		tr := db.watch(t)
		s.Add(&User{Email: "a"}, &User{Email: "b"})
		expect(t, false, s.InTransaction())
		expect(t, 0, db.Stats().InUse)
		must(t, s.Flush(ctx))
		expect(t, true, s.InTransaction())
		expect(t, 1, db.Stats().InUse)
		must(t, s.Commit(ctx))
		expect(t, false, s.InTransaction())
		expect(t, 0, db.Stats().InUse)
		expect(t, []string{"BEGIN", "INSERT", "COMMIT"}, heads(tr.taken()))
		get(orm.Query[User](s).Count(ctx))(t)
		must(t, s.Rollback(ctx))
		expect(t, []string{"BEGIN", "SELECT", "ROLLBACK"}, heads(tr.taken()))
		expect(t, 0, db.Stats().InUse)
	})
}

func TestSessionWithoutAutobeginWaitsForBegin(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withModels(t)
		s, ctx := db.session(t, orm.Autobegin(false)), t.Context()
		ed := &User{Email: "e"}
		s.Add(ed)
		_, queryErr := orm.Query[User](s).All(ctx)
		_, getErr := orm.Get[User](ctx, s, 1)
		for name, err := range map[string]error{
			"flush": s.Flush(ctx), "commit": s.Commit(ctx), "query": queryErr, "get": getErr,
			"nested": s.Nested(ctx, func(context.Context) error { return nil }),
		} {
			if !errors.Is(err, orm.ErrArgument) {
				t.Errorf("%s: %v", name, err)
			}
		}
		expect(t, []string(nil), db.statements())
		expectState(t, orm.Pending, ed)
		must(t, s.Begin(ctx))
		expectKind(t, orm.ErrArgument, s.Begin(ctx))
		must(t, s.Commit(ctx))
		expectState(t, orm.Persistent, ed)
		expect(t, []string{""}, storedNames(t, db))
	})
}

func TestOneStatementIsCommittedByItself(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		tr := db.watch(t)
		ed := &User{Email: "e"}
		s.Add(ed)
		must(t, s.Commit(ctx))
		ed.Name = "ed"
		must(t, s.Commit(ctx))
		expect(t, "ed", readAgain[User](t, db, ed.ID).Name)
		tr.taken()
		s.Add(&Ticket{Title: "t"})
		must(t, s.Commit(ctx))
		s.Delete(ed)
		must(t, s.Commit(ctx))
		must(t, s.Commit(ctx))
		expect(t, []string{"INSERT", "DELETE"}, heads(tr.taken()))
		expectState(t, orm.Detached, ed)
		expect(t, []string(nil), storedNames(t, db))
		expect(t, 0, db.Stats().InUse)
	})
}

func TestMoreThanOneStatementIsATransaction(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withModels(t)
		ctx := t.Context()
		tr := db.watch(t)
		isolated := db.Dialect().Features().Isolation[0]
		for name, test := range map[string]struct {
			options []orm.SessionOption
			objects []orm.Model
			before  func(s *orm.Session) error
			want    []string
		}{
			"two rows":         {objects: []orm.Model{&User{Email: "1"}, &User{Email: "2"}}, want: []string{"BEGIN", "INSERT", "COMMIT"}},
			"two tables":       {objects: []orm.Model{&User{Email: "3"}, &Account{ID: 1}}, want: []string{"BEGIN", "INSERT", "INSERT", "COMMIT"}},
			"with options":     {options: []orm.SessionOption{orm.WithTx(orm.Isolation(isolated))}, objects: []orm.Model{&User{Email: "4"}}, want: []string{"BEGIN", "INSERT", "COMMIT"}},
			"retries are none": {options: []orm.SessionOption{orm.WithTx(orm.Retries(1))}, objects: []orm.Model{&User{Email: "5"}}, want: []string{"INSERT"}},
			"begun already":    {before: func(s *orm.Session) error { return s.Begin(ctx) }, objects: []orm.Model{&User{Email: "6"}}, want: []string{"BEGIN", "INSERT", "COMMIT"}},
		} {
			s := orm.NewSession(db.Engine, test.options...)
			if test.before != nil {
				must(t, test.before(s))
			}
			s.Add(test.objects...)
			must(t, s.Commit(ctx))
			if got := heads(tr.taken()); !slices.Equal(got, test.want) {
				t.Errorf("%s: %q", name, got)
			}
			must(t, s.Close())
		}
	})
}

// A listener may fail the transaction when a statement has ended, so there has
// to be one.
func TestListenerThatMayFailTheTransactionGetsOne(t *testing.T) {
	db := onSQLite(t).withModels(t)
	s, ctx := db.session(t), t.Context()
	tr, boom := db.watch(t), errors.New("boom")
	remove := db.Events().AfterExecute(func(context.Context, *orm.Execution) error { return boom })
	ed := &User{Email: "e"}
	s.Add(ed)
	expectKind(t, boom, s.Commit(ctx))
	must(t, s.Rollback(ctx))
	remove()
	expect(t, []string{"BEGIN", "INSERT", "ROLLBACK"}, heads(tr.taken()))
	expectState(t, orm.Transient, ed)
	expect(t, []string(nil), storedNames(t, db))
}

func TestIsolationOfTheEngineHoldsForOneStatementToo(t *testing.T) {
	t.Parallel()
	db := openTestDB(t, "sqlite:///:memory:", orm.WithIsolation("SERIALIZABLE")).withModels(t)
	s, tr := db.session(t), db.watch(t)
	s.Add(&User{Email: "e"})
	must(t, s.Commit(t.Context()))
	expect(t, []string{"BEGIN", "INSERT", "COMMIT"}, heads(tr.taken()))
}

func TestPoolOfTheCallerAlwaysGetsATransaction(t *testing.T) {
	db := onSQLite(t).withModels(t)
	engine := get(orm.OpenDB(db.DB(), "sqlite"))(t)
	begun := 0
	engine.Events().Begin(func(context.Context, *orm.TxEvent) { begun++ })
	s := orm.NewSession(engine)
	s.Add(&User{Email: "e"})
	must(t, s.Commit(t.Context()))
	must(t, s.Close())
	expect(t, 1, begun)
}

func TestObjectsAreStaleAfterACommit(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		ed := people(t, s, "ed")[0]
		run(t, db.Engine, "UPDATE users SET name = 'other'")
		expect(t, "ed", ed.Name)
		db.statements()
		get(orm.Get[User](ctx, s, ed.ID))(t)
		get(orm.Get[User](ctx, s, ed.ID))(t)
		expect(t, 1, len(db.statements()))
		expect(t, "other", ed.Name)
		must(t, s.Commit(ctx))

		keeping := db.session(t, orm.ExpireOnCommit(false))
		kept := people(t, keeping, "kept")[0]
		run(t, db.Engine, "UPDATE users SET name = 'x'")
		db.statements()
		get(orm.Get[User](ctx, keeping, kept.ID))(t)
		expect(t, []string(nil), db.statements())
		expect(t, "kept", kept.Name)
	})
}

func TestCommitWithoutATransactionExpiresAsWell(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withModels(t)
		s, ctx := db.session(t), t.Context()
		ed := people(t, s, "ed")[0]
		must(t, s.Refresh(ctx, ed))
		must(t, s.Commit(ctx))
		get(orm.Get[User](ctx, s, ed.ID))(t)
		must(t, s.Commit(ctx))
		db.statements()
		must(t, s.Commit(ctx))
		get(orm.Get[User](ctx, s, ed.ID))(t)
		expect(t, 1, len(db.statements()))
	})
}

func TestRollbackPutsObjectsBack(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		users := people(t, s, "changed", "deleted", "unflushed")
		created := users[0].CreatedAt
		fresh, pending, ticket := &User{Name: "fresh", Email: "f"}, &User{Name: "pending", Email: "p"}, &Ticket{Title: "t"}
		users[0].Name, users[0].Age = "x", new(1)
		s.Delete(users[1])
		s.Add(fresh, ticket)
		must(t, s.Flush(ctx))
		users[0].Name = "y"
		users[2].Name = "z"
		s.Add(pending)
		s.Delete(users[2])
		must(t, s.Rollback(ctx))

		expectState(t, orm.Persistent, users[0], users[1], users[2])
		expectState(t, orm.Transient, fresh, pending, ticket)
		expect(t, []any{"changed", (*int)(nil), "unflushed"}, []any{users[0].Name, users[0].Age, users[2].Name})
		expect(t, []any{int64(0), "fresh", true, true}, []any{fresh.ID, fresh.Name, fresh.CreatedAt.IsZero(), !fresh.Active})
		expect(t, []any{int64(0), "t", "", 0}, []any{ticket.ID, ticket.Title, ticket.Status, ticket.Priority})
		expect(t, []string{"changed", "deleted", "unflushed"}, storedNames(t, db))
		expect(t, 0, len(s.New())+len(s.Dirty())+len(s.Deleted()))

		s.Add(fresh, ticket)
		must(t, s.Commit(ctx))
		expect(t, []string{"changed", "deleted", "unflushed", "fresh"}, storedNames(t, db))
		expect(t, created, users[0].CreatedAt)
		expect(t, "open", ticket.Status)
	})
}

func TestRollbackMakesEverythingStale(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t, orm.ExpireOnCommit(false)), t.Context()
		ed := people(t, s, "ed")[0]
		get(orm.Query[User](s).Count(ctx))(t)
		must(t, s.Rollback(ctx))
		run(t, db.Engine, "UPDATE users SET name = 'other'")
		get(orm.Get[User](ctx, s, ed.ID))(t)
		expect(t, "other", ed.Name)
		must(t, s.Commit(ctx))
	})
}

func TestRollbackOfAnExpungedObjectThatWasInsertedMakesItTransient(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withModels(t)
		s, ctx := db.session(t), t.Context()
		one, all, moved := &User{Email: "1"}, &User{Email: "2"}, &User{ID: 77, Email: "3"}
		s.Add(one, all, moved)
		must(t, s.Flush(ctx))
		s.Expunge(one, moved)
		expectState(t, orm.Detached, one, moved)
		other := db.session(t)
		other.Add(moved)
		s.ExpungeAll()
		must(t, s.Rollback(ctx))
		expectState(t, orm.Transient, one, all)
		expect(t, []int64{0, 0}, []int64{one.ID, all.ID})
		expectState(t, orm.Persistent, moved)
		if !other.Contains(moved) {
			t.Error("the rollback of one session took an object from another")
		}
	})
}

func TestNestedBlockIsASavepoint(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t, orm.Autoflush(false)), t.Context()
		tr := db.watch(t)
		s.Add(&User{Name: "outer", Email: "o"})
		must(t, s.Nested(ctx, func(context.Context) error {
			s.Add(&User{Name: "inner", Email: "i"})
			return nil
		}))
		must(t, s.Commit(ctx))
		expect(t, []string{"BEGIN", "INSERT", "SAVEPOINT", "INSERT", "RELEASE", "COMMIT"}, heads(tr.taken()))
		expect(t, []string{"outer", "inner"}, storedNames(t, db))
	})
}

func TestNestedBlockThatFailsIsUndoneAlone(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		users := people(t, s, "a", "b", "c")
		boom := errors.New("boom")
		outer := &User{Name: "outer", Email: "o"}
		s.Add(outer)
		users[0].Name = "changed outside"
		tr := db.watch(t)
		inner, ticket := &User{Name: "inner", Email: "i"}, &Ticket{Title: "t"}
		err := s.Nested(ctx, func(context.Context) error {
			users[0].Name, users[1].Name = "changed inside", "changed inside"
			s.Add(inner, ticket)
			s.Delete(users[2])
			must(t, s.Flush(ctx))
			outer.Name = "not flushed"
			s.Add(&User{Email: "p"})
			return boom
		})
		if err != boom {
			t.Errorf("%v", err)
		}
		sent := heads(tr.taken())
		expect(t, []string{"ROLLBACK TO", "RELEASE"}, sent[len(sent)-2:])
		expectState(t, orm.Persistent, outer, users[0], users[1], users[2])
		expectState(t, orm.Transient, inner, ticket)
		expect(t, []string{"changed outside", "b", "outer"}, []string{users[0].Name, users[1].Name, outer.Name})
		expect(t, []int64{0, 0}, []int64{inner.ID, ticket.ID})
		must(t, s.Commit(ctx))
		expect(t, []string{"changed outside", "b", "c", "outer"}, storedNames(t, db))
	})
}

func TestRollbackOfANestedBlockLeavesFreshWhatItDidNotTouch(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		users := people(t, s, "before", "changed", "read inside")
		get(orm.Get[User](ctx, s, users[0].ID))(t)
		get(orm.Get[User](ctx, s, users[1].ID))(t)
		_ = s.Nested(ctx, func(context.Context) error {
			get(orm.Get[User](ctx, s, users[0].ID))(t)
			users[1].Name = "x"
			must(t, s.Flush(ctx))
			get(orm.Get[User](ctx, s, users[2].ID))(t)
			return errors.New("boom")
		})
		for i, want := range []int{0, 1, 1} {
			db.statements()
			get(orm.Get[User](ctx, s, users[i].ID))(t)
			if n := len(db.statements()); n != want {
				t.Errorf("%s: %d statements", users[i].Name, n)
			}
		}
		must(t, s.Commit(ctx))
	})
}

func TestFailureInANestedBlockDoesNotReachTheOuterOne(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		people(t, s, "ed")
		for name, work := range map[string]func(context.Context) error{
			"flush that fails at the end": func(context.Context) error {
				s.Add(&User{Email: "ed@x"})
				return nil
			},
			"flush that fails and is handled": func(context.Context) error {
				s.Add(&User{Email: "ed@x"})
				expectKind(t, orm.ErrUniqueViolation, s.Flush(ctx))
				return nil
			},
			"autoflush that fails": func(context.Context) error {
				s.Add(&User{Email: "ed@x"})
				_, err := orm.Query[User](s).All(ctx)
				return err
			},
			"text that fails and is handled": func(context.Context) error {
				_, err := orm.Exec(ctx, s, orm.Text("INSERT INTO users (id) VALUES (1)"))
				if err == nil {
					t.Error("half a row was taken")
				}
				return nil
			},
			"mistake": func(context.Context) error {
				s.Delete(&User{})
				return nil
			},
		} {
			if err := s.Nested(ctx, work); err == nil {
				t.Errorf("%s: no error", name)
			}
			s.Add(&User{Name: name, Email: name})
			must(t, s.Flush(ctx))
		}
		must(t, s.Commit(ctx))
		expect(t, 6, len(storedNames(t, db)))
	})
}

func TestNestedBlocksStandInEachOther(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		boom := errors.New("boom")
		ed := people(t, s, "0")[0]
		level := func(name string, result error, inside func()) {
			t.Helper()
			err := s.Nested(ctx, func(context.Context) error {
				ed.Name = name
				s.Add(&User{Name: name, Email: name})
				if inside != nil {
					inside()
				}
				return result
			})
			expectKind(t, result, err)
		}
		level("1", nil, func() {
			level("1.1", boom, nil)
			expect(t, "1", ed.Name)
			level("1.2", nil, func() { level("1.2.1", nil, nil) })
			expect(t, "1.2.1", ed.Name)
		})
		expect(t, "1.2.1", ed.Name)
		level("2", boom, func() {
			level("2.1", nil, nil)
			expect(t, "2.1", ed.Name)
		})
		expect(t, "1.2.1", ed.Name)
		must(t, s.Flush(ctx))
		expect(t, int64(4), get(orm.Query[User](s).Count(ctx))(t))
		must(t, s.Rollback(ctx))
		expect(t, "0", ed.Name)
		expect(t, []string{"0"}, storedNames(t, db))
	})
}

func TestCommitInANestedBlockEndsTheWholeTransaction(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		boom := errors.New("boom")
		s.Add(&User{Name: "1", Email: "1"})
		must(t, s.Nested(ctx, func(context.Context) error {
			s.Add(&User{Name: "2", Email: "2"})
			must(t, s.Commit(ctx))
			s.Add(&User{Name: "3", Email: "3"})
			return s.Flush(ctx)
		}))
		expect(t, true, s.InTransaction())
		must(t, s.Commit(ctx))
		expect(t, []string{"1", "2", "3"}, storedNames(t, db))
		err := s.Nested(ctx, func(context.Context) error {
			must(t, s.Commit(ctx))
			must(t, s.Nested(ctx, func(context.Context) error { return nil }))
			return boom
		})
		expectKind(t, boom, err)
		expectKind(t, orm.ErrTxFailed, err)
		must(t, s.Rollback(ctx))
	})
}

func TestRollbackInANestedBlockEndsTheWholeTransaction(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		outer, inner, later := &User{Email: "1"}, &User{Email: "2"}, &User{Email: "3"}
		s.Add(outer)
		err := s.Nested(ctx, func(context.Context) error {
			return s.Nested(ctx, func(context.Context) error {
				s.Add(inner)
				must(t, s.Flush(ctx))
				must(t, s.Rollback(ctx))
				s.Add(later)
				return nil
			})
		})
		expectKind(t, orm.ErrTxFailed, err)
		expectState(t, orm.Transient, outer, inner)
		expectState(t, orm.Pending, later)
		must(t, s.Commit(ctx))
		expect(t, 1, len(storedNames(t, db)))
	})
}

func TestCloseInANestedBlockEndsEverything(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withModels(t)
		s, ctx := db.session(t), t.Context()
		s.Add(&User{Email: "1"})
		err := s.Nested(ctx, func(context.Context) error { return s.Close() })
		expectKind(t, orm.ErrTxFailed, err)
		expect(t, 0, db.Stats().InUse)
		expect(t, []string(nil), storedNames(t, db))
	})
}

func TestPanicInANestedBlockUndoesIt(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		ed := people(t, s, "ed")[0]
		outer, inner := &User{Name: "outer", Email: "o"}, &User{Name: "inner", Email: "i"}
		s.Add(outer)
		func() {
			defer func() { expect(t, any("boom"), recover()) }()
			_ = s.Nested(ctx, func(context.Context) error {
				ed.Name = "x"
				s.Add(inner)
				must(t, s.Flush(ctx))
				panic("boom")
			})
		}()
		expectState(t, orm.Transient, inner)
		expect(t, "ed", ed.Name)
		must(t, s.Commit(ctx))
		expect(t, []string{"ed", "outer"}, storedNames(t, db))
	})
}

func TestNestedBlocksThatFailDoNotPileUp(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		must(t, s.Begin(ctx))
		tr := db.watch(t)
		for range 3 {
			_ = s.Nested(ctx, func(context.Context) error { return errors.New("boom") })
		}
		want := slices.Repeat([]string{"SAVEPOINT", "ROLLBACK TO", "RELEASE"}, 3)
		expect(t, want, tr.taken())
		must(t, s.Commit(ctx))
	})
}

func TestJoinedSessionLeavesTheTransactionToItsOwner(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx := t.Context()
		conn := get(db.withModels(t).Connect(ctx))(t)
		must(t, conn.Begin(ctx))
		tr := db.watch(t)
		s := db.session(t, orm.WithConn(conn))
		kept, undone := &User{Name: "kept", Email: "k"}, &User{Name: "undone", Email: "u"}
		s.Add(kept)
		must(t, s.Commit(ctx))
		s.Add(undone)
		must(t, s.Flush(ctx))
		must(t, s.Rollback(ctx))
		expectState(t, orm.Transient, undone)
		expect(t, []string{"SAVEPOINT", "INSERT", "RELEASE", "SAVEPOINT", "INSERT", "ROLLBACK TO", "RELEASE"}, heads(tr.taken()))
		must(t, s.Nested(ctx, func(context.Context) error {
			s.Add(&User{Name: "nested", Email: "n"})
			return nil
		}))
		must(t, s.Commit(ctx))
		s.Add(&User{Name: "not committed", Email: "c"})
		must(t, s.Flush(ctx))
		must(t, s.Close())
		expect(t, orm.TxActive, conn.State())
		must(t, conn.Commit(ctx))
		must(t, conn.Close())
		expect(t, []string{"kept", "nested"}, storedNames(t, db))
	})
}

func TestOwnerOfAJoinedTransactionCanUndoAll(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx := t.Context()
		conn := get(db.withModels(t).Connect(ctx))(t)
		s := db.session(t, orm.WithConn(conn))
		s.Add(&User{Name: "a", Email: "a"}, &User{Name: "b", Email: "b"})
		must(t, s.Commit(ctx))
		ed := &User{Name: "c", Email: "c"}
		s.Add(ed)
		must(t, s.Flush(ctx))
		must(t, conn.Rollback(ctx))
		for range 2 {
			_, err := orm.Query[User](s).All(ctx)
			expectKind(t, byDialect[error]{"sqlite": orm.ErrTxLost, "postgres": orm.ErrTxLost, "mysql": orm.ErrImplicitCommit}.of(db), err)
		}
		if s.Rollback(ctx) == nil {
			t.Error("nobody says that the transaction was ended by its owner")
		}
		expectState(t, orm.Transient, ed)
		must(t, s.Commit(ctx))
		must(t, conn.Close())
		expect(t, []string(nil), storedNames(t, db))
	})
}

func TestJoinedTransactionTakesNoOptions(t *testing.T) {
	db := onSQLite(t).withModels(t)
	ctx := t.Context()
	conn := get(db.Connect(ctx))(t)
	s := db.session(t, orm.WithConn(conn))
	expectKind(t, orm.ErrArgument, s.Begin(ctx, orm.Isolation("SERIALIZABLE")))
	readOnly := db.session(t, orm.WithConn(conn), orm.WithTx(orm.ReadOnly()))
	_, err := orm.Query[User](readOnly).All(ctx)
	expectKind(t, orm.ErrArgument, err)
	must(t, conn.Close())
}

func TestCloseGivesEverythingBack(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		ed := people(t, s, "ed")[0]
		fresh, pending := &User{Email: "f"}, &User{Email: "p"}
		ed.Name = "x"
		s.Add(fresh)
		must(t, s.Flush(ctx))
		s.Add(pending)
		must(t, s.Close())
		must(t, s.Close())
		expect(t, 0, db.Stats().InUse)
		expect(t, false, s.InTransaction())
		expectState(t, orm.Detached, ed)
		expectState(t, orm.Transient, fresh, pending)
		expect(t, []any{"ed", int64(0)}, []any{ed.Name, fresh.ID})
		expect(t, []string{"ed"}, storedNames(t, db))
	})
}

func TestTransactCommitsOrRollsBack(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx := t.Context()
		factory := orm.NewSessionFactory(db.withModels(t).Engine)
		boom := errors.New("boom")
		ed := &User{Name: "ed", Email: "e"}
		add := func(ctx context.Context, s *orm.Session) error {
			if orm.SessionFrom(ctx) != s {
				t.Error("the session does not travel along")
			}
			s.Add(ed)
			return s.Flush(ctx)
		}
		err := factory.Transact(ctx, func(ctx context.Context, s *orm.Session) error {
			must(t, add(ctx, s))
			return boom
		})
		if err != boom {
			t.Errorf("%v", err)
		}
		expectState(t, orm.Transient, ed)
		func() {
			defer func() { expect(t, any("panic"), recover()) }()
			_ = factory.Transact(ctx, func(ctx context.Context, s *orm.Session) error {
				must(t, add(ctx, s))
				panic("panic")
			})
		}()
		expectState(t, orm.Transient, ed)
		expect(t, []string(nil), storedNames(t, db))
		must(t, factory.Transact(ctx, add))
		expectState(t, orm.Detached, ed)
		expect(t, []string{"ed"}, storedNames(t, db))
		expect(t, 0, db.Stats().InUse)
	})
}

// Whoever listens gets what the unit's context carries, also when it has ended.
func TestTransactRollsBackWithTheContextOfItsUnit(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		type request struct{}
		var told []any
		db.withModels(t).Events().Rollback(func(ctx context.Context, _ *orm.TxEvent) { told = append(told, ctx.Value(request{})) })
		ctx, cancel := context.WithCancel(context.WithValue(t.Context(), request{}, "of this unit"))
		boom := errors.New("boom")
		for _, end := range []func(){func() {}, cancel} {
			err := orm.NewSessionFactory(db.Engine).Transact(ctx, func(ctx context.Context, s *orm.Session) error {
				s.Add(&User{Email: "e"})
				must(t, s.Flush(ctx))
				end()
				return boom
			})
			expectKind(t, boom, err)
		}
		expect(t, []any{"of this unit", "of this unit"}, told)
		expect(t, []string(nil), storedNames(t, db))
		expect(t, 0, db.Stats().InUse)
	})
}

func TestTransactHasTheOptionsOfItsFactory(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withModels(t)
		factory := orm.NewSessionFactory(db.Engine, orm.WithTx(orm.ReadOnly()))
		err := factory.Transact(t.Context(), func(_ context.Context, s *orm.Session) error {
			s.Add(&User{Email: "e"})
			return nil
		})
		expectKind(t, orm.ErrReadOnly, err)
		err = factory.Transact(t.Context(), func(context.Context, *orm.Session) error { return nil }, orm.Isolation("CHAOS"))
		expectKind(t, orm.ErrUnsupported, err)
	})
}

func TestInvalidatedSessionCanOnlyBeRolledBack(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		must(t, s.Invalidate())
		ed := &User{Name: "ed", Email: "e"}
		s.Add(ed)
		must(t, s.Flush(ctx))
		must(t, s.Invalidate())
		tr := db.watch(t)
		refused := map[string]error{
			"query": errOf(orm.Query[User](s).All(ctx)), "flush": s.Flush(ctx), "commit": s.Commit(ctx), "exec": errOf(orm.Exec(ctx, s, orm.Text("SELECT 1"))),
			"nested": s.Nested(ctx, func(context.Context) error { return nil }),
		}
		for name, err := range refused {
			if !errors.Is(err, orm.ErrTxLost) {
				t.Errorf("%s: %v", name, err)
			}
		}
		expect(t, 0, len(tr.taken()))
		must(t, s.Rollback(ctx))
		expectState(t, orm.Transient, ed)
		expect(t, 0, db.Stats().InUse)
		s.Add(ed)
		must(t, s.Commit(ctx))
		expect(t, []string{"ed"}, storedNames(t, db))
		must(t, s.Close())
		expectKind(t, orm.ErrClosed, s.Invalidate())
	})
}

func TestInvalidatedSessionLosesTheTransactionThatItJoined(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx := t.Context()
		c := get(db.withModels(t).Connect(ctx))(t)
		defer func() { _ = c.Close() }()
		s := orm.NewSession(db.Engine, orm.WithConn(c))
		s.Add(&User{Name: "ed", Email: "e"})
		must(t, s.Flush(ctx))
		must(t, s.Invalidate())
		expectKind(t, orm.ErrTxLost, s.Commit(ctx))
		expectKind(t, orm.ErrTxLost, c.Commit(ctx))
		_ = s.Rollback(ctx)
		must(t, c.Rollback(ctx))
		expect(t, []string(nil), storedNames(t, db))
	})
}
