// This file holds the INSERT: one row, many rows, or the rows of a SELECT.

package orm

import (
	"maps"
	"slices"
)

// InsertStatement is an INSERT. It is an immutable value.
type InsertStatement struct {
	into      Node
	rows      []insertRow
	columns   []Node // of the SELECT
	query     Node
	returning []Node
	params    M
	ctes      []*CTE

	noDefaults bool // for the rows of a SELECT
}

// insertRow is one row: its columns and their values, in the order given.
type insertRow []Assignment

// Insert begins an INSERT into a table or the table of an entity reference.
//
//	orm.Insert(city).Values(orm.M{"name": "Perth"}, orm.M{"name": "Hobart", "people": 3})
//
// A column for which a row has no value gets its default. The rows of one
// statement have the same columns; a row that lacks one without a default is an
// [ErrArgument] that names the row. Without any row the database's defaults
// make one.
func Insert(into any) *InsertStatement { return &InsertStatement{into: fromItem(into)} }

func (*InsertStatement) node()      {}
func (*InsertStatement) statement() {}

func (s *InsertStatement) with(change func(*InsertStatement)) *InsertStatement {
	changed := *s
	change(&changed)
	return &changed
}

// Values adds rows. The keys are names of columns, or for an entity reference
// of fields; the values are values or expressions.
func (s *InsertStatement) Values(rows ...M) *InsertStatement {
	return s.with(func(s *InsertStatement) {
		s.rows = slices.Clip(s.rows)
		for _, row := range rows {
			var assigned insertRow
			for _, name := range slices.Sorted(maps.Keys(row)) {
				column := &nameNode{name: name}
				assigned = append(assigned, Assignment{column, bindValue(row[name], column)})
			}
			s.rows = append(s.rows, assigned)
		}
	})
}

// Set adds one row of typed assignments.
//
//	orm.Insert(u).Set(orm.C(&u.Name).Set("ed"), orm.N(&u.Age).Set(40))
func (s *InsertStatement) Set(values ...Assignment) *InsertStatement {
	return s.with(func(s *InsertStatement) { s.rows = append(slices.Clip(s.rows), slices.Clone(values)) })
}

// FromSelect inserts the rows of a SELECT into the columns, which are
// expressions or addresses of fields. Columns that are not named get their
// defaults, one value for all rows of the statement; see WithoutDefaults. If no
// column is named at all, the SELECT gives all columns of the table, in its
// order.
func (s *InsertStatement) FromSelect(query Subselect, columns ...any) *InsertStatement {
	return s.with(func(s *InsertStatement) {
		s.query, s.columns = subselectNode(query), make([]Node, len(columns))
		for i, c := range columns {
			s.columns[i] = columnItem(c)
		}
	})
}

// WithoutDefaults leaves the columns that FromSelect does not name to the
// database.
func (s *InsertStatement) WithoutDefaults() *InsertStatement {
	return s.with(func(s *InsertStatement) { s.noDefaults = true })
}

// Returning gives back columns of the rows as they were written; read them with
// [Fetch]. It is a [CompileError] where there is no INSERT … RETURNING.
func (s *InsertStatement) Returning(columns ...any) *InsertStatement {
	return s.with(func(s *InsertStatement) { s.returning = extended(s.returning, Select(columns...).columns...) })
}

// Params gives values to the parameters that [Param] left open.
func (s *InsertStatement) Params(values M) *InsertStatement {
	return s.with(func(s *InsertStatement) { s.params = s.params.merged(values) })
}

// M is a row of values by name.
type M map[string]any

// merged returns both, the new values before the old.
func (m M) merged(values M) M {
	both := make(M, len(m)+len(values))
	maps.Copy(both, m)
	maps.Copy(both, values)
	return both
}
