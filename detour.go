// This file lets objects of a list change places where no two rows may have the
// same position: those that are in the way of others go to free positions first,
// so that [0 1 2] becomes [3 1 4], and then [1 2 0].

package orm

import (
	"context"
	"fmt"
	"slices"

	"github.com/aurum-go/orm/types"
)

// detour takes rows to positions that no object in memory has.
type detour struct {
	batch
	position *property
	free     int64 // the first such position
}

// addDetours adds what has to move before the rows of the work are written.
func (p *flushPlan) addDetours(work *workload) {
	var done []*property
	for _, r := range p.relations.numbered {
		if slices.Contains(done, r.position) {
			continue
		}
		done = append(done, r.position)
		if blocking := work.blocking(r.target, r.position); len(blocking) > 0 {
			for _, inst := range blocking {
				inst.explicit = inst.explicit.with(r.position.index) // also where it is to be as it was
			}
			columns := r.target.withOwnColumns(columnSet{}.with(r.position.index))
			p.actions = append(p.actions, &detour{
				batch:    batch{kind: batchUpdate, mapper: r.target, columns: columns, items: blocking},
				position: r.position, free: p.relations.unit.freePosition(r.target, r.position),
			})
		}
	}
}

// blocking are the rows that have, so far, what others are to have, where positions
// are unique.
func (w *workload) blocking(m *Mapper, position *property) (blocking []*instance) {
	seen := map[*instance]bool{}
	for _, props := range m.uniques() {
		if !slices.Contains(props, position) {
			continue
		}
		for _, holder := range w.handovers(m, props) {
			if !holder.doomed {
				blocking = append(blocking, once([]*instance{holder}, seen)...)
			}
		}
	}
	slices.SortFunc(blocking, compareInstances)
	return blocking
}

// freePosition is the number after all positions that objects have, or will.
func (u *unit) freePosition(m *Mapper, position *property) int64 {
	highest := int64(-1)
	for _, inst := range u.identity.held(m) {
		highest = max(highest, integerField(position, inst.object), integerField(position, inst.snapshot))
	}
	for _, inst := range u.pending {
		if inst.mapper.is(m) {
			highest = max(highest, integerField(position, inst.object))
		}
	}
	return highest + 1
}

// run writes the free positions. The objects keep those that they are to have.
func (d *detour) run(ctx context.Context, u *unit, conn *Conn) error {
	for i, inst := range d.items {
		wanted, links, exprs := integerField(d.position, inst.object), inst.links, inst.exprs
		defer func() {
			setInteger(d.position, inst.object, wanted)
			inst.links, inst.exprs = links, exprs
		}()
		if free := d.free + int64(i); !setInteger(d.position, inst.object, free) {
			return &UsageError{
				Kind: ErrValue, Op: "flush", Subject: d.mapper.name + "." + d.position.name,
				Reason: fmt.Sprintf("positions are unique and change places, and the free position %d does not fit a %s", free, d.position.goType),
				Advice: "give the field a wider type",
			}
		}
		inst.links, inst.exprs = nil, nil
	}
	if err := d.batch.run(ctx, u, conn); err != nil {
		return err
	}
	for _, inst := range d.items {
		inst.snapshot = inst.snapshotWith(d.columns)
	}
	return nil
}

// snapshotWith is the snapshot with some columns as the object has them.
func (i *instance) snapshotWith(columns columnSet) types.Ptr {
	room := newBlock(i.mapper.goType, 1)
	i.mapper.snapshot(room, i.snapshot)
	for _, p := range columns.pick(i.mapper) {
		p.codec.Copy(fieldPtr(room, p.offset), fieldPtr(i.object, p.offset))
	}
	return room
}

// settle does nothing: the rows are written again.
func (*detour) settle(*unit) {}
