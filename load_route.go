// This file has a unit of work on several engines use the one that a statement is
// for.

package orm

import (
	"context"
	"slices"
)

// turnTo has the unit use the engine of a mapped struct, and begins a transaction on
// it if there is none yet. With one engine it does nothing.
func (u *unit) turnTo(ctx context.Context, m *Mapper, read bool) error {
	if u.legs == nil {
		return nil
	}
	op := "flush"
	if read {
		op = "select"
	}
	d, err := u.legs.reach(ctx, RouteRequest{Model: m.goType, Table: m.table, Op: op, Read: read})
	if err != nil {
		return err
	}
	return u.turn(ctx, d)
}

// turnFor has the unit use the engine of a compiled statement.
func (u *unit) turnFor(ctx context.Context, c *Compiled) error {
	if u.legs == nil {
		return nil
	}
	d, err := u.legs.destinationOf(ctx, c)
	if err != nil {
		return err
	}
	if name := d.engine.Dialect().Name(); name != c.dialect.Name() {
		return &UsageError{Kind: ErrUnsupported, Op: "route", Subject: c.op, Reason: "the statement was written for " + c.dialect.Name() + ", and goes to " + name, Advice: "read and write one table on databases of one kind"}
	}
	return u.turn(ctx, d)
}

func (u *unit) turn(ctx context.Context, d destination) error {
	leg, err := u.legs.at(ctx, d)
	if err != nil {
		return err
	}
	u.engine, u.conn, u.shard = leg.engine, leg.conn, d.shard
	return nil
}

// onOneEngine refuses a statement whose tables are on several engines.
func (u *unit) onOneEngine(c *Compiled) error {
	if u.legs == nil {
		return nil
	}
	_, err := u.legs.request(c)
	return err
}

// eachShard does something for the objects of each shard, under a context that names
// it. What a relationship leads to is where the object is.
func (u *unit) eachShard(ctx context.Context, objects []*instance, do func(context.Context, []*instance) error) error {
	for _, part := range byShard(objects) {
		if err := do(u.legs.shards.on(ctx, part[0].shard), part); err != nil {
			return err
		}
	}
	return nil
}

// byShard are objects in groups, each of one shard.
func byShard(objects []*instance) [][]*instance {
	var groups [][]*instance
	for _, inst := range objects {
		i := slices.IndexFunc(groups, func(g []*instance) bool { return g[0].shard == inst.shard })
		if i < 0 {
			i, groups = len(groups), append(groups, nil)
		}
		groups[i] = append(groups[i], inst)
	}
	return groups
}
