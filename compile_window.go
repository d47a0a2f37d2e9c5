// This file writes window functions, and the WINDOW clause.

package orm

// over writes a function and its window.
func (c *Compiler) over(n *overNode) {
	c.need(c.features.WindowFunctions, "OVER", "group in a subquery, and join it")
	if n.of.distinct {
		c.Unsupported("DISTINCT in a window function", "make the rows distinct in a subquery")
	}
	if len(n.of.args) == 3 && n.of.windowOnly {
		c.need(c.features.LagDefault, "a default for lag and lead", "use Coalesce, where NULL is no value of its own")
	}
	c.orNull(n.of, func() {
		c.functionCall(n.of)
		c.SQL(" OVER ")
		if n.window.bare() {
			c.windowName(n.window.name, c.declaredWindows())
		} else {
			c.window(n.window, nil)
		}
	})
}

func (c *Compiler) declaredWindows() []namedWindow {
	if c.scope == nil {
		return nil
	}
	return c.scope.windows
}

// windowName writes the name of a window that is among those declared.
func (c *Compiler) windowName(name string, declared []namedWindow) {
	if !hasWindow(declared, name) {
		c.Fail(&UsageError{
			Kind: ErrUnknownName, Op: "refer to window", Subject: quoted(name), Reason: "the statement has no such window",
			Advice: "name it with Window",
		})
	}
	c.Ident(name)
}

// window writes a window in parentheses: what it is built on, how it is parted
// and ordered, and its frame. Labels of the select list do not reach in here.
func (c *Compiler) window(w *windowNode, before []namedWindow) {
	c.Fail(w.err)
	defer c.withoutLabels()()
	c.SQL("(")
	space := c.spaced()
	if w.name != "" {
		space()
		if before == nil {
			before = c.declaredWindows()
		}
		c.windowName(w.name, before)
	}
	if len(w.partition) > 0 {
		space()
		c.SQL("PARTITION BY ")
		commaList(c, w.partition, func(n Node) { c.expr(n, precOr) })
	}
	if len(w.order) > 0 {
		space()
		c.SQL("ORDER BY ")
		c.orderItems(w.order)
	}
	if w.frame != nil {
		space()
		c.frame(w)
	}
	c.SQL(")")
}

// spaced returns a function that writes a space, but for the first time.
func (c *Compiler) spaced() func() {
	first := true
	return func() {
		if !first {
			c.SQL(" ")
		}
		first = false
	}
}

// withoutLabels hides the labels of the select list, until the function that
// it returns is called.
func (c *Compiler) withoutLabels() func() {
	if c.scope == nil {
		return func() {}
	}
	s, labels := c.scope, c.scope.labels
	s.labels = nil
	return func() { s.labels = labels }
}

func (c *Compiler) frame(w *windowNode) {
	if w.frame.unit == "GROUPS" {
		c.need(c.features.FrameGroups, "a frame of GROUPS", "use Rows or Range")
	}
	c.SQL(w.frame.unit)
	c.SQL(" BETWEEN ")
	c.buf = append(c.buf, w.frame.from.String()...)
	c.SQL(" AND ")
	c.buf = append(c.buf, w.frame.to.String()...)
	if w.exclude != "" {
		c.need(c.features.FrameExclude, "EXCLUDE in a frame", "subtract what the row itself gives")
		c.SQL(w.exclude)
	}
}

// windows writes the WINDOW clause. A window may be built on those before it.
func (c *Compiler) windows(windows []namedWindow) {
	if len(windows) == 0 {
		return
	}
	c.need(c.features.WindowFunctions, "WINDOW", "group in a subquery, and join it")
	c.SQL(" WINDOW ")
	for i, w := range windows {
		if i > 0 {
			c.SQL(", ")
		}
		if hasWindow(windows[:i], w.name) {
			c.Fail(&UsageError{Kind: ErrAmbiguous, Op: "window", Subject: quoted(w.name), Reason: "two windows have that name"})
		}
		c.Ident(w.name)
		c.SQL(" AS ")
		c.window(w.window, windows[:i:i])
	}
}
