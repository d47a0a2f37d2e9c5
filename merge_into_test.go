// This file tests the MERGE: what is written and what it does, the mistakes one can
// make, what criteria hide from it, and the objects of a session.

package orm_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

func TestMergesHaveTheirEffectOrAreRefused(t *testing.T) { runCases(t, mergeCases()) }

// lackMerge are the databases that have none.
const lackMerge = "sqlite mysql"

// newsRows are two rows, of one of which the word is there.
var (
	newsRows = orm.Values("news",
		orm.ResultColumn{Name: "word", Type: types.String(20)}, orm.ResultColumn{Name: "num", Type: types.Integer()}, orm.ResultColumn{Name: "stamp", Type: types.Integer()},
	).Rows([]any{"two", 5, 15}, []any{"six", 6, 60})
	news = struct {
		word       orm.Expr[string]
		num, stamp orm.Expr[int]
	}{orm.Col[string](newsRows, "word"), orm.Col[int](newsRows, "num"), orm.Col[int](newsRows, "stamp")}

	mergeNews  = orm.MergeInto(tallyTable).Using(newsRows, orm.Eq(tally.word, news.word))
	insertNews = []orm.Assignment{tally.word.SetExpr(news.word), tally.num.SetExpr(news.num)}
)

func mergeCases() []sqlCase {
	cases := mergeSources()
	for _, c := range []sqlCase{
		{
			name: "rows are changed and inserted", stmt: mergeNews.WhenMatched().Update(tally.num.SetExpr(news.num)).WhenNotMatched().Insert(insertNews...), check: tallies,
			rows: []string{"note=none num=1 stamp=10 state=NULL word=one", "note=none num=6 stamp=NULL state=NULL word=six", "note=none num=5 stamp=20 state=touched word=two"},
		},
		{name: "rows are changed alone", stmt: mergeNews.WhenMatched().Update(tally.num.SetExpr(orm.Add(tally.num, news.num)), tally.state.Set("met")), check: tallies, rows: []string{"note=none num=1 stamp=10 state=NULL word=one", "note=none num=7 stamp=20 state=met word=two"}},
		{name: "rows are deleted", stmt: mergeNews.WhenMatched().Delete(), check: numbers, rows: []string{"num=1 word=one"}},
		{name: "nothing", stmt: mergeNews.WhenMatched().DoNothing().WhenNotMatched().DoNothing(), check: numbers, rows: []string{"num=1 word=one", "num=2 word=two"}},
		{
			name: "the first branch whose conditions hold",
			stmt: mergeNews.WhenMatched(tally.num.Gt(2)).Delete().WhenMatched(orm.Gt(tally.stamp, news.stamp), orm.Or(tally.num.Eq(2), news.num.Eq(0))).Update(tally.num.Set(8)).WhenMatched().Delete().
				WhenNotMatched(orm.Or(news.num.Gt(60), news.stamp.Gt(50))).DoNothing().WhenNotMatched().Insert(insertNews...),
			check: numbers, rows: []string{"num=1 word=one", "num=8 word=two"},
		},
		{name: "defaults of both sides", stmt: mergeNews.WhenNotMatched().Insert(tally.word.SetExpr(news.word)), check: tallies, rows: []string{"note=none num=1 stamp=10 state=NULL word=one", "note=none num=7 stamp=NULL state=NULL word=six", "note=none num=2 stamp=20 state=new word=two"}},
		{name: "DEFAULT and NULL", stmt: mergeNews.WhenMatched().Update(tally.num.SetDefault(), tally.state.SetNull()).WhenNotMatched().Insert(tally.word.SetExpr(news.word), tally.num.SetDefault(), tally.note.SetNull()), check: tallies, rows: []string{"note=none num=1 stamp=10 state=NULL word=one", "note=NULL num=7 stamp=NULL state=NULL word=six", "note=none num=7 stamp=20 state=NULL word=two"}},
		{name: "several conditions", stmt: orm.MergeInto(tallyTable).Using(newsRows, orm.Eq(tally.word, news.word), tally.num.Gt(2)).WhenMatched().Delete(), check: numbers, rows: []string{"num=1 word=one", "num=2 word=two"}},
		{
			name:  "SELECTs for values and in conditions",
			stmt:  mergeNews.WhenMatched(orm.Exists(orm.Select(shelf.x).Where(orm.Lt(shelf.x, tally.num)))).Update(tally.num.SetExpr(orm.Scalar[int](orm.Select(orm.Max(person.rank))))).WhenNotMatched(news.num.InSelect(orm.Select(person.rank.Plus(1)))).Insert(tally.word.SetExpr(news.word), tally.num.SetExpr(orm.Scalar[int](orm.Select(orm.Max(tally.num))))),
			check: numbers, rows: []string{"num=1 word=one", "num=2 word=six", "num=5 word=two"},
		},
		{name: "parameters given later", stmt: mergeNews.WhenMatched(orm.Eq(tally.num, orm.Param[int]("is"))).Update(tally.num.SetExpr(orm.Param[int]("n"))).WhenNotMatched().Insert(tally.word.SetExpr(news.word), tally.num.SetExpr(orm.Param[int]("n"))).Params(orm.M{"is": 2, "n": 70}), check: numbers, rows: []string{"num=1 word=one", "num=70 word=six", "num=70 word=two"}},
	} {
		c.lacks = lackMerge
		cases = append(cases, c)
	}
	bare := orm.NewTable("bare", orm.NewMetadata(), orm.NewColumn("a", types.Integer()), orm.Schema("Odd"))
	again := bare.Alias("again")
	return append(cases,
		sqlCase{name: "a row of defaults", stmt: orm.MergeInto(bare).Using(personTable, orm.Eq(orm.Col[int](bare, "a"), person.age)).WhenNotMatched().Insert()},
		sqlCase{name: "a table of a schema", stmt: orm.MergeInto(bare).Using(again, orm.Eq(orm.Col[int](bare, "a"), orm.Col[int](again, "a"))).WhenMatched().Delete()},
	)
}

// mergeSources are cases of what can be merged, and into what.
func mergeSources() []sqlCase {
	older := orm.Select(person.name.As("word"), person.age.As("num")).Where(person.age.Gt(29))
	sub, cte := older.Subquery("older"), older.CTE("older")
	word, num := orm.Col[string](sub, "word"), orm.Col[int](sub, "num")
	into, otherWord := orm.Col[int](secondTally, "num"), orm.Col[string](secondTally, "word")
	gone := orm.Delete(shelfTable).Where(shelf.y.Eq(2)).Returning(shelf.x, shelf.label).CTE("gone")
	count := orm.Select(orm.Lit(1).As("n")).RecursiveCTE("counts", func(c *orm.CTE) *orm.SelectStatement {
		return orm.Select(orm.Col[int](c, "n").Plus(1)).From(c).Where(orm.Col[int](c, "n").Lt(3))
	}, orm.Nesting())
	counts := orm.Select(orm.Col[int](count, "n").As("n")).From(count).Subquery("c")
	empty := orm.Values("news", orm.ResultColumn{Name: "word", Type: types.String(20)})
	cases := []sqlCase{
		{name: "a table", stmt: orm.MergeInto(tallyTable).Using(personTable, orm.Eq(tally.word, person.name)).WhenNotMatched(person.id.Le(1)).Insert(tally.word.SetExpr(person.name), tally.num.SetExpr(person.age)), rows: []string{"num=40 word=Ann", "num=1 word=one", "num=2 word=two"}},
		{name: "a subquery", stmt: orm.MergeInto(tallyTable).Using(sub, orm.Eq(tally.word, word)).WhenNotMatched(num.Gt(30)).Insert(tally.word.SetExpr(word), tally.num.SetExpr(num)), rows: []string{"num=40 word=Ann", "num=1 word=one", "num=2 word=two"}},
		{name: "a CTE", stmt: orm.MergeInto(tallyTable).Using(cte, orm.Eq(tally.word, orm.Col[string](cte, "word"))).WhenNotMatched(orm.Col[int](cte, "num").Gt(30)).Insert(tally.word.SetExpr(orm.Col[string](cte, "word"))), rows: []string{"num=7 word=Ann", "num=1 word=one", "num=2 word=two"}},
		{name: "a CTE that writes", stmt: orm.MergeInto(tallyTable).Using(gone, orm.Eq(tally.num, orm.Col[int](gone, "x"))).WhenMatched().Update(tally.word.SetExpr(orm.Col[string](gone, "label"))), rows: []string{"num=1 word=b", "num=2 word=two"}},
		{name: "a CTE that is executed alone", stmt: orm.MergeInto(tallyTable).AddCTE(gone).Using(newsRows, orm.Eq(tally.word, news.word)).WhenMatched().Delete(), rows: []string{"num=1 word=one"}},
		{name: "a recursive CTE in a subquery", stmt: orm.MergeInto(tallyTable).Using(counts, orm.Eq(tally.num, orm.Col[int](counts, "n"))).WhenMatched().Update(tally.num.SetExpr(tally.num.Plus(10))), rows: []string{"num=11 word=one", "num=12 word=two"}},
		{name: "under another name", stmt: orm.MergeInto(secondTally).Using(newsRows, orm.Eq(otherWord, news.word)).WhenMatched().Update(into.SetExpr(orm.Add(into, news.num))).WhenNotMatched().Insert(otherWord.SetExpr(news.word), into.Set(4)), rows: []string{"num=1 word=one", "num=4 word=six", "num=7 word=two"}},
		{name: "the table itself", stmt: orm.MergeInto(tallyTable).Using(secondTally, orm.Eq(tally.num, into.Plus(1))).WhenMatched().Update(tally.word.SetExpr(orm.Concat(otherWord, tally.word))), rows: []string{"num=1 word=one", "num=2 word=onetwo"}},
		{name: "no rows", stmt: orm.MergeInto(tallyTable).Using(empty, orm.Eq(tally.word, orm.Col[string](empty, "word"))).WhenMatched().Delete(), rows: []string{"num=1 word=one", "num=2 word=two"}},
	}
	for i := range cases {
		cases[i].check, cases[i].lacks = numbers, lackMerge
	}
	return cases
}

func TestMergeMistakesAreTypedErrors(t *testing.T) {
	plain := orm.MergeInto(tallyTable)
	matched := mergeNews.WhenMatched()
	numbersFrom := func(c *orm.CTE) *orm.SelectStatement { return orm.Select(orm.Col[int](c, "n")).From(c) }
	endless := orm.Select(orm.Lit(1).As("n")).RecursiveCTE("endless", numbersFrom)
	for name, test := range map[string]struct {
		stmt orm.Statement
		kind error
		says string
	}{
		"no Using":                          {plain.WhenMatched().Delete(), orm.ErrArgument, "merge tally: it is not said what is merged (say it with Using)"},
		"no condition":                      {plain.Using(newsRows).WhenMatched().Delete(), orm.ErrArgument, "no condition says which rows are matched (give Using one"},
		"a condition that is none":          {plain.Using(newsRows, orm.Expr[bool]{}).WhenMatched().Delete(), orm.ErrArgument, "the zero Expr"},
		"no branch":                         {mergeNews, orm.ErrArgument, "there is nothing to do (say it with WhenMatched and WhenNotMatched)"},
		"a branch without an end":           {matched.Delete().WhenMatched(tally.num.Gt(1)).DoNothing(), orm.ErrArgument, "put the branch without a condition last"},
		"an empty SET":                      {matched.Update(), orm.ErrArgument, "nothing to set"},
		"a column twice":                    {matched.Update(tally.num.Set(1), tally.num.Set(2)), orm.ErrArgument, "tally.num: the column is assigned twice"},
		"a column inserted twice":           {mergeNews.WhenNotMatched().Insert(tally.num.Set(1), tally.num.Set(2)), orm.ErrArgument, "tally.num: the column is assigned twice"},
		"a column of another table":         {matched.Update(person.age.Set(1)), orm.ErrArgument, "person.age: the column belongs to a table that is not written to (assign to columns of tally)"},
		"a column of another table at last": {mergeNews.WhenNotMatched().Insert(person.age.Set(1)), orm.ErrArgument, "person.age"},
		"the target in an inserted value":   {mergeNews.WhenNotMatched().Insert(tally.num.SetExpr(orm.Add(tally.num, news.num))), orm.ErrArgument, "a column of the target, of which there is no row (use columns of what Using names)"},
		"the target where it has no row":    {mergeNews.WhenNotMatched(tally.num.Gt(1)).DoNothing(), orm.ErrArgument, "a column of the target"},
		"a field where it has no row":       {orm.MergeInto(orm.Entity[Chore]()).Using(newsRows, news.num.Gt(1)).WhenNotMatched(orm.C(&orm.Entity[Chore]().Level).Gt(1)).DoNothing(), orm.ErrArgument, "a column of the target"},
		"a table that is not merged":        {matched.Update(tally.num.SetExpr(person.age)), orm.ErrUnknownName, "person.age"},
		"Excluded":                          {matched.Update(tally.num.SetExpr(orm.Excluded(tally.num))), orm.ErrArgument, "no upsert"},
		"a target that is no table":         {orm.MergeInto(newsRows).Using(tallyTable, orm.Eq(tally.word, news.word)).WhenMatched().Delete(), orm.ErrArgument, "not one table that can be written to (give a table"},
		"a target that is nil":              {orm.MergeInto((*orm.Table)(nil)).Using(tallyTable, orm.True()).WhenMatched().Delete(), orm.ErrArgument, "the pointer is nil"},
		"a SELECT without a name":           {plain.Using(orm.Select(person.name), orm.True()).WhenMatched().Delete(), orm.ErrArgument, "use its Subquery method"},
		"a table with itself":               {plain.Using(tallyTable, orm.True()).WhenMatched().Delete(), orm.ErrAmbiguous, "Alias"},
		"a recursive CTE":                   {plain.Using(endless, orm.Eq(tally.num, orm.Col[int](endless, "n"))).WhenMatched().Delete(), orm.ErrUnsupported, "make it with Nesting()"},
		"a statement that is nil":           {(*orm.MergeStatement)(nil), orm.ErrArgument, "the statement is nil"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := orm.Compile(test.stmt, "postgres")
			if !errors.Is(err, test.kind) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("the error is %v, not %v with %q", err, test.kind, test.says)
			}
		})
	}
}

func TestWithoutMergeTheErrorNamesTheUpsert(t *testing.T) {
	stmt := mergeNews.WhenMatched().Delete()
	for _, dialect := range []string{"sqlite", "mysql"} {
		_, _, err := orm.Compile(stmt, dialect)
		if e, ok := errors.AsType[*orm.CompileError](err); !ok || e.Feature != "MERGE" || !strings.Contains(e.Advice, "OnConflict") {
			t.Errorf("%s: the error is %v", dialect, err)
		}
	}
	expect(t, true, strings.HasPrefix(stmt.String(), "MERGE INTO tally USING (VALUES "))
}

// A statement that another one was made of stays as it was.
func TestMergeIsAValue(t *testing.T) {
	base := mergeNews.WhenMatched(tally.num.Gt(2)).Delete()
	first, second := base.WhenMatched().DoNothing(), base.WhenNotMatched().DoNothing()
	expect(t, true, strings.HasSuffix(base.String(), "THEN DELETE"))
	expect(t, true, strings.HasSuffix(first.String(), "THEN DELETE WHEN MATCHED THEN DO NOTHING"))
	expect(t, true, strings.HasSuffix(second.String(), "THEN DELETE WHEN NOT MATCHED THEN DO NOTHING"))
}

// The driver counts the rows of no MERGE. That none was written is not said of one
// that has.
func TestMergeSaysThatItsRowsAreNotCounted(t *testing.T) {
	db := openPostgres(t).withCompany(t)
	stmt := mergeNews.WhenMatched().Update(tally.num.SetExpr(orm.Param[int]("n")))
	expect(t, int64(-1), get(orm.Exec(t.Context(), db.Engine, stmt.Params(orm.M{"n": 1})))(t).RowsAffected())
	expect(t, int64(-1), get(orm.ExecMany(t.Context(), db.Engine, stmt, []orm.M{{"n": 1}, {"n": 2}}))(t).RowsAffected())
}

// choreSource are chores of the program: the keys 1, 2 and 9.
func choreSource() (*orm.ValuesTable, orm.Expr[int64], orm.Expr[string]) {
	rows := orm.Values("plan", orm.ResultColumn{Name: "id", Type: types.BigInteger()}, orm.ResultColumn{Name: "title", Type: types.String(50)}).
		Rows([]any{1, "first"}, []any{2, "second"}, []any{9, "ninth"})
	return rows, orm.Col[int64](rows, "id"), orm.Col[string](rows, "title")
}

// What was changed is flushed before a MERGE, and afterwards a query reads all
// objects of the target again, and collections of them.
func TestMergeIsFollowedByReading(t *testing.T) {
	k, ctx := newHousehold(t, openPostgres(t)), t.Context()
	rows, id, title := choreSource()
	k.chores[0].Level = 7
	get(orm.Exec(ctx, k.Session, orm.MergeInto(k.c).Using(rows, orm.Eq(orm.C(&k.c.ID), id)).
		WhenMatched(id.Eq(2)).Delete().
		WhenMatched(orm.C(&k.c.Level).Eq(7)).Update(orm.C(&k.c.Title).SetExpr(title)).
		WhenNotMatched().Insert(orm.C(&k.c.ID).SetExpr(id), orm.C(&k.c.Title).SetExpr(title), orm.C(&k.c.Level).Set(9), orm.C(&k.c.Done).Set(false), orm.C(&k.c.Note).Set(""), orm.N(&k.c.RosterID).Set(k.roster.ID))))(t)
	k.sent(t,
		"UPDATE chores SET level = ?, touched = ? WHERE id = ?",
		"MERGE INTO chores USING (VALUES (CAST(? AS BIGINT), CAST(? AS TEXT)), (?, ?), (?, ?)) AS plan (id, title) ON chores.id = plan.id"+
			" WHEN MATCHED AND plan.id = ? THEN DELETE"+
			" WHEN MATCHED AND chores.level = ? THEN UPDATE SET title = plan.title, touched = ?"+
			" WHEN NOT MATCHED THEN INSERT (id, title, level, done, note, touched, roster_id) VALUES (plan.id, plan.title, ?, ?, ?, ?, ?)",
	)
	expect(t, "a", k.chores[0].Title)
	all := get(k.query().OrderBy(orm.C(&k.c.ID)).All(ctx))(t)
	expect(t, []string{"first", "c", "ninth"}, []string{all[0].Title, all[1].Title, all[2].Title})
	if all[0] != k.chores[0] || all[1] != k.chores[2] {
		t.Error("the objects are not those that the session held")
	}
	expectKind(t, orm.ErrNoRows, k.Refresh(ctx, k.chores[1]))
	must(t, k.Rollback(ctx))
	expect(t, []string{"a", "b", "c"}, get(orm.Fetch[string](ctx, k.Session, orm.Select(orm.C(&k.c.Title)).OrderBy(orm.C(&k.c.ID))))(t))
}

func TestMergeOutdatesCollections(t *testing.T) {
	k, ctx := newHousehold(t, openPostgres(t)), t.Context()
	rows, id, _ := choreSource()
	get(orm.Exec(ctx, k.Session, orm.MergeInto(k.c).Using(rows, orm.Eq(orm.C(&k.c.ID), id)).WhenMatched().Delete()))(t)
	roster := get(orm.Query[Roster](k.Session).Options(orm.SelectInLoad(&orm.Entity[Roster]().Chores)).One(ctx))(t)
	expect(t, 1, len(roster.Chores))
}

// Many sets of values are sent by one statement that is prepared, and the objects
// are stale as after one.
func TestMergeRunsForManySets(t *testing.T) {
	k, ctx := newHousehold(t, openPostgres(t)), t.Context()
	source := orm.Select(orm.Param[int64]("id").As("id")).Subquery("given")
	id := orm.Col[int64](source, "id")
	stmt := orm.MergeInto(k.c).Using(source, orm.Eq(orm.C(&k.c.ID), id)).WhenMatched().Update(orm.C(&k.c.Title).SetExpr(orm.Param[string]("title")))
	get(orm.ExecMany(ctx, k.Session, stmt, []orm.M{{"id": 1, "title": "x"}, {"id": 3, "title": "y"}, {"id": 30, "title": "z"}}))(t)
	get(k.query().All(ctx))(t)
	expect(t, []string{"x", "b", "y"}, []string{k.chores[0].Title, k.chores[1].Title, k.chores[2].Title})
}

// A row of the target that criteria hide is neither written nor taken for one that
// is not there, and a hidden row of the source does nothing.
func TestMergeLeavesHiddenRowsAlone(t *testing.T) {
	k, ctx := newClubhouse(t, openPostgres(t)), t.Context()
	names := func() []string {
		return get(orm.Fetch[string](ctx, k.db.Engine, orm.Text("SELECT name FROM halls ORDER BY id")))(t)
	}
	stmt := orm.MergeInto(k.h).Using(k.c, orm.Eq(orm.C(&k.h.ID), orm.C(&k.c.ID))).
		WhenMatched().Update(orm.C(&k.h.Name).Set("written")).
		WhenNotMatched().Insert(orm.C(&k.h.ID).SetExpr(orm.C(&k.c.ID)), orm.C(&k.h.Name).SetExpr(orm.C(&k.c.Name)), orm.C(&k.h.Tenant).Set("mine"))
	get(orm.Exec(ctx, k.Session, stmt))(t)
	expect(t, []string{
		"MERGE INTO halls USING clubs ON halls.id = clubs.id" +
			" WHEN MATCHED AND clubs.binned_at IS NULL AND clubs.tenant = ? AND halls.binned_at IS NULL AND halls.tenant = ? THEN UPDATE SET name = ?" +
			" WHEN NOT MATCHED AND clubs.binned_at IS NULL AND clubs.tenant = ? THEN INSERT (id, name, tenant) VALUES (clubs.id, clubs.name, ?)",
	}, k.db.plainStatements())
	must(t, k.Commit(ctx))
	expect(t, []string{"xcellar", "bridge"}, names())
	get(orm.Exec(ctx, k.Session, stmt.WithoutCriteria()))(t)
	must(t, k.Commit(ctx))
	expect(t, []string{"written", "xgo", "xludo", "written"}, names())
	again := orm.MergeInto(k.h).Using(k.c, orm.Eq(orm.C(&k.h.ID), orm.C(&k.c.ID))).WhenMatched().Delete()
	get(orm.Exec(ctx, k.db.Engine, again.WithCriteria(notBinned)))(t)
	expect(t, []string{"written", "xgo"}, names())
}
