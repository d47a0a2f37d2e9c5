// This file looks at columns whose values the database makes, and at sequences.

package dialecttest

import (
	"testing"

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
