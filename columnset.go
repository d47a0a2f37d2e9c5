// This file holds sets of columns of one mapper, as small comparable values.

package orm

import "strings"

// columnSet is a set of properties of one mapper, by their index. The first 64
// need no memory of their own. Sets compare with ==, and are map keys.
type columnSet struct {
	low  uint64
	high string // one byte of eight members each, from index 64 on, without zero bytes at its end
}

func (s columnSet) empty() bool { return s.low == 0 && s.high == "" }

func (s columnSet) has(i int) bool {
	if i < 64 {
		return s.low&(1<<i) != 0
	}
	at := (i - 64) / 8
	return at < len(s.high) && s.high[at]&(1<<((i-64)%8)) != 0
}

// with returns the set with a member more.
func (s columnSet) with(i int) columnSet {
	if i < 64 {
		s.low |= 1 << i
		return s
	}
	at := (i - 64) / 8
	bytes := []byte(s.high)
	for len(bytes) <= at {
		bytes = append(bytes, 0)
	}
	bytes[at] |= 1 << ((i - 64) % 8)
	s.high = string(bytes)
	return s
}

// without returns the set less a member.
func (s columnSet) without(i int) columnSet {
	if i < 64 {
		s.low &^= 1 << i
		return s
	}
	if !s.has(i) {
		return s
	}
	bytes := []byte(s.high)
	bytes[(i-64)/8] &^= 1 << ((i - 64) % 8)
	s.high = strings.TrimRight(string(bytes), "\x00")
	return s
}

// and returns the set with the members of another.
func (s columnSet) and(o columnSet) columnSet {
	s.low |= o.low
	if o.high == "" {
		return s
	}
	bytes := []byte(s.high)
	for at := range len(o.high) {
		if at == len(bytes) {
			bytes = append(bytes, 0)
		}
		bytes[at] |= o.high[at]
	}
	s.high = string(bytes)
	return s
}

// minus returns the set less the members of another.
func (s columnSet) minus(o columnSet) columnSet {
	s.low &^= o.low
	if s.high == "" || o.high == "" {
		return s
	}
	bytes := []byte(s.high)
	for at := range min(len(bytes), len(o.high)) {
		bytes[at] &^= o.high[at]
	}
	s.high = strings.TrimRight(string(bytes), "\x00")
	return s
}

// within reports whether every member is one of another set's.
func (s columnSet) within(o columnSet) bool { return s.minus(o).empty() }

// setOf returns the set of properties.
func setOf(props []*property) columnSet {
	var s columnSet
	for _, p := range props {
		s = s.with(p.index)
	}
	return s
}

// pick returns the properties of a mapper that are in the set.
func (s columnSet) pick(m *Mapper) []*property { return s.choose(m, true) }

// omit returns the properties of a mapper that are not in the set.
func (s columnSet) omit(m *Mapper) []*property { return s.choose(m, false) }

func (s columnSet) choose(m *Mapper, members bool) []*property {
	var props []*property
	for _, p := range m.props {
		if s.has(p.index) == members {
			props = append(props, p)
		}
	}
	return props
}
