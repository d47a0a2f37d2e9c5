// This file writes the functions that SQLite spells its own way.

package sqlite

import "github.com/aurum-go/orm"

// functions are those that are not called as name(args).
var functions = map[string]func(c *orm.Compiler, args []orm.Node){}

// RenderFunction writes the functions that have another name or form here.
func (dialect) RenderFunction(c *orm.Compiler, name string, args []orm.Node) bool {
	write := functions[name]
	if write != nil {
		write(c, args)
	}
	return write != nil
}
