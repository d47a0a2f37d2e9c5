// This file tests conditions on what relationships lead to.

package orm_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/aurum-go/orm"
)

func TestConditionsOnRelationshipsGiveTheSameRowsOnEveryDatabase(t *testing.T) {
	runMusic(t, relatedCases())
}

// artists, albums and shops select names by a condition.
func artists(conditions ...orm.Expr[bool]) *orm.SelectStatement {
	return orm.Select(orm.C(&artistRef.Name)).Where(conditions...).OrderBy(orm.C(&artistRef.ID))
}

func albums(conditions ...orm.Expr[bool]) *orm.SelectStatement {
	return orm.Select(orm.C(&albumRef.Title).As("name")).From(albumRef).Where(conditions...).OrderBy(orm.C(&albumRef.ID))
}

func shops(conditions ...orm.Expr[bool]) *orm.SelectStatement {
	return orm.Select(orm.C(&shopRef.Name)).From(shopRef).Where(conditions...).OrderBy(orm.C(&shopRef.ID))
}

// madeUp has the name that artists get where their own is taken.
var madeUp = orm.Alias[Genre]("artists_1")

// ann and rock are an artist and a genre as they may be known without a read.
var ann, rock = &Artist{ID: 1}, &Genre{ID: 2}

func relatedCases() []sqlCase {
	return []sqlCase{
		{name: "any at all", stmt: artists(orm.Many(&artistRef.Albums).Any()), rows: nameRows("Ann", "Bob")},
		{name: "any that meets a condition", stmt: artists(orm.Many(&artistRef.Albums).Any(orm.C(&albumRef.Title).Eq("Cat"))), rows: nameRows("Bob")},
		{
			name: "any that meets several", rows: nameRows("Ann"),
			stmt: artists(orm.Many(&artistRef.Albums).Any(orm.C(&albumRef.ID).Lt(3), orm.Or(orm.C(&albumRef.Title).Eq("Air"), orm.C(&albumRef.Title).Eq("Cat")))),
		},
		{name: "not any", stmt: artists(orm.Not(orm.Many(&artistRef.Albums).Any(orm.C(&albumRef.ID).Gt(2)))), rows: nameRows("Ann", "Cyd")},
		{name: "empty", stmt: artists(orm.Many(&artistRef.Albums).IsEmpty()), rows: nameRows("Cyd")},
		{name: "not empty", stmt: artists(orm.Not(orm.Many(&artistRef.Albums).IsEmpty())), rows: nameRows("Ann", "Bob")},
		{name: "contains a child", stmt: artists(orm.Many(&artistRef.Albums).Contains(&Album{ID: 3, ArtistID: new(int64(2))})), rows: nameRows("Bob")},
		{name: "contains nobody's child", stmt: artists(orm.Many(&artistRef.Albums).Contains(&Album{ID: 4})), rows: nameRows()},
		{name: "of a link table", stmt: albums(orm.Many(&albumRef.Genres).Any(orm.C(&genreRef.Name).Eq("rock"))), rows: nameRows("Air", "Cat")},
		{name: "of a link table, empty", stmt: albums(orm.Many(&albumRef.Genres).IsEmpty()), rows: nameRows("Bear", "Dew")},
		{name: "of a link table, contains", stmt: albums(orm.Many(&albumRef.Genres).Contains(rock)), rows: nameRows("Air", "Cat")},
		{name: "of a link table, contains not", stmt: albums(orm.Not(orm.Many(&albumRef.Genres).Contains(rock))), rows: nameRows("Bear", "Dew")},
		{name: "of a map", stmt: albums(orm.ManyOf[Track](&albumRef.Tracks).Any(orm.C(&trackRef.Name).Eq("two"))), rows: nameRows("Air")},
		{name: "of a set", stmt: albums(orm.ManyOf[Cover](&albumRef.Covers).Any()), rows: nameRows("Bear")},

		{name: "has one", stmt: albums(orm.One(&albumRef.Artist).Has(orm.C(&artistRef.Name).Like("A%"))), rows: nameRows("Air", "Bear")},
		{name: "is", stmt: albums(orm.One(&albumRef.Artist).Is(ann)), rows: nameRows("Air", "Bear")},
		{name: "is none", stmt: albums(orm.One(&albumRef.Artist).Is(nil)), rows: nameRows("Dew")},
		{name: "is not", stmt: albums(orm.One(&albumRef.Artist).IsNot(ann)), rows: nameRows("Cat", "Dew")},
		{name: "is not, in another condition", stmt: albums(orm.C(&albumRef.ID).Gt(3), orm.One(&albumRef.Artist).IsNot(ann)), rows: nameRows("Dew")},
		{name: "is not none", stmt: albums(orm.One(&albumRef.Artist).IsNot(nil)), rows: nameRows("Air", "Bear", "Cat")},
		{name: "is null", stmt: albums(orm.One(&albumRef.Artist).IsNull()), rows: nameRows("Dew")},
		{name: "one to one", stmt: artists(orm.One(&artistRef.Bio).Has(orm.C(&bioRef.Text).Eq("of Ann"))), rows: nameRows("Ann")},
		{name: "one to one is", stmt: artists(orm.One(&artistRef.Bio).Is(&Bio{ID: 1, ArtistID: new(int64(1))})), rows: nameRows("Ann")},
		{name: "one to one is not", stmt: artists(orm.One(&artistRef.Bio).IsNot(&Bio{ID: 1, ArtistID: new(int64(1))})), rows: nameRows("Bob", "Cyd")},
		{name: "one to one is not nobody's", stmt: artists(orm.One(&artistRef.Bio).IsNot(&Bio{ID: 2})), rows: nameRows("Ann", "Bob", "Cyd")},
		{name: "one to one is null", stmt: artists(orm.One(&artistRef.Bio).IsNull()), rows: nameRows("Bob", "Cyd")},
		{name: "one to one is not null", stmt: artists(orm.One(&artistRef.Bio).IsNot(nil)), rows: nameRows("Ann")},

		{name: "of itself", stmt: shops(orm.Many(&shopRef.Children).Any(orm.C(&shopRef.Name).Eq("north"))), rows: nameRows("head")},
		{name: "of itself, upwards", stmt: shops(orm.One(&shopRef.Parent).Has(orm.C(&shopRef.Name).Eq("north"))), rows: nameRows("corner")},
		{
			name: "of itself, two levels", rows: nameRows("head"),
			stmt: shops(orm.Many(&shopRef.Children).Any(orm.Many(&shopRef.Children).Any(orm.C(&shopRef.Name).Eq("corner")))),
		},
		{name: "of itself by a link table", stmt: shops(orm.Many(&shopRef.Rivals).Any(orm.C(&shopRef.Name).Eq("south"))), rows: nameRows("north", "corner")},
		{name: "of itself by a link table, from the other side", stmt: shops(orm.Many(&shopRef.RivalOf).Contains(&Shop{ID: 4})), rows: nameRows("south")},
		{
			name: "of an alias", rows: nameRows("north"),
			stmt: orm.Select(orm.C(&parentRef.Name)).From(parentRef).Where(orm.Many(&parentRef.Children).Any(orm.C(&shopRef.Name).Eq("corner"))),
		},
		{
			name: "of an alias, compared with it", rows: nameRows("head", "north"),
			stmt: orm.Select(orm.C(&parentRef.Name)).From(parentRef).Where(orm.Many(&parentRef.Children).Any(orm.Gt(orm.C(&shopRef.ID), orm.C(&parentRef.ID)))).OrderBy(orm.C(&parentRef.ID)),
		},
		{
			name: "there and back", rows: nameRows("Bear"),
			stmt: albums(orm.C(&albumRef.Title).Ne("Air"), orm.One(&albumRef.Artist).Has(orm.Many(&artistRef.Albums).Any(orm.C(&albumRef.Title).Eq("Air")))),
		},
		{
			name: "there and back by a link table", rows: nameRows("Air", "Cat"),
			stmt: albums(orm.Many(&albumRef.Genres).Any(orm.Many(&genreRef.Albums).Any(orm.C(&albumRef.Title).Eq("Cat")))),
		},
		{
			name: "names of fields are those of the inside", rows: nameRows("corner"),
			stmt: shops(orm.One(&shopRef.Parent).Has(orm.F("Name").Eq("north"))),
		},
		{
			name: "with the target joined, too", rows: nameRows("Ann"),
			stmt: artists(orm.Many(&artistRef.Albums).Any(orm.C(&albumRef.Title).Eq("Air")), orm.C(&albumRef.Title).Eq("Bear")).From(artistRef).Join(&artistRef.Albums),
		},
		{
			name: "with an alias that has the name of the target", rows: nameRows("Ann"),
			stmt: func() orm.Statement {
				other := orm.Alias[Artist]("albums")
				return orm.Select(orm.C(&other.Name)).From(other).Where(orm.Many(&other.Albums).Any(orm.C(&albumRef.Title).Eq("Air")))
			}(),
		},
		{
			name: "with a subquery inside", rows: nameRows("Bob"),
			stmt: artists(orm.Many(&artistRef.Albums).Any(orm.Exists(
				orm.Select(orm.C(&genreRef.ID)).From(genreRef).Where(orm.Many(&genreRef.Albums).Any(), orm.C(&albumRef.ID).Eq(3))))),
		},
		{name: "a composite key", stmt: orm.Select(orm.C(&shelfRef.No)).From(shelfRef).Where(orm.Many(&shelfRef.Stock).Any()), rows: []string{"no=2"}},
		{name: "a composite key is", stmt: orm.Select(orm.C(&stockRef.ID)).Where(orm.One(&stockRef.Shelf).Is(&Shelf{ShopID: 1, No: 2})), rows: []string{"id=1"}},
		{name: "a composite key is not", stmt: orm.Select(orm.C(&stockRef.ID)).Where(orm.One(&stockRef.Shelf).IsNot(&Shelf{ShopID: 1, No: 1})), rows: []string{"id=1"}},
		{name: "a composite key is none", stmt: orm.Select(orm.C(&stockRef.ID)).Where(orm.One(&stockRef.Shelf).IsNull()), rows: []string{}},
		{name: "a composite key is some", stmt: orm.Select(orm.C(&stockRef.ID)).Where(orm.One(&stockRef.Shelf).IsNot(nil)), rows: []string{"id=1"}},
		{
			name: "in an UPDATE", check: artists(orm.C(&artistRef.Name).Like("%!")), rows: nameRows("Cyd!"),
			stmt: orm.Update(artistRef).Set(orm.C(&artistRef.Name).SetExpr(orm.Concat(orm.C(&artistRef.Name), orm.Lit("!")))).Where(orm.Many(&artistRef.Albums).IsEmpty()),
		},
		{
			name: "in a DELETE", check: albums(), rows: nameRows("Air", "Bear", "Cat"),
			stmt: orm.Delete(albumRef).Where(orm.One(&albumRef.Artist).IsNull()),
		},
		{
			name: "in an order", stmt: orm.Select(orm.C(&artistRef.Name)).From(artistRef).OrderBy(orm.Many(&artistRef.Albums).Any(), orm.C(&artistRef.ID).Desc()),
			rows: nameRows("Cyd", "Bob", "Ann"),
		},
	}
}

func TestConditionOnARelationshipIsRefusedWithATypedError(t *testing.T) {
	for name, test := range map[string]struct {
		condition orm.Expr[bool]
		want      orm.ErrorKind
		says      string
	}{
		"a column":                        {orm.One(&artistRef.Age).Has(), orm.ErrUnknownName, "orm: follow Artist.Age: the field is no relationship (the relationships are Albums, Bio)"},
		"a field of an object":            {orm.Many(&(&Artist{}).Albums).Any(), orm.ErrArgument, "does not point into an entity reference"},
		"nil":                             {orm.Many[Album](nil).Any(), orm.ErrArgument, "does not point into an entity reference"},
		"an entity":                       {orm.ManyOf[Album](albumRef).Any(), orm.ErrArgument, "orm: follow Album: it is an entity and no relationship"},
		"text":                            {orm.ManyOf[Album]("Albums").Any(), orm.ErrArgument, "give the address of a relationship"},
		"another struct":                  {orm.ManyOf[Genre](&artistRef.Albums).Any(), orm.ErrArgument, "orm: follow Artist.Albums: it leads to Album and not to Genre (write orm.ManyOf[Album])"},
		"the zero condition":              {orm.Many(&artistRef.Albums).Any(orm.Expr[bool]{}), orm.ErrArgument, "the zero Expr"},
		"the zero reference":              {orm.ManyRef[Album]{}.Any(), orm.ErrArgument, "no relationship"},
		"the zero reference of one":       {orm.OneRef[Album]{}.IsNull(), orm.ErrArgument, "no relationship"},
		"a name that was made up outside": {orm.Many(&artistRef.Albums).Any(orm.One(&albumRef.Artist).Has(orm.Exists(orm.Select(orm.C(&madeUp.ID)).From(madeUp)))), orm.ErrAmbiguous, "orm: select from artists_1: two items of FROM have that name"},
		"a table that is nowhere":         {orm.Many(&artistRef.Albums).Any(orm.C(&genreRef.ID).Eq(1)), orm.ErrUnknownName, "orm: refer to column genres.id"},
		"an object without a key":         {orm.Many(&albumRef.Genres).Contains(&Genre{}), orm.ErrNotPersistent, "orm: compare Album.Genres: the Genre has no key yet (flush it first)"},
		"a child without a key":           {orm.Many(&artistRef.Albums).Contains(&Album{ArtistID: new(int64(1))}), orm.ErrNotPersistent, "the Album has no key yet"},
		"a parent without a key":          {orm.One(&albumRef.Artist).IsNot(&Artist{}), orm.ErrNotPersistent, "orm: compare Album.Artist: the Artist has no key yet"},
		"nil in a collection":             {orm.Many(&artistRef.Albums).Contains(nil), orm.ErrArgument, "use IsEmpty"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := orm.Compile(artists(test.condition), "sqlite")
			if !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("the error is %v, not %v with %q", err, test.want, test.says)
			}
		})
	}
}

// Winding is a struct whose table has the longest name that PostgreSQL takes.
type Winding struct {
	orm.Base `orm:"table:a_name_that_has_just_as_many_bytes_as_a_name_may_have_in_postgr"`

	ID     int64
	NextID *int64
	Next   *Winding
}

func TestSecondNameOfATableIsAsShortAsItHasToBe(t *testing.T) {
	if err := orm.NewRegistry().Register(&Winding{}); err != nil {
		t.Fatal(err)
	}
	w := orm.Entity[Winding]()
	sql, _, err := orm.Compile(orm.Select(orm.C(&w.ID)).Where(orm.One(&w.Next).Has(orm.One(&w.Next).IsNull())), "postgres")
	must(t, err)
	if want := "AS a_name_that_has_just_as_many_bytes_as_a_name_may_have_in_p_1 WHERE"; !strings.Contains(sql, want) {
		t.Errorf("%s\nhas no %s", sql, want)
	}
}

func TestConditionsOnRelationshipsAreSafeForConcurrentUse(t *testing.T) {
	stmt := orm.Select(orm.C(&orm.Alias[Shop]("busy").Name)).From(orm.Alias[Shop]("busy")).Join(&orm.Alias[Shop]("busy").Children).
		Where(orm.Many(&orm.Alias[Shop]("busy").Rivals).Any(orm.One(&shopRef.Parent).Is(&Shop{ID: 1})))
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for _, d := range goldenDialects {
				if _, _, err := orm.Compile(stmt, d); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
}

func TestObjectIsComparedAsItIsWhenTheStatementRuns(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		must(t, musicModels.CreateAll(t.Context(), db.Engine))
		ctx, s, artist := t.Context(), db.session(t), &Artist{Name: "Bob"}
		s.Add(artist)
		must(t, s.Flush(ctx))
		s.Add(&Album{Title: "Cat", ArtistID: &artist.ID}, &Album{Title: "Dew"})
		must(t, s.Commit(ctx))
		stmt := albums(orm.One(&albumRef.Artist).Is(artist))
		compare(t, []string{"Cat"}, get(orm.Fetch[string](ctx, s, stmt))(t))

		added := &Artist{Name: "Dan"}
		of := albums(orm.One(&albumRef.Artist).Is(added))
		if _, err := orm.Fetch[string](ctx, s, of); !errors.Is(err, orm.ErrNotPersistent) {
			t.Errorf("before it is written: %v", err)
		}
		s.Add(added)
		must(t, s.Flush(ctx))
		s.Add(&Album{Title: "Eel", ArtistID: &added.ID})
		compare(t, []string{"Eel"}, get(orm.Fetch[string](ctx, s, of))(t))
		if n := get(orm.Query[Album](s).Filter(orm.One(&albumRef.Artist).Is(added)).Count(ctx))(t); n != 1 {
			t.Errorf("%d albums", n)
		}
		untracked := get(orm.Query[Artist](s).Untracked().Filter(orm.C(&artistRef.Name).Eq("Bob")).One(ctx))(t)
		compare(t, []string{"Cat"}, get(orm.Fetch[string](ctx, s, albums(orm.One(&albumRef.Artist).Is(untracked))))(t))
	})
}
