// This file tests composites: structs of the program that are several columns.

package orm_test

import (
	"database/sql"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aurum-go/orm"
)

// Spot is a value of two columns, Cost one with an enum, and Leg one with two Spots.
type (
	Spot struct{ X, Y int }
	Cost struct {
		Amount   int64
		Currency string `orm:"type:enum(EUR,USD)"`
	}
	Leg struct {
		From Spot `orm:"composite;prefix:f_"`
		To   Spot `orm:"composite;prefix:t_"`
		Note *string
	}
)

// VoyageKey is a primary key of two columns.
type VoyageKey struct {
	Line   string `orm:"size:10"`
	Number int    `orm:"column:no"`
}

// Cruise is what tests of composites write and read.
type Cruise struct {
	orm.Base `orm:"table:cruises"`

	Key   VoyageKey      `orm:"composite;prefix:'';primary_key"`
	Start Spot           `orm:"composite"`
	End   sql.Null[Spot] `orm:"composite;prefix:end_"`
	Fare  Cost           `orm:"composite;prefix:fare_"`
	Leg   Leg            `orm:"composite"`
}

var cruises = orm.MustRegister(&Cruise{})

func newCruise(no, x, y int) *Cruise {
	return &Cruise{Key: VoyageKey{"A", no}, Start: Spot{x, y}, Fare: Cost{int64(10 * no), "EUR"}, Leg: Leg{From: Spot{no, 1}, To: Spot{no, 2}}}
}

// threeCruises adds cruises of which the second has an end.
func threeCruises(t *testing.T, db *testDB) (*orm.Session, []*Cruise) {
	t.Helper()
	s := db.withTables(t, cruises).session(t)
	list := []*Cruise{newCruise(1, 1, 2), newCruise(2, 1, 3), newCruise(3, 2, 1)}
	list[1].End = sql.Null[Spot]{V: Spot{7, 0}, Valid: true}
	orm.AddAll(s, list)
	must(t, s.Commit(t.Context()))
	db.statements()
	return s, list
}

func cruiseNumbers(list []*Cruise) []int {
	var all []int
	for _, c := range list {
		all = append(all, c.Key.Number)
	}
	return all
}

func TestCompositeIsWrittenAndReadAsItsColumns(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx := t.Context()
		s, list := threeCruises(t, db)
		s.ExpungeAll()
		read := get(orm.Query[Cruise](s).OrderBy(orm.F("Key")).All(ctx))(t)
		for i, c := range read {
			want := *list[i]
			expect(t, []any{want.Key, want.Start, want.End, want.Fare, want.Leg}, []any{c.Key, c.Start, c.End, c.Fare, c.Leg})
		}
		db.statements()
		read[0].Start = Spot{5, 2}
		read[1].End = sql.Null[Spot]{}
		read[2].End = sql.Null[Spot]{Valid: true}
		read[2].Leg.Note = new(string)
		must(t, s.Commit(ctx))
		s.ExpungeAll()
		again := get(orm.Query[Cruise](s).OrderBy(orm.F("Key")).All(ctx))(t)
		expect(t, Spot{5, 2}, again[0].Start)
		expect(t, []sql.Null[Spot]{{}, {}, {Valid: true}}, []sql.Null[Spot]{again[0].End, again[1].End, again[2].End})
		expect(t, new(string), again[2].Leg.Note)
		expect(t, false, s.IsModified(again[0]))
	})
}

// Only the columns of the part that has changed are written.
func TestOnlyChangedPartsOfACompositeAreWritten(t *testing.T) {
	db := onSQLite(t)
	s, list := threeCruises(t, db)
	list[0].Start.Y = 9
	list[0].Leg.To.X = 8
	must(t, s.Commit(t.Context()))
	expect(t, []string{"UPDATE cruises SET start_y = ?, leg_t_x = ? WHERE line = ? AND no = ?"}, db.plainStatements())
}

// Conditions on a composite, what they are in SQL, and which of three cruises meet
// them.
var compositeConditions = []struct {
	name  string
	is    func(c *Cruise) orm.Expr[bool]
	sql   string
	match []int
}{
	{"equal", func(c *Cruise) orm.Expr[bool] { return orm.C(&c.Start).Eq(Spot{1, 2}) }, "cruises.start_x = ? AND cruises.start_y = ?", []int{1}},
	{"not equal", func(c *Cruise) orm.Expr[bool] { return orm.C(&c.Start).Ne(Spot{1, 2}) }, "cruises.start_x <> ? OR cruises.start_y <> ?", []int{2, 3}},
	{"negated", func(c *Cruise) orm.Expr[bool] { return orm.Not(orm.C(&c.Start).Eq(Spot{1, 2})) }, "cruises.start_x <> ? OR cruises.start_y <> ?", []int{2, 3}},
	{"by name", func(*Cruise) orm.Expr[bool] { return orm.F("Start").Eq(Spot{1, 3}) }, "cruises.start_x = ? AND cruises.start_y = ?", []int{2}},
	{"a part", func(c *Cruise) orm.Expr[bool] { return orm.C(&c.Leg.From.X).Gt(1) }, "cruises.leg_f_x > ?", []int{2, 3}},
	{"a part by name", func(*Cruise) orm.Expr[bool] { return orm.F("Leg.From.X").Gt(1) }, "cruises.leg_f_x > ?", []int{2, 3}},
	{"nested", func(c *Cruise) orm.Expr[bool] { return orm.C(&c.Leg.To).Eq(Spot{3, 2}) }, "cruises.leg_t_x = ? AND cruises.leg_t_y = ?", []int{3}},
	{"greater", func(c *Cruise) orm.Expr[bool] { return orm.C(&c.Start).Gt(Spot{1, 2}) }, "(cruises.start_x, cruises.start_y) > (?, ?)", []int{2, 3}},
	{"between", func(c *Cruise) orm.Expr[bool] { return orm.C(&c.Start).Between(Spot{1, 3}, Spot{2, 0}) }, "(cruises.start_x, cruises.start_y) >= (?, ?) AND (cruises.start_x, cruises.start_y) <= (?, ?)", []int{2}},
	{"in", func(c *Cruise) orm.Expr[bool] { return orm.C(&c.Start).In(Spot{1, 2}, Spot{2, 1}) }, "(cruises.start_x, cruises.start_y) IN (VALUES (?, ?), (?, ?))", []int{1, 3}},
	{"not in", func(c *Cruise) orm.Expr[bool] { return orm.C(&c.Start).NotIn(Spot{1, 2}) }, "(cruises.start_x, cruises.start_y) NOT IN (VALUES (?, ?))", []int{2, 3}},
	{"in nothing", func(c *Cruise) orm.Expr[bool] { return orm.C(&c.Start).In() }, "FALSE", nil},
	{"null", func(c *Cruise) orm.Expr[bool] { return orm.C(&c.End).IsNull() }, "cruises.end_x IS NULL AND cruises.end_y IS NULL", []int{1, 3}},
	{"not null", func(c *Cruise) orm.Expr[bool] { return orm.C(&c.End).IsNotNull() }, "cruises.end_x IS NOT NULL OR cruises.end_y IS NOT NULL", []int{2}},
	{"equal to none", func(c *Cruise) orm.Expr[bool] { return orm.C(&c.End).Eq(sql.Null[Spot]{}) }, "cruises.end_x IS NULL AND cruises.end_y IS NULL", []int{1, 3}},
	{"equal to one", func(c *Cruise) orm.Expr[bool] { return orm.C(&c.End).Eq(sql.Null[Spot]{V: Spot{7, 0}, Valid: true}) }, "cruises.end_x = ? AND cruises.end_y = ?", []int{2}},
	{"two composites", func(c *Cruise) orm.Expr[bool] { return orm.Eq(orm.C(&c.Start), orm.C(&c.Leg.From)) }, "cruises.start_x = cruises.leg_f_x AND cruises.start_y = cruises.leg_f_y", nil},
	{"the key", func(c *Cruise) orm.Expr[bool] { return orm.C(&c.Key).Eq(VoyageKey{"A", 2}) }, "cruises.line = ? AND cruises.no = ?", []int{2}},
}

func TestConditionsOnACompositeAreConditionsOnItsColumns(t *testing.T) {
	for _, c := range compositeConditions {
		x := orm.Entity[Cruise]()
		text, _, err := orm.Compile(orm.Select(orm.C(&x.Key.Number)).From(x).Where(c.is(x)), "sqlite")
		must(t, err)
		if want := "SELECT cruises.no FROM cruises WHERE " + c.sql; text != want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.name, text, want)
		}
	}
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, _ := threeCruises(t, db)
		for _, c := range compositeConditions {
			for range 2 { // the second time a statement may be known
				found := get(orm.Query[Cruise](s).Filter(c.is(orm.Entity[Cruise]())).OrderBy(orm.F("Key.Number")).All(t.Context()))(t)
				if diff := cmp.Diff(c.match, cruiseNumbers(found)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", c.name, diff)
				}
			}
		}
	})
}

// The text of a statement with a composite goes by its values: NULL is asked for in
// another way.
func TestStatementsOfOneFormDifferInTheValuesOfComposites(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, list := threeCruises(t, db)
		note := "x"
		list[1].Leg.Note = &note
		must(t, s.Commit(t.Context()))
		for range 2 {
			for i, want := range list[:2] {
				found := get(orm.Query[Cruise](s).FilterBy("Leg", want.Leg).All(t.Context()))(t)
				expect(t, []int{i + 1}, cruiseNumbers(found))
			}
		}
	})
}

func TestObjectsAreOrderedAndGroupedByComposites(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx := t.Context()
		s, _ := threeCruises(t, db)
		x := orm.Entity[Cruise]()
		expect(t, []int{3, 2, 1}, cruiseNumbers(get(orm.Query[Cruise](s).OrderBy(orm.C(&x.Start).Desc()).All(ctx))(t)))
		expect(t, []int{1, 3, 2}, cruiseNumbers(get(orm.Query[Cruise](s).OrderBy(orm.C(&x.End).Asc().NullsFirst(), orm.F("Key")).All(ctx))(t)))
		s.Add(newCruise(4, 1, 2))
		type group struct {
			At    Spot
			Count int64
		}
		got := get(orm.Fetch[group](ctx, s, orm.Select(orm.C(&x.Start), orm.Count().As("count")).GroupBy(orm.C(&x.Start)).OrderBy(orm.C(&x.Start))))(t)
		expect(t, []group{{Spot{1, 2}, 2}, {Spot{1, 3}, 1}, {Spot{2, 1}, 1}}, got)
	})
}

func TestCompositesAreSelectedAsTheirStructs(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx := t.Context()
		s, _ := threeCruises(t, db)
		x := orm.Entity[Cruise]()
		q := orm.Query[Cruise](s).OrderBy(orm.C(&x.Key))
		expect(t, []Spot{{1, 2}, {1, 3}, {2, 1}}, get(orm.Pluck(ctx, q, orm.C(&x.Start)))(t))
		expect(t, []sql.Null[Spot]{{}, {V: Spot{7, 0}, Valid: true}, {}}, get(orm.Pluck(ctx, q, orm.C(&x.End)))(t))
		pairs := get(orm.Pluck2(ctx, q, orm.C(&x.Key.Number), orm.C(&x.Leg.To)))(t)
		expect(t, orm.Tuple2[int, Spot]{V1: 2, V2: Spot{2, 2}}, pairs[1])
		flat := get(orm.Fetch[struct{ StartX, StartY int }](ctx, s, orm.Select(orm.C(&x.Start)).From(x).Where(orm.C(&x.Key.Number).Eq(3))))(t)
		expect(t, []struct{ StartX, StartY int }{{2, 1}}, flat)
		sub := orm.Select(orm.C(&x.Start)).From(x).Subquery("spots")
		expect(t, []int{1, 1, 2}, get(orm.Fetch[int](ctx, s, orm.Select(sub.C("start_x")).OrderBy(sub.C("start_x"))))(t))
	})
}

func TestUpdateSetsAllPartsOfAComposite(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx := t.Context()
		s, list := threeCruises(t, db)
		x := orm.Entity[Cruise]()
		get(orm.Query[Cruise](s).All(ctx))(t) // what is stale is not evaluated
		db.statements()
		first := orm.Query[Cruise](s).Filter(orm.C(&x.Start).Eq(Spot{1, 2})).Synchronize(orm.SyncEvaluate)
		get(first.Update(ctx, orm.C(&x.Start).Set(Spot{4, 4}), orm.C(&x.End).Set(sql.Null[Spot]{V: Spot{6, 6}, Valid: true})))(t)
		expect(t, 1, len(db.statements()))
		expect(t, []Spot{{4, 4}, {6, 6}}, []Spot{list[0].Start, list[0].End.V})
		expect(t, true, list[0].End.Valid)
		second := orm.Query[Cruise](s).Filter(orm.C(&x.Start).In(Spot{1, 3}, Spot{9, 9}), orm.C(&x.Start).Lt(Spot{2, 0})).Synchronize(orm.SyncEvaluate)
		get(second.Update(ctx, orm.C(&x.End).SetNull(), orm.C(&x.Start).SetExpr(orm.C(&x.Leg.To))))(t)
		expect(t, sql.Null[Spot]{}, list[1].End)
		expect(t, Spot{2, 2}, list[1].Start)
		must(t, orm.Assign(list[2], orm.C(&x.Start).SetExpr(orm.C(&x.Leg.From))))
		must(t, s.Commit(ctx))
		s.ExpungeAll()
		read := get(orm.Query[Cruise](s).OrderBy(orm.C(&x.Key)).All(ctx))(t)
		expect(t, []Spot{{4, 4}, {2, 2}, {3, 1}}, []Spot{read[0].Start, read[1].Start, read[2].Start})
		expect(t, []bool{true, false, false}, []bool{read[0].End.Valid, read[1].End.Valid, read[2].End.Valid})
	})
}

func TestCompositeIsInsertedByStatements(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx := t.Context()
		s := db.withTables(t, cruises).session(t)
		x := orm.Entity[Cruise]()
		get(orm.Exec(ctx, s, orm.Insert(x).Values(newCruise(1, 1, 2))))(t)
		get(orm.Exec(ctx, s, orm.Insert(x).Values(orm.M{
			"Key": VoyageKey{"A", 2}, "Start": Spot{3, 4}, "End": nil, "Fare": Cost{1, "USD"}, "Leg": Leg{},
		})))(t)
		must(t, s.Commit(ctx))
		c := readAgain[Cruise](t, db, "A", 2)
		expect(t, []any{Spot{3, 4}, sql.Null[Spot]{}, Cost{1, "USD"}}, []any{c.Start, c.End, c.Fare})
		expect(t, sql.Null[Spot]{}, readAgain[Cruise](t, db, "A", 1).End)
	})
}

// The object that a row has refreshes a composite, and memory that was read into
// before does not show through.
func TestOptionalCompositesOfKnownObjectsFollowTheirRows(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx := t.Context()
		s, list := threeCruises(t, db)
		x := orm.Entity[Cruise]()
		other := db.session(t)
		get(orm.Query[Cruise](other).AllRows().Update(ctx, orm.C(&x.End).SetNull()))(t)
		get(orm.Query[Cruise](other).Filter(orm.C(&x.Key.Number).Eq(3)).Update(ctx, orm.C(&x.End).Set(sql.Null[Spot]{V: Spot{1, 1}, Valid: true})))(t)
		must(t, other.Commit(ctx))
		must(t, s.Refresh(ctx, list[1], &list[1].End))
		expect(t, sql.Null[Spot]{}, list[1].End)
		s.Expunge(list[0])
		read := get(orm.Query[Cruise](s).OrderBy(orm.C(&x.Key).Desc()).All(ctx))(t)
		expect(t, []bool{true, false, false}, []bool{read[0].End.Valid, read[1].End.Valid, read[2].End.Valid})
		must(t, s.Commit(ctx))
		only := get(orm.Query[Cruise](db.session(t)).Options(orm.LoadOnly(&x.Start)).OrderBy(orm.C(&x.Key)).All(ctx))(t)
		expect(t, Spot{1, 2}, only[0].Start)
		expect(t, []bool{true, false}, []bool{orm.Loaded(only[0], &only[0].Start), orm.Loaded(only[0], &only[0].Leg)})
	})
}

func TestMistakesWithCompositesSayWhatIsWrong(t *testing.T) {
	x := orm.Entity[Cruise]()
	for _, c := range []struct {
		stmt orm.Statement
		want string
	}{
		{orm.Select(orm.Max(orm.C(&x.Start))), "orm: use composite cruises.Start: it has 2 columns, and one is wanted (name one of its fields)"},
		{orm.Select(x).Where(orm.F("Start").Eq(5)), "orm: use composite cruises.Start: a int is no orm_test.Spot"},
		{orm.Select(orm.C(&x.Key)).Where(orm.C(&x.End).Gt(sql.Null[Spot]{})), "orm: compare: NULL has no order, so > NULL is never true (use IsNull or IsNotNull)"},
		{orm.Select(orm.C(&x.Key)).Where(orm.Eq(orm.C(&x.Start), orm.Raw[Spot]("(1, 2)"))), "orm: use composite cruises.Start: it meets neither a value nor another composite"},
		{orm.Select(orm.C(&x.Key)).From(x).Where(orm.C(&x.Start).Like("a")), "orm: use composite cruises.Start: it has 2 columns, and one is wanted (name one of its fields)"},
	} {
		_, _, err := orm.Compile(c.stmt, "sqlite")
		expect(t, c.want, fmt.Sprint(err))
	}
}

func TestBulkStatementsTakeWholeComposites(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, cruises).session(t), t.Context()
		there := sql.Null[Spot]{V: Spot{8, 9}, Valid: true}
		get(orm.BulkInsert[Cruise](ctx, s, []orm.M{
			{"Key": VoyageKey{"B", 1}, "Start": Spot{1, 2}, "End": there, "Fare": Cost{5, "EUR"}, "Leg": Leg{To: Spot{3, 4}}},
			{"Key": VoyageKey{"B", 2}, "Start": Spot{5, 6}, "End": nil, "Fare": Cost{6, "USD"}, "Leg": Leg{}},
		}))(t)
		get(orm.BulkUpdate[Cruise](ctx, s, []orm.M{{"Key": VoyageKey{"B", 2}, "Start": Spot{7, 7}}}))(t)
		first, second := get(orm.Get[Cruise](ctx, s, VoyageKey{"B", 1}))(t), get(orm.Get[Cruise](ctx, s, VoyageKey{"B", 2}))(t)
		expect(t, []any{Spot{1, 2}, there, Spot{3, 4}}, []any{first.Start, first.End, first.Leg.To})
		expect(t, []any{Spot{7, 7}, sql.Null[Spot]{}}, []any{second.Start, second.End})
		expect(t, true, first == get(orm.Get[Cruise](ctx, s, "B", 1))(t))
		for _, wrong := range []orm.M{{"Key": VoyageKey{"B", 3}, "Start": Cost{}}, {"Key": VoyageKey{"B", 3}, "Start": nil}} {
			_, err := orm.BulkInsert[Cruise](ctx, s, []orm.M{wrong})
			expectKind(t, orm.ErrValue, err)
		}
		_, err := orm.BulkInsert[Cruise](ctx, s, []orm.M{{"Key": VoyageKey{"B", 3}, "Start": Spot{}, "start_x": 1}})
		expectKind(t, orm.ErrArgument, err)
	})
}
