// This file carries values that have no field: the arguments of expressions, and
// columns that are read into maps.

package types

import (
	"database/sql/driver"
	"encoding/json"
	"errors"
	"reflect"
	"sync"
	"time"
)

// EncodeValue gives a value the form in which it is bound against a column of
// type t: nil, int64, float64, bool, []byte, string, or time.Time in UTC. If t is
// zero, the Go type alone decides.
//
// Types are not juggled: a number for a text column, text for a number column, a
// slice, struct or map without a codec, and whatever the column could not store
// as it is are a [*ValueError]. Integers of any width fit every numeric column
// that holds them exactly; nil and nil pointers are NULL, other pointers stand for
// what they point to. It is safe for concurrent use.
func EncodeValue(v any, t Type) (driver.Value, error) {
	if v == nil {
		return nil, nil
	}
	if bound, known, err := bindPlain(v, t); known {
		if err != nil {
			return nil, valueError(reflect.TypeOf(v), t, err)
		}
		return bound, nil
	}
	if list, ok := v.([]any); ok && t.kind == KindArray {
		return encodeList(list, t)
	}
	return encodeOther(reflect.ValueOf(v), t)
}

// bindPlain binds values of the types that every Go program has. It reports
// false for all others, and for what is to become part of a document.
func bindPlain(v any, t Type) (bound driver.Value, known bool, err error) {
	switch v := v.(type) {
	case string:
		bound, err = bindString(v, t)
		return bound, true, err
	case []byte:
		bound, err = bindBytes(v, t)
		return bound, t.kind != KindArray, err
	}
	if t.kind == KindJSON {
		return nil, false, nil
	}
	switch v := v.(type) {
	case bool:
		bound, err = bindBool(v, t)
	case float64:
		bound, err = bindFloat(v, 64, t)
	case float32:
		bound, err = bindFloat(float64(v), 32, t)
	case time.Time:
		bound, err = bindTime(v, t)
	case time.Duration:
		bound, err = bindDuration(v, t)
	default:
		return bindInteger(v, t)
	}
	return bound, true, err
}

func bindInteger(v any, t Type) (bound driver.Value, known bool, err error) {
	switch v := v.(type) {
	case int:
		bound, err = bindInt(int64(v), t)
	case int64:
		bound, err = bindInt(v, t)
	case int32:
		bound, err = bindInt(int64(v), t)
	case int16:
		bound, err = bindInt(int64(v), t)
	case int8:
		bound, err = bindInt(int64(v), t)
	case uint:
		bound, err = bindUint(uint64(v), t)
	case uint64:
		bound, err = bindUint(v, t)
	case uint32:
		bound, err = bindUint(uint64(v), t)
	case uint16:
		bound, err = bindUint(uint64(v), t)
	case uint8:
		bound, err = bindUint(uint64(v), t)
	default:
		return nil, false, nil
	}
	return bound, true, err
}

// valueCodecs keeps the codecs of values without a field.
var valueCodecs sync.Map // valueKey to Codec

type valueKey struct {
	goType reflect.Type
	sql    Type
}

// encodeOther binds a value by the codec of its type.
func encodeOther(v reflect.Value, t Type) (driver.Value, error) {
	if v.Kind() == reflect.Pointer && v.IsNil() {
		return nil, nil
	}
	held := reflect.New(v.Type())
	held.Elem().Set(v)
	codec, err := valueCodec(v.Type(), t)
	if err == nil {
		return codec.Encode(held.UnsafePointer())
	}
	for _, sender := range []any{v.Interface(), held.Interface()} {
		if valuer, ok := sender.(driver.Valuer); ok {
			return valueOf(valuer, v.Type(), t)
		}
	}
	return nil, unbindable(v.Type(), t, err)
}

func valueCodec(goType reflect.Type, t Type) (Codec, error) {
	key := valueKey{goType, t}
	if known, ok := valueCodecs.Load(key); ok {
		return known.(Codec), nil
	}
	if t.IsZero() && isList(goType) {
		return nil, refusal("a slice or array is no value (use In for a list)")
	}
	codec, err := CodecFor(goType, t)
	if err != nil {
		return nil, err
	}
	valueCodecs.Store(key, codec)
	return codec, nil
}

// isList reports whether t would become an array of a database, although nobody
// said that the column is one.
func isList(t reflect.Type) bool {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	sql, _, err := Infer(t)
	return err == nil && sql.kind == KindArray
}

// unbindable is the error of a value without a codec.
func unbindable(goType reflect.Type, t Type, err error) error {
	if problem, ok := errors.AsType[*TypeError](err); ok {
		return &ValueError{Go: goType, SQL: t, Reason: problem.Reason}
	}
	return valueError(goType, t, err)
}

// DecodeAny turns what a driver gave for a column of type t into the Go value
// that fits best: bool, int64 (uint64 beyond it), float64, string, []byte, time.Time,
// time.Duration, a document as encoding/json reads it, or []any for an array. NULL
// is nil. If t is zero, the value stays as the driver gave it. It shares no memory
// with the driver. What does not fit t is a [*DecodeError].
func DecodeAny(src any, t Type) (any, error) {
	if src == nil {
		return nil, nil
	}
	v, err := decodeAny(src, t)
	if err != nil {
		return nil, decodeError(nil, t, err)
	}
	return v, nil
}

func decodeAny(src any, t Type) (any, error) {
	switch t.kind {
	case KindTime, KindInterval:
		return readDuration(src, t)
	case KindJSON:
		return decodeDocument(src)
	case KindArray:
		return decodeList(src, t)
	}
	v, err := natural(src, t)
	if moment, ok := v.(time.Time); ok && err == nil {
		return instant(moment), nil
	}
	return v, err
}

func decodeDocument(src any) (v any, err error) {
	text, err := readJSON(src)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &v); err != nil {
		return nil, refusal(jsonProblem(err))
	}
	return v, nil
}

func decodeList(src any, t Type) (any, error) {
	items, err := readArray(src)
	if err != nil {
		return nil, err
	}
	list := make([]any, len(items))
	for i, item := range items {
		v, err := item.value(t.Elem())
		if err != nil {
			return nil, err
		}
		if list[i], err = DecodeAny(v, t.Elem()); err != nil {
			return nil, err
		}
	}
	return list, nil
}
