// This file writes what structs that inherit are read from, and the conditions
// that leave out the rows of others.

package orm

// tableGroup writes the tables of a struct that inherits.
func (c *Compiler) tableGroup(g *tableGroup) {
	for i, p := range g.parts {
		if i == 0 {
			c.fromItem(p.from)
			continue
		}
		c.SQL(p.join)
		c.fromItem(p.from)
		c.SQL(" ON ")
		for n, key := range p.keys {
			if n > 0 {
				c.SQL(" AND ")
			}
			c.columnOf(p.from, key.own.name)
			c.SQL(" = ")
			c.columnOf(g.partOf(key.refers.table), key.refers.name)
		}
	}
}

// severalTables reports whether an item of FROM is joined of several.
func severalTables(item Node) bool {
	if _, ok := item.(*joinNode); ok {
		return true
	}
	g := groupIn(itemSource(item))
	return g != nil && len(g.parts) > 1
}

// itemSource is the FROM item behind an entity, or the node itself. What is wrong
// with it comes out where it is written.
func itemSource(item Node) Node {
	n, err := resolved(unsampled(item))
	if err != nil {
		return item
	}
	if e, ok := n.(entityItem); ok {
		return e.source()
	}
	return n
}

// rowsOnly are the conditions that leave out the rows of other structs.
func rowsOnly(item Node) []Node {
	if g := groupIn(itemSource(item)); g != nil {
		return g.only()
	}
	return nil
}

// choosesRows reports whether anything in an item of FROM leaves out the rows of
// other structs.
func choosesRows(item Node) bool {
	if n, ok := item.(*joinNode); ok {
		return choosesRows(n.left) || choosesRows(n.right)
	}
	return len(rowsOnly(item)) > 0
}

// kinds writes the condition that a row is one of certain structs. What it compares
// with is settled by the mapping, and no value of the statement.
func (c *Compiler) kinds(n *kindsNode) {
	c.expr(n.kind, opEq.precedence+1)
	typ := typeOf(n.kind)
	if len(n.kinds) == 1 {
		c.SQL(" = ")
		c.Bind(n.kinds[0], typ)
		return
	}
	c.SQL(" IN (")
	commaList(c, n.kinds, func(kind any) { c.Bind(kind, typ) })
	c.SQL(")")
}

// renameParts has the tables of a group mean those of what stands in its place.
func (s *scope) renameParts(from, to fromNode) {
	g := groupIn(from)
	if g == nil {
		return
	}
	for _, part := range g.parts {
		for _, other := range separate(to) {
			if tableOf(part.from) == tableOf(other) && part.from != other {
				s.renamed[part.from] = other
			}
		}
	}
}
