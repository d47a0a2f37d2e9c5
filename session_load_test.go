package orm_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/aurum-go/orm"
)

// Tag has a key of text, and Device one of bytes.
type (
	Tag struct {
		orm.Base `orm:"table:tags"`
		Name     string `orm:"primary_key;size:20"`
		Colour   string `orm:"size:10"`
	}
	Device struct {
		orm.Base `orm:"table:devices"`
		ID       [16]byte `orm:"type:uuid"`
		Name     string   `orm:"size:20"`
	}
	Leaflet struct {
		orm.Base `orm:"table:leaflets"`
		Ref      string `orm:"primary_key;type:uuid"`
		Name     string `orm:"size:20"`
	}
)

var keyed = orm.MustRegister(&Tag{}, &Device{}, &Leaflet{})

func TestGetAnswersFromMemory(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		ed := people(t, s, "ed")[0]
		db.statements()
		if get(orm.Get[User](ctx, s, ed.ID))(t) != ed {
			t.Error("another object")
		}
		expect(t, 1, len(db.statements()))
		for _, key := range []any{ed.ID, int(ed.ID), int32(ed.ID), uint8(ed.ID)} {
			if get(orm.Get[User](ctx, s, key))(t) != ed {
				t.Errorf("another object for a %T", key)
			}
		}
		expect(t, []string(nil), db.statements())
	})
}

// Only a look-up by the key is answered from memory. A condition on any column asks the
// database, even on the key.
func TestConditionsAlwaysAskTheDatabase(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withModels(t)
		s, ctx := db.session(t), t.Context()
		people(t, s, "ed")
		for range 2 {
			db.statements()
			get(orm.Query[User](s).FilterBy("Name", "ed").One(ctx))(t)
			get(orm.Query[User](s).FilterBy("ID", 1).One(ctx))(t)
			expect(t, 2, len(db.statements()))
		}
	})
}

func TestGetRefusesWhatIsNoKey(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		s.Add(&OrderLine{OrderID: 1, LineNo: 2, SKU: "a"})
		must(t, s.Commit(ctx))
		db.statements()
		for name, key := range map[string][]any{
			"too few": {1}, "too many": {1, 2, 3}, "none": nil, "text": {"1", 2}, "null": {1, nil}, "too large": {1, uint64(math.MaxUint64)}, "a struct": {1, struct{}{}},
		} {
			_, err := orm.Get[OrderLine](ctx, s, key...)
			if !errors.Is(err, orm.ErrArgument) || !strings.Contains(err.Error(), "OrderLine") {
				t.Errorf("%s: %v", name, err)
			}
		}
		db.statements()
		_, err := orm.Get[OrderLine](ctx, s, 2, 1)
		expectKind(t, orm.ErrNoRows, err)
		expectKind(t, sql.ErrNoRows, err)
		expect(t, "orm: get OrderLine: no row has that key", err.Error())
		expect(t, []string{"SELECT order_lines.order_id, order_lines.line_no, order_lines.sku FROM order_lines WHERE order_lines.order_id = ? AND order_lines.line_no = ?"}, db.plainStatements())
		expect(t, "a", get(orm.Get[OrderLine](ctx, s, 1, 2))(t).SKU)
		type stranger struct{ orm.Base }
		_, err = orm.Get[stranger](ctx, s, 1)
		expectKind(t, orm.ErrNotRegistered, err)
	})
}

func TestGetOfARowThatIsGoneLetsTheObjectGo(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		ed := people(t, s, "ed")[0]
		run(t, db.Engine, "DELETE FROM users")
		_, err := orm.Get[User](ctx, s, ed.ID)
		expectKind(t, orm.ErrNoRows, err)
		expectState(t, orm.Detached, ed)
		s.Add(ed)
		expectState(t, orm.Pending, ed)
		must(t, s.Commit(ctx))
		expect(t, []string{"ed"}, storedNames(t, db))
	})
}

func TestRefreshOfARowThatIsGoneIsAnError(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withModels(t)
		s, ctx := db.session(t), t.Context()
		ed := people(t, s, "ed")[0]
		run(t, db.Engine, "DELETE FROM users")
		for want, err := range map[string]error{
			"orm: refresh User: no row has that key": s.Refresh(ctx, ed),
			"orm: lock User: no row has that key":    s.Lock(ctx, ed),
			"orm: load User: no row has that key":    orm.Load(ctx, ed, &ed.Name),
		} {
			expectKind(t, orm.ErrNoRows, err)
			expect(t, want, err.Error())
		}
		expectState(t, orm.Persistent, ed)
	})
}

func TestKeysOfAllKindsFindTheirObjects(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, keyed).session(t), t.Context()
		tag, device := &Tag{Name: "Go é"}, &Device{ID: [16]byte{0xAB, 15: 1}, Name: "d"}
		leaflet := &Leaflet{Ref: "{ABCDEF00-0000-0000-0000-00000000000F}", Name: "l"}
		s.Add(tag, device, leaflet)
		must(t, s.Flush(ctx))
		expect(t, "abcdef00-0000-0000-0000-00000000000f", leaflet.Ref)
		find := func() {
			t.Helper()
			if get(orm.Get[Tag](ctx, s, "Go é"))(t) != tag || get(orm.Query[Tag](s).One(ctx))(t) != tag {
				t.Error("the text leads elsewhere")
			}
			if get(orm.Get[Device](ctx, s, device.ID))(t) != device || get(orm.Query[Device](s).One(ctx))(t) != device {
				t.Error("the bytes lead elsewhere")
			}
			if get(orm.Get[Leaflet](ctx, s, leaflet.Ref))(t) != leaflet || get(orm.Query[Leaflet](s).One(ctx))(t) != leaflet {
				t.Error("the canonical text leads elsewhere")
			}
			if get(orm.Get[Leaflet](ctx, s, strings.ToUpper(leaflet.Ref)))(t) != leaflet {
				t.Error("another spelling leads elsewhere")
			}
		}
		find()
		must(t, s.Commit(ctx))
		find()
		device.Name, tag.Colour, leaflet.Name = "x", "red", "y"
		must(t, s.Commit(ctx))
		expect(t, "red", readAgain[Tag](t, db, "Go é").Colour)
		s.Delete(tag, device, leaflet)
		must(t, s.Commit(ctx))
	})
}

// On a database that takes spellings of a text for equal, they are one row, and
// so one object.
func TestSpellingsThatTheDatabaseTakesForEqualAreOneObject(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, keyed).session(t), t.Context()
		tag := &Tag{Name: "Go"}
		s.Add(tag)
		must(t, s.Commit(ctx))
		other, err := orm.Get[Tag](ctx, s, "GO")
		if db.name() != "mysql" {
			expectKind(t, orm.ErrNoRows, err)
			return
		}
		must(t, err)
		if other != tag {
			t.Error("there are two objects for one row")
		}
		s.Add(&Tag{Name: "go"})
		expectKind(t, orm.ErrUniqueViolation, s.Flush(ctx))
		must(t, s.Rollback(ctx))
		tag.Name = "GO"
		must(t, s.Commit(ctx))
		if get(orm.Get[Tag](ctx, s, "GO"))(t) != tag || get(orm.Get[Tag](ctx, s, "go"))(t) != tag {
			t.Error("there are two objects for one row")
		}
		expect(t, "GO", readAgain[Tag](t, db, "go").Name)
	})
}

func TestEveryStatementFlushesFirst(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		u := orm.Entity[User]()
		ed := people(t, s, "ed")[0]
		n := 0
		for name, read := range map[string]func() error{
			"query":   func() error { return second(orm.Query[User](s).All(ctx)) },
			"count":   func() error { return second(orm.Query[User](s).Count(ctx)) },
			"pluck":   func() error { return second(orm.Pluck(ctx, orm.Query[User](s), orm.C(&u.Name))) },
			"get":     func() error { return second(orm.Get[User](ctx, s, ed.ID)) },
			"refresh": func() error { return s.Refresh(ctx, ed) },
			"lock":    func() error { return s.Lock(ctx, ed) },
			"fetch":   func() error { return second(orm.Fetch[string](ctx, s, orm.Select(orm.C(&u.Name)))) },
			"text":    func() error { return second(orm.Exec(ctx, s, orm.Text("UPDATE accounts SET balance = 0"))) },
		} {
			n++
			s.Expire(ed)
			s.Add(&Account{ID: int64(n)})
			db.statements()
			must(t, read())
			if got := heads(db.statements()); got[0] != "INSERT" {
				t.Errorf("%s: %q", name, got)
			}
		}
		must(t, s.Commit(ctx))
		db.statements()
		must(t, s.Refresh(ctx, ed))
		s.Add(&Account{ID: 100})
		get(orm.Get[User](ctx, s, ed.ID))(t)
		expect(t, []string{"SELECT"}, heads(db.statements()))
		must(t, s.Rollback(ctx))
	})
}

func second[T any](_ T, err error) error { return err }

func TestAutoflushCanBeTurnedOff(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withModels(t)
		s, ctx := db.session(t, orm.Autoflush(false)), t.Context()
		s.Add(&User{Email: "e"})
		expect(t, int64(0), get(orm.Query[User](s).Count(ctx))(t))
		must(t, s.Nested(ctx, func(context.Context) error { return nil }))
		expect(t, int64(1), get(orm.Query[User](s).Count(ctx))(t))
		must(t, s.Commit(ctx))
	})
}

func TestFailedAutoflushSaysSoAndFailsTheTransaction(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		ed := people(t, s, "ed")[0]
		twin := &User{Name: "twin", Email: ed.Email}
		s.Add(twin)
		_, err := orm.Query[User](s).All(ctx)
		expectKind(t, orm.ErrUniqueViolation, err)
		var failed *orm.DBError
		if !errors.As(err, &failed) || !failed.Autoflush || !strings.Contains(err.Error(), "raised by autoflush") {
			t.Errorf("%v", err)
		}
		db.statements()
		for name, use := range map[string]func() error{
			"query":   func() error { return second(orm.Query[User](s).All(ctx)) },
			"get":     func() error { return second(orm.Get[User](ctx, s, ed.ID)) },
			"execute": func() error { return second(orm.Exec(ctx, s, orm.Text("SELECT 1"))) },
			"flush":   func() error { return s.Flush(ctx) },
			"commit":  func() error { return s.Commit(ctx) },
			"refresh": func() error { return s.Refresh(ctx, ed) },
			"load":    func() error { return orm.Load(ctx, ed, &ed.Name) },
			"nested":  func() error { return s.Nested(ctx, func(context.Context) error { return nil }) },
			"begin":   func() error { return s.Begin(ctx) },
		} {
			err := use()
			if !errors.Is(err, orm.ErrTxFailed) || !errors.Is(err, orm.ErrUniqueViolation) {
				t.Errorf("%s: %v", name, err)
			}
		}
		expect(t, []string(nil), db.statements())
		expect(t, 1, len(s.New()))
		expect(t, 0, len(s.Dirty())+len(s.Deleted()))
		s.Expire(ed)
		must(t, s.Rollback(ctx))
		twin.Email = "other"
		s.Add(twin)
		must(t, s.Commit(ctx))
		expect(t, []string{"ed", "twin"}, storedNames(t, db))
	})
}

func TestStaleObjectTakesWhatWasNotChanged(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		u := orm.Entity[User]()
		for name, read := range map[string]func(ed *User) error{
			"query": func(*User) error { return second(orm.Query[User](s).OrderBy(orm.C(&u.ID)).All(ctx)) },
			"get":   func(ed *User) error { return second(orm.Get[User](ctx, s, ed.ID)) },
			"load":  func(ed *User) error { return orm.Load(ctx, ed) },
			"iter": func(*User) error {
				for _, err := range orm.Query[User](s).Iter(ctx) {
					must(t, err)
				}
				return nil
			},
		} {
			ed := people(t, s, name)[0]
			run(t, db.Engine, "UPDATE users SET name = 'theirs', age = 9")
			ed.Name = "mine"
			must(t, read(ed))
			expect(t, []any{"mine", 9}, []any{ed.Name, *ed.Age})
			must(t, s.Commit(ctx))
			fresh := readAgain[User](t, db, ed.ID)
			expect(t, []any{"mine", 9}, []any{fresh.Name, *fresh.Age})
		}
	})
}

func TestReadingLeavesAloneWhatIsNotFlushed(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t, orm.Autoflush(false)), t.Context()
		ed := people(t, s, "ed")[0]
		run(t, db.Engine, "UPDATE users SET name = 'theirs', email = 'theirs', age = 9, active = "+db.literal(false))
		ed.Name, ed.Age = "mine", new(1)
		must(t, orm.Explicit(ed, &ed.Active))
		get(orm.Query[User](s).All(ctx))(t)
		expect(t, []any{"mine", "theirs", 1, true}, []any{ed.Name, ed.Email, *ed.Age, ed.Active})
		db.statements()
		must(t, s.Commit(ctx))
		expect(t, []string{"UPDATE users SET name = ?, age = ?, active = ? WHERE id = ?"}, db.plainStatements())
		fresh := readAgain[User](t, db, ed.ID)
		expect(t, []any{"mine", "theirs", 1, true}, []any{fresh.Name, fresh.Email, *fresh.Age, fresh.Active})
	})
}

// literal spells a bool.
func (db *testDB) literal(v bool) string {
	if db.name() == "postgres" {
		return fmt.Sprint(v)
	}
	return map[bool]string{true: "1", false: "0"}[v]
}

func TestExpireDropsWhatWasChanged(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		users := people(t, s, "a", "b")
		must(t, s.Refresh(ctx, users[0]))
		get(orm.Exec(ctx, s, orm.Text("UPDATE users SET name = 'theirs', age = 9")))(t)
		users[0].Name, users[0].Email = "mine", "mine"
		s.Expire(users[0], &users[0].Name)
		expect(t, []string{"a", "mine"}, []string{users[0].Name, users[0].Email})
		db.statements()
		get(orm.Get[User](ctx, s, users[0].ID))(t)
		expect(t, []string{"UPDATE", "SELECT"}, heads(db.statements()))
		expect(t, []any{"theirs", (*int)(nil)}, []any{users[0].Name, users[0].Age})

		users[0].Email = "x"
		s.Expire(users[0])
		expect(t, "mine", users[0].Email)
		get(orm.Get[User](ctx, s, users[0].ID))(t)
		expect(t, 9, *users[0].Age)

		users[0].Name, users[1].Name = "x", "x"
		s.ExpireAll()
		expect(t, 0, len(s.Dirty()))
		db.statements()
		for _, u := range users {
			get(orm.Get[User](ctx, s, u.ID))(t)
			expect(t, "theirs", u.Name)
		}
		expect(t, []string{"SELECT", "SELECT"}, heads(db.statements()))
		must(t, s.Commit(ctx))
	})
}

func TestExpireIsForPersistentObjects(t *testing.T) {
	s := onSQLite(t).withModels(t).session(t)
	ctx := t.Context()
	pending, ed := &User{Email: "p"}, people(t, s, "ed")[0]
	s.Add(pending)
	for name, test := range map[string]struct {
		expire func()
		want   error
	}{
		"pending":       {func() { s.Expire(pending) }, orm.ErrNotPersistent},
		"transient":     {func() { s.Expire(&User{}) }, orm.ErrDetached},
		"nil":           {func() { s.Expire(nil) }, orm.ErrArgument},
		"foreign field": {func() { s.Expire(ed, &pending.Name) }, orm.ErrArgument},
		"no field":      {func() { s.Expire(ed, "Name") }, orm.ErrArgument},
	} {
		test.expire()
		if err := s.Flush(ctx); !errors.Is(err, test.want) {
			t.Errorf("%s: %v", name, err)
		}
		must(t, s.Rollback(ctx))
		s.Add(pending)
	}
}

func TestRefreshOverwritesWhatItReads(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t, orm.Autoflush(false)), t.Context()
		ed := people(t, s, "ed")[0]
		get(orm.Exec(ctx, s, orm.Text("UPDATE users SET name = 'theirs', age = 9")))(t)
		ed.Name, ed.Email = "mine", "mine"
		db.statements()
		must(t, s.Refresh(ctx, ed, &ed.Name))
		expect(t, []string{"SELECT users.id, users.name FROM users WHERE users.id = ?"}, db.plainStatements())
		expect(t, []any{"theirs", "mine", (*int)(nil)}, []any{ed.Name, ed.Email, ed.Age})
		must(t, orm.Explicit(ed, &ed.Name))
		must(t, s.Refresh(ctx, ed))
		expect(t, []any{"ed@x", 9}, []any{ed.Email, *ed.Age})
		expect(t, 0, len(s.Dirty()))
		expectKind(t, orm.ErrArgument, s.Refresh(ctx, ed, &User{}))
		must(t, s.Commit(ctx))
	})
}

func TestDeferredColumnsAreReadWhenAskedFor(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		s.Add(&Document{Title: "t", Body: "b", Summary: "s", Notes: "n"})
		must(t, s.Commit(ctx))
		s.ExpungeAll()
		doc := get(orm.Query[Document](s).One(ctx))(t)
		loaded := func() []bool {
			return []bool{orm.Loaded(doc, &doc.Title), orm.Loaded(doc, &doc.Body), orm.Loaded(doc, &doc.Summary), orm.Loaded(doc, &doc.Notes)}
		}
		expect(t, []bool{true, false, false, false}, loaded())
		db.statements()
		must(t, orm.Load(ctx, doc, &doc.Summary))
		expect(t, []string{"SELECT documents.id, documents.summary, documents.notes FROM documents WHERE documents.id = ?"}, db.plainStatements())
		expect(t, []bool{true, false, true, true}, loaded())
		must(t, orm.Load(ctx, doc, &doc.Title, &doc.Notes))
		expect(t, []string(nil), db.statements())
		must(t, orm.Load(ctx, doc, &doc.Body, &doc.Notes))
		expect(t, []string{"SELECT documents.id, documents.body FROM documents WHERE documents.id = ?"}, db.plainStatements())
		expect(t, []string{"b", "s", "n"}, []string{doc.Body, doc.Summary, doc.Notes})
		must(t, s.Commit(ctx))

		db.statements()
		must(t, orm.Load(ctx, doc, &doc.Body))
		must(t, orm.Load(ctx, doc, &doc.Body))
		expect(t, 1, len(db.statements()))
		s.Expire(doc, &doc.Body)
		must(t, orm.Load(ctx, doc, &doc.Title))
		expect(t, []string(nil), db.statements())
		must(t, orm.Load(ctx, doc, &doc.Body))
		expect(t, 1, len(db.statements()))
	})
}

func TestDeferredColumnThatWasSetIsWrittenUnread(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		s.Add(&Document{Title: "t", Body: "b", Summary: "s", Notes: "n"})
		must(t, s.Commit(ctx))
		s.ExpungeAll()
		doc := get(orm.Query[Document](s).One(ctx))(t)
		doc.Body, doc.Summary = "mine", "mine"
		expect(t, []bool{true, true, false}, []bool{orm.Loaded(doc, &doc.Body), orm.Loaded(doc, &doc.Summary), orm.Loaded(doc, &doc.Notes)})
		must(t, orm.Load(ctx, doc, &doc.Notes))
		expect(t, []string{"mine", "mine", "n"}, []string{doc.Body, doc.Summary, doc.Notes})
		db.statements()
		must(t, s.Commit(ctx))
		expect(t, []string{"UPDATE documents SET body = ?, summary = ? WHERE id = ?"}, db.plainStatements())
		must(t, s.Refresh(ctx, doc))
		db.statements()
		must(t, orm.Load(ctx, doc, &doc.Body))
		expect(t, []string(nil), db.statements())
		doc.Body = "again"
		must(t, s.Rollback(ctx))
		expect(t, "mine", doc.Body)
	})
}

func TestNothingIsLoadedWithoutASession(t *testing.T) {
	s := onSQLite(t).withModels(t).session(t)
	ctx := t.Context()
	s.Add(&Document{Title: "t"})
	must(t, s.Commit(ctx))
	s.ExpungeAll()
	doc, plain := get(orm.Query[Document](s).One(ctx))(t), &Document{}
	read := get(orm.Query[Document](s).Untracked().One(ctx))(t)
	expect(t, []bool{false, true, false, true}, []bool{orm.Loaded(doc, &doc.Body), orm.Loaded(plain, &plain.Body), orm.Loaded(read, &read.Body), orm.Loaded(read, &read.Title)})
	expect(t, false, orm.Loaded(doc, &plain.Body))
	s.Expunge(doc)
	expect(t, false, orm.Loaded(doc, &doc.Body))
	for name, object := range map[string]*Document{"detached": doc, "transient": plain, "untracked": read} {
		if err := orm.Load(ctx, object, &object.Body); !errors.Is(err, orm.ErrDetached) {
			t.Errorf("%s: %v", name, err)
		}
		expectKind(t, orm.ErrDetached, s.Refresh(ctx, object))
	}
	pending := &Document{}
	s.Add(pending)
	expectKind(t, orm.ErrNotPersistent, orm.Load(ctx, pending, &pending.Body))
	expect(t, true, orm.Loaded(pending, &pending.Body))
}

func TestLockReadsTheRowAgain(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		ed := people(t, s, "ed")[0]
		must(t, s.Refresh(ctx, ed))
		get(orm.Exec(ctx, s, orm.Text("UPDATE users SET name = 'theirs'")))(t)
		db.statements()
		must(t, s.Lock(ctx, ed))
		expect(t, "theirs", ed.Name)
		locks := !db.Dialect().Features().LocksIgnored
		if sent := db.statements()[0]; strings.HasSuffix(sent, " FOR UPDATE") != locks {
			t.Errorf("%s", sent)
		}
		must(t, s.Commit(ctx))
		if !locks {
			return
		}
		must(t, s.Lock(ctx, ed))
		other := db.session(t)
		twin := get(orm.Get[User](ctx, other, ed.ID))(t)
		expectKind(t, orm.ErrNoRows, other.Lock(ctx, twin, orm.SkipLocked()))
		expectKind(t, orm.ErrLockTimeout, other.Lock(ctx, twin, orm.NoWait()))
		must(t, other.Rollback(ctx))
		must(t, s.Commit(ctx))
		must(t, other.Lock(ctx, twin, orm.NoWait()))
	})
}

func TestPartOfAResultIsNeverKept(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		people(t, s, "a", "b")
		s.ExpungeAll()
		broken := orm.NewRegistry()
		type UserRow struct {
			orm.Base `orm:"table:users"`
			ID       int64
			Age      int
		}
		must(t, broken.Register(&UserRow{}))
		_, err := orm.Query[UserRow](s).All(ctx)
		expectKind(t, orm.ErrDecode, err)
		_, err = orm.Get[UserRow](ctx, s, 1)
		expectKind(t, orm.ErrDecode, err)
		if !strings.Contains(err.Error(), "users.age into UserRow.Age") {
			t.Errorf("%v", err)
		}
		for range 2 {
			_, err = orm.Get[UserRow](ctx, s, 1)
			expectKind(t, orm.ErrDecode, err)
		}
		must(t, s.Rollback(ctx))
	})
}

func TestSchemaIsNotChangedWhereThatWouldCommit(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		s.Add(&User{Email: "a"}, &User{Email: "b"})
		must(t, s.Flush(ctx))
		_, err := orm.Exec(ctx, s, orm.Text("CREATE TABLE extra (id INTEGER)"))
		if db.Dialect().Features().TransactionalDDL {
			must(t, err)
		} else {
			expectKind(t, orm.ErrTxControl, err)
		}
		for _, text := range []orm.SQL{"COMMIT", "ROLLBACK", "BEGIN", "SAVEPOINT x", "  /* x */ commit"} {
			_, err := orm.Exec(ctx, s, orm.Text(text))
			expectKind(t, orm.ErrTxControl, err)
		}
		must(t, s.Rollback(ctx))
		expect(t, []string(nil), storedNames(t, db))
		expect(t, false, get(get(db.Inspect(ctx))(t).HasTable(ctx, "extra"))(t))
	})
}
