// This file asks the catalogue what there is: one query each for a table's
// columns, constraints and indexes. Lists come as one row for each member, so
// that no name has to be taken out of a joined text.

package postgres

import (
	"context"
	"encoding/json"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

// TableNames lists tables, partitioned ones once.
func (dialect) TableNames(ctx context.Context, q orm.Queryer, schema string) ([]string, error) {
	rows, err := q.Query(ctx, `
		SELECT c.relname
		FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
		WHERE n.nspname = coalesce(nullif(CAST(? AS text), ''), current_schema())
			AND c.relkind IN ('r', 'p') AND NOT c.relispartition
		ORDER BY c.relname`, schema)
	names := make([]string, len(rows))
	for i, r := range rows {
		names[i] = row(r).text(0)
	}
	return names, err
}

// InspectTable describes a table or a view.
func (dialect) InspectTable(ctx context.Context, q orm.Queryer, schema, table string) (*orm.TableInfo, error) {
	rows, err := q.Query(ctx, `
		SELECT CAST(CAST(c.oid AS bigint) AS text), obj_description(c.oid, 'pg_class')
		FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
		WHERE n.nspname = coalesce(nullif(CAST(? AS text), ''), current_schema())
			AND c.relname = ? AND c.relkind IN ('r', 'p', 'v', 'm', 'f')`, schema, table)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	info := &orm.TableInfo{Schema: schema, Name: table, Comment: row(rows[0]).text(1)}
	relation := row(rows[0]).text(0)
	for _, read := range []func(context.Context, orm.Queryer, string, *orm.TableInfo) error{readColumns, readConstraints, readIndexes} {
		if err := read(ctx, q, relation, info); err != nil {
			return nil, err
		}
	}
	return info, nil
}

func readColumns(ctx context.Context, q orm.Queryer, relation string, info *orm.TableInfo) error {
	rows, err := q.Query(ctx, `
		SELECT a.attname, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull, pg_get_expr(d.adbin, d.adrelid),
			a.attidentity <> '' OR coalesce(pg_get_expr(d.adbin, d.adrelid) LIKE 'nextval(%', FALSE),
			col_description(a.attrelid, a.attnum), t.typname,
			(SELECT CAST(json_agg(e.enumlabel ORDER BY e.enumsortorder) AS text) FROM pg_enum AS e WHERE e.enumtypid = t.oid),
			a.attgenerated <> '', a.attgenerated = 's'
		FROM pg_attribute AS a LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
			JOIN pg_type AS t ON t.oid = a.atttypid
		WHERE a.attrelid = CAST(CAST(? AS text) AS oid) AND a.attnum > 0 AND NOT a.attisdropped
		ORDER BY a.attnum`, relation)
	for _, r := range rows {
		column := orm.ColumnInfo{
			Name: row(r).text(0), RawType: row(r).text(1), Type: typeOf(row(r).text(1)), Nullable: row(r).flag(2),
			Autoincrement: row(r).flag(4), Comment: row(r).text(5),
		}
		var labels []string
		if json.Unmarshal([]byte(row(r).text(7)), &labels) == nil {
			column.Type = types.Enum(labels...).Named(row(r).text(6))
		}
		switch text := row(r).text(3); {
		case row(r).flag(8):
			column.Computed, column.Stored = text, row(r).flag(9)
		case r[3] != nil:
			column.Default = &text
		}
		info.Columns = append(info.Columns, column)
	}
	return err
}

// EnumNames lists the enums of the default schema.
func (dialect) EnumNames(ctx context.Context, q orm.Queryer) ([]string, error) {
	rows, err := q.Query(ctx, `
		SELECT t.typname FROM pg_type AS t JOIN pg_namespace AS n ON n.oid = t.typnamespace
		WHERE t.typtype = 'e' AND n.nspname = current_schema()`)
	names := make([]string, len(rows))
	for i, r := range rows {
		names[i] = row(r).text(0)
	}
	return names, err
}

// readConstraints reads one row for each column of a key, and one for a check.
// The schema that a key refers to is empty where it is the default one.
func readConstraints(ctx context.Context, q orm.Queryer, relation string, info *orm.TableInfo) error {
	rows, err := q.Query(ctx, `
		SELECT con.contype, con.conname, a.attname, nullif(rn.nspname, current_schema()), rc.relname, ra.attname,
			con.confdeltype, con.confupdtype, pg_get_expr(con.conbin, con.conrelid)
		FROM pg_constraint AS con
			LEFT JOIN LATERAL unnest(con.conkey, con.confkey) WITH ORDINALITY AS k(own, other, n) ON con.contype <> 'c'
			LEFT JOIN pg_attribute AS a ON a.attrelid = con.conrelid AND a.attnum = k.own
			LEFT JOIN pg_class AS rc ON rc.oid = nullif(con.confrelid, 0)
			LEFT JOIN pg_namespace AS rn ON rn.oid = rc.relnamespace
			LEFT JOIN pg_attribute AS ra ON ra.attrelid = con.confrelid AND ra.attnum = k.other
		WHERE con.conrelid = CAST(CAST(? AS text) AS oid) AND con.contype IN ('p', 'u', 'f', 'c')
		ORDER BY con.conname, k.n`, relation)
	for i, r := range rows {
		first := i == 0 || row(rows[i-1]).text(1) != row(r).text(1)
		addConstraint(info, row(r), first)
	}
	return err
}

func addConstraint(info *orm.TableInfo, r row, first bool) {
	name, column := r.text(1), r.text(2)
	switch r.text(0) {
	case "p":
		info.PrimaryKeyName = name
		info.PrimaryKey = append(info.PrimaryKey, column)
	case "u":
		if first {
			info.Uniques = append(info.Uniques, orm.UniqueInfo{Name: name})
		}
		u := &info.Uniques[len(info.Uniques)-1]
		u.Columns = append(u.Columns, column)
	case "f":
		if first {
			info.ForeignKeys = append(info.ForeignKeys, orm.ForeignKeyInfo{
				Name: name, Schema: r.text(3), Table: r.text(4), OnDelete: actions[r.text(6)], OnUpdate: actions[r.text(7)],
			})
		}
		k := &info.ForeignKeys[len(info.ForeignKeys)-1]
		k.Columns, k.TargetColumns = append(k.Columns, column), append(k.TargetColumns, r.text(5))
	case "c":
		info.Checks = append(info.Checks, orm.CheckInfo{Name: name, SQL: r.text(8)})
	}
}

// actions are the codes of pg_constraint.
var actions = map[string]string{"a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}

// readIndexes reads the indexes that serve no constraint.
func readIndexes(ctx context.Context, q orm.Queryer, relation string, info *orm.TableInfo) error {
	rows, err := q.Query(ctx, `
		SELECT c.relname, i.indisunique, pg_get_expr(i.indpred, i.indrelid), CASE m.amname WHEN 'btree' THEN '' ELSE m.amname END,
			a.attname, CASE WHEN a.attname IS NULL THEN pg_get_indexdef(i.indexrelid, k.n + 1, true) END, (i.indoption[k.n] & 1) = 1
		FROM pg_index AS i
			JOIN pg_class AS c ON c.oid = i.indexrelid
			JOIN pg_am AS m ON m.oid = c.relam
			CROSS JOIN LATERAL generate_series(0, i.indnkeyatts - 1) AS k(n)
			LEFT JOIN pg_attribute AS a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[k.n] AND a.attnum > 0
		WHERE i.indrelid = CAST(CAST(? AS text) AS oid)
			AND NOT EXISTS (SELECT 1 FROM pg_constraint AS con WHERE con.conindid = i.indexrelid AND con.contype IN ('p', 'u', 'x'))
		ORDER BY c.relname, k.n`, relation)
	for i, r := range rows {
		if i == 0 || row(rows[i-1]).text(0) != row(r).text(0) {
			info.Indexes = append(info.Indexes, orm.IndexInfo{
				Name: row(r).text(0), Unique: row(r).flag(1), Where: row(r).text(2), Using: row(r).text(3),
			})
		}
		index := &info.Indexes[len(info.Indexes)-1]
		index.Parts = append(index.Parts, orm.IndexPart{Column: row(r).text(4), SQL: orm.SQL(row(r).text(5)), Desc: row(r).flag(6)})
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

func (r row) flag(i int) bool {
	flag, _ := r[i].(bool)
	return flag
}
