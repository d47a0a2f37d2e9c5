// This file holds operators and functions of the user, with a spelling for each
// database.

package orm

import (
	"reflect"
	"slices"
	"strings"

	"github.com/aurum-go/orm/types"
)

// spelling is how a dialect spells an operator or a function: a symbol or name, or
// text with a ? for each operand or argument.
type spelling struct {
	dialect string
	text    SQL
}

// spellings are those of one operator or function, and what is meant elsewhere.
type spellings struct {
	usual SQL
	own   []spelling
}

func (s spellings) on(dialect string, text SQL) spellings {
	return spellings{s.usual, append(slices.Clip(s.own), spelling{dialect, text})}
}

// of is the spelling for a dialect, or "".
func (s spellings) of(dialect string) SQL {
	for _, own := range slices.Backward(s.own) {
		if own.dialect == dialect {
			return own.text
		}
	}
	return s.usual
}

// String names the operator or function in errors: by a spelling that it has.
func (s spellings) String() string {
	for _, own := range s.own {
		if s.usual == "" && own.text != "" {
			return quoted(string(own.text))
		}
	}
	return quoted(string(s.usual))
}

// isTemplate reports whether a spelling has places for what it is applied to.
func isTemplate(text SQL) bool {
	return strings.ContainsAny(string(text), "?( ") && !plainOperator(string(text))
}

// Precedence is how tightly an operator of the user binds, so where it needs
// parentheses.
type Precedence uint8

// The precedences of an [Operator], loosest first.
const (
	// Parenthesized has the operator stand in parentheses beside any other, and its
	// operands likewise.
	Parenthesized Precedence = iota
	// LikeComparison binds as = does: tighter than AND, looser than +.
	LikeComparison
	// LikeSum binds as + does, from the left.
	LikeSum
	// LikeProduct binds as * does, from the left.
	LikeProduct
)

var precedences = [...]int{Parenthesized: precOr, LikeComparison: precCompare, LikeSum: precAdd, LikeProduct: precMultiply}

// Operator is an operator of the databases that this package has no method for.
// Its result is a T; an Operator[bool] is a condition. It is an immutable value,
// usually kept in a variable, and safe for concurrent use.
//
//	var overlaps = orm.NewOperator[bool]("&&").On("mysql", "json_overlaps(?, ?)").On("sqlite", "")
//
//	overlaps.Of(orm.C(&d.Tags), orm.C(&d.Wanted))
//	// PostgreSQL: doc.tags && doc.wanted
//	// MySQL:      (json_overlaps(doc.tags, doc.wanted))
//	// SQLite:     a CompileError
type Operator[T any] struct{ op *operator }

// NewOperator makes an operator of its usual spelling: symbols, or one word. Empty
// is for one that only some databases have. It stands in parentheses wherever it
// could be torn apart, until its Precedence is told.
func NewOperator[T any](symbol SQL) Operator[T] {
	op := customOperator(string(symbol), inferred(reflect.TypeFor[T]()).Kind() == types.KindBoolean)
	op.spelt = &spellings{usual: symbol}
	return Operator[T]{op}
}

func (o Operator[T]) with(change func(*operator)) Operator[T] {
	if o.op == nil {
		return o
	}
	changed := *o.op
	change(&changed)
	return Operator[T]{&changed}
}

// On says how a dialect spells the operator: as another symbol or word, or as text
// with a ? for each operand, which is put in parentheses. Empty means that it has
// none, which is a [CompileError].
func (o Operator[T]) On(dialect string, text SQL) Operator[T] {
	return o.with(func(op *operator) {
		spelt := op.spelt.on(dialect, text)
		op.spelt = &spelt
	})
}

// Precedence says how tightly the operator binds, where it is a symbol or word.
// Whether the databases see it so is up to whoever says it.
func (o Operator[T]) Precedence(p Precedence) Operator[T] {
	return o.with(func(op *operator) {
		op.custom = p == Parenthesized
		op.precedence = precedences[min(int(p), len(precedences)-1)]
	})
}

// Associative says that neither (a op b) op c nor a op (b op c) needs parentheses.
func (o Operator[T]) Associative() Operator[T] {
	return o.with(func(op *operator) { op.associative = true })
}

// NegatedBy says what [Not] makes of the operator, in place of NOT (a op b).
func (o Operator[T]) NegatedBy(other Operator[bool]) Operator[T] {
	return o.with(func(op *operator) { op.negation = other.op })
}

// Of applies the operator. A value on the right is sent as one of the type on the
// left; [Lit] is of its own type.
func (o Operator[T]) Of(left Expression, right any) Expr[T] {
	if o.op == nil {
		return Expr[T]{&errorNode{&UsageError{Kind: ErrArgument, Op: "use operator", Reason: "it is the zero Operator", Advice: "make it with NewOperator"}}}
	}
	n := &binaryNode{op: o.op, left: expressionNode(left), typ: inferred(reflect.TypeFor[T]())}
	n.right = bindValue(right, n.left)
	return Expr[T]{n}
}

// Function is a function of the databases that this package has none for. Its
// result is a T. It is an immutable value, usually kept in a variable, and safe for
// concurrent use. For a name that is the same everywhere there is [Func].
//
//	var soundex = orm.NewFunction[string]("soundex").On("postgres", "metaphone(?, 4)")
//
//	soundex.Call(orm.C(&u.Name))
//	// SQLite, MySQL: soundex(users.name)
//	// PostgreSQL:    (metaphone(users.name, 4))
type Function[T any] struct{ spelt spellings }

// NewFunction makes a function of its usual name. Empty is for one that only some
// databases have. It may be any function: whether it only reads is not known.
func NewFunction[T any](name SQL) Function[T] { return Function[T]{spellings{usual: name}} }

// On says how a dialect spells the function: by another name, or as text with a ?
// for each argument, which is put in parentheses. Empty means that it has none,
// which is a [CompileError].
func (f Function[T]) On(dialect string, text SQL) Function[T] {
	return Function[T]{f.spelt.on(dialect, text)}
}

// Call calls the function. Arguments are expressions or values; values travel as
// parameters. Where it is called by a name, an aggregate may have OrderBy, Filter
// and Over.
func (f Function[T]) Call(args ...any) Expr[T] {
	n := &funcNode{args: make([]Node, len(args)), typ: inferred(reflect.TypeFor[T]()), spelt: &f.spelt}
	for i, a := range args {
		n.args[i] = bindValue(a, nil)
	}
	return Expr[T]{n}
}
