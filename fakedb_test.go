// This file is a database that records: what arrives at the boundary of the driver is a list of lines, and what comes
// back is a script. Tests use it below the connector or directly below database/sql.
//
//	db := newFakeDB()
//	db.On("SELECT 1").Rows([]string{"n"}, []driver.Value{int64(1)}) // whenever this text is executed
//	db.At(3).Fail(errors.New("boom"))                               // the third statement, whatever it is
//	pool := sql.OpenDB(db.Connector())
//	...
//	want := []string{"connect", "query SELECT 1", "close rows", ...}

package orm

import (
	"context"
	"database/sql/driver"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
)

// fakeDB is safe for concurrent use. Its log has one line for each of: connect, ping, reset, begin, commit, rollback,
// "prepare TEXT", "query TEXT [args]" and "exec TEXT [args]" for a text sent as it is, "stmt query TEXT [args]" and
// "stmt exec TEXT [args]" for a prepared one, "close rows", "close stmt TEXT", "close conn".
type fakeDB struct {
	Plain bool // connections offer the four methods of driver.Conn only, statements those of driver.Stmt

	mu      sync.Mutex
	log     []string
	script  map[string]*fakeAnswer
	nth     map[int]*fakeAnswer
	count   int // statements executed so far
	address string
	dial    DialFunc
	last    *fakeConn
}

func newFakeDB() *fakeDB {
	return &fakeDB{script: map[string]*fakeAnswer{}, nth: map[int]*fakeAnswer{}}
}

// fakeAnswer is what the database does with a statement; the zero value succeeds with nothing.
type fakeAnswer struct {
	columns []string
	rows    [][]driver.Value
	wrap    func(driver.Rows) driver.Rows
	lastID  int64
	changed int64
	err     error
	rowsErr error
	release <-chan struct{}
	silent  bool
	mute    bool
}

// Rows sets the result of a query.
func (a *fakeAnswer) Rows(columns []string, rows ...[]driver.Value) *fakeAnswer {
	a.columns, a.rows = columns, rows
	return a
}

// Result sets what Exec returns.
func (a *fakeAnswer) Result(lastInsertID, rowsAffected int64) *fakeAnswer {
	a.lastID, a.changed = lastInsertID, rowsAffected
	return a
}

// Fail makes the call fail.
func (a *fakeAnswer) Fail(err error) *fakeAnswer {
	a.err = err
	return a
}

// FailRows makes the result set fail after its last row.
func (a *fakeAnswer) FailRows(err error) *fakeAnswer {
	a.rowsErr = err
	return a
}

// Block holds the call until release is closed, or until its context ends, whose error it then returns.
func (a *fakeAnswer) Block(release <-chan struct{}) *fakeAnswer {
	a.release = release
	return a
}

// Silent lets the call wait for an answer on the socket, whatever becomes of its context.
func (a *fakeAnswer) Silent() *fakeAnswer {
	a.silent = true
	return a
}

// SilentRows lets the result set wait so after its last row.
func (a *fakeAnswer) SilentRows() *fakeAnswer {
	a.mute = true
	return a
}

// Wrap lets the test put something around the rows, such as optional interfaces.
func (a *fakeAnswer) Wrap(wrap func(driver.Rows) driver.Rows) *fakeAnswer {
	a.wrap = wrap
	return a
}

// On scripts what happens at a line of the log without its arguments ("ping", "prepare SELECT 1", "stmt exec DELETE"),
// or, given a text alone, whenever that text is executed in any way. The line comes before the text.
func (f *fakeDB) On(lineOrText string) *fakeAnswer {
	f.mu.Lock()
	defer f.mu.Unlock()
	a := &fakeAnswer{}
	f.script[lineOrText] = a
	return a
}

// At scripts the n-th executed statement, counted from 1 over all connections; it comes before On.
func (f *fakeDB) At(n int) *fakeAnswer {
	f.mu.Lock()
	defer f.mu.Unlock()
	a := &fakeAnswer{}
	f.nth[n] = a
	return a
}

// Listen gives the database a socket: a local listener that accepts and never says a word. The accepted ends of the
// connections come out of the channel.
func (f *fakeDB) Listen(t *testing.T) <-chan net.Conn {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	accepted := make(chan net.Conn, 64)
	go func() {
		for {
			nc, err := listener.Accept()
			if err != nil {
				return
			}
			t.Cleanup(func() { nc.Close() })
			accepted <- nc
		}
	}()
	t.Cleanup(func() { listener.Close() })
	f.address = listener.Addr().String()
	return accepted
}

// Connector is the fake's own connector, with nothing around it.
func (f *fakeDB) Connector() driver.Connector {
	return fakeConnector{f}
}

// Open has the signature that newConnector wants.
func (f *fakeDB) Open(dial DialFunc) (driver.Connector, error) {
	f.dial = dial
	return fakeConnector{f}, nil
}

// Log returns the lines so far.
func (f *fakeDB) Log() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string(nil), f.log...)
}

// TakeLog returns the lines so far and starts anew.
func (f *fakeDB) TakeLog() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	lines := f.log
	f.log = nil
	return lines
}

// Last is the connection that was opened last.
func (f *fakeDB) Last() *fakeConn {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.last
}

// note records a line and finds its answer; executed says that it counts for At.
func (f *fakeDB) note(op, text string, args []driver.NamedValue, executed bool) *fakeAnswer {
	f.mu.Lock()
	defer f.mu.Unlock()
	line := strings.TrimSpace(op + " " + text)
	f.log = append(f.log, line+formatFakeArgs(args))
	if executed {
		f.count++
		if a, ok := f.nth[f.count]; ok {
			return a
		}
	}
	if a, ok := f.script[line]; ok {
		return a
	}
	if a, ok := f.script[text]; ok && executed {
		return a
	}
	return &fakeAnswer{}
}

func formatFakeArgs(args []driver.NamedValue) string {
	if len(args) == 0 {
		return ""
	}
	values := make([]any, len(args))
	for i, arg := range args {
		values[i] = arg.Value
	}
	return fmt.Sprint(" ", values)
}

type fakeConnector struct{ db *fakeDB }

func (c fakeConnector) Driver() driver.Driver { return fakeDriver(c) }

// Connect dials if the database listens.
func (c fakeConnector) Connect(ctx context.Context) (driver.Conn, error) {
	a := c.db.note("connect", "", nil, false)
	conn := &fakeConn{db: c.db, valid: true}
	if c.db.address != "" {
		nc, err := c.db.dial(ctx, "tcp", c.db.address)
		if err != nil {
			return nil, err
		}
		conn.socket = nc
	}
	if err := conn.play(ctx, a); err != nil {
		return nil, err
	}
	c.db.mu.Lock()
	c.db.last = conn
	c.db.mu.Unlock()
	if c.db.Plain {
		return struct{ driver.Conn }{conn}, nil
	}
	return conn, nil
}

type fakeDriver struct{ db *fakeDB }

func (d fakeDriver) Open(string) (driver.Conn, error) {
	return fakeConnector(d).Connect(context.Background())
}

// fakeConn is one connection.
type fakeConn struct {
	db     *fakeDB
	socket net.Conn
	valid  bool // what IsValid says
}

// play does what the answer says before a call returns.
func (c *fakeConn) play(ctx context.Context, a *fakeAnswer) error {
	if a.release != nil {
		select {
		case <-a.release:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if a.silent {
		return c.listen()
	}
	return a.err
}

// listen waits on the socket for what never comes.
func (c *fakeConn) listen() error {
	_, err := c.socket.Read(make([]byte, 1))
	return err
}

func (c *fakeConn) query(ctx context.Context, op, text string, args []driver.NamedValue) (driver.Rows, error) {
	a := c.db.note(op, text, args, true)
	if err := c.play(ctx, a); err != nil {
		return nil, err
	}
	var rows driver.Rows = &fakeRows{conn: c, answer: a}
	if a.wrap != nil {
		rows = a.wrap(rows)
	}
	return rows, nil
}

func (c *fakeConn) exec(ctx context.Context, op, text string, args []driver.NamedValue) (driver.Result, error) {
	a := c.db.note(op, text, args, true)
	if err := c.play(ctx, a); err != nil {
		return nil, err
	}
	return fakeResult{a}, nil
}

func (c *fakeConn) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	return c.query(ctx, "query", text, args)
}

func (c *fakeConn) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	return c.exec(ctx, "exec", text, args)
}

func (c *fakeConn) Prepare(text string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), text)
}

func (c *fakeConn) PrepareContext(ctx context.Context, text string) (driver.Stmt, error) {
	if err := c.play(ctx, c.db.note("prepare", text, nil, false)); err != nil {
		return nil, err
	}
	stmt := &fakeStmt{conn: c, text: text}
	if c.db.Plain {
		return struct{ driver.Stmt }{stmt}, nil
	}
	return stmt, nil
}

func (c *fakeConn) Begin() (driver.Tx, error) {
	return c.BeginTx(context.Background(), driver.TxOptions{})
}

func (c *fakeConn) BeginTx(ctx context.Context, _ driver.TxOptions) (driver.Tx, error) {
	return fakeTx{c}, c.play(ctx, c.db.note("begin", "", nil, false))
}

func (c *fakeConn) Ping(ctx context.Context) error {
	return c.play(ctx, c.db.note("ping", "", nil, false))
}

func (c *fakeConn) ResetSession(ctx context.Context) error {
	return c.play(ctx, c.db.note("reset", "", nil, false))
}

func (c *fakeConn) IsValid() bool { return c.valid }

func (c *fakeConn) Close() error {
	a := c.db.note("close conn", "", nil, false)
	if c.socket != nil {
		_ = c.socket.Close()
	}
	return a.err
}

type fakeTx struct{ conn *fakeConn }

func (tx fakeTx) Commit() error {
	return tx.conn.play(context.Background(), tx.conn.db.note("commit", "", nil, false))
}

func (tx fakeTx) Rollback() error {
	return tx.conn.play(context.Background(), tx.conn.db.note("rollback", "", nil, false))
}

// fakeStmt knows as many placeholders as its text has question marks.
type fakeStmt struct {
	conn *fakeConn
	text string
}

func (s *fakeStmt) NumInput() int { return strings.Count(s.text, "?") }

func (s *fakeStmt) Close() error {
	return s.conn.play(context.Background(), s.conn.db.note("close stmt", s.text, nil, false))
}

func (s *fakeStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	return s.conn.query(ctx, "stmt query", s.text, args)
}

func (s *fakeStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	return s.conn.exec(ctx, "stmt exec", s.text, args)
}

func (s *fakeStmt) Query(args []driver.Value) (driver.Rows, error) {
	return s.QueryContext(context.Background(), fakeNamed(args))
}

func (s *fakeStmt) Exec(args []driver.Value) (driver.Result, error) {
	return s.ExecContext(context.Background(), fakeNamed(args))
}

func fakeNamed(args []driver.Value) []driver.NamedValue {
	named := make([]driver.NamedValue, len(args))
	for i, arg := range args {
		named[i] = driver.NamedValue{Ordinal: i + 1, Value: arg}
	}
	return named
}

type fakeResult struct{ answer *fakeAnswer }

func (r fakeResult) LastInsertId() (int64, error) { return r.answer.lastID, nil }
func (r fakeResult) RowsAffected() (int64, error) { return r.answer.changed, nil }

type fakeRows struct {
	conn   *fakeConn
	answer *fakeAnswer
	next   int
}

func (r *fakeRows) Columns() []string { return r.answer.columns }

func (r *fakeRows) Close() error {
	return r.conn.play(context.Background(), r.conn.db.note("close rows", "", nil, false))
}

func (r *fakeRows) Next(dest []driver.Value) error {
	if r.next < len(r.answer.rows) {
		copy(dest, r.answer.rows[r.next])
		r.next++
		return nil
	}
	switch {
	case r.answer.mute:
		return r.conn.listen()
	case r.answer.rowsErr != nil:
		return r.answer.rowsErr
	}
	return io.EOF
}
