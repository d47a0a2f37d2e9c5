// This file maps structs that inherit into a table of their own which has all
// columns. Such a struct is mapped by itself; a query for the one that it inherits
// from reads both, by UNION ALL.

package orm

import "slices"

// union is what a struct is read from whose heirs have tables with all columns.
type union struct {
	source *Subquery
	more   []inherited // columns of heirs, where the union has them
}

// copies reports whether what is read is a copy of what a mapped struct has.
func (d *modelDraft) copies(at place) bool { return d.inherits == inheritsConcrete && at.path != "" }

// copiedWords are the words of a mapped struct that hold for the table of a struct that
// inherits with all columns, too.
var copiedWords = []string{"unique", "index", "check", "foreign_key", "primary_key", "polymorphic_on"}

// root is the draft of the topmost struct.
func (d *modelDraft) root() *modelDraft {
	for d.base != nil || d.ancestor != nil {
		if d.base != nil {
			d = d.base
		} else {
			d = d.ancestor
		}
	}
	return d
}

// settleConcrete has mappers know of the heirs that have all columns.
func (d *modelDraft) settleConcrete() {
	if d.base != nil && d.base.ancestor != nil {
		d.wrong("", d.base.name+" inherits by concrete, and nothing can inherit from it otherwise", "write inherits:concrete")
	}
	for a := d.ancestor; a != nil; {
		a.mapper.concretes = append(a.mapper.concretes, d.mapper)
		if a.ancestor != nil {
			a = a.ancestor
		} else {
			a = a.base
		}
	}
}

// unite makes the union of the struct's own rows and those of its heirs.
func (m *Mapper) unite() {
	if len(m.concretes) == 0 {
		return
	}
	u := &union{}
	names := map[string]bool{}
	for _, p := range m.eager {
		names[p.column.name] = true
	}
	unique := func(i inherited) string {
		name := i.prop.column.name
		if names[name] {
			name = anonymous(i.mapper.table.name+"_"+name, 1)
		}
		names[name] = true
		return name
	}
	more := slices.Clone(m.more)
	for _, heir := range m.concretes {
		for _, p := range heir.props[len(m.props):] {
			more = append(more, inherited{mapper: heir, prop: p})
		}
	}
	labels := make([]string, len(more))
	for i := range more {
		labels[i] = unique(more[i])
	}
	var members []Subselect
	for _, member := range append([]*Mapper{m}, m.concretes...) {
		if member != m || !m.virtual || len(m.heirs) > 0 {
			members = append(members, m.unionMember(member, more, labels))
		}
	}
	name := m.table.name + "_all"
	if len(members) == 1 {
		u.source = members[0].(*SelectStatement).Subquery(name)
	} else {
		u.source = setOperation(opUnionAll, members).Subquery(name)
	}
	for i := range more {
		more[i].at = &derivedColumn{from: u.source, name: labels[i]}
	}
	u.more = more
	m.union = u
}

// unionMember selects the columns of the union out of the table of one struct.
func (m *Mapper) unionMember(member *Mapper, more []inherited, labels []string) *SelectStatement {
	stmt := &SelectStatement{from: []Node{&entityFrom{mapper: member, from: member.from}}}
	for _, p := range m.eager {
		own := member.props[p.index]
		stmt.columns = append(stmt.columns, &labelNode{name: p.column.name, of: &columnNode{own.column, member.from}})
	}
	for i, more := range more {
		value := Node(&castNode{of: nullNode, typ: more.prop.column.typ})
		if more.mapper == member || member == m && slices.Contains(m.heirs, more.mapper) {
			value = &columnNode{more.prop.column, member.from}
		}
		stmt.columns = append(stmt.columns, &labelNode{name: labels[i], of: value})
	}
	return stmt
}
