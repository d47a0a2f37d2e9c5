// This file holds the path: a relationship of an entity as a statement follows
// it, in a join or to ask what is at its end.

package orm

import "github.com/aurum-go/orm/types"

// pathField is a field of an entity reference where a relationship is expected.
type pathField interface {
	Node
	// path returns the field's relationship. It leads to the entity reference
	// given, or to that of the target itself where there is none.
	path(as Node) (*relationPath, error)
}

// relationPath is a relationship in terms of a statement.
type relationPath struct {
	name     string     // of the field, as errors have it
	from     fromNode   // what the entity stands for that has the field
	to       entityItem // what the target stands for
	own      fromNode   // the target under its own name, which criteria use
	pairs    []pathPair // from either side; with a link table, from it to the target
	link     *pathLink  // or nil
	refers   bool       // the foreign key is that of the near side
	criteria []Node
}

// pathPair is a column of one side and the one of the other that equals it.
type pathPair struct {
	near *Column
	far  *Column
}

// pathLink is a link table, with the pairs that lead to it.
type pathLink struct {
	table *Table
	pairs []pathPair
}

// joinCondition is the condition of a join along pairs of columns.
func joinCondition(pairs []pathPair, near, far fromNode) Expr[bool] {
	parts := make([]Expr[bool], len(pairs))
	for i, p := range pairs {
		parts[i] = condition(opEq, &columnNode{p.far, far}, &columnNode{p.near, near})
	}
	return And(parts...)
}

// pathJoin is the right side of a join along a relationship.
type pathJoin struct {
	field pathField
	as    Node // the entity reference that is joined, or nil
}

func (*pathJoin) node() {}

// item is what stands in FROM for the end of the path.
func (j *pathJoin) item(p *relationPath) Node {
	if s, ok := j.as.(*EntitySource); ok {
		return s
	}
	return p.to
}

// pathExists is EXISTS over what a relationship leads to and meets conditions.
// Without the target, only the rows of the link table are asked for.
type pathExists struct {
	path       *relationPath
	conditions []Node
	linkOnly   bool
}

func (*pathExists) node()               {}
func (*pathExists) sqlType() types.Type { return types.Boolean() }

// renamedNode is an expression in which a table means another FROM item, and
// names of fields those of its entity.
type renamedNode struct {
	of     Node
	own    fromNode
	entity entityItem
	free   bool // no criteria hold within
}

func (*renamedNode) node()                 {}
func (n *renamedNode) sqlType() types.Type { return typeOf(n.of) }
