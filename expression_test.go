// This file tests expressions: conditions, operators, functions, CASE and casts.

package orm_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

func TestPredicatesChooseTheSameRowsOnEveryDatabase(t *testing.T) { runCases(t, predicateCases()) }

func TestExpressionsGiveTheSameValuesOnEveryDatabase(t *testing.T) { runCases(t, expressionCases()) }

func TestFunctionsGiveTheSameValuesOnEveryDatabase(t *testing.T) { runCases(t, functionCases()) }

// in2020 is a time of the year in which Ann was hired.
var in2020 = time.Date(2020, 1, 31, 10, 20, 30, 0, time.UTC)

func predicateCases() []sqlCase {
	return []sqlCase{
		{name: "equal to a value", stmt: whoIf(person.age.Eq(30)), rows: nameRows("Bob", "Dee")},
		{name: "not equal leaves NULL out", stmt: whoIf(person.age.Ne(30)), rows: nameRows("Ann", "Eve")},
		{name: "less", stmt: whoIf(person.age.Lt(30)), rows: nameRows("Eve")},
		{name: "less or equal", stmt: whoIf(person.age.Le(30)), rows: nameRows("Bob", "Dee", "Eve")},
		{name: "greater", stmt: whoIf(person.age.Gt(30)), rows: nameRows("Ann")},
		{name: "greater or equal", stmt: whoIf(person.age.Ge(30)), rows: nameRows("Ann", "Bob", "Dee")},
		{name: "equal to nil is IS NULL", stmt: whoIf(personTable.C("age").Eq(nil)), rows: nameRows("Cyd")},
		{name: "equal to nil bytes is IS NULL", stmt: whoIf(personTable.C("nick").Eq([]byte(nil))), rows: nameRows("Eve")},
		{name: "not equal to nil is IS NOT NULL", stmt: whoIf(orm.Not(personTable.C("age").Eq((*int)(nil)))), rows: nameRows("Ann", "Bob", "Dee", "Eve")},
		{name: "IS NULL", stmt: whoIf(person.boss.IsNull()), rows: nameRows("Ann", "Eve")},
		{name: "IS NOT NULL", stmt: whoIf(person.boss.IsNotNull()), rows: nameRows("Bob", "Cyd", "Dee")},
		{name: "two columns", stmt: whoIf(orm.Gt(person.id, person.boss)), rows: nameRows("Bob", "Cyd", "Dee")},
		{name: "a column at most another", stmt: whoIf(orm.Le(person.boss, person.id), orm.Ge(person.age, person.rank)), rows: nameRows("Bob", "Dee")},
		{name: "columns without a type", stmt: whoIf(personTable.C("id").Eq(personTable.C("rank"))), rows: nameRows("Ann", "Bob", "Cyd", "Dee", "Eve")},
		{name: "a value before a column", stmt: whoIf(orm.Lt(orm.Lit(30), person.age)), rows: nameRows("Ann")},
		{name: "a decimal before a column", stmt: whoIf(orm.Eq(orm.Lit("10.50"), person.wage)), rows: nameRows("Ann")},
		{name: "a boolean column", stmt: whoIf(orm.Not(person.active)), rows: nameRows("Cyd")},
		{name: "a boolean value", stmt: whoIf(person.active.Eq(false)), rows: nameRows("Cyd")},
		{name: "a time", stmt: whoIf(person.hired.Gt(in2020)), rows: nameRows("Bob", "Dee")},
		{name: "distinct from a value", stmt: whoIf(person.age.IsDistinctFrom(30)), rows: nameRows("Ann", "Cyd", "Eve")},
		{name: "not distinct from a value", stmt: whoIf(person.age.IsNotDistinctFrom(30)), rows: nameRows("Bob", "Dee")},
		{name: "distinct from nil", stmt: whoIf(personTable.C("age").IsDistinctFrom(nil)), rows: nameRows("Ann", "Bob", "Dee", "Eve")},
		{name: "distinct columns", stmt: whoIf(personTable.C("id").IsDistinctFrom(personTable.C("boss_id")), orm.Not(personTable.C("id").IsNotDistinctFrom(personTable.C("rank")))), rows: nameRows()},
		{name: "distinct beside AND and NOT", stmt: whoIf(orm.Not(person.age.IsDistinctFrom(30)), orm.Or(person.age.IsDistinctFrom(7), person.active)), rows: nameRows("Bob", "Dee")},
		{name: "between", stmt: whoIf(person.age.Between(7, 30)), rows: nameRows("Bob", "Dee", "Eve")},
		{name: "not between", stmt: whoIf(person.age.NotBetween(7, 30)), rows: nameRows("Ann")},
		{name: "between expressions", stmt: whoIf(person.age.Plus(1).Between(8, 31), person.active), rows: nameRows("Bob", "Dee", "Eve")},
		{name: "true", stmt: whoIf(orm.True()), rows: nameRows("Ann", "Bob", "Cyd", "Dee", "Eve")},
		{name: "false", stmt: whoIf(orm.False()), rows: nameRows()},
		{name: "AND of nothing", stmt: whoIf(orm.And()), rows: nameRows("Ann", "Bob", "Cyd", "Dee", "Eve")},
		{name: "OR of nothing", stmt: whoIf(orm.Or()), rows: nameRows()},
		{name: "AND binds tighter than OR", stmt: whoIf(orm.Or(person.age.Eq(7), orm.And(person.age.Eq(30), person.name.Eq("Dee")))), rows: nameRows("Dee", "Eve")},
		{name: "OR inside of AND", stmt: whoIf(orm.And(orm.Or(person.age.Eq(7), person.age.Eq(30)), person.name.Ne("Dee"))), rows: nameRows("Bob", "Eve")},
		{name: "conditions of several Where", stmt: whoIf(orm.Or(person.age.Eq(7), person.age.Eq(30))).Where(person.name.Ne("Dee")), rows: nameRows("Bob", "Eve")},
		{name: "NOT of AND", stmt: whoIf(orm.Not(orm.And(person.age.Eq(30), person.name.Eq("Dee")))), rows: nameRows("Ann", "Bob", "Cyd", "Eve")},
		{name: "NOT of NOT", stmt: whoIf(orm.Not(orm.Not(orm.Or(person.age.Eq(7), person.age.Eq(40))))), rows: nameRows("Ann", "Eve")},
		{name: "NOT of a comparison is its opposite", stmt: whoIf(orm.Not(person.age.Lt(30))), rows: nameRows("Ann", "Bob", "Dee")},
		{name: "a condition compared", stmt: whoIf(orm.Eq(person.age.Eq(30), person.name.Eq("Bob"))), rows: nameRows("Ann", "Bob", "Eve")},
		{name: "a condition that is NULL", stmt: whoIf(orm.Or(person.age.Gt(30), person.active).IsNull()), rows: nameRows("Cyd")},
		{name: "IS NULL of a comparison", stmt: whoIf(person.age.Gt(30).IsNull()), rows: nameRows("Cyd")},
		{name: "in a list", stmt: whoIf(person.age.In(7, 40)), rows: nameRows("Ann", "Eve")},
		{name: "in an empty list", stmt: whoIf(person.age.In()), rows: nameRows()},
		{name: "not in a list leaves NULL out", stmt: whoIf(person.age.NotIn(7, 40)), rows: nameRows("Bob", "Dee")},
		{name: "not in an empty list", stmt: whoIf(person.age.NotIn()), rows: nameRows("Ann", "Bob", "Cyd", "Dee", "Eve")},
		{name: "NOT of an empty list", stmt: whoIf(orm.Not(person.age.In()), orm.Not(orm.Or(person.age.In(), person.name.Eq("Ann")))), rows: nameRows("Bob", "Cyd", "Dee", "Eve")},
		{name: "an empty list beside others", stmt: whoIf(orm.Or(person.age.In(), person.name.Eq("Eve"))), rows: nameRows("Eve")},
		{name: "in a list of texts", stmt: whoIf(person.name.In("Ann", "b%b", "'; --")), rows: nameRows("Ann")},
		{name: "an expression in a list", stmt: whoIf(person.age.Minus(3).In(4, 37)), rows: nameRows("Ann", "Eve")},
		{name: "in a SELECT", stmt: whoIf(person.office.InSelect(orm.Select(office.id).Where(office.city.Eq("Oslo")))), rows: nameRows("Cyd", "Eve")},
		{name: "not in a SELECT", stmt: whoIf(person.office.NotInSelect(orm.Select(office.id).Where(office.city.Eq("Oslo")))), rows: nameRows("Ann", "Bob")},
		{name: "a row in a list", stmt: orm.Select(shelf.label).Where(orm.Tuple(shelf.x, shelf.y).In([]any{1, 2}, []any{2, 2})), rows: []string{"label=b"}},
		{name: "a row not in a list", stmt: orm.Select(shelf.label).Where(orm.Tuple(shelf.x, shelf.y).NotIn([]any{1, 2}, []any{2, 1})), rows: []string{"label=a"}},
		{name: "NOT of a row in a list", stmt: orm.Select(shelf.label).Where(orm.Not(orm.Tuple(shelf.x, shelf.y).In([]any{1, 2}, []any{2, 1}))), rows: []string{"label=a"}},
		{name: "a row in an empty list", stmt: orm.Select(shelf.label).Where(orm.Tuple(shelf.x, shelf.y).In()), rows: []string{}},
		{name: "a row not in an empty list", stmt: orm.Select(orm.Count().As("n")).From(shelfTable).Where(orm.Tuple(shelf.x, shelf.y).NotIn()), rows: []string{"n=3"}},
		{
			name: "a row in a SELECT", rows: nameRows("Ann", "Bob"),
			stmt: whoIf(orm.Tuple(person.id, person.office).InSelect(orm.Select(shelfTable.C("x"), shelfTable.C("y")))),
		},
		{
			name: "a row not in a SELECT", rows: nameRows("Cyd", "Eve"),
			stmt: whoIf(person.office.IsNotNull(), orm.Tuple(person.id, person.office).NotInSelect(orm.Select(shelfTable.C("x"), shelfTable.C("y")))),
		},

		{name: "LIKE", stmt: whoIf(person.nick.Like("_%n")), rows: nameRows("Ann")},
		{name: "LIKE with a percent sign taken literally", stmt: whoIf(person.nick.Like(`b\%b`)), rows: nameRows("Bob")},
		{name: "LIKE with a backslash taken literally", stmt: whoIf(person.nick.Like(`d\\_`)), rows: nameRows("Dee")},
		{name: "NOT LIKE leaves NULL out", stmt: whoIf(person.nick.NotLike("%n%")), rows: nameRows("Bob", "Cyd", "Dee")},
		{name: "NOT of LIKE", stmt: whoIf(orm.Not(person.nick.Like("%n%"))), rows: nameRows("Bob", "Cyd", "Dee")},
		{name: "ILIKE", stmt: whoIf(person.nick.ILike("AN%")), rows: nameRows("Ann")},
		{name: "NOT ILIKE", stmt: whoIf(person.nick.NotILike("AN%")), rows: nameRows("Bob", "Cyd", "Dee")},
		{name: "ILIKE with an escape", stmt: whoIf(person.nick.ILike(`B\%%`)), rows: nameRows("Bob")},
		{name: "starts with a percent sign behind a letter", stmt: whoIf(person.nick.StartsWith("b%")), rows: nameRows("Bob")},
		{name: "starts with an underscore behind letters", stmt: whoIf(person.nick.StartsWith("an_")), rows: nameRows("Ann")},
		{name: "starts with what only looks like a pattern", stmt: whoIf(person.nick.StartsWith("_n")), rows: nameRows()},
		{name: "starts with nothing", stmt: whoIf(person.nick.StartsWith("")), rows: nameRows("Ann", "Bob", "Cyd", "Dee")},
		{name: "ends with a slash and a letter", stmt: whoIf(person.nick.EndsWith("/d")), rows: nameRows("Cyd")},
		{name: "ends with a backslash and a letter", stmt: whoIf(person.nick.EndsWith(`\e`)), rows: nameRows("Dee")},
		{name: "contains a percent sign", stmt: whoIf(person.nick.Contains("%")), rows: nameRows("Bob")},
		{name: "contains an underscore", stmt: whoIf(person.nick.Contains("_")), rows: nameRows("Ann")},
		{name: "contains a slash", stmt: whoIf(person.nick.Contains("/")), rows: nameRows("Cyd")},
		{name: "contains a backslash", stmt: whoIf(person.nick.Contains(`\`)), rows: nameRows("Dee")},
		{name: "does not contain", stmt: whoIf(orm.Not(person.nick.Contains("%"))), rows: nameRows("Ann", "Cyd", "Dee")},
		{name: "contains in any case", stmt: whoIf(person.nick.IContains("%B")), rows: nameRows("Bob")},
		{name: "a regular expression", stmt: whoIf(person.name.Matches("^[AB]")), rows: nameRows("Ann", "Bob"), lacks: "sqlite"},
		{name: "NOT of a regular expression", stmt: whoIf(orm.Not(person.name.Matches("^[ABC]"))), rows: nameRows("Dee", "Eve"), lacks: "sqlite"},
	}
}

func expressionCases() []sqlCase {
	return []sqlCase{
		{name: "a literal", stmt: oneValue(orm.Lit(7)), rows: valueRows(7)},
		{name: "a text", stmt: oneValue(orm.Lit("it's")), rows: valueRows("it's")},
		{name: "NULL", stmt: oneValue(orm.Null[int]()), rows: valueRows(nil)},
		{name: "plus", stmt: eachValue(person.age.Plus(1)), rows: valueRows(41, 31, nil, 31, 8)},
		{name: "minus", stmt: eachValue(person.age.Minus(41)), rows: valueRows(-1, -11, nil, -11, -34)},
		{name: "minus a negative number", stmt: eachValue(person.age.Minus(-1)), rows: valueRows(41, 31, nil, 31, 8)},
		{name: "times", stmt: eachValue(person.age.Times(-2)), rows: valueRows(-80, -60, nil, -60, -14)},
		{name: "the sum of two columns", stmt: eachValue(orm.Add(person.age, person.rank)), rows: valueRows(41, 32, nil, 34, 12)},
		{name: "a product of sums", stmt: eachValue(orm.Multiply(person.age.Plus(1), person.rank.Minus(1))), rows: valueRows(0, 31, nil, 93, 32)},
		{name: "a sum of products", stmt: eachValue(orm.Add(person.age.Times(2), person.rank.Times(10))), rows: valueRows(90, 80, nil, 100, 64)},
		{name: "a difference of a difference", stmt: eachValue(orm.Subtract(person.age, orm.Subtract(person.rank, orm.Lit(1)))), rows: valueRows(40, 29, nil, 27, 3)},
		{name: "a difference less another", stmt: eachValue(person.age.Minus(1).Minus(2)), rows: valueRows(37, 27, nil, 27, 4)},
		{name: "true division", stmt: eachValue(person.age.DividedBy(4)), rows: valueRows(10, 7.5, nil, 7.5, 1.75)},
		{name: "true division of negatives", stmt: eachValue(person.age.Negate().DividedBy(4)), rows: valueRows(-10, -7.5, nil, -7.5, -1.75)},
		{name: "true division of columns", stmt: eachValue(orm.Divide(person.age, person.rank.Times(2))), rows: valueRows(20, 7.5, nil, 3.75, 0.7)},
		{name: "true division of literals", stmt: oneValue(orm.Divide(orm.Lit(7), orm.Lit(2))), rows: valueRows(3.5)},
		{name: "a quotient divided", stmt: oneValue(orm.Divide(orm.Divide(orm.Lit(7), orm.Lit(2)), orm.Lit(2.0))), rows: valueRows(1.75)},
		{name: "division by a quotient", stmt: oneValue(orm.Divide(orm.Lit(7.0), orm.Divide(orm.Lit(1), orm.Lit(2)))), rows: valueRows(14)},
		{name: "division of whole numbers", stmt: eachValue(person.age.IntDividedBy(4)), rows: valueRows(10, 7, nil, 7, 1)},
		{name: "division of negative whole numbers", stmt: oneValue(orm.IntDivide(orm.Lit(-7), orm.Lit(2))), rows: valueRows(-3)},
		{name: "division by a negative whole number", stmt: oneValue(orm.IntDivide(orm.Lit(7), orm.Lit(-2))), rows: valueRows(-3)},
		{name: "a product divided", stmt: oneValue(orm.IntDivide(orm.Multiply(orm.Lit(7), orm.Lit(3)), orm.Lit(2))), rows: valueRows(10)},
		{name: "a product with a quotient", stmt: oneValue(orm.Multiply(orm.Lit(7), orm.IntDivide(orm.Lit(3), orm.Lit(2)))), rows: valueRows(7)},
		{name: "modulo", stmt: eachValue(person.age.Modulo(7)), rows: valueRows(5, 2, nil, 2, 0)},
		{name: "modulo of a negative number", stmt: oneValue(orm.Lit(-7).Modulo(3)), rows: valueRows(-1)},
		{name: "negation", stmt: eachValue(person.age.Negate()), rows: valueRows(-40, -30, nil, -30, -7)},
		{name: "negation of a negation", stmt: eachValue(person.age.Negate().Negate()), rows: valueRows(40, 30, nil, 30, 7)},
		{name: "negation of a sum", stmt: eachValue(person.age.Plus(1).Negate()), rows: valueRows(-41, -31, nil, -31, -8)},
		{name: "a float column", stmt: eachValue(person.score.Times(2)), rows: valueRows(3, nil, -4.5, 0, 7.5)},

		{name: "concatenation", stmt: eachValue(orm.Concat(person.name, orm.Lit("/"), person.nick)), rows: valueRows("Ann/an_n", "Bob/b%b", "Cyd/c/d", `Dee/d\e`, nil)},
		{name: "concatenation of literals", stmt: oneValue(orm.Concat(orm.Lit("a"), orm.Lit("b"), orm.Lit("c"), orm.Lit("d"))), rows: valueRows("abcd")},
		{name: "concatenation of nothing", stmt: oneValue(orm.Concat()), rows: valueRows("")},
		{
			name: "arithmetic inside of a concatenation", rows: valueRows("Ann41"),
			stmt: eachValue(orm.Concat(person.name, orm.TypeCoerce[string](orm.Cast[string](person.age.Plus(1), types.String(10)), types.Text()))).Limit(1),
		},
		{
			name: "an operator of the user inside of a concatenation",
			stmt: oneValue(orm.Concat(person.name, orm.Op[string](person.nick, "->>", orm.Lit("a")))).From(personTable),
		},
		{name: "a comparison of concatenations", stmt: whoIf(orm.Eq(orm.Concat(person.name, person.nick), orm.Lit("Annan_n"))), rows: nameRows("Ann")},
		{name: "bitwise and", stmt: eachValue(orm.Op[int](person.age, "&", 6)), rows: valueRows(0, 6, nil, 6, 6)},
		{name: "bitwise or beside arithmetic", stmt: eachValue(orm.Op[int](person.age.Plus(1), "|", person.rank.Times(2))), rows: valueRows(43, 31, nil, 31, 10)},
		{name: "arithmetic on a bitwise operation", stmt: eachValue(orm.Op[int](person.age, "&", 6).Plus(1)), rows: valueRows(1, 7, nil, 7, 7)},
		{name: "operators of the user nested", stmt: eachValue(orm.Op[int](orm.Op[int](person.age, "<<", 1), "|", orm.Op[int](person.rank, "&", 1))), rows: valueRows(81, 60, nil, 60, 15)},
		{name: "an operator of the user that is a condition", stmt: whoIf(orm.Op[bool](person.age, ">=", 30), orm.Not(orm.Op[bool](person.age, "=", 40))), rows: nameRows("Bob", "Dee")},
		{name: "a condition of the user compared", stmt: whoIf(orm.Eq(orm.Op[bool](person.age, ">", 29), orm.Op[bool](person.rank, ">", 1))), rows: nameRows("Bob", "Dee")},
		{name: "an operator as loose as OR", stmt: whoIf(orm.And(orm.Op[bool](person.age.Eq(7), "OR", person.age.Eq(40)), person.name.Ne("Ann"))), rows: nameRows("Eve")},
		{name: "a word for an operator", stmt: whoIf(orm.Op[bool](person.name, "LIKE", "B%")), rows: nameRows("Bob")},
		{name: "a collation", stmt: whoIf(orm.Eq(person.name.Collate("NOCASE"), orm.Lit("BOB")))},
		{name: "a collation with capitals and a dash", stmt: orm.Select(person.name).OrderBy(person.name.Collate("de-AT-x-icu").Desc())},
		{name: "a collation of a concatenation", stmt: whoIf(orm.Eq(orm.Concat(person.name, person.nick).Collate("C"), person.name))},
		{name: "an order under a collation", stmt: whoIf(orm.Lt(person.name.Collate("C"), orm.Lit("a")))},

		{name: "CASE with conditions", stmt: eachValue(orm.Case[string]().When(person.age.Ge(40), "old").When(person.age.Ge(18), "grown").Else("?")), rows: valueRows("old", "grown", "?", "grown", "?")},
		{name: "CASE without ELSE", stmt: eachValue(orm.Case[int]().When(person.age.Ge(30), 1).End()), rows: valueRows(1, 1, nil, 1, nil)},
		{name: "CASE with expressions", stmt: eachValue(orm.Case[int]().WhenExpr(person.age.IsNull(), person.rank).ElseExpr(person.age.Plus(1))), rows: valueRows(41, 31, 3, 31, 8)},
		{name: "CASE over values", stmt: eachValue(orm.CaseOf[string](person.age).When(30, "x").When(7, "y").Else("z")), rows: valueRows("z", "x", "z", "x", "y")},
		{name: "CASE over values without ELSE", stmt: eachValue(orm.CaseOf[int](person.age).When(30, 1).End()), rows: valueRows(nil, 1, nil, 1, nil)},
		{name: "CASE in a condition", stmt: whoIf(orm.Case[int]().When(person.active, 1).Else(0).Eq(0)), rows: nameRows("Cyd")},
		{name: "CASE in an order", stmt: orm.Select(person.name).OrderBy(orm.Case[int]().When(person.name.Eq("Dee"), 0).Else(1).Asc(), person.id), rows: nameRows("Dee", "Ann", "Bob", "Cyd", "Eve")},
		{name: "a cast to text", stmt: eachValue(orm.Cast[string](person.age, types.String(20))), rows: valueRows("40", "30", nil, "30", "7")},
		{name: "a cast of a value", stmt: oneValue(orm.Cast[int](orm.Lit("12"), types.Integer())), rows: valueRows(12)},
		{name: "a cast to a whole number", stmt: eachValue(orm.Cast[int](orm.Lit("7"), types.BigInteger()).Plus(1)).Limit(1), rows: valueRows(8)},
		{name: "a cast to a decimal", stmt: whoIf(orm.Gt(orm.Cast[string](person.wage, types.Numeric(10, 2)), orm.Cast[string](orm.Lit("9.5"), types.Numeric(10, 2)))), rows: nameRows("Ann", "Bob")},
		{name: "an expression under another type", stmt: eachValue(orm.TypeCoerce[string](person.nick, types.Text())).Limit(1), rows: valueRows("an_n")},
		{name: "a value under another type", stmt: orm.Select(orm.Count().As("v")).From(personTable).Where(orm.Eq(orm.TypeCoerce[string](person.nick, types.Text()), orm.TypeCoerce[string](orm.Lit("an_n"), types.String(9)))), rows: valueRows(1)},
		{name: "a parameter under another type", stmt: orm.Select(orm.Count().As("v")).From(personTable).Where(orm.Eq(person.nick, orm.TypeCoerce[string](orm.Param[string]("n"), types.String(9)))).Params(orm.M{"n": "an_n"}), rows: valueRows(1)},
		{name: "the year", stmt: eachValue(orm.Extract(orm.Year, person.hired)), rows: valueRows(2020, 2021, nil, 2022, nil)},
		{name: "the month", stmt: eachValue(orm.Extract(orm.Month, person.hired)).Limit(1), rows: valueRows(1)},
		{name: "the day", stmt: eachValue(orm.Extract(orm.Day, person.hired)).Limit(1), rows: valueRows(31)},
		{name: "the hour", stmt: eachValue(orm.Extract(orm.Hour, person.hired)).Limit(1), rows: valueRows(10)},
		{name: "the minute", stmt: eachValue(orm.Extract(orm.Minute, person.hired)).Limit(1), rows: valueRows(20)},
		{name: "the second", stmt: eachValue(orm.Extract(orm.Second, person.hired)).Limit(1), rows: valueRows(30)},
		{name: "text of the user", stmt: whoIf(orm.Raw[bool]("person.age = ? OR person.name = ?", 7, "Ann"), person.active), rows: nameRows("Ann", "Eve")},
		{name: "text of the user with an expression", stmt: orm.Select(orm.Raw[int]("? + 1", person.age).As("v")).OrderBy(person.id).Limit(1), rows: valueRows(41)},
		{name: "text of the user that ends in a comment", stmt: whoIf(orm.Raw[bool]("person.age = ? -- years", 7), person.active), rows: nameRows("Eve")},
	}
}

func functionCases() []sqlCase {
	return []sqlCase{
		{name: "count of rows", stmt: orm.Select(orm.Count().As("v")).From(personTable), rows: valueRows(5)},
		{name: "count of rows by its name", stmt: orm.Select(orm.Func[int]("count").As("v")).From(personTable), rows: valueRows(5)},
		{name: "count of values leaves NULL out", stmt: orm.Select(orm.Count(person.age).As("v")), rows: valueRows(4)},
		{name: "count of distinct values", stmt: orm.Select(orm.CountDistinct(person.age).As("v")), rows: valueRows(3)},
		{name: "sum", stmt: orm.Select(orm.Sum(person.age).As("v")), rows: valueRows(107)},
		{name: "sum of floats", stmt: orm.Select(orm.Sum(person.score).As("v")), rows: valueRows(3)},
		{name: "sum of decimals", stmt: orm.Select(orm.Sum(person.wage).As("v")), rows: valueRows(115.49)},
		{name: "sum over no rows", stmt: orm.Select(orm.Sum(person.age).As("v")).Where(orm.False()), rows: valueRows(nil)},
		{name: "avg", stmt: orm.Select(orm.Avg(person.age).As("v")), rows: valueRows(26.75)},
		{name: "min and max", stmt: orm.Select(orm.Min(person.name).As("a"), orm.Max(person.hired).As("z")), rows: []string{"a=Ann z=2022-01-31T10:20:30"}},
		{name: "min of a nullable column", stmt: orm.Select(orm.Min(person.score).As("v")), rows: valueRows(-2.25)},
		{name: "filtered count", stmt: orm.Select(orm.Count().Filter(person.age.Ge(30)).As("v")).From(personTable), rows: valueRows(3)},
		{name: "filtered sum", stmt: orm.Select(orm.Sum(person.age).Filter(person.name.Ne("Ann"), person.active).As("v")), rows: valueRows(67)},
		{name: "filter upon filter", stmt: orm.Select(orm.Sum(person.age).Filter(person.name.Ne("Ann")).Filter(person.name.Ne("Eve")).As("v")), rows: valueRows(60)},
		{name: "filtered count of distinct values", stmt: orm.Select(orm.CountDistinct(person.age).Filter(person.age.Lt(40)).As("v")), rows: valueRows(2)},
		{name: "lower", stmt: eachValue(orm.Lower(person.name)).Limit(1), rows: valueRows("ann")},
		{name: "upper", stmt: eachValue(orm.Upper(person.nick)).Limit(1), rows: valueRows("AN_N")},
		{name: "trim", stmt: oneValue(orm.Trim(orm.Lit("  x "))), rows: valueRows("x")},
		{name: "length in characters", stmt: oneValue(orm.Length(orm.Lit("äöü€"))), rows: valueRows(4)},
		{name: "abs", stmt: eachValue(orm.Abs(person.score)), rows: valueRows(1.5, nil, 2.25, 0, 3.75)},
		{name: "coalesce", stmt: eachValue(orm.Coalesce(person.age, person.rank)), rows: valueRows(40, 30, 3, 30, 7)},
		{name: "coalesce with a value", stmt: eachValue(orm.Coalesce(person.age, orm.Lit(-1))), rows: valueRows(40, 30, -1, 30, 7)},
		{name: "coalesce with a decimal", stmt: orm.Select(orm.Count().As("v")).From(personTable).Where(orm.Coalesce(person.wage, orm.Lit("5.00")).Eq("5.00")), rows: valueRows(2)},
		{name: "nullif", stmt: eachValue(orm.NullIf(person.age, 30)), rows: valueRows(40, nil, nil, nil, 7)},
		{name: "a function by its name", stmt: eachValue(orm.Func[string]("replace", person.name, "n", "m")).Limit(1), rows: valueRows("Amm")},
		{name: "a function of a schema", stmt: oneValue(orm.Func[string]("pg_catalog.version"))},
		{name: "the database's time", stmt: orm.Select(orm.Count().As("v")).From(personTable).Where(orm.Lt(person.hired, orm.CurrentTimestamp())), rows: valueRows(3)},
		{name: "functions nested", stmt: eachValue(orm.Length(orm.Concat(orm.Upper(person.name), person.nick))), rows: valueRows(7, 6, 6, 6, nil)},
	}
}

// longList is 1,500 or more numbers, of which the ids of people are the last.
func longList(n int) []int64 {
	list := make([]int64, n)
	for i := range list {
		list[i] = int64(n - i)
	}
	return list
}

func TestInTakesLongLists(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withCompany(t)
		everybody := []string{"Ann", "Bob", "Cyd", "Dee", "Eve"}
		texts := make([]string, 40_000)
		for i := range texts {
			texts[i] = strings.Repeat("x", i%7) + `"\'`
		}
		texts[39_999] = "Bob"
		for name, test := range map[string]struct {
			condition orm.Expr[bool]
			want      []string
		}{
			"1,500 numbers":      {person.id.In(longList(1500)...), everybody},
			"40,000 numbers":     {person.id.In(longList(40_000)...), everybody},
			"not in 40,000":      {person.id.NotIn(longList(40_000)[:39_997]...), everybody[:3]},
			"NOT of in 40,000":   {orm.Not(person.id.In(longList(40_000)[:39_997]...)), everybody[:3]},
			"40,000 texts":       {person.name.In(texts...), []string{"Bob"}},
			"an expression":      {person.id.Plus(1).In(longList(2000)...), everybody},
			"beside a condition": {orm.And(person.id.In(longList(1500)...), person.name.Eq("Eve")), []string{"Eve"}},
		} {
			t.Run(name, func(t *testing.T) {
				got := get(orm.Fetch[string](t.Context(), db.Engine, whoIf(test.condition)))(t)
				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			})
		}
	})
}

func TestListLongerThanTheDatabaseTakesIsATypedError(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withCompany(t)
		floats := make([]float64, 70_000) // what no JSON carries exactly, and MySQL has no arrays
		for i := range floats {
			floats[i] = float64(i) + 0.5
		}
		got, err := orm.Fetch[string](t.Context(), db.Engine, whoIf(person.score.In(floats...)))
		if db.name() == "postgres" { // one array
			must(t, err)
			if diff := cmp.Diff([]string{"Ann"}, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			return
		}
		if !errors.Is(err, orm.ErrTooManyParams) {
			t.Errorf("the error is %v", err)
		}
		if sent := db.statements(); len(sent) > 0 {
			t.Errorf("%d statements were sent", len(sent))
		}
	})
}

func TestConditionsThatNeverHoldAreRefused(t *testing.T) {
	null := (*int)(nil)
	age := personTable.C("age")
	for name, c := range map[string]orm.Expr[bool]{
		"less than NULL":         age.Lt(nil),
		"greater than NULL":      age.Ge(null),
		"NULL in a list":         age.In(1, nil),
		"NULL not in a list":     age.NotIn(1, null),
		"NULL in a row":          orm.Tuple(shelf.x, shelf.y).In([]any{1, nil}),
		"a row of another width": orm.Tuple(shelf.x, shelf.y).In([]any{1}),
		"between NULL":           age.Between(nil, 3),
		"not between NULL":       age.NotBetween(1, null),
		"CASE when NULL":         orm.CaseOf[int](age).When(nil, 1).Else(0).Eq(1),
		"no condition":           {},
		"AND of no condition":    orm.And(age.Eq(1), orm.Expr[bool]{}),
		"NOT of no condition":    orm.Not(orm.Expr[bool]{}),
		"FILTER on no aggregate": orm.Eq(person.age.Filter(orm.True()), orm.Lit(1)),
		"count of two":           orm.Count(person.id, person.age).Gt(1),
	} {
		t.Run(name, func(t *testing.T) {
			if _, _, err := orm.Compile(whoIf(c), "sqlite"); !errors.Is(err, orm.ErrArgument) {
				t.Errorf("the error is %v, not ErrArgument", err)
			}
		})
	}
}

func TestNamesInExpressionsAreChecked(t *testing.T) {
	for name, e := range map[string]orm.Expression{
		"a function with a space":       orm.Func[int]("f (x)"),
		"a function without a name":     orm.Func[int](""),
		"a function with a dot at last": orm.Func[int]("f."),
		"an operator with a comment":    orm.Op[int](person.age, "+--", 1),
		"an operator with a quote":      orm.Op[int](person.age, "'", 1),
		"an operator of two words":      orm.Op[int](person.age, "NOT LIKE", 1),
		"an operator with a semicolon":  orm.Op[int](person.age, ";", 1),
		"an empty operator":             orm.Op[int](person.age, "", 1),
		"a field of no date":            orm.Extract("year FROM x) --", person.hired),
		"an empty collation":            person.name.Collate(""),
		"a collation with a NUL":        person.name.Collate("a\x00"),
		"an empty label":                person.name.As(""),
	} {
		t.Run(name, func(t *testing.T) {
			if _, _, err := orm.Compile(orm.Select(e), "postgres"); !errors.Is(err, orm.ErrBadIdentifier) {
				t.Errorf("the error is %v, not ErrBadIdentifier", err)
			}
		})
	}
}

func TestValuesAreOfTheTypeOfTheColumnThatTheyMeet(t *testing.T) {
	for name, stmt := range map[string]*orm.SelectStatement{
		"a number for a text":           whoIf(personTable.C("name").Eq(0)),
		"a text for a number":           whoIf(personTable.C("age").Eq("0 OR 1=1")),
		"a number in a list of texts":   whoIf(personTable.C("name").In("a", 0)),
		"a number in a row of texts":    whoIf(orm.Tuple(person.name, person.age).In([]any{0, 1})),
		"a slice":                       whoIf(personTable.C("name").Eq([]string{"a"})),
		"a map":                         whoIf(personTable.C("name").Eq(map[string]any{"$ne": 1})),
		"a statement":                   whoIf(personTable.C("age").Eq(orm.Select(person.age))),
		"a parameter of another type":   whoIf(orm.Eq(person.name, orm.Param[string]("token"))).Params(orm.M{"token": 0}),
		"a parameter beside nothing":    oneValue(orm.Param[string]("token")).Params(orm.M{"token": 0}),
		"a parameter in a calculation":  whoIf(orm.Eq(orm.Add(person.age, orm.Param[int]("n")), orm.Lit(1))).Params(orm.M{"n": "1"}),
		"a whole number beyond its own": whoIf(personTable.C("age").Eq(int64(1) << 40)),
	} {
		t.Run(name, func(t *testing.T) {
			if _, _, err := orm.Compile(stmt, "mysql"); !errors.Is(err, orm.ErrValue) {
				t.Errorf("the error is %v, not ErrValue", err)
			}
		})
	}
}

func TestExpressionsDoNotShareMemoryWithTheirArguments(t *testing.T) {
	rows, list, args := [][]any{{1, 2}}, []int{1, 2}, []any{7}
	for name, stmt := range map[string]orm.Statement{
		"rows": orm.Select(shelf.label).Where(orm.Tuple(shelf.x, shelf.y).In(rows...)),
		"list": whoIf(person.age.In(list...)),
		"raw":  whoIf(orm.Raw[bool]("age = ?", args...)),
		"text": orm.Text("SELECT ?", args...),
	} {
		_, before, err := orm.Compile(stmt, "sqlite")
		must(t, err)
		rows[0][0], list[0], args[0] = 99, 99, 99
		_, after, err := orm.Compile(stmt, "sqlite")
		must(t, err)
		rows[0][0], list[0], args[0] = 1, 1, 7
		if diff := cmp.Diff(before, after); diff != "" {
			t.Errorf("%s (-before +after):\n%s", name, diff)
		}
	}
	if !slices.Equal(list, []int{1, 2}) {
		t.Error(list)
	}
}
