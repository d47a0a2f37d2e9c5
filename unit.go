// This file holds the memory of a session: the objects that it holds, what is
// to be written, and for each open transaction and savepoint what it takes to
// put the objects back.

package orm

import (
	"slices"

	"github.com/aurum-go/orm/types"
)

// unit is a unit of work without its manners: what loading and flushing know of
// a session.
type unit struct {
	engine   *Engine
	conn     *Conn // nil outside of a transaction
	legs     *legs // where the session has several engines, of which engine and conn are those in use; else nil
	shard    int   // of the engine in use, from 1; 0 for none
	frames   []*frame
	serial   uint64 // of the newest frame
	epoch    uint64 // counts commits: what was read in an older one is stale
	identity identityMap
	pending  []*instance
	doomed   []*instance
	failure  error          // why the transaction can only be rolled back
	criteria []Criteria     // that hold in what is read for the user
	owner    any            // the session
	watch    watcher        // is told what becomes of objects; nil: nobody is
	altered  bool           // listeners have had a say in what statements read
	linked   []*instance    // which have links to follow
	edits    []edit         // of fields of new objects, which no row puts back
	asked    []memberChange // that are to be written, and do not stand in the fields
}

// watcher is told what becomes of the objects of a unit.
type watcher interface {
	moved(inst *instance, t transition)
	// hears reports whether that means anything to anybody.
	hears(t transition) bool
}

// transition is a step of an object from one state to another.
type transition uint8

const (
	transientToPending transition = iota
	pendingToTransient
	persistentToTransient
	pendingToPersistent
	detachedToPersistent
	loadedAsPersistent
	persistentToDeleted
	deletedToPersistent
	deletedToDetached
	persistentToDetached
	transitions
)

// moved tells of a step that an object has made.
func (u *unit) moved(inst *instance, t transition) {
	if u.watch != nil && u.watch.hears(t) {
		u.watch.moved(inst, t)
	}
}

// dismiss cuts the tie between a struct and its session, and tells of it.
func (u *unit) dismiss(inst *instance) {
	from := inst.state
	inst.makeTransient()
	switch from {
	case Pending:
		u.moved(inst, pendingToTransient)
	case Persistent:
		u.moved(inst, persistentToTransient)
	}
}

// release cuts the tie to the session, but keeps what is known of the row, and
// tells of it.
func (u *unit) release(inst *instance) {
	from := inst.state
	inst.detach()
	switch from {
	case Persistent:
		u.moved(inst, persistentToDetached)
	case Deleted:
		u.moved(inst, deletedToDetached)
	}
}

// memberChange is an object that comes to a collection, or leaves it, of which the
// field of the collection does not tell.
type memberChange struct {
	owner  *instance
	rel    *relationship
	member *instance
	gone   bool
}

// edit is a change of a new object that neither the user has made nor a row tells:
// it is put back if the object is new again.
type edit struct {
	inst    *instance
	putBack func()
	serial  uint64
}

// frame is a transaction or a savepoint, with what it takes to put the objects
// back to where they stood when it began.
type frame struct {
	savepoint string // empty for the transaction itself
	serial    uint64
	undo      map[*instance]*undoRecord
	wrote     bool // rows were changed in it
	committed bool
}

// undoRecord is an object as it was before the frame first wrote it.
type undoRecord struct {
	state    State
	key      identityKey
	snapshot types.Ptr
	unloaded columnSet
	rels     []relationState
	filled   columnSet // columns of a new object that the flush gave values
	replaced columnSet // of those, the ones that had another value before
	values   types.Ptr // a struct with these
}

// fills notes that a column of a new object is given a value.
func (r *undoRecord) fills(inst *instance, p *property) {
	field := fieldPtr(inst.object, p.offset)
	if !r.filled.has(p.index) && !p.codec.IsZero(field) {
		if r.values == nil {
			r.values = newBlock(inst.mapper.goType, 1)
		}
		p.codec.Copy(fieldPtr(r.values, p.offset), field)
		r.replaced = r.replaced.with(p.index)
	}
	r.filled = r.filled.with(p.index)
}

// empty takes back what the flush has put into a new object.
func (r *undoRecord) empty(inst *instance) {
	for _, p := range r.filled.pick(inst.mapper) {
		field := fieldPtr(inst.object, p.offset)
		zeroField(p.goType, field)
		if r.replaced.has(p.index) {
			p.codec.Copy(field, fieldPtr(r.values, p.offset))
		}
	}
}

// fail allows nothing but a rollback from here on. The first cause stays.
func (u *unit) fail(cause error) {
	if u.failure == nil {
		u.failure = cause
	}
	if u.conn != nil {
		u.conn.fail(cause)
	}
}

// remember keeps an object's present standing, once for each frame, before a
// flush changes it.
func (u *unit) remember(inst *instance) *undoRecord {
	f := u.frames[len(u.frames)-1]
	if record := f.undo[inst]; record != nil {
		return record
	}
	record := &undoRecord{state: inst.state, key: inst.key, snapshot: inst.snapshot, unloaded: inst.unloaded, rels: slices.Clone(inst.rels)}
	f.undo[inst] = record
	inst.touched = f.serial
	return record
}

// beforeReading keeps an object's present standing before it learns what others
// belong to it, if that may be undone with the rows that are read.
func (u *unit) beforeReading(inst *instance) {
	if slices.ContainsFunc(u.frames, func(f *frame) bool { return f.wrote }) {
		u.remember(inst)
	}
}

// birth is the record of an object that was new in a frame that is still open,
// or nil.
func (u *unit) birth(inst *instance) *undoRecord {
	for _, f := range u.frames {
		if record := f.undo[inst]; record != nil && record.state == Pending {
			return record
		}
	}
	return nil
}

// noteEdit keeps what a relationship leads to before a flush changes it, where no
// row will tell after a rollback.
func (u *unit) noteEdit(inst *instance, r *relationship) {
	if inst.state == Pending || u.birth(inst) != nil {
		members := slices.Clone(r.read(inst.object))
		u.edits = append(u.edits, edit{inst, func() { r.write(inst.object, members) }, u.serial})
	}
}

// noteFields is noteEdit for columns that are about to take what a statement has
// written.
func (u *unit) noteFields(inst *instance, columns columnSet) {
	if u.birth(inst) == nil {
		return
	}
	before := newBlock(inst.mapper.goType, 1)
	inst.mapper.snapshot(before, inst.object)
	u.edits = append(u.edits, edit{inst, func() {
		for _, p := range columns.pick(inst.mapper) {
			p.codec.Copy(fieldPtr(inst.object, p.offset), fieldPtr(before, p.offset))
		}
	}, u.serial})
}

func (u *unit) push(savepoint string) *frame {
	u.serial++
	f := &frame{savepoint: savepoint, serial: u.serial, undo: map[*instance]*undoRecord{}}
	u.frames = append(u.frames, f)
	return f
}

// depthOf returns where a frame stands, or -1 if it has ended.
func (u *unit) depthOf(f *frame) int { return slices.Index(u.frames, f) }

// unwind takes the objects back to where they stood when the frame at a depth
// began, and drops that frame and those above it.
func (u *unit) unwind(depth int) {
	for _, inst := range u.pending {
		u.dismiss(inst)
	}
	for _, inst := range u.doomed {
		inst.doomed = false
	}
	u.pending, u.doomed, u.asked = nil, nil, nil
	u.dropLinks()
	oldest := u.serial + 1
	for i := len(u.frames) - 1; i >= depth; i-- {
		for inst, record := range u.frames[i].undo {
			u.restore(inst, record)
		}
		oldest = u.frames[i].serial
	}
	u.frames = u.frames[:min(depth, len(u.frames))]
	u.undoEdits(oldest, depth == 0)
	for _, table := range u.identity {
		for _, inst := range table.all {
			inst.forgetLost()
			inst.revert()
			inst.explicit, inst.exprs = columnSet{}, nil
			if inst.touched >= oldest || depth == 0 {
				inst.epoch = 0
				inst.outdateRelations()
			}
		}
	}
}

// undoEdits takes back what flushes have set in objects that are new again.
func (u *unit) undoEdits(oldest uint64, all bool) {
	for len(u.edits) > 0 {
		e := u.edits[len(u.edits)-1]
		if e.serial < oldest && !all {
			return
		}
		if e.inst.state == Transient {
			e.putBack()
		}
		u.edits = u.edits[:len(u.edits)-1]
	}
}

// dropLinks forgets which foreign keys a flush was to take from where.
func (u *unit) dropLinks() {
	for _, inst := range u.linked {
		inst.links = nil
	}
	u.linked = nil
}

// restore puts one object back into its state and place; its fields follow with
// those of all others. One that was expunged meanwhile keeps its fields, but what
// is known of its row is the truth again; one that is another session's by now is
// left alone.
func (u *unit) restore(inst *instance, record *undoRecord) {
	if inst.unit != nil && inst.unit != u {
		return
	}
	table := u.identity.table(inst.mapper)
	table.remove(inst)
	inst.snapshot, inst.key, inst.unloaded, inst.rels = record.snapshot, record.key, record.unloaded, record.rels
	switch {
	case record.state == Pending:
		record.empty(inst)
		u.dismiss(inst)
	case inst.unit == u:
		deleted := inst.state == Deleted
		inst.state = Persistent
		table.put(inst)
		if deleted {
			u.moved(inst, deletedToPersistent)
		}
	}
}

// merge makes what a nested block did a part of the one around it.
func (u *unit) merge(depth int) {
	for len(u.frames) > depth {
		inner, outer := u.frames[len(u.frames)-1], u.frames[len(u.frames)-2]
		for inst, record := range inner.undo {
			if _, known := outer.undo[inst]; !known {
				outer.undo[inst] = record
			}
		}
		outer.wrote = outer.wrote || inner.wrote
		u.frames = u.frames[:len(u.frames)-1]
	}
}

// settleCommit makes what the transaction did final. Objects that stay are
// stale from here on, unless the session keeps them as they are.
func (u *unit) settleCommit(keep bool) {
	for _, f := range u.frames {
		f.committed = true
		for inst := range f.undo {
			if inst.state == Deleted {
				u.release(inst)
			}
		}
	}
	u.frames, u.edits = nil, nil
	if !keep {
		u.epoch++
	}
}

// expunge takes objects out of the session. A rollback still has a say in what is
// known of them.
func (u *unit) expunge(list ...*instance) {
	for _, inst := range list {
		if inst.state == Pending {
			u.dismiss(inst)
			continue
		}
		if inst.state == Persistent {
			u.identity.table(inst.mapper).remove(inst)
		}
		u.release(inst)
	}
	u.dropExpelled()
	u.doomed = slices.DeleteFunc(u.doomed, func(d *instance) bool { return !d.doomed })
}

// dropExpelled lets go of new objects that are the unit's no more.
func (u *unit) dropExpelled() {
	u.pending = slices.DeleteFunc(u.pending, func(i *instance) bool { return i.unit != u })
}

// forget lets go of an object whose row turned out to be gone.
func (u *unit) forget(inst *instance) {
	u.expunge(inst)
	inst.snapshot = nil
}

func (u *unit) expungeAll() {
	for _, inst := range u.pending {
		u.dismiss(inst)
	}
	for _, table := range u.identity {
		for _, inst := range table.all {
			u.release(inst)
		}
	}
	for _, f := range u.frames {
		for inst := range f.undo {
			if inst.state == Deleted {
				u.release(inst)
			}
		}
	}
	u.pending, u.doomed, u.identity = nil, nil, identityMap{}
}

// giveUp detaches all objects for good: whether their rows are written is not
// known, and no rollback finds out.
func (u *unit) giveUp() {
	for _, inst := range u.pending {
		inst.detach()
	}
	u.pending = nil
	u.expungeAll()
	for _, f := range u.frames {
		clear(f.undo)
	}
}

// makeTransient cuts the tie between a struct and its session.
func (i *instance) makeTransient() {
	i.unit, i.state = nil, Transient
	i.leaveGroup()
	if base := i.base(); base.link == any(i) {
		base.link = nil
	}
}

// detach cuts the tie to the session, but keeps what is known of the row.
func (i *instance) detach() {
	if i.state == Deleted {
		i.snapshot = nil
	}
	i.unit, i.state, i.doomed = nil, Detached, false
	i.leaveGroup()
}

func (u *unit) makePending(inst *instance) {
	inst.unit, inst.state = u, Pending
	inst.link()
	u.pending = append(u.pending, inst)
	u.moved(inst, transientToPending)
}

// attach takes back an object that has a row.
func (u *unit) attach(inst *instance) error {
	if u.legs == nil || u.legs.shards == nil || inst.shard > len(u.legs.shards.list) {
		inst.shard = 0
	}
	key, err := u.keyIn(inst.shard, inst.mapper, inst.snapshot)
	if err != nil {
		return err
	}
	table := u.identity.table(inst.mapper)
	if other := table.get(key); other != nil {
		return &UsageError{
			Kind: ErrArgument, Op: "add", Subject: inst.mapper.name, Reason: "the session holds another object for the same row",
			Advice: "use that one",
		}
	}
	inst.unit, inst.state, inst.key, inst.epoch = u, Persistent, key, 0
	inst.outdateRelations()
	inst.link()
	table.put(inst)
	u.moved(inst, detachedToPersistent)
	return nil
}

// find returns the object of the unit at an address whose link is lost, for the
// struct was assigned as a whole: *u = User{ID: u.ID}.
func (u *unit) find(m *Mapper, object types.Ptr) *instance {
	for shard := range u.shards() + 1 {
		if key, err := u.keyIn(shard, m, object); err == nil {
			if inst := u.identity.table(m).get(key); inst != nil && inst.object == object {
				return inst
			}
		}
	}
	return nil
}

// shards is how many shards the session has.
func (u *unit) shards() int {
	if u.legs == nil || u.legs.shards == nil {
		return 0
	}
	return len(u.legs.shards.list)
}

// keyAt is the identity of a row of the engine in use.
func (u *unit) keyAt(m *Mapper, p types.Ptr) (identityKey, error) { return u.keyIn(u.shard, m, p) }

// keyIn is the identity of a row of a shard: the same key on two shards is two rows.
func (u *unit) keyIn(shard int, m *Mapper, p types.Ptr) (identityKey, error) {
	key, err := m.keyAt(p)
	return key.in(shard), err
}

// reclaim ties structs to the unit again that have lost their link so. One that
// was added anew meanwhile has become another object: the old one is let go.
func (u *unit) reclaim() {
	var reused []*instance
	claim := func(inst *instance) (lost bool) {
		if inst.base().link == any(inst) {
			return false
		}
		if other := instanceOf(inst.model()); other != nil {
			return true
		}
		inst.link()
		return false
	}
	u.pending = slices.DeleteFunc(u.pending, claim)
	for _, table := range u.identity {
		for _, inst := range table.all {
			if claim(inst) {
				reused = append(reused, inst)
			}
		}
	}
	u.expunge(reused...)
}

// dirty returns the persistent objects that were changed, mapper by mapper in
// the order of their tables' names and by key within, so that every run sends
// the same statements.
func (u *unit) dirty() []*instance {
	return u.sorted(func(inst *instance) bool { return inst.isChanged() || inst.relationsChanged() })
}

// sorted returns the persistent objects that are wanted, mapper by mapper in the
// order of their tables' names and by key within.
func (u *unit) sorted(wanted func(*instance) bool) []*instance {
	var dirty []*instance
	for _, table := range u.identity {
		for _, inst := range table.all {
			if !inst.doomed && wanted(inst) {
				dirty = append(dirty, inst)
			}
		}
	}
	slices.SortFunc(dirty, compareInstances)
	return dirty
}
