// This file writes the functions that PostgreSQL spells its own way.

package postgres

import (
	"strings"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

// functions are those that are not called as name(args).
var functions = map[string]func(c *orm.Compiler, args []orm.Node){
	"json_contains":   func(c *orm.Compiler, args []orm.Node) { infix(c, args[0], " @> ", args[1]) },
	"array_contains":  func(c *orm.Compiler, args []orm.Node) { infix(c, args[0], " @> ", args[1]) },
	"array_contained": func(c *orm.Compiler, args []orm.Node) { infix(c, args[0], " <@ ", args[1]) },
	"array_overlaps":  func(c *orm.Compiler, args []orm.Node) { infix(c, args[0], " && ", args[1]) },
	"array_element":   arrayPart,
	"array_slice":     arrayPart,
	"position":        func(c *orm.Compiler, args []orm.Node) { c.Call("strpos", args...) },
	"regexp_replace":  regexpReplace,
	"round":           round,
	"floor":           wholeNumber("floor"),
	"ceil":            wholeNumber("ceil"),
}

// RenderFunction writes the functions that have another name or form here.
func (dialect) RenderFunction(c *orm.Compiler, name string, args []orm.Node) bool {
	if quantifier, operator, ok := strings.Cut(name, " "); ok {
		return quantified(c, quantifier, operator, args)
	}
	write := functions[name]
	if write != nil {
		write(c, args)
	}
	return write != nil
}

// infix writes an operator between two operands, in parentheses: it stands where
// a function would.
func infix(c *orm.Compiler, left orm.Node, operator orm.SQL, right orm.Node) {
	c.SQL("(")
	c.Render(left)
	c.UserSQL(operator)
	c.Render(right)
	c.SQL(")")
}

var quantifiers = map[string]orm.SQL{"array_any": " ANY(", "array_all": " ALL("}

// quantified writes (x = ANY(array)).
func quantified(c *orm.Compiler, quantifier, operator string, args []orm.Node) bool {
	word := quantifiers[quantifier]
	if word == "" {
		return false
	}
	c.SQL("(")
	c.Render(args[0])
	c.UserSQL(orm.SQL(" " + operator))
	c.UserSQL(word)
	c.RenderItem(args[1])
	c.SQL("))")
	return true
}

// arrayPart writes (array)[1] or (array)[1:2].
func arrayPart(c *orm.Compiler, args []orm.Node) {
	c.SQL("(")
	c.RenderItem(args[0])
	c.SQL(")[")
	c.Render(args[1])
	if len(args) > 2 {
		c.SQL(":")
		c.Render(args[2])
	}
	c.SQL("]")
}

// regexpReplace replaces every match, and not the first alone.
func regexpReplace(c *orm.Compiler, args []orm.Node) {
	c.SQL("regexp_replace(")
	for _, a := range args {
		c.RenderItem(a)
		c.SQL(", ")
	}
	c.SQL("'g')")
}

// round goes by way of a decimal, for a float has no digits to round to, and its
// half goes to the next even number.
func round(c *orm.Compiler, args []orm.Node) {
	t := c.TypeOf(args[0])
	float := t.Kind() == types.KindFloat || t.Kind() == types.KindDouble
	switch {
	case isInteger(t.Kind()):
		c.Render(args[0])
		return
	case float:
		c.SQL("CAST(")
	}
	c.SQL("round(CAST(")
	c.RenderItem(args[0])
	c.SQL(" AS NUMERIC), ")
	c.Render(args[1])
	c.SQL(")")
	if float {
		c.SQL(" AS ")
		c.TypeName(t)
		c.SQL(")")
	}
}

// wholeNumber leaves whole numbers as they are, which would become floats.
func wholeNumber(name orm.SQL) func(c *orm.Compiler, args []orm.Node) {
	return func(c *orm.Compiler, args []orm.Node) {
		if isInteger(c.TypeOf(args[0]).Kind()) {
			c.Render(args[0])
		} else {
			c.Call(name, args...)
		}
	}
}

// RenderDateTrunc gives a date for a date.
func (dialect) RenderDateTrunc(c *orm.Compiler, field orm.DateField, of orm.Node) {
	sameKind(c, of, func() {
		c.SQL("date_trunc('")
		c.UserSQL(orm.SQL(field))
		c.SQL("', ")
		c.RenderItem(of)
		c.SQL(")")
	})
}

// intervals are the units of which an interval is a multiple.
var intervals = map[orm.DateField]orm.SQL{
	orm.Year: "1 year", orm.Quarter: "3 months", orm.Month: "1 month", orm.Week: "1 week", orm.Day: "1 day",
	orm.Hour: "1 hour", orm.Minute: "1 minute", orm.Second: "1 second",
}

// RenderDateAdd adds a multiple of one unit.
func (dialect) RenderDateAdd(c *orm.Compiler, of orm.Node, n int, unit orm.DateField) {
	sameKind(c, of, func() {
		c.SQL("(")
		c.Render(of)
		c.SQL(" + CAST(")
		c.Bind(n, types.Integer())
		c.SQL(" AS INTEGER) * INTERVAL '")
		c.UserSQL(intervals[unit])
		c.SQL("')")
	})
}

// sameKind has a calculation with a date give a date, and not an instant.
func sameKind(c *orm.Compiler, of orm.Node, write func()) {
	if c.TypeOf(of).Kind() != types.KindDate {
		write()
		return
	}
	c.SQL("CAST(")
	write()
	c.SQL(" AS DATE)")
}
