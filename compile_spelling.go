// This file writes operators and functions of the user, in the spelling that they
// have for the database.

package orm

// spelling is that of the dialect. One that is missing is an error.
func (c *Compiler) spelling(s *spellings, what string) SQL {
	text := s.of(c.dialect.Name())
	if text == "" {
		c.Unsupported(what, "say with On how it is spelt there")
	}
	return text
}

// speltOperator writes an operator of the user.
func (c *Compiler) speltOperator(n *binaryNode, outer int) {
	text := c.spelling(n.op.spelt, "the operator "+n.op.spelt.String())
	switch {
	case text == "":
	case plainOperator(string(text)):
		opened := c.open(n.op.precedence, outer)
		left, right := n.op.operands()
		c.operand(n.left, n.op, left)
		c.SQL(" ")
		c.UserSQL(text)
		c.SQL(" ")
		c.operand(n.right, n.op, right)
		c.close(opened)
	case isTemplate(text):
		c.template(text, []Node{n.left, n.right})
	default:
		c.Fail(badIdentifier("use operator", string(text)))
	}
}

// speltFunction writes a function of the user.
func (c *Compiler) speltFunction(n *funcNode, args []Node) {
	text := c.spelling(n.spelt, "the function "+n.spelt.String())
	switch {
	case text == "":
	case plainFunctionName(string(text)):
		named := *n
		named.name = string(text)
		c.call(&named, args)
	case !isTemplate(text):
		c.Fail(badIdentifier("call function", string(text)))
	case n.filter != nil || len(n.order)+len(n.within) > 0:
		c.Fail(&UsageError{Kind: ErrArgument, Op: "call function", Subject: quoted(string(text)), Reason: "what is spelt as text has no filter and no order", Advice: "spell it by a name"})
	default:
		c.template(text, args)
	}
}

// template writes text with operands or arguments in their places.
func (c *Compiler) template(text SQL, operands []Node) {
	args := make([]any, len(operands))
	for i, n := range operands {
		args[i] = Expr[any]{n}
	}
	c.raw(&rawNode{text: text, args: args})
}
