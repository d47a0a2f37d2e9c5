// This file keeps the positions of objects in step with their places in lists, for
// relationships that say where to write them.

package orm

import (
	"fmt"
	"slices"
)

// number gives the objects of lists that have changed the numbers of their places.
// In a list that was not read nobody knows the place of what was appended.
func (w *relationWork) number() error {
	var changed []*instance
	for m, table := range w.unit.identity {
		if slices.ContainsFunc(m.allRelations(), (*relationship).numbers) {
			changed = append(changed, table.all...)
		}
	}
	for _, inst := range append(changed, w.unit.pending...) {
		for _, r := range inst.mapper.rels {
			if !r.numbers() || inst.doomed || inst.state != Pending && !inst.related(r).loaded || slices.Equal(r.read(inst.object), inst.related(r).members) {
				continue
			}
			if err := w.numberList(inst, r); err != nil {
				return err
			}
		}
	}
	return nil
}

// numbers reports whether the objects of a list have positions.
func (r *relationship) numbers() bool { return r.position != nil }

func (w *relationWork) numberList(inst *instance, r *relationship) error {
	w.touched[inst], w.numbered = true, append(w.numbered, r)
	for place, p := range r.read(inst.object) {
		if integerField(r.position, p) != int64(place) && !setInteger(r.position, p, int64(place)) {
			return &UsageError{
				Kind: ErrValue, Op: "flush", Subject: r.fullName(), Reason: fmt.Sprintf("place %d does not fit the %s of %s.%s", place, r.position.goType, r.target.name, r.position.name),
				Advice: "give the field a wider type",
			}
		}
	}
	return nil
}
