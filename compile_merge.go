// This file writes MERGE. A branch for matched rows knows both tables, and one for
// rows without a match only the source.
//
// What criteria hide stands in no condition of ON: a row of the target that they
// hide would be taken for one that is not there, and inserted again. It stands in
// the conditions of the branches, so that for hidden rows there is none.

package orm

import "slices"

// merging is what the branches of a MERGE have in common.
type merging struct {
	table    *Table
	target   *scope
	source   *scope
	both     *scope
	onTarget []Node // criteria
	onSource []Node
}

// merge writes a MERGE.
func (c *Compiler) merge(s *MergeStatement) {
	outer, start := c.scope, len(c.slots)
	defer func() { c.scope = outer }()
	defer c.under(s.criteria)()
	c.need(c.features.Merge, "MERGE", "use Insert with OnConflict, or Update and Insert in one transaction")
	c.Fail(s.mistake())
	if c.err != nil {
		return
	}
	c.useAll(s.ctes)
	c.with.flat = true
	m := c.merging(s)
	if c.err != nil {
		return
	}
	c.SQL("MERGE INTO ")
	c.scope = m.target
	c.fromItem(s.into)
	c.SQL(" USING ")
	c.scope = m.source
	c.fromItem(s.source)
	c.scope = m.both
	c.conditions(" ON ", s.on)
	for _, b := range s.branches {
		c.mergeBranch(m, b)
	}
	c.fillParams(start, s.params)
}

// merging enters the tables of a MERGE into scopes.
func (c *Compiler) merging(s *MergeStatement) *merging {
	outer := c.scope
	m := &merging{table: c.target(s.into)}
	m.target = c.scope
	m.source, m.both = &scope{outer: outer}, &scope{outer: outer}
	c.Fail(m.source.add(s.source))
	c.Fail(m.both.add(s.into))
	c.Fail(m.both.add(s.source))
	if c.err == nil {
		m.onTarget, m.onSource = c.criteriaOn(s.into), c.criteriaOn(s.source)
	}
	return m
}

// mistake says what is missing in the statement, or stands where nothing comes.
func (s *MergeStatement) mistake() error {
	problem := &UsageError{Kind: ErrArgument, Op: "merge", Subject: targetName(s.into)}
	switch {
	case s.source == nil:
		problem.Reason, problem.Advice = "it is not said what is merged", "say it with Using"
	case len(s.on) == 0:
		problem.Reason, problem.Advice = "no condition says which rows are matched", "give Using one, such as that keys are equal"
	case len(s.branches) == 0:
		problem.Reason, problem.Advice = "there is nothing to do", "say it with WhenMatched and WhenNotMatched"
	case s.unreachable():
		problem.Reason, problem.Advice = "a branch stands behind one that is for the same rows and has no condition", "put the branch without a condition last"
	default:
		return nil
	}
	return problem
}

// unreachable reports whether no row can come to one of the branches.
func (s *MergeStatement) unreachable() bool {
	closed := map[bool]bool{}
	for _, b := range s.branches {
		if closed[b.matched] {
			return true
		}
		closed[b.matched] = len(b.where) == 0
	}
	return false
}

func (c *Compiler) mergeBranch(m *merging, b mergeBranch) {
	conditions := slices.Concat(b.where, m.onSource)
	if b.matched {
		c.scope = m.both
		conditions = append(conditions, m.onTarget...)
		c.SQL(" WHEN MATCHED")
	} else {
		c.scope = m.source
		c.withoutTarget(m, b)
		c.SQL(" WHEN NOT MATCHED")
	}
	for _, condition := range conditions {
		c.SQL(opAnd.text)
		c.expr(condition, opAnd.precedence)
	}
	c.SQL(" THEN ")
	switch b.action {
	case mergeUpdate:
		c.SQL("UPDATE SET ")
		c.assignments(m.table, b.set)
	case mergeDelete:
		c.SQL("DELETE")
	case mergeInsert:
		c.SQL("INSERT")
		c.scope = m.target
		values := c.rowValues(insertRow{assigned: b.set})
		c.scope = m.source
		c.insertGiven(m.table, []map[*Column]Node{values})
	default:
		c.SQL("DO NOTHING")
	}
}

// withoutTarget refuses columns of the target where there is no row of it.
func (c *Compiler) withoutTarget(m *merging, b mergeBranch) {
	nodes := slices.Clone(b.where)
	for _, a := range b.set {
		nodes = append(nodes, a.value)
	}
	var visit func(n Node) bool
	visit = func(n Node) bool {
		if late, ok := n.(lateNode); ok {
			known, err := resolved(late)
			if err != nil {
				return true // it comes out where it is written
			}
			if n = known; sourceOf(n) == nil {
				return walk([]Node{n}, visit)
			}
		}
		if from := sourceOf(n); from == nil || !m.target.has(from) {
			return true
		}
		c.Fail(&UsageError{
			Kind: ErrArgument, Op: "merge", Subject: m.table.FullName(), Reason: "a branch for rows without a match uses a column of the target, of which there is no row",
			Advice: "use columns of what Using names",
		})
		return false
	}
	walk(nodes, visit)
}
