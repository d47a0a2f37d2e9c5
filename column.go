// This file holds Column: its type, whether it may be NULL, and what fills it
// when a statement says nothing.

package orm

import (
	"fmt"
	"slices"

	"github.com/aurum-go/orm/types"
)

// Column is a column of a table. It is not changed after the table was made.
type Column struct {
	name          string
	typ           types.Type
	table         *Table
	nullable      bool
	primaryKey    bool
	autoincrement autoincrement
	fallback      ColumnDefault // of the client
	onUpdate      ColumnDefault // of the client, at every UPDATE of the row
	server        ServerDefault
	comment       string
	key           string // a further name, for the program
	unique        bool
	index         bool
	foreignKey    *ForeignKey
	computed      *ComputedColumn // or nil
	identity      *IdentityColumn // or nil
	mistake       error           // of an option
}

type autoincrement uint8

const (
	autoUnsaid autoincrement = iota
	autoYes
	autoNo
)

// ColumnDefault is what this library puts into a column for which a statement
// has no value. The zero ColumnDefault is none.
type ColumnDefault struct {
	value any
	call  func() (any, error)
	expr  Node
	now   bool
}

// IsZero reports whether there is no default.
func (d ColumnDefault) IsZero() bool {
	return d.value == nil && d.call == nil && d.expr == nil && !d.now
}

// ServerDefault is what the database itself puts into a column: SQL text in
// its definition, or something that this library only knows to be there.
type ServerDefault struct {
	sql      SQL
	literal  string
	sequence *Sequence
	kind     serverDefaultKind
}

type serverDefaultKind uint8

const (
	serverNone      serverDefaultKind = iota
	serverSQL                         // DEFAULT sql
	serverLiteral                     // DEFAULT 'literal'
	serverFetched                     // a trigger, or a default that the definition leaves out
	serverGenerated                   // the column is computed, or numbered by the database
	serverSequence                    // DEFAULT with the next number of a sequence
)

// IsZero reports whether the database fills the column with nothing of its own.
func (d ServerDefault) IsZero() bool { return d.kind == serverNone }

// ColumnOption says something about a column.
type ColumnOption interface{ applyTo(c *Column) }

type columnOption func(*Column)

func (o columnOption) applyTo(c *Column) { o(c) }

// NewColumn defines a column. It may be NULL unless an option says otherwise. The
// zero type is that of the column to which a foreign key leads.
func NewColumn(name string, t types.Type, options ...ColumnOption) *Column {
	c := &Column{name: name, typ: t, nullable: true}
	for _, o := range options {
		if isNilItem(o) {
			c.mistake = nilOption("define column " + quoted(name))
			continue
		}
		o.applyTo(c)
	}
	return c
}

// addTo enters the column, and the constraints that were said with it.
func (*Column) lasting() bool { return true }

func twoColumns(t *Table, name string) error {
	return &UsageError{Kind: ErrArgument, Op: "define table", Subject: t.name, Reason: fmt.Sprintf("there are two columns %q", name)}
}

func (c *Column) addTo(t *Table) {
	switch {
	case c.mistake != nil:
		t.mistake(c.mistake)
		return
	case checkIdentifier(c.name, 0) != nil:
		t.mistake(checkIdentifier(c.name, 0))
		return
	case t.named(c.name) != nil:
		t.mistake(twoColumns(t, c.name))
		return
	case c.key != "" && c.key != c.name && t.named(c.key) != nil:
		t.mistake(twoColumns(t, c.key))
		return
	case c.table != nil:
		t.mistake(&UsageError{Kind: ErrArgument, Op: "define table", Subject: t.name, Reason: fmt.Sprintf("column %q belongs to table %q", c.name, c.table.name)})
		return
	}
	c.table = t
	t.columns = append(t.columns, c)
	t.byName[c.name] = c
	if c.primaryKey {
		c.nullable = false
		if t.primaryKey.whole {
			t.mistake(twoKeys(t))
			return
		}
		t.primaryKey.columns = append(t.primaryKey.columns, c.name)
	}
	if c.unique {
		Unique(c.name).addTo(t)
	}
	if c.index {
		NewIndex("", c.name).addTo(t)
	}
	if c.foreignKey != nil {
		c.foreignKey.columns = []string{c.name}
		c.foreignKey.addTo(t)
	}
}

// canAutoincrement follows SQLAlchemy: a lone integer key without a foreign key
// and without a default counts by itself.
func (c *Column) canAutoincrement() bool {
	switch c.typ.Kind() {
	case types.KindSmallInteger, types.KindInteger, types.KindBigInteger:
		return c.fallback.IsZero() && c.server.IsZero() && !c.references()
	}
	return false
}

func (c *Column) references() bool {
	for _, fk := range c.table.foreignKeys {
		if slices.Contains(fk.columns, c.name) {
			return true
		}
	}
	return false
}

// Name returns the column's name.
func (c *Column) Name() string { return c.name }

// Type returns the column's SQL type. One that was defined without a type, and
// holds the key of another row, has that of the column which it refers to.
func (c *Column) Type() types.Type {
	if !c.typ.IsZero() {
		return c.typ
	}
	met := []*Column{c}
	for c.typ.IsZero() {
		target := c.referred()
		if target == nil || slices.Contains(met, target) {
			break
		}
		met, c = append(met, target), target
	}
	return c.typ
}

// referred is the column whose values this one holds, by the first of its
// foreign keys that leads to one, or nil.
func (c *Column) referred() *Column {
	if c.table == nil {
		return nil
	}
	for _, k := range c.table.foreignKeys {
		i := slices.Index(k.columns, c.name)
		if i < 0 {
			continue
		}
		if columns, err := k.Referred(); err == nil {
			return columns[i]
		}
	}
	return nil
}

// Table returns the column's table.
func (c *Column) Table() *Table { return c.table }

// Nullable reports whether the column may be NULL.
func (c *Column) Nullable() bool { return c.nullable }

// IsPrimaryKey reports whether the column is part of the primary key.
func (c *Column) IsPrimaryKey() bool { return c.primaryKey }

// IsAutoincrement reports whether the database counts the column up.
func (c *Column) IsAutoincrement() bool { return c.autoincrement == autoYes }

// Comment returns the column's comment.
func (c *Column) Comment() string { return c.comment }

// Default returns what this library fills the column with on INSERT.
func (c *Column) Default() ColumnDefault { return c.fallback }

// ServerDefault returns what the database fills the column with on INSERT.
func (c *Column) ServerDefault() ServerDefault { return c.server }

// SQL returns the text of the default in the column's definition, or "".
func (d ServerDefault) SQL() SQL { return d.sql }

// fullName is the column as an error names it.
func (c *Column) fullName() string { return c.table.name + "." + c.name }

// NotNull forbids NULL.
func NotNull() ColumnOption { return columnOption(func(c *Column) { c.nullable = false }) }

// Nullable allows NULL, which is so without it; it says so to the reader.
func Nullable() ColumnOption { return columnOption(func(c *Column) { c.nullable = true }) }

// Autoincrement says whether the database counts the column up. Without it, a
// lone integer primary key without foreign key and default does.
func Autoincrement(on bool) ColumnOption {
	return columnOption(func(c *Column) {
		c.autoincrement = autoNo
		if on {
			c.autoincrement = autoYes
		}
	})
}

// IndexColumn makes an index of the column alone.
func IndexColumn() ColumnOption { return columnOption(func(c *Column) { c.index = true }) }

// ColumnKey gives the column a further name, by which the program finds it: in
// [Table.C], [Table.Column], [F] and the names of values. SQL has its own. A name that
// another column of the table has, or is found by, is an error of the table.
//
//	orm.NewColumn("usr_nm", types.Text(), orm.ColumnKey("name"))   // users.C("name") is users.usr_nm
func ColumnKey(name string) ColumnOption { return columnOption(func(c *Column) { c.key = name }) }

// ColumnComment gives the column a comment, where the database keeps them.
func ColumnComment(text string) ColumnOption {
	return columnOption(func(c *Column) { c.comment = text })
}

// defaultOf returns the default that an argument means: a value or an expression.
func defaultOf(v any) ColumnDefault {
	if e, ok := v.(Expression); ok {
		return ColumnDefault{expr: e.expression()}
	}
	return ColumnDefault{value: v}
}

// Default fills the column on INSERT where the statement has no value for it:
// with a value, or with what an expression gives in the database.
func Default(v any) ColumnOption {
	return columnOption(func(c *Column) { c.fallback = defaultOf(v) })
}

// DefaultFunc fills the column on INSERT with what the function returns. It is
// called once for each row.
func DefaultFunc[T any](f func() T) ColumnOption {
	return columnOption(func(c *Column) { c.fallback = ColumnDefault{call: func() (any, error) { return f(), nil }} })
}

// DefaultNow fills the column on INSERT with the engine's time, one instant for
// all rows of a statement.
func DefaultNow() ColumnOption {
	return columnOption(func(c *Column) { c.fallback = ColumnDefault{now: true} })
}

// OnUpdate fills the column at every UPDATE that says nothing of it, with a
// value or an expression.
func OnUpdate(v any) ColumnOption { return columnOption(func(c *Column) { c.onUpdate = defaultOf(v) }) }

// OnUpdateNow fills the column with the engine's time at every UPDATE that says
// nothing of it.
func OnUpdateNow() ColumnOption {
	return columnOption(func(c *Column) { c.onUpdate = ColumnDefault{now: true} })
}

// OnUpdateFunc fills the column at every UPDATE that says nothing of it with
// what the function returns.
func OnUpdateFunc[T any](f func() T) ColumnOption {
	return columnOption(func(c *Column) { c.onUpdate = ColumnDefault{call: func() (any, error) { return f(), nil }} })
}

// ServerDefaultSQL is a DEFAULT in the column's definition, as SQL text: a
// constant of the program.
func ServerDefaultSQL(text SQL) ColumnOption {
	return columnOption(func(c *Column) { c.server = ServerDefault{sql: text, kind: serverSQL} })
}

// ServerDefaultText is a DEFAULT in the column's definition, as a text that is
// quoted.
func ServerDefaultText(text string) ColumnOption {
	return columnOption(func(c *Column) { c.server = ServerDefault{literal: text, kind: serverLiteral} })
}

// FetchedValue says that the database fills the column by other means, a
// trigger for one. The value is read back after an INSERT that had none.
func FetchedValue() ColumnOption {
	return columnOption(func(c *Column) { c.server = ServerDefault{kind: serverFetched} })
}
