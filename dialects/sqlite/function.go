// This file writes the functions that SQLite spells its own way.

package sqlite

import (
	"fmt"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

// functions are those that are not called as name(args).
var functions = map[string]func(c *orm.Compiler, args []orm.Node){
	"position": func(c *orm.Compiler, args []orm.Node) { c.Call("instr", args...) },
	"greatest": func(c *orm.Compiler, args []orm.Node) { c.Call("max", args...) },
	"least":    func(c *orm.Compiler, args []orm.Node) { c.Call("min", args...) },
	"round":    round,
	"random":   func(c *orm.Compiler, _ []orm.Node) { c.SQL("((random() & 9007199254740991) / 9007199254740992.0)") },
}

// RenderFunction writes the functions that have another name or form here.
func (dialect) RenderFunction(c *orm.Compiler, name string, args []orm.Node) bool {
	write := functions[name]
	if write != nil {
		write(c, args)
	}
	return write != nil
}

// round leaves whole numbers as they are, which would become floats.
func round(c *orm.Compiler, args []orm.Node) {
	if isInteger(c.TypeOf(args[0]).Kind()) {
		c.Render(args[0])
	} else {
		c.Call("round", args...)
	}
}

// beginnings are the forms of strftime for the beginning of a span.
var beginnings = map[orm.DateField]orm.SQL{
	orm.Year: "%Y-01-01", orm.Quarter: "%Y-%m-01", orm.Month: "%Y-%m-01", orm.Week: "%Y-%m-%d", orm.Day: "%Y-%m-%d",
	orm.Hour: "%Y-%m-%d %H:00:00.000000", orm.Minute: "%Y-%m-%d %H:%M:00.000000", orm.Second: "%Y-%m-%d %H:%M:%S.000000",
}

// RenderDateTrunc has strftime write the beginning, of a text without a fraction
// of a second, to which it would be rounded.
func (dialect) RenderDateTrunc(c *orm.Compiler, field orm.DateField, of orm.Node) {
	c.SQL("strftime('")
	c.UserSQL(beginnings[field])
	if c.TypeOf(of).Kind() != types.KindDate && len(beginnings[field]) == len("%Y-%m-%d") {
		c.SQL(" 00:00:00.000000")
	}
	c.SQL("', ")
	upToSecond(c, of)
	switch field {
	case orm.Quarter:
		c.SQL(", 'start of month', '-' || ((strftime('%m', ")
		upToSecond(c, of)
		c.SQL(") - 1) % 3) || ' months'")
	case orm.Week:
		c.SQL(", '-6 days', 'weekday 1'")
	}
	c.SQL(")")
}

func upToSecond(c *orm.Compiler, of orm.Node) {
	c.SQL("substr(")
	c.RenderItem(of)
	c.SQL(", 1, 19)")
}

// RenderDateAdd has strftime calculate, and puts the fraction of the second back.
func (dialect) RenderDateAdd(c *orm.Compiler, of orm.Node, n int, unit orm.DateField) {
	factor, word := 1, string(unit)
	switch unit {
	case orm.Quarter:
		factor, word = 3, "month"
	case orm.Week:
		factor, word = 7, "day"
	}
	date := c.TypeOf(of).Kind() == types.KindDate
	if date {
		c.SQL("strftime('%Y-%m-%d', ")
	} else {
		c.SQL("(strftime('%Y-%m-%d %H:%M:%S', ")
	}
	upToSecond(c, of)
	c.SQL(", ")
	c.Bind(fmt.Sprintf("%+d %ss", n*factor, word), types.Text())
	c.SQL(", 'floor')")
	if !date {
		c.SQL(" || substr(")
		c.RenderItem(of)
		c.SQL(", 20))")
	}
}
