package orm_test

import (
	"context"
	"fmt"
	"log"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/sqlite"
)

// Payer is whoever pays.
type Payer interface{ Owes() int }

type Tenant struct {
	orm.Base `orm:"table:tenants;polymorphic_on:Kind;polymorphic_identity:tenant"`

	ID   int64
	Kind string `orm:"size:20"`
	Name string `orm:"size:50"`
	Rent int
}

func (t *Tenant) Owes() int { return t.Rent }

// Bakery has all columns of Tenant in a table of its own.
type Bakery struct {
	Tenant `orm:"inherits:concrete;table:bakeries;polymorphic_identity:bakery"`

	Turnover int
}

func (s *Bakery) Owes() int { return s.Rent + s.Turnover/10 }

// A query for the base reads the union of the tables. What it finds are pointers to
// the structs that the objects are of, where an interface is asked for.
func ExampleQueryAs() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}
	ctx, models := context.Background(), orm.MustRegister(&Tenant{}, &Bakery{})
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	check(models.CreateAll(ctx, engine))
	s := orm.NewSession(engine)
	defer s.Close()
	s.Add(&Tenant{Name: "ann", Rent: 700}, &Bakery{Tenant: Tenant{Name: "rolls", Rent: 900}, Turnover: 5000})
	check(s.Commit(ctx))

	payers, err := orm.QueryAs[Payer](s).OrderBy(orm.F("Name").Asc()).All(ctx)
	check(err)
	for _, payer := range payers {
		_, isBakery := payer.(*Bakery)
		fmt.Println(payer.Owes(), isBakery)
	}
	t := orm.Entity[Tenant]()
	fmt.Println(orm.Query[Tenant](s).Filter(orm.C(&t.Rent).Gt(800)).Count(ctx))
	// Output:
	// 700 false
	// 1400 true
	// 1 <nil>
}

type Playgoer struct {
	orm.Base `orm:"table:playgoers;polymorphic_identity:guest"`

	ID    int64
	Price int
}

// ConfigureMapper has an expression tell whose a row is.
func (*Playgoer) ConfigureMapper(c *orm.MapperConfig) {
	t := orm.Entity[Playgoer]()
	c.PolymorphicOn(func() orm.Expr[string] {
		return orm.Case[string]().When(orm.C(&t.Price).Gt(100), "benefactor").Else("guest")
	})
}

type Benefactor struct {
	Playgoer `orm:"inherits:single;polymorphic_identity:benefactor"`

	Seat *int
}

// No column says whose a row is: that follows from the price.
func ExampleMapperConfig_PolymorphicOn() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}
	ctx, models := context.Background(), orm.MustRegister(&Playgoer{}, &Benefactor{})
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	check(models.CreateAll(ctx, engine))
	s := orm.NewSession(engine)
	defer s.Close()
	seat := 12
	s.Add(&Playgoer{Price: 20}, &Benefactor{Playgoer: Playgoer{Price: 500}, Seat: &seat})
	check(s.Commit(ctx))

	fmt.Println(orm.Query[Playgoer](s).Count(ctx))
	fmt.Println(orm.Query[Benefactor](s).Count(ctx))
	// Output:
	// 2 <nil>
	// 1 <nil>
}
