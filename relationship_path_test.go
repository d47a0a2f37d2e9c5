// This file tests SQL that follows relationships: joins along them.

package orm_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/aurum-go/orm"
)

// The structs of a music shop: of every kind of relationship one.
type (
	Artist struct {
		orm.Base `orm:"table:artists"`

		ID     int64
		Name   string `orm:"size:50"`
		Age    *int
		Albums []*Album `orm:"back_populates:Artist"`
		Bio    *Bio     `orm:"back_populates:Artist"`
	}
	Bio struct {
		orm.Base `orm:"table:bios"`

		ID       int64
		Text     string
		ArtistID *int64  `orm:"unique"`
		Artist   *Artist `orm:"back_populates:Bio"`
	}
	Album struct {
		orm.Base `orm:"table:albums"`

		ID       int64
		Title    string `orm:"size:50"`
		ArtistID *int64
		Artist   *Artist           `orm:"back_populates:Albums"`
		Genres   []*Genre          `orm:"secondary:album_genres;back_populates:Albums"`
		Tracks   map[string]*Track `orm:"key:Name;back_populates:Album"`
		Covers   map[*Cover]struct{}
	}
	Genre struct {
		orm.Base `orm:"table:genres"`

		ID     int64
		Name   string   `orm:"size:50"`
		Albums []*Album `orm:"secondary:album_genres;back_populates:Genres"`
	}
	Track struct {
		orm.Base `orm:"table:tracks"`

		ID      int64
		Name    string `orm:"size:50"`
		AlbumID int64
		Album   *Album `orm:"back_populates:Tracks"`
	}
	Cover struct {
		orm.Base `orm:"table:covers"`

		ID      int64
		AlbumID int64 `orm:"foreign_key:albums.id"`
	}
	// Shop refers to itself: by a key, and by a link table in both directions.
	Shop struct {
		orm.Base `orm:"table:shops"`

		ID       int64
		Name     string `orm:"size:50"`
		ParentID *int64
		Parent   *Shop   `orm:"back_populates:Children"`
		Children []*Shop `orm:"back_populates:Parent"`
		Rivals   []*Shop `orm:"secondary:rivalry(shop_id,rival_id);back_populates:RivalOf"`
		RivalOf  []*Shop `orm:"secondary:rivalry(rival_id,shop_id);back_populates:Rivals"`
	}
	// Shelf has a composite key, and Stock refers to it.
	Shelf struct {
		orm.Base `orm:"table:shelves"`

		ShopID int64    `orm:"primary_key;foreign_key:shops.id"`
		No     int      `orm:"primary_key"`
		Stock  []*Stock `orm:"back_populates:Shelf"`
	}
	Stock struct {
		orm.Base `orm:"table:stock;foreign_key:(shop_id,shelf_no)->shelves(shop_id,no)"`

		ID      int64
		ShopID  *int64
		ShelfNo *int
		Shelf   *Shelf `orm:"back_populates:Stock"`
	}
)

var (
	musicModels = orm.MustRegister(&Artist{}, &Bio{}, &Album{}, &Genre{}, &Track{}, &Cover{}, &Shop{}, &Shelf{}, &Stock{})

	artistRef = orm.Entity[Artist]()
	bioRef    = orm.Entity[Bio]()
	albumRef  = orm.Entity[Album]()
	genreRef  = orm.Entity[Genre]()
	trackRef  = orm.Entity[Track]()
	shopRef   = orm.Entity[Shop]()
	shelfRef  = orm.Entity[Shelf]()
	stockRef  = orm.Entity[Stock]()
	parentRef = orm.Alias[Shop]("parent")
)

// withMusic creates the tables of the music shop: Ann has two albums, Bob one,
// Cyd none, and one album is nobody's.
func (db *testDB) withMusic(t *testing.T) *testDB {
	t.Helper()
	must(t, musicModels.CreateAll(t.Context(), db.Engine))
	table := musicModels.Metadata().Table
	id := func(n int64) *int64 { return &n }
	s := db.session(t)
	for _, objects := range [][]orm.Model{
		{&Artist{ID: 1, Name: "Ann"}, &Artist{ID: 2, Name: "Bob"}, &Artist{ID: 3, Name: "Cyd"}},
		{&Bio{ID: 1, Text: "of Ann", ArtistID: id(1)}, &Bio{ID: 2, Text: "of nobody"}},
		{&Album{ID: 1, Title: "Air", ArtistID: id(1)}, &Album{ID: 2, Title: "Bear", ArtistID: id(1)}, &Album{ID: 3, Title: "Cat", ArtistID: id(2)}, &Album{ID: 4, Title: "Dew"}},
		{&Genre{ID: 1, Name: "jazz"}, &Genre{ID: 2, Name: "rock"}, &Genre{ID: 3, Name: "folk"}},
		{&Track{ID: 1, Name: "one", AlbumID: 1}, &Track{ID: 2, Name: "two", AlbumID: 1}, &Cover{ID: 1, AlbumID: 2}},
		{&Shop{ID: 1, Name: "head"}}, {&Shop{ID: 2, Name: "north", ParentID: id(1)}, &Shop{ID: 3, Name: "south", ParentID: id(1)}}, {&Shop{ID: 4, Name: "corner", ParentID: id(2)}},
		{&Shelf{ShopID: 1, No: 1}, &Shelf{ShopID: 1, No: 2}}, {&Stock{ID: 1, ShopID: id(1), ShelfNo: new(int)}},
	} {
		if stock, ok := objects[0].(*Stock); ok {
			*stock.ShelfNo = 2
		}
		for _, o := range objects {
			s.Add(o)
		}
		must(t, s.Commit(t.Context()))
	}
	for _, stmt := range []orm.Statement{
		orm.Insert(table("album_genres")).Values(orm.M{"album_id": 1, "genre_id": 1}, orm.M{"album_id": 1, "genre_id": 2}, orm.M{"album_id": 3, "genre_id": 2}),
		orm.Insert(table("rivalry")).Values(orm.M{"shop_id": 2, "rival_id": 3}, orm.M{"shop_id": 4, "rival_id": 3}),
	} {
		get(orm.Exec(t.Context(), db.Engine, stmt))(t)
	}
	db.statements()
	return db
}

// runMusic runs cases on the tables of the music shop.
func runMusic(t *testing.T, cases []sqlCase) {
	t.Helper()
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withMusic(t)
		for _, c := range cases {
			t.Run(c.name, func(t *testing.T) { runCase(t, db, c) })
		}
	})
}

func TestJoinsAlongRelationshipsGiveTheSameRowsOnEveryDatabase(t *testing.T) {
	runMusic(t, pathCases())
}

// titles selects albums and the names of their artists.
var titles = orm.Select(orm.C(&albumRef.Title).As("album"), orm.C(&artistRef.Name).As("artist"))

func pathCases() []sqlCase {
	return []sqlCase{
		{
			name: "one to many", stmt: titles.From(artistRef).Join(&artistRef.Albums).OrderBy(orm.C(&albumRef.ID)),
			rows: []string{"album=Air artist=Ann", "album=Bear artist=Ann", "album=Cat artist=Bob"},
		},
		{
			name: "many to one", stmt: titles.From(albumRef).OuterJoin(&albumRef.Artist).OrderBy(orm.C(&albumRef.ID)),
			rows: []string{"album=Air artist=Ann", "album=Bear artist=Ann", "album=Cat artist=Bob", "album=Dew artist=NULL"},
		},
		{
			name: "one to one", stmt: orm.Select(orm.C(&artistRef.Name), orm.C(&bioRef.Text)).From(artistRef).Join(&artistRef.Bio),
			rows: []string{"name=Ann text=of Ann"},
		},
		{
			name: "many to many", stmt: orm.Select(orm.C(&albumRef.Title), orm.C(&genreRef.Name)).From(albumRef).Join(&albumRef.Genres).OrderBy(orm.C(&albumRef.ID), orm.C(&genreRef.ID)),
			rows: []string{"name=jazz title=Air", "name=rock title=Air", "name=rock title=Cat"},
		},
		{
			name: "a chain", stmt: orm.Select(orm.C(&artistRef.Name).As("artist"), orm.C(&genreRef.Name).As("genre")).From(artistRef).
				Join(&artistRef.Albums).Join(&albumRef.Genres).Where(orm.C(&albumRef.Title).Eq("Cat")),
			rows: []string{"artist=Bob genre=rock"},
		},
		{
			name: "two from one entity", stmt: orm.Select(orm.C(&albumRef.Title), orm.C(&bioRef.Text)).From(artistRef).
				Join(&artistRef.Bio).Join(&artistRef.Albums).OrderBy(orm.C(&albumRef.ID)),
			rows: []string{"text=of Ann title=Air", "text=of Ann title=Bear"},
		},
		{
			name: "from an item that is not the last", stmt: orm.Select(orm.Count().As("n")).From(albumRef, genreRef).Join(&albumRef.Artist),
			rows: []string{"n=9"},
		},
		{
			name: "from a table in the place of its entity", stmt: orm.Select(orm.Count().As("n")).From(musicModels.Metadata().Table("albums")).Join(&albumRef.Artist),
			rows: []string{"n=3"},
		},
		{
			name: "with a table joined behind it", stmt: orm.Select(orm.C(&trackRef.Name)).From(artistRef).Join(&artistRef.Albums).Join(trackRef).OrderBy(orm.C(&trackRef.ID)),
			rows: nameRows("one", "two"),
		},
		{
			name: "with a condition", stmt: orm.Select(orm.C(&artistRef.Name), orm.C(&albumRef.Title)).From(artistRef).
				OuterJoin(&artistRef.Albums, orm.C(&albumRef.Title).Like("%a%"), orm.C(&albumRef.ID).Gt(1)).OrderBy(orm.C(&artistRef.ID)),
			rows: []string{"name=Ann title=Bear", "name=Bob title=Cat", "name=Cyd title=NULL"},
		},
		{
			name: "many to many that keeps rows, with a condition", stmt: orm.Select(orm.C(&albumRef.Title), orm.C(&genreRef.Name)).From(albumRef).
				OuterJoin(&albumRef.Genres, orm.C(&genreRef.Name).Eq("jazz")).OrderBy(orm.C(&albumRef.ID)),
			rows: []string{"name=jazz title=Air", "name=NULL title=Bear", "name=NULL title=Cat", "name=NULL title=Dew"},
		},
		{
			name: "to itself, under an alias", stmt: orm.Select(orm.C(&shopRef.Name), orm.C(&parentRef.Name).As("of")).From(shopRef).
				Join(&shopRef.Parent, parentRef).OrderBy(orm.C(&shopRef.ID)),
			rows: []string{"name=north of=head", "name=south of=head", "name=corner of=north"},
		},
		{
			name: "to itself, from the alias", stmt: orm.Select(orm.C(&shopRef.Name), orm.C(&parentRef.Name).As("of")).From(parentRef).
				Join(&parentRef.Children, orm.C(&parentRef.ID).Gt(1)),
			rows: []string{"name=corner of=north"},
		},
		{
			name: "to itself by a link table", stmt: orm.Select(orm.C(&shopRef.Name), orm.C(&parentRef.Name).As("of")).From(shopRef).
				Join(&shopRef.Rivals, parentRef, orm.C(&shopRef.ID).Gt(2)),
			rows: []string{"name=corner of=south"},
		},
		{
			name: "to itself by a link table, from the other side", stmt: orm.Select(orm.C(&shopRef.Name), orm.C(&parentRef.Name).As("of")).From(shopRef).
				Join(&shopRef.RivalOf, parentRef).OrderBy(orm.C(&parentRef.ID)),
			rows: []string{"name=south of=north", "name=south of=corner"},
		},
		{
			name: "one link table twice", stmt: func() orm.Statement {
				other := orm.Alias[Album]("other")
				return orm.Select(orm.C(&albumRef.Title), orm.C(&other.Title).As("other")).From(albumRef).Join(&albumRef.Genres).Join(&genreRef.Albums, other).
					Where(orm.Ne(orm.C(&other.ID), orm.C(&albumRef.ID))).OrderBy(orm.C(&albumRef.ID))
			}(),
			rows: []string{"other=Cat title=Air", "other=Air title=Cat"},
		},
		{
			name: "a composite key", stmt: orm.Select(orm.C(&stockRef.ID), orm.C(&shelfRef.No)).From(shelfRef).Join(&shelfRef.Stock),
			rows: []string{"id=1 no=2"},
		},
		{
			name: "a full join", lacks: "mysql", stmt: orm.Select(orm.Count().As("n")).From(artistRef).FullJoin(&artistRef.Albums),
			rows: []string{"n=5"},
		},
		{
			name: "a full join by a link table", lacks: "mysql", stmt: orm.Select(orm.Count().As("n")).From(albumRef).FullJoin(&albumRef.Genres),
			rows: []string{"n=6"},
		},
		{
			name: "outer joins one behind the other", stmt: orm.Select(orm.C(&artistRef.Name), orm.C(&genreRef.Name).As("genre")).From(artistRef).
				OuterJoin(&artistRef.Albums, orm.C(&albumRef.ID).Eq(1)).OuterJoin(&albumRef.Genres, orm.C(&genreRef.ID).Eq(2)).OrderBy(orm.C(&artistRef.ID)),
			rows: []string{"genre=rock name=Ann", "genre=NULL name=Bob", "genre=NULL name=Cyd"},
		},
		{
			name: "a map and a set", stmt: orm.Select(orm.Count().As("n")).From(albumRef).Join(&albumRef.Tracks).OuterJoin(&albumRef.Covers),
			rows: []string{"n=2"},
		},
		{
			name: "in a subquery", stmt: orm.Select(orm.C(&genreRef.Name)).From(genreRef).Where(orm.Exists(
				orm.Select(orm.C(&albumRef.ID)).From(albumRef).Join(&albumRef.Artist).Join(&albumRef.Genres, orm.Alias[Genre]("g"), orm.Eq(orm.C(&orm.Alias[Genre]("g").ID), orm.C(&genreRef.ID))).
					Where(orm.C(&artistRef.Name).Eq("Bob")))),
			rows: nameRows("rock"),
		},
	}
}

func TestJoinAlongARelationshipIsRefusedWithATypedError(t *testing.T) {
	for name, test := range map[string]struct {
		stmt *orm.SelectStatement
		want orm.ErrorKind
		says string
	}{
		"the entity is not in FROM":          {titles.From(artistRef).Join(&albumRef.Artist), orm.ErrUnknownName, "orm: join Album.Artist: the statement does not select from its table"},
		"the field is a column":              {titles.From(artistRef).Join(&artistRef.Name), orm.ErrUnknownName, "orm: follow Artist.Name: the field is no relationship (the relationships are Albums, Bio)"},
		"there are no relationships":         {titles.From(artistRef).Join(&orm.Entity[Cover]().ID), orm.ErrUnknownName, "Cover has no relationships"},
		"a field of an object":               {titles.From(artistRef).Join(&(&Artist{}).Albums), orm.ErrArgument, "does not point into an entity reference"},
		"the target stands already":          {titles.From(shopRef).Join(&shopRef.Parent), orm.ErrAmbiguous, "with Alias"},
		"an alias of another struct":         {titles.From(shopRef).Join(&shopRef.Parent, albumRef), orm.ErrArgument, "orm: join Shop.Parent: it leads to Shop and not to Album (give orm.Alias[Shop](name))"},
		"a field for the alias":              {titles.From(shopRef).Join(&shopRef.Parent, &parentRef.Name), orm.ErrArgument, "what stands behind it is no entity reference"},
		"text for the alias":                 {titles.From(shopRef).Join(&shopRef.Parent, "parent"), orm.ErrArgument, "give an entity reference"},
		"nil for the alias":                  {titles.From(shopRef).Join(&shopRef.Parent, nil), orm.ErrArgument, "it cannot stand there"},
		"a nil alias":                        {titles.From(shopRef).Join(&shopRef.Parent, (*Shop)(nil)), orm.ErrArgument, "the pointer is nil"},
		"two aliases":                        {titles.From(shopRef).Join(&shopRef.Parent, parentRef, parentRef), orm.ErrArgument, "one entity reference at most"},
		"an expression that is no condition": {titles.From(shopRef).Join(&shopRef.Parent, parentRef, orm.C(&shopRef.ID)), orm.ErrArgument, "and conditions"},
		"an alias behind an entity":          {titles.From(artistRef).Join(albumRef, albumRef), orm.ErrArgument, "the target stands under its own name"},
		"the zero condition":                 {titles.From(artistRef).Join(&artistRef.Albums, orm.Expr[bool]{}), orm.ErrArgument, "the zero Expr"},
		"two zero conditions":                {titles.From(artistRef).Join(&artistRef.Albums, orm.True(), orm.Expr[bool]{}), orm.ErrArgument, "the condition is the zero Expr"},
		"a cross join":                       {titles.From(artistRef).CrossJoin(&artistRef.Albums), orm.ErrUnknownName, "the field is a relationship and no column"},
		"a relationship for a column":        {orm.Select(orm.C(&artistRef.Bio)), orm.ErrUnknownName, "the field is a relationship and no column (join it, or ask of it with orm.One or orm.Many)"},
		"two foreign keys to a bare target":  {titles.From(shopRef).Join(musicModels.Metadata().Table("rivalry")), orm.ErrAmbiguous, "rivalry.rival_id to shops"},
		"nothing to join to":                 {titles.Join(&artistRef.Albums), orm.ErrArgument, "call From before Join"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := orm.Compile(test.stmt, "sqlite")
			if !errors.Is(err, test.want) || !strings.Contains(err.Error(), test.says) {
				t.Errorf("the error is %v, not %v with %q", err, test.want, test.says)
			}
		})
	}
}
