package orm_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/sqlite"
)

type Order struct {
	orm.Base `orm:"table:orders"`

	ID    int64
	Buyer string  `orm:"size:50"`
	Lines []*Line `orm:"back_populates:Order;cascade:all,delete-orphan;order_by:ID"`
}

type Line struct {
	orm.Base `orm:"table:lines"`

	ID      int64
	Article string `orm:"size:50"`
	Count   int
	OrderID int64
	Order   *Order `orm:"back_populates:Lines" json:"-"`
}

// A graph that comes from elsewhere, a form or a message, is merged into the
// objects of its keys: what is not there is added, what is missing in a
// collection is an orphan, and nil says nothing.
func ExampleMerge() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}

	ctx, models := context.Background(), orm.MustRegister(&Order{}, &Line{})
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	check(models.CreateAll(ctx, engine))
	s := orm.NewSession(engine)
	defer s.Close()
	s.Add(&Order{Buyer: "ed", Lines: []*Line{{Article: "pen", Count: 1}, {Article: "ink", Count: 2}}})
	check(s.Commit(ctx))
	s.ExpungeAll()
	engine.Events().BeforeExecute(func(_ context.Context, x *orm.Execution) error {
		fmt.Println(x.SQL)
		return nil
	})

	var sent Order
	check(json.Unmarshal([]byte(`{"ID": 1, "Buyer": "edward", "Lines": [{"ID": 2, "Article": "ink", "Count": 5}, {"Article": "paper", "Count": 9}]}`), &sent))
	order, err := orm.Merge(ctx, s, &sent)
	check(err)
	check(s.Commit(ctx))
	fmt.Println(order.Buyer, len(order.Lines), order.Lines[0].Count, orm.StateOf(&sent))
	// Output:
	// SELECT orders.id, orders.buyer FROM orders WHERE orders.id = ?
	// SELECT lines.id, lines.article, lines.count, lines.order_id FROM lines WHERE lines.order_id IN (?) ORDER BY lines.id
	// UPDATE orders SET buyer = ? WHERE id = ?
	// UPDATE lines SET count = ? WHERE id = ?
	// INSERT INTO lines (article, count, order_id) VALUES (?, ?, ?)
	// DELETE FROM lines WHERE id = ?
	// edward 2 5 transient
}
