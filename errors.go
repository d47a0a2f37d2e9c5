// This file is the whole vocabulary of failure: one closed list of kinds that
// errors.Is understands, and the few types that carry more than a kind.

package orm

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// ErrorKind says what went wrong, in the same words on every database. Its
// constants are themselves errors, so that a caller branches with
// errors.Is(err, orm.ErrUniqueViolation).
type ErrorKind uint8

// What the database refused. A statement that failed so has had no effect.
const (
	_ ErrorKind = iota

	ErrUniqueViolation     // a unique constraint or primary key has that value already
	ErrForeignKeyViolation // a foreign key points at nothing, or something still points here
	ErrNotNullViolation    // NULL in a column that is NOT NULL
	ErrCheckViolation      // a CHECK constraint is false
	ErrExclusionViolation  // an exclusion constraint (PostgreSQL) is violated
	ErrRaised              // a trigger or procedure of the schema raised an error
	ErrValue               // a value is too long, out of range, badly encoded or of another type
	ErrSyntax              // the SQL is not understood, or names something unknown
	ErrReadOnly            // a write in a read-only transaction, database or server
	ErrResource            // disk, memory, connections or another limit of the server is exhausted
	ErrCorrupt             // the database reports damage or an I/O error of its own
	ErrDatabase            // any other error of the database
)

// What ends a transaction through nobody's fault. The unit can be repeated;
// [Engine.Transact] and [SessionFactory.Transact] do so, within their bounds.
const (
	ErrSerialization ErrorKind = iota + 32 // the isolation level could not be kept
	ErrDeadlock                            // two transactions wait for each other; this one was chosen
	ErrLockTimeout                         // a lock or a busy database was not had in time
	ErrConnection                          // the connection was lost before COMMIT was sent: nothing is saved
	ErrTxLost                              // the server ended the transaction without being asked: nothing is saved
)

// What a caller has to look at before anything is repeated.
const (
	ErrCanceled       ErrorKind = iota + 64 // the context ended; the error wraps its cause
	ErrOutcomeUnknown                       // COMMIT was sent and not answered: it may or may not be saved
	ErrImplicitCommit                       // the server committed early (DDL on MySQL): the first part is saved
	ErrTxFailed                             // work in a transaction that has failed; wraps the first cause; roll back
	ErrPoolTimeout                          // no connection of the pool came free in time
	ErrPartialCommit                        // some engines of a session have committed and others have not
)

// What the library finds itself, most of it before anything is sent.
const (
	ErrStaleData      ErrorKind = iota + 96 // a row is not what it was when it was read: other version, or gone
	ErrDetached                             // the object belongs to no session
	ErrOtherSession                         // the object belongs to another session
	ErrNotPersistent                        // the object has no row yet
	ErrClosed                               // the session, connection or engine is closed
	ErrConcurrentUse                        // two goroutines used one session or connection at once
	ErrMultipleRows                         // one row was asked for and there are more
	ErrNoFilter                             // an UPDATE or DELETE of a whole table that was not asked for with AllRows
	ErrUnknownName                          // a field, column, table or label that is not mapped
	ErrBadIdentifier                        // a name that no database takes: empty, NUL, too long
	ErrArgument                             // an argument of a wrong type, count or range
	ErrTooManyParams                        // more bound parameters than the database takes in one statement
	ErrTooDeep                              // an expression nested deeper than the limit
	ErrMultiStatement                       // two statements in one text
	ErrTxControl                            // transaction control as SQL text
	ErrDecode                               // a value of the database does not fit the Go type
	ErrSchemaMismatch                       // the columns of a result are not those that were asked for
	ErrUnsupported                          // the dialect has no such feature
	ErrUnknownDialect                       // no dialect of that name or scheme is imported
	ErrURL                                  // a database URL that cannot be read
	ErrMapping                              // a struct or tag that cannot be mapped
	ErrNotRegistered                        // a struct that no registry knows
	ErrCircular                             // tables or rows that depend on each other in a circle
	ErrDuplicateTable                       // two tables of one name in one Metadata
	ErrNoForeignKey                         // no foreign key joins the two
	ErrAmbiguous                            // a name or join that could mean several things
	ErrContradiction                        // the two sides of a relationship were changed and disagree
	ErrRaiseLoad                            // a relationship that must not be loaded by itself
	ErrCartesian                            // nothing connects the items of a FROM (strict mode)
	ErrHook                                 // a listener did what cannot be done where it was called
)

var kindTexts = map[ErrorKind]string{
	ErrUniqueViolation:     "unique violation",
	ErrForeignKeyViolation: "foreign key violation",
	ErrNotNullViolation:    "not null violation",
	ErrCheckViolation:      "check violation",
	ErrExclusionViolation:  "exclusion violation",
	ErrRaised:              "raised by the schema",
	ErrValue:               "value refused",
	ErrSyntax:              "syntax error or unknown name",
	ErrReadOnly:            "read only",
	ErrResource:            "resource exhausted",
	ErrCorrupt:             "database damaged",
	ErrDatabase:            "database error",
	ErrSerialization:       "serialization failure",
	ErrDeadlock:            "deadlock",
	ErrLockTimeout:         "lock timeout",
	ErrConnection:          "connection lost",
	ErrTxLost:              "transaction lost",
	ErrCanceled:            "canceled",
	ErrOutcomeUnknown:      "outcome of commit unknown",
	ErrImplicitCommit:      "committed early by the server",
	ErrTxFailed:            "transaction has failed",
	ErrPoolTimeout:         "no free connection",
	ErrPartialCommit:       "committed in part",
	ErrStaleData:           "stale data",
	ErrDetached:            "object is detached",
	ErrOtherSession:        "object of another session",
	ErrNotPersistent:       "object is not persistent",
	ErrClosed:              "closed",
	ErrConcurrentUse:       "concurrent use",
	ErrMultipleRows:        "multiple rows",
	ErrNoFilter:            "no filter",
	ErrUnknownName:         "unknown name",
	ErrBadIdentifier:       "bad identifier",
	ErrArgument:            "bad argument",
	ErrTooManyParams:       "too many parameters",
	ErrTooDeep:             "too deep",
	ErrMultiStatement:      "several statements in one text",
	ErrTxControl:           "transaction control in SQL text",
	ErrDecode:              "value does not fit",
	ErrSchemaMismatch:      "columns do not match",
	ErrUnsupported:         "not supported",
	ErrUnknownDialect:      "unknown dialect",
	ErrURL:                 "bad database URL",
	ErrMapping:             "mapping",
	ErrNotRegistered:       "not registered",
	ErrCircular:            "circular dependency",
	ErrDuplicateTable:      "duplicate table",
	ErrNoForeignKey:        "no foreign key",
	ErrAmbiguous:           "ambiguous",
	ErrContradiction:       "contradiction",
	ErrRaiseLoad:           "must not be loaded",
	ErrCartesian:           "cartesian product",
	ErrHook:                "refused to a listener",
}

// Error returns the kind in words.
func (k ErrorKind) Error() string {
	if text, ok := kindTexts[k]; ok {
		return "orm: " + text
	}
	return fmt.Sprintf("orm: error kind %d", uint8(k))
}

// words returns the kind without the package's prefix.
func (k ErrorKind) words() string { return strings.TrimPrefix(k.Error(), "orm: ") }

// Temporary reports whether the whole unit of work can be repeated safely:
// nothing of it is saved, and another try may succeed.
func (k ErrorKind) Temporary() bool { return k >= ErrSerialization && k <= ErrTxLost }

// UsageError is an error that the library found itself, most often before
// anything was sent. It is its Kind for errors.Is, and wraps Err where there is
// a cause.
type UsageError struct {
	Kind    ErrorKind
	Op      string // what was being done: "get", "flush", "compile"
	Subject string // to what: "User.Name", "users"
	Reason  string // what is wrong; the kind in words if empty
	Advice  string // what to do about it, or empty
	Err     error
}

// Error returns "orm: op subject: reason (advice)".
func (e *UsageError) Error() string {
	var b strings.Builder
	b.WriteString("orm: ")
	b.WriteString(strings.TrimSpace(e.Op + " " + e.Subject))
	b.WriteString(": ")
	if e.Reason != "" {
		b.WriteString(e.Reason)
	} else {
		b.WriteString(e.Kind.words())
	}
	if e.Advice != "" {
		b.WriteString(" (" + e.Advice + ")")
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	return b.String()
}

// Unwrap returns the cause, or nil.
func (e *UsageError) Unwrap() error { return e.Err }

// Is reports whether target is the error's kind.
func (e *UsageError) Is(target error) bool { return target == error(e.Kind) }

// MapError is a struct or tag that cannot be mapped. Registration reports all
// of them at once, joined.
type MapError struct {
	Type   string // the struct
	Field  string // its field, or empty
	Tag    string // the tag as written, or empty
	Pos    int    // where in the tag, in bytes
	Reason string
	Advice string
}

// Error returns "orm: map Type.Field: reason (advice)", and where a tag is
// wrong the tag with a mark below the place.
func (e *MapError) Error() string {
	var b strings.Builder
	b.WriteString("orm: map " + e.Type)
	if e.Field != "" {
		b.WriteString("." + e.Field)
	}
	b.WriteString(": " + e.Reason)
	if e.Advice != "" {
		b.WriteString(" (" + e.Advice + ")")
	}
	if e.Tag != "" {
		fmt.Fprintf(&b, "\n\t%s\n\t%s^", e.Tag, strings.Repeat(" ", e.Pos))
	}
	return b.String()
}

// Is reports whether target is [ErrMapping].
func (e *MapError) Is(target error) bool { return target == error(ErrMapping) }

// CompileError is a statement that cannot be written as SQL for a dialect.
type CompileError struct {
	Dialect string
	Feature string // what the dialect lacks
	Advice  string
}

// Error returns "orm: compile for dialect: feature is not supported (advice)".
func (e *CompileError) Error() string {
	text := "orm: compile for " + e.Dialect + ": " + e.Feature + " is not supported"
	if e.Advice != "" {
		text += " (" + e.Advice + ")"
	}
	return text
}

// Is reports whether target is [ErrUnsupported].
func (e *CompileError) Is(target error) bool { return target == error(ErrUnsupported) }

// DBError is an error of the database or of the way to it. Its text shows
// neither values nor the server's details; both stay reachable by unwrapping
// to the driver's error.
type DBError struct {
	Kind       ErrorKind
	Op         string   // insert, select, commit …
	SQL        string   // the statement, without values
	Dialect    string   // the dialect's name
	Code       string   // SQLSTATE, or the database's own number
	Schema     string   // where the server tells
	Table      string   // where the server tells, else the statement's table
	Columns    []string // where the server tells
	Constraint string   // where the server tells
	Advice     string   // what to do about it, or empty
	Autoflush  bool     // the statement came from a flush that a query set off
	Err        error    // the driver's error, joined with the context's where that ended it
}

// Error returns what failed and why, without values.
func (e *DBError) Error() string {
	var b strings.Builder
	b.WriteString("orm: ")
	b.WriteString(strings.TrimSpace(e.Op + " " + e.Table))
	b.WriteString(": " + e.Kind.words())
	if len(e.Columns) > 0 {
		b.WriteString(" on " + strings.Join(e.Columns, ", "))
	}
	var facts []string
	if e.Constraint != "" {
		facts = append(facts, "constraint "+e.Constraint)
	}
	if e.Dialect != "" {
		facts = append(facts, strings.TrimSpace(e.Dialect+" "+e.Code))
	}
	if e.Autoflush {
		facts = append(facts, "raised by autoflush before a query")
	}
	if e.Advice != "" {
		facts = append(facts, e.Advice)
	}
	if len(facts) > 0 {
		b.WriteString(" (" + strings.Join(facts, ", ") + ")")
	}
	return b.String()
}

// Unwrap returns the driver's error.
func (e *DBError) Unwrap() error { return e.Err }

// Is reports whether target is the error's kind.
func (e *DBError) Is(target error) bool { return target == error(e.Kind) }

// IntegrityError is a [DBError] of a violated constraint: unique, foreign key,
// not null, check or exclusion.
type IntegrityError struct{ *DBError }

// Unwrap returns the DBError.
func (e *IntegrityError) Unwrap() error { return e.DBError }

// integrity reports whether the kind is a violated constraint.
func (k ErrorKind) integrity() bool { return k >= ErrUniqueViolation && k <= ErrExclusionViolation }

// wrap returns the error in the type that its kind asks for.
func (e *DBError) wrap() error {
	if e.Kind.integrity() {
		return &IntegrityError{e}
	}
	return e
}

// nilOption is the error of an option that is nil.
func nilOption(op string) error {
	return &UsageError{Kind: ErrArgument, Op: op, Reason: "an option is nil"}
}

// nilArgument is the error of an argument without which nothing can be done.
func nilArgument(op, what string) error {
	return &UsageError{Kind: ErrArgument, Op: op, Reason: "the " + what + " is nil"}
}

// thereAre tells the names that could have been meant.
func thereAre(names []string) string {
	if len(names) == 0 {
		return "there are none"
	}
	return "there are: " + strings.Join(names, ", ")
}

// quoted shows a text of the user in an error.
func quoted(text string) string { return strconv.Quote(text) }

// joinErrors returns nil, the one error, or all of them joined.
func joinErrors(list []error) error {
	if len(list) == 1 {
		return list[0]
	}
	return errors.Join(list...)
}
