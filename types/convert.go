// This file lets a program say how a Go type of its own crosses, by two
// functions between it and a type that the package knows.

package types

import (
	"database/sql/driver"
	"fmt"
	"reflect"
	"runtime"
	"sync"
	"sync/atomic"
)

// Converter says that values of G cross as values of D, a type with a built-in
// codec, and which SQL type their columns have. The zero SQL is the type that
// fits D. If D is a pointer or sql.Null, NULL is converted, too; else it is an
// error. Both functions have to be safe for concurrent use. An error that one
// returns, and a panic, is wrapped by a [*ValueError] or a [*DecodeError].
type Converter[G, D any] struct {
	SQL  Type
	Bind func(G) (D, error) // to the database
	Scan func(D) (G, error) // from the database
}

// converters has a registration for each Go type, and counts them.
var (
	converters    sync.Map // reflect.Type to *registration
	registrations atomic.Uint64
)

// registration is a converter without its type parameters.
type registration struct {
	sql      Type
	nullable bool
	codec    func(sql Type) (Codec, error)
	place    string
	number   uint64
}

// Registrations is the number of converters so far.
func Registrations() uint64 { return registrations.Load() }

// RegisteredAfter reports whether a Go type, or what it holds as a pointer, a Null
// type or a slice, has a converter that was registered behind the first n.
func RegisteredAfter(t reflect.Type, n uint64) bool {
	if r, ok := converterOf(t); ok {
		return r.number > n
	}
	switch {
	case t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice:
		return RegisteredAfter(t.Elem(), n)
	case isNull(t):
		return RegisteredAfter(t.Field(0).Type, n)
	}
	return false
}

// Register makes a converter known. It is called at start-up, before structs
// with fields of type G are used, and applies to all of them. A second
// converter for G, one without both functions, and one for a type that the
// package knows by itself are errors of the program: Register panics.
//
//	types.Register(types.Converter[Celsius, int64]{
//		SQL:  types.BigInteger(),
//		Bind: func(c Celsius) (int64, error) { return int64(c * 1000), nil },
//		Scan: func(n int64) (Celsius, error) { return Celsius(float64(n) / 1000), nil },
//	})
func Register[G, D any](c Converter[G, D]) {
	if err := register(c, callerOf(1)); err != nil {
		panic(err)
	}
}

func callerOf(skip int) string {
	_, file, line, _ := runtime.Caller(skip + 1)
	return fmt.Sprintf("%s:%d", file, line)
}

func register[G, D any](c Converter[G, D], place string) error {
	goType := reflect.TypeFor[G]()
	if problem := converterProblem(c); problem != "" {
		return fmt.Errorf("types: register %s: %s", goType, problem)
	}
	inner, err := convertedBy(c)
	if err != nil {
		return fmt.Errorf("types: register %s: %w", goType, err)
	}
	r := &registration{inner.sql, inner.codec.Nullable(), codecOf(c), place, registrations.Load() + 1}
	if first, taken := converters.LoadOrStore(goType, r); taken {
		return fmt.Errorf("types: register %s: it has a converter already, from %s (the second is at %s)",
			goType, first.(*registration).place, place)
	}
	valueCodecs.Clear()
	registrations.Add(1)
	return nil
}

func converterProblem[G, D any](c Converter[G, D]) string {
	switch goType := reflect.TypeFor[G](); {
	case c.Bind == nil || c.Scan == nil:
		return "Bind or Scan is missing"
	case goType == reflect.TypeFor[D]():
		return "it would be converted to itself (convert it to another type)"
	case goType.Kind() == reflect.Interface:
		return "an interface has no converter (register the types that it holds)"
	case goType.PkgPath() == "" && goType.Kind() != reflect.Pointer, goType == timeType, goType == durationType:
		return "the type crosses by itself (define a type of your own)"
	}
	return ""
}

// converted is the other side of a converter.
type converted struct {
	sql   Type
	codec Codec
}

func convertedBy[G, D any](c Converter[G, D]) (converted, error) {
	sql := c.SQL
	if sql.IsZero() {
		inferred, _, err := Infer(reflect.TypeFor[D]())
		if err != nil {
			return converted{}, err
		}
		sql = inferred
	}
	codec, err := CodecFor(reflect.TypeFor[D](), sql)
	return converted{sql, codec}, err
}

// codecOf makes the codec for columns of a given type.
func codecOf[G, D any](c Converter[G, D]) func(Type) (Codec, error) {
	return func(sql Type) (Codec, error) {
		inner, err := codecFor(reflect.TypeFor[D](), sql)
		if err != nil {
			return nil, err
		}
		return &converterCodec[G, D]{shapeOf(reflect.TypeFor[G]()), sql, c, inner}, nil
	}
}

func converterOf(t reflect.Type) (*registration, bool) {
	r, ok := converters.Load(t)
	if !ok {
		return nil, false
	}
	return r.(*registration), true
}

// converterCodec carries G as D.
type converterCodec[G, D any] struct {
	shape
	sql   Type
	by    Converter[G, D]
	inner Codec
}

func (c *converterCodec[G, D]) Nullable() bool { return c.inner.Nullable() }

func (c *converterCodec[G, D]) op() Op { return opOfKind(c.goType) }

func (c *converterCodec[G, D]) Encode(p Ptr) (driver.Value, error) {
	d, err := guarded(c.by.Bind, *at[G](p))
	if err != nil {
		return nil, &ValueError{Go: c.goType, SQL: c.sql, Reason: "its converter refuses it", Err: err}
	}
	v, err := c.inner.Encode(pointerTo(&d))
	if err != nil {
		return nil, valueError(c.goType, c.sql, err)
	}
	return v, nil
}

func (c *converterCodec[G, D]) Decode(p Ptr, src any) error {
	var d D
	if err := c.inner.Decode(pointerTo(&d), src); err != nil {
		return decodeError(c.goType, c.sql, err)
	}
	g, err := guarded(c.by.Scan, d)
	if err != nil {
		return &DecodeError{Go: c.goType, SQL: c.sql, Reason: "its converter refuses it", Err: err}
	}
	*at[G](p) = g
	return nil
}

// guarded calls a function of a converter, and makes an error of its panic.
func guarded[A, B any](convert func(A) (B, error), a A) (b B, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v", cause)
		}
	}()
	return convert(a)
}

// opOfKind is the comparison of a type by its kind alone.
func opOfKind(t reflect.Type) Op {
	switch t.Kind() {
	case reflect.Bool:
		return OpBool
	case reflect.String:
		return OpString
	case reflect.Float32:
		return OpFloat32
	case reflect.Float64:
		return OpFloat64
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return integerOp(t)
	}
	return OpCodec
}
