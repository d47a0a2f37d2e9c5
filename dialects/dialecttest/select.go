// This file looks at SELECT: conditions, order with NULLs, limits, joins, groups
// and subqueries, and at the rows of hand-written text.

package dialecttest

import (
	"database/sql"
	"slices"
	"testing"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

func selectChecks() []check {
	return slices.Concat(
		queries(conditionQueries()), queries(orderQueries()), queries(joinQueries()),
		queries(groupQueries()), queries(subqueryQueries()), queries(textQueries()),
		[]check{
			{name: "a negative limit is refused", run: refusesNegativeLimit},
			{name: "a large result is read to the end", run: readsLargeResult},
			{name: "a row as a map has the same types everywhere", run: mapsHaveNaturalTypes},
		},
	)
}

// names selects the names of people in the order of their keys.
func names(conditions ...orm.Expr[bool]) *orm.SelectStatement {
	return orm.Select(people.C("name")).From(people).Where(conditions...).OrderBy(people.C("id"))
}

func conditionQueries() []query {
	age, city := people.C("age"), people.C("city")
	return []query{
		{name: "no condition gives all rows", stmt: names(), want: rows("ann", "bob", "cleo", "dan")},
		{name: "equal", stmt: names(age.Eq(25)), want: rows("bob", "dan")},
		{name: "not equal leaves NULL out", stmt: names(age.Ne(25)), want: rows("ann")},
		{name: "equal to nothing is IS NULL", stmt: names(age.Eq(nil)), want: rows("cleo")},
		{name: "not equal to nothing is IS NOT NULL", stmt: names(city.Ne(nil)), want: rows("ann", "bob", "cleo")},
		{name: "less", stmt: names(age.Lt(31)), want: rows("bob", "dan")},
		{name: "less or equal", stmt: names(age.Le(25)), want: rows("bob", "dan")},
		{name: "greater", stmt: names(age.Gt(25)), want: rows("ann")},
		{name: "greater or equal", stmt: names(age.Ge(25)), want: rows("ann", "bob", "dan")},
		{name: "distinct from a value takes NULL for one", stmt: names(age.IsDistinctFrom(25)), want: rows("ann", "cleo")},
		{name: "not distinct from a value", stmt: names(age.IsNotDistinctFrom(25)), want: rows("bob", "dan")},
		{name: "not distinct from NULL", stmt: names(age.IsNotDistinctFrom(nil)), want: rows("cleo")},
		{name: "between includes both ends", stmt: names(age.Between(25, 31)), want: rows("ann", "bob", "dan")},
		{name: "not between", stmt: names(age.NotBetween(26, 99)), want: rows("bob", "dan")},
		{name: "and", stmt: names(age.Eq(25), city.Eq("rome")), want: rows("bob")},
		{name: "or", stmt: names(orm.Or(age.Eq(31), city.Eq("rome"))), want: rows("ann", "bob")},
		{name: "or inside of and keeps its parentheses", stmt: names(orm.Or(age.Eq(31), age.Eq(25)), city.Eq("oslo")), want: rows("ann")},
		{name: "not", stmt: names(orm.Not(orm.Or(age.Eq(31), people.C("id").Eq(2)))), want: rows("dan")},
		{name: "a condition that is a column", stmt: names(orm.Col[bool](people, "active")), want: rows("ann", "cleo", "dan")},
		{name: "a negated condition that is a column", stmt: names(orm.Not(orm.Col[bool](people, "active"))), want: rows("bob")},
		{name: "always true", stmt: names(orm.True()), want: rows("ann", "bob", "cleo", "dan")},
		{name: "never true", stmt: names(orm.False()), want: rows[string]()},
		{name: "two columns compared", stmt: names(orm.Eq(people.C("id"), people.C("id"))), want: rows("ann", "bob", "cleo", "dan")},
		{name: "a boolean compared with a parameter", stmt: names(people.C("active").Eq(false)), want: rows("bob")},
		{name: "a date compared with a parameter", stmt: names(people.C("born").Eq(day(1999, 12, 31))), want: rows("bob")},
		{name: "an instant compared with a parameter", stmt: names(people.C("seen").Gt(seen)), want: rows("bob")},
		{name: "a float compared with a parameter", stmt: names(people.C("height").Gt(1.75)), want: rows("bob")},
	}
}

func orderQueries() []query {
	by := func(items ...orm.OrderItem) *orm.SelectStatement {
		return orm.Select(people.C("name")).From(people).OrderBy(items...)
	}
	age, id, who := people.C("age"), people.C("id"), people.C("name").As("who")
	return []query{
		{name: "order ascending", stmt: by(id.Asc()), want: rows("ann", "bob", "cleo", "dan")},
		{name: "order descending", stmt: by(id.Desc()), want: rows("dan", "cleo", "bob", "ann")},
		{name: "order by two", stmt: names(age.IsNotNull()).Unordered().OrderBy(age, id.Desc()), want: rows("dan", "bob", "ann")},
		{name: "nulls first", stmt: by(age.Asc().NullsFirst(), id), want: rows("cleo", "bob", "dan", "ann")},
		{name: "nulls last", stmt: by(age.Asc().NullsLast(), id), want: rows("bob", "dan", "ann", "cleo")},
		{name: "descending, nulls first", stmt: by(age.Desc().NullsFirst(), id), want: rows("cleo", "ann", "bob", "dan")},
		{name: "descending, nulls last", stmt: by(age.Desc().NullsLast(), id), want: rows("ann", "bob", "dan", "cleo")},
		{name: "order by an expression", stmt: by(id.Negate()), want: rows("dan", "cleo", "bob", "ann")},
		{name: "order by a label", stmt: orm.Select(who).From(people).OrderBy(who.Desc()), want: rows("dan", "cleo", "bob", "ann")},
		{name: "limit", stmt: names().Limit(2), want: rows("ann", "bob")},
		{name: "limit zero", stmt: names().Limit(0), want: rows[string]()},
		{name: "limit beyond the end", stmt: names().Limit(99), want: rows("ann", "bob", "cleo", "dan")},
		{name: "offset alone", stmt: names().Offset(3), want: rows("dan")},
		{name: "offset zero", stmt: names().Offset(0).Limit(1), want: rows("ann")},
		{name: "limit and offset", stmt: names().Limit(2).Offset(1), want: rows("bob", "cleo")},
		{name: "offset beyond the end", stmt: names().Offset(9), want: rows[string]()},
		{name: "distinct", stmt: orm.Select(age).From(people).Where(age.IsNotNull()).Distinct().OrderBy(age), want: rows[int64](25, 31)},
		{
			name: "distinct on", want: rows("dan", "ann"), needs: []need{needsDistinctOn},
			stmt: names(age.IsNotNull()).Unordered().DistinctOn(age).OrderBy(age, id.Desc()),
		},
	}
}

func joinQueries() []query {
	pairs := orm.Select(people.C("name").As("a"), pets.C("name").As("b"))
	owner := orm.Eq(pets.C("owner_id"), people.C("id"))
	boss := people.Alias("boss")
	return []query{
		{
			name: "join by the foreign key", want: rows(pair{"ann", new("rex")}, pair{"ann", new("tom")}, pair{"bob", new("ida")}),
			stmt: pairs.From(people).Join(pets).OrderBy(pets.C("id")),
		},
		{
			name: "join by a condition", want: rows(pair{"ann", new("tom")}),
			stmt: pairs.From(people).Join(pets, owner, pets.C("name").Eq("tom")),
		},
		{
			name: "outer join", want: rows(pair{"bob", new("ida")}, pair{"cleo", nil}, pair{"dan", nil}),
			stmt: pairs.From(people).OuterJoin(pets).Where(people.C("id").Gt(1)).OrderBy(people.C("id")),
		},
		{
			name: "full join", want: value(6), needs: []need{needsFullJoin},
			stmt: orm.Select(orm.Count()).From(people).FullJoin(pets, owner),
		},
		{name: "cross join", stmt: orm.Select(orm.Count()).From(people).CrossJoin(pets), want: value(16)},
		{
			name: "a table joined with itself", want: rows(pair{"bob", new("dan")}, pair{"dan", new("bob")}),
			stmt: orm.Select(people.C("name").As("a"), boss.C("name").As("b")).From(people).
				Join(boss, orm.Eq(people.C("age"), boss.C("age")), orm.Ne(people.C("id"), boss.C("id"))).OrderBy(people.C("id")),
		},
		{
			name: "three tables", want: value(4),
			stmt: orm.Select(orm.Count()).From(people).Join(pets).Join(boss, orm.Eq(boss.C("city"), people.C("city"))).
				Where(people.C("city").Eq("oslo")),
		},
	}
}

func groupQueries() []query {
	city, age := people.C("city"), people.C("age")
	n := orm.Count()
	return []query{
		{name: "count all", stmt: orm.Select(n).From(people), want: value(4)},
		{name: "count leaves NULL out", stmt: orm.Select(orm.Count(age)).From(people), want: value(3)},
		{name: "count distinct", stmt: orm.Select(orm.CountDistinct(age)).From(people), want: value(2)},
		{name: "sum", stmt: orm.Select(orm.Sum(age)).From(people), want: value(int64(81))},
		{name: "average of whole numbers is no whole number", stmt: orm.Select(orm.Avg(people.C("id"))).From(people), want: value(2.5)},
		{name: "minimum", stmt: orm.Select(orm.Min(people.C("born"))).From(people), want: value(day(1993, 1, 2))},
		{name: "maximum", stmt: orm.Select(orm.Max(people.C("name"))).From(people), want: value("dan")},
		{name: "sum of nothing is NULL", stmt: orm.Select(orm.Sum(age)).From(people).Where(orm.False()), want: value[*int64](nil)},
		{name: "count of nothing is zero", stmt: orm.Select(n).From(people).Where(orm.False()), want: value(0)},
		{
			name: "group", want: rows("oslo", "rome"),
			stmt: orm.Select(city).From(people).Where(city.IsNotNull()).GroupBy(city).OrderBy(city),
		},
		{name: "NULL is a group", stmt: orm.Select(n).From(people).GroupBy(city).OrderBy(n.Desc()), want: rows(2, 1, 1)},
		{name: "having", stmt: orm.Select(city).From(people).GroupBy(city).Having(n.Gt(1)), want: rows("oslo")},
		{name: "aggregate with a filter", stmt: orm.Select(n.Filter(age.Eq(25))).From(people), want: value(2)},
		{
			name: "sum with a filter", want: value[*int64](nil),
			stmt: orm.Select(orm.Sum(age).Filter(age.Gt(99))).From(people),
		},
		{
			name: "order by an aggregate", want: rows("rex", "ida"),
			stmt: orm.Select(orm.Min(pets.C("name")).As("first")).From(pets).Where(pets.C("owner_id").IsNotNull()).
				GroupBy(pets.C("owner_id")).OrderBy(n.Desc()),
		},
	}
}

func subqueryQueries() []query {
	owners := orm.Select(pets.C("owner_id")).From(pets).Where(pets.C("owner_id").IsNotNull())
	other := people.Alias("other")
	own := orm.Select(pets.C("id")).From(pets).Where(orm.Eq(pets.C("owner_id"), people.C("id")))
	counts := orm.Select(pets.C("owner_id"), orm.Count().As("n")).From(pets).GroupBy(pets.C("owner_id")).Subquery("counts")
	return []query{
		{name: "in a subquery", stmt: names(people.C("id").InSelect(owners)), want: rows("ann", "bob")},
		{name: "not in a subquery", stmt: names(people.C("id").NotInSelect(owners)), want: rows("cleo", "dan")},
		{name: "exists", stmt: names(orm.Exists(own)), want: rows("ann", "bob")},
		{name: "not exists", stmt: names(orm.Not(orm.Exists(own))), want: rows("cleo", "dan")},
		{
			name: "a subquery as a value", want: rows("ann"),
			stmt: names(orm.Eq(people.C("age"), orm.Scalar[any](orm.Select(orm.Max(other.C("age"))).From(other)))),
		},
		{
			name: "a subquery in the select list", want: rows(2, 1, 0, 0),
			stmt: orm.Select(orm.Scalar[int](own.Columns(orm.Count())).As("n")).From(people).OrderBy(people.C("id")),
		},
		{
			name: "a subquery in from", want: rows("ann", "bob"),
			stmt: names().Join(counts, orm.Eq(counts.C("owner_id"), people.C("id"))),
		},
		{
			name: "a subquery with a limit", want: value("cleo"),
			stmt: orm.Select(orm.Max(names().Limit(3).Subquery("first").C("name"))),
		},
	}
}

func textQueries() []query {
	return []query{
		{name: "text with a parameter", stmt: orm.Text("SELECT name FROM people WHERE id = ?", 2), want: value("bob")},
		{name: "text with a name twice", stmt: orm.Text("SELECT name FROM people WHERE id = :n OR age = :n", sql.Named("n", 1)), want: value("ann")},
		{name: "text with a list", stmt: orm.Text("SELECT name FROM people WHERE id IN (:ids) ORDER BY id", sql.Named("ids", []int{1, 4})), want: rows("ann", "dan")},
		{name: "text with a question mark in quotes", stmt: orm.Text("SELECT '?' FROM people WHERE id = ?", 1), want: value("?")},
		{name: "text with a colon in quotes", stmt: orm.Text("SELECT ':a' FROM people WHERE id = ?", 1), want: value(":a")},
		{name: "text with comments", stmt: orm.Text("SELECT /* ? */ name -- :no\n FROM people WHERE id = ?", 1), want: value("ann")},
		{
			name: "text as a subquery", want: value(2),
			stmt: orm.Select(orm.Count()).From(orm.Text("SELECT id FROM people WHERE age = ?", 25).
				Columns(orm.ResultColumn{Name: "id", Type: types.BigInteger()}).Subquery("t")),
		},
		{
			name: "an expression of text", want: rows("bob", "dan"),
			stmt: names(orm.Raw[bool]("people.age = ?", 25)),
		},
		{
			name: "a parameter that gets its value later", want: rows("ann"),
			stmt: names(orm.Eq(orm.Col[int64](people, "id"), orm.Param[int64]("id"))).Params(orm.M{"id": 1}),
		},
	}
}

func refusesNegativeLimit(t *testing.T, db *database) {
	db.refusesUnsent(t, orm.ErrArgument, names().Limit(-1))
	db.refusesUnsent(t, orm.ErrArgument, names().Offset(-1))
}

// readsLargeResult reads 4⁷ rows, more than any driver keeps in one buffer.
func readsLargeResult(t *testing.T, db *database) {
	db.reading(t)
	stmt := orm.Select(people.C("name")).From(people)
	for i := range 6 {
		stmt = stmt.CrossJoin(people.Alias("p" + string(rune('a'+i))))
	}
	if n := len(fetch[string](t, db, stmt)); n != 1<<14 {
		t.Errorf("%d rows were read, not %d", n, 1<<14)
	}
}

func mapsHaveNaturalTypes(t *testing.T, db *database) {
	db.reading(t)
	got := fetchOne[orm.M](t, db, orm.Select(people).Where(people.C("id").Eq(1)))
	equal(t, orm.M{
		"id": int64(1), "name": "ann", "city": "oslo", "age": int64(31), "height": 1.75,
		"born": day(1993, 1, 2), "seen": seen, "active": true,
	}, got)
}
