// This file carries floating point numbers. NaN and the infinities are passed
// on: the dialect refuses them where its database cannot hold them.

package types

import (
	"database/sql/driver"
	"math"
	"reflect"
	"strconv"
)

type float interface{ ~float32 | ~float64 }

// bindFloat gives a number the form that a column of type t takes. bits is the
// size of the Go type, which decides the shortest decimal.
func bindFloat(f float64, bits int, t Type) (driver.Value, error) {
	switch t.kind {
	case KindUnknown, KindDouble, KindExact:
		return f, nil
	case KindFloat:
		return single(f)
	case KindNumeric:
		return floatDecimal(f, bits, t)
	}
	return nil, refusal("a floating point number has no place there")
}

// single is the number nearest to f that 32 bits hold.
func single(f float64) (float64, error) {
	s := float64(float32(f))
	if math.IsInf(s, 0) && !math.IsInf(f, 0) {
		return 0, outOfRange
	}
	return s, nil
}

// floatDecimal rounds to the scale of the column, as the database would.
func floatDecimal(f float64, bits int, t Type) (driver.Value, error) {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return nil, refusal("a decimal cannot be NaN or infinite")
	}
	if t.precision == 0 {
		return bindDecimal(strconv.FormatFloat(f, 'f', -1, bits), t)
	}
	return bindDecimal(strconv.FormatFloat(f, 'f', t.scale, bits), t)
}

// readFloatOf is readFloat for a column of type t. One of 32 bits gives the same
// number whether the database has kept it so, as 64 bits, or as decimal digits.
func readFloatOf(src any, t Type) (float64, error) {
	f, err := readFloat(src)
	if err != nil || t.kind != KindFloat {
		return f, err
	}
	return single(f)
}

// readFloat takes what drivers give for numbers.
func readFloat(src any) (float64, error) {
	switch v := src.(type) {
	case float64:
		return v, nil
	case float32:
		return float64(v), nil
	case int64:
		if f := float64(v); f < 1<<63 && int64(f) == v {
			return f, nil
		}
		return 0, refusal("the number has too many digits")
	case []byte:
		return parseFloat(string(v))
	case string:
		return parseFloat(v)
	}
	return 0, unexpected(src)
}

func parseFloat(text string) (float64, error) {
	f, err := strconv.ParseFloat(text, 64)
	return f, numberProblem(err)
}

// floating is the codec of the float types.
type floating[T float] struct {
	scalar[T]
	bits int
}

func newFloat[T float](goType reflect.Type, sql Type) Codec {
	bits, op := 64, OpFloat64
	if goType.Size() == 4 {
		bits, op = 32, OpFloat32
	}
	if sql.kind == KindNumeric || sql.kind == KindFloat && bits == 64 {
		op = OpCodec // the column rounds
	}
	return &floating[T]{bits: bits, scalar: scalar[T]{
		base: base{goType, sql, op},
		bind: func(v T, t Type) (driver.Value, error) { return bindFloat(float64(v), bits, t) },
		read: narrowed[T],
	}}
}

// narrowed reads a number and refuses what only the greater Go type can hold.
func narrowed[T float](src any, t Type) (T, error) {
	f, err := readFloatOf(src, t)
	if v := T(f); err != nil || !math.IsInf(float64(v), 0) || math.IsInf(f, 0) {
		return v, err
	}
	return 0, outOfRange
}

// rounded is the value as it comes back from the column. One that the column
// refuses stays what it is, for Encode to say so.
func (c *floating[T]) rounded(v T) T {
	switch c.sql.kind {
	case KindFloat:
		if f, err := single(float64(v)); err == nil {
			return T(f)
		}
	case KindNumeric:
		text, err := floatDecimal(float64(v), c.bits, c.sql)
		if err != nil {
			return v
		}
		if f, err := strconv.ParseFloat(text.(string), c.bits); err == nil {
			return T(f)
		}
	}
	return v
}

func (c *floating[T]) Equal(a, b Ptr) bool {
	x, y := *at[T](a), *at[T](b)
	return sameFloat(x, y) || sameFloat(c.rounded(x), c.rounded(y))
}

func (c *floating[T]) normalizes() bool { return true }

func (c *floating[T]) Normalize(p Ptr) { *at[T](p) = c.rounded(*at[T](p)) }

// sameFloat is equality in which NaN equals itself. The two zeros stay
// different, because databases keep them apart.
func sameFloat[T float](a, b T) bool {
	if a == b {
		return a != 0 || math.Signbit(float64(a)) == math.Signbit(float64(b))
	}
	return math.IsNaN(float64(a)) && math.IsNaN(float64(b))
}
