// This file holds what a session knows of one object: its state, its key, and
// the snapshot that it is compared with.

package orm

import (
	"reflect"

	"github.com/aurum-go/orm/types"
)

// State says how an object stands to the database. The words are SQLAlchemy's.
type State uint8

// The states of an object.
const (
	// Transient: a struct like any other.
	Transient State = iota
	// Pending: added to a session, not written yet.
	Pending
	// Persistent: a row of the database, held by a session.
	Persistent
	// Deleted: its row was deleted in a transaction that is still open.
	Deleted
	// Detached: it has or had a row, and no session holds it.
	Detached
)

var stateNames = [...]string{"transient", "pending", "persistent", "deleted", "detached"}

// String returns the state in words.
func (s State) String() string { return stateNames[s] }

// instance is what a session knows of one object.
type instance struct {
	mapper   *Mapper
	unit     *unit     // of the session that holds it, or nil
	object   types.Ptr // the user's struct
	snapshot types.Ptr // a struct of the same type: what the row holds, as far as known; nil before there is a row
	key      identityKey
	slot     int          // where in its identity table
	unloaded columnSet    // columns that were never read
	explicit columnSet    // zero values that are meant to be written
	exprs    map[int]Node // what SQL is to give columns at the next flush, by their index
	expired  columnSet    // columns to be read again when the row is met
	epoch    uint64       // the session's when the row was last read; another one means stale
	touched  uint64       // the frame in which the row was last read or written
	state    State
	doomed   bool // marked for deletion at the next flush
	shard    int  // that has its row, from 1; 0 for none, or as long as none is chosen

	brought *relationship // that a new object has followed into the session

	rels  []relationState // by the index of the relationship; nil as long as nothing is known
	links []parentLink    // foreign keys that the next flush takes from other objects
	group *loadGroup      // of objects that were read together
	place int             // in the group
}

// untracked is what a session leaves in objects that it reads without holding
// them: one for each block of memory that they share.
type untracked struct {
	mapper   *Mapper
	unloaded columnSet
	rels     columnSet // relationships that were read, by their index
	block    types.Ptr
	size     uintptr
}

// left reports whether the object at an address is one of those that it was left
// in, and no copy.
func (u *untracked) left(object types.Ptr) bool { return uintptr(object)-uintptr(u.block) < u.size }

// linkOf returns what the session has left in an object: an *instance, an
// *untracked, or nothing. A copy of a struct brings the original's along, and is
// known for a copy by its address. A struct that is not mapped has
// nothing, and may have no Base either, for it embeds a nil pointer.
func linkOf(m Model) any {
	v := reflect.ValueOf(m)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		return nil
	}
	if _, known := firstMappers.Load(v.Type().Elem()); !known {
		return nil
	}
	return originals(m.ormBase().link, v.UnsafePointer())
}

// linkAt is linkOf for the struct at an address.
func linkAt(m *Mapper, p types.Ptr) any {
	return originals(baseAt(fieldPtr(p, m.baseOffset)).link, p)
}

// instanceAt returns what is known of the struct at an address, or nil.
func instanceAt(m *Mapper, p types.Ptr) *instance {
	inst, _ := linkAt(m, p).(*instance)
	return inst
}

// originals is a link, if it was left in the object itself.
func originals(link any, object types.Ptr) any {
	original := true
	switch link := link.(type) {
	case *instance:
		original = link.object == object
	case *untracked:
		original = link.left(object)
	}
	if !original {
		return nil
	}
	return link
}

// instanceOf returns what is known of an object, or nil.
func instanceOf(m Model) *instance {
	inst, _ := linkOf(m).(*instance)
	return inst
}

// StateOf returns the state of an object. It emits no SQL.
func StateOf(m Model) State {
	switch link := linkOf(m).(type) {
	case *instance:
		return link.state
	case *untracked:
		return Detached
	}
	return Transient
}

// link ties a struct to what is known of it.
func (i *instance) link() { i.base().link = i }

func (i *instance) base() *Base { return baseAt(fieldPtr(i.object, i.mapper.baseOffset)) }

// model returns the user's object.
func (i *instance) model() Model { return modelAt(i.mapper.goType, i.object) }

// rowless reports whether a detached object's row was deleted.
func (i *instance) rowless() bool { return i.state == Detached && i.snapshot == nil }

// expunged reports whether a detached object has a row.
func (i *instance) expunged() bool { return i.state == Detached && i.snapshot != nil }

// stale reports whether the row has to be read again before it is relied on.
func (i *instance) stale() bool {
	return i.unit == nil || i.epoch != i.unit.epoch || !i.expired.empty()
}

// changed returns the columns whose values differ from the row's.
func (i *instance) changed() columnSet {
	var set columnSet
	for _, p := range i.mapper.props {
		if p.served {
			continue // whatever stands there, the database makes the next
		}
		if !sameField(p, i.object, i.snapshot) || i.explicit.has(p.index) || i.exprs[p.index] != nil {
			set = set.with(p.index)
		}
	}
	return set
}

// isChanged reports whether any column differs from the row's.
func (i *instance) isChanged() bool {
	if !i.explicit.empty() || len(i.exprs) > 0 {
		return true
	}
	for _, p := range i.mapper.props {
		if !p.served && !sameField(p, i.object, i.snapshot) {
			return true
		}
	}
	return false
}

// takeSnapshot makes the object's present values those of the row, in a new
// snapshot, so that an older one can be kept.
func (i *instance) takeSnapshot(room types.Ptr) {
	i.mapper.snapshot(room, i.object)
	i.snapshot = room
}

// revert puts the columns of the object back to the snapshot's values.
func (i *instance) revert() {
	for _, p := range i.mapper.props {
		if !sameField(p, i.object, i.snapshot) {
			i.revertField(p)
		}
	}
	i.revertRelations()
}

func (i *instance) revertField(p *property) {
	p.codec.Copy(fieldPtr(i.object, p.offset), fieldPtr(i.snapshot, p.offset))
	i.explicit = i.explicit.without(p.index)
	delete(i.exprs, p.index)
}

// snapshot copies an object's columns into room for a snapshot. What could be
// edited in place is copied in depth.
func (m *Mapper) snapshot(dst, src types.Ptr) {
	copyStruct(m.goType, dst, src)
	for _, p := range m.mutable {
		p.codec.Copy(fieldPtr(dst, p.offset), fieldPtr(src, p.offset))
	}
}
