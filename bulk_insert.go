// This file inserts rows past the unit of work: what it writes is in no identity
// map. Rows that follow each other and have values for the same columns go
// together, in multi-row INSERTs or, where there are many, as a stream.

package orm

import (
	"context"
	"iter"
	"slices"
)

// BulkInsert inserts rows, and returns their number. Rows are objects or maps, whose
// keys are names of columns or fields; rows of one call may have different keys.
// The session flushes first; afterwards it holds nothing of them: objects stay as
// they are, learn no key, and their relationships are not followed. What is to be
// the session's is for Session.AddAll, or [BulkInsertReturning].
//
//	n, err := orm.BulkInsert[User](ctx, s, []orm.M{{"Name": "ed"}, {"Name": "wendy", "Age": 40}})
//	// INSERT INTO users (name, age) VALUES (?, ?), (?, ?)
//	n, err = orm.BulkInsert[User](ctx, s, users) // []*User
//
// A column for which a row has no value takes its default, which is made for each
// row; without one it is NULL, or left to the database if it cannot be. Of objects,
// a zero says nothing in a column that has a default or that the database counts up;
// a map writes what it says, NULL included. A value may be an expression: such a row
// is a statement of its own.
//
// Statements have up to 250 rows that follow each other and have the same columns.
// From 1,000 such rows on, PostgreSQL takes them by COPY, if the driver is lib/pq
// and the types of the columns are known; see [WithoutCopy]:
//
//	// COPY users (name, age) FROM STDIN
//
// An unknown name is an [ErrUnknownName], a value that the column cannot take an
// [ErrValue]; both tell the number of the row. If rows were sent before it, and after
// every error of the database, the transaction can only be rolled back.
func BulkInsert[T any, R BulkRow[T]](ctx context.Context, s *Session, rows []R, options ...BulkOption) (int64, error) {
	at := 0
	return bulkInsert[T](ctx, s, len(rows), func() (any, bool) {
		if at == len(rows) {
			return nil, false
		}
		at++
		return rows[at-1], true
	}, options)
}

// BulkInsertSeq is [BulkInsert] for rows that come one by one, and of which no more
// than 1,000 are in memory at once. The sequence cannot use the session.
func BulkInsertSeq[T any, R BulkRow[T]](ctx context.Context, s *Session, rows iter.Seq[R], options ...BulkOption) (int64, error) {
	if rows == nil {
		return 0, nilArgument("bulk insert", "sequence")
	}
	next, stop := iter.Pull(rows)
	defer stop()
	return bulkInsert[T](ctx, s, -1, func() (any, bool) { row, ok := next(); return row, ok }, options)
}

func bulkInsert[T any](ctx context.Context, s *Session, total int, pull func() (any, bool), options []BulkOption) (int64, error) {
	call, err := newBulkCall(s, "bulk insert", typeFor[T](), total, options)
	if err != nil {
		return 0, err
	}
	size := pageRows
	if total >= 0 {
		size = max(1, min(size, total))
	}
	in := &rowInsert{bulkCall: call, pull: pull, room: call.mapper.rowRoom(size), absent: call.mapper.absentAsNull()}
	if err := call.run(func() error { return in.sendAll(ctx) }); err != nil {
		return 0, err
	}
	return int64(in.done), nil
}

// rowInsert is a call of BulkInsert.
type rowInsert struct {
	*bulkCall
	pull   func() (any, bool)
	pulled int
	ahead  any // a row that was pulled, and begins the next run
	room   *rowRoom
	absent columnSet
}

// rowRun is rows of one shape that follow each other.
type rowRun struct {
	items []*instance
	shape columnSet
	first int // the number of the first row
}

func (in *rowInsert) sendAll(ctx context.Context) error {
	for {
		run, err := in.next(nil)
		if err != nil || len(run.items) == 0 {
			return err
		}
		if err := in.begin(ctx); err != nil {
			return err
		}
		if err := in.send(ctx, run); err != nil {
			return err
		}
	}
}

// next reads rows up to one of another shape: as the first one, or as what they
// have to be like.
func (in *rowInsert) next(like *columnSet) (rowRun, error) {
	run := rowRun{first: in.pulled + 1}
	if like != nil {
		run.shape = *like
	}
	for len(run.items) < len(in.room.items) {
		row, ok := in.take()
		if !ok {
			break
		}
		inst := in.room.at(len(run.items))
		shape, err := in.read(inst, row)
		if err != nil {
			return run, in.rowError(in.pulled, err)
		}
		if like == nil {
			run.shape, like = shape, &run.shape
		}
		if shape != *like || len(inst.exprs) > 0 && len(run.items) > 0 {
			in.giveBack(row)
			break
		}
		if run.items = append(run.items, inst); len(inst.exprs) > 0 {
			break
		}
	}
	return run, nil
}

func (in *rowInsert) take() (row any, ok bool) {
	if row, in.ahead = in.ahead, nil; row == nil {
		if row, ok = in.pull(); !ok {
			return nil, false
		}
	}
	in.pulled++
	return row, true
}

func (in *rowInsert) giveBack(row any) { in.ahead, in.pulled = row, in.pulled-1 }

// read makes an object of a row, and returns the columns that it has values for.
func (in *rowInsert) read(inst *instance, row any) (columnSet, error) {
	if m := rowModel(row); m != nil {
		if err := in.readObject(inst, m); err != nil {
			return columnSet{}, err
		}
		for _, p := range in.mapper.props {
			if !in.allows(p) {
				zeroField(p.goType, fieldPtr(inst.object, p.offset))
			}
		}
		return inst.insertShape(), nil
	}
	return in.readRow(inst, rowMap(row), in.absent)
}

// readRow is read for a map.
func (b *bulkCall) readRow(inst *instance, values M, absent columnSet) (columnSet, error) {
	given, err := b.readMap(inst, values)
	if err != nil {
		return given, err
	}
	inst.explicit = given
	shape := given
	for _, p := range b.mapper.props {
		switch {
		case p.served && given.has(p.index):
			return shape, b.wrong(ErrArgument, b.mapper.name+"."+p.name, "the database makes its values", "leave it out")
		case p.served:
		case p == b.mapper.sorts, p.version, !p.column.fallback.IsZero(), absent.has(p.index):
			shape = shape.with(p.index)
		}
	}
	return shape, nil
}

// send writes a run, and what follows it if it is long enough for a stream.
func (in *rowInsert) send(ctx context.Context, run rowRun) error {
	if in.mapper.parts != nil {
		return in.sendParts(ctx, run)
	}
	w := in.session.writer(in.session.conn, in.mapper)
	batch := &insertBatch{writer: w, columns: run.shape.pick(in.mapper)}
	if len(run.items) == pageRows && !in.options.noCopy {
		columns := propColumns(batch.columns)
		compiled, err := w.conn.copyStatement(in.mapper.table, columns)
		if err != nil {
			return err
		}
		if compiled != nil {
			return in.stream(ctx, batch, run, compiled)
		}
	}
	if err := in.fillAll(batch, run); err != nil {
		return err
	}
	number := run.first
	for part := range slices.Chunk(run.items, chunk(w.features, len(batch.columns))) {
		if err := batch.send(ctx, part); err != nil {
			return in.blame(batch, part, number, err)
		}
		in.advance(len(part))
		number += len(part)
	}
	return nil
}

// sendParts writes a run to all tables of a struct that inherits. The keys are those
// of the first one.
func (in *rowInsert) sendParts(ctx context.Context, run rowRun) error {
	for _, m := range in.mapper.parts {
		w, columns := in.session.writer(in.session.conn, m), m.insertColumns(run.shape)
		batch := &insertBatch{writer: w, columns: columns.pick(m), back: setOf(m.keys).minus(columns).pick(m)}
		if m.auto != nil && slices.Contains(batch.back, m.auto) {
			batch.auto = m.auto
		}
		if err := in.fillAll(batch, run); err != nil {
			return err
		}
		if err := batch.send(ctx, run.items); err != nil {
			return in.blame(batch, run.items, run.first, err)
		}
	}
	in.advance(len(run.items))
	return nil
}

// fillAll gives the rows what nobody has given them: defaults and versions.
func (in *rowInsert) fillAll(batch *insertBatch, run rowRun) error {
	for i, inst := range run.items {
		if err := batch.fill(inst, &undoRecord{}); err != nil {
			return in.rowError(run.first+i, err)
		}
	}
	return nil
}

// blame finds the row whose value was refused.
func (in *rowInsert) blame(batch *insertBatch, part []*instance, first int, err error) error {
	for i := range part {
		if _, refused := batch.rowArgs(part[i : i+1]); refused != nil {
			return in.rowError(first+i, refused)
		}
	}
	return err
}

// stream sends the run, and all rows of its shape that follow it, by one statement.
func (in *rowInsert) stream(ctx context.Context, batch *insertBatch, run rowRun, compiled *Compiled) error {
	at := 0
	if err := in.fillAll(batch, run); err != nil {
		return err
	}
	next := func() ([]any, error) {
		if at == len(run.items) {
			in.advance(at)
			var err error
			if run, err = in.next(&run.shape); err == nil {
				err = in.fillAll(batch, run)
			}
			if at = 0; err != nil || len(run.items) == 0 {
				return nil, err
			}
		}
		args, err := batch.rowArgs(run.items[at : at+1])
		if at++; err != nil {
			return nil, in.rowError(run.first+at-1, err)
		}
		return args, nil
	}
	first, err := next()
	if err == nil {
		_, err = in.session.conn.copyRows(ctx, compiled, propColumns(batch.columns), first, next)
	}
	return err
}
