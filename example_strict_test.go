package orm_test

import (
	"context"
	"fmt"
	"log"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/sqlite"
	"github.com/aurum-go/orm/types"
)

// A join that was forgotten pairs every row with every other. A strict engine
// refuses it, unless CrossJoin says that it is meant.
func ExampleStrict() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}

	ctx, meta := context.Background(), orm.NewMetadata()
	customer := orm.NewTable("customer", meta, orm.NewColumn("name", types.String(20)))
	city := orm.NewTable("city", meta, orm.NewColumn("label", types.String(20)))
	engine, err := orm.Open("sqlite:///:memory:", orm.Strict())
	check(err)
	defer engine.Close()
	check(meta.CreateAll(ctx, engine))

	_, err = orm.Fetch[orm.M](ctx, engine, orm.Select(customer.C("name"), city.C("label")))
	fmt.Println(err)
	pairs, err := orm.Fetch[orm.M](ctx, engine, orm.Select(customer.C("name"), city.C("label")).From(customer).CrossJoin(city))
	fmt.Println(len(pairs), err)
	// Output:
	// orm: compile SELECT: nothing connects customer and city, so that every row of the one is paired with every row of the other (join them, or compare their columns in a condition; if every pair is meant, say CrossJoin, or Join on orm.True())
	// 0 <nil>
}
