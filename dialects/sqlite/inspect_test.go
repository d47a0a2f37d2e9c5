// This file tests what the inspector is told of a database.

package sqlite

import (
	"context"
	"database/sql"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

// queryer asks on a connection.
type queryer struct{ on *sql.Conn }

func (q queryer) Query(ctx context.Context, text orm.SQL, args ...any) ([][]any, error) {
	rows, err := q.on.QueryContext(ctx, string(text), args...)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	columns, err := rows.Columns()
	if err != nil {
		return nil, err
	}
	var all [][]any
	for rows.Next() {
		values, targets := make([]any, len(columns)), make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := rows.Scan(targets...); err != nil {
			return nil, err
		}
		all = append(all, values)
	}
	return all, rows.Err()
}

func TestTableNamesLeaveOutWhatSQLiteMadeItself(t *testing.T) {
	c := conn(t, open(t, "sqlite://"))
	exec(t, c, "ATTACH ':memory:' AS other")
	exec(t, c, "CREATE TABLE b (id INTEGER PRIMARY KEY AUTOINCREMENT)")
	exec(t, c, `CREATE TABLE "A ""quoted"" name?" (id INTEGER)`)
	exec(t, c, "CREATE VIEW v AS SELECT 1 AS x")
	exec(t, c, "CREATE TABLE other.elsewhere (id INTEGER)")
	for schema, want := range map[string][]string{"": {`A "quoted" name?`, "b"}, "other": {"elsewhere"}, "nosuch": {}} {
		got, err := dialect{}.TableNames(t.Context(), queryer{c}, schema)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("schema %q (-want +got)\n%s", schema, diff)
		}
	}
}

func TestInspectTable(t *testing.T) {
	c := conn(t, open(t, "sqlite://"))
	exec(t, c, `CREATE TABLE teams (league TEXT, no INTEGER, PRIMARY KEY (no, league)) WITHOUT ROWID`)
	exec(t, c, `CREATE TABLE "users" (
		id INTEGER PRIMARY KEY AUTOINCREMENT,
		"e,mail" VARCHAR(120) NOT NULL CONSTRAINT uq_mail UNIQUE DEFAULT 'a,(b', -- a comment, with (
		age SMALLINT DEFAULT (1 + 1) CHECK (age > 0 AND age < (100 + 50)),
		price DECIMAL_TEXT(12, 4) COLLATE decimal,
		boss INTEGER CONSTRAINT fk_boss REFERENCES users,
		league TEXT, team INTEGER,
		double_age INTEGER AS (age * 2),
		CONSTRAINT uq_two UNIQUE (age, [league]),
		/* another ) */ CONSTRAINT "ck two" CHECK (league <> 'x)'),
		CONSTRAINT fk_team FOREIGN KEY (team, league) REFERENCES teams (no, league) ON DELETE CASCADE ON UPDATE SET NULL
	)`)
	exec(t, c, `CREATE INDEX ix_age ON users (age, league DESC)`)
	exec(t, c, `CREATE UNIQUE INDEX ux_lower ON users (lower(league)) WHERE league <> 'WHERE'`)
	two, mail := "(1 + 1)", "'a,(b'"
	want := &orm.TableInfo{
		Name: "users",
		Columns: []orm.ColumnInfo{
			{Name: "id", RawType: "INTEGER", Type: types.BigInteger(), Autoincrement: true},
			{Name: "e,mail", RawType: "VARCHAR(120)", Type: types.String(120), Default: &mail},
			{Name: "age", RawType: "SMALLINT", Type: types.SmallInteger(), Nullable: true, Default: &two},
			{Name: "price", RawType: "DECIMAL_TEXT(12, 4)", Type: types.Numeric(12, 4), Nullable: true},
			{Name: "boss", RawType: "INTEGER", Type: types.BigInteger(), Nullable: true},
			{Name: "league", RawType: "TEXT", Type: types.Text(), Nullable: true},
			{Name: "team", RawType: "INTEGER", Type: types.BigInteger(), Nullable: true},
			{Name: "double_age", RawType: "INTEGER", Type: types.BigInteger(), Nullable: true, Computed: "age * 2"},
		},
		PrimaryKey: []string{"id"},
		ForeignKeys: []orm.ForeignKeyInfo{
			{Name: "fk_boss", Columns: []string{"boss"}, Table: "users", OnDelete: "NO ACTION", OnUpdate: "NO ACTION"},
			{
				Name: "fk_team", Columns: []string{"team", "league"}, Table: "teams", TargetColumns: []string{"no", "league"},
				OnDelete: "CASCADE", OnUpdate: "SET NULL",
			},
		},
		Uniques: []orm.UniqueInfo{{Name: "uq_mail", Columns: []string{"e,mail"}}, {Name: "uq_two", Columns: []string{"age", "league"}}},
		Checks: []orm.CheckInfo{
			{SQL: "age > 0 AND age < (100 + 50)"}, {Name: "ck two", SQL: "league <> 'x)'"},
		},
		Indexes: []orm.IndexInfo{
			{Name: "ix_age", Parts: []orm.IndexPart{{Column: "age"}, {Column: "league", Desc: true}}},
			{Name: "ux_lower", Parts: []orm.IndexPart{{SQL: "lower(league)"}}, Unique: true, Where: "league <> 'WHERE'"},
		},
	}
	got, err := dialect{}.InspectTable(t.Context(), queryer{c}, "", "users")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("users (-want +got)\n%s", diff)
	}
	teams, err := dialect{}.InspectTable(t.Context(), queryer{c}, "main", "teams")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"no", "league"}, teams.PrimaryKey); diff != "" {
		t.Errorf("key of teams (-want +got)\n%s", diff)
	}
}

func TestInspectTableThatIsNotThere(t *testing.T) {
	c := conn(t, open(t, "sqlite://"))
	if got, err := (dialect{}).InspectTable(t.Context(), queryer{c}, "", "nosuch"); got != nil || err != nil {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestReadDefinitionOfAnyText(t *testing.T) {
	tests := []struct {
		sql  string
		want definition
	}{
		{"", definition{}},
		{"CREATE VIEW v AS SELECT 1", definition{}},
		{"CREATE TABLE t (", definition{}},
		{"CREATE TABLE t (a CHECK (", definition{}},
		{"CREATE TABLE t (a, CONSTRAINT", definition{}},
		{`CREATE TABLE t (a "CHECK", CONSTRAINT pk PRIMARY KEY (a))`, definition{primaryKey: "pk"}},
		{"create table t (a constraint pk primary key check (a > ')'))", definition{primaryKey: "pk", checks: []orm.CheckInfo{{SQL: "a > ')'"}}}},
		{"CREATE TABLE t (a INT DEFAULT (iif(1, 'CHECK (x)', 2)))", definition{}},
	}
	for _, test := range tests {
		got := readDefinition(test.sql)
		if diff := cmp.Diff(test.want.checks, got.checks); diff != "" || got.primaryKey != test.want.primaryKey {
			t.Errorf("%s: key %q, checks (-want +got)\n%s", test.sql, got.primaryKey, diff)
		}
	}
}

func FuzzReadDefinition(f *testing.F) {
	f.Add("CREATE TABLE t (a INT CHECK (a > 0), UNIQUE (a), FOREIGN KEY (a) REFERENCES b)")
	f.Add("((,,(CONSTRAINT CHECK UNIQUE ( ' [ \" /* --")
	f.Fuzz(func(t *testing.T, sql string) {
		for _, token := range tokens(sql) {
			if token.start >= token.end || token.end > len(sql) {
				t.Fatalf("a token from %d to %d of %d", token.start, token.end, len(sql))
			}
		}
		readDefinition(sql)
		predicate(sql)
	})
}
