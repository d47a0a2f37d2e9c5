// This file orders the statements that make or remove several tables: what is
// referred to comes first, and a foreign key that would close a circle is
// added when both its tables are there.

package orm

import (
	"maps"
	"slices"

	"github.com/aurum-go/orm/types"
)

// createStatements returns what makes the tables on a database: the types of their
// enums, where the database has such, then each table with
// its indexes and comments behind those that it refers to, then the foreign
// keys that could not stand in a table. Where the database cannot add them
// later, it takes them before the table that they refer to is there.
func createStatements(tables []*Table, f Features) ([]*DDLStatement, error) {
	tables, views := apartFromViews(tables)
	plan, err := newDDLPlan(tables, f)
	if err != nil {
		return nil, err
	}
	enums, err := enumTypes(tables, f)
	if err != nil {
		return nil, err
	}
	var statements, later []*DDLStatement
	for _, e := range enums {
		statements = append(statements, CreateType(e))
	}
	for _, t := range plan.order {
		late := plan.lateKeys(t)
		statements = append(statements, &DDLStatement{kind: ddlCreateTable, table: t, without: late})
		for _, i := range t.indexes {
			statements = append(statements, CreateIndex(i))
		}
		statements = append(statements, commentStatements(t, f)...)
		for _, k := range late {
			later = append(later, AddForeignKey(k))
		}
	}
	statements = append(statements, later...)
	for _, v := range views {
		statements = append(statements, CreateView(v))
		for _, i := range v.indexes { // of a materialized one
			statements = append(statements, CreateIndex(i))
		}
	}
	return statements, nil
}

// apartFromViews takes views out of tables, those that others read first. What is no
// object of the database, or is made by others, is left out.
func apartFromViews(all []*Table) (tables, views []*Table) {
	for _, t := range all {
		switch {
		case t.derived == nil:
			tables = append(tables, t)
		case t.inDatabase():
			views = append(views, t)
		}
	}
	views, _ = toposort(views, tablesRead)
	return tables, views
}

// tablesRead are the tables that a view selects from.
func tablesRead(view *Table) []*Table {
	c := newCompiler(StandardDialect{})
	c.reads = map[*Table]bool{}
	c.member(view.derived.selected())
	delete(c.reads, view)
	return slices.Collect(maps.Keys(c.reads))
}

// dropStatements returns what removes the tables: first the foreign keys that
// refer to a table that goes before their own, then each table before those
// that it refers to.
func dropStatements(tables []*Table, f Features) ([]*DDLStatement, error) {
	tables, views := apartFromViews(tables)
	plan, err := newDDLPlan(tables, f)
	if err != nil {
		return nil, err
	}
	var statements []*DDLStatement
	for _, v := range slices.Backward(views) {
		statements = append(statements, DropView(v))
	}
	for _, t := range plan.order {
		for _, k := range t.foreignKeys {
			if f.AlterConstraint && plan.pointsAhead(k) {
				statements = append(statements, DropForeignKey(k))
			}
		}
	}
	for _, t := range slices.Backward(plan.order) {
		statements = append(statements, DropTable(t))
	}
	enums, err := enumTypes(tables, f)
	for _, e := range enums {
		statements = append(statements, DropType(e))
	}
	return statements, err
}

// enumTypes returns the named enums of the tables, each once, where they are types
// of their own. One name cannot stand for two lists of labels.
func enumTypes(tables []*Table, f Features) ([]types.Type, error) {
	if !f.EnumTypes {
		return nil, nil
	}
	var enums []types.Type
	var problems []error
	for _, t := range tables {
		for _, column := range t.columns {
			e := enumOf(column.Type())
			if e.IsZero() || slices.Contains(enums, e) {
				continue
			}
			if i := slices.IndexFunc(enums, func(other types.Type) bool { return other.Name() == e.Name() }); i >= 0 {
				problems = append(problems, &UsageError{
					Kind: ErrArgument, Op: "create type", Subject: e.Name(), Reason: column.fullName() + " has other labels than the enum of that name before it",
					Advice: "give one of them another name",
				})
			}
			enums = append(enums, e)
		}
	}
	return enums, joinErrors(problems)
}

// enumOf is the named enum that a type is, or an array of, and the zero Type for
// any other.
func enumOf(t types.Type) types.Type {
	for t.Kind() == types.KindArray {
		t = t.Elem()
	}
	if t.Kind() != types.KindEnum || t.Name() == "" {
		return types.Type{}
	}
	return types.Enum(t.Labels()...).Named(t.Name())
}

// formCircle reports whether no order of the tables suits all foreign keys.
func formCircle(tables []*Table) bool {
	tables, _ = apartFromViews(tables)
	plan, err := newDDLPlan(tables, Features{})
	if err != nil {
		return false
	}
	return slices.ContainsFunc(tables, func(t *Table) bool { return slices.ContainsFunc(t.foreignKeys, plan.pointsAhead) })
}

// ddlPlan is an order of tables, and which foreign keys do not fit into it.
type ddlPlan struct {
	features Features
	order    []*Table
	position map[*Table]int
	referred map[*ForeignKey]*Table
}

func newDDLPlan(tables []*Table, f Features) (*ddlPlan, error) {
	p := &ddlPlan{features: f, position: map[*Table]int{}, referred: map[*ForeignKey]*Table{}}
	var problems []error
	for _, t := range tables {
		for _, k := range t.foreignKeys {
			if columns, err := k.Referred(); err != nil {
				problems = append(problems, err)
			} else {
				p.referred[k] = columns[0].table
			}
		}
	}
	p.order, _ = toposort(tables, p.needs)
	for i, t := range p.order {
		p.position[t] = i
	}
	return p, joinErrors(problems)
}

// needs returns the tables that a table's foreign keys refer to, but for keys
// that are added when all tables are there.
func (p *ddlPlan) needs(t *Table) []*Table {
	var needed []*Table
	for _, k := range t.foreignKeys {
		if other := p.referred[k]; other != nil && other != t && !p.isLate(k) {
			needed = append(needed, other)
		}
	}
	return needed
}

// isLate reports whether a key is to be added later, and can be.
func (p *ddlPlan) isLate(k *ForeignKey) bool { return k.useAlter && p.features.AlterConstraint }

// pointsAhead reports whether a key refers to a table that stands behind its
// own in the order: it closes a circle, or is added later.
func (p *ddlPlan) pointsAhead(k *ForeignKey) bool {
	position, planned := p.position[p.referred[k]]
	return planned && position > p.position[k.table]
}

// lateKeys returns the keys that CREATE TABLE has to leave out.
func (p *ddlPlan) lateKeys(t *Table) []*ForeignKey {
	var late []*ForeignKey
	for _, k := range t.foreignKeys {
		if p.isLate(k) || p.features.AlterConstraint && p.pointsAhead(k) {
			late = append(late, k)
		}
	}
	return late
}

func commentStatements(t *Table, f Features) []*DDLStatement {
	if !f.Comments {
		return nil
	}
	var statements []*DDLStatement
	if t.comment != "" {
		statements = append(statements, SetTableComment(t))
	}
	for _, c := range t.columns {
		if c.comment != "" {
			statements = append(statements, SetColumnComment(c))
		}
	}
	return statements
}
