// This file holds questions to JSON documents: what stands at the end of a path,
// and what a document contains.

package orm

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/aurum-go/orm/types"
)

// jsonNode is a value inside of a document.
type jsonNode struct {
	doc  Node
	path JSONSteps
	typ  types.Type
	asks jsonQuestion
}

// jsonQuestion is what is asked of the end of a path.
type jsonQuestion uint8

const (
	jsonValue jsonQuestion = iota
	jsonKind
	jsonLength
)

func (*jsonNode) node()                 {}
func (n *jsonNode) sqlType() types.Type { return n.typ }

// JSONSteps lead into a JSON document. Each is the name of a member, a string,
// or the place of an element, an int from 0 on.
type JSONSteps []any

// Text is the path as SQLite and MySQL read it, $."a"[0], for a parameter. It is
// false for names with a quotation mark or a backslash, which these cannot be
// told.
func (s JSONSteps) Text() (string, bool) {
	var b strings.Builder
	b.WriteByte('$')
	for _, step := range s {
		name, ok := step.(string)
		if !ok {
			fmt.Fprintf(&b, "[%d]", step)
			continue
		}
		if strings.ContainsAny(name, "\"\\") {
			return "", false
		}
		b.WriteString(`."` + name + `"`)
	}
	return b.String(), true
}

// JSONPath is a value inside of a JSON document, as a string, a whole number, a
// float or a bool, or as a document of its own. Each step is the name of a member
// or the place of an element; steps travel as parameters and never become SQL.
// What is not there, and what is null in the document, is NULL on every database.
//
//	orm.JSONPath[int](orm.C(&u.Doc), "sizes", 0)
//	// PostgreSQL: CAST((users.doc -> 'sizes' ->> 0) AS BIGINT), where users.doc -> 'sizes' is an array
//	// SQLite:     CAST(json_extract(users.doc, '$."sizes"[0]') AS INTEGER)
//	// MySQL:      CAST(json_unquote(json_extract(users.doc, '$."sizes"[0]')) AS SIGNED), where it is there
//
// A T of [types.JSON] gives what stands there as JSON. What a value of another
// kind than T gives is up to the database: an error, or something like 0. Any
// other T, a step that is neither string nor int, a place below 0 and a path
// without steps are an [ErrArgument]; a name with a quotation mark or a backslash
// is a [CompileError] on SQLite and MySQL.
func JSONPath[T any](doc Expression, path ...any) Expr[T] {
	t := jsonType(reflect.TypeFor[T]())
	switch {
	case t.IsZero():
		return Expr[T]{badJSON("a value of JSON is read as a string, a whole number, a float, a bool or a types.JSON", reflect.TypeFor[T]().String())}
	case len(path) == 0:
		return Expr[T]{badJSON("the path has no steps", "")}
	}
	return Expr[T]{inJSON(jsonValue, doc, path, t)}
}

// JSONType is what stands at the end of a path, or is the document itself:
// "object", "array", "string", "number", "boolean" or "null", by these words on
// every database. It is NULL where nothing stands. The path is as for [JSONPath].
//
//	orm.JSONType(orm.C(&u.Doc), "sizes")
//	// PostgreSQL: jsonb_typeof(users.doc -> 'sizes')
//	// SQLite:     json_type(users.doc, '$."sizes"'), with its words in place
//	// MySQL:      json_type(json_extract(users.doc, '$."sizes"')), likewise
func JSONType(doc Expression, path ...any) Expr[string] {
	return Expr[string]{inJSON(jsonKind, doc, path, types.Text())}
}

// JSONExists reports whether the path leads to anything, be it null: it asks for
// the [JSONType] there. Of a document that is NULL it is false.
//
//	orm.JSONExists(orm.C(&u.Doc), "sizes")   // whether the document has the key
func JSONExists(doc Expression, path ...any) Expr[bool] { return JSONType(doc, path...).IsNotNull() }

// JSONLength is the number of elements of the array at the end of a path, or of
// the document. It is NULL where no array stands. The path is as for [JSONPath].
//
//	orm.JSONLength(orm.C(&u.Doc), "sizes")
//	// PostgreSQL: jsonb_array_length(users.doc -> 'sizes'), where it is an array
//	// SQLite:     json_array_length(users.doc, '$."sizes"'), likewise
//	// MySQL:      json_length(json_extract(users.doc, '$."sizes"')), likewise
func JSONLength(doc Expression, path ...any) Expr[int64] {
	return Expr[int64]{inJSON(jsonLength, doc, path, types.BigInteger())}
}

// JSONContains reports whether a document contains another: an object the members
// of the other, an array its elements, each in turn. The other is a value, sent as
// a JSON column takes it (a string is the text of a document), or an expression.
//
//	orm.JSONContains(orm.C(&u.Doc), orm.M{"sizes": []int{1}})
//	// PostgreSQL: users.doc @> $1
//	// MySQL:      json_contains(users.doc, ?)
//
// It is a [CompileError] on SQLite.
func JSONContains(doc Expression, other any) Expr[bool] {
	var part Node = &bindNode{value: other, typ: types.JSONType()}
	if e, ok := other.(Expression); ok {
		part = expressionNode(e)
	}
	return callOwn[bool]("json_contains", types.Boolean(), &unspelt{"whether a JSON document contains another", "ask for single values, with JSONPath"}, expressionNode(doc), part)
}

// inJSON asks for something at the end of a path.
func inJSON(asks jsonQuestion, doc Expression, path []any, t types.Type) Node {
	for _, step := range path {
		switch step := step.(type) {
		case string:
		case int:
			if step < 0 {
				return badJSON("the place is below 0", strconv.Itoa(step))
			}
		default:
			return badJSON("a step is a string or an int", fmt.Sprintf("%T", step))
		}
	}
	return &jsonNode{doc: expressionNode(doc), path: append(JSONSteps(nil), path...), typ: t, asks: asks}
}

func badJSON(reason, subject string) Node {
	return &errorNode{&UsageError{Kind: ErrArgument, Op: "read JSON", Subject: subject, Reason: reason}}
}

// jsonType is the SQL type of what JSON gives to a type of Go, or the zero Type.
func jsonType(t reflect.Type) types.Type {
	switch t.Kind() {
	case reflect.String:
		return types.Text()
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return types.BigInteger()
	case reflect.Float32, reflect.Float64:
		return types.Double()
	case reflect.Bool:
		return types.Boolean()
	}
	if document := inferred(t); document.Kind() == types.KindJSON {
		return document
	}
	return types.Type{}
}
