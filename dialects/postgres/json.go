// This file writes what there is to do with documents, which are JSONB here.

package postgres

import (
	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

// RenderJSONPath goes step by step, so that a name never means a place. A place
// is looked for in lists only: here a text by itself is taken for a list of one.
func (dialect) RenderJSONPath(c *orm.Compiler, doc orm.Node, path orm.JSONSteps, t types.Type) {
	atPlaces(c, doc, path, func() {
		if t.Kind() == types.KindJSON {
			c.SQL("nullif(")
			jsonSteps(c, doc, path)
			c.SQL(", CAST('null' AS JSONB))")
			return
		}
		last := len(path) - 1
		c.SQL("CAST((")
		jsonSteps(c, doc, path[:last])
		c.SQL(" ->> ")
		jsonStep(c, path[last])
		c.SQL(") AS ")
		c.TypeName(t)
		c.SQL(")")
	})
}

// RenderJSONType asks jsonb_typeof, whose words are those of JSON.
func (dialect) RenderJSONType(c *orm.Compiler, doc orm.Node, path orm.JSONSteps) {
	atPlaces(c, doc, path, func() { typeOfJSON(c, doc, path) })
}

// RenderJSONLength keeps jsonb_array_length from what is no array, of which it
// is an error.
func (dialect) RenderJSONLength(c *orm.Compiler, doc orm.Node, path orm.JSONSteps) {
	atPlaces(c, doc, path, func() {
		c.SQL("CASE WHEN ")
		typeOfJSON(c, doc, path)
		c.SQL(" = 'array' THEN jsonb_array_length(")
		jsonSteps(c, doc, path)
		c.SQL(") END")
	})
}

// atPlaces writes what stands at the end of a path, where all its places are
// those of arrays.
func atPlaces(c *orm.Compiler, doc orm.Node, path orm.JSONSteps, write func()) {
	guards := 0
	for i, step := range path {
		if _, place := step.(int); !place {
			continue
		}
		if guards++; guards == 1 {
			c.SQL("CASE WHEN ")
		} else {
			c.SQL(" AND ")
		}
		typeOfJSON(c, doc, path[:i])
		c.SQL(" = 'array'")
	}
	if guards > 0 {
		c.SQL(" THEN ")
	}
	write()
	if guards > 0 {
		c.SQL(" END")
	}
}

func typeOfJSON(c *orm.Compiler, doc orm.Node, path orm.JSONSteps) {
	c.SQL("jsonb_typeof(")
	jsonSteps(c, doc, path)
	c.SQL(")")
}

// jsonSteps writes what a path leads to, as a document.
func jsonSteps(c *orm.Compiler, doc orm.Node, path orm.JSONSteps) {
	c.Render(doc)
	for _, step := range path {
		c.SQL(" -> ")
		jsonStep(c, step)
	}
}

// jsonStep writes a step as a parameter whose type says whether it is a name.
func jsonStep(c *orm.Compiler, step any) {
	t := types.Integer()
	if _, name := step.(string); name {
		t = types.Text()
	}
	c.SQL("CAST(")
	c.Bind(step, t)
	c.SQL(" AS ")
	c.TypeName(t)
	c.SQL(")")
}

// JSONFunction makes JSONB, which can be compared.
func (dialect) JSONFunction(name string) orm.SQL {
	switch name {
	case "json_array":
		return "jsonb_build_array"
	case "json_object":
		return "jsonb_build_object"
	case "json_arrayagg":
		return "jsonb_agg"
	}
	return "jsonb_object_agg"
}

// RenderJSONValue writes an instant as it is written everywhere; it would be with
// the offset of the session, or without any.
func (dialect) RenderJSONValue(c *orm.Compiler, value orm.Node) {
	t := c.TypeOf(value)
	if t.Kind() != types.KindDateTime {
		c.RenderItem(value)
		return
	}
	c.SQL("to_char(")
	c.Render(value)
	if !t.WithoutZone() {
		c.SQL(" AT TIME ZONE 'UTC'")
	}
	c.SQL(`, 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`)
}
