// This file asks databases the same thing in two ways, over random conditions: the
// answers must be the same, whatever they are.

package orm_test

import (
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/aurum-go/orm"
)

// twin asks about cells under random conditions.
type twin struct {
	*maker
	t  *testing.T
	db *testDB
	c  *Cell
}

// onTwins runs a property on every database.
func onTwins(t *testing.T, property func(w *twin)) {
	t.Helper()
	onEachTissue(t, func(t *testing.T, db *testDB, cells []*Cell, fibres []*Fibre) {
		c := orm.Entity[Cell]()
		rapidlyOn(t, db, func(rt *rapid.T) {
			m := newQueries(rt, false, cells, fibres).maker
			m.sources = []*source{cellSource(c, cells)}
			m.below = func(*maker) *source { return fibreSource(orm.Alias[Fibre]("f"), fibres) }
			m.nested = 1
			property(&twin{maker: m, t: t, db: db, c: c})
		})
	})
}

func (w *twin) condition() orm.Expr[bool] {
	return w.truth(rapid.IntRange(0, 3).Draw(w.T, "depth")).expr
}

// numbers are the results of a statement of one whole number.
func (w *twin) numbers(stmt orm.Statement) []int64 {
	w.Helper()
	found, err := orm.Fetch[*int64](w.t.Context(), w.db.Engine, stmt)
	if err != nil {
		w.Fatalf("%v", err)
	}
	list := make([]int64, 0, len(found))
	for _, n := range found {
		if n == nil {
			n = new(int64(-1 << 40))
		}
		list = append(list, *n)
	}
	return list
}

func (w *twin) same(what string, want, got []int64) {
	w.Helper()
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(want, got) {
		w.Fatalf("%s:\n%s", what, gocmp.Diff(want, got))
	}
}

// thirds are the three conditions of which every row meets exactly one.
func thirds(p orm.Expr[bool]) []orm.Expr[bool] { return []orm.Expr[bool]{p, orm.Not(p), p.IsNull()} }

// A condition, its negation and its being unknown part the rows, of WHERE and of
// HAVING, and what is counted and summed up over the parts is what it is of the whole.
func TestEveryConditionPartsTheRowsInThree(t *testing.T) {
	onTwins(t, func(w *twin) {
		p := w.condition()
		ids := orm.Select(orm.C(&w.c.ID)).From(w.c)
		distinct := orm.Select(orm.N(&w.c.N)).From(w.c).Distinct()
		total := orm.Select(orm.Coalesce(orm.Sum(orm.C(&w.c.ID)), orm.Lit[int64](0))).From(w.c)
		group := orm.Select(orm.N(&w.c.N)).From(w.c).GroupBy(orm.N(&w.c.N))
		having := orm.Gt(orm.Sum(orm.N(&w.c.M)), orm.Max(orm.N(&w.c.N)))
		var rows, different, groups []int64
		sum := int64(0)
		for i, third := range thirds(p) {
			rows = append(rows, w.numbers(ids.Where(third))...)
			different = append(different, w.numbers(distinct.Where(third))...)
			sum += w.numbers(total.Where(third))[0]
			groups = append(groups, w.numbers(group.Having(thirds(having)[i]))...)
		}
		slices.Sort(different)
		w.same("WHERE", w.numbers(ids), rows)
		w.same("DISTINCT", w.numbers(distinct), slices.Compact(different))
		w.same("sum", w.numbers(total), []int64{sum})
		w.same("HAVING", w.numbers(group), groups)
	})
}

// What a database can look up by an index is what it finds when it has to try every
// row (NoREC), and De Morgan holds.
func TestEqualConditionsFindEqualRows(t *testing.T) {
	onTwins(t, func(w *twin) {
		p, q := w.condition(), w.condition()
		ids := orm.Select(orm.C(&w.c.ID)).From(w.c)
		tried := orm.Select(orm.Sum(orm.Case[int64]().When(p, 1).Else(0))).From(w.c)
		w.same("count", w.numbers(orm.Select(orm.Count()).From(w.c).Where(p)), w.numbers(tried))
		w.same("filter", w.numbers(tried), w.numbers(orm.Select(orm.Count().Filter(p)).From(w.c)))
		w.same("not and", w.numbers(ids.Where(orm.Not(orm.And(p, q)))), w.numbers(ids.Where(orm.Or(orm.Not(p), orm.Not(q)))))
		w.same("not or", w.numbers(ids.Where(orm.Not(orm.Or(p, q)))), w.numbers(ids.Where(orm.Not(p), orm.Not(q))))
		w.same("not not", w.numbers(ids.Where(p)), w.numbers(ids.Where(orm.Not(orm.Not(p)))))
		w.same("subquery", w.numbers(ids.Where(p)), w.numbers(ids.Where(orm.C(&w.c.ID).InSelect(pivot(p, w.c)))))
	})
}

// pivot selects the keys of the rows that meet a condition, as a query in FROM.
func pivot(p orm.Expr[bool], c *Cell) *orm.SelectStatement {
	s := orm.Select(orm.C(&c.ID).As("id")).From(c).Where(p).Subquery("s")
	return orm.Select(orm.Col[int64](s, "id")).From(s)
}

// The ways to read the objects of a query give the same objects, and reading changes
// nothing.
func TestEveryWayToReadFindsTheSameObjects(t *testing.T) {
	onTwins(t, func(w *twin) {
		ctx := w.t.Context()
		s := orm.NewSession(w.db.Engine)
		defer func() { _ = s.Close() }()
		q := orm.Query[Cell](s).Filter(w.condition()).OrderBy(orm.C(&w.c.ID))
		all, err := q.All(ctx)
		w.check(err)
		want := idsOf(all)
		n, err := q.Count(ctx)
		w.check(err)
		exists, err := q.Exists(ctx)
		w.check(err)
		if int(n) != len(all) || exists != (n > 0) {
			w.Fatalf("%d objects, Count %d, Exists %t", len(all), n, exists)
		}
		keys, err := orm.Pluck(ctx, q, orm.C(&w.c.ID))
		w.check(err)
		w.same("Pluck", slices.Clone(want), keys)
		var streamed, paged []*Cell
		for c, err := range q.Iter(ctx) {
			w.check(err)
			streamed = append(streamed, c)
		}
		size := rapid.IntRange(1, 9).Draw(w.T, "page")
		for at := 0; at < len(all); at += size {
			page, err := q.Limit(size).Offset(at).All(ctx)
			w.check(err)
			paged = append(paged, page...)
		}
		w.same("Iter", slices.Clone(want), idsOf(streamed))
		if !slices.Equal(want, idsOf(paged)) {
			w.Fatalf("pages:\n%s", gocmp.Diff(want, idsOf(paged)))
		}
		w.db.statements()
		w.check(s.Flush(ctx))
		if sent := w.db.statements(); len(sent) > 0 {
			w.Fatalf("reading was written: %q", sent)
		}
	})
}

func (w *twin) check(err error) {
	w.Helper()
	if err != nil {
		w.Fatalf("%v", err)
	}
}

func idsOf(cells []*Cell) []int64 {
	ids := make([]int64, len(cells))
	for i, c := range cells {
		ids[i] = c.ID
	}
	return ids
}

// A list that travels as one parameter finds what one of many parameters does.
func TestALongListFindsWhatShortOnesFind(t *testing.T) {
	onEachTissue(t, func(t *testing.T, db *testDB, _ []*Cell, _ []*Fibre) {
		c := orm.Entity[Cell]()
		long := []int64{2, 3, 5, 7, 11, 13}
		for i := range int64(3000) {
			long = append(long, 1000+i)
		}
		var chunks []orm.Expr[bool]
		for chunk := range slices.Chunk(long, 500) {
			chunks = append(chunks, orm.N(&c.N).In(chunk...))
		}
		for name, pair := range map[string][2]orm.Expr[bool]{
			"in":     {orm.N(&c.N).In(long...), orm.Or(chunks...)},
			"not in": {orm.N(&c.N).NotIn(long...), orm.Not(orm.Or(chunks...))},
		} {
			ids := orm.Select(orm.C(&c.ID)).From(c).OrderBy(orm.C(&c.ID))
			want := get(orm.Fetch[int64](t.Context(), db.Engine, ids.Where(pair[1])))(t)
			got := get(orm.Fetch[int64](t.Context(), db.Engine, ids.Where(pair[0])))(t)
			if diff := gocmp.Diff(want, got); diff != "" || len(want) == 0 {
				t.Errorf("%s (-chunks +list):\n%s", name, diff)
			}
		}
	})
}
