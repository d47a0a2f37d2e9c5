// This file holds the tests of types that stand in SQL: the expressions around
// their values and columns, and what stands for them on one database.

package orm_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

// shout is kept in small letters, and read in capitals, by the database.
type shout string

func init() {
	types.Register(types.Converter[shout, string]{
		SQL:  types.String(40).BoundBy("lower(?)").ReadBy("upper(?)"),
		Bind: func(s shout) (string, error) { return string(s), nil },
		Scan: func(s string) (shout, error) { return shout(s), nil },
	})
}

// Macaw repeats what it hears.
type Macaw struct {
	orm.Base `orm:"table:macaws"`

	ID    int64
	Word  shout
	Other *shout
	Age   int `orm:"server_default:3"`
}

var macaws = orm.MustRegister(&Macaw{})

// keptWords are the words as they lie in the table.
func keptWords(t *testing.T, db *testDB) []string {
	t.Helper()
	return get(orm.Fetch[string](t.Context(), db.Engine, orm.Text("SELECT word FROM macaws ORDER BY id")))(t)
}

func TestValuesAndColumnsOfATypeStandInItsSQL(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, macaws).session(t), t.Context()
		polly, jack := &Macaw{Word: "Hello", Other: new(shout("Bye"))}, &Macaw{Word: "Ahoy"}
		s.Add(polly, jack)
		must(t, s.Commit(ctx))
		expect(t, []string{"hello", "ahoy"}, keptWords(t, db))
		expect(t, 3, polly.Age)

		must(t, s.Refresh(ctx, polly))
		expect(t, shout("HELLO"), polly.Word)
		expect(t, shout("BYE"), *polly.Other)

		polly.Word, jack.Word, jack.Other = "Pieces", "Of", new(shout("Eight"))
		must(t, s.Commit(ctx))
		expect(t, []string{"pieces", "of"}, keptWords(t, db))

		s.ExpungeAll()
		p := orm.Entity[Macaw]()
		found := get(orm.Query[Macaw](s).Filter(orm.C(&p.Word).Eq("PIECES")).One(ctx))(t)
		expect(t, shout("PIECES"), found.Word)
		expect(t, polly.ID, found.ID)
		among := orm.Query[Macaw](s).Filter(orm.C(&p.Word).In("Of", "Pieces", "None"))
		expect(t, 2, len(get(among.All(ctx))(t)))
		long := make([]shout, 1500)
		for i := range long {
			long[i] = shout(fmt.Sprint("Of", i))
		}
		long[700] = "Of"
		expect(t, int64(1), get(orm.Query[Macaw](s).Filter(orm.C(&p.Word).In(long...)).Count(ctx))(t))
		expect(t, shout("OF"), get(orm.Get[Macaw](ctx, s, jack.ID))(t).Word)
	})
}

func TestBulkStatementsKeepToTheSQLOfATypes(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, macaws).session(t), t.Context()
		rows := make([]orm.M, 1200) // enough for a stream, which could not keep to it
		for i := range rows {
			rows[i] = orm.M{"ID": i + 1, "Word": "Word"}
		}
		get(orm.BulkInsert[Macaw](ctx, s, rows))(t)
		get(orm.BulkUpdate[Macaw](ctx, s, []orm.M{{"ID": 1, "Word": "One"}, {"ID": 2, "Word": "Two"}}))(t)
		p := orm.Entity[Macaw]()
		get(orm.Query[Macaw](s).Filter(orm.C(&p.ID).Eq(3)).Update(ctx, orm.C(&p.Word).Set("Three")))(t)
		get(orm.Exec(ctx, s, orm.Update(p).Set(orm.C(&p.Word).Set("Four")).Where(orm.C(&p.ID).Eq(4))))(t)
		must(t, s.Commit(ctx))
		expect(t, []string{"one", "two", "three", "four", "word"}, keptWords(t, db)[:5])
	})
}

func TestOnlyTheOutermostListIsReadByTheSQLOfATypes(t *testing.T) {
	table := orm.NewTable("t", orm.NewMetadata(), orm.NewColumn("id", types.Integer(), orm.PrimaryKey()),
		orm.NewColumn("v", types.Text().BoundBy("lower(?)").ReadBy("upper(?)")))
	v := orm.Col[string](table, "v")
	inner := orm.Select(v).From(table).Subquery("i")
	for _, c := range []struct {
		name string
		stmt orm.Statement
		want string
	}{
		{"a column", orm.Select(v).From(table), "SELECT upper(t.v) AS v FROM t"},
		{"a label", orm.Select(v.As("w")).From(table), "SELECT upper(t.v) AS w FROM t"},
		{"all of a table", orm.Select(table), "SELECT t.id, upper(t.v) AS v FROM t"},
		{"what is made of it", orm.Select(orm.Max(v)).From(table), "SELECT upper(max(t.v)) FROM t"},
		{"what is not of the type", orm.Select(orm.Count(v)).From(table), "SELECT count(t.v) FROM t"},
		{"a condition and an order", orm.Select(table.C("id")).From(table).Where(v.Eq("x")).OrderBy(v), "SELECT t.id FROM t WHERE t.v = lower(?) ORDER BY t.v"},
		{"a subquery", orm.Select(inner), "SELECT upper(i.v) AS v FROM (SELECT t.v FROM t) AS i"},
		{"a scalar subquery", orm.Select(orm.Scalar[string](orm.Select(v).From(table)).As("s")), "SELECT upper((SELECT t.v FROM t)) AS s"},
		{"members of a union", orm.Union(orm.Select(v).From(table), orm.Select(v).From(table)), "SELECT upper(t.v) AS v FROM t UNION SELECT upper(t.v) AS v FROM t"},
		{"an insert from a select", orm.Insert(table).FromSelect(orm.Select(table.C("id"), v).From(table), table.C("id"), v), "INSERT INTO t (id, v) SELECT t.id, t.v FROM t"},
		{"an update by itself", orm.Update(table).Set(v.SetExpr(v)).AllRows(), "UPDATE t SET v = t.v"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text, _, err := orm.Compile(c.stmt, "standard")
			must(t, err)
			expect(t, c.want, text)
		})
	}
}

func TestWhatAStatementReturnsIsReadByTheSQLOfATypes(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, macaws).session(t), t.Context()
		if !db.Dialect().Features().InsertReturning {
			t.Fatal("every one of the databases has RETURNING")
		}
		p := orm.Entity[Macaw]()
		words := get(orm.Fetch[shout](ctx, s, orm.Insert(p).Values(orm.M{"Word": "Ahoy"}).Returning(orm.C(&p.Word))))(t)
		expect(t, []shout{"AHOY"}, words)
		made := get(orm.BulkInsertReturning[Macaw](ctx, s, []orm.M{{"Word": "Bye"}}))(t)
		expect(t, shout("Bye"), made[0].Word) // what was sent does not come back
		must(t, s.Commit(ctx))
		expect(t, []string{"ahoy", "bye"}, keptWords(t, db))
	})
}

// Gauge has a converter that is registered behind its struct, as it is when a
// package variable holds the registry and init registers the converter.
type (
	kelvin float64
	Gauge  struct {
		orm.Base `orm:"table:gauges"`

		ID   int64
		Heat kelvin
		Cold *kelvin
	}
)

func TestConverterCountsWheneverItIsRegisteredBeforeTheFirstUse(t *testing.T) {
	gauges := orm.MustRegister(&Gauge{})
	types.Register(types.Converter[kelvin, int64]{
		Bind: func(k kelvin) (int64, error) { return int64(k * 1000), nil },
		Scan: func(n int64) (kelvin, error) { return kelvin(n) / 1000, nil },
	})
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, gauges).session(t), t.Context()
		s.Add(&Gauge{Heat: 293.15, Cold: new(kelvin(0.5))})
		must(t, s.Commit(ctx))
		s.ExpungeAll()
		found := get(orm.Query[Gauge](s).One(ctx))(t)
		expect(t, kelvin(293.15), found.Heat)
		expect(t, int64(293150), get(orm.FetchOne[int64](ctx, s, orm.Text("SELECT heat FROM gauges")))(t))
		expect(t, int64(500), get(orm.FetchOne[int64](ctx, s, orm.Text("SELECT cold FROM gauges")))(t))
	})
}

// Late has a converter that comes when the struct is in use already.
type (
	lateness int
	Late     struct {
		orm.Base
		ID int64
		By lateness
	}
)

func TestConverterThatComesTooLateIsAnError(t *testing.T) {
	r := orm.MustRegister(&Late{})
	get(r.Mapper(&Late{}))(t)
	types.Register(types.Converter[lateness, string]{
		Bind: func(l lateness) (string, error) { return fmt.Sprint(int(l)), nil },
		Scan: func(string) (lateness, error) { return 0, nil },
	})
	for range 2 {
		_, err := r.Mapper(&Late{})
		var wrong *orm.MapError
		if !errors.As(err, &wrong) || wrong.Field != "By" {
			t.Errorf("the error is %v", err)
		}
	}
}

// Call is a composite with a column that is read by an expression.
type Call struct {
	Word   shout
	Volume int
}

// Cockatoo has a composite with a column that is read by an expression.
type Cockatoo struct {
	orm.Base `orm:"table:cockatoos"`

	ID   int64
	Says Call `orm:"composite"`
}

var cockatoos = orm.MustRegister(&Cockatoo{})

func TestPartsOfCompositesAreReadByTheSQLOfTheirTypes(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, cockatoos).session(t), t.Context()
		bird := &Cockatoo{Says: Call{"Hello", 3}}
		s.Add(bird)
		must(t, s.Commit(ctx))
		heard, c := Call{"HELLO", 3}, orm.Entity[Cockatoo]()
		expect(t, []Call{heard}, get(orm.Fetch[Call](ctx, s, orm.Select(orm.C(&c.Says))))(t))
		expect(t, []Call{heard}, get(orm.Pluck(ctx, orm.Query[Cockatoo](s).Filter(orm.C(&c.Says).Eq(heard)), orm.C(&c.Says)))(t))
		must(t, s.Refresh(ctx, bird))
		expect(t, heard, bird.Says)
		s.ExpungeAll()
		expect(t, heard, get(orm.Get[Cockatoo](ctx, s, bird.ID))(t).Says)
		text, _, err := orm.Compile(orm.Select(orm.Select(orm.C(&c.Says)).Subquery("inner_calls")), "standard")
		must(t, err)
		expect(t, "SELECT upper(inner_calls.says_word) AS says_word, inner_calls.says_volume FROM (SELECT cockatoos.says_word, cockatoos.says_volume FROM cockatoos) AS inner_calls", text)
	})
}
