// This file holds the connections of a session that works on several engines: one
// for each, with a transaction that begins when the engine is first needed, and
// ends with those of the others.

package orm

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// leg is the connection to one of the engines, within its transaction.
type leg struct {
	engine     *Engine
	shard      int // its number among the shards, from 1; 0 for what is none
	conn       *Conn
	savepoints []string // of the nested blocks that are open
	xid        string   // of a transaction of two phases
}

// legs are the connections of a session, and what says which one is for what.
type legs struct {
	*router
	all      []*leg // in the order in which they were needed
	options  []TxOption
	nested   int // blocks that are open
	twoPhase bool
}

// at returns the connection to an engine. The first time it begins a transaction,
// and sets a savepoint for each nested block that is open.
func (l *legs) at(ctx context.Context, d destination) (*leg, error) {
	for _, known := range l.all {
		if known.engine == d.engine {
			return known, nil
		}
	}
	conn, err := d.engine.Connect(ctx, l.options...)
	if err != nil {
		return nil, err
	}
	fresh := &leg{engine: d.engine, shard: d.shard, conn: conn}
	if l.twoPhase {
		fresh.xid = "orm_" + strings.ToLower(rand.Text()) + "_" + strconv.Itoa(len(l.all)+1)
		err = conn.BeginTwoPhase(ctx, fresh.xid)
	} else {
		err = conn.Begin(ctx)
	}
	for range l.nested {
		err = firstError(err, fresh.savepoint(ctx))
	}
	if err != nil {
		_ = conn.Close() // nobody else uses it, which is the one error
		return nil, err
	}
	l.all = append(l.all, fresh)
	return fresh, nil
}

func (l *leg) savepoint(ctx context.Context) error {
	name, err := l.conn.savepoint(ctx)
	if err == nil {
		l.savepoints = append(l.savepoints, name)
	}
	return err
}

// each does something on all connections, and returns what went wrong first.
func (l *legs) each(do func(*leg) error) error {
	for _, one := range l.all {
		if err := do(one); err != nil {
			return err
		}
	}
	return nil
}

// refusal is the error of everything that the state of a connection does not allow.
func (l *legs) refusal(op string) error {
	return l.each(func(one *leg) error { return one.conn.refusal(op) })
}

func (l *legs) idle(op string) error {
	return l.each(func(one *leg) error { return one.conn.idle(op) })
}

// savepoint begins a nested block.
func (l *legs) savepoint(ctx context.Context) error {
	if err := l.each(func(one *leg) error { return one.savepoint(ctx) }); err != nil {
		return err
	}
	l.nested++
	return nil
}

// keep ends a nested block, counted from 0, and those within it.
func (l *legs) keep(ctx context.Context, block int) error {
	return l.endBlock(block, func(one *leg) error {
		return one.conn.releaseSavepoint(ctx, one.savepoints[block])
	})
}

// undo goes back to the begin of a nested block, and ends it.
func (l *legs) undo(ctx context.Context, block int) error {
	return l.endBlock(block, func(one *leg) error {
		if err := one.conn.rollbackTo(ctx, one.savepoints[block]); err != nil {
			return err
		}
		return one.conn.releaseSavepoint(ctx, one.savepoints[block])
	})
}

func (l *legs) endBlock(block int, do func(*leg) error) error {
	if err := l.each(do); err != nil {
		return err
	}
	for _, one := range l.all {
		one.savepoints = one.savepoints[:block]
	}
	l.nested = block
	return nil
}

// commit commits on all connections, in the order in which they were needed: after
// each has promised that it will, if the session asks for that. What follows the
// first COMMIT does not end with ctx.
func (l *legs) commit(ctx context.Context) error {
	if err := l.refusal("commit"); err != nil {
		return err
	}
	prepared := l.twoPhase && len(l.all) > 1
	if prepared {
		if err := l.each(func(one *leg) error { return one.conn.Prepare(ctx) }); err != nil {
			return err
		}
	}
	partial := &PartialCommitError{}
	for _, one := range l.all {
		err := partial.Err
		if err == nil || prepared {
			err = one.conn.Commit(ctx)
		}
		switch {
		case err == nil:
			partial.Committed = append(partial.Committed, one.engine)
			ctx = context.WithoutCancel(ctx)
		case prepared && one.conn.State() == TxPrepared:
			partial.Prepared = append(partial.Prepared, PreparedTx{one.engine, one.xid})
		default:
			partial.Failed = append(partial.Failed, one.engine)
		}
		partial.Err = firstError(partial.Err, err)
	}
	if len(partial.Committed) == 0 && !prepared || partial.Err == nil {
		return partial.Err
	}
	l.leavePrepared()
	return partial
}

// leavePrepared gives connections back whose transactions are promised: they are to
// commit, and no rollback of the session undoes them.
func (l *legs) leavePrepared() {
	l.all = slices.DeleteFunc(l.all, func(one *leg) bool {
		promised := one.conn.State() == TxPrepared
		if promised {
			_ = one.conn.Close() // nobody else uses it, which is the one error
		}
		return promised
	})
}

// rollback rolls all connections back.
func (l *legs) rollback(ctx context.Context) error {
	var failed []error
	for _, one := range l.all {
		failed = append(failed, one.conn.Rollback(ctx))
	}
	return errors.Join(failed...)
}

// close gives all connections back.
func (l *legs) close() {
	for _, one := range l.all {
		_ = one.conn.Close() // nobody else uses it, which is the one error
	}
	l.all, l.options, l.nested = nil, nil, 0
}

// active reports whether no transaction has failed, or is gone.
func (l *legs) active() bool {
	return l.each(func(one *leg) error { return one.conn.refusal("") }) == nil
}

// PartialCommitError is a Commit of a session on several engines that some of them
// have done, and others have not. It is an [ErrPartialCommit], and not the error
// that has caused it: nothing of it may simply be repeated. All objects are
// detached.
type PartialCommitError struct {
	Committed []*Engine    // whose part is saved
	Failed    []*Engine    // whose part is not saved, or of which that is not known (see Err)
	Prepared  []PreparedTx // that are promised, and wait for [Engine.CommitPrepared] (with [TwoPhase])
	Err       error        // the first error
}

// PreparedTx is a transaction that was prepared.
type PreparedTx struct {
	Engine *Engine
	XID    string
}

// Error tells the databases by their URLs, without passwords.
func (e *PartialCommitError) Error() string {
	var parts []string
	add := func(engines []*Engine, what string) {
		for _, engine := range engines {
			parts = append(parts, engine.name()+" "+what)
		}
	}
	add(e.Committed, "has committed")
	add(e.Failed, "has not")
	for _, p := range e.Prepared {
		parts = append(parts, fmt.Sprintf("%s has prepared %s", p.Engine.name(), p.XID))
	}
	return "orm: commit: " + strings.Join(parts, ", ") + ": " + e.Err.Error()
}

// Is reports whether target is [ErrPartialCommit].
func (*PartialCommitError) Is(target error) bool { return target == error(ErrPartialCommit) }

// name is what an error calls an engine.
func (e *Engine) name() string {
	if e.url == nil {
		return e.Dialect().Name()
	}
	return e.url.String()
}
