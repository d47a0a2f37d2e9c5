// This file decides how the columns of a result become a value of Go: once for
// each type and list of columns, not once for each row. A plan names a codec and
// an offset for each column; for a query it becomes cells, which database/sql
// scans into, and whose addresses move from row to row.

package orm

import (
	"database/sql"
	"errors"
	"fmt"
	"hash/maphash"
	"reflect"
	"slices"
	"strings"
	"sync"

	"github.com/aurum-go/orm/types"
)

// scanPlan says how a row becomes a value of one type. It is immutable.
type scanPlan struct {
	columns []string
	known   []resultColumn
	fields  []scanField  // one for each column; none for a map
	elem    reflect.Type // of a pointer to a row struct
	makeMap bool         // of M and map[string]any
}

// scanField is where a column goes.
type scanField struct {
	codec  decoder
	offset uintptr
}

// decoder is the half of a codec that reads.
type decoder interface {
	Decode(p types.Ptr, src any) error
	Go() reflect.Type
}

// decoderFor finds what reads a column into a Go type.
func decoderFor(t reflect.Type, column types.Type) (decoder, error) {
	if t == reflect.TypeFor[any]() {
		return anyDecoder{column}, nil
	}
	return types.CodecFor(t, column)
}

// anyDecoder reads into an any what fits the column best.
type anyDecoder struct{ column types.Type }

func (d anyDecoder) Decode(p types.Ptr, src any) error {
	v, err := types.DecodeAny(src, d.column)
	*typedPointer[any](p) = v
	return err
}

func (d anyDecoder) Go() reflect.Type { return reflect.TypeFor[any]() }

// fits reports whether the plan was made for just these columns.
func (p *scanPlan) fits(columns []string, known []resultColumn) bool {
	return slices.Equal(p.columns, columns) &&
		slices.EqualFunc(p.known, known, func(a, b resultColumn) bool { return a.name == b.name && a.typ.Equal(b.typ) })
}

// maxPlans bounds the memory that ever new column lists would take.
const maxPlans = 4096

type planKey struct {
	goType  reflect.Type
	columns uint64
}

var plans = struct {
	sync.RWMutex
	seed  maphash.Seed
	byKey map[planKey]*scanPlan
}{seed: maphash.MakeSeed(), byKey: map[planKey]*scanPlan{}}

// scanPlanFor returns the plan for a type and the columns of a result. known
// holds the columns as the statement knows them, or nothing.
func scanPlanFor(t reflect.Type, columns []string, known []resultColumn) (*scanPlan, error) {
	if len(known) != len(columns) {
		known = nil
	}
	var h maphash.Hash
	h.SetSeed(plans.seed)
	for _, name := range columns {
		_, _ = h.WriteString(name)
		_ = h.WriteByte(0)
	}
	key := planKey{t, h.Sum64()}
	plans.RLock()
	plan := plans.byKey[key]
	plans.RUnlock()
	if plan != nil && plan.fits(columns, known) {
		return plan, nil
	}
	plan, err := newScanPlan(t, slices.Clone(columns), known)
	if err != nil {
		return nil, err
	}
	plans.Lock()
	defer plans.Unlock()
	if len(plans.byKey) >= maxPlans {
		clear(plans.byKey)
	}
	plans.byKey[key] = plan
	return plan, nil
}

var anyMap = reflect.TypeFor[map[string]any]()

func newScanPlan(t reflect.Type, columns []string, known []resultColumn) (*scanPlan, error) {
	plan := &scanPlan{columns: columns, known: known}
	switch {
	case t == anyMap || t == reflect.TypeFor[M]():
		plan.makeMap = true
		return plan, duplicateColumn(t, columns)
	case isRowStruct(t):
		return plan, plan.addFields(t, t)
	case t.Kind() == reflect.Pointer && isRowStruct(t.Elem()):
		plan.elem = t.Elem()
		return plan, plan.addFields(t, t.Elem())
	}
	if len(columns) != 1 {
		return nil, mismatch(t, fmt.Sprintf("the result has %d columns (%s) and one is wanted", len(columns), strings.Join(columns, ", ")), "fetch into a struct or a map")
	}
	codec, err := decoderFor(t, plan.typeAt(0))
	if err != nil {
		return nil, &UsageError{Kind: ErrSchemaMismatch, Op: "fetch", Subject: t.String(), Reason: "a column cannot be read into it", Err: err}
	}
	plan.fields = []scanField{{codec: codec}}
	return plan, nil
}

// isRowStruct tells a struct with a field for each column from one that holds
// a single value, such as time.Time.
func isRowStruct(t reflect.Type) bool {
	if t.Kind() != reflect.Struct {
		return false
	}
	_, err := types.CodecFor(t, types.Type{})
	return err != nil
}

func (p *scanPlan) typeAt(i int) types.Type {
	if p.known == nil {
		return types.Type{}
	}
	return p.known[i].typ
}

// addFields finds the field of every column, and sees to it that no field is
// left over.
func (p *scanPlan) addFields(t, row reflect.Type) error {
	if err := duplicateColumn(t, p.columns); err != nil {
		return err
	}
	fields := rowFields(row, 0, "")
	p.fields = make([]scanField, len(p.columns))
	var lonely []string
	for i, column := range p.columns {
		at := findField(fields, column)
		if at < 0 {
			lonely = append(lonely, "column "+quoted(column)+" has no field")
			continue
		}
		f := &fields[at]
		f.taken = true
		codec, err := decoderFor(f.goType, f.sqlType(p.typeAt(i)))
		if err != nil {
			return &UsageError{Kind: ErrSchemaMismatch, Op: "fetch", Subject: t.String() + "." + f.name, Reason: "column " + quoted(column) + " cannot be read into it", Err: err}
		}
		p.fields[i] = scanField{codec, f.offset}
	}
	for _, f := range fields {
		if !f.taken {
			lonely = append(lonely, "field "+f.name+" has no column")
		}
	}
	if len(lonely) > 0 {
		return mismatch(t, strings.Join(lonely, ", "), `name columns with As and fields with the tag orm:"column:x", or leave a field out with orm:"-"`)
	}
	return nil
}

func mismatch(t reflect.Type, reason, advice string) error {
	return &UsageError{Kind: ErrSchemaMismatch, Op: "fetch", Subject: t.String(), Reason: reason, Advice: advice}
}

func duplicateColumn(t reflect.Type, columns []string) error {
	for i, column := range columns {
		if first := slices.Index(columns, column); first < i {
			return mismatch(t, fmt.Sprintf("columns %d and %d of the result are both named %q", first+1, i+1, column), "name one of them with As")
		}
	}
	return nil
}

// rowField is a field of a row struct, those of embedded structs included.
type rowField struct {
	name   string
	column string // given by a tag, or ""
	snake  string
	offset uintptr
	goType reflect.Type
	typ    types.Type // given by a tag, or zero
	taken  bool
}

func (f *rowField) sqlType(known types.Type) types.Type {
	if f.typ.IsZero() {
		return known
	}
	return f.typ
}

func rowFields(t reflect.Type, base uintptr, prefix string) []rowField {
	var fields []rowField
	for f := range t.Fields() {
		tag := rowTag(f.Tag.Get("orm"))
		switch {
		case tag.skip:
		case f.Anonymous && isRowStruct(f.Type):
			fields = append(fields, rowFields(f.Type, base+f.Offset, prefix+tag.prefix)...)
		case f.IsExported():
			field := rowField{name: f.Name, snake: prefix + snakeCase(f.Name), offset: base + f.Offset, goType: f.Type, typ: tag.typ}
			if tag.column != "" {
				field.column = prefix + tag.column
			}
			fields = append(fields, field)
		}
	}
	return fields
}

type parsedRowTag struct {
	column, prefix string
	typ            types.Type
	skip           bool
}

// rowTag reads the few words of a tag that matter for a row; the others are for
// mapped structs.
func rowTag(text string) parsedRowTag {
	tag := parsedRowTag{skip: strings.TrimSpace(text) == "-"}
	for word := range strings.SplitSeq(text, ";") {
		key, value, _ := strings.Cut(word, ":")
		value = strings.TrimSpace(value)
		switch strings.TrimSpace(key) {
		case "column":
			tag.column = value
		case "prefix":
			tag.prefix = value
		case "type":
			if t, err := types.Parse(value); err == nil {
				tag.typ = t
			}
		}
	}
	return tag
}

// findField prefers what was said over what is derived, and that over what only
// looks alike.
func findField(fields []rowField, column string) int {
	matches := []func(f *rowField) bool{
		func(f *rowField) bool { return f.column == column },
		func(f *rowField) bool { return f.column == "" && f.snake == column },
		func(f *rowField) bool { return f.column == "" && strings.EqualFold(f.name, column) },
	}
	for _, match := range matches {
		for i := range fields {
			if !fields[i].taken && match(&fields[i]) {
				return i
			}
		}
	}
	return -1
}

// cell is what database/sql scans a column into. It is made once for a query and
// its address moves with the rows.
type cell struct {
	codec decoder
	to    types.Ptr
	err   error
}

// Scan implements sql.Scanner. The codec copies what the driver will use again.
func (c *cell) Scan(src any) error {
	c.err = guardedDecode(c.codec, c.to, src)
	return c.err
}

// guardedDecode turns a panic in a type of the user into an error, which the
// cursor turns back: while database/sql scans it holds a lock, and a panic would
// leave it locked for good.
func guardedDecode(codec decoder, to types.Ptr, src any) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &decodePanic{r}
		}
	}()
	return codec.Decode(to, src)
}

type decodePanic struct{ value any }

func (p *decodePanic) Error() string { return fmt.Sprint("panic: ", p.value) }

// anyCell is a cell for a map.
type anyCell struct {
	typ types.Type
	v   any
	err error
}

// Scan implements sql.Scanner.
func (c *anyCell) Scan(src any) error {
	c.v, c.err = types.DecodeAny(src, c.typ)
	return c.err
}

var (
	_ sql.Scanner = (*cell)(nil)
	_ sql.Scanner = (*anyCell)(nil)
)

// rowScanner reads the rows of one query into values of one type.
type rowScanner struct {
	plan     *scanPlan
	cells    []cell
	anyCells []anyCell
	dest     []any
}

func (p *scanPlan) scanner() *rowScanner {
	s := &rowScanner{plan: p, dest: make([]any, len(p.columns))}
	if p.makeMap {
		s.anyCells = make([]anyCell, len(p.columns))
		for i := range s.anyCells {
			s.anyCells[i].typ = p.typeAt(i)
			s.dest[i] = &s.anyCells[i]
		}
		return s
	}
	s.cells = make([]cell, len(p.fields))
	for i, f := range p.fields {
		s.cells[i].codec = f.codec
		s.dest[i] = &s.cells[i]
	}
	return s
}

// scan reads the row that cur is at into the value at an address.
func (s *rowScanner) scan(cur *cursor, to types.Ptr) error {
	base := to
	if s.plan.elem != nil {
		base = newBlock(s.plan.elem, 1)
		*typedPointer[types.Ptr](to) = base
	}
	for i := range s.cells {
		s.cells[i].to = fieldPtr(base, s.plan.fields[i].offset)
	}
	if err := cur.Scan(s.dest...); err != nil {
		return s.named(err, cur)
	}
	if s.plan.makeMap {
		*typedPointer[map[string]any](to) = s.rowMap()
	}
	return nil
}

func (s *rowScanner) rowMap() map[string]any {
	row := make(map[string]any, len(s.anyCells))
	for i, c := range s.anyCells {
		row[s.plan.columns[i]] = c.v
	}
	return row
}

// named says which column and row an error of a codec belongs to.
func (s *rowScanner) named(err error, cur *cursor) error {
	for i := range s.plan.columns {
		cellErr := s.cellError(i)
		if cellErr == nil {
			continue
		}
		reason := "the value does not fit"
		if errors.Is(cellErr, types.ErrNull) {
			reason = fmt.Sprintf("NULL does not fit into %s", s.cells[i].codec.Go())
		}
		return &UsageError{Kind: ErrDecode, Op: "fetch", Subject: "column " + quoted(s.plan.columns[i]), Reason: fmt.Sprintf("%s (row %d)", reason, cur.read), Err: cellErr}
	}
	if cur.done {
		return err
	}
	return &UsageError{Kind: ErrDecode, Op: "fetch", Reason: fmt.Sprintf("row %d cannot be read", cur.read), Err: err}
}

func (s *rowScanner) cellError(i int) error {
	if s.plan.makeMap {
		return s.anyCells[i].err
	}
	return s.cells[i].err
}
