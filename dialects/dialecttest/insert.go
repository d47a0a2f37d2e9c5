// This file looks at INSERT: where values and defaults come from, and what is
// known of the rows afterwards.

package dialecttest

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

func insertChecks() []check {
	return []check{
		{name: "the key that the database made", run: knowsGeneratedKey},
		{name: "generated keys ascend", run: generatedKeysAscend},
		{name: "the keys of many rows", run: knowsGeneratedKeys},
		{name: "a key that was given", run: knowsGivenKey},
		{name: "a given key in a counted column", run: takesKeyInCountedColumn},
		{name: "a composite key", run: knowsCompositeKey},
		{name: "a key of text", run: knowsTextKey},
		{name: "a table without a key", run: insertsWithoutKey},
		{name: "a generated key is not used again", run: keysAreNotReused},
		{name: "a small generated key", run: smallGeneratedKey},
		{name: "a row of defaults", run: insertsDefaults},
		{name: "defaults of the program", run: fillsDefaults},
		{name: "a default function is called for each row", run: callsDefaultForEachRow},
		{name: "the time of a default is the same for all rows", run: defaultNowIsOneInstant},
		{name: "a default that is an expression", run: defaultIsExpression},
		{name: "defaults of the server", run: takesServerDefaults},
		{name: "NULL is not a default", run: nullIsNoDefault},
		{name: "values that are expressions", run: insertsExpressions},
		{name: "typed assignments", run: insertsAssignments},
		{name: "rows of a SELECT", run: insertsFromSelect},
		{name: "rows that differ in their columns", run: refusesRaggedRows},
		{name: "an unknown column is refused", run: refusesUnknownColumn},
		{name: "a value of another type is refused", run: refusesOtherType},
		{name: "parameters that get their values later", run: insertsParams},
		{name: "hostile column values stay values", run: hostileValuesStayValues},
		{name: "returning", needs: []need{needsInsertReturning}, run: insertReturning, lacking: refusesInsertReturning},
		{name: "returning an expression", needs: []need{needsInsertReturning}, run: insertReturningExpression},
		{name: "returning many rows", needs: []need{needsInsertReturning}, run: insertReturningMany},
	}
}

// city is a table with a generated key and defaults of each kind.
func city(t *testing.T, db *database, more ...orm.TableItem) *orm.Table {
	t.Helper()
	return db.table(t, "city", append([]orm.TableItem{
		counted("id"),
		orm.NewColumn("name", types.String(50), orm.NotNull(), orm.ServerDefaultText("no'where")),
		orm.NewColumn("people", types.BigInteger(), orm.Default(7)),
	}, more...)...)
}

func knowsGeneratedKey(t *testing.T, db *database) {
	table := city(t, db)
	for want := range int64(3) {
		result := exec(t, db, orm.Insert(table).Values(orm.M{"name": "x"}))
		equal(t, []any{want + 1}, result.InsertedPrimaryKey())
		equal(t, int64(1), result.RowsAffected())
	}
	equal(t, []int64{1, 2, 3}, column[int64](t, db, table, "id"))
}

func generatedKeysAscend(t *testing.T, db *database) {
	table := city(t, db)
	last := int64(0)
	for range 50 {
		id := exec(t, db, orm.Insert(table).Values(orm.M{"name": "x"})).InsertedPrimaryKey()[0].(int64)
		if id <= last {
			t.Fatalf("key %d came after %d", id, last)
		}
		last = id
	}
}

// knowsGeneratedKeys checks the keys of a statement with many rows, where the
// database tells them.
func knowsGeneratedKeys(t *testing.T, db *database) {
	table := city(t, db)
	result := exec(t, db, orm.Insert(table).Values(orm.M{"name": "a"}, orm.M{"name": "b"}, orm.M{"name": "c"}))
	equal(t, int64(3), result.RowsAffected())
	equal(t, []string{"a", "b", "c"}, column[string](t, db, table, "name"))
	keys := result.InsertedPrimaryKeys()
	if f := db.features; len(keys) == 0 && !(f.InsertReturning && f.MultiRowReturning) {
		return
	}
	equal(t, [][]any{{int64(1)}, {int64(2)}, {int64(3)}}, keys)
}

func knowsGivenKey(t *testing.T, db *database) {
	table := numbers(t, db)
	result := exec(t, db, orm.Insert(table).Values(orm.M{"id": 42}, orm.M{"id": -1}))
	equal(t, [][]any{{int64(42)}, {int64(-1)}}, result.InsertedPrimaryKeys())
}

func takesKeyInCountedColumn(t *testing.T, db *database) {
	table := city(t, db)
	result := exec(t, db, orm.Insert(table).Values(orm.M{"id": 100, "name": "x"}))
	equal(t, []any{int64(100)}, result.InsertedPrimaryKey())
	equal(t, []int64{100}, column[int64](t, db, table, "id"))
}

func knowsCompositeKey(t *testing.T, db *database) {
	table := db.table(t, "lines", key("no"), key("book"), orm.NewColumn("v", types.Text()))
	result := exec(t, db, orm.Insert(table).Values(orm.M{"book": 2, "no": 1, "v": "a"}, orm.M{"book": 1, "no": 1, "v": "b"}))
	equal(t, [][]any{{int64(1), int64(2)}, {int64(1), int64(1)}}, result.InsertedPrimaryKeys())
	equal(t, []string{"b", "a"}, column[string](t, db, table, "v"))
}

func knowsTextKey(t *testing.T, db *database) {
	table := db.table(t, "codes", orm.NewColumn("code", types.String(20), orm.PrimaryKey()))
	result := exec(t, db, orm.Insert(table).Values(orm.M{"code": "日本🎉"}))
	equal(t, []any{"日本🎉"}, result.InsertedPrimaryKey())
}

func insertsWithoutKey(t *testing.T, db *database) {
	table := db.table(t, "log", orm.NewColumn("line", types.Text()))
	result := exec(t, db, orm.Insert(table).Values(orm.M{"line": "a"}, orm.M{"line": "a"}))
	equal(t, int64(2), result.RowsAffected())
	equal(t, 2, count(t, db, table))
	equal(t, 0, len(result.InsertedPrimaryKey()))
}

func keysAreNotReused(t *testing.T, db *database) {
	table := city(t, db)
	exec(t, db, orm.Insert(table).Values(orm.M{"name": "a"}))
	exec(t, db, orm.Insert(table).Values(orm.M{"name": "b"}))
	exec(t, db, orm.Delete(table).Where(table.C("id").Eq(2)))
	result := exec(t, db, orm.Insert(table).Values(orm.M{"name": "c"}))
	equal(t, []any{int64(3)}, result.InsertedPrimaryKey())
}

func smallGeneratedKey(t *testing.T, db *database) {
	for _, typ := range []types.Type{types.SmallInteger(), types.Integer()} {
		t.Run(typ.String(), func(t *testing.T) {
			table := db.table(t, "small", orm.NewColumn("id", typ, orm.PrimaryKey()), orm.NewColumn("v", types.Integer()))
			equal(t, []any{int64(1)}, exec(t, db, orm.Insert(table).Values(orm.M{"v": 1})).InsertedPrimaryKey())
		})
	}
}

func insertsDefaults(t *testing.T, db *database) {
	table := db.table(t, "city", counted("id"), orm.NewColumn("name", types.String(50), orm.ServerDefaultText("nowhere")))
	result := exec(t, db, orm.Insert(table))
	equal(t, []any{int64(1)}, result.InsertedPrimaryKey())
	equal(t, []string{"nowhere"}, column[string](t, db, table, "name"))
}

func fillsDefaults(t *testing.T, db *database) {
	table := city(t, db)
	exec(t, db, orm.Insert(table).Values(orm.M{"name": "a"}, orm.M{"name": "b", "people": 3}, orm.M{"name": "c", "people": 0}))
	equal(t, []int64{7, 3, 0}, column[int64](t, db, table, "people"))
}

func callsDefaultForEachRow(t *testing.T, db *database) {
	calls := int64(0)
	table := db.table(t, "counted", key("id"), orm.NewColumn("n", types.BigInteger(), orm.DefaultFunc(func() int64 {
		calls++
		return calls * 10
	})))
	exec(t, db, orm.Insert(table).Values(orm.M{"id": 1}, orm.M{"id": 2}, orm.M{"id": 3, "n": 5}, orm.M{"id": 4}))
	got := column[int64](t, db, table, "n")
	distinct := map[int64]bool{}
	for _, n := range got {
		distinct[n] = true
	}
	if len(distinct) != 4 || got[2] != 5 {
		t.Errorf("the rows have %v", got)
	}
}

func defaultNowIsOneInstant(t *testing.T, db *database) {
	table := db.table(t, "stamped", key("id"), orm.NewColumn("at", types.DateTime(), orm.DefaultNow()))
	exec(t, db, orm.Insert(table).Values(orm.M{"id": 1}, orm.M{"id": 2}))
	got := column[time.Time](t, db, table, "at")
	if !got[0].Equal(got[1]) || time.Since(got[0]).Abs() > time.Minute {
		t.Errorf("the rows have %v", got)
	}
}

func defaultIsExpression(t *testing.T, db *database) {
	table := db.table(t, "computed", key("id"), orm.NewColumn("v", types.String(20), orm.Default(orm.Upper(orm.Lit("abc")))))
	exec(t, db, orm.Insert(table).Values(orm.M{"id": 1}))
	exec(t, db, orm.Insert(table).Values(orm.M{"id": 2, "v": "x"}))
	equal(t, []string{"ABC", "x"}, column[string](t, db, table, "v"))
}

func takesServerDefaults(t *testing.T, db *database) {
	table := city(t, db,
		orm.NewColumn("n", types.Integer(), orm.ServerDefaultSQL("(40 + 2)")),
		orm.NewColumn("at", types.DateTime(), orm.ServerDefaultSQL("CURRENT_TIMESTAMP")),
	)
	exec(t, db, orm.Insert(table).Values(orm.M{"people": 1}))
	equal(t, []string{"no'where"}, column[string](t, db, table, "name"))
	equal(t, []int64{42}, column[int64](t, db, table, "n"))
	if at := column[time.Time](t, db, table, "at")[0]; time.Since(at).Abs() > time.Minute {
		t.Errorf("the default of the server is %s", at)
	}
}

func nullIsNoDefault(t *testing.T, db *database) {
	table := city(t, db)
	exec(t, db, orm.Insert(table).Values(orm.M{"name": "a", "people": nil}))
	equal(t, []*int64{nil}, column[*int64](t, db, table, "people"))
}

func insertsExpressions(t *testing.T, db *database) {
	table := city(t, db)
	exec(t, db, orm.Insert(table).Values(orm.M{"name": orm.Lower(orm.Lit("ABC")), "people": orm.Length(orm.Lit("abc")).Plus(4)}))
	equal(t, []string{"abc"}, column[string](t, db, table, "name"))
	equal(t, []int64{7}, column[int64](t, db, table, "people"))
}

func insertsAssignments(t *testing.T, db *database) {
	table := city(t, db)
	exec(t, db, orm.Insert(table).Set(orm.Col[string](table, "name").Set("a"), orm.Col[int64](table, "people").SetNull()))
	equal(t, []string{"a"}, column[string](t, db, table, "name"))
	equal(t, []*int64{nil}, column[*int64](t, db, table, "people"))
}

func insertsFromSelect(t *testing.T, db *database) {
	db.reading(t)
	table := city(t, db)
	result := exec(t, db, orm.Insert(table).FromSelect(
		orm.Select(people.C("city"), orm.Count()).From(people).Where(people.C("city").IsNotNull()).GroupBy(people.C("city")),
		table.C("name"), table.C("people"),
	))
	equal(t, int64(2), result.RowsAffected())
	equal(t, 3, fetchOne[int](t, db, orm.Select(orm.Sum(table.C("people"))).From(table)))
}

// refusesRaggedRows checks that a row without a value and without a default is
// refused, and named.
func refusesRaggedRows(t *testing.T, db *database) {
	m := orm.NewMetadata()
	table := orm.NewTable("ragged", m, key("id"), orm.NewColumn("v", types.Integer(), orm.NotNull()))
	db.refusesUnsent(t, orm.ErrArgument, orm.Insert(table).Values(orm.M{"id": 1, "v": 1}, orm.M{"id": 2}))
}

func refusesUnknownColumn(t *testing.T, db *database) {
	db.refusesUnsent(t, orm.ErrUnknownName, orm.Insert(people).Values(orm.M{"id": 1, "nam": "x"}))
}

func refusesOtherType(t *testing.T, db *database) {
	for name, v := range map[string]any{
		"id": uint64(math.MaxUint64), "name": 5, "age": "5", "height": "1.5", "born": "2024-01-01", "seen": 17, "active": 1,
	} {
		row := orm.M{"id": 9, "name": "x", "active": true}
		row[name] = v
		db.refusesUnsent(t, orm.ErrValue, orm.Insert(people).Values(row))
	}
}

func insertsParams(t *testing.T, db *database) {
	table := city(t, db)
	stmt := orm.Insert(table).Values(orm.M{"name": orm.Param[string]("who")})
	exec(t, db, stmt.Params(orm.M{"who": "a"}))
	exec(t, db, stmt.Params(orm.M{"who": "b"}))
	equal(t, []string{"a", "b"}, column[string](t, db, table, "name"))
	db.refusesUnsent(t, orm.ErrArgument, stmt)
}

func hostileValuesStayValues(t *testing.T, db *database) {
	table := db.table(t, "texts", key("id"), orm.NewColumn("v", types.Text()))
	for i, s := range hostileTexts() {
		exec(t, db, orm.Insert(table).Values(orm.M{"id": i, "v": s}))
		if got := fetchOne[string](t, db, orm.Select(table.C("v")).From(table).Where(table.C("id").Eq(i))); got != s {
			t.Errorf("%q came back as %q", s, got)
		}
		if sent := db.statements(); len(s) > 8 && strings.Contains(strings.Join(sent, ""), s) {
			t.Errorf("%q is in the text of a statement", s)
		}
	}
}

func insertReturning(t *testing.T, db *database) {
	table := city(t, db)
	stmt := orm.Insert(table).Values(orm.M{"people": 3}).Returning(table.C("id"), table.C("name"), table.C("people"))
	type row struct {
		ID     int64
		Name   string
		People int64
	}
	equal(t, []row{{1, "no'where", 3}}, fetch[row](t, db, stmt))
}

func refusesInsertReturning(t *testing.T, db *database) {
	db.refusesUnsent(t, orm.ErrUnsupported, orm.Insert(people).Values(orm.M{"id": 1, "name": "x", "active": true}).Returning(people.C("id")))
}

func insertReturningExpression(t *testing.T, db *database) {
	table := city(t, db)
	stmt := orm.Insert(table).Values(orm.M{"people": 3}).Returning(table.C("people").Plus(1).As("n"))
	equal(t, []int64{4}, fetch[int64](t, db, stmt))
}

func insertReturningMany(t *testing.T, db *database) {
	table := city(t, db)
	stmt := orm.Insert(table).Values(orm.M{"name": "a"}, orm.M{"name": "b"}).Returning(table.C("name"))
	equal(t, []string{"a", "b"}, fetch[string](t, db, stmt))
}
