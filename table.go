// This file holds Table: columns, constraints and indexes under one name, as a
// part of the schema and as a FROM item.

package orm

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/aurum-go/orm/types"
)

// Table is a table of a database: its columns, constraints and indexes. It is a
// FROM item. A table is not changed after it was made, so it is safe for
// concurrent use.
type Table struct {
	name        string
	schema      string
	comment     string
	columns     []*Column
	byName      map[string]*Column
	primaryKey  *PrimaryKeyConstraint
	foreignKeys []*ForeignKey
	uniques     []*UniqueConstraint
	checks      []*CheckConstraint
	indexes     []*Index
	metadata    *Metadata
	mistakes    []error
	entity      tableEntity // of the struct that is mapped to it, or nil
	listeners   attached    // to its being made and removed
	derived     *derivation // where its rows come from, or nil for a table that has its own
}

// tableEntity is what a table knows of the struct that is mapped to it.
type tableEntity interface {
	// reference returns the entity reference of the struct, or the part of it that
	// is an embedded struct of the type; nil if it is neither.
	reference(t reflect.Type) any
	// as returns the entity as it is reached under a FROM item.
	as(from fromNode) entityItem
	// itself is the FROM item of the entity under its own name.
	itself() fromNode
	// structType returns the struct.
	structType() reflect.Type
}

// TableItem is a part of a table's definition: a [Column], a constraint, an
// [Index] or a table option.
type TableItem interface{ addTo(t *Table) }

// NewTable defines a table in a Metadata. It emits no SQL. Mistakes (two
// columns of one name, a table of that name) come out of CreateAll and of every
// statement that uses the table; Err tells them at once. A table without columns
// ([ErrArgument]) and a column without a type ([ErrUnsupported]) are mistakes
// only where the table would be created: statements do with what is known of it.
func NewTable(name string, m *Metadata, items ...TableItem) *Table {
	t := &Table{name: name, byName: map[string]*Column{}, metadata: m, primaryKey: &PrimaryKeyConstraint{}}
	if m == nil {
		t.metadata = NewMetadata()
		t.mistake(&UsageError{Kind: ErrArgument, Op: "define table", Subject: name, Reason: "the metadata is nil"})
	}
	if err := checkIdentifier(name, 0); err != nil {
		t.mistake(err)
	}
	for _, item := range items {
		if isNilItem(item) {
			t.mistake(&UsageError{Kind: ErrArgument, Op: "define table", Subject: name, Reason: "an item is nil"})
			continue
		}
		item.addTo(t)
	}
	t.finish()
	if err := t.metadata.add(t); err != nil {
		t.mistake(err)
	}
	return t
}

// isNilItem reports whether a part of a definition, all of which are pointers or
// functions, is nil.
func isNilItem(item any) bool {
	v := reflect.ValueOf(item)
	return !v.IsValid() || v.IsNil()
}

func (t *Table) mistake(err error) { t.mistakes = append(t.mistakes, err) }

// finish settles what only the whole table can: the autoincrement column.
func (t *Table) finish() {
	for _, item := range t.primaryKey.columns {
		if c := t.byName[item]; c != nil {
			c.primaryKey, c.nullable = true, false
		}
	}
	for _, c := range t.columns {
		t.numbered(c)
	}
	if len(t.primaryKey.columns) != 1 {
		return
	}
	if c := t.byName[t.primaryKey.columns[0]]; c != nil && c.autoincrement == autoUnsaid && c.canAutoincrement() {
		c.autoincrement = autoYes
	}
}

// problems returns the mistakes of the table's definition, with those that only
// show when all tables are there.
func (t *Table) problems() []error {
	problems := slices.Clone(t.mistakes)
	for _, names := range t.columnLists() {
		for _, name := range names.columns {
			if t.byName[name] == nil {
				problems = append(problems, &UsageError{
					Kind: ErrUnknownName, Op: "define table", Subject: t.FullName(),
					Reason: fmt.Sprintf("%s names column %q, which the table does not have", names.what, name),
				})
			}
		}
	}
	for _, fk := range t.foreignKeys {
		if _, err := fk.Referred(); err != nil {
			problems = append(problems, err)
		}
	}
	return problems
}

type columnList struct {
	what    string
	columns []string
}

func (t *Table) columnLists() []columnList {
	lists := []columnList{{"the primary key", t.primaryKey.columns}}
	for _, u := range t.uniques {
		lists = append(lists, columnList{"a unique constraint", u.columns})
	}
	for _, fk := range t.foreignKeys {
		lists = append(lists, columnList{"a foreign key", fk.columns})
	}
	for _, i := range t.indexes {
		lists = append(lists, columnList{"an index", i.columnNames()})
	}
	return lists
}

// Err returns the mistakes in the table's definition, or nil. Foreign keys are
// looked up, so call it when all tables are defined.
func (t *Table) Err() error { return joinErrors(t.problems()) }

func (*Table) node()              {}
func (*Table) lasting() bool      { return true }
func (t *Table) fromName() string { return t.name }

// Name returns the table's name without its schema.
func (t *Table) Name() string { return t.name }

// Schema returns the table's schema, or "" for the default one.
func (t *Table) Schema() string { return t.schema }

// FullName returns "schema.name", or the name alone in the default schema.
func (t *Table) FullName() string {
	if t.schema == "" {
		return t.name
	}
	return t.schema + "." + t.name
}

// Comment returns the table's comment.
func (t *Table) Comment() string { return t.comment }

// Metadata returns the set that the table belongs to.
func (t *Table) Metadata() *Metadata { return t.metadata }

// Columns returns the columns in order.
func (t *Table) Columns() []*Column { return slices.Clone(t.columns) }

// Column returns the column of that name, or that [ColumnKey] finds by it, or nil.
func (t *Table) Column(name string) *Column { return t.named(name) }

func (t *Table) named(name string) *Column {
	if c := t.byName[name]; c != nil {
		return c
	}
	for _, c := range t.columns {
		if c.key == name && name != "" {
			return c
		}
	}
	return nil
}

// PrimaryKey returns the primary key; one without columns if there is none.
func (t *Table) PrimaryKey() *PrimaryKeyConstraint { return t.primaryKey }

// ForeignKeys returns the foreign keys of the table.
func (t *Table) ForeignKeys() []*ForeignKey { return slices.Clone(t.foreignKeys) }

// Uniques returns the unique constraints.
func (t *Table) Uniques() []*UniqueConstraint { return slices.Clone(t.uniques) }

// Checks returns the check constraints.
func (t *Table) Checks() []*CheckConstraint { return slices.Clone(t.checks) }

// Indexes returns the indexes.
func (t *Table) Indexes() []*Index { return slices.Clone(t.indexes) }

// Autoincrement returns the column whose values the database makes, or nil.
func (t *Table) Autoincrement() *Column {
	for _, c := range t.columns {
		if c.autoincrement == autoYes {
			return c
		}
	}
	return nil
}

// C is the column of that name, as an expression.
func (t *Table) C(name string) Expr[any] {
	if t == nil {
		return Expr[any]{nilItem(t, "refer to column")}
	}
	return columnOf(t, t, name)
}

// Alias returns the table under another name.
func (t *Table) Alias(name string) *TableAlias { return &TableAlias{table: t, name: name} }

// TableAlias is a table under another name.
type TableAlias struct {
	table *Table
	name  string
}

func (*TableAlias) node()              {}
func (a *TableAlias) fromName() string { return a.name }

// Table returns the table that the alias stands for.
func (a *TableAlias) Table() *Table { return a.table }

// C is the column of that name under the alias.
func (a *TableAlias) C(name string) Expr[any] {
	if a == nil || a.table == nil {
		return Expr[any]{nilItem((*Table)(nil), "refer to column")}
	}
	return columnOf(a.table, a, name)
}

// columnNode is a column of a FROM item.
type columnNode struct {
	column *Column
	from   fromNode
}

func (*columnNode) node()                 {}
func (n *columnNode) sqlType() types.Type { return n.column.Type() }

// entityItem is an entity reference as it stands in a statement: a table or
// alias whose columns also have the names of a struct's fields.
type entityItem interface {
	Node
	source() fromNode
	// property returns the column of a field.
	property(field string) (*columnNode, bool)
	fieldNames() []string
	// entityColumns returns the columns that an object is loaded from.
	entityColumns() []*columnNode
	// within returns the entity with those columns alone that are among names. The
	// whole primary key has to be.
	within(names map[string]bool) (entityItem, error)
	// model is the struct, and entityName what the reference is called in Go.
	model() reflect.Type
	entityName() string
}

func columnOf(t *Table, from fromNode, name string) Expr[any] {
	if c := t.named(name); c != nil {
		return Expr[any]{&columnNode{c, from}}
	}
	return Expr[any]{&errorNode{unknownColumn(t, name)}}
}

func unknownColumn(t *Table, name string) error {
	names := make([]string, len(t.columns))
	for i, c := range t.columns {
		names[i] = c.name
	}
	return &UsageError{
		Kind: ErrUnknownName, Op: "refer to column", Subject: t.FullName() + "." + quoted(name),
		Reason: "there is no such column", Advice: thereAre(names),
	}
}

// TableOption is a [TableItem] that says something of the table as a whole.
type TableOption func(*Table)

func (o TableOption) addTo(t *Table) { o(t) }

// Schema puts the table into a schema.
func Schema(name string) TableOption { return func(t *Table) { t.schema = name } }

// TableComment gives the table a comment, where the database keeps them.
func TableComment(text string) TableOption { return func(t *Table) { t.comment = text } }
