// This file holds window functions: the functions that there are only with
// OVER, OVER itself, which any other function may have as well, and the frames
// of windows.

package orm

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/aurum-go/orm/types"
)

// overNode is a function over a window.
type overNode struct {
	of     *funcNode
	window *windowNode
}

// windowNode is a window: a name of one of the statement, and what is added to
// it, or a window of its own.
type windowNode struct {
	name      string
	partition []Node
	order     []Node
	frame     *frameClause
	exclude   sqlText
	err       error
}

// frameClause is ROWS, RANGE or GROUPS BETWEEN … AND ….
type frameClause struct {
	unit     sqlText
	from, to FrameBound
}

func (*overNode) node()                 {}
func (*windowNode) node()               {}
func (n *overNode) sqlType() types.Type { return typeOf(n.of) }

// bare reports whether the window is nothing but a name.
func (n *windowNode) bare() bool {
	return n.name != "" && len(n.partition)+len(n.order) == 0 && n.frame == nil && n.exclude == ""
}

// WindowOption says one thing of a window: how rows are parted and ordered, and
// which of them a function sees.
type WindowOption func(*windowNode)

// PartitionBy has a function see only the rows that are equal in the
// expressions: "PARTITION BY x".
func PartitionBy(items ...Expression) WindowOption {
	return func(w *windowNode) { w.partition = extended(w.partition, expressionNodes(items)...) }
}

// OrderBy orders the rows of a window: "ORDER BY x". Labels of the select list
// mean nothing here; a labelled expression is written out.
func OrderBy(items ...OrderItem) WindowOption {
	return func(w *windowNode) { w.order = extended(w.order, orderNodes(items)...) }
}

// WindowName is a window that the statement has under a name, by its Window
// method: "OVER w". Further options add to it: "OVER (w ORDER BY x)".
func WindowName(name string) WindowOption {
	return func(w *windowNode) { w.name = name }
}

// FrameBound is where a frame begins or ends. Frames are made by [Rows],
// [Range] and [Groups].
type FrameBound struct {
	text   sqlText
	place  int // before the row, at it, behind it: what may follow what
	offset int
	counts bool // the offset is written
}

// UnboundedPreceding is the first row of the partition.
func UnboundedPreceding() FrameBound { return FrameBound{text: "UNBOUNDED PRECEDING", place: -2} }

// Preceding is n rows, values or groups before the current row. The number is
// part of the SQL text. A negative one is an [ErrArgument].
func Preceding(n int) FrameBound {
	return FrameBound{text: " PRECEDING", place: -1, offset: n, counts: true}
}

// CurrentRow is the current row, and for [Range] and [Groups] all rows that are
// equal to it in the order.
func CurrentRow() FrameBound { return FrameBound{text: "CURRENT ROW"} }

// Following is n rows, values or groups behind the current row. The number is
// part of the SQL text. A negative one is an [ErrArgument].
func Following(n int) FrameBound {
	return FrameBound{text: " FOLLOWING", place: 1, offset: n, counts: true}
}

// UnboundedFollowing is the last row of the partition.
func UnboundedFollowing() FrameBound { return FrameBound{text: "UNBOUNDED FOLLOWING", place: 2} }

// Rows is a frame that counts rows: "ROWS BETWEEN 1 PRECEDING AND CURRENT ROW".
// A frame that ends before it begins is an [ErrArgument].
func Rows(from, to FrameBound) WindowOption { return framed("ROWS", from, to) }

// Range is a frame by the values of the one expression that orders the window:
// "RANGE BETWEEN 10 PRECEDING AND 10 FOLLOWING".
func Range(from, to FrameBound) WindowOption { return framed("RANGE", from, to) }

// Groups is a frame that counts groups of rows that are equal in the order:
// "GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW". It is a [CompileError] on MySQL
// and MariaDB.
func Groups(from, to FrameBound) WindowOption { return framed("GROUPS", from, to) }

func framed(unit sqlText, from, to FrameBound) WindowOption {
	return func(w *windowNode) {
		w.frame = &frameClause{unit, from, to}
		w.err = badFrame(from, to)
	}
}

// badFrame tells what is wrong with the bounds of a frame.
func badFrame(from, to FrameBound) error {
	mistake := func(subject, reason string) error {
		return &UsageError{Kind: ErrArgument, Op: "frame", Subject: subject, Reason: reason}
	}
	switch {
	case from.text == "" || to.text == "":
		return mistake("", "a bound is the zero FrameBound")
	case from.offset < 0 || to.offset < 0:
		return mistake(strconv.Itoa(min(from.offset, to.offset)), "the number is negative")
	case from.place == 2 || to.place == -2 || from.place > to.place:
		return mistake(fmt.Sprintf("from %s to %s", from, to), "it ends before it begins")
	}
	return nil
}

// String is the bound in SQL.
func (b FrameBound) String() string {
	if b.counts {
		return strconv.Itoa(b.offset) + string(b.text)
	}
	return string(b.text)
}

// ExcludeCurrentRow leaves the current row out of the frame: "EXCLUDE CURRENT
// ROW". Like the other exclusions it is a [CompileError] on MySQL and MariaDB.
func ExcludeCurrentRow() WindowOption { return exclude(" EXCLUDE CURRENT ROW") }

// ExcludeGroup leaves out the current row and all that are equal to it in the
// order: "EXCLUDE GROUP".
func ExcludeGroup() WindowOption { return exclude(" EXCLUDE GROUP") }

// ExcludeTies leaves out what is equal to the current row in the order, and
// keeps the row: "EXCLUDE TIES".
func ExcludeTies() WindowOption { return exclude(" EXCLUDE TIES") }

func exclude(text sqlText) WindowOption { return func(w *windowNode) { w.exclude = text } }

// newWindow makes a window of options.
func newWindow(options []WindowOption) *windowNode {
	w := &windowNode{}
	for _, o := range options {
		if o == nil {
			w.err = nilOption("window")
			continue
		}
		o(w)
	}
	if w.exclude != "" && w.frame == nil && w.err == nil {
		w.err = &UsageError{Kind: ErrArgument, Op: "window", Reason: "an exclusion without a frame", Advice: "add Rows, Range or Groups"}
	}
	return w
}

// Over computes a function over the rows of a window, and gives a value for
// every row. Any function and aggregate may have it, with FILTER before it;
// without options the window is the whole result. For anything but a function it
// is an [ErrArgument].
//
//	orm.Sum(amount).Over(orm.PartitionBy(customer), orm.OrderBy(day))
//	// sum(amount) OVER (PARTITION BY customer ORDER BY day)
func (e Expr[T]) Over(options ...WindowOption) Expr[T] {
	f, ok := e.n.(*funcNode)
	if !ok {
		return Expr[T]{&errorNode{&UsageError{Kind: ErrArgument, Op: "over", Reason: "OVER belongs to a function", Advice: "call Over before As"}}}
	}
	return Expr[T]{&overNode{of: f, window: newWindow(options)}}
}

// windowCall calls a function that there is only with OVER.
func windowCall[T any](name string, typ types.Type, args ...Node) Expr[T] {
	return Expr[T]{&funcNode{name: name, args: args, typ: typ, known: true, windowOnly: true}}
}

// windowSame calls a window function whose result has the type of its first
// argument.
func windowSame[T any](name string, args ...Node) Expr[T] {
	return Expr[T]{&funcNode{name: name, args: args, result: sameType, known: true, windowOnly: true}}
}

// RowNumber is the number of the row in its window, from 1 on: "row_number()
// OVER (…)". Like all of these functions it needs [Expr.Over]; to be compared, it
// has to come out of a subquery.
func RowNumber() Expr[int64] { return windowCall[int64]("row_number", types.BigInteger()) }

// Rank is the rank of the row in the order; equal rows have one rank, and the
// ranks after them are left out: 1, 1, 3.
func Rank() Expr[int64] { return windowCall[int64]("rank", types.BigInteger()) }

// DenseRank is Rank without gaps: 1, 1, 2.
func DenseRank() Expr[int64] { return windowCall[int64]("dense_rank", types.BigInteger()) }

// PercentRank is the rank between 0 and 1.
func PercentRank() Expr[float64] { return windowCall[float64]("percent_rank", types.Double()) }

// CumeDist is the part of the rows that stand before the row or are equal to
// it, above 0 up to 1.
func CumeDist() Expr[float64] { return windowCall[float64]("cume_dist", types.Double()) }

// Ntile parts the rows into n groups of about one size and gives the number of
// the row's. A number below 1 is an [ErrArgument].
func Ntile(n int) Expr[int64] {
	return windowCall[int64]("ntile", types.BigInteger(), position("ntile", n, 1))
}

// Lag is x in the row before the current one, or NULL where there is none.
func Lag[T any](of Expr[T]) Expr[T] { return windowSame[T]("lag", of.n) }

// LagBy is x in the row that stands offset rows before the current one: "lag(x,
// ?)". Where there is none it is NULL, or the default: "lag(x, ?, ?)", a
// [CompileError] on MariaDB.
func LagBy[T any](of Expr[T], offset int, other ...T) Expr[T] {
	return distant("lag", of, offset, other)
}

// Lead is x in the row behind the current one, or NULL where there is none.
func Lead[T any](of Expr[T]) Expr[T] { return windowSame[T]("lead", of.n) }

// LeadBy is [LagBy] that looks ahead.
func LeadBy[T any](of Expr[T], offset int, other ...T) Expr[T] {
	return distant("lead", of, offset, other)
}

func distant[T any](name string, of Expr[T], offset int, other []T) Expr[T] {
	args := []Node{of.n, position(name, offset, 0)}
	switch len(other) {
	case 0:
	case 1:
		args = append(args, bindValue(other[0], of.n))
	default:
		return Expr[T]{&errorNode{&UsageError{Kind: ErrArgument, Op: name, Reason: "more than one default"}}}
	}
	return windowSame[T](name, args...)
}

// FirstValue is x in the first row of the frame.
func FirstValue[T any](of Expr[T]) Expr[T] { return windowSame[T]("first_value", of.n) }

// LastValue is x in the last row of the frame, which is the current row unless
// the window has a frame that says otherwise.
func LastValue[T any](of Expr[T]) Expr[T] { return windowSame[T]("last_value", of.n) }

// NthValue is x in the n-th row of the frame, from 1 on, or NULL where the
// frame is shorter.
func NthValue[T any](of Expr[T], n int) Expr[T] {
	return windowSame[T]("nth_value", of.n, position("nth_value", n, 1))
}

// position is a number of rows as an argument.
func position(op string, n, least int) Node {
	if n < least {
		return &errorNode{&UsageError{Kind: ErrArgument, Op: op, Subject: strconv.Itoa(n), Reason: "the number is below " + strconv.Itoa(least)}}
	}
	return bindValue(n, nil)
}

// namedWindow is a window of a statement.
type namedWindow struct {
	name   string
	window *windowNode
}

// hasWindow reports whether one of the windows has the name.
func hasWindow(windows []namedWindow, name string) bool {
	return slices.ContainsFunc(windows, func(w namedWindow) bool { return w.name == name })
}
