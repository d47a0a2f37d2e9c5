// This file carries binary data. A nil slice is NULL, an empty one is not.

package types

import (
	"bytes"
	"database/sql/driver"
	"fmt"
	"reflect"
)

// bindBytes gives binary data the form that a column of type t takes.
func bindBytes(b []byte, t Type) (driver.Value, error) {
	if b == nil {
		return nil, nil
	}
	switch t.kind {
	case KindUnknown, KindExact:
		return b, nil
	case KindBytes:
		if t.length > 0 && len(b) > t.length {
			return nil, refusal(fmt.Sprintf("the data has more than %d bytes", t.length))
		}
		return b, nil
	case KindString, KindText, KindJSON:
		return bindString(string(b), t)
	}
	return nil, refusal("binary data has no place there")
}

// readBytes copies what drivers give for binary data.
func readBytes(src any) ([]byte, error) {
	switch v := src.(type) {
	case []byte:
		return append(make([]byte, 0, len(v)), v...), nil
	case string:
		return []byte(v), nil
	}
	return nil, unexpected(src)
}

// binaryCodec is the codec of byte slices.
type binaryCodec struct{ base }

func newBytes(goType reflect.Type, sql Type) Codec {
	if sql.kind == KindJSON {
		return &jsonBytes{binaryCodec{base{goType, sql, OpCodec}}}
	}
	return &binaryCodec{base{goType, sql, OpCodec}}
}

func (c *binaryCodec) Nullable() bool { return true }
func (c *binaryCodec) Mutable() bool  { return true }

func (c *binaryCodec) Encode(p Ptr) (driver.Value, error) {
	v, err := bindBytes(*at[[]byte](p), c.sql)
	if err != nil {
		return nil, valueError(c.goType, c.sql, err)
	}
	return v, nil
}

func (c *binaryCodec) Decode(p Ptr, src any) error {
	if src == nil {
		*at[[]byte](p) = nil
		return nil
	}
	b, err := readBytes(src)
	if err != nil {
		return decodeError(c.goType, c.sql, err)
	}
	*at[[]byte](p) = b
	return nil
}

func (c *binaryCodec) Equal(a, b Ptr) bool {
	x, y := *at[[]byte](a), *at[[]byte](b)
	return (x == nil) == (y == nil) && bytes.Equal(x, y)
}

func (c *binaryCodec) Copy(dst, src Ptr) { *at[[]byte](dst) = bytes.Clone(*at[[]byte](src)) }

func (c *binaryCodec) IsZero(p Ptr) bool { return *at[[]byte](p) == nil }

// fixedBytes is the codec of byte arrays: binary data of exactly that length.
type fixedBytes struct {
	base
	length int
}

func newFixedBytes(goType reflect.Type, sql Type) Codec {
	return &fixedBytes{base{goType, sql, OpCodec}, goType.Len()}
}

func (c *fixedBytes) Encode(p Ptr) (driver.Value, error) {
	v, err := bindBytes(bytes.Clone(bytesAt(p, c.length)), c.sql)
	if err != nil {
		return nil, valueError(c.goType, c.sql, err)
	}
	return v, nil
}

func (c *fixedBytes) Decode(p Ptr, src any) error {
	if src == nil {
		return nullError(c.goType, c.sql)
	}
	b, err := readBytes(src)
	if err == nil && len(b) != c.length {
		err = refusal(fmt.Sprintf("the data has not %d bytes", c.length))
	}
	if err != nil {
		return decodeError(c.goType, c.sql, err)
	}
	copy(bytesAt(p, c.length), b)
	return nil
}

func (c *fixedBytes) Equal(a, b Ptr) bool {
	return bytes.Equal(bytesAt(a, c.length), bytesAt(b, c.length))
}

func (c *fixedBytes) Copy(dst, src Ptr) { copy(bytesAt(dst, c.length), bytesAt(src, c.length)) }

func (c *fixedBytes) IsZero(p Ptr) bool { return valueAt(c.goType, p).IsZero() }
