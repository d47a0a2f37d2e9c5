package orm_test

import (
	"context"
	"fmt"
	"log"
	"slices"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/sqlite"
)

// The steps of a recipe stay in the order of the slice: each flush writes the
// places that have changed.
func Example_position() {
	type Step struct {
		orm.Base `orm:"table:steps"`

		ID       int64
		Text     string `orm:"size:50"`
		Place    int
		RecipeID int64 `orm:"foreign_key:recipes.id"`
	}
	type Recipe struct {
		orm.Base `orm:"table:recipes"`

		ID    int64
		Name  string  `orm:"size:50"`
		Steps []*Step `orm:"position:Place;cascade:all,delete-orphan"`
	}
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}

	ctx, models := context.Background(), orm.MustRegister(&Recipe{}, &Step{})
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	check(models.CreateAll(ctx, engine))
	s := orm.NewSession(engine)
	defer s.Close()
	tea := &Recipe{Name: "tea", Steps: []*Step{{Text: "boil"}, {Text: "drink"}}}
	s.Add(tea)
	check(s.Commit(ctx))
	tea.Steps = slices.Insert(tea.Steps, 1, &Step{Text: "wait"})
	check(s.Commit(ctx))
	for _, step := range tea.Steps {
		fmt.Println(step.Place, step.Text)
	}
	// Output:
	// 0 boil
	// 1 wait
	// 2 drink
}
