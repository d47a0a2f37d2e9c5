// This file holds the events of an engine: what a listener gets to see of a
// statement, of the ends of a transaction, and of a new connection.

package orm

import (
	"context"
	"database/sql/driver"
	"errors"
	"time"
)

// EngineEvents are the events of an [Engine]. Listeners are called in the order
// in which they were added, on the goroutine that runs the statement; each
// method returns a function that takes its listener out again. Using the
// connection of the event from a listener is an [ErrConcurrentUse]. It is safe
// for concurrent use.
type EngineEvents struct {
	beforeExecute     hooks[func(context.Context, *Execution) error]
	afterExecute      hooks[func(context.Context, *Execution) error]
	begin             hooks[func(context.Context, *TxEvent)]
	commit            hooks[func(context.Context, *TxEvent)]
	rollback          hooks[func(context.Context, *TxEvent)]
	savepoint         hooks[func(context.Context, *TxEvent)]
	releaseSavepoint  hooks[func(context.Context, *TxEvent)]
	rollbackSavepoint hooks[func(context.Context, *TxEvent)]
	connect           hooks[func(context.Context, *ConnectEvent) error]
	checkout          hooks[func(context.Context, *ConnectEvent) error]
	reset             hooks[func(context.Context, *ConnectEvent) error]
	checkin           hooks[func(*ConnectEvent)]
	invalidate        hooks[func(*ConnectEvent)]
	closed            hooks[func(*ConnectEvent)]
	handleError       hooks[func(context.Context, *ErrorEvent)]
	columnReflect     hooks[func(context.Context, *TableInfo, *ColumnInfo) error]
}

// BeforeExecute is called before a statement is sent. The listener may change
// its SQL and Args. An error keeps the statement from being sent and is
// returned in its place; the transaction goes on.
func (e *EngineEvents) BeforeExecute(f func(context.Context, *Execution) error) (remove func()) {
	return e.beforeExecute.add(f)
}

// AfterExecute is called when a statement has ended, also with an error; a
// query has ended when its rows are read or closed. The error of a listener is
// joined to that of the statement, and fails the transaction.
func (e *EngineEvents) AfterExecute(f func(context.Context, *Execution) error) (remove func()) {
	return e.afterExecute.add(f)
}

// Begin is called when a transaction has begun.
func (e *EngineEvents) Begin(f func(context.Context, *TxEvent)) (remove func()) {
	return e.begin.add(f)
}

// Commit is called when a transaction has been committed.
func (e *EngineEvents) Commit(f func(context.Context, *TxEvent)) (remove func()) {
	return e.commit.add(f)
}

// Rollback is called when a transaction has been rolled back, or has ended with
// its connection.
func (e *EngineEvents) Rollback(f func(context.Context, *TxEvent)) (remove func()) {
	return e.rollback.add(f)
}

// Savepoint is called when a savepoint has been set.
func (e *EngineEvents) Savepoint(f func(context.Context, *TxEvent)) (remove func()) {
	return e.savepoint.add(f)
}

// ReleaseSavepoint is called when a savepoint has been released.
func (e *EngineEvents) ReleaseSavepoint(f func(context.Context, *TxEvent)) (remove func()) {
	return e.releaseSavepoint.add(f)
}

// RollbackSavepoint is called when a transaction has been rolled back to a
// savepoint.
func (e *EngineEvents) RollbackSavepoint(f func(context.Context, *TxEvent)) (remove func()) {
	return e.rollbackSavepoint.add(f)
}

// Connect is called once for every new connection to the database, before it is
// used; an error discards the connection. Connections of a pool that [OpenDB]
// was given are made by others: there it is never called.
func (e *EngineEvents) Connect(f func(context.Context, *ConnectEvent) error) (remove func()) {
	return e.connect.add(f)
}

// Execution is one statement on its way to the database, or back. BEGIN,
// COMMIT, ROLLBACK and savepoints are none. It belongs to the listener only
// while it is called.
type Execution struct {
	SQL      string        // may be changed by BeforeExecute
	Args     []any         // may be changed by BeforeExecute; of a batch, the first set, to be read only
	Sets     int           // sets of parameters: more than 1 for a statement that runs once for each; -1 for a COPY, which Rows counts
	Op       string        // select, insert, update, delete, merge, ddl, text
	Table    string        // the main table, or ""
	Dialect  string        // the dialect's name
	Duration time.Duration // until the end; of a query, until its rows were read or closed
	Rows     int64         // written, or read; -1 where the driver does not tell
	Err      error         // what the caller gets

	start  time.Time
	values map[any]any
}

// Set keeps a value from BeforeExecute for AfterExecute, such as a span.
func (x *Execution) Set(key, value any) {
	if x.values == nil {
		x.values = map[any]any{}
	}
	x.values[key] = value
}

// Value returns what Set kept under the key, or nil.
func (x *Execution) Value(key any) any { return x.values[key] }

// TxEvent is the begin or the end of a transaction or savepoint.
type TxEvent struct {
	Conn      *Conn
	Savepoint string // its name, or "" for the transaction itself
}

// ConnectEvent is a connection to the database: one that was made, taken from the
// pool, given back, or closed.
type ConnectEvent struct {
	engine *Engine
	conn   driver.Conn
}

// Engine returns the engine that the connection belongs to.
func (c *ConnectEvent) Engine() *Engine { return c.engine }

// Exec runs one statement without parameters on the connection, outside of whatever
// transaction somebody begins on it later.
func (c *ConnectEvent) Exec(ctx context.Context, text SQL) error {
	execer, ok := c.conn.(driver.ExecerContext)
	if !ok {
		return &UsageError{Kind: ErrUnsupported, Op: "connect", Reason: "the driver runs no statement on a new connection"}
	}
	_, err := execer.ExecContext(ctx, string(text), nil)
	return err
}

func (e *Engine) connected(ctx context.Context, conn driver.Conn) error {
	for _, f := range e.events.connect.list() {
		if err := f(ctx, &ConnectEvent{engine: e, conn: conn}); err != nil {
			return err
		}
	}
	return nil
}

// observe returns the Execution of a statement, or nil if nobody wants to know
// of it.
func (e *Engine) observe(ctx context.Context, cc *Compiled, args []any, sets int) *Execution {
	if e.events.beforeExecute.empty() && e.events.afterExecute.empty() && !e.log.wants(ctx) {
		return nil
	}
	return &Execution{
		SQL: cc.SQL, Args: args, Sets: sets, Op: cc.op, Table: cc.table, Dialect: e.Dialect().Name(), start: time.Now(),
	}
}

// before calls the listeners that may still stop the statement.
func (e *Engine) before(ctx context.Context, x *Execution) error {
	if x == nil {
		return nil
	}
	for _, f := range e.events.beforeExecute.list() {
		if err := f(ctx, x); err != nil {
			return err
		}
	}
	return nil
}

// after tells log and listeners how the statement ended, and returns the
// listeners' errors.
func (e *Engine) after(ctx context.Context, x *Execution, rows int64, err error) error {
	if x == nil {
		return nil
	}
	x.Duration, x.Rows, x.Err = time.Since(x.start), rows, err
	e.log.executed(ctx, x)
	var failed []error
	for _, f := range e.events.afterExecute.list() {
		failed = append(failed, f(ctx, x))
	}
	return errors.Join(failed...)
}
