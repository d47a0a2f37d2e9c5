// This file holds the functions of numbers.

package orm

import (
	"strconv"

	"github.com/aurum-go/orm/types"
)

// Round is the number with so many digits behind the point, or the nearest whole
// one: "round(x, 2)". A half goes away from zero on every database: 2.5 becomes 3,
// and -2.5 becomes -3. A float that only looks like a half, as 1.005, may go either
// way. The digits are part of the SQL text; a negative number of
// them is an [ErrArgument].
func Round[T any](of Expr[T], digits ...int) Expr[T] {
	n := 0
	if len(digits) > 0 {
		n = digits[0]
	}
	var places Node = &constNode{sqlText(strconv.Itoa(n))}
	if n < 0 || len(digits) > 1 {
		places = &errorNode{&UsageError{Kind: ErrArgument, Op: "round", Subject: strconv.Itoa(n), Reason: "it takes one number of digits, from 0 on"}}
	}
	return callSame[T]("round", of.n, places)
}

// Floor is floor(x), the greatest whole number that is not above x.
func Floor[T any](of Expr[T]) Expr[T] { return callSame[T]("floor", of.n) }

// Ceil is ceil(x), the least whole number that is not below x.
func Ceil[T any](of Expr[T]) Expr[T] { return callSame[T]("ceil", of.n) }

// Greatest is the greatest of the expressions, and NULL if one of them is NULL, on
// every database: "greatest(a, b)", or "max(a, b)" on SQLite.
func Greatest[T any](first Expr[T], others ...Expr[T]) Expr[T] {
	return extreme("greatest", first, others)
}

// Least is the least of the expressions, and NULL if one of them is NULL, on every
// database: "least(a, b)", or "min(a, b)" on SQLite.
func Least[T any](first Expr[T], others ...Expr[T]) Expr[T] { return extreme("least", first, others) }

func extreme[T any](name string, first Expr[T], others []Expr[T]) Expr[T] {
	if len(others) == 0 {
		return first
	}
	args := []Node{first.n}
	for _, o := range others {
		args = append(args, adapted(o.n, first.n))
	}
	return callSame[T](name, args...)
}

// Random is a number from 0 on and below 1, another for each row.
func Random() Expr[float64] { return call[float64]("random", types.Double()) }
