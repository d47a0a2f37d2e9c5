// This file holds Mapper, what is known of a struct that is mapped to a table,
// and how what was read of a struct becomes both.

package orm

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
)

// Mapper is the link between a struct and its table. It is made by
// [Registry.Register], not changed afterwards, and safe for concurrent use.
type Mapper struct {
	goType     reflect.Type
	name       string
	registry   *Registry
	table      *Table
	props      []*property // in the order of the fields, embedded ones where they stand
	byField    map[string]*property
	byColumn   map[string]*property
	synonyms   map[string]*property // or nil
	keys       []*property          // the primary key, in the order in which the table has it
	auto       *property            // counted up by the database, or nil
	version    *property            // or nil
	baseOffset uintptr
	eager      []*property // loaded unless something else is said
	mutable    []*property // whose values could be edited in place
	rels       []*relationship
	line       []forebear                 // whose listeners hear of its objects
	hooked     atomic.Pointer[rowMethods] // methods of the struct itself, once they were looked for
	announced  atomic.Bool                // as complete
}

// FieldInfo describes a mapped field.
type FieldInfo struct {
	Name     string       // the field, as Go promotes it
	Column   *Column      // its column
	GoType   reflect.Type // the type of the field
	Key      bool         // part of the primary key
	Deferred bool         // not loaded with the rest
	Group    string       // of deferred fields that are loaded together
	Version  bool         // tells the versions of the row apart
}

func (*Mapper) lasting() bool { return true }

// Name returns the name of the struct.
func (m *Mapper) Name() string { return m.name }

// Table returns the table that the struct is mapped to.
func (m *Mapper) Table() *Table { return m.table }

// Registry returns the registry that the mapper belongs to.
func (m *Mapper) Registry() *Registry { return m.registry }

// Fields returns the mapped fields in the order of the struct, those of
// embedded structs where these stand.
func (m *Mapper) Fields() []FieldInfo {
	fields := make([]FieldInfo, len(m.props))
	for i, p := range m.props {
		fields[i] = FieldInfo{p.name, p.column, p.goType, p.key, p.deferred, p.group, p.version}
	}
	return fields
}

// PrimaryKey returns the names of the fields that make up the primary key, in
// the order in which [Get] takes its values: that of the table's key, which is
// that of the fields unless the struct's tag gives another.
func (m *Mapper) PrimaryKey() []string { return propertyNames(m.keys) }

func propertyNames(props []*property) []string {
	names := make([]string, len(props))
	for i, p := range props {
		names[i] = p.name
	}
	return names
}

// propertyOf returns the property at an offset of the struct. The type tells a
// field from its own first field, which has the same address.
func (m *Mapper) propertyOf(offset uintptr, goType reflect.Type) *property {
	for _, p := range m.props {
		if p.offset == offset && p.goType == goType {
			return p
		}
	}
	return nil
}

// Inspect returns the mapper of a model, an object or a nil pointer of its
// type; of a struct in several registries, that of the first. It emits no SQL.
// The error is an [ErrNotRegistered] for a struct that no registry has.
func Inspect(model Model) (*Mapper, error) {
	t, err := modelStruct(model)
	if err != nil {
		return nil, err
	}
	return mapperFor(t)
}

// draftModel reads a struct, and what becomes of it. Its mistakes are in the
// draft.
func draftModel(t reflect.Type, r *Registry) *modelDraft {
	d := readModel(t, r)
	if d.mapper != nil {
		d.implyKeys(r)
		d.configure()
		d.define()
	}
	return d
}

// readModel reads a struct: its fields, its table's name and its key.
func readModel(t reflect.Type, r *Registry) *modelDraft {
	d := &modelDraft{goType: t, name: t.Name(), ambiguous: map[string]string{}}
	if d.name == "" {
		d.name = t.String()
	}
	d.readStruct(t, place{})
	if d.basePath == "" {
		if len(d.problems) == 0 {
			d.wrong("", "the struct does not embed orm.Base", "embed it by value")
		}
		return d
	}
	d.mapper = &Mapper{
		goType: t, name: d.name, registry: r, baseOffset: d.baseOffset, byField: map[string]*property{}, byColumn: map[string]*property{},
	}
	d.mapper.line = []forebear{{listeners: listenersOf(t)}}
	d.nameTable(r)
	d.checkColumnNames()
	d.chooseKey()
	return d
}

// nameTable finds the table's name and schema: the tag's, else the registry's.
func (d *modelDraft) nameTable(r *Registry) {
	d.schema = r.schema
	if w, ok := d.word("schema"); ok {
		d.schema = d.checkedName(w)
	}
	if w, ok := d.word("table"); ok {
		d.tableName = d.checkedName(w)
		return
	}
	if d.goType.Name() == "" || strings.ContainsRune(d.name, '[') {
		d.wrong("", "the struct has no plain name to call its table by", `name the table: orm.Base with orm:"table:…"`)
		return
	}
	d.tableName = r.tableName(d.name)
	if err := validateName(d.tableName); err != nil {
		d.wrong("", nameReason(err), "it came from the registry's WithTableName")
	}
}

func (d *modelDraft) checkedName(w structWord) string {
	name := plainText(w.value)
	if err := validateName(name); err != nil {
		d.wrongValue(w, 0, nameReason(err), "")
	}
	return name
}

func (d *modelDraft) checkColumnNames() {
	taken := map[string]*fieldDraft{}
	for _, f := range d.fields {
		if other := taken[f.column]; other != nil {
			f.wrong(fmt.Sprintf("column %q is that of %s already", f.column, other.path), "name it otherwise with the word column, or prefix the embedded struct")
			continue
		}
		taken[f.column] = f
	}
}

// chooseKey finds the primary key: what the struct's tag says, else the fields
// that say so, else a field named ID.
func (d *modelDraft) chooseKey() {
	tagged := slices.IndexFunc(d.fields, func(f *fieldDraft) bool { return f.key })
	if w, ok := d.word("primary_key"); ok {
		d.keyColumns = d.listed(w, w.value, 0)
		for _, f := range d.fields {
			if f.key && !slices.Contains(d.keyColumns, f.column) {
				f.wrong("the primary key is said twice", "the struct's tag names other columns")
			}
			f.key = slices.Contains(d.keyColumns, f.column)
		}
		return
	}
	if tagged >= 0 {
		return
	}
	for _, f := range d.fields {
		if f.field.Name == "ID" {
			f.key = true
			return
		}
	}
	d.wrong("", "the struct has no primary key", `tag a field with orm:"primary_key", or name it ID`)
}

// define makes the properties and the parts of the table.
func (d *modelDraft) define() {
	if w, ok := d.word("comment"); ok {
		d.items = append(d.items, TableComment(plainText(w.value)))
	}
	if d.schema != "" {
		d.items = append(d.items, Schema(d.schema))
	}
	var checks []TableItem
	for _, f := range d.fields {
		if p := f.define(len(d.keyColumns) == 0); p != nil {
			d.enter(p)
		}
		checks = append(checks, f.checks...)
		d.problems = append(d.problems, f.problems...)
	}
	if len(d.keyColumns) > 0 {
		d.items = append(d.items, PrimaryKey(d.keyColumns...))
	}
	d.items = append(d.items, checks...)
	d.addConstraints()
}

func (d *modelDraft) enter(p *property) {
	m := d.mapper
	p.index = len(m.props)
	m.props = append(m.props, p)
	m.byField[p.name] = p
	m.byColumn[p.column.name] = p
	if p.synonym != "" {
		d.enterSynonym(p)
	}
	d.items = append(d.items, p.column)
	if !p.deferred {
		m.eager = append(m.eager, p)
	}
	if p.codec.Mutable() {
		m.mutable = append(m.mutable, p)
	}
	if p.version {
		if m.version != nil {
			d.wrong(p.name, "the struct has two versions", "the other is "+m.version.name)
		}
		m.version = p
	}
}

// enterSynonym gives a field its other name, which no field has.
func (d *modelDraft) enterSynonym(p *property) {
	if slices.ContainsFunc(d.fields, func(f *fieldDraft) bool { return f.field.Name == p.synonym }) || d.mapper.synonyms[p.synonym] != nil {
		d.wrong(p.name, fmt.Sprintf("the synonym %q is the name of another field", p.synonym), "use a name of its own")
		return
	}
	if d.mapper.synonyms == nil {
		d.mapper.synonyms = map[string]*property{}
	}
	d.mapper.synonyms[p.synonym] = p
}

// named is the property of a field's name, or of a synonym, or nil.
func (m *Mapper) named(name string) *property {
	if p := m.byField[name]; p != nil {
		return p
	}
	return m.synonyms[name]
}

// addConstraints reads the constraints and indexes of the struct's tag.
func (d *modelDraft) addConstraints() {
	for _, w := range d.words {
		switch w.key {
		case "unique":
			if name, columns := d.namedList(w); columns != nil {
				d.items = append(d.items, Unique(columns...).Named(name))
			}
		case "index":
			if name, columns := d.namedList(w); columns != nil {
				d.items = append(d.items, NewIndex(name, columns...))
			}
		case "check":
			d.items = append(d.items, checkOf(w.value))
		case "foreign_key":
			d.addForeignKey(w)
		}
	}
}

// namedList reads "(a,b)" or "name(a,b)".
func (d *modelDraft) namedList(w structWord) (name string, columns []string) {
	name, _, offset, ok := cutCall(w.value)
	if !ok {
		d.wrongList(w, 0)
		return "", nil
	}
	return name, d.listed(w, w.value[offset-1:], offset-1)
}

func (d *modelDraft) wrongList(w structWord, offset int) {
	d.wrongValue(w, offset, fmt.Sprintf("the word %q needs a list of columns", w.key), fmt.Sprintf("write %s:(a,b)", w.key))
}

// listed reads "(a,b)" at an offset of the word's value: columns by their name
// or by that of their field.
func (d *modelDraft) listed(w structWord, list string, offset int) []string {
	name, inside, start, ok := cutCall(list)
	listed := cutNames(inside)
	if !ok || name != "" || listed == nil {
		d.wrongList(w, offset)
		return nil
	}
	var columns []string
	for _, l := range listed {
		column, ok := d.columnNamed(l.name)
		switch {
		case !ok:
			d.unknownColumn(w, offset+start+l.pos, l.name)
		case slices.Contains(columns, column):
			d.wrongValue(w, offset+start+l.pos, fmt.Sprintf("the column %q stands twice", column), "")
		}
		columns = append(columns, column)
	}
	return columns
}

func (d *modelDraft) columnNamed(name string) (string, bool) {
	for _, f := range d.fields {
		if f.column == name {
			return name, true
		}
	}
	for _, f := range d.fields {
		if f.field.Name == name {
			return f.column, true
		}
	}
	return name, false
}

func (d *modelDraft) unknownColumn(w structWord, offset int, name string) {
	columns := make([]string, len(d.fields))
	for i, f := range d.fields {
		columns[i] = f.column
	}
	advice := "there are: " + strings.Join(columns, ", ")
	if near := nearest(name, columns); near != "" {
		advice = fmt.Sprintf("did you mean %q?", near)
	}
	d.wrongValue(w, offset, fmt.Sprintf("there is no column %q", name), advice)
}

// addForeignKey reads "(a,b)->table(x,y)" or "(a,b)->table".
func (d *modelDraft) addForeignKey(w structWord) {
	columns, target, found := strings.Cut(w.value, "->")
	if !found {
		d.wrongValue(w, 0, "the foreign key has no target", "write foreign_key:(a,b)->table(x,y)")
		return
	}
	names := d.listed(w, strings.TrimSpace(columns), 0)
	table, targets, ok := foreignKeyTarget(strings.TrimSpace(target))
	switch {
	case !ok:
		d.wrongValue(w, len(columns)+2, "the target is not of the form table(x,y)", "")
	case names != nil && len(targets) > 0 && len(targets) != len(names):
		d.wrongValue(w, len(columns)+2, fmt.Sprintf("the foreign key has %d columns and refers to %d", len(names), len(targets)), "")
	case names != nil:
		d.items = append(d.items, ForeignKeyTo(names, table, targets...))
	}
}

// foreignKeyTarget reads "table(x,y)" or "table".
func foreignKeyTarget(target string) (table string, columns []string, ok bool) {
	open := strings.IndexByte(target, '(')
	if open < 0 {
		return target, nil, target != ""
	}
	if open == 0 || closingParen(target, open) != len(target)-1 {
		return "", nil, false
	}
	for _, l := range cutNames(target[open+1 : len(target)-1]) {
		columns = append(columns, l.name)
	}
	return strings.TrimSpace(target[:open]), columns, columns != nil
}

// adopt makes the table, and completes the mapper by what only the table knows.
func (d *modelDraft) adopt(metadata *Metadata) *Mapper {
	m := d.mapper
	m.table = NewTable(d.tableName, metadata, d.items...)
	m.table.entity = m
	for _, p := range m.props {
		p.key = p.column.IsPrimaryKey()
		if p.auto = p.column.IsAutoincrement(); p.auto {
			m.auto = p
		}
	}
	for _, name := range m.table.primaryKey.columns {
		m.keys = append(m.keys, m.byColumn[name])
	}
	m.rels = d.rels
	for _, rel := range m.rels {
		rel.owner = m
	}
	return m
}
