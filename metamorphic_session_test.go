// This file compares what sessions do in two ways that must come to the same.

package orm_test

import (
	"context"
	"errors"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/aurum-go/orm"
)

// A table under another name, and a condition that stands in criteria, find the same
// rows.
func TestNamesAndPlacesOfConditionsChangeNothing(t *testing.T) {
	onTwins(t, func(w *twin) {
		p := w.condition()
		ids := orm.Select(orm.C(&w.c.ID)).From(w.c)
		want := w.numbers(ids.Where(p))
		renamed := orm.Select(orm.C(&w.c.ID)).From(orm.As(w.c, orm.Select(w.c).From(w.c).Subquery("other")))
		w.same("another name", slices.Clone(want), w.numbers(renamed.Where(p)))
		criteria := orm.CriteriaFor(func(*Cell) orm.Expr[bool] { return p })
		w.same("criteria", want, w.numbers(ids.WithCriteria(criteria)))
	})
}

// orderLines are order lines with keys of their own.
func orderLines(rt *rapid.T) []*OrderLine {
	keys := rapid.SliceOfDistinct(rapid.IntRange(1, 40), rapid.ID[int]).Draw(rt, "keys")
	made := make([]*OrderLine, len(keys))
	for i, key := range keys {
		made[i] = &OrderLine{OrderID: int64(key / 7), LineNo: key % 7, SKU: rapid.SampledFrom([]string{"", "a", "b"}).Draw(rt, "sku")}
	}
	return made
}

// lineRow is an order line as it is stored.
type lineRow = orm.Tuple3[int64, int, string]

// stored are the order lines of the database.
func stored(ctx context.Context, rt *rapid.T, db *testDB) []lineRow {
	l := orm.Entity[OrderLine]()
	rows, err := orm.Fetch[lineRow](ctx, db.Engine, orm.Select(orm.C(&l.OrderID), orm.C(&l.LineNo), orm.C(&l.SKU)).OrderBy(orm.C(&l.OrderID), orm.C(&l.LineNo)))
	if err != nil {
		rt.Fatalf("%v", err)
	}
	return rows
}

// Whatever the order of Add, and whether one flush writes all objects or each one by
// itself, the database is the same.
func TestOrderOfAddMakesNoDifference(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withModels(t)
		rapidlyOn(t, db, func(rt *rapid.T) {
			ctx, all := t.Context(), orderLines(rt)
			order := rapid.Permutation(all).Draw(rt, "order")
			var found [2][]lineRow
			for i, objects := range [][]*OrderLine{all, order} {
				err := orm.NewSessionFactory(db.Engine).Transact(ctx, func(ctx context.Context, s *orm.Session) error {
					if _, err := orm.Query[OrderLine](s).AllRows().Delete(ctx); err != nil {
						return err
					}
					for _, o := range objects {
						s.Add(&OrderLine{OrderID: o.OrderID, LineNo: o.LineNo, SKU: o.SKU})
						if i == 1 {
							if err := s.Flush(ctx); err != nil {
								return err
							}
						}
					}
					return nil
				})
				if err != nil {
					rt.Fatalf("%v", err)
				}
				found[i] = stored(ctx, rt, db)
			}
			if diff := gocmp.Diff(found[0], found[1]); diff != "" || len(found[0]) != len(all) {
				rt.Fatalf("%d lines (-together +one by one):\n%s", len(all), diff)
			}
		})
	})
}

// A nested block that fails leaves the database, and what follows, as if it had not
// been there.
func TestNestedBlockThatFailsIsNothing(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withModels(t)
		failure := errors.New("no")
		rapidlyOn(t, db, func(rt *rapid.T) {
			ctx, all := t.Context(), orderLines(rt)
			half := all[:len(all)/2]
			err := orm.NewSessionFactory(db.Engine).Transact(ctx, func(ctx context.Context, s *orm.Session) error {
				if _, err := orm.Query[OrderLine](s).AllRows().Delete(ctx); err != nil {
					return err
				}
				orm.AddAll(s, half)
				if err := s.Flush(ctx); err != nil {
					return err
				}
				nested := s.Nested(ctx, func(ctx context.Context) error {
					for i, o := range half {
						if o.SKU += "!"; i%2 == 0 {
							s.Delete(o)
						}
					}
					orm.AddAll(s, all[len(half):])
					if err := s.Flush(ctx); err != nil {
						return err
					}
					return failure
				})
				if !errors.Is(nested, failure) {
					rt.Fatalf("%v", nested)
				}
				return nil
			})
			if err != nil {
				rt.Fatalf("%v", err)
			}
			var want []lineRow
			for _, o := range half {
				want = append(want, lineRow{V1: o.OrderID, V2: o.LineNo, V3: o.SKU})
			}
			slices.SortFunc(want, func(a, b lineRow) int { return int(a.V1-b.V1)*100 + a.V2 - b.V2 })
			if got := stored(ctx, rt, db); !slices.Equal(want, got) {
				rt.Fatalf("(-want +got):\n%s", gocmp.Diff(want, got))
			}
		})
	})
}
