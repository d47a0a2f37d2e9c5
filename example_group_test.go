package orm_test

import (
	"fmt"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/mysql"
	_ "github.com/aurum-go/orm/dialects/postgres"
	_ "github.com/aurum-go/orm/dialects/sqlite"
	"github.com/aurum-go/orm/types"
)

// Rollup adds totals to the groups. Each database says it its own way, and one
// that cannot says so before anything is sent.
func ExampleRollup() {
	sale := orm.NewTable("sale", orm.NewMetadata(), orm.NewColumn("region", types.String(20)), orm.NewColumn("amount", types.Integer()))
	region, amount := orm.Col[string](sale, "region"), orm.Col[int](sale, "amount")
	stmt := orm.Select(region, orm.Sum(amount)).GroupBy(orm.Rollup(region))
	for _, dialect := range []string{"postgres", "mysql", "sqlite"} {
		text, _, err := orm.Compile(stmt, dialect)
		fmt.Println(text, err != nil)
	}
	// Output:
	// SELECT sale.region, sum(sale.amount) FROM sale GROUP BY ROLLUP (sale.region) false
	// SELECT sale.region, sum(sale.amount) FROM sale GROUP BY sale.region WITH ROLLUP false
	//  true
}
