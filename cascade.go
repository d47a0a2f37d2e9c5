// This file finds what follows along: the objects that are saved because others
// lead to them, and those that are deleted with others.

package orm

import (
	"context"
	"fmt"
	"slices"

	"github.com/aurum-go/orm/types"
)

// saveFrom adds to the unit what objects lead to by save-update, however far. Of
// the first ones, which the unit holds already, only what came counts: others it
// may have been told to let go.
func (u *unit) saveFrom(roots []*instance, held bool) error {
	var problems []error
	first := len(roots)
	for at := 0; at < len(roots); at++ {
		inst := roots[at]
		for _, r := range inst.mapper.rels {
			members := u.toSave(inst, r, held && at < first)
			if r.writeOnly() && len(members) > 0 {
				problems = append(problems, r.refuseWhole(ErrArgument, "flush"))
				continue
			}
			for _, p := range members {
				added, err := u.follow(inst, r, p)
				if err != nil {
					problems = append(problems, err)
				} else if added != nil {
					roots = append(roots, added)
				}
			}
		}
	}
	return joinErrors(problems)
}

// toSave are the objects that a relationship leads to: those that came, if the
// unit has held the object before, or else all, and those that were taken away
// when nobody held it, or another unit did.
func (u *unit) toSave(inst *instance, r *relationship, held bool) []types.Ptr {
	came, went := inst.relationChange(r)
	if held {
		return came
	}
	members := r.read(inst.object)
	for _, p := range went {
		if old := r.member(p); old != nil && !old.rowless() && old.unit != u && r.has(cascadeSave) {
			members = append(slices.Clip(members), p)
		}
	}
	return members
}

// follow adds one object that another one leads to, unless it is there. It
// returns what it has added.
func (u *unit) follow(inst *instance, r *relationship, p types.Ptr) (*instance, error) {
	if p == nil {
		return nil, &UsageError{Kind: ErrArgument, Op: "flush", Subject: r.fullName(), Reason: "there is a nil in the collection", Advice: "take it out"}
	}
	if _, _, isReference := addresses.find(uintptr(p)); isReference {
		return nil, &UsageError{Kind: ErrArgument, Op: "flush", Subject: r.fullName(), Reason: "it leads to an entity reference, and no object"}
	}
	link := linkAt(r.target, p)
	known, _ := link.(*instance)
	switch {
	case r.viewOnly:
		return nil, nil
	case known != nil && known.unit == u && known.state == Deleted && !slices.Contains(inst.related(r).members, p):
		return nil, &UsageError{Kind: ErrArgument, Op: "flush", Subject: r.fullName(), Reason: "it leads to an object that was deleted in this transaction", Advice: "use a copy"}
	case known != nil && known.unit == u:
		return nil, nil
	case known != nil && known.rowless() && slices.Contains(inst.related(r).members, p):
		return nil, nil
	case !r.has(cascadeSave):
		return nil, &UsageError{
			Kind: ErrNotPersistent, Op: "flush", Subject: r.fullName(), Reason: "it leads to an object that the session does not hold, and does not cascade save-update",
			Advice: "add the object",
		}
	case known != nil && known.unit != nil:
		return nil, &UsageError{Kind: ErrOtherSession, Op: "flush", Subject: r.fullName(), Reason: "it leads to an object of another session", Advice: "expunge it there first"}
	case link == nil || known != nil && known.rowless():
		known = &instance{mapper: r.target, object: p, brought: r}
		u.makePending(known)
		return known, nil
	case known == nil:
		known = u.adopted(r.target, p, link.(*untracked))
	}
	return known, u.attach(known)
}

// adopted is an object that was read without being held, to be written as a
// whole, for nobody knows what was changed in it.
func (u *unit) adopted(m *Mapper, p types.Ptr, link *untracked) *instance {
	inst := &instance{mapper: m, object: p, unloaded: link.unloaded}
	inst.takeSnapshot(newBlock(m.goType, 1))
	for _, prop := range m.props {
		switch {
		case inst.unloaded.has(prop.index):
			zeroField(prop.goType, fieldPtr(inst.snapshot, prop.offset)) // as it was read
		case !prop.key && !prop.version:
			inst.explicit = inst.explicit.with(prop.index)
		}
	}
	return inst
}

// along returns an object and what it leads to by a cascade, as far as it is in
// memory and the unit holds it.
func (u *unit) along(inst *instance, c cascades) []*instance {
	list, seen := []*instance{inst}, map[*instance]bool{inst: true}
	for at := 0; at < len(list); at++ {
		for _, r := range list[at].mapper.rels {
			if !r.has(c) {
				continue
			}
			for _, p := range r.read(list[at].object) {
				if p == nil {
					continue
				}
				if next := r.member(p); next != nil && next.unit == u && !seen[next] {
					seen[next] = true
					list = append(list, next)
				}
			}
		}
	}
	return list
}

// withRelations returns the objects whose relationships lead elsewhere than
// their rows do, persistent ones in the order of their keys, then the new ones.
func (u *unit) withRelations() []*instance {
	var list []*instance
	for m, table := range u.identity {
		if len(m.rels) == 0 {
			continue
		}
		for _, inst := range table.all {
			if !inst.doomed && inst.relationsChanged() {
				list = append(list, inst)
			}
		}
	}
	slices.SortFunc(list, compareInstances)
	for _, inst := range u.pending {
		if len(inst.mapper.rels) > 0 {
			list = append(list, inst)
		}
	}
	return list
}

// doom marks an object for deletion. A new one is to leave the session instead.
func (u *unit) doom(inst *instance) {
	switch {
	case inst.unit != u || inst.doomed:
	case inst.state == Pending:
		u.dismiss(inst)
	case inst.state == Persistent:
		inst.doomed = true
		u.doomed = append(u.doomed, inst)
	}
}

// doom is doom for what a flush finds out. A new object that leaves the session
// takes others along as one that is deleted does.
func (w *relationWork) doom(inst *instance) {
	if inst.unit == w.unit && inst.state == Pending {
		w.leaving = append(w.leaving, inst)
	}
	w.unit.doom(inst)
}

// undoDoom returns what takes back all that is doomed from here on.
func (u *unit) undoDoom() func() {
	pending, doomed := slices.Clone(u.pending), len(u.doomed)
	return func() {
		for _, inst := range u.doomed[doomed:] {
			inst.doomed = false
		}
		u.doomed = u.doomed[:doomed]
		for _, inst := range pending {
			if inst.unit == nil {
				inst.unit, inst.state = u, Pending
				inst.link()
				u.moved(inst, transientToPending)
			}
		}
		u.pending = pending
	}
}

// cascadeDeletes follows the relationships of the objects to be deleted, and of
// the new ones that leave: what goes with them is marked as well, what stays loses
// its foreign key. It reads what has to be known for that.
func (w *relationWork) cascadeDeletes(ctx context.Context) error {
	for doomed, left := 0, 0; doomed < len(w.unit.doomed) || left < len(w.leaving); {
		fresh := slices.Concat(w.unit.doomed[doomed:], w.leaving[left:])
		doomed, left = len(w.unit.doomed), len(w.leaving)
		byMapper := map[*Mapper][]*instance{}
		var mappers []*Mapper
		for _, inst := range fresh {
			if len(inst.mapper.rels) > 0 && byMapper[inst.mapper] == nil {
				mappers = append(mappers, inst.mapper)
			}
			byMapper[inst.mapper] = append(byMapper[inst.mapper], inst)
		}
		for _, m := range mappers {
			for _, r := range m.rels {
				if err := w.cascadeDelete(ctx, r, byMapper[m]); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// cascadeDelete follows one relationship of objects that go. Of those that were
// never written the database knows nothing, so that nothing is left to it.
func (w *relationWork) cascadeDelete(ctx context.Context, r *relationship, parents []*instance) error {
	written := slices.DeleteFunc(slices.Clone(parents), func(i *instance) bool { return !i.doomed })
	switch {
	case r.viewOnly:
		return nil
	case r.passive == passiveFull:
		parents = slices.DeleteFunc(slices.Clone(parents), func(i *instance) bool { return i.doomed })
	case r.direction == ManyToMany && !r.link.cascades && len(written) > 0:
		w.unlinkAll(r, written)
	}
	if r.direction != OneToMany && !r.has(cascadeDelete) {
		return nil
	}
	if r.passive == passiveNo {
		if err := w.load(ctx, r, written); err != nil {
			return err
		}
	}
	for _, parent := range parents {
		for _, p := range w.followers(r, parent) {
			if child := r.member(p); child != nil && child.unit == w.unit && !w.movedAway(r, child, parent) {
				w.goesWith(r, child, parent)
			}
		}
	}
	return nil
}

// goesWith settles what becomes of what belongs to an object that goes. A new
// object that leaves takes others along that have no row either, or cannot be
// without a parent.
func (w *relationWork) goesWith(r *relationship, child, parent *instance) {
	switch {
	case r.has(cascadeDelete) && (parent.doomed || child.state == Pending), r.direction == OneToMany && r.has(cascadeOrphan):
		w.doom(child)
	case r.direction == OneToMany && child.state <= Persistent && !child.doomed:
		w.release(r, child, parent)
	}
}

// load reads a relationship of those objects for which it is not known: all of it,
// whatever criteria the session has. What they hide must not be left behind. Where it
// leads to their own struct, what is known to be behind them comes along, or each
// level would be a statement.
func (w *relationWork) load(ctx context.Context, r *relationship, parents []*instance) error {
	missing := slices.DeleteFunc(slices.Clone(parents), func(i *instance) bool { return i.knowsAll(r) })
	if r.target == r.owner && len(missing) > 0 {
		missing = slices.DeleteFunc(w.unit.behind(missing, r), func(i *instance) bool { return i.knowsAll(r) })
	}
	if len(missing) == 0 {
		return nil
	}
	if err := w.begin(ctx); err != nil {
		return err
	}
	return w.unit.loadRelated(ctx, r, missing, nil, true)
}

// behind returns objects and what is known to be behind them by a relationship,
// however far, as far as the unit holds it.
func (u *unit) behind(objects []*instance, r *relationship) []*instance {
	list, seen := slices.Clone(objects), make(map[*instance]bool, len(objects))
	for _, inst := range list {
		seen[inst] = true
	}
	for at := 0; at < len(list); at++ {
		for _, p := range list[at].related(r).members {
			if next := r.member(p); next != nil && next.unit == u && next.state == Persistent && !seen[next] {
				seen[next] = true
				list = append(list, next)
			}
		}
	}
	return list
}

// refuseNull is the error for a foreign key that cannot say that there is no
// parent.
func refuseNull(r *relationship, p *property, reason string) error {
	advice := "make the field a pointer, or delete the object as well: cascade:all,delete-orphan"
	if p.key {
		reason, advice = reason+", and is part of the primary key", "delete the object as well: cascade:all,delete-orphan"
	}
	return &UsageError{Kind: ErrNotNullViolation, Op: "flush", Subject: p.column.fullName(), Reason: fmt.Sprintf("%s (%s)", reason, r.fullName()), Advice: advice}
}
