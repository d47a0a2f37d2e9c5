// This file looks at the definition of schemas: that tables come and go in the
// right order, and that what was defined is what the database enforces.

package dialecttest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

func ddlChecks() []check {
	return slices.Concat(tableChecks(), constraintChecks(), indexChecks(), schemaChecks(), enumChecks(), generatedChecks())
}

func tableChecks() []check {
	return []check{
		{name: "tables that are there are left alone", run: leavesTablesAlone},
		{name: "tables that are gone are left alone", run: leavesGoneTablesAlone},
		{name: "only some tables", run: createsOnlySome},
		{name: "a table stands behind those that it refers to", run: ordersTables},
		{name: "a table that refers to itself", run: createsSelfReference},
		{name: "tables that refer to each other", run: createsCircle},
		{name: "a key that is added later", run: createsWithUseAlter},
		{name: "if not exists", run: createsIfNotExists},
		{name: "if exists", run: dropsIfExists},
		{name: "a table that is there already", run: refusesSecondTable},
		{name: "all types in one table", run: createsAllTypes},
		{name: "200 columns", run: createsManyColumns},
		{name: "the printed schema is the created one", run: printedSchemaWorks},
		{name: "mistakes come out before anything is sent", run: reportsMistakesFirst},
		{name: "comments with quotes", needs: []need{needsComments}, run: createsComments},
		{name: "a change of the schema is undone by a rollback", needs: []need{needsTransactionalDDL}, run: rollsBackDDL},
		{name: "a schema that fails half way leaves nothing", needs: []need{needsTransactionalDDL}, run: leavesNoHalfSchema},
	}
}

func constraintChecks() []check {
	return []check{
		{name: "not null is enforced", run: enforces(orm.ErrNotNullViolation, orm.M{"a": nil})},
		{name: "unique is enforced", run: enforces(orm.ErrUniqueViolation, orm.M{"a": 1})},
		{name: "unique over two columns is enforced", run: enforces(orm.ErrUniqueViolation, orm.M{"a": 9, "b": 1, "c": 1})},
		{name: "unique takes NULL for different", run: enforces(0, orm.M{"a": 9, "b": nil, "c": 1}, orm.M{"a": 10, "b": nil, "c": 1})},
		{name: "a check is enforced", run: enforces(orm.ErrCheckViolation, orm.M{"a": 9, "d": -1})},
		{name: "a check without a name is enforced", run: enforces(orm.ErrCheckViolation, orm.M{"a": 9, "d": 1000})},
		{name: "a check takes NULL for true", run: enforces(0, orm.M{"a": 9, "d": nil})},
		{name: "a foreign key is enforced", run: enforces(orm.ErrForeignKeyViolation, orm.M{"a": 9, "up": 77})},
		{name: "a foreign key takes NULL", run: enforces(0, orm.M{"a": 9, "up": nil})},
		{name: "a composite key is enforced", run: enforcesCompositeKey},
		{name: "a composite foreign key is enforced", run: enforcesCompositeForeignKey},
		{name: "a foreign key to a unique column is enforced", run: enforcesKeyToUnique},
		{name: "on update cascade", run: cascadesUpdate},
		{name: "a foreign key is added and dropped", needs: []need{needsAlterConstraint}, run: altersForeignKey, lacking: refusesAlter},
		{name: "a deferrable key is checked at commit", needs: []need{needsDeferrableKeys}, run: defersKey, lacking: refusesDeferrable},
		{name: "long names are cut and stay apart", run: cutsLongNames},
	}
}

func indexChecks() []check {
	return []check{
		{name: "an index comes and goes", run: createsIndex},
		{name: "an index if not exists", needs: []need{feature("CREATE INDEX IF NOT EXISTS", func(f *orm.Features) bool { return f.IndexIfExists })}, run: createsIndexIfNotExists},
		{name: "a unique index is enforced", run: enforcesIndex(orm.NewIndex("ux", "v").Unique(), "a", "b", "a")},
		{name: "a unique index over two columns is enforced", run: enforcesIndex(orm.NewIndex("ux", "v", "n").Unique(), "a", "b", "a")},
		{name: "a descending index", run: enforcesIndex(orm.NewIndexOn("ux", orm.IndexPart{Column: "v", Desc: true}).Unique(), "a", "b", "a")},
		{
			name: "an index by a method", needs: []need{feature("CREATE INDEX … USING", func(f *orm.Features) bool { return f.IndexUsing })},
			run: enforcesIndex(orm.NewIndex("ux", "v").Unique().Using("btree"), "a", "b", "a"), lacking: refusesIndex(orm.NewIndex("ux", "v").Using("btree")),
		},
		{
			name: "a partial index", needs: []need{needsPartialIndex}, lacking: refusesIndex(orm.NewIndex("ux", "v").Where("n > 0")),
			run: enforcesIndex(orm.NewIndex("ux", "v").Unique().Where("v <> 'free'"), "free", "free", "a", "a"),
		},
		{
			name: "an index on an expression", needs: []need{needsExpressionIndex}, lacking: refusesIndex(orm.NewIndexOn("ux", orm.IndexPart{SQL: "lower(v)"})),
			run: enforcesIndex(orm.NewIndexOn("ux", orm.IndexPart{SQL: "lower(v)"}).Unique(), "a", "b", "A"),
		},
	}
}

func schemaChecks() []check {
	return []check{
		{name: "a table in a schema", needs: []need{needsSchemas}, run: createsInSchema},
		{name: "tables of one name in two schemas", needs: []need{needsSchemas}, run: createsInTwoSchemas},
		{name: "a foreign key into another schema", needs: []need{needsSchemas}, run: refersToSchema},
		{name: "create schema", needs: []need{needsSchemas}, run: createsSchema, lacking: refusesSchema},
	}
}

// creations are those of the statements that change the schema.
func creations(statements []string) []string {
	return slices.DeleteFunc(statements, func(text string) bool {
		return !strings.HasPrefix(text, "CREATE") && !strings.HasPrefix(text, "DROP") && !strings.HasPrefix(text, "ALTER")
	})
}

// family is a parent, a child, and a table between them and itself, defined
// from the last to the first.
func family() *orm.Metadata {
	m := orm.NewMetadata()
	orm.NewTable("grandchild", m, key("id"), orm.NewColumn("child_id", types.BigInteger(), orm.References("child", "id"), orm.IndexColumn()))
	orm.NewTable("child", m, key("id"), orm.NewColumn("parent_id", types.BigInteger(), orm.References("parent", "id")))
	orm.NewTable("parent", m, key("id"))
	return m
}

func leavesTablesAlone(t *testing.T, db *database) {
	m := family()
	db.create(t, m)
	exec(t, db, orm.Insert(m.Table("parent")).Values(orm.M{"id": 1}))
	db.statements()
	must(t, m.CreateAll(t.Context(), db.engine))
	if sent := creations(db.statements()); len(sent) > 0 {
		t.Errorf("was sent: %q", sent)
	}
	equal(t, 1, count(t, db, m.Table("parent")))
}

func leavesGoneTablesAlone(t *testing.T, db *database) {
	m := family()
	db.create(t, m)
	must(t, m.DropAll(t.Context(), db.engine))
	db.statements()
	must(t, m.DropAll(t.Context(), db.engine))
	if sent := creations(db.statements()); len(sent) > 0 {
		t.Errorf("was sent: %q", sent)
	}
}

func createsOnlySome(t *testing.T, db *database) {
	m := family()
	t.Cleanup(func() { must(t, m.DropAll(background(t), db.engine)) })
	must(t, m.CreateAll(t.Context(), db.engine, orm.OnlyTables(m.Table("parent"))))
	equal(t, []string{"parent"}, tableNames(t, db))
}

// tableNames lists the tables of the case, without those that the topic keeps.
func tableNames(t *testing.T, db *database) []string {
	t.Helper()
	inspector, err := db.Inspect(t.Context())
	must(t, err)
	names, err := inspector.TableNames(t.Context())
	must(t, err)
	return names
}

func ordersTables(t *testing.T, db *database) {
	m := family()
	db.statements()
	db.create(t, m)
	var order []string
	for _, text := range creations(db.statements()) {
		if rest, ok := strings.CutPrefix(text, "CREATE TABLE "); ok {
			order = append(order, strings.Fields(rest)[0])
		}
	}
	equal(t, []string{"parent", "child", "grandchild"}, order)
	equal(t, []string{"child", "grandchild", "parent"}, tableNames(t, db))
}

func createsSelfReference(t *testing.T, db *database) {
	table := db.table(t, "node", key("id"), orm.NewColumn("up", types.BigInteger(), orm.References("node", "id")))
	exec(t, db, orm.Insert(table).Values(orm.M{"id": 1}))
	exec(t, db, orm.Insert(table).Values(orm.M{"id": 2, "up": 1}))
	_, err := orm.Exec(t.Context(), db, orm.Insert(table).Values(orm.M{"id": 3, "up": 77}))
	wantKind(t, orm.ErrForeignKeyViolation, err)
}

func createsCircle(t *testing.T, db *database) {
	m := orm.NewMetadata()
	a := orm.NewTable("a", m, key("id"), orm.NewColumn("b_id", types.BigInteger(), orm.References("b", "id").Named("fk_a_b")))
	b := orm.NewTable("b", m, key("id"), orm.NewColumn("a_id", types.BigInteger(), orm.References("a", "id").Named("fk_b_a")))
	db.create(t, m)
	exec(t, db, orm.Insert(a).Values(orm.M{"id": 1}))
	exec(t, db, orm.Insert(b).Values(orm.M{"id": 1, "a_id": 1}))
	exec(t, db, orm.Update(a).Set(a.C("b_id").Set(1)).Where(a.C("id").Eq(1)))
	_, err := orm.Exec(t.Context(), db, orm.Delete(b).AllRows())
	wantKind(t, orm.ErrForeignKeyViolation, err)
	must(t, m.DropAll(t.Context(), db.engine))
	equal(t, 0, len(slices.DeleteFunc(tableNames(t, db), func(name string) bool { return len(name) > 1 })))
}

func createsWithUseAlter(t *testing.T, db *database) {
	m := orm.NewMetadata()
	orm.NewTable("parent", m, key("id"))
	child := orm.NewTable("child", m, key("id"), orm.NewColumn("up", types.BigInteger(), orm.References("parent", "id").Named("fk_up").UseAlter()))
	db.create(t, m)
	_, err := orm.Exec(t.Context(), db, orm.Insert(child).Values(orm.M{"id": 1, "up": 1}))
	wantKind(t, orm.ErrForeignKeyViolation, err)
}

func createsIfNotExists(t *testing.T, db *database) {
	table := numbers(t, db)
	exec(t, db, orm.CreateTable(table).IfNotExists())
	equal(t, 0, count(t, db, table))
}

func dropsIfExists(t *testing.T, db *database) {
	table := numbers(t, db)
	exec(t, db, orm.DropTable(table).IfExists())
	exec(t, db, orm.DropTable(table).IfExists())
}

func refusesSecondTable(t *testing.T, db *database) {
	table := numbers(t, db)
	_, err := orm.Exec(t.Context(), db, orm.CreateTable(table))
	if err == nil {
		t.Error("a second table of the same name was created")
	}
}

// everyType has a column of each kind that the dialect has.
func everyType(t *testing.T, db *database) []orm.TableItem {
	t.Helper()
	items := []orm.TableItem{key("id")}
	for i, typ := range allTypes {
		if _, err := db.Dialect().TypeName(typ); err == nil {
			items = append(items, orm.NewColumn(fmt.Sprintf("c%d", i), typ))
		}
	}
	return items
}

func createsAllTypes(t *testing.T, db *database) {
	table := db.table(t, "everything", everyType(t, db)...)
	exec(t, db, orm.Insert(table).Values(orm.M{"id": 1}))
	equal(t, 1, len(fetch[orm.M](t, db, orm.Select(table).From(table))))
}

func createsManyColumns(t *testing.T, db *database) {
	items, row := []orm.TableItem{key("id")}, orm.M{"id": 1}
	for i := range 199 {
		name := fmt.Sprintf("c%d", i)
		items, row[name] = append(items, orm.NewColumn(name, types.Integer())), i
	}
	table := db.table(t, "wide", items...)
	exec(t, db, orm.Insert(table).Values(row))
	equal(t, 198, fetchOne[int](t, db, orm.Select(table.C("c198")).From(table)))
}

func printedSchemaWorks(t *testing.T, db *database) {
	m := family()
	texts, err := m.CreateSQL(db.Dialect().Name())
	must(t, err)
	t.Cleanup(func() { must(t, m.DropAll(background(t), db.engine)) })
	for _, text := range texts {
		exec(t, db, orm.Text(orm.SQL(text)))
	}
	equal(t, []string{"child", "grandchild", "parent"}, tableNames(t, db))
}

func reportsMistakesFirst(t *testing.T, db *database) {
	m := family()
	orm.NewTable("wrong", m, key("id"), orm.NewColumn("id", types.Integer()), orm.Unique("nothing"))
	orm.NewTable("lost", m, key("id"), orm.NewColumn("x", types.BigInteger(), orm.References("nowhere", "id")))
	db.statements()
	err := m.CreateAll(t.Context(), db.engine)
	if err == nil {
		t.Fatal("the mistakes were not noticed")
	}
	for _, name := range []string{"id", "nothing", "nowhere"} {
		if !strings.Contains(err.Error(), name) {
			t.Errorf("the error does not name %q: %v", name, err)
		}
	}
	equal(t, 0, len(db.statements()))
}

func createsComments(t *testing.T, db *database) {
	db.table(t, "noted", orm.TableComment(`it's a "table" \ %s ?`), key("id"),
		orm.NewColumn("v", types.Integer(), orm.ColumnComment(`it's :a "column" \`)))
}

func rollsBackDDL(t *testing.T, db *database) {
	m := family()
	conn := db.conn(t)
	must(t, m.CreateAll(t.Context(), conn))
	must(t, conn.Rollback(t.Context()))
	equal(t, []string{}, append([]string{}, tableNames(t, db)...))
}

func leavesNoHalfSchema(t *testing.T, db *database) {
	m := family()
	orm.NewTable("zebra", m, key("id"), orm.NewColumn("v", types.Exact("NO SUCH TYPE ( 1 , ) ")))
	if err := m.CreateAll(t.Context(), db.engine); err == nil {
		t.Fatal("a type that does not exist was taken")
	}
	equal(t, []string{}, append([]string{}, tableNames(t, db)...))
}
