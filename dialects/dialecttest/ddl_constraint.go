// This file looks at constraints, indexes and schemas as the database enforces
// them.

package dialecttest

import (
	"context"
	"crypto/rand"
	"strings"
	"testing"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

// background is a context for what is done when a case has ended.
func background(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	return ctx
}

// constrained makes a table with a constraint of every kind, and one row.
func constrained(t *testing.T, db *database) *orm.Table {
	t.Helper()
	m := orm.NewMetadata()
	up := orm.NewTable("up", m, key("id"))
	table := orm.NewTable("constrained", m,
		counted("id"),
		orm.NewColumn("a", types.Integer(), orm.NotNull(), orm.Unique()),
		orm.NewColumn("b", types.Integer()),
		orm.NewColumn("c", types.Integer()),
		orm.NewColumn("d", types.Integer()),
		orm.NewColumn("up", types.BigInteger(), orm.References("up", "id")),
		orm.Unique("b", "c").Named("u_b_c"),
		orm.Check("d >= 0").Named("positive"),
		orm.Check("d < 1000"),
	)
	db.create(t, m)
	exec(t, db, orm.Insert(up).Values(orm.M{"id": 1}))
	exec(t, db, orm.Insert(table).Values(orm.M{"a": 1, "b": 1, "c": 1, "d": 1, "up": 1}))
	return table
}

// enforces inserts rows, of which the last is refused with an error of a kind;
// kind 0 takes them all.
func enforces(kind orm.ErrorKind, rows ...orm.M) func(t *testing.T, db *database) {
	return func(t *testing.T, db *database) {
		table := constrained(t, db)
		var err error
		for _, row := range rows {
			must(t, err)
			_, err = orm.Exec(t.Context(), db, orm.Insert(table).Values(row))
		}
		if kind == 0 {
			must(t, err)
			return
		}
		wantKind(t, kind, err)
		equal(t, 1, count(t, db, table))
	}
}

func enforcesCompositeKey(t *testing.T, db *database) {
	table := db.table(t, "lines", key("a"), key("b"))
	exec(t, db, orm.Insert(table).Values(orm.M{"a": 1, "b": 1}, orm.M{"a": 1, "b": 2}))
	_, err := orm.Exec(t.Context(), db, orm.Insert(table).Values(orm.M{"a": 1, "b": 2}))
	wantKind(t, orm.ErrUniqueViolation, err)
}

func enforcesCompositeForeignKey(t *testing.T, db *database) {
	m := orm.NewMetadata()
	parent := orm.NewTable("parent", m, key("a"), key("b"))
	child := orm.NewTable("child", m, key("id"), orm.NewColumn("x", types.BigInteger()), orm.NewColumn("y", types.BigInteger()),
		orm.ForeignKeyTo([]string{"x", "y"}, "parent"))
	db.create(t, m)
	exec(t, db, orm.Insert(parent).Values(orm.M{"a": 1, "b": 2}))
	exec(t, db, orm.Insert(child).Values(orm.M{"id": 1, "x": 1, "y": 2}))
	_, err := orm.Exec(t.Context(), db, orm.Insert(child).Values(orm.M{"id": 2, "x": 2, "y": 1}))
	wantKind(t, orm.ErrForeignKeyViolation, err)
}

func enforcesKeyToUnique(t *testing.T, db *database) {
	m := orm.NewMetadata()
	parent := orm.NewTable("parent", m, key("id"), orm.NewColumn("code", types.String(10), orm.NotNull(), orm.Unique()))
	child := orm.NewTable("child", m, key("id"), orm.NewColumn("code", types.String(10), orm.References("parent", "code")))
	db.create(t, m)
	exec(t, db, orm.Insert(parent).Values(orm.M{"id": 1, "code": "x"}))
	exec(t, db, orm.Insert(child).Values(orm.M{"id": 1, "code": "x"}))
	_, err := orm.Exec(t.Context(), db, orm.Insert(child).Values(orm.M{"id": 2, "code": "y"}))
	wantKind(t, orm.ErrForeignKeyViolation, err)
}

func cascadesUpdate(t *testing.T, db *database) {
	m := orm.NewMetadata()
	parent := orm.NewTable("parent", m, key("id"))
	child := orm.NewTable("child", m, key("id"), orm.NewColumn("up", types.BigInteger(), orm.References("parent", "id").OnUpdate(orm.Cascade)))
	db.create(t, m)
	exec(t, db, orm.Insert(parent).Values(orm.M{"id": 1}))
	exec(t, db, orm.Insert(child).Values(orm.M{"id": 1, "up": 1}))
	exec(t, db, orm.Update(parent).Set(parent.C("id").Set(5)).Where(parent.C("id").Eq(1)))
	equal(t, []int64{5}, column[int64](t, db, child, "up"))
}

// apart makes two tables and a key between them that is in neither.
func apart(t *testing.T, db *database) (child *orm.Table, fk *orm.ForeignKey) {
	t.Helper()
	m := orm.NewMetadata()
	orm.NewTable("parent", m, key("id"))
	child = orm.NewTable("child", m, key("id"), orm.NewColumn("up", types.BigInteger()))
	db.create(t, m)
	twin := orm.NewMetadata()
	orm.NewTable("parent", twin, key("id"))
	return child, orm.NewTable("child", twin, key("id"), orm.NewColumn("up", types.BigInteger(), orm.References("parent", "id").Named("fk_up"))).ForeignKeys()[0]
}

func altersForeignKey(t *testing.T, db *database) {
	child, fk := apart(t, db)
	orphan := orm.Insert(child).Values(orm.M{"id": 1, "up": 1})
	exec(t, db, orm.AddForeignKey(fk))
	_, err := orm.Exec(t.Context(), db, orphan)
	wantKind(t, orm.ErrForeignKeyViolation, err)
	exec(t, db, orm.DropForeignKey(fk))
	exec(t, db, orphan)
}

func refusesAlter(t *testing.T, db *database) {
	_, fk := apart(t, db)
	db.refusesUnsent(t, orm.ErrUnsupported, orm.AddForeignKey(fk))
	db.refusesUnsent(t, orm.ErrUnsupported, orm.DropForeignKey(fk))
}

// deferred defines a child whose key is checked at commit.
func deferred(m *orm.Metadata) (parent, child *orm.Table) {
	parent = orm.NewTable("parent", m, key("id"))
	child = orm.NewTable("child", m, key("id"), orm.NewColumn("up", types.BigInteger(), orm.References("parent", "id").Deferrable()))
	return parent, child
}

func defersKey(t *testing.T, db *database) {
	m := orm.NewMetadata()
	parent, child := deferred(m)
	db.create(t, m)
	conn := db.conn(t)
	exec(t, conn, orm.Insert(child).Values(orm.M{"id": 1, "up": 1}))
	exec(t, conn, orm.Insert(parent).Values(orm.M{"id": 1}))
	must(t, conn.Commit(t.Context()))
	exec(t, conn, orm.Insert(child).Values(orm.M{"id": 2, "up": 2}))
	wantKind(t, orm.ErrForeignKeyViolation, conn.Commit(t.Context()))
	must(t, conn.Rollback(t.Context()))
	equal(t, 1, count(t, db, child))
}

func refusesDeferrable(t *testing.T, db *database) {
	_, child := deferred(orm.NewMetadata())
	db.refusesUnsent(t, orm.ErrUnsupported, orm.CreateTable(child))
}

// cutsLongNames makes two indexes whose conventional names differ only behind
// the longest name.
func cutsLongNames(t *testing.T, db *database) {
	long := strings.Repeat("x", db.features.MaxIdentifier-1)
	table := db.table(t, "long_names", key("id"),
		orm.NewColumn(long+"1", types.Integer(), orm.IndexColumn()), orm.NewColumn(long+"2", types.Integer(), orm.IndexColumn()))
	inspector, err := db.Inspect(t.Context())
	must(t, err)
	got, err := inspector.Table(t.Context(), "long_names")
	must(t, err)
	equal(t, len(table.Indexes()), len(got.Indexes()))
}

func createsIndex(t *testing.T, db *database) {
	table := db.table(t, "indexed", key("id"), orm.NewColumn("v", types.Integer(), orm.IndexColumn()))
	index := table.Indexes()[0]
	exec(t, db, orm.DropIndex(index))
	exec(t, db, orm.CreateIndex(index))
	if _, err := orm.Exec(t.Context(), db, orm.CreateIndex(index)); err == nil {
		t.Error("a second index of the same name was created")
	}
}

func createsIndexIfNotExists(t *testing.T, db *database) {
	table := db.table(t, "indexed", key("id"), orm.NewColumn("v", types.Integer(), orm.IndexColumn()))
	index := table.Indexes()[0]
	exec(t, db, orm.CreateIndex(index).IfNotExists())
	exec(t, db, orm.DropIndex(index).IfExists())
	exec(t, db, orm.DropIndex(index).IfExists())
}

// enforcesIndex inserts texts, of which the unique index refuses the last.
func enforcesIndex(index *orm.Index, texts ...string) func(t *testing.T, db *database) {
	return func(t *testing.T, db *database) {
		table := db.table(t, "indexed", counted("id"), orm.NewColumn("v", types.String(20)), orm.NewColumn("n", types.Integer(), orm.Default(1)), index)
		var err error
		for _, text := range texts {
			must(t, err)
			_, err = orm.Exec(t.Context(), db, orm.Insert(table).Values(orm.M{"v": text}))
		}
		wantKind(t, orm.ErrUniqueViolation, err)
	}
}

func refusesIndex(index *orm.Index) func(t *testing.T, db *database) {
	return func(t *testing.T, db *database) {
		table := orm.NewTable("indexed", orm.NewMetadata(), key("id"), orm.NewColumn("v", types.String(20)), orm.NewColumn("n", types.Integer()), index)
		db.refusesUnsent(t, orm.ErrUnsupported, orm.CreateIndex(table.Indexes()[0]))
	}
}

// schema makes a schema of a name that nobody else has: on some servers they are
// not part of a database.
func schema(t *testing.T, db *database) string {
	t.Helper()
	name := "orm_" + strings.ToLower(rand.Text()[:12])
	t.Cleanup(func() {
		_, err := orm.Exec(background(t), db, orm.DropSchema(name))
		must(t, err)
	})
	exec(t, db, orm.CreateSchema(name))
	return name
}

func createsSchema(t *testing.T, db *database) {
	name := schema(t, db)
	exec(t, db, orm.CreateSchema(name).IfNotExists())
	if _, err := orm.Exec(t.Context(), db, orm.CreateSchema(name)); err == nil {
		t.Error("a second schema of the same name was created")
	}
}

func refusesSchema(t *testing.T, db *database) {
	db.refusesUnsent(t, orm.ErrUnsupported, orm.CreateSchema("s"))
	db.refusesUnsent(t, orm.ErrUnsupported, orm.DropSchema("s"))
}

func createsInSchema(t *testing.T, db *database) {
	name := schema(t, db)
	table := db.table(t, "inside", orm.Schema(name), counted("id"), orm.NewColumn("v", types.String(20), orm.IndexColumn()))
	equal(t, []any{int64(1)}, exec(t, db, orm.Insert(table).Values(orm.M{"v": "a"})).InsertedPrimaryKey())
	exec(t, db, orm.Update(table).Set(table.C("v").Set("b")).Where(table.C("id").Eq(1)))
	equal(t, []string{"b"}, column[string](t, db, table, "v"))
	exec(t, db, orm.Delete(table).Where(table.C("id").Eq(1)))
}

func createsInTwoSchemas(t *testing.T, db *database) {
	m := orm.NewMetadata()
	one := orm.NewTable("twin", m, orm.Schema(schema(t, db)), key("id"))
	two := orm.NewTable("twin", m, key("id"))
	db.create(t, m)
	exec(t, db, orm.Insert(one).Values(orm.M{"id": 1}))
	equal(t, 0, count(t, db, two))
	equal(t, 1, fetchOne[int](t, db, orm.Select(orm.Count()).From(one.Alias("o")).OuterJoin(two.Alias("t"), orm.True())))
}

func refersToSchema(t *testing.T, db *database) {
	m, name := orm.NewMetadata(), schema(t, db)
	parent := orm.NewTable("parent", m, orm.Schema(name), key("id"))
	child := orm.NewTable("child", m, key("id"), orm.NewColumn("up", types.BigInteger(), orm.References(name+".parent", "id")))
	db.create(t, m)
	exec(t, db, orm.Insert(parent).Values(orm.M{"id": 1}))
	exec(t, db, orm.Insert(child).Values(orm.M{"id": 1, "up": 1}))
	_, err := orm.Exec(t.Context(), db, orm.Insert(child).Values(orm.M{"id": 2, "up": 2}))
	wantKind(t, orm.ErrForeignKeyViolation, err)
}
