// This file copies keys along relationships: an object's foreign key is taken
// from the object that it belongs to, when that has one.

package orm

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"github.com/aurum-go/orm/types"
)

// linkKeys notes for the objects whose parents have changed where their foreign
// keys come from.
func (w *relationWork) linkKeys() error {
	for _, c := range w.order {
		switch {
		case c.child.unit != w.unit || c.child.doomed || c.child.state == Deleted:
		case !c.given && !c.orphan:
		default:
			if err := w.linkKey(c); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *relationWork) linkKey(c *claim) error {
	if c.parent != nil && c.parent.unit != w.unit {
		return &UsageError{
			Kind: ErrNotPersistent, Op: "flush", Subject: c.rel.fullName(), Reason: "it leads to a new object that is not saved, for it was taken from the one that it belonged to",
			Advice: "take it from both, or add it",
		}
	}
	link := parentLink{rel: c.rel, pairs: c.rel.childPairs(), parent: c.parent}
	if c.parent == nil {
		if link.pairs = link.nullable(); len(link.pairs) == 0 {
			return refuseNull(c.rel, c.rel.childPairs()[0].own, "the foreign key of an object that belongs to nobody cannot be NULL")
		}
	}
	for n := range c.child.links {
		if err := c.child.links[n].agreeWith(&link, c.child); err != nil {
			return err
		}
	}
	if len(c.child.links) == 0 {
		w.unit.linked = append(w.unit.linked, c.child)
	}
	c.child.links = append(c.child.links, link)
	return nil
}

// agreeWith refuses two links that would give one column different values. A
// column that another link gives a value is not set to NULL.
func (l *parentLink) agreeWith(o *parentLink, child *instance) error {
	for _, a := range l.pairs {
		for _, b := range o.pairs {
			if a.own != b.own || l.parent == o.parent {
				continue
			}
			same, err := false, error(nil)
			if l.parent != nil && o.parent != nil && l.parent.state != Pending && o.parent.state != Pending {
				same, err = sameKeyPart(a.far, l.parent.object, b.far, o.parent.object)
			}
			if err != nil || !same && l.parent != nil && o.parent != nil {
				return contradiction(l.rel, o.rel, child)
			}
		}
	}
	l.yield(o)
	o.yield(l)
	return nil
}

// yield leaves to another link the columns that this one would set to NULL.
func (l *parentLink) yield(o *parentLink) {
	if l.parent == nil && o.parent != nil {
		l.pairs = slices.DeleteFunc(slices.Clone(l.pairs), func(p keyPair) bool { return slices.Contains(ownProps(o.pairs), p.own) })
	}
}

// mayRefer reports whether a foreign key of the object, as it is now or as its row
// has it, leads to a parent, as far as is known.
func (i *instance) mayRefer(pairs []keyPair, row types.Ptr, parent *instance) bool {
	for _, pair := range pairs {
		if i.unloaded.has(pair.own.index) || parent.snapshot == nil || parent.unloaded.has(pair.far.index) {
			continue
		}
		if same, err := sameKeyPart(pair.own, row, pair.far, parent.snapshot); err == nil && !same {
			return false
		}
	}
	return true
}

// sameKeyPart compares two columns of keys. One that is NULL differs from none.
// Texts are compared as most databases may, without their case.
func sameKeyPart(a *property, rowA types.Ptr, b *property, rowB types.Ptr) (bool, error) {
	x, err := a.codec.Encode(fieldPtr(rowA, a.offset))
	if err != nil || x == nil {
		return true, err
	}
	y, err := b.codec.Encode(fieldPtr(rowB, b.offset))
	if err != nil || y == nil {
		return true, err
	}
	if s, ok := x.(string); ok {
		if t, ok := y.(string); ok {
			return strings.EqualFold(strings.TrimRight(s, " "), strings.TrimRight(t, " ")), nil
		}
	}
	partX, errX := appendKeyPart(nil, x)
	partY, errY := appendKeyPart(nil, y)
	return bytes.Equal(partX, partY), errors.Join(errX, errY)
}

// differs reports whether a link changes the foreign key that an object has.
func (l *parentLink) differs(child types.Ptr) bool {
	if l.parent == nil {
		_, null := foreignKeyText(l.pairs, child, false)
		return !null
	}
	if l.parent.state == Pending {
		return true
	}
	own, null := foreignKeyText(l.pairs, child, false)
	far, _ := foreignKeyText(l.pairs, l.parent.object, true)
	return null || own != far
}

// foreignKeyText is the values of a foreign key, or of what it refers to, in one
// text.
func foreignKeyText(pairs []keyPair, row types.Ptr, far bool) (text string, null bool) {
	props := ownProps(pairs)
	if far {
		props = farProps(pairs)
	}
	text, whole := rowText(props, row)
	return text, !whole
}

// linkedColumns are the columns that an object's links change.
func (i *instance) linkedColumns() columnSet {
	var set columnSet
	for n := range i.links {
		if l := &i.links[n]; !l.rel.postpones() && l.differs(i.object) {
			for _, pair := range l.pairs {
				set = set.with(pair.own.index)
			}
		}
	}
	return set
}

// linksColumn reports whether a column is to be taken from another object.
func (i *instance) linksColumn(p *property) bool {
	for n := range i.links {
		l := &i.links[n]
		for _, pair := range l.pairs {
			if pair.own == p && l.parent != nil && !l.rel.postpones() {
				return true
			}
		}
	}
	return false
}

// postpones reports whether either side has its foreign key written later.
func (r *relationship) postpones() bool { return r.postpone || r.back != nil && r.back.postpone }

// followLinks copies the keys of an object's parents into its foreign keys. With
// late it takes those that are written after all rows are there. It tells of each
// before it is written.
func (w *writer) followLinks(inst *instance, late bool, writes func(*property)) error {
	for n := range inst.links {
		l := &inst.links[n]
		if l.rel.postpones() != late {
			continue
		}
		if l.parent != nil && l.parent.state == Pending {
			return circular(l, inst)
		}
		for _, pair := range l.pairs {
			writes(pair.own)
			if err := w.copyKey(inst, pair, l.parent); err != nil {
				return err
			}
		}
	}
	return nil
}

// circular is the error for a new object that needs a key which is not there yet,
// and never will be before its own.
func circular(l *parentLink, inst *instance) error {
	reason, advice := "new objects refer to each other in a circle, and none can be first", "tag one of the relationships post_update"
	if l.parent == inst {
		reason, advice = "a new object refers to itself, and its key is not there before its row", "tag the relationship post_update"
	}
	return &UsageError{Kind: ErrCircular, Op: "flush", Subject: l.rel.fullName(), Reason: reason, Advice: advice}
}

func (w *writer) copyKey(inst *instance, pair keyPair, parent *instance) error {
	if parent == nil {
		return pair.own.codec.Decode(fieldPtr(inst.object, pair.own.offset), nil)
	}
	return w.copyPart(pair, inst.object, parent.object)
}

// copyPart copies one column of a key from one row to another.
func (w *writer) copyPart(pair keyPair, child, parent types.Ptr) error {
	to, from := fieldPtr(child, pair.own.offset), fieldPtr(parent, pair.far.offset)
	if pair.own.goType == pair.far.goType && pair.own.optional() == nil && pair.far.optional() == nil {
		pair.own.codec.Copy(to, from)
		return nil
	}
	v, err := pair.far.codec.Encode(from)
	if err == nil {
		err = pair.own.codec.Decode(to, v)
	}
	if err != nil {
		return &UsageError{Kind: ErrValue, Op: "flush", Subject: pair.own.column.fullName(), Reason: "the key of " + pair.far.column.fullName() + " does not fit", Err: err}
	}
	return nil
}

// lateColumns are the foreign keys of an object that are written when all rows
// are there.
func (i *instance) lateColumns() columnSet {
	var set columnSet
	for n := range i.links {
		if l := &i.links[n]; l.rel.postpones() && l.differs(i.object) {
			for _, pair := range l.pairs {
				set = set.with(pair.own.index)
			}
		}
	}
	return set
}

// loosen has an object that is to be deleted refer to nothing by relationships
// with post_update, and returns the columns that this changes.
func (i *instance) loosen() columnSet {
	var set columnSet
	for _, r := range i.mapper.rels {
		if r.direction != ManyToOne || !r.postpones() {
			continue
		}
		link := parentLink{rel: r, pairs: r.pairs}
		if link.pairs = link.nullable(); !link.differs(i.object) || len(link.pairs) == 0 {
			continue
		}
		i.links = append(i.links, link)
		for _, pair := range link.pairs {
			set = set.with(pair.own.index)
		}
	}
	return set
}

// loosened reports whether the flush sets a foreign key to NULL.
func (i *instance) loosened(key []*property) bool {
	return slices.ContainsFunc(i.links, func(l parentLink) bool {
		return l.parent == nil && slices.ContainsFunc(l.pairs, func(p keyPair) bool { return slices.Contains(key, p.own) })
	})
}

// nullable are the pairs of which the foreign key can be NULL: one is enough to
// refer to nothing.
func (l *parentLink) nullable() []keyPair {
	return slices.DeleteFunc(slices.Clone(l.pairs), func(p keyPair) bool { return p.own.key || !p.own.codec.Nullable() })
}
