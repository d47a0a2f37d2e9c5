// This file holds the UPDATE.

package orm

import "slices"

// UpdateStatement is an UPDATE. It is an immutable value.
type UpdateStatement struct {
	target    Node
	set       []Assignment
	from      []Node
	where     []Node
	returning []Node
	allRows   bool
	params    M
	criteria  restriction
	sync      SyncMode
	ctes      []*CTE
	hints     []hint
}

// Update begins an UPDATE of a table or of the table of an entity reference.
// Without a condition that leaves rows out by its form (a constant, a
// comparison of values and an empty NOT IN do not) it is an [ErrNoFilter], unless
// AllRows asks for it.
//
//	orm.Update(u).Set(orm.C(&u.Name).Set("ed")).Where(orm.C(&u.ID).Eq(1))
//	// UPDATE users SET name = ? WHERE users.id = ?
func Update(target any) *UpdateStatement { return &UpdateStatement{target: fromItem(target)} }

func (*UpdateStatement) node()      {}
func (*UpdateStatement) statement() {}

func (s *UpdateStatement) with(change func(*UpdateStatement)) *UpdateStatement {
	changed := *s
	change(&changed)
	return &changed
}

// Set adds assignments, which are written in the order given. Columns that are
// filled at every update follow. The order means something on MySQL and MariaDB
// alone: there an assignment sees the new values of those before it, and
// everywhere else the values that the row had.
func (s *UpdateStatement) Set(assignments ...Assignment) *UpdateStatement {
	return s.with(func(s *UpdateStatement) {
		s.set = append(slices.Clip(s.set), assignments...)
	})
}

// From adds tables whose columns the assignments and conditions may use:
// "UPDATE … FROM t". It is a [CompileError] where there is none.
func (s *UpdateStatement) From(items ...any) *UpdateStatement {
	return s.with(func(s *UpdateStatement) {
		for _, item := range items {
			s.from = extended(s.from, fromItem(item))
		}
	})
}

// Where adds conditions, joined with AND.
func (s *UpdateStatement) Where(conditions ...Expr[bool]) *UpdateStatement {
	return s.with(func(s *UpdateStatement) { s.where = extended(s.where, conditionNodes(conditions)...) })
}

// AllRows allows an UPDATE without a condition.
func (s *UpdateStatement) AllRows() *UpdateStatement {
	return s.with(func(s *UpdateStatement) { s.allRows = true })
}

// Returning gives back columns of the rows as they are now; read them with
// [Fetch]. It is a [CompileError] where there is no UPDATE … RETURNING.
func (s *UpdateStatement) Returning(columns ...any) *UpdateStatement {
	return s.with(func(s *UpdateStatement) { s.returning = extended(s.returning, Select(columns...).columns...) })
}

// Params gives values to the parameters that [Param] left open.
func (s *UpdateStatement) Params(values M) *UpdateStatement {
	return s.with(func(s *UpdateStatement) { s.params = s.params.merged(values) })
}
