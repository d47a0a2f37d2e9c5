// This file has the objects of a session follow the UPDATE, DELETE and MERGE
// statements that the user runs on it.

package orm

import (
	"context"
	"slices"
)

// bulkWrite is an UPDATE or DELETE of a table whose objects the session holds.
type bulkWrite struct {
	session  *Session
	mapper   *Mapper
	target   Node     // the table as the statement has it
	from     fromNode // the table
	byColumn bool     // the statement names columns, and not fields
	others   []Node   // that the conditions may use
	where    []Node
	set      []Assignment // nil for a DELETE
	deletes  bool
	merges   bool
	params   M
	criteria restriction
	mode     SyncMode
	matched  []*instance // whose rows the statement meets
	unsure   []*instance // of which that is not known
}

// synchronize finds the objects that a statement is going to meet. What it returns has
// them follow, and tells those who listen.
func (s *Session) synchronize(ctx context.Context, p prepared) (settled, error) {
	follow, err := s.following(ctx, p)
	if err != nil {
		return nil, err
	}
	return s.tellBulk(p.stmt, follow), nil
}

// following is synchronize without those who listen.
func (s *Session) following(ctx context.Context, p prepared) (settled, error) {
	w := s.bulkWrite(p.stmt)
	if w == nil {
		return nil, nil
	}
	if w.merges {
		return func(context.Context, int64, bool) error { w.outdateAll(); return nil }, nil
	}
	if err := w.match(ctx); err != nil {
		return nil, err
	}
	if w.deletes {
		return func(context.Context, int64, bool) error { w.outdate(); w.delete(); return nil }, nil
	}
	changes, err := w.changes(p)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, _ int64, free bool) error {
		w.outdate()
		err := w.change(ctx, changes, free)
		if err != nil {
			s.fail(err) // the rows are written, and the objects are not
		}
		return err
	}, nil
}

// bulkWrite returns what a statement writes of which the session holds objects that
// are to follow, or nil.
func (s *Session) bulkWrite(stmt Statement) *bulkWrite {
	w := &bulkWrite{session: s}
	switch stmt := stmt.(type) {
	case *UpdateStatement:
		w.target, w.others, w.where, w.set = stmt.target, stmt.from, stmt.where, stmt.set
		w.params, w.criteria, w.mode = stmt.params, stmt.criteria, stmt.sync
	case *DeleteStatement:
		w.target, w.others, w.where, w.deletes = stmt.target, stmt.using, stmt.where, true
		w.params, w.criteria, w.mode = stmt.params, stmt.criteria, stmt.sync
	case *MergeStatement:
		w.target, w.merges = stmt.into, true
	default:
		return nil
	}
	n, err := resolved(w.target)
	e, ok := n.(entityItem)
	if ok {
		n = e.source()
	}
	w.byColumn = !ok
	w.from, _ = n.(fromNode)
	t := tableOf(w.from)
	if err != nil || t == nil || t.entity == nil || w.mode == SyncNone {
		return nil
	}
	w.mapper, _ = t.entity.(*Mapper)
	if held := s.identity[w.mapper]; !w.merges && (held == nil || len(held.all) == 0) {
		return nil
	}
	return w
}

// outdate makes all objects stale that a statement may meet.
func (s *Session) outdate(stmt Statement) {
	switch w := s.bulkWrite(stmt); {
	case w == nil:
	case w.merges:
		w.outdateAll()
	default:
		for _, inst := range s.identity[w.mapper].all {
			inst.epoch = 0
		}
	}
}

// outdateAll makes all objects stale whose rows a MERGE may have met, and the
// collections that rows may have come to, or gone from.
func (w *bulkWrite) outdateAll() {
	for m, table := range w.session.identity {
		for _, inst := range table.all {
			if m == w.mapper {
				inst.epoch = 0
			}
			for _, r := range m.rels {
				if r.target == w.mapper && r.direction == OneToMany && inst.rels != nil {
					inst.rels[r.index].epoch = 0
				}
			}
		}
	}
}

// outdate makes the objects stale of which it is not known whether the statement
// has met their rows.
func (w *bulkWrite) outdate() {
	for _, inst := range w.unsure {
		inst.epoch = 0
	}
}

// delete makes objects what a flush makes those whose rows it has deleted.
func (w *bulkWrite) delete() {
	u := &w.session.unit
	table := u.identity.table(w.mapper)
	for _, inst := range w.matched {
		u.remember(inst)
		table.remove(inst)
		inst.state, inst.doomed = Deleted, false
		u.moved(inst, persistentToDeleted)
	}
	u.doomed = slices.DeleteFunc(u.doomed, func(inst *instance) bool { return !inst.doomed })
}
