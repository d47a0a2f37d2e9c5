// This file tests the definitions of tables: keys, references, and mistakes in
// them.

package orm_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

func key(name string) *orm.Column {
	return orm.NewColumn(name, types.BigInteger(), orm.PrimaryKey())
}

func TestPrimaryKeyIsThatOfTheColumnsOrOfTheTable(t *testing.T) {
	plain := func(name string) *orm.Column { return orm.NewColumn(name, types.BigInteger()) }
	for name, test := range map[string]struct {
		items []orm.TableItem
		want  []string
	}{
		"one column":                    {[]orm.TableItem{key("a"), plain("b")}, []string{"a"}},
		"two columns":                   {[]orm.TableItem{key("a"), key("b")}, []string{"a", "b"}},
		"the table's, in its own order": {[]orm.TableItem{plain("a"), plain("b"), orm.PrimaryKey("b", "a")}, []string{"b", "a"}},
		"the table's before columns":    {[]orm.TableItem{orm.PrimaryKey("b", "a"), plain("a"), plain("b")}, []string{"b", "a"}},
		"the columns', with a name":     {[]orm.TableItem{key("a"), orm.PrimaryKey().Named("pk")}, []string{"a"}},
		"a name before the columns":     {[]orm.TableItem{orm.PrimaryKey().Named("pk"), key("a")}, []string{"a"}},
		"none":                          {[]orm.TableItem{plain("a")}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			table := orm.NewTable("t", orm.NewMetadata(), test.items...)
			must(t, table.Err())
			if diff := cmp.Diff(test.want, table.PrimaryKey().Columns()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for _, column := range test.want {
				if c := table.Column(column); !c.IsPrimaryKey() || c.Nullable() {
					t.Errorf("column %s is no part of the key, or may be NULL", column)
				}
			}
			if strings.Contains(name, "name") && table.PrimaryKey().Name() != "pk" {
				t.Errorf("the key is named %q", table.PrimaryKey().Name())
			}
		})
	}
}

func TestMistakesInATableAreToldAtOnce(t *testing.T) {
	for name, test := range map[string]struct {
		items []orm.TableItem
		want  orm.ErrorKind
		says  string
	}{
		"a key of the columns and of the table": {[]orm.TableItem{key("a"), orm.PrimaryKey("a")}, orm.ErrArgument, "two primary keys"},
		"a key of the table and of the columns": {[]orm.TableItem{orm.PrimaryKey("a"), key("a")}, orm.ErrArgument, "two primary keys"},
		"a key of no column":                    {[]orm.TableItem{key("b"), orm.Unique("x")}, orm.ErrUnknownName, `"x"`},
		"an index of no column":                 {[]orm.TableItem{key("b"), orm.NewIndex("i", "x")}, orm.ErrUnknownName, `"x"`},
		"two columns of one name":               {[]orm.TableItem{key("b"), orm.NewColumn("b", types.Text())}, orm.ErrArgument, `"b"`},
		"a column without a name":               {[]orm.TableItem{orm.NewColumn("", types.Text())}, orm.ErrBadIdentifier, "empty"},
		"a column of another table":             {[]orm.TableItem{personTable.Column("age")}, orm.ErrArgument, `"person"`},
		"a reference to no table":               {[]orm.TableItem{orm.NewColumn("a", types.Integer(), orm.References("x", "id"))}, orm.ErrUnknownName, `"x"`},
		"a reference to no column":              {[]orm.TableItem{orm.NewColumn("a", types.Integer(), orm.References("t", "id"))}, orm.ErrUnknownName, `"id"`},
		"a reference of another width":          {[]orm.TableItem{key("a"), orm.ForeignKeyTo([]string{"a"}, "t", "a", "a")}, orm.ErrUnknownName, "1 columns and refers to 2"},
	} {
		t.Run(name, func(t *testing.T) {
			err := orm.NewTable("t", orm.NewMetadata(), test.items...).Err()
			if !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("the error is %v, not %v with %q", err, test.want, test.says)
			}
		})
	}
}

func TestTwoTablesOfOneNameAreAnErrorUnlessInTwoSchemas(t *testing.T) {
	meta := orm.NewMetadata()
	must(t, orm.NewTable("t", meta, key("id")).Err())
	must(t, orm.NewTable("t", meta, orm.Schema("s"), key("id")).Err())
	if err := orm.NewTable("t", meta, key("id")).Err(); !errors.Is(err, orm.ErrDuplicateTable) {
		t.Errorf("the error is %v", err)
	}
	if meta.Table("t") == nil || meta.Table("s.t") == nil || meta.Table("x") != nil {
		t.Error("the tables are not found by their names")
	}
}

func TestRefusedTableIsForgottenWhenItIsRemoved(t *testing.T) {
	meta := orm.NewMetadata()
	first := orm.NewTable("t", meta, key("id"))
	refused := orm.NewTable("t", meta, key("id"))
	if _, err := meta.CreateSQL("sqlite"); !errors.Is(err, orm.ErrDuplicateTable) {
		t.Errorf("the error is %v", err)
	}
	meta.Remove(refused)
	if meta.Table("t") != first || len(meta.Tables()) != 1 {
		t.Error("removing the refused table has taken out the other one")
	}
	if _, err := meta.CreateSQL("sqlite"); err != nil {
		t.Error(err)
	}
	meta.Remove(nil)
	meta.Remove(first)
	must(t, orm.NewTable("t", meta, key("id")).Err())
}

func TestForeignKeyFindsItsTableByTheNameAsItIsFirst(t *testing.T) {
	meta := orm.NewMetadata()
	reference := func(to string) *orm.Column { return orm.NewColumn("ref", types.BigInteger(), orm.References(to, "id")) }
	plain := orm.NewTable("t", meta, key("id"), reference("t"))
	orm.NewTable("u", meta, orm.Schema("s"), key("id"))
	for name, test := range map[string]struct {
		from *orm.Table
		want string
	}{
		"itself":                              {plain, "t"},
		"itself by its full name":             {orm.NewTable("self", meta, orm.Schema("s"), key("id"), reference("s.self")), "s.self"},
		"itself by its name alone":            {orm.NewTable("alone", meta, orm.Schema("s"), key("id"), reference("alone")), "s.alone"},
		"the default schema's before its own": {orm.NewTable("t", meta, orm.Schema("s"), key("id"), reference("t")), "t"},
		"its own schema's":                    {orm.NewTable("v", meta, orm.Schema("s"), key("id"), reference("u")), "s.u"},
	} {
		t.Run(name, func(t *testing.T) {
			columns := get(test.from.ForeignKeys()[0].Referred())(t)
			if got := columns[0].Table().FullName(); got != test.want {
				t.Errorf("refers to %s, not %s", got, test.want)
			}
		})
	}
}

func TestDefinitionsDoNotShareMemoryWithTheirArguments(t *testing.T) {
	names := []string{"a", "b"}
	table := orm.NewTable("t", orm.NewMetadata(), orm.NewColumn("a", types.Integer()), orm.NewColumn("b", types.Integer()),
		orm.PrimaryKey(names...), orm.Unique(names...), orm.ForeignKeyTo(names, "t", names...), orm.NewIndex("i", names...))
	names[0] = "x"
	must(t, table.Err())
	table.PrimaryKey().Columns()[0] = "x"
	table.Uniques()[0].Columns()[0] = "x"
	must(t, table.Err())
}

func TestAutoincrementIsALoneIntegerKey(t *testing.T) {
	for name, test := range map[string]struct {
		items []orm.TableItem
		want  bool
	}{
		"a lone integer":            {[]orm.TableItem{key("a")}, true},
		"a text":                    {[]orm.TableItem{orm.NewColumn("a", types.String(5), orm.PrimaryKey())}, false},
		"two columns":               {[]orm.TableItem{key("a"), key("b")}, false},
		"one that refers":           {[]orm.TableItem{orm.NewColumn("a", types.Integer(), orm.PrimaryKey(), orm.References("person", "id"))}, false},
		"one with a default":        {[]orm.TableItem{orm.NewColumn("a", types.Integer(), orm.PrimaryKey(), orm.Default(1))}, false},
		"one told not to":           {[]orm.TableItem{orm.NewColumn("a", types.Integer(), orm.PrimaryKey(), orm.Autoincrement(false))}, false},
		"one of two, told so":       {[]orm.TableItem{orm.NewColumn("a", types.Integer(), orm.PrimaryKey(), orm.Autoincrement(true)), key("b")}, true},
		"the key of the table":      {[]orm.TableItem{orm.NewColumn("a", types.Integer()), orm.PrimaryKey("a")}, true},
		"no part of the key":        {[]orm.TableItem{orm.NewColumn("a", types.Integer())}, false},
		"a default of the database": {[]orm.TableItem{orm.NewColumn("a", types.Integer(), orm.PrimaryKey(), orm.ServerDefaultSQL("1"))}, false},
	} {
		t.Run(name, func(t *testing.T) {
			table := orm.NewTable("t", orm.NewMetadata(), test.items...)
			if got := table.Column("a").IsAutoincrement(); got != test.want {
				t.Errorf("autoincrement is %t", got)
			}
		})
	}
}
