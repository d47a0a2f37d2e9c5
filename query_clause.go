// This file holds the clauses of a query that few queries have.

package orm

// DistinctOn keeps the first object of each set of equal expressions (PostgreSQL);
// see [SelectStatement.DistinctOn].
func (q *EntityQuery[T]) DistinctOn(items ...Expression) *EntityQuery[T] {
	return q.on(q.stmt.DistinctOn(items...))
}

// LimitWithTies returns the first n objects, and those behind them that are equal
// to the last in the order; see [SelectStatement.LimitWithTies].
func (q *EntityQuery[T]) LimitWithTies(n int) *EntityQuery[T] {
	return q.on(q.stmt.LimitWithTies(n))
}

// Window names a window, for [WindowName] to refer to; see [SelectStatement.Window].
func (q *EntityQuery[T]) Window(name string, options ...WindowOption) *EntityQuery[T] {
	return q.on(q.stmt.Window(name, options...))
}

// CrossJoin joins every row with every other: "CROSS JOIN". There is no FullJoin:
// its rows without an object of the query are none to return. [Fetch] reads them.
func (q *EntityQuery[T]) CrossJoin(target any) *EntityQuery[T] {
	return q.on(q.stmt.CrossJoin(target))
}

// Hint puts text behind the word SELECT for the dialect of that name; see
// [SelectStatement.Hint].
func (q *EntityQuery[T]) Hint(dialect string, text SQL) *EntityQuery[T] {
	return q.on(q.stmt.Hint(dialect, text))
}

// AddCTE has CTEs stand in WITH; see [SelectStatement.AddCTE].
func (q *EntityQuery[T]) AddCTE(ctes ...*CTE) *EntityQuery[T] {
	return q.on(q.stmt.AddCTE(ctes...))
}

// ForNoKeyUpdate is ForUpdate that lets others refer to the rows (PostgreSQL).
func (q *EntityQuery[T]) ForNoKeyUpdate(options ...LockOption) *EntityQuery[T] {
	return q.locking(q.stmt.ForNoKeyUpdate(options...))
}

// ForKeyShare locks the rows against deletion and changes of their keys
// (PostgreSQL), and is else as ForUpdate.
func (q *EntityQuery[T]) ForKeyShare(options ...LockOption) *EntityQuery[T] {
	return q.locking(q.stmt.ForKeyShare(options...))
}

// HintTable puts text behind a table of FROM for the dialect of that name; see
// [SelectStatement.HintTable].
func (q *EntityQuery[T]) HintTable(dialect string, table any, text SQL) *EntityQuery[T] {
	return q.on(q.stmt.HintTable(dialect, table, text))
}

// Suffix puts text at the end of the SELECT for the dialect of that name; see
// [SelectStatement.Suffix].
func (q *EntityQuery[T]) Suffix(dialect string, text SQL) *EntityQuery[T] {
	return q.on(q.stmt.Suffix(dialect, text))
}
