// This file tests the iteration over the objects of a query with what they lead
// to: block by block, on the connection of the session alone.

package orm_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"weak"

	"github.com/aurum-go/orm"
)

// The table of books with a field that has no room for NULL, and with one whose
// Scan panics.
type (
	strictBook struct {
		orm.Base `orm:"table:books"`

		ID       int64
		EditorID int64         `orm:"foreign_key:writers.id"`
		WriterID int64         `orm:"foreign_key:writers.id"`
		Writer   *strictWriter `orm:"foreign_keys:WriterID"`
	}
	brittleBook struct {
		orm.Base `orm:"table:books"`

		ID       int64
		Title    brittle       `orm:"type:string(50)"`
		WriterID int64         `orm:"foreign_key:writers.id"`
		Writer   *strictWriter `orm:"foreign_keys:WriterID"`
	}
	strictWriter struct {
		orm.Base `orm:"table:writers"`

		ID   int64
		Name string
	}
)

var _, _ = orm.MustRegister(&strictBook{}, &strictWriter{}), orm.MustRegister(&brittleBook{}, &strictWriter{})

// blockSize is how many objects are read before their relationships are.
const blockSize = 500

// newLongShelf is a bookshop with more writers than the three, one block and a bit
// over two, each with a book of the same name.
func newLongShelf(t *testing.T, db *testDB, writers int) *bookshop {
	t.Helper()
	s, ctx := newBookshop(t, db), t.Context()
	for i := range writers - 3 {
		id := int64(100 + i)
		name := fmt.Sprint("writer ", id)
		s.Add(&Writer{ID: id, Name: name, Books: []*Book{{ID: id, Title: name}}})
	}
	must(t, s.Commit(ctx))
	s.ExpungeAll()
	db.statements()
	return s
}

// streamed are the statements by which a query is read in blocks, with what is
// sent after each of them.
func (s *bookshop) streamed(query string, blocks ...[]string) []string {
	if s.db.name() != "postgres" {
		return append([]string{query}, slices.Concat(blocks...)...)
	}
	sent := []string{"DECLARE orm_stream NO SCROLL CURSOR FOR " + query}
	for _, b := range blocks {
		sent = append(append(sent, "FETCH 500 FROM orm_stream"), b...)
	}
	return append(sent, "CLOSE orm_stream")
}

const allWriters = "SELECT " + writerColumns + " FROM writers ORDER BY writers.id"

// booksOf is the statement for the books of so many writers.
func booksOf(writers int) []string {
	return []string{booksOfWriters + "(" + strings.TrimSuffix(strings.Repeat("?, ", writers), ", ") + ") ORDER BY books.id"}
}

// What a relationship leads to is read by one statement for each block, in between
// of the rows of the query.
func TestIterLoadsRelationshipsOfEachBlockByOneStatement(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newLongShelf(t, db, 2*blockSize+10), t.Context()
		all := get(s.writers().Untracked().Options(orm.SelectInLoad(&s.w.Books)).All(ctx))(t)
		db.statements()
		streamed := collect(t, s.writers().Options(orm.SelectInLoad(&s.w.Books)).Iter(ctx))
		s.sent(t, s.streamed(allWriters, booksOf(blockSize), booksOf(blockSize), booksOf(10))...)
		expect(t, shelved(all), shelved(streamed))
		for _, w := range streamed {
			if orm.StateOf(w) != orm.Detached || !orm.Loaded(w, &w.Books) || s.Contains(w) {
				t.Fatalf("%s is %s", w.Name, orm.StateOf(w))
			}
			for _, b := range w.Books {
				if b.Writer != w || orm.StateOf(b) != orm.Detached {
					t.Fatalf("%s is %s, of %v", b.Title, orm.StateOf(b), b.Writer)
				}
			}
		}
		expect(t, 2*blockSize+10, len(streamed))
		expect(t, 0, len(s.Dirty()))
	})
}

// A block that is the last one is known to be by its rows; where the rows fill it,
// by the block after it, which is empty.
func TestIterEndsAtTheEndOfABlock(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newLongShelf(t, db, blockSize), t.Context()
		q := s.writers().Options(orm.SelectInLoad(&s.w.Books))
		expect(t, blockSize, len(collect(t, q.Iter(ctx))))
		empty := [][]string{booksOf(blockSize), nil}
		s.sent(t, s.streamed(allWriters, empty...)...)
		expect(t, 0, len(collect(t, q.Filter(orm.C(&s.w.ID).Lt(0)).Iter(ctx))))
		expect(t, 1, len(collect(t, q.Limit(1).Iter(ctx))))
	})
}

// What is nested in an option is loaded for the members of a block, and links are
// read with their targets.
func TestIterLoadsWhatIsNested(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newBookshop(t, db), t.Context()
		q := s.writers().Options(orm.SelectInLoad(&s.w.Books, orm.SelectInLoad(&s.b.Themes)), orm.SelectInLoad(&s.w.Portrait))
		var themes []string
		for w, err := range q.Iter(ctx) {
			must(t, err)
			for _, b := range w.Books {
				themes = append(themes, w.Name+" "+b.Title+" "+strings.Join(themeNames(b.Themes), ","))
			}
			if w.Portrait != nil && w.Portrait.Writer != w {
				t.Error("the other side is not set")
			}
		}
		expect(t, []string{"ann a1 poetry", "ann a2 ", "bob b1 prose,poetry"}, themes)
		expect(t, 4, len(slices.DeleteFunc(db.statements(), func(text string) bool {
			return strings.Contains(text, "orm_stream") && !strings.HasPrefix(text, "DECLARE")
		})))
	})
}

// A reference that is joined comes with the rows, as with All.
func TestIterLoadsReferencesByJoins(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newBookshop(t, db), t.Context()
		joined := s.books().Options(orm.JoinedLoad(&s.b.Writer, orm.SelectInLoad(&s.w.Portrait)), orm.JoinedLoad(&s.b.Editor))
		contained := s.books().Join(&s.b.Writer).Options(orm.ContainsEager(&s.b.Writer, orm.SelectInLoad(&s.w.Portrait)))
		for name, q := range map[string]*orm.EntityQuery[Book]{"joined": joined, "contained": contained} {
			all := get(q.Untracked().All(ctx))(t)
			want := db.plainStatements()
			var titles, wanted []string
			for i, b := range collect(t, q.Iter(ctx)) {
				titles, wanted = append(titles, b.Title+" by "+b.Writer.Name), append(wanted, all[i].Title+" by "+all[i].Writer.Name)
				if b.Writer.Name == "bob" && (b.Writer.Portrait == nil || name == "joined" && b.Editor.Name != "ann") {
					t.Errorf("%s: %+v", name, b.Writer)
				}
			}
			expect(t, wanted, titles)
			s.sent(t, s.streamed(want[0], want[1:])...)
		}
	})
}

// A collection that is joined has a row for each member, and a subquery repeats the
// query: neither can be had for a block. That is an error for an option, wherever
// it stands, and select-in for a tag.
func TestIterRefusesOptionsThatNeedTheWholeResult(t *testing.T) {
	db := onSQLite(t)
	s, ctx := newBookshop(t, db), t.Context()
	const inBetween = "an object has one row for each member, and a block may end in between"
	for want, option := range map[string]orm.Option{
		"orm: iterate over Book.Themes: " + inBetween + " (JoinedLoad) (use SelectInLoad, or All)":                                                          orm.JoinedLoad(&s.b.Themes),
		"orm: iterate over Writer.Books: " + inBetween + " (JoinedLoad) (use SelectInLoad, or All)":                                                         orm.JoinedLoad(&s.b.Writer, orm.JoinedLoad(&s.w.Books)),
		"orm: iterate over Writer.Portrait: " + inBetween + " (JoinedLoad) (use SelectInLoad, or All)":                                                      orm.JoinedLoad(&s.b.Writer, orm.JoinedLoad(&s.w.Portrait)),
		"orm: iterate over Book.Writer: its statement would read the relationship of all blocks for each of them (SubqueryLoad) (use SelectInLoad, or All)": orm.SubqueryLoad(&s.b.Writer),
	} {
		for _, err := range s.books().Options(option).Iter(ctx) {
			expectKind(t, orm.ErrUnsupported, err)
			expect(t, want, err.Error())
		}
	}
	for _, err := range s.books().Join(&s.b.Themes).Options(orm.ContainsEager(&s.b.Themes)).Iter(ctx) {
		expectKind(t, orm.ErrUnsupported, err)
	}
	s.sent(t)
	for book, err := range s.books().Options(orm.LoadOnly(&s.b.Title), orm.RaiseLoadAll()).Iter(ctx) {
		must(t, err)
		expect(t, int64(0), book.WriterID)
	}
}

// An object that the session holds is given as it is, with what it lacks loaded
// into the session; a copy of what it leads to is nobody's.
func TestIterLoadsObjectsThatAreHeldIntoTheSession(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newBookshop(t, db), t.Context()
		ann := get(s.writers().First(ctx))(t)
		db.statements()
		for name, q := range map[string]*orm.EntityQuery[Writer]{"held": s.writers(), "untracked": s.writers().Untracked()} {
			streamed := collect(t, q.Options(orm.SelectInLoad(&s.w.Books)).Iter(ctx))
			expect(t, wholeStock, shelved(streamed))
			if held := streamed[0] == ann; held != (name == "held") {
				t.Errorf("%s: the session's object is given: %v", name, held)
			}
			if s.Contains(streamed[1].Books[0]) {
				t.Errorf("%s: the session holds what a detached object leads to", name)
			}
		}
		if !s.Contains(ann.Books[0]) {
			t.Error("the session does not hold what its object leads to")
		}
		expect(t, 0, len(s.Dirty()))
	})
}

// A lock is on the rows of the query, and what they say is taken over.
func TestIterLocksAndLoads(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newBookshop(t, db), t.Context()
		ann := get(s.writers().First(ctx))(t)
		get(orm.Exec(ctx, s.Session, orm.Text("UPDATE writers SET name = 'anna' WHERE id = 1")))(t)
		streamed := collect(t, s.writers().ForUpdate().Options(orm.SelectInLoad(&s.w.Books)).Iter(ctx))
		expect(t, []string{"anna", "bob", "cyd"}, []string{ann.Name, streamed[1].Name, streamed[2].Name})
		expect(t, []string{"a1", "a2"}, titlesOf(ann.Books))
	})
}

// However the loop ends, the session and its connection are free again, and
// nothing is left on the server.
func TestIterByBlocksIsFreeAgainHoweverItEnds(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newLongShelf(t, db, blockSize+10), t.Context()
		q := s.writers().Options(orm.SelectInLoad(&s.w.Books))
		for _, last := range []int{1, blockSize - 1, blockSize, blockSize + 1, blockSize + 10} {
			n := 0
			for _, err := range q.Iter(ctx) {
				must(t, err)
				if n++; n == last {
					break
				}
			}
			expect(t, last, n)
			expect(t, int64(blockSize+10), get(s.writers().Count(ctx))(t))
		}
		cause := panicOf(func() {
			for range q.Iter(ctx) {
				panic("in the loop")
			}
		})
		expect(t, any("in the loop"), cause)
		expectKind(t, orm.ErrTxFailed, errOf(s.writers().Count(ctx)))
		must(t, s.Rollback(ctx))
		expect(t, 0, db.Stats().InUse)
		expect(t, blockSize+10, len(collect(t, q.Iter(ctx))))
	})
}

// A statement in the loop is refused, whether or not the connection could run it.
func TestStatementInALoopByBlocksIsRefusedAndTheLoopGoesOn(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newBookshop(t, db), t.Context()
		b := get(s.books().First(ctx))(t)
		for name, use := range map[string]func() error{
			"query":  func() error { return errOf(s.books().All(ctx)) },
			"load":   func() error { return orm.Load(ctx, b, &b.Themes) },
			"nested": func() error { return s.Nested(ctx, func(context.Context) error { return nil }) },
			"commit": func() error { return s.Commit(ctx) },
			"iterate": func() error {
				return iterError(ctx, s.books().Options(orm.SelectInLoad(&s.b.Themes)))
			},
			"flush": func() error {
				b.Title += "!"
				return s.Flush(ctx)
			},
		} {
			n := 0
			for _, err := range s.writers().Options(orm.SelectInLoad(&s.w.Portrait)).Iter(ctx) {
				must(t, err)
				n++
				if err := use(); !errors.Is(err, orm.ErrConcurrentUse) {
					t.Errorf("%s: %v", name, err)
				}
			}
			expect(t, 3, n)
			if err := s.Commit(ctx); err != nil {
				t.Errorf("%s: %v", name, err)
				must(t, s.Rollback(ctx))
			}
		}
	})
}

// Who ends the transaction in the loop ends the loop.
func TestRollbackInALoopByBlocksEndsIt(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newBookshop(t, db), t.Context()
		for name, end := range map[string]func() error{
			"rollback":   func() error { return s.Rollback(ctx) },
			"close":      func() error { return s.Close() },
			"invalidate": func() error { return errors.Join(s.Invalidate(), s.Rollback(ctx)) },
		} {
			rows, last := 0, error(nil)
			for _, err := range s.writers().Options(orm.SelectInLoad(&s.w.Books)).Iter(ctx) {
				if last = err; err == nil {
					rows++
					must(t, end())
				}
			}
			if rows != 1 || !errors.Is(last, orm.ErrClosed) {
				t.Errorf("%s: %d rows, then %v", name, rows, last)
			}
			expect(t, 0, db.Stats().InUse)
			s.Session = db.session(t)
		}
	})
}

// An error in the middle ends the loop, after the blocks before it: that of a
// relationship, and the end of the context.
func TestErrorInTheMiddleEndsALoopByBlocks(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s := newLongShelf(t, db, 2*blockSize)
		q := s.writers().Options(orm.SelectInLoad(&s.w.Books))
		broken := errors.New("broken")
		for name, c := range map[string]struct {
			spoil func(cancel func())
			want  error
		}{
			"a statement that is refused": {func(func()) {
				n := 0
				t.Cleanup(db.Events().BeforeExecute(func(_ context.Context, e *orm.Execution) error {
					if strings.Contains(e.SQL, " books ") && t.Context().Err() == nil && n < 1 {
						n++
						return broken
					}
					return nil
				}))
			}, broken},
			"the end of the context": {func(cancel func()) { cancel() }, orm.ErrCanceled},
		} {
			ctx, cancel := context.WithCancel(t.Context())
			rows, last := 0, error(nil)
			for _, err := range q.Iter(ctx) {
				if last = err; err == nil {
					if rows++; rows == blockSize {
						c.spoil(cancel)
					}
				}
			}
			cancel()
			if rows != blockSize || !errors.Is(last, c.want) {
				t.Errorf("%s: %d rows, then %v", name, rows, last)
			}
			must(t, s.Rollback(t.Context()))
			expect(t, 2*blockSize, len(collect(t, q.Iter(t.Context()))))
			must(t, s.Rollback(t.Context()))
		}
	})
}

// Memory holds a block: who has been given away, and what he leads to, is held by
// nobody.
func TestIterByBlocksHoldsNoObjectThatWasGivenAway(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		const many = 4 * blockSize
		s, ctx := newLongShelf(t, db, many), t.Context()
		var seen []weak.Pointer[Book]
		for w, err := range s.writers().Options(orm.SelectInLoad(&s.w.Books)).Iter(ctx) {
			must(t, err)
			for _, b := range w.Books {
				seen = append(seen, weak.Make(b))
			}
			if len(seen) == many-1 {
				break
			}
		}
		runtime.GC()
		alive := 0
		for _, p := range seen {
			if p.Value() != nil {
				alive++
			}
		}
		if alive > blockSize {
			t.Errorf("%d of %d objects are still in memory", alive, len(seen))
		}
	})
}

// The rows of a query are read again in blocks after a commit, within a savepoint
// and on the connection of the caller.
func TestIterByBlocksRunsWithinASavepointAndAConnection(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newBookshop(t, db), t.Context()
		shelf := func(s *orm.Session) map[string][]string {
			w := orm.Entity[Writer]()
			return shelved(collect(t, orm.Query[Writer](s).Options(orm.SelectInLoad(&w.Books)).Iter(ctx)))
		}
		must(t, s.Nested(ctx, func(context.Context) error {
			expect(t, wholeStock, shelf(s.Session))
			return nil
		}))
		must(t, s.Commit(ctx))
		for _, options := range [][]orm.TxOption{nil, {orm.Autocommit()}} {
			c := get(db.Connect(ctx, options...))(t)
			borrowed := orm.NewSession(db.Engine, orm.WithConn(c))
			expect(t, wholeStock, shelf(borrowed))
			must(t, borrowed.Close())
			must(t, c.Close())
		}
	})
}

// A row that does not fit names its field, and a panic of a type that reads it goes
// through to the caller, as they do without blocks.
func TestRowThatCannotBeReadEndsALoopByBlocks(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := newBookshop(t, db), t.Context()
		strict, brittle := orm.Entity[strictBook](), orm.Entity[brittleBook]()
		err := iterError(ctx, orm.Query[strictBook](s.Session).Options(orm.SelectInLoad(&strict.Writer)))
		if !errors.Is(err, orm.ErrDecode) || !strings.Contains(err.Error(), "books.editor_id into strictBook.EditorID") {
			t.Errorf("%v", err)
		}
		expect(t, int64(3), get(s.books().Count(ctx))(t))
		cause := panicOf(func() {
			_ = iterError(ctx, orm.Query[brittleBook](s.Session).Options(orm.SelectInLoad(&brittle.Writer)))
		})
		expect(t, any("brittle"), cause)
		expectKind(t, orm.ErrTxFailed, errOf(s.books().Count(ctx)))
		must(t, s.Rollback(ctx))
		expect(t, int64(3), get(s.books().Count(ctx))(t))
	})
}
