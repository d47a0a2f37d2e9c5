package orm_test

import (
	"slices"
	"testing"

	"github.com/aurum-go/orm"
)

// guildRefs are the entity references of the structs.
type guildRefs struct {
	f *Atelier
	a *Artisan
	p *Potter
	g *Glazier
	w *Scribe
	t *Tool
}

func refsOfGuild() guildRefs {
	return guildRefs{orm.Entity[Atelier](), orm.Entity[Artisan](), orm.Entity[Potter](), orm.Entity[Glazier](), orm.Entity[Scribe](), orm.Entity[Tool]()}
}

func namesOf[T any](objects []*T, name func(*T) string) []string {
	names := []string{}
	for _, o := range objects {
		names = append(names, name(o))
	}
	return names
}

func potterName(p *Potter) string { return p.Name }

func TestSubclassQueryReadsItsOwnRows(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, h := db.withGuild(t)
		ctx, r := t.Context(), refsOfGuild()
		potters := get(orm.Query[Potter](s).OrderBy(orm.C(&r.p.ID)).All(ctx))(t)
		expect(t, []string{"bob", "cyd"}, namesOf(potters, potterName))
		if potters[0] != h.potter || potters[1] != &h.glazier.Potter {
			t.Error("other objects")
		}
		scribes := get(orm.Query[Scribe](s).Filter(orm.C(&r.w.Pages).Gt(3), orm.C(&r.w.Name).Eq("dan")).All(ctx))(t)
		if len(scribes) != 1 || scribes[0] != h.scribe {
			t.Error("another scribe")
		}
		expect(t, []int64{4, 2, 1, 1}, []int64{
			get(orm.Query[Artisan](s).Count(ctx))(t), get(orm.Query[Potter](s).Count(ctx))(t),
			get(orm.Query[Glazier](s).Count(ctx))(t), get(orm.Query[Scribe](s).Count(ctx))(t),
		})
		expect(t, true, get(orm.Query[Glazier](s).Filter(orm.C(&r.g.Clay).Eq("white"), orm.C(&r.g.Colours).Eq(3), orm.C(&r.g.Name).Eq("cyd")).Exists(ctx))(t))
		expect(t, false, get(orm.Query[Scribe](s).Filter(orm.C(&r.w.Name).Eq("bob")).Exists(ctx))(t))
		expect(t, []string{"red", "white"}, get(orm.Pluck(ctx, orm.Query[Potter](s).OrderBy(orm.C(&r.p.Name)), orm.C(&r.p.Clay)))(t))
		expect(t, []string{"dan"}, get(orm.Fetch[string](ctx, s, orm.Select(orm.C(&r.w.Name))))(t))
		expect(t, []string{"cyd"}, get(orm.Fetch[string](ctx, s, orm.Select(orm.C(&r.g.Name))))(t))
		expect(t, []string{"cyd"}, namesOf(get(orm.Query[Potter](s).OrderBy(orm.C(&r.p.Clay).Desc()).Limit(1).All(ctx))(t), potterName))
		expect(t, []string{"bob", "cyd"}, namesOf(get(orm.Query[Potter](s).OrderBy(orm.C(&r.p.ID)).ForUpdate().All(ctx))(t), potterName))
		fetched := get(orm.Fetch[*Potter](ctx, s, orm.Select(r.p).OrderBy(orm.C(&r.p.ID))))(t)
		expect(t, []string{"bob", "cyd"}, namesOf(fetched, potterName))
		artisans := get(orm.Fetch[*Artisan](ctx, s, orm.Select(r.a).OrderBy(orm.C(&r.a.ID))))(t)
		expect(t, wholeGuild, kindsOf(t, artisans))
	})
}

func TestSubclassFieldsAreUsedWithPolymorphic(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, _ := db.withGuild(t)
		ctx, r := t.Context(), refsOfGuild()
		s.ExpungeAll()
		q := orm.Query[Artisan](s).WithPolymorphic()
		found := get(q.Filter(orm.Or(orm.C(&r.p.Clay).Eq("red"), orm.C(&r.g.Colours).Eq(3), orm.C(&r.w.Pages).Eq(9))).OrderBy(orm.C(&r.w.Pages).Desc().NullsLast(), orm.C(&r.p.Clay)).All(ctx))(t)
		expect(t, []string{"scribe dan 9", "potter bob red", "glazier cyd white***"}, kindsOf(t, found))
		expect(t, 1, len(db.statements()))
		expect(t, int64(1), get(q.Filter(orm.C(&r.g.Clay).Eq("white")).Count(ctx))(t))
		expect(t, int64(2), get(q.Filter(orm.C(&r.p.Clay).In("red", "white")).Count(ctx))(t))
		limited := get(q.Filter(orm.C(&r.p.Kiln).Eq("wood")).OrderBy(orm.C(&r.a.Name)).Limit(1).All(ctx))(t)
		expect(t, []string{"potter bob red"}, kindsOf(t, limited))
		potters := get(orm.Query[Potter](s).WithPolymorphic(&Glazier{}).Filter(orm.C(&r.g.Colours).Gt(0)).All(ctx))(t)
		expect(t, []string{"cyd"}, namesOf(potters, potterName))
		_, err := orm.Query[Potter](s).WithPolymorphic(&Scribe{}).All(ctx)
		expectKind(t, orm.ErrArgument, err)
		_, err = orm.Query[Artisan](s).Join(&r.a.Atelier).WithPolymorphic().All(ctx)
		expectKind(t, orm.ErrArgument, err)
		expect(t, []string{"north", "north", "north"}, get(orm.Pluck(ctx, q.Join(&r.a.Atelier).Filter(orm.C(&r.a.Name).Ne("bob")), orm.C(&r.f.Name)))(t))
	})
}

func TestRelationshipsLeadToWholeObjects(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, _ := db.withGuild(t)
		ctx, r := t.Context(), refsOfGuild()
		for name, option := range map[string][]orm.Option{
			"select-in": {orm.SelectInLoad(&r.f.Staff)}, "joined": {orm.JoinedLoad(&r.f.Staff)}, "subquery": {orm.SubqueryLoad(&r.f.Staff)}, "lazy": nil,
		} {
			s.ExpungeAll()
			f := get(orm.Query[Atelier](s).Options(option...).One(ctx))(t)
			must(t, orm.Load(ctx, f, &f.Staff))
			if diff := kindsOf(t, f.Staff); !slices.Equal(wholeGuild, diff) {
				t.Errorf("%s: %v", name, diff)
			}
			for _, a := range f.Staff {
				if a.Atelier != f {
					t.Errorf("%s: %s is elsewhere", name, a.Name)
				}
			}
		}
		s.ExpungeAll()
		f := get(orm.Query[Atelier](s).Join(&r.f.Staff).OrderBy(orm.C(&r.a.ID)).Options(orm.ContainsEager(&r.f.Staff)).All(ctx))(t)[0]
		expect(t, wholeGuild, kindsOf(t, f.Staff))
		for name, option := range map[string][]orm.Option{
			"select-in": {orm.SelectInLoad(&r.t.Potter)}, "joined": {orm.JoinedLoad(&r.t.Potter)}, "subquery": {orm.SubqueryLoad(&r.t.Potter)}, "lazy": nil,
		} {
			s.ExpungeAll()
			tools := get(orm.Query[Tool](s).OrderBy(orm.C(&r.t.ID)).Options(option...).All(ctx))(t)
			must(t, orm.Load(ctx, tools[0], &tools[0].Potter))
			if p := tools[0].Potter; p == nil || p.Name != "bob" || p.Clay != "red" || tools[1].Potter != p {
				t.Errorf("%s: %v", name, p)
			}
		}
	})
}

func TestSubclassHasRelationshipsOfItsOwn(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, h := db.withGuild(t)
		ctx, r := t.Context(), refsOfGuild()
		toolNames := func(p *Potter) []string { return namesOf(p.Tools, func(t *Tool) string { return t.Name }) }
		for name, option := range map[string]orm.Option{
			"select-in": orm.SelectInLoad(&r.p.Tools), "joined": orm.JoinedLoad(&r.p.Tools), "subquery": orm.SubqueryLoad(&r.p.Tools),
		} {
			s.ExpungeAll()
			potters := get(orm.Query[Potter](s).OrderBy(orm.C(&r.p.ID)).Options(option).All(ctx))(t)
			if !orm.Loaded(potters[0], &potters[0].Tools) || !slices.Equal([]string{"wheel", "knife"}, toolNames(potters[0])) || len(potters[1].Tools) != 0 {
				t.Errorf("%s: %v", name, toolNames(potters[0]))
			}
			s.ExpungeAll()
			staff, err := orm.Query[Artisan](s).OrderBy(orm.C(&r.a.ID)).Options(option).All(ctx)
			if name == "joined" {
				expectKind(t, orm.ErrUnsupported, err) // only some of the objects have it
				continue
			}
			must(t, err)
			p, _ := orm.Downcast[Potter](staff[1])
			if !orm.Loaded(p, &p.Tools) || !slices.Equal([]string{"wheel", "knife"}, toolNames(p)) {
				t.Errorf("%s from the base: %v", name, toolNames(p))
			}
		}
		s.ExpungeAll()
		a := get(orm.Get[Artisan](ctx, s, h.potter.ID))(t)
		p, _ := orm.Downcast[Potter](a)
		must(t, orm.Load(ctx, p, &p.Tools))
		expect(t, []string{"wheel", "knife"}, toolNames(p))
		g := get(orm.Get[Glazier](ctx, s, h.glazier.ID))(t)
		must(t, orm.Load(ctx, g, &g.Tools))
		g.Tools = append(g.Tools, &Tool{Name: "torch"})
		p.Tools = p.Tools[1:]
		must(t, s.Commit(ctx))
		expect(t, []string{"knife", "torch"}, get(orm.Fetch[string](ctx, s, orm.Select(orm.C(&r.t.Name)).OrderBy(orm.C(&r.t.ID))))(t))
	})
}

func TestJoinsLeadToSubclasses(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, _ := db.withGuild(t)
		ctx, r := t.Context(), refsOfGuild()
		ateliers := orm.Query[Atelier](s)
		names := func(q *orm.EntityQuery[Atelier], e orm.Expr[string]) []string {
			t.Helper()
			return get(orm.Pluck(ctx, q.OrderBy(e), e))(t)
		}
		expect(t, []string{"ann", "bob", "cyd", "dan"}, names(ateliers.Join(&r.f.Staff), orm.C(&r.a.Name)))
		expect(t, []string{"bob", "cyd"}, names(ateliers.Join(&r.f.Staff, r.p), orm.C(&r.p.Name)))
		expect(t, []string{"white"}, names(ateliers.Join(&r.f.Staff, r.g), orm.C(&r.g.Clay)))
		expect(t, []string{"dan"}, names(ateliers.Join(&r.f.Staff, r.w), orm.C(&r.w.Name)))
		expect(t, []string{"cyd"}, names(ateliers.OuterJoin(&r.f.Staff, r.g), orm.C(&r.g.Name)))
		alias := orm.Alias[Potter]("q")
		db.statements()
		expect(t, []string{"red", "white"}, names(ateliers.Join(&r.f.Staff, alias), orm.C(&alias.Clay)))
		expect(t, []string{"dan"}, names(ateliers.OuterJoin(&r.f.Staff, r.w), orm.C(&r.w.Name)))
		expect(t, []string{
			"SELECT q_potters_1.clay FROM ateliers JOIN (artisans AS q JOIN potters AS q_potters_1 ON q_potters_1.id = q.id) ON q.atelier_id = ateliers.id ORDER BY q_potters_1.clay",
			"SELECT artisans.name FROM ateliers LEFT OUTER JOIN artisans ON artisans.atelier_id = ateliers.id AND artisans.kind = ? ORDER BY artisans.name",
		}, db.plainStatements())
		expect(t, []int64{1, 0, 1, 0, 1}, []int64{
			get(ateliers.Filter(orm.ManyOf[Potter](&r.f.Staff).Any(orm.C(&r.p.Clay).Eq("red"))).Count(ctx))(t),
			get(ateliers.Filter(orm.ManyOf[Potter](&r.f.Staff).Any(orm.C(&r.p.Name).Eq("dan"))).Count(ctx))(t),
			get(ateliers.Filter(orm.ManyOf[Scribe](&r.f.Staff).Any(orm.C(&r.w.Pages).Eq(9))).Count(ctx))(t),
			get(ateliers.Filter(orm.ManyOf[Scribe](&r.f.Staff).Any(orm.C(&r.w.Name).Eq("bob"))).Count(ctx))(t),
			get(ateliers.Filter(orm.ManyOf[Artisan](&r.f.Staff).Any(orm.C(&r.a.Name).Eq("bob"))).Count(ctx))(t),
		})
		b := orm.Alias[Artisan]("b")
		pairs := get(orm.Pluck(ctx, orm.Query[Potter](s).Join(b, orm.Lt(orm.C(&b.ID), orm.C(&r.p.ID))).OrderBy(orm.C(&r.p.ID), orm.C(&b.ID)), orm.C(&b.Name)))(t)
		expect(t, []string{"ann", "ann", "bob"}, pairs)
		sub := orm.Select(orm.C(&r.w.ID))
		expect(t, int64(1), get(orm.Query[Artisan](s).Filter(orm.C(&r.a.ID).InSelect(sub)).Count(ctx))(t))
	})
}

func TestSourcesOfSubclasses(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, _ := db.withGuild(t)
		ctx, r := t.Context(), refsOfGuild()
		q := orm.Query[Potter](s)
		both := get(q.Filter(orm.C(&r.p.Clay).Eq("red")).Union(q.Filter(orm.C(&r.p.Clay).Eq("white"))).OrderBy(orm.C(&r.p.ID)).All(ctx))(t)
		expect(t, []string{"bob", "cyd"}, namesOf(both, potterName))
		from := get(orm.Query[Potter](s).From(orm.Select(r.p).Where(orm.C(&r.p.Clay).Eq("white")).Subquery("w")).All(ctx))(t)
		expect(t, []string{"cyd"}, namesOf(from, potterName))
		stmt := orm.Text("SELECT * FROM artisans WHERE name <> 'ann' ORDER BY id")
		all := get(orm.FromStatement[Artisan](s, stmt).All(ctx))(t)
		expect(t, wholeGuild[1:], kindsOf(t, all))
		whole := orm.Text("SELECT a.id, a.kind, a.name, p.clay FROM artisans a JOIN potters p ON p.id = a.id ORDER BY a.id")
		potters := get(orm.FromStatement[Potter](s, whole).All(ctx))(t)
		expect(t, []string{"bob", "cyd"}, namesOf(potters, potterName))
		aliased := orm.Alias[Glazier]("x")
		found := get(orm.Fetch[*Glazier](ctx, s, orm.Select(aliased).Where(orm.C(&aliased.Clay).Eq("white"))))(t)
		expect(t, []string{"cyd"}, namesOf(found, func(g *Glazier) string { return g.Name }))
	})
}

func TestSubclassRowsAreWrittenByCondition(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, h := db.withGuild(t)
		ctx, r := t.Context(), refsOfGuild()
		for _, o := range h.all() {
			must(t, orm.Load(ctx, o))
		}
		db.statements()
		n := get(orm.Query[Scribe](s).AllRows().Update(ctx, orm.C(&r.w.Pages).Set(4)))(t)
		expect(t, []any{int64(1), int64(4)}, []any{n, h.scribe.Pages})
		expect(t, []string{"UPDATE artisans SET pages = ? WHERE artisans.kind = ?"}, db.plainStatements())
		n = get(orm.Query[Glazier](s).Filter(orm.C(&r.g.Clay).Eq("white")).Update(ctx, orm.C(&r.g.Colours).Set(8), orm.C(&r.g.Name).Set("zoe")))(t)
		expect(t, []any{int64(1), 8, "zoe"}, []any{n, h.glazier.Colours, h.glazier.Name})
		expect(t, []string{"UPDATE artisans SET name = ? WHERE artisans.id IN (?)", "UPDATE glaziers SET colours = ? WHERE glaziers.id IN (?)"}, db.writes())
		n = get(orm.Query[Artisan](s).Filter(orm.C(&r.a.Name).Eq("zoe")).Update(ctx, orm.C(&r.a.Level).Set(5)))(t)
		expect(t, []any{int64(1), 5}, []any{n, h.glazier.Level})
		expect(t, []string{"UPDATE artisans SET level = ? WHERE artisans.name = ?"}, db.writes())
		get(orm.Exec(ctx, s, orm.Update(r.w).Set(orm.C(&r.w.Pages).Set(2)).AllRows()))(t)
		expect(t, []string{"UPDATE artisans SET pages = ? WHERE artisans.kind = ?"}, db.writes())
		expect(t, int64(2), h.scribe.Pages)
		n = get(orm.Query[Glazier](s).Filter(orm.C(&r.g.Colours).Eq(8)).Delete(ctx))(t)
		expect(t, int64(1), n)
		expect(t, []string{"DELETE FROM glaziers WHERE glaziers.id IN (?)", "DELETE FROM potters WHERE potters.id IN (?)", "DELETE FROM artisans WHERE artisans.id IN (?)"}, db.writes())
		expectState(t, orm.Deleted, h.glazier)
		get(orm.Exec(ctx, s, orm.Delete(r.w).AllRows()))(t)
		expect(t, []string{"DELETE FROM artisans WHERE artisans.kind = ?"}, db.writes())
		expectState(t, orm.Deleted, h.scribe)
		_, err := orm.Query[Potter](s).Delete(ctx)
		expectKind(t, orm.ErrNoFilter, err)
		expect(t, int64(2), get(orm.Query[Artisan](s).Count(ctx))(t))
		get(orm.Exec(ctx, s, orm.Delete(r.t).AllRows()))(t)
		expect(t, int64(2), get(orm.Query[Artisan](s).AllRows().Delete(ctx))(t))
		must(t, s.Commit(ctx))
		expectState(t, orm.Detached, h.all()...)
	})
}

func TestCriteriaHoldForSubclasses(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, h := db.withGuild(t)
		ctx := t.Context()
		s.ExpungeAll()
		byBase := db.session(t, orm.WithCriteria(orm.CriteriaFor(func(a *Artisan) orm.Expr[bool] { return orm.C(&a.Name).Ne("cyd") })))
		expect(t, []int64{3, 1, 0}, []int64{
			get(orm.Query[Artisan](byBase).Count(ctx))(t), get(orm.Query[Potter](byBase).Count(ctx))(t), get(orm.Query[Glazier](byBase).Count(ctx))(t),
		})
		if _, err := orm.Get[Glazier](ctx, byBase, h.glazier.ID); err == nil {
			t.Error("the criteria of the base do not hold")
		}
		must(t, byBase.Rollback(ctx))
		bySub := db.session(t, orm.WithCriteria(orm.CriteriaFor(func(p *Potter) orm.Expr[bool] { return orm.C(&p.Clay).Ne("red") })))
		expect(t, []int64{1, 1}, []int64{get(orm.Query[Potter](bySub).Count(ctx))(t), get(orm.Query[Glazier](bySub).Count(ctx))(t)})
		staff := get(orm.Query[Artisan](bySub).OrderBy(orm.C(&orm.Entity[Artisan]().ID)).All(ctx))(t)
		expect(t, wholeGuild, kindsOf(t, staff)) // they are conditions on queries for the subclass alone
	})
}

func TestWithPolymorphicGoesWithTheRestOfAQuery(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, _ := db.withGuild(t)
		ctx, r := t.Context(), refsOfGuild()
		q := orm.Query[Artisan](s).WithPolymorphic()
		both := get(q.Filter(orm.C(&r.p.Clay).Eq("red")).Union(orm.Query[Artisan](s).Filter(orm.C(&r.a.Name).Eq("dan"))).OrderBy(orm.C(&r.a.ID)).All(ctx))(t)
		expect(t, []string{"potter bob red", "scribe dan 9"}, kindsOf(t, both))
		from := get(q.From(orm.Select(r.a).Where(orm.C(&r.a.Name).Eq("bob")).Subquery("w")).All(ctx))(t)
		expect(t, []string{"potter bob red"}, kindsOf(t, from))
		loaded := get(q.OrderBy(orm.C(&r.a.ID)).Options(orm.SelectInLoad(&r.a.Atelier, orm.JoinedLoad(&r.f.Staff))).All(ctx))(t)
		expect(t, wholeGuild, kindsOf(t, loaded[3].Atelier.Staff))
		if db.Dialect().Features().LockOf {
			expect(t, wholeGuild, kindsOf(t, get(q.OrderBy(orm.C(&r.a.ID)).ForUpdate(orm.LockOf(r.a)).All(ctx))(t)))
		}
		db.statements()
		expect(t, int64(1), get(q.Filter(orm.C(&r.w.Pages).Eq(9)).Update(ctx, orm.C(&r.a.Level).Set(3)))(t))
		expect(t, int64(1), get(q.Filter(orm.C(&r.g.Colours).Eq(3)).Delete(ctx))(t))
		expect(t, []string{"UPDATE artisans", "DELETE glaziers", "DELETE potters", "DELETE artisans"}, tablesWritten(db.writes()))
		_, err := q.AllRows().Update(ctx, orm.C(&r.p.Clay).Set("x"))
		expectKind(t, orm.ErrArgument, err)
		_, err = orm.Exec(ctx, s, orm.Update(r.p).Set(orm.C(&r.p.Clay).Set("x")).AllRows())
		expectKind(t, orm.ErrUnsupported, err)
		_, err = orm.Exec(ctx, s, orm.Delete(r.p).AllRows())
		expectKind(t, orm.ErrUnsupported, err)
	})
}

func TestRowsOfAConditionArePickedAcrossTables(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, h := db.withGuild(t)
		ctx, r := t.Context(), refsOfGuild()
		potters := orm.Query[Potter](s)
		expect(t, int64(1), get(potters.OrderBy(orm.C(&r.p.ID)).Limit(1).Update(ctx, orm.C(&r.p.Clay).Set("one"), orm.C(&r.p.Name).Set("uno")))(t))
		expect(t, int64(1), get(potters.Join(&r.p.Tools).Filter(orm.C(&r.t.Name).Eq("wheel")).Update(ctx, orm.C(&r.p.Kiln).Set("gas")))(t))
		expect(t, int64(1), get(orm.Query[Glazier](s).AllRows().Update(ctx, orm.C(&r.g.Clay).SetExpr(orm.Concat(orm.C(&r.g.Clay), orm.Lit("!")))))(t))
		expect(t, int64(1), get(orm.Query[Scribe](s).Join(&r.w.Atelier).Filter(orm.C(&r.f.Name).Eq("north")).Update(ctx, orm.C(&r.w.Pages).Set(3)))(t))
		for _, o := range h.all() {
			must(t, orm.Load(ctx, o))
		}
		expect(t, []any{"one", "uno", "gas", "white!", int64(3)}, []any{h.potter.Clay, h.potter.Name, h.potter.Kiln, h.glazier.Clay, h.scribe.Pages})
		_, err := orm.Query[Glazier](s).AllRows().Update(ctx, orm.C(&r.g.Name).SetExpr(orm.C(&r.g.Clay)))
		expectKind(t, orm.ErrUnknownName, err) // a value of another table
		must(t, s.Rollback(ctx))
	})
}
