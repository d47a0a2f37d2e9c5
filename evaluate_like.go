// This file matches texts with the patterns of LIKE.

package orm

import (
	"unicode/utf8"

	"github.com/aurum-go/orm/types"
)

// like is known where collations have no say in it, and upper and lower case make
// no difference: whether they count is up to the database.
func (e *evaluator) like(n *likeNode) evaluation {
	if !e.features.BinaryText || n.fold && !e.features.ASCIICase {
		return e.unknown("a pattern")
	}
	escape := '\\'
	if n.escaped {
		escape = '/'
	}
	text, pattern := e.evaluation(n.operand), e.evaluation(n.pattern)
	return negatedIf(n.negated, func(row types.Ptr) (datum, bool) {
		t, okT := text(row)
		p, okP := pattern(row)
		switch {
		case okT && t.isNull(), okP && p.isNull():
			return datum{}, true
		case !okT || !okP || t.kind != textDatum || p.kind != textDatum:
			return datum{}, false
		}
		folded, ok := likePattern{p.text, escape, lowerASCII}.matches(t.text)
		if !ok || n.fold {
			return truth(folded), ok
		}
		exact, ok := likePattern{p.text, escape, sameRune}.matches(t.text)
		return truth(exact), ok && exact == folded
	})
}

func sameRune(r rune) rune { return r }

// likePattern is a pattern with its escape character, and what makes characters
// the same.
type likePattern struct {
	text   string
	escape rune
	fold   func(rune) rune
}

// matches reports whether a text is like the pattern. The pattern is not valid,
// and ok false, if an escape character ends it.
func (l likePattern) matches(text string) (match, ok bool) {
	pattern, retryText, retryPattern := l.text, "", ""
	retry := false
	for {
		token, rest, valid := l.next(pattern)
		if !valid {
			return false, false
		}
		if token == anyText {
			pattern, retry, retryText, retryPattern = rest, true, text, rest
			continue
		}
		if text == "" && token == endOfPattern {
			return true, l.valid(pattern)
		}
		r, size := utf8.DecodeRuneInString(text)
		if text != "" && (token == anyRune || token == l.fold(r)) {
			text, pattern = text[size:], rest
			continue
		}
		if !retry || retryText == "" {
			return false, l.valid(pattern)
		}
		_, size = utf8.DecodeRuneInString(retryText)
		retryText = retryText[size:]
		text, pattern = retryText, retryPattern
	}
}

// The parts of a pattern that are no characters.
const (
	endOfPattern rune = -1 - iota
	anyText
	anyRune
)

// next returns the first part of a pattern and what follows.
func (l likePattern) next(pattern string) (token rune, rest string, valid bool) {
	if pattern == "" {
		return endOfPattern, "", true
	}
	r, size := utf8.DecodeRuneInString(pattern)
	rest = pattern[size:]
	switch {
	case r == l.escape && rest == "":
		return 0, "", false
	case r == l.escape:
		r, size = utf8.DecodeRuneInString(rest)
		return l.fold(r), rest[size:], true
	case r == '%':
		return anyText, rest, true
	case r == '_':
		return anyRune, rest, true
	}
	return l.fold(r), rest, true
}

// valid reports whether no escape character ends the pattern: some databases
// notice only when they come to it.
func (l likePattern) valid(pattern string) bool {
	for pattern != "" {
		_, rest, ok := l.next(pattern)
		if !ok {
			return false
		}
		pattern = rest
	}
	return true
}
