// This file finds the rows that have to be written or deleted before others,
// because these take over a value that must be unique.

package orm

import (
	"slices"

	"github.com/aurum-go/orm/types"
)

// makeWay splits off what has to be written first: the objects to be deleted whose
// unique values others are to have, with those that refer to them, and the objects
// that give up such a value. Objects that are only taken away from those deleted
// are written first as well. Where that cannot be, because they wait for new rows
// themselves, all stays in the usual order.
func (w *workload) makeWay() (first *workload) {
	if len(w.added)+len(w.changed) == 0 {
		return nil
	}
	early, loosened := w.inTheWay()
	if len(early)+len(loosened) == 0 {
		return nil
	}
	isEarly, isLoosened := map[*instance]bool{}, map[*instance]bool{}
	early, loosened = once(early, isEarly), once(loosened, isLoosened)
	if len(early) > 0 {
		links := rowLinks(w.mappers())
		deleted, changed := referringRows(links, w.deleted), referringRows(links, w.changed)
		for at := 0; at < len(early); at++ {
			early = append(early, once(deleted(early[at]), isEarly)...)
		}
		for _, inst := range early {
			loosened = append(loosened, once(changed(inst), isLoosened)...)
		}
	}
	if slices.ContainsFunc(loosened, (*instance).waits) {
		return nil
	}
	w.deleted = slices.DeleteFunc(w.deleted, func(i *instance) bool { return isEarly[i] })
	w.changed = slices.DeleteFunc(w.changed, func(i *instance) bool { return isLoosened[i] })
	slices.SortFunc(early, compareInstances)
	slices.SortFunc(loosened, compareInstances)
	return &workload{changed: loosened, deleted: early}
}

// once are those of a list that were not seen before.
func once(list []*instance, seen map[*instance]bool) []*instance {
	var fresh []*instance
	for _, inst := range list {
		if !seen[inst] {
			seen[inst] = true
			fresh = append(fresh, inst)
		}
	}
	return fresh
}

// waits reports whether an object takes a key from one that is not written yet.
func (i *instance) waits() bool {
	return slices.ContainsFunc(i.links, func(l parentLink) bool { return l.parent != nil && l.parent.state == Pending })
}

// inTheWay returns the objects to be deleted that have a unique value which
// another object is to have, and those that give one up, unless they are to have
// another one themselves.
func (w *workload) inTheWay() (deleted, changed []*instance) {
	takes := map[*instance]bool{}
	for _, m := range w.mappers() {
		for _, props := range m.uniques() {
			for taker, holder := range w.handovers(m, props) {
				takes[taker] = true
				if holder.doomed {
					deleted = append(deleted, holder)
				} else {
					changed = append(changed, holder)
				}
			}
		}
	}
	return deleted, slices.DeleteFunc(changed, func(i *instance) bool { return takes[i] || i.waits() })
}

// handovers are the objects that are to have the unique values of others, with
// those. The key of a row that is deleted goes to new objects alone.
func (w *workload) handovers(m *Mapper, props []*property) map[*instance]*instance {
	holders := map[string]*instance{}
	var moving []*instance
	hold := func(inst *instance) {
		if text, whole := rowText(props, inst.snapshot); whole {
			holders[text] = inst
		}
	}
	for _, inst := range w.deleted {
		if inst.has(m.table, props) {
			hold(inst)
		}
	}
	isKey := slices.Equal(props, m.keys)
	for _, inst := range w.changed {
		if inst.has(m.table, props) && !isKey && inst.alters(props) {
			hold(inst)
			moving = append(moving, inst)
		}
	}
	if len(holders) == 0 {
		return nil
	}
	found := map[*instance]*instance{}
	for _, inst := range slices.Concat(moving, w.added) {
		if !inst.has(m.table, props) {
			continue
		}
		if old := holders[inst.upcoming(props)]; old != nil && old != inst {
			found[inst] = old
		}
	}
	return found
}

// has reports whether the row of an object has columns of a table.
func (i *instance) has(t *Table, props []*property) bool {
	return slices.Contains(i.mapper.tables(), t) && !slices.ContainsFunc(props, func(p *property) bool {
		return !p.key && (p.index >= len(i.mapper.props) || i.mapper.props[p.index] != p)
	})
}

// alters reports whether the object is to have another value in one of some
// columns than its row.
func (i *instance) alters(props []*property) bool {
	return slices.ContainsFunc(props, func(p *property) bool { return i.linksTo(p) || !sameField(p, i.object, i.snapshot) })
}

// linksTo reports whether a link says what a column is to be.
func (i *instance) linksTo(p *property) bool {
	return slices.ContainsFunc(i.links, func(l parentLink) bool { return slices.Contains(ownProps(l.pairs), p) })
}

// uniques are the lists of columns that are unique, the primary key among them.
func (m *Mapper) uniques() [][]*property {
	lists := [][]*property{m.keys}
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

// referringRows returns what finds those of some objects whose rows refer to that
// of another one.
func referringRows(links []rowLink, among []*instance) func(*instance) []*instance {
	indexes := make([]map[string][]*instance, len(links))
	for n, l := range links {
		indexes[n] = map[string][]*instance{}
		for _, inst := range among {
			if !inst.mapper.writes(l.from) {
				continue
			}
			if text, whole := rowText(l.fields, inst.snapshot); whole {
				indexes[n][text] = append(indexes[n][text], inst)
			}
		}
	}
	return func(to *instance) (found []*instance) {
		for n, l := range links {
			if !to.mapper.writes(l.to) {
				continue
			}
			if text, whole := rowText(l.target, to.snapshot); whole {
				found = append(found, indexes[n][text]...)
			}
		}
		return slices.DeleteFunc(found, func(i *instance) bool { return i == to })
	}
}
