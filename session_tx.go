// This file holds a session's transactions: begin, commit, rollback,
// savepoints, and how objects follow them.

package orm

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// Begin begins a transaction explicitly, with further options. It is needed only
// with [Autobegin](false); elsewhere the first statement begins one. It emits
// BEGIN. If a transaction is open it is an [ErrArgument].
func (s *Session) Begin(ctx context.Context, options ...TxOption) error {
	if err := s.enter("begin"); err != nil {
		return err
	}
	defer s.leave()
	if s.underWay() {
		return &UsageError{Kind: ErrArgument, Op: "begin", Reason: "a transaction is open already", Advice: "use Nested for a savepoint"}
	}
	if s.legs != nil && !newTxConfig(txConfig{}, append(slices.Clip(s.options.tx), options...)).ReadOnly {
		s.legs.written.Store(true)
	}
	return s.begin(ctx, options)
}

// InTransaction reports whether a transaction is open. It is safe for concurrent
// use.
func (s *Session) InTransaction() bool { return s.open.Load() }

// begin takes a connection and begins the transaction on it.
func (s *Session) begin(ctx context.Context, options []TxOption) error {
	options = append(slices.Clip(s.options.tx), options...)
	if s.legs != nil {
		return s.beginRouted(ctx, options)
	}
	if s.options.conn != nil {
		return s.join(ctx, newTxConfig(txConfig{}, options))
	}
	conn, err := s.engine.Connect(ctx, options...)
	if err != nil {
		return err
	}
	s.occupy(conn, "")
	if err := conn.Begin(ctx); err != nil {
		s.frames = nil
		s.release()
		return err
	}
	return s.begun(ctx)
}

// begun tells that a transaction has begun, and ends it again if a listener fails.
func (s *Session) begun(ctx context.Context) error {
	err := s.emitPlain(ctx, atAfterBegin, afterBeginHooks)
	if err != nil {
		err = bothErrors(err, s.undoTransaction(ctx))
		s.frames = nil
		s.release()
	}
	return err
}

// join sets a savepoint in the caller's transaction, which has its options.
func (s *Session) join(ctx context.Context, config txConfig) error {
	if config.err != nil {
		return config.err
	}
	if config.TxOptions != (TxOptions{}) {
		return &UsageError{Kind: ErrArgument, Op: "begin", Reason: "a transaction that is joined has its options already", Advice: "give them to the connection"}
	}
	name, err := s.options.conn.savepoint(ctx)
	if err != nil {
		return err
	}
	s.occupy(s.options.conn, name)
	return s.begun(ctx)
}

func (s *Session) occupy(conn *Conn, savepoint string) {
	s.conn = conn
	s.open.Store(true)
	s.push(savepoint)
}

// release gives the connection back, unless it is the caller's.
func (s *Session) release() {
	if s.conn != nil && s.options.conn == nil && s.legs == nil {
		_ = s.conn.Close() // nobody else uses it, which is the one error
	}
	s.lazyLoads = nil
	s.rest()
	s.open.Store(false)
}

// ensure begins a transaction where none is open.
func (s *Session) ensure(ctx context.Context) error {
	if s.underWay() {
		return nil
	}
	if s.options.noAutobegin {
		return &UsageError{Kind: ErrArgument, Op: "begin", Reason: "no transaction is open, and the session does not begin one by itself", Advice: "call Begin"}
	}
	return s.begin(ctx, nil)
}

// Commit flushes, commits, and gives the connection back. Objects are then
// stale, unless [ExpireOnCommit](false): the next query, Get or Load that meets
// their rows reads them again. Within [Session.Nested] it commits the whole
// transaction, and the block ends with it.
//
// After an error of the database the session can only be rolled back;
// [ErrOutcomeUnknown] says that nobody knows whether the commit was done: all
// objects are detached then. If ctx has ended before COMMIT was sent, the
// transaction goes on.
func (s *Session) Commit(ctx context.Context) error {
	if err := s.enter("commit"); err != nil {
		return err
	}
	defer s.leave()
	if err := s.emitPlain(ctx, atBeforeCommit, beforeCommitHooks); err != nil {
		return err
	}
	plan, err := s.plan(ctx)
	switch {
	case err != nil:
		return err
	case s.standsAlone(plan):
		err = s.runAlone(ctx, plan)
	default:
		err = s.runFlush(ctx, plan)
	}
	if err == nil {
		err = s.flushRest(ctx, plan)
	}
	if err != nil {
		return err
	}
	return s.commit(ctx)
}

// commit ends the transaction, and settles the objects.
func (s *Session) commit(ctx context.Context) error {
	if err := s.endTransaction(ctx); err != nil {
		if s.legs != nil && !s.legs.active() || s.legs == nil && s.conn.State() != TxActive {
			s.fail(err)
		}
		s.settlePartial(err)
		return err
	}
	s.saved = true
	s.settleCommit(s.options.keepOnCommit)
	s.release()
	return s.emitPlain(ctx, atAfterCommit, afterCommitHooks)
}

func (s *Session) endTransaction(ctx context.Context) error {
	switch {
	case s.legs != nil:
		return s.legs.commit(ctx)
	case s.conn == nil:
		return nil
	case s.options.conn != nil:
		return s.conn.releaseSavepoint(ctx, s.frames[0].savepoint)
	}
	return s.conn.Commit(ctx)
}

// Rollback undoes the transaction, in the database and in memory: the fields of
// objects go back to what was last committed, new objects are transient again
// and lose the keys and defaults that they were given, deleted ones are
// persistent again. It ends every nested block as well. It does not end with ctx.
func (s *Session) Rollback(ctx context.Context) error {
	if err := s.claim("roll back", false); err != nil {
		return err
	}
	defer s.leave()
	if s.closed {
		return s.ready("roll back")
	}
	return s.rollback(ctx)
}

func (s *Session) rollback(ctx context.Context) error {
	s.clearFailure()
	open := len(s.frames) > 0
	err := s.undoTransaction(ctx)
	s.unwind(0)
	s.release()
	if open {
		err = bothErrors(err, s.rolledBack(ctx, true))
	}
	return err
}

func (s *Session) clearFailure() {
	s.failure, s.mistakes = nil, nil
	s.misuse.Store(nil)
}

func (s *Session) undoTransaction(ctx context.Context) error {
	switch {
	case s.legs != nil:
		return s.legs.rollback(ctx)
	case s.conn == nil:
		return nil
	case s.options.conn != nil:
		return s.undoSavepoint(ctx, s.frames[0])
	}
	return s.conn.Rollback(ctx)
}

// undoSavepoint goes back to a savepoint and takes it away, so that blocks which
// fail one after the other do not pile up within each other.
func (s *Session) undoSavepoint(ctx context.Context, f *frame) error {
	if s.legs != nil {
		return s.legs.undo(ctx, s.depthOf(f)-1)
	}
	if err := s.conn.rollbackTo(ctx, f.savepoint); err != nil {
		return err
	}
	return s.conn.releaseSavepoint(ctx, f.savepoint)
}

// Nested runs a function inside of a savepoint. It flushes first. When the
// function returns an error or panics, the rows and the objects go back to
// where they stood, the outer transaction goes on, and the error is returned;
// else what it did is flushed and belongs to the outer transaction. If the
// server has dropped the transaction meanwhile, the error is an [ErrTxLost]
// and only Rollback is possible. It emits SAVEPOINT, and RELEASE or ROLLBACK TO.
func (s *Session) Nested(ctx context.Context, work func(ctx context.Context) error) error {
	if work == nil {
		return nilArgument("begin nested block", "function")
	}
	f, err := s.openNested(ctx)
	if err != nil {
		return err
	}
	done := false
	defer func() {
		if !done {
			// A panic goes on after the savepoint is rolled back.
			_ = s.closeNested(ctx, f, errors.New("panic"))
		}
	}()
	err = work(ctx)
	done = true
	return s.closeNested(ctx, f, err)
}

func (s *Session) openNested(ctx context.Context) (*frame, error) {
	if err := s.enter("begin nested block"); err != nil {
		return nil, err
	}
	defer s.leave()
	if err := s.flush(ctx); err != nil {
		return nil, err
	}
	if err := s.ensure(ctx); err != nil {
		return nil, err
	}
	if s.legs != nil {
		if err := s.legs.savepoint(ctx); err != nil {
			return nil, err
		}
		return s.push(""), nil
	}
	name, err := s.conn.savepoint(ctx)
	if err != nil {
		return nil, err
	}
	return s.push(name), nil
}

func (s *Session) closeNested(ctx context.Context, f *frame, err error) error {
	if claimErr := s.claim("end nested block", true); claimErr != nil {
		return bothErrors(err, claimErr)
	}
	defer s.leave()
	depth := s.depthOf(f)
	switch {
	case depth < 0 && f.committed && err == nil:
		return nil
	case depth < 0:
		return bothErrors(err, &UsageError{Kind: ErrTxFailed, Op: "end nested block", Reason: "the transaction was ended inside of it"})
	case err == nil:
		err = s.keepNested(ctx, depth)
	}
	if err != nil {
		err = s.abandonNested(ctx, depth, err)
	}
	return err
}

func (s *Session) keepNested(ctx context.Context, depth int) error {
	if err := s.ready("end nested block"); err != nil {
		return err
	}
	if err := s.flush(ctx); err != nil {
		return err
	}
	var err error
	if s.legs != nil {
		err = s.legs.keep(ctx, depth-1)
	} else {
		err = s.conn.releaseSavepoint(ctx, s.frames[depth].savepoint)
	}
	if err == nil {
		s.merge(depth)
	}
	return err
}

// abandonNested undoes the block. If that fails, the whole transaction has.
func (s *Session) abandonNested(ctx context.Context, depth int, cause error) error {
	err := s.undoSavepoint(ctx, s.frames[depth])
	s.clearFailure()
	s.unwind(depth)
	if err == nil {
		return bothErrors(cause, s.rolledBack(ctx, false))
	}
	err = fmt.Errorf("%w, after: %w", err, cause)
	s.fail(err)
	return err
}

// Invalidate closes the physical connection that the session holds, so that
// nobody gets it any more. The transaction on it is lost, also one that was
// joined by [WithConn]: the session refuses everything with [ErrTxLost] but
// Rollback, after which it takes another connection. Without a transaction there
// is nothing to give up. It emits no SQL.
func (s *Session) Invalidate() error {
	if err := s.claim("invalidate", false); err != nil {
		return err
	}
	defer s.leave()
	switch {
	case s.closed:
		return closedError("invalidate", "the session")
	case s.legs != nil:
		return s.legs.each(func(one *leg) error { return one.conn.Invalidate() })
	case s.conn == nil:
		return nil
	}
	return s.conn.Invalidate()
}

// Close rolls back what is open, gives the connection back, and detaches all
// objects. A closed session refuses everything but a further Close.
func (s *Session) Close() error { return s.closeFor(unending) }

// closeFor is Close for a caller who waits no longer than ctx allows a rollback.
func (s *Session) closeFor(ctx context.Context) error {
	if err := s.claim("close", false); err != nil {
		return err
	}
	defer s.leave()
	if s.closed {
		return nil
	}
	var err error
	if len(s.frames) > 0 {
		err = s.rollback(ctx)
	}
	s.expungeAll()
	s.closed = true
	if errors.Is(err, ErrOutcomeUnknown) {
		return nil // Commit has said so
	}
	return err
}
