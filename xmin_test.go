package orm_test

import (
	"testing"

	"github.com/aurum-go/orm"
)

// Ledger has for a version what PostgreSQL has for every row: the transaction that
// has written it. Its table is made without that column, which is there by itself.
type Ledger struct {
	orm.Base `orm:"table:ledgers"`

	ID   int64
	Text string `orm:"size:20"`
	XMin int64  `orm:"column:xmin;type:exact(xid);version;fetched"`
}

var _ = orm.MustRegister(&Ledger{})

// The version is read in the statement that makes it, a stale row is noticed, and many
// rows go in one statement.
func TestVersionMayBeTheTransactionOfPostgreSQL(t *testing.T) {
	t.Parallel()
	db := openTestDB(t, newPostgres(t))
	run(t, db.Engine, "CREATE TABLE ledgers (id BIGSERIAL PRIMARY KEY, text VARCHAR(20))")
	ctx, s, other := t.Context(), db.session(t), db.session(t)
	list := []*Ledger{{Text: "a"}, {Text: "b"}, {Text: "c"}}
	orm.AddAll(s, list)
	must(t, s.Commit(ctx))
	if list[0].XMin == 0 {
		t.Error("the version is not read")
	}
	stale := get(orm.Get[Ledger](ctx, other, list[0].ID))(t)
	must(t, other.Commit(ctx))
	db.statements()
	before := list[0].XMin
	for _, l := range list {
		l.Text += "!"
	}
	must(t, s.Commit(ctx))
	expect(t, []string{"UPDATE"}, heads(db.plainStatements()))
	expect(t, true, list[0].XMin != before && list[0].XMin == list[2].XMin)
	list[1].Text = "one"
	must(t, s.Commit(ctx))
	stale.Text = "lost"
	expectKind(t, orm.ErrStaleData, other.Commit(ctx))
	must(t, other.Rollback(ctx))
	s.Delete(list[2])
	must(t, s.Commit(ctx))
	expect(t, int64(2), countOn(t, db, "ledgers"))
}
