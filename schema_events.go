// This file holds the events of making and removing tables by CreateAll and DropAll.

package orm

import (
	"context"
	"slices"
)

// SchemaEvents are the events of a table, T being *[Table], or of all tables of a
// [Metadata], T being the tables that a call makes or removes. They are those of
// CreateAll and DropAll; [CreateTable] by itself calls none. Listeners may send
// statements on the executor, which is in the transaction of the call where the
// database has one for a change of the schema. An error ends the call. Each method
// returns a function that takes its listener out again. It is safe for concurrent use.
type SchemaEvents[T any] struct {
	beforeCreate, afterCreate, beforeDrop, afterDrop hooks[func(context.Context, Executor, T) error]
	onCreate                                         hooks[ownSQL] // what afterCreate runs of these, to be read
}

// ownSQL is SQL of the user's own, for some databases or for all.
type ownSQL struct {
	text     SQL
	dialects []string
}

func (o ownSQL) isFor(d Dialect) bool {
	return len(o.dialects) == 0 || slices.Contains(o.dialects, d.Name())
}

// Events returns the events of the table.
func (t *Table) Events() *SchemaEvents[*Table] { return eventsIn[*Table](&t.listeners) }

// Events returns the events of all tables that are made or removed at once.
func (m *Metadata) Events() *SchemaEvents[[]*Table] { return eventsIn[[]*Table](&m.listeners) }

func eventsIn[T any](place *attached) *SchemaEvents[T] {
	return place.get(func() any { return &SchemaEvents[T]{} }).(*SchemaEvents[T])
}

// BeforeCreate is called before what is there not yet is made.
func (e *SchemaEvents[T]) BeforeCreate(f func(ctx context.Context, ex Executor, target T) error) (remove func()) {
	return e.beforeCreate.add(f)
}

// AfterCreate is called when it was made, with indexes and comments. Foreign keys that
// close a circle may still be missing.
func (e *SchemaEvents[T]) AfterCreate(f func(ctx context.Context, ex Executor, target T) error) (remove func()) {
	return e.afterCreate.add(f)
}

// BeforeDrop is called before what is there is removed.
func (e *SchemaEvents[T]) BeforeDrop(f func(ctx context.Context, ex Executor, target T) error) (remove func()) {
	return e.beforeDrop.add(f)
}

// AfterDrop is called when it was removed.
func (e *SchemaEvents[T]) AfterDrop(f func(ctx context.Context, ex Executor, target T) error) (remove func()) {
	return e.afterDrop.add(f)
}

// OnCreate runs SQL of the user's own when what it belongs to was made: a trigger, a
// view. With names of dialects it is for these databases alone. CreateSQL has it, too.
//
//	users.Events().OnCreate("CREATE VIEW names AS SELECT name FROM users")
func (e *SchemaEvents[T]) OnCreate(text SQL, dialects ...string) (remove func()) {
	own := ownSQL{text, dialects}
	silence, forget := e.afterCreate.add(runOwn[T](own)), e.onCreate.add(own)
	return func() {
		silence()
		forget()
	}
}

// OnDrop runs SQL of the user's own before what it belongs to is removed.
func (e *SchemaEvents[T]) OnDrop(text SQL, dialects ...string) (remove func()) {
	return e.beforeDrop.add(runOwn[T](ownSQL{text, dialects}))
}

func runOwn[T any](own ownSQL) func(context.Context, Executor, T) error {
	return func(ctx context.Context, ex Executor, _ T) error {
		if !own.isFor(ex.Engine().Dialect()) {
			return nil
		}
		_, err := Exec(ctx, ex, Text(own.text))
		return err
	}
}

// statements are those that OnCreate has added for a database.
func (e *SchemaEvents[T]) statements(d Dialect) []Statement {
	var list []Statement
	for _, own := range e.onCreate.list() {
		if own.isFor(d) {
			list = append(list, Text(own.text))
		}
	}
	return list
}

// withOwnSQL puts what OnCreate has added among the statements that make the tables.
func (m *Metadata) withOwnSQL(statements []*DDLStatement, d Dialect) []Statement {
	var all []Statement
	var open *Table
	end := func() {
		if open != nil {
			all = append(all, open.Events().statements(d)...)
		}
		open = nil
	}
	for _, s := range statements {
		if s.endsTable() {
			end()
		}
		if s.kind == ddlCreateTable {
			open = s.table
		}
		all = append(all, s)
	}
	end()
	return append(all, m.Events().statements(d)...)
}

// endsTable reports whether the statements about a table end before this one.
func (s *DDLStatement) endsTable() bool {
	return s.kind == ddlCreateTable || s.kind == ddlDropTable || s.kind == ddlAddForeignKey
}

func tellSchema[T any](ctx context.Context, ex Executor, h *hooks[func(context.Context, Executor, T) error], target T) error {
	for _, f := range h.list() {
		if err := f(ctx, ex, target); err != nil {
			return err
		}
	}
	return nil
}

// before and after are the listeners around making something, or removing it.
func (e *SchemaEvents[T]) before(removes bool) *hooks[func(context.Context, Executor, T) error] {
	if removes {
		return &e.beforeDrop
	}
	return &e.beforeCreate
}

func (e *SchemaEvents[T]) after(removes bool) *hooks[func(context.Context, Executor, T) error] {
	if removes {
		return &e.afterDrop
	}
	return &e.afterCreate
}

// send sends the statements of a change, with what listeners do around each table.
func (s *schemaChange) send(ctx context.Context, ex Executor, statements []*DDLStatement) error {
	var open *Table
	end := func() error {
		t := open
		if open = nil; t == nil {
			return nil
		}
		return tellSchema(ctx, ex, t.Events().after(s.wantThere), t)
	}
	for _, statement := range statements {
		if statement.endsTable() {
			if err := end(); err != nil {
				return err
			}
		}
		if statement.kind == ddlCreateTable || statement.kind == ddlDropTable {
			open = statement.table
			if err := tellSchema(ctx, ex, open.Events().before(s.wantThere), open); err != nil {
				return err
			}
		}
		if _, err := Exec(ctx, ex, statement); err != nil {
			return err
		}
	}
	return end()
}
