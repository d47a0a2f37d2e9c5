package orm_test

import (
	"testing"
	"time"

	"github.com/aurum-go/orm"
)

// The structs of the rules of what is written.
type (
	// Knot may refer to itself, and two of them to each other.
	Knot struct {
		orm.Base `orm:"table:knots"`

		ID     int64
		Name   string `orm:"size:20"`
		NextID *int64
		Next   *Knot `orm:"post_update"`
	}
	// Pond has frogs that know when they were changed.
	Pond struct {
		orm.Base `orm:"table:ponds"`

		ID    int64
		Frogs []*Frog `orm:"back_populates:Pond"`
	}
	Frog struct {
		orm.Base `orm:"table:frogs"`

		ID      int64
		PondID  *int64
		Pond    *Pond     `orm:"back_populates:Frogs"`
		Changed time.Time `orm:"on_update:now"`
	}
	// Guild and Smith take each other along when they are deleted.
	Guild struct {
		orm.Base `orm:"table:guilds"`

		ID     int64
		Smiths []*Smith `orm:"secondary:guild_smiths;back_populates:Guilds;cascade:all"`
	}
	Smith struct {
		orm.Base `orm:"table:smiths"`

		ID     int64
		Guilds []*Guild `orm:"secondary:guild_smiths;back_populates:Smiths;cascade:all"`
	}
	// Nest and Cage both are what a Bird belongs to.
	Nest struct {
		orm.Base `orm:"table:nests"`

		ID    int64
		Birds []*Bird `orm:"back_populates:Nest;cascade:all,delete-orphan"`
	}
	Cage struct {
		orm.Base `orm:"table:cages"`

		ID    int64
		Birds []*Bird `orm:"back_populates:Cage;cascade:all,delete-orphan"`
	}
	Bird struct {
		orm.Base `orm:"table:birds"`

		ID     int64
		NestID *int64
		Nest   *Nest `orm:"back_populates:Birds"`
		CageID *int64
		Cage   *Cage `orm:"back_populates:Birds"`
	}
)

var rowRules = orm.MustRegister(&Knot{}, &Pond{}, &Frog{}, &Guild{}, &Smith{}, &Nest{}, &Cage{}, &Bird{})

// A row that refers to itself, or two rows that refer to each other, are inserted
// without the reference, which an UPDATE writes, and another one takes away before
// they are deleted. Where the keys are set by hand, nothing has to be put off.
func TestReferenceInACircleIsWrittenAfterTheRows(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, rowRules).session(t), t.Context()
		self, a, b := &Knot{ID: 1}, &Knot{ID: 2}, &Knot{ID: 3}
		self.Next, a.Next, b.Next = self, b, a
		s.Add(self)
		must(t, s.Commit(ctx))
		expect(t, []string{"INSERT INTO knots (id, name, next_id) VALUES (?, ?, ?)", "UPDATE knots SET next_id = ? WHERE id = ?"}, db.plainStatements())
		expect(t, int64(1), *self.NextID)
		s.Add(a)
		must(t, s.Commit(ctx))
		expect(t, []string{"INSERT knots", "UPDATE knots"}, targets(db.statements()))
		expect(t, []int64{1, 3, 2}, ints(t, db, "SELECT next_id FROM knots ORDER BY id"))
		db.statements()
		s.Delete(self, a, b)
		must(t, s.Commit(ctx))
		expect(t, []string{"UPDATE knots", "DELETE knots"}, targets(db.statements()))
		s.Add(&Knot{ID: 4, NextID: new(int64(4))})
		must(t, s.Commit(ctx))
		expect(t, []string{"INSERT knots"}, targets(db.statements()))
	})
}

// A reference that is written later is an UPDATE of its own, also where the row is
// updated anyway.
func TestReferenceThatIsWrittenLaterIsAnUpdateOfItsOwn(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, rowRules).session(t), t.Context()
		k := &Knot{Name: "a"}
		s.Add(k)
		must(t, s.Commit(ctx))
		db.statements()
		k.Name, k.Next = "b", &Knot{Name: "c"}
		must(t, s.Commit(ctx))
		expect(t, []string{"UPDATE knots", "INSERT knots", "UPDATE knots"}, targets(db.statements()))
		expect(t, k.Next.ID, *k.NextID)
	})
}

// What is set at every UPDATE is set by the one that takes a foreign key away from
// the children of a deleted parent, too.
func TestReleaseOfAChildIsAnUpdateLikeOthers(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, rowRules).session(t), t.Context()
		old := time.Unix(1, 0).UTC()
		pond := &Pond{Frogs: []*Frog{{Changed: old}}}
		s.Add(pond)
		must(t, s.Commit(ctx))
		frog := pond.Frogs[0]
		expect(t, old, frog.Changed)
		db.statements()
		s.Delete(pond)
		must(t, s.Commit(ctx))
		expect(t, "UPDATE frogs SET pond_id = ?, changed = ? WHERE id = ?", db.plainStatements()[1])
		if frog.PondID != nil || time.Since(frog.Changed) > time.Minute {
			t.Errorf("%+v", frog)
		}
	})
}

// The rows of a link table that a flush deletes are counted: one that is gone
// already is stale data.
func TestLinkRowsThatAreGoneAreStale(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, graph).session(t), t.Context()
		a := &Article{Title: "a", Author: &Person{Name: "ed"}, Labels: []*Label{{Name: "x"}, {Name: "y"}}}
		s.Add(a)
		must(t, s.Commit(ctx))
		get(orm.Exec(ctx, db.Engine, orm.Text("DELETE FROM article_labels WHERE label_id = ?", a.Labels[0].ID)))(t)
		a.Labels = nil
		expectKind(t, orm.ErrStaleData, s.Commit(ctx))
		must(t, s.Rollback(ctx))
		expect(t, 1, len(ints(t, db, "SELECT label_id FROM article_labels")))
	})
}

// Deleting what has the relationship deletes its link rows. On the other side of a
// relationship that one side alone has, that is left to the database: it cascades
// in a link table that was made for it, and refuses in one of your own without.
func TestLinkRowsOfTheOtherSideAreLeftToTheDatabase(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withRules(t).withTables(t, bands).session(t), t.Context()
		bag, band := &Bag{Items: []*Place{{Name: "x"}, {Name: "y"}}}, &Band{Name: "b", Songs: []*Song{{Name: "s"}}}
		s.Add(bag, band)
		must(t, s.Commit(ctx))
		db.statements()
		s.Delete(bag.Items[0])
		must(t, s.Commit(ctx))
		expect(t, []string{"DELETE places"}, targets(db.statements()))
		expect(t, []int64{bag.Items[1].ID}, ints(t, db, "SELECT place_id FROM bag_items"))
		s.Delete(band.Songs[0])
		expectKind(t, orm.ErrForeignKeyViolation, s.Commit(ctx))
		must(t, s.Rollback(ctx))
		db.statements()
		s.Delete(band)
		must(t, s.Commit(ctx))
		expect(t, []string{"SELECT players", "DELETE band_songs", "DELETE bands"}, targets(db.statements()))
	})
}

// A delete cascade on both sides of a many-to-many relationship goes on from each
// object that it reaches, and takes all that hangs together.
func TestDeletionOnBothSidesOfLinksTakesAllThatHangsTogether(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, rowRules).session(t), t.Context()
		x, y, z := &Smith{}, &Smith{}, &Smith{}
		first := &Guild{Smiths: []*Smith{x, y}}
		s.Add(first, &Guild{Smiths: []*Smith{y}}, &Guild{Smiths: []*Smith{z}})
		must(t, s.Commit(ctx))
		first = again[Guild](t, s, first.ID)
		s.Delete(first)
		must(t, s.Commit(ctx))
		expect(t, []int64{z.ID}, ints(t, db, "SELECT id FROM smiths"))
		expect(t, []int64{1}, ints(t, db, "SELECT count(*) FROM guilds"))
	})
}

// With passive_deletes the database deletes what is not loaded. What is loaded is
// deleted one by one, so that its state is known.
func TestLoadedChildrenAreDeletedInSpiteOfPassiveDeletes(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, bands).session(t), t.Context()
		band := &Band{Name: "b", Gigs: []*Gig{{Town: "x"}, {Town: "y"}}}
		s.Add(band)
		must(t, s.Commit(ctx))
		band = again[Band](t, s, band.ID)
		must(t, orm.Load(ctx, band, &band.Gigs))
		db.statements()
		s.Delete(band)
		must(t, s.Commit(ctx))
		expect(t, []string{"SELECT players", "DELETE band_songs", "DELETE gigs", "DELETE bands"}, targets(db.statements()))
		expectState(t, orm.Detached, band.Gigs[0], band.Gigs[1])
	})
}

// A new object with several parents that would delete it as an orphan leaves the
// session when any one of them lets it go.
func TestNewChildTakenFromOneOfItsParentsLeavesTheSession(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, rowRules).session(t), t.Context()
		bird := &Bird{}
		nest, cage := &Nest{Birds: []*Bird{bird}}, &Cage{Birds: []*Bird{bird}}
		s.Add(nest, cage)
		nest.Birds = nil
		must(t, s.Commit(ctx))
		expectState(t, orm.Transient, bird)
		expect(t, []int64{0}, ints(t, db, "SELECT count(*) FROM birds"))
	})
}

// A new object that never had a parent is no orphan: it is written, and the
// database refuses a foreign key that leads nowhere.
func TestNewChildThatNeverHadAParentIsWritten(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, rowRules).withTables(t, graph).session(t), t.Context()
		bird := &Bird{}
		s.Add(bird)
		must(t, s.Commit(ctx))
		expectState(t, orm.Persistent, bird)
		s.Add(&Article{Title: "a"})
		expectKind(t, orm.ErrForeignKeyViolation, s.Commit(ctx))
		must(t, s.Rollback(ctx))
	})
}

// A new object is saved with what leads to it, and not for what it leads to.
func TestNewObjectIsNotSavedForWhatItLeadsTo(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, graph).session(t), t.Context()
		ed := &Person{Name: "ed", Drafts: []*Draft{}}
		s.Add(ed)
		must(t, s.Commit(ctx))
		d := &Draft{Text: "d", Owner: ed}
		must(t, s.Commit(ctx))
		expectState(t, orm.Transient, d)
		expect(t, 0, len(ed.Drafts))
		ed.Drafts = append(ed.Drafts, d)
		must(t, s.Commit(ctx))
		expectState(t, orm.Persistent, d)
	})
}

// What was taken out of a collection, and not yet written so, goes with its former
// parent into another session, which has to write it. One that the first session
// still holds is refused there.
func TestWhatWasTakenOutGoesWithItsFormerParent(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, graph).session(t), t.Context()
		ed := &Person{Name: "ed", Articles: []*Article{{Title: "a"}, {Title: "b"}}}
		s.Add(ed)
		must(t, s.Commit(ctx))
		a := ed.Articles[0]
		ed.Articles = ed.Articles[1:]
		s.ExpungeAll()
		expectState(t, orm.Detached, ed, a)
		next := db.session(t)
		next.Add(ed)
		expectState(t, orm.Persistent, a)
		must(t, next.Commit(ctx))
		expect(t, []string{"b"}, db.titles(t))
		ed.Articles = nil
		next.Expunge(ed)
		s.Add(ed)
		expectKind(t, orm.ErrOtherSession, s.Commit(ctx))
		must(t, s.Rollback(ctx))
	})
}

// A reference that was changed beats the foreign key beside it. In a new object nil
// is no change: the foreign key counts.
func TestReferenceBeatsTheForeignKeyBesideIt(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, graph).session(t), t.Context()
		ed, jo := &Person{Name: "ed"}, &Person{Name: "jo"}
		s.Add(ed, jo)
		must(t, s.Commit(ctx))
		d, both := &Draft{OwnerID: &ed.ID, Owner: nil}, &Draft{OwnerID: &ed.ID, Owner: jo}
		s.Add(d, both)
		must(t, s.Commit(ctx))
		expect(t, []int64{ed.ID, jo.ID}, []int64{*d.OwnerID, *both.OwnerID})
		must(t, orm.Load(ctx, d, &d.Owner))
		d.Owner, d.OwnerID = nil, &jo.ID
		must(t, s.Commit(ctx))
		expect(t, true, d.OwnerID == nil && d.Owner == nil)
	})
}

// The conditions of a relationship choose what is read. What is put into the
// collection is written, whether it meets them or not.
func TestConditionsOfARelationshipDoNotHoldForWhatIsWritten(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, coast).session(t), t.Context()
		h := &Harbour{Boats: []*Boat{{Name: "a"}, {Name: "b", Sunk: true}}}
		s.Add(h)
		must(t, s.Commit(ctx))
		expect(t, 2, len(ints(t, db, "SELECT id FROM boats WHERE harbour_id IS NOT NULL")))
		expect(t, 2, len(h.Boats))
		must(t, orm.Load(ctx, h, &h.Boats))
		expect(t, 1, len(h.Boats))
	})
}

// A reference to an object whose collection is not loaded does not load it. The
// collection has the newcomer when it is read.
func TestReferenceDoesNotLoadTheCollectionOfItsOtherSide(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, graph).session(t), t.Context()
		ed := &Person{Name: "ed", Articles: []*Article{{Title: "a"}}}
		s.Add(ed)
		must(t, s.Commit(ctx))
		ed = again[Person](t, s, ed.ID)
		b := &Article{Title: "b", Author: ed}
		s.Add(b)
		db.statements()
		must(t, s.Commit(ctx))
		expect(t, []string{"INSERT articles"}, targets(db.statements()))
		expect(t, true, ed.Articles == nil && !orm.Loaded(ed, &ed.Articles))
		must(t, orm.Load(ctx, ed, &ed.Articles))
		expect(t, true, len(ed.Articles) == 2 && ed.Articles[1] == b)
	})
}

// Nil and empty are no different to what is written: neither is a change of a
// collection without members.
func TestEmptyCollectionIsNoChange(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, graph).session(t), t.Context()
		ed := &Person{Name: "ed"}
		s.Add(ed)
		must(t, s.Commit(ctx))
		for _, articles := range [][]*Article{{}, nil} {
			ed.Articles = articles
			expect(t, false, s.IsModified(ed))
			expect(t, 0, len(s.Dirty()))
		}
		must(t, orm.Load(ctx, ed, &ed.Articles))
		ed.Articles = nil
		expect(t, 0, len(s.Dirty()))
	})
}

// A relationship that is only viewed says what was there when it was read.
func TestViewedCollectionMovesWhenItIsReadAgain(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withRules(t).session(t), t.Context()
		stall := &Stall{}
		s.Add(stall)
		must(t, s.Commit(ctx))
		must(t, orm.Load(ctx, stall, &stall.Goods, &stall.Cheap))
		stall.Goods = append(stall.Goods, &Ware{})
		must(t, s.Flush(ctx))
		expect(t, []int{1, 0}, []int{len(stall.Goods), len(stall.Cheap)})
		must(t, s.Commit(ctx))
		must(t, orm.Load(ctx, stall, &stall.Cheap))
		expect(t, 1, len(stall.Cheap))
	})
}

// A deleted object stays in the collections in memory that it was in, until they
// are read again.
func TestDeletedObjectStaysInCollections(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, graph).session(t), t.Context()
		ed := &Person{Name: "ed", Articles: []*Article{{Title: "a"}, {Title: "b"}}}
		s.Add(ed)
		must(t, s.Commit(ctx))
		must(t, orm.Load(ctx, ed, &ed.Articles))
		s.Delete(ed.Articles[0])
		must(t, s.Flush(ctx))
		expect(t, 2, len(ed.Articles))
		must(t, s.Commit(ctx))
		expect(t, 2, len(ed.Articles))
		must(t, orm.Load(ctx, ed, &ed.Articles))
		expect(t, 1, len(ed.Articles))
	})
}

// A DELETE statement follows no cascade in memory: what it has deleted is deleted,
// and what led there stays as it is until it is read again.
func TestStatementThatDeletesFollowsNoCascadeInMemory(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, bands).session(t), t.Context()
		band := &Band{Name: "b", Gigs: []*Gig{{Town: "x"}}}
		s.Add(band)
		must(t, s.Flush(ctx))
		gig, b := band.Gigs[0], orm.Entity[Band]()
		get(orm.Exec(ctx, s, orm.Delete(b).Where(orm.C(&b.ID).Eq(band.ID))))(t)
		expect(t, []int64{0}, get(orm.Fetch[int64](ctx, s, orm.Text("SELECT count(*) FROM gigs")))(t))
		expectState(t, orm.Deleted, band)
		expectState(t, orm.Persistent, gig)
		expect(t, true, gig.Band == band && gig.BandID == band.ID)
		expectKind(t, orm.ErrNoRows, s.Refresh(ctx, gig))
	})
}

// An object of another version than that of the row is not merged.
func TestMergeOfAnotherVersionIsRefused(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		a := accounts(t, s, 1)[0]
		a.Balance = 5
		must(t, s.Commit(ctx))
		expectKind(t, orm.ErrStaleData, errOf(orm.Merge(ctx, s, &Account{ID: a.ID, Version: 1})))
		must(t, s.Rollback(ctx))
		expect(t, true, a == get(orm.Merge(ctx, s, &Account{ID: a.ID, Owner: "x", Version: 2}))(t))
		must(t, s.Commit(ctx))
		expect(t, 3, a.Version)
	})
}

// There is no merging without a look at the row: what was given is compared with
// it, and need not be clean.
func TestMergeReadsTheRow(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		given := accounts(t, s, 1)[0]
		given.Balance = 5
		next := db.session(t)
		db.statements()
		merged := get(orm.Merge(ctx, next, given))(t)
		expect(t, []string{"SELECT accounts"}, targets(db.statements()))
		expect(t, []any{int64(5), true, true}, []any{merged.Balance, next.IsModified(merged), s.IsModified(given)})
		must(t, s.Rollback(ctx))
	})
}
