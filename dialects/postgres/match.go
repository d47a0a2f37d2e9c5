// This file writes the search for words.

package postgres

import (
	"strings"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

// RenderMatch compares the words of the columns with those of a query.
func (dialect) RenderMatch(c *orm.Compiler, m orm.TextMatch) {
	c.SQL("(")
	for i, column := range m.Columns {
		if i > 0 {
			c.SQL(" || ")
		}
		vector(c, m, column)
	}
	c.SQL(" @@ ")
	query, text := "to_tsquery(", m.Query
	switch m.How {
	case orm.AllWords:
		query, text = "plainto_tsquery(", strings.Join(m.Words, " ")
	case orm.AnyWord:
		text = strings.Join(m.Words, " | ")
	}
	c.UserSQL(orm.SQL(query))
	language(c, m)
	c.Bind(text, types.Text())
	c.SQL("))")
}

// vector writes the words of a column. One of several that is NULL has none.
func vector(c *orm.Compiler, m orm.TextMatch, column orm.Node) {
	if t := c.TypeOf(column); t.Kind() == types.KindExact && t.Name() == "tsvector" {
		c.Render(column)
		return
	}
	c.SQL("to_tsvector(")
	language(c, m)
	if len(m.Columns) > 1 {
		c.SQL("coalesce(")
	}
	c.RenderItem(column)
	if len(m.Columns) > 1 {
		c.SQL(", '')")
	}
	c.SQL(")")
}

func language(c *orm.Compiler, m orm.TextMatch) {
	if m.Language != "" {
		c.Literal(m.Language)
		c.SQL(", ")
	}
}
