// This file holds the values that expressions are evaluated to, and what can be
// done with them as every database does it.

package orm

import (
	"cmp"
	"math"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aurum-go/orm/types"
)

// datum is a value of SQL. The zero datum is NULL. It is comparable, and never
// holds NaN.
type datum struct {
	kind   datumKind
	number int64 // a whole number; 1 for true; of times the microseconds since 1970
	float  float64
	text   string
}

type datumKind uint8

const (
	nullDatum datumKind = iota
	truthDatum
	integerDatum
	floatDatum  // of 64 bits
	singleDatum // of 32 bits, with which databases calculate each in its own way
	textDatum
	instantDatum
	dayDatum
)

// datumKindOf is what the values of a type are, or nullDatum for those that every
// database has rules of its own for: decimals, documents, bytes.
func datumKindOf(t types.Type) datumKind {
	switch t.Kind() {
	case types.KindBoolean:
		return truthDatum
	case types.KindSmallInteger, types.KindInteger, types.KindBigInteger, types.KindInterval:
		return integerDatum
	case types.KindDouble:
		return floatDatum
	case types.KindFloat:
		return singleDatum
	case types.KindString, types.KindText, types.KindEnum, types.KindUUID:
		return textDatum
	case types.KindDateTime:
		return instantDatum
	case types.KindDate:
		return dayDatum
	}
	return nullDatum
}

// datumOf is an encoded value, if it is of the kind or NULL.
func datumOf(v any, kind datumKind) (datum, bool) {
	d := datum{kind: kind}
	switch v := v.(type) {
	case nil:
		return datum{}, true
	case bool:
		return truth(v), kind == truthDatum
	case int64:
		d.number = v
		return d, kind == integerDatum
	case float64:
		d.float = v
		return d, (kind == floatDatum || kind == singleDatum) && !math.IsNaN(v) && !math.IsInf(v, 0)
	case string:
		d.text = v
		return d, kind == textDatum
	case time.Time:
		d.number = v.UnixMicro()
		return d, kind == instantDatum || kind == dayDatum
	}
	return datum{}, false
}

func truth(v bool) datum {
	if v {
		return datum{kind: truthDatum, number: 1}
	}
	return datum{kind: truthDatum}
}

func (d datum) isNull() bool { return d.kind == nullDatum }

// value is the value as a driver would give it.
func (d datum) value() any {
	switch d.kind {
	case truthDatum:
		return d.number != 0
	case integerDatum:
		return d.number
	case floatDatum, singleDatum:
		return d.float
	case textDatum:
		return d.text
	case instantDatum, dayDatum:
		return time.UnixMicro(d.number).UTC()
	}
	return nil
}

// compare orders two values of one kind that are not NULL. For texts only
// equality is known, and that only where no collation has a say in it; times are
// compared where they are not kept as text, of which there may be several for one
// instant.
func (d datum) compare(o datum, f *Features, equality bool) (order int, ok bool) {
	if d.kind != o.kind {
		return 0, false
	}
	switch d.kind {
	case floatDatum, singleDatum:
		return cmp.Compare(d.float+0, o.float+0), true
	case textDatum:
		return strings.Compare(d.text, o.text), equality && f.BinaryText
	case instantDatum, dayDatum:
		return cmp.Compare(d.number, o.number), f.NativeTimes
	}
	return cmp.Compare(d.number, o.number), true
}

// comparisons are the operators by what they want of the order of their operands.
var comparisons = map[*operator]func(order int) bool{
	opEq: func(o int) bool { return o == 0 },
	opNe: func(o int) bool { return o != 0 },
	opLt: func(o int) bool { return o < 0 },
	opLe: func(o int) bool { return o <= 0 },
	opGt: func(o int) bool { return o > 0 },
	opGe: func(o int) bool { return o >= 0 },
}

// calculations are the operators of arithmetic. What overflows, and what divides
// by zero, is for the database to judge; so is calculation in mixed types.
var calculations = map[*operator]func(a, b datum) (datum, bool){
	opAdd: add, opSubtract: subtract, opMultiply: multiply, opDivide: divide, opIntDivide: wholeQuotient, opModulo: remainder,
}

func integers(a, b datum) bool { return a.kind == integerDatum && b.kind == integerDatum }

func floats(a, b datum) bool { return a.kind == floatDatum && b.kind == floatDatum }

func whole(n int64) datum { return datum{kind: integerDatum, number: n} }

// smallestNormal is the smallest float that has all its digits.
const smallestNormal = 0x1p-1022

// realResult is the result of a calculation, unless it is one of those that databases
// see differently: what is too great, too small, or a zero below zero.
func realResult(f float64) (datum, bool) {
	size := math.Abs(f)
	exact := size >= smallestNormal && size <= math.MaxFloat64 || f == 0 && !math.Signbit(f)
	return datum{kind: floatDatum, float: f}, exact
}

func add(a, b datum) (datum, bool) {
	switch {
	case floats(a, b):
		return realResult(a.float + b.float)
	case integers(a, b):
		sum := a.number + b.number
		return whole(sum), (sum > a.number) == (b.number > 0)
	}
	return datum{}, false
}

func subtract(a, b datum) (datum, bool) {
	switch {
	case floats(a, b):
		return realResult(a.float - b.float)
	case integers(a, b):
		difference := a.number - b.number
		return whole(difference), (difference < a.number) == (b.number > 0)
	}
	return datum{}, false
}

func multiply(a, b datum) (datum, bool) {
	switch {
	case floats(a, b):
		v, ok := realResult(a.float * b.float)
		return v, ok && (v.float != 0 || a.float == 0 || b.float == 0)
	case !integers(a, b):
		return datum{}, false
	case a.number == 0 || b.number == 0:
		return whole(0), true
	case a.number == -1 || b.number == -1:
		return subtract(whole(0), whole(a.number*b.number*-1))
	}
	product := a.number * b.number
	return whole(product), product/b.number == a.number
}

// divide is true division, which of whole numbers every database rounds in its
// own way.
func divide(a, b datum) (datum, bool) {
	if !floats(a, b) || b.float == 0 {
		return datum{}, false
	}
	v, ok := realResult(a.float / b.float)
	return v, ok && (v.float != 0 || a.float == 0)
}

func wholeQuotient(a, b datum) (datum, bool) {
	if !integers(a, b) || b.number == 0 || b.number == -1 {
		return datum{}, false
	}
	return whole(a.number / b.number), true
}

func remainder(a, b datum) (datum, bool) {
	if !integers(a, b) || b.number == 0 || b.number == -1 {
		return datum{}, false
	}
	return whole(a.number % b.number), true
}

func absolute(v datum) (datum, bool) {
	switch {
	case v.kind == floatDatum:
		return realResult(math.Abs(v.float))
	case v.kind == integerDatum && v.number < 0:
		return subtract(whole(0), v)
	}
	return v, v.kind == integerDatum
}

func concat(a, b datum) (datum, bool) {
	return datum{kind: textDatum, text: a.text + b.text}, a.kind == textDatum && b.kind == textDatum
}

func length(v datum) (datum, bool) {
	return whole(int64(utf8.RuneCountInString(v.text))), v.kind == textDatum
}

func trim(v datum) (datum, bool) {
	v.text = strings.Trim(v.text, " ")
	return v, v.kind == textDatum
}

func lower(v datum) (datum, bool) {
	v.text = strings.Map(lowerASCII, v.text)
	return v, v.kind == textDatum
}

func upper(v datum) (datum, bool) {
	v.text = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r - 'a' + 'A'
		}
		return r
	}, v.text)
	return v, v.kind == textDatum
}

func lowerAll(v datum) (datum, bool) {
	v.text = strings.ToLower(v.text)
	return v, v.kind == textDatum
}

func upperAll(v datum) (datum, bool) {
	v.text = strings.ToUpper(v.text)
	return v, v.kind == textDatum
}

func lowerASCII(r rune) rune {
	if r >= 'A' && r <= 'Z' {
		return r - 'A' + 'a'
	}
	return r
}
