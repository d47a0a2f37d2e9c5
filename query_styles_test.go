// This file asks the same questions in both styles: by a query for objects, and by
// a SELECT statement. They are to send the same SQL, and find the same rows.

package orm_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aurum-go/orm"
)

// question is what is asked in both styles. A function gets a session, and returns
// what it finds.
type question struct {
	ask       string
	query     func(ctx context.Context, s *orm.Session) (any, error)
	statement func(ctx context.Context, s *orm.Session) (any, error)
	differs   string // why the SQL is not the same, where it is meant to differ
	lacks     string // the databases that have no such feature
}

// objects asks for objects.
func objects[T any](ask string, query func(q *orm.EntityQuery[T]) *orm.EntityQuery[T], stmt orm.Statement) question {
	return question{
		ask: ask,
		query: func(ctx context.Context, s *orm.Session) (any, error) {
			return query(orm.Query[T](s)).All(ctx)
		},
		statement: func(ctx context.Context, s *orm.Session) (any, error) { return orm.Fetch[*T](ctx, s, stmt) },
	}
}

// values asks for anything by a query, and for rows of T by a statement.
func values[T any](ask string, query func(ctx context.Context, s *orm.Session) ([]T, error), stmt orm.Statement) question {
	return question{
		ask:       ask,
		query:     func(ctx context.Context, s *orm.Session) (any, error) { return query(ctx, s) },
		statement: func(ctx context.Context, s *orm.Session) (any, error) { return orm.Fetch[T](ctx, s, stmt) },
	}
}

// alone is a list of the one value of a call.
func alone[T any](v T, err error) ([]T, error) { return []T{v}, err }

func (q question) lacking(databases string) question       { q.lacks = databases; return q }
func (q question) differing(reason string) question        { q.differs = reason; return q }
func askArtists(s *orm.Session) *orm.EntityQuery[Artist]   { return orm.Query[Artist](s) }
func allArtists() *orm.SelectStatement                     { return orm.Select(artistRef).From(artistRef) }
func allAlbums() *orm.SelectStatement                      { return orm.Select(albumRef).From(albumRef) }
func nameOf(a *Artist) orm.Expr[string]                    { return orm.C(&a.Name) }
func byArtist(s *orm.SelectStatement) *orm.SelectStatement { return s.OrderBy(orm.C(&artistRef.ID)) }

type (
	artistQuery = *orm.EntityQuery[Artist]
	albumQuery  = *orm.EntityQuery[Album]
)

var (
	artistName, artistID = orm.C(&artistRef.Name), orm.C(&artistRef.ID)
	albumID, albumTitle  = orm.C(&albumRef.ID), orm.C(&albumRef.Title)
	withAlbums           = orm.Select(orm.N(&albumRef.ArtistID).As("artist_id")).CTE("with_albums")
	firstArtists         = orm.Select(artistRef).OrderBy(orm.C(&artistRef.ID)).Limit(2).Subquery("first_artists")
	otherArtist          = orm.Alias[Artist]("other_artist")
)

var questions = []question{
	objects("all", func(q artistQuery) artistQuery { return q }, allArtists()),
	objects("a condition", func(q artistQuery) artistQuery { return q.Filter(artistName.Eq("Ann")) }, allArtists().Where(artistName.Eq("Ann"))),
	objects("two conditions", func(q artistQuery) artistQuery { return q.Filter(artistName.Ne("Ann"), artistID.Gt(1)) }, allArtists().Where(artistName.Ne("Ann"), artistID.Gt(1))),
	objects("conditions one after the other", func(q artistQuery) artistQuery { return q.Filter(artistName.Ne("Ann")).Filter(artistID.Gt(1)) }, allArtists().Where(artistName.Ne("Ann")).Where(artistID.Gt(1))),
	objects("or", func(q artistQuery) artistQuery { return q.Filter(orm.Or(artistID.Eq(1), artistName.Like("C%"))) }, allArtists().Where(orm.Or(artistID.Eq(1), artistName.Like("C%")))),
	objects("fields by name", func(q artistQuery) artistQuery { return q.FilterBy("Name", "Ann", "Age", nil) }, allArtists().Where(artistName.Eq("Ann"), orm.N(&artistRef.Age).IsNull())),
	objects("in a list", func(q artistQuery) artistQuery { return q.Filter(artistID.In(1, 3)) }, allArtists().Where(artistID.In(1, 3))),
	objects("in a subquery", func(q artistQuery) artistQuery {
		return q.Filter(artistID.InSelect(orm.Select(orm.N(&albumRef.ArtistID)).Where(albumID.Gt(2))))
	}, allArtists().Where(artistID.InSelect(orm.Select(orm.N(&albumRef.ArtistID)).Where(albumID.Gt(2))))),
	objects("a correlated subquery", func(q artistQuery) artistQuery {
		return q.Filter(orm.Exists(orm.Select(albumID).Where(orm.Eq(orm.N(&albumRef.ArtistID), artistID))))
	}, allArtists().Where(orm.Exists(orm.Select(albumID).Where(orm.Eq(orm.N(&albumRef.ArtistID), artistID))))),
	objects("a scalar subquery", func(q artistQuery) artistQuery {
		return q.Filter(orm.Scalar[int64](orm.Select(orm.Count()).From(albumRef).Where(orm.Eq(orm.N(&albumRef.ArtistID), artistID))).Ge(2))
	}, allArtists().Where(orm.Scalar[int64](orm.Select(orm.Count()).From(albumRef).Where(orm.Eq(orm.N(&albumRef.ArtistID), artistID))).Ge(2))),
	objects("a subquery that is told what it shares", func(q artistQuery) artistQuery {
		return q.Filter(orm.Scalar[int64](orm.Select(orm.Count()).From(albumRef).Where(orm.Gt(albumID, artistID)).Correlate(artistRef)).Gt(2))
	}, allArtists().Where(orm.Scalar[int64](orm.Select(orm.Count()).From(albumRef).Where(orm.Gt(albumID, artistID)).Correlate(artistRef)).Gt(2))),
	objects("any of a collection", func(q artistQuery) artistQuery {
		return q.Filter(orm.Many(&artistRef.Albums).Any(albumTitle.Eq("Cat")))
	}, allArtists().Where(orm.Many(&artistRef.Albums).Any(albumTitle.Eq("Cat")))),
	objects("none of a collection", func(q artistQuery) artistQuery { return q.Filter(orm.Many(&artistRef.Albums).IsEmpty()) }, allArtists().Where(orm.Many(&artistRef.Albums).IsEmpty())),
	objects("a member of a reference", func(q albumQuery) albumQuery { return q.Filter(orm.One(&albumRef.Artist).Has(artistName.Eq("Bob"))) }, allAlbums().Where(orm.One(&albumRef.Artist).Has(artistName.Eq("Bob")))),
	objects("an order", func(q artistQuery) artistQuery { return q.OrderBy(artistName.Desc(), artistID) }, allArtists().OrderBy(artistName.Desc(), artistID)),
	objects("an order of NULLs", func(q albumQuery) albumQuery { return q.OrderBy(orm.N(&albumRef.ArtistID).Asc().NullsFirst(), albumID) }, allAlbums().OrderBy(orm.N(&albumRef.ArtistID).Asc().NullsFirst(), albumID)),
	objects("an order by a name", func(q artistQuery) artistQuery { return q.OrderBy(orm.F("Name")) }, allArtists().OrderBy(orm.F("Name"))),
	objects("an order that is dropped", func(q artistQuery) artistQuery { return q.OrderBy(artistName).Unordered().OrderBy(artistID) }, allArtists().OrderBy(artistName).Unordered().OrderBy(artistID)),
	objects("a limit", func(q artistQuery) artistQuery { return q.OrderBy(artistID).Limit(2) }, byArtist(allArtists()).Limit(2)),
	objects("an offset", func(q artistQuery) artistQuery { return q.OrderBy(artistID).Offset(1) }, byArtist(allArtists()).Offset(1)),
	objects("a page", func(q artistQuery) artistQuery { return q.OrderBy(artistID).Limit(1).Offset(1) }, byArtist(allArtists()).Limit(1).Offset(1)),
	objects("a limit with ties", func(q albumQuery) albumQuery { return q.OrderBy(orm.N(&albumRef.ArtistID)).LimitWithTies(1) }, allAlbums().OrderBy(orm.N(&albumRef.ArtistID)).LimitWithTies(1)).lacking("sqlite"),
	objects("distinct", func(q artistQuery) artistQuery { return q.Join(&artistRef.Albums).Distinct().OrderBy(artistID) }, byArtist(allArtists().Join(&artistRef.Albums).Distinct())),
	objects("distinct by an expression", func(q albumQuery) albumQuery {
		return q.DistinctOn(orm.N(&albumRef.ArtistID)).OrderBy(orm.N(&albumRef.ArtistID), albumID.Desc())
	}, allAlbums().DistinctOn(orm.N(&albumRef.ArtistID)).OrderBy(orm.N(&albumRef.ArtistID), albumID.Desc())).lacking("sqlite mysql"),
	objects("a join along a relationship", func(q artistQuery) artistQuery { return q.Join(&artistRef.Albums).OrderBy(albumID) }, allArtists().Join(&artistRef.Albums).OrderBy(albumID)),
	objects("a join with a condition", func(q artistQuery) artistQuery {
		return q.Join(&artistRef.Albums, albumTitle.Ne("Air")).OrderBy(albumID)
	}, allArtists().Join(&artistRef.Albums, albumTitle.Ne("Air")).OrderBy(albumID)),
	objects("a join by a foreign key", func(q albumQuery) albumQuery { return q.Join(artistRef).OrderBy(albumID) }, allAlbums().Join(artistRef).OrderBy(albumID)),
	objects("a join over a link table", func(q albumQuery) albumQuery {
		return q.Join(&albumRef.Genres).Filter(orm.C(&genreRef.Name).Eq("rock")).OrderBy(albumID)
	}, allAlbums().Join(&albumRef.Genres).Where(orm.C(&genreRef.Name).Eq("rock")).OrderBy(albumID)),
	objects("a join to an alias", func(q artistQuery) artistQuery {
		return q.Join(otherArtist, orm.Lt(artistID, orm.C(&otherArtist.ID))).OrderBy(artistID, orm.C(&otherArtist.ID))
	}, byArtist(allArtists().Join(otherArtist, orm.Lt(artistID, orm.C(&otherArtist.ID)))).OrderBy(orm.C(&otherArtist.ID))),
	objects("a join to a subquery", func(q artistQuery) artistQuery {
		return q.Join(withAlbums, orm.Eq(orm.Col[int64](withAlbums, "artist_id"), artistID)).OrderBy(artistID)
	}, byArtist(allArtists().Join(withAlbums, orm.Eq(orm.Col[int64](withAlbums, "artist_id"), artistID)))),
	objects("an outer join", func(q artistQuery) artistQuery { return q.OuterJoin(&artistRef.Albums).Filter(albumID.IsNull()) }, allArtists().OuterJoin(&artistRef.Albums).Where(albumID.IsNull())),
	objects("every row with every other", func(q artistQuery) artistQuery { return q.CrossJoin(genreRef).OrderBy(artistID, orm.C(&genreRef.ID)) }, byArtist(allArtists().CrossJoin(genreRef)).OrderBy(orm.C(&genreRef.ID))),
	objects("groups", func(q artistQuery) artistQuery {
		return q.Join(&artistRef.Albums).GroupBy(artistID).Having(orm.Count().Gt(1))
	}, allArtists().Join(&artistRef.Albums).GroupBy(artistID).Having(orm.Count().Gt(1))),
	objects("a window", func(q artistQuery) artistQuery {
		return q.Window("w", orm.OrderBy(artistName.Desc())).OrderBy(orm.RowNumber().Over(orm.WindowName("w")))
	}, allArtists().Window("w", orm.OrderBy(artistName.Desc())).OrderBy(orm.RowNumber().Over(orm.WindowName("w")))),
	objects("a hint", func(q artistQuery) artistQuery { return q.Hint("mysql", "STRAIGHT_JOIN").OrderBy(artistID) }, byArtist(allArtists().Hint("mysql", "STRAIGHT_JOIN"))),
	objects("a CTE by its name in text", func(q artistQuery) artistQuery {
		return q.AddCTE(withAlbums).Filter(orm.Raw[bool]("artists.id IN (SELECT artist_id FROM with_albums)"))
	}, allArtists().AddCTE(withAlbums).Where(orm.Raw[bool]("artists.id IN (SELECT artist_id FROM with_albums)"))),
	objects("parameters", func(q artistQuery) artistQuery {
		return q.Filter(orm.Eq(artistName, orm.Param[string]("name"))).Params(orm.M{"name": "Bob"})
	}, allArtists().Where(orm.Eq(artistName, orm.Param[string]("name"))).Params(orm.M{"name": "Bob"})),
	objects("a source", func(q artistQuery) artistQuery { return q.From(firstArtists).Filter(artistID.Gt(1)) }, orm.Select(artistRef).From(orm.As(artistRef, firstArtists)).Where(artistID.Gt(1))),
	objects("a lock", func(q artistQuery) artistQuery { return q.Filter(artistID.Eq(1)).ForUpdate() }, allArtists().Where(artistID.Eq(1)).ForUpdate()),
	objects("a lock that others may share", func(q artistQuery) artistQuery { return q.Filter(artistID.Eq(1)).ForShare() }, allArtists().Where(artistID.Eq(1)).ForShare()).lacking("mysql"),
	objects("a lock that does not wait", func(q artistQuery) artistQuery { return q.Filter(artistID.Eq(1)).ForUpdate(orm.NoWait()) }, allArtists().Where(artistID.Eq(1)).ForUpdate(orm.NoWait())),
	objects("a lock of all but the key", func(q artistQuery) artistQuery { return q.Filter(artistID.Eq(1)).ForNoKeyUpdate() }, allArtists().Where(artistID.Eq(1)).ForNoKeyUpdate()).lacking("mysql"),
	objects("a lock of the key", func(q artistQuery) artistQuery { return q.Filter(artistID.Eq(1)).ForKeyShare() }, allArtists().Where(artistID.Eq(1)).ForKeyShare()).lacking("mysql"),
	objects("criteria", func(q artistQuery) artistQuery { return q.WithCriteria(notAnn).OrderBy(artistID) }, byArtist(allArtists().WithCriteria(notAnn))),
	objects("criteria lifted", func(q artistQuery) artistQuery { return q.WithCriteria(notAnn).WithoutCriteria().OrderBy(artistID) }, byArtist(allArtists().WithCriteria(notAnn).WithoutCriteria())),

	question{
		ask: "a union",
		query: func(ctx context.Context, s *orm.Session) (any, error) {
			return askArtists(s).Filter(artistID.Eq(1)).Union(askArtists(s).Filter(artistID.Le(2))).OrderBy(artistID.Desc()).All(ctx)
		},
		statement: func(ctx context.Context, s *orm.Session) (any, error) {
			both := orm.Union(allArtists().Where(artistID.Eq(1)), allArtists().Where(artistID.Le(2))).Subquery("combined")
			return orm.Fetch[*Artist](ctx, s, orm.Select(artistRef).From(orm.As(artistRef, both)).OrderBy(artistID.Desc()))
		},
	},
	question{
		ask: "a union with what is there twice",
		query: func(ctx context.Context, s *orm.Session) (any, error) {
			return askArtists(s).Filter(artistID.Eq(1)).UnionAll(askArtists(s).Filter(artistID.Le(2))).OrderBy(artistID.Desc()).All(ctx)
		},
		statement: func(ctx context.Context, s *orm.Session) (any, error) {
			both := orm.UnionAll(allArtists().Where(artistID.Eq(1)), allArtists().Where(artistID.Le(2))).Subquery("combined")
			return orm.Fetch[*Artist](ctx, s, orm.Select(artistRef).From(orm.As(artistRef, both)).OrderBy(artistID.Desc()))
		},
	},
	question{
		ask: "what several queries find",
		query: func(ctx context.Context, s *orm.Session) (any, error) {
			return askArtists(s).Filter(artistID.Le(2)).Intersect(askArtists(s).Filter(artistID.Ge(2))).All(ctx)
		},
		statement: func(ctx context.Context, s *orm.Session) (any, error) {
			return orm.FromStatement[Artist](s, orm.Intersect(allArtists().Where(artistID.Le(2)), allArtists().Where(artistID.Ge(2)))).All(ctx)
		},
		differs: "a query that is combined can be extended, so it reads from the operation",
	},
	question{
		ask: "what one query finds and no other",
		query: func(ctx context.Context, s *orm.Session) (any, error) {
			return askArtists(s).Except(askArtists(s).Filter(artistID.Ge(2)), askArtists(s).Filter(artistID.Eq(3))).All(ctx)
		},
		statement: func(ctx context.Context, s *orm.Session) (any, error) {
			return orm.FromStatement[Artist](s, orm.Except(allArtists(), allArtists().Where(artistID.Ge(2)), allArtists().Where(artistID.Eq(3)))).All(ctx)
		},
		differs: "a query that is combined can be extended, so it reads from the operation",
	},
	values("one column", func(ctx context.Context, s *orm.Session) ([]string, error) {
		return orm.Pluck(ctx, askArtists(s).OrderBy(artistID), artistName)
	}, byArtist(orm.Select(artistName).From(artistRef))),
	values("two columns", func(ctx context.Context, s *orm.Session) ([]orm.Tuple2[int64, string], error) {
		return orm.Pluck2(ctx, askArtists(s).OrderBy(artistID), artistID, artistName)
	}, byArtist(orm.Select(artistID, artistName).From(artistRef))),
	values("an aggregate of groups", func(ctx context.Context, s *orm.Session) ([]orm.Tuple2[string, int64], error) {
		return orm.Pluck2(ctx, askArtists(s).Join(&artistRef.Albums).GroupBy(artistName).OrderBy(artistName), artistName, orm.Count())
	}, orm.Select(artistName, orm.Count()).From(artistRef).Join(&artistRef.Albums).GroupBy(artistName).OrderBy(artistName)),
	values("the number of rows", func(ctx context.Context, s *orm.Session) ([]int64, error) {
		return alone(askArtists(s).Filter(artistID.Gt(1)).OrderBy(artistID).Count(ctx))
	}, orm.Select(orm.Count()).From(artistRef).Where(artistID.Gt(1))),
	values("the number of a limited query", func(ctx context.Context, s *orm.Session) ([]int64, error) {
		return alone(askArtists(s).Limit(2).Count(ctx))
	}, orm.Select(orm.Count()).From(allArtists().Limit(2).Subquery("counted"))),
	values("the number of joined rows", func(ctx context.Context, s *orm.Session) ([]int64, error) {
		return alone(askArtists(s).Join(&artistRef.Albums).Count(ctx))
	}, orm.Select(orm.Count()).From(artistRef).Join(&artistRef.Albums)),
	values("the number of rows with ties", func(ctx context.Context, s *orm.Session) ([]int64, error) {
		return alone(orm.Query[Album](s).OrderBy(orm.N(&albumRef.ArtistID)).LimitWithTies(1).Count(ctx))
	},
		orm.Select(orm.Count()).From(allAlbums().OrderBy(orm.N(&albumRef.ArtistID)).LimitWithTies(1).Subquery("counted"))).lacking("sqlite"),
	values("the number of distinct expressions", func(ctx context.Context, s *orm.Session) ([]int64, error) {
		return alone(orm.Query[Album](s).DistinctOn(orm.N(&albumRef.ArtistID)).Count(ctx))
	},
		orm.Select(orm.Count()).From(allAlbums().DistinctOn(orm.N(&albumRef.ArtistID)).Subquery("counted"))).lacking("sqlite mysql"),
	values("the first", func(ctx context.Context, s *orm.Session) ([]*Artist, error) {
		return alone(askArtists(s).OrderBy(artistName.Desc()).First(ctx))
	}, allArtists().OrderBy(artistName.Desc()).Limit(1)),
	values("the only one", func(ctx context.Context, s *orm.Session) ([]*Artist, error) {
		return alone(askArtists(s).Filter(artistID.Eq(2)).One(ctx))
	}, allArtists().Where(artistID.Eq(2)).Limit(2)),
	values("whether there is one", func(ctx context.Context, s *orm.Session) ([]bool, error) {
		return alone(askArtists(s).Filter(artistName.Eq("Bob")).Exists(ctx))
	},
		orm.Select(orm.Exists(allArtists().Where(artistName.Eq("Bob"))))).differing("the query reads no value, only whether there is a row"),
	question{
		ask: "columns that are deferred",
		query: func(ctx context.Context, s *orm.Session) (any, error) {
			return askArtists(s).OrderBy(artistID).Options(orm.LoadOnly(&artistRef.Name)).All(ctx)
		},
		statement: func(ctx context.Context, s *orm.Session) (any, error) {
			return orm.Fetch[*Artist](ctx, s, byArtist(allArtists()))
		},
		differs: "options are those of a query; a statement names an entity as a whole, or columns",
	},
	question{
		ask: "a relationship in the same statement",
		query: func(ctx context.Context, s *orm.Session) (any, error) {
			return askArtists(s).OrderBy(artistID).Options(orm.JoinedLoad(&artistRef.Albums)).All(ctx)
		},
		statement: func(ctx context.Context, s *orm.Session) (any, error) {
			return orm.Fetch[*Artist](ctx, s, byArtist(allArtists()))
		},
		differs: "options are those of a query; Load reads the relationship of what a statement has found",
	},
}

// notAnn hides Ann.
var notAnn = orm.CriteriaFor(func(a *Artist) orm.Expr[bool] { return nameOf(a).Ne("Ann") })

func TestBothStylesAskTheSameQuestion(t *testing.T) {
	if len(questions) < 40 {
		t.Errorf("there are only %d questions", len(questions))
	}
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withMusic(t)
		var sent []string
		db.Events().BeforeExecute(func(_ context.Context, e *orm.Execution) error {
			if e.Op == "select" {
				sent = append(sent, fmt.Sprint(e.SQL, e.Args))
			}
			return nil
		})
		for _, q := range questions {
			run := func(ask func(context.Context, *orm.Session) (any, error)) (string, []string) {
				sent = nil
				s := orm.NewSession(db.Engine)
				found, err := ask(t.Context(), s)
				must(t, s.Close())
				switch lacks := slices.Contains(strings.Fields(q.lacks), db.name()); {
				case lacks && !errors.Is(err, orm.ErrUnsupported):
					t.Errorf("%s: the error is %v", q.ask, err)
				case lacks:
					return "", nil
				case err != nil:
					t.Errorf("%s: %v", q.ask, err)
				}
				return rowsText(found), sent
			}
			rows, bySelect := run(q.statement)
			found, byQuery := run(q.query)
			if diff := cmp.Diff(rows, found); diff != "" || rows == "" && q.lacks == "" {
				t.Errorf("%s: rows differ, or there are none (-statement +query):\n%s", q.ask, diff)
			}
			if diff := cmp.Diff(bySelect, byQuery); (diff == "") != (q.differs == "") {
				t.Errorf("%s: meant to differ: %q (-statement +query):\n%s", q.ask, q.differs, diff)
			}
		}
	})
}

// rowsText writes what was found: objects by their keys.
func rowsText(found any) string {
	var text []string
	switch found := found.(type) {
	case []*Artist:
		for _, a := range found {
			text = append(text, fmt.Sprint("artist ", a.ID, a.Name))
		}
	case []*Album:
		for _, a := range found {
			text = append(text, fmt.Sprint("album ", a.ID, a.Title))
		}
	default:
		return fmt.Sprint(found)
	}
	return strings.Join(text, ", ")
}

// notForQueries are the methods that a SELECT has and a query for objects has not.
var notForQueries = map[string]string{
	"Where":           "Filter",
	"Columns":         "Pluck: a query for objects reads their columns",
	"CTE":             "Statement().CTE",
	"RecursiveCTE":    "Statement().RecursiveCTE",
	"Subquery":        "Statement().Subquery",
	"Lateral":         "Statement().Lateral",
	"Correlate":       "Statement().Correlate: a query stands inside of no other",
	"CorrelateExcept": "Statement().CorrelateExcept: a query stands inside of no other",
	"FullJoin":        "it gives rows without an object of the query; Fetch reads them",
	"String":          "Statement().String",
}

func TestAQueryHasWhatASelectHas(t *testing.T) {
	query := reflect.TypeFor[*orm.EntityQuery[User]]()
	missing := map[string]bool{}
	for m := range reflect.TypeFor[*orm.SelectStatement]().Methods() {
		if _, has := query.MethodByName(m.Name); !has {
			missing[m.Name] = true
		}
		if _, settled := notForQueries[m.Name]; settled != missing[m.Name] {
			t.Errorf("%s: a query has it or has not, and the table says otherwise", m.Name)
		}
	}
	if len(missing) != len(notForQueries) {
		t.Errorf("%d methods are missing, and the table has %d", len(missing), len(notForQueries))
	}
}
