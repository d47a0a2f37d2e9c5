// This file puts the conditions of criteria where they leave out rows of a table
// and nothing else: into WHERE, or into the condition of an outer join.

package orm

import "slices"

// under has the criteria of a statement hold until the function that it returns
// is called.
func (c *Compiler) under(r restriction) (end func()) {
	outer := c.criteria
	c.criteria = r.within(outer)
	return func() { c.criteria = outer }
}

// criteriaOn are the conditions that criteria put on the rows of a FROM item.
func (c *Compiler) criteriaOn(n Node) []Node {
	if s, ok := n.(*EntitySource); ok {
		return c.criteriaOnSource(s)
	}
	conditions := rowsOnly(n)
	from, _ := itemSource(n).(fromNode)
	entity := entityBehind(from)
	if entity == nil {
		return conditions
	}
	for _, criteria := range c.criteria {
		criterion := criteria.is
		if err := criterion.mistake(); err != nil {
			c.Fail(err)
		} else if reference := entity.reference(criterion.goType); reference != nil {
			conditions = append(conditions, &renamedNode{of: c.ask(criterion, reference), own: entity.itself(), entity: entity.as(from), free: true})
		}
	}
	return conditions
}

// asked is a condition of criteria that a statement was given.
type asked struct {
	criterion *criterion
	reference any
	answer    Node
}

// ask asks for the condition of a criterion.
func (c *Compiler) ask(criterion *criterion, reference any) Node {
	answer := criterion.on(reference)
	c.asked = append(c.asked, asked{criterion, reference, answer})
	return answer
}

// criteriaOnSource are the conditions on an entity that is read from something
// else than its table: none where they hold inside of that.
func (c *Compiler) criteriaOnSource(s *EntitySource) []Node {
	entity, source, err := s.settled()
	if err != nil || keepsCriteria(source) {
		return nil
	}
	return slices.Concat(c.criteriaOn(entity), c.criteriaOn(source))
}

// restrict returns items of FROM with the conditions that criteria put into outer
// joins, and those that belong into WHERE.
func (c *Compiler) restrict(items []Node) (restricted, where []Node) {
	if c.err != nil || len(c.criteria) == 0 && !slices.ContainsFunc(items, choosesRows) {
		return items, nil
	}
	restricted = make([]Node, len(items))
	for i, item := range items {
		var conditions []Node
		restricted[i], conditions = c.restrictItem(item)
		where = append(where, conditions...)
	}
	return restricted, where
}

// restrictItem is restrict for one item, which may be a chain of joins.
func (c *Compiler) restrictItem(item Node) (Node, []Node) {
	n, ok := item.(*joinNode)
	if !ok {
		return item, c.criteriaOn(item)
	}
	first, joins := n.chain()
	left, where := c.restrictItem(first)
	for _, j := range joins {
		right, conditions := c.restrictItem(j.right)
		joined := &joinNode{left: left, right: right, kind: j.kind, on: j.on}
		switch {
		case j.kind == innerJoin || j.kind == crossJoin:
			where = append(where, conditions...)
		case j.kind == fullJoin && len(where)+len(conditions) > 0:
			c.Fail(&UsageError{
				Kind: ErrUnsupported, Op: "use criteria", Subject: "FULL OUTER JOIN", Reason: "no condition leaves out rows of one side alone",
				Advice: "join a Subquery of the table, or say WithoutCriteria()",
			})
		case len(conditions) > 0:
			joined.on = c.joinedOn(joined, conditions)
		}
		left = joined
	}
	return left, where
}

// joinedOn is the condition of a join with further ones.
func (c *Compiler) joinedOn(n *joinNode, more []Node) Node {
	on := n.on
	if on == nil {
		var err error
		if on, err = inferJoin(n); err != nil {
			c.Fail(err)
			return nil
		}
	}
	return &listNode{op: opAnd, items: slices.Concat([]Node{on}, more)}
}

// criteriaApply reports whether any of the criteria is on the rows of an entity.
func criteriaApply(criteria []Criteria, entity tableEntity) bool {
	return entity != nil && slices.ContainsFunc(criteria, func(c Criteria) bool {
		return c.is.mistake() == nil && entity.reference(c.is.goType) != nil
	})
}
