// This file holds the statements that define a schema, as values: they can be
// executed one at a time, or compiled to be read. CreateAll and DropAll make
// theirs from a whole Metadata.

package orm

import "github.com/aurum-go/orm/types"

// DDLStatement is a statement that changes the schema. It is an immutable value
// and safe for concurrent use. Executing it emits exactly one statement.
type DDLStatement struct {
	kind      ddlKind
	table     *Table
	column    *Column
	index     *Index
	key       *ForeignKey
	sequence  *Sequence
	schema    string
	typ       types.Type
	guarded   bool          // IF [NOT] EXISTS
	without   []*ForeignKey // keys that CREATE TABLE leaves out, to be added later
	query     Node          // of CREATE TABLE AS
	replaces  bool          // CREATE OR REPLACE
	temporary bool
	err       error
}

type ddlKind uint8

const (
	ddlCreateTable ddlKind = iota
	ddlDropTable
	ddlCreateIndex
	ddlDropIndex
	ddlAddForeignKey
	ddlDropForeignKey
	ddlCreateSchema
	ddlDropSchema
	ddlTableComment
	ddlColumnComment
	ddlCreateSequence
	ddlDropSequence
	ddlCreateType
	ddlDropType
	ddlCreateView
	ddlDropView
	ddlRefreshView
	ddlCreateTableAs
)

func (*DDLStatement) node()      {}
func (*DDLStatement) statement() {}

// creates reports whether the statement makes something that IF NOT EXISTS can
// stand before.
func (s *DDLStatement) creates() bool {
	return s.kind == ddlCreateTable || s.kind == ddlCreateIndex || s.kind == ddlCreateSchema || s.kind == ddlCreateSequence ||
		s.kind == ddlCreateView || s.kind == ddlCreateTableAs
}

func (s *DDLStatement) drops() bool {
	return s.kind == ddlDropTable || s.kind == ddlDropIndex || s.kind == ddlDropSchema || s.kind == ddlDropSequence || s.kind == ddlDropType || s.kind == ddlDropView
}

// CreateTable makes a table with all its constraints: "CREATE TABLE users (…)".
// Its indexes are statements of their own; see [CreateIndex].
func CreateTable(t *Table) *DDLStatement { return tableStatement(ddlCreateTable, t) }

// DropTable removes a table and its rows: "DROP TABLE users".
func DropTable(t *Table) *DDLStatement { return tableStatement(ddlDropTable, t) }

// CreateIndex makes an index of a table, one that [Table.Indexes] returned:
// "CREATE INDEX ix_users_name ON users (name)".
func CreateIndex(i *Index) *DDLStatement { return indexStatement(ddlCreateIndex, i) }

// DropIndex removes an index, one that [Table.Indexes] returned.
func DropIndex(i *Index) *DDLStatement { return indexStatement(ddlDropIndex, i) }

// AddForeignKey adds a foreign key, one that [Table.ForeignKeys] returned, to a
// table that exists: "ALTER TABLE a ADD CONSTRAINT … FOREIGN KEY …".
func AddForeignKey(k *ForeignKey) *DDLStatement { return keyStatement(ddlAddForeignKey, k) }

// DropForeignKey removes a foreign key, one that [Table.ForeignKeys] returned:
// "ALTER TABLE a DROP CONSTRAINT …".
func DropForeignKey(k *ForeignKey) *DDLStatement { return keyStatement(ddlDropForeignKey, k) }

// CreateSchema makes a schema: "CREATE SCHEMA sales".
func CreateSchema(name string) *DDLStatement {
	return &DDLStatement{kind: ddlCreateSchema, schema: name}
}

// DropSchema removes an empty schema: "DROP SCHEMA sales".
func DropSchema(name string) *DDLStatement { return &DDLStatement{kind: ddlDropSchema, schema: name} }

// CreateView makes a view that [NewView] has defined: "CREATE VIEW adults AS SELECT …".
func CreateView(t *Table) *DDLStatement { return tableStatement(ddlCreateView, t) }

// DropView removes a view: "DROP VIEW adults".
func DropView(t *Table) *DDLStatement { return tableStatement(ddlDropView, t) }

// RefreshView computes the rows of a materialized view anew: "REFRESH MATERIALIZED
// VIEW adults".
func RefreshView(t *Table) *DDLStatement { return tableStatement(ddlRefreshView, t) }

// CreateTableAs makes a table of the rows of a query: "CREATE TABLE t AS SELECT …". The
// columns have the names and types of the query's, and no constraints. The values in
// the query are written as literals. [DDLStatement.Table] is the table, of a Metadata
// of its own.
func CreateTableAs(name string, query Subselect) *DDLStatement {
	columns, err := columnsOfQuery(query)
	t := NewTable(name, NewMetadata(), columns...)
	if err != nil {
		t.mistake(err)
	}
	return &DDLStatement{kind: ddlCreateTableAs, table: t, query: subselectNode(query)}
}

// Table returns the table or view that the statement is about, or nil.
func (s *DDLStatement) Table() *Table { return s.table }

// OrReplace has CREATE VIEW take the place of a view of that name.
func (s *DDLStatement) OrReplace() *DDLStatement {
	changed := *s
	changed.replaces = true
	return changed.onlyFor(s.kind == ddlCreateView, "OR REPLACE belongs to CREATE VIEW")
}

// Temporary has a view, or a table made of a query, last as long as its connection.
func (s *DDLStatement) Temporary() *DDLStatement {
	changed := *s
	changed.temporary = true
	return changed.onlyFor(s.kind == ddlCreateView || s.kind == ddlCreateTableAs, "TEMPORARY belongs to CREATE VIEW and CREATE TABLE AS")
}

func (s *DDLStatement) onlyFor(allowed bool, otherwise string) *DDLStatement {
	if !allowed && s.err == nil {
		s.err = &UsageError{Kind: ErrArgument, Op: "define", Subject: "schema", Reason: otherwise}
	}
	return s
}

// CreateSequence makes a sequence: "CREATE SEQUENCE ticket_number START WITH 1000".
func CreateSequence(s *Sequence) *DDLStatement { return sequenceStatement(ddlCreateSequence, s) }

// DropSequence removes a sequence.
func DropSequence(s *Sequence) *DDLStatement { return sequenceStatement(ddlDropSequence, s) }

func sequenceStatement(kind ddlKind, s *Sequence) *DDLStatement {
	if s == nil {
		return nothing(kind, "sequence")
	}
	return &DDLStatement{kind: kind, sequence: s, err: s.mistake}
}

// CreateType makes the type of a named enum, where a database has enums as objects
// of a schema: "CREATE TYPE mood AS ENUM ('sad', 'glad')". CreateAll makes those of
// its tables.
func CreateType(t types.Type) *DDLStatement { return typeStatement(ddlCreateType, t) }

// DropType removes the type of a named enum: "DROP TYPE mood".
func DropType(t types.Type) *DDLStatement { return typeStatement(ddlDropType, t) }

// SetTableComment writes the table's comment into the database, where comments
// are statements of their own: "COMMENT ON TABLE users IS '…'".
func SetTableComment(t *Table) *DDLStatement { return tableStatement(ddlTableComment, t) }

// SetColumnComment writes the column's comment into the database, where
// comments are statements of their own: "COMMENT ON COLUMN users.name IS '…'".
func SetColumnComment(c *Column) *DDLStatement {
	if c == nil {
		return nothing(ddlColumnComment, "column")
	}
	s := &DDLStatement{kind: ddlColumnComment, table: c.table, column: c}
	if c.table == nil {
		s.err = outsideTable("column", c.name, "NewTable")
	}
	return s
}

// IfNotExists has the statement do nothing where its table, index or schema is
// there. On a statement that makes none of these it is an [ErrArgument].
func (s *DDLStatement) IfNotExists() *DDLStatement {
	return s.guard(s.creates(), "IF NOT EXISTS belongs to CREATE TABLE, CREATE INDEX and CREATE SCHEMA")
}

// IfExists has the statement do nothing where its table, index, type or schema is
// not there. On a statement that removes none of these it is an [ErrArgument].
func (s *DDLStatement) IfExists() *DDLStatement {
	return s.guard(s.drops(), "IF EXISTS belongs to DROP TABLE, DROP INDEX, DROP TYPE and DROP SCHEMA")
}

func (s *DDLStatement) guard(allowed bool, otherwise string) *DDLStatement {
	changed := *s
	changed.guarded = true
	return changed.onlyFor(allowed, otherwise)
}

func tableStatement(kind ddlKind, t *Table) *DDLStatement {
	if t == nil {
		return nothing(kind, "table")
	}
	return &DDLStatement{kind: kind, table: t}
}

func indexStatement(kind ddlKind, i *Index) *DDLStatement {
	if i == nil {
		return nothing(kind, "index")
	}
	s := &DDLStatement{kind: kind, index: i, table: i.table}
	if i.table == nil {
		s.err = outsideTable("index", i.name, "Table.Indexes")
	}
	return s
}

func keyStatement(kind ddlKind, k *ForeignKey) *DDLStatement {
	if k == nil {
		return nothing(kind, "foreign key")
	}
	s := &DDLStatement{kind: kind, key: k, table: k.table}
	if k.table == nil {
		s.err = outsideTable("foreign key", k.name, "Table.ForeignKeys")
	}
	return s
}

func typeStatement(kind ddlKind, t types.Type) *DDLStatement {
	s := &DDLStatement{kind: kind, typ: t}
	if t.Kind() != types.KindEnum || t.Name() == "" {
		s.err = &UsageError{Kind: ErrArgument, Op: "define", Subject: "type " + t.String(), Reason: "it is no enum with a name", Advice: `use types.Enum("a", "b").Named("x")`}
	}
	return s
}

// nothing is a statement about what is nil: a look-up that has found nothing, say.
func nothing(kind ddlKind, what string) *DDLStatement {
	return &DDLStatement{kind: kind, err: &UsageError{Kind: ErrArgument, Op: "define", Subject: what, Reason: "it is nil"}}
}

func outsideTable(what, name, source string) error {
	return &UsageError{
		Kind: ErrArgument, Op: "define", Subject: what + " " + quoted(name), Reason: "it belongs to no table",
		Advice: "use one that came from " + source,
	}
}
