// This file asks what there is: the pragmas, as tables, for columns, keys and
// indexes, and the text of CREATE TABLE for the rest.

package sqlite

import (
	"context"
	"strings"

	"github.com/aurum-go/orm"
)

// TableNames lists tables, without SQLite's own and those behind virtual ones.
func (dialect) TableNames(ctx context.Context, q orm.Queryer, schema string) ([]string, error) {
	rows, err := q.Query(ctx, `
		SELECT name FROM pragma_table_list
		WHERE schema = ? AND type IN ('table', 'virtual') AND substr(name, 1, 7) <> 'sqlite_'
		ORDER BY name`, schemaName(schema))
	names := make([]string, len(rows))
	for i, r := range rows {
		names[i] = row(r).text(0)
	}
	return names, err
}

// schemaName is the name under which SQLite knows the schema: main, or that of
// an attached database.
func schemaName(schema string) string {
	if schema == "" {
		return "main"
	}
	return schema
}

// table is a table that is being inspected.
type table struct {
	schema, name string
	info         *orm.TableInfo
	defined      definition
	rowNumbers   bool // it is not WITHOUT ROWID
}

// InspectTable describes a table or a view.
func (d dialect) InspectTable(ctx context.Context, q orm.Queryer, schema, name string) (*orm.TableInfo, error) {
	t := &table{schema: schemaName(schema), name: name, info: &orm.TableInfo{Schema: schema, Name: name}}
	if known, err := knowsSchema(ctx, q, schema); err != nil || !known {
		return nil, err
	}
	rows, err := q.Query(ctx, orm.SQL(`
		SELECT l.wr, s.sql
		FROM pragma_table_list AS l JOIN `+d.QuoteIdent(t.schema)+`.sqlite_schema AS s ON s.name = l.name AND s.type IN ('table', 'view')
		WHERE l.schema = ? AND l.name = ?`), t.schema, name)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	t.rowNumbers = row(rows[0]).number(0) == 0
	t.defined = readDefinition(row(rows[0]).text(1))
	for _, read := range []func(context.Context, orm.Queryer) error{t.readColumns, t.readForeignKeys, t.readIndexes} {
		if err := read(ctx, q); err != nil {
			return nil, err
		}
	}
	t.info.Checks = t.defined.checks
	return t.info, nil
}

// knowsSchema asks whether there is such a database: the name of one that is not
// attached is an error in the text of a query.
func knowsSchema(ctx context.Context, q orm.Queryer, schema string) (bool, error) {
	if schema == "" {
		return true, nil
	}
	rows, err := q.Query(ctx, "SELECT 1 FROM pragma_database_list WHERE name = ?", schema)
	return len(rows) > 0, err
}

// readColumns reads columns, generated ones as well, and from their numbers in
// it the primary key.
func (t *table) readColumns(ctx context.Context, q orm.Queryer) error {
	rows, err := q.Query(ctx, `
		SELECT name, type, "notnull", dflt_value, pk, hidden FROM pragma_table_xinfo(?, ?)
		WHERE hidden <> 1 ORDER BY cid`, t.name, t.schema)
	key := map[int64]string{}
	for _, r := range rows {
		column := orm.ColumnInfo{
			Name: row(r).text(0), RawType: row(r).text(1), Type: typeOf(row(r).text(1)),
			Nullable: row(r).number(2) == 0 && row(r).number(4) == 0,
		}
		if r[3] != nil {
			text := defaultText(row(r).text(3))
			column.Default = &text
		}
		if hidden := row(r).number(5); hidden > 1 {
			column.RawType = strings.TrimSuffix(column.RawType, " GENERATED ALWAYS")
			column.Type = typeOf(column.RawType)
			column.Computed, column.Stored = t.defined.computed[columnKey([]string{column.Name})], hidden == 3
		}
		if n := row(r).number(4); n > 0 {
			key[n] = column.Name
		}
		t.info.Columns = append(t.info.Columns, column)
	}
	for n := int64(1); key[n] != ""; n++ {
		t.info.PrimaryKey = append(t.info.PrimaryKey, key[n])
	}
	t.info.PrimaryKeyName = t.defined.primaryKey
	t.markAutoincrement()
	return err
}

// markAutoincrement finds the column that is the number of the row.
func (t *table) markAutoincrement() {
	if len(t.info.PrimaryKey) != 1 || !t.rowNumbers {
		return
	}
	for i := range t.info.Columns {
		c := &t.info.Columns[i]
		c.Autoincrement = c.Name == t.info.PrimaryKey[0] && strings.EqualFold(c.RawType, "INTEGER")
	}
}

// readForeignKeys reads them in the order in which they are written, which is
// the pragma's backwards.
func (t *table) readForeignKeys(ctx context.Context, q orm.Queryer) error {
	rows, err := q.Query(ctx, `
		SELECT id, "table", "from", "to", on_delete, on_update FROM pragma_foreign_key_list(?, ?)
		ORDER BY id DESC, seq`, t.name, t.schema)
	for i, r := range rows {
		if i == 0 || row(rows[i-1]).number(0) != row(r).number(0) {
			t.info.ForeignKeys = append(t.info.ForeignKeys, orm.ForeignKeyInfo{
				Schema: t.info.Schema, Table: row(r).text(1), OnDelete: row(r).text(4), OnUpdate: row(r).text(5),
			})
		}
		k := &t.info.ForeignKeys[len(t.info.ForeignKeys)-1]
		k.Columns = append(k.Columns, row(r).text(2))
		if r[3] != nil {
			k.TargetColumns = append(k.TargetColumns, row(r).text(3))
		}
	}
	for i := range t.info.ForeignKeys {
		k := &t.info.ForeignKeys[i]
		k.Name = t.defined.foreignKeys[columnKey(k.Columns)]
	}
	return err
}

// readIndexes reads indexes, and unique constraints by the indexes that serve
// them.
func (t *table) readIndexes(ctx context.Context, q orm.Queryer) error {
	rows, err := q.Query(ctx, orm.SQL(`
		SELECT l.name, l."unique", l.origin, s.sql, i.name, i."desc"
		FROM pragma_index_list(?, ?) AS l
			JOIN pragma_index_xinfo(l.name, ?) AS i ON i.key = 1
			LEFT JOIN `+dialect{}.QuoteIdent(t.schema)+`.sqlite_schema AS s ON s.type = 'index' AND s.name = l.name
		WHERE l.origin <> 'pk'
		ORDER BY l.seq DESC, i.seqno`), t.name, t.schema, t.schema)
	for start := 0; start < len(rows); {
		end := start
		var parts []orm.IndexPart
		for ; end < len(rows) && row(rows[end]).text(0) == row(rows[start]).text(0); end++ {
			parts = append(parts, orm.IndexPart{Column: row(rows[end]).text(4), Desc: row(rows[end]).number(5) == 1})
		}
		t.addIndex(row(rows[start]), parts)
		start = end
	}
	return err
}

func (t *table) addIndex(r row, parts []orm.IndexPart) {
	if r.text(2) == "u" {
		columns := make([]string, len(parts))
		for i, p := range parts {
			columns[i] = p.Column
		}
		t.info.Uniques = append(t.info.Uniques, orm.UniqueInfo{Name: t.defined.uniques[columnKey(columns)], Columns: columns})
		return
	}
	addExpressions(parts, r.text(3))
	t.info.Indexes = append(t.info.Indexes, orm.IndexInfo{
		Name: r.text(0), Parts: parts, Unique: r.number(1) == 1, Where: predicate(r.text(3)),
	})
}

// row is a row of an answer.
type row []any

// text is a column as text; NULL is empty.
func (r row) text(i int) string {
	text, _ := r[i].(string)
	return text
}

func (r row) number(i int) int64 {
	number, _ := r[i].(int64)
	return number
}
