// This file runs one batch of a flush: it fills in what the rows need, sends
// the statements, checks what they did, and writes keys and defaults back.

package orm

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aurum-go/orm/types"
)

// chunkRows is the most rows of one statement: enough to make round trips
// rare, and few enough that a statement's text stays small and is kept.
const chunkRows = 250

// chunk is the number of rows of one statement for a number of parameters each.
func chunk(f *Features, params int) int {
	if f.MaxParams > 0 && params > 0 {
		return max(1, min(chunkRows, f.MaxParams/params))
	}
	return chunkRows
}

// run writes a batch.
func (b *batch) run(ctx context.Context, u *unit, conn *Conn) error {
	w := u.writer(conn, b.mapper)
	switch b.kind {
	case batchInsert:
		return w.insert(ctx, b)
	case batchUpdate:
		return w.update(ctx, b)
	case batchReplace:
		return w.replace(ctx, b)
	}
	return w.delete(ctx, b)
}

// oneStatement reports whether one statement writes the one object of a batch.
func (b *batch) oneStatement(f *Features) bool {
	if b.kind == batchDelete {
		return true
	}
	served := b.mapper.served
	if len(served) > 0 && len(b.items[0].exprs) > 0 {
		return false
	}
	if b.kind != batchInsert {
		return len(served) == 0 || f.UpdateReturning && len(latecomers(served, f)) == 0
	}
	back := b.readBack()
	if len(latecomers(back, f)) > 0 {
		return false
	}
	return len(back) == 0 || f.InsertReturning || len(back) == 1 && back[0].auto && f.LastInsertID
}

// writer is what the statements of one batch have in common.
type writer struct {
	unit     *unit
	conn     *Conn
	features *Features
	binder   ValueBinder
	mapper   *Mapper
}

func (u *unit) writer(conn *Conn, m *Mapper) *writer {
	binder, _ := u.engine.Dialect().(ValueBinder)
	return &writer{unit: u, conn: conn, features: conn.features(), binder: binder, mapper: m}
}

// encode appends a field's value to the arguments of a statement.
func (w *writer) encode(args []any, p *property, base types.Ptr) ([]any, error) {
	v, err := p.codec.Encode(fieldPtr(base, p.offset))
	if err == nil && w.binder != nil {
		v, err = w.binder.BindValue(p.column.typ, v)
	}
	if err != nil {
		return nil, w.refused(p, "the value is refused", err)
	}
	return append(args, v), nil
}

func (w *writer) refused(p *property, reason string, err error) error {
	return &UsageError{Kind: ErrValue, Op: "flush", Subject: w.mapper.name + "." + p.name, Reason: reason, Err: err}
}

// encodeAll appends the values of several fields.
func (w *writer) encodeAll(args []any, props []*property, base types.Ptr) ([]any, error) {
	var err error
	for _, p := range props {
		if args, err = w.encode(args, p, base); err != nil {
			return nil, err
		}
	}
	return args, nil
}

// compile writes a statement of a fixed shape, once for each engine.
func (w *writer) compile(op string, key shapeKey, write func(c *Compiler)) (*Compiled, error) {
	return w.compileFor(w.mapper.table, op, key, write)
}

func (w *writer) compileFor(t *Table, op string, key shapeKey, write func(c *Compiler)) (*Compiled, error) {
	return w.unit.engine.shape(key, func(d Dialect) (*Compiled, error) {
		c := newCompiler(d)
		write(c)
		if c.err != nil {
			return nil, c.err
		}
		return &Compiled{SQL: string(c.buf), dialect: d, op: op, table: t.name, read: op == "select" && !key.lock.on}, nil
	})
}

// placeholder writes the next placeholder; the value, of a column's type, comes with
// each row.
func (c *Compiler) placeholder(t types.Type) { c.bindSlot(bindSlot{typ: t}) }

// typedPlaceholder writes a placeholder that is of the column's type also where
// nothing around it says so.
func (c *Compiler) typedPlaceholder(t types.Type) {
	if !c.features.TypedValues {
		c.placeholder(t)
		return
	}
	c.SQL("CAST(")
	c.placeholder(t)
	c.SQL(" AS ")
	c.castTypeName(t)
	c.SQL(")")
}

// fill puts values into the fields of an object for which a flush has to think
// of something, and cuts others to what the database keeps.
func (w *writer) fill(inst *instance, record *undoRecord) error {
	err := w.followLinks(inst, false, func(p *property) { record.fills(inst, p) })
	if err != nil {
		return err
	}
	for _, p := range w.mapper.props {
		field := fieldPtr(inst.object, p.offset)
		var err error
		switch {
		case p == inst.mapper.sorts:
			err = w.setKind(inst)
		case p.version && !p.served && p.codec.IsZero(field):
			err = w.setVersion(p, inst.object, nil)
		case !p.column.fallback.IsZero() && inst.usesDefault(p):
			err = w.setDefault(p, &p.column.fallback, field)
		default:
			p.codec.Normalize(field)
			continue
		}
		if err != nil {
			return err
		}
		record.filled = record.filled.with(p.index)
	}
	return nil
}

// setDefault puts what a default gives into a field.
func (w *writer) setDefault(p *property, d *ColumnDefault, field types.Ptr) error {
	v, err := d.current(w.unit.engine.now)
	if err == nil {
		err = assignField(p, field, v)
	}
	if err != nil {
		return w.refused(p, "the default is refused", err)
	}
	return nil
}

// setNumber writes an integer field of any width, unless it is too narrow.
func (w *writer) setNumber(p *property, base types.Ptr, n int64) error {
	if !setInteger(p, base, n) {
		return w.refused(p, "the next number does not fit a "+p.goType.String(), nil)
	}
	return nil
}

// assignField puts a value of another Go type into a field, as if it came from
// the database.
func assignField(p *property, field types.Ptr, v any) error {
	encoded, err := types.EncodeValue(v, p.column.typ)
	if err != nil {
		return err
	}
	return p.codec.Decode(field, encoded)
}

// staleRows is the error for rows of which a statement did not find all as they
// had been read. It reads them again to say which, and what became of them.
func (w *writer) staleRows(ctx context.Context, b *batch, rows []*instance, found int64) error {
	op := "update"
	if b.kind == batchDelete {
		op = "delete"
	}
	reason := fmt.Sprintf("%d of %d rows were found as they had been read", found, len(rows))
	if lost := w.lostRows(ctx, b, rows); len(lost) > mostNamed {
		reason += ": " + strings.Join(lost[:mostNamed], ", ") + ", …"
	} else if len(lost) > 0 {
		reason += ": " + strings.Join(lost, ", ")
	}
	return &UsageError{Kind: ErrStaleData, Op: op, Subject: w.mapper.name, Reason: reason, Advice: "roll back, read again, and repeat"}
}

// mostNamed is how many rows an error names.
const mostNamed = 3

// lostRows says of each row that is not as it should be what is wrong with it,
// as far as that can still be told: among several rows, one that is missing may
// be one that this very statement has deleted, or given another key.
func (w *writer) lostRows(ctx context.Context, b *batch, rows []*instance) []string {
	columns := w.identifiers()
	if v := w.mapper.version; v != nil {
		columns = slices.Concat(w.mapper.keys, b.columns.with(v.index).minus(setOf(w.mapper.keys)).pick(w.mapper))
	}
	there, err := w.readByKeys(ctx, rows, columns, (*instance).stored)
	if err != nil {
		return nil
	}
	one := len(rows) == 1
	var lost []string
	for _, inst := range rows {
		row, v := there[inst.key], w.mapper.version
		switch {
		case row == nil && (one || b.kind != batchDelete && !b.changesKeys()):
			lost = append(lost, b.describe(inst)+" is gone")
		case row != nil && v != nil && (one || b.kind == batchDelete || !inst.written(b.columns, row)):
			lost = append(lost, b.describe(inst)+describeConflict(v, row, inst.snapshot))
		}
	}
	return lost
}

// written reports whether a row holds what the object was to write.
func (i *instance) written(columns columnSet, row types.Ptr) bool {
	for _, p := range columns.pick(i.mapper) {
		if !sameField(p, i.object, row) {
			return false
		}
	}
	return true
}

// describe names a row of a batch: by its key, and by its number if it has one.
func (b *batch) describe(inst *instance) string {
	if b.number == nil {
		return inst.describeKey()
	}
	return fmt.Sprintf("row %d (%s)", b.number(inst), inst.describeKey())
}

// describeKey names the object by its key's fields. Numbers are names, not
// contents, and an error without them would help nobody; texts may be contents.
func (i *instance) describeKey() string {
	parts := make([]string, len(i.mapper.keys))
	for n, p := range i.mapper.keys {
		parts[n] = p.name + "=…"
		if v, err := p.codec.Encode(fieldPtr(i.snapshot, p.offset)); err == nil {
			if number, ok := v.(int64); ok {
				parts[n] = fmt.Sprintf("%s=%d", p.name, number)
			}
		}
	}
	return strings.Join(parts, " ")
}

// readByKeys reads columns of some rows, the keys among them, by their keys.
func (w *writer) readByKeys(ctx context.Context, rows []*instance, columns []*property, values func(*instance) types.Ptr) (map[identityKey]types.Ptr, error) {
	found := make(map[identityKey]types.Ptr, len(rows))
	for part := range slices.Chunk(rows, chunk(w.features, len(w.mapper.keys))) {
		block, err := w.selectRows(ctx, part, columns, values)
		if err != nil {
			return nil, err
		}
		for _, row := range block {
			key, err := w.unit.keyAt(w.mapper, row)
			if err != nil {
				return nil, err
			}
			found[key] = row
		}
	}
	return found, nil
}

func (w *writer) selectRows(ctx context.Context, rows []*instance, columns []*property, values func(*instance) types.Ptr) ([]types.Ptr, error) {
	compiled, err := w.selectByKeys(len(rows), columns)
	if err != nil {
		return nil, err
	}
	var args []any
	for _, inst := range rows {
		if args, err = w.encodeAll(args, w.mapper.keys, values(inst)); err != nil {
			return nil, err
		}
	}
	cur, err := w.conn.query(ctx, compiled, args)
	if err != nil {
		return nil, err
	}
	return readBlock(cur, w.mapper, columns, len(rows))
}

// selectByKeys writes SELECT columns FROM t WHERE key IN (…).
func (w *writer) selectByKeys(rows int, columns []*property) (*Compiled, error) {
	key := shapeKey{mapper: w.mapper, kind: shapeSelect, columns: setOf(columns), rows: rows}
	return w.compile("select", key, func(c *Compiler) {
		c.SQL("SELECT ")
		commaList(c, columns, func(p *property) { c.readColumn(nil, p.column) })
		c.SQL(" FROM ")
		c.tableItem(w.mapper.table)
		c.SQL(" WHERE ")
		c.matchRows(rows, propColumns(w.mapper.keys))
	})
}

// matchRows writes "key = ?", "key IN (?, …)", or the same for rows of keys.
func (c *Compiler) matchRows(rows int, columns []*Column) {
	switch {
	case rows == 1:
		for i, column := range columns {
			if i > 0 {
				c.SQL(" AND ")
			}
			c.Ident(column.name)
			c.SQL(" = ")
			c.placeholder(column.Type())
		}
	case len(columns) == 1:
		c.Ident(columns[0].name)
		c.SQL(" IN ")
		placeholderRow(c, slices.Repeat(columns, rows))
	default:
		c.matchRowValues(rows, columns)
	}
}

func (c *Compiler) matchRowValues(rows int, columns []*Column) {
	c.SQL("(")
	commaList(c, columns, func(column *Column) { c.Ident(column.name) })
	c.SQL(") IN (")
	if c.features.RowValuesList {
		c.SQL("VALUES ")
	}
	for i := range rows {
		if i > 0 {
			c.SQL(", ")
		}
		placeholderRow(c, columns)
	}
	c.SQL(")")
}

func propColumns(props []*property) []*Column {
	columns := make([]*Column, len(props))
	for i, p := range props {
		columns[i] = p.column
	}
	return columns
}

func placeholderRow(c *Compiler, columns []*Column) {
	c.SQL("(")
	commaList(c, columns, func(column *Column) { c.placeholder(column.Type()) })
	c.SQL(")")
}
