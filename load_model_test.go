package orm_test

import (
	"database/sql"
	"fmt"
	"testing"

	"github.com/aurum-go/orm"
)

// The structs of the tests of loading: every direction, every shape of field,
// keys of several columns and of text.
type (
	Writer struct {
		orm.Base `orm:"table:writers"`

		ID       int64     `orm:"primary_key"`
		Name     string    `orm:"size:50"`
		Books    []*Book   `orm:"back_populates:Writer;order_by:ID"`
		Portrait *Portrait `orm:"back_populates:Writer"`
	}
	Portrait struct {
		orm.Base `orm:"table:portraits"`

		ID       int64 `orm:"primary_key"`
		Caption  string
		WriterID *int64  `orm:"unique"`
		Writer   *Writer `orm:"back_populates:Portrait"`
	}
	Book struct {
		orm.Base `orm:"table:books"`

		ID       int64    `orm:"primary_key"`
		Title    string   `orm:"size:50"`
		Text     string   `orm:"deferred"`
		WriterID int64    `orm:"foreign_key:writers.id"`
		EditorID *int64   `orm:"foreign_key:writers.id"`
		Writer   *Writer  `orm:"back_populates:Books"`
		Editor   *Writer  `orm:"foreign_keys:EditorID"`
		Themes   []*Theme `orm:"secondary:book_themes;back_populates:Books;order_by:Name desc"`
	}
	Theme struct {
		orm.Base `orm:"table:themes"`

		ID    int64   `orm:"primary_key"`
		Name  string  `orm:"size:30;unique"`
		Books []*Book `orm:"secondary:book_themes;back_populates:Themes;order_by:ID"`
	}
	Twig struct {
		orm.Base `orm:"table:twigs"`

		ID       int64 `orm:"primary_key"`
		Name     string
		ParentID sql.Null[int64]  `orm:"foreign_key:twigs.id"`
		Parent   *Twig            `orm:"remote_side:ID;back_populates:Children"`
		Children map[string]*Twig `orm:"back_populates:Parent;key:Name"`
	}
	Voyage struct {
		orm.Base `orm:"table:voyages"`

		Ship  string               `orm:"primary_key;size:20"`
		No    int32                `orm:"primary_key;autoincrement:false"`
		Cargo map[*Parcel]struct{} `orm:"back_populates:Voyage"`
	}
	Parcel struct {
		orm.Base `orm:"table:parcels;foreign_key:(voyage_ship,voyage_no)->voyages(ship,no)"`

		ID         int64   `orm:"primary_key"`
		VoyageShip *string `orm:"size:20"`
		VoyageNo   *int64  `orm:"type:integer"`
		Voyage     *Voyage `orm:"back_populates:Cargo"`
	}
	Country struct {
		orm.Base `orm:"table:countries"`

		Code   string  `orm:"primary_key;size:2"`
		Cities []*City `orm:"back_populates:Country;order_by:ID"`
	}
	City struct {
		orm.Base `orm:"table:cities"`

		ID          int64    `orm:"primary_key"`
		CountryCode string   `orm:"size:2;foreign_key:countries.code"`
		Country     *Country `orm:"back_populates:Cities"`
	}
)

var library = orm.MustRegister(&Writer{}, &Portrait{}, &Book{}, &Theme{}, &Twig{}, &Voyage{}, &Parcel{}, &Country{}, &City{})

const (
	writerColumns = "writers.id, writers.name"
	bookColumns   = "books.id, books.title, books.writer_id, books.editor_id"
)

// bookshop is a session on a database with three writers: ann with two books, bob
// with one, that ann edits, and cyd with none. The first book of ann and that of
// bob have the theme poetry, the latter also prose.
type bookshop struct {
	*orm.Session
	db *testDB
	w  *Writer
	b  *Book
	g  *Theme
}

func newBookshop(t *testing.T, db *testDB, options ...orm.SessionOption) *bookshop {
	t.Helper()
	s := &bookshop{Session: db.withTables(t, library).session(t, options...), db: db, w: orm.Entity[Writer](), b: orm.Entity[Book](), g: orm.Entity[Theme]()}
	ctx := t.Context()
	s.Add(&Writer{ID: 1, Name: "ann"}, &Writer{ID: 2, Name: "bob"}, &Writer{ID: 3, Name: "cyd"}, &Theme{ID: 1, Name: "poetry"}, &Theme{ID: 2, Name: "prose"})
	must(t, s.Commit(ctx))
	s.Add(
		&Book{ID: 1, Title: "a1", Text: "text 1", WriterID: 1}, &Book{ID: 2, Title: "a2", Text: "text 2", WriterID: 1},
		&Book{ID: 3, Title: "b1", Text: "text 3", WriterID: 2, EditorID: new(int64(1))},
		&Portrait{ID: 1, Caption: "of bob", WriterID: new(int64(2))}, &Portrait{ID: 2, Caption: "of nobody"},
	)
	must(t, s.Commit(ctx))
	for _, link := range [][2]int{{1, 1}, {3, 1}, {3, 2}} {
		run(t, db.Engine, fmt.Sprintf("INSERT INTO book_themes (book_id, theme_id) VALUES (%d, %d)", link[0], link[1]))
	}
	s.ExpungeAll()
	db.statements()
	return s
}

func (s *bookshop) writers() *orm.EntityQuery[Writer] {
	return orm.Query[Writer](s.Session).OrderBy(orm.C(&s.w.ID))
}

func (s *bookshop) books() *orm.EntityQuery[Book] {
	return orm.Query[Book](s.Session).OrderBy(orm.C(&s.b.ID))
}

// sent checks the statements since the last time.
func (s *bookshop) sent(t *testing.T, want ...string) {
	t.Helper()
	expect(t, want, s.db.plainStatements())
}

func titlesOf(books []*Book) []string {
	list := []string{}
	for _, b := range books {
		list = append(list, b.Title)
	}
	return list
}

func themeNames(themes []*Theme) []string {
	list := []string{}
	for _, g := range themes {
		list = append(list, g.Name)
	}
	return list
}

// shelved are the titles of each writer's books.
func shelved(writers []*Writer) map[string][]string {
	all := map[string][]string{}
	for _, w := range writers {
		all[w.Name] = titlesOf(w.Books)
	}
	return all
}

var wholeStock = map[string][]string{"ann": {"a1", "a2"}, "bob": {"b1"}, "cyd": {}}
