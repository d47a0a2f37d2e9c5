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
	objects []scanObject // of the session
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
		slices.EqualFunc(p.known, known, func(a, b resultColumn) bool {
			return a.name == b.name && a.entity == b.entity && a.composite == b.composite && a.typ.Equal(b.typ)
		})
}

// maxPlans bounds the memory that ever new column lists would take.
const maxPlans = 4096

type planKey struct {
	goType  reflect.Type
	columns uint64
	objects bool
}

var plans = struct {
	sync.RWMutex
	seed  maphash.Seed
	byKey map[planKey]*scanPlan
}{seed: maphash.MakeSeed(), byKey: map[planKey]*scanPlan{}}

// scanPlanFor returns the plan for a type and the columns of a result. known
// holds the columns as the statement knows them, or nothing. With objects, those
// of entities become objects of the session.
func scanPlanFor(t reflect.Type, columns []string, known []resultColumn, objects bool) (*scanPlan, error) {
	if len(known) != len(columns) {
		known = nil
	}
	var h maphash.Hash
	h.SetSeed(plans.seed)
	for _, name := range columns {
		_, _ = h.WriteString(name)
		_ = h.WriteByte(0)
	}
	key := planKey{t, h.Sum64(), objects}
	plans.RLock()
	plan := plans.byKey[key]
	plans.RUnlock()
	if plan != nil && plan.fits(columns, known) {
		return plan, nil
	}
	plan, err := newScanPlan(t, slices.Clone(columns), known, objects)
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

func newScanPlan(t reflect.Type, columns []string, known []resultColumn, objects bool) (*scanPlan, error) {
	plan := &scanPlan{columns: columns, known: known}
	elements := elementsOf(columns, known)
	switch {
	case t == anyMap || t == reflect.TypeFor[M]():
		plan.makeMap = true
		return plan, plan.duplicates(t, plan.all())
	case t.Implements(reflect.TypeFor[tuple]()):
		return plan, plan.addPositions(t, elements, objects)
	case objects && len(elements) == 1 && elements[0].isObject(t):
		plan.fields = make([]scanField, len(columns))
		plan.objects = []scanObject{{element: elements[0]}}
		return plan, nil
	case len(elements) == 1 && elements[0].isComposite(t):
		plan.fields = make([]scanField, len(columns))
		plan.addComposite(elements[0], 0)
		return plan, nil
	case isRowStruct(t):
		return plan, plan.addFields(t, t, elements, objects)
	case t.Kind() == reflect.Pointer && isRowStruct(t.Elem()):
		plan.elem = t.Elem()
		return plan, plan.addFields(t, t.Elem(), elements, objects)
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

// all are the numbers of all columns.
func (p *scanPlan) all() []int {
	all := make([]int, len(p.columns))
	for i := range all {
		all[i] = i
	}
	return all
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
	objects  []objectReader // as the plan has them
}

func (p *scanPlan) scanner(objects objectSource) (*rowScanner, error) {
	s := &rowScanner{plan: p, dest: make([]any, len(p.columns))}
	if p.makeMap {
		s.anyCells = make([]anyCell, len(p.columns))
		for i := range s.anyCells {
			s.anyCells[i].typ = p.typeAt(i)
			s.dest[i] = &s.anyCells[i]
		}
		return s, nil
	}
	s.cells = make([]cell, len(p.fields))
	for i, f := range p.fields {
		s.cells[i].codec = f.codec
		s.dest[i] = &s.cells[i]
	}
	for _, o := range p.objects {
		reader, err := objects.reader(o.entity)
		if err != nil {
			return nil, err
		}
		s.objects = append(s.objects, reader)
		copy(s.dest[o.first:], reader.dest())
	}
	return s, nil
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
	for _, o := range s.objects {
		o.aim()
	}
	if err := cur.Scan(s.dest...); err != nil {
		return s.named(err, cur)
	}
	for i, o := range s.objects {
		object, err := o.take()
		if err != nil {
			return s.named(err, cur)
		}
		*typedPointer[types.Ptr](fieldPtr(base, s.plan.objects[i].offset)) = object
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
	for _, o := range s.objects {
		if explained := o.explain(err); explained != err { //nolint:errorlint // it is itself where the reader has nothing to say
			return explained
		}
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
