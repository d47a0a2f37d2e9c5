// This file spells the types, in both directions, and turns values into what
// the server takes as they are meant.

package mysql

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

// The longest text and the most bytes for which the server takes a column of a
// bounded type: a row has 65,535 bytes, and a character up to four.
const (
	longestVarchar   = 16383
	longestVarbinary = 65532
)

// plainNames are the types that are spelt in one way, whatever their size. TEXT
// and BLOB would end at 64 kB. FLOAT would be read back with six digits.
var plainNames = map[types.Kind]string{
	types.KindBoolean: "TINYINT(1)", types.KindFloat: "DOUBLE", types.KindDouble: "DOUBLE", types.KindText: "LONGTEXT",
	types.KindDate: "DATE", types.KindTime: "TIME(6)", types.KindDateTime: "DATETIME(6)", types.KindUUID: "CHAR(36)", types.KindJSON: "JSON",
	types.KindInterval: "BIGINT", // microseconds, as on every database
}

var integerNames = map[types.Kind]string{
	types.KindSmallInteger: "SMALLINT", types.KindInteger: "INTEGER", types.KindBigInteger: "BIGINT",
}

// TypeName returns the type as it stands in CREATE TABLE.
func (d dialect) TypeName(t types.Type) (string, error) {
	if name, ok := plainNames[t.Kind()]; ok {
		return name, nil
	}
	switch t.Kind() {
	case types.KindSmallInteger, types.KindInteger, types.KindBigInteger:
		if t.Unsigned() {
			return integerNames[t.Kind()] + " UNSIGNED", nil
		}
		return integerNames[t.Kind()], nil
	case types.KindNumeric:
		return decimalName(t)
	case types.KindString:
		return sized("VARCHAR", t.Length(), longestVarchar, "LONGTEXT"), nil
	case types.KindBytes:
		return sized("VARBINARY", t.Length(), longestVarbinary, "LONGBLOB"), nil
	case types.KindEnum:
		return d.enumName(t.Labels()), nil
	case types.KindArray:
		return "", &orm.CompileError{Dialect: "mysql", Feature: "an array", Advice: "keep the list as a document, with type:json"}
	case types.KindExact:
		return orm.ExactName("mysql", t)
	}
	return "", &orm.CompileError{Dialect: "mysql", Feature: fmt.Sprintf("the type %q", t.String()), Advice: "give the column a type"}
}

// decimalName refuses a decimal without a size, which would have ten digits and
// no fraction here.
func decimalName(t types.Type) (string, error) {
	if t.Precision() == 0 {
		return "", &orm.CompileError{Dialect: "mysql", Feature: "a decimal of any size", Advice: "say how many digits it has: type:numeric(30,10)"}
	}
	return fmt.Sprintf("DECIMAL(%d, %d)", t.Precision(), t.Scale()), nil
}

func sized(name string, size, most int, unbounded string) string {
	if size == 0 || size > most {
		return unbounded
	}
	return name + "(" + strconv.Itoa(size) + ")"
}

func (d dialect) enumName(labels []string) string {
	quoted := make([]string, len(labels))
	for i, label := range labels {
		quoted[i] = d.QuoteLiteral(label)
	}
	return "ENUM(" + strings.Join(quoted, ", ") + ")"
}

// CastTypeName returns the one of the few types that CAST takes.
func (d dialect) CastTypeName(t types.Type) (string, error) {
	switch t.Kind() {
	case types.KindBoolean, types.KindSmallInteger, types.KindInteger, types.KindBigInteger, types.KindInterval:
		if t.Unsigned() {
			return "UNSIGNED", nil
		}
		return "SIGNED", nil
	case types.KindString, types.KindText, types.KindEnum, types.KindUUID:
		if t.Kind() == types.KindString && t.Length() > 0 {
			return "CHAR(" + strconv.Itoa(t.Length()) + ")", nil
		}
		return "CHAR", nil
	case types.KindJSON:
		if d.mariaDB {
			return "CHAR", nil
		}
		return "JSON", nil
	case types.KindBytes:
		return "BINARY", nil
	}
	return d.TypeName(t)
}

// BindValue writes times as text, for the driver knows only one kind of them
// and takes the year 1 for no time at all. It refuses NaN and the infinities.
func (dialect) BindValue(t types.Type, v driver.Value) (driver.Value, error) {
	switch v := v.(type) {
	case time.Time:
		return formatTime(t.Kind(), v), nil
	case float64:
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return nil, &types.ValueError{Go: reflect.TypeFor[float64](), SQL: t, Reason: "MySQL holds neither NaN nor infinity"}
		}
	}
	return v, nil
}

// formatTime writes a time, or of a date the day alone.
func formatTime(kind types.Kind, v time.Time) string {
	text := types.FormatTime(v)
	if kind == types.KindDate {
		text, _, _ = strings.Cut(text, " ")
	}
	return text
}

// typesByName are the types of this library by the names of the catalogue,
// without their sizes.
var typesByName = map[string]types.Type{
	"tinyint": types.SmallInteger(), "smallint": types.SmallInteger(), "mediumint": types.Integer(), "int": types.Integer(),
	"bigint": types.BigInteger(), "float": types.Float(), "double": types.Double(),
	"tinytext": types.Text(), "text": types.Text(), "mediumtext": types.Text(), "longtext": types.Text(),
	"tinyblob": types.LargeBinary(), "blob": types.LargeBinary(), "mediumblob": types.LargeBinary(), "longblob": types.LargeBinary(),
	"date": types.Date(), "time": types.Time(), "datetime": types.DateTime(), "timestamp": types.DateTime(), "json": types.JSONType(),
	"year": types.Year(),
}

var sizedName = regexp.MustCompile(`^([a-z]+)\((\d+)(?:,(\d+))?\)`)

// typeOf returns the type that a COLUMN_TYPE stands for; the zero Type if this
// library has none for it.
func typeOf(name string) types.Type {
	if labels, ok := strings.CutPrefix(name, "enum("); ok {
		return types.Enum(labelsOf(strings.TrimSuffix(labels, ")"))...)
	}
	if labels, ok := strings.CutPrefix(name, "set("); ok {
		return types.Set(labelsOf(strings.TrimSuffix(labels, ")"))...)
	}
	base, unsigned := strings.CutSuffix(name, " unsigned")
	size, scale := 0, 0
	if m := sizedName.FindStringSubmatch(base); m != nil {
		base = m[1]
		size, _ = strconv.Atoi(m[2])
		scale, _ = strconv.Atoi(m[3])
	}
	switch {
	case base == "tinyint" && size == 1:
		return types.Boolean()
	case base == "varchar" || base == "char":
		return types.String(size)
	case base == "varbinary" || base == "binary":
		return types.LargeBinary(size)
	case base == "decimal":
		return types.Numeric(size, scale)
	}
	t := typesByName[base]
	if _, integer := integerNames[t.Kind()]; unsigned && integer {
		return t.AsUnsigned()
	}
	return t
}

// labelsOf reads 'a','it”s','back\\slash'.
func labelsOf(list string) []string {
	var labels []string
	var label strings.Builder
	inside := false
	for i := 0; i < len(list); i++ {
		switch b := list[i]; {
		case !inside:
			inside = b == '\''
		case b == '\\' && i+1 < len(list):
			i++
			label.WriteByte(unescaped(list[i]))
		case b != '\'':
			label.WriteByte(b)
		case i+1 < len(list) && list[i+1] == '\'':
			i++
			label.WriteByte(b)
		default:
			labels = append(labels, label.String())
			label.Reset()
			inside = false
		}
	}
	return labels
}

// unescaped is the character for which the letter behind a backslash stands.
func unescaped(b byte) byte {
	switch b {
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case '0':
		return 0
	}
	return b
}
