// This file is the only one of the package that deals in raw addresses: it
// reaches the fields of structs by their offsets, and makes and copies structs
// of types that are known only at run time.

package orm

import (
	"reflect"
	"unsafe"

	"github.com/aurum-go/orm/types"
)

// fieldPtr is the address of a field, or of an element, at an offset.
func fieldPtr(base types.Ptr, offset uintptr) types.Ptr { return unsafe.Add(base, offset) }

// pointerTo is the address that a typed pointer holds.
func pointerTo[T any](p *T) types.Ptr { return types.Ptr(p) }

// typedPointer is the address as a pointer to a T. The memory must hold a T.
func typedPointer[T any](p types.Ptr) *T { return (*T)(p) }

// newBlock makes room for n structs of a type, zeroed, one after the other.
func newBlock(t reflect.Type, n int) types.Ptr {
	if n == 1 {
		return reflect.New(t).UnsafePointer()
	}
	return reflect.MakeSlice(reflect.SliceOf(t), n, n).UnsafePointer()
}

// copyStruct copies a whole struct, without following what it points to.
func copyStruct(t reflect.Type, dst, src types.Ptr) {
	reflect.NewAt(t, dst).Elem().Set(reflect.NewAt(t, src).Elem())
}

// zeroField sets a field to its zero value.
func zeroField(t reflect.Type, p types.Ptr) { reflect.NewAt(t, p).Elem().SetZero() }

// bytesAt is memory as it is.
func bytesAt(p types.Ptr, size uintptr) []byte { return unsafe.Slice((*byte)(p), size) }

// addressNumber is an address as a number, which keeps nothing alive.
func addressNumber(p types.Ptr) uint64 { return uint64(uintptr(p)) }
