// This file turns whatever a driver returns into the library's errors: the kind
// that the dialect reads out of it, the end of the context, a lost connection.

package orm

import (
	"context"
	"errors"
)

// ErrorClassifier is a [Dialect] that understands its database's errors. It
// returns false for an error that does not come from the database. It is called
// with the driver's error as it came, possibly wrapped: look with errors.As.
type ErrorClassifier interface {
	Classify(err error) (ErrorDetails, bool)
}

// ErrorDetails is what a dialect reads out of an error of the database. No field
// may contain a value of a row or a parameter.
type ErrorDetails struct {
	Kind       ErrorKind // ErrTxLost also for "no such savepoint" and "no transaction is active"
	Code       string    // SQLSTATE, or the database's own number; empty if the server did not say anything
	Schema     string
	Table      string
	Columns    []string
	Constraint string
	Advice     string // what to do, where the code alone says so: "open with PoolerMode"
}

// classify returns the error of an operation as a [DBError], or an
// [IntegrityError]. cc is nil where there is no statement.
func (e *Engine) classify(ctx context.Context, op string, cc *Compiled, err error) error {
	return e.describe(ctx, op, cc, err).wrap()
}

// describe is classify before the error is put into its type.
func (e *Engine) describe(ctx context.Context, op string, cc *Compiled, err error) *DBError {
	d := e.Dialect()
	details := detailsOf(d, err)
	db := &DBError{
		Kind: details.Kind, Op: op, Dialect: d.Name(), Code: details.Code, Schema: details.Schema, Table: details.Table,
		Columns: details.Columns, Constraint: details.Constraint, Advice: details.Advice, Err: err,
	}
	if cc != nil {
		db.SQL = cc.SQL
		if db.Table == "" {
			db.Table = cc.table
		}
	}
	if ended := contextError(ctx); ended != nil {
		db.Err = errors.Join(err, ErrCanceled, ended)
		if isVague(db.Kind) {
			db.Kind = ErrCanceled
		}
	}
	return db
}

// detailsOf asks the dialect, and answers itself for what happens on the way to
// the database.
func detailsOf(d Dialect, err error) ErrorDetails {
	details := ErrorDetails{Kind: ErrDatabase}
	if c, ok := d.(ErrorClassifier); ok {
		if known, ok := c.Classify(err); ok {
			details = known
		}
	}
	switch {
	case isGone(err) && isVague(details.Kind):
		details.Kind = ErrConnection
	case details.Kind == ErrDatabase && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)):
		details.Kind = ErrCanceled
	}
	return details
}

// isVague reports whether the kind says less than the end of the context or of
// the connection does.
func isVague(k ErrorKind) bool {
	return k == ErrDatabase || k == ErrConnection || k == ErrCanceled
}

// isGone reports that the connection is gone.
func isGone(err error) bool {
	_, lost := errors.AsType[interface {
		error
		lost() bool
	}](err)
	return lost || meansLost(err) || isPoolClosed(err)
}

// contextError returns what ended the context, with its cause, or nil.
func contextError(ctx context.Context) error {
	ended := ctx.Err()
	if ended == nil {
		return nil
	}
	if cause := context.Cause(ctx); !errors.Is(cause, ended) {
		return errors.Join(ended, cause)
	}
	return ended
}

// canceledError is the error of an operation that the end of its context kept
// from being sent.
func canceledError(ctx context.Context, op string) error {
	return &DBError{Kind: ErrCanceled, Op: op, Err: contextError(ctx)}
}

// isTemporary reports whether a unit that has ended with err, and is rolled
// back, may be run again.
func isTemporary(err error) bool {
	for _, never := range []ErrorKind{ErrOutcomeUnknown, ErrImplicitCommit, ErrCanceled, ErrConcurrentUse} {
		if errors.Is(err, never) {
			return false
		}
	}
	for _, kind := range []ErrorKind{ErrSerialization, ErrDeadlock, ErrLockTimeout, ErrConnection, ErrTxLost} {
		if errors.Is(err, kind) {
			return true
		}
	}
	return false
}

// bothErrors joins two errors, either of which may be nil.
func bothErrors(a, b error) error {
	switch {
	case a == nil:
		return b
	case b == nil:
		return a
	}
	return errors.Join(a, b)
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
