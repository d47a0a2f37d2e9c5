// This file holds the DELETE.

package orm

// DeleteStatement is a DELETE. It is an immutable value.
type DeleteStatement struct {
	target    Node
	using     []Node
	where     []Node
	returning []Node
	allRows   bool
	params    M
	criteria  restriction
	sync      SyncMode
	ctes      []*CTE
	hints     []hint
}

// Delete begins a DELETE from a table or the table of an entity reference.
// Without a condition that leaves rows out by its form (a constant, a
// comparison of values and an empty NOT IN do not) it is an [ErrNoFilter], unless
// AllRows asks for it.
func Delete(target any) *DeleteStatement { return &DeleteStatement{target: fromItem(target)} }

func (*DeleteStatement) node()      {}
func (*DeleteStatement) statement() {}

func (s *DeleteStatement) with(change func(*DeleteStatement)) *DeleteStatement {
	changed := *s
	change(&changed)
	return &changed
}

// Using adds tables whose columns the conditions may use: "DELETE … USING t".
// It is a [CompileError] where there is none (SQLite).
func (s *DeleteStatement) Using(items ...any) *DeleteStatement {
	return s.with(func(s *DeleteStatement) {
		for _, item := range items {
			s.using = extended(s.using, fromItem(item))
		}
	})
}

// Where adds conditions, joined with AND.
func (s *DeleteStatement) Where(conditions ...Expr[bool]) *DeleteStatement {
	return s.with(func(s *DeleteStatement) { s.where = extended(s.where, conditionNodes(conditions)...) })
}

// AllRows allows a DELETE without a condition.
func (s *DeleteStatement) AllRows() *DeleteStatement {
	return s.with(func(s *DeleteStatement) { s.allRows = true })
}

// Returning gives back columns of the rows that are gone; read them with
// [Fetch]. It is a [CompileError] where there is no DELETE … RETURNING.
func (s *DeleteStatement) Returning(columns ...any) *DeleteStatement {
	return s.with(func(s *DeleteStatement) { s.returning = extended(s.returning, Select(columns...).columns...) })
}

// Params gives values to the parameters that [Param] left open.
func (s *DeleteStatement) Params(values M) *DeleteStatement {
	return s.with(func(s *DeleteStatement) { s.params = s.params.merged(values) })
}
