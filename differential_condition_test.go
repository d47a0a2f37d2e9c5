// This file makes random conditions for the differential tests, with the three
// values of logic, and subqueries.

package orm_test

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"

	"github.com/aurum-go/orm"
)

// order compares two values that are not NULL.
func order(a, b any) int {
	switch a := a.(type) {
	case int64:
		return cmp.Compare(a, b.(int64))
	case float64:
		return cmp.Compare(a+0, b.(float64)+0)
	case string:
		return cmp.Compare(a, b.(string))
	case time.Time:
		return a.Compare(b.(time.Time))
	case bool:
		return cmp.Compare(ordinal(a), ordinal(b.(bool)))
	}
	panic("a value of another kind")
}

func ordinal(b bool) int {
	if b {
		return 1
	}
	return 0
}

// comparison is how two expressions are compared, and what that says of their order.
type comparison[T any] struct {
	expr  func(a, b orm.Expr[T]) orm.Expr[bool]
	value func(a orm.Expr[T], v T) orm.Expr[bool]
	holds func(order int) bool
}

func comparisons[T any]() []comparison[T] {
	return []comparison[T]{
		{orm.Eq[T], orm.Expr[T].Eq, func(o int) bool { return o == 0 }},
		{orm.Ne[T], orm.Expr[T].Ne, func(o int) bool { return o != 0 }},
		{orm.Lt[T], orm.Expr[T].Lt, func(o int) bool { return o < 0 }},
		{orm.Le[T], orm.Expr[T].Le, func(o int) bool { return o <= 0 }},
		{orm.Gt[T], orm.Expr[T].Gt, func(o int) bool { return o > 0 }},
		{orm.Ge[T], orm.Expr[T].Ge, func(o int) bool { return o >= 0 }},
	}
}

// ordered is what a test says of the order of two values, NULL if either is.
func ordered(a, b any, holds func(int) bool) any {
	if a == nil || b == nil {
		return nil
	}
	return holds(order(a, b))
}

func isEqual(o int) bool { return o == 0 }

// not, and and or know three values.
func not(x any) any {
	if x == nil {
		return nil
	}
	return x == false
}

// junction is AND, for which false decides, or OR, for which true does.
func junction(values []any, decisive bool) any {
	switch {
	case slices.Contains(values, any(decisive)):
		return decisive
	case slices.Contains(values, nil):
		return nil
	}
	return !decisive
}

// isIn is x IN (values).
func isIn(x any, values []any) any {
	tests := make([]any, len(values))
	for i, v := range values {
		tests[i] = ordered(x, v, isEqual)
	}
	return junction(tests, true)
}

// truth is a condition.
func (m *maker) truth(depth int) term[bool] {
	if depth <= 0 {
		return m.test(0)
	}
	below := func() term[bool] { return m.truth(depth - 1) }
	return oneOf(m, "condition",
		func() term[bool] { return m.test(depth) },
		func() term[bool] { return m.list(depth, orm.And, false) },
		func() term[bool] { return m.list(depth, orm.Or, true) },
		func() term[bool] {
			a := below()
			return term[bool]{orm.Not(a.expr), func(v view) any { return not(a.of(v)) }}
		},
		func() term[bool] {
			a, b := below(), below()
			return term[bool]{orm.Eq(a.expr, b.expr), func(v view) any { return ordered(a.of(v), b.of(v), isEqual) }}
		},
		func() term[bool] {
			a := below()
			return term[bool]{a.expr.IsNull(), func(v view) any { return a.of(v) == nil }}
		},
		func() term[bool] {
			a, b := below(), below()
			return term[bool]{orm.Coalesce(a.expr, b.expr), func(v view) any { return firstOf(a.of(v), func() any { return b.of(v) }) }}
		},
		func() term[bool] { return caseWhen(m, depth, m.truth) },
		func() term[bool] { return m.exists(depth) },
	)
}

// list is AND or OR of none to three conditions.
func (m *maker) list(depth int, join func(...orm.Expr[bool]) orm.Expr[bool], decisive bool) term[bool] {
	var items []term[bool]
	var exprs []orm.Expr[bool]
	for range rapid.IntRange(0, 3).Draw(m.T, "conditions") {
		items = append(items, m.truth(depth-1))
		exprs = append(exprs, items[len(items)-1].expr)
	}
	return term[bool]{join(exprs...), func(v view) any {
		values := make([]any, len(items))
		for i, item := range items {
			values[i] = item.of(v)
		}
		return junction(values, decisive)
	}}
}

// test is a condition on values of some kind.
func (m *maker) test(depth int) term[bool] {
	return oneOf(m, "test",
		func() term[bool] { return tested(m, depth, m.whole, wholeValues) },
		func() term[bool] {
			return columnOf(m, func(s *source) []column[bool] { return s.truths }, truthValues)
		},
		func() term[bool] { return tested(m, depth, m.word, wordValues) },
		func() term[bool] { return m.like(depth) },
		func() term[bool] { return tested(m, depth, m.real, realValues) },
		func() term[bool] { return tested(m, depth, m.day, dayValues) },
		func() term[bool] { return m.rowIn(depth) },
		func() term[bool] { return tested(m, depth, m.flag, truthValues) },
	)
}

// flag is a column that is a condition, for the tests that there are of any value.
func (m *maker) flag(int) term[bool] {
	return columnOf(m, func(s *source) []column[bool] { return s.truths }, truthValues)
}

// tested is one of the tests that there are of any kind of value.
func tested[T any](m *maker, depth int, build func(depth int) term[T], values []T) term[bool] {
	a := build(depth - 1)
	value := func() T { return among(m, "value", values) }
	return oneOf(m, "test of a value",
		func() term[bool] {
			c, x := among(m, "comparison", comparisons[T]()), value()
			return term[bool]{c.value(a.expr, x), func(v view) any { return ordered(a.of(v), x, c.holds) }}
		},
		func() term[bool] {
			c, b := among(m, "comparison", comparisons[T]()), build(depth-1)
			return term[bool]{c.expr(a.expr, b.expr), func(v view) any { return ordered(a.of(v), b.of(v), c.holds) }}
		},
		func() term[bool] { return term[bool]{a.expr.IsNull(), func(v view) any { return a.of(v) == nil }} },
		func() term[bool] { return term[bool]{a.expr.IsNotNull(), func(v view) any { return a.of(v) != nil }} },
		func() term[bool] {
			x := value()
			return term[bool]{a.expr.IsDistinctFrom(x), func(v view) any { return ordered(a.of(v), x, isEqual) != true }}
		},
		func() term[bool] {
			x := value()
			return term[bool]{a.expr.IsNotDistinctFrom(x), func(v view) any { return ordered(a.of(v), x, isEqual) == true }}
		},
		func() term[bool] { return inList(m, a, values) },
		func() term[bool] { return between(m, a, value(), value()) },
		func() term[bool] { return inQuery(m, a, depth, build) },
	)
}

func inList[T any](m *maker, a term[T], values []T) term[bool] {
	list := rapid.SliceOfN(rapid.SampledFrom(values), 0, 4).Draw(m.T, "list")
	all := make([]any, len(list))
	for i, x := range list {
		all[i] = x
	}
	if m.coin("not in") {
		return term[bool]{a.expr.NotIn(list...), func(v view) any { return not(isIn(a.of(v), all)) }}
	}
	return term[bool]{a.expr.In(list...), func(v view) any { return isIn(a.of(v), all) }}
}

func between[T any](m *maker, a term[T], low, high T) term[bool] {
	both := func(v view) any {
		x := a.of(v)
		return junction([]any{ordered(x, low, func(o int) bool { return o >= 0 }), ordered(x, high, func(o int) bool { return o <= 0 })}, false)
	}
	if m.coin("not between") {
		return term[bool]{a.expr.NotBetween(low, high), func(v view) any { return not(both(v)) }}
	}
	return term[bool]{a.expr.Between(low, high), both}
}

// rowIn is (a, b) IN ((?, ?), …).
func (m *maker) rowIn(depth int) term[bool] {
	a, b := m.whole(depth-1), m.word(depth-1)
	var rows [][]any
	for range rapid.IntRange(0, 3).Draw(m.T, "rows") {
		rows = append(rows, []any{among(m, "whole", wholeValues), among(m, "word", wordValues)})
	}
	found := func(v view) any {
		x, y := a.of(v), b.of(v)
		tests := make([]any, len(rows))
		for i, row := range rows {
			tests[i] = junction([]any{ordered(x, row[0], isEqual), ordered(y, row[1], isEqual)}, false)
		}
		return junction(tests, true)
	}
	if m.coin("not in") {
		return term[bool]{orm.Tuple(a.expr, b.expr).NotIn(rows...), func(v view) any { return not(found(v)) }}
	}
	return term[bool]{orm.Tuple(a.expr, b.expr).In(rows...), found}
}

// likeMethod is a test of the LIKE family: what it makes of a text.
type likeMethod struct {
	expr    func(a orm.Expr[string], text string) orm.Expr[bool]
	pattern bool // the text is a pattern, and not taken literally
	holds   func(m *maker, a, text string) bool
}

var likeMethods = []likeMethod{
	{orm.Expr[string].Like, true, func(m *maker, a, text string) bool { return m.matches(a, text) }},
	{orm.Expr[string].NotLike, true, func(m *maker, a, text string) bool { return !m.matches(a, text) }},
	{orm.Expr[string].ILike, true, func(_ *maker, a, text string) bool { return matchesLike(lowered(a), lowered(text)) }},
	{orm.Expr[string].StartsWith, false, func(m *maker, a, text string) bool { return strings.HasPrefix(m.folded(a), m.folded(text)) }},
	{orm.Expr[string].EndsWith, false, func(m *maker, a, text string) bool { return strings.HasSuffix(m.folded(a), m.folded(text)) }},
	{orm.Expr[string].Contains, false, func(m *maker, a, text string) bool { return strings.Contains(m.folded(a), m.folded(text)) }},
	{orm.Expr[string].IContains, false, func(_ *maker, a, text string) bool { return strings.Contains(lowered(a), lowered(text)) }},
}

func (m *maker) like(depth int) term[bool] {
	a, method, texts := m.word(depth-1), among(m, "method", likeMethods), wordValues
	if method.pattern {
		texts = []string{"%", "_", "a", "b", `\%`, `\_`, `\\`, "B", "é", "/"}
	}
	text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(texts), 0, 3).Draw(m.T, "text"), "")
	return ofOne(method.expr(a.expr, text), a, func(a string) bool { return method.holds(m, a, text) })
}

func lowered(s string) string { return strings.ToLower(s) }

func (m *maker) folded(s string) string {
	if m.fold {
		return lowered(s)
	}
	return s
}

func (m *maker) matches(a, pattern string) bool { return matchesLike(m.folded(a), m.folded(pattern)) }

// matchesLike is LIKE by its definition: % is any text, _ any character, and a
// backslash takes what is behind it literally.
func matchesLike(text, pattern string) bool {
	if pattern == "" {
		return text == ""
	}
	first, width := utf8.DecodeRuneInString(pattern)
	rest := pattern[width:]
	if first == '%' {
		for i := range text {
			if matchesLike(text[i:], rest) {
				return true
			}
		}
		return matchesLike("", rest)
	}
	switch first {
	case '\\':
		first, width = utf8.DecodeRuneInString(rest)
		rest = rest[width:]
	case '_':
		first = unicode.MaxRune
	}
	next, length := utf8.DecodeRuneInString(text)
	return length > 0 && (next == first || first == unicode.MaxRune) && matchesLike(text[length:], rest)
}

// inner is a source of its own for a subquery, and a maker that sees it beside the
// sources outside.
func (m *maker) inner() (*source, *maker) {
	s := m.below(m)
	in := *m
	in.nested--
	in.sources = append([]*source{s}, m.sources...)
	return s, &in
}

// matching are the views of a source's rows for which a condition holds.
func matching(v view, s *source, where term[bool]) []view {
	var found []view
	for _, row := range s.rows {
		if in := v.with(s, row); where.of(in) == true {
			found = append(found, in)
		}
	}
	return found
}

func (m *maker) exists(depth int) term[bool] {
	if m.nested == 0 {
		return m.test(depth)
	}
	s, in := m.inner()
	where := in.truth(depth - 1)
	stmt := orm.Select(orm.Lit[int64](1)).From(s.from).Where(where.expr)
	return term[bool]{orm.Exists(stmt), func(v view) any { return len(matching(v, s, where)) > 0 }}
}

// inQuery is x IN (SELECT …), where NULLs in the result are not passed over.
func inQuery[T any](m *maker, a term[T], depth int, build func(depth int) term[T]) term[bool] {
	if m.nested == 0 {
		return term[bool]{a.expr.IsNull(), func(v view) any { return a.of(v) == nil }}
	}
	s, in := m.inner()
	where := in.truth(depth - 1)
	saved := m.sources
	m.sources = in.sources[:1]
	value := build(0)
	m.sources = saved
	stmt := orm.Select(value.expr).From(s.from).Where(where.expr)
	found := func(v view) any {
		var values []any
		for _, row := range matching(v, s, where) {
			values = append(values, value.of(row))
		}
		return isIn(a.of(v), values)
	}
	if m.coin("not in") {
		return term[bool]{a.expr.NotInSelect(stmt), func(v view) any { return not(found(v)) }}
	}
	return term[bool]{a.expr.InSelect(stmt), found}
}

// scalar is (SELECT max(x) FROM …).
func scalar[T any](m *maker, depth int, build func(depth int) term[T]) term[T] {
	if m.nested == 0 {
		return build(depth - 1)
	}
	s, in := m.inner()
	where := in.truth(depth - 1)
	saved := m.sources
	m.sources = in.sources[:1]
	value := build(0)
	m.sources = saved
	stmt := orm.Select(orm.Max(value.expr)).From(s.from).Where(where.expr)
	return term[T]{orm.Scalar[T](stmt), func(v view) any {
		var most any
		for _, row := range matching(v, s, where) {
			if x := value.of(row); x != nil && (most == nil || order(x, most) > 0) {
				most = x
			}
		}
		return most
	}}
}

// countOf is (SELECT count(*) FROM …).
func countOf(m *maker, depth int) term[int64] {
	if m.nested == 0 {
		return m.whole(depth - 1)
	}
	s, in := m.inner()
	where := in.truth(depth - 1)
	return term[int64]{orm.Scalar[int64](orm.Select(orm.Count()).From(s.from).Where(where.expr)), func(v view) any {
		return int64(len(matching(v, s, where)))
	}}
}
