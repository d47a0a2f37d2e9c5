// This file turns Go names into SQL names, checks names that people give, and
// finds the known name that a mistyped one was probably meant to be.

package orm

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// snakeCase is the SQL name of a Go name. Initialisms stay together, also in
// the plural: UserID is user_id, HTTPServer http_server, TagIDs tag_ids.
func snakeCase(name string) string {
	runes := []rune(name)
	var b strings.Builder
	b.Grow(len(name) + 4)
	for i, r := range runes {
		if startsWord(runes, i) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

func startsWord(runes []rune, i int) bool {
	switch {
	case i == 0 || !unicode.IsUpper(runes[i]) || runes[i-1] == '_':
		return false
	case !unicode.IsUpper(runes[i-1]):
		return true
	}
	return i+1 < len(runes) && unicode.IsLower(runes[i+1]) && !isPluralS(runes, i+1)
}

// isPluralS reports whether a lower-case letter behind capitals is the s of
// IDs, and not the second letter of a word as in HTTPServer.
func isPluralS(runes []rune, i int) bool {
	return runes[i] == 's' && (i+1 == len(runes) || unicode.IsUpper(runes[i+1]))
}

// maxName is more than any database takes; what a dialect itself takes is in
// its features.
const maxName = 255

// validateName refuses what no database takes as a name. Any other text is
// fine: names are quoted where they have to be.
func validateName(name string) error {
	reason := nameProblem(name)
	if reason == "" && len(name) > maxName {
		reason = fmt.Sprintf("the name is longer than %d bytes", maxName)
	}
	if reason == "" {
		return nil
	}
	return &UsageError{Kind: ErrBadIdentifier, Op: "check name", Subject: quoted(name), Reason: reason}
}

// nameProblem says what keeps a text from being a name at all, however long
// names may be; nothing if it can be one.
func nameProblem(name string) string {
	switch {
	case name == "":
		return "the name is empty"
	case !utf8.ValidString(name):
		return "the name is not valid UTF-8"
	case strings.ContainsRune(name, 0):
		return "the name contains a NUL byte"
	}
	return ""
}

// nearest returns the known name that a mistyped one is closest to, or "" if
// none is close. Case, spaces, hyphens and underscores do not count.
func nearest(name string, known []string) string {
	best, bestDistance := "", max(2, len(name)/3)+1
	plain := plainName(name)
	for _, candidate := range known {
		if d := editDistance(plain, plainName(candidate)); d < bestDistance && d < len(candidate) {
			best, bestDistance = candidate, d
		}
	}
	return best
}

func plainName(name string) string {
	return strings.NewReplacer("_", "", "-", "", " ", "").Replace(strings.ToLower(name))
}

// editDistance counts the bytes to insert, delete, replace, or swap with their
// neighbour to make one text of the other.
func editDistance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+differ(a[i-1], b[j-1]))
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

func differ(a, b byte) int {
	if a == b {
		return 0
	}
	return 1
}

// checkIdentifier refuses what no database takes for a name.
func checkIdentifier(name string, limit int) error {
	reason := ""
	switch {
	case name == "":
		reason = "a name is empty"
	case limit > 0 && len(name) > limit:
		reason = fmt.Sprintf("the name has %d bytes, and the database takes %d", len(name), limit)
	case strings.IndexByte(name, 0) >= 0:
		reason = "the name holds a NUL byte"
	case !utf8.ValidString(name):
		reason = "the name is not valid UTF-8"
	}
	if reason == "" {
		return nil
	}
	return &UsageError{Kind: ErrBadIdentifier, Op: "compile", Subject: quoted(name), Reason: reason}
}

// longestBase leaves room for a number within the shortest limit of names.
const longestBase = 50

// anonymous is a name made of another one and a number.
func anonymous(base string, n int) string {
	for len(base) > longestBase {
		_, size := utf8.DecodeLastRuneInString(base)
		base = base[:len(base)-size]
	}
	return fmt.Sprintf("%s_%d", base, n)
}
