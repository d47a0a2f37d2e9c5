// This file follows the steps of a plan: it finds the objects that lack a
// relationship, has a strategy read it, and tells both sides what was read.

package orm

import (
	"context"
	"slices"

	"github.com/aurum-go/orm/types"
)

// loadRun loads the relationships of the objects of one result.
type loadRun struct {
	unit     *unit
	mode     loadMode
	criteria []Criteria                       // that hold in what it reads
	within   *relationship                    // that is being read
	hidden   bool                             // a flush reads, of which nobody is told
	refresh  bool                             // what is known already is read again, and what was changed is dropped
	guard    func() error                     // has a say before the first statement, or nil
	told     map[*loadStep]map[*instance]bool // who got members that came with the objects themselves
}

// after does what a plan asks for once its objects are there: it follows the
// relationships. What came with the objects is not asked for again. The origin is
// the statement that has found the objects, if it can be repeated.
func (r *loadRun) after(ctx context.Context, plan *loadPlan, objects []*instance, from *origin) error {
	plan.restrict(objects)
	for _, step := range plan.steps {
		if err := r.follow(ctx, step, objects, from); err != nil {
			return err
		}
	}
	return nil
}

// restrict marks the relationships that Load must not read, or may.
func (p *loadPlan) restrict(objects []*instance) {
	if len(p.raise)+len(p.allow) == 0 {
		return
	}
	for _, inst := range objects {
		for _, rel := range p.raise {
			if !inst.mapper.is(rel.owner) {
				continue
			}
			s := inst.relation(rel)
			s.raise, s.allow = true, false
		}
		for _, rel := range p.allow {
			if !inst.mapper.is(rel.owner) {
				continue
			}
			s := inst.relation(rel)
			s.raise, s.allow = false, true
		}
	}
}

// follow loads a relationship of objects, and what the plan wants of its members.
// A relationship that leads to its own struct is followed level by level.
func (r *loadRun) follow(ctx context.Context, step *loadStep, objects []*instance, from *origin) error {
	seen := map[*instance]bool{}
	for level := 0; level < step.levels && len(objects) > 0; level++ {
		below, err := r.fetch(ctx, step, r.lacking(step, objects), from)
		if err != nil || !step.goesOn(level) {
			return err
		}
		members := membersOf(step.rel, objects)
		if err := r.after(ctx, step.plan, members, below); err != nil {
			return err
		}
		for _, inst := range objects {
			seen[inst] = true
		}
		objects, from = slices.DeleteFunc(members, func(m *instance) bool { return seen[m] }), nil
	}
	return nil
}

// fetch has a strategy read a relationship of objects, and returns the statement
// that has found its members, if it can be repeated.
func (r *loadRun) fetch(ctx context.Context, step *loadStep, objects []*instance, from *origin) (*origin, error) {
	r.within = step.rel
	switch {
	case step.strategy == containsEager || len(objects) == 0:
		return nil, nil
	case r.unit.legs != nil:
		return nil, r.unit.eachShard(ctx, objects, func(ctx context.Context, part []*instance) error {
			return r.selectIn(ctx, step, part)
		})
	case step.strategy == lazySubquery && from != nil:
		return r.selectBySubquery(ctx, step, objects, from)
	}
	return nil, r.selectIn(ctx, step, objects)
}

// goesOn reports whether there is more to do with the members.
func (s *loadStep) goesOn(level int) bool {
	return level+1 < s.levels || !s.plan.plain()
}

// lacking are the objects whose relationship is to be read, once each.
func (r *loadRun) lacking(step *loadStep, objects []*instance) []*instance {
	seen := make(map[*instance]bool, len(objects))
	var lacking []*instance
	for _, inst := range objects {
		if !seen[inst] && inst.mapper.is(step.rel.owner) && !r.told[step][inst] && (r.refresh || !step.found(inst)) {
			seen[inst] = true
			lacking = append(lacking, inst)
		}
	}
	return lacking
}

// found reports whether an object has all that the step would find.
func (s *loadStep) found(i *instance) bool {
	return i.hasRelation(s.rel) && (s.filtered || !i.related(s.rel).filtered)
}

// membersOf are the objects that relationships of objects lead to by their rows,
// once each.
func membersOf(rel *relationship, objects []*instance) []*instance {
	seen := map[*instance]bool{}
	var members []*instance
	for _, inst := range objects {
		if !inst.mapper.is(rel.owner) {
			continue
		}
		for _, p := range inst.related(rel).members {
			if m := instanceAt(rel.target, p); m != nil && !seen[m] {
				seen[m] = true
				members = append(members, m)
			}
		}
	}
	return members
}

// instancesAt is instanceAt for several; it leaves out what nothing is known of.
func instancesAt(m *Mapper, objects []types.Ptr) []*instance {
	known := make([]*instance, 0, len(objects))
	for _, o := range objects {
		if inst := instanceAt(m, o); inst != nil {
			known = append(known, inst)
		}
	}
	return known
}

// tell tells an object, and its members, what was read of a relationship.
func (r *loadRun) tell(step *loadStep, owner *instance, members []types.Ptr) {
	rel := step.rel
	members = rel.fitting(members)
	if r.refresh {
		owner.relation(rel).members = slices.Clone(rel.read(owner.object))
	}
	if step.whole() {
		owner.learn(rel, members)
	} else {
		owner.learnSome(rel, members)
	}
	owner.relation(rel).filtered = step.filtered || r.unit.altered
	if rel.back == nil || rel.back.criteria != nil || rel.direction == ManyToMany || rel.direction == ManyToOne && rel.back.shape != shapeOne {
		return
	}
	self := []types.Ptr{owner.object}
	for _, p := range members {
		if m := instanceAt(rel.target, p); m != nil {
			m.hear(rel.back, self)
		}
	}
}

// fitting are the members that the field has room for. That others are not there
// says nothing of them.
func (r *relationship) fitting(members []types.Ptr) []types.Ptr {
	if r.shape == shapeOne && len(members) > 1 {
		return members[:1]
	}
	return members
}

// hear takes over what the other side of a relationship was found to be, unless
// the user has put another object there, or the key of one.
func (i *instance) hear(r *relationship, other []types.Ptr) {
	if i.unit == nil || i.hasRelation(r) || !slices.Equal(r.read(i.object), i.related(r).members) {
		return
	}
	for _, p := range r.childPairs() {
		if r.direction == ManyToOne && !sameField(p.own, i.object, i.snapshot) {
			return
		}
	}
	i.learn(r, other)
}
