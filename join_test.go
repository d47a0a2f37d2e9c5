// This file tests joins: of all kinds, with conditions given or found from the
// foreign keys.

package orm_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/aurum-go/orm"
)

func TestJoinsGiveTheSameRowsOnEveryDatabase(t *testing.T) { runCases(t, joinCases()) }

// placed selects people and the city of their office.
var placed = orm.Select(person.name, office.city).From(personTable)

func joinCases() []sqlCase {
	return []sqlCase{
		{
			name: "the condition is that of the foreign key", stmt: placed.Join(officeTable).OrderBy(person.id),
			rows: []string{"city=Berlin name=Ann", "city=Berlin name=Bob", "city=Oslo name=Cyd", "city=Oslo name=Eve"},
		},
		{
			name: "from the other side", stmt: orm.Select(person.name).From(officeTable).Join(personTable).Where(office.city.Eq("Oslo")).OrderBy(person.id),
			rows: nameRows("Cyd", "Eve"),
		},
		{
			name: "an outer join keeps rows without a partner", stmt: placed.OuterJoin(officeTable).Where(person.id.Ge(4)).OrderBy(person.id),
			rows: []string{"city=NULL name=Dee", "city=Oslo name=Eve"},
		},
		{
			name: "a full join keeps rows of both sides", lacks: "mysql",
			stmt: orm.Select(person.name, office.city).From(personTable).FullJoin(officeTable).Where(orm.Or(person.id.IsNull(), office.id.IsNull())).OrderBy(office.city.Asc().NullsFirst()),
			rows: []string{"city=NULL name=Dee", "city=Turin name=NULL"},
		},
		{name: "a cross join", stmt: orm.Select(orm.Count().As("n")).From(personTable).CrossJoin(officeTable), rows: []string{"n=15"}},
		{
			name: "a condition of its own", stmt: orm.Select(person.name, office.city).From(personTable).Join(officeTable, orm.Lt(office.id, person.rank), office.floor.Eq(1)).OrderBy(person.id),
			rows: []string{"city=Turin name=Dee", "city=Turin name=Eve"},
		},
		{
			name: "a condition on the joined table keeps rows of an outer join", stmt: placed.OuterJoin(officeTable, orm.Eq(person.office, office.id), office.city.Eq("Oslo")).OrderBy(person.id).Limit(3),
			rows: []string{"city=NULL name=Ann", "city=NULL name=Bob", "city=Oslo name=Cyd"},
		},
		{
			name: "a table joined to itself", stmt: orm.Select(person.name, bossRow.name.As("of")).From(personTable).Join(boss, orm.Eq(person.boss, bossRow.id)).OrderBy(person.id),
			rows: []string{"name=Bob of=Ann", "name=Cyd of=Ann", "name=Dee of=Bob"},
		},
		{
			name: "a table joined to itself by its foreign key", stmt: orm.Select(person.name, bossRow.name.As("of")).From(personTable).Join(boss).OrderBy(person.id),
			rows: []string{"name=Bob of=Ann", "name=Cyd of=Ann", "name=Dee of=Bob"},
		},
		{
			name: "a chain", stmt: orm.Select(person.name, bossRow.name.As("of"), office.city).From(personTable).
				Join(boss, orm.Eq(person.boss, bossRow.id)).OuterJoin(officeTable, orm.Eq(person.office, office.id)).OrderBy(person.id),
			rows: []string{"city=Berlin name=Bob of=Ann", "city=Oslo name=Cyd of=Ann", "city=NULL name=Dee of=Bob"},
		},
		{
			name: "a SELECT", stmt: func() orm.Statement {
				counts := orm.Select(person.office.As("office_id"), orm.Count().As("n")).GroupBy(person.office).Subquery("counts")
				return orm.Select(office.city, counts.C("n")).From(officeTable).Join(counts, orm.Eq(office.id, orm.Col[int](counts, "office_id"))).OrderBy(office.id)
			}(),
			rows: []string{"city=Berlin n=2", "city=Oslo n=2"},
		},
		{
			name: "joins of the last of two items", stmt: orm.Select(orm.Count().As("n")).From(shelfTable, personTable).Join(officeTable),
			rows: []string{"n=12"},
		},
	}
}

func TestJoinWithoutOnePathIsATypedError(t *testing.T) {
	for name, test := range map[string]struct {
		stmt orm.Statement
		want orm.ErrorKind
		says string
	}{
		"no foreign key":          {orm.Select(person.name).From(personTable).Join(shelfTable), orm.ErrNoForeignKey, "give Join a condition"},
		"two foreign keys":        {orm.Select(person.name).From(personTable).Join(visitTable), orm.ErrAmbiguous, "visit.host_id to person; visit.guest_id to person"},
		"two ways over a chain":   {orm.Select(person.name).From(personTable).Join(boss).Join(officeTable), orm.ErrAmbiguous, "person.office_id to office"},
		"a SELECT":                {orm.Select(person.name).From(personTable).Join(byAge.Subquery("a")), orm.ErrNoForeignKey, "a"},
		"nothing to join to":      {orm.Select(person.name).Join(officeTable), orm.ErrArgument, "call From before Join"},
		"the same table":          {orm.Select(person.name).From(personTable).Join(personTable), orm.ErrAmbiguous, "with Alias"},
		"a text":                  {orm.Select(person.name).From(personTable).Join("office"), orm.ErrArgument, "string"},
		"a SELECT without a name": {orm.Select(person.name).From(personTable).Join(byAge), orm.ErrArgument, "Subquery"},
		"a table not in FROM":     {orm.Select(person.name).From(personTable).Join(officeTable, orm.Eq(office.id, shelf.x)), orm.ErrUnknownName, "shelf.x"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := orm.Compile(test.stmt, "sqlite")
			if !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("the error is %v, not %v with %q", err, test.want, test.says)
			}
		})
	}
}
