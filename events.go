// This file holds the events of the objects of a struct: before and after their
// rows are written, and when they are read; and the methods that a struct may have
// for them.

package orm

import (
	"context"
	"reflect"
	"slices"
	"sync/atomic"

	"github.com/aurum-go/orm/types"
)

// MapperEvents are the events of the objects of a struct, in whatever session.
// Listeners are called in the order in which they were added, after the struct's
// own methods ([BeforeInserter] and so on), on the goroutine that uses the session;
// each method returns a function that takes its listener out again. It is safe for
// concurrent use.
//
// The listeners of rows are called while a flush is under way: all those before of
// a batch of rows, then the statement, then those after. A listener before may set
// columns of its object, which are written with it; every listener may send
// statements on [Session.Connection]. What else changes the session, or asks it, is
// an [ErrHook]: the plan of the flush is fixed. An error, and a panic, fails the
// flush, and with it the transaction. [Update], [Delete] and [BulkInsert] and its
// like call none.
type MapperEvents[T any] struct{ listeners *typeListeners }

// Events returns the events of the objects of a struct. It emits no SQL.
//
//	remove := orm.Events[User]().BeforeInsert(func(ctx context.Context, s *orm.Session, u *User) error {
//		u.Email = strings.ToLower(u.Email)
//		return nil
//	})
//	defer remove()
func Events[T any]() MapperEvents[T] { return MapperEvents[T]{listenersOf(reflect.TypeFor[T]())} }

// BeforeInserter is a model that does something before its row is inserted. The
// methods of a model keep to the rules of [MapperEvents].
type BeforeInserter interface {
	BeforeInsert(ctx context.Context, s *Session) error
}

// AfterInserter is a model that does something when its row was inserted.
type AfterInserter interface {
	AfterInsert(ctx context.Context, s *Session) error
}

// BeforeUpdater is a model that does something before its row is updated.
type BeforeUpdater interface {
	BeforeUpdate(ctx context.Context, s *Session) error
}

// AfterUpdater is a model that does something when its row was updated.
type AfterUpdater interface {
	AfterUpdate(ctx context.Context, s *Session) error
}

// BeforeDeleter is a model that does something before its row is deleted.
type BeforeDeleter interface {
	BeforeDelete(ctx context.Context, s *Session) error
}

// AfterDeleter is a model that does something when its row was deleted.
type AfterDeleter interface {
	AfterDelete(ctx context.Context, s *Session) error
}

func (e MapperEvents[T]) row(m rowMoment, f func(context.Context, *Session, *T) error) (remove func()) {
	return listen(e.listeners, &e.listeners.rows[m], rowListener(func(ctx context.Context, session any, object types.Ptr) error {
		return f(ctx, session.(*Session), typedPointer[T](object))
	}))
}

// BeforeInsert is called before the row of a new object is inserted. Foreign keys
// are set; a key that the database makes, and defaults, are not.
func (e MapperEvents[T]) BeforeInsert(f func(ctx context.Context, s *Session, object *T) error) (remove func()) {
	return e.row(beforeInsert, f)
}

// AfterInsert is called when the row of a new object was inserted, with its key and
// what the database has filled in.
func (e MapperEvents[T]) AfterInsert(f func(ctx context.Context, s *Session, object *T) error) (remove func()) {
	return e.row(afterInsert, f)
}

// BeforeUpdate is called before the row of an object is updated. If nothing is left
// to be written after it, nothing is.
func (e MapperEvents[T]) BeforeUpdate(f func(ctx context.Context, s *Session, object *T) error) (remove func()) {
	return e.row(beforeUpdate, f)
}

// AfterUpdate is called when the row of an object was updated.
func (e MapperEvents[T]) AfterUpdate(f func(ctx context.Context, s *Session, object *T) error) (remove func()) {
	return e.row(afterUpdate, f)
}

// BeforeDelete is called before the row of an object is deleted. An object whose row
// another one takes over, by its key, is not deleted.
func (e MapperEvents[T]) BeforeDelete(f func(ctx context.Context, s *Session, object *T) error) (remove func()) {
	return e.row(beforeDelete, f)
}

// AfterDelete is called when the row of an object was deleted.
func (e MapperEvents[T]) AfterDelete(f func(ctx context.Context, s *Session, object *T) error) (remove func()) {
	return e.row(afterDelete, f)
}

// watch is a listener where nothing may be sent.
func (e MapperEvents[T]) watch(h *hooks[objectListener], m *moment, f func(*Session, *T) error) (remove func()) {
	return h.add(func(session any, object types.Ptr) error {
		s := session.(*Session)
		return s.at(m, func() error { return f(s, typedPointer[T](object)) })
	})
}

// Load is called when an object was made of a row, held by the session or not. Its
// columns are there, its relationships may not be. The rest of the result is still to be read, so
// that nothing can be sent, and the listener cannot use the session. An error ends
// the query.
func (e MapperEvents[T]) Load(f func(s *Session, object *T) error) (remove func()) {
	return e.watch(&e.listeners.loads, atLoad, f)
}

// Refresh is called when an object that the session holds has taken what its row
// says: by Refresh, or because it was stale or lacked columns. It keeps to the rules
// of Load.
func (e MapperEvents[T]) Refresh(f func(s *Session, object *T) error) (remove func()) {
	return e.watch(&e.listeners.refreshes, atRefresh, f)
}

// Expire is called when Expire or ExpireAll has made an object stale, and not when a
// commit has, which tells no object apart.
func (e MapperEvents[T]) Expire(f func(s *Session, object *T)) (remove func()) {
	return e.watch(&e.listeners.expires, atExpire, func(s *Session, object *T) error {
		f(s, object)
		return nil
	})
}

// Configured is called once for the struct's mapper, when it is registered and what
// its relationships lead to is as well; at once if that has been so before.
func (e MapperEvents[T]) Configured(f func(m *Mapper)) (remove func()) {
	if m, ok := firstMappers.Load(reflect.TypeFor[T]()); ok && m.(*Mapper).announced.Load() {
		f(m.(*Mapper))
	}
	return e.listeners.configured.add(f)
}

// Once has a listener of rows be called one time only. It goes round the listener
// that is added; any other listener may take itself out when it is called.
//
//	orm.Events[User]().AfterInsert(orm.Once(func(ctx context.Context, s *orm.Session, u *User) error { … }))
func Once[T any](f func(ctx context.Context, s *Session, object *T) error) func(ctx context.Context, s *Session, object *T) error {
	var called atomic.Bool
	return func(ctx context.Context, s *Session, object *T) error {
		if called.Swap(true) {
			return nil
		}
		return f(ctx, s, object)
	}
}

// methodsOf are the methods that the struct of a mapper has for the rows of its
// objects. They are looked for once.
func (m *Mapper) methodsOf() *rowMethods {
	if known := m.hooked.Load(); known != nil {
		return known
	}
	model := reflect.New(m.goType).Interface()
	found := &rowMethods{at: [rowMoments]rowListener{
		beforeInsert: methodOf(m, model, BeforeInserter.BeforeInsert),
		afterInsert:  methodOf(m, model, AfterInserter.AfterInsert),
		beforeUpdate: methodOf(m, model, BeforeUpdater.BeforeUpdate),
		afterUpdate:  methodOf(m, model, AfterUpdater.AfterUpdate),
		beforeDelete: methodOf(m, model, BeforeDeleter.BeforeDelete),
		afterDelete:  methodOf(m, model, AfterDeleter.AfterDelete),
	}}
	found.any = slices.ContainsFunc(found.at[:], func(method rowListener) bool { return method != nil })
	m.hooked.Store(found)
	return found
}

// methodOf is the method of an interface as a listener, if the model has it.
func methodOf[I any](m *Mapper, model any, call func(I, context.Context, *Session) error) rowListener {
	if _, ok := model.(I); !ok {
		return nil
	}
	return func(ctx context.Context, session any, object types.Ptr) error {
		return call(modelAt(m.goType, object).(I), ctx, session.(*Session))
	}
}
