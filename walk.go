// This file visits the parts of an expression.

package orm

import "slices"

// walk calls visit for nodes and for everything in them, from left to right,
// until visit returns false; it reports whether visit never did. It does not go
// into a SELECT inside of an expression: that has tables of its own. It does not
// recurse, so that no expression is too deep for it, and gives up on one that
// has too many parts to be written.
func walk(nodes []Node, visit func(Node) bool) bool {
	rest := pushed(make([]Node, 0, 2*len(nodes)), nodes)
	for parts := 0; len(rest) > 0 && parts < maxParts; parts++ {
		n := rest[len(rest)-1]
		rest = rest[:len(rest)-1]
		if n == nil {
			continue
		}
		if !visit(n) {
			return false
		}
		rest = pushParts(rest, n)
	}
	return true
}

// pushed puts nodes on a stack, so that the first comes off first.
func pushed(stack, nodes []Node) []Node {
	for _, n := range slices.Backward(nodes) {
		stack = append(stack, n)
	}
	return stack
}

// pushParts puts what a node is made of on a stack.
func pushParts(stack []Node, n Node) []Node {
	switch n := n.(type) {
	case *unaryNode:
		return append(stack, n.operand)
	case *binaryNode:
		return append(stack, n.right, n.left)
	case *listNode:
		return pushed(stack, n.items)
	case *labelNode:
		return append(stack, n.of)
	case *orderingNode:
		return append(stack, n.of)
	case *inNode:
		return append(stack, n.operand)
	case *tupleInNode:
		return pushed(stack, n.columns)
	case *rowNode:
		return pushed(pushed(stack, n.right), n.left)
	case *betweenNode:
		return append(stack, n.high, n.low, n.operand)
	case *likeNode:
		return append(stack, n.operand)
	case *matchNode:
		return pushed(stack, n.columns)
	case *jsonNode:
		return append(stack, n.doc)
	case *groupingNode:
		return pushed(stack, n.items)
	case *funcNode:
		return pushed(pushed(pushed(append(stack, n.filter), n.within), n.order), n.args)
	case *overNode:
		stack = pushed(pushed(stack, n.window.order), n.window.partition)
		return append(stack, n.of)
	case *caseNode:
		return pushCase(stack, n)
	case *castNode:
		return append(stack, n.of)
	case *coercedNode:
		return append(stack, n.of)
	case *collateNode:
		return append(stack, n.of)
	case *extractNode:
		return append(stack, n.of)
	case *dateNode:
		return append(stack, n.of)
	case *rawNode:
		return pushArguments(stack, n.args)
	}
	return stack
}

func pushCase(stack []Node, n *caseNode) []Node {
	stack = append(stack, n.other)
	for _, w := range slices.Backward(n.whens) {
		stack = append(stack, w.then, w.when)
	}
	return append(stack, n.operand)
}

// pushArguments puts those arguments of a text on a stack that are expressions.
func pushArguments(stack []Node, args []any) []Node {
	for _, a := range slices.Backward(args) {
		if e, ok := argumentOf(a).(Expression); ok {
			stack = append(stack, e.expression())
		}
	}
	return stack
}

// restricts reports whether conditions, all of which have to hold, leave rows
// out: one of them speaks of the rows at all, and is not true for every one by
// its form, as an empty NOT IN is. What columns hold is not known here.
func restricts(conditions []Node) bool { return slices.ContainsFunc(conditions, restrictive) }

func restrictive(n Node) bool {
	if always(n, true) {
		return false
	}
	list, ok := n.(*listNode)
	switch {
	case !ok:
		return speaksOfRows(n)
	case list.op == opAnd:
		return restricts(list.flat())
	}
	return !slices.ContainsFunc(list.flat(), func(item Node) bool { return !always(item, false) && !restrictive(item) })
}

// always reports whether the form of a condition alone makes it true, or false,
// for every row.
func always(n Node, truth bool) bool {
	switch n := n.(type) {
	case *constNode:
		return n == trueNode && truth || n == falseNode && !truth
	case *inNode:
		return n.query == nil && len(n.values) == 0 && n.negated == truth
	case *tupleInNode:
		return n.query == nil && len(n.rows) == 0 && n.negated == truth
	case *unaryNode:
		return n.op == opNot && always(n.operand, !truth)
	case *listNode:
		if decides := n.op == opOr; decides == truth {
			return slices.ContainsFunc(n.flat(), func(item Node) bool { return always(item, truth) })
		}
		return !slices.ContainsFunc(n.flat(), func(item Node) bool { return !always(item, truth) })
	}
	return false
}

// speaksOfRows reports whether a condition names a column, or is text or a
// query of the user. A mistake counts, too, for it comes out by itself.
func speaksOfRows(n Node) bool {
	return !walk([]Node{n}, func(n Node) bool {
		switch n := n.(type) {
		case *columnNode, *compositeNode, *derivedColumn, *rawNode, lateNode, *nameNode, *existsNode, *scalarNode, *errorNode:
			return false
		case *inNode:
			return n.query == nil
		case *tupleInNode:
			return n.query == nil
		}
		return true
	})
}
