// This file brings the two sides of relationships together at a flush: what was
// changed on one side is made so on the other, and what becomes of foreign keys
// and link rows is settled. Where both sides were changed and disagree, nothing
// is done.

package orm

import (
	"context"
	"slices"

	"github.com/aurum-go/orm/types"
)

// claim is what the relationships of a flush say of one foreign key of an
// object: whose it shall be.
type claim struct {
	child  *instance
	rel    *relationship // the side that speaks for both
	parent *instance     // nil: nobody's
	given  bool          // a side leads to the parent, or to nobody on purpose
	by     *relationship // that says so
	from   []*instance   // parents whose collections the child has left
	orphan bool          // nobody's, because it was taken from somebody
}

type claimKey struct {
	child *instance
	rel   *relationship
}

// linkClaim is a row of a link table that comes or goes.
type linkClaim struct {
	linkKey
	gone bool
	by   *relationship
}

type linkKey struct {
	rel      *relationship
	own, far *instance
}

// relationWork is what a flush does for relationships.
type relationWork struct {
	unit    *unit
	begin   func(context.Context) error // a transaction, for what has to be read
	claims  map[claimKey]*claim
	order   []*claim
	links   map[linkKey]*linkClaim
	rows    []*linkClaim
	purges  []linkPurge
	touched map[*instance]bool // whose relationships have changed
}

// linkPurge is all rows of a link table that refer to some objects.
type linkPurge struct {
	rel   *relationship
	items []*instance
}

// relate finds out what the flush has to do for relationships, and makes the
// fields of both sides agree.
func (u *unit) relate(ctx context.Context, begin func(context.Context) error) (*relationWork, error) {
	w := &relationWork{unit: u, begin: begin, claims: map[claimKey]*claim{}, links: map[linkKey]*linkClaim{}, touched: map[*instance]bool{}}
	if err := u.saveFrom(u.withRelations(), true); err != nil {
		return nil, err
	}
	var problems []error
	for _, inst := range u.withRelations() {
		for _, r := range inst.mapper.rels {
			if !r.viewOnly {
				problems = append(problems, w.collect(inst, r)...)
			}
		}
	}
	for _, change := range u.asked {
		problems = append(problems, w.take(change))
	}
	if err := joinErrors(problems); err != nil {
		return nil, err
	}
	w.displace()
	w.findOrphans()
	if err := w.cascadeDeletes(ctx); err != nil {
		return nil, err
	}
	for _, c := range w.order {
		w.agree(c)
	}
	for _, l := range w.rows {
		w.agreeOnLink(l)
	}
	if err := w.number(); err != nil {
		return nil, err
	}
	return w, w.linkKeys()
}

// collect takes in what one relationship of an object says.
func (w *relationWork) collect(inst *instance, r *relationship) (problems []error) {
	came, went := inst.relationChange(r)
	if len(came)+len(went) == 0 {
		return nil
	}
	w.touched[inst] = true
	note := func(err error) {
		if err != nil {
			problems = append(problems, err)
		}
	}
	switch r.direction {
	case ManyToOne:
		var parent *instance
		if len(came) > 0 {
			parent = r.member(came[0])
		}
		note(w.claim(inst, r, parent))
		if len(went) > 0 {
			if old := r.member(went[0]); old != nil {
				c := w.claimOf(inst, r)
				c.from, c.orphan = append(c.from, old), parent == nil
			}
		}
	case OneToMany:
		for _, p := range came {
			note(w.claim(r.member(p), r, inst))
		}
		for _, p := range went {
			w.leave(r.member(p), r, inst)
		}
	case ManyToMany:
		for _, p := range came {
			note(w.claimLink(inst, r, r.member(p), false))
		}
		for _, p := range went {
			note(w.claimLink(inst, r, r.member(p), true))
		}
	}
	return problems
}

// take takes in what was asked of a collection without its field.
func (w *relationWork) take(c memberChange) error {
	switch {
	case c.owner.unit != w.unit || c.owner.doomed || c.member.unit != w.unit || c.member.doomed:
	case c.rel.direction == ManyToMany:
		return w.claimLink(c.owner, c.rel, c.member, c.gone)
	case c.gone:
		w.leave(c.member, c.rel, c.owner)
	default:
		return w.claim(c.member, c.rel, c.owner)
	}
	return nil
}

func (w *relationWork) claimOf(child *instance, r *relationship) *claim {
	key := claimKey{child, r.primary()}
	c := w.claims[key]
	if c == nil {
		c = &claim{child: child, rel: key.rel}
		w.claims[key] = c
		w.order = append(w.order, c)
	}
	return c
}

// claim says that a side leads from a child to a parent, or to nobody.
func (w *relationWork) claim(child *instance, r *relationship, parent *instance) error {
	c := w.claimOf(child, r)
	if c.given && c.parent != parent {
		return contradiction(c.by, r, child)
	}
	c.parent, c.given, c.by = parent, true, r
	return nil
}

func contradiction(a, b *relationship, child *instance) error {
	subject := a.fullName()
	if a != b {
		subject += " and " + b.fullName()
	}
	reason := "the two sides were changed and lead to different objects"
	if a == b {
		reason = "an object is in the collections of two"
	}
	return &UsageError{Kind: ErrContradiction, Op: "flush", Subject: subject, Reason: reason + ": see the " + child.mapper.name, Advice: "change one side only, or use orm.Relate"}
}

// leave says that a child has left the collection of a parent. It counts only if
// the child belonged there, as far as is known.
func (w *relationWork) leave(child *instance, r *relationship, parent *instance) {
	if child == nil || child.unit != w.unit || child.doomed || child.state == Deleted {
		return
	}
	if r.back != nil {
		known := child.related(r.back).members
		if len(known) > 0 && known[0] != parent.object {
			return
		}
	}
	c := w.claimOf(child, r)
	c.from = append(c.from, parent)
	if !c.given {
		c.orphan = true
	}
}

func (w *relationWork) claimLink(inst *instance, r *relationship, other *instance, gone bool) error {
	if other == nil || other.unit != w.unit || other.state == Deleted {
		return nil
	}
	key := linkKey{r.primary(), inst, other}
	if r != key.rel {
		key.own, key.far = other, inst
	}
	if known := w.links[key]; known != nil {
		if known.gone != gone {
			return contradiction(known.by, r, inst)
		}
		return nil
	}
	l := &linkClaim{key, gone, r}
	w.links[key] = l
	w.rows = append(w.rows, l)
	return nil
}

// displace settles what a single place means: who gets the place of another one
// drives that out.
func (w *relationWork) displace() {
	for at := 0; at < len(w.order); at++ {
		c := w.order[at]
		one := c.rel
		if c.rel.direction == ManyToOne {
			one = c.rel.back
		}
		if one == nil || one.shape != shapeOne || !c.given || c.parent == nil {
			continue
		}
		for _, p := range c.parent.related(one).members {
			if old := one.member(p); old != c.child {
				w.leave(old, one, c.parent)
			}
		}
	}
	for _, c := range w.order {
		c.orphan = c.orphan && (!c.given || c.parent == nil)
	}
}

// findOrphans marks for deletion what has lost its parent and cannot be without.
func (w *relationWork) findOrphans() {
	for _, c := range w.order {
		if side := collectionSide(c.rel); c.orphan && side != nil && side.has(cascadeOrphan) {
			w.unit.doom(c.child)
		}
		if c.rel.direction == ManyToOne && c.rel.has(cascadeOrphan) {
			for _, parent := range c.from {
				if !w.claimed(c.rel, parent) {
					w.unit.doom(parent)
				}
			}
		}
	}
	for _, l := range w.rows {
		if l.by.has(cascadeOrphan) && l.gone {
			far := l.far
			if l.by != l.rel {
				far = l.own
			}
			if !slices.ContainsFunc(w.rows, func(o *linkClaim) bool { return !o.gone && o.rel == l.rel && (o.far == far || o.own == far) }) {
				w.unit.doom(far)
			}
		}
	}
}

// claimed reports whether another object of the flush gets the parent.
func (w *relationWork) claimed(r *relationship, parent *instance) bool {
	return slices.ContainsFunc(w.order, func(c *claim) bool { return c.rel == r && c.given && c.parent == parent })
}

// collectionSide is the side of a relationship that has the children, or nil.
func collectionSide(r *relationship) *relationship {
	if r.direction == OneToMany {
		return r
	}
	return r.back
}

// movedAway reports whether an object has got another parent, or none, than the
// one that is to be deleted.
func (w *relationWork) movedAway(r *relationship, child, parent *instance) bool {
	if r.direction != OneToMany {
		return false
	}
	c := w.claims[claimKey{child, r.primary()}]
	return c != nil && c.given && c.parent != parent
}

// release takes a child from a parent that is to be deleted.
func (w *relationWork) release(r *relationship, child, parent *instance) error {
	c := w.claimOf(child, r)
	if !c.given {
		c.given, c.by, c.from = true, r, append(c.from, parent)
	} else if c.parent == parent {
		c.parent = nil
	}
	return nil
}

// unlinkAll notes the link rows of objects that are to be deleted.
func (w *relationWork) unlinkAll(r *relationship, items []*instance) {
	for _, p := range w.purges {
		if r.back != nil && p.rel == r.back && p.rel.owner == r.owner {
			return
		}
	}
	w.purges = append(w.purges, linkPurge{r, items})
}

// agree makes the fields of both sides say what was claimed.
func (w *relationWork) agree(c *claim) {
	if c.child.unit != w.unit {
		return
	}
	side, stays := collectionSide(c.rel), !c.child.doomed
	if c.rel.direction == ManyToOne && stays {
		w.put(c.child, c.rel, c.parent)
	}
	if side == nil {
		return
	}
	for _, old := range c.from {
		if old != c.parent {
			w.drop(old, side, c.child)
		}
	}
	if c.parent != nil && stays {
		w.insert(c.parent, side, c.child)
	}
}

func (w *relationWork) agreeOnLink(l *linkClaim) {
	change := w.insert
	if l.gone {
		change = w.drop
	}
	change(l.own, l.rel, l.far)
	if l.rel.back != nil {
		change(l.far, l.rel.back, l.own)
	}
}

// put makes a single reference lead to an object, or nowhere.
func (w *relationWork) put(inst *instance, r *relationship, to *instance) {
	var members []types.Ptr
	if to != nil {
		members = []types.Ptr{to.object}
	}
	w.set(inst, r, members)
}

// insert puts an object into a collection, if all of that is known: to others it
// comes when they are read.
func (w *relationWork) insert(inst *instance, r *relationship, member *instance) {
	now := r.read(inst.object)
	if inst.unit != w.unit || slices.Contains(now, member.object) {
		return
	}
	if r.writeOnly() || inst.state != Pending && !inst.related(r).loaded {
		return
	}
	if r.shape == shapeOne {
		now = nil
	}
	w.set(inst, r, append(slices.Clone(now), member.object))
}

// drop takes an object out of a collection.
func (w *relationWork) drop(inst *instance, r *relationship, member *instance) {
	now := r.read(inst.object)
	if at := slices.Index(now, member.object); at >= 0 && inst.unit == w.unit {
		w.set(inst, r, slices.Delete(slices.Clone(now), at, at+1))
	}
}

// set changes a field, so that a rollback can put it back.
func (w *relationWork) set(inst *instance, r *relationship, members []types.Ptr) {
	now := r.read(inst.object)
	if slices.Equal(now, members) {
		return
	}
	if inst.state == Pending {
		w.unit.edits = append(w.unit.edits, relationEdit{inst, r, slices.Clone(now), w.unit.serial})
	}
	w.touched[inst] = true
	inst.show(r, members)
}

// settle makes what the relationships lead to now what is known of their rows.
func (w *relationWork) settle(plan *flushPlan) {
	w.unit.dropLinks()
	w.unit.asked = nil
	for inst := range w.touched {
		if inst.unit == w.unit && inst.state == Persistent {
			w.unit.remember(inst)
			for _, r := range inst.mapper.rels {
				inst.settleRelation(r)
			}
		}
	}
	for _, a := range plan.actions {
		if b, ok := a.(*batch); ok && (b.kind == batchInsert || b.kind == batchReplace) {
			for _, inst := range b.items {
				inst.settleNew()
			}
		}
	}
}

func (i *instance) settleRelation(r *relationship) {
	if now := r.read(i.object); !r.viewOnly && !slices.Equal(now, i.related(r).members) {
		i.relation(r).members = slices.Clone(now)
	}
}

// settleNew marks the relationships of an object that was new as whole: there is
// nothing of it in the database that is not in memory. A foreign key that was set
// by hand leads to what was not read.
func (i *instance) settleNew() {
	for _, r := range i.mapper.rels {
		if r.viewOnly || r.writeOnly() {
			continue
		}
		i.settleRelation(r)
		if r.direction == ManyToOne && len(i.related(r).members) == 0 {
			if _, whole := rowText(ownProps(r.pairs), i.object); whole {
				continue
			}
		}
		s := i.relation(r)
		s.loaded, s.epoch = true, i.unit.epoch
	}
}
