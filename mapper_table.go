// This file maps structs to tables that were defined by themselves.

package orm

import (
	"fmt"
	"slices"
	"strings"
)

// MapTable maps a struct to a table that is defined already, in the registry's own
// Metadata. Its fields find their columns by the word column of their tag or by their
// name, as Register would name them; types, keys and defaults are the table's. A
// field without a column is a [MapError], and so is a column without a field, unless
// it is among those to be left out: these appear in no statement of a flush or a query,
// and fields with the tag "-" are no columns.
//
// Words of tags that define a column or a table are refused. It is else as Register,
// and emits no SQL.
//
//	users := orm.NewTable("users", metadata, …)
//	err := registry.MapTable(&User{}, users, "internal_note")
func (r *Registry) MapTable(model Model, table *Table, without ...string) error {
	r.register.Lock()
	defer r.register.Unlock()
	if r.mistake != nil {
		return r.mistake
	}
	t, err := modelStruct(model)
	switch {
	case err != nil:
		return err
	case table == nil:
		return nilArgument("map", "table")
	}
	if _, known := r.byType.Load(t); known {
		return &MapError{Type: t.Name(), Reason: "the registry has the struct already", Advice: "map it in a registry of its own"}
	}
	d := beginModel(t, r)
	if d.mapper != nil {
		d.mapOnto(table, without)
	}
	if err := joinErrors(d.problems); err != nil {
		return err
	}
	return r.adopt([]*modelDraft{d})
}

// mapOnto finds the columns of the fields in a table.
func (d *modelDraft) mapOnto(table *Table, without []string) {
	d.onto, d.tableName, d.schema = table, table.name, table.schema
	switch {
	case d.inherits != inheritsNot:
		d.wrong("", "a struct that inherits has tables of its own making", "map it with Register")
	case table.metadata != d.mapper.registry.metadata:
		d.wrong("", "the table "+table.FullName()+" is of another Metadata", "make the registry with orm.WithMetadata")
	case table.entity != nil:
		d.wrong("", "another struct is mapped to the table "+table.FullName(), "map this one in a registry of its own, or embed the other")
	case len(table.primaryKey.columns) == 0:
		d.wrong("", "the table "+table.FullName()+" has no primary key", "define it with orm.PrimaryKey")
	}
	for _, w := range d.words {
		d.wrongValue(w, 0, fmt.Sprintf("the word %q is the table's to say", w.key), "")
	}
	d.checkColumnNames()
	if d.configure(); len(d.items) > 0 {
		d.wrong("", "ConfigureMapper adds to a table that is defined already", "define it with its parts")
	}
	for _, f := range d.fields {
		if p := f.defineOn(table); p != nil {
			d.enter(p)
		}
		d.problems = append(d.problems, f.problems...)
	}
	d.defineComposites()
	d.items = nil
	d.checkLeftOut(table, without)
}

// ownWords are the words of a field that say how the program takes a column.
var ownWords = []string{"column", "deferred", "version", "fetched"}

// defineOn makes the property of a column that is there.
func (f *fieldDraft) defineOn(table *Table) *property {
	for _, w := range f.tag.words {
		if !slices.Contains(ownWords, w.key) {
			f.wrongWord(w, fmt.Sprintf("the word %q is the table's to say", w.key), "there are: "+strings.Join(ownWords, ", "))
		}
	}
	column := table.named(f.column)
	if column == nil {
		names := make([]string, len(table.columns))
		for i, c := range table.columns {
			names[i] = c.name
		}
		f.wrong(fmt.Sprintf("the table %s has no column %q", table.FullName(), f.column), nearestOf(f.column, names))
		return nil
	}
	p := f.property(column.Type())
	if p == nil {
		return nil
	}
	p.key, p.onUpdate = column.primaryKey, !column.onUpdate.IsZero()
	p.served = p.served || column.computed != nil
	f.checkRoles(p, column.Type())
	p.column = column
	return p
}

// checkLeftOut sees to it that every column has a field, or is left out.
func (d *modelDraft) checkLeftOut(table *Table, without []string) {
	for _, name := range without {
		switch {
		case table.byName[name] == nil:
			d.wrong("", fmt.Sprintf("the table %s has no column %q to leave out", table.FullName(), name), "")
		case d.mapper.byColumn[name] != nil:
			d.wrong(d.mapper.byColumn[name].name, fmt.Sprintf("the column %q is to be left out", name), `tag the field "-", or do not leave the column out`)
		}
	}
	for _, c := range table.columns {
		said := slices.Contains(without, c.name)
		switch {
		case d.mapper.byColumn[c.name] != nil || len(d.problems) > 0 && !said:
		case c.primaryKey:
			d.wrong("", fmt.Sprintf("no field has the column %q of the primary key", c.name), "")
		case !said:
			d.wrong("", fmt.Sprintf("no field has the column %q", c.name), "add one, or name the column among those to leave out")
		case !c.nullable && c.fallback.IsZero() && c.server.IsZero():
			d.wrong("", fmt.Sprintf("the column %q is left out, and is neither NULL nor has a default", c.name), "no row could be inserted")
		}
	}
}
