// This file loads relationships by a second SELECT that repeats the first one as
// a subquery.

package orm

import (
	"context"

	"github.com/aurum-go/orm/types"
)

// origin is a statement that finds the objects of a plan, to be repeated.
type origin struct {
	stmt   *SelectStatement
	column func(*property) Node
}

// originOf is the statement of a query, or nil: one of which the database chooses
// the rows may find others the second time, and so may one that reads from others.
func originOf(m *Mapper, stmt *SelectStatement) *origin {
	if stmt.limit != nil || stmt.offset != nil || len(stmt.distinctOn) > 0 || sourcesIn(stmt.from)[m.from] != nil {
		return nil
	}
	return &origin{stmt: stmt, column: entityOf(m).column}
}

// keys repeats the statement for some fields alone: each key once, in no order.
func (o *origin) keys(props []*property) *Subquery {
	return &Subquery{name: "anon_1", query: o.stmt.with(func(s *SelectStatement) {
		s.orderBy, s.distinct, s.lock, s.columns = nil, true, nil, nil
		for _, p := range props {
			s.columns = append(s.columns, o.column(p))
		}
	})}
}

// selectBySubquery reads a relationship of the objects that a statement has
// found.
func (r *loadRun) selectBySubquery(ctx context.Context, step *loadStep, objects []*instance, from *origin) (*origin, error) {
	objects, err := r.current(ctx, step.rel, objects)
	if err != nil {
		return nil, err
	}
	index := newKeyIndex(step.rel.ownFields())
	if err := r.enter(step, index, objects); err != nil || len(index.keys) == 0 {
		return nil, err
	}
	sel := selectFromOrigin(step, from)
	below := &origin{stmt: sel.stmt, column: sel.entities[0].column}
	if err := sel.join(); err != nil {
		return nil, err
	}
	found := newFoundMembers(step.rel, index)
	found.twice = true
	err = r.read(ctx, sel, &loadGroup{}, func(member, row types.Ptr) error { return found.add(sel.keyProps, row, member) })
	if err != nil {
		return nil, err
	}
	return below, r.tellFound(step, index, index.keys, found)
}

// selectFromOrigin joins what a relationship leads to with the objects that have
// it.
func selectFromOrigin(step *loadStep, from *origin) *selection {
	rel := step.rel
	own := rel.ownFields()
	sub, e := from.keys(own), entityOf(rel.target)
	ofOwner := func(p *property) Node { return &derivedColumn{from: sub, name: p.column.name} }
	sel := &selection{
		entities: []*selected{{plan: step.plan, column: e.column, inner: true}},
		owner:    rel.owner, keyProps: own,
		stmt: &SelectStatement{where: step.criteria, orderBy: rel.ordering(e)},
	}
	for _, p := range own {
		sel.keyNodes = append(sel.keyNodes, ofOwner(p))
	}
	if rel.link == nil {
		sel.stmt.from = []Node{&joinNode{left: sub, right: e, kind: " JOIN ", on: rel.refers(ofOwner, e.column)}}
		return sel
	}
	links := &joinNode{left: sub, right: rel.link.table, kind: " JOIN ", on: rel.link.belongs(ofOwner, rel.link.table)}
	sel.stmt.from = []Node{&joinNode{left: links, right: e, kind: " JOIN ", on: rel.link.reaches(e.column, rel.link.table)}}
	return sel
}
