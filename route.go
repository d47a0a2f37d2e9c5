// This file says which of several engines a statement goes to: by the tables that
// it names, by whether it only reads, by its shard, and by what a function of the
// user makes of that.

package orm

import (
	"context"
	"reflect"
	"slices"
	"sync/atomic"
)

// RouteRequest is what a session wants an engine for; see [Route].
type RouteRequest struct {
	Model   reflect.Type // the mapped struct, or nil for a table without one and for text
	Table   *Table       // the first table of the statement, or nil for text
	Op      string       // select, insert, update, delete, merge, text, flush
	Read    bool         // it certainly only reads, and locks nothing
	Written bool         // the session has written before, or is about to
	Engine  *Engine      // where it goes if Route says nothing else; nil if nothing is bound to it
}

// router holds what says where statements go. It does not change while a session
// lives, but for what the session has written.
type router struct {
	base    *Engine // what nothing else is said of; or nil
	binds   []bind
	reader  *Engine // which stands in for base where it is only read; or nil
	route   func(context.Context, RouteRequest) (*Engine, error)
	shards  *shardMap // or nil
	written atomic.Bool
}

// bind says of one thing which engine it is on.
type bind struct {
	model    reflect.Type
	table    *Table
	metadata *Metadata
	engine   *Engine
}

// destination is where a statement goes.
type destination struct {
	engine *Engine
	shard  int
}

// bound is the engine that something is bound to: the struct, what it embeds, the
// nearest first, its table, or the metadata of that.
func (r *router) bound(model reflect.Type, t *Table) *Engine {
	if e := r.boundModel(model); e != nil || t == nil {
		return e
	}
	if e := r.engineOf(func(b bind) bool { return b.table == t }); e != nil {
		return e
	}
	return r.engineOf(func(b bind) bool { return b.metadata != nil && b.metadata == t.metadata })
}

// engineOf is the engine of the last bind that is meant.
func (r *router) engineOf(meant func(bind) bool) *Engine {
	for _, b := range slices.Backward(r.binds) {
		if meant(b) {
			return b.engine
		}
	}
	return nil
}

func (r *router) boundModel(model reflect.Type) *Engine {
	if model == nil {
		return nil
	}
	for level := []reflect.Type{model}; len(level) > 0; {
		var below []reflect.Type
		for _, t := range level {
			if e := r.engineOf(func(b bind) bool { return b.model == t }); e != nil {
				return e
			}
			for f := range t.Fields() {
				if f.Anonymous && f.Type.Kind() == reflect.Struct {
					below = append(below, f.Type)
				}
			}
		}
		level = below
	}
	return nil
}

// modelOfTable is the struct that is mapped to a table, or nil.
func modelOfTable(t *Table) reflect.Type {
	if t == nil || t.entity == nil {
		return nil
	}
	return t.entity.structType()
}

// reach returns where something goes that is about one struct or table.
func (r *router) reach(ctx context.Context, q RouteRequest) (destination, error) {
	d := destination{engine: r.bound(q.Model, q.Table)}
	if d.engine == nil && r.shards != nil {
		var err error
		if d, err = r.shards.only(ctx, q); err != nil {
			return d, err
		}
	}
	if d.engine == nil {
		d.engine = r.base
	}
	q.Engine, q.Written = d.engine, r.written.Load()
	if r.reader != nil && d.engine == r.base && q.Read && !q.Written {
		q.Engine = r.reader
	}
	return r.ask(ctx, q, d.shard)
}

// ask gives the user's function the last word.
func (r *router) ask(ctx context.Context, q RouteRequest, shard int) (destination, error) {
	d := destination{q.Engine, shard}
	if r.route != nil {
		e, err := r.route(ctx, q)
		if err != nil {
			return d, err
		}
		if e != nil && e != d.engine {
			d = destination{engine: e}
		}
	}
	if d.engine == nil {
		return d, &UsageError{Kind: ErrArgument, Op: "route", Subject: q.subject(), Reason: "no engine is bound to it, and the session has none of its own", Advice: "bind one with Bind, or give the session an engine"}
	}
	return d, nil
}

func (q RouteRequest) subject() string {
	switch {
	case q.Model != nil:
		return q.Model.Name()
	case q.Table != nil:
		return q.Table.FullName()
	}
	return "text"
}

// request is what a compiled statement is about. All of its tables have to be on
// one engine; one of no struct, to which nothing is bound, goes with the others.
func (r *router) request(c *Compiled) (RouteRequest, error) {
	q := RouteRequest{Op: c.op, Read: c.read}
	var first *Engine
	for _, t := range c.tables {
		model := modelOfTable(t)
		e := r.bound(model, t)
		switch {
		case q.Table == nil:
		case e == nil && model == nil:
			continue
		case q.Model == nil && first == nil && modelOfTable(q.Table) == nil:
		case e != first:
			return q, &UsageError{
				Kind: ErrUnsupported, Op: c.op, Subject: q.Table.FullName() + " and " + t.FullName(), Reason: "they are on different engines",
				Advice: "ask for each by a statement of its own",
			}
		default:
			continue
		}
		q.Table, q.Model, first = t, model, e
	}
	return q, nil
}

type tableKey struct{}

// about is a context under which SQL text is about a table.
func about(ctx context.Context, t *Table) context.Context {
	return context.WithValue(ctx, tableKey{}, t)
}

// requestIn is request, and that what the context says of a text.
func (r *router) requestIn(ctx context.Context, c *Compiled) (RouteRequest, error) {
	q, err := r.request(c)
	if t, ok := ctx.Value(tableKey{}).(*Table); ok && q.Table == nil {
		q.Table, q.Model = t, modelOfTable(t)
	}
	return q, err
}

// destinationOf returns where a compiled statement goes.
func (r *router) destinationOf(ctx context.Context, c *Compiled) (destination, error) {
	q, err := r.requestIn(ctx, c)
	if err != nil {
		return destination{}, err
	}
	return r.reach(ctx, q)
}

// routed is an executor that may have several engines.
type routed interface{ routes() *router }

// routerOf is the router of an executor, or nil where it has one engine.
func routerOf(ex Executor) *router {
	if r, ok := ex.(routed); ok {
		return r.routes()
	}
	return nil
}

// compile compiles a statement for the engine that it goes to. Which one that is
// is known by its tables, once it is compiled for any.
func (r *router) compile(ctx context.Context, ex Executor, stmt Statement) (*Compiled, *Engine, error) {
	compiled, by, err := r.compileAnywhere(ctx, ex, stmt)
	if err != nil {
		return nil, nil, err
	}
	d, err := r.destinationOf(ctx, compiled)
	if err != nil {
		return nil, nil, err
	}
	if d.engine != by {
		compiled, err = d.engine.compileFor(ctx, ex, stmt)
	}
	return compiled, d.engine, err
}

// compileAnywhere compiles a statement for the first engine that can say it.
func (r *router) compileAnywhere(ctx context.Context, ex Executor, stmt Statement) (*Compiled, *Engine, error) {
	var failed error
	var known []string
	for _, e := range r.engines() {
		name := e.Dialect().Name()
		if slices.Contains(known, name) {
			continue
		}
		known = append(known, name)
		compiled, err := e.compileFor(ctx, ex, stmt)
		if err == nil {
			return compiled, e, nil
		}
		failed = firstError(failed, err)
	}
	return nil, nil, failed
}

// engines are all that the router knows, the session's own first.
func (r *router) engines() []*Engine {
	var list []*Engine
	add := func(e *Engine) {
		if e != nil && !slices.Contains(list, e) {
			list = append(list, e)
		}
	}
	add(r.base)
	for _, b := range r.binds {
		add(b.engine)
	}
	if r.shards != nil {
		for _, s := range r.shards.list {
			add(s.engine)
		}
	}
	return list
}
