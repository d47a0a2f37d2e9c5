// This file tests which table and which columns a struct is mapped to.

package orm

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// registered maps one model in a registry of its own.
func registered(t *testing.T, model Model, options ...RegistryOption) *Mapper {
	t.Helper()
	r := NewRegistry(options...)
	if err := r.Register(model); err != nil {
		t.Fatal(err)
	}
	m, err := r.Mapper(model)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// tableLines is a table as text, one line for each of its parts.
func tableLines(table *Table) []string {
	lines := []string{"table " + table.FullName()}
	if table.comment != "" {
		lines = append(lines, "comment "+table.comment)
	}
	for _, c := range table.columns {
		lines = append(lines, columnLine(c))
	}
	lines = append(lines, "primary key "+strings.Join(table.primaryKey.columns, ","))
	for _, u := range table.uniques {
		lines = append(lines, strings.Join([]string{"unique", u.name, strings.Join(u.columns, ",")}, " "))
	}
	for _, i := range table.indexes {
		lines = append(lines, strings.Join([]string{"index", i.name, strings.Join(i.columnNames(), ",")}, " "))
	}
	for _, k := range table.checks {
		lines = append(lines, strings.Join([]string{"check", k.name, string(k.sql)}, " "))
	}
	for _, k := range table.foreignKeys {
		lines = append(lines, strings.TrimSpace(fmt.Sprintf("foreign key %s -> %s(%s) %s %s",
			strings.Join(k.columns, ","), k.target, strings.Join(k.targetColumns, ","), k.onDelete, k.onUpdate)))
	}
	return lines
}

func columnLine(c *Column) string {
	words := []string{c.name, c.typ.String()}
	add := func(word string, on bool) {
		if on {
			words = append(words, word)
		}
	}
	add("null", c.nullable)
	add("auto", c.IsAutoincrement())
	add("default now", c.fallback.now)
	add(fmt.Sprintf("default %#v", c.fallback.value), c.fallback.value != nil)
	add("default made", c.fallback.call != nil)
	add("on update now", c.onUpdate.now)
	add(fmt.Sprintf("on update %#v", c.onUpdate.value), c.onUpdate.value != nil)
	add("server "+string(c.server.sql), c.server.kind == serverSQL)
	add("server text "+c.server.literal, c.server.kind == serverLiteral)
	add("fetched", c.server.kind == serverFetched)
	add("comment "+c.comment, c.comment != "")
	return strings.Join(words, " ")
}

func checkTable(t *testing.T, m *Mapper, want ...string) {
	t.Helper()
	if diff := cmp.Diff(want, tableLines(m.table)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := joinErrors(m.table.mistakes); err != nil {
		t.Error(err)
	}
}

func TestFieldsBecomeColumnsByTypeAndTag(t *testing.T) {
	type User struct {
		Base `orm:"table:users"`

		ID        int64     `orm:"primary_key"`
		Name      string    `orm:"size:50"`
		Email     string    `orm:"size:120;unique"`
		Age       *int      // a pointer is a nullable column
		CreatedAt time.Time `orm:"default:now"`
		note      string
		Cache     map[string]string `orm:"-"`
	}
	m := registered(t, &User{note: "unexported fields are no columns"})
	checkTable(t, m,
		"table users",
		"id BIGINT auto",
		"name VARCHAR(50)",
		"email VARCHAR(120)",
		"age BIGINT null",
		"created_at DATETIME default now",
		"primary key id",
		"unique  email",
	)
	if m.auto == nil || m.auto.name != "ID" || m.version != nil || m.Name() != "User" {
		t.Errorf("mapper = %+v", m)
	}
}

func TestVersionAndCompositeKey(t *testing.T) {
	type Account struct {
		Base `orm:"table:accounts"`

		ID      int64 `orm:"primary_key"`
		Balance int64
		Version int `orm:"version"`
	}
	type OrderLine struct {
		Base `orm:"table:order_lines"`

		OrderID int64  `orm:"primary_key;autoincrement:false"`
		LineNo  int    `orm:"primary_key;autoincrement:false"`
		SKU     string `orm:"size:20"`
	}
	account := registered(t, &Account{})
	checkTable(t, account, "table accounts", "id BIGINT auto", "balance BIGINT", "version BIGINT", "primary key id")
	if account.version == nil || account.version.name != "Version" {
		t.Errorf("version = %+v", account.version)
	}
	line := registered(t, &OrderLine{})
	checkTable(t, line, "table order_lines", "order_id BIGINT", "line_no BIGINT", "sku VARCHAR(20)", "primary key order_id,line_no")
	if diff := cmp.Diff([]string{"OrderID", "LineNo"}, line.PrimaryKey()); diff != "" || line.auto != nil {
		t.Errorf("auto %v, key (-want +got):\n%s", line.auto, diff)
	}
}

func TestEveryWordOfAColumn(t *testing.T) {
	type Everything struct {
		Base `orm:"comment:the user's; schema:app"`

		Key     int32      `orm:"primary_key;autoincrement;column:the_key"`
		Text    string     `orm:"type:text;nullable;comment:'a; b'"`
		Maybe   *string    `orm:"notnull;index;default:none"`
		Price   float64    `orm:"type:numeric(12,4);check:price >= 0;default:1.5"`
		Level   string     `orm:"type:enum(low,high);default:low;check:known(level <> '')"`
		State   string     `orm:"server_default:'new';on_update:changed"`
		Serial  string     `orm:"server_default:gen_random_uuid()"`
		Filled  *int       `orm:"fetched"`
		Body    string     `orm:"deferred"`
		Extra   []byte     `orm:"deferred:big;size:100"`
		Changed *time.Time `orm:"on_update:now;default:now"`
		Owner   int64      `orm:"foreign_key:users.id;ondelete:cascade;onupdate:no_action"`
		Other   *int64     `orm:"foreign_key:app.users.id;ondelete:set_null;unique"`
	}
	m := registered(t, &Everything{})
	checkTable(t, m,
		"table app.everything",
		"comment the user's",
		"the_key INTEGER auto",
		"text TEXT null comment a; b",
		`maybe TEXT default "none"`,
		"price NUMERIC(12,4) default 1.5",
		`level ENUM('low','high') default "low"`,
		`state TEXT on update "changed" server text new`,
		"serial TEXT server gen_random_uuid()",
		"filled BIGINT null fetched",
		"body TEXT",
		"extra BLOB(100) null",
		"changed DATETIME null default now on update now",
		"owner BIGINT",
		"other BIGINT null",
		"primary key the_key",
		"unique  other",
		"index  maybe",
		"check price price >= 0",
		"check known level <> ''",
		"foreign key owner -> users(id) CASCADE NO ACTION",
		"foreign key other -> app.users(id) SET NULL",
	)
	var deferred []string
	for _, f := range m.Fields() {
		if f.Deferred {
			deferred = append(deferred, f.Name+":"+f.Group)
		}
	}
	if diff := cmp.Diff([]string{"Body:", "Extra:big"}, deferred); diff != "" {
		t.Errorf("deferred (-want +got):\n%s", diff)
	}
	if len(m.eager) != len(m.props)-2 {
		t.Errorf("%d of %d fields are loaded by default", len(m.eager), len(m.props))
	}
}

func TestEveryWordOfAStruct(t *testing.T) {
	type Shipment struct {
		Base `orm:"table:shipments;primary_key:(LineNo,order_id);unique:(order_id,carrier);unique:uq_box(box);index:(carrier);index:ix_two(carrier, Box);check:(box > 0);check:light(weight < 10);foreign_key:(order_id,line_no)->order_lines(order_id,line_no);foreign_key:(carrier)->carriers"`

		OrderID int64
		LineNo  int
		Carrier string
		Box     int
		Weight  float64
	}
	m := registered(t, &Shipment{})
	checkTable(t, m,
		"table shipments",
		"order_id BIGINT",
		"line_no BIGINT",
		"carrier TEXT",
		"box BIGINT",
		"weight DOUBLE",
		"primary key line_no,order_id",
		"unique  order_id,carrier",
		"unique uq_box box",
		"index  carrier",
		"index ix_two carrier,box",
		"check  box > 0",
		"check light weight < 10",
		"foreign key order_id,line_no -> order_lines(order_id,line_no)",
		"foreign key carrier -> carriers()",
	)
	if diff := cmp.Diff([]string{"LineNo", "OrderID"}, m.PrimaryKey()); diff != "" {
		t.Errorf("keys are in the order of the table's key (-want +got):\n%s", diff)
	}
}

func TestKeyWithAForeignKeyIsNotCountedUp(t *testing.T) {
	type Profile struct {
		Base
		ID int64 `orm:"foreign_key:users.id"`
	}
	type Passport struct {
		Base `orm:"foreign_key:(id)->users(id)"`
		ID   int64
	}
	for _, model := range []Model{&Profile{}, &Passport{}} {
		if m := registered(t, model); m.auto != nil {
			t.Errorf("%s: the database counts %s up", m.Name(), m.auto.name)
		}
	}
}

func TestInspectDescribesTheMapping(t *testing.T) {
	type Note struct {
		Base
		ID      int64
		Body    string `orm:"deferred:text"`
		Version int    `orm:"version"`
	}
	forgetLater(t, &Note{})
	m := registered(t, &Note{})
	got, err := Inspect((*Note)(nil))
	if err != nil {
		t.Fatal(err)
	}
	if got != m || got.Registry().Metadata() != got.Table().Metadata() {
		t.Error("another mapper")
	}
	table := m.Table()
	want := []FieldInfo{
		{Name: "ID", Column: table.Column("id"), GoType: reflect.TypeFor[int64](), Key: true},
		{Name: "Body", Column: table.Column("body"), GoType: reflect.TypeFor[string](), Deferred: true, Group: "text"},
		{Name: "Version", Column: table.Column("version"), GoType: reflect.TypeFor[int](), Version: true},
	}
	same := cmp.Comparer(func(a, b reflect.Type) bool { return a == b })
	if diff := cmp.Diff(want, m.Fields(), same, cmp.Comparer(func(a, b *Column) bool { return a == b })); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"ID"}, m.PrimaryKey()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
