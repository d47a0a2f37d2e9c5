// This file tests the SQL that MySQL spells its own way, as text and by running
// it.

package mysql

import (
	"errors"
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
	text, args, err := orm.Compile(stmt, "mysql")
	if err != nil {
		t.Fatal(err)
	}
	return text, args
}

func TestExpressions(t *testing.T) {
	db, _ := open(t)
	table := testTable()
	name, id := orm.TypeCoerce[string](table.C("name"), types.Text()), table.C("id")
	create, _ := compile(t, orm.CreateTable(table))
	exec(t, db, create)
	exec(t, db, "INSERT INTO t VALUES (7, '日本🎉', '2026-01-02 03:04:59.999999')")
	tests := []struct {
		name string
		of   orm.Expression
		text string
		want any
	}{
		{"texts together", orm.Concat(name, name, orm.Lit("x")), "concat(t.name, (concat(t.name, ?)))", "日本🎉日本🎉x"},
		{"number of characters", orm.Length(name), "char_length(t.name)", int64(3)},
		{"distinct", name.IsDistinctFrom("a"), "NOT (t.name <=> ?)", int64(1)},
		{"not distinct", name.IsNotDistinctFrom("a"), "t.name <=> ?", int64(0)},
		{"distinct from an expression", id.Eq(7).IsDistinctFrom(true), "NOT ((t.id = ?) <=> ?)", int64(0)},
		{"true division", id.DividedBy(2), "t.id / ?", "3.5000"},
		{"integer division", id.IntDividedBy(2), "t.id DIV ?", int64(3)},
		{"division of a sum", id.Plus(1).DividedBy(2), "(t.id + ?) / ?", "4.0000"},
		{"second", orm.Extract(orm.Second, table.C("at")), "EXTRACT(second FROM t.at)", int64(59)},
		{"cast", orm.Cast[string](id, types.Text()), "CAST(t.id AS CHAR)", "7"},
		{"regular expression", name.Matches("^日"), "t.name REGEXP ?", int64(1)},
		{"literal characters", name.Like(`%\%`), "t.name LIKE ?", int64(0)},
		{"either case", name.ILike("%"), "lower(t.name) LIKE lower(?)", int64(1)},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, args := compile(t, orm.Select(test.of))
			if diff := cmp.Diff("SELECT "+test.text+" FROM t", got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if got := value(t, db, got, args...); got != test.want {
				t.Errorf("it is %v, want %v", got, test.want)
			}
		})
	}
}

func TestCreateTable(t *testing.T) {
	db, _ := open(t)
	text, _ := compile(t, orm.CreateTable(testTable()))
	for _, want := range []string{"id BIGINT NOT NULL AUTO_INCREMENT,", "\n) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4"} {
		if !strings.Contains(text, want) {
			t.Errorf("%s\nhas no %s", text, want)
		}
	}
	exec(t, db, text)
	exec(t, db, "INSERT INTO t () VALUES ()")
	if got := value(t, db, "SELECT max(id) FROM t"); got != int64(1) {
		t.Errorf("the first key is %v", got)
	}
}

func TestKeyWithoutAGreatestLengthIsRefused(t *testing.T) {
	id := func() *orm.Column { return orm.NewColumn("id", types.BigInteger(), orm.PrimaryKey()) }
	tests := map[string][]orm.TableItem{
		"primary key": {orm.NewColumn("x", types.Text(), orm.PrimaryKey())},
		"unique":      {id(), orm.NewColumn("x", types.String(0), orm.Unique())},
		"foreign key": {id(), orm.NewColumn("x", types.LargeBinary()), orm.ForeignKeyTo([]string{"x"}, "t", "id")},
		"index":       {id(), orm.NewColumn("x", types.JSONType(), orm.IndexColumn())},
	}
	for name, items := range tests {
		t.Run(name, func(t *testing.T) {
			_, _, err := orm.Compile(orm.CreateTable(orm.NewTable("t", orm.NewMetadata(), items...)), "mysql")
			want := "orm: compile for mysql: a key or index on t.x, which has no greatest length, is not supported (give the column a length, as size:255)"
			if !errors.Is(err, orm.ErrUnsupported) || err.Error() != want {
				t.Errorf("the error is %v, want %s", err, want)
			}
		})
	}
}

func TestDefaultsOfTheServerAreInUTC(t *testing.T) {
	db, _ := open(t)
	before := time.Now().Add(-time.Minute)
	got, ok := value(t, db, "SELECT CURRENT_TIMESTAMP(6)").(time.Time)
	if !ok || got.Before(before) || got.After(time.Now().Add(time.Minute)) {
		t.Errorf("it is %v", got)
	}
}
