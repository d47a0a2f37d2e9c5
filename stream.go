// This file holds the result that is read in blocks: between two of them the
// connection runs statements for whoever reads it, and for nobody else. How this
// goes depends on the database. It may let rows wait while another statement runs;
// the server may keep the result, and hand it out in parts; or else all rows are
// read first, and kept as the driver gave them.

package orm

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// CursorDeclarer is a [Dialect] of a server that keeps the result of a query until
// its transaction ends, and hands it out in parts.
type CursorDeclarer interface {
	// CursorSQL returns what opens a cursor of that name, to be followed by the
	// query; what reads its next rows; and what closes it.
	CursorSQL(name string, rows int) (declare, fetch, end SQL)
}

// stream is a result that is read in blocks. Until it is closed, its connection
// refuses the statements of others. Like a cursor it belongs to one goroutine.
type stream struct {
	conn    *Conn
	ctx     context.Context // of the query
	cc      *Compiled       // the query
	size    int             // of a block
	rows    *cursor         // the result, where it can wait while others are read
	parked  *cursor         // the same, while it does
	fetch   *Compiled       // reads a block, where the server keeps the result
	end     *Compiled       // has the server drop it
	kept    [][]any         // the rows that are left, where all had to be read at once
	working bool            // statements of the stream's owner are let through
	err     error           // why it was closed by others
}

// streamName is what cursors are called. A connection has one at a time.
const streamName = "orm_stream"

// stream runs a query whose rows are read in blocks. Close the stream.
func (c *Conn) stream(ctx context.Context, cc *Compiled, args []any, size int) (*stream, error) {
	st := &stream{conn: c, ctx: ctx, cc: cc, size: size}
	var err error
	switch d, ok := c.engine.Dialect().(CursorDeclarer); {
	case c.features().WaitingRows:
		st.rows, err = c.query(ctx, cc, args)
	case ok && !c.config.autocommit:
		err = st.declare(d, args)
	default:
		err = st.keep(args)
	}
	if err != nil {
		return nil, err
	}
	c.alone(func() { c.streaming = st })
	return st, nil
}

// declare has the server keep the result.
func (st *stream) declare(d CursorDeclarer, args []any) error {
	declare, fetch, end := d.CursorSQL(streamName, st.size)
	open := *st.cc
	open.SQL = string(declare) + st.cc.SQL
	if _, err := st.conn.exec(st.ctx, &open, args); err != nil {
		return err
	}
	st.fetch, st.end = st.part(fetch), st.part(end)
	return nil
}

// part is a statement that is about the cursor of the query.
func (st *stream) part(text SQL) *Compiled {
	cc := *st.cc
	cc.SQL, cc.slots = string(text), nil
	return &cc
}

// keep reads all rows.
func (st *stream) keep(args []any) error {
	cur, err := st.conn.query(st.ctx, st.cc, args)
	if err != nil {
		return err
	}
	return cur.drain("read", func() error {
		columns, err := cur.Columns()
		if err != nil {
			return err
		}
		for cur.Next() {
			row, dest := make([]any, len(columns)), make([]any, len(columns))
			for i := range row {
				dest[i] = &row[i]
			}
			if err := cur.Scan(dest...); err != nil {
				return err
			}
			st.kept = append(st.kept, row)
		}
		return cur.Err()
	})
}

// rowScanFunc reads the present row into cells.
type rowScanFunc func(dest ...any) error

// read reads a block, and reports whether there may be another one.
func (st *stream) read(each func(rowScanFunc) error) (more bool, err error) {
	switch {
	case st.err != nil:
		return false, st.err
	case st.ctx.Err() != nil:
		return false, canceledError(st.ctx, st.cc.op)
	case st.rows != nil:
		return st.readFrom(st.rows, each)
	case st.fetch == nil:
		return st.readKept(each)
	}
	return st.readFetched(each)
}

// readFetched has the server send a block.
func (st *stream) readFetched(each func(rowScanFunc) error) (more bool, err error) {
	err = st.aside(func() error {
		cur, err := st.conn.query(st.ctx, st.fetch, nil)
		if err != nil {
			return err
		}
		return cur.drain("read", func() error {
			for n := 0; cur.Next(); n++ {
				more = n == st.size-1
				if err := each(cur.Scan); err != nil {
					return err
				}
			}
			return cur.Err()
		})
	})
	return more && err == nil, err
}

// readFrom reads as many rows as a block has.
func (st *stream) readFrom(cur *cursor, each func(rowScanFunc) error) (more bool, err error) {
	for range st.size {
		if !cur.Next() {
			return false, cur.Err()
		}
		if err := each(cur.Scan); err != nil {
			return false, err
		}
	}
	return true, nil
}

func (st *stream) readKept(each func(rowScanFunc) error) (more bool, err error) {
	n := min(st.size, len(st.kept))
	for i, row := range st.kept[:n] {
		if err := each(func(dest ...any) error { return scanKept(row, dest) }); err != nil {
			return false, err
		}
		st.kept[i] = nil
	}
	st.kept = st.kept[n:]
	return len(st.kept) > 0, nil
}

// scanKept does for a row that was kept what database/sql does for one of the
// driver's.
func scanKept(row, dest []any) error {
	for i, v := range row {
		err := dest[i].(sql.Scanner).Scan(v)
		if p, ok := errors.AsType[*decodePanic](err); ok {
			panic(p.value)
		}
		if err != nil {
			return fmt.Errorf("column %d: %w", i, err)
		}
	}
	return nil
}

// aside runs statements of the stream's owner between two blocks.
func (st *stream) aside(run func() error) error {
	c := st.conn
	c.alone(func() { st.parked, c.cursor, st.working = c.cursor, nil, true })
	defer c.alone(st.resume)
	return run()
}

// resume ends the time of other statements.
func (st *stream) resume() {
	if st.working {
		st.conn.cursor, st.parked, st.working = st.parked, nil, false
	}
}

// alone changes what other goroutines may look at.
func (c *Conn) alone(change func()) {
	c.busy.Lock()
	defer c.leave()
	change()
}

// reading reports whether a result occupies the connection.
func (c *Conn) reading() bool {
	return c.cursor != nil || c.streaming != nil && !c.streaming.working
}

// cut ends a stream for others than who reads it.
func (st *stream) cut() {
	st.resume()
	st.conn.streaming, st.kept = nil, nil
	st.err = closedError("read", "the connection, or its transaction,")
}

// close ends the stream, wherever it was being read.
func (st *stream) close() error {
	c, open := st.conn, false
	c.alone(func() {
		if open = c.streaming == st; open {
			c.streaming = nil
		}
	})
	if st.rows != nil {
		return firstError(st.err, st.rows.Close())
	}
	if !open || st.end == nil || c.State() != TxActive {
		return st.err
	}
	ctx, cancel := c.engine.detached(st.ctx)
	defer cancel()
	_, err := c.exec(ctx, st.end, nil)
	return err
}

// drain has a stream read, and closes it whatever happens. A panic in between
// fails the transaction.
func (st *stream) drain(read func() error) (err error) {
	panicked := true
	defer func() {
		if panicked {
			st.conn.fail(&UsageError{Kind: ErrTxFailed, Op: "read", Reason: "a panic ended the reading of a result"})
		}
		err = firstError(err, st.close())
	}()
	err = read()
	panicked = false
	return err
}
