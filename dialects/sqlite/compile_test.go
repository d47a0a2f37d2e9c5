// This file tests the SQL that SQLite spells its own way, as text and by
// running it.

package sqlite

import (
	"errors"
	"strconv"
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
	)
}

// compile returns the text of a statement.
func compile(t *testing.T, stmt orm.Statement) (string, []any) {
	t.Helper()
	text, args, err := orm.Compile(stmt, "sqlite")
	if err != nil {
		t.Fatal(err)
	}
	return text, args
}

func TestExpressions(t *testing.T) {
	table := testTable()
	name, id := table.C("name"), table.C("id")
	tests := []struct {
		name string
		of   orm.Expression
		want string
	}{
		{"distinct", name.IsDistinctFrom("a"), "t.name IS NOT ?"},
		{"not distinct", name.IsNotDistinctFrom("a"), "t.name IS ?"},
		{"distinct from an expression", name.Eq("x").IsDistinctFrom(true), "(t.name = ?) IS NOT ?"},
		{"true division", id.DividedBy(2), "t.id / (? + 0.0)"},
		{"integer division", id.IntDividedBy(2), "t.id / ?"},
		{"year", orm.Extract(orm.Year, table.C("at")), "CAST(strftime('%Y', t.at) AS INTEGER)"},
		{"cast", orm.Cast[string](id, types.Text()), "CAST(t.id AS TEXT)"},
		{"literal characters", name.Like(`100\%`), `t.name LIKE ? ESCAPE '\'`},
		{"either case", name.ILike("a%"), `lower(t.name) LIKE lower(?) ESCAPE '\'`},
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

func TestExtractGivesWholeNumbers(t *testing.T) {
	db := open(t, "sqlite://")
	at := time.Date(2026, 1, 2, 3, 4, 59, 999999000, time.UTC)
	for field, want := range map[orm.DateField]int64{
		orm.Year: 2026, orm.Month: 1, orm.Day: 2, orm.Hour: 3, orm.Minute: 4, orm.Second: 59,
	} {
		text, args := compile(t, orm.Select(orm.Extract(field, orm.Lit(at))))
		if got := value(t, db, text, args...); got != want {
			t.Errorf("%s is %v, want %d", field, got, want)
		}
	}
}

func TestLongListIsOneParameter(t *testing.T) {
	table := testTable()
	db := open(t, "sqlite://")
	c := conn(t, db)
	exec(t, c, "CREATE TABLE t (id INTEGER PRIMARY KEY, name VARCHAR(50), at DATETIME_TEXT)")
	exec(t, c, "INSERT INTO t VALUES (1, 'n1', '2026-01-01 00:00:01.000000'), (9223372036854775807, 'a\"b\\c é', '2026-01-01 00:00:02.000000'), (3, '7', NULL)")

	numbers, names, times := []any{int64(9223372036854775807)}, []any{"a\"b\\c é", "7"}, []any{}
	for i := range 40_000 {
		numbers = append(numbers, i+1)
		names = append(names, "n"+strconv.Itoa(i+1))
		times = append(times, time.Date(2026, 1, 1, 0, 0, i, 0, time.UTC))
	}
	tests := []struct {
		name  string
		where orm.Expr[bool]
		text  string
		want  int64
	}{
		{"numbers", table.C("id").In(numbers...), "t.id IN (SELECT value FROM json_each(?))", 3},
		{"numbers left out", table.C("id").NotIn(numbers...), "t.id NOT IN (SELECT value FROM json_each(?))", 0},
		{"texts", table.C("name").In(names...), "t.name IN (SELECT value FROM json_each(?))", 3},
		{"times", table.C("at").In(times...), "t.at IN (SELECT value FROM json_each(?))", 2},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			text, args := compile(t, orm.Select(orm.Count()).From(table).Where(test.where))
			if diff := cmp.Diff("SELECT count(*) FROM t WHERE "+test.text, text); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if got := value(t, c, text, args...); got != test.want {
				t.Errorf("%v rows are found, want %d", got, test.want)
			}
		})
	}
}

func TestLongListOfFloatsKeepsItsParameters(t *testing.T) {
	table := orm.NewTable("t", orm.NewMetadata(), orm.NewColumn("x", types.Double()))
	list := make([]any, 1001)
	for i := range list {
		list[i] = float64(i) / 3
	}
	text, args := compile(t, orm.Select(orm.Count()).From(table).Where(table.C("x").In(list...)))
	if !strings.HasPrefix(text, "SELECT count(*) FROM t WHERE t.x IN (?, ?, ") || len(args) != len(list) {
		t.Errorf("%d parameters in %.60s", len(args), text)
	}
}

func TestAutoincrementNeverUsesANumberTwice(t *testing.T) {
	db := open(t, "sqlite://")
	c := conn(t, db)
	text, _ := compile(t, orm.CreateTable(testTable()))
	if want := "id INTEGER PRIMARY KEY AUTOINCREMENT,"; !strings.Contains(text, want) {
		t.Errorf("%s\nhas no %s", text, want)
	}
	exec(t, c, text)
	exec(t, c, "INSERT INTO t (name) VALUES ('a'), ('b')")
	exec(t, c, "DELETE FROM t WHERE id = 2")
	if got := value(t, c, "INSERT INTO t (name) VALUES ('c') RETURNING id"); got != int64(3) {
		t.Errorf("the next key is %v, want 3", got)
	}
}

func TestAutoincrementBesideAnotherKeyIsRefused(t *testing.T) {
	table := orm.NewTable("t", orm.NewMetadata(),
		orm.NewColumn("a", types.BigInteger(), orm.PrimaryKey(), orm.Autoincrement(true)), orm.NewColumn("b", types.BigInteger(), orm.PrimaryKey()),
	)
	if _, _, err := orm.Compile(orm.CreateTable(table), "sqlite"); !errors.Is(err, orm.ErrUnsupported) {
		t.Errorf("the error is %v", err)
	}
}
