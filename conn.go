// This file holds the connection: it runs compiled statements one at a time,
// begins a transaction when one is due, and keeps watch that nothing is sent
// that the state of the transaction forbids. conn_tx.go has the states.

package orm

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
)

// Conn is one connection of the pool, with its transaction. The first statement
// begins a transaction, which lasts until Commit or Rollback; the next statement
// begins another one. Close it, which rolls back what is open.
//
// A Conn belongs to one goroutine. Use by two at once is refused with
// [ErrConcurrentUse]; if a write was under way, the transaction fails with it.
type Conn struct {
	engine *Engine
	config txConfig // of the transactions that begin by themselves
	tx     txConfig // of the one that is open

	busy    sync.Mutex  // held by the call that is under way; never waited for, but between the rows of a result
	writing atomic.Bool // the call under way may write
	misused atomic.Bool // another goroutine came while it did
	closing atomic.Bool // another goroutine wants the connection closed
	calling bool        // still set when a call ends: it panicked

	once  bool // for one transaction only: that of a function which Transact runs
	over  bool // Commit or Rollback has ended a transaction
	saved bool // a transaction was committed

	raw       *sql.Conn // nil between a connection that was lost and the next statement
	holder    holder
	untouched bool    // nothing was sent since raw was taken from the pool
	unsettled bool    // a SET has changed what the next user of raw would find
	cursor    *cursor // the result that is being read
	streaming *stream // the result that is being read in blocks

	status     atomic.Pointer[txStatus]
	savepoints []string
	savepointN int
	txID       []string // what the database calls the transaction, once COMMIT is sent
}

// Outcome is what a statement without a result reports.
type Outcome struct {
	Rows      int64 // -1 where the driver does not tell
	LastID    int64 // the key that the database made for the row of an INSERT
	HasLastID bool
}

func newConn(e *Engine, config txConfig) *Conn {
	c := &Conn{engine: e, config: config}
	c.status.Store(statusClean)
	return c
}

// Engine returns the engine that the connection belongs to.
func (c *Conn) Engine() *Engine { return c.engine }

func (c *Conn) acquire(context.Context, *Compiled) (*Conn, func(), error) {
	return c, func() {}, nil
}

func (*Conn) keepsConn() bool           { return true }
func (*Conn) inherited() []Criteria     { return nil }
func (c *Conn) strict() bool            { return c.engine.strict() }
func (*Conn) objects(bool) objectSource { return nil }

// enter begins a call. Whoever comes while another is under way is refused.
func (c *Conn) enter(op string, writes bool) error {
	if !c.busy.TryLock() {
		if c.writing.Load() {
			c.misused.Store(true)
		}
		return connInUse(op)
	}
	c.writing.Store(writes)
	return nil
}

// leave ends a call, also one that panics.
//
//nolint:contextcheck,nolintlint // whoever wanted the connection closed meanwhile has gone away with his context
func (c *Conn) leave() {
	if c.calling {
		c.calling = false
		c.fail(&UsageError{Kind: ErrTxFailed, Op: "execute", Reason: "a panic ended the call"})
	}
	c.writing.Store(false)
	if c.misused.Swap(false) {
		c.fail(connInUse("execute"))
	}
	c.busy.Unlock()
	if c.closing.Load() && c.busy.TryLock() {
		c.shut(unending)
		c.busy.Unlock()
	}
}

func connInUse(op string) error {
	return &UsageError{
		Kind: ErrConcurrentUse, Op: op, Reason: "the connection is in use",
		Advice: "a Conn or Session belongs to one goroutine, and its event listeners cannot use it",
	}
}

func stillReading(op string) error {
	return &UsageError{
		Kind: ErrConcurrentUse, Op: op, Reason: "a result is still being read on the connection",
		Advice: "read it to the end or break off the loop first",
	}
}

// idle refuses what cannot be done while a result is being read.
func (c *Conn) idle(op string) error {
	if err := c.enter(op, false); err != nil {
		return err
	}
	defer c.leave()
	if c.reading() {
		return stillReading(op)
	}
	return nil
}

// ensure takes a connection of the pool if there is none.
func (c *Conn) ensure(ctx context.Context) error {
	if c.raw != nil {
		return nil
	}
	raw, err := c.engine.take(ctx, &c.holder)
	if err != nil {
		return err
	}
	c.raw, c.untouched = raw, true
	if err := c.engine.askPool(ctx, &c.engine.events.checkout, raw); err != nil {
		c.drop()
		return err
	}
	return nil
}

// release gives the connection back.
func (c *Conn) release(ctx context.Context) {
	if c.raw != nil && !c.unsettled && !c.reset(ctx) {
		c.drop()
	}
	switch {
	case c.raw == nil:
		return
	case c.unsettled:
		c.engine.pool.discard(&c.holder, c.raw)
	default:
		c.engine.tellPool(&c.engine.events.checkin, c.raw)
		c.engine.pool.give(&c.holder, c.raw)
	}
	c.raw, c.unsettled = nil, false
}

// reset has listeners make the connection ready for the next one who takes it.
func (c *Conn) reset(ctx context.Context) bool {
	if c.engine.events.reset.empty() {
		return true
	}
	detached, cancel := c.engine.undoContext(ctx)
	defer cancel()
	err := c.engine.askPool(detached, &c.engine.events.reset, c.raw)
	if err != nil {
		c.engine.warn(ctx, "a listener of Reset failed, the connection is closed", "err", err)
	}
	return err == nil
}

// drop closes the connection for good: nobody must have it after this.
func (c *Conn) drop() {
	if c.raw != nil {
		c.engine.tellPool(&c.engine.events.invalidate, c.raw)
		c.engine.pool.discard(&c.holder, c.raw)
		c.raw, c.unsettled = nil, false
	}
}

// valid asks the driver, without traffic, whether the connection still is one.
func (c *Conn) valid() bool {
	if c.raw == nil {
		return false
	}
	valid := true
	err := c.raw.Raw(func(conn any) error {
		if v, ok := conn.(driver.Validator); ok {
			valid = v.IsValid()
		}
		return nil
	})
	return err == nil && valid
}

// Close rolls back what is open and gives the connection back to the pool. It
// may be called again. While another goroutine uses the connection it returns
// [ErrConcurrentUse], and the connection is closed when that call ends.
func (c *Conn) Close() error { return c.closeFor(unending) }

// unending is the context of those who close a connection and have none.
var unending = context.Background()

// closeFor is Close for a caller who waits no longer than ctx allows a rollback.
func (c *Conn) closeFor(ctx context.Context) error {
	if c.State() == TxClosed {
		return nil
	}
	if !c.busy.TryLock() {
		c.closing.Store(true)
		if !c.busy.TryLock() {
			return connInUse("close")
		}
	}
	defer c.busy.Unlock()
	c.shut(ctx)
	return nil
}

func (c *Conn) shut(ctx context.Context) {
	c.closeCursor()
	switch c.State() {
	case TxClosed:
		return
	case TxActive, TxFailed:
		c.rollback(ctx)
	case TxLost, TxPrepared:
		c.drop()
	}
	c.status.Store(statusClosed)
	c.release(ctx)
}

// Invalidate closes the physical connection, so that nobody gets it any more. A
// transaction on it is lost; after Rollback the next statement has another
// connection. It emits no SQL.
func (c *Conn) Invalidate() error {
	if err := c.enter("invalidate", true); err != nil {
		return err
	}
	defer c.leave()
	if c.State() == TxClosed {
		return closedError("invalidate", "the connection")
	}
	c.closeCursor()
	c.drop()
	c.lose(&UsageError{Kind: ErrTxLost, Op: "invalidate", Reason: "the connection was given up on request"})
	return nil
}

// admit lets a statement through, or says why not. When it returns nil, a
// transaction has begun if one has to.
func (c *Conn) admit(ctx context.Context, cc *Compiled) error {
	if cc.txControl {
		return &UsageError{
			Kind: ErrTxControl, Op: "execute", Reason: "the text begins, ends or divides a transaction",
			Advice: "use Begin, Commit, Rollback and Nested",
		}
	}
	if err := c.refusal(cc.op); err != nil {
		return err
	}
	if c.reading() {
		return stillReading(cc.op)
	}
	if ctx.Err() != nil {
		return canceledError(ctx, cc.op)
	}
	if c.commitsEarly(cc) && c.readOnly() { // a transaction that it ends cannot keep it out
		return &UsageError{Kind: ErrReadOnly, Op: cc.op, Reason: "a schema change in a transaction that only reads"}
	}
	if err := c.prepare(ctx, cc); err != nil {
		return err
	}
	c.calling, c.untouched = true, false
	return nil
}

// commitsEarly reports whether the database ends the transaction with a statement.
func (c *Conn) commitsEarly(cc *Compiled) bool { return cc.ddl && !c.features().TransactionalDDL }

// readOnly reports whether the transaction, the open one or else the next, may
// only read.
func (c *Conn) readOnly() bool {
	if c.State() == TxActive {
		return c.tx.ReadOnly
	}
	return c.config.ReadOnly
}

// prepare begins a transaction where a statement needs one. Where DDL commits,
// there is none to begin for it.
func (c *Conn) prepare(ctx context.Context, cc *Compiled) error {
	if c.State() == TxActive || c.config.autocommit || c.commitsEarly(cc) {
		return c.ensure(ctx)
	}
	return c.begin(ctx, c.config)
}

func (c *Conn) features() *Features { return &c.engine.server.Load().features }

// exec runs a statement for its effect.
func (c *Conn) exec(ctx context.Context, cc *Compiled, args []any) (Outcome, error) {
	return c.execSets(ctx, cc, args, 1, func(ctx context.Context, text string, args []any) (Outcome, error) {
		return outcome(cc)(c.raw.ExecContext(ctx, text, args...))
	})
}

// execMany runs a statement once for each set of arguments, as one Execution.
// Any failure after the first set was sent fails the transaction; the caller has
// opened one, for otherwise the sets before it are saved.
func (c *Conn) execMany(ctx context.Context, cc *Compiled, sets int, next func(i int) ([]any, error), each func(i int, o Outcome) error) error {
	if sets == 0 {
		return nil
	}
	first, err := next(0)
	if err != nil {
		return err
	}
	_, err = c.execSets(ctx, cc, first, sets, func(ctx context.Context, text string, first []any) (Outcome, error) {
		send, done, err := c.sender(ctx, text, sets)
		if err != nil {
			return Outcome{}, err
		}
		defer done()
		var total Outcome
		for i := range sets {
			args := first
			if i > 0 {
				if args, err = next(i); err == nil {
					err = checkSize(cc.op, text, args)
				}
				if err != nil {
					return total, ownError{err}
				}
			}
			o, err := outcome(cc)(send(args))
			if err != nil {
				return total, err
			}
			total.Rows += o.Rows
			if err := each(i, o); err != nil {
				return total, ownError{err}
			}
		}
		return total, nil
	})
	return err
}

// ownError is an error that comes from us in the middle of a batch, and is not
// to be taken for the database's.
type ownError struct{ error }

// sender returns what runs the text again and again. The engine's own
// connections keep the statement prepared by themselves.
func (c *Conn) sender(ctx context.Context, text string, sets int) (send func([]any) (sql.Result, error), done func(), err error) {
	if c.engine.owned || sets == 1 {
		return func(args []any) (sql.Result, error) { return c.raw.ExecContext(ctx, text, args...) }, func() {}, nil
	}
	stmt, err := c.raw.PrepareContext(ctx, text)
	if err != nil {
		return nil, nil, err
	}
	return func(args []any) (sql.Result, error) { return stmt.ExecContext(ctx, args...) }, func() { _ = stmt.Close() }, nil
}

// execSets is the frame around every statement without a result.
func (c *Conn) execSets(ctx context.Context, cc *Compiled, args []any, sets int, send func(context.Context, string, []any) (Outcome, error)) (Outcome, error) {
	if err := c.enter(cc.op, !cc.read); err != nil {
		return Outcome{}, err
	}
	defer c.leave()
	if err := c.admit(ctx, cc); err != nil {
		return Outcome{}, err
	}
	x, text, args, err := c.announce(ctx, cc, args, sets)
	if err != nil {
		return Outcome{}, err
	}
	o, err := send(ctx, text, args)
	return o, c.ended(ctx, cc, x, o.Rows, err)
}

// announce calls the listeners of a statement that can be sent, and returns it as
// they left it.
func (c *Conn) announce(ctx context.Context, cc *Compiled, args []any, sets int) (*Execution, string, []any, error) {
	if err := checkSize(cc.op, cc.SQL, args); err != nil {
		c.calling = false
		return nil, "", nil, err
	}
	x := c.engine.observe(ctx, cc, args, sets)
	if x == nil {
		return nil, cc.SQL, args, nil
	}
	if err := c.engine.before(ctx, x); err != nil {
		c.calling = false
		return nil, "", nil, err
	}
	return x, x.SQL, x.Args, nil
}

// ended is the one place that every statement comes to, whatever became of it.
func (c *Conn) ended(ctx context.Context, cc *Compiled, x *Execution, rows int64, err error) error {
	if err != nil {
		err = c.judge(ctx, cc, err)
	} else {
		c.took(cc)
	}
	if listenErr := c.engine.after(ctx, x, rows, err); listenErr != nil {
		c.fail(listenErr)
		err = bothErrors(err, listenErr)
	}
	c.calling = false
	return err
}

// judge names the error of a statement, and draws the consequence for the
// transaction, or for the connection if there is none.
func (c *Conn) judge(ctx context.Context, cc *Compiled, err error) error {
	if own, ok := errors.AsType[ownError](err); ok {
		c.fail(own.error)
		return own.error
	}
	db := c.engine.describe(ctx, cc.op, cc, err)
	lost, replacement := c.engine.handleError(ctx, db, isGone(err) || !c.valid())
	if c.State() == TxClean {
		if !cc.read && db.Code == "" && (db.Kind == ErrConnection || db.Kind == ErrCanceled) {
			db.Kind = ErrOutcomeUnknown // such a statement is its own COMMIT
			replacement = stillUnknown(replacement, db)
		}
		if lost {
			c.drop()
		}
		return firstError(replacement, db.wrap())
	}
	wrapped := firstError(replacement, db.wrap())
	if lost {
		c.lose(wrapped)
	} else {
		c.fail(wrapped)
	}
	return wrapped
}

// took notes what a statement that succeeded has done to the connection.
func (c *Conn) took(cc *Compiled) {
	switch {
	case c.commitsEarly(cc):
		c.saved = c.saved || c.State() == TxActive
		c.status.Store(statusClean) // the database has committed
		c.savepoints = nil
	case cc.op == "text" && c.engine.owned && changesSettings(cc.SQL):
		c.unsettled = true
	}
}

// changesSettings recognises a SET that outlasts the transaction.
func changesSettings(text string) bool {
	word, rest := nextWord(text)
	switch strings.ToUpper(word) {
	case "USE", "RESET":
		return true
	case "SET":
		second, _ := nextWord(rest)
		return !strings.EqualFold(second, "LOCAL") && classifySet(rest) == textUnsettles
	}
	return false
}

// outcome reads what the driver says of a statement of cc.
func outcome(cc *Compiled) func(sql.Result, error) (Outcome, error) {
	return func(result sql.Result, err error) (Outcome, error) {
		if err != nil {
			return Outcome{Rows: -1}, err
		}
		o := Outcome{Rows: -1}
		if n, err := result.RowsAffected(); err == nil && (n > 0 || cc.op != "merge") {
			o.Rows = n // a driver that has not heard of MERGE counts none
		}
		if cc.op == "insert" {
			if id, err := result.LastInsertId(); err == nil {
				o.LastID, o.HasLastID = id, true
			}
		}
		return o, nil
	}
}
