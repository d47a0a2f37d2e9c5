package orm_test

import (
	"testing"

	"github.com/aurum-go/orm"
)

type Craft struct {
	orm.Base `orm:"table:crafts;polymorphic_on:Kind;polymorphic_identity:craft"`

	ID   int64  `orm:"primary_key"`
	Kind string `orm:"size:20"`
	Name string `orm:"size:50"`
}

type Sailer struct {
	Craft `orm:"inherits:concrete;table:sailers;polymorphic_identity:sailer"`

	Masts int
}

type Steamer struct {
	Craft `orm:"inherits:concrete;table:steamers;polymorphic_identity:steamer"`

	Boilers *int
	Masts   int
}

var harbour = orm.MustRegister(&Craft{}, &Sailer{}, &Steamer{})

func TestTryConcrete(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx := t.Context()
		if err := harbour.CreateAll(ctx, db.Engine); err != nil {
			t.Fatal(err)
		}
		s := db.session(t)
		s.Add(&Craft{Name: "raft"}, &Sailer{Craft: Craft{Name: "gorch"}, Masts: 3}, &Steamer{Craft: Craft{Name: "queen"}, Masts: 2})
		if err := s.Commit(ctx); err != nil {
			t.Fatal(err)
		}
		s.ExpungeAll()
		c := orm.Entity[Craft]()
		all, err := orm.Query[Craft](s).OrderBy(orm.C(&c.Name)).All(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range all {
			sa, ok := orm.Downcast[Sailer](x)
			st, tok := orm.Downcast[Steamer](x)
			t.Log(x.ID, x.Kind, x.Name, ok, tok)
			if ok {
				t.Log(sa.Masts)
				sa.Masts = 4
			}
			if tok {
				t.Log(st.Masts, st.Boilers)
			}
		}
		n, err := orm.Query[Craft](s).Filter(orm.C(&c.Name).Like("%e%")).Count(ctx)
		t.Log(n, err)
		for _, st := range db.statements() {
			t.Log(st)
		}
	})
}

type Purse struct {
	orm.Base `orm:"table:purses;polymorphic_identity:plain"`

	ID    int64 `orm:"primary_key"`
	Limit int
}

func (*Purse) ConfigureMapper(c *orm.MapperConfig) {
	p := orm.Entity[Purse]()
	c.PolymorphicOn(func() orm.Expr[string] { return orm.Case[string]().When(orm.C(&p.Limit).Gt(0), "credit").Else("plain") })
}

type CreditPurse struct {
	Purse `orm:"inherits:single;polymorphic_identity:credit"`

	Rate *int
}

var purses = orm.MustRegister(&Purse{}, &CreditPurse{})

func TestTryExpr(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx := t.Context()
		if err := purses.CreateAll(ctx, db.Engine); err != nil {
			t.Fatal(err)
		}
		s := db.session(t)
		s.Add(&Purse{}, &CreditPurse{Purse: Purse{Limit: 3}, Rate: new(int)})
		if err := s.Commit(ctx); err != nil {
			t.Fatal(err)
		}
		s.ExpungeAll()
		db.statements()
		all, err := orm.Query[Purse](s).All(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range all {
			_, ok := orm.Downcast[CreditPurse](x)
			t.Log(x.ID, ok)
		}
		n, err := orm.Query[CreditPurse](s).Count(ctx)
		t.Log(n, err)
		for _, st := range db.statements() {
			t.Log(st)
		}
	})
}
