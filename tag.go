// This file is the grammar of struct tags: `orm:"word;word:value;…"`. Words are
// separated by semicolons. A value may hold semicolons inside of parentheses
// and of 'quotes', in which '' is one quote; a quote right behind a letter or
// digit is an apostrophe. The tag "-" leaves a field out.

package orm

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"unicode"
)

// tagWord is one word of a tag.
type tagWord struct {
	key, value string
	pos        int // of the key
	valuePos   int // of the value; of the key where there is none
}

// parseTag splits a tag into its words. Empty words are dropped. The error is
// a *MapError that knows the position and nothing else.
func parseTag(text string) ([]tagWord, error) {
	var words []tagWord
	for start := 0; start < len(text); {
		end, err := wordEnd(text, start)
		if err != nil {
			return nil, err
		}
		if strings.TrimSpace(text[start:end]) != "" {
			words = append(words, newTagWord(text, start, end))
		}
		start = end + 1
	}
	return words, nil
}

// wordEnd returns the position of the semicolon behind the word, or of the
// tag's end.
func wordEnd(text string, start int) (int, error) {
	var open []int
	for i := start; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\'' && opensQuote(text, start, i):
			end := quoteEnd(text, i)
			if end < 0 {
				return 0, &MapError{Pos: i, Reason: "the quote is not closed", Advice: "write '' for a quote inside of quotes"}
			}
			i = end
		case c == '(':
			open = append(open, i)
		case c == ')' && len(open) == 0:
			return 0, &MapError{Pos: i, Reason: "the parenthesis was not opened", Advice: "put a text between single quotes"}
		case c == ')':
			open = open[:len(open)-1]
		case c == ';' && len(open) == 0:
			return i, nil
		}
	}
	if len(open) > 0 {
		return 0, &MapError{Pos: open[len(open)-1], Reason: "the parenthesis is not closed", Advice: "put a text between single quotes"}
	}
	return len(text), nil
}

func opensQuote(text string, start, i int) bool {
	if i == start {
		return true
	}
	c := text[i-1]
	return c < 0x80 && c != '_' && !isAlphanumeric(c)
}

func isAlphanumeric(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}

// quoteEnd returns the position of the quote that closes the one at a
// position, or -1.
func quoteEnd(text string, open int) int {
	for i := open + 1; i < len(text); i++ {
		switch {
		case text[i] != '\'':
		case i+1 < len(text) && text[i+1] == '\'':
			i++
		default:
			return i
		}
	}
	return -1
}

func newTagWord(text string, start, end int) tagWord {
	key, value, found := strings.Cut(text[start:end], ":")
	word := tagWord{key: strings.TrimSpace(key), value: strings.TrimSpace(value)}
	word.pos = start + leadingSpace(key)
	word.valuePos = word.pos
	if found {
		word.valuePos = start + len(key) + 1 + leadingSpace(value)
	}
	return word
}

func leadingSpace(text string) int {
	return len(text) - len(strings.TrimLeftFunc(text, unicode.IsSpace))
}

// unquoted returns what stands between the quotes of a value that is one
// quoted text.
func unquoted(value string) (string, bool) {
	if len(value) < 2 || value[0] != '\'' || quoteEnd(value, 0) != len(value)-1 {
		return value, false
	}
	return strings.ReplaceAll(value[1:len(value)-1], "''", "'"), true
}

// plainText is a value that is text, with or without its quotes.
func plainText(value string) string {
	text, _ := unquoted(value)
	return text
}

// fieldTag is the orm tag of one field.
type fieldTag struct {
	text  string
	words []tagWord
}

// readTag parses the orm tag of a field.
func readTag(tag reflect.StructTag) (fieldTag, error) {
	text, ok := tag.Lookup("orm")
	if !ok {
		if raw := string(tag); strings.HasPrefix(raw, "orm:") || strings.Contains(raw, " orm:") {
			return fieldTag{text: raw}, &MapError{Tag: raw, Reason: "the tag cannot be read", Advice: `write it as orm:"…", with a space before the next key`}
		}
		return fieldTag{}, nil
	}
	words, err := parseTag(text)
	return fieldTag{text, words}, err
}

func (t fieldTag) word(key string) (tagWord, bool) {
	for _, w := range t.words {
		if w.key == key {
			return w, true
		}
	}
	return tagWord{}, false
}

func (t fieldTag) has(key string) bool {
	_, ok := t.word(key)
	return ok
}

func (t fieldTag) skips() bool { return strings.TrimSpace(t.text) == "-" }

// valueRule says whether a word has a value.
type valueRule uint8

const (
	noValue valueRule = iota
	needsValue
	mayHaveValue
)

// wordRule is what holds for a word.
type wordRule struct {
	value   valueRule
	many    bool   // it may stand several times
	refused string // why this version does not take it, or empty
}

// vocabulary is the words of one kind of tag.
type vocabulary struct {
	of    string
	words map[string]wordRule
}

const (
	noInheritance = "inheritance is not mapped by this version"
	noComposites  = "composites are not mapped by this version"
)

var (
	structWords = &vocabulary{"the struct", map[string]wordRule{
		"table":                {value: needsValue},
		"schema":               {value: needsValue},
		"comment":              {value: needsValue},
		"primary_key":          {value: needsValue},
		"unique":               {value: needsValue, many: true},
		"index":                {value: needsValue, many: true},
		"check":                {value: needsValue, many: true},
		"foreign_key":          {value: needsValue, many: true},
		"abstract":             {},
		"polymorphic_on":       {value: mayHaveValue, refused: noInheritance},
		"polymorphic_identity": {value: mayHaveValue, refused: noInheritance},
		"inherits":             {value: mayHaveValue, refused: noInheritance},
	}}
	columnWords = &vocabulary{"a column", map[string]wordRule{
		"column":         {value: needsValue},
		"primary_key":    {},
		"type":           {value: needsValue},
		"size":           {value: needsValue},
		"nullable":       {},
		"notnull":        {},
		"unique":         {},
		"index":          {},
		"autoincrement":  {value: mayHaveValue},
		"default":        {value: needsValue},
		"server_default": {value: needsValue},
		"fetched":        {},
		"foreign_key":    {value: needsValue},
		"ondelete":       {value: needsValue},
		"onupdate":       {value: needsValue},
		"on_update":      {value: needsValue},
		"deferred":       {value: mayHaveValue},
		"synonym":        {value: needsValue},
		"version":        {},
		"comment":        {value: needsValue},
		"check":          {value: needsValue},
	}}
	embeddedWords = &vocabulary{"an embedded struct", map[string]wordRule{
		"prefix": {value: needsValue},
	}}
	relationshipWords = &vocabulary{"a relationship", map[string]wordRule{
		"back_populates":  {value: needsValue},
		"cascade":         {value: needsValue},
		"order_by":        {value: needsValue},
		"secondary":       {value: needsValue},
		"lazy":            {value: needsValue},
		"remote_side":     {value: needsValue},
		"foreign_keys":    {value: needsValue},
		"viewonly":        {},
		"passive_deletes": {value: mayHaveValue},
		"post_update":     {},
		"single_parent":   {},
		"key":             {value: needsValue},
		"position":        {value: needsValue},
	}}
	vocabularies = []*vocabulary{structWords, columnWords, embeddedWords, relationshipWords}
)

// check returns every word that may not stand where it does. The errors know
// position and reason, not the field.
func (v *vocabulary) check(words []tagWord) []*MapError {
	var problems []*MapError
	seen := map[string]bool{}
	for _, w := range words {
		if problem := v.checkWord(w, seen[w.key]); problem != nil {
			problems = append(problems, problem)
		}
		seen[w.key] = true
	}
	return problems
}

func (v *vocabulary) checkWord(w tagWord, again bool) *MapError {
	rule, known := v.words[w.key]
	switch {
	case !known:
		return v.unknown(w)
	case rule.refused != "":
		return &MapError{Pos: w.pos, Reason: rule.refused}
	case again && !rule.many:
		return &MapError{Pos: w.pos, Reason: fmt.Sprintf("the word %q stands twice", w.key)}
	case rule.value == needsValue && w.value == "":
		return &MapError{Pos: w.pos, Reason: fmt.Sprintf("the word %q needs a value", w.key), Advice: fmt.Sprintf("write %s:…", w.key)}
	case rule.value == noValue && w.value != "":
		return &MapError{Pos: w.valuePos, Reason: fmt.Sprintf("the word %q has no value", w.key)}
	}
	return nil
}

func (v *vocabulary) unknown(w tagWord) *MapError {
	problem := &MapError{Pos: w.pos, Reason: fmt.Sprintf("unknown word %q", w.key)}
	names := slices.Sorted(maps.Keys(v.words))
	switch near := nearest(w.key, names); {
	case w.key == "-":
		problem.Reason, problem.Advice = `the word "-" stands alone`, "it leaves the field out"
	case v.elsewhere(w.key) != "":
		problem.Reason = fmt.Sprintf("the word %q is for %s, not for %s", w.key, v.elsewhere(w.key), v.of)
	case strings.ContainsRune(w.key, ','):
		problem.Advice = `separate words by ";"`
	case near != "":
		problem.Advice = fmt.Sprintf("did you mean %q?", near)
	default:
		problem.Advice = "there are: " + strings.Join(names, ", ")
	}
	return problem
}

// elsewhere returns what another vocabulary with the word is for, or "".
func (v *vocabulary) elsewhere(key string) string {
	for _, other := range vocabularies {
		if _, ok := other.words[key]; ok && other != v {
			return other.of
		}
	}
	return ""
}
