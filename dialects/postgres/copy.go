// This file writes COPY, by which the driver takes many rows as one stream.

package postgres

import (
	"database/sql/driver"
	"slices"

	"github.com/lib/pq"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

// RenderCopy writes "COPY t (a, b) FROM STDIN", which lib/pq knows by its first
// word. Other drivers have ways of their own. A column of a type that this library
// does not know may be of bytes or of text, which are spelt differently in a stream.
func (dialect) RenderCopy(c *orm.Compiler, d driver.Driver, table *orm.Table, columns []*orm.Column) bool {
	if _, ok := d.(*pq.Driver); !ok {
		return false
	}
	if slices.ContainsFunc(columns, func(column *orm.Column) bool { return column.Type().Kind() == types.KindExact }) {
		return false
	}
	c.SQL("COPY ")
	if table.Schema() != "" {
		c.Ident(table.Schema())
		c.SQL(".")
	}
	c.Ident(table.Name())
	for i, column := range columns {
		if i == 0 {
			c.SQL(" (")
		} else {
			c.SQL(", ")
		}
		c.Ident(column.Name())
	}
	c.SQL(") FROM STDIN")
	return true
}
