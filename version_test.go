package orm_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aurum-go/orm"
)

// Counter has a version that runs out soon, in a column with a name of its own.
type Counter struct {
	orm.Base `orm:"table:counters"`

	Name    string `orm:"primary_key;size:20"`
	Value   int
	Version int8 `orm:"column:revision;version"`
}

// Page has the time of its last change for a version.
type Page struct {
	orm.Base `orm:"table:pages"`

	ID      int64
	Text    string    `orm:"size:20"`
	Changed time.Time `orm:"version"`
}

// Token is a version of its own kind.
type Token string

func (t Token) NextVersion() Token { return t + "I" }

var _ orm.Versioner[Token] = Token("")

// Leaf has a version that its type makes.
type Leaf struct {
	orm.Base `orm:"table:leaves"`

	ID      int64
	Text    string `orm:"size:20"`
	Version Token  `orm:"size:20;version"`
}

// Slate has a version that the database makes.
type Slate struct {
	orm.Base `orm:"table:slates"`

	ID   int64
	Text string `orm:"size:20"`
	Rev  int    `orm:"version;fetched"`
}

var leaves, _ = orm.MustRegister(&Leaf{}), orm.MustRegister(&Slate{})

// withSlates makes the table of slates, of which a trigger counts the versions in
// steps of ten.
func (db *testDB) withSlates(t *testing.T) *testDB {
	t.Helper()
	for _, text := range map[string][]orm.SQL{
		"sqlite": {
			"CREATE TABLE slates (id INTEGER PRIMARY KEY, text TEXT NOT NULL, rev INTEGER NOT NULL DEFAULT 0)",
			"CREATE TRIGGER first_rev AFTER INSERT ON slates BEGIN UPDATE slates SET rev = 10 WHERE id = NEW.id; END",
			"CREATE TRIGGER next_rev AFTER UPDATE OF text ON slates BEGIN UPDATE slates SET rev = OLD.rev + 10 WHERE id = NEW.id; END",
		},
		"postgres": {
			"CREATE TABLE slates (id BIGSERIAL PRIMARY KEY, text VARCHAR(20) NOT NULL, rev BIGINT NOT NULL DEFAULT 0)",
			"CREATE FUNCTION next_rev() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF TG_OP = ''INSERT'' THEN NEW.rev := 10; ELSE NEW.rev := OLD.rev + 10; END IF; RETURN NEW; END'",
			"CREATE TRIGGER next_rev BEFORE INSERT OR UPDATE ON slates FOR EACH ROW EXECUTE FUNCTION next_rev()",
		},
		"mysql": {
			"CREATE TABLE slates (id BIGINT AUTO_INCREMENT PRIMARY KEY, text VARCHAR(20) NOT NULL, rev BIGINT NOT NULL DEFAULT 0)",
			"CREATE TRIGGER first_rev BEFORE INSERT ON slates FOR EACH ROW SET NEW.rev = 10",
			"CREATE TRIGGER next_rev BEFORE UPDATE ON slates FOR EACH ROW SET NEW.rev = OLD.rev + 10",
		},
	}[db.name()] {
		get(orm.Exec(t.Context(), db.Engine, orm.Text(text)))(t)
	}
	db.statements()
	return db
}

var counters, pages = orm.MustRegister(&Counter{}), orm.MustRegister(&Page{})

// accounts adds accounts with the keys 1 to n, and commits.
func accounts(t *testing.T, s *orm.Session, n int) []*Account {
	t.Helper()
	var list []*Account
	for i := range n {
		list = append(list, &Account{ID: int64(i + 1), Owner: fmt.Sprint("o", i+1)})
	}
	orm.AddAll(s, list)
	must(t, s.Commit(t.Context()))
	return list
}

// expectStale checks that an error is stale data, and says so.
func expectStale(t *testing.T, text string, err error) {
	t.Helper()
	expectKind(t, orm.ErrStaleData, err)
	if err == nil || !strings.HasPrefix(err.Error(), text) {
		t.Errorf("the error is %v", err)
	}
}

func TestVersionStartsAtOneAndCountsUpdates(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		a := accounts(t, s, 1)[0]
		expect(t, 1, a.Version)
		db.statements()
		a.Balance = 5
		must(t, s.Commit(ctx))
		expect(t, 2, a.Version)
		must(t, s.Commit(ctx))
		s.Delete(a)
		must(t, s.Commit(ctx))
		expect(t, []string{
			"UPDATE accounts SET balance = ?, version = ? WHERE id = ? AND version = ?",
			"DELETE FROM accounts WHERE id = ? AND version = ?",
		}, db.plainStatements())
		imported := &Account{ID: 7, Version: 40}
		s.Add(imported)
		must(t, s.Commit(ctx))
		imported.Owner = "x"
		must(t, s.Commit(ctx))
		expect(t, 41, imported.Version)
	})
}

func TestVersionGoesBackWithARollback(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		a, fresh := accounts(t, s, 1)[0], &Account{ID: 2}
		a.Balance = 5
		s.Add(fresh)
		must(t, s.Flush(ctx))
		_ = s.Nested(ctx, func(context.Context) error {
			a.Balance = 6
			must(t, s.Flush(ctx))
			expect(t, 3, a.Version)
			return errors.New("boom")
		})
		expect(t, []any{2, int64(5)}, []any{a.Version, a.Balance})
		must(t, s.Rollback(ctx))
		expect(t, []int{1, 0}, []int{a.Version, fresh.Version})
		a.Balance = 7
		must(t, s.Commit(ctx))
		expect(t, 2, readAgain[Account](t, db, 1).Version)
	})
}

func TestConflictNamesTheVersions(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		a := accounts(t, s, 2)[0]
		run(t, db.Engine, "UPDATE accounts SET version = 6, balance = 3 WHERE id = 1")
		const found = " Account: 0 of 1 rows were found as they had been read: ID=1 has version 6 in place of 1 ("
		a.Balance = 5
		expectStale(t, "orm: update"+found, s.Commit(ctx))
		expectKind(t, orm.ErrTxFailed, s.Commit(ctx))
		must(t, s.Rollback(ctx))
		expect(t, []any{int64(0), 1}, []any{a.Balance, a.Version})
		s.Delete(a)
		expectStale(t, "orm: delete"+found, s.Commit(ctx))
		must(t, s.Rollback(ctx))
		expectState(t, orm.Persistent, a)
		must(t, s.Refresh(ctx, a))
		expect(t, []any{int64(3), 6}, []any{a.Balance, a.Version})
		a.Balance++
		must(t, s.Commit(ctx))
		expect(t, []any{int64(4), 7}, []any{readAgain[Account](t, db, 1).Balance, a.Version})
	})
}

// A database that shows a transaction the rows as they were when it began finds
// the conflict, but does not show it.
func TestConflictIsNotDescribedByRowsAsTheyWere(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		if db.name() == "sqlite" {
			return // one transaction writes at a time
		}
		s, ctx := db.withModels(t).session(t), t.Context()
		list := accounts(t, s, 2)
		get(orm.Query[Account](s).All(ctx))(t)
		run(t, db.Engine, "UPDATE accounts SET version = 6")
		const unseen = " was changed or deleted since this transaction began ("
		list[0].Balance = 5
		expectStale(t, "orm: update Account: 0 of 1 rows were found as they had been read: ID=1"+
			byDialect[string]{"postgres": " has version 6 in place of 1 (", "mysql": unseen}.of(db), s.Flush(ctx))
		must(t, s.Rollback(ctx))
		list = get(orm.Query[Account](s).All(ctx))(t)
		run(t, db.Engine, "UPDATE accounts SET version = 7 WHERE id = 2")
		list[0].Balance, list[1].Balance = 5, 5
		expectStale(t, "orm: update Account: 1 of 2 rows were found as they had been read: ID=2"+
			byDialect[string]{"postgres": " has version 7 in place of 6 (", "mysql": unseen}.of(db), s.Flush(ctx))
		must(t, s.Rollback(ctx))
	})
}

func TestConflictAmongManyNamesTheRows(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		list := accounts(t, s, 20)
		// The version of one is the very one that the flush is about to give.
		run(t, db.Engine, "UPDATE accounts SET version = 2, balance = 99 WHERE id = 4")
		run(t, db.Engine, "UPDATE accounts SET version = 9 WHERE id = 7")
		run(t, db.Engine, "DELETE FROM accounts WHERE id = 11")
		for _, a := range list {
			a.Balance = a.ID
		}
		err := s.Commit(ctx)
		expectKind(t, orm.ErrStaleData, err)
		if !strings.Contains(err.Error(), ": ID=4 has version 2 in place of 1, ID=7 has version 9 in place of 1, ID=11 is gone (") {
			t.Errorf("%v", err)
		}
		must(t, s.Rollback(ctx))
		for _, a := range list {
			if a.Version != 1 || a.Balance != 0 {
				t.Fatalf("%+v", a)
			}
		}
		orm.DeleteAll(s, list)
		err = s.Commit(ctx)
		expectStale(t, "orm: delete Account: 17 of 20 rows were found as they had been read: ID=4 has version 2 in place of 1, ID=7 has version 9 in place of 1 (", err)
		must(t, s.Rollback(ctx))
		expect(t, int64(19), get(orm.Query[Account](s).Count(ctx))(t))
	})
}

func TestErrorNamesFewRowsAndNoTexts(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).withTables(t, counters).session(t), t.Context()
		list := accounts(t, s, 5)
		c := &Counter{Name: "secret"}
		s.Add(c)
		must(t, s.Commit(ctx))
		run(t, db.Engine, "UPDATE accounts SET version = 3")
		run(t, db.Engine, "DELETE FROM counters")
		for _, a := range list {
			a.Owner = "x"
		}
		err := s.Flush(ctx)
		if err == nil || !strings.Contains(err.Error(), "ID=1 has version 3 in place of 1, ID=2 has version 3 in place of 1, ID=3 has version 3 in place of 1, … (") {
			t.Errorf("%v", err)
		}
		must(t, s.Rollback(ctx))
		c.Value = 5
		expectStale(t, "orm: update Counter: 0 of 1 rows were found as they had been read: Name=… is gone (", s.Flush(ctx))
		must(t, s.Rollback(ctx))
	})
}

func TestRowThatIsGoneIsStaleWithoutAVersionToo(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		users := people(t, s, "a", "b", "c")
		run(t, db.Engine, "DELETE FROM users WHERE name = 'b'")
		users[1].Name = "x"
		expectStale(t, fmt.Sprintf("orm: update User: 0 of 1 rows were found as they had been read: ID=%d is gone (", users[1].ID), s.Commit(ctx))
		must(t, s.Rollback(ctx))
		for _, u := range users {
			u.Name = "y"
		}
		expectKind(t, orm.ErrStaleData, s.Commit(ctx))
		must(t, s.Rollback(ctx))
		expect(t, []string{"a", "c"}, storedNames(t, db))
	})
}

// The rows that an UPDATE matches count, not those that it changes.
func TestUpdateToEqualValuesIsNoConflict(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		users := people(t, s, "a", "b")
		run(t, db.Engine, "UPDATE users SET name = 'same'")
		users[0].Name = "same"
		must(t, s.Commit(ctx))
		users[0].Email, users[1].Name = "a@x", "same"
		must(t, orm.Explicit(users[0], &users[0].Name))
		must(t, s.Commit(ctx))
		for _, u := range users {
			must(t, orm.Explicit(u, &u.Name))
		}
		db.statements()
		must(t, s.Commit(ctx))
		expect(t, 1, len(db.statements()))
	})
}

func TestOnlyOneOfTwoWritersWins(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		a, b, ctx := db.withModels(t).session(t), db.session(t), t.Context()
		mine := accounts(t, a, 1)[0]
		yours := get(orm.Get[Account](ctx, b, 1))(t)
		must(t, b.Commit(ctx))
		mine.Balance, yours.Balance = 10, 20
		must(t, a.Commit(ctx))
		expectStale(t, "orm: update Account: 0 of 1 rows were found as they had been read: ID=1 has version 2 in place of 1", b.Commit(ctx))
		must(t, b.Rollback(ctx))
		yours = get(orm.Get[Account](ctx, b, 1))(t)
		yours.Balance += 20
		must(t, b.Commit(ctx))
		expect(t, int64(30), readAgain[Account](t, db, 1).Balance)
	})
}

// A row that another session has changed is not taken over under changes that
// were made on the version before: the conflict would go unnoticed.
func TestReadingDoesNotHideAConflict(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t, orm.Autoflush(false)), t.Context()
		list := accounts(t, s, 2)
		run(t, db.Engine, "UPDATE accounts SET version = 2, owner = 'theirs'")
		list[0].Balance = 5
		get(orm.Query[Account](s).All(ctx))(t)
		get(orm.Get[Account](ctx, s, 1))(t)
		expect(t, []any{"o1", 1, "theirs", 2}, []any{list[0].Owner, list[0].Version, list[1].Owner, list[1].Version})
		expectKind(t, orm.ErrStaleData, s.Commit(ctx))
		must(t, s.Rollback(ctx))
		get(orm.Query[Account](s).All(ctx))(t)
		list[0].Balance = 5
		must(t, s.Commit(ctx))
		expect(t, 3, list[0].Version)
	})
}

func TestStatementsWithConditionsLeaveVersionsAlone(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		a := accounts(t, s, 1)[0]
		ref := orm.Entity[Account]()
		get(orm.Exec(ctx, s, orm.Update(ref).Set(orm.C(&ref.Balance).Set(9)).Where(orm.C(&ref.ID).Eq(1))))(t)
		a.Owner = "x"
		must(t, s.Commit(ctx))
		expect(t, []any{int64(9), 2}, []any{readAgain[Account](t, db, 1).Balance, a.Version})
	})
}

func TestVersionThatRunsOutIsRefused(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, counters).session(t), t.Context()
		c := &Counter{Name: "c", Version: 126}
		s.Add(c)
		must(t, s.Commit(ctx))
		c.Value = 1
		must(t, s.Commit(ctx))
		c.Value = 2
		err := s.Commit(ctx)
		expectKind(t, orm.ErrValue, err)
		if !strings.Contains(err.Error(), "Counter.Version") {
			t.Errorf("%v", err)
		}
		must(t, s.Rollback(ctx))
		expect(t, []any{int8(127), 1}, []any{c.Version, c.Value})
	})
}

func TestVersionMayBeATime(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, pages).session(t), t.Context()
		list := []*Page{{Text: "a"}, {Text: "b"}, {Text: "c"}}
		orm.AddAll(s, list)
		must(t, s.Commit(ctx))
		if age := time.Since(list[0].Changed); age < -time.Second || age > time.Minute {
			t.Errorf("the first version is %s", list[0].Changed)
		}
		last := list[0].Changed
		for i := range 5 { // however fast one change follows another
			list[0].Text = fmt.Sprint(i)
			must(t, s.Commit(ctx))
			if !list[0].Changed.After(last) || !readAgain[Page](t, db, list[0].ID).Changed.Equal(list[0].Changed) {
				t.Fatalf("after %s comes %s", last, list[0].Changed)
			}
			last = list[0].Changed
		}
		db.statements()
		for _, p := range list {
			p.Text = "together"
		}
		must(t, s.Commit(ctx))
		s.Delete(list[2])
		must(t, s.Commit(ctx))
		sent := db.plainStatements()
		expect(t, "DELETE FROM pages WHERE id = ? AND changed = ?", sent[len(sent)-1])

		stored := list[1].Changed
		other := db.session(t)
		get(orm.Get[Page](ctx, other, list[1].ID))(t).Text = "theirs"
		must(t, other.Commit(ctx))
		theirs := readAgain[Page](t, db, list[1].ID).Changed
		list[1].Text = "mine"
		expectStale(t, fmt.Sprintf("orm: update Page: 0 of 1 rows were found as they had been read: ID=%d has version %s in place of %s (",
			list[1].ID, theirs.Format(time.RFC3339Nano), stored.Format(time.RFC3339Nano)), s.Commit(ctx))
		must(t, s.Rollback(ctx))
		expect(t, stored, list[1].Changed)
	})
}

func TestVersionOfATimeIsAheadOfAClockThatStands(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, pages).session(t), t.Context()
		ahead := time.Date(2200, 1, 2, 3, 4, 5, 6000, time.UTC)
		p := &Page{Text: "a", Changed: ahead}
		s.Add(p)
		must(t, s.Commit(ctx))
		expect(t, ahead, p.Changed)
		p.Text = "b"
		must(t, s.Commit(ctx))
		expect(t, ahead.Add(time.Microsecond), p.Changed)
	})
}

func TestLostUpdateIsNotPossibleUnderALock(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx := t.Context()
		accounts(t, db.withModels(t).session(t), 1)
		const writers, rounds = 4, 5
		done := make(chan error, writers)
		for range writers {
			go func() {
				for range rounds {
					err := orm.NewSessionFactory(db.Engine).Transact(ctx, func(ctx context.Context, s *orm.Session) error {
						a, err := orm.Get[Account](ctx, s, 1)
						if err == nil {
							err = s.Lock(ctx, a)
						}
						if err == nil {
							a.Balance++
						}
						return err
					}, orm.Retries(20))
					if err != nil {
						done <- err
						return
					}
				}
				done <- nil
			}()
		}
		for range writers {
			must(t, <-done)
		}
		a := readAgain[Account](t, db, 1)
		expect(t, []any{int64(writers * rounds), writers*rounds + 1}, []any{a.Balance, a.Version})
	})
}

func TestVersionIsMadeByItsType(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx := t.Context()
		must(t, leaves.CreateAll(ctx, db.Engine))
		a, b := &Leaf{Text: "a"}, &Leaf{Text: "b", Version: "X"}
		s, other := db.session(t), db.session(t)
		s.Add(a, b)
		must(t, s.Commit(ctx))
		expect(t, []Token{"I", "X"}, []Token{a.Version, b.Version})
		mine := get(orm.Get[Leaf](ctx, other, a.ID))(t)
		must(t, other.Commit(ctx))
		a.Text, b.Text = "a2", "b2"
		must(t, s.Commit(ctx))
		expect(t, []Token{"II", "XI"}, []Token{a.Version, b.Version})
		expect(t, Token("II"), readAgain[Leaf](t, db, a.ID).Version)
		mine.Text = "lost"
		expectStale(t, fmt.Sprintf("orm: update Leaf: 0 of 1 rows were found as they had been read: ID=%d has another version (", a.ID), other.Commit(ctx))
		must(t, other.Rollback(ctx))
		a.Text = "undone"
		must(t, s.Flush(ctx))
		must(t, s.Rollback(ctx))
		expect(t, Token("II"), a.Version)
		_, err := orm.Merge(ctx, s, &Leaf{ID: a.ID, Text: "m", Version: "I"})
		expectKind(t, orm.ErrStaleData, err)
	})
}

func TestVersionIsMadeByTheDatabase(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx := t.Context()
		s, other := db.withSlates(t).session(t), db.session(t)
		list := []*Slate{{Text: "a", Rev: 77}, {Text: "b"}, {Text: "c"}}
		revs := func() []int { return []int{list[0].Rev, list[1].Rev, list[2].Rev} }
		orm.AddAll(s, list)
		must(t, s.Commit(ctx))
		expect(t, []int{10, 10, 10}, revs())
		stale := get(orm.Get[Slate](ctx, other, list[1].ID))(t)
		must(t, other.Commit(ctx))

		tr := db.watch(t)
		list[0].Text = "a2"
		must(t, s.Commit(ctx))
		expect(t, byDialect[[]string]{"postgres": {"UPDATE"}, "sqlite": {"BEGIN", "UPDATE", "SELECT", "COMMIT"}, "mysql": {"BEGIN", "UPDATE", "SELECT", "COMMIT"}}.of(db), heads(tr.taken()))
		expect(t, []int{20, 10, 10}, revs())
		list[0].Text, list[1].Text, list[2].Text = "a3", "b3", "c3"
		list[2].Rev = 5
		must(t, s.Commit(ctx))
		expect(t, []int{30, 20, 20}, revs())
		list[2].Rev = 5
		must(t, s.Commit(ctx))
		expect(t, 20, readAgain[Slate](t, db, list[2].ID).Rev)

		text := orm.C(&orm.Entity[Slate]().Text)
		must(t, orm.Assign(list[0], text.SetExpr(orm.Upper(text))))
		fresh := &Slate{}
		s.Add(fresh)
		must(t, orm.Assign(fresh, text.SetExpr(orm.Upper(orm.Lit("x")))))
		must(t, s.Flush(ctx))
		expect(t, []int{40, 10}, []int{list[0].Rev, fresh.Rev})
		must(t, s.Rollback(ctx))
		expect(t, 30, list[0].Rev)

		stale.Text = "lost"
		expectStale(t, fmt.Sprintf("orm: update Slate: 0 of 1 rows were found as they had been read: ID=%d has version 20 in place of 10 (", stale.ID), other.Commit(ctx))
		must(t, other.Rollback(ctx))
		s.Delete(list[0])
		must(t, s.Commit(ctx))
	})
}

// A version that was set by hand is that of a form which somebody else has overtaken,
// or a mistake: neither is written.
func TestVersionSetByHandIsRefused(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx, s := t.Context(), db.withModels(t).session(t)
		list := accounts(t, s, 3)
		list[0].Balance = 1
		must(t, s.Commit(ctx))
		db.statements()
		list[0].Version, list[0].Balance = 1, 2
		expectStale(t, "orm: flush Account: ID=1: the object has version 1 and its row 2 (", s.Commit(ctx))
		must(t, s.Rollback(ctx))
		expect(t, 2, list[0].Version)
		list[1].Version = 9
		expectStale(t, "orm: flush Account: ID=2: the object has version 9 and its row 1 (", s.Commit(ctx))
		must(t, s.Rollback(ctx))
		list[2].Version = 9
		s.Delete(list[2])
		expectStale(t, "orm: flush Account: ID=3: the object has version 9 and its row 1 (", s.Commit(ctx))
		must(t, s.Rollback(ctx))
		list[0].Version, list[0].Balance = 2, 3
		must(t, s.Commit(ctx))
		expect(t, 3, readAgain[Account](t, db, 1).Version)
	})
}
