// This file writes the UPDATEs and DELETEs of a flush: changed columns only, by
// the key and version that were read, and with the count of rows checked.

package orm

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/aurum-go/orm/types"
)

// updateBatch is a batch of UPDATEs of the same columns.
type updateBatch struct {
	*writer
	set   []*property // what is assigned
	where []*property // what finds the row: the key, and the version
	back  []*property // what the statement returns
}

func (w *writer) update(ctx context.Context, b *batch) error {
	for _, inst := range b.items {
		w.unit.remember(inst)
	}
	return w.sendUpdates(ctx, b)
}

func (w *writer) sendUpdates(ctx context.Context, b *batch) error {
	u := &updateBatch{writer: w, set: b.columns.pick(b.mapper), where: w.identifiers()}
	for _, inst := range b.items {
		record := w.unit.birth(inst)
		err := u.followLinks(inst, b.late, func(p *property) {
			if record != nil {
				record.fills(inst, p)
			}
		})
		if err != nil {
			return err
		}
		if err := u.prepare(inst); err != nil {
			return err
		}
	}
	late := w.mapper.served
	if len(b.items[0].exprs) == 0 {
		u.back, late = w.servedBack()
	}
	if err := u.send(ctx, b); err != nil {
		return err
	}
	if err := w.readLate(ctx, b.items, late); err != nil {
		return err
	}
	if err := w.rekey(b); err != nil {
		return err
	}
	return w.followKeys(b)
}

// identifiers are the columns by which a row is found as it was read.
func (w *writer) identifiers() []*property {
	if w.mapper.version == nil {
		return w.mapper.keys
	}
	return slices.Concat(w.mapper.keys, []*property{w.mapper.version})
}

// replace has a new object take over the row of one that was to be deleted: an
// UPDATE of what differs, if anything does, or may differ for all that is known.
func (w *writer) replace(ctx context.Context, b *batch) error {
	inst, old := b.items[0], b.replaced
	record := w.unit.remember(inst)
	w.unit.remember(old)
	if v := w.mapper.version; v != nil {
		v.codec.Copy(fieldPtr(inst.object, v.offset), fieldPtr(old.snapshot, v.offset))
		record.filled = record.filled.with(v.index)
	}
	if err := w.fill(inst, record); err != nil {
		return err
	}
	inst.snapshot, inst.key = old.snapshot, old.key
	b.columns = inst.changed()
	for _, p := range w.mapper.props {
		if old.unloaded.has(p.index) || old.stale() && !p.key {
			b.columns = b.columns.with(p.index)
		}
	}
	if !b.columns.empty() {
		b.columns = w.mapper.withOwnColumns(b.columns)
		if err := w.sendUpdates(ctx, b); err != nil {
			return err
		}
	}
	w.unit.identity.table(w.mapper).remove(old)
	old.state, old.doomed = Deleted, false
	w.unit.moved(old, persistentToDeleted)
	return w.enter(b.items)
}

// prepare makes the next version, fills what is filled at every update, and cuts
// values to what the database keeps.
func (u *updateBatch) prepare(inst *instance) error {
	for _, p := range u.set {
		field := fieldPtr(inst.object, p.offset)
		var err error
		switch {
		case p == inst.mapper.sorts:
			err = u.setKind(inst)
		case p.version:
			if err = u.checkVersion(p, inst); err == nil {
				err = u.setVersion(p, inst.object, inst.snapshot)
			}
		case p.onUpdate && sameField(p, inst.object, inst.snapshot) && !inst.explicit.has(p.index):
			err = u.setDefault(p, &p.column.onUpdate, field)
		default:
			p.codec.Normalize(field)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (b *batch) changesKeys() bool {
	return slices.ContainsFunc(b.mapper.keys, func(p *property) bool { return b.columns.has(p.index) })
}

// rekey moves objects whose key was changed to their new place.
func (w *writer) rekey(b *batch) error {
	if b.kind != batchUpdate || !b.changesKeys() {
		return nil
	}
	return w.rekeyAll(b.items, (*instance).current)
}

func (w *writer) rekeyAll(items []*instance, values func(*instance) types.Ptr) error {
	table := w.unit.identity.table(w.mapper)
	for _, inst := range items {
		table.leave(inst)
	}
	for _, inst := range items {
		key, err := w.unit.keyAt(w.mapper, values(inst))
		if err != nil {
			return err
		}
		if err := w.vacate(table, key, inst); err != nil {
			return err
		}
		table.take(inst, key)
	}
	return nil
}

// send chooses between one statement for many rows and a loop.
func (u *updateBatch) send(ctx context.Context, b *batch) error {
	switch {
	case len(b.items[0].exprs) > 0:
		return u.sendExprs(ctx, b)
	case len(b.items) == 1:
		return u.sendOne(ctx, b, b.items)
	case u.setBased():
		return u.sendSets(ctx, b)
	case len(u.back) > 0:
		for rows := range slices.Chunk(b.items, 1) {
			if err := u.sendOne(ctx, b, rows); err != nil {
				return err
			}
		}
		return nil
	}
	return u.loop(ctx, b)
}

// setBased reports whether one statement can change many rows, each to values
// of its own, and does so faster than a loop.
func (u *updateBatch) setBased() bool {
	switch {
	case u.features.PreparedLoops:
		return false
	case u.features.UpdateFrom && u.features.ValuesTable:
		return true
	}
	// Parameters of a derived table are text in the connection's character set: as a
	// key they need not go with the column's collation, and bytes would be refused.
	integers := !slices.ContainsFunc(u.where, func(p *property) bool { return !integerKind(p.column.typ.Kind()) })
	return u.features.UpdateJoin && u.features.UnionRows && integers && !slices.ContainsFunc(u.set, mayBeBytes)
}

func mayBeBytes(p *property) bool {
	t := p.column.typ
	return t.Kind() == types.KindBytes || t.Kind() == types.KindExact || t.Varies()
}

func integerKind(k types.Kind) bool {
	return k == types.KindSmallInteger || k == types.KindInteger || k == types.KindBigInteger
}

func (u *updateBatch) sendOne(ctx context.Context, b *batch, row []*instance) error {
	compiled, err := u.statement(b)
	if err != nil {
		return err
	}
	args, err := u.args(nil, row[0])
	if err != nil {
		return err
	}
	return u.exec(ctx, b, row, compiled, args)
}

// exec sends a statement for some rows, all of which have to be found, and takes
// over what it returns.
func (u *updateBatch) exec(ctx context.Context, b *batch, rows []*instance, compiled *Compiled, args []any) error {
	if len(u.back) > 0 {
		return u.query(ctx, b, rows, compiled, args)
	}
	outcome, err := u.conn.exec(ctx, compiled, args)
	if err == nil && outcome.Rows != int64(len(rows)) {
		err = u.staleRows(ctx, b, rows, outcome.Rows)
	}
	return err
}

func (u *updateBatch) query(ctx context.Context, b *batch, rows []*instance, compiled *Compiled, args []any) error {
	cur, err := u.conn.query(ctx, compiled, args)
	if err != nil {
		return err
	}
	block, err := readBlock(cur, u.mapper, u.back, len(rows))
	if err != nil {
		return err
	}
	if len(block) != len(rows) {
		return u.staleRows(ctx, b, rows, int64(len(block)))
	}
	found := make(map[identityKey]types.Ptr, len(block))
	for _, row := range block {
		key, err := u.unit.keyAt(u.mapper, row)
		if err != nil {
			return err
		}
		found[key] = row
	}
	return u.matchByKey(rows, found, u.back)
}

// returning writes RETURNING, if anything is wanted back.
func (u *updateBatch) returning(c *Compiler) {
	if len(u.back) == 0 {
		return
	}
	c.SQL(" RETURNING ")
	commaList(c, u.back, func(p *property) { c.readColumn(u.mapper.table, p.column) })
}

// loop sends one prepared statement for each row. Rows that are not found do not
// stop it: all of them are named at the end.
func (u *updateBatch) loop(ctx context.Context, b *batch) error {
	compiled, err := u.statement(b)
	if err != nil {
		return err
	}
	var stale []*instance
	err = u.conn.execMany(ctx, compiled, len(b.items),
		func(i int) ([]any, error) { return u.args(nil, b.items[i]) },
		func(i int, o Outcome) error {
			if o.Rows != 1 {
				stale = append(stale, b.items[i])
			}
			return nil
		})
	if err == nil && len(stale) > 0 {
		err = u.staleRows(ctx, b, stale, 0)
	}
	return err
}

// args are the new values of a row, and the key and version by which it was
// read.
func (u *updateBatch) args(args []any, inst *instance) ([]any, error) {
	args, err := u.encodeAll(args, u.set, inst.object)
	if err != nil {
		return nil, err
	}
	return u.encodeAll(args, u.where, u.rowOf(inst))
}

// statement writes UPDATE t SET a = ? WHERE id = ?.
func (u *updateBatch) statement(b *batch) (*Compiled, error) {
	key := shapeKey{mapper: u.mapper, kind: shapeUpdate, columns: b.columns, back: setOf(u.back), rows: 1}
	return u.compile("update", key, func(c *Compiler) {
		c.SQL("UPDATE ")
		c.tableName(u.mapper.table)
		c.SQL(" SET ")
		commaList(c, u.set, func(p *property) {
			c.Ident(p.column.name)
			c.SQL(" = ")
			c.placeholder(p.column.Type())
		})
		c.SQL(" WHERE ")
		c.matchRows(1, propColumns(u.where))
		u.returning(c)
	})
}

// sendSets sends many rows in one statement.
func (u *updateBatch) sendSets(ctx context.Context, b *batch) error {
	for rows := range slices.Chunk(b.items, chunk(u.features, len(u.set)+len(u.where))) {
		compiled, err := u.setStatement(b, len(rows))
		if err != nil {
			return err
		}
		var args []any
		for _, inst := range rows {
			if args, err = u.args(args, inst); err != nil {
				return err
			}
		}
		if err := u.exec(ctx, b, rows, compiled, args); err != nil {
			return err
		}
	}
	return nil
}

// setStatement writes an UPDATE from a list of rows, as
// UPDATE t SET a = v.s0 FROM (VALUES (?, ?), …) AS v(s0, k0) WHERE t.id = v.k0.
func (u *updateBatch) setStatement(b *batch, rows int) (*Compiled, error) {
	key := shapeKey{mapper: u.mapper, kind: shapeUpdate, columns: b.columns, back: setOf(u.back), rows: rows}
	return u.compile("update", key, func(c *Compiler) {
		c.SQL("UPDATE ")
		c.tableName(u.mapper.table)
		if u.features.UpdateFrom {
			u.setFrom(c, rows)
		} else {
			u.setJoin(c, rows)
		}
		u.returning(c)
	})
}

func (u *updateBatch) setFrom(c *Compiler, rows int) {
	c.SQL(" SET ")
	u.assignments(c, false)
	c.SQL(" FROM (VALUES ")
	for i := range rows {
		if i > 0 {
			c.SQL(", ")
		}
		c.SQL("(")
		commaList(c, u.columns(), func(p *property) {
			if i == 0 {
				c.typedPlaceholder(p.column.typ)
			} else {
				c.placeholder(p.column.typ)
			}
		})
		c.SQL(")")
	}
	c.SQL(") AS v(")
	commaList(c, u.names(), func(name string) { c.buf = append(c.buf, name...) })
	c.SQL(") WHERE ")
	u.match(c)
}

func (u *updateBatch) setJoin(c *Compiler, rows int) {
	c.SQL(" JOIN (")
	for i := range rows {
		if i > 0 {
			c.SQL(" UNION ALL ")
		}
		c.SQL("SELECT ")
		names, columns := u.names(), u.columns()
		for j := range names {
			if j > 0 {
				c.SQL(", ")
			}
			if i > 0 {
				c.placeholder(columns[j].column.typ)
				continue
			}
			c.joinedPlaceholder(columns[j])
			c.SQL(" AS ")
			c.buf = append(c.buf, names[j]...)
		}
	}
	c.SQL(") AS v ON ")
	u.match(c)
	c.SQL(" SET ")
	u.assignments(c, true)
}

// joinedPlaceholder writes a placeholder of the first of the rows that are joined.
// It decides what those below it are: without the cast, texts would be of a fixed
// length, and lose the spaces at their ends.
func (c *Compiler) joinedPlaceholder(p *property) {
	switch p.column.typ.Kind() {
	case types.KindText, types.KindString, types.KindEnum:
		c.SQL("CAST(")
		c.placeholder(p.column.typ)
		c.SQL(" AS CHAR)")
	default:
		c.placeholder(p.column.typ)
	}
}

func (u *updateBatch) columns() []*property { return slices.Concat(u.set, u.where) }

// names are the columns of the list of rows: s0 … are set, k0 … find the row.
func (u *updateBatch) names() []string {
	names := make([]string, 0, len(u.set)+len(u.where))
	for i := range u.set {
		names = append(names, "s"+strconv.Itoa(i))
	}
	for i := range u.where {
		names = append(names, "k"+strconv.Itoa(i))
	}
	return names
}

func (u *updateBatch) assignments(c *Compiler, qualified bool) {
	for i, p := range u.set {
		if i > 0 {
			c.SQL(", ")
		}
		if qualified {
			c.qualifier(u.mapper.table)
		}
		c.Ident(p.column.name)
		c.buf = fmt.Appendf(c.buf, " = v.s%d", i)
	}
}

func (u *updateBatch) match(c *Compiler) {
	for i, p := range u.where {
		if i > 0 {
			c.SQL(" AND ")
		}
		c.qualifier(u.mapper.table)
		c.Ident(p.column.name)
		c.buf = fmt.Appendf(c.buf, " = v.k%d", i)
	}
}

// delete writes DELETE FROM t WHERE id IN (…). Rows that are gone already are
// an error only where a version says that they had to be there.
func (w *writer) delete(ctx context.Context, b *batch) error {
	for rows := range slices.Chunk(b.items, chunk(w.features, len(w.identifiers()))) {
		if err := w.deleteRows(ctx, b, rows); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) deleteRows(ctx context.Context, b *batch, rows []*instance) error {
	compiled, err := w.deleteStatement(len(rows))
	if err != nil {
		return err
	}
	var args []any
	for _, inst := range rows {
		if v := w.mapper.version; v != nil {
			if err := w.checkVersion(v, inst); err != nil {
				return err
			}
		}
		w.unit.remember(inst)
		if args, err = w.encodeAll(args, w.identifiers(), inst.snapshot); err != nil {
			return err
		}
	}
	outcome, err := w.conn.exec(ctx, compiled, args)
	if err != nil || outcome.Rows == int64(len(rows)) {
		return err
	}
	if w.mapper.version != nil {
		return w.staleRows(ctx, b, rows, outcome.Rows)
	}
	w.unit.engine.warn(ctx, "rows to be deleted were gone already", "table", w.mapper.table.name, "expected", len(rows), "deleted", outcome.Rows)
	return nil
}

func (w *writer) deleteStatement(rows int) (*Compiled, error) {
	return w.compile("delete", shapeKey{mapper: w.mapper, kind: shapeDelete, rows: rows}, func(c *Compiler) {
		c.SQL("DELETE FROM ")
		c.tableName(w.mapper.table)
		c.SQL(" WHERE ")
		c.matchRows(rows, propColumns(w.identifiers()))
	})
}
