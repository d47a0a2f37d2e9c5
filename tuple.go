// This file holds tuples: rows whose columns are told apart by their order, with
// types that come from the expressions.

package orm

// Tuple2 is a row of two columns, read in their order. It is for [Fetch] and
// [Pluck2].
type Tuple2[A, B any] struct {
	V1 A
	V2 B
}

// Tuple3 is a row of three columns; see [Tuple2].
type Tuple3[A, B, C any] struct {
	V1 A
	V2 B
	V3 C
}

// Tuple4 is a row of four columns; see [Tuple2].
type Tuple4[A, B, C, D any] struct {
	V1 A
	V2 B
	V3 C
	V4 D
}

// tuple is a struct whose fields take columns by their order.
type tuple interface{ tuple() }

func (Tuple2[A, B]) tuple()       {}
func (Tuple3[A, B, C]) tuple()    {}
func (Tuple4[A, B, C, D]) tuple() {}
