// This file looks at arrays, where columns can be of such types.

package dialecttest

import (
	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

var needsArrays = need{feature: "arrays", typ: types.Array(types.Integer())}

func arrayChecks() []check {
	name, age := orm.Col[string](people, "name"), orm.Col[*int64](people, "age")
	all := func(e any) *orm.SelectStatement { return orm.Select(e).From(people) }
	who := orm.ArrayAgg(name).OrderBy(people.C("id"))
	list := []query{
		{name: "a group as an array", stmt: all(who), want: rows([]string{"ann", "bob", "cleo", "dan"})},
		{name: "NULLs in an array", stmt: all(orm.ArrayAgg(age).OrderBy(people.C("id"))), want: rows([]*int64{new(int64(31)), new(int64(25)), nil, new(int64(25))})},
		{name: "an array contains", stmt: all(orm.ArrayContains(who, "dan", "ann")), want: value(true)},
		{name: "an array is contained", stmt: all(orm.ArrayContainedBy(who, "dan", "ann")), want: value(false)},
		{name: "arrays overlap", stmt: all(orm.ArrayOverlaps(who, "eve", `"{},'\`, "ann")), want: value(true)},
		{name: "an element of an array is equal", stmt: all(orm.AnyElement(who).Eq("bob")), want: value(true)},
		{name: "all elements of an array are less", stmt: all(orm.AllElements(who).Lt("dan")), want: value(false)},
		{name: "an element of an array", stmt: all(orm.ArrayElement(who, 2)), want: value("bob")},
		{name: "a part of an array", stmt: all(orm.ArraySlice(who, 2, 3)), want: rows([]string{"bob", "cleo"})},
		{name: "the length of an array", stmt: all(orm.ArrayLength(who)), want: value[int64](4)},
		{name: "an array with one more element", stmt: all(orm.ArrayLength(orm.ArrayAppend(who, "eve"))), want: value[int64](5)},
		{name: "an array without an element", stmt: all(orm.ArrayElement(orm.ArrayRemove(who, "ann"), 1)), want: value("bob")},
	}
	for i := range list {
		list[i].needs = []need{needsArrays}
	}
	return queries(list)
}
