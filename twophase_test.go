//go:build unix

package orm_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	osexec "os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/aurum-go/orm"
)

// onEachPreparingDatabase runs a test where there are transactions of two phases: with
// two databases of the test's own.
func onEachPreparingDatabase(t *testing.T, test func(t *testing.T, db, other *testDB)) {
	t.Helper()
	t.Parallel()
	for name, create := range map[string]func(t *testing.T) string{"postgres": newPreparingPostgres, "mysql": newMySQL} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			db := openTestDB(t, create(t))
			other := openTestDB(t, anotherURL(t, db))
			run(t, db.Engine, outletsDDL)
			run(t, other.Engine, receiptsDDL)
			test(t, db, other)
		})
	}
}

// anotherURL is a further database on the server of one.
func anotherURL(t *testing.T, db *testDB) string {
	t.Helper()
	if db.name() == "mysql" {
		return newMySQL(t)
	}
	run(t, db.Engine, "CREATE DATABASE other")
	return strings.Replace(db.url, "/postgres?", "/other?", 1)
}

// newPreparingPostgres starts a server of the test's own that keeps prepared
// transactions, which servers do not unless they are told to. It needs the programs
// of the server in the PATH, or in the folder of ORM_TEST_POSTGRES_BIN.
func newPreparingPostgres(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "orm_postgres")
	must(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	port := freePort(t)
	data, who := filepath.Join(folder, "data"), serverUser(t, folder)
	program := func(name string, args ...string) *osexec.Cmd {
		path, err := osexec.LookPath(filepath.Join(os.Getenv("ORM_TEST_POSTGRES_BIN"), name))
		if err != nil {
			if os.Getenv("CI") != "" {
				t.Fatal(err)
			}
			t.Skipf("the server cannot be started, so this part is not tested: %v", err)
		}
		c := osexec.CommandContext(context.WithoutCancel(t.Context()), path, args...)
		c.Dir, c.SysProcAttr = folder, who
		return c
	}
	if out, err := program("initdb", "-D", data, "-A", "trust", "-U", "postgres", "--no-sync").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	options := fmt.Sprintf("-c max_prepared_transactions=10 -c listen_addresses=127.0.0.1 -c port=%d -c unix_socket_directories= -c fsync=off", port)
	start := program("pg_ctl", "-D", data, "-w", "-l", filepath.Join(folder, "log"), "-o", options, "start")
	if err := start.Run(); err != nil {
		log, _ := os.ReadFile(filepath.Join(folder, "log"))
		t.Fatalf("%v: %s", err, log)
	}
	t.Cleanup(func() {
		if out, err := program("pg_ctl", "-D", data, "-m", "immediate", "stop").CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
	})
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/postgres?sslmode=disable", port)
}

// serverUser is who runs the server, which refuses to be run by root.
func serverUser(t *testing.T, folder string) *syscall.SysProcAttr {
	t.Helper()
	if os.Geteuid() != 0 {
		return nil
	}
	known, err := user.Lookup(cmp.Or(os.Getenv("ORM_TEST_POSTGRES_USER"), "postgres"))
	if err != nil {
		t.Skipf("the server cannot be started, so this part is not tested: %v", err)
	}
	uid, gid := get(strconv.Atoi(known.Uid))(t), get(strconv.Atoi(known.Gid))(t)
	must(t, os.Chown(folder, uid, gid))
	return &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}}
}

func freePort(t *testing.T) int {
	t.Helper()
	l := get((&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0"))(t)
	defer func() { must(t, l.Close()) }()
	return l.Addr().(*net.TCPAddr).Port
}

// own are the prepared transactions whose names begin with one of the test's own.
func own(t *testing.T, e *orm.Engine, prefix string) []string {
	t.Helper()
	return slices.DeleteFunc(get(e.RecoverTwoPhase(t.Context()))(t), func(xid string) bool { return !strings.HasPrefix(xid, prefix) })
}

func TestPreparedTransactionIsSureToCommit(t *testing.T) {
	onEachPreparingDatabase(t, func(t *testing.T, db, _ *testDB) {
		ctx, prefix := t.Context(), fmt.Sprintf("test-%d-%d", os.Getpid(), freePort(t))
		var numbers []int64
		prepared := func(name string, id int) *orm.Conn {
			conn := get(db.Connect(ctx))(t)
			must(t, conn.BeginTwoPhase(ctx, prefix+name))
			numbers = append(numbers, number(t, conn))
			get(orm.Exec(ctx, conn, orm.Text("INSERT INTO outlets VALUES (?, 'x')", id)))(t)
			must(t, conn.Prepare(ctx))
			expect(t, orm.TxPrepared, conn.State())
			return conn
		}
		committed, undone, left, given := prepared("a", 1), prepared("b", 2), prepared("c", 3), prepared("d", 4)
		expect(t, 4, len(own(t, db.Engine, prefix)))
		_, err := orm.Exec(ctx, committed, orm.Text("INSERT INTO outlets VALUES (9, 'x')"))
		expectKind(t, orm.ErrArgument, err)
		expectKind(t, orm.ErrArgument, committed.Prepare(ctx))
		must(t, committed.Commit(ctx))
		must(t, undone.Rollback(ctx))
		for _, conn := range []*orm.Conn{committed, undone, left, given} {
			must(t, conn.Close())
		}
		expect(t, []string{prefix + "c", prefix + "d"}, sorted(own(t, db.Engine, prefix)))
		db.ended(t, numbers[2:]...)
		must(t, db.CommitPrepared(ctx, prefix+"c"))
		must(t, db.RollbackPrepared(ctx, prefix+"d"))
		expect(t, 0, len(own(t, db.Engine, prefix)))
		expect(t, []int64{1, 3}, get(orm.Fetch[int64](ctx, db.Engine, orm.Text("SELECT id FROM outlets ORDER BY id")))(t))
		if err := db.CommitPrepared(ctx, prefix+"c"); err == nil {
			t.Error("what is committed is committed again")
		}
	})
}

// ended waits until the server has seen that connections are closed.
func (db *testDB) ended(t *testing.T, conns ...int64) {
	t.Helper()
	if db.name() != "mysql" {
		return // there, a prepared transaction belongs to no connection
	}
	admin := connectAdmin(t, cmp.Or(os.Getenv("ORM_TEST_MYSQL"), "mysql://root@127.0.0.1:3306/"))
	for left := 1; left > 0; {
		left = 0
		for _, id := range conns {
			left += get(orm.FetchOne[int](t.Context(), admin, orm.Text("SELECT count(*) FROM information_schema.processlist WHERE id = ?", id)))(t)
		}
	}
}

// number is what the server calls a connection.
func number(t *testing.T, conn *orm.Conn) int64 {
	t.Helper()
	text := orm.Text("SELECT pg_backend_pid()")
	if conn.Engine().Dialect().Name() == "mysql" {
		text = orm.Text("SELECT connection_id()")
	}
	return get(orm.FetchOne[int64](t.Context(), conn, text))(t)
}

// A transaction of two phases that is not prepared is one like any other, and names
// that cannot stand in quotes are refused.
func TestTwoPhaseTransactionEndsAsAnyOther(t *testing.T) {
	onEachPreparingDatabase(t, func(t *testing.T, db, _ *testDB) {
		ctx, conn := t.Context(), get(db.Connect(t.Context()))(t)
		defer func() { must(t, conn.Close()) }()
		for i, end := range []func(context.Context) error{conn.Commit, conn.Rollback} {
			must(t, conn.BeginTwoPhase(ctx, fmt.Sprintf("t-%d-%d", freePort(t), i)))
			get(orm.Exec(ctx, conn, orm.Text("INSERT INTO outlets VALUES (?, 'x')", i)))(t)
			must(t, end(ctx))
		}
		must(t, conn.BeginTwoPhase(ctx, fmt.Sprintf("t-%d", freePort(t))))
		_, err := orm.Exec(ctx, conn, orm.Text("INSERT INTO outlets VALUES (0, 'twice')"))
		expectKind(t, orm.ErrUniqueViolation, err)
		expectKind(t, orm.ErrTxFailed, conn.Prepare(ctx))
		must(t, conn.Rollback(ctx))
		expectKind(t, orm.ErrArgument, conn.Prepare(ctx))
		expect(t, []int64{0}, get(orm.Fetch[int64](ctx, conn, orm.Text("SELECT id FROM outlets")))(t))
		must(t, conn.Rollback(ctx))
		for _, xid := range []string{"", "it's", strings.Repeat("x", 65)} {
			expectKind(t, orm.ErrArgument, conn.BeginTwoPhase(ctx, xid))
			expectKind(t, orm.ErrArgument, db.CommitPrepared(ctx, xid))
		}
		expectKind(t, orm.ErrArgument, conn.BeginTwoPhase(ctx, "reads", orm.ReadOnly()))
	})
}

// All engines of a session have promised before any of them commits.
func TestTwoPhaseSessionCommitsAllOrNothing(t *testing.T) {
	onEachPreparingDatabase(t, func(t *testing.T, db, other *testDB) {
		ctx := t.Context()
		s := db.session(t, orm.Bind(&Receipt{}, other.Engine), orm.TwoPhase())
		promised := 0
		remove := db.Events().Commit(func(context.Context, *orm.TxEvent) { promised = len(own(t, other.Engine, "orm_")) })
		s.Add(outletWith(1, 1))
		must(t, s.Commit(ctx))
		if promised == 0 {
			t.Error("an engine has committed before the other one has promised")
		}
		remove()
		var conn *orm.Conn
		defer other.Events().Begin(func(_ context.Context, e *orm.TxEvent) { conn = e.Conn })()
		s.Add(outletWith(2, 2))
		must(t, s.Flush(ctx))
		must(t, conn.Invalidate())
		expectKind(t, orm.ErrTxLost, s.Commit(ctx))
		must(t, s.Rollback(ctx))
		must(t, s.Nested(ctx, func(context.Context) error {
			s.Add(&Outlet{ID: 3})
			return nil
		}))
		must(t, s.Commit(ctx)) // one engine alone needs no promise
		expect(t, []int64{2, 1}, []int64{countOn(t, db, "outlets"), countOn(t, other, "receipts")})
	})
}

// A COMMIT that fails behind all promises names what stays prepared, and it can be
// committed by that name.
func TestTwoPhaseSessionNamesWhatStaysPrepared(t *testing.T) {
	onEachPreparingDatabase(t, func(t *testing.T, db, other *testDB) {
		ctx := t.Context()
		s := orm.NewSession(db.Engine, orm.Bind(&Receipt{}, other.Engine), orm.TwoPhase())
		breakBehind(t, db, other)
		var conn *orm.Conn
		defer other.Events().Begin(func(_ context.Context, e *orm.TxEvent) { conn = e.Conn })()
		s.Add(outletWith(1, 1))
		must(t, s.Flush(ctx))
		id := number(t, conn)
		err := s.Commit(ctx)
		expectKind(t, orm.ErrPartialCommit, err)
		var partial *orm.PartialCommitError
		if !errors.As(err, &partial) || len(partial.Prepared) != 1 || len(partial.Committed) != 1 || len(partial.Failed) != 0 {
			t.Fatalf("the error is %v", err)
		}
		must(t, s.Rollback(ctx)) // which leaves alone what is promised
		must(t, s.Close())
		xid := partial.Prepared[0].XID
		expect(t, true, slices.Contains(own(t, other.Engine, "orm_"), xid))
		expect(t, int64(0), countOn(t, other, "receipts"))
		other.ended(t, id)
		must(t, other.CommitPrepared(ctx, xid))
		expect(t, []int64{1, 1}, []int64{countOn(t, db, "outlets"), countOn(t, other, "receipts")})
	})
}

// SQLite has no such transactions, and says so.
func TestTwoPhaseIsUnsupportedOnSQLite(t *testing.T) {
	db, ctx := onSQLite(t), t.Context()
	conn := get(db.Connect(ctx))(t)
	expectKind(t, orm.ErrUnsupported, conn.BeginTwoPhase(ctx, "x"))
	must(t, conn.Close())
	_, err := db.RecoverTwoPhase(ctx)
	expectKind(t, orm.ErrUnsupported, err)
	expectKind(t, orm.ErrUnsupported, db.CommitPrepared(ctx, "x"))
	s := db.session(t, orm.TwoPhase())
	s.Add(&Outlet{ID: 1})
	expectKind(t, orm.ErrUnsupported, s.Flush(ctx))
	must(t, s.Rollback(ctx))
}
