package orm_test

import (
	"context"
	"fmt"
	"log"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/sqlite"
)

type Yard struct {
	orm.Base `orm:"table:yards"`

	ID    int64
	Name  string     `orm:"size:50"`
	Staff []*Staffer `orm:"back_populates:Yard;order_by:ID"`
}

type Staffer struct {
	orm.Base `orm:"table:staffers;polymorphic_on:Kind;polymorphic_identity:staffer"`

	ID     int64
	Kind   string `orm:"size:20"`
	Name   string `orm:"size:50"`
	YardID *int64
	Yard   *Yard `orm:"back_populates:Staff"`
}

// Welder has a table of its own beside that of Staffer.
type Welder struct {
	Staffer `orm:"inherits:joined;table:welders;polymorphic_identity:welder"`

	Gas string `orm:"size:20"`
}

// Foreman is in the table of Staffer.
type Foreman struct {
	Staffer `orm:"inherits:single;polymorphic_identity:foreman"`

	Desk int
}

// Objects of structs that inherit are written to all their tables. A query for the
// base gives whole objects, and Downcast leads to them.
func ExampleDowncast() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}
	ctx, models := context.Background(), orm.MustRegister(&Yard{}, &Staffer{}, &Welder{}, &Foreman{})
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	check(models.CreateAll(ctx, engine))
	s := orm.NewSession(engine)
	defer s.Close()

	s.Add(
		&Staffer{Name: "ann"},
		&Welder{Staffer: Staffer{Name: "bob"}, Gas: "argon"},
		&Foreman{Staffer: Staffer{Name: "cyd"}, Desk: 7},
	)
	check(s.Commit(ctx))

	w := orm.Entity[Staffer]()
	staff, err := orm.Query[Staffer](s).OrderBy(orm.C(&w.Name)).All(ctx)
	check(err)
	for _, worker := range staff {
		if welder, ok := orm.Downcast[Welder](worker); ok {
			fmt.Println(welder.Name, "welds with", welder.Gas, &welder.Staffer == worker)
		} else if foreman, ok := orm.Downcast[Foreman](worker); ok {
			fmt.Println(foreman.Name, "has desk", foreman.Desk)
		} else {
			fmt.Println(worker.Name, "is a", worker.Kind)
		}
	}
	// Output:
	// ann is a staffer
	// bob welds with argon true
	// cyd has desk 7
}

// WithPolymorphic reads the tables of structs that inherit along with that of the
// base. Conditions and orders may name their fields then.
func ExampleEntityQuery_WithPolymorphic() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}
	ctx, models := context.Background(), orm.MustRegister(&Yard{}, &Staffer{}, &Welder{}, &Foreman{})
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	check(models.CreateAll(ctx, engine))
	s := orm.NewSession(engine)
	defer s.Close()
	s.Add(&Welder{Staffer: Staffer{Name: "bob"}, Gas: "argon"}, &Foreman{Staffer: Staffer{Name: "cyd"}, Desk: 7}, &Foreman{Staffer: Staffer{Name: "dan"}, Desk: 8})
	check(s.Commit(ctx))

	w, welder, foreman := orm.Entity[Staffer](), orm.Entity[Welder](), orm.Entity[Foreman]()
	q := orm.Query[Staffer](s).WithPolymorphic(&Welder{}).
		Filter(orm.Or(orm.C(&welder.Gas).Eq("argon"), orm.C(&foreman.Desk).Gt(7))).OrderBy(orm.C(&w.Name))
	fmt.Println(q.Statement())
	staff, err := q.All(ctx)
	check(err)
	for _, worker := range staff {
		fmt.Println(worker.Kind, worker.Name)
	}
	// Output:
	// SELECT staffers.id, staffers.kind, staffers.name, staffers.yard_id, staffers.desk, welders.gas FROM staffers LEFT OUTER JOIN welders ON welders.id = staffers.id WHERE welders.gas = ? OR staffers.desk > ? ORDER BY staffers.name
	// welder bob
	// foreman dan
}

// A relationship to the base leads to whole objects. A join, or a condition, can be
// for those of one struct that inherits.
func ExampleManyOf_inherited() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}
	ctx, models := context.Background(), orm.MustRegister(&Yard{}, &Staffer{}, &Welder{}, &Foreman{})
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	check(models.CreateAll(ctx, engine))
	s := orm.NewSession(engine)
	defer s.Close()
	north := &Yard{Name: "north"}
	s.Add(&Welder{Staffer: Staffer{Name: "bob", Yard: north}, Gas: "argon"}, &Foreman{Staffer: Staffer{Name: "cyd", Yard: north}, Desk: 7}, &Yard{Name: "south"})
	check(s.Commit(ctx))

	yard, welder := orm.Entity[Yard](), orm.Entity[Welder]()
	welding := orm.ManyOf[Welder](&yard.Staff).Any(orm.C(&welder.Gas).Eq("argon"))
	fmt.Println(orm.Pluck(ctx, orm.Query[Yard](s).Filter(welding), orm.C(&yard.Name)))
	fmt.Println(orm.Pluck(ctx, orm.Query[Yard](s).Join(&yard.Staff, welder), orm.C(&welder.Name)))

	found, err := orm.Query[Yard](s).Filter(welding).Options(orm.SelectInLoad(&yard.Staff)).One(ctx)
	check(err)
	for _, worker := range found.Staff {
		_, welds := orm.Downcast[Welder](worker)
		fmt.Println(worker.Name, welds)
	}
	// Output:
	// [north] <nil>
	// [bob] <nil>
	// bob true
	// cyd false
}

// Update and Delete of a query write all tables of its struct.
func ExampleEntityQuery_Update_inherited() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}
	ctx, models := context.Background(), orm.MustRegister(&Yard{}, &Staffer{}, &Welder{}, &Foreman{})
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	check(models.CreateAll(ctx, engine))
	s := orm.NewSession(engine)
	defer s.Close()
	s.Add(&Welder{Staffer: Staffer{Name: "bob"}, Gas: "argon"}, &Foreman{Staffer: Staffer{Name: "cyd"}, Desk: 7})
	check(s.Commit(ctx))

	welder, foreman := orm.Entity[Welder](), orm.Entity[Foreman]()
	fmt.Println(orm.Query[Welder](s).Filter(orm.C(&welder.Gas).Eq("argon")).
		Update(ctx, orm.C(&welder.Name).Set("rob"), orm.C(&welder.Gas).Set("neon")))
	fmt.Println(orm.Query[Foreman](s).Filter(orm.C(&foreman.Name).Ne("rob")).Delete(ctx))
	left, err := orm.Query[Welder](s).One(ctx)
	check(err)
	fmt.Println(left.Name, left.Gas)
	// Output:
	// 1 <nil>
	// 1 <nil>
	// rob neon
}
