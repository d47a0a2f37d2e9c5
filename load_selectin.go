// This file loads relationships by a second SELECT for the keys of the objects
// that lack them.

package orm

import (
	"context"
	"slices"

	"github.com/aurum-go/orm/types"
)

// relationChunk is for how many keys one statement loads a relationship.
const relationChunk = 500

// selectIn reads a relationship of objects.
func (r *loadRun) selectIn(ctx context.Context, step *loadStep, objects []*instance) error {
	objects, err := r.current(ctx, step.rel, objects)
	if err != nil || len(objects) == 0 {
		return err
	}
	if err := r.unit.turnTo(ctx, step.rel.target, true); err != nil {
		return err
	}
	index := newKeyIndex(step.rel.ownFields())
	if err := r.enter(step, index, objects); err != nil {
		return err
	}
	if guard := r.guard; guard != nil && len(index.keys) > 0 {
		r.guard = nil
		if err := guard(); err != nil {
			return err
		}
	}
	group := &loadGroup{}
	for keys := range slices.Chunk(index.keys, r.chunk(step.rel)) {
		if err := r.selectMembers(ctx, step, index, keys, group); err != nil {
			return err
		}
	}
	return nil
}

func (r *loadRun) chunk(rel *relationship) int {
	if most := r.unit.engine.Dialect().Features().MaxParams; most > 0 {
		return max(1, min(relationChunk, most/2/len(rel.ownFields())))
	}
	return relationChunk
}

// enter notes the objects by their keys, less those of which it is known without
// asking where they lead to: a foreign key that is NULL leads to nothing, and one
// whose target the session holds leads there.
func (r *loadRun) enter(step *loadStep, index *keyIndex, objects []*instance) error {
	targets := r.targets(step)
	for _, inst := range objects {
		key, null, err := relationKey(index.props, inst.snapshot)
		if err != nil {
			return err
		}
		if null {
			r.tell(step, inst, nil)
			continue
		}
		known, err := targets.find(inst)
		switch {
		case err != nil:
			return err
		case known != nil:
			r.tell(step, inst, []types.Ptr{known.object})
		default:
			index.add(key, inst)
		}
	}
	return nil
}

// heldTargets finds what foreign keys refer to among the objects of the session.
type heldTargets struct {
	mapper *Mapper
	table  *identityTable
	keys   []*property // foreign keys in the order of the target's primary key
	wants  columnSet   // columns that have to be there
	shard  int
}

// targets returns nil where the objects of the session are no answer.
func (r *loadRun) targets(step *loadStep) *heldTargets {
	m, rel := step.rel.target, step.rel
	if rel.direction != ManyToOne || len(step.criteria) > 0 || step.filtered || r.refresh || len(rel.pairs) != len(m.keys) {
		return nil
	}
	t := &heldTargets{mapper: m, table: r.unit.identity.table(m), wants: setOf(step.plan.props), shard: r.unit.shard}
	for _, key := range m.keys {
		n := slices.IndexFunc(rel.pairs, func(p keyPair) bool { return p.far == key })
		if n < 0 {
			return nil
		}
		t.keys = append(t.keys, rel.pairs[n].own)
	}
	return t
}

// find returns the target of an object's foreign key if it is held and fresh.
func (t *heldTargets) find(inst *instance) (*instance, error) {
	if t == nil {
		return nil, nil
	}
	id, err := t.mapper.identityOf(t.keys, inst.snapshot)
	if err != nil {
		return nil, err
	}
	known := t.table.of(t.mapper, id.in(t.shard))
	if known == nil || known.stale() || t.wants.minus(known.unloaded) != t.wants {
		return nil, nil
	}
	return known, nil
}

// selectMembers reads the members of the relationship for some keys.
func (r *loadRun) selectMembers(ctx context.Context, step *loadStep, index *keyIndex, keys []identityKey, group *loadGroup) error {
	rows := make([][]any, len(keys))
	for i, key := range keys {
		rows[i] = index.values(key)
	}
	sel := selectRelated(step)
	sel.stmt.where = append([]Node{isAmong(sel.keys, rows)}, step.criteria...)
	if err := sel.join(); err != nil {
		return err
	}
	found := newFoundMembers(step.rel, index)
	found.twice = found.twice || sel.repeats()
	err := r.read(ctx, sel, group, func(member, row types.Ptr) error { return found.add(sel.keyProps, row, member) })
	if err != nil {
		return err
	}
	return r.tellFound(step, index, keys, found)
}

// tellFound tells objects what was found for their keys.
func (r *loadRun) tellFound(step *loadStep, index *keyIndex, keys []identityKey, found *foundMembers) error {
	for _, key := range keys {
		members, err := found.of(key)
		if err != nil {
			return err
		}
		for _, inst := range index.byKey[key] {
			r.tell(step, inst, members)
		}
	}
	return nil
}

// isAmong is "column IN (…)", or the same for rows of columns.
func isAmong(columns []Node, rows [][]any) Node {
	if len(columns) > 1 {
		return &tupleInNode{columns: columns, rows: rows}
	}
	values := make([]any, len(rows))
	for i, row := range rows {
		values[i] = row[0]
	}
	return &inNode{operand: columns[0], values: values}
}
