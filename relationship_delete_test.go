package orm_test

import (
	"testing"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

// Band, Gig and Song have what the database does by itself, link rows that it
// leaves alone, and rows that refer to each other.
type Band struct {
	orm.Base `orm:"table:bands"`

	ID       int64
	Name     string  `orm:"size:50"`
	Gigs     []*Gig  `orm:"back_populates:Band;cascade:all,delete-orphan;passive_deletes"`
	Songs    []*Song `orm:"secondary:band_songs"`
	LeaderID *int64
	Leader   *Player   `orm:"post_update"`
	Players  []*Player `orm:"back_populates:Band;cascade:all"`
}

type Gig struct {
	orm.Base `orm:"table:gigs"`

	ID     int64
	Town   string `orm:"size:50"`
	BandID int64  `orm:"ondelete:cascade"`
	Band   *Band  `orm:"back_populates:Gigs"`
}

type Song struct {
	orm.Base `orm:"table:songs"`

	ID   int64
	Name string `orm:"size:50"`
}

type Player struct {
	orm.Base `orm:"table:players"`

	ID     int64
	Name   string `orm:"size:50"`
	BandID int64
	Band   *Band `orm:"back_populates:Players"`
}

var (
	bands        = orm.NewRegistry(orm.WithMetadata(bandMetadata))
	bandMetadata = orm.NewMetadata()
	_            = orm.NewTable("band_songs", bandMetadata,
		orm.NewColumn("band", types.BigInteger(), orm.PrimaryKey(), orm.References("bands", "id")), orm.NewColumn("song", types.BigInteger(), orm.PrimaryKey(), orm.References("songs", "id")))
	_ = bands.Register(&Band{}, &Gig{}, &Song{}, &Player{}) // CreateAll tells
)

func TestDeletionFollowsItsCascade(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, graph).session(t), t.Context()
		label := &Label{Name: "l"}
		ed := &Person{Name: "ed", Passport: &Passport{Number: "1"}, Drafts: []*Draft{{Text: "d"}}, Articles: []*Article{{Title: "a", Labels: []*Label{label}}, {Title: "b"}}}
		s.Add(ed)
		must(t, s.Commit(ctx))
		s.ExpungeAll()
		s.Delete(get(orm.Get[Person](ctx, s, ed.ID))(t))
		db.statements()
		must(t, s.Commit(ctx))
		// read: articles, drafts, passport; free the draft; delete passport, articles, person
		expect(t, 7, len(db.statements()))
		for _, table := range []orm.SQL{"people", "passports", "articles", "article_labels"} {
			expect(t, []int64{0}, ints(t, db, "SELECT count(*) FROM "+table))
		}
		expect(t, []int64{1}, ints(t, db, "SELECT count(*) FROM drafts WHERE owner_id IS NULL"))
		expect(t, []int64{1}, ints(t, db, "SELECT count(*) FROM labels"))
	})
}

func TestDeletionOfATreeGoesFromTheLeaves(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, graph).session(t), t.Context()
		root := &Branch{Name: "r", Children: []*Branch{{Name: "a", Children: []*Branch{{Name: "b"}, {Name: "c"}}}, {Name: "d"}}}
		s.Add(root)
		must(t, s.Commit(ctx))
		s.ExpungeAll()
		s.Delete(get(orm.Get[Branch](ctx, s, root.ID))(t))
		must(t, s.Commit(ctx))
		expect(t, []int64{0}, ints(t, db, "SELECT count(*) FROM branches"))
	})
}

func TestWhatTheDatabaseDeletesIsNotRead(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, bands).session(t), t.Context()
		band := &Band{Name: "b", Gigs: []*Gig{{Town: "x"}, {Town: "y"}}, Songs: []*Song{{Name: "s"}}}
		s.Add(band)
		must(t, s.Commit(ctx))
		expect(t, []int64{1}, ints(t, db, "SELECT count(*) FROM band_songs"))
		s.ExpungeAll()
		s.Delete(get(orm.Get[Band](ctx, s, band.ID))(t))
		db.statements()
		must(t, s.Commit(ctx))
		sent := db.statements() // read players; delete links, band
		expect(t, 3, len(sent))
		for _, table := range []orm.SQL{"bands", "gigs", "band_songs"} {
			expect(t, []int64{0}, ints(t, db, "SELECT count(*) FROM "+table))
		}
		expect(t, []int64{1}, ints(t, db, "SELECT count(*) FROM songs"))
	})
}

func TestRowsThatReferToEachOtherAreWrittenWithPostUpdate(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, bands).session(t), t.Context()
		lead := &Player{Name: "l"}
		band := &Band{Name: "b", Leader: lead, Players: []*Player{lead, {Name: "p"}}}
		s.Add(band)
		must(t, s.Commit(ctx))
		expect(t, []int64{lead.ID}, ints(t, db, "SELECT leader_id FROM bands"))
		if *band.LeaderID != lead.ID || lead.BandID != band.ID {
			t.Errorf("%+v %+v", band, lead)
		}
		s.ExpungeAll()
		s.Delete(get(orm.Get[Band](ctx, s, band.ID))(t))
		must(t, s.Commit(ctx))
		expect(t, []int64{0}, ints(t, db, "SELECT count(*) FROM players"))
	})
}

func TestForeignKeyThatCannotBeNullIsNoneOfNobodys(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, graph).session(t), t.Context()
		a := &Article{Title: "a", Author: &Person{Name: "ed"}}
		s.Add(a)
		must(t, s.Commit(ctx))
		a.Author = nil
		must(t, s.Commit(ctx)) // it is an orphan
		expect(t, []int64{0}, ints(t, db, "SELECT count(*) FROM articles"))
	})
}

func TestAdditionToWhatWasNotReadLosesNothing(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, graph).session(t), t.Context()
		ed := &Person{Name: "ed", Articles: []*Article{{Title: "a"}, {Title: "b"}}}
		s.Add(ed)
		must(t, s.Commit(ctx))
		s.ExpungeAll()
		ed = get(orm.Get[Person](ctx, s, ed.ID))(t)
		ed.Articles = append(ed.Articles, &Article{Title: "c"})
		must(t, s.Flush(ctx))
		must(t, orm.Load(ctx, ed, &ed.Articles))
		expect(t, 3, len(ed.Articles))
		must(t, s.Rollback(ctx))
		expect(t, []string{"a", "b"}, db.titles(t))
		if ed.Articles != nil && len(ed.Articles) != 2 {
			t.Errorf("%+v", ed.Articles)
		}
		must(t, orm.Load(ctx, ed, &ed.Articles))
		expect(t, 2, len(ed.Articles))
	})
}

func TestNewObjectThatGoesWithItsParentIsInNoCollection(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, graph).session(t), t.Context()
		ed := &Person{Name: "ed"}
		s.Add(ed)
		must(t, s.Commit(ctx))
		label := &Label{Name: "l"}
		article := &Article{Title: "a", Author: ed, Labels: []*Label{label}}
		s.Add(article, label)
		s.Delete(ed)
		must(t, s.Commit(ctx))
		expect(t, orm.Transient, orm.StateOf(article))
		expect(t, 0, len(label.Articles))
		expect(t, []int64{0}, ints(t, db, "SELECT count(*) FROM articles"))
	})
}
