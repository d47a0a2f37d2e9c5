// This file takes connections out of the pool of database/sql and gives them
// back. It knows who holds one and since when, so that waiting for one is never
// silent.

package orm

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"
)

// pool is the engine's way to database/sql. It is safe for concurrent use.
type pool struct {
	db      *sql.DB
	slots   chan struct{} // one for each connection that may be open; nil where there is no limit, or the pool is somebody else's
	timeout time.Duration
	waiting atomic.Int64

	mu            sync.Mutex
	oldest, newer *holder // a list in the order of taking
	held          int
}

// holder is who has a connection of the pool.
type holder struct {
	since        time.Time
	older, newer *holder
}

// take waits for a connection, as long as ctx and the pool's timeout allow.
func (p *pool) take(ctx context.Context, h *holder) (*sql.Conn, error) {
	slot := p.trySlot()
	var raw *sql.Conn
	var err error
	if slot && p.db.Stats().InUse < cap(p.slots) {
		raw, err = p.db.Conn(ctx) // comes at once: no timer is needed
	} else {
		raw, slot, err = p.wait(ctx, slot)
	}
	if err != nil {
		if slot {
			<-p.slots
		}
		return nil, err
	}
	p.enter(h)
	return raw, nil
}

func (p *pool) trySlot() bool {
	select {
	case p.slots <- struct{}{}:
		return true
	default:
		return false
	}
}

// wait queues up; slot says whether the caller has one, and then whether it has
// one to give back.
func (p *pool) wait(ctx context.Context, slot bool) (*sql.Conn, bool, error) {
	p.waiting.Add(1)
	defer p.waiting.Add(-1)
	began := time.Now()
	limited, cancel := withTimeout(ctx, p.timeout)
	defer cancel()
	if p.slots != nil && !slot {
		select {
		case p.slots <- struct{}{}:
			slot = true
		case <-limited.Done():
			return nil, false, p.timedOut(ctx, began)
		}
	}
	raw, err := p.db.Conn(limited)
	if err != nil && limited.Err() != nil && p.full() {
		err = p.timedOut(ctx, began)
	}
	return raw, slot, err
}

// withTimeout is context.WithTimeout for which no positive time means no end.
func withTimeout(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	if d <= 0 {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, d)
}

func (p *pool) full() bool {
	stats := p.db.Stats()
	return stats.MaxOpenConnections > 0 && stats.InUse >= stats.MaxOpenConnections
}

func (p *pool) timedOut(ctx context.Context, began time.Time) error {
	err := &UsageError{
		Kind: ErrPoolTimeout, Op: "connect", Reason: fmt.Sprintf("no connection came free within %s: %s", time.Since(began).Round(time.Millisecond), p.status()),
		Advice: "close sessions, connections and iterators sooner, or enlarge the pool with WithPool",
	}
	if ctx.Err() != nil {
		err.Err = canceledError(ctx, "connect")
	}
	return err
}

// status is the pool in words.
func (p *pool) status() string {
	stats := p.db.Stats()
	text := fmt.Sprintf("%d connections in use", stats.InUse)
	if stats.MaxOpenConnections > 0 {
		text = fmt.Sprintf("%d of %d connections in use", stats.InUse, stats.MaxOpenConnections)
	}
	text += fmt.Sprintf(", %d waiting", p.waiting.Load())
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.oldest != nil {
		text += fmt.Sprintf(", the oldest held for %s since %s", time.Since(p.oldest.since).Round(time.Millisecond), p.oldest.since.UTC().Format(time.RFC3339))
	}
	return text
}

func (p *pool) enter(h *holder) {
	p.mu.Lock()
	defer p.mu.Unlock()
	h.since, h.older, h.newer = time.Now(), p.newer, nil
	if p.newer != nil {
		p.newer.newer = h
	} else {
		p.oldest = h
	}
	p.newer = h
	p.held++
}

func (p *pool) leave(h *holder) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if h.older != nil {
		h.older.newer = h.newer
	} else {
		p.oldest = h.newer
	}
	if h.newer != nil {
		h.newer.older = h.older
	} else {
		p.newer = h.older
	}
	h.older, h.newer = nil, nil
	p.held--
}

// give returns a connection to the pool. One that database/sql has dropped
// already answers with sql.ErrConnDone, which is as good.
func (p *pool) give(h *holder, raw *sql.Conn) {
	_ = raw.Close()
	p.leave(h)
	if p.slots != nil {
		<-p.slots
	}
}

// discard closes a connection that may still be in a transaction, or may hold
// settings that the next one must not have.
func (p *pool) discard(h *holder, raw *sql.Conn) {
	_ = raw.Raw(func(any) error { return driver.ErrBadConn })
	p.give(h, raw)
}

// boundedConnector gives up connecting after a time, also where database/sql
// connects on its own account.
type boundedConnector struct {
	driver.Connector
	timeout time.Duration
}

// Connect implements driver.Connector.
func (c boundedConnector) Connect(ctx context.Context) (driver.Conn, error) {
	ctx, cancel := withTimeout(ctx, c.timeout)
	defer cancel()
	return c.Connector.Connect(ctx)
}

// Close implements io.Closer.
func (c boundedConnector) Close() error {
	if closer, ok := c.Connector.(io.Closer); ok {
		return closer.Close()
	}
	return nil
}

// isPoolClosed recognises the one error of database/sql that has no name.
func isPoolClosed(err error) bool {
	return errors.Is(err, sql.ErrConnDone) || err.Error() == "sql: database is closed"
}
