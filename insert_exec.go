// This file runs an INSERT that is not the unit of work's, and finds out the
// keys of its rows.

package orm

import (
	"context"
	"slices"

	"github.com/aurum-go/orm/types"
)

// execInsert runs an INSERT and reports the primary keys of its rows: those
// that it gives itself, and the one that the database makes. An upsert may write
// to a row that has another key, so it reports none.
func execInsert(ctx context.Context, conn *Conn, s *InsertStatement, criteria []Criteria) (*Result, error) {
	table := insertTable(s)
	if table == nil || s.query != nil || s.conflict != nil || len(s.returning) > 0 || len(table.primaryKey.columns) == 0 {
		return execPlain(ctx, conn, s, criteria)
	}
	missing := s.missingKeys(table)
	f := conn.features()
	switch {
	case len(missing) == 0, missing[0] == table.Autoincrement() && len(missing) == 1 && len(s.rows) <= 1 && f.LastInsertID:
		return execWithKeys(ctx, conn, s, table, criteria)
	case f.InsertReturning && (len(s.rows) <= 1 || f.MultiRowReturning):
		return execReturningKeys(ctx, conn, s, table, criteria)
	}
	return execPlain(ctx, conn, s, criteria)
}

// insertTable is the table of an INSERT, or nil where only compiling can tell
// what is wrong with it.
func insertTable(s *InsertStatement) *Table {
	n, err := resolved(s.into)
	if err != nil {
		return nil
	}
	if e, ok := n.(entityItem); ok {
		n = e.source()
	}
	t, _ := n.(*Table)
	return t
}

// missingKeys are the columns of the primary key for which not every row has a
// value of its own: an expression or a default makes it, or the database.
func (s *InsertStatement) missingKeys(t *Table) []*Column {
	var missing []*Column
	for _, name := range t.primaryKey.columns {
		column := t.byName[name]
		given := func(row insertRow) bool { _, ok := row.value(s, column).(*bindNode); return ok }
		if len(s.rows) == 0 || slices.ContainsFunc(s.rows, func(row insertRow) bool { return !given(row) }) {
			missing = append(missing, column)
		}
	}
	return missing
}

// value is what a row assigns to a column, or nil.
func (r insertRow) value(s *InsertStatement, c *Column) Node {
	for _, a := range r.assigned {
		if s.columnOf(a.column) == c {
			return a.value
		}
	}
	return nil
}

func (s *InsertStatement) columnOf(n Node) *Column {
	n, err := resolved(n)
	if err != nil {
		return nil
	}
	switch n := n.(type) {
	case *columnNode:
		return n.column
	case *nameNode:
		if c := insertTable(s).named(n.name); c != nil {
			return c
		}
		if into, err := resolved(s.into); err == nil {
			if e, ok := into.(entityItem); ok {
				if column, ok := e.property(n.name); ok {
					return column.column
				}
			}
		}
	}
	return nil
}

func execPlain(ctx context.Context, conn *Conn, s *InsertStatement, criteria []Criteria) (*Result, error) {
	compiled, args, err := compileWithArgs(conn, s, criteria)
	if err != nil {
		return nil, err
	}
	o, err := conn.exec(ctx, compiled, args)
	if err != nil {
		return nil, err
	}
	if s.conflict != nil && conn.features().OnDuplicateKey {
		return &Result{affected: -1}, nil // it counts what is updated twice
	}
	return &Result{affected: o.Rows}, nil
}

func compileWithArgs(conn *Conn, s Statement, criteria []Criteria) (*Compiled, []any, error) {
	compiled, err := conn.engine.server.Load().compiled.compile(s, criteria)
	if err != nil {
		return nil, nil, err
	}
	args, err := compiled.argsAt(nil, conn.engine.now)
	return compiled, args, err
}

// execWithKeys runs an INSERT whose keys stand in its rows, but for one that
// the driver reports.
func execWithKeys(ctx context.Context, conn *Conn, s *InsertStatement, t *Table, criteria []Criteria) (*Result, error) {
	compiled, args, err := compileWithArgs(conn, s, criteria)
	if err != nil {
		return nil, err
	}
	o, err := conn.exec(ctx, compiled, args)
	if err != nil {
		return nil, err
	}
	result := &Result{affected: o.Rows}
	rows := s.rows
	if len(rows) == 0 {
		rows = []insertRow{{}}
	}
	for _, row := range rows {
		key := rowKey(s, row, t, o)
		if key == nil {
			return &Result{affected: o.Rows}, nil
		}
		result.keys = append(result.keys, key)
	}
	return result, nil
}

// rowKey is the primary key of a row, or nil where it is not known.
func rowKey(s *InsertStatement, row insertRow, t *Table, o Outcome) []any {
	var key []any
	for _, name := range t.primaryKey.columns {
		column := t.byName[name]
		value, given := row.value(s, column).(*bindNode)
		switch {
		case given:
			v, err := types.EncodeValue(value.value, column.Type())
			if err != nil {
				return nil
			}
			key = append(key, v)
		case o.HasLastID:
			key = append(key, o.LastID)
		default:
			return nil
		}
	}
	return key
}

// execReturningKeys runs an INSERT with the keys of its rows in RETURNING.
func execReturningKeys(ctx context.Context, conn *Conn, s *InsertStatement, t *Table, criteria []Criteria) (*Result, error) {
	keys := make([]any, len(t.primaryKey.columns))
	for i, name := range t.primaryKey.columns {
		keys[i] = t.C(name)
	}
	compiled, args, err := compileWithArgs(conn, s.Returning(keys...), criteria)
	if err != nil {
		return nil, err
	}
	cur, err := conn.query(ctx, compiled, args)
	if err != nil {
		return nil, err
	}
	result := &Result{}
	row, targets := make([]any, len(keys)), make([]any, len(keys))
	for i := range row {
		targets[i] = &row[i]
	}
	for cur.Next() {
		key := make([]any, len(keys))
		err := cur.Scan(targets...)
		for i := range row {
			if err == nil {
				key[i], err = types.DecodeAny(row[i], compiled.columns[i].typ)
			}
		}
		if err != nil {
			return nil, firstError(err, cur.Close())
		}
		result.keys = append(result.keys, key)
		result.affected++
	}
	return result, firstError(cur.Err(), cur.Close())
}
