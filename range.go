// This file holds what there is to ask of ranges, which PostgreSQL has. It is how
// the columns of any type get operators of their own: a struct over the expression,
// with methods that apply an [Operator].

package orm

import "github.com/aurum-go/orm/types"

// RangeExpr is an expression of ranges, with the operators that ranges have. On
// other databases than PostgreSQL each is a [CompileError]. The method that ends in
// Expr takes an expression in place of a value.
type RangeExpr[T any] struct{ Expr[types.Range[T]] }

// RangeOf gives an expression the operators of ranges. It emits no SQL.
//
//	orm.RangeOf(orm.C(&b.During)).Contains(noon)
//	// PostgreSQL: booking.during @> CAST($1 AS TIMESTAMP WITH TIME ZONE)
func RangeOf[T any](ranges Expr[types.Range[T]]) RangeExpr[T] { return RangeExpr[T]{ranges} }

// The operators of ranges.
var (
	rangeContains  = onRanges[bool]("@>").Precedence(LikeComparison)
	rangeContained = onRanges[bool]("<@").Precedence(LikeComparison)
	rangeOverlaps  = onRanges[bool]("&&").Precedence(LikeComparison)
	rangeAdjacent  = onRanges[bool]("-|-").Precedence(LikeComparison)
	rangeBefore    = onRanges[bool]("<<").Precedence(LikeComparison)
	rangeAfter     = onRanges[bool](">>").Precedence(LikeComparison)
)

func onRanges[T any](symbol SQL) Operator[T] { return NewOperator[T]("").On("postgres", symbol) }

// Contains reports whether a value is of the range: "r @> CAST($1 AS BIGINT)".
func (e RangeExpr[T]) Contains(v T) Expr[bool] {
	return e.ContainsExpr(Expr[T]{&castNode{of: bindValue(v, nil), like: elementOf(e.n)}})
}

// ContainsExpr is [RangeExpr.Contains] for an expression.
func (e RangeExpr[T]) ContainsExpr(v Expr[T]) Expr[bool] { return rangeContains.Of(e, v) }

// ContainsRange reports whether all of another range is of the range: "r @> $1".
func (e RangeExpr[T]) ContainsRange(r types.Range[T]) Expr[bool] { return rangeContains.Of(e, r) }

// ContainsRangeExpr is [RangeExpr.ContainsRange] for an expression.
func (e RangeExpr[T]) ContainsRangeExpr(r Expr[types.Range[T]]) Expr[bool] {
	return rangeContains.Of(e, r)
}

// ContainedBy reports whether all of the range is of another: "r <@ $1".
func (e RangeExpr[T]) ContainedBy(r types.Range[T]) Expr[bool] { return rangeContained.Of(e, r) }

// Overlaps reports whether a value is of both ranges: "r && $1".
func (e RangeExpr[T]) Overlaps(r types.Range[T]) Expr[bool] { return rangeOverlaps.Of(e, r) }

// OverlapsExpr is [RangeExpr.Overlaps] for an expression.
func (e RangeExpr[T]) OverlapsExpr(r Expr[types.Range[T]]) Expr[bool] { return rangeOverlaps.Of(e, r) }

// Adjacent reports whether the ranges have a bound in common, and no value: "r -|-
// $1".
func (e RangeExpr[T]) Adjacent(r types.Range[T]) Expr[bool] { return rangeAdjacent.Of(e, r) }

// Before reports whether all of the range is less than all of another: "r << $1".
func (e RangeExpr[T]) Before(r types.Range[T]) Expr[bool] { return rangeBefore.Of(e, r) }

// After reports whether all of the range is greater than all of another: "r >> $1".
func (e RangeExpr[T]) After(r types.Range[T]) Expr[bool] { return rangeAfter.Of(e, r) }

// Lower is the lower bound of the range, NULL if there is none: "lower(r)".
func (e RangeExpr[T]) Lower() Expr[T] { return rangeBound[T]("lower", e.n) }

// Upper is the upper bound of the range, NULL if there is none: "upper(r)".
func (e RangeExpr[T]) Upper() Expr[T] { return rangeBound[T]("upper", e.n) }

func rangeBound[T any](name SQL, ranges Node) Expr[T] {
	f := NewFunction[T]("").On("postgres", name)
	return Expr[T]{&funcNode{args: []Node{ranges}, result: elementType, spelt: &f.spelt}}
}

// IsEmpty reports whether the range holds no value: "isempty(r)".
func (e RangeExpr[T]) IsEmpty() Expr[bool] {
	return NewFunction[bool]("").On("postgres", "isempty").Call(e)
}
