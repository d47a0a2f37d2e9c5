// This file has each step of a flush go to its engine, where a session has several:
// to that of the mapper, and of a mapper with shards to the shard of each object.

package orm

import (
	"context"
	"fmt"
	"slices"
)

// divisible is an action on the objects of one mapper, of which parts can be run.
type divisible interface {
	action
	about() (*Mapper, []*instance)
	part(items []*instance) action
}

func (b *batch) about() (*Mapper, []*instance) { return b.mapper, b.items }

func (b *batch) part(items []*instance) action {
	part := *b
	part.items = items
	return &part
}

func (d *detour) part(items []*instance) action {
	part := *d
	part.items = items
	return &part
}

func (p *linkPurge) about() (*Mapper, []*instance) { return p.rel.owner, p.items }

func (p *linkPurge) part(items []*instance) action { return &linkPurge{rel: p.rel, items: items} }

// runRouted runs an action on the engines that it is for.
func (u *unit) runRouted(ctx context.Context, a action) error {
	u.legs.written.Store(true)
	switch a := a.(type) {
	case divisible:
		m, items := a.about()
		return u.runParts(ctx, m, items, a.part, a)
	case *linkBatch:
		return u.runLinks(ctx, a)
	}
	return &UsageError{Kind: ErrUnsupported, Op: "flush", Subject: fmt.Sprintf("%T", a), Reason: "nothing says which engine it is for"}
}

// runParts runs an action as a whole where all its objects are on one engine, and
// else a part of it for each shard.
func (u *unit) runParts(ctx context.Context, m *Mapper, items []*instance, part func([]*instance) action, whole action) error {
	if u.legs.shards == nil || u.legs.bound(m.goType, m.table) != nil {
		if err := u.turnTo(ctx, m, false); err != nil {
			return err
		}
		return whole.run(ctx, u, u.conn)
	}
	for _, inst := range items {
		if err := u.settleShard(inst); err != nil {
			return err
		}
	}
	for _, group := range byShard(items) {
		if len(group) < len(items) {
			whole = part(group)
		}
		if err := u.turn(ctx, u.legs.shards.at(group[0].shard)); err != nil {
			return err
		}
		if err := whole.run(ctx, u, u.conn); err != nil {
			return err
		}
	}
	return nil
}

// runLinks writes the rows of a link table, which are where both of their ends are.
func (u *unit) runLinks(ctx context.Context, b *linkBatch) error {
	var own []*instance
	rows := map[*instance][]*linkClaim{}
	for _, row := range b.rows {
		for _, end := range []*instance{row.own, row.far} {
			if u.legs.shards != nil && u.legs.bound(end.mapper.goType, end.mapper.table) == nil {
				if err := u.settleShard(end); err != nil {
					return err
				}
			}
		}
		if row.own.shard != row.far.shard {
			return u.apart(row.own, row.far, b.rel)
		}
		if rows[row.own] == nil {
			own = append(own, row.own)
		}
		rows[row.own] = append(rows[row.own], row)
	}
	return u.runParts(ctx, b.rel.owner, own, func(items []*instance) action {
		part := &linkBatch{rel: b.rel, gone: b.gone}
		for _, inst := range items {
			part.rows = append(part.rows, rows[inst]...)
		}
		return part
	}, b)
}

// unsettled is the shard of an object while its shard is being found.
const unsettled = -1

// settleShard finds the shard of a new object: that of the objects whose keys it
// takes, or else the one that is chosen for it. An object that has one stays there.
func (u *unit) settleShard(inst *instance) error {
	if inst.shard == 0 {
		inst.shard = unsettled
	}
	for _, l := range inst.links {
		if l.parent == nil || u.legs.bound(l.parent.mapper.goType, l.parent.mapper.table) != nil {
			continue
		}
		if l.parent.shard == 0 {
			if err := u.settleShard(l.parent); err != nil {
				return err
			}
		}
		switch parent := l.parent.shard; {
		case parent == unsettled || parent == inst.shard:
		case inst.shard != unsettled:
			return u.apart(inst, l.parent, l.rel)
		default:
			inst.shard = parent
		}
	}
	if inst.shard != unsettled {
		return nil
	}
	var err error
	inst.shard, err = u.legs.shards.choose(inst.model(), inst.mapper.name)
	return err
}

// checkShards refuses what joins objects of two shards, also where their keys happen
// to be the same, so that nothing would be written.
func (u *unit) checkShards() error {
	for _, inst := range u.linked {
		for _, l := range inst.links {
			if l.parent != nil && l.parent.shard != inst.shard && l.parent.shard != 0 && inst.shard != 0 {
				return u.apart(inst, l.parent, l.rel)
			}
		}
	}
	return nil
}

// apart is the error for objects that belong together and are on different shards.
func (u *unit) apart(a, b *instance, rel *relationship) error {
	name := func(i *instance) string { return quoted(u.legs.shards.list[i.shard-1].name) }
	if slices.Contains([]int{a.shard, b.shard}, 0) {
		return &UsageError{Kind: ErrUnsupported, Op: "flush", Subject: rel.fullName(), Reason: "it joins an object of a shard with one that is on none"}
	}
	return &UsageError{
		Kind: ErrUnsupported, Op: "flush", Subject: rel.fullName(), Reason: "it joins objects of the shards " + name(a) + " and " + name(b),
		Advice: "an object does not move between shards: delete it there, and add a copy",
	}
}
