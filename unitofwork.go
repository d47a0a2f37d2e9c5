// This file plans a flush: what is new, changed and deleted becomes a list of
// batches, in an order that the foreign keys of the tables allow. The plan is
// data; persist.go runs it.

package orm

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/aurum-go/orm/types"
)

type batchKind uint8

const (
	batchInsert batchKind = iota
	batchUpdate
	batchDelete
	batchReplace // an UPDATE by which a new object takes over the row of a deleted one
)

// batch is objects of one mapper that are written in one way: the same columns,
// by one statement, or by few where there are many objects.
type batch struct {
	kind     batchKind
	mapper   *Mapper
	columns  columnSet
	items    []*instance
	replaced *instance           // by the one item of a batchReplace
	late     bool                // it writes foreign keys that had to wait for all rows
	goesOn   bool                // further tables of the same rows are to be written
	number   func(*instance) int // of the caller's rows; nil: they have none
}

// action is what a flush does in one step.
type action interface {
	run(ctx context.Context, u *unit, conn *Conn) error
	// settle makes the objects what the action has made of their rows.
	settle(u *unit)
}

// flushPlan is what a flush is going to do, in order.
type flushPlan struct {
	actions   []action
	relations *relationWork
	keysAtEnd bool // rows that refer to each other can be deleted by one statement
	watched   bool // listeners have a say in what is written
}

func (p *flushPlan) empty() bool { return len(p.actions) == 0 }

// written is a batch, or an action that wraps one.
type written interface{ written() *batch }

func (b *batch) written() *batch { return b }

// single returns the batch of a plan that writes one object and does nothing
// else, or nil.
func (p *flushPlan) single() *batch {
	if len(p.actions) == 1 {
		if b, ok := p.actions[0].(*batch); ok && len(b.items) == 1 {
			return b
		}
	}
	return nil
}

// workload is the objects that have to be written.
type workload struct {
	changed  []*instance
	added    []*instance             // in the order in which they were
	replaces map[*instance]*instance // which of those deleted an object added stands in for
	deleted  []*instance             // less those replaced
}

func (w *workload) empty() bool { return len(w.changed)+len(w.added)+len(w.deleted) == 0 }

// readOnly refuses to write objects whose rows come from a query.
func (w *workload) readOnly() error {
	for _, inst := range slices.Concat(w.added, w.changed, w.deleted) {
		if t := inst.mapper.table; t.derived != nil {
			what := "a view"
			if t.inline() {
				what = "a SELECT"
			}
			return &UsageError{
				Kind: ErrUnsupported, Op: "flush", Subject: inst.mapper.name, Reason: "it is mapped to " + what + ", which is read and not written",
				Advice: "write the objects that it is made of",
			}
		}
	}
	return nil
}

// planFlush collects the work. It reads what has to be known of relationships
// for that, and begins a transaction if there is anything to read.
func (u *unit) planFlush(ctx context.Context, begin func(context.Context) error) (*flushPlan, error) {
	u.reclaim()
	u.dropLinks()
	relations, err := u.relate(ctx, begin)
	if err != nil {
		return nil, err
	}
	plan, work := &flushPlan{relations: relations, keysAtEnd: u.legs == nil && u.engine.Dialect().Features().KeysAtEnd}, u.workload()
	if work.empty() && len(relations.rows)+len(relations.purges) == 0 {
		return plan, nil
	}
	if err := work.readOnly(); err != nil {
		return nil, err
	}
	plan.addDetours(work)
	first := work.makeWay()
	if first != nil {
		plan.addPurges()
		plan.addRows(first, func() { plan.add(lateSteps(first), true) })
	}
	plan.addRows(work, func() {
		plan.add(lateSteps(work), true)
		plan.addLinks()
		if first == nil {
			plan.addPurges()
		}
	})
	if plan.empty() {
		u.asked = nil
	}
	return plan, nil
}

// addRows adds the rows that are to be saved, what comes between, and the rows
// that are to be deleted.
func (p *flushPlan) addRows(work *workload, between func()) {
	groups := work.groups()
	for _, g := range groups {
		steps := g.saves(work)
		if g.circular {
			rank(g.mappers, steps, (*instance).current)
			slices.SortStableFunc(steps, func(a, b step) int { return cmp.Compare(a.level, b.level) })
		}
		p.add(steps, !g.circular)
	}
	between()
	for _, g := range slices.Backward(groups) {
		steps := g.deletes(work)
		if g.circular {
			rank(g.mappers, steps, (*instance).stored)
			slices.SortStableFunc(steps, func(a, b step) int { return cmp.Compare(b.level, a.level) })
		}
		if p.keysAtEnd && g.refersAtRest() {
			for i := range steps {
				steps[i].level = 0
			}
		}
		p.add(steps, true)
	}
}

// addLinks adds the rows of link tables that come and go.
func (p *flushPlan) addLinks() {
	for _, b := range p.relations.linkBatches() {
		p.actions = append(p.actions, &b)
	}
}

// addPurges adds the link rows that go with objects.
func (p *flushPlan) addPurges() {
	for _, purge := range p.relations.purges {
		p.actions = append(p.actions, &purge)
	}
}

// lateSteps are the UPDATEs of the foreign keys of relationships with
// post_update: of what was saved, and of what is to be deleted.
func lateSteps(work *workload) []step {
	var steps []step
	for _, inst := range slices.Concat(work.changed, work.added) {
		if set := inst.lateColumns(); !set.empty() {
			steps = append(steps, inst.updateSteps(inst.mapper.withOwnColumns(set), true)...)
		}
	}
	for _, inst := range work.deleted {
		if set := inst.loosen(); !set.empty() {
			steps = append(steps, inst.updateSteps(inst.mapper.withOwnColumns(set), true)...)
		}
	}
	return steps
}

// unwritten returns the persistent objects of which columns are to be written,
// in the order of dirty.
func (u *unit) unwritten() []*instance {
	return u.sorted(func(inst *instance) bool {
		return inst.isChanged() || len(inst.links) > 0 && !inst.linkedColumns().empty()
	})
}

func (u *unit) workload() *workload {
	w := &workload{changed: u.unwritten(), added: u.pending, deleted: slices.Clone(u.doomed)}
	if len(w.deleted) == 0 {
		return w
	}
	slices.SortFunc(w.deleted, compareInstances)
	w.replaces = map[*instance]*instance{}
	taken := map[*instance]bool{}
	for _, inst := range w.added {
		if old := u.replacedBy(inst); old != nil && !taken[old] {
			w.replaces[inst], taken[old] = old, true
		}
	}
	w.deleted = slices.DeleteFunc(w.deleted, func(inst *instance) bool { return taken[inst] })
	return w
}

// replacedBy returns the object to be deleted that has the key of a new one:
// the new one takes over its row. What the database would have to fill in it
// fills on INSERT alone, so then it is none.
func (u *unit) replacedBy(inst *instance) *instance {
	if inst.mapper.parts != nil {
		return nil
	}
	for _, p := range inst.mapper.props {
		if !inst.givesValue(p) {
			return nil
		}
	}
	key, err := u.keyIn(inst.shard, inst.mapper, inst.object)
	if err != nil {
		return nil
	}
	if old := u.identity.table(inst.mapper).get(key); old != nil && old.doomed && old.mapper == inst.mapper {
		return old
	}
	return nil
}

// mapperGroup is a mapper, or several whose tables refer to each other in a
// circle. Within a circle, which a table that refers to itself is as well, only
// the rows tell what comes first.
type mapperGroup struct {
	mappers  []*Mapper
	circular bool
}

// groups returns the mappers of the work, each behind those whose tables its own
// refers to.
func (w *workload) groups() []mapperGroup {
	mappers := w.mappers()
	byTable := mappersByTable(mappers)
	order, circles := toposort(mappers, func(m *Mapper) []*Mapper {
		var before []*Mapper
		for _, key := range m.table.foreignKeys {
			before = append(before, byTable[key.targetTable()]...)
		}
		return before
	})
	return grouped(order, circles)
}

// mappersByTable finds the mappers that write to a table: several, where structs
// inherit.
func mappersByTable(mappers []*Mapper) map[*Table][]*Mapper {
	byTable := make(map[*Table][]*Mapper, len(mappers))
	for _, m := range mappers {
		byTable[m.table] = append(byTable[m.table], m)
	}
	return byTable
}

// mappers returns the mappers of the work, in the order of their tables' names.
func (w *workload) mappers() []*Mapper {
	var mappers []*Mapper
	seen := map[*Mapper]bool{}
	for _, list := range [][]*instance{w.changed, w.added, w.deleted} {
		for _, inst := range list {
			if m := inst.mapper; !seen[m] {
				seen[m] = true
				mappers = append(mappers, m.writtenTo()...)
			}
		}
	}
	slices.SortStableFunc(mappers, func(a, b *Mapper) int { return strings.Compare(a.table.FullName(), b.table.FullName()) })
	return unique(mappers)
}

// unique leaves out what stands there a second time.
func unique(mappers []*Mapper) []*Mapper {
	var once []*Mapper
	for _, m := range mappers {
		if !slices.Contains(once, m) {
			once = append(once, m)
		}
	}
	return once
}

// grouped puts the members of each circle, which stand side by side, together.
func grouped(order []*Mapper, circles [][]*Mapper) []mapperGroup {
	var groups []mapperGroup
	for len(order) > 0 {
		g := mapperGroup{mappers: order[:1]}
		for _, circle := range circles {
			if slices.Contains(circle, order[0]) {
				g = mapperGroup{mappers: order[:len(circle)], circular: true}
			}
		}
		groups = append(groups, g)
		order = order[len(g.mappers):]
	}
	return groups
}

// step is one row that is to be written.
type step struct {
	kind     batchKind
	inst     *instance
	mapper   *Mapper // of the table
	columns  columnSet
	replaced *instance
	late     bool
	goesOn   bool // further tables of the row are to be written
	level    int  // how many others stand before it, each referring to the next
}

// saves are the rows of the group that are updated and inserted: by table those
// that are there first, in the order of their keys, then the new ones, in the
// order in which they were added.
func (g mapperGroup) saves(w *workload) []step {
	var steps []step
	for _, m := range g.mappers {
		for _, inst := range w.changed {
			if inst.mapper.writes(m) {
				steps = append(steps, inst.partOf(m, inst.updateSteps(inst.changedShape(), false))...)
			}
		}
		for _, inst := range w.added {
			if !inst.mapper.writes(m) {
				continue
			}
			if old := w.replaces[inst]; old != nil {
				steps = append(steps, step{kind: batchReplace, inst: inst, mapper: m, replaced: old})
			} else {
				steps = append(steps, inst.insertStep(m))
			}
		}
	}
	return steps
}

func (g mapperGroup) deletes(w *workload) []step {
	var steps []step
	for _, m := range slices.Backward(g.mappers) {
		for _, inst := range w.deleted {
			if inst.mapper.writes(m) {
				steps = append(steps, step{kind: batchDelete, inst: inst, mapper: m, goesOn: m.isPart})
			}
		}
	}
	return steps
}

// refersAtRest reports whether the group is one table whose rows refer to each
// other by foreign keys that do nothing when a row is deleted but complain. What
// does more, does it row by row.
func (g mapperGroup) refersAtRest() bool {
	if len(g.mappers) > 1 {
		return false
	}
	table := g.mappers[0].table
	return !slices.ContainsFunc(table.foreignKeys, func(k *ForeignKey) bool {
		return k.targetTable() == table && k.onDelete != "" && k.onDelete != NoAction
	})
}

// add puts steps of one kind and shape that stand side by side into one batch.
// UPDATEs of one shape may go together from wherever they stand, if no row waits
// for another. Rows that wait for each other are not deleted together: some
// databases check row by row.
func (p *flushPlan) add(steps []step, free bool) {
	type shape struct {
		mapper  *Mapper
		columns columnSet
		goesOn  bool
	}
	updates := map[shape]*batch{}
	var last *batch
	for i, s := range steps {
		b := &batch{kind: s.kind, mapper: s.mapper, columns: s.columns, items: []*instance{s.inst}, replaced: s.replaced, late: s.late, goesOn: s.goesOn}
		beside := last != nil && last.takes(b) && (steps[i-1].level == s.level || s.kind != batchDelete && !s.inst.waits())
		same := updates[shape{b.mapper, b.columns, b.goesOn}]
		switch {
		case beside:
			last.items = append(last.items, s.inst)
		case same != nil && free && s.kind == batchUpdate && !b.alone():
			same.items = append(same.items, s.inst)
		default:
			p.actions = append(p.actions, b)
			last = b
			if s.kind == batchUpdate && !b.alone() {
				updates[shape{b.mapper, b.columns, b.goesOn}] = b
			}
		}
	}
}

// takes reports whether another batch is of the same statement.
func (b *batch) takes(o *batch) bool {
	return b.kind == o.kind && b.mapper == o.mapper && b.columns == o.columns && b.goesOn == o.goesOn && !b.alone() && !o.alone()
}

// alone reports whether the object of a batch has a statement of its own.
func (b *batch) alone() bool { return b.kind == batchReplace || len(b.items[0].exprs) > 0 }

// current and stored are the struct that the user has filled, and the one that
// says what the row holds.
func (i *instance) current() types.Ptr { return i.object }
func (i *instance) stored() types.Ptr  { return i.snapshot }

// changedShape is the columns that an UPDATE of the object sets.
func (i *instance) changedShape() columnSet {
	return i.mapper.withOwnColumns(i.changed().and(i.linkedColumns()))
}

// withOwnColumns adds the columns that every UPDATE sets of its own accord, and
// leaves the one out that the database sets.
func (m *Mapper) withOwnColumns(set columnSet) columnSet {
	for _, p := range m.props {
		switch {
		case p.served:
			set = set.without(p.index)
		case p.version || p.onUpdate:
			set = set.with(p.index)
		}
	}
	return set
}

// insertShape is the columns that an INSERT of the object gives values for. A
// zero in a column that has a default leaves it to the default.
func (i *instance) insertShape() columnSet {
	var set columnSet
	for _, p := range i.mapper.props {
		if i.givesValue(p) {
			set = set.with(p.index)
		}
	}
	return set
}

// givesValue reports whether the column is not left to the database.
func (i *instance) givesValue(p *property) bool {
	return !p.served && (p == i.mapper.sorts || !p.auto && p.column.server.IsZero() || !i.usesDefault(p))
}

// usesDefault reports whether the field says nothing, so that a default counts.
func (i *instance) usesDefault(p *property) bool {
	return !i.explicit.has(p.index) && i.exprs[p.index] == nil && !i.linksColumn(p) && p.codec.IsZero(fieldPtr(i.object, p.offset))
}

// runBatches sends the batches on a connection. What stops it half way, a panic
// included, leaves nothing possible but a rollback.
func (u *unit) runBatches(ctx context.Context, conn *Conn, plan *flushPlan) (err error) {
	done := false
	defer func() {
		switch {
		case err != nil:
			u.fail(err)
		case !done:
			u.fail(&UsageError{Kind: ErrTxFailed, Op: "flush", Reason: "a panic ended it"})
		}
		u.pending = slices.DeleteFunc(u.pending, func(inst *instance) bool { return inst.state != Pending })
		u.doomed = slices.DeleteFunc(u.doomed, func(inst *instance) bool { return !inst.doomed })
	}()
	if len(u.frames) > 0 {
		u.frames[len(u.frames)-1].wrote = true
	}
	for _, a := range plan.actions {
		if u.legs != nil {
			err = u.runRouted(ctx, a)
		} else {
			err = a.run(ctx, u, conn)
		}
		if err != nil {
			return err
		}
		a.settle(u)
	}
	plan.relations.settle(plan)
	done = true
	return nil
}

func (b *batch) settle(u *unit) {
	if b.goesOn {
		return // the last table does it
	}
	if b.kind == batchDelete {
		table := u.identity.table(b.mapper)
		for _, inst := range b.items {
			inst.state, inst.doomed = Deleted, false
			table.remove(inst)
			u.moved(inst, persistentToDeleted)
		}
		return
	}
	for items := range slices.Chunk(b.items, mostRoom) {
		rooms := newRooms(items)
		for n, inst := range items {
			written := b.columns
			if inst.mapper.parts != nil && inst.snapshot != nil {
				written = inst.changed()
			}
			inst.takeSnapshot(rooms[n])
			inst.unloaded, inst.expired = inst.unloaded.minus(written), inst.expired.minus(written)
			for index := range inst.exprs {
				inst.expired = inst.expired.with(index)
			}
			inst.explicit, inst.exprs = columnSet{}, nil
		}
	}
}

// newRooms makes room for the snapshots of objects.
func newRooms(items []*instance) []types.Ptr {
	rooms := make([]types.Ptr, len(items))
	for from := 0; from < len(items); {
		t, to := items[from].mapper.goType, from
		for to < len(items) && items[to].mapper.goType == t {
			to++
		}
		block := newBlock(t, to-from)
		for n := range to - from {
			rooms[from+n] = fieldPtr(block, uintptr(n)*t.Size())
		}
		from = to
	}
	return rooms
}
