package orm_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/aurum-go/orm"
)

// What is joined to be loaded has aliases of its own, which no condition and no
// order of the query can reach: it never changes which objects come, or in which
// order.
func TestConditionsOfAQueryDoNotReachWhatIsJoinedToBeLoaded(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newBookshop(t, db), t.Context()
		second := orm.Exists(orm.Select(orm.C(&s.b.ID)).From(s.b).Where(orm.Eq(orm.C(&s.b.WriterID), orm.C(&s.w.ID)), orm.C(&s.b.Title).Like("%1")))
		q := s.writers().Filter(second).OrderBy(orm.C(&s.w.Name).Desc())
		plain := get(q.All(ctx))(t)
		s.ExpungeAll()
		db.statements()
		joined := get(q.Options(orm.JoinedLoad(&s.w.Books)).All(ctx))(t)
		expect(t, 1, len(db.statements()))
		expect(t, map[string][]string{"ann": {"a1", "a2"}, "bob": {"b1"}}, shelved(joined))
		for i, w := range plain {
			expect(t, w.ID, joined[i].ID)
		}
		s.ExpungeAll()
		db.statements()
		unjoined := get(s.writers().Filter(orm.C(&s.b.Title).Eq("a2")).Options(orm.JoinedLoad(&s.w.Books)).All(ctx))(t)
		s.sent(t, "SELECT "+writerColumns+", "+aliasedBooks+" FROM writers LEFT OUTER JOIN books AS books_1 ON writers.id = books_1.writer_id, books WHERE books.title = ? ORDER BY writers.id, books_1.id")
		expect(t, wholeStock, shelved(unjoined))
	})
}

// Objects come once, however many rows are joined to each, without being asked
// for.
func TestObjectsComeOnceWhateverIsJoined(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newBookshop(t, db), t.Context()
		writers := get(s.writers().Options(orm.JoinedLoad(&s.w.Books, orm.JoinedLoad(&s.b.Themes))).All(ctx))(t)
		expect(t, 3, len(writers))
		expect(t, wholeStock, shelved(writers))
		expect(t, "ann", get(s.writers().FilterBy("ID", 1).Options(orm.JoinedLoad(&s.w.Books)).One(ctx))(t).Name)
	})
}

// A query with DISTINCT or GROUP BY becomes a subquery before anything is joined
// to it, be it a reference or a collection.
func TestReferencesAreJoinedToWhatIsDistinctOrGrouped(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newBookshop(t, db), t.Context()
		for inner, q := range map[string]*orm.EntityQuery[Book]{
			"SELECT DISTINCT " + bookColumns + " FROM books": s.books().Distinct(),
			"SELECT " + bookColumns + " FROM books GROUP BY " + bookColumns: s.books().
				GroupBy(orm.C(&s.b.ID), orm.C(&s.b.Title), orm.C(&s.b.WriterID), orm.N(&s.b.EditorID)),
		} {
			s.ExpungeAll()
			db.statements()
			books := get(q.Options(orm.JoinedLoad(&s.b.Writer)).All(ctx))(t)
			s.sent(t, "SELECT anon_1.id, anon_1.title, anon_1.writer_id, anon_1.editor_id, "+aliasedWriters+" FROM ("+inner+") AS anon_1 JOIN writers AS writers_1 ON writers_1.id = anon_1.writer_id ORDER BY anon_1.id")
			expect(t, []string{"ann", "ann", "bob"}, []string{books[0].Writer.Name, books[1].Writer.Name, books[2].Writer.Name})
		}
	})
}

// A reference that is never NULL is joined inner only where every row has what it
// leads from. Behind a join that may find nothing it is joined outer: nobody is
// lost.
func TestInnerJoinBehindAnOuterOneLosesNobody(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newBookshop(t, db), t.Context()
		s.Add(&Theme{ID: 3, Name: "travel"})
		must(t, s.Commit(ctx))
		s.ExpungeAll()
		db.statements()
		themes := get(orm.Query[Theme](s.Session).OrderBy(orm.C(&s.g.ID)).Options(orm.JoinedLoad(&s.g.Books, orm.JoinedLoad(&s.b.Writer))).All(ctx))(t)
		s.sent(t, "SELECT themes.id, themes.name, "+aliasedBooks+", "+aliasedWriters+" FROM themes LEFT OUTER JOIN book_themes AS book_themes_1 ON themes.id = book_themes_1.theme_id"+
			" LEFT OUTER JOIN books AS books_1 ON books_1.id = book_themes_1.book_id LEFT OUTER JOIN writers AS writers_1 ON writers_1.id = books_1.writer_id ORDER BY themes.id, books_1.id")
		expect(t, []string{"poetry", "prose", "travel"}, themeNames(themes))
		expect(t, []int{2, 1, 0}, []int{len(themes[0].Books), len(themes[1].Books), len(themes[2].Books)})
		expect(t, "bob", themes[1].Books[0].Writer.Name)
	})
}

// A reference whose key is NULL, or half NULL, or whose target the session holds, is
// known without a statement.
func TestReferenceThatCanBeKnownIsNotRead(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, library).session(t), t.Context()
		s.Add(&Voyage{Ship: "argo", No: 1})
		must(t, s.Flush(ctx))
		s.Add(&Parcel{ID: 1}, &Parcel{ID: 2, VoyageShip: new("argo")}, &Parcel{ID: 3, VoyageShip: new("argo"), VoyageNo: new(int64(1))})
		must(t, s.Commit(ctx))
		s.ExpungeAll()
		p := orm.Entity[Parcel]()
		argo := get(orm.Get[Voyage](ctx, s, "argo", 1))(t)
		all := orm.Query[Parcel](s).OrderBy(orm.C(&p.ID))
		db.statements()
		parcels := get(all.Options(orm.SelectInLoad(&p.Voyage)).All(ctx))(t)
		for _, parcel := range parcels {
			must(t, orm.Load(ctx, parcel, &parcel.Voyage))
		}
		expect(t, []string{"SELECT parcels"}, targets(db.statements()))
		expect(t, []bool{true, true, true}, []bool{parcels[0].Voyage == nil, parcels[1].Voyage == nil, parcels[2].Voyage == argo})
		s.ExpungeAll()
		db.statements()
		for _, parcel := range get(all.Limit(2).All(ctx))(t) {
			must(t, orm.Load(ctx, parcel, &parcel.Voyage))
		}
		expect(t, []string{"SELECT parcels"}, targets(db.statements()))
	})
}

// Keys of several columns are asked for as rows.
func TestKeysOfSeveralColumnsAreAskedForAsRows(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, library).session(t), t.Context()
		s.Add(&Voyage{Ship: "argo", No: 1}, &Voyage{Ship: "argo", No: 2})
		must(t, s.Commit(ctx))
		v := orm.Entity[Voyage]()
		db.statements()
		get(orm.Query[Voyage](s).Options(orm.SelectInLoad(&v.Cargo)).All(ctx))(t)
		if text, want := db.plainStatements()[1], " WHERE (parcels.voyage_ship, parcels.voyage_no) IN ("; !strings.Contains(text, want) {
			t.Errorf("%s\nhas no %s", text, want)
		}
	})
}

// A query with LIMIT might find other rows when it is repeated, so it is not: what
// belongs to its objects is read by their keys.
func TestSubqueryLoadDoesNotRepeatALimit(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newBookshop(t, db), t.Context()
		for _, q := range []*orm.EntityQuery[Writer]{s.writers().Limit(2), s.writers().Limit(2).Offset(1)} {
			s.ExpungeAll()
			db.statements()
			writers := get(q.Options(orm.SubqueryLoad(&s.w.Books)).All(ctx))(t)
			expect(t, booksOfWriters+"(?, ?) ORDER BY books.id", db.plainStatements()[1])
			for _, w := range writers {
				expect(t, wholeStock[w.Name], titlesOf(w.Books))
			}
		}
		s.ExpungeAll()
		expect(t, []string{"a1", "a2"}, titlesOf(get(s.writers().Options(orm.SubqueryLoad(&s.w.Books)).First(ctx))(t).Books))
	})
}

// RaiseLoad forbids to load. It forbids neither to append to what is not loaded nor
// a flush, which reads what it has to.
func TestRaiseLoadNeverBlocksAFlush(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, graph).session(t), t.Context()
		s.Add(&Person{Name: "ed", Articles: []*Article{{Title: "a"}}})
		must(t, s.Commit(ctx))
		s.ExpungeAll()
		p := orm.Entity[Person]()
		ed := get(orm.Query[Person](s).Options(orm.RaiseLoadAll()).One(ctx))(t)
		expectKind(t, orm.ErrRaiseLoad, orm.Load(ctx, ed, &ed.Articles))
		ed.Articles = append(ed.Articles, &Article{Title: "b"})
		must(t, s.Commit(ctx))
		expect(t, []string{"a", "b"}, db.titles(t))
		s.ExpungeAll()
		ed = get(orm.Query[Person](s).Options(orm.RaiseLoad(&p.Articles)).One(ctx))(t)
		s.Delete(ed)
		must(t, s.Commit(ctx))
		expect(t, 0, len(db.titles(t)))
	})
}

// The options of a query are for what it reads. What is loaded later is loaded
// plainly; only RaiseLoad stays with the objects.
func TestOptionsAreThoseOfTheirQuery(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newBookshop(t, db), t.Context()
		ann := get(s.writers().Options(orm.SelectInLoad(&s.w.Books, orm.Undefer(&s.b.Text)), orm.RaiseLoad(&s.w.Portrait)).First(ctx))(t)
		expect(t, true, orm.Loaded(ann.Books[0], &ann.Books[0].Text))
		must(t, s.Commit(ctx))
		s.Expunge(ann.Books[0])
		db.statements()
		must(t, s.Refresh(ctx, ann))
		s.sent(t, "SELECT "+writerColumns+" FROM writers WHERE writers.id = ?")
		must(t, orm.Load(ctx, ann, &ann.Books))
		s.sent(t, booksOfWriters+"(?) ORDER BY books.id")
		expect(t, false, orm.Loaded(ann.Books[0], &ann.Books[0].Text))
		expectKind(t, orm.ErrRaiseLoad, orm.Load(ctx, ann, &ann.Portrait))
	})
}

// A join to a struct goes by the foreign keys of the tables, and by no relationship:
// two of them are an error, and the field of a relationship says which is meant.
func TestJoinToAStructGoesByForeignKeysAlone(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newBookshop(t, db), t.Context()
		expectKind(t, orm.ErrAmbiguous, errOf(s.books().Join(s.w).Count(ctx)))
		must(t, s.Rollback(ctx))
		expect(t, int64(3), get(s.books().Join(&s.b.Writer).Count(ctx))(t))
		expect(t, int64(1), get(s.books().Join(&s.b.Editor).Count(ctx))(t))
	})
}

// What does not lead to an object is also what leads to nobody.
func TestReferenceThatIsNullIsNotTheObject(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newBookshop(t, db), t.Context()
		ann := get(s.writers().First(ctx))(t)
		db.statements()
		books := get(s.books().Filter(orm.One(&s.b.Editor).IsNot(ann)).All(ctx))(t)
		s.sent(t, "SELECT "+bookColumns+" FROM books WHERE books.editor_id <> ? OR books.editor_id IS NULL ORDER BY books.id")
		expect(t, []string{"a1", "a2"}, titlesOf(books))
	})
}

// A session holds its objects as long as it lives, whoever else does: the same row
// is the same object, and known without a statement.
func TestSessionHoldsWhatNobodyElseHolds(t *testing.T) {
	db := onSQLite(t)
	s, ctx := newBookshop(t, db), t.Context()
	get(s.writers().First(ctx))(t).Name = "changed"
	get(s.writers().All(ctx))(t)
	must(t, s.Commit(ctx))
	get(s.writers().All(ctx))(t)
	runtime.GC()
	db.statements()
	expect(t, "changed", get(orm.Get[Writer](ctx, s.Session, 1))(t).Name)
	expect(t, 0, len(db.statements()))
	s.ExpungeAll()
	get(orm.Get[Writer](ctx, s.Session, 1))(t)
	expect(t, 1, len(db.statements()))
}
