/*
Package history keeps what rows were before they were changed. A struct gets a second
table, with the columns of the first, when the row was changed and what happened to
it; before a flush updates or deletes a row, it copies it there, in the same
transaction.

	orders, err := history.Keep[Order](models)
	…
	versions, err := orders.Of(ctx, s, order)              // what it was, the oldest first
	then, err := orders.AsOf(s, lastWeek).All(ctx)         // what all of them were

It looks at what sessions flush. UPDATE and DELETE statements of the user, bulk calls,
and what the database does by itself (ON DELETE CASCADE) leave no trace.
*/
package history

import (
	"context"
	"fmt"
	"reflect"
	"time"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

// What happened to a row.
const (
	Updated = "update"
	Deleted = "delete"
)

// The columns of a history table beside those of the rows.
const (
	idColumn        = "history_id"
	changedAtColumn = "changed_at"
	operationColumn = "operation"
)

// Keeper keeps the history of the rows of a struct. It is safe for concurrent use.
type Keeper[T any] struct {
	mapper    *orm.Mapper
	table     *orm.Table
	clock     func() time.Time
	createdAt string // a column, or ""
	remove    []func()
}

// Option says how history is kept.
type Option func(*settings)

type settings struct {
	clock     func() time.Time
	createdAt string
}

// WithClock sets the clock that says when a row was changed. It is called by many
// goroutines.
func WithClock(now func() time.Time) Option { return func(s *settings) { s.clock = now } }

// CreatedAt names the field that says since when a row is there, so that
// [Keeper.AsOf] leaves out those that were not there yet. Without it they are as they
// were first.
func CreatedAt(field string) Option { return func(s *settings) { s.createdAt = field } }

// Version is a row as it was until it was changed.
type Version[T any] struct {
	Object    T
	ChangedAt time.Time // when it ceased to be so
	Operation string    // what it ceased by: Updated or Deleted
}

// Keep keeps the history of a registered struct from here on, in whatever session. It
// adds the table of the history, named as that of the struct with "_history" behind
// it, to the metadata of the registry, so that CreateAll creates it. It emits no SQL.
// A struct that is not registered, and columns named as those of the history, are an
// error; one with rows in several tables is an [orm.ErrUnsupported].
func Keep[T any](models *orm.Registry, options ...Option) (*Keeper[T], error) {
	model, ok := any(new(T)).(orm.Model)
	if !ok {
		return nil, wrong(reflect.TypeFor[T]().Name(), "it is no mapped struct")
	}
	mapper, err := models.Mapper(model)
	if err != nil {
		return nil, err
	}
	for _, f := range mapper.Fields() {
		if f.Column.Table() != mapper.Table() {
			return nil, &orm.UsageError{
				Kind: orm.ErrUnsupported, Op: "keep history", Subject: mapper.Name(), Reason: "it inherits, and its rows are in several tables",
				Advice: "keep the history of the struct that it inherits from",
			}
		}
	}
	set := &settings{clock: time.Now}
	for _, o := range options {
		if o == nil {
			return nil, wrong(mapper.Name(), "an option is nil")
		}
		o(set)
	}
	k := &Keeper[T]{mapper: mapper, clock: set.clock}
	if set.createdAt != "" {
		if k.createdAt = columnOf(mapper, set.createdAt); k.createdAt == "" {
			return nil, wrong(mapper.Name(), fmt.Sprintf("there is no field %q", set.createdAt))
		}
	}
	k.table = historyTable(mapper.Table(), models.Metadata())
	if err := k.table.Err(); err != nil {
		return nil, err
	}
	events := orm.Events[T]()
	k.remove = []func(){events.BeforeUpdate(k.copying(Updated)), events.BeforeDelete(k.copying(Deleted))}
	return k, nil
}

func wrong(subject, reason string) error {
	return &orm.UsageError{Kind: orm.ErrArgument, Op: "keep history", Subject: subject, Reason: reason}
}

func columnOf(m *orm.Mapper, field string) string {
	for _, f := range m.Fields() {
		if f.Name == field {
			return f.Column.Name()
		}
	}
	return ""
}

// historyTable has the columns of a table without what is said of them: an old row
// need not be unique, nor refer to anything.
func historyTable(of *orm.Table, m *orm.Metadata) *orm.Table {
	items := []orm.TableItem{
		orm.NewColumn(idColumn, types.BigInteger(), orm.PrimaryKey()),
		orm.NewColumn(changedAtColumn, types.DateTime(), orm.NotNull()),
		orm.NewColumn(operationColumn, types.String(10), orm.NotNull()),
	}
	for _, c := range of.Columns() {
		items = append(items, orm.NewColumn(c.Name(), c.Type(), orm.Nullable()))
	}
	if of.Schema() != "" {
		items = append(items, orm.Schema(of.Schema()))
	}
	items = append(items, orm.NewIndex("ix_"+of.Name()+"_history", of.PrimaryKey().Columns()...))
	return orm.NewTable(of.Name()+"_history", m, items...)
}

// Table is the table of the history.
func (k *Keeper[T]) Table() *orm.Table { return k.table }

// Stop ends the keeping. What was kept stays.
func (k *Keeper[T]) Stop() {
	for _, remove := range k.remove {
		remove()
	}
}

// copying copies the row of an object before something happens to it:
//
//	INSERT INTO orders_history (id, …, changed_at, operation) SELECT orders.id, …, ?, ? FROM orders WHERE orders.id = ?
func (k *Keeper[T]) copying(operation string) func(context.Context, *orm.Session, *T) error {
	return func(ctx context.Context, s *orm.Session, object *T) error {
		conn, err := s.Connection(ctx)
		if err != nil {
			return err
		}
		table := k.mapper.Table()
		var columns []any
		row := []any{}
		for _, c := range table.Columns() {
			columns, row = append(columns, k.table.C(c.Name())), append(row, table.C(c.Name()))
		}
		columns = append(columns, k.table.C(changedAtColumn), k.table.C(operationColumn))
		row = append(row, orm.Lit(k.clock()), orm.Lit(operation))
		stmt := orm.Insert(k.table).FromSelect(orm.Select(row...).From(table).Where(k.isRowOf(table.C, object)...), columns...)
		result, err := orm.Exec(ctx, conn, stmt)
		if err == nil && result.RowsAffected() == 0 {
			err = &orm.UsageError{
				Kind: orm.ErrStaleData, Op: "keep history", Subject: k.mapper.Name(), Reason: "there is no row with the key of the object",
				Advice: "a key that is changed has no history: add a new object and delete the old one",
			}
		}
		return err
	}
}

// isRowOf are the conditions that a row has the key of an object.
func (k *Keeper[T]) isRowOf(column func(string) orm.Expr[any], object *T) []orm.Expr[bool] {
	v := reflect.ValueOf(object).Elem()
	var conditions []orm.Expr[bool]
	for _, field := range k.mapper.PrimaryKey() {
		conditions = append(conditions, column(columnOf(k.mapper, field)).Eq(v.FieldByName(field).Interface()))
	}
	return conditions
}

// Of returns what the row of an object was, the oldest version first, and not what it
// is. It flushes first. The objects are held by no session.
func (k *Keeper[T]) Of(ctx context.Context, s *orm.Session, object *T) ([]Version[T], error) {
	if object == nil {
		return nil, wrong(k.mapper.Name(), "the object is nil")
	}
	versions := k.versions(k.isRowOf(k.table.C, object)...).Subquery("versions")
	entity := orm.EntityIn[T](k.mapper.Registry())
	return orm.Fetch[Version[T]](ctx, s, orm.Select(entity, versions.C(changedAtColumn), versions.C(operationColumn)).From(orm.As(entity, versions)).OrderBy(versions.C(idColumn)))
}

// versions selects rows of the history.
func (k *Keeper[T]) versions(conditions ...orm.Expr[bool]) *orm.SelectStatement {
	columns := []any{k.table.C(idColumn), k.table.C(changedAtColumn), k.table.C(operationColumn)}
	return orm.Select(append(columns, columnsOf(k.mapper.Table(), k.table.C)...)...).From(k.table).Where(conditions...)
}

func columnsOf(t *orm.Table, c func(string) orm.Expr[any]) []any {
	var list []any
	for _, column := range t.Columns() {
		list = append(list, c(column.Name()))
	}
	return list
}

// AsOf is a query for the objects as they were at a time: those of the history that
// were changed after it, and the others as they are. They are held by no session. It
// may be extended as any other query; what its options load with the objects is as it
// is now.
//
//	was, err := orders.AsOf(s, lastWeek).Filter(orm.C(&o.Customer).Eq("ed")).All(ctx)
func (k *Keeper[T]) AsOf(s *orm.Session, at time.Time) *orm.EntityQuery[T] {
	table, later := k.mapper.Table(), k.table.Alias("later")
	present := table.Alias("present")
	changedLater := func(column func(string) orm.Expr[any]) []orm.Expr[bool] {
		conditions := []orm.Expr[bool]{later.C(changedAtColumn).Gt(at)}
		for _, key := range table.PrimaryKey().Columns() {
			conditions = append(conditions, orm.Eq(later.C(key), column(key)))
		}
		return conditions
	}
	next := orm.Select(orm.Min(later.C(idColumn))).From(later).Where(changedLater(k.table.C)...)
	was := orm.Select(columnsOf(table, k.table.C)...).From(k.table).Where(orm.Eq(k.table.C(idColumn), orm.Scalar[any](next)))
	is := orm.Select(columnsOf(table, present.C)...).From(present).Where(orm.Not(orm.Exists(orm.Select(later.C(idColumn)).From(later).Where(changedLater(present.C)...))))
	if k.createdAt != "" {
		was = was.Where(k.table.C(k.createdAt).Le(at))
		is = is.Where(present.C(k.createdAt).Le(at))
	}
	return orm.Query[T](s).From(orm.UnionAll(was, is).Subquery("as_of")).Untracked()
}
