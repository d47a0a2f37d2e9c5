package orm_test

import (
	"context"
	"errors"
	"reflect"
	"testing"

	"github.com/aurum-go/orm"
)

// byRegion says on which shard a new object is to be.
var byRegion = orm.ShardChooser(func(m orm.Model) (string, error) {
	if outlet, ok := m.(*Outlet); ok {
		return outlet.Region, nil
	}
	return "", errors.New("it belongs to no outlet")
})

// shardsOf returns two databases with the same tables, and a factory of sessions on
// both.
func shardsOf(t *testing.T, db *testDB, options ...orm.ShardOption) (sessions *orm.SessionFactory, eu, us *testDB) {
	t.Helper()
	eu, us = db.another(t, outletsDDL, receiptsDDL), db.another(t, outletsDDL, receiptsDDL)
	engines := map[string]*orm.Engine{"eu": eu.Engine, "us": us.Engine}
	return orm.NewSessionFactory(nil, orm.Shards(engines, append(options, byRegion)...)), eu, us
}

// filled adds outlets of the same keys on both shards, with receipts.
func filled(t *testing.T, sessions *orm.SessionFactory, eu, us *testDB) *orm.Session {
	t.Helper()
	s := sessions.New()
	t.Cleanup(func() { must(t, s.Close()) })
	american := outletWith(1, 1, 2)
	american.Region = "us"
	s.Add(outletWith(1, 1), american, outletWith(2))
	must(t, s.Commit(t.Context()))
	eu.statements()
	us.statements()
	return s
}

// A new object goes to the shard that is chosen for it, and what belongs to it goes
// with it; the same key on two shards is two objects, each with what is its own.
func TestSameKeyOnTwoShardsIsTwoObjects(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		sessions, eu, us := shardsOf(t, db)
		s, ctx, e := filled(t, sessions, eu, us), t.Context(), orm.Entity[Outlet]()
		expect(t, []int64{2, 1, 1, 2}, []int64{countOn(t, eu, "outlets"), countOn(t, us, "outlets"), countOn(t, eu, "receipts"), countOn(t, us, "receipts")})
		for range 2 { // as they were added, and as they are read
			outlets := get(orm.Query[Outlet](s).OrderBy(orm.C(&e.ID)).Options(orm.SelectInLoad(&e.Receipts)).All(ctx))(t)
			expect(t, 3, len(outlets))
			expect(t, []string{"eu", "eu", "us"}, []string{orm.ShardOf(outlets[0]), orm.ShardOf(outlets[1]), orm.ShardOf(outlets[2])})
			expect(t, []int{1, 0, 2}, []int{len(outlets[0].Receipts), len(outlets[1].Receipts), len(outlets[2].Receipts)})
			if outlets[0] == outlets[2] || outlets[0].Receipts[0] == outlets[2].Receipts[0] {
				t.Error("two rows are one object")
			}
			s.ExpungeAll()
		}
		outlets := get(orm.Query[Outlet](s).OrderBy(orm.C(&e.ID)).All(ctx))(t)
		eu.statements()
		us.statements()
		must(t, orm.Load(ctx, outlets[2], &outlets[2].Receipts))
		expect(t, []int{2, 1, 0}, []int{len(outlets[2].Receipts), len(us.statements()), len(eu.statements())})
		must(t, orm.Load(ctx, outlets[0], &outlets[0].Receipts))
		expect(t, 1, len(outlets[0].Receipts))
		expect(t, true, outlets[2].Receipts[0].Outlet == outlets[2])
	})
}

// Changes are written where the object is, and a rollback puts back each object.
func TestObjectIsWrittenOnItsShard(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		sessions, eu, us := shardsOf(t, db)
		s, ctx, e := filled(t, sessions, eu, us), t.Context(), orm.Entity[Outlet]()
		outlets := get(orm.Query[Outlet](s).Filter(orm.C(&e.ID).Eq(1)).All(ctx))(t)
		outlets[0].Region, outlets[1].Region = "EU", "US"
		must(t, s.Flush(ctx))
		regions := func() []string {
			return get(orm.Fetch[string](ctx, s, orm.Select(orm.C(&e.Region)).Where(orm.C(&e.ID).Eq(1))))(t)
		}
		expect(t, []string{"EU", "US"}, regions())
		must(t, s.Rollback(ctx))
		expect(t, []string{"eu", "us"}, []string{outlets[0].Region, outlets[1].Region})
		must(t, s.Refresh(ctx, outlets[1]))
		expect(t, "us", outlets[1].Region)
		receipts := get(orm.Query[Receipt](s).Filter(orm.C(&orm.Entity[Receipt]().ID).Eq(1)).All(ctx))(t)
		s.Delete(receipts[0])
		must(t, s.Commit(ctx))
		expect(t, []int64{0, 2}, []int64{countOn(t, eu, "receipts"), countOn(t, us, "receipts")})
		n := get(orm.Query[Outlet](s).Filter(orm.C(&e.ID).Eq(1)).Update(ctx, orm.C(&e.Region).Set("all")))(t)
		expect(t, int64(2), n)
		expect(t, []string{"all", "all"}, []string{outlets[0].Region, outlets[1].Region})
		get(orm.Query[Outlet](s).Filter(orm.C(&e.ID).Eq(1)).Update(orm.OnShard(ctx, "us"), orm.C(&e.Region).Set("one")))(t)
		expect(t, []string{"all", "one"}, []string{outlets[0].Region, outlets[1].Region})
		must(t, s.Commit(ctx))
	})
}

// Choosers and OnShard say who is asked.
func TestShardsAreAskedAsChosen(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		sessions, eu, us := shardsOf(t, db,
			orm.IdentityChooser(func(model reflect.Type, key []any) []string {
				if model.Name() == "Outlet" && key[0] == 2 {
					return []string{"eu"}
				}
				return nil
			}),
			orm.ExecuteChooser(func(_ context.Context, q orm.RouteRequest) []string {
				if q.Model != nil && q.Model.Name() == "Receipt" {
					return []string{"us", "eu"}
				}
				return nil
			}))
		s, ctx, e := filled(t, sessions, eu, us), t.Context(), orm.Entity[Outlet]()
		s.ExpungeAll()
		american := get(orm.Get[Outlet](orm.OnShard(ctx, "us"), s, 1))(t)
		expect(t, "us", american.Region)
		european := get(orm.Get[Outlet](ctx, s, 1))(t)
		expect(t, "eu", european.Region)
		us.statements()
		get(orm.Get[Outlet](ctx, s, 2))(t)
		expect(t, 0, len(us.statements()))
		receipts := get(orm.Query[Receipt](s).All(ctx))(t)
		expect(t, []string{"us", "us", "eu"}, []string{orm.ShardOf(receipts[0]), orm.ShardOf(receipts[1]), orm.ShardOf(receipts[2])})
		expect(t, int64(3), get(orm.Query[Outlet](s).Count(ctx))(t))
		expect(t, int64(1), get(orm.Query[Outlet](s).Count(orm.OnShard(ctx, "us")))(t))
		expect(t, 3, len(get(orm.FromSQL[Outlet](s, "SELECT * FROM outlets").All(ctx))(t)))
		streamed := 0
		for _, err := range orm.Query[Outlet](s).Options(orm.SelectInLoad(&e.Receipts)).Iter(ctx) {
			must(t, err)
			if streamed++; streamed == 2 {
				break
			}
		}
		expect(t, 2, streamed)
		_, err := orm.Get[Outlet](ctx, s, 99)
		expectKind(t, orm.ErrNoRows, err)
		_, err = orm.Get[Outlet](orm.OnShard(ctx, "asia"), s, 1)
		expectKind(t, orm.ErrUnknownName, err)
		merged := get(orm.Merge(orm.OnShard(ctx, "us"), s, &Outlet{ID: 1, Region: "merged"}))(t)
		expect(t, true, merged == american)
		must(t, s.Commit(ctx))
		expect(t, "eu", european.Region)
	})
}

// What would be on two shards at once, or on none that is known, is refused.
func TestShardsAreKeptApart(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		sessions, eu, us := shardsOf(t, db)
		s, ctx, e := filled(t, sessions, eu, us), t.Context(), orm.Entity[Outlet]()
		outlets := get(orm.Query[Outlet](s).OrderBy(orm.C(&e.ID)).Options(orm.SelectInLoad(&e.Receipts)).All(ctx))(t)
		outlets[0].Receipts = append(outlets[0].Receipts, outlets[2].Receipts[0])
		outlets[2].Receipts = outlets[2].Receipts[1:]
		expectKind(t, orm.ErrUnsupported, s.Flush(ctx))
		must(t, s.Rollback(ctx))
		s.Add(&Outlet{ID: 5, Region: "asia"})
		expectKind(t, orm.ErrUnknownName, s.Flush(ctx))
		must(t, s.Rollback(ctx))
		s.Add(&Receipt{ID: 5})
		if err := s.Flush(ctx); err == nil || err.Error() != "it belongs to no outlet" {
			t.Errorf("the error is %v", err)
		}
		must(t, s.Rollback(ctx))
		_, err := orm.Exec(ctx, s, orm.Insert(e).Set(orm.C(&e.ID).Set(7)))
		expectKind(t, orm.ErrAmbiguous, err)
		_, err = orm.Exec(orm.OnShard(ctx, "us"), s, orm.Insert(e).Set(orm.C(&e.ID).Set(7), orm.C(&e.Region).Set("us")))
		must(t, err)
		_, err = orm.BulkInsert[Outlet](orm.OnShard(ctx, "eu"), s, []orm.M{{"ID": 8, "Region": "eu"}})
		must(t, err)
		must(t, s.Commit(ctx))
		expect(t, []int64{3, 2}, []int64{countOn(t, eu, "outlets"), countOn(t, us, "outlets")})
		expectKind(t, orm.ErrUnsupported, orm.Collection(outlets[0], &outlets[0].Receipts).Add(&Receipt{ID: 9}))
	})
}

// Mistakes in what shards there are come out of the first call.
func TestShardsAreChecked(t *testing.T) {
	db := onSQLite(t)
	for name, option := range map[string]orm.SessionOption{
		"none":             orm.Shards(nil),
		"nil engine":       orm.Shards(map[string]*orm.Engine{"a": nil}),
		"one engine twice": orm.Shards(map[string]*orm.Engine{"a": db.Engine, "b": db.Engine}),
		"nil option":       orm.Shards(map[string]*orm.Engine{"a": db.Engine}, nil),
	} {
		s := orm.NewSession(db.Engine, option)
		if err := s.Flush(t.Context()); !errors.Is(err, orm.ErrArgument) {
			t.Errorf("%s: %v", name, err)
		}
		must(t, s.Close())
	}
}

// Dancer and Ball belong together by a link table.
type Dancer struct {
	orm.Base `orm:"table:dancers"`

	ID    int64   `orm:"primary_key;autoincrement:false"`
	Balls []*Ball `orm:"secondary:dance_cards;back_populates:Dancers"`
}

type Ball struct {
	orm.Base `orm:"table:balls"`

	ID      int64     `orm:"primary_key;autoincrement:false"`
	Dancers []*Dancer `orm:"secondary:dance_cards;back_populates:Balls"`
}

var balls = orm.MustRegister(&Dancer{}, &Ball{})

// The rows of link tables are where both of their ends are: on their engine, or on
// their shard. What would be on two is refused.
func TestLinkRowsAreWhereTheirEndsAre(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx, odd, even := t.Context(), db.another(t).withTables(t, balls), db.another(t).withTables(t, balls)
		halves := orm.Shards(map[string]*orm.Engine{"even": even.Engine, "odd": odd.Engine}, orm.ShardChooser(func(m orm.Model) (string, error) {
			if p, ok := m.(*Ball); ok {
				return []string{"even", "odd"}[p.ID%2], nil
			}
			return []string{"even", "odd"}[m.(*Dancer).ID%2], nil
		}))
		for name, option := range map[string]orm.SessionOption{"bound": orm.Bind(balls, odd.Engine), "shards": halves} {
			s := db.session(t, option)
			ball := &Ball{ID: 1, Dancers: []*Dancer{{ID: 1}, {ID: 3}}}
			s.Add(ball)
			must(t, s.Commit(ctx))
			expect(t, int64(2), countOn(t, odd, "dance_cards"))
			s.ExpungeAll()
			e := orm.Entity[Ball]()
			ball = get(orm.Query[Ball](s).Options(orm.SelectInLoad(&e.Dancers)).One(ctx))(t)
			expect(t, 2, len(ball.Dancers))
			expect(t, int64(1), get(orm.Query[Ball](s).Join(&e.Dancers).Filter(orm.C(&orm.Entity[Dancer]().ID).Eq(3)).Count(ctx))(t))
			ball.Dancers = ball.Dancers[:1]
			must(t, s.Commit(ctx))
			expect(t, int64(1), countOn(t, odd, "dance_cards"))
			if name == "shards" {
				ball.Dancers = append(ball.Dancers, &Dancer{ID: 2})
				expectKind(t, orm.ErrUnsupported, s.Commit(ctx))
				must(t, s.Rollback(ctx))
			}
			s.Delete(ball)
			for _, g := range get(orm.Query[Dancer](s).All(ctx))(t) {
				s.Delete(g)
			}
			must(t, s.Commit(ctx))
			expect(t, []int64{0, 0}, []int64{countOn(t, odd, "dance_cards"), countOn(t, odd, "dancers")})
		}
	})
}
