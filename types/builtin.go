// This file knows the codecs of the plain kinds of Go, and which SQL types each
// can stand for.

package types

import "reflect"

// documentFor keeps documents in columns that take their text.
func documentFor(t reflect.Type, sql Type) (Codec, error) {
	if kinds(KindJSON, KindText, KindExact).has(sql.kind) {
		return newDocument(t, sql), nil
	}
	return nil, &TypeError{t, sql, "a document has no place there", "use json or text"}
}

// kindSet is a set of kinds of SQL types.
type kindSet uint32

func kinds(members ...Kind) kindSet {
	var set kindSet
	for _, k := range members {
		set |= 1 << k
	}
	return set
}

func (s kindSet) has(k Kind) bool { return s&(1<<k) != 0 }

// What the plain kinds of Go can stand for.
var (
	boolKinds     = kinds(KindBoolean, KindExact)
	integerKinds  = kinds(KindSmallInteger, KindInteger, KindBigInteger, KindFloat, KindDouble, KindNumeric, KindExact)
	floatKinds    = kinds(KindFloat, KindDouble, KindNumeric, KindExact)
	stringKinds   = kinds(KindString, KindText, KindEnum, KindUUID, KindNumeric, KindJSON, KindExact)
	bytesKinds    = kinds(KindBytes, KindString, KindText, KindJSON, KindExact)
	timeKinds     = kinds(KindDateTime, KindDate, KindExact)
	durationKinds = kinds(KindInterval, KindTime)
)

// plainKind is how a kind of Go type crosses.
type plainKind struct {
	make func(goType reflect.Type, sql Type) Codec
	fits kindSet
}

var plainKinds = map[reflect.Kind]plainKind{
	reflect.Bool:    {newBool, boolKinds},
	reflect.Int:     {newSigned[int], integerKinds},
	reflect.Int8:    {newSigned[int8], integerKinds},
	reflect.Int16:   {newSigned[int16], integerKinds},
	reflect.Int32:   {newSigned[int32], integerKinds},
	reflect.Int64:   {newSigned[int64], integerKinds},
	reflect.Uint:    {newUnsigned[uint], integerKinds},
	reflect.Uint8:   {newUnsigned[uint8], integerKinds},
	reflect.Uint16:  {newUnsigned[uint16], integerKinds},
	reflect.Uint32:  {newUnsigned[uint32], integerKinds},
	reflect.Uint64:  {newUnsigned[uint64], integerKinds},
	reflect.Float32: {newFloat[float32], floatKinds},
	reflect.Float64: {newFloat[float64], floatKinds},
	reflect.String:  {newString, stringKinds},
}

// builtin makes the codec of a type by its kind.
func builtin(t reflect.Type, sql Type) (Codec, error) {
	switch {
	case t.Kind() == reflect.Slice && sql.kind == KindArray:
		return newArray(t, sql)
	case sql.isSet() && t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.String:
		return &setCodec{shapeOf(t), sql}, nil
	}
	if plain, ok := plainOf(t, sql); ok && plain.fits.has(sql.kind) {
		return plain.make(t, sql), nil
	}
	if sql.kind == KindJSON && t.Kind() != reflect.Chan && t.Kind() != reflect.Func {
		return newDocument(t, sql), nil
	}
	if _, _, err := Infer(t); err != nil {
		return nil, err
	}
	return nil, &TypeError{t, sql, "its values have no place there", "change the type of the field or of the column"}
}

func plainOf(t reflect.Type, sql Type) (plainKind, bool) {
	isBytes := (t.Kind() == reflect.Slice || t.Kind() == reflect.Array) && t.Elem().Kind() == reflect.Uint8
	switch {
	case isTime(t):
		return plainKind{newTime, timeKinds}, true
	case t == durationType && durationKinds.has(sql.kind):
		return plainKind{newDuration, durationKinds}, true
	case isBytes && t.Kind() == reflect.Slice:
		return plainKind{newBytes, bytesKinds}, true
	case isBytes && t.Len() == 16 && sql.kind == KindUUID:
		return plainKind{newUUID, kinds(KindUUID)}, true
	case isBytes:
		return plainKind{newFixedBytes, kinds(KindBytes, KindExact)}, true
	}
	plain, ok := plainKinds[t.Kind()]
	return plain, ok
}
