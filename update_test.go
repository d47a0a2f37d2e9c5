// This file tests the UPDATE.

package orm_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

func TestUpdatesHaveTheSameEffectOnEveryDatabase(t *testing.T) { runCases(t, updateCases()) }

var ages = orm.Select(person.name, person.age).Where(person.age.Ge(50)).OrderBy(person.id)

func updateCases() []sqlCase {
	return []sqlCase{
		{name: "a value", stmt: orm.Update(personTable).Set(person.age.Set(50)).Where(person.name.Eq("Bob")), check: ages, rows: []string{"age=50 name=Bob"}},
		{name: "assignments stand in the order given", stmt: orm.Update(personTable).Set(person.rank.Set(9), person.age.Set(50)).Set(person.nick.Set("n")).Where(person.id.Eq(1)), check: ages, rows: []string{"age=50 name=Ann"}},
		{name: "an expression of the row", stmt: orm.Update(personTable).Set(person.age.SetExpr(person.age.Plus(20))).Where(person.age.Ge(30)), check: ages, rows: []string{"age=60 name=Ann", "age=50 name=Bob", "age=50 name=Dee"}},
		{name: "a column without a type", stmt: orm.Update(personTable).Set(personTable.C("age").Set(personTable.C("id"))).Where(person.id.Eq(5)), check: whoIf(person.age.Eq(5)), rows: nameRows("Eve")},
		{name: "NULL", stmt: orm.Update(personTable).Set(person.age.SetNull()).Where(person.id.Eq(1)), check: whoIf(person.age.IsNull()), rows: nameRows("Ann", "Cyd")},
		{name: "nil", stmt: orm.Update(personTable).Set(personTable.C("age").Set(nil)).Where(person.id.Eq(1)), check: whoIf(person.age.IsNull()), rows: nameRows("Ann", "Cyd")},
		{name: "a CASE", stmt: orm.Update(personTable).Set(person.age.SetExpr(orm.Case[int]().When(person.id.Eq(1), 51).Else(52))).Where(person.id.Le(2)), check: ages, rows: []string{"age=51 name=Ann", "age=52 name=Bob"}},
		{name: "a SELECT about the row", stmt: orm.Update(personTable).Set(person.age.SetExpr(orm.Scalar[int](orm.Select(office.floor.Plus(50)).Where(orm.Eq(office.id, person.office))))).Where(person.office.Eq(1)), check: ages, rows: []string{"age=53 name=Ann", "age=53 name=Bob"}},
		{name: "the database's default", stmt: orm.Update(personTable).Set(person.rank.SetDefault()).Where(person.id.Eq(1)), check: whoIf(person.rank.Eq(5)), rows: nameRows("Ann", "Eve"), lacks: "sqlite"},
		{name: "all rows", stmt: orm.Update(personTable).Set(person.age.Set(50)).AllRows(), check: orm.Select(orm.Count().As("n")).Where(person.age.Eq(50)), rows: []string{"n=5"}},
		{name: "under another name", stmt: orm.Update(boss).Set(bossRow.age.Set(50)).Where(bossRow.name.Eq("Bob")), check: ages, rows: []string{"age=50 name=Bob"}},
		{name: "rows that another table chooses", stmt: orm.Update(personTable).Set(person.age.Set(50)).Where(orm.Exists(orm.Select(office.id).Where(orm.Eq(office.id, person.office), office.city.Eq("Oslo")))), check: ages, rows: []string{"age=50 name=Cyd", "age=50 name=Eve"}},
		{
			name: "values from another table", stmt: orm.Update(personTable).Set(person.age.SetExpr(orm.Add(office.id, orm.Lit(50)))).From(officeTable).Where(orm.Eq(person.office, office.id), office.city.Eq("Oslo")),
			check: ages, rows: []string{"age=52 name=Cyd", "age=52 name=Eve"},
		},
		{
			name: "values from a SELECT", stmt: func() orm.Statement {
				counts := orm.Select(visit.host.As("id"), orm.Count().As("n")).GroupBy(visit.host).Subquery("counts")
				return orm.Update(personTable).Set(person.age.SetExpr(orm.Col[int](counts, "n").Plus(50))).From(counts).Where(orm.Eq(person.id, orm.Col[int64](counts, "id")))
			}(),
			check: ages, rows: []string{"age=51 name=Ann", "age=51 name=Bob"},
		},
		{
			name: "a SELECT about a row of the other table",
			stmt: orm.Update(personTable).Set(person.age.SetExpr(orm.Scalar[int](orm.Select(orm.Max(shelf.y).Plus(50)).Where(orm.Eq(shelf.x, office.id))))).
				From(officeTable).Where(orm.Eq(person.office, office.id)),
			check: ages, rows: []string{"age=52 name=Ann", "age=52 name=Bob", "age=51 name=Cyd", "age=51 name=Eve"},
		},
		{
			name: "values from the table itself", stmt: orm.Update(personTable).Set(person.age.SetExpr(bossRow.age.Plus(20))).From(boss).Where(orm.Eq(person.boss, bossRow.id)),
			check: ages, rows: []string{"age=60 name=Bob", "age=60 name=Cyd", "age=50 name=Dee"},
		},
		{name: "returning", stmt: orm.Update(personTable).Set(person.age.SetExpr(person.age.Plus(1))).Where(person.name.Eq("Bob")).Returning(person.name, person.age), rows: []string{"age=31 name=Bob"}, lacks: "mysql"},
		{
			name: "returning beside another table", stmt: orm.Update(personTable).Set(person.age.Set(1)).From(officeTable).Where(orm.Eq(person.office, office.id), person.id.Eq(5)).Returning(person.id),
			rows: []string{"id=5"}, lacks: "mysql",
		},
		{name: "parameters given later", stmt: orm.Update(personTable).Set(person.age.SetExpr(orm.Param[int]("age"))).Where(orm.Eq(person.name, orm.Param[string]("who"))).Params(orm.M{"age": 50, "who": "Eve"}), check: ages, rows: []string{"age=50 name=Eve"}},
		{
			name: "columns that are filled at every update", stmt: orm.Update(timesTable).Set(timesTable.C("upper").Set("x")).Where(timesTable.C("id").Eq(1)),
		},
		{
			name: "a column that is filled unless it is set", stmt: orm.Update(timesTable).Set(timesTable.C("state").Set("x"), timesTable.C("touched").Set(in2020)).Where(timesTable.C("id").Eq(1)),
		},
		{name: "a row value in a list", stmt: orm.Update(shelfTable).Set(shelf.label.Set("z")).Where(orm.Tuple(shelf.x, shelf.y).In([]any{1, 2}, []any{2, 1})), check: orm.Select(orm.Count().As("n")).Where(shelf.label.Eq("z")), rows: []string{"n=2"}},
	}
}

func TestUpdateFillsColumnsAtEveryUpdate(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withCompany(t)
		get(orm.Exec(t.Context(), db.Engine, orm.Insert(timesTable).Values(orm.M{"id": 1})))(t)
		get(orm.Exec(t.Context(), db.Engine, orm.Update(timesTable).Set(timesTable.C("upper").Set("x")).Where(timesTable.C("id").Eq(1))))(t)
		row := get(orm.FetchOne[orm.M](t.Context(), db.Engine, orm.Select(timesTable.C("touched"), timesTable.C("state"))))(t)
		if row["touched"] == nil || row["state"] != "changed" {
			t.Error(row)
		}
	})
}

func TestUpdateFunctionIsCalledAtEveryUpdate(t *testing.T) {
	db := onSQLite(t)
	calls, meta := 0, orm.NewMetadata()
	table := orm.NewTable("t", meta, orm.NewColumn("id", types.Integer(), orm.PrimaryKey()), orm.NewColumn("a", types.Integer()),
		orm.NewColumn("n", types.Integer(), orm.OnUpdateFunc(func() int { calls++; return calls })))
	must(t, meta.CreateAll(t.Context(), db.Engine))
	get(orm.Exec(t.Context(), db.Engine, orm.Insert(table).Values(orm.M{"a": 1}, orm.M{"a": 2})))(t)
	for range 2 {
		get(orm.Exec(t.Context(), db.Engine, orm.Update(table).Set(table.C("a").Set(5)).AllRows()))(t)
	}
	if n := get(orm.Fetch[int](t.Context(), db.Engine, orm.Select(table.C("n"))))(t); !slices.Equal(n, []int{2, 2}) || calls != 2 {
		t.Errorf("%v after %d calls", n, calls)
	}
}

func TestUpdateMistakesAreTypedErrors(t *testing.T) {
	set := orm.Update(personTable).Set(person.age.Set(1))
	for name, test := range map[string]struct {
		stmt orm.Statement
		want orm.ErrorKind
		says string
	}{
		"nothing to set":              {orm.Update(personTable).Where(person.id.Eq(1)), orm.ErrArgument, "nothing to set"},
		"a column twice":              {set.Set(person.age.Set(2)).Where(person.id.Eq(1)), orm.ErrArgument, "person.age"},
		"a column of another table":   {orm.Update(personTable).Set(office.floor.Set(1)).Where(person.id.Eq(1)), orm.ErrArgument, "office.floor"},
		"a column of a table in from": {orm.Update(personTable).Set(office.floor.Set(1)).From(officeTable).Where(person.id.Eq(1)), orm.ErrArgument, "office.floor"},
		"no column":                   {orm.Update(personTable).Set(person.age.Plus(1).Set(1)).Where(person.id.Eq(1)), orm.ErrArgument, "not a column"},
		"a table not in from":         {set.Where(orm.Eq(person.office, office.id)), orm.ErrUnknownName, "office.id"},
		"the same table in from":      {set.From(personTable).Where(person.id.Eq(1)), orm.ErrAmbiguous, "Alias"},
		"a condition that is zero":    {set.Where(orm.Expr[bool]{}), orm.ErrArgument, "zero Expr"},
		"a subquery for a table":      {orm.Update(byAge.Subquery("a")).Set(person.age.Set(1)).AllRows(), orm.ErrArgument, ""},
		"a value of another type":     {orm.Update(personTable).Set(personTable.C("age").Set("x")).Where(person.id.Eq(1)), orm.ErrValue, ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := orm.Compile(test.stmt, "postgres")
			if !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("the error is %v, not %v with %q", err, test.want, test.says)
			}
		})
	}
}

// unbounded are conditions that leave no row out by their form.
var unbounded = map[string][]orm.Expr[bool]{
	"none":                              nil,
	"true":                              {orm.True()},
	"false alone":                       {orm.False()},
	"an AND of nothing":                 {orm.And()},
	"a comparison of values":            {orm.Eq(orm.Lit(1), orm.Lit(1))},
	"an empty NOT IN":                   {person.id.NotIn()},
	"NOT of an empty IN":                {orm.Not(person.id.In())},
	"an empty NOT IN of rows":           {orm.Tuple(person.id, person.age).NotIn()},
	"two of them":                       {person.id.NotIn(), orm.True()},
	"an AND of them":                    {orm.And(person.id.NotIn(), person.age.NotIn())},
	"an OR with true":                   {orm.Or(person.id.Eq(1), orm.True())},
	"an OR with an empty NOT IN":        {orm.Or(person.id.Eq(1), person.age.NotIn())},
	"an OR with a comparison of values": {orm.Or(person.id.Eq(1), orm.Eq(orm.Lit(1), orm.Lit(1)))},
	"an OR deep inside":                 {orm.And(orm.True(), orm.Or(person.id.Eq(1), orm.Not(orm.Or(person.id.In(), orm.False()))))},
	"a value from nowhere":              {orm.Lit(true)},
}

// bounded are conditions that may leave rows out.
var bounded = map[string][]orm.Expr[bool]{
	"a column":                     {person.id.Eq(1)},
	"a column beside true":         {orm.True(), person.id.Eq(1)},
	"a column beside NOT IN":       {person.age.NotIn(), person.id.Eq(1)},
	"an AND":                       {orm.And(person.age.NotIn(), person.id.Eq(1))},
	"an OR":                        {orm.Or(person.id.Eq(1), person.id.Eq(2))},
	"an OR with an empty IN":       {orm.Or(person.id.Eq(1), person.id.In())},
	"an empty IN":                  {person.id.In()},
	"a SELECT about the row":       {orm.Scalar[int64](orm.Select(orm.Count()).From(visitTable).Where(orm.Eq(visit.host, person.id))).Eq(0)},
	"EXISTS":                       {orm.Exists(orm.Select(visit.host).Where(orm.Eq(visit.host, person.id)))},
	"text":                         {orm.Raw[bool]("id = ?", 1)},
	"a value in a SELECT":          {orm.Lit(int64(2)).InSelect(orm.Select(visit.host).Where(orm.Eq(visit.host, person.id)))},
	"a column inside of functions": {orm.Coalesce(orm.Case[int]().When(person.id.Eq(1), 1).End(), orm.Lit(0)).Eq(1)},
	"a name":                       {orm.F("id").Eq(1)},
}

func TestWritingAllRowsHasToBeAskedFor(t *testing.T) {
	for name, conditions := range unbounded {
		update := orm.Update(personTable).Set(person.age.Set(1)).Where(conditions...)
		remove := orm.Delete(personTable).Where(conditions...)
		for _, stmt := range []orm.Statement{update, remove} {
			if _, _, err := orm.Compile(stmt, "postgres"); !errors.Is(err, orm.ErrNoFilter) {
				t.Errorf("%s: %T: the error is %v", name, stmt, err)
			}
		}
		for _, stmt := range []orm.Statement{update.AllRows(), remove.AllRows()} {
			if _, _, err := orm.Compile(stmt, "postgres"); err != nil {
				t.Errorf("%s: %T of all rows: %v", name, stmt, err)
			}
		}
	}
	for name, conditions := range bounded {
		for _, stmt := range []orm.Statement{orm.Update(personTable).Set(person.age.Set(1)).Where(conditions...), orm.Delete(personTable).Where(conditions...)} {
			if _, _, err := orm.Compile(stmt, "postgres"); err != nil {
				t.Errorf("%s: %T: %v", name, stmt, err)
			}
		}
	}
}

func TestRefusedWriteIsNotSent(t *testing.T) {
	db := onSQLite(t).withCompany(t)
	if _, err := orm.Exec(t.Context(), db.Engine, orm.Delete(personTable)); !errors.Is(err, orm.ErrNoFilter) {
		t.Errorf("the error is %v", err)
	}
	if diff := cmp.Diff([]string(nil), db.statements()); diff != "" {
		t.Errorf("sent (-want +got):\n%s", diff)
	}
}
