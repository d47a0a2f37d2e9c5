package orm_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/sqlite"
)

type Patron struct {
	orm.Base `orm:"table:patrons"`

	ID      int64
	First   string `orm:"size:20"`
	Last    string `orm:"size:20;synonym:Surname"`
	Friends int64  `orm:"-"`
}

type Friendship struct {
	orm.Base `orm:"table:friendships"`

	ID       int64
	PatronID int64
}

// FullName is written once, and works on an object and in SQL.
var FullName = orm.Hybrid(func(m *Patron) orm.Expr[string] {
	return orm.Concat(orm.C(&m.First), orm.Lit(" "), orm.C(&m.Last))
}).Setter(func(m *Patron, name string) {
	m.First, m.Last, _ = strings.Cut(name, " ")
}).Updater(func(m *Patron, name string) []orm.Assignment {
	first, last, _ := strings.Cut(name, " ")
	return []orm.Assignment{orm.C(&m.First).Set(first), orm.C(&m.Last).Set(last)}
})

// Called compares without regard to case.
var Called = orm.Hybrid1(func(m *Patron, name string) orm.Expr[bool] {
	return orm.Eq(orm.Lower(orm.C(&m.First)), orm.Lower(orm.Lit(name)))
})

// A hybrid has the value of an object in Go, and is an expression in SQL. It can be
// assigned to as well.
func ExampleHybrid() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}
	ctx, models := context.Background(), orm.MustRegister(&Patron{})
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	check(models.CreateAll(ctx, engine))
	s := orm.NewSession(engine)
	defer s.Close()
	s.Add(&Patron{First: "Ed", Last: "Jones"}, &Patron{First: "Wendy", Last: "Smith"})
	check(s.Commit(ctx))

	m := orm.Entity[Patron]()
	ed, err := orm.Query[Patron](s).Filter(FullName.Expr(m).Eq("Ed Jones")).One(ctx)
	check(err)
	fmt.Println(FullName.Of(ed))
	check(FullName.Set(ed, "Edward Jones"))
	check(s.Commit(ctx))
	fmt.Println(orm.Query[Patron](s).Filter(Called.Expr(m, "EDWARD")).Update(ctx, FullName.Assign(m, "Ed Miller")...))
	fmt.Println(ed.First, ed.Last, Called.Of(ed, "ED"))
	// Output:
	// Ed Jones
	// 1 <nil>
	// Ed Miller true
}

// A column property is an expression that is read with its object, and stands for it
// in statements.
func ExampleColumnProperty() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}
	ctx, models := context.Background(), orm.MustRegister(&Patron{}, &Friendship{})
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	check(models.CreateAll(ctx, engine))

	m, f := orm.Entity[Patron](), orm.Entity[Friendship]()
	remove := orm.ColumnProperty(&m.Friends, orm.Scalar[int64](
		orm.Select(orm.Count()).From(f).Where(orm.Eq(orm.C(&f.PatronID), orm.C(&m.ID)))))
	defer remove()

	s := orm.NewSession(engine)
	defer s.Close()
	s.Add(&Patron{First: "Ed", Last: "Jones"}, &Patron{First: "Wendy", Last: "Smith"}, &Friendship{PatronID: 2})
	check(s.Commit(ctx))
	s.ExpungeAll()
	patrons, err := orm.Query[Patron](s).OrderBy(orm.C(&m.Friends).Desc()).All(ctx)
	check(err)
	for _, m := range patrons {
		fmt.Println(m.First, m.Friends)
	}
	fmt.Println(orm.Query[Patron](s).FilterBy("Surname", "Smith").Count(ctx))
	// Output:
	// Wendy 1
	// Ed 0
	// 1 <nil>
}
