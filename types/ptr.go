// This file is the only one of the package that imports unsafe: it turns the
// address of a value into the value. Every caller knows the type from the codec
// that it was made for.

package types

import (
	"reflect"
	"unsafe"
)

// Ptr is the address of a Go value whose type the holder knows.
type Ptr = unsafe.Pointer

// at is the value at p, which is of type T or of a type with the same memory.
func at[T any](p Ptr) *T { return (*T)(p) }

// pointerTo is the address of a variable.
func pointerTo[T any](v *T) Ptr { return unsafe.Pointer(v) }

// fieldOf is the address of the struct field that lies offset bytes behind p.
func fieldOf(p Ptr, offset uintptr) Ptr { return unsafe.Add(p, offset) }

// valueAt is the addressable value of type t at p.
func valueAt(t reflect.Type, p Ptr) reflect.Value { return reflect.NewAt(t, p).Elem() }

// bytesAt is the memory of an array of n bytes.
func bytesAt(p Ptr, n int) []byte { return unsafe.Slice((*byte)(p), n) }

// settable is v, an addressable value, without the mark that reflect puts on
// what was reached through an unexported field.
func settable(v reflect.Value) reflect.Value {
	return reflect.NewAt(v.Type(), unsafe.Pointer(v.UnsafeAddr())).Elem()
}
