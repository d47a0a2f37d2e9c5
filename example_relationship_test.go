package orm_test

import (
	"context"
	"fmt"
	"log"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/sqlite"
)

type Essayist struct {
	orm.Base `orm:"table:writers"`

	ID     int64
	Name   string   `orm:"size:50"`
	Essays []*Essay `orm:"back_populates:Writer;cascade:all,delete-orphan;order_by:Title"`
}

type Essay struct {
	orm.Base `orm:"table:essays"`

	ID       int64
	Title    string `orm:"size:100"`
	WriterID *int64
	Writer   *Essayist `orm:"back_populates:Essays"`
	Topics   []*Topic  `orm:"secondary:essay_topics;back_populates:Essays"`
}

type Topic struct {
	orm.Base `orm:"table:topics"`

	ID     int64
	Name   string   `orm:"size:30"`
	Essays []*Essay `orm:"secondary:essay_topics;back_populates:Topics"`
}

// Joins and conditions follow relationships: the columns that join two structs
// are said once, by their fields.
func ExampleMany() {
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}

	ctx, models := context.Background(), orm.MustRegister(&Essayist{}, &Essay{}, &Topic{})
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	check(models.CreateAll(ctx, engine))
	s := orm.NewSession(engine)
	defer s.Close()
	ed := &Essayist{Name: "ed"}
	s.Add(ed, &Essayist{Name: "wendy"})
	check(s.Flush(ctx))
	s.Add(&Essay{Title: "on words", WriterID: &ed.ID}, &Essay{Title: "found"})
	check(s.Commit(ctx))
	engine.Events().BeforeExecute(func(_ context.Context, x *orm.Execution) error {
		fmt.Println(x.SQL)
		return nil
	})

	w, e, t := orm.Entity[Essayist](), orm.Entity[Essay](), orm.Entity[Topic]()
	show := func(n int64, err error) {
		check(err)
		fmt.Println(n)
	}
	show(orm.Query[Essayist](s).Join(&w.Essays).Filter(orm.C(&e.Title).Like("on %")).Count(ctx))
	show(orm.Query[Essayist](s).Filter(orm.Many(&w.Essays).IsEmpty()).Count(ctx))
	show(orm.Query[Essay](s).Filter(orm.One(&e.Writer).IsNot(ed)).Count(ctx))
	show(orm.Query[Essay](s).Filter(orm.Many(&e.Topics).Any(orm.C(&t.Name).Eq("go"))).Count(ctx))
	// Output:
	// SELECT count(*) FROM writers JOIN essays ON essays.writer_id = writers.id WHERE essays.title LIKE ? ESCAPE '\'
	// 1
	// SELECT count(*) FROM writers WHERE NOT EXISTS (SELECT 1 FROM essays WHERE essays.writer_id = writers.id)
	// 1
	// SELECT count(*) FROM essays WHERE essays.writer_id <> ? OR essays.writer_id IS NULL
	// 1
	// SELECT count(*) FROM essays WHERE EXISTS (SELECT 1 FROM essay_topics JOIN topics ON topics.id = essay_topics.topic_id WHERE essay_topics.essay_id = essays.id AND topics.name = ?)
	// 0
}
