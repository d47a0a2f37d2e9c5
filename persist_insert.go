// This file writes the INSERTs of a flush. Rows of one shape go together. The
// keys that come back are matched to the objects by construction: by the key
// itself where the object had one, else because generated keys ascend in the
// order of the rows, or because each row was sent by itself.

package orm

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"github.com/aurum-go/orm/types"
)

// readBack is what the database gives values to: generated keys, and columns
// with defaults of its own for which the objects had none.
func (b *batch) readBack() []*property { return b.columns.omit(b.mapper) }

// insertBatch is a batch of INSERTs with what all its statements share.
type insertBatch struct {
	*writer
	columns []*property // the values of the objects
	back    []*property // the values of the database
	late    []*property // and those that it makes after the statement
	auto    *property   // of those, the key that the database counts up
}

func (w *writer) insert(ctx context.Context, b *batch) error {
	in := &insertBatch{writer: w, columns: b.columns.pick(b.mapper), late: latecomers(b.readBack(), w.features)}
	in.back = slices.DeleteFunc(b.readBack(), func(p *property) bool { return slices.Contains(in.late, p) })
	if w.mapper.auto != nil && slices.Contains(in.back, w.mapper.auto) {
		in.auto = w.mapper.auto
	}
	for _, inst := range b.items {
		record := w.unit.remember(inst)
		if err := w.fill(inst, record); err != nil {
			return err
		}
		for _, p := range b.readBack() {
			record.filled = record.filled.with(p.index)
		}
	}
	if err := in.send(ctx, b.items); err != nil {
		return err
	}
	if err := in.readLate(ctx, b.items, in.late); err != nil {
		return err
	}
	if w.mapper.isPart {
		return nil // the first table has made them persistent
	}
	return w.enter(b.items)
}

// enter makes written objects persistent.
func (w *writer) enter(items []*instance) error {
	table := w.unit.identity.table(w.mapper)
	for _, inst := range items {
		key, err := w.unit.keyAt(w.mapper, inst.object)
		if err != nil {
			return err
		}
		if err := w.vacate(table, key, inst); err != nil {
			return err
		}
		inst.key, inst.state, inst.epoch, inst.shard = key, Persistent, w.unit.epoch, w.unit.shard
		table.put(inst)
		w.unit.moved(inst, pendingToPersistent)
	}
	return nil
}

// vacate makes room for an object whose row the database has just taken. If the
// session holds another one for that row, it has missed that its row is gone.
func (w *writer) vacate(table *identityTable, key identityKey, inst *instance) error {
	other := table.get(key)
	switch {
	case other == nil || other == inst:
		return nil
	case other.doomed:
		return &UsageError{
			Kind: ErrStaleData, Op: "flush", Subject: w.mapper.name, Reason: "the row of an object that is to be deleted was gone, and a new object has its key",
			Advice: "expunge the one to be deleted",
		}
	}
	w.unit.forget(other)
	return nil
}

// send chooses how the rows are written so that what comes back finds its
// object.
func (in *insertBatch) send(ctx context.Context, rows []*instance) error {
	one := len(rows) == 1
	ordered := in.auto == nil || in.features.InsertReturning && in.features.MultiRowReturning
	size := chunk(in.features, len(in.columns))
	switch {
	case len(rows[0].exprs) > 0:
		return in.sendExprs(ctx, rows[0])
	case !one && in.auto != nil && in.features.LastInsertID && (!ordered || len(in.columns) == 0):
		return in.loop(ctx, rows)
	case !ordered || len(in.columns) == 0:
		size = 1
	}
	for part := range slices.Chunk(rows, size) {
		if err := in.sendRows(ctx, part); err != nil {
			return err
		}
	}
	return nil
}

// sendRows writes some rows in one statement, and reads back what the database
// has given them: by RETURNING, by the driver's last key, or by a SELECT.
func (in *insertBatch) sendRows(ctx context.Context, rows []*instance) error {
	returning := in.returned(len(rows))
	compiled, err := in.statement(len(rows), returning)
	if err != nil {
		return err
	}
	args, err := in.rowArgs(rows)
	if err != nil {
		return err
	}
	if len(returning) > 0 {
		cur, err := in.conn.query(ctx, compiled, args)
		if err != nil {
			return err
		}
		return in.readReturned(cur, rows, returning)
	}
	outcome, err := in.conn.exec(ctx, compiled, args)
	if err != nil {
		return err
	}
	return in.afterwards(ctx, rows, func(int) Outcome { return outcome })
}

// returned is the columns of RETURNING, with the keys, by which the rows are
// told apart.
func (in *insertBatch) returned(rows int) []*property {
	if len(in.back) == 0 || !in.features.InsertReturning {
		return nil
	}
	if rows == 1 && in.features.LastInsertID && len(in.back) == 1 && in.auto != nil {
		return nil
	}
	return in.withKeys(in.back)
}

// withKeys adds the primary key to columns.
func (w *writer) withKeys(columns []*property) []*property {
	columns = slices.Clone(columns)
	for _, key := range w.mapper.keys {
		if !slices.Contains(columns, key) {
			columns = append(columns, key)
		}
	}
	return columns
}

// loop writes rows one by one with one prepared statement.
func (in *insertBatch) loop(ctx context.Context, items []*instance) error {
	compiled, err := in.statement(1, nil)
	if err != nil {
		return err
	}
	outcomes := make([]Outcome, len(items))
	err = in.conn.execMany(ctx, compiled, len(items),
		func(i int) ([]any, error) { return in.rowArgs(items[i : i+1]) },
		func(i int, o Outcome) error { outcomes[i] = o; return nil })
	if err != nil {
		return err
	}
	return in.afterwards(ctx, items, func(i int) Outcome { return outcomes[i] })
}

// afterwards takes the keys that the driver reports, and reads with one SELECT
// what else the database has given the rows.
func (in *insertBatch) afterwards(ctx context.Context, rows []*instance, outcome func(int) Outcome) error {
	rest := in.back
	if in.auto != nil {
		for i, inst := range rows {
			o := outcome(i)
			if !in.features.LastInsertID || !o.HasLastID {
				return in.keyUnknown()
			}
			if err := in.setNumber(in.auto, inst.object, o.LastID); err != nil {
				return err
			}
		}
		rest = slices.DeleteFunc(slices.Clone(rest), func(p *property) bool { return p == in.auto })
	}
	return in.readLate(ctx, rows, rest)
}

func (in *insertBatch) keyUnknown() error {
	return &UsageError{Kind: ErrUnsupported, Op: "insert", Subject: in.mapper.name, Reason: "the database does not tell the key that it has made"}
}

// rowArgs are the values of some rows, one row after the other.
func (in *insertBatch) rowArgs(rows []*instance) ([]any, error) {
	args := make([]any, 0, len(rows)*len(in.columns))
	var err error
	for _, inst := range rows {
		if args, err = in.encodeAll(args, in.columns, inst.object); err != nil {
			return nil, err
		}
	}
	return args, nil
}

// statement writes INSERT INTO t (columns) VALUES (…), (…) RETURNING ….
func (in *insertBatch) statement(rows int, returning []*property) (*Compiled, error) {
	key := shapeKey{mapper: in.mapper, kind: shapeInsert, columns: setOf(in.columns), rows: rows, back: setOf(returning)}
	return in.compile("insert", key, func(c *Compiler) {
		c.SQL("INSERT INTO ")
		c.tableName(in.mapper.table)
		if len(in.columns) == 0 {
			c.emptyInsert(rows)
		} else {
			in.values(c, rows)
		}
		if len(returning) > 0 {
			c.SQL(" RETURNING ")
			commaList(c, returning, func(p *property) { c.readColumn(nil, p.column) })
		}
	})
}

func (in *insertBatch) values(c *Compiler, rows int) {
	columns := propColumns(in.columns)
	c.SQL(" (")
	commaList(c, columns, func(column *Column) { c.Ident(column.name) })
	c.SQL(")")
	c.overriding(columns)
	c.SQL(" VALUES ")
	for i := range rows {
		if i > 0 {
			c.SQL(", ")
		}
		placeholderRow(c, columns)
	}
}

// readReturned reads the rows of RETURNING, and gives each to its object.
func (in *insertBatch) readReturned(cur *cursor, rows []*instance, returning []*property) error {
	block, err := readBlock(cur, in.mapper, returning, len(rows))
	if err != nil {
		return err
	}
	if len(block) != len(rows) {
		return &UsageError{
			Kind: ErrSchemaMismatch, Op: "insert", Subject: in.mapper.name,
			Reason: fmt.Sprintf("%d rows were sent and %d came back", len(rows), len(block)), Advice: "a trigger or rule may have left some out",
		}
	}
	if in.auto != nil {
		slices.SortFunc(block, func(a, b types.Ptr) int {
			return cmp.Compare(integerField(in.auto, a), integerField(in.auto, b))
		})
		for i, inst := range rows {
			inst.take(returning, block[i])
		}
		return nil
	}
	found := make(map[identityKey]types.Ptr, len(block))
	for _, row := range block {
		key, err := in.unit.keyAt(in.mapper, row)
		if err != nil {
			return err
		}
		found[key] = row
	}
	return in.matchByKey(rows, found, returning)
}

// take copies what came back into an object.
func (i *instance) take(columns []*property, from types.Ptr) {
	for _, p := range columns {
		p.codec.Copy(fieldPtr(i.object, p.offset), fieldPtr(from, p.offset))
	}
}

// matchByKey gives each object what came back for its key. A lone row is the
// lone object's, whatever the database made of the spelling of the key.
func (w *writer) matchByKey(rows []*instance, found map[identityKey]types.Ptr, columns []*property) error {
	for _, inst := range rows {
		key, err := w.unit.keyAt(w.mapper, inst.object)
		if err != nil {
			return err
		}
		from := found[key]
		if len(rows) == 1 {
			for _, from = range found {
				break
			}
		}
		if from == nil {
			return &UsageError{
				Kind: ErrSchemaMismatch, Op: "flush", Subject: w.mapper.name, Reason: "no row came back with the key of one of the objects",
				Advice: "the database changes what is written to the key; write such objects one by one",
			}
		}
		inst.take(columns, from)
	}
	return nil
}
