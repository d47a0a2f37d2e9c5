// This file holds the query over a mapped struct: an immutable chain that ends
// in a method which sends SQL.

package orm

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"reflect"
	"slices"

	"github.com/aurum-go/orm/types"
)

// EntityQuery is a query for objects of a mapped struct. Its methods return a
// changed copy, so that a query can be kept and extended twice. A mistake in
// the chain is kept, and comes out where SQL would be sent.
type EntityQuery[T any] struct {
	session *Session
	mapper  *Mapper
	stmt    *SelectStatement
	options []Option
	mode    loadMode
	refresh bool // relationships, too, take what the rows say
	allRows bool
	sync    SyncMode
	err     error
}

// Query begins a query for objects of a struct. It emits no SQL yet.
//
//	users, err := orm.Query[User](s).Filter(orm.C(&u.Name).Like("e%")).All(ctx)
//	// SELECT users.id, users.name FROM users WHERE users.name LIKE ?
func Query[T any](s *Session) *EntityQuery[T] {
	q := &EntityQuery[T]{session: s}
	if q.mapper, q.err = s.mapperOf(typeFor[T]()); q.err != nil {
		return q
	}
	entity := Entity[T]()
	if s.options.registry != nil {
		entity = EntityIn[T](s.options.registry)
	}
	q.stmt = Select(entity).From(entity)
	return q
}

func typeFor[T any]() reflect.Type { return reflect.TypeFor[T]() }

// with returns a copy with another statement.
func (q *EntityQuery[T]) with(change func(*SelectStatement) *SelectStatement) *EntityQuery[T] {
	changed := *q
	if q.err == nil {
		changed.stmt = change(q.stmt)
	}
	return &changed
}

func (q *EntityQuery[T]) failed(err error) *EntityQuery[T] {
	changed := *q
	changed.err = firstError(q.err, err)
	return &changed
}

// Statement returns the SELECT that the query is so far, with its mistake if
// there is one.
func (q *EntityQuery[T]) Statement() *SelectStatement {
	if q.err != nil {
		return &SelectStatement{from: []Node{&errorNode{q.err}}}
	}
	return q.stmt
}

// Filter adds conditions; all that were ever added are joined with AND.
func (q *EntityQuery[T]) Filter(conditions ...Expr[bool]) *EntityQuery[T] {
	return q.with(func(s *SelectStatement) *SelectStatement { return s.Where(conditions...) })
}

// FilterBy adds conditions of equality, given as pairs of a field's name and a
// value or expression. A nil is IS NULL; a zero is a value like any other. An
// unknown name is an [ErrUnknownName] that lists the fields, a value without a
// name an [ErrArgument].
//
//	orm.Query[User](s).FilterBy("Name", "ed", "Age", nil)
func (q *EntityQuery[T]) FilterBy(pairs ...any) *EntityQuery[T] {
	if q.err != nil {
		return q
	}
	if len(pairs)%2 != 0 {
		return q.failed(q.noPairs(fmt.Sprintf("%d arguments are no pairs of names and values", len(pairs))))
	}
	for pair := range slices.Chunk(pairs, 2) {
		name, ok := pair[0].(string)
		if !ok {
			return q.failed(q.noPairs(fmt.Sprintf("a %T stands where a field's name belongs", pair[0])))
		}
		condition, err := q.fieldEquals(name, pair[1])
		if err != nil {
			return q.failed(err)
		}
		q = q.Filter(condition)
	}
	return q
}

func (q *EntityQuery[T]) noPairs(reason string) error {
	return &UsageError{Kind: ErrArgument, Op: "filter", Subject: q.mapper.name, Reason: reason, Advice: `as in FilterBy("Name", "ed", "Age", 40)`}
}

// fieldEquals is the condition that a field of the query's own entity has a
// value.
func (q *EntityQuery[T]) fieldEquals(name string, v any) (Expr[bool], error) {
	n, err := resolved(q.stmt.columns[0])
	if err != nil {
		return Expr[bool]{}, err
	}
	entity := n.(entityItem)
	column, ok := entity.property(name)
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

// OrderBy adds expressions to ORDER BY.
func (q *EntityQuery[T]) OrderBy(items ...OrderItem) *EntityQuery[T] {
	return q.with(func(s *SelectStatement) *SelectStatement { return s.OrderBy(items...) })
}

// Unordered drops the ORDER BY.
func (q *EntityQuery[T]) Unordered() *EntityQuery[T] {
	return q.with((*SelectStatement).Unordered)
}

// Limit returns at most n objects.
func (q *EntityQuery[T]) Limit(n int) *EntityQuery[T] {
	return q.with(func(s *SelectStatement) *SelectStatement { return s.Limit(n) })
}

// Offset leaves out the first n objects.
func (q *EntityQuery[T]) Offset(n int) *EntityQuery[T] {
	return q.with(func(s *SelectStatement) *SelectStatement { return s.Offset(n) })
}

// Distinct leaves out rows that are equal to another.
func (q *EntityQuery[T]) Distinct() *EntityQuery[T] {
	return q.with((*SelectStatement).Distinct)
}

// GroupBy adds expressions to GROUP BY.
func (q *EntityQuery[T]) GroupBy(items ...Expression) *EntityQuery[T] {
	return q.with(func(s *SelectStatement) *SelectStatement { return s.GroupBy(items...) })
}

// Having adds conditions on groups.
func (q *EntityQuery[T]) Having(conditions ...Expr[bool]) *EntityQuery[T] {
	return q.with(func(s *SelectStatement) *SelectStatement { return s.Having(conditions...) })
}

// Join joins a table, an alias, an entity reference, or what the address of a
// relationship leads to; see [SelectStatement.Join]. An object whose row meets
// several comes several times: [EntityQuery.Distinct] leaves one.
//
//	orm.Query[User](s).Join(&u.Posts).Filter(orm.C(&p.Title).Eq("hello"))
func (q *EntityQuery[T]) Join(target any, more ...any) *EntityQuery[T] {
	return q.with(func(s *SelectStatement) *SelectStatement { return s.Join(target, more...) })
}

// OuterJoin is Join that keeps objects without a partner.
func (q *EntityQuery[T]) OuterJoin(target any, more ...any) *EntityQuery[T] {
	return q.with(func(s *SelectStatement) *SelectStatement { return s.OuterJoin(target, more...) })
}

// Params gives values to the parameters that [Param] left open.
func (q *EntityQuery[T]) Params(values M) *EntityQuery[T] {
	return q.with(func(s *SelectStatement) *SelectStatement { return s.Params(values) })
}

// ForUpdate locks the rows until the transaction ends. Objects that the session
// holds take what the locked rows say.
func (q *EntityQuery[T]) ForUpdate(options ...LockOption) *EntityQuery[T] {
	return q.locked(func(s *SelectStatement) *SelectStatement { return s.ForUpdate(options...) })
}

// ForShare locks the rows against changes by others, and is else as ForUpdate.
func (q *EntityQuery[T]) ForShare(options ...LockOption) *EntityQuery[T] {
	return q.locked(func(s *SelectStatement) *SelectStatement { return s.ForShare(options...) })
}

func (q *EntityQuery[T]) locked(change func(*SelectStatement) *SelectStatement) *EntityQuery[T] {
	locked := q.with(change)
	locked.mode |= loadRefresh
	return locked
}

// Options says how relationships are loaded, and which columns are read. An
// option that does not fit comes out where SQL would be sent. [EntityQuery.Count]
// and [EntityQuery.Exists] take no notice of them.
//
//	orm.Query[User](s).Options(orm.SelectInLoad(&u.Posts, orm.SelectInLoad(&p.Tags)))
func (q *EntityQuery[T]) Options(options ...Option) *EntityQuery[T] {
	changed := *q
	changed.options = slices.Concat(q.options, options)
	return &changed
}

// PopulateExisting has objects that the session holds already take what the rows
// say, columns and the relationships that the query loads. What was changed in
// them is lost, unless the flush before the query has written it.
func (q *EntityQuery[T]) PopulateExisting() *EntityQuery[T] {
	changed := *q
	changed.mode |= loadRefresh
	changed.refresh = true
	return &changed
}

// WithCriteria has further criteria hold in the query, and in what its options
// load with the objects. [Load] goes by those of the session.
func (q *EntityQuery[T]) WithCriteria(criteria ...Criteria) *EntityQuery[T] {
	return q.with(func(s *SelectStatement) *SelectStatement { return s.WithCriteria(criteria...) })
}

// WithoutCriteria lifts the criteria of the session for the query, and for what
// its options load with the objects.
//
//	orm.Query[Post](s).WithoutCriteria()   // deleted ones, too
func (q *EntityQuery[T]) WithoutCriteria() *EntityQuery[T] {
	return q.with((*SelectStatement).WithoutCriteria)
}

// criteria are those that hold in the query.
func (q *EntityQuery[T]) criteria() []Criteria { return q.stmt.criteria.within(q.session.criteria) }

// Untracked returns objects that the session does not hold: detached, and read
// afresh even if it holds one for the row. It is the cheapest way to read many.
func (q *EntityQuery[T]) Untracked() *EntityQuery[T] {
	untracked := *q
	untracked.mode |= loadUntracked
	return &untracked
}

// All returns the objects, in the order of the query. The row of an object that
// the session holds gives that object, with what was changed in it.
func (q *EntityQuery[T]) All(ctx context.Context) ([]*T, error) {
	var objects []*T
	err := q.each(ctx, func(object *T) bool {
		objects = append(objects, object)
		return true
	})
	if err != nil {
		return nil, err
	}
	return objects, nil
}

// First returns the first object, or [ErrNoRows]. It adds LIMIT 1, and no
// ORDER BY.
func (q *EntityQuery[T]) First(ctx context.Context) (*T, error) {
	objects, err := q.atMost(1).All(ctx)
	return only(objects[:min(1, len(objects))], err)
}

// One returns the one object that there is. It returns [ErrNoRows] if there is
// none, and [ErrMultipleRows] if there are more.
func (q *EntityQuery[T]) One(ctx context.Context) (*T, error) {
	return only(q.atMost(2).All(ctx))
}

// OneOrNil is One that returns nil, and no error, if there is none.
func (q *EntityQuery[T]) OneOrNil(ctx context.Context) (*T, error) {
	return orNil(q.One(ctx))
}

func orNil[T any](object *T, err error) (*T, error) {
	if errors.Is(err, ErrNoRows) {
		return nil, nil
	}
	return object, err
}

// atMost is Limit that leaves a smaller limit, or a mistake in it, as it is. Rows
// that are not objects are not counted.
func (q *EntityQuery[T]) atMost(n int) *EntityQuery[T] {
	if slices.ContainsFunc(q.options, Option.repeats) {
		return q
	}
	return q.with(func(s *SelectStatement) *SelectStatement { return atMost(s, n) })
}

func atMost(s *SelectStatement, n int) *SelectStatement {
	limit, ok := s.limit.(*bindNode)
	if s.limit == nil || ok && limit.value.(int64) > int64(n) {
		return s.Limit(n)
	}
	return s
}

func only[T any](objects []*T, err error) (*T, error) {
	switch {
	case err != nil:
		return nil, err
	case len(objects) == 0:
		return nil, &noObject{typeFor[T]().Name()}
	case len(objects) > 1:
		return nil, &UsageError{Kind: ErrMultipleRows, Op: "read", Subject: typeFor[T]().Name(), Reason: "one row was asked for and there are more", Advice: "use First or All"}
	}
	return objects[0], nil
}

// noObject is [ErrNoRows] that names the struct.
type noObject struct{ name string }

func (e *noObject) Error() string { return "orm: read " + e.name + ": no row meets the conditions" }
func (e *noObject) Unwrap() error { return ErrNoRows }

// Count returns the number of rows that All would read: "SELECT count(*) …".
func (q *EntityQuery[T]) Count(ctx context.Context) (int64, error) {
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

// Exists reports whether All would read any row: "SELECT 1 … LIMIT 1".
func (q *EntityQuery[T]) Exists(ctx context.Context) (bool, error) {
	if q.err != nil {
		return false, q.err
	}
	rows, err := Fetch[int64](ctx, q.session, probeOf(q.stmt))
	return len(rows) > 0, err
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

// Iter reads the objects one after the other, with memory for one, or for a block
// of 500 where options or tags load relationships. Objects that the session holds
// already are given as they are; others are detached, and nobody holds them or
// what they lead to.
//
// [SelectInLoad] loads a relationship of each block by one statement, and by a
// second one where the session holds some of its objects. [JoinedLoad] and
// [ContainsEager] load references. Those of a collection, and [SubqueryLoad], need
// the whole result: they are an [ErrUnsupported], and tags that say so are taken
// for select-in. MySQL cannot send rows and run another statement in between: there
// the rows of the query are all read first, and relationships block by block.
//
// Until the loop ends the session's connection is busy: a statement inside of the
// loop is refused with [ErrConcurrentUse]. Leaving the loop early frees it as soon
// as the driver has passed over the rows that are left; so does a panic in the
// loop, which fails the transaction.
//
//	for user, err := range orm.Query[User](s).Options(orm.SelectInLoad(&u.Posts)).Iter(ctx) { … }
//	// DECLARE orm_stream NO SCROLL CURSOR FOR SELECT users.id, users.name FROM users   -- PostgreSQL
//	// FETCH 500 FROM orm_stream
//	// SELECT posts.id, posts.title, posts.author_id FROM posts WHERE posts.author_id IN ($1, $2, …)
//	// CLOSE orm_stream
func (q *EntityQuery[T]) Iter(ctx context.Context) iter.Seq2[*T, error] {
	return func(yield func(*T, error) bool) {
		streamed, more := *q, true
		streamed.mode |= loadStreamed
		err := streamed.each(ctx, func(object *T) bool {
			more = yield(object, nil)
			return more
		})
		if err != nil && more {
			yield(nil, err)
		}
	}
}

// each sends the query and hands its objects over until the function has had
// enough. While they are streamed, the session takes other calls in between.
func (q *EntityQuery[T]) each(ctx context.Context, f func(*T) bool) error {
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
		err := q.stream(ctx, plan, func(object *T) bool {
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
func (q *EntityQuery[T]) plan() (*loadPlan, error) {
	plan, err := q.wholePlan()
	if sources := sourcesIn(q.stmt.from); err == nil && len(sources) > 0 {
		plan, err = plan.narrow(q.mapper.table, sources)
	}
	if err == nil && q.mode&loadStreamed != 0 {
		err = plan.streamable()
	}
	return plan, err
}

func (q *EntityQuery[T]) wholePlan() (*loadPlan, error) {
	if len(q.options) == 0 && !q.mapper.loadsRelations() && len(q.mapper.columnProperties()) == 0 {
		return &loadPlan{mapper: q.mapper, props: q.mapper.eager}, nil
	}
	return planFor(q.mapper, q.options, q.criteria())
}

// selecting is the statement with the columns of a plan.
func (q *EntityQuery[T]) selecting(plan *loadPlan) *SelectStatement {
	if slices.Equal(plan.props, q.mapper.eager) {
		return q.stmt
	}
	columns := entityOf(q.mapper).columnsOf(plan.props)
	return q.stmt.with(func(s *SelectStatement) { s.columns = columns })
}

// load sends the query, and loads what the plan asks for with its objects.
func (q *EntityQuery[T]) load(ctx context.Context, plan *loadPlan, f func(*T) bool) error {
	if !plan.plain() {
		return q.loadRelated(ctx, plan, f)
	}
	cur, err := q.send(ctx, q.selecting(plan))
	if err != nil {
		return err
	}
	return handOver(cur, newEntityLoader(&q.session.unit, q.mapper, plan.props, q.mode), f)
}

// loadRelated is load with relationships. Objects that nobody is to hold are
// loaded in a unit of their own.
func (q *EntityQuery[T]) loadRelated(ctx context.Context, plan *loadPlan, f func(*T) bool) error {
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
	var objects []*T
	seen, repeats := map[types.Ptr]bool{}, sel.repeats()
	err = run.receive(cur, sel, &loadGroup{}, func(object, _ types.Ptr) error {
		if !repeats || !seen[object] {
			objects = append(objects, typedPointer[T](object))
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
func (q *EntityQuery[T]) membersMode() loadMode {
	mode := q.mode &^ (loadUntracked | loadStreamed)
	if !q.refresh {
		mode &^= loadRefresh
	}
	return mode
}

// send sends a statement of the query, once it is known to be one.
func (q *EntityQuery[T]) send(ctx context.Context, stmt *SelectStatement) (*cursor, error) {
	p, err := q.ready(ctx, stmt)
	if err != nil {
		return nil, err
	}
	return q.session.conn.query(ctx, p.compiled, p.args)
}

// ready makes a statement of the query ready to be sent.
func (q *EntityQuery[T]) ready(ctx context.Context, stmt *SelectStatement) (prepared, error) {
	p, err := prepareFor(ctx, q.session, stmt)
	if err != nil {
		return p, err
	}
	return p, q.session.prepareFor(ctx, p.compiled)
}

// handOver reads the objects of a result and closes it, whatever happens. What
// was made of a result that is cut short is let go.
func handOver[T any](cur *cursor, l *entityLoader, f func(*T) bool) error {
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

func loadEach[T any](cur *cursor, l *entityLoader, f func(*T) bool) error {
	for cur.Next() {
		p, err := l.load(cur)
		if err != nil {
			return err
		}
		if !f(typedPointer[T](p)) {
			break
		}
	}
	return cur.Err()
}

// Pluck returns one expression for each row of a query, in place of objects.
//
//	names, err := orm.Pluck(ctx, orm.Query[User](s), orm.C(&u.Name))   // SELECT users.name FROM users
func Pluck[T, V any](ctx context.Context, q *EntityQuery[T], e Expr[V]) ([]V, error) {
	if q.err != nil {
		return nil, q.err
	}
	return Fetch[V](ctx, q.session, q.stmt.Columns(e))
}

// Pluck2 is [Pluck] of two expressions.
//
//	rows, err := orm.Pluck2(ctx, orm.Query[User](s), orm.C(&u.ID), orm.C(&u.Name))   // []orm.Tuple2[int64, string]
func Pluck2[T, A, B any](ctx context.Context, q *EntityQuery[T], a Expr[A], b Expr[B]) ([]Tuple2[A, B], error) {
	if q.err != nil {
		return nil, q.err
	}
	return Fetch[Tuple2[A, B]](ctx, q.session, q.stmt.Columns(a, b))
}

// Pluck3 is [Pluck] of three expressions.
func Pluck3[T, A, B, C any](ctx context.Context, q *EntityQuery[T], a Expr[A], b Expr[B], c Expr[C]) ([]Tuple3[A, B, C], error) {
	if q.err != nil {
		return nil, q.err
	}
	return Fetch[Tuple3[A, B, C]](ctx, q.session, q.stmt.Columns(a, b, c))
}

// Pluck4 is [Pluck] of four expressions.
func Pluck4[T, A, B, C, D any](ctx context.Context, q *EntityQuery[T], a Expr[A], b Expr[B], c Expr[C], d Expr[D]) ([]Tuple4[A, B, C, D], error) {
	if q.err != nil {
		return nil, q.err
	}
	return Fetch[Tuple4[A, B, C, D]](ctx, q.session, q.stmt.Columns(a, b, c, d))
}
