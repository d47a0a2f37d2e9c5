// This file hands the objects of a query over while they are being read: one by
// one, or in blocks with what they lead to.

package orm

import (
	"context"

	"github.com/aurum-go/orm/types"
)

// stream reads the objects one by one.
func (q *objectQuery) stream(ctx context.Context, plan *loadPlan, f func(types.Ptr) bool) error {
	if len(plan.steps)+len(plan.computed) > 0 || plan.completes() {
		return q.streamBlocks(ctx, plan, f)
	}
	cur, err := q.send(ctx, q.selecting(plan))
	if err != nil {
		return err
	}
	loader := newEntityLoader(&q.session.unit, plan, q.mode)
	return handOver(cur, loader, func(object types.Ptr) bool {
		more := f(object)
		if more {
			loader.renewTable() // the loop may have let go of all objects
		}
		return more
	})
}

// streamBlocks reads the objects in blocks, and loads their relationships before
// it hands them over.
func (q *objectQuery) streamBlocks(ctx context.Context, plan *loadPlan, f func(types.Ptr) bool) error {
	sel, err := selectObjects(plan, q.stmt)
	if err != nil {
		return err
	}
	p, err := q.ready(ctx, sel.stmt)
	if err != nil {
		return err
	}
	s := q.session
	st, err := s.conn.stream(ctx, p.compiled, p.args, relationChunk)
	if err != nil {
		return err
	}
	block := &blockLoader{unit: &s.unit, plan: plan, sel: sel, mode: q.mode, run: &loadRun{unit: &s.unit, criteria: q.criteria(), mode: q.membersMode(), refresh: q.refresh}}
	return st.drain(func() error { //nolint:contextcheck // it closes with the context of the stream
		for more := true; more; {
			objects, rest, err := block.load(ctx, st)
			if err != nil {
				return err
			}
			more = rest
			for i, object := range objects {
				objects[i] = nil
				if !f(object) {
					return nil
				}
				if st.err != nil {
					return st.err
				}
			}
		}
		return nil
	})
}
