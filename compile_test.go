// This file holds the tables on which the SQL language is tested, the harness
// that compares its text with testdata/sql and runs it on every database, and
// the tests of what holds for all statements.

package orm_test

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

// The tables of a company: people in offices, who visit each other.
var (
	company = orm.NewMetadata()

	officeTable = orm.NewTable("office", company,
		orm.NewColumn("id", types.Integer(), orm.PrimaryKey(), orm.Autoincrement(false)),
		orm.NewColumn("city", types.String(40), orm.NotNull()),
		orm.NewColumn("floor", types.Integer()),
	)
	personTable = orm.NewTable("person", company,
		orm.NewColumn("id", types.BigInteger(), orm.PrimaryKey()),
		orm.NewColumn("name", types.String(50), orm.NotNull()),
		orm.NewColumn("nick", types.String(50)),
		orm.NewColumn("age", types.Integer()),
		orm.NewColumn("score", types.Double()),
		orm.NewColumn("wage", types.Numeric(10, 2)),
		orm.NewColumn("active", types.Boolean(), orm.NotNull(), orm.Default(true)),
		orm.NewColumn("hired", types.DateTime()),
		orm.NewColumn("rank", types.Integer(), orm.ServerDefaultSQL("5")),
		orm.NewColumn("boss_id", types.BigInteger(), orm.References("person", "id")),
		orm.NewColumn("office_id", types.Integer(), orm.References("office", "id")),
	)
	visitTable = orm.NewTable("visit", company,
		orm.NewColumn("host_id", types.BigInteger(), orm.References("person", "id")),
		orm.NewColumn("guest_id", types.BigInteger(), orm.References("person", "id")),
		orm.NewColumn("day", types.Date(), orm.NotNull()),
		orm.PrimaryKey("host_id", "guest_id"),
	)
	shelfTable = orm.NewTable("shelf", company,
		orm.NewColumn("x", types.Integer()),
		orm.NewColumn("y", types.Integer()),
		orm.NewColumn("label", types.String(20), orm.Default("empty")),
		orm.PrimaryKey("x", "y"),
	)
)

// person and office have the columns of their tables under their types.
var (
	person = personColumns(personTable)
	office = struct {
		id, floor orm.Expr[int]
		city      orm.Expr[string]
	}{orm.Col[int](officeTable, "id"), orm.Col[int](officeTable, "floor"), orm.Col[string](officeTable, "city")}
	visit = struct{ host, guest orm.Expr[int64] }{orm.Col[int64](visitTable, "host_id"), orm.Col[int64](visitTable, "guest_id")}
	shelf = struct {
		x, y  orm.Expr[int]
		label orm.Expr[string]
	}{orm.Col[int](shelfTable, "x"), orm.Col[int](shelfTable, "y"), orm.Col[string](shelfTable, "label")}
)

type personExprs struct {
	id, boss   orm.Expr[int64]
	name, nick orm.Expr[string]
	wage       orm.Expr[string]
	age, rank  orm.Expr[int]
	office     orm.Expr[int]
	score      orm.Expr[float64]
	active     orm.Expr[bool]
	hired      orm.Expr[time.Time]
}

func personColumns(from orm.Selectable) personExprs {
	return personExprs{
		id: orm.Col[int64](from, "id"), boss: orm.Col[int64](from, "boss_id"), name: orm.Col[string](from, "name"),
		nick: orm.Col[string](from, "nick"), wage: orm.Col[string](from, "wage"), age: orm.Col[int](from, "age"),
		rank: orm.Col[int](from, "rank"), office: orm.Col[int](from, "office_id"), score: orm.Col[float64](from, "score"),
		active: orm.Col[bool](from, "active"), hired: orm.Col[time.Time](from, "hired"),
	}
}

// withCompany creates the company's tables, with five people in three offices.
func (db *testDB) withCompany(t *testing.T) *testDB {
	t.Helper()
	must(t, company.CreateAll(t.Context(), db.Engine))
	hired := func(year int) time.Time { return time.Date(year, 1, 31, 10, 20, 30, 0, time.UTC) }
	for _, stmt := range []orm.Statement{
		orm.Insert(officeTable).Values(
			orm.M{"id": 1, "city": "Berlin", "floor": 3}, orm.M{"id": 2, "city": "Oslo", "floor": nil}, orm.M{"id": 3, "city": "Turin", "floor": 1}),
		orm.Insert(personTable).Values(
			orm.M{"name": "Ann", "nick": "an_n", "age": 40, "score": 1.5, "wage": "10.50", "hired": hired(2020), "boss_id": nil, "office_id": 1, "rank": 1},
			orm.M{"name": "Bob", "nick": "b%b", "age": 30, "score": nil, "wage": "99.99", "hired": hired(2021), "boss_id": 1, "office_id": 1, "rank": 2},
			orm.M{"name": "Cyd", "nick": "c/d", "age": nil, "score": -2.25, "wage": nil, "hired": nil, "boss_id": 1, "office_id": 2, "rank": 3, "active": false},
			orm.M{"name": "Dee", "nick": `d\e`, "age": 30, "score": 0.0, "wage": "0.00", "hired": hired(2022), "boss_id": 2, "office_id": nil, "rank": 4},
			orm.M{"name": "Eve", "nick": nil, "age": 7, "score": 3.75, "wage": "5.00", "hired": nil, "boss_id": nil, "office_id": 2, "rank": 5},
		),
		orm.Insert(visitTable).Values(orm.M{"host_id": 1, "guest_id": 2, "day": hired(2024)}, orm.M{"host_id": 2, "guest_id": 5, "day": hired(2025)}),
		orm.Insert(shelfTable).Values(orm.M{"x": 1, "y": 1, "label": "a"}, orm.M{"x": 1, "y": 2, "label": "b"}, orm.M{"x": 2, "y": 1, "label": nil}),
		orm.Insert(tallyTable).Values(orm.M{"word": "one", "num": 1, "stamp": 10}, orm.M{"word": "two", "num": 2, "stamp": 20, "state": "new"}),
	} {
		get(orm.Exec(t.Context(), db.Engine, stmt))(t)
	}
	db.statements()
	return db
}

// sqlCase is a statement, and what it gives on every database.
type sqlCase struct {
	name  string
	stmt  orm.Statement
	rows  []string      // of the statement, or of check; nil if it is only written
	check orm.Statement // what shows the effect of a statement that writes
	lacks string        // the databases that refuse it, for they have no such feature

	absent string // the databases on which it is not run, as a function in it is not there
}

// sqlTopics are the files of testdata/sql and what is in them.
var sqlTopics = map[string]func() []sqlCase{
	"expression": expressionCases, "window": windowCases, "json": jsonCases, "jsonbuild": jsonBuildCases, "array": arrayCases, "time": timeCases, "spelling": spellingCases, "fulltext": matchCases, "aggregate": aggregateCases, "predicate": predicateCases, "function": functionCases,
	"select": selectCases, "subquery": subqueryCases, "lock": lockCases, "source": sourceCases, "join": joinCases, "path": pathCases, "related": relatedCases, "setop": setopCases, "cte": cteCases, "from": fromCases, "correlate": correlateCases,
	"insert": insertCases, "upsert": upsertCases, "merge": mergeCases, "update": updateCases, "delete": deleteCases, "text": textCases, "identifier": identifierCases,
}

func TestSQLIsTheOneInTestdata(t *testing.T) {
	update := flag.Lookup("update").Value.(flag.Getter).Get().(bool)
	total := 0
	for topic, cases := range sqlTopics {
		cases := cases()
		golden := filepath.Join("testdata", "sql", topic+".txt")
		got := goldenText(cases)
		total += len(cases)
		if update {
			must(t, os.WriteFile(golden, []byte(got), 0o644))
		}
		want := get(os.ReadFile(golden))(t)
		if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
			t.Errorf("%s differs (-want +got); if it is meant: go test -run SQLIs . -update\n%s", golden, diff)
		}
	}
	if total < 120 {
		t.Errorf("there are only %d statements", total)
	}
}

var goldenDialects = []string{"sqlite", "postgres", "mysql", "standard"}

// goldenText writes cases with their SQL, dialects with the same text together.
func goldenText(cases []sqlCase) string {
	var b strings.Builder
	for _, c := range cases {
		fmt.Fprintf(&b, "-- %s\n", c.name)
		texts, args := map[string]string{}, map[string]string{}
		for _, d := range goldenDialects {
			text, values, err := orm.Compile(c.stmt, d)
			if err != nil && text == "" {
				text = "error: " + err.Error()
			}
			texts[d], args[d] = text, goldenArgs(values)
		}
		writeGroups(&b, texts, "")
		writeGroups(&b, args, "args ")
		b.WriteString("\n")
	}
	return b.String()
}

// writeGroups writes one line for each different text.
func writeGroups(b *strings.Builder, byDialect map[string]string, word string) {
	done := map[string]bool{}
	for _, d := range goldenDialects {
		text := byDialect[d]
		if done[text] || text == "" {
			continue
		}
		done[text] = true
		var same []string
		for _, other := range goldenDialects {
			if byDialect[other] == text {
				same = append(same, other)
			}
		}
		dialects := strings.Join(same, ", ")
		if len(same) == len(goldenDialects) {
			dialects = "all"
		}
		fmt.Fprintf(b, "%s%s: %s\n", word, dialects, text)
	}
}

func goldenArgs(args []any) string {
	if len(args) > 20 {
		return fmt.Sprintf("%d values", len(args))
	}
	var texts []string
	for _, a := range args {
		switch a := a.(type) {
		case string:
			if at, err := time.Parse("2006-01-02 15:04:05.000000", a); err == nil {
				texts = append(texts, goldenTime(at))
			} else {
				texts = append(texts, strconv.Quote(a))
			}
		case time.Time:
			texts = append(texts, goldenTime(a))
		default:
			texts = append(texts, fmt.Sprint(a))
		}
	}
	return strings.Join(texts, ", ")
}

// goldenTime writes a time, which is the present one unless it is of the data.
func goldenTime(at time.Time) string {
	if time.Since(at) < time.Hour {
		return "now"
	}
	return at.Format(time.RFC3339)
}

// runCases runs cases on every database, each in a transaction of its own that
// is rolled back.
func runCases(t *testing.T, cases []sqlCase) {
	t.Helper()
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withCompany(t)
		for _, c := range cases {
			if c.rows == nil && c.lacks == "" {
				continue
			}
			if !slices.Contains(strings.Fields(c.absent), db.name()) {
				t.Run(c.name, func(t *testing.T) { runCase(t, db, c) })
			}
		}
	})
}

func runCase(t *testing.T, db *testDB, c sqlCase) {
	t.Helper()
	conn := get(db.Connect(t.Context()))(t)
	defer func() { must(t, conn.Close()) }()
	db.statements()
	got, err := caseRows(t, conn, c)
	if slices.Contains(strings.Fields(c.lacks), db.name()) {
		if !errors.Is(err, orm.ErrUnsupported) {
			t.Errorf("the error is %v, not ErrUnsupported", err)
		}
		return
	}
	must(t, err)
	if diff := cmp.Diff(c.rows, got); diff != "" {
		t.Errorf("%v\n(-want +got):\n%s", db.statements(), diff)
	}
}

func caseRows(t *testing.T, ex orm.Executor, c sqlCase) ([]string, error) {
	stmt := c.stmt
	if c.check != nil {
		if _, err := orm.Exec(t.Context(), ex, c.stmt); err != nil {
			return nil, err
		}
		stmt = c.check
	}
	rows, err := orm.Fetch[orm.M](t.Context(), ex, stmt)
	texts := []string{}
	for _, row := range rows {
		texts = append(texts, rowText(row))
	}
	return texts, err
}

// rowText writes a row as "age=30 name=Bob".
func rowText(row orm.M) string {
	var texts []string
	for _, name := range slices.Sorted(maps.Keys(row)) {
		v := row[name]
		switch x := v.(type) {
		case nil:
			v = "NULL"
		case []byte:
			v = string(x)
		case time.Time:
			v = x.UTC().Format("2006-01-02T15:04:05")
		}
		texts = append(texts, fmt.Sprintf("%s=%v", name, v))
	}
	return strings.Join(texts, " ")
}

// nameRows are the rows of people of these names.
func nameRows(list ...string) []string {
	rows := []string{}
	for _, name := range list {
		rows = append(rows, "name="+name)
	}
	return rows
}

// whoIf selects the names of the people who meet a condition.
func whoIf(conditions ...orm.Expr[bool]) *orm.SelectStatement {
	return orm.Select(person.name).Where(conditions...).OrderBy(person.id)
}

// eachValue selects one expression, as v, for each person.
func eachValue[T any](e orm.Expr[T]) *orm.SelectStatement {
	return orm.Select(e.As("v")).From(personTable).OrderBy(person.id)
}

// oneValue selects one expression without a table.
func oneValue[T any](e orm.Expr[T]) *orm.SelectStatement { return orm.Select(e.As("v")) }

// valueRows are rows of a column v.
func valueRows(list ...any) []string {
	rows := []string{}
	for _, v := range list {
		if v == nil {
			v = "NULL"
		}
		rows = append(rows, fmt.Sprintf("v=%v", v))
	}
	return rows
}

// reserved has names that no database takes as they are.
var reserved = orm.NewTable("order", company,
	orm.NewColumn("select", types.Integer(), orm.PrimaryKey(), orm.Autoincrement(false)),
	orm.NewColumn("Mixed Case", types.Integer()),
	orm.NewColumn(`"double" 'single'`, types.Integer()),
	orm.NewColumn("back`tick", types.Integer()),
	orm.NewColumn("ümläut", types.Integer()),
	orm.NewColumn("per%cent?", types.Integer()),
	orm.NewColumn("co:lon", types.Integer()),
)

func identifierCases() []sqlCase {
	return []sqlCase{
		{
			name: "names that have to be quoted", rows: []string{"n=1"},
			stmt: orm.Insert(reserved).Values(orm.M{"select": 1, "Mixed Case": 2, `"double" 'single'`: 3, "back`tick": 4, "ümläut": 5, "per%cent?": 6, "co:lon": 7}),
			check: orm.Select(orm.Count().As("n")).From(reserved).Where(
				reserved.C("select").Eq(1), reserved.C("Mixed Case").Eq(2), reserved.C(`"double" 'single'`).Eq(3), reserved.C("back`tick").Eq(4),
				reserved.C("ümläut").Eq(5), reserved.C("per%cent?").Eq(6), reserved.C("co:lon").Eq(7)),
		},
		{name: "names that have to be quoted in a condition", stmt: orm.Select(reserved.C("select").As("from")).Where(reserved.C("Mixed Case").Ge(1)).OrderBy(reserved.C("select").As("from")), rows: []string{}},
		{name: "a label with quotes", stmt: oneValue(orm.Lit(1)).Columns(orm.Lit(1).As("a\"b`c'd")), rows: []string{"a\"b`c'd=1"}},
		{name: "an alias with quotes", stmt: orm.Select(personTable.Alias("a\"b`c").C("name").As("name")).Limit(1), rows: nameRows("Ann")},
		{name: "a subquery with a reserved name", stmt: orm.Select(whoIf(person.id.Eq(1)).Subquery("table")), rows: nameRows("Ann")},
		{name: "a label with capitals", stmt: orm.Select(person.age.As("Age")).Where(person.id.Eq(1)).OrderBy(person.age.As("Age")), rows: []string{"Age=40"}},
		{name: "a table of a schema", stmt: orm.Select(inSchema.C("a")).Where(inSchema.C("a").Eq(1))},
		{name: "tables of one name in two schemas", stmt: orm.Select(inSchema.C("a")).From(inSchema, elsewhere)},
		{name: "writing to a table of a schema", stmt: orm.Delete(inSchema).Using(elsewhere).Where(orm.Eq(inSchema.C("a"), elsewhere.C("a")))},
	}
}

var (
	schemas   = orm.NewMetadata()
	inSchema  = orm.NewTable("t", schemas, orm.Schema("one"), orm.NewColumn("a", types.Integer()))
	elsewhere = orm.NewTable("t", schemas, orm.Schema("Two"), orm.NewColumn("a", types.Integer()))
)

func TestIdentifiersAreTakenLiterallyOnEveryDatabase(t *testing.T) { runCases(t, identifierCases()) }

func TestNamesThatNoDatabaseTakesAreRefused(t *testing.T) {
	for name, limit := range map[string]int{"sqlite": 1000, "postgres": 63, "mysql": 64, "standard": 128} {
		for what, label := range map[string]string{"empty": "", "NUL": "a\x00b", "too long": strings.Repeat("x", limit+1), "too long in bytes": strings.Repeat("ü", limit/2+1)} {
			for _, stmt := range []orm.Statement{
				orm.Select(person.name.As(label)), orm.Select(personTable.Alias(label)), orm.Select(byAge.Subquery(label)),
			} {
				if _, _, err := orm.Compile(stmt, name); !errors.Is(err, orm.ErrBadIdentifier) {
					t.Errorf("%s: %s: the error is %v", name, what, err)
				}
			}
		}
		if _, _, err := orm.Compile(orm.Select(person.name.As(strings.Repeat("x", limit))), name); err != nil {
			t.Errorf("%s: a name of %d bytes: %v", name, limit, err)
		}
	}
}

func TestCompileNeedsNoConnectionAndKnowsItsDialects(t *testing.T) {
	text, args, err := orm.Compile(whoIf(person.age.Gt(18)), "postgres")
	must(t, err)
	if want := "SELECT person.name FROM person WHERE person.age > $1 ORDER BY person.id"; text != want {
		t.Errorf("got  %s\nwant %s", text, want)
	}
	if diff := cmp.Diff([]any{int64(18)}, args); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, _, err := orm.Compile(whoIf(), "oracle"); !errors.Is(err, orm.ErrUnknownDialect) {
		t.Errorf("the error is %v", err)
	}
	if _, _, err := orm.Compile(nil, "sqlite"); !errors.Is(err, orm.ErrArgument) {
		t.Errorf("the error is %v", err)
	}
}

func TestStatementsAreSafeForConcurrentUse(t *testing.T) {
	u := orm.Alias[User]("concurrent")
	stmt := orm.Select(u, byAge.Subquery("a").C("n")).From(u).Where(orm.C(&u.Name).In("a", "b"), orm.F("Age").Gt(1)).OrderBy(orm.C(&u.ID))
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for _, d := range goldenDialects {
				if _, _, err := orm.Compile(stmt, d); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
}
