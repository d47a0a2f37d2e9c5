// This file holds the expression: a typed handle, Expr[T], on a sealed tree of
// nodes. Nodes do not write themselves; compile_expr.go does.

package orm

import (
	"reflect"
	"slices"

	"github.com/aurum-go/orm/types"
)

// SQL is text of the SQL language. A constant converts by itself; a string
// variable needs a conversion, SQL(s), that can be seen and searched for.
type SQL string

// Node is a part of a statement. The set is sealed: nodes are made by the
// functions and methods of this package only. Nodes are immutable and safe for
// concurrent use.
type Node interface{ node() }

// Expression is any [Expr], whatever its Go type.
type Expression interface {
	OrderItem
	expression() Node
}

// OrderItem is what ORDER BY takes: an expression, or one with a direction.
type OrderItem interface{ orderNode() Node }

// Expr is an SQL expression whose value is a T in Go. The zero Expr is not
// valid. Expressions are immutable and emit no SQL by themselves.
type Expr[T any] struct{ n Node }

func (e Expr[T]) expression() Node { return e.n }
func (e Expr[T]) orderNode() Node  { return e.n }

// typed is a node that knows its SQL type.
type typed interface{ sqlType() types.Type }

// typeOf returns the SQL type of a node, or the zero Type where only the
// database knows it.
func typeOf(n Node) types.Type {
	if t, ok := n.(typed); ok {
		return t.sqlType()
	}
	return types.Type{}
}

// lateNode is a node that is known in full only when the statement is compiled:
// a field of a struct that may be registered after the expression was written.
type lateNode interface {
	Node
	resolve() (Node, error)
}

// resolved returns what a late node stands for, and any other node as it is.
func resolved(n Node) (Node, error) {
	for {
		late, ok := n.(lateNode)
		if !ok {
			return n, nil
		}
		next, err := late.resolve()
		if err != nil {
			return nil, err
		}
		n = next
	}
}

// errorNode is a mistake in a chain, kept until the statement is compiled.
type errorNode struct{ err error }

// bindNode is a value that travels as a parameter. Its SQL type is typ, or else
// that of the node it is compared with or assigned to, or else the one that fits
// its Go type.
type bindNode struct {
	value any `form:"value"`
	typ   types.Type
	like  Node
}

// paramNode is a parameter whose value is given later, by name. Its SQL type is
// that of the node that it meets, or else the one that fits its Go type.
type paramNode struct {
	name   string
	goType reflect.Type
	like   Node
}

// constNode is one of SQL's own constants.
type constNode struct{ text sqlText }

// sqlText is SQL written by this library. Being unexported, it accepts literals
// and nothing else from outside.
type sqlText string

// rawNode is text of the user inside of a statement, with its arguments.
type rawNode struct {
	text SQL
	args []any `form:"arguments"`
	typ  types.Type
}

// unaryNode is an operator before its operand (NOT x, - x), or behind it
// (x IS NULL).
type unaryNode struct {
	op      *operator
	operand Node
}

// binaryNode is an operator between two operands.
type binaryNode struct {
	op          *operator
	left, right Node
	typ         types.Type
}

// listNode is AND or OR over any number of conditions.
type listNode struct {
	op    *operator
	items []Node
}

// labelNode gives an expression of the select list a name.
type labelNode struct {
	name string
	of   Node
}

// orderingNode is an expression with a direction.
type orderingNode struct {
	of    Node
	desc  bool
	nulls nullsOrder
}

type nullsOrder uint8

const (
	nullsUnsaid nullsOrder = iota
	nullsFirst
	nullsLast
)

// starNode is all columns of a FROM item, or of all of them.
type starNode struct{ of Node }

// defaultNode is the keyword DEFAULT as a value.
type defaultNode struct{}

func (*errorNode) node()    {}
func (*bindNode) node()     {}
func (*paramNode) node()    {}
func (*constNode) node()    {}
func (*rawNode) node()      {}
func (*unaryNode) node()    {}
func (*binaryNode) node()   {}
func (*listNode) node()     {}
func (*labelNode) node()    {}
func (*orderingNode) node() {}
func (*starNode) node()     {}
func (*defaultNode) node()  {}

func (n *bindNode) sqlType() types.Type {
	switch {
	case !n.typ.IsZero():
		return n.typ
	case n.like != nil:
		return typeOf(n.like)
	}
	return inferred(reflect.TypeOf(n.value))
}

func (n *paramNode) sqlType() types.Type {
	if t := typeOf(n.like); !t.IsZero() {
		return t
	}
	return inferred(n.goType)
}

func (n *binaryNode) sqlType() types.Type {
	switch {
	case n.op.boolean:
		return types.Boolean()
	case !n.typ.IsZero():
		return n.typ
	}
	if t := typeOf(n.left); !t.IsZero() {
		return t
	}
	return typeOf(n.right)
}

// inferred is the SQL type that fits a Go type, or the zero Type.
func inferred(t reflect.Type) types.Type {
	known, _, err := types.Infer(t)
	if err != nil {
		return types.Type{}
	}
	return known
}

// adapted gives a value that has no SQL type yet that of the node beside it.
func adapted(n, beside Node) Node {
	if !untyped(n) || untyped(beside) {
		return n
	}
	switch n := n.(type) {
	case *bindNode:
		return &bindNode{value: n.value, like: beside}
	case *paramNode:
		return &paramNode{name: n.name, goType: n.goType, like: beside}
	}
	return n
}

// untyped reports whether the node is a value that goes by its Go type alone.
func untyped(n Node) bool {
	switch n := n.(type) {
	case *bindNode:
		return n.typ.IsZero() && (n.like == nil || untyped(n.like))
	case *paramNode:
		return n.like == nil || untyped(n.like)
	}
	return false
}

func (n *constNode) sqlType() types.Type {
	if n == trueNode || n == falseNode {
		return types.Boolean()
	}
	return types.Type{}
}

func (n *rawNode) sqlType() types.Type      { return n.typ }
func (n *labelNode) sqlType() types.Type    { return typeOf(n.of) }
func (n *orderingNode) sqlType() types.Type { return typeOf(n.of) }
func (n *unaryNode) sqlType() types.Type    { return n.op.result(typeOf(n.operand)) }
func (n *listNode) sqlType() types.Type     { return types.Boolean() }

var (
	nullNode  = &constNode{"NULL"}
	trueNode  = &constNode{"TRUE"}
	falseNode = &constNode{"FALSE"}
)

// Lit returns a value as an expression. The value travels as a parameter; it
// never becomes text.
func Lit[T any](v T) Expr[T] { return Expr[T]{bindValue(v, nil)} }

// Null returns SQL's NULL as an expression of any type.
func Null[T any]() Expr[T] { return Expr[T]{nullNode} }

// True returns the condition that always holds.
func True() Expr[bool] { return Expr[bool]{trueNode} }

// False returns the condition that never holds.
func False() Expr[bool] { return Expr[bool]{falseNode} }

// Param returns a parameter whose value the statement gets later, by its
// Params method. A value that is still missing when the statement is sent is an
// [ErrArgument].
func Param[T any](name string) Expr[T] {
	return Expr[T]{&paramNode{name: name, goType: reflect.TypeFor[T]()}}
}

// Raw returns SQL text as an expression. Each ? stands for the next argument,
// each :name for the [database/sql.Named] argument of that name; ?? is a
// question mark. An argument may be an expression. The text must be one
// expression; it is put in parentheses.
//
//	orm.Raw[bool]("length(name) = ?", 2)   // (length(name) = ?)
func Raw[T any](text SQL, args ...any) Expr[T] {
	return Expr[T]{&rawNode{text: text, args: slices.Clone(args), typ: inferred(reflect.TypeFor[T]())}}
}

// As names the expression in the select list.
//
//	orm.Count().As("posts")   // count(*) AS posts
func (e Expr[T]) As(label string) Expr[T] { return Expr[T]{&labelNode{name: label, of: e.n}} }

// Ordering is an expression with a direction, for ORDER BY.
type Ordering struct{ n *orderingNode }

func (o Ordering) orderNode() Node {
	if o.n == nil {
		return nil
	}
	return o.n
}

// Asc orders by the expression, smallest first.
func (e Expr[T]) Asc() Ordering { return Ordering{&orderingNode{of: e.n}} }

// Desc orders by the expression, greatest first: "x DESC".
func (e Expr[T]) Desc() Ordering { return Ordering{&orderingNode{of: e.n, desc: true}} }

// NullsFirst puts NULLs before all values, on every database.
func (o Ordering) NullsFirst() Ordering { return o.withNulls(nullsFirst) }

// NullsLast puts NULLs behind all values, on every database.
func (o Ordering) NullsLast() Ordering { return o.withNulls(nullsLast) }

func (o Ordering) withNulls(order nullsOrder) Ordering {
	if o.n == nil {
		return o
	}
	return Ordering{&orderingNode{of: o.n.of, desc: o.n.desc, nulls: order}}
}

// Assignment is one column and its new value, for UPDATE.
type Assignment struct{ column, value Node }

// Set assigns a value: "x = ?".
func (e Expr[T]) Set(v T) Assignment { return Assignment{e.n, bindValue(v, e.n)} }

// SetExpr assigns what an expression gives: "x = upper(x)".
func (e Expr[T]) SetExpr(value Expr[T]) Assignment { return Assignment{e.n, adapted(value.n, e.n)} }

// SetNull assigns NULL.
func (e Expr[T]) SetNull() Assignment { return Assignment{e.n, nullNode} }

// SetDefault assigns the column's default of the database: "x = DEFAULT".
func (e Expr[T]) SetDefault() Assignment { return Assignment{e.n, &defaultNode{}} }

// maxParts is the most nodes of one statement. An expression that is used twice
// in another counts twice, so that a few dozen lines can make a statement of any
// size.
const maxParts = 1 << 20
