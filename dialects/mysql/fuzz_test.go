// This file fuzzes how names and literals are quoted.

package mysql

import (
	"strings"
	"testing"
)

// closedBy reads what stands between quotes, and what is left behind them.
func closedBy(text string, quote byte, escapes bool) (inner, rest string) {
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		switch {
		case escapes && text[i] == '\\' && i+1 < len(text), text[i] == quote && i+1 < len(text) && text[i+1] == quote:
			i++
			b.WriteByte(text[i])
		case text[i] == quote:
			return b.String(), text[i+1:]
		default:
			b.WriteByte(text[i])
		}
	}
	return b.String(), "there is no end"
}

func FuzzQuotesEndWhereTheyShould(f *testing.F) {
	for _, seed := range []string{"", "a", "`", "``", "'", `\`, `\'`, `'; DROP TABLE x; --`, "a`b", "日本", "\xbf'"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		name := dialect{}.QuoteIdent(text)
		if got, rest := closedBy(name, '`', false); got != text || rest != "" || name[0] != '`' {
			t.Errorf("%q is quoted as %s, which is %q and %q", text, name, got, rest)
		}
		literal := dialect{}.QuoteLiteral(text)
		if got, rest := closedBy(literal, '\'', true); got != text || rest != "" || literal[0] != '\'' {
			t.Errorf("%q is the literal %s, which is %q and %q", text, literal, got, rest)
		}
	})
}
