// This file tests how types are spelt and read back, and how values are bound.

package mysql

import (
	"errors"
	"math"
	"testing"
	"time"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

func TestTypeNames(t *testing.T) {
	db, d := open(t)
	tests := []struct {
		of           types.Type
		create, cast string
		read         types.Type // what the inspector makes of it; zero if the same
	}{
		{of: types.Boolean(), create: "TINYINT(1)", cast: "SIGNED"},
		{of: types.SmallInteger(), create: "SMALLINT", cast: "SIGNED"},
		{of: types.Integer(), create: "INTEGER", cast: "SIGNED"},
		{of: types.BigInteger(), create: "BIGINT", cast: "SIGNED"},
		{of: types.BigInteger().AsUnsigned(), create: "BIGINT UNSIGNED", cast: "UNSIGNED"},
		{of: types.Float(), create: "DOUBLE", cast: "DOUBLE", read: types.Double()},
		{of: types.Double(), create: "DOUBLE", cast: "DOUBLE"},
		{of: types.Numeric(12, 4), create: "DECIMAL(12, 4)", cast: "DECIMAL(12, 4)"},
		{of: types.String(50), create: "VARCHAR(50)", cast: "CHAR(50)"},
		{of: types.String(16383), create: "VARCHAR(16383)", cast: "CHAR(16383)"},
		{of: types.String(16384), create: "LONGTEXT", cast: "CHAR(16384)", read: types.Text()},
		{of: types.String(0), create: "LONGTEXT", cast: "CHAR", read: types.Text()},
		{of: types.Text(), create: "LONGTEXT", cast: "CHAR"},
		{of: types.LargeBinary(), create: "LONGBLOB", cast: "BINARY"},
		{of: types.LargeBinary(16), create: "VARBINARY(16)", cast: "BINARY"},
		{of: types.LargeBinary(65532), create: "VARBINARY(65532)", cast: "BINARY"},
		{of: types.Date(), create: "DATE", cast: "DATE"},
		{of: types.Time(), create: "TIME(6)", cast: "TIME(6)"},
		{of: types.DateTime(), create: "DATETIME(6)", cast: "DATETIME(6)"},
		{of: types.Timestamp(), create: "DATETIME(6)", cast: "DATETIME(6)", read: types.DateTime()},
		{of: types.Interval(), create: "BIGINT", cast: "SIGNED", read: types.BigInteger()},
		{of: types.UUID(), create: "CHAR(36)", cast: "CHAR", read: types.String(36)},
		{of: types.Enum("low", "it's", `a\b`), create: `ENUM('low', 'it''s', 'a\\b')`, cast: "CHAR"},
	}
	for _, test := range tests {
		t.Run(test.create, func(t *testing.T) {
			got, err := d.TypeName(test.of)
			if err != nil || got != test.create {
				t.Errorf("in CREATE TABLE %q, %v, want %q", got, err, test.create)
			}
			if got, err := d.CastTypeName(test.of); err != nil || got != test.cast {
				t.Errorf("in CAST %q, %v, want %q", got, err, test.cast)
			}
			exec(t, db, "CREATE TABLE t (x "+test.create+")")
			defer exec(t, db, "DROP TABLE t")
			value(t, db, "SELECT CAST(NULL AS "+test.cast+")")
			name, _ := value(t, db, "SELECT column_type FROM information_schema.columns WHERE table_schema = database() AND table_name = 't'").(string)
			want := test.read
			if want.IsZero() {
				want = test.of
			}
			if got := typeOf(name); !got.Equal(want) {
				t.Errorf("%s is read back as %v, want %v", name, got, want)
			}
		})
	}
}

func TestCastToADocumentDependsOnTheServer(t *testing.T) {
	for version, want := range map[string]string{"8.4.0": "JSON", "10.11.0-MariaDB": "CHAR"} {
		if got, err := forVersion(version).CastTypeName(types.JSONType()); err != nil || got != want {
			t.Errorf("%s: %q, %v, want %q", version, got, err, want)
		}
	}
}

func TestTypesThatMySQLLacksAreRefused(t *testing.T) {
	for _, of := range []types.Type{types.Array(types.Text()), types.Numeric(0, 0), {}} {
		if name, err := (dialect{}).TypeName(of); !errors.Is(err, orm.ErrUnsupported) {
			t.Errorf("%v is spelt %q, %v", of, name, err)
		}
	}
	if name, err := (dialect{}).TypeName(types.Exact("POINT")); err != nil || name != "POINT" {
		t.Errorf("a literal type is spelt %q, %v", name, err)
	}
	for name, want := range map[string]types.Type{"year(4)": types.Year(), "set('a','it''s')": types.Set("a", "it's")} {
		if got := typeOf(name); !got.Equal(want) {
			t.Errorf("%s is read as %v", name, got)
		}
	}
	for _, name := range []string{"point", "bit(1)"} {
		if got := typeOf(name); !got.IsZero() {
			t.Errorf("%s is read as %v", name, got)
		}
	}
}

func TestTimesAreTheSameWhenReadBack(t *testing.T) {
	db, d := open(t)
	exec(t, db, "CREATE TABLE t (at DATETIME(6), day DATE)")
	for _, at := range []time.Time{
		time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(1969, 12, 31, 23, 59, 59, 999999000, time.UTC),
		time.Date(2026, 3, 29, 2, 30, 0, 123456000, time.FixedZone("", -5*60*60)), time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC),
	} {
		instant, err := d.BindValue(types.DateTime(), at)
		if err != nil {
			t.Fatal(err)
		}
		day, err := d.BindValue(types.Date(), at)
		if err != nil {
			t.Fatal(err)
		}
		exec(t, db, "DELETE FROM t")
		exec(t, db, "INSERT INTO t VALUES (?, ?)", instant, day)
		if got := value(t, db, "SELECT at FROM t WHERE at = ?", instant).(time.Time); !got.Equal(at) || got.Location() != time.UTC {
			t.Errorf("%v is read back as %v", at, got)
		}
		if got := value(t, db, "SELECT day FROM t").(time.Time); got.Format("2006-01-02") != at.UTC().Format("2006-01-02") {
			t.Errorf("the day of %v is read back as %v", at, got)
		}
	}
}

func TestNaNIsRefused(t *testing.T) {
	for _, v := range []float64{math.NaN(), math.Inf(1), math.Inf(-1)} {
		var refused *types.ValueError
		if got, err := (dialect{}).BindValue(types.Double(), v); !errors.As(err, &refused) {
			t.Errorf("%v is bound as %v, %v", v, got, err)
		}
	}
}
