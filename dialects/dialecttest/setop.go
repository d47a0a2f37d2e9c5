// This file looks at UNION, INTERSECT and EXCEPT.

package dialecttest

import (
	"testing"

	"github.com/aurum-go/orm"
)

func setOperationChecks() []check {
	return append(queries(setOperationQueries()),
		check{name: "a set operation needs two members", run: refusesOneMember})
}

func setOperationQueries() []query {
	id, age := people.C("id"), people.C("age")
	ids := func(conditions ...orm.Expr[bool]) *orm.SelectStatement {
		return orm.Select(id).From(people).Where(conditions...)
	}
	low, high := ids(id.Le(3)), ids(id.Ge(3))
	intersect := []need{needsIntersect}
	all := []need{feature("INTERSECT ALL and EXCEPT ALL", func(f *orm.Features) bool { return f.SetAll })}
	twice := orm.UnionAll(ids(id.Le(2)), ids(id.Le(2)))
	combined := orm.UnionAll(low, high).Subquery("combined")
	return []query{
		{name: "union leaves duplicates out", stmt: orm.Union(low, high).OrderBy(id), want: rows(1, 2, 3, 4)},
		{name: "union all keeps duplicates", stmt: orm.UnionAll(low, high).OrderBy(id), want: rows(1, 2, 3, 3, 4)},
		{name: "intersect", stmt: orm.Intersect(low, high), want: rows(3), needs: intersect},
		{name: "except", stmt: orm.Except(low, high).OrderBy(id), want: rows(1, 2), needs: intersect},
		{name: "intersect all keeps duplicates", stmt: orm.IntersectAll(twice, orm.UnionAll(ids(id.Eq(1)), ids(id.Eq(1)))), want: rows(1, 1), needs: all},
		{name: "except all takes away as many as there are", stmt: orm.ExceptAll(twice, ids(id.Eq(1))).OrderBy(id), want: rows(1, 2, 2), needs: all},
		{name: "three members", stmt: orm.Union(ids(id.Eq(1)), ids(id.Eq(2)), ids(id.Eq(4))).OrderBy(id), want: rows(1, 2, 4)},
		{name: "order descending", stmt: orm.Union(low, high).OrderBy(id.Desc()), want: rows(4, 3, 2, 1)},
		{name: "limit and offset count combined rows", stmt: orm.UnionAll(low, high).OrderBy(id).Limit(2).Offset(2), want: rows(3, 3)},
		{name: "limit of a member", stmt: orm.UnionAll(ids().OrderBy(id.Desc()).Limit(1), ids(id.Eq(1))).OrderBy(id), want: rows(1, 4)},
		{name: "NULL is equal to NULL", stmt: orm.Select(orm.Count()).From(orm.Union(orm.Select(age).From(people), orm.Select(age).From(people)).Subquery("u")), want: value(3)},
		{name: "a set operation in from", stmt: orm.Select(orm.Count()).From(combined), want: value(5)},
		{name: "a set operation in a condition", stmt: names(id.InSelect(orm.Union(ids(id.Eq(1)), ids(id.Eq(4))))), want: rows("ann", "dan")},
		{name: "a set operation inside of another", stmt: orm.Union(orm.UnionAll(low, high), ids(id.Eq(1))).OrderBy(id), want: rows(1, 2, 3, 4)},
		{name: "except inside of union", stmt: orm.Union(orm.Except(low, high), ids(id.Eq(4))).OrderBy(id), want: rows(1, 2, 4), needs: intersect},
		{name: "union inside of except", stmt: orm.Except(ids(), orm.Union(ids(id.Eq(1)), ids(id.Eq(2)))).OrderBy(id), want: rows(3, 4), needs: intersect},
		{name: "parameters keep their order", stmt: orm.Union(ids(id.Eq(1)), ids(id.Eq(2)).Limit(1)).OrderBy(id).Limit(9), want: rows(1, 2)},
		{name: "columns are named by the first member", stmt: orm.UnionAll(names(id.Eq(1)).Unordered(), orm.Select(pets.C("name")).From(pets).Where(pets.C("id").Eq(1))).OrderBy(people.C("name")), want: rows("ann", "rex")},
	}
}

func refusesOneMember(t *testing.T, db *database) {
	db.refusesUnsent(t, orm.ErrArgument, orm.Union(names()))
}
