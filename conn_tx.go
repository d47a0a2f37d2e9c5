// This file holds the states of a connection's transaction and what leads from
// one to the other. BEGIN, ROLLBACK and savepoints are sent as statements here;
// conn_commit.go has the one step whose outcome can be unknown.
//
//	clean ─ first statement, Begin → active ─ Commit, Rollback → clean
//	active ─ any error → failed ─ Rollback → clean; rollback to a savepoint → active
//	active, failed ─ connection or savepoint gone → lost ─ Rollback → clean
//	active ─ COMMIT without an answer → unknown ─ Resolve → clean
//	active ─ Prepare → prepared ─ Commit, Rollback → clean
//	all ─ Close → closed

package orm

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// TxState is the state of a connection's transaction.
type TxState uint8

// The states of a transaction.
const (
	TxClean    TxState = iota // there is none
	TxActive                  // it is open
	TxFailed                  // something in it has failed: only a rollback is accepted
	TxLost                    // the server has ended it, or the connection is gone: nothing of it is saved
	TxUnknown                 // COMMIT was sent and not answered
	TxClosed                  // the connection is closed
	TxPrepared                // the first of two phases is over: only Commit and Rollback are accepted
)

// String returns the state in a word.
func (s TxState) String() string {
	names := [...]string{"clean", "active", "failed", "lost", "unknown", "closed", "prepared"}
	if int(s) < len(names) {
		return names[s]
	}
	return "TxState(" + strconv.Itoa(int(s)) + ")"
}

// txStatus is a state with the error that led to it. It is immutable, so that
// another goroutine may look at it at any time.
type txStatus struct {
	state TxState
	cause error
}

var (
	statusClean    = &txStatus{state: TxClean}
	statusActive   = &txStatus{state: TxActive}
	statusClosed   = &txStatus{state: TxClosed}
	statusPrepared = &txStatus{state: TxPrepared}
)

// State returns the state of the transaction. It is safe for concurrent use.
func (c *Conn) State() TxState { return c.status.Load().state }

// fail marks the transaction as failed; the first cause stays. Without a
// transaction it does nothing.
func (c *Conn) fail(cause error) {
	c.status.CompareAndSwap(statusActive, &txStatus{TxFailed, cause})
}

// lose marks the transaction as gone.
func (c *Conn) lose(cause error) {
	s := c.status.Load()
	switch s.state {
	case TxFailed:
		cause = s.cause
	case TxActive:
	default:
		return
	}
	c.status.Store(&txStatus{TxLost, cause})
}

// refusal is the error of everything that the state does not allow; nil if it
// does.
func (c *Conn) refusal(op string) error {
	s := c.status.Load()
	switch s.state {
	case TxClean:
		if c.once && c.over {
			return &UsageError{Kind: ErrClosed, Op: op, Reason: "the transaction of the function has ended", Advice: "return from it; several transactions need a connection of Connect"}
		}
	case TxFailed:
		return &UsageError{Kind: ErrTxFailed, Op: op, Reason: "the transaction has failed", Advice: "roll it back, or the savepoint around what failed", Err: s.cause}
	case TxLost:
		return &UsageError{Kind: ErrTxLost, Op: op, Reason: "the transaction is lost and nothing of it is saved", Advice: "call Rollback and begin anew", Err: s.cause}
	case TxUnknown:
		return &UsageError{Kind: ErrOutcomeUnknown, Op: op, Reason: "COMMIT was sent and not answered", Advice: "call Resolve or Close", Err: s.cause}
	case TxClosed:
		return closedError(op, "the connection")
	case TxPrepared:
		return &UsageError{Kind: ErrArgument, Op: op, Reason: "the transaction is prepared, and takes nothing more", Advice: "call Commit or Rollback"}
	}
	return nil
}

// Beginner is a [Dialect] that begins transactions its own way.
type Beginner interface {
	// BeginSQL returns the statements that begin a transaction. The options are
	// among those that its features name.
	BeginSQL(o TxOptions) ([]SQL, error)
}

// ReadOnlySwitcher is a [Dialect] whose BEGIN has no words for a transaction
// that only reads: a statement before it, and one after its end, make the
// connection refuse writes meanwhile.
type ReadOnlySwitcher interface {
	ReadOnlySQL(on bool) SQL
}

// beginSQL begins as the standard dialect does unless the dialect knows better.
func (s *server) beginSQL(o TxOptions) ([]SQL, error) {
	if b, ok := s.dialect.(Beginner); ok {
		texts, err := b.BeginSQL(o)
		if r, ok := s.dialect.(ReadOnlySwitcher); ok && o.ReadOnly {
			texts = append([]SQL{r.ReadOnlySQL(true)}, texts...)
		}
		return texts, err
	}
	texts := []SQL{"BEGIN"}
	if o.Isolation != "" {
		texts = append(texts, SQL("SET TRANSACTION ISOLATION LEVEL "+o.Isolation))
	}
	if o.ReadOnly {
		texts = append(texts, "SET TRANSACTION READ ONLY")
	}
	if o.Deferrable {
		texts = append(texts, "SET TRANSACTION DEFERRABLE")
	}
	return texts, nil
}

// Begin begins a transaction before the first statement would, or with other
// options than those that the connection was taken with. It emits BEGIN. If a
// transaction is open it is an [ErrArgument].
func (c *Conn) Begin(ctx context.Context, options ...TxOption) error {
	if err := c.enter("begin", true); err != nil {
		return err
	}
	defer c.leave()
	switch err := c.refusal("begin"); {
	case err != nil:
		return err
	case c.State() == TxActive:
		return &UsageError{Kind: ErrArgument, Op: "begin", Reason: "a transaction is open already", Advice: "end it first, or use Nested"}
	case c.reading():
		return stillReading("begin")
	case ctx.Err() != nil:
		return canceledError(ctx, "begin")
	}
	config := newTxConfig(c.config, options)
	if config.err != nil {
		return config.err
	}
	var err error
	if config.TxOptions, err = c.engine.server.Load().checkTxOptions(config.TxOptions); err != nil {
		return err
	}
	return c.begin(ctx, config)
}

// begin sends BEGIN. A connection that turns out to be stale is replaced: BEGIN
// alone has no effect that could happen twice.
func (c *Conn) begin(ctx context.Context, config txConfig) error {
	texts, err := c.engine.server.Load().beginSQL(config.TxOptions)
	if err != nil {
		return err
	}
	if last := len(texts) - 1; config.xid != "" {
		if config.ReadOnly {
			return &UsageError{Kind: ErrArgument, Op: "begin", Reason: "a transaction that only reads needs no two phases"}
		}
		texts = append(texts[:last], c.engine.Dialect().(TwoPhaser).TwoPhaseSQL(TwoPhaseBegin, config.xid, texts[last])...)
	}
	c.misused.Store(false)
	for last := false; ; last = c.engine.db.Stats().Idle == 0 {
		if err := c.ensure(ctx); err != nil {
			return err
		}
		untouched := c.untouched
		err := c.sendBegin(ctx, texts)
		if err == nil {
			break
		}
		stale := !last && untouched && isGone(err) && ctx.Err() == nil
		c.afterFailedBegin(ctx, err, len(texts))
		if !stale {
			db := c.engine.describe(ctx, "begin", nil, err)
			lost, replacement := c.engine.handleError(ctx, db, isGone(err))
			if lost {
				c.drop()
			}
			return firstError(replacement, db.wrap())
		}
	}
	c.tx, c.savepoints, c.txID = config, c.savepoints[:0], nil
	c.status.Store(statusActive)
	c.tell(ctx, &c.engine.events.begin, "")
	return nil
}

func (c *Conn) sendBegin(ctx context.Context, texts []SQL) error {
	for _, text := range texts {
		c.untouched = false
		if err := c.control(ctx, string(text)); err != nil {
			return err
		}
	}
	return nil
}

// afterFailedBegin makes sure that no half-begun transaction stays behind.
func (c *Conn) afterFailedBegin(ctx context.Context, err error, sent int) {
	switch {
	case sent > 1 || isGone(err) || !c.valid():
		c.drop()
	case ctx.Err() != nil: // the server may have begun all the same
		c.sendRollback(ctx)
	}
}

// control sends a statement that frames a transaction.
func (c *Conn) control(ctx context.Context, text string) error {
	began := time.Now()
	_, err := c.raw.ExecContext(ctx, text)
	c.engine.log.control(ctx, text, time.Since(began), err)
	return err
}

// detached is a context for what has to be finished though the caller's has
// ended. It has an end of its own.
func (e *Engine) detached(ctx context.Context) (context.Context, context.CancelFunc) {
	return withTimeout(context.WithoutCancel(ctx), e.config.commitTimeout)
}

func (c *Conn) tell(ctx context.Context, listeners *hooks[func(context.Context, *TxEvent)], savepoint string) {
	for _, f := range listeners.list() {
		f(ctx, &TxEvent{Conn: c, Savepoint: savepoint})
	}
}

// undoing is how long a ROLLBACK may go on after the end of its caller's context.
const undoing = time.Second

// undoContext is detached for a ROLLBACK, which the end of the connection replaces
// if need be: nobody has to wait long for a server that is silent.
func (e *Engine) undoContext(ctx context.Context) (context.Context, context.CancelFunc) {
	limit := e.config.commitTimeout
	deadline, has := ctx.Deadline()
	if ctx.Err() != nil {
		deadline, has = time.Now(), true
	}
	if left := max(time.Until(deadline), 0) + undoing; has && (limit <= 0 || left < limit) {
		limit = left
	}
	return withTimeout(context.WithoutCancel(ctx), limit)
}

// Rollback undoes the transaction. It emits ROLLBACK, unless the connection is
// gone, which undoes it as well. It does not end with ctx; but if the server has
// not confirmed a second after the end of ctx, the connection is closed instead.
// Without a transaction it does nothing. While the outcome of a COMMIT is unknown there is nothing to
// undo: it returns [ErrOutcomeUnknown].
func (c *Conn) Rollback(ctx context.Context) error {
	if err := c.enter("rollback", true); err != nil {
		return err
	}
	defer c.leave()
	c.closeCursor()
	switch c.State() {
	case TxUnknown, TxClosed:
		return c.refusal("rollback")
	case TxActive, TxFailed:
		c.rollback(ctx)
	case TxLost:
		c.drop()
		c.rolledBack(ctx)
	case TxPrepared:
		return c.rollbackPrepared(ctx)
	}
	return nil
}

func (c *Conn) rollback(ctx context.Context) {
	c.sendRollback(ctx)
	c.rolledBack(ctx)
}

func (c *Conn) rolledBack(ctx context.Context) {
	c.status.Store(statusClean)
	c.savepoints, c.over = c.savepoints[:0], true
	c.writable(ctx)
	c.tell(ctx, &c.engine.events.rollback, "")
}

// sendRollback gives the connection up if the server does not confirm: then the
// end of the connection undoes the transaction.
func (c *Conn) sendRollback(ctx context.Context) {
	detached, cancel := c.engine.undoContext(ctx)
	defer cancel()
	var err error
	if c.tx.xid != "" && c.State() != TxClean {
		err = c.step(detached, TwoPhaseAbandon)
	} else {
		err = c.control(detached, "ROLLBACK")
	}
	if err == nil || detailsOf(c.engine.Dialect(), err).Kind == ErrTxLost {
		return
	}
	c.engine.warn(ctx, "rollback failed, the connection is closed instead", "err", c.engine.classify(detached, "rollback", nil, err))
	c.drop()
}

// writable ends what made the connection refuse writes, for its next user. A
// connection that does not confirm is given up.
func (c *Conn) writable(ctx context.Context) {
	r, ok := c.engine.Dialect().(ReadOnlySwitcher)
	if !ok || !c.tx.ReadOnly || c.raw == nil {
		return
	}
	detached, cancel := c.engine.detached(ctx)
	defer cancel()
	if err := c.control(detached, string(r.ReadOnlySQL(false))); err != nil {
		c.drop()
	}
}

// Nested runs fn in a savepoint. If fn returns an error or panics, what was done
// in it is undone, and the transaction around it goes on; the error is returned.
// It emits SAVEPOINT, and RELEASE or ROLLBACK TO. If the database has ended the
// whole transaction meanwhile, it returns [ErrTxLost], and only Rollback is
// accepted.
func (c *Conn) Nested(ctx context.Context, fn func(ctx context.Context) error) error {
	if fn == nil {
		return nilArgument("begin nested block", "function")
	}
	name, err := c.savepoint(ctx)
	if err != nil {
		return err
	}
	settled := false
	defer func() {
		if !settled { // fn panicked, which is what the caller gets to see
			_ = c.rollbackTo(ctx, name)
		}
	}()
	err = fn(ctx)
	settled = true
	if err == nil {
		err = c.releaseSavepoint(ctx, name)
	}
	if err == nil {
		return nil
	}
	if backErr := c.rollbackTo(ctx, name); backErr != nil {
		return fmt.Errorf("%w, after: %w", backErr, err)
	}
	return err
}

// savepoint sets a savepoint of a name that the connection never uses again.
func (c *Conn) savepoint(ctx context.Context) (string, error) {
	if err := c.enter("savepoint", true); err != nil {
		return "", err
	}
	defer c.leave()
	switch err := c.refusal("savepoint"); {
	case err != nil:
		return "", err
	case !c.features().Savepoints:
		return "", &CompileError{Dialect: c.engine.Dialect().Name(), Feature: "a savepoint"}
	case c.reading():
		return "", stillReading("savepoint")
	case ctx.Err() != nil:
		return "", canceledError(ctx, "savepoint")
	}
	if c.State() == TxClean {
		if err := c.begin(ctx, c.config); err != nil {
			return "", err
		}
	}
	c.savepointN++
	name := "orm_" + strconv.Itoa(c.savepointN)
	if err := c.control(ctx, "SAVEPOINT "+name); err != nil {
		return "", c.judge(ctx, &Compiled{op: "savepoint"}, err)
	}
	c.savepoints = append(c.savepoints, name)
	c.tell(ctx, &c.engine.events.savepoint, name)
	return name, nil
}

// releaseSavepoint keeps what was done since the savepoint. It does not end with
// ctx.
func (c *Conn) releaseSavepoint(ctx context.Context, name string) error {
	if err := c.enter("release savepoint", true); err != nil {
		return err
	}
	defer c.leave()
	if err := c.refusal("release savepoint"); err != nil {
		return err
	}
	if c.reading() {
		return stillReading("release savepoint")
	}
	i := slices.Index(c.savepoints, name)
	if i < 0 {
		return c.savepointGone("release savepoint")
	}
	detached, cancel := c.engine.detached(ctx)
	defer cancel()
	if err := c.control(detached, "RELEASE SAVEPOINT "+name); err != nil {
		return c.releaseFailed(detached, err)
	}
	c.savepoints = c.savepoints[:i]
	c.tell(ctx, &c.engine.events.releaseSavepoint, name)
	return nil
}

// releaseFailed: nothing had failed before, so if the savepoint is gone, the
// database has committed or rolled back without being asked.
func (c *Conn) releaseFailed(ctx context.Context, err error) error {
	db := c.engine.describe(ctx, "release savepoint", nil, err)
	if !isGone(err) {
		db.Kind = ErrTxLost
		if !c.features().TransactionalDDL {
			db.Kind = ErrImplicitCommit
		}
	}
	c.lose(db)
	return db
}

// savepointGone is the error for a savepoint that has ended with its
// transaction: by DDL, by a rollback.
func (c *Conn) savepointGone(op string) error {
	kind, reason := ErrTxLost, "the transaction that the savepoint was set in has ended"
	if !c.features().TransactionalDDL {
		kind, reason = ErrImplicitCommit, "the savepoint has ended with its transaction, which a schema change has committed"
	}
	return &UsageError{Kind: kind, Op: op, Reason: reason}
}

// rollbackTo undoes what was done since the savepoint, also in a transaction
// that has failed, which is active again afterwards. If the savepoint is gone,
// the whole transaction is lost. It does not end with ctx.
func (c *Conn) rollbackTo(ctx context.Context, name string) error {
	if err := c.enter("rollback to savepoint", true); err != nil {
		return err
	}
	defer c.leave()
	if s := c.State(); s != TxActive && s != TxFailed && s != TxClean {
		return c.refusal("rollback to savepoint")
	}
	c.closeCursor()
	i := slices.Index(c.savepoints, name)
	if i < 0 || c.State() == TxClean {
		return c.savepointGone("rollback to savepoint")
	}
	if c.State() == TxLost { // closing the result has shown it
		return c.refusal("rollback to savepoint")
	}
	detached, cancel := c.engine.detached(ctx)
	defer cancel()
	if err := c.control(detached, "ROLLBACK TO SAVEPOINT "+name); err != nil {
		c.lose(c.engine.classify(detached, "rollback to savepoint", nil, err))
		return c.refusal("rollback to savepoint")
	}
	c.savepoints = c.savepoints[:i+1]
	c.status.Store(statusActive)
	c.tell(ctx, &c.engine.events.rollbackSavepoint, name)
	return nil
}
