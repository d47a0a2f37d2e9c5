// This file holds Metadata: a set of tables and the rules that name their
// constraints.

package orm

import (
	"maps"
	"slices"
	"strings"
	"sync"
)

// Metadata is a set of tables, one for each schema and name. It emits no SQL by
// itself; CreateAll and DropAll do. Adding tables and reading are safe for
// concurrent use.
type Metadata struct {
	mu      sync.RWMutex
	tables  []*Table
	byName  map[string]*Table
	refused []*Table // whose names were taken
	mistake error    // of an option
	naming  NamingConvention

	listeners attached // to its tables being made and removed
}

// MetadataOption sets up a [Metadata].
type MetadataOption func(*Metadata)

// WithNamingConvention names the constraints and indexes that have no name.
func WithNamingConvention(n NamingConvention) MetadataOption {
	return func(m *Metadata) { m.naming = n }
}

// NewMetadata returns an empty set of tables.
func NewMetadata(options ...MetadataOption) *Metadata {
	m := &Metadata{byName: map[string]*Table{}, naming: DefaultNaming}
	for _, o := range options {
		if o == nil {
			m.mistake = nilOption("make metadata")
			continue
		}
		o(m)
	}
	return m
}

// Tables returns the tables in the order in which they were added.
func (m *Metadata) Tables() []*Table {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return slices.Clone(m.tables)
}

// Table returns the table of that name ("schema.name" outside of the default
// schema), or nil.
func (m *Metadata) Table(name string) *Table {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.byName[name]
}

// Remove takes a table out of the set, also one that was refused because its
// name was taken. Foreign keys to it stay as they are.
func (m *Metadata) Remove(t *Table) {
	m.mu.Lock()
	defer m.mu.Unlock()
	removed := func(other *Table) bool { return other == t }
	maps.DeleteFunc(m.byName, func(_ string, other *Table) bool { return other == t })
	m.tables, m.refused = slices.DeleteFunc(m.tables, removed), slices.DeleteFunc(m.refused, removed)
}

// add enters a table; a name that is taken is an [ErrDuplicateTable].
func (m *Metadata) add(t *Table) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, taken := m.byName[t.FullName()]; taken {
		m.refused = append(m.refused, t)
		return &UsageError{
			Kind: ErrDuplicateTable, Op: "define table", Subject: t.FullName(),
			Reason: "the metadata has a table of that name already", Advice: "use that one, or another Metadata",
		}
	}
	m.byName[t.FullName()] = t
	m.tables = append(m.tables, t)
	return nil
}

// check returns every mistake in the definitions of the tables.
func (m *Metadata) check() []error {
	m.mu.RLock()
	tables := slices.Concat(m.refused, m.tables)
	m.mu.RUnlock()
	var problems []error
	if m.mistake != nil {
		problems = append(problems, m.mistake)
	}
	for _, t := range tables {
		problems = append(problems, t.problems()...)
	}
	return problems
}

// NamingConvention holds templates for the names of constraints and indexes
// that have none. In a template stand %(table)s, %(columns)s (joined by
// underscores), %(referred_table)s and %(name)s (a check's own name). An empty
// template leaves the constraint without a name, to be named by the database.
// A name that is too long for the database is cut, and ends in a hash that is
// the same in every run.
type NamingConvention struct {
	PrimaryKey, ForeignKey, Unique, Check, Index string
}

// DefaultNaming is the convention of a Metadata that was given none.
var DefaultNaming = NamingConvention{
	PrimaryKey: "pk_%(table)s",
	ForeignKey: "fk_%(table)s_%(columns)s_%(referred_table)s",
	Unique:     "uq_%(table)s_%(columns)s",
	Check:      "ck_%(table)s_%(name)s",
	Index:      "ix_%(table)s_%(columns)s",
}

// expand fills a template in.
func expandName(template, table, name, referred string, columns []string) string {
	return strings.NewReplacer(
		"%(table)s", table, "%(columns)s", strings.Join(columns, "_"), "%(referred_table)s", referred, "%(name)s", name,
	).Replace(template)
}
