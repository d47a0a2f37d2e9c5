package orm_test

import (
	"fmt"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/postgres"
	"github.com/aurum-go/orm/types"
)

// Union puts the rows of queries together. The columns have the names of the
// first; order and limit behind it are those of the whole.
func ExampleUnion() {
	meta := orm.NewMetadata()
	customer := orm.NewTable("customer", meta, orm.NewColumn("name", types.String(20)))
	supplier := orm.NewTable("supplier", meta, orm.NewColumn("name", types.String(20)))
	stmt := orm.Union(orm.Select(customer.C("name")), orm.Select(supplier.C("name"))).OrderBy(customer.C("name").Desc()).Limit(10)
	text, args, err := orm.Compile(stmt, "postgres")
	fmt.Println(text, args, err)
	// Output:
	// SELECT customer.name FROM customer UNION SELECT supplier.name FROM supplier ORDER BY name DESC LIMIT $1 [10] <nil>
}
