// This file holds the kitchen of the cookbook: the tables that its recipes are
// about, the test that runs every recipe on every database, and the test that
// docs/sql.md is what was run. The page is written by
//
//	go test -run Cookbook . -update

package orm_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

type (
	// Store is where workers work.
	Store struct {
		orm.Base `orm:"table:stores"`

		ID      int64
		City    string    `orm:"size:40"`
		Workers []*Worker `orm:"back_populates:Store"`
	}

	// Worker has a boss, unless he is one who has none.
	Worker struct {
		orm.Base `orm:"table:workers"`

		ID      int64
		Name    string  `orm:"size:40"`
		Nick    *string `orm:"size:40"`
		Wage    int
		Hired   time.Time `orm:"type:date"`
		BossID  *int64    `orm:"foreign_key:workers.id"`
		StoreID *int64    `orm:"foreign_key:stores.id"`
		Store   *Store    `orm:"back_populates:Workers"`
		Sales   []*Sale   `orm:"back_populates:Worker"`
	}

	// Sale is what a worker sold on a day.
	Sale struct {
		orm.Base `orm:"table:sales"`

		ID       int64
		Amount   int
		Day      time.Time `orm:"type:date"`
		Region   string    `orm:"size:20"`
		WorkerID int64     `orm:"foreign_key:workers.id"`
		Worker   *Worker   `orm:"back_populates:Sales"`
	}

	// Road leads from one city to another.
	Road struct {
		orm.Base `orm:"table:roads"`

		From string `orm:"primary_key;column:source;size:20"`
		To   string `orm:"primary_key;column:target;size:20"`
	}

	// Job waits to be done.
	Job struct {
		orm.Base `orm:"table:jobs"`

		ID    int64
		State string `orm:"size:20"`
		Work  string `orm:"size:40"`
	}

	// Goods is how much there is of something.
	Goods struct {
		orm.Base `orm:"table:goods"`

		SKU   string `orm:"primary_key;size:20"`
		Count int    `orm:"column:quantity"`
		Price int
	}

	// Sheet is a document.
	Sheet struct {
		orm.Base `orm:"table:sheets"`

		ID  int64
		Doc types.JSON[map[string]any]
	}
)

var (
	worker = orm.Entity[Worker]()
	store  = orm.Entity[Store]()
	sale   = orm.Entity[Sale]()
	road   = orm.Entity[Road]()
	job    = orm.Entity[Job]()
	goods  = orm.Entity[Goods]()
	sheet  = orm.Entity[Sheet]()
)

var cookbookModels = orm.MustRegister(&Store{}, &Worker{}, &Sale{}, &Road{}, &Job{}, &Goods{}, &Sheet{})

func onDay(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// withCookbook makes the tables of the cookbook, with the rows that the recipes
// count on.
func (db *testDB) withCookbook(t *testing.T) *testDB {
	t.Helper()
	ctx := t.Context()
	must(t, cookbookModels.CreateAll(ctx, db.Engine))
	for _, stmt := range []orm.Statement{
		orm.Insert(store).Values(orm.M{"id": 1, "city": "Berlin"}, orm.M{"id": 2, "city": "Oslo"}, orm.M{"id": 3, "city": "Turin"}),
		orm.Insert(worker).Values(
			orm.M{"id": 1, "name": "Ann", "nick": "an_n", "wage": 50, "hired": onDay(2020, 1, 31), "boss_id": nil, "store_id": 1},
			orm.M{"id": 2, "name": "Bob", "nick": nil, "wage": 30, "hired": onDay(2021, 3, 15), "boss_id": 1, "store_id": 1},
			orm.M{"id": 3, "name": "Cyd", "nick": "c%d", "wage": 40, "hired": onDay(2021, 7, 1), "boss_id": 1, "store_id": 2},
			orm.M{"id": 4, "name": "Dee", "nick": nil, "wage": 30, "hired": onDay(2022, 2, 28), "boss_id": 2, "store_id": nil},
			orm.M{"id": 5, "name": "Eve", "nick": "EVE", "wage": 20, "hired": onDay(2023, 12, 24), "boss_id": nil, "store_id": 2},
		),
		orm.Insert(sale).Values(
			orm.M{"id": 1, "worker_id": 1, "amount": 100, "day": onDay(2024, 1, 1), "region": "north"},
			orm.M{"id": 2, "worker_id": 1, "amount": 50, "day": onDay(2024, 1, 2), "region": "south"},
			orm.M{"id": 3, "worker_id": 2, "amount": 70, "day": onDay(2024, 1, 2), "region": "north"},
			orm.M{"id": 4, "worker_id": 2, "amount": 30, "day": onDay(2024, 1, 3), "region": "north"},
			orm.M{"id": 5, "worker_id": 3, "amount": 20, "day": onDay(2024, 1, 6), "region": "south"},
			orm.M{"id": 6, "worker_id": 1, "amount": 10, "day": onDay(2024, 2, 7), "region": "south"},
		),
		orm.Insert(road).Values(
			orm.M{"source": "Berlin", "target": "Oslo"}, orm.M{"source": "Oslo", "target": "Turin"},
			orm.M{"source": "Turin", "target": "Berlin"}, orm.M{"source": "Paris", "target": "Rome"},
		),
		orm.Insert(job).Values(orm.M{"id": 1, "state": "open", "work": "sweep"}, orm.M{"id": 2, "state": "open", "work": "paint"}, orm.M{"id": 3, "state": "done", "work": "build"}),
		orm.Insert(goods).Values(orm.M{"sku": "apple", "quantity": 5, "price": 10}, orm.M{"sku": "pear", "quantity": 0, "price": 20}),
		orm.Insert(sheet).Values(orm.M{"id": 1, "doc": `{"title": "Go", "tags": ["code", "fun"], "stats": {"views": 7}}`}, orm.M{"id": 2, "doc": `{"title": "SQL", "tags": [], "stats": {"views": 3}}`}),
	} {
		get(orm.Exec(ctx, db.Engine, stmt))(t)
	}
	db.statements()
	return db
}

// recipe is an entry of the cookbook: a statement and its rows, or the use of a
// session and what comes of it.
type recipe struct {
	title string
	use   string // when to use it, in a sentence or two

	stmt  func() orm.Statement
	rows  []string      // of the statement, or of check
	check orm.Statement // what shows the effect of a statement that writes
	lacks string        // the databases that have no such feature

	run  func(ctx context.Context, s *orm.Session) (any, error)
	want string // what run returns, as text
}

// chapter is a part of the cookbook.
type chapter struct {
	title   string
	recipes []recipe
}

var cookbook = slices.Concat(readingChapters, groupingChapters, writingChapters, usingChapters)

func TestRecipesOfTheCookbookGiveWhatTheySay(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withCookbook(t)
		for _, c := range cookbook {
			for _, r := range c.recipes {
				t.Run(r.title, func(t *testing.T) { r.try(t, db) })
			}
		}
	})
}

func (r recipe) try(t *testing.T, db *testDB) {
	if r.stmt != nil {
		runCase(t, db, sqlCase{name: r.title, stmt: r.stmt(), rows: r.rows, check: r.check, lacks: r.lacks})
		return
	}
	s := db.session(t, orm.WithRegistry(cookbookModels))
	got, err := r.run(t.Context(), s)
	must(t, err)
	must(t, s.Rollback(t.Context()))
	if text := fmt.Sprint(got); text != r.want {
		t.Errorf("it gave %s, not %s", text, r.want)
	}
}

// sentOnSQLite are the statements that a recipe sends.
func (r recipe) sentOnSQLite(t *testing.T, db *testDB) string {
	t.Helper()
	db.statements()
	s := db.session(t, orm.WithRegistry(cookbookModels))
	get(r.run(t.Context(), s))(t)
	sent := db.statements()
	must(t, s.Rollback(t.Context()))
	return "```sql\n-- sent on SQLite\n" + strings.Join(broken(sent), "\n") + "\n```\n"
}

// compiled is the SQL of a recipe for each database.
func (r recipe) compiled(t *testing.T) string {
	t.Helper()
	var blocks []string
	var lacking []string
	texts := map[string]string{}
	for _, d := range []struct{ name, title string }{{"postgres", "PostgreSQL"}, {"sqlite", "SQLite"}, {"mysql", "MySQL"}} {
		text, _, err := orm.Compile(r.stmt(), d.name)
		if err != nil {
			lacking = append(lacking, d.title)
			continue
		}
		texts[d.name] = numberedPlaceholder.ReplaceAllString(text, "?")
		if d.name == "postgres" || texts[d.name] != texts["postgres"] && texts[d.name] != texts["sqlite"] || d.name == "sqlite" && texts[d.name] != texts["postgres"] {
			blocks = append(blocks, "-- "+d.title+"\n"+strings.Join(broken([]string{text}), "\n"))
		}
	}
	if len(blocks) == 1 && len(lacking) == 0 {
		blocks[0] = strings.TrimPrefix(blocks[0], "-- PostgreSQL\n")
	}
	text := "```sql\n" + strings.Join(blocks, "\n\n") + "\n```\n"
	if len(lacking) > 0 {
		text += "\nNot on " + strings.Join(lacking, " and ") + ".\n"
	}
	return text
}

// clauses begin a line of the page where they stand outside of parentheses.
var clauses = []string{
	" FROM ", " JOIN ", " LEFT OUTER JOIN ", " CROSS JOIN ", " WHERE ", " GROUP BY ", " HAVING ", " WINDOW ", " ORDER BY ", " LIMIT ", " FOR ",
	" UNION ", " EXCEPT ", " INTERSECT ", " VALUES ", " ON CONFLICT ", " ON DUPLICATE KEY ", " SET ", " USING ", " RETURNING ", " SELECT ", " INSERT INTO ",
}

// broken breaks statements into lines, clause by clause.
func broken(statements []string) []string {
	var lines []string
	for _, text := range statements {
		depth, begin := 0, 0
		for i := range len(text) {
			switch text[i] {
			case '(':
				depth++
			case ')':
				depth--
			case ' ':
				if depth == 0 && i > 0 && slices.ContainsFunc(clauses, func(c string) bool { return strings.HasPrefix(text[i:], c) }) {
					lines, begin = append(lines, text[begin:i]), i+1
				}
			}
		}
		lines = append(lines, text[begin:])
	}
	return lines
}

const cookbookPage = "docs/sql.md"

func TestCookbookOfTheDocsIsTheOneThatRan(t *testing.T) {
	db := onSQLite(t).withCookbook(t)
	source := readCookbook(t)
	var b bytes.Buffer
	b.WriteString(cookbookPreface)
	fmt.Fprintf(&b, "```go\n%s\n\n%s\n```\n\n", source.models, source.references)
	for _, c := range cookbook {
		fmt.Fprintf(&b, "- [%s](#%s)\n", c.title, strings.ReplaceAll(strings.ToLower(strings.ReplaceAll(c.title, ",", "")), " ", "-"))
	}
	recipes := 0
	for _, c := range cookbook {
		fmt.Fprintf(&b, "\n## %s\n", c.title)
		for _, r := range c.recipes {
			recipes++
			code := source.code[r.title]
			if code == "" || r.use == "" {
				t.Fatalf("%s: there is no code, or no word on when to use it", r.title)
			}
			fmt.Fprintf(&b, "\n### %s\n\n%s\n\n", r.title, r.use)
			if r.stmt != nil {
				b.WriteString(r.compiled(t))
			} else {
				b.WriteString(r.sentOnSQLite(t, db))
			}
			fmt.Fprintf(&b, "\n```go\n%s\n```\n", code)
		}
	}
	if recipes < 60 {
		t.Errorf("there are only %d recipes", recipes)
	}
	if flag.Lookup("update").Value.(flag.Getter).Get().(bool) {
		must(t, os.WriteFile(cookbookPage, b.Bytes(), 0o644))
	}
	want := get(os.ReadFile(cookbookPage))(t)
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(b.String(), "\n")); diff != "" {
		t.Errorf("%s (-page +code); if it is meant: go test -run Cookbook . -update\n%s", cookbookPage, diff)
	}
}

const cookbookPreface = `# SQL, and how it is said here

A recipe for each of the things that people write SQL for: what the database gets,
and the Go that says it. Every one is run by the tests on SQLite, PostgreSQL and
MariaDB, and this page is written from what was run. Values never stand in the
text; where databases differ, the page shows each. What one of them lacks is an
` + "`orm.ErrUnsupported`" + ` before anything is sent.

A statement is run by ` + "`orm.Fetch`" + `, ` + "`orm.FetchOne`" + ` or ` + "`orm.Exec`" + `, on an engine, a
connection or a session. These are the structs, and the references to them:

`

// cookbookSource is the cookbook as it stands in the files.
type cookbookSource struct {
	models, references string
	code               map[string]string // by the title of the recipe
}

func readCookbook(t *testing.T) cookbookSource {
	t.Helper()
	source := cookbookSource{code: map[string]string{}}
	paths := get(filepath.Glob("cookbook*_test.go"))(t)
	for _, path := range paths {
		text := string(get(os.ReadFile(path))(t))
		fset := token.NewFileSet()
		file := get(parser.ParseFile(fset, path, text, parser.ParseComments))(t)
		at := func(from, to token.Pos) string { return text[fset.Position(from).Offset:fset.Position(to).Offset] }
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CompositeLit:
				if title, body := recipeParts(n); title != "" && body != nil {
					source.code[title] = shownCode(at(body.Lbrace+1, body.Rbrace))
				}
			case *ast.GenDecl:
				if n.Tok == token.TYPE && source.models == "" && path == "cookbook_test.go" {
					source.models = at(n.Pos(), n.End())
				}
				if n.Tok == token.VAR && strings.Contains(at(n.Pos(), n.End()), "orm.Entity[Worker]()") {
					source.references = at(n.Pos(), n.End())
				}
			}
			return true
		})
	}
	return source
}

// recipeParts are the title of a recipe and the body of its function.
func recipeParts(n *ast.CompositeLit) (title string, body *ast.BlockStmt) {
	for _, e := range n.Elts {
		pair, ok := e.(*ast.KeyValueExpr)
		if !ok {
			return "", nil
		}
		switch value := pair.Value.(type) {
		case *ast.BasicLit:
			if key, ok := pair.Key.(*ast.Ident); ok && key.Name == "title" {
				title, _ = strconv.Unquote(value.Value)
			}
		case *ast.FuncLit:
			body = value.Body
		}
	}
	return title, body
}

// shownCode is the body of a function as the page shows it: what it returns is
// the statement, or was named before.
func shownCode(body string) string {
	lines := strings.Split(strings.Trim(body, "\n\t "), "\n")
	indent := ""
	for l := range strings.SplitSeq(strings.Trim(body, "\n"), "\n") {
		if strings.TrimSpace(l) != "" {
			indent = l[:len(l)-len(strings.TrimLeft(l, "\t"))]
			break
		}
	}
	for i, l := range lines {
		lines[i] = strings.TrimPrefix(l, indent)
	}
	for i, l := range lines {
		if statement, ok := strings.CutPrefix(l, "return orm."); ok {
			lines[i] = "stmt := orm." + statement
		}
	}
	if last := lines[len(lines)-1]; strings.HasPrefix(last, "return ") && len(lines) > 1 {
		lines = lines[:len(lines)-1]
	}
	return strings.Join(lines, "\n")
}
