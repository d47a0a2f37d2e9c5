// This file looks at MERGE.

package dialecttest

import (
	"testing"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

// mergeCase is a table with the values 1, 2 and 3, and rows of the keys 2 and 4
// that are merged into it.
type mergeCase struct {
	*orm.MergeStatement
	id       orm.Expr[int64]
	v        orm.Expr[int]
	idOf     orm.Expr[int64] // of what is merged
	vOf      orm.Expr[int]
	inserted []orm.Assignment
}

func mergeChecks() []check {
	return []check{
		merges("rows are changed and inserted", []int{1, 20, 3, 40}, func(m mergeCase) orm.Statement {
			return m.WhenMatched().Update(m.v.SetExpr(m.vOf)).WhenNotMatched().Insert(m.inserted...)
		}),
		merges("both rows count", []int{1, 22, 3}, func(m mergeCase) orm.Statement {
			return m.WhenMatched().Update(m.v.SetExpr(orm.Add(m.v, m.vOf)))
		}),
		merges("rows are deleted", []int{1, 3}, func(m mergeCase) orm.Statement { return m.WhenMatched().Delete() }),
		merges("the first branch whose conditions hold", []int{1, 8, 3}, func(m mergeCase) orm.Statement {
			return m.WhenMatched(m.v.Gt(2)).Delete().WhenMatched(m.id.Eq(2), orm.Or(m.v.Eq(2), m.vOf.Eq(0))).Update(m.v.Set(8)).
				WhenMatched().Delete().WhenNotMatched(m.vOf.Gt(30)).DoNothing().WhenNotMatched().Insert(m.inserted...)
		}),
		merges("defaults of the database", []int{1, 2, 3, 77}, func(m mergeCase) orm.Statement {
			return m.WhenMatched().DoNothing().WhenNotMatched().Insert(m.id.SetExpr(m.idOf))
		}),
	}
}

// merges is a case of one statement, and the values that it leaves.
func merges(name string, want []int, stmt func(mergeCase) orm.Statement) check {
	made := func(table *orm.Table) orm.Statement {
		news := orm.Values("news", orm.ResultColumn{Name: "id", Type: types.BigInteger()}, orm.ResultColumn{Name: "v", Type: types.Integer()}).
			Rows([]any{2, 20}, []any{4, 40})
		m := mergeCase{
			id: orm.Col[int64](table, "id"), v: orm.Col[int](table, "v"),
			idOf: orm.Col[int64](news, "id"), vOf: orm.Col[int](news, "v"),
		}
		m.inserted = []orm.Assignment{m.id.SetExpr(m.idOf), m.v.SetExpr(m.vOf)}
		m.MergeStatement = orm.MergeInto(table).Using(news, orm.Eq(m.id, m.idOf))
		return stmt(m)
	}
	return check{
		name: name, needs: []need{feature("MERGE", func(f *orm.Features) bool { return f.Merge })},
		run: func(t *testing.T, db *database) {
			table := values(t, db)
			exec(t, db, made(table))
			equal(t, want, column[int](t, db, table, "v"))
		},
		lacking: func(t *testing.T, db *database) { db.refusesUnsent(t, orm.ErrUnsupported, made(values(t, db))) },
	}
}
