// This file reads the server's errors: the kind from the number, the names from
// the message. Messages hold values as well, so that nothing is taken from them
// but what stands in the place of a name.

package mysql

import (
	"errors"
	"regexp"
	"strconv"
	"strings"

	"github.com/go-sql-driver/mysql"

	"github.com/aurum-go/orm"
)

// kinds are the server's error numbers. Those above 1900 differ between MySQL
// (3xxx) and MariaDB (1901 to 1999, 4xxx).
var kinds = map[uint16]orm.ErrorKind{
	1062: orm.ErrUniqueViolation, 1586: orm.ErrUniqueViolation, 1022: orm.ErrUniqueViolation,
	1451: orm.ErrForeignKeyViolation, 1452: orm.ErrForeignKeyViolation, 1216: orm.ErrForeignKeyViolation, 1217: orm.ErrForeignKeyViolation,
	1048: orm.ErrNotNullViolation, 1364: orm.ErrNotNullViolation,
	3819: orm.ErrCheckViolation, 4025: orm.ErrCheckViolation,
	1644: orm.ErrRaised,

	1264: orm.ErrValue, 1265: orm.ErrValue, 1292: orm.ErrValue, 1365: orm.ErrValue, 1366: orm.ErrValue, 1367: orm.ErrValue,
	1406: orm.ErrValue, 1411: orm.ErrValue, 1441: orm.ErrValue, 1690: orm.ErrValue, 3140: orm.ErrValue, 3156: orm.ErrValue,

	1213: orm.ErrDeadlock, 1614: orm.ErrDeadlock,
	1020: orm.ErrSerialization,
	1205: orm.ErrLockTimeout, 3572: orm.ErrLockTimeout,
	1317: orm.ErrCanceled, 3024: orm.ErrCanceled, 1969: orm.ErrCanceled,

	1053: orm.ErrConnection, 1152: orm.ErrConnection, 1158: orm.ErrConnection, 1159: orm.ErrConnection, 1160: orm.ErrConnection,
	1161: orm.ErrConnection, 1184: orm.ErrConnection, 1927: orm.ErrConnection, 2006: orm.ErrConnection, 2013: orm.ErrConnection,
	3169: orm.ErrConnection, 4031: orm.ErrConnection,

	1021: orm.ErrResource, 1037: orm.ErrResource, 1038: orm.ErrResource, 1040: orm.ErrResource, 1041: orm.ErrResource,
	1114: orm.ErrResource, 1135: orm.ErrResource, 1203: orm.ErrResource, 1206: orm.ErrResource, 1226: orm.ErrResource,

	1290: orm.ErrReadOnly, 1792: orm.ErrReadOnly, 1836: orm.ErrReadOnly,

	1046: orm.ErrSyntax, 1049: orm.ErrSyntax, 1051: orm.ErrSyntax, 1052: orm.ErrSyntax, 1054: orm.ErrSyntax, 1055: orm.ErrSyntax,
	1064: orm.ErrSyntax, 1066: orm.ErrSyntax, 1091: orm.ErrSyntax, 1109: orm.ErrSyntax, 1110: orm.ErrSyntax, 1111: orm.ErrSyntax,
	1136: orm.ErrSyntax, 1273: orm.ErrSyntax, 1146: orm.ErrSyntax, 1149: orm.ErrSyntax, 1166: orm.ErrSyntax, 1176: orm.ErrSyntax, 1305: orm.ErrSyntax,
	1050: orm.ErrSyntax, 1060: orm.ErrSyntax, 1061: orm.ErrSyntax, 1582: orm.ErrSyntax, 1630: orm.ErrSyntax,

	1153: orm.ErrValue, 1162: orm.ErrValue, 1301: orm.ErrValue,

	1390: orm.ErrTooManyParams,
	1436: orm.ErrTooDeep,

	1030: orm.ErrCorrupt, 1033: orm.ErrCorrupt, 1034: orm.ErrCorrupt, 1035: orm.ErrCorrupt, 1194: orm.ErrCorrupt, 1712: orm.ErrCorrupt,
}

// packetAdvice is for a statement or value that is larger than the server takes.
const packetAdvice = "the server's max_allowed_packet is the most that it takes at once"

// Classify reads an error of the server, or the driver's word for a lost
// connection.
func (dialect) Classify(err error) (orm.ErrorDetails, bool) {
	if errors.Is(err, mysql.ErrInvalidConn) {
		return orm.ErrorDetails{Kind: orm.ErrConnection}, true
	}
	if errors.Is(err, mysql.ErrPktTooLarge) {
		return orm.ErrorDetails{Kind: orm.ErrValue, Advice: packetAdvice}, true
	}
	var e *mysql.MySQLError
	if !errors.As(err, &e) {
		return orm.ErrorDetails{}, false
	}
	details := namesIn(e.Number, e.Message)
	if strings.Contains(e.Message, "max_allowed_packet") {
		details.Advice = packetAdvice
	}
	details.Kind, details.Code = kindOf(e), strconv.Itoa(int(e.Number))
	return details, true
}

// IsStaleStatement recognises that the table of a prepared statement has changed
// under it, that the server has forgotten the statement, or that the statement
// still has a part of a value in it that was too large.
func (dialect) IsStaleStatement(err error) bool {
	var e *mysql.MySQLError
	return errors.As(err, &e) && (e.Number == 1615 || e.Number == 1243 || tooLargeInPieces(e))
}

// tooLargeInPieces recognises a value that was sent in pieces, whose error has no
// number of its own.
func tooLargeInPieces(e *mysql.MySQLError) bool {
	return e.Number == 1105 && strings.Contains(e.Message, "mysql_send_long_data()")
}

func kindOf(e *mysql.MySQLError) orm.ErrorKind {
	// The number says that something does not exist. When that is a savepoint,
	// its transaction does not either.
	if e.Number == 1305 && strings.HasPrefix(e.Message, "SAVEPOINT ") {
		return orm.ErrTxLost
	}
	if tooLargeInPieces(e) {
		return orm.ErrValue
	}
	if kind, ok := kinds[e.Number]; ok {
		return kind
	}
	return orm.ErrDatabase
}

// The places of names. A value can look like any text, so the place of a key or
// column after a value is the last one of its kind, at the end of the message.
var (
	keyName    = regexp.MustCompile(`(?s)^.* for key '([^']+)'$`)
	columnName = regexp.MustCompile(`(?s)^.* for column (?:'([^']+)'|\x60(.+)\x60\.\x60(.+)\x60\.\x60(.+)\x60) at row \d+$`)
	nullColumn = regexp.MustCompile(`^(?:Column|Field) '([^']+)' `)
	checkName  = regexp.MustCompile(`^Check constraint '([^']+)' is violated|^CONSTRAINT \x60(.+)\x60 failed for \x60(.+)\x60\.\x60(.+)\x60$`)
	foreignKey = regexp.MustCompile(`\(\x60(.+?)\x60\.\x60(.+?)\x60, CONSTRAINT \x60(.+?)\x60 FOREIGN KEY \(\x60(.+?)\x60\) REFERENCES `)
)

func namesIn(number uint16, message string) (d orm.ErrorDetails) {
	switch number {
	case 1062, 1586:
		if m := keyName.FindStringSubmatch(message); m != nil {
			table, key, qualified := strings.Cut(m[1], ".")
			if !qualified {
				table, key = "", m[1]
			}
			d.Table, d.Constraint = table, key
		}
	case 1451, 1452:
		if m := foreignKey.FindStringSubmatch(message); m != nil {
			d.Schema, d.Table, d.Constraint, d.Columns = m[1], m[2], m[3], strings.Split(m[4], "`, `")
		}
	case 1048, 1364:
		if m := nullColumn.FindStringSubmatch(message); m != nil {
			d.Columns = m[1:2]
		}
	case 3819, 4025:
		if m := checkName.FindStringSubmatch(message); m != nil {
			d.Constraint, d.Schema, d.Table = m[1]+m[2], m[3], m[4]
		}
	case 1264, 1265, 1292, 1366, 1406:
		if m := columnName.FindStringSubmatch(message); m != nil {
			d.Schema, d.Table, d.Columns = m[2], m[3], []string{m[1] + m[4]}
		}
	}
	return d
}
