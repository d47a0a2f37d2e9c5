// This file tests units of work: when they are committed, rolled back, and
// repeated.

package orm

import (
	"context"
	"database/sql/driver"
	"errors"
	"runtime"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestTransactCommitsOrRollsBack(t *testing.T) {
	boom := errors.New("boom")
	tests := []struct {
		name string
		fn   func(ctx context.Context, c *Conn) error
		want error
		sent []string
	}{
		{"nothing is done", func(context.Context, *Conn) error { return nil }, nil, nil},
		{"success", func(ctx context.Context, c *Conn) error { _, err := c.exec(ctx, insertOne, nil); return err }, nil, []string{"BEGIN", "INSERT INTO a", "COMMIT"}},
		{
			"an error", func(ctx context.Context, c *Conn) error { _, _ = c.exec(ctx, insertOne, nil); return boom }, boom,
			[]string{"BEGIN", "INSERT INTO a", "ROLLBACK"},
		},
		{
			"an error that fn keeps to itself", func(_ context.Context, c *Conn) error {
				_, _ = c.exec(context.Background(), insertOne, nil)
				c.fail(boom)
				return nil
			},
			ErrTxFailed, []string{"BEGIN", "INSERT INTO a", "ROLLBACK"},
		},
		{"it commits early", func(ctx context.Context, c *Conn) error {
			_, _ = c.exec(ctx, insertOne, nil)
			return c.Commit(ctx)
		}, nil, []string{"BEGIN", "INSERT INTO a", "COMMIT"}},
		{"it rolls back early", func(ctx context.Context, c *Conn) error {
			_, _ = c.exec(ctx, insertOne, nil)
			return c.Rollback(ctx)
		}, nil, []string{"BEGIN", "INSERT INTO a", "ROLLBACK"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e, db := newTestEngine(t)
			err := e.Transact(testContext(t), test.fn)
			if test.want == nil {
				wantNoError(t, err)
			} else {
				wantError(t, err, test.want)
			}
			wantSent(t, db, test.sent...)
		})
	}
}

func TestTransactRollsBackWhenFnNeverReturns(t *testing.T) {
	ends := map[string]func(){"panic": func() { panic("boom") }, "Goexit": runtime.Goexit}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			e, db := newTestEngine(t)
			done := make(chan struct{})
			go func() {
				defer close(done)
				defer func() { _ = recover() }()
				_ = e.Transact(context.Background(), func(ctx context.Context, c *Conn) error {
					_, _ = c.exec(ctx, insertOne, nil)
					end()
					return nil
				})
			}()
			<-done
			wantSent(t, db, "BEGIN", "INSERT INTO a", "ROLLBACK")
		})
	}
}

func TestTransactRepeatsWhatIsSafe(t *testing.T) {
	tests := []struct {
		name  string
		at    string
		err   error
		tries int
	}{
		{"a deadlock", "INSERT INTO a", serverSays(ErrDeadlock, "40P01"), 4},
		{"a serialization failure at COMMIT", "COMMIT", serverSays(ErrSerialization, "40001"), 4},
		{"a lock", "BEGIN", serverSays(ErrLockTimeout, "5"), 4},
		{"a connection lost before COMMIT", "INSERT INTO a", driver.ErrBadConn, 4},
		{"an unknown outcome", "COMMIT", driver.ErrBadConn, 1},
		{"a violated constraint", "INSERT INTO a", serverSays(ErrUniqueViolation, "23505"), 1},
		{"a full disk", "INSERT INTO a", serverSays(ErrResource, "53100"), 1},
		{"a statement that was canceled", "INSERT INTO a", serverSays(ErrCanceled, "57014"), 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				db := newFakeDB()
				e := openFake(t, &testDialect{db: db})
				db.On(test.at).Fail(test.err)
				tries := 0
				began := time.Now()
				err := e.Transact(context.Background(), func(ctx context.Context, c *Conn) error {
					tries++
					_, err := c.exec(ctx, insertOne, nil)
					return err
				})
				if err == nil || tries != test.tries {
					t.Errorf("%d tries, want %d; error %v", tries, test.tries, err)
				}
				if took := time.Since(began); (took > 0) != (tries > 1) || took > 70*time.Millisecond {
					t.Errorf("took %v", took)
				}
			})
		})
	}
}

func TestTransactDoesNotRepeatWhatIsSavedInPart(t *testing.T) {
	deadlock := &DBError{Kind: ErrDeadlock}
	units := map[string]func(e *Engine) error{
		"a connection": func(e *Engine) error {
			return e.Transact(context.Background(), func(ctx context.Context, c *Conn) error {
				_, _ = c.exec(ctx, insertOne, nil)
				_ = c.Commit(ctx)
				return deadlock // of another database
			})
		},
		"a schema change that commits": func(e *Engine) error {
			return e.Transact(context.Background(), func(ctx context.Context, c *Conn) error {
				_, _ = c.exec(ctx, insertOne, nil)
				_, _ = c.exec(ctx, createOne, nil)
				return deadlock
			})
		},
		"a session": func(e *Engine) error {
			return NewSessionFactory(e).Transact(context.Background(), func(ctx context.Context, s *Session) error {
				_, _ = Exec(ctx, s, Text("INSERT INTO a"))
				_ = s.Commit(ctx)
				return deadlock
			})
		},
	}
	for name, unit := range units {
		t.Run(name, func(t *testing.T) {
			db := newFakeDB()
			e := openFake(t, &testDialect{db: db, features: func(f *Features) { f.TransactionalDDL = false }})
			wantError(t, unit(e), ErrDeadlock)
			inserts := func(text string) bool { return text == "INSERT INTO a" }
			if texts := sent(db); !slices.ContainsFunc(texts, inserts) || slices.ContainsFunc(texts[slices.IndexFunc(texts, inserts)+1:], inserts) {
				t.Errorf("sent %q, want one INSERT", texts)
			}
		})
	}
}

func TestTransactSucceedsAtASecondTry(t *testing.T) {
	e, db := newTestEngine(t)
	db.At(2).Fail(serverSays(ErrDeadlock, "40P01"))
	wantNoError(t, e.Transact(testContext(t), func(ctx context.Context, c *Conn) error {
		_, err := c.exec(ctx, insertOne, nil)
		return err
	}))
	wantSent(t, db, "BEGIN", "INSERT INTO a", "ROLLBACK", "BEGIN", "INSERT INTO a", "COMMIT")
}

func TestRetriesAreBounded(t *testing.T) {
	deadlock := &DBError{Kind: ErrDeadlock}
	synctest.Test(t, func(t *testing.T) {
		for _, n := range []int{0, 1, 20} {
			tries := 0
			err := retry(context.Background(), n, func() (bool, error) { tries++; return false, deadlock })
			if !errors.Is(err, ErrDeadlock) || tries != n+1 {
				t.Errorf("%d tries with %d retries: %v", tries, n, err)
			}
		}
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		defer cancel()
		began := time.Now()
		if err := retry(ctx, 1000, func() (bool, error) { return false, deadlock }); err != error(deadlock) {
			t.Errorf("error %v", err)
		}
		if took := time.Since(began); took != 100*time.Millisecond {
			t.Errorf("went on for %v after its context had ended", took)
		}
	})
}
