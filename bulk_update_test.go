package orm_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aurum-go/orm"
)

// Rows that set the same columns go in one statement, wherever they stand, and what
// every UPDATE fills is filled.
func TestBulkUpdateSetsWhatTheRowsSay(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		k, ctx := newHousehold(t, db), t.Context()
		ids := []int64{k.chores[0].ID, k.chores[1].ID, k.chores[2].ID}
		before := k.chores[0].Touched
		k.ExpungeAll()
		long := time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC)
		n := get(orm.BulkUpdate[Chore](ctx, k.Session, []orm.M{
			{"ID": ids[0], "Level": 10},
			{"id": ids[1], "title": "z", "Due": nil, "Touched": long},
			{"ID": ids[2], "level": 30},
		}))(t)
		expect(t, int64(3), n)
		k.sent(t, byDialect[[]string]{
			"sqlite":   {"UPDATE chores SET level = ?, touched = ? WHERE id = ?"},
			"postgres": {"UPDATE chores SET level = v.s0, touched = v.s1 FROM (VALUES (CAST(? AS BIGINT), CAST(? AS TIMESTAMP WITH TIME ZONE), CAST(? AS BIGINT)), (?, ?, ?)) AS v(s0, s1, k0) WHERE chores.id = v.k0"},
			"mysql":    {"UPDATE chores JOIN (SELECT ? AS s0, ? AS s1, ? AS k0 UNION ALL SELECT ?, ?, ?) AS v ON chores.id = v.k0 SET chores.level = v.s0, chores.touched = v.s1"},
		}.of(db)[0], "UPDATE chores SET title = ?, due = ?, touched = ? WHERE id = ?")
		var rows []string
		for _, c := range get(orm.Query[Chore](k.Session).OrderBy(orm.C(&k.c.ID)).All(ctx))(t) {
			rows = append(rows, fmt.Sprintf("%s%d %v %v", c.Title, c.Level, c.Touched.After(before), c.Touched.Equal(long)))
		}
		expect(t, []string{"a10 true false", "z2 false true", "c30 true false"}, rows)
	})
}

// Objects that are not the session's set all their columns, or those that are asked
// for, and stay as they are.
func TestBulkUpdateTakesObjects(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, chores).session(t), t.Context()
		slot := orm.Entity[Slot]()
		get(orm.BulkInsert[Slot](ctx, s, []*Slot{{Day: 1, Hour: 0, Who: "a"}, {Day: 1, Hour: 1, Who: "b"}}))(t)
		db.statements()
		rows := []*Slot{{Day: 1, Hour: 0, Taken: true, Who: "x"}, {Day: 1, Hour: 1, Taken: true}}
		expect(t, int64(2), get(orm.BulkUpdate[Slot](ctx, s, rows, orm.BulkColumns(&slot.Taken)))(t))
		expect(t, int64(1), get(orm.BulkUpdate[Slot](ctx, s, rows[:1]))(t))
		expect(t, "UPDATE slots SET taken = ?, who = ? WHERE day = ? AND hour = ?", db.plainStatements()[1])
		expectState(t, orm.Transient, rows[0], rows[1])
		expect(t, []string{"x", "b"}, get(orm.Fetch[string](ctx, s, orm.Select(orm.C(&slot.Who)).Where(orm.C(&slot.Taken).Eq(true)).OrderBy(orm.C(&slot.Hour))))(t))
	})
}

// What was not read of an object is not written, and what every UPDATE fills is.
func TestBulkUpdateOfReadObjectsLeavesOutWhatWasNotRead(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		k, ctx := newHousehold(t, db), t.Context()
		read := get(orm.Query[Chore](k.Session).Untracked().OrderBy(orm.C(&k.c.ID)).All(ctx))(t)
		k.ExpungeAll()
		before := read[0].Touched
		for _, c := range read {
			c.Title += "!"
		}
		db.statements()
		expect(t, int64(3), get(orm.BulkUpdate[Chore](ctx, k.Session, read))(t))
		for _, sent := range db.plainStatements() {
			if strings.Contains(sent, "note") {
				t.Errorf("what was not read is written: %s", sent)
			}
		}
		now := get(orm.Query[Chore](k.Session).Options(orm.Undefer(&k.c.Note)).OrderBy(orm.C(&k.c.ID)).All(ctx))(t)
		if now[0].Title != "a!" || now[2].Note != "n" || !now[0].Touched.After(before) {
			t.Errorf("%+v", now[0])
		}
	})
}

// A version is looked at and advanced, and an object that the session holds follows.
func TestBulkUpdateLooksAtVersions(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		accounts := []*Account{{Owner: "a"}, {Owner: "b"}, {Owner: "c"}}
		orm.AddAll(s, accounts)
		must(t, s.Commit(ctx))
		row := func(i, version int) orm.M { return orm.M{"ID": accounts[i].ID, "Version": version, "Balance": 5} }
		expect(t, int64(2), get(orm.BulkUpdate[Account](ctx, s, []orm.M{row(0, 1), row(1, 1)}))(t))
		must(t, s.Commit(ctx))
		late := row(0, 1)
		late["Balance"] = 6
		_, err := orm.BulkUpdate[Account](ctx, s, []orm.M{row(2, 1), late, row(1, 2)})
		expectKind(t, orm.ErrStaleData, err)
		if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("row 2 (ID=%d) has version 2 in place of 1", accounts[0].ID)) {
			t.Errorf("the error is %v", err)
		}
		expectKind(t, orm.ErrTxFailed, s.Commit(ctx))
		must(t, s.Rollback(ctx))
		expect(t, []int{2, 2, 1}, get(orm.Fetch[int](ctx, s, orm.Text("SELECT version FROM accounts ORDER BY id")))(t))
		get(orm.Get[Account](ctx, s, accounts[2].ID))(t)
		get(orm.BulkUpdate[Account](ctx, s, []orm.M{row(2, 1)}))(t)
		accounts[2].Balance++
		must(t, s.Commit(ctx))
		expect(t, []int{2, 2, 3}, get(orm.Fetch[int](ctx, s, orm.Text("SELECT version FROM accounts ORDER BY id")))(t))
	})
}

// A row that is not there is an error that says which one, whether rows have
// versions or not.
func TestBulkUpdateMissesRowsAloud(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		k, ctx := newHousehold(t, db), t.Context()
		_, err := orm.BulkUpdate[Chore](ctx, k.Session, []orm.M{{"ID": k.chores[0].ID, "Level": 7}, {"ID": 991, "Level": 8}, {"ID": k.chores[1].ID, "Level": 9}})
		expectKind(t, orm.ErrStaleData, err)
		if err == nil || !strings.Contains(err.Error(), "row 2 (ID=991) is gone") {
			t.Errorf("the error is %v", err)
		}
		must(t, k.Rollback(ctx))
		expect(t, []int{1, 2, 3}, k.levels())
		expect(t, []int{1, 2, 3}, get(orm.Fetch[int](ctx, k.Session, orm.Select(orm.C(&k.c.Level)).OrderBy(orm.C(&k.c.ID))))(t))
	})
}

// Objects that the session holds have what was written, without being read, keep
// what was changed in them and not flushed, and follow a rollback.
func TestBulkUpdateIsFollowedByObjects(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		k, ctx := newHousehold(t, db, orm.Autoflush(false)), t.Context()
		other := &Roster{Name: "other"}
		k.Add(other)
		must(t, k.Commit(ctx))
		get(orm.Query[Roster](k.Session).Options(orm.SelectInLoad(&orm.Entity[Roster]().Chores)).All(ctx))(t)
		a, b := k.chores[0], k.chores[1]
		b.Title = "mine"
		db.statements()
		get(orm.BulkUpdate[Chore](ctx, k.Session, []orm.M{{"ID": a.ID, "Title": "A", "RosterID": other.ID, "Note": "N"}, {"ID": b.ID, "Title": "B", "RosterID": k.roster.ID, "Note": "N"}}))(t)
		expect(t, 1, len(db.statements()))
		expect(t, []string{"A", "mine"}, []string{a.Title, b.Title})
		expect(t, 1, len(k.Dirty()))
		expect(t, other.ID, *a.RosterID)
		must(t, orm.Load(ctx, k.roster, &k.roster.Chores))
		must(t, orm.Load(ctx, other, &other.Chores))
		expect(t, 2, len(k.roster.Chores))
		if len(other.Chores) != 1 || other.Chores[0] != a {
			t.Errorf("%+v", other.Chores)
		}
		must(t, k.Rollback(ctx))
		expect(t, []string{"a", "b"}, []string{a.Title, b.Title})
		expect(t, k.roster.ID, *a.RosterID)
	})
}

// An expression is computed by the database, and read by what meets the row next.
func TestBulkUpdateComputesExpressions(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		k, ctx := newHousehold(t, db), t.Context()
		rows := make([]orm.M, 3)
		for i, c := range k.chores {
			rows[i] = orm.M{"ID": c.ID, "Title": "t", "Level": orm.C(&k.c.Level).Times(10)}
		}
		rows[1]["Level"] = 2
		expect(t, int64(3), get(orm.BulkUpdate[Chore](ctx, k.Session, rows))(t))
		expect(t, 3, len(db.statements()))
		expect(t, "t", k.chores[0].Title)
		get(k.query().All(ctx))(t)
		expect(t, []int{10, 2, 30}, k.levels())
	})
}

// Thousands of rows are a statement for each 250, and a row that sets nothing is
// none.
func TestBulkUpdateSendsAStatementForEach250Rows(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, chores).session(t), t.Context()
		insert, update := make([]orm.M, 10_000), make([]orm.M, 10_000)
		for i := range insert {
			insert[i] = orm.M{"ID": i + 1, "Title": "a", "Level": i, "Done": false, "Note": ""}
			update[i] = orm.M{"ID": i + 1, "Level": -i}
		}
		update[17] = orm.M{"ID": 18}
		get(orm.BulkInsert[Chore](ctx, s, insert))(t)
		db.statements()
		steps := 0
		expect(t, int64(9_999), get(orm.BulkUpdate[Chore](ctx, s, update, orm.Progress(func(int, int) { steps++ })))(t))
		expect(t, 40, steps)
		expect(t, 40, len(db.statements()))
		expect(t, []int64{17}, get(orm.Fetch[int64](ctx, s, orm.Text("SELECT level FROM chores WHERE level <> 1 - id")))(t))
	})
}

// A context that ends between statements leaves nothing behind.
func TestBulkUpdateIsStoppedByItsContext(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s := db.withModels(t).session(t)
		rows := make([]orm.M, 1500)
		for i := range rows {
			rows[i] = orm.M{"ID": i + 1, "Owner": "a", "Balance": 0}
		}
		ctx, cancel := context.WithCancel(t.Context())
		_, err := orm.BulkInsert[Account](ctx, s, rows, orm.WithoutCopy(), orm.Progress(func(done, _ int) {
			if done == 500 {
				cancel()
			}
		}))
		expectKind(t, context.Canceled, err)
		must(t, s.Rollback(t.Context()))
		expect(t, []int64{0}, get(orm.Fetch[int64](t.Context(), s, orm.Text("SELECT count(*) FROM accounts")))(t))
	})
}

// A bulk update stores what single updates of the same rows do.
func TestBulkUpdateStoresWhatSingleUpdatesDo(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx, seed := t.Context(), rand.Uint64()
		t.Logf("seed %d", seed)
		random := rand.New(rand.NewPCG(seed, 0))
		s, g := db.withTables(t, gadgets).session(t), orm.Entity[Gadget]()
		for round := range 10 {
			var insert, update []orm.M
			for i := range 1 + random.IntN(30) {
				insert = append(insert, orm.M{"ID": i + 1, "Label": "x"})
				row := randomRow(random, orm.M{"ID": i + 1, "Label": text(random), "Tags": map[string]int{text(random): i}, "Picture": []byte(text(random)), "Weight": random.Float64()}, "ID", "Label")
				update = append(update, row)
			}
			random.Shuffle(len(update), func(i, j int) { update[i], update[j] = update[j], update[i] })
			store := func(single bool) (stored []string) {
				get(orm.BulkInsert[Gadget](ctx, s, insert))(t)
				for _, row := range update {
					if !single {
						break
					}
					stmt := orm.Update(g).Where(orm.C(&g.ID).Eq(int64(row["ID"].(int))))
					for name, v := range row {
						if name != "ID" {
							stmt = stmt.Set(setField(g, name, v))
						}
					}
					get(orm.Exec(ctx, s, stmt))(t)
				}
				if !single {
					get(orm.BulkUpdate[Gadget](ctx, s, update))(t)
				}
				for _, x := range get(orm.Fetch[orm.M](ctx, s, orm.Text("SELECT * FROM gadgets ORDER BY id")))(t) {
					stored = append(stored, fmt.Sprintf("%v", x))
				}
				must(t, s.Rollback(ctx))
				return stored
			}
			if diff := cmp.Diff(store(true), store(false)); diff != "" {
				t.Fatalf("round %d (-single +bulk):\n%s", round, diff)
			}
		}
	})
}

// setField assigns a value to a field of a gadget by its name.
func setField(g *Gadget, name string, v any) orm.Assignment {
	switch v := v.(type) {
	case string:
		return orm.C(&g.Label).Set(v)
	case map[string]int:
		return orm.C(&g.Tags).Set(v)
	case []byte:
		return orm.C(&g.Picture).Set(v)
	case float64:
		return orm.N(&g.Weight).Set(v)
	}
	switch name {
	case "Tags":
		return orm.C(&g.Tags).SetExpr(orm.Null[map[string]int]())
	case "Picture":
		return orm.C(&g.Picture).SetExpr(orm.Null[[]byte]())
	}
	return orm.N(&g.Weight).SetNull()
}
