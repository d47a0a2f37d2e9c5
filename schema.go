// This file makes and removes all tables of a Metadata in a database.

package orm

import (
	"context"
	"slices"
)

// SchemaOption says how CreateAll and DropAll go about it.
type SchemaOption func(*schemaChange)

// CheckFirst says whether the database is asked which tables it has, so that
// those are left alone that are there already, or are gone already. It is so
// unless it is turned off.
func CheckFirst(on bool) SchemaOption { return func(s *schemaChange) { s.unchecked = !on } }

// OnlyTables restricts the change to some of the tables, and leaves sequences alone.
func OnlyTables(tables ...*Table) SchemaOption {
	return func(s *schemaChange) { s.tables, s.sequences = tables, nil }
}

// KeyDeferrer is a [Dialect] that cannot remove a foreign key from a table, and
// has a statement in place of it that lets the keys of a transaction be checked
// at its end. DropAll sends it before it removes tables that refer to each other
// in a circle.
type KeyDeferrer interface{ DeferKeysSQL() SQL }

// CreateAll makes the tables that the database does not have, each behind those
// that it refers to, with their indexes, comments and foreign keys. A table that
// is there already is left as it is, whatever its columns.
//
// It emits SQL, given an [Engine] in one transaction where the database can undo
// a change of the schema. Mistakes in definitions come out first, all at once,
// before anything is sent.
func (m *Metadata) CreateAll(ctx context.Context, ex Executor, options ...SchemaOption) error {
	return m.change(ctx, ex, &schemaChange{metadata: m, build: createStatements}, options)
}

// DropAll removes the tables that the database has, and all their rows, each
// before those that it refers to. It emits SQL as CreateAll does.
func (m *Metadata) DropAll(ctx context.Context, ex Executor, options ...SchemaOption) error {
	return m.change(ctx, ex, &schemaChange{metadata: m, build: dropStatements, wantThere: true}, options)
}

// CreateSQL returns the statements with which CreateAll makes all the tables in
// an empty database of a dialect ("sqlite", "postgres", "mysql", "standard"),
// whose package has to be imported, and those of [SchemaEvents.OnCreate]. It emits no SQL.
func (m *Metadata) CreateSQL(dialect string) ([]string, error) {
	d, err := DialectByName(dialect)
	if err != nil {
		return nil, err
	}
	if err := joinErrors(m.check()); err != nil {
		return nil, err
	}
	statements, err := createStatements(m.Tables(), d.Features())
	if err != nil {
		return nil, err
	}
	s := &schemaChange{sequences: m.Sequences(), unchecked: true}
	statements = s.withSequences(statements)
	return ddlTexts(m.withOwnSQL(statements, d), d)
}

// ddlTexts compiles statements, and reports what is wrong with any of them.
func ddlTexts[S Statement](statements []S, d Dialect) ([]string, error) {
	texts := make([]string, 0, len(statements))
	var problems []error
	for _, s := range statements {
		compiled, err := compileFor(s, d)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		texts = append(texts, compiled.SQL)
	}
	return texts, joinErrors(problems)
}

// schemaChange is one call of CreateAll or DropAll.
type schemaChange struct {
	metadata  *Metadata
	build     func([]*Table, Features) ([]*DDLStatement, error)
	wantThere bool // the change is about tables that are there
	tables    []*Table
	sequences []*Sequence
	others    []*Table // those of the Metadata that the change is not about
	unchecked bool
}

// withSequences adds those that the tables may need: they are made before these, and
// go after them.
func (s *schemaChange) withSequences(statements []*DDLStatement) []*DDLStatement {
	var own []*DDLStatement
	for _, q := range s.sequences {
		switch {
		case s.wantThere && s.unchecked:
			own = append(own, DropSequence(q))
		case s.wantThere:
			own = append(own, DropSequence(q).IfExists())
		case s.unchecked:
			own = append(own, CreateSequence(q))
		default:
			own = append(own, CreateSequence(q).IfNotExists())
		}
	}
	if s.wantThere {
		return slices.Concat(statements, own)
	}
	return slices.Concat(own, statements)
}

func (m *Metadata) change(ctx context.Context, ex Executor, s *schemaChange, options []SchemaOption) error {
	if _, err := engineOf(ex); err != nil {
		return err
	}
	if err := joinErrors(m.check()); err != nil {
		return err
	}
	s.tables, s.sequences = m.Tables(), m.Sequences()
	for _, o := range options {
		if o == nil {
			return nilOption("change schema")
		}
		o(s)
	}
	s.others = slices.DeleteFunc(m.Tables(), func(t *Table) bool { return slices.Contains(s.tables, t) })
	if slices.Contains(s.tables, nil) {
		return &UsageError{Kind: ErrArgument, Op: "change schema", Reason: "a table is nil"}
	}
	engine, direct := ex.(*Engine)
	if !direct || !engine.Dialect().Features().TransactionalDDL {
		return s.run(ctx, ex)
	}
	return engine.Transact(ctx, func(ctx context.Context, conn *Conn) error { return s.run(ctx, conn) })
}

// run sends nothing before all statements are known to compile: half a schema
// would stay where the database cannot undo it.
func (s *schemaChange) run(ctx context.Context, ex Executor) error {
	tables, err := s.affected(ctx, ex)
	if err != nil {
		return err
	}
	d := ex.Engine().Dialect()
	statements, err := s.build(tables, d.Features())
	if err == nil {
		statements, err = s.withoutTypes(ctx, ex, statements)
	}
	if err != nil {
		return err
	}
	statements = s.withSequences(statements)
	if _, err := ddlTexts(statements, d); err != nil {
		return err
	}
	if err := s.deferKeys(ctx, ex, tables); err != nil {
		return err
	}
	events := s.metadata.Events()
	if err := tellSchema(ctx, ex, events.before(s.wantThere), tables); err != nil {
		return err
	}
	if err := s.send(ctx, ex, statements); err != nil {
		return err
	}
	return tellSchema(ctx, ex, events.after(s.wantThere), tables)
}

// affected returns the tables that the change is about.
func (s *schemaChange) affected(ctx context.Context, ex Executor) ([]*Table, error) {
	if s.unchecked || len(s.tables) == 0 {
		return s.tables, nil
	}
	inspector, err := newInspector(ex)
	if err != nil {
		return nil, err
	}
	var affected []*Table
	for _, t := range s.tables {
		there, err := inspector.hasTable(ctx, t)
		if err != nil {
			return nil, err
		}
		if there == s.wantThere {
			affected = append(affected, t)
		}
	}
	return affected, nil
}

// withoutTypes leaves out the types that are there already or are not there, and
// does not drop one that another table of the Metadata has.
func (s *schemaChange) withoutTypes(ctx context.Context, ex Executor, statements []*DDLStatement) ([]*DDLStatement, error) {
	lister, ok := ex.Engine().Dialect().(EnumLister)
	ofType := func(d *DDLStatement) bool { return d.kind == ddlCreateType || d.kind == ddlDropType }
	if !ok || !slices.ContainsFunc(statements, ofType) {
		return statements, nil
	}
	kept, err := enumTypes(s.others, ex.Engine().Dialect().Features())
	if err != nil {
		return nil, err
	}
	names, err := lister.EnumNames(ctx, queryOn{ex})
	return slices.DeleteFunc(statements, func(d *DDLStatement) bool {
		if !ofType(d) {
			return false
		}
		there := slices.Contains(names, d.typ.Name())
		return !s.unchecked && there != s.wantThere || s.wantThere && slices.Contains(kept, d.typ)
	}), err
}

func (s *schemaChange) deferKeys(ctx context.Context, ex Executor, tables []*Table) error {
	deferrer, ok := ex.Engine().Dialect().(KeyDeferrer)
	if !ok || !s.wantThere || !formCircle(tables) {
		return nil
	}
	_, err := Exec(ctx, ex, Text(deferrer.DeferKeysSQL()))
	return err
}
