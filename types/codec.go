// This file declares what a codec is, and decides which one a Go type gets.

package types

import (
	"database/sql/driver"
	"reflect"
)

// Codec carries the values of one Go type to the driver and back. It is made
// once per field by [CodecFor] and is safe for concurrent use. All pointers are
// addresses of values of the type that Go returns.
type Codec interface {
	// Encode gives the value to the driver as nil, int64, float64, bool, []byte,
	// string or time.Time in UTC and whole microseconds. An uint64 above the
	// greatest int64 becomes decimal text. What the SQL type cannot hold is a
	// [*ValueError].
	Encode(p Ptr) (driver.Value, error)

	// Decode stores what a driver gave, and shares no memory with it. What does
	// not fit is a [*DecodeError]; for NULL in a type without room for it, it
	// wraps [ErrNull].
	Decode(p Ptr, src any) error

	// Equal reports whether both are the same to the database: times by their
	// instant in microseconds, documents and slices by their content, and NaN
	// equals NaN.
	Equal(a, b Ptr) bool

	// Copy makes dst a deep copy of src.
	Copy(dst, src Ptr)

	// IsZero reports whether the value is Go's zero value.
	IsZero(p Ptr) bool

	// Nullable reports whether the Go type has a value for NULL.
	Nullable() bool

	// Mutable reports whether an assignment would share memory with the original,
	// so that a snapshot has to use Copy.
	Mutable() bool

	// Normalize gives the value the form in which it will come back from the
	// database: times in UTC and cut to microseconds, decimals with their scale.
	// What a pointer or slice leads to is replaced, never changed in place.
	Normalize(p Ptr)

	// Go is the Go type.
	Go() reflect.Type
}

// CodecFor makes the codec that carries values of Go type t into columns of type
// sql; if sql is zero, of the type that [Infer] finds. A pair that would lose or
// juggle values is a [*TypeError].
func CodecFor(t reflect.Type, sql Type) (Codec, error) {
	if sql.IsZero() {
		inferred, _, err := Infer(t)
		if err != nil {
			return nil, err
		}
		sql = inferred
	}
	problem := sql.problem()
	if t == nil {
		problem = "there is no Go type"
	}
	if problem != "" {
		return nil, &TypeError{Go: t, SQL: sql, Reason: problem}
	}
	return codecFor(t, sql)
}

// codecFor asks in the order that the package promises.
func codecFor(t reflect.Type, sql Type) (Codec, error) {
	if r, ok := converterOf(t); ok {
		return r.codec(sql)
	}
	switch {
	case t.Kind() == reflect.Pointer:
		return newPointer(t, sql)
	case isNull(t):
		return newNull(t, sql)
	case isDocument(t):
		return documentFor(t, sql)
	case isRange(t):
		return newRange(t, sql)
	case has(t, valuerType) || has(t, scannerType):
		return newValuer(t, sql)
	case !isTime(t) && takesText.has(sql.kind) && has(t, textMarshalerType) && has(t, textUnmarshalerType):
		return &textCodec{shapeOf(t), sql}, nil
	}
	return builtin(t, sql)
}
