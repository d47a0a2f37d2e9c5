package orm_test

import (
	"context"
	"errors"
	"testing"

	"github.com/aurum-go/orm"
)

// A child that only refers to a parent that is deleted goes with it, or loses its
// reference, though the parent's collection does not have it.
func TestChildThatOnlyRefersToADeletedParentGoesWithIt(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withTables(t, graph)
		for _, loaded := range []bool{true, false} {
			s, ctx := db.session(t), t.Context()
			ed, jo := &Person{Name: "ed", Articles: []*Article{{Title: "a"}}, Drafts: []*Draft{{Text: "x"}}}, &Person{Name: "jo"}
			s.Add(ed, jo)
			must(t, s.Commit(ctx))
			a, d := ed.Articles[0], ed.Drafts[0]
			if !loaded {
				s.ExpungeAll()
				ed, jo = get(orm.Get[Person](ctx, s, ed.ID))(t), get(orm.Get[Person](ctx, s, jo.ID))(t)
				a, d = get(orm.Get[Article](ctx, s, a.ID))(t), get(orm.Get[Draft](ctx, s, d.ID))(t)
			}
			a.Author, d.Owner = jo, jo
			s.Delete(jo)
			must(t, s.Commit(ctx))
			expectState(t, orm.Detached, a, jo)
			expect(t, true, d.Owner == nil && d.OwnerID == nil && len(ed.Articles)+len(ed.Drafts) == 0)
			expect(t, 0, len(db.titles(t)))
			s.Delete(ed, d)
			must(t, s.Commit(ctx))
		}
	})
}

// A child whose foreign key was written by hand stays where it has moved to, though
// the collection of the parent that is deleted has it still.
func TestChildWhoseKeyHasMovedStaysWhenItsOldParentIsDeleted(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, graph).session(t), t.Context()
		ed, jo := &Person{Name: "ed", Articles: []*Article{{Title: "a"}}, Drafts: []*Draft{{Text: "x"}}}, &Person{Name: "jo"}
		s.Add(ed, jo)
		must(t, s.Flush(ctx))
		a, d := ed.Articles[0], ed.Drafts[0]
		a.AuthorID, d.OwnerID = jo.ID, &jo.ID
		must(t, s.Flush(ctx))
		s.Delete(ed)
		must(t, s.Commit(ctx))
		expectState(t, orm.Persistent, a, d)
		expect(t, []int64{jo.ID}, ints(t, db, "SELECT author_id FROM articles"))
		expect(t, []int64{jo.ID}, ints(t, db, "SELECT owner_id FROM drafts"))
	})
}

// What a new object has brought leaves the session with it, however far below, or
// is nobody's; what was moved below it is an orphan.
func TestNewObjectThatLeavesTheSessionTakesWhatIsBelow(t *testing.T) {
	newWing := func() *Wing {
		return &Wing{Lamps: []*Lamp{{}}, Crests: []*Crest{{Name: "c"}}}
	}
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, manors).session(t), t.Context()
		m, old, lamp := &Manor{Wings: []*Wing{newWing()}}, &Manor{}, &Lamp{}
		s.Add(m, old)
		taken := m.Wings[0]
		m.Wings = nil
		db.statements()
		must(t, s.Commit(ctx))
		expect(t, []string{"INSERT crests", "INSERT manors"}, sorted(targets(db.statements())))
		expectState(t, orm.Transient, taken, taken.Lamps[0])
		s.Delete(taken.Crests[0])
		must(t, s.Commit(ctx))

		late := newWing()
		late.Manor = old
		s.Add(late)
		s.Delete(old)
		must(t, s.Commit(ctx))
		expectState(t, orm.Transient, late, late.Lamps[0])

		m.Wings = []*Wing{{Lamps: []*Lamp{lamp}}}
		must(t, s.Commit(ctx))
		m.Wings[0].Lamps = nil
		taken = &Wing{Lamps: []*Lamp{lamp}}
		other := &Manor{Wings: []*Wing{taken}}
		s.Add(other)
		other.Wings = nil
		must(t, s.Commit(ctx))
		expectState(t, orm.Transient, taken)
		expectState(t, orm.Detached, lamp)
	})
}

// A new object that leaves the session is in no collection of those that stay.
func TestNewObjectThatLeavesTheSessionLeavesCollections(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, manors).session(t), t.Context()
		m, boss := &Manor{}, &Warden{}
		s.Add(m, boss)
		must(t, s.Commit(ctx))
		byReference, byCollection := &Wing{Manor: m, Warden: boss}, &Wing{Manor: m}
		boss.Wings = append(boss.Wings, byCollection)
		s.Add(byReference)
		s.Delete(m)
		must(t, s.Commit(ctx))
		expectState(t, orm.Transient, byReference, byCollection)
		expect(t, 0, len(boss.Wings))
		expect(t, 0, len(s.Dirty()))
	})
}

// A tree below a new object that leaves is nobody's, unless it is new itself.
func TestWhatRefersToANewObjectThatLeavesIsReleased(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, manors).session(t), t.Context()
		boss, staff := &Warden{Name: "boss"}, &Warden{Name: "staff"}
		s.Add(boss, staff)
		must(t, s.Commit(ctx))
		middle := &Warden{Name: "middle", Boss: boss, Staff: []*Warden{staff, {Name: "new"}}}
		s.Add(middle)
		s.Delete(boss)
		must(t, s.Commit(ctx))
		expectState(t, orm.Transient, middle, middle.Staff[1])
		expect(t, true, staff.Boss == nil && staff.BossID == nil)
		expect(t, []int64{1}, ints(t, db, "SELECT count(*) FROM wardens"))
	})
}

// Piston refers to an Axle that a Motor owns, and the Axle does not know it.
type Motor struct {
	orm.Base `orm:"table:motors"`

	ID    int64
	Axles []*Axle `orm:"back_populates:Motor;cascade:all,delete-orphan"`
}

type Axle struct {
	orm.Base `orm:"table:axles"`

	ID      int64
	MotorID int64
	Motor   *Motor `orm:"back_populates:Axles"`
}

type Piston struct {
	orm.Base `orm:"table:pistons"`

	ID     int64
	AxleID int64
	Axle   *Axle
}

var motors = orm.MustRegister(&Motor{}, &Axle{}, &Piston{})

// A reference to a new object that is not written after all is an error.
func TestReferenceToANewObjectThatLeavesIsRefused(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, motors).session(t), t.Context()
		motor := &Motor{Axles: []*Axle{{}}}
		piston := &Piston{Axle: motor.Axles[0]}
		s.Add(motor, piston)
		motor.Axles = nil
		db.statements()
		expectKind(t, orm.ErrNotPersistent, s.Commit(ctx))
		expect(t, 0, len(db.statements()))
		must(t, s.Rollback(ctx))
		motor.Axles = []*Axle{piston.Axle}
		s.Add(motor, piston)
		must(t, s.Commit(ctx))
		expect(t, piston.Axle.ID, piston.AxleID)
	})
}

// A foreign key that a later flush has replaced is after the rollback what it was
// before.
func TestRollbackPutsBackTheForeignKeyOfANewObject(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, graph).session(t), t.Context()
		jo := &Person{Name: "jo"}
		s.Add(jo)
		must(t, s.Commit(ctx))
		ed, later, atOnce := &Person{Name: "ed"}, &Draft{Text: "d", OwnerID: new(jo.ID)}, &Draft{Text: "e", OwnerID: new(jo.ID)}
		atOnce.Owner = ed
		s.Add(ed, later, atOnce)
		must(t, s.Flush(ctx))
		ed.Drafts = append(ed.Drafts, later)
		must(t, s.Flush(ctx))
		expect(t, []int64{ed.ID, ed.ID}, get(orm.Fetch[int64](ctx, s, orm.Text("SELECT owner_id FROM drafts")))(t))
		must(t, s.Rollback(ctx))
		expect(t, []int64{jo.ID, jo.ID}, []int64{*later.OwnerID, *atOnce.OwnerID})
		expect(t, []int64{0, 0, 0}, []int64{ed.ID, later.ID, atOnce.ID})
	})
}

// What was read after rows were written may be undone with them, and is forgotten
// then; what was read before stays.
func TestRollbackForgetsWhatWasReadOfRowsThatItUndoes(t *testing.T) {
	stop := errors.New("stop")
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withTables(t, graph)
		for _, nested := range []bool{true, false} {
			s, ctx := db.session(t), t.Context()
			a := &Article{Title: "a", Author: &Person{Name: "ed"}}
			l, jo := &Label{Name: "l"}, &Person{Name: "jo"}
			s.Add(a, l, jo)
			must(t, s.Commit(ctx))
			s.ExpungeAll()
			a, l, jo = get(orm.Get[Article](ctx, s, a.ID))(t), get(orm.Get[Label](ctx, s, l.ID))(t), get(orm.Get[Person](ctx, s, jo.ID))(t)
			work := func(ctx context.Context) error {
				must(t, orm.Load(ctx, a, &a.Labels, &a.Author))
				a.Labels, a.Author = []*Label{l}, jo
				must(t, s.Flush(ctx))
				must(t, orm.Load(ctx, l, &l.Articles))
				must(t, orm.Load(ctx, jo, &jo.Articles))
				expect(t, []int{1, 1}, []int{len(l.Articles), len(jo.Articles)})
				return stop
			}
			if nested {
				expectKind(t, stop, s.Nested(ctx, work))
			} else {
				expectKind(t, stop, work(ctx))
				must(t, s.Rollback(ctx))
			}
			expect(t, true, l.Articles == nil && jo.Articles == nil && !orm.Loaded(l, &l.Articles) && !orm.Loaded(jo, &jo.Articles))
			expect(t, true, a.Author.Name == "ed" && orm.Loaded(a, &a.Author) && len(a.Labels) == 0 && orm.Loaded(a, &a.Labels))
			db.statements()
			must(t, s.Commit(ctx))
			expect(t, 0, len(targets(db.statements())))
			s.Delete(l, a.Author, jo)
			must(t, s.Commit(ctx))
		}
	})
}

// A statement of the user's may be what is undone.
func TestRollbackForgetsWhatWasReadAfterAStatement(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, graph).session(t), t.Context()
		a, l := &Article{Title: "a", Author: &Person{Name: "ed"}}, &Label{Name: "l"}
		s.Add(a, l)
		must(t, s.Commit(ctx))
		s.ExpungeAll()
		l = get(orm.Get[Label](ctx, s, l.ID))(t)
		_, err := orm.Exec(ctx, s, orm.Text("INSERT INTO article_labels (article_id, label_id) SELECT articles.id, labels.id FROM articles, labels"))
		must(t, err)
		must(t, orm.Load(ctx, l, &l.Articles))
		expect(t, 1, len(l.Articles))
		must(t, s.Rollback(ctx))
		expect(t, true, l.Articles == nil && !orm.Loaded(l, &l.Articles))
	})
}

// A link goes, though one of its ends was expunged.
func TestLinkToAnExpungedObjectIsDeleted(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, graph).session(t), t.Context()
		a := &Article{Title: "a", Author: &Person{Name: "ed"}, Labels: []*Label{{Name: "x"}, {Name: "y"}}}
		s.Add(a)
		must(t, s.Commit(ctx))
		x, y := a.Labels[0], a.Labels[1]
		id := y.ID
		s.Expunge(x, y)
		x.ID = 99 // which its row does not know
		a.Labels = []*Label{y}
		db.statements()
		must(t, s.Commit(ctx))
		expect(t, []string{"DELETE article_labels"}, targets(db.statements()))
		expect(t, []int64{id}, ints(t, db, "SELECT label_id FROM article_labels"))
		expect(t, []int64{2}, ints(t, db, "SELECT count(*) FROM labels"))
	})
}

// Circles of new objects are told apart from one that refers to itself.
func TestCircleOfNewObjectsIsNamed(t *testing.T) {
	s, ctx := onSQLite(t).withTables(t, graph).session(t), t.Context()
	self := &Branch{Name: "s"}
	self.Parent = self
	s.Add(self)
	err := s.Commit(ctx)
	expectKind(t, orm.ErrCircular, err)
	expect(t, "orm: flush Branch.Parent: a new object refers to itself, and its key is not there before its row (tag the relationship post_update)", err.Error())
	must(t, s.Rollback(ctx))
	a, b, c := &Branch{Name: "a"}, &Branch{Name: "b"}, &Branch{Name: "c"}
	a.Parent, b.Parent, c.Parent = b, c, a
	s.Add(a)
	err = s.Commit(ctx)
	expectKind(t, orm.ErrCircular, err)
	expect(t, "orm: flush Branch.Parent: new objects refer to each other in a circle, and none can be first (tag one of the relationships post_update)", err.Error())
	must(t, s.Rollback(ctx))
}

// An object whose deletion is taken back may still show members that were deleted
// in the same transaction.
func TestDeletionIsTakenBackWithDeletedMembers(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, graph).session(t), t.Context()
		ed := &Person{Name: "ed", Articles: []*Article{{Title: "a"}, {Title: "b"}}}
		s.Add(ed)
		must(t, s.Commit(ctx))
		s.Delete(ed.Articles[0])
		must(t, s.Flush(ctx))
		expect(t, 2, len(ed.Articles))
		s.Delete(ed)
		s.Add(ed)
		must(t, s.Commit(ctx))
		expect(t, []string{"b"}, db.titles(t))
		expectState(t, orm.Persistent, ed, ed.Articles[1])
	})
}
