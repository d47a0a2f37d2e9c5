// This file holds the definitions that are created, read back, and created from
// what was read.

package dialecttest

import (
	"slices"
	"strings"
	"testing"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

func columnDefinitions() []definition {
	number := types.Integer()
	return []definition{
		{name: "a column that may be NULL", items: []orm.TableItem{key("id"), orm.NewColumn("v", number)}},
		{name: "a column that may not be NULL", items: []orm.TableItem{key("id"), orm.NewColumn("v", number, orm.NotNull())}},
		{name: "the order of columns", items: []orm.TableItem{orm.NewColumn("z", number), orm.NewColumn("a", number), key("m"), orm.NewColumn("b", number)}},
		{name: "a generated key", items: []orm.TableItem{counted("id"), orm.NewColumn("v", number)}, probe: generatesKeys},
		{name: "a key that is not generated", items: []orm.TableItem{key("id"), orm.NewColumn("v", number)}, probe: generatesNoKeys},
		{name: "a computed column", items: []orm.TableItem{key("id"), orm.NewColumn("v", number), orm.NewColumn("made", number, orm.Computed("(v * 2) + 1").Stored())}, probe: computesAgain},
		{name: "a table without a key", items: []orm.TableItem{orm.NewColumn("v", number)}},
		{name: "a comment of the table", needs: []need{needsComments}, items: []orm.TableItem{orm.TableComment(`it's "one" \ %s`), key("id")}},
		{name: "a comment of a column", needs: []need{needsComments}, items: []orm.TableItem{key("id"), orm.NewColumn("v", number, orm.ColumnComment(`it's "two" \n %d`))}},
		{name: "names that need quotes", items: []orm.TableItem{key("Select"), orm.NewColumn("two words", number), orm.NewColumn(`qu"o'te`, number), orm.NewColumn("日本", number), orm.NewColumn("per%cent", number)}},
		{name: "names that differ in their quotes", items: []orm.TableItem{key("id"), orm.NewColumn("a,b", number), orm.NewColumn("a)b", number), orm.NewColumn("a b", number)}},
	}
}

func generatesKeys(t *testing.T, db *database, table *orm.Table) {
	equal(t, []any{int64(1)}, exec(t, db, orm.Insert(table).Values(orm.M{"v": 1})).InsertedPrimaryKey())
}

func computesAgain(t *testing.T, db *database, table *orm.Table) {
	exec(t, db, orm.Insert(table).Values(orm.M{"id": 1, "v": 4}))
	equal(t, []int{9}, column[int](t, db, table, "made"))
}

func generatesNoKeys(t *testing.T, db *database, _ *orm.Table) {
	equal(t, false, inspected(t, db, "t").Column("id").IsAutoincrement())
}

// typeDefinitions has each type as a column of its own.
func typeDefinitions() []definition {
	var list []definition
	for _, typ := range allTypes {
		list = append(list, definition{name: "type " + typ.String(), items: []orm.TableItem{key("id"), orm.NewColumn("v", typ)}, needs: []need{needsType(typ)}})
	}
	return list
}

func defaultDefinitions() []definition {
	var list []definition
	for _, c := range []struct {
		name string
		typ  types.Type
		how  orm.ColumnOption
		want any
	}{
		{"a number", types.Integer(), orm.ServerDefaultSQL("42"), int64(42)},
		{"a negative number", types.Integer(), orm.ServerDefaultSQL("-1"), int64(-1)},
		{"an expression", types.Integer(), orm.ServerDefaultSQL("(1 + 1)"), int64(2)},
		{"a decimal", types.Numeric(10, 2), orm.ServerDefaultSQL("1.50"), "1.50"},
		{"a text", types.String(50), orm.ServerDefaultText("abc"), "abc"},
		{"an empty text", types.String(50), orm.ServerDefaultText(""), ""},
		{"a text with quotes", types.String(50), orm.ServerDefaultText(`it's "x" \ ''`), `it's "x" \ ''`},
		{"a text that looks like NULL", types.String(50), orm.ServerDefaultText("NULL"), "NULL"},
		{"a text that looks like a function", types.String(50), orm.ServerDefaultText("CURRENT_TIMESTAMP"), "CURRENT_TIMESTAMP"},
		{"a text with other characters", types.String(50), orm.ServerDefaultText("日本"), "日本"},
		{"a text with characters of four bytes", types.String(50), orm.ServerDefaultText("🎉"), "🎉"},
		{"true", types.Boolean(), orm.ServerDefaultSQL("TRUE"), true},
		{"false", types.Boolean(), orm.ServerDefaultSQL("FALSE"), false},
	} {
		list = append(list, definition{
			name: "a default that is " + c.name, items: []orm.TableItem{key("id"), orm.NewColumn("v", c.typ, c.how)},
			probe: func(t *testing.T, db *database, table *orm.Table) {
				exec(t, db, orm.Insert(table).Values(orm.M{"id": 1}))
				equal(t, orm.M{"v": c.want}, fetchOne[orm.M](t, db, orm.Select(table.C("v")).From(table)))
			},
		})
	}
	return append(list, definition{
		name:  "a default that is the time",
		items: []orm.TableItem{key("id"), orm.NewColumn("v", types.DateTime(), orm.ServerDefaultSQL("CURRENT_TIMESTAMP"), orm.NotNull())},
		probe: func(t *testing.T, db *database, table *orm.Table) {
			exec(t, db, orm.Insert(table).Values(orm.M{"id": 1}))
		},
	})
}

func keyDefinitions() []definition {
	parent := func(m *orm.Metadata) {
		orm.NewTable("p", m, key("id"), orm.NewColumn("code", types.String(20), orm.NotNull(), orm.Unique()))
	}
	pairs := func(m *orm.Metadata) { orm.NewTable("pp", m, key("a"), key("b")) }
	to := func(name string, fk *orm.ForeignKey) *orm.Column { return orm.NewColumn(name, types.BigInteger(), fk) }
	list := []definition{
		{name: "a composite key", items: []orm.TableItem{key("a"), key("b"), orm.NewColumn("v", types.Integer())}},
		{name: "a composite key in another order", items: []orm.TableItem{
			orm.NewColumn("a", types.BigInteger(), orm.NotNull()), orm.NewColumn("b", types.BigInteger(), orm.NotNull()), orm.PrimaryKey("b", "a"),
		}},
		{name: "a key of text", items: []orm.TableItem{orm.NewColumn("code", types.String(20), orm.PrimaryKey())}},
		{name: "a foreign key", items: []orm.TableItem{key("id"), to("p_id", orm.References("p", "id"))}, others: parent},
		{name: "a foreign key with a name", items: []orm.TableItem{key("id"), to("p_id", orm.References("p", "id").Named("to P"))}, others: parent},
		{name: "a foreign key to itself", items: []orm.TableItem{key("id"), to("up", orm.References("t", "id"))}},
		{name: "a foreign key that is the key", items: []orm.TableItem{orm.NewColumn("id", types.BigInteger(), orm.PrimaryKey(), orm.References("p", "id"))}, others: parent},
		{name: "a foreign key to a unique column", items: []orm.TableItem{key("id"), orm.NewColumn("code", types.String(20), orm.References("p", "code"))}, others: parent},
		{name: "two foreign keys to one table", items: []orm.TableItem{key("id"), to("a", orm.References("p", "id")), to("b", orm.References("p", "id"))}, others: parent},
		{name: "a composite foreign key", items: []orm.TableItem{
			key("id"), orm.NewColumn("x", types.BigInteger()), orm.NewColumn("y", types.BigInteger()), orm.ForeignKeyTo([]string{"x", "y"}, "pp", "a", "b").Named("both"),
		}, others: pairs},
		{name: "a composite foreign key in another order", items: []orm.TableItem{
			key("id"), orm.NewColumn("x", types.BigInteger()), orm.NewColumn("y", types.BigInteger()), orm.ForeignKeyTo([]string{"y", "x"}, "pp", "a", "b").Named("both"),
		}, others: pairs},
	}
	for _, action := range []orm.Action{orm.Cascade, orm.SetNull, orm.Restrict, orm.NoAction, orm.SetDefault} {
		list = append(list,
			definition{name: "on delete " + strings.ToLower(string(action)), items: []orm.TableItem{key("id"), to("p_id", orm.References("p", "id").OnDelete(action))}, others: parent},
			definition{name: "on update " + strings.ToLower(string(action)), items: []orm.TableItem{key("id"), to("p_id", orm.References("p", "id").OnUpdate(action))}, others: parent},
		)
	}
	return append(list, definition{
		name: "on delete cascade on update set null", others: parent,
		items: []orm.TableItem{key("id"), to("p_id", orm.References("p", "id").OnDelete(orm.Cascade).OnUpdate(orm.SetNull))},
	})
}

func constraintDefinitions() []definition {
	columns := func(more ...orm.TableItem) []orm.TableItem {
		return slices.Concat([]orm.TableItem{
			key("id"), orm.NewColumn("a", types.Integer()), orm.NewColumn("b", types.String(20)), orm.NewColumn("c", types.Integer()),
		}, more)
	}
	partial, expression := []need{needsPartialIndex}, []need{needsExpressionIndex}
	return []definition{
		{name: "a unique column", items: columns(orm.Unique("a"))},
		{name: "a unique constraint with a name", items: columns(orm.Unique("a").Named("only A"))},
		{name: "a unique constraint over two columns", items: columns(orm.Unique("c", "a").Named("u_c_a"))},
		{name: "two unique constraints", items: columns(orm.Unique("a").Named("u_a"), orm.Unique("b").Named("u_b"))},
		{name: "a unique constraint over columns with commas", items: columns(orm.NewColumn("x,y", types.Integer()), orm.Unique("x,y", "a").Named("u_x"))},
		{name: "a check", items: columns(orm.Check("a > 0")), probe: refusesRow(orm.M{"id": 1, "a": 0})},
		{name: "a check with a name", items: columns(orm.Check("a > 0").Named("positive")), probe: refusesRow(orm.M{"id": 1, "a": 0})},
		{name: "a check over two columns", items: columns(orm.Check("a < c").Named("ordered")), probe: refusesRow(orm.M{"id": 1, "a": 2, "c": 1})},
		{name: "a check with a text", items: columns(orm.Check("b <> 'it''s )'").Named("not_it")), probe: refusesRow(orm.M{"id": 1, "b": "it's )"})},
		{name: "two checks", items: columns(orm.Check("a > 0").Named("one"), orm.Check("c > 0").Named("two")), probe: refusesRow(orm.M{"id": 1, "c": 0})},
		{name: "an index", items: columns(orm.NewIndex("ix_a", "a"))},
		{name: "an index with a conventional name", items: []orm.TableItem{key("id"), orm.NewColumn("a", types.Integer(), orm.IndexColumn())}},
		{name: "an index over two columns", items: columns(orm.NewIndex("ix_c_a", "c", "a"))},
		{name: "a unique index", items: columns(orm.NewIndex("ux_a", "a").Unique())},
		{name: "two indexes", items: columns(orm.NewIndex("ix_a", "a"), orm.NewIndex("ix_b", "b"))},
		{name: "an index with a name that needs quotes", items: columns(orm.NewIndex("Index of a", "a"))},
		{name: "a partial index", needs: partial, items: columns(orm.NewIndex("ix_a", "a").Where("c > 0"))},
		{name: "a unique partial index", needs: partial, items: columns(orm.NewIndex("ux_a", "a").Unique().Where("b = 'it''s'"))},
		{name: "an index on an expression is listed", needs: expression, items: columns(), probe: listsExpressionIndex},
		{name: "a unique constraint and an index", items: columns(orm.Unique("a").Named("u_a"), orm.NewIndex("ix_a_b", "a", "b"))},
		{
			name: "an index on a foreign key", items: []orm.TableItem{key("id"), orm.NewColumn("p_id", types.BigInteger(), orm.References("p", "id"), orm.IndexColumn())},
			others: func(m *orm.Metadata) { orm.NewTable("p", m, key("id")) },
		},
	}
}

func refusesRow(row orm.M) func(t *testing.T, db *database, table *orm.Table) {
	return func(t *testing.T, db *database, table *orm.Table) {
		_, err := orm.Exec(t.Context(), db, orm.Insert(table).Values(row))
		wantKind(t, orm.ErrCheckViolation, err)
	}
}

func listsExpressionIndex(t *testing.T, db *database, _ *orm.Table) {
	exec(t, db, orm.Text("CREATE INDEX ix_lower ON t (lower(b), a)"))
	indexes := inspected(t, db, "t").Indexes()
	if len(indexes) != 1 || indexes[0].Name() != "ix_lower" || len(indexes[0].Parts()) != 2 || indexes[0].Parts()[1].Column != "a" {
		t.Errorf("the index was read as %+v", indexes)
	}
}

// conventionalNames reads the names that constraints and indexes get by the
// naming convention of a Metadata that was given none.
func conventionalNames(t *testing.T, db *database) {
	m := orm.NewMetadata()
	orm.NewTable("p", m, key("id"))
	orm.NewTable("t", m, key("id"),
		orm.NewColumn("a", types.Integer(), orm.IndexColumn()), orm.NewColumn("b", types.Integer(), orm.Unique()),
		orm.NewColumn("p_id", types.BigInteger(), orm.References("p", "id")),
		orm.Unique("a", "b"), orm.Check("a > 0").Named("positive"), orm.NewIndex("", "b", "a"))
	db.create(t, m)
	var got []string
	for _, view := range constraintViews(t, db, inspected(t, db, "t")) {
		got = append(got, view.Name)
	}
	equal(t, []string{"ck_t_positive", "fk_t_p_id_p", "ix_t_a", "ix_t_b_a", "", "uq_t_a_b", "uq_t_b"}, got)
}

func listsTables(t *testing.T, db *database) {
	m := orm.NewMetadata()
	for _, name := range []string{"zebra", "Apple", "two words", "mango"} {
		orm.NewTable(name, m, key("id"))
	}
	db.create(t, m)
	exec(t, db, orm.Text("CREATE VIEW aview AS SELECT id FROM mango"))
	t.Cleanup(func() {
		_, err := orm.Exec(background(t), db, orm.Text("DROP VIEW aview"))
		must(t, err)
	})
	equal(t, []string{"Apple", "mango", "two words", "zebra"}, tableNames(t, db))
	inspector, err := db.Inspect(t.Context())
	must(t, err)
	for name, want := range map[string]bool{"mango": true, "two words": true, "banana": false, "": false, "no.where": false, "man%": false} {
		has, err := inspector.HasTable(t.Context(), name)
		must(t, err)
		if has != want {
			t.Errorf("HasTable(%q) is %t", name, has)
		}
	}
}

func missesTable(t *testing.T, db *database) {
	inspector, err := db.Inspect(t.Context())
	must(t, err)
	for _, name := range []string{"nowhere", "no.where", "it's", `qu"ote`, "back`tick", "日本"} {
		_, err = inspector.Table(t.Context(), name)
		wantKind(t, orm.ErrUnknownName, err)
	}
}

func remembers(t *testing.T, db *database) {
	inspector, err := db.Inspect(t.Context())
	must(t, err)
	equal(t, false, hasTable(t, inspector, "numbers"))
	numbers(t, db)
	equal(t, false, hasTable(t, inspector, "numbers"))
	inspector.Clear()
	equal(t, true, hasTable(t, inspector, "numbers"))
	_, err = inspector.Table(t.Context(), "numbers")
	must(t, err)
	db.statements()
	_, err = inspector.Table(t.Context(), "numbers")
	must(t, err)
	equal(t, 0, len(db.statements()))
}

func hasTable(t *testing.T, i *orm.Inspector, name string) bool {
	t.Helper()
	has, err := i.HasTable(t.Context(), name)
	must(t, err)
	return has
}

func inspectsOwnTransaction(t *testing.T, db *database) {
	conn := db.conn(t)
	table := orm.NewTable("own", orm.NewMetadata(), key("id"))
	exec(t, conn, orm.CreateTable(table))
	inspector, err := conn.Inspect()
	must(t, err)
	equal(t, true, hasTable(t, inspector, "own"))
	must(t, conn.Rollback(t.Context()))
	inspector.Clear()
	equal(t, false, hasTable(t, inspector, "own"))
}

func inspectsSchema(t *testing.T, db *database) {
	name := schema(t, db)
	want := db.table(t, "inside", orm.Schema(name), counted("id"), orm.NewColumn("v", types.String(20), orm.IndexColumn(), orm.Unique()))
	got := inspected(t, db, name+".inside")
	equal(t, name, got.Schema())
	sameTable(t, db, want, got)
	inspector, err := db.Inspect(t.Context())
	must(t, err)
	names, err := inspector.TableNames(t.Context(), name)
	must(t, err)
	equal(t, []string{"inside"}, names)
}

func inspectsKeyIntoSchema(t *testing.T, db *database) {
	m, name := orm.NewMetadata(), schema(t, db)
	orm.NewTable("parent", m, orm.Schema(name), key("id"))
	want := orm.NewTable("child", m, key("id"), orm.NewColumn("up", types.BigInteger(), orm.References(name+".parent", "id")))
	db.create(t, m)
	sameTable(t, db, want, inspected(t, db, "child"))
}
