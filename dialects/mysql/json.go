// This file writes what there is to do with documents.

package mysql

import (
	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

// RenderJSONPath tells the document's null and what is no array from a value:
// here null is a text, and anything is an array of one.
func (dialect) RenderJSONPath(c *orm.Compiler, doc orm.Node, path orm.JSONSteps, t types.Type) {
	c.SQL("CASE WHEN ")
	for i, step := range path {
		if _, place := step.(int); place {
			typeOfJSON(c, doc, path[:i])
			c.SQL(" = 'ARRAY' AND ")
		}
	}
	typeOfJSON(c, doc, path)
	c.SQL(" <> 'NULL' THEN ")
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
	case types.KindJSON:
		extract(c, doc, path)
	default:
		unquote(c, doc, path)
	}
	c.SQL(" END")
}

// RenderJSONType turns the words for the types into those of JSON.
func (dialect) RenderJSONType(c *orm.Compiler, doc orm.Node, path orm.JSONSteps) {
	atPlaces(c, doc, path, func() {
		c.SQL("CASE ")
		typeOfJSON(c, doc, path)
		c.SQL(" WHEN 'INTEGER' THEN 'number' WHEN 'UNSIGNED INTEGER' THEN 'number' WHEN 'DOUBLE' THEN 'number' WHEN 'DECIMAL' THEN 'number' ELSE lower(")
		typeOfJSON(c, doc, path)
		c.SQL(") END")
	})
}

// RenderJSONLength tells what is no array from one of one element.
func (dialect) RenderJSONLength(c *orm.Compiler, doc orm.Node, path orm.JSONSteps) {
	atPlaces(c, doc, path, func() {
		c.SQL("CASE WHEN ")
		typeOfJSON(c, doc, path)
		c.SQL(" = 'ARRAY' THEN json_length(")
		extract(c, doc, path)
		c.SQL(") END")
	})
}

// atPlaces writes what stands at the end of a path, where all its places are
// those of arrays.
func atPlaces(c *orm.Compiler, doc orm.Node, path orm.JSONSteps, write func()) {
	places := 0
	for i, step := range path {
		if _, place := step.(int); !place {
			continue
		}
		if places++; places == 1 {
			c.SQL("CASE WHEN ")
		} else {
			c.SQL(" AND ")
		}
		typeOfJSON(c, doc, path[:i])
		c.SQL(" = 'ARRAY'")
	}
	if places > 0 {
		c.SQL(" THEN ")
	}
	write()
	if places > 0 {
		c.SQL(" END")
	}
}

func typeOfJSON(c *orm.Compiler, doc orm.Node, path orm.JSONSteps) {
	c.SQL("json_type(")
	extract(c, doc, path)
	c.SQL(")")
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
	c.RenderItem(doc)
	c.SQL(", ")
	c.Bind(text, types.Text())
	c.SQL(")")
}

// JSONFunction names the functions as the standard does.
func (dialect) JSONFunction(name string) orm.SQL { return orm.SQL(name) }

// RenderJSONValue makes JSON of what the server keeps as numbers and texts.
func (dialect) RenderJSONValue(c *orm.Compiler, value orm.Node) {
	switch c.TypeOf(value).Kind() {
	case types.KindBoolean:
		c.SQL("json_extract(CASE WHEN ")
		c.Render(value)
		c.SQL(" THEN 'true' WHEN NOT ")
		c.Render(value)
		c.SQL(" THEN 'false' END, '$')")
	case types.KindJSON:
		c.SQL("json_extract(")
		c.RenderItem(value)
		c.SQL(", '$')")
	case types.KindDateTime:
		c.SQL("date_format(")
		c.RenderItem(value)
		c.SQL(", '%Y-%m-%dT%H:%i:%s.%fZ')")
	default:
		c.RenderItem(value)
	}
}
