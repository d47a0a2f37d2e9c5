// This file tests columns that the database makes the values of: computed ones,
// identities, and those that take their numbers from a sequence.

package orm_test

import (
	"strings"
	"testing"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

// PricedItem has a price that the database computes.
type PricedItem struct {
	orm.Base `orm:"table:priced_items"`

	ID       int64
	Label    string `orm:"size:20"`
	Price    int
	Quantity int
	Total    int     `orm:"computed:price * quantity;stored"`
	Code     *string `orm:"size:20;computed:lower(label);stored"`
}

var pricedItems = orm.MustRegister(&PricedItem{})

func TestComputedColumnsAreReadAfterEveryWriteAndNeverWritten(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx := t.Context()
		s := db.withTables(t, pricedItems).session(t)
		list := []*PricedItem{{Label: "Pen", Price: 2, Quantity: 3, Total: 99}, {Label: "Ink", Price: 5, Quantity: 1}}
		orm.AddAll(s, list)
		must(t, s.Flush(ctx))
		expect(t, []int{6, 5}, []int{list[0].Total, list[1].Total})
		expect(t, "pen", *list[0].Code)
		list[0].Total = 1 // which is no change
		expect(t, false, s.IsModified(list[0]))
		list[0].Quantity, list[1].Price, list[1].Label = 10, 7, "INKS"
		must(t, s.Flush(ctx))
		expect(t, []int{20, 7}, []int{list[0].Total, list[1].Total})
		expect(t, "inks", *list[1].Code)
		for _, text := range db.plainStatements() {
			if strings.HasPrefix(text, "INSERT") && strings.Contains(strings.SplitN(text, "VALUES", 2)[0], "total") {
				t.Errorf("the computed column is written: %s", text)
			}
		}
		x := orm.Entity[PricedItem]()
		get(orm.Query[PricedItem](s).Filter(orm.C(&x.Total).Ge(20)).Update(ctx, orm.C(&x.Price).Set(3)))(t)
		expect(t, 30, list[0].Total)
		must(t, orm.Assign(list[1], orm.C(&x.Price).SetExpr(orm.C(&x.Price).Plus(1))))
		must(t, s.Flush(ctx))
		expect(t, 8, list[1].Total)
		get(orm.BulkUpdate[PricedItem](ctx, s, []orm.M{{"ID": list[0].ID, "Quantity": 1}}))(t)
		expect(t, 3, list[0].Total)
		must(t, s.Commit(ctx))
		expect(t, 3, readAgain[PricedItem](t, db, list[0].ID).Total)
		merged := get(orm.Merge(ctx, s, &PricedItem{ID: list[0].ID, Label: "Pen", Price: 4, Quantity: 2, Total: 77}))(t)
		must(t, s.Commit(ctx))
		expect(t, 8, merged.Total)
	})
}

func TestComputedColumnsAreRefusedWhereTheyWouldBeWritten(t *testing.T) {
	x, table := orm.Entity[PricedItem](), pricedItems.Metadata().Table("priced_items")
	for name, stmt := range map[string]orm.Statement{
		"update":          orm.Update(x).Set(orm.C(&x.Total).Set(1)).AllRows(),
		"update a table":  orm.Update(table).Set(orm.Col[int](table, "total").Set(1)).AllRows(),
		"insert":          orm.Insert(table).Values(orm.M{"total": 1}),
		"insert by field": orm.Insert(x).Values(orm.M{"Total": 1}),
	} {
		_, _, err := orm.Compile(stmt, "sqlite")
		if expectKind(t, orm.ErrArgument, err); err == nil || !strings.Contains(err.Error(), "the database computes the column") {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, _, err := orm.Compile(orm.CreateTable(orm.NewTable("t", orm.NewMetadata(), orm.NewColumn("a", types.Integer(), orm.Computed("1").Virtual()))), "postgres")
	expectKind(t, orm.ErrUnsupported, err)
}

func TestComputedColumnsAreDefinedAsTheDatabaseSaysIt(t *testing.T) {
	table := orm.NewTable("t", orm.NewMetadata(),
		orm.NewColumn("a", types.Integer(), orm.NotNull()),
		orm.NewColumn("b", types.Integer(), orm.Computed("a * 2")),
		orm.NewColumn("c", types.Integer(), orm.Computed("a * 3").Stored(), orm.NotNull()),
	)
	for dialect, want := range map[string]string{
		"sqlite":   "CREATE TABLE t (\n\ta INTEGER NOT NULL,\n\tb INTEGER GENERATED ALWAYS AS (a * 2),\n\tc INTEGER GENERATED ALWAYS AS (a * 3) STORED\n)",
		"postgres": "CREATE TABLE t (\n\ta INTEGER NOT NULL,\n\tb INTEGER GENERATED ALWAYS AS (a * 2) STORED,\n\tc INTEGER GENERATED ALWAYS AS (a * 3) STORED\n)",
	} {
		text, _, err := orm.Compile(orm.CreateTable(table), dialect)
		must(t, err)
		expect(t, want, text)
	}
}

// Numbered is numbered by an identity that takes no other value by mistake.
type Numbered struct {
	orm.Base `orm:"table:numbered"`

	ID    int64 `orm:"identity:always start 100 increment 10"`
	Label string
}

func TestIdentityNumbersAndIsOverruledByValuesThatAreGiven(t *testing.T) {
	numbered := orm.MustRegister(&Numbered{})
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx := t.Context()
		if !db.Dialect().Features().Identity {
			expectKind(t, orm.ErrUnsupported, numbered.CreateAll(ctx, db.Engine))
			return
		}
		s := db.withTables(t, numbered).session(t)
		first, second, own := &Numbered{Label: "a"}, &Numbered{Label: "b"}, &Numbered{ID: 7, Label: "own"}
		orm.AddAll(s, []*Numbered{first, second, own})
		must(t, s.Commit(ctx))
		expect(t, []int64{100, 110, 7}, []int64{first.ID, second.ID, own.ID})
		n := orm.Entity[Numbered]()
		get(orm.Exec(ctx, s, orm.Insert(n).Set(orm.C(&n.ID).Set(8), orm.C(&n.Label).Set("c"))))(t)
		must(t, s.Commit(ctx))
		expect(t, []int64{7, 8, 100, 110}, get(orm.Pluck(ctx, orm.Query[Numbered](s).OrderBy(orm.C(&n.ID)), orm.C(&n.ID)))(t))
	})
}

func TestPlainIdentityCountsWhereThereAreNoIdentities(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		m := orm.NewMetadata()
		table := orm.NewTable("counted", m, orm.NewColumn("id", types.BigInteger(), orm.PrimaryKey(), orm.Identity()), orm.NewColumn("v", types.Integer()))
		must(t, m.CreateAll(t.Context(), db.Engine))
		get(orm.Exec(t.Context(), db.Engine, orm.Insert(table).Values(orm.M{"v": 1})))(t)
		expect(t, []int64{1}, get(orm.Fetch[int64](t.Context(), db.Engine, orm.Select(orm.Col[int64](table, "id"))))(t))
	})
}

func TestSequencesNumberColumns(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx, m := t.Context(), orm.NewMetadata()
		number := orm.NewSequence("ticket_number", m).Start(1000).Increment(5)
		table := orm.NewTable("stubs", m,
			orm.NewColumn("id", types.BigInteger(), orm.PrimaryKey()), orm.NewColumn("no", types.BigInteger(), number), orm.NewColumn("v", types.BigInteger()))
		must(t, db.Ping(ctx)) // the server tells what it has
		if !db.Dialect().Features().Sequences {
			expectKind(t, orm.ErrUnsupported, m.CreateAll(ctx, db.Engine))
			return
		}
		must(t, m.CreateAll(ctx, db.Engine))
		must(t, m.CreateAll(ctx, db.Engine))
		v := orm.Col[int64](table, "v")
		get(orm.Exec(ctx, db.Engine, orm.Insert(table).Values(orm.M{"v": 1})))(t)
		get(orm.Exec(ctx, db.Engine, orm.Insert(table).Set(v.SetExpr(number.Next()))))(t)
		rows := get(orm.Fetch[orm.Tuple2[int64, int64]](ctx, db.Engine, orm.Select(orm.Col[int64](table, "no"), v).OrderBy(orm.Col[int64](table, "id"))))(t)
		expect(t, int64(1000), rows[0].V1)
		expect(t, int64(2010), rows[1].V1+rows[1].V2-5)
		must(t, m.DropAll(ctx, db.Engine))
		must(t, m.DropAll(ctx, db.Engine))
	})
}
