// This file tests the DELETE. What it refuses is tested with the UPDATE.

package orm_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/aurum-go/orm"
)

func TestDeletesHaveTheSameEffectOnEveryDatabase(t *testing.T) { runCases(t, deleteCases()) }

var (
	left  = orm.Select(shelf.label).Where(shelf.label.IsNotNull()).OrderBy(shelf.label)
	other = shelfTable.Alias("other")
)

func labels(list ...string) []string {
	rows := []string{}
	for _, l := range list {
		rows = append(rows, "label="+l)
	}
	return rows
}

func deleteCases() []sqlCase {
	return []sqlCase{
		{name: "rows with a value", stmt: orm.Delete(shelfTable).Where(shelf.label.Eq("a")), check: left, rows: labels("b")},
		{name: "rows in a list", stmt: orm.Delete(shelfTable).Where(shelf.y.In(2, 3)), check: left, rows: labels("a")},
		{name: "rows in an empty list", stmt: orm.Delete(shelfTable).Where(shelf.y.In()), check: left, rows: labels("a", "b")},
		{name: "all rows", stmt: orm.Delete(shelfTable).AllRows(), check: left, rows: labels()},
		{name: "rows that another table chooses", stmt: orm.Delete(shelfTable).Where(orm.Exists(orm.Select(office.id).Where(orm.Eq(office.id, shelf.y), office.city.Eq("Oslo")))), check: left, rows: labels("a")},
		{name: "rows that a SELECT chooses", stmt: orm.Delete(shelfTable).Where(shelf.y.InSelect(orm.Select(office.id).Where(office.floor.IsNull()))), check: left, rows: labels("a")},
		{name: "under another name", stmt: orm.Delete(other).Where(orm.Col[string](other, "label").Eq("a")), check: left, rows: labels("b")},
		{name: "using another table", stmt: orm.Delete(shelfTable).Using(officeTable).Where(orm.Eq(shelf.y, office.id), office.city.Eq("Oslo")), check: left, rows: labels("a"), lacks: "sqlite"},
		{
			name: "using the table itself", stmt: orm.Delete(shelfTable).Using(other).Where(orm.Eq(shelf.x, orm.Col[int](other, "x")), orm.Gt(shelf.y, orm.Col[int](other, "y"))),
			check: left, rows: labels("a"), lacks: "sqlite",
		},
		{
			name: "using another table, under another name", stmt: orm.Delete(other).Using(officeTable).Where(orm.Eq(orm.Col[int](other, "y"), office.id), office.city.Eq("Oslo")),
			check: left, rows: labels("a"), lacks: "sqlite",
		},
		{name: "returning", stmt: orm.Delete(shelfTable).Where(shelf.label.Eq("a")).Returning(shelf.x, shelf.label), rows: []string{"label=a x=1"}},
		{
			name: "returning beside another table", stmt: orm.Delete(shelfTable).Using(officeTable).Where(orm.Eq(shelf.y, office.id), office.city.Eq("Oslo")).Returning(shelf.x, office.id.As("o")),
			rows: []string{"o=2 x=1"}, lacks: "sqlite mysql",
		},
		{name: "a parameter given later", stmt: orm.Delete(shelfTable).Where(orm.Eq(shelf.label, orm.Param[string]("l"))).Params(orm.M{"l": "b"}), check: left, rows: labels("a")},
	}
}

func TestDeleteMistakesAreTypedErrors(t *testing.T) {
	for name, test := range map[string]struct {
		stmt orm.Statement
		want orm.ErrorKind
		says string
	}{
		"a table not in using":          {orm.Delete(shelfTable).Where(orm.Eq(shelf.x, office.id)), orm.ErrUnknownName, "office.id"},
		"a subquery for a table":        {orm.Delete(byAge.Subquery("a")).AllRows(), orm.ErrArgument, ""},
		"a text for a table":            {orm.Delete("shelf").AllRows(), orm.ErrArgument, "string"},
		"returning a column of another": {orm.Delete(shelfTable).AllRows().Returning(office.id), orm.ErrUnknownName, "office.id"},
		"returning all of another":      {orm.Delete(shelfTable).AllRows().Returning(officeTable), orm.ErrUnknownName, "office"},
		"returning nothing":             {orm.Delete(shelfTable).AllRows().Returning(nil), orm.ErrArgument, ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := orm.Compile(test.stmt, "postgres")
			if !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("the error is %v, not %v with %q", err, test.want, test.says)
			}
		})
	}
}
