// This file finds the rows that have to be deleted before others are written,
// because these take over a value that must be unique.

package orm

import (
	"slices"

	"github.com/aurum-go/orm/types"
)

// makeWay splits off what has to be deleted first: the objects whose unique
// values others are to have, and those that refer to them. Objects that are only
// taken away from them are written first as well. Where that cannot be, because
// they wait for new rows themselves, all stays in the usual order.
func (w *workload) makeWay() (first *workload) {
	if len(w.deleted) == 0 || len(w.added)+len(w.changed) == 0 {
		return nil
	}
	early := w.inTheWay()
	if len(early) == 0 {
		return nil
	}
	links := rowLinks(w.mappers())
	for at := 0; at < len(early); at++ {
		for _, l := range links {
			early = l.referring(early[at], w.deleted, early)
		}
	}
	var loosened []*instance
	for _, inst := range early {
		for _, l := range links {
			loosened = l.referring(inst, w.changed, loosened)
		}
	}
	if slices.ContainsFunc(loosened, (*instance).waits) {
		return nil
	}
	among := func(list []*instance) func(*instance) bool {
		return func(i *instance) bool { return slices.Contains(list, i) }
	}
	w.deleted = slices.DeleteFunc(w.deleted, among(early))
	w.changed = slices.DeleteFunc(w.changed, among(loosened))
	slices.SortFunc(early, compareInstances)
	slices.SortFunc(loosened, compareInstances)
	return &workload{changed: loosened, deleted: early}
}

// waits reports whether an object takes a key from one that is not written yet.
func (i *instance) waits() bool {
	return slices.ContainsFunc(i.links, func(l parentLink) bool { return l.parent != nil && l.parent.state == Pending })
}

// inTheWay returns the objects to be deleted that have a unique value which
// another object is to have.
func (w *workload) inTheWay() []*instance {
	var found []*instance
	for _, m := range w.mappers() {
		for _, props := range m.uniques() {
			taken := map[string]*instance{}
			for _, inst := range w.deleted {
				if text, whole := rowText(props, inst.snapshot); whole && inst.mapper == m {
					taken[text] = inst
				}
			}
			for _, inst := range slices.Concat(w.changed, w.added) {
				if inst.mapper != m || len(taken) == 0 {
					continue
				}
				if old := taken[inst.upcoming(props)]; old != nil && !slices.Contains(found, old) {
					found = append(found, old)
				}
			}
		}
	}
	return found
}

// uniques are the lists of columns that are unique, besides the primary key.
func (m *Mapper) uniques() [][]*property {
	var lists [][]*property
	add := func(names []string) {
		var props []*property
		for _, name := range names {
			props = append(props, m.byColumn[name])
		}
		if len(props) > 0 && !slices.Contains(props, nil) {
			lists = append(lists, props)
		}
	}
	for _, u := range m.table.uniques {
		add(u.columns)
	}
	for _, i := range m.table.indexes {
		if i.unique {
			add(i.columnNames())
		}
	}
	return lists
}

// upcoming is the values of columns as they will be written, in one text; empty
// where one is NULL or not known yet.
func (i *instance) upcoming(props []*property) string {
	var text []byte
	for _, p := range props {
		from, row := i.origin(p)
		part, whole := "", row != nil
		if whole {
			part, whole = rowText([]*property{from}, row)
		}
		if !whole {
			return ""
		}
		text = append(text, part...)
	}
	return string(text)
}

// origin is where the value of a column will come from: the object itself, or the
// one whose key it takes.
func (i *instance) origin(p *property) (*property, types.Ptr) {
	for n := range i.links {
		for _, pair := range i.links[n].pairs {
			switch parent := i.links[n].parent; {
			case pair.own != p:
			case parent == nil || parent.state == Pending:
				return nil, nil
			default:
				return pair.far, parent.object
			}
		}
	}
	return p, i.object
}

// referring adds those of some objects whose rows refer to that of another one.
func (l rowLink) referring(to *instance, among, found []*instance) []*instance {
	target, whole := "", to.mapper == l.to
	if whole {
		target, whole = rowText(l.target, to.snapshot)
	}
	if !whole {
		return found
	}
	for _, inst := range among {
		if inst.mapper != l.from || inst == to || slices.Contains(found, inst) {
			continue
		}
		if text, whole := rowText(l.fields, inst.snapshot); whole && text == target {
			found = append(found, inst)
		}
	}
	return found
}
