// This file makes random expressions for the differential tests, each in two forms:
// as the product takes it, and as a calculation over rows in memory that knows
// nothing of the product. What comes first in a list of choices is what a failure
// shrinks to.

package orm_test

import (
	"maps"
	"strings"
	"time"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/aurum-go/orm"
)

// view is what an expression sees: a row of each source, and the rows of the group
// or result that it is one of.
type view struct {
	rows  map[*source]datarow
	group []view
}

// with is the view and a row of another source.
func (v view) with(s *source, row datarow) view {
	rows := map[*source]datarow{s: row}
	maps.Copy(rows, v.rows)
	return view{rows: rows}
}

// term is an expression in both forms. The calculation gives a T, or nil for NULL.
type term[T any] struct {
	expr orm.Expr[T]
	of   func(view) any
}

// maker makes expressions over sources.
type maker struct {
	*rapid.T
	fold    bool // LIKE takes upper and lower case for the same, as SQLite's does
	sources []*source
	below   func(m *maker) *source // a new source for a subquery
	nested  int                    // how many subqueries may still stand in one another
}

func among[T any](m *maker, what string, list []T) T {
	return list[rapid.IntRange(0, len(list)-1).Draw(m.T, what)]
}

// oneOf takes one of several ways.
func oneOf[T any](m *maker, what string, ways ...func() T) T { return among(m, what, ways)() }

func (m *maker) coin(what string) bool { return rapid.Bool().Draw(m.T, what) }

// columnOf is a column of one of the sources, or a value where none has one.
func columnOf[T any](m *maker, columns func(*source) []column[T], values []T) term[T] {
	type place struct {
		s *source
		c column[T]
	}
	var places []place
	for _, s := range m.sources {
		for _, c := range columns(s) {
			places = append(places, place{s, c})
		}
	}
	if len(places) == 0 {
		return literal(m, values)
	}
	p := among(m, "column", places)
	return term[T]{p.c.expr, func(v view) any { return v.rows[p.s][p.c.name] }}
}

func literal[T any](m *maker, values []T) term[T] {
	v := among(m, "value", values)
	return term[T]{orm.Lit(v), func(view) any { return v }}
}

// ofOne is a function of a value that is NULL for NULL.
func ofOne[A, B any](expr orm.Expr[B], a term[A], f func(A) B) term[B] {
	return term[B]{expr, func(v view) any {
		if x, ok := a.of(v).(A); ok {
			return f(x)
		}
		return nil
	}}
}

// ofTwo is a function of two values that is NULL if either is.
func ofTwo[A, B, C any](expr orm.Expr[C], a term[A], b term[B], f func(A, B) C) term[C] {
	return term[C]{expr, func(v view) any {
		x, okX := a.of(v).(A)
		y, okY := b.of(v).(B)
		if okX && okY {
			return f(x, y)
		}
		return nil
	}}
}

// general are the expressions that there are of every kind of value.
func general[T comparable](m *maker, depth int, build func(depth int) term[T], values []T) []func() term[T] {
	return []func() term[T]{
		func() term[T] {
			a, b := build(depth-1), build(depth-1)
			return term[T]{orm.Coalesce(a.expr, b.expr), func(v view) any { return firstOf(a.of(v), func() any { return b.of(v) }) }}
		},
		func() term[T] {
			a, x := build(depth-1), among(m, "value", values)
			return term[T]{orm.NullIf(a.expr, x), func(v view) any {
				if got := a.of(v); got != any(x) {
					return got
				}
				return nil
			}}
		},
		func() term[T] { return caseWhen(m, depth, build) },
		func() term[T] { return caseOf(m, depth, values) },
		func() term[T] { return scalar(m, depth, build) },
	}
}

func firstOf(x any, other func() any) any {
	if x != nil {
		return x
	}
	return other()
}

// caseWhen is CASE WHEN … THEN … [WHEN … THEN …] [ELSE …] END.
func caseWhen[T any](m *maker, depth int, build func(depth int) term[T]) term[T] {
	type branch struct {
		when term[bool]
		then term[T]
	}
	var branches []branch
	e := orm.Case[T]()
	for range rapid.IntRange(1, 2).Draw(m.T, "branches") {
		b := branch{m.truth(depth - 1), build(depth - 1)}
		branches = append(branches, b)
		e = e.WhenExpr(b.when.expr, b.then.expr)
	}
	other := term[T]{e.End(), func(view) any { return nil }}
	if m.coin("else") {
		other = build(depth - 1)
		other.expr = e.ElseExpr(other.expr)
	}
	return term[T]{other.expr, func(v view) any {
		for _, b := range branches {
			if b.when.of(v) == true {
				return b.then.of(v)
			}
		}
		return other.of(v)
	}}
}

// caseOf is CASE x WHEN … THEN … [ELSE …] END.
func caseOf[T any](m *maker, depth int, values []T) term[T] {
	x, when, then := m.whole(depth-1), among(m, "when", wholeValues), among(m, "then", values)
	e := orm.CaseOf[T](x.expr).When(when, then)
	if !m.coin("else") {
		return term[T]{e.End(), func(v view) any {
			if x.of(v) == any(when) {
				return then
			}
			return nil
		}}
	}
	other := among(m, "other", values)
	return term[T]{e.Else(other), func(v view) any {
		if x.of(v) == any(when) {
			return then
		}
		return other
	}}
}

// whole is an expression of type int64.
func (m *maker) whole(depth int) term[int64] {
	column := func() term[int64] {
		return columnOf(m, func(s *source) []column[int64] { return s.wholes }, wholeValues)
	}
	if depth <= 0 {
		return oneOf(m, "whole", column, func() term[int64] { return literal(m, wholeValues) })
	}
	below := func() term[int64] { return m.whole(depth - 1) }
	ways := []func() term[int64]{
		column,
		func() term[int64] {
			a, x := below(), among(m, "value", wholeValues)
			return oneOf(m, "sign",
				func() term[int64] { return ofOne(a.expr.Plus(x), a, func(a int64) int64 { return a + x }) },
				func() term[int64] { return ofOne(a.expr.Minus(x), a, func(a int64) int64 { return a - x }) },
				func() term[int64] { return ofOne(a.expr.Times(x), a, func(a int64) int64 { return a * x }) })
		},
		func() term[int64] {
			a, b := below(), below()
			return oneOf(m, "sign",
				func() term[int64] {
					return ofTwo(orm.Add(a.expr, b.expr), a, b, func(a, b int64) int64 { return a + b })
				},
				func() term[int64] {
					return ofTwo(orm.Subtract(a.expr, b.expr), a, b, func(a, b int64) int64 { return a - b })
				},
				func() term[int64] {
					return ofTwo(orm.Multiply(a.expr, b.expr), a, b, func(a, b int64) int64 { return a * b })
				})
		},
		func() term[int64] { return m.quotient(depth) },
		func() term[int64] {
			a := below()
			return ofOne(a.expr.Negate(), a, func(a int64) int64 { return -a })
		},
		func() term[int64] {
			a := below()
			return ofOne(orm.Abs(a.expr), a, func(a int64) int64 { return max(a, -a) })
		},
		func() term[int64] {
			a := m.word(depth - 1)
			return ofOne(orm.Length(a.expr), a, func(a string) int64 { return int64(utf8.RuneCountInString(a)) })
		},
		func() term[int64] { return m.datePart(depth) },
		func() term[int64] { return countOf(m, depth) },
	}
	return oneOf(m, "whole", append(ways, general(m, depth, m.whole, wholeValues)...)...)
}

// quotient divides whole numbers, never by zero, of which every database thinks
// otherwise.
func (m *maker) quotient(depth int) term[int64] {
	a, x := m.whole(depth-1), among(m, "divisor", wholeValues[1:])
	return oneOf(m, "sign",
		func() term[int64] { return ofOne(a.expr.IntDividedBy(x), a, func(a int64) int64 { return a / x }) },
		func() term[int64] { return ofOne(a.expr.Modulo(x), a, func(a int64) int64 { return a % x }) },
		func() term[int64] {
			b := m.whole(depth - 1)
			return ofTwo(orm.IntDivide(a.expr, orm.NullIf(b.expr, 0)), a, nullIfZero(b), func(a, b int64) int64 { return a / b })
		})
}

func nullIfZero(b term[int64]) term[int64] {
	return term[int64]{b.expr, func(v view) any {
		if x := b.of(v); x != any(int64(0)) {
			return x
		}
		return nil
	}}
}

func (m *maker) datePart(depth int) term[int64] {
	a := m.day(depth - 1)
	return oneOf(m, "part",
		func() term[int64] {
			return ofOne(orm.Extract(orm.Year, a.expr), a, func(a time.Time) int64 { return int64(a.Year()) })
		},
		func() term[int64] {
			return ofOne(orm.Extract(orm.Month, a.expr), a, func(a time.Time) int64 { return int64(a.Month()) })
		},
		func() term[int64] {
			return ofOne(orm.Extract(orm.Day, a.expr), a, func(a time.Time) int64 { return int64(a.Day()) })
		})
}

// real is an expression of type float64, whose values are exact in every
// representation that a database may choose for them.
func (m *maker) real(depth int) term[float64] {
	column := func() term[float64] {
		return columnOf(m, func(s *source) []column[float64] { return s.reals }, realValues)
	}
	if depth <= 0 {
		return oneOf(m, "real", column, func() term[float64] { return literal(m, realValues) })
	}
	below := func() term[float64] { return m.real(depth - 1) }
	ways := []func() term[float64]{
		column,
		func() term[float64] {
			a, b := below(), below()
			return oneOf(m, "sign",
				func() term[float64] {
					return ofTwo(orm.Add(a.expr, b.expr), a, b, func(a, b float64) float64 { return a + b })
				},
				func() term[float64] {
					return ofTwo(orm.Subtract(a.expr, b.expr), a, b, func(a, b float64) float64 { return a - b })
				})
		},
		func() term[float64] {
			a, x := below(), among(m, "value", realValues)
			return ofOne(a.expr.Times(x), a, func(a float64) float64 { return a * x })
		},
		func() term[float64] {
			a, x := below(), among(m, "divisor", []float64{2, -4, 0.5})
			return ofOne(a.expr.DividedBy(x), a, func(a float64) float64 { return a / x })
		},
		func() term[float64] {
			a, x := m.whole(depth-1), among(m, "divisor", []int64{2, -4, 1})
			return ofOne(a.expr.DividedBy(x), a, func(a int64) float64 { return float64(a) / float64(x) })
		},
		func() term[float64] {
			a := below()
			return ofOne(a.expr.Negate(), a, func(a float64) float64 { return -a })
		},
		func() term[float64] {
			a := below()
			return ofOne(orm.Abs(a.expr), a, func(a float64) float64 { return max(a, -a) })
		},
	}
	return oneOf(m, "real", append(ways, general(m, depth, m.real, realValues)...)...)
}

// word is an expression of type string.
func (m *maker) word(depth int) term[string] {
	column := func() term[string] {
		return columnOf(m, func(s *source) []column[string] { return s.words }, wordValues)
	}
	if depth <= 0 {
		return oneOf(m, "word", column, func() term[string] { return literal(m, wordValues) })
	}
	below := func() term[string] { return m.word(depth - 1) }
	ways := []func() term[string]{
		column,
		func() term[string] {
			a, b := below(), below()
			return ofTwo(orm.Concat(a.expr, b.expr), a, b, func(a, b string) string { return a + b })
		},
		func() term[string] {
			a, b, c := below(), m.word(0), m.word(0)
			ab := ofTwo(a.expr, a, b, func(a, b string) string { return a + b })
			return ofTwo(orm.Concat(a.expr, b.expr, c.expr), ab, c, func(ab, c string) string { return ab + c })
		},
		func() term[string] {
			a := below()
			return ofOne(orm.Lower(a.expr), a, strings.ToLower)
		},
		func() term[string] {
			a := below()
			return ofOne(orm.Trim(a.expr), a, func(a string) string { return strings.Trim(a, " ") })
		},
	}
	return oneOf(m, "word", append(ways, general(m, depth, m.word, wordValues)...)...)
}

// day is an expression of type time.Time, whose values are dates.
func (m *maker) day(depth int) term[time.Time] {
	column := func() term[time.Time] {
		return columnOf(m, func(s *source) []column[time.Time] { return s.days }, dayValues)
	}
	if depth <= 0 || !m.coin("more") {
		return column()
	}
	below := func() term[time.Time] { return m.day(depth - 1) }
	return oneOf(m, "day",
		func() term[time.Time] {
			a, b := below(), below()
			return term[time.Time]{orm.Coalesce(a.expr, b.expr), func(v view) any { return firstOf(a.of(v), func() any { return b.of(v) }) }}
		},
		func() term[time.Time] { return caseWhen(m, depth, m.day) },
		func() term[time.Time] { return scalar(m, depth, m.day) },
	)
}
