// This file loads relationships within the SELECT of the objects that have them:
// by joins of its own, or from those of the query.

package orm

import (
	"slices"

	"github.com/aurum-go/orm/types"
)

// join adds to a selection what its plan wants joined, and writes the columns.
func (sel *selection) join() error {
	sel.spread(0)
	if err := sel.checkContained(); err != nil {
		return err
	}
	if sel.multiplies() {
		sel.wrap()
	}
	stmt := *sel.stmt
	sel.stmt = &stmt
	names := takenNames(stmt.from)
	for _, e := range sel.entities[1:] {
		if e.step.strategy == lazyJoined {
			stmt.from = slices.Clone(stmt.from)
			target := aliasOf(e.plan.mapper, aliasName(e.plan.mapper.table, names))
			e.column = target.column
			stmt.from[0] = sel.joinTo(stmt.from[0], e, target, names)
			stmt.orderBy = extended(stmt.orderBy, e.step.rel.ordering(target)...)
		}
	}
	stmt.columns = slices.Clone(sel.keyNodes)
	for _, e := range sel.entities {
		stmt.columns = append(stmt.columns, e.columns()...)
	}
	return nil
}

// spread enters what is joined to an entity, and what is joined to that.
func (sel *selection) spread(parent int) {
	of := sel.entities[parent]
	for _, step := range of.plan.steps {
		if !step.joined() {
			continue
		}
		e := &selected{plan: step.plan, step: step, parent: parent}
		if step.strategy == containsEager {
			e.column = step.from.column
		} else {
			e.inner = of.inner && step.always()
		}
		sel.entities = append(sel.entities, e)
		sel.spread(len(sel.entities) - 1)
	}
}

// always reports whether every object has one member: a foreign key that is
// never NULL says so.
func (s *loadStep) always() bool {
	nullable := func(p keyPair) bool { return p.own.column.nullable }
	return s.rel.direction == ManyToOne && len(s.criteria) == 0 && !s.filtered && !slices.ContainsFunc(s.rel.pairs, nullable)
}

// checkContained refuses to read what the query does not join.
func (sel *selection) checkContained() error {
	var there *scope
	for _, e := range sel.entities[1:] {
		if e.step.strategy != containsEager {
			continue
		}
		if there == nil {
			there = scopeOf(sel.stmt.from)
		}
		if from := e.step.from.from; !there.has(from) {
			return &UsageError{
				Kind: ErrArgument, Op: "ContainsEager", Subject: e.step.rel.fullName(), Reason: "the query does not join " + from.fromName(),
				Advice: "join it first, or use JoinedLoad",
			}
		}
	}
	return nil
}

// scopeOf are the items of a FROM, and what relationships lead to that it
// follows. What is wrong with them comes out when the statement is compiled.
func scopeOf(from []Node) *scope {
	s := &scope{}
	for rest := slices.Clone(from); len(rest) > 0; {
		n := rest[len(rest)-1]
		rest = rest[:len(rest)-1]
		switch n := n.(type) {
		case *joinNode:
			rest = append(rest, n.left, n.right)
		case *pathJoin:
			if p, err := n.field.path(n.as); err == nil {
				_ = s.add(n.item(p))
			}
		default:
			_ = s.add(n)
		}
	}
	return s
}

func takenNames(from []Node) map[string]bool {
	names := map[string]bool{}
	for _, item := range scopeOf(from).items {
		names[item.fromName()] = true
	}
	return names
}

// multiplies reports whether joins would change what clauses of the statement
// are about: with a collection there are more rows than objects to count.
func (sel *selection) multiplies() bool {
	s, joins, many := sel.stmt, false, false
	for _, e := range sel.entities[1:] {
		if e.step.strategy == lazyJoined {
			joins, many = true, many || e.step.rel.direction != ManyToOne
		}
	}
	return many && (s.limit != nil || s.offset != nil) ||
		joins && (s.distinct || len(s.distinctOn)+len(s.groupBy)+len(s.having) > 0 || s.lock != nil)
}

// repeats reports whether an object may stand in several rows.
func (sel *selection) repeats() bool {
	return slices.ContainsFunc(sel.entities[1:], func(e *selected) bool { return e.step.rel.direction != ManyToOne })
}

// wrap puts the statement into a subquery, with what it is ordered by among its
// columns, and selects from that in the same order.
func (sel *selection) wrap() {
	inner := *sel.stmt
	sub := &Subquery{query: &inner, name: "anon_1"}
	w := &wrapping{sub: sub, names: map[string]bool{}}
	inner.columns = nil
	for i, e := range sel.entities {
		if i == 0 || e.step.strategy == containsEager {
			inner.columns = append(inner.columns, w.carry(e)...)
		}
	}
	outer := &SelectStatement{from: []Node{sub}, criteria: inner.criteria}
	own := sel.entities[0].plan.mapper
	for _, item := range own.spreader(own.table).list(sel.stmt.orderBy) {
		outer.orderBy = append(outer.orderBy, w.order(&inner, item))
	}
	if inner.limit == nil && inner.offset == nil && len(inner.distinctOn) == 0 {
		inner.orderBy = nil
	}
	sel.stmt = outer
}

// wrapping gives the columns of a subquery names.
type wrapping struct {
	sub   *Subquery
	names map[string]bool
}

// name returns a name that no other column has.
func (w *wrapping) name(wanted string) string {
	name := wanted
	for n := 1; w.names[name]; n++ {
		name = anonymous(wanted, n)
	}
	w.names[name] = true
	return name
}

// carry returns the columns of an entity for the subquery, and has the entity
// read from there.
func (w *wrapping) carry(e *selected) []Node {
	outside := map[*property]Node{}
	var columns []Node
	for _, p := range e.plan.props {
		n := e.column(p)
		name := w.name(p.column.name)
		if name != p.column.name {
			n = &labelNode{name: name, of: n}
		}
		columns = append(columns, n)
		outside[p] = &derivedColumn{from: w.sub, name: name}
	}
	var carried []Node
	for _, n := range e.computed() {
		name := w.name("computed_1")
		columns = append(columns, &labelNode{name: name, of: n})
		carried = append(carried, &derivedColumn{from: w.sub, name: name})
	}
	for _, more := range e.plan.more {
		name := w.name(more.prop.column.name)
		columns = append(columns, &labelNode{name: name, of: e.heirColumn(more)})
		outside[more.prop] = &derivedColumn{from: w.sub, name: name}
	}
	e.carried = carried
	e.column = func(p *property) Node { return outside[p] }
	return columns
}

// order is an item of ORDER BY outside of the subquery. What the subquery does
// not give yet becomes a column of it.
func (w *wrapping) order(inner *SelectStatement, item Node) Node {
	ordering := orderingNode{of: item}
	if o, ok := item.(*orderingNode); ok {
		ordering = *o
	}
	if label, ok := ordering.of.(*labelNode); ok {
		ordering.of = label.of
	}
	name := ""
	if n, err := resolved(ordering.of); err == nil {
		name = nameAmong(inner.columns, n)
	}
	if name == "" {
		name = w.name("order_1")
		inner.columns = append(inner.columns, &labelNode{name: name, of: ordering.of})
	}
	ordering.of = &derivedColumn{from: w.sub, name: name}
	return &ordering
}

// nameAmong is the name that a column has in a select list, or empty.
func nameAmong(columns []Node, n Node) string {
	wanted, ok := n.(*columnNode)
	if !ok {
		return ""
	}
	for _, c := range columns {
		of := c
		if label, ok := c.(*labelNode); ok {
			of = label.of
		}
		if column, ok := of.(*columnNode); ok && *column == *wanted {
			return outputName(c)
		}
	}
	return ""
}

// aliasName is a name for a table that the statement does not have yet.
func aliasName(t *Table, names map[string]bool) string {
	for n := 1; ; n++ {
		if name := anonymous(t.name, n); !names[name] {
			names[name] = true
			return name
		}
	}
}

// joinTo joins an entity to a FROM item under a name of its own. What members
// have to meet is a condition of the join, so that it leaves no object out.
func (sel *selection) joinTo(left Node, e *selected, target *entityFrom, names map[string]bool) Node {
	rel, own := e.step.rel, sel.entities[e.parent].column
	joined := &joinNode{left: left, right: target.source(), kind: " LEFT OUTER JOIN "}
	if e.inner {
		joined.kind = innerJoin
	}
	if rel.link == nil {
		joined.on = rel.refers(own, e.column)
	} else {
		link := rel.link.table.Alias(aliasName(rel.link.table, names))
		joined.left = &joinNode{left: left, right: link, kind: joined.kind, on: rel.link.belongs(own, link)}
		joined.on = rel.link.reaches(e.column, link)
	}
	on := []Expr[bool]{{joined.on}}
	for _, n := range e.step.criteria {
		on = append(on, Expr[bool]{target.meant(n)})
	}
	joined.on = And(on...).n
	return joined
}

// joinedRows are the objects of one entity in the rows of a selection.
type joinedRows struct {
	*selected
	optionalObject
	object types.Ptr // the object of the present row, or nil

	owners  []*instance // whose members they are, in order
	members map[*instance][]types.Ptr
	seen    map[membership]bool
}

type membership struct {
	owner  *instance
	member types.Ptr
}

// optional are the places for the columns of an entity that may be absent.
func (e *joinedRows) optional() []any {
	e.members, e.seen = map[*instance][]types.Ptr{}, map[membership]bool{}
	return e.dest()
}

// take makes an object of the present row, if there is one, and notes whose it
// is.
func (e *joinedRows) take(i int, entities []*joinedRows) (err error) {
	if i == 0 {
		e.object, err = e.loader.takeRow(e.row)
		return err
	}
	e.object = nil
	parent := entities[e.parent]
	if parent.object == nil {
		return nil
	}
	owner := instanceAt(parent.plan.mapper, parent.object)
	if _, known := e.members[owner]; !known {
		e.owners = append(e.owners, owner)
		e.members[owner] = nil
	}
	if e.object, err = e.optionalObject.take(); err != nil || e.object == nil {
		return err
	}
	if m := (membership{owner, e.object}); !e.seen[m] {
		e.seen[m] = true
		e.members[owner] = append(e.members[owner], e.object)
	}
	return nil
}

// tellJoined tells the objects that lack a relationship what came with them. That
// a join of the query finds nothing says nothing.
func (r *loadRun) tellJoined(e *joinedRows) {
	if r.told == nil {
		r.told = map[*loadStep]map[*instance]bool{}
	}
	if r.told[e.step] == nil {
		r.told[e.step] = map[*instance]bool{}
	}
	for _, owner := range e.owners {
		members := e.members[owner]
		if e.step.strategy == containsEager && e.step.rel.direction == ManyToOne && len(members) == 0 {
			continue
		}
		if !r.told[e.step][owner] && (r.refresh || !owner.hasRelation(e.step.rel)) {
			r.tell(e.step, owner, members)
		}
		r.told[e.step][owner] = true
	}
}
