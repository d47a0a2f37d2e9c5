// This file finds out which rows have to be written before which others, where
// tables alone do not tell: a table that refers to itself, or tables in a circle.

package orm

import (
	"slices"

	"github.com/aurum-go/orm/types"
)

// rowLink is a foreign key from the rows of one mapper to those of another, or
// of the same.
type rowLink struct {
	from, to       *Mapper
	fields, target []*property
}

// rowLinks are the foreign keys among some mappers.
func rowLinks(mappers []*Mapper) []rowLink {
	byTable := mappersByTable(mappers)
	var links []rowLink
	for _, m := range mappers {
		for _, key := range m.table.foreignKeys {
			referred, err := key.Referred()
			if err != nil {
				continue
			}
			for _, to := range byTable[key.targetTable()] {
				l := rowLink{from: m, to: to}
				for i, column := range referred {
					l.fields = append(l.fields, m.byColumn[key.columns[i]])
					l.target = append(l.target, to.byColumn[column.name])
				}
				if !slices.Contains(l.fields, nil) && !slices.Contains(l.target, nil) {
					links = append(links, l)
				}
			}
		}
	}
	return links
}

// rank gives each step its level: one more than the highest of those that its
// row refers to. An UPDATE is nothing to wait for, for the row is there.
func rank(mappers []*Mapper, steps []step, values func(*instance) types.Ptr) {
	needs := make([][]int, len(steps))
	for _, l := range rowLinks(mappers) {
		l.collect(steps, values, needs)
	}
	collectParents(steps, needs)
	positions := make([]int, len(steps))
	for i := range positions {
		positions[i] = i
	}
	order, _ := toposort(positions, func(i int) []int { return needs[i] })
	for _, i := range order {
		for _, before := range needs[i] {
			steps[i].level = max(steps[i].level, steps[before].level+1)
		}
	}
}

// collectParents adds which steps each step has to wait for because its object
// takes its foreign key from that of another one, or is in a further table.
func collectParents(steps []step, needs [][]int) {
	at := make(map[*instance]int, len(steps))
	for i, s := range steps {
		if s.kind != batchInsert {
			continue
		}
		if before, further := at[s.inst]; further {
			needs[i] = append(needs[i], before)
		}
		at[s.inst] = i
	}
	for i, s := range steps {
		for n := range s.inst.links {
			l := &s.inst.links[n]
			if before, known := at[l.parent]; known && before != i && !l.rel.postpones() {
				needs[i] = append(needs[i], before)
			}
		}
	}
}

// collect adds to needs which steps each step has to wait for by this link.
func (l rowLink) collect(steps []step, values func(*instance) types.Ptr, needs [][]int) {
	targets := map[string]int{}
	for i, s := range steps {
		if s.mapper != l.to || s.kind == batchUpdate || s.kind == batchInsert && s.inst.keyless() {
			continue
		}
		if text, ok := rowText(l.target, values(s.inst)); ok {
			targets[text] = i
		}
	}
	for i, s := range steps {
		if s.mapper != l.from || s.inst.loosened(l.fields) {
			continue
		}
		text, ok := rowText(l.fields, values(s.inst))
		if before, known := targets[text]; ok && known && before != i {
			needs[i] = append(needs[i], before)
		}
	}
}

// keyless reports whether the database is to make the object's key.
func (i *instance) keyless() bool { return i.mapper.auto != nil && !i.givesValue(i.mapper.auto) }

// rowText is the values of some fields in one text, unless one of them is NULL.
func rowText(props []*property, row types.Ptr) (string, bool) {
	var text []byte
	for _, p := range props {
		v, err := p.codec.Encode(fieldPtr(row, p.offset))
		if err != nil || v == nil {
			return "", false
		}
		if text, err = appendKeyPart(text, v); err != nil {
			return "", false
		}
	}
	return string(text), true
}
