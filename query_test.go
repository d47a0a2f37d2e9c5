// This file tests queries over mapped structs: the statements that they send,
// and the objects and mistakes that come back.

package orm_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aurum-go/orm"
)

// Planet has a column that queries leave out.
type Planet struct {
	orm.Base `orm:"table:planets"`

	ID    int64
	Name  string `orm:"size:40;unique"`
	Rings bool
	Story string `orm:"deferred"`
}

// Moon belongs to a planet.
type Moon struct {
	orm.Base `orm:"table:moons"`

	ID       int64
	Name     string `orm:"size:40"`
	Radius   *int
	PlanetID int64 `orm:"foreign_key:planets.id"`
}

// Transfer leads from one planet to another, so that a join is ambiguous.
type Transfer struct {
	orm.Base `orm:"table:transfers"`

	ID     int64
	FromID int64 `orm:"foreign_key:planets.id"`
	ToID   int64 `orm:"foreign_key:planets.id"`
}

// Comet refers to nothing.
type Comet struct {
	orm.Base `orm:"table:comets"`

	ID   int64
	Name string `orm:"size:40"`
}

var skyModels = orm.MustRegister(&Planet{}, &Moon{}, &Transfer{}, &Comet{})

const (
	planetColumns = "planets.id, planets.name, planets.rings"
	moonColumns   = "moons.id, moons.name, moons.radius, moons.planet_id"
)

// sky is a session on a database with planets and moons, and the entity
// references to ask for them.
type sky struct {
	*orm.Session
	db    *testDB
	p     *Planet
	m     *Moon
	other *Moon // an alias
}

// newSky fills the database: Earth has Luna, Mars Phobos and Deimos, Saturn
// Titan and Dione, whose radius is not known, and Venus has no moon.
func newSky(t *testing.T, db *testDB, options ...orm.SessionOption) *sky {
	t.Helper()
	ctx := t.Context()
	must(t, skyModels.CreateAll(ctx, db.Engine))
	s := db.session(t, options...)
	planets := []*Planet{{Name: "Earth", Story: "blue"}, {Name: "Mars", Story: "red"}, {Name: "Saturn", Rings: true}, {Name: "Venus"}}
	orm.AddAll(s, planets)
	must(t, s.Flush(ctx))
	luna, phobos, deimos, titan := 1737, 11, 6, 2575
	orm.AddAll(s, []*Moon{
		{Name: "Luna", Radius: &luna, PlanetID: planets[0].ID},
		{Name: "Phobos", Radius: &phobos, PlanetID: planets[1].ID},
		{Name: "Deimos", Radius: &deimos, PlanetID: planets[1].ID},
		{Name: "Titan", Radius: &titan, PlanetID: planets[2].ID},
		{Name: "Dione", PlanetID: planets[2].ID},
	})
	must(t, s.Commit(ctx))
	s.ExpungeAll()
	db.statements()
	return &sky{s, db, orm.Entity[Planet](), orm.Entity[Moon](), orm.Alias[Moon]("other")}
}

func (s *sky) planets() *orm.EntityQuery[Planet] {
	return orm.Query[Planet](s.Session).OrderBy(orm.C(&s.p.ID))
}
func (s *sky) moons() *orm.EntityQuery[Moon] {
	return orm.Query[Moon](s.Session).OrderBy(orm.C(&s.m.ID))
}

var numberedPlaceholder = regexp.MustCompile(`\$[0-9]+`)

// sentPlain returns the statements that were sent, with ? for a placeholder.
func (db *testDB) sentPlain() []string {
	var sent []string
	for _, text := range db.statements() {
		sent = append(sent, numberedPlaceholder.ReplaceAllString(text, "?"))
	}
	return sent
}

func planetNames(planets []*Planet) []string {
	names := make([]string, len(planets))
	for i, p := range planets {
		names[i] = p.Name
	}
	return names
}

func moonNames(moons []*Moon) []string {
	names := make([]string, len(moons))
	for i, m := range moons {
		names[i] = m.Name
	}
	return names
}

func compare(t *testing.T, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestEachAnswerOfAQueryIsOneStatement(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s := newSky(t, db)
		ctx := t.Context()
		earth := orm.Query[Planet](s.Session).FilterBy("Name", "Earth")
		f := db.Dialect().Features()
		offsetOnly, forUpdate := " OFFSET ?", " FOR UPDATE"
		if f.OffsetLimit != "" {
			offsetOnly = " LIMIT " + f.OffsetLimit + offsetOnly
		}
		if f.LocksIgnored {
			forUpdate = ""
		}
		fromPlanets := "SELECT " + planetColumns + " FROM planets"
		fromMoons := "SELECT " + moonColumns + " FROM moons"
		for _, test := range []struct {
			name string
			run  func() (any, error)
			want string
		}{
			{"All", func() (any, error) { return s.planets().All(ctx) }, fromPlanets + " ORDER BY planets.id"},
			{"First", func() (any, error) { return s.planets().First(ctx) }, fromPlanets + " ORDER BY planets.id LIMIT ?"},
			{"One", func() (any, error) { return earth.One(ctx) }, fromPlanets + " WHERE planets.name = ? LIMIT ?"},
			{"OneOrNil", func() (any, error) { return earth.OneOrNil(ctx) }, fromPlanets + " WHERE planets.name = ? LIMIT ?"},
			{"Count", func() (any, error) { return s.planets().Count(ctx) }, "SELECT count(*) FROM planets"},
			{"Exists", func() (any, error) { return s.planets().Exists(ctx) }, "SELECT 1 FROM planets LIMIT ?"},
			{"Pluck", func() (any, error) { return orm.Pluck(ctx, s.planets(), orm.C(&s.p.Name)) }, "SELECT planets.name FROM planets ORDER BY planets.id"},
			{"conditions are joined with AND", func() (any, error) {
				return earth.Filter(orm.C(&s.p.ID).Gt(0), orm.Not(orm.C(&s.p.Rings).Eq(true))).FilterBy("Story", "blue", "Rings", false).All(ctx)
			}, fromPlanets + " WHERE planets.name = ? AND planets.id > ? AND planets.rings <> ? AND planets.story = ? AND planets.rings = ?"},
			{"nil is NULL", func() (any, error) { return orm.Query[Moon](s.Session).FilterBy("Radius", nil).All(ctx) }, fromMoons + " WHERE moons.radius IS NULL"},
			{"zero is a value", func() (any, error) { return orm.Query[Moon](s.Session).FilterBy("Radius", 0).All(ctx) }, fromMoons + " WHERE moons.radius = ?"},
			{"an expression", func() (any, error) { return orm.Query[Moon](s.Session).FilterBy("ID", orm.C(&s.m.PlanetID)).All(ctx) }, fromMoons + " WHERE moons.id = moons.planet_id"},
			{"a name", func() (any, error) { return orm.Query[Moon](s.Session).Filter(orm.F("Name").Eq("Luna")).All(ctx) }, fromMoons + " WHERE moons.name = ?"},
			{"a name orders", func() (any, error) { return orm.Query[Moon](s.Session).OrderBy(orm.F("Name").Desc()).All(ctx) }, fromMoons + " ORDER BY moons.name DESC"},
			{"Limit and Offset", func() (any, error) { return s.planets().Limit(2).Offset(1).All(ctx) }, fromPlanets + " ORDER BY planets.id LIMIT ? OFFSET ?"},
			{"Offset alone", func() (any, error) { return s.planets().Offset(1).All(ctx) }, fromPlanets + " ORDER BY planets.id" + offsetOnly},
			{"Unordered", func() (any, error) { return s.planets().Unordered().All(ctx) }, fromPlanets},
			{"Distinct", func() (any, error) { return s.planets().Distinct().All(ctx) }, "SELECT DISTINCT " + planetColumns + " FROM planets ORDER BY planets.id"},
			{"GroupBy and Having", func() (any, error) {
				return orm.Query[Planet](s.Session).Join(s.m).GroupBy(orm.C(&s.p.ID)).Having(orm.Count().Gt(1)).All(ctx)
			}, fromPlanets + " JOIN moons ON planets.id = moons.planet_id GROUP BY planets.id HAVING count(*) > ?"},
			{"Join by the one foreign key", func() (any, error) { return s.moons().Join(s.p).All(ctx) },
				fromMoons + " JOIN planets ON planets.id = moons.planet_id ORDER BY moons.id"},
			{"OuterJoin", func() (any, error) {
				return orm.Query[Planet](s.Session).OuterJoin(s.m).Filter(orm.C(&s.m.ID).IsNull()).All(ctx)
			},
				fromPlanets + " LEFT OUTER JOIN moons ON planets.id = moons.planet_id WHERE moons.id IS NULL"},
			{"Join on a condition", func() (any, error) { return s.moons().Join(s.p, orm.Lt(orm.C(&s.p.ID), orm.C(&s.m.ID))).All(ctx) },
				fromMoons + " JOIN planets ON planets.id < moons.id ORDER BY moons.id"},
			{"Join with an alias", func() (any, error) {
				return s.moons().Join(s.other, orm.Eq(orm.C(&s.m.PlanetID), orm.C(&s.other.PlanetID))).Filter(orm.C(&s.other.Name).Eq("Phobos")).All(ctx)
			}, fromMoons + " JOIN moons AS other ON moons.planet_id = other.planet_id WHERE other.name = ? ORDER BY moons.id"},
			{"Params", func() (any, error) {
				return orm.Query[Moon](s.Session).Filter(orm.Eq(orm.C(&s.m.Name), orm.Param[string]("name"))).Params(orm.M{"name": "Luna"}).All(ctx)
			}, fromMoons + " WHERE moons.name = ?"},
			{"ForUpdate", func() (any, error) { return earth.ForUpdate().All(ctx) }, fromPlanets + " WHERE planets.name = ?" + forUpdate},
			{"Count of a page", func() (any, error) { return s.planets().Limit(2).Count(ctx) },
				"SELECT count(*) FROM (SELECT " + planetColumns + " FROM planets LIMIT ?) AS counted"},
			{"Exists behind distinct rows", func() (any, error) { return s.planets().Distinct().Offset(1).Exists(ctx) },
				"SELECT 1 FROM (SELECT DISTINCT " + planetColumns + " FROM planets" + offsetOnly + ") AS probed LIMIT ?"},
			{"Count takes no lock", func() (any, error) { return earth.ForUpdate().Count(ctx) }, "SELECT count(*) FROM planets WHERE planets.name = ?"},
		} {
			if _, err := test.run(); err != nil {
				t.Errorf("%s: %v", test.name, err)
			}
			if diff := cmp.Diff([]string{test.want}, db.sentPlain()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", test.name, diff)
			}
		}
	})
}

// shapes are queries whose rows are counted in different ways.
func (s *sky) shapes() map[string]*orm.EntityQuery[Planet] {
	planets := s.planets()
	joined := planets.Join(s.m)
	return map[string]*orm.EntityQuery[Planet]{
		"plain":             planets,
		"filtered":          planets.Filter(orm.C(&s.p.Rings).Eq(true)),
		"nothing":           planets.FilterBy("Name", "Vulcan"),
		"joined":            joined,
		"outer joined":      planets.OuterJoin(s.m),
		"distinct":          joined.Distinct(),
		"distinct page":     joined.Distinct().Limit(2).Offset(1),
		"behind distinct":   joined.Distinct().Offset(3),
		"limit":             planets.Limit(3),
		"no limit reached":  planets.Limit(100),
		"limit zero":        planets.Limit(0),
		"page":              planets.Limit(2).Offset(3),
		"behind the end":    planets.Offset(4),
		"grouped":           joined.GroupBy(orm.C(&s.p.ID)),
		"having":            joined.GroupBy(orm.C(&s.p.ID)).Having(orm.Count().Gt(1)),
		"having, page":      joined.GroupBy(orm.C(&s.p.ID)).Having(orm.Count().Gt(1)).Limit(1),
		"locked":            planets.ForUpdate(),
		"untracked":         planets.Untracked(),
		"ordered by a join": planets.Join(s.m).OrderBy(orm.C(&s.m.Name).Desc()),
	}
}

func TestCountAndExistsAgreeWithAll(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s := newSky(t, db)
		ctx := t.Context()
		for name, q := range s.shapes() {
			all, err := q.All(ctx)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			n, countErr := q.Count(ctx)
			some, existsErr := q.Exists(ctx)
			if countErr != nil || existsErr != nil {
				t.Fatalf("%s: %v, %v", name, countErr, existsErr)
			}
			if n != int64(len(all)) || some != (n > 0) {
				t.Errorf("%s: All has %d objects, Count says %d and Exists %t", name, len(all), n, some)
			}
			first, err := q.First(ctx)
			switch {
			case len(all) == 0 && errors.Is(err, orm.ErrNoRows):
			case len(all) == 0 || err != nil:
				t.Errorf("%s: First gives %v, %v", name, first, err)
			case first.Name != all[0].Name:
				t.Errorf("%s: First is %s, All begins with %s", name, first.Name, all[0].Name)
			}
		}
	})
}

func TestColumnOfANameGivesTheValuesOfItsType(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s := newSky(t, db)
		ctx := t.Context()
		compare(t, []any{"Earth", "Mars", "Saturn", "Venus"}, get(orm.Pluck(ctx, s.planets(), orm.F("Name")))(t))
		compare(t, []any{false, false, true, false}, get(orm.Pluck(ctx, s.planets(), orm.F("Rings")))(t))
		compare(t, []any{int64(1737), int64(11), int64(6), int64(2575), nil}, get(orm.Pluck(ctx, s.moons(), orm.F("Radius")))(t))
	})
}

func TestAggregatesOverEntitiesAreFetched(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s := newSky(t, db)
		type row struct {
			Planet        string
			Moons, Sized  int64
			Largest, Span *int
		}
		span := orm.Subtract(orm.Max(orm.N(&s.m.Radius)), orm.Min(orm.N(&s.m.Radius)))
		got := get(orm.Fetch[row](t.Context(), s.Session, orm.Select(
			orm.C(&s.p.Name).As("planet"), orm.Count(orm.C(&s.m.ID)).As("moons"), orm.Count(orm.N(&s.m.Radius)).As("sized"),
			orm.Max(orm.N(&s.m.Radius)).As("largest"), span.As("span"),
		).From(s.p).OuterJoin(s.m).GroupBy(orm.C(&s.p.Name)).OrderBy(orm.C(&s.p.Name))))(t)
		n := func(i int) *int { return &i }
		compare(t, []row{
			{"Earth", 1, 1, n(1737), n(0)}, {"Mars", 2, 2, n(11), n(5)}, {"Saturn", 2, 1, n(2575), n(0)}, {"Venus", 0, 0, nil, nil},
		}, got)
	})
}

func TestQueriesAreNotChangedByTheirMethods(t *testing.T) {
	db := onSQLite(t)
	s := newSky(t, db)
	base := s.planets().Filter(orm.C(&s.p.ID).Gt(0))
	text := func(q *orm.EntityQuery[Planet]) string {
		sql, _, err := orm.Compile(q.Statement(), "postgres")
		must(t, err)
		return sql
	}
	want := text(base)
	for name, extended := range map[string]*orm.EntityQuery[Planet]{
		"Filter":    base.Filter(orm.C(&s.p.ID).Lt(9)),
		"FilterBy":  base.FilterBy("Name", "Earth"),
		"OrderBy":   base.OrderBy(orm.C(&s.p.Name)),
		"Unordered": base.Unordered(),
		"Limit":     base.Limit(1),
		"Offset":    base.Offset(1),
		"Distinct":  base.Distinct(),
		"GroupBy":   base.GroupBy(orm.C(&s.p.ID)),
		"Having":    base.Having(orm.Count().Gt(1)),
		"Join":      base.Join(s.m),
		"OuterJoin": base.OuterJoin(s.m),
		"ForUpdate": base.ForUpdate(),
		"ForShare":  base.ForShare(),
	} {
		if text(extended) == want {
			t.Errorf("%s changes nothing", name)
		}
		if got := text(base); got != want {
			t.Fatalf("%s has changed the query that it began from: %s", name, got)
		}
	}
}

func TestTwoExtensionsOfAQueryShareNoRoom(t *testing.T) {
	s := newSky(t, onSQLite(t))
	base := orm.Query[Planet](s.Session)
	for range 3 { // until the lists of the base have room to spare
		base = base.Filter(orm.C(&s.p.ID).Gt(0)).OrderBy(orm.C(&s.p.ID))
	}
	earth, mars := base.FilterBy("Name", "Earth").OrderBy(orm.C(&s.p.Name)), base.FilterBy("Name", "Mars").OrderBy(orm.C(&s.p.Name).Desc())
	compare(t, []string{"Earth"}, planetNames(get(earth.All(t.Context()))(t)))
	compare(t, []string{"Mars"}, planetNames(get(mars.All(t.Context()))(t)))
}

func TestGoroutinesExtendOneQuerySideBySide(t *testing.T) {
	s := newSky(t, onSQLite(t))
	base := s.planets().Filter(orm.C(&s.p.ID).Gt(0))
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for n := range 100 {
				q := base.FilterBy("Name", fmt.Sprint(i, n)).Join(orm.Alias[Moon]("other")).Limit(n).Params(orm.M{"x": i})
				_, args, err := orm.Compile(q.Statement(), "sqlite")
				if err != nil || !slices.Contains(args, any(fmt.Sprint(i, n))) {
					t.Errorf("%v, %v", args, err)
				}
			}
		})
	}
	wg.Wait()
	compare(t, 4, len(get(base.All(t.Context()))(t)))
}

func TestOneAsksForJustOneRow(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s := newSky(t, db)
		ctx := t.Context()
		none, many := s.planets().FilterBy("Name", "Vulcan"), s.planets()
		for name, err := range map[string]error{
			"First": errOf(none.First(ctx)), "One": errOf(none.One(ctx)),
		} {
			if !errors.Is(err, orm.ErrNoRows) || !strings.Contains(err.Error(), "Planet") {
				t.Errorf("%s of nothing: %v", name, err)
			}
		}
		if p, err := none.OneOrNil(ctx); p != nil || err != nil {
			t.Errorf("OneOrNil of nothing: %v, %v", p, err)
		}
		for name, err := range map[string]error{
			"One": errOf(many.One(ctx)), "OneOrNil": errOf(many.OneOrNil(ctx)), "One of a page": errOf(many.Limit(3).One(ctx)),
		} {
			if !errors.Is(err, orm.ErrMultipleRows) || errors.Is(err, orm.ErrNoRows) {
				t.Errorf("%s of many: %v", name, err)
			}
		}
		compare(t, "Earth", get(many.Limit(1).One(ctx))(t).Name)
	})
}

func errOf[T any](_ T, err error) error { return err }

func TestRowsOfAJoinGiveTheSameObject(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s := newSky(t, db)
		ctx := t.Context()
		joined := s.planets().Join(s.m).OrderBy(orm.C(&s.m.ID))
		planets := get(joined.All(ctx))(t)
		compare(t, []string{"Earth", "Mars", "Mars", "Saturn", "Saturn"}, planetNames(planets))
		if planets[1] != planets[2] {
			t.Error("one row gave two objects")
		}
		again := get(s.planets().All(ctx))(t)
		if again[1] != planets[1] {
			t.Error("the next query gave another object for the same row")
		}
		untracked := get(joined.Untracked().All(ctx))(t)
		if untracked[1] == planets[1] || untracked[1] == untracked[2] {
			t.Error("untracked rows share an object")
		}
		siblings := s.moons().Join(s.other, orm.Eq(orm.C(&s.m.PlanetID), orm.C(&s.other.PlanetID)), orm.Ne(orm.C(&s.m.ID), orm.C(&s.other.ID)))
		compare(t, []string{"Deimos"}, moonNames(get(siblings.Filter(orm.C(&s.other.Name).Eq("Phobos")).All(ctx))(t)))
		compare(t, []string{"Phobos"}, moonNames(get(siblings.FilterBy("Name", "Phobos").All(ctx))(t)))
		type pair struct{ Moon, Sibling, Planet string }
		pairs := get(orm.Fetch[pair](ctx, s.Session, orm.Select(orm.C(&s.m.Name).As("moon"), orm.C(&s.other.Name).As("sibling"), orm.C(&s.p.Name).As("planet")).
			From(s.m).Join(s.other, orm.Eq(orm.C(&s.m.PlanetID), orm.C(&s.other.PlanetID)), orm.Lt(orm.C(&s.m.ID), orm.C(&s.other.ID))).
			Join(s.p, orm.Eq(orm.C(&s.p.ID), orm.C(&s.m.PlanetID))).OrderBy(orm.C(&s.m.ID))))(t)
		compare(t, []pair{{"Phobos", "Deimos", "Mars"}, {"Titan", "Dione", "Saturn"}}, pairs)
	})
}

func TestMistakesOfAQueryComeOutWithItsAnswer(t *testing.T) {
	s := newSky(t, onSQLite(t))
	for _, test := range []struct {
		name  string
		query *orm.EntityQuery[Planet]
		kind  error
		text  string
	}{
		{"unknown field", s.planets().FilterBy("Nmae", "x"), orm.ErrUnknownName, `no field "Nmae"`},
		{"unknown name", s.planets().Filter(orm.F("Nmae").Eq("x")), orm.ErrUnknownName, "there are: ID, Name, Rings, Story"},
		{"odd pairs", s.planets().FilterBy("Name"), orm.ErrArgument, "1 arguments"},
		{"no name", s.planets().FilterBy(1, "x"), orm.ErrArgument, "a int stands where"},
		{"negative limit", s.planets().Limit(-1), orm.ErrArgument, "negative"},
		{"negative offset", s.planets().Offset(-1), orm.ErrArgument, "negative"},
		{"no foreign key", s.planets().Join(orm.Entity[Comet]()), orm.ErrNoForeignKey, "comets"},
		{"two foreign keys", s.planets().Join(orm.Entity[Transfer]()), orm.ErrAmbiguous, "transfers.from_id to planets; transfers.to_id to planets"},
		{"twice without alias", s.planets().Join(s.p, orm.True()), orm.ErrAmbiguous, "Alias"},
		{"two fields of a name", s.planets().Join(s.m).Filter(orm.F("Name").Eq("x")), orm.ErrAmbiguous, "orm.C(&entity.Field)"},
		{"an unregistered struct", s.planets().Join(orm.Entity[stranger]()), orm.ErrNotRegistered, "MustRegister(&stranger{})"},
		{"no entity", s.planets().Join("moons"), orm.ErrArgument, "string"},
		{"an object", s.planets().Join(&Moon{}, orm.True()), orm.ErrArgument, "entity reference"},
		{"a value's field", s.planets().Filter(orm.C(&(&Moon{}).Name).Eq("x")), orm.ErrArgument, "entity reference"},
		{"no value", s.planets().Filter(orm.Eq(orm.C(&s.p.Name), orm.Param[string]("name"))), orm.ErrArgument, `parameter "name"`},
	} {
		ctx := t.Context()
		for answer, err := range map[string]error{
			"All": errOf(test.query.All(ctx)), "First": errOf(test.query.First(ctx)), "One": errOf(test.query.One(ctx)),
			"OneOrNil": errOf(test.query.OneOrNil(ctx)), "Count": errOf(test.query.Count(ctx)), "Exists": errOf(test.query.Exists(ctx)),
			"Pluck":  errOf(orm.Pluck(ctx, test.query, orm.C(&s.p.Name))),
			"Within": errOf(s.moons().Filter(orm.C(&s.m.PlanetID).InSelect(test.query.Statement().Columns(orm.C(&s.p.ID)))).All(ctx)),
			"Iter":   iterError(ctx, test.query),
		} {
			if !errors.Is(err, test.kind) || answer != "Within" && !strings.Contains(err.Error(), test.text) {
				t.Errorf("%s, %s: %v", test.name, answer, err)
			}
		}
	}
	compare(t, []string(nil), s.db.statements())
	if s.InTransaction() {
		t.Error("a mistake has begun a transaction")
	}
	compare(t, 4, len(get(s.planets().All(t.Context()))(t)))
}

func TestLockedRowsKeepOthersOutUntilTheTransactionEnds(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s := newSky(t, db)
		ctx := t.Context()
		earth := s.planets().FilterBy("ID", 1)
		get(earth.ForUpdate().One(ctx))(t)
		f := db.Dialect().Features()
		if f.LocksIgnored {
			compare(t, []string{"SELECT " + planetColumns + " FROM planets WHERE planets.id = ? ORDER BY planets.id LIMIT ?"}, db.sentPlain())
			return
		}
		rival := orm.Query[Planet](db.session(t)).OrderBy(orm.C(&s.p.ID))
		compare(t, []string{"Mars", "Saturn", "Venus"}, planetNames(get(rival.ForUpdate(orm.SkipLocked()).All(ctx))(t)))
		_, err := rival.FilterBy("ID", 1).ForUpdate(orm.NoWait()).All(ctx)
		if !errors.Is(err, orm.ErrLockTimeout) {
			t.Errorf("the locked row was had: %v", err)
		}
		must(t, s.Commit(ctx))
		rival = orm.Query[Planet](db.session(t))
		compare(t, []string{"Earth"}, planetNames(get(rival.FilterBy("ID", 1).ForUpdate(orm.NoWait()).All(ctx))(t)))
	})
}

func TestLockingQueryTakesWhatTheRowsSay(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s := newSky(t, db)
		ctx := t.Context()
		change := func(name string) {
			text := orm.Text("UPDATE planets SET name = ? WHERE id = 1", name)
			get(orm.Exec(ctx, s.Session, text))(t)
		}
		earth := s.planets().FilterBy("ID", 1)
		held := get(earth.One(ctx))(t)
		change("Terra")
		get(earth.One(ctx))(t)
		compare(t, "Earth", held.Name)
		untracked := earth.Untracked()
		compare(t, "Terra", get(untracked.ForUpdate().One(ctx))(t).Name)
		compare(t, "Terra", get(earth.ForUpdate().Untracked().One(ctx))(t).Name)
		compare(t, "Earth", held.Name)
		if get(earth.ForUpdate().One(ctx))(t) != held {
			t.Error("a lock gave another object")
		}
		compare(t, "Terra", held.Name)
		change("Gaia")
		for p, err := range earth.ForUpdate().Iter(ctx) {
			must(t, err)
			compare(t, "Gaia", p.Name)
		}
		compare(t, "Gaia", held.Name)
	})
}

func TestUntrackedObjectsBelongToNobody(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s := newSky(t, db)
		ctx := t.Context()
		held := get(s.planets().First(ctx))(t)
		held.Name = "Terra"
		db.statements()
		untracked := get(s.planets().Untracked().All(ctx))(t)
		compare(t, []string{"Terra", "Mars", "Saturn", "Venus"}, planetNames(untracked))
		for _, p := range untracked {
			if p == held || s.Contains(p) || orm.StateOf(p) != orm.Detached {
				t.Errorf("%s is %s", p.Name, orm.StateOf(p))
			}
			p.Name = "changed and not written"
		}
		db.statements()
		must(t, s.Flush(ctx))
		compare(t, []string(nil), db.statements())
		s.Add(untracked[1])
		untracked[1].Name = "Ares"
		s.Delete(untracked[3])
		must(t, s.Commit(ctx))
		compare(t, []string{"Terra", "Ares", "Saturn"}, planetNames(get(s.planets().All(ctx))(t)))
	})
}

func TestQueriesLeaveDeferredColumnsOutAndCanUseThem(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s := newSky(t, db)
		ctx := t.Context()
		for name, q := range map[string]*orm.EntityQuery[Planet]{
			"by field":      s.planets().FilterBy("Story", "red"),
			"by expression": s.planets().Filter(orm.C(&s.p.Story).Like("r%")),
			"by name":       s.planets().Filter(orm.F("Story").Eq("red")),
		} {
			mars := get(q.One(ctx))(t)
			if mars.Name != "Mars" || mars.Story != "" || orm.Loaded(mars, &mars.Story) || !orm.Loaded(mars, &mars.Name) {
				t.Errorf("%s: %+v", name, mars)
			}
		}
		compare(t, []string{"blue", "red"}, get(orm.Pluck(ctx, s.planets().Limit(2), orm.C(&s.p.Story)))(t))
		for p, err := range s.planets().Untracked().Iter(ctx) {
			must(t, err)
			if orm.Loaded(p, &p.Story) {
				t.Errorf("%s came with its deferred column", p.Name)
			}
		}
		mars := get(s.planets().FilterBy("Name", "Mars").One(ctx))(t)
		mars.Rings = true
		must(t, s.Commit(ctx))
		compare(t, []string{"blue", "red", "", ""}, get(orm.Pluck(ctx, s.planets(), orm.C(&s.p.Story)))(t))
	})
}

// Asteroid is in two registries, with a table in each.
type Asteroid struct {
	orm.Base
	ID   int64
	Name string `orm:"size:40"`
}

// beltRegistry maps the asteroids to a table of its own.
func beltRegistry(table string) *orm.Registry {
	r := orm.NewRegistry(orm.WithTableName(func(string) string { return table }))
	if err := r.Register(&Asteroid{}); err != nil {
		panic(err)
	}
	return r
}

var innerBelt, outerBelt = beltRegistry("inner_belt"), beltRegistry("outer_belt")

func TestStructInTwoRegistriesIsReadFromTheSessionsOwn(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx := t.Context()
		must(t, innerBelt.CreateAll(ctx, db.Engine))
		must(t, outerBelt.CreateAll(ctx, db.Engine))
		for name, r := range map[string]*orm.Registry{"Ceres": innerBelt, "Pluto": outerBelt} {
			s := db.session(t, orm.WithRegistry(r))
			s.Add(&Asteroid{Name: name})
			must(t, s.Commit(ctx))
		}
		outer, a := db.session(t, orm.WithRegistry(outerBelt)), orm.EntityIn[Asteroid](outerBelt)
		q := orm.Query[Asteroid](outer).Filter(orm.C(&a.Name).Ne("")).FilterBy("Name", "Pluto").OrderBy(orm.F("Name"))
		compare(t, "Pluto", get(q.One(ctx))(t).Name)
		compare(t, int64(1), get(q.Count(ctx))(t))
		compare(t, []string{"Pluto"}, get(orm.Pluck(ctx, q, orm.C(&a.Name)))(t))
		compare(t, "Pluto", get(orm.Get[Asteroid](ctx, outer, 1))(t).Name)
		both := orm.Select(orm.C(&orm.Entity[Asteroid]().Name)).Where(orm.Ne(orm.C(&orm.Entity[Asteroid]().Name), orm.C(&a.Name)))
		compare(t, []string{"Ceres"}, get(orm.Fetch[string](ctx, outer, both))(t))
		if _, err := orm.Query[Planet](outer).All(ctx); !errors.Is(err, orm.ErrNotRegistered) {
			t.Errorf("a struct of another registry: %v", err)
		}
		must(t, outer.Close())
		compare(t, []string{"Ceres"}, get(orm.Pluck(ctx, orm.Query[Asteroid](db.session(t)), orm.C(&orm.Entity[Asteroid]().Name)))(t))
	})
}

// stranger is in no registry.
type stranger struct {
	orm.Base
	ID int64
}

// iterError is the error that ends an iteration.
func iterError[T any](ctx context.Context, q *orm.EntityQuery[T]) error {
	for _, err := range q.Iter(ctx) {
		if err != nil {
			return err
		}
	}
	return nil
}
