package orm_test

import (
	"testing"

	"github.com/aurum-go/orm"
)

type Atelier struct {
	orm.Base `orm:"table:ateliers"`

	ID    int64      `orm:"primary_key"`
	Name  string     `orm:"size:50"`
	Staff []*Artisan `orm:"back_populates:Atelier;order_by:ID"`
}

type Artisan struct {
	orm.Base `orm:"table:artisans;polymorphic_on:Kind;polymorphic_identity:worker"`

	ID        int64  `orm:"primary_key"`
	Kind      string `orm:"size:20"`
	Name      string `orm:"size:50"`
	AtelierID *int64
	Atelier   *Atelier `orm:"back_populates:Staff"`
}

type Potter struct {
	Artisan `orm:"inherits:joined;table:potters;polymorphic_identity:smith"`

	Metal string `orm:"size:20"`
}

type Jeweller struct {
	Potter `orm:"inherits:joined;table:jewellers;polymorphic_identity:goldsmith"`

	Carat int
}

type Scribe struct {
	Artisan `orm:"inherits:single;polymorphic_identity:clerk"`

	Budget int64
}

var workshop = orm.MustRegister(&Jeweller{}, &Scribe{}, &Atelier{}, &Potter{}, &Artisan{})

func TestTry(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx := t.Context()
		if err := workshop.CreateAll(ctx, db.Engine); err != nil {
			t.Fatal(err)
		}
		s := db.session(t)
		f := &Atelier{Name: "f"}
		gold := &Jeweller{Potter: Potter{Artisan: Artisan{Name: "gil", Atelier: f}, Metal: "gold"}, Carat: 18}
		s.Add(&Artisan{Name: "wil", Atelier: f}, &Potter{Artisan: Artisan{Name: "sam", Atelier: f}, Metal: "iron"}, gold, &Scribe{Artisan: Artisan{Name: "cal", Atelier: f}, Budget: 7})
		if err := s.Commit(ctx); err != nil {
			t.Fatal(err)
		}
		s.ExpungeAll()
		w := orm.Entity[Artisan]()
		all, err := orm.Query[Artisan](s).OrderBy(orm.C(&w.Name)).All(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range all {
			sm, ok := orm.Downcast[Potter](x)
			g, gok := orm.Downcast[Jeweller](x)
			c, cok := orm.Downcast[Scribe](x)
			t.Log(x.Kind, x.Name, ok, gok, cok)
			if ok {
				t.Log(sm.Metal)
			}
			if gok {
				t.Log(g.Carat)
				g.Carat++
			}
			if cok {
				t.Log(c.Budget)
			}
		}
		if err := s.Commit(ctx); err != nil {
			t.Fatal(err)
		}
		g := orm.Entity[Jeweller]()
		n, err := orm.Query[Jeweller](s).Filter(orm.C(&g.Carat).Eq(19), orm.C(&g.Name).Eq("gil")).One(ctx)
		if err != nil {
			t.Fatal(err)
		}
		t.Log(n.Carat, n.Metal)
		cl, err := orm.Query[Scribe](s).All(ctx)
		if err != nil {
			t.Fatal(err)
		}
		t.Log(len(cl))
		s.Delete(n)
		if err := s.Commit(ctx); err != nil {
			t.Fatal(err)
		}
		s.ExpungeAll()
		fs, err := orm.Query[Atelier](s).Options(orm.SelectInLoad(&orm.Entity[Atelier]().Staff)).One(ctx)
		if err != nil {
			t.Fatal(err)
		}
		t.Log(len(fs.Staff))
		for _, st := range db.statements()[:0] {
			t.Log(st)
		}
	})
}
