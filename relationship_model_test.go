// This file is the model of the random test of relationships: what a flush should
// make of rows, said as plainly as possible.

package orm_test

import (
	"maps"
	"slices"
)

// fact is what a row says, or is to say.
type fact struct {
	name    string
	version int
	parents map[*tie]*thing
	crests  map[*thing]bool
}

func (f *fact) clone() *fact {
	return &fact{f.name, f.version, maps.Clone(f.parents), maps.Clone(f.crests)}
}

// sameColumns reports whether two facts differ in nothing but links.
func (f *fact) sameColumns(o *fact) bool {
	return f.name == o.name && !slices.ContainsFunc(ties, func(t *tie) bool { return f.parents[t] != o.parents[t] })
}

// realm is the rows, as the session's transaction sees them, and what is to become
// of them.
type realm struct {
	rows   map[*thing]*fact // never changed in place
	wants  map[*thing]*fact // of rows that are held, and of new ones
	fresh  []*thing         // that have no row yet
	doomed map[*thing]bool
	taken  map[move]bool // from a collection, and put nowhere
	moved  map[move]bool // in this flush
	linked map[[2]*thing]bool
}

type move struct {
	child *thing
	tie   *tie
}

func newRealm() *realm {
	r := &realm{rows: map[*thing]*fact{}}
	r.settle()
	return r
}

// settle begins anew from the rows.
func (r *realm) settle() {
	r.wants, r.fresh, r.doomed, r.taken, r.moved, r.linked = map[*thing]*fact{}, nil, map[*thing]bool{}, map[move]bool{}, map[move]bool{}, map[[2]*thing]bool{}
	for x, f := range r.rows {
		r.wants[x] = f.clone()
	}
}

// things are those that exist or are to, in the order in which they were made.
func (r *realm) things() []*thing {
	return slices.SortedFunc(maps.Keys(r.wants), func(a, b *thing) int { return a.n - b.n })
}

// flush makes rows of what is wanted. It returns what is gone: rows that are
// deleted, and new things that never get one.
func (r *realm) flush() (gone map[*thing]bool) {
	gone = maps.Clone(r.doomed)
	for _, x := range r.things() {
		for _, t := range ties {
			if t.orphan && t.child == x.role && r.wants[x].parents[t] == nil {
				gone[x] = true
			}
		}
	}
	for n := -1; n < len(gone); {
		n = len(gone)
		for _, x := range r.things() {
			for _, t := range ties {
				r.follow(x, t, gone)
			}
		}
	}
	rows := map[*thing]*fact{}
	for _, x := range r.things() {
		if gone[x] {
			continue
		}
		f := r.wants[x].clone()
		if old := r.rows[x]; old == nil {
			f.version = 1
		} else if !f.sameColumns(old) {
			f.version++
		}
		maps.DeleteFunc(f.crests, func(c *thing, _ bool) bool { return gone[c] })
		rows[x] = f
	}
	r.rows = rows
	r.settle()
	return gone
}

// follow settles what becomes of a thing whose parent is gone.
func (r *realm) follow(x *thing, t *tie, gone map[*thing]bool) {
	if t.child != x.role || gone[x] {
		return
	}
	parent := r.wants[x].parents[t]
	if r.taken[move{x, t}] {
		parent = r.rows[x].parents[t]
	}
	switch isNew := r.rows[x] == nil; {
	case parent == nil || !gone[parent]:
	case t.cascade && (r.rows[parent] != nil || isNew), t.orphan:
		gone[x] = true
	default:
		r.wants[x].parents[t] = nil
	}
}
