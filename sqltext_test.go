package orm

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// shown writes parts so that parameters stand out: a [?] b [:name].
func shown(parts []textPart) string {
	var b strings.Builder
	for _, p := range parts {
		switch {
		case p.positional:
			b.WriteString("[?]")
		case p.name != "":
			b.WriteString("[:" + p.name + "]")
		default:
			b.WriteString(p.literal)
		}
	}
	return b.String()
}

func TestScanTextFindsParameters(t *testing.T) {
	tests := []struct {
		name string
		text SQL
		want string
	}{
		{"nothing", "", ""},
		{"no parameter", "SELECT 1", "SELECT 1"},
		{"positional", "a = ? AND b IN (?,?)", "a = [?] AND b IN ([?],[?])"},
		{"named", "a = :first AND b = :b_2", "a = [:first] AND b = [:b_2]"},
		{"the same name twice", ":a+:a", "[:a]+[:a]"},
		{"name of another script", "x = :größe", "x = [:größe]"},
		{"doubled question mark", "data ?? 'k' AND a = ?", "data ? 'k' AND a = [?]"},
		{"three question marks", "data ???", "data ?[?]"},
		{"escaped colon", `a[1\:n] = :n`, "a[1:n] = [:n]"},
		{"cast", "x::int = :x::int", "x::int = [:x]::int"},
		{"slice", "a[1:2] || a[i:j]", "a[1:2] || a[i:j]"},
		{"assignment", "SET @a := 1", "SET @a := 1"},
		{"lone colon at the end", "a :", "a :"},
		{"text", "a = 'x?:y' AND b = ?", "a = 'x?:y' AND b = [?]"},
		{"doubled quote in text", "'it''s ?' = ?", "'it''s ?' = [?]"},
		{"quoted name", `"a?b" = ? AND "x""?" = ?`, `"a?b" = [?] AND "x""?" = [?]`},
		{"name in backquotes", "`a?``:b` = ?", "`a?``:b` = [?]"},
		{"brackets are no quotes", "a[?] = [?]", "a[[?]] = [[?]]"},
		{"line comment", "a -- is it :b?\n= ?", "a -- is it :b?\n= [?]"},
		{"line comment at the end", "a = ? -- why?", "a = [?] -- why?"},
		{"block comment", "a /* ? 'x */ = ?", "a /* ? 'x */ = [?]"},
		{"nested comment", "a /* x /* ? */ :y */ = ?", "a /* x /* ? */ :y */ = [?]"},
		{"minus and division", "a - ? / ?", "a - [?] / [?]"},
		{"dollar quote", "$$ ? ; :x $$ || ?", "$$ ? ; :x $$ || [?]"},
		{"dollar quote with a tag", "$fn$ $$ ? $fn $fn$ || ?", "$fn$ $$ ? $fn $fn$ || [?]"},
		{"numbered placeholder is no quote", "$1 + $2 + ?", "$1 + $2 + [?]"},
		{"dollar in a name is no quote", "a$b$c = ? AND a$b$c = ?", "a$b$c = [?] AND a$b$c = [?]"},
		{"E text", `E'it\'s ?' = ?`, `E'it\'s ?' = [?]`},
		{"e text with a backslash at its end", `e'\\' = ?`, `e'\\' = [?]`},
		{"name that ends in e before text", `SELECT type'\' = ?`, `SELECT type'\' = [?]`},
		{"lone backslash as text", `a LIKE ? ESCAPE '\'`, `a LIKE [?] ESCAPE '\'`},
		{"lone backslash as text, twice", `a LIKE ? ESCAPE '\' OR b LIKE ? ESCAPE '\'`, `a LIKE [?] ESCAPE '\' OR b LIKE [?] ESCAPE '\'`},
		{"backslash before a quote", `'it\'s ?' = ?`, `'it\'s ?' = [?]`},
		{"backslash before two quotes", `'it\'s ?' = ? OR 'he\'s ?' = ?`, `'it\'s ?' = [?] OR 'he\'s ?' = [?]`},
		{"backslash in double quotes", `"a\"?" = ?`, `"a\"?" = [?]`},
		{"semicolon at the end", "SELECT ?; -- done\n /* yes */ ", "SELECT [?]; -- done\n /* yes */ "},
		{"trigger", "CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE b SET n = CASE WHEN 1 THEN 2 END; DELETE FROM c; END;",
			"CREATE TRIGGER t AFTER INSERT ON a BEGIN UPDATE b SET n = CASE WHEN 1 THEN 2 END; DELETE FROM c; END;"},
		{"procedure", "CREATE PROCEDURE p() BEGIN IF 1 THEN SELECT 1; END IF; CASE x WHEN 1 THEN SELECT 2; END CASE; SELECT 3; END",
			"CREATE PROCEDURE p() BEGIN IF 1 THEN SELECT 1; END IF; CASE x WHEN 1 THEN SELECT 2; END CASE; SELECT 3; END"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			scanned, err := scanText(test.text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, shown(scanned.parts)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestScanTextRefuses(t *testing.T) {
	tests := []struct {
		name string
		text SQL
		kind ErrorKind
		want string
	}{
		{"second statement", "SELECT 1; DROP TABLE users", ErrMultiStatement, "orm: read SQL text: a second statement begins at byte 10 (send one statement at a time)"},
		{"second statement behind a comment", "SELECT 1; /* x */ SELECT 2", ErrMultiStatement, "orm: read SQL text: a second statement begins at byte 18 (send one statement at a time)"},
		{"second statement that is text with backslashes", `SELECT '\'; DROP TABLE users; -- '`, ErrMultiStatement, "orm: read SQL text: a second statement begins at byte 12 (send one statement at a time)"},
		{"second statement behind a trigger", "CREATE TRIGGER t BEGIN SELECT 1; END; DROP TABLE users", ErrMultiStatement, "orm: read SQL text: a second statement begins at byte 38 (send one statement at a time)"},
		{"block that is no routine's", "CREATE TABLE begin (a); DROP TABLE users", ErrMultiStatement, "orm: read SQL text: a second statement begins at byte 24 (send one statement at a time)"},
		{"open text", "SELECT 'abc", ErrSyntax, "orm: read SQL text: a quote that begins at byte 7 is never closed"},
		{"open text that ends in a backslash", `SELECT E'abc\`, ErrSyntax, "orm: read SQL text: a quote that begins at byte 8 is never closed"},
		{"open name", `SELECT "abc`, ErrSyntax, "orm: read SQL text: a quote that begins at byte 7 is never closed"},
		{"open comment", "SELECT /* a /* b */", ErrSyntax, "orm: read SQL text: a comment that begins at byte 7 is never closed"},
		{"open dollar quote", "SELECT $a$ x $b$", ErrSyntax, "orm: read SQL text: a dollar quote that begins at byte 7 is never closed"},
		{"NUL", "SELECT \x00", ErrSyntax, "orm: read SQL text: a NUL byte at byte 7"},
		{"both kinds of parameters", "a = ? AND b = :b", ErrArgument, `orm: read SQL text: ? and :name are mixed (use one of them; write ?? for a question mark and \: for a colon)`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := scanText(test.text)
			if !errors.Is(err, test.kind) {
				t.Fatalf("got %v, want the kind %v", err, test.kind)
			}
			if diff := cmp.Diff(test.want, err.Error()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestScanTextFindsParenthesesWithoutAPartner(t *testing.T) {
	tests := []struct {
		text SQL
		want string
	}{
		{"(a + (b)) * f()", ""},
		{"a = ')' OR \"(\" = `(`", ""},
		{"a -- (\n = b /* ) */", ""},
		{"$$ ) $$ || $x$ ( $x$", ""},
		{`E'\')' = a`, ""},
		{`'it\'s ) ' = a`, ""},
		{"1=1) OR (1=1", "orm: read SQL text: the parenthesis at byte 3 closes nothing"},
		{"a) OR b) OR (c", "orm: read SQL text: the parenthesis at byte 1 closes nothing"},
		{"f(a, (b)", "orm: read SQL text: a parenthesis that begins at byte 1 is never closed"},
		{`'\') OR (1=1 -- '`, "orm: read SQL text: the parenthesis at byte 3 closes nothing"},
	}
	for _, test := range tests {
		scanned, err := scanText(test.text)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if scanned.loose != nil {
			got = scanned.loose.Error()
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.text, diff)
		}
	}
}

func TestScanTextTellsTheKindOfStatement(t *testing.T) {
	type kind struct {
		Verb string
		Tx   bool
		DDL  bool
	}
	tests := []struct {
		text SQL
		want kind
	}{
		{"", kind{}},
		{"select 1", kind{Verb: "SELECT"}},
		{"-- first\n/* then */ (Select 1)", kind{Verb: "SELECT"}},
		{"WITH a AS (SELECT 1) DELETE FROM b", kind{Verb: "WITH"}},
		{"create table a (b int)", kind{Verb: "CREATE", DDL: true}},
		{"ALTER TABLE a ADD b int", kind{Verb: "ALTER", DDL: true}},
		{"TRUNCATE a", kind{Verb: "TRUNCATE", DDL: true}},
		{"COMMENT ON TABLE a IS 'b'", kind{Verb: "COMMENT", DDL: true}},
		{"begin", kind{Verb: "BEGIN", Tx: true}},
		{"/* hidden */ COMMIT;", kind{Verb: "COMMIT", Tx: true}},
		{"START TRANSACTION READ ONLY", kind{Verb: "START", Tx: true}},
		{"START REPLICA", kind{Verb: "START"}},
		{"PREPARE TRANSACTION 'x'", kind{Verb: "PREPARE", Tx: true}},
		{"PREPARE p AS SELECT 1", kind{Verb: "PREPARE"}},
		{"ROLLBACK TO a", kind{Verb: "ROLLBACK", Tx: true}},
		{"SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", kind{Verb: "SET", Tx: true}},
		{"SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", kind{Verb: "SET", Tx: true}},
		{"SET GLOBAL TRANSACTION READ ONLY", kind{Verb: "SET", Tx: true}},
		{"SET a = 1, b = 2, c = 3, d = 4, @@session.AutoCommit = 0", kind{Verb: "SET", Tx: true}},
		{"SET autocommit=0", kind{Verb: "SET", Tx: true}},
		{"SET foreign_key_checks = 0", kind{Verb: "SET"}},
		{"SET a = 'autocommit'", kind{Verb: "SET"}},
		{"SET", kind{Verb: "SET"}},
	}
	for _, test := range tests {
		t.Run(string(test.text), func(t *testing.T) {
			scanned, err := scanText(test.text)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, kind{scanned.verb, scanned.txControl, scanned.ddl}); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestScannedTextsAreRememberedWithinABound(t *testing.T) {
	var cache textCache
	for i := range 3 * maxCachedTexts {
		cache.put(SQL(strings.Repeat("x", i)), &scannedText{})
	}
	if n := len(cache.texts); n == 0 || n > maxCachedTexts {
		t.Errorf("the cache holds %d texts", n)
	}
	cache.put(SQL(strings.Repeat("y", maxCachedTextLength+1)), &scannedText{})
	if cache.get(SQL(strings.Repeat("y", maxCachedTextLength+1))) != nil {
		t.Error("a text of any length is kept")
	}
	first, err := scanText("SELECT :again")
	if err != nil {
		t.Fatal(err)
	}
	if second, _ := scanText("SELECT :again"); first != second {
		t.Error("the same text is taken apart twice")
	}
}

// rejoins reports whether the parts, written one behind the other, are the
// text again.
func rejoins(text string, parts []textPart) bool {
	for _, p := range parts {
		written := p.literal
		switch {
		case p.positional:
			written = "?"
		case p.name != "":
			written = ":" + p.name
		case p.literal == "?":
			written = "??"
		case p.literal == ":" && strings.HasPrefix(text, `\`):
			written = `\:`
		}
		rest, ok := strings.CutPrefix(text, written)
		if !ok {
			return false
		}
		text = rest
	}
	return text == ""
}

func FuzzScanTextLosesNothing(f *testing.F) {
	for _, seed := range []string{"SELECT ? + ??", `a\:b :c 'x''y' "z" /* /**/ */`, "$a$ ? $a$", `E'\'' '\'`, "SET a=:b;", "CREATE TRIGGER BEGIN ; END IF ; END;"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		scanned, err := scanFresh(text)
		if err == nil && !rejoins(text, scanned.parts) {
			t.Errorf("%q became %q", text, shown(scanned.parts))
		}
	})
}
