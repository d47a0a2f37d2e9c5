// This file tests what is made of the server's errors.

package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/lib/pq"
	"github.com/lib/pq/pqerror"

	"github.com/aurum-go/orm"
)

func TestKindsBySQLState(t *testing.T) {
	kinds := map[orm.ErrorKind]string{
		orm.ErrUniqueViolation:     "23505",
		orm.ErrForeignKeyViolation: "23503 23001",
		orm.ErrNotNullViolation:    "23502",
		orm.ErrCheckViolation:      "23514",
		orm.ErrExclusionViolation:  "23P01",
		orm.ErrRaised:              "P0001 P0004",
		orm.ErrValue:               "22001 22003 22007 22021 22P02 2201W",
		orm.ErrDeadlock:            "40P01",
		orm.ErrSerialization:       "40001",
		orm.ErrLockTimeout:         "55P03",
		orm.ErrCanceled:            "57014",
		orm.ErrConnection:          "57P01 57P02 57P03 08000 08003 08006 08P01 25P03",
		orm.ErrOutcomeUnknown:      "08007 40003",
		orm.ErrTxFailed:            "25P02 3B001",
		orm.ErrResource:            "53000 53100 53200 53300 54000",
		orm.ErrReadOnly:            "25006",
		orm.ErrSyntax:              "42601 42703 42P01 42883 42P05 3F000",
		orm.ErrTooDeep:             "54001",
		orm.ErrCorrupt:             "XX001 58030",
		orm.ErrDatabase:            "XX000 42501 26000 0A000 28P01 F0000 ? ",
	}
	for want, codes := range kinds {
		for code := range strings.SplitSeq(codes, " ") {
			err := fmt.Errorf("wrapped: %w", &pq.Error{Code: pqerror.Code(code)})
			got, ok := dialect{}.Classify(err)
			if diff := cmp.Diff(orm.ErrorDetails{Kind: want, Code: code, Advice: poolerAdvice(code)}, got); diff != "" || !ok {
				t.Errorf("%s (-want +got)\n%s", code, diff)
			}
		}
	}
}

func TestErrorsOfOthersAreNotClassified(t *testing.T) {
	for _, err := range []error{io.EOF, context.Canceled, errors.New("pq: got 65536 parameters")} {
		if details, ok := (dialect{}).Classify(err); ok {
			t.Errorf("%v is classified as %+v", err, details)
		}
	}
}

// otherDriverError has the fields that pgx has.
type otherDriverError struct {
	Code, Detail, SchemaName, TableName, ColumnName, ConstraintName string
	Line                                                            int32
}

func (e *otherDriverError) Error() string    { return "other" }
func (e *otherDriverError) SQLState() string { return e.Code }

// bareError tells the state and nothing else.
type bareError string

func (e bareError) Error() string    { return "bare" }
func (e bareError) SQLState() string { return string(e) }

func TestNamesFromTheErrorsOfDrivers(t *testing.T) {
	want := orm.ErrorDetails{Kind: orm.ErrUniqueViolation, Code: "23505", Schema: "s", Table: "users", Columns: []string{"email"}, Constraint: "uq"}
	for _, err := range []error{
		&pq.Error{Code: "23505", Detail: "Key (email)=(a) already exists.", Schema: "s", Table: "users", Constraint: "uq"},
		&otherDriverError{Code: "23505", Detail: "Key (email)=(a) already exists.", SchemaName: "s", TableName: "users", ConstraintName: "uq"},
	} {
		got, _ := dialect{}.Classify(err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%T (-want +got)\n%s", err, diff)
		}
	}
	got, _ := dialect{}.Classify(bareError("23502"))
	if diff := cmp.Diff(orm.ErrorDetails{Kind: orm.ErrNotNullViolation, Code: "23502"}, got); diff != "" {
		t.Errorf("bare (-want +got)\n%s", diff)
	}
}

func TestColumnsComeFromNamesNeverFromValues(t *testing.T) {
	tests := []struct {
		name, column, detail string
		want                 []string
	}{
		{"field", "name", "Failing row contains (secret).", []string{"name"}},
		{"one", "", "Key (email)=(secret) already exists.", []string{"email"}},
		{"two", "", "Key (a, b)=(1, 2) already exists.", []string{"a", "b"}},
		{"quoted", "", `Key ("E ""m"" ail", b)=(1, 2) already exists.`, []string{`E "m" ail`, "b"}},
		{"value like names", "", "Key (a)=(x)=(y, z) already exists.", []string{"a"}},
		{"other table", "", `Key (id)=(1) is still referenced from table "posts".`, nil},
		{"expression", "", "Key (lower(email::text))=(secret) already exists.", nil},
		{"expression with a comma", "", "Key (COALESCE(a, 'x'::text))=(secret) already exists.", nil},
		{"row", "", "Failing row contains (1, secret).", nil},
		{"another language", "", "Schlüssel »(email)=(secret)« existiert bereits.", nil},
		{"nothing", "", "", nil},
		{"cut off", "", "Key (email", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, columnsOf(test.column, test.detail)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestStaleStatements(t *testing.T) {
	tests := map[error]bool{
		&pq.Error{Code: "0A000", Message: "cached plan must not change result type"}: true,
		&pq.Error{Code: "0A000", Routine: "RevalidateCachedQuery"}:                   true,
		&pq.Error{Code: "0A000", Message: "LOCK TABLE is not supported"}:             false,
		&pq.Error{Code: "26000"}:                            true,
		&pq.Error{Code: "42601"}:                            false,
		errors.New("cached plan"):                           false,
		fmt.Errorf("%w", io.EOF):                            false,
		fmt.Errorf("wrapped: %w", &pq.Error{Code: "26000"}): true,
	}
	for err, want := range tests {
		if got := (dialect{}).IsStaleStatement(err); got != want {
			t.Errorf("%v: %v, want %v", err, got, want)
		}
	}
}

func TestStalePlanCanBeRepeated(t *testing.T) {
	details, ok := dialect{}.Classify(&pq.Error{Code: "0A000", Message: "cached plan must not change result type"})
	if !ok || details.Kind != orm.ErrSerialization {
		t.Errorf("classified as %v", details.Kind)
	}
}

func TestErrorsOfTheServer(t *testing.T) {
	db := open(t)
	exec(t, db, `
		CREATE TABLE users (id BIGINT CONSTRAINT pk_users PRIMARY KEY, "Mail" VARCHAR(9) NOT NULL, age INT CONSTRAINT ck_age CHECK (age > 0), CONSTRAINT uq_two UNIQUE (age, "Mail"));
		CREATE TABLE posts (id BIGINT PRIMARY KEY, user_id BIGINT CONSTRAINT fk_user REFERENCES users);
		INSERT INTO users VALUES (1, 'secret', 1); INSERT INTO posts VALUES (1, 1)`)
	db.SetMaxOpenConns(1)
	schema, _ := value(t, db, "SELECT current_schema()").(string)
	tests := []struct {
		text string
		want orm.ErrorDetails
	}{
		{"INSERT INTO users VALUES (1, 'a', 2)", orm.ErrorDetails{Kind: orm.ErrUniqueViolation, Code: "23505", Schema: schema, Table: "users", Columns: []string{"id"}, Constraint: "pk_users"}},
		{"INSERT INTO users VALUES (2, 'secret', 1)", orm.ErrorDetails{Kind: orm.ErrUniqueViolation, Code: "23505", Schema: schema, Table: "users", Columns: []string{"age", "Mail"}, Constraint: "uq_two"}},
		{"INSERT INTO posts VALUES (2, 7)", orm.ErrorDetails{Kind: orm.ErrForeignKeyViolation, Code: "23503", Schema: schema, Table: "posts", Columns: []string{"user_id"}, Constraint: "fk_user"}},
		{"DELETE FROM users", orm.ErrorDetails{Kind: orm.ErrForeignKeyViolation, Code: "23503", Schema: schema, Table: "posts", Constraint: "fk_user"}},
		{"INSERT INTO users VALUES (2, NULL, 1)", orm.ErrorDetails{Kind: orm.ErrNotNullViolation, Code: "23502", Schema: schema, Table: "users", Columns: []string{"Mail"}}},
		{"INSERT INTO users VALUES (2, 'a', -1)", orm.ErrorDetails{Kind: orm.ErrCheckViolation, Code: "23514", Schema: schema, Table: "users", Constraint: "ck_age"}},
		{"INSERT INTO users VALUES (2, 'much too long', 1)", orm.ErrorDetails{Kind: orm.ErrValue, Code: "22001"}},
		{"DO $$ BEGIN RAISE 'no'; END $$", orm.ErrorDetails{Kind: orm.ErrRaised, Code: "P0001"}},
		{"SELEC 1", orm.ErrorDetails{Kind: orm.ErrSyntax, Code: "42601"}},
		{"BEGIN READ ONLY; INSERT INTO posts VALUES (2, 1)", orm.ErrorDetails{Kind: orm.ErrReadOnly, Code: "25006"}},
		{"SELECT 1", orm.ErrorDetails{Kind: orm.ErrTxFailed, Code: "25P02"}},
	}
	for _, test := range tests {
		t.Run(test.text, func(t *testing.T) {
			_, err := db.ExecContext(t.Context(), test.text)
			got, _ := dialect{}.Classify(err)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("%v (-want +got)\n%s", err, diff)
			}
		})
	}
}
