// This file tests the INSERT: its rows, defaults and keys, and many sets of
// values at once.

package orm_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

func TestInsertsHaveTheSameEffectOnEveryDatabase(t *testing.T) { runCases(t, insertCases()) }

var (
	shelves    = orm.Select(shelfTable).Where(shelf.x.Ge(5)).OrderBy(shelf.x, shelf.y)
	latest     = orm.Select(person.name, person.active, person.age, person.rank).Where(person.id.Gt(5)).OrderBy(person.name)
	timesTable = orm.NewTable("times", company,
		orm.NewColumn("id", types.BigInteger(), orm.PrimaryKey()),
		orm.NewColumn("made", types.DateTime(), orm.DefaultNow()),
		orm.NewColumn("upper", types.String(20), orm.Default(orm.Upper(orm.Lit("ab")))),
		orm.NewColumn("touched", types.DateTime(), orm.OnUpdateNow()),
		orm.NewColumn("state", types.String(20), orm.OnUpdate("changed")),
	)
)

func insertCases() []sqlCase {
	return []sqlCase{
		{name: "one row", stmt: orm.Insert(shelfTable).Values(orm.M{"x": 5, "y": 1, "label": "new"}), check: shelves, rows: []string{"label=new x=5 y=1"}},
		{name: "columns stand in the order of the table", stmt: orm.Insert(shelfTable).Set(shelf.label.Set("s"), shelf.y.Set(2), shelf.x.Set(5)), check: shelves, rows: []string{"label=s x=5 y=2"}},
		{
			name: "many rows", stmt: orm.Insert(shelfTable).Values(orm.M{"x": 5, "y": 1, "label": "a"}, orm.M{"x": 5, "y": 2, "label": "b"}).Values(orm.M{"x": 6, "y": 1, "label": "c"}),
			check: shelves, rows: []string{"label=a x=5 y=1", "label=b x=5 y=2", "label=c x=6 y=1"},
		},
		{name: "a default is filled in for each row", stmt: orm.Insert(shelfTable).Values(orm.M{"x": 5, "y": 1}, orm.M{"x": 5, "y": 2, "label": "b"}), check: shelves, rows: []string{"label=empty x=5 y=1", "label=b x=5 y=2"}},
		{name: "nil is NULL, not the default", stmt: orm.Insert(shelfTable).Values(orm.M{"x": 5, "y": 1, "label": nil}), check: shelves, rows: []string{"label=NULL x=5 y=1"}},
		{name: "a column that may be NULL and has no default", stmt: orm.Insert(personTable).Values(orm.M{"name": "Fay", "rank": 1}, orm.M{"name": "Gus", "rank": 2, "age": 3}), check: latest, rows: []string{"active=true age=NULL name=Fay rank=1", "active=true age=3 name=Gus rank=2"}},
		{name: "a default of the database", stmt: orm.Insert(personTable).Values(orm.M{"name": "Fay"}), check: latest, rows: []string{"active=true age=NULL name=Fay rank=5"}},
		{name: "the word DEFAULT", stmt: orm.Insert(personTable).Set(person.name.Set("Fay"), person.rank.SetDefault()), check: latest, rows: []string{"active=true age=NULL name=Fay rank=5"}, lacks: "sqlite"},
		{name: "expressions for values", stmt: orm.Insert(shelfTable).Set(shelf.x.SetExpr(orm.Add(orm.Lit(2), orm.Lit(3))), shelf.y.SetExpr(orm.Scalar[int](orm.Select(orm.Max(person.age)))), shelf.label.SetNull()), check: shelves, rows: []string{"label=NULL x=5 y=40"}},
		{name: "an expression in a map", stmt: orm.Insert(shelfTable).Values(orm.M{"x": 5, "y": 1, "label": orm.Upper(orm.Lit("abc"))}), check: shelves, rows: []string{"label=ABC x=5 y=1"}},
		{name: "a parameter given later", stmt: orm.Insert(shelfTable).Set(shelf.x.SetExpr(orm.Param[int]("x")), shelf.y.Set(1)).Params(orm.M{"x": 5}), check: shelves, rows: []string{"label=empty x=5 y=1"}},
		{name: "no row is the row of the defaults", stmt: orm.Insert(timesTable), check: orm.Select(orm.Count().As("n")).From(timesTable).Where(orm.Col[time.Time](timesTable, "made").IsNotNull()), rows: []string{"n=1"}},
		{name: "only what the database makes", stmt: orm.Insert(serialTable), check: orm.Select(orm.Count().As("n")).From(serialTable), rows: []string{"n=1"}},
		{name: "a default that is an expression", stmt: orm.Insert(timesTable).Values(orm.M{"id": 7}), check: orm.Select(timesTable.C("upper")), rows: []string{"upper=AB"}},
		{
			name: "from a SELECT", stmt: orm.Insert(shelfTable).FromSelect(orm.Select(person.rank.Plus(4), person.id, person.name).Where(person.id.Le(2)), shelf.x, shelf.y, shelf.label),
			check: shelves, rows: []string{"label=Ann x=5 y=1", "label=Bob x=6 y=2"},
		},
		{
			name: "from a SELECT with defaults", stmt: orm.Insert(shelfTable).FromSelect(orm.Select(person.rank.Plus(4), person.id).Where(person.id.Le(2)), shelf.x, shelf.y),
			check: shelves, rows: []string{"label=empty x=5 y=1", "label=empty x=6 y=2"},
		},
		{
			name: "from a SELECT without defaults", stmt: orm.Insert(shelfTable).FromSelect(orm.Select(person.rank.Plus(4), person.id).Where(person.id.Le(2)), shelf.x, shelf.y).WithoutDefaults(),
			check: shelves, rows: []string{"label=NULL x=5 y=1", "label=NULL x=6 y=2"},
		},
		{
			name: "from a set operation with defaults", stmt: orm.Insert(shelfTable).FromSelect(orm.Union(orm.Select(orm.Lit(5).As("x"), orm.Lit(1).As("y")), orm.Select(orm.Lit(6), orm.Lit(2))), shelf.x, shelf.y),
			check: shelves, rows: []string{"label=empty x=5 y=1", "label=empty x=6 y=2"},
		},
		{
			name: "from a SELECT into all columns", stmt: orm.Insert(shelfTable).FromSelect(orm.Select(person.rank.Plus(4), person.id, person.name).Where(person.id.Eq(1))),
			check: shelves, rows: []string{"label=Ann x=5 y=1"},
		},
		{
			name: "from the table itself", stmt: orm.Insert(shelfTable).FromSelect(orm.Select(shelf.x.Plus(4), shelf.y, shelf.label), shelf.x, shelf.y, shelf.label),
			check: shelves, rows: []string{"label=a x=5 y=1", "label=b x=5 y=2", "label=NULL x=6 y=1"},
		},
		{name: "returning", stmt: orm.Insert(shelfTable).Values(orm.M{"x": 5, "y": 1}).Returning(shelf.label, shelf.x.Plus(1).As("next")), rows: []string{"label=empty next=6"}},
		{name: "returning all", stmt: orm.Insert(shelfTable).Values(orm.M{"x": 5, "y": 1}, orm.M{"x": 5, "y": 2}).Returning(shelfTable), rows: []string{"label=empty x=5 y=1", "label=empty x=5 y=2"}},
	}
}

var serialTable = orm.NewTable("serial", company, orm.NewColumn("id", types.BigInteger(), orm.PrimaryKey()), orm.NewColumn("note", types.String(20)))

func TestInsertMistakesAreTypedErrors(t *testing.T) {
	ok := orm.M{"x": 5, "y": 1}
	for name, test := range map[string]struct {
		stmt orm.Statement
		want orm.ErrorKind
		says string
	}{
		"an unknown column":               {orm.Insert(shelfTable).Values(orm.M{"x": 1, "z": 2}), orm.ErrUnknownName, "x, y, label"},
		"a column of another table":       {orm.Insert(shelfTable).Set(person.age.Set(1)), orm.ErrArgument, "person.age"},
		"a column twice":                  {orm.Insert(shelfTable).Set(shelf.x.Set(1), shelf.x.Set(2)), orm.ErrArgument, "shelf.x"},
		"a row without a key":             {orm.Insert(shelfTable).Values(ok, orm.M{"x": 6}), orm.ErrArgument, "row 2"},
		"a row without a server default":  {orm.Insert(personTable).Values(orm.M{"name": "a", "rank": 1}, orm.M{"name": "b"}), orm.ErrArgument, "row 2"},
		"several rows of nothing":         {orm.Insert(serialTable).Values(orm.M{}, orm.M{}), orm.ErrArgument, "one by one"},
		"a value of another type":         {orm.Insert(shelfTable).Values(orm.M{"x": "1", "y": 1}), orm.ErrValue, ""},
		"a text that is too long":         {orm.Insert(shelfTable).Values(orm.M{"x": 1, "y": 1, "label": strings.Repeat("x", 21)}), orm.ErrValue, ""},
		"an assignment of nothing":        {orm.Insert(shelfTable).Set(orm.Assignment{}), orm.ErrArgument, ""},
		"a SELECT for a value":            {orm.Insert(shelfTable).Values(orm.M{"x": orm.Select(shelf.x), "y": 1}), orm.ErrValue, ""},
		"a subquery for a table":          {orm.Insert(byAge.Subquery("a")).Values(ok), orm.ErrArgument, ""},
		"no table":                        {orm.Insert(nil).Values(ok), orm.ErrArgument, ""},
		"a query that is nil":             {orm.Insert(shelfTable).FromSelect(nil, shelf.x), orm.ErrArgument, ""},
		"more parameters than there are":  {orm.Insert(shelfTable).Values(manyShelves(40_000)), orm.ErrTooManyParams, "65535"},
		"returning where there is none":   {orm.Insert(shelfTable).Values(ok).Returning(shelf.x), orm.ErrUnsupported, "RETURNING"},
		"a default where a value belongs": {orm.Select(orm.Count()).From(shelfTable).Where(orm.Eq(shelf.x, orm.Expr[int]{})), orm.ErrArgument, ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := orm.Compile(test.stmt, "mysql")
			if !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("the error is %v, not %v with %q", err, test.want, test.says)
			}
		})
	}
}

func manyShelves(n int) []orm.M {
	rows := make([]orm.M, n)
	for i := range rows {
		rows[i] = orm.M{"x": 10 + i, "y": i % 3}
	}
	return rows
}

func TestInsertReportsTheKeysOfItsRows(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withCompany(t)
		several := [][]any{{int64(7)}, {int64(8)}}
		if !db.Dialect().Features().MultiRowReturning {
			several = nil // which key is whose is not known
		}
		for _, test := range []struct {
			name string
			stmt *orm.InsertStatement
			want [][]any
		}{
			{"one that the database makes", orm.Insert(personTable).Values(orm.M{"name": "a"}), [][]any{{int64(6)}}},
			{"several that the database makes", orm.Insert(personTable).Values(orm.M{"name": "b"}, orm.M{"name": "c"}), several},
			{"one that is given", orm.Insert(personTable).Values(orm.M{"id": 50, "name": "d"}), [][]any{{int64(50)}}},
			{"composite ones", orm.Insert(shelfTable).Values(orm.M{"x": 5, "y": 1}, orm.M{"x": 5, "y": 2}), [][]any{{int64(5), int64(1)}, {int64(5), int64(2)}}},
			{"one that an expression makes", orm.Insert(shelfTable).Values(orm.M{"x": orm.Abs(orm.Lit(-6)), "y": 2}), [][]any{{int64(6), int64(2)}}},
			{"those of a SELECT are not known", orm.Insert(shelfTable).FromSelect(orm.Select(person.id, person.rank).Where(person.id.Eq(3)), shelf.x, shelf.y), nil},
		} {
			res := get(orm.Exec(t.Context(), db.Engine, test.stmt))(t)
			if diff := cmp.Diff(test.want, res.InsertedPrimaryKeys()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", test.name, diff)
			}
		}
	})
}

func TestDefaultFunctionIsCalledOnceForEachRow(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		calls := 0
		meta := orm.NewMetadata()
		counted := orm.NewTable("counted", meta,
			orm.NewColumn("id", types.BigInteger(), orm.PrimaryKey(), orm.DefaultFunc(func() int64 { calls++; return int64(calls) })),
			orm.NewColumn("note", types.String(20)))
		must(t, meta.CreateAll(t.Context(), db.Engine))
		get(orm.Exec(t.Context(), db.Engine, orm.Insert(counted).Values(orm.M{"note": "a"}, orm.M{"note": "b"})))(t)
		res := get(orm.Exec(t.Context(), db.Engine, orm.Insert(counted).Values(orm.M{"note": "c"})))(t)
		if calls != 3 {
			t.Errorf("%d calls for 3 rows", calls)
		}
		if diff := cmp.Diff([]any{int64(3)}, res.InsertedPrimaryKey()); diff != "" {
			t.Errorf("key (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]int64{1, 2, 3}, get(orm.Fetch[int64](t.Context(), db.Engine, orm.Select(counted.C("id")).OrderBy(counted.C("id"))))(t)); diff != "" {
			t.Errorf("rows (-want +got):\n%s", diff)
		}
	})
}

func TestDefaultTimeIsOneInstantForAllRowsOfAStatement(t *testing.T) {
	db := onSQLite(t).withCompany(t)
	get(orm.Exec(t.Context(), db.Engine, orm.Insert(timesTable).Values(orm.M{"id": 1}, orm.M{"id": 2}, orm.M{"id": 3})))(t)
	n := get(orm.FetchOne[int](t.Context(), db.Engine, orm.Select(orm.CountDistinct(timesTable.C("made")))))(t)
	if n != 1 {
		t.Errorf("%d instants", n)
	}
}

func TestReturningComesBackInTheTypesOfItsColumns(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withCompany(t)
		if !db.Dialect().Features().InsertReturning {
			t.Fatal("no RETURNING")
		}
		type row struct {
			ID     int64
			Active bool
			Hired  *time.Time
			Wage   *string
		}
		at := in2020
		got := get(orm.FetchOne[row](t.Context(), db.Engine, orm.Insert(personTable).Values(orm.M{"id": 9, "name": "x", "hired": at, "wage": "1.50"}).
			Returning(person.id, person.active, person.hired, person.wage)))(t)
		wage := "1.50"
		if diff := cmp.Diff(row{9, true, &at, &wage}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestExecManyInsertsInPages(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withCompany(t)
		res := get(orm.ExecMany(t.Context(), db.Engine, orm.Insert(shelfTable), manyShelves(2500)))(t)
		if res.RowsAffected() != 2500 || len(res.InsertedPrimaryKeys()) != 2500 {
			t.Errorf("%d rows, %d keys", res.RowsAffected(), len(res.InsertedPrimaryKeys()))
		}
		if diff := cmp.Diff([]any{int64(10 + 2499), int64(2499 % 3)}, res.InsertedPrimaryKeys()[2499]); diff != "" {
			t.Errorf("last key (-want +got):\n%s", diff)
		}
		sent := db.statements()
		if len(sent) != 3 {
			t.Errorf("%d statements were sent for three pages", len(sent))
		}
		rows := get(orm.FetchOne[int](t.Context(), db.Engine, orm.Select(orm.Count()).From(shelfTable)))(t)
		if rows != 2503 {
			t.Errorf("%d rows", rows)
		}
	})
}

func TestExecManyKeepsBelowTheMostParameters(t *testing.T) {
	db := onSQLite(t)
	meta := orm.NewMetadata()
	items := []orm.TableItem{orm.NewColumn("id", types.BigInteger(), orm.PrimaryKey())}
	names := make([]string, 99)
	for i := range names {
		names[i] = "c" + string(rune('a'+i/10)) + string(rune('a'+i%10))
		items = append(items, orm.NewColumn(names[i], types.Integer()))
	}
	wide := orm.NewTable("wide", meta, items...)
	must(t, meta.CreateAll(t.Context(), db.Engine))
	sets, want := make([]orm.M, 400), make([]orm.M, 400)
	for i := range sets {
		sets[i], want[i] = orm.M{}, orm.M{"id": int64(i + 1)}
		for j, name := range names {
			sets[i][name], want[i][name] = 100*i+j, int64(100*i+j)
		}
	}
	db.statements()
	res := get(orm.ExecMany(t.Context(), db.Engine, orm.Insert(wide), sets))(t)
	if sent := db.statements(); len(sent) != 2 { // of at most 330 rows with 99 values each
		t.Errorf("%d statements", len(sent))
	}
	if n := res.RowsAffected(); n != 400 {
		t.Errorf("%d rows", n)
	}
	rows := get(orm.Fetch[orm.M](t.Context(), db.Engine, orm.Select(wide).OrderBy(wide.C("id"))))(t)
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

func TestExecManyRunsOtherStatementsOnceForEachSet(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withCompany(t)
		update := orm.Update(personTable).Set(person.age.SetExpr(orm.Param[int]("age"))).Where(orm.Eq(person.name, orm.Param[string]("who")))
		res := get(orm.ExecMany(t.Context(), db.Engine, update, []orm.M{{"who": "Ann", "age": 1}, {"who": "Bob", "age": 2}, {"who": "Nobody", "age": 3}}))(t)
		if res.RowsAffected() != 2 {
			t.Errorf("%d rows", res.RowsAffected())
		}
		got := get(orm.Fetch[int](t.Context(), db.Engine, orm.Select(person.age).Where(person.id.Le(2)).OrderBy(person.id)))(t)
		if diff := cmp.Diff([]int{1, 2}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestExecManyIsOneTransactionOnAnEngine(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withCompany(t)
		sets := manyShelves(1500)
		sets[1400] = sets[0]
		if _, err := orm.ExecMany(t.Context(), db.Engine, orm.Insert(shelfTable), sets); !errors.Is(err, orm.ErrUniqueViolation) {
			t.Errorf("the error is %v", err)
		}
		if n := get(orm.FetchOne[int](t.Context(), db.Engine, orm.Select(orm.Count()).From(shelfTable)))(t); n != 3 {
			t.Errorf("%d rows are left", n)
		}
	})
}

func TestExecManyBelongsToTheTransactionOfItsConnection(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withCompany(t)
		conn := get(db.Connect(t.Context()))(t)
		get(orm.ExecMany(t.Context(), conn, orm.Insert(shelfTable), manyShelves(3)))(t)
		must(t, conn.Rollback(t.Context()))
		must(t, conn.Close())
		s := db.session(t)
		get(orm.ExecMany(t.Context(), s, orm.Insert(shelfTable), manyShelves(2)))(t)
		must(t, s.Commit(t.Context()))
		if n := get(orm.FetchOne[int](t.Context(), db.Engine, orm.Select(orm.Count()).From(shelfTable)))(t); n != 5 {
			t.Errorf("%d rows", n)
		}
	})
}

func TestExecManyRefusesSetsThatDiffer(t *testing.T) {
	db := onSQLite(t).withCompany(t)
	update := orm.Update(personTable).Set(person.age.SetExpr(orm.Param[int]("age"))).Where(person.id.Eq(1))
	for name, test := range map[string]struct {
		stmt orm.Statement
		sets []orm.M
		says string
	}{
		"a name is missing":        {orm.Insert(shelfTable), []orm.M{{"x": 1, "y": 1}, {"x": 2, "y": 2}, {"x": 3}}, "set 3"},
		"a name is more":           {orm.Insert(shelfTable), []orm.M{{"x": 1, "y": 1}, {"x": 2, "y": 2, "label": "a"}}, "set 2"},
		"a parameter has no value": {update, []orm.M{{}}, `"age"`},
		"a parameter is unknown":   {update, []orm.M{{"age": 1, "nmae": 2}}, `"nmae"`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := orm.ExecMany(t.Context(), db.Engine, test.stmt, test.sets)
			if !errors.Is(err, orm.ErrArgument) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("the error is %v, without %q", err, test.says)
			}
			if sent := db.statements(); len(sent) > 0 {
				t.Errorf("sent %v", sent)
			}
		})
	}
	if res := get(orm.ExecMany(t.Context(), db.Engine, update, nil))(t); res.RowsAffected() != 0 {
		t.Error(res.RowsAffected())
	}
}
