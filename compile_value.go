// This file writes values: the placeholders that they travel by, and the casts
// that tell a database their types.

package orm

import (
	"slices"

	"github.com/aurum-go/orm/types"
)

// bind writes a placeholder. A value that nothing gives a type to is cast where
// the database would otherwise take it for text.
func (c *Compiler) bind(n *bindNode) {
	if !untyped(n) {
		c.place(n, c.metType(n, n.like))
		return
	}
	if t := n.sqlType(); c.features.TypedValues && !t.IsZero() {
		c.castTo(t, func() { c.place(n, t) })
		return
	}
	c.place(n, types.Type{})
}

// param is bind for a value that comes later.
func (c *Compiler) param(n *paramNode) {
	slot := bindSlot{param: n, typ: c.metType(n, n.like)}
	if untyped(n) && c.features.TypedValues && !slot.typ.IsZero() {
		c.castTo(slot.typ, func() { c.bindSlot(slot) })
		return
	}
	c.bindSlot(slot)
}

// metType is the type of a value, which may be that of a node that is known by
// its name only.
func (c *Compiler) metType(value, like Node) types.Type {
	if name, ok := like.(*nameNode); ok && c.scope != nil {
		if column, err := c.scope.byName(name.name); err == nil {
			return column.column.Type()
		}
	}
	return typeOf(value)
}

// TypeOf is the SQL type of a node, or the zero Type where only the database
// knows it.
func (c *Compiler) TypeOf(n Node) types.Type {
	if b, ok := n.(*bindNode); ok {
		return c.metType(b, b.like)
	}
	return c.metType(n, n)
}

func (c *Compiler) castTo(t types.Type, write func()) {
	c.SQL("CAST(")
	write()
	c.SQL(" AS ")
	c.castTypeName(t)
	c.SQL(")")
}

// reusable is the number of placeholders among which one is looked for that has
// a value already.
const reusable = 64

// place writes the placeholder of a node's value.
func (c *Compiler) place(n *bindNode, t types.Type) {
	c.placeOf(bindSlot{value: n.value, typ: t, place: valuePlace{at: pointerTo(&n.value)}})
}

// placeOf writes the placeholder of a value. One that stands in the statement twice
// is sent once where placeholders have numbers: so the database sees that an
// expression of GROUP BY is the one of the select list.
func (c *Compiler) placeOf(slot bindSlot) {
	same := func(s bindSlot) bool { return s.place == slot.place && s.typ.Equal(slot.typ) }
	if i := slices.IndexFunc(c.slots[:min(len(c.slots), reusable)], same); i >= 0 && c.numbersPlaceholders() {
		c.placeholderOf(i + 1)
		return
	}
	c.bindSlot(slot)
}

func (c *Compiler) numbersPlaceholders() bool {
	return c.dialect.Placeholder(1) != c.dialect.Placeholder(2)
}

// coerced writes a node that is taken for one of another type.
func (c *Compiler) coerced(n *coercedNode, outer int) {
	switch of := n.of.(type) {
	case *bindNode:
		c.place(of, n.typ)
	case *paramNode:
		c.bindSlot(bindSlot{param: of, typ: n.typ})
	default:
		c.expr(of, outer)
	}
}
