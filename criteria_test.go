// This file tests criteria: that what they hide is met on no way to the rows, and
// is not forgotten where it has to be known.

package orm_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aurum-go/orm"
)

// Binned is a mixin: rows that were thrown away and are kept.
type Binned struct {
	BinnedAt *time.Time
}

// OfTenant is a mixin: whose rows they are.
type OfTenant struct {
	Tenant string `orm:"size:20"`
}

type Club struct {
	orm.Base `orm:"table:clubs"`
	ID       int64  `orm:"primary_key"`
	Name     string `orm:"size:50"`
	OfTenant
	Binned
	Members []*Member `orm:"back_populates:Club;cascade:all,delete-orphan;order_by:ID"`
	Badges  []*Badge  `orm:"secondary:club_badges;back_populates:Clubs;order_by:ID"`
	Hall    *Hall     `orm:"back_populates:Club"`
}

type Member struct {
	orm.Base `orm:"table:members"`
	ID       int64  `orm:"primary_key"`
	Name     string `orm:"size:50"`
	Notes    string `orm:"type:text;deferred"`
	OfTenant
	Binned
	ClubID    int64
	Club      *Club  `orm:"back_populates:Members"`
	SponsorID *int64 `orm:"foreign_key:members.id"`
	Sponsor   *Member
}

type Badge struct {
	orm.Base `orm:"table:badges"`
	ID       int64  `orm:"primary_key"`
	Name     string `orm:"size:50"`
	OfTenant
	Binned
	Clubs []*Club `orm:"secondary:club_badges;back_populates:Badges;order_by:ID"`
}

type Hall struct {
	orm.Base `orm:"table:halls"`
	ID       int64  `orm:"primary_key"`
	Name     string `orm:"size:50"`
	OfTenant
	Binned
	ClubID *int64 `orm:"unique"`
	Club   *Club  `orm:"back_populates:Hall"`
}

var clubs = orm.MustRegister(&Club{}, &Member{}, &Badge{}, &Hall{})

// notBinned hides what was thrown away.
var notBinned = orm.CriteriaFor(func(b *Binned) orm.Expr[bool] { return orm.N(&b.BinnedAt).IsNull() })

// ofTenant hides what is not a tenant's.
func ofTenant(name string) orm.Criteria {
	return orm.CriteriaFor(func(t *OfTenant) orm.Expr[bool] { return orm.C(&t.Tenant).Eq(name) })
}

// clubhouse is a database where every second row is not to be seen: its name
// begins with an x.
type clubhouse struct {
	*orm.Session
	db *testDB
	c  *Club
	m  *Member
	b  *Badge
	h  *Hall
}

func newClubhouse(t *testing.T, db *testDB) *clubhouse {
	t.Helper()
	s := db.withTables(t, clubs).session(t)
	at, mine := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), OfTenant{"mine"}
	seen, binned, other := Binned{}, Binned{&at}, OfTenant{"other"}
	badges := []*Badge{{ID: 1, Name: "gold", OfTenant: mine}, {ID: 2, Name: "xbronze", OfTenant: mine, Binned: binned}, {ID: 3, Name: "xlead", OfTenant: other}}
	s.Add(
		&Club{ID: 1, Name: "chess", OfTenant: mine, Badges: badges, Hall: &Hall{ID: 1, Name: "xcellar", OfTenant: mine, Binned: binned}},
		&Club{ID: 2, Name: "xgo", OfTenant: mine, Binned: binned, Badges: badges[:1]}, &Club{ID: 3, Name: "xludo", OfTenant: other},
		&Club{ID: 4, Name: "bridge", OfTenant: mine},
	)
	must(t, s.Commit(t.Context()))
	for _, m := range []*Member{
		{ID: 1, Name: "ann", OfTenant: mine, Binned: seen, ClubID: 1},
		{ID: 2, Name: "xbob", OfTenant: mine, Binned: binned, ClubID: 1},
		{ID: 3, Name: "xcyd", OfTenant: other, ClubID: 1},
		{ID: 4, Name: "dan", OfTenant: mine, ClubID: 1, SponsorID: new(int64(2))},
		{ID: 5, Name: "eve", OfTenant: mine, ClubID: 2, SponsorID: new(int64(1))},
	} {
		s.Add(m)
		must(t, s.Flush(t.Context()))
	}
	must(t, s.Commit(t.Context()))
	db.statements()
	return &clubhouse{
		Session: db.session(t, orm.WithCriteria(notBinned, ofTenant("mine"))), db: db,
		c: orm.Entity[Club](), m: orm.Entity[Member](), b: orm.Entity[Badge](), h: orm.Entity[Hall](),
	}
}

// named are the names of objects and of what they lead to.
func (h *clubhouse) namesOf(objects ...any) (names []string) {
	for _, o := range objects {
		switch o := o.(type) {
		case []*Club:
			for _, c := range o {
				names = append(names, h.namesOf(c)...)
			}
		case *Club:
			if o != nil {
				names = append(names, o.Name)
				names = append(names, h.namesOf(o.Members, o.Badges, o.Hall)...)
			}
		case []*Member:
			for _, m := range o {
				names = append(names, m.Name)
			}
		case []*Badge:
			for _, b := range o {
				names = append(names, b.Name)
			}
		case *Hall:
			if o != nil {
				names = append(names, o.Name)
			}
		}
	}
	return names
}

func loadedNames(objects []*Member) (names []string) {
	for _, m := range objects {
		names = append(names, m.Name)
		if m.Club != nil {
			names = append(names, "of "+m.Club.Name)
		}
		if m.Sponsor != nil {
			names = append(names, "by "+m.Sponsor.Name)
		}
	}
	return names
}

// everyWay is all the ways in which a session comes to rows, and what is to be
// met there.
var everyWay = []struct {
	name string
	want []string
	read func(ctx context.Context, h *clubhouse) ([]string, error)
}{
	{"query", []string{"chess", "bridge"}, func(ctx context.Context, h *clubhouse) ([]string, error) {
		found, err := h.clubs().All(ctx)
		return h.namesOf(found), err
	}},
	{"a condition with OR", []string{"chess", "bridge"}, func(ctx context.Context, h *clubhouse) ([]string, error) {
		found, err := h.clubs().Filter(orm.Or(orm.C(&h.c.ID).Gt(0), orm.C(&h.c.Name).Eq("xgo"))).All(ctx)
		return h.namesOf(found), err
	}},
	{"alias", []string{"ann", "dan"}, func(ctx context.Context, h *clubhouse) ([]string, error) {
		other := orm.Alias[Member]("sponsored")
		return orm.Fetch[string](ctx, h.Session, orm.Select(orm.C(&other.Name)).From(other).Where(orm.C(&other.ClubID).Eq(1)).OrderBy(orm.C(&other.ID)))
	}},
	{"untracked", []string{"chess", "bridge"}, func(ctx context.Context, h *clubhouse) ([]string, error) {
		found, err := h.clubs().Untracked().All(ctx)
		return h.namesOf(found), err
	}},
	{"select-in", []string{"chess", "ann", "dan", "gold", "bridge"}, func(ctx context.Context, h *clubhouse) ([]string, error) {
		found, err := h.clubs().Options(orm.SelectInLoad(&h.c.Members), orm.SelectInLoad(&h.c.Badges), orm.SelectInLoad(&h.c.Hall)).All(ctx)
		return h.namesOf(found), err
	}},
	{"joined", []string{"chess", "ann", "dan", "gold", "bridge"}, func(ctx context.Context, h *clubhouse) ([]string, error) {
		found, err := h.clubs().Options(orm.JoinedLoad(&h.c.Members), orm.JoinedLoad(&h.c.Badges), orm.JoinedLoad(&h.c.Hall)).All(ctx)
		return h.namesOf(found), err
	}},
	{"joined below a limit", []string{"chess", "ann", "dan", "gold"}, func(ctx context.Context, h *clubhouse) ([]string, error) {
		found, err := h.clubs().Limit(1).Options(orm.JoinedLoad(&h.c.Members), orm.JoinedLoad(&h.c.Badges)).All(ctx)
		return h.namesOf(found), err
	}},
	{"subquery", []string{"chess", "ann", "dan", "gold", "bridge"}, func(ctx context.Context, h *clubhouse) ([]string, error) {
		found, err := h.clubs().Options(orm.SubqueryLoad(&h.c.Members), orm.SubqueryLoad(&h.c.Badges), orm.SubqueryLoad(&h.c.Hall)).All(ctx)
		return h.namesOf(found), err
	}},
	{"contains eager", []string{"chess", "ann", "dan"}, func(ctx context.Context, h *clubhouse) ([]string, error) {
		found, err := h.clubs().Join(&h.c.Members).OrderBy(orm.C(&h.m.ID)).Options(orm.ContainsEager(&h.c.Members)).All(ctx)
		return h.namesOf(found), err
	}},
	{"a reference that must be there, joined", []string{"ann", "of chess", "dan", "of chess", "eve", "by ann"}, func(ctx context.Context, h *clubhouse) ([]string, error) {
		found, err := h.members().Options(orm.JoinedLoad(&h.m.Club), orm.JoinedLoad(&h.m.Sponsor)).All(ctx)
		return loadedNames(found), err
	}},
	{"a reference, select-in", []string{"ann", "of chess", "dan", "of chess", "eve", "by ann"}, func(ctx context.Context, h *clubhouse) ([]string, error) {
		found, err := h.members().Options(orm.SelectInLoad(&h.m.Club), orm.SelectInLoad(&h.m.Sponsor)).All(ctx)
		return loadedNames(found), err
	}},
	{"later", []string{"chess", "ann", "dan", "gold"}, func(ctx context.Context, h *clubhouse) ([]string, error) {
		c, err := orm.Get[Club](ctx, h.Session, 1)
		if err == nil {
			err = orm.Load(ctx, c, &c.Members, &c.Badges, &c.Hall)
		}
		return h.namesOf(c), err
	}},
	{"a reference, later, and in memory", []string{"eve"}, func(ctx context.Context, h *clubhouse) ([]string, error) {
		if _, err := h.clubs().WithoutCriteria().All(ctx); err != nil {
			return nil, err
		}
		eve, err := orm.Get[Member](ctx, h.Session, 5)
		if err == nil {
			err = orm.Load(ctx, eve, &eve.Club)
		}
		return loadedNames([]*Member{eve}), err
	}},
	{"refresh of a collection", []string{"chess", "ann", "dan"}, func(ctx context.Context, h *clubhouse) ([]string, error) {
		c, err := orm.Get[Club](ctx, h.Session, 1)
		if err == nil {
			err = h.Refresh(ctx, c, &c.Members)
		}
		return h.namesOf(c), err
	}},
	{"join", []string{"ann", "dan"}, func(ctx context.Context, h *clubhouse) ([]string, error) {
		return orm.Fetch[string](ctx, h.Session, orm.Select(orm.C(&h.m.Name)).From(h.c).Join(&h.c.Members).OrderBy(orm.C(&h.m.ID)))
	}},
	{"outer join", []string{"chess ann", "chess dan", "bridge -"}, func(ctx context.Context, h *clubhouse) ([]string, error) {
		name := orm.Coalesce(orm.C(&h.m.Name), orm.Lit("-"))
		return orm.Fetch[string](ctx, h.Session, orm.Select(orm.Concat(orm.C(&h.c.Name), orm.Lit(" "), name)).From(h.c).OuterJoin(&h.c.Members).OrderBy(orm.C(&h.c.ID), orm.C(&h.m.ID)))
	}},
	{"join over a link table", []string{"gold"}, func(ctx context.Context, h *clubhouse) ([]string, error) {
		return orm.Fetch[string](ctx, h.Session, orm.Select(orm.C(&h.b.Name)).From(h.c).Join(&h.c.Badges))
	}},
	{"a subquery", []string{"ann", "dan"}, func(ctx context.Context, h *clubhouse) ([]string, error) {
		return orm.Fetch[string](ctx, h.Session, orm.Select(orm.C(&h.m.Name)).Where(orm.C(&h.m.ClubID).InSelect(orm.Select(orm.C(&h.c.ID)))).OrderBy(orm.C(&h.m.ID)))
	}},
	{"a table of FROM", []string{"ann", "dan", "eve"}, func(ctx context.Context, h *clubhouse) ([]string, error) {
		sub := orm.Select(orm.C(&h.m.ID).As("id"), orm.C(&h.m.Name).As("name")).Subquery("sub")
		return orm.Fetch[string](ctx, h.Session, orm.Select(sub.C("name")).From(sub).OrderBy(sub.C("id")))
	}},
	{"a union", []string{"bridge", "chess", "gold"}, func(ctx context.Context, h *clubhouse) ([]string, error) {
		return orm.Fetch[string](ctx, h.Session, orm.Union(orm.Select(orm.C(&h.c.Name).As("name")), orm.Select(orm.C(&h.b.Name))).OrderBy(orm.F("name")))
	}},
	{"the table itself", []string{"chess", "bridge"}, func(ctx context.Context, h *clubhouse) ([]string, error) {
		table := get2(orm.Inspect(h.c)).Table()
		return orm.Fetch[string](ctx, h.Session, orm.Select(table.C("name")).OrderBy(table.C("id")))
	}},
	{"any", []string{"chess"}, func(ctx context.Context, h *clubhouse) ([]string, error) {
		found, err := h.clubs().Filter(orm.Many(&h.c.Members).Any()).All(ctx)
		return h.namesOf(found), err
	}},
	{"any that is hidden", nil, func(ctx context.Context, h *clubhouse) ([]string, error) {
		found, err := h.clubs().Filter(orm.Many(&h.c.Members).Any(orm.C(&h.m.Name).Eq("xbob"))).All(ctx)
		return h.namesOf(found), err
	}},
	{"has", []string{"ann", "of chess", "dan", "of chess"}, func(ctx context.Context, h *clubhouse) ([]string, error) {
		found, err := h.members().Filter(orm.One(&h.m.Club).Has()).Options(orm.SelectInLoad(&h.m.Club)).All(ctx)
		return loadedNames(found), err
	}},
	{"contains by a link table", nil, func(ctx context.Context, h *clubhouse) ([]string, error) {
		found, err := h.clubs().Filter(orm.Many(&h.c.Badges).Contains(&Badge{ID: 2})).All(ctx)
		return h.namesOf(found), err
	}},
	{"of a one-to-one that is hidden", []string{"chess", "bridge"}, func(ctx context.Context, h *clubhouse) ([]string, error) {
		found, err := h.clubs().Filter(orm.One(&h.c.Hall).IsNull()).All(ctx)
		return h.namesOf(found), err
	}},
	{"a collection that is only asked of", []string{"ann", "dan"}, func(ctx context.Context, h *clubhouse) ([]string, error) {
		c, err := orm.Get[Club](ctx, h.Session, 1)
		if err != nil {
			return nil, err
		}
		found, err := orm.Collection(c, &c.Members).Query().All(ctx)
		return h.namesOf(found), err
	}},
	{"pluck", []string{"chess", "bridge"}, func(ctx context.Context, h *clubhouse) ([]string, error) {
		return orm.Pluck(ctx, h.clubs(), orm.C(&h.c.Name))
	}},
	{"locked", []string{"chess", "bridge"}, func(ctx context.Context, h *clubhouse) ([]string, error) {
		found, err := h.clubs().ForUpdate().All(ctx)
		return h.namesOf(found), err
	}},
	{"streamed by blocks", []string{"chess", "ann", "dan", "bridge"}, func(ctx context.Context, h *clubhouse) (names []string, err error) {
		for c, err := range h.clubs().Options(orm.SelectInLoad(&h.c.Members)).Iter(ctx) {
			if err != nil {
				return nil, err
			}
			names = append(names, h.namesOf(c)...)
		}
		return names, nil
	}},
	{"streamed", []string{"chess", "bridge"}, func(ctx context.Context, h *clubhouse) (names []string, err error) {
		for c, err := range h.clubs().Iter(ctx) {
			if err != nil {
				return nil, err
			}
			names = append(names, c.Name)
		}
		return names, nil
	}},
}

// get2 is for what cannot fail here.
func get2[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func (h *clubhouse) clubs() *orm.EntityQuery[Club] {
	return orm.Query[Club](h.Session).OrderBy(orm.C(&h.c.ID))
}

func (h *clubhouse) members() *orm.EntityQuery[Member] {
	return orm.Query[Member](h.Session).OrderBy(orm.C(&h.m.ID))
}

// What criteria hide is met on no way that leads to rows: not by a query, not by
// what is loaded with it or later, not in joins, subqueries and conditions.
func TestCriteriaHoldOnEveryWayToTheRows(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		h := newClubhouse(t, db)
		for _, way := range everyWay {
			t.Run(way.name, func(t *testing.T) {
				h.ExpungeAll()
				names, err := way.read(t.Context(), h)
				must(t, err)
				expect(t, way.want, names)
				if slices.ContainsFunc(names, func(name string) bool { return strings.Contains(name, "x") }) {
					t.Error("a row is seen that is hidden")
				}
				expect(t, 0, len(h.Dirty()))
			})
		}
	})
}

// Counting, asking and getting by key see no more than a query does, and what is
// in memory already is no way round.
func TestCriteriaHoldForCountExistsGetRefreshAndLoad(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		h, ctx := newClubhouse(t, db), t.Context()
		expect(t, int64(2), get(h.clubs().Count(ctx))(t))
		expect(t, false, get(h.clubs().Filter(orm.C(&h.c.Name).Eq("xgo")).Exists(ctx))(t))
		all := get(h.members().WithoutCriteria().Options(orm.SelectInLoad(&h.m.Club)).All(ctx))(t)
		expect(t, []string{"ann", "of chess", "xbob", "of chess", "xcyd", "of chess", "dan", "of chess", "eve", "of xgo"}, loadedNames(all))
		_, err := orm.Get[Member](ctx, h.Session, 2)
		expectKind(t, orm.ErrNoRows, err)
		expectState(t, orm.Persistent, all[1])
		expectKind(t, orm.ErrNoRows, h.Refresh(ctx, all[1]))
		expectKind(t, orm.ErrNoRows, h.Lock(ctx, all[1]))
		expectKind(t, orm.ErrNoRows, orm.Load(ctx, all[1], &all[1].Notes))
		if got := get(orm.Get[Member](ctx, h.Session, 1))(t); got != all[0] {
			t.Error("what may be seen is another object")
		}
	})
}

// What is thrown away is not seen any more, and is when it is asked for.
func TestWhatBecomesHiddenIsNotReadAgain(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		h, ctx := newClubhouse(t, db), t.Context()
		ann := get(orm.Get[Member](ctx, h.Session, 1))(t)
		ann.BinnedAt = new(time.Now())
		must(t, h.Commit(ctx))
		_, err := orm.Get[Member](ctx, h.Session, 1)
		expectKind(t, orm.ErrNoRows, err)
		expect(t, []string{"dan", "eve"}, h.namesOf(get(h.members().All(ctx))(t)))
		ann.BinnedAt = nil
		must(t, h.Commit(ctx))
		expect(t, []string{"ann", "dan", "eve"}, h.namesOf(get(h.members().All(ctx))(t)))
	})
}

// Statements say where criteria hold: in WHERE, and for the right side of an outer
// join in its condition, so that the left side loses nothing.
func TestCriteriaStandWhereTheyHideRowsOfTheirTableAlone(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		h, ctx := newClubhouse(t, db), t.Context()
		clubHolds, memberHolds := "clubs.binned_at IS NULL AND clubs.tenant = ?", "members.binned_at IS NULL AND members.tenant = ?"
		badgeHolds := "badges.binned_at IS NULL AND badges.tenant = ?"
		for _, test := range []struct {
			stmt orm.Statement
			want string
		}{
			{orm.Select(orm.C(&h.c.ID)).Where(orm.Or(orm.C(&h.c.ID).Eq(1), orm.C(&h.c.ID).Eq(2))), "SELECT clubs.id FROM clubs WHERE (clubs.id = ? OR clubs.id = ?) AND " + clubHolds},
			{orm.Select(orm.C(&h.c.ID)).From(h.c).Join(&h.c.Members), "SELECT clubs.id FROM clubs JOIN members ON members.club_id = clubs.id WHERE " + clubHolds + " AND " + memberHolds},
			{orm.Select(orm.C(&h.c.ID)).From(h.c).OuterJoin(&h.c.Members), "SELECT clubs.id FROM clubs LEFT OUTER JOIN members ON members.club_id = clubs.id AND " + memberHolds + " WHERE " + clubHolds},
			{orm.Select(orm.C(&h.c.ID)).From(h.c).OuterJoin(h.h), "SELECT clubs.id FROM clubs LEFT OUTER JOIN halls ON clubs.id = halls.club_id AND halls.binned_at IS NULL AND halls.tenant = ? WHERE " + clubHolds},
			{
				orm.Select(orm.C(&h.c.ID)).From(h.c).OuterJoin(&h.c.Badges),
				"SELECT clubs.id FROM clubs LEFT OUTER JOIN (club_badges JOIN badges ON badges.id = club_badges.badge_id) ON club_badges.club_id = clubs.id AND " + badgeHolds + " WHERE " + clubHolds,
			},
			{
				orm.Select(orm.C(&h.c.ID)).Where(orm.Many(&h.c.Members).Any(orm.C(&h.m.Name).Eq("ann"))),
				"SELECT clubs.id FROM clubs WHERE EXISTS (SELECT 1 FROM members WHERE members.club_id = clubs.id AND members.name = ? AND " + memberHolds + ") AND " + clubHolds,
			},
			{
				orm.Select(orm.C(&h.c.ID)).Where(orm.Many(&h.c.Badges).Contains(&Badge{ID: 1})),
				"SELECT clubs.id FROM clubs WHERE EXISTS (SELECT 1 FROM club_badges JOIN badges ON badges.id = club_badges.badge_id WHERE club_badges.club_id = clubs.id AND club_badges.badge_id = ? AND " + badgeHolds + ") AND " + clubHolds,
			},
			{orm.Select(orm.C(&h.c.ID)).WithoutCriteria(), "SELECT clubs.id FROM clubs"},
			{orm.Select(orm.C(&h.c.ID)).WithoutCriteria().WithCriteria(notBinned), "SELECT clubs.id FROM clubs WHERE clubs.binned_at IS NULL"},
			{orm.Select(orm.C(&h.c.ID)).WithCriteria(notBinned), "SELECT clubs.id FROM clubs WHERE " + clubHolds},
		} {
			_ = get(orm.Fetch[int64](ctx, h.Session, test.stmt))(t)
			expect(t, []string{test.want}, db.plainStatements())
		}
	})
}

// What is written by conditions is what can be seen, and to hide rows is not to
// name them: without a condition of its own a statement is refused.
func TestCriteriaHoldForBulkWrites(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		h, ctx := newClubhouse(t, db), t.Context()
		changed := get(orm.Exec(ctx, h.Session, orm.Update(h.m).Set(orm.C(&h.m.Name).Set("new")).Where(orm.C(&h.m.ClubID).Eq(1))))(t)
		expect(t, int64(2), changed.RowsAffected())
		_, err := orm.Exec(ctx, h.Session, orm.Update(h.m).Set(orm.C(&h.m.Name).Set("new")))
		expectKind(t, orm.ErrNoFilter, err)
		get(orm.Get[Member](ctx, h.Session, 5))(t).SponsorID = nil
		deleted := get(orm.Exec(ctx, h.Session, orm.Delete(h.m).AllRows()))(t)
		expect(t, int64(3), deleted.RowsAffected())
		db.statements()
		_ = get(orm.Exec(ctx, h.Session, orm.Delete(h.b).Where(orm.C(&h.b.ID).Gt(0))))(t)
		expect(t, []string{"DELETE FROM badges WHERE badges.id > ? AND badges.binned_at IS NULL AND badges.tenant = ?"}, db.plainStatements())
		into := orm.Insert(h.b).FromSelect(orm.Select(orm.C(&h.c.ID).Plus(10), orm.C(&h.c.Name), orm.C(&h.c.Tenant)), orm.C(&h.b.ID), orm.C(&h.b.Name), orm.C(&h.b.Tenant))
		expect(t, int64(2), get(orm.Exec(ctx, h.Session, into))(t).RowsAffected())
		expect(t, int64(4), get(orm.Exec(ctx, h.Session, orm.Delete(h.b).AllRows().WithoutCriteria()))(t).RowsAffected())
		expect(t, int64(0), get(orm.Exec(ctx, h.Session, orm.Update(h.c).Set(orm.C(&h.c.Name).Set("none")).AllRows().WithCriteria(ofTenant("nobody"))))(t).RowsAffected())
	})
}

// A flush knows what criteria hide: what has to go with a deleted object goes, who
// gets a single place drives out whom nobody sees, and links that were not read
// stay.
func TestCriteriaHideNothingFromAFlush(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		h, ctx := newClubhouse(t, db), t.Context()
		chess := get(h.clubs().Options(orm.SelectInLoad(&h.c.Members), orm.SelectInLoad(&h.c.Badges), orm.SelectInLoad(&h.c.Hall)).First(ctx))(t)
		if !orm.Loaded(chess, &chess.Members) || !orm.Loaded(chess, &chess.Hall) {
			t.Error("what can be seen was read, and does not count as loaded")
		}
		chess.Badges = nil
		chess.Hall = &Hall{ID: 2, Name: "attic", OfTenant: OfTenant{"mine"}}
		must(t, h.Commit(ctx))
		expect(t, 2, len(get(orm.Fetch[int64](ctx, db.Engine, orm.Text("SELECT badge_id FROM club_badges WHERE club_id = 1")))(t)))
		expect(t, []*int64{nil, new(int64(1))}, get(orm.Fetch[*int64](ctx, db.Engine, orm.Select(orm.C(&h.h.ClubID)).OrderBy(orm.C(&h.h.ID))))(t))
		get(orm.Get[Member](ctx, h.Session, 5))(t).SponsorID = nil
		must(t, h.Commit(ctx))
		h.Delete(chess)
		must(t, h.Commit(ctx))
		expect(t, []int64{5}, get(orm.Fetch[int64](ctx, db.Engine, orm.Select(orm.C(&h.m.ID))))(t))
	})
}

// A reference to what cannot be seen stays what it is: the object says nothing of
// it, and writes nothing.
func TestReferenceToAHiddenRowIsLeftAlone(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		h, ctx := newClubhouse(t, db), t.Context()
		dan := get(h.members().Options(orm.JoinedLoad(&h.m.Sponsor)).Filter(orm.C(&h.m.ID).Eq(4)).One(ctx))(t)
		if dan.Sponsor != nil || *dan.SponsorID != 2 {
			t.Errorf("%+v", dan)
		}
		dan.Name = "dan 2"
		db.statements()
		must(t, h.Commit(ctx))
		expect(t, []string{"UPDATE members SET name = ? WHERE id = ?"}, db.plainStatements())
	})
}

// The condition is asked for anew for each statement, and holds for the whole of a
// query: also for what its options load.
func TestCriteriaAreAskedForEachStatement(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		h, ctx := newClubhouse(t, db), t.Context()
		name := "ann"
		one := orm.CriteriaFor(func(m *Member) orm.Expr[bool] { return orm.C(&m.Name).Eq(name) })
		q := h.clubs().WithCriteria(one).Options(orm.SelectInLoad(&h.c.Members)).Filter(orm.C(&h.c.ID).Eq(1))
		expect(t, []string{"chess", "ann"}, h.namesOf(get(q.One(ctx))(t)))
		h.ExpungeAll()
		name = "dan"
		expect(t, []string{"chess", "dan"}, h.namesOf(get(q.One(ctx))(t)))
		h.ExpungeAll()
		expect(t, []string{"chess", "ann", "xbob", "xcyd", "dan"}, h.namesOf(get(h.clubs().WithoutCriteria().Options(orm.SelectInLoad(&h.c.Members)).Filter(orm.C(&h.c.ID).Eq(1)).One(ctx))(t)))
	})
}

// Within a condition no criteria hold, so that it may ask about its own table.
func TestCriterionMayAskAboutItsOwnTable(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		h, ctx := newClubhouse(t, db), t.Context()
		other := orm.Alias[Member]("other")
		latest := orm.CriteriaFor(func(m *Member) orm.Expr[bool] {
			return orm.C(&m.ID).InSelect(orm.Select(orm.Max(orm.C(&other.ID))).From(other).GroupBy(orm.C(&other.ClubID)))
		})
		expect(t, []string{"dan", "eve"}, h.namesOf(get(h.members().WithCriteria(latest).All(ctx))(t)))
	})
}

// What merge copies goes to a row that can be seen, or becomes a new one.
func TestMergeSeesWhatCriteriaLeave(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		h, ctx := newClubhouse(t, db), t.Context()
		_ = get(orm.Merge(ctx, h.Session, &Member{ID: 3, Name: "taken over", ClubID: 1}))(t)
		expectKind(t, orm.ErrUniqueViolation, h.Commit(ctx))
		must(t, h.Rollback(ctx))
		merged := get(orm.Merge(ctx, h.Session, &Club{ID: 1, Name: "chess", OfTenant: OfTenant{"mine"}, Members: []*Member{{ID: 1, Name: "ann", OfTenant: OfTenant{"mine"}}}}))(t)
		must(t, h.Commit(ctx))
		expect(t, []string{"chess", "ann"}, h.namesOf(merged))
		expect(t, []int64{1, 2, 3, 5}, get(orm.Fetch[int64](ctx, db.Engine, orm.Select(orm.C(&h.m.ID)).OrderBy(orm.C(&h.m.ID))))(t))
	})
}

// Criteria that cannot hold are an error of every statement, and not silently none.
func TestMistakenCriteriaAreRefused(t *testing.T) {
	db, ctx := onSQLite(t), t.Context()
	h := newClubhouse(t, db)
	for _, test := range []struct {
		criteria orm.Criteria
		kind     error
		says     string
	}{
		{orm.Criteria{}, orm.ErrArgument, "make it with CriteriaFor"},
		{orm.CriteriaFor[Club](nil), orm.ErrArgument, "the function is nil"},
		{orm.CriteriaFor(func(*int) orm.Expr[bool] { return orm.True() }), orm.ErrArgument, "a int is no struct"},
		{orm.CriteriaFor(func(*Club) orm.Expr[bool] { return orm.Expr[bool]{} }), orm.ErrArgument, "zero Expr"},
		{orm.CriteriaFor(func(*Club) orm.Expr[bool] { return orm.C(&h.m.Name).Eq("x") }), orm.ErrUnknownName, "does not select from its table"},
	} {
		_, err := orm.Query[Club](db.session(t, orm.WithCriteria(test.criteria))).All(ctx)
		expectKind(t, test.kind, err)
		if err == nil || !strings.Contains(err.Error(), test.says) {
			t.Errorf("%v does not say: %s", err, test.says)
		}
	}
	_, err := orm.Fetch[int64](ctx, h.Session, orm.Select(orm.Count()).From(h.c).FullJoin(h.m))
	expectKind(t, orm.ErrUnsupported, err)
}
