package orm_test

import (
	"context"
	"fmt"
	"log"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/sqlite"
)

// A deferred column is not read with the others. Load reads it, with those of
// its group; no field access ever does.
func ExampleLoad() {
	type Document struct {
		orm.Base `orm:"table:documents"`

		ID      int64
		Title   string `orm:"size:100"`
		Body    string `orm:"deferred"`
		Summary string `orm:"deferred:extra"`
		Notes   string `orm:"deferred:extra"`
	}
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}

	ctx, models := context.Background(), orm.MustRegister(&Document{})
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	check(models.CreateAll(ctx, engine))
	s := orm.NewSession(engine)
	defer s.Close()
	s.Add(&Document{Title: "hello", Body: "…", Summary: "short", Notes: "none"})
	check(s.Commit(ctx))
	s.ExpungeAll()

	engine.Events().BeforeExecute(func(_ context.Context, x *orm.Execution) error {
		fmt.Println(x.SQL)
		return nil
	})
	doc, err := orm.Get[Document](ctx, s, 1)
	check(err)
	fmt.Println(orm.Loaded(doc, &doc.Summary))
	check(orm.Load(ctx, doc, &doc.Summary))
	fmt.Println(doc.Summary, doc.Notes, orm.Loaded(doc, &doc.Body))
	// Output:
	// SELECT documents.id, documents.title FROM documents WHERE documents.id = ?
	// false
	// SELECT documents.id, documents.summary, documents.notes FROM documents WHERE documents.id = ?
	// short none false
}
