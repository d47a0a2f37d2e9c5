// This file looks at enums as parts of a schema: the database itself keeps other
// labels out, by a type of its own or by a check, and what is shared is made once.

package dialecttest

import (
	"slices"
	"testing"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

var needsEnumTypes = feature("types of enums", func(f *orm.Features) bool { return f.EnumTypes })

func enumChecks() []check {
	return []check{
		{name: "a label that an enum has not is kept out", run: keepsLabelsOut(types.Enum("low", "it's"))},
		{name: "a label that a named enum has not is kept out", run: keepsLabelsOut(types.Enum("low", "it's").Named("Some level"))},
		{name: "tables share an enum that has a name", run: sharesEnum},
		{name: "create type", needs: []need{needsEnumTypes}, run: createsType, lacking: refusesCreateType},
	}
}

// keepsLabelsOut writes past the library.
func keepsLabelsOut(enum types.Type) func(t *testing.T, db *database) {
	return func(t *testing.T, db *database) {
		table := db.table(t, "labels", key("id"), orm.NewColumn("v", enum))
		exec(t, db, orm.Insert(table).Values(orm.M{"id": 1, "v": "it's"}, orm.M{"id": 2, "v": nil}))
		for _, text := range []orm.SQL{"INSERT INTO labels (id, v) VALUES (3, 'high')", "UPDATE labels SET v = 'high' WHERE id = 1"} {
			if _, err := orm.Exec(t.Context(), db, orm.Text(text)); err == nil {
				t.Errorf("%s was accepted", text)
			}
		}
		equal(t, 2, count(t, db, table))
	}
}

func sharesEnum(t *testing.T, db *database) {
	mood := types.Enum("sad", "glad").Named("mood")
	m := orm.NewMetadata()
	first := orm.NewTable("first", m, key("id"), orm.NewColumn("v", mood))
	second := orm.NewTable("second", m, key("id"), orm.NewColumn("v", mood), orm.NewColumn("w", mood))
	ctx := t.Context()
	must(t, m.CreateAll(ctx, db.engine, orm.OnlyTables(first)))
	must(t, m.CreateAll(ctx, db.engine))
	exec(t, db, orm.Insert(second).Values(orm.M{"id": 1, "v": "sad", "w": "glad"}))
	must(t, m.DropAll(ctx, db.engine, orm.OnlyTables(first)))
	equal(t, "glad", fetchOne[string](t, db, orm.Select(second.C("w")).From(second)))
	must(t, m.DropAll(ctx, db.engine))
	must(t, m.CreateAll(ctx, db.engine))
	must(t, m.DropAll(ctx, db.engine))
	equal(t, 0, len(slices.DeleteFunc(tableNames(t, db), func(name string) bool { return name != "first" && name != "second" })))
}

func createsType(t *testing.T, db *database) {
	mood := types.Enum("sad", "glad").Named("mood")
	exec(t, db, orm.CreateType(mood))
	exec(t, db, orm.DropType(mood))
	exec(t, db, orm.DropType(mood).IfExists())
}

func refusesCreateType(t *testing.T, db *database) {
	db.refusesUnsent(t, orm.ErrUnsupported, orm.CreateType(types.Enum("sad").Named("mood")))
}
