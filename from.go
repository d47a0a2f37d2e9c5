// This file holds what can stand in FROM besides a table: subqueries and joins,
// and what all that has columns but is no table has in common.

package orm

import (
	"github.com/aurum-go/orm/types"
)

// fromNode is an item of a FROM clause.
type fromNode interface {
	Node
	// fromName is the name under which columns are reached, or empty (a join).
	fromName() string
}

// Selectable is a FROM item with columns: a [Table], a [TableAlias], a
// [Subquery], a [CTE], a [ValuesTable], a [TableFunction]. Entity references are
// used as they are: From(u).
type Selectable interface {
	fromNode
	// C is the column of that name. An unknown name comes out where SQL would
	// be sent, with the names that there are.
	C(name string) Expr[any]
}

// Col is the column of that name as an expression of type T.
func Col[T any](from Selectable, name string) Expr[T] {
	if from == nil {
		return Expr[T]{&errorNode{nilArgument("refer to column", "table")}}
	}
	return Expr[T](from.C(name))
}

// Subquery is a SELECT in FROM, under a name.
type Subquery struct {
	query   rowSource
	name    string
	lateral bool
}

// derivedItem is a FROM item that is no table: its columns are known by their
// names.
type derivedItem interface {
	fromNode
	// outputs are the columns, as far as they are known without a database.
	outputs() []output
}

// rowSource is a statement that can stand in FROM.
type rowSource interface {
	Node
	// outputs are the columns of its result, as far as they are known without a
	// database.
	outputs() []output
}

func (*Subquery) node()               {}
func (s *Subquery) fromName() string  { return s.name }
func (s *Subquery) outputs() []output { return s.query.outputs() }

// C is the column of that name or label in the subquery.
func (s *Subquery) C(name string) Expr[any] {
	if s == nil {
		return Expr[any]{nilItem(s, "refer to column")}
	}
	return Expr[any]{&derivedColumn{from: s, name: name}}
}

// derivedColumn is a column of something that is no table: its type is that of
// the expression behind it.
type derivedColumn struct {
	from derivedItem
	name string
}

func (*derivedColumn) node() {}

// find returns the output behind the name.
func (d *derivedColumn) find() (found output, err error) {
	var names []string
	matches := 0
	for _, o := range d.from.outputs() {
		if o.name == d.name {
			found, matches = o, matches+1
		}
		if o.name != "" {
			names = append(names, o.name)
		}
	}
	if matches == 1 {
		return found, nil
	}
	problem := &UsageError{
		Kind: ErrUnknownName, Op: "refer to column", Subject: d.from.fromName() + "." + quoted(d.name), Reason: "there is no such column",
		Advice: thereAre(names),
	}
	if matches > 1 {
		problem.Kind, problem.Reason, problem.Advice = ErrAmbiguous, "several columns have that name", "name one of them with As"
	}
	return output{}, problem
}

func (d *derivedColumn) sqlType() types.Type {
	o, err := d.find()
	if err != nil {
		return types.Type{}
	}
	return o.sqlType()
}

// output is a column of a statement's result: its name, if it has one of its
// own, and the node that knows its type. The type is looked up when it is asked
// for, and not for all columns of all subqueries in between.
type output struct {
	name string
	of   Node
	typ  types.Type // without a node
}

func (o output) sqlType() types.Type {
	if o.of == nil {
		return o.typ
	}
	return typeOf(o.of)
}

// joinNode is left JOIN right ON condition. Without a condition it is to be
// found from the foreign keys of the two.
type joinNode struct {
	left, right Node
	kind        sqlText
	on          Node
}

func (*joinNode) node()            {}
func (*joinNode) fromName() string { return "" }

// existsNode is EXISTS (SELECT …).
type existsNode struct{ query Node }

func (*existsNode) node()               {}
func (*existsNode) sqlType() types.Type { return types.Boolean() }

// scalarNode is a SELECT in parentheses as a value.
type scalarNode struct{ query Node }

func (*scalarNode) node() {}

func (n *scalarNode) sqlType() types.Type {
	if q, ok := n.query.(rowSource); ok {
		if all := q.outputs(); len(all) > 0 {
			return all[0].sqlType()
		}
	}
	return types.Type{}
}
