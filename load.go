// This file turns rows into objects. What goes where is settled once for a
// query; for each row there is a scan into a fresh struct, a look into the
// identity map, and a snapshot.

package orm

import (
	"errors"
	"fmt"
	"slices"

	"github.com/aurum-go/orm/types"
)

// rowReader reads the columns of rows into the fields of structs.
type rowReader struct {
	mapper   *Mapper
	props    []*property
	cells    []cell
	dest     []any
	computed []computed
	absent   []uintptr // offsets of what says whether an optional composite is there
}

func newRowReader(m *Mapper, props []*property) *rowReader {
	r := &rowReader{mapper: m, props: props, cells: make([]cell, len(props)), dest: make([]any, len(props))}
	for i, p := range props {
		r.cells[i].codec = p.reader()
		r.dest[i] = &r.cells[i]
		if c := p.optional(); c != nil {
			r.absent = append(r.absent, p.offset+c.valid)
		}
	}
	return r
}

// read reads the present row into the struct at an address.
func (r *rowReader) read(cur *cursor, base types.Ptr) error {
	r.aim(base)
	return r.explain(cur.Scan(r.dest...))
}

// aim says which struct the next row is for. It may hold what another row said.
func (r *rowReader) aim(base types.Ptr) {
	for _, valid := range r.absent {
		*typedPointer[bool](fieldPtr(base, valid)) = false
	}
	for i, p := range r.props {
		r.cells[i].to = fieldPtr(base, p.offset)
	}
	for i, f := range r.computed {
		r.cells[len(r.props)+i].to = fieldPtr(base, f.offset)
	}
}

// explain says of an error which field could not be read.
func (r *rowReader) explain(err error) error {
	if err == nil {
		return nil
	}
	failed := slices.IndexFunc(r.cells, func(c cell) bool { return c.err != nil })
	if failed < 0 {
		return err
	}
	err = r.cells[failed].err
	column, field, goType := r.fieldOf(failed)
	reason := fmt.Sprintf("a value of the database does not fit a %s", goType)
	advice := "change the type of the field"
	if errors.Is(err, types.ErrNull) {
		reason, advice = "the column is NULL", "make the field a pointer"
	}
	return &UsageError{Kind: ErrDecode, Op: "read", Subject: column + " into " + field, Reason: reason, Advice: advice, Err: err}
}

// readBlock reads all rows into structs of the mapper's type, and closes the
// cursor.
func readBlock(cur *cursor, m *Mapper, props []*property, rows int) (block []types.Ptr, err error) {
	reader := newRowReader(m, props)
	room, size := newBlock(m.goType, max(rows, 1)), m.goType.Size()
	err = cur.drain("read", func() error {
		for cur.Next() {
			var p types.Ptr
			if len(block) < rows {
				p = fieldPtr(room, uintptr(len(block))*size)
			} else {
				p = newBlock(m.goType, 1)
			}
			if err := reader.read(cur, p); err != nil {
				return err
			}
			block = append(block, p)
		}
		return cur.Err()
	})
	return block, err
}

// loadMode says how rows meet the session: a set of deviations from holding new
// objects, and giving known ones as they are.
type loadMode uint8

const (
	loadTracked   loadMode = 0
	loadRefresh   loadMode = 1 // known objects take what the row says
	loadStreamed  loadMode = 2 // new objects are held by nobody
	loadUntracked loadMode = 4 // every row is an object of its own, held by nobody
)

// entityLoader makes objects of one mapper out of rows.
type entityLoader struct {
	unit     *unit
	mapper   *Mapper
	props    []*property
	reader   *rowReader
	scan     []any // the places for the columns, once a row was read
	table    *identityTable
	mode     loadMode
	unloaded columnSet
	mark     *untracked
	fresh    []*instance // made by this load, to be let go if it fails
	group    *loadGroup  // of the objects of the result

	family            *familyLoader   // where rows may be those of heirs
	keyless           *optionalObject // of a query, whose rows may have no key; or nil
	wants             columnSet       // columns that are read by a statement of their own
	lacking           []types.Ptr     // the objects that they are read for
	late              []told          // who hears of objects once these are read
	untold            []types.Ptr     // the objects of which they have not heard
	loaded, refreshed []told          // who hears of objects that are read, and that are read again
	announces         bool            // somebody hears of objects that the session comes to hold

	objects, snapshots types.Ptr // room for more
	instances          []instance
	next, room         int
}

// newEntityLoader makes objects of what a plan reads.
func newEntityLoader(u *unit, plan *loadPlan, mode loadMode) *entityLoader {
	l := newExactLoader(u, plan.mapper, plan.props, mode)
	if plan.mapper.polymorphic() || plan.united {
		l.readsHeirs(plan.more)
	}
	return l
}

// newExactLoader is newEntityLoader for rows that are those of the very struct.
func newExactLoader(u *unit, m *Mapper, props []*property, mode loadMode) *entityLoader {
	l := &entityLoader{unit: u, mapper: m, props: props, mode: mode, reader: newRowReader(m, props), table: u.identity.table(m)}
	read := setOf(props)
	for _, p := range m.props {
		if !read.has(p.index) {
			l.unloaded = l.unloaded.with(p.index)
		}
	}
	if len(m.rels) > 0 {
		l.group = &loadGroup{}
	}
	if m.table.derived != nil {
		l.keyless = &optionalObject{loader: l}
	}
	l.loaded, l.refreshed = m.tellLoaded(), m.tellRefreshed()
	l.announces = u.watch != nil && u.watch.hears(loadedAsPersistent)
	return l
}

// mostRoom is how many objects share a block of memory, which lives as long as
// one of them.
const mostRoom = 64

// place returns room for the next object. It stays the same until that is taken.
func (l *entityLoader) place() types.Ptr {
	if l.family != nil {
		zeroField(l.mapper.goType, l.family.row) // nothing of one object is shared with the next
		return l.family.row
	}
	if l.next == l.room {
		l.room = min(max(1, 4*l.room), mostRoom)
		l.next = 0
		l.objects = newBlock(l.mapper.goType, l.room)
		if l.holds() {
			l.snapshots = newBlock(l.mapper.goType, l.room)
			l.instances = make([]instance, l.room)
		} else {
			l.mark = &untracked{mapper: l.mapper, unloaded: l.unloaded, block: l.objects, size: uintptr(l.room) * l.mapper.goType.Size()}
		}
	}
	return fieldPtr(l.objects, uintptr(l.next)*l.mapper.goType.Size())
}

func (l *entityLoader) holds() bool { return l.mode&(loadStreamed|loadUntracked) == 0 }

// load makes an object of the present row, or nil of one that has no key.
func (l *entityLoader) load(cur *cursor) (types.Ptr, error) {
	p := l.place()
	if l.scan == nil {
		l.scan = l.dest()
	}
	l.reader.aim(p)
	if err := l.reader.explain(cur.Scan(l.scan...)); err != nil {
		return nil, err
	}
	object, err := l.takeRow(p)
	return object, l.reader.explain(err)
}

// takeRow is take for a row that may have no key, and so no object: it is nil then.
func (l *entityLoader) takeRow(p types.Ptr) (types.Ptr, error) {
	there, err := l.settle()
	if err != nil || !there {
		return nil, err
	}
	return l.take(p)
}

// settle reports whether the row that was read has an object. It gives the fields of
// one that may have none their NULLs.
func (l *entityLoader) settle() (there bool, err error) {
	switch {
	case l.keyless == nil:
		return true, nil
	case l.keyless.absent():
		return false, nil
	}
	return true, l.keyless.takeNulls()
}

// take makes an object of a row that was read into place.
func (l *entityLoader) take(p types.Ptr) (types.Ptr, error) {
	if l.family != nil {
		return l.takeAny()
	}
	if l.mode&loadUntracked != 0 {
		return p, l.release(p)
	}
	key, err := l.unit.keyAt(l.mapper, p)
	if err != nil {
		return nil, err
	}
	known := l.table.get(key)
	if known != nil && known.unit == l.unit && known.mapper != l.mapper {
		l.unit.forget(known) // its row is that of another struct now
		known = nil
	}
	if known != nil && known.unit == l.unit {
		if l.meet(known, p) && len(l.refreshed) > 0 {
			if err := tell(l.refreshed, l.unit.owner, known.object); err != nil {
				return nil, err
			}
		}
		if l.group != nil && l.holds() && known.group != l.group {
			l.group.add(known)
		}
		return known.object, nil
	}
	if !l.holds() {
		return p, l.release(p)
	}
	return p, l.hold(p, key)
}

// release hands an object out that the session does not hold.
func (l *entityLoader) release(p types.Ptr) error {
	l.next++
	baseAt(fieldPtr(p, l.mapper.baseOffset)).link = l.mark
	return tell(l.loaded, l.unit.owner, p)
}

// hold makes the session hold a new object.
func (l *entityLoader) hold(p types.Ptr, key identityKey) error {
	inst := &l.instances[l.next]
	*inst = instance{
		mapper: l.mapper, unit: l.unit, object: p, key: key, state: Persistent,
		epoch: l.unit.epoch, touched: l.unit.serial, unloaded: l.unloaded, shard: l.unit.shard,
	}
	inst.takeSnapshot(fieldPtr(l.snapshots, uintptr(l.next)*l.mapper.goType.Size()))
	inst.link()
	l.table.put(inst)
	l.fresh = append(l.fresh, inst)
	if l.group != nil {
		l.group.add(inst)
	}
	l.next++
	if l.announces {
		l.unit.moved(inst, loadedAsPersistent)
	}
	return tell(l.loaded, l.unit.owner, p)
}

// abandon lets go of what a load that failed has made: a result cut short
// leaves nothing behind.
func (l *entityLoader) abandon() {
	for _, inst := range l.fresh {
		l.table.remove(inst)
		inst.makeTransient()
	}
	l.fresh = nil
	if l.family != nil {
		for _, member := range l.family.members {
			member.abandon()
		}
	}
}

// renewTable has the loader look objects up where the session has them now.
func (l *entityLoader) renewTable() {
	l.table = l.unit.identity.table(l.mapper)
	if l.family != nil {
		for _, member := range l.family.members {
			member.renewTable()
		}
	}
}

// meet takes the values of a row over into an object that is known. Of one that
// is fresh only the columns that it lacks are taken; of one that is stale all,
// but fields that the user has changed are left alone. It reports whether anything
// was.
func (l *entityLoader) meet(inst *instance, row types.Ptr) bool {
	switch {
	case l.mode&loadRefresh != 0:
		l.renew(inst, row)
		l.reader.copyComputed(inst.object, row, true)
	case inst.epoch != l.unit.epoch:
		if l.outdates(inst, row) {
			return false
		}
		l.renew(inst, row)
		l.reader.copyComputed(inst.object, row, false)
	case !inst.unloaded.empty() || !inst.expired.empty():
		for _, p := range l.props {
			if inst.unloaded.has(p.index) || inst.expired.has(p.index) {
				inst.absorb(p, row, false)
			}
		}
	default:
		return false
	}
	return true
}

// renew takes a whole row over. The object is fresh if that was all of it.
func (l *entityLoader) renew(inst *instance, row types.Ptr) {
	moved := l.moved(inst, row)
	for _, p := range l.props {
		inst.absorb(p, row, l.mode&loadRefresh != 0)
	}
	for _, r := range moved {
		inst.unlearn(r)
	}
	if l.unloaded.within(inst.unloaded) {
		inst.epoch = l.unit.epoch
	}
}

// moved are the references of an object whose foreign keys are others in a row
// than they were.
func (l *entityLoader) moved(inst *instance, row types.Ptr) []*relationship {
	var moved []*relationship
	for _, r := range l.mapper.rels {
		if r.direction == ManyToOne && slices.ContainsFunc(r.pairs, func(p keyPair) bool {
			return !l.unloaded.has(p.own.index) && !sameField(p.own, inst.snapshot, row)
		}) {
			moved = append(moved, r)
		}
	}
	return moved
}

// outdates reports whether an object was changed on a version of the row that is
// gone. Nothing is taken over then, so that the flush notices.
func (l *entityLoader) outdates(inst *instance, row types.Ptr) bool {
	v := l.mapper.version
	return v != nil && !l.unloaded.has(v.index) && !sameField(v, row, inst.snapshot) && inst.isChanged()
}

// absorb takes one column of a row over. It overwrites what the user has changed
// only if it has to.
func (i *instance) absorb(p *property, row types.Ptr, always bool) {
	unchanged := !i.explicit.has(p.index) && sameField(p, i.object, i.snapshot)
	from := fieldPtr(row, p.offset)
	p.codec.Copy(fieldPtr(i.snapshot, p.offset), from)
	if unchanged || always {
		p.codec.Copy(fieldPtr(i.object, p.offset), from)
		i.explicit = i.explicit.without(p.index)
		delete(i.exprs, p.index)
	}
	i.unloaded, i.expired = i.unloaded.without(p.index), i.expired.without(p.index)
	i.touched = i.unit.serial
}
