// This file holds row values: rows of expressions that are compared as a whole.

package orm

import (
	"slices"

	"github.com/aurum-go/orm/types"
)

// Row is a row value: (a, b). It compares with another row, and with lists of rows.
type Row struct{ columns []Node }

// Tuple makes a row value of expressions.
//
//	orm.Tuple(orm.C(&l.OrderID), orm.C(&l.LineNo)).In([]any{1, 2}, []any{1, 3})
func Tuple(columns ...Expression) Row {
	nodes := make([]Node, len(columns))
	for i, c := range columns {
		nodes[i] = expressionNode(c)
	}
	return Row{nodes}
}

// tupleInNode is (a, b) IN ((?, ?), …).
type tupleInNode struct {
	columns []Node
	rows    [][]any `form:"rows"`
	query   Node
	negated bool
}

func (*tupleInNode) node()               {}
func (*tupleInNode) sqlType() types.Type { return types.Boolean() }

// In is "(a, b) IN ((?, ?), …)". Each row has one value for each column. No
// row at all gives FALSE. NULL in a row is refused, as it would never match.
func (r Row) In(rows ...[]any) Expr[bool] { return r.in(rows, false) }

// NotIn is "(a, b) NOT IN ((?, ?), …)". No row at all gives TRUE.
func (r Row) NotIn(rows ...[]any) Expr[bool] { return r.in(rows, true) }

func (r Row) in(rows [][]any, negated bool) Expr[bool] {
	list := make([][]any, len(rows))
	for i, row := range rows {
		if len(row) != len(r.columns) {
			return Expr[bool]{&errorNode{&UsageError{
				Kind: ErrArgument, Op: "compare with IN", Reason: "a row of the list has another number of values than the tuple has columns",
			}}}
		}
		if slices.ContainsFunc(row, isNull) {
			return nullInList()
		}
		list[i] = slices.Clone(row)
	}
	return Expr[bool]{&tupleInNode{columns: r.columns, rows: list, negated: negated}}
}

// InSelect is "(a, b) IN (SELECT …)".
func (r Row) InSelect(query Subselect) Expr[bool] {
	return Expr[bool]{&tupleInNode{columns: r.columns, query: subselectNode(query)}}
}

// NotInSelect is "(a, b) NOT IN (SELECT …)". It matches no row at all when the
// query gives a NULL.
func (r Row) NotInSelect(query Subselect) Expr[bool] {
	return Expr[bool]{&tupleInNode{columns: r.columns, query: subselectNode(query), negated: true}}
}

// rowNode is (a, b) < (c, d).
type rowNode struct {
	op          *operator
	left, right []Node
}

func (*rowNode) node()               {}
func (*rowNode) sqlType() types.Type { return types.Boolean() }

// Eq compares with a row of values or expressions: "(a, b) = (?, ?)", or "a = ? AND
// b = ?" on MySQL. NULL for a value is an [ErrArgument], as for all
// of these.
func (r Row) Eq(values ...any) Expr[bool] { return r.compared(opEq, values) }

// Ne is "(a, b) <> (?, ?)", which holds where one of the two differs.
func (r Row) Ne(values ...any) Expr[bool] { return r.compared(opNe, values) }

// Lt is "(a, b) < (?, ?)": a is less, or a is equal and b is less. It finds the
// rows that stand before a row in the order of a and b, so page by page; for those
// behind it there is Gt. Where a column is NULL that decides, it is NULL.
//
//	Where(orm.Tuple(orm.C(&p.Day), orm.C(&p.ID)).Gt(last.Day, last.ID)).OrderBy(orm.C(&p.Day), orm.C(&p.ID))
//	// SQLite, PostgreSQL: (post.day, post.id) > (?, ?)
//	// MySQL:              post.day > ? OR (post.day = ? AND post.id > ?), for which it can use an index
func (r Row) Lt(values ...any) Expr[bool] { return r.compared(opLt, values) }

// Le is "(a, b) <= (?, ?)".
func (r Row) Le(values ...any) Expr[bool] { return r.compared(opLe, values) }

// Gt is "(a, b) > (?, ?)".
func (r Row) Gt(values ...any) Expr[bool] { return r.compared(opGt, values) }

// Ge is "(a, b) >= (?, ?)".
func (r Row) Ge(values ...any) Expr[bool] { return r.compared(opGe, values) }

func (r Row) compared(op *operator, values []any) Expr[bool] {
	problem := ""
	switch {
	case len(values) != len(r.columns):
		problem = "the row has another number of values than the tuple has columns"
	case len(values) == 0:
		problem = "the row is empty"
	case slices.ContainsFunc(values, isNull):
		problem = "NULL in the row, which nothing is equal to, less than or greater than"
	}
	if problem != "" {
		return Expr[bool]{&errorNode{&UsageError{Kind: ErrArgument, Op: "compare rows", Reason: problem}}}
	}
	right := make([]Node, len(values))
	for i, v := range values {
		right[i] = bindValue(v, r.columns[i])
	}
	return Expr[bool]{&rowNode{op: op, left: r.columns, right: right}}
}

// spelledOut is a comparison of rows column by column, which means the same, also
// where columns are NULL: a < c OR (a = c AND b < d).
func (n *rowNode) spelledOut() Node {
	last := len(n.left) - 1
	at := func(op *operator, i int) Node { return &binaryNode{op: op, left: n.left[i], right: n.right[i]} }
	result := at(n.op, last)
	for i := last - 1; i >= 0; i-- {
		switch n.op {
		case opEq:
			result = &listNode{op: opAnd, items: []Node{at(opEq, i), result}}
		case opNe:
			result = &listNode{op: opOr, items: []Node{at(opNe, i), result}}
		default:
			equal := &listNode{op: opAnd, items: []Node{at(opEq, i), result}}
			result = &listNode{op: opOr, items: []Node{at(strict(n.op), i), equal}}
		}
	}
	return result
}

// strict is the operator without equality.
func strict(op *operator) *operator {
	switch op {
	case opLe:
		return opLt
	case opGe:
		return opGt
	}
	return op
}
