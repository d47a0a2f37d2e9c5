package orm_test

import (
	"context"
	"fmt"
	"log"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/sqlite"
)

// A sensor has more readings than anybody wants in memory: they are added, counted
// and queried, and never read as a whole.
func ExampleCollection() {
	type Reading struct {
		orm.Base `orm:"table:readings"`

		ID       int64
		Value    int
		SensorID int64 `orm:"foreign_key:sensors.id;ondelete:cascade"`
	}
	type Sensor struct {
		orm.Base `orm:"table:sensors"`

		ID       int64
		Name     string     `orm:"size:50"`
		Readings []*Reading `orm:"lazy:write_only;cascade:all,delete-orphan"`
	}
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}

	ctx, models := context.Background(), orm.MustRegister(&Sensor{}, &Reading{})
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	check(models.CreateAll(ctx, engine))
	s := orm.NewSession(engine)
	defer s.Close()
	sensor := &Sensor{Name: "roof"}
	s.Add(sensor)
	check(s.Commit(ctx))
	engine.Events().BeforeExecute(func(_ context.Context, x *orm.Execution) error {
		fmt.Println(x.SQL)
		return nil
	})

	r := orm.Entity[Reading]()
	readings := orm.Collection(sensor, &sensor.Readings)
	check(readings.Add(&Reading{Value: 19}, &Reading{Value: 25}))
	n, err := readings.Count(ctx)
	check(err)
	warm, err := readings.Query().Filter(orm.C(&r.Value).Gt(20)).All(ctx)
	check(err)
	check(readings.Remove(warm...))
	check(s.Commit(ctx))
	fmt.Println(n, len(warm), sensor.Readings == nil)
	// Output:
	// INSERT INTO readings (value, sensor_id) VALUES (?, ?)
	// SELECT count(*) FROM readings WHERE readings.sensor_id = ?
	// SELECT readings.id, readings.value, readings.sensor_id FROM readings WHERE readings.sensor_id = ? AND readings.value > ?
	// DELETE FROM readings WHERE id = ?
	// 2 1 true
}
