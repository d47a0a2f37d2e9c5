// This file tests paths into JSON documents.

package orm_test

import (
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

// paperTable holds documents: one with everything, one of a list, and none.
var (
	papers     = orm.NewMetadata()
	paperTable = orm.NewTable("paper", papers,
		orm.NewColumn("id", types.BigInteger(), orm.PrimaryKey(), orm.Autoincrement(false)),
		orm.NewColumn("doc", types.JSONType()),
	)
	paperID  = orm.Col[int64](paperTable, "id")
	paperDoc = orm.Col[types.JSON[any]](paperTable, "doc")
)

const fullPaper = `{"text": "Über", "empty": "", "int": 42, "float": 1.5, "yes": true, "no": false, "null": null, "word": "null",
	"list": [10, {"deep": ["x", "y"]}], "0": "zero", "a.b[0] *": "odd", "it's": "quoted", "$": "dollar"}`

// inPaper selects one value of each document.
func inPaper[T any](path ...any) *orm.SelectStatement {
	return orm.Select(orm.JSONPath[T](paperDoc, path...).As("v")).OrderBy(paperID)
}

func typeInPaper(path ...any) *orm.SelectStatement {
	return orm.Select(orm.JSONType(paperDoc, path...).As("v")).Where(paperID.Eq(1))
}

// What a path finds is the same on every database; what is not there, or null,
// is NULL.
func TestJSONPathsGiveTheSameRowsOnEveryDatabase(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		must(t, papers.CreateAll(t.Context(), db.Engine))
		get(orm.Exec(t.Context(), db.Engine, orm.Insert(paperTable).Values(
			orm.M{"id": 1, "doc": fullPaper}, orm.M{"id": 2, "doc": `["first", 2]`}, orm.M{"id": 3, "doc": nil})))(t)
		for _, c := range jsonCases() {
			t.Run(c.name, func(t *testing.T) { runCase(t, db, c) })
		}
	})
}

func jsonCases() []sqlCase {
	return []sqlCase{
		{name: "a text", stmt: inPaper[string]("text"), rows: valueRows("Über", nil, nil)},
		{name: "an empty text", stmt: inPaper[string]("empty"), rows: valueRows("", nil, nil)},
		{name: "a number", stmt: inPaper[int]("int"), rows: valueRows(42, nil, nil)},
		{name: "a number as a text", stmt: inPaper[string]("int"), rows: valueRows("42", nil, nil)},
		{name: "a fraction", stmt: inPaper[float64]("float"), rows: valueRows(1.5, nil, nil)},
		{name: "true", stmt: inPaper[bool]("yes"), rows: valueRows(true, nil, nil)},
		{name: "false", stmt: inPaper[bool]("no"), rows: valueRows(false, nil, nil)},
		{name: "null as a text", stmt: inPaper[string]("null"), rows: valueRows(nil, nil, nil)},
		{name: "null as a number", stmt: inPaper[int]("null"), rows: valueRows(nil, nil, nil)},
		{name: "null as a bool", stmt: inPaper[bool]("null"), rows: valueRows(nil, nil, nil)},
		{name: "the word null", stmt: inPaper[string]("word"), rows: valueRows("null", nil, nil)},
		{name: "what is not there", stmt: inPaper[int]("none", "at", 7), rows: valueRows(nil, nil, nil)},
		{name: "an element", stmt: inPaper[int]("list", 0), rows: valueRows(10, nil, nil)},
		{name: "an element of the document", stmt: inPaper[string](0), rows: valueRows(nil, "first", nil)},
		{name: "an element behind the end", stmt: inPaper[string]("list", 9), rows: valueRows(nil, nil, nil)},
		{name: "deep inside", stmt: inPaper[string]("list", 1, "deep", 1), rows: valueRows("y", nil, nil)},
		{name: "an element of what is no list", stmt: inPaper[string]("text", 0), rows: valueRows(nil, nil, nil)},
		{name: "a name of digits", stmt: inPaper[string]("0"), rows: valueRows("zero", nil, nil)},
		{name: "a name that looks like a path", stmt: inPaper[string]("a.b[0] *"), rows: valueRows("odd", nil, nil)},
		{name: "a name with a quote", stmt: inPaper[string]("it's"), rows: valueRows("quoted", nil, nil)},
		{name: "a name of a dollar", stmt: inPaper[string]("$"), rows: valueRows("dollar", nil, nil)},
		{name: "a name with a quotation mark", stmt: inPaper[string](`a"."b`), rows: valueRows(nil, nil, nil), lacks: "sqlite mysql"},
		{name: "in a condition", stmt: orm.Select(paperID.As("v")).Where(orm.JSONPath[int](paperDoc, "int").Gt(41)), rows: valueRows(1)},
		{name: "a bool in a condition", stmt: orm.Select(paperID.As("v")).Where(orm.JSONPath[bool](paperDoc, "yes"), orm.Not(orm.JSONPath[bool](paperDoc, "no"))), rows: valueRows(1)},
		{name: "a text in a condition", stmt: orm.Select(paperID.As("v")).Where(orm.JSONPath[string](paperDoc, "text").Like("%ber")), rows: valueRows(1)},
		{name: "in an order", stmt: orm.Select(paperID.As("v")).OrderBy(orm.JSONPath[string](paperDoc, 0).Asc().NullsLast(), paperID), rows: valueRows(2, 1, 3)},
		{name: "a document", stmt: inPaper[types.JSON[any]]("list"), rows: valueRows("[10 map[deep:[x y]]]", nil, nil)},
		{name: "a text as a document", stmt: inPaper[types.JSON[any]]("text"), rows: valueRows("Über", nil, nil)},
		{name: "null as a document", stmt: inPaper[types.JSON[any]]("null"), rows: valueRows(nil, nil, nil)},
		{name: "an element as a document", stmt: inPaper[types.JSON[any]]("list", 1, "deep"), rows: valueRows("[x y]", nil, nil)},
		{name: "the type of a document", stmt: orm.Select(orm.JSONType(paperDoc).As("v")).OrderBy(paperID), rows: valueRows("object", "array", nil)},
		{name: "the type of a text", stmt: typeInPaper("text"), rows: valueRows("string")},
		{name: "the type of a number", stmt: typeInPaper("int"), rows: valueRows("number")},
		{name: "the type of a fraction", stmt: typeInPaper("float"), rows: valueRows("number")},
		{name: "the type of true", stmt: typeInPaper("yes"), rows: valueRows("boolean")},
		{name: "the type of false", stmt: typeInPaper("no"), rows: valueRows("boolean")},
		{name: "the type of null", stmt: typeInPaper("null"), rows: valueRows("null")},
		{name: "the type of an element", stmt: typeInPaper("list", 1), rows: valueRows("object")},
		{name: "the type of an element of what is no list", stmt: typeInPaper("text", 0), rows: valueRows(nil)},
		{name: "the type of what is not there", stmt: typeInPaper("none"), rows: valueRows(nil)},
		{name: "what is there", stmt: orm.Select(paperID.As("v")).Where(orm.JSONExists(paperDoc, "null")), rows: valueRows(1)},
		{name: "what is there, of all", stmt: orm.Select(orm.JSONExists(paperDoc, 1).As("v")).OrderBy(paperID), rows: valueRows(false, true, false)},
		{name: "what is not there", stmt: orm.Select(paperID.As("v")).Where(orm.Not(orm.JSONExists(paperDoc, "null"))).OrderBy(paperID), rows: valueRows(2, 3)},
		{name: "the length of a list", stmt: orm.Select(orm.JSONLength(paperDoc, "list").As("v")).OrderBy(paperID), rows: valueRows(2, nil, nil)},
		{name: "the length of a document", stmt: orm.Select(orm.JSONLength(paperDoc).As("v")).OrderBy(paperID), rows: valueRows(nil, 2, nil)},
		{name: "the length of a list in a list", stmt: orm.Select(orm.JSONLength(paperDoc, "list", 1, "deep").As("v")).OrderBy(paperID), rows: valueRows(2, nil, nil)},
		{name: "the length of what is no list", stmt: orm.Select(orm.JSONLength(paperDoc, "text").As("v")).OrderBy(paperID), rows: valueRows(nil, nil, nil)},
		{name: "a document that contains a member", stmt: orm.Select(paperID.As("v")).Where(orm.JSONContains(paperDoc, orm.M{"int": 42})), rows: valueRows(1), lacks: "sqlite"},
		{name: "a document that contains one deep inside", stmt: orm.Select(paperID.As("v")).Where(orm.JSONContains(paperDoc, `{"list": [{"deep": ["y"]}]}`)), rows: valueRows(1), lacks: "sqlite"},
		{name: "a list that contains an element", stmt: orm.Select(paperID.As("v")).Where(orm.JSONContains(paperDoc, []any{2})), rows: valueRows(2), lacks: "sqlite"},
		{name: "a document that does not contain another", stmt: orm.Select(paperID.As("v")).Where(orm.Not(orm.JSONContains(paperDoc, orm.M{"int": 41}))).OrderBy(paperID), rows: valueRows(1, 2), lacks: "sqlite"},
		{name: "a document that contains itself", stmt: orm.Select(paperID.As("v")).Where(orm.JSONContains(paperDoc, paperDoc)).OrderBy(paperID), rows: valueRows(1, 2), lacks: "sqlite"},
		{name: "documents collected", stmt: orm.Select(orm.JSONArrayAgg(orm.JSONPath[types.JSON[any]](paperDoc, 0)).OrderBy(paperID).As("v")), rows: valueRows("[<nil> first <nil>]")},
		{name: "a document in a document", stmt: orm.Select(orm.JSONObject(paperDoc).As("v")).Where(paperID.Ge(2)).OrderBy(paperID), rows: valueRows("map[doc:[first 2]]", "map[doc:<nil>]")},
		{name: "in arithmetic", stmt: orm.Select(orm.JSONPath[int](paperDoc, "int").Plus(1).As("v")).Where(paperID.Eq(1)), rows: valueRows(43)},
	}
}

// What is no path, or no value of JSON, is refused before it is sent.
func TestJSONMistakesAreTypedErrors(t *testing.T) {
	for name, stmt := range map[string]orm.Statement{
		"no steps":             inPaper[int](),
		"a step of a fraction": inPaper[int](1.5),
		"a step of nothing":    inPaper[int](nil),
		"a place below 0":      inPaper[int]("list", -1),
		"a time":               inPaper[time.Time]("text"),
		"the zero Expr":        orm.Select(orm.JSONPath[int](orm.Expr[int]{}, "a")),
		"a type below 0":       orm.Select(orm.JSONType(paperDoc, -1)),
		"a length of a bool":   orm.Select(orm.JSONLength(paperDoc, true)),
		"a member of no name":  orm.Select(orm.JSONObject(orm.Lit(1))),
		"no member":            orm.Select(orm.JSONObject(orm.Expr[int]{})),
		"bytes in a list":      orm.Select(orm.JSONArray([]byte("x"))),
	} {
		t.Run(name, func(t *testing.T) {
			if _, _, err := orm.Compile(stmt, "postgres"); !errors.Is(err, orm.ErrArgument) {
				t.Errorf("the error is %v, not ErrArgument", err)
			}
		})
	}
}

// What the database makes of values in JSON is the same on every database, and
// what Go reads from it is what went in.
func TestJSONMadeByTheDatabaseIsTheSameOnEveryDatabase(t *testing.T) { runCases(t, jsonBuildCases()) }

var tenPeople = orm.Select(orm.JSONArray(person.name, person.age, person.score, person.active, person.hired, orm.Lit("Ü\""), 7, true, nil, 1.5).As("v")).OrderBy(person.id)

func jsonBuildCases() []sqlCase {
	return []sqlCase{
		{name: "a list of values", stmt: tenPeople.Limit(1), rows: valueRows(`[Ann 40 1.5 true 2020-01-31T10:20:30.000000Z Ü" 7 true <nil> 1.5]`)},
		{name: "a list of NULLs", stmt: orm.Select(orm.JSONArray(person.age, person.wage, person.hired, person.active).As("v")).Where(person.id.Eq(3)), rows: valueRows("[<nil> <nil> <nil> false]")},
		{name: "an empty list", stmt: oneValue(orm.JSONArray()), rows: valueRows("[]")},
		{name: "a decimal in a list", stmt: orm.Select(orm.JSONArray(person.wage).As("v")).Where(person.id.Eq(1)), rows: valueRows("[10.5]")},
		{name: "a date in a list", stmt: orm.Select(orm.JSONArray(visitTable.C("day")).As("v")).OrderBy(visit.host).Limit(1), rows: valueRows("[2024-01-31]")},
		{name: "a list in a list", stmt: oneValue(orm.JSONArray(orm.JSONArray(1, orm.JSONArray(2)), orm.JSONObject(orm.Lit(3).As("a")))), rows: valueRows("[[1 [2]] map[a:3]]")},
		{name: "an object", stmt: orm.Select(orm.JSONObject(person.name, person.age.Plus(1).As("next"), orm.F("rank")).As("v")).From(personTable).OrderBy(person.id).Limit(1), rows: valueRows("map[name:Ann next:41 rank:1]")},
		{name: "an object with a hostile name", stmt: oneValue(orm.JSONObject(orm.Lit(1).As(`a"'b\`))), rows: valueRows(`map[a"'b\:1]`)},
		{name: "an empty object", stmt: oneValue(orm.JSONObject()), rows: valueRows("map[]")},
		{name: "rows as a list", stmt: inOne(orm.JSONArrayAgg(person.name).OrderBy(person.id.Desc())), rows: valueRows("[Eve Dee Cyd Bob Ann]")},
		{name: "rows with NULL as a list", stmt: inOne(orm.JSONArrayAgg(person.age).OrderBy(person.id)), rows: valueRows("[40 30 <nil> 30 7]")},
		{name: "conditions as a list", stmt: inOne(orm.JSONArrayAgg(person.age.Gt(30)).OrderBy(person.id)), rows: valueRows("[true false <nil> false false]")},
		{name: "no rows as a list", stmt: inOne(orm.JSONArrayAgg(person.name)).Where(orm.False()), rows: valueRows(nil)},
		{name: "no rows as a list, told otherwise", stmt: inOne(orm.Coalesce(orm.JSONArrayAgg(person.name), orm.Null[types.JSON[[]string]]())).Where(orm.False()), rows: valueRows(nil)},
		{name: "objects as a list", stmt: inOne(orm.JSONArrayAgg(orm.JSONObject(person.id, person.name)).OrderBy(person.id)).Where(person.id.Le(2)), rows: valueRows("[map[id:1 name:Ann] map[id:2 name:Bob]]")},
		{
			name: "rows as a list for each group", rows: []string{"active=false v=[Cyd]", "active=true v=[Ann Bob Dee Eve]"},
			stmt: orm.Select(person.active, orm.JSONArrayAgg(person.name).OrderBy(person.id).As("v")).GroupBy(person.active).OrderBy(person.active),
		},
		{name: "some rows as a list", stmt: inOne(orm.JSONArrayAgg(person.name).Filter(person.age.Eq(30)).OrderBy(person.id)), rows: valueRows("[Bob Dee]"), lacks: "mysql"},
		{name: "none of the rows as a list", stmt: inOne(orm.JSONArrayAgg(person.name).Filter(person.age.Eq(31))), rows: valueRows(nil), lacks: "mysql"},
		{name: "a list of a subquery", stmt: eachValue(orm.Scalar[types.JSON[[]string]](orm.Select(orm.JSONArrayAgg(office.city)).Where(orm.Eq(office.id, person.office)))), rows: valueRows("[Berlin]", "[Berlin]", "[Oslo]", nil, "[Oslo]")},
		{name: "rows as an object", stmt: inOne(orm.JSONObjectAgg(person.name, person.age)), rows: valueRows("map[Ann:40 Bob:30 Cyd:<nil> Dee:30 Eve:7]")},
		{name: "documents as an object", stmt: inOne(orm.JSONObjectAgg(person.name, orm.JSONArray(person.active))).Where(person.id.Le(1)), rows: valueRows("map[Ann:[true]]")},
		{name: "no rows as an object", stmt: inOne(orm.JSONObjectAgg(person.name, person.age)).Where(orm.False()), rows: valueRows(nil)},
		{name: "some rows as an object", stmt: inOne(orm.JSONObjectAgg(person.name, person.age).Filter(person.active, person.age.IsNotNull())).Where(person.id.Gt(3)), rows: valueRows("map[Dee:30 Eve:7]"), lacks: "mysql"},
	}
}

// What the database collects is read into the types that Go programs use.
func TestJSONIsReadIntoTypesOfGo(t *testing.T) {
	type job struct {
		Name  string
		Age   *int
		Hired *time.Time
	}
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withCompany(t)
		got := get(orm.Fetch[[]job](t.Context(), db.Engine, orm.Select(
			orm.JSONArrayAgg(orm.JSONObject(person.name.As("Name"), person.age.As("Age"), person.hired.As("Hired"))).OrderBy(person.id).As("v")).Where(person.id.In(1, 3))))(t)
		want := [][]job{{{Name: "Ann", Age: new(40), Hired: new(in2020)}, {Name: "Cyd"}}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		ages := get(orm.Fetch[types.JSON[map[string]int]](t.Context(), db.Engine, orm.Select(orm.JSONObjectAgg(person.name, person.age)).Where(person.age.Gt(30))))(t)
		if diff := cmp.Diff([]types.JSON[map[string]int]{types.NewJSON(map[string]int{"Ann": 40})}, ages); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}
