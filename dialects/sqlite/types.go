// This file spells the types, in both directions, and turns values into what
// SQLite can hold: whole numbers, floats, text and bytes.

package sqlite

import (
	"database/sql/driver"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

// plainNames are the types that are spelt in one way. SQLite derives from the
// name how it stores a column: TEXT or CHAR in it leaves text alone, where the
// usual names would have a document or a decimal that looks like a number
// turned into a float. The driver would read DATE, DATETIME and TIMESTAMP as
// times itself, at a third of the speed.
var plainNames = map[types.Kind]string{
	types.KindBoolean: "BOOLEAN", types.KindFloat: "FLOAT", types.KindDouble: "DOUBLE",
	types.KindSmallInteger: "INTEGER", types.KindInteger: "INTEGER", types.KindBigInteger: "INTEGER",
	types.KindInterval: "INTEGER", // microseconds, as on every database
	types.KindText:     "TEXT",
	types.KindDate:     "DATE_TEXT", types.KindTime: "TIME_TEXT", types.KindDateTime: "DATETIME_TEXT",
	types.KindUUID: "UUID_TEXT", types.KindJSON: "JSON_TEXT",
}

// TypeName returns the type as it stands in CREATE TABLE.
func (dialect) TypeName(t types.Type) (string, error) {
	if name, ok := plainNames[t.Kind()]; ok {
		return name, nil
	}
	switch t.Kind() {
	case types.KindNumeric:
		return decimalName(t) + " COLLATE decimal", nil
	case types.KindString:
		return sized("VARCHAR", t.Length()), nil
	case types.KindEnum:
		return sized("VARCHAR", longest(t.Labels())), nil
	case types.KindBytes:
		return sized("BLOB", t.Length()), nil
	case types.KindArray:
		return "", &orm.CompileError{Dialect: "sqlite", Feature: "an array", Advice: "keep the list as a document, with type:json"}
	case types.KindExact:
		return orm.ExactName("sqlite", t)
	}
	return "", &orm.CompileError{Dialect: "sqlite", Feature: fmt.Sprintf("the type %q", t.String()), Advice: "give the column a type"}
}

func decimalName(t types.Type) string {
	if t.Precision() == 0 {
		return "DECIMAL_TEXT"
	}
	return fmt.Sprintf("DECIMAL_TEXT(%d, %d)", t.Precision(), t.Scale())
}

func sized(name string, size int) string {
	if size == 0 {
		return name
	}
	return name + "(" + strconv.Itoa(size) + ")"
}

// longest is the number of characters of the longest label.
func longest(labels []string) int {
	most := 0
	for _, label := range labels {
		most = max(most, len([]rune(label)))
	}
	return most
}

// CastTypeName returns the one of SQLite's own types that the type comes down
// to. A cast to a decimal makes a number of it, to calculate with.
func (d dialect) CastTypeName(t types.Type) (string, error) {
	switch t.Kind() {
	case types.KindNumeric:
		return "NUMERIC", nil
	case types.KindFloat, types.KindDouble:
		return "REAL", nil
	case types.KindBoolean, types.KindSmallInteger, types.KindInteger, types.KindBigInteger, types.KindInterval:
		return "INTEGER", nil
	case types.KindBytes:
		return "BLOB", nil
	case types.KindArray, types.KindExact, types.KindUnknown:
		return d.TypeName(t)
	}
	return "TEXT", nil
}

// BindValue writes times as text that sorts as they do, and refuses what SQLite
// would store as something else: NaN as NULL, large whole numbers as floats.
func (dialect) BindValue(t types.Type, v driver.Value) (driver.Value, error) {
	switch v := v.(type) {
	case time.Time:
		return formatTime(t.Kind(), v), nil
	case bool:
		if v {
			return int64(1), nil
		}
		return int64(0), nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, &types.ValueError{Go: reflect.TypeFor[float64](), SQL: t, Reason: "SQLite holds neither NaN nor infinity"}
		}
	case string:
		if isInteger(t.Kind()) {
			return nil, &types.ValueError{
				Go: reflect.TypeFor[uint64](), SQL: t,
				Reason: "SQLite holds whole numbers up to 9223372036854775807 (give the column the type numeric(20))",
			}
		}
	}
	return v, nil
}

func isInteger(k types.Kind) bool {
	return k == types.KindSmallInteger || k == types.KindInteger || k == types.KindBigInteger
}

// formatTime writes a time, or of a date the day alone.
func formatTime(kind types.Kind, v time.Time) string {
	text := types.FormatTime(v)
	if kind == types.KindDate {
		text, _, _ = strings.Cut(text, " ")
	}
	return text
}

// typesByName are the types of this library by the names that tables are
// declared with, here and elsewhere.
var typesByName = map[string]types.Type{
	"BOOLEAN": types.Boolean(), "BOOL": types.Boolean(),
	"INTEGER": types.BigInteger(), "INT": types.BigInteger(), "BIGINT": types.BigInteger(),
	"SMALLINT": types.SmallInteger(), "TINYINT": types.SmallInteger(), "MEDIUMINT": types.Integer(),
	"REAL": types.Double(), "DOUBLE": types.Double(), "DOUBLE PRECISION": types.Double(), "FLOAT": types.Float(),
	"TEXT": types.Text(), "CLOB": types.Text(),
	"DATE": types.Date(), "DATE_TEXT": types.Date(), "TIME": types.Time(), "TIME_TEXT": types.Time(),
	"DATETIME": types.DateTime(), "DATETIME_TEXT": types.DateTime(), "TIMESTAMP": types.DateTime(),
	"UUID": types.UUID(), "UUID_TEXT": types.UUID(), "JSON": types.JSONType(), "JSON_TEXT": types.JSONType(),
}

var sizedName = regexp.MustCompile(`^([A-Z_ ]+?) ?\( ?(\d+) ?(?:, ?(\d+) ?)?\)$`)

// typeOf returns the type that a declared name stands for; the zero Type if
// this library has none for it.
func typeOf(name string) types.Type {
	base, size, scale := strings.ToUpper(name), 0, 0
	if m := sizedName.FindStringSubmatch(base); m != nil {
		base = m[1]
		size, _ = strconv.Atoi(m[2])
		scale, _ = strconv.Atoi(m[3])
	}
	switch base {
	case "VARCHAR", "CHAR", "CHARACTER", "NVARCHAR", "CHARACTER VARYING":
		if size == 0 {
			return types.Text()
		}
		return types.String(size)
	case "DECIMAL_TEXT", "DECIMAL", "NUMERIC":
		return types.Numeric(size, scale)
	case "BLOB":
		return types.LargeBinary(size)
	}
	return typesByName[base]
}
