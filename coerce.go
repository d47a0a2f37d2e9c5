// This file is the one door for what a caller may pass as part of a statement:
// it turns an argument into a node for the role that it has, or into an error
// that says what may stand there.

package orm

import (
	"fmt"
	"reflect"
	"slices"
)

// selectItem is a column of the select list, or all columns of something.
func selectItem(v any) Node {
	if isNilPointer(v) {
		return nilItem(v, "select")
	}
	switch v := v.(type) {
	case Expression:
		return v.expression()
	case Selectable:
		return &starNode{of: v}
	}
	return referenceItem(v, "select", "an expression, a table, or an entity reference")
}

// fromItem is a table or something like it.
func fromItem(v any) Node {
	if isNilPointer(v) {
		return nilItem(v, "select from")
	}
	switch v := v.(type) {
	case Selectable:
		return v
	case *SampledTable:
		return v
	case *EntitySource:
		return v
	case Subselect:
		return &errorNode{&UsageError{
			Kind: ErrArgument, Op: "select from", Subject: fmt.Sprintf("%T", v), Reason: "a SELECT in FROM needs a name",
			Advice: "use its Subquery method",
		}}
	}
	return referenceItem(v, "select from", "a table, an alias, a subquery, or an entity reference")
}

func isNilPointer(v any) bool {
	r := reflect.ValueOf(v)
	return r.Kind() == reflect.Pointer && r.IsNil()
}

// nilItem is the mistake of a table or reference that is not there, such as one
// that a Metadata was asked for by a wrong name.
func nilItem(v any, op string) Node {
	return &errorNode{&UsageError{Kind: ErrArgument, Op: op, Subject: fmt.Sprintf("%T", v), Reason: "the pointer is nil"}}
}

// columnItem is a column that is assigned to.
func columnItem(v any) Node {
	if isNilPointer(v) {
		return nilItem(v, "refer to column")
	}
	if e, ok := v.(Expression); ok {
		return e.expression()
	}
	return referenceItem(v, "refer to column", "a column, or the address of a field of an entity reference")
}

// referenceItem takes pointers: an entity reference or the address of one of
// its fields.
func referenceItem(v any, op, wanted string) Node {
	r := reflect.ValueOf(v)
	if r.Kind() != reflect.Pointer {
		return &errorNode{&UsageError{
			Kind: ErrArgument, Op: op, Subject: fmt.Sprintf("%T", v), Reason: "it cannot stand there", Advice: "give " + wanted,
		}}
	}
	return fieldAt(r.Pointer(), r.Type().Elem())
}

// expressionNode is the node of an expression that may be missing.
func expressionNode(e Expression) Node {
	if e == nil {
		return nil
	}
	return e.expression()
}

// expressionNodes are the nodes of a list of expressions.
func expressionNodes(list []Expression) []Node {
	nodes := make([]Node, len(list))
	for i, e := range list {
		nodes[i] = expressionNode(e)
	}
	return nodes
}

// subselectNode is the node of a query that may be missing.
func subselectNode(query Subselect) Node {
	if v := reflect.ValueOf(query); !v.IsValid() || v.Kind() == reflect.Pointer && v.IsNil() {
		return &errorNode{&UsageError{Kind: ErrArgument, Op: "select", Subject: fmt.Sprintf("%T", query), Reason: "the subquery is nil"}}
	}
	return query.queryNode()
}

// conditionNodes are the conditions of a WHERE, HAVING or ON.
func conditionNodes(conditions []Expr[bool]) []Node {
	nodes := make([]Node, len(conditions))
	for i, c := range conditions {
		if nodes[i] = c.n; c.n == nil {
			nodes[i] = &errorNode{&UsageError{Kind: ErrArgument, Op: "filter", Reason: "the condition is the zero Expr", Advice: "leave it out, or use orm.True()"}}
		}
	}
	return nodes
}

// orderNodes are the items of an ORDER BY.
func orderNodes(items []OrderItem) []Node {
	nodes := make([]Node, len(items))
	for i, item := range items {
		if item != nil {
			nodes[i] = item.orderNode()
		}
	}
	return nodes
}

// extended returns a list with more items, and never shares the room behind it.
func extended(list []Node, more ...Node) []Node {
	return append(slices.Clip(list), more...)
}
