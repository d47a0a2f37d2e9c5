// This file has the codec of plain kinds: two functions between a Go value and
// the driver, and comparison with ==.

package types

import (
	"database/sql/driver"
	"reflect"
)

// base is what the built-in codecs have in common.
type base struct {
	goType  reflect.Type
	sql     Type
	compare Op
}

func (c *base) Go() reflect.Type { return c.goType }
func (c *base) Nullable() bool   { return false }
func (c *base) Mutable() bool    { return false }
func (c *base) Normalize(Ptr)    {}
func (c *base) normalizes() bool { return false }
func (c *base) op() Op           { return c.compare }

// scalar is the codec of a type whose values are compared with ==.
type scalar[T comparable] struct {
	base
	bind func(v T, t Type) (driver.Value, error)
	read func(src any, t Type) (T, error)
}

func (c *scalar[T]) Encode(p Ptr) (driver.Value, error) {
	v, err := c.bind(*at[T](p), c.sql)
	if err != nil {
		return nil, valueError(c.goType, c.sql, err)
	}
	return v, nil
}

func (c *scalar[T]) Decode(p Ptr, src any) error {
	if src == nil {
		return nullError(c.goType, c.sql)
	}
	v, err := c.read(src, c.sql)
	if err != nil {
		return decodeError(c.goType, c.sql, err)
	}
	*at[T](p) = v
	return nil
}

func (c *scalar[T]) Equal(a, b Ptr) bool { return *at[T](a) == *at[T](b) }

func (c *scalar[T]) Copy(dst, src Ptr) { *at[T](dst) = *at[T](src) }

func (c *scalar[T]) IsZero(p Ptr) bool {
	var zero T
	return *at[T](p) == zero
}
