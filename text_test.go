// This file tests hand-written SQL: its parameters, and what is refused.

package orm_test

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

func TestTextsGiveTheSameRowsOnEveryDatabase(t *testing.T) { runCases(t, textCases()) }

func textCases() []sqlCase {
	return []sqlCase{
		{name: "arguments in order", stmt: orm.Text("SELECT name FROM person WHERE age = ? AND name <> ?", 30, "Dee"), rows: nameRows("Bob")},
		{name: "arguments by name", stmt: orm.Text("SELECT name FROM person WHERE age = :age AND name <> :name", sql.Named("name", "Dee"), sql.Named("age", 30)), rows: nameRows("Bob")},
		{name: "an argument used twice", stmt: orm.Text("SELECT name FROM person WHERE age = :n OR rank = :n ORDER BY id", sql.Named("n", 7)), rows: nameRows("Eve")},
		{name: "a list", stmt: orm.Text("SELECT name FROM person WHERE id IN (?) AND age > ? ORDER BY id", []int{1, 2, 5}, 8), rows: nameRows("Ann", "Bob")},
		{name: "a list by name", stmt: orm.Text("SELECT name FROM person WHERE id IN (:ids) ORDER BY id", sql.Named("ids", []int64{5})), rows: nameRows("Eve")},
		{name: "an empty list", stmt: orm.Text("SELECT name FROM person WHERE id IN (:ids)", sql.Named("ids", []int64{})), rows: nameRows()},
		{name: "an expression", stmt: orm.Text("SELECT name FROM person WHERE ? ORDER BY id", person.age.Eq(30)), rows: nameRows("Bob", "Dee")},
		{name: "an expression by name", stmt: orm.Text("SELECT name FROM person WHERE :c ORDER BY id", sql.Named("c", orm.Or(person.age.Eq(40), person.age.Eq(7)))), rows: nameRows("Ann", "Eve")},
		{name: "question marks and colons in quotes", stmt: orm.Text("SELECT '?' AS a, ':x' AS b, 'it''s ?' AS c WHERE 1 = ?", 1), rows: []string{"a=? b=:x c=it's ?"}},
		{name: "marks in comments", stmt: orm.Text("SELECT /* ? :x */ name FROM person -- ? :y\nWHERE id = ?", 1), rows: nameRows("Ann")},
		{name: "a doubled question mark", stmt: orm.Text("SELECT a ?? b FROM t WHERE c = ?", 1)},
		{name: "an escaped colon", stmt: orm.Text(`SELECT a[1\:b] FROM t WHERE c = :c`, sql.Named("c", 1))},
		{name: "a cast by two colons", stmt: orm.Text("SELECT a::text FROM t WHERE c = ?", 1)},
		{name: "a dollar quote", stmt: orm.Text("SELECT $x$ ? :y $x$ FROM t WHERE c = ?", 1)},
		{name: "a semicolon at the end", stmt: orm.Text("SELECT name FROM person WHERE id = ?;", 1), rows: nameRows("Ann")},
		{name: "no argument", stmt: orm.Text("SELECT name FROM person WHERE id = 1"), rows: nameRows("Ann")},
		{name: "NULL", stmt: orm.Text("SELECT coalesce(?, 'x') AS v", nil), rows: valueRows("x")},
		{name: "bytes are no list", stmt: orm.Text("SELECT count(*) AS v FROM person WHERE name = ?", []byte("Ann"))},
		{name: "a slice that says how it is sent", stmt: orm.Text("SELECT name FROM person WHERE name = ?", joined{"A", "nn"}), rows: nameRows("Ann")},
		{name: "columns told", stmt: orm.Text("SELECT active AS v FROM person WHERE id = 3").Columns(orm.ResultColumn{Name: "v", Type: types.Boolean()}), rows: valueRows(false)},
	}
}

// joined is a slice that is one value.
type joined []string

func (j joined) Value() (driver.Value, error) { return strings.Join(j, ""), nil }

func TestTextMistakesAreTypedErrors(t *testing.T) {
	for name, test := range map[string]struct {
		stmt orm.Statement
		want orm.ErrorKind
		says string
	}{
		"too few arguments":               {orm.Text("SELECT ?, ?", 1), orm.ErrArgument, "2 placeholders and 1 arguments"},
		"too many arguments":              {orm.Text("SELECT ?", 1, 2), orm.ErrArgument, "1 placeholders and 2 arguments"},
		"a name without an argument":      {orm.Text("SELECT :a", sql.Named("b", 1)), orm.ErrArgument, ":a"},
		"an argument without a name":      {orm.Text("SELECT :a, :b", sql.Named("a", 1), sql.Named("b", 1), sql.Named("c", 1)), orm.ErrArgument, `"c"`},
		"an argument twice":               {orm.Text("SELECT :a", sql.Named("a", 1), sql.Named("a", 2)), orm.ErrArgument, `"a"`},
		"an argument that has no place":   {orm.Text("SELECT :a", sql.Named("a", 1), 2), orm.ErrArgument, "0 placeholders and 1 arguments"},
		"marks and names mixed":           {orm.Text("SELECT ?, :a", 1, sql.Named("a", 1)), orm.ErrArgument, "mixed"},
		"two statements":                  {orm.Text("SELECT 1; DELETE FROM person"), orm.ErrMultiStatement, "byte 10"},
		"a quote that is not closed":      {orm.Text("SELECT 'a"), orm.ErrSyntax, "byte 7"},
		"a comment that is not closed":    {orm.Text("SELECT 1 /* a"), orm.ErrSyntax, "byte 9"},
		"a NUL":                           {orm.Text("SELECT 1\x00"), orm.ErrSyntax, "NUL"},
		"an empty list behind NOT IN":     {orm.Text("SELECT 1 FROM t WHERE a NOT IN (?)", []int{}), orm.ErrArgument, "NOT IN"},
		"an empty list behind not  in":    {orm.Text("SELECT 1 FROM t WHERE a not\n in(:a)", sql.Named("a", []int{})), orm.ErrArgument, "NOT IN"},
		"a struct for a value":            {orm.Text("SELECT ?", struct{ A int }{1}), orm.ErrValue, ""},
		"a statement for a value":         {orm.Text("SELECT ?", orm.Select(person.id)), orm.ErrValue, ""},
		"two statements in an expression": {whoIf(orm.Raw[bool]("1); DELETE FROM person; --")), orm.ErrMultiStatement, ""},
		"an expression that closes more":  {whoIf(orm.Raw[bool]("1=1) OR (1=1")), orm.ErrSyntax, "byte 3"},
		"an expression that stays open":   {whoIf(orm.Raw[bool]("(1=1")), orm.ErrSyntax, "byte 0"},
		"an expression without arguments": {whoIf(orm.Raw[bool]("age = ?")), orm.ErrArgument, "1 placeholders"},
		"a column that is not told":       {orm.Select(orm.Text("SELECT 1").Subquery("t").C("x")), orm.ErrUnknownName, `t."x"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := orm.Compile(test.stmt, "sqlite")
			if !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("the error is %v, not %v with %q", err, test.want, test.says)
			}
		})
	}
}

func TestTextIsNotTransactionControl(t *testing.T) {
	db := onSQLite(t)
	for _, text := range []orm.SQL{"COMMIT", "rollback", "BEGIN", "SAVEPOINT a", "/* x */ RELEASE a", "SET autocommit = 1"} {
		if _, err := orm.Exec(t.Context(), db.Engine, orm.Text(text)); !errors.Is(err, orm.ErrTxControl) {
			t.Errorf("%s: the error is %v", text, err)
		}
	}
	if diff := cmp.Diff([]string(nil), db.statements()); diff != "" {
		t.Errorf("sent (-want +got):\n%s", diff)
	}
}

func TestColumnsOfATextAreMatchedByPosition(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withCompany(t)
		stmt := orm.Text("SELECT active, hired FROM person WHERE id = 1").Columns(
			orm.ResultColumn{Name: "a", Type: types.Boolean()}, orm.ResultColumn{Name: "b", Type: types.DateTime()})
		got := get(orm.FetchOne[orm.M](t.Context(), db.Engine, stmt))(t)
		if diff := cmp.Diff(orm.M{"active": true, "hired": in2020}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}
