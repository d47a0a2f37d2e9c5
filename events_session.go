// This file holds the events of sessions: of their flushes and transactions, of
// the steps of objects from state to state, and of the statements that they send.

package orm

import (
	"context"
)

// SessionEvents are the events of one session, or of all those that a factory
// makes. Listeners are called in the order in which they were added, those of the
// factory first, on the goroutine that uses the session; each method returns a
// function that takes its listener out again. An error ends the call that has led to
// the event, and is returned by it. A panic goes on through it, and leaves nothing
// possible but Rollback where a flush was under way.
//
// A call that a listener must not make is an [ErrHook]. It is safe for concurrent
// use.
type SessionEvents struct {
	beforeFlush, afterFlush, afterFlushPostExec hooks[sessionListener]
	afterBegin, beforeCommit, afterCommit       hooks[sessionListener]
	afterRollback, afterSoftRollback            hooks[sessionListener]
	afterBulkUpdate, afterBulkDelete            hooks[bulkListener]
	execute                                     hooks[func(context.Context, *SessionExecution) error]
	transitions                                 [transitions]hooks[func(*Session, Model)]
}

type (
	sessionListener = func(ctx context.Context, s *Session) error
	bulkListener    = func(ctx context.Context, s *Session, w *BulkWrite) error
)

// Events returns the events of all sessions that the factory makes, or has made.
func (f *SessionFactory) Events() *SessionEvents { return &f.events }

// Events returns the events of this session alone.
func (s *Session) Events() *SessionEvents {
	if s.own == nil {
		s.own = &SessionEvents{}
	}
	return s.own
}

// BeforeFlush is called before a flush that may have something to write: where
// there are new, changed or deleted objects. What the listener changes, adds and
// deletes belongs to that flush. It may use the session for all but to flush it
// or to end its transaction; its queries do not flush first. An error ends the
// flush, of which nothing was sent yet.
func (e *SessionEvents) BeforeFlush(f func(ctx context.Context, s *Session) error) (remove func()) {
	return e.beforeFlush.add(f)
}

// AfterFlush is called when a flush has written. New, Dirty and Deleted return what
// it has written until the listener returns. What the listener changes is
// written by the next flush, which a Commit makes at once. It may do what
// BeforeFlush may. An error fails the transaction.
func (e *SessionEvents) AfterFlush(f func(ctx context.Context, s *Session) error) (remove func()) {
	return e.afterFlush.add(f)
}

// AfterFlushPostExec is called after AfterFlush, when the session holds nothing to
// be written any more.
func (e *SessionEvents) AfterFlushPostExec(f func(ctx context.Context, s *Session) error) (remove func()) {
	return e.afterFlushPostExec.add(f)
}

// AfterBegin is called when the session has begun a transaction, before its first
// statement. The listener may send statements on [Session.Connection]. An error
// ends the transaction.
func (e *SessionEvents) AfterBegin(f func(ctx context.Context, s *Session) error) (remove func()) {
	return e.afterBegin.add(f)
}

// BeforeCommit is called by Commit before it flushes, also where there is nothing to
// commit. The listener may do all but end the transaction.
func (e *SessionEvents) BeforeCommit(f func(ctx context.Context, s *Session) error) (remove func()) {
	return e.beforeCommit.add(f)
}

// AfterCommit is called when Commit has saved what there was, also where that was
// nothing. There is no transaction, and the listener cannot use the session. Its
// error is returned by Commit, though all is saved.
func (e *SessionEvents) AfterCommit(f func(ctx context.Context, s *Session) error) (remove func()) {
	return e.afterCommit.add(f)
}

// AfterRollback is called when a transaction was rolled back, by Rollback or by
// Close. The listener cannot use the session.
func (e *SessionEvents) AfterRollback(f func(ctx context.Context, s *Session) error) (remove func()) {
	return e.afterRollback.add(f)
}

// AfterSoftRollback is called after every rollback, that of a savepoint included.
// The listener cannot use the session.
func (e *SessionEvents) AfterSoftRollback(f func(ctx context.Context, s *Session) error) (remove func()) {
	return e.afterSoftRollback.add(f)
}

// BulkWrite is an UPDATE or DELETE statement that a session has run.
type BulkWrite struct {
	Statement Statement
	Rows      int64 // that it has met; -1 where it returns rows, which are not read yet
}

// AfterBulkUpdate is called when the session has run an [Update] of its user's, or
// [EntityQuery.Update]. The listener may send statements on [Session.Connection],
// unless the statement returns rows.
func (e *SessionEvents) AfterBulkUpdate(f func(ctx context.Context, s *Session, w *BulkWrite) error) (remove func()) {
	return e.afterBulkUpdate.add(f)
}

// AfterBulkDelete is AfterBulkUpdate for [Delete] and [EntityQuery.Delete].
func (e *SessionEvents) AfterBulkDelete(f func(ctx context.Context, s *Session, w *BulkWrite) error) (remove func()) {
	return e.afterBulkDelete.add(f)
}

// TransientToPending is called when an object was added that has no row. The
// listeners of transitions cannot use the session, nor stop what happens; each step
// of an object is told once.
func (e *SessionEvents) TransientToPending(f func(s *Session, m Model)) (remove func()) {
	return e.transitions[transientToPending].add(f)
}

// PendingToTransient is called when an object leaves the session that was never
// written: by Expunge, or a rollback.
func (e *SessionEvents) PendingToTransient(f func(s *Session, m Model)) (remove func()) {
	return e.transitions[pendingToTransient].add(f)
}

// PersistentToTransient is called when the INSERT of an object was rolled back.
func (e *SessionEvents) PersistentToTransient(f func(s *Session, m Model)) (remove func()) {
	return e.transitions[persistentToTransient].add(f)
}

// PendingToPersistent is called when a new object was written.
func (e *SessionEvents) PendingToPersistent(f func(s *Session, m Model)) (remove func()) {
	return e.transitions[pendingToPersistent].add(f)
}

// DetachedToPersistent is called when a detached object was added.
func (e *SessionEvents) DetachedToPersistent(f func(s *Session, m Model)) (remove func()) {
	return e.transitions[detachedToPersistent].add(f)
}

// LoadedAsPersistent is called for an object that the session has made of a row.
// Its relationships may not be loaded yet.
func (e *SessionEvents) LoadedAsPersistent(f func(s *Session, m Model)) (remove func()) {
	return e.transitions[loadedAsPersistent].add(f)
}

// PersistentToDeleted is called when the row of an object was deleted.
func (e *SessionEvents) PersistentToDeleted(f func(s *Session, m Model)) (remove func()) {
	return e.transitions[persistentToDeleted].add(f)
}

// DeletedToPersistent is called when the DELETE of an object was rolled back.
func (e *SessionEvents) DeletedToPersistent(f func(s *Session, m Model)) (remove func()) {
	return e.transitions[deletedToPersistent].add(f)
}

// DeletedToDetached is called when the DELETE of an object was committed.
func (e *SessionEvents) DeletedToDetached(f func(s *Session, m Model)) (remove func()) {
	return e.transitions[deletedToDetached].add(f)
}

// PersistentToDetached is called when an object with a row leaves the session: by
// Expunge, or Close.
func (e *SessionEvents) PersistentToDetached(f func(s *Session, m Model)) (remove func()) {
	return e.transitions[persistentToDetached].add(f)
}

// tellBulk has those who listen hear of a statement, when the session's objects have
// followed.
func (s *Session) tellBulk(stmt Statement, follow settled) settled {
	m, of := atBulkUpdate, func(e *SessionEvents) *hooks[bulkListener] { return &e.afterBulkUpdate }
	switch stmt.(type) {
	case *UpdateStatement:
	case *DeleteStatement:
		m, of = atBulkDelete, func(e *SessionEvents) *hooks[bulkListener] { return &e.afterBulkDelete }
	default:
		return follow
	}
	if !heard(s, of) {
		return follow
	}
	return func(ctx context.Context, rows int64, free bool) error {
		if follow != nil {
			if err := follow(ctx, rows, free); err != nil {
				return err
			}
		}
		err := emit(s, m, of, func(f bulkListener) error { return f(ctx, s, &BulkWrite{stmt, rows}) })
		if err != nil {
			s.fail(err)
		}
		return err
	}
}

// eachEvents are the events that listeners of the session may be in.
func (s *Session) eachEvents() [2]*SessionEvents { return [2]*SessionEvents{s.shared, s.own} }

// heard reports whether anybody listens to one of the session's events.
func heard[F any](s *Session, of func(*SessionEvents) *hooks[F]) bool {
	for _, e := range s.eachEvents() {
		if e != nil && !of(e).empty() {
			return true
		}
	}
	return false
}

// emit calls the listeners of an event at a moment.
func emit[F any](s *Session, m *moment, of func(*SessionEvents) *hooks[F], call func(F) error) error {
	for _, e := range s.eachEvents() {
		if e == nil || of(e).empty() {
			continue
		}
		err := s.at(m, func() error {
			for _, f := range of(e).list() {
				if err := call(f); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// emitPlain is emit for the events that tell of nothing but the session.
func (s *Session) emitPlain(ctx context.Context, m *moment, of func(*SessionEvents) *hooks[sessionListener]) error {
	if !heard(s, of) {
		return nil
	}
	return emit(s, m, of, func(f sessionListener) error { return f(ctx, s) })
}

// wantsTransaction reports whether anybody listens who would see that a commit
// begins no transaction, or could fail it when it is done.
func (s *Session) wantsTransaction() bool {
	for _, e := range s.eachEvents() {
		if e != nil && !(e.afterFlush.empty() && e.afterFlushPostExec.empty() && e.afterBegin.empty()) {
			return true
		}
	}
	return false
}

func beforeFlushHooks(e *SessionEvents) *hooks[sessionListener]  { return &e.beforeFlush }
func afterFlushHooks(e *SessionEvents) *hooks[sessionListener]   { return &e.afterFlush }
func postExecHooks(e *SessionEvents) *hooks[sessionListener]     { return &e.afterFlushPostExec }
func afterBeginHooks(e *SessionEvents) *hooks[sessionListener]   { return &e.afterBegin }
func beforeCommitHooks(e *SessionEvents) *hooks[sessionListener] { return &e.beforeCommit }
func afterCommitHooks(e *SessionEvents) *hooks[sessionListener]  { return &e.afterCommit }
func rollbackHooks(e *SessionEvents) *hooks[sessionListener]     { return &e.afterRollback }
func softRollbackHooks(e *SessionEvents) *hooks[sessionListener] { return &e.afterSoftRollback }

// hears reports whether anybody listens to a transition of the session's objects.
func (s *Session) hears(t transition) bool {
	return heard(s, func(e *SessionEvents) *hooks[func(*Session, Model)] { return &e.transitions[t] })
}

// moved tells of a step that an object has made.
func (s *Session) moved(inst *instance, t transition) {
	model := inst.model()
	_ = emit(s, atTransition, func(e *SessionEvents) *hooks[func(*Session, Model)] { return &e.transitions[t] }, func(f func(*Session, Model)) error {
		f(s, model)
		return nil
	})
}

// rolledBack tells that a transaction or savepoint was rolled back.
func (s *Session) rolledBack(ctx context.Context, whole bool) error {
	var err error
	if whole {
		err = s.emitPlain(ctx, atAfterRollback, rollbackHooks)
	}
	return bothErrors(err, s.emitPlain(ctx, atAfterSoftRollback, softRollbackHooks))
}
