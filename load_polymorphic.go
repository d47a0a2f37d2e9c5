// This file makes objects of rows that may be those of several structs: each row is
// read into a struct that all of them begin with, its discriminator tells which
// struct the object is, and columns of that one are read from what was put aside.

package orm

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aurum-go/orm/types"
)

// familyLoader makes the objects of an [entityLoader] whose rows may be those of
// heirs.
type familyLoader struct {
	row     types.Ptr // of the mapper's own struct
	more    []inherited
	aside   []asideCell
	members []*entityLoader // one for each struct that was met
	sort    *hybridForm     // that tells whose a row is, where no column does
}

// asideCell keeps a value of the driver until it is known what to do with it.
type asideCell struct{ value any }

// Scan takes a driver's value.
func (c *asideCell) Scan(src any) error {
	if b, ok := src.([]byte); ok {
		src = slices.Clone(b)
	}
	c.value = src
	return nil
}

// readsHeirs has a loader read columns of heirs behind its own.
func (l *entityLoader) readsHeirs(more []inherited) {
	l.family = &familyLoader{row: newBlock(l.mapper.goType, 1), more: more, aside: make([]asideCell, len(more))}
	if m := l.mapper; m.sortsBy != nil {
		l.family.sort = m.top.form(m.sortsBy().n)
	}
}

// whose is the mapper of the row that was read.
func (l *entityLoader) whose() (*Mapper, error) {
	f, m := l.family, l.mapper
	if f.sort == nil {
		return m.whose(f.row)
	}
	said, ok := datum{}, f.sort.obstacle == ""
	if ok {
		said, ok = f.sort.evaluate(f.row)
	}
	if !ok {
		return nil, &UsageError{
			Kind: ErrUnsupported, Op: "read", Subject: m.name, Reason: "the expression of PolymorphicOn cannot be evaluated in Go, because of " + f.sort.obstacle,
			Advice: "tell rows apart by a column: polymorphic_on",
		}
	}
	for _, one := range append([]*Mapper{m}, m.heirs...) {
		if one.labelled && said.kind == textDatum && one.label == said.text {
			return one, nil
		}
	}
	return nil, m.unknownKind(said.text)
}

// dest are the places for the columns of a row.
func (l *entityLoader) dest() []any {
	if l.keyless != nil {
		return l.keyless.dest()
	}
	return l.behind(l.reader.dest)
}

// behind adds the places for columns of heirs.
func (l *entityLoader) behind(dest []any) []any {
	if l.family == nil || len(l.family.aside) == 0 {
		return dest
	}
	dest = slices.Clip(dest)
	for i := range l.family.aside {
		dest = append(dest, &l.family.aside[i])
	}
	return dest
}

// takeAny makes an object of the row that was read, of the struct that it is of.
func (l *entityLoader) takeAny() (types.Ptr, error) {
	f := l.family
	m, err := l.whose()
	if err != nil {
		return nil, err
	}
	member := l.member(m)
	p := member.place()
	copyStruct(l.mapper.goType, p, f.row)
	for i := range f.more {
		if prop := f.more[i].prop; m.is(f.more[i].mapper) {
			c := cell{codec: prop.codec, to: fieldPtr(p, prop.offset)}
			err := c.Scan(f.aside[i].value)
			if p, ok := errors.AsType[*decodePanic](err); ok {
				panic(p.value)
			}
			if err != nil {
				return nil, heirError(m, prop, c.err)
			}
		}
	}
	before := len(member.fresh)
	object, err := member.take(p)
	if err != nil || member.wants.empty() {
		return object, err
	}
	member.note(object)
	if len(member.late) > 0 && (len(member.fresh) > before || !member.holds()) {
		member.untold = append(member.untold, object)
	}
	return object, nil
}

// heirError says which column could not be read.
func heirError(m *Mapper, p *property, err error) error {
	return &UsageError{
		Kind: ErrDecode, Op: "read", Subject: p.column.fullName() + " into " + m.name + "." + p.name,
		Reason: fmt.Sprintf("a value of the database does not fit a %s", p.goType), Advice: "change the type of the field", Err: err,
	}
}

// member is the loader of objects of one struct.
func (l *entityLoader) member(m *Mapper) *entityLoader {
	f := l.family
	for _, member := range f.members {
		if member.mapper == m {
			return member
		}
	}
	props := l.props
	if slices.Contains(l.mapper.concretes, m) {
		props = make([]*property, len(l.props))
		for i, p := range l.props {
			props[i] = m.props[p.index]
		}
	}
	for _, more := range f.more {
		if m.is(more.mapper) {
			props = append(slices.Clip(props), more.prop)
		}
	}
	member := newExactLoader(l.unit, m, props, l.mode)
	member.group, member.reader.computed = l.group, l.reader.computed
	member.wants = setOf(m.eager).minus(setOf(l.mapper.props)).minus(setOf(props))
	if !member.wants.empty() {
		member.late, member.loaded = member.loaded, nil // who listens hears of whole objects
	}
	f.members = append(f.members, member)
	return member
}

// note remembers an object that lacks columns of its struct.
func (l *entityLoader) note(object types.Ptr) {
	if l.holds() {
		inst := instanceAt(l.mapper, object)
		if inst.epoch == inst.unit.epoch && l.mode&loadRefresh == 0 && l.wants.minus(inst.unloaded) == l.wants {
			return
		}
	}
	l.lacking = append(l.lacking, object)
}

// complete reads what the rows did not have of the objects' structs: one statement
// for each struct and 500 objects.
func (l *entityLoader) complete(ctx context.Context, conn *Conn) error {
	if l.family == nil {
		return nil
	}
	for _, member := range l.family.members {
		objects, untold := member.lacking, member.untold
		member.lacking, member.untold = nil, nil
		for part := range slices.Chunk(objects, relationChunk) {
			if err := member.completePart(ctx, conn, part); err != nil {
				return err
			}
		}
		for _, object := range untold {
			if err := tell(member.late, l.unit.owner, object); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *entityLoader) completePart(ctx context.Context, conn *Conn, objects []types.Ptr) error {
	m := l.mapper
	props := slices.Concat(m.keys, l.wants.pick(m))
	e := m.entityWith(props)
	stmt := &SelectStatement{columns: e.columnsOf(props), from: []Node{e}, where: []Node{keysIn(m, e.columnsOf(m.keys), objects)}}
	compiled, args, err := compileWithArgs(conn, stmt, nil)
	if err != nil {
		return err
	}
	cur, err := conn.query(ctx, compiled, args)
	if err != nil {
		return err
	}
	rows, err := readBlock(cur, m, props, len(objects))
	if err != nil {
		return err
	}
	byKey := make(map[identityKey]types.Ptr, len(rows))
	for _, row := range rows {
		key, err := l.unit.keyAt(m, row)
		if err != nil {
			return err
		}
		byKey[key] = row
	}
	for _, object := range objects {
		if err := l.fillIn(object, byKey); err != nil {
			return err
		}
	}
	return nil
}

// fillIn takes over what was read for an object.
func (l *entityLoader) fillIn(object types.Ptr, byKey map[identityKey]types.Ptr) error {
	inst, known := instanceAt(l.mapper, object), object
	if inst != nil {
		known = inst.snapshot
	}
	key, err := l.unit.keyAt(l.mapper, known)
	if err != nil {
		return err
	}
	row := byKey[key]
	if row == nil {
		return &UsageError{
			Kind: ErrStaleData, Op: "read", Subject: l.mapper.name, Reason: "the row of " + l.mapper.top.name + " is there, and that of " + l.mapper.table.name + " is not",
			Advice: "see whether something deletes rows of one table alone",
		}
	}
	for _, p := range l.wants.pick(l.mapper) {
		if inst == nil {
			p.codec.Copy(fieldPtr(object, p.offset), fieldPtr(row, p.offset))
			continue
		}
		inst.absorb(p, row, l.mode&loadRefresh != 0)
	}
	if mark, ok := linkAt(l.mapper, object).(*untracked); ok {
		mark.unloaded = mark.unloaded.minus(l.wants)
	} else if l.unloaded.minus(l.wants).within(inst.unloaded) {
		inst.epoch = inst.unit.epoch
	}
	return nil
}

// completes reports whether objects of a plan may need a statement of their own for
// the columns of structs that inherit.
func (p *loadPlan) completes() bool {
	return slices.ContainsFunc(p.mapper.heirs, func(heir *Mapper) bool {
		return !slices.Contains(p.mapper.tables(), heir.table)
	})
}

// entityWith is the mapper's entity with those of its tables alone that have certain
// columns, for rows that are known to be there. The key is in all of them.
func (m *Mapper) entityWith(props []*property) *entityFrom {
	var needed []*Mapper
	for _, part := range m.parts {
		if slices.ContainsFunc(props, func(p *property) bool { return !p.key && p.column.table == part.table }) {
			needed = append(needed, part)
		}
	}
	if len(needed) == 0 || len(needed) == len(m.parts) {
		return entityOf(m)
	}
	g := &tableGroup{}
	for i, part := range needed {
		p := groupPart{from: part.table}
		if i > 0 {
			p.join = innerJoin
			for n, key := range part.keys {
				p.keys = append(p.keys, groupKey{key.column, needed[0].keys[n].column})
			}
		}
		g.parts = append(g.parts, p)
	}
	e := m.entityAt(g)
	for i, key := range m.keys {
		e.columns[key.index] = &columnNode{needed[0].keys[i].column, g}
	}
	return e
}
