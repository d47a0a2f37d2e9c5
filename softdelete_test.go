package orm_test

import (
	"errors"
	"testing"
	"time"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/softdelete"
)

// Scrap stays in the database when it is deleted, and the box that it is in does not.
type Scrap struct {
	orm.Base `orm:"table:scraps"`

	ID    int64
	Text  string `orm:"size:20"`
	BoxID int64  `orm:"foreign_key:trays.id"`
	softdelete.Columns
}

type Tray struct {
	orm.Base `orm:"table:trays"`

	ID     int64
	Scraps []*Scrap `orm:"order_by:ID"`
}

var scraps = orm.MustRegister(&Tray{}, &Scrap{})

func TestSoftDeletedRowStaysAndIsNotSeen(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withTables(t, scraps)
		ctx, m, b := t.Context(), orm.Entity[Scrap](), orm.Entity[Tray]()
		sessions := orm.NewSessionFactory(db.Engine, softdelete.Hide())
		remove := softdelete.Listen(sessions)
		s := sessions.New()
		defer func() { must(t, s.Close()) }()
		box := &Tray{Scraps: []*Scrap{{Text: "a"}, {Text: "b"}}}
		s.Add(box)
		must(t, s.Commit(ctx))
		gone := box.Scraps[0]
		s.Delete(gone)
		db.statements()
		must(t, s.Commit(ctx))
		expect(t, []string{"UPDATE scraps SET deleted_at = ? WHERE id = ?"}, db.plainStatements())
		expectState(t, orm.Persistent, gone)
		if !gone.IsDeleted() || time.Since(*gone.DeletedAt) > time.Minute {
			t.Errorf("it was deleted at %v", gone.DeletedAt)
		}
		s.ExpungeAll()
		expect(t, 1, len(get(orm.Query[Scrap](s).All(ctx))(t)))
		_, err := orm.Get[Scrap](ctx, s, gone.ID)
		expectKind(t, orm.ErrNoRows, err)
		boxes := get(orm.Query[Tray](s).Options(orm.SelectInLoad(&b.Scraps)).All(ctx))(t)
		expect(t, 1, len(boxes[0].Scraps))
		back := get(orm.Query[Scrap](s).WithoutCriteria().Filter(orm.C(&m.ID).Eq(gone.ID)).One(ctx))(t)
		back.Restore()
		must(t, s.Commit(ctx))
		expect(t, int64(2), get(orm.Query[Scrap](s).Count(ctx))(t))
		get(orm.Exec(ctx, s, orm.Delete(m).Where(orm.C(&m.ID).Eq(gone.ID))))(t)
		must(t, s.Commit(ctx))
		expect(t, int64(1), countOn(t, db, "scraps"))
		remove()
		s.Delete(get(orm.Query[Scrap](s).One(ctx))(t))
		must(t, s.Commit(ctx))
		expect(t, int64(0), countOn(t, db, "scraps"))
	})
}

// A rollback takes a deletion back, and one that is there already keeps its time.
func TestSoftDeletionIsPartOfTheTransaction(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withTables(t, scraps)
		ctx, sessions := t.Context(), orm.NewSessionFactory(db.Engine, softdelete.Hide())
		defer softdelete.Listen(sessions)()
		s := sessions.New()
		defer func() { must(t, s.Close()) }()
		box := &Tray{Scraps: []*Scrap{{Text: "a"}}}
		s.Add(box)
		must(t, s.Commit(ctx))
		scrap := box.Scraps[0]
		s.Delete(scrap)
		must(t, s.Flush(ctx))
		must(t, s.Rollback(ctx))
		expect(t, false, scrap.IsDeleted())
		s.Delete(scrap)
		must(t, s.Commit(ctx))
		at := *scrap.DeletedAt
		s.Delete(scrap)
		must(t, s.Commit(ctx))
		expect(t, true, at.Equal(*scrap.DeletedAt))
		if err := s.Refresh(ctx, scrap); !errors.Is(err, orm.ErrNoRows) {
			t.Errorf("what is hidden is read: %v", err)
		}
	})
}
