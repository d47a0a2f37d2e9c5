package orm_test

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"testing"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

// Driver and Car are one to one, and a car may be nobody's.
type Driver struct {
	orm.Base `orm:"table:drivers"`

	ID   int64
	Name string `orm:"size:50"`
	Car  *Car   `orm:"back_populates:Driver"`
}

type Car struct {
	orm.Base `orm:"table:cars"`

	ID       int64
	Name     string  `orm:"size:50"`
	DriverID *int64  `orm:"unique"`
	Driver   *Driver `orm:"back_populates:Car"`
	Version  int     `orm:"version"`
}

// Fan follows others, and is followed. Site is the same with a link table that
// the database does not tidy up.
type Fan struct {
	orm.Base `orm:"table:fans"`

	ID        int64
	Name      string `orm:"size:50"`
	Following []*Fan `orm:"secondary:fan_follows(follower,followed);back_populates:Followers"`
	Followers []*Fan `orm:"secondary:fan_follows(followed,follower);back_populates:Following"`
}

type Site struct {
	orm.Base `orm:"table:sites"`

	ID   int64
	To   []*Site `orm:"secondary:site_links(source,target);back_populates:From"`
	From []*Site `orm:"secondary:site_links(target,source);back_populates:To"`
}

// Stop has two foreign keys of Trip to it.
type Stop struct {
	orm.Base `orm:"table:stops"`

	ID         int64
	Name       string  `orm:"size:50"`
	Departures []*Trip `orm:"back_populates:Start"`
	Arrivals   []*Trip `orm:"back_populates:Finish"`
}

type Trip struct {
	orm.Base `orm:"table:trips"`

	ID       int64
	StartID  *int64
	Start    *Stop `orm:"back_populates:Departures"`
	FinishID *int64
	Finish   *Stop `orm:"back_populates:Arrivals"`
}

// Pupil and Lesson are joined by Desk, whose key is made of both of theirs.
type Pupil struct {
	orm.Base `orm:"table:pupils"`

	ID    int64
	Name  string  `orm:"size:50"`
	Desks []*Desk `orm:"back_populates:Pupil;cascade:all,delete-orphan"`
}

type Lesson struct {
	orm.Base `orm:"table:lessons"`

	ID    int64
	Name  string  `orm:"size:50"`
	Desks []*Desk `orm:"back_populates:Lesson;cascade:all,delete-orphan"`
}

type Desk struct {
	orm.Base `orm:"table:desks"`

	PupilID  int64 `orm:"primary_key;autoincrement:false"`
	LessonID int64 `orm:"primary_key;autoincrement:false"`
	Grade    int
	Pupil    *Pupil  `orm:"back_populates:Desks"`
	Lesson   *Lesson `orm:"back_populates:Desks"`
}

// Plot has a key of two columns, of which a Tree may lack one.
type Plot struct {
	orm.Base `orm:"table:plots"`

	Field int64    `orm:"primary_key;autoincrement:false"`
	Num   int64    `orm:"primary_key;autoincrement:false"`
	Trees []*Plant `orm:"back_populates:Plot"`
}

type Plant struct {
	orm.Base `orm:"table:plants;foreign_key:(Field,Num)->plots(field,num)"`

	ID    int64
	Field int64
	Num   *int64
	Plot  *Plot `orm:"back_populates:Trees"`
}

// Land, Town, Mint and Coin have keys of other types than what refers to them, and
// the keys of Town follow those of Land.
type Land struct {
	orm.Base `orm:"table:lands"`

	Code  string  `orm:"primary_key;size:2"`
	Towns []*Town `orm:"back_populates:Land"`
}

type Town struct {
	orm.Base `orm:"table:towns"`

	LandCode string `orm:"primary_key;size:2;onupdate:cascade"`
	Name     string `orm:"primary_key;size:30"`
	Land     *Land  `orm:"back_populates:Towns"`
}

type Mint struct {
	orm.Base `orm:"table:mints"`

	LandCode string `orm:"primary_key;size:2;onupdate:cascade"`
	Land     *Land
}

type Coin struct {
	orm.Base `orm:"table:coins"`

	ID           int64
	MintLandCode *string `orm:"size:2;onupdate:cascade"`
	Mint         *Mint
}

type Rack struct {
	orm.Base `orm:"table:racks"`

	ID    int64
	Books []*Tome `orm:"back_populates:Rack"`
	Notes []*Slip `orm:"back_populates:Rack"`
}

type Tome struct {
	orm.Base `orm:"table:tomes"`

	ID     int32
	RackID int32 `orm:"type:bigint"`
	Rack   *Rack `orm:"back_populates:Books"`
}

type Slip struct {
	orm.Base `orm:"table:slips"`

	ID     int64
	RackID sql.Null[int64]
	Rack   *Rack `orm:"back_populates:Notes"`
}

// Flat owns what it refers to; Bag owns what it is linked to.
type Flat struct {
	orm.Base `orm:"table:flats"`

	ID        int64
	AddressID *int64
	Address   *Place `orm:"cascade:all,delete-orphan;single_parent"`
}

type Place struct {
	orm.Base `orm:"table:places"`

	ID   int64
	Name string `orm:"size:50"`
}

type Bag struct {
	orm.Base `orm:"table:bags"`

	ID    int64
	Items []*Place `orm:"secondary:bag_items;cascade:all,delete-orphan;single_parent"`
}

// Hen and Egg refer to each other, and neither can be first.
type Hen struct {
	orm.Base `orm:"table:hens"`

	ID    int64
	EggID *int64
	Egg   *Egg
}

type Egg struct {
	orm.Base `orm:"table:eggs"`

	ID    int64
	HenID *int64
	Hen   *Hen
}

// Stall leaves its goods to the database, its staff to themselves, and only looks
// at its cheap goods.
type Stall struct {
	orm.Base `orm:"table:stalls"`

	ID    int64
	Goods []*Ware  `orm:"back_populates:Stall;passive_deletes:all"`
	Staff []*Clerk `orm:"back_populates:Stall;cascade:none"`
	Cheap []*Ware  `orm:"viewonly;foreign_keys:StallID"`
}

type Ware struct {
	orm.Base `orm:"table:wares"`

	ID      int64
	StallID int64  `orm:"ondelete:cascade"`
	Stall   *Stall `orm:"back_populates:Goods"`
}

type Clerk struct {
	orm.Base `orm:"table:clerks"`

	ID      int64
	StallID *int64
	Stall   *Stall `orm:"back_populates:Staff"`
}

var (
	rules         = orm.NewRegistry(orm.WithMetadata(rulesMetadata))
	rulesMetadata = orm.NewMetadata()
	_             = orm.NewTable("site_links", rulesMetadata,
		orm.NewColumn("source", types.BigInteger(), orm.PrimaryKey(), orm.References("sites", "id")),
		orm.NewColumn("target", types.BigInteger(), orm.PrimaryKey(), orm.References("sites", "id")))
	rulesErr = rules.Register(&Driver{}, &Car{}, &Fan{}, &Site{}, &Stop{}, &Trip{}, &Pupil{}, &Lesson{}, &Desk{}, &Plot{}, &Plant{},
		&Land{}, &Town{}, &Mint{}, &Coin{}, &Rack{}, &Tome{}, &Slip{}, &Flat{}, &Place{}, &Bag{}, &Hen{}, &Egg{}, &Stall{}, &Ware{}, &Clerk{})
)

// again takes all objects out of a session, and reads one of them anew.
func again[T any](t *testing.T, s *orm.Session, key ...any) *T {
	t.Helper()
	s.ExpungeAll()
	return get(orm.Get[T](t.Context(), s, key...))(t)
}

// The single place of a one-to-one relationship passes on in one flush, with
// delete-orphan too: the row that goes is deleted before the one that comes.
func TestOneToOneIsReplacedFromTheChildsSide(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, graph).session(t), t.Context()
		ed := &Person{Name: "ed", Passport: &Passport{Number: "1"}}
		s.Add(ed)
		must(t, s.Flush(ctx))
		old, next := ed.Passport, &Passport{Number: "2", Person: ed}
		s.Add(next)
		db.statements()
		must(t, s.Flush(ctx))
		expect(t, []string{"DELETE passports", "INSERT passports"}, targets(db.statements()))
		expect(t, true, ed.Passport == next)
		expectState(t, orm.Deleted, old)
		must(t, s.Commit(ctx))

		ed = again[Person](t, s, ed.ID)
		last := &Passport{Number: "3", Person: ed}
		s.Add(last)
		db.statements()
		must(t, s.Commit(ctx)) // who has the place is read
		expect(t, []string{"SELECT passports", "DELETE passports", "INSERT passports"}, targets(db.statements()))
		ed = again[Person](t, s, ed.ID)
		ed.Passport = &Passport{Number: "4"}
		must(t, s.Commit(ctx))
		expect(t, []string{"4"}, get(orm.Fetch[string](ctx, db.Engine, orm.Text("SELECT number FROM passports")))(t))
	})
}

// Without delete-orphan the row that goes is released first, whatever the order of
// the keys.
func TestOneToOneWithoutOrphansIsReleasedBeforeItIsTaken(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withRules(t).session(t), t.Context()
		spare := &Car{Name: "spare"}
		ed, jo := &Driver{Name: "ed", Car: &Car{Name: "a"}}, &Driver{Name: "jo"}
		s.Add(spare, ed, jo)
		must(t, s.Commit(ctx))
		a := ed.Car
		spare.Driver = ed // its row stands before that of a
		db.statements()
		must(t, s.Commit(ctx))
		expect(t, []string{"SELECT cars", "UPDATE cars", "UPDATE cars"}, targets(db.statements()))
		expect(t, true, ed.Car == spare && a.Driver == nil && a.DriverID == nil)
		expect(t, 2, a.Version)
		jo.Car = ed.Car // a move, and back again in one flush
		ed.Car = a
		must(t, s.Commit(ctx))
		expect(t, true, jo.Car == spare && spare.Driver == jo && a.Driver == ed && *a.DriverID == ed.ID)
	})
}

// A child moves by one UPDATE, whichever of the two collections is loaded: nothing is
// deleted in between.
func TestMoveBetweenUnloadedAndLoadedCollectionsIsOneUpdate(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, graph).session(t), t.Context()
		ed, jo := &Person{Name: "ed", Articles: []*Article{{Title: "a"}, {Title: "b"}, {Title: "c"}}}, &Person{Name: "jo"}
		s.Add(ed, jo)
		must(t, s.Commit(ctx))
		ids := []int64{ed.Articles[0].ID, ed.Articles[1].ID, ed.Articles[2].ID}

		ed = again[Person](t, s, ed.ID)
		jo = get(orm.Get[Person](ctx, s, jo.ID))(t)
		must(t, orm.Load(ctx, ed, &ed.Articles))
		a := ed.Articles[0]
		jo.Articles = append(jo.Articles, a) // from loaded to unloaded, the old place not touched
		db.statements()
		must(t, s.Commit(ctx))
		expect(t, []string{"UPDATE articles"}, targets(db.statements()))
		expect(t, true, a.Author == jo && len(ed.Articles) == 2)

		s.ExpungeAll()
		ed, jo = get(orm.Get[Person](ctx, s, ed.ID))(t), get(orm.Get[Person](ctx, s, jo.ID))(t)
		b := get(orm.Get[Article](ctx, s, ids[1]))(t)
		must(t, orm.Load(ctx, jo, &jo.Articles))
		jo.Articles = append(jo.Articles, b) // from unloaded to loaded
		db.statements()
		must(t, s.Commit(ctx))
		expect(t, []string{"UPDATE articles"}, targets(db.statements()))
		must(t, orm.Load(ctx, ed, &ed.Articles))
		expect(t, 1, len(ed.Articles))

		s.ExpungeAll()
		jo, ed = get(orm.Get[Person](ctx, s, jo.ID))(t), get(orm.Get[Person](ctx, s, ed.ID))(t)
		c := get(orm.Get[Article](ctx, s, ids[2]))(t)
		c.Author = jo // neither is loaded
		db.statements()
		must(t, s.Commit(ctx))
		expect(t, []string{"UPDATE articles"}, targets(db.statements()))
		expect(t, []int64{jo.ID, jo.ID, jo.ID}, ints(t, db, "SELECT author_id FROM articles ORDER BY id"))
		expect(t, true, ed.Articles == nil && jo.Articles == nil)
	})
}

// A foreign key that is set by hand is written. It leaves a reference that is loaded as
// it is until that is read again, and a reference that was changed beats it.
func TestForeignKeySetByHandIsAMove(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, graph).session(t), t.Context()
		ed, jo := &Person{Name: "ed", Articles: []*Article{{Title: "a"}, {Title: "b"}, {Title: "c"}}}, &Person{Name: "jo"}
		s.Add(ed, jo)
		must(t, s.Flush(ctx))
		a, b, c := ed.Articles[0], ed.Articles[1], ed.Articles[2]
		a.AuthorID = jo.ID
		ed.Articles = ed.Articles[1:]
		must(t, s.Flush(ctx))
		b.AuthorID = jo.ID
		must(t, s.Flush(ctx)) // what is loaded stays until it is stale
		expect(t, true, b.Author == ed && len(ed.Articles) == 2)
		ed.Articles = ed.Articles[1:]
		must(t, s.Flush(ctx))
		c.AuthorID = jo.ID
		s.Delete(ed)
		must(t, s.Commit(ctx))
		expect(t, []int64{jo.ID, jo.ID, jo.ID}, ints(t, db, "SELECT author_id FROM articles"))
		must(t, orm.Load(ctx, c, &c.Author))
		expect(t, true, c.Author == jo)
		al := &Person{Name: "al"}
		s.Add(al)
		must(t, s.Commit(ctx))
		a.Author, a.AuthorID = al, 0 // a relationship beats its foreign key
		must(t, s.Commit(ctx))
		expect(t, al.ID, a.AuthorID)
	})
}

func TestChildOfADeletedParentMayBeMovedAway(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		for _, loaded := range []bool{true, false} {
			s, ctx := db.withTables(t, graph).session(t), t.Context()
			ed, jo := &Person{Name: "ed", Articles: []*Article{{Title: "a"}, {Title: "b"}, {Title: "c"}}, Drafts: []*Draft{{Text: "d"}}}, &Person{Name: "jo"}
			s.Add(ed, jo)
			must(t, s.Commit(ctx))
			a, b, d := ed.Articles[0], ed.Articles[1], ed.Drafts[0]
			if !loaded {
				s.ExpungeAll()
				ed, jo = get(orm.Get[Person](ctx, s, ed.ID))(t), get(orm.Get[Person](ctx, s, jo.ID))(t)
				a, b = get(orm.Get[Article](ctx, s, a.ID))(t), get(orm.Get[Article](ctx, s, b.ID))(t)
				d = get(orm.Get[Draft](ctx, s, d.ID))(t)
			}
			a.Author, d.Owner = jo, jo
			jo.Articles = append(jo.Articles, b)
			s.Delete(ed)
			must(t, s.Commit(ctx))
			expect(t, []string{"a", "b"}, db.titles(t))
			expect(t, []int64{jo.ID}, ints(t, db, "SELECT owner_id FROM drafts"))
			s.Delete(jo, d)
			must(t, s.Commit(ctx))
			expect(t, []int64{0}, ints(t, db, "SELECT count(*) FROM articles"))
		}
	})
}

func TestNewChildrenOfADeletedParentAreNotWritten(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, graph).session(t), t.Context()
		ed := &Person{Name: "ed", Articles: []*Article{{Title: "a"}, {Title: "b"}}}
		s.Add(ed)
		must(t, s.Commit(ctx))
		c, d, free := &Article{Title: "c"}, &Article{Title: "d", Author: ed}, &Draft{Text: "x", Owner: ed}
		removed := ed.Articles[0]
		ed.Articles = append(ed.Articles[1:], c)
		s.Add(d, free)
		s.Delete(ed)
		must(t, s.Commit(ctx))
		expectState(t, orm.Transient, c, d)
		expectState(t, orm.Detached, removed)
		expect(t, []int64{0}, ints(t, db, "SELECT count(*) FROM articles"))
		expect(t, []int64{1}, ints(t, db, "SELECT count(*) FROM drafts WHERE owner_id IS NULL"))
		expect(t, true, free.Owner == nil)
	})
}

func TestNewChildTakenFromItsOnlyParentLeavesTheSession(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, graph).session(t), t.Context()
		ed := &Person{Name: "ed", Articles: []*Article{{Title: "a"}, {Title: "b"}}, Drafts: []*Draft{{Text: "x"}}}
		s.Add(ed)
		a := ed.Articles[0]
		ed.Articles, ed.Drafts = ed.Articles[1:], nil
		expect(t, 4, len(s.New()))
		must(t, s.Commit(ctx))
		expectState(t, orm.Transient, a)
		expect(t, []string{"b"}, db.titles(t))
		expect(t, []int64{1}, ints(t, db, "SELECT count(*) FROM drafts"))
	})
}

func TestWhatIsRemovedAndPutBackStays(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, graph).session(t), t.Context()
		ed := &Person{Name: "ed", Articles: []*Article{{Title: "a", Labels: []*Label{{Name: "l"}}}, {Title: "b"}}}
		s.Add(ed)
		must(t, s.Commit(ctx))
		a, b := ed.Articles[0], ed.Articles[1]
		l := a.Labels[0]
		ed.Articles = []*Article{b}
		ed.Articles = append(ed.Articles, a)
		a.Labels = nil
		a.Labels = []*Label{l}
		s.Delete(ed)
		s.Add(ed)
		db.statements()
		must(t, s.Commit(ctx))
		expect(t, 0, len(db.statements()))
		expect(t, []orm.State{orm.Persistent, orm.Persistent}, []orm.State{orm.StateOf(a), orm.StateOf(ed)})
		ed.Articles = []*Article{b}
		must(t, s.Flush(ctx))
		expectState(t, orm.Deleted, a)
		ed.Articles = append(ed.Articles, a) // too late in this transaction
		expectKind(t, orm.ErrArgument, s.Flush(ctx))
		must(t, s.Rollback(ctx))
		expectState(t, orm.Persistent, a)
		ed.Articles = []*Article{b}
		must(t, s.Commit(ctx))
		expectState(t, orm.Detached, a)
		ed.Articles = append(ed.Articles, a)
		must(t, s.Commit(ctx))
		expectState(t, orm.Persistent, a)
		expect(t, 2, len(db.titles(t)))
	})
}

func TestDeletedGraphCanBeAddedAgain(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, graph).session(t), t.Context()
		ed := &Person{Name: "ed", Passport: &Passport{Number: "1"}, Articles: []*Article{{Title: "a", Labels: []*Label{{Name: "l"}}}, {Title: "b"}}}
		s.Add(ed)
		must(t, s.Commit(ctx))
		s.Delete(ed)
		must(t, s.Commit(ctx))
		expectState(t, orm.Detached, ed, ed.Articles[0], ed.Passport)
		expect(t, 2, len(ed.Articles)) // deletion leaves collections in memory alone
		s.Add(ed)
		must(t, s.Commit(ctx))
		expect(t, []string{"a", "b"}, db.titles(t))
		expect(t, []int64{1}, ints(t, db, "SELECT count(*) FROM article_labels"))
		expect(t, []int64{1}, ints(t, db, "SELECT count(*) FROM passports"))
		ed = again[Person](t, s, ed.ID)
		must(t, orm.Load(ctx, ed, &ed.Articles))
		expect(t, 2, len(ed.Articles))
	})
}

func TestAppendingToAStaleCollectionKeepsBoth(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, graph).session(t), t.Context()
		ed := &Person{Name: "ed", Articles: []*Article{{Title: "a"}, {Title: "b"}}}
		s.Add(ed)
		must(t, s.Commit(ctx))
		get(orm.Exec(ctx, db.Engine, orm.Text("INSERT INTO articles (title, author_id) VALUES ('z', ?)", ed.ID)))(t)
		get(orm.Exec(ctx, db.Engine, orm.Text("DELETE FROM articles WHERE title = 'a'")))(t)
		c := &Article{Title: "c"}
		ed.Articles = append(ed.Articles, c)
		must(t, orm.Load(ctx, ed, &ed.Articles)) // it flushes first
		names := func() (list []string) {
			for _, a := range ed.Articles {
				list = append(list, a.Title)
			}
			return list
		}
		expect(t, []string{"b", "z", "c"}, names())
		must(t, s.Commit(ctx))
		expect(t, []string{"b", "z", "c"}, db.titles(t))
		expect(t, true, c.Author == ed)
	})
}

func TestSelfReferenceByLinksIsWrittenOnce(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withRules(t).session(t), t.Context()
		a, b, c := &Fan{Name: "a"}, &Fan{Name: "b"}, &Fan{Name: "c"}
		a.Following, b.Followers = []*Fan{b, c, a}, []*Fan{a}
		c.Followers = []*Fan{a, b}
		s.Add(a, b, c)
		must(t, s.Commit(ctx))
		expect(t, []int64{a.ID, a.ID, a.ID, b.ID}, ints(t, db, "SELECT follower FROM fan_follows ORDER BY follower, followed"))
		expect(t, []int{3, 1, 1, 1, 2}, []int{len(a.Following), len(a.Followers), len(b.Following), len(b.Followers), len(c.Followers)})
		a.Following = []*Fan{c}
		b.Followers = nil
		db.statements()
		must(t, s.Commit(ctx))
		expect(t, []string{"DELETE fan_follows"}, targets(db.statements()))
		expect(t, []int{0, 0, 1}, []int{len(a.Followers), len(b.Followers), len(a.Following)})
		s.Delete(c)
		must(t, s.Commit(ctx))
		expect(t, []int64{0}, ints(t, db, "SELECT count(*) FROM fan_follows"))
	})
}

func TestLinksOfBothSidesGoWithAnObjectThatRefersToItsLike(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withRules(t).session(t), t.Context()
		a, b, c := &Site{}, &Site{}, &Site{}
		a.To, b.To = []*Site{b}, []*Site{c, b}
		s.Add(a, b, c)
		must(t, s.Commit(ctx))
		b = again[Site](t, s, b.ID)
		s.Delete(b)
		db.statements()
		must(t, s.Commit(ctx))
		expect(t, []string{"DELETE site_links", "DELETE site_links", "DELETE sites"}, targets(db.statements()))
		expect(t, []int64{0}, ints(t, db, "SELECT count(*) FROM site_links"))
	})
}

func TestTwoForeignKeysToOneTableAreTwoRelationships(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withRules(t).session(t), t.Context()
		x, y := &Stop{Name: "x"}, &Stop{Name: "y"}
		there, back := &Trip{Start: x, Finish: y}, &Trip{}
		y.Departures, x.Arrivals = []*Trip{back}, []*Trip{back}
		s.Add(there, y)
		must(t, s.Commit(ctx))
		expect(t, true, x.Departures[0] == there && y.Arrivals[0] == there && back.Start == y && back.Finish == x)
		there.Start, there.Finish = y, x
		db.statements()
		must(t, s.Commit(ctx))
		expect(t, []string{"UPDATE trips"}, targets(db.statements()))
		expect(t, []int{0, 2, 2, 0}, []int{len(x.Departures), len(y.Departures), len(x.Arrivals), len(y.Arrivals)})
		s.Delete(x)
		must(t, s.Commit(ctx))
		expect(t, []int64{2}, ints(t, db, "SELECT count(*) FROM trips WHERE finish_id IS NULL AND start_id IS NOT NULL"))
	})
}

func TestKeyOfAnAssociationIsCopiedFromBothParents(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withRules(t).session(t), t.Context()
		go1, sql1 := &Lesson{Name: "go"}, &Lesson{Name: "sql"}
		ed := &Pupil{Name: "ed", Desks: []*Desk{{Grade: 1, Lesson: go1}, {Grade: 2, Lesson: sql1}}}
		s.Add(ed)
		must(t, s.Commit(ctx))
		desk := ed.Desks[0]
		expect(t, []int64{ed.ID, go1.ID}, []int64{desk.PupilID, desk.LessonID})
		expect(t, true, go1.Desks[0] == desk && desk.Pupil == ed)
		expect(t, true, desk == get(orm.Get[Desk](ctx, s, ed.ID, go1.ID))(t))

		ed.Desks = []*Desk{{Grade: 3, Lesson: go1}, ed.Desks[1]} // another one with the same key
		must(t, s.Commit(ctx))
		expect(t, []int64{3, 2}, ints(t, db, "SELECT grade FROM desks ORDER BY lesson_id"))
		jo := &Pupil{Name: "jo"}
		s.Add(jo)
		ed.Desks[0].Pupil = jo // a move changes the key
		must(t, s.Commit(ctx))
		expect(t, []int64{jo.ID, ed.ID}, ints(t, db, "SELECT pupil_id FROM desks ORDER BY lesson_id"))
		expect(t, true, jo.Desks[0] == get(orm.Get[Desk](ctx, s, jo.ID, go1.ID))(t))
		s.Delete(go1, ed)
		must(t, s.Commit(ctx))
		expect(t, []int64{0}, ints(t, db, "SELECT count(*) FROM desks"))
	})
}

func TestForeignKeyOfSeveralColumnsIsNullByThoseThatCanBe(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withRules(t).session(t), t.Context()
		p, q := &Plot{Field: 1, Num: 1, Trees: []*Plant{{}, {}}}, &Plot{Field: 2, Num: 7}
		s.Add(p, q)
		must(t, s.Commit(ctx))
		a, b := p.Trees[0], p.Trees[1]
		a.Plot, b.Plot = nil, q
		must(t, s.Commit(ctx))
		expect(t, []int64{1}, ints(t, db, "SELECT field FROM plants WHERE num IS NULL"))
		expect(t, []int64{7}, ints(t, db, "SELECT num FROM plants WHERE field = 2"))
		expect(t, true, a.Num == nil && a.Field == 1 && *b.Num == 7 && q.Trees[0] == b)
	})
}

func TestKeysOfOtherTypesAreCopied(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withRules(t).session(t), t.Context()
		rack := &Rack{Books: []*Tome{{}}, Notes: []*Slip{{}}}
		s.Add(rack)
		must(t, s.Commit(ctx))
		book, note := rack.Books[0], rack.Notes[0]
		expect(t, int32(rack.ID), book.RackID)
		expect(t, sql.Null[int64]{V: rack.ID, Valid: true}, note.RackID)
		rack.Notes, rack.Books = nil, append(rack.Books, &Tome{})
		db.statements()
		must(t, s.Commit(ctx))
		expect(t, []string{"UPDATE slips", "INSERT tomes"}, targets(db.statements()))
		expect(t, sql.Null[int64]{}, note.RackID)
		rack = again[Rack](t, s, rack.ID)
		must(t, orm.Load(ctx, rack, &rack.Books))
		expect(t, 2, len(rack.Books))
		must(t, s.Commit(ctx))
		expect(t, 0, len(s.Dirty()))
		huge := &Rack{ID: 1 << 40, Books: []*Tome{{}}}
		s.Add(huge)
		expectKind(t, orm.ErrValue, s.Commit(ctx))
		must(t, s.Rollback(ctx))
	})
}

// A key that changes is written by one UPDATE, and ON UPDATE CASCADE does the rest on
// all levels. The objects in memory follow, and go back with a rollback.
func TestForeignKeysInMemoryFollowAKeyThatChanges(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withRules(t).session(t), t.Context()
		land := &Land{Code: "xx", Towns: []*Town{{Name: "a"}, {Name: "b"}}}
		coin := &Coin{Mint: &Mint{Land: land}}
		s.Add(land, coin)
		must(t, s.Commit(ctx))
		a := land.Towns[0]
		land.Code = "yy"
		db.statements()
		must(t, s.Flush(ctx))
		expect(t, []string{"UPDATE lands"}, targets(db.statements()))
		expect(t, []string{"yy", "yy", "yy"}, []string{a.LandCode, land.Towns[1].LandCode, *coin.MintLandCode})
		expect(t, true, a == get(orm.Get[Town](ctx, s, "yy", "a"))(t))
		expect(t, 0, len(s.Dirty()))
		must(t, s.Rollback(ctx))
		expect(t, []string{"xx", "xx", "xx", "xx"}, []string{land.Code, a.LandCode, land.Towns[1].LandCode, *coin.MintLandCode})
		expect(t, true, a == get(orm.Get[Town](ctx, s, "xx", "a"))(t))
		land.Code = "zz"
		a.Name = "c"
		land.Towns = append(land.Towns, &Town{Name: "d"})
		must(t, s.Commit(ctx))
		expect(t, []string{"b", "c", "d"}, get(orm.Fetch[string](ctx, db.Engine, orm.Text("SELECT name FROM towns WHERE land_code = 'zz' ORDER BY name")))(t))
		expect(t, "zz", *coin.MintLandCode)
		s.Delete(coin)
		must(t, s.Commit(ctx))
		ed := &Person{Name: "ed", Articles: []*Article{{Title: "a"}}}
		must(t, graph.CreateAll(ctx, db.Engine))
		s.Add(ed)
		must(t, s.Commit(ctx))
		ed.ID = 1000 // no ON UPDATE CASCADE
		expectKind(t, orm.ErrForeignKeyViolation, s.Commit(ctx))
		must(t, s.Rollback(ctx))
		expect(t, true, ed.ID != 1000 && ed.Articles[0].AuthorID == ed.ID)
	})
}

func TestSingleParentTakesItsReferenceAlong(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withRules(t).session(t), t.Context()
		f, g := &Flat{Address: &Place{Name: "a"}}, &Flat{}
		bag := &Bag{Items: []*Place{{Name: "x"}, {Name: "y"}}}
		s.Add(f, g, bag)
		must(t, s.Commit(ctx))
		names := func() []string {
			return get(orm.Fetch[string](ctx, db.Engine, orm.Text("SELECT name FROM places ORDER BY name")))(t)
		}
		g.Address, f.Address = f.Address, &Place{Name: "b"} // moved, and replaced
		bag.Items = bag.Items[1:]
		must(t, s.Commit(ctx))
		expect(t, []string{"a", "b", "y"}, names())
		g.Address = nil
		must(t, s.Commit(ctx))
		expect(t, []string{"b", "y"}, names())
		other := &Bag{Items: bag.Items}
		bag.Items = nil
		s.Add(other)
		must(t, s.Commit(ctx))
		expect(t, []string{"b", "y"}, names())
		s.Delete(f, other)
		must(t, s.Commit(ctx))
		expect(t, 0, len(names()))
	})
}

// Two new rows that refer to each other, or one that refers to itself, are an error
// where the reference is not written later.
func TestTwoNewRowsThatReferToEachOtherNeedPostUpdate(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withRules(t).session(t), t.Context()
		hen := &Hen{Egg: &Egg{}}
		hen.Egg.Hen = hen
		s.Add(hen)
		expectKind(t, orm.ErrCircular, s.Commit(ctx))
		must(t, s.Rollback(ctx))
		expectState(t, orm.Transient, hen, hen.Egg)
		expect(t, true, hen.ID == 0 && hen.EggID == nil && hen.Egg.ID == 0 && hen.Egg.HenID == nil)
		hen.Egg.Hen = nil
		s.Add(hen)
		must(t, s.Flush(ctx))
		hen.Egg.Hen = hen
		must(t, s.Commit(ctx))
		expect(t, []int64{hen.ID}, ints(t, db, "SELECT hen_id FROM eggs"))
		self := &Branch{Name: "s"}
		self.Parent = self
		must(t, graph.CreateAll(ctx, db.Engine))
		s.Add(self)
		expectKind(t, orm.ErrCircular, s.Commit(ctx))
		must(t, s.Rollback(ctx))
	})
}

func TestWhatIsLeftToTheDatabaseOrToItselfIsNotTouched(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withRules(t).session(t), t.Context()
		stall := &Stall{Goods: []*Ware{{}, {}}}
		s.Add(stall)
		must(t, s.Commit(ctx))
		stall.Cheap = []*Ware{{}}
		expect(t, 0, len(s.Dirty()))
		db.statements()
		must(t, s.Commit(ctx))
		expect(t, 0, len(db.statements()))
		expectState(t, orm.Transient, stall.Cheap[0])
		stall.Staff = []*Clerk{{}}
		expectKind(t, orm.ErrNotPersistent, s.Commit(ctx))
		s.Add(stall.Staff[0])
		must(t, s.Commit(ctx))
		clerk := stall.Staff[0]
		expect(t, stall.ID, *clerk.StallID)
		stall.Cheap = nil
		s.Delete(stall)
		db.statements()
		must(t, s.Commit(ctx))
		expect(t, []string{"SELECT clerks", "UPDATE clerks", "DELETE stalls"}, targets(db.statements()))
		expect(t, true, clerk.StallID == nil && clerk.Stall == nil)
		expect(t, []int64{0}, ints(t, db, "SELECT count(*) FROM wares"))
	})
}

// Deleting a parent without a cascade releases its children, and never deletes them:
// where the foreign key cannot be NULL it is an error.
func TestDeletionWithoutACascadeNeedsAForeignKeyThatCanBeNull(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withRules(t).session(t), t.Context()
		rack := &Rack{Books: []*Tome{{}}, Notes: []*Slip{{}}}
		s.Add(rack)
		must(t, s.Commit(ctx))
		s.Delete(rack)
		expectKind(t, orm.ErrNotNullViolation, s.Flush(ctx))
		expectState(t, orm.Persistent, rack.Books[0])
		s.Delete(rack.Books[0]) // mended without a rollback
		must(t, s.Commit(ctx))
		expect(t, []int64{1}, ints(t, db, "SELECT count(*) FROM slips WHERE rack_id IS NULL"))
	})
}

func TestObjectsOfAnotherSessionAreRefused(t *testing.T) {
	db := onSQLite(t).withTables(t, graph)
	s, other, ctx := db.session(t), db.session(t), t.Context()
	ed, jo := &Person{Name: "ed"}, &Person{Name: "jo"}
	s.Add(ed)
	must(t, s.Commit(ctx))
	a := &Article{Title: "a", Author: ed}
	other.Add(a)
	expectKind(t, orm.ErrOtherSession, other.Commit(ctx))
	must(t, other.Rollback(ctx))
	s.Add(jo)
	must(t, s.Commit(ctx))
	b := &Article{Title: "b"}
	other.Add(b)
	jo.Articles = append(jo.Articles, b)
	expectKind(t, orm.ErrOtherSession, s.Commit(ctx))
	must(t, s.Rollback(ctx))
	s.Expunge(ed)
	other.Expunge(b)
	other.Add(a) // brings ed
	must(t, other.Commit(ctx))
	expect(t, true, a.AuthorID == ed.ID)
}

func TestWhatIsExpungedOrClosedKeepsItsRelationships(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, graph).session(t), t.Context()
		ed := &Person{Name: "ed", Articles: []*Article{{Title: "a"}, {Title: "b"}}, Drafts: []*Draft{{Text: "d"}}}
		s.Add(ed)
		must(t, s.Commit(ctx))
		a, d := ed.Articles[0], ed.Drafts[0]
		s.Expunge(a)
		d.Text = "lost"
		s.Expunge(d)
		db.statements()
		must(t, s.Commit(ctx))
		expect(t, 0, len(db.statements()))
		expect(t, true, ed.Articles[0] == a && a.Author == ed)
		s.ExpungeAll()
		expect(t, true, len(ed.Articles) == 2 && len(ed.Drafts) == 1)
		expectKind(t, orm.ErrDetached, orm.Load(ctx, ed, &ed.Articles))
		ed.Articles = append(ed.Articles, &Article{Title: "c"})
		s.Add(ed)
		must(t, s.Commit(ctx))
		expect(t, []string{"a", "b", "c"}, db.titles(t))
		ed.Articles = ed.Articles[:1]
		must(t, s.Close())
		expectState(t, orm.Detached, ed, a)
		expect(t, 1, len(ed.Articles))
		next := db.session(t)
		next.Add(ed)
		must(t, next.Commit(ctx))
		expect(t, []string{"a"}, db.titles(t))
	})
}

func TestExpiryOfOneRelationshipLeavesTheOthers(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, graph).session(t, orm.ExpireOnCommit(false)), t.Context()
		ed := &Person{Name: "ed", Articles: []*Article{{Title: "a"}}, Drafts: []*Draft{{Text: "d"}}}
		s.Add(ed)
		must(t, s.Commit(ctx))
		ed.Articles, ed.Drafts, ed.Name = append(ed.Articles, &Article{Title: "b"}), nil, "edward"
		s.Expire(ed, &ed.Articles)
		expect(t, []int{1, 0}, []int{len(ed.Articles), len(ed.Drafts)})
		expect(t, []bool{false, true}, []bool{loadedFresh(t, db, ed, &ed.Articles), loadedFresh(t, db, ed, &ed.Drafts)})
		expect(t, "edward", ed.Name)
		must(t, s.Commit(ctx))
		expect(t, []string{"a"}, db.titles(t))
		expect(t, []int64{1}, ints(t, db, "SELECT count(*) FROM drafts WHERE owner_id IS NULL"))
	})
}

// loadedFresh reports whether Load of a field sends no SELECT of it.
func loadedFresh(t *testing.T, db *testDB, m orm.Model, field any) bool {
	t.Helper()
	db.statements()
	must(t, orm.Load(t.Context(), m, field))
	return !slices.ContainsFunc(db.statements(), func(text string) bool { return heads([]string{text})[0] == "SELECT" })
}

func TestRollbackUndoesEveryKindOfChange(t *testing.T) {
	stop := errors.New("stop")
	ways := map[string]func(ctx context.Context, s *orm.Session, change func()) error{
		"unflushed": func(ctx context.Context, s *orm.Session, change func()) error { change(); return s.Rollback(ctx) },
		"flushed": func(ctx context.Context, s *orm.Session, change func()) error {
			change()
			return errors.Join(s.Flush(ctx), s.Rollback(ctx))
		},
		"nested": func(ctx context.Context, s *orm.Session, change func()) error {
			err := s.Nested(ctx, func(ctx context.Context) error {
				change()
				return errors.Join(s.Flush(ctx), stop)
			})
			if !errors.Is(err, stop) {
				return err
			}
			return nil
		},
	}
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withTables(t, graph)
		for name, undo := range ways {
			s, ctx := db.session(t), t.Context()
			ed := &Person{Name: "ed", Passport: &Passport{Number: "1"}, Articles: []*Article{{Title: "a", Labels: []*Label{{Name: "l" + name}}}, {Title: "b"}}, Drafts: []*Draft{{Text: "d"}}}
			jo := &Person{Name: "jo"}
			s.Add(ed, jo)
			must(t, s.Commit(ctx))
			if err := s.Nested(ctx, func(context.Context) error { return nil }); err != nil {
				t.Fatal(err)
			}
			p, a, b, d := ed.Passport, ed.Articles[0], ed.Articles[1], ed.Drafts[0]
			l := a.Labels[0]
			q, c, m := &Passport{Number: "2"}, &Article{Title: "c"}, &Label{Name: "m" + name}
			check := func(what string) {
				t.Helper()
				if ed.Passport != p || p.Person != ed || p.PersonID != ed.ID || len(ed.Articles) != 2 || ed.Articles[0] != a || ed.Articles[1] != b || a.Author != ed || b.Author != ed ||
					a.AuthorID != ed.ID || b.AuthorID != ed.ID || len(ed.Drafts) != 1 || d.Owner != ed || d.OwnerID == nil || *d.OwnerID != ed.ID || len(a.Labels) != 1 || a.Labels[0] != l || len(l.Articles) != 1 || len(b.Labels) != 0 || len(jo.Articles) != 0 {
					t.Errorf("%s, %s: %+v %+v %+v %+v %+v %+v", name, what, ed, p, a, b, d, l)
				}
				expectState(t, orm.Persistent, ed, jo, p, a, b, d, l)
				expectState(t, orm.Transient, q, c, m)
				if q.ID != 0 || q.PersonID != 0 || c.ID != 0 || c.AuthorID != 0 || m.ID != 0 {
					t.Errorf("%s, %s: %+v %+v %+v", name, what, q, c, m)
				}
				if q.Person != nil || c.Author != nil && what != "new.Author = ed" || len(m.Articles) != 0 {
					t.Errorf("%s, %s: %+v %+v %+v", name, what, q, c, m)
				}
				q, c, m = &Passport{Number: "2"}, &Article{Title: "c"}, &Label{Name: "m" + name}
				expect(t, 0, len(s.Dirty())+len(s.New())+len(s.Deleted()))
			}
			for what, change := range map[string]func(){
				"replaced":          func() { ed.Passport = q },
				"dropped":           func() { ed.Passport = nil },
				"moved":             func() { jo.Articles = append(jo.Articles, a); b.Author = jo },
				"moved one to one":  func() { jo.Passport = p },
				"orphaned":          func() { ed.Articles = nil },
				"released":          func() { ed.Drafts = nil },
				"released by child": func() { d.Owner = nil },
				"linked":            func() { a.Labels = []*Label{m}; l.Articles = append(l.Articles, b) },
				"appended":          func() { ed.Articles = append(ed.Articles, c) },
				"new.Author = ed":   func() { c.Author = ed; s.Add(c) },
				"deleted":           func() { s.Delete(ed) },
				"deleted and moved": func() { a.Author = jo; s.Delete(ed) },
			} {
				if err := undo(ctx, s, change); err != nil {
					t.Fatalf("%s, %s: %v", name, what, err)
				}
				check(what)
			}
			must(t, s.Commit(ctx))
			s.Delete(ed, jo, d, l)
			must(t, s.Commit(ctx))
		}
	})
}

func TestFlushThatFailsHalfWayLeavesNothing(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, graph).session(t), t.Context()
		ed := &Person{Name: "ed", Articles: []*Article{{Title: "a"}}}
		s.Add(ed, &Label{Name: "taken"})
		must(t, s.Commit(ctx))
		a, jo := ed.Articles[0], &Person{Name: "jo"}
		jo.Articles = []*Article{a, {Title: "n", Labels: []*Label{{Name: "taken"}}}}
		n := jo.Articles[1]
		s.Add(jo)
		expectKind(t, orm.ErrUniqueViolation, s.Flush(ctx))
		must(t, s.Rollback(ctx))
		expect(t, true, a.Author == ed && len(ed.Articles) == 1 && a.AuthorID == ed.ID)
		expectState(t, orm.Transient, jo, n, n.Labels[0])
		expect(t, true, jo.ID == 0 && n.ID == 0 && n.AuthorID == 0 && n.Author == nil && len(n.Labels[0].Articles) == 0)
		n.Labels[0].Name = "free"
		s.Add(jo)
		must(t, s.Commit(ctx))
		expect(t, true, a.Author == jo && n.Author == jo && len(ed.Articles) == 0)
	})
}

func TestKeysThatAFlushHasSetGoWithTheRow(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, graph).session(t), t.Context()
		ed, d := &Person{Name: "ed"}, &Draft{Text: "d"}
		s.Add(ed, d)
		must(t, s.Flush(ctx))
		ed.Drafts = []*Draft{d}
		must(t, s.Flush(ctx))
		expect(t, true, d.Owner == ed && *d.OwnerID == ed.ID)
		must(t, s.Rollback(ctx))
		expect(t, true, d.Owner == nil && d.OwnerID == nil && d.ID == 0 && ed.ID == 0)

		must(t, bands.CreateAll(ctx, db.Engine))
		lead := &Player{Name: "l"}
		band := &Band{Name: "b", Leader: lead, Players: []*Player{lead}}
		s.Add(band)
		must(t, s.Flush(ctx))
		must(t, s.Rollback(ctx))
		expect(t, true, band.LeaderID == nil && lead.BandID == 0 && lead.Band == nil && band.Leader == lead)
	})
}

func TestWhatWasReadInARolledBackTransactionIsReadAgain(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, graph).session(t), t.Context()
		ed, jo := &Person{Name: "ed", Articles: []*Article{{Title: "a"}}}, &Person{Name: "jo"}
		s.Add(ed, jo)
		must(t, s.Commit(ctx))
		id := ed.Articles[0].ID
		s.ExpungeAll()
		ed, jo = get(orm.Get[Person](ctx, s, ed.ID))(t), get(orm.Get[Person](ctx, s, jo.ID))(t)
		stop := errors.New("stop")
		err := s.Nested(ctx, func(ctx context.Context) error {
			a := get(orm.Get[Article](ctx, s, id))(t)
			a.AuthorID = jo.ID
			must(t, orm.Load(ctx, jo, &jo.Articles))
			expect(t, 1, len(jo.Articles))
			return stop
		})
		expectKind(t, stop, err)
		must(t, orm.Load(ctx, jo, &jo.Articles))
		must(t, orm.Load(ctx, ed, &ed.Articles))
		expect(t, []int{1, 0}, []int{len(ed.Articles), len(jo.Articles)})
		must(t, s.Rollback(ctx))
	})
}

func TestVersionsAdvanceWithForeignKeys(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withRules(t).session(t), t.Context()
		ed := &Driver{Name: "ed", Car: &Car{Name: "a"}}
		s.Add(ed)
		must(t, s.Commit(ctx))
		car := ed.Car
		get(orm.Exec(ctx, db.Engine, orm.Text("UPDATE cars SET version = 7")))(t)
		_, err := orm.Merge(ctx, s, &Car{ID: car.ID, Name: "b", Version: 1})
		expectKind(t, orm.ErrStaleData, err)
		must(t, s.Rollback(ctx))
		must(t, s.Refresh(ctx, car))
		s.Delete(ed)
		must(t, s.Commit(ctx))
		expect(t, []int64{8}, ints(t, db, "SELECT version FROM cars WHERE driver_id IS NULL"))
	})
}

// Merge copies what is set. What is nil is left alone; an empty collection that is not
// nil empties the other.
func TestMergedGraphSaysNothingByWhatIsNil(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, graph).session(t), t.Context()
		ed := &Person{Name: "ed", Articles: []*Article{{Title: "a", Labels: []*Label{{Name: "l"}}}, {Title: "b"}}, Drafts: []*Draft{{Text: "d"}}}
		s.Add(ed)
		must(t, s.Commit(ctx))
		a, l, d := ed.Articles[0], ed.Articles[0].Labels[0], ed.Drafts[0]
		given := &Person{ID: ed.ID, Name: "ed", Articles: []*Article{{ID: a.ID, Title: "A", Labels: []*Label{}}}, Drafts: []*Draft{}}
		given.Articles[0].Author = given
		merged := get(orm.Merge(ctx, s, given))(t)
		expect(t, true, merged == ed && len(ed.Articles) == 1 && ed.Articles[0] == a && len(a.Labels) == 0)
		must(t, s.Commit(ctx))
		expect(t, []string{"A"}, db.titles(t))
		expect(t, true, len(l.Articles) == 0 && d.OwnerID == nil)
		expect(t, true, len(given.Drafts) == 0 && given.Articles[0].AuthorID == 0)
		get(orm.Merge(ctx, s, &Person{ID: ed.ID, Name: "ed"}))(t)
		must(t, s.Commit(ctx))
		expect(t, []string{"A"}, db.titles(t))
		_, err := orm.Merge(ctx, s, &Person{ID: ed.ID, Articles: []*Article{nil}})
		expectKind(t, orm.ErrArgument, err)
		must(t, s.Rollback(ctx))
	})
}

func (db *testDB) withRules(t *testing.T) *testDB {
	t.Helper()
	must(t, rulesErr)
	return db.withTables(t, rules)
}
