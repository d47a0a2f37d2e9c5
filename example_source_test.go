package orm_test

import (
	"context"
	"fmt"
	"log"
	"strings"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/sqlite"
)

// A tree is read from a recursive CTE. Its rows are objects like any others, and
// the query goes on from there.
func ExampleEntityQuery_From() {
	type Folder struct {
		orm.Base `orm:"table:folders"`

		ID       int64
		Name     string    `orm:"size:50"`
		ParentID *int64    `orm:"foreign_key:folders.id"`
		Children []*Folder `orm:"order_by:ID"`
	}
	check := func(err error) {
		if err != nil {
			log.Fatal(err)
		}
	}

	ctx, models := context.Background(), orm.MustRegister(&Folder{})
	engine, err := orm.Open("sqlite:///:memory:")
	check(err)
	defer engine.Close()
	check(models.CreateAll(ctx, engine))
	s := orm.NewSession(engine)
	defer s.Close()
	s.Add(&Folder{Name: "home", Children: []*Folder{{Name: "mail", Children: []*Folder{{Name: "2026"}}}, {Name: "work"}}}, &Folder{Name: "tmp"})
	check(s.Commit(ctx))

	f, above := orm.Entity[Folder](), orm.Alias[Folder]("above")
	tree := orm.Select(f, orm.Lit(0).As("depth")).Where(orm.C(&f.Name).Eq("home")).
		RecursiveCTE("tree", func(tree *orm.CTE) *orm.SelectStatement {
			return orm.Select(f, orm.Col[int](tree, "depth").Plus(1)).From(orm.As(above, tree)).Join(&above.Children, f)
		})
	rows := orm.Query[Folder](s).From(tree)

	below, err := rows.Filter(tree.C("depth").Gt(0)).OrderBy(tree.C("depth"), orm.C(&f.Name)).All(ctx)
	check(err)
	for _, folder := range below {
		fmt.Print(folder.Name, " ")
	}
	n, err := rows.Count(ctx)
	check(err)
	fmt.Println(n)
	for _, clause := range strings.SplitAfter(rows.Statement().String(), " UNION ALL ") {
		fmt.Println(strings.TrimSpace(strings.ReplaceAll(clause, ") SELECT", ")\nSELECT")))
	}
	// Output:
	// mail work 2026 4
	// WITH RECURSIVE tree AS (SELECT folders.id, folders.name, folders.parent_id, ? AS depth FROM folders WHERE folders.name = ? UNION ALL
	// SELECT folders.id, folders.name, folders.parent_id, tree.depth + ? FROM tree JOIN folders ON folders.parent_id = tree.id)
	// SELECT tree.id, tree.name, tree.parent_id FROM tree
}
