// This file compares the relationships of objects with what the database is
// known to hold: which objects came and which went.

package orm

import (
	"slices"

	"github.com/aurum-go/orm/types"
)

// relationState is what a session knows of one relationship of one object.
type relationState struct {
	members  []types.Ptr // the objects that belong there by their rows, as far as known; never changed in place
	loaded   bool        // they are all that there are
	epoch    uint64      // the session's when they were read; another one means stale
	filtered bool        // criteria of the session may hide others from it
	raise    bool        // the query forbids to load it
	allow    bool        // the query allows to load it, whatever the tag says
}

// related returns what is known of a relationship.
func (i *instance) related(r *relationship) relationState {
	if i.rels == nil {
		return relationState{}
	}
	return i.rels[r.index]
}

// relation returns the place for what is known of a relationship.
func (i *instance) relation(r *relationship) *relationState {
	if i.rels == nil {
		i.rels = make([]relationState, len(i.mapper.rels))
	}
	return &i.rels[r.index]
}

// hasRelation reports whether a relationship was read, and is not stale.
func (i *instance) hasRelation(r *relationship) bool {
	s := i.related(r)
	return s.loaded && i.unit != nil && s.epoch == i.unit.epoch
}

// knowsAll reports whether a relationship was read, is not stale, and no criteria
// hide anything of it.
func (i *instance) knowsAll(r *relationship) bool { return i.hasRelation(r) && !i.related(r).filtered }

// relationChange compares a relationship with what is known of it: the objects
// that came, and those that went. It allocates nothing where nothing changed.
func (i *instance) relationChange(r *relationship) (came, went []types.Ptr) {
	now, known := r.read(i.object), i.related(r).members
	if slices.Equal(now, known) {
		return nil, nil
	}
	came, went = lacking(now, known), lacking(known, now)
	if r.shape == shapeMap {
		went = slices.DeleteFunc(went, func(p types.Ptr) bool { return r.hides(i.object, p, known) })
	}
	return came, went
}

// same reports whether two lists of a field's objects are the same to it. Only a
// list has an order.
func (r *relationship) same(now, known []types.Ptr) bool {
	if r.shape <= shapeList || len(now) != len(known) {
		return slices.Equal(now, known)
	}
	return len(lacking(now, known)) == 0
}

// lacking returns the members of a list that another one does not have, once
// each.
func lacking(list, other []types.Ptr) []types.Ptr {
	if len(list) == 0 {
		return nil
	}
	has := make(map[types.Ptr]bool, len(list)+len(other))
	for _, p := range other {
		has[p] = true
	}
	var lacking []types.Ptr
	for _, p := range list {
		if !has[p] {
			has[p] = true
			lacking = append(lacking, p)
		}
	}
	return lacking
}

// relationsChanged reports whether any relationship leads elsewhere than the
// rows do, or in another order where that is written.
func (i *instance) relationsChanged() bool {
	for _, r := range i.mapper.rels {
		if !r.viewOnly && !slices.Equal(r.read(i.object), i.related(r).members) {
			if came, went := i.relationChange(r); len(came)+len(went) > 0 || r.position != nil {
				return true
			}
		}
	}
	return false
}

// learn takes over what was read for a relationship: all its objects. What the
// user has put there or taken away since stays so.
func (i *instance) learn(r *relationship, members []types.Ptr) {
	s := i.learnSome(r, members)
	s.loaded, s.epoch, i.touched = true, i.unit.epoch, i.unit.serial
}

// learnSome is learn where there may be other objects besides.
func (i *instance) learnSome(r *relationship, members []types.Ptr) *relationState {
	i.unit.beforeReading(i)
	s := i.relation(r)
	switch came, went := i.relationChange(r); {
	case len(came)+len(went) == 0:
		i.show(r, members)
	case r.shape != shapeOne:
		i.show(r, append(lacking(members, went), lacking(came, members)...))
	}
	s.members, s.loaded, s.filtered = members, false, false
	return s
}

// unlearn forgets what was read for a relationship, and empties the field unless
// the user has changed it.
func (i *instance) unlearn(r *relationship) {
	s := i.relation(r)
	if came, _ := i.relationChange(r); len(came) == 0 {
		zeroField(r.goType, fieldPtr(i.object, r.offset))
	}
	s.members, s.loaded = nil, false
}

// show makes the field lead to the objects, unless it does already.
func (i *instance) show(r *relationship, members []types.Ptr) {
	switch {
	case len(members) == 0:
		r.empty(i.object)
	case r.shape > shapeList || !slices.Equal(r.read(i.object), members):
		r.write(i.object, members)
	}
}

// outdateRelations makes what is known of relationships stale.
func (i *instance) outdateRelations() {
	for n := range i.rels {
		i.rels[n].epoch = 0
	}
}

// revertRelations puts the fields of relationships back to what is known.
func (i *instance) revertRelations() {
	for _, r := range i.mapper.rels {
		i.revertRelation(r)
	}
}

func (i *instance) revertRelation(r *relationship) {
	switch s := i.related(r); {
	case r.same(r.read(i.object), s.members):
	case s.loaded:
		i.show(r, s.members)
	default:
		zeroField(r.goType, fieldPtr(i.object, r.offset))
		if len(s.members) > 0 {
			r.write(i.object, s.members)
		}
	}
}

// forgetLost drops from what is known of relationships the objects that the unit
// does not hold any more. Then that is to be read again.
func (i *instance) forgetLost() {
	for n := range i.rels {
		s, target := &i.rels[n], i.mapper.rels[n].target
		lost := func(p types.Ptr) bool {
			inst, ok := linkAt(target, p).(*instance)
			return !ok || inst.unit != i.unit
		}
		if slices.ContainsFunc(s.members, lost) {
			s.members, s.epoch = slices.DeleteFunc(slices.Clone(s.members), lost), 0
		}
	}
}

// member returns what is known of an object that a relationship leads to.
func (r *relationship) member(p types.Ptr) *instance { return instanceAt(r.target, p) }

// parentLink is a foreign key of an object that is to be taken from another one,
// whose key is perhaps not known before it is written.
type parentLink struct {
	rel    *relationship // that says so
	pairs  []keyPair     // own: the foreign key; far: what it refers to
	parent *instance     // nil: the foreign key becomes NULL
}

// loadGroup is the objects of one result: what is loaded for one of them is
// loaded for all.
type loadGroup struct{ members []*instance }

func (g *loadGroup) add(i *instance) {
	i.leaveGroup()
	i.group, i.place = g, len(g.members)
	g.members = append(g.members, i)
}

// leaveGroup lets an object go from its group, which would keep it in memory.
func (i *instance) leaveGroup() {
	if i.group != nil {
		i.group.members[i.place], i.group = nil, nil
	}
}

// siblings are the objects that were read along with one, itself among them.
func (i *instance) siblings() []*instance {
	if i.group == nil {
		return []*instance{i}
	}
	return i.group.members
}
