// This file tests other names of fields.

package orm_test

import (
	"testing"

	"github.com/aurum-go/orm"
)

// Visitor has a field of two names.
type Visitor struct {
	orm.Base `orm:"table:visitors"`

	ID   int64
	Name string `orm:"size:20;synonym:Login"`
}

var visitors = orm.MustRegister(&Visitor{})

func TestASynonymReadsAndWritesTheField(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, visitors).session(t), t.Context()
		v := orm.Entity[Visitor]()
		get(orm.Exec(ctx, s, orm.Insert(v).Values(orm.M{"Login": "ed"}, orm.M{"Login": "wendy"})))(t)
		found := get(orm.Query[Visitor](s).FilterBy("Login", "ed").OrderBy(orm.F("Login")).One(ctx))(t)
		expect(t, "ed", found.Name)
		n := get(orm.Query[Visitor](s).Filter(orm.F("Login").Eq("ed")).Update(ctx, orm.F("Login").Set("edward")))(t)
		expect(t, int64(1), n)
		expect(t, "edward", found.Name)
		must(t, s.Commit(ctx))
		expect(t, "edward", readAgain[Visitor](t, db, found.ID).Name)
	})
}

func TestASynonymIsTheNameOfNoOtherField(t *testing.T) {
	type Guest struct {
		orm.Base
		ID   int64
		Name string `orm:"synonym:ID"`
	}
	err := orm.NewRegistry().Register(&Guest{})
	expectKind(t, orm.ErrMapping, err)
	expect(t, `orm: map Guest.Name: the synonym "ID" is the name of another field (use a name of its own)`, err.Error())
}
