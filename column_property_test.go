// This file tests fields that stand for expressions.

package orm_test

import (
	"testing"

	"github.com/aurum-go/orm"
)

// Cabinet counts its volumes.
type Cabinet struct {
	orm.Base `orm:"table:cabinets"`

	ID       int64
	Room     string     `orm:"size:20"`
	Label    string     `orm:"size:20"`
	Count    int64      `orm:"-"`
	Place    *string    `orm:"-"`
	Bindings []*Binding `orm:"back_populates:Cabinet;order_by:ID"`
}

// Binding stands on a shelf.
type Binding struct {
	orm.Base `orm:"table:bindings"`

	ID        int64
	CabinetID *int64
	Cabinet   *Cabinet `orm:"back_populates:Bindings"`
}

var cabinets = func() *orm.Registry {
	h, v := orm.Entity[Cabinet](), orm.Alias[Binding]("counted")
	orm.ColumnProperty(&h.Count, orm.Scalar[int64](orm.Select(orm.Count()).From(v).Where(orm.Eq(orm.N(&v.CabinetID), orm.C(&h.ID)))))
	orm.ColumnProperty(&h.Place, orm.Concat(orm.C(&h.Room), orm.Lit("/"), orm.C(&h.Label)))
	return orm.MustRegister(&Cabinet{}, &Binding{})
}()

// withCabinets is a session on two shelves, the first with two volumes.
func (db *testDB) withCabinets(t *testing.T) *orm.Session {
	t.Helper()
	s := db.withTables(t, cabinets).session(t)
	s.Add(&Cabinet{Room: "r", Label: "a", Bindings: []*Binding{{}, {}}}, &Cabinet{Room: "r", Label: "b"})
	must(t, s.Commit(t.Context()))
	s.ExpungeAll()
	db.statements()
	return s
}

const cabinetColumns = "SELECT cabinets.id, cabinets.room, cabinets.label, (SELECT count(*) FROM bindings AS counted WHERE counted.cabinet_id = cabinets.id)"

func TestAColumnPropertyComesWithItsObject(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withCabinets(t), t.Context()
		h := orm.Entity[Cabinet]()
		all := get(orm.Query[Cabinet](s).OrderBy(orm.C(&h.Count).Desc()).Filter(orm.C(&h.Count).Lt(5)).All(ctx))(t)
		expect(t, []int64{2, 0}, []int64{all[0].Count, all[1].Count})
		expect(t, "r/a", *all[0].Place)
		expect(t, cabinetColumns, db.plainStatements()[0][:len(cabinetColumns)])
		all[0].Label = "c"
		must(t, s.Commit(ctx))
		expect(t, "r/a", *all[0].Place)
		must(t, s.Refresh(ctx, all[0]))
		expect(t, "r/c", *all[0].Place)
		expect(t, "r/c", *get(orm.Get[Cabinet](ctx, s, all[0].ID))(t).Place)
		s.ExpungeAll()
		one := get(orm.Get[Cabinet](ctx, s, all[0].ID))(t)
		expect(t, int64(2), one.Count)
		must(t, s.Commit(ctx))
		one.Room = "s"
		must(t, s.Flush(ctx))
		get(orm.Query[Cabinet](s).All(ctx))(t)
		expect(t, "s/c", *one.Place)
	})
}

func TestAColumnPropertyComesByEveryStrategy(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withCabinets(t), t.Context()
		v := orm.Entity[Binding]()
		for name, option := range map[string]orm.Option{
			"select in": orm.SelectInLoad(&v.Cabinet), "joined": orm.JoinedLoad(&v.Cabinet), "subquery": orm.SubqueryLoad(&v.Cabinet),
		} {
			s.ExpungeAll()
			volumes := get(orm.Query[Binding](s).Options(option).OrderBy(orm.C(&v.ID)).Limit(5).All(ctx))(t)
			if shelf := volumes[0].Cabinet; shelf.Count != 2 || *shelf.Place != "r/a" {
				t.Errorf("%s: %+v", name, shelf)
			}
		}
		h := orm.Entity[Cabinet]()
		for name, option := range map[string]orm.Option{"joined": orm.JoinedLoad(&h.Bindings), "select in": orm.SelectInLoad(&h.Bindings)} {
			s.ExpungeAll()
			found := get(orm.Query[Cabinet](s).Options(option).OrderBy(orm.C(&h.ID)).Limit(1).All(ctx))(t)
			if found[0].Count != 2 || *found[0].Place != "r/a" || len(found[0].Bindings) != 2 {
				t.Errorf("%s: %+v", name, found[0])
			}
		}
		s.ExpungeAll()
		volume := get(orm.Query[Binding](s).First(ctx))(t)
		must(t, orm.Load(ctx, volume, &volume.Cabinet))
		expect(t, int64(2), volume.Cabinet.Count)
	})
}

func TestAColumnPropertyOfAnAliasIsThatOfItsRows(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withCabinets(t), t.Context()
		h, other := orm.Entity[Cabinet](), orm.Alias[Cabinet]("other")
		labels := get(orm.Fetch[string](ctx, s, orm.Select(orm.C(&h.Label)).From(h).
			Join(other, orm.Lt(orm.C(&other.Count), orm.C(&h.Count)))))(t)
		expect(t, []string{"a"}, labels)
		places := get(orm.Fetch[string](ctx, s, orm.Select(orm.N(&other.Place)).From(other).OrderBy(orm.N(&other.Place))))(t)
		expect(t, []string{"r/a", "r/b"}, places)
	})
}

func TestAColumnPropertyIsNeverWritten(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withCabinets(t), t.Context()
		h := orm.Entity[Cabinet]()
		shelf := get(orm.Query[Cabinet](s).OrderBy(orm.C(&h.ID)).First(ctx))(t)
		shelf.Count = 99
		expect(t, 0, len(s.Dirty()))
		db.statements()
		must(t, s.Commit(ctx))
		expect(t, 0, len(db.statements()))
		fresh := &Cabinet{Room: "q", Label: "c", Count: 7}
		s.Add(fresh)
		must(t, s.Commit(ctx))
		must(t, s.Refresh(ctx, fresh))
		expect(t, int64(0), fresh.Count)
		s.ExpungeAll()
		few := get(orm.Query[Cabinet](s).Options(orm.LoadOnly(&h.Label)).First(ctx))(t)
		expect(t, (*string)(nil), few.Place)
	})
}

func TestAColumnPropertyReadsFromWhereItsEntityDoes(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withCabinets(t), t.Context()
		h := orm.Entity[Cabinet]()
		source := orm.Select(h).Where(orm.C(&h.Label).Eq("a")).Subquery("some")
		found := get(orm.Query[Cabinet](s).From(source).Filter(orm.C(&h.Count).Gt(0)).All(ctx))(t)
		expect(t, 1, len(found))
		expect(t, int64(2), found[0].Count)
		expect(t, "r/a", *found[0].Place)
	})
}
