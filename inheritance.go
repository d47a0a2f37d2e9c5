// This file maps structs that inherit: a struct inherits from the mapped struct
// that it embeds, into the same table or into one of its own. Its rows are told
// from those of others by the discriminator, a column of the topmost struct.

package orm

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/aurum-go/orm/types"
)

// inheritWord says how a struct inherits.
type inheritWord string

const (
	inheritsNot      inheritWord = ""
	inheritsSingle   inheritWord = "single"
	inheritsJoined   inheritWord = "joined"
	inheritsConcrete inheritWord = "concrete"
)

// kinship is what a mapper knows of the structs that its own inherits from, and of
// those that inherit from it.
type kinship struct {
	base    *Mapper             // the struct that it inherits from, or nil
	top     *Mapper             // the first of them, which may be itself
	heirs   []*Mapper           // all that inherit from it, in the order of registration
	from    fromNode            // what it is read from
	parts   []*Mapper           // the tables that a row is written to, the first one first; nil: its own
	keyed   *ForeignKey         // of its own table to the base's, or nil
	more    []inherited         // columns of heirs in its own tables
	sorts   *property           // of the topmost struct: the discriminator
	sortsBy func() Expr[string] // in its place: an expression
	label   string              // what that is of its rows
	labels  bool
	kind    types.Ptr // a struct whose discriminator is that of its rows, or nil
	isPart  bool      // it stands for one table of a struct that has several
	virtual bool      // no row is of this very struct

	concretes []*Mapper // that inherit from it, and have tables with all columns
	union     *union    // of its rows and theirs, or nil
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
		if !p.reuses || !column.typ.Equal(p.column.typ) {
			d.wrong(p.name, fmt.Sprintf("column %q is there already, for another struct that inherits", column.name), "name it otherwise, or tag both use_existing_column if one column of one type is meant")
			return false
		}
		p.column = column
		return false
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

// settleDiscriminator finds the column that tells whose a row is.
func (d *modelDraft) settleDiscriminator() {
	m := d.mapper
	w, ok := d.word("polymorphic_on")
	switch {
	case d.base != nil:
		m.sorts, m.sortsBy = m.top.sorts, m.top.sortsBy
	case ok && m.sortsBy != nil:
		d.wrongValue(w, 0, "the discriminator is said twice", "drop polymorphic_on, or PolymorphicOn from ConfigureMapper")
	case m.sortsBy != nil:
	case ok:
		name, known := d.columnNamed(plainText(w.value))
		if m.sorts = m.byColumn[name]; m.sorts == nil || !known {
			d.unknownColumn(w, 0, w.value)
		} else if m.sorts.deferred {
			d.wrongValue(w, 0, "the discriminator cannot be deferred", "")
		}
	case m.polymorphic() || len(m.concretes) > 0:
		d.wrong("", slices.Concat(m.heirs, m.concretes)[0].name+" inherits from it, and nothing tells their rows apart", `name a field that does: orm.Base with orm:"polymorphic_on:Kind"`)
	}
}

// settleKind finds what the discriminator says of rows of the very struct.
func (d *modelDraft) settleKind() {
	m := d.mapper
	w, ok := d.word("polymorphic_identity")
	switch {
	case !m.sorted() && ok && len(d.problems) == 0:
		d.wrongValue(w, 0, "there is no discriminator that could have this value", "say polymorphic_on, in the topmost struct")
	case !m.sorted() || len(d.problems) > 0:
	case m.virtual && ok:
		d.wrongValue(w, 0, "there are no rows of this very struct", "drop polymorphic_identity, or polymorphic_abstract")
	case m.virtual:
	case !ok && (d.base != nil || d.ancestor != nil || m.polymorphic() || len(m.concretes) > 0):
		d.wrong("", "nothing tells its rows from those of other structs", "say polymorphic_identity:…, or polymorphic_abstract if there are none")
	case ok:
		d.readKind(w)
	}
}

// sorted reports whether anything tells whose a row is.
func (m *Mapper) sorted() bool { return m.sorts != nil || m.sortsBy != nil }

func (d *modelDraft) readKind(w structWord) {
	m := d.mapper
	if m.sortsBy != nil {
		m.label, m.labels = plainText(w.value), true
		return
	}
	value, reason, _ := literalDefault(w.value, m.sorts, m.sorts.column.typ)
	if reason != "" {
		d.wrongValue(w, 0, reason, "write a value of "+m.top.name+"."+m.sorts.name)
		return
	}
	kind := newBlock(m.goType, 1)
	reflect.NewAt(m.sorts.goType, fieldPtr(kind, m.sorts.offset)).Elem().Set(reflect.ValueOf(value.value))
	m.kind = kind
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

// kindIn is the discriminator as it is reached in a group.
func (m *Mapper) kindIn() func(*tableGroup) Node {
	if m.sorts != nil {
		return func(g *tableGroup) Node { return &columnNode{m.sorts.column, g} }
	}
	top := m.top
	return func(g *tableGroup) Node {
		return &renamedNode{of: top.sortsBy().n, own: top.from, entity: top.entityAt(g.partOf(top.table))}
	}
}

// kinds is what the discriminator says of rows of the struct and of its heirs.
func (m *Mapper) kinds() []any {
	kinds := []any{}
	for _, one := range append([]*Mapper{m}, m.heirs...) {
		switch {
		case one.labels:
			kinds = append(kinds, one.label)
		case one.kind != nil:
			kinds = append(kinds, reflect.NewAt(m.sorts.goType, fieldPtr(one.kind, m.sorts.offset)).Elem().Interface())
		}
	}
	return kinds
}

// whose returns the mapper whose row a struct holds, by its discriminator.
func (m *Mapper) whose(row types.Ptr) (*Mapper, error) {
	if m.kind != nil && sameField(m.sorts, m.kind, row) {
		return m, nil
	}
	for _, heirs := range [][]*Mapper{m.heirs, m.concretes} {
		for _, heir := range heirs {
			if heir.kind != nil && sameField(m.sorts, heir.kind, row) {
				return heir, nil
			}
		}
	}
	return nil, m.unknownKind(reflect.NewAt(m.sorts.goType, fieldPtr(row, m.sorts.offset)).Elem().Interface())
}

// unknownKind is the error of a row whose discriminator says nothing.
func (m *Mapper) unknownKind(said any) error {
	var known []string
	for _, one := range slices.Concat([]*Mapper{m}, m.heirs, m.concretes) {
		if one.kind != nil || one.labels {
			known = append(known, one.name)
		}
	}
	subject := m.name
	if m.sorts != nil {
		subject += "." + m.sorts.name
	}
	return &UsageError{
		Kind: ErrDecode, Op: "read", Subject: subject, Reason: fmt.Sprintf("%q is the polymorphic_identity of no struct", fmt.Sprint(said)),
		Advice: "there are those of " + strings.Join(known, ", "),
	}
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
