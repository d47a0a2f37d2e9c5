// This file fuzzes what the compiler makes of texts of the user. It stands here
// because the tests of this package do not link SQLite, whose engine is instrumented
// too and brings fuzzing to a stop.

package postgres

import (
	"database/sql"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

// unquoted reads a quoted name, and what is left behind it.
func unquoted(text string) (name, rest string) {
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		if text[i] != '"' {
			b.WriteByte(text[i])
			continue
		}
		if i+1 == len(text) || text[i+1] != '"' {
			return b.String(), text[i+1:]
		}
		b.WriteByte('"')
		i++
	}
	return b.String(), "there is no end"
}

func FuzzQuotedNamesEndWhereTheyShould(f *testing.F) {
	for _, seed := range []string{"", "a", `"`, `""`, `a"b`, `";DROP TABLE x;--`, `\"`, "日本", "\xff"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		for _, d := range []orm.Dialect{dialect{}, orm.StandardDialect{}} {
			text := d.QuoteIdent(name)
			if got, rest := unquoted(text); got != name || rest != "" || text[0] != '"' {
				t.Errorf("%q is quoted as %s, which is %q and %q", name, text, got, rest)
			}
		}
	})
}

// like is LIKE with a slash as the escape character, by its definition.
func like(text, pattern []rune) bool {
	if len(pattern) == 0 {
		return len(text) == 0
	}
	switch pattern[0] {
	case '%':
		for i := range len(text) + 1 {
			if like(text[i:], pattern[1:]) {
				return true
			}
		}
		return false
	case '_':
		return len(text) > 0 && like(text[1:], pattern[1:])
	case '/':
		pattern = pattern[1:]
	}
	return len(pattern) > 0 && len(text) > 0 && text[0] == pattern[0] && like(text[1:], pattern[1:])
}

var notes = orm.Col[string](orm.NewTable("notes", orm.NewMetadata(), orm.NewColumn("note", types.Text())), "note")

// patternOf is the argument of a condition.
func patternOf(t *testing.T, condition orm.Expr[bool]) []rune {
	text, args, err := orm.Compile(orm.Select(notes).Where(condition), "postgres")
	if err != nil {
		t.Skip(err) // an argument that no database takes, such as NUL
	}
	if !strings.HasSuffix(text, "$1 ESCAPE '/'") {
		t.Fatalf("the escape character is not told: %s", text)
	}
	return []rune(args[0].(string))
}

func FuzzTextInLikeIsTakenLiterally(f *testing.F) {
	for _, seed := range [][2]string{{"", ""}, {"50%", "xx50%"}, {"a_b", "axb"}, {"/", "//"}, {"/%", "/"}, {`\`, `a\b`}, {"é", "é"}} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, text, other string) {
		if !utf8.ValidString(text+other) || len(text)+len(other) > 60 {
			return
		}
		for name, c := range map[string]struct {
			condition orm.Expr[bool]
			holds     func(s, text string) bool
		}{
			"StartsWith": {notes.StartsWith(text), strings.HasPrefix}, "EndsWith": {notes.EndsWith(text), strings.HasSuffix}, "Contains": {notes.Contains(text), strings.Contains},
		} {
			pattern := patternOf(t, c.condition)
			for _, s := range []string{text, other, text + other, other + text, other + text + other} {
				if got := like([]rune(s), pattern); got != c.holds(s, text) {
					t.Errorf("%s(%q) of %q is %t by the pattern %q", name, text, s, got, string(pattern))
				}
			}
		}
	})
}

func FuzzJSONPathNamesEndWhereTheyShould(f *testing.F) {
	for _, seed := range []string{"a", "", `a"b`, `a\b`, "a.b", "[0]", `".x`, "$", "*", "日本"} {
		f.Add(seed, "b", 3)
	}
	f.Fuzz(func(t *testing.T, first, second string, place int) {
		text, ok := orm.JSONSteps{first, place, second}.Text()
		if bad := strings.ContainsAny(first+second, "\"\\"); ok == bad {
			t.Fatalf("%q, %q: %q, %t", first, second, text, ok)
		}
		if parts := strings.Split(text, `"`); ok && !slices.Equal([]string{parts[1], parts[3]}, []string{first, second}) {
			t.Errorf("%q, %q: %q", first, second, text)
		}
	})
}

// What looks like a parameter inside of quotes and comments is none, and the one
// outside is.
func FuzzParametersInQuotesAreText(f *testing.F) {
	for _, seed := range []string{"", ":p", "?", "'", `"`, "$$", "*/", "--", "\n", `\`, `\'`, ":p::int", "??", "$x$", "/*"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, inner string) {
		if strings.ContainsAny(inner, "\x00\\") {
			return // a backslash has two readings
		}
		flat := strings.NewReplacer("\n", " ", "\r", " ").Replace(inner)
		before := "SELECT '" + strings.ReplaceAll(inner, "'", "''") + `', "` + strings.ReplaceAll(inner, `"`, `""`) + `" -- ` + flat + "\n"
		if !strings.Contains(inner+"$", "$q$") {
			before += ", $q$" + inner + "$q$"
		}
		if !strings.Contains(inner, "*") && !strings.Contains(inner, "/") {
			before += "/* " + inner + " */"
		}
		text, args, err := orm.Compile(orm.Text(orm.SQL(before+", :p::int, a[:p]"), sql.Named("p", 7)), "postgres")
		if want := before + ", $1::int, a[$2]"; err != nil || text != want || len(args) != 2 {
			t.Errorf("%q, %v, %v\nin place of %q", text, args, err, want)
		}
	})
}
