// This file tests fields that a query computes.

package orm_test

import (
	"testing"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

type Poet struct {
	orm.Base `orm:"table:poets"`

	ID      int64  `orm:"primary_key"`
	Name    string `orm:"size:30"`
	Count   int64  `orm:"-"`
	Longest *int64 `orm:"-"`
	Poems   []*Poem
}

type Poem struct {
	orm.Base `orm:"table:poems"`

	ID     int64 `orm:"primary_key"`
	Lines  int64
	Loud   string `orm:"-"`
	PoetID int64  `orm:"foreign_key:poets.id"`
}

var poetry = orm.MustRegister(&Poet{}, &Poem{})

func newPoetry(t *testing.T, db *testDB) (s *orm.Session, count, longest orm.Expr[int64]) {
	t.Helper()
	s = db.withTables(t, poetry).session(t)
	s.Add(&Poet{ID: 1, Name: "ann", Poems: []*Poem{{ID: 1, Lines: 14}, {ID: 2, Lines: 4}}}, &Poet{ID: 2, Name: "bob"})
	must(t, s.Commit(t.Context()))
	s.ExpungeAll()
	db.statements()
	p, q := orm.Entity[Poet](), orm.Entity[Poem]()
	of := orm.Eq(orm.C(&q.PoetID), orm.C(&p.ID))
	count = orm.Scalar[int64](orm.Select(orm.Count()).From(q).Where(of))
	longest = orm.Scalar[int64](orm.Select(orm.Max(orm.C(&q.Lines))).From(q).Where(of))
	return s, count, longest
}

// A field that is mapped to no column takes an expression of the query, in the same
// SELECT; it counts as no change, and is not written.
func TestQueryFillsFieldsWithExpressions(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, count, longest := newPoetry(t, db)
		ctx, p := t.Context(), orm.Entity[Poet]()
		poets := orm.Query[Poet](s).OrderBy(orm.C(&p.ID)).Options(orm.WithExpression(&p.Count, count), orm.WithExpression(&p.Longest, longest))
		all := get(poets.All(ctx))(t)
		expect(t, []string{
			"SELECT poets.id, poets.name, (SELECT count(*) FROM poems WHERE poems.poet_id = poets.id), (SELECT max(poems.lines) FROM poems WHERE poems.poet_id = poets.id) FROM poets ORDER BY poets.id",
		}, db.plainStatements())
		expect(t, []int64{2, 0}, []int64{all[0].Count, all[1].Count})
		expect(t, []*int64{new(int64(14)), nil}, []*int64{all[0].Longest, all[1].Longest})
		all[0].Count = 9
		expect(t, 0, len(s.Dirty()))
		_ = get(poets.All(ctx))(t)
		expect(t, int64(9), all[0].Count) // it is there already
		_ = get(poets.PopulateExisting().All(ctx))(t)
		expect(t, int64(2), all[0].Count)
		s.ExpungeAll()
		plain := get(orm.Query[Poet](s).OrderBy(orm.C(&p.ID)).All(ctx))(t)
		expect(t, int64(0), plain[0].Count)
	})
}

// Expressions go with the other ways to read: a limit below what is joined, streams,
// objects that nobody holds, and members that are loaded by a statement of their own.
func TestExpressionsGoWithOtherOptions(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, count, _ := newPoetry(t, db)
		ctx, p, q := t.Context(), orm.Entity[Poet](), orm.Entity[Poem]()
		poets := orm.Query[Poet](s).OrderBy(orm.C(&p.ID)).Options(orm.WithExpression(&p.Count, count))
		limited := get(poets.Limit(1).Options(orm.JoinedLoad(&p.Poems)).One(ctx))(t)
		expect(t, []int64{2, 2}, []int64{limited.Count, int64(len(limited.Poems))})
		s.ExpungeAll()
		var counts []int64
		for poet, err := range poets.Iter(ctx) {
			must(t, err)
			counts = append(counts, poet.Count)
		}
		expect(t, []int64{2, 0}, counts)
		expect(t, int64(2), get(poets.Untracked().All(ctx))(t)[0].Count)
		loud := orm.WithExpression(&q.Loud, orm.Concat(orm.Cast[string](orm.C(&q.Lines), types.String(10)), orm.Lit("!")))
		nested := get(poets.Options(orm.SelectInLoad(&p.Poems, loud)).All(ctx))(t)
		expect(t, "14!", nested[0].Poems[0].Loud)
		expect(t, int64(2), get(poets.Count(ctx))(t))
	})
}

// What cannot be computed says why.
func TestExpressionsThatDoNotFitAreRefused(t *testing.T) {
	db := onSQLite(t)
	s, count, _ := newPoetry(t, db)
	ctx, p, q := t.Context(), orm.Entity[Poet](), orm.Entity[Poem]()
	for _, test := range []struct {
		option orm.Option
		kind   error
	}{
		{orm.WithExpression(&p.Name, count), orm.ErrArgument},
		{orm.WithExpression(&p.Poems, count), orm.ErrArgument},
		{orm.WithExpression(&p.Count, nil), orm.ErrArgument},
		{orm.WithExpression(new(int64), count), orm.ErrArgument},
		{orm.JoinedLoad(&p.Poems, orm.WithExpression(&q.Loud, orm.Lit("x"))), orm.ErrUnsupported},
	} {
		_, err := orm.Query[Poet](s).Options(test.option).All(ctx)
		expectKind(t, test.kind, err)
	}
	_, err := orm.Query[Poet](s).Options(orm.WithExpression(&p.Count, orm.Null[int64]())).All(ctx)
	expectKind(t, orm.ErrDecode, err)
	_, err = orm.FromSQL[Poet](s, "SELECT id, name FROM poets").Options(orm.WithExpression(&p.Count, count)).All(ctx)
	expectKind(t, orm.ErrUnsupported, err)
}
