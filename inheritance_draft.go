// This file reads structs that inherit: what their tags say, and what they have from
// the struct that they embed.

package orm

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// inheritWord says how a struct inherits.
type inheritWord string

const (
	inheritsNot      inheritWord = ""
	inheritsSingle   inheritWord = "single"
	inheritsJoined   inheritWord = "joined"
	inheritsConcrete inheritWord = "concrete"
)

// readInherited takes note of the mapped struct that the model embeds.
func (d *modelDraft) readInherited(f reflect.StructField, tag fieldTag, at place) {
	path := at.path + f.Name
	w, ok := tag.word("inherits")
	switch {
	case d.copies(at):
		d.readStruct(f.Type, at.in(f))
		return
	case !ok:
		d.wrong(path, fmt.Sprintf("the embedded struct %s has a table, and nothing says how it is inherited", f.Type.Name()),
			`tag it orm:"inherits:single" or orm:"inherits:joined", or tag its orm.Base orm:"abstract" to share its columns only`)
		return
	case at.path != "" || f.Offset != 0:
		d.wrong(path, "the struct that is inherited from is not the first field", "embed it before everything else")
		return
	}
	d.inherits = inheritWord(w.value)
	d.readStructWords(path, tag)
	switch d.inherits {
	case inheritsSingle, inheritsJoined:
		d.baseType, d.basePath = f.Type, path
	case inheritsConcrete:
		d.readStruct(f.Type, at.in(f))
	default:
		d.wrongWord(path, tag, w.valuePos, fmt.Sprintf("unknown inheritance %q", w.value), "there are: concrete, joined, single")
		d.baseType, d.basePath = f.Type, path
	}
}

// inherit completes what was read of a struct by what its base says.
func (d *modelDraft) inherit(base *modelDraft) {
	d.base, d.baseOffset, d.schema = base, base.baseOffset, base.schema
	if w, ok := d.word("primary_key"); ok {
		d.wrongValue(w, 0, "a struct that inherits has the key of "+base.name, "")
	}
	for _, f := range d.fields {
		if f.key {
			f.wrong("a struct that inherits has the key of "+base.name, "drop primary_key")
		}
	}
	if w, ok := d.word("polymorphic_on"); ok {
		d.wrongValue(w, 0, "the topmost struct has the discriminator", "")
	}
	if d.inherits == inheritsJoined {
		return
	}
	d.tableName = base.tableName
	for _, key := range []string{"table", "schema", "comment"} {
		if w, ok := d.word(key); ok {
			d.wrongValue(w, 0, "a struct that inherits by single has the table of "+base.name, "write inherits:joined for a table of its own")
		}
	}
}

// lineage are the drafts of a struct and of those that it inherits from.
func (d *modelDraft) lineage() []*modelDraft {
	var all []*modelDraft
	for ; d != nil; d = d.base {
		all = append(all, d)
	}
	return all
}

// tableDraft is the draft whose table has the struct's columns.
func (d *modelDraft) tableDraft() *modelDraft {
	for d.inherits == inheritsSingle && d.base != nil {
		d = d.base
	}
	return d
}

// defineInherited gives the mapper what its base has, and its own table the key
// that refers to the base's.
func (d *modelDraft) defineInherited() {
	m, base := d.mapper, d.base.mapper
	m.props, m.eager, m.mutable = slices.Clone(base.props), slices.Clone(base.eager), slices.Clone(base.mutable)
	m.byField, m.byColumn = maps.Clone(base.byField), maps.Clone(base.byColumn)
	m.version, m.served, m.composites = base.version, slices.Clone(base.served), slices.Clone(base.composites)
	d.rels = slices.Concat(d.base.rels, d.rels)
	for i, rel := range d.rels {
		rel.index = i
	}
	if d.inherits == inheritsJoined {
		d.defineKey()
	}
}

// defineKey defines the key of a table that is joined to that of the base.
func (d *modelDraft) defineKey() {
	var names []string
	for _, p := range d.base.mapper.props {
		if !p.key {
			continue
		}
		key := *p
		key.auto = false
		key.column = NewColumn(p.column.name, p.column.typ, NotNull(), Autoincrement(false))
		d.keyProps = append(d.keyProps, &key)
		d.items = append(d.items, key.column)
		names = append(names, key.column.name)
	}
	owner := d.base.tableDraft()
	d.keyed = ForeignKeyTo(names, (&Table{name: owner.tableName, schema: owner.schema}).FullName(), names...).OnDelete(Cascade).OnUpdate(Cascade)
	d.items = append(d.items, PrimaryKey(names...), d.keyed)
}

// enterInherited enters a column of the struct's own, beside those of its base.
func (d *modelDraft) enterInherited(p *property) bool {
	if d.base == nil {
		return true
	}
	if other := d.mapper.byColumn[p.column.name]; other != nil {
		d.wrong(p.name, fmt.Sprintf("column %q is that of the field %s, which is inherited", p.column.name, other.name), "name it otherwise with the word column")
		return false
	}
	if p.version {
		d.wrong(p.name, "a struct that inherits has no version of its own", "put it into the topmost struct")
	}
	return d.share(p)
}

// share has a column of a table that several structs use stand there once.
func (d *modelDraft) share(p *property) bool {
	owner := d.tableDraft()
	if owner == d {
		return true
	}
	for _, item := range owner.items {
		column, ok := item.(*Column)
		if !ok || column.name != p.column.name {
			continue
		}
		if !p.reuses || !owner.reusable[column.name] || !column.typ.Equal(p.column.typ) {
			d.wrong(p.name, fmt.Sprintf("column %q is there already, for another struct that inherits", column.name), "name it otherwise, or tag both use_existing_column if one column of one type is meant")
			return false
		}
		p.column = column
		return false
	}
	if p.reuses {
		if owner.reusable == nil {
			owner.reusable = map[string]bool{}
		}
		owner.reusable[p.column.name] = true
	}
	return true
}

// adoptInherited completes a mapper by what its base has become.
func (d *modelDraft) adoptInherited(metadata *Metadata) {
	m, base := d.mapper, d.base.mapper
	m.base, m.top, m.keys, m.auto, m.virtual = base, base.top, base.keys, base.auto, d.virtual
	m.line = slices.Concat(base.line, m.line)
	if d.inherits == inheritsSingle {
		m.table = base.table
		if base.parts != nil {
			m.parts = append(slices.Clone(base.parts[:len(base.parts)-1]), m.part(m.ownProps(base.parts[len(base.parts)-1].props)))
		}
		m.from = m.group()
		return
	}
	m.table = NewTable(d.tableName, metadata, d.items...)
	for _, key := range m.table.foreignKeys {
		if key.target == d.keyed.target && slices.Equal(key.columns, d.keyed.columns) {
			m.keyed = key
		}
	}
	m.parts = append(slices.Clone(base.writtenTo()), m.part(m.ownProps(d.keyProps)))
	m.from = m.group()
}

// ownProps are the properties of the last table of the struct: those given, and
// those that it adds to what its base has.
func (m *Mapper) ownProps(first []*property) []*property {
	return append(slices.Clone(first), m.props[len(m.base.props):]...)
}

// settleLineages completes what mappers know of each other once all of them have
// their tables.
func settleLineages(drafts []*modelDraft) []error {
	for _, d := range drafts {
		for base := d.mapper.base; base != nil; base = base.base {
			base.heirs = append(base.heirs, d.mapper)
		}
	}
	for _, d := range drafts {
		d.settleConcrete()
	}
	for _, d := range drafts {
		d.settleDiscriminator()
	}
	for _, d := range drafts {
		d.settleKind()
	}
	alikeKinds(drafts)
	var problems []error
	for _, d := range drafts {
		problems = append(problems, d.problems...)
	}
	if len(problems) > 0 {
		return problems
	}
	for _, d := range drafts {
		d.mapper.settleFamily()
	}
	for _, d := range drafts {
		d.mapper.unite()
	}
	return nil
}

// baseOf is the mapped struct that a struct inherits from, or nil.
func baseOf(t reflect.Type) reflect.Type {
	for f := range t.Fields() {
		if f.Anonymous && f.Type != baseType && isModel(f.Type) && !isAbstract(f.Type) {
			return f.Type
		}
	}
	return nil
}

// depthOf is the number of structs that a struct inherits from.
func depthOf(t reflect.Type) int {
	depth := 0
	for t = baseOf(t); t != nil; t = baseOf(t) {
		depth++
	}
	return depth
}
