// This file inserts rows in bulk that become objects of the session: new ones, and
// those that it holds already.

package orm

import (
	"context"
	"slices"
)

// BulkInsertReturning inserts rows, and returns objects of the session for them, in
// the order of the rows, with what the database has given them. Rows are maps as
// those of [BulkInsert]; objects of your own are added by Session.AddAll. Rows that
// follow each other and have the same columns go together, as a flush has it: with
// RETURNING, and on MySQL by a prepared statement in a loop and a SELECT. The session
// flushes first.
//
//	users, err := orm.BulkInsertReturning[User](ctx, s, []orm.M{{"Name": "ed"}, {"Name": "wendy"}})
//	// INSERT INTO users (name, …) VALUES (?, …), (?, …) RETURNING id
//
// What an expression gives a column, the next query, Get or Load reads that meets the
// row. A rollback makes the objects transient. Errors are those of [BulkInsert]; a
// bad row is found before anything is sent.
func BulkInsertReturning[T any](ctx context.Context, s *Session, rows []M, options ...BulkOption) ([]*T, error) {
	call, err := newBulkCall(s, "bulk insert", typeFor[T](), len(rows), options)
	if err != nil {
		return nil, err
	}
	in := &objectInsert{bulkCall: call}
	if err := call.run(func() error { return in.insert(ctx, rows) }); err != nil {
		return nil, err
	}
	objects := make([]*T, len(in.items))
	for i, inst := range in.items {
		objects[i] = typedPointer[T](inst.object)
	}
	return objects, nil
}

// objectInsert is a call of BulkInsertReturning.
type objectInsert struct {
	*bulkCall
	items  []*instance
	shapes []columnSet // of the items
}

func (in *objectInsert) insert(ctx context.Context, rows []M) error {
	if err := in.readAll(rows); err != nil || len(rows) == 0 {
		return err
	}
	if err := in.begin(ctx); err != nil {
		return err
	}
	s := in.session
	for _, inst := range in.items {
		s.makePending(inst)
	}
	asked := s.asked // of objects that are not flushed yet
	err := s.runBatches(ctx, s.conn, in.plan())
	s.asked = asked
	return err
}

func (in *objectInsert) readAll(rows []M) error {
	absent := in.mapper.absentAsNull()
	for part := range slices.Chunk(rows, mostRoom) {
		room := in.mapper.rowRoom(len(part))
		for i, row := range part {
			inst := room.at(i)
			shape, err := in.readRow(inst, row, absent)
			if err != nil {
				return in.rowError(len(in.items)+1, err)
			}
			in.items, in.shapes = append(in.items, inst), append(in.shapes, shape)
		}
	}
	return nil
}

// plan is the plan of a flush that writes the objects, in their order.
func (in *objectInsert) plan() *flushPlan {
	plan := &flushPlan{relations: &relationWork{unit: &in.session.unit}}
	var batches []*batch
	var last *batch
	for i, inst := range in.items {
		b := &batch{kind: batchInsert, mapper: in.mapper, columns: in.shapes[i], items: []*instance{inst}}
		if last != nil && last.takes(b) && len(last.items) < chunkRows {
			last.items = append(last.items, inst)
			continue
		}
		batches, last = append(batches, b), b
	}
	for _, b := range batches {
		plan.actions = append(append(plan.actions, b.inParts()...), &bulkReport{in.bulkCall, b})
	}
	return plan
}

// bulkReport tells the caller that a batch is written.
type bulkReport struct {
	call  *bulkCall
	batch *batch
}

func (r *bulkReport) run(context.Context, *unit, *Conn) error {
	r.call.advance(len(r.batch.items))
	return nil
}

func (*bulkReport) settle(*unit) {}

// BulkUpsert sends an upsert for many rows, in statements of up to 1,000, and returns
// objects of the session for what became of them. Objects that it holds already take
// what their rows say now; what was changed in them is lost. The session flushes
// first. Rows are maps or objects as for InsertStatement.Values, and the statement
// has none of its own.
//
//	u := orm.Entity[User]()
//	users, err := orm.BulkUpsert[User](ctx, s, orm.Insert(u).OnConflict(&u.Email).DoUpdate(&u.Name), rows)
//	// INSERT INTO users (email, name) VALUES (?, ?), … ON CONFLICT (email) DO UPDATE SET name = excluded.name RETURNING …
//
// The objects are in the order in which the database returns the rows, which is not
// promised to be that of the call; rows that DoNothing leaves alone are missing. It
// is a [CompileError] where there is no INSERT … RETURNING (MySQL, and not MariaDB).
// Without objects there is [ExecMany].
func BulkUpsert[T any, R BulkRow[T]](ctx context.Context, s *Session, upsert *InsertStatement, rows []R, options ...BulkOption) ([]*T, error) {
	call, err := newBulkCall(s, "bulk upsert", typeFor[T](), len(rows), options)
	if err == nil {
		err = call.checkUpsert(upsert)
	}
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	upsert = upsert.Returning(referenceOf(refKey{goType: typeFor[T](), registry: s.options.registry}).pointer)
	size, err := pageSize(ctx, s, upsert.Values(rows[0]))
	if err != nil {
		return nil, err
	}
	var objects []*T
	for page := range slices.Chunk(rows, size) {
		found, err := FromStatement[T](s, upsert.Values(page)).PopulateExisting().All(ctx)
		if err != nil {
			call.abandon(err)
			return nil, err
		}
		objects = append(objects, found...)
		call.advance(len(page))
	}
	return objects, nil
}

func (b *bulkCall) checkUpsert(upsert *InsertStatement) error {
	switch {
	case upsert == nil:
		return nilArgument(b.op, "statement")
	case b.mapper.parts != nil:
		return b.wrong(ErrUnsupported, b.mapper.name, "its rows are in several tables, and an upsert writes one", "use BulkInsertReturning and BulkUpdate")
	case upsert.conflict == nil:
		return b.wrong(ErrArgument, "statement", "it does not say what is to be done with a row that is there", "add OnConflict, or use BulkInsertReturning")
	case len(upsert.rows) > 0 || upsert.query != nil || len(upsert.returning) > 0:
		return b.wrong(ErrArgument, "statement", "it has rows or a RETURNING of its own", "leave them to the call")
	case b.options.columns != nil:
		return b.wrong(ErrUnsupported, "BulkColumns", "the columns of an upsert are those of its rows", "name them in DoUpdate")
	}
	return nil
}

// abandon allows nothing but a rollback if rows were written before the error.
func (b *bulkCall) abandon(err error) {
	if s := b.session; b.done > 0 && s.claim(b.op, true) == nil {
		s.fail(err)
		s.leave()
	}
}
