// This file breaks what lies between an engine and its data, and counts rows
// afterwards: lost requests and answers, servers that fall silent, killed
// connections, deadlocks, locks, and contexts that end.

package orm_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

// hold takes a lock on row 1 in a transaction of its own. The returned function
// gives it back.
func (p *place) hold(t *testing.T) (release func()) {
	t.Helper()
	holder := openTestDB(t, p.direct).Engine
	c := connect(t, holder)
	if p.name != "sqlite" {
		p.holder = backend(t, c)
	}
	must(t, exec(t.Context(), c, touch(1)))
	return func() { must(t, c.Rollback(context.Background())) }
}

// touch waits for the lock on a row.
func touch(id int) orm.Statement { return orm.Text("UPDATE marks SET n = n + 1 WHERE id = ?", id) }

func exec(ctx context.Context, ex orm.Executor, stmt orm.Statement) error {
	_, err := orm.Exec(ctx, ex, stmt)
	return err
}

// wantBackBy checks that a call came back in time after the end of its context.
func wantBackBy(t *testing.T, deadline time.Time) {
	t.Helper()
	if late := time.Since(deadline); late > 2*time.Second {
		t.Errorf("it came back %s after the deadline", late)
	}
}

func TestConnectionKilledInATransactionLosesIt(t *testing.T) {
	onEachServer(t, func(t *testing.T, p *place) {
		c := connect(t, p.open(t))
		must(t, mark(t.Context(), c, 1))
		p.kill(t, backend(t, c))
		p.proxy.waitUntilEmpty()
		err := mark(t.Context(), c, 2)
		wantIs(t, err, orm.ErrConnection)
		wantState(t, c, orm.TxLost)
		wantIs(t, mark(t.Context(), c, 3), orm.ErrTxLost, orm.ErrConnection)
		wantIs(t, c.Commit(t.Context()), orm.ErrTxLost)
		wantIs(t, c.Begin(t.Context()), orm.ErrTxLost)
		wantIs(t, c.Nested(t.Context(), func(context.Context) error { return nil }), orm.ErrTxLost)
		must(t, c.Rollback(t.Context()))
		must(t, mark(t.Context(), c, 4))
		must(t, c.Commit(t.Context()))
		p.wantMarks(t, 4)
	})
}

func TestConnectionKilledBeforeCommitIsADefiniteLoss(t *testing.T) {
	onEachServer(t, func(t *testing.T, p *place) {
		c := connect(t, p.open(t))
		must(t, mark(t.Context(), c, 1))
		p.kill(t, backend(t, c))
		p.proxy.waitUntilEmpty()
		err := c.Commit(t.Context())
		if !errors.Is(err, orm.ErrConnection) && !errors.Is(err, orm.ErrOutcomeUnknown) {
			t.Errorf("commit: %v", err)
		}
		p.wantMarks(t)
	})
}

func TestUnitIsRepeatedOnAnotherConnectionWhenItsOwnDies(t *testing.T) {
	onEachServer(t, func(t *testing.T, p *place) {
		units := 0
		must(t, p.open(t).Transact(t.Context(), func(ctx context.Context, c *orm.Conn) error {
			units++
			must(t, mark(ctx, c, 1))
			if units == 1 {
				p.kill(t, backend(t, c))
				p.proxy.waitUntilEmpty()
			}
			return mark(ctx, c, 2)
		}))
		if units != 2 {
			t.Errorf("the unit ran %d times, want 2", units)
		}
		p.wantMarks(t, 1, 2)
	})
}

// meet returns a barrier for two. Whoever comes after them passes.
func meet() func() {
	var both sync.WaitGroup
	both.Add(2)
	var first sync.Mutex
	left := 2
	return func() {
		first.Lock()
		waits := left > 0
		if waits {
			left--
		}
		first.Unlock()
		if waits {
			both.Done()
			both.Wait()
		}
	}
}

// bothUnits runs two units at once and returns how often they ran in all.
func bothUnits(t *testing.T, db *orm.Engine, unit func(ctx context.Context, c *orm.Conn, first, second int) error, options ...orm.TxOption) int {
	t.Helper()
	var running sync.WaitGroup
	var ran [2]int
	var errs [2]error
	for i := range 2 {
		running.Go(func() {
			errs[i] = db.Transact(t.Context(), func(ctx context.Context, c *orm.Conn) error {
				ran[i]++
				return unit(ctx, c, i+1, 2-i)
			}, options...)
		})
	}
	running.Wait()
	must(t, errors.Join(errs[:]...))
	return ran[0] + ran[1]
}

func TestDeadlockIsRepeatedUntilBothSucceed(t *testing.T) {
	onPlaces(t, []string{"postgres", "mysql"}, func(t *testing.T, p *place) {
		db := p.open(t)
		if p.name == "postgres" { // it looks for deadlocks after a second otherwise
			db.Events().Connect(func(ctx context.Context, c *orm.ConnectEvent) error {
				return c.Exec(ctx, "SET deadlock_timeout = '20ms'")
			})
		}
		must(t, mark(t.Context(), db, 1))
		must(t, mark(t.Context(), db, 2))
		wait := meet()
		ran := bothUnits(t, db, func(ctx context.Context, c *orm.Conn, first, second int) error {
			if err := exec(ctx, c, touch(first)); err != nil {
				return err
			}
			wait()
			return exec(ctx, c, touch(second))
		})
		if ran < 3 {
			t.Errorf("the units ran %d times, so that there was no deadlock", ran)
		}
		if got := get(orm.FetchOne[int](t.Context(), p.reader, orm.Text("SELECT sum(n) FROM marks")))(t); got != 4 {
			t.Errorf("the rows were counted up %d times, want 4", got)
		}
	})
}

// Each unit reads what the other writes, which no order of the two can explain.
func TestSerializationFailureIsRepeatedUntilBothSucceed(t *testing.T) {
	onPlaces(t, []string{"postgres", "mysql"}, func(t *testing.T, p *place) {
		db := p.open(t)
		must(t, mark(t.Context(), db, 1))
		must(t, mark(t.Context(), db, 2))
		wait := meet()
		ran := bothUnits(t, db, func(ctx context.Context, c *orm.Conn, first, second int) error {
			n, err := orm.FetchOne[int](ctx, c, orm.Text("SELECT n FROM marks WHERE id = ?", second))
			if err != nil {
				return err
			}
			wait()
			return exec(ctx, c, orm.Text("UPDATE marks SET n = ? WHERE id = ?", n+1, first))
		}, orm.Isolation("SERIALIZABLE"))
		if ran < 3 {
			t.Errorf("the units ran %d times, so that nothing was repeated", ran)
		}
		if got := get(orm.FetchOne[int](t.Context(), p.reader, orm.Text("SELECT sum(n) FROM marks")))(t); got != 3 {
			t.Errorf("the sum is %d, want 3, as one after the other gives", got)
		}
	})
}

func TestLockThatIsNotHadInTimeFailsTheTransaction(t *testing.T) {
	onPlaces(t, []string{"postgres", "mysql"}, func(t *testing.T, p *place) {
		must(t, mark(t.Context(), p.reader, 1))
		release := p.hold(t)
		db := p.open(t)
		setting := orm.SQL("SET innodb_lock_wait_timeout = 0")
		if p.name == "postgres" {
			setting = "SET lock_timeout = '20ms'"
		}
		db.Events().Connect(func(ctx context.Context, c *orm.ConnectEvent) error { return c.Exec(ctx, setting) })
		units := 0
		err := db.Transact(t.Context(), func(ctx context.Context, c *orm.Conn) error {
			units++
			must(t, mark(ctx, c, 2))
			wantIs(t, exec(ctx, c, touch(1)), orm.ErrLockTimeout)
			wantState(t, c, orm.TxFailed)
			return nil // half of the work
		}, orm.Retries(1))
		wantIs(t, err, orm.ErrTxFailed, orm.ErrLockTimeout)
		if units != 2 {
			t.Errorf("the unit ran %d times, want 2", units)
		}
		release()
		p.wantMarks(t, 1)
	})
}

// endless is a write that ends when it is cancelled, on SQLite; on a server it
// waits for a lock.
func (p *place) endless() orm.Statement {
	if p.name == "sqlite" {
		return orm.Text(`INSERT INTO marks (id, n) WITH RECURSIVE endless (i) AS (SELECT 10 UNION ALL SELECT i + 1 FROM endless) SELECT max(i), 0 FROM endless`)
	}
	return touch(1)
}

func TestStatementThatItsContextEndsLeavesNothing(t *testing.T) {
	errWhy := errors.New("the user went away")
	contexts := map[string]func(context.Context) (context.Context, context.CancelFunc, []error){
		"deadline": func(ctx context.Context) (context.Context, context.CancelFunc, []error) {
			ctx, cancel := context.WithTimeout(ctx, 30*time.Millisecond)
			return ctx, cancel, []error{context.DeadlineExceeded}
		},
		"cancellation": func(ctx context.Context) (context.Context, context.CancelFunc, []error) {
			ctx, cancel := context.WithCancelCause(ctx)
			timer := time.AfterFunc(30*time.Millisecond, func() { cancel(errWhy) })
			return ctx, func() { timer.Stop(); cancel(nil) }, []error{context.Canceled, errWhy}
		},
	}
	onEachPlace(t, func(t *testing.T, p *place) {
		if p.name != "sqlite" {
			must(t, mark(t.Context(), p.reader, 1))
			defer p.hold(t)()
		}
		before := p.marks(t)
		id := 1
		for name, begin := range contexts {
			// MySQL keeps what a statement has locked until it no longer waits
			// itself, so that nothing is over before the lock is given back.
			c := connect(t, p.open(t))
			id++
			t.Run(name, func(t *testing.T) {
				must(t, mark(t.Context(), c, id))
				ctx, cancel, want := begin(t.Context())
				defer cancel()
				began := time.Now()
				err := exec(ctx, c, p.endless())
				wantBackBy(t, began)
				wantIs(t, err, append(want, orm.ErrCanceled)...)
				if s := c.State(); s != orm.TxFailed && s != orm.TxLost {
					t.Errorf("state is %s, want failed or lost", s)
				}
				if err := mark(t.Context(), c, 100); !errors.Is(err, orm.ErrTxFailed) && !errors.Is(err, orm.ErrTxLost) {
					t.Errorf("next statement: %v", err)
				}
				if err := c.Commit(t.Context()); !errors.Is(err, orm.ErrTxFailed) && !errors.Is(err, orm.ErrTxLost) {
					t.Errorf("commit: %v", err)
				}
				must(t, c.Rollback(t.Context()))
				must(t, mark(t.Context(), c, 100+id))
				must(t, c.Rollback(t.Context()))
				p.wantMarks(t, before...)
			})
		}
	})
}

func TestUnitWhoseContextEndsIsNotRepeated(t *testing.T) {
	onEachPlace(t, func(t *testing.T, p *place) {
		if p.name != "sqlite" {
			must(t, mark(t.Context(), p.reader, 1))
			defer p.hold(t)()
		}
		before := p.marks(t)
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
		defer cancel()
		units := 0
		err := p.open(t).Transact(ctx, func(ctx context.Context, c *orm.Conn) error {
			units++
			if err := mark(ctx, c, 2); err != nil {
				return err
			}
			return exec(ctx, c, p.endless())
		})
		wantIs(t, err, orm.ErrCanceled, context.DeadlineExceeded)
		if units != 1 {
			t.Errorf("the unit ran %d times", units)
		}
		p.wantMarks(t, before...)
	})
}

func TestContextDoneBetweenStatementsSendsNothingMore(t *testing.T) {
	onEachPlace(t, func(t *testing.T, p *place) {
		c := connect(t, p.open(t))
		must(t, mark(t.Context(), c, 1))
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		wantIs(t, mark(ended, c, 2), context.Canceled, orm.ErrCanceled)
		wantIs(t, c.Commit(ended), context.Canceled)
		wantState(t, c, orm.TxActive)
		must(t, c.Rollback(ended))
		p.wantMarks(t)
	})
}

// Whatever is under way when a server falls silent ends soon after its context,
// or after the commit timeout where it does not end with it.
func TestSilentServerHoldsNobodyBeyondTheDeadline(t *testing.T) {
	steps := []struct {
		name  string
		begin bool
		do    func(ctx context.Context, c *orm.Conn) error
		want  []error
		state orm.TxState
	}{
		{"statement", true, func(ctx context.Context, c *orm.Conn) error { return mark(ctx, c, 2) }, []error{orm.ErrCanceled, context.DeadlineExceeded}, orm.TxLost},
		{"query", true, func(ctx context.Context, c *orm.Conn) error {
			_, err := orm.Fetch[int](ctx, c, orm.Text("SELECT id FROM marks WHERE id > ?", 0))
			return err
		}, []error{orm.ErrCanceled, context.DeadlineExceeded}, orm.TxLost},
		{"begin", false, func(ctx context.Context, c *orm.Conn) error { return c.Begin(ctx) }, []error{orm.ErrCanceled, context.DeadlineExceeded}, orm.TxClean},
		{"savepoint", true, func(ctx context.Context, c *orm.Conn) error {
			return c.Nested(ctx, func(context.Context) error { return nil })
		}, []error{orm.ErrCanceled, context.DeadlineExceeded}, orm.TxLost},
		{"rollback", true, func(ctx context.Context, c *orm.Conn) error { return c.Rollback(ctx) }, nil, orm.TxClean},
		{"commit", true, func(ctx context.Context, c *orm.Conn) error { return c.Commit(ctx) }, []error{orm.ErrOutcomeUnknown}, orm.TxUnknown},
	}
	onEachServer(t, func(t *testing.T, p *place) {
		for _, step := range steps {
			t.Run(step.name, func(t *testing.T) {
				t.Parallel()
				p := p.behind(t)
				var options []orm.EngineOption
				if step.name == "commit" {
					options = append(options, orm.WithCommitTimeout(100*time.Millisecond))
				}
				c := connect(t, p.open(t, options...))
				if step.begin {
					must(t, mark(t.Context(), c, 100))
				}
				p.proxy.silence()
				ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
				defer cancel()
				err := step.do(ctx, c)
				deadline, _ := ctx.Deadline()
				wantBackBy(t, deadline)
				wantIs(t, err, step.want...)
				if err != nil && step.want == nil {
					t.Error(err)
				}
				wantState(t, c, step.state)
				must(t, c.Close())
				wantBackBy(t, deadline)
			})
		}
	})
}

// behind is the place through another proxy.
func (p *place) behind(t *testing.T) *place {
	t.Helper()
	other := *p
	other.proxy, other.url = newProxy(t, p.direct)
	return &other
}

func TestTransactOnASilentServerEndsSoonAfterItsContext(t *testing.T) {
	for name, transact := range map[string]func(ctx context.Context, db *orm.Engine, unit func(context.Context, orm.Executor) error) error{
		"of an engine": func(ctx context.Context, db *orm.Engine, unit func(context.Context, orm.Executor) error) error {
			return db.Transact(ctx, func(ctx context.Context, c *orm.Conn) error { return unit(ctx, c) })
		},
		"of a factory": func(ctx context.Context, db *orm.Engine, unit func(context.Context, orm.Executor) error) error {
			return orm.NewSessionFactory(db).Transact(ctx, func(ctx context.Context, s *orm.Session) error { return unit(ctx, s) })
		},
	} {
		t.Run(name, func(t *testing.T) {
			onEachServer(t, func(t *testing.T, p *place) {
				db := p.open(t)
				ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
				defer cancel()
				err := transact(ctx, db, func(ctx context.Context, ex orm.Executor) error {
					must(t, mark(ctx, ex, 1))
					p.proxy.silence()
					return errUnit // so that the first that meets the silence is ROLLBACK
				})
				wantIs(t, err, errUnit)
				deadline, _ := ctx.Deadline()
				wantBackBy(t, deadline)
				eventually(t, "the server ends the transaction", func() bool { return p.openTransactions(t) == 0 })
				p.wantMarks(t)
			})
		})
	}
}

func TestSilentServerHoldsNobodyWhoConnects(t *testing.T) {
	onEachServer(t, func(t *testing.T, p *place) {
		db := p.open(t)
		p.proxy.silence()
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		wantIs(t, mark(ctx, db, 1), orm.ErrCanceled, context.DeadlineExceeded)
		deadline, _ := ctx.Deadline()
		wantBackBy(t, deadline)
	})
}

func TestLostCommitIsUnknownAndNeverRepeated(t *testing.T) {
	for _, lost := range []struct {
		name string
		f    fault
		rows []int
	}{{"request", loseRequest, nil}, {"answer", loseAnswer, []int{1}}, {"no answer", muteAnswer, []int{1}}} {
		t.Run(lost.name, func(t *testing.T) {
			onEachServer(t, func(t *testing.T, p *place) {
				db := p.open(t, orm.WithCommitTimeout(200*time.Millisecond))
				units := 0
				p.proxy.on("COMMIT", lost.f)
				err := db.Transact(t.Context(), func(ctx context.Context, c *orm.Conn) error {
					units++
					return mark(ctx, c, 1)
				})
				wantIs(t, err, orm.ErrOutcomeUnknown)
				if units != 1 || p.proxy.count("COMMIT") != 1 {
					t.Errorf("the unit ran %d times, with %d COMMITs", units, p.proxy.count("COMMIT"))
				}
				p.wantMarks(t, lost.rows...)
				must(t, mark(t.Context(), db, 2))
			})
		})
	}
}

func TestLostCommitIsResolvedWherePostgresKnows(t *testing.T) {
	for _, lost := range []struct {
		name  string
		f     fault
		units int
	}{{"request", loseRequest, 2}, {"answer", loseAnswer, 1}, {"no answer", muteAnswer, 1}} {
		t.Run(lost.name, func(t *testing.T) {
			onPlaces(t, []string{"postgres"}, func(t *testing.T, p *place) {
				p.direct = p.url
				p = p.behind(t)
				db := p.open(t, orm.WithCommitTimeout(200*time.Millisecond))
				for id := range 10 {
					units := 0
					p.proxy.on("COMMIT", lost.f)
					err := db.Transact(t.Context(), func(ctx context.Context, c *orm.Conn) error {
						units++
						return mark(ctx, c, id)
					}, orm.ResolveCommit())
					must(t, err)
					if units != lost.units {
						t.Errorf("the unit ran %d times, want %d", units, lost.units)
					}
					if lost.f == muteAnswer {
						break // each takes the whole commit timeout
					}
				}
				if got := p.marks(t); lost.f != muteAnswer && len(got) != 10 {
					t.Errorf("rows %v, want ten", got)
				}
			})
		})
	}
}

func TestConnTellsTheTruthOfALostCommit(t *testing.T) {
	onPlaces(t, []string{"postgres"}, func(t *testing.T, p *place) {
		p.direct = p.url
		p = p.behind(t)
		c := connect(t, p.open(t), orm.ResolveCommit())
		p.proxy.on("COMMIT", loseRequest)
		must(t, mark(t.Context(), c, 1))
		wantIs(t, c.Commit(t.Context()), orm.ErrConnection)
		wantState(t, c, orm.TxClean)
		p.wantMarks(t)
		p.proxy.on("COMMIT", loseAnswer)
		must(t, mark(t.Context(), c, 2))
		must(t, c.Commit(t.Context()))
		wantState(t, c, orm.TxClean)
		p.wantMarks(t, 2)
	})
}

// ways are the two ways of a statement: prepared, and as text alone.
var ways = map[string]orm.Statement{
	"prepared": orm.Text("INSERT INTO marks (id, n) VALUES (?, 0)", 1),
	"text":     orm.Text("INSERT INTO marks (id, n) VALUES (1, 0)"),
}

func TestLostAnswerInATransactionIsNoRowAndNoSecondStatement(t *testing.T) {
	onEachServer(t, func(t *testing.T, p *place) {
		for way, insert := range ways {
			for name, f := range map[string]fault{"request": loseRequest, "answer": loseAnswer} {
				t.Run(way+" "+name, func(t *testing.T) {
					p := p.behind(t)
					c := connect(t, p.open(t))
					p.proxy.on("INSERT", f)
					err := exec(t.Context(), c, insert)
					wantIs(t, err, orm.ErrConnection)
					wantState(t, c, orm.TxLost)
					must(t, c.Rollback(t.Context()))
					p.wantMarks(t)
					if n := p.proxy.count("INSERT"); n != 1 {
						t.Errorf("the statement was sent %d times", n)
					}
				})
			}
		}
	})
}

func TestLostAnswerIsRepeatedByTransactWithOneRow(t *testing.T) {
	onEachServer(t, func(t *testing.T, p *place) {
		for way, insert := range ways {
			t.Run(way, func(t *testing.T) {
				p := p.behind(t)
				p.proxy.on("INSERT", loseAnswer)
				must(t, p.open(t).Transact(t.Context(), func(ctx context.Context, c *orm.Conn) error {
					return exec(ctx, c, insert)
				}))
				p.wantMarks(t, 1)
				run(t, p.reader, "DELETE FROM marks")
			})
		}
	})
}

func TestLostAnswerOutsideOfATransactionIsUnknownAndNeverTwoRows(t *testing.T) {
	onEachServer(t, func(t *testing.T, p *place) {
		for way, insert := range ways {
			for name, lost := range map[string]struct {
				f    fault
				rows []int
			}{"request": {loseRequest, nil}, "answer": {loseAnswer, []int{1}}} {
				t.Run(way+" "+name, func(t *testing.T) {
					p := p.behind(t)
					db := p.open(t)
					p.proxy.on("INSERT", lost.f)
					wantIs(t, exec(t.Context(), db, insert), orm.ErrOutcomeUnknown)
					p.wantMarks(t, lost.rows...)
					if n := p.proxy.count("INSERT"); n != 1 {
						t.Errorf("the statement was sent %d times", n)
					}
					must(t, exec(t.Context(), db, orm.Text("DELETE FROM marks")))
				})
			}
		}
	})
}

// What the library writes itself is known to have written nothing; a text can
// call a function that writes.
func TestLostAnswerOfAReadIsUnknownOnlyIfItMayHaveWritten(t *testing.T) {
	onEachServer(t, func(t *testing.T, p *place) {
		marks := orm.NewTable("marks", orm.NewMetadata(), orm.NewColumn("id", types.Integer(), orm.PrimaryKey()))
		for name, test := range map[string]struct {
			stmt orm.Statement
			want error
		}{
			"a SELECT":               {orm.Select(marks.C("id")), orm.ErrConnection},
			"a known function":       {orm.Select(orm.Count()).From(marks), orm.ErrConnection},
			"a function of the user": {orm.Select(orm.Func[int]("abs", marks.C("id"))), orm.ErrOutcomeUnknown},
			"a lock":                 {orm.Select(marks.C("id")).ForUpdate(), orm.ErrOutcomeUnknown},
			"a text":                 {orm.Text("SELECT id FROM marks"), orm.ErrOutcomeUnknown},
		} {
			t.Run(name, func(t *testing.T) {
				p := p.behind(t)
				db := p.open(t)
				must(t, db.Ping(t.Context()))
				p.proxy.on("SELECT", loseAnswer)
				_, err := orm.Fetch[int](t.Context(), db, test.stmt)
				wantIs(t, err, test.want)
				if test.want == orm.ErrConnection && errors.Is(err, orm.ErrOutcomeUnknown) {
					t.Errorf("%v", err)
				}
			})
		}
	})
}

// cells runs a unit with the fault at its first statement, its second, and so
// on, until the fault is not met any more: the unit is then saved as a whole, or
// not at all, and never twice.
func TestFaultAtEveryStatementOfAUnit(t *testing.T) {
	steps := []string{"BEGIN", "START", "INSERT INTO marks (id, n) VALUES (1", "SAVEPOINT", "INSERT INTO marks (id, n) VALUES (2", "RELEASE", "SELECT", "ROLLBACK TO", "UPDATE", "COMMIT"}
	unit := func(ctx context.Context, c *orm.Conn) error {
		if err := exec(ctx, c, orm.Text("INSERT INTO marks (id, n) VALUES (1, 0)")); err != nil {
			return err
		}
		err := c.Nested(ctx, func(ctx context.Context) error {
			return exec(ctx, c, orm.Text("INSERT INTO marks (id, n) VALUES (2, 0)"))
		})
		if err != nil {
			return err
		}
		if _, err := orm.Fetch[int](ctx, c, orm.Text("SELECT id FROM marks")); err != nil {
			return err
		}
		if err := c.Nested(ctx, func(context.Context) error { return errUnit }); !errors.Is(err, errUnit) || c.State() != orm.TxActive {
			return err
		}
		return exec(ctx, c, orm.Text("UPDATE marks SET n = n + 1"))
	}
	onEachServer(t, func(t *testing.T, p *place) {
		db := p.open(t)
		met := 0
		for _, step := range steps {
			for _, f := range []fault{loseRequest, loseAnswer} {
				before := p.proxy.count(step)
				p.proxy.on(step, f)
				err := db.Transact(t.Context(), unit)
				if p.proxy.count(step) > before {
					met++
				}
				n, saved := get(orm.Fetch[int](t.Context(), p.reader, orm.Text("SELECT n FROM marks")))(t), false
				switch {
				case fmt.Sprint(n) == "[1 1]":
					saved = true
				case len(n) != 0:
					t.Errorf("fault %d at %s: rows count %v", f, step, n)
				}
				unknown := errors.Is(err, orm.ErrOutcomeUnknown)
				if err != nil && !unknown || err == nil && !saved || step == "COMMIT" && !unknown {
					t.Errorf("fault %d at %s: saved %t, error %v", f, step, saved, err)
				}
				run(t, p.reader, "DELETE FROM marks")
				p.proxy.on(step, noFault)
			}
		}
		if met != 2*(len(steps)-1) { // each database has its own word for BEGIN
			t.Errorf("%d faults were met, want %d", met, 2*(len(steps)-1))
		}
	})
}
