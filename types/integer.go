// This file carries integers of every width. Nothing wraps: what does not fit is
// an error, in both directions.

package types

import (
	"database/sql/driver"
	"errors"
	"math"
	"reflect"
	"strconv"
	"strings"
)

const outOfRange = refusal("the value is out of range")

// integerRange is the least and the greatest number of an integer column.
func integerRange(t Type) (least int64, greatest uint64) {
	bits := 64
	switch t.kind {
	case KindSmallInteger:
		bits = 16
	case KindInteger:
		bits = 32
	}
	if t.unsigned {
		return 0, math.MaxUint64 >> (64 - bits)
	}
	return math.MinInt64 >> (64 - bits), math.MaxInt64 >> (64 - bits)
}

// bindInt gives an integer the form that a column of type t takes.
func bindInt(n int64, t Type) (driver.Value, error) {
	switch t.kind {
	case KindUnknown:
		return n, nil
	case KindExact:
		return n, bindYear(n, t)
	case KindSmallInteger, KindInteger, KindBigInteger:
		if t.kind == KindBigInteger && !t.unsigned {
			return n, nil
		}
		if least, greatest := integerRange(t); n < least || n > 0 && uint64(n) > greatest {
			return nil, outOfRange
		}
		return n, nil
	case KindFloat, KindDouble:
		return exactFloat(float64(n), t, func(f float64) bool { return f < 1<<63 && int64(f) == n })
	case KindNumeric:
		return bindDecimal(strconv.FormatInt(n, 10), t)
	}
	return nil, refusal("an integer has no place there")
}

// bindUint is bindInt for numbers that an int64 may not hold; those cross as text.
func bindUint(n uint64, t Type) (driver.Value, error) {
	if n <= math.MaxInt64 {
		return bindInt(int64(n), t)
	}
	switch t.kind {
	case KindUnknown, KindExact:
		return strconv.FormatUint(n, 10), nil
	case KindSmallInteger, KindInteger, KindBigInteger:
		if _, greatest := integerRange(t); n > greatest {
			return nil, outOfRange
		}
		return strconv.FormatUint(n, 10), nil
	case KindFloat, KindDouble:
		return exactFloat(float64(n), t, func(f float64) bool { return f < 1<<64 && uint64(f) == n })
	case KindNumeric:
		return bindDecimal(strconv.FormatUint(n, 10), t)
	}
	return nil, refusal("an integer has no place there")
}

// exactFloat refuses integers that have too many bits for the column.
func exactFloat(f float64, t Type, exact func(float64) bool) (driver.Value, error) {
	if t.kind == KindFloat {
		f = float64(float32(f))
	}
	if !exact(f) {
		return nil, refusal("the number has more digits than the column keeps")
	}
	return f, nil
}

// readInt takes what drivers give for integers.
func readInt(src any) (int64, error) {
	switch v := src.(type) {
	case int64:
		return v, nil
	case []byte:
		return parseInt(string(v))
	case string:
		return parseInt(v)
	case uint64:
		if v > math.MaxInt64 {
			return 0, outOfRange
		}
		return int64(v), nil
	case float64:
		if v != math.Trunc(v) || math.Abs(v) > 1<<53 {
			return 0, refusal("the value is no whole number")
		}
		return int64(v), nil
	case bool:
		if v {
			return 1, nil
		}
		return 0, nil
	}
	return 0, unexpected(src)
}

// readUint is readInt for the greater half of the unsigned numbers.
func readUint(src any) (uint64, error) {
	switch v := src.(type) {
	case uint64:
		return v, nil
	case []byte:
		return parseUint(string(v))
	case string:
		return parseUint(v)
	}
	n, err := readInt(src)
	if err == nil && n < 0 {
		return 0, outOfRange
	}
	return uint64(n), err
}

func parseInt(text string) (int64, error) {
	n, err := strconv.ParseInt(wholePart(text), 10, 64)
	return n, numberProblem(err)
}

func parseUint(text string) (uint64, error) {
	n, err := strconv.ParseUint(wholePart(text), 10, 64)
	return n, numberProblem(err)
}

// wholePart drops a fraction of zeros: databases give sums of integers as
// decimals.
func wholePart(text string) string {
	whole, fraction, found := strings.Cut(text, ".")
	if found && strings.Trim(fraction, "0") == "" {
		return whole
	}
	return text
}

// numberProblem keeps the text that was parsed out of the error.
func numberProblem(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, strconv.ErrRange):
		return outOfRange
	}
	return refusal("the text is no number")
}

// integerOp is the comparison of as many bytes as the type has.
func integerOp(t reflect.Type) Op {
	return map[uintptr]Op{1: Op8, 2: Op16, 4: Op32, 8: Op64}[t.Size()]
}

type signed interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64
}

type unsigned interface {
	~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64
}

func newSigned[T signed](goType reflect.Type, sql Type) Codec {
	return &scalar[T]{
		base: base{goType, sql, integerOp(goType)},
		bind: func(v T, t Type) (driver.Value, error) { return bindInt(int64(v), t) },
		read: func(src any, _ Type) (T, error) {
			n, err := readInt(src)
			if err == nil && int64(T(n)) != n {
				err = outOfRange
			}
			return T(n), err
		},
	}
}

func newUnsigned[T unsigned](goType reflect.Type, sql Type) Codec {
	return &scalar[T]{
		base: base{goType, sql, integerOp(goType)},
		bind: func(v T, t Type) (driver.Value, error) { return bindUint(uint64(v), t) },
		read: func(src any, _ Type) (T, error) {
			n, err := readUint(src)
			if err == nil && uint64(T(n)) != n {
				err = outOfRange
			}
			return T(n), err
		},
	}
}
