// This file goes through everything that takes a connection, with every way to
// end it, and checks that nothing is left: no connection in use, no transaction
// on the server, no goroutine.

package orm_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
	"weak"

	"github.com/aurum-go/orm"
)

// errGiveUp is the error with which the functions of a leak test end.
var errGiveUp = errors.New("give up")

// leakUse is a use of the library. It gives back whatever it takes.
type leakUse struct {
	name string
	run  func(ctx context.Context, l *leakBench)
}

// leakBench is what a use works on.
type leakBench struct {
	*testing.T
	*orm.Engine
}

// check fails the test unless the error is as it should be.
func (l *leakBench) check(want, err error) {
	l.Helper()
	if !errors.Is(err, want) {
		l.Errorf("%v, and it should be %v", err, want)
	}
}

// conn has a function use a connection, which is closed however it ends.
func (l *leakBench) conn(ctx context.Context, use func(c *orm.Conn)) {
	l.Helper()
	c, err := l.Connect(ctx)
	must(l.T, err)
	defer c.Close()
	use(c)
}

// session has a function use a session, which is closed however it ends.
func (l *leakBench) session(use func(s *orm.Session), options ...orm.SessionOption) {
	s := orm.NewSession(l.Engine, options...)
	defer s.Close()
	use(s)
}

func engineUses() []leakUse {
	users := orm.Select(orm.C(&orm.Entity[User]().ID))
	wrong, many := orm.Text("SELEKT 1"), orm.Text("SELECT 1 UNION SELECT 2 UNION SELECT 3")
	unit := func(result error) func(context.Context, *orm.Conn) error {
		return func(ctx context.Context, c *orm.Conn) error {
			if _, err := orm.Exec(ctx, c, orm.Insert(orm.Entity[Account]()).Values(orm.M{"Owner": "x", "Balance": 1, "Version": 1})); err != nil {
				return err
			}
			return result
		}
	}
	return []leakUse{
		{"Exec", func(ctx context.Context, l *leakBench) {
			l.check(nil, errOf(orm.Exec(ctx, l.Engine, users)))
			l.check(orm.ErrSyntax, errOf(orm.Exec(ctx, l.Engine, wrong)))
		}},
		{"Fetch", func(ctx context.Context, l *leakBench) {
			l.check(nil, errOf(orm.Fetch[int](ctx, l.Engine, many)))
			l.check(orm.ErrSyntax, errOf(orm.Fetch[int](ctx, l.Engine, wrong)))
			l.check(orm.ErrSchemaMismatch, errOf(orm.Fetch[struct{ X int }](ctx, l.Engine, many)))
			l.check(orm.ErrMultipleRows, errOf(orm.FetchOne[int](ctx, l.Engine, many)))
			l.check(orm.ErrNoRows, errOf(orm.FetchOne[int](ctx, l.Engine, users.Limit(0))))
			panicOf(func() { _, _ = orm.Fetch[brittle](ctx, l.Engine, orm.Text("SELECT 'x'")) })
		}},
		{"FetchIter", func(ctx context.Context, l *leakBench) {
			rows := orm.FetchIter[int](ctx, l.Engine, many)
			collect(l.T, rows)
			for range rows {
				break
			}
			panicOf(func() {
				for range rows {
					panic("in the loop")
				}
			})
			for _, err := range orm.FetchIter[int](ctx, l.Engine, wrong) {
				l.check(orm.ErrSyntax, err)
			}
		}},
		{"Transact", func(ctx context.Context, l *leakBench) {
			l.check(nil, l.Transact(ctx, unit(nil)))
			l.check(errGiveUp, l.Transact(ctx, unit(errGiveUp)))
			panicOf(func() {
				_ = l.Transact(ctx, func(ctx context.Context, c *orm.Conn) error {
					_ = unit(nil)(ctx, c)
					panic("in the unit")
				})
			})
		}},
		{"Conn", func(ctx context.Context, l *leakBench) {
			l.conn(ctx, func(c *orm.Conn) {
				l.check(nil, unit(nil)(ctx, c))
				l.check(nil, c.Commit(ctx))
				l.check(nil, unit(nil)(ctx, c))
				l.check(nil, c.Rollback(ctx))
				l.check(nil, c.Nested(ctx, func(ctx context.Context) error { return unit(nil)(ctx, c) }))
				l.check(errGiveUp, c.Nested(ctx, func(ctx context.Context) error { return unit(errGiveUp)(ctx, c) }))
				panicOf(func() { _ = c.Nested(ctx, func(context.Context) error { panic("nested") }) })
			})
			l.conn(ctx, func(c *orm.Conn) { l.check(orm.ErrSyntax, errOf(orm.Exec(ctx, c, wrong))) })
			l.conn(ctx, func(c *orm.Conn) { l.check(nil, c.Invalidate()) })
			l.conn(ctx, func(c *orm.Conn) {
				for range orm.FetchIter[int](ctx, c, many) {
					l.check(nil, c.Close())
				}
			})
		}},
		{"Ping and Inspect", func(ctx context.Context, l *leakBench) {
			l.check(nil, l.Ping(ctx))
			inspector, err := l.Inspect(ctx)
			l.check(nil, err)
			l.check(nil, errOf(inspector.TableNames(ctx)))
			l.check(nil, errOf(inspector.Table(ctx, "users")))
		}},
		{"CreateAll and DropAll", func(ctx context.Context, l *leakBench) {
			l.check(nil, skyModels.CreateAll(ctx, l.Engine))
			l.check(nil, skyModels.DropAll(ctx, l.Engine))
			l.check(orm.ErrUnknownName, errors.Join(func() error {
				r := orm.NewRegistry()
				must(l.T, r.Register(&lost{}))
				return r.CreateAll(ctx, l.Engine)
			}()))
		}},
	}
}

func sessionUses() []leakUse {
	u := orm.Entity[User]()
	query := func(s *orm.Session) *orm.EntityQuery[User] { return orm.Query[User](s).OrderBy(orm.C(&u.ID)) }
	return []leakUse{
		{"queries", func(ctx context.Context, l *leakBench) {
			l.session(func(s *orm.Session) {
				q := query(s)
				l.check(nil, errOf(q.All(ctx)))
				l.check(nil, errOf(q.First(ctx)))
				l.check(orm.ErrMultipleRows, errOf(q.One(ctx)))
				l.check(orm.ErrNoRows, errOf(q.FilterBy("ID", -1).One(ctx)))
				l.check(nil, errOf(q.Count(ctx)))
				l.check(nil, errOf(q.Exists(ctx)))
				l.check(nil, errOf(orm.Pluck(ctx, q, orm.C(&u.Name))))
				l.check(nil, errOf(q.ForUpdate().Untracked().All(ctx)))
				l.check(orm.ErrUnknownName, errOf(q.FilterBy("Nmae", 1).All(ctx)))
			})
		}},
		{"iterations", func(ctx context.Context, l *leakBench) {
			l.session(func(s *orm.Session) {
				l.check(nil, iterError(ctx, query(s)))
				for range query(s).Iter(ctx) {
					break
				}
				panicOf(func() {
					for range query(s).Iter(ctx) {
						panic("in the loop")
					}
				})
				l.check(nil, s.Rollback(ctx))
				for range query(s).Iter(ctx) {
					l.check(nil, s.Close())
				}
			})
			l.session(func(s *orm.Session) { panicOf(func() { _, _ = orm.Query[brittleMoon](s).All(ctx) }) })
			w := orm.Entity[Writer]()
			blocks := func(s *orm.Session) *orm.EntityQuery[Writer] {
				return orm.Query[Writer](s).Options(orm.SelectInLoad(&w.Books))
			}
			l.session(func(s *orm.Session) {
				l.check(nil, iterError(ctx, blocks(s)))
				for range blocks(s).Iter(ctx) {
					break
				}
				panicOf(func() {
					for range blocks(s).Iter(ctx) {
						panic("in the loop")
					}
				})
				l.check(nil, s.Rollback(ctx))
				for range blocks(s).Iter(ctx) {
					l.check(nil, s.Close())
				}
			})
		}},
		{"reading", func(ctx context.Context, l *leakBench) {
			l.session(func(s *orm.Session) {
				one, err := query(s).First(ctx)
				l.check(nil, err)
				l.check(nil, s.Refresh(ctx, one))
				l.check(nil, s.Lock(ctx, one))
				l.check(nil, errOf(orm.Get[User](ctx, s, one.ID)))
				l.check(orm.ErrNoRows, errOf(orm.Get[User](ctx, s, -1)))
				l.check(orm.ErrArgument, errOf(orm.Get[User](ctx, s, "x")))
				s.Expire(one)
				l.check(nil, orm.Load(ctx, one, &one.Name))
				s.Expunge(one)
			})
		}},
		{"writing", func(ctx context.Context, l *leakBench) {
			l.session(func(s *orm.Session) {
				added := &User{Name: "new", Email: rand.Text()}
				s.Add(added)
				l.check(nil, s.Commit(ctx))
				added.Name = "changed"
				l.check(nil, s.Flush(ctx))
				l.check(nil, s.Rollback(ctx))
				s.Delete(added)
				l.check(nil, s.Commit(ctx))
				s.Add(&User{Name: "twice", Email: "ed@example.org"})
				l.check(orm.ErrUniqueViolation, s.Commit(ctx))
				l.check(orm.ErrTxFailed, s.Commit(ctx))
			})
			l.session(func(s *orm.Session) {
				s.Add(&User{Name: "never committed", Email: rand.Text()})
				l.check(nil, s.Flush(ctx))
			})
		}},
		{"Nested", func(ctx context.Context, l *leakBench) {
			l.session(func(s *orm.Session) {
				l.check(nil, s.Nested(ctx, func(ctx context.Context) error { return errOf(query(s).All(ctx)) }))
				l.check(errGiveUp, s.Nested(ctx, func(context.Context) error { return errGiveUp }))
				panicOf(func() { _ = s.Nested(ctx, func(context.Context) error { panic("nested") }) })
				l.check(orm.ErrSyntax, s.Nested(ctx, func(ctx context.Context) error { return errOf(orm.Exec(ctx, s, orm.Text("SELEKT 1"))) }))
			})
		}},
		{"a session on a connection", func(ctx context.Context, l *leakBench) {
			l.conn(ctx, func(c *orm.Conn) {
				l.session(func(s *orm.Session) {
					l.check(nil, errOf(query(s).All(ctx)))
					l.check(nil, s.Commit(ctx))
					l.check(nil, errOf(query(s).All(ctx)))
				}, orm.WithConn(c))
			})
		}},
		{"units of work", func(ctx context.Context, l *leakBench) {
			f := orm.NewSessionFactory(l.Engine)
			work := func(result error) func(context.Context, *orm.Session) error {
				return func(ctx context.Context, s *orm.Session) error {
					s.Add(&User{Name: "unit", Email: rand.Text()})
					return errors.Join(s.Flush(ctx), result)
				}
			}
			l.check(nil, f.Transact(ctx, work(nil)))
			l.check(errGiveUp, f.Transact(ctx, work(errGiveUp)))
			panicOf(func() { _ = f.Transact(ctx, func(context.Context, *orm.Session) error { panic("in the unit") }) })
		}},
	}
}

// canceledUses end with their context: before anything, and in the middle.
func canceledUses() []leakUse {
	uses := func(ctx context.Context, l *leakBench) {
		_ = l.Ping(ctx)
		_, _ = orm.Fetch[int](ctx, l.Engine, orm.Text("SELECT 1"))
		_ = l.Transact(ctx, func(ctx context.Context, c *orm.Conn) error { return errOf(orm.Exec(ctx, c, orm.Text("SELECT 1"))) })
		l.session(func(s *orm.Session) {
			s.Add(&User{Name: "canceled", Email: rand.Text()})
			_ = s.Commit(ctx)
			_, _ = orm.Query[User](s).All(ctx)
			_ = s.Rollback(ctx)
			_ = s.Nested(ctx, func(context.Context) error { return nil })
		})
	}
	return []leakUse{
		{"a context that has ended", func(ctx context.Context, l *leakBench) {
			ended, cancel := context.WithCancel(ctx)
			cancel()
			uses(ended, l)
		}},
		{"a context that ends in between", func(ctx context.Context, l *leakBench) {
			for n := range 12 {
				limited, cancel := context.WithCancel(ctx)
				left := n
				remove := l.Events().BeforeExecute(func(context.Context, *orm.Execution) error {
					if left--; left < 0 {
						cancel()
					}
					return nil
				})
				uses(limited, l)
				remove()
				cancel()
			}
		}},
		{"a listener that refuses", func(ctx context.Context, l *leakBench) {
			for _, add := range []func(func(context.Context, *orm.Execution) error) func(){l.Events().BeforeExecute, l.Events().AfterExecute} {
				remove := add(func(context.Context, *orm.Execution) error { return errGiveUp })
				uses(ctx, l)
				remove()
			}
		}},
		{"a listener that panics", func(ctx context.Context, l *leakBench) {
			remove := l.Events().BeforeExecute(func(context.Context, *orm.Execution) error { panic("in the listener") })
			defer remove()
			panicOf(func() { _, _ = orm.Fetch[int](ctx, l.Engine, orm.Text("SELECT 1")) })
			panicOf(func() { l.session(func(s *orm.Session) { _, _ = orm.Query[User](s).All(ctx) }) })
			panicOf(func() {
				l.session(func(s *orm.Session) {
					s.Add(&User{Name: "x", Email: "x"})
					_ = s.Commit(ctx)
				})
			})
		}},
	}
}

// TestNothingIsLeftBehind is not parallel: other tests have goroutines, too.
func TestNothingIsLeftBehind(t *testing.T) {
	for _, d := range databases {
		t.Run(d.name, func(t *testing.T) {
			server := newLeakServer(t, d)
			ctx := t.Context()
			server.transactions(t) // which has a connection of its own from now on
			before := goroutines()
			engine, err := orm.Open(server.url)
			must(t, err)
			must(t, models.CreateAll(ctx, engine))
			must(t, library.CreateAll(ctx, engine))
			l := &leakBench{t, engine}
			l.session(func(s *orm.Session) {
				s.Add(&User{Name: "ed", Email: "ed@example.org"}, &User{Name: "al", Email: "al@example.org"})
				s.Add(&Writer{Name: "ann", Books: []*Book{{Title: "a1"}}}, &Writer{Name: "bob"})
				must(t, s.Commit(ctx))
			})
			for _, uses := range [][]leakUse{engineUses(), sessionUses(), canceledUses()} {
				for _, use := range uses {
					use.run(ctx, l)
					if n := engine.Stats().InUse; n != 0 {
						t.Errorf("%s: %d connections are in use: %s", use.name, n, engine.Status())
					}
					if n := server.transactions(t); n != 0 {
						t.Errorf("%s: %d transactions are open on the server", use.name, n)
					}
				}
			}
			must(t, engine.Close())
			waitFor(t, "connections are left on the server", func() int { return server.connections(t) })
			waitFor(t, "goroutines are left", func() int { return len(goroutines()) - len(before) })
		})
	}
}

// waitFor waits until a number is 0: what was closed may take a moment to end.
func waitFor(t *testing.T, what string, count func() int) {
	t.Helper()
	n := count()
	for deadline := time.Now().Add(5 * time.Second); n > 0 && time.Now().Before(deadline); n = count() {
		runtime.Gosched()
	}
	if n > 0 {
		t.Errorf("%d %s\n%s", n, what, strings.Join(goroutines(), "\n\n"))
	}
}

// goroutines returns the stacks of all goroutines that run code of this module or
// of what it works with.
func goroutines() []string {
	stacks := make([]byte, 1<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	var ours []string
	for stack := range strings.SplitSeq(string(stacks), "\n\n") {
		for _, part := range []string{"aurum-go/orm.", "database/sql.", "lib/pq.", "go-sql-driver/mysql.", "modernc.org/sqlite."} {
			if strings.Contains(stack, part) && !strings.Contains(stack, "testing.(*T).Parallel") {
				ours = append(ours, stack)
				break
			}
		}
	}
	return ours
}

// leakServer looks at the connections of one engine from outside.
type leakServer struct {
	url                               string
	admin                             *orm.Engine // nil where there is no server
	transactionCount, connectionCount *orm.TextStatement
}

func newLeakServer(t *testing.T, d database) *leakServer {
	t.Helper()
	s := &leakServer{url: d.create(t)}
	if d.name == "sqlite" {
		return s
	}
	admin, err := orm.Open(s.url)
	must(t, err)
	t.Cleanup(func() { must(t, admin.Close()) })
	s.admin = admin
	switch d.name {
	case "postgres":
		name := "leak_" + rand.Text()
		s.url += "&application_name=" + name
		s.connectionCount = orm.Text("SELECT count(*) FROM pg_stat_activity WHERE application_name = ?", name)
		s.transactionCount = orm.Text("SELECT count(*) FROM pg_stat_activity WHERE application_name = ? AND xact_start IS NOT NULL", name)
	case "mysql":
		s.connectionCount = orm.Text("SELECT count(*) FROM information_schema.processlist WHERE db = database() AND id <> connection_id()")
		s.transactionCount = orm.Text(`SELECT count(*) FROM information_schema.innodb_trx t
			JOIN information_schema.processlist p ON p.id = t.trx_mysql_thread_id WHERE p.db = database() AND p.id <> connection_id()`)
	default:
		t.Fatalf("nobody knows how to look into %s", d.name)
	}
	return s
}

func (s *leakServer) transactions(t *testing.T) int { return s.count(t, s.transactionCount) }
func (s *leakServer) connections(t *testing.T) int  { return s.count(t, s.connectionCount) }

func (s *leakServer) count(t *testing.T, stmt *orm.TextStatement) int {
	t.Helper()
	if s.admin == nil {
		return 0
	}
	return get(orm.FetchOne[int](t.Context(), s.admin, stmt))(t)
}

func TestClosedSessionsAreNotKeptByTheirObjects(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s := newSky(t, db)
		must(t, s.Close())
		var objects []*Planet
		var sessions []weak.Pointer[orm.Session]
		for range 20 {
			session := orm.NewSession(db.Engine)
			all := get(orm.Query[Planet](session).All(t.Context()))(t)
			pending := &Planet{Name: fmt.Sprint("planet ", len(objects))}
			session.Add(pending)
			objects = append(append(objects, all...), pending)
			sessions = append(sessions, weak.Make(session))
			must(t, session.Close())
		}
		runtime.GC()
		alive := 0
		for _, p := range sessions {
			if p.Value() != nil {
				alive++
			}
		}
		if alive > 1 { // the last may still be on the stack
			t.Errorf("%d of %d closed sessions are still in memory", alive, len(sessions))
		}
		compare(t, orm.Detached, orm.StateOf(objects[0]))
		runtime.KeepAlive(objects)
	})
}
