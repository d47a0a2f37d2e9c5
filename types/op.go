// This file names the kinds of memory that can be compared in a loop, without a
// call through an interface for each value.

package types

import "time"

// Op says how the memory of a value is compared.
type Op uint8

// The ways of comparing.
const (
	OpCodec   Op = iota // only the codec can
	Op8                 // one byte
	Op16                // two bytes
	Op32                // four bytes, no float
	Op64                // eight bytes, no float
	OpString            // a string
	OpFloat32           // a float32; NaN equals NaN
	OpFloat64           // a float64; NaN equals NaN
	OpBool              // a bool
	OpTime              // a time.Time, by its instant in microseconds
)

// OpOf is the fastest correct way to compare values of the codec's Go type.
func OpOf(c Codec) Op {
	if c, ok := c.(interface{ op() Op }); ok {
		return c.op()
	}
	return OpCodec
}

// Equal compares two values. It is false for [OpCodec], where the codec has to
// be asked.
func (o Op) Equal(a, b Ptr) bool {
	switch o {
	case Op8:
		return *at[uint8](a) == *at[uint8](b)
	case Op16:
		return *at[uint16](a) == *at[uint16](b)
	case Op32:
		return *at[uint32](a) == *at[uint32](b)
	case Op64:
		return *at[uint64](a) == *at[uint64](b)
	case OpString:
		return *at[string](a) == *at[string](b)
	case OpFloat32:
		return sameFloat(*at[float32](a), *at[float32](b))
	case OpFloat64:
		return sameFloat(*at[float64](a), *at[float64](b))
	case OpBool:
		return *at[bool](a) == *at[bool](b)
	case OpTime:
		return sameTime(*at[time.Time](a), *at[time.Time](b))
	}
	return false
}
