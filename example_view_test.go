package orm_test

import (
	"context"
	"fmt"
	"log"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/sqlite"
	"github.com/aurum-go/orm/types"
)

type Takings struct {
	orm.Base `orm:"table:sales"`

	ID    int64
	Town  string
	Price int
}

// TownTotal is mapped to a SELECT: there is no table of it.
type TownTotal struct {
	orm.Base `orm:"table:totals"`

	Town  string `orm:"primary_key"`
	Price int
}

func (*TownTotal) ConfigureMapper(c *orm.MapperConfig) {
	s := orm.Entity[Takings]()
	c.Select(func() orm.Subselect {
		return orm.Select(orm.C(&s.Town), orm.Sum(orm.C(&s.Price)).As("price")).From(s).GroupBy(orm.C(&s.Town))
	})
}

// Objects may come from a query. They are read like others, and not written.
func ExampleMapperConfig_Select() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}

	ctx, models := context.Background(), orm.MustRegister(&Takings{}, &TownTotal{})
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	check(models.CreateAll(ctx, engine))
	s := orm.NewSession(engine)
	defer s.Close()
	orm.AddAll(s, []*Takings{{Town: "Perth", Price: 4}, {Town: "Perth", Price: 5}, {Town: "Hobart", Price: 3}})
	check(s.Commit(ctx))

	total := orm.Entity[TownTotal]()
	q := orm.Query[TownTotal](s).Filter(orm.C(&total.Price).Gt(4)).OrderBy(orm.C(&total.Town))
	fmt.Println(orm.Compile(q.Statement(), "sqlite"))
	totals, err := q.All(ctx)
	check(err)
	fmt.Println(totals[0].Town, totals[0].Price)
	totals[0].Price++
	fmt.Println(s.Flush(ctx))
	// Output:
	// SELECT totals.town, totals.price FROM (SELECT sales.town, sum(sales.price) AS price FROM sales GROUP BY sales.town) AS totals WHERE totals.price > ? ORDER BY totals.town [4] <nil>
	// Perth 9
	// orm: flush TownTotal: it is mapped to a SELECT, which is read and not written (write the objects that it is made of)
}

// A view is a table whose rows come from a query.
func ExampleNewView() {
	metadata := orm.NewMetadata()
	people := orm.NewTable("people", metadata, orm.NewColumn("name", types.Text()), orm.NewColumn("age", types.Integer()))
	adults := orm.NewView("adults", metadata, orm.Select(people.C("name")).From(people).Where(orm.Col[int](people, "age").Ge(18)))
	fmt.Println(orm.Compile(orm.CreateView(adults), "postgres"))
	fmt.Println(orm.Compile(orm.Select(adults.C("name")).From(adults), "postgres"))
	// Output:
	// CREATE VIEW adults AS SELECT people.name FROM people WHERE people.age >= 18 [] <nil>
	// SELECT adults.name FROM adults [] <nil>
}
