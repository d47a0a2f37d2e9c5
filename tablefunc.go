// This file holds functions that give rows, as FROM items.

package orm

import (
	"slices"

	"github.com/aurum-go/orm/types"
)

// TableFunction is a function that gives rows, in FROM. It is an immutable value.
type TableFunction struct {
	call       *funcNode
	name       string
	columns    []ResultColumn
	ordinality string
	err        error
	element    Node // the array of which it gives the elements
}

// TableFunc calls a function of the database that gives rows. The name is a
// constant of the program, as for [Func]; arguments are expressions, also columns
// of items of FROM that stand before it, or values, which travel as parameters.
// As says the names and types of its columns.
//
//	day := orm.TableFunc("generate_series", 1, 31).As("day", orm.ResultColumn{Name: "n", Type: types.Integer()})
//	orm.Select(orm.Col[int](day, "n"))
//	// SELECT day.n FROM generate_series($1, $2) AS day (n)   PostgreSQL
//
// SQLite has no way to give the columns names: there they are those of the
// function ("key" and "value" of json_each). It is a [CompileError] where there are
// no such functions (MySQL).
func TableFunc(name SQL, args ...any) *TableFunction {
	f := &TableFunction{name: string(name)}
	switch n := Func[any](name, args...).n.(type) {
	case *funcNode:
		f.call = n
	case *errorNode:
		f.err = n.err
	}
	return f
}

// As names the function in the statement, and its columns.
func (f *TableFunction) As(name string, columns ...ResultColumn) *TableFunction {
	changed := *f
	changed.name, changed.columns = name, slices.Clone(columns)
	return &changed
}

// WithOrdinality adds a column of that name, which counts the rows from 1: "WITH
// ORDINALITY". It is a [CompileError] where there is none (all but PostgreSQL).
func (f *TableFunction) WithOrdinality(column string) *TableFunction {
	changed := *f
	changed.ordinality = column
	return &changed
}

func (*TableFunction) node()              {}
func (f *TableFunction) fromName() string { return f.name }

// C is the column of that name.
func (f *TableFunction) C(name string) Expr[any] {
	if f == nil {
		return Expr[any]{nilItem(f, "refer to column")}
	}
	return Expr[any]{&derivedColumn{from: f, name: name}}
}

func (f *TableFunction) outputs() []output {
	all := columnOutputs(f.columns)
	if f.element != nil && len(all) > 0 {
		all[0].of = elementOf(f.element)
	}
	if f.ordinality != "" {
		all = append(all, output{name: f.ordinality, typ: types.BigInteger()})
	}
	return all
}

// Unnest gives the elements of an array as rows of FROM, whose one column has the
// name of the item. The array may be a column of an item that stands before it.
//
//	tag := orm.Unnest(orm.C(&p.Tags), "tag")
//	orm.Select(orm.C(&p.ID), orm.Col[string](tag, "tag")).From(p, tag)
//	// SELECT post.id, tag.tag FROM post, unnest(post.tags) AS tag (tag)
func Unnest[T any](array Expr[[]T], name string) *TableFunction {
	call, _ := arrayCall[T]("unnest", elementType, array.n).n.(*funcNode)
	return &TableFunction{call: call, name: name, columns: []ResultColumn{{Name: name}}, element: array.n}
}
