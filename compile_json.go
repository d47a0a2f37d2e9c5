// This file writes paths into JSON documents, which every database does in its
// own way.

package orm

import "github.com/aurum-go/orm/types"

// JSONRenderer is a [Dialect] that reads values out of JSON documents: the one
// at the end of the path as one of the type, which is a text, a BIGINT, a DOUBLE
// or a BOOLEAN. What is missing or null is NULL.
type JSONRenderer interface {
	RenderJSONPath(c *Compiler, doc Node, path JSONSteps, t types.Type)
}

func (c *Compiler) jsonPath(n *jsonNode) {
	r, ok := c.dialect.(JSONRenderer)
	if !ok {
		c.Unsupported("a path into JSON", "read the document, and look into it in the program")
		return
	}
	r.RenderJSONPath(c, n.doc, n.path, n.typ)
}
