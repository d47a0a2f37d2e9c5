// This file holds JSON documents that the database makes: of values, and of the
// rows of a group.

package orm

import (
	"github.com/aurum-go/orm/types"
)

// jsonFunction is one of the functions that make documents.
type jsonFunction string

const (
	jsonArray     jsonFunction = "json_array"
	jsonObject    jsonFunction = "json_object"
	jsonArrayAgg  jsonFunction = "json_arrayagg"
	jsonObjectAgg jsonFunction = "json_objectagg"
)

// aggregate reports whether the function makes a document of many rows.
func (f jsonFunction) aggregate() bool { return f == jsonArrayAgg || f == jsonObjectAgg }

func jsonCall[T any](f jsonFunction, args ...Node) Expr[types.JSON[T]] {
	return Expr[types.JSON[T]]{&funcNode{name: string(f), json: f, args: args, typ: types.JSONType(), known: true}}
}

// JSONArray makes a list in JSON of expressions and values, which travel as
// parameters.
//
//	orm.JSONArray(orm.C(&u.Name), 1)
//	// PostgreSQL: jsonb_build_array(users.name, CAST($1 AS BIGINT))
//	// SQLite, MySQL: json_array(users.name, ?)
//
// What stands in a document is the same on every database: true and false,
// whole numbers, floats and decimals as numbers, documents as they are, an
// instant as "2024-02-29T13:45:59.123456Z", which [encoding/json] reads as a
// time.Time, NULL as null, and everything else as text, a date as "2024-02-29".
// Bytes are an [ErrArgument]: JSON has none.
func JSONArray(items ...any) Expr[types.JSON[[]any]] {
	nodes := make([]Node, len(items))
	for i, item := range items {
		nodes[i] = bindValue(item, nil)
	}
	return jsonCall[[]any](jsonArray, nodes...)
}

// JSONObject makes an object in JSON, whose members are called as columns of a
// result would be: by the label, or the column's own name. An expression without
// either is an [ErrArgument]. Values are written as by [JSONArray].
//
//	orm.JSONObject(orm.C(&u.ID), orm.Upper(orm.C(&u.Name)).As("title"))
//	// PostgreSQL: jsonb_build_object(CAST($1 AS TEXT), users.id, CAST($2 AS TEXT), upper(users.name))
//	// SQLite, MySQL: json_object(?, users.id, ?, upper(users.name))
func JSONObject(members ...Expression) Expr[types.JSON[map[string]any]] {
	return jsonCall[map[string]any](jsonObject, expressionNodes(members)...)
}

// JSONArrayAgg collects the values of a group in a list, NULLs as null, in the
// order of [Expr.OrderBy]. Without any row it is NULL, as other aggregates are.
//
//	orm.JSONArrayAgg(orm.C(&u.Name)).OrderBy(orm.C(&u.ID))
//	// PostgreSQL: jsonb_agg(users.name ORDER BY users.id)
//	// SQLite:     nullif(json_group_array(users.name ORDER BY users.id), '[]')
//	// MySQL:      json_arrayagg(users.name)
//
// Values are written as by [JSONArray]. MySQL has no order for it (MariaDB has),
// neither has a [Expr.Filter], and MariaDB cuts the list at the server's
// group_concat_max_len.
func JSONArrayAgg[T any](of Expr[T]) Expr[types.JSON[[]T]] { return jsonCall[[]T](jsonArrayAgg, of.n) }

// JSONObjectAgg collects the rows of a group in an object: a member for each row,
// by the name and with the value that it gives. Without any row it is NULL. Names
// that are NULL or there twice are up to the database: filter them out. For the
// rest it is as [JSONArrayAgg].
//
//	orm.JSONObjectAgg(orm.C(&s.Key), orm.C(&s.Value))
//	// PostgreSQL: jsonb_object_agg(setting.key, setting.value)
//	// SQLite:     nullif(json_group_object(setting.key, setting.value), '{}')
//	// MySQL:      json_objectagg(setting.key, setting.value)
func JSONObjectAgg[T any](name Expr[string], value Expr[T]) Expr[types.JSON[map[string]T]] {
	return jsonCall[map[string]T](jsonObjectAgg, name.n, value.n)
}
