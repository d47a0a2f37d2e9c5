// This file makes random aggregates and window functions for the differential tests.

package orm_test

import (
	"slices"
	"strconv"

	"pgregory.net/rapid"

	"github.com/aurum-go/orm"
)

// grouping is a SELECT with GROUP BY, aggregates and perhaps HAVING.
func (q queries) grouping(depth int) relation {
	q = queries{new(*q.maker), q.atlas}
	from, views := q.joinedFrom(depth)
	where, views := q.where(views, depth-1)
	var keys []output
	var by []orm.Expression
	for i, kind := range rapid.SliceOfN(rapid.IntRange(0, kinds-1), 0, 2).Draw(q.T, "keys") {
		keys = append(keys, q.output("g"+strconv.Itoa(q.nextOther()), kind, 1)) // a column of the name would be grouped by
		by = append(by, keys[i].expr)
	}
	r := relation{outputs: keys}
	for i := range rapid.IntRange(1, 2).Draw(q.T, "aggregates") {
		r.outputs = append(r.outputs, q.aggregate("a"+strconv.Itoa(i+1)))
	}
	groups := groupsOf(keys, views)
	stmt := where(from(orm.Select(r.columns()...))).GroupBy(by...)
	if q.coin("having") {
		having := q.having()
		stmt = stmt.Having(having.expr)
		groups = slices.DeleteFunc(groups, func(v view) bool { return having.of(v) != true })
	}
	r.stmt, r.rows = stmt, rowsOf(r.outputs, groups)
	return r
}

// groupsOf has a view for each group. Without keys there is one group, also of no row.
func groupsOf(keys []output, views []view) []view {
	groups := map[string][]view{}
	var names []string
	for _, v := range views {
		var key []any
		for _, k := range keys {
			key = append(key, k.of(v))
		}
		name := written(key)
		if groups[name] == nil {
			names = append(names, name)
		}
		groups[name] = append(groups[name], v)
	}
	if len(keys) == 0 && len(views) == 0 {
		return []view{{group: []view{}}}
	}
	var list []view
	for _, name := range names {
		list = append(list, view{rows: groups[name][0].rows, group: groups[name]})
	}
	return list
}

// having is a condition on aggregates.
func (q queries) having() term[bool] {
	q = queries{new(*q.maker), q.atlas}
	q.nested = 0
	a := tested(q.maker, 1, func(int) term[int64] { return q.wholeAggregate() }, wholeValues)
	if !q.coin("two") {
		return a
	}
	b := tested(q.maker, 1, func(int) term[int64] { return q.wholeAggregate() }, wholeValues)
	return term[bool]{orm.Or(a.expr, b.expr), func(v view) any { return junction([]any{a.of(v), b.of(v)}, true) }}
}

// aggregate is a column that is an aggregate.
func (q queries) aggregate(label string) output {
	return oneOf(q.maker, "aggregate",
		func() output { return outputOf(label, q.wholeAggregate(), wholesOf) },
		func() output { return outputOf(label, extreme(q.maker, q.word(1)), wordsOf) },
		func() output { return outputOf(label, extreme(q.maker, q.day(1)), daysOf) },
		func() output { return outputOf(label, extreme(q.maker, q.real(1)), realsOf) },
		func() output { return outputOf(label, q.realAggregate(), realsOf) },
	)
}

// filtered is an aggregate over the values of a group that are not NULL, of all rows
// or of those that a FILTER leaves.
func filtered[A, T any](m *maker, aggregate orm.Expr[T], of term[A], result func(values []any) any) term[T] {
	keep := always
	if m.coin("filter") {
		keep = m.truth(1)
		aggregate = aggregate.Filter(keep.expr)
	}
	return term[T]{aggregate, func(v view) any {
		var values []any
		for _, row := range v.group {
			if x := of.of(row); x != nil && keep.of(row) == true {
				values = append(values, x)
			}
		}
		return result(values)
	}}
}

func count(values []any) any { return int64(len(values)) }

func sumOf[T int64 | float64](values []any) any {
	if len(values) == 0 {
		return nil
	}
	var total T
	for _, v := range values {
		total += v.(T)
	}
	return total
}

func (q queries) wholeAggregate() term[int64] {
	m := q.maker
	return oneOf(m, "aggregate of wholeValues",
		func() term[int64] { return filtered(m, orm.Count(), always, count) },
		func() term[int64] {
			a := m.whole(1)
			return filtered(m, orm.Sum(a.expr), a, sumOf[int64])
		},
		func() term[int64] {
			a := m.word(1)
			return filtered(m, orm.Count(a.expr), a, count)
		},
		func() term[int64] {
			a := m.word(1)
			return filtered(m, orm.CountDistinct(a.expr), a, func(values []any) any {
				different := map[any]bool{}
				for _, v := range values {
					different[v] = true
				}
				return int64(len(different))
			})
		},
		func() term[int64] { return extreme(m, m.whole(1)) },
	)
}

func (q queries) realAggregate() term[float64] {
	a := q.real(1)
	if q.coin("avg") {
		return filtered(q.maker, orm.Avg(a.expr), a, func(values []any) any {
			if total, ok := sumOf[float64](values).(float64); ok {
				return total / float64(len(values))
			}
			return nil
		})
	}
	return filtered(q.maker, orm.Sum(a.expr), a, sumOf[float64])
}

// extreme is min or max.
func extreme[T any](m *maker, a term[T]) term[T] {
	if m.coin("max") {
		return filtered(m, orm.Max(a.expr), a, func(values []any) any {
			if len(values) == 0 {
				return nil
			}
			return slices.MaxFunc(values, order)
		})
	}
	return filtered(m, orm.Min(a.expr), a, func(values []any) any {
		if len(values) == 0 {
			return nil
		}
		return slices.MinFunc(values, order)
	})
}

// windows are columns of window functions, where a total order of the rows is known.
func (q queries) windows(taken int) []output {
	var keys []term[int64]
	var order []orm.OrderItem
	for _, s := range q.sources {
		if s.key == "" {
			return nil
		}
		id := s.wholes[slices.IndexFunc(s.wholes, func(c column[int64]) bool { return c.name == s.key })]
		keys = append(keys, term[int64]{id.expr, func(v view) any { return v.rows[s][s.key] }})
		order = append(order, id.expr.Asc().NullsFirst())
	}
	part, value := q.whole(1), q.whole(1)
	w := window{part, keys}
	over := []orm.WindowOption{orm.PartitionBy(part.expr), orm.OrderBy(order...)}
	label := "o" + strconv.Itoa(taken+1)
	return []output{oneOf(q.maker, "window function",
		func() output { return outputOf(label, term[int64]{orm.RowNumber().Over(over...), w.number}, wholesOf) },
		func() output {
			return outputOf(label, term[int64]{orm.Sum(value.expr).Over(over...), w.running(value, false)}, wholesOf)
		},
		func() output {
			return outputOf(label, term[int64]{orm.Sum(value.expr).Over(orm.PartitionBy(part.expr)), w.running(value, true)}, wholesOf)
		},
		func() output {
			return outputOf(label, term[int64]{orm.Lag(value.expr).Over(over...), w.before(value)}, wholesOf)
		},
		func() output {
			rank := orm.Rank().Over(orm.PartitionBy(part.expr), orm.OrderBy(value.expr.Desc().NullsLast()))
			return outputOf(label, term[int64]{rank, w.rank(value)}, wholesOf)
		},
	)}
}

// window is a part of the rows, in the order of keys.
type window struct {
	part term[int64]
	keys []term[int64]
}

// before compares two rows by the keys.
func (w window) compare(a, b view) int {
	for _, k := range w.keys {
		if o := (direction{nullsFirst: true}).compare(k.of(a), k.of(b)); o != 0 {
			return o
		}
	}
	return 0
}

// peers are the rows of a row's part, in order.
func (w window) peers(v view) []view {
	var list []view
	for _, other := range v.group {
		if w.part.of(other) == w.part.of(v) {
			list = append(list, other)
		}
	}
	slices.SortFunc(list, w.compare)
	return list
}

func (w window) place(v view) int {
	return slices.IndexFunc(w.peers(v), func(other view) bool { return w.compare(v, other) == 0 })
}

func (w window) number(v view) any { return int64(w.place(v) + 1) }

func (w window) running(value term[int64], whole bool) func(view) any {
	return func(v view) any {
		peers := w.peers(v)
		if !whole {
			peers = peers[:w.place(v)+1]
		}
		var values []any
		for _, p := range peers {
			if x := value.of(p); x != nil {
				values = append(values, x)
			}
		}
		return sumOf[int64](values)
	}
}

func (w window) before(value term[int64]) func(view) any {
	return func(v view) any {
		if i := w.place(v); i > 0 {
			return value.of(w.peers(v)[i-1])
		}
		return nil
	}
}

func (w window) rank(value term[int64]) func(view) any {
	return func(v view) any {
		less := int64(0)
		for _, p := range w.peers(v) {
			if (direction{desc: true}).compare(value.of(p), value.of(v)) < 0 {
				less++
			}
		}
		return less + 1
	}
}
