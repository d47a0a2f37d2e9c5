package orm_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aurum-go/orm"
)

// Maps with different keys are inserted in runs of the same columns, and what they
// leave out takes its default.
func TestBulkInsertGroupsRowsThatNameTheSame(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		n := get(orm.BulkInsert[User](ctx, s, []orm.M{
			{"Name": "a", "email": "a", "Age": 1},
			{"name": "b", "Email": "b"},
			{"Name": "c", "Email": "c", "Age": nil, "Active": false},
			{"ID": 70, "Name": "d", "Email": "d"},
			{"ID": 71, "Name": "e", "Email": "e"},
		}))(t)
		expect(t, int64(5), n)
		expect(t, []string{
			"INSERT INTO users (name, email, age, active, created_at) VALUES (?, ?, ?, ?, ?), (?, ?, ?, ?, ?), (?, ?, ?, ?, ?)",
			"INSERT INTO users (id, name, email, age, active, created_at) VALUES (?, ?, ?, ?, ?, ?), (?, ?, ?, ?, ?, ?)",
		}, db.plainStatements())
		must(t, s.Commit(ctx))
		var rows []string
		for _, u := range get(orm.Query[User](s).OrderBy(orm.C(&orm.Entity[User]().Name)).All(ctx))(t) {
			age := "NULL"
			if u.Age != nil {
				age = fmt.Sprint(*u.Age)
			}
			rows = append(rows, fmt.Sprintf("%s %s %v %v", u.Name, age, u.Active, time.Since(u.CreatedAt) < time.Minute))
		}
		expect(t, []string{"a 1 true true", "b NULL true true", "c NULL false true", "d NULL true true", "e NULL true true"}, rows)
	})
}

// What the database fills in is left to it, row by row, and a value that a map gives
// is written though it is zero or NULL.
func TestBulkInsertLeavesDefaultsToTheDatabase(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		get(orm.BulkInsert[Ticket](ctx, s, []map[string]any{{"Title": "a"}, {"Title": "b", "Priority": 0}, {"Title": "c", "Status": "shut"}}))(t)
		get(orm.BulkInsert[Ticket](ctx, s, []*Ticket{{Title: "d"}, {Title: "e", Priority: 9}}))(t)
		expect(t, []string{
			"INSERT INTO tickets (title, owner_id) VALUES (?, ?)",
			"INSERT INTO tickets (title, priority, owner_id) VALUES (?, ?, ?)",
			"INSERT INTO tickets (title, status, owner_id) VALUES (?, ?, ?)",
			"INSERT INTO tickets (title, owner_id) VALUES (?, ?)",
			"INSERT INTO tickets (title, priority, owner_id) VALUES (?, ?, ?)",
		}, db.plainStatements())
		var rows []string
		for _, x := range get(orm.Query[Ticket](s).OrderBy(orm.C(&orm.Entity[Ticket]().Title)).All(ctx))(t) {
			rows = append(rows, fmt.Sprint(x.Title, x.Status, x.Priority))
		}
		expect(t, []string{"aopen3", "bopen0", "cshut3", "dopen3", "eopen9"}, rows)
	})
}

// Objects that are inserted in bulk stay the caller's, as they were.
func TestBulkInsertLeavesObjectsOutside(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		a, b := &Account{Owner: "a"}, &Account{Owner: "b", Version: 7}
		expect(t, int64(2), get(orm.BulkInsert[Account](ctx, s, []*Account{a, b}))(t))
		expect(t, []string{"INSERT INTO accounts (owner, balance, version) VALUES (?, ?, ?), (?, ?, ?)"}, db.plainStatements())
		expectState(t, orm.Transient, a, b)
		if a.ID != 0 || a.Version != 0 || b.ID != 0 || len(s.New())+len(s.Dirty()) > 0 {
			t.Errorf("%+v %+v", a, b)
		}
		u := orm.Entity[Account]()
		expect(t, []int{1, 7}, get(orm.Fetch[int](ctx, s, orm.Select(orm.C(&u.Version)).OrderBy(orm.C(&u.Owner))))(t))
	})
}

// The session flushes first, and what was inserted goes with its transaction.
func TestBulkInsertIsPartOfTheTransaction(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		s.Add(&Account{ID: 5, Owner: "flushed"})
		must(t, s.Nested(ctx, func(ctx context.Context) error {
			get(orm.BulkInsert[Account](ctx, s, []orm.M{{"ID": 6, "Owner": "kept", "Balance": 0}}))(t)
			return nil
		}))
		undo := errors.New("undo")
		expectKind(t, undo, s.Nested(ctx, func(ctx context.Context) error {
			get(orm.BulkInsert[Account](ctx, s, []orm.M{{"ID": 7, "Owner": "undone", "Balance": 0}}))(t)
			return undo
		}))
		ids := func() []int64 {
			return get(orm.Fetch[int64](ctx, s, orm.Text("SELECT id FROM accounts ORDER BY id")))(t)
		}
		expect(t, []int64{5, 6}, ids())
		must(t, s.Rollback(ctx))
		expect(t, 0, len(ids()))
	})
}

// The number of statements is that of the rows by 250, whatever the database, and
// progress is reported after each.
func TestBulkInsertSendsAStatementForEach250Rows(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		rows := make([]orm.M, 10_100)
		for i := range rows {
			rows[i] = orm.M{"Owner": fmt.Sprint(i), "Balance": i}
		}
		var steps [][2]int
		n := get(orm.BulkInsert[Account](ctx, s, rows, orm.WithoutCopy(), orm.Progress(func(done, total int) { steps = append(steps, [2]int{done, total}) })))(t)
		sent := db.plainStatements()
		expect(t, int64(10_100), n)
		expect(t, 41, len(sent))
		expect(t, 41, len(steps))
		expect(t, [][2]int{{250, 10_100}, {10_000, 10_100}, {10_100, 10_100}}, [][2]int{steps[0], steps[39], steps[40]})
		expect(t, 250, strings.Count(sent[0], "(?, ?, ?)"))
		expect(t, 100, strings.Count(sent[40], "(?, ?, ?)"))
		expect(t, []int64{10_100}, get(orm.Fetch[int64](ctx, s, orm.Text("SELECT count(*) FROM accounts WHERE owner = CAST(balance AS char(10)) OR balance > 0 OR owner = '0'")))(t))
	})
}

// Rows of a sequence are asked for as they are sent, and no longer after a mistake.
func TestBulkInsertTakesRowsFromASequence(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		asked, totals := 0, map[int]bool{}
		rows := func(yield func(*Account) bool) {
			for asked < 2600 {
				asked++
				if !yield(&Account{Owner: fmt.Sprint(asked)}) {
					return
				}
			}
		}
		n := get(orm.BulkInsertSeq[Account](ctx, s, rows, orm.WithoutCopy(), orm.Progress(func(done, total int) {
			if totals[total] = true; done == 250 && asked != 1000 {
				t.Errorf("%d rows were asked for before the first 250 were sent", asked)
			}
		})))(t)
		expect(t, int64(2600), n)
		expect(t, map[int]bool{-1: true}, totals)
		expect(t, 11, len(db.statements()))

		asked = 2590
		_, err := orm.BulkInsertSeq[Account](ctx, s, func(yield func(*Account) bool) { rows(func(*Account) bool { return yield(nil) }) })
		expectKind(t, orm.ErrArgument, err)
		expect(t, 2591, asked)
		expect(t, 0, len(db.statements()))
		must(t, s.Commit(ctx))
	})
}

// An expression in a row is computed by the database, in a statement of its own.
func TestBulkInsertComputesExpressions(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		rows := []orm.M{{"Owner": "a", "Balance": 1}, {"Owner": orm.Upper(orm.Lit("b")), "Balance": 2}, {"Owner": "c", "Balance": 3}}
		get(orm.BulkInsert[Account](ctx, s, rows))(t)
		expect(t, 3, len(db.statements()))
		expect(t, []string{"a", "B", "c"}, get(orm.Fetch[string](ctx, s, orm.Text("SELECT owner FROM accounts ORDER BY balance")))(t))
	})
}

// A value that is refused after rows were sent leaves nothing possible but a
// rollback, and the error tells its row. Before that, the session is as it was.
func TestBulkInsertFailsAsAWholeOnceRowsAreSent(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		rows := make([]orm.M, 1200)
		for i := range rows {
			rows[i] = orm.M{"Owner": "x", "Balance": i}
		}
		for _, bad := range []int{7, 1100} {
			broken := slices.Clone(rows)
			broken[bad-1] = orm.M{"Owner": "x", "Balance": "much"}
			_, err := orm.BulkInsert[Account](ctx, s, broken)
			expectKind(t, orm.ErrValue, err)
			if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("bulk insert row %d, Account.Balance:", bad)) {
				t.Errorf("the error is %v", err)
			}
			if bad == 7 {
				expect(t, 0, len(db.statements()))
				get(orm.BulkInsert[Account](ctx, s, rows[:1]))(t)
				must(t, s.Commit(ctx))
				continue
			}
			expectKind(t, orm.ErrTxFailed, s.Commit(ctx))
			must(t, s.Rollback(ctx))
		}
		expect(t, []int64{1}, get(orm.Fetch[int64](ctx, s, orm.Text("SELECT count(*) FROM accounts")))(t))
	})
}

// A violation is the error that it is of any INSERT, and the transaction has failed;
// in a nested block, the block alone.
func TestBulkInsertReportsViolations(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		for _, rows := range [][]orm.M{{{"Name": "a", "Email": "x"}, {"Name": "b", "Email": "x"}}, manyUsers(1500, 1400)} {
			get(orm.BulkInsert[User](ctx, s, []orm.M{{"Name": "before", "Email": "before"}}))(t)
			err := s.Nested(ctx, func(ctx context.Context) error {
				_, err := orm.BulkInsert[User](ctx, s, rows)
				expectKind(t, orm.ErrTxFailed, s.Flush(ctx))
				return err
			})
			expectKind(t, orm.ErrUniqueViolation, err)
			if db, ok := errors.AsType[*orm.DBError](err); !ok || db.Table != "users" {
				t.Errorf("the error is %#v", err)
			}
			must(t, s.Commit(ctx))
			expect(t, []string{"before"}, get(orm.Fetch[string](ctx, s, orm.Text("SELECT name FROM users")))(t))
			get(orm.Query[User](s).AllRows().Delete(ctx))(t)
		}
		_, err := orm.BulkInsert[User](ctx, s, []orm.M{{"Email": "nameless"}})
		expectKind(t, orm.ErrNotNullViolation, err)
		must(t, s.Rollback(ctx))
		_, err = orm.BulkInsert[Ticket](ctx, s, []orm.M{{"Title": "a", "OwnerID": 99}})
		expectKind(t, orm.ErrForeignKeyViolation, err)
	})
}

// manyUsers are users of whom one has the email of the first.
func manyUsers(n, twice int) []orm.M {
	rows := make([]orm.M, n)
	for i := range rows {
		rows[i] = orm.M{"Name": "many", "Email": fmt.Sprint(i)}
		if i == twice {
			rows[i]["Email"] = "0"
		}
	}
	return rows
}

// A bulk insert stores what single inserts of the same rows do.
func TestBulkInsertStoresWhatSingleInsertsDo(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx, seed := t.Context(), rand.Uint64()
		t.Logf("seed %d", seed)
		random := rand.New(rand.NewPCG(seed, 0))
		db.withModels(t).withTables(t, gadgets)
		s, u, g := db.session(t), orm.Entity[User](), orm.Entity[Gadget]()
		for round := range 12 {
			var users, things []orm.M
			for i := range 1 + random.IntN(40) {
				users = append(users, randomRow(random, orm.M{"Name": text(random), "Email": fmt.Sprint(i), "Age": random.IntN(9), "Active": i%3 == 0, "CreatedAt": time.UnixMicro(random.Int64N(1e15))}, "Name", "Email", "CreatedAt"))
				things = append(things, randomRow(random, orm.M{"ID": 1000*round + i + 1, "Label": text(random), "Tags": map[string]int{text(random): i}, "Picture": []byte(text(random)), "Weight": random.Float64()}, "ID", "Label"))
			}
			insert := func(single bool) (stored []string) {
				if single {
					for _, row := range users {
						get(orm.Exec(ctx, s, orm.Insert(u).Values(row)))(t)
					}
					for _, row := range things {
						get(orm.Exec(ctx, s, orm.Insert(g).Values(row)))(t)
					}
				} else {
					get(orm.BulkInsert[User](ctx, s, users))(t)
					get(orm.BulkInsert[Gadget](ctx, s, things))(t)
				}
				for _, x := range get(orm.Fetch[orm.M](ctx, s, orm.Text("SELECT name, email, age, active, created_at FROM users ORDER BY email")))(t) {
					stored = append(stored, fmt.Sprintf("%v", x))
				}
				for _, x := range get(orm.Fetch[orm.M](ctx, s, orm.Text("SELECT * FROM gadgets ORDER BY id")))(t) {
					stored = append(stored, fmt.Sprintf("%v", x))
				}
				must(t, s.Rollback(ctx))
				return stored
			}
			if diff := cmp.Diff(insert(true), insert(false)); diff != "" {
				t.Fatalf("round %d (-single +bulk):\n%s", round, diff)
			}
		}
	})
}

// randomRow leaves some of the values out, or has them be NULL, but for those that
// must be there.
func randomRow(random *rand.Rand, row orm.M, needed ...string) orm.M {
	for _, name := range sorted(slices.Collect(func(yield func(string) bool) {
		for name := range row {
			if !slices.Contains(needed, name) && !yield(name) {
				return
			}
		}
	})) {
		switch random.IntN(4) {
		case 0:
			delete(row, name)
		case 1:
			if name != "Active" {
				row[name] = nil
			}
		}
	}
	return row
}

// text is what is hard to spell.
func text(random *rand.Rand) string {
	parts := []string{"a", "'", `\`, `\N`, "\t", "\n", "\r", `\.`, "é", "😀", `"`, "{", "}", ",", "NULL", " ", "%", "?", "$1", ""}
	var b strings.Builder
	for range random.IntN(6) {
		b.WriteString(parts[random.IntN(len(parts))])
	}
	return b.String()
}
