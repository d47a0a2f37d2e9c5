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
	shown  bool          // the parent's side does
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
	gone    bool
	by      *relationship
	unshown bool // no field says so
}

type linkKey struct {
	rel      *relationship
	own, far *instance
}

// end is an object at one end of a relationship.
type end struct {
	inst *instance
	rel  *relationship
}

// relationWork is what a flush does for relationships.
type relationWork struct {
	unit    *unit
	begin   func(context.Context) error // a transaction, for what has to be read
	claims  map[claimKey]*claim
	order   []*claim
	wanted  map[end][]*claim // those that lead to a parent, by the side that speaks for both
	links   map[linkKey]*linkClaim
	rows    []*linkClaim
	purges  []linkPurge
	leaving []*instance // new objects that are not to be written after all
	edits   map[end]*sideEdit
	sides   []*sideEdit        // the same, in order
	touched map[*instance]bool // whose relationships have changed

	numbered []*relationship // whose lists have changed, and with them positions
}

// sideEdit is what comes to the collection of an object, and what goes, because
// the other side was changed.
type sideEdit struct {
	end
	came, went []types.Ptr
}

// linkPurge is all rows of a link table that refer to some objects.
type linkPurge struct {
	rel   *relationship
	items []*instance
}

// relate finds out what the flush has to do for relationships, and makes the
// fields of both sides agree.
func (u *unit) relate(ctx context.Context, begin func(context.Context) error) (*relationWork, error) {
	changed := u.withRelations()
	if len(changed)+len(u.doomed)+len(u.pending)+len(u.asked) == 0 {
		w := &relationWork{unit: u, touched: map[*instance]bool{}}
		return w, w.number()
	}
	w := &relationWork{
		unit: u, begin: begin, claims: map[claimKey]*claim{}, wanted: map[end][]*claim{}, links: map[linkKey]*linkClaim{},
		edits: map[end]*sideEdit{}, touched: map[*instance]bool{},
	}
	if err := u.saveFrom(changed, true); err != nil {
		return nil, err
	}
	if err := w.collectAll(); err != nil {
		return nil, err
	}
	undo := u.undoDoom()
	if err := w.settleDeletes(ctx); err != nil {
		undo()
		return nil, err
	}
	for _, c := range w.order {
		w.agree(c)
	}
	for _, l := range w.rows {
		w.agreeOnLink(l)
	}
	for _, e := range w.sides {
		w.apply(e)
	}
	return w, w.number()
}

// collectAll takes in what the relationships of all objects say.
func (w *relationWork) collectAll() error {
	var problems []error
	for _, inst := range w.unit.withRelations() {
		for _, r := range inst.mapper.rels {
			if !r.viewOnly {
				problems = append(problems, w.collect(inst, r)...)
			}
		}
	}
	for _, change := range w.unit.asked {
		problems = append(problems, w.take(change))
	}
	return joinErrors(problems)
}

// settleDeletes finds out what has to be deleted, and where foreign keys come
// from.
func (w *relationWork) settleDeletes(ctx context.Context) error {
	if err := w.displace(ctx); err != nil {
		return err
	}
	w.findOrphans()
	if err := w.cascadeDeletes(ctx); err != nil {
		return err
	}
	w.unit.dropExpelled()
	return w.linkKeys()
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
		known := len(w.rows)
		err := w.claimLink(c.owner, c.rel, c.member, c.gone)
		for _, l := range w.rows[known:] {
			l.unshown = true
		}
		return err
	case c.gone:
		w.leave(c.member, c.rel, c.owner)
	default:
		shown := w.claimOf(c.member, c.rel).shown
		err := w.claim(c.member, c.rel, c.owner)
		w.claimOf(c.member, c.rel).shown = shown
		return err
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
	c.shown = c.shown || r != c.rel || r.direction == OneToMany
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
	if !child.belongs(r, parent) {
		return
	}
	c := w.claimOf(child, r)
	c.from = append(c.from, parent)
	if !c.given {
		c.orphan = true
	}
}

// belongs reports whether an object is a parent's by its row and by what is known
// of the other side, as far as can be told.
func (i *instance) belongs(r *relationship, parent *instance) bool {
	if r.back != nil {
		if known := i.related(r.back).members; len(known) > 0 && known[0] != parent.object {
			return false
		}
	}
	return !i.repointed(r, parent) && (i.snapshot == nil || i.mayRefer(r.childPairs(), i.snapshot, parent))
}

// strayed reports whether the row of an object that is known as a parent's refers
// to another one by now: its foreign key was written by hand.
func (i *instance) strayed(r *relationship, parent *instance) bool {
	return i.snapshot != nil && slices.Contains(parent.related(r).members, i.object) && !i.mayRefer(r.childPairs(), i.snapshot, parent)
}

// repointed reports whether the user has set the foreign key of an object by hand
// so that it leads to another parent.
func (i *instance) repointed(r *relationship, parent *instance) bool {
	pairs := r.childPairs()
	changed := func(p keyPair) bool { return !sameField(p.own, i.object, i.snapshot) }
	return i.snapshot != nil && slices.ContainsFunc(pairs, changed) && !i.mayRefer(pairs, i.object, parent)
}

func (w *relationWork) claimLink(inst *instance, r *relationship, other *instance, gone bool) error {
	if other == nil || other.state == Deleted || other.unit != w.unit && !(gone && other.expunged()) {
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
	l := &linkClaim{linkKey: key, gone: gone, by: r}
	w.links[key] = l
	w.rows = append(w.rows, l)
	return nil
}

// place is the other side of a claim where that holds a single object, or nil.
func (c *claim) place() *relationship {
	if one := collectionSide(c.rel); one != nil && one.shape == shapeOne && c.given && c.parent != nil {
		return one
	}
	return nil
}

// displace settles what a single place means: who gets the place of another one
// drives that out.
func (w *relationWork) displace(ctx context.Context) error {
	if err := w.readPlaces(ctx); err != nil {
		return err
	}
	for at := 0; at < len(w.order); at++ { //nolint:intrange // the list grows
		c := w.order[at]
		one := c.place()
		if one == nil {
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
		if c.given && c.parent != nil {
			key := end{c.parent, c.rel}
			w.wanted[key] = append(w.wanted[key], c)
		}
	}
	return nil
}

// readPlaces reads who has the single places that others are to get.
func (w *relationWork) readPlaces(ctx context.Context) error {
	var rels []*relationship
	parents := map[*relationship][]*instance{}
	for _, c := range w.order {
		one := c.place()
		if one == nil || one.viewOnly || c.parent.state != Persistent || c.parent.doomed {
			continue
		}
		if parents[one] == nil {
			rels = append(rels, one)
		}
		parents[one] = append(parents[one], c.parent)
	}
	for _, one := range rels {
		if err := w.load(ctx, one, parents[one]); err != nil {
			return err
		}
	}
	return nil
}

// findOrphans marks for deletion what has lost its parent and cannot be without.
func (w *relationWork) findOrphans() {
	for _, c := range w.order {
		if side := collectionSide(c.rel); c.orphan && side != nil && side.has(cascadeOrphan) {
			w.doom(c.child)
		}
		if c.rel.direction == ManyToOne && c.rel.has(cascadeOrphan) {
			for _, parent := range c.from {
				if len(w.wanted[end{parent, c.rel}]) == 0 {
					w.doom(parent)
				}
			}
		}
	}
	w.findUnlinked()
	for _, inst := range w.unit.pending {
		if w.expelled(inst) {
			w.doom(inst)
		}
	}
}

// findUnlinked marks for deletion what has lost its one link.
func (w *relationWork) findUnlinked() {
	linked := map[end]bool{}
	for _, l := range w.rows {
		if !l.gone {
			linked[end{l.own, l.rel}], linked[end{l.far, l.rel}] = true, true
		}
	}
	for _, l := range w.rows {
		if l.by.has(cascadeOrphan) && l.gone {
			far := l.far
			if l.by != l.rel {
				far = l.own
			}
			if !linked[end{far, l.rel}] {
				w.doom(far)
			}
		}
	}
}

// expelled reports whether a new object was brought by a parent that would delete
// its orphans, and has been taken from it since.
func (w *relationWork) expelled(inst *instance) bool {
	r := inst.brought
	if r == nil || !r.has(cascadeOrphan) || r.direction != OneToMany {
		return false
	}
	c := w.claims[claimKey{inst, r.primary()}]
	return c == nil || !c.given || c.parent == nil
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
	if c := w.claims[claimKey{child, r.primary()}]; c != nil && c.given {
		return c.parent != parent
	}
	return child.repointed(r, parent) || child.strayed(r, parent)
}

// followers are the objects that a relationship of an object to be deleted leads
// to, or is to: by its field, by its rows, and by the other side.
func (w *relationWork) followers(r *relationship, parent *instance) []types.Ptr {
	members := slices.DeleteFunc(slices.Clone(r.read(parent.object)), func(p types.Ptr) bool { return p == nil })
	if r.direction != OneToMany {
		return members
	}
	for _, c := range w.wanted[end{parent, r.primary()}] {
		members = append(members, c.child.object)
	}
	return lacking(append(members, parent.related(r).members...), nil)
}

// release takes a child from a parent that is to be deleted.
func (w *relationWork) release(r *relationship, child, parent *instance) {
	c := w.claimOf(child, r)
	if !c.given {
		c.given, c.by, c.from = true, r, append(c.from, parent)
	} else if c.parent == parent {
		c.parent = nil
	}
}

// unlinkAll notes the link rows of objects that are to be deleted.
func (w *relationWork) unlinkAll(r *relationship, items []*instance) {
	w.purges = append(w.purges, linkPurge{r, items})
}

// agree makes the fields of both sides say what was claimed.
func (w *relationWork) agree(c *claim) {
	side, stays, from := collectionSide(c.rel), !c.child.doomed, c.from
	if c.child.unit != w.unit {
		if side != nil && c.parent != nil && !c.parent.doomed {
			w.drop(c.parent, side, c.child) // it leaves the session
		}
		return
	}
	if c.rel.direction == ManyToOne && stays {
		for _, p := range c.child.related(c.rel).members {
			from = append(from, c.rel.member(p))
		}
		w.put(c.child, c.rel, c.parent)
	}
	if side == nil {
		return
	}
	for _, old := range from {
		if old != nil && old != c.parent {
			w.drop(old, side, c.child)
		}
	}
	if c.parent != nil && stays && !(c.shown && side.shape != shapeOne) {
		w.insert(c.parent, side, c.child)
	}
}

func (w *relationWork) agreeOnLink(l *linkClaim) {
	change, both := w.insert, l.unshown
	if l.gone || l.skip() {
		change, both = w.drop, both || !l.gone
	}
	if l.by != l.rel || both {
		change(l.own, l.rel, l.far)
	}
	if back := l.rel.back; back != nil && (l.by != back || both) {
		change(l.far, back, l.own)
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
	if inst.unit == w.unit && !r.writeOnly() && (inst.state == Pending || inst.related(r).loaded) {
		e := w.edit(inst, r)
		e.came = append(e.came, member.object)
	}
}

// drop takes an object out of a collection.
func (w *relationWork) drop(inst *instance, r *relationship, member *instance) {
	if inst.unit == w.unit {
		e := w.edit(inst, r)
		e.went = append(e.went, member.object)
	}
}

// edit returns what changes in a field: all at once, for it may be large.
func (w *relationWork) edit(inst *instance, r *relationship) *sideEdit {
	key := end{inst, r}
	e := w.edits[key]
	if e == nil {
		e = &sideEdit{end: key}
		w.edits[key] = e
		w.sides = append(w.sides, e)
	}
	return e
}

// apply changes a field. A map waits until the keys are known.
func (w *relationWork) apply(e *sideEdit) {
	now := e.rel.read(e.inst.object)
	came := lacking(e.came, now)
	switch {
	case e.rel.shape == shapeMap:
		w.touched[e.inst] = true
		return
	case e.rel.shape == shapeOne && len(came) > 0:
		now = nil
	case len(e.went) > 0:
		now = without(now, e.went)
	}
	if len(came) > 0 {
		now = append(slices.Clone(now), came...)
	}
	w.set(e.inst, e.rel, now)
}

// without is a list less the members of another one.
func without(list, less []types.Ptr) []types.Ptr {
	gone := make(map[types.Ptr]bool, len(less))
	for _, p := range less {
		gone[p] = true
	}
	return slices.DeleteFunc(slices.Clone(list), func(p types.Ptr) bool { return gone[p] })
}

// applyMaps changes the maps, by keys that the database may have made.
func (w *relationWork) applyMaps() {
	for _, e := range w.sides {
		if e.rel.shape == shapeMap && e.inst.unit == w.unit {
			w.unit.noteEdit(e.inst, e.rel)
			e.rel.editMap(e.inst.object, e.came, e.went)
		}
	}
}

// set changes a field, so that a rollback can put it back.
func (w *relationWork) set(inst *instance, r *relationship, members []types.Ptr) {
	if r.same(r.read(inst.object), members) {
		return
	}
	w.unit.noteEdit(inst, r)
	w.touched[inst] = true
	inst.show(r, members)
}

// settle makes what the relationships lead to now what is known of their rows.
func (w *relationWork) settle(plan *flushPlan) {
	w.unit.dropLinks()
	w.unit.asked = nil
	w.applyMaps()
	for inst := range w.touched {
		if inst.unit == w.unit && inst.state == Persistent {
			if len(w.unit.frames) > 0 {
				w.unit.remember(inst)
			}
			for _, r := range inst.mapper.rels {
				inst.settleRelation(r)
			}
		}
	}
	for _, a := range plan.actions {
		if w, ok := a.(written); ok && (w.written().kind == batchInsert || w.written().kind == batchReplace) {
			for _, inst := range w.written().items {
				inst.settleNew()
			}
		}
	}
}

func (i *instance) settleRelation(r *relationship) {
	now, known := r.read(i.object), i.related(r).members
	switch {
	case r.viewOnly || slices.Equal(now, known):
	case r.shape == shapeMap:
		came, went := i.relationChange(r)
		i.relation(r).members = append(lacking(known, went), came...)
	default:
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
