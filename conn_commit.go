// This file holds COMMIT: the one statement whose lost answer leaves open
// whether the work is saved, and how that is found out afterwards.

package orm

import (
	"context"
	"errors"
	"slices"
	"time"
)

// CommitResolver is a [Dialect] whose database remembers what became of a
// transaction.
type CommitResolver interface {
	// TxIDSQL selects the id of the open transaction, as text; NULL if it has
	// written nothing. Further columns may say which server this is.
	TxIDSQL() SQL
	// StatusSQL selects, for the id as its one parameter, 'committed', 'aborted'
	// or 'in progress', and then the same further columns. If those differ the
	// answer is not believed: it comes from another server.
	StatusSQL() SQL
}

// Commit saves the transaction. It emits COMMIT, which does not end with ctx
// once it is sent, but with the engine's commit timeout. Without a transaction
// it does nothing.
//
// It returns nil only if the database has confirmed. An error of the database
// means that nothing is saved: call Rollback or Close. A transaction of two phases
// is prepared first, unless it was; if its second phase fails it stays prepared. If the answer was lost it
// is an [ErrOutcomeUnknown], unless [ResolveCommit] finds out.
func (c *Conn) Commit(ctx context.Context) error {
	if err := c.enter("commit", true); err != nil {
		return err
	}
	defer c.leave()
	switch err := c.refusal("commit"); {
	case c.State() == TxPrepared:
		return c.commitPrepared(ctx)
	case err != nil:
		return err
	case c.reading():
		return stillReading("commit")
	case c.State() == TxClean:
		return nil
	case ctx.Err() != nil:
		return canceledError(ctx, "commit")
	case !c.valid():
		err := &DBError{Kind: ErrConnection, Op: "commit", Dialect: c.engine.Dialect().Name(), Err: &lostError{cause: errDied}}
		c.lose(err)
		return err
	}
	return c.commit(ctx)
}

// errDied says why a connection is lost that nobody has seen an error of.
var errDied = &UsageError{Kind: ErrConnection, Op: "commit", Reason: "the connection died before COMMIT was sent"}

func (c *Conn) commit(ctx context.Context) error {
	if c.tx.xid != "" {
		if err := c.prepareTx(ctx); err != nil {
			return err
		}
		return c.commitPrepared(ctx)
	}
	detached, cancel := c.engine.detached(ctx)
	defer cancel()
	if err := c.noteTxID(detached); err != nil {
		return err
	}
	if err := c.control(detached, "COMMIT"); err != nil {
		return c.commitFailed(ctx, detached, err)
	}
	c.committed(ctx)
	return nil
}

func (c *Conn) committed(ctx context.Context) {
	c.status.Store(statusClean)
	c.savepoints, c.over, c.saved = c.savepoints[:0], true, true
	c.writable(ctx)
	c.tell(ctx, &c.engine.events.commit, "")
}

// noteTxID asks for the transaction's id while it can still be asked for.
func (c *Conn) noteTxID(ctx context.Context) error {
	resolver, ok := c.engine.Dialect().(CommitResolver)
	if !ok || !c.tx.resolve {
		return nil
	}
	row, err := firstRow(ctx, c.raw, string(resolver.TxIDSQL()))
	if err != nil {
		return c.judge(ctx, &Compiled{op: "commit", read: true}, err)
	}
	if len(row) > 0 && row[0] != "" {
		c.txID = row
	}
	return nil
}

// commitFailed tells an answer of the server, which is the truth, from no
// answer.
func (c *Conn) commitFailed(ctx, detached context.Context, err error) error {
	db := c.engine.describe(detached, "commit", nil, err)
	if db.Code != "" && db.Kind != ErrConnection && db.Kind != ErrOutcomeUnknown {
		ended := db.Kind == ErrTxLost
		lost, replacement := c.engine.handleError(ctx, db, false)
		wrapped := firstError(replacement, db.wrap())
		if ended || lost {
			c.lose(wrapped)
		} else {
			c.fail(wrapped)
		}
		return wrapped
	}
	db.Kind = ErrOutcomeUnknown
	c.drop()
	c.status.Store(&txStatus{TxUnknown, db})
	if c.txID == nil {
		return c.unknownOutcome(ctx, db, db)
	}
	again, cancel := c.engine.detached(ctx)
	defer cancel()
	committed, resolveErr := c.resolve(again)
	switch {
	case resolveErr != nil:
		return c.unknownOutcome(ctx, db, resolveErr)
	case committed:
		c.tell(ctx, &c.engine.events.commit, "")
		return nil
	}
	c.tell(ctx, &c.engine.events.rollback, "")
	undone := &DBError{Kind: ErrConnection, Op: "commit", Dialect: db.Dialect, Err: err}
	_, replacement := c.engine.handleError(ctx, undone, true)
	return firstError(replacement, undone)
}

// unknownOutcome shows the error of a COMMIT that was not answered to listeners. err is
// what the caller gets if they leave it alone.
func (c *Conn) unknownOutcome(ctx context.Context, db *DBError, err error) error {
	_, replacement := c.engine.handleError(ctx, db, true)
	db.Kind = ErrOutcomeUnknown
	return stillUnknown(replacement, err)
}

// stillUnknown is a replacement that does not hide that the outcome is unknown.
func stillUnknown(replacement, unknown error) error {
	if replacement == nil || errors.Is(replacement, ErrOutcomeUnknown) {
		return firstError(replacement, unknown)
	}
	return bothErrors(replacement, unknown)
}

// Resolve finds out, on another connection, what became of a COMMIT whose answer
// was lost, and makes the connection usable again. It emits SQL until the
// database knows or ctx ends. Without [ResolveCommit], or where the database
// cannot tell, it returns [ErrOutcomeUnknown].
func (c *Conn) Resolve(ctx context.Context) (committed bool, err error) {
	if err := c.enter("resolve", true); err != nil {
		return false, err
	}
	defer c.leave()
	switch {
	case c.State() == TxClosed:
		return false, c.refusal("resolve")
	case c.State() != TxUnknown:
		return false, &UsageError{Kind: ErrArgument, Op: "resolve", Reason: "there is no COMMIT whose outcome is unknown"}
	case c.txID == nil:
		return false, &UsageError{Kind: ErrOutcomeUnknown, Op: "resolve", Reason: "the id of the transaction is not known", Advice: "take the connection with ResolveCommit, where the database has it", Err: c.status.Load().cause}
	}
	return c.resolve(ctx)
}

const (
	firstAsk = 2 * time.Millisecond
	mostAsk  = 200 * time.Millisecond
)

// resolve asks until there is an answer: right after the loss the transaction
// may still be in progress, and the server may be starting again.
func (c *Conn) resolve(ctx context.Context) (committed bool, err error) {
	cause := c.status.Load().cause
	for pause := firstAsk; ; pause = min(2*pause, mostAsk) {
		status, err := c.askStatus(ctx)
		switch {
		case err == nil && status == "committed", err == nil && status == "aborted":
			c.status.Store(statusClean)
			c.over, c.saved = true, c.saved || status == "committed"
			return status == "committed", nil
		case err == nil && status != "in progress", !sleep(ctx, pause):
			return false, &UsageError{Kind: ErrOutcomeUnknown, Op: "resolve", Reason: "the database does not tell what became of the transaction", Err: bothErrors(cause, err)}
		}
	}
}

// askStatus returns the database's word for the transaction, or "" if it is not
// the database that was written to.
func (c *Conn) askStatus(ctx context.Context) (string, error) {
	var h holder
	raw, err := c.engine.take(ctx, &h)
	if err != nil {
		return "", err
	}
	defer c.engine.pool.give(&h, raw)
	row, err := firstRow(ctx, raw, string(c.engine.Dialect().(CommitResolver).StatusSQL()), c.txID[0])
	if err != nil {
		return "", c.engine.classify(ctx, "resolve", nil, err)
	}
	if len(row) == 0 || !slices.Equal(row[1:], c.txID[1:]) {
		return "", nil
	}
	return row[0], nil
}
