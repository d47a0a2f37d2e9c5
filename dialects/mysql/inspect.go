// This file asks the catalogue what there is: one query each for a table's
// columns, keys, checks and indexes, with one row for each column of a key.

package mysql

import (
	"context"
	"strings"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

// TableNames lists the tables of a database, which is what a schema is here.
func (dialect) TableNames(ctx context.Context, q orm.Queryer, schema string) ([]string, error) {
	rows, err := q.Query(ctx, `
		SELECT table_name AS name FROM information_schema.tables
		WHERE table_schema = coalesce(nullif(?, ''), database()) AND table_type = 'BASE TABLE'
		ORDER BY table_name`, schema)
	names := make([]string, len(rows))
	for i, r := range rows {
		names[i] = row(r).text(0)
	}
	return names, err
}

// table is a table that is being inspected.
type table struct {
	dialect
	schema, name string
	info         *orm.TableInfo
}

// InspectTable describes a table or a view.
func (d dialect) InspectTable(ctx context.Context, q orm.Queryer, schema, name string) (*orm.TableInfo, error) {
	rows, err := q.Query(ctx, `
		SELECT if(table_type = 'BASE TABLE', table_comment, '') FROM information_schema.tables
		WHERE table_schema = coalesce(nullif(?, ''), database()) AND table_name = ?`, schema, name)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	t := &table{dialect: d, schema: schema, name: name, info: &orm.TableInfo{Schema: schema, Name: name, Comment: row(rows[0]).text(0)}}
	for _, read := range []func(context.Context, orm.Queryer) error{t.readColumns, t.readKeys, t.readChecks, t.readIndexes} {
		if err := read(ctx, q); err != nil {
			return nil, err
		}
	}
	return t.info, nil
}

func (t *table) readColumns(ctx context.Context, q orm.Queryer) error {
	rows, err := q.Query(ctx, `
		SELECT column_name, column_type, is_nullable, column_default, extra, column_comment, coalesce(generation_expression, '')
		FROM information_schema.columns
		WHERE table_schema = coalesce(nullif(?, ''), database()) AND table_name = ?
		ORDER BY ordinal_position`, t.schema, t.name)
	for _, r := range rows {
		r := row(r)
		t.info.Columns = append(t.info.Columns, orm.ColumnInfo{
			Name: r.text(0), RawType: r.text(1), Type: typeOf(r.text(1)), Nullable: r.text(2) == "YES",
			Default: t.defaultOf(r), Computed: r.text(6), Stored: strings.Contains(r.text(4), "STORED GENERATED"), Autoincrement: strings.Contains(r.text(4), "auto_increment"), Comment: r.text(5),
		})
	}
	return err
}

// defaultOf returns the default as SQL. MariaDB gives it so, with NULL for none
// in a column that may be NULL; MySQL gives a literal without its quotes.
func (t *table) defaultOf(r row) *string {
	if r[3] == nil || t.mariaDB && r.text(3) == "NULL" {
		return nil
	}
	text := r.text(3)
	switch {
	case t.mariaDB:
	case strings.Contains(r.text(4), "DEFAULT_GENERATED"):
		if !strings.HasPrefix(strings.ToUpper(text), "CURRENT_TIMESTAMP") {
			text = "(" + text + ")"
		}
	default:
		text = t.QuoteLiteral(text)
	}
	return &text
}

// readKeys reads the primary key, the unique constraints and the foreign keys.
// The schema that a key refers to is empty where it is the default one.
func (t *table) readKeys(ctx context.Context, q orm.Queryer) error {
	rows, err := q.Query(ctx, `
		SELECT c.constraint_type, c.constraint_name, k.column_name, nullif(k.referenced_table_schema, database()),
			k.referenced_table_name, k.referenced_column_name, r.delete_rule, r.update_rule
		FROM information_schema.table_constraints AS c
			JOIN information_schema.key_column_usage AS k ON k.constraint_schema = c.constraint_schema
				AND k.constraint_name = c.constraint_name AND k.table_schema = c.table_schema AND k.table_name = c.table_name
			LEFT JOIN information_schema.referential_constraints AS r ON r.constraint_schema = c.constraint_schema
				AND r.constraint_name = c.constraint_name AND r.table_name = c.table_name
		WHERE c.table_schema = coalesce(nullif(?, ''), database()) AND c.table_name = ?
		ORDER BY c.constraint_type, c.constraint_name, k.ordinal_position`, t.schema, t.name)
	for i, r := range rows {
		first := i == 0 || row(rows[i-1]).text(1) != row(r).text(1) || row(rows[i-1]).text(0) != row(r).text(0)
		addKey(t.info, row(r), first)
	}
	return err
}

func addKey(info *orm.TableInfo, r row, first bool) {
	name, column := r.text(1), r.text(2)
	switch r.text(0) {
	case "PRIMARY KEY":
		info.PrimaryKey = append(info.PrimaryKey, column)
	case "UNIQUE":
		if first {
			info.Uniques = append(info.Uniques, orm.UniqueInfo{Name: name})
		}
		u := &info.Uniques[len(info.Uniques)-1]
		u.Columns = append(u.Columns, column)
	case "FOREIGN KEY":
		if first {
			info.ForeignKeys = append(info.ForeignKeys, orm.ForeignKeyInfo{
				Name: name, Schema: r.text(3), Table: r.text(4), OnDelete: r.text(6), OnUpdate: r.text(7),
			})
		}
		k := &info.ForeignKeys[len(info.ForeignKeys)-1]
		k.Columns, k.TargetColumns = append(k.Columns, column), append(k.TargetColumns, r.text(5))
	}
}

// readChecks reads the checks. MariaDB's JSON is a text with a check of its
// own, which shows what the column is.
func (t *table) readChecks(ctx context.Context, q orm.Queryer) error {
	query := orm.SQL(`
		SELECT k.constraint_name, k.check_clause
		FROM information_schema.check_constraints AS k JOIN information_schema.table_constraints AS c
			ON c.constraint_schema = k.constraint_schema AND c.constraint_name = k.constraint_name AND c.constraint_type = 'CHECK'
		WHERE c.table_schema = coalesce(nullif(?, ''), database()) AND c.table_name = ?
		ORDER BY k.constraint_name`)
	if t.mariaDB {
		query = `
		SELECT constraint_name, check_clause FROM information_schema.check_constraints
		WHERE constraint_schema = coalesce(nullif(?, ''), database()) AND table_name = ?
		ORDER BY constraint_name`
	}
	rows, err := q.Query(ctx, query, t.schema, t.name)
	for _, r := range rows {
		name, clause := row(r).text(0), row(r).text(1)
		if t.mariaDB && clause == "json_valid("+t.QuoteIdent(name)+")" {
			t.markJSON(name)
			continue
		}
		t.info.Checks = append(t.info.Checks, orm.CheckInfo{Name: name, SQL: clause})
	}
	return err
}

func (t *table) markJSON(column string) {
	for i := range t.info.Columns {
		if t.info.Columns[i].Name == column {
			t.info.Columns[i].Type = types.JSONType()
		}
	}
}

// readIndexes reads the indexes that serve no constraint: not the unique ones,
// which are constraints, nor those that the server made for a foreign key.
func (t *table) readIndexes(ctx context.Context, q orm.Queryer) error {
	rows, err := q.Query(ctx, `
		SELECT s.index_name, s.column_name, s.collation FROM information_schema.statistics AS s
		WHERE s.table_schema = coalesce(nullif(?, ''), database()) AND s.table_name = ? AND s.non_unique = 1
			AND NOT EXISTS (SELECT 1 FROM information_schema.referential_constraints AS r
				WHERE r.constraint_schema = s.table_schema AND r.table_name = s.table_name AND r.constraint_name = s.index_name)
		ORDER BY s.index_name, s.seq_in_index`, t.schema, t.name)
	for i, r := range rows {
		if i == 0 || row(rows[i-1]).text(0) != row(r).text(0) {
			t.info.Indexes = append(t.info.Indexes, orm.IndexInfo{Name: row(r).text(0)})
		}
		index := &t.info.Indexes[len(t.info.Indexes)-1]
		index.Parts = append(index.Parts, orm.IndexPart{Column: row(r).text(1), Desc: row(r).text(2) == "D"})
	}
	return err
}

// row is a row of an answer.
type row []any

// text is a column as text; NULL is empty.
func (r row) text(i int) string {
	text, _ := r[i].(string)
	return text
}
