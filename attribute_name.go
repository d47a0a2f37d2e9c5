// This file holds the field that is known by name only.

package orm

// nameNode is a field of an entity of the statement, by its Go name. Which
// entity is settled when the statement is compiled.
type nameNode struct{ name string }

func (*nameNode) node() {}
