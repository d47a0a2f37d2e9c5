// This file updates rows by their keys, past the unit of work. The statements are
// those by which a flush writes changed objects, and objects that the session holds
// follow.

package orm

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// BulkUpdate updates rows by their primary keys, and returns their number. Rows are
// maps of what is to be set, with the whole key, or objects, all columns of which
// are set, as they are, or those of [BulkColumns]. Rows of one call may set
// different columns; those that set the same go together. A row that sets nothing
// is left out. The session flushes first; objects that it holds have the new values
// afterwards, save where they were changed meanwhile, and a rollback takes these
// back. Objects that are given stay outside, as they are.
//
//	n, err := orm.BulkUpdate[User](ctx, s, []orm.M{{"ID": 1, "Age": 30}, {"ID": 2, "Age": 40}})
//	// PostgreSQL: UPDATE users SET age = v.s0 FROM (VALUES (CAST(? AS INTEGER), CAST(? AS BIGINT)), (?, ?)) AS v(s0, k0) WHERE users.id = v.k0
//	// MySQL:      UPDATE users JOIN (SELECT ? AS s0, ? AS k0 UNION ALL SELECT ?, ?) AS v ON users.id = v.k0 SET users.age = v.s0
//	// SQLite:     UPDATE users SET age = ? WHERE id = ?, for each row
//
// Columns that are filled at every UPDATE are, unless a row says otherwise. Where
// rows have versions, a row has to have the one that it was read with, which is
// looked at and advanced. A value may be an expression: such a row is a statement
// of its own.
//
// A row that is not found as it was read is an [ErrStaleData] that tells how many
// were, and which were not. A row without its whole key or its version, and a key
// that comes twice, are an [ErrArgument], an unknown name is an [ErrUnknownName],
// and a value that the column cannot take an [ErrValue]; they tell the number of
// the row, counted from 1, and nothing is sent. After an error of a statement the
// transaction can only be rolled back.
func BulkUpdate[T any, R BulkRow[T]](ctx context.Context, s *Session, rows []R, options ...BulkOption) (int64, error) {
	call, err := newBulkCall(s, "bulk update", typeFor[T](), len(rows), options)
	if err != nil {
		return 0, err
	}
	up := &rowUpdate{bulkCall: call, numbers: map[identityKey]int{}, batches: map[updateShape]*batch{}}
	err = call.run(func() error {
		if err := up.readAll(len(rows), func(i int) any { return rows[i] }); err != nil || len(up.order) == 0 {
			return err
		}
		if err := up.begin(ctx); err != nil {
			return err
		}
		return up.sendAll(ctx)
	})
	if err != nil {
		return 0, err
	}
	return int64(up.done), nil
}

// rowUpdate is a call of BulkUpdate.
type rowUpdate struct {
	*bulkCall
	numbers map[identityKey]int // of the rows, by their keys
	batches map[updateShape]*batch
	order   []*batch
}

// updateShape is what UPDATEs that go together have in common.
type updateShape struct {
	table   *Mapper
	columns columnSet
	goesOn  bool
}

// readAll makes of the rows what a flush would make of changed objects: the values
// of each, and what is known of the row that it is for.
func (up *rowUpdate) readAll(n int, row func(i int) any) error {
	if keys := setOf(up.mapper.keys); keys.minus(up.allowed) != keys {
		return up.wrong(ErrArgument, "BulkColumns", "a key tells which row is meant, and cannot be set", "leave it out")
	}
	room, known := up.mapper.rowRoom(max(n, 1)), newBlock(up.mapper.goType, max(n, 1))
	for i := range n {
		inst := room.at(i)
		inst.snapshot = fieldPtr(known, uintptr(i)*up.mapper.goType.Size())
		columns, err := up.read(inst, row(i))
		if err == nil {
			err = up.identify(inst, i+1)
		}
		if err != nil {
			return up.rowError(i+1, err)
		}
		if columns.empty() {
			continue
		}
		up.enter(inst, up.mapper.withOwnColumns(columns))
	}
	return nil
}

// enter puts a row to those that set the same columns, of each table.
func (up *rowUpdate) enter(inst *instance, columns columnSet) {
	for _, s := range inst.updateSteps(columns, false) {
		shape := updateShape{s.mapper, s.columns, s.goesOn}
		b := up.batches[shape]
		if b == nil || len(inst.exprs) > 0 {
			b = &batch{kind: batchUpdate, mapper: s.mapper, columns: s.columns, goesOn: s.goesOn, number: up.number}
			up.order = append(up.order, b)
			if len(inst.exprs) == 0 {
				up.batches[shape] = b
			}
		}
		b.items = append(b.items, inst)
	}
}

// number is the number of a row.
func (up *rowUpdate) number(inst *instance) int { return up.numbers[inst.key] }

// read makes an object of a row, and returns the columns that it sets. What finds
// the row goes to the snapshot.
func (up *rowUpdate) read(inst *instance, row any) (columnSet, error) {
	m := rowModel(row)
	if m == nil {
		return up.readValues(inst, rowMap(row))
	}
	if held := instanceOf(m); held != nil && held.unit != nil {
		return columnSet{}, up.wrong(ErrArgument, up.mapper.name, "the object is a session's, whose flush writes it", "give a copy, or a map")
	}
	if err := up.readObject(inst, m); err != nil {
		return columnSet{}, err
	}
	return up.columnsOf(inst, m), nil
}

// columnsOf are the columns that an object sets: those of BulkColumns, or else all
// that were read and that no UPDATE fills by itself.
func (up *rowUpdate) columnsOf(inst *instance, m Model) columnSet {
	var unread, set columnSet
	switch link := linkOf(m).(type) {
	case *instance:
		unread = link.unloaded
	case *untracked:
		unread = link.unloaded
	}
	for _, p := range up.mapper.props {
		switch {
		case p.served && !p.version:
		case p.key, p.version:
			p.codec.Copy(fieldPtr(inst.snapshot, p.offset), fieldPtr(inst.object, p.offset))
		case up.allowed.has(p.index):
			set, inst.explicit = set.with(p.index), inst.explicit.with(p.index)
		case p.onUpdate: // as it was, so that it is filled
			p.codec.Copy(fieldPtr(inst.snapshot, p.offset), fieldPtr(inst.object, p.offset))
		case up.allowed.empty() && !unread.has(p.index):
			set = set.with(p.index)
		}
	}
	return set
}

// readValues is read for a map.
func (up *rowUpdate) readValues(inst *instance, values M) (columnSet, error) {
	given, err := up.readMap(inst, values)
	if err != nil {
		return given, err
	}
	for _, p := range up.mapper.props {
		switch {
		case p.served && !p.version && given.has(p.index):
			return given, up.wrong(ErrArgument, up.mapper.name+"."+p.name, "the database makes its values", "leave it out")
		case !p.key && !p.version:
		case !given.has(p.index):
			return given, up.lacking(p)
		default:
			given = given.without(p.index)
			p.codec.Copy(fieldPtr(inst.snapshot, p.offset), fieldPtr(inst.object, p.offset))
		}
	}
	inst.explicit = given
	return given, nil
}

func (up *rowUpdate) lacking(p *property) error {
	if p.version {
		return up.wrong(ErrArgument, up.mapper.name+"."+p.name, "the version that the row was read with is missing", "give it along with the key")
	}
	return up.wrong(ErrArgument, up.mapper.name+"."+p.name, "the key is not whole", "give "+strings.Join(up.mapper.PrimaryKey(), ", "))
}

// identify finds the key of a row, which no other row may have.
func (up *rowUpdate) identify(inst *instance, number int) error {
	for _, p := range slices.Concat(up.mapper.keys, []*property{up.mapper.version}) {
		if p != nil && (p.auto || p.version) && p.codec.IsZero(fieldPtr(inst.snapshot, p.offset)) {
			return up.lacking(p)
		}
	}
	key, err := up.mapper.keyAt(inst.snapshot)
	if err != nil {
		return err
	}
	if other, taken := up.numbers[key]; taken {
		return up.wrong(ErrArgument, up.mapper.name, fmt.Sprintf("it has the key of row %d", other), "set all of a row at once")
	}
	inst.key, up.numbers[key] = key, number
	return nil
}

// sendAll writes the rows by the statements of a flush, of a unit that holds none
// but them, and has the session's objects follow.
func (up *rowUpdate) sendAll(ctx context.Context) error {
	s := up.session
	apart := &unit{engine: s.engine, conn: s.conn, identity: identityMap{}}
	for _, b := range up.order {
		w := apart.writer(s.conn, b.mapper)
		for rows := range slices.Chunk(b.items, chunk(w.features, b.params())) {
			part := *b
			part.items = rows
			if err := w.sendUpdates(ctx, &part); err != nil {
				return up.blame(w, &part, err)
			}
			up.follow(&part)
			if !b.goesOn {
				up.advance(len(rows))
			}
		}
	}
	return nil
}

// params is the number of parameters of each row of a batch of UPDATEs.
func (b *batch) params() int {
	n := len(b.columns.pick(b.mapper)) + len(b.mapper.keys)
	if b.mapper.version != nil {
		n++
	}
	return n
}

// blame finds the row whose value was refused.
func (up *rowUpdate) blame(w *writer, b *batch, err error) error {
	u := &updateBatch{writer: w, set: b.columns.pick(b.mapper), where: w.identifiers()}
	for _, inst := range b.items {
		if _, refused := u.args(nil, inst); refused != nil {
			return up.rowError(up.number(inst), refused)
		}
	}
	return err
}

// follow has the session's objects take over what their rows hold now.
func (up *rowUpdate) follow(b *batch) {
	held := up.session.identity[up.mapper.top]
	if held == nil || len(held.all) == 0 {
		return
	}
	columns := b.columns.and(setOf(b.mapper.served))
	if v := b.mapper.version; v != nil {
		columns = columns.with(v.index)
	}
	w := &bulkWrite{session: up.session, mapper: up.mapper}
	for _, inst := range b.items {
		if object := held.get(inst.key.in(up.session.shard)); object != nil {
			object.followRow(inst, columns)
			w.matched = append(w.matched, object)
		}
	}
	w.outdateCollections(columns)
}

// followRow has an object know its row by what another one has written. What was
// computed is still to be known.
func (i *instance) followRow(written *instance, columns columnSet) {
	row := newBlock(i.mapper.goType, 1)
	i.mapper.snapshot(row, i.snapshot)
	columns = columns.minus(i.unloaded)
	var late columnSet
	for index := range written.exprs {
		late = late.with(index)
	}
	for _, p := range columns.minus(late).pick(i.mapper) {
		p.codec.Copy(fieldPtr(row, p.offset), fieldPtr(written.object, p.offset))
	}
	i.takeRow(row, columns, late)
}
