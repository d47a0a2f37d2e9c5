package orm_test

import (
	"testing"

	"github.com/aurum-go/orm"
)

func TestBulkInsertWritesAllTables(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, guild).session(t), t.Context()
		n := get(orm.BulkInsert[Glazier](ctx, s, []orm.M{{"Name": "a", "Clay": "red", "Bio": "x", "Colours": 1}, {"Name": "b", "Clay": "grey", "Bio": "y", "Colours": 2}}))(t)
		expect(t, int64(2), n)
		n = get(orm.BulkInsert[Potter](ctx, s, []*Potter{{Artisan: Artisan{Name: "c"}, Clay: "blue"}, {Artisan: Artisan{Name: "d", Level: 4}, Clay: "lime", Kiln: "gas"}}))(t)
		expect(t, int64(2), n)
		r := refsOfGuild()
		n = get(orm.BulkInsert[Glazier](ctx, s, []orm.M{{"Name": orm.Upper(orm.Lit("e")), "Clay": "x", "Bio": "", "Colours": orm.Add(orm.Lit(2), orm.Lit(3))}}))(t)
		expect(t, int64(1), n)
		get(orm.BulkInsert[Scribe](ctx, s, []orm.M{{"Name": "f", "Pages": 9}}))(t)
		get(orm.Exec(ctx, s, orm.Insert(r.w).Values(&Scribe{Artisan: Artisan{Name: "g"}, Pages: 9})))(t)
		must(t, s.Commit(ctx))
		staff := get(orm.Query[Artisan](s).OrderBy(orm.C(&r.a.Name)).All(ctx))(t)
		expect(t, []string{"glazier E x*****", "glazier a red*", "glazier b grey**", "potter c blue", "potter d lime", "scribe f 9", "scribe g 9"}, sorted(kindsOf(t, staff)))
		expect(t, []string{"gas", "wood"}, get(orm.Pluck(ctx, orm.Query[Potter](s).Filter(orm.C(&r.p.Kiln).IsNotNull()).OrderBy(orm.C(&r.p.Kiln)).Distinct(), orm.C(&r.p.Kiln)))(t))

		_, err := orm.BulkInsert[Potter](ctx, s, []orm.M{{"Name": "x", "Kind": "scribe"}})
		expectKind(t, orm.ErrArgument, err)
		must(t, s.Rollback(ctx))
		_, err = orm.Exec(ctx, s, orm.Insert(r.p).Values(&Potter{}))
		expectKind(t, orm.ErrUnsupported, err)
		_, err = orm.BulkUpsert[Potter](ctx, s, orm.Insert(r.p).OnConflict(&r.p.ID).DoNothing(), []orm.M{{"Name": "x"}})
		expectKind(t, orm.ErrUnsupported, err)
	})
}

func TestManyRowsOfSeveralTablesAreInserted(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, guild).session(t), t.Context()
		rows := make([]orm.M, 1201)
		for i := range rows {
			rows[i] = orm.M{"Name": "n", "Clay": "c", "Bio": "", "Colours": i}
		}
		reported := 0
		n := get(orm.BulkInsert[Glazier](ctx, s, rows, orm.Progress(func(done, _ int) { reported = done })))(t)
		expect(t, []any{int64(1201), 1201}, []any{n, reported})
		must(t, s.Commit(ctx))
		g := orm.Entity[Glazier]()
		expect(t, int64(1201), get(orm.Query[Glazier](s).Filter(orm.C(&g.Kind).Eq("glazier")).Count(ctx))(t))
		found := get(orm.Pluck(ctx, orm.Query[Glazier](s).OrderBy(orm.C(&g.ID)), orm.C(&g.Colours)))(t)
		for i, c := range found {
			if c != i {
				t.Fatalf("row %d has %d", i, c)
			}
		}
	})
}

func TestBulkInsertReturningGivesWholeObjects(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, guild).session(t), t.Context()
		made := get(orm.BulkInsertReturning[Glazier](ctx, s, []orm.M{
			{"Name": "a", "Clay": "red", "Bio": "x", "Colours": 1}, {"Name": "b", "Clay": "grey", "Bio": "y", "Colours": 2}, {"Name": "c", "Clay": "grey", "Kiln": "gas", "Bio": "y", "Colours": 3},
		}))(t)
		expect(t, []any{"glazier", 1, "wood", "gas"}, []any{made[0].Kind, made[0].Level, made[0].Kiln, made[2].Kiln})
		expectState(t, orm.Persistent, made[0], made[1], made[2])
		if get(orm.Get[Artisan](ctx, s, made[1].ID))(t) != &made[1].Artisan {
			t.Error("another object")
		}
		made[0].Colours = 9
		must(t, s.Commit(ctx))
		expect(t, 9, readAgain[Glazier](t, db, made[0].ID).Colours)
		lost := get(orm.BulkInsertReturning[Potter](ctx, s, []orm.M{{"Name": "z", "Clay": "z", "Bio": ""}}))(t)
		must(t, s.Rollback(ctx))
		expectState(t, orm.Transient, lost[0])
	})
}

func TestBulkUpdateWritesTheTablesThatChange(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, h := db.withGuild(t)
		ctx := t.Context()
		for _, o := range h.all() {
			must(t, orm.Load(ctx, o))
		}
		db.statements()
		n := get(orm.BulkUpdate[Potter](ctx, s, []orm.M{{"ID": h.potter.ID, "Clay": "p", "Name": "P"}, {"ID": h.glazier.ID, "Clay": "g", "Name": "G"}}))(t)
		expect(t, []any{int64(2), "p", "P", "g", "G"}, []any{n, h.potter.Clay, h.potter.Name, h.glazier.Clay, h.glazier.Name})
		n = get(orm.BulkUpdate[Glazier](ctx, s, []orm.M{{"ID": h.glazier.ID, "Colours": 6}}))(t)
		expect(t, []any{int64(1), 6}, []any{n, h.glazier.Colours})
		n = get(orm.BulkUpdate[Scribe](ctx, s, []orm.M{{"ID": h.scribe.ID, "Pages": 6, "Name": "S"}}))(t)
		expect(t, []any{int64(1), int64(6), "S"}, []any{n, h.scribe.Pages, h.scribe.Name})
		db.statements()
		must(t, s.Commit(ctx))
		expect(t, 0, len(db.writes())) // the objects know what was written
		again := readAgain[Glazier](t, db, h.glazier.ID)
		expect(t, []any{"g", "G", 6}, []any{again.Clay, again.Name, again.Colours})
		_, err := orm.BulkUpdate[Glazier](ctx, s, []orm.M{{"ID": h.scribe.ID, "Colours": 6}})
		expectKind(t, orm.ErrStaleData, err)
		must(t, s.Rollback(ctx))
	})
}

func TestBulkUpdateLooksAtTheVersionOfTheBase(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, vessels).session(t), t.Context()
		get(orm.BulkInsert[Amphora](ctx, s, []orm.M{{"Code": "a", "Owner": "o", "Litres": 1, "Handles": 2}, {"Code": "b", "Owner": "o", "Litres": 1, "Handles": 2}}))(t)
		held := get(orm.Get[Amphora](ctx, s, "a"))(t)
		expect(t, []int{1, 2, 1}, []int{held.Version, held.Sort, held.Litres})
		n := get(orm.BulkUpdate[Amphora](ctx, s, []orm.M{{"Code": "a", "Version": 1, "Handles": 5}, {"Code": "b", "Version": 1, "Handles": 6}}))(t)
		expect(t, []any{int64(2), 2, 5, 7}, []any{n, held.Version, held.Handles, held.Edits})
		_, err := orm.BulkUpdate[Amphora](ctx, s, []orm.M{{"Code": "a", "Version": 1, "Handles": 5}})
		expectKind(t, orm.ErrStaleData, err)
		must(t, s.Rollback(ctx))
	})
}
