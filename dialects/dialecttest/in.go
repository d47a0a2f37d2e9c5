// This file looks at IN: without values, with many, with more than a statement
// has parameters, and with rows of values.

package dialecttest

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

func inChecks() []check {
	return slices.Concat(queries(inQueries()), queries(tupleQueries()), longInChecks(), []check{
		{name: "NULL in a list is refused", run: refusesNullInList},
		{name: "a value of another type is refused", run: refusesOtherTypeInList},
	})
}

func inQueries() []query {
	age, name := people.C("age"), people.C("name")
	return []query{
		{name: "one value", stmt: names(age.In(31)), want: rows("ann")},
		{name: "several values", stmt: names(age.In(31, 25)), want: rows("ann", "bob", "dan")},
		{name: "no value is true", stmt: names(age.In(77)), want: rows[string]()},
		{name: "not in leaves NULL out", stmt: names(age.NotIn(31)), want: rows("bob", "dan")},
		{name: "an empty list has no row", stmt: names(age.In()), want: rows[string]()},
		{name: "every row is outside of an empty list", stmt: names(age.NotIn()), want: rows("ann", "bob", "cleo", "dan")},
		{name: "an empty list beside other conditions", stmt: names(orm.Or(age.In(), name.Eq("dan"))), want: rows("dan")},
		{name: "a negated list", stmt: names(orm.Not(age.In(25))), want: rows("ann")},
		{name: "texts", stmt: names(name.In("ann", "it's", `\`, "%")), want: rows("ann")},
		{name: "instants", stmt: names(people.C("seen").In(seen, seen.Add(time.Hour))), want: rows("ann", "bob")},
		{name: "dates", stmt: names(people.C("born").In(day(1993, 1, 2))), want: rows("ann")},
		{name: "booleans", stmt: names(people.C("active").In(false)), want: rows("bob")},
		{name: "a value twice", stmt: names(age.In(31, 31)), want: rows("ann")},
		{name: "an expression on the left", stmt: names(people.C("id").Plus(1).In(3, 5)), want: rows("bob", "dan")},
	}
}

func tupleQueries() []query {
	both := orm.Tuple(people.C("age"), people.C("city"))
	ageAndCity := orm.Select(people.C("age"), people.C("city")).From(people).Where(people.C("id").Eq(2))
	return []query{
		{name: "rows", stmt: names(both.In([]any{31, "oslo"}, []any{25, "rome"}, []any{25, "oslo"})), want: rows("ann", "bob")},
		{name: "one row", stmt: names(both.In([]any{25, "rome"})), want: rows("bob")},
		{name: "no row", stmt: names(both.In()), want: rows[string]()},
		{name: "not in rows", stmt: names(both.NotIn([]any{31, "oslo"})), want: rows("bob", "dan")},
		{name: "not in no row", stmt: names(both.NotIn()), want: rows("ann", "bob", "cleo", "dan")},
		{name: "rows of a subquery", stmt: names(both.InSelect(ageAndCity)), want: rows("bob")},
	}
}

// longList is a list of one type that is longer than some limit.
type longList struct {
	name   string
	typ    types.Type
	value  func(i int) any
	values []any // of the rows that are in the list
}

var longLists = []longList{
	{"whole numbers", types.BigInteger(), func(i int) any { return i - 5 }, []any{-5, 0, 900}},
	{"texts", types.String(20), func(i int) any { return fmt.Sprintf(`it's "%d\`, i) }, []any{`it's "0\`, `it's "900\`}},
	{"instants", types.DateTime(), func(i int) any { return seen.Add(time.Duration(i) * time.Microsecond) }, []any{seen, seen.Add(900 * time.Microsecond)}},
	{"dates", types.Date(), func(i int) any { return day(2000, 1, 1).AddDate(0, 0, i) }, []any{day(2000, 1, 1), day(2000, 3, 1)}},
	{"floats", types.Double(), func(i int) any { return float64(i) + 0.5 }, []any{0.5, 900.5}},
	{"decimals", types.Numeric(20, 2), func(i int) any { return fmt.Sprintf("%d.10", i) }, []any{"0.10", "900.10"}},
	{"UUIDs", types.UUID(), func(i int) any { return fmt.Sprintf("00000000-0000-4000-8000-%012x", i) }, []any{"00000000-0000-4000-8000-000000000000"}},
	{"booleans", types.Boolean(), func(i int) any { return i%2 == 0 }, []any{true, false}},
}

func longInChecks() []check {
	var checks []check
	for _, list := range longLists {
		checks = append(checks,
			check{name: "1,500 " + list.name, run: list.findsAmong(1500)},
			check{name: "70,000 " + list.name + ", or a typed error", run: list.findsAmong(70000)},
		)
	}
	return checks
}

// findsAmong compares a column with a list of n values. A list that is longer
// than the limit of parameters may be refused, in this way and no other.
func (l longList) findsAmong(n int) func(t *testing.T, db *database) {
	return func(t *testing.T, db *database) {
		table := db.table(t, "long_in", key("id"), orm.NewColumn("v", l.typ))
		for i, v := range l.values {
			exec(t, db, orm.Insert(table).Values(orm.M{"id": i, "v": v}))
		}
		exec(t, db, orm.Insert(table).Values(orm.M{"id": 99}))
		list := make([]any, n)
		for i := range list {
			list[i] = l.value(i)
		}
		for _, condition := range []struct {
			is   orm.Expr[bool]
			want int
		}{{table.C("v").In(list...), len(l.values)}, {table.C("v").NotIn(list...), 0}} {
			got, err := orm.FetchOne[int](t.Context(), db, orm.Select(orm.Count()).From(table).Where(condition.is))
			if n > db.features.MaxParams && errors.Is(err, orm.ErrTooManyParams) {
				continue
			}
			must(t, err)
			equal(t, condition.want, got)
		}
	}
}

func refusesNullInList(t *testing.T, db *database) {
	db.refusesUnsent(t, orm.ErrArgument, names(people.C("age").In(1, nil)))
	db.refusesUnsent(t, orm.ErrArgument, names(people.C("age").NotIn(nil)))
}

func refusesOtherTypeInList(t *testing.T, db *database) {
	db.reading(t)
	db.refusesUnsent(t, orm.ErrValue, names(people.C("name").In("ann", 0)))
	db.refusesUnsent(t, orm.ErrValue, names(people.C("age").In("31")))
}
