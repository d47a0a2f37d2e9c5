package orm_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/aurum-go/orm"
)

const booksOfWriters = "SELECT " + bookColumns + " FROM books WHERE books.writer_id IN "

func TestSelectInLoadReadsACollectionByOneMoreStatement(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newBookshop(t, db), t.Context()
		writers := get(s.writers().Options(orm.SelectInLoad(&s.w.Books)).All(ctx))(t)
		s.sent(t, "SELECT "+writerColumns+" FROM writers ORDER BY writers.id", booksOfWriters+"(?, ?, ?) ORDER BY books.id")
		expect(t, wholeStock, shelved(writers))
		for _, w := range writers {
			for _, b := range w.Books {
				if b.Writer != w || !orm.Loaded(b, &b.Writer) {
					t.Error("the other side is not set")
				}
			}
			if w.Books == nil || !orm.Loaded(w, &w.Books) {
				t.Error("a collection that was read is nil")
			}
		}
		expect(t, 0, len(s.Dirty()))
		again := get(s.writers().Options(orm.SelectInLoad(&s.w.Books)).All(ctx))(t)
		s.sent(t, "SELECT "+writerColumns+" FROM writers ORDER BY writers.id")
		expect(t, wholeStock, shelved(again))
	})
}

func TestSelectInLoadReadsAReferenceByTheKeysThatAreHeld(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newBookshop(t, db), t.Context()
		books := get(s.books().Options(orm.SelectInLoad(&s.b.Writer), orm.SelectInLoad(&s.b.Editor)).All(ctx))(t)
		s.sent(t, "SELECT "+bookColumns+" FROM books ORDER BY books.id", "SELECT "+writerColumns+" FROM writers WHERE writers.id IN (?, ?)")
		expect(t, []string{"ann", "ann", "bob"}, []string{books[0].Writer.Name, books[1].Writer.Name, books[2].Writer.Name})
		if books[2].Editor != books[0].Writer || books[0].Editor != nil || !orm.Loaded(books[0], &books[0].Editor) {
			t.Error("the editors are wrong")
		}
		if orm.Loaded(books[0].Writer, &books[0].Writer.Books) {
			t.Error("a collection counts as loaded of which one member was met")
		}
	})
}

func TestSelectInLoadReadsLinksWithTheirTargets(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newBookshop(t, db), t.Context()
		books := get(s.books().Options(orm.SelectInLoad(&s.b.Themes)).All(ctx))(t)
		s.sent(t, "SELECT "+bookColumns+" FROM books ORDER BY books.id",
			"SELECT book_themes.book_id, themes.id, themes.name FROM themes JOIN book_themes ON themes.id = book_themes.theme_id WHERE book_themes.book_id IN (?, ?, ?) ORDER BY themes.name DESC")
		expect(t, [][]string{{"poetry"}, {}, {"prose", "poetry"}}, [][]string{themeNames(books[0].Themes), themeNames(books[1].Themes), themeNames(books[2].Themes)})
		if books[0].Themes[0] != books[2].Themes[1] {
			t.Error("one row is two objects")
		}
	})
}

func TestSelectInLoadOfOneToOneSetsBothSides(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newBookshop(t, db), t.Context()
		writers := get(s.writers().Options(orm.SelectInLoad(&s.w.Portrait)).All(ctx))(t)
		expect(t, 2, len(db.statements()))
		bob := writers[1]
		if bob.Portrait == nil || bob.Portrait.Caption != "of bob" || bob.Portrait.Writer != bob || writers[0].Portrait != nil {
			t.Errorf("%+v", bob.Portrait)
		}
		s.ExpungeAll()
		p := orm.Entity[Portrait]()
		portraits := get(orm.Query[Portrait](s.Session).OrderBy(orm.C(&p.ID)).Options(orm.SelectInLoad(&p.Writer)).All(ctx))(t)
		if w := portraits[0].Writer; w == nil || w.Portrait != portraits[0] || portraits[1].Writer != nil {
			t.Errorf("%+v", portraits)
		}
	})
}

func TestNestedOptionsEachLoadByOneStatement(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newBookshop(t, db), t.Context()
		writers := get(s.writers().Options(orm.SelectInLoad(&s.w.Books, orm.Undefer(&s.b.Text), orm.SelectInLoad(&s.b.Themes, orm.SelectInLoad(&s.g.Books)))).All(ctx))(t)
		expect(t, 4, len(db.statements()))
		expect(t, "text 1", writers[0].Books[0].Text)
		poetry := writers[0].Books[0].Themes[0]
		expect(t, []string{"a1", "b1"}, titlesOf(poetry.Books))
		if poetry.Books[1] != writers[1].Books[0] {
			t.Error("one row is two objects")
		}
	})
}

func TestSelectInLoadGoesInPartsOfFiveHundred(t *testing.T) {
	db := onSQLite(t)
	s, ctx := newBookshop(t, db), t.Context()
	for i := range 1200 {
		s.Add(&Writer{ID: int64(100 + i), Name: fmt.Sprint(i)})
	}
	must(t, s.Commit(ctx))
	for i := range 1200 {
		s.Add(&Book{Title: fmt.Sprint(i), WriterID: int64(100 + i)})
	}
	must(t, s.Commit(ctx))
	s.ExpungeAll()
	db.statements()
	writers := get(s.writers().Options(orm.SelectInLoad(&s.w.Books)).All(ctx))(t)
	expect(t, 1+3, len(db.statements()))
	for _, w := range writers[3:] {
		if len(w.Books) != 1 || w.Books[0].Title != w.Name {
			t.Fatalf("%s has %v", w.Name, titlesOf(w.Books))
		}
	}
}

func TestRelationshipsOfSeveralColumnsLoadByRows(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, library).session(t), t.Context()
		s.Add(&Voyage{Ship: "argo", No: 1}, &Voyage{Ship: "argo", No: 2}, &Voyage{Ship: "beagle", No: 1})
		must(t, s.Commit(ctx))
		s.Add(
			&Parcel{ID: 1, VoyageShip: new("argo"), VoyageNo: new(int64(1))}, &Parcel{ID: 2, VoyageShip: new("argo"), VoyageNo: new(int64(1))},
			&Parcel{ID: 3, VoyageShip: new("beagle"), VoyageNo: new(int64(1))}, &Parcel{ID: 4, VoyageShip: new("argo")}, &Parcel{ID: 5},
		)
		must(t, s.Commit(ctx))
		s.ExpungeAll()
		v, p := orm.Entity[Voyage](), orm.Entity[Parcel]()
		db.statements()
		voyages := get(orm.Query[Voyage](s).OrderBy(orm.C(&v.Ship), orm.C(&v.No)).Options(orm.SelectInLoad(&v.Cargo)).All(ctx))(t)
		expect(t, 2, len(db.statements()))
		var cargo [][]int64
		for _, v := range voyages {
			ids := []int64{}
			for parcel := range v.Cargo {
				ids = append(ids, parcel.ID)
				if parcel.Voyage != v {
					t.Error("the other side is not set")
				}
			}
			slices.Sort(ids)
			cargo = append(cargo, ids)
		}
		expect(t, [][]int64{{1, 2}, {}, {3}}, cargo)
		s.ExpungeAll()
		parcels := get(orm.Query[Parcel](s).OrderBy(orm.C(&p.ID)).Options(orm.SelectInLoad(&p.Voyage)).All(ctx))(t)
		expect(t, 2, len(db.statements()))
		if parcels[0].Voyage != parcels[1].Voyage || parcels[2].Voyage.Ship != "beagle" || parcels[3].Voyage != nil || parcels[4].Voyage != nil {
			t.Errorf("%+v", parcels)
		}
	})
}

func TestRecursiveLoadsLevelByLevel(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, library).session(t), t.Context()
		for id := int64(1); id <= 7; id++ {
			f := &Twig{ID: id, Name: fmt.Sprint(id)}
			if id > 1 {
				f.ParentID.V, f.ParentID.Valid = id/2, true
			}
			s.Add(f)
			must(t, s.Flush(ctx))
		}
		must(t, s.Commit(ctx))
		f := orm.Entity[Twig]()
		for depth, want := range map[int]struct{ statements, loaded int }{1: {2, 1}, 2: {3, 3}, 3: {4, 7}, 9: {4, 7}} {
			s.ExpungeAll()
			db.statements()
			root := get(orm.Query[Twig](s).Filter(orm.C(&f.ParentID).IsNull()).Options(orm.SelectInLoad(&f.Children, orm.Recursive(depth))).One(ctx))(t)
			expect(t, want.statements, len(db.statements()))
			loaded, level := 0, []*Twig{root}
			for len(level) > 0 {
				var next []*Twig
				for _, f := range level {
					if orm.Loaded(f, &f.Children) {
						loaded++
					}
					next = slices.AppendSeq(next, maps.Values(f.Children))
				}
				level = next
			}
			expect(t, want.loaded, loaded)
			expect(t, []string{"2", "3"}, slices.Sorted(maps.Keys(root.Children)))
		}
	})
}

func TestWhereLoadsTheMembersThatMeetConditions(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newBookshop(t, db), t.Context()
		writers := get(s.writers().Options(orm.SelectInLoad(&s.w.Books, orm.Where(orm.C(&s.b.Title).EndsWith("1")))).All(ctx))(t)
		expect(t, map[string][]string{"ann": {"a1"}, "bob": {"b1"}, "cyd": {}}, shelved(writers))
		ann := writers[0]
		if orm.Loaded(ann, &ann.Books) {
			t.Error("a part of a collection counts as the whole")
		}
		must(t, s.Commit(ctx))
		expect(t, int64(3), get(s.books().Count(ctx))(t))
		must(t, orm.Load(ctx, ann, &ann.Books))
		expect(t, wholeStock, shelved(writers))
		get(s.writers().Options(orm.SelectInLoad(&s.w.Books, orm.Where(orm.F("Title").Eq("a2")))).All(ctx))(t)
		expect(t, []string{"a1", "a2"}, titlesOf(ann.Books))
		get(s.writers().PopulateExisting().Options(orm.SelectInLoad(&s.w.Books, orm.Where(orm.C(&s.b.Title).Eq("a2")))).All(ctx))(t)
		expect(t, []string{"a2"}, titlesOf(ann.Books))
	})
}

func TestKeysOfTextThatTheDatabaseTakesForEqualLead(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, library).session(t), t.Context()
		codes := []string{"de", "de", "fr"}
		if db.name() == "mysql" {
			codes[1] = "DE"
		}
		s.Add(&Country{Code: "de"}, &Country{Code: "fr"})
		must(t, s.Commit(ctx))
		for i, code := range codes {
			s.Add(&City{ID: int64(i + 1), CountryCode: code})
		}
		must(t, s.Commit(ctx))
		s.ExpungeAll()
		country, city := orm.Entity[Country](), orm.Entity[City]()
		countries := get(orm.Query[Country](s).OrderBy(orm.C(&country.Code)).Options(orm.SelectInLoad(&country.Cities)).All(ctx))(t)
		expect(t, []int{2, 1}, []int{len(countries[0].Cities), len(countries[1].Cities)})
		s.ExpungeAll()
		for _, c := range get(orm.Query[City](s).Options(orm.SelectInLoad(&city.Country)).All(ctx))(t) {
			if c.Country == nil {
				t.Errorf("the country of city %d is lost", c.ID)
			}
		}
	})
}
