// This file finds the SQL type that fits a Go type.

package types

import (
	"database/sql/driver"
	"reflect"
	"strings"
	"time"
)

var durationType = reflect.TypeFor[time.Duration]()

// isTime reports whether t is time.Time or a type made from it.
func isTime(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t.ConvertibleTo(timeType)
}

// Infer finds the SQL type that fits a Go type, and reports whether the Go type
// has a value for NULL. A type that fits none is a [*TypeError] that says what to
// do.
//
//	bool                   BOOLEAN
//	int8, int16, uint8     SMALLINT
//	int32, uint16          INTEGER
//	int, int64, uint32     BIGINT
//	uint, uint64           BIGINT UNSIGNED
//	float32, float64       FLOAT, DOUBLE
//	string                 TEXT
//	[]byte                 BLOB
//	time.Time              DATETIME
//	time.Duration          INTERVAL
//	JSON[T]                JSON
//	Range[T]               a range of what fits T (PostgreSQL)
//	Hstore                 hstore (PostgreSQL)
//	slices of those        arrays of theirs
//
// Pointers and the Null types of database/sql have the type of what they hold. A
// registered converter says its own type. A driver.Valuer has the type of what
// its zero value sends, text in case of doubt; types named UUID that are 16 bytes
// have UUID. An encoding.TextMarshaler is text. A slice has a value for NULL, nil.
func Infer(t reflect.Type) (Type, bool, error) {
	if t == nil {
		return Type{}, false, &TypeError{Reason: "there is no Go type"}
	}
	if r, ok := converterOf(t); ok {
		return r.sql, r.nullable, nil
	}
	switch {
	case t.Kind() == reflect.Pointer:
		return inferHeld(t.Elem())
	case isNull(t):
		return inferHeld(t.Field(0).Type)
	case isDocument(t):
		return JSONType(), false, nil
	case isRange(t):
		return inferRange(t)
	case t == reflect.TypeFor[Hstore]():
		return HstoreType(), true, nil
	case t == rawMessageType:
		return JSONType(), true, nil
	case has(t, valuerType):
		return inferValuer(t)
	case isTime(t):
		return DateTime(), false, nil
	case t == durationType:
		return Interval(), false, nil
	case isUUID(t):
		return UUID(), false, nil
	case has(t, textMarshalerType) && has(t, textUnmarshalerType):
		return Text(), false, nil
	case t.Kind() == reflect.Slice:
		return inferSlice(t)
	}
	if sql := inferKind(t.Kind()); !sql.IsZero() {
		return sql, false, nil
	}
	return Type{}, false, noColumn(t)
}

// inferHeld is the type of what a pointer or Null type holds.
func inferHeld(t reflect.Type) (Type, bool, error) {
	sql, _, err := Infer(t)
	return sql, err == nil, err
}

func inferKind(k reflect.Kind) Type {
	switch k {
	case reflect.Bool:
		return Boolean()
	case reflect.Int8, reflect.Int16, reflect.Uint8:
		return SmallInteger()
	case reflect.Int32, reflect.Uint16:
		return Integer()
	case reflect.Int, reflect.Int64, reflect.Uint32:
		return BigInteger()
	case reflect.Uint, reflect.Uint64:
		return BigInteger().AsUnsigned()
	case reflect.Float32:
		return Float()
	case reflect.Float64:
		return Double()
	case reflect.String:
		return Text()
	}
	return Type{}
}

// isUUID reports whether t is a UUID type of one of the well-known libraries:
// 16 bytes, named so, with methods for text.
func isUUID(t reflect.Type) bool {
	return t.Kind() == reflect.Array && t.Len() == 16 && t.Elem().Kind() == reflect.Uint8 &&
		strings.EqualFold(t.Name(), "uuid") && (has(t, textMarshalerType) || has(t, valuerType))
}

func inferValuer(t reflect.Type) (Type, bool, error) {
	sent, nullable := sentByZero(t)
	if isUUID(t) {
		return UUID(), nullable, nil
	}
	return inferSent(sent), nullable, nil
}

func inferSent(v driver.Value) Type {
	switch v.(type) {
	case int64:
		return BigInteger()
	case float64:
		return Double()
	case bool:
		return Boolean()
	case []byte:
		return LargeBinary()
	case time.Time:
		return DateTime()
	}
	return Text()
}

func inferSlice(t reflect.Type) (Type, bool, error) {
	if t.Elem().Kind() == reflect.Uint8 {
		return LargeBinary(), true, nil
	}
	elem, _, err := Infer(t.Elem())
	if err != nil {
		return Type{}, false, noColumn(t)
	}
	return Array(elem), true, nil
}

func inferRange(t reflect.Type) (Type, bool, error) {
	elem, _, err := Infer(t.Field(0).Type.Field(0).Type)
	if elem.kind == KindText {
		elem = Numeric(0, 0) // of texts there are no ranges
	}
	if err != nil || rangeName(elem) == "" {
		return Type{}, false, &TypeError{Go: t, Reason: "the database has no ranges of it", Advice: "there are ranges of whole numbers, decimals, dates and instants"}
	}
	return RangeType(elem), false, nil
}

func noColumn(t reflect.Type) error {
	return &TypeError{
		Go: t, Reason: "no column type fits it",
		Advice: `tag it type:json, give it a converter with types.Register, or leave it out with "-"`,
	}
}
