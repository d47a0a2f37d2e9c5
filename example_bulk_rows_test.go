package orm_test

import (
	"context"
	"fmt"
	"log"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/sqlite"
)

// Rows come and go past the unit of work: as maps, which may name different columns,
// or as objects, which stay the caller's.
func ExampleBulkInsert() {
	type Reading struct {
		orm.Base `orm:"table:readings"`

		ID     int64
		Sensor string `orm:"size:20;unique"`
		Value  float64
		Unit   string `orm:"size:5;default:C"`
	}
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}

	ctx, models := context.Background(), orm.MustRegister(&Reading{})
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	check(models.CreateAll(ctx, engine))
	s, r := orm.NewSession(engine), orm.Entity[Reading]()
	defer s.Close()
	engine.Events().BeforeExecute(func(_ context.Context, x *orm.Execution) error {
		fmt.Println(x.SQL)
		return nil
	})

	n, err := orm.BulkInsert[Reading](ctx, s, []orm.M{{"Sensor": "roof", "Value": 4.5}, {"Sensor": "cellar", "Value": 50, "Unit": "F"}})
	check(err)
	fmt.Println(n, "inserted")
	n, err = orm.BulkUpdate[Reading](ctx, s, []orm.M{{"ID": 1, "Value": 5}, {"ID": 2, "Value": 10, "Unit": "C"}})
	check(err)
	fmt.Println(n, "updated")
	upsert := orm.Insert(r).OnConflict(&r.Sensor).DoUpdate(&r.Value)
	readings, err := orm.BulkUpsert[Reading](ctx, s, upsert, []*Reading{{Sensor: "roof", Value: 6}, {Sensor: "attic", Value: 7}})
	check(err)
	for _, x := range readings {
		fmt.Println(x.Sensor, x.Value, x.Unit)
	}
	// Output:
	// INSERT INTO readings (sensor, value, unit) VALUES (?, ?, ?), (?, ?, ?)
	// 2 inserted
	// UPDATE readings SET value = ? WHERE id = ?
	// UPDATE readings SET value = ?, unit = ? WHERE id = ?
	// 2 updated
	// INSERT INTO readings (sensor, value, unit) VALUES (?, ?, ?), (?, ?, ?) ON CONFLICT (sensor) DO UPDATE SET value = excluded.value RETURNING id, sensor, value, unit
	// roof 6 C
	// attic 7 C
}
