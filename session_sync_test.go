package orm_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aurum-go/orm"
)

// Chore is what bulk statements are run on: with what fills itself at an update, a
// column that is not loaded, and one that belongs to another row.
type Chore struct {
	orm.Base `orm:"table:chores"`

	ID       int64
	Title    string `orm:"size:50"`
	Level    int
	Done     bool
	Due      *time.Time
	Note     string    `orm:"size:50;deferred"`
	Touched  time.Time `orm:"default:now;on_update:now"`
	RosterID *int64
	Roster   *Roster `orm:"back_populates:Chores"`
}

type Roster struct {
	orm.Base `orm:"table:rosters"`

	ID     int64
	Name   string   `orm:"size:50"`
	Chores []*Chore `orm:"back_populates:Roster;cascade:all;order_by:ID"`
}

// Slot has a key of two columns.
type Slot struct {
	orm.Base `orm:"table:slots"`

	Day   int `orm:"primary_key;autoincrement:false"`
	Hour  int `orm:"primary_key;autoincrement:false"`
	Taken bool
	Who   string `orm:"size:20"`
}

var chores = orm.MustRegister(&Roster{}, &Chore{}, &Slot{})

// household is a session with three chores that it holds, a, b and c of the levels 1,
// 2 and 3, of a roster.
type household struct {
	*orm.Session
	db     *testDB
	c      *Chore
	roster *Roster
	chores []*Chore
}

func newHousehold(t *testing.T, db *testDB, options ...orm.SessionOption) *household {
	t.Helper()
	k := &household{Session: db.withTables(t, chores).session(t, options...), db: db, c: orm.Entity[Chore]()}
	roster := &Roster{Name: "weekly"}
	for i, title := range []string{"a", "b", "c"} {
		roster.Chores = append(roster.Chores, &Chore{Title: title, Level: i + 1, Note: "n"})
	}
	k.Add(roster)
	must(t, k.Commit(t.Context()))
	k.ExpungeAll()
	k.roster = get(orm.Query[Roster](k.Session).Options(orm.SelectInLoad(&orm.Entity[Roster]().Chores)).One(t.Context()))(t)
	k.chores = slices.Clone(k.roster.Chores)
	db.statements()
	return k
}

func (k *household) levels() []int {
	var levels []int
	for _, c := range k.chores {
		levels = append(levels, c.Level)
	}
	return levels
}

func (k *household) query() *orm.EntityQuery[Chore] { return orm.Query[Chore](k.Session) }

func (k *household) sent(t *testing.T, want ...string) {
	t.Helper()
	expect(t, want, k.db.plainStatements())
}

// An UPDATE whose condition and values are plain numbers is one statement, and the
// objects of the session hold what their rows do.
func TestBulkUpdateIsFollowedWithoutReading(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		k, ctx := newHousehold(t, db), t.Context()
		before := k.chores[0].Touched
		n := get(k.query().Filter(orm.C(&k.c.Level).Ge(2)).Update(ctx, orm.C(&k.c.Level).SetExpr(orm.C(&k.c.Level).Times(10)), orm.C(&k.c.Title).Set("z")))(t)
		k.sent(t, "UPDATE chores SET level = chores.level * ?, title = ?, touched = ? WHERE chores.level >= ?")
		expect(t, int64(2), n)
		expect(t, []int{1, 20, 30}, k.levels())
		if b := k.chores[1]; b.Title != "z" || !b.Touched.After(before) || k.chores[0].Title != "a" || !k.chores[0].Touched.Equal(before) {
			t.Errorf("%+v", b)
		}
		expect(t, 0, len(k.Dirty()))
		touched := k.chores[1].Touched
		must(t, k.Refresh(ctx, k.chores[1]))
		if !touched.Equal(k.chores[1].Touched) {
			t.Errorf("%v is held, %v is stored", touched, k.chores[1].Touched)
		}
		expect(t, []int64{1, 20, 30}, get(orm.Fetch[int64](ctx, k.Session, orm.Text("SELECT level FROM chores ORDER BY id")))(t))
	})
}

// A condition that only the database can judge is asked for before the statement,
// for the objects that are held, and a value that it makes is read afterwards.
func TestBulkUpdateReadsWhatItCannotEvaluate(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		k, ctx := newHousehold(t, db), t.Context()
		n := get(k.query().Filter(orm.Raw[bool]("length(title) = ?", 1), orm.C(&k.c.Level).Ne(2)).
			Update(ctx, orm.C(&k.c.Title).SetExpr(orm.Raw[string]("replace(title, 'a', 'x')"))))(t)
		expect(t, int64(2), n)
		lock := byDialect[string]{"sqlite": "", "postgres": " FOR UPDATE", "mysql": " FOR UPDATE"}.of(db)
		k.sent(t,
			"SELECT chores.id FROM chores WHERE (length(title) = ?) AND chores.level <> ? AND chores.id IN (?, ?)"+lock,
			"UPDATE chores SET title = (replace(title, 'a', 'x')), touched = ? WHERE (length(title) = ?) AND chores.level <> ?",
			"SELECT title, id FROM chores WHERE id IN (?, ?)",
		)
		expect(t, []string{"x", "b", "c"}, []string{k.chores[0].Title, k.chores[1].Title, k.chores[2].Title})
		expect(t, 0, len(k.Dirty()))
	})
}

// Where the session holds no object of the struct, the statement is all that is
// sent.
func TestBulkStatementsReadNothingForNobody(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		k, ctx := newHousehold(t, db), t.Context()
		k.ExpungeAll()
		get(k.query().Filter(orm.C(&k.c.Title).Like("a%")).Update(ctx, orm.C(&k.c.Title).SetExpr(orm.Upper(orm.C(&k.c.Title)))))(t)
		expect(t, int64(2), get(k.query().Filter(orm.C(&k.c.Title).Ne("A")).Delete(ctx))(t))
		expect(t, 2, len(db.statements()))
	})
}

// Objects whose rows a DELETE has met are deleted as if a flush had done it; what
// they were in and what belongs to them stays in memory. A rollback brings them back.
func TestBulkDeleteIsFollowedAndUndone(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		k, ctx := newHousehold(t, db), t.Context()
		expect(t, int64(2), get(k.query().Filter(orm.C(&k.c.Level).Lt(3)).Delete(ctx))(t))
		k.sent(t, "DELETE FROM chores WHERE chores.level < ?")
		a, c := k.chores[0], k.chores[2]
		expect(t, []orm.State{orm.Deleted, orm.Persistent}, []orm.State{orm.StateOf(a), orm.StateOf(c)})
		expect(t, 3, len(k.roster.Chores))
		must(t, k.Flush(ctx))
		expect(t, 0, len(db.statements()))
		if _, err := orm.Get[Chore](ctx, k.Session, a.ID); !errors.Is(err, orm.ErrNoRows) {
			t.Error(err)
		}
		must(t, k.Rollback(ctx))
		expect(t, orm.Persistent, orm.StateOf(a))
		if get(orm.Get[Chore](ctx, k.Session, a.ID))(t) != a || len(k.roster.Chores) != 3 {
			t.Error("the object is not back")
		}
		get(k.query().Filter(orm.C(&k.c.Level).Lt(3)).Delete(ctx))(t)
		must(t, k.Commit(ctx))
		expect(t, orm.Detached, orm.StateOf(a))
		must(t, k.Close())
	})
}

// A rollback, of the transaction or of a block in it, puts back what an UPDATE has
// made of the objects.
func TestRollbackUndoesABulkUpdateInMemory(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		k, ctx := newHousehold(t, db), t.Context()
		raise := func() {
			get(k.query().AllRows().Update(ctx, orm.C(&k.c.Level).SetExpr(orm.C(&k.c.Level).Plus(1)), orm.C(&k.c.Done).Set(true)))(t)
		}
		raise()
		stop := errors.New("stop")
		err := k.Nested(ctx, func(context.Context) error {
			raise()
			expect(t, []int{3, 4, 5}, k.levels())
			get(k.query().Filter(orm.C(&k.c.Level).Eq(3)).Delete(ctx))(t)
			return stop
		})
		if !errors.Is(err, stop) || orm.StateOf(k.chores[0]) != orm.Persistent {
			t.Fatal(err)
		}
		expect(t, []int{2, 3, 4}, k.levels())
		must(t, k.Rollback(ctx))
		expect(t, []int{1, 2, 3}, k.levels())
		expect(t, false, k.chores[0].Done)
		expect(t, 0, len(k.Dirty()))
		expect(t, []int64{1, 2, 3}, get(orm.Fetch[int64](ctx, k.Session, orm.Text("SELECT level FROM chores ORDER BY id")))(t))
	})
}

// An object that was new in the transaction is again what the user has made it,
// when that is rolled back.
func TestRollbackUndoesABulkUpdateOfNewObjects(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		k, ctx := newHousehold(t, db), t.Context()
		d := &Chore{Title: "d", Level: 4}
		k.Add(d)
		get(k.query().Filter(orm.C(&k.c.Level).Eq(4)).Update(ctx, orm.C(&k.c.Title).Set("changed")))(t)
		expect(t, "changed", d.Title)
		must(t, k.Rollback(ctx))
		if d.Title != "d" || d.ID != 0 || orm.StateOf(d) != orm.Transient {
			t.Errorf("%+v", d)
		}
	})
}

// What the user has changed and not flushed stays, and is written by the next
// flush; the conditions go by the rows.
func TestBulkUpdateLeavesWhatTheUserHasChanged(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		k, ctx := newHousehold(t, db, orm.Autoflush(false)), t.Context()
		a, b := k.chores[0], k.chores[1]
		a.Level, b.Title = 100, "mine"
		get(k.query().Filter(orm.C(&k.c.Level).Le(2)).Update(ctx, orm.C(&k.c.Level).Set(7), orm.C(&k.c.Title).Set("theirs")))(t)
		expect(t, 1, len(db.statements()))
		if a.Level != 100 || a.Title != "theirs" || b.Level != 7 || b.Title != "mine" {
			t.Errorf("%+v %+v", a, b)
		}
		must(t, k.Commit(ctx))
		expect(t, []int64{100, 7, 3}, get(orm.Fetch[int64](ctx, db.Engine, orm.Text("SELECT level FROM chores ORDER BY id")))(t))
		expect(t, []string{"theirs", "mine", "c"}, get(orm.Fetch[string](ctx, db.Engine, orm.Text("SELECT title FROM chores ORDER BY id")))(t))
	})
}

// Only objects that are stale, or lack a column of the condition, are asked for.
func TestStaleObjectsAloneAreAskedFor(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		k, ctx := newHousehold(t, db), t.Context()
		k.Expire(k.chores[2])
		get(k.query().Filter(orm.C(&k.c.Level).Gt(1)).Update(ctx, orm.C(&k.c.Level).SetExpr(orm.C(&k.c.Level).Plus(10))))(t)
		sent := db.plainStatements()
		expect(t, 3, len(sent))
		if !strings.HasPrefix(sent[0], "SELECT chores.id FROM chores WHERE chores.level > ? AND chores.id IN (?)") || sent[2] != "SELECT level, id FROM chores WHERE id = ?" {
			t.Error(sent)
		}
		expect(t, []int{1, 12, 13}, k.levels())
		get(k.query().Filter(orm.C(&k.c.Note).Ne(""), orm.C(&k.c.Level).Lt(12)).Delete(ctx))(t)
		expect(t, 2, len(db.statements()))
		expect(t, []orm.State{orm.Deleted, orm.Persistent}, []orm.State{orm.StateOf(k.chores[0]), orm.StateOf(k.chores[1])})
		get(k.query().Filter(orm.C(&k.c.ID).Eq(k.chores[2].ID)).Delete(ctx))(t)
		expect(t, 1, len(db.statements()))
		expect(t, orm.Deleted, orm.StateOf(k.chores[2]))
	})
}

// A query that joins, orders with a limit, or groups picks the rows by their keys.
func TestBulkStatementsPickRowsOfAnyQuery(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		k, ctx := newHousehold(t, db), t.Context()
		r := orm.Entity[Roster]()
		n := get(k.query().Join(&k.c.Roster).Filter(orm.C(&r.Name).Eq("weekly")).OrderBy(orm.C(&k.c.Level).Desc()).Limit(2).Update(ctx, orm.C(&k.c.Done).Set(true)))(t)
		expect(t, int64(2), n)
		expect(t, []bool{false, true, true}, []bool{k.chores[0].Done, k.chores[1].Done, k.chores[2].Done})
		sent := db.plainStatements()
		expect(t, "UPDATE chores SET done = ?, touched = ? WHERE chores.id IN (SELECT picked.id FROM (SELECT chores.id FROM chores JOIN rosters ON chores.roster_id = rosters.id WHERE rosters.name = ? ORDER BY chores.level DESC LIMIT ?) AS picked)",
			strings.ReplaceAll(sent[1], "rosters.id = chores.roster_id", "chores.roster_id = rosters.id"))
		n = get(k.query().Join(&k.c.Roster).Filter(orm.C(&r.Name).Eq("weekly")).Update(ctx, orm.C(&k.c.Level).Set(0)))(t)
		expect(t, int64(3), n)
		_, err := k.query().Join(&k.c.Roster).Delete(ctx)
		expectKind(t, orm.ErrNoFilter, err)
		_, err = k.query().OrderBy(orm.C(&k.c.ID)).Update(ctx, orm.C(&k.c.Level).Set(0))
		expectKind(t, orm.ErrNoFilter, err)
		expect(t, int64(1), get(k.query().OrderBy(orm.C(&k.c.ID)).Limit(1).Delete(ctx))(t))
		expect(t, orm.Deleted, orm.StateOf(k.chores[0]))
		expect(t, int64(2), get(k.query().AllRows().Delete(ctx))(t))
	})
}

// Keys of several columns are asked for, and picked, as rows.
func TestBulkStatementsOfCompositeKeys(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		k, ctx := newHousehold(t, db), t.Context()
		slots := []*Slot{{Day: 1, Hour: 1, Who: "a"}, {Day: 1, Hour: 2, Who: "b"}, {Day: 2, Hour: 1, Who: "c"}}
		orm.AddAll(k.Session, slots)
		must(t, k.Flush(ctx))
		s, q := orm.Entity[Slot](), orm.Query[Slot](k.Session)
		get(q.Filter(orm.C(&s.Who).Like("%b")).Synchronize(orm.SyncFetch).Update(ctx, orm.C(&s.Taken).SetExpr(orm.Not(orm.C(&s.Taken)))))(t)
		expect(t, []bool{false, true, false}, []bool{slots[0].Taken, slots[1].Taken, slots[2].Taken})
		get(q.Filter(orm.C(&s.Hour).Eq(1)).OrderBy(orm.C(&s.Day).Desc()).Limit(1).Delete(ctx))(t)
		expect(t, []orm.State{orm.Persistent, orm.Persistent, orm.Deleted}, []orm.State{orm.StateOf(slots[0]), orm.StateOf(slots[1]), orm.StateOf(slots[2])})
		_, err := q.Filter(orm.C(&s.Day).Eq(1)).Update(ctx, orm.C(&s.Day).Set(9))
		expectKind(t, orm.ErrUnsupported, err)
	})
}

// Each way to follow sends what it says, and SyncEvaluate refuses what it cannot.
func TestWaysToFollowABulkStatement(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		k, ctx := newHousehold(t, db), t.Context()
		high := k.query().Filter(orm.C(&k.c.Level).Ge(2))
		set := orm.C(&k.c.Level).SetExpr(orm.C(&k.c.Level).Plus(1))
		get(high.Synchronize(orm.SyncFetch).Update(ctx, set))(t)
		expect(t, 3, len(db.statements()))
		expect(t, []int{1, 3, 4}, k.levels())
		get(high.Synchronize(orm.SyncEvaluate).Update(ctx, set))(t)
		expect(t, 1, len(db.statements()))
		expect(t, []int{1, 4, 5}, k.levels())
		get(high.Synchronize(orm.SyncNone).Update(ctx, set))(t)
		expect(t, 1, len(db.statements()))
		expect(t, []int{1, 4, 5}, k.levels())
		_, err := k.query().Filter(orm.Raw[bool]("level > ?", 1)).Synchronize(orm.SyncEvaluate).Update(ctx, set)
		expectKind(t, orm.ErrUnsupported, err)
		expect(t, 0, len(db.statements()))
		get(high.Synchronize(orm.SyncEvaluate).Update(ctx, orm.C(&k.c.Level).SetExpr(orm.Func[int]("abs", orm.C(&k.c.Level)))))(t)
		expect(t, 1, len(db.statements()))
		must(t, orm.Load(ctx, k.chores[1], &k.chores[1].Level))
		expect(t, []int{1, 5, 5}, k.levels())
	})
}

// Statements that are run by Exec and Fetch are followed like those of queries,
// whether they name the entity, its table, or an alias of it.
func TestExecutedStatementsAreFollowed(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		k, ctx := newHousehold(t, db), t.Context()
		run := func(stmt orm.Statement) {
			t.Helper()
			get(orm.Exec(ctx, k.Session, stmt))(t)
			expect(t, 1, len(db.statements()))
		}
		table := chores.Metadata().Table("chores")
		run(orm.Update(k.c).Set(orm.C(&k.c.Level).Set(5)).Where(orm.Eq(orm.C(&k.c.Level), orm.Param[int]("n"))).Params(orm.M{"n": 3}))
		expect(t, []int{1, 2, 5}, k.levels())
		run(orm.Update(table).Set(orm.F("level").Set(6)).Where(table.C("level").Eq(5)))
		expect(t, []int{1, 2, 6}, k.levels())
		run(orm.Delete(table).Where(orm.F("level").Eq(6)))
		expect(t, orm.Deleted, orm.StateOf(k.chores[2]))
		alias := orm.Alias[Chore]("other")
		run(orm.Update(alias).Set(orm.C(&alias.Level).Set(7)).Where(orm.C(&alias.Level).Eq(2)))
		expect(t, []int{1, 7, 6}, k.levels())
		if db.Dialect().Features().DeleteReturning {
			rows := get(orm.Fetch[int64](ctx, k.Session, orm.Delete(k.c).Where(orm.C(&k.c.Level).Eq(7)).Returning(orm.C(&k.c.ID))))(t)
			expect(t, []int64{k.chores[1].ID}, rows)
			expect(t, orm.Deleted, orm.StateOf(k.chores[1]))
		}
		if db.Dialect().Features().UpdateReturning {
			for v, err := range orm.FetchIter[int](ctx, k.Session, orm.Update(k.c).Set(orm.C(&k.c.Level).Set(8)).Where(orm.C(&k.c.Level).Eq(1)).Returning(orm.C(&k.c.Level))) {
				must(t, err)
				expect(t, 8, v)
				expect(t, 8, k.chores[0].Level)
			}
		}
	})
}

// Some databases assign one after the other, so that a value is read which is made
// of another column that the statement has changed.
func TestAssignmentsThatUseEachOtherAreRead(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		k, ctx := newHousehold(t, db), t.Context()
		slots := []*Slot{{Day: 1, Hour: 1, Who: "a"}}
		orm.AddAll(k.Session, slots)
		c := k.c
		get(k.query().AllRows().Update(ctx, orm.C(&c.Level).SetExpr(orm.C(&c.Level).Plus(1)), orm.C(&c.Done).SetExpr(orm.C(&c.Level).Gt(3))))(t)
		expect(t, 3, len(db.statements()))
		for _, chore := range k.chores {
			held := chore.Done
			must(t, k.Refresh(ctx, chore))
			expect(t, chore.Done, held)
		}
	})
}

// A foreign key that a statement changes takes the reference with it, and has the
// collections be read again.
func TestBulkUpdateOfAForeignKeyMovesObjects(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		k, ctx := newHousehold(t, db), t.Context()
		other := &Roster{Name: "monthly"}
		k.Add(other)
		must(t, k.Flush(ctx))
		get(k.query().Filter(orm.C(&k.c.Level).Eq(3)).Update(ctx, orm.N(&k.c.RosterID).Set(other.ID)))(t)
		c := k.chores[2]
		if *c.RosterID != other.ID || c.Roster != nil {
			t.Errorf("%+v", c)
		}
		must(t, orm.Load(ctx, c, &c.Roster))
		must(t, orm.Load(ctx, k.roster, &k.roster.Chores))
		if c.Roster != other || len(k.roster.Chores) != 2 {
			t.Errorf("%+v %+v", c.Roster, k.roster.Chores)
		}
		must(t, k.Rollback(ctx))
		must(t, orm.Load(ctx, k.roster, &k.roster.Chores))
		if c.Roster != k.roster || len(k.roster.Chores) != 3 {
			t.Errorf("%+v %+v", c.Roster, k.roster.Chores)
		}
	})
}

// Criteria of the session hold in a bulk statement, and in which objects follow.
func TestCriteriaHoldInBulkStatements(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		high := orm.CriteriaFor(func(c *Chore) orm.Expr[bool] { return orm.C(&c.Level).Ge(2) })
		k, ctx := newHousehold(t, db), t.Context()
		a := k.chores[0]
		n := get(k.query().WithCriteria(high).AllRows().Update(ctx, orm.C(&k.c.Done).Set(true)))(t)
		k.sent(t, "UPDATE chores SET done = ?, touched = ? WHERE chores.level >= ?")
		expect(t, int64(2), n)
		expect(t, []bool{false, true}, []bool{a.Done, k.chores[1].Done})
		n = get(k.query().WithCriteria(high).AllRows().Limit(1).Synchronize(orm.SyncFetch).Delete(ctx))(t)
		expect(t, int64(1), n)
		expect(t, orm.Persistent, orm.StateOf(a))
	})
}

// Objects are stale after a statement that was run for many sets of values.
func TestStatementsForManySetsMakeObjectsStale(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		k, ctx := newHousehold(t, db), t.Context()
		stmt := orm.Update(k.c).Set(orm.C(&k.c.Level).SetExpr(orm.Param[int]("level"))).Where(orm.Eq(orm.C(&k.c.ID), orm.Param[int64]("id")))
		get(orm.ExecMany(ctx, k.Session, stmt, []orm.M{{"id": k.chores[0].ID, "level": 8}, {"id": k.chores[1].ID, "level": 9}}))(t)
		get(k.query().All(ctx))(t)
		expect(t, []int{8, 9, 3}, k.levels())
	})
}
