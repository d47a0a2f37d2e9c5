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
