// This file tests what is made of SQLite's errors.

package sqlite

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aurum-go/orm"
)

func TestKindsByResultCode(t *testing.T) {
	kinds := map[orm.ErrorKind][]int{
		orm.ErrUniqueViolation:     {2067, 1555, 2579},
		orm.ErrForeignKeyViolation: {787},
		orm.ErrNotNullViolation:    {1299},
		orm.ErrCheckViolation:      {275},
		orm.ErrRaised:              {1811},
		orm.ErrValue:               {20, 18, 3091},
		orm.ErrSerialization:       {517},
		orm.ErrLockTimeout:         {5, 261, 773, 6, 262, 15},
		orm.ErrCanceled:            {9},
		orm.ErrTxLost:              {516},
		orm.ErrResource:            {13, 7, 3082},
		orm.ErrReadOnly:            {8, 264, 520, 1032},
		orm.ErrSyntax:              {1},
		orm.ErrCorrupt:             {10, 11, 26, 266, 522, 267},
		orm.ErrDatabase:            {4, 14, 19, 21, 25, 99999},
	}
	for want, codes := range kinds {
		for _, code := range codes {
			if got := classify(code, "some message"); got.Kind != want || got.Code != strconv.Itoa(code) {
				t.Errorf("%d is %v with code %q, want %v", code, got.Kind, got.Code, want)
			}
		}
	}
}

func TestErrorsOfOthersAreNotClassified(t *testing.T) {
	for _, err := range []error{io.EOF, context.Canceled, errors.New("UNIQUE constraint failed: t.a")} {
		if details, ok := (dialect{}).Classify(err); ok {
			t.Errorf("%v is classified as %+v", err, details)
		}
	}
}

func TestErrorsOfTheDatabase(t *testing.T) {
	db := open(t, "sqlite://")
	c := conn(t, db)
	for _, text := range []string{
		`CREATE TABLE users (id INTEGER PRIMARY KEY, a TEXT NOT NULL, b TEXT, CONSTRAINT ck_b CHECK (b <> ''), UNIQUE (a, b))`,
		`CREATE UNIQUE INDEX ux_lower ON users (lower(a))`,
		`CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users (id))`,
		`CREATE TABLE strict (n INTEGER) STRICT`,
		`CREATE TRIGGER no_delete BEFORE DELETE ON users BEGIN SELECT raise(ABORT, 'users stay'); END`,
		`INSERT INTO users VALUES (1, 'secret', 'x')`,
	} {
		exec(t, c, text)
	}
	tests := []struct {
		text string
		want orm.ErrorDetails
	}{
		{"INSERT INTO users VALUES (2, 'secret', 'x')", orm.ErrorDetails{Kind: orm.ErrUniqueViolation, Code: "2067", Constraint: "ux_lower"}},
		{"DROP INDEX ux_lower", orm.ErrorDetails{}},
		{"INSERT INTO users VALUES (2, 'secret', 'x')", orm.ErrorDetails{Kind: orm.ErrUniqueViolation, Code: "2067", Table: "users", Columns: []string{"a", "b"}}},
		{"INSERT INTO users VALUES (1, 'y', 'y')", orm.ErrorDetails{Kind: orm.ErrUniqueViolation, Code: "1555", Table: "users", Columns: []string{"id"}}},
		{"INSERT INTO users (a) VALUES (NULL)", orm.ErrorDetails{Kind: orm.ErrNotNullViolation, Code: "1299", Table: "users", Columns: []string{"a"}}},
		{"INSERT INTO users (a, b) VALUES ('z', '')", orm.ErrorDetails{Kind: orm.ErrCheckViolation, Code: "275", Constraint: "ck_b"}},
		{"INSERT INTO posts (user_id) VALUES (9)", orm.ErrorDetails{Kind: orm.ErrForeignKeyViolation, Code: "787"}},
		{"DELETE FROM users", orm.ErrorDetails{Kind: orm.ErrRaised, Code: "1811"}},
		{"INSERT INTO strict VALUES ('text')", orm.ErrorDetails{Kind: orm.ErrValue, Code: "3091"}},
		{"INSERT INTO users (id, a) VALUES ('text', 'z')", orm.ErrorDetails{Kind: orm.ErrValue, Code: "20"}},
		{"SELEC 1", orm.ErrorDetails{Kind: orm.ErrSyntax, Code: "1"}},
		{"SELECT * FROM nosuch", orm.ErrorDetails{Kind: orm.ErrSyntax, Code: "1"}},
		{"RELEASE nosuch", orm.ErrorDetails{Kind: orm.ErrTxLost, Code: "1"}},
		{"COMMIT", orm.ErrorDetails{Kind: orm.ErrTxLost, Code: "1"}},
		{"SELECT 1 IN (?" + strings.Repeat(",?", 33000) + ")", orm.ErrorDetails{Kind: orm.ErrTooManyParams, Code: "1"}},
		{"SELECT 'a' LIKE '" + strings.Repeat("a", 50_001) + "'", orm.ErrorDetails{Kind: orm.ErrValue, Code: "1"}},
		{"SELECT 'a' LIKE '" + strings.Repeat("a", 50_000) + "'", orm.ErrorDetails{}},
		{"SELECT 1" + strings.Repeat("+1", 1100), orm.ErrorDetails{Kind: orm.ErrTooDeep, Code: "1"}},
		{"SELECT " + strings.Repeat("(", 5000) + "1" + strings.Repeat(")", 5000), orm.ErrorDetails{Kind: orm.ErrTooDeep, Code: "1"}},
		{"SELECT 1" + strings.Repeat(" UNION SELECT 1", 600), orm.ErrorDetails{Kind: orm.ErrTooDeep, Code: "1"}},
	}
	for _, test := range tests {
		t.Run(test.text[:min(40, len(test.text))], func(t *testing.T) {
			_, err := c.ExecContext(t.Context(), test.text)
			got, _ := dialect{}.Classify(err)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("%.200v (-want +got)\n%s", err, diff)
			}
		})
	}
}

func TestWriteToAReadOnlyFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "test.db")
	exec(t, open(t, "sqlite:///"+file), "CREATE TABLE t (x)")
	_, err := open(t, "sqlite:///"+file+"?mode=ro").ExecContext(t.Context(), "INSERT INTO t VALUES (1)")
	if got, _ := (dialect{}).Classify(err); got.Kind != orm.ErrReadOnly {
		t.Errorf("%v is %v, want %v", err, got.Kind, orm.ErrReadOnly)
	}
}

func TestSnapshotThatIsTooOldToWriteIsASerializationFailure(t *testing.T) {
	db := open(t, "sqlite:///"+filepath.Join(t.TempDir(), "test.db"))
	first, second := conn(t, db), conn(t, db)
	exec(t, first, "CREATE TABLE t (x)")
	exec(t, first, "BEGIN")
	if got := value(t, first, "SELECT count(*) FROM t"); got != int64(0) {
		t.Fatalf("there are %v rows", got)
	}
	exec(t, second, "INSERT INTO t VALUES (1)")
	_, err := first.ExecContext(t.Context(), "INSERT INTO t VALUES (2)")
	if got, _ := (dialect{}).Classify(err); got.Kind != orm.ErrSerialization {
		t.Errorf("%v is %v, want %v", err, got.Kind, orm.ErrSerialization)
	}
}

func TestInterruptedStatementIsCanceled(t *testing.T) {
	c := conn(t, open(t, "sqlite://"))
	exec(t, c, "CREATE TABLE t (x)")
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	_, err := c.ExecContext(ctx, "INSERT INTO t WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n")
	got, ok := dialect{}.Classify(err)
	if ok && got.Kind != orm.ErrCanceled || !ok && !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("%v is %v", err, got.Kind)
	}
}
