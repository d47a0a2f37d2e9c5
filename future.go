// This file runs units of work side by side, each in a session of its own.

package orm

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
)

// Future is the result of a unit of work that runs meanwhile. It is safe for
// concurrent use.
type Future[T any] struct {
	done   chan struct{}
	cancel context.CancelFunc
	value  T
	err    error
}

// Go begins a unit of work on a goroutine of its own, in a session of the factory,
// and returns its result to come. It is [SessionFactory.Transact] otherwise: it
// commits, is repeated where that is safe, and takes a connection of the pool while
// it runs. Objects that it returns are detached. A panic is a [*PanicError] of
// Await. It ends with the context, and by itself if nobody awaits it.
//
//	users := orm.Go(ctx, factory, func(ctx context.Context, s *orm.Session) ([]*User, error) {
//		return orm.Query[User](s).All(ctx)
//	})
//	posts := orm.Go(ctx, factory, …)
//	all, err := users.Await(ctx)
func Go[T any](ctx context.Context, f *SessionFactory, work func(ctx context.Context, s *Session) (T, error), options ...TxOption) *Future[T] {
	ctx, cancel := context.WithCancel(ctx)
	future := &Future[T]{done: make(chan struct{}), cancel: cancel}
	go func() {
		defer close(future.done)
		defer cancel()
		future.value, future.err = runContained(ctx, f, work, options)
	}()
	return future
}

// runContained runs a unit of work, and makes an error of its panic.
func runContained[T any](ctx context.Context, f *SessionFactory, work func(context.Context, *Session) (T, error), options []TxOption) (value T, err error) {
	defer func() {
		if r := recover(); r != nil {
			value, err = *new(T), &PanicError{Value: r, Stack: debug.Stack()}
		}
	}()
	if f == nil || work == nil {
		return value, nilArgument("run", "factory or function")
	}
	err = f.Transact(ctx, func(ctx context.Context, s *Session) (err error) {
		value, err = work(ctx, s)
		return err
	}, options...)
	if err != nil {
		return *new(T), err
	}
	return value, nil
}

// Await waits for the result, or for the context, which ends the waiting and not
// the work. It can be called several times.
func (f *Future[T]) Await(ctx context.Context) (T, error) {
	select {
	case <-f.done:
		return f.value, f.err
	default:
	}
	select {
	case <-f.done:
		return f.value, f.err
	case <-ctx.Done():
		return *new(T), ctx.Err()
	}
}

// Cancel ends the work, as the end of its context does. It does not wait.
func (f *Future[T]) Cancel() { f.cancel() }

// Gather runs units of work side by side, each as [Go] does, and returns their
// results in order once all have ended. The first that fails ends the others, and
// its error is returned. More at once than the pool has connections wait for one.
func Gather[T any](ctx context.Context, f *SessionFactory, works ...func(ctx context.Context, s *Session) (T, error)) ([]T, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	results := make([]T, len(works))
	var group sync.WaitGroup
	var once sync.Once
	var first error
	for i, work := range works {
		group.Go(func() {
			var err error
			if results[i], err = runContained(ctx, f, work, nil); err != nil {
				once.Do(func() { first = err })
				cancel()
			}
		})
	}
	group.Wait()
	if first != nil {
		return nil, first
	}
	return results, nil
}

// PanicError is the panic of a function that ran on a goroutine of the library.
type PanicError struct {
	Value any
	Stack []byte
}

// Error tells the value; the stack is in the field.
func (e *PanicError) Error() string { return fmt.Sprintf("orm: panic: %v", e.Value) }

// Unwrap returns the value if it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}
