package orm_test

import (
	"context"
	"fmt"
	"log"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/postgres"
	_ "github.com/aurum-go/orm/dialects/sqlite"
	"github.com/aurum-go/orm/types"
)

// What the database computes is never written, and read back with every write.
func Example_computed() {
	type Item struct {
		orm.Base `orm:"table:items"`

		ID              int64
		Price, Quantity int
		Total           int `orm:"computed:price * quantity;stored"`
	}
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}

	ctx, models := context.Background(), orm.MustRegister(&Item{})
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	check(models.CreateAll(ctx, engine))
	s := orm.NewSession(engine)
	defer s.Close()
	item := &Item{Price: 3, Quantity: 5}
	s.Add(item)
	check(s.Flush(ctx))
	fmt.Println(item.Total)
	item.Quantity = 6
	check(s.Commit(ctx))
	fmt.Println(item.Total)
	// Output:
	// 15
	// 18
}

// Numbers that the database makes for a key, and those of a sequence.
func ExampleNewSequence() {
	metadata := orm.NewMetadata()
	number := orm.NewSequence("ticket_number", metadata).Start(1000)
	orm.NewTable("tickets", metadata,
		orm.NewColumn("id", types.BigInteger(), orm.PrimaryKey(), orm.Identity().Always()),
		orm.NewColumn("no", types.BigInteger(), number),
	)
	statements, err := metadata.CreateSQL("postgres")
	if err != nil {
		log.Fatal(err)
	}
	for _, text := range statements {
		fmt.Println(text)
	}
	// Output:
	// CREATE SEQUENCE ticket_number START WITH 1000
	// CREATE TABLE tickets (
	// 	id BIGINT GENERATED ALWAYS AS IDENTITY,
	// 	no BIGINT DEFAULT nextval('ticket_number'),
	// 	CONSTRAINT pk_tickets PRIMARY KEY (id)
	// )
}
