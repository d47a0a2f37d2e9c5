// This file tests the set operations.

package orm_test

import (
	"errors"
	"testing"

	"github.com/aurum-go/orm"
)

func TestSetOperationsGiveTheSameRowsOnEveryDatabase(t *testing.T) { runCases(t, setopCases()) }

// named selects the names of people, without an order.
func named(conditions ...orm.Expr[bool]) *orm.SelectStatement {
	return orm.Select(person.name).Where(conditions...)
}

func setopCases() []sqlCase {
	return []sqlCase{
		{name: "union", stmt: orm.Union(named(person.age.Eq(30)), named(person.id.Le(2))).OrderBy(person.name), rows: nameRows("Ann", "Bob", "Dee")},
		{name: "union all", stmt: orm.UnionAll(named(person.age.Eq(30)), named(person.id.Le(2))).OrderBy(person.name), rows: nameRows("Ann", "Bob", "Bob", "Dee")},
		{name: "intersect", stmt: orm.Intersect(named(person.age.Eq(30)), named(person.id.Le(2))).OrderBy(person.name), rows: nameRows("Bob")},
		{name: "except", stmt: orm.Except(named(person.age.Eq(30)), named(person.id.Le(2))).OrderBy(person.name), rows: nameRows("Dee")},
		{name: "three members", stmt: orm.Union(named(person.id.Eq(1)), named(person.id.Eq(3)), named(person.id.Eq(5))).OrderBy(person.name.Desc()), rows: nameRows("Eve", "Cyd", "Ann")},
		{name: "except twice", stmt: orm.Except(named(), named(person.id.Eq(1)), named(person.id.Eq(2))).OrderBy(person.name), rows: nameRows("Cyd", "Dee", "Eve")},
		{name: "limit and offset of the whole", stmt: orm.Union(named(person.id.Le(3)), named(person.id.Ge(3))).OrderBy(person.name).Limit(2).Offset(1), rows: nameRows("Bob", "Cyd")},
		{name: "offset alone of the whole", stmt: orm.Union(named(person.id.Le(3)), named(person.id.Ge(3))).OrderBy(person.name).Offset(3), rows: nameRows("Dee", "Eve")},
		{name: "members with a limit of their own", stmt: orm.UnionAll(whoIf().Limit(1), whoIf().Limit(1).Offset(4)).OrderBy(person.name), rows: nameRows("Ann", "Eve")},
		{name: "a member with a limit of its own behind one without", stmt: orm.UnionAll(named(person.id.Eq(3)), whoIf(person.id.Gt(3)).Limit(1)).OrderBy(person.name), rows: nameRows("Cyd", "Dee")},
		{name: "a union inside of an except", stmt: orm.Except(named(), orm.Union(named(person.id.Eq(1)), named(person.id.Eq(5)))).OrderBy(person.name), rows: nameRows("Bob", "Cyd", "Dee")},
		{name: "an except inside of a union", stmt: orm.Union(orm.Except(named(person.id.Le(2)), named(person.id.Eq(1))), named(person.id.Eq(1))).OrderBy(person.name), rows: nameRows("Ann", "Bob")},
		{name: "intersect binds as it is nested", stmt: orm.Intersect(orm.Union(named(person.id.Le(2)), named(person.id.Eq(4))), named(person.age.Eq(30))).OrderBy(person.name), rows: nameRows("Bob", "Dee")},
		{name: "a limited operation as a member", stmt: orm.Union(orm.Union(named(person.id.Eq(4)), named(person.id.Eq(5))).OrderBy(person.name).Limit(1), named(person.id.Eq(1))).OrderBy(person.name), rows: nameRows("Ann", "Dee")},
		{name: "intersect all", stmt: orm.IntersectAll(orm.UnionAll(named(), named()), orm.UnionAll(named(person.id.Eq(1)), named(person.id.Eq(1)))).OrderBy(person.name), rows: nameRows("Ann", "Ann"), lacks: "sqlite"},
		{name: "except all", stmt: orm.ExceptAll(orm.UnionAll(named(person.id.Eq(1)), named(person.id.Eq(1))), named(person.id.Eq(1))).OrderBy(person.name), rows: nameRows("Ann"), lacks: "sqlite"},
		{
			name: "three levels, each with an order and a limit", rows: nameRows("Bob", "Dee"),
			stmt: orm.Union(orm.Except(named(person.id.Le(2)), orm.Intersect(named(), named(person.id.Eq(1))).OrderBy(person.name).Limit(1)).OrderBy(person.name).Limit(1), named(person.id.Eq(4))).OrderBy(person.name),
		},
		{
			name: "order by a label", rows: valueRows("Ann", "Oslo"),
			stmt: orm.Union(orm.Select(person.name.As("v")).Where(person.id.Eq(1)), orm.Select(office.city).Where(office.id.Eq(2))).OrderBy(person.name.As("v")),
		},
		{
			name: "order with NULLs last", rows: valueRows(1, 3, 7, nil),
			stmt: orm.Union(orm.Select(office.floor.As("v")), orm.Select(person.age).Where(person.age.Eq(7))).OrderBy(office.floor.As("v").Asc().NullsLast()),
		},
		{name: "in FROM", stmt: orm.Select(orm.Union(named(person.id.Eq(1)), named(person.id.Eq(2))).Subquery("few")).OrderBy(orm.Raw[string]("name")), rows: nameRows("Ann", "Bob")},
		{name: "in IN", stmt: whoIf(person.id.InSelect(orm.Union(orm.Select(visit.host), orm.Select(visit.guest)))), rows: nameRows("Ann", "Bob", "Eve")},
		{name: "as a value", stmt: oneValue(orm.Scalar[int](orm.Union(orm.Select(orm.Lit(1).As("x")), orm.Select(orm.Lit(1))))), rows: valueRows(1)},
		{
			name: "a parameter given later", rows: nameRows("Ann", "Eve"),
			stmt: orm.Union(named(orm.Eq(person.name, orm.Param[string]("a"))), named(orm.Eq(person.name, orm.Param[string]("b")))).OrderBy(person.name).Params(orm.M{"a": "Ann", "b": "Eve"}),
		},
		{name: "a text as a member", stmt: orm.Union(named(person.id.Eq(1)), orm.Text("SELECT city FROM office WHERE id = ?", 2)).OrderBy(person.name), rows: nameRows("Ann", "Oslo")},
	}
}

func TestSetOperationMistakesAreTypedErrors(t *testing.T) {
	for name, test := range map[string]struct {
		stmt orm.Statement
		want orm.ErrorKind
	}{
		"no member":                        {orm.Union(), orm.ErrArgument},
		"one member":                       {orm.Union(named()), orm.ErrArgument},
		"a member that is nil":             {orm.Union(named(), nil), orm.ErrArgument},
		"a mistake in a member":            {orm.Union(named(), orm.Select()), orm.ErrArgument},
		"an order by what is not there":    {orm.Union(named(), named()).OrderBy(person.age), orm.ErrUnknownName},
		"an order by a label without such": {orm.Union(named(), named()).OrderBy(person.age.As("a")), orm.ErrUnknownName},
		"a negative limit":                 {orm.Union(named(), named()).Limit(-1), orm.ErrArgument},
		"a parameter without a value":      {orm.Union(named(orm.Eq(person.name, orm.Param[string]("a"))), named()), orm.ErrArgument},
	} {
		t.Run(name, func(t *testing.T) {
			if _, _, err := orm.Compile(test.stmt, "sqlite"); !errors.Is(err, test.want) {
				t.Errorf("the error is %v, not %v", err, test.want)
			}
		})
	}
}
