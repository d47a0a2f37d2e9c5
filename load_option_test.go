package orm_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aurum-go/orm"
)

func TestColumnOptionsChooseWhatIsRead(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newBookshop(t, db), t.Context()
		for want, options := range map[string][]orm.Option{
			"books.id, books.title, books.text, books.writer_id, books.editor_id": {orm.Undefer(&s.b.Text)},
			"books.id, books.writer_id, books.editor_id":                          {orm.Defer(&s.b.Title)},
			"books.id, books.title":                                               {orm.LoadOnly(&s.b.Title)},
			"books.id, books.text":                                                {orm.LoadOnly(&s.b.Text)},
			"books.id":                                                            {orm.LoadOnly()},
			bookColumns:                                                           {orm.Undefer(&s.b.Text), orm.Defer(&s.b.Text)},
		} {
			s.ExpungeAll()
			db.statements()
			book := get(s.books().Options(options...).First(ctx))(t)
			s.sent(t, "SELECT "+want+" FROM books ORDER BY books.id LIMIT ?")
			must(t, orm.Load(ctx, book, &book.Title, &book.Text))
			expect(t, []string{"a1", "text 1"}, []string{book.Title, book.Text})
			expect(t, 0, len(s.Dirty()))
		}
		s.ExpungeAll()
		db.statements()
		book := get(s.books().Options(orm.LoadOnly(&s.b.Title), orm.SelectInLoad(&s.b.Writer, orm.LoadOnly())).First(ctx))(t)
		s.sent(t, "SELECT books.id, books.title, books.writer_id FROM books ORDER BY books.id LIMIT ?", "SELECT writers.id FROM writers WHERE writers.id IN (?)")
		expect(t, "", book.Writer.Name)
	})
}

func TestGroupsOfColumnsAreReadTogether(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		s.Add(&Document{Title: "t", Body: "b", Summary: "s", Notes: "n"})
		must(t, s.Commit(ctx))
		s.ExpungeAll()
		db.statements()
		d := get(orm.Query[Document](s).Options(orm.UndeferGroup("extra")).One(ctx))(t)
		expect(t, "SELECT documents.id, documents.title, documents.summary, documents.notes FROM documents LIMIT ?", db.plainStatements()[0])
		expect(t, []string{"t", "", "s", "n"}, []string{d.Title, d.Body, d.Summary, d.Notes})
	})
}

func TestPopulateExistingTakesWhatTheRowsSay(t *testing.T) {
	db := onSQLite(t)
	s, ctx := newBookshop(t, db, orm.Autoflush(false)), t.Context()
	ann := get(s.writers().Options(orm.SelectInLoad(&s.w.Books)).First(ctx))(t)
	ann.Name, ann.Books = "mine", ann.Books[1:]
	get(s.writers().Options(orm.SelectInLoad(&s.w.Books)).All(ctx))(t)
	expect(t, []any{"mine", []string{"a2"}}, []any{ann.Name, titlesOf(ann.Books)})
	get(s.writers().PopulateExisting().Options(orm.SelectInLoad(&s.w.Books)).All(ctx))(t)
	expect(t, []any{"ann", []string{"a1", "a2"}}, []any{ann.Name, titlesOf(ann.Books)})
}

func TestUntrackedObjectsComeWithTheirRelationships(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newBookshop(t, db), t.Context()
		held := get(s.writers().First(ctx))(t)
		writers := get(s.writers().Untracked().Options(orm.SelectInLoad(&s.w.Books, orm.SelectInLoad(&s.b.Themes))).All(ctx))(t)
		expect(t, wholeStock, shelved(writers))
		ann := writers[0]
		if ann == held || ann.Books[0].Writer != ann || s.Contains(ann) || s.Contains(ann.Books[0]) {
			t.Error("the session holds what is untracked")
		}
		expectState(t, orm.Detached, ann, ann.Books[0], ann.Books[0].Themes[0])
		expect(t, []bool{true, false, true, false}, []bool{
			orm.Loaded(ann, &ann.Books), orm.Loaded(ann, &ann.Portrait), orm.Loaded(ann.Books[0], &ann.Books[0].Themes), orm.Loaded(ann.Books[0], &ann.Books[0].Text),
		})
		expectKind(t, orm.ErrDetached, orm.Load(ctx, ann, &ann.Portrait))
		if held.Books != nil {
			t.Error("an object of the session was touched")
		}
	})
}

func TestOptionsCountForNothingWhereNoObjectIsRead(t *testing.T) {
	db := onSQLite(t)
	s, ctx := newBookshop(t, db), t.Context()
	q := s.writers().Options(orm.SelectInLoad(&s.w.Books))
	expect(t, int64(3), get(q.Count(ctx))(t))
	expect(t, true, get(q.Exists(ctx))(t))
	expect(t, []string{"ann", "bob", "cyd"}, get(orm.Pluck(ctx, q, orm.C(&s.w.Name)))(t))
	s.sent(t, "SELECT count(*) FROM writers", "SELECT 1 FROM writers LIMIT ?", "SELECT writers.name FROM writers ORDER BY writers.id")
}

func TestLoadingThatFailsLeavesRelationshipsUnknown(t *testing.T) {
	db := onSQLite(t)
	s, ctx := newBookshop(t, db), t.Context()
	broken, p := errors.New("broken"), orm.Entity[Portrait]()
	for name, option := range map[string]orm.Option{
		"selectin": orm.SelectInLoad(&s.w.Books), "subquery": orm.SubqueryLoad(&s.w.Books), "below": orm.JoinedLoad(&s.w.Portrait, orm.SelectInLoad(&p.Writer, orm.SelectInLoad(&s.w.Books))),
	} {
		s.ExpungeAll()
		remove := db.Events().BeforeExecute(func(_ context.Context, e *orm.Execution) error {
			if strings.Contains(e.SQL, " books ") {
				return broken
			}
			return nil
		})
		writers, err := s.writers().Options(option).All(ctx)
		remove()
		if !errors.Is(err, broken) || writers != nil {
			t.Errorf("%s: %v, %v", name, writers, err)
		}
		for _, w := range get(s.writers().All(ctx))(t) {
			if w.Books != nil || orm.Loaded(w, &w.Books) {
				t.Errorf("%s: %s has books", name, w.Name)
			}
		}
	}
}

func TestOptionsThatDoNotFitAreRefusedBeforeAnythingIsSent(t *testing.T) {
	db := onSQLite(t)
	s, ctx := newBookshop(t, db), t.Context()
	alias, object := orm.Alias[Writer]("editor"), &Writer{}
	for want, option := range map[string]orm.Option{
		"orm: SelectInLoad Writer.Name: the field is no relationship (the relationships are: Books, Portrait)":                           orm.SelectInLoad(&s.w.Name),
		"orm: SelectInLoad Book.Themes: the objects here are Writer (the relationships are: Books, Portrait)":                            orm.SelectInLoad(&s.b.Themes),
		"orm: RaiseLoad Writer.Books: the objects here are Book (the relationships are: Writer, Editor, Themes)":                         orm.SelectInLoad(&s.w.Books, orm.RaiseLoad(&s.w.Books)),
		"orm: SelectInLoad Writer.Books: the query is for Writer, and not for its alias editor (the relationships are: Books, Portrait)": orm.SelectInLoad(&alias.Books),
		"orm: NoLoad *[]*orm_test.Book: the pointer does not point into an entity reference (the relationships are: Books, Portrait)":    orm.NoLoad(&object.Books),
		"orm: LazyLoad string: it is not the address of a field (the relationships are: Books, Portrait)":                                orm.LazyLoad("Books"),
		"orm: LazyLoad <nil>: it is not the address of a field (the relationships are: Books, Portrait)":                                 orm.LazyLoad(nil),
		"orm: Defer Writer.ID: the primary key is always read":                                                                           orm.Defer(&s.w.ID),
		"orm: Undefer Writer.Books: the field is no column (the columns are: ID, Name)":                                                  orm.Undefer(&s.w.Books),
		`orm: UndeferGroup Writer: there is no group "extra" (Writer has no groups)`:                                                     orm.UndeferGroup("extra"),
		"orm: Where Writer: it says how a relationship is loaded, and stands at no such option (nest it in SelectInLoad, or use Filter)": orm.Where(orm.True()),
		"orm: Where Writer.Books: a condition is on writers, and not on Book (use orm.Exists, or fields of orm.Entity[Book]())":          orm.SelectInLoad(&s.w.Books, orm.Where(orm.C(&s.w.Name).Eq("x"))),
		"orm: Recursive Writer.Books: only SelectInLoad of a relationship that leads to its own struct can be repeated":                  orm.SelectInLoad(&s.w.Books, orm.Recursive(2)),
		"orm: load Writer: an option is the zero Option (use a function such as orm.SelectInLoad)":                                       {},
		"orm: FromAlias Writer.Books: it is for ContainsEager":                                                                           orm.JoinedLoad(&s.w.Books, orm.FromAlias(alias)),
		"orm: FromAlias Writer.Books: a *orm_test.Writer is no reference to Book":                                                        orm.ContainsEager(&s.w.Books, orm.FromAlias(alias)),
		"orm: Where Writer.Books: the conditions of the query decide which members there are (use Filter)":                               orm.ContainsEager(&s.w.Books, orm.Where(orm.True())),
		"orm: ContainsEager Writer.Books: the query does not join books (join it first, or use JoinedLoad)":                              orm.ContainsEager(&s.w.Books),
		"orm: ContainsEager Book.Themes: the query itself does not join it (use JoinedLoad)":                                             orm.SelectInLoad(&s.w.Books, orm.ContainsEager(&s.b.Themes)),
		"orm: Recursive Writer.Books: 0 is no number of levels":                                                                          orm.SelectInLoad(&s.w.Books, orm.Recursive(0)),
		"orm: Undefer *string: the pointer does not point into an entity reference (the columns are: ID, Name)":                          orm.Undefer(&object.Name),
		"orm: LoadOnly Book.Title: the objects here are Writer (the columns are: ID, Name)":                                              orm.LoadOnly(&s.b.Title),
		"orm: filter: the condition is the zero Expr (leave it out, or use orm.True())":                                                  orm.SelectInLoad(&s.w.Books, orm.Where(orm.Expr[bool]{})),
	} {
		_, err := s.writers().Options(option).All(ctx)
		if err == nil || err.Error() != want {
			t.Errorf("want %s\n got %v", want, err)
		}
	}
	s.sent(t)
}
