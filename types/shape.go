// This file compares and copies values of any Go type by their structure, for
// types that have no codec of their own to do it. Both functions follow pointers
// once, so that data that points to itself ends.

package types

import (
	"reflect"
	"time"
)

var timeType = reflect.TypeFor[time.Time]()

// sharesMemory reports whether a copy of a value by assignment would share
// memory that can be changed. A pointer in an unexported field counts as part of
// the value: types such as netip.Addr and time.Time know things by their address.
func sharesMemory(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice, reflect.Interface:
		return true
	case reflect.Array:
		return sharesMemory(t.Elem())
	case reflect.Struct:
		for f := range t.Fields() {
			if !isPrivatePointer(f) && sharesMemory(f.Type) {
				return true
			}
		}
	}
	return false
}

func isPrivatePointer(f reflect.StructField) bool {
	kind := f.Type.Kind()
	return !f.IsExported() && (kind == reflect.Pointer || kind == reflect.Interface)
}

// deepEqual compares two values of one type.
func deepEqual(a, b reflect.Value) bool { return (&comparison{}).same(a, b) }

// comparison remembers the pairs that are being compared.
type comparison struct{ seen map[[2]reference]bool }

// reference is a place in memory that was reached.
type reference struct {
	at  Ptr
	len int
	typ reflect.Type
}

// entered notes that two references are being compared, and reports whether
// they already were: then nothing is different on this way.
func (c *comparison) entered(a, b reflect.Value) bool {
	pair := [2]reference{referenceOf(a), referenceOf(b)}
	if c.seen[pair] {
		return true
	}
	if c.seen == nil {
		c.seen = map[[2]reference]bool{}
	}
	c.seen[pair] = true
	return false
}

func referenceOf(v reflect.Value) reference {
	r := reference{at: v.UnsafePointer(), typ: v.Type()}
	if v.Kind() == reflect.Slice {
		r.len = v.Len()
	}
	return r
}

func (c *comparison) same(a, b reflect.Value) bool {
	switch a.Kind() {
	case reflect.Float32, reflect.Float64:
		return sameFloat(a.Float(), b.Float())
	case reflect.Complex64, reflect.Complex128:
		x, y := a.Complex(), b.Complex()
		return sameFloat(real(x), real(y)) && sameFloat(imag(x), imag(y))
	case reflect.Pointer, reflect.Map, reflect.Slice:
		return c.sameReference(a, b)
	case reflect.Interface:
		if a.IsNil() || b.IsNil() {
			return a.IsNil() == b.IsNil()
		}
		return a.Elem().Type() == b.Elem().Type() && c.same(a.Elem(), b.Elem())
	case reflect.Array:
		return c.sameItems(a, b)
	case reflect.Struct:
		return c.sameStruct(a, b)
	case reflect.Func:
		return a.IsNil() && b.IsNil()
	}
	return a.Equal(b)
}

func (c *comparison) sameReference(a, b reflect.Value) bool {
	if a.IsNil() || b.IsNil() {
		return a.IsNil() == b.IsNil()
	}
	if a.Kind() != reflect.Pointer && a.Len() != b.Len() {
		return false
	}
	if c.entered(a, b) {
		return true
	}
	switch a.Kind() {
	case reflect.Pointer:
		return c.same(a.Elem(), b.Elem())
	case reflect.Map:
		return c.sameMap(a, b)
	}
	return c.sameItems(a, b)
}

func (c *comparison) sameItems(a, b reflect.Value) bool {
	for i := range a.Len() {
		if !c.same(a.Index(i), b.Index(i)) {
			return false
		}
	}
	return true
}

func (c *comparison) sameMap(a, b reflect.Value) bool {
	for entries := a.MapRange(); entries.Next(); {
		other := b.MapIndex(entries.Key())
		if !other.IsValid() || !c.same(entries.Value(), other) {
			return false
		}
	}
	return true
}

func (c *comparison) sameStruct(a, b reflect.Value) bool {
	if a.Type() == timeType && a.CanAddr() && b.CanAddr() {
		a, b = settable(a), settable(b)
	}
	if a.Type() == timeType && a.CanInterface() {
		return sameTime(a.Interface().(time.Time), b.Interface().(time.Time))
	}
	for i := range a.NumField() {
		if !c.same(a.Field(i), b.Field(i)) {
			return false
		}
	}
	return true
}

// deepCopy makes dst, which is addressable, a copy of src that shares no memory
// with it. Functions and channels are taken as they are.
func deepCopy(dst, src reflect.Value) { (&copying{}).to(dst, src) }

// copying remembers what was copied already, so that what was shared before is
// shared again.
type copying struct{ made map[reference]reflect.Value }

func (c *copying) to(dst, src reflect.Value) {
	if !sharesMemory(src.Type()) {
		dst.Set(src)
		return
	}
	switch src.Kind() {
	case reflect.Pointer, reflect.Map, reflect.Slice:
		dst.Set(c.reference(src))
	case reflect.Interface:
		dst.Set(c.dynamic(src))
	case reflect.Array:
		c.items(dst, src)
	case reflect.Struct:
		c.fields(dst, src)
	}
}

func (c *copying) fields(dst, src reflect.Value) {
	dst.Set(src)
	for i := range src.NumField() {
		if !isPrivatePointer(src.Type().Field(i)) {
			c.to(settable(dst.Field(i)), settable(src.Field(i)))
		}
	}
}

// dynamic copies what an interface holds.
func (c *copying) dynamic(src reflect.Value) reflect.Value {
	if src.IsNil() || !sharesMemory(src.Elem().Type()) {
		return src
	}
	held := reflect.New(src.Elem().Type()).Elem()
	held.Set(src.Elem())
	made := reflect.New(held.Type()).Elem()
	c.to(made, held)
	return made
}

func (c *copying) reference(src reflect.Value) reflect.Value {
	if src.IsNil() {
		return src
	}
	key := referenceOf(src)
	if made, ok := c.made[key]; ok {
		return made
	}
	if c.made == nil {
		c.made = map[reference]reflect.Value{}
	}
	switch src.Kind() {
	case reflect.Pointer:
		made := reflect.New(src.Type().Elem()).Convert(src.Type())
		c.made[key] = made
		c.to(made.Elem(), src.Elem())
		return made
	case reflect.Map:
		made := reflect.MakeMapWithSize(src.Type(), src.Len())
		c.made[key] = made
		c.entries(made, src)
		return made
	}
	made := reflect.MakeSlice(src.Type(), src.Len(), src.Len())
	c.made[key] = made
	c.items(made, src)
	return made
}

func (c *copying) entries(dst, src reflect.Value) {
	from, to := reflect.New(src.Type().Elem()).Elem(), reflect.New(src.Type().Elem())
	for entries := src.MapRange(); entries.Next(); {
		from.Set(entries.Value())
		to.Elem().SetZero()
		c.to(to.Elem(), from)
		dst.SetMapIndex(entries.Key(), to.Elem())
	}
}

func (c *copying) items(dst, src reflect.Value) {
	if src.Kind() == reflect.Slice && !sharesMemory(src.Type().Elem()) {
		reflect.Copy(dst, src)
		return
	}
	for i := range src.Len() {
		c.to(dst.Index(i), src.Index(i))
	}
}

// shape does the part of a codec that needs no SQL type, for any Go type.
type shape struct {
	goType  reflect.Type
	mutable bool
}

func shapeOf(t reflect.Type) shape { return shape{t, sharesMemory(t)} }

func (s shape) Go() reflect.Type  { return s.goType }
func (s shape) Mutable() bool     { return s.mutable }
func (s shape) Normalize(Ptr)     {}
func (s shape) normalizes() bool  { return false }
func (s shape) IsZero(p Ptr) bool { return valueAt(s.goType, p).IsZero() }

func (s shape) Equal(a, b Ptr) bool {
	return deepEqual(valueAt(s.goType, a), valueAt(s.goType, b))
}

func (s shape) Copy(dst, src Ptr) {
	deepCopy(valueAt(s.goType, dst), valueAt(s.goType, src))
}
