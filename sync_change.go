// This file gives objects the values that an UPDATE of the user has given their
// rows: those that can be evaluated, and those that have to be read.

package orm

import (
	"context"
	"slices"

	"github.com/aurum-go/orm/types"
)

// change is the new value of one column.
type change struct {
	prop  *property
	used  columnSet // columns that the value is made of
	value func(row types.Ptr) (v any, ok bool)
}

// unread is the value of a change that is to be read.
func unread(types.Ptr) (any, bool) { return nil, false }

// changes are the columns that the statement changes, those that are filled at
// every update and a version that the database makes among them.
func (w *bulkWrite) changes(p prepared) ([]change, error) {
	var list []change
	var assigned columnSet
	for _, a := range w.set {
		prop := w.property(a.column)
		if prop == nil {
			continue
		}
		if prop.key && len(w.matched)+len(w.unsure) > 0 {
			return nil, &UsageError{
				Kind: ErrUnsupported, Op: "update", Subject: w.mapper.name + "." + prop.name, Reason: "the session holds objects whose key would change",
				Advice: "change the field of the object, or expunge it first",
			}
		}
		c := w.assigned(prop, a.value)
		if !c.used.within(c.used.minus(assigned)) {
			c.value = unread // some databases assign one after the other
		}
		list, assigned = append(list, c), assigned.with(prop.index)
	}
	for _, prop := range w.mapper.props {
		switch {
		case assigned.has(prop.index):
		case !prop.column.onUpdate.IsZero():
			list = append(list, w.filled(prop, p))
		case prop.served:
			list = append(list, change{prop: prop, value: unread})
		}
	}
	return list, nil
}

// property is the property that an assignment means.
func (w *bulkWrite) property(column Node) *property {
	n, err := resolved(column)
	if err != nil {
		return nil
	}
	switch n := n.(type) {
	case *columnNode:
		return w.mapper.byColumn[n.column.name]
	case *nameNode:
		if p := w.mapper.byColumn[n.name]; p != nil {
			return p
		}
		return w.mapper.named(n.name)
	}
	return nil
}

// assigned is the change by an assignment. A value is what it is, whatever its
// type; an expression is evaluated.
func (w *bulkWrite) assigned(p *property, value Node) change {
	switch n := value.(type) {
	case *bindNode:
		return fixed(p, n.value)
	case *paramNode:
		return fixed(p, w.params[n.name])
	}
	if w.mode == SyncFetch {
		return change{prop: p, value: unread}
	}
	e := w.evaluator()
	evaluate, kind := e.evaluation(value), datumKindOf(p.column.typ)
	return change{p, e.used, func(row types.Ptr) (any, bool) {
		v, ok := evaluate(row)
		return v.value(), ok && (v.kind == kind || v.isNull())
	}}
}

func fixed(p *property, v any) change {
	sent, err := types.EncodeValue(v, p.column.typ)
	return change{prop: p, value: func(types.Ptr) (any, bool) { return sent, err == nil }}
}

// filled is the change by what fills a column at every update: the value that was
// made for the statement.
func (w *bulkWrite) filled(p *property, sent prepared) change {
	if expr := p.column.onUpdate.expr; expr != nil {
		return change{prop: p, value: unread}
	}
	slot := slices.IndexFunc(sent.compiled.slots, func(s bindSlot) bool { return s.fill == &p.column.onUpdate })
	return change{prop: p, value: func(types.Ptr) (any, bool) {
		if slot < 0 {
			return nil, false
		}
		return sent.args[slot], true
	}}
}

// change has the objects take the new values over. Those that are not known are
// read, or left to be read later if the connection is busy.
func (w *bulkWrite) change(ctx context.Context, changes []change, free bool) error {
	rows, late := make([]types.Ptr, 0, len(w.matched)), make([]columnSet, len(w.matched))
	for part := range slices.Chunk(w.matched, mostRoom) {
		rooms := newRooms(part)
		for n, inst := range part {
			row := rooms[n]
			inst.mapper.snapshot(row, inst.snapshot)
			late[len(rows)] = inst.changeRow(row, changes)
			rows = append(rows, row)
		}
	}
	if free && w.mode != SyncEvaluate {
		if err := w.read(ctx, rows, late); err != nil {
			return err
		}
	}
	changed := setOf(propsOf(changes))
	for n, inst := range w.matched {
		inst.takeRow(rows[n], changed, late[n])
	}
	w.outdateCollections(changed)
	return nil
}

func propsOf(changes []change) []*property {
	props := make([]*property, len(changes))
	for i, c := range changes {
		props[i] = c.prop
	}
	return props
}

// changeRow gives a copy of the object's row the new values that are known, and
// returns the columns of the others. A column that was not loaded stays so.
func (i *instance) changeRow(row types.Ptr, changes []change) (late columnSet) {
	for _, c := range changes {
		p := c.prop
		if i.unloaded.has(p.index) {
			continue
		}
		field := fieldPtr(row, p.offset)
		v, ok := any(nil), false
		if i.holds(c.used) {
			v, ok = c.value(i.snapshot)
		}
		if !ok || p.codec.Decode(field, v) != nil {
			late = late.with(p.index)
			continue
		}
		p.codec.Normalize(field)
	}
	return late
}

// read reads the columns that are still to be known into the rows.
func (w *bulkWrite) read(ctx context.Context, rows []types.Ptr, late []columnSet) error {
	var columns columnSet
	var wanting []*instance
	for n, inst := range w.matched {
		if !late[n].empty() {
			columns, wanting = columns.and(late[n]), append(wanting, inst)
		}
	}
	if len(wanting) == 0 {
		return nil
	}
	writer := w.session.writer(w.session.conn, w.mapper)
	found, err := writer.readByKeys(ctx, wanting, writer.withKeys(columns.pick(w.mapper)), (*instance).stored)
	if err != nil {
		return err
	}
	for n, inst := range w.matched {
		if row := found[inst.key]; row != nil {
			for _, p := range late[n].pick(w.mapper) {
				p.codec.Copy(fieldPtr(rows[n], p.offset), fieldPtr(row, p.offset))
			}
			late[n] = columnSet{}
		}
	}
	return nil
}

// takeRow makes a row the one that the object is known by: fields that the user has
// not changed follow it. Columns that are still to be known are stale.
func (i *instance) takeRow(row types.Ptr, columns, late columnSet) {
	columns = columns.minus(i.unloaded)
	i.unit.remember(i)
	i.unit.noteFields(i, columns)
	following := slices.DeleteFunc(columns.minus(late).pick(i.mapper), func(p *property) bool {
		return i.explicit.has(p.index) || !sameField(p, i.object, i.snapshot)
	})
	for _, p := range following {
		p.codec.Copy(fieldPtr(i.object, p.offset), fieldPtr(row, p.offset))
	}
	moved := i.movedBy(row)
	i.snapshot, i.touched = row, i.unit.serial
	i.expired = i.expired.minus(columns).and(late)
	for _, r := range moved {
		i.unlearn(r)
	}
}

// movedBy are the references of an object whose foreign keys are others in a row
// than they were.
func (i *instance) movedBy(row types.Ptr) []*relationship {
	var moved []*relationship
	for _, r := range i.mapper.rels {
		if r.direction == ManyToOne && slices.ContainsFunc(r.pairs, func(p keyPair) bool { return !sameField(p.own, i.snapshot, row) }) {
			moved = append(moved, r)
		}
	}
	return moved
}

// outdateCollections has collections be read again to which objects belong by
// columns that were changed.
func (w *bulkWrite) outdateCollections(changed columnSet) {
	if len(w.matched) == 0 {
		return
	}
	for m, table := range w.session.identity {
		for _, r := range m.allRelations() {
			if !r.target.kin(w.mapper) || r.direction != OneToMany || setOf(ownProps(r.childPairs())).minus(changed) == setOf(ownProps(r.childPairs())) {
				continue
			}
			for _, inst := range table.all {
				if inst.rels != nil && inst.mapper.is(r.owner) {
					inst.rels[r.index].epoch = 0
				}
			}
		}
	}
}
