// This file holds what a query for objects does whatever their type is, so that it
// is compiled once.

package orm

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	"github.com/aurum-go/orm/types"
)

// objectQuery is what an [EntityQuery] knows. Its statement is never nil.
type objectQuery struct {
	session *Session
	mapper  *Mapper
	entity  *entityRef
	stmt    *SelectStatement
	options []Option
	mode    loadMode
	more    []inherited // columns of structs that inherit, if not those that come anyway
	refresh bool        // relationships, too, take what the rows say
	allRows bool
	sync    SyncMode
	err     error
}

// queryFor is the query for all objects of a struct.
func queryFor(s *Session, t reflect.Type) objectQuery {
	if s == nil {
		return noQuery(nilArgument("query", "session"))
	}
	m, err := s.mapperOf(t)
	if err != nil {
		return noQuery(err)
	}
	ref := referenceOf(refKey{goType: t, registry: s.options.registry})
	entity := &entityNode{ref}
	q := objectQuery{session: s, mapper: m, entity: ref, stmt: &SelectStatement{columns: []Node{entity}, from: []Node{entity}}}
	if m.union != nil {
		q.unite(m.union.source)
	}
	return q
}

// noQuery is a query that is nothing but a mistake.
func noQuery(err error) objectQuery { return objectQuery{err: err, stmt: &SelectStatement{}} }

// failed is the query with a mistake, unless it has one already.
func (q *objectQuery) failed(err error) objectQuery {
	failed := *q
	failed.err = firstError(q.err, err)
	return failed
}

// on is the query with another statement.
func (q *objectQuery) on(stmt *SelectStatement) objectQuery {
	changed := *q
	changed.stmt = stmt
	return changed
}

// statement is the SELECT of the query, or its mistake as one.
func (q *objectQuery) statement() *SelectStatement {
	if q.err != nil {
		return &SelectStatement{from: []Node{&errorNode{q.err}}}
	}
	return q.stmt
}

// filterBy adds conditions of equality.
func (q *objectQuery) filterBy(pairs []any) objectQuery {
	switch {
	case q.err != nil:
		return *q
	case len(pairs)%2 != 0:
		return q.failed(q.noPairs(fmt.Sprintf("%d arguments are no pairs of names and values", len(pairs))))
	}
	filtered := *q
	for pair := range slices.Chunk(pairs, 2) {
		name, ok := pair[0].(string)
		if !ok {
			return q.failed(q.noPairs(fmt.Sprintf("a %T stands where a field's name belongs", pair[0])))
		}
		condition, err := q.fieldEquals(name, pair[1])
		if err != nil {
			return q.failed(err)
		}
		filtered.stmt = filtered.stmt.Where(condition)
	}
	return filtered
}

func (q *objectQuery) noPairs(reason string) error {
	return &UsageError{Kind: ErrArgument, Op: "filter", Subject: q.mapper.name, Reason: reason, Advice: `as in FilterBy("Name", "ed", "Age", 40)`}
}

// fieldEquals is the condition that a field of the query's own entity has a
// value.
func (q *objectQuery) fieldEquals(name string, v any) (Expr[bool], error) {
	entity, err := q.entity.entity()
	if err != nil {
		return Expr[bool]{}, err
	}
	column, ok := fieldNode(entity, name)
	if !ok {
		return Expr[bool]{}, &UsageError{
			Kind: ErrUnknownName, Op: "filter", Subject: q.mapper.name, Reason: "there is no field " + quoted(name),
			Advice: thereAre(entity.fieldNames()),
		}
	}
	if e, ok := v.(Expression); ok {
		return condition(opEq, column, e.expression()), nil
	}
	return compareValue(opEq, column, v), nil
}

// atMost is the statement with a limit, unless it has a smaller one, or a mistake
// in it. Rows that are not objects are not counted.
func (q *objectQuery) atMost(n int) *SelectStatement {
	if slices.ContainsFunc(q.options, Option.repeats) {
		return q.stmt
	}
	return atMost(q.stmt, n)
}

// count returns the number of rows that the query has.
func (q *objectQuery) count(ctx context.Context) (int64, error) {
	if q.err != nil {
		return 0, q.err
	}
	var n int64
	counts, err := Fetch[int64](ctx, q.session, countOf(q.stmt)) // one, or one of each shard
	for _, count := range counts {
		n += count
	}
	return n, err
}

// exists reports whether the query has any row.
func (q *objectQuery) exists(ctx context.Context) (bool, error) {
	if q.err != nil {
		return false, q.err
	}
	rows, err := Fetch[int64](ctx, q.session, probeOf(q.stmt))
	return len(rows) > 0, err
}

// streamed is the query whose objects are handed over as they come.
func (q *objectQuery) streamed() *objectQuery {
	streamed := *q
	streamed.mode |= loadStreamed
	return &streamed
}

// criteria are those that hold in the query.
func (q *objectQuery) criteria() []Criteria { return q.stmt.criteria.within(q.session.criteria) }

// each sends the query and hands its objects over until the function has had
// enough. While they are streamed, the session takes other calls in between.
func (q *objectQuery) each(ctx context.Context, f func(types.Ptr) bool) error {
	if q.err != nil {
		return q.err
	}
	s := q.session
	if err := s.enter("query"); err != nil {
		return err
	}
	entered := true
	defer func() {
		if entered {
			s.leave()
		}
	}()
	plan, err := q.plan()
	if err != nil {
		return err
	}
	if q.mode&loadStreamed == 0 {
		return s.spread(ctx, q.mapper, func(ctx context.Context) (bool, error) { return true, q.load(ctx, plan, f) })
	}
	var refused error
	more := true
	err = s.spread(ctx, q.mapper, func(ctx context.Context) (bool, error) {
		err := q.stream(ctx, plan, func(object types.Ptr) bool {
			entered = false
			s.leave()
			more = f(object)
			refused = s.enter("query")
			entered = refused == nil
			return more && entered
		})
		return more && entered, err
	})
	return firstError(err, refused)
}

// plan is what the options and the tags ask for.
func (q *objectQuery) plan() (*loadPlan, error) {
	plan, err := q.wholePlan()
	if sources := sourcesIn(q.stmt.from); err == nil && len(sources) > 0 {
		plan, err = plan.narrow(q.mapper.from, sources)
	}
	if err == nil && q.mode&loadStreamed != 0 {
		err = plan.streamable()
	}
	return plan, err
}

func (q *objectQuery) wholePlan() (*loadPlan, error) {
	plan, err := q.optionPlan()
	if err == nil && q.more != nil {
		plan.more, plan.united = q.more, q.mapper.union != nil
	}
	return plan, err
}

func (q *objectQuery) optionPlan() (*loadPlan, error) {
	if len(q.options) == 0 && !q.mapper.loadsRelations() && len(q.mapper.columnProperties()) == 0 {
		return &loadPlan{mapper: q.mapper, props: q.mapper.eager, more: q.mapper.more}, nil
	}
	return planFor(q.mapper, q.options, q.criteria())
}

// selecting is the statement with the columns of a plan.
func (q *objectQuery) selecting(plan *loadPlan) *SelectStatement {
	if slices.Equal(plan.props, q.mapper.eager) && (q.more != nil || slices.Equal(plan.more, q.mapper.more)) {
		return q.stmt
	}
	columns := (&selected{plan: plan, column: entityOf(q.mapper).column}).columns()
	return q.stmt.with(func(s *SelectStatement) { s.columns = columns })
}

// load sends the query, and loads what the plan asks for with its objects.
func (q *objectQuery) load(ctx context.Context, plan *loadPlan, f func(types.Ptr) bool) error {
	if !plan.plain() {
		return q.loadRelated(ctx, plan, f)
	}
	cur, err := q.send(ctx, q.selecting(plan))
	if err != nil {
		return err
	}
	loader := newEntityLoader(&q.session.unit, plan, q.mode)
	if err := handOver(cur, loader, f); err != nil {
		return err
	}
	return loader.complete(ctx, q.session.conn)
}

// loadRelated is load with relationships. Objects that nobody is to hold are
// loaded in a unit of their own.
func (q *objectQuery) loadRelated(ctx context.Context, plan *loadPlan, f func(types.Ptr) bool) error {
	sel, err := selectObjects(plan, q.stmt)
	if err != nil {
		return err
	}
	cur, err := q.send(ctx, sel.stmt)
	if err != nil {
		return err
	}
	run := &loadRun{unit: &q.session.unit, criteria: q.criteria(), mode: q.mode &^ loadUntracked, refresh: q.refresh}
	if q.mode&loadUntracked != 0 {
		run.unit = q.session.scratch()
		defer run.unit.releaseAll()
	}
	var objects []types.Ptr
	seen, repeats := map[types.Ptr]bool{}, sel.repeats()
	err = run.receive(ctx, cur, sel, &loadGroup{}, func(object, _ types.Ptr) error {
		if !repeats || !seen[object] {
			objects = append(objects, object)
		}
		if repeats {
			seen[object] = true
		}
		return nil
	})
	if err != nil {
		return err
	}
	run.mode = q.membersMode()
	if err := run.after(ctx, plan, instancesAt(q.mapper, objects), originOf(q.mapper, q.stmt)); err != nil {
		return err
	}
	for _, object := range objects {
		f(object)
	}
	return nil
}

// membersMode is how rows of what the objects lead to meet the session: a lock is
// on the rows of the query alone.
func (q *objectQuery) membersMode() loadMode {
	mode := q.mode &^ (loadUntracked | loadStreamed)
	if !q.refresh {
		mode &^= loadRefresh
	}
	return mode
}

// send sends a statement of the query, once it is known to be one.
func (q *objectQuery) send(ctx context.Context, stmt *SelectStatement) (*cursor, error) {
	p, err := q.ready(ctx, stmt)
	if err != nil {
		return nil, err
	}
	return q.session.conn.query(ctx, p.compiled, p.args)
}

// ready makes a statement of the query ready to be sent.
func (q *objectQuery) ready(ctx context.Context, stmt *SelectStatement) (prepared, error) {
	p, err := prepareFor(ctx, q.session, stmt)
	if err != nil {
		return p, err
	}
	return p, q.session.prepareFor(ctx, p.compiled)
}

// handOver reads the objects of a result and closes it, whatever happens. What
// was made of a result that is cut short is let go.
func handOver(cur *cursor, l *entityLoader, f func(types.Ptr) bool) error {
	whole := false
	defer func() {
		if !whole {
			l.abandon()
		}
	}()
	err := cur.drain("read", func() error { return loadEach(cur, l, f) })
	whole = err == nil
	return err
}

func loadEach(cur *cursor, l *entityLoader, f func(types.Ptr) bool) error {
	for cur.Next() {
		p, err := l.load(cur)
		if err != nil {
			return err
		}
		if p != nil && !f(p) {
			break
		}
	}
	return cur.Err()
}

// countOf counts the rows of a SELECT. One whose rows are not simply those of
// its tables is counted from outside.
func countOf(s *SelectStatement) *SelectStatement {
	plain := rowsOf(s)
	if s.distinct || len(s.distinctOn) > 0 || len(s.groupBy) > 0 || len(s.having) > 0 || s.limit != nil || s.offset != nil {
		return Select(Count()).From(plain.Subquery("counted"))
	}
	return plain.Columns(Count())
}

// rowsOf is a SELECT of which only the rows matter, not their order or locks. By
// the order it is known which rows are equal to the last.
func rowsOf(s *SelectStatement) *SelectStatement {
	return s.with(func(s *SelectStatement) {
		if s.lock = nil; !s.ties {
			s.orderBy = nil
		}
	})
}

// probeOf has a row where a SELECT has one. An offset counts the rows that
// DISTINCT leaves, so these are made first.
func probeOf(s *SelectStatement) *SelectStatement {
	one := Expr[int64]{&constNode{"1"}}
	plain := rowsOf(s)
	if s.distinct && s.offset != nil {
		return Select(one).From(plain.Subquery("probed")).Limit(1)
	}
	return atMost(plain.with(func(s *SelectStatement) { s.distinct = false }).Columns(one), 1)
}

func atMost(s *SelectStatement, n int) *SelectStatement {
	limit, ok := s.limit.(*bindNode)
	if s.limit == nil || ok && limit.value.(int64) > int64(n) {
		return s.Limit(n)
	}
	return s
}
