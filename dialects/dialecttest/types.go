// This file looks at types: every kind of column with nothing in it, the least,
// the greatest and typical values, and what it has to refuse.

package dialecttest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

// allTypes are all that this library has a name for.
var allTypes = []types.Type{
	types.Boolean(), types.SmallInteger(), types.Integer(), types.BigInteger(),
	types.SmallInteger().AsUnsigned(), types.Integer().AsUnsigned(), types.BigInteger().AsUnsigned(),
	types.Float(), types.Double(), types.Numeric(10, 2), types.Numeric(30, 10), types.Numeric(18, 0),
	types.String(1), types.String(50), types.String(5000), types.Text(), types.LargeBinary(), types.LargeBinary(16),
	types.Date(), types.Time(), types.DateTime(), types.Timestamp(), types.Interval(),
	types.UUID(), types.JSONType(), types.Enum("low", "it's", "日本"), types.Enum("sad", "it's", "日本").Named("mood"), types.Array(types.BigInteger()), types.Array(types.Text()),
	types.Inet(), types.CIDR(), types.Bit(4), types.RangeType(types.BigInteger()), types.RangeType(types.Numeric(0, 0)), types.RangeType(types.Date()),
	types.RangeType(types.DateTime()), types.Set("red", "it's", "日本"), types.Year(),
}

// needsType is met by dialects that have the type.
func needsType(typ types.Type) need {
	return need{feature: fmt.Sprintf("columns of type %s", typ), typ: typ}
}

// valueCase is a value of a column of some type, and what becomes of it.
type valueCase struct {
	name string
	run  func(t *testing.T, c *typedColumn)
}

// typeCases are the values of one type.
type typeCases struct {
	typ    types.Type
	values []valueCase
}

func typeChecks() []check {
	var checks []check
	for _, group := range slices.Concat(numberTypes(), textTypes(), timeTypes(), otherTypes(), vendorTypes()) {
		name := strings.TrimSpace(group.typ.String() + " " + group.typ.Name())
		for _, v := range append(group.values, nullCase) {
			checks = append(checks, check{
				name: name + ": " + v.name, needs: []need{needsType(group.typ)},
				run:     func(t *testing.T, db *database) { v.run(t, db.typed(t, group.typ)) },
				lacking: func(t *testing.T, db *database) { refusesType(t, db, group.typ) },
			})
		}
	}
	return append(checks,
		check{name: "a type that is spelt literally stands as it is", run: spellsLiterally},
		check{name: "decimals are in the order of their numbers", run: ordersDecimals},
		check{name: "instants are in their order", run: ordersInstants},
		check{name: "a label that the column does not have is refused when it is read", run: refusesForeignLabel},
	)
}

// typedColumn is a table of one column of a type.
type typedColumn struct {
	db    *database
	table *orm.Table
	typ   types.Type
}

// typed makes the table for a type, for all cases of the topic.
func (db *database) typed(t *testing.T, typ types.Type) *typedColumn {
	t.Helper()
	name := fmt.Sprintf("typed_%d", slices.IndexFunc(allTypes, typ.Equal))
	table := db.meta.Table(name)
	if table == nil {
		table = orm.NewTable(name, db.meta, key("id"), orm.NewColumn("v", typ))
		must(t, db.meta.CreateAll(t.Context(), db.engine, orm.OnlyTables(table)))
	}
	exec(t, db, orm.Delete(table).AllRows())
	return &typedColumn{db, table, typ}
}

func refusesType(t *testing.T, db *database, typ types.Type) {
	table := orm.NewTable("refused", orm.NewMetadata(), key("id"), orm.NewColumn("v", typ))
	db.refusesUnsent(t, orm.ErrUnsupported, orm.CreateTable(table))
}

func (c *typedColumn) insert(v any) *orm.InsertStatement {
	return orm.Insert(c.table).Values(orm.M{"id": 1, "v": v})
}

// finds looks for the row by its value.
func (c *typedColumn) finds(t *testing.T, v any) {
	t.Helper()
	if is(c.typ, types.KindJSON) {
		return // databases differ in what they take for the same document
	}
	n := fetchOne[int](t, c.db, orm.Select(orm.Count()).From(c.table).Where(c.table.C("v").Eq(v)))
	if n != 1 {
		t.Errorf("%d rows were found by the value just written", n)
	}
}

// keeps is a value that comes back as it was, and finds its row.
func keeps[T any](name string, v T) valueCase { return keepsAs(name, any(v), v) }

// keepsAs is a value that comes back in another form.
func keepsAs[T any](name string, v any, want T) valueCase {
	return valueCase{name, func(t *testing.T, c *typedColumn) {
		exec(t, c.db, c.insert(v))
		equal(t, want, fetchOne[T](t, c.db, orm.Select(c.table.C("v")).From(c.table)))
		c.finds(t, v)
	}}
}

// keepsOrRefuses is a value that not all databases hold: one that does not has
// to refuse it before anything is sent.
func keepsOrRefuses[T any](name string, v T) valueCase {
	kept := keeps(name, v)
	return valueCase{name, func(t *testing.T, c *typedColumn) {
		c.db.statements()
		if _, err := orm.Exec(t.Context(), c.db, c.insert(v)); err != nil {
			c.db.refusesUnsent(t, orm.ErrValue, c.insert(v))
			return
		}
		exec(t, c.db, orm.Delete(c.table).AllRows())
		kept.run(t, c)
	}}
}

// refuses is a value that no database gets to see in such a column.
func refuses(name string, v any) valueCase {
	return valueCase{name + " is refused", func(t *testing.T, c *typedColumn) {
		c.db.refusesUnsent(t, orm.ErrValue, c.insert(v))
		c.db.refusesUnsent(t, orm.ErrValue, orm.Select(c.table.C("v")).From(c.table).Where(c.table.C("v").Eq(v)))
	}}
}

var nullCase = valueCase{"NULL", func(t *testing.T, c *typedColumn) {
	exec(t, c.db, c.insert(nil))
	equal(t, orm.M{"v": nil}, fetchOne[orm.M](t, c.db, orm.Select(c.table.C("v")).From(c.table)))
	c.finds(t, nil)
}}

func spellsLiterally(t *testing.T, db *database) {
	table := db.table(t, "literal", key("id"), orm.NewColumn("v", types.Exact("VARCHAR(13)")))
	equal(t, "VARCHAR(13)", table.Column("v").Type().Name())
	exec(t, db, orm.Insert(table).Values(orm.M{"id": 1, "v": "x"}))
	equal(t, types.String(13).String(), inspected(t, db, "literal").Column("v").Type().String())
}

func ordersDecimals(t *testing.T, db *database) {
	table := db.table(t, "decimals", orm.NewColumn("id", types.Numeric(20, 5), orm.PrimaryKey()))
	want := []string{"-100.00000", "-9.50000", "-9.00000", "0.00000", "0.00001", "2.00000", "10.00000", "10.50000", "123456789012345.67890"}
	for _, v := range slices.Backward(want) {
		exec(t, db, orm.Insert(table).Values(orm.M{"id": v}))
	}
	equal(t, want, column[string](t, db, table, "id"))
	id := table.C("id")
	equal(t, 3, fetchOne[int](t, db, orm.Select(orm.Count()).From(table).Where(id.Gt("2.5"))))
	equal(t, 1, fetchOne[int](t, db, orm.Select(orm.Count()).From(table).Where(id.Eq("1e1"))))
	equal(t, 2, fetchOne[int](t, db, orm.Select(orm.Count()).From(table).Where(id.Between(0, "0.1"))))
	equal(t, "123456789012345.67890", fetchOne[string](t, db, orm.Select(orm.Max(id)).From(table)))
}

func ordersInstants(t *testing.T, db *database) {
	table := db.table(t, "instants", orm.NewColumn("id", types.DateTime(), orm.PrimaryKey()))
	want := instants()
	for _, v := range slices.Backward(want) {
		exec(t, db, orm.Insert(table).Values(orm.M{"id": v}))
	}
	equal(t, len(want), count(t, db, table))
	for i := range want[1:] {
		n := fetchOne[int](t, db, orm.Select(orm.Count()).From(table).Where(table.C("id").Le(want[i])))
		if n != i+1 {
			t.Errorf("%d instants are not after %s, which is number %d", n, want[i], i+1)
		}
	}
}

// refusesForeignLabel writes a label past the column's type.
func refusesForeignLabel(t *testing.T, db *database) {
	table := db.table(t, "labels", key("id"), orm.NewColumn("v", types.String(20)))
	exec(t, db, orm.Insert(table).Values(orm.M{"id": 1, "v": "strange"}))
	_, err := orm.Fetch[string](t.Context(), db, orm.Text("SELECT v FROM labels").Columns(orm.ResultColumn{Name: "v", Type: types.Enum("low", "high")}))
	wantKind(t, orm.ErrDecode, err)
}
