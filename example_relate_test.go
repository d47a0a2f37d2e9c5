package orm_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/sqlite"
)

type Team struct {
	orm.Base `orm:"table:teams"`

	ID      int64
	Name    string    `orm:"size:30"`
	Runners []*Runner `orm:"back_populates:Team"`
}

type Runner struct {
	orm.Base `orm:"table:runners"`

	ID     int64
	Name   string `orm:"size:30"`
	TeamID *int64
	Team   *Team `orm:"back_populates:Runners"`
}

// One side is changed, and the other follows at the flush; with Relate, at once.
// Where both were changed and disagree, nothing is written.
func ExampleRelate() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}

	ctx, models := context.Background(), orm.MustRegister(&Team{}, &Runner{})
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	check(models.CreateAll(ctx, engine))
	s := orm.NewSession(engine)
	defer s.Close()

	ed := &Runner{Name: "ed"}
	red, blue := &Team{Name: "red", Runners: []*Runner{ed}}, &Team{Name: "blue"}
	s.Add(red, blue)
	check(s.Flush(ctx))
	fmt.Println(ed.Team == red, *ed.TeamID == red.ID)

	ed.Team = blue
	check(s.Flush(ctx))
	fmt.Println(len(red.Runners), len(blue.Runners))

	check(orm.Relate(red, &red.Runners, ed))
	fmt.Println(ed.Team == red, len(red.Runners), len(blue.Runners))
	check(orm.Unrelate(red, &red.Runners, ed))
	fmt.Println(ed.Team == nil, len(red.Runners))
	check(s.Commit(ctx))

	red.Runners = append(red.Runners, ed)
	ed.Team = blue
	err = s.Commit(ctx)
	fmt.Println(errors.Is(err, orm.ErrContradiction))
	fmt.Println(err)
	// Output:
	// true true
	// 0 1
	// true 1 0
	// true 0
	// true
	// orm: flush Runner.Team and Team.Runners: the two sides were changed and lead to different objects: see the Runner (change one side only, or use orm.Relate)
}
