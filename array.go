// This file holds what there is to do with arrays, which PostgreSQL has. On other
// databases all of it is a [CompileError].

package orm

import (
	"strconv"

	"github.com/aurum-go/orm/types"
)

// noArrays is what is missing on databases without arrays.
var noArrays = &unspelt{"an array", "keep the list as a document, with type:json, and ask with JSONContains"}

// arrayCall calls a function of arrays that is written name(args).
func arrayCall[T any](name string, result func(types.Type) types.Type, args ...Node) Expr[T] {
	return Expr[T]{&funcNode{name: name, args: args, result: result, known: true, arrays: true}}
}

func elementType(array types.Type) types.Type { return array.Elem() }

// elementOf is a node whose type is that of the elements of an array.
func elementOf(array Node) Node { return &funcNode{args: []Node{array}, result: elementType} }

// arrayTest compares an array with one of values.
func arrayTest[T any](name string, array Expr[[]T], values []T) Expr[bool] {
	list := append([]T{}, values...)
	return callOwn[bool](name, types.Boolean(), noArrays, array.n, &bindNode{value: list, like: array.n})
}

// ArrayContains reports whether all of the values are in an array: "tags @> $1".
func ArrayContains[T any](array Expr[[]T], values ...T) Expr[bool] {
	return arrayTest("array_contains", array, values)
}

// ArrayContainedBy reports whether an array has no elements but the values: "tags
// <@ $1".
func ArrayContainedBy[T any](array Expr[[]T], values ...T) Expr[bool] {
	return arrayTest("array_contained", array, values)
}

// ArrayOverlaps reports whether any of the values is in an array: "tags && $1".
func ArrayOverlaps[T any](array Expr[[]T], values ...T) Expr[bool] {
	return arrayTest("array_overlaps", array, values)
}

// InArray reports whether the value of an expression is an element of an array:
// "x = ANY(ids)".
func InArray[T any](x Expr[T], array Expr[[]T]) Expr[bool] {
	return callOwn[bool]("array_any =", types.Boolean(), noArrays, adapted(x.n, elementOf(array.n)), array.n)
}

// ArrayElements stands for some or all elements of an array, in a comparison.
type ArrayElements[T any] struct {
	array Expr[[]T]
	all   bool
}

// AnyElement stands for the elements of an array, one of which has to meet a
// comparison. NULL for the value is an [ErrArgument].
//
//	orm.AnyElement(orm.C(&s.Marks)).Lt(3)   // $1 > ANY(student.marks)
func AnyElement[T any](array Expr[[]T]) ArrayElements[T] { return ArrayElements[T]{array: array} }

// AllElements stands for the elements of an array, all of which have to meet a
// comparison. Those of an empty array do.
//
//	orm.AllElements(orm.C(&s.Marks)).Lt(3)   // $1 > ALL(student.marks)
func AllElements[T any](array Expr[[]T]) ArrayElements[T] {
	return ArrayElements[T]{array: array, all: true}
}

// Eq is "$1 = ANY(array)".
func (e ArrayElements[T]) Eq(v T) Expr[bool] { return e.compared("=", v) }

// Ne is "$1 <> ANY(array)".
func (e ArrayElements[T]) Ne(v T) Expr[bool] { return e.compared("<>", v) }

// Lt is "$1 > ANY(array)": the element is less than the value.
func (e ArrayElements[T]) Lt(v T) Expr[bool] { return e.compared(">", v) }

// Le is "$1 >= ANY(array)".
func (e ArrayElements[T]) Le(v T) Expr[bool] { return e.compared(">=", v) }

// Gt is "$1 < ANY(array)".
func (e ArrayElements[T]) Gt(v T) Expr[bool] { return e.compared("<", v) }

// Ge is "$1 <= ANY(array)".
func (e ArrayElements[T]) Ge(v T) Expr[bool] { return e.compared("<=", v) }

func (e ArrayElements[T]) compared(op string, v T) Expr[bool] {
	if isNull(v) {
		return Expr[bool]{&errorNode{&UsageError{Kind: ErrArgument, Op: "compare elements", Reason: "NULL, which no element is equal to, less than or greater than"}}}
	}
	word := "array_any "
	if e.all {
		word = "array_all "
	}
	return callOwn[bool](word+op, types.Boolean(), noArrays, &bindNode{value: v, like: elementOf(e.array.n)}, e.array.n)
}

// ArrayElement is the element at a place, from 1 on, as SQL counts: "(tags)[1]". It
// is NULL where there is none. The number is part of the SQL text; one below 1 is
// an [ErrArgument].
func ArrayElement[T any](array Expr[[]T], place int) Expr[T] {
	return Expr[T]{&funcNode{name: "array_element", args: []Node{array.n, arrayPlace(place)}, result: elementType, known: true, unspelt: noArrays}}
}

// ArraySlice is the part of an array from one place to another, both included and
// counted from 1: "(tags)[2:3]". The numbers are part of the SQL text; one below 1
// is an [ErrArgument].
func ArraySlice[T any](array Expr[[]T], from, to int) Expr[[]T] {
	return Expr[[]T]{&funcNode{name: "array_slice", args: []Node{array.n, arrayPlace(from), arrayPlace(to)}, result: sameType, known: true, unspelt: noArrays}}
}

// arrayPlace is a place in an array, as text of SQL.
func arrayPlace(n int) Node {
	if n < 1 {
		return &errorNode{&UsageError{Kind: ErrArgument, Op: "look into an array", Subject: strconv.Itoa(n), Reason: "places are counted from 1"}}
	}
	return &constNode{sqlText(strconv.Itoa(n))}
}

// ArrayLength is the number of elements, 0 for an empty array: "cardinality(tags)".
func ArrayLength[T any](array Expr[[]T]) Expr[int64] {
	return arrayCall[int64]("cardinality", func(types.Type) types.Type { return types.BigInteger() }, array.n)
}

// ArrayAppend is the array with one more element: "array_append(tags, $1)".
func ArrayAppend[T any](array Expr[[]T], v T) Expr[[]T] {
	return arrayCall[[]T]("array_append", sameType, array.n, bindValue(v, elementOf(array.n)))
}

// ArrayRemove is the array without the elements that are equal to a value:
// "array_remove(tags, $1)".
func ArrayRemove[T any](array Expr[[]T], v T) Expr[[]T] {
	return arrayCall[[]T]("array_remove", sameType, array.n, bindValue(v, elementOf(array.n)))
}

// ArrayConcat joins two arrays: "array_cat(a, b)".
func ArrayConcat[T any](a, b Expr[[]T]) Expr[[]T] {
	return arrayCall[[]T]("array_cat", sameType, a.n, adapted(b.n, a.n))
}

// ArrayAgg collects the values of a group in an array, NULLs included, in the
// order of [Expr.OrderBy]: "array_agg(x ORDER BY y)". Without any row it is NULL.
func ArrayAgg[T any](of Expr[T]) Expr[[]T] {
	return arrayCall[[]T]("array_agg", func(t types.Type) types.Type {
		if t.IsZero() {
			return t
		}
		return types.Array(t)
	}, of.n)
}
