// This file tests the SQL that PostgreSQL spells its own way, as text and by
// running it.

package postgres

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

func testTable() *orm.Table {
	return orm.NewTable("t", orm.NewMetadata(),
		orm.NewColumn("id", types.BigInteger(), orm.PrimaryKey()), orm.NewColumn("name", types.String(50)), orm.NewColumn("at", types.DateTime()),
		orm.NewColumn("price", types.Numeric(12, 4)), orm.NewColumn("serial", types.UUID()), orm.NewColumn("small", types.SmallInteger()),
		orm.NewColumn("data", types.LargeBinary()), orm.NewColumn("x", types.Double()), orm.NewColumn("day", types.Date()), orm.NewColumn("ok", types.Boolean()),
	)
}

// compile returns the text of a statement.
func compile(t *testing.T, stmt orm.Statement) (string, []any) {
	t.Helper()
	text, args, err := orm.Compile(stmt, "postgres")
	if err != nil {
		t.Fatal(err)
	}
	return text, args
}

func TestExpressions(t *testing.T) {
	table := testTable()
	name, id := orm.TypeCoerce[string](table.C("name"), types.Text()), table.C("id")
	tests := []struct {
		name string
		of   orm.Expression
		want string
	}{
		{"regular expression", name.Matches("^a"), "t.name ~ $1"},
		{"not the regular expression", orm.Not(name.Matches("^a")), "t.name !~ $1"},
		{"regular expression of a sum of texts", orm.Concat(name, name).Matches("a"), "(t.name || t.name) ~ $1"},
		{"distinct", name.IsDistinctFrom("a"), "t.name IS DISTINCT FROM $1"},
		{"true division", id.DividedBy(2), "t.id / ($1 + 0.0)"},
		{"integer division", id.IntDividedBy(2), "t.id / $1"},
		{"second", orm.Extract(orm.Second, table.C("at")), "CAST(trunc(EXTRACT(second FROM t.at)) AS BIGINT)"},
		{"cast", orm.Cast[string](id, types.Text()), "CAST(t.id AS TEXT)"},
		{"literal characters", name.Like(`100\%`), `t.name LIKE $1`},
		{"either case", name.ILike("a%"), `t.name ILIKE $1`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, _ := compile(t, orm.Select(test.of))
			if diff := cmp.Diff("SELECT "+test.want+" FROM t", got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestExtractCutsFractionsOff(t *testing.T) {
	db := open(t)
	at := time.Date(2026, 1, 2, 3, 4, 59, 999999000, time.UTC)
	for field, want := range map[orm.DateField]int64{
		orm.Year: 2026, orm.Month: 1, orm.Day: 2, orm.Hour: 3, orm.Minute: 4, orm.Second: 59,
	} {
		text, args := compile(t, orm.Select(orm.Extract(field, orm.Cast[time.Time](orm.Lit(at), types.DateTime()))))
		if got := value(t, db, text, args...); got != want {
			t.Errorf("%s is %v, want %d", field, got, want)
		}
	}
}

func TestLongListIsOneArray(t *testing.T) {
	db := open(t)
	table := testTable()
	create, _ := compile(t, orm.CreateTable(table))
	exec(t, db, create)
	exec(t, db, `INSERT INTO t (name, at, price, serial, small, x, day, ok) VALUES
		('n1', '2026-01-01 00:00:01.5Z', 1.5, '00000000-0000-0000-0000-000000000001', 1, 0.1, '2026-01-01', TRUE),
		('a"b\c {é},', '2026-01-01 00:00:02Z', 2, '00000000-0000-0000-0000-000000000002', 2, 1e300, '0001-01-01', FALSE),
		('NULL', NULL, NULL, NULL, NULL, NULL, NULL, NULL)`)
	fill := func(first []any, build func(i int) any) []any {
		for i := range 100_000 {
			first = append(first, build(i))
		}
		return first
	}
	base := time.Date(2026, 1, 1, 0, 0, 1, 500_000_000, time.UTC)
	tests := []struct {
		column, array string
		values        []any
		want          int64
	}{
		{"id", "BIGINT[]", fill(nil, func(i int) any { return i }), 3},
		{"small", "SMALLINT[]", fill(nil, func(i int) any { return i%30_000 + 1 }), 2},
		{"name", "TEXT[]", fill([]any{`a"b\c {é},`, "NULL", ""}, func(i int) any { return fmt.Sprintf("n%d", i) }), 3},
		{"at", "TIMESTAMP WITH TIME ZONE[]", fill(nil, func(i int) any { return base.Add(time.Duration(i) * time.Second / 2) }), 2},
		{"day", "DATE[]", fill([]any{time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)}, func(int) any { return base }), 2},
		{"price", "NUMERIC[]", fill(nil, func(i int) any { return fmt.Sprintf("%d.5000", i) }), 1},
		{"serial", "UUID[]", fill(nil, func(i int) any { return fmt.Sprintf("00000000-0000-0000-0000-%012d", i) }), 2},
		{"x", "DOUBLE PRECISION[]", fill([]any{0.1, 1e300}, func(i int) any { return float64(i) + 0.5 }), 2},
		{"ok", "BOOLEAN[]", fill(nil, func(int) any { return true }), 1},
	}
	for _, test := range tests {
		t.Run(test.column, func(t *testing.T) {
			where := table.C(test.column).In(test.values...)
			text, args := compile(t, orm.Select(orm.Count()).From(table).Where(where))
			want := "SELECT count(*) FROM t WHERE t." + test.column + " = ANY(CAST($1 AS " + test.array + "))"
			if diff := cmp.Diff(want, text); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if got := value(t, db, text, args...); got != test.want {
				t.Errorf("%v rows are found, want %d", got, test.want)
			}
		})
	}
}

func TestLongListLeftOut(t *testing.T) {
	db := open(t)
	table := testTable()
	create, _ := compile(t, orm.CreateTable(table))
	exec(t, db, create)
	exec(t, db, "INSERT INTO t (name) SELECT 'a' FROM generate_series(1, 1503)")
	list := make([]any, 1500)
	for i := range list {
		list[i] = i + 1
	}
	text, args := compile(t, orm.Select(orm.Count()).From(table).Where(table.C("id").NotIn(list...)))
	if want := "SELECT count(*) FROM t WHERE t.id <> ALL(CAST($1 AS BIGINT[]))"; text != want {
		t.Errorf("%s, want %s", text, want)
	}
	if got := value(t, db, text, args...); got != int64(3) {
		t.Errorf("%v rows are left, want 3", got)
	}
}

func TestLongListOfBytesKeepsItsParameters(t *testing.T) {
	table := testTable()
	list := make([]any, 1001)
	for i := range list {
		list[i] = []byte{byte(i), byte(i >> 8)}
	}
	text, args := compile(t, orm.Select(orm.Count()).From(table).Where(table.C("data").In(list...)))
	if !strings.HasPrefix(text, "SELECT count(*) FROM t WHERE t.data IN ($1, $2, ") || len(args) != len(list) {
		t.Errorf("%d parameters in %.60s", len(args), text)
	}
}

func TestAutoincrementIsAnIdentity(t *testing.T) {
	db := open(t)
	for of, want := range map[types.Type]string{
		types.SmallInteger(): "id SMALLINT GENERATED BY DEFAULT AS IDENTITY", types.Integer(): "id INTEGER GENERATED BY DEFAULT AS IDENTITY",
		types.BigInteger().AsUnsigned(): "id BIGINT GENERATED BY DEFAULT AS IDENTITY",
	} {
		table := orm.NewTable("counted", orm.NewMetadata(), orm.NewColumn("id", of, orm.PrimaryKey()))
		text, _ := compile(t, orm.CreateTable(table))
		if !strings.Contains(text, want) {
			t.Errorf("%s\nhas no %s", text, want)
		}
		exec(t, db, text)
		if got := value(t, db, "INSERT INTO counted DEFAULT VALUES RETURNING id"); got != int64(1) {
			t.Errorf("the first key is %v", got)
		}
		exec(t, db, "DROP TABLE counted")
	}
}
