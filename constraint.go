// This file holds the constraints of a table and its indexes.

package orm

import (
	"fmt"
	"slices"
	"strings"
)

// PrimaryKeyConstraint is a table's primary key. Its columns are in the order
// of the key, which need not be that of the table.
type PrimaryKeyConstraint struct {
	name    string
	columns []string
	whole   bool // it was given as a part of the table, with all its columns
}

// PrimaryKey makes a column, as an option of [NewColumn], or the named columns,
// as a part of a table, the primary key.
//
//	orm.NewColumn("id", types.BigInteger(), orm.PrimaryKey())
//	orm.NewTable("lines", meta, …, orm.PrimaryKey("order_id", "line_no"))
//
// As a part of a table and without columns it only names the key of the columns
// that are said to be it.
func PrimaryKey(columns ...string) *PrimaryKeyConstraint {
	return &PrimaryKeyConstraint{columns: slices.Clone(columns)}
}

// Named gives the constraint a name.
func (p *PrimaryKeyConstraint) Named(name string) *PrimaryKeyConstraint {
	return &PrimaryKeyConstraint{name: name, columns: p.columns}
}

// Name returns the constraint's name, or "" for the naming convention's.
func (p *PrimaryKeyConstraint) Name() string { return p.name }

// Columns returns the names of the key's columns in its order.
func (p *PrimaryKeyConstraint) Columns() []string { return slices.Clone(p.columns) }

func (p *PrimaryKeyConstraint) applyTo(c *Column) { c.primaryKey = true }

func (p *PrimaryKeyConstraint) addTo(t *Table) {
	key := t.primaryKey
	switch {
	case len(p.columns) == 0:
		key.name = p.name
	case len(key.columns) > 0:
		t.mistake(twoKeys(t))
	default:
		key.columns, key.whole = slices.Clone(p.columns), true
		if p.name != "" {
			key.name = p.name
		}
	}
}

func twoKeys(t *Table) error {
	return &UsageError{Kind: ErrArgument, Op: "define table", Subject: t.name, Reason: "there are two primary keys"}
}

// UniqueConstraint forbids two rows with the same values.
type UniqueConstraint struct {
	name    string
	columns []string
}

// Unique makes a column, as an option of [NewColumn], or the named columns
// together, as a part of a table, unique.
func Unique(columns ...string) *UniqueConstraint {
	return &UniqueConstraint{columns: slices.Clone(columns)}
}

// Named gives the constraint a name.
func (u *UniqueConstraint) Named(name string) *UniqueConstraint {
	return &UniqueConstraint{name: name, columns: u.columns}
}

// Name returns the constraint's name, or "" for the naming convention's.
func (u *UniqueConstraint) Name() string { return u.name }

// Columns returns the names of the constraint's columns.
func (u *UniqueConstraint) Columns() []string { return slices.Clone(u.columns) }

func (u *UniqueConstraint) applyTo(c *Column) { c.unique = true }

func (u *UniqueConstraint) addTo(t *Table) { t.uniques = append(t.uniques, u) }

// CheckConstraint is a condition that every row has to meet.
type CheckConstraint struct {
	name string
	sql  SQL
}

// Check makes a CHECK of SQL text, a constant of the program.
func Check(sql SQL) *CheckConstraint { return &CheckConstraint{sql: sql} }

// Named gives the constraint a name, on which the naming convention builds.
func (k *CheckConstraint) Named(name string) *CheckConstraint {
	return &CheckConstraint{name: name, sql: k.sql}
}

// Name returns the constraint's name, or "".
func (k *CheckConstraint) Name() string { return k.name }

// SQL returns the condition.
func (k *CheckConstraint) SQL() SQL { return k.sql }

func (k *CheckConstraint) addTo(t *Table) { t.checks = append(t.checks, k) }

// Action is what a foreign key does when the row it refers to goes or changes.
type Action string

// The actions of the standard.
const (
	NoAction   Action = "NO ACTION"
	Restrict   Action = "RESTRICT"
	Cascade    Action = "CASCADE"
	SetNull    Action = "SET NULL"
	SetDefault Action = "SET DEFAULT"
)

// ForeignKey says that columns of a table hold the key of a row of another. The
// other table is named, and looked up in the same [Metadata] when it is needed,
// so the order of definitions is free.
type ForeignKey struct {
	name          string
	table         *Table
	columns       []string
	target        string   // table, or schema.table
	targetColumns []string // empty: the target's primary key
	onDelete      Action
	onUpdate      Action
	deferrable    bool
	useAlter      bool
}

// ForeignKeyTo makes a foreign key of the named columns.
//
//	orm.ForeignKeyTo([]string{"order_id", "line_no"}, "order_lines", "order_id", "line_no")
func ForeignKeyTo(columns []string, target string, targetColumns ...string) *ForeignKey {
	return &ForeignKey{columns: slices.Clone(columns), target: target, targetColumns: slices.Clone(targetColumns)}
}

// References makes a column, as an option of [NewColumn], a foreign key.
//
//	orm.NewColumn("author_id", types.BigInteger(), orm.References("users", "id"))
func References(target string, column string) *ForeignKey {
	return &ForeignKey{target: target, targetColumns: []string{column}}
}

// Named gives the constraint a name.
func (k *ForeignKey) Named(name string) *ForeignKey {
	named := *k
	named.name = name
	return &named
}

// OnDelete says what happens to the row when the one it refers to is deleted.
func (k *ForeignKey) OnDelete(a Action) *ForeignKey {
	changed := *k
	changed.onDelete = a
	return &changed
}

// OnUpdate says what happens to the row when the key it refers to changes.
func (k *ForeignKey) OnUpdate(a Action) *ForeignKey {
	changed := *k
	changed.onUpdate = a
	return &changed
}

// Deferrable has the database check the key at COMMIT.
func (k *ForeignKey) Deferrable() *ForeignKey {
	changed := *k
	changed.deferrable = true
	return &changed
}

// UseAlter adds the key by ALTER TABLE after both tables exist. Keys that form
// a cycle are added so without being told.
func (k *ForeignKey) UseAlter() *ForeignKey {
	changed := *k
	changed.useAlter = true
	return &changed
}

// Name returns the constraint's name, or "" for the naming convention's.
func (k *ForeignKey) Name() string { return k.name }

// Columns returns the names of the columns that hold the key.
func (k *ForeignKey) Columns() []string { return slices.Clone(k.columns) }

// Target returns the name of the table that is referred to.
func (k *ForeignKey) Target() string { return k.target }

// TargetColumns returns the names of the columns that are referred to; empty
// means the target's primary key.
func (k *ForeignKey) TargetColumns() []string { return slices.Clone(k.targetColumns) }

func (k *ForeignKey) applyTo(c *Column) { c.foreignKey = k }

func (k *ForeignKey) addTo(t *Table) {
	key := *k
	key.table = t
	t.foreignKeys = append(t.foreignKeys, &key)
}

// Referred returns the columns that the key refers to. A table or column that
// is not in the metadata is an [ErrUnknownName].
func (k *ForeignKey) Referred() ([]*Column, error) {
	target := k.targetTable()
	if target == nil {
		return nil, k.wrong(fmt.Sprintf("table %q is not in the metadata", k.target), "define it, or mind its schema")
	}
	names := k.targetColumns
	if len(names) == 0 {
		names = target.primaryKey.columns
	}
	if len(names) != len(k.columns) {
		return nil, k.wrong(fmt.Sprintf("it has %d columns and refers to %d", len(k.columns), len(names)), "")
	}
	columns := make([]*Column, len(names))
	for i, name := range names {
		if columns[i] = target.byName[name]; columns[i] == nil {
			return nil, k.wrong(fmt.Sprintf("table %q has no column %q", k.target, name), "")
		}
	}
	return columns, nil
}

// targetTable finds the table in the metadata: by the name as it is, else in
// the schema of the key's own table.
func (k *ForeignKey) targetTable() *Table {
	if k.table.FullName() == k.target {
		return k.table
	}
	if t := k.table.metadata.Table(k.target); t != nil {
		return t
	}
	if k.table.name == k.target {
		return k.table
	}
	return k.table.metadata.Table(k.table.schema + "." + k.target)
}

func (k *ForeignKey) wrong(reason, advice string) error {
	return &UsageError{
		Kind: ErrUnknownName, Op: "resolve foreign key", Subject: k.table.FullName() + "." + strings.Join(k.columns, ","),
		Reason: reason, Advice: advice,
	}
}

// Index is an index of a table: on columns or expressions, unique or not, over
// all rows or some.
type Index struct {
	name   string
	table  *Table
	parts  []IndexPart
	unique bool
	where  SQL
	using  string
}

// IndexPart is a column or an expression of an index.
type IndexPart struct {
	Column string
	SQL    SQL // in place of Column: an expression, a constant of the program
	Desc   bool
}

// NewIndex makes an index of columns. Without a name it gets the naming
// convention's.
func NewIndex(name string, columns ...string) *Index {
	i := &Index{name: name}
	for _, c := range columns {
		i.parts = append(i.parts, IndexPart{Column: c})
	}
	return i
}

// NewIndexOn makes an index of parts: columns, expressions, directions. An
// index with an expression needs a name.
func NewIndexOn(name string, parts ...IndexPart) *Index {
	return &Index{name: name, parts: slices.Clone(parts)}
}

// Unique forbids two entries that are equal.
func (i *Index) Unique() *Index {
	changed := *i
	changed.unique = true
	return &changed
}

// Where restricts the index to the rows that meet the condition, SQL text that
// is a constant of the program.
func (i *Index) Where(condition SQL) *Index {
	changed := *i
	changed.where = condition
	return &changed
}

// Using chooses the kind of index (gin, hash). Where the database has only one,
// the index is an [ErrUnsupported].
func (i *Index) Using(method string) *Index {
	changed := *i
	changed.using = method
	return &changed
}

// Name returns the index's name, or "" for the naming convention's.
func (i *Index) Name() string { return i.name }

// Parts returns the columns and expressions of the index.
func (i *Index) Parts() []IndexPart { return slices.Clone(i.parts) }

// IsUnique reports whether two equal entries are forbidden.
func (i *Index) IsUnique() bool { return i.unique }

// Predicate returns the condition of a partial index, or "".
func (i *Index) Predicate() SQL { return i.where }

func (i *Index) columnNames() []string {
	var names []string
	for _, p := range i.parts {
		if p.Column != "" {
			names = append(names, p.Column)
		}
	}
	return names
}

func (i *Index) addTo(t *Table) {
	index := *i
	index.table = t
	t.indexes = append(t.indexes, &index)
}
