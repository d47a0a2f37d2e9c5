package orm_test

import (
	"fmt"
	"log"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/postgres"
)

// A MERGE takes a delivery into the stock: what was sold out goes, what is there is
// counted up, and what is new comes in.
func ExampleMergeInto() {
	type Stock struct {
		orm.Base `orm:"table:stock"`

		ID    int64
		Count int
	}
	type Delivery struct {
		orm.Base `orm:"table:deliveries"`

		ID      int64
		StockID int64
		Change  int
	}
	orm.MustRegister(&Stock{}, &Delivery{})

	s, d := orm.Entity[Stock](), orm.Entity[Delivery]()
	count, change := orm.C(&s.Count), orm.C(&d.Change)
	stmt := orm.MergeInto(s).Using(d, orm.Eq(orm.C(&s.ID), orm.C(&d.StockID))).
		WhenMatched(orm.Add(count, change).Le(0)).Delete().
		WhenMatched().Update(count.SetExpr(orm.Add(count, change))).
		WhenNotMatched(change.Gt(0)).Insert(orm.C(&s.ID).SetExpr(orm.C(&d.StockID)), count.SetExpr(change))

	text, args, err := orm.Compile(stmt, "postgres")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(text, args)
	// Output:
	// MERGE INTO stock USING deliveries ON stock.id = deliveries.stock_id WHEN MATCHED AND stock.count + deliveries.change <= $1 THEN DELETE WHEN MATCHED THEN UPDATE SET count = stock.count + deliveries.change WHEN NOT MATCHED AND deliveries.change > $2 THEN INSERT (id, count) VALUES (deliveries.stock_id, deliveries.change) [0 0]
}
