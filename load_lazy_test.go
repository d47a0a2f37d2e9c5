package orm_test

import (
	"context"
	"testing"

	"github.com/aurum-go/orm"
)

func TestLoadReadsForAllThatWereReadTogether(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newBookshop(t, db), t.Context()
		writers := get(s.writers().All(ctx))(t)
		db.statements()
		for _, w := range writers {
			if w.Books != nil || orm.Loaded(w, &w.Books) != (w != writers[0] && writers[0].Books != nil) {
				continue
			}
			must(t, orm.Load(ctx, w, &w.Books))
		}
		s.sent(t, booksOfWriters+"(?, ?, ?) ORDER BY books.id")
		expect(t, wholeStock, shelved(writers))
		for _, w := range writers {
			for _, b := range w.Books {
				must(t, orm.Load(ctx, b, &b.Themes, &b.Text))
			}
		}
		expect(t, 1+3, len(db.statements()))
		for _, w := range writers {
			must(t, orm.Load(ctx, w, &w.Books))
		}
		s.sent(t)
	})
}

func TestLoadOfAReferenceThatIsHeldEmitsNothing(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newBookshop(t, db), t.Context()
		writers, books := get(s.writers().All(ctx))(t), get(s.books().All(ctx))(t)
		db.statements()
		must(t, orm.Load(ctx, books[0], &books[0].Writer, &books[0].Editor))
		s.sent(t)
		if books[0].Writer != writers[0] || books[0].Editor != nil || books[2].Writer != writers[1] {
			t.Error("the references are wrong")
		}
	})
}

func TestLoadOfAStaleObjectReadsItsKeysAgain(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newBookshop(t, db), t.Context()
		books := get(s.books().Options(orm.SelectInLoad(&s.b.Writer)).All(ctx))(t)
		must(t, s.Commit(ctx))
		run(t, db.Engine, "UPDATE books SET writer_id = 3 WHERE id = 1")
		db.statements()
		expect(t, "ann", books[0].Writer.Name)
		must(t, orm.Load(ctx, books[0], &books[0].Writer))
		s.sent(t, "SELECT "+bookColumns+" FROM books WHERE books.id IN (?, ?, ?)", "SELECT "+writerColumns+" FROM writers WHERE writers.id IN (?, ?, ?)")
		expect(t, []string{"cyd", "ann", "bob"}, []string{books[0].Writer.Name, books[1].Writer.Name, books[2].Writer.Name})
	})
}

func TestLoadOfACollectionThatIsStaleReadsItAgain(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newBookshop(t, db), t.Context()
		writers := get(s.writers().Options(orm.SelectInLoad(&s.w.Books)).All(ctx))(t)
		must(t, s.Commit(ctx))
		run(t, db.Engine, "UPDATE books SET writer_id = 3 WHERE id = 1")
		db.statements()
		expect(t, wholeStock, shelved(writers))
		must(t, orm.Load(ctx, writers[2], &writers[2].Books))
		s.sent(t, booksOfWriters+"(?, ?, ?) ORDER BY books.id")
		expect(t, map[string][]string{"ann": {"a2"}, "bob": {"b1"}, "cyd": {"a1"}}, shelved(writers))
	})
}

func TestLoadKeepsWhatTheUserHasAppended(t *testing.T) {
	db := onSQLite(t)
	s, ctx := newBookshop(t, db, orm.Autoflush(false)), t.Context()
	ann := get(s.writers().First(ctx))(t)
	ann.Books = append(ann.Books, &Book{Title: "new"})
	must(t, orm.Load(ctx, ann, &ann.Books))
	expect(t, []string{"a1", "a2", "new"}, titlesOf(ann.Books))
	ann.Books = ann.Books[1:]
	must(t, s.Refresh(ctx, ann, &ann.Name))
	expect(t, []string{"a2", "new"}, titlesOf(ann.Books))
	book := get(s.books().First(ctx))(t)
	other := &Writer{Name: "new"}
	book.Editor = other
	must(t, orm.Load(ctx, book, &book.Editor))
	if book.Editor != other {
		t.Error("the user's reference is lost")
	}
}

func TestLoadRefusesObjectsWithoutRow(t *testing.T) {
	db := onSQLite(t)
	s, ctx := newBookshop(t, db), t.Context()
	ann := get(s.writers().First(ctx))(t)
	s.Expunge(ann)
	expectKind(t, orm.ErrDetached, orm.Load(ctx, ann, &ann.Books))
	fresh := &Writer{Name: "new"}
	expectKind(t, orm.ErrDetached, orm.Load(ctx, fresh, &fresh.Books))
	s.Add(fresh)
	expectKind(t, orm.ErrNotPersistent, orm.Load(ctx, fresh, &fresh.Books))
	s.Expunge(fresh)
	bob := get(s.writers().FilterBy("Name", "bob").One(ctx))(t)
	expectKind(t, orm.ErrArgument, orm.Load(ctx, bob, &ann.Books))
	book := get(s.books().First(ctx))(t)
	must(t, s.Commit(ctx))
	run(t, db.Engine, "DELETE FROM book_themes")
	run(t, db.Engine, "DELETE FROM books WHERE id = 1")
	expectKind(t, orm.ErrNoRows, orm.Load(ctx, book, &book.Writer))
}

func TestRaiseLoadForbidsWhatWasNotAskedFor(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newBookshop(t, db), t.Context()
		ann := get(s.writers().Options(orm.RaiseLoad(&s.w.Books)).First(ctx))(t)
		err := orm.Load(ctx, ann, &ann.Books)
		expectKind(t, orm.ErrRaiseLoad, err)
		expect(t, "orm: load Writer.Books: a query or the tag says that it is not to be loaded by itself (load it with the objects: Options(orm.SelectInLoad(…)))", err.Error())
		must(t, orm.Load(ctx, ann, &ann.Portrait))
		get(s.writers().Options(orm.SelectInLoad(&s.w.Books)).First(ctx))(t)
		expect(t, []string{"a1", "a2"}, titlesOf(ann.Books))
		must(t, orm.Load(ctx, ann, &ann.Books))
		for name, options := range map[string][]orm.Option{
			"before": {orm.RaiseLoadAll(), orm.SelectInLoad(&s.w.Books)},
			"behind": {orm.SelectInLoad(&s.w.Books), orm.RaiseLoadAll()},
		} {
			s.ExpungeAll()
			ann := get(s.writers().Options(options...).First(ctx))(t)
			expect(t, []string{"a1", "a2"}, titlesOf(ann.Books))
			must(t, orm.Load(ctx, ann, &ann.Books))
			for _, err := range []error{orm.Load(ctx, ann, &ann.Portrait), orm.Load(ctx, ann.Books[0], &ann.Books[0].Themes)} {
				if expectKind(t, orm.ErrRaiseLoad, err); t.Failed() {
					t.Fatal(name)
				}
			}
			get(s.writers().Options(orm.LazyLoadAll()).First(ctx))(t)
		}
	})
}

func TestLoadIsRefusedWhileAResultIsRead(t *testing.T) {
	db := onSQLite(t)
	s, ctx := newBookshop(t, db), t.Context()
	ann := get(s.writers().First(ctx))(t)
	for _, err := range s.books().Iter(ctx) {
		must(t, err)
		expectKind(t, orm.ErrConcurrentUse, orm.Load(ctx, ann, &ann.Books))
	}
	canceled, cancel := context.WithCancel(ctx)
	cancel()
	expectKind(t, orm.ErrCanceled, orm.Load(canceled, ann, &ann.Books))
	if orm.Loaded(ann, &ann.Books) {
		t.Error("a load that failed left something behind")
	}
}

func TestReferenceThatWasMovedBehindIsReadAgain(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, graph).session(t), t.Context()
		ed, jo := &Person{Name: "ed"}, &Person{Name: "jo"}
		a, b := &Article{Title: "a", Author: ed}, &Article{Title: "b", Author: ed}
		s.Add(a, b, jo)
		must(t, s.Commit(ctx))
		other := db.session(t)
		for _, article := range get(orm.Query[Article](other).All(ctx))(t) {
			article.AuthorID = jo.ID
		}
		must(t, other.Commit(ctx))
		b.Author = jo // on purpose, and to the same
		get(orm.Query[Article](s).All(ctx))(t)
		expect(t, []any{true, jo.ID, false}, []any{a.Author == nil, a.AuthorID, orm.Loaded(a, &a.Author)})
		must(t, orm.Load(ctx, a, &a.Author))
		expect(t, []bool{true, true}, []bool{a.Author == jo, b.Author == jo})
		must(t, s.Commit(ctx))
	})
}
