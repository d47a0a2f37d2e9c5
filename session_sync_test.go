package orm_test

import (
	"slices"
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
	Level     int
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
