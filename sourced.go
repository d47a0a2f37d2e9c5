// This file tells what an entity means in a statement whose FROM has it read from
// something else than its table.

package orm

// settled returns the entity, and what it reads from.
func (s *EntitySource) settled() (entityItem, fromNode, error) {
	n, err := resolved(s.entity)
	if err != nil {
		return nil, nil, err
	}
	if mistake, ok := n.(*errorNode); ok {
		return nil, nil, mistake.err
	}
	entity, ok := n.(entityItem)
	switch {
	case !ok:
		return nil, nil, &UsageError{
			Kind: ErrArgument, Op: "select from", Subject: "As", Reason: "the first argument is a field, and no entity reference",
			Advice: "give what orm.Entity or orm.Alias returns",
		}
	case s.from == nil:
		return nil, nil, &UsageError{
			Kind: ErrArgument, Op: "select from", Subject: entity.entityName(), Reason: "what it is to read from is nil",
			Advice: "give As a Subquery, a CTE or a table",
		}
	}
	return entity, s.from, nil
}

// sourcesIn are the sources of entities in a FROM, by what they stand for. What is
// wrong with one comes out where it is written.
func sourcesIn(from []Node) map[fromNode]fromNode {
	var found map[fromNode]fromNode
	for rest := from; len(rest) > 0; {
		n := rest[len(rest)-1]
		rest = rest[: len(rest)-1 : len(rest)-1]
		switch n := n.(type) {
		case *joinNode:
			rest = append(rest, n.left, n.right)
		case *pathJoin:
			if s, ok := n.as.(*EntitySource); ok {
				rest = append(rest, s)
			}
		case *EntitySource:
			entity, source, err := n.settled()
			if err != nil {
				continue
			}
			if found == nil {
				found = map[fromNode]fromNode{}
			}
			found[entity.source()] = source
		}
	}
	return found
}

// namesOf are the names of the columns of a FROM item.
func namesOf(from fromNode) map[string]bool {
	names := map[string]bool{}
	for _, o := range starOutputs(from) {
		names[o.name] = true
	}
	return names
}

// keepsCriteria reports whether criteria hold inside of a source: it reads from
// tables by statements of this library.
func keepsCriteria(n Node) bool {
	switch n := n.(type) {
	case *Subquery:
		return keepsCriteria(n.query)
	case *CTE:
		return keepsCriteria(n.query) && (n.step == nil || keepsCriteria(n.step))
	case *CTEAlias:
		return n.cte != nil && keepsCriteria(n.cte)
	case *SetOperation:
		for _, m := range n.members {
			if !keepsCriteria(m) {
				return false
			}
		}
		return true
	case *SelectStatement, *UpdateStatement, *DeleteStatement:
		return true
	}
	return false
}
