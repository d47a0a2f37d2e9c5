// This file holds the result that is being read: it occupies its connection
// until it is closed, and ends the Execution of its query.

package orm

import (
	"context"
	"database/sql"
	"errors"
)

// cursor reads the rows of a query. Like its connection it belongs to one
// goroutine.
type cursor struct {
	conn   *Conn
	ctx    context.Context // of the query: its end explains why reading fails
	cc     *Compiled
	x      *Execution
	rows   *sql.Rows
	cancel context.CancelFunc // nil if the query is not to be cut off
	stream bool               // the end of the context is to be noticed at once
	read   int64
	done   bool
	err    error
}

// query runs a statement that returns rows. Close the cursor.
func (c *Conn) query(ctx context.Context, cc *Compiled, args []any) (*cursor, error) {
	return c.open(ctx, cc, args, false)
}

// open is query for a result that is to be cut off where it is not read to the
// end: outside of a transaction, closing it early ends the query instead of
// reading the rest. Inside, that would fail the transaction on some databases.
func (c *Conn) open(ctx context.Context, cc *Compiled, args []any, cutOff bool) (*cursor, error) {
	if err := c.enter(cc.op, !cc.read); err != nil {
		return nil, err
	}
	defer c.leave()
	if err := c.admit(ctx, cc); err != nil {
		return nil, err
	}
	x, text, args, err := c.announce(ctx, cc, args, 1)
	if err != nil {
		return nil, err
	}
	cur := &cursor{conn: c, ctx: ctx, cc: cc, x: x, stream: cutOff}
	if cutOff && c.State() == TxClean {
		ctx, cur.cancel = context.WithCancel(ctx)
	}
	if cur.rows, err = c.raw.QueryContext(ctx, text, args...); err != nil { //nolint:rowserrcheck // Next asks for it, when the rows are read
		cur.free()
		return nil, c.ended(cur.ctx, cc, x, 0, err) //nolint:contextcheck // it is the context of the caller
	}
	c.calling = false
	c.cursor = cur
	return cur, nil
}

// Columns returns the names of the columns, to be read only.
func (cur *cursor) Columns() ([]string, error) {
	columns, err := cur.rows.Columns()
	if err != nil {
		return nil, cur.conn.engine.classify(cur.ctx, cur.cc.op, cur.cc, err)
	}
	return columns, nil
}

// Next goes to the next row, and reports whether there is one. Err tells an end
// from a failure.
func (cur *cursor) Next() bool {
	cur.conn.busy.Lock()
	ended := cur.ended()
	if !cur.done && ended == nil && cur.rows.Next() {
		cur.read++
		cur.conn.busy.Unlock()
		return true
	}
	defer cur.conn.leave()
	cur.finish(firstError(cur.rows.Err(), ended))
	return false
}

// ended is the error of the context of a stream. The standard library notices its
// end in a goroutine, which may come after many rows.
func (cur *cursor) ended() error {
	if !cur.stream || cur.done {
		return nil
	}
	return cur.ctx.Err()
}

// Scan reads the row into dest. It panics with what a type of the user has
// panicked with. If the context has ended since Next, the result is at its end.
func (cur *cursor) Scan(dest ...any) error {
	err := cur.rows.Scan(dest...)
	if err == nil {
		return nil
	}
	if p, ok := errors.AsType[*decodePanic](err); ok {
		panic(p.value)
	}
	if ended := cur.ctx.Err(); ended != nil && errors.Is(err, ended) {
		cur.conn.busy.Lock()
		defer cur.conn.leave()
		cur.finish(err)
		return cur.err
	}
	return err
}

// Err returns the error that has ended the result before its last row, or nil.
func (cur *cursor) Err() error { return cur.err }

// Close ends the result, wherever it was being read, and returns the error that
// Err would. It may be called again.
func (cur *cursor) Close() error {
	cur.conn.busy.Lock()
	defer cur.conn.leave()
	if !cur.done {
		cur.stop()
	}
	return cur.err
}

// closeCursor ends the result that is being read, if there is one. Whoever reads
// it gets to know.
func (c *Conn) closeCursor() {
	if c.streaming != nil {
		c.streaming.cut()
	}
	cur := c.cursor
	if cur == nil {
		return
	}
	cur.stop()
	if cur.err == nil {
		cur.err = closedError("read", "the connection, or its transaction,")
	}
}

// stop ends a result before its last row.
func (cur *cursor) stop() {
	if cur.cancel == nil {
		cur.finish(nil)
		return
	}
	cur.cancel()
	_ = cur.rows.Close() // what it says comes from being cut off
	cur.finish(nil)
	if !cur.conn.valid() {
		cur.conn.drop()
	}
}

// finish ends the result once, with the error of its rows.
func (cur *cursor) finish(err error) {
	if cur.done {
		return
	}
	cur.done = true
	c := cur.conn
	c.cursor, c.calling = nil, true
	if closeErr := cur.rows.Close(); err == nil {
		err = closeErr
	}
	cur.free()
	cur.err = c.ended(cur.ctx, cur.cc, cur.x, cur.read, err)
}

func (cur *cursor) free() {
	if cur.cancel != nil {
		cur.cancel()
	}
}

// drain has a result read, and closes it whatever happens. A panic in between, of
// a Scanner say, fails the transaction.
func (cur *cursor) drain(op string, read func() error) (err error) {
	panicked := true
	defer func() {
		if panicked {
			cur.conn.fail(&UsageError{Kind: ErrTxFailed, Op: op, Reason: "a panic ended the reading of a result"})
		}
		err = firstError(err, cur.Close())
	}()
	err = read()
	panicked = false
	return err
}
