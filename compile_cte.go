// This file writes WITH. It stands at the front, but what belongs there is only
// known when the rest is written: a statement in which a CTE is met is written
// once more, behind its WITH. One without any is written once.

package orm

import (
	"fmt"
	"slices"
)

// withState is what the compiler knows of WITH. The zero value is that of a
// statement that cannot begin with it, outside of parentheses.
type withState struct {
	rooted  bool            // there is a place for all CTEs that are met
	flat    bool            // the place for these takes no recursive ones
	inner   bool            // a place for those that stay where they are lies further inside
	top     *withPlace      // what is met for the first of these; nil for nothing so far
	here    *withPlace      // for the second
	names   map[string]*CTE // of all places
	writing []*CTE          // the recursive ones inside of which the compiler is
}

// withPlace is what a WITH has to say.
type withPlace struct {
	found   []*foundCTE // in the order in which they were met
	uses    []*foundCTE // of the CTE that is looked into
	settled bool
}

// foundCTE is a CTE and the criteria that hold where it is used.
type foundCTE struct {
	*CTE
	criteria []Criteria
	state    visitState
}

type visitState uint8

const (
	notVisited visitState = iota
	beingVisited
	visited
)

// mark is a point in the text, to go back to.
type mark struct{ text, slots int }

func (c *Compiler) mark() mark { return mark{len(c.buf), len(c.slots)} }

func (c *Compiler) rewind(to mark) { c.buf, c.slots = c.buf[:to.text], c.slots[:to.slots] }

// leadsWith reports whether WITH can stand before a statement.
func (c *Compiler) leadsWith(stmt Statement) bool {
	switch s := stmt.(type) {
	case *SelectStatement, *SetOperation:
		return true
	case *InsertStatement:
		return c.features.LeadingInsert
	case *UpdateStatement, *DeleteStatement, *MergeStatement:
		return c.features.LeadingCTE
	case *TextStatement:
		return len(s.ctes) > 0 // what it begins with is seen to by textCTEs
	}
	return false
}

// textCTEs has the CTEs of a text stand before it, if they can.
func (c *Compiler) textCTEs(s *TextStatement, verb string) {
	if len(s.ctes) == 0 {
		return
	}
	can, advice := false, "use a subquery in the text"
	switch verb {
	case "SELECT":
		can = true
	case "INSERT":
		can = c.features.LeadingInsert
	case "UPDATE", "DELETE":
		can = c.features.LeadingCTE
	case "WITH":
		advice = "leave AddCTE out and write its statement into that WITH"
	}
	if !can {
		c.Fail(&UsageError{Kind: ErrUnsupported, Op: "add CTE", Subject: "text", Reason: "WITH cannot stand before a text that begins with " + quoted(verb), Advice: advice})
		return
	}
	c.useAll(s.ctes)
}

// placed writes a query before which WITH can stand.
func (c *Compiler) placed(query Node, write func()) {
	outer, start := c.with, c.mark()
	c.with.rooted, c.with.inner, c.with.here = true, outer.rooted, nil
	write()
	own := &c.with.top
	if c.with.inner {
		own = &c.with.here
	}
	if *own != nil {
		c.again(start, *own, query, write)
	}
	c.with.rooted, c.with.inner, c.with.here = outer.rooted, outer.inner, outer.here
	if !outer.rooted {
		c.with.top = nil
	}
}

// again writes what was written since the mark once more, behind its WITH.
func (c *Compiler) again(start mark, place *withPlace, query Node, write func()) {
	c.rewind(start)
	c.writeWith(place)
	write()
	c.fillParams(start.slots, paramsOf(query))
}

// paramsOf are the values that a statement has for parameters inside of it.
func paramsOf(query Node) M {
	switch s := query.(type) {
	case *SelectStatement:
		return s.params
	case *SetOperation:
		return s.params
	case *InsertStatement:
		return s.params
	case *UpdateStatement:
		return s.params
	case *DeleteStatement:
		return s.params
	case *MergeStatement:
		return s.params
	}
	return nil
}

// useAll is useCTE for those that a statement names by AddCTE.
func (c *Compiler) useAll(ctes []*CTE) {
	for _, n := range ctes {
		if n == nil {
			c.Fail(nilArgument("add CTE", "CTE"))
			return
		}
		c.useCTE(n)
	}
}

// useCTE has a CTE stand in the WITH that it belongs to.
func (c *Compiler) useCTE(n *CTE) {
	c.Fail(n.err)
	c.need(c.features.CTE, "WITH", "use a subquery")
	switch {
	case c.err != nil || slices.Contains(c.with.writing, n):
		return
	case !c.with.rooted:
		c.Unsupported("WITH before a statement that writes", "select from the CTE in a subquery of its conditions")
		return
	}
	c.nameCTE(n)
	own := &c.with.top
	if n.nesting && c.with.inner {
		own = &c.with.here
	}
	if *own == nil {
		*own = &withPlace{}
	}
	c.meet(*own, n)
}

// nameCTE sees to it that a statement has one CTE of a name.
func (c *Compiler) nameCTE(n *CTE) {
	if c.with.names == nil {
		c.with.names = map[string]*CTE{}
	}
	if other := c.with.names[n.name]; other != nil && other != n {
		c.Fail(&UsageError{
			Kind: ErrAmbiguous, Op: "compile", Subject: "WITH " + n.name, Reason: "two CTEs of the statement have that name",
			Advice: "make the CTE once and use it twice, or give one another name",
		})
	}
	c.with.names[n.name] = n
}

// tableBesideCTEs refuses to read a table by a name that WITH has taken.
func (c *Compiler) tableBesideCTEs(t *Table) {
	if c.reads != nil {
		c.reads[t] = true
	}
	if c.with.names != nil && t.schema == "" && c.with.names[t.name] != nil {
		c.Fail(&UsageError{
			Kind: ErrAmbiguous, Op: "compile", Subject: "WITH " + t.name, Reason: "the statement also reads a table of that name",
			Advice: "give the CTE another name",
		})
	}
}

// meet notes a CTE in its place, under the criteria that hold where it is used.
// These have to be the same everywhere, unless it lifts them itself.
func (c *Compiler) meet(place *withPlace, n *CTE) {
	i := slices.IndexFunc(place.found, func(f *foundCTE) bool { return f.CTE == n })
	if i < 0 {
		if place.settled {
			c.Fail(&UsageError{Kind: ErrArgument, Op: "compile", Subject: "WITH " + n.name, Reason: "criteria used it only when they were asked for the second time"})
			return
		}
		i, place.found = len(place.found), append(place.found, &foundCTE{CTE: n, criteria: c.criteria})
	}
	found := place.found[i]
	if place.uses = append(place.uses, found); !n.liftsCriteria() && !slices.Equal(found.criteria, c.criteria) {
		c.Fail(&UsageError{
			Kind: ErrAmbiguous, Op: "compile", Subject: "WITH " + n.name, Reason: "it is used twice, where different criteria hold",
			Advice: "make two CTEs, or say WithoutCriteria() in its own statement",
		})
	}
}

// liftsCriteria reports whether no criteria from outside hold in the CTE.
func (n *CTE) liftsCriteria() bool {
	s, ok := n.query.(*SelectStatement)
	step, recursive := n.step.(*SelectStatement)
	return ok && s.criteria.lifted && (n.step == nil || recursive && step.criteria.lifted)
}

// writeWith writes the WITH of a place.
func (c *Compiler) writeWith(place *withPlace) {
	ordered := c.dependent(place)
	place.settled = true
	c.SQL("WITH ")
	if slices.ContainsFunc(ordered, func(f *foundCTE) bool { return f.step != nil }) {
		if c.with.flat && place == c.with.top {
			c.Unsupported("WITH RECURSIVE before MERGE", "select from the CTE in a Subquery, and make it with Nesting()")
		}
		c.SQL("RECURSIVE ")
	}
	commaList(c, ordered, c.cteDefinition)
	c.SQL(" ")
}

// dependent returns the CTEs of a place, and those that they use, each behind
// those that it uses itself.
func (c *Compiler) dependent(place *withPlace) []*foundCTE {
	var ordered []*foundCTE
	var visit func(f *foundCTE)
	visit = func(f *foundCTE) {
		switch {
		case c.err != nil || f.state == visited:
			return
		case f.state == beingVisited:
			c.Fail(&UsageError{
				Kind: ErrCircular, Op: "compile", Subject: "WITH " + f.name, Reason: "it uses another that uses it",
				Advice: "a recursive CTE may use itself alone",
			})
			return
		}
		f.state = beingVisited
		for _, used := range c.usedBy(place, f) {
			visit(used)
		}
		f.state, ordered = visited, append(ordered, f)
	}
	for i := 0; i < len(place.found); i++ { //nolint:intrange // the list grows
		visit(place.found[i])
	}
	return ordered
}

// usedBy returns the CTEs of the place that another one uses. They are met by
// writing it, and taking back what was written.
func (c *Compiler) usedBy(place *withPlace, f *foundCTE) []*foundCTE {
	start := c.mark()
	place.uses = nil
	c.cteDefinition(f)
	c.rewind(start)
	return place.uses
}

// cteDefinition writes "name (columns) AS (statement)".
func (c *Compiler) cteDefinition(f *foundCTE) {
	c.Ident(f.name)
	if len(f.columns) > 0 {
		c.cteColumns(f.CTE)
	}
	c.SQL(" AS ")
	if c.features.MaterializedCTE {
		c.SQL(f.hint)
	}
	c.SQL("(")
	scope, style, criteria, writing := c.scope, c.style, c.criteria, c.with.writing
	defer func() { c.scope, c.style, c.criteria, c.with.writing = scope, style, criteria, writing }()
	c.scope, c.style, c.criteria = nil, qualified, f.criteria
	switch {
	case f.writes():
		c.writingCTE(f.CTE)
	case f.step != nil:
		c.with.writing = append(slices.Clip(writing), f.CTE)
		c.placed(f.query, func() { c.recursion(f.CTE) })
	default:
		c.placed(f.query, func() { c.member(f.query) })
	}
	c.SQL(")")
}

// cteColumns writes the names that the columns of a CTE are given.
func (c *Compiler) cteColumns(n *CTE) {
	if has, known := columnCount(n.query); known && has != len(n.columns) {
		c.Fail(&UsageError{
			Kind: ErrArgument, Op: "compile", Subject: "WITH " + n.name,
			Reason: fmt.Sprintf("CTEColumns has %d names and the statement %d columns", len(n.columns), has), Advice: "name each column, or leave CTEColumns out",
		})
	}
	c.SQL(" (")
	commaList(c, n.columns, c.Ident)
	c.SQL(")")
}

// recursion writes the two parts of a recursive CTE.
func (c *Compiler) recursion(n *CTE) {
	if has, wants, differ := unlikeCounts(n.step, n.query); differ {
		c.Fail(&UsageError{
			Kind: ErrArgument, Op: "compile", Subject: "WITH RECURSIVE " + n.name,
			Reason: fmt.Sprintf("the first statement has %d columns and the second %d", wants, has), Advice: "select the same columns in both",
		})
	}
	c.setMember(n.query)
	if n.distinct {
		c.SQL(" UNION ")
	} else {
		c.SQL(" UNION ALL ")
	}
	c.setMember(n.step)
}

// writingCTE writes an INSERT, UPDATE or DELETE inside of WITH.
func (c *Compiler) writingCTE(n *CTE) {
	c.need(c.features.WritingCTE, "INSERT, UPDATE or DELETE in WITH", "send it as a statement of its own")
	if n.nesting {
		c.Fail(&UsageError{
			Kind: ErrArgument, Op: "compile", Subject: "WITH " + n.name, Reason: "what writes can only stand at the front of the whole statement",
			Advice: "leave Nesting() out",
		})
	}
	if !c.enter() {
		return
	}
	defer c.leave()
	c.acts = true
	switch s := n.query.(type) {
	case *InsertStatement:
		c.insert(s)
	case *UpdateStatement:
		c.update(s)
	case *DeleteStatement:
		c.delete(s)
	}
}

// cteItem writes a CTE in FROM, where it may go by another name.
func (c *Compiler) cteItem(n *CTE, alias string) {
	if n == nil {
		c.Fail(nilArgument("select from", "CTE"))
		return
	}
	if n.writes() && len(n.outputs()) == 0 {
		c.Fail(&UsageError{
			Kind: ErrArgument, Op: "select from", Subject: n.name, Reason: "the statement returns nothing",
			Advice: "say with Returning what it returns, or add it by AddCTE to have it executed only",
		})
	}
	c.useCTE(n)
	c.Ident(n.name)
	if alias != "" {
		c.SQL(" AS ")
		c.Ident(alias)
	}
}
