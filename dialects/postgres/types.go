// This file spells the types, in both directions, and keeps back the values
// that PostgreSQL's types cannot hold.

package postgres

import (
	"database/sql/driver"
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

// plainNames are the types that are spelt in one way, whatever their size.
var plainNames = map[types.Kind]string{
	types.KindBoolean: "BOOLEAN", types.KindFloat: "REAL", types.KindDouble: "DOUBLE PRECISION",
	types.KindText: "TEXT", types.KindBytes: "BYTEA", types.KindDate: "DATE", types.KindTime: "TIME",
	types.KindUUID: "UUID", types.KindJSON: "JSONB",
	types.KindInterval: "BIGINT", // microseconds, as on every database
}

// TypeName returns the type as it stands in CREATE TABLE and in CAST.
func (dialect) TypeName(t types.Type) (string, error) {
	if name, ok := plainNames[t.Kind()]; ok {
		return name, nil
	}
	switch t.Kind() {
	case types.KindSmallInteger, types.KindInteger, types.KindBigInteger:
		return integerName(t), nil
	case types.KindNumeric:
		return numericName(t), nil
	case types.KindString:
		return sized("VARCHAR", t.Length()), nil
	case types.KindEnum:
		return enumName(t), nil
	case types.KindDateTime:
		if t.WithoutZone() {
			return "TIMESTAMP", nil
		}
		return "TIMESTAMP WITH TIME ZONE", nil
	case types.KindArray:
		element, err := dialect{}.TypeName(t.Elem().On("postgres"))
		return element + "[]", err
	case types.KindExact:
		return orm.ExactName("postgres", t)
	}
	return "", &orm.CompileError{Dialect: "postgres", Feature: fmt.Sprintf("the type %q", t.String()), Advice: "give the column a type"}
}

// integerName makes room for the upper half of unsigned numbers in the next
// larger type. Above BIGINT there is none that keys of both tables could share,
// so that half is refused by BindValue.
func integerName(t types.Type) string {
	kind := t.Kind()
	if t.Unsigned() && kind != types.KindBigInteger {
		kind++
	}
	switch kind {
	case types.KindSmallInteger:
		return "SMALLINT"
	case types.KindInteger:
		return "INTEGER"
	}
	return "BIGINT"
}

// enumName is the enum's own type, if it has a name.
func enumName(t types.Type) string {
	if t.Name() == "" {
		return sized("VARCHAR", longest(t.Labels()))
	}
	if plainName.MatchString(t.Name()) && !(dialect{}).Reserved(t.Name()) {
		return t.Name()
	}
	return dialect{}.QuoteIdent(t.Name())
}

var plainName = regexp.MustCompile(`^[a-z_][a-z0-9_]*$`)

func numericName(t types.Type) string {
	switch {
	case t.Precision() == 0:
		return "NUMERIC"
	case t.Scale() == 0:
		return sized("NUMERIC", t.Precision())
	}
	return fmt.Sprintf("NUMERIC(%d, %d)", t.Precision(), t.Scale())
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

// BindValue refuses whole numbers above BIGINT, which arrive as digits: the
// server would fail the transaction over them.
func (dialect) BindValue(t types.Type, v driver.Value) (driver.Value, error) {
	if _, digits := v.(string); digits && isInteger(t.Kind()) {
		return nil, &types.ValueError{
			Go: reflect.TypeFor[uint64](), SQL: t,
			Reason: "PostgreSQL holds whole numbers up to 9223372036854775807 (give the column the type numeric(20))",
		}
	}
	return v, nil
}

func isInteger(k types.Kind) bool {
	return k == types.KindSmallInteger || k == types.KindInteger || k == types.KindBigInteger
}

// typesByName are the types of this library by the names that format_type
// gives, without their sizes.
var typesByName = map[string]types.Type{
	"boolean": types.Boolean(), "smallint": types.SmallInteger(), "integer": types.Integer(), "bigint": types.BigInteger(),
	"real": types.Float(), "double precision": types.Double(), "text": types.Text(), "bytea": types.LargeBinary(),
	"date": types.Date(), "time without time zone": types.Time(), "timestamp with time zone": types.DateTime(),
	"timestamp without time zone": types.Timestamp(), "uuid": types.UUID(), "json": types.JSONType(), "jsonb": types.JSONType(),
}

var sizedName = regexp.MustCompile(`^([a-z ]+?)\((\d+)(?:,(\d+))?\)( with(?:out)? time zone)?$`)

// typeOf returns the type that a name of format_type stands for; the zero Type
// if this library has none for it.
func typeOf(name string) types.Type {
	if element, ok := strings.CutSuffix(name, "[]"); ok {
		if t := typeOf(element); !t.IsZero() {
			return types.Array(t)
		}
		return types.Type{}
	}
	base, size, scale := name, 0, 0
	if m := sizedName.FindStringSubmatch(name); m != nil {
		base = m[1] + m[4]
		size, _ = strconv.Atoi(m[2])
		scale, _ = strconv.Atoi(m[3])
	}
	switch base {
	case "character varying":
		if size == 0 {
			return types.Text()
		}
		return types.String(size)
	case "numeric":
		return types.Numeric(size, scale)
	}
	return typesByName[base]
}
