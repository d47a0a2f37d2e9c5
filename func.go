// This file holds what looks like a function: functions and aggregates, CASE,
// CAST, EXTRACT, and arithmetic.

package orm

import (
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/aurum-go/orm/types"
)

// funcNode is name(args). An aggregate may have DISTINCT and a filter.
type funcNode struct {
	name     string
	args     []Node
	typ      types.Type
	result   func(types.Type) types.Type `form:"-"` // the type of the result, from that of the first argument; the name says which
	known    bool                        // one of this package's own, which only calculates
	distinct bool
	filter   Node

	windowOnly bool   // there is none without OVER
	order      []Node // in which an aggregate takes the rows
	within     []Node // WITHIN GROUP
	separator  string // of string_agg

	json    jsonFunction // it makes a document
	spelt   *spellings   // of the user, for each dialect
	arrays  bool         // it takes or gives arrays
	unspelt *unspelt     // there is no standard form
}

// unspelt is what is missing where the dialect does not write a function that
// has no standard form, and what to do then.
type unspelt struct{ feature, advice string }

// keywordNode is a function that SQL writes without parentheses.
type keywordNode struct {
	text sqlText
	typ  types.Type
}

// caseNode is CASE [operand] WHEN … THEN … ELSE … END.
type caseNode struct {
	operand Node
	whens   []caseWhen
	other   Node
}

type caseWhen struct{ when, then Node }

// castNode is CAST(x AS type). Without a type, it is that of the node like.
type castNode struct {
	of   Node
	typ  types.Type
	like Node
}

// extractNode is EXTRACT(field FROM x).
type extractNode struct {
	field DateField
	of    Node
}

func (*funcNode) node()    {}
func (*keywordNode) node() {}
func (*caseNode) node()    {}
func (*castNode) node()    {}
func (*extractNode) node() {}

func (n *funcNode) sqlType() types.Type {
	if n.result != nil {
		return n.result(typeOf(n.args[0]))
	}
	return n.typ
}

func (n *keywordNode) sqlType() types.Type { return n.typ }
func (*extractNode) sqlType() types.Type   { return types.BigInteger() }

func (n *castNode) sqlType() types.Type {
	if n.like != nil {
		return typeOf(n.like)
	}
	return n.typ
}

func (n *caseNode) sqlType() types.Type {
	for _, w := range n.whens {
		if t := typeOf(w.then); !t.IsZero() {
			return t
		}
	}
	return types.Type{}
}

// Func calls a function of the database by its name. Arguments are expressions
// or values; values travel as parameters. The name is a constant of the
// program: letters, digits, underscores, and dots before a schema's function.
// It may be any function: whether it only reads is not known.
//
//	orm.Func[int]("strftime", "%Y", orm.C(&u.CreatedAt))
func Func[T any](name SQL, args ...any) Expr[T] {
	if !plainFunctionName(string(name)) {
		return Expr[T]{&errorNode{badIdentifier("call function", string(name))}}
	}
	n := &funcNode{name: string(name), args: make([]Node, len(args)), typ: inferred(reflect.TypeFor[T]())}
	for i, a := range args {
		n.args[i] = bindValue(a, nil)
	}
	if strings.EqualFold(n.name, "count") && len(args) == 0 {
		n.args = []Node{&starNode{}}
	}
	return Expr[T]{n}
}

func call[T any](name string, typ types.Type, args ...Node) Expr[T] {
	return Expr[T]{&funcNode{name: name, args: args, typ: typ, known: true}}
}

// callSame calls a function whose result has the type of its first argument.
func callSame[T any](name string, args ...Node) Expr[T] {
	return Expr[T]{&funcNode{name: name, args: args, result: sameType, known: true}}
}

func sameType(t types.Type) types.Type { return t }

// callOwn calls a function that each dialect spells its own way, or lacks.
func callOwn[T any](name string, typ types.Type, missing *unspelt, args ...Node) Expr[T] {
	return Expr[T]{&funcNode{name: name, args: args, typ: typ, known: true, unspelt: missing}}
}

// sumType is the type of a sum, for which that of the terms may be too small.
func sumType(t types.Type) types.Type {
	switch t.Kind() {
	case types.KindSmallInteger, types.KindInteger, types.KindBigInteger:
		return types.BigInteger()
	case types.KindFloat:
		return types.Double()
	case types.KindNumeric:
		return types.Numeric(0, 0)
	}
	return t
}

// Count is count(*), or count(x), which leaves NULLs out.
func Count(of ...Expression) Expr[int64] {
	switch len(of) {
	case 0:
		return call[int64]("count", types.BigInteger(), &starNode{})
	case 1:
		return call[int64]("count", types.BigInteger(), expressionNode(of[0]))
	}
	return Expr[int64]{&errorNode{&UsageError{Kind: ErrArgument, Op: "count", Reason: "more than one expression", Advice: "count one of them"}}}
}

// CountDistinct is count(DISTINCT x).
func CountDistinct(of Expression) Expr[int64] {
	return Expr[int64]{&funcNode{name: "count", args: []Node{expressionNode(of)}, typ: types.BigInteger(), known: true, distinct: true}}
}

// Sum is sum(x), NULL over no rows.
func Sum[T any](of Expr[T]) Expr[T] {
	return Expr[T]{&funcNode{name: "sum", args: []Node{of.n}, result: sumType, known: true}}
}

// Avg is avg(x), NULL over no rows.
func Avg[T any](of Expr[T]) Expr[float64] { return call[float64]("avg", types.Double(), of.n) }

// Min is min(x), NULL over no rows.
func Min[T any](of Expr[T]) Expr[T] { return callSame[T]("min", of.n) }

// Max is max(x), NULL over no rows.
func Max[T any](of Expr[T]) Expr[T] { return callSame[T]("max", of.n) }

// Filter restricts an aggregate to the rows that meet the conditions:
// "count(*) FILTER (WHERE …)", or a CASE where the database has no FILTER. All
// conditions that were ever added are joined with AND. For anything but an
// aggregate it is an [ErrArgument].
func (e Expr[T]) Filter(conditions ...Expr[bool]) Expr[T] {
	if over, ok := e.n.(*overNode); ok {
		inner := Expr[T]{over.of}.Filter(conditions...)
		if f, ok := inner.n.(*funcNode); ok {
			return Expr[T]{&overNode{of: f, window: over.window}}
		}
		return inner
	}
	f, ok := e.n.(*funcNode)
	if !ok || f.windowOnly {
		return Expr[T]{&errorNode{&UsageError{Kind: ErrArgument, Op: "filter", Reason: "FILTER belongs to an aggregate function"}}}
	}
	filtered := *f
	if f.filter != nil {
		conditions = slices.Concat([]Expr[bool]{{f.filter}}, conditions)
	}
	filtered.filter = And(conditions...).n
	return Expr[T]{&filtered}
}

// Lower is lower(x).
func Lower(of Expr[string]) Expr[string] { return call[string]("lower", types.Text(), of.n) }

// Upper is upper(x).
func Upper(of Expr[string]) Expr[string] { return call[string]("upper", types.Text(), of.n) }

// Trim is trim(x).
func Trim(of Expr[string]) Expr[string] { return call[string]("trim", types.Text(), of.n) }

// Length is the number of characters of a text, on every database.
func Length(of Expr[string]) Expr[int64] { return call[int64]("length", types.BigInteger(), of.n) }

// Abs is abs(x).
func Abs[T any](of Expr[T]) Expr[T] { return callSame[T]("abs", of.n) }

// Concat joins texts: "a || b", or concat(a, b) on MySQL. NULL gives NULL.
func Concat(parts ...Expr[string]) Expr[string] {
	if len(parts) == 0 {
		return Lit("")
	}
	return Expr[string]{concatenation(parts)}
}

// concatenation makes a tree that is no deeper than it has to be.
func concatenation(parts []Expr[string]) Node {
	if len(parts) == 1 {
		return parts[0].n
	}
	half := len(parts) / 2
	return &binaryNode{op: opConcat, left: concatenation(parts[:half]), right: concatenation(parts[half:]), typ: types.Text()}
}

// Coalesce is the first of the expressions that is not NULL.
func Coalesce[T any](first Expr[T], others ...Expr[T]) Expr[T] {
	args := []Node{first.n}
	for _, o := range others {
		args = append(args, adapted(o.n, first.n))
	}
	return callSame[T]("coalesce", args...)
}

// NullIf is NULL where x is the value, else x.
func NullIf[T any](of Expr[T], v T) Expr[T] {
	return callSame[T]("nullif", of.n, bindValue(v, of.n))
}

// CurrentTimestamp is the instant of the transaction or statement, by the
// database's clock.
func CurrentTimestamp() Expr[time.Time] {
	return Expr[time.Time]{&keywordNode{"CURRENT_TIMESTAMP", types.DateTime()}}
}

// Cast is CAST(x AS type), in the database's spelling of the type.
func Cast[T any](of Expression, t types.Type) Expr[T] {
	return Expr[T]{&castNode{of: expressionNode(of), typ: t}}
}

// TypeCoerce takes the expression for one of another type, in Go and for its
// parameters, and changes nothing in the SQL.
func TypeCoerce[T any](of Expression, t types.Type) Expr[T] {
	return Expr[T]{&coercedNode{expressionNode(of), t}}
}

// coercedNode is another node under another type.
type coercedNode struct {
	of  Node
	typ types.Type
}

func (*coercedNode) node()                 {}
func (n *coercedNode) sqlType() types.Type { return n.typ }

// DateField is a part of a date or time, for [Extract].
type DateField string

// The fields that every database can extract.
const (
	Year   DateField = "year"
	Month  DateField = "month"
	Day    DateField = "day"
	Hour   DateField = "hour"
	Minute DateField = "minute"
	Second DateField = "second" // whole seconds

	Quarter   DateField = "quarter" // from 1 to 4
	Week      DateField = "week"    // of the year, from 1 to 53, as ISO 8601 counts
	DayOfWeek DateField = "dow"     // from 0, which is Sunday, as time.Weekday counts
	DayOfYear DateField = "doy"     // from 1 on
	Epoch     DateField = "epoch"   // whole seconds since 1970 began, in UTC
)

// Extract is a part of a date or time, as a whole number: EXTRACT(year FROM x),
// in the database's spelling.
func Extract(field DateField, of Expression) Expr[int64] {
	switch field {
	case Year, Month, Day, Hour, Minute, Second, Quarter, Week, DayOfWeek, DayOfYear, Epoch:
		return Expr[int64]{&extractNode{field, expressionNode(of)}}
	}
	return Expr[int64]{&errorNode{badIdentifier("extract field", string(field))}}
}

// CaseExpr is a CASE that is being written; Else or End makes it an expression.
type CaseExpr[T any] struct{ n caseNode }

// Case begins CASE WHEN condition THEN value … END.
func Case[T any]() CaseExpr[T] { return CaseExpr[T]{} }

// When adds "WHEN condition THEN ?".
func (c CaseExpr[T]) When(condition Expr[bool], then T) CaseExpr[T] {
	return c.with(condition.n, bindValue(then, nil))
}

// WhenExpr adds "WHEN condition THEN expression".
func (c CaseExpr[T]) WhenExpr(condition Expr[bool], then Expr[T]) CaseExpr[T] {
	return c.with(condition.n, then.n)
}

func (c CaseExpr[T]) with(when, then Node) CaseExpr[T] {
	c.n.whens = append(slices.Clip(c.n.whens), caseWhen{when, then})
	return c
}

// Else ends the CASE with the value for all other rows.
func (c CaseExpr[T]) Else(v T) Expr[T] { return c.ElseExpr(Lit(v)) }

// ElseExpr ends the CASE with the expression for all other rows.
func (c CaseExpr[T]) ElseExpr(e Expr[T]) Expr[T] {
	n := c.n
	n.other = e.n
	return Expr[T]{&n}
}

// End ends the CASE; all other rows give NULL.
func (c CaseExpr[T]) End() Expr[T] {
	n := c.n
	return Expr[T]{&n}
}

// ValueCase is a CASE over the values of one expression.
type ValueCase[V, T any] struct{ c CaseExpr[T] }

// CaseOf begins CASE x WHEN value THEN value … END.
func CaseOf[T, V any](x Expr[V]) ValueCase[V, T] {
	return ValueCase[V, T]{CaseExpr[T]{caseNode{operand: x.n}}}
}

// When adds "WHEN ? THEN ?". NULL for the value is an [ErrArgument], as it would
// never match.
func (c ValueCase[V, T]) When(v V, then T) ValueCase[V, T] {
	if isNull(v) {
		never := &errorNode{&UsageError{Kind: ErrArgument, Op: "compare with WHEN", Reason: "NULL, which never matches", Advice: "use Case and IsNull"}}
		return ValueCase[V, T]{c.c.with(never, nullNode)}
	}
	return ValueCase[V, T]{c.c.with(bindValue(v, c.c.n.operand), bindValue(then, nil))}
}

// Else ends the CASE with the value for all other rows.
func (c ValueCase[V, T]) Else(v T) Expr[T] { return c.c.Else(v) }

// End ends the CASE; all other rows give NULL.
func (c ValueCase[V, T]) End() Expr[T] { return c.c.End() }

func arithmetic[T any](op *operator, left, right Node) Expr[T] {
	n := &binaryNode{op: op, left: adapted(left, right), right: adapted(right, left)}
	if op == opDivide {
		n.typ = types.Double()
	}
	return Expr[T]{n}
}

// Plus is "x + ?".
func (e Expr[T]) Plus(v T) Expr[T] { return arithmetic[T](opAdd, e.n, bindValue(v, e.n)) }

// Minus is "x - ?".
func (e Expr[T]) Minus(v T) Expr[T] { return arithmetic[T](opSubtract, e.n, bindValue(v, e.n)) }

// Times is "x * ?".
func (e Expr[T]) Times(v T) Expr[T] { return arithmetic[T](opMultiply, e.n, bindValue(v, e.n)) }

// DividedBy is true division on every database: 7 divided by 2 is 3.5.
func (e Expr[T]) DividedBy(v T) Expr[float64] {
	return arithmetic[float64](opDivide, e.n, bindValue(v, e.n))
}

// IntDividedBy is division of whole numbers on every database, cut towards
// zero: 7 divided by 2 is 3.
func (e Expr[T]) IntDividedBy(v T) Expr[T] {
	return arithmetic[T](opIntDivide, e.n, bindValue(v, e.n))
}

// Modulo is "x % ?".
func (e Expr[T]) Modulo(v T) Expr[T] { return arithmetic[T](opModulo, e.n, bindValue(v, e.n)) }

// Negate is "-x".
func (e Expr[T]) Negate() Expr[T] { return Expr[T]{&unaryNode{opNegative, e.n}} }

// Add is "a + b".
func Add[T any](a, b Expr[T]) Expr[T] { return arithmetic[T](opAdd, a.n, b.n) }

// Subtract is "a - b".
func Subtract[T any](a, b Expr[T]) Expr[T] { return arithmetic[T](opSubtract, a.n, b.n) }

// Multiply is "a * b".
func Multiply[T any](a, b Expr[T]) Expr[T] { return arithmetic[T](opMultiply, a.n, b.n) }

// Divide is true division of two expressions on every database.
func Divide[T any](a, b Expr[T]) Expr[float64] { return arithmetic[float64](opDivide, a.n, b.n) }

// IntDivide is division of whole numbers on every database, cut towards zero.
func IntDivide[T any](a, b Expr[T]) Expr[T] { return arithmetic[T](opIntDivide, a.n, b.n) }

// Op applies an operator of the database that this package has no method for.
// The operator is a constant: symbols such as "@>", or one word. Beside other
// operators it is put in parentheses; Op[bool] is a condition. A value on the
// right is sent as one of the type on the left; [Lit] is of its own type.
//
//	orm.Op[bool](orm.C(&d.Tags), "@>", "{go}")
func Op[T any](left Expression, op SQL, right any) Expr[T] {
	if !plainOperator(string(op)) {
		return Expr[T]{&errorNode{badIdentifier("use operator", string(op))}}
	}
	n := &binaryNode{left: expressionNode(left), typ: inferred(reflect.TypeFor[T]())}
	n.op = customOperator(string(op), n.typ.Kind() == types.KindBoolean)
	if e, ok := right.(Expression); ok {
		n.right = expressionNode(e)
	} else {
		n.right = bindValue(right, n.left)
	}
	return Expr[T]{n}
}

// Collate is "x COLLATE name". The name is quoted where it has to be.
func (e Expr[T]) Collate(name SQL) Expr[T] { return Expr[T]{&collateNode{e.n, string(name)}} }

// collateNode is x COLLATE name.
type collateNode struct {
	of   Node
	name string
}

func (*collateNode) node()                 {}
func (n *collateNode) sqlType() types.Type { return typeOf(n.of) }

// plainFunctionName reports whether a name is of letters, digits and
// underscores, with dots between its parts.
func plainFunctionName(name string) bool {
	start := true
	for _, r := range name {
		switch {
		case r == '_' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z':
			start = false
		case r >= '0' && r <= '9' && !start:
		case r == '.' && !start:
			start = true
		default:
			return false
		}
	}
	return !start
}

func badIdentifier(op, name string) error {
	reason := "the name has characters that no plain name has"
	if name == "" {
		reason = "the name is empty"
	}
	return &UsageError{Kind: ErrBadIdentifier, Op: op, Subject: quoted(name), Reason: reason}
}
