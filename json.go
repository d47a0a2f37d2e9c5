// This file holds paths into JSON documents.

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
}

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
// float or a bool. Each step is the name of a member or the place of an element;
// steps travel as parameters and never become SQL. What is not there, and what is
// null in the document, is NULL on every database.
//
//	orm.JSONPath[int](orm.C(&u.Doc), "sizes", 0)
//	// PostgreSQL: CAST((users.doc -> 'sizes' ->> 0) AS BIGINT), where users.doc -> 'sizes' is an array
//	// SQLite:     CAST(json_extract(users.doc, '$."sizes"[0]') AS INTEGER)
//	// MySQL:      CAST(json_unquote(json_extract(users.doc, '$."sizes"[0]')) AS SIGNED), where it is there
//
// What a value of another kind than T gives is up to the database: an error, or
// something like 0. Any other T, a step that is neither string nor int, a place
// below 0 and a path without steps are an [ErrArgument]; a name with a quotation
// mark or a backslash is a [CompileError] on SQLite and MySQL.
func JSONPath[T any](doc Expression, path ...any) Expr[T] {
	n := &jsonNode{doc: expressionNode(doc), typ: jsonType(reflect.TypeFor[T]().Kind())}
	reason, subject := "", ""
	switch {
	case n.typ.IsZero():
		reason, subject = "a value of JSON is read as a string, a whole number, a float or a bool", reflect.TypeFor[T]().String()
	case len(path) == 0:
		reason = "the path has no steps"
	}
	for _, step := range path {
		switch step := step.(type) {
		case string:
		case int:
			if step < 0 {
				reason, subject = "the place is below 0", strconv.Itoa(step)
			}
		default:
			reason, subject = "a step is a string or an int", fmt.Sprintf("%T", step)
		}
	}
	if reason != "" {
		return Expr[T]{&errorNode{&UsageError{Kind: ErrArgument, Op: "read JSON", Subject: subject, Reason: reason}}}
	}
	n.path = append(JSONSteps(nil), path...)
	return Expr[T]{n}
}

// jsonType is the SQL type of what JSON gives to a kind of Go, or the zero Type.
func jsonType(k reflect.Kind) types.Type {
	switch k {
	case reflect.String:
		return types.Text()
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return types.BigInteger()
	case reflect.Float32, reflect.Float64:
		return types.Double()
	case reflect.Bool:
		return types.Boolean()
	}
	return types.Type{}
}
