// This file looks at INSERT … ON CONFLICT, and at what databases have in its place.

package dialecttest

import (
	"testing"

	"github.com/aurum-go/orm"
)

var (
	needsUpsert    = feature("an upsert", func(f *orm.Features) bool { return f.OnConflict || f.OnDuplicateKey })
	conflictingIDs = []orm.M{{"id": 2, "v": 20}, {"id": 4, "v": 40}}
)

func upsertChecks() []check {
	table := func(t *orm.Table) *orm.InsertStatement { return orm.Insert(t).Values(conflictingIDs) }
	return []check{
		upsert("the new row wins", []int{1, 20, 3, 40}, func(x *orm.Table) orm.Statement { return table(x).OnConflict("id").DoUpdate("v") }),
		upsert("all columns that have values", []int{1, 20, 3, 40}, func(x *orm.Table) orm.Statement { return table(x).OnConflict("id").DoUpdate() }),
		upsert("the old row wins", []int{1, 2, 3, 40}, func(x *orm.Table) orm.Statement { return table(x).OnConflict("id").DoNothing() }),
		upsert("the old row wins over any key", []int{1, 2, 3, 40}, func(x *orm.Table) orm.Statement { return table(x).OnConflict().DoNothing() }),
		upsert("both rows count", []int{1, 22, 3, 40}, func(x *orm.Table) orm.Statement {
			v := orm.Col[int](x, "v")
			return table(x).OnConflict("id").DoUpdateSet(v.SetExpr(orm.Add(v, orm.Excluded(v))))
		}),
		upsert("a condition on the old row", []int{1, 2, 3, 40}, func(x *orm.Table) orm.Statement {
			id, v := orm.Col[int](x, "id"), orm.Col[int](x, "v")
			return table(x).OnConflict("id").DoUpdate("v").DoUpdateWhere(id.Gt(2), orm.Gt(orm.Excluded(v), v))
		}),
		upsert("rows of a select", []int{11, 12, 13}, func(x *orm.Table) orm.Statement {
			rows := orm.Select(x.C("id"), orm.Col[int](x, "v").Plus(10)).From(x)
			return orm.Insert(x).FromSelect(rows, x.C("id"), x.C("v")).OnConflict("id").DoUpdate("v")
		}),
		{name: "a constraint by its name", needs: []need{needsUpsert}, run: upsertsByConstraint},
		{name: "an upsert returning", needs: []need{needsUpsert, needsInsertReturning}, run: upsertsReturning},
	}
}

// upsert is a case of one statement on a table with three rows, and the values
// that it leaves.
func upsert(name string, want []int, stmt func(*orm.Table) orm.Statement) check {
	return check{
		name: name, needs: []need{needsUpsert},
		run: func(t *testing.T, db *database) {
			table := values(t, db)
			exec(t, db, stmt(table))
			equal(t, want, column[int](t, db, table, "v"))
		},
		lacking: func(t *testing.T, db *database) { db.refusesUnsent(t, orm.ErrUnsupported, stmt(values(t, db))) },
	}
}

func upsertsReturning(t *testing.T, db *database) {
	table := values(t, db)
	stmt := orm.Insert(table).Values(conflictingIDs).OnConflict("id").DoUpdate("v").Returning(table.C("v"))
	equal(t, []int{20, 40}, fetch[int](t, db, stmt))
}

func upsertsByConstraint(t *testing.T, db *database) {
	table := values(t, db, orm.Unique("note").Named("val_note"))
	exec(t, db, orm.Update(table).Set(table.C("note").Set("taken")).Where(table.C("id").Eq(2)))
	exec(t, db, orm.Insert(table).Values(orm.M{"id": 9, "v": 90, "note": "taken"}).OnConstraint("val_note").DoUpdate("v"))
	equal(t, []int{1, 90, 3}, column[int](t, db, table, "v"))
}
