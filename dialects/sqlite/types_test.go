// This file tests how types are spelt and values are stored.

package sqlite

import (
	"database/sql/driver"
	"errors"
	"math"
	"math/big"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

func TestTypeNames(t *testing.T) {
	tests := []struct {
		of           types.Type
		create, cast string
		read         types.Type // what the inspector makes of it; zero if the same
	}{
		{of: types.Boolean(), create: "BOOLEAN", cast: "INTEGER"},
		{of: types.SmallInteger(), create: "INTEGER", cast: "INTEGER", read: types.BigInteger()},
		{of: types.Integer(), create: "INTEGER", cast: "INTEGER", read: types.BigInteger()},
		{of: types.BigInteger(), create: "INTEGER", cast: "INTEGER"},
		{of: types.BigInteger().AsUnsigned(), create: "INTEGER", cast: "INTEGER", read: types.BigInteger()},
		{of: types.Float(), create: "FLOAT", cast: "REAL"},
		{of: types.Double(), create: "DOUBLE", cast: "REAL"},
		{of: types.Numeric(12, 4), create: "DECIMAL_TEXT(12, 4) COLLATE decimal", cast: "NUMERIC"},
		{of: types.Numeric(0, 0), create: "DECIMAL_TEXT COLLATE decimal", cast: "NUMERIC"},
		{of: types.String(50), create: "VARCHAR(50)", cast: "TEXT"},
		{of: types.String(0), create: "VARCHAR", cast: "TEXT", read: types.Text()},
		{of: types.Text(), create: "TEXT", cast: "TEXT"},
		{of: types.LargeBinary(), create: "BLOB", cast: "BLOB"},
		{of: types.LargeBinary(16), create: "BLOB(16)", cast: "BLOB"},
		{of: types.Date(), create: "DATE_TEXT", cast: "TEXT"},
		{of: types.Time(), create: "TIME_TEXT", cast: "TEXT"},
		{of: types.DateTime(), create: "DATETIME_TEXT", cast: "TEXT"},
		{of: types.Timestamp(), create: "DATETIME_TEXT", cast: "TEXT", read: types.DateTime()},
		{of: types.Interval(), create: "INTEGER", cast: "INTEGER", read: types.BigInteger()},
		{of: types.UUID(), create: "UUID_TEXT", cast: "TEXT"},
		{of: types.JSONType(), create: "JSON_TEXT", cast: "TEXT"},
		{of: types.Enum("low", "höher"), create: "VARCHAR(5)", cast: "TEXT", read: types.String(5)},
	}
	for _, test := range tests {
		t.Run(test.create, func(t *testing.T) {
			got, err := dialect{}.TypeName(test.of)
			if err != nil || got != test.create {
				t.Errorf("in CREATE TABLE %q, %v, want %q", got, err, test.create)
			}
			if got, err := (dialect{}).CastTypeName(test.of); err != nil || got != test.cast {
				t.Errorf("in CAST %q, %v, want %q", got, err, test.cast)
			}
			want := test.read
			if want.IsZero() {
				want = test.of
			}
			if got := declaredType(t, test.create); !got.Equal(want) {
				t.Errorf("read back as %v, want %v", got, want)
			}
		})
	}
}

// declaredType returns the type of a column that was declared so.
func declaredType(t *testing.T, declared string) types.Type {
	t.Helper()
	db := open(t, "sqlite://")
	c := conn(t, db)
	exec(t, c, "CREATE TABLE t (x "+declared+")")
	name, _ := value(t, c, "SELECT type FROM pragma_table_info('t')").(string)
	return typeOf(name)
}

func TestTypesOfOtherToolsAreUnderstood(t *testing.T) {
	for name, want := range map[string]types.Type{
		"int": types.BigInteger(), "varchar (255)": types.String(255), "decimal(10,2)": types.Numeric(10, 2),
		"DATETIME": types.DateTime(), "character varying(3)": types.String(3), "": {}, "GEOMETRY": {},
	} {
		if got := typeOf(name); !got.Equal(want) {
			t.Errorf("%q is read as %v, want %v", name, got, want)
		}
	}
}

func TestTypesThatSQLiteLacksAreRefused(t *testing.T) {
	for _, of := range []types.Type{types.Array(types.Text()), {}} {
		if name, err := (dialect{}).TypeName(of); !errors.Is(err, orm.ErrUnsupported) {
			t.Errorf("%v is spelt %q, %v", of, name, err)
		}
	}
	if name, err := (dialect{}).TypeName(types.Exact("ANY")); err != nil || name != "ANY" {
		t.Errorf("a literal type is spelt %q, %v", name, err)
	}
}

func TestBindValue(t *testing.T) {
	instant := time.Date(2026, 3, 29, 2, 30, 0, 123456789, time.FixedZone("", 2*60*60))
	tests := []struct {
		name string
		of   types.Type
		v    driver.Value
		want driver.Value // nil if it is refused
	}{
		{"instant", types.DateTime(), instant, "2026-03-29 00:30:00.123456"},
		{"instant without a column", types.Type{}, instant, "2026-03-29 00:30:00.123456"},
		{"date", types.Date(), time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), "0001-01-01"},
		{"true", types.Boolean(), true, int64(1)},
		{"false", types.Boolean(), false, int64(0)},
		{"text", types.Text(), "a", "a"},
		{"float", types.Double(), 1.5, 1.5},
		{"NaN", types.Double(), math.NaN(), nil},
		{"infinity", types.Float(), math.Inf(-1), nil},
		{"upper half of uint64", types.BigInteger().AsUnsigned(), "9223372036854775808", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := dialect{}.BindValue(test.of, test.v)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("bound (-want +got)\n%s", diff)
			}
			var refused *types.ValueError
			if (test.want == nil) != errors.As(err, &refused) {
				t.Errorf("the error is %v", err)
			}
		})
	}
}

func TestTextKeepsItsForm(t *testing.T) {
	db := open(t, "sqlite://")
	c := conn(t, db)
	values := map[types.Type]string{
		types.Numeric(40, 20): "12345678901234567890.01234567890123456789", types.JSONType(): "1.10",
		types.DateTime(): "2026-01-02 15:04:05.000000", types.Date(): "2026-01-02", types.Time(): "00:00:00.000000",
		types.UUID(): "00000000-0000-0000-0000-000000000001", types.String(20): "007",
	}
	for of, want := range values {
		name, err := dialect{}.TypeName(of)
		if err != nil {
			t.Fatal(err)
		}
		exec(t, c, "CREATE TABLE t (x "+name+")")
		exec(t, c, "INSERT INTO t VALUES (?)", want)
		if got := value(t, c, "SELECT x FROM t"); got != want {
			t.Errorf("%s: %#v was read, want %#v", name, got, want)
		}
		exec(t, c, "DROP TABLE t")
	}
}

func TestDecimalsCompareByValue(t *testing.T) {
	db := open(t, "sqlite://")
	c := conn(t, db)
	exec(t, c, "CREATE TABLE t (x DECIMAL_TEXT(12, 4) COLLATE decimal)")
	exec(t, c, "INSERT INTO t VALUES ('9.99'), ('10.00'), ('-2'), ('1e3')")
	for query, want := range map[string]any{
		"SELECT group_concat(x, ' ') FROM (SELECT x FROM t ORDER BY x)": "-2 9.99 10.00 1e3",
		"SELECT max(x) FROM t":                                "1e3",
		"SELECT count(*) FROM t WHERE x > '9.995'":            int64(2),
		"SELECT count(*) FROM t WHERE x = '10'":               int64(1),
		"SELECT count(*) FROM t WHERE x IN (10, 9.99, 1000)":  int64(3),
		"SELECT count(*) FROM t WHERE x BETWEEN 9.5 AND 10.0": int64(2),
	} {
		if got := value(t, c, query); got != want {
			t.Errorf("%s gives %v, want %v", query, got, want)
		}
	}
}

func TestCompareDecimals(t *testing.T) {
	// Each text is greater than those on the lines above it, and equal to the
	// others on its line.
	lines := [][]string{
		{"-1e10", "-10000000000"}, {"-10.5", "-10.50"}, {"-9", "-09.0"}, {"-0.001", "-1E-3"},
		{"0", "-0", "0.000", "+0", "0e5", "00"},
		{"0.0000001", "1e-7", ".0000001"}, {"0.5", ".5"}, {"1", "1.", "01.0", "10e-1"}, {"9.99"}, {"10", "1e1", "+10.00"},
		{"12345678901234567890.0123456789"}, {"12345678901234567890.01234567891"},
		{""}, {"1.2.3"}, {"abc"},
	}
	for i, line := range lines {
		for _, a := range line {
			for j, other := range lines {
				for _, b := range other {
					want := 0
					switch {
					case i < j:
						want = -1
					case i > j:
						want = 1
					}
					if got := compareDecimals(a, b); got != want {
						t.Errorf("%q against %q gives %d, want %d", a, b, got, want)
					}
				}
			}
		}
	}
}

func FuzzCompareDecimals(f *testing.F) {
	f.Add("1.50", "1.5")
	f.Add("-12e3", "7")
	f.Fuzz(func(t *testing.T, left, right string) {
		got := compareDecimals(left, right)
		if back := compareDecimals(right, left); back != -got {
			t.Fatalf("%q against %q gives %d, and back %d", left, right, got, back)
		}
		a, okA := parseDecimal(left)
		b, okB := parseDecimal(right)
		if !okA || !okB || max(a.exponent, -a.exponent, b.exponent, -b.exponent) > 1000 {
			return
		}
		if want := rational(t, a).Cmp(rational(t, b)); got != want {
			t.Fatalf("%q against %q gives %d, want %d", left, right, got, want)
		}
	})
}

// rational is the number by other means.
func rational(t *testing.T, d decimal) *big.Rat {
	t.Helper()
	if d.sign == 0 {
		return new(big.Rat)
	}
	r, ok := new(big.Rat).SetString("0." + d.digits)
	if !ok {
		t.Fatalf("%q is no digits", d.digits)
	}
	power := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(d.exponent, -d.exponent))), nil)
	if d.exponent < 0 {
		r.Quo(r, new(big.Rat).SetInt(power))
	} else {
		r.Mul(r, new(big.Rat).SetInt(power))
	}
	return r.Mul(r, big.NewRat(int64(d.sign), 1))
}
