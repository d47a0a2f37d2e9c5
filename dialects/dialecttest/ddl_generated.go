// This file looks at columns whose values the database makes, and at sequences.

package dialecttest

import (
	"testing"
	"time"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

func generatedChecks() []check {
	return []check{
		{name: "a computed column", run: computes(orm.Computed("a * 2"))},
		{name: "a computed column that is stored", run: computes(orm.Computed("a * 2").Stored())},
		{
			name: "a computed column that is not stored", needs: []need{feature("virtual columns", func(f *orm.Features) bool { return f.VirtualColumns })},
			run: computes(orm.Computed("a * 2").Virtual()), lacking: refusesColumn(orm.Computed("a * 2").Virtual()),
		},
		{
			name: "an identity column", needs: []need{feature("identity columns", func(f *orm.Features) bool { return f.Identity })},
			run: numbersByIdentity, lacking: refusesColumn(orm.Identity()),
		},
		{
			name: "a sequence", needs: []need{feature("sequences", func(f *orm.Features) bool { return f.Sequences })},
			run: numbersBySequence, lacking: refusesSequence,
		},
		{name: "a view", run: selectsFromView},
		{
			name: "a view in place of another", needs: []need{feature("CREATE OR REPLACE VIEW", func(f *orm.Features) bool { return f.ReplaceView })},
			run: createsView((*orm.DDLStatement).OrReplace), lacking: refusesView((*orm.DDLStatement).OrReplace),
		},
		{
			name: "a temporary view", needs: []need{feature("temporary views", func(f *orm.Features) bool { return f.TemporaryViews })},
			run: createsView((*orm.DDLStatement).Temporary), lacking: refusesView((*orm.DDLStatement).Temporary),
		},
		{
			name: "a view if not exists", needs: []need{feature("CREATE VIEW IF NOT EXISTS", func(f *orm.Features) bool { return f.ViewIfNotExists })},
			run: createsView((*orm.DDLStatement).IfNotExists), lacking: refusesView((*orm.DDLStatement).IfNotExists),
		},
		{
			name: "a materialized view", needs: []need{feature("materialized views", func(f *orm.Features) bool { return f.MaterializedViews })},
			run: refreshesView, lacking: func(t *testing.T, db *database) {
				_, view := viewed(orm.MaterializedView())
				db.refusesUnsent(t, orm.ErrUnsupported, orm.CreateView(view))
			},
		},
		{name: "a table of the rows of a query", run: createsTableAs},
	}
}

func computes(computed *orm.ComputedColumn) func(t *testing.T, db *database) {
	return func(t *testing.T, db *database) {
		table := db.table(t, "computing", key("id"), orm.NewColumn("a", types.Integer()), orm.NewColumn("twice", types.Integer(), computed))
		exec(t, db, orm.Insert(table).Values(orm.M{"id": 1, "a": 4}))
		equal(t, []int{8}, column[int](t, db, table, "twice"))
		exec(t, db, orm.Update(table).Set(orm.Col[int](table, "a").Set(5)).AllRows())
		equal(t, []int{10}, column[int](t, db, table, "twice"))
	}
}

func refusesColumn(option orm.ColumnOption) func(t *testing.T, db *database) {
	return func(t *testing.T, db *database) {
		table := orm.NewTable("refused", orm.NewMetadata(), key("id"), orm.NewColumn("a", types.Integer()), orm.NewColumn("made", types.Integer(), option))
		db.refusesUnsent(t, orm.ErrUnsupported, orm.CreateTable(table))
	}
}

func numbersByIdentity(t *testing.T, db *database) {
	table := db.table(t, "numbering", key("id"), orm.NewColumn("no", types.BigInteger(), orm.Identity().Always().Start(50).Increment(5)))
	exec(t, db, orm.Insert(table).Values(orm.M{"id": 1}, orm.M{"id": 2}))
	exec(t, db, orm.Insert(table).Values(orm.M{"id": 3, "no": 7}))
	equal(t, []int64{50, 55, 7}, column[int64](t, db, table, "no"))
}

func numbersBySequence(t *testing.T, db *database) {
	m := orm.NewMetadata()
	numbers := orm.NewSequence("the numbers", m).Start(7)
	table := orm.NewTable("by_sequence", m, key("id"), orm.NewColumn("no", types.BigInteger(), numbers))
	db.create(t, m)
	exec(t, db, orm.Insert(table).Values(orm.M{"id": 1}))
	exec(t, db, orm.Insert(table).Values(orm.M{"id": 2, "no": numbers.Next()}))
	equal(t, []int64{7, 8}, column[int64](t, db, table, "no"))
}

func refusesSequence(t *testing.T, db *database) {
	numbers := orm.NewSequence("numbers", orm.NewMetadata())
	db.refusesUnsent(t, orm.ErrUnsupported, orm.CreateSequence(numbers))
	db.refusesUnsent(t, orm.ErrUnsupported, orm.Select(numbers.Next()))
}

// viewed is a table, and a view of those of its rows that are great, of a certain
// name, and old.
func viewed(items ...orm.TableItem) (*orm.Table, *orm.Table) {
	m := orm.NewMetadata()
	table := orm.NewTable("viewed", m, key("id"), orm.NewColumn("a", types.Integer()), orm.NewColumn("name", types.String(20)), orm.NewColumn("at", types.DateTime()), orm.NewColumn("price", types.Double()))
	old := orm.Col[time.Time](table, "at").Lt(time.Date(2021, 1, 1, 0, 0, 0, 500000, time.UTC))
	query := orm.Select(table.C("id"), orm.Col[int](table, "a").Plus(1).As("more")).From(table).
		Where(orm.Col[int](table, "a").Gt(1), orm.Col[string](table, "name").Eq(`it's a \ "name"`), old, orm.Col[float64](table, "price").Lt(1.5))
	return table, orm.NewView("a view", m, query, items...)
}

// fillViewed adds a row that the view has, and one that it has not.
func fillViewed(t *testing.T, db *database, table *orm.Table) {
	t.Helper()
	at := time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC)
	for i, a := range []int{5, 1} {
		exec(t, db, orm.Insert(table).Values(orm.M{"id": i + 1, "a": a, "name": `it's a \ "name"`, "at": at, "price": 1.25}))
	}
}

func selectsFromView(t *testing.T, db *database) {
	table, view := viewed()
	db.create(t, table.Metadata())
	fillViewed(t, db, table)
	equal(t, []int{6}, fetch[int](t, db, orm.Select(view.C("more")).From(view)))
	must(t, table.Metadata().CreateAll(t.Context(), db.engine))
}

// createsView makes the view in a way of its own, which leaves it as it is.
func createsView(how func(*orm.DDLStatement) *orm.DDLStatement) func(t *testing.T, db *database) {
	return func(t *testing.T, db *database) {
		table, view := viewed()
		conn := db.conn(t)
		exec(t, conn, orm.CreateTable(table))
		exec(t, conn, how(orm.CreateView(view)))
		equal(t, 0, count(t, conn, view))
		exec(t, conn, orm.DropView(view))
		exec(t, conn, orm.DropTable(table))
	}
}

func refusesView(how func(*orm.DDLStatement) *orm.DDLStatement) func(t *testing.T, db *database) {
	return func(t *testing.T, db *database) {
		_, view := viewed()
		db.refusesUnsent(t, orm.ErrUnsupported, how(orm.CreateView(view)))
	}
}

func refreshesView(t *testing.T, db *database) {
	table, view := viewed(orm.MaterializedView())
	db.create(t, table.Metadata())
	fillViewed(t, db, table)
	equal(t, 0, count(t, db, view))
	exec(t, db, orm.RefreshView(view))
	equal(t, 1, count(t, db, view))
}

func createsTableAs(t *testing.T, db *database) {
	table, _ := viewed()
	exec(t, db, orm.CreateTable(table))
	fillViewed(t, db, table)
	made := orm.CreateTableAs("made", orm.Select(table.C("id"), table.C("a")).From(table).Where(orm.Col[int](table, "a").Gt(1)))
	exec(t, db, made)
	equal(t, []int{5}, fetch[int](t, db, orm.Select(made.Table().C("a")).From(made.Table())))
	exec(t, db, orm.DropTable(made.Table()))
	exec(t, db, orm.DropTable(table))
}
