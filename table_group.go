// This file holds what a struct that inherits is read from: several tables, or
// some rows of one, that are a single item of FROM.

package orm

import (
	"slices"

	"github.com/aurum-go/orm/types"
)

// tableGroup is the tables of a struct that inherits, joined by their keys, with
// the condition that leaves out the rows of other structs.
type tableGroup struct {
	entity tableEntity
	parts  []groupPart
	kind   func(*tableGroup) Node `form:"-"` // what tells whose a row is
	kinds  []any                  `form:"-"` // what it says of rows of the group; nil for all
	stands []fromNode             `form:"-"` // what it has the columns of, too
	shared bool                   // there is one of it, for as long as its struct is mapped
}

// groupPart is one table of a group. All but the first are joined to those before,
// by their keys.
type groupPart struct {
	from fromNode // the *Table or a *TableAlias
	join sqlText
	keys []groupKey
}

// groupKey is a column of a table that refers to one of a table before it.
type groupKey struct{ own, refers *Column }

func (*tableGroup) node()              {}
func (g *tableGroup) lasting() bool    { return g.shared }
func (g *tableGroup) fromName() string { return g.parts[0].from.fromName() }

// partOf is the item of the group that has the columns of a table, or nil.
func (g *tableGroup) partOf(t *Table) fromNode {
	for _, p := range g.parts {
		if tableOf(p.from) == t {
			return p.from
		}
	}
	return nil
}

// has reports whether an item is one of the group's.
func (g *tableGroup) has(from fromNode) bool {
	return slices.ContainsFunc(g.parts, func(p groupPart) bool { return p.from == from })
}

// outputs are the columns of all its tables.
func (g *tableGroup) outputs() []output {
	var all []output
	for _, p := range g.parts {
		all = append(all, starOutputs(p.from)...)
	}
	return all
}

// as is the group under another name.
func (g *tableGroup) as(name string) *tableGroup {
	other := *g
	other.shared, other.stands = false, nil
	other.parts = slices.Clone(g.parts)
	for i, p := range g.parts {
		alias := name
		if i > 0 {
			alias = anonymous(name+"_"+tableOf(p.from).name, i)
		}
		other.parts[i].from = tableOf(p.from).Alias(alias)
	}
	return &other
}

// only is the condition that leaves out the rows of other structs, or nothing.
func (g *tableGroup) only() []Node {
	if g.kinds == nil {
		return nil
	}
	return []Node{&kindsNode{g.kind(g), g.kinds}}
}

// renamed is a table, or a group, under another name.
func renamed(from fromNode, name string) fromNode {
	if g := groupIn(from); g != nil {
		return g.as(name)
	}
	return tableOf(from).Alias(name)
}

// kindsNode is the condition that a row is one of certain structs.
type kindsNode struct {
	kind  Node
	kinds []any
}

func (*kindsNode) node()               {}
func (*kindsNode) sqlType() types.Type { return types.Boolean() }

// groupIn is the group that a FROM item is, or nil.
func groupIn(from Node) *tableGroup {
	g, _ := from.(*tableGroup)
	return g
}

// separate are the tables of a FROM item, each by itself.
func separate(from fromNode) []fromNode {
	g := groupIn(from)
	if g == nil {
		return []fromNode{from}
	}
	items := make([]fromNode, len(g.parts))
	for i, p := range g.parts {
		items[i] = p.from
	}
	return items
}

// entityBehind is what a FROM item knows of the struct that is mapped to it, or nil.
func entityBehind(from fromNode) tableEntity {
	if g := groupIn(from); g != nil {
		return g.entity
	}
	if t := tableOf(from); t != nil {
		return t.entity
	}
	return nil
}

// tableOf is the table behind a FROM item, or nil.
func tableOf(from fromNode) *Table {
	switch from := from.(type) {
	case *Table:
		return from
	case *TableAlias:
		return from.table
	case *tableGroup:
		if len(from.parts) == 1 {
			return tableOf(from.parts[0].from)
		}
	}
	return nil
}
