// This file is the address book of entity references: it finds, for a pointer
// to a field such as &u.Name, the reference u and where in it the field lies.

package orm

import (
	"cmp"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
)

// referent is what a range of addresses belongs to: an entity reference.
type referent interface {
	// fieldNode returns the node for the field of that type at an offset. The
	// type tells a struct from its first field, which share an address.
	fieldNode(offset uintptr, goType reflect.Type) Node
}

// addressRange is the memory of one entity reference. References live for
// ever, so a range never comes free.
type addressRange struct {
	start, end uintptr
	owner      referent
}

// addressBook keeps ranges in order of their addresses. Reads take no lock: a
// new range replaces the whole list.
type addressBook struct {
	write  sync.Mutex
	ranges atomic.Pointer[[]addressRange]
}

var addresses addressBook

// add enters the memory of an entity reference.
func (b *addressBook) add(start, size uintptr, owner referent) {
	b.write.Lock()
	defer b.write.Unlock()
	var list []addressRange
	if old := b.ranges.Load(); old != nil {
		list = *old
	}
	entry := addressRange{start, start + size, owner}
	i, _ := slices.BinarySearchFunc(list, start, compareStart)
	list = slices.Insert(slices.Clone(list), i, entry)
	b.ranges.Store(&list)
}

// find returns the owner of an address, and the offset in it.
func (b *addressBook) find(address uintptr) (referent, uintptr, bool) {
	list := b.ranges.Load()
	if list == nil {
		return nil, 0, false
	}
	i, exact := slices.BinarySearchFunc(*list, address, compareStart)
	if !exact {
		i--
	}
	if i < 0 || address >= (*list)[i].end {
		return nil, 0, false
	}
	return (*list)[i].owner, address - (*list)[i].start, true
}

func compareStart(r addressRange, address uintptr) int { return cmp.Compare(r.start, address) }

// fieldAt returns the node for a pointer into an entity reference. A pointer
// to anything else is a mistake that comes out where SQL would be sent.
func fieldAt(pointer uintptr, goType reflect.Type) Node {
	if owner, offset, ok := addresses.find(pointer); ok {
		return owner.fieldNode(offset, goType)
	}
	return &errorNode{&UsageError{
		Kind: ErrArgument, Op: "refer to", Subject: "*" + goType.String(), Reason: "the pointer does not point into an entity reference",
		Advice: "take the address of a field of orm.Entity[T]() or orm.Alias[T](name); for a value use the value itself",
	}}
}
