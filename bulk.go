// This file holds what the bulk functions share: their options, the frame of a
// call, and how a row of the caller becomes one that the flush's machinery writes.

package orm

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/aurum-go/orm/types"
)

// BulkRow is a row of [BulkInsert] and [BulkUpdate]: a pointer to a mapped struct,
// or a map of values by the names of columns or fields.
type BulkRow[T any] interface{ *T | M | map[string]any }

// bulkOptions are the options of one bulk call.
type bulkOptions struct {
	progress func(done, total int)
	noCopy   bool
	columns  []any // nil: all
}

// BulkOption sets up a bulk call.
type BulkOption func(*bulkOptions)

// Progress has a function called after every few hundred rows, on the goroutine of
// the call: how many are written, and of how many, or -1 where that is not known.
// It cannot use the session. To stop the call it ends its context.
func Progress(report func(done, total int)) BulkOption {
	return func(o *bulkOptions) { o.progress = report }
}

// WithoutCopy has [BulkInsert] send INSERTs, however many rows there are: for a
// table with rules or row security, which COPY refuses or passes by.
func WithoutCopy() BulkOption { return func(o *bulkOptions) { o.noCopy = true } }

// BulkColumns says which columns are written, by the addresses of fields of the
// entity reference, or by names: of objects no others are, and a map that names
// another one, its key and version apart, is an [ErrArgument].
func BulkColumns(columns ...any) BulkOption {
	return func(o *bulkOptions) { o.columns = slices.Concat(o.columns, columns) }
}

// bulkCall is one call of a bulk function.
type bulkCall struct {
	session *Session
	mapper  *Mapper
	op      string
	options bulkOptions
	allowed columnSet // to be written; empty: all
	total   int       // rows, or -1
	done    int       // of them, written
	begun   bool
}

func newBulkCall(s *Session, op string, t reflect.Type, total int, options []BulkOption) (*bulkCall, error) {
	if s == nil {
		return nil, nilArgument(op, "session")
	}
	b := &bulkCall{session: s, op: op, total: total}
	for _, o := range options {
		if o == nil {
			return nil, nilOption(op)
		}
		o(&b.options)
	}
	var err error
	if b.mapper, err = s.mapperOf(t); err != nil {
		return nil, err
	}
	for _, c := range b.options.columns {
		p, err := b.property(c)
		if err != nil {
			return nil, err
		}
		b.allowed = b.allowed.with(p.index)
	}
	return b, nil
}

// property is a column by the address of its field in the entity reference, as an
// expression, or by its name.
func (b *bulkCall) property(c any) (*property, error) {
	n, err := resolved(conflictColumn(c))
	if err != nil {
		return nil, err
	}
	switch n := n.(type) {
	case *nameNode:
		if p := b.mapper.byColumn[n.name]; p != nil {
			return p, nil
		}
		if p := b.mapper.named(n.name); p != nil {
			return p, nil
		}
		return nil, b.unknown(M{n.name: nil})
	case *columnNode:
		if slices.Contains(b.mapper.tables(), n.column.table) {
			return b.mapper.byColumn[n.column.name], nil
		}
	}
	return nil, b.wrong(ErrArgument, "BulkColumns", "it is no column of "+b.mapper.name, "give the addresses of fields of its entity reference")
}

// allows reports whether a column is one of those that are to be written.
func (b *bulkCall) allows(p *property) bool { return b.allowed.empty() || b.allowed.has(p.index) }

// run does the work of the call. What stops it half way, a panic included, leaves
// nothing possible but a rollback; what stops it before anything is sent leaves the
// session as it was.
func (b *bulkCall) run(work func() error) (err error) {
	s, whole := b.session, false
	if err := s.enter(b.op); err != nil {
		return err
	}
	defer s.leave()
	defer func() {
		if !b.begun {
			return
		}
		s.writing.Store(false)
		switch {
		case err != nil:
			s.fail(err)
		case !whole:
			s.fail(&UsageError{Kind: ErrTxFailed, Op: b.op, Reason: "a panic ended it"})
		}
	}()
	if err = work(); err == nil {
		err = s.ready(b.op)
	}
	whole = true
	return err
}

// begin makes the session ready for the first statement of the call.
func (b *bulkCall) begin(ctx context.Context) error {
	if b.begun {
		return nil
	}
	s := b.session
	if err := s.prepare(ctx, true); err != nil {
		return err
	}
	if err := s.turnTo(ctx, b.mapper, false); err != nil {
		return err
	}
	if err := s.idle(b.op); err != nil {
		return err
	}
	s.frames[len(s.frames)-1].wrote = true
	s.writing.Store(true)
	b.begun = true
	return nil
}

// advance counts rows that are written, and reports them.
func (b *bulkCall) advance(rows int) {
	b.done += rows
	if b.options.progress != nil {
		b.options.progress(b.done, b.total)
	}
}

// rowError says of an error which row it is about, counted from 1.
func (b *bulkCall) rowError(number int, err error) error {
	row := fmt.Sprintf("row %d", number)
	if usage, ok := err.(*UsageError); ok { //nolint:errorlint // one that is wrapped has more to say
		named := *usage
		named.Op, named.Subject = b.op, row
		if usage.Subject != "" {
			named.Subject += ", " + usage.Subject
		}
		return &named
	}
	return &UsageError{Kind: ErrValue, Op: b.op, Subject: row, Reason: "a value is refused", Err: err}
}

func (b *bulkCall) wrong(kind ErrorKind, subject, reason, advice string) error {
	return &UsageError{Kind: kind, Op: b.op, Subject: subject, Reason: reason, Advice: advice}
}

// readMap puts the values of a map into an object, and returns for which columns
// there are some.
func (b *bulkCall) readMap(inst *instance, values M) (columnSet, error) {
	var given columnSet
	values, err := b.spreadMap(values)
	if err != nil {
		return given, err
	}
	names := 0
	for _, p := range b.mapper.props {
		v, byColumn := values[p.column.name]
		if other := b.mapper.byColumn[p.name]; other == nil {
			w, byField := values[p.name]
			if byField && byColumn {
				return given, b.wrong(ErrArgument, b.mapper.name+"."+p.name, "the column is given twice, by its own name and by that of its field", "")
			}
			if byField {
				v, byColumn = w, true
			}
		}
		if !byColumn {
			continue
		}
		if !b.allows(p) && !p.key && !p.version {
			return given, b.wrong(ErrArgument, b.mapper.name+"."+p.name, "it is not among the columns of BulkColumns", "leave it out")
		}
		if err := b.put(inst, p, v); err != nil {
			return given, err
		}
		given, names = given.with(p.index), names+1
	}
	if names < len(values) {
		return given, b.unknown(values)
	}
	return given, nil
}

// spreadMap is a row with the values of columns in the place of composites.
func (b *bulkCall) spreadMap(values M) (M, error) {
	spread, own := values, false
	for _, c := range b.mapper.composites {
		v, ok := values[c.name]
		if !ok || b.mapper.byColumn[c.name] != nil {
			continue
		}
		subject := b.mapper.name + "." + c.name
		parts, ok := c.split(v)
		if !ok {
			return nil, b.wrong(ErrValue, subject, fmt.Sprintf("a %T is no %s", v, c.goType), "")
		}
		if !own {
			spread, own = maps.Clone(values), true
		}
		delete(spread, c.name)
		for i, p := range c.props {
			if _, twice := spread[p.column.name]; twice {
				return nil, b.wrong(ErrArgument, subject, fmt.Sprintf("the column %q is given twice", p.column.name), "")
			}
			spread[p.column.name] = parts[i]
		}
	}
	return spread, nil
}

// unknown is the error for a name that the struct does not have.
func (b *bulkCall) unknown(values M) error {
	var known []string
	for _, p := range b.mapper.props {
		known = append(known, p.name)
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if b.mapper.byColumn[name] == nil && b.mapper.byField[name] == nil {
			return b.wrong(ErrUnknownName, quoted(name), b.mapper.name+" has no such column", nearestOf(name, known))
		}
	}
	return nil
}

// put puts the value of a column into an object: a value as the field has it, or
// one that the column takes, or what SQL is to compute.
func (b *bulkCall) put(inst *instance, p *property, v any) error {
	field := fieldPtr(inst.object, p.offset)
	if _, ok := v.(Expression); ok {
		return inst.assign(Assignment{b.mapper.columnNode(p), bindValue(v, b.mapper.columnNode(p))})
	}
	if value := reflect.ValueOf(v); value.IsValid() && value.Type() == p.goType {
		p.setValue(field, value)
		return nil
	}
	err := assignField(p, field, v)
	switch {
	case err == nil:
		return nil
	case v == nil:
		return b.wrong(ErrValue, b.mapper.name+"."+p.name, "a "+p.goType.String()+" has no room for NULL", "leave it out for the default")
	}
	return &UsageError{Kind: ErrValue, Subject: b.mapper.name + "." + p.name, Reason: fmt.Sprintf("a %T is no %s", v, p.goType), Err: err}
}

// readObject copies an object of the caller, which stays as it is.
func (b *bulkCall) readObject(inst *instance, object Model) error {
	if _, err := b.session.mapperOfModel(object); err != nil {
		return err
	}
	copyStruct(b.mapper.goType, inst.object, modelPointer(object))
	return nil
}

// rowModel is a row as an object, or nil if it is a map.
func rowModel(row any) Model {
	m, _ := row.(Model)
	return m
}

// rowMap is a row as a map.
func rowMap(row any) M {
	if m, ok := row.(map[string]any); ok {
		return m
	}
	return row.(M)
}

// absentAsNull are the columns of which NULL is what an INSERT stores that does not
// name them, and what a field's zero says.
func (m *Mapper) absentAsNull() columnSet {
	var set columnSet
	zero := newBlock(m.goType, 1)
	for _, p := range m.props {
		if !p.column.nullable || !p.column.server.IsZero() {
			continue
		}
		if v, err := p.codec.Encode(fieldPtr(zero, p.offset)); err == nil && v == nil {
			set = set.with(p.index)
		}
	}
	return set
}

// rowRoom is memory for the objects of some rows.
type rowRoom struct {
	mapper *Mapper
	block  types.Ptr
	items  []instance
}

func (m *Mapper) rowRoom(n int) *rowRoom {
	return &rowRoom{mapper: m, block: newBlock(m.goType, n), items: make([]instance, n)}
}

// at is the i-th place, empty.
func (r *rowRoom) at(i int) *instance {
	object := fieldPtr(r.block, uintptr(i)*r.mapper.goType.Size())
	zeroField(r.mapper.goType, object)
	r.items[i] = instance{mapper: r.mapper, object: object}
	return &r.items[i]
}
