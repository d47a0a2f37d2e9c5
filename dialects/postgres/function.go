// This file writes the functions that PostgreSQL spells its own way.

package postgres

import "github.com/aurum-go/orm"

// functions are those that are not called as name(args).
var functions = map[string]func(c *orm.Compiler, args []orm.Node){
	"json_contains": func(c *orm.Compiler, args []orm.Node) { infix(c, args[0], " @> ", args[1]) },
}

// RenderFunction writes the functions that have another name or form here.
func (dialect) RenderFunction(c *orm.Compiler, name string, args []orm.Node) bool {
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
