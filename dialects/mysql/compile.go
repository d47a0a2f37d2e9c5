// This file writes what MySQL spells its own way.

package mysql

import (
	"fmt"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

// RenderAutoincrement writes a counted column. The key that it needs stands
// among the constraints.
func (dialect) RenderAutoincrement(c *orm.Compiler, column *orm.Column) (primaryKeyWritten bool) {
	c.TypeName(column.Type())
	c.SQL(" NOT NULL AUTO_INCREMENT")
	return false
}

// RenderTableOptions has the table take part in transactions and hold every
// character. Here, where the whole table is known, a key on a column without a
// bound is refused, before the server does so in words about key lengths.
func (dialect) RenderTableOptions(c *orm.Compiler, table *orm.Table) {
	for _, name := range keyColumns(table) {
		if column := table.Column(name); column != nil && unbounded(column.Type()) {
			c.Unsupported(
				fmt.Sprintf("a key or index on %s.%s, which has no greatest length,", table.Name(), name),
				"give the column a length, as size:255",
			)
		}
	}
	c.SQL(" ENGINE=InnoDB DEFAULT CHARSET=utf8mb4")
}

// keyColumns are the columns of all keys, constraints and indexes.
func keyColumns(table *orm.Table) []string {
	names := table.PrimaryKey().Columns()
	for _, u := range table.Uniques() {
		names = append(names, u.Columns()...)
	}
	for _, k := range table.ForeignKeys() {
		names = append(names, k.Columns()...)
	}
	for _, index := range table.Indexes() {
		for _, part := range index.Parts() {
			names = append(names, part.Column)
		}
	}
	return names
}

func unbounded(t types.Type) bool {
	switch t.Kind() {
	case types.KindText, types.KindJSON:
		return true
	case types.KindString:
		return t.Length() == 0 || t.Length() > longestVarchar
	case types.KindBytes:
		return t.Length() == 0 || t.Length() > longestVarbinary
	}
	return false
}

// RenderOperator writes the operators that are functions here, or have other
// signs.
func (dialect) RenderOperator(c *orm.Compiler, op string, left, right orm.Node) bool {
	switch op {
	case "||":
		c.SQL("concat(")
		c.Render(left)
		c.SQL(", ")
		c.Render(right)
		c.SQL(")")
		return true
	case "IS DISTINCT FROM":
		c.SQL("NOT (")
		c.Render(left)
		c.SQL(" <=> ")
		c.Render(right)
		c.SQL(")")
		return true
	case "BITAND":
		signed(c, left, right, func() { c.SQL(" & ") })
		return true
	case "BITOR":
		signed(c, left, right, func() { c.SQL(" | ") })
		return true
	case "BITXOR":
		signed(c, left, right, func() { c.SQL(" ^ ") })
		return true
	case "SHIFTLEFT":
		signed(c, left, right, func() { c.SQL(" << ") })
		return true
	case "SHIFTRIGHT":
		signed(c, left, right, func() { c.SQL(" >> ") })
		return true
	case "IS NOT DISTINCT FROM":
		c.Render(left)
		c.SQL(" <=> ")
	case "IREGEXP":
		foldedRegexp(c, left, " REGEXP ", right)
		return true
	case "NOT IREGEXP":
		foldedRegexp(c, left, " NOT REGEXP ", right)
		return true
	case "/":
		c.Render(left)
		c.SQL(" / ")
	case "DIV":
		c.Render(left)
		c.SQL(" DIV ")
	default:
		return false
	}
	c.Render(right)
	return true
}

// foldedRegexp has the expression say that case does not count.
func foldedRegexp(c *orm.Compiler, left orm.Node, word orm.SQL, right orm.Node) {
	c.Render(left)
	c.UserSQL(word)
	c.SQL("concat('(?i)', ")
	c.RenderItem(right)
	c.SQL(")")
}

// signed makes a number with a sign of what an operator on bits gives, which
// has none here.
func signed(c *orm.Compiler, left, right orm.Node, sign func()) {
	c.SQL("CAST(")
	c.Render(left)
	sign()
	c.Render(right)
	c.SQL(" AS SIGNED)")
}
