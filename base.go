// This file holds what a struct embeds to be mapped.

package orm

import (
	"reflect"

	"github.com/aurum-go/orm/types"
)

// Base makes a struct a [Model]: embed it by value, once. Its tag speaks for
// the whole struct.
//
//	type User struct {
//		orm.Base `orm:"table:users"`
//		ID   int64
//		Name string `orm:"size:50"`
//	}
//
// It ties the object to the session that holds it; a copy of the struct is an
// object of its own, which no session knows. An object is used by one goroutine
// at a time, as its session is.
type Base struct {
	// link is the object's state. It is of no type of its own here, because
	// states belong to a layer far above.
	link any
}

func (b *Base) ormBase() *Base { return b }

// Model is a pointer to a struct that embeds [Base], at any depth.
type Model interface{ ormBase() *Base }

// modelPointer is the address of the struct behind a model.
func modelPointer(m Model) types.Ptr { return reflect.ValueOf(m).UnsafePointer() }

// modelAt is the struct at an address as a model.
func modelAt(t reflect.Type, p types.Ptr) Model { return reflect.NewAt(t, p).Interface().(Model) }

// baseAt is the Base at an address.
func baseAt(p types.Ptr) *Base { return typedPointer[Base](p) }

func typeFor[T any]() reflect.Type { return reflect.TypeFor[T]() }
