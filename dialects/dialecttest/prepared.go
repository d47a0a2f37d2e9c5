// This file looks at statements that are kept prepared while the schema changes
// under them.

package dialecttest

import (
	"testing"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

func preparedChecks() []check {
	return []check{
		{name: "a column is added by the same connection", run: changesUnder(true, addColumn)},
		{name: "a column is added by another connection", run: changesUnder(false, addColumn)},
		{name: "a table is replaced by the same connection", run: changesUnder(true, replaceTable)},
		{name: "a table is replaced by another connection", run: changesUnder(false, replaceTable)},
		{name: "an index is added by another connection", run: changesUnder(false, addIndex)},
		{name: "a table goes and comes back", run: tableComesBack},
		{name: "a statement with more parameters than before", run: changesParameters},
		{name: "a statement that fails is not kept", run: failsAndRecovers},
		{name: "a change of the schema inside of a transaction", needs: []need{needsTransactionalDDL}, run: changesInTransaction},
		{name: "1,000 different statements", run: manyStatements},
		{name: "a statement whose result is still read", run: nestedUse},
	}
}

var (
	wholeRow = orm.Text("SELECT * FROM val WHERE id = ?", 1)
	oneRow   = func(id int) orm.Statement { return orm.Text("INSERT INTO val (id, v) VALUES (?, ?)", id, id) }
)

// changesUnder runs statements, changes the schema on the same or another
// connection, and runs them again. A database may say once that a statement is
// out of date; then it has to be understood.
func changesUnder(same bool, change func(t *testing.T, ex orm.Executor)) func(t *testing.T, db *database) {
	return func(t *testing.T, db *database) {
		values(t, db)
		conn := db.conn(t, orm.Autocommit())
		changer := conn
		if !same {
			changer = db.conn(t, orm.Autocommit())
		}
		for i := range 3 {
			equal(t, 1, len(fetch[orm.M](t, conn, wholeRow)))
			exec(t, conn, oneRow(100+i))
		}
		change(t, changer)
		if _, err := orm.Fetch[orm.M](t.Context(), conn, wholeRow); err != nil {
			if same {
				t.Errorf("after a change by the connection itself: %v", err)
			}
			describes(t, db, err)
		}
		equal(t, 1, len(fetch[orm.M](t, conn, wholeRow)))
		exec(t, conn, oneRow(200))
	}
}

func addColumn(t *testing.T, ex orm.Executor) {
	exec(t, ex, orm.Text("ALTER TABLE val ADD COLUMN extra VARCHAR(20) DEFAULT 'x'"))
}

func replaceTable(t *testing.T, ex orm.Executor) {
	table := orm.NewTable("val", orm.NewMetadata(), orm.NewColumn("v", types.BigInteger()), key("id"))
	exec(t, ex, orm.DropTable(table))
	exec(t, ex, orm.CreateTable(table))
	exec(t, ex, oneRow(1))
}

func addIndex(t *testing.T, ex orm.Executor) {
	exec(t, ex, orm.Text("CREATE INDEX ix_v ON val (v)"))
}

func tableComesBack(t *testing.T, db *database) {
	table := values(t, db)
	conn := db.conn(t, orm.Autocommit())
	fetch[orm.M](t, conn, wholeRow)
	exec(t, db, orm.DropTable(table))
	_, err := orm.Fetch[orm.M](t.Context(), conn, wholeRow)
	wantKind(t, orm.ErrSyntax, err)
	exec(t, db, orm.CreateTable(table))
	equal(t, 0, len(fetch[orm.M](t, conn, wholeRow)))
}

func changesParameters(t *testing.T, db *database) {
	db.reading(t)
	conn := db.conn(t, orm.Autocommit())
	for _, ids := range [][]any{{1}, {1, 2}, {1, 2, 3}, {1}, {}} {
		equal(t, len(ids), len(fetch[string](t, conn, names(people.C("id").In(ids...)))))
	}
}

func failsAndRecovers(t *testing.T, db *database) {
	conn := db.conn(t, orm.Autocommit())
	stmt := orm.Text("SELECT id FROM later WHERE id = ?", 1)
	for range 2 {
		_, err := orm.Fetch[int](t.Context(), conn, stmt)
		wantKind(t, orm.ErrSyntax, err)
	}
	table := db.table(t, "later", key("id"))
	put(t, db, table, 1)
	equal(t, []int{1}, fetch[int](t, conn, stmt))
}

func changesInTransaction(t *testing.T, db *database) {
	values(t, db)
	conn := db.conn(t)
	before := fetchOne[orm.M](t, conn, wholeRow)
	addColumn(t, conn)
	equal(t, len(before)+1, len(fetchOne[orm.M](t, conn, wholeRow)))
	must(t, conn.Rollback(t.Context()))
	got, err := orm.FetchOne[orm.M](t.Context(), conn, wholeRow)
	if err != nil { // the statement was prepared for what is gone
		must(t, conn.Rollback(t.Context()))
		got = fetchOne[orm.M](t, conn, wholeRow)
	}
	equal(t, len(before), len(got))
}

// manyStatements has more texts than are kept.
func manyStatements(t *testing.T, db *database) {
	db.reading(t)
	conn := db.conn(t, orm.Autocommit())
	for i := range 1000 {
		label := "n" + string(rune('a'+i%26)) + string(rune('a'+i/26%26)) + string(rune('a'+i/676))
		stmt := orm.Select(people.C("id").Plus(i).As(label)).From(people).Where(people.C("id").Eq(1))
		if got := fetchOne[int](t, conn, stmt); got != i+1 {
			t.Fatalf("statement %d gave %d", i, got)
		}
	}
}

// nestedUse runs one statement on two connections, while the first one's rows
// still come in.
func nestedUse(t *testing.T, db *database) {
	db.reading(t)
	one, two := db.conn(t, orm.Autocommit()), db.conn(t, orm.Autocommit())
	n := 0
	for name, err := range orm.FetchIter[string](t.Context(), one, names(people.C("id").Gt(0))) {
		must(t, err)
		n += len(fetch[string](t, two, names(people.C("id").Gt(0)))) + len(name)
	}
	equal(t, 4*4+len("annbobcleodan"), n)
}
