package orm_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aurum-go/orm"
)

// Station refers to another one, by a key that the program makes.
type Station struct {
	orm.Base `orm:"table:stations"`

	Code   string  `orm:"primary_key;size:10"`
	NextTo *string `orm:"size:10;foreign_key:stations.code"`
	Name   string  `orm:"size:20;unique"`
}

// Captain and Ship refer to each other.
type Captain struct {
	orm.Base `orm:"table:captains"`

	ID   int64  `orm:"primary_key;autoincrement:false"`
	Ship *int64 `orm:"foreign_key:ships.id"`
}

type Ship struct {
	orm.Base `orm:"table:ships"`

	ID      int64  `orm:"primary_key;autoincrement:false"`
	Captain *int64 `orm:"foreign_key:captains.id"`
}

// Memo is filled in by this library.
type Memo struct {
	orm.Base `orm:"table:memos"`

	ID      int64
	Text    string    `orm:"size:40;default:'empty'"`
	Rank    *int      `orm:"default:7"`
	Urgent  bool      `orm:"default:true"`
	Changed time.Time `orm:"default:now;on_update:now"`
	Seen    *time.Time
}

// Wide has more columns than fit a machine word, and more parameters in a full
// chunk of rows than some databases take in a statement.
type Wide struct {
	orm.Base `orm:"table:wide"`

	ID                                                                             int64
	A00, A01, A02, A03, A04, A05, A06, A07, A08, A09, A10, A11, A12, A13, A14, A15 int64
	B00, B01, B02, B03, B04, B05, B06, B07, B08, B09, B10, B11, B12, B13, B14, B15 int64
	C00, C01, C02, C03, C04, C05, C06, C07, C08, C09, C10, C11, C12, C13, C14, C15 int64
	D00, D01, D02, D03, D04, D05, D06, D07, D08, D09, D10, D11, D12, D13, D14, D15 int64
	E00, E01, E02, E03, E04, E05, E06, E07, E08, E09, E10, E11, E12, E13, E14, E15 int64
	F00, F01, F02, F03, F04, F05, F06, F07, F08, F09, F10, F11, F12, F13, F14, F15 int64
	G00, G01, G02, G03, G04, G05, G06, G07, G08, G09, G10, G11, G12, G13, G14, G15 int64
	H00, H01, H02, H03, H04, H05, H06, H07, H08, H09, H10, H11, H12, H13, H14, H15 int64
	I00, I01, I02, I03, I04, I05, I06, I07, I08, I09, I10, I11, I12, I13, I14, I15 int64
	Late                                                                           string `orm:"size:20;deferred"`
	Last                                                                           string `orm:"size:20;server_default:'end'"`
}

var (
	stations = orm.MustRegister(&Station{})
	fleet    = orm.MustRegister(&Captain{}, &Ship{})
	memos    = orm.MustRegister(&Memo{})
	wides    = orm.MustRegister(&Wide{})
)

// byDialect is what differs from one database to the other.
type byDialect[T any] map[string]T

func (b byDialect[T]) of(db *testDB) T { return b[db.name()] }

// table is the table that a statement is about.
var tableWord = regexp.MustCompile(`(INTO|UPDATE|FROM) (\w+)`)

// targets are the statements by their first word and table.
func targets(statements []string) []string {
	var list []string
	for _, text := range statements {
		list = append(list, heads([]string{text})[0]+" "+tableWord.FindStringSubmatch(text)[2])
	}
	return list
}

// Tables go in the order of their foreign keys. Within a table UPDATEs are before
// INSERTs; DELETEs come last, in the opposite order.
func TestFlushGoesAlongTheForeignKeys(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		owner := &User{ID: 5, Name: "o", Email: "o"}
		s.Add(&Ticket{Title: "a", Status: "x", Priority: 1, OwnerID: new(owner.ID)}, owner, &Account{ID: 1})
		must(t, s.Flush(ctx))
		expect(t, []string{"INSERT accounts", "INSERT users", "INSERT tickets"}, targets(db.statements()))

		tickets := get(orm.Query[Ticket](s).All(ctx))(t)
		db.statements()
		second := &User{ID: 6, Name: "s", Email: "s"}
		s.Add(second)
		owner.Name = "changed"
		tickets[0].OwnerID = new(second.ID)
		must(t, s.Flush(ctx))
		expect(t, []string{"UPDATE users", "INSERT users", "UPDATE tickets"}, targets(db.statements()))

		s.Delete(second, tickets[0])
		must(t, s.Commit(ctx))
		expect(t, []string{"DELETE tickets", "DELETE users"}, targets(db.statements()))
	})
}

func TestRowsAreInsertedInTheOrderInWhichObjectsWereAdded(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s := db.withModels(t).session(t)
		var want []string
		for i := range 40 {
			want = append(want, fmt.Sprintf("n%02d", (i*17)%40))
		}
		users := people(t, s, want...)
		expect(t, want, storedNames(t, db))
		for i, u := range users[1:] {
			if u.ID != users[i].ID+1 {
				t.Fatalf("key %d after %d", u.ID, users[i].ID)
			}
		}
	})
}

func TestUpdatesAndDeletionsGoInTheOrderOfTheKeys(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, memos).session(t), t.Context()
		list := []*Memo{{ID: 12}, {ID: 3}, {ID: 100}, {ID: 7}}
		orm.AddAll(s, list)
		must(t, s.Commit(ctx))
		var args [][]any
		defer db.Events().BeforeExecute(func(_ context.Context, e *orm.Execution) error {
			args = append(args, slices.Clone(e.Args))
			return nil
		})()
		for _, m := range list {
			m.Text = fmt.Sprint("text ", m.ID)
		}
		expect(t, []int64{3, 7, 12, 100}, keysOf(s.Dirty()))
		must(t, s.Flush(ctx))
		orm.DeleteAll(s, list)
		must(t, s.Commit(ctx))
		expect(t, []any{int64(3), int64(7), int64(12), int64(100)}, args[len(args)-1])
	})
}

// Keys of every kind have an order, which is that of what is written: rows are
// written in it, also those of bytes.
func TestRowsAreWrittenInTheOrderOfKeysOfBytes(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, keyed).session(t), t.Context()
		list := []*Device{{ID: [16]byte{0xCC}, Name: "c"}, {ID: [16]byte{0xAA}, Name: "a"}, {ID: [16]byte{0xBB}, Name: "b"}}
		orm.AddAll(s, list)
		must(t, s.Commit(ctx))
		for _, d := range list {
			d.Name += "!"
		}
		var names []string
		for _, m := range s.Dirty() {
			names = append(names, m.(*Device).Name)
		}
		expect(t, []string{"a!", "b!", "c!"}, names)
		must(t, s.Commit(ctx))
	})
}

func keysOf(memos []orm.Model) []int64 {
	var keys []int64
	for _, m := range memos {
		keys = append(keys, m.(*Memo).ID)
	}
	return keys
}

func TestRowsOfATableThatRefersToItselfGoParentsFirst(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, stations).session(t), t.Context()
		leaf, root := &Station{Code: "c", NextTo: new("b"), Name: "c"}, &Station{Code: "a", NextTo: new("a"), Name: "a"}
		s.Add(leaf, &Station{Code: "b", NextTo: new("a"), Name: "b"}, root, &Station{Code: "d", NextTo: new("a"), Name: "d"})
		must(t, s.Commit(ctx))
		expect(t, []string{"INSERT stations"}, targets(db.statements()))

		s.Add(&Station{Code: "e", Name: "e"})
		leaf.NextTo = new("e")
		must(t, s.Commit(ctx))
		expect(t, []string{"INSERT stations", "UPDATE stations"}, targets(db.statements()))

		leaf.NextTo, root.NextTo = new("b"), nil // a row that refers to itself cannot be deleted everywhere
		must(t, s.Commit(ctx))
		db.statements()
		orm.DeleteAll(s, get(orm.Query[Station](s).All(ctx))(t))
		must(t, s.Flush(ctx))
		deleted := []string{"SELECT stations", "DELETE stations"}
		if db.Dialect().Name() == "mysql" { // which looks at foreign keys row by row
			deleted = append(deleted, "DELETE stations", "DELETE stations")
		}
		expect(t, deleted, targets(db.statements()))
		must(t, s.Commit(ctx))
	})
}

func TestRowsOfTablesInACircleGoRowByRow(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, fleet).session(t), t.Context()
		s.Add(&Captain{ID: 1, Ship: new(int64(2))}, &Ship{ID: 2, Captain: new(int64(3))}, &Captain{ID: 3, Ship: new(int64(4))}, &Ship{ID: 4})
		must(t, s.Commit(ctx))
		expect(t, []string{"INSERT ships", "INSERT captains", "INSERT ships", "INSERT captains"}, targets(db.statements()))
		captains, ships := get(orm.Query[Captain](s).All(ctx))(t), get(orm.Query[Ship](s).All(ctx))(t)
		orm.DeleteAll(s, captains)
		orm.DeleteAll(s, ships)
		db.statements()
		must(t, s.Commit(ctx))
		expect(t, []string{"DELETE captains", "DELETE ships", "DELETE captains", "DELETE ships"}, targets(db.statements()))
	})
}

func TestUpdateListsWhatChangedAlone(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		users := people(t, s, "a", "b", "c")
		db.statements()
		users[0].Name, users[0].Age = "x", new(3)
		users[2].Active = false
		must(t, s.Commit(ctx))
		expect(t, []string{"UPDATE users SET name = ?, age = ? WHERE id = ?", "UPDATE users SET active = ? WHERE id = ?"}, db.plainStatements())
		users[0].Age = nil
		must(t, s.Commit(ctx))
		expect(t, []string{"UPDATE users SET age = ? WHERE id = ?"}, db.plainStatements())
		must(t, s.Commit(ctx))
		expect(t, []string(nil), db.statements())
	})
}

func TestRowsOfOneShapeGoTogether(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		var users []*User
		for i := range 8 {
			users = append(users, &User{Email: fmt.Sprint(i)})
		}
		orm.AddAll(s, users)
		must(t, s.Commit(ctx))
		expect(t, 1, len(db.statements()))
		for i, u := range users {
			if i%2 == 0 {
				u.Name = "even"
			} else {
				u.Age = new(i)
			}
		}
		must(t, s.Commit(ctx))
		expect(t, 2, len(db.statements()))
		s.Add(&Ticket{Title: "a"}, &Ticket{Title: "b"}, &Ticket{Title: "c", Priority: 4}, &Ticket{Title: "d"})
		must(t, s.Flush(ctx))
		inserts := slices.DeleteFunc(targets(db.statements()), func(text string) bool { return text != "INSERT tickets" })
		expect(t, 3, len(inserts))
		titles := get(orm.Pluck(ctx, orm.Query[Ticket](s).OrderBy(orm.C(&orm.Entity[Ticket]().ID)), orm.C(&orm.Entity[Ticket]().Title)))(t)
		expect(t, []string{"a", "b", "c", "d"}, titles)
	})
}

// TestThousandObjectsTakeFewStatements counts them: four chunks of 250 rows, or
// one statement that is prepared and sent for each row, which counts as one.
func TestThousandObjectsTakeFewStatements(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		const n = 1000
		users, accounts := make([]*User, n), make([]*Account, n)
		for i := range n {
			users[i] = &User{Name: fmt.Sprint("n", i), Email: fmt.Sprint("e", i)}
			accounts[i] = &Account{ID: int64(i + 1), Owner: "o"}
		}
		count := func(insertsOrUpdates int) {
			t.Helper()
			expect(t, insertsOrUpdates, len(db.statements()))
		}
		orm.AddAll(s, users)
		must(t, s.Commit(ctx))
		count(byDialect[int]{"sqlite": 1, "postgres": 4, "mysql": 4}.of(db))
		orm.AddAll(s, accounts)
		must(t, s.Commit(ctx))
		count(4)
		for i := range n {
			users[i].Name = strings.Repeat("x", i%50)
			accounts[i].Balance = int64(i)
		}
		must(t, s.Commit(ctx))
		count(byDialect[int]{"sqlite": 2, "postgres": 8, "mysql": 8}.of(db))
		for i, u := range get(orm.Query[User](s).OrderBy(orm.C(&orm.Entity[User]().ID)).Untracked().All(ctx))(t) {
			if u.Name != users[i].Name || u.ID != users[i].ID || u.Email != fmt.Sprint("e", i) {
				t.Fatalf("row %d is %+v", i, u)
			}
		}
		for i, a := range get(orm.Query[Account](s).OrderBy(orm.C(&orm.Entity[Account]().ID)).Untracked().All(ctx))(t) {
			if a.Balance != int64(i) || a.Version != accounts[i].Version || accounts[i].Version != 2-1/(i+1) {
				t.Fatalf("row %d is %+v", i, a)
			}
		}
		db.statements()
		for i := range n {
			s.Delete(users[i], accounts[i])
		}
		must(t, s.Commit(ctx))
		count(8)
		expect(t, []string(nil), storedNames(t, db))
	})
}

func TestManyRowsOfEveryKindAreUpdatedTogether(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, gadgets).withTables(t, keyed).session(t), t.Context()
		list, tags := []*Gadget{{}, {}, {}, {}}, []*Tag{{Name: "a"}, {Name: "b"}, {Name: "É"}}
		orm.AddAll(s, list)
		orm.AddAll(s, tags)
		must(t, s.Commit(ctx))
		noon := time.Date(2024, 2, 29, 12, 0, 0, 123456000, time.UTC)
		for round := range 3 { // later ones are longer than the statement was made for
			for i, g := range list {
				if n := (i + round) % 4; n > 0 {
					g.Label, g.Tags, g.Picture = strings.Repeat("é", n*10), map[string]int{"n": n}, []byte{0, 0xff, byte(n)}
					g.Weight, g.Made = new(1/float64(n)), new(noon.Add(time.Duration(n)*time.Microsecond))
				} else {
					g.Label, g.Tags, g.Picture, g.Weight, g.Made = "'\\", nil, nil, nil, nil
				}
			}
			for i, tag := range tags {
				tag.Colour = strings.Repeat("x", (i+round)%4)
			}
			must(t, s.Commit(ctx))
			for _, g := range list {
				fresh := readAgain[Gadget](t, db, g.ID)
				expect(t, []any{g.Label, g.Tags, g.Picture, g.Weight, g.Made}, []any{fresh.Label, fresh.Tags, fresh.Picture, fresh.Weight, fresh.Made})
			}
			for _, tag := range tags {
				expect(t, tag.Colour, readAgain[Tag](t, db, tag.Name).Colour)
			}
		}
	})
}

func TestGeneratedKeysOnSQLiteComeRowByRow(t *testing.T) {
	db := onSQLite(t).withModels(t)
	s := db.session(t)
	sets := 0
	defer db.Events().BeforeExecute(func(_ context.Context, e *orm.Execution) error {
		sets += e.Sets
		return nil
	})()
	people(t, s, "a", "b", "c")
	expect(t, []string{"INSERT INTO users (name, email, age, active, created_at) VALUES (?, ?, ?, ?, ?)"}, db.statements())
	expect(t, 3, sets)
}

func TestManyColumnsStayBelowTheLimitOfParameters(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, wides).session(t), t.Context()
		const n = 250
		most := 0
		defer db.Events().BeforeExecute(func(_ context.Context, e *orm.Execution) error {
			most = max(most, len(e.Args))
			return nil
		})()
		list := make([]*Wide, n)
		for i := range list {
			list[i] = &Wide{ID: int64(i + 1), A00: int64(i), I15: int64(i), Late: "late", Last: "last"}
		}
		orm.AddAll(s, list)
		must(t, s.Commit(ctx))
		for _, w := range list {
			w.A01, w.E07, w.I15, w.Last = 1, 2, -w.I15, ""
		}
		must(t, s.Commit(ctx))
		if limit := db.Dialect().Features().MaxParams; most > limit || most < 147 {
			t.Errorf("%d parameters, and the limit is %d", most, limit)
		}
		s.ExpungeAll()
		w := get(orm.Get[Wide](ctx, s, n))(t)
		expect(t, []any{int64(n - 1), int64(1), int64(2), int64(1 - n), "", ""}, []any{w.A00, w.A01, w.E07, w.I15, w.Late, w.Last})
		expect(t, []bool{true, false}, []bool{orm.Loaded(w, &w.I15), orm.Loaded(w, &w.Late)})
		must(t, orm.Load(ctx, w, &w.Late))
		expect(t, "late", w.Late)
	})
}

func TestColumnsBeyondTheSixtyFourthAreTracked(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, wides).session(t), t.Context()
		w := &Wide{Late: "late"}
		s.Add(w)
		must(t, s.Commit(ctx))
		expect(t, "end", w.Last)
		db.statements()
		w.I15 = 9
		s.Expire(w, &w.I14)
		must(t, s.Commit(ctx))
		expect(t, []string{"UPDATE wide SET i15 = ? WHERE id = ?"}, db.plainStatements())
		must(t, orm.Explicit(w, &w.Last))
		w.Last = ""
		must(t, s.Flush(ctx))
		expect(t, []string{"UPDATE wide SET last = ? WHERE id = ?"}, db.plainStatements())
		must(t, s.Rollback(ctx))
		expect(t, []any{int64(9), "end"}, []any{w.I15, w.Last})
	})
}

func TestZeroLeavesAColumnToItsDefault(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, memos).session(t), t.Context()
		filled, given := &Memo{}, &Memo{Text: "t", Rank: new(int), Changed: time.Unix(5, 0)}
		s.Add(filled, given)
		must(t, s.Commit(ctx))
		expect(t, []any{"empty", 7, true, false}, []any{filled.Text, *filled.Rank, filled.Urgent, filled.Changed.IsZero()})
		expect(t, []any{"t", 0, true, time.Unix(5, 0).UTC()}, []any{given.Text, *given.Rank, given.Urgent, given.Changed})

		explicit := &Memo{}
		s.Add(explicit)
		must(t, orm.Explicit(explicit, &explicit.Text, &explicit.Rank, &explicit.Urgent))
		must(t, s.Commit(ctx))
		for range 2 {
			expect(t, []any{"", (*int)(nil), false}, []any{explicit.Text, explicit.Rank, explicit.Urgent})
			s.ExpungeAll()
			explicit = get(orm.Get[Memo](ctx, s, explicit.ID))(t)
		}
		expectKind(t, orm.ErrDetached, orm.Explicit(&Memo{}))
		expectKind(t, orm.ErrArgument, orm.Explicit(explicit, &given.Text))
		expectKind(t, orm.ErrArgument, orm.Explicit(explicit, explicit.Text))
	})
}

func TestEveryRowGetsItsOwnDefault(t *testing.T) {
	db := onSQLite(t).withTables(t, memos)
	s, ctx := db.session(t), t.Context()
	a, b := &Memo{}, &Memo{}
	s.Add(a, b)
	must(t, s.Commit(ctx))
	*a.Rank = 8
	expect(t, 7, *b.Rank)
	expect(t, true, s.IsModified(a) && !s.IsModified(b))
}

func TestNullIsSentWhereThereIsNoDefault(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withModels(t)
		s := db.session(t)
		s.Add(&User{Email: "a"}, &User{Email: "b", Age: new(1)})
		must(t, s.Commit(t.Context()))
		sent := db.statements()
		if len(sent) != 1 || !strings.HasPrefix(plain(sent[0]), "INSERT INTO users (name, email, age, active, created_at) VALUES (?, ?, ?, ?, ?)") {
			t.Errorf("%q", sent)
		}
		expect(t, int64(1), get(orm.Query[User](s).FilterBy("Age", nil).Count(t.Context()))(t))
	})
}

// What the database fills in is read back after an INSERT. An UPDATE reads nothing back.
func TestWhatTheDatabaseFillsInIsReadBack(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		one := &Ticket{Title: "one"}
		s.Add(one)
		must(t, s.Commit(ctx))
		expect(t, []string{"INSERT INTO tickets (title, owner_id) VALUES (?, ?) RETURNING id, status, priority"}, db.plainStatements())
		expect(t, []any{"open", 3, true}, []any{one.Status, one.Priority, one.ID > 0})

		several := []*Ticket{{Title: "two"}, {Title: "three"}, {Title: "four"}}
		orm.AddAll(s, several)
		must(t, s.Commit(ctx))
		expect(t, byDialect[[]string]{
			"sqlite": {
				"INSERT INTO tickets (title, owner_id) VALUES (?, ?)",
				"SELECT status, priority, id FROM tickets WHERE id IN (?, ?, ?)",
			},
			"postgres": {"INSERT INTO tickets (title, owner_id) VALUES (?, ?), (?, ?), (?, ?) RETURNING id, status, priority"},
			"mysql":    {"INSERT INTO tickets (title, owner_id) VALUES (?, ?), (?, ?), (?, ?) RETURNING id, status, priority"},
		}.of(db), db.plainStatements())
		for i, ticket := range several {
			expect(t, []any{one.ID + int64(i) + 1, "open", 3}, []any{ticket.ID, ticket.Status, ticket.Priority})
		}
		several[0].Status = ""
		must(t, s.Commit(ctx))
		expect(t, []string{"UPDATE tickets SET status = ? WHERE id = ?"}, db.plainStatements())
		expect(t, "", readAgain[Ticket](t, db, several[0].ID).Status)
	})
}

// Coded has a default of the database's and a key of the program's, Empty has
// nothing but its key.
type (
	Coded struct {
		orm.Base `orm:"table:coded"`
		Code     string `orm:"primary_key;size:10"`
		State    string `orm:"size:10;server_default:'new'"`
	}
	Empty struct {
		orm.Base `orm:"table:empty"`
		ID       int64
	}
)

var sparse = orm.MustRegister(&Coded{}, &Empty{})

func TestDefaultsFindTheirObjectsByTheKey(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, sparse).session(t), t.Context()
		list := []*Coded{{Code: "z"}, {Code: "a"}, {Code: "m"}}
		orm.AddAll(s, list)
		must(t, s.Commit(ctx))
		expect(t, []string{"INSERT INTO coded (code) VALUES (?), (?), (?) RETURNING state, code"}, db.plainStatements())
		for _, c := range list {
			expect(t, "new", c.State)
		}
	})
}

func TestRowsWithoutValuesAreInserted(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, sparse).session(t), t.Context()
		list := []*Empty{{}, {}, {}}
		orm.AddAll(s, list)
		must(t, s.Commit(ctx))
		expect(t, byDialect[int]{"sqlite": 1, "postgres": 3, "mysql": 1}.of(db), len(db.statements()))
		expect(t, []int64{list[0].ID + 1, list[0].ID + 2}, []int64{list[1].ID, list[2].ID})
		expect(t, true, list[0].ID > 0)
	})
}

func TestExpressionsAreComputedWhereTheRowIs(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		list, ref := accounts(t, s, 3), orm.Entity[Account]()
		run(t, db.Engine, "UPDATE accounts SET balance = 10")
		db.statements()
		for _, a := range list {
			a.Owner = "x"
		}
		must(t, orm.Assign(list[1], orm.C(&ref.Balance).SetExpr(orm.C(&ref.Balance).Plus(5))))
		must(t, s.Commit(ctx))
		sent := db.plainStatements()
		expect(t, 2, len(sent)) // the others go together
		expect(t, "UPDATE accounts SET owner = ?, balance = accounts.balance + ?, version = ? WHERE accounts.id = ? AND accounts.version = ?", sent[1])
		expect(t, int64(0), list[1].Balance)
		get(orm.Query[Account](s).All(ctx))(t)
		expect(t, []any{int64(15), 2, "x"}, []any{list[1].Balance, list[1].Version, list[1].Owner})
		must(t, s.Commit(ctx))
		expect(t, 1, len(db.statements()))
	})
}

func TestColumnThatWasComputedIsReadAgain(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		ed, ref := people(t, s, "ed")[0], orm.Entity[User]()
		must(t, s.Refresh(ctx, ed))
		upper := orm.C(&ref.Name).SetExpr(orm.Upper(orm.C(&ref.Name)))
		must(t, orm.Assign(ed, upper))
		must(t, s.Flush(ctx))
		expect(t, "ed", ed.Name)
		get(orm.Get[User](ctx, s, ed.ID))(t)
		expect(t, "ED", ed.Name)
		must(t, s.Rollback(ctx))
		get(orm.Get[User](ctx, s, ed.ID))(t)
		expect(t, "ed", ed.Name)
		for name, drop := range map[string]func(){
			"rollback": func() { must(t, s.Rollback(ctx)) }, "expire": func() { s.Expire(ed) }, "expire field": func() { s.Expire(ed, &ed.Name) },
		} {
			must(t, orm.Assign(ed, upper))
			drop()
			if s.IsModified(ed) {
				t.Errorf("%s leaves the expression", name)
			}
		}
		must(t, s.Commit(ctx))
	})
}

func TestExpressionsStandInAnInsertion(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).withTables(t, memos).session(t), t.Context()
		ticket, ref := &Ticket{}, orm.Entity[Ticket]()
		s.Add(&Ticket{Title: "first"}, ticket, &Ticket{Title: "last"})
		must(t, orm.Assign(ticket, orm.C(&ref.Title).SetExpr(orm.Lower(orm.Lit("TITLE")))))
		must(t, s.Flush(ctx))
		get(orm.Get[Ticket](ctx, s, ticket.ID))(t)
		expect(t, []any{"title", "open", 3}, []any{ticket.Title, ticket.Status, ticket.Priority})
		must(t, s.Rollback(ctx))
		expectState(t, orm.Transient, ticket)
		expect(t, int64(0), ticket.ID)

		memo := &Memo{}
		s.Add(memo)
		must(t, orm.Assign(memo, orm.N(&orm.Entity[Memo]().Rank).SetNull()))
		must(t, s.Commit(ctx))
		fresh := readAgain[Memo](t, db, memo.ID)
		expect(t, []any{(*int)(nil), "empty"}, []any{fresh.Rank, fresh.Text})
	})
}

func TestOnlyColumnsOfTheObjectAreAssigned(t *testing.T) {
	s := onSQLite(t).withModels(t).session(t)
	a, ref, user := accounts(t, s, 1)[0], orm.Entity[Account](), orm.Entity[User]()
	for name, assignment := range map[string]orm.Assignment{
		"key": orm.C(&ref.ID).Set(5), "version": orm.C(&ref.Version).Set(5), "another table": orm.C(&user.Name).Set("x"), "no column": orm.Lit("x").Set("y"),
	} {
		if err := orm.Assign(a, assignment); !errors.Is(err, orm.ErrArgument) {
			t.Errorf("%s: %v", name, err)
		}
	}
	expectKind(t, orm.ErrDetached, orm.Assign(&Account{}))
	expect(t, false, s.IsModified(a))
}

func TestOnUpdateAloneIsNoReasonForAnUpdate(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, memos).session(t), t.Context()
		old := time.Unix(1, 0).UTC()
		m := &Memo{Changed: old}
		s.Add(m)
		must(t, s.Commit(ctx))
		db.statements()
		must(t, s.Commit(ctx))
		expect(t, []string(nil), db.statements())
		m.Text = "x"
		must(t, s.Commit(ctx))
		expect(t, []string{"UPDATE memos SET text = ?, changed = ? WHERE id = ?"}, db.plainStatements())
		if time.Since(m.Changed) > time.Minute {
			t.Errorf("changed %s", m.Changed)
		}
		m.Text, m.Changed = "y", old
		must(t, s.Commit(ctx))
		expect(t, old, m.Changed)
		m.Text = "z"
		must(t, orm.Explicit(m, &m.Changed))
		must(t, s.Commit(ctx))
		expect(t, old, m.Changed)
	})
}

func TestObjectEqualsWhatAFreshSessionReads(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, memos).session(t), t.Context()
		zone := time.FixedZone("elsewhere", -3*3600)
		m := &Memo{Changed: time.Date(2024, 5, 6, 7, 8, 9, 123456789, zone), Seen: new(time.Date(1900, 1, 1, 0, 0, 0, 999999999, zone))}
		s.Add(m)
		compare := func() {
			t.Helper()
			must(t, s.Commit(ctx))
			fresh := readAgain[Memo](t, db, m.ID)
			expect(t, []any{fresh.Text, fresh.Rank, fresh.Changed, fresh.Seen}, []any{m.Text, m.Rank, m.Changed, m.Seen})
		}
		compare()
		expect(t, time.Date(2024, 5, 6, 10, 8, 9, 123456000, time.UTC), m.Changed)
		m.Changed, m.Seen = time.Now(), new(time.Now())
		compare()
		m.Seen = nil
		compare()
	})
}

// A row whose key changes is found by its old one. The object has the new identity from
// the flush on, and the old one again after a rollback.
func TestChangeOfAKeyMovesTheObject(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t, orm.ExpireOnCommit(false)), t.Context()
		lines := []*OrderLine{{OrderID: 1, LineNo: 1, SKU: "a"}, {OrderID: 1, LineNo: 2, SKU: "b"}}
		orm.AddAll(s, lines)
		must(t, s.Commit(ctx))
		db.statements()
		lines[0].LineNo = 9
		must(t, s.Flush(ctx))
		expect(t, []string{"UPDATE order_lines SET line_no = ? WHERE order_id = ? AND line_no = ?"}, db.plainStatements())
		if get(orm.Get[OrderLine](ctx, s, 1, 9))(t) != lines[0] {
			t.Error("the object is not found under its new key")
		}
		expect(t, []string(nil), db.statements())
		_, err := orm.Get[OrderLine](ctx, s, 1, 1)
		expectKind(t, orm.ErrNoRows, err)
		must(t, s.Rollback(ctx))
		expect(t, 1, lines[0].LineNo)
		if get(orm.Get[OrderLine](ctx, s, 1, 1))(t) != lines[0] {
			t.Error("the object is not found under its old key")
		}
		_, err = orm.Get[OrderLine](ctx, s, 1, 9)
		expectKind(t, orm.ErrNoRows, err)

		for i, line := range lines {
			line.OrderID, line.SKU = 2, fmt.Sprint(i)
		}
		must(t, s.Commit(ctx))
		lines[0].LineNo = 5
		must(t, s.Flush(ctx))
		lines[1].LineNo = 1
		must(t, s.Commit(ctx))
		if get(orm.Get[OrderLine](ctx, s, 2, 1))(t) != lines[1] || get(orm.Get[OrderLine](ctx, s, 2, 5))(t) != lines[0] {
			t.Error("the objects are not found under their keys")
		}
	})
}

// DELETEs come last, but for one that frees a unique value which another statement of
// the flush needs.
func TestDeletionGoesFirstWhereItFreesAUniqueValue(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		old := people(t, s, "same")[0]
		db.statements()
		s.Delete(old)
		s.Add(&User{Name: "new", Email: "other"})
		must(t, s.Flush(ctx))
		if sent := db.statements(); !strings.HasPrefix(sent[0], "INSERT") {
			t.Errorf("%q", sent)
		}
		must(t, s.Rollback(ctx))
		s.Delete(old)
		s.Add(&User{Name: "new", Email: old.Email})
		must(t, s.Commit(ctx))
		if sent := db.statements(); !strings.HasPrefix(sent[0], "DELETE") {
			t.Errorf("%q", sent)
		}
		expect(t, []string{"new"}, storedNames(t, db))
	})
}

func TestValueThatAnUpdateFreesCanBeInserted(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		old := people(t, s, "old")[0]
		s.Add(&User{Name: "new", Email: old.Email})
		old.Email = "other"
		must(t, s.Commit(ctx))
		expect(t, []string{"old", "new"}, storedNames(t, db))
	})
}

// A deleted object and a new one with its key are one UPDATE of what differs.
func TestNewObjectTakesOverTheRowOfADeletedOne(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		old := &OrderLine{OrderID: 1, LineNo: 1, SKU: "old"}
		same := &OrderLine{OrderID: 1, LineNo: 2, SKU: "same"}
		s.Add(old, same)
		must(t, s.Commit(ctx))
		get(orm.Query[OrderLine](s).All(ctx))(t)
		db.statements()
		s.Delete(old, same)
		fresh, twin := &OrderLine{OrderID: 1, LineNo: 1, SKU: "new"}, &OrderLine{OrderID: 1, LineNo: 2, SKU: "same"}
		s.Add(fresh, twin)
		must(t, s.Flush(ctx))
		expect(t, []string{"UPDATE order_lines SET sku = ? WHERE order_id = ? AND line_no = ?"}, db.plainStatements())
		expectState(t, orm.Deleted, old, same)
		expectState(t, orm.Persistent, fresh, twin)
		if get(orm.Get[OrderLine](ctx, s, 1, 1))(t) != fresh {
			t.Error("the key leads to the deleted object")
		}
		must(t, s.Rollback(ctx))
		expectState(t, orm.Persistent, old, same)
		expectState(t, orm.Transient, fresh, twin)
		expect(t, "new", fresh.SKU)
		if get(orm.Get[OrderLine](ctx, s, 1, 1))(t) != old {
			t.Error("the key leads to the object that was rolled back")
		}
		s.Delete(old)
		s.Add(fresh)
		must(t, s.Commit(ctx))
		expectState(t, orm.Detached, old)
		expect(t, "new", readAgain[OrderLine](t, db, 1, 1).SKU)
	})
}

func TestTakingARowOverWritesWhatWasNeverRead(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		s.Add(&Document{ID: 1, Title: "t", Body: "old", Summary: "old"}, &Account{ID: 1, Balance: 5})
		must(t, s.Commit(ctx))
		s.ExpungeAll()
		s.Delete(get(orm.Get[Document](ctx, s, 1))(t), get(orm.Get[Account](ctx, s, 1))(t))
		doc, account := &Document{ID: 1, Title: "t"}, &Account{ID: 1, Balance: 6}
		s.Add(doc, account)
		db.statements()
		must(t, s.Commit(ctx))
		expect(t, []string{
			"UPDATE accounts SET balance = ?, version = ? WHERE id = ? AND version = ?",
			"UPDATE documents SET body = ?, summary = ?, notes = ? WHERE id = ?",
		}, db.plainStatements())
		expect(t, 2, account.Version)
		must(t, orm.Load(ctx, doc, &doc.Body, &doc.Summary))
		expect(t, "", doc.Body+doc.Summary)
	})
}

func TestTakingAStaleRowOverWritesItAll(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		old := &OrderLine{OrderID: 1, LineNo: 1, SKU: "same"}
		s.Add(old)
		must(t, s.Commit(ctx))
		run(t, db.Engine, "UPDATE order_lines SET sku = 'theirs'")
		s.Delete(old)
		s.Add(&OrderLine{OrderID: 1, LineNo: 1, SKU: "same"})
		must(t, s.Commit(ctx))
		expect(t, "same", readAgain[OrderLine](t, db, 1, 1).SKU)
		s.Delete(get(orm.Get[OrderLine](ctx, s, 1, 1))(t))
		s.Add(&OrderLine{OrderID: 1, LineNo: 1, SKU: "same"})
		db.statements()
		must(t, s.Commit(ctx))
		expect(t, []string(nil), db.statements())
	})
}

func TestTwoNewObjectsForOneRowAreTheDatabasesBusiness(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		s.Add(&Account{ID: 1}, &Account{ID: 1})
		expectKind(t, orm.ErrUniqueViolation, s.Flush(ctx))
		must(t, s.Rollback(ctx))
		s.Add(&Account{ID: 1})
		must(t, s.Commit(ctx))
		s.Add(&Account{ID: 1})
		expectKind(t, orm.ErrUniqueViolation, s.Commit(ctx))
		must(t, s.Rollback(ctx))
		expect(t, int64(1), get(orm.Query[Account](s).Count(ctx))(t))
	})
}

func TestObjectWhoseRowIsGoneMakesRoomForANewOne(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		old := &Account{ID: 1}
		s.Add(old)
		must(t, s.Commit(ctx))
		run(t, db.Engine, "DELETE FROM accounts")
		fresh := &Account{ID: 1}
		s.Add(fresh)
		must(t, s.Commit(ctx))
		expectState(t, orm.Detached, old)
		if get(orm.Get[Account](ctx, s, 1))(t) != fresh {
			t.Error("the key leads to the object whose row is gone")
		}
	})
}

// A row that is gone is what its DELETE wanted, so without a version it is a warning.
func TestDeletionOfARowThatIsGoneIsAWarning(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		var log strings.Builder
		db = openTestDB(t, db.url, orm.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
		s, ctx := db.withModels(t).session(t), t.Context()
		users := people(t, s, "a", "b")
		run(t, db.Engine, "DELETE FROM users WHERE name = 'a'")
		s.Delete(users[0], users[1])
		must(t, s.Commit(ctx))
		expect(t, []string(nil), storedNames(t, db))
		if !strings.Contains(log.String(), `level=WARN msg="orm: rows to be deleted were gone already" table=users expected=2 deleted=1`) {
			t.Errorf("log: %s", log.String())
		}
	})
}

func TestValueThatIsRefusedIsNotSent(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withModels(t).session(t), t.Context()
		s.Add(&User{Name: strings.Repeat("x", 51), Email: "e"})
		err := s.Flush(ctx)
		expectKind(t, orm.ErrValue, err)
		if !strings.Contains(err.Error(), "User.Name") || strings.Contains(err.Error(), "xxx") {
			t.Errorf("%v", err)
		}
		expect(t, []string(nil), db.statements())
		must(t, s.Rollback(ctx))
	})
}
