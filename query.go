// This file holds the query over a mapped struct: an immutable chain that ends
// in a method which sends SQL.

package orm

import (
	"context"
	"errors"
	"iter"
	"reflect"
	"slices"

	"github.com/aurum-go/orm/types"
)

// EntityQuery is a query for objects of a mapped struct. Its methods return a
// changed copy, so that a query can be kept and extended twice. A mistake in
// the chain is kept, and comes out where SQL would be sent.
type EntityQuery[T any] struct{ objectQuery }

// Query begins a query for objects of a struct. It emits no SQL yet.
//
//	users, err := orm.Query[User](s).Filter(orm.C(&u.Name).Like("e%")).All(ctx)
//	// SELECT users.id, users.name FROM users WHERE users.name LIKE ?
func Query[T any](s *Session) *EntityQuery[T] { return &EntityQuery[T]{queryFor(s, typeFor[T]())} }

// on returns a copy with another statement.
func (q *EntityQuery[T]) on(stmt *SelectStatement) *EntityQuery[T] {
	return &EntityQuery[T]{q.objectQuery.on(stmt)}
}

// Statement returns the SELECT that the query is so far, with its mistake if
// there is one.
func (q *EntityQuery[T]) Statement() *SelectStatement { return q.statement() }

// Filter adds conditions; all that were ever added are joined with AND.
func (q *EntityQuery[T]) Filter(conditions ...Expr[bool]) *EntityQuery[T] {
	return q.on(q.stmt.Where(conditions...))
}

// FilterBy adds conditions of equality, given as pairs of a field's name and a
// value or expression. A nil is IS NULL; a zero is a value like any other. An
// unknown name is an [ErrUnknownName] that lists the fields, a value without a
// name an [ErrArgument].
//
//	orm.Query[User](s).FilterBy("Name", "ed", "Age", nil)
func (q *EntityQuery[T]) FilterBy(pairs ...any) *EntityQuery[T] {
	return &EntityQuery[T]{q.filterBy(pairs)}
}

// OrderBy adds expressions to ORDER BY.
func (q *EntityQuery[T]) OrderBy(items ...OrderItem) *EntityQuery[T] {
	return q.on(q.stmt.OrderBy(items...))
}

// Unordered drops the ORDER BY.
func (q *EntityQuery[T]) Unordered() *EntityQuery[T] {
	return q.on(q.stmt.Unordered())
}

// Limit returns at most n objects.
func (q *EntityQuery[T]) Limit(n int) *EntityQuery[T] {
	return q.on(q.stmt.Limit(n))
}

// Offset leaves out the first n objects.
func (q *EntityQuery[T]) Offset(n int) *EntityQuery[T] {
	return q.on(q.stmt.Offset(n))
}

// Distinct leaves out rows that are equal to another.
func (q *EntityQuery[T]) Distinct() *EntityQuery[T] {
	return q.on(q.stmt.Distinct())
}

// GroupBy adds expressions to GROUP BY.
func (q *EntityQuery[T]) GroupBy(items ...Expression) *EntityQuery[T] {
	return q.on(q.stmt.GroupBy(items...))
}

// Having adds conditions on groups.
func (q *EntityQuery[T]) Having(conditions ...Expr[bool]) *EntityQuery[T] {
	return q.on(q.stmt.Having(conditions...))
}

// Join joins a table, an alias, an entity reference, or what the address of a
// relationship leads to; see [SelectStatement.Join]. An object whose row meets
// several comes several times: [EntityQuery.Distinct] leaves one.
//
//	orm.Query[User](s).Join(&u.Posts).Filter(orm.C(&p.Title).Eq("hello"))
func (q *EntityQuery[T]) Join(target any, more ...any) *EntityQuery[T] {
	return q.on(q.stmt.Join(target, more...))
}

// OuterJoin is Join that keeps objects without a partner.
func (q *EntityQuery[T]) OuterJoin(target any, more ...any) *EntityQuery[T] {
	return q.on(q.stmt.OuterJoin(target, more...))
}

// Params gives values to the parameters that [Param] left open.
func (q *EntityQuery[T]) Params(values M) *EntityQuery[T] {
	return q.on(q.stmt.Params(values))
}

// ForUpdate locks the rows until the transaction ends. Objects that the session
// holds take what the locked rows say.
func (q *EntityQuery[T]) ForUpdate(options ...LockOption) *EntityQuery[T] {
	return q.locking(q.stmt.ForUpdate(options...))
}

// ForShare locks the rows against changes by others, and is else as ForUpdate.
func (q *EntityQuery[T]) ForShare(options ...LockOption) *EntityQuery[T] {
	return q.locking(q.stmt.ForShare(options...))
}

func (q *EntityQuery[T]) locking(stmt *SelectStatement) *EntityQuery[T] {
	locked := q.on(stmt)
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
	return q.on(q.stmt.WithCriteria(criteria...))
}

// WithoutCriteria lifts the criteria of the session for the query, and for what
// its options load with the objects.
//
//	orm.Query[Post](s).WithoutCriteria()   // deleted ones, too
func (q *EntityQuery[T]) WithoutCriteria() *EntityQuery[T] {
	return q.on(q.stmt.WithoutCriteria())
}

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
	err := q.each(ctx, func(object types.Ptr) bool {
		objects = append(objects, typedPointer[T](object))
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
	objects, err := q.on(q.atMost(1)).All(ctx)
	return only(objects[:min(1, len(objects))], err)
}

// One returns the one object that there is. It returns [ErrNoRows] if there is
// none, and [ErrMultipleRows] if there are more.
func (q *EntityQuery[T]) One(ctx context.Context) (*T, error) {
	return only(q.on(q.atMost(2)).All(ctx))
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

func only[T any](objects []*T, err error) (*T, error) {
	if err == nil {
		err = notOne(typeFor[T](), len(objects))
	}
	if err != nil {
		return nil, err
	}
	return objects[0], nil
}

func notOne(t reflect.Type, n int) error {
	switch {
	case n == 0:
		return &noObject{t.Name()}
	case n > 1:
		return &UsageError{Kind: ErrMultipleRows, Op: "read", Subject: t.Name(), Reason: "one row was asked for and there are more", Advice: "use First or All"}
	}
	return nil
}

// noObject is [ErrNoRows] that names the struct.
type noObject struct{ name string }

func (e *noObject) Error() string { return "orm: read " + e.name + ": no row meets the conditions" }
func (e *noObject) Unwrap() error { return ErrNoRows }

// Count returns the number of rows that All would read: "SELECT count(*) …".
func (q *EntityQuery[T]) Count(ctx context.Context) (int64, error) { return q.count(ctx) }

// Exists reports whether All would read any row: "SELECT 1 … LIMIT 1".
func (q *EntityQuery[T]) Exists(ctx context.Context) (bool, error) { return q.exists(ctx) }

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
		more := true
		err := q.streamed().each(ctx, func(object types.Ptr) bool {
			more = yield(typedPointer[T](object), nil)
			return more
		})
		if err != nil && more {
			yield(nil, err)
		}
	}
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
