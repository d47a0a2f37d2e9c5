// This file is the operator table: how each operator is spelt, how tightly it
// binds, what negates it and what it gives.

package orm

import (
	"strings"

	"github.com/aurum-go/orm/types"
)

// operator is one row of the table. A greater precedence binds tighter.
type operator struct {
	text        sqlText
	name        string // for the dialects, where the text is not the name
	precedence  int
	negation    *operator `form:"-"` // NOT (a op b) is (a negation b)
	postfix     bool      // stands behind its one operand
	associative bool      // neither (a op b) op c nor a op (b op c) needs parentheses
	boolean     bool      // gives a condition
	custom      bool      // of the user: nobody knows how tightly it binds

	spelt *spellings // of the user, for each dialect
}

// lasting reports whether it is one of the table, and not made for a statement.
func (o *operator) lasting() bool { return !o.custom }

// result is the SQL type of what the operator makes of operands of a type.
func (o *operator) result(operand types.Type) types.Type {
	if o.boolean {
		return types.Boolean()
	}
	return operand
}

// Precedences, loosest first. Where the databases differ, parentheses are
// written: || and the operators of the user are looser than arithmetic to
// PostgreSQL and tighter to SQLite, so neither stands in the other without.
const (
	precOr = iota + 1
	precAnd
	precNot
	precCompare
	precConcat
	precAdd
	precMultiply
	precUnary
	precCollate
	precAtom
)

var (
	opOr  = &operator{text: " OR ", precedence: precOr, associative: true, boolean: true}
	opAnd = &operator{text: " AND ", precedence: precAnd, associative: true, boolean: true}
	opNot = &operator{text: "NOT ", precedence: precNot, boolean: true}

	opEq = &operator{text: " = ", precedence: precCompare, boolean: true}
	opNe = &operator{text: " <> ", precedence: precCompare, boolean: true}
	opLt = &operator{text: " < ", precedence: precCompare, boolean: true}
	opLe = &operator{text: " <= ", precedence: precCompare, boolean: true}
	opGt = &operator{text: " > ", precedence: precCompare, boolean: true}
	opGe = &operator{text: " >= ", precedence: precCompare, boolean: true}

	opIsNull      = &operator{text: " IS NULL", precedence: precCompare, postfix: true, boolean: true}
	opIsNotNull   = &operator{text: " IS NOT NULL", precedence: precCompare, postfix: true, boolean: true}
	opDistinct    = &operator{text: " IS DISTINCT FROM ", precedence: precCompare, boolean: true}
	opNotDistinct = &operator{text: " IS NOT DISTINCT FROM ", precedence: precCompare, boolean: true}
	opRegexp      = &operator{text: " REGEXP ", precedence: precCompare, boolean: true}
	opNotRegexp   = &operator{text: " NOT REGEXP ", precedence: precCompare, boolean: true}
	opIRegexp     = &operator{text: " REGEXP ", name: "IREGEXP", precedence: precCompare, boolean: true}
	opNotIRegexp  = &operator{text: " NOT REGEXP ", name: "NOT IREGEXP", precedence: precCompare, boolean: true}

	opConcat    = &operator{text: " || ", precedence: precConcat, associative: true}
	opAdd       = &operator{text: " + ", precedence: precAdd}
	opSubtract  = &operator{text: " - ", precedence: precAdd}
	opMultiply  = &operator{text: " * ", precedence: precMultiply}
	opDivide    = &operator{text: " / ", precedence: precMultiply}
	opIntDivide = &operator{text: " / ", name: "DIV", precedence: precMultiply}
	opModulo    = &operator{text: " % ", precedence: precMultiply}
	opNegative  = &operator{text: "-", precedence: precUnary}
)

func init() {
	for _, pair := range [][2]*operator{
		{opEq, opNe},
		{opLt, opGe},
		{opGt, opLe},
		{opIsNull, opIsNotNull},
		{opDistinct, opNotDistinct},
		{opRegexp, opNotRegexp},
		{opIRegexp, opNotIRegexp},
	} {
		pair[0].negation, pair[1].negation = pair[1], pair[0]
	}
}

// operands are the precedences that the left and the right operand need to
// stand without parentheses.
func (o *operator) operands() (left, right int) {
	switch {
	case o.custom || o.precedence == precConcat:
		return precUnary, precUnary
	case o.boolean:
		return o.precedence + 1, o.precedence + 1
	}
	return o.precedence, o.precedence + 1
}

// customOperator makes a row for an operator of the user, which stands in
// parentheses wherever it could be torn apart: XOR binds as loosely as OR.
func customOperator(symbol string, boolean bool) *operator {
	return &operator{text: sqlText(" " + symbol + " "), precedence: precOr, custom: true, boolean: boolean}
}

// plainOperator reports whether the text is operator symbols only, or one word.
// Comment marks are not operators.
func plainOperator(text string) bool {
	if strings.Contains(text, "--") || strings.Contains(text, "/*") || text == "" {
		return false
	}
	return strings.Trim(text, "+-*/<>=~!@#%^&|?") == "" || plainFunctionName(text) && !strings.Contains(text, ".")
}
