// This file writes the search for words.

package sqlite

import (
	"strings"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

// RenderMatch asks the hidden column of a table of FTS5, which has the name of the
// table, and says in the query which columns are meant.
func (dialect) RenderMatch(c *orm.Compiler, m orm.TextMatch) {
	names := make([]string, len(m.Names))
	for i, name := range m.Names {
		names[i] = phrase(name)
	}
	words := make([]string, len(m.Words))
	for i, word := range m.Words {
		words[i] = phrase(word)
	}
	text := m.Query
	switch m.How {
	case orm.AllWords:
		text = strings.Join(words, " AND ")
	case orm.AnyWord:
		text = strings.Join(words, " OR ")
	}
	m.Table()
	c.SQL(" MATCH ")
	c.Bind("{"+strings.Join(names, " ")+"} : ("+text+")", types.Text())
}

// phrase quotes a word, in which nothing has a meaning then.
func phrase(word string) string { return `"` + strings.ReplaceAll(word, `"`, `""`) + `"` }
