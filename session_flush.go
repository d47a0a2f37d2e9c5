// This file sends a session's flush: within its transaction, or without one
// where a single statement is all there is.

package orm

import (
	"context"
	"errors"
)

// plan returns what a flush is going to do, or the mistakes that were made
// since the last rollback.
func (s *Session) plan(ctx context.Context) (*flushPlan, error) {
	if len(s.mistakes) > 0 {
		return nil, joinErrors(s.mistakes)
	}
	if err := s.beforeFlush(ctx); err != nil {
		return nil, err
	}
	plan, err := s.planFlush(ctx, s.ensureLeading)
	if err == nil && s.shards() > 0 {
		err = s.checkShards()
	}
	if err == nil {
		err = s.attend(plan)
	}
	return plan, err
}

// flush writes what is to be written.
func (s *Session) flush(ctx context.Context) error {
	plan, err := s.plan(ctx)
	if err != nil {
		return err
	}
	return s.runFlush(ctx, plan)
}

// runFlush sends the batches within the session's transaction.
func (s *Session) runFlush(ctx context.Context, plan *flushPlan) error {
	if plan.empty() {
		plan.relations.settle(plan)
		return nil
	}
	if ctx.Err() != nil {
		return canceledError(ctx, "flush")
	}
	if err := s.ensure(ctx); err != nil {
		return err
	}
	if err := s.idle("flush"); err != nil {
		return err
	}
	view := s.view()
	if err := s.send(ctx, s.conn, plan); err != nil {
		return err
	}
	if err := s.afterFlush(ctx, view); err != nil {
		return err
	}
	return s.ready("flush")
}

// idle refuses what cannot be done while a result is being read.
func (s *Session) idle(op string) error {
	if s.legs != nil {
		return s.legs.idle(op)
	}
	return s.conn.idle(op)
}

func (s *Session) send(ctx context.Context, conn *Conn, plan *flushPlan) error {
	s.writing.Store(true)
	defer s.writing.Store(false)
	return s.runBatches(ctx, conn, plan)
}

// standsAlone reports whether one statement is all that there is to commit, so
// that it needs no BEGIN and COMMIT: it is all or nothing by itself, the engine's
// own connections send it once, and nobody has asked for a transaction with
// options, or listens and could fail it when it is done.
func (s *Session) standsAlone(plan *flushPlan) bool {
	e, tx := s.engine, newTxConfig(s.engine.tx, s.options.tx)
	return s.conn == nil && s.options.conn == nil && s.legs == nil && !s.options.noAutobegin &&
		tx.TxOptions == (TxOptions{}) && !tx.resolve && tx.err == nil &&
		e.owned && e.events.afterExecute.empty() && !s.wantsTransaction() &&
		plan.single() != nil && plan.single().oneStatement(&e.server.Load().features)
}

// runAlone sends the one statement of a plan without BEGIN and COMMIT.
func (s *Session) runAlone(ctx context.Context, plan *flushPlan) error {
	if ctx.Err() != nil {
		return canceledError(ctx, "flush")
	}
	conn, err := s.engine.Connect(ctx, Autocommit())
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	s.push("")
	err = s.send(ctx, conn, plan)
	if err != nil && !conn.untouched && notUnderstood(err) {
		err = &DBError{Kind: ErrOutcomeUnknown, Op: "commit", Dialect: s.engine.Dialect().Name(), Err: err}
		s.failure = err
	}
	if errors.Is(err, ErrOutcomeUnknown) {
		s.giveUp()
	}
	return err
}

// notUnderstood reports whether the error is about what came back, and not about
// the statement: the row is there, but for all that is known it is another one.
func notUnderstood(err error) bool {
	usage, ok := errors.AsType[*UsageError](err)
	if !ok {
		return false
	}
	switch usage.Kind {
	case ErrDecode, ErrSchemaMismatch, ErrUnsupported, ErrValue:
		return true
	}
	return false
}
