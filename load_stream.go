// This file loads the relationships of objects that are streamed: block by block,
// so that memory holds one block, and nobody holds what was given away.

package orm

import (
	"context"

	"github.com/aurum-go/orm/types"
)

// streamable prepares a plan for rows of which a block is known at a time: each
// object has to have one row, and no statement may repeat the query. What options
// ask for against this is refused; what tags ask for is loaded by select-in.
func (p *loadPlan) streamable() error {
	for _, step := range p.steps {
		switch many := step.rel.direction != ManyToOne; {
		case step.joined() && !many:
			if err := step.plan.streamable(); err != nil {
				return err
			}
		case !step.joined() && step.strategy != lazySubquery:
		case step.said == "":
			step.strategy = lazySelectIn
		case many && step.joined():
			return notStreamed(step, "an object has one row for each member, and a block may end in between")
		default:
			return notStreamed(step, "its statement would read the relationship of all blocks for each of them")
		}
	}
	return nil
}

func notStreamed(step *loadStep, reason string) error {
	return &UsageError{Kind: ErrUnsupported, Op: "iterate over", Subject: step.rel.fullName(), Reason: reason + " (" + step.said + ")", Advice: "use SelectInLoad, or All"}
}

// blockLoader makes objects with their relationships of the rows of a stream.
type blockLoader struct {
	unit *unit // of the session, which gives the objects that it holds
	run  *loadRun
	plan *loadPlan
	sel  *selection
	mode loadMode // of the rows
}

// load reads a block of objects. Those that the session holds are given as they
// are, and get what they lack; all others are left to the caller.
func (b *blockLoader) load(ctx context.Context, st *stream) (objects []types.Ptr, more bool, err error) {
	own := &loadRun{unit: b.unit.scratch(), criteria: b.run.criteria}
	defer own.unit.releaseAll()
	rows := own.newRows(b.sel, &loadGroup{})
	known := newEntityLoader(b.unit, b.plan, b.mode)
	more, err = st.read(func(scan rowScanFunc) error {
		object, err := rows.readStreamed(scan, known)
		if object != nil {
			objects = append(objects, object)
		}
		return err
	})
	if err != nil {
		return nil, false, err
	}
	err = st.aside(func() error { return rows.complete(ctx, b.unit.conn, known) })
	if err != nil {
		return nil, false, err
	}
	for _, e := range rows.entities[1:] {
		own.tellJoined(e)
	}
	var fresh, held []*instance
	for _, p := range objects {
		if inst := instanceAt(b.plan.mapper, p); inst.unit == b.unit {
			held = append(held, inst)
		} else {
			fresh = append(fresh, inst)
		}
	}
	err = st.aside(func() error {
		return firstError(own.after(ctx, b.plan, fresh, nil), b.run.after(ctx, b.plan, held, nil))
	})
	return objects, more, err
}

// readStreamed reads a row. What belongs to an object that the session holds is
// not for those that nobody will hold.
func (s *selectionRows) readStreamed(scan rowScanFunc, known *entityLoader) (types.Ptr, error) {
	if err := s.scan(scan); err != nil {
		return nil, err
	}
	root := s.entities[0]
	if there, err := root.loader.settle(); err != nil || !there {
		return nil, s.explain(err)
	}
	if known.mode&loadUntracked == 0 {
		key, err := known.unit.keyAt(known.mapper, root.row)
		if err != nil {
			return nil, err
		}
		if inst := known.table.get(key); inst != nil {
			known.meet(inst, root.row)
			return inst.object, nil
		}
	}
	err := s.take()
	return root.object, err
}
