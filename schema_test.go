package orm_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aurum-go/orm"
	_ "github.com/aurum-go/orm/dialects/sqlite"
	"github.com/aurum-go/orm/types"
)

// openRecorded returns an engine on an empty database, and a function that
// returns the first words of the schema changes that it executed since.
func openRecorded(t *testing.T) (*orm.Engine, func() []string) {
	t.Helper()
	engine, err := orm.Open("sqlite:///:memory:")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := engine.Close(); err != nil {
			t.Error(err)
		}
	})
	var changes []string
	engine.Events().AfterExecute(func(_ context.Context, e *orm.Execution) error {
		if e.Op == "ddl" {
			text, _, _ := strings.Cut(e.SQL, " (")
			changes = append(changes, text)
		}
		return nil
	})
	return engine, func() []string { defer func() { changes = nil }(); return changes }
}

// family has parents with children, and a table to itself.
func family() *orm.Metadata {
	meta := orm.NewMetadata()
	orm.NewTable("child", meta,
		orm.NewColumn("id", types.BigInteger(), orm.PrimaryKey()),
		orm.NewColumn("name", types.String(20), orm.NotNull(), orm.Unique(), orm.ServerDefaultText("it's")),
		orm.NewColumn("parent_id", types.BigInteger(), orm.IndexColumn(), orm.References("parent", "id").OnDelete(orm.Cascade)),
		orm.Check("name <> ''").Named("named"),
	)
	orm.NewTable("parent", meta, orm.NewColumn("id", types.BigInteger(), orm.PrimaryKey()))
	orm.NewTable("other", meta, orm.NewColumn("a", types.String(20)), orm.NewColumn("b", types.String(20)), orm.PrimaryKey("b", "a"))
	return meta
}

// circle has two tables that refer to each other.
func circle(options ...orm.MetadataOption) *orm.Metadata {
	meta := orm.NewMetadata(options...)
	for name, other := range map[string]string{"a": "b", "b": "a"} {
		orm.NewTable(name, meta,
			orm.NewColumn("id", types.BigInteger(), orm.PrimaryKey()), orm.NewColumn("other", types.BigInteger(), orm.References(other, "id")))
	}
	return meta
}

func noError(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestCreateAllMakesOnlyWhatIsMissing(t *testing.T) {
	engine, changes := openRecorded(t)
	meta := family()
	noError(t, meta.CreateAll(t.Context(), engine, orm.OnlyTables(meta.Table("parent"))))
	if diff := cmp.Diff([]string{"CREATE TABLE parent"}, changes()); diff != "" {
		t.Errorf("one table (-want +got):\n%s", diff)
	}
	noError(t, meta.CreateAll(t.Context(), engine))
	want := []string{"CREATE TABLE child", "CREATE INDEX ix_child_parent_id ON child", "CREATE TABLE other"}
	if diff := cmp.Diff(want, changes()); diff != "" {
		t.Errorf("the others (-want +got):\n%s", diff)
	}
	noError(t, meta.CreateAll(t.Context(), engine))
	if diff := cmp.Diff([]string(nil), changes()); diff != "" {
		t.Errorf("nothing (-want +got):\n%s", diff)
	}
}

func TestDropAllRemovesOnlyWhatIsThere(t *testing.T) {
	engine, changes := openRecorded(t)
	meta := family()
	noError(t, meta.DropAll(t.Context(), engine))
	noError(t, meta.CreateAll(t.Context(), engine))
	changes()
	noError(t, meta.DropAll(t.Context(), engine))
	if diff := cmp.Diff([]string{"DROP TABLE other", "DROP TABLE child", "DROP TABLE parent"}, changes()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	inspector, err := engine.Inspect(t.Context())
	noError(t, err)
	names, err := inspector.TableNames(t.Context())
	noError(t, err)
	if diff := cmp.Diff([]string(nil), names); diff != "" {
		t.Errorf("tables (-want +got):\n%s", diff)
	}
}

func TestCheckFirstTurnedOffSendsEverything(t *testing.T) {
	engine, _ := openRecorded(t)
	meta := family()
	noError(t, meta.CreateAll(t.Context(), engine, orm.CheckFirst(false)))
	if err := meta.CreateAll(t.Context(), engine, orm.CheckFirst(false)); err == nil {
		t.Error("a table is made twice without an error")
	}
	noError(t, meta.DropAll(t.Context(), engine, orm.CheckFirst(false)))
	if err := meta.DropAll(t.Context(), engine, orm.CheckFirst(false)); err == nil {
		t.Error("a table is removed twice without an error")
	}
}

func TestDropAllRemovesTablesWhoseRowsReferToEachOther(t *testing.T) {
	engine, _ := openRecorded(t)
	ctx, meta := t.Context(), circle()
	noError(t, meta.CreateAll(ctx, engine))
	for _, text := range []orm.SQL{"INSERT INTO a VALUES (1, NULL)", "INSERT INTO b VALUES (1, 1)", "UPDATE a SET other = 1"} {
		_, err := orm.Exec(ctx, engine, orm.Text(text))
		noError(t, err)
	}
	noError(t, meta.DropAll(ctx, engine))
}

func TestCircleOfTablesIsMadeAndRemoved(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx := t.Context()
		for range 2 {
			noError(t, circle().CreateAll(ctx, db.Engine))
			noError(t, circle().DropAll(ctx, db.Engine))
		}
	})
}

// Where keys of a circle have to be dropped before their tables, they need names.
func TestCircleOfKeysWithoutNamesIsNotRemovedByHalf(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx, meta := t.Context(), circle(orm.WithNamingConvention(orm.NamingConvention{}))
		noError(t, meta.CreateAll(ctx, db.Engine))
		db.statements()
		err := meta.DropAll(ctx, db.Engine)
		left := 0
		if db.Dialect().Features().AlterConstraint {
			left = 2
			expectKind(t, orm.ErrCircular, err)
			if err == nil || !strings.Contains(err.Error(), "name the key, or set NamingConvention.ForeignKey") {
				t.Errorf("the error is %v", err)
			}
		} else {
			noError(t, err)
		}
		names := get(get(db.Inspect(ctx))(t).TableNames(ctx))(t)
		expect(t, left, len(names))
	})
}

func TestColumnWithoutATypeHasThatOfTheColumnItRefersTo(t *testing.T) {
	var none types.Type
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx, meta := t.Context(), orm.NewMetadata()
		far := orm.NewTable("far", meta, orm.NewColumn("id", none, orm.PrimaryKey(), orm.References("near", "id")), orm.NewColumn("day", none), orm.NewColumn("place", none),
			orm.ForeignKeyTo([]string{"day", "place"}, "events", "day", "place"))
		near := orm.NewTable("near", meta, orm.NewColumn("id", none, orm.PrimaryKey(), orm.References("codes", "id")))
		codes := orm.NewTable("codes", meta, orm.NewColumn("id", types.String(12), orm.PrimaryKey()))
		events := orm.NewTable("events", meta, orm.NewColumn("place", types.String(20)), orm.NewColumn("day", types.Date()), orm.PrimaryKey("day", "place"))
		expect(t, []types.Type{types.String(12), types.Date(), types.String(20)}, []types.Type{far.Column("id").Type(), far.Column("day").Type(), far.Column("place").Type()})
		must(t, meta.CreateAll(ctx, db.Engine))
		day := time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)
		get(orm.Exec(ctx, db.Engine, orm.Insert(codes).Values(orm.M{"id": "c"})))(t)
		get(orm.Exec(ctx, db.Engine, orm.Insert(near).Values(orm.M{"id": "c"})))(t)
		get(orm.Exec(ctx, db.Engine, orm.Insert(events).Values(orm.M{"day": day, "place": "p"})))(t)
		get(orm.Exec(ctx, db.Engine, orm.Insert(far).Values(orm.M{"id": "c", "day": day, "place": "p"})))(t)
		expect(t, []orm.M{{"id": "c", "day": day, "place": "p"}}, get(orm.Fetch[orm.M](ctx, db.Engine, orm.Select(far).Where(orm.Col[time.Time](far, "day").Eq(day))))(t))
		expect(t, 1, len(get(orm.Fetch[time.Time](ctx, db.Engine, orm.Select(far.C("day"))))(t)))
		must(t, meta.DropAll(ctx, db.Engine))
	})
}

func TestColumnsThatReferToEachOtherHaveNoType(t *testing.T) {
	var none types.Type
	meta := orm.NewMetadata()
	orm.NewTable("one", meta, orm.NewColumn("id", none, orm.References("two", "id")))
	orm.NewTable("two", meta, orm.NewColumn("id", none, orm.References("one", "id")))
	orm.NewTable("three", meta, orm.NewColumn("id", none, orm.References("two", "id")))
	expect(t, true, meta.Table("three").Column("id").Type().IsZero())
	_, err := meta.CreateSQL("sqlite")
	expectKind(t, orm.ErrUnsupported, err)
}

func TestCreateAllThatFailsLeavesNothing(t *testing.T) {
	engine, changes := openRecorded(t)
	meta := family()
	orm.NewTable("wrong", meta, orm.NewColumn("a", types.Text()), orm.Check("a >"))
	if err := meta.CreateAll(t.Context(), engine); err == nil {
		t.Fatal("a check that is no SQL is taken")
	}
	if len(changes()) == 0 {
		t.Error("nothing was tried")
	}
	inspector, err := engine.Inspect(t.Context())
	noError(t, err)
	names, err := inspector.TableNames(t.Context())
	noError(t, err)
	if diff := cmp.Diff([]string(nil), names); diff != "" {
		t.Errorf("tables (-want +got):\n%s", diff)
	}
}

func TestMistakesInDefinitionsComeOutBeforeAnythingIsSent(t *testing.T) {
	engine, changes := openRecorded(t)
	meta := family()
	orm.NewTable("wrong", meta, orm.NewColumn("a", types.Integer(), orm.References("nowhere", "id")))
	for name, run := range map[string]func(context.Context, orm.Executor, ...orm.SchemaOption) error{"create": meta.CreateAll, "drop": meta.DropAll} {
		if err := run(t.Context(), engine); !errors.Is(err, orm.ErrUnknownName) {
			t.Errorf("%s: got %v, want the kind %v", name, err, orm.ErrUnknownName)
		}
	}
	if diff := cmp.Diff([]string(nil), changes()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCommentInADefinitionEndsWithIt(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		meta := orm.NewMetadata()
		table := orm.NewTable("noted", meta, orm.NewColumn("n", types.Integer(), orm.ServerDefaultSQL("(5) -- as ever")), orm.Check("n > 0 -- or else"))
		must(t, meta.CreateAll(t.Context(), db.Engine))
		_, err := orm.Exec(t.Context(), db.Engine, orm.Insert(table).Values(orm.M{"n": 0}))
		if !errors.Is(err, orm.ErrCheckViolation) {
			t.Errorf("the error is %v", err)
		}
		must(t, meta.DropAll(t.Context(), db.Engine))
	})
}

// TestTableOfWhichLittleIsKnownIsRefusedOnlyWhereItWouldBeMade: a statement can do
// with a table that somebody else has made, and reads what it gives.
func TestTableOfWhichLittleIsKnownIsRefusedOnlyWhereItWouldBeMade(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx, meta := t.Context(), orm.NewMetadata()
		bare := orm.NewTable("bare", meta)
		untyped := orm.NewTable("untyped", meta, orm.NewColumn("id", types.Integer(), orm.PrimaryKey(), orm.Autoincrement(false)), orm.NewColumn("v", types.Type{}))
		must(t, errors.Join(bare.Err(), untyped.Err()))
		err := meta.CreateAll(ctx, db.Engine)
		for _, want := range []struct {
			kind error
			says string
		}{
			{orm.ErrArgument, "create table bare: it has no columns"},
			{orm.ErrUnsupported, "give the column a type"},
		} {
			if !errors.Is(err, want.kind) || !strings.Contains(err.Error(), want.says) {
				t.Errorf("the error does not say %q: %v", want.says, err)
			}
		}
		for _, text := range db.statements() {
			if strings.Contains(text, "CREATE") {
				t.Errorf("%q was sent", text)
			}
		}
		run(t, db.Engine, "CREATE TABLE bare (n INTEGER DEFAULT 7, m INTEGER)")
		run(t, db.Engine, "CREATE TABLE untyped (id INTEGER PRIMARY KEY, v VARCHAR(10))")
		must(t, meta.CreateAll(ctx, db.Engine))
		get(orm.Exec(ctx, db.Engine, orm.Insert(bare)))(t)
		get(orm.Exec(ctx, db.Engine, orm.Insert(untyped).Values(orm.M{"id": 1, "v": "y"})))(t)
		compare(t, []orm.M{{"n": int64(7), "m": nil}}, get(orm.Fetch[orm.M](ctx, db.Engine, orm.Select(bare)))(t))
		compare(t, []string{"y"}, get(orm.Fetch[string](ctx, db.Engine, orm.Select(untyped.C("v")).Where(untyped.C("v").Eq("y"))))(t))
		compare(t, int64(1), get(orm.Exec(ctx, db.Engine, orm.Delete(bare).AllRows()))(t).RowsAffected())
	})
}

func TestIndexOfAKindIsMadeWhereThereAreSeveral(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx, meta := t.Context(), orm.NewMetadata()
		orm.NewTable("t", meta, orm.NewColumn("v", types.Integer()), orm.NewIndex("ix", "v").Using("btree"))
		err := meta.CreateAll(ctx, db.Engine)
		if !db.Dialect().Features().IndexUsing {
			if !errors.Is(err, orm.ErrUnsupported) {
				t.Errorf("%v", err)
			}
			return
		}
		must(t, err)
		compare(t, 1, len(get(get(db.Inspect(ctx))(t).Table(ctx, "t"))(t).Indexes()))
	})
}

func TestInspectedIndexIsMadeAgainAsItWas(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx := t.Context()
		run(t, db.Engine, "CREATE TABLE t (id INTEGER PRIMARY KEY, a VARCHAR(20), b INTEGER)")
		indexes := []string{"CREATE INDEX ix_down ON t (a, b DESC)"}
		if db.Dialect().Features().ExpressionIndex && db.name() != "mysql" {
			indexes = append(indexes, "CREATE INDEX ix_lower ON t (lower(a) DESC, b)", "CREATE UNIQUE INDEX ix_odd ON t ((b % 3), coalesce(a, 'x,y)')) WHERE b > 0")
		}
		if db.name() == "postgres" {
			indexes = append(indexes, "CREATE INDEX ix_hash ON t USING hash (a)")
		}
		for _, text := range indexes {
			run(t, db.Engine, text)
		}
		inspected := func() map[string]string {
			made := map[string]string{}
			for _, i := range get(get(db.Inspect(ctx))(t).Table(ctx, "t"))(t).Indexes() {
				text, _, err := orm.Compile(orm.CreateIndex(i), db.name())
				must(t, err)
				made[i.Name()] = text
				get(orm.Exec(ctx, db.Engine, orm.DropIndex(i)))(t)
				get(orm.Exec(ctx, db.Engine, orm.CreateIndex(i)))(t)
			}
			return made
		}
		first := inspected()
		compare(t, len(indexes), len(first))
		for name, text := range first {
			if name == "ix_lower" && !strings.Contains(text, "lower(a") || name == "ix_hash" && !strings.Contains(text, "USING hash") {
				t.Errorf("%s was read as %q", name, text)
			}
		}
		again := inspected()
		for name := range again {
			compare(t, strings.Count(first[name], "DESC"), strings.Count(again[name], "DESC"))
		}
		compare(t, len(first), len(again))
	})
}

func TestSchemaChangesOnAConnectionAreOfItsTransaction(t *testing.T) {
	engine, _ := openRecorded(t)
	ctx, meta := t.Context(), family()
	conn, err := engine.Connect(ctx)
	noError(t, err)
	defer conn.Close()
	has := func() bool {
		inspector, err := conn.Inspect()
		noError(t, err)
		has, err := inspector.HasTable(ctx, "child")
		noError(t, err)
		return has
	}
	noError(t, meta.CreateAll(ctx, conn))
	if !has() {
		t.Error("the transaction does not see its table")
	}
	noError(t, conn.Rollback(ctx))
	if has() {
		t.Error("the table outlives the rollback")
	}
}

func TestInspectedSchemaIsTheOneThatWasMade(t *testing.T) {
	engine, _ := openRecorded(t)
	ctx, meta := t.Context(), family()
	noError(t, meta.CreateAll(ctx, engine))
	inspector, err := engine.Inspect(ctx)
	noError(t, err)
	for _, defined := range meta.Tables() {
		table, err := inspector.Table(ctx, defined.Name())
		noError(t, err)
		noError(t, table.Err())
		if diff := cmp.Diff(outline(defined), outline(table)); diff != "" {
			t.Errorf("table %s (-defined +inspected):\n%s", defined.Name(), diff)
		}
	}
}

// outline lists what a definition and a database say in the same words.
func outline(t *orm.Table) []string {
	lines := []string{"primary key " + strings.Join(t.PrimaryKey().Columns(), " ")}
	for _, c := range t.Columns() {
		line := "column " + c.Name()
		if !c.Nullable() {
			line += " not null"
		}
		if c.IsAutoincrement() {
			line += " counted"
		}
		lines = append(lines, line)
	}
	for _, k := range t.ForeignKeys() {
		lines = append(lines, "foreign key "+strings.Join(k.Columns(), " ")+" to "+k.Target()+" "+strings.Join(k.TargetColumns(), " "))
	}
	for _, u := range t.Uniques() {
		lines = append(lines, "unique "+strings.Join(u.Columns(), " "))
	}
	for _, i := range t.Indexes() {
		for _, p := range i.Parts() {
			lines = append(lines, "index "+p.Column)
		}
	}
	return lines
}
