// This file makes sessions: the factory, units of work with retry, and the
// session that travels in a context.

package orm

import (
	"context"
	"slices"
)

// SessionFactory makes sessions that are set up alike. It is safe for
// concurrent use.
type SessionFactory struct {
	engine  *Engine
	options []SessionOption
	events  SessionEvents
}

// NewSessionFactory returns a factory of sessions on an engine.
func NewSessionFactory(e *Engine, options ...SessionOption) *SessionFactory {
	return &SessionFactory{engine: e, options: options}
}

// Engine returns the factory's engine.
func (f *SessionFactory) Engine() *Engine { return f.engine }

// New returns a new session, with further options.
func (f *SessionFactory) New(options ...SessionOption) *Session {
	s := NewSession(f.engine, append(slices.Clip(f.options), options...)...)
	s.shared = &f.events
	return s
}

// Transact runs a unit of work in a session of its own: it commits if the
// function returns nil, rolls back if it returns an error or panics, and closes
// the session. The session also travels in the context, see [SessionFrom].
//
// What failed through nobody's fault and is certainly not saved (a deadlock, a
// serialization failure, a lock timeout, a connection lost before COMMIT) is
// repeated with a fresh session, with growing pauses, as often as [Retries]
// says. A commit whose outcome is unknown is never repeated, and neither is what
// runs within a transaction of the caller's ([WithConn]), or has saved something
// by a Commit of its own.
func (f *SessionFactory) Transact(ctx context.Context, work func(ctx context.Context, s *Session) error, options ...TxOption) error {
	if work == nil {
		return nilArgument("transact", "function")
	}
	s := f.New(WithTx(options...))
	config, engine := s.options, s.Engine()
	if engine == nil {
		return nilArgument("transact", "engine")
	}
	tx, err := engine.txConfig(ctx, config.tx)
	if err != nil {
		return err
	}
	if config.conn != nil {
		tx.retries = 0 // the transaction around it would have to be repeated
	}
	return retry(ctx, tx.retries, func() (bool, error) { return f.transactOnce(ctx, work, options) })
}

func (f *SessionFactory) transactOnce(ctx context.Context, work func(context.Context, *Session) error, options []TxOption) (saved bool, err error) {
	s := f.New(WithTx(options...))
	defer func() { err = bothErrors(err, s.closeFor(ctx)) }() // rolls back what is not committed
	if err = work(NewContext(ctx, s), s); err == nil {
		err = s.Commit(ctx)
	}
	return s.saved, err
}

type sessionKey struct{}

// NewContext returns a context that carries the session.
func NewContext(ctx context.Context, s *Session) context.Context {
	return context.WithValue(ctx, sessionKey{}, s)
}

// SessionFrom returns the innermost session that the context carries, or nil.
func SessionFrom(ctx context.Context) *Session {
	s, _ := ctx.Value(sessionKey{}).(*Session)
	return s
}
