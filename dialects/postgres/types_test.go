// This file tests how types are spelt and read back.

package postgres

import (
	"errors"
	"testing"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

func TestTypeNames(t *testing.T) {
	db := open(t)
	tests := []struct {
		of   types.Type
		want string
		read types.Type // what the inspector makes of it; zero if the same
	}{
		{of: types.Boolean(), want: "BOOLEAN"},
		{of: types.SmallInteger(), want: "SMALLINT"},
		{of: types.Integer(), want: "INTEGER"},
		{of: types.BigInteger(), want: "BIGINT"},
		{of: types.SmallInteger().AsUnsigned(), want: "INTEGER", read: types.Integer()},
		{of: types.Integer().AsUnsigned(), want: "BIGINT", read: types.BigInteger()},
		{of: types.BigInteger().AsUnsigned(), want: "BIGINT", read: types.BigInteger()},
		{of: types.Float(), want: "REAL"},
		{of: types.Double(), want: "DOUBLE PRECISION"},
		{of: types.Numeric(0, 0), want: "NUMERIC"},
		{of: types.Numeric(20, 0), want: "NUMERIC(20)"},
		{of: types.Numeric(12, 4), want: "NUMERIC(12, 4)"},
		{of: types.String(50), want: "VARCHAR(50)"},
		{of: types.String(0), want: "VARCHAR", read: types.Text()},
		{of: types.Text(), want: "TEXT"},
		{of: types.LargeBinary(), want: "BYTEA"},
		{of: types.LargeBinary(16), want: "BYTEA", read: types.LargeBinary()},
		{of: types.Date(), want: "DATE"},
		{of: types.Time(), want: "TIME"},
		{of: types.DateTime(), want: "TIMESTAMP WITH TIME ZONE"},
		{of: types.Timestamp(), want: "TIMESTAMP"},
		{of: types.Interval(), want: "BIGINT", read: types.BigInteger()},
		{of: types.UUID(), want: "UUID"},
		{of: types.JSONType(), want: "JSONB"},
		{of: types.Enum("low", "höher"), want: "VARCHAR(5)", read: types.String(5)},
		{of: types.Array(types.Text()), want: "TEXT[]"},
		{of: types.Array(types.Numeric(12, 4)), want: "NUMERIC(12, 4)[]"},
	}
	for _, test := range tests {
		t.Run(test.want, func(t *testing.T) {
			got, err := dialect{}.TypeName(test.of)
			if err != nil || got != test.want {
				t.Errorf("%q, %v, want %q", got, err, test.want)
			}
			want := test.read
			if want.IsZero() {
				want = test.of
			}
			exec(t, db, "CREATE TABLE t (x "+test.want+")")
			defer exec(t, db, "DROP TABLE t")
			name, _ := value(t, db, "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 't'::regclass AND attnum = 1").(string)
			if got := typeOf(name); !got.Equal(want) {
				t.Errorf("%s is read back as %v, want %v", name, got, want)
			}
		})
	}
}

func TestTypesOfTheServerAlone(t *testing.T) {
	for _, name := range []string{"inet", "interval", "public.citext", "bit(3)", "tsvector", "inet[]", "character(3)", "time with time zone"} {
		if got := typeOf(name); !got.IsZero() {
			t.Errorf("%s is read as %v", name, got)
		}
	}
	for name, want := range map[string]types.Type{
		"time(3) without time zone": types.Time(), "timestamp(0) with time zone": types.DateTime(), "json": types.JSONType(), "bigint[]": types.Array(types.BigInteger()),
	} {
		if got := typeOf(name); !got.Equal(want) {
			t.Errorf("%s is read as %v, want %v", name, got, want)
		}
	}
}

func TestTypeThatIsUnknownIsRefused(t *testing.T) {
	if name, err := (dialect{}).TypeName(types.Type{}); !errors.Is(err, orm.ErrUnsupported) {
		t.Errorf("it is spelt %q, %v", name, err)
	}
	if name, err := (dialect{}).TypeName(types.Exact("CITEXT")); err != nil || name != "CITEXT" {
		t.Errorf("a literal type is spelt %q, %v", name, err)
	}
}

func TestUpperHalfOfUint64IsRefused(t *testing.T) {
	var refused *types.ValueError
	if v, err := (dialect{}).BindValue(types.BigInteger().AsUnsigned(), "9223372036854775808"); !errors.As(err, &refused) {
		t.Errorf("it is bound as %v, %v", v, err)
	}
	if v, err := (dialect{}).BindValue(types.Numeric(20, 0), "9223372036854775808"); err != nil || v != "9223372036854775808" {
		t.Errorf("a decimal is bound as %v, %v", v, err)
	}
}
