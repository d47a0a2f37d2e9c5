// This file carries ranges, in PostgreSQL's text form: [1,5)   (,7]   empty.

package types

import (
	"cmp"
	"database/sql/driver"
	"math"
	"math/big"
	"reflect"
	"strings"
	"time"
)

// Range is all values between two bounds: a column of a [RangeType]. The zero Range
// has no bounds, and so holds every value. Ranges of whole numbers and of dates
// have one form, the lower bound being of the range and the upper one not; others
// that hold the same values are brought into it when they are saved.
//
//	types.NewRange(1, 5)                              // [1,5)
//	types.Range[int64]{Lower: types.Including(int64(1))}  // [1,)
type Range[T any] struct {
	Lower, Upper Bound[T]
	Empty        bool // it holds no value, whatever the bounds
}

// Bound is one end of a [Range]. The zero Bound is none.
type Bound[T any] struct {
	Value T
	Kind  BoundKind
}

// BoundKind says what a bound is.
type BoundKind uint8

// The kinds of bounds.
const (
	Unbounded BoundKind = iota // there is none
	Inclusive                  // the value is of the range
	Exclusive                  // the value is not
)

// NewRange is the range from lower up to, and without, upper.
func NewRange[T any](lower, upper T) Range[T] {
	return Range[T]{Lower: Including(lower), Upper: Excluding(upper)}
}

// EmptyRange is the range that holds no value.
func EmptyRange[T any]() Range[T] { return Range[T]{Empty: true} }

// Including is a bound that is of the range itself.
func Including[T any](v T) Bound[T] { return Bound[T]{v, Inclusive} }

// Excluding is a bound that is not of the range.
func Excluding[T any](v T) Bound[T] { return Bound[T]{v, Exclusive} }

// RangeType is PostgreSQL's range of an elem, which is an integer, a decimal, a
// date or an instant. In Go it is a [Range].
//
//	INTEGER, BIGINT   int4range, int8range
//	NUMERIC           numrange
//	DATE              daterange
//	DATETIME          tstzrange; without a zone, tsrange
func RangeType(elem Type) Type {
	t := vendor("postgres", rangeName(elem))
	t.elem = intern(elem, &elem)
	return t
}

func rangeName(elem Type) string {
	switch elem.kind {
	case KindSmallInteger, KindInteger:
		return "int4range"
	case KindBigInteger:
		return "int8range"
	case KindNumeric:
		return "numrange"
	case KindDate:
		return "daterange"
	case KindDateTime:
		if elem.noZone {
			return "tsrange"
		}
		return "tstzrange"
	}
	return ""
}

// isRange reports whether t is Range[T] for some T.
func isRange(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t.PkgPath() == documentPackage && strings.HasPrefix(t.Name(), "Range[")
}

// rangeCodec carries a Range.
type rangeCodec struct {
	shape
	sql          Type
	elem         Codec
	lower, upper uintptr // of the bounds, whose values stand first
	kind         uintptr // in a bound
	empty        uintptr
}

func newRange(goType reflect.Type, sql Type) (Codec, error) {
	if sql.kind != KindExact || sql.elem == nil {
		return nil, &TypeError{goType, sql, "a range has no place there", "use int8range or another type of ranges"}
	}
	lower, upper, empty := goType.Field(0), goType.Field(1), goType.Field(2)
	elem, err := codecFor(lower.Type.Field(0).Type, *sql.elem)
	if err != nil {
		return nil, err
	}
	return &rangeCodec{shapeOf(goType), sql, elem, lower.Offset, upper.Offset, lower.Type.Field(1).Offset, empty.Offset}, nil
}

func (c *rangeCodec) Nullable() bool { return false }

// end is a bound on its way.
type end struct {
	kind  BoundKind
	value driver.Value
}

// span is a range on its way, in its one form.
type span struct {
	lower, upper end
	empty        bool
}

func (c *rangeCodec) span(p Ptr) (s span, err error) {
	if *at[bool](fieldOf(p, c.empty)) {
		return span{empty: true}, nil
	}
	if s.lower, err = c.end(fieldOf(p, c.lower)); err != nil {
		return s, err
	}
	if s.upper, err = c.end(fieldOf(p, c.upper)); err != nil {
		return s, err
	}
	return s.canonical(c.sql.Elem())
}

func (c *rangeCodec) end(bound Ptr) (e end, err error) {
	if e.kind = *at[BoundKind](fieldOf(bound, c.kind)); e.kind == Unbounded {
		return e, nil
	}
	if e.value, err = c.elem.Encode(bound); err == nil && e.value == nil {
		err = refusal("a bound is NULL")
	}
	return e, err
}

// canonical is the span as the server keeps it.
func (s span) canonical(elem Type) (span, error) {
	if s.lower.kind != Unbounded && s.upper.kind != Unbounded {
		switch order := compareEnds(s.lower.value, s.upper.value); {
		case order > 0:
			return s, refusal("the lower bound is above the upper one")
		case order == 0 && (s.lower.kind == Exclusive || s.upper.kind == Exclusive):
			return span{empty: true}, nil
		}
	}
	if s.lower.kind == Exclusive && !s.lower.advance(elem, Inclusive) || s.upper.kind == Inclusive && !s.upper.advance(elem, Exclusive) {
		return s, outOfRange
	}
	if s.lower.kind != Unbounded && s.upper.kind == Exclusive && s.lower.kind == Inclusive && compareEnds(s.lower.value, s.upper.value) == 0 {
		return span{empty: true}, nil
	}
	return s, nil
}

// advance moves a bound of a discrete type to the next value, where it is of the
// other kind. It returns false where there is no next value.
func (e *end) advance(elem Type, kind BoundKind) bool {
	switch v := e.value.(type) {
	case int64:
		limit := int64(math.MaxInt64)
		if elem.kind != KindBigInteger {
			limit = math.MaxInt32
		}
		if v == limit {
			return false
		}
		*e = end{kind, v + 1}
	case time.Time:
		if elem.kind == KindDate {
			*e = end{kind, v.AddDate(0, 0, 1)}
		}
	}
	return true
}

func compareEnds(a, b driver.Value) int {
	switch x := a.(type) {
	case int64:
		y, _ := b.(int64)
		return cmp.Compare(x, y)
	case time.Time:
		y, _ := b.(time.Time)
		return x.Compare(y)
	case string:
		y, _ := b.(string)
		m, okM := new(big.Rat).SetString(x)
		n, okN := new(big.Rat).SetString(y)
		if okM && okN {
			return m.Cmp(n)
		}
	}
	return -1
}

func (c *rangeCodec) Encode(p Ptr) (driver.Value, error) {
	s, err := c.span(p)
	if err != nil {
		return nil, valueError(c.goType, c.sql, err)
	}
	text, err := s.text(c.sql.Elem())
	if err != nil {
		return nil, valueError(c.goType, c.sql, err)
	}
	return text, nil
}

func (s span) text(elem Type) (string, error) {
	if s.empty {
		return "empty", nil
	}
	text := []byte{'('}
	if s.lower.kind == Inclusive {
		text[0] = '['
	}
	var err error
	if s.lower.kind != Unbounded {
		text, err = appendItem(text, s.lower.value, elem)
	}
	text = append(text, ',')
	if s.upper.kind != Unbounded && err == nil {
		text, err = appendItem(text, s.upper.value, elem)
	}
	if s.upper.kind == Inclusive {
		return string(append(text, ']')), err
	}
	return string(append(text, ')')), err
}

func (c *rangeCodec) Decode(p Ptr, src any) error {
	if src == nil {
		return nullError(c.goType, c.sql)
	}
	text, err := plainText(src)
	if err == nil {
		err = c.read(p, text)
	}
	if err != nil {
		return decodeError(c.goType, c.sql, err)
	}
	return nil
}

const noRange = refusal("the text is no range")

func (c *rangeCodec) read(p Ptr, text string) error {
	fresh := reflect.New(c.goType)
	to := fresh.UnsafePointer()
	if text == "empty" {
		*at[bool](fieldOf(to, c.empty)) = true
		valueAt(c.goType, p).Set(fresh.Elem())
		return nil
	}
	if len(text) < 3 || text[0] != '[' && text[0] != '(' || !strings.HasSuffix(text, "]") && !strings.HasSuffix(text, ")") {
		return noRange
	}
	lower, behind, ok := rangeItem(text[1:])
	if !ok || !strings.HasPrefix(behind, ",") {
		return noRange
	}
	upper, behind, ok := rangeItem(behind[1:])
	if !ok || len(behind) != 1 {
		return noRange
	}
	if err := c.readEnd(fieldOf(to, c.lower), lower, text[0] == '['); err != nil {
		return err
	}
	if err := c.readEnd(fieldOf(to, c.upper), upper, behind == "]"); err != nil {
		return err
	}
	valueAt(c.goType, p).Set(fresh.Elem())
	return nil
}

// rangeItem reads a bound, which may be missing.
func rangeItem(text string) (item *string, behind string, ok bool) {
	if strings.HasPrefix(text, `"`) {
		value, _, behind, ok := quotedText(text)
		return &value, behind, ok
	}
	i := strings.IndexAny(text, ",])")
	switch {
	case i < 0:
		return nil, text, false
	case i == 0:
		return nil, text, true
	}
	value := text[:i]
	return &value, text[i:], true
}

func (c *rangeCodec) readEnd(bound Ptr, item *string, inclusive bool) error {
	if item == nil {
		return nil
	}
	*at[BoundKind](fieldOf(bound, c.kind)) = Exclusive
	if inclusive {
		*at[BoundKind](fieldOf(bound, c.kind)) = Inclusive
	}
	return c.elem.Decode(bound, *item)
}

// Equal takes ranges for equal that hold the same values.
func (c *rangeCodec) Equal(a, b Ptr) bool { return c.shape.Equal(a, b) || sameEncoding(c, a, b) }

func (c *rangeCodec) normalizes() bool { return true }

// Normalize brings the range into its one form. One that the database would refuse
// stays as it is.
func (c *rangeCodec) Normalize(p Ptr) {
	s, err := c.span(p)
	if err != nil {
		return
	}
	text, err := s.text(c.sql.Elem())
	if err == nil {
		_ = c.read(p, text) // it was written a line above
	}
}
