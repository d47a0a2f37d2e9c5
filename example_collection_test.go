package orm_test

import (
	"context"
	"fmt"
	"log"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/sqlite"
)

// Cook knows dishes through link objects that say how well, and has nicknames.
type Cook struct {
	orm.Base `orm:"table:cooks"`

	ID        int64
	Name      string      `orm:"size:50"`
	Skills    []*Skill    `orm:"back_populates:Cook;cascade:all,delete-orphan;order_by:ID"`
	Nicknames []*Nickname `orm:"cascade:all,delete-orphan;order_by:ID"`
}

type Skill struct {
	orm.Base `orm:"table:skills"`

	ID     int64
	Stars  int
	CookID int64
	DishID *int64
	Cook   *Cook `orm:"back_populates:Skills"`
	Dish   *Dish
}

type Dish struct {
	orm.Base `orm:"table:dishes"`

	ID   int64
	Name string `orm:"size:50"`
}

type Nickname struct {
	orm.Base `orm:"table:nicknames"`

	ID     int64
	Text   string `orm:"size:50"`
	CookID int64  `orm:"foreign_key:cooks.id"`
}

var kitchen = orm.MustRegister(&Cook{}, &Skill{}, &Dish{}, &Nickname{})

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

// The dishes of a cook are objects behind link objects, which say how well each is
// cooked. The proxy sees the dishes alone.
func ExampleProxy() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}

	ctx := context.Background()
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	check(kitchen.CreateAll(ctx, engine))
	s := orm.NewSession(engine)
	defer s.Close()

	dishes := func(c *Cook) orm.AssociationProxy[Skill, *Dish] {
		return orm.Proxy(&c.Skills, func(s *Skill) **Dish { return &s.Dish })
	}
	ed := &Cook{Name: "ed"}
	dishes(ed).Append(&Dish{Name: "soup"})
	dishes(ed).Append(&Dish{Name: "cake"}).Stars = 3
	s.Add(ed)
	check(s.Commit(ctx))
	for dish := range dishes(ed).All() {
		fmt.Println(dish.Name)
	}
	d := orm.Entity[Dish]()
	cooks, err := orm.Query[Cook](s).Filter(dishes(orm.Entity[Cook]()).Any(orm.C(&d.Name).Eq("cake"))).All(ctx)
	check(err)
	fmt.Println(cooks[0].Name, ed.Skills[1].Stars)
	// Output:
	// soup
	// cake
	// ed 3
}

// A session that allows no lazy loads finds the loop that sends one statement for
// each object.
func ExampleLimitLazyLoads() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}

	ctx := context.Background()
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	check(kitchen.CreateAll(ctx, engine))
	s := orm.NewSession(engine, orm.LimitLazyLoads(0))
	defer s.Close()
	s.Add(&Cook{Name: "ed"})
	check(s.Commit(ctx))
	s.ExpungeAll()
	ed, err := orm.Query[Cook](s).One(ctx)
	check(err)
	fmt.Println(orm.Load(ctx, ed, &ed.Skills))
	// Output:
	// orm: load Cook.Skills: the session allows 0 loads of it in a transaction, and this is one more (load it with the objects: Options(orm.SelectInLoad(…)))
}
