// This file carries text. Text that some database would refuse, cut or change
// is refused here, on all of them: NUL, broken UTF-8, too many characters.

package types

import (
	"database/sql/driver"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"
)

// checkText refuses what is no text to every database.
func checkText(s string) error {
	switch {
	case strings.IndexByte(s, 0) >= 0:
		return refusal("the text contains a NUL character")
	case !utf8.ValidString(s):
		return refusal("the text is not valid UTF-8")
	}
	return nil
}

// bindString gives text the form that a column of type t takes.
func bindString(s string, t Type) (driver.Value, error) {
	if err := checkText(s); err != nil {
		return nil, err
	}
	switch t.kind {
	case KindUnknown, KindText:
		return s, nil
	case KindExact:
		return bindExact(s, t)
	case KindString:
		return bounded(s, t)
	case KindEnum:
		return s, checkLabel(s, t)
	case KindUUID:
		return canonicalUUID(s, t)
	case KindNumeric:
		return bindDecimal(s, t)
	case KindJSON:
		return s, checkJSON(s)
	}
	return nil, refusal("text has no place there")
}

func bounded(s string, t Type) (driver.Value, error) {
	if t.length > 0 && len(s) > t.length && utf8.RuneCountInString(s) > t.length {
		return nil, refusal("the text has more than " + strconv.Itoa(t.length) + " characters")
	}
	return s, nil
}

// readString takes what drivers give for text.
func readString(src any, t Type) (string, error) {
	switch t.kind {
	case KindNumeric:
		return readDecimalText(src, t)
	case KindUUID:
		return readUUID(src)
	case KindEnum:
		return readLabel(src, t)
	case KindJSON:
		return readDocumentText(src)
	}
	return plainText(src)
}

func plainText(src any) (string, error) {
	switch v := src.(type) {
	case string:
		return v, nil
	case []byte:
		return string(v), nil
	}
	return "", unexpected(src)
}

// canonicalText is the codec of text that has several spellings of one value.
type canonicalText struct {
	scalar[string]
	canonical func(s string, t Type) (string, error)
}

func (c *canonicalText) form(s string) string {
	if f, err := c.canonical(s, c.sql); err == nil {
		return f
	}
	return s
}

func (c *canonicalText) Equal(a, b Ptr) bool {
	x, y := *at[string](a), *at[string](b)
	return x == y || c.form(x) == c.form(y)
}

func (c *canonicalText) normalizes() bool { return true }

func (c *canonicalText) Normalize(p Ptr) { *at[string](p) = c.form(*at[string](p)) }

func newString(goType reflect.Type, sql Type) Codec {
	plain := scalar[string]{base: base{goType, sql, OpString}, bind: bindString, read: readString}
	switch sql.kind {
	case KindNumeric:
		plain.compare = OpCodec
		return &canonicalText{plain, canonicalDecimal}
	case KindUUID:
		plain.compare = OpCodec
		return &canonicalText{plain, spellUUID}
	case KindJSON:
		plain.compare = OpCodec
		return &jsonText{plain}
	}
	return &plain
}
