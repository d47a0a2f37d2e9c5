// This file reads the rows of a statement into values of Go: all of them, one,
// or one after the other.

package orm

import (
	"context"
	"iter"
	"reflect"
	"sync"
)

// Fetch runs a statement and returns all its rows. T is one of
//
//   - a scalar, for a result of one column; any takes the value that fits the
//     column's type best, as a map does;
//   - a struct, or a pointer to one, whose fields are found by the column's
//     name: tagged orm:"column:x", or the field's name in snake_case, or the same
//     name in any case. Embedded structs are inlined. Every column needs a field
//     and every field a column, or it is an [ErrSchemaMismatch];
//   - a [Tuple2] and its kin, by the order of the columns;
//   - M or map[string]any.
//
// In a [Session], a field whose type is a pointer to a mapped struct takes the
// object of an entity in the select list, which the session then holds as for a
// [Query]; nil is one that an outer join does not find. Several entities of one
// struct are told apart by the names of fields and aliases. So does *T alone:
//
//	type pair struct{ User *User; Title string }
//	pairs, err := orm.Fetch[pair](ctx, s, orm.Select(u, orm.C(&p.Title)).From(u).Join(&u.Posts))
//	users, err := orm.Fetch[*User](ctx, s, orm.Select(u))
//
// A field that is the struct itself takes its columns, and is held by nobody. A
// struct in a field tagged orm:"prefix:author_" takes the columns that begin so.
//
// NULL for something that cannot hold it, or a value of another kind, is an
// [ErrDecode] that names column and row. It emits one statement.
//
//	type row struct{ Name string; People int64 }
//	rows, err := orm.Fetch[row](ctx, engine, orm.Select(city.C("name"), city.C("people")).From(city))
func Fetch[T any](ctx context.Context, ex Executor, stmt Statement) ([]T, error) {
	var rows []T
	err := fetch(ctx, ex, stmt, false, reflect.TypeFor[T](), func(s *rowScanner, cur *cursor) error {
		for cur.Next() {
			rows = append(rows, *new(T))
			if err := s.scan(cur, pointerTo(&rows[len(rows)-1])); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return rows, nil
}

// FetchOne runs a statement and returns its only row, as [Fetch] does. No row is
// [ErrNoRows], more than one [ErrMultipleRows].
func FetchOne[T any](ctx context.Context, ex Executor, stmt Statement) (T, error) {
	rows := make([]T, 0, 1)
	err := fetch(ctx, ex, stmt, false, reflect.TypeFor[T](), func(s *rowScanner, cur *cursor) error {
		for cur.Next() {
			if len(rows) > 0 {
				return &UsageError{Kind: ErrMultipleRows, Op: "fetch one", Reason: "the result has more than one row", Advice: "narrow the condition, or limit the statement to one row"}
			}
			rows = append(rows, *new(T))
			if err := s.scan(cur, pointerTo(&rows[0])); err != nil {
				return err
			}
		}
		return cur.Err()
	})
	if err == nil && len(rows) == 0 {
		err = ErrNoRows
	}
	if err != nil {
		return *new(T), err
	}
	return rows[0], nil
}

// FetchIter runs a statement, each time the sequence is ranged over, and yields
// its rows one after the other, as [Fetch] does, in constant memory. An error is
// yielded last. The connection is in use meanwhile: a [Conn] or [Session] refuses
// a statement inside of the loop with [ErrConcurrentUse], but a session takes
// objects. Leaving the loop early gives the connection back at once, and outside
// of a transaction cuts the query off.
//
//	for name, err := range orm.FetchIter[string](ctx, engine, orm.Select(city.C("name")).From(city)) {
func FetchIter[T any](ctx context.Context, ex Executor, stmt Statement) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		row, more := new(T), true
		err := fetch(ctx, ex, stmt, true, reflect.TypeFor[T](), func(s *rowScanner, cur *cursor) error {
			for more && cur.Next() {
				*row = *new(T) // documents would be merged into what is there
				if err := s.scan(cur, pointerTo(row)); err != nil {
					return err
				}
				more = yield(*row, nil)
			}
			return nil
		})
		if err != nil && more {
			yield(*new(T), err)
		}
	}
}

// fetch runs a statement, has its rows read, and closes the result whatever
// happens. A panic in between fails the transaction. While a result is streamed,
// the executor takes other calls in between.
func fetch(ctx context.Context, ex Executor, stmt Statement, stream bool, t reflect.Type, read func(*rowScanner, *cursor) error) error {
	if r := routerOf(ex); r != nil && r.shards != nil {
		return r.spreadStatement(ctx, ex, stmt, func(ctx context.Context) error { return fetchFrom(ctx, ex, stmt, stream, t, read) })
	}
	return fetchFrom(ctx, ex, stmt, stream, t, read)
}

func fetchFrom(ctx context.Context, ex Executor, stmt Statement, stream bool, t reflect.Type, read func(*rowScanner, *cursor) error) error {
	p, err := prepareFor(ctx, ex, stmt)
	if err != nil {
		return err
	}
	conn, release, err := ex.acquire(ctx, p.compiled)
	if err != nil {
		return err
	}
	if stream {
		release = sync.OnceFunc(release)
	}
	defer release()
	settle, err := synchronize(ctx, ex, p)
	if err != nil {
		return err
	}
	cur, err := conn.open(ctx, p.compiled, p.args, stream)
	if err == nil && settle != nil && stream {
		err, settle = settle(ctx, -1, false), nil
	}
	if err != nil {
		return err
	}
	if stream && ex.keepsConn() {
		release()
	}
	objects := ex.objects(stream)
	whole := false
	defer func() {
		if !whole && objects != nil {
			objects.abandon()
		}
	}()
	err = cur.drain("fetch", func() error { return readInto(t, p.compiled, cur, objects, read) })
	if err == nil && objects != nil {
		err = objects.finish(ctx)
	}
	if err == nil && settle != nil {
		err = settle(ctx, cur.read, true)
	}
	whole = err == nil
	return err
}

func readInto(t reflect.Type, compiled *Compiled, cur *cursor, objects objectSource, read func(*rowScanner, *cursor) error) error {
	columns, err := cur.Columns()
	if err != nil {
		return err
	}
	plan, err := scanPlanFor(t, columns, compiled.columns, objects != nil)
	if err != nil {
		return err
	}
	scanner, err := plan.scanner(objects)
	if err != nil {
		return err
	}
	return read(scanner, cur)
}
