// This file holds the list of listeners behind every event: typed, in the order
// in which they were added, read without a lock. It knows only functions; an
// event's type is declared beside the one who emits it.

package orm

import (
	"slices"
	"sync"
	"sync/atomic"
)

// hooks is a list of listeners of one type of function. The zero value is an
// empty list. It is safe for concurrent use, also while its listeners run.
type hooks[F any] struct {
	write   sync.Mutex
	lastID  uint64
	current atomic.Pointer[hookList[F]]
}

// hookList is never changed: another one takes its place.
type hookList[F any] struct {
	ids   []uint64
	funcs []F
}

// add puts a listener at the end and returns a function that takes it out
// again, once or many times.
func (h *hooks[F]) add(f F) (remove func()) {
	h.write.Lock()
	defer h.write.Unlock()
	h.lastID++
	id := h.lastID
	next := &hookList[F]{}
	if old := h.current.Load(); old != nil {
		next.ids, next.funcs = slices.Clone(old.ids), slices.Clone(old.funcs)
	}
	next.ids, next.funcs = append(next.ids, id), append(next.funcs, f)
	h.current.Store(next)
	return func() { h.remove(id) }
}

func (h *hooks[F]) remove(id uint64) {
	h.write.Lock()
	defer h.write.Unlock()
	old := h.current.Load()
	i := slices.Index(old.ids, id)
	switch {
	case i < 0:
		return
	case len(old.ids) == 1:
		h.current.Store(&hookList[F]{})
		return
	}
	h.current.Store(&hookList[F]{
		ids:   slices.Delete(slices.Clone(old.ids), i, i+1),
		funcs: slices.Delete(slices.Clone(old.funcs), i, i+1),
	})
}

// list returns the listeners of this moment, to be read only; nil if there are
// none.
func (h *hooks[F]) list() []F {
	if l := h.current.Load(); l != nil {
		return l.funcs
	}
	return nil
}

// empty reports whether nobody listens.
func (h *hooks[F]) empty() bool { return len(h.list()) == 0 }

// attached is what a layer above keeps in a value of one below, made when it is first
// asked for. It is safe for concurrent use.
type attached struct{ value atomic.Pointer[any] }

func (a *attached) get(create func() any) any {
	if known := a.value.Load(); known != nil {
		return *known
	}
	made := create()
	a.value.CompareAndSwap(nil, &made)
	return *a.value.Load()
}
