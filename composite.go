// This file holds the composite: a struct of the program whose fields are columns.
// A comparison of it is one of its columns, and so is all else that is done to it:
// no database ever sees the whole.

package orm

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/aurum-go/orm/types"
)

// compositeKind is how the values of a composite field are spread over columns. It
// is made with its mapper, and not changed.
type compositeKind struct {
	name     string       // of the field
	goType   reflect.Type // of the field
	inner    reflect.Type // the struct: the same, or what is in a sql.Null
	optional bool
	parts    []compositePart
}

// compositePart is one of the columns.
type compositePart struct {
	index  []int // of the field in the struct
	offset uintptr
	codec  types.Codec // reads what a row says
	null   []int       // of the optional composite in the struct that it belongs to, or nil
}

func (*compositeKind) lasting() bool { return true }

// compositeNode is a composite field of an entity in a statement.
type compositeNode struct {
	kind    *compositeKind
	columns []*columnNode
}

func (*compositeNode) node() {}

// compositeOwner is an entity that may have composites.
type compositeOwner interface {
	// composite returns the composite field of that name, or nil.
	composite(field string) *compositeNode
}

// fieldNode is the column of a field of an entity, or its composite.
func fieldNode(e entityItem, name string) (Node, bool) {
	if column, ok := e.property(name); ok {
		return column, true
	}
	if owner, ok := e.(compositeOwner); ok {
		if c := owner.composite(name); c != nil {
			return c, true
		}
	}
	return nil, false
}

func (n *compositeNode) nodes() []Node {
	nodes := make([]Node, len(n.columns))
	for i, c := range n.columns {
		nodes[i] = c
	}
	return nodes
}

// split takes a value of the composite apart: nil for all that is NULL.
func (k *compositeKind) split(v any) ([]any, bool) {
	parts := make([]any, len(k.parts))
	r := reflect.ValueOf(v)
	if r.Kind() == reflect.Pointer {
		r = r.Elem()
	}
	if r.IsValid() && isNullStruct(r.Type()) && r.Type() != k.inner {
		if !r.FieldByName("Valid").Bool() {
			r = reflect.Value{}
		} else {
			r = r.FieldByName("V")
		}
	}
	switch {
	case !r.IsValid():
		return parts, k.optional
	case r.Type() != k.inner:
		return nil, false
	}
	for i, part := range k.parts {
		parts[i] = part.of(r)
	}
	return parts, true
}

// of is the value of the part in a struct.
func (p *compositePart) of(r reflect.Value) any {
	if p.null != nil && !r.FieldByIndex(p.null).FieldByName("Valid").Bool() {
		return nil
	}
	return r.FieldByIndex(p.index).Interface()
}

// isNullStruct reports whether a type is a sql.Null.
func isNullStruct(t reflect.Type) bool {
	return t.PkgPath() == "database/sql" && strings.HasPrefix(t.Name(), "Null[")
}

// spreader takes composites out of expressions, by comparing their columns.
type spreader struct {
	named func(name string) *compositeNode // of an entity of the statement
	split bool                             // a value was taken apart
}

// composite is the composite that a node stands for, or nil.
func (s *spreader) composite(n Node) *compositeNode {
	switch n := n.(type) {
	case *compositeNode:
		return n
	case *nameNode:
		return s.named(n.name)
	case lateNode:
		if known, err := resolved(n); err == nil {
			c, _ := known.(*compositeNode)
			return c
		}
	}
	return nil
}

// node is what an expression means to the columns of the composites in it; the
// expression itself, if there are none.
func (s *spreader) node(n Node) Node {
	switch n := n.(type) {
	case *binaryNode:
		if c := s.composite(n.left); c != nil {
			return s.compared(c, n.op, n.right)
		}
		if c := s.composite(n.right); c != nil {
			return s.compared(c, mirrored(n.op), n.left)
		}
	case *unaryNode:
		if c := s.composite(n.operand); c != nil {
			return nullTests(c, n.op)
		}
	case *inNode:
		if c := s.composite(n.operand); c != nil {
			return s.among(c, n)
		}
	case *betweenNode:
		if c := s.composite(n.operand); c != nil {
			within := &listNode{op: opAnd, items: []Node{s.compared(c, opGe, n.low), s.compared(c, opLe, n.high)}}
			if n.negated {
				return &unaryNode{opNot, within}
			}
			return within
		}
	}
	return n
}

// mirrored is the operator with its operands in the other order.
func mirrored(op *operator) *operator {
	switch op {
	case opLt:
		return opGt
	case opLe:
		return opGe
	case opGt:
		return opLt
	case opGe:
		return opLe
	}
	return op
}

// nullTests is IS NULL of every column, or what says that one is not.
func nullTests(c *compositeNode, op *operator) Node {
	list := &listNode{op: opAnd}
	switch op {
	case opIsNull:
	case opIsNotNull:
		list.op = opOr
	default:
		return c.misplaced()
	}
	for _, column := range c.columns {
		list.items = append(list.items, &unaryNode{op, column})
	}
	return list.shortest()
}

// shortest is the list, or the one thing in it.
func (n *listNode) shortest() Node {
	if len(n.items) == 1 {
		return n.items[0]
	}
	return n
}

// compared compares column by column: values are equal where all of them are, and
// the first that differs gives their order.
func (s *spreader) compared(c *compositeNode, op *operator, with Node) Node {
	parts, err := s.values(c, with)
	if err != nil {
		return &errorNode{err}
	}
	list := &listNode{op: opAnd}
	switch op {
	case opEq, opNotDistinct:
	case opNe, opDistinct:
		list.op = opOr
	case opLt, opLe, opGt, opGe:
		for i, part := range parts {
			if part == nullNode {
				return nullComparison(op, c.columns[i])
			}
		}
		return &rowNode{op: op, left: c.nodes(), right: parts}
	default:
		return c.misplaced()
	}
	for i, part := range parts {
		if part == nullNode {
			list.items = append(list.items, nullComparison(op, c.columns[i]))
		} else {
			list.items = append(list.items, &binaryNode{op: op, left: c.columns[i], right: part})
		}
	}
	return list.shortest()
}

// values are what a node gives the columns of a composite.
func (s *spreader) values(c *compositeNode, n Node) ([]Node, error) {
	if other := s.composite(n); other != nil {
		if len(other.columns) != len(c.columns) || other.kind.inner != c.kind.inner {
			return nil, c.wrong("a " + other.kind.inner.String() + " is no " + c.kind.inner.String())
		}
		return other.nodes(), nil
	}
	nodes := make([]Node, len(c.columns))
	switch n := n.(type) {
	case *bindNode:
		s.split = true
		parts, ok := c.kind.split(n.value)
		if !ok {
			return nil, c.wrong(fmt.Sprintf("a %T is no %s", n.value, c.kind.goType))
		}
		for i, part := range parts {
			nodes[i] = bindValue(part, c.columns[i])
		}
	case *constNode, *defaultNode:
		for i := range nodes {
			nodes[i] = n
		}
	case *errorNode:
		return nil, n.err
	default:
		return nil, c.wrong("it meets neither a value nor another composite")
	}
	return nodes, nil
}

// among is (a, b) IN ((?, ?), …).
func (s *spreader) among(c *compositeNode, n *inNode) Node {
	in := &tupleInNode{columns: c.nodes(), query: n.query, negated: n.negated}
	for _, v := range n.values {
		row, ok := c.kind.split(v)
		if !ok {
			return &errorNode{c.wrong(fmt.Sprintf("a %T is no %s", v, c.kind.goType))}
		}
		if slices.ContainsFunc(row, isNull) {
			return nullInList().n
		}
		in.rows = append(in.rows, row)
	}
	s.split = s.split || len(in.rows) > 0
	return in
}

// list is a list of expressions with the columns of a composite in its place, in
// the direction that it has.
func (s *spreader) list(items []Node) []Node {
	var spread []Node
	for i, item := range items {
		ordering, ordered := item.(*orderingNode)
		of := item
		if ordered {
			of = ordering.of
		}
		c := s.composite(of)
		if c == nil {
			if spread != nil {
				spread = append(spread, item)
			}
			continue
		}
		if spread == nil {
			spread = append(make([]Node, 0, len(items)+len(c.columns)), items[:i]...)
		}
		for _, column := range c.columns {
			if ordered {
				spread = append(spread, &orderingNode{of: column, desc: ordering.desc, nulls: ordering.nulls})
			} else {
				spread = append(spread, column)
			}
		}
	}
	if spread == nil {
		return items
	}
	return spread
}

// assignments are assignments to columns in the place of those to composites.
func (s *spreader) assignments(set []Assignment) ([]Assignment, error) {
	var spread []Assignment
	for i, a := range set {
		c := s.composite(a.column)
		if c == nil {
			if spread != nil {
				spread = append(spread, a)
			}
			continue
		}
		values, err := s.values(c, a.value)
		if err != nil {
			return nil, err
		}
		if spread == nil {
			spread = append(make([]Assignment, 0, len(set)+len(values)), set[:i]...)
		}
		for j, value := range values {
			spread = append(spread, Assignment{c.columns[j], value})
		}
	}
	if spread == nil {
		return set, nil
	}
	return spread, nil
}

func (n *compositeNode) wrong(reason string) error {
	return &UsageError{Kind: ErrArgument, Op: "use composite", Subject: n.columns[0].from.fromName() + "." + n.kind.name, Reason: reason}
}

// misplaced is the mistake of a composite where one column belongs.
func (n *compositeNode) misplaced() Node {
	return &errorNode{&UsageError{
		Kind: ErrArgument, Op: "use composite", Subject: n.columns[0].from.fromName() + "." + n.kind.name,
		Reason: fmt.Sprintf("it has %d columns, and one is wanted", len(n.columns)), Advice: "name one of its fields",
	}}
}
