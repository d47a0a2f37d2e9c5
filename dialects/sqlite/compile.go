// This file writes what SQLite spells its own way.

package sqlite

import (
	"encoding/json"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

// RenderAutoincrement writes the key with its column: only the very words
// INTEGER PRIMARY KEY make it SQLite's own number of the row, and AUTOINCREMENT
// has it never use a number twice.
func (d dialect) RenderAutoincrement(c *orm.Compiler, column *orm.Column) (primaryKeyWritten bool) {
	if key := column.Table().PrimaryKey().Columns(); len(key) != 1 || key[0] != column.Name() {
		c.Unsupported("a counted column that is not the primary key by itself", "set its value in the program")
	}
	c.SQL("INTEGER PRIMARY KEY AUTOINCREMENT")
	return true
}

// DeferKeysSQL lets tables that refer to each other go in turn.
func (dialect) DeferKeysSQL() orm.SQL { return "PRAGMA defer_foreign_keys = ON" }

// RenderOperator writes the comparisons that take NULL for a value, which IS
// and IS NOT are here.
func (dialect) RenderOperator(c *orm.Compiler, op string, left, right orm.Node) bool {
	switch op {
	case "IS DISTINCT FROM":
		c.Render(left)
		c.SQL(" IS NOT ")
	case "BITXOR":
		c.SQL("(")
		c.Render(left)
		c.SQL(" | ")
		c.Render(right)
		c.SQL(") - (")
		c.Render(left)
		c.SQL(" & ")
		c.Render(right)
		c.SQL(")")
		return true
	case "IS NOT DISTINCT FROM":
		c.Render(left)
		c.SQL(" IS ")
	default:
		return false
	}
	c.Render(right)
	return true
}

// RenderExtract has strftime give the digits.
func (dialect) RenderExtract(c *orm.Compiler, field orm.DateField, of orm.Node) {
	switch field {
	case orm.Year:
		c.SQL("CAST(strftime('%Y', ")
	case orm.Month:
		c.SQL("CAST(strftime('%m', ")
	case orm.Day:
		c.SQL("CAST(strftime('%d', ")
	case orm.Hour:
		c.SQL("CAST(strftime('%H', ")
	case orm.Minute:
		c.SQL("CAST(strftime('%M', ")
	case orm.Second:
		c.SQL("CAST(strftime('%S', ")
	case orm.Quarter:
		c.SQL("((strftime('%m', ")
		c.Render(of)
		c.SQL(") + 2) / 3)")
		return
	case orm.Week:
		c.SQL("CAST(strftime('%V', ")
	case orm.DayOfWeek:
		c.SQL("CAST(strftime('%w', ")
	case orm.DayOfYear:
		c.SQL("CAST(strftime('%j', ")
	case orm.Epoch:
		c.SQL("CAST(strftime('%s', ")
	}
	c.Render(of)
	c.SQL(") AS INTEGER)")
}

// RenderLongIn passes a list as one document: x IN (SELECT value FROM json_each(?)).
func (d dialect) RenderLongIn(c *orm.Compiler, operand orm.Node, negated bool, values []any, t types.Type) bool {
	list, ok := d.document(values, t)
	if !ok {
		return false
	}
	c.Render(operand)
	if negated {
		c.SQL(" NOT")
	}
	c.SQL(" IN (SELECT value FROM json_each(")
	c.Bind(list, types.Text())
	c.SQL("))")
	return true
}

// document writes values as a list in JSON. It gives up on what JSON cannot
// carry exactly, and on values that the type refuses: the list in its usual
// form reports these.
func (d dialect) document(values []any, t types.Type) (string, bool) {
	list := make([]any, len(values))
	for i, v := range values {
		encoded, err := types.EncodeValue(v, t)
		if err == nil {
			encoded, err = d.BindValue(t, encoded)
		}
		if err != nil {
			return "", false
		}
		switch encoded.(type) {
		case int64, string:
			list[i] = encoded
		default:
			return "", false
		}
	}
	text, err := json.Marshal(list)
	return string(text), err == nil
}
