// This file looks at JSON documents: what the database makes of values and rows,
// and what it finds in them, which is the same on every database.

package dialecttest

import (
	"testing"
	"time"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

var (
	needsJSONContains = feature("containment of JSON documents", func(f *orm.Features) bool { return f.JSONContains })
	needsJSONOrder    = feature("ordered lists in JSON", func(f *orm.Features) bool { return f.JSONOrder })
	needsFilter       = feature("FILTER on aggregates", func(f *orm.Features) bool { return f.AggregateFilter })
)

func jsonChecks() []check { return queries(jsonQueries()) }

// documents expects documents, by what Go reads from them.
func documents[T any](want ...T) result {
	list := make([]types.JSON[T], len(want))
	for i, v := range want {
		list[i] = types.NewJSON(v)
	}
	return func(t *testing.T, db *database, stmt orm.Statement) {
		t.Helper()
		equal(t, list, fetch[types.JSON[T]](t, db, stmt))
	}
}

// profile is a person as a document.
type profile struct {
	Name   string
	Age    *int
	Height *float64
	Seen   *time.Time
	Active bool
}

func jsonQueries() []query {
	name, age, active := orm.Col[string](people, "name"), orm.Col[*int64](people, "age"), orm.Col[bool](people, "active")
	whole := orm.JSONObject(name.As("Name"), age.As("Age"), people.C("height").As("Height"), people.C("seen").As("Seen"), active.As("Active"))
	all := func(e any) *orm.SelectStatement { return orm.Select(e).From(people) }
	nested := orm.JSONObject(orm.JSONArray(1, orm.JSONObject(name), nil).As("list"), orm.Lit("x").As("text"))
	return []query{
		{name: "a row as a document", stmt: ofAnn(whole), want: documents(profile{"ann", new(31), new(1.75), new(seen), true})},
		{name: "a row with NULLs as a document", stmt: ofCleo(whole), want: documents(profile{Name: "cleo", Active: true})},
		{name: "a hostile text in a document", stmt: ofAnn(orm.JSONArray(`"'\{é🎉`)), want: documents([]string{`"'\{é🎉`})},
		{name: "a group as a list", stmt: all(orm.JSONArrayAgg(name).OrderBy(people.C("id").Desc())), want: documents([]string{"dan", "cleo", "bob", "ann"}), needs: []need{needsJSONOrder}},
		{name: "NULLs in a list", stmt: all(orm.JSONArrayAgg(age)).Where(people.C("id").Eq(3)), want: documents([]*int64{nil})},
		{name: "a list of no rows is NULL", stmt: all(orm.JSONArrayAgg(name)).Where(orm.False()), want: value[*types.JSON[[]string]](nil)},
		{name: "a list of some rows", stmt: all(orm.JSONArrayAgg(name).Filter(age.Eq(new(int64(31))))), want: documents([]string{"ann"}), needs: []need{needsFilter}},
		{name: "a group as an object", stmt: all(orm.JSONObjectAgg(name, active)), want: documents(map[string]bool{"ann": true, "bob": false, "cleo": true, "dan": true})},
		{name: "an object of no rows is NULL", stmt: all(orm.JSONObjectAgg(name, active)).Where(orm.False()), want: value[*types.JSON[map[string]bool]](nil)},
		{name: "the type of what is in a document", stmt: ofAnn(orm.JSONType(nested, "list", 1)), want: value("object")},
		{name: "the type of null in a document", stmt: ofAnn(orm.JSONType(nested, "list", 2)), want: value("null")},
		{name: "the type of what is not in a document", stmt: ofAnn(orm.JSONType(nested, "none")), want: value[*string](nil)},
		{name: "what is in a document", stmt: ofAnn(orm.JSONExists(nested, "list", 2)), want: value(true)},
		{name: "what is not in a document", stmt: ofAnn(orm.JSONExists(nested, "list", 3)), want: value(false)},
		{name: "the length of a list in a document", stmt: ofAnn(orm.JSONLength(nested, "list")), want: value[int64](3)},
		{name: "the length of a text in a document is NULL", stmt: ofAnn(orm.JSONLength(nested, "text")), want: value[*int64](nil)},
		{name: "a document in a document", stmt: ofAnn(orm.JSONPath[types.JSON[map[string]string]](nested, "list", 1)), want: documents(map[string]string{"name": "ann"})},
		{name: "a document contains another", stmt: ofAnn(orm.JSONContains(nested, `{"list": [{"name": "ann"}]}`)), want: value(true), needs: []need{needsJSONContains}},
		{name: "a document does not contain another", stmt: ofAnn(orm.JSONContains(nested, `{"list": [{"name": "bob"}]}`)), want: value(false), needs: []need{needsJSONContains}},
	}
}
