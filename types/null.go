// This file carries what can be NULL: pointers, sql.Null[T] and its elder
// siblings sql.NullString and so on.

package types

import (
	"bytes"
	"database/sql/driver"
	"reflect"
	"strings"
	"time"
)

// pointerCodec carries *T by the codec of T; nil is NULL.
type pointerCodec struct {
	goType reflect.Type
	elem   Codec
	alloc  func() Ptr // a new zero T
}

func newPointer(goType reflect.Type, sql Type) (Codec, error) {
	elem, err := codecFor(goType.Elem(), sql)
	if err != nil {
		return nil, err
	}
	return &pointerCodec{goType, elem, allocator(goType.Elem())}, nil
}

// allocator makes zero values, without reflection for the plain kinds.
func allocator(t reflect.Type) func() Ptr {
	switch {
	case t == timeType:
		return allocate[time.Time]
	case t.Kind() == reflect.Bool, t.Kind() == reflect.Int8, t.Kind() == reflect.Uint8:
		return allocate[uint8]
	case t.Kind() == reflect.Int16, t.Kind() == reflect.Uint16:
		return allocate[uint16]
	case t.Kind() == reflect.Int32, t.Kind() == reflect.Uint32, t.Kind() == reflect.Float32:
		return allocate[uint32]
	case t.Kind() == reflect.Int64, t.Kind() == reflect.Uint64, t.Kind() == reflect.Float64:
		return allocate[uint64]
	case t.Kind() == reflect.String:
		return allocate[string]
	}
	return func() Ptr { return reflect.New(t).UnsafePointer() }
}

func allocate[T any]() Ptr { return pointerTo(new(T)) }

func (c *pointerCodec) Go() reflect.Type  { return c.goType }
func (c *pointerCodec) Nullable() bool    { return true }
func (c *pointerCodec) Mutable() bool     { return true }
func (c *pointerCodec) IsZero(p Ptr) bool { return *at[Ptr](p) == nil }

func (c *pointerCodec) Encode(p Ptr) (driver.Value, error) {
	target := *at[Ptr](p)
	if target == nil {
		return nil, nil
	}
	return c.elem.Encode(target)
}

func (c *pointerCodec) Decode(p Ptr, src any) error {
	if src == nil {
		*at[Ptr](p) = nil
		return nil
	}
	fresh := c.alloc()
	if err := c.elem.Decode(fresh, src); err != nil {
		return err
	}
	*at[Ptr](p) = fresh
	return nil
}

func (c *pointerCodec) Equal(a, b Ptr) bool {
	x, y := *at[Ptr](a), *at[Ptr](b)
	if x == nil || y == nil {
		return x == y
	}
	return c.elem.Equal(x, y)
}

func (c *pointerCodec) Copy(dst, src Ptr) {
	target := *at[Ptr](src)
	if target == nil {
		*at[Ptr](dst) = nil
		return
	}
	fresh := c.alloc()
	c.elem.Copy(fresh, target)
	*at[Ptr](dst) = fresh
}

func (c *pointerCodec) normalizes() bool { return normalizes(c.elem) }

// Normalize has p point to a new value, for others may hold the old one.
func (c *pointerCodec) Normalize(p Ptr) {
	target := *at[Ptr](p)
	if target == nil || !c.normalizes() {
		return
	}
	fresh := c.alloc()
	c.elem.Copy(fresh, target)
	c.elem.Normalize(fresh)
	if size := int(c.goType.Elem().Size()); !bytes.Equal(bytesAt(fresh, size), bytesAt(target, size)) {
		*at[Ptr](p) = fresh
	}
}

// normalizes reports whether Normalize of a codec may change a value.
func normalizes(c Codec) bool {
	n, known := c.(interface{ normalizes() bool })
	return !known || n.normalizes()
}

// isNull reports whether t is one of the Null types of database/sql: a value
// and a bool that says whether it counts.
func isNull(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t.PkgPath() == "database/sql" && strings.HasPrefix(t.Name(), "Null") &&
		t.NumField() == 2 && t.Field(1).Name == "Valid"
}

// nullCodec carries a Null type by the codec of its value.
type nullCodec struct {
	goType reflect.Type
	elem   Codec
	value  uintptr // where the value is
	valid  uintptr // where the bool is
	zero   Ptr     // a zero value, never changed
}

func newNull(goType reflect.Type, sql Type) (Codec, error) {
	value, valid := goType.Field(0), goType.Field(1)
	elem, err := codecFor(value.Type, sql)
	if err != nil {
		return nil, err
	}
	return &nullCodec{goType, elem, value.Offset, valid.Offset, reflect.New(value.Type).UnsafePointer()}, nil
}

func (c *nullCodec) Go() reflect.Type  { return c.goType }
func (c *nullCodec) Nullable() bool    { return true }
func (c *nullCodec) Mutable() bool     { return c.elem.Mutable() }
func (c *nullCodec) IsZero(p Ptr) bool { return !c.counts(p) }

func (c *nullCodec) counts(p Ptr) bool { return *at[bool](fieldOf(p, c.valid)) }

func (c *nullCodec) Encode(p Ptr) (driver.Value, error) {
	if !c.counts(p) {
		return nil, nil
	}
	return c.elem.Encode(fieldOf(p, c.value))
}

func (c *nullCodec) Decode(p Ptr, src any) error {
	value, valid := fieldOf(p, c.value), at[bool](fieldOf(p, c.valid))
	if src == nil {
		c.elem.Copy(value, c.zero)
		*valid = false
		return nil
	}
	if err := c.elem.Decode(value, src); err != nil {
		return err
	}
	*valid = true
	return nil
}

func (c *nullCodec) Equal(a, b Ptr) bool {
	if !c.counts(a) || !c.counts(b) {
		return c.counts(a) == c.counts(b)
	}
	return c.elem.Equal(fieldOf(a, c.value), fieldOf(b, c.value))
}

func (c *nullCodec) Copy(dst, src Ptr) {
	c.elem.Copy(fieldOf(dst, c.value), fieldOf(src, c.value))
	*at[bool](fieldOf(dst, c.valid)) = c.counts(src)
}

func (c *nullCodec) normalizes() bool { return normalizes(c.elem) }

func (c *nullCodec) Normalize(p Ptr) {
	if c.counts(p) {
		c.elem.Normalize(fieldOf(p, c.value))
	}
}
