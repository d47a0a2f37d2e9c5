// This file keeps who listens to the objects of a struct: one list for each Go
// type, whatever registries have it. It knows only functions; what they are given
// is settled where events are declared.

package orm

import (
	"context"
	"reflect"
	"sync"
	"sync/atomic"

	"github.com/aurum-go/orm/types"
)

// rowMoment is when a flush calls the listeners of a row.
type rowMoment uint8

const (
	beforeInsert rowMoment = iota
	afterInsert
	beforeUpdate
	afterUpdate
	beforeDelete
	afterDelete
	rowMoments
)

// rowListener is called with the session and the address of the object.
type rowListener func(ctx context.Context, session any, object types.Ptr) error

// rowMethods are the methods that a struct has for the moments of its rows, or nil.
type rowMethods struct {
	at  [rowMoments]rowListener
	any bool
}

// objectListener is called where nothing may be sent.
type objectListener func(session any, object types.Ptr) error

// fieldListener watches one field of a struct.
type fieldListener struct {
	offset   uintptr
	goType   reflect.Type
	validate func(field types.Ptr) error
	admit    func(member types.Ptr) error // that comes to a relationship
	changed  func(ctx context.Context, session any, object, before, after types.Ptr) error
}

// typeListeners are those who listen to the objects of a struct, and what else is
// said of it in Go and not by its tags.
type typeListeners struct {
	rows       [rowMoments]hooks[rowListener]
	validators hooks[*fieldListener]
	changes    hooks[*fieldListener]
	loads      hooks[objectListener]
	refreshes  hooks[objectListener]
	expires    hooks[objectListener]
	configured hooks[func(*Mapper)]
	computed   hooks[*columnProperty] // fields that stand for expressions
	writing    atomic.Int32           // how many listen to what is written
}

// listenersByType holds, for a struct, who listens: reflect.Type → *typeListeners.
var listenersByType sync.Map

func listenersOf(t reflect.Type) *typeListeners {
	if known, ok := listenersByType.Load(t); ok {
		return known.(*typeListeners)
	}
	made, _ := listenersByType.LoadOrStore(t, &typeListeners{})
	return made.(*typeListeners)
}

// listen adds a listener of what is written.
func listen[F any](l *typeListeners, h *hooks[F], f F) (remove func()) {
	l.writing.Add(1)
	taken := h.add(f)
	return sync.OnceFunc(func() {
		taken()
		l.writing.Add(-1)
	})
}

// forebear is a struct whose listeners hear of the objects of a mapper, and where
// in these it lies.
type forebear struct {
	listeners *typeListeners
	offset    uintptr
}

// lineage are the structs whose listeners hear of the mapper's objects: its own
// last.
func (m *Mapper) lineage() []forebear { return m.line }

// listenedTo reports whether anybody listens to the rows of the mapper's objects.
func (m *Mapper) listenedTo() bool {
	for _, f := range m.lineage() {
		if f.listeners.writing.Load() > 0 {
			return true
		}
	}
	return false
}

// tellConfigured calls those who wait for the mapper to be complete.
func (m *Mapper) tellConfigured() {
	for _, f := range m.lineage() {
		for _, hook := range f.listeners.configured.list() {
			hook(m)
		}
	}
}

// tellLoaded is who is to hear of objects that are read, or nil.
func (m *Mapper) tellLoaded() []told {
	return m.toldBy(func(l *typeListeners) *hooks[objectListener] { return &l.loads })
}

// tellRefreshed is who is to hear of objects that are read again, or nil.
func (m *Mapper) tellRefreshed() []told {
	return m.toldBy(func(l *typeListeners) *hooks[objectListener] { return &l.refreshes })
}

// tellExpired is who is to hear of objects that are expired, or nil.
func (m *Mapper) tellExpired() []told {
	return m.toldBy(func(l *typeListeners) *hooks[objectListener] { return &l.expires })
}

// told is a listener with where in an object his struct lies.
type told struct {
	listener objectListener
	offset   uintptr
}

func (m *Mapper) toldBy(of func(*typeListeners) *hooks[objectListener]) []told {
	var list []told
	for _, f := range m.lineage() {
		for _, listener := range of(f.listeners).list() {
			list = append(list, told{listener, f.offset})
		}
	}
	return list
}

// tell calls listeners for an object.
func tell(list []told, session any, object types.Ptr) error {
	for _, t := range list {
		if err := t.listener(session, fieldPtr(object, t.offset)); err != nil {
			return err
		}
	}
	return nil
}
