// This file writes what there is to do with documents, which are text here.

package sqlite

import (
	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

// RenderJSONPath has json_extract give a value of SQLite's own, which knows no
// bool but 0 and 1.
func (d dialect) RenderJSONPath(c *orm.Compiler, doc orm.Node, path orm.JSONSteps, t types.Type) {
	if t.Kind() == types.KindJSON {
		c.SQL("nullif(")
		c.Render(doc)
		c.SQL(" -> ")
		jsonSteps(c, path)
		c.SQL(", 'null')")
		return
	}
	name, err := d.CastTypeName(t)
	c.Fail(err)
	c.SQL("CAST(")
	jsonCall(c, "json_extract(", doc, path)
	c.SQL(" AS ")
	c.UserSQL(orm.SQL(name))
	c.SQL(")")
}

// RenderJSONType turns SQLite's words for the types into those of JSON.
func (dialect) RenderJSONType(c *orm.Compiler, doc orm.Node, path orm.JSONSteps) {
	c.SQL("CASE ")
	jsonCall(c, "json_type(", doc, path)
	c.SQL(" WHEN 'text' THEN 'string' WHEN 'integer' THEN 'number' WHEN 'real' THEN 'number' WHEN 'true' THEN 'boolean' WHEN 'false' THEN 'boolean' ELSE ")
	jsonCall(c, "json_type(", doc, path)
	c.SQL(" END")
}

// RenderJSONLength tells what is no array from an empty one.
func (dialect) RenderJSONLength(c *orm.Compiler, doc orm.Node, path orm.JSONSteps) {
	c.SQL("CASE WHEN ")
	jsonCall(c, "json_type(", doc, path)
	c.SQL(" = 'array' THEN ")
	jsonCall(c, "json_array_length(", doc, path)
	c.SQL(" END")
}

// jsonCall writes a function of a document and a path, of which the text is the
// beginning.
func jsonCall(c *orm.Compiler, function orm.SQL, doc orm.Node, path orm.JSONSteps) {
	c.UserSQL(function)
	c.RenderItem(doc)
	c.SQL(", ")
	jsonSteps(c, path)
	c.SQL(")")
}

func jsonSteps(c *orm.Compiler, path orm.JSONSteps) {
	text, ok := path.Text()
	if !ok {
		c.Unsupported("a name in JSON with a quotation mark or a backslash", "read the document, and look into it in the program")
	}
	c.Bind(text, types.Text())
}

// JSONFunction names the functions that collect rows, which are older here than
// the standard's.
func (dialect) JSONFunction(name string) orm.SQL {
	switch name {
	case "json_arrayagg":
		return "json_group_array"
	case "json_objectagg":
		return "json_group_object"
	}
	return orm.SQL(name)
}

// RenderJSONValue makes JSON of what SQLite keeps as numbers and texts.
func (dialect) RenderJSONValue(c *orm.Compiler, value orm.Node) {
	switch c.TypeOf(value).Kind() {
	case types.KindBoolean:
		c.SQL("json(CASE WHEN ")
		c.Render(value)
		c.SQL(" THEN 'true' WHEN NOT ")
		c.Render(value)
		c.SQL(" THEN 'false' END)")
	case types.KindJSON, types.KindNumeric:
		c.SQL("json(")
		c.RenderItem(value)
		c.SQL(")")
	case types.KindDateTime:
		c.SQL("replace(")
		c.RenderItem(value)
		c.SQL(", ' ', 'T') || 'Z'")
	default:
		c.RenderItem(value)
	}
}
