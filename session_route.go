// This file has a session work on several engines: what is bound to which of them,
// who reads from a replica, and how their transactions begin and end together.

package orm

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
)

// Bind has a session keep something on another engine than its own: a mapped struct,
// given as &User{}, with all that embed it; a [*Table]; or the tables of a [*Metadata]
// or [*Registry]. What is bound more closely counts: the struct itself, then what it
// embeds, its table, its metadata, and in the end the session's own engine. Without
// one of these a statement is an [ErrArgument].
//
//	s := orm.NewSession(main, orm.Bind(&AuditEntry{}, audit), orm.Bind(reporting, warehouse))
//
// The session then has a connection and a transaction for each engine that it needs,
// begun when it first does. Flush writes each row on its engine, in the usual order;
// Commit commits one engine after the other, and if one fails when others are done it
// is a [*PartialCommitError] (see [TwoPhase]); Rollback and [Session.Nested] are about
// all of them. Relationships from one engine to another are loaded by statements of
// their own, as [SelectInLoad] does; a statement whose tables are on several engines
// is an [ErrUnsupported]. SQL text goes to the session's own engine.
func Bind(target any, e *Engine) SessionOption {
	return func(o *sessionOptions) {
		b := bind{engine: e}
		switch target := target.(type) {
		case *Table:
			b.table = target
		case *Metadata:
			b.metadata = target
		case *Registry:
			if target != nil {
				b.metadata = target.metadata
			}
		default:
			if t := reflect.TypeOf(target); t != nil && t.Kind() == reflect.Pointer && t.Elem().Kind() == reflect.Struct {
				b.model = t.Elem()
			}
		}
		switch {
		case b.table == nil && b.metadata == nil && b.model == nil:
			o.wrong("bind", fmt.Sprintf("a %T is nothing that could be bound to an engine", target), "give &Model{}, a *Table, a *Metadata or a *Registry")
		case e == nil:
			o.wrong("bind", "the engine is nil", "")
		}
		o.routing().binds = append(o.routing().binds, b)
	}
}

// Replicas has a session read from one of the engines, which it picks when it is
// made, in place of its own: statements that certainly only read, and lock nothing.
// All else goes to its own engine, the leader: what a flush writes, and reads for it;
// other statements and SQL text that is no query; SELECT … FOR UPDATE. From its first
// write on, or from a [Session.Begin] without [ReadOnly], the session reads from the
// leader, so that it sees what it has written, until it is closed. What it read before may be older than
// the leader's rows, as the replica is.
//
// Replicas are databases of the leader's kind. What [Bind] keeps elsewhere is not
// read from them.
func Replicas(engines ...*Engine) SessionOption {
	return func(o *sessionOptions) {
		for _, e := range engines {
			if e == nil {
				o.wrong("read from replicas", "an engine is nil", "")
				return
			}
		}
		if len(engines) > 0 {
			o.routing().reader = engines[rand.IntN(len(engines))]
		}
	}
}

// Route gives a function the last word on where a statement goes. It is asked when a
// statement of the user is written and again when it is sent, which has to be for
// databases of one kind, and for each step of a load or a flush, with the engine that
// [Bind] and [Replicas] have led to; nil, or that engine, leaves it there. An error
// keeps the statement from being sent. It sends no SQL itself.
//
//	orm.Route(func(ctx context.Context, q orm.RouteRequest) (*orm.Engine, error) {
//		if q.Read && !q.Written {
//			return nearest(ctx), nil
//		}
//		return nil, nil
//	})
func Route(route func(ctx context.Context, q RouteRequest) (*Engine, error)) SessionOption {
	return func(o *sessionOptions) { o.routing().route = route }
}

// TwoPhase has Commit of a session on several engines prepare the transaction of each
// before it commits any: PREPARE TRANSACTION and COMMIT PREPARED, or XA. A failure
// before all have promised rolls all of them back. If a COMMIT fails after that, the
// others are committed nevertheless, and a [*PartialCommitError] names the
// transactions that stay prepared: [Engine.RecoverTwoPhase] lists them, and
// [Engine.CommitPrepared] ends them. SQLite has no such transactions
// ([ErrUnsupported]). One engine alone needs no promise, and is committed at once.
func TwoPhase() SessionOption { return func(o *sessionOptions) { o.routing(); o.twoPhase = true } }

// routing is the session's router, once there is something to route.
func (o *sessionOptions) routing() *router {
	if o.router == nil {
		o.router = &router{}
	}
	return o.router
}

func (o *sessionOptions) wrong(op, reason, advice string) {
	o.mistakes = append(o.mistakes, &UsageError{Kind: ErrArgument, Op: op, Subject: "session", Reason: reason, Advice: advice})
}

// setRoutes has the session use several engines, if its options say so.
func (s *Session) setRoutes() {
	r := s.options.router
	if r != nil && s.options.conn != nil {
		s.options.wrong("open", "WithConn has the session on one connection, and other options on several engines", "leave one of them out")
	}
	s.mistakes = append(s.mistakes, s.options.mistakes...)
	if r != nil {
		r.base = s.engine
		s.legs = &legs{router: r, twoPhase: s.options.twoPhase}
		s.rest()
	}
}

// rest is where the session stands between transactions.
func (s *Session) rest() {
	s.conn, s.shard = nil, 0
	if s.legs != nil {
		s.legs.close()
		if known := s.legs.engines(); len(known) > 0 {
			s.engine = known[0]
		}
	}
}

// routes is the session's router, or nil.
func (s *Session) routes() *router {
	if s == nil || s.legs == nil {
		return nil
	}
	return s.legs.router
}

// underWay reports whether a transaction is open.
func (s *Session) underWay() bool { return s.conn != nil || s.legs != nil && len(s.frames) > 0 }

// beginRouted begins a transaction on no engine yet.
func (s *Session) beginRouted(ctx context.Context, options []TxOption) error {
	if config := newTxConfig(txConfig{}, options); config.err != nil {
		return config.err
	}
	s.legs.options = options
	s.open.Store(true)
	s.push("")
	return s.begun(ctx)
}

// ensureLeading is ensure for what is about to write.
func (s *Session) ensureLeading(ctx context.Context) error {
	if s.legs != nil {
		s.legs.written.Store(true)
	}
	return s.ensure(ctx)
}

// turnBack has the session use the engine of a statement, behind whatever was flushed
// before it.
func (s *Session) turnBack(ctx context.Context, c *Compiled) error {
	switch {
	case s.legs == nil:
		return nil
	case c == nil:
		c = &Compiled{op: "text", dialect: s.engine.Dialect()}
		s.legs.written.Store(true)
	case !c.read:
		s.legs.written.Store(true)
	}
	return s.turnFor(ctx, c)
}

// settlePartial settles the objects after a COMMIT that was not confirmed: of which
// nobody knows, or only of some, whether their rows are saved.
func (s *Session) settlePartial(err error) {
	partial := errors.Is(err, ErrPartialCommit)
	if partial || errors.Is(err, ErrOutcomeUnknown) {
		s.giveUp()
	}
	s.saved = s.saved || partial
}

// prepareFor makes the session ready for a statement that is compiled.
func (s *Session) prepareFor(ctx context.Context, c *Compiled) error {
	if err := s.prepare(ctx, true); err != nil || s.legs == nil {
		return err
	}
	return s.turnBack(ctx, c)
}

// home is the context under which an object's row is read.
func (s *Session) home(ctx context.Context, inst *instance) context.Context {
	if s.legs == nil {
		return ctx
	}
	return s.legs.shards.on(ctx, inst.shard)
}
