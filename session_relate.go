// This file ties objects together, and takes them apart, on both sides of a
// relationship at once.

package orm

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/aurum-go/orm/types"
)

// Relate makes objects belong together by a relationship, given by the address of
// its field, and sets both sides at once: an element is added to a collection, a
// reference is set, an earlier parent loses the child. A collection of the other
// side that was not read stays so. It emits no SQL; the next flush writes it.
// What is no relationship of the object, or an object of another struct, is an
// [ErrArgument].
//
//	err := orm.Relate(post, &post.Author, ed)    // post.Author = ed, and post is in ed.Posts
//	err := orm.Relate(ed, &ed.Posts, p1, p2)
func Relate(m Model, field any, others ...Model) error {
	return eachPair("relate", m, field, others, tie)
}

// Unrelate takes objects apart on both sides of a relationship at once. Whether
// the child is deleted then, or only loses its foreign key, is said by the
// cascade of the relationship. It emits no SQL.
//
//	err := orm.Unrelate(ed, &ed.Posts, p1)
func Unrelate(m Model, field any, others ...Model) error {
	return eachPair("unrelate", m, field, others, untie)
}

func eachPair(op string, m Model, field any, others []Model, do func(r *relationship, a, b types.Ptr)) error {
	mapper, err := mapperAt(m)
	if err != nil {
		return err
	}
	r := mapper.ownRelation(m, field)
	if r == nil {
		return &UsageError{Kind: ErrArgument, Op: op, Subject: mapper.name, Reason: fmt.Sprintf("%T is not the address of a relationship of this object", field), Advice: "as in orm.Relate(ed, &ed.Posts, post)"}
	}
	if r.viewOnly {
		return &UsageError{Kind: ErrArgument, Op: op, Subject: r.fullName(), Reason: "the relationship is only viewed"}
	}
	if r.writeOnly() {
		return r.refuseWhole(ErrArgument, op)
	}
	for _, other := range others {
		v := reflect.ValueOf(other)
		if v.Kind() != reflect.Pointer || v.IsNil() || v.Type().Elem() != r.elem {
			return &UsageError{Kind: ErrArgument, Op: op, Subject: r.fullName(), Reason: fmt.Sprintf("a %T is no object that it could lead to", other), Advice: "give a *" + r.elem.Name()}
		}
	}
	for _, other := range others {
		do(r, modelPointer(m), modelPointer(other))
	}
	return nil
}

// mapperAt is the mapper of an object: that of its session, else the first.
func mapperAt(m Model) (*Mapper, error) {
	if inst := instanceOf(m); inst != nil {
		return inst.mapper, nil
	}
	t, err := modelStruct(m)
	if err != nil {
		return nil, err
	}
	if reflect.ValueOf(m).IsNil() {
		return nil, &UsageError{Kind: ErrArgument, Op: "relate", Subject: t.Name(), Reason: "the object is nil"}
	}
	return mapperFor(t)
}

// ownRelation returns the relationship behind the address of one of an object's
// own fields, or nil.
func (m *Mapper) ownRelation(model Model, field any) *relationship {
	v := reflect.ValueOf(field)
	if v.Kind() != reflect.Pointer {
		return nil
	}
	return m.relationOf(v.Pointer()-reflect.ValueOf(model).Pointer(), v.Type().Elem())
}

// tie makes two objects belong together.
func tie(r *relationship, a, b types.Ptr) {
	if r.direction != ManyToMany {
		leaveParents(r, a, b)
	}
	join(r, a, b, true)
	if r.back != nil {
		join(r.back, b, a, false)
	}
}

func untie(r *relationship, a, b types.Ptr) {
	part(r, a, b)
	if r.back != nil {
		part(r.back, b, a)
	}
}

// leaveParents takes a child out of the collection of the parent that it had, and
// what held a single place out of that.
func leaveParents(r *relationship, a, b types.Ptr) {
	for _, side := range []struct {
		rel  *relationship
		at   types.Ptr
		next types.Ptr
	}{{r, a, b}, {r.back, b, a}} {
		if side.rel == nil || side.rel.shape != shapeOne {
			continue
		}
		for _, old := range slices.Clone(side.rel.read(side.at)) {
			if old != side.next && side.rel.back != nil {
				part(side.rel.back, old, side.at)
			}
		}
	}
}

// join puts an object into a field. Into a collection that was not read it puts
// it only if it is asked to.
func join(r *relationship, at, other types.Ptr, asked bool) {
	now := r.read(at)
	inst, _ := linkAt(r.owner, at).(*instance)
	unread := inst != nil && inst.snapshot != nil && !inst.related(r).loaded && r.shape != shapeOne
	switch {
	case slices.Contains(now, other), unread && !asked, r.writeOnly():
	case r.shape == shapeOne:
		r.write(at, []types.Ptr{other})
	case r.shape == shapeMap:
		r.editMap(at, []types.Ptr{other}, nil)
	default:
		r.write(at, append(slices.Clone(now), other))
	}
}

func part(r *relationship, at, other types.Ptr) {
	now := r.read(at)
	if !slices.Contains(now, other) {
		return
	}
	if r.shape == shapeMap {
		r.editMap(at, nil, []types.Ptr{other})
		return
	}
	r.write(at, slices.DeleteFunc(slices.Clone(now), func(p types.Ptr) bool { return p == other }))
}
