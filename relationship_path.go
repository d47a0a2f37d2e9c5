// This file turns a relationship of an entity reference into a path, the form
// in which statements follow it.

package orm

import (
	"fmt"
	"slices"
	"strings"
)

var _ pathField = (*attribute)(nil)

// path returns the relationship of the field, once its struct is registered.
func (a *attribute) path(as Node) (*relationPath, error) {
	from, err := a.ref.entity()
	if err != nil {
		return nil, err
	}
	rel := from.mapper.relationOf(a.offset, a.goType)
	if rel == nil {
		return nil, a.unrelated(from.mapper)
	}
	own, err := a.ref.targetOf(rel)
	if err != nil {
		return nil, err
	}
	to, err := joinedEntity(rel, own, as)
	if err != nil {
		return nil, err
	}
	p := &relationPath{name: rel.fullName(), from: from.from, to: to, own: to.mapper.from, refers: rel.direction == ManyToOne}
	if rel.link == nil {
		for _, pair := range rel.pairs {
			p.pairs = append(p.pairs, pathPair{pair.own.column, pair.far.column})
		}
	} else {
		p.link, p.pairs = rel.linkPath()
	}
	if rel.criteria != nil {
		p.criteria = conditionNodes(rel.criteria())
	}
	return p, nil
}

func (a *attribute) unrelated(m *Mapper) error {
	problem := &UsageError{
		Kind: ErrUnknownName, Op: "follow", Subject: a.fullName(), Reason: "the field is no relationship", Advice: m.name + " has no relationships",
	}
	if names := m.relationNames(); len(names) > 0 {
		problem.Advice = "the relationships are " + strings.Join(names, ", ")
	}
	return problem
}

// targetOf is the entity of a relationship's target under its own name: that of
// orm.Entity, or, where this means the mapper of another registry, that of
// orm.EntityIn.
func (r *entityRef) targetOf(rel *relationship) (*entityFrom, error) {
	if r.registry == nil {
		entity, err := referenceOf(refKey{goType: rel.elem}).entity()
		if err == nil && entity.mapper == rel.target {
			return entity, nil
		}
	}
	return referenceOf(refKey{goType: rel.elem, registry: rel.owner.registry}).entity()
}

// joinedEntity is the entity that a relationship is joined as.
func joinedEntity(rel *relationship, own *entityFrom, as Node) (*entityFrom, error) {
	if as == nil {
		return own, nil
	}
	if s, ok := as.(*EntitySource); ok {
		as = s.entity
	}
	n, err := resolved(as)
	if err != nil {
		return nil, err
	}
	if mistake, ok := n.(*errorNode); ok {
		return nil, mistake.err
	}
	entity, ok := n.(*entityFrom)
	switch {
	case !ok:
		return nil, &UsageError{Kind: ErrArgument, Op: "join", Subject: rel.fullName(), Reason: "what stands behind it is no entity reference", Advice: fmt.Sprintf("give orm.Alias[%s](name)", rel.target.name)}
	case !entity.mapper.is(rel.target):
		return nil, &UsageError{Kind: ErrArgument, Op: "join", Subject: rel.fullName(), Reason: fmt.Sprintf("it leads to %s and not to %s", rel.target.name, entity.mapper.name), Advice: fmt.Sprintf("give orm.Alias[%s](name)", rel.target.name)}
	}
	return entity, nil
}

// linkPath is the way over the link table, and from there.
func (rel *relationship) linkPath() (*pathLink, []pathPair) {
	link, pairs := &pathLink{table: rel.link.table}, make([]pathPair, 0, len(rel.link.far))
	for _, pair := range rel.link.own {
		link.pairs = append(link.pairs, pathPair{pair.prop.column, pair.column})
	}
	for _, pair := range rel.link.far {
		pairs = append(pairs, pathPair{pair.column, pair.prop.column})
	}
	return link, slices.Clip(pairs)
}
