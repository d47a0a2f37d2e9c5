// This file reads PostgreSQL's errors: the kind from the SQLSTATE, the names
// from the fields that the driver's error has. Values, which the server puts
// into the detail, stay there.

package postgres

import (
	"errors"
	"reflect"
	"strings"

	"github.com/aurum-go/orm"
)

// kinds are the conditions that stand out of their class.
var kinds = map[string]orm.ErrorKind{
	"23505": orm.ErrUniqueViolation,
	"23503": orm.ErrForeignKeyViolation, "23001": orm.ErrForeignKeyViolation,
	"23502": orm.ErrNotNullViolation,
	"23514": orm.ErrCheckViolation, "44000": orm.ErrCheckViolation,
	"23P01": orm.ErrExclusionViolation,
	"P0001": orm.ErrRaised, "P0004": orm.ErrRaised,
	"40P01": orm.ErrDeadlock,
	"40001": orm.ErrSerialization, "72000": orm.ErrSerialization,
	"40000": orm.ErrTxLost, "40002": orm.ErrTxLost,
	"40003": orm.ErrOutcomeUnknown, "08007": orm.ErrOutcomeUnknown,
	"55P03": orm.ErrLockTimeout,
	"57014": orm.ErrCanceled,
	"57P01": orm.ErrConnection, "57P02": orm.ErrConnection, "57P03": orm.ErrConnection, "57P04": orm.ErrConnection,
	"57P05": orm.ErrConnection, "25P03": orm.ErrConnection, "25P04": orm.ErrConnection,
	"25P02": orm.ErrTxFailed, "3B001": orm.ErrTxFailed,
	"25006": orm.ErrReadOnly,
	"3D000": orm.ErrSyntax, "3F000": orm.ErrSyntax,
	"42501": orm.ErrDatabase, // permissions have nothing to do with the text
	"54001": orm.ErrTooDeep,
	"58030": orm.ErrCorrupt, "58P01": orm.ErrCorrupt, "XX001": orm.ErrCorrupt, "XX002": orm.ErrCorrupt,
}

// classes are the kinds by the first two characters.
var classes = map[string]orm.ErrorKind{
	"08": orm.ErrConnection,
	"22": orm.ErrValue,
	"42": orm.ErrSyntax,
	"53": orm.ErrResource, "54": orm.ErrResource,
}

// stateError is an error of the server, from any driver that tells the SQLSTATE.
type stateError interface {
	error
	SQLState() string
}

// Classify reads an error of the server.
func (dialect) Classify(err error) (orm.ErrorDetails, bool) {
	var state stateError
	if !errors.As(err, &state) {
		return orm.ErrorDetails{}, false
	}
	code := state.SQLState()
	fields := serverFields{reflect.Indirect(reflect.ValueOf(state))}
	kind := kindOf(code)
	if isStalePlan(state) {
		kind = orm.ErrSerialization // the schema has changed meanwhile: the unit can be repeated
	}
	return orm.ErrorDetails{
		Kind: kind, Code: code,
		Schema: fields.text("Schema", "SchemaName"), Table: fields.text("Table", "TableName"),
		Constraint: fields.text("Constraint", "ConstraintName"),
		Columns:    columnsOf(fields.text("Column", "ColumnName"), fields.text("Detail")),
		Advice:     poolerAdvice(code),
	}, true
}

// poolerAdvice names what a client that keeps prepared statements meets behind a
// pooler that hands each transaction to another connection.
func poolerAdvice(code string) string {
	switch code {
	case "26000", "42P05", "08P01":
		return "is a connection pooler in between? then open with orm.PoolerMode()"
	}
	return ""
}

// IsStaleStatement recognises that the columns of a prepared statement have
// changed under it, or that the server has forgotten the statement.
func (dialect) IsStaleStatement(err error) bool {
	var state stateError
	if !errors.As(err, &state) {
		return false
	}
	return state.SQLState() == "26000" || isStalePlan(state)
}

// isStalePlan recognises "cached plan must not change result type", in whatever
// language the server speaks if the driver tells which of its functions says it.
func isStalePlan(err stateError) bool {
	if err.SQLState() != "0A000" {
		return false
	}
	routine := serverFields{reflect.Indirect(reflect.ValueOf(err))}.text("Routine")
	return routine == "RevalidateCachedQuery" || strings.Contains(err.Error(), "cached plan")
}

func kindOf(code string) orm.ErrorKind {
	if kind, ok := kinds[code]; ok {
		return kind
	}
	if len(code) == 5 {
		if kind, ok := classes[code[:2]]; ok {
			return kind
		}
	}
	return orm.ErrDatabase
}

// serverFields is a driver's error. lib/pq and pgx have the same fields, under
// slightly different names; reading them by name spares the import of either.
type serverFields struct{ of reflect.Value }

func (f serverFields) text(names ...string) string {
	if f.of.Kind() != reflect.Struct {
		return ""
	}
	for _, name := range names {
		if field := f.of.FieldByName(name); field.IsValid() && field.Kind() == reflect.String {
			return field.String()
		}
	}
	return ""
}

// columnsOf takes the columns from where the server names them: for NOT NULL a
// field, for keys the detail "Key (a, b)=(1, 2) already exists". Only the names
// are taken, and only if all of them are plain. Where a key "is still
// referenced", they are columns of another table than the error's.
func columnsOf(column, detail string) []string {
	if column != "" {
		return []string{column}
	}
	list, ok := strings.CutPrefix(detail, "Key (")
	if !ok {
		return nil
	}
	list, rest, ok := strings.Cut(list, ")=(")
	if !ok || strings.Contains(rest, ") is still referenced from") {
		return nil
	}
	columns := strings.Split(list, ", ")
	for i, name := range columns {
		if inner, quoted := strings.CutPrefix(name, `"`); quoted && strings.HasSuffix(inner, `"`) {
			columns[i] = strings.ReplaceAll(inner[:len(inner)-1], `""`, `"`)
		} else if strings.ContainsAny(name, `"():'`) {
			return nil
		}
	}
	return columns
}
