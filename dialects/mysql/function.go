// This file writes the functions that MySQL spells its own way.

package mysql

import "github.com/aurum-go/orm"

// functions are those that are not called as name(args).
var functions = map[string]func(c *orm.Compiler, args []orm.Node){
	"length":        func(c *orm.Compiler, args []orm.Node) { call(c, "char_length", args...) }, // length would count bytes
	"json_contains": func(c *orm.Compiler, args []orm.Node) { call(c, "json_contains", args...) },
}

// RenderFunction writes the functions that have another name or form here.
func (dialect) RenderFunction(c *orm.Compiler, name string, args []orm.Node) bool {
	write := functions[name]
	if write != nil {
		write(c, args)
	}
	return write != nil
}

// call writes name(args).
func call(c *orm.Compiler, name orm.SQL, args ...orm.Node) {
	c.UserSQL(name)
	c.SQL("(")
	for i, a := range args {
		if i > 0 {
			c.SQL(", ")
		}
		c.RenderItem(a)
	}
	c.SQL(")")
}
