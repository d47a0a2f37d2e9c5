// This file holds VALUES: rows of the program as a FROM item.

package orm

import (
	"fmt"
	"slices"

	"github.com/aurum-go/orm/types"
)

// ValuesTable is rows of values in FROM, under a name. It is an immutable value.
type ValuesTable struct {
	name    string
	columns []ResultColumn
	rows    [][]Node
	err     error
}

// Values makes a FROM item of rows that the program has, in columns of the names
// and types given. The values travel as parameters.
//
//	price := orm.Values("price", orm.ResultColumn{Name: "id", Type: types.BigInteger()}, orm.ResultColumn{Name: "cents", Type: types.Integer()}).
//		Rows([]any{1, 250}, []any{2, 399})
//	orm.Select(orm.C(&p.Name), price.C("cents")).From(p).Join(price, orm.Eq(orm.C(&p.ID), orm.Col[int64](price, "id")))
//	// … JOIN (VALUES (CAST($1 AS BIGINT), CAST($2 AS INTEGER)), ($3, $4)) AS price (id, cents) ON …   PostgreSQL
//	// … JOIN (SELECT column1 AS id, column2 AS cents FROM (VALUES (?, ?), (?, ?))) AS price ON …      SQLite
//	// … JOIN (SELECT ? AS id, ? AS cents UNION ALL SELECT ?, ?) AS price ON …                         MySQL
//
// Without any row it is a table without rows. On MySQL texts are compared by the
// collation of the connection; where the column beside them has another one, say
// [Expr.Collate].
func Values(name string, columns ...ResultColumn) *ValuesTable {
	v := &ValuesTable{name: name, columns: slices.Clone(columns)}
	if len(columns) == 0 {
		v.err = &UsageError{Kind: ErrArgument, Op: "use VALUES", Subject: name, Reason: "it has no columns"}
	}
	return v
}

// Rows adds rows, each with a value or expression for each column. A row of
// another length is an [ErrArgument].
func (v *ValuesTable) Rows(rows ...[]any) *ValuesTable {
	changed := *v
	changed.rows = slices.Clip(v.rows)
	for i, row := range rows {
		if len(row) != len(v.columns) && changed.err == nil {
			changed.err = &UsageError{
				Kind: ErrArgument, Op: "use VALUES", Subject: v.name,
				Reason: fmt.Sprintf("row %d has %d values and there are %d columns", len(v.rows)+i+1, len(row), len(v.columns)),
			}
		}
		nodes := make([]Node, len(row))
		for j, value := range row {
			nodes[j] = bindValue(value, v.like(j))
		}
		changed.rows = append(changed.rows, nodes)
	}
	return &changed
}

// like is what gives the values of a column their type, or nil.
func (v *ValuesTable) like(i int) Node {
	if i < len(v.columns) && !v.columns[i].Type.IsZero() {
		return &typedNode{v.columns[i].Type}
	}
	return nil
}

// typedNode gives a value the type of a column that is no column of a table.
type typedNode struct{ typ types.Type }

func (*typedNode) node()                 {}
func (n *typedNode) sqlType() types.Type { return n.typ }

func (*ValuesTable) node()              {}
func (v *ValuesTable) fromName() string { return v.name }

// C is the column of that name.
func (v *ValuesTable) C(name string) Expr[any] {
	if v == nil {
		return Expr[any]{nilItem(v, "refer to column")}
	}
	return Expr[any]{&derivedColumn{from: v, name: name}}
}

func (v *ValuesTable) outputs() []output { return columnOutputs(v.columns) }

// columnOutputs are columns whose names and types a person has told.
func columnOutputs(columns []ResultColumn) []output {
	all := make([]output, len(columns))
	for i, c := range columns {
		all[i] = output{name: c.Name, typ: c.Type}
	}
	return all
}
