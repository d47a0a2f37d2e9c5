// This file holds the events of an engine's connections, as they leave the pool and
// come back, and of the errors of its database.

package orm

import (
	"context"
	"database/sql"
	"database/sql/driver"
)

// ErrorEvent is an error of the database on its way to the caller.
type ErrorEvent struct {
	Err         *DBError // what the caller gets; it may be changed
	Disconnect  bool     // the connection is lost; it may be set, and is then closed
	Replacement error    // may be set: what the caller gets in place of Err
}

// HandleError is called when a statement has failed in the database or on the way to
// it, before anything is made of it. What is set to be lost is: a transaction on the
// connection is an [ErrTxLost] from there on, and may be repeated by Transact. What
// Transact does is told by the error that is returned, a replacement too.
//
// It is also called when no connection could be made, when BEGIN and when COMMIT has
// failed. The replacement of an [ErrOutcomeUnknown] is joined to it: nobody may take such
// a COMMIT for undone.
func (e *EngineEvents) HandleError(f func(context.Context, *ErrorEvent)) (remove func()) {
	return e.handleError.add(f)
}

// Checkout is called when a [Conn], or whatever works on one, has taken a connection of the
// pool. An error discards the connection, and is returned.
func (e *EngineEvents) Checkout(f func(context.Context, *ConnectEvent) error) (remove func()) {
	return e.checkout.add(f)
}

// Reset is called when whoever has had a connection gives it back, after the end of its
// transaction and before Checkin. It is where statements undo what the transaction's
// end has left, such as settings of the connection. An error closes the connection, as
// does a SET that was sent on it, of which Reset does not hear.
func (e *EngineEvents) Reset(f func(context.Context, *ConnectEvent) error) (remove func()) {
	return e.reset.add(f)
}

// Checkin is called when a connection goes back to the pool. Its transaction has
// ended.
func (e *EngineEvents) Checkin(f func(*ConnectEvent)) (remove func()) { return e.checkin.add(f) }

// Invalidate is called when a connection that was taken from the pool is given up: it
// is lost, or Invalidate was called. It is closed then, and not given back.
func (e *EngineEvents) Invalidate(f func(*ConnectEvent)) (remove func()) { return e.invalidate.add(f) }

// Close is called when a connection to the database is closed, for whatever reason.
// Connections of a pool that [OpenDB] was given are closed by others: there it is
// never called.
func (e *EngineEvents) Close(f func(*ConnectEvent)) (remove func()) { return e.closed.add(f) }

// handleError has listeners look at an error, and returns what is to become of it.
func (e *Engine) handleError(ctx context.Context, db *DBError, lost bool) (disconnected bool, replacement error) {
	list := e.events.handleError.list()
	if len(list) == 0 {
		return lost, nil
	}
	event := &ErrorEvent{Err: db, Disconnect: lost}
	for _, f := range list {
		f(ctx, event)
	}
	if event.Disconnect && !lost {
		db.Kind = ErrConnection
	}
	return lost || event.Disconnect, event.Replacement
}

// handleConnectError is handleError for a connection that could not be made.
func (e *Engine) handleConnectError(ctx context.Context, db *DBError) error {
	_, replacement := e.handleError(ctx, db, true)
	return firstError(replacement, db.wrap())
}

// askPool calls the listeners that may refuse a connection.
func (e *Engine) askPool(ctx context.Context, h *hooks[func(context.Context, *ConnectEvent) error], raw *sql.Conn) error {
	list := h.list()
	if len(list) == 0 {
		return nil
	}
	var failed error
	_ = raw.Raw(func(conn any) error {
		event := e.connectEvent(conn)
		for _, f := range list {
			if failed = f(ctx, event); failed != nil {
				return nil
			}
		}
		return nil
	})
	return failed
}

// tellPool tells of a connection that comes back, or does not.
func (e *Engine) tellPool(h *hooks[func(*ConnectEvent)], raw *sql.Conn) {
	if h.empty() {
		return
	}
	_ = raw.Raw(func(conn any) error {
		e.tellConn(h, conn)
		return nil
	})
}

func (e *Engine) tellConn(h *hooks[func(*ConnectEvent)], conn any) {
	for _, f := range h.list() {
		f(e.connectEvent(conn))
	}
}

// connectionClosed tells of a connection that is closed.
func (e *Engine) connectionClosed(conn driver.Conn) { e.tellConn(&e.events.closed, conn) }

func (e *Engine) connectEvent(conn any) *ConnectEvent {
	c, _ := conn.(driver.Conn)
	return &ConnectEvent{engine: e, conn: c}
}
