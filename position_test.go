package orm_test

import (
	"slices"
	"testing"

	"github.com/aurum-go/orm"
)

// Mixtape keeps its songs in the order of the slice.
type Mixtape struct {
	orm.Base `orm:"table:mixtapes"`

	ID    int64
	Name  string      `orm:"size:50"`
	Songs []*TapeSong `orm:"back_populates:Mixtape;position:Place;cascade:all,delete-orphan"`
}

type TapeSong struct {
	orm.Base `orm:"table:mixtape_tracks"`

	ID        int64
	Title     string `orm:"size:50"`
	Place     uint8
	MixtapeID int64
	Mixtape   *Mixtape `orm:"back_populates:Songs"`
}

var jukebox = orm.MustRegister(&Mixtape{}, &TapeSong{})

func newPlaylist(t *testing.T, db *testDB) (*orm.Session, *Mixtape) {
	t.Helper()
	s, list := db.withTables(t, jukebox).session(t), &Mixtape{Name: "p"}
	for _, title := range []string{"a", "b", "c", "d"} {
		list.Songs = append(list.Songs, &TapeSong{Title: title})
	}
	s.Add(list)
	must(t, s.Commit(t.Context()))
	db.statements()
	return s, list
}

// listed are the titles as another session reads them.
func (db *testDB) listed(t *testing.T) (titles []string) {
	t.Helper()
	s, p := db.session(t), orm.Entity[Mixtape]()
	for _, song := range get(orm.Query[Mixtape](s).Options(orm.SelectInLoad(&p.Songs)).First(t.Context()))(t).Songs {
		titles = append(titles, song.Title)
	}
	must(t, s.Close())
	db.statements()
	return titles
}

func TestPositionsFollowTheListAndWriteOnlyWhatMoved(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, list := newPlaylist(t, db)
		ctx := t.Context()
		expect(t, []string{"a", "b", "c", "d"}, db.listed(t))
		list.Songs[2], list.Songs[3] = list.Songs[3], list.Songs[2]
		expect(t, true, s.IsModified(list))
		must(t, s.Flush(ctx))
		expect(t, []string{"UPDATE"}, slices.Compact(heads(db.plainStatements())))
		expect(t, []uint8{0, 1, 2, 3}, []uint8{list.Songs[0].Place, list.Songs[1].Place, list.Songs[2].Place, list.Songs[3].Place})
		expect(t, false, s.IsModified(list))
		must(t, s.Commit(ctx))
		expect(t, []string{"a", "b", "d", "c"}, db.listed(t))
		list.Songs = slices.Insert(list.Songs, 1, &TapeSong{Title: "new"})
		list.Songs = slices.Delete(list.Songs, 0, 1)
		must(t, s.Commit(ctx))
		expect(t, []string{"INSERT", "DELETE"}, heads(db.plainStatements()))
		expect(t, []string{"new", "b", "d", "c"}, db.listed(t))
		expect(t, []int64{0, 1, 2, 3}, ints(t, db, "SELECT place FROM mixtape_tracks ORDER BY place"))
	})
}

func TestPositionsGoBackOnRollback(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, list := newPlaylist(t, db)
		ctx, a := t.Context(), list.Songs[0]
		slices.Reverse(list.Songs)
		must(t, s.Flush(ctx))
		expect(t, uint8(3), a.Place)
		must(t, s.Rollback(ctx))
		expect(t, []any{uint8(0), true}, []any{a.Place, list.Songs[0] == a})
		slices.Reverse(list.Songs)
		must(t, s.Rollback(ctx))
		expect(t, true, list.Songs[0] == a)
	})
}

func TestPositionsFollowFromTheOtherSide(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, list := newPlaylist(t, db)
		ctx := t.Context()
		s.Add(&TapeSong{Title: "e", Mixtape: list})
		must(t, s.Commit(ctx))
		expect(t, uint8(4), list.Songs[4].Place)
		s.ExpungeAll()
		list = get(orm.Query[Mixtape](s).First(ctx))(t)
		list.Songs = append(list.Songs, &TapeSong{Title: "f", Place: 9})
		must(t, s.Commit(ctx))
		expect(t, []string{"a", "b", "c", "d", "e", "f"}, db.listed(t))
	})
}

// Tier keeps its chairs in the order of the slice, and no two have the same place.
type Tier struct {
	orm.Base `orm:"table:tiers"`

	ID     int64
	Name   string   `orm:"size:20"`
	Chairs []*Chair `orm:"back_populates:Tier;position:Place"`
}

type Chair struct {
	orm.Base `orm:"table:chairs;unique:(tier_id,place)"`

	ID      int64
	Name    string `orm:"size:20"`
	TierID  *int64
	Place   uint8
	Tier    *Tier `orm:"back_populates:Chairs"`
	Version int   `orm:"version"`
}

var stalls = orm.MustRegister(&Tier{}, &Chair{})

func chairsNamed(names ...string) (chairs []*Chair) {
	for _, name := range names {
		chairs = append(chairs, &Chair{Name: name})
	}
	return chairs
}

// Objects change places in one flush though positions are unique: those in the way
// go to free positions first.
func TestUniquePositionsChangePlaces(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withTables(t, stalls)
		update := "UPDATE chairs"
		for name, c := range map[string]struct {
			change func(a, b *Tier)
			want   []string
		}{
			"swapped":      {func(a, _ *Tier) { a.Chairs[0], a.Chairs[1] = a.Chairs[1], a.Chairs[0] }, []string{update, update}},
			"reversed":     {func(a, _ *Tier) { slices.Reverse(a.Chairs) }, []string{update, update}},
			"in a circle":  {func(a, _ *Tier) { a.Chairs = slices.Concat(a.Chairs[1:], a.Chairs[:1]) }, []string{update, update}},
			"appended":     {func(a, _ *Tier) { a.Chairs = append(a.Chairs, &Chair{Name: "new"}) }, []string{"INSERT chairs"}},
			"put in front": {func(a, _ *Tier) { a.Chairs = slices.Insert(a.Chairs, 0, &Chair{Name: "new"}) }, []string{update, update, update, "INSERT chairs"}},
			"taken away":   {func(a, _ *Tier) { a.Chairs = slices.Delete(a.Chairs, 0, 1) }, nil},
			"exchanged":    {func(a, b *Tier) { a.Chairs[0], b.Chairs[1] = b.Chairs[1], a.Chairs[0] }, nil},
			"both swapped": {func(a, b *Tier) { a.Chairs, b.Chairs = b.Chairs, a.Chairs }, nil},
			"moved along":  {func(a, b *Tier) { b.Chairs = append(a.Chairs[:1:1], b.Chairs...); a.Chairs = a.Chairs[1:] }, nil},
			"and renamed":  {func(a, _ *Tier) { slices.Reverse(a.Chairs); a.Chairs[1].Name = "other" }, nil},
			"replaced":     {func(a, _ *Tier) { a.Chairs[1] = &Chair{Name: "new"} }, nil},
			"all at once": {func(a, b *Tier) {
				a.Chairs = []*Chair{b.Chairs[2], {Name: "new"}, a.Chairs[3], a.Chairs[0]}
				b.Chairs = b.Chairs[:2]
			}, nil},
			"not at all":    {func(a, _ *Tier) { a.Chairs = slices.Clone(a.Chairs) }, []string{}},
			"and the tiers": {func(a, b *Tier) { a.Name = "other"; slices.Reverse(b.Chairs) }, []string{update, update, "UPDATE tiers"}},
		} {
			s, ctx := db.session(t), t.Context()
			a, b := &Tier{Chairs: chairsNamed("a", "b", "c", "d")}, &Tier{Chairs: chairsNamed("e", "f", "g")}
			s.Add(a, b)
			must(t, s.Commit(ctx))
			get(orm.Query[Chair](s).All(ctx))(t)
			get(orm.Query[Tier](s).Options(orm.SelectInLoad(&orm.Entity[Tier]().Chairs)).All(ctx))(t)
			db.statements()
			c.change(a, b)
			if err := s.Flush(ctx); err != nil {
				t.Errorf("%s: %v", name, err)
				must(t, s.Rollback(ctx))
				continue
			}
			if sent := targets(db.plainStatements()); c.want != nil && !slices.Equal(sorted(sent), sorted(c.want)) {
				t.Errorf("%s: %v, and not %v", name, sent, c.want)
			}
			expect(t, 0, len(s.Dirty()))
			must(t, s.Commit(ctx))
			for _, tier := range []*Tier{a, b} {
				want := []string{}
				for _, chair := range tier.Chairs {
					want = append(want, chair.Name)
				}
				got := get(orm.Fetch[string](ctx, db.Engine, orm.Text("SELECT name FROM chairs WHERE tier_id = ? ORDER BY place", tier.ID)))(t)
				expect(t, want, append([]string{}, got...))
			}
			orm.DeleteAll(s, get(orm.Query[Chair](s).All(ctx))(t))
			orm.DeleteAll(s, get(orm.Query[Tier](s).All(ctx))(t))
			must(t, s.Commit(ctx))
		}
	})
}

// After a rollback unique positions are what they were; and where no free one fits
// the field, nothing is sent that would fail half way.
func TestUniquePositionsGoBackOnRollbackAndFitTheirField(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, stalls).session(t), t.Context()
		a := &Tier{Chairs: chairsNamed("a", "b", "c")}
		s.Add(a)
		must(t, s.Commit(ctx))
		first := a.Chairs[0]
		slices.Reverse(a.Chairs)
		must(t, s.Flush(ctx))
		expect(t, []any{uint8(2), 3}, []any{first.Place, first.Version})
		must(t, s.Rollback(ctx))
		expect(t, []any{uint8(0), 1, true}, []any{first.Place, first.Version, a.Chairs[0] == first})
		for range 253 {
			a.Chairs = append(a.Chairs, &Chair{Name: "x"})
		}
		must(t, s.Commit(ctx))
		get(orm.Query[Tier](s).Options(orm.SelectInLoad(&orm.Entity[Tier]().Chairs)).All(ctx))(t)
		slices.Reverse(a.Chairs)
		expectKind(t, orm.ErrValue, s.Flush(ctx))
		must(t, s.Rollback(ctx))
		expect(t, uint8(0), first.Place)
	})
}
