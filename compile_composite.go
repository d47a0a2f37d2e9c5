// This file writes composites: each as its columns.

package orm

// spreader takes composites out of what the compiler is about to write.
func (c *Compiler) spreader() *spreader { return &spreader{named: c.compositeNamed} }

// compositeNamed is the composite field of that name in an entity of the statement.
func (c *Compiler) compositeNamed(name string) *compositeNode {
	for s := c.scope; s != nil; s = s.outer {
		for _, e := range s.entities {
			if owner, ok := e.(compositeOwner); ok {
				if found := owner.composite(name); found != nil {
					return found
				}
			}
		}
	}
	return nil
}

// spread writes what an expression means to the columns of the composites in it. It
// returns false where there are none, and writes nothing then.
func (c *Compiler) spread(n Node, outer int) bool {
	s := c.spreader()
	columns := s.node(n)
	if columns == n {
		return false
	}
	c.byValue = c.byValue || s.split
	c.expr(columns, outer)
	return true
}

// columnsOf is a list of expressions with columns in the place of composites.
func (c *Compiler) columnsOf(items []Node) []Node { return c.spreader().list(items) }

// spreadSet is a list of assignments to columns.
func (c *Compiler) spreadSet(set []Assignment) []Assignment {
	s := c.spreader()
	columns, err := s.assignments(set)
	c.Fail(err)
	c.byValue = c.byValue || s.split
	return columns
}

// compositeItem writes the columns of a composite in a select list. Those of the
// result are read by the expressions of their types.
func (c *Compiler) compositeItem(n *compositeNode, result bool) []resultColumn {
	if result {
		c.readColumns(n.columns)
	} else {
		commaList(c, n.columns, c.column)
	}
	columns := c.resultOf(outputsOf(n))
	for i := range columns {
		columns[i].composite = n.kind
	}
	return columns
}
