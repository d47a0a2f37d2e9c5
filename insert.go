// This file holds the INSERT: one row, many rows, or the rows of a SELECT.

package orm

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// InsertStatement is an INSERT. It is an immutable value.
type InsertStatement struct {
	into      Node
	rows      []insertRow
	columns   []Node // of the SELECT
	query     Node
	returning []Node
	params    M
	conflict  *conflictRule // or nil
	ctes      []*CTE
	hints     []hint

	noDefaults bool // for the rows of a SELECT
}

// insertRow is one row: its columns and their values, in the order given.
type insertRow struct {
	assigned []Assignment
	made     []Assignment // which no upsert means without naming it: the version
	model    Model        // in place of both, until its mapping is asked for
}

// Insert begins an INSERT into a table or the table of an entity reference.
//
//	orm.Insert(city).Values(orm.M{"name": "Perth"}, orm.M{"name": "Hobart", "people": 3})
//
// A column for which a row has no value gets its default. The rows of one
// statement have the same columns; a row that lacks one without a default is an
// [ErrArgument] that names the row. Without any row the database's defaults
// make one.
func Insert(into any) *InsertStatement { return &InsertStatement{into: fromItem(into)} }

func (*InsertStatement) node()      {}
func (*InsertStatement) statement() {}

func (s *InsertStatement) with(change func(*InsertStatement)) *InsertStatement {
	changed := *s
	change(&changed)
	return &changed
}

// Values adds rows: maps, objects, or slices of them. The keys of a map are names
// of columns, or for an entity reference of fields; the values are values or
// expressions.
//
//	orm.Insert(city).Values(orm.M{"name": "Perth"})
//	orm.Insert(u).Values(&User{Name: "ed"}, &User{Name: "wendy"})
//	// INSERT INTO users (name) VALUES (?), (?)
//
// Of an object, which has to be of the struct of the entity reference, the columns
// of its own fields are written, as they are now. A zero says nothing in a column
// that has a default, that the database counts up or that is the version; a map
// writes it. The object does not become the session's, learns no key, and its
// relationships are not followed: that is what Session.Add is for. Anything else,
// and an empty slice, is an [ErrArgument].
func (s *InsertStatement) Values(rows ...any) *InsertStatement {
	return s.with(func(s *InsertStatement) {
		s.rows = slices.Clip(s.rows)
		for _, row := range rows {
			s.rows = append(s.rows, valueRows(row)...)
		}
	})
}

// valueRows is the row of a map or object, or those of a slice.
func valueRows(v any) []insertRow {
	if row, ok := valueRow(v); ok {
		return []insertRow{row}
	}
	list := reflect.ValueOf(v)
	if list.Kind() != reflect.Slice {
		return []insertRow{noRow(v, "it is no row")}
	}
	if list.Len() == 0 {
		return []insertRow{noRow(v, "there are no rows in it")}
	}
	rows := make([]insertRow, list.Len())
	for i := range rows {
		item := list.Index(i)
		if item.Kind() == reflect.Struct {
			item = item.Addr()
		}
		row, ok := valueRow(item.Interface())
		if !ok {
			row = noRow(item.Interface(), "it is no row")
		}
		rows[i] = row
	}
	return rows
}

// valueRow is the row of a map, or of an object, which may change afterwards.
func valueRow(v any) (insertRow, bool) {
	switch v := v.(type) {
	case M:
		return mapRow(v), true
	case map[string]any:
		return mapRow(v), true
	case Model:
		object := reflect.ValueOf(v)
		if object.Kind() != reflect.Pointer || object.IsNil() {
			return noRow(v, "the pointer is nil"), true
		}
		kept := reflect.New(object.Type().Elem())
		kept.Elem().Set(object.Elem())
		return insertRow{model: kept.Interface().(Model)}, true
	}
	return insertRow{}, false
}

func mapRow(values M) insertRow {
	var row insertRow
	for _, name := range slices.Sorted(maps.Keys(values)) {
		column := &nameNode{name: name}
		row.assigned = append(row.assigned, Assignment{column, bindValue(values[name], column)})
	}
	return row
}

// noRow is a mistake in place of a row.
func noRow(v any, reason string) insertRow {
	return insertRow{assigned: []Assignment{{column: &errorNode{&UsageError{
		Kind: ErrArgument, Op: "insert", Subject: fmt.Sprintf("%T", v), Reason: reason, Advice: "give maps (orm.M), pointers to objects, or a slice of them",
	}}}}}
}

// rowMaker is an entity reference, as it knows what an object gives the columns.
type rowMaker interface {
	objectRow(object Model) (insertRow, error)
}

// settled returns the statement with the values of objects in place of these.
func (s *InsertStatement) settled() (*InsertStatement, error) {
	if !slices.ContainsFunc(s.rows, func(row insertRow) bool { return row.model != nil }) {
		return s, nil
	}
	into, err := resolved(s.into)
	if err != nil {
		return nil, err
	}
	entity, ok := into.(rowMaker)
	if !ok {
		return nil, &UsageError{Kind: ErrArgument, Op: "insert", Subject: "object", Reason: "what is inserted into is no entity reference", Advice: "insert into orm.Entity[T]()"}
	}
	rows := slices.Clone(s.rows)
	for i, row := range rows {
		if row.model != nil && err == nil {
			rows[i], err = entity.objectRow(row.model)
		}
	}
	return s.with(func(s *InsertStatement) { s.rows = rows }), err
}

// Set adds one row of typed assignments.
//
//	orm.Insert(u).Set(orm.C(&u.Name).Set("ed"), orm.N(&u.Age).Set(40))
func (s *InsertStatement) Set(values ...Assignment) *InsertStatement {
	return s.with(func(s *InsertStatement) {
		s.rows = append(slices.Clip(s.rows), insertRow{assigned: slices.Clone(values)})
	})
}

// FromSelect inserts the rows of a SELECT into the columns, which are
// expressions or addresses of fields. Columns that are not named get their
// defaults, one value for all rows of the statement; see WithoutDefaults. If no
// column is named at all, the SELECT gives all columns of the table, in its
// order.
func (s *InsertStatement) FromSelect(query Subselect, columns ...any) *InsertStatement {
	return s.with(func(s *InsertStatement) {
		s.query, s.columns = subselectNode(query), make([]Node, len(columns))
		for i, c := range columns {
			s.columns[i] = columnItem(c)
		}
	})
}

// WithoutDefaults leaves the columns that FromSelect does not name to the
// database.
func (s *InsertStatement) WithoutDefaults() *InsertStatement {
	return s.with(func(s *InsertStatement) { s.noDefaults = true })
}

// Returning gives back columns of the rows as they were written; read them with
// [Fetch]. It is a [CompileError] where there is no INSERT … RETURNING.
func (s *InsertStatement) Returning(columns ...any) *InsertStatement {
	return s.with(func(s *InsertStatement) { s.returning = extended(s.returning, Select(columns...).columns...) })
}

// Params gives values to the parameters that [Param] left open.
func (s *InsertStatement) Params(values M) *InsertStatement {
	return s.with(func(s *InsertStatement) { s.params = s.params.merged(values) })
}

// M is a row of values by name.
type M map[string]any

// merged returns both, the new values before the old.
func (m M) merged(values M) M {
	both := make(M, len(m)+len(values))
	maps.Copy(both, m)
	maps.Copy(both, values)
	return both
}
