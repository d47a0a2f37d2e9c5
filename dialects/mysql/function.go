// This file writes the functions that MySQL spells its own way.

package mysql

import (
	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

// functions are those that are not called as name(args).
var functions = map[string]func(c *orm.Compiler, args []orm.Node){
	"length":         func(c *orm.Compiler, args []orm.Node) { c.Call("char_length", args...) }, // length would count bytes
	"json_contains":  func(c *orm.Compiler, args []orm.Node) { c.Call("json_contains", args...) },
	"position":       func(c *orm.Compiler, args []orm.Node) { c.Call("locate", args[1], args[0]) },
	"regexp_replace": func(c *orm.Compiler, args []orm.Node) { c.Call("regexp_replace", args...) },
	"round":          round,
	"random":         func(c *orm.Compiler, _ []orm.Node) { c.SQL("rand()") },
}

// RenderFunction writes the functions that have another name or form here.
func (dialect) RenderFunction(c *orm.Compiler, name string, args []orm.Node) bool {
	write := functions[name]
	if write != nil {
		write(c, args)
	}
	return write != nil
}

// round goes away from zero by itself: of a float, the server's own would go to
// the next even number.
func round(c *orm.Compiler, args []orm.Node) {
	if k := c.TypeOf(args[0]).Kind(); k != types.KindFloat && k != types.KindDouble {
		c.Call("round", args...)
		return
	}
	c.SQL("(sign(")
	c.RenderItem(args[0])
	c.SQL(") * floor(abs(")
	c.RenderItem(args[0])
	c.SQL(") * 1e")
	c.Render(args[1])
	c.SQL(" + 0.5) / 1e")
	c.Render(args[1])
	c.SQL(")")
}

// RenderExtract writes the parts that are functions here.
func (dialect) RenderExtract(c *orm.Compiler, field orm.DateField, of orm.Node) {
	switch field {
	case orm.Week:
		c.SQL("week(")
		c.RenderItem(of)
		c.SQL(", 3)")
	case orm.DayOfWeek:
		c.SQL("(dayofweek(")
		c.RenderItem(of)
		c.SQL(") - 1)")
	case orm.DayOfYear:
		c.Call("dayofyear", of)
	case orm.Epoch:
		c.SQL("timestampdiff(SECOND, '1970-01-01', ")
		c.RenderItem(of)
		c.SQL(")")
	default:
		c.SQL("EXTRACT(")
		c.UserSQL(orm.SQL(field))
		c.SQL(" FROM ")
		c.RenderItem(of)
		c.SQL(")")
	}
}

// beginnings are the forms of date_format for the beginning of a span.
var beginnings = map[orm.DateField]orm.SQL{
	orm.Year: "%Y-01-01", orm.Month: "%Y-%m-01", orm.Day: "%Y-%m-%d",
	orm.Hour: "%Y-%m-%d %H:00:00", orm.Minute: "%Y-%m-%d %H:%i:00", orm.Second: "%Y-%m-%d %H:%i:%s",
}

// RenderDateTrunc makes a date or time of the text that date_format gives. Where a
// quarter or week begins has to be calculated.
func (dialect) RenderDateTrunc(c *orm.Compiler, field orm.DateField, of orm.Node) {
	c.SQL("CAST(")
	switch field {
	case orm.Quarter:
		c.SQL("makedate(year(")
		c.RenderItem(of)
		c.SQL("), 1) + INTERVAL (quarter(")
		c.RenderItem(of)
		c.SQL(") - 1) * 3 MONTH")
	case orm.Week:
		c.SQL("date(")
		c.RenderItem(of)
		c.SQL(") - INTERVAL weekday(")
		c.RenderItem(of)
		c.SQL(") DAY")
	default:
		c.SQL("date_format(")
		c.RenderItem(of)
		c.SQL(", '")
		c.UserSQL(beginnings[field])
		c.SQL("')")
	}
	if c.TypeOf(of).Kind() == types.KindDate {
		c.SQL(" AS DATE)")
	} else {
		c.SQL(" AS DATETIME(6))")
	}
}

// RenderDateAdd counts in the server's own units, which have the same names.
func (dialect) RenderDateAdd(c *orm.Compiler, of orm.Node, n int, unit orm.DateField) {
	c.SQL("date_add(")
	c.RenderItem(of)
	c.SQL(", INTERVAL ")
	c.Bind(n, types.Integer())
	c.SQL(" ")
	c.UserSQL(orm.SQL(unit))
	c.SQL(")")
}
