package orm_test

import (
	"context"
	"fmt"
	"log"
	"time"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/sqlite"
)

// What is thrown away gets a time, and criteria of the session hide it from then
// on: from queries, from what is loaded with other objects, and from joins.
func ExampleWithCriteria() {
	type Bin struct {
		ThrownAway *time.Time
	}
	type Note struct {
		orm.Base `orm:"table:notes"`

		ID     int64
		Text   string `orm:"size:50"`
		BookID int64  `orm:"foreign_key:notebooks.id"`
		Bin
	}
	type Notebook struct {
		orm.Base `orm:"table:notebooks"`

		ID    int64
		Notes []*Note `orm:"order_by:ID"`
	}
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}

	ctx, models := context.Background(), orm.MustRegister(&Notebook{}, &Note{})
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	check(models.CreateAll(ctx, engine))

	kept := orm.CriteriaFor(func(b *Bin) orm.Expr[bool] { return orm.N(&b.ThrownAway).IsNull() })
	s := orm.NewSession(engine, orm.WithCriteria(kept))
	defer s.Close()
	s.Add(&Notebook{ID: 1, Notes: []*Note{{Text: "milk"}, {Text: "bread", Bin: Bin{new(time.Now())}}}})
	check(s.Commit(ctx))
	s.ExpungeAll()

	engine.Events().BeforeExecute(func(_ context.Context, x *orm.Execution) error {
		fmt.Println(x.SQL)
		return nil
	})
	b, n := orm.Entity[Notebook](), orm.Entity[Note]()
	book, err := orm.Query[Notebook](s).Options(orm.SelectInLoad(&b.Notes)).One(ctx)
	check(err)
	fmt.Println(len(book.Notes))
	all, err := orm.Query[Note](s).WithoutCriteria().Filter(orm.C(&n.BookID).Eq(1)).Count(ctx)
	check(err)
	fmt.Println(all)
	// Output:
	// SELECT notebooks.id FROM notebooks LIMIT ?
	// SELECT notes.id, notes.text, notes.book_id, notes.thrown_away FROM notes WHERE notes.book_id IN (?) AND notes.thrown_away IS NULL ORDER BY notes.id
	// 1
	// SELECT count(*) FROM notes WHERE notes.book_id = ?
	// 2
}
