// This file finds out which objects of a session a statement is going to meet: in
// memory, or by asking the database.

package orm

import (
	"context"
	"slices"

	"github.com/aurum-go/orm/types"
)

// match sorts the objects that the session holds: those that the statement meets,
// and those of which nobody knows.
func (w *bulkWrite) match(ctx context.Context) error {
	e, condition, err := w.condition()
	if err != nil {
		return err
	}
	for _, inst := range w.session.identity.held(w.mapper) {
		if inst.shard != w.session.shard {
			continue
		}
		switch v, ok := w.evaluate(inst, e, condition); {
		case !ok:
			w.unsure = append(w.unsure, inst)
		case v.number != 0:
			w.matched = append(w.matched, inst)
		}
	}
	if len(w.unsure) == 0 || w.mode == SyncEvaluate {
		return nil
	}
	unsure := w.unsure
	w.unsure = nil
	slices.SortFunc(unsure, compareInstances)
	return w.ask(ctx, unsure)
}

// condition is what makes a statement meet a row, to be evaluated in memory. It is
// nil where the statement has to be asked in the first place.
func (w *bulkWrite) condition() (*evaluator, evaluation, error) {
	e := w.evaluator()
	if w.mode == SyncFetch {
		return e, nil, nil
	}
	if len(w.others) > 0 {
		_ = e.unknown("another table")
	}
	conditions := append(e.evaluations(w.where), w.criteriaHold(e)...)
	if w.mode == SyncEvaluate && e.obstacle != "" {
		return nil, nil, &UsageError{
			Kind: ErrUnsupported, Op: w.op(), Subject: w.mapper.table.FullName(), Reason: "the condition cannot be evaluated in memory, because of " + e.obstacle,
			Advice: "let the objects follow with SyncAuto or SyncFetch",
		}
	}
	if len(w.others) > 0 {
		return e, nil, nil
	}
	return e, junction(conditions, 0), nil
}

func (w *bulkWrite) op() string {
	if w.deletes {
		return "delete"
	}
	return "update"
}

func (w *bulkWrite) evaluator() *evaluator {
	return &evaluator{mapper: w.mapper, from: w.from, features: w.session.conn.features(), params: w.params, byColumn: w.byColumn}
}

// criteriaHold are the evaluations of the criteria that hold in the statement.
func (w *bulkWrite) criteriaHold(e *evaluator) []evaluation {
	var list []evaluation
	for _, c := range w.criteria.within(w.session.criteria) {
		if c.is.mistake() != nil {
			continue // the statement has said so
		}
		if reference := w.mapper.reference(c.is.goType); reference != nil {
			own := *e
			own.from, own.byColumn = w.mapper.from, false
			list = append(list, own.evaluation(c.is.on(reference)))
			e.used, e.obstacle = own.used, own.obstacle
		}
	}
	return list
}

// evaluate tells whether the condition holds for what the row of an object is
// known to hold. It is not known for one that is stale or lacks a column.
func (*bulkWrite) evaluate(inst *instance, e *evaluator, condition evaluation) (datum, bool) {
	if condition == nil || !inst.holds(e.used) {
		return datum{}, false
	}
	return condition(inst.snapshot)
}

// holds reports whether columns of an object were read, and are not stale. A key
// does not change behind one's back.
func (i *instance) holds(columns columnSet) bool {
	if columns = columns.minus(setOf(i.mapper.keys)); columns.empty() {
		return true
	}
	return i.epoch == i.unit.epoch && columns.minus(i.unloaded).minus(i.expired) == columns
}

// ask reads the keys of those of the objects that the statement meets, and locks
// their rows, so that it meets them indeed.
func (w *bulkWrite) ask(ctx context.Context, objects []*instance) error {
	table := w.session.identity.table(w.mapper)
	met := map[*instance]bool{}
	for part := range slices.Chunk(objects, relationChunk) {
		rows, err := w.keysOf(ctx, part)
		if err != nil {
			return err
		}
		for _, row := range rows {
			key, err := w.session.keyAt(w.mapper, row)
			if err != nil {
				return err
			}
			if inst := table.get(key); inst != nil && !met[inst] {
				met[inst] = true
				w.matched = append(w.matched, inst)
			}
		}
	}
	return nil
}

func (w *bulkWrite) keysOf(ctx context.Context, objects []*instance) ([]types.Ptr, error) {
	conn := w.session.conn
	compiled, args, err := compileWithArgs(conn, w.asking(objects), w.session.criteria)
	if err != nil {
		return nil, err
	}
	cur, err := conn.query(ctx, compiled, args)
	if err != nil {
		return nil, err
	}
	return readBlock(cur, w.mapper, w.mapper.keys, len(objects))
}

// asking selects the keys of those of the objects that the statement meets.
func (w *bulkWrite) asking(objects []*instance) *SelectStatement {
	keys := make([]Node, len(w.mapper.keys))
	for i, p := range w.mapper.keys {
		keys[i] = &columnNode{p.column, w.from}
	}
	stmt := &SelectStatement{
		columns: keys, from: extended([]Node{w.target}, w.others...), where: extended(w.where, keysAmong(w.mapper, keys, objects)),
		params: w.params, criteria: w.criteria, lock: &lockClause{},
	}
	if w.session.conn.features().LockOf && len(w.others) > 0 {
		stmt.lock.of = []Node{w.target}
	}
	return stmt
}

// keysAmong is the condition that a key is that of one of the objects.
func keysAmong(m *Mapper, keys []Node, objects []*instance) Node {
	rows := make([]types.Ptr, len(objects))
	for n, inst := range objects {
		rows[n] = inst.snapshot
	}
	return keysIn(m, keys, rows)
}
