// This file writes what looks like a function.

package orm

import (
	"slices"

	"github.com/aurum-go/orm/types"
)

func (c *Compiler) function(n *funcNode) {
	if n.windowOnly {
		c.Fail(&UsageError{Kind: ErrArgument, Op: "compile", Subject: n.name, Reason: "it needs a window", Advice: "call its method Over"})
	}
	c.orNull(n, func() { c.functionCall(n) })
}

// functionCall writes a function, with or without a window to follow.
func (c *Compiler) functionCall(n *funcNode) {
	c.acts = c.acts || !n.known
	args := n.args
	if n.filter != nil && !c.features.AggregateFilter {
		args = filteredArgs(n)
	}
	if n.name == "grouping" && n.known {
		c.need(c.features.GroupingFunction, "GROUPING", "tell totals by their NULLs")
	}
	switch {
	case n.spelt != nil:
		c.speltFunction(n, args)
	case n.arrays && !c.hasArrays():
		c.Unsupported(noArrays.feature, noArrays.advice)
	case n.known && (n.name == "greatest" || n.name == "least"):
		c.extreme(n)
	case n.json != "":
		c.jsonCall(n)
	case n.known && n.name == "string_agg":
		c.stringAgg(n, args)
	case n.known && !n.distinct && c.ownFunction(n.name, args):
	case n.unspelt != nil:
		c.Unsupported(n.unspelt.feature, n.unspelt.advice)
	default:
		c.call(n, args)
	}
	if n.filter != nil && c.features.AggregateFilter {
		c.SQL(" FILTER (WHERE ")
		c.expr(n.filter, precOr)
		c.SQL(")")
	}
}

// hasArrays reports whether there can be columns of arrays.
func (c *Compiler) hasArrays() bool {
	_, err := c.dialect.TypeName(types.Array(types.Text()))
	return err == nil
}

// extreme writes greatest or least, which is NULL if an argument is.
func (c *Compiler) extreme(n *funcNode) {
	write := func() {
		if !c.ownFunction(n.name, n.args) {
			c.call(n, n.args)
		}
	}
	var known []Node
	for _, arg := range n.args {
		if _, value := arg.(*bindNode); !value {
			known = append(known, &unaryNode{opIsNotNull, arg})
		}
	}
	if !c.features.GreatestSkips || len(known) == 0 {
		write()
		return
	}
	c.SQL("CASE WHEN ")
	c.expr(&listNode{op: opAnd, items: known}, precOr)
	c.SQL(" THEN ")
	write()
	c.SQL(" END")
}

// date writes what is calculated of a date or time.
func (c *Compiler) date(n *dateNode) {
	r, ok := c.dialect.(DateRenderer)
	switch {
	case !ok:
		c.Unsupported("a calculation with dates", "calculate in the program")
	case c.TypeOf(n.of).Kind() == types.KindDate && slices.Contains([]DateField{Hour, Minute, Second}, n.field):
		c.Fail(&UsageError{Kind: ErrArgument, Op: "calculate", Subject: string(n.field), Reason: "a date has no time of day", Advice: "cast it to types.DateTime() first"})
	case n.trunc:
		r.RenderDateTrunc(c, n.field, n.of)
	default:
		r.RenderDateAdd(c, n.of, n.n, n.field)
	}
}

func (c *Compiler) ownFunction(name string, args []Node) bool {
	r, ok := c.dialect.(FunctionRenderer)
	return ok && r.RenderFunction(c, name, args)
}

// Call writes "name(args)" for a dialect that has another name for a function.
func (c *Compiler) Call(name SQL, args ...Node) {
	c.UserSQL(name)
	c.SQL("(")
	commaList(c, args, c.RenderItem)
	c.SQL(")")
}

func (c *Compiler) call(n *funcNode, args []Node) {
	c.buf = append(c.buf, n.name...)
	c.SQL("(")
	if n.distinct {
		c.SQL("DISTINCT ")
	}
	commaList(c, args, c.argument)
	c.aggregateOrder(n)
	c.SQL(")")
	c.withinGroup(n)
}

// argument writes an argument of a function. Where the type of a value chooses
// among functions of one name, a whole number is an INTEGER if it can be: that
// is what functions of whole numbers take.
func (c *Compiler) argument(n Node) {
	b, ok := n.(*bindNode)
	if !ok || !c.features.TypedValues || !untyped(b) || b.sqlType().Kind() != types.KindBigInteger {
		c.expr(n, precOr)
		return
	}
	c.byValue = true
	t := types.Integer()
	if _, err := types.EncodeValue(b.value, t); err != nil {
		t = types.BigInteger()
	}
	c.castTo(t, func() { c.place(b, t) })
}

// filteredArgs are the arguments of an aggregate that sees NULL, and so
// nothing, in the rows that a filter leaves out.
func filteredArgs(n *funcNode) []Node {
	args := make([]Node, len(n.args))
	for i, a := range n.args {
		if _, all := a.(*starNode); all {
			a = &constNode{"1"}
		}
		args[i] = &caseNode{whens: []caseWhen{{n.filter, a}}}
	}
	return args
}

func (c *Compiler) caseExpr(n *caseNode) {
	c.SQL("CASE")
	if n.operand != nil {
		c.SQL(" ")
		c.expr(n.operand, precOr)
	}
	if len(n.whens) == 0 {
		c.Fail(&UsageError{Kind: ErrArgument, Op: "compile", Subject: "CASE", Reason: "it has no WHEN"})
	}
	for _, w := range n.whens {
		c.SQL(" WHEN ")
		c.expr(w.when, precOr)
		c.SQL(" THEN ")
		c.expr(w.then, precOr)
	}
	if n.other != nil {
		c.SQL(" ELSE ")
		c.expr(n.other, precOr)
	}
	c.SQL(" END")
}

func (c *Compiler) cast(n *castNode) {
	t := n.sqlType()
	c.castTo(t, func() {
		if value, ok := n.of.(*bindNode); ok && n.like != nil {
			c.place(value, t)
		} else if ok {
			c.place(value, value.typ)
		} else {
			c.expr(n.of, precOr)
		}
	})
}

func (c *Compiler) extract(n *extractNode) {
	if r, ok := c.dialect.(ExtractRenderer); ok {
		r.RenderExtract(c, n.field, n.of)
		return
	}
	c.SQL("EXTRACT(")
	c.buf = append(c.buf, n.field...)
	c.SQL(" FROM ")
	c.expr(n.of, precOr)
	c.SQL(")")
}

// aggregates reports whether an expression is of what a group has, rather than a
// row. A function of the user's may be an aggregate.
func aggregates(n Node) bool {
	return !walk([]Node{n}, func(n Node) bool {
		f, ok := n.(*funcNode)
		return !ok || f.known && !slices.Contains(aggregateNames, f.name) && !f.json.aggregate()
	})
}

var aggregateNames = []string{"count", "sum", "avg", "min", "max", "string_agg", "percentile_cont", "grouping", "array_agg"}
