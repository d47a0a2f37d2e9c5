// This file reads SQLite's errors: the kind from the extended result code, the
// names from the message, which holds no values.

package sqlite

import (
	"errors"
	"strconv"
	"strings"

	"modernc.org/sqlite"

	"github.com/aurum-go/orm"
)

// kinds are the result codes that do not go by their lower byte.
var kinds = map[int]orm.ErrorKind{
	2067: orm.ErrUniqueViolation, 1555: orm.ErrUniqueViolation, 2579: orm.ErrUniqueViolation,
	787:  orm.ErrForeignKeyViolation,
	1299: orm.ErrNotNullViolation,
	275:  orm.ErrCheckViolation,
	1811: orm.ErrRaised,
	3091: orm.ErrValue, // a strict table and a value of another type
	517:  orm.ErrSerialization,
	516:  orm.ErrTxLost,
	3082: orm.ErrResource, // no memory for input or output
}

// classes are the kinds by the lower byte of the result code.
var classes = map[int]orm.ErrorKind{
	1: orm.ErrSyntax,
	5: orm.ErrLockTimeout, 6: orm.ErrLockTimeout, 15: orm.ErrLockTimeout,
	7: orm.ErrResource, 13: orm.ErrResource,
	8:  orm.ErrReadOnly,
	9:  orm.ErrCanceled,
	10: orm.ErrCorrupt, 11: orm.ErrCorrupt, 26: orm.ErrCorrupt,
	18: orm.ErrValue, 20: orm.ErrValue,
}

// texts tell apart what has the result code 1 in common.
var texts = []struct {
	part string
	kind orm.ErrorKind
}{
	{"too many SQL variables", orm.ErrTooManyParams},
	{"Expression tree is too large", orm.ErrTooDeep},
	{"Recursion limit", orm.ErrTooDeep},
	{"parser stack overflow", orm.ErrTooDeep},
	{"too many terms in compound SELECT", orm.ErrTooDeep},
	{"LIKE or GLOB pattern too complex", orm.ErrValue},
	{"no such savepoint", orm.ErrTxLost},
	{"no transaction is active", orm.ErrTxLost},
}

// Classify reads an error of the driver.
func (dialect) Classify(err error) (orm.ErrorDetails, bool) {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return orm.ErrorDetails{}, false
	}
	return classify(e.Code(), e.Error()), true
}

func classify(code int, message string) orm.ErrorDetails {
	details := orm.ErrorDetails{Kind: kindOf(code, message), Code: strconv.Itoa(code)}
	_, subject, ok := strings.Cut(message, " constraint failed: ")
	if !ok {
		return details
	}
	subject = strings.TrimSuffix(subject, " ("+details.Code+")")
	switch details.Kind {
	case orm.ErrUniqueViolation, orm.ErrNotNullViolation:
		if name, ok := strings.CutPrefix(subject, "index '"); ok {
			details.Constraint = strings.TrimSuffix(name, "'")
		} else {
			details.Table, details.Columns = columnsOf(subject)
		}
	case orm.ErrCheckViolation:
		details.Constraint = subject
	}
	return details
}

func kindOf(code int, message string) orm.ErrorKind {
	if code == 1 {
		for _, t := range texts {
			if strings.Contains(message, t.part) {
				return t.kind
			}
		}
	}
	if kind, ok := kinds[code]; ok {
		return kind
	}
	if kind, ok := classes[code&0xff]; ok {
		return kind
	}
	return orm.ErrDatabase
}

// columnsOf takes "users.email, users.name" apart.
func columnsOf(list string) (table string, columns []string) {
	for item := range strings.SplitSeq(list, ", ") {
		before, column, ok := strings.Cut(item, ".")
		if !ok {
			return "", nil
		}
		table, columns = before, append(columns, column)
	}
	return table, columns
}
