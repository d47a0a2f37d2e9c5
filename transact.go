// This file runs units of work in transactions, and repeats those that failed
// through nobody's fault.

package orm

import (
	"context"
	"math/rand/v2"
	"time"
)

// Transact runs fn in a transaction: commits if it returns nil, rolls back if it
// returns an error or panics. The transaction begins with the first statement.
// If fn ends it early, by Commit or Rollback, what it sends after that is an
// [ErrClosed].
//
// A unit that failed because of a deadlock, a serialization failure, a lock, or
// a connection that was lost before COMMIT is repeated, on another connection
// and with growing pauses, as often as [Retries] says and as long as ctx has not
// ended; so fn has to begin anew each time. A COMMIT whose outcome is unknown is
// never repeated: it returns [ErrOutcomeUnknown]. Neither is a unit of which
// something is saved already.
func (e *Engine) Transact(ctx context.Context, fn func(ctx context.Context, conn *Conn) error, options ...TxOption) error {
	if fn == nil {
		return nilArgument("transact", "function")
	}
	config, err := e.txConfig(ctx, options)
	if err != nil {
		return err
	}
	return retry(ctx, config.retries, func() (bool, error) { return e.transactOnce(ctx, fn, config) })
}

func (e *Engine) transactOnce(ctx context.Context, fn func(context.Context, *Conn) error, config txConfig) (saved bool, err error) {
	config.autocommit = false
	conn, err := e.connect(ctx, config)
	if err != nil {
		return false, err
	}
	defer func() { _ = conn.closeFor(ctx) }() // rolls back what is not committed
	conn.once = true
	err = fn(ctx, conn)
	if err == nil && !conn.over {
		err = conn.Commit(ctx)
	}
	return conn.saved, err
}

const (
	firstPause = 10 * time.Millisecond
	mostPause  = time.Second
)

// retry runs a unit until it succeeds, fails for good, has saved something, or
// has been repeated n times. Pauses are random, so that two units that met do not
// meet again.
func retry(ctx context.Context, n int, unit func() (saved bool, err error)) error {
	pause := firstPause
	for attempt := 0; ; attempt++ {
		saved, err := unit()
		if err == nil || saved || attempt >= n || !isTemporary(err) || !sleep(ctx, pause/2+rand.N(pause/2)) {
			return err
		}
		pause = min(2*pause, mostPause)
	}
}

// sleep reports whether the time has passed before the context's end.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return ctx.Err() == nil
	case <-ctx.Done():
		return false
	}
}
