// This file holds the statement that a person wrote: SQL text with arguments.

package orm

import (
	"slices"

	"github.com/aurum-go/orm/types"
)

// TextStatement is SQL text with its arguments. It is an immutable value.
type TextStatement struct {
	text    SQL
	args    []any `form:"arguments"`
	columns []resultColumn
	ctes    []*CTE
}

// Text makes a statement of SQL text, a constant of the program. Each ? stands
// for the next argument, on every database; each :name for the argument
// [database/sql.Named] by that name, as often as it occurs. A slice that is not
// []byte becomes a list of parameters, so that "id IN (:ids)" works. ?? is a
// question mark and \: a colon. An argument may be an expression. The text is one
// statement, and is not transaction control. An empty list behind NOT IN is an
// [ErrArgument], for SQL cannot say what it means.
//
// A text whose answer is lost outside of a transaction is an [ErrOutcomeUnknown],
// also one that begins with SELECT: it may call a function that writes. A [Select]
// of functions that the library knows is an [ErrConnection].
//
//	orm.Text("SELECT * FROM users WHERE name = :name", sql.Named("name", "ed"))
func Text(text SQL, args ...any) *TextStatement {
	return &TextStatement{text: text, args: slices.Clone(args)}
}

func (*TextStatement) node()             {}
func (*TextStatement) statement()        {}
func (s *TextStatement) queryNode() Node { return s }

// ResultColumn says the name and type of a column that a text returns.
type ResultColumn struct {
	Name string
	Type types.Type
}

// Columns tells the columns of the result, by position.
func (s *TextStatement) Columns(columns ...ResultColumn) *TextStatement {
	changed := *s
	changed.columns = make([]resultColumn, len(columns))
	for i, c := range columns {
		changed.columns[i] = resultColumn{name: c.Name, typ: c.Type}
	}
	return &changed
}

// Subquery makes the text, with its columns told by Columns, a FROM item.
func (s *TextStatement) Subquery(name string) *Subquery { return &Subquery{query: s, name: name} }

func (s *TextStatement) outputs() []output {
	all := make([]output, len(s.columns))
	for i, c := range s.columns {
		all[i] = output{name: c.name, typ: c.typ}
	}
	return all
}

// argumentOf is the argument itself, without its name if it has one.
func argumentOf(a any) any {
	if _, v, ok := types.NamedArg(a); ok {
		return v
	}
	return a
}
