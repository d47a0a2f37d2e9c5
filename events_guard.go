// This file says what listeners may do with the session that calls them, and
// refuses the rest: a flush that is planned is not changed any more.

package orm

import (
	"context"
	"slices"
)

// moment is a point at which a session calls listeners.
type moment struct {
	name    string
	free    bool // the session takes calls, but for those that would end or flush
	flushes bool // also those that flush
	sends   bool // statements can be sent on its connection
}

var (
	atBeforeFlush        = &moment{name: "BeforeFlush", free: true}
	atAfterFlush         = &moment{name: "AfterFlush", free: true}
	atAfterFlushPostExec = &moment{name: "AfterFlushPostExec", free: true}
	atBeforeCommit       = &moment{name: "BeforeCommit", free: true, flushes: true}
	atAfterBegin         = &moment{name: "AfterBegin", sends: true}
	atAfterCommit        = &moment{name: "AfterCommit"}
	atAfterRollback      = &moment{name: "AfterRollback"}
	atAfterSoftRollback  = &moment{name: "AfterSoftRollback"}
	atBulkUpdate         = &moment{name: "AfterBulkUpdate", sends: true}
	atBulkDelete         = &moment{name: "AfterBulkDelete", sends: true}
	atExecute            = &moment{name: "DoExecute"}
	atTransition         = &moment{name: "a transition"}
	atValidate           = &moment{name: "Validate"}
	atChanged            = &moment{name: "Changed", sends: true}
	atLoad               = &moment{name: "Load"}
	atRefresh            = &moment{name: "Refresh"}
	atExpire             = &moment{name: "Expire"}
)

// rowMomentsAt are the moments of the rows of a flush.
var rowMomentsAt = [rowMoments]*moment{
	{name: "BeforeInsert", sends: true},
	{name: "AfterInsert", sends: true},
	{name: "BeforeUpdate", sends: true},
	{name: "AfterUpdate", sends: true},
	{name: "BeforeDelete", sends: true},
	{name: "AfterDelete", sends: true},
}

// ending are the calls that no listener may make, wherever it is called.
var ending = []string{"begin", "commit", "roll back", "begin nested block", "end nested block", "invalidate", "close"}

// refusal says why a listener cannot make a call, or nil.
func (m *moment) refusal(op string) *UsageError {
	if m == nil || m.allows(op) {
		return nil
	}
	advice := "do it before the flush: in BeforeFlush"
	switch {
	case m.free:
		advice = "return from the listener first"
	case !m.sends:
		advice = "do it when the call has returned"
	}
	return &UsageError{Kind: ErrHook, Op: op, Subject: "session", Reason: "a listener of " + m.name + " cannot do that", Advice: advice}
}

// allows reports whether the session takes a call.
func (m *moment) allows(op string) bool {
	return m.free && !slices.Contains(ending, op) && (m.flushes || op != "flush")
}

// at does what listeners do at a moment. A panic of theirs goes on.
func (s *Session) at(m *moment, work func() error) error {
	outer := s.moment.Swap(m)
	defer s.moment.Store(outer)
	if m.free {
		s.leave()
		defer s.resume()
	}
	return work()
}

// resume goes on with the call that has called listeners.
func (s *Session) resume() {
	if !s.busy.CompareAndSwap(false, true) {
		s.misuse.Store(concurrentUse("go on"))
	}
}

// flushesFirst reports whether a statement has the session flush before.
func (s *Session) flushesFirst() bool {
	m := s.moment.Load()
	return !s.options.noAutoflush && (m == nil || m.flushes)
}

// Connection returns what runs statements on the connection of the session's
// transaction, past the session: without a flush before, without its criteria, and
// without objects. It begins the transaction where none is open. Listeners use it to
// send statements of their own within a flush.
//
//	conn, err := s.Connection(ctx)
//	_, err = orm.Exec(ctx, conn, orm.Insert(audit).Values(…))
//
// With several engines ([Bind]) it is that of the row in question, where there is one,
// and else that of SQL text. It is good until the transaction ends. In a listener that cannot send statements
// it is an [ErrHook].
func (s *Session) Connection(ctx context.Context) (Executor, error) {
	if m := s.moment.Load(); m == nil || !m.sends {
		if err := s.enter("take the connection"); err != nil {
			return nil, err
		}
		defer s.leave()
	}
	if err := s.ensure(ctx); err != nil {
		return nil, err
	}
	if s.conn == nil { // of several engines none is in use
		if err := s.turnBack(ctx, nil); err != nil {
			return nil, err
		}
	}
	s.frames[len(s.frames)-1].wrote = true
	return &sessionConn{s.conn}, nil
}

// sessionConn is a connection of which the session keeps the transaction to itself.
type sessionConn struct{ conn *Conn }

// Engine returns the engine that the connection belongs to.
func (c *sessionConn) Engine() *Engine { return c.conn.Engine() }

func (c *sessionConn) acquire(ctx context.Context, cc *Compiled) (*Conn, func(), error) {
	return c.conn.acquire(ctx, cc)
}
func (*sessionConn) keepsConn() bool           { return true }
func (*sessionConn) objects(bool) objectSource { return nil }
func (*sessionConn) inherited() []Criteria     { return nil }
func (c *sessionConn) strict() bool            { return c.conn.strict() }
