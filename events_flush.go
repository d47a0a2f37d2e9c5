// This file has listeners take part in a flush: before it is planned, at each of
// its rows, and when it is done.

package orm

import (
	"context"
	"slices"

	"github.com/aurum-go/orm/types"
)

// mostFlushes is how often a commit flushes what listeners have changed in the
// flush before.
const mostFlushes = 100

// pendingWork reports whether a flush may have something to write.
func (s *Session) pendingWork() bool {
	s.reclaim()
	return len(s.pending)+len(s.doomed)+len(s.asked) > 0 || len(s.dirty()) > 0
}

// beforeFlush calls the listeners that may still change what a flush writes.
func (s *Session) beforeFlush(ctx context.Context) error {
	if !heard(s, beforeFlushHooks) || !s.pendingWork() {
		return nil
	}
	if err := s.emitPlain(ctx, atBeforeFlush, beforeFlushHooks); err != nil {
		return err
	}
	if err := s.ready("flush"); err != nil {
		return err
	}
	return joinErrors(s.mistakes)
}

// flushView is what New, Dirty and Deleted return while AfterFlush is called.
type flushView struct{ added, dirty, deleted []*instance }

// view notes what a flush is going to write, if anybody will ask for it.
func (s *Session) view() *flushView {
	if !heard(s, afterFlushHooks) {
		return nil
	}
	v := &flushView{dirty: s.dirty()}
	v.added, v.deleted = append(v.added, s.pending...), append(v.deleted, s.doomed...)
	return v
}

// afterFlush calls the listeners of a flush that is done.
func (s *Session) afterFlush(ctx context.Context, v *flushView) error {
	s.flushed = v
	err := func() error {
		defer func() { s.flushed = nil }()
		return s.emitPlain(ctx, atAfterFlush, afterFlushHooks)
	}()
	if err == nil {
		err = s.emitPlain(ctx, atAfterFlushPostExec, postExecHooks)
	}
	if err != nil {
		s.fail(err)
	}
	return err
}

// flushRest flushes what listeners have changed while a commit was flushed.
func (s *Session) flushRest(ctx context.Context, plan *flushPlan) error {
	for range mostFlushes {
		if !plan.watched && !s.wantsTransaction() || !s.pendingWork() {
			return nil
		}
		var err error
		if plan, err = s.plan(ctx); err == nil {
			err = s.runFlush(ctx, plan)
		}
		if err != nil || plan.empty() {
			return err
		}
	}
	err := &UsageError{Kind: ErrHook, Op: "commit", Subject: "session", Reason: "listeners change something in every flush", Advice: "have them leave alone what is as it should be"}
	s.fail(err)
	return err
}

// attend has listeners take part in what a plan writes, if there are any. What was
// planned is counted again then, row by row: a listener may change it.
func (s *Session) attend(plan *flushPlan) error {
	var problems []error
	if err := s.validateMembers(plan.relations); err != nil {
		problems = append(problems, err)
	}
	for _, a := range plan.actions {
		if b, ok := a.(*batch); ok && b.attended() {
			plan.watched = true
			break
		}
	}
	if !plan.watched {
		return joinErrors(problems)
	}
	begun := map[*instance]bool{}
	for i, a := range plan.actions {
		b, ok := a.(*batch)
		if !ok || b.late {
			continue
		}
		if err := s.validateBatch(b); err != nil {
			problems = append(problems, err)
		}
		plan.actions[i] = &watchedBatch{batch: b, session: s, begun: begun}
	}
	return joinErrors(problems)
}

// attended reports whether anybody, the struct itself included, takes part in the
// writing of the mapper's objects.
func (m *Mapper) attended() bool { return m.listenedTo() || m.methodsOf().any }

// attended reports whether anybody takes part in the writing of any object of a batch.
func (b *batch) attended() bool {
	if b.mapper.attended() {
		return true
	}
	return (b.mapper.isPart || b.mapper.polymorphic()) && slices.ContainsFunc(b.items, func(inst *instance) bool { return inst.mapper.attended() })
}

// begins reports whether the batch is the first that writes an object, which may be
// in several tables.
func (b *batch) begins(inst *instance) bool {
	parts := inst.mapper.parts
	switch {
	case parts == nil:
		return true
	case b.kind == batchInsert:
		return b.mapper == parts[0]
	case b.kind == batchDelete:
		return b.mapper == parts[len(parts)-1]
	}
	steps := inst.updateSteps(inst.changedShape(), false)
	return len(steps) == 0 || b.mapper == steps[0].mapper
}

// watchedBatch is a batch of which each row is shown to listeners.
type watchedBatch struct {
	*batch
	session *Session
	begun   map[*instance]bool // those in several tables of which one was updated; of the whole plan
}

// starts is begins while the plan is under way: the first batch of an object writes to
// all its tables what has changed, so that nothing is left by which to tell the others.
func (w *watchedBatch) starts(inst *instance) bool {
	if inst.mapper.parts == nil || w.kind == batchInsert || w.kind == batchDelete {
		return w.begins(inst)
	}
	first := !w.begun[inst]
	w.begun[inst] = true
	return first
}

// moments are those before and after the rows of a batch are written.
func (b *batch) moments() (before, after rowMoment) {
	switch b.kind {
	case batchUpdate:
		return beforeUpdate, afterUpdate
	case batchDelete:
		return beforeDelete, afterDelete
	}
	return beforeInsert, afterInsert
}

func (w *watchedBatch) run(ctx context.Context, u *unit, conn *Conn) error {
	before, after := w.moments()
	for _, inst := range w.items {
		if !w.starts(inst) {
			continue
		}
		if err := w.before(ctx, u, conn, inst, before); err != nil {
			return err
		}
	}
	parts := w.parts()
	for _, b := range parts {
		if err := b.run(ctx, u, conn); err != nil {
			return err
		}
		b.settle(u)
	}
	for _, b := range parts {
		if b.goesOn {
			continue
		}
		for _, inst := range b.items {
			if err := w.session.callRow(ctx, inst, after); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *watchedBatch) part(items []*instance) action {
	part := *w.batch
	part.items = items
	return &watchedBatch{batch: &part, session: w.session, begun: w.begun}
}

// settle does nothing: the parts are settled one by one.
func (*watchedBatch) settle(*unit) {}

// before calls the listeners of a row that is to be written, with the foreign keys
// that it takes from others.
func (w *watchedBatch) before(ctx context.Context, u *unit, conn *Conn, inst *instance, m rowMoment) error {
	if !inst.mapper.attended() {
		return nil
	}
	if m == beforeDelete {
		return w.session.callRow(ctx, inst, m)
	}
	u.remember(inst)
	u.noteFields(inst, setOf(inst.mapper.props))
	record := u.birth(inst)
	err := u.writer(conn, w.mapper).followLinks(inst, false, func(p *property) {
		if record != nil {
			record.fills(inst, p)
		}
	})
	if err != nil {
		return err
	}
	if m == beforeUpdate {
		if err := w.session.callChanged(ctx, inst); err != nil {
			return err
		}
	}
	if err := w.session.callRow(ctx, inst, m); err != nil {
		return err
	}
	return w.session.validate(inst, true)
}

// parts are the rows of a batch as they are to be written now, by their columns.
func (w *watchedBatch) parts() []*batch {
	if w.kind == batchDelete || w.kind == batchReplace {
		return []*batch{w.batch}
	}
	var steps []step
	for _, inst := range w.items {
		switch {
		case w.kind == batchInsert:
			steps = append(steps, inst.insertStep(w.mapper))
		case inst.isChanged() || !inst.linkedColumns().empty():
			steps = append(steps, inst.updateSteps(inst.changedShape(), false)...) // of all tables: a listener may have changed any
		}
	}
	plan := &flushPlan{}
	plan.add(steps, false)
	parts := make([]*batch, len(plan.actions))
	for i, a := range plan.actions {
		parts[i] = a.(*batch)
	}
	return parts
}

// callRow calls the listeners of a row: the struct's own method, and then those of
// its lineage.
func (s *Session) callRow(ctx context.Context, inst *instance, m rowMoment) error {
	if !inst.mapper.attended() {
		return nil
	}
	return s.at(rowMomentsAt[m], func() error {
		if method := inst.mapper.methodsOf().at[m]; method != nil {
			if err := method(ctx, s, inst.object); err != nil {
				return err
			}
		}
		for _, f := range inst.mapper.lineage() {
			for _, listener := range f.listeners.rows[m].list() {
				if err := listener(ctx, s, fieldPtr(inst.object, f.offset)); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

// callChanged tells of the fields of an object that are to be written and differ
// from its row.
func (s *Session) callChanged(ctx context.Context, inst *instance) error {
	for _, f := range inst.mapper.lineage() {
		for _, l := range f.listeners.changes.list() {
			p := inst.mapper.propertyOf(f.offset+l.offset, l.goType)
			if p == nil || sameField(p, inst.object, inst.snapshot) {
				continue
			}
			err := s.at(atChanged, func() error {
				return l.changed(ctx, s, fieldPtr(inst.object, f.offset), fieldPtr(inst.snapshot, p.offset), fieldPtr(inst.object, p.offset))
			})
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// Changed has a listener hear of a field, given by its address in an entity
// reference, of objects whose row is about to be updated and holds another value
// there: of both values, before those of BeforeUpdate are called. A new object has
// no row to differ from. Of a deferred column that was not read, the value before is
// the zero value. It keeps to the rules of [MapperEvents], and returns a function
// that takes the listener out again.
//
//	u := orm.Entity[User]()
//	orm.Changed(&u.Email, func(ctx context.Context, s *orm.Session, u *User, before, after string) error { … })
//
// A field that is no column of T is an [ErrArgument], with which it panics.
func Changed[T, V any](field *V, f func(ctx context.Context, s *Session, object *T, before, after V) error) (remove func()) {
	ref, offset := mustField[V]("Changed", field)
	if ref.goType != typeFor[T]() {
		panic(&UsageError{Kind: ErrArgument, Op: "Changed", Subject: ref.goType.Name(), Reason: "the listener is for " + typeFor[T]().String(), Advice: "take the field of an entity reference of that struct"})
	}
	l := &fieldListener{offset: offset, goType: typeFor[V](), changed: func(ctx context.Context, session any, object, before, after types.Ptr) error {
		return f(ctx, session.(*Session), typedPointer[T](object), *typedPointer[V](before), *typedPointer[V](after))
	}}
	listeners := listenersOf(ref.goType)
	return listen(listeners, &listeners.changes, l)
}
