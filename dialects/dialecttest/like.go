// This file looks at LIKE and its family: what is special in a pattern, and that
// nothing is in the texts of StartsWith, EndsWith and Contains.

package dialecttest

import (
	"slices"
	"testing"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

// special are the characters that some database takes for more than they are.
var special = []string{"%", "_", `\`, "/", "!", "^", "[", "]", "*", "?", "'", `"`, "`", "#", "~", "|", "$", ":", "-", "100%", "a_b", `\%`, `/_`, "日本", "🎉"}

func likeChecks() []check {
	checks := []check{
		{name: "percent is any text", run: likes("a%z", "az", "abz", "a%z", "a_z", `a\z`, "a/z", "aéz")},
		{name: "underscore is one character", run: likes("a_z", "abz", "a%z", "a_z", `a\z`, "a/z", "aéz")},
		{name: "underscore is one character of four bytes", run: likes("a_c", "a🎉c")},
		{name: "an escaped percent is a percent", run: likes(`a\%z`, "a%z")},
		{name: "an escaped underscore is an underscore", run: likes(`a\_z`, "a_z")},
		{name: "an escaped backslash is a backslash", run: likes(`a\\z`, `a\z`)},
		{name: "a slash is a slash", run: likes("a/z", "a/z")},
		{name: "a pattern without signs is a text", run: likes("abz", "abz")},
		{name: "an empty pattern is the empty text", run: likes("", "")},
		{name: "not like", run: notLikes},
		{name: "case does not count for ilike", run: iLikes},
		{name: "case does not count for not ilike", run: notILikes},
		{name: "case does not count for icontains", run: iContains},
		{name: "a regular expression", needs: []need{needsRegexp}, run: matches, lacking: refusesRegexp},
		{name: "NULL is not like anything", run: nullIsLikeNothing},
	}
	for _, s := range special {
		checks = append(checks, check{name: "taken literally: " + s, run: literally(s)})
	}
	return checks
}

var likeTexts = []string{"az", "abz", "a%z", "a_z", `a\z`, "a/z", "aéz", "a🎉c", "", "b"}

// likeTable makes a table of texts.
func likeTable(t *testing.T, db *database, texts ...string) *orm.Table {
	t.Helper()
	table := db.table(t, "texts", key("id"), orm.NewColumn("v", types.String(50)))
	for i, text := range texts {
		exec(t, db, orm.Insert(table).Values(orm.M{"id": i, "v": text}))
	}
	return table
}

// finds compares the texts of the rows that meet a condition.
func finds(t *testing.T, db *database, table *orm.Table, condition orm.Expr[bool], want ...string) {
	t.Helper()
	got := fetch[string](t, db, orm.Select(table.C("v")).From(table).Where(condition))
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(want, got) {
		t.Errorf("found %q, not %q", got, want)
	}
}

func likes(pattern string, want ...string) func(t *testing.T, db *database) {
	return func(t *testing.T, db *database) {
		table := likeTable(t, db, likeTexts...)
		finds(t, db, table, table.C("v").Like(pattern), want...)
	}
}

func notLikes(t *testing.T, db *database) {
	table := likeTable(t, db, likeTexts...)
	finds(t, db, table, table.C("v").NotLike("a%"), "", "b")
}

func iLikes(t *testing.T, db *database) {
	table := likeTable(t, db, "Anna", "anna", "HANNA", "bert")
	finds(t, db, table, table.C("v").ILike("ANN_"), "Anna", "anna")
	finds(t, db, table, table.C("v").ILike("%nn%"), "Anna", "anna", "HANNA")
}

func notILikes(t *testing.T, db *database) {
	table := likeTable(t, db, "Anna", "HANNA", "bert")
	finds(t, db, table, table.C("v").NotILike("%nn%"), "bert")
}

func iContains(t *testing.T, db *database) {
	table := likeTable(t, db, "100% Anna", "100 anna", "bert")
	finds(t, db, table, table.C("v").IContains("% ANN"), "100% Anna")
}

func matches(t *testing.T, db *database) {
	table := likeTable(t, db, "abc", "abd", "xyz")
	finds(t, db, table, table.C("v").Matches("^ab[cx]$"), "abc")
	finds(t, db, table, orm.Not(table.C("v").Matches("^a")), "xyz")
}

func refusesRegexp(t *testing.T, db *database) {
	db.refusesUnsent(t, orm.ErrUnsupported, names(people.C("name").Matches("^a")))
}

func nullIsLikeNothing(t *testing.T, db *database) {
	table := likeTable(t, db, "a")
	exec(t, db, orm.Insert(table).Values(orm.M{"id": 9, "v": nil}))
	finds(t, db, table, table.C("v").Like("%"), "a")
	finds(t, db, table, table.C("v").NotLike("b"), "a")
}

// literally checks that a text is found at its place, and that what a pattern
// would find beside it is not.
func literally(s string) func(t *testing.T, db *database) {
	return func(t *testing.T, db *database) {
		table := likeTable(t, db, s, s+"x", "x"+s, "x"+s+"x", "xyz", "")
		v := table.C("v")
		finds(t, db, table, v.StartsWith(s), s, s+"x")
		finds(t, db, table, v.EndsWith(s), s, "x"+s)
		finds(t, db, table, v.Contains(s), s, s+"x", "x"+s, "x"+s+"x")
		finds(t, db, table, v.IContains(s), s, s+"x", "x"+s, "x"+s+"x")
	}
}
