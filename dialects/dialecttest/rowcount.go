// This file looks at the number of rows that a statement reports: those that it
// found, whether it changed anything in them or not.

package dialecttest

import (
	"testing"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

func rowCountChecks() []check {
	id := func(table *orm.Table) orm.Expr[any] { return table.C("id") }
	set := func(table *orm.Table, v int) *orm.UpdateStatement { return orm.Update(table).Set(table.C("v").Set(v)) }
	cases := []struct {
		name string
		stmt func(table *orm.Table) orm.Statement
		want int64
	}{
		{"an update that changes all rows", func(x *orm.Table) orm.Statement { return set(x, 1).AllRows() }, 4},
		{"an update of some rows", func(x *orm.Table) orm.Statement { return set(x, 1).Where(id(x).Le(2)) }, 2},
		{"an update that changes nothing", func(x *orm.Table) orm.Statement { return set(x, 5).Where(id(x).Le(3)) }, 3},
		{"an update of a column by itself", func(x *orm.Table) orm.Statement { return orm.Update(x).Set(x.C("v").SetExpr(x.C("v"))).AllRows() }, 4},
		{"an update to NULL of what is NULL", func(x *orm.Table) orm.Statement { return orm.Update(x).Set(x.C("w").SetNull()).AllRows() }, 4},
		{"an update of no row", func(x *orm.Table) orm.Statement { return set(x, 1).Where(id(x).Gt(9)) }, 0},
		{"an update by an expression", func(x *orm.Table) orm.Statement {
			return orm.Update(x).Set(x.C("v").SetExpr(x.C("v").Plus(1))).Where(id(x).Gt(1))
		}, 3},
		{"a delete of some rows", func(x *orm.Table) orm.Statement { return orm.Delete(x).Where(id(x).Gt(2)) }, 2},
		{"a delete of all rows", func(x *orm.Table) orm.Statement { return orm.Delete(x).AllRows() }, 4},
		{"a delete of no row", func(x *orm.Table) orm.Statement { return orm.Delete(x).Where(id(x).Gt(9)) }, 0},
		{"an insert of one row", func(x *orm.Table) orm.Statement { return orm.Insert(x).Values(orm.M{"id": 9}) }, 1},
		{"an insert of three rows", func(x *orm.Table) orm.Statement {
			return orm.Insert(x).Values(orm.M{"id": 7}, orm.M{"id": 8}, orm.M{"id": 9})
		}, 3},
		{"an insert of the rows of a SELECT", func(x *orm.Table) orm.Statement {
			return orm.Insert(x).FromSelect(orm.Select(x.C("id").Plus(10)).From(x), id(x))
		}, 4},
		{"text", func(*orm.Table) orm.Statement { return orm.Text("UPDATE rowcounts SET v = ? WHERE id < ?", 5, 3) }, 2},
	}
	checks := make([]check, len(cases))
	for i, c := range cases {
		checks[i] = check{name: c.name, run: func(t *testing.T, db *database) {
			table := rowCounts(t, db)
			equal(t, c.want, exec(t, db, c.stmt(table)).RowsAffected())
		}}
	}
	return checks
}

// rowCounts makes a table of four rows.
func rowCounts(t *testing.T, db *database) *orm.Table {
	t.Helper()
	table := db.table(t, "rowcounts", key("id"), orm.NewColumn("v", types.Integer()), orm.NewColumn("w", types.Integer()))
	for id := 1; id <= 4; id++ {
		exec(t, db, orm.Insert(table).Values(orm.M{"id": id, "v": 5}))
	}
	return table
}
