// This file tests the cache of compiled statements.

package orm_test

import (
	"fmt"
	"reflect"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aurum-go/orm"
)

// another returns another value of the same type.
func another(v any) any {
	r := reflect.ValueOf(v)
	changed := reflect.New(r.Type()).Elem()
	switch changed.Set(r); {
	case r.CanInt():
		changed.SetInt(r.Int() + 1)
	case r.CanFloat():
		changed.SetFloat(r.Float() + 1)
	case r.Kind() == reflect.Bool:
		changed.SetBool(!r.Bool())
	case r.Kind() == reflect.String:
		changed.SetString(r.String() + "0")
	case r.Type() == reflect.TypeFor[time.Time]():
		changed.Set(reflect.ValueOf(v.(time.Time).Add(time.Hour)))
	}
	return changed.Interface()
}

// Every statement of the tables is compiled by the cache and by itself, once more
// with other values and longer lists, and once more as it was.
func TestStatementsOfOneFormAreSentAsIfTheyWereWritten(t *testing.T) {
	for _, name := range []string{"sqlite", "postgres", "mysql"} {
		cache := orm.NewCompiledCache(get(orm.DialectByName(name))(t), 10_000)
		for topic, cases := range sqlTopics {
			for _, c := range cases() {
				for _, stmt := range []orm.Statement{c.stmt, orm.WithOtherValues(c.stmt, another), c.stmt} {
					cached, plain := cache.Compile(stmt)
					if diff := cmp.Diff(plain, cached); diff != "" {
						t.Errorf("%s on %s (-by itself +by the cache):\n%s", topic+"/"+c.name, name, diff)
					}
				}
			}
		}
		if stats := cache.Stats(); stats.Misses < 450 || stats.Hits < 2*stats.Misses {
			t.Errorf("on %s the cache was of little use: %+v", name, stats)
		}
	}
}

func TestLengthsOfListsAndLimitsMakeNoNewForms(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withModels(t)
		u, s := orm.Entity[User](), db.session(t)
		ask := func(n int) {
			ids := make([]int64, n)
			_, err := orm.Query[User](s).Filter(orm.C(&u.ID).In(ids...), orm.C(&u.Name).Ne("ed")).OrderBy(orm.C(&u.ID).Asc()).Limit(n).All(t.Context())
			must(t, err)
		}
		ask(1)
		before := db.CompiledCache()
		for n := 2; n < 40; n++ {
			ask(n)
		}
		after := db.CompiledCache()
		expect(t, orm.CompiledCacheStats{Hits: before.Hits + 38, Misses: before.Misses, Skipped: before.Skipped, Size: before.Size, Limit: 500}, after)
	})
}

func TestListsOfRowsHaveOneForm(t *testing.T) {
	l := orm.Entity[OrderLine]()
	cache := orm.NewCompiledCache(get(orm.DialectByName("postgres"))(t), 10)
	for n := 1; n < 5; n++ {
		rows := make([][]any, n)
		for i := range rows {
			rows[i] = []any{int64(i), i}
		}
		cached, plain := cache.Compile(orm.Select(l).Where(orm.C(&l.SKU).Ne(""), orm.Tuple(orm.C(&l.OrderID), orm.C(&l.LineNo)).In(rows...)).Limit(n))
		expect(t, plain, cached)
	}
	expect(t, orm.CompiledCacheStats{Hits: 3, Misses: 1, Size: 1, Limit: 10}, cache.Stats())
}

// What is of no use to a cache is not entered again and again: lists that travel as
// a whole, rows of an INSERT, and text.
func TestWhatIsMadeForOneOccasionIsNotKept(t *testing.T) {
	u := orm.Entity[User]()
	cache := orm.NewCompiledCache(get(orm.DialectByName("postgres"))(t), 10)
	for _, stmt := range []orm.Statement{
		orm.Select(u).Where(orm.C(&u.ID).In(make([]int64, 1001)...)),
		orm.Insert(u).Values(orm.M{"Name": "ed"}, orm.M{"Name": "jo"}),
		orm.Text("SELECT ?", 1),
	} {
		cached, plain := cache.Compile(stmt)
		expect(t, plain, cached)
	}
	expect(t, orm.CompiledCacheStats{Skipped: 3, Limit: 10}, cache.Stats())
}

func TestCompiledCacheKeepsWhatIsUsed(t *testing.T) {
	u := orm.Entity[User]()
	cache := orm.NewCompiledCache(get(orm.DialectByName("sqlite"))(t), 10)
	labelled := func(i int) orm.Statement { return orm.Select(orm.C(&u.ID).As(fmt.Sprintf("l%d", i))) }
	for i := range 1000 {
		cache.Compile(labelled(i))
		cache.Compile(labelled(0))
		if size := cache.Stats().Size; size > 15 {
			t.Fatalf("%d statements are kept", size)
		}
	}
	expect(t, int64(1000), cache.Stats().Misses)
	expect(t, int64(1000), cache.Stats().Hits)
}

func TestCompiledCacheCanBeTurnedOff(t *testing.T) {
	db := openTestDB(t, "sqlite:///:memory:", orm.WithCompiledCache(0)).withModels(t)
	u := orm.Entity[User]()
	for range 2 {
		_, err := orm.Fetch[int64](t.Context(), db.Engine, orm.Select(orm.C(&u.ID)))
		must(t, err)
	}
	expect(t, orm.CompiledCacheStats{}, db.CompiledCache())
}

// Conditions of criteria are asked for each statement, and their form is part of
// that of the statement.
func TestCriteriaArePartOfTheForm(t *testing.T) {
	m, name, short := orm.Entity[Member](), "ann", false
	criteria := orm.CriteriaFor(func(m *Member) orm.Expr[bool] {
		if short {
			return orm.C(&m.Name).IsNull()
		}
		return orm.C(&m.Name).Eq(name)
	})
	cache := orm.NewCompiledCache(get(orm.DialectByName("mysql"))(t), 10)
	stmt := orm.Select(orm.C(&m.ID)).Where(orm.C(&m.ID).Gt(3))
	for _, change := range []func(){func() {}, func() { name = "bob" }, func() { short = true }, func() { short = false }} {
		change()
		cached, plain := cache.Compile(stmt, criteria)
		expect(t, plain, cached)
	}
	expect(t, orm.CompiledCacheStats{Hits: 2, Misses: 2, Size: 3, Limit: 10}, cache.Stats())
}

// A value that stands in a statement twice is another form than two values, for it
// is sent once where placeholders have numbers.
func TestOneValueTwiceIsNoFormOfTwoValues(t *testing.T) {
	cache := orm.NewCompiledCache(get(orm.DialectByName("postgres"))(t), 10)
	seven := orm.C(&orm.Entity[User]().ID).Plus(7)
	for _, stmt := range []orm.Statement{
		orm.Select(seven, seven), orm.Select(seven, orm.C(&orm.Entity[User]().ID).Plus(8)), orm.Select(seven, seven),
	} {
		cached, plain := cache.Compile(stmt)
		expect(t, plain, cached)
	}
	expect(t, orm.CompiledCacheStats{Hits: 1, Misses: 2, Size: 2, Limit: 10}, cache.Stats())
}

func TestCompiledCacheIsSharedByGoroutines(t *testing.T) {
	u := orm.Entity[User]()
	cache := orm.NewCompiledCache(get(orm.DialectByName("postgres"))(t), 4)
	var group sync.WaitGroup
	for g := range 8 {
		group.Go(func() {
			for i := range 200 {
				stmt := orm.Select(orm.C(&u.ID).As(fmt.Sprintf("l%d", i%7))).Where(orm.C(&u.ID).In(make([]int64, i%5+1)...), orm.C(&u.Name).Eq(fmt.Sprint(g)))
				if cached, plain := cache.Compile(stmt); !cmp.Equal(plain, cached) {
					t.Errorf("%v and not %v", cached, plain)
				}
			}
		})
	}
	group.Wait()
}
