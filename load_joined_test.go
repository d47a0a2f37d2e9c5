package orm_test

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aurum-go/orm"
)

const (
	aliasedBooks   = "books_1.id, books_1.title, books_1.writer_id, books_1.editor_id"
	aliasedWriters = "writers_1.id, writers_1.name"
)

func TestJoinedLoadReadsACollectionInTheSameStatement(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newBookshop(t, db), t.Context()
		writers := get(s.writers().Options(orm.JoinedLoad(&s.w.Books)).All(ctx))(t)
		s.sent(t, "SELECT "+writerColumns+", "+aliasedBooks+" FROM writers LEFT OUTER JOIN books AS books_1 ON writers.id = books_1.writer_id ORDER BY writers.id, books_1.id")
		expect(t, wholeStock, shelved(writers))
		expect(t, 3, len(writers))
		if b := writers[0].Books[1]; b.Writer != writers[0] || !orm.Loaded(writers[2], &writers[2].Books) {
			t.Error("the other side is not set, or the empty collection is not known")
		}
		expect(t, 0, len(s.Dirty()))
	})
}

func TestJoinedLoadJoinsInnerWhereAKeyIsNeverNull(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newBookshop(t, db), t.Context()
		books := get(s.books().Options(orm.JoinedLoad(&s.b.Writer, orm.JoinedLoad(&s.w.Portrait)), orm.JoinedLoad(&s.b.Editor)).Limit(3).All(ctx))(t)
		s.sent(t, "SELECT anon_1.id, anon_1.title, anon_1.writer_id, anon_1.editor_id, "+aliasedWriters+", portraits_1.id, portraits_1.caption, portraits_1.writer_id, writers_2.id, writers_2.name FROM ("+
			"SELECT "+bookColumns+" FROM books ORDER BY books.id LIMIT ?) AS anon_1"+
			" JOIN writers AS writers_1 ON writers_1.id = anon_1.writer_id LEFT OUTER JOIN portraits AS portraits_1 ON writers_1.id = portraits_1.writer_id"+
			" LEFT OUTER JOIN writers AS writers_2 ON writers_2.id = anon_1.editor_id ORDER BY anon_1.id")
		if books[2].Writer.Portrait.Caption != "of bob" || books[0].Writer.Portrait != nil || books[2].Editor != books[0].Writer || books[0].Editor != nil {
			t.Errorf("%+v", books)
		}
	})
}

func TestJoinedLoadOfAReferenceLeavesLimitsAlone(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newBookshop(t, db), t.Context()
		book := get(s.books().Options(orm.JoinedLoad(&s.b.Writer)).First(ctx))(t)
		s.sent(t, "SELECT "+bookColumns+", "+aliasedWriters+" FROM books JOIN writers AS writers_1 ON writers_1.id = books.writer_id ORDER BY books.id LIMIT ?")
		expect(t, "ann", book.Writer.Name)
	})
}

func TestLimitCountsObjectsWhateverIsJoined(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newBookshop(t, db), t.Context()
		lower := orm.Lower(orm.C(&s.w.Name))
		writers := get(orm.Query[Writer](s.Session).OrderBy(lower.Desc(), orm.F("ID")).Limit(2).Offset(1).Options(orm.JoinedLoad(&s.w.Books, orm.JoinedLoad(&s.b.Themes))).All(ctx))(t)
		s.sent(t, "SELECT anon_1.id, anon_1.name, "+aliasedBooks+", themes_1.id, themes_1.name FROM ("+
			"SELECT writers.id, writers.name, lower(writers.name) AS order_1, writers.id AS order_1_1 FROM writers ORDER BY lower(writers.name) DESC, writers.id LIMIT ? OFFSET ?) AS anon_1"+
			" LEFT OUTER JOIN books AS books_1 ON anon_1.id = books_1.writer_id LEFT OUTER JOIN book_themes AS book_themes_1 ON books_1.id = book_themes_1.book_id"+
			" LEFT OUTER JOIN themes AS themes_1 ON themes_1.id = book_themes_1.theme_id ORDER BY anon_1.order_1 DESC, anon_1.order_1_1, books_1.id, themes_1.name DESC")
		expect(t, []string{"bob", "ann"}, []string{writers[0].Name, writers[1].Name})
		expect(t, []string{"a1", "a2"}, titlesOf(writers[1].Books))
		expect(t, []string{"prose", "poetry"}, themeNames(writers[0].Books[0].Themes))
		for name, q := range map[string]*orm.EntityQuery[Writer]{
			"one":      s.writers().FilterBy("Name", "ann"),
			"distinct": s.writers().Distinct().FilterBy("ID", 1),
			"grouped":  s.writers().GroupBy(orm.C(&s.w.ID), orm.C(&s.w.Name)).Having(orm.C(&s.w.ID).Eq(1)),
			"locked":   s.writers().FilterBy("ID", 1).ForUpdate(),
		} {
			s.ExpungeAll()
			ann, err := q.Options(orm.JoinedLoad(&s.w.Books)).One(ctx)
			if err != nil || len(ann.Books) != 2 {
				t.Errorf("%s: %v, %v", name, ann, err)
			}
		}
	})
}

func TestJoinedLoadKeepsItsAliasesToItself(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newBookshop(t, db), t.Context()
		taken := orm.Alias[Book]("books_1")
		writers := get(s.writers().Join(s.b, orm.Eq(orm.C(&s.b.WriterID), orm.C(&s.w.ID))).Join(taken, orm.Eq(orm.C(&taken.ID), orm.C(&s.b.ID))).
			Filter(orm.C(&s.b.Title).Eq("a2"), orm.C(&taken.Title).Ne("x")).Options(orm.JoinedLoad(&s.w.Books)).All(ctx))(t)
		expect(t, map[string][]string{"ann": {"a1", "a2"}}, shelved(writers))
	})
}

func TestWhereInAJoinedLoadLeavesNoObjectOut(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newBookshop(t, db), t.Context()
		writers := get(s.writers().Options(orm.JoinedLoad(&s.w.Books, orm.Where(orm.C(&s.b.Title).Eq("a2")), orm.JoinedLoad(&s.b.Themes, orm.Where(orm.F("Name").Ne("x"))))).All(ctx))(t)
		expect(t, 1, len(db.statements()))
		expect(t, map[string][]string{"ann": {"a2"}, "bob": {}, "cyd": {}}, shelved(writers))
		if orm.Loaded(writers[1], &writers[1].Books) {
			t.Error("a part of a collection counts as the whole")
		}
	})
}

func TestContainsEagerFillsFromTheJoinOfTheQuery(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newBookshop(t, db), t.Context()
		join := func(q *orm.EntityQuery[Writer]) *orm.EntityQuery[Writer] {
			return q.Join(s.b, orm.Eq(orm.C(&s.b.WriterID), orm.C(&s.w.ID))).Filter(orm.C(&s.b.Title).EndsWith("2")).Options(orm.ContainsEager(&s.w.Books))
		}
		writers := get(join(s.writers()).All(ctx))(t)
		s.sent(t, "SELECT "+writerColumns+", "+bookColumns+" FROM writers JOIN books ON books.writer_id = writers.id WHERE books.title LIKE ? ESCAPE '/' ORDER BY writers.id")
		expect(t, map[string][]string{"ann": {"a2"}}, shelved(writers))
		ann := writers[0]
		if orm.Loaded(ann, &ann.Books) || ann.Books[0].Writer != ann {
			t.Error("a part of a collection counts as the whole, or the other side is not set")
		}
		whole := s.writers().Join(s.b, orm.Eq(orm.C(&s.b.WriterID), orm.C(&s.w.ID))).Options(orm.ContainsEager(&s.w.Books)).PopulateExisting()
		for name, one := range map[string]func() (*Writer, error){
			"first": func() (*Writer, error) { return whole.First(ctx) },
			"one":   func() (*Writer, error) { return whole.Filter(orm.C(&s.w.Name).Eq("ann")).One(ctx) },
		} {
			if w := get(one())(t); len(w.Books) != 2 {
				t.Errorf("%s gives ann with %v", name, titlesOf(w.Books))
			}
		}
		must(t, orm.Load(ctx, ann, &ann.Books))
		get(join(s.writers()).All(ctx))(t)
		expect(t, []string{"a1", "a2"}, titlesOf(ann.Books))
		get(join(s.writers()).PopulateExisting().All(ctx))(t)
		expect(t, []string{"a2"}, titlesOf(ann.Books))
	})
}

func TestContainsEagerTakesAnAlias(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newBookshop(t, db), t.Context()
		editor := orm.Alias[Writer]("editor")
		books := get(s.books().Join(s.w, orm.Eq(orm.C(&s.w.ID), orm.C(&s.b.WriterID))).OuterJoin(editor, orm.Eq(orm.N(&s.b.EditorID), orm.C(&editor.ID))).
			Options(orm.ContainsEager(&s.b.Editor, orm.FromAlias(editor)), orm.ContainsEager(&s.b.Writer, orm.SelectInLoad(&s.w.Portrait))).All(ctx))(t)
		expect(t, 2, len(db.statements()))
		if books[2].Editor != books[0].Writer || books[0].Editor != nil || books[2].Writer.Portrait.Caption != "of bob" {
			t.Errorf("%+v", books)
		}
		err := errOf(s.books().Options(orm.ContainsEager(&s.b.Editor, orm.FromAlias(editor))).All(ctx))
		expectKind(t, orm.ErrArgument, err)
		expect(t, "orm: ContainsEager Book.Editor: the query does not join editor (join it first, or use JoinedLoad)", err.Error())
	})
}

func TestSubqueryLoadRepeatsTheQuery(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newBookshop(t, db), t.Context()
		writers := get(s.writers().Options(orm.SubqueryLoad(&s.w.Books, orm.SubqueryLoad(&s.b.Themes))).All(ctx))(t)
		s.sent(t, "SELECT "+writerColumns+" FROM writers ORDER BY writers.id",
			"SELECT anon_1.id, "+bookColumns+" FROM (SELECT DISTINCT writers.id FROM writers) AS anon_1 JOIN books ON anon_1.id = books.writer_id ORDER BY books.id",
			"SELECT anon_1.id, themes.id, themes.name FROM (SELECT DISTINCT books.id FROM (SELECT DISTINCT writers.id FROM writers) AS anon_1 JOIN books ON anon_1.id = books.writer_id) AS anon_1"+
				" JOIN book_themes ON anon_1.id = book_themes.book_id JOIN themes ON themes.id = book_themes.theme_id ORDER BY themes.name DESC")
		expect(t, wholeStock, shelved(writers))
		expect(t, []string{"prose", "poetry"}, themeNames(writers[1].Books[0].Themes))
		s.ExpungeAll()
		books := get(s.books().OrderBy(orm.C(&s.b.Title).Desc()).Limit(2).Options(orm.SubqueryLoad(&s.b.Writer), orm.SubqueryLoad(&s.b.Editor)).All(ctx))(t)
		expect(t, 2, len(db.statements()))
		expect(t, "ann", books[0].Writer.Name)
		s.ExpungeAll()
		db.statements()
		get(s.writers().FilterBy("Name", "nobody").Options(orm.SubqueryLoad(&s.w.Books)).All(ctx))(t)
		expect(t, 1, len(db.statements()))
	})
}

// The structs whose tags say how they are loaded.
type (
	Theatre struct {
		orm.Base `orm:"table:theatres"`

		ID    int64
		Name  string
		Plays []*Play `orm:"back_populates:Theatre;lazy:selectin;order_by:ID"`
	}
	Play struct {
		orm.Base `orm:"table:plays"`

		ID        int64
		Name      string
		TheatreID int64
		Theatre   *Theatre  `orm:"back_populates:Plays;lazy:joined"`
		Acts      []*Act    `orm:"lazy:subquery;order_by:ID"`
		Reviews   []*Review `orm:"lazy:raise"`
	}
	Act struct {
		orm.Base `orm:"table:acts"`

		ID     int64
		PlayID int64 `orm:"foreign_key:plays.id"`
	}
	Review struct {
		orm.Base `orm:"table:reviews"`

		ID     int64
		PlayID int64 `orm:"foreign_key:plays.id"`
	}
)

var stage = orm.MustRegister(&Theatre{}, &Play{}, &Act{}, &Review{})

func TestTagsSayHowAStructIsLoaded(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, stage).session(t), t.Context()
		s.Add(&Theatre{ID: 1, Name: "globe"})
		must(t, s.Flush(ctx))
		s.Add(&Play{ID: 1, Name: "hamlet", TheatreID: 1}, &Play{ID: 2, Name: "lear", TheatreID: 1})
		must(t, s.Flush(ctx))
		s.Add(&Act{ID: 1, PlayID: 1}, &Act{ID: 2, PlayID: 1}, &Review{ID: 1, PlayID: 1})
		must(t, s.Commit(ctx))
		theatre, play := orm.Entity[Theatre](), orm.Entity[Play]()
		for name, c := range map[string]struct {
			statements int
			load       func() (*Theatre, error)
		}{
			"query": {3, func() (*Theatre, error) { return orm.Query[Theatre](s).One(ctx) }},
			"get":   {3, func() (*Theatre, error) { return orm.Get[Theatre](ctx, s, 1) }},
			"other end": {4, func() (*Theatre, error) {
				p, err := orm.Query[Play](s).OrderBy(orm.C(&play.ID)).First(ctx)
				if err != nil {
					return nil, err
				}
				return p.Theatre, orm.Load(ctx, p.Theatre, &p.Theatre.Plays)
			}},
			"untracked": {3, func() (*Theatre, error) { return orm.Query[Theatre](s).Untracked().One(ctx) }},
		} {
			s.ExpungeAll()
			db.statements()
			globe, err := c.load()
			must(t, err)
			if n := len(db.statements()); n != c.statements || len(globe.Plays) != 2 || len(globe.Plays[0].Acts) != 2 || globe.Plays[0].Theatre != globe {
				t.Errorf("%s: %d statements, %+v", name, n, globe)
			}
			if name != "untracked" {
				expectKind(t, orm.ErrRaiseLoad, orm.Load(ctx, globe.Plays[0], &globe.Plays[0].Reviews))
			}
		}
		s.ExpungeAll()
		db.statements()
		globe := get(orm.Query[Theatre](s).Options(orm.LazyLoad(&theatre.Plays)).One(ctx))(t)
		expect(t, 1, len(db.statements()))
		if globe.Plays != nil {
			t.Error("an option does not outdo the tag")
		}
		s.ExpungeAll()
		hamlet := get(orm.Query[Play](s).OrderBy(orm.C(&play.ID)).Options(orm.LazyLoad(&play.Reviews), orm.NoLoad(&play.Acts), orm.RaiseLoad(&play.Theatre)).First(ctx))(t)
		must(t, orm.Load(ctx, hamlet, &hamlet.Reviews))
		expect(t, []int{1, 0}, []int{len(hamlet.Reviews), len(hamlet.Acts)})
		for th, err := range orm.Query[Theatre](s).Iter(ctx) {
			must(t, err)
			expect(t, []int{2, 2}, []int{len(th.Plays), len(th.Plays[0].Acts)})
		}
	})
}

func TestRefreshReadsRelationshipsAgain(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newBookshop(t, db), t.Context()
		ann := get(s.writers().Options(orm.SelectInLoad(&s.w.Books), orm.SelectInLoad(&s.w.Portrait)).First(ctx))(t)
		must(t, s.Flush(ctx))
		get(orm.Exec(ctx, s.Session, orm.Text("UPDATE books SET writer_id = 3 WHERE id = 1")))(t)
		db.statements()
		must(t, s.Refresh(ctx, ann, &ann.Books))
		s.sent(t, booksOfWriters+"(?) ORDER BY books.id")
		expect(t, []string{"a2"}, titlesOf(ann.Books))
		must(t, s.Refresh(ctx, ann))
		must(t, orm.Load(ctx, ann, &ann.Books))
		expect(t, 2, len(db.statements()))
	})
}

// randomShop fills a database with writers, books, editors and themes.
func randomShop(t *testing.T, db *testDB, r *rand.Rand) {
	t.Helper()
	s := db.withTables(t, library).session(t)
	writers, books, themes := 1+r.IntN(8), r.IntN(20), 1+r.IntN(5)
	for i := range writers {
		s.Add(&Writer{ID: int64(i + 1), Name: string(rune('a' + r.IntN(4)))})
	}
	for i := range themes {
		s.Add(&Theme{ID: int64(i + 1), Name: fmt.Sprint("t", i)})
	}
	must(t, s.Commit(t.Context()))
	links := [][2]int{}
	for i := range books {
		b := &Book{ID: int64(i + 1), Title: fmt.Sprint("b", i), WriterID: int64(1 + r.IntN(writers))}
		if r.IntN(2) == 0 {
			b.EditorID = new(int64(1 + r.IntN(writers)))
		}
		s.Add(b)
		for theme := range themes {
			if r.IntN(3) == 0 {
				links = append(links, [2]int{i + 1, theme + 1})
			}
		}
	}
	for i := range writers {
		if r.IntN(2) == 0 {
			s.Add(&Portrait{ID: int64(i + 1), Caption: fmt.Sprint("p", i), WriterID: new(int64(i + 1))})
		}
	}
	must(t, s.Commit(t.Context()))
	for _, l := range links {
		run(t, db.Engine, fmt.Sprintf("INSERT INTO book_themes (book_id, theme_id) VALUES (%d, %d)", l[0], l[1]))
	}
}

// drawn is the graph below some writers, as text.
func drawn(writers []*Writer) string {
	var b strings.Builder
	name := func(w *Writer) string {
		if w == nil {
			return "-"
		}
		if w.Portrait != nil {
			return fmt.Sprintf("%s%d(%s)", w.Name, w.ID, w.Portrait.Caption)
		}
		return fmt.Sprintf("%s%d", w.Name, w.ID)
	}
	for _, w := range writers {
		fmt.Fprintf(&b, "%s:\n", name(w))
		for _, book := range w.Books {
			fmt.Fprintf(&b, "\t%s by %s, %s: %v\n", book.Title, name(book.Writer), name(book.Editor), themeNames(book.Themes))
		}
	}
	return b.String()
}

func TestAllStrategiesLoadTheSameGraph(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		randomShop(t, db, rand.New(rand.NewPCG(20, 26)))
		for seed := range uint64(12) {
			compareStrategies(t, db, rand.New(rand.NewPCG(seed, 0)))
		}
	})
}

// compareStrategies loads one graph by Load and by random mixtures of options.
func compareStrategies(t *testing.T, db *testDB, r *rand.Rand) {
	t.Helper()
	s, ctx := &bookshop{Session: db.session(t), db: db, w: orm.Entity[Writer](), b: orm.Entity[Book]()}, t.Context()
	query := orm.Query[Writer](s.Session).OrderBy(orm.C(&s.w.Name), orm.C(&s.w.ID).Desc())
	if r.IntN(2) == 0 {
		query = query.Limit(1 + r.IntN(4)).Offset(r.IntN(3))
	}
	if r.IntN(3) == 0 {
		query = query.Distinct()
	}
	if r.IntN(3) == 0 {
		query = query.Filter(orm.C(&s.w.Name).Ge("b"))
	}
	want := drawn(loadedOneByOne(t, query))
	strategies := []func(any, ...orm.Option) orm.Option{orm.SelectInLoad, orm.JoinedLoad, orm.SubqueryLoad}
	for range 6 {
		var used []string
		pick := func(field any, options ...orm.Option) orm.Option {
			i := r.IntN(len(strategies))
			used = append(used, []string{"selectin", "joined", "subquery"}[i])
			return strategies[i](field, options...)
		}
		query := query.Options(pick(&s.w.Books, pick(&s.b.Themes), pick(&s.b.Editor, pick(&s.w.Portrait))), pick(&s.w.Portrait))
		for name, q := range map[string]*orm.EntityQuery[Writer]{"held": query, "untracked": query.Untracked(), "refreshed": query.PopulateExisting()} {
			if r.IntN(2) == 0 {
				s.ExpungeAll()
			}
			if got := drawn(get(q.All(ctx))(t)); got != want {
				t.Fatalf("%v, %s, give\n%sand not\n%s", used, name, got, want)
			}
			expect(t, 0, len(s.Dirty()))
		}
	}
	must(t, s.Rollback(ctx))
}

// loadedOneByOne are the objects of a query with a graph that Load has read.
func loadedOneByOne(t *testing.T, query *orm.EntityQuery[Writer]) []*Writer {
	t.Helper()
	ctx := t.Context()
	writers := get(query.All(ctx))(t)
	for _, w := range writers {
		must(t, orm.Load(ctx, w, &w.Books, &w.Portrait))
		for _, b := range w.Books {
			must(t, orm.Load(ctx, b, &b.Themes, &b.Editor))
			if b.Editor != nil {
				must(t, orm.Load(ctx, b.Editor, &b.Editor.Portrait))
			}
		}
	}
	return writers
}

// The structs whose relationships have conditions and orders of their own.
type (
	Harbour struct {
		orm.Base `orm:"table:harbours"`

		ID    int64
		Boats []*Boat `orm:"back_populates:Harbour"`
	}
	Boat struct {
		orm.Base `orm:"table:boats"`

		ID        int64
		Name      string `orm:"size:20"`
		Sunk      bool
		HarbourID int64
		Harbour   *Harbour `orm:"back_populates:Boats"`
		Skipper   *Skipper `orm:"cascade:all,delete-orphan"`
	}
	Skipper struct {
		orm.Base `orm:"table:skippers"`

		ID     int64
		BoatID int64 `orm:"foreign_key:boats.id"`
	}
)

// ConfigureMapper leaves boats out that are sunk, and orders the others.
func (*Harbour) ConfigureMapper(c *orm.MapperConfig) {
	b := orm.Entity[Boat]()
	c.Relationship("Boats").
		Where(func() orm.Expr[bool] { return orm.C(&b.Sunk).Eq(false) }).
		OrderBy(func() []orm.OrderItem { return []orm.OrderItem{orm.Length(orm.C(&b.Name)).Desc(), orm.C(&b.ID)} })
}

var coast = orm.MustRegister(&Harbour{}, &Boat{}, &Skipper{})

func TestRelationshipsLoadByTheirOwnConditionsAndOrder(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, coast).session(t), t.Context()
		s.Add(&Harbour{ID: 1}, &Harbour{ID: 2})
		must(t, s.Flush(ctx))
		s.Add(&Boat{ID: 1, Name: "ab", HarbourID: 1}, &Boat{ID: 2, Name: "abcd", HarbourID: 1}, &Boat{ID: 3, Name: "abc", HarbourID: 1, Sunk: true}, &Boat{ID: 4, Sunk: true, HarbourID: 2})
		must(t, s.Commit(ctx))
		h, b := orm.Entity[Harbour](), orm.Entity[Boat]()
		harbours := orm.Query[Harbour](s).OrderBy(orm.C(&h.ID))
		for name, load := range map[string]func() ([]*Harbour, error){
			"selectin": func() ([]*Harbour, error) { return harbours.Options(orm.SelectInLoad(&h.Boats)).All(ctx) },
			"joined":   func() ([]*Harbour, error) { return harbours.Options(orm.JoinedLoad(&h.Boats)).All(ctx) },
			"limited":  func() ([]*Harbour, error) { return harbours.Limit(2).Options(orm.JoinedLoad(&h.Boats)).All(ctx) },
			"subquery": func() ([]*Harbour, error) { return harbours.Options(orm.SubqueryLoad(&h.Boats)).All(ctx) },
			"lazy": func() ([]*Harbour, error) {
				all, err := harbours.All(ctx)
				if err == nil {
					err = orm.Load(ctx, all[0], &all[0].Boats)
				}
				return all, err
			},
		} {
			s.ExpungeAll()
			all := get(load())(t)
			var ids []int64
			for _, boat := range all[0].Boats {
				ids = append(ids, boat.ID)
			}
			if diff := cmp.Diff([]int64{2, 1}, ids); diff != "" || len(all[1].Boats) != 0 || !orm.Loaded(all[1], &all[1].Boats) {
				t.Errorf("%s: %s, %+v", name, diff, all[1])
			}
		}
		s.ExpungeAll()
		db.statements()
		joined := get(harbours.Join(&h.Boats).Options(orm.ContainsEager(&h.Boats)).All(ctx))(t)
		expect(t, 1, len(db.statements()))
		expect(t, 2, len(joined[0].Boats))
		alias := orm.Alias[Boat]("smaller")
		s.ExpungeAll()
		get(harbours.OuterJoin(&h.Boats, alias, orm.C(&alias.Name).Eq("ab")).Options(orm.ContainsEager(&h.Boats, orm.FromAlias(alias))).All(ctx))(t)
		expect(t, 4, len(get(orm.Query[Boat](s).Options(orm.SelectInLoad(&b.Harbour)).All(ctx))(t)))
	})
}

func TestRowsThatAFieldHasNoRoomForAreLeftAlone(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, coast).withTables(t, library).session(t), t.Context()
		s.Add(&Harbour{ID: 1}, &Twig{ID: 1, Name: "root"})
		must(t, s.Flush(ctx))
		s.Add(&Boat{ID: 1, HarbourID: 1})
		for id := range int64(3) {
			s.Add(&Twig{ID: 2 + id, Name: "same", ParentID: sql.Null[int64]{V: 1, Valid: true}})
		}
		must(t, s.Flush(ctx))
		s.Add(&Skipper{ID: 1, BoatID: 1}, &Skipper{ID: 2, BoatID: 1})
		must(t, s.Commit(ctx))
		b, twig := orm.Entity[Boat](), orm.Entity[Twig]()
		for _, load := range []func(any, ...orm.Option) orm.Option{orm.SelectInLoad, orm.JoinedLoad, orm.SubqueryLoad} {
			s.ExpungeAll()
			boat := get(orm.Query[Boat](s).Options(load(&b.Skipper)).One(ctx))(t)
			root := get(orm.Query[Twig](s).FilterBy("ID", 1).Options(load(&twig.Children)).One(ctx))(t)
			if boat.Skipper == nil || len(root.Children) != 1 || !orm.Loaded(root, &root.Children) {
				t.Errorf("%+v, %+v", boat, root)
			}
			expect(t, 0, len(s.Dirty()))
			must(t, s.Commit(ctx))
		}
		expect(t, int64(2), get(orm.Query[Skipper](s).Count(ctx))(t))
		expect(t, int64(3), get(orm.Query[Twig](s).FilterBy("ParentID", 1).Count(ctx))(t))
	})
}
