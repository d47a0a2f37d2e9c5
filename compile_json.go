// This file writes paths into JSON documents, which every database does in its
// own way, and the functions that make documents.

package orm

import "github.com/aurum-go/orm/types"

// JSONRenderer is a [Dialect] that looks into JSON documents. Where a path leads
// nowhere, the value is NULL.
type JSONRenderer interface {
	// RenderJSONPath writes the value at the end of the path as one of the type,
	// which is a text, a BIGINT, a DOUBLE, a BOOLEAN, or a document. The null of a
	// document is NULL.
	RenderJSONPath(c *Compiler, doc Node, path JSONSteps, t types.Type)
	// RenderJSONType writes what stands there: object, array, string, number,
	// boolean or null. The path may have no steps.
	RenderJSONType(c *Compiler, doc Node, path JSONSteps)
	// RenderJSONLength writes how many elements the array has that stands there,
	// and NULL where something else does. The path may have no steps.
	RenderJSONLength(c *Compiler, doc Node, path JSONSteps)
}

// JSONBuilder is a [Dialect] that makes JSON documents.
type JSONBuilder interface {
	// JSONFunction is the database's name for json_array, json_object,
	// json_arrayagg or json_objectagg.
	JSONFunction(name string) SQL
	// RenderJSONValue writes a value so that it becomes the right thing in a
	// document: true and not 1, a document and not its text. Values of a type that
	// needs nothing it writes as they are.
	RenderJSONValue(c *Compiler, value Node)
}

func (c *Compiler) jsonPath(n *jsonNode) {
	r, ok := c.dialect.(JSONRenderer)
	switch {
	case !ok:
		c.Unsupported("a path into JSON", "read the document, and look into it in the program")
	case n.asks == jsonKind:
		r.RenderJSONType(c, n.doc, n.path)
	case n.asks == jsonLength:
		r.RenderJSONLength(c, n.doc, n.path)
	default:
		r.RenderJSONPath(c, n.doc, n.path, n.typ)
	}
}

// jsonCall writes a function that makes a document.
func (c *Compiler) jsonCall(n *funcNode) {
	b, ok := c.dialect.(JSONBuilder)
	if !ok {
		c.Unsupported("a JSON document that the database makes", "select the values, and make it in the program")
		return
	}
	if n.filter != nil {
		c.need(c.features.AggregateFilter, "FILTER on "+n.name, "leave the rows out with Where")
	}
	if len(n.order) > 0 {
		c.need(c.features.JSONOrder, "ORDER BY in "+n.name, "order the list in the program")
	}
	c.UserSQL(b.JSONFunction(n.name))
	c.SQL("(")
	switch n.json {
	case jsonObject:
		commaList(c, n.args, func(member Node) { c.jsonMember(b, member) })
	case jsonObjectAgg:
		c.expr(n.args[0], precOr)
		c.SQL(", ")
		c.jsonValue(b, n.args[1])
	default:
		commaList(c, n.args, func(value Node) { c.jsonValue(b, value) })
	}
	if len(n.order) > 0 {
		c.aggregateOrder(n)
	}
	c.SQL(")")
}

// jsonMember writes the name of a member, and its value.
func (c *Compiler) jsonMember(b JSONBuilder, member Node) {
	n, err := resolved(member)
	c.Fail(err)
	name := outputName(n)
	if field, ok := n.(*nameNode); ok {
		name = field.name
	}
	if name == "" {
		c.Fail(&UsageError{Kind: ErrArgument, Op: "make JSON", Reason: "a member has no name", Advice: "name it with As"})
	}
	c.expr(&bindNode{value: name}, precOr)
	c.SQL(", ")
	c.jsonValue(b, n)
}

func (c *Compiler) jsonValue(b JSONBuilder, value Node) {
	if c.TypeOf(value).Kind() == types.KindBytes {
		c.Fail(&UsageError{Kind: ErrArgument, Op: "make JSON", Reason: "a document holds no bytes", Advice: "write them as text with a function of the database"})
	}
	b.RenderJSONValue(c, value)
}

// orNull writes the function that aggregate calls, so that it gives NULL where
// there are no rows, in place of an empty document.
func (c *Compiler) orNull(n *funcNode, call func()) {
	if !n.json.aggregate() || !c.features.EmptyDocuments {
		call()
		return
	}
	c.SQL("nullif(")
	call()
	if n.json == jsonArrayAgg {
		c.SQL(", '[]')")
	} else {
		c.SQL(", '{}')")
	}
}
