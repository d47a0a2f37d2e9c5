// This file maps structs that inherit: a struct inherits from the mapped struct that
// it embeds, into the same table, into one of its own beside that, or into one with
// all columns.

package orm

import (
	"reflect"
	"slices"
)

// kinship is what a mapper knows of the structs that its own inherits from, and of
// those that inherit from it.
type kinship struct {
	base    *Mapper     // the struct that it inherits from, or nil
	top     *Mapper     // the first of them, which may be itself
	heirs   []*Mapper   // all that inherit from it, in the order of registration
	from    fromNode    // what it is read from
	parts   []*Mapper   // the tables that a row is written to, the first one first; nil: its own
	keyed   *ForeignKey // of its own table to the base's, or nil
	more    []inherited // columns of heirs in its own tables
	isPart  bool        // it stands for one table of a struct that has several
	virtual bool        // no row is of this very struct

	concretes []*Mapper // that inherit from it, and have tables with all columns
	union     *union    // of its rows and theirs, or nil

	discriminator
}

// inherited is a column of a struct that inherits, in the table of another.
type inherited struct {
	mapper *Mapper
	prop   *property
	at     Node // where a union has it, or nil
}

// is reports whether the struct is another, or inherits from it.
func (m *Mapper) is(other *Mapper) bool {
	for ; m != nil; m = m.base {
		if m == other {
			return true
		}
	}
	return false
}

// kin reports whether objects of the one may be objects of the other.
func (m *Mapper) kin(other *Mapper) bool { return m.is(other) || other.is(m) }

// allRelations are those of the struct, and of all that inherit from it.
func (m *Mapper) allRelations() []*relationship {
	rels := m.rels
	for _, heir := range m.heirs {
		rels = append(slices.Clip(rels), heir.rels[len(heir.base.rels):]...)
	}
	return rels
}

// polymorphic reports whether rows of the struct may be those of others.
func (m *Mapper) polymorphic() bool { return len(m.heirs) > 0 }

// writtenTo are the tables that a row is written to, as mappers.
func (m *Mapper) writtenTo() []*Mapper {
	if m.parts == nil {
		return []*Mapper{m}
	}
	return m.parts
}

// writes reports whether rows of the struct are written to the table of a mapper.
func (m *Mapper) writes(part *Mapper) bool {
	return m == part && m.parts == nil || slices.Contains(m.parts, part)
}

// tables are those of the struct and of all that it inherits from.
func (m *Mapper) tables() []*Table {
	var tables []*Table
	for _, part := range m.writtenTo() {
		tables = append(tables, part.table)
	}
	return tables
}

// foreignKeys are those of all tables of the struct, save for those that join them.
func (m *Mapper) foreignKeys() []*ForeignKey {
	var keys []*ForeignKey
	for _, t := range m.tables() {
		keys = append(keys, t.foreignKeys...)
	}
	for ; m != nil; m = m.base {
		keys = slices.DeleteFunc(keys, func(k *ForeignKey) bool { return k == m.keyed })
	}
	return keys
}

func (m *Mapper) itself() fromNode { return m.from }

// part is the mapper of one of several tables of the struct. It has the columns of
// that table alone, under the indexes that they have in the whole.
func (m *Mapper) part(props []*property) *Mapper {
	part := &Mapper{
		goType: m.goType, name: m.name, registry: m.registry, table: m.table, baseOffset: m.baseOffset,
		props: props, byField: map[string]*property{}, byColumn: map[string]*property{},
	}
	part.top, part.isPart, part.from = m.top, true, m.table
	for _, p := range props {
		part.byField[p.name], part.byColumn[p.column.name] = p, p
		if p.key {
			part.keys = append(part.keys, p)
		}
		if p.served {
			part.served = append(part.served, p)
		}
	}
	return part
}

// group is what the struct is read from: its tables, joined by their keys.
func (m *Mapper) group() *tableGroup {
	g := &tableGroup{entity: m, shared: true}
	for i, part := range m.writtenTo() {
		p := groupPart{from: part.table}
		if i > 0 {
			p.join, p.keys = innerJoin, part.joinKeys(m.top)
		}
		g.parts = append(g.parts, p)
	}
	return g
}

// joinKeys are the columns by which the table of a part is joined to the topmost.
func (m *Mapper) joinKeys(top *Mapper) []groupKey {
	keys := make([]groupKey, len(m.keys))
	for i, p := range m.keys {
		keys[i] = groupKey{p.column, top.byColumn[p.column.name].column}
	}
	return keys
}

// settleFamily gives a mapper what it has to know to read rows of its heirs, and
// its rows the condition that leaves out those of others.
func (m *Mapper) settleFamily() {
	tables := m.tables()
	for _, heir := range m.heirs {
		for _, p := range heir.props[len(heir.base.props):] {
			if slices.Contains(tables, p.column.table) {
				m.more = append(m.more, inherited{mapper: heir, prop: p})
			}
		}
	}
	if g := groupIn(m.from); g != nil && slices.Contains(m.base.tables(), m.table) {
		g.kind, g.kinds = m.kindIn(), m.kinds()
	}
}

// descends reports whether the struct inherits from a struct of Go.
func (m *Mapper) descends(t reflect.Type) bool {
	for base := m.base; base != nil; base = base.base {
		if base.goType == t {
			return true
		}
	}
	return false
}

// heir is the mapper of a struct that inherits from the mapper's own, or nil.
func (m *Mapper) heir(t reflect.Type) *Mapper {
	for _, heir := range m.heirs {
		if heir.goType == t {
			return heir
		}
	}
	return nil
}
