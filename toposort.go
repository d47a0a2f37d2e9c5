// This file puts items into an order in which each stands behind those that it
// needs, and finds the circles that forbid one. It knows nothing of tables or
// rows. The algorithm is Tarjan's for strongly connected components, which
// come out in that very order; with a stack of its own in place of recursion.

package orm

import "slices"

// toposort returns the items so that each stands behind those that before names
// for it. Items are taken in the order given, each pulling those that it needs
// to its front, so input that is in order already comes back unchanged. What
// before names and is no item is ignored, as is an item's second occurrence.
//
// Items that need each other, or an item that needs itself, form a cycle. Every
// cycle is reported with its members in input order; in order they stand side
// by side, behind what the cycle needs and before what needs it.
func toposort[T comparable](items []T, before func(T) []T) (order []T, cycles [][]T) {
	s := newSorter(items, before)
	for i, item := range items {
		if s.index[item] == i && s.number[i] == 0 {
			s.visit(i)
		}
	}
	return s.order, s.cycles
}

// sorter is the state of one run. Items go by their position in the input.
type sorter[T comparable] struct {
	items  []T
	before func(T) []T
	index  map[T]int
	number []int  // in which order items were met, from 1; 0 for not yet
	low    []int  // the lowest number on the path that the item leads back to
	open   []int  // items that were met and are in no component yet
	isOpen []bool // whether an item is in open
	loops  map[int]bool
	path   []sortStep[T]
	order  []T
	cycles [][]T
}

// sortStep is an item on the path, with what it needs and was not looked at.
type sortStep[T comparable] struct {
	item    int
	pending []T
}

func newSorter[T comparable](items []T, before func(T) []T) *sorter[T] {
	s := &sorter[T]{
		items: items, before: before, index: make(map[T]int, len(items)), number: make([]int, len(items)),
		low: make([]int, len(items)), isOpen: make([]bool, len(items)), loops: map[int]bool{}, order: make([]T, 0, len(items)),
	}
	for i, item := range items {
		if _, known := s.index[item]; !known {
			s.index[item] = i
		}
	}
	return s
}

// visit orders an item and all that it needs.
func (s *sorter[T]) visit(root int) {
	s.enter(root)
	for len(s.path) > 0 {
		step := &s.path[len(s.path)-1]
		if len(step.pending) == 0 {
			s.leave(step.item)
			continue
		}
		next, known := s.index[step.pending[0]]
		step.pending = step.pending[1:]
		switch {
		case !known:
		case next == step.item:
			s.loops[next] = true
		case s.number[next] == 0:
			s.enter(next)
		case s.isOpen[next]:
			s.low[step.item] = min(s.low[step.item], s.number[next])
		}
	}
}

func (s *sorter[T]) enter(item int) {
	number := len(s.order) + len(s.open) + 1
	s.number[item], s.low[item] = number, number
	s.open, s.isOpen[item] = append(s.open, item), true
	s.path = append(s.path, sortStep[T]{item, s.before(s.items[item])})
}

// leave ends an item. If nothing behind it leads further back on the path, it
// and what was opened since are a component.
func (s *sorter[T]) leave(item int) {
	s.path = s.path[:len(s.path)-1]
	if s.low[item] == s.number[item] {
		s.close(item)
	}
	if len(s.path) > 0 {
		parent := s.path[len(s.path)-1].item
		s.low[parent] = min(s.low[parent], s.low[item])
	}
}

func (s *sorter[T]) close(item int) {
	first := len(s.open) - 1
	for s.open[first] != item {
		first--
	}
	members := s.open[first:]
	s.open = s.open[:first]
	slices.Sort(members)
	from := len(s.order)
	for _, i := range members {
		s.isOpen[i] = false
		s.order = append(s.order, s.items[i])
	}
	if len(members) > 1 || s.loops[item] {
		s.cycles = append(s.cycles, slices.Clone(s.order[from:]))
	}
}
