// This file reads what a database has: tables, columns, keys and indexes, as
// the same values of which a schema is defined. How to ask is the dialect's.

package orm

import (
	"context"
	"slices"
	"strings"

	"github.com/aurum-go/orm/types"
)

// Introspector is a [Dialect] that can say what a database has. An empty schema
// means the default one, in arguments and in answers.
type Introspector interface {
	// TableNames lists the tables of a schema, without views.
	TableNames(ctx context.Context, q Queryer, schema string) ([]string, error)
	// InspectTable describes a table or view; it returns nil if there is none.
	InspectTable(ctx context.Context, q Queryer, schema, table string) (*TableInfo, error)
}

// EnumLister is an [Introspector] of a database that has enums as objects of a
// schema.
type EnumLister interface {
	// EnumNames lists those of the default schema.
	EnumNames(ctx context.Context, q Queryer) ([]string, error)
}

// Queryer runs the queries of an [Introspector]. Text of the database arrives
// as string, never as bytes.
type Queryer interface {
	Query(ctx context.Context, text SQL, args ...any) ([][]any, error)
}

// TableInfo is a table as the database describes it.
type TableInfo struct {
	Schema, Name, Comment string
	Columns               []ColumnInfo
	PrimaryKey            []string
	PrimaryKeyName        string
	ForeignKeys           []ForeignKeyInfo
	Uniques               []UniqueInfo
	Checks                []CheckInfo
	Indexes               []IndexInfo
}

// ColumnInfo is a column as the database describes it. The zero Type stands for
// one that only RawType, the database's own spelling, can name.
type ColumnInfo struct {
	Name          string
	RawType       string
	Type          types.Type
	Nullable      bool
	Default       *string // as SQL text, nil for none
	Computed      string  // what the column is computed from, as SQL text; or empty
	Stored        bool    // the computed value is kept with the row
	Autoincrement bool
	Comment       string
}

// ForeignKeyInfo is a foreign key as the database describes it.
type ForeignKeyInfo struct {
	Name               string
	Columns            []string
	Schema, Table      string
	TargetColumns      []string
	OnDelete, OnUpdate string
}

// UniqueInfo is a unique constraint as the database describes it.
type UniqueInfo struct {
	Name    string
	Columns []string
}

// CheckInfo is a check constraint as the database describes it.
type CheckInfo struct{ Name, SQL string }

// IndexInfo is an index as the database describes it. Indexes that only serve a
// primary key or unique constraint are not listed.
type IndexInfo struct {
	Name   string
	Parts  []IndexPart
	Unique bool
	Where  string
	Using  string // the kind of index, where it is not the usual one
}

// Inspector reads the schema of a database, and remembers what it has read
// until Clear. It is not safe for concurrent use; make one wherever it is
// needed.
type Inspector struct {
	ex       Executor
	dialect  Introspector
	names    map[string][]string
	metadata *Metadata
}

// Inspect returns an [Inspector] of the engine's database. It opens a connection
// if there was none yet, as a dialect may ask differently by server.
func (e *Engine) Inspect(ctx context.Context) (*Inspector, error) {
	if err := e.Ping(ctx); err != nil {
		return nil, err
	}
	return newInspector(e)
}

// Inspect returns an [Inspector] that asks on this connection, and so sees what
// its transaction has done. It emits no SQL.
func (c *Conn) Inspect() (*Inspector, error) { return newInspector(c) }

func newInspector(ex Executor) (*Inspector, error) {
	d := ex.Engine().Dialect()
	introspector, ok := d.(Introspector)
	if !ok {
		return nil, &CompileError{Dialect: d.Name(), Feature: "inspecting a schema"}
	}
	i := &Inspector{ex: ex, dialect: introspector}
	i.Clear()
	return i, nil
}

// Clear forgets what was read. It emits no SQL. Tables that were handed out stay
// as they are.
func (i *Inspector) Clear() {
	i.names = map[string][]string{}
	i.metadata = NewMetadata(WithNamingConvention(NamingConvention{}))
}

// TableNames returns the names of the tables in the default schema, or in the
// schemas that are given, in the order of the alphabet. Views are not listed. It
// emits SQL for each schema that was not read yet.
func (i *Inspector) TableNames(ctx context.Context, schemas ...string) ([]string, error) {
	if len(schemas) == 0 {
		schemas = []string{""}
	}
	var all []string
	for _, schema := range schemas {
		names, err := i.namesIn(ctx, schema)
		if err != nil {
			return nil, err
		}
		all = append(all, names...)
	}
	slices.Sort(all)
	return all, nil
}

// HasTable reports whether there is a table of that name, or "schema.name". It
// emits SQL for a schema that was not read yet.
func (i *Inspector) HasTable(ctx context.Context, name string) (bool, error) {
	if has, err := i.has(ctx, "", name); has || err != nil {
		return has, err
	}
	schema, table, dotted := strings.Cut(name, ".")
	if !dotted {
		return false, nil
	}
	return i.has(ctx, schema, table)
}

// Table returns the table of that name, or "schema.name", as the database has
// it, in a [Metadata] of the inspector's own that also holds the tables that it
// refers to. It emits SQL for what was not read yet. There being no such table
// is an [ErrUnknownName].
func (i *Inspector) Table(ctx context.Context, name string) (*Table, error) {
	if known := i.metadata.Table(name); known != nil {
		return known, nil
	}
	found, err := i.read(ctx, tableRef{name: name})
	if schema, table, dotted := strings.Cut(name, "."); dotted && err == nil && len(found) == 0 {
		found, err = i.read(ctx, tableRef{schema, table})
	}
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, &UsageError{Kind: ErrUnknownName, Op: "inspect", Subject: quoted(name), Reason: "there is no such table"}
	}
	for _, info := range found {
		i.define(info)
	}
	return i.metadata.Table(found[0].ref().fullName()), nil
}

func (i *Inspector) namesIn(ctx context.Context, schema string) ([]string, error) {
	if names, known := i.names[schema]; known {
		return names, nil
	}
	names, err := i.dialect.TableNames(ctx, queryOn{i.ex}, schema)
	if err != nil {
		return nil, err
	}
	i.names[schema] = names
	return names, nil
}

func (i *Inspector) has(ctx context.Context, schema, table string) (bool, error) {
	names, err := i.namesIn(ctx, schema)
	return slices.Contains(names, table), err
}

// hasTable is has for a table or a view.
func (i *Inspector) hasTable(ctx context.Context, t *Table) (bool, error) {
	if t.derived == nil {
		return i.has(ctx, t.schema, t.name)
	}
	info, err := i.dialect.InspectTable(ctx, queryOn{i.ex}, t.schema, t.name)
	return info != nil, err
}

// tableRef names a table of the database.
type tableRef struct{ schema, name string }

func (r tableRef) fullName() string {
	if r.schema == "" {
		return r.name
	}
	return r.schema + "." + r.name
}

func (t *TableInfo) ref() tableRef { return tableRef{t.Schema, t.Name} }

// read asks for a table and for all that it refers to, directly or not, that is
// not known yet. A table that is referred to and cannot be seen is left out.
func (i *Inspector) read(ctx context.Context, first tableRef) ([]*TableInfo, error) {
	var found []*TableInfo
	asked := map[tableRef]bool{first: true}
	for pending := []tableRef{first}; len(pending) > 0; pending = pending[1:] {
		ref := pending[0]
		info, err := i.dialect.InspectTable(ctx, queryOn{i.ex}, ref.schema, ref.name)
		if err != nil {
			return nil, err
		}
		if info == nil {
			continue
		}
		if err := i.showColumns(ctx, info); err != nil {
			return nil, err
		}
		found = append(found, info)
		for _, k := range info.ForeignKeys {
			other := tableRef{k.Schema, k.Table}
			if !asked[other] && i.metadata.Table(other.fullName()) == nil {
				asked[other] = true
				pending = append(pending, other)
			}
		}
	}
	return found, nil
}

// ColumnReflect is called for each column of a table that an [Inspector] reads, once, before it
// makes a [Column] of it: the listener may change what is said of it, its type say, but for its
// name. An error ends the call that has led to it. It emits no SQL.
//
//	engine.Events().ColumnReflect(func(ctx context.Context, t *orm.TableInfo, c *orm.ColumnInfo) error {
//		if c.RawType == "citext" {
//			c.Type = types.Text()
//		}
//		return nil
//	})
func (e *EngineEvents) ColumnReflect(f func(ctx context.Context, t *TableInfo, c *ColumnInfo) error) (remove func()) {
	return e.columnReflect.add(f)
}

// showColumns shows the columns of a table that was read to those who listen.
func (i *Inspector) showColumns(ctx context.Context, info *TableInfo) error {
	for _, f := range i.ex.Engine().events.columnReflect.list() {
		for k := range info.Columns {
			column := &info.Columns[k]
			name := column.Name
			if err := f(ctx, info, column); err != nil {
				return err
			}
			if column.Name != name {
				return &UsageError{
					Kind: ErrHook, Op: "inspect", Subject: quoted(info.Name + "." + name), Reason: "a listener of ColumnReflect has renamed it",
					Advice: "leave names alone: keys and indexes go by them",
				}
			}
		}
	}
	return nil
}

// define enters a table into the inspector's metadata.
func (i *Inspector) define(info *TableInfo) {
	items := []TableItem{Schema(info.Schema), TableComment(info.Comment)}
	for _, c := range info.Columns {
		items = append(items, c.column())
	}
	if len(info.PrimaryKey) > 0 {
		items = append(items, PrimaryKey(info.PrimaryKey...).Named(info.PrimaryKeyName))
	}
	for _, k := range info.ForeignKeys {
		target := tableRef{k.Schema, k.Table}.fullName()
		key := ForeignKeyTo(k.Columns, target, k.TargetColumns...).Named(k.Name)
		items = append(items, key.OnDelete(inspectedAction(k.OnDelete)).OnUpdate(inspectedAction(k.OnUpdate)))
	}
	for _, u := range info.Uniques {
		items = append(items, Unique(u.Columns...).Named(u.Name))
	}
	for _, k := range info.Checks {
		items = append(items, Check(SQL(k.SQL)).Named(k.Name))
	}
	for _, x := range info.Indexes {
		items = append(items, x.index())
	}
	NewTable(info.Name, i.metadata, items...)
}

func (c ColumnInfo) column() *Column {
	t := c.Type
	if t.IsZero() {
		t = types.Exact(c.RawType)
	}
	options := []ColumnOption{Autoincrement(c.Autoincrement), ColumnComment(c.Comment)}
	if !c.Nullable {
		options = append(options, NotNull())
	}
	switch computed := Computed(SQL(c.Computed)); {
	case c.Computed != "" && c.Stored:
		options = append(options, computed.Stored())
	case c.Computed != "":
		options = append(options, computed.Virtual())
	case c.Default != nil && !c.Autoincrement:
		options = append(options, ServerDefaultSQL(SQL(*c.Default)))
	}
	return NewColumn(c.Name, t, options...)
}

func (x IndexInfo) index() *Index {
	index := NewIndexOn(x.Name, x.Parts...).Where(SQL(x.Where)).Using(x.Using)
	if x.Unique {
		return index.Unique()
	}
	return index
}

// inspectedAction leaves out what a database does without being told.
func inspectedAction(text string) Action {
	if a := Action(strings.ToUpper(text)); a != NoAction {
		return a
	}
	return ""
}

// queryOn asks on an executor, and takes all rows before it returns, so that
// the next question can be asked on the same connection.
type queryOn struct{ ex Executor }

// Query emits one statement.
func (q queryOn) Query(ctx context.Context, text SQL, args ...any) ([][]any, error) {
	compiled, err := compileFor(Text(text, args...), q.ex.Engine().Dialect())
	if err != nil {
		return nil, err
	}
	values, err := compiled.args(nil)
	if err != nil {
		return nil, err
	}
	conn, release, err := q.ex.acquire(ctx, compiled)
	if err != nil {
		return nil, err
	}
	defer release()
	result, err := conn.query(ctx, compiled, values)
	if err != nil {
		return nil, err
	}
	defer result.Close()
	return readRows(result)
}

func readRows(result *cursor) ([][]any, error) {
	var rows [][]any
	columns, err := result.Columns()
	if err != nil {
		return nil, err
	}
	for result.Next() {
		row, targets := make([]any, len(columns)), make([]any, len(columns))
		for i := range row {
			targets[i] = &row[i]
		}
		if err := result.Scan(targets...); err != nil {
			return nil, err
		}
		for i, v := range row {
			if text, ok := v.([]byte); ok {
				row[i] = string(text)
			}
		}
		rows = append(rows, row)
	}
	return rows, result.Err()
}
