// This file holds what only locks, deadlocks and lack of room bring about: files
// that are busy, transactions that the database ends, databases that are full.

package orm_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/aurum-go/orm"
)

func TestWriterOfAFileWaitsForAnother(t *testing.T) {
	p := newPlace(t, "sqlite")
	t.Parallel()
	first, second := p.open(t), p.open(t)
	c := connect(t, first)
	must(t, mark(t.Context(), c, 1))
	began, done := make(chan struct{}), make(chan error)
	go func() {
		done <- second.Transact(t.Context(), func(ctx context.Context, c *orm.Conn) error {
			close(began)
			return mark(ctx, c, 2)
		})
	}()
	<-began
	must(t, c.Commit(t.Context()))
	must(t, <-done)
	p.wantMarks(t, 1, 2)
}

func TestManyWritersOfAFileLoseNothing(t *testing.T) {
	p := newPlace(t, "sqlite")
	t.Parallel()
	engines := []*orm.Engine{p.open(t), p.open(t)}
	must(t, mark(t.Context(), engines[0], 1))
	var running sync.WaitGroup
	for i := range 8 {
		running.Go(func() {
			for range 20 {
				err := engines[i%2].Transact(t.Context(), func(ctx context.Context, c *orm.Conn) error {
					n, err := orm.FetchOne[int](ctx, c, orm.Text("SELECT n FROM marks WHERE id = 1"))
					if err != nil {
						return err
					}
					return exec(ctx, c, orm.Text("UPDATE marks SET n = ? WHERE id = 1", n+1))
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	running.Wait()
	if n := get(orm.FetchOne[int](t.Context(), p.reader, orm.Text("SELECT n FROM marks")))(t); n != 160 {
		t.Errorf("counted %d, want 160", n)
	}
}

func TestBusyFileIsALockTimeoutAfterTheSetTime(t *testing.T) {
	p := newPlace(t, "sqlite")
	t.Parallel()
	release := p.hold(t)
	p.url += "?_busy_timeout=20"
	db := p.open(t)
	units := 0
	err := db.Transact(t.Context(), func(ctx context.Context, c *orm.Conn) error {
		units++
		return mark(ctx, c, 2)
	}, orm.Retries(1))
	wantIs(t, err, orm.ErrLockTimeout)
	if units != 2 {
		t.Errorf("the unit ran %d times, want 2", units)
	}
	wantIs(t, mark(t.Context(), db, 2), orm.ErrLockTimeout)
	release()
	must(t, mark(t.Context(), db, 2))
}

// SQLite waits for a lock without looking up, so that the time for that is the
// limit; the error is the context's.
func TestContextThatEndsWhileAFileIsBusyIsTheError(t *testing.T) {
	p := newPlace(t, "sqlite")
	t.Parallel()
	release := p.hold(t)
	p.url += "?_busy_timeout=200"
	db := p.open(t)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	units := 0
	err := db.Transact(ctx, func(ctx context.Context, c *orm.Conn) error { units++; return mark(ctx, c, 2) })
	wantIs(t, err, orm.ErrCanceled, context.DeadlineExceeded)
	deadline, _ := ctx.Deadline()
	wantBackBy(t, deadline)
	if units != 1 {
		t.Errorf("the unit ran %d times", units)
	}
	release()
	p.wantMarks(t)
	must(t, mark(t.Context(), db, 3))
}

// The server undoes the whole transaction, though the caller handles the error
// of the nested block.
func TestTransactionThatTheDatabaseEndsCannotGoOn(t *testing.T) {
	onPlaces(t, []string{"sqlite", "mysql"}, func(t *testing.T, p *place) {
		must(t, mark(t.Context(), p.reader, 1))
		must(t, mark(t.Context(), p.reader, 2))
		c := connect(t, p.open(t))
		must(t, exec(t.Context(), c, touch(2)))
		victim, want := orm.Text("INSERT OR ROLLBACK INTO marks (id, n) VALUES (1, 0)"), orm.ErrUniqueViolation
		finish := func() {}
		if p.name == "mysql" {
			want = orm.ErrDeadlock
			finish = p.waitForRow2(t)
			victim = orm.Text("UPDATE marks SET n = n + 1 WHERE id = 1")
		}
		err := c.Nested(t.Context(), func(ctx context.Context) error { return exec(ctx, c, victim) })
		wantIs(t, err, orm.ErrTxLost, want)
		wantState(t, c, orm.TxLost)
		wantIs(t, mark(t.Context(), c, 3), orm.ErrTxLost)
		wantIs(t, c.Commit(t.Context()), orm.ErrTxLost)
		must(t, c.Rollback(t.Context()))
		finish()
		must(t, mark(t.Context(), c, 4))
		must(t, c.Commit(t.Context()))
		p.wantMarks(t, 1, 2, 4)
	})
}

// waitForRow2 has another transaction, which has written much and so is not the
// one that is ended, hold row 1 and wait for row 2.
func (p *place) waitForRow2(t *testing.T) (finish func()) {
	t.Helper()
	other := connect(t, openTestDB(t, p.url).Engine)
	for id := range 20 {
		must(t, mark(t.Context(), other, 100+id))
	}
	must(t, exec(t.Context(), other, touch(1)))
	id := backend(t, other)
	done := make(chan error, 1)
	go func() { done <- exec(t.Context(), other, touch(2)) }()
	eventually(t, "the other transaction waits", func() bool {
		return len(get(orm.Fetch[int](t.Context(), p.reader, orm.Text(
			"SELECT id FROM information_schema.processlist WHERE id = ? AND info LIKE 'UPDATE%'", id)))(t)) == 1
	})
	return func() {
		must(t, <-done)
		must(t, other.Rollback(t.Context()))
	}
}

func TestFullDatabaseSavesNothingAndGoesOnWhenThereIsRoom(t *testing.T) {
	p := newPlace(t, "sqlite")
	t.Parallel()
	db := p.open(t, one())
	pages := get(orm.FetchOne[int](t.Context(), db, orm.Text("PRAGMA page_count")))(t)
	limit := func(n int) {
		t.Helper()
		_ = get(orm.FetchOne[int](t.Context(), db, orm.Text(orm.SQL(fmt.Sprintf("PRAGMA max_page_count = %d", n)))))(t)
	}
	limit(pages)
	err := db.Transact(t.Context(), func(ctx context.Context, c *orm.Conn) error {
		for id := range 10_000 {
			if err := mark(ctx, c, id); err != nil {
				return err
			}
		}
		return nil
	})
	wantIs(t, err, orm.ErrResource)
	p.wantMarks(t)
	limit(pages + 100)
	must(t, mark(t.Context(), db, 1))
	p.wantMarks(t, 1)
}
