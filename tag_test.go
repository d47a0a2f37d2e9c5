// This file tests the grammar of struct tags and their vocabularies.

package orm

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTagIsSplitIntoWords(t *testing.T) {
	for _, test := range []struct {
		name, tag string
		want      []tagWord
	}{
		{"empty", "", nil},
		{"one word", "primary_key", []tagWord{{"primary_key", "", 0, 0}}},
		{"value", "size:50", []tagWord{{"size", "50", 0, 5}}},
		{"several", "size:120;unique", []tagWord{{"size", "120", 0, 5}, {"unique", "", 9, 9}}},
		{"spaces around", " size : 50 ; unique ", []tagWord{{"size", "50", 1, 8}, {"unique", "", 13, 13}}},
		{"empty words are dropped", ";;unique; ;", []tagWord{{"unique", "", 2, 2}}},
		{"colons in a value", "check:a::int > 0", []tagWord{{"check", "a::int > 0", 0, 6}}},
		{"empty value", "size:", []tagWord{{"size", "", 0, 5}}},
		{"commas in parentheses", "type:numeric(12,4);index", []tagWord{{"type", "numeric(12,4)", 0, 5}, {"index", "", 19, 19}}},
		{"semicolon in parentheses", "check:(a;(b;c));index", []tagWord{{"check", "(a;(b;c))", 0, 6}, {"index", "", 16, 16}}},
		{"semicolon in quotes", "default:'a;b';index", []tagWord{{"default", "'a;b'", 0, 8}, {"index", "", 14, 14}}},
		{"parenthesis in quotes", "comment:'smile :)'", []tagWord{{"comment", "'smile :)'", 0, 8}}},
		{"quote in quotes", "default:'it''s; so';index", []tagWord{{"default", "'it''s; so'", 0, 8}, {"index", "", 20, 20}}},
		{"apostrophe", "comment:the user's name;index", []tagWord{{"comment", "the user's name", 0, 8}, {"index", "", 24, 24}}},
		{"apostrophe behind a letter that is not ASCII", "comment:café's;index", []tagWord{{"comment", "café's", 0, 8}, {"index", "", 16, 16}}},
		{
			"the key of a struct", "table:order_lines;foreign_key:(a,b)->t(x,y)",
			[]tagWord{{"table", "order_lines", 0, 6}, {"foreign_key", "(a,b)->t(x,y)", 18, 30}},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, err := parseTag(test.tag)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got, cmp.AllowUnexported(tagWord{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestTagWithOpenEndsIsRefused(t *testing.T) {
	for _, test := range []struct {
		name, tag, reason string
		pos               int
	}{
		{"quote", "size:5;default:'abc", "the quote is not closed", 15},
		{"doubled quote at the end", "default:'abc''", "the quote is not closed", 8},
		{"parenthesis", "type:numeric(12,4", "the parenthesis is not closed", 12},
		{"inner parenthesis", "check:((a)", "the parenthesis is not closed", 6},
		{"too many", "type:numeric(12,4))", "the parenthesis was not opened", 18},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := parseTag(test.tag)
			var problem *MapError
			if !errors.As(err, &problem) {
				t.Fatalf("err = %v", err)
			}
			if problem.Reason != test.reason || problem.Pos != test.pos {
				t.Errorf("%q at %d, want %q at %d", problem.Reason, problem.Pos, test.reason, test.pos)
			}
		})
	}
}

func TestVocabularyChecksEachWord(t *testing.T) {
	for _, test := range []struct {
		name, tag string
		words     *vocabulary
		want      []string
	}{
		{"all is well", "primary_key;size:5;deferred;autoincrement:false", columnWords, nil},
		{"constraints stand several times", "unique:(a);unique:(b);index:(a);index:(b)", structWords, nil},
		{"mistyped", "siez:5", columnWords, []string{`0: unknown word "siez" (did you mean "size"?)`}},
		{"several at once", "uniqe;sise:5", columnWords, []string{
			`0: unknown word "uniqe" (did you mean "unique"?)`, `6: unknown word "sise" (did you mean "size"?)`,
		}},
		{"unlike any", "zzzzzz", embeddedWords, []string{`0: unknown word "zzzzzz" (there are: prefix)`}},
		{"commas", "primary_key,size:50", columnWords, []string{`0: unknown word "primary_key,size" (separate words by ";")`}},
		{"without a key", ":5", embeddedWords, []string{`0: unknown word "" (there are: prefix)`}},
		{"of another kind", "table:users", columnWords, []string{`0: the word "table" is for the struct, not for a column`}},
		{"of relationships", "lazy:joined", columnWords, []string{`0: the word "lazy" is for a relationship, not for a column`}},
		{"twice", "size:5;size:6", columnWords, []string{`7: the word "size" stands twice`}},
		{"without its value", "size", columnWords, []string{`0: the word "size" needs a value (write size:…)`}},
		{"with a value too many", "unique:yes", columnWords, []string{`7: the word "unique" has no value`}},
		{"left out and more", "-;size:5", columnWords, []string{`0: the word "-" stands alone (it leaves the field out)`}},
		{"inheritance", "polymorphic_on:Kind;inherits", structWords, []string{`20: the word "inherits" needs a value (write inherits:…)`}},
	} {
		t.Run(test.name, func(t *testing.T) {
			words, err := parseTag(test.tag)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, problem := range test.words.check(words) {
				got = append(got, describe(problem))
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// describe is a problem that does not know its field yet: "position: reason (advice)".
func describe(e *MapError) string {
	text := (&MapError{Type: "T", Reason: e.Reason, Advice: e.Advice}).Error()
	return fmt.Sprintf("%d: %s", e.Pos, strings.TrimPrefix(text, "orm: map T: "))
}

func TestQuotesOfAValueAreTakenOff(t *testing.T) {
	for value, want := range map[string]string{
		"plain":      "plain",
		"'quoted'":   "quoted",
		"''":         "",
		"'it''s'":    "it's",
		"'a' || 'b'": "'a' || 'b'",
		"'":          "'",
		"it's":       "it's",
	} {
		if got := plainText(value); got != want {
			t.Errorf("plainText(%q) = %q, want %q", value, got, want)
		}
	}
}

func TestOnlyTheOrmTagIsRead(t *testing.T) {
	for _, test := range []struct {
		name  string
		tag   reflect.StructTag
		text  string
		skips bool
		fails bool
	}{
		{name: "none"},
		{name: "another", tag: `json:"name" form:"x"`},
		{name: "among others", tag: `json:"name" orm:"size:5"`, text: "size:5"},
		{name: "left out", tag: `orm:"-"`, text: "-", skips: true},
		{name: "without quotes", tag: `orm:size`, text: "orm:size", fails: true},
		{name: "behind a broken one", tag: `json:name orm:"size:5"`, text: `json:name orm:"size:5"`, fails: true},
	} {
		t.Run(test.name, func(t *testing.T) {
			tag, err := readTag(test.tag)
			if tag.text != test.text || tag.skips() != test.skips || (err != nil) != test.fails {
				t.Errorf("%q, skips %t, err %v", tag.text, tag.skips(), err)
			}
		})
	}
}

func FuzzTag(f *testing.F) {
	for _, seed := range []string{
		"", "-", "primary_key;size:50", "default:'a;b''c'", "type:enum(low,high);check:(a > (b))", "foreign_key:(a,b)->t(x,y)", "check:f(')')", ";:;(", "'",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, tag string) {
		words, err := parseTag(tag)
		if err != nil {
			var problem *MapError
			if !errors.As(err, &problem) || problem.Pos < 0 || problem.Pos >= len(tag) {
				t.Fatalf("%q: %v", tag, err)
			}
			return
		}
		for _, w := range words {
			if !strings.HasPrefix(tag[w.pos:], w.key) || !strings.HasPrefix(tag[w.valuePos:], w.value) && w.value != "" {
				t.Fatalf("%q: positions of %+v", tag, w)
			}
			cutCall(w.value)
			checkOf(w.value)
			cutNames(w.value)
		}
		for _, v := range vocabularies {
			for _, problem := range v.check(words) {
				if problem.Pos > len(tag) || problem.Reason == "" {
					t.Fatalf("%q: %+v", tag, problem)
				}
			}
		}
	})
}
