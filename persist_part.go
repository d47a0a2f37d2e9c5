// This file divides the writing of an object among the tables of its struct.

package orm

import (
	"slices"

	"github.com/aurum-go/orm/types"
)

// updateSteps are the UPDATEs that set columns of an object, one for each table
// that has any.
func (i *instance) updateSteps(columns columnSet, late bool) []step {
	var steps []step
	for _, part := range i.mapper.writtenTo() {
		s := step{kind: batchUpdate, inst: i, mapper: part, columns: columns, late: late}
		if i.mapper.parts != nil {
			s.columns = setOf(columns.pick(part))
		}
		if part.isPart {
			s.columns = s.columns.minus(setOf(part.keys)) // they follow that of the first table
		}
		if !s.columns.empty() {
			steps = append(steps, s)
		}
	}
	for n := range len(steps) - 1 {
		steps[n].goesOn = true
	}
	return steps
}

// partOf leaves the steps of one table.
func (i *instance) partOf(m *Mapper, steps []step) []step {
	return slices.DeleteFunc(steps, func(s step) bool { return s.mapper != m })
}

// insertStep is the INSERT into one table of an object.
func (i *instance) insertStep(m *Mapper) step {
	s := step{kind: batchInsert, inst: i, mapper: m, columns: i.insertShape()}
	if parts := i.mapper.parts; parts != nil {
		s.columns = m.insertColumns(s.columns)
		s.goesOn = m != parts[len(parts)-1]
	}
	return s
}

// insertColumns are those that an INSERT into one of several tables gives values for.
func (m *Mapper) insertColumns(shape columnSet) columnSet {
	own := setOf(shape.pick(m))
	if m.isPart {
		own = own.and(setOf(m.keys))
	}
	return own
}

// inParts is the INSERT of a batch, or one for each table of its rows.
func (b *batch) inParts() []action {
	parts := b.mapper.parts
	if parts == nil {
		return []action{b}
	}
	actions := make([]action, len(parts))
	for i, m := range parts {
		part := *b
		part.mapper, part.columns, part.goesOn = m, m.insertColumns(b.columns), i < len(parts)-1
		actions[i] = &part
	}
	return actions
}

// setKind has the discriminator of an object tell its struct.
func (w *writer) setKind(inst *instance) error {
	m := inst.mapper
	field := fieldPtr(inst.object, m.sorts.offset)
	switch {
	case m.kind == nil:
		return &UsageError{
			Kind: ErrArgument, Op: "flush", Subject: m.name, Reason: "it is polymorphic_abstract, so that no row is of this very struct",
			Advice: "add an object of a struct that inherits from it",
		}
	case m.sorts.codec.IsZero(field):
		m.sorts.codec.Copy(field, fieldPtr(m.kind, m.sorts.offset))
	case !sameField(m.sorts, m.kind, inst.object):
		return &UsageError{
			Kind: ErrArgument, Op: "flush", Subject: m.name + "." + m.sorts.name, Reason: "the discriminator tells another struct",
			Advice: "leave it alone; an object of another struct is another object",
		}
	}
	return nil
}

// rowOf is the struct that has the key by which a row is found: in further tables
// that of the first, which was written already.
func (w *writer) rowOf(inst *instance) types.Ptr {
	if w.mapper.isPart {
		return inst.object
	}
	return inst.snapshot
}
