package orm_test

import (
	"fmt"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/postgres"
	"github.com/aurum-go/orm/types"
)

// A lateral query in FROM uses what stands before it: here, the last order of
// each customer.
func ExampleSelectStatement_Lateral() {
	meta := orm.NewMetadata()
	customer := orm.NewTable("customer", meta, orm.NewColumn("id", types.Integer(), orm.PrimaryKey()), orm.NewColumn("name", types.String(20)))
	order := orm.NewTable("orders", meta, orm.NewColumn("id", types.Integer(), orm.PrimaryKey()), orm.NewColumn("customer_id", types.Integer()))
	last := orm.Select(order.C("id")).From(order).
		Where(orm.Eq(order.C("customer_id"), customer.C("id"))).
		OrderBy(order.C("id").Desc()).Limit(1).Lateral("last_order")
	stmt := orm.Select(customer.C("name"), last.C("id")).From(customer).OuterJoin(last, orm.True())
	text, _, err := orm.Compile(stmt, "postgres")
	fmt.Println(text, err)
	// Output:
	// SELECT customer.name, last_order.id FROM customer LEFT OUTER JOIN LATERAL (SELECT orders.id FROM orders WHERE orders.customer_id = customer.id ORDER BY orders.id DESC LIMIT $1) AS last_order ON TRUE <nil>
}
