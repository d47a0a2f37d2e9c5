// This file tests rows that hold objects, and objects that come from the rows of
// any statement.

package orm_test

import (
	"database/sql"
	"strings"
	"testing"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

// An entity in the select list becomes the session's object in the field of its
// type, and nil where an outer join finds none.
func TestFetchGivesObjectsBesideColumns(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newBookshop(t, db), t.Context()
		ann := get(orm.Get[Writer](ctx, s.Session, 1))(t)
		db.statements()
		type pair struct {
			Writer *Writer
			Title  string
		}
		pairs := get(orm.Fetch[pair](ctx, s.Session, orm.Select(s.w, orm.C(&s.b.Title)).From(s.w).Join(&s.w.Books).OrderBy(orm.C(&s.b.ID))))(t)
		s.sent(t, "SELECT "+writerColumns+", books.title FROM writers JOIN books ON books.writer_id = writers.id ORDER BY books.id")
		expect(t, []string{"a1", "a2", "b1"}, []string{pairs[0].Title, pairs[1].Title, pairs[2].Title})
		if pairs[0].Writer != ann || pairs[1].Writer != ann || pairs[2].Writer.Name != "bob" {
			t.Error("one row is two objects")
		}
		expectState(t, orm.Persistent, pairs[2].Writer)
		type optional struct {
			Name   string
			Editor *Writer
			Book   *Book
		}
		editor := orm.Alias[Writer]("editor")
		rows := get(orm.Fetch[*optional](ctx, s.Session, orm.Select(orm.C(&s.w.Name), s.b, editor).From(s.w).
			OuterJoin(&s.w.Books).OuterJoin(&s.b.Editor, editor).OrderBy(orm.C(&s.w.ID), orm.C(&s.b.ID))))(t)
		expect(t, 4, len(rows))
		if rows[2].Name != "bob" || rows[2].Book.Title != "b1" || rows[2].Editor != ann || rows[0].Editor != nil || rows[3].Book != nil {
			t.Errorf("%+v", rows)
		}
		bob := pairs[2].Writer
		bob.Name = "robert"
		must(t, s.Commit(ctx))
		expect(t, "robert", readAgain[Writer](t, db, 2).Name)
	})
}

// A pointer to a mapped struct alone is the object, in a session; on an engine it
// is a struct that nobody holds.
func TestFetchGivesObjectsAlone(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newBookshop(t, db), t.Context()
		writers := get(orm.Fetch[*Writer](ctx, s.Session, orm.Select(s.w).OrderBy(orm.C(&s.w.ID))))(t)
		expect(t, 3, len(writers))
		if got := get(orm.Get[Writer](ctx, s.Session, 3))(t); got != writers[2] {
			t.Error("the session does not hold the object")
		}
		type plain struct {
			Writer Writer
			Title  string
		}
		must(t, s.Commit(ctx))
		rows := get(orm.Fetch[plain](ctx, db.Engine, orm.Select(s.w, orm.C(&s.b.Title)).From(s.w).Join(&s.w.Books).OrderBy(orm.C(&s.b.ID))))(t)
		expect(t, "bob", rows[2].Writer.Name)
		expectState(t, orm.Transient, &rows[2].Writer)
		type pair struct {
			Writer *Writer
			Title  string
		}
		_, err := orm.Fetch[pair](ctx, db.Engine, orm.Select(s.w, orm.C(&s.b.Title)).From(s.w).Join(&s.w.Books))
		expectKind(t, orm.ErrSchemaMismatch, err)
		if !strings.Contains(err.Error(), "objects are made by a Session") {
			t.Error(err)
		}
	})
}

// What tags want loaded comes with the objects of any statement, and a stream
// gives objects that nobody holds, save for those that are held already.
func TestFetchedObjectsAreThoseOfAQuery(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newBookshop(t, db), t.Context()
		ann := get(orm.Get[Writer](ctx, s.Session, 1))(t)
		for w, err := range orm.FetchIter[*Writer](ctx, s.Session, orm.Select(s.w)) {
			must(t, err)
			if (w.Name == "ann") != (w == ann) || s.Contains(w) != (w == ann) {
				t.Errorf("%s: %v", w.Name, orm.StateOf(w))
			}
		}
		_, err := orm.Fetch[*Writer](ctx, s.Session, orm.Select(s.w).Where(orm.Raw[bool]("1 = (SELECT nothing FROM nowhere)")))
		if err == nil {
			t.Error("no error")
		}
	})
}

// Columns go to the fields of a tuple by their order, whatever their names are.
func TestTuplesTakeColumnsByTheirOrder(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newBookshop(t, db), t.Context()
		two := get(orm.Pluck2(ctx, s.books().Join(&s.b.Writer), orm.C(&s.b.ID), orm.C(&s.w.ID)))(t)
		expect(t, []orm.Tuple2[int64, int64]{{V1: 1, V2: 1}, {V1: 2, V2: 1}, {V1: 3, V2: 2}}, two)
		three := get(orm.Pluck3(ctx, s.books().Limit(1), orm.C(&s.b.ID), orm.C(&s.b.Title), orm.C(&s.b.EditorID)))(t)
		expect(t, []orm.Tuple3[int64, string, *int64]{{V1: 1, V2: "a1"}}, three)
		four := get(orm.Pluck4(ctx, s.books().Limit(1), orm.C(&s.b.ID), orm.C(&s.b.ID), orm.C(&s.b.Title), orm.Upper(orm.C(&s.b.Title))))(t)
		expect(t, []orm.Tuple4[int64, int64, string, string]{{V1: 1, V2: 1, V3: "a1", V4: "A1"}}, four)
		mixed := get(orm.Fetch[orm.Tuple2[*Writer, int64]](ctx, s.Session, orm.Select(s.w, orm.Count(orm.C(&s.b.ID))).From(s.w).OuterJoin(&s.w.Books).GroupBy(orm.C(&s.w.ID), orm.C(&s.w.Name)).OrderBy(orm.C(&s.w.ID))))(t)
		if mixed[0].V1.Name != "ann" || mixed[0].V2 != 2 || mixed[2].V2 != 0 {
			t.Errorf("%+v", mixed)
		}
		_, err := orm.Fetch[orm.Tuple2[int64, string]](ctx, s.Session, orm.Select(orm.C(&s.b.ID)))
		expectKind(t, orm.ErrSchemaMismatch, err)
	})
}

// Fields that could both take an entity are told apart by its name, or refused; a
// struct in a field takes the columns with its prefix.
func TestRowsNestByEntityAndByPrefix(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newBookshop(t, db), t.Context()
		editor := orm.Alias[Writer]("editor")
		stmt := orm.Select(editor, s.w).From(s.b).Join(&s.b.Writer).Join(&s.b.Editor, editor)
		type both struct{ Writer, Editor *Writer }
		row := get(orm.FetchOne[both](ctx, s.Session, stmt))(t)
		expect(t, []string{"bob", "ann"}, []string{row.Writer.Name, row.Editor.Name})
		type unclear struct{ A, B *Writer }
		_, err := orm.FetchOne[unclear](ctx, s.Session, stmt)
		expectKind(t, orm.ErrSchemaMismatch, err)
		type nested struct {
			Title  string
			Writer struct {
				ID   int64
				Name string
			} `orm:"prefix:writer_"`
		}
		flat := orm.Select(orm.C(&s.b.Title), orm.C(&s.w.ID).As("writer_id"), orm.C(&s.w.Name).As("writer_name")).From(s.b).Join(&s.b.Writer).OrderBy(orm.C(&s.b.ID)).Limit(1)
		got := get(orm.FetchOne[nested](ctx, s.Session, flat))(t)
		expect(t, "a1 ann", got.Title+" "+got.Writer.Name)
		type twice struct {
			Writer *Writer
			ID     int64
		}
		_, err = orm.Fetch[twice](ctx, s.Session, orm.Select(s.w, orm.C(&s.b.ID), orm.C(&s.b.EditorID).As("id")).From(s.b).Join(&s.b.Writer))
		expectKind(t, orm.ErrSchemaMismatch, err)
	})
}

// Rows of SQL text are the session's objects; what the text leaves out is
// deferred, and what it has besides is left out.
func TestTextGivesObjects(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newBookshop(t, db), t.Context()
		ann := get(orm.Get[Writer](ctx, s.Session, 1))(t)
		ann.Name = "anne"
		db.statements()
		found := get(orm.FromSQL[Writer](s.Session, "SELECT name, 7 AS lucky, id FROM writers WHERE name = :name", sql.Named("name", "anne")).One(ctx))(t)
		s.sent(t, "UPDATE writers SET name = ? WHERE id = ?", "SELECT name, 7 AS lucky, id FROM writers WHERE name = ?")
		if found != ann {
			t.Error("one row is two objects")
		}
		books := get(orm.FromSQL[Book](s.Session, "SELECT id, title FROM books ORDER BY id").Options(orm.SelectInLoad(&s.b.Themes)).All(ctx))(t)
		expect(t, []string{"a1", "a2", "b1"}, titlesOf(books))
		expect(t, []string{"poetry"}, themeNames(books[0].Themes))
		if orm.Loaded(books[0], &books[0].WriterID) || orm.Loaded(books[0], &books[0].Text) {
			t.Error("what was not read counts as loaded")
		}
		must(t, orm.Load(ctx, books[0], &books[0].WriterID))
		must(t, orm.Load(ctx, books[1], &books[1].Writer))
		expect(t, int64(1), books[0].WriterID)
		expect(t, "anne", books[1].Writer.Name)
		expect(t, 0, len(s.Dirty()))
		_, err := orm.FromSQL[Book](s.Session, "SELECT title FROM books").All(ctx)
		expectKind(t, orm.ErrSchemaMismatch, err)
		_, err = orm.FromSQL[Book](s.Session, "SELECT id, id FROM books").All(ctx)
		expectKind(t, orm.ErrSchemaMismatch, err)
		_, err = orm.FromSQL[Book](s.Session, "SELECT id FROM books").Options(orm.JoinedLoad(&s.b.Writer)).All(ctx)
		expectKind(t, orm.ErrUnsupported, err)
		none := get(orm.FromSQL[Book](s.Session, "SELECT id, title FROM books WHERE id < ?", 0).OneOrNil(ctx))(t)
		if none != nil {
			t.Errorf("%+v", none)
		}
		_, err = orm.FromSQL[Book](s.Session, "SELECT id, title FROM books").One(ctx)
		expectKind(t, orm.ErrMultipleRows, err)
	})
}

// Unions, and what an INSERT returns, give objects as a query does.
func TestStatementsGiveObjects(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newBookshop(t, db), t.Context()
		union := orm.UnionAll(orm.Select(s.w).Where(orm.C(&s.w.ID).Eq(1)), orm.Select(s.w).Where(orm.C(&s.w.ID).Le(2))).OrderBy(orm.F("id"))
		writers := get(orm.FromStatement[Writer](s.Session, union).Options(orm.SelectInLoad(&s.w.Books)).All(ctx))(t)
		expect(t, 3, len(writers))
		if writers[0] != writers[1] || len(writers[0].Books) != 2 {
			t.Errorf("%+v", writers)
		}
		loose := get(orm.FromStatement[Writer](s.Session, union).Untracked().All(ctx))(t)
		if loose[0] == writers[0] || s.Contains(loose[0]) {
			t.Error("the session holds what it was not to")
		}
		writers[0].Name = "anne"
		must(t, s.Flush(ctx))
		insert := orm.Insert(s.w).Values(orm.M{"id": 9, "name": "zoe"}).Returning(s.w)
		zoe := get(orm.FromStatement[Writer](s.Session, insert).One(ctx))(t)
		expectState(t, orm.Persistent, zoe)
		zoe.Name = "zoë"
		must(t, s.Commit(ctx))
		expect(t, "zoë", readAgain[Writer](t, db, 9).Name)
		_, err := orm.FromStatement[Writer](s.Session, orm.Text("SELECT id FROM writers").Columns(orm.ResultColumn{Name: "id", Type: types.BigInteger()})).All(ctx)
		must(t, err)
	})
}
