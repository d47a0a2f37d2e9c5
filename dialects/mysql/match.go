// This file writes the search for words.

package mysql

import (
	"strings"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

// RenderMatch needs a FULLTEXT index on just the columns.
func (dialect) RenderMatch(c *orm.Compiler, m orm.TextMatch) {
	c.Call("MATCH ", m.Columns...)
	text, mode := m.Query, orm.SQL(" IN BOOLEAN MODE)")
	switch m.How {
	case orm.AllWords:
		text = `+"` + strings.Join(m.Words, `" +"`) + `"`
	case orm.AnyWord:
		text, mode = strings.Join(m.Words, " "), " IN NATURAL LANGUAGE MODE)"
	}
	c.SQL(" AGAINST (")
	c.Bind(text, types.Text())
	c.UserSQL(mode)
}
