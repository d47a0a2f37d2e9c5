// This file compares what a random walk has done with its model: the objects, the
// lists of what is to be written, and the rows.

package orm_test

import (
	"fmt"
	"maps"
	"slices"

	"github.com/aurum-go/orm"
)

// picture is what the fields of an object say, in words.
type picture struct {
	columns string
	refs    map[*tie]orm.Model
	lists   map[*tie][]orm.Model
	loaded  map[*tie]bool
}

func (k *stroll) picture(x *thing) picture {
	p := picture{refs: map[*tie]orm.Model{}, lists: map[*tie][]orm.Model{}, loaded: map[*tie]bool{}}
	id, name, version := x.fields()
	p.columns = fmt.Sprint(*id, *name, *version)
	for _, t := range lists {
		if t.ref != nil && t.child == x.role {
			p.refs[t] = t.ref(x)
		}
		if t.parent == x.role {
			p.lists[t], p.loaded[t] = t.all(x), orm.Loaded(x.obj, t.allAt(x))
		}
	}
	return p
}

// sameMembers reports whether two lists have the same objects.
func sameMembers(a, b []orm.Model) bool {
	has := map[orm.Model]bool{}
	for _, o := range a {
		has[o] = true
	}
	return len(a) == len(b) && !slices.ContainsFunc(b, func(o orm.Model) bool { return !has[o] })
}

func (p picture) same(o picture) bool {
	return p.columns == o.columns && maps.Equal(p.refs, o.refs) && maps.EqualFunc(p.lists, o.lists, sameMembers)
}

// lacking are the objects that another list does not have.
func lacking(list, other []orm.Model) []orm.Model {
	return slices.DeleteFunc(slices.Clone(list), func(o orm.Model) bool { return slices.Contains(other, o) })
}

// checkUnflushed compares what the session says that it is going to write.
func (k *stroll) checkUnflushed() {
	k.Helper()
	k.keepDrafts()
	var dirty, doomed, fresh []orm.Model
	for _, x := range k.r.things() {
		switch {
		case k.r.doomed[x]:
			doomed = append(doomed, x.obj)
		case k.r.rows[x] != nil && !k.known[x].same(k.picture(x)):
			dirty = append(dirty, x.obj)
		case k.r.rows[x] == nil && orm.StateOf(x.obj) == orm.Pending:
			fresh = append(fresh, x.obj)
		}
	}
	for name, lists := range map[string][2][]orm.Model{"Dirty": {k.s.Dirty(), dirty}, "Deleted": {k.s.Deleted(), doomed}, "New": {k.s.New(), fresh}} {
		if !sameMembers(lists[0], lists[1]) {
			k.Fatalf("%s has %v in place of %v", name, k.names(lists[0]), k.names(lists[1]))
		}
	}
}

// keepDrafts keeps what new things say before a flush changes it.
func (k *stroll) keepDrafts() {
	for _, x := range k.r.things() {
		if now := k.picture(x); k.base.rows[x] == nil && (k.drafts[x] == nil || !k.known[x].same(now)) {
			k.drafts[x] = append(k.drafts[x], now)
		}
	}
}

// checkDraft compares a thing that is new again with what it was before a flush.
func (k *stroll) checkDraft(x *thing) {
	k.Helper()
	id, _, version := x.fields()
	if orm.StateOf(x.obj) != orm.Transient || *id != 0 || *version != 0 {
		k.Fatalf("new %v is %v: %d %d", x, orm.StateOf(x.obj), *id, *version)
	}
	now := k.picture(x)
	for _, t := range lists {
		ref := func(p picture) bool { return now.refs[t] == p.refs[t] }
		list := func(p picture) bool { return sameMembers(now.lists[t], p.lists[t]) }
		if !slices.ContainsFunc(k.drafts[x], ref) || !slices.ContainsFunc(k.drafts[x], list) {
			k.Fatalf("new %v is not put back: %s", x, t.name)
		}
		if t.ref != nil && t.child == x.role && t.key(x) != 0 {
			k.Fatalf("new %v has the key of a %s", x, t.name)
		}
	}
}

func (k *stroll) names(list []orm.Model) []string {
	var names []string
	for _, o := range list {
		names = append(names, k.byObj[o].String())
	}
	return names
}

// compare compares everything after a flush or rollback, and takes it for known.
func (k *stroll) compare() {
	k.Helper()
	for _, x := range k.r.things() {
		k.compareObject(x, k.r.rows[x])
	}
	k.compareRows()
	if n := len(k.s.Dirty()) + len(k.s.New()) + len(k.s.Deleted()); n > 0 {
		k.Fatalf("there is something to flush: %v %v %v", k.names(k.s.Dirty()), k.names(k.s.New()), k.names(k.s.Deleted()))
	}
	k.known = map[*thing]picture{}
	for x := range k.r.rows {
		k.known[x] = k.picture(x)
	}
}

func (k *stroll) compareObject(x *thing, f *fact) {
	k.Helper()
	id, name, version := x.fields()
	if x.id == 0 {
		x.id = *id
	}
	if counts := x.role <= wing; orm.StateOf(x.obj) != orm.Persistent || *id == 0 || *id != x.id || *name != f.name || counts && *version != f.version {
		k.Fatalf("%v is %v: %d %s %d in place of %d %s %d", x, orm.StateOf(x.obj), *id, *name, *version, x.id, f.name, f.version)
	}
	for _, t := range ties {
		if t.child != x.role {
			continue
		}
		parent, ref := f.parents[t], t.ref(x)
		if ref == nil && parent != nil && orm.Loaded(x.obj, t.at(x)) || ref != nil && k.byObj[ref] != parent {
			k.Fatalf("%v.%s is %v in place of %v", x, t.name, k.byObj[ref], parent)
		}
		if parent == nil && t.key(x) != 0 || parent != nil && t.key(x) != k.idOf(parent) {
			k.Fatalf("the key of %v.%s is %d in place of %v's", x, t.name, t.key(x), parent)
		}
	}
	for _, t := range lists {
		if t.parent == x.role {
			k.compareList(x, t)
		}
	}
}

func (k *stroll) idOf(x *thing) int64 {
	id, _, _ := x.fields()
	return *id
}

// members are the things that a collection should have.
func (k *stroll) members(x *thing, t *tie) map[*thing]bool {
	all := map[*thing]bool{}
	for other, f := range k.r.rows {
		if other.role == t.child && (f.parents[t] == x || t == &wingsOf && f.crests[x]) || t == &crestsOf && k.r.rows[x].crests[other] {
			all[other] = true
		}
	}
	return all
}

// compareList compares a collection: if it counts as loaded, all of it, else what
// is there. What was deleted may be in it still.
func (k *stroll) compareList(x *thing, t *tie) {
	k.Helper()
	want, got := k.members(x, t), map[*thing]bool{}
	for _, o := range t.all(x) {
		m := k.byObj[o]
		switch state := orm.StateOf(o); {
		case got[m]:
			k.Fatalf("%v has %v twice", x, m)
		case want[m], k.r.rows[m] == nil && (state == orm.Deleted || state == orm.Detached):
			got[m] = true
		default:
			k.Fatalf("%v has %v in %s, which has %v", x, m, t.name, slices.Collect(maps.Keys(want)))
		}
	}
	for m := range want {
		if !got[m] && orm.Loaded(x.obj, t.allAt(x)) {
			k.Fatalf("%v lacks %v in %s", x, m, t.name)
		}
	}
}

// compareRows reads the rows, through the session where that is in a transaction.
func (k *stroll) compareRows() {
	k.Helper()
	var on orm.Executor = k.db.Engine
	if k.s.InTransaction() {
		on = k.s
	}
	want, got := map[string]bool{}, map[string]bool{}
	for x, f := range k.r.rows {
		line := fmt.Sprint(roleNames[x.role], " ", x.id, " ", f.name)
		for _, t := range ties {
			if t.child == x.role {
				key := int64(0)
				if p := f.parents[t]; p != nil {
					key = p.id
				}
				line += fmt.Sprint(" ", key)
			}
		}
		if x.role <= wing {
			line += fmt.Sprint(" v", f.version)
		}
		want[line] = true
		for c := range f.crests {
			want[fmt.Sprint("link ", x.id, " ", c.id)] = true
		}
	}
	for _, line := range k.rows(on) {
		got[line] = true
	}
	if !maps.Equal(want, got) {
		k.Fatalf("there are the rows\n%v\nin place of\n%v", slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want)))
	}
}

// rows are all rows there are, in words.
func (k *stroll) rows(on orm.Executor) []string {
	m, w, l, d, c := orm.Entity[Manor](), orm.Entity[Wing](), orm.Entity[Lamp](), orm.Entity[Warden](), orm.Entity[Crest]()
	links := manors.Metadata().Table("wing_crests")
	var lines []string
	for name, stmt := range map[string]orm.Statement{
		"manor":  orm.Select(orm.C(&m.ID), orm.C(&m.Name), orm.C(&m.Version)),
		"wing":   orm.Select(orm.C(&w.ID), orm.C(&w.Name), orm.C(&w.ManorID), orm.N(&w.WardenID), orm.C(&w.Version)),
		"lamp":   orm.Select(orm.C(&l.ID), orm.C(&l.Name), orm.C(&l.WingID)),
		"warden": orm.Select(orm.C(&d.ID), orm.C(&d.Name), orm.N(&d.BossID)),
		"crest":  orm.Select(orm.C(&c.ID), orm.C(&c.Name)),
		"link":   orm.Select(links.C("wing_id"), links.C("crest_id")),
	} {
		found, err := orm.Fetch[orm.M](k.ctx, on, stmt)
		k.must(err)
		for _, row := range found {
			lines = append(lines, line(name, row))
		}
	}
	return lines
}

func line(name string, row orm.M) string {
	for _, column := range []string{"id", "name", "manor_id", "warden_id", "wing_id", "boss_id", "crest_id"} {
		if v, there := row[column]; there && v == nil {
			name += " 0"
		} else if there {
			name += fmt.Sprint(" ", v)
		}
	}
	if v, there := row["version"]; there {
		name += fmt.Sprint(" v", v)
	}
	return name
}

// rollback compares what a rollback leaves with what there was.
func (k *stroll) rolledBack(to *frozen) {
	k.Helper()
	for _, x := range k.r.things() {
		if to.rows[x] == nil {
			k.checkDraft(x)
		}
	}
	k.r.rows = to.rows
	k.r.settle()
	for x := range to.rows {
		now, was := k.picture(x), to.known[x]
		for t, ref := range was.refs {
			if now.refs[t] != ref && !orm.Loaded(x.obj, t.at(x)) {
				k.Fatalf("%v.%s is not put back", x, t.name)
			}
		}
		for t, all := range was.lists {
			if !now.loaded[t] && (was.loaded[t] || !sameMembers(k.withRows(all), k.withRows(now.lists[t]))) {
				k.Fatalf("the %ss of %v are not put back: %v in place of %v, which was loaded: %t", roleNames[t.child], x, k.names(now.lists[t]), k.names(all), was.loaded[t])
			}
		}
	}
	k.compare()
}

// withRows are the objects of a list less those that were deleted for good.
func (k *stroll) withRows(list []orm.Model) []orm.Model {
	return slices.DeleteFunc(slices.Clone(list), func(o orm.Model) bool { return k.r.rows[k.byObj[o]] == nil })
}
