// This file writes the rows of a query, all at once and by their condition.

package orm

import (
	"context"
	"slices"
)

// AllRows allows [EntityQuery.Update] and [EntityQuery.Delete] without a condition.
func (q *EntityQuery[T]) AllRows() *EntityQuery[T] {
	changed := *q
	changed.allRows = true
	return &changed
}

// Synchronize says how the objects of the session follow [EntityQuery.Update] and
// [EntityQuery.Delete]; unless it is said, [SyncAuto].
func (q *EntityQuery[T]) Synchronize(mode SyncMode) *EntityQuery[T] {
	changed := *q
	changed.sync = mode
	return &changed
}

// Update changes the rows of the query, whether the session holds their objects or
// not, and returns their number. It flushes first. The objects that it holds
// follow; see [SyncMode]. Columns that are filled at every update are; a version is
// neither looked at nor advanced. No hook of an object is called.
//
//	n, err := orm.Query[User](s).Filter(orm.N(&u.Age).Lt(18)).Update(ctx, orm.C(&u.Active).Set(false))
//	// UPDATE users SET active = ? WHERE users.age < ?
//
// Without a condition it is an [ErrNoFilter]; see [EntityQuery.AllRows]. A query
// that joins, groups or limits picks the rows by their keys; an order without a
// limit means nothing:
//
//	// UPDATE users SET active = ? WHERE users.id IN (SELECT picked.id FROM (SELECT users.id FROM users … LIMIT ?) AS picked)
//
// The key of an object that the session holds cannot be changed so: that is an
// [ErrUnsupported].
func (q *EntityQuery[T]) Update(ctx context.Context, assignments ...Assignment) (int64, error) {
	return q.update(ctx, assignments)
}

func (q *objectQuery) update(ctx context.Context, assignments []Assignment) (int64, error) {
	if q = q.ownRows(); q.writesSeveral(assignments) {
		return q.updateSeveral(ctx, assignments)
	}
	where, err := q.picking("update")
	if err != nil {
		return 0, err
	}
	stmt := Update(q.entity.pointer).Set(assignments...).Params(q.stmt.params).Synchronize(q.sync)
	stmt.where, stmt.allRows, stmt.criteria = where, q.allRows, q.stmt.criteria
	return affected(Exec(ctx, q.session, stmt))
}

// Delete deletes the rows of the query, whether the session holds their objects or
// not, and returns their number. It flushes first. The objects that it holds are
// [Deleted] then; see [SyncMode]. In memory nothing cascades, to objects that belong
// to them or out of collections that they are in; in the database foreign keys do
// what they say. Conditions, joins and limits are as for [EntityQuery.Update].
//
//	n, err := orm.Query[Post](s).Filter(orm.C(&p.Draft).Eq(true)).Delete(ctx)
//	// DELETE FROM posts WHERE posts.draft = ?
func (q *EntityQuery[T]) Delete(ctx context.Context) (int64, error) {
	return q.delete(ctx)
}

func (q *objectQuery) delete(ctx context.Context) (int64, error) {
	if q = q.ownRows(); q.writesSeveral(nil) {
		return q.deleteSeveral(ctx)
	}
	where, err := q.picking("delete")
	if err != nil {
		return 0, err
	}
	stmt := Delete(q.entity.pointer).Params(q.stmt.params).Synchronize(q.sync)
	stmt.where, stmt.allRows, stmt.criteria = where, q.allRows, q.stmt.criteria
	return affected(Exec(ctx, q.session, stmt))
}

func affected(r *Result, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	return r.RowsAffected(), nil
}

// picking is the condition by which a statement finds the rows of the query: its
// own, or that their keys are among those that it gives. These come from a derived
// table, for MySQL reads no table in a subquery that it writes to.
func (q *objectQuery) picking(op string) ([]Node, error) {
	if q.err != nil {
		return nil, q.err
	}
	s := q.stmt
	_, plain := s.from[0].(*entityNode)
	if plain && len(s.from) == 1 && !s.distinct && s.limit == nil && s.offset == nil && len(s.distinctOn)+len(s.groupBy)+len(s.having)+len(s.ctes) == 0 {
		return s.where, nil
	}
	if err := q.unrestricted(op); err != nil {
		return nil, err
	}
	limited := s.limits()
	e := entityOf(q.mapper)
	keys := e.columnsOf(q.mapper.keys)
	inner := s.with(func(s *SelectStatement) { s.columns, s.lock = keys, nil })
	if !limited {
		inner = rowsOf(inner)
		inner.distinct = len(inner.groupBy) == 0 // so that no database merges it into the statement
	}
	picked := inner.Subquery("picked")
	outer := &SelectStatement{from: []Node{picked}}
	for _, p := range q.mapper.keys {
		outer.columns = append(outer.columns, picked.C(p.column.name).n)
	}
	if len(keys) == 1 {
		return []Node{&inNode{operand: keys[0], query: outer}}, nil
	}
	return []Node{&tupleInNode{columns: slices.Clone(keys), query: outer}}, nil
}

// unrestricted refuses a query that nothing restricts.
func (q *objectQuery) unrestricted(op string) error {
	if s := q.stmt; q.allRows || s.limits() || restricts(s.where) || restricts(s.having) {
		return nil
	}
	return &UsageError{
		Kind: ErrNoFilter, Op: op, Subject: q.mapper.table.FullName(), Reason: "no condition leaves rows out, so all would be written",
		Advice: "add Filter, or say AllRows()",
	}
}

// limits reports whether a SELECT leaves out rows by their number.
func (s *SelectStatement) limits() bool {
	return s.limit != nil || s.offset != nil || len(s.distinctOn) > 0
}
