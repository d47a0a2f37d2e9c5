// This file tests entities that are read from something else than their tables:
// the SQL, the objects, and what is refused.

package orm_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

// What the entities of the music shop are read from.
var (
	titled   = orm.Select(albumRef).Where(orm.C(&albumRef.ID).Le(3)).Subquery("titled")
	titledAs = orm.As(albumRef, titled)
	ofShop   = orm.Alias[Shop]("of_shop")

	// branches are a shop, and all below it.
	branches = orm.Select(shopRef, orm.Lit(0).As("depth")).Where(orm.C(&shopRef.ID).Eq(1)).RecursiveCTE("branches", func(branches *orm.CTE) *orm.SelectStatement {
		return orm.Select(shopRef, orm.Col[int](branches, "depth").Plus(1)).From(orm.As(ofShop, branches)).Join(&ofShop.Children, shopRef)
	})
	jazzAlbums = orm.Select(albumRef).From(albumRef).Join(&albumRef.Genres).Where(orm.C(&genreRef.Name).Eq("jazz"))
	rockAlbums = orm.Select(albumRef).From(albumRef).Join(&albumRef.Genres).Where(orm.C(&genreRef.Name).Eq("rock"))

	loudAlbums = orm.NewTable("loud_albums", orm.NewMetadata(), orm.NewColumn("id", types.BigInteger()), orm.NewColumn("title", types.String(50)))
)

// albumsOf selects the titles of albums.
func albumsOf(from ...any) *orm.SelectStatement {
	return orm.Select(orm.C(&albumRef.Title)).From(from...).OrderBy(orm.C(&albumRef.ID))
}

func sourceCases() []sqlCase {
	return []sqlCase{
		{
			name: "an entity from a subquery", stmt: orm.Select(albumRef).From(titledAs).Where(orm.C(&albumRef.Title).Ne("Air")).OrderBy(orm.F("Title").Desc()),
			rows: []string{"artist_id=2 id=3 title=Cat", "artist_id=1 id=2 title=Bear"},
		},
		{
			name: "an alias from a subquery, beside the entity",
			stmt: orm.Select(orm.C(&shopRef.Name), orm.C(&parentRef.Name).As("top")).From(shopRef).
				Join(orm.As(parentRef, orm.Select(shopRef).Where(orm.N(&shopRef.ParentID).IsNull()).Subquery("heads")), orm.Eq(orm.C(&parentRef.ID), orm.N(&shopRef.ParentID))).
				OrderBy(orm.C(&shopRef.ID)),
			rows: []string{"name=north top=head", "name=south top=head"},
		},
		{
			name: "a tree from a recursive CTE", stmt: orm.Select(shopRef, branches.C("depth")).From(orm.As(shopRef, branches)).OrderBy(branches.C("depth"), orm.C(&shopRef.ID)),
			rows: []string{"depth=0 id=1 name=head parent_id=NULL", "depth=1 id=2 name=north parent_id=1", "depth=1 id=3 name=south parent_id=1", "depth=2 id=4 name=corner parent_id=2"},
		},
		{
			name: "a CTE twice, under two names",
			stmt: orm.Select(orm.C(&shopRef.Name), orm.C(&parentRef.Name).As("top")).From(orm.As(shopRef, branches)).
				Join(&shopRef.Parent, orm.As(parentRef, branches.Alias("above"))).OrderBy(orm.C(&shopRef.ID)),
			rows: []string{"name=north top=head", "name=south top=head", "name=corner top=north"},
		},
		{name: "from a union", stmt: albumsOf(orm.As(albumRef, orm.Union(jazzAlbums, rockAlbums).Subquery("either"))), rows: []string{"title=Air", "title=Cat"}},
		{
			name: "joined along a relationship", stmt: titles.From(titledAs).Join(&albumRef.Artist).OrderBy(orm.C(&albumRef.ID)),
			rows: []string{"album=Air artist=Ann", "album=Bear artist=Ann", "album=Cat artist=Bob"},
		},
		{
			name: "joined along a relationship that leads to it", stmt: titles.From(artistRef).OuterJoin(&artistRef.Albums, titledAs, orm.C(&albumRef.ID).Gt(1)).OrderBy(orm.C(&artistRef.ID), orm.C(&albumRef.ID)),
			rows: []string{"album=Bear artist=Ann", "album=Cat artist=Bob", "album=NULL artist=Cyd"},
		},
		{name: "joined over a link table", stmt: albumsOf(genreRef).Join(&genreRef.Albums, titledAs).Where(orm.C(&genreRef.Name).Eq("rock")), rows: []string{"title=Air", "title=Cat"}},
		{name: "joined by the foreign key of its table", stmt: titles.From(titledAs).Join(artistRef).Where(orm.C(&artistRef.Name).Eq("Bob")), rows: []string{"album=Cat artist=Bob"}},
		{name: "what a relationship of it leads to", stmt: albumsOf(titledAs).Where(orm.Many(&albumRef.Genres).Any(orm.C(&genreRef.Name).Eq("jazz")), orm.One(&albumRef.Artist).Has()), rows: []string{"title=Air"}},
		{
			name: "referred to by a subquery",
			stmt: albumsOf(titledAs).Where(orm.Exists(orm.Select(orm.C(&trackRef.ID)).Where(orm.Eq(orm.C(&trackRef.AlbumID), orm.C(&albumRef.ID))))),
			rows: []string{"title=Air"},
		},
		{name: "its table in a subquery", stmt: albumsOf(titledAs).Where(orm.C(&albumRef.ID).InSelect(orm.Select(orm.Max(orm.C(&albumRef.ID)).As("id")).From(albumRef))), rows: []string{}},
		{name: "some of its columns", stmt: orm.Select(albumRef).From(orm.As(albumRef, orm.Select(orm.C(&albumRef.ID)).Where(orm.C(&albumRef.ID).Lt(3)).Subquery("ids"))).OrderBy(orm.C(&albumRef.ID)), rows: []string{"id=1", "id=2"}},
		{
			name: "some of its columns, from outside",
			stmt: orm.Select(orm.Select(albumRef).From(orm.As(albumRef, orm.Select(orm.C(&albumRef.ID)).Where(orm.C(&albumRef.ID).Lt(3)).Subquery("ids"))).Subquery("narrow")),
			rows: []string{"id=1", "id=2"},
		},
		{name: "a view", stmt: orm.Select(albumRef).From(orm.As(albumRef, loudAlbums)).Where(orm.C(&albumRef.Title).Eq("Air")), rows: []string{"id=1 title=Air"}},
		{name: "locked", stmt: albumsOf(titledAs).ForUpdate(orm.LockOf(albumRef)), rows: []string{"title=Air", "title=Bear", "title=Cat"}, lacks: "mysql"},
		{name: "in an UPDATE", stmt: orm.Update(trackRef).From(titledAs).Set(orm.C(&trackRef.Name).Set("x")).Where(orm.Eq(orm.C(&trackRef.AlbumID), orm.C(&albumRef.ID)), orm.C(&albumRef.Title).Eq("Air")),
			check: orm.Select(orm.C(&trackRef.Name)), rows: []string{"name=x", "name=x"}},
	}
}

func TestEntitiesAreReadFromWhatTheStatementSays(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withMusic(t)
		get(orm.Exec(t.Context(), db.Engine, orm.Text("CREATE VIEW loud_albums AS SELECT id, title FROM albums")))(t)
		for _, c := range sourceCases() {
			t.Run(c.name, func(t *testing.T) { runCase(t, db, c) })
		}
	})
}

func TestQueryReadsTrackedObjectsFromASource(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx, s := t.Context(), db.withMusic(t).session(t)
		corner := get(orm.Get[Shop](ctx, s, 4))(t)
		db.statements()
		tree := orm.Query[Shop](s).From(branches).OrderBy(orm.C(&shopRef.ID))
		shops := get(tree.Filter(orm.C(&shopRef.Name).Ne("south")).All(ctx))(t)
		if len(shops) != 3 || shops[2] != corner {
			t.Fatalf("got %v, and not the shop that the session holds", shops)
		}
		want := []string{"WITH RECURSIVE branches AS (SELECT shops.id, shops.name, shops.parent_id, ? AS depth FROM shops WHERE shops.id = ? UNION ALL " +
			"SELECT shops.id, shops.name, shops.parent_id, branches.depth + ? FROM branches JOIN shops ON shops.parent_id = branches.id) " +
			"SELECT branches.id, branches.name, branches.parent_id FROM branches WHERE branches.name <> ? ORDER BY branches.id"}
		sent := db.sentPlain()
		if diff := cmp.Diff(want, []string{strings.Replace(strings.Join(sent, "; "), "CAST(? AS BIGINT)", "?", 1)}); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if n := get(tree.Filter(branches.C("depth").Gt(0)).Count(ctx))(t); n != 3 {
			t.Errorf("counted %d", n)
		}
		if !get(tree.Exists(ctx))(t) {
			t.Error("there are none")
		}
		if diff := cmp.Diff([]string{"head", "north", "south", "corner"}, get(orm.Pluck(ctx, tree, orm.C(&shopRef.Name)))(t)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		streamed := ""
		for shop, err := range tree.Options(orm.SelectInLoad(&shopRef.Children)).Iter(ctx) {
			must(t, err)
			streamed += shop.Name + " "
		}
		if streamed != "head north south corner " {
			t.Errorf("streamed %s", streamed)
		}
		shops[1].Name = "far north"
		must(t, s.Flush(ctx))
		if got := get(tree.FilterBy("Name", "far north").One(ctx))(t); got != shops[1] {
			t.Error("what was changed is not found")
		}
	})
}

func TestRelationshipsAreLoadedForObjectsOfASource(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx := t.Context()
		db.withMusic(t)
		limited := orm.Select(artistRef).OrderBy(orm.C(&artistRef.ID)).Limit(2).Subquery("first_two")
		for name, c := range map[string]struct {
			options []orm.Option
			sent    []string
		}{
			"select-in": {[]orm.Option{orm.SelectInLoad(&artistRef.Albums)}, []string{
				"SELECT first_two.id, first_two.name, first_two.age FROM (SELECT artists.id, artists.name, artists.age FROM artists ORDER BY artists.id LIMIT ?) AS first_two ORDER BY first_two.id",
				"SELECT albums.id, albums.title, albums.artist_id FROM albums WHERE albums.artist_id IN (?, ?)",
			}},
			"subquery, which does not repeat a source": {[]orm.Option{orm.SubqueryLoad(&artistRef.Albums)}, []string{
				"SELECT first_two.id, first_two.name, first_two.age FROM (SELECT artists.id, artists.name, artists.age FROM artists ORDER BY artists.id LIMIT ?) AS first_two ORDER BY first_two.id",
				"SELECT albums.id, albums.title, albums.artist_id FROM albums WHERE albums.artist_id IN (?, ?)",
			}},
			"joined": {[]orm.Option{orm.JoinedLoad(&artistRef.Albums)}, []string{
				"SELECT first_two.id, first_two.name, first_two.age, albums_1.id, albums_1.title, albums_1.artist_id FROM (SELECT artists.id, artists.name, artists.age FROM artists ORDER BY artists.id LIMIT ?) AS first_two " +
					"LEFT OUTER JOIN albums AS albums_1 ON first_two.id = albums_1.artist_id ORDER BY first_two.id",
			}},
		} {
			s := db.session(t)
			db.statements()
			artists := get(orm.Query[Artist](s).From(limited).OrderBy(orm.C(&artistRef.ID)).Options(c.options...).All(ctx))(t)
			if len(artists) != 2 || len(artists[0].Albums) != 2 || len(artists[1].Albums) != 1 {
				t.Errorf("%s: got %v", name, artists)
			}
			if diff := cmp.Diff(c.sent, db.sentPlain()); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
			must(t, s.Close())
		}
	})
}

func TestJoinedLoadOfASourceCountsObjects(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx, s := t.Context(), db.withMusic(t).session(t)
		source := orm.Select(artistRef).Where(orm.C(&artistRef.ID).Lt(3)).CTE("some")
		artists := get(orm.Query[Artist](s).From(source).OrderBy(orm.C(&artistRef.ID)).Limit(1).Options(orm.JoinedLoad(&artistRef.Albums)).All(ctx))(t)
		if len(artists) != 1 || len(artists[0].Albums) != 2 {
			t.Errorf("got %v", artists)
		}
	})
}

func TestContainsEagerFillsFromAJoinedSource(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx, s := t.Context(), db.withMusic(t).session(t)
		ids := orm.Select(orm.C(&albumRef.ID), orm.N(&albumRef.ArtistID)).Where(orm.C(&albumRef.ID).Gt(1)).Subquery("ids")
		db.statements()
		artists := get(orm.Query[Artist](s).Join(&artistRef.Albums, orm.As(albumRef, ids)).OrderBy(orm.C(&artistRef.ID)).
			Options(orm.ContainsEager(&artistRef.Albums)).All(ctx))(t)
		want := []string{"SELECT artists.id, artists.name, artists.age, ids.id, ids.artist_id FROM artists " +
			"JOIN (SELECT albums.id, albums.artist_id FROM albums WHERE albums.id > ?) AS ids ON ids.artist_id = artists.id ORDER BY artists.id"}
		if diff := cmp.Diff(want, db.sentPlain()); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if len(artists) != 2 || len(artists[0].Albums) != 1 || artists[0].Albums[0].ID != 2 {
			t.Errorf("got %v", artists)
		}
		must(t, orm.Load(ctx, artists[0].Albums[0], &artists[0].Albums[0].Title))
		if artists[0].Albums[0].Title != "Bear" {
			t.Error("a column that the source lacks is not loaded later")
		}
	})
}

func TestColumnsThatASourceLacksAreDeferred(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx := t.Context()
		db.withMusic(t)
		ids := orm.Select(orm.C(&albumRef.ID)).Where(orm.C(&albumRef.ID).Eq(2)).Subquery("ids")
		for name, read := range map[string]func(s *orm.Session) ([]*Album, error){
			"query": func(s *orm.Session) ([]*Album, error) { return orm.Query[Album](s).From(ids).All(ctx) },
			"statement": func(s *orm.Session) ([]*Album, error) {
				return orm.Fetch[*Album](ctx, s, orm.Select(albumRef).From(orm.As(albumRef, ids)))
			},
			"with a relationship that goes by one": func(s *orm.Session) ([]*Album, error) {
				return orm.Query[Album](s).From(ids).Options(orm.SelectInLoad(&albumRef.Artist)).All(ctx)
			},
		} {
			s := db.session(t)
			albums, err := read(s)
			if err != nil || len(albums) != 1 {
				t.Fatalf("%s: %v, %v", name, albums, err)
			}
			if !strings.HasPrefix(name, "with") && orm.Loaded(albums[0], &albums[0].Title) {
				t.Errorf("%s: the title is there", name)
			}
			must(t, orm.Load(ctx, albums[0], &albums[0].Title, &albums[0].Artist))
			if albums[0].Title != "Bear" || albums[0].Artist.Name != "Ann" {
				t.Errorf("%s: got %q of %v", name, albums[0].Title, albums[0].Artist)
			}
			must(t, s.Close())
		}
	})
}

func TestBulkWritesReachTheTableByTheKeysOfASource(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx, s := t.Context(), db.withMusic(t).session(t)
		shops := get(orm.Query[Shop](s).OrderBy(orm.C(&shopRef.ID)).All(ctx))(t)
		below := orm.Query[Shop](s).From(branches).Filter(branches.C("depth").Gt(1))
		if n := get(below.Update(ctx, orm.C(&shopRef.Name).Set("sold")))(t); n != 1 || shops[3].Name != "sold" {
			t.Errorf("%d rows, and the object is %q", n, shops[3].Name)
		}
		get(orm.Exec(ctx, s, orm.Delete(musicModels.Metadata().Table("rivalry")).AllRows()))(t)
		if n := get(below.Delete(ctx))(t); n != 1 || orm.StateOf(shops[3]) != orm.Deleted {
			t.Errorf("%d rows, and the object is %v", n, orm.StateOf(shops[3]))
		}
		if _, err := orm.Query[Shop](s).From(branches).Delete(ctx); !errors.Is(err, orm.ErrNoFilter) {
			t.Errorf("without a condition of its own: %v", err)
		}
	})
}

func TestCriteriaHoldForWhatIsReadFromASource(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		h := newClubhouse(t, db)
		ctx, table := t.Context(), get(orm.Inspect(h.c))(t).Table()
		text := orm.Text("SELECT id, name, tenant, binned_at FROM clubs").Columns(orm.ResultColumn{Name: "id", Type: types.BigInteger()},
			orm.ResultColumn{Name: "name", Type: types.Text()}, orm.ResultColumn{Name: "tenant", Type: types.Text()}, orm.ResultColumn{Name: "binned_at", Type: types.DateTime()})
		archive := orm.NewTable("clubs", orm.NewMetadata(), orm.NewColumn("id", types.BigInteger()), orm.NewColumn("name", types.String(50)),
			orm.NewColumn("tenant", types.String(20)), orm.NewColumn("binned_at", types.DateTime()))
		seen, all := []string{"chess", "bridge"}, []string{"chess", "xgo", "xludo", "bridge"}
		for name, c := range map[string]struct {
			source orm.Selectable
			want   []string
		}{
			"a subquery":              {orm.Select(h.c).Subquery("c"), seen},
			"a CTE":                   {orm.Select(h.c).CTE("c"), seen},
			"a union":                 {orm.Union(orm.Select(h.c), orm.Select(h.c)).Subquery("c"), seen},
			"columns of the table":    {orm.Select(table).Subquery("c"), seen},
			"text":                    {text.Subquery("c"), seen},
			"a union with text":       {orm.Union(text, orm.Select(clubColumns(h.c)...)).Subquery("c"), seen},
			"a table of no struct":    {archive.Alias("a"), seen},
			"a subquery without them": {orm.Select(h.c).WithoutCriteria().Subquery("c"), all},
		} {
			for way, q := range map[string]*orm.EntityQuery[Club]{
				"query": orm.Query[Club](h.Session).From(c.source),
			} {
				clubs, err := q.OrderBy(orm.C(&h.c.ID)).Untracked().All(ctx)
				must(t, err)
				got := []string{}
				for _, club := range clubs {
					got = append(got, club.Name)
				}
				if !slices.Equal(c.want, got) {
					t.Errorf("%s, %s: got %v", name, way, got)
				}
			}
		}
		members := orm.Select(h.m).Subquery("m")
		names := get(orm.Fetch[string](ctx, h.Session, orm.Select(orm.C(&h.m.Name)).From(h.c).Join(&h.c.Members, orm.As(h.m, members)).OrderBy(orm.C(&h.m.ID))))(t)
		if !slices.Equal(names, []string{"ann", "dan"}) {
			t.Errorf("joined: %v", names)
		}
		other := orm.Alias[Club]("other_club")
		names = get(orm.Fetch[string](ctx, h.Session, orm.Select(orm.C(&other.Name)).From(orm.As(other, archive)).OrderBy(orm.C(&other.ID))))(t)
		if !slices.Equal(names, seen) {
			t.Errorf("an alias of a table of no struct: %v", names)
		}
	})
}

// clubColumns are those that the text of the test has.
func clubColumns(c *Club) []any {
	return []any{orm.C(&c.ID), orm.C(&c.Name), orm.C(&c.Tenant), orm.N(&c.BinnedAt)}
}

func TestSourcesThatDoNotFitAreRefused(t *testing.T) {
	db := onSQLite(t)
	ctx, s := t.Context(), db.withMusic(t).session(t)
	names := orm.Select(orm.C(&albumRef.Title)).Subquery("names")
	ids := orm.Select(orm.C(&albumRef.ID)).Subquery("ids")
	twice := orm.Select(orm.C(&albumRef.ID), orm.C(&artistRef.ID)).From(albumRef, artistRef).Subquery("twice")
	for name, c := range map[string]struct {
		err  error
		kind error
		says string
	}{
		"a query without the key": {
			failure(orm.Query[Album](s).From(names).All(ctx)), orm.ErrSchemaMismatch,
			`orm: read Album: there is no column "id" of the primary key (select the whole key)`,
		},
		"a statement without the key": {
			failure(orm.Fetch[*Album](ctx, s, orm.Select(albumRef).From(orm.As(albumRef, names)))), orm.ErrSchemaMismatch,
			`orm: read Album: there is no column "id" of the primary key (select the whole key)`,
		},
		"a column that is not there": {
			failure(orm.Query[Album](s).From(ids).Filter(orm.C(&albumRef.Title).Eq("x")).All(ctx)), orm.ErrUnknownName,
			`orm: refer to column ids."title": there is no such column (there are: id)`,
		},
		"a join by a column that is not there": {
			failure(orm.Query[Album](s).From(ids).Options(orm.JoinedLoad(&albumRef.Artist)).All(ctx)), orm.ErrUnknownName,
			`orm: refer to column ids."artist_id": there is no such column (there are: id)`,
		},
		"a column that is there twice": {
			failure(orm.Query[Album](s).From(twice).All(ctx)), orm.ErrAmbiguous,
			`orm: refer to column twice."id": several columns have that name (name one of them with As)`,
		},
		"the table beside the source": {
			failure(orm.Fetch[orm.M](ctx, s, orm.Select(albumRef).From(orm.As(albumRef, titled), albumRef))), orm.ErrAmbiguous,
			"orm: select from albums: the statement reads it from titled already (use orm.Alias for one of the two)",
		},
		"the source beside the table": {
			failure(orm.Fetch[orm.M](ctx, s, orm.Select(albumRef).From(albumRef, orm.As(albumRef, titled)))), orm.ErrAmbiguous,
			"orm: select from albums: the statement reads it from albums already (use orm.Alias for one of the two)",
		},
		"From behind Join": {
			failure(orm.Query[Album](s).Join(&albumRef.Artist).From(titled).All(ctx)), orm.ErrArgument,
			"orm: select from Album: the query joins already (call From before Join)",
		},
		"no source": {
			failure(orm.Query[Album](s).From(nil).All(ctx)), orm.ErrArgument,
			"orm: select from Album: what it is to read from is nil (give As a Subquery, a CTE or a table)",
		},
		"a field": {
			failure(orm.Fetch[orm.M](ctx, s, orm.Select(titled).From(orm.As(&albumRef.Title, titled)))), orm.ErrArgument,
			"orm: select from As: the first argument is a field, and no entity reference (give what orm.Entity or orm.Alias returns)",
		},
		"no reference": {
			failure(orm.Fetch[orm.M](ctx, s, orm.Select(titled).From(orm.As(&Album{}, titled)))), orm.ErrArgument,
			"orm: refer to *orm_test.Album: the pointer does not point into an entity reference (take the address of a field of orm.Entity[T]() or orm.Alias[T](name); for a value use the value itself)",
		},
		"a write": {
			failure(orm.Exec(ctx, s, orm.Delete(titledAs).AllRows())), orm.ErrArgument,
			"orm: write: what an entity is read from is not what is written to (name the table itself)",
		},
		"a name that hides it": {
			failure(orm.Query[Album](s).From(titled).Filter(orm.Exists(orm.Select(orm.C(&trackRef.ID)).From(orm.As(trackRef, orm.Select(trackRef).Subquery("titled"))).
				Where(orm.Eq(orm.C(&trackRef.AlbumID), orm.C(&albumRef.ID))))).All(ctx)), orm.ErrAmbiguous,
			"orm: refer to column titled.id: an item of FROM of that name stands in between (give that one another name, with Alias)",
		},
	} {
		if c.err == nil || !errors.Is(c.err, c.kind) || c.err.Error() != c.says {
			t.Errorf("%s: got\n%v\nwant\n%s", name, c.err, c.says)
		}
	}
	if sent := db.statements(); len(sent) > 0 {
		t.Errorf("sent %v", sent)
	}
}

// failure is the error of a call.
func failure[T any](_ T, err error) error { return err }
