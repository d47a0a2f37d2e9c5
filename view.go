// This file holds tables whose rows come from a SELECT: views, materialized ones,
// and those that stand in FROM as the SELECT itself.

package orm

import "fmt"

// derivation is where the rows of a table come from that are not its own.
type derivation struct {
	query func() Subselect // nil where somebody else has made the view
	kind  derivationKind
}

type derivationKind uint8

const (
	derivedView derivationKind = iota
	derivedMaterialized
	derivedSelect // it is no object of the database
)

// NewView defines a view in a Metadata: a table whose rows are those of a query. It is
// a FROM item like others, with the columns of the query, all of which need names.
// CreateAll makes it behind what it reads, and DropAll removes it before. A Schema,
// [MaterializedView] and indexes of a materialized view are its items.
//
//	adults := orm.NewView("adults", metadata, orm.Select(orm.C(&u.ID), orm.C(&u.Name)).From(u).Where(orm.N(&u.Age).Ge(18)))
//	// CREATE VIEW adults AS SELECT users.id, users.name FROM users WHERE users.age >= 18
//
// The values in the query stand in its definition as literals. Mistakes come out as
// those of [NewTable] do.
func NewView(name string, m *Metadata, query Subselect, items ...TableItem) *Table {
	columns, err := columnsOfQuery(query)
	all := append([]TableItem{derivedFrom(derivedView, func() Subselect { return query })}, columns...)
	t := NewTable(name, m, append(all, items...)...)
	if err != nil {
		t.mistake(err)
	}
	return t
}

// derivedFrom has the rows of a table come from a query.
func derivedFrom(kind derivationKind, query func() Subselect) TableOption {
	return func(t *Table) { t.derived = &derivation{query, kind} }
}

// MaterializedView has the rows of a view kept until [RefreshView] computes them anew
// (PostgreSQL).
func MaterializedView() TableOption {
	return func(t *Table) {
		if t.derived == nil {
			t.mistake(&UsageError{Kind: ErrArgument, Op: "define table", Subject: t.name, Reason: "only a view can be materialized"})
			return
		}
		t.derived = &derivation{t.derived.query, derivedMaterialized}
	}
}

// columnsOfQuery are the columns of a query's result, as those of a table.
func columnsOfQuery(query Subselect) ([]TableItem, error) {
	source, ok := subselectNode(query).(rowSource)
	if !ok {
		return nil, nil // its mistake comes out where it is written
	}
	var columns []TableItem
	var err error
	for i, o := range source.outputs() {
		if o.name == "" && err == nil {
			err = &UsageError{
				Kind: ErrArgument, Op: "define view", Subject: fmt.Sprintf("column %d", i+1), Reason: "the expression has no name", Advice: "name it with As",
			}
		}
		columns = append(columns, NewColumn(o.name, o.sqlType()))
	}
	if len(columns) == 0 {
		err = &UsageError{Kind: ErrArgument, Op: "define view", Reason: "its columns are not known", Advice: "name the columns in Select, and register the structs before"}
	}
	return columns, err
}

// inDatabase reports whether the table is an object of the database that this
// library makes.
func (t *Table) inDatabase() bool {
	return t.derived == nil || t.derived.kind != derivedSelect && t.derived.query != nil
}

// inline reports whether the table stands in FROM as a SELECT.
func (t *Table) inline() bool { return t.derived != nil && t.derived.kind == derivedSelect }

// IsView reports whether the rows of the table come from a query.
func (t *Table) IsView() bool { return t.derived != nil }

// selected is the SELECT that the rows come from.
func (d *derivation) selected() Node {
	if d.query == nil {
		return &errorNode{&UsageError{Kind: ErrArgument, Op: "create view", Reason: "the library does not know what it selects"}}
	}
	return subselectNode(d.query())
}
