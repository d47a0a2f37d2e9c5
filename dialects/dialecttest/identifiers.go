// This file looks at names: tables, columns, labels, parameters, constraints of
// any characters, up to the longest.

package dialecttest

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

// hardNames are names with characters that mean something to a database, a
// driver, or a formatter of texts. The first 21 are those of SQLAlchemy's suite.
var hardNames = []string{
	"boring", "per cent", "per % cent", "%percent", "par(ens)", "percent%(ens)yah", "col:ons", "_starts_with_underscore",
	"dot.s", "more :: %colons%", "_name", "___name", "[BracketsAndCase]", "42numbers", "percent%signs", "has spaces",
	"/slashes/", "more/slashes", "q?marks", "1param", "1col:on",
	"it's", `dou"ble`, "back`tick", `back\slash`, "semi;colon", "--comment", "/*comment*/", "$dollar", "$1", "@at", "#hash", "com,ma",
	"new\nline", "tab\tstop", "日本", "ÄÖÜ", "MixedCase", "UPPER", "a=b", "a OR 1=1", `"quoted"`, "''", "null", "NULL",
}

// reservedNames are words that some database wants quoted.
var reservedNames = []string{
	"select", "from", "where", "group", "order", "table", "index", "user", "key", "values", "check", "default", "primary", "limit",
	"offset", "rows", "row", "desc", "current_date", "rank", "window", "interval", "time", "value", "system", "analyze", "end", "all", "as",
}

func identifierChecks() []check {
	var checks []check
	for _, name := range slices.Concat(hardNames, reservedNames) {
		label := abridged(name)
		checks = append(checks,
			check{name: "column " + label, run: hardColumn(name)},
			check{name: "table " + label, run: hardTable(name)},
		)
	}
	for _, name := range hardNames[:21] {
		checks = append(checks, check{name: "parameter " + abridged(name), run: hardParameter(name)})
	}
	return append(checks, []check{
		{name: "the longest name", run: longestName},
		{name: "a name that is longer by one", run: refusesLongerName},
		{name: "the longest name of several bytes for a character", run: longestName4},
		{name: "a name with characters of four bytes", run: fourByteName},
		{name: "names that differ in case", run: differInCase},
		{name: "an empty name", run: refusesName("")},
		{name: "a name with NUL", run: refusesName("a\x00b")},
		{name: "labels and aliases", run: hardLabels},
		{name: "constraints and indexes", run: hardConstraints},
		{name: "a column of a table that has its name", run: columnNamedAsTable},
		{name: "a name of a parameter of text", run: namedArguments},
	}...)
}

// hardColumn uses a name in every place where a column stands.
func hardColumn(name string) func(t *testing.T, db *database) {
	return func(t *testing.T, db *database) {
		table := db.table(t, "t", counted("id"), orm.NewColumn(name, types.String(50), orm.NotNull(), orm.ServerDefaultText("x")))
		c := orm.Col[string](table, name)
		exec(t, db, orm.Insert(table).Values(orm.M{name: "a"}))
		exec(t, db, orm.Insert(table).Set(c.Set("b")))
		exec(t, db, orm.Update(table).Set(c.SetExpr(orm.Concat(c, orm.Lit("!")))).Where(c.Eq("b")))
		stmt := orm.Select(c).From(table).Where(c.In("a", "b!")).GroupBy(c).Having(c.Ne("zz")).OrderBy(c.Desc())
		equal(t, []string{"b!", "a"}, fetch[string](t, db, stmt))
		equal(t, []orm.M{{name: "b!"}, {name: "a"}}, fetch[orm.M](t, db, stmt))
		exec(t, db, orm.Delete(table).Where(c.Like("a%")))
		equal(t, 1, count(t, db, table))
		if inspected(t, db, "t").Column(name) == nil {
			t.Errorf("the inspector does not see column %q", name)
		}
	}
}

func hardTable(name string) func(t *testing.T, db *database) {
	return func(t *testing.T, db *database) {
		m := orm.NewMetadata()
		table := orm.NewTable(name, m, counted("id"), orm.NewColumn("v", types.Integer(), orm.Unique(), orm.IndexColumn()))
		child := orm.NewTable("child of", m, key("id"), orm.NewColumn("up", types.BigInteger(), orm.References(name, "id")))
		db.create(t, m)
		equal(t, []any{int64(1)}, exec(t, db, orm.Insert(table).Values(orm.M{"v": 1})).InsertedPrimaryKey())
		exec(t, db, orm.Insert(child).Values(orm.M{"id": 1, "up": 1}))
		exec(t, db, orm.Update(table).Set(table.C("v").Set(2)).Where(table.C("id").Eq(1)))
		equal(t, 2, fetchOne[int](t, db, orm.Select(table.C("v")).From(child).Join(table)))
		must(t, m.CreateAll(t.Context(), db.engine))
		sameTable(t, db, table, inspected(t, db, name))
	}
}

// hardParameter uses a name for a parameter that gets its value later.
func hardParameter(name string) func(t *testing.T, db *database) {
	return func(t *testing.T, db *database) {
		db.reading(t)
		stmt := names(orm.Eq(orm.Col[int64](people, "id"), orm.Param[int64](name)))
		equal(t, []string{"bob"}, fetch[string](t, db, stmt.Params(orm.M{name: 2})))
	}
}

func longestName(t *testing.T, db *database) {
	name := strings.Repeat("n", db.features.MaxIdentifier)
	hardColumn(name)(t, db)
	m := orm.NewMetadata()
	table := orm.NewTable(name, m, key("id"))
	db.create(t, m)
	put(t, db, table, 1)
	equal(t, name, inspected(t, db, name).Name())
}

func refusesLongerName(t *testing.T, db *database) {
	refusesName(strings.Repeat("n", db.features.MaxIdentifier+1))(t, db)
}

func longestName4(t *testing.T, db *database) {
	name := strings.Repeat("日", db.features.MaxIdentifier/utf8.RuneLen('日'))
	hardColumn(name)(t, db)
}

func fourByteName(t *testing.T, db *database) {
	hardColumn("🎉")(t, db)
	hardTable("🎉")(t, db)
}

func differInCase(t *testing.T, db *database) {
	table := db.table(t, "cases", key("id"), orm.NewColumn("Name", types.String(20)), orm.NewColumn("other", types.String(20)))
	exec(t, db, orm.Insert(table).Values(orm.M{"id": 1, "Name": "a", "other": "b"}))
	equal(t, orm.M{"id": int64(1), "Name": "a", "other": "b"}, fetchOne[orm.M](t, db, orm.Select(table).From(table)))
}

func refusesName(name string) func(t *testing.T, db *database) {
	return func(t *testing.T, db *database) {
		m := orm.NewMetadata()
		db.refusesUnsent(t, orm.ErrBadIdentifier, orm.CreateTable(orm.NewTable(name, m, key("id"))))
		db.refusesUnsent(t, orm.ErrBadIdentifier, orm.CreateTable(orm.NewTable("t", m, key("id"), orm.NewColumn(name, types.Integer()))))
		db.refusesUnsent(t, orm.ErrBadIdentifier, orm.Select(people.C("id").As(name)).From(people))
		alias := people.Alias(name)
		db.refusesUnsent(t, orm.ErrBadIdentifier, orm.Select(alias.C("id")).From(alias))
	}
}

func hardLabels(t *testing.T, db *database) {
	db.reading(t)
	for _, name := range hardNames {
		alias := people.Alias(name)
		stmt := orm.Select(alias.C("name").As(name)).From(alias).Where(alias.C("id").Eq(1))
		equal(t, []orm.M{{name: "ann"}}, fetch[orm.M](t, db, stmt))
		inner := stmt.Subquery(name)
		equal(t, []string{"ann"}, fetch[string](t, db, orm.Select(inner.C(name)).From(inner)))
	}
}

func hardConstraints(t *testing.T, db *database) {
	for i, name := range hardNames {
		m := orm.NewMetadata()
		table := orm.NewTable("named", m, key("id"), orm.NewColumn("a", types.Integer()), orm.NewColumn("b", types.Integer()),
			orm.Unique("a").Named(name+" u"), orm.Check("a > 0").Named(fmt.Sprint(i, " c")),
			orm.ForeignKeyTo([]string{"b"}, "named", "a").Named(name+" f"), orm.NewIndex(name+" i", "b", "a"))
		must(t, m.CreateAll(t.Context(), db.engine))
		sameTable(t, db, table, inspected(t, db, "named"))
		exec(t, db, orm.DropTable(table))
	}
}

func columnNamedAsTable(t *testing.T, db *database) {
	table := db.table(t, "same", key("same"))
	exec(t, db, orm.Insert(table).Values(orm.M{"same": 1}))
	equal(t, []int64{1}, fetch[int64](t, db, orm.Select(table.C("same")).From(table).Where(table.C("same").Eq(1))))
}

func namedArguments(t *testing.T, db *database) {
	db.reading(t)
	for _, name := range []string{"a", "A1", "_x", "select", "日本"} {
		text := orm.SQL("SELECT name FROM people WHERE id = :" + name)
		equal(t, []string{"bob"}, fetch[string](t, db, orm.Text(text, sql.Named(name, 2))))
	}
}
