package orm_test

import (
	"context"
	"errors"
	"testing"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/history"
	"github.com/aurum-go/orm/softdelete"
)

// Bundle is deleted softly.
type Bundle struct {
	orm.Base `orm:"table:bundles;polymorphic_on:Kind;polymorphic_identity:parcel"`
	softdelete.Columns

	ID    int64
	Kind  string `orm:"size:20"`
	Label string `orm:"size:20"`
}

// Hamper has a table of its own.
type Hamper struct {
	Bundle `orm:"inherits:joined;table:hampers;polymorphic_identity:crate"`

	Wood string `orm:"size:20"`
}

var bundles = orm.MustRegister(&Bundle{}, &Hamper{})

func TestHeirsAreDeletedSoftlyAsTheirBase(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withTables(t, bundles)
		factory, ctx := orm.NewSessionFactory(db.Engine, softdelete.Hide()), t.Context()
		t.Cleanup(softdelete.Listen(factory))
		s := factory.New()
		t.Cleanup(func() { must(t, s.Close()) })
		c := &Hamper{Bundle: Bundle{Label: "c"}, Wood: "oak"}
		s.Add(c, &Bundle{Label: "p"})
		must(t, s.Commit(ctx))
		db.statements()
		s.Delete(&c.Bundle)
		must(t, s.Commit(ctx))
		expect(t, []string{"UPDATE bundles"}, tablesWritten(db.writes()))
		s.ExpungeAll()
		expect(t, []int64{1, 0}, []int64{get(orm.Query[Bundle](s).Count(ctx))(t), get(orm.Query[Hamper](s).Count(ctx))(t)})
		if _, err := orm.Get[Hamper](ctx, s, c.ID); !errors.Is(err, orm.ErrNoRows) {
			t.Error(err)
		}
		all := get(orm.Query[Bundle](s).WithoutCriteria().OrderBy(orm.C(&orm.Entity[Bundle]().ID)).All(ctx))(t)
		found := false
		for _, p := range all {
			if whole, ok := orm.Downcast[Hamper](p); ok {
				found = whole.Wood == "oak" && whole.IsDeleted()
			}
		}
		if !found {
			t.Error("the crate is not whole")
		}
	})
}

func TestHistoryIsOfOneTable(t *testing.T) {
	t.Parallel()
	_, err := history.Keep[Hamper](bundles)
	expectKind(t, orm.ErrUnsupported, err)
}

func TestFieldsOfABaseAreValidatedInItsHeirs(t *testing.T) {
	db := onSQLite(t).withTables(t, bundles)
	p, refuse := orm.Entity[Bundle](), errors.New("no")
	t.Cleanup(orm.Validate(&p.Label, func(label string) (string, error) {
		if label == "wrong label" {
			return label, refuse
		}
		return label, nil
	}))
	s, ctx := db.session(t), context.Background()
	c := &Hamper{Bundle: Bundle{Label: "wrong label"}}
	s.Add(c)
	if err := s.Flush(ctx); !errors.Is(err, refuse) {
		t.Error(err)
	}
	c.Label = "right"
	must(t, s.Commit(ctx))
	c.Label = "wrong label"
	if err := s.Flush(ctx); !errors.Is(err, refuse) {
		t.Error(err)
	}
	must(t, s.Rollback(ctx))
}
