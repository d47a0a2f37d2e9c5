// This file looks at UPDATE and DELETE: what is assigned, other tables beside the
// one that is changed, and RETURNING.

package dialecttest

import (
	"testing"
	"time"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

// needsUpdateFrom is met by either of the two ways to write it.
var (
	needsUpdateFrom  = feature("UPDATE … FROM", func(f *orm.Features) bool { return f.UpdateFrom || f.UpdateJoin })
	needsDeleteUsing = feature("DELETE … USING", func(f *orm.Features) bool { return f.DeleteUsing || f.DeleteJoin })
	needsDefaultWord = feature("DEFAULT as a value", func(f *orm.Features) bool { return f.DefaultKeyword })
)

func updateChecks() []check {
	return []check{
		{name: "a value", run: updates(func(x *orm.Table) orm.Assignment { return x.C("v").Set(9) }, 9, 9, 9)},
		{name: "an expression", run: updates(func(x *orm.Table) orm.Assignment { return x.C("v").SetExpr(x.C("v").Times(2)) }, 2, 4, 6)},
		{name: "a value of another type is refused", run: refusesUpdateOfOtherType},
		{name: "NULL", run: updatesToNull},
		{name: "the default", needs: []need{needsDefaultWord}, run: updatesToDefault, lacking: refusesDefaultWord},
		{name: "several columns", run: updatesSeveral},
		{name: "a case", run: updatesByCase},
		{name: "a subquery as the value", run: updatesBySubquery},
		{name: "a subquery in the condition", run: updatesWhereSubquery},
		{name: "columns that are filled at every update", run: fillsOnUpdate},
		{name: "an update without a condition is refused", run: refusesUnboundedUpdate},
		{name: "an update from another table", needs: []need{needsUpdateFrom}, run: updatesFrom, lacking: refusesUpdateFrom},
		{name: "update returning", needs: []need{needsUpdateReturning}, run: updateReturning, lacking: refusesUpdateReturning},
		{name: "an update of the key", run: updatesKey},
		{name: "an update with a hostile value", run: updatesHostileValue},
		{name: "a delete", run: deletes},
		{name: "a delete by a subquery", run: deletesWhereSubquery},
		{name: "a delete without a condition is refused", run: refusesUnboundedDelete},
		{name: "a delete using another table", needs: []need{needsDeleteUsing}, run: deletesUsing, lacking: refusesDeleteUsing},
		{name: "delete returning", needs: []need{needsDeleteReturning}, run: deleteReturning, lacking: refusesDeleteReturning},
		{name: "a row that others refer to", run: cascadesDelete},
	}
}

// values makes a table with the rows (1, 1), (2, 2), (3, 3).
func values(t *testing.T, db *database, more ...orm.TableItem) *orm.Table {
	t.Helper()
	table := db.table(t, "val", append([]orm.TableItem{
		key("id"), orm.NewColumn("v", types.Integer(), orm.ServerDefaultSQL("77")), orm.NewColumn("note", types.String(200)),
	}, more...)...)
	exec(t, db, orm.Insert(table).Values(orm.M{"id": 1, "v": 1}, orm.M{"id": 2, "v": 2}, orm.M{"id": 3, "v": 3}))
	return table
}

func updates(assignment func(*orm.Table) orm.Assignment, want ...int) func(t *testing.T, db *database) {
	return func(t *testing.T, db *database) {
		table := values(t, db)
		exec(t, db, orm.Update(table).Set(assignment(table)).AllRows())
		equal(t, want, column[int](t, db, table, "v"))
	}
}

func refusesUpdateOfOtherType(t *testing.T, db *database) {
	db.refusesUnsent(t, orm.ErrValue, orm.Update(people).Set(people.C("age").Set("1")).AllRows())
	db.refusesUnsent(t, orm.ErrValue, orm.Update(people).Set(people.C("age").Set(1)).Where(people.C("name").Eq(0)))
}

func updatesToNull(t *testing.T, db *database) {
	table := values(t, db)
	exec(t, db, orm.Update(table).Set(table.C("v").SetNull()).Where(table.C("id").Eq(1)))
	exec(t, db, orm.Update(table).Set(table.C("v").Set(nil)).Where(table.C("id").Eq(2)))
	equal(t, 1, fetchOne[int](t, db, orm.Select(orm.Count(table.C("v"))).From(table)))
}

func updatesToDefault(t *testing.T, db *database) {
	table := values(t, db)
	exec(t, db, orm.Update(table).Set(table.C("v").SetDefault()).Where(table.C("id").Eq(1)))
	equal(t, []int{77, 2, 3}, column[int](t, db, table, "v"))
}

func refusesDefaultWord(t *testing.T, db *database) {
	db.refusesUnsent(t, orm.ErrUnsupported, orm.Update(people).Set(people.C("age").SetDefault()).AllRows())
}

func updatesSeveral(t *testing.T, db *database) {
	table := values(t, db)
	exec(t, db, orm.Update(table).Set(table.C("note").Set("x"), table.C("v").Set(5)).Where(table.C("id").Eq(2)))
	equal(t, []int{1, 5, 3}, column[int](t, db, table, "v"))
	equal(t, []*string{nil, new("x"), nil}, column[*string](t, db, table, "note"))
}

func updatesByCase(t *testing.T, db *database) {
	table := values(t, db)
	v := orm.Col[int](table, "v")
	exec(t, db, orm.Update(table).Set(v.SetExpr(orm.CaseOf[int](v).When(1, 10).When(2, 20).Else(0))).AllRows())
	equal(t, []int{10, 20, 0}, column[int](t, db, table, "v"))
}

func updatesBySubquery(t *testing.T, db *database) {
	db.reading(t)
	table := values(t, db)
	oldest := orm.Scalar[any](orm.Select(orm.Max(people.C("age"))).From(people))
	exec(t, db, orm.Update(table).Set(table.C("v").SetExpr(oldest)).Where(table.C("id").Eq(1)))
	equal(t, []int{31, 2, 3}, column[int](t, db, table, "v"))
}

func updatesWhereSubquery(t *testing.T, db *database) {
	db.reading(t)
	table := values(t, db)
	own := orm.Select(pets.C("id")).From(pets).Where(orm.Eq(pets.C("owner_id"), table.C("id")))
	exec(t, db, orm.Update(table).Set(table.C("v").Set(0)).Where(orm.Exists(own)))
	equal(t, []int{0, 0, 3}, column[int](t, db, table, "v"))
}

func fillsOnUpdate(t *testing.T, db *database) {
	table := values(t, db, orm.NewColumn("at", types.DateTime(), orm.OnUpdateNow()), orm.NewColumn("n", types.Integer(), orm.OnUpdate(5)))
	exec(t, db, orm.Update(table).Set(table.C("v").Set(0)).Where(table.C("id").Eq(1)))
	if at := column[*time.Time](t, db, table, "at"); at[0] == nil || time.Since(*at[0]).Abs() > time.Minute || at[1] != nil {
		t.Errorf("the times are %v", at)
	}
	exec(t, db, orm.Update(table).Set(table.C("n").Set(6)).Where(table.C("id").Eq(2)))
	equal(t, 11, fetchOne[int](t, db, orm.Select(orm.Sum(table.C("n"))).From(table)))
}

func refusesUnboundedUpdate(t *testing.T, db *database) {
	set := orm.Update(people).Set(people.C("age").Set(1))
	for _, stmt := range []orm.Statement{set, set.Where(), set.Where(orm.True()), set.Where(orm.Lit(1).Eq(1))} {
		db.refusesUnsent(t, orm.ErrNoFilter, stmt)
	}
}

func updateFrom(table *orm.Table) *orm.UpdateStatement {
	return orm.Update(table).Set(table.C("v").SetExpr(people.C("age"))).From(people).
		Where(orm.Eq(people.C("id"), table.C("id")), people.C("age").IsNotNull())
}

func updatesFrom(t *testing.T, db *database) {
	db.reading(t)
	table := values(t, db)
	equal(t, int64(2), exec(t, db, updateFrom(table)).RowsAffected())
	equal(t, []int{31, 25, 3}, column[int](t, db, table, "v"))
}

func refusesUpdateFrom(t *testing.T, db *database) {
	db.refusesUnsent(t, orm.ErrUnsupported, updateFrom(pets))
}

func updateReturning(t *testing.T, db *database) {
	table := values(t, db)
	stmt := orm.Update(table).Set(table.C("v").SetExpr(table.C("v").Plus(10))).Where(table.C("id").Eq(2)).Returning(table.C("v"))
	equal(t, []int{12}, fetch[int](t, db, stmt))
}

func refusesUpdateReturning(t *testing.T, db *database) {
	db.refusesUnsent(t, orm.ErrUnsupported, orm.Update(people).Set(people.C("age").Set(1)).AllRows().Returning(people.C("id")))
}

func updatesKey(t *testing.T, db *database) {
	table := values(t, db)
	exec(t, db, orm.Update(table).Set(table.C("id").Set(30)).Where(table.C("id").Eq(3)))
	equal(t, []int64{1, 2, 30}, column[int64](t, db, table, "id"))
}

func updatesHostileValue(t *testing.T, db *database) {
	table := values(t, db)
	for _, s := range hostileTexts() {
		if len([]rune(s)) > 200 {
			continue
		}
		exec(t, db, orm.Update(table).Set(table.C("note").Set(s)).Where(table.C("id").Eq(1)))
		equal(t, s, fetchOne[string](t, db, orm.Select(table.C("note")).From(table).Where(table.C("id").Eq(1))))
	}
}

func deletes(t *testing.T, db *database) {
	table := values(t, db)
	exec(t, db, orm.Delete(table).Where(table.C("v").In(1, 3)))
	equal(t, []int64{2}, column[int64](t, db, table, "id"))
}

func deletesWhereSubquery(t *testing.T, db *database) {
	db.reading(t)
	table := values(t, db)
	exec(t, db, orm.Delete(table).Where(table.C("id").InSelect(orm.Select(pets.C("owner_id")).From(pets).Where(pets.C("owner_id").IsNotNull()))))
	equal(t, []int64{3}, column[int64](t, db, table, "id"))
}

func refusesUnboundedDelete(t *testing.T, db *database) {
	db.refusesUnsent(t, orm.ErrNoFilter, orm.Delete(people))
	db.refusesUnsent(t, orm.ErrNoFilter, orm.Delete(people).Where(orm.True()))
}

func deleteUsing(table *orm.Table) *orm.DeleteStatement {
	return orm.Delete(table).Using(people).Where(orm.Eq(people.C("id"), table.C("id")), people.C("age").IsNotNull())
}

func deletesUsing(t *testing.T, db *database) {
	db.reading(t)
	table := values(t, db)
	equal(t, int64(2), exec(t, db, deleteUsing(table)).RowsAffected())
	equal(t, []int64{3}, column[int64](t, db, table, "id"))
}

func refusesDeleteUsing(t *testing.T, db *database) {
	db.refusesUnsent(t, orm.ErrUnsupported, deleteUsing(pets))
}

func deleteReturning(t *testing.T, db *database) {
	table := values(t, db)
	equal(t, []int{2}, fetch[int](t, db, orm.Delete(table).Where(table.C("id").Eq(2)).Returning(table.C("v"))))
	equal(t, 2, count(t, db, table))
}

func refusesDeleteReturning(t *testing.T, db *database) {
	db.refusesUnsent(t, orm.ErrUnsupported, orm.Delete(people).AllRows().Returning(people.C("id")))
}

// cascadesDelete checks that the actions of foreign keys happen.
func cascadesDelete(t *testing.T, db *database) {
	m := orm.NewMetadata()
	parent := orm.NewTable("parent", m, key("id"))
	child := orm.NewTable("child", m, key("id"),
		orm.NewColumn("a", types.BigInteger(), orm.References("parent", "id").OnDelete(orm.Cascade)),
		orm.NewColumn("b", types.BigInteger(), orm.References("parent", "id").OnDelete(orm.SetNull)),
	)
	db.create(t, m)
	exec(t, db, orm.Insert(parent).Values(orm.M{"id": 1}, orm.M{"id": 2}))
	exec(t, db, orm.Insert(child).Values(orm.M{"id": 1, "a": 1, "b": 2}, orm.M{"id": 2, "a": 2, "b": 1}))
	exec(t, db, orm.Delete(parent).Where(parent.C("id").Eq(1)))
	equal(t, []int64{2}, column[int64](t, db, child, "id"))
	equal(t, []*int64{nil}, column[*int64](t, db, child, "b"))
}
