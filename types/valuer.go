// This file carries types that know themselves how they cross: by driver.Valuer
// and sql.Scanner, or by encoding.TextMarshaler and encoding.TextUnmarshaler.
// What they give is checked against the column like any other value.

package types

import (
	"bytes"
	"database/sql"
	"database/sql/driver"
	"encoding"
	"fmt"
	"reflect"
	"runtime"
	"time"
)

var (
	valuerType          = reflect.TypeFor[driver.Valuer]()
	scannerType         = reflect.TypeFor[sql.Scanner]()
	textMarshalerType   = reflect.TypeFor[encoding.TextMarshaler]()
	textUnmarshalerType = reflect.TypeFor[encoding.TextUnmarshaler]()
)

// has reports whether t or *t has the methods of the interface.
func has(t, methods reflect.Type) bool {
	return t.Kind() != reflect.Interface && reflect.PointerTo(t).Implements(methods)
}

// valuerCodec carries a type by its Value and Scan methods. A type that has but
// one of them crosses the other way by its kind.
type valuerCodec struct {
	shape
	sql      Type
	nullable bool
	value    bool  // has a Value method
	scan     bool  // has a Scan method
	kind     Codec // for the method that is missing
}

func newValuer(goType reflect.Type, sql Type) (Codec, error) {
	c := &valuerCodec{shape: shapeOf(goType), sql: sql, value: has(goType, valuerType), scan: has(goType, scannerType)}
	if !c.value || !c.scan {
		kind, err := builtin(goType, sql)
		if err != nil {
			return nil, &TypeError{goType, sql, "it has only one of the methods Value and Scan", "give it the other"}
		}
		c.kind, c.nullable = kind, kind.Nullable()
	}
	if c.value {
		_, c.nullable = sentByZero(goType)
	}
	return c, nil
}

// sentByZero is what the zero value of a driver.Valuer sends, and whether that
// is NULL.
func sentByZero(t reflect.Type) (v driver.Value, null bool) {
	v, ok := valueOfZero(t)
	if b, isBytes := v.([]byte); isBytes {
		return v, b == nil
	}
	return v, ok && v == nil
}

// valueOfZero asks the zero value for what it sends. Its method may not be made
// for that; then nothing is known.
func valueOfZero(t reflect.Type) (v driver.Value, ok bool) {
	defer func() {
		if recover() != nil {
			v, ok = nil, false
		}
	}()
	v, err := reflect.New(t).Interface().(driver.Valuer).Value()
	return v, err == nil
}

func (c *valuerCodec) Nullable() bool { return c.nullable }

func (c *valuerCodec) Encode(p Ptr) (driver.Value, error) {
	if !c.value {
		return c.kind.Encode(p)
	}
	return valueOf(valueAt(c.goType, p).Addr().Interface().(driver.Valuer), c.goType, c.sql)
}

// valueOf asks a value for what it sends, and checks that.
func valueOf(v driver.Valuer, goType reflect.Type, t Type) (driver.Value, error) {
	given, err := v.Value()
	if err != nil {
		return nil, &ValueError{Go: goType, SQL: t, Reason: "its Value method refuses it", Err: err}
	}
	bound, err := bindGiven(given, t)
	if err != nil {
		return nil, valueError(goType, t, err)
	}
	return bound, nil
}

// bindGiven checks what a method of the value gave. Such a value may spell as
// text what has no type of its own in Go.
func bindGiven(v any, t Type) (driver.Value, error) {
	switch given := v.(type) {
	case nil:
		return nil, nil
	case string:
		return bindSpelling(given, t)
	case []byte:
		switch {
		case given == nil:
			return nil, nil
		case t.kind == KindBytes || t.kind == KindUnknown || t.kind == KindExact:
			return bindBytes(given, t)
		case t.kind == KindUUID && len(given) == 16:
			return formatUUID([16]byte(given)), nil
		}
		return bindSpelling(string(given), t)
	}
	bound, known, err := bindPlain(v, t)
	if !known {
		return nil, refusal(fmt.Sprintf("its method gives a %T", v))
	}
	return bound, err
}

func bindSpelling(text string, t Type) (driver.Value, error) {
	switch t.kind {
	case KindDate, KindDateTime:
		v, err := parseTime(text)
		if err != nil {
			return nil, err
		}
		return bindTime(v, t)
	case KindTime:
		d, err := parseClock(text)
		if err != nil {
			return nil, err
		}
		return bindDuration(d, t)
	case KindArray:
		_, err := parseArrayText(text)
		if err == nil {
			err = checkText(text)
		}
		return text, err
	}
	return bindString(text, t)
}

func (c *valuerCodec) Decode(p Ptr, src any) error {
	if !c.scan {
		return c.kind.Decode(p, src)
	}
	if src == nil && !c.nullable {
		return nullError(c.goType, c.sql)
	}
	given, err := natural(src, c.sql)
	if err != nil {
		return decodeError(c.goType, c.sql, err)
	}
	target := valueAt(c.goType, p)
	err = scanFresh(target, given)
	if text, isText := given.(string); err != nil && isText {
		err = scanFresh(target, []byte(text))
	}
	if err != nil {
		return &DecodeError{Go: c.goType, SQL: c.sql, Reason: "its Scan method refuses it", Err: err}
	}
	return nil
}

// scanFresh scans into a zero value: many methods merge into what is there.
// Methods that expect the one form of text that their driver gave, and assert it
// without looking, have refused the other.
func scanFresh(target reflect.Value, src any) (err error) {
	defer func() {
		switch cause := recover().(type) {
		case nil:
		case *runtime.TypeAssertionError:
			err = cause
		default:
			panic(cause)
		}
	}()
	target.SetZero()
	return target.Addr().Interface().(sql.Scanner).Scan(src)
}

// natural gives the same value on every database: what one has as text or as a
// number becomes what the best of them have. Times of day stay as they come.
func natural(src any, t Type) (any, error) {
	if src == nil {
		return nil, nil
	}
	switch t.kind {
	case KindBoolean:
		return readBool(src, t)
	case KindSmallInteger, KindInteger, KindBigInteger:
		return naturalInt(src, t)
	case KindFloat, KindDouble:
		return readFloatOf(src, t)
	case KindDate, KindDateTime:
		return readTime(src, t)
	case KindNumeric, KindString, KindText, KindUUID, KindEnum, KindJSON:
		return readString(src, t)
	case KindArray:
		return plainText(src)
	case KindBytes:
		return readBytes(src)
	}
	if b, ok := src.([]byte); ok {
		return bytes.Clone(b), nil
	}
	return src, nil
}

// naturalInt is an int64, or an uint64 for the greater half of the unsigned ones.
func naturalInt(src any, t Type) (any, error) {
	n, err := readInt(src)
	if err != nil && t.unsigned {
		return readUint(src)
	}
	return n, err
}

// Equal takes values for equal that send the same: a decimal may have several
// forms of one number.
func (c *valuerCodec) Equal(a, b Ptr) bool { return c.shape.Equal(a, b) || sameEncoding(c, a, b) }

// textCodec carries a type by MarshalText and UnmarshalText.
type textCodec struct {
	shape
	sql Type
}

// takesText are the SQL types for which the text methods of a type count. A
// document has JSON's own use for them.
var takesText = kinds(KindString, KindText, KindEnum, KindUUID, KindNumeric, KindDate, KindTime, KindDateTime, KindExact)

func (c *textCodec) Nullable() bool { return false }

func (c *textCodec) Encode(p Ptr) (driver.Value, error) {
	text, err := valueAt(c.goType, p).Addr().Interface().(encoding.TextMarshaler).MarshalText()
	if err != nil {
		return nil, &ValueError{Go: c.goType, SQL: c.sql, Reason: "its MarshalText method refuses it", Err: err}
	}
	v, err := bindSpelling(string(text), c.sql)
	if err != nil {
		return nil, valueError(c.goType, c.sql, err)
	}
	return v, nil
}

func (c *textCodec) Decode(p Ptr, src any) error {
	if src == nil {
		return nullError(c.goType, c.sql)
	}
	text, err := spelling(src, c.sql)
	if err != nil {
		return decodeError(c.goType, c.sql, err)
	}
	target := valueAt(c.goType, p)
	target.SetZero()
	if err := target.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(text)); err != nil {
		return &DecodeError{Go: c.goType, SQL: c.sql, Reason: "its UnmarshalText method refuses it", Err: err}
	}
	return nil
}

// spelling is the text of a value, in the form that text methods of dates and
// times read.
func spelling(src any, t Type) (string, error) {
	switch t.kind {
	case KindDate, KindDateTime:
		v, err := readTime(src, t)
		if t.kind == KindDate {
			return v.Format(time.DateOnly), err
		}
		return v.Format(time.RFC3339Nano), err
	case KindTime:
		d, err := readClock(src)
		return formatClock(d), err
	}
	return readString(src, t)
}

// Equal takes values for equal that have the same text.
func (c *textCodec) Equal(a, b Ptr) bool { return c.shape.Equal(a, b) || sameEncoding(c, a, b) }
