// This file writes the search for words, which every database does in its own way.

package orm

// TextMatch is a search for words, for a dialect to write.
type TextMatch struct {
	Columns  []Node
	Names    []string // of the columns
	Table    func()   // writes the hidden column that has the name of the table
	Language string   // or ""
	How      WordSearch
	Words    []string // of the query, unless it is in the database's own language
	Query    string
}

// MatchRenderer is a [Dialect] that searches for words.
type MatchRenderer interface {
	RenderMatch(c *Compiler, m TextMatch)
}

func (c *Compiler) match(n *matchNode) {
	r, ok := c.dialect.(MatchRenderer)
	if !ok {
		c.Unsupported("a search for words", "match with Contains")
		return
	}
	m := TextMatch{Columns: n.columns, Language: n.language, How: n.how, Words: wordsOf(n.query), Query: n.query}
	var from fromNode
	for _, node := range n.columns {
		known, err := resolved(node)
		if err != nil {
			c.Fail(err)
			return
		}
		column, ok := known.(*columnNode)
		if !ok || from != nil && c.scope.actual(column.from) != from {
			c.Fail(&UsageError{Kind: ErrArgument, Op: "match", Reason: "it searches in the columns of one table"})
			return
		}
		from = c.scope.actual(column.from)
		m.Names = append(m.Names, column.column.name)
	}
	m.Table = func() {
		c.qualifier(from)
		if t := tableOf(from); t != nil {
			c.Ident(t.name)
		}
	}
	r.RenderMatch(c, m)
}
