// This file holds what aggregates have beyond a function: an order of their
// own, WITHIN GROUP, the ones that collect values, and the sets of GROUP BY.

package orm

import (
	"slices"

	"github.com/aurum-go/orm/types"
)

// groupingNode is ROLLUP, CUBE or GROUPING SETS, or one set of these.
type groupingNode struct {
	kind  sqlText // empty for a set
	items []Node
}

func (*groupingNode) node() {}

// GroupingItem is an item of GROUP BY that stands for several groupings.
type GroupingItem struct{ n *groupingNode }

func (g GroupingItem) expression() Node { return g.orderNode() }

func (g GroupingItem) orderNode() Node {
	if g.n == nil {
		return nil
	}
	return g.n
}

const (
	rollup       sqlText = "ROLLUP"
	cube         sqlText = "CUBE"
	groupingSets sqlText = "GROUPING SETS"
)

func grouping(kind sqlText, items []Expression) GroupingItem {
	n := &groupingNode{kind: kind, items: expressionNodes(items)}
	if kind != "" && len(items) == 0 {
		n.items = []Node{&errorNode{&UsageError{Kind: ErrArgument, Op: "group", Subject: string(kind), Reason: "it is empty"}}}
	}
	return GroupingItem{n}
}

// Rollup groups by all the expressions, by all but the last, and so on down to
// one group of all rows: "GROUP BY ROLLUP (a, b)". MySQL and MariaDB write "GROUP
// BY a, b WITH ROLLUP", where nothing may stand beside it, and on MariaDB no
// ORDER BY either. It is a [CompileError] on SQLite.
func Rollup(items ...Expression) GroupingItem { return grouping(rollup, items) }

// Cube groups by every choice of the expressions: "GROUP BY CUBE (a, b)"
// (PostgreSQL).
func Cube(items ...Expression) GroupingItem { return grouping(cube, items) }

// GroupingSets groups by each of the sets: "GROUP BY GROUPING SETS ((a, b), (a),
// ())" (PostgreSQL). A [Rollup] or [Cube] may be among them.
//
//	GroupBy(orm.GroupingSets(orm.GroupingSet(a, b), orm.GroupingSet(a), orm.GroupingSet()))
func GroupingSets(sets ...GroupingItem) GroupingItem {
	items := make([]Expression, len(sets))
	for i, s := range sets {
		items[i] = s
	}
	return grouping(groupingSets, items)
}

// GroupingSet is one set for [GroupingSets]: "(a, b)". Without expressions it is
// the group of all rows.
func GroupingSet(items ...Expression) GroupingItem { return grouping("", items) }

// Grouping tells of each row whether it is of a grouping without the
// expressions, with one bit for each: "grouping(a)" is 1 in a total over a. It is
// a [CompileError] on SQLite and MariaDB.
func Grouping(items ...Expression) Expr[int64] {
	return call[int64]("grouping", types.BigInteger(), expressionNodes(items)...)
}

// OrderBy has an aggregate take the rows in order: "array_agg(x ORDER BY y)". On
// MySQL and MariaDB only [StringAgg] has an order. For anything but a function it
// is an [ErrArgument].
func (e Expr[T]) OrderBy(items ...OrderItem) Expr[T] {
	return e.changed("order by", func(f *funcNode) { f.order = extended(f.order, orderNodes(items)...) })
}

// WithinGroup gives an ordered-set aggregate its rows: "percentile_cont(0.5)
// WITHIN GROUP (ORDER BY x)" (PostgreSQL).
//
//	orm.Func[string]("mode").WithinGroup(name)
func (e Expr[T]) WithinGroup(items ...OrderItem) Expr[T] {
	return e.changed("within group", func(f *funcNode) { f.within = extended(f.within, orderNodes(items)...) })
}

// changed returns a function of which something is changed.
func (e Expr[T]) changed(op string, change func(*funcNode)) Expr[T] {
	f, ok := e.n.(*funcNode)
	if !ok || f.windowOnly {
		return Expr[T]{&errorNode{&UsageError{Kind: ErrArgument, Op: op, Reason: "it belongs to an aggregate function", Advice: "call it before Over and As"}}}
	}
	other := *f
	change(&other)
	return Expr[T]{&other}
}

// PercentileCont is the value below which a part of the rows lies, between two
// rows if need be: "percentile_cont(0.5) WITHIN GROUP (ORDER BY x)" is the
// median. The rows are given by [Expr.WithinGroup] (PostgreSQL).
func PercentileCont(fraction float64) Expr[float64] {
	return call[float64]("percentile_cont", types.Double(), bindValue(fraction, nil))
}

// StringAgg joins the texts of a group: "string_agg(x, ', ')", or on MySQL
// "group_concat(x SEPARATOR ', ')", which is cut at the server's
// group_concat_max_len. NULLs are left out; without any text it is NULL.
//
//	orm.StringAgg(name, ", ").OrderBy(name)   // string_agg(name, ? ORDER BY name)
func StringAgg(of Expr[string], separator string) Expr[string] {
	return Expr[string]{&funcNode{
		name: "string_agg", args: []Node{of.n, &bindNode{value: separator, typ: types.Text()}}, typ: types.Text(), known: true, separator: separator,
	}}
}

// bitwise makes an operator on bits, which has no place among the others that
// all databases agree on.
func bitwise(symbol sqlText, name string) *operator {
	return &operator{text: symbol, name: name, precedence: precOr, custom: true}
}

var (
	opBitAnd     = bitwise(" & ", "BITAND")
	opBitOr      = bitwise(" | ", "BITOR")
	opBitXor     = bitwise(" ^ ", "BITXOR")
	opShiftLeft  = bitwise(" << ", "SHIFTLEFT")
	opShiftRight = bitwise(" >> ", "SHIFTRIGHT")
)

// BitAnd is "x & ?", a signed number on every database.
func (e Expr[T]) BitAnd(v T) Expr[T] { return arithmetic[T](opBitAnd, e.n, bindValue(v, e.n)) }

// BitOr is "x | ?", a signed number on every database.
func (e Expr[T]) BitOr(v T) Expr[T] { return arithmetic[T](opBitOr, e.n, bindValue(v, e.n)) }

// BitXor has the bits that one of x and the value has: "x # ?" on PostgreSQL, "x ^
// ?" on MySQL, and "(x | ?) - (x & ?)" on SQLite, which has no sign for it.
func (e Expr[T]) BitXor(v T) Expr[T] { return arithmetic[T](opBitXor, e.n, bindValue(v, e.n)) }

// BitNot has the bits that x has not: "-x - 1", which is the same and signed on
// every database.
func (e Expr[T]) BitNot() Expr[T] {
	return Expr[T]{&binaryNode{op: opSubtract, left: &unaryNode{opNegative, e.n}, right: &constNode{"1"}}}
}

// ShiftLeft is "x << ?". How far bits can go is up to the database and its type.
func (e Expr[T]) ShiftLeft(n int) Expr[T] { return shifted[T](opShiftLeft, e.n, n) }

// ShiftRight is "x >> ?". Of a negative number, MySQL makes a large one.
func (e Expr[T]) ShiftRight(n int) Expr[T] { return shifted[T](opShiftRight, e.n, n) }

func shifted[T any](op *operator, of Node, n int) Expr[T] {
	return Expr[T]{&binaryNode{op: op, left: of, right: &bindNode{value: n, typ: types.Integer()}, typ: typeOf(of)}}
}

// soleRollup is the ROLLUP that is the one item of GROUP BY, or nil: there
// MySQL has a form of its own for it.
func soleRollup(items []Node) *groupingNode {
	if len(items) != 1 {
		return nil
	}
	g, ok := items[0].(*groupingNode)
	if !ok || g.kind != rollup || slices.ContainsFunc(g.items, func(n Node) bool { _, nested := n.(*groupingNode); return nested }) {
		return nil
	}
	return g
}
