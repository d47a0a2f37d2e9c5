// This file sends many rows by a statement that takes them as a stream, where
// dialect and driver have one: COPY.

package orm

import (
	"context"
	"database/sql/driver"
	"slices"

	"github.com/aurum-go/orm/types"
)

// BulkCopier is a [Dialect] with a statement that takes many rows as a stream,
// which is faster than INSERT.
type BulkCopier interface {
	// RenderCopy writes the statement for columns of a table, or returns false: the
	// driver has none, or values of the columns would not arrive as an INSERT stores
	// them. The statement is prepared, executed once for each row with its values,
	// and once without any, which reports the rows that were stored. A []byte is
	// sent for columns of bytes alone.
	RenderCopy(c *Compiler, d driver.Driver, table *Table, columns []*Column) bool
}

// copyStatement returns the statement that takes rows of columns as a stream, or
// nil if there is none.
func (c *Conn) copyStatement(t *Table, columns []*Column) (*Compiled, error) {
	d := c.engine.Dialect()
	copier, ok := d.(BulkCopier)
	if !ok || len(columns) == 0 || slices.ContainsFunc(columns, func(column *Column) bool { return column.Type().Varies() }) {
		return nil, nil
	}
	w := newCompiler(d)
	if !copier.RenderCopy(w, c.engine.db.Driver(), t, columns) {
		return nil, nil
	}
	if w.err != nil {
		return nil, w.err
	}
	return &Compiled{SQL: string(w.buf), dialect: d, op: "insert", table: t.name}, nil
}

// streamed is the number of sets of a statement that takes rows as a stream: it
// is not known before the last one.
const streamed = -1

// copyRows streams rows: first, and those that next gives until it gives none. It
// is one Execution. Any failure fails the transaction, which the caller has opened.
// The end of ctx is looked for between the rows.
func (c *Conn) copyRows(ctx context.Context, cc *Compiled, columns []*Column, first []any, next func() ([]any, error)) (int64, error) {
	o, err := c.execSets(ctx, cc, first, streamed, func(ctx context.Context, text string, row []any) (Outcome, error) {
		rows := func() ([]driver.Value, error) {
			if row == nil {
				return nil, nil
			}
			if err := checkSize(cc.op, "", row); err != nil {
				return nil, ownError{err}
			}
			values, err := copyValues(columns, row), error(nil)
			if row, err = next(); err != nil {
				return nil, ownError{err}
			}
			return values, ctx.Err()
		}
		var n int64
		var err error
		if rawErr := c.raw.Raw(func(conn any) error { n, err = streamRows(ctx, conn.(driver.Conn), text, rows); return nil }); rawErr != nil {
			return Outcome{Rows: -1}, rawErr
		}
		return Outcome{Rows: n}, err
	})
	return o.Rows, err
}

// copyValues are the values of a row as a stream takes them: without knowing the
// types of the columns, it would spell every []byte as bytes.
func copyValues(columns []*Column, row []any) []driver.Value {
	values := make([]driver.Value, len(row))
	for i, v := range row {
		values[i] = v
		if text, ok := v.([]byte); ok && columns[i].Type().Kind() != types.KindBytes {
			values[i] = string(text)
		}
	}
	return values
}

// streamRows runs the statement on a driver's connection. On one of the engine's
// own, the watch over its socket lasts until the last row has arrived.
func streamRows(ctx context.Context, conn driver.Conn, text string, rows func() ([]driver.Value, error)) (int64, error) {
	c, ok := conn.(*driverConn)
	if !ok {
		n, err := streamTo(ctx, conn, text, rows)
		return n, joinContext(ctx, err)
	}
	w, err := c.begin(ctx)
	if err != nil {
		return -1, err
	}
	defer w.end() // also if the rows panic
	n, err := streamTo(ctx, c.raw, text, rows)
	return n, c.end(ctx, w, err)
}

// streamTo sends the rows. Closing the statement ends the stream also where it is
// broken off: what has arrived by then goes with the transaction, which has failed.
func streamTo(ctx context.Context, conn driver.Conn, text string, rows func() ([]driver.Value, error)) (n int64, err error) {
	stmt, err := prepareOn(ctx, conn, text)
	if err != nil {
		return -1, err
	}
	defer func() {
		if err != nil { // after a panic, the connection is closed for good
			_ = stmt.Close()
		}
	}()
	for {
		row, err := rows()
		if err != nil {
			return -1, err
		}
		result, err := stmt.Exec(row) //nolint:staticcheck // drivers have no ExecContext for it
		if err != nil {
			return -1, err
		}
		if row == nil {
			return result.RowsAffected()
		}
	}
}

func prepareOn(ctx context.Context, conn driver.Conn, text string) (driver.Stmt, error) {
	if pc, ok := conn.(driver.ConnPrepareContext); ok {
		return pc.PrepareContext(ctx, text)
	}
	return conn.Prepare(text)
}
