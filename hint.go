// This file holds what a statement says to one database alone.

package orm

import "slices"

// hint is text for one dialect.
type hint struct {
	dialect string
	text    SQL
}

// tableHint is text behind an item of FROM, for one dialect.
type tableHint struct {
	of Node
	hint
}

func hinted(hints []hint, dialect string, text SQL) []hint {
	return append(slices.Clip(hints), hint{dialect, text})
}

// Hint puts text behind the word SELECT for the dialect of that name: a word,
// or a hint to the planner in a comment. To other dialects it is nothing.
//
//	stmt.Hint("mysql", "STRAIGHT_JOIN")   // SELECT STRAIGHT_JOIN …
func (s *SelectStatement) Hint(dialect string, text SQL) *SelectStatement {
	return s.with(func(s *SelectStatement) { s.hints = hinted(s.hints, dialect, text) })
}

// HintTable puts text behind a table of FROM for the dialect of that name. The
// table is a [Table], an alias or an entity reference, as in From.
//
//	stmt.HintTable("mysql", u, "FORCE INDEX (by_name)")   // FROM users FORCE INDEX (by_name)
//	stmt.HintTable("sqlite", u, "INDEXED BY by_name")     // FROM users INDEXED BY by_name
func (s *SelectStatement) HintTable(dialect string, table any, text SQL) *SelectStatement {
	return s.with(func(s *SelectStatement) {
		s.tableHints = append(slices.Clip(s.tableHints), tableHint{fromItem(table), hint{dialect, text}})
	})
}

// Suffix puts text at the end of the SELECT for the dialect of that name. To other
// dialects it is nothing.
//
//	stmt.Suffix("mysql", "/* report 7 */")
func (s *SelectStatement) Suffix(dialect string, text SQL) *SelectStatement {
	return s.with(func(s *SelectStatement) { s.suffixes = hinted(s.suffixes, dialect, text) })
}

// Hint puts text behind the word INSERT for the dialect of that name.
//
//	stmt.Hint("mysql", "HIGH_PRIORITY")   // INSERT HIGH_PRIORITY INTO …
func (s *InsertStatement) Hint(dialect string, text SQL) *InsertStatement {
	return s.with(func(s *InsertStatement) { s.hints = hinted(s.hints, dialect, text) })
}

// Hint puts text behind the word UPDATE for the dialect of that name.
//
//	stmt.Hint("postgres", "ONLY")   // UPDATE ONLY …, and not what inherits from the table
func (s *UpdateStatement) Hint(dialect string, text SQL) *UpdateStatement {
	return s.with(func(s *UpdateStatement) { s.hints = hinted(s.hints, dialect, text) })
}

// Hint puts text behind the word DELETE for the dialect of that name.
//
//	stmt.Hint("mysql", "QUICK")   // DELETE QUICK FROM …
func (s *DeleteStatement) Hint(dialect string, text SQL) *DeleteStatement {
	return s.with(func(s *DeleteStatement) { s.hints = hinted(s.hints, dialect, text) })
}
