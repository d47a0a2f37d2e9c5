package orm_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/history"
)

// Deed is a row whose past is kept.
type Deed struct {
	orm.Base `orm:"table:deeds"`

	ID      int64  `orm:"primary_key;autoincrement:false"`
	Owner   string `orm:"size:20;unique"`
	Price   int
	Made    time.Time
	Version int `orm:"version"`
}

var deedTime = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// day is the time of a number of days after the deeds' first.
func day(n int) time.Time { return deedTime.AddDate(0, 0, n) }

// keptDeeds makes the tables, and a session whose changes are kept by a clock that
// the test sets.
func keptDeeds(t *testing.T, db *testDB, options ...history.Option) (k *history.Keeper[Deed], s *orm.Session, e *Deed, now *time.Time) {
	t.Helper()
	now = new(deedTime)
	deeds := orm.NewRegistry()
	must(t, deeds.Register(&Deed{}))
	k = get(history.Keep[Deed](deeds, append(options, history.WithClock(func() time.Time { return *now }))...))(t)
	t.Cleanup(k.Stop)
	db.withTables(t, deeds)
	return k, db.session(t, orm.WithRegistry(deeds)), orm.EntityIn[Deed](deeds), now
}

// The row as it was is copied before it is changed, by the same flush, with its
// version, when and what happened.
func TestHistoryKeepsWhatRowsWere(t *testing.T) {
	for _, d := range databases { // one after the other, for the listeners are those of all sessions
		t.Run(d.name, func(t *testing.T) {
			db := openTestDB(t, d.create(t))
			k, s, _, now := keptDeeds(t, db)
			ctx, deed, failure := t.Context(), &Deed{ID: 1, Owner: "ada", Price: 10, Made: day(0)}, errors.New("no")
			s.Add(deed, &Deed{ID: 2, Owner: "bob", Price: 5, Made: day(0)})
			must(t, s.Commit(ctx))
			expect(t, 0, len(get(k.Of(ctx, s, deed))(t)))
			*now = day(1)
			deed.Price = 11
			db.statements()
			must(t, s.Commit(ctx))
			expect(t, []string{"INSERT", "UPDATE"}, heads(db.plainStatements()))
			*now = day(2)
			expectKind(t, failure, s.Nested(ctx, func(ctx context.Context) error {
				deed.Owner = "eve"
				must(t, s.Flush(ctx))
				return failure
			}))
			deed.Owner = "cyd"
			must(t, s.Flush(ctx))
			*now = day(3)
			s.Delete(deed)
			must(t, s.Commit(ctx))
			expect(t, int64(3), countOn(t, db, "deeds_history"))
			versions := get(k.Of(ctx, s, deed))(t)
			var told []any
			for _, v := range versions {
				told = append(told, v.Object.Owner, v.Object.Price, v.Object.Version, v.ChangedAt.UTC(), v.Operation)
			}
			expect(t, []any{"ada", 10, 1, day(1), history.Updated, "ada", 11, 2, day(2), history.Updated, "cyd", 11, 3, day(3), history.Deleted}, told)
			expect(t, 0, len(s.Dirty()))
		})
	}
}

// A query of a time finds the objects as they were then.
func TestHistoryIsAskedAsOfATime(t *testing.T) {
	for _, d := range databases {
		t.Run(d.name, func(t *testing.T) {
			db := openTestDB(t, d.create(t))
			k, s, e, now := keptDeeds(t, db, history.CreatedAt("Made"))
			ctx := t.Context()
			ada := &Deed{ID: 1, Owner: "ada", Price: 10, Made: day(0)}
			s.Add(ada, &Deed{ID: 2, Owner: "bob", Price: 5, Made: day(2)})
			must(t, s.Commit(ctx))
			for n := range 3 { // twice at one time
				*now = day(1 + n/2*2)
				ada.Price++
				must(t, s.Commit(ctx))
			}
			*now = day(5)
			s.Delete(ada)
			must(t, s.Commit(ctx))
			for n, want := range [][]int{{10}, {12}, {12, 5}, {13, 5}, {13, 5}, {5}} {
				var prices []int
				for _, deed := range get(k.AsOf(s, day(n)).OrderBy(orm.C(&e.ID)).All(ctx))(t) {
					prices = append(prices, deed.Price)
					expectState(t, orm.Detached, deed)
				}
				expect(t, want, prices)
			}
			expect(t, int64(1), get(k.AsOf(s, day(3)).Filter(orm.C(&e.Price).Gt(12)).Count(ctx))(t))
		})
	}
}

// Mistakes are said, and a key that is changed has no history.
func TestHistoryIsRefusedWhereItWouldBeWrong(t *testing.T) {
	db, ctx := onSQLite(t), t.Context()
	for name, keep := range map[string]func() error{
		"no model":       func() error { _, err := history.Keep[int](models); return err },
		"nil option":     func() error { _, err := history.Keep[User](models, nil); return err },
		"no such field":  func() error { _, err := history.Keep[User](models, history.CreatedAt("Nothing")); return err },
		"not registered": func() error { _, err := history.Keep[Deed](models); return err },
	} {
		if err := keep(); !errors.Is(err, orm.ErrArgument) && !errors.Is(err, orm.ErrNotRegistered) {
			t.Errorf("%s: %v", name, err)
		}
	}
	k, s, _, _ := keptDeeds(t, db)
	deed := &Deed{ID: 1, Made: day(0)}
	s.Add(deed)
	must(t, s.Commit(ctx))
	deed.ID = 7
	expectKind(t, orm.ErrStaleData, s.Commit(ctx))
	must(t, s.Rollback(ctx))
	_, err := k.Of(ctx, s, nil)
	expectKind(t, orm.ErrArgument, err)
	k.Stop()
	deed.Price = 1
	must(t, s.Commit(ctx))
	expect(t, int64(0), countOn(t, db, "deeds_history"))
}
