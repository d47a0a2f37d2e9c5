// This file holds the tests of types as the databases have them: how they are
// spelt, and what is in their columns.

package orm_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

// typeSpelling is a type, and how sqlite, postgres and mysql spell it. What one
// of them does not have is empty.
type typeSpelling struct {
	of                      types.Type
	sqlite, postgres, mysql string
}

var typeSpellings = []typeSpelling{
	{types.Boolean(), "BOOLEAN", "BOOLEAN", "TINYINT(1)"},
	{types.SmallInteger(), "INTEGER", "SMALLINT", "SMALLINT"},
	{types.Integer(), "INTEGER", "INTEGER", "INTEGER"},
	{types.BigInteger(), "INTEGER", "BIGINT", "BIGINT"},
	{types.SmallInteger().AsUnsigned(), "INTEGER", "INTEGER", "SMALLINT UNSIGNED"},
	{types.Integer().AsUnsigned(), "INTEGER", "BIGINT", "INTEGER UNSIGNED"},
	{types.BigInteger().AsUnsigned(), "INTEGER", "BIGINT", "BIGINT UNSIGNED"},
	{types.Float(), "FLOAT", "REAL", "DOUBLE"},
	{types.Double(), "DOUBLE", "DOUBLE PRECISION", "DOUBLE"},
	{types.Numeric(30, 10), "DECIMAL_TEXT(30, 10) COLLATE decimal", "NUMERIC(30, 10)", "DECIMAL(30, 10)"},
	{types.Numeric(0, 0), "DECIMAL_TEXT COLLATE decimal", "NUMERIC", ""},
	{types.String(50), "VARCHAR(50)", "VARCHAR(50)", "VARCHAR(50)"},
	{types.Text(), "TEXT", "TEXT", "LONGTEXT"},
	{types.LargeBinary(), "BLOB", "BYTEA", "LONGBLOB"},
	{types.LargeBinary(16), "BLOB(16)", "BYTEA", "VARBINARY(16)"},
	{types.Date(), "DATE_TEXT", "DATE", "DATE"},
	{types.Time(), "TIME_TEXT", "TIME", "TIME(6)"},
	{types.DateTime(), "DATETIME_TEXT", "TIMESTAMP WITH TIME ZONE", "DATETIME(6)"},
	{types.Timestamp(), "DATETIME_TEXT", "TIMESTAMP", "DATETIME(6)"},
	{types.Interval(), "INTEGER", "BIGINT", "BIGINT"},
	{types.UUID(), "UUID_TEXT", "UUID", "CHAR(36)"},
	{types.JSONType(), "JSON_TEXT", "JSONB", "JSON"},
	{types.Enum("low", "it's"), "VARCHAR(4)", "VARCHAR(4)", "ENUM('low', 'it''s')"},
	{types.Enum("low", "high").Named("level"), "VARCHAR(4)", "level", "ENUM('low', 'high')"},
	{types.Enum("low", "high").Named("Level"), "VARCHAR(4)", `"Level"`, "ENUM('low', 'high')"},
	{types.Array(types.Text()), "", "TEXT[]", ""},
	{types.Text().Variant("postgres", types.Exact("citext").Only("postgres")).Variant("mysql", types.String(80)), "TEXT", "citext", "VARCHAR(80)"},
	{types.Exact("tsquery").Only("postgres"), "", "tsquery", ""},
	{types.Exact("POINT").Only("mysql").Variant("sqlite", types.Text()), "TEXT", "", "POINT"},
	{types.Exact("Citext"), "Citext", "Citext", "Citext"},
	{types.Exact("VARCHAR(7)"), "VARCHAR(7)", "VARCHAR(7)", "VARCHAR(7)"},
}

func TestTypesAreSpeltAsEachDatabaseSpellsThem(t *testing.T) {
	for _, s := range typeSpellings {
		t.Run(s.of.String(), func(t *testing.T) {
			table := orm.NewTable("t", orm.NewMetadata(), orm.NewColumn("v", s.of))
			got := typeSpelling{of: s.of}
			for dialect, spelling := range map[string]*string{"sqlite": &got.sqlite, "postgres": &got.postgres, "mysql": &got.mysql} {
				text, _, err := orm.Compile(orm.CreateTable(table), dialect)
				switch {
				case err == nil:
					*spelling = columnType(text)
				case !errors.Is(err, orm.ErrUnsupported):
					t.Error(err)
				}
			}
			if diff := cmp.Diff(s, got, cmp.AllowUnexported(typeSpelling{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// columnType is what stands behind the name of the only column.
func columnType(text string) string {
	_, rest, _ := strings.Cut(text, "v ")
	spelling, _, _ := strings.Cut(rest, "\n")
	return strings.TrimSuffix(spelling, ",")
}

// typedColumns makes a table of one column besides its key, with a row for each
// value.
func typedColumns(t *testing.T, db *testDB, typ types.Type, values ...any) *orm.Table {
	t.Helper()
	m := orm.NewMetadata()
	table := orm.NewTable("typed", m, orm.NewColumn("id", types.Integer(), orm.PrimaryKey(), orm.Autoincrement(false)), orm.NewColumn("v", typ))
	must(t, m.CreateAll(t.Context(), db.Engine))
	for i, v := range values {
		_, err := orm.Exec(t.Context(), db.Engine, orm.Insert(table).Values(orm.M{"id": i, "v": v}))
		must(t, err)
	}
	return table
}

// naturalValues returns the values of the column as maps have them, which nothing but
// the type of the column decides.
func naturalValues(t *testing.T, db *testDB, table *orm.Table) []any {
	t.Helper()
	var values []any
	for _, row := range get(orm.Fetch[orm.M](t.Context(), db.Engine, orm.Select(table.C("v")).From(table).OrderBy(table.C("id"))))(t) {
		values = append(values, row["v"])
	}
	return values
}

func TestSQLiteKeepsTimesAsTextThatSorts(t *testing.T) {
	db := onSQLite(t)
	at := time.Date(2024, 2, 29, 13, 45, 59, 123456789, time.FixedZone("", 3600))
	for _, c := range []struct {
		typ  types.Type
		v    any
		want string
	}{
		{types.DateTime(), at, "2024-02-29 12:45:59.123456"},
		{types.Timestamp(), at, "2024-02-29 12:45:59.123456"},
		{types.DateTime(), time.Time{}, "0001-01-01 00:00:00.000000"},
		{types.Date(), at, "2024-02-29"},
		{types.Time(), 13*time.Hour + time.Microsecond, "13:00:00.000001"},
	} {
		table := typedColumns(t, db, c.typ, c.v)
		got := get(orm.FetchOne[string](t.Context(), db.Engine, orm.Text("SELECT typeof(v) || ' ' || v FROM typed")))(t)
		if want := "text " + c.want; got != want {
			t.Errorf("%s holds %q, not %q", c.typ, got, want)
		}
		run(t, db.Engine, "DROP TABLE "+table.Name())
	}
}

func TestTimesComeBackAsTimesOfUTC(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		at := time.Date(2024, 2, 29, 23, 45, 59, 123456000, time.FixedZone("", -3600))
		for typ, want := range map[types.Type]any{
			types.DateTime():  time.Date(2024, 3, 1, 0, 45, 59, 123456000, time.UTC),
			types.Timestamp(): time.Date(2024, 3, 1, 0, 45, 59, 123456000, time.UTC),
			types.Date():      time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC),
		} {
			table := typedColumns(t, db, typ, at)
			if diff := cmp.Diff([]any{want}, naturalValues(t, db, table), strictTimes); diff != "" {
				t.Errorf("%s (-want +got):\n%s", typ, diff)
			}
			run(t, db.Engine, "DROP TABLE typed")
		}
	})
}

func TestDecimalsComeBackAsTheirDigitsNotAsFloats(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		table := typedColumns(t, db, types.Numeric(30, 10), "12345678901234567890.0123456789", "0.1", -5, 0.5)
		want := []any{"12345678901234567890.0123456789", "0.1000000000", "-5.0000000000", "0.5000000000"}
		if diff := cmp.Diff(want, naturalValues(t, db, table)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		greatest := get(orm.FetchOne[string](t.Context(), db.Engine, orm.Select(orm.Max(table.C("v"))).From(table)))(t)
		if greatest != want[0] {
			t.Errorf("the greatest is %s", greatest)
		}
		less := orm.Select(orm.Count()).From(table).Where(table.C("v").Lt("0.2"))
		if n := get(orm.FetchOne[int](t.Context(), db.Engine, less))(t); n != 2 {
			t.Errorf("%d numbers are less than 0.2, not 2", n)
		}
	})
}

func TestUUIDsAreNativeOrTextOf36Characters(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		const id = "0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0"
		table := typedColumns(t, db, types.UUID(), strings.ToUpper(id), strings.ReplaceAll(id, "-", ""))
		if diff := cmp.Diff([]any{id, id}, naturalValues(t, db, table)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		lengths := get(orm.Fetch[int](t.Context(), db.Engine, orm.Text("SELECT length(CAST(v AS CHAR(40))) FROM typed")))(t)
		inspector := get(db.Inspect(t.Context()))(t)
		native := get(inspector.Table(t.Context(), "typed"))(t).Column("v").Type().Kind() == types.KindUUID
		if fmt.Sprint(lengths) != "[36 36]" && !native {
			t.Errorf("the column holds texts of %v characters", lengths)
		}
	})
}

func TestPortableColumnHoldsTheSameValuesEverywhere(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		at := time.Date(2024, 2, 29, 12, 0, 0, 1000, time.UTC)
		for _, c := range []struct {
			typ     types.Type
			v, want any
		}{
			{types.Boolean(), true, true},
			{types.SmallInteger(), int8(-5), int64(-5)},
			{types.BigInteger(), 1 << 40, int64(1 << 40)},
			{types.Float(), float32(0.1), float64(float32(0.1))},
			{types.Float(), 0.1, float64(float32(0.1))},
			{types.Double(), 0.1, 0.1},
			{types.String(5), "日本🎉", "日本🎉"},
			{types.Text(), "", ""},
			{types.LargeBinary(), []byte{}, []byte{}},
			{types.DateTime(), at, at},
			{types.Time(), time.Hour, time.Hour},
			{types.Interval(), -time.Minute, -time.Minute},
			{types.JSONType(), types.NewJSON(map[string]any{"a": 1}), map[string]any{"a": 1.0}},
			{types.Enum("low", "high"), "high", "high"},
		} {
			table := typedColumns(t, db, c.typ, c.v, nil)
			if diff := cmp.Diff([]any{c.want, nil}, naturalValues(t, db, table)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", c.typ, diff)
			}
			run(t, db.Engine, "DROP TABLE typed")
		}
	})
}

func TestNameOfAnEnumStandsForOneListOfLabels(t *testing.T) {
	m := orm.NewMetadata()
	orm.NewTable("a", m, orm.NewColumn("v", types.Enum("low", "high").Named("level")))
	orm.NewTable("b", m, orm.NewColumn("v", types.Enum("high", "low").Named("level")))
	_, err := m.CreateSQL("postgres")
	if !errors.Is(err, orm.ErrArgument) || !strings.Contains(err.Error(), "b.v") {
		t.Errorf("the error is %v", err)
	}
	for _, without := range []types.Type{types.Text(), types.Enum("low")} {
		if _, _, err := orm.Compile(orm.CreateType(without), "postgres"); !errors.Is(err, orm.ErrArgument) {
			t.Errorf("%s: the error is %v", without, err)
		}
	}
}
