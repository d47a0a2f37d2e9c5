// This file tests which kind an error gets, and what it tells.

package orm

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestKindsOfErrors(t *testing.T) {
	tests := []struct {
		name string
		err  error
		want ErrorKind
	}{
		{"the dialect's", serverSays(ErrDeadlock, "40P01"), ErrDeadlock},
		{"the dialect's, wrapped", fmt.Errorf("w: %w", serverSays(ErrDeadlock, "40P01")), ErrDeadlock},
		{"anything", errors.New("x"), ErrDatabase},
		{"bad connection", driver.ErrBadConn, ErrConnection},
		{"lost, as the connector says", &lostError{cause: errors.New("x")}, ErrConnection},
		{"lost with a code that says no more", &lostError{cause: serverSays(ErrDatabase, "XX")}, ErrConnection},
		{"lost with a code that says more", &lostError{cause: serverSays(ErrResource, "53200")}, ErrResource},
		{"end of file", io.ErrUnexpectedEOF, ErrConnection},
		{"a network error", &net.OpError{Op: "read", Err: errors.New("reset")}, ErrConnection},
		{"a connection that is closed already", sql.ErrConnDone, ErrConnection},
		{"somebody else's context", context.DeadlineExceeded, ErrCanceled},
	}
	e, _ := newTestEngine(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := e.classify(context.Background(), "insert", insertOne, test.err)
			wantError(t, err, test.want)
			if kind := dbKind(err); kind != test.want {
				t.Errorf("kind %v, want %v", kind, test.want)
			}
			if !errors.Is(err, test.err) {
				t.Error("the driver's error cannot be reached")
			}
		})
	}
}

// dbKind is the kind that the error itself has, whatever it wraps.
func dbKind(err error) ErrorKind {
	if db, ok := errors.AsType[*DBError](err); ok {
		return db.Kind
	}
	return 0
}

func TestClassifiedErrorTellsWhereButNoValues(t *testing.T) {
	e, _ := newTestEngine(t)
	details := ErrorDetails{Kind: ErrUniqueViolation, Code: "23505", Schema: "s", Table: "users", Columns: []string{"email"}, Constraint: "uq"}
	err := e.classify(context.Background(), "insert", insertOne, &serverError{details})
	var integrity *IntegrityError
	if !errors.As(err, &integrity) {
		t.Fatalf("error %T", err)
	}
	want := DBError{
		Kind: ErrUniqueViolation, Op: "insert", SQL: "INSERT INTO a", Dialect: "fake", Code: "23505", Schema: "s", Table: "users", Columns: []string{"email"}, Constraint: "uq",
	}
	got := *integrity.DBError
	got.Err = nil
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("error (-want +got)\n%s", diff)
	}
	if strings.Contains(err.Error(), "secret") {
		t.Errorf("the server's text is in %q", err)
	}
	bare := e.classify(context.Background(), "insert", insertOne, errors.New("secret"))
	var db *DBError
	if !errors.As(bare, &db) || db.Table != "a" {
		t.Errorf("the table of the statement is missing in %q", bare)
	}
}

func TestEndOfTheContextIsNeverHidden(t *testing.T) {
	why := errors.New("shutting down")
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(why)
	e, _ := newTestEngine(t)
	tests := []struct {
		name string
		err  error
		kind ErrorKind
	}{
		{"over a vague error", errors.New("pq: canceling statement"), ErrCanceled},
		{"over a lost connection", driver.ErrBadConn, ErrCanceled},
		{"beside a definite one", serverSays(ErrUniqueViolation, "23505"), ErrUniqueViolation},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := e.classify(ctx, "insert", insertOne, test.err)
			wantError(t, err, ErrCanceled, context.Canceled, why, test.kind)
			if kind := dbKind(err); kind != test.kind {
				t.Errorf("kind %v, want %v", kind, test.kind)
			}
		})
	}
}

func TestWhatMayBeRepeated(t *testing.T) {
	failed := func(cause error) error { return &UsageError{Kind: ErrTxFailed, Err: cause} }
	tests := []struct {
		name string
		err  error
		want bool
	}{
		{"deadlock", &DBError{Kind: ErrDeadlock}, true},
		{"serialization", &DBError{Kind: ErrSerialization}, true},
		{"lock", &DBError{Kind: ErrLockTimeout}, true},
		{"connection", &DBError{Kind: ErrConnection}, true},
		{"lost", &UsageError{Kind: ErrTxLost}, true},
		{"failed because of a deadlock", failed(&DBError{Kind: ErrDeadlock}), true},
		{"failed because of a constraint", failed(&DBError{Kind: ErrUniqueViolation}), false},
		{"unknown", &DBError{Kind: ErrOutcomeUnknown, Err: &DBError{Kind: ErrConnection}}, false},
		{"early commit", &DBError{Kind: ErrImplicitCommit, Err: &DBError{Kind: ErrConnection}}, false},
		{"canceled", &DBError{Kind: ErrConnection, Err: errors.Join(ErrCanceled)}, false},
		{"somebody else's", errors.New("x"), false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := isTemporary(test.err); got != test.want {
				t.Errorf("got %v", got)
			}
		})
	}
}

func TestSentinelsOfRows(t *testing.T) {
	if !errors.Is(ErrNoRows, sql.ErrNoRows) || errors.Is(ErrNoRows, sql.ErrTxDone) || ErrNoRows.Error() != "orm: no rows" {
		t.Errorf("%v", ErrNoRows)
	}
}
