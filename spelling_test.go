// This file tests operators and functions of the user, and what a statement says to
// one database alone.

package orm_test

import (
	"errors"
	"testing"

	"github.com/aurum-go/orm"
)

func TestOperatorsAndFunctionsOfTheUserMeanTheSameOnEveryDatabase(t *testing.T) {
	runCases(t, spellingCases())
}

var (
	atLeast  = orm.NewOperator[bool](">=").Precedence(orm.LikeComparison).NegatedBy(orm.NewOperator[bool]("<").Precedence(orm.LikeComparison))
	sum      = orm.NewOperator[int]("+").Precedence(orm.LikeSum).Associative()
	less     = orm.NewOperator[int]("-").Precedence(orm.LikeSum)
	product  = orm.NewOperator[int]("*").Precedence(orm.LikeProduct)
	loose    = orm.NewOperator[int]("*")
	either   = orm.NewOperator[int]("#").On("sqlite", "(? | ?) - (0 + 0)").On("mysql", "^")
	only     = orm.NewOperator[bool]("").On("postgres", "SIMILAR").On("postgres", "? SIMILAR TO ?")
	letters  = orm.NewFunction[int]("length").On("mysql", "char_length")
	dashed   = orm.NewFunction[string]("").On("sqlite", "? || '-' || ?").On("postgres", "CAST(? AS TEXT) || '-' || CAST(? AS TEXT)").On("mysql", "concat(?, '-', ?)")
	greatest = orm.NewFunction[int]("max")
)

func spellingCases() []sqlCase {
	return []sqlCase{
		{name: "a comparison", stmt: whoIf(atLeast.Of(person.age, 30), person.active), rows: nameRows("Ann", "Bob", "Dee")},
		{name: "a comparison of a sum", stmt: whoIf(atLeast.Of(person.age.Plus(1), person.rank.Plus(29))), rows: nameRows("Ann", "Bob")},
		{name: "NOT of a comparison", stmt: whoIf(orm.Not(atLeast.Of(person.age, 30))), rows: nameRows("Eve")},
		{name: "a comparison in OR", stmt: whoIf(orm.And(orm.Or(atLeast.Of(person.age, 40), person.name.Eq("Eve")), person.active)), rows: nameRows("Ann", "Eve")},
		{name: "a condition compared", stmt: whoIf(orm.Eq(atLeast.Of(person.age, 30), person.active)), rows: nameRows("Ann", "Bob", "Dee")},
		{name: "a sum of sums", stmt: eachValue(sum.Of(sum.Of(person.age, 1), sum.Of(person.rank, 2))), rows: valueRows(44, 35, nil, 37, 15)},
		{name: "a difference from the right", stmt: eachValue(less.Of(person.age, less.Of(person.rank, 1))), rows: valueRows(40, 29, nil, 27, 3)},
		{name: "a difference from the left", stmt: eachValue(less.Of(less.Of(person.age, person.rank), 1)), rows: valueRows(38, 27, nil, 25, 1)},
		{name: "a product in a sum", stmt: eachValue(sum.Of(person.rank, product.Of(person.age, 2))), rows: valueRows(81, 62, nil, 64, 19)},
		{name: "a sum in a product", stmt: eachValue(product.Of(sum.Of(person.age, 1), 2)), rows: valueRows(82, 62, nil, 62, 16)},
		{name: "a product beside plus", stmt: eachValue(orm.Add(product.Of(person.age, 2), person.rank).Times(2)), rows: valueRows(162, 124, nil, 128, 38)},
		{name: "an operator without a precedence", stmt: eachValue(loose.Of(person.age.Plus(1), 2).Plus(1)), rows: valueRows(83, 63, nil, 63, 17)},
		{name: "an operator of another spelling", stmt: eachValue(either.Of(person.rank, 8).Plus(1)), rows: valueRows(10, 11, 12, 13, 14)},
		{name: "an operator of one database", stmt: whoIf(only.Of(person.name, "(A|B)%")), rows: nameRows("Ann", "Bob"), lacks: "sqlite mysql"},
		{name: "NOT of an operator of one database", stmt: whoIf(orm.Not(only.Of(person.name, "(A|B|C)%"))), rows: nameRows("Dee", "Eve"), lacks: "sqlite mysql"},
		{name: "a function of another name", stmt: oneValue(letters.Call("äöü")), rows: valueRows(3)},
		{name: "a function spelt as text", stmt: eachValue(dashed.Call(person.name, "?'")).Limit(1), rows: valueRows("Ann-?'")},
		{name: "a function in an expression", stmt: whoIf(letters.Call(person.nick).Plus(1).Eq(5)), rows: nameRows("Ann")},
		{name: "a function over a window", stmt: eachValue(greatest.Call(person.rank).Over(orm.PartitionBy(person.office))), rows: valueRows(2, 2, 5, 4, 5)},
		{name: "a function with a filter", stmt: inOne(greatest.Call(person.rank).Filter(person.age.Eq(30))), rows: valueRows(4)},

		{name: "a hint for a table", stmt: whoIf(person.id.Le(2)).HintTable("mysql", personTable, "USE INDEX (PRIMARY)").HintTable("sqlite", personTable, "NOT INDEXED"), rows: nameRows("Ann", "Bob")},
		{name: "a hint for an alias", stmt: orm.Select(secondPerson.C("name")).From(secondPerson, officeTable).Where(secondPerson.C("id").Eq(1), office.id.Eq(1)).HintTable("mysql", secondPerson, "USE INDEX (PRIMARY)").HintTable("sqlite", secondPerson, "NOT INDEXED"), rows: nameRows("Ann")},
		{name: "a hint for what is not selected from", stmt: whoIf(person.id.Eq(1)).HintTable("sqlite", officeTable, "NOT INDEXED"), rows: nameRows("Ann")},
		{name: "text at the end", stmt: whoIf(person.id.Eq(1)).Suffix("mysql", "LOCK IN SHARE MODE").Suffix("postgres", "FOR SHARE").Suffix("sqlite", "-- the end"), rows: nameRows("Ann")},
		{name: "a hint for INSERT", stmt: orm.Insert(shelfTable).Values(orm.M{"x": 1, "y": 1}, orm.M{"x": 9, "y": 9}).Hint("sqlite", "OR IGNORE").Hint("mysql", "IGNORE"), check: orm.Select(shelf.label).Where(shelf.x.Ge(1), shelf.y.Eq(9)), rows: []string{"label=empty"}, absent: "postgres"},
		{name: "a hint for UPDATE", stmt: orm.Update(shelfTable).Set(shelf.label.Set("z")).Where(shelf.y.Eq(2)).Hint("postgres", "ONLY").Hint("mysql", "LOW_PRIORITY").Hint("sqlite", "OR FAIL"), check: orm.Select(shelf.label).Where(shelf.y.Eq(2)), rows: []string{"label=z"}},
		{name: "a hint for DELETE", stmt: orm.Delete(shelfTable).Where(shelf.y.Eq(2)).Hint("mysql", "QUICK").Hint("postgres", "/* all of them */"), check: orm.Select(orm.Count().As("v")).From(shelfTable), rows: valueRows(2)},
	}
}

var secondPerson = personTable.Alias("second")

// What is no operator, no function and no hint is refused before it is sent.
func TestSpellingMistakesAreTypedErrors(t *testing.T) {
	for name, test := range map[string]struct {
		stmt orm.Statement
		want orm.ErrorKind
	}{
		"an operator with a comment":      {oneValue(orm.NewOperator[int]("--").Of(person.age, 1)), orm.ErrBadIdentifier},
		"an operator without operands":    {oneValue(orm.NewOperator[int]("+").On("sqlite", "f()").Of(person.age, 1)), orm.ErrArgument},
		"an operator with three":          {oneValue(orm.NewOperator[int]("+").On("sqlite", "f(?, ?, ?)").Of(person.age, 1)), orm.ErrArgument},
		"an operator that closes":         {oneValue(orm.NewOperator[int]("+").On("sqlite", "?) OR (?").Of(person.age, 1)), orm.ErrSyntax},
		"the zero operator":               {oneValue(orm.Operator[int]{}.Of(person.age, 1)), orm.ErrArgument},
		"an operator that is not there":   {oneValue(orm.NewOperator[int]("+").On("sqlite", "").Of(person.age, 1)), orm.ErrUnsupported},
		"a function with a quote":         {oneValue(orm.NewFunction[int]("f'").Call()), orm.ErrBadIdentifier},
		"a function of more statements":   {oneValue(orm.NewFunction[int]("f(?); DROP TABLE person").Call(1)), orm.ErrMultiStatement},
		"the zero function":               {oneValue(orm.Function[int]{}.Call()), orm.ErrUnsupported},
		"text with a filter":              {inOne(orm.NewFunction[int]("f(?)").Call(1).Filter(person.active)), orm.ErrArgument},
		"a hint for a table that is nil":  {whoIf().HintTable("sqlite", (*orm.Table)(nil), "INDEXED BY x"), orm.ErrArgument},
		"an end that is a statement":      {whoIf().Suffix("sqlite", "; DROP TABLE person"), orm.ErrMultiStatement},
		"an INSERT's hint that is one":    {orm.Insert(shelfTable).Values(orm.M{"x": 1, "y": 1}).Hint("sqlite", "INTO a; DROP TABLE person"), orm.ErrMultiStatement},
		"a DELETE's hint that is unended": {orm.Delete(shelfTable).Where(shelf.x.Eq(1)).Hint("sqlite", "("), orm.ErrSyntax},
	} {
		t.Run(name, func(t *testing.T) {
			if _, _, err := orm.Compile(test.stmt, "sqlite"); !errors.Is(err, test.want) {
				t.Errorf("the error is %v, not %v", err, test.want)
			}
		})
	}
}
