package orm_test

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aurum-go/orm"
)

// Gadget has columns of kinds that can be changed in place, and a column named
// otherwise than its field.
type Gadget struct {
	orm.Base `orm:"table:gadgets"`

	ID      int64
	Label   string         `orm:"column:gadget_label;size:40"`
	Tags    map[string]int `orm:"type:json"`
	Picture []byte
	Weight  *float64
	Made    *time.Time
	ignored int
}

var gadgets = orm.MustRegister(&Gadget{})

// expect compares.
func expect(t *testing.T, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// expectKind checks which of the library's errors one is.
func expectKind(t *testing.T, kind error, err error) {
	t.Helper()
	if !errors.Is(err, kind) {
		t.Errorf("the error is %v, and not: %v", err, kind)
	}
}

// expectState checks the states of objects.
func expectState(t *testing.T, want orm.State, objects ...orm.Model) {
	t.Helper()
	for i, m := range objects {
		if got := orm.StateOf(m); got != want {
			t.Errorf("object %d is %s, and not %s", i, got, want)
		}
	}
}

// withTables creates the tables of further structs.
func (db *testDB) withTables(t *testing.T, r *orm.Registry) *testDB {
	t.Helper()
	must(t, r.CreateAll(t.Context(), db.Engine))
	db.statements()
	return db
}

// traffic is what goes to a database, in order: statements in plain words, and
// what frames transactions.
type traffic struct {
	mu   sync.Mutex
	sent []string
}

func (tr *traffic) note(text string) {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	tr.sent = append(tr.sent, text)
}

// taken returns what was sent since it was last asked.
func (tr *traffic) taken() []string {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	sent := tr.sent
	tr.sent = nil
	return sent
}

var placeholder = regexp.MustCompile(`\$\d+`)

// plain is a statement without what only one database writes so.
func plain(text string) string {
	return strings.ReplaceAll(placeholder.ReplaceAllString(text, "?"), "`", "")
}

// plainStatements returns what was sent since it was last asked, in plain words.
func (db *testDB) plainStatements() []string {
	sent := db.statements()
	for i, text := range sent {
		sent[i] = plain(text)
	}
	return sent
}

// watch records the traffic from here on.
func (db *testDB) watch(t *testing.T) *traffic {
	t.Helper()
	tr, events := &traffic{}, db.Events()
	framed := func(word string) func(context.Context, *orm.TxEvent) {
		return func(context.Context, *orm.TxEvent) { tr.note(word) }
	}
	for _, remove := range []func(){
		events.BeforeExecute(func(_ context.Context, e *orm.Execution) error {
			tr.note(plain(e.SQL))
			return nil
		}),
		events.Begin(framed("BEGIN")), events.Commit(framed("COMMIT")), events.Rollback(framed("ROLLBACK")),
		events.Savepoint(framed("SAVEPOINT")), events.ReleaseSavepoint(framed("RELEASE")), events.RollbackSavepoint(framed("ROLLBACK TO")),
	} {
		t.Cleanup(remove)
	}
	return tr
}

// heads are the first words of statements.
func heads(statements []string) []string {
	var list []string
	for _, text := range statements {
		if word, _, _ := strings.Cut(text, " "); word != "ROLLBACK" {
			text = word
		}
		list = append(list, text)
	}
	return list
}

// people adds users with these names to a session, and commits.
func people(t *testing.T, s *orm.Session, names ...string) []*User {
	t.Helper()
	var users []*User
	for _, name := range names {
		users = append(users, &User{Name: name, Email: name + "@x", Active: true})
	}
	orm.AddAll(s, users)
	must(t, s.Commit(t.Context()))
	return users
}

// storedNames returns the names of all users as another session reads them.
func storedNames(t *testing.T, db *testDB) []string {
	t.Helper()
	u := orm.Entity[User]()
	return get(orm.Fetch[string](t.Context(), db.Engine, orm.Select(orm.C(&u.Name)).OrderBy(orm.C(&u.ID))))(t)
}

// readAgain returns the object with a key as a session of its own reads it.
func readAgain[T any](t *testing.T, db *testDB, key ...any) *T {
	t.Helper()
	s := orm.NewSession(db.Engine)
	object := get(orm.Get[T](t.Context(), s, key...))(t)
	must(t, s.Close())
	return object
}

func TestObjectPassesThroughItsStates(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		ed := &User{Name: "ed", Email: "e"}
		expectState(t, orm.Transient, ed)
		s.Add(ed)
		expectState(t, orm.Pending, ed)
		must(t, s.Flush(ctx))
		expectState(t, orm.Persistent, ed)
		s.Delete(ed)
		expectState(t, orm.Persistent, ed)
		must(t, s.Flush(ctx))
		expectState(t, orm.Deleted, ed)
		must(t, s.Commit(ctx))
		expectState(t, orm.Detached, ed)

		expect(t, []string{"transient", "pending", "persistent", "deleted", "detached"}, []string{
			orm.Transient.String(), orm.Pending.String(), orm.Persistent.String(), orm.Deleted.String(), orm.Detached.String(),
		})
	})
}

func TestSessionTellsWhatItHolds(t *testing.T) {
	s := onSQLite(t).withModels(t).session(t)
	ed := people(t, s, "ed")[0]
	added, stranger := &User{Email: "x"}, &User{}
	s.Add(added)
	for object, want := range map[*User]bool{ed: true, added: true, stranger: false} {
		if s.Contains(object) != want || (orm.SessionOf(object) == s) != want {
			t.Errorf("%q: %t", object.Name, s.Contains(object))
		}
	}
	s.Delete(ed)
	must(t, s.Flush(t.Context()))
	if s.Contains(ed) {
		t.Error("the session holds an object for a row that it has deleted")
	}
	if s.Contains(nil) || s.IsModified(nil) || orm.SessionOf(nil) != nil || orm.StateOf(nil) != orm.Transient || orm.StateOf((*User)(nil)) != orm.Transient {
		t.Error("nothing is something")
	}
}

func TestOneObjectStandsForARow(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		people(t, s, "ed", "wendy")
		s.ExpungeAll()
		first := get(orm.Query[User](s).OrderBy(orm.C(&orm.Entity[User]().ID)).All(ctx))(t)
		again := get(orm.Query[User](s).FilterBy("Name", "wendy").One(ctx))(t)
		if again != first[1] || get(orm.Get[User](ctx, s, first[1].ID))(t) != again {
			t.Error("there are two objects for one row")
		}
	})
}

func TestLaterRowsLeaveALoadedObjectAsItIs(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s := db.withModels(t).session(t)
		ctx := t.Context()
		ed := people(t, s, "ed")[0]
		get(orm.Query[User](s).All(ctx))(t)
		get(orm.Exec(ctx, s, orm.Text("UPDATE users SET name = 'other', age = 7")))(t)
		get(orm.Query[User](s).All(ctx))(t)
		expect(t, "ed", ed.Name)
		if ed.Age != nil || s.IsModified(ed) {
			t.Errorf("age %v, modified %t", ed.Age, s.IsModified(ed))
		}
		must(t, s.Refresh(ctx, ed))
		expect(t, "other", ed.Name)
	})
}

func TestObjectOfAnotherSessionIsRefused(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withModels(t)
		ctx := t.Context()
		a, b := db.session(t), db.session(t)
		ed := people(t, a, "ed")[0]
		pending := &User{Email: "p"}
		a.Add(pending)
		for name, use := range map[string]func(){
			"add persistent":    func() { b.Add(ed) },
			"add pending":       func() { b.Add(pending) },
			"delete persistent": func() { b.Delete(ed) },
			"expire":            func() { b.Expire(ed) },
		} {
			use()
			if err := b.Flush(ctx); !errors.Is(err, orm.ErrOtherSession) {
				t.Errorf("%s: %v", name, err)
			}
			must(t, b.Rollback(ctx))
		}
		expectKind(t, orm.ErrOtherSession, b.Refresh(ctx, ed))
		expectKind(t, orm.ErrOtherSession, b.Lock(ctx, ed))
		if orm.SessionOf(ed) != a || orm.SessionOf(pending) != a {
			t.Error("the refusal took the objects away")
		}
		a.Expunge(ed, pending)
		b.Add(ed, pending)
		must(t, b.Commit(ctx))
		expect(t, []string{"ed", ""}, storedNames(t, db))
	})
}

func TestDeletionOfAnObjectWithoutARowIsRefused(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s := db.withModels(t).session(t)
		ctx := t.Context()
		gone := people(t, s, "gone")[0]
		s.Delete(gone)
		must(t, s.Commit(ctx))
		pending := &User{Email: "p"}
		s.Add(pending)
		for name, object := range map[string]*User{"transient": {}, "pending": pending, "row deleted": gone} {
			s.Delete(object)
			if err := s.Flush(ctx); !errors.Is(err, orm.ErrNotPersistent) {
				t.Errorf("%s: %v", name, err)
			}
			must(t, s.Rollback(ctx))
			s.Add(pending)
		}
	})
}

func TestMistakesAreAllReportedAndStayUntilRollback(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withModels(t)
		s, ctx := db.session(t), t.Context()
		type unknown struct{ orm.Base }
		s.Add(&User{Name: "good", Email: "g"}, nil, (*User)(nil), &unknown{})
		s.Delete(&User{}, &Account{})
		for range 2 {
			err := s.Commit(ctx)
			expectKind(t, orm.ErrArgument, err)
			expectKind(t, orm.ErrNotRegistered, err)
			expectKind(t, orm.ErrNotPersistent, err)
			if n := strings.Count(err.Error(), "\n"); n != 4 {
				t.Errorf("there were five mistakes: %v", err)
			}
		}
		_, err := orm.Query[User](s).All(ctx)
		expectKind(t, orm.ErrNotRegistered, err)
		expect(t, []string(nil), db.statements())
		must(t, s.Rollback(ctx))
		must(t, s.Commit(ctx))
		expect(t, []string(nil), storedNames(t, db))
	})
}

func TestAddTakesADeletionBack(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withModels(t)
		s, ctx := db.session(t), t.Context()
		ed := people(t, s, "ed")[0]
		s.Delete(ed, ed)
		expect(t, 1, len(s.Deleted()))
		s.Add(ed)
		expect(t, 0, len(s.Deleted()))
		must(t, s.Commit(ctx))
		expect(t, []string{"ed"}, storedNames(t, db))
		s.Delete(ed)
		must(t, s.Flush(ctx))
		s.Add(ed)
		expectKind(t, orm.ErrArgument, s.Flush(ctx))
		must(t, s.Rollback(ctx))
		expectState(t, orm.Persistent, ed)
	})
}

func TestExpungedObjectsAreNotWritten(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withModels(t)
		s, ctx := db.session(t), t.Context()
		users := people(t, s, "changed", "doomed")
		pending := &User{Email: "p"}
		users[0].Name = "not written"
		s.Add(pending)
		s.Delete(users[1])
		s.Expunge(pending, users[0], users[1])
		expectState(t, orm.Transient, pending)
		expectState(t, orm.Detached, users[0], users[1])
		must(t, s.Commit(ctx))
		expect(t, []string{"changed", "doomed"}, storedNames(t, db))
		s.Expunge(pending)
		expectKind(t, orm.ErrDetached, s.Flush(ctx))
	})
}

func TestDetachedObjectIsTakenBackWithItsChanges(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		a, ctx := db.withModels(t).session(t), t.Context()
		users := people(t, a, "ed", "wendy")
		must(t, a.Close())
		expectState(t, orm.Detached, users[0], users[1])
		users[0].Name = "edward"
		b := db.session(t)
		b.Add(users[0])
		b.Delete(users[1])
		db.statements()
		must(t, b.Commit(ctx))
		expect(t, []string{"UPDATE users SET name = ? WHERE id = ?", "DELETE FROM users WHERE id = ?"}, db.plainStatements())
		expect(t, []string{"edward"}, storedNames(t, db))
		b.Add(users[1])
		expectState(t, orm.Pending, users[1])
		must(t, b.Commit(ctx))
		expect(t, []string{"edward", "wendy"}, storedNames(t, db))
	})
}

func TestSecondObjectForARowIsRefused(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withModels(t)
		a, b, ctx := db.session(t), db.session(t), t.Context()
		ed := people(t, a, "ed")[0]
		a.Expunge(ed)
		twin := get(orm.Get[User](ctx, b, ed.ID))(t)
		b.Add(ed)
		expectKind(t, orm.ErrArgument, b.Flush(ctx))
		must(t, b.Rollback(ctx))
		if get(orm.Get[User](ctx, b, ed.ID))(t) != twin {
			t.Error("the session let go of its object")
		}
		expectState(t, orm.Detached, ed)
	})
}

func TestUntrackedObjectThatIsAddedIsWrittenAsAWhole(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		s.Add(&Document{Title: "a", Body: "body", Summary: "sum"})
		must(t, s.Commit(ctx))
		s.ExpungeAll()
		doc := get(orm.Query[Document](s).Untracked().One(ctx))(t)
		expectState(t, orm.Detached, doc)
		doc.Title = "b"
		s.Add(doc)
		db.statements()
		must(t, s.Commit(ctx))
		expect(t, []string{"UPDATE documents SET title = ? WHERE id = ?"}, db.plainStatements())
		must(t, orm.Load(ctx, doc, &doc.Body, &doc.Title))
		expect(t, []string{"b", "body"}, []string{doc.Title, doc.Body})
		s.Expunge(doc)
		for streamed, err := range orm.Query[Document](s).Iter(ctx) {
			must(t, err)
			s.Delete(streamed)
		}
		must(t, s.Commit(ctx))
		expect(t, int64(0), get(orm.Query[Document](s).Count(ctx))(t))
	})
}

func TestChangeOfAnUntrackedObjectThatIsAddedIsNeverLost(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		ref := orm.Entity[Document]()
		for name, before := range map[string]func(doc *Document) error{
			"nothing": func(*Document) error { return nil },
			"query":   func(*Document) error { return second(orm.Query[Document](s).All(ctx)) },
			"get":     func(doc *Document) error { return second(orm.Get[Document](ctx, s, doc.ID)) },
			"load":    func(doc *Document) error { return orm.Load(ctx, doc, &doc.Notes) },
			"refresh": func(doc *Document) error { return s.Refresh(ctx, doc) },
			"nested":  func(*Document) error { return s.Nested(ctx, func(context.Context) error { return nil }) },
			"expunge": func(doc *Document) error { s.Expunge(doc); s.Add(doc); return nil },
		} {
			s.Add(&Document{Title: "a", Body: "read by nobody", Notes: "n"})
			must(t, s.Commit(ctx))
			s.ExpungeAll()
			doc := get(orm.Query[Document](s).Untracked().OrderBy(orm.C(&ref.ID).Desc()).First(ctx))(t)
			doc.Title, doc.Body = "changed", "set unread"
			s.Add(doc)
			must(t, before(doc))
			must(t, s.Commit(ctx))
			fresh := readAgain[Document](t, db, doc.ID)
			stored := get(orm.Pluck(ctx, orm.Query[Document](s).FilterBy("ID", doc.ID), orm.C(&ref.Body)))(t)
			if fresh.Title != "changed" || stored[0] != "set unread" || doc.Title != "changed" || doc.Body != "set unread" {
				t.Errorf("%s: the row has %q and %q, the object %q and %q", name, fresh.Title, stored[0], doc.Title, doc.Body)
			}
		}
	})
}

func TestCopyOfAnUntrackedObjectIsAnObjectOfItsOwn(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		people(t, s, "a", "b", "c")
		s.ExpungeAll()
		for i, u := range get(orm.Query[User](s).Untracked().All(ctx))(t) {
			twin := *u
			expectState(t, orm.Detached, u)
			expectState(t, orm.Transient, &twin)
			twin.ID, twin.Email = 0, string(rune('x'+i))
			s.Add(&twin)
		}
		must(t, s.Commit(ctx))
		expect(t, []string{"a", "b", "c", "a", "b", "c"}, storedNames(t, db))
	})
}

func TestNextFlushIsAnnounced(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s := db.withModels(t).session(t)
		users := people(t, s, "a", "b", "c")
		fresh := []*User{{Email: "1"}, {Email: "2"}}
		orm.AddAll(s, fresh)
		users[2].Name = "x"
		users[1].Age = new(int)
		users[0].Name = "never written"
		s.Delete(users[0])
		expect(t, true, slices.Equal(s.New(), []orm.Model{fresh[0], fresh[1]}))
		expect(t, true, slices.Equal(s.Dirty(), []orm.Model{users[1], users[2]}))
		expect(t, true, slices.Equal(s.Deleted(), []orm.Model{users[0]}))
		expect(t, true, s.IsModified(users[1]) && s.IsModified(fresh[0]) && !s.IsModified(&User{}))
		must(t, s.Flush(t.Context()))
		expect(t, 0, len(s.New())+len(s.Dirty())+len(s.Deleted()))
		expect(t, false, s.IsModified(users[1]))
	})
}

func TestChangeAndChangeBackIsNoChange(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withModels(t)
		s, ctx := db.session(t), t.Context()
		ed := people(t, s, "ed")[0]
		db.statements()
		ed.Name = "x"
		expect(t, true, s.IsModified(ed))
		ed.Name = "ed"
		ed.CreatedAt = ed.CreatedAt.In(time.FixedZone("elsewhere", 3600)).Add(999 * time.Nanosecond)
		expect(t, 0, len(s.Dirty()))
		expect(t, false, s.IsModified(ed))
		must(t, s.Commit(ctx))
		expect(t, []string(nil), db.statements())
	})
}

func TestChangesInPlaceAreSeen(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, gadgets).session(t), t.Context()
		weight, noon := 1.5, time.Date(2024, 1, 2, 12, 0, 0, 6000, time.UTC)
		made := noon
		g := &Gadget{Label: "g", Tags: map[string]int{"a": 1}, Picture: []byte("abc"), Weight: &weight, Made: &made, ignored: 1}
		s.Add(g)
		must(t, s.Commit(ctx))
		for column, change := range map[string]func(){
			"tags":    func() { g.Tags["b"] = 2 },
			"picture": func() { g.Picture[0] = 'x' },
			"weight":  func() { *g.Weight = 2 },
			"made":    func() { *g.Made = noon.Add(time.Hour) },
		} {
			g.ignored++
			db.statements()
			must(t, s.Flush(ctx))
			expect(t, []string(nil), db.statements())
			change()
			must(t, s.Flush(ctx))
			expect(t, []string{"UPDATE gadgets SET " + column + " = ? WHERE id = ?"}, db.plainStatements())
		}
		must(t, s.Rollback(ctx))
		expect(t, map[string]int{"a": 1}, g.Tags)
		expect(t, []any{"abc", 1.5, noon}, []any{string(g.Picture), *g.Weight, *g.Made})
	})
}

func TestFieldIsKnownApartFromItsColumn(t *testing.T) {
	db := onSQLite(t).withTables(t, gadgets)
	s, ctx := db.session(t), t.Context()
	s.Add(&Gadget{Label: "lamp"})
	must(t, s.Commit(ctx))
	db.statements()
	g := get(orm.Query[Gadget](s).FilterBy("Label", "lamp").Filter(orm.F("Label").Eq("lamp"), orm.C(&orm.Entity[Gadget]().Label).Eq("lamp")).One(ctx))(t)
	sent := strings.Join(db.statements(), "")
	if strings.Count(sent, "gadgets.gadget_label = ?") != 3 {
		t.Errorf("%s", sent)
	}
	g.Label = "torch"
	must(t, s.Commit(ctx))
	expect(t, []string{"UPDATE gadgets SET gadget_label = ? WHERE id = ?"}, db.plainStatements())
}

func TestCopyOfAStructIsAnObjectOfItsOwn(t *testing.T) {
	db := onSQLite(t).withModels(t)
	s, ctx := db.session(t), t.Context()
	ed := people(t, s, "ed")[0]
	twin := *ed
	expectState(t, orm.Transient, &twin)
	expect(t, false, s.Contains(&twin))
	expect(t, (*orm.Session)(nil) == orm.SessionOf(&twin), true)
	twin.ID, twin.Name, twin.Email = 0, "twin", "t"
	s.Add(&twin)
	must(t, s.Commit(ctx))
	expect(t, []string{"ed", "twin"}, storedNames(t, db))
	if get(orm.Get[User](ctx, s, ed.ID))(t) != ed || get(orm.Get[User](ctx, s, twin.ID))(t) != &twin {
		t.Error("the session takes one for the other")
	}
	pending := &User{Email: "p"}
	s.Add(pending)
	second := *pending
	expectState(t, orm.Transient, &second)
	second.Email = "q"
	s.Add(&second)
	must(t, s.Commit(ctx))
	expect(t, 4, len(storedNames(t, db)))
}

func TestStructAssignedAsAWholeStaysTheSessions(t *testing.T) {
	db := onSQLite(t).withModels(t)
	s, ctx := db.session(t), t.Context()
	ed := people(t, s, "ed")[0]
	*ed = User{ID: ed.ID, Name: "edward", Email: ed.Email, Active: true, CreatedAt: ed.CreatedAt}
	pending := &User{Name: "p"}
	s.Add(pending)
	*pending = User{Name: "q", Email: "q"}
	s.Add(ed, pending) // for good measure
	db.statements()
	must(t, s.Commit(ctx))
	expect(t, []string{"UPDATE", "INSERT"}, heads(db.statements()))
	expect(t, []string{"edward", "q"}, storedNames(t, db))
	expectState(t, orm.Persistent, ed, pending)

	*ed = User{ID: ed.ID, Name: "ed", Email: ed.Email}
	must(t, s.Commit(ctx))
	expectState(t, orm.Persistent, ed)
	*ed = User{ID: ed.ID}
	s.Delete(ed)
	must(t, s.Commit(ctx))
	expect(t, []string{"q"}, storedNames(t, db))
}

func TestStructThatIsUsedForAnotherRowLeavesItsRowAlone(t *testing.T) {
	db := onSQLite(t).withModels(t)
	s, ctx := db.session(t), t.Context()
	u := people(t, s, "ed")[0]
	*u = User{Name: "wendy", Email: "w"}
	s.Add(u)
	db.statements()
	must(t, s.Commit(ctx))
	expect(t, []string{"INSERT"}, heads(db.statements()))
	expect(t, []string{"ed", "wendy"}, storedNames(t, db))
	if get(orm.Get[User](ctx, s, u.ID))(t) != u {
		t.Error("the struct is not the session's")
	}
}

func TestObjectCopiedOntoAnotherKeepsBothApart(t *testing.T) {
	db := onSQLite(t).withModels(t)
	s, ctx := db.session(t), t.Context()
	users := people(t, s, "a", "b")
	id, email := users[1].ID, users[1].Email
	*users[1] = *users[0]
	users[1].ID, users[1].Email = id, email
	must(t, s.Commit(ctx))
	expect(t, []string{"a", "a"}, storedNames(t, db))
	expectState(t, orm.Persistent, users[0], users[1])
	if get(orm.Get[User](ctx, s, id))(t) != users[1] {
		t.Error("the objects were exchanged")
	}
}

func TestFactoryMakesSessionsThatAreSetUpAlike(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withModels(t)
		ctx := t.Context()
		factory := orm.NewSessionFactory(db.Engine, orm.Autoflush(false))
		if factory.Engine() != db.Engine {
			t.Error("the factory has another engine")
		}
		for name, test := range map[string]struct {
			session *orm.Session
			want    int64
		}{
			"as the factory says": {factory.New(), 0},
			"with an option more": {factory.New(orm.Autoflush(true)), 1},
			"and again":           {factory.New(), 0},
		} {
			test.session.Add(&User{Email: "x"})
			if n := get(orm.Query[User](test.session).Count(ctx))(t); n != test.want {
				t.Errorf("%s: %d", name, n)
			}
			must(t, test.session.Close())
		}
	})
}

func TestSessionTravelsInTheContext(t *testing.T) {
	db := onSQLite(t)
	outer, inner := db.session(t), db.session(t)
	none := t.Context()
	one := orm.NewContext(none, outer)
	two := orm.NewContext(one, inner)
	for name, test := range map[string]struct {
		ctx  context.Context
		want *orm.Session
	}{"none": {none, nil}, "one": {one, outer}, "innermost": {two, inner}, "around": {context.WithoutCancel(one), outer}} {
		if orm.SessionFrom(test.ctx) != test.want {
			t.Errorf("%s: another session", name)
		}
	}
}
