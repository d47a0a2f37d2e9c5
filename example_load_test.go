package orm_test

import (
	"context"
	"fmt"
	"log"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/sqlite"
)

// Without an option no relationship is read. Load reads one for all objects of a
// result; SelectInLoad and JoinedLoad read it with them.
func ExampleSelectInLoad() {
	type Recipe struct {
		orm.Base `orm:"table:recipes"`

		ID     int64
		Name   string `orm:"size:50"`
		CookID int64  `orm:"foreign_key:cooks.id"`
	}
	type Cook struct {
		orm.Base `orm:"table:cooks"`

		ID      int64
		Name    string    `orm:"size:50"`
		Recipes []*Recipe `orm:"order_by:ID"`
	}
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}

	ctx, models := context.Background(), orm.MustRegister(&Cook{}, &Recipe{})
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	check(models.CreateAll(ctx, engine))
	s := orm.NewSession(engine)
	defer s.Close()
	s.Add(&Cook{ID: 1, Name: "ada"}, &Cook{ID: 2, Name: "ben"})
	check(s.Flush(ctx))
	s.Add(&Recipe{Name: "soup", CookID: 1}, &Recipe{Name: "cake", CookID: 2}, &Recipe{Name: "tart", CookID: 2})
	check(s.Commit(ctx))

	engine.Events().BeforeExecute(func(_ context.Context, x *orm.Execution) error {
		fmt.Println(x.SQL)
		return nil
	})
	c := orm.Entity[Cook]()
	cooks := orm.Query[Cook](s).OrderBy(orm.C(&c.ID))
	for _, q := range []*orm.EntityQuery[Cook]{
		cooks,
		cooks.Options(orm.SelectInLoad(&c.Recipes)),
		cooks.Options(orm.JoinedLoad(&c.Recipes)).Limit(1),
	} {
		s.ExpungeAll()
		all, err := q.All(ctx)
		check(err)
		for _, cook := range all {
			check(orm.Load(ctx, cook, &cook.Recipes))
			fmt.Println(cook.Name, len(cook.Recipes))
		}
	}
	// Output:
	// SELECT cooks.id, cooks.name FROM cooks ORDER BY cooks.id
	// SELECT recipes.id, recipes.name, recipes.cook_id FROM recipes WHERE recipes.cook_id IN (?, ?) ORDER BY recipes.id
	// ada 1
	// ben 2
	// SELECT cooks.id, cooks.name FROM cooks ORDER BY cooks.id
	// SELECT recipes.id, recipes.name, recipes.cook_id FROM recipes WHERE recipes.cook_id IN (?, ?) ORDER BY recipes.id
	// ada 1
	// ben 2
	// SELECT anon_1.id, anon_1.name, recipes_1.id, recipes_1.name, recipes_1.cook_id FROM (SELECT cooks.id, cooks.name FROM cooks ORDER BY cooks.id LIMIT ?) AS anon_1 LEFT OUTER JOIN recipes AS recipes_1 ON anon_1.id = recipes_1.cook_id ORDER BY anon_1.id, recipes_1.id
	// ada 1
}
