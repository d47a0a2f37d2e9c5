// This file holds the MERGE: one statement that inserts, updates and deletes rows
// of a table by what the rows of another one say.

package orm

import "slices"

// MergeStatement is a MERGE. It is an immutable value.
type MergeStatement struct {
	into     Node
	source   Node
	on       []Node
	branches []mergeBranch
	params   M
	criteria restriction
	ctes     []*CTE
}

// mergeBranch is a WHEN of a MERGE.
type mergeBranch struct {
	matched bool
	where   []Node
	action  mergeAction
	set     []Assignment
}

// mergeAction is what a branch of a MERGE does.
type mergeAction uint8

const (
	mergeNothing mergeAction = iota
	mergeUpdate
	mergeDelete
	mergeInsert
)

// MergeInto begins a MERGE into a table, an alias of one, or the table of an
// entity reference. Using says by what, and each WhenMatched and WhenNotMatched
// what becomes of the rows: of those that a branch is for, the first one does it.
// What no branch is for is left alone.
//
//	orm.MergeInto(s).Using(d, orm.Eq(orm.C(&s.ID), orm.C(&d.StockID))).
//		WhenMatched(orm.Eq(orm.C(&s.Count), orm.C(&d.Sold))).Delete().
//		WhenMatched().Update(orm.C(&s.Count).SetExpr(orm.Subtract(orm.C(&s.Count), orm.C(&d.Sold)))).
//		WhenNotMatched().Insert(orm.C(&s.ID).SetExpr(orm.C(&d.StockID)), orm.C(&s.Count).Set(0))
//	// MERGE INTO stock USING delivery ON stock.id = delivery.stock_id
//	//   WHEN MATCHED AND stock.count = delivery.sold THEN DELETE
//	//   WHEN MATCHED THEN UPDATE SET count = stock.count - delivery.sold
//	//   WHEN NOT MATCHED THEN INSERT (id, count) VALUES (delivery.stock_id, $1)
//
// It is a [CompileError] where there is no MERGE (SQLite, MySQL, MariaDB, and
// PostgreSQL before 15, which refuses it itself); [InsertStatement.OnConflict] is
// there on all of them, and is what holds against others that insert the same key
// at the same time: a MERGE then ends in an [ErrUniqueViolation]. A row of the
// target that two rows of the source meet is an error of the database. RETURNING
// and WHEN NOT MATCHED BY SOURCE, which PostgreSQL has from 17 on, are not there,
// and neither is a recursive CTE but inside of a Subquery, made with [Nesting].
//
// It is run by [Exec] or [ExecMany]. A [Session] flushes first, and all objects that
// it holds of the target are stale afterwards: the next query, Get or Load that meets
// the row reads it. Nothing cascades in memory, and the version of a row is neither
// looked at nor advanced. Result.RowsAffected is -1 with lib/pq, which counts the
// rows of no MERGE.
//
// Criteria leave rows out as if nothing were there to be done with them: a row of
// the target that they hide is neither written nor inserted again, and one of the
// source that they hide does nothing.
//
// A statement without Using or without a branch, a branch behind one that has no
// condition and is for the same rows, and a target that is no table are an
// [ErrArgument].
func MergeInto(target any) *MergeStatement { return &MergeStatement{into: fromItem(target)} }

func (*MergeStatement) node()      {}
func (*MergeStatement) statement() {}

func (s *MergeStatement) with(change func(*MergeStatement)) *MergeStatement {
	changed := *s
	change(&changed)
	return &changed
}

// Using says what is merged, and on which conditions, joined with AND, a row of it
// and one of the target are matched. It is a table, an alias, a subquery, a CTE,
// VALUES, or an entity reference. Said again, it replaces what was said before.
//
//	prices := orm.Values("price", orm.ResultColumn{Name: "id", Type: types.BigInteger()}, …).Rows(…)
//	orm.MergeInto(p).Using(prices, orm.Eq(orm.C(&p.ID), orm.Col[int64](prices, "id")))
//	// MERGE INTO products USING (VALUES …) AS price (id, …) ON products.id = price.id
//
// No condition at all is an [ErrArgument].
func (s *MergeStatement) Using(source any, on ...Expr[bool]) *MergeStatement {
	return s.with(func(s *MergeStatement) { s.source, s.on = fromItem(source), conditionNodes(on) })
}

// WhenMatched begins a branch for rows of the target that a row of the source is
// matched with, as far as they meet the conditions: "WHEN MATCHED AND … THEN".
func (s *MergeStatement) WhenMatched(conditions ...Expr[bool]) *MergeMatched {
	return &MergeMatched{s, conditionNodes(conditions)}
}

// WhenNotMatched begins a branch for rows of the source that are matched with none
// of the target, as far as they meet the conditions, which speak of the source
// alone: "WHEN NOT MATCHED AND … THEN".
func (s *MergeStatement) WhenNotMatched(conditions ...Expr[bool]) *MergeNotMatched {
	return &MergeNotMatched{s, conditionNodes(conditions)}
}

// Params gives values to the parameters that [Param] left open.
func (s *MergeStatement) Params(values M) *MergeStatement {
	return s.with(func(s *MergeStatement) { s.params = s.params.merged(values) })
}

func (s *MergeStatement) branch(b mergeBranch) *MergeStatement {
	return s.with(func(s *MergeStatement) { s.branches = append(slices.Clip(s.branches), b) })
}

// MergeMatched is a MERGE that has been told of which matched rows it is to do
// something, and not yet what. It is an immutable value, and no statement.
type MergeMatched struct {
	merge *MergeStatement
	where []Node
}

// Update changes the row of the target: "UPDATE SET …". Columns that are filled at
// every update follow. Without any assignment it is an [ErrArgument].
func (b *MergeMatched) Update(assignments ...Assignment) *MergeStatement {
	return b.merge.branch(mergeBranch{matched: true, where: b.where, action: mergeUpdate, set: slices.Clone(assignments)})
}

// Delete deletes the row of the target: "DELETE".
func (b *MergeMatched) Delete() *MergeStatement {
	return b.merge.branch(mergeBranch{matched: true, where: b.where, action: mergeDelete})
}

// DoNothing leaves the row as it is, and keeps it from the branches that follow:
// "DO NOTHING".
func (b *MergeMatched) DoNothing() *MergeStatement {
	return b.merge.branch(mergeBranch{matched: true, where: b.where})
}

// MergeNotMatched is a MERGE that has been told of which rows without a match it is
// to do something, and not yet what. It is an immutable value, and no statement.
type MergeNotMatched struct {
	merge *MergeStatement
	where []Node
}

// Insert inserts a row into the target: "INSERT (…) VALUES (…)". The values speak
// of the source alone. A column that is not assigned gets its default; without any
// assignment the row is one of defaults.
func (b *MergeNotMatched) Insert(assignments ...Assignment) *MergeStatement {
	return b.merge.branch(mergeBranch{where: b.where, action: mergeInsert, set: slices.Clone(assignments)})
}

// DoNothing inserts nothing, and keeps the row of the source from the branches that
// follow: "DO NOTHING".
func (b *MergeNotMatched) DoNothing() *MergeStatement {
	return b.merge.branch(mergeBranch{where: b.where})
}
