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

// RenderFunction counts characters, where length would count bytes.
func (dialect) RenderFunction(c *orm.Compiler, name string, args []orm.Node) bool {
	if name != "length" || len(args) != 1 {
		return false
	}
	c.SQL("char_length(")
	c.Render(args[0])
	c.SQL(")")
	return true
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

// signed makes a number with a sign of what an operator on bits gives, which
// has none here.
func signed(c *orm.Compiler, left, right orm.Node, sign func()) {
	c.SQL("CAST(")
	c.Render(left)
	sign()
	c.Render(right)
	c.SQL(" AS SIGNED)")
}

// RenderJSONPath tells the document's null and what is no array from a value:
// here null is a text, and anything is an array of one.
func (dialect) RenderJSONPath(c *orm.Compiler, doc orm.Node, path orm.JSONSteps, t types.Type) {
	c.SQL("CASE WHEN ")
	for i, step := range path {
		if _, place := step.(int); place {
			c.SQL("json_type(")
			extract(c, doc, path[:i])
			c.SQL(") = 'ARRAY' AND ")
		}
	}
	c.SQL("json_type(")
	extract(c, doc, path)
	c.SQL(") <> 'NULL' THEN ")
	switch t.Kind() {
	case types.KindBoolean:
		unquote(c, doc, path)
		c.SQL(" = 'true'")
	case types.KindBigInteger:
		c.SQL("CAST(")
		unquote(c, doc, path)
		c.SQL(" AS SIGNED)")
	case types.KindDouble:
		c.SQL("CAST(")
		unquote(c, doc, path)
		c.SQL(" AS DOUBLE)")
	default:
		unquote(c, doc, path)
	}
	c.SQL(" END")
}

func unquote(c *orm.Compiler, doc orm.Node, path orm.JSONSteps) {
	c.SQL("json_unquote(")
	extract(c, doc, path)
	c.SQL(")")
}

func extract(c *orm.Compiler, doc orm.Node, path orm.JSONSteps) {
	text, ok := path.Text()
	if !ok {
		c.Unsupported("a name in JSON with a quotation mark or a backslash", "read the document, and look into it in the program")
	}
	c.SQL("json_extract(")
	c.Render(doc)
	c.SQL(", ")
	c.Bind(text, types.Text())
	c.SQL(")")
}
