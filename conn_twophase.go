// This file holds transactions of two phases: one that has been prepared is sure to
// commit when it is told to, whatever becomes of the connection and of the server,
// so that several databases can agree before any of them commits.

package orm

import (
	"context"
	"errors"
	"regexp"
)

// TwoPhaser is a [Dialect] whose database has transactions of two phases. Their
// names are of letters, digits and "_-.:", so they can stand in quotes as they are.
type TwoPhaser interface {
	// TwoPhaseSQL returns the statements of a step. Those of TwoPhaseBegin stand in
	// place of the last of begin.
	TwoPhaseSQL(step TwoPhaseStep, xid string, begin SQL) []SQL
	// PreparedSQL selects the names of the transactions that are prepared, in the last
	// of its columns.
	PreparedSQL() SQL
}

// TwoPhaseStep is a step of a transaction of two phases.
type TwoPhaseStep uint8

// The steps of a transaction of two phases.
const (
	TwoPhaseBegin    TwoPhaseStep = iota
	TwoPhasePrepare               // promise to commit
	TwoPhaseCommit                // what was prepared
	TwoPhaseRollback              // what was prepared
	TwoPhaseAbandon               // roll back what was not prepared
)

var xidForm = regexp.MustCompile(`^[A-Za-z0-9_.:-]{1,64}$`)

// twoPhaser is the dialect as one that has transactions of two phases under names as
// this one.
func (e *Engine) twoPhaser(op, xid string) (TwoPhaser, error) {
	t, ok := e.Dialect().(TwoPhaser)
	if !ok {
		return nil, &CompileError{Dialect: e.Dialect().Name(), Feature: "a transaction of two phases"}
	}
	if !xidForm.MatchString(xid) {
		return nil, &UsageError{Kind: ErrArgument, Op: op, Subject: "transaction " + quoted(xid), Reason: "the name is not of 1 to 64 letters, digits and _-.:"}
	}
	return t, nil
}

// BeginTwoPhase begins a transaction that can be prepared under a name, which no
// other transaction of the server may have. It emits BEGIN, or XA START. SQLite has
// no such transactions: there it is an [ErrUnsupported]; PostgreSQL needs a
// max_prepared_transactions above 0 when it comes to Prepare.
//
//	err := conn.BeginTwoPhase(ctx, "transfer-7")
//	…
//	err = conn.Prepare(ctx)   // PREPARE TRANSACTION 'transfer-7'
//	err = conn.Commit(ctx)    // COMMIT PREPARED 'transfer-7'
func (c *Conn) BeginTwoPhase(ctx context.Context, xid string, options ...TxOption) error {
	if _, err := c.engine.ready(ctx); err != nil {
		return err
	}
	if _, err := c.engine.twoPhaser("begin", xid); err != nil {
		return err
	}
	return c.Begin(ctx, append([]TxOption{func(t *txConfig) { t.xid = xid }}, options...)...)
}

// Prepare ends the first phase: the database promises that the transaction will
// commit. After it only Commit and Rollback are accepted; Close leaves it prepared,
// also for others to end ([Engine.RecoverTwoPhase]). An error means that nothing is
// prepared: roll back. If the answer was lost it is an [ErrOutcomeUnknown]. Without a
// transaction of two phases it is an [ErrArgument].
func (c *Conn) Prepare(ctx context.Context) error {
	if err := c.enter("prepare", true); err != nil {
		return err
	}
	defer c.leave()
	switch err := c.refusal("prepare"); {
	case err != nil:
		return err
	case c.State() != TxActive || c.tx.xid == "":
		return &UsageError{Kind: ErrArgument, Op: "prepare", Reason: "no transaction of two phases is open", Advice: "begin one with BeginTwoPhase"}
	case c.reading():
		return stillReading("prepare")
	case ctx.Err() != nil:
		return canceledError(ctx, "prepare")
	}
	return c.prepareTx(ctx)
}

func (c *Conn) prepareTx(ctx context.Context) error {
	detached, cancel := c.engine.detached(ctx)
	defer cancel()
	if err := c.step(detached, TwoPhasePrepare); err != nil {
		return c.commitFailed(ctx, detached, err)
	}
	c.status.Store(statusPrepared)
	return nil
}

// step sends the statements of a step. Where the connection is lost that has prepared
// the transaction, it is not ended on another one at once: MariaDB takes XA COMMIT
// for done while the server has not seen yet that the first is gone.
func (c *Conn) step(ctx context.Context, step TwoPhaseStep) error {
	t, err := c.engine.twoPhaser("commit", c.tx.xid)
	if err != nil {
		return err
	}
	if c.raw == nil {
		return &UsageError{Kind: ErrConnection, Op: "end transaction", Reason: "the connection is lost"}
	}
	for _, text := range t.TwoPhaseSQL(step, c.tx.xid, "") {
		if err := c.control(ctx, string(text)); err != nil {
			return err
		}
	}
	return nil
}

// commitPrepared ends the second phase. If it fails, the transaction stays prepared.
func (c *Conn) commitPrepared(ctx context.Context) error {
	detached, cancel := c.engine.detached(ctx)
	defer cancel()
	if err := c.step(detached, TwoPhaseCommit); err != nil {
		return c.staysPrepared(detached, "commit", err)
	}
	c.committed(ctx)
	return nil
}

// rollbackPrepared undoes what was prepared. If it fails, the transaction stays so.
func (c *Conn) rollbackPrepared(ctx context.Context) error {
	detached, cancel := c.engine.undoContext(ctx)
	defer cancel()
	if err := c.step(detached, TwoPhaseRollback); err != nil {
		return c.staysPrepared(detached, "rollback", err)
	}
	c.rolledBack(ctx)
	return nil
}

// staysPrepared is the error of a second phase. Whether the transaction is still there
// is known to RecoverTwoPhase, if the answer was lost.
func (c *Conn) staysPrepared(ctx context.Context, op string, err error) error {
	const advice = "it stays prepared: list it with RecoverTwoPhase, and end it with CommitPrepared or RollbackPrepared"
	usage := &UsageError{Kind: ErrOutcomeUnknown, Op: op, Subject: "prepared transaction " + c.tx.xid, Advice: advice, Err: err}
	if _, own := errors.AsType[*UsageError](err); !own {
		usage.Err = c.engine.classify(ctx, op, nil, err)
	}
	return usage
}

// RecoverTwoPhase returns the names of the transactions that are prepared and not ended, by
// whomever: on PostgreSQL in this database, on MySQL on the whole server. After a
// crash they wait for [Engine.CommitPrepared] or [Engine.RollbackPrepared], and keep
// their locks until then.
//
//	xids, err := engine.RecoverTwoPhase(ctx)   // SELECT gid FROM pg_prepared_xacts …; XA RECOVER
func (e *Engine) RecoverTwoPhase(ctx context.Context) ([]string, error) {
	if _, err := e.ready(ctx); err != nil {
		return nil, err
	}
	t, err := e.twoPhaser("recover", "any")
	if err != nil {
		return nil, err
	}
	var h holder
	raw, err := e.take(ctx, &h)
	if err != nil {
		return nil, err
	}
	defer e.pool.give(&h, raw)
	rows, err := raw.QueryContext(ctx, string(t.PreparedSQL()))
	if err != nil {
		return nil, e.classify(ctx, "recover", nil, err)
	}
	defer func() { _ = rows.Close() }()
	var xids []string
	columns, err := rows.Columns()
	for err == nil && rows.Next() {
		var xid string
		dest := make([]any, len(columns))
		for i := range dest {
			dest[i] = new(any)
		}
		dest[len(dest)-1] = &xid
		err = rows.Scan(dest...)
		xids = append(xids, xid)
	}
	if err = firstError(err, rows.Err()); err != nil {
		return nil, e.classify(ctx, "recover", nil, err)
	}
	return xids, nil
}

// CommitPrepared commits a transaction that was prepared, on whatever connection. It
// emits COMMIT PREPARED, or XA COMMIT. One that is not there is an error of the
// database. On MySQL and MariaDB the connection that has prepared it must have ended:
// to the server, too, which notices a broken one only after a while.
func (e *Engine) CommitPrepared(ctx context.Context, xid string) error {
	return e.endPrepared(ctx, TwoPhaseCommit, "commit", xid)
}

// RollbackPrepared undoes a transaction that was prepared. It emits ROLLBACK
// PREPARED, or XA ROLLBACK.
func (e *Engine) RollbackPrepared(ctx context.Context, xid string) error {
	return e.endPrepared(ctx, TwoPhaseRollback, "rollback", xid)
}

func (e *Engine) endPrepared(ctx context.Context, step TwoPhaseStep, op, xid string) error {
	if _, err := e.ready(ctx); err != nil {
		return err
	}
	t, err := e.twoPhaser(op, xid)
	if err != nil {
		return err
	}
	var h holder
	raw, err := e.take(ctx, &h)
	if err != nil {
		return err
	}
	defer e.pool.give(&h, raw)
	for _, text := range t.TwoPhaseSQL(step, xid, "") {
		if _, err := raw.ExecContext(ctx, string(text)); err != nil {
			return e.classify(ctx, op, nil, err)
		}
	}
	return nil
}
