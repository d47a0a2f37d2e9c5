package orm_test

import (
	"slices"
	"testing"

	"github.com/aurum-go/orm"
)

// Disc holds its songs in maps, by a text and by a key that the database makes,
// and its genres in a set.
type Shellac struct {
	orm.Base `orm:"table:discs"`

	ID      int64
	Name    string              `orm:"size:50"`
	Cuts    map[string]*Cut     `orm:"key:Title;back_populates:Disc;cascade:all,delete-orphan"`
	Sleeves map[int64]*Sleeve   `orm:"key:ID;back_populates:Disc"`
	Styles  map[*Style]struct{} `orm:"secondary:disc_styles;back_populates:Discs"`
}

type Cut struct {
	orm.Base `orm:"table:cuts"`

	ID     int64
	Title  string `orm:"size:50"`
	DiscID int64
	Disc   *Shellac `orm:"back_populates:Cuts"`
}

type Sleeve struct {
	orm.Base `orm:"table:sleeves"`

	ID     int64
	DiscID *int64
	Disc   *Shellac `orm:"back_populates:Sleeves"`
}

type Style struct {
	orm.Base `orm:"table:styles"`

	ID    int64
	Name  string                `orm:"size:50"`
	Discs map[*Shellac]struct{} `orm:"secondary:disc_styles;back_populates:Styles"`
}

var discs = orm.MustRegister(&Shellac{}, &Cut{}, &Sleeve{}, &Style{})

func cutsOf(t *testing.T, db *testDB) []string {
	t.Helper()
	return get(orm.Fetch[string](t.Context(), db.Engine, orm.Text("SELECT title FROM cuts ORDER BY id")))(t)
}

func TestMapIsWrittenInTheOrderOfItsKeys(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, discs).session(t), t.Context()
		d := &Shellac{Name: "d", Cuts: map[string]*Cut{"c": {Title: "c"}, "a": {Title: "a"}, "b": {Title: "b"}}}
		s.Add(d)
		must(t, s.Commit(ctx))
		expect(t, []string{"a", "b", "c"}, cutsOf(t, db))
		b := d.Cuts["b"]
		expect(t, true, b.Disc == d)
		delete(d.Cuts, "a")
		d.Cuts["c"] = &Cut{Title: "c"} // replaces
		s.Add(&Cut{Title: "e", Disc: d})
		db.statements()
		must(t, s.Commit(ctx))
		expect(t, []string{"b", "e", "c"}, cutsOf(t, db))
		expect(t, []int{3, 1}, []int{len(d.Cuts), len(d.Cuts["e"].Title)})
		d = again[Shellac](t, s, d.ID)
		must(t, orm.Load(ctx, d, &d.Cuts, &d.Styles, &d.Sleeves))
		expect(t, []string{"b", "c", "e"}, []string{d.Cuts["b"].Title, d.Cuts["c"].Title, d.Cuts["e"].Title})
		expect(t, 0, len(s.Dirty()))
		d.Cuts["n"] = nil
		expectKind(t, orm.ErrArgument, s.Commit(ctx))
		must(t, s.Rollback(ctx))
		expect(t, 3, len(d.Cuts))
	})
}

func TestKeyOfAMapIsReadOnce(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, discs).session(t), t.Context()
		d := &Shellac{Name: "d", Cuts: map[string]*Cut{"a": {Title: "a"}, "x": {Title: "b"}}}
		s.Add(d)
		must(t, s.Commit(ctx))
		a := d.Cuts["a"]
		a.Title = "z"
		s.Add(&Cut{Title: "n", Disc: d})
		must(t, s.Commit(ctx))
		expect(t, true, d.Cuts["a"] == a && d.Cuts["x"].Title == "b" && d.Cuts["n"] != nil && len(d.Cuts) == 3)
		must(t, orm.Load(ctx, d, &d.Cuts))
		expect(t, true, d.Cuts["z"] == a && d.Cuts["b"] != nil && len(d.Cuts) == 3)
	})
}

func TestMapTakesKeysThatTheDatabaseMakes(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, discs).session(t), t.Context()
		d := &Shellac{Name: "d"}
		one, two := &Sleeve{Disc: d}, &Sleeve{Disc: d}
		s.Add(one, two)
		must(t, s.Flush(ctx))
		expect(t, true, len(d.Sleeves) == 2 && d.Sleeves[one.ID] == one && d.Sleeves[two.ID] == two)
		must(t, s.Rollback(ctx))
		expect(t, 0, len(d.Sleeves))
		s.Add(one, two)
		must(t, s.Commit(ctx))
		one.Disc = nil
		must(t, s.Commit(ctx))
		expect(t, true, len(d.Sleeves) == 1 && d.Sleeves[two.ID] == two)
		expect(t, []int64{1}, ints(t, db, "SELECT count(*) FROM sleeves WHERE disc_id IS NULL"))
		one.Disc = d
		must(t, s.Flush(ctx))
		expect(t, 2, len(d.Sleeves))
		must(t, s.Rollback(ctx))
		expect(t, true, len(d.Sleeves) == 1 && one.Disc == nil)
	})
}

func TestRowsWithOneMapKeyAreNotTakenForRemoved(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, discs).session(t), t.Context()
		d := &Shellac{Name: "d"}
		s.Add(d, &Cut{Title: "a", Disc: d}, &Cut{Title: "a", Disc: d})
		must(t, s.Commit(ctx))
		d = again[Shellac](t, s, d.ID)
		must(t, orm.Load(ctx, d, &d.Cuts))
		expect(t, 1, len(d.Cuts))
		d.Cuts["b"] = &Cut{Title: "b"}
		must(t, s.Commit(ctx))
		expect(t, []string{"a", "a", "b"}, cutsOf(t, db))
		s.Delete(d)
		must(t, s.Commit(ctx))
		expect(t, 0, len(cutsOf(t, db)))
	})
}

func TestSetIsWrittenByItsDifference(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, discs).session(t), t.Context()
		x, y, z := &Style{Name: "x"}, &Style{Name: "y"}, &Style{Name: "z"}
		d := &Shellac{Name: "d", Styles: map[*Style]struct{}{x: {}, y: {}}}
		z.Discs = map[*Shellac]struct{}{d: {}}
		s.Add(d, z)
		must(t, s.Commit(ctx))
		expect(t, 3, len(d.Styles))
		expect(t, []int64{3}, ints(t, db, "SELECT count(*) FROM disc_styles"))
		delete(d.Styles, x)
		delete(y.Discs, d)
		db.statements()
		must(t, s.Flush(ctx))
		expect(t, []string{"DELETE disc_styles"}, targets(db.statements()))
		expect(t, []int{1, 0, 0}, []int{len(d.Styles), len(x.Discs), len(y.Discs)})
		must(t, s.Rollback(ctx))
		expect(t, []int{3, 1, 1}, []int{len(d.Styles), len(x.Discs), len(y.Discs)})
		d.Styles[nil] = struct{}{}
		expectKind(t, orm.ErrArgument, s.Commit(ctx))
		must(t, s.Rollback(ctx))
		must(t, orm.Unrelate(d, &d.Styles, x))
		must(t, orm.Relate(y, &y.Discs, d))
		must(t, s.Commit(ctx))
		expect(t, []int{2, 0}, []int{len(d.Styles), len(x.Discs)})
		expect(t, []int64{2}, ints(t, db, "SELECT count(*) FROM disc_styles"))
	})
}

func TestMemberThatStandsTwiceIsOne(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, graph).session(t), t.Context()
		a := &Article{Title: "a"}
		ed, jo := &Person{Name: "ed", Articles: []*Article{a, a}}, &Person{Name: "jo"}
		s.Add(ed, jo)
		must(t, s.Commit(ctx))
		ed.Articles = ed.Articles[:1] // it is still there
		db.statements()
		must(t, s.Flush(ctx))
		expect(t, 0, len(db.statements()))
		ed.Articles = []*Article{a, a}
		a.Author = jo
		must(t, s.Commit(ctx))
		expect(t, true, len(ed.Articles) == 0 && slices.Equal(jo.Articles, []*Article{a}))
		jo.Articles = []*Article{a, a}
		must(t, orm.Unrelate(jo, &jo.Articles, a))
		expect(t, true, len(jo.Articles) == 0 && a.Author == nil)
		must(t, s.Commit(ctx))
		expect(t, 0, len(db.titles(t)))
	})
}

// Lot, Bid and Round share a column between two foreign keys of Bid.
type Round struct {
	orm.Base `orm:"table:rounds"`

	Year int64 `orm:"primary_key;autoincrement:false"`
	Num  int64 `orm:"primary_key;autoincrement:false"`
}

type Lot struct {
	orm.Base `orm:"table:lots"`

	Year int64 `orm:"primary_key;autoincrement:false"`
	Num  int64 `orm:"primary_key;autoincrement:false"`
}

type Bid struct {
	orm.Base `orm:"table:bids;foreign_key:(Year,RoundNum)->rounds(year,num);foreign_key:(Year,LotNum)->lots(year,num)"`

	ID       int64
	Year     int64
	RoundNum *int64
	LotNum   *int64
	Round    *Round
	Lot      *Lot
}

var auctions = orm.MustRegister(&Round{}, &Lot{}, &Bid{})

func TestForeignKeysThatShareAColumnMustAgreeOnIt(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, auctions).session(t), t.Context()
		round, lot, old := &Round{Year: 2026, Num: 1}, &Lot{Year: 2026, Num: 5}, &Lot{Year: 2025, Num: 5}
		bid := &Bid{Round: round, Lot: lot}
		s.Add(round, lot, old)
		must(t, s.Commit(ctx))
		s.Add(bid)
		must(t, s.Commit(ctx))
		expect(t, true, bid.Year == 2026 && *bid.RoundNum == 1 && *bid.LotNum == 5)
		bid.Round, bid.Lot = nil, old
		must(t, s.Commit(ctx))
		expect(t, true, bid.Year == 2025 && bid.RoundNum == nil && *bid.LotNum == 5)
		other := &Lot{Year: 2025, Num: 6}
		s.Add(other)
		must(t, s.Commit(ctx))
		bid.Round, bid.Lot = round, other
		expectKind(t, orm.ErrContradiction, s.Flush(ctx))
		must(t, s.Rollback(ctx))
		expect(t, true, bid.Round == nil && bid.Lot == old && bid.Year == 2025)
	})
}
