// This file looks at expressions: CASE, CAST, EXTRACT, division, concatenation and
// functions, whose results are the same on every database.

package dialecttest

import (
	"slices"
	"testing"
	"time"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

func expressionChecks() []check {
	return slices.Concat(
		queries(caseQueries()), queries(arithmeticQueries()), queries(stringQueries()),
		queries(castQueries()), queries(extractQueries()),
		[]check{
			{name: "a function with a hostile name is refused", run: refusesFunctionName},
			{name: "an operator that is none is refused", run: refusesOperator},
			{name: "the time of the database is now, in UTC", run: currentTimestampIsUTC},
			{name: "400 conditions in one list", run: manyConditions},
			{name: "an expression that is too deep is refused", run: refusesDeepExpression},
		},
	)
}

// ofAnn selects an expression over the first row.
func ofAnn(e any) *orm.SelectStatement {
	return orm.Select(e).From(people).Where(people.C("id").Eq(1))
}

// ofCleo selects an expression over the row with the NULLs.
func ofCleo(e any) *orm.SelectStatement {
	return orm.Select(e).From(people).Where(people.C("id").Eq(3))
}

func caseQueries() []query {
	age, name := orm.Col[int64](people, "age"), orm.Col[string](people, "name")
	grade := orm.Case[string]().When(age.Ge(30), "old").When(age.Ge(20), "young")
	all := func(e any) *orm.SelectStatement { return orm.Select(e).From(people).OrderBy(people.C("id")) }
	return []query{
		{name: "case", stmt: all(grade.Else("unknown")), want: rows("old", "young", "unknown", "young")},
		{name: "case without else is NULL", stmt: ofCleo(grade.End()), want: value[*string](nil)},
		{name: "case of a value", stmt: all(orm.CaseOf[int](name).When("ann", 1).When("bob", 2).Else(0)), want: rows(1, 2, 0, 0)},
		{name: "case with expressions", stmt: all(orm.Case[string]().WhenExpr(age.IsNull(), orm.Lit("none")).ElseExpr(name)), want: rows("ann", "bob", "none", "dan")},
		{name: "case in a condition", stmt: names(orm.Eq(grade.Else("?"), orm.Lit("old"))), want: rows("ann")},
		{name: "case in order", stmt: names().Unordered().OrderBy(orm.CaseOf[int](name).When("dan", 0).Else(1), people.C("id")), want: rows("dan", "ann", "bob", "cleo")},
		{name: "coalesce", stmt: all(orm.Coalesce(age, orm.Lit[int64](0))), want: rows[int64](31, 25, 0, 25)},
		{name: "coalesce of three", stmt: ofCleo(orm.Coalesce(age, age, orm.Lit[int64](7))), want: value[int64](7)},
		{name: "nullif", stmt: all(orm.NullIf(name, "bob")), want: rows(new("ann"), nil, new("cleo"), new("dan"))},
		{name: "a condition as a column", stmt: all(age.IsNull()), want: rows(false, false, true, false)},
		{name: "a literal", stmt: ofAnn(orm.Lit("it's ?")), want: value("it's ?")},
		{name: "a whole number as a literal", stmt: ofAnn(orm.Lit(int64(1) << 60)), want: value(int64(1) << 60)},
		{name: "NULL as a literal", stmt: ofAnn(orm.Null[string]()), want: value[*string](nil)},
	}
}

func arithmeticQueries() []query {
	id, age := orm.Col[int64](people, "id"), orm.Col[int64](people, "age")
	height := orm.Col[float64](people, "height")
	seven := orm.Lit[int64](7)
	return []query{
		{name: "plus", stmt: ofAnn(age.Plus(4)), want: value[int64](35)},
		{name: "minus", stmt: ofAnn(age.Minus(40)), want: value[int64](-9)},
		{name: "times", stmt: ofAnn(age.Times(-2)), want: value[int64](-62)},
		{name: "negate", stmt: ofAnn(age.Negate()), want: value[int64](-31)},
		{name: "modulo", stmt: ofAnn(age.Modulo(7)), want: value[int64](3)},
		{name: "division of whole numbers is no whole number", stmt: ofAnn(age.DividedBy(2)), want: value(15.5)},
		{name: "division of columns", stmt: ofAnn(orm.Divide(age, id.Plus(3))), want: value(7.75)},
		{name: "division of floats", stmt: ofAnn(height.DividedBy(2)), want: value(0.875)},
		{name: "division of whole numbers is cut", stmt: ofAnn(age.IntDividedBy(2)), want: value[int64](15)},
		{name: "division of negative whole numbers is cut towards zero", stmt: ofAnn(orm.IntDivide(age.Negate(), id.Plus(1))), want: value[int64](-15)},
		{name: "precedence is that of Go", stmt: ofAnn(age.Plus(1).Times(2)), want: value[int64](64)},
		{name: "subtraction from the right keeps its parentheses", stmt: ofAnn(orm.Subtract(age, age.Minus(1))), want: value[int64](1)},
		{name: "division from the right keeps its parentheses", stmt: ofAnn(orm.Multiply(age, orm.IntDivide(age, id.Plus(1)))), want: value[int64](31 * 15)},
		{name: "a negated negative number is no comment", stmt: ofAnn(orm.Subtract(age, id.Negate().Negate())), want: value[int64](30)},
		{name: "minus a negative parameter is no comment", stmt: ofAnn(age.Minus(-1)), want: value[int64](32)},
		{name: "absolute value", stmt: ofAnn(orm.Abs(age.Negate())), want: value[int64](31)},
		{name: "bits of both", stmt: ofAnn(age.BitAnd(6)), want: value[int64](6)},
		{name: "bits of either", stmt: ofAnn(age.BitOr(32)), want: value[int64](63)},
		{name: "bits of one", stmt: ofAnn(age.BitXor(1)), want: value[int64](30)},
		{name: "bits not there", stmt: ofAnn(age.BitNot()), want: value[int64](-32)},
		{name: "bits moved left", stmt: ofAnn(age.ShiftLeft(1)), want: value[int64](62)},
		{name: "bits moved right", stmt: ofAnn(age.ShiftRight(2)), want: value[int64](7)},
		{name: "a half is rounded away from zero", stmt: ofAnn(orm.Round(height.Times(2).Minus(1))), want: value(3.0)},
		{name: "a negative half is rounded away from zero", stmt: ofAnn(orm.Round(height.Times(-2).Plus(1))), want: value(-3.0)},
		{name: "rounded to digits", stmt: ofAnn(orm.Round(height.Times(1.1), 2)), want: value(1.93)},
		{name: "a whole number rounded", stmt: ofAnn(orm.Round(age)), want: value[int64](31)},
		{name: "floor of a negative number", stmt: ofAnn(orm.Floor(height.Negate())), want: value(-2.0)},
		{name: "ceil of a negative number", stmt: ofAnn(orm.Ceil(height.Negate())), want: value(-1.0)},
		{name: "greatest", stmt: ofAnn(orm.Greatest(age, id, orm.Lit[int64](7))), want: value[int64](31)},
		{name: "greatest with NULL is NULL", stmt: ofCleo(orm.Greatest(id, age)), want: value[*int64](nil)},
		{name: "least with NULL is NULL", stmt: ofCleo(orm.Least(id, age)), want: value[*int64](nil)},
		{name: "modulo of a negative number has its sign", stmt: ofAnn(age.Negate().Modulo(7)), want: value[int64](-3)},
		{name: "a row before another", stmt: names(orm.Tuple(people.C("age"), people.C("id")).Lt(25, 4)), want: rows("bob")},
		{name: "a row behind another", stmt: names(orm.Tuple(people.C("age"), people.C("id")).Gt(25, 2)), want: rows("ann", "dan")},
		{name: "a row with NULL is neither before nor behind", stmt: names(orm.Not(orm.Tuple(people.C("age"), people.C("id")).Gt(25, 2))), want: rows("bob")},
		{name: "a row with NULL among others is NULL", stmt: names(orm.Tuple(people.C("id"), people.C("age")).In([]any{3, 25}).IsNull()), want: rows("cleo")},
		{name: "NULL makes NULL", stmt: ofCleo(age.Plus(1)), want: value[*int64](nil)},
		{name: "a parameter before a column", stmt: ofAnn(orm.Add(seven, age)), want: value[int64](38)},
		{name: "parameters alone", stmt: ofAnn(seven.Plus(4)), want: value[int64](11)},
		{name: "arithmetic in a condition", stmt: names(age.Plus(1).Gt(30)), want: rows("ann")},
		{name: "an operator of the database", stmt: ofAnn(orm.Op[int64](age, "+", 1)), want: value[int64](32)},
	}
}

func stringQueries() []query {
	name, city := orm.Col[string](people, "name"), orm.Col[string](people, "city")
	return []query{
		{name: "concat", stmt: ofAnn(orm.Concat(name, orm.Lit("@"), city)), want: value("ann@oslo")},
		{name: "concat with NULL is NULL", stmt: names(orm.Concat(name, city).IsNull()), want: rows("dan")},
		{name: "concat of a hostile text", stmt: ofAnn(orm.Concat(name, orm.Lit(`'%?\`))), want: value(`ann'%?\`)},
		{name: "lower", stmt: ofAnn(orm.Lower(orm.Concat(name, orm.Lit("XY")))), want: value("annxy")},
		{name: "upper", stmt: ofAnn(orm.Upper(name)), want: value("ANN")},
		{name: "trim", stmt: ofAnn(orm.Trim(orm.Concat(orm.Lit("  "), name, orm.Lit(" ")))), want: value("ann")},
		{name: "length counts characters", stmt: ofAnn(orm.Length(orm.Concat(name, orm.Lit("é🎉")))), want: value[int64](5)},
		{name: "length in a condition", stmt: names(orm.Length(name).Eq(4)), want: rows("cleo")},
		{name: "a function by its name", stmt: ofAnn(orm.Func[string]("replace", name, "n", "m")), want: value("amm")},
		{name: "trim on one side", stmt: ofAnn(orm.RTrim(orm.LTrim(orm.Concat(orm.Lit("  "), name, orm.Lit("! "))))), want: value("ann!")},
		{name: "replace is literal", stmt: ofAnn(orm.Replace(orm.Concat(name, orm.Lit("%.N")), "n%", `'\`)), want: value(`an'\.N`)},
		{name: "a part of a text", stmt: ofAnn(orm.Substring(orm.Concat(orm.Lit("é🎉"), name), 2, 2)), want: value("🎉a")},
		{name: "the position of a text in characters", stmt: ofAnn(orm.Position(orm.Concat(orm.Lit("é🎉"), name), "n")), want: value[int64](4)},
		{name: "the position of a text that is not there", stmt: ofAnn(orm.Position(name, "x")), want: value[int64](0)},
		{name: "concat with a separator leaves NULL out", stmt: orm.Select(orm.ConcatWS("-", name, city)).From(people).Where(people.C("id").Eq(4)), want: value("dan")},
		{name: "a regular expression replaces every match", stmt: ofAnn(orm.RegexpReplace(name, "n", "m")), want: value("amm"), needs: []need{needsRegexp}},
		{name: "a regular expression in any case", stmt: names(name.IMatches("^(ANN|Bob)$")), want: rows("ann", "bob"), needs: []need{needsRegexp}},
		{name: "concat in a condition", stmt: names(orm.Concat(name, orm.Lit("!")).Eq("bob!")), want: rows("bob")},
	}
}

func castQueries() []query {
	age, height, name := people.C("age"), people.C("height"), people.C("name")
	return []query{
		{name: "cast a number to text", stmt: ofAnn(orm.Cast[string](age, types.String(20))), want: value("31")},
		{name: "cast a text to a number", stmt: ofAnn(orm.Cast[int64](orm.Lit("42"), types.BigInteger())), want: value[int64](42)},
		{name: "cast a number to a float", stmt: ofAnn(orm.Cast[float64](age, types.Double())), want: value(31.0)},
		{name: "cast a text to a float", stmt: ofAnn(orm.Cast[float64](orm.Lit("1.5"), types.Double())), want: value(1.5)},
		{name: "cast to a small number", stmt: ofAnn(orm.Cast[int16](age, types.SmallInteger())), want: value[int16](31)},
		{name: "cast to unbounded text", stmt: ofAnn(orm.Cast[string](age, types.Text())), want: value("31")},
		{name: "cast a float to text", stmt: ofAnn(orm.Cast[string](height, types.String(20))), want: value("1.75")},
		{name: "cast a text to a date", stmt: ofAnn(orm.Cast[time.Time](orm.Lit("2024-02-29"), types.Date())), want: value(day(2024, 2, 29))},
		{name: "cast a text to an instant", stmt: ofAnn(orm.Cast[time.Time](orm.Lit("2024-02-29 13:45:59.123456"), types.Timestamp())), want: value(seen)},
		{name: "cast NULL", stmt: ofCleo(orm.Cast[*string](age, types.String(20))), want: value[*string](nil)},
		{name: "cast in a condition", stmt: names(orm.Cast[string](age, types.String(20)).Eq("31")), want: rows("ann")},
		{name: "cast of a text to text", stmt: ofAnn(orm.Cast[string](name, types.String(50))), want: value("ann")},
		{name: "cast of a boolean", stmt: ofAnn(orm.Cast[int64](orm.Case[int64]().When(orm.Col[bool](people, "active"), 1).Else(0), types.Integer())), want: value[int64](1)},
	}
}

func extractQueries() []query {
	born, at := people.C("born"), people.C("seen")
	return []query{
		{name: "year", stmt: ofAnn(orm.Extract(orm.Year, at)), want: value[int64](2024)},
		{name: "month", stmt: ofAnn(orm.Extract(orm.Month, at)), want: value[int64](2)},
		{name: "day", stmt: ofAnn(orm.Extract(orm.Day, at)), want: value[int64](29)},
		{name: "hour", stmt: ofAnn(orm.Extract(orm.Hour, at)), want: value[int64](13)},
		{name: "minute", stmt: ofAnn(orm.Extract(orm.Minute, at)), want: value[int64](45)},
		{name: "second is whole", stmt: ofAnn(orm.Extract(orm.Second, at)), want: value[int64](59)},
		{name: "year of a date", stmt: ofAnn(orm.Extract(orm.Year, born)), want: value[int64](1993)},
		{name: "month of a date", stmt: ofAnn(orm.Extract(orm.Month, born)), want: value[int64](1)},
		{name: "day of a date", stmt: ofAnn(orm.Extract(orm.Day, born)), want: value[int64](2)},
		{name: "the week of a date", stmt: ofAnn(orm.Extract(orm.Week, born)), want: value[int64](53)},
		{name: "the day of the week of a date", stmt: ofAnn(orm.Extract(orm.DayOfWeek, born)), want: value[int64](6)},
		{name: "the day of the year", stmt: ofAnn(orm.Extract(orm.DayOfYear, at)), want: value[int64](60)},
		{name: "the beginning of a month", stmt: ofAnn(orm.DateTrunc(orm.Month, at)), want: value(day(2024, 2, 1))},
		{name: "the beginning of a second", stmt: ofAnn(orm.DateTrunc(orm.Second, at)), want: value(seen.Truncate(time.Second))},
		{name: "the beginning of a date's week", stmt: ofAnn(orm.DateTrunc(orm.Week, born)), want: value(day(1992, 12, 28))},
		{name: "a year after the 29th of February", stmt: ofAnn(orm.AddInterval(at, 1, orm.Year)), want: value(time.Date(2025, 2, 28, 13, 45, 59, 123456000, time.UTC))},
		{name: "a date a month before", stmt: ofAnn(orm.AddInterval(born, -1, orm.Month)), want: value(day(1992, 12, 2))},
		{name: "a part of NULL is NULL", stmt: ofCleo(orm.Extract(orm.Year, born)), want: value[*int64](nil)},
		{name: "a part in a condition", stmt: names(orm.Extract(orm.Year, born).Eq(1999)), want: rows("bob", "dan")},
		{name: "a part in a group", stmt: orm.Select(orm.Count()).From(people).Where(born.IsNotNull()).GroupBy(orm.Extract(orm.Year, born)).OrderBy(orm.Count()), want: rows(1, 2)},
	}
}

func refusesFunctionName(t *testing.T, db *database) {
	for _, name := range []orm.SQL{"", "lower(name)--", "lower ", "1lower", `lo"wer`, "lo.", "日本"} {
		db.refusesUnsent(t, orm.ErrBadIdentifier, ofAnn(orm.Func[string](name)))
	}
}

func refusesOperator(t *testing.T, db *database) {
	for _, op := range []orm.SQL{"", "= 1 OR 1 =", "--", "/*", ";", "'"} {
		db.refusesUnsent(t, orm.ErrBadIdentifier, ofAnn(orm.Op[bool](people.C("id"), op, 1)))
	}
}

func currentTimestampIsUTC(t *testing.T, db *database) {
	db.reading(t)
	got := fetchOne[time.Time](t, db, ofAnn(orm.CurrentTimestamp()))
	if d := time.Since(got).Abs(); d > time.Minute {
		t.Errorf("the database says %s, which is off by %s", got, d)
	}
}

func manyConditions(t *testing.T, db *database) {
	db.reading(t)
	condition := people.C("id").Eq(1)
	for i := range 400 {
		condition = orm.Or(condition, people.C("id").Eq(1000+i))
	}
	rows("ann")(t, db, names(condition))
}

func refusesDeepExpression(t *testing.T, db *database) {
	e := orm.Lit[int64](1)
	for range 100_000 {
		e = e.Negate()
	}
	db.refusesUnsent(t, orm.ErrTooDeep, ofAnn(e))
}
