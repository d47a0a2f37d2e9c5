// This file tests what the inspector is told of a database.

package mysql

import (
	"context"
	"database/sql"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

// queryer asks as the engine does: without any bytes in the answer.
type queryer struct{ on *sql.DB }

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
		for i, v := range values {
			if text, ok := v.([]byte); ok {
				values[i] = string(text)
			}
		}
		all = append(all, values)
	}
	return all, rows.Err()
}

func TestTableNames(t *testing.T) {
	db, d := open(t)
	schema, _ := value(t, db, "SELECT database()").(string)
	exec(t, db, "CREATE TABLE b (id INT)")
	exec(t, db, "CREATE TABLE `A ``quoted`` name` (id INT)")
	exec(t, db, "CREATE VIEW v AS SELECT 1 AS x")
	for schema, want := range map[string][]string{"": {"A `quoted` name", "b"}, schema: {"A `quoted` name", "b"}, "nosuch": {}} {
		got, err := d.TableNames(t.Context(), queryer{db}, schema)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("schema %q (-want +got)\n%s", schema, diff)
		}
	}
}

func TestInspectTable(t *testing.T) {
	db, d := open(t)
	for _, text := range []string{
		"CREATE TABLE teams (league VARCHAR(9), no BIGINT, PRIMARY KEY (no, league))",
		"CREATE TABLE users (" +
			"id BIGINT NOT NULL AUTO_INCREMENT, `e,mail` VARCHAR(120) NOT NULL DEFAULT 'it''s', age SMALLINT UNSIGNED DEFAULT 3 COMMENT 'in years'," +
			"mood ENUM('good', 'it''s so') NULL, doc JSON, ok TINYINT(1), at DATETIME(6) DEFAULT CURRENT_TIMESTAMP(6), boss BIGINT, league VARCHAR(9), team BIGINT, place POINT," +
			"PRIMARY KEY (id), CONSTRAINT uq_mail UNIQUE (`e,mail`), CONSTRAINT uq_two UNIQUE (league, age), CONSTRAINT ck_age CHECK (age > 0)," +
			"CONSTRAINT fk_boss FOREIGN KEY (boss) REFERENCES users (id)," +
			"CONSTRAINT fk_team FOREIGN KEY (team, league) REFERENCES teams (no, league) ON DELETE CASCADE ON UPDATE SET NULL" +
			") COMMENT 'the users'",
		"CREATE INDEX ix_age ON users (league, at)",
	} {
		exec(t, db, text)
	}
	got, err := d.InspectTable(t.Context(), queryer{db}, "", "users")
	if err != nil {
		t.Fatal(err)
	}
	mail, three, now := "'it''s'", "3", "current_timestamp(6)"
	if !d.mariaDB {
		three = "'3'"
	}
	want := &orm.TableInfo{
		Name: "users", Comment: "the users",
		Columns: []orm.ColumnInfo{
			{Name: "id", Type: types.BigInteger(), Autoincrement: true},
			{Name: "e,mail", Type: types.String(120), Default: &mail},
			{Name: "age", Type: types.SmallInteger().AsUnsigned(), Nullable: true, Default: &three, Comment: "in years"},
			{Name: "mood", Type: types.Enum("good", "it's so"), Nullable: true},
			{Name: "doc", Type: types.JSONType(), Nullable: true},
			{Name: "ok", Type: types.Boolean(), Nullable: true},
			{Name: "at", Type: types.DateTime(), Nullable: true, Default: &now},
			{Name: "boss", Type: types.BigInteger(), Nullable: true},
			{Name: "league", Type: types.String(9), Nullable: true},
			{Name: "team", Type: types.BigInteger(), Nullable: true},
			{Name: "place", RawType: "point", Nullable: true},
		},
		PrimaryKey: []string{"id"},
		ForeignKeys: []orm.ForeignKeyInfo{
			{Name: "fk_boss", Columns: []string{"boss"}, Table: "users", TargetColumns: []string{"id"}, OnDelete: noAction(d), OnUpdate: noAction(d)},
			{
				Name: "fk_team", Columns: []string{"team", "league"}, Table: "teams", TargetColumns: []string{"no", "league"},
				OnDelete: "CASCADE", OnUpdate: "SET NULL",
			},
		},
		Uniques: []orm.UniqueInfo{{Name: "uq_mail", Columns: []string{"e,mail"}}, {Name: "uq_two", Columns: []string{"league", "age"}}},
		Checks:  []orm.CheckInfo{{Name: "ck_age", SQL: "`age` > 0"}},
		Indexes: []orm.IndexInfo{{Name: "ix_age", Parts: []orm.IndexPart{{Column: "league"}, {Column: "at"}}}},
	}
	normalize(got, want)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("users (-want +got)\n%s", diff)
	}
	teams, err := d.InspectTable(t.Context(), queryer{db}, "", "teams")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"no", "league"}, teams.PrimaryKey); diff != "" {
		t.Errorf("key of teams (-want +got)\n%s", diff)
	}
}

// noAction is the word for the action that was not given.
func noAction(d dialect) string {
	if d.mariaDB {
		return "RESTRICT"
	}
	return "NO ACTION"
}

// normalize takes out what the two servers spell differently.
func normalize(got, want *orm.TableInfo) {
	for i := range got.Columns {
		if c := &got.Columns[i]; c.Type.IsZero() == want.Columns[i].Type.IsZero() && !c.Type.IsZero() {
			c.RawType = ""
		}
		if text := got.Columns[i].Default; text != nil {
			*text = strings.Replace(*text, "CURRENT_TIMESTAMP", "current_timestamp", 1)
		}
	}
	for i := range got.Checks {
		got.Checks[i].SQL = strings.Trim(got.Checks[i].SQL, "()")
	}
}

func TestDefaultsOfMySQLBecomeSQL(t *testing.T) {
	for _, test := range []struct {
		name    string
		mariaDB bool
		value   any
		extra   string
		want    string // "none" for none
	}{
		{"none", false, nil, "", "none"},
		{"literal", false, "it's", "", "'it''s'"},
		{"expression", false, "uuid()", "DEFAULT_GENERATED", "(uuid())"},
		{"time", false, "CURRENT_TIMESTAMP(6)", "DEFAULT_GENERATED on update CURRENT_TIMESTAMP(6)", "CURRENT_TIMESTAMP(6)"},
		{"null, MariaDB", true, "NULL", "", "none"},
		{"literal, MariaDB", true, "'it''s'", "", "'it''s'"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := "none"
			inspected := &table{dialect: dialect{mariaDB: test.mariaDB}}
			if text := inspected.defaultOf(row{"name", "type", "NO", test.value, test.extra}); text != nil {
				got = *text
			}
			if got != test.want {
				t.Errorf("%s, want %s", got, test.want)
			}
		})
	}
}

func TestInspectTableThatIsNotThere(t *testing.T) {
	db, d := open(t)
	if got, err := d.InspectTable(t.Context(), queryer{db}, "", "nosuch"); got != nil || err != nil {
		t.Errorf("got %+v, %v", got, err)
	}
}
