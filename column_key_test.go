package orm_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

func TestColumnIsFoundByItsKey(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx, metadata := t.Context(), orm.NewMetadata()
		legacy := orm.NewTable("legacy", metadata, orm.NewColumn("usr_id", types.BigInteger(), orm.PrimaryKey(), orm.ColumnKey("id")),
			orm.NewColumn("usr_nm", types.Text(), orm.ColumnKey("name")))
		must(t, legacy.Err())
		must(t, metadata.CreateAll(ctx, db.Engine))
		get(orm.Exec(ctx, db.Engine, orm.Insert(legacy).Values(orm.M{"name": "ed"}, orm.M{"usr_nm": "wendy"})))(t)
		l := legacy.Alias("l")
		names := get(orm.Fetch[string](ctx, db.Engine, orm.Select(l.C("name")).From(l).Where(orm.F("name").Ne("ed")).OrderBy(l.C("id"))))(t)
		if diff := cmp.Diff([]string{"wendy"}, names); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if legacy.Column("name") != legacy.Column("usr_nm") {
			t.Error("the key leads to another column")
		}
		taken := orm.NewTable("taken", orm.NewMetadata(), orm.NewColumn("a", types.Text(), orm.PrimaryKey()), orm.NewColumn("b", types.Text(), orm.ColumnKey("a")))
		if err := taken.Err(); !errors.Is(err, orm.ErrArgument) {
			t.Errorf("a key that is another column's name: %v", err)
		}
	})
}
