// This file holds the tests of types that one database alone has.

package orm_test

import (
	"cmp"
	"crypto/rand"
	"errors"
	"math"
	"net/netip"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

// Elephant has columns of types that PostgreSQL alone has.
type Elephant struct {
	orm.Base `orm:"table:elephants"`

	ID      int64
	Host    netip.Addr   `orm:"type:inet"`
	Net     netip.Prefix `orm:"type:cidr"`
	Word    string       `orm:"type:citext"`
	Bits    string       `orm:"type:bit(4)"`
	Notes   types.Hstore
	Small   types.Range[int32]
	Large   *types.Range[int64]
	Days    types.Range[time.Time] `orm:"type:daterange"`
	Time    types.Range[time.Time]
	Local   types.Range[time.Time] `orm:"type:tsrange"`
	Amounts types.Range[string]    `orm:"type:numrange"`
	Hosts   []netip.Addr           `orm:"type:array(inet)"`
	Slots   []types.Range[int32]   `orm:"type:array(int4range)"`
}

// Dolphin has columns of types that MySQL alone has.
type Dolphin struct {
	orm.Base `orm:"table:dolphins"`

	ID   int64
	Tags []string `orm:"type:set(red,green,blue)"`
	Born int16    `orm:"type:year"`
}

var (
	elephants = orm.MustRegister(&Elephant{})
	dolphins  = orm.MustRegister(&Dolphin{})
)

// onlyOn runs a test on the one database that has the types of a registry's
// tables. Elsewhere these are refused, in words that help.
func onlyOn(t *testing.T, dialect string, r *orm.Registry, test func(t *testing.T, db *testDB)) {
	t.Helper()
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		if db.name() == dialect {
			if dialect == "postgres" {
				db = withExtensions(t, "hstore", "citext")
			}
			test(t, db.withTables(t, r))
			return
		}
		err := r.CreateAll(t.Context(), db.Engine)
		var refused *orm.CompileError
		if !errors.As(err, &refused) || !strings.Contains(err.Error(), "which only "+dialect+" has") {
			t.Errorf("the error is %v", err)
		}
	})
}

// withExtensions makes a database of its own on the PostgreSQL server: it has an
// extension once, and not once in each schema.
func withExtensions(t *testing.T, extensions ...string) *testDB {
	t.Helper()
	base := get(url.Parse(cmp.Or(os.Getenv("ORM_TEST_POSTGRES"), "postgres://postgres@127.0.0.1:5432/postgres?sslmode=disable")))(t)
	admin, name := connectAdmin(t, base.String()), "orm_"+strings.ToLower(rand.Text()[:12])
	run(t, admin, "CREATE DATABASE "+name+" TEMPLATE template0")
	t.Cleanup(func() { run(t, admin, "DROP DATABASE "+name) })
	base.Path = "/" + name
	db := openTestDB(t, base.String())
	for _, e := range extensions {
		run(t, db.Engine, "CREATE EXTENSION "+e)
	}
	return db
}

// sameElephants compares by content.
var sameElephants = gocmp.Options{
	gocmp.Comparer(func(a, b netip.Addr) bool { return a == b }),
	gocmp.Comparer(func(a, b netip.Prefix) bool { return a == b }),
	gocmp.FilterPath(func(p gocmp.Path) bool { return p.String() == "Base" }, gocmp.Ignore()), strictTimes,
}

func fullElephant() *Elephant {
	at := time.Date(2024, 2, 29, 12, 30, 0, 123456000, time.UTC)
	day := time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)
	return &Elephant{
		Host: netip.MustParseAddr("2001:db8::1"), Net: netip.MustParsePrefix("10.0.0.0/8"), Word: `It's "one"`, Bits: "0101",
		Notes: types.Hstore{"": nil, `a"b\c`: new("=>, NULL"), "日本": new("")},
		Small: types.NewRange[int32](-5, 7), Large: new(types.NewRange[int64](math.MinInt64, math.MaxInt64)),
		Days: types.NewRange(day, day.AddDate(0, 1, 0)), Time: types.Range[time.Time]{Lower: types.Excluding(at), Upper: types.Including(at.Add(time.Microsecond))},
		Local: types.Range[time.Time]{Upper: types.Excluding(at)}, Amounts: types.NewRange("-0.5", "12345678901234567890.123"),
		Hosts: []netip.Addr{netip.MustParseAddr("192.0.2.1")}, Slots: []types.Range[int32]{types.NewRange[int32](1, 2), {}, types.EmptyRange[int32]()},
	}
}

func TestTypesOfPostgreSQLAreExact(t *testing.T) {
	onlyOn(t, "postgres", elephants, func(t *testing.T, db *testDB) {
		s, ctx := db.session(t), t.Context()
		empty := &Elephant{Host: netip.MustParseAddr("0.0.0.0"), Net: netip.MustParsePrefix("::/0"), Bits: "0000", Small: types.EmptyRange[int32]()}
		full := fullElephant()
		s.Add(full, empty)
		must(t, s.Commit(ctx))
		db.statements()
		must(t, s.Flush(ctx))
		expect(t, 0, len(db.statements()))
		other := db.session(t)
		for _, want := range []*Elephant{full, empty} {
			got := get(orm.Get[Elephant](ctx, other, want.ID))(t)
			if diff := gocmp.Diff(want, got, sameElephants); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		}
		full.Notes["new"] = new("inside")
		must(t, s.Commit(ctx))
		other.ExpungeAll()
		expect(t, "inside", *get(orm.Get[Elephant](ctx, other, full.ID))(t).Notes["new"])

		e, want := orm.Entity[Elephant](), fullElephant()
		found := orm.Query[Elephant](s).Filter(
			orm.C(&e.Host).Eq(want.Host), orm.C(&e.Net).Eq(want.Net), orm.C(&e.Word).Eq(`IT'S "ONE"`), orm.C(&e.Small).Eq(want.Small),
			orm.C(&e.Days).Eq(want.Days), orm.C(&e.Time).Eq(want.Time), orm.C(&e.Amounts).Eq(want.Amounts), orm.N(&e.Large).Eq(*want.Large))
		expect(t, int64(1), get(found.Count(ctx))(t))
	})
}

func TestRangesHaveOneForm(t *testing.T) {
	onlyOn(t, "postgres", elephants, func(t *testing.T, db *testDB) {
		s, ctx := db.session(t), t.Context()
		day := time.Date(2024, 12, 31, 0, 0, 0, 0, time.UTC)
		e := fullElephant()
		e.Small = types.Range[int32]{Lower: types.Excluding[int32](3), Upper: types.Including[int32](9)}
		e.Large = &types.Range[int64]{Lower: types.Excluding[int64](3), Upper: types.Excluding[int64](4)}
		e.Days = types.Range[time.Time]{Lower: types.Including(day), Upper: types.Including(day)}
		e.Amounts = types.NewRange("1.0", "1.00")
		s.Add(e)
		must(t, s.Commit(ctx))
		expect(t, types.NewRange[int32](4, 10), e.Small)
		expect(t, types.EmptyRange[int64](), *e.Large)
		expect(t, types.NewRange(day, day.AddDate(0, 0, 1)), e.Days)
		expect(t, types.EmptyRange[string](), e.Amounts)
		got := get(orm.Get[Elephant](ctx, db.session(t), e.ID))(t)
		if diff := gocmp.Diff(e, got, sameElephants); diff != "" {
			t.Errorf("(-held +read):\n%s", diff)
		}
	})
}

func TestWhatATypeOfPostgreSQLCannotHoldIsRefused(t *testing.T) {
	onlyOn(t, "postgres", elephants, func(t *testing.T, db *testDB) {
		s, ctx := db.session(t), t.Context()
		for field, spoil := range map[string]func(e *Elephant){
			"Host":    func(e *Elephant) { e.Host = netip.Addr{} },
			"Net":     func(e *Elephant) { e.Net = netip.MustParsePrefix("10.1.2.3/8") },
			"Bits":    func(e *Elephant) { e.Bits = "012" },
			"Word":    func(e *Elephant) { e.Word = "\x00" },
			"Small":   func(e *Elephant) { e.Small = types.NewRange[int32](7, -5) },
			"Large":   func(e *Elephant) { e.Large.Upper = types.Including[int64](math.MaxInt64) },
			"Amounts": func(e *Elephant) { e.Amounts = types.NewRange("1", "x") },
			"Notes":   func(e *Elephant) { e.Notes = types.Hstore{"\x00": nil} },
		} {
			e := fullElephant()
			spoil(e)
			s.Add(e)
			db.statements()
			err := s.Flush(ctx)
			if !errors.Is(err, orm.ErrValue) || !strings.Contains(err.Error(), "Elephant."+field) {
				t.Errorf("%s: the error is %v", field, err)
			}
			for _, sent := range db.statements() {
				if strings.HasPrefix(sent, "INSERT") {
					t.Errorf("%s was sent: %s", field, sent)
				}
			}
			must(t, s.Rollback(ctx))
		}
	})
}

func TestTypesOfMySQLAreExact(t *testing.T) {
	onlyOn(t, "mysql", dolphins, func(t *testing.T, db *testDB) {
		s, ctx := db.session(t), t.Context()
		both := &Dolphin{Tags: []string{"blue", "red", "blue"}, Born: 2155}
		s.Add(both, &Dolphin{Tags: []string{}}, &Dolphin{Born: 1901})
		must(t, s.Commit(ctx))
		expect(t, []string{"red", "blue"}, both.Tags)
		d := orm.Entity[Dolphin]()
		var tags [][]string
		for _, got := range get(orm.Query[Dolphin](db.session(t)).OrderBy(orm.C(&d.ID)).All(ctx))(t) {
			tags = append(tags, got.Tags)
		}
		expect(t, [][]string{{"red", "blue"}, {}, nil}, tags)
		expect(t, both.ID, get(orm.Query[Dolphin](s).Filter(orm.C(&d.Tags).Eq([]string{"blue", "red"})).One(ctx))(t).ID)
		for _, wrong := range []*Dolphin{{Tags: []string{"pink"}}, {Born: 70}, {Born: 2156}} {
			s.Add(wrong)
			expectKind(t, orm.ErrValue, s.Flush(ctx))
			must(t, s.Rollback(ctx))
		}
	})
}

func TestRangesAreAskedByTheirOperators(t *testing.T) {
	onlyOn(t, "postgres", elephants, func(t *testing.T, db *testDB) {
		s, ctx := db.session(t), t.Context()
		s.Add(fullElephant())
		must(t, s.Commit(ctx))
		e, of := orm.Entity[Elephant](), fullElephant()
		small, days, at := orm.RangeOf(orm.C(&e.Small)), orm.RangeOf(orm.C(&e.Days)), of.Days.Lower.Value
		for name, c := range map[string]struct {
			of   orm.Expr[bool]
			want bool
		}{
			"contains": {small.Contains(-5), true}, "contains not": {small.Contains(7), false}, "contains a date": {days.Contains(at), true},
			"contains a column": {small.ContainsExpr(orm.Cast[int32](orm.C(&e.ID), types.Integer())), true},
			"contains a range":  {small.ContainsRange(types.NewRange[int32](0, 1)), true}, "contains itself": {small.ContainsRangeExpr(small.Expr), true},
			"contained": {small.ContainedBy(types.Range[int32]{}), true},
			"overlaps":  {small.Overlaps(types.NewRange[int32](6, 9)), true}, "overlaps not": {small.Overlaps(types.NewRange[int32](7, 9)), false},
			"overlaps itself": {small.OverlapsExpr(small.Expr), true}, "adjacent": {small.Adjacent(types.NewRange[int32](7, 9)), true},
			"before": {small.Before(types.NewRange[int32](8, 9)), true}, "after": {small.After(types.NewRange[int32](-9, -8)), true},
			"lower": {small.Lower().Eq(-5), true}, "upper": {days.Upper().Gt(at), true}, "empty": {small.IsEmpty(), false},
		} {
			if got := get(orm.Query[Elephant](s).Filter(c.of).Count(ctx))(t) == 1; got != c.want {
				t.Errorf("%s: %v", name, got)
			}
		}
		_, _, err := orm.Compile(orm.Select(orm.C(&e.ID)).Where(small.Contains(1)), "sqlite")
		expectKind(t, orm.ErrUnsupported, err)
	})
}
