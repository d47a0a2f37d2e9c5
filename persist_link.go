// This file writes the rows of link tables.

package orm

import (
	"context"
	"fmt"
	"slices"
)

// linkBatch is rows of one link table that come, or go.
type linkBatch struct {
	rel  *relationship
	rows []*linkClaim
	gone bool
}

// linkBatches are the rows of the flush, by table.
func (w *relationWork) linkBatches() []linkBatch {
	var batches []linkBatch
	for _, gone := range []bool{true, false} {
		at := map[*relationship]int{}
		for _, l := range w.rows {
			if l.gone != gone || l.skip() {
				continue
			}
			i, seen := at[l.rel]
			if !seen {
				i = len(batches)
				at[l.rel] = i
				batches = append(batches, linkBatch{rel: l.rel, gone: gone})
			}
			batches[i].rows = append(batches[i].rows, l)
		}
	}
	return batches
}

// skip reports whether the row needs no statement of its own: it goes with an
// end that is deleted, or was never written.
func (l *linkClaim) skip() bool {
	ends := []*instance{l.own, l.far}
	dead := slices.ContainsFunc(ends, func(i *instance) bool { return i.doomed || i.unit == nil && !(l.gone && i.expunged()) })
	return dead || l.gone && slices.ContainsFunc(ends, func(i *instance) bool { return i.state == Pending })
}

func (b *linkBatch) run(ctx context.Context, u *unit, conn *Conn) error {
	w := u.writer(conn, b.rel.owner)
	pairs := slices.Concat(b.rel.link.own, b.rel.link.far)
	for rows := range slices.Chunk(b.rows, chunk(w.features, len(pairs))) {
		compiled, err := w.linkStatement(b, pairs, len(rows))
		if err != nil {
			return err
		}
		var args []any
		for _, l := range rows {
			if args, err = w.linkArgs(args, b.rel.link.own, l.own); err != nil {
				return err
			}
			if args, err = w.linkArgs(args, b.rel.link.far, l.far); err != nil {
				return err
			}
		}
		outcome, err := w.conn.exec(ctx, compiled, args)
		if err != nil {
			return err
		}
		if outcome.Rows != int64(len(rows)) {
			return &UsageError{
				Kind: ErrStaleData, Op: compiled.op, Subject: b.rel.link.table.FullName(),
				Reason: fmt.Sprintf("%d of %d link rows of %s were found", outcome.Rows, len(rows), b.rel.fullName()), Advice: "roll back, read again, and repeat",
			}
		}
	}
	return nil
}

// linkArgs appends the key of one end. What became of the fields of an object that
// the session holds no more says nothing of its row.
func (w *writer) linkArgs(args []any, pairs []linkPair, end *instance) ([]any, error) {
	row := end.object
	if end.expunged() {
		row = end.snapshot
	}
	var err error
	for _, p := range pairs {
		if args, err = w.encode(args, p.prop, row); err != nil {
			return nil, err
		}
	}
	return args, nil
}

// linkStatement writes INSERT INTO link (a, b) VALUES (?, ?), …, or
// DELETE FROM link WHERE (a, b) IN ((?, ?), …).
func (w *writer) linkStatement(b *linkBatch, pairs []linkPair, rows int) (*Compiled, error) {
	op, kind := "insert", shapeLink
	if b.gone {
		op, kind = "delete", shapeUnlink
	}
	return w.compileFor(b.rel.link.table, op, shapeKey{mapper: w.mapper, link: b.rel.link, kind: kind, rows: rows}, func(c *Compiler) {
		if b.gone {
			c.SQL("DELETE FROM ")
			c.tableName(b.rel.link.table)
			c.SQL(" WHERE ")
			c.matchRows(rows, linkColumns(pairs))
			return
		}
		c.SQL("INSERT INTO ")
		c.tableName(b.rel.link.table)
		c.SQL(" (")
		commaList(c, pairs, func(p linkPair) { c.Ident(p.column.name) })
		c.SQL(") VALUES ")
		for i := range rows {
			if i > 0 {
				c.SQL(", ")
			}
			placeholderRow(c, linkColumns(pairs))
		}
	})
}

func linkColumns(pairs []linkPair) []*Column {
	columns := make([]*Column, len(pairs))
	for i, p := range pairs {
		columns[i] = p.column
	}
	return columns
}

// run deletes all rows of the link table that refer to the objects.
func (p *linkPurge) run(ctx context.Context, u *unit, conn *Conn) error {
	w, pairs := u.writer(conn, p.rel.owner), p.rel.link.own
	for items := range slices.Chunk(p.items, chunk(w.features, len(pairs))) {
		key := shapeKey{mapper: w.mapper, link: p.rel.link, kind: shapePurge, rows: len(items)}
		compiled, err := w.compileFor(p.rel.link.table, "delete", key, func(c *Compiler) {
			c.SQL("DELETE FROM ")
			c.tableName(p.rel.link.table)
			c.SQL(" WHERE ")
			c.matchRows(len(items), linkColumns(pairs))
		})
		if err != nil {
			return err
		}
		var args []any
		for _, inst := range items {
			if args, err = w.linkArgs(args, pairs, inst); err != nil {
				return err
			}
		}
		if _, err := w.conn.exec(ctx, compiled, args); err != nil {
			return err
		}
	}
	return nil
}

func (*linkBatch) settle(*unit) {}
func (*linkPurge) settle(*unit) {}
