// This file has a session work on shards: databases with the same tables, of which
// each has some of the rows.

package orm

import (
	"context"
	"errors"
	"maps"
	"reflect"
	"slices"

	"github.com/aurum-go/orm/types"
)

// ShardOption says how a session chooses among its shards; see [Shards].
type ShardOption func(*shardMap)

// ShardChooser says on which shard a new object is to be. It is asked for those that
// take no foreign key from an object with a shard, where they are then as well.
func ShardChooser(choose func(m Model) (shard string, err error)) ShardOption {
	return func(s *shardMap) { s.forNew = choose }
}

// IdentityChooser says on which shards [Get] looks for a key, in this order. Without
// it, or for nil, on all, in the order of their names.
func IdentityChooser(choose func(model reflect.Type, key []any) (shards []string)) ShardOption {
	return func(s *shardMap) { s.forKey = choose }
}

// ExecuteChooser says which shards a query or statement is for. Without it, or for
// nil, all.
func ExecuteChooser(choose func(ctx context.Context, q RouteRequest) (shards []string)) ShardOption {
	return func(s *shardMap) { s.forRequest = choose }
}

// Shards has a session keep the rows of its tables on several databases, by name. What
// [Bind] keeps elsewhere is not sharded.
//
//	s := orm.NewSession(nil, orm.Shards(map[string]*orm.Engine{"eu": eu, "us": us},
//		orm.ShardChooser(func(m orm.Model) (string, error) { return m.(*Customer).Region, nil })))
//
// A query runs on one shard after the other, in the order of their names, and its
// objects come in this order: ORDER BY, LIMIT and OFFSET are each shard's own. So does
// an UPDATE or DELETE, and Count is the sum. [OnShard] names one, which an INSERT
// statement, Merge and bulk calls need. The same key on two shards is two rows, and two
// objects. What an object leads to is loaded from its shard, and written there: one
// flush that joins objects of two shards is an [ErrUnsupported], for nothing moves
// between them. Transactions are as for [Bind].
func Shards(engines map[string]*Engine, options ...ShardOption) SessionOption {
	return func(o *sessionOptions) {
		s := &shardMap{}
		for _, name := range slices.Sorted(maps.Keys(engines)) {
			e := engines[name]
			if e == nil || slices.ContainsFunc(s.list, func(other shard) bool { return other.engine == e }) {
				o.wrong("use shards", "the engine of shard "+quoted(name)+" is nil, or that of another shard", "")
			}
			s.list = append(s.list, shard{name, e})
		}
		if len(s.list) == 0 {
			o.wrong("use shards", "there are none", "")
		}
		for _, option := range options {
			if option == nil {
				o.mistakes = append(o.mistakes, nilOption("use shards"))
				continue
			}
			option(s)
		}
		o.routing().shards = s
	}
}

// ShardOf returns the name of the shard that has the row of an object which a session
// holds, or "".
func ShardOf(m Model) string {
	inst := instanceOf(m)
	if inst == nil || inst.unit == nil || inst.shard == 0 || inst.unit.shards() == 0 {
		return ""
	}
	return inst.unit.legs.shards.list[inst.shard-1].name
}

// sharded reports whether the rows of a struct are on shards.
func (s *Session) sharded(m *Mapper) bool {
	return s.legs != nil && s.legs.shards != nil && s.legs.bound(m.goType, m.table) == nil
}

// spread runs something on each of the shards that a query for a struct is for.
func (s *Session) spread(ctx context.Context, m *Mapper, run func(context.Context) (more bool, err error)) error {
	if s.legs == nil {
		_, err := run(ctx)
		return err
	}
	return s.legs.spreadWhile(ctx, RouteRequest{Model: m.goType, Table: m.table, Op: "select", Read: true}, run)
}

// getRouted returns the object with a key, wherever it is.
func (s *Session) getRouted(ctx context.Context, m *Mapper, row types.Ptr, key []any) (types.Ptr, error) {
	if !s.sharded(m) {
		s.shard = 0
		return s.get(ctx, m, row)
	}
	list, err := s.legs.shards.ofKey(ctx, RouteRequest{Model: m.goType}, key)
	if err != nil {
		return nil, err
	}
	for _, number := range list {
		s.shard = number
		p, err := s.get(s.legs.shards.on(ctx, number), m, row)
		if !errors.Is(err, ErrNoRows) {
			return p, err
		}
	}
	return nil, &missingRow{"get", m.name}
}
