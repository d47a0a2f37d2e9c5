// This file says which of several shards a statement goes to.

package orm

import (
	"context"
	"reflect"
	"slices"
)

// shard is one of several databases that hold rows of the same tables.
type shard struct {
	name   string
	engine *Engine
}

// shardMap is the shards of a session, by their names, and who chooses among them.
type shardMap struct {
	list       []shard
	forNew     func(m Model) (string, error)
	forKey     func(model reflect.Type, key []any) []string
	forRequest func(ctx context.Context, q RouteRequest) []string
}

type shardKey struct{}

// OnShard returns a context under which a session asks the shards of these names,
// in this order, and no others: for queries, [Get], and statements. What a flush
// writes goes where its objects are. A session without [Shards] does not look at it.
//
//	users, err := orm.Query[User](s).All(orm.OnShard(ctx, "eu"))
func OnShard(ctx context.Context, names ...string) context.Context {
	return context.WithValue(ctx, shardKey{}, slices.Clone(names))
}

// number returns which shard has a name, from 1.
func (s *shardMap) number(name string) (int, error) {
	i := slices.IndexFunc(s.list, func(one shard) bool { return one.name == name })
	if i >= 0 {
		return i + 1, nil
	}
	names := make([]string, len(s.list))
	for i, one := range s.list {
		names[i] = one.name
	}
	return 0, &UsageError{Kind: ErrUnknownName, Op: "route", Subject: "shard " + quoted(name), Reason: "there is no such shard", Advice: thereAre(names)}
}

// numbers are the shards that are to be asked.
func (s *shardMap) numbers(names []string) ([]int, error) {
	if names == nil {
		for _, one := range s.list {
			names = append(names, one.name)
		}
	}
	var list []int
	for _, name := range names {
		n, err := s.number(name)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(list, n) {
			list = append(list, n)
		}
	}
	return list, nil
}

// asked are the shards for a request: those of the context, or else those that are
// chosen, or else all.
func (s *shardMap) asked(ctx context.Context, q RouteRequest) ([]int, error) {
	names, _ := ctx.Value(shardKey{}).([]string)
	if names == nil && s.forRequest != nil {
		names = s.forRequest(ctx, q)
	}
	return s.numbers(names)
}

// only is the one shard for a request.
func (s *shardMap) only(ctx context.Context, q RouteRequest) (destination, error) {
	list, err := s.asked(ctx, q)
	if err != nil {
		return destination{}, err
	}
	if len(list) != 1 {
		return destination{}, &UsageError{Kind: ErrAmbiguous, Op: "route", Subject: q.subject(), Reason: "the statement needs one shard, and several could be meant", Advice: "name one with OnShard"}
	}
	return s.at(list[0]), nil
}

func (s *shardMap) at(number int) destination {
	return destination{s.list[number-1].engine, number}
}

// spread runs something once for each shard that a request is for, in their order,
// each time under a context that names the one; once, if it is not for shards.
func (r *router) spread(ctx context.Context, q RouteRequest, run func(context.Context) error) error {
	return r.spreadWhile(ctx, q, func(ctx context.Context) (bool, error) { return true, run(ctx) })
}

// spreadWhile is spread until the function has had enough.
func (r *router) spreadWhile(ctx context.Context, q RouteRequest, run func(context.Context) (more bool, err error)) error {
	if r.shards == nil || r.bound(q.Model, q.Table) != nil {
		_, err := run(ctx)
		return err
	}
	list, err := r.shards.asked(ctx, q)
	if err != nil {
		return err
	}
	for _, number := range list {
		if more, err := run(r.shards.on(ctx, number)); err != nil || !more {
			return err
		}
	}
	return nil
}

// on is OnShard for a number; without one, the context as it is.
func (s *shardMap) on(ctx context.Context, number int) context.Context {
	if s == nil || number == 0 {
		return ctx
	}
	return OnShard(ctx, s.list[number-1].name)
}

// choose is the shard of a new object.
func (s *shardMap) choose(m Model, subject string) (int, error) {
	if s.forNew == nil {
		return 0, &UsageError{Kind: ErrArgument, Op: "flush", Subject: subject, Reason: "nothing says on which shard a new object is to be", Advice: "give Shards a ShardChooser"}
	}
	name, err := s.forNew(m)
	if err != nil {
		return 0, err
	}
	return s.number(name)
}

// ofKey are the shards on which the row with a key may be.
func (s *shardMap) ofKey(ctx context.Context, q RouteRequest, key []any) ([]int, error) {
	names, _ := ctx.Value(shardKey{}).([]string)
	if names == nil && s.forKey != nil {
		names = s.forKey(q.Model, key)
	}
	return s.numbers(names)
}

// spreadStatement is spread for a statement.
func (r *router) spreadStatement(ctx context.Context, ex Executor, stmt Statement, run func(context.Context) error) error {
	compiled, _, err := r.compileAnywhere(ctx, ex, stmt)
	if err != nil {
		return err
	}
	q, err := r.requestIn(ctx, compiled)
	if err != nil {
		return err
	}
	return r.spread(ctx, q, run)
}
