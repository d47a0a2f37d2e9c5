// This file loads relationships of objects that are there already, and reads
// again the keys that this takes.

package orm

import (
	"context"
	"slices"

	"github.com/aurum-go/orm/types"
)

// loadRelated reads a relationship of objects for which it is not known, or
// stale, and nothing else. What a flush reads is hidden from listeners.
func (u *unit) loadRelated(ctx context.Context, rel *relationship, objects []*instance, criteria []Criteria, hidden bool) error {
	target := rel.target
	step := newStep(rel, lazySelectIn, criteria)
	step.plan = &loadPlan{mapper: target, props: setOf(slices.Concat(target.eager, rel.farFields())).pick(target)}
	return (&loadRun{unit: u, criteria: criteria, hidden: hidden}).follow(ctx, step, objects, nil)
}

// loadWith is loadRelated with what the tags want of the members. A refresh reads
// what is known again. The guard, if there is one, is asked before the members are
// read.
func (u *unit) loadWith(ctx context.Context, rel *relationship, objects []*instance, refresh bool, guard func() error) error {
	plan, p := &loadPlan{mapper: rel.owner}, &planner{mapper: rel.owner, criteria: u.criteria}
	if err := p.add(plan, rel, Option{strategy: lazySelectIn}); err != nil {
		return err
	}
	return (&loadRun{unit: u, criteria: u.criteria, refresh: refresh, guard: guard}).follow(ctx, plan.steps[0], objects, nil)
}

// wanting are the objects of a result that lack a relationship which one of them
// is asked for, that one first.
func (i *instance) wanting(rel *relationship) []*instance {
	objects := []*instance{i}
	for _, other := range i.siblings() {
		if other != nil && other != i && other.unit == i.unit && other.state == Persistent && other.mapper == i.mapper && !other.hasRelation(rel) {
			objects = append(objects, other)
		}
	}
	return objects
}

// mayLoad reports whether a relationship may be loaded when it is asked for.
func (i *instance) mayLoad(rel *relationship) bool {
	s := i.related(rel)
	return !s.raise && !rel.writeOnly() && (rel.lazy != lazyRaise || s.allow)
}

func raiseError(rel *relationship) error {
	if rel.writeOnly() {
		return rel.refuseWhole(ErrRaiseLoad, "load")
	}
	return &UsageError{
		Kind: ErrRaiseLoad, Op: "load", Subject: rel.fullName(), Reason: "a query or the tag says that it is not to be loaded by itself",
		Advice: "load it with the objects: Options(orm.SelectInLoad(…))",
	}
}

// current reads the rows of those objects again whose fields are not known, or
// stale, by which a relationship is followed. It leaves out those that have no row
// any more.
func (r *loadRun) current(ctx context.Context, rel *relationship, objects []*instance) ([]*instance, error) {
	own := rel.ownFields()
	var old []*instance
	for _, inst := range objects {
		if !inst.knows(own) {
			old = append(old, inst)
		}
	}
	if len(old) == 0 {
		return objects, nil
	}
	there := map[*instance]bool{}
	for part := range slices.Chunk(old, relationChunk) {
		if err := r.reread(ctx, own, part, there); err != nil {
			return nil, err
		}
	}
	gone := func(inst *instance) bool { return !inst.knows(own) && !there[inst] }
	return slices.DeleteFunc(slices.Clone(objects), gone), nil
}

// knows reports whether fields are as their row has them. A key does not change
// behind one's back.
func (i *instance) knows(props []*property) bool {
	stale := i.epoch != i.unit.epoch
	return !slices.ContainsFunc(props, func(p *property) bool {
		return i.unloaded.has(p.index) || !p.key && (stale || i.expired.has(p.index))
	})
}

// reread reads the rows of objects again, and notes which are there.
func (r *loadRun) reread(ctx context.Context, own []*property, objects []*instance, there map[*instance]bool) error {
	m := objects[0].mapper
	index := newKeyIndex(m.keys)
	for _, inst := range objects {
		index.add(inst.key, inst)
	}
	plan := &loadPlan{mapper: m, props: setOf(slices.Concat(m.eager, own)).pick(m)}
	e := entityOf(m)
	rows := make([][]any, len(index.keys))
	for i, key := range index.keys {
		rows[i] = index.values(key)
	}
	stmt := &SelectStatement{columns: e.columnsOf(plan.props), from: []Node{e}, where: []Node{isAmong(e.columnsOf(m.keys), rows)}}
	sel := &selection{stmt: stmt, entities: []*selected{{plan: plan}}}
	return r.read(ctx, sel, nil, func(object, _ types.Ptr) error {
		if inst := instanceAt(m, object); inst != nil {
			there[inst] = true
		}
		return nil
	})
}
