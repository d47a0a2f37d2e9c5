// This file writes the SQL that a type has around its values and its columns.

package orm

import (
	"slices"
	"strings"

	"github.com/aurum-go/orm/types"
)

// around is the text before and behind a value of a type that is sent.
func around(d Dialect, t types.Type) (before, behind string) {
	if !t.Varies() {
		return "", ""
	}
	before, behind, _ = strings.Cut(string(t.On(d.Name()).BindExpression()), "?")
	return before, behind
}

// isRead reports whether columns of a type are read by an expression.
func (c *Compiler) isRead(t types.Type) bool {
	return t.Varies() && t.On(c.dialect.Name()).ColumnExpression() != ""
}

// readAs writes a column of the result, in the expression by which its type is
// read. It keeps its name, if it has one.
func (c *Compiler) readAs(t types.Type, name string, write func()) {
	if !c.isRead(t) {
		write()
		return
	}
	before, behind, _ := strings.Cut(string(t.On(c.dialect.Name()).ColumnExpression()), "?")
	c.UserSQL(SQL(before))
	write()
	c.UserSQL(SQL(behind))
	if name != "" {
		c.SQL(" AS ")
		c.Ident(name)
	}
}

// readColumn is readAs for a column of a table, qualified if the table is given.
func (c *Compiler) readColumn(qualifier *Table, column *Column) {
	c.readAs(column.Type(), column.name, func() {
		if qualifier != nil {
			c.qualifier(qualifier)
		}
		c.Ident(column.name)
	})
}

// resultItem writes an item of a select list whose columns are the result. It
// returns false for one that needs nothing of its own.
func (c *Compiler) resultItem(item Node) bool {
	switch n := item.(type) {
	case entityItem:
		c.readColumns(n.entityColumns())
		return true
	case *starNode:
		return c.resultStar(n)
	}
	t := c.TypeOf(item)
	if !c.isRead(t) {
		return false
	}
	name, of := outputName(item), item
	if label, ok := item.(*labelNode); ok {
		of = label.of
	}
	c.readAs(t, name, func() { c.expr(of, precAtom) })
	return true
}

// readColumns is readAs for columns of FROM items.
func (c *Compiler) readColumns(columns []*columnNode) {
	commaList(c, columns, func(n *columnNode) {
		c.readAs(n.column.Type(), n.column.name, func() { c.column(n) })
	})
}

// resultStar writes all columns of a FROM item one by one, if one of them is read
// by an expression.
func (c *Compiler) resultStar(n *starNode) bool {
	from, ok := n.of.(fromNode)
	outputs := outputsOf(n)
	if !ok || !slices.ContainsFunc(outputs, func(o output) bool { return c.isRead(o.sqlType()) }) {
		return false
	}
	commaList(c, outputs, func(o output) {
		c.readAs(o.sqlType(), o.name, func() { c.columnOf(from, o.name) })
	})
	return true
}
