// This file tests views, and structs that are mapped to views and to SELECTs.

package orm_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

// Freight is what the views below read.
type Freight struct {
	orm.Base `orm:"table:freights"`

	ID     int64
	Town   string `orm:"size:20"`
	Weight int
	Sent   time.Time
}

// HeavyFreight is mapped to a view that is made with the tables.
type HeavyFreight struct {
	orm.Base `orm:"view"`

	ID   int64
	Town string
}

func (*HeavyFreight) ConfigureMapper(c *orm.MapperConfig) {
	p := orm.Entity[Freight]()
	c.View(func() orm.Subselect {
		return orm.Select(orm.C(&p.ID), orm.C(&p.Town)).From(p).Where(orm.C(&p.Weight).Ge(10), orm.C(&p.Town).Ne("o'hara"))
	})
}

// TownLoad is mapped to a SELECT.
type TownLoad struct {
	orm.Base `orm:"table:loads"`

	Town    string `orm:"primary_key"`
	Weight  int    `orm:"column:total"`
	Parcels int64
	FirstID int64    `orm:"foreign_key:freights.id"`
	First   *Freight // the first that was sent there
}

func (*TownLoad) ConfigureMapper(c *orm.MapperConfig) {
	p := orm.Entity[Freight]()
	c.Select(func() orm.Subselect {
		return orm.Select(orm.C(&p.Town), orm.Sum(orm.C(&p.Weight)).As("total"), orm.Count().As("parcels"), orm.Min(orm.C(&p.ID)).As("first_id")).From(p).
			Where(orm.C(&p.Weight).Gt(0)).GroupBy(orm.C(&p.Town))
	})
}

var freights = orm.MustRegister(&TownLoad{}, &HeavyFreight{}, &Freight{})

func someFreights(t *testing.T, db *testDB) *orm.Session {
	t.Helper()
	s := db.withTables(t, freights).session(t)
	at := time.Date(2020, 1, 2, 3, 4, 5, 0, time.UTC)
	orm.AddAll(s, []*Freight{{Town: "Perth", Weight: 3, Sent: at}, {Town: "Perth", Weight: 20, Sent: at}, {Town: "Hobart", Weight: 11, Sent: at.AddDate(1, 0, 0)}, {Town: "o'hara", Weight: 50, Sent: at}})
	must(t, s.Commit(t.Context()))
	db.statements()
	return s
}

func TestStructIsMappedToAView(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx := t.Context()
		s := someFreights(t, db)
		h := orm.Entity[HeavyFreight]()
		heavy := get(orm.Query[HeavyFreight](s).OrderBy(orm.C(&h.Town)).All(ctx))(t)
		expect(t, []string{"Hobart", "Perth"}, []string{heavy[0].Town, heavy[1].Town})
		expect(t, "SELECT heavy_freight.id, heavy_freight.town FROM heavy_freight ORDER BY heavy_freight.town", db.plainStatements()[0])
		expect(t, true, heavy[0] == get(orm.Get[HeavyFreight](ctx, s, heavy[0].ID))(t))
		must(t, s.Commit(ctx))
		must(t, freights.CreateAll(ctx, db.Engine)) // which leaves the view alone
		must(t, freights.DropAll(ctx, db.Engine))
		must(t, freights.DropAll(ctx, db.Engine))
	})
}

func TestStructIsMappedToASelect(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx := t.Context()
		s := someFreights(t, db)
		l := orm.Entity[TownLoad]()
		loads := get(orm.Query[TownLoad](s).Filter(orm.C(&l.Weight).Gt(11)).OrderBy(orm.C(&l.Weight)).All(ctx))(t)
		expect(t, []int{23, 50}, []int{loads[0].Weight, loads[1].Weight})
		expect(t, "SELECT loads.town, loads.total, loads.parcels, loads.first_id FROM (SELECT freights.town, sum(freights.weight) AS total, count(*) AS parcels,"+
			" min(freights.id) AS first_id FROM freights"+
			" WHERE freights.weight > ? GROUP BY freights.town) AS loads WHERE loads.total > ? ORDER BY loads.total", db.plainStatements()[0])
		expect(t, int64(1), get(orm.Get[TownLoad](ctx, s, "Hobart"))(t).Parcels)
		other, p := orm.Alias[TownLoad]("other"), orm.Entity[Freight]()
		towns := get(orm.Fetch[string](ctx, s, orm.Select(orm.C(&p.Town)).From(p).Join(other, orm.Eq(orm.C(&other.Town), orm.C(&p.Town))).Where(orm.C(&other.Parcels).Eq(2)).Distinct()))(t)
		expect(t, []string{"Perth"}, towns)
		expect(t, int64(3), get(orm.Query[TownLoad](s).Count(ctx))(t))
		for _, option := range []orm.Option{orm.JoinedLoad(&l.First), orm.SelectInLoad(&l.First)} {
			s.ExpungeAll()
			hobart := get(orm.Query[TownLoad](s).Options(option).Filter(orm.C(&l.Town).Eq("Hobart")).One(ctx))(t)
			expect(t, 11, hobart.First.Weight)
		}
		joined := orm.Query[TownLoad](s).Join(&l.First).Filter(orm.C(&p.Weight).Eq(11))
		expect(t, "Hobart", get(joined.One(ctx))(t).Town)
	})
}

func TestObjectsOfQueriesAreNotWritten(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx := t.Context()
		s := someFreights(t, db)
		load := get(orm.Get[TownLoad](ctx, s, "Perth"))(t)
		for name, change := range map[string]func(){
			"changed": func() { load.Weight++ },
			"new":     func() { s.Add(&HeavyFreight{ID: 99}) },
			"deleted": func() { s.Delete(load) },
		} {
			change()
			db.statements()
			err := s.Flush(ctx)
			if expectKind(t, orm.ErrUnsupported, err); err != nil && !strings.Contains(err.Error(), "read and not written") {
				t.Errorf("%s: %v", name, err)
			}
			expect(t, 0, len(db.statements()))
			must(t, s.Rollback(ctx))
			load = get(orm.Get[TownLoad](ctx, s, "Perth"))(t)
		}
		l := orm.Entity[TownLoad]()
		_, err := orm.Exec(ctx, s, orm.Update(l).Set(orm.C(&l.Weight).Set(1)).AllRows())
		expectKind(t, orm.ErrUnsupported, err)
	})
}

func TestViewsAreMadeBehindWhatTheyRead(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx, m := t.Context(), orm.NewMetadata()
		table := orm.NewTable("z_rows", m, orm.NewColumn("id", types.BigInteger(), orm.PrimaryKey()), orm.NewColumn("v", types.Integer()), orm.NewColumn("at", types.DateTime()))
		v, id := orm.Col[int](table, "v"), orm.Col[int64](table, "id")
		since := time.Date(2020, 5, 1, 0, 0, 0, 0, time.UTC)
		low := orm.NewView("y_low", m, orm.Select(id, v.Plus(1).As("w"), table.C("at")).From(table).Where(v.Lt(5), orm.Col[time.Time](table, "at").Ge(since)))
		one := orm.NewView("x_one", m, orm.Select(low.C("w")).From(low).Where(low.C("id").Eq(1)))
		must(t, m.CreateAll(ctx, db.Engine))
		must(t, m.CreateAll(ctx, db.Engine))
		get(orm.Exec(ctx, db.Engine, orm.Insert(table).Values(orm.M{"v": 1, "at": since}, orm.M{"v": 2, "at": since.Add(-time.Second)}, orm.M{"v": 9, "at": since})))(t)
		expect(t, []int{2}, get(orm.Fetch[int](ctx, db.Engine, orm.Select(low.C("w"))))(t))
		expect(t, []int{2}, get(orm.Fetch[int](ctx, db.Engine, orm.Select(one.C("w"))))(t))
		made := orm.CreateTableAs("copied", orm.Select(id, v).From(table).Where(v.Gt(1)))
		get(orm.Exec(ctx, db.Engine, made))(t)
		expect(t, []int{2, 9}, get(orm.Fetch[int](ctx, db.Engine, orm.Select(made.Table().C("v")).OrderBy(made.Table().C("v"))))(t))
		if db.Dialect().Features().ReplaceView {
			get(orm.Exec(ctx, db.Engine, orm.CreateView(one).OrReplace()))(t)
		}
		get(orm.Exec(ctx, db.Engine, orm.DropView(one)))(t)
		get(orm.Exec(ctx, db.Engine, orm.DropView(one).IfExists()))(t)
		must(t, m.DropAll(ctx, db.Engine))
	})
}

func TestMaterializedViewIsRefreshed(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx, m := t.Context(), orm.NewMetadata()
		table := orm.NewTable("entries", m, orm.NewColumn("id", types.BigInteger(), orm.PrimaryKey()))
		kept := orm.NewView("kept_entries", m, orm.Select(table.C("id")).From(table), orm.MaterializedView(), orm.NewIndex("ix_kept", "id"))
		if !db.Dialect().Features().MaterializedViews {
			expectKind(t, orm.ErrUnsupported, m.CreateAll(ctx, db.Engine))
			return
		}
		must(t, m.CreateAll(ctx, db.Engine))
		get(orm.Exec(ctx, db.Engine, orm.Insert(table).Values(orm.M{})))(t)
		count := orm.Select(orm.Count()).From(kept)
		expect(t, int64(0), get(orm.FetchOne[int64](ctx, db.Engine, count))(t))
		get(orm.Exec(ctx, db.Engine, orm.RefreshView(kept)))(t)
		expect(t, int64(1), get(orm.FetchOne[int64](ctx, db.Engine, count))(t))
		must(t, m.CreateAll(ctx, db.Engine))
		must(t, m.DropAll(ctx, db.Engine))
	})
}

func TestMistakesInViewsAreTyped(t *testing.T) {
	m := orm.NewMetadata()
	table := orm.NewTable("rows_of", m, orm.NewColumn("id", types.BigInteger(), orm.PrimaryKey()))
	id := orm.Col[int64](table, "id")
	for _, c := range []struct {
		stmt orm.Statement
		kind error
		want string
	}{
		{orm.CreateView(table), orm.ErrArgument, "orm: create view rows_of: it is no view (define it with NewView)"},
		{orm.CreateView(orm.NewView("unnamed", orm.NewMetadata(), orm.Select(id.Plus(1)).From(table))), orm.ErrArgument, "the expression has no name (name it with As)"},
		{orm.CreateView(orm.NewView("open", orm.NewMetadata(), orm.Select(id).From(table).Where(orm.Eq(id, orm.Param[int64]("p"))))), orm.ErrArgument, "it has no value"},
		{orm.CreateTable(orm.NewView("wrong", orm.NewMetadata(), orm.Select(id).From(table))), orm.ErrArgument, "it is a view (use CreateView)"},
		{orm.CreateTable(table).OrReplace(), orm.ErrArgument, "OR REPLACE belongs to CREATE VIEW"},
		{orm.CreateTable(table).Temporary(), orm.ErrArgument, "TEMPORARY belongs to"},
		{orm.CreateTable(orm.NewTable("no_view", orm.NewMetadata(), orm.MaterializedView(), orm.NewColumn("id", types.BigInteger()))), orm.ErrArgument, "only a view can be materialized"},
		{orm.CreateTableAs("t", nil), orm.ErrArgument, "the subquery is nil"},
	} {
		_, _, err := orm.Compile(c.stmt, "postgres")
		if expectKind(t, c.kind, err); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v\nwant %s", err, c.want)
		}
	}
}
