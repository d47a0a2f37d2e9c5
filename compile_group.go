// This file writes the items of GROUP BY that stand for several groupings, and
// what else there is to say of an aggregate.

package orm

func (c *Compiler) groupBy(s *SelectStatement) {
	if len(s.groupBy) == 0 {
		return
	}
	c.SQL(" GROUP BY ")
	if g := soleRollup(s.groupBy); g != nil && c.features.WithRollup {
		if len(s.orderBy) > 0 {
			c.need(c.features.RollupOrder, "ORDER BY beside ROLLUP", "order the rows of a subquery")
		}
		commaList(c, c.columnsOf(g.items), c.groupExpr)
		c.SQL(" WITH ROLLUP")
		return
	}
	commaList(c, c.columnsOf(s.groupBy), c.groupExpr)
}

// grouping writes ROLLUP, CUBE, GROUPING SETS, or one set.
func (c *Compiler) grouping(n *groupingNode) {
	advice := "unite a SELECT for each"
	if c.features.WithRollup {
		advice = "there is Rollup alone, without other items of GROUP BY"
	}
	c.need(c.features.GroupingSets, "GROUPING SETS", advice)
	if n.kind != "" {
		c.SQL(n.kind)
		c.SQL(" ")
	}
	c.SQL("(")
	commaList(c, c.columnsOf(n.items), c.groupExpr)
	c.SQL(")")
}

// stringAgg writes what joins texts. MySQL's separator is a literal.
func (c *Compiler) stringAgg(n *funcNode, args []Node) {
	if !c.features.GroupConcat {
		c.call(n, args)
		return
	}
	c.SQL("group_concat(")
	c.argument(args[0])
	c.aggregateOrder(n)
	c.SQL(" SEPARATOR ")
	c.Literal(n.separator)
	c.SQL(")")
}

// aggregateOrder writes the ORDER BY of an aggregate.
func (c *Compiler) aggregateOrder(n *funcNode) {
	if len(n.order) == 0 {
		return
	}
	c.need(c.features.AggregateOrder || n.name == "string_agg" || n.json != "", "ORDER BY in an aggregate", "select the rows, and collect them in the program")
	defer c.withoutLabels()()
	c.SQL(" ORDER BY ")
	c.orderItems(n.order)
}

func (c *Compiler) withinGroup(n *funcNode) {
	if len(n.within) == 0 {
		return
	}
	c.need(c.features.OrderedSets, "WITHIN GROUP", "number the rows over a window")
	defer c.withoutLabels()()
	c.SQL(" WITHIN GROUP (ORDER BY ")
	c.orderItems(n.within)
	c.SQL(")")
}

// rowLimit writes how many rows there may be.
func (c *Compiler) rowLimit(s *SelectStatement) {
	if !s.ties {
		c.limit(s.limit, s.offset)
		return
	}
	c.need(c.features.WithTies, "FETCH FIRST … WITH TIES", "rank the rows over a window")
	if len(s.orderBy) == 0 {
		c.Fail(&UsageError{Kind: ErrArgument, Op: "limit with ties", Reason: "the statement has no order", Advice: "add OrderBy"})
	}
	if s.offset != nil {
		c.SQL(" OFFSET ")
		c.expr(s.offset, precOr)
		c.SQL(" ROWS")
	}
	c.SQL(" FETCH FIRST ")
	c.expr(s.limit, precOr)
	c.SQL(" ROWS WITH TIES")
}

// hints writes those hints that are for the dialect.
func (c *Compiler) hints(hints []hint) {
	for _, h := range hints {
		c.hint(h, "", " ")
	}
}

// hint writes a hint if it is for the dialect, with what stands around it.
func (c *Compiler) hint(h hint, before, after sqlText) {
	if h.dialect != c.dialect.Name() {
		return
	}
	c.SQL(before)
	acts := c.acts
	if scanned := c.userText(h.text, nil); scanned != nil {
		c.Fail(scanned.loose)
	}
	c.acts = acts
	c.endComment(h.text)
	c.SQL(after)
}

// hintTable writes the hints for an item of FROM.
func (c *Compiler) hintTable(from fromNode) {
	if c.scope == nil {
		return
	}
	for _, h := range c.scope.tableHints {
		n, err := resolved(h.of)
		c.Fail(err)
		switch item := n.(type) {
		case *errorNode:
			c.Fail(item.err)
		case entityItem:
			n = item.source()
		}
		if n == Node(from) {
			c.hint(h.hint, " ", "")
		}
	}
}
