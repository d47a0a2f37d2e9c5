// This file tests the search for words.

package orm_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

var (
	papersOfWords = orm.NewMetadata()
	articleTable  = orm.NewTable("article", papersOfWords,
		orm.NewColumn("title", types.String(100)),
		orm.NewColumn("body", types.Text()),
	)
	article = struct{ title, body orm.Expr[string] }{orm.Col[string](articleTable, "title"), orm.Col[string](articleTable, "body")}
)

// withArticles makes the table with an index of words: a virtual table on SQLite,
// and FULLTEXT on MySQL, where such an index has to be of just the columns.
func (db *testDB) withArticles(t *testing.T) {
	t.Helper()
	if db.name() == "sqlite" {
		get(orm.Exec(t.Context(), db.Engine, orm.Text("CREATE VIRTUAL TABLE article USING fts5(title, body)")))(t)
	} else {
		must(t, papersOfWords.CreateAll(t.Context(), db.Engine))
	}
	if db.name() == "mysql" {
		for _, columns := range []orm.SQL{"body", "title, body"} {
			get(orm.Exec(t.Context(), db.Engine, orm.Text("ALTER TABLE article ADD FULLTEXT ("+columns+")")))(t)
		}
	}
	get(orm.Exec(t.Context(), db.Engine, orm.Insert(articleTable).Values(
		orm.M{"title": "foxes", "body": "The quick brown fox jumps over the lazy dog."},
		orm.M{"title": "ships", "body": "A quick ship; no animal aboard, \"promise\"."},
		orm.M{"title": "quick notes", "body": nil},
		orm.M{"title": "other", "body": "Nothing of interest"},
	)))(t)
}

func found(conditions ...orm.Expr[bool]) *orm.SelectStatement {
	return orm.Select(article.title.As("v")).Where(conditions...).OrderBy(article.title)
}

var (
	inBody      = orm.Match(article.body)
	inBoth      = orm.Match(article.title, article.body)
	aliasOfText = articleTable.Alias("a")
)

// Words are found with the index of the database, and mean the same everywhere.
func TestWordsAreFoundOnEveryDatabase(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withArticles(t)
		for _, c := range matchCases() {
			t.Run(c.name, func(t *testing.T) { runCase(t, db, c) })
		}
	})
}

func matchCases() []sqlCase {
	return []sqlCase{
		{name: "a word", stmt: found(inBody.All("quick")), rows: valueRows("foxes", "ships")},
		{name: "a word in another case", stmt: found(inBody.All("QUICK")), rows: valueRows("foxes", "ships")},
		{name: "all of two words", stmt: found(inBody.All("quick fox")), rows: valueRows("foxes")},
		{name: "words that are not beside each other", stmt: found(inBody.All("dog, quick!")), rows: valueRows("foxes")},
		{name: "any of two words", stmt: found(inBody.Any("dog ship")), rows: valueRows("foxes", "ships")},
		{name: "a word that is nowhere", stmt: found(inBody.All("whale")), rows: valueRows()},
		{name: "words in two columns", stmt: found(inBoth.All("quick")), rows: valueRows("foxes", "quick notes", "ships")},
		{name: "words across two columns", stmt: found(inBoth.All("ships promise")), rows: valueRows("ships")},
		{name: "no words", stmt: found(inBody.All("")), rows: valueRows()},
		{name: "signs and no words", stmt: found(inBody.Any("+-*\"'():&|!@{}")), rows: valueRows()},
		{name: "words among signs", stmt: found(inBody.All(`+"promise" & !(ship)'*`)), rows: valueRows("ships")},
		{name: "words that are operators", stmt: found(inBody.Any("NOT AND OR NEAR brown")), rows: valueRows("foxes")},
		{name: "words beside another condition", stmt: found(inBody.All("quick"), article.title.Ne("ships")), rows: valueRows("foxes")},
		{name: "words in a table under another name", stmt: orm.Select(orm.Col[string](aliasOfText, "title").As("v")).Where(orm.Match(aliasOfText.C("title"), aliasOfText.C("body")).All("lazy")), rows: valueRows("foxes")},
		{name: "words of a language", stmt: found(inBody.Language("simple").All("jumps")), rows: valueRows("foxes")},
	}
}

// A query in the database's own language travels as it is.
func TestQueriesForWordsAreInTheLanguageOfTheDatabase(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withArticles(t)
		query := map[string]string{"sqlite": "quick NOT fox", "postgres": "quick & !fox", "mysql": "+quick -fox"}[db.name()]
		got := get(orm.Fetch[string](t.Context(), db.Engine, found(inBody.Query(query))))(t)
		if diff := cmp.Diff([]string{"ships"}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestSearchesThatNoDatabaseHasAreRefused(t *testing.T) {
	for name, test := range map[string]struct {
		condition orm.Expr[bool]
		want      orm.ErrorKind
	}{
		"no column":                  {orm.Match().All("x"), orm.ErrArgument},
		"columns of two tables":      {orm.Match(article.body, person.name).All("x"), orm.ErrArgument},
		"an expression":              {orm.Match(orm.Lower(article.body)).All("x"), orm.ErrArgument},
		"a language that is no name": {inBody.Language("english'").All("x"), orm.ErrBadIdentifier},
	} {
		t.Run(name, func(t *testing.T) {
			for _, dialect := range []string{"sqlite", "postgres", "mysql"} {
				if _, _, err := orm.Compile(found(test.condition), dialect); !errors.Is(err, test.want) {
					t.Errorf("%s: the error is %v, not %v", dialect, err, test.want)
				}
			}
		})
	}
	if _, _, err := orm.Compile(found(inBody.All("x")), "standard"); !errors.Is(err, orm.ErrUnsupported) {
		t.Errorf("the error is %v, not ErrUnsupported", err)
	}
}
