// This file tests what aggregates and groups have beyond the plain: sets of
// groupings, an order of their own, limits with ties, and operators on bits.

package orm_test

import (
	"errors"
	"testing"

	"github.com/aurum-go/orm"
)

func TestGroupingsAndAggregatesGiveTheSameRowsOnEveryDatabase(t *testing.T) {
	runCases(t, aggregateCases())
}

// grouped counts people by an item of GROUP BY, and gives the counts in order.
func grouped(items ...orm.Expression) *orm.SelectStatement {
	counts := orm.Select(orm.Count().As("v")).From(personTable).GroupBy(items...).Subquery("counts")
	return orm.Select(counts.C("v")).OrderBy(counts.C("v"))
}

// inOne selects one value over everybody.
func inOne[T any](e orm.Expr[T]) *orm.SelectStatement { return orm.Select(e.As("v")).From(personTable) }

func aggregateCases() []sqlCase {
	return []sqlCase{
		{name: "rollup", stmt: grouped(orm.Rollup(person.active)), rows: valueRows(1, 4, 5), lacks: "sqlite"},
		{name: "rollup of two", stmt: grouped(orm.Rollup(person.active, person.office)), rows: valueRows(1, 1, 1, 1, 2, 4, 5), lacks: "sqlite"},
		{
			name: "rollup with an order", rows: valueRows(1, 4, 5), lacks: "sqlite mysql", // MySQL has it, MariaDB does not
			stmt: inOne(orm.Count()).GroupBy(orm.Rollup(person.active)).OrderBy(orm.Count()),
		},
		{name: "rollup beside another item", stmt: grouped(person.active, orm.Rollup(person.office)), rows: valueRows(1, 1, 1, 1, 2, 4), lacks: "sqlite mysql"},
		{name: "cube", stmt: grouped(orm.Cube(person.active, person.office)), rows: valueRows(1, 1, 1, 1, 1, 2, 2, 2, 4, 5), lacks: "sqlite mysql"},
		{name: "grouping sets", stmt: grouped(orm.GroupingSets(orm.GroupingSet(person.active), orm.GroupingSet())), rows: valueRows(1, 4, 5), lacks: "sqlite mysql"},
		{
			name: "a rollup among grouping sets", rows: valueRows(1, 1, 2, 2, 4, 5), lacks: "sqlite mysql",
			stmt: grouped(orm.GroupingSets(orm.GroupingSet(person.office), orm.Rollup(person.active))),
		},
		{
			name: "which rows are totals", rows: valueRows(0, 0, 1), lacks: "sqlite mysql", // MySQL has it, MariaDB does not
			stmt: orm.Select(orm.Grouping(person.active).As("v")).GroupBy(orm.Rollup(person.active)).OrderBy(orm.Grouping(person.active)),
		},

		{name: "texts joined in order", stmt: inOne(orm.StringAgg(person.name, ", ").OrderBy(person.name.Desc())), rows: valueRows("Eve, Dee, Cyd, Bob, Ann")},
		{name: "texts joined by what looks like SQL", stmt: inOne(orm.StringAgg(person.name, `'\`).OrderBy(person.id)).Where(person.age.Eq(30)), rows: valueRows(`Bob'\Dee`)},
		{name: "texts joined with a filter", stmt: inOne(orm.StringAgg(person.name, "-").Filter(person.active).OrderBy(person.id)), rows: valueRows("Ann-Bob-Dee-Eve")},
		{name: "texts joined without NULLs", stmt: inOne(orm.StringAgg(person.nick, " ").OrderBy(person.id)).Where(person.id.Ge(4)), rows: valueRows(`d\e`)},
		{name: "no texts joined", stmt: inOne(orm.StringAgg(person.name, ",")).Where(orm.False()), rows: valueRows(nil)},
		{
			name: "texts joined for each group", rows: []string{"active=false v=Cyd", "active=true v=Eve+Dee+Bob+Ann"},
			stmt: orm.Select(person.active, orm.StringAgg(person.name, "+").OrderBy(person.age, person.id.Desc()).As("v")).GroupBy(person.active).OrderBy(person.active),
		},
		{name: "an order that a label hides nothing of", stmt: orm.Select(person.id.Negate().As("name"), orm.Min(person.name).OrderBy(person.name).As("v")).GroupBy(person.id).OrderBy(person.id).Limit(1), rows: []string{"name=-1 v=Ann"}, lacks: "mysql"},
		{name: "an aggregate in order", stmt: inOne(orm.Min(person.name).OrderBy(person.age.Desc().NullsLast(), person.id)), rows: valueRows("Ann"), lacks: "mysql"},
		{name: "the median", stmt: inOne(orm.PercentileCont(0.5).WithinGroup(person.age)), rows: valueRows(30), lacks: "sqlite mysql"},
		{name: "the median with a filter", stmt: inOne(orm.PercentileCont(0.5).WithinGroup(person.age.Desc()).Filter(person.age.Lt(40))), rows: valueRows(30), lacks: "sqlite mysql"},
		{name: "the most frequent", stmt: inOne(orm.Func[int]("mode").WithinGroup(person.age)), rows: valueRows(30), lacks: "sqlite mysql"},

		{name: "limit with ties", stmt: orm.Select(person.age.As("v")).Where(person.age.IsNotNull()).OrderBy(person.age).LimitWithTies(2), rows: valueRows(7, 30, 30), lacks: "sqlite"},
		{name: "limit with ties and offset", stmt: orm.Select(person.age.As("v")).Where(person.age.IsNotNull()).OrderBy(person.age).LimitWithTies(1).Offset(1), rows: valueRows(30, 30), lacks: "sqlite"},
		{name: "limit after limit with ties", stmt: whoIf().LimitWithTies(4).Limit(1), rows: nameRows("Ann")},
		{name: "lock all but keys", stmt: whoIf(person.id.Eq(1)).ForNoKeyUpdate(orm.NoWait()), rows: nameRows("Ann"), lacks: "mysql"},
		{name: "lock keys", stmt: whoIf(person.id.Eq(1)).ForKeyShare(), rows: nameRows("Ann"), lacks: "mysql"},
		{name: "a hint", stmt: whoIf().Limit(1).Hint("mysql", "STRAIGHT_JOIN").Hint("postgres", "/* a plan */").Hint("sqlite", "ALL"), rows: nameRows("Ann")},

		{name: "bits of both", stmt: eachValue(person.rank.BitAnd(1)), rows: valueRows(1, 0, 1, 0, 1)},
		{name: "bits of either", stmt: eachValue(person.rank.BitOr(1)), rows: valueRows(1, 3, 3, 5, 5)},
		{name: "bits of one", stmt: eachValue(person.rank.BitXor(1)), rows: valueRows(0, 3, 2, 5, 4)},
		{name: "bits not there", stmt: eachValue(person.rank.BitNot()), rows: valueRows(-2, -3, -4, -5, -6)},
		{name: "bits moved left", stmt: eachValue(person.rank.ShiftLeft(2)), rows: valueRows(4, 8, 12, 16, 20)},
		{name: "bits moved right", stmt: eachValue(person.rank.ShiftRight(1)), rows: valueRows(0, 1, 1, 2, 2)},
		{name: "bits of negative numbers", stmt: eachValue(person.rank.Negate().BitAnd(-2)), rows: valueRows(-2, -2, -4, -4, -6)},
		{name: "bits of NULL", stmt: eachValue(person.age.BitXor(1)), rows: valueRows(41, 31, nil, 31, 6)},
		{name: "bits in a condition", stmt: whoIf(person.rank.BitAnd(1).Eq(1)), rows: nameRows("Ann", "Cyd", "Eve")},
		{name: "bits in a sum", stmt: eachValue(person.rank.BitXor(3).Plus(1).Times(2)), rows: valueRows(6, 4, 2, 16, 14)},
		{name: "bits of bits", stmt: eachValue(person.rank.BitNot().BitAnd(6).BitOr(8)), rows: valueRows(14, 12, 12, 10, 10)},
	}
}

// What no database could run is refused before it is sent.
func TestAggregateMistakesAreTypedErrors(t *testing.T) {
	for name, test := range map[string]struct {
		stmt orm.Statement
		want orm.ErrorKind
	}{
		"an empty rollup":                 {grouped(orm.Rollup()), orm.ErrArgument},
		"no grouping sets":                {grouped(orm.GroupingSets()), orm.ErrArgument},
		"the zero GroupingItem":           {grouped(orm.GroupingItem{}), orm.ErrArgument},
		"an order of a column":            {inOne(person.id.OrderBy(person.id)), orm.ErrArgument},
		"an order of a window function":   {inOne(orm.Rank().OrderBy(person.id)), orm.ErrArgument},
		"a group within a column":         {inOne(person.id.WithinGroup(person.id)), orm.ErrArgument},
		"ties without an order":           {inOne(person.id).LimitWithTies(1), orm.ErrArgument},
		"a negative limit with ties":      {whoIf().LimitWithTies(-1), orm.ErrArgument},
		"a hint that is a statement":      {whoIf().Hint("postgres", "1; DROP TABLE person"), orm.ErrMultiStatement},
		"a hint with an open parenthesis": {whoIf().Hint("postgres", "("), orm.ErrSyntax},
	} {
		t.Run(name, func(t *testing.T) {
			if _, _, err := orm.Compile(test.stmt, "postgres"); !errors.Is(err, test.want) {
				t.Errorf("the error is %v, not %v", err, test.want)
			}
		})
	}
}
