// This file holds the conditions: comparisons with values and expressions,
// AND, OR and NOT, IN, BETWEEN and the LIKE family.

package orm

import (
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/aurum-go/orm/types"
)

// inNode is x IN (values) or x IN (SELECT …).
type inNode struct {
	operand Node
	values  []any `form:"list"`
	query   Node
	negated bool
}

// betweenNode is x BETWEEN low AND high.
type betweenNode struct {
	operand, low, high Node
	negated            bool
}

// likeNode is x LIKE pattern. With a fold, upper and lower case are the same.
// With escaped, the pattern was made of text in which / stands before each
// character that is meant literally.
type likeNode struct {
	operand, pattern       Node
	fold, escaped, negated bool
}

func (*inNode) node()      {}
func (*betweenNode) node() {}
func (*likeNode) node()    {}

func (*inNode) sqlType() types.Type      { return types.Boolean() }
func (*betweenNode) sqlType() types.Type { return types.Boolean() }
func (*likeNode) sqlType() types.Type    { return types.Boolean() }

// isNull reports whether a value of Go stands for NULL: nil, a nil pointer or
// slice, or one that is sent as NULL (a sql.Null, or what its converter says).
func isNull(v any) bool {
	switch v.(type) {
	case nil:
		return true
	case string, int, int64, bool, float64, time.Time, Expression:
		return false
	}
	if r := reflect.ValueOf(v); r.Kind() == reflect.Pointer || r.Kind() == reflect.Slice {
		if r.IsNil() {
			return true
		}
	}
	sent, err := types.EncodeValue(v, types.Type{})
	return err == nil && sent == nil
}

// bindValue returns the node for a value: NULL, or a parameter of the type of
// the node that it meets. An expression stands for itself: as a value of type
// any it is what a column of a [Table] is compared with.
func bindValue(v any, like Node) Node {
	if e, ok := v.(Expression); ok {
		return adapted(expressionNode(e), like)
	}
	if isNull(v) {
		return nullNode
	}
	return &bindNode{value: v, like: like}
}

func condition(op *operator, left, right Node) Expr[bool] {
	return Expr[bool]{&binaryNode{op: op, left: adapted(left, right), right: adapted(right, left)}}
}

func compareValue(op *operator, left Node, v any) Expr[bool] {
	if isNull(v) {
		return Expr[bool]{nullComparison(op, left)}
	}
	return condition(op, left, bindValue(v, left))
}

// nullComparison is what a comparison with NULL means to a programmer; to SQL
// it would be neither true nor false.
func nullComparison(op *operator, left Node) Node {
	switch op {
	case opEq, opNotDistinct:
		return &unaryNode{opIsNull, left}
	case opNe, opDistinct:
		return &unaryNode{opIsNotNull, left}
	}
	return &errorNode{&UsageError{
		Kind: ErrArgument, Op: "compare", Reason: "NULL has no order, so" + string(op.text) + "NULL is never true",
		Advice: "use IsNull or IsNotNull",
	}}
}

// Eq compares with a value: "x = ?". A nil compares as "x IS NULL".
func (e Expr[T]) Eq(v T) Expr[bool] { return compareValue(opEq, e.n, v) }

// Ne compares with a value: "x <> ?". A nil compares as "x IS NOT NULL". Rows
// where x is NULL do not match; see [Expr.IsDistinctFrom].
func (e Expr[T]) Ne(v T) Expr[bool] { return compareValue(opNe, e.n, v) }

// Lt compares with a value: "x < ?".
func (e Expr[T]) Lt(v T) Expr[bool] { return compareValue(opLt, e.n, v) }

// Le compares with a value: "x <= ?".
func (e Expr[T]) Le(v T) Expr[bool] { return compareValue(opLe, e.n, v) }

// Gt compares with a value: "x > ?".
func (e Expr[T]) Gt(v T) Expr[bool] { return compareValue(opGt, e.n, v) }

// Ge compares with a value: "x >= ?".
func (e Expr[T]) Ge(v T) Expr[bool] { return compareValue(opGe, e.n, v) }

// IsNull is "x IS NULL".
func (e Expr[T]) IsNull() Expr[bool] { return Expr[bool]{&unaryNode{opIsNull, e.n}} }

// IsNotNull is "x IS NOT NULL".
func (e Expr[T]) IsNotNull() Expr[bool] { return Expr[bool]{&unaryNode{opIsNotNull, e.n}} }

// IsDistinctFrom is Ne that takes NULL for a value like any other:
// "x IS DISTINCT FROM ?", in the spelling of the database.
func (e Expr[T]) IsDistinctFrom(v T) Expr[bool] { return compareValue(opDistinct, e.n, v) }

// IsNotDistinctFrom is Eq that takes NULL for a value like any other.
func (e Expr[T]) IsNotDistinctFrom(v T) Expr[bool] { return compareValue(opNotDistinct, e.n, v) }

// Eq compares two expressions: "a = b".
func Eq[T any](a, b Expr[T]) Expr[bool] { return condition(opEq, a.n, b.n) }

// Ne compares two expressions: "a <> b".
func Ne[T any](a, b Expr[T]) Expr[bool] { return condition(opNe, a.n, b.n) }

// Lt compares two expressions: "a < b".
func Lt[T any](a, b Expr[T]) Expr[bool] { return condition(opLt, a.n, b.n) }

// Le compares two expressions: "a <= b".
func Le[T any](a, b Expr[T]) Expr[bool] { return condition(opLe, a.n, b.n) }

// Gt compares two expressions: "a > b".
func Gt[T any](a, b Expr[T]) Expr[bool] { return condition(opGt, a.n, b.n) }

// Ge compares two expressions: "a >= b".
func Ge[T any](a, b Expr[T]) Expr[bool] { return condition(opGe, a.n, b.n) }

// In is "x IN (?, ?, …)". No value at all gives FALSE, as no row is in an empty
// list. NULL in the list is refused, as it would never match. A long list travels
// as one array or document where the database has that; elsewhere one that is
// longer than the database takes parameters is an [ErrTooManyParams].
func (e Expr[T]) In(values ...T) Expr[bool] { return inValues(e.n, values, false) }

// NotIn is "x NOT IN (?, ?, …)". No value at all gives TRUE. Rows where x is
// NULL do not match otherwise.
func (e Expr[T]) NotIn(values ...T) Expr[bool] { return inValues(e.n, values, true) }

func inValues[T any](operand Node, values []T, negated bool) Expr[bool] {
	list := make([]any, len(values))
	for i, v := range values {
		if list[i] = v; isNull(list[i]) {
			return nullInList()
		}
	}
	return Expr[bool]{&inNode{operand: operand, values: list, negated: negated}}
}

func nullInList() Expr[bool] {
	return Expr[bool]{&errorNode{&UsageError{
		Kind: ErrArgument, Op: "compare with IN", Reason: "NULL in the list, which never matches",
		Advice: "leave it out, and add Or(…, x.IsNull())",
	}}}
}

// InSelect is "x IN (SELECT …)".
func (e Expr[T]) InSelect(query Subselect) Expr[bool] {
	return Expr[bool]{&inNode{operand: e.n, query: subselectNode(query)}}
}

// NotInSelect is "x NOT IN (SELECT …)". It matches no row at all when the
// query gives a NULL.
func (e Expr[T]) NotInSelect(query Subselect) Expr[bool] {
	return Expr[bool]{&inNode{operand: e.n, query: subselectNode(query), negated: true}}
}

// Subselect is a statement that can stand inside of another: a SELECT, or a set
// operation over SELECTs.
type Subselect interface{ queryNode() Node }

// Exists is "EXISTS (SELECT …)". FROM items of the query that only its
// conditions imply are those of the enclosing statement, if that has them.
func Exists(query Subselect) Expr[bool] { return Expr[bool]{&existsNode{query: subselectNode(query)}} }

// Between is "x BETWEEN ? AND ?", both ends included. NULL for an end is an
// [ErrArgument], as it would match nothing.
func (e Expr[T]) Between(low, high T) Expr[bool] { return between(e.n, low, high, false) }

// NotBetween is "x NOT BETWEEN ? AND ?".
func (e Expr[T]) NotBetween(low, high T) Expr[bool] { return between(e.n, low, high, true) }

func between(operand Node, low, high any, negated bool) Expr[bool] {
	if isNull(low) || isNull(high) {
		return Expr[bool]{&errorNode{&UsageError{
			Kind: ErrArgument, Op: "compare with BETWEEN", Reason: "an end is NULL, which nothing is above or below", Advice: "use Ge or Le for one end alone",
		}}}
	}
	return Expr[bool]{&betweenNode{operand: operand, low: bindValue(low, operand), high: bindValue(high, operand), negated: negated}}
}

// And joins conditions with AND. Without any it is TRUE.
func And(conditions ...Expr[bool]) Expr[bool] { return joined(opAnd, trueNode, conditions) }

// Or joins conditions with OR. Without any it is FALSE.
func Or(conditions ...Expr[bool]) Expr[bool] { return joined(opOr, falseNode, conditions) }

func joined(op *operator, empty Node, conditions []Expr[bool]) Expr[bool] {
	switch len(conditions) {
	case 0:
		return Expr[bool]{empty}
	case 1:
		return conditions[0]
	}
	return Expr[bool]{&listNode{op: op, items: conditionNodes(conditions)}}
}

// flat returns the conditions of the list and of the lists of the same kind in
// it, in their order. A chain that was written term by term is deep; it is
// taken apart without recursion, and only when it is needed.
func (n *listNode) flat() []Node {
	if !slices.ContainsFunc(n.items, n.sameList) {
		return n.items
	}
	var items []Node
	for rest := []Node{n}; len(rest) > 0 && len(items) <= maxParts; {
		last := rest[len(rest)-1]
		rest = rest[:len(rest)-1]
		if !n.sameList(last) {
			items = append(items, last)
			continue
		}
		for _, item := range slices.Backward(last.(*listNode).items) {
			rest = append(rest, item)
		}
	}
	return items
}

func (n *listNode) sameList(item Node) bool {
	list, ok := item.(*listNode)
	return ok && list.op == n.op
}

// Not negates a condition, in the shortest form: Not(x.Eq(1)) is "x <> ?".
func Not(condition Expr[bool]) Expr[bool] {
	switch n := condition.n.(type) {
	case *binaryNode:
		if n.op.negation != nil {
			return Expr[bool]{&binaryNode{op: n.op.negation, left: n.left, right: n.right}}
		}
	case *unaryNode:
		if n.op == opNot {
			return Expr[bool]{n.operand}
		}
		if n.op.negation != nil {
			return Expr[bool]{&unaryNode{n.op.negation, n.operand}}
		}
	case *inNode:
		negated := *n
		negated.negated = !n.negated
		return Expr[bool]{&negated}
	case *tupleInNode:
		negated := *n
		negated.negated = !n.negated
		return Expr[bool]{&negated}
	case *rowNode:
		return Expr[bool]{&rowNode{op: n.op.negation, left: n.left, right: n.right}}
	case *betweenNode:
		negated := *n
		negated.negated = !n.negated
		return Expr[bool]{&negated}
	case *likeNode:
		negated := *n
		negated.negated = !n.negated
		return Expr[bool]{&negated}
	}
	return Expr[bool]{&unaryNode{opNot, condition.n}}
}

func like(operand Node, pattern any, n likeNode) Expr[bool] {
	n.operand = operand
	n.pattern = &bindNode{value: pattern, typ: types.Text()}
	return Expr[bool]{&n}
}

// Like is "x LIKE ?". In the pattern % stands for any text, _ for any
// character, and a backslash before one of the three takes it literally.
// Whether case counts is up to the database: it does on PostgreSQL; it does not
// on SQLite (for ASCII) and, with its usual collations, on MySQL.
func (e Expr[T]) Like(pattern string) Expr[bool] { return like(e.n, pattern, likeNode{}) }

// NotLike is "x NOT LIKE ?".
func (e Expr[T]) NotLike(pattern string) Expr[bool] {
	return like(e.n, pattern, likeNode{negated: true})
}

// ILike is Like for which upper and lower case are the same on every database.
func (e Expr[T]) ILike(pattern string) Expr[bool] { return like(e.n, pattern, likeNode{fold: true}) }

// NotILike negates ILike.
func (e Expr[T]) NotILike(pattern string) Expr[bool] {
	return like(e.n, pattern, likeNode{fold: true, negated: true})
}

// StartsWith matches text that begins with the given one, taken literally.
func (e Expr[T]) StartsWith(text string) Expr[bool] {
	return like(e.n, escapeLike(text)+"%", likeNode{escaped: true})
}

// EndsWith matches text that ends with the given one, taken literally.
func (e Expr[T]) EndsWith(text string) Expr[bool] {
	return like(e.n, "%"+escapeLike(text), likeNode{escaped: true})
}

// Contains matches text that contains the given one, taken literally.
func (e Expr[T]) Contains(text string) Expr[bool] {
	return like(e.n, "%"+escapeLike(text)+"%", likeNode{escaped: true})
}

// IContains is Contains for which upper and lower case are the same.
func (e Expr[T]) IContains(text string) Expr[bool] {
	return like(e.n, "%"+escapeLike(text)+"%", likeNode{fold: true, escaped: true})
}

// Matches tests against a regular expression of the database's own dialect. It
// is a [CompileError] where there is none (SQLite).
func (e Expr[T]) Matches(pattern string) Expr[bool] {
	return condition(opRegexp, e.n, &bindNode{value: pattern, typ: types.Text()})
}

// IMatches is Matches for which upper and lower case are the same. On MySQL and
// MariaDB that is so for [Expr.Matches], too, where the collation says so.
//
//	orm.C(&u.Name).IMatches("^ed")
//	// PostgreSQL: users.name ~* $1
//	// MySQL:      users.name REGEXP concat('(?i)', ?)
func (e Expr[T]) IMatches(pattern string) Expr[bool] {
	return condition(opIRegexp, e.n, &bindNode{value: pattern, typ: types.Text()})
}

var likeEscaper = strings.NewReplacer("/", "//", "%", "/%", "_", "/_")

// escapeLike puts a slash before each character that LIKE would interpret.
func escapeLike(text string) string { return likeEscaper.Replace(text) }
