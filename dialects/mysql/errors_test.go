// This file tests what is made of the server's errors.

package mysql

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/google/go-cmp/cmp"

	"github.com/aurum-go/orm"
)

func TestKindsByNumber(t *testing.T) {
	kinds := map[orm.ErrorKind][]uint16{
		orm.ErrUniqueViolation:     {1062, 1586},
		orm.ErrForeignKeyViolation: {1451, 1452},
		orm.ErrNotNullViolation:    {1048, 1364},
		orm.ErrCheckViolation:      {3819, 4025},
		orm.ErrRaised:              {1644},
		orm.ErrValue:               {1264, 1366, 1406, 1292, 1265, 1153},
		orm.ErrDeadlock:            {1213},
		orm.ErrSerialization:       {1020},
		orm.ErrLockTimeout:         {1205, 3572},
		orm.ErrCanceled:            {1317, 3024, 1969},
		orm.ErrConnection:          {2006, 2013, 1927, 1053},
		orm.ErrResource:            {1040, 1041, 1021, 1114},
		orm.ErrReadOnly:            {1290, 1836, 1792},
		orm.ErrSyntax:              {1064, 1054, 1146, 1305},
		orm.ErrTooManyParams:       {1390},
		orm.ErrTooDeep:             {1436},
		orm.ErrCorrupt:             {1030, 1034},
		orm.ErrDatabase:            {1045, 1142, 9999},
	}
	for want, numbers := range kinds {
		for _, number := range numbers {
			err := fmt.Errorf("wrapped: %w", &mysql.MySQLError{Number: number, Message: "some message"})
			got, ok := dialect{}.Classify(err)
			if diff := cmp.Diff(orm.ErrorDetails{Kind: want, Code: strconv.Itoa(int(number))}, got); diff != "" || !ok {
				t.Errorf("%d (-want +got)\n%s", number, diff)
			}
		}
	}
}

func TestErrorsWithoutANumber(t *testing.T) {
	got, ok := dialect{}.Classify(fmt.Errorf("wrapped: %w", mysql.ErrInvalidConn))
	if diff := cmp.Diff(orm.ErrorDetails{Kind: orm.ErrConnection}, got); diff != "" || !ok {
		t.Errorf("(-want +got)\n%s", diff)
	}
	got, ok = dialect{}.Classify(fmt.Errorf("wrapped: %w", mysql.ErrPktTooLarge))
	if diff := cmp.Diff(orm.ErrorDetails{Kind: orm.ErrValue, Advice: packetAdvice}, got); diff != "" || !ok {
		t.Errorf("(-want +got)\n%s", diff)
	}
	for _, err := range []error{io.EOF, context.Canceled} {
		if details, ok := (dialect{}).Classify(err); ok {
			t.Errorf("%v is classified as %+v", err, details)
		}
	}
}

func TestNamesComeFromThePlacesOfNamesNeverFromValues(t *testing.T) {
	tests := []struct {
		name    string
		number  uint16
		message string
		want    orm.ErrorDetails
	}{
		{"unique, MariaDB", 1062, "Duplicate entry 'secret' for key 'uq_e'", orm.ErrorDetails{Constraint: "uq_e"}},
		{"unique, MySQL", 1062, "Duplicate entry 'secret' for key 'users.uq_e'", orm.ErrorDetails{Table: "users", Constraint: "uq_e"}},
		{"unique, a value like the rest", 1062, "Duplicate entry 'a' for key 'b' for key 'users.uq_e'", orm.ErrorDetails{Table: "users", Constraint: "uq_e"}},
		{"unique, a value of two lines", 1586, "Duplicate entry 'a\nb' for key 'uq_e'", orm.ErrorDetails{Constraint: "uq_e"}},
		{"unique, another language", 1062, "Doppelter Eintrag 'secret' für Schlüssel 'uq_e'", orm.ErrorDetails{}},
		{
			"foreign key", 1452,
			"Cannot add or update a child row: a foreign key constraint fails (`shop`.`posts`, CONSTRAINT `fk` FOREIGN KEY (`a`, `b`) REFERENCES `users` (`x`, `y`) ON DELETE CASCADE)",
			orm.ErrorDetails{Schema: "shop", Table: "posts", Constraint: "fk", Columns: []string{"a", "b"}},
		},
		{"foreign key without permission to know", 1451, "Cannot delete or update a parent row: a foreign key constraint fails", orm.ErrorDetails{}},
		{"not null", 1048, "Column 'name' cannot be null", orm.ErrorDetails{Columns: []string{"name"}}},
		{"no default", 1364, "Field 'name' doesn't have a default value", orm.ErrorDetails{Columns: []string{"name"}}},
		{"check, MySQL", 3819, "Check constraint 'ck_age' is violated.", orm.ErrorDetails{Constraint: "ck_age"}},
		{"check, MariaDB", 4025, "CONSTRAINT `ck_age` failed for `shop`.`users`", orm.ErrorDetails{Constraint: "ck_age", Schema: "shop", Table: "users"}},
		{"out of range", 1264, "Out of range value for column 'age' at row 1", orm.ErrorDetails{Columns: []string{"age"}}},
		{"wrong text, MySQL", 1366, `Incorrect string value: '\xF0\x9F' for column 'name' at row 1`, orm.ErrorDetails{Columns: []string{"name"}}},
		{"wrong text, MariaDB", 1366, "Incorrect integer value: 'secret' for column `shop`.`users`.`age` at row 12", orm.ErrorDetails{Schema: "shop", Table: "users", Columns: []string{"age"}}},
		{"a value like the rest", 1292, "Incorrect datetime value: 'x' for column 'y' at row 1' for column 'at' at row 1", orm.ErrorDetails{Columns: []string{"at"}}},
		{"a value without a column", 1292, "Truncated incorrect DOUBLE value: 'secret'", orm.ErrorDetails{}},
		{"other errors", 1064, "near 'secret' for key 'x'", orm.ErrorDetails{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, namesIn(test.number, test.message)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestSavepointThatIsGoneEndsTheTransaction(t *testing.T) {
	db, _ := open(t)
	for text, want := range map[string]orm.ErrorKind{"RELEASE SAVEPOINT nosuch": orm.ErrTxLost, "SELECT nosuch(1)": orm.ErrSyntax} {
		_, err := db.ExecContext(t.Context(), text)
		if got, _ := (dialect{}).Classify(err); got.Kind != want || got.Code != "1305" {
			t.Errorf("%s: %v is %v, want %v", text, err, got.Kind, want)
		}
	}
}

func TestStaleStatements(t *testing.T) {
	for err, want := range map[error]bool{
		&mysql.MySQLError{Number: 1615}: true, &mysql.MySQLError{Number: 1243}: true, &mysql.MySQLError{Number: 1064}: false, io.EOF: false,
		&mysql.MySQLError{Number: 1105, Message: "Parameter of prepared statement which is set through mysql_send_long_data() is longer"}: true,
		&mysql.MySQLError{Number: 1105, Message: "Unknown error"}:                                                                         false,
	} {
		if got := (dialect{}).IsStaleStatement(err); got != want {
			t.Errorf("%v: %v, want %v", err, got, want)
		}
	}
}

func TestErrorsOfTheServer(t *testing.T) {
	db, _ := open(t)
	schema, _ := value(t, db, "SELECT database()").(string)
	for _, text := range []string{
		"CREATE TABLE users (id BIGINT PRIMARY KEY, mail VARCHAR(9) NOT NULL, age TINYINT, CONSTRAINT ck_age CHECK (age > 0), CONSTRAINT uq_two UNIQUE (age, mail))",
		"CREATE TABLE posts (id BIGINT PRIMARY KEY, user_id BIGINT NOT NULL, CONSTRAINT fk_user FOREIGN KEY (user_id) REFERENCES users (id))",
		"INSERT INTO users VALUES (1, 'secret', 1)", "INSERT INTO posts VALUES (1, 1)",
	} {
		exec(t, db, text)
	}
	foreign := orm.ErrorDetails{Kind: orm.ErrForeignKeyViolation, Schema: schema, Table: "posts", Constraint: "fk_user", Columns: []string{"user_id"}}
	tests := []struct {
		text string
		want orm.ErrorDetails
	}{
		{"INSERT INTO posts VALUES (2, 7)", withCode(foreign, "1452")},
		{"DELETE FROM users", withCode(foreign, "1451")},
		{"INSERT INTO users VALUES (2, NULL, 1)", orm.ErrorDetails{Kind: orm.ErrNotNullViolation, Code: "1048", Columns: []string{"mail"}}},
		{"INSERT INTO posts (id) VALUES (2)", orm.ErrorDetails{Kind: orm.ErrNotNullViolation, Code: "1364", Columns: []string{"user_id"}}},
		{"INSERT INTO users VALUES (2, 'a', 300)", orm.ErrorDetails{Kind: orm.ErrValue, Code: "1264", Columns: []string{"age"}}},
		{"INSERT INTO users VALUES (2, 'much too long', 1)", orm.ErrorDetails{Kind: orm.ErrValue, Code: "1406", Columns: []string{"mail"}}},
		{"SELEC 1", orm.ErrorDetails{Kind: orm.ErrSyntax, Code: "1064"}},
		{"SELECT * FROM nosuch", orm.ErrorDetails{Kind: orm.ErrSyntax, Code: "1146"}},
		{"SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no'", orm.ErrorDetails{Kind: orm.ErrRaised, Code: "1644"}},
		{"KILL QUERY connection_id()", orm.ErrorDetails{Kind: orm.ErrCanceled, Code: "1317"}},
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
	// The two servers say different things of the rest.
	for text, want := range map[string]orm.ErrorDetails{
		"INSERT INTO users VALUES (2, 'secret', 1)": {Kind: orm.ErrUniqueViolation, Constraint: "uq_two"},
		"INSERT INTO users VALUES (1, 'x', 2)":      {Kind: orm.ErrUniqueViolation, Constraint: "PRIMARY"},
		"INSERT INTO users VALUES (2, 'x', -1)":     {Kind: orm.ErrCheckViolation, Constraint: "ck_age"},
	} {
		_, err := db.ExecContext(t.Context(), text)
		got, _ := dialect{}.Classify(err)
		if got.Kind != want.Kind || got.Constraint != want.Constraint || strings.Contains(fmt.Sprint(got), "secret") {
			t.Errorf("%s: %+v", text, got)
		}
	}
}

func withCode(d orm.ErrorDetails, code string) orm.ErrorDetails {
	d.Code = code
	return d
}

func TestDeadlockIsClassified(t *testing.T) {
	db, _ := open(t)
	exec(t, db, "CREATE TABLE t (id INT PRIMARY KEY, n INT) ENGINE=InnoDB")
	exec(t, db, "INSERT INTO t VALUES (1, 0), (2, 0)")
	first, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	second, err := db.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	lock := "UPDATE t SET n = n + 1 WHERE id = "
	if _, err := first.ExecContext(t.Context(), lock+"1"); err != nil {
		t.Fatal(err)
	}
	if _, err := second.ExecContext(t.Context(), lock+"2"); err != nil {
		t.Fatal(err)
	}
	waiting := make(chan error, 1)
	go func() {
		_, err := first.ExecContext(t.Context(), lock+"2")
		waiting <- errors.Join(err, first.Rollback())
	}()
	_, err = second.ExecContext(t.Context(), lock+"1")
	err = errors.Join(err, second.Rollback(), <-waiting)
	if got, _ := (dialect{}).Classify(err); got.Kind != orm.ErrDeadlock {
		t.Errorf("%v is %v, want %v", err, got.Kind, orm.ErrDeadlock)
	}
}
