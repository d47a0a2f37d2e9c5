// This file tests paths into JSON documents.

package orm_test

import (
	"errors"
	"testing"
	"time"

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
	} {
		t.Run(name, func(t *testing.T) {
			if _, _, err := orm.Compile(stmt, "postgres"); !errors.Is(err, orm.ErrArgument) {
				t.Errorf("the error is %v, not ErrArgument", err)
			}
		})
	}
}
