// This file reads the values in struct tags: lists of names, conditions,
// actions, and defaults, which are parsed into the Go type of their field.

package orm

import (
	"database/sql"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/aurum-go/orm/types"
)

// cutCall splits "name(inside)" or "(inside)", where the parenthesis that opens
// first closes at the very end. The offset is that of the inside.
func cutCall(value string) (name, inside string, offset int, ok bool) {
	open := strings.IndexByte(value, '(')
	if open < 0 || closingParen(value, open) != len(value)-1 {
		return "", "", 0, false
	}
	if name = strings.TrimSpace(value[:open]); strings.ContainsFunc(name, isNoNameRune) {
		return "", "", 0, false
	}
	return name, value[open+1 : len(value)-1], open + 1, true
}

func isNoNameRune(r rune) bool { return r != '_' && r < 0x80 && !isAlphanumeric(byte(r)) }

// closingParen returns the position of the parenthesis that closes the one at
// a position, or -1.
func closingParen(text string, open int) int {
	depth := 0
	for i := open; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\'' && opensQuote(text, open, i):
			if i = quoteEnd(text, i); i < 0 {
				return -1
			}
		case c == '(':
			depth++
		case c == ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// listedName is a name in a list, and where in the list it stands.
type listedName struct {
	name string
	pos  int
}

// cutNames splits "a, b" into names. It returns nil if one of them is empty.
func cutNames(list string) []listedName {
	var names []listedName
	pos := 0
	for part := range strings.SplitSeq(list, ",") {
		name := strings.TrimSpace(part)
		if name == "" {
			return nil
		}
		names = append(names, listedName{name, pos + leadingSpace(part)})
		pos += len(part) + 1
	}
	return names
}

// actions are the values of ondelete and onupdate.
var actions = map[string]Action{
	"cascade": Cascade, "restrict": Restrict, "set_null": SetNull, "set_default": SetDefault, "no_action": NoAction,
}

// checkOf reads "name(condition)", "(condition)" or a bare condition.
func checkOf(value string) *CheckConstraint {
	name, condition, _, ok := cutCall(value)
	if !ok {
		return Check(SQL(value))
	}
	check := Check(SQL(strings.TrimSpace(condition)))
	if name != "" {
		check = check.Named(name)
	}
	return check
}

// literalDefault parses a default into the field's Go type, and has the codec
// check that the column can hold it. The reason and advice are those of a
// [MapError], or empty.
func literalDefault(value string, p *property, t types.Type) (d ColumnDefault, reason, advice string) {
	text := plainText(value)
	v, err := parseLiteral(text, p.goType, t)
	switch {
	case err != nil && value == "now":
		return d, fmt.Sprintf("now is no %s", p.goType), "the word is for dates and times"
	case err != nil:
		return d, fmt.Sprintf("the value %q is no %s", text, p.goType), "what the database computes is a server_default"
	}
	if err := encodable(p, v); err != nil {
		why, _ := typesProblem(err)
		return d, fmt.Sprintf("the value %q does not fit: %s", text, why), ""
	}
	if !sharesMemory(v.Type()) {
		return ColumnDefault{value: v.Interface()}, "", ""
	}
	return ColumnDefault{call: func() (any, error) {
		fresh, err := parseLiteral(text, p.goType, t)
		return fresh.Interface(), err
	}}, "", ""
}

// encodable has the codec of the field refuse a value of what the field's
// pointers lead to.
func encodable(p *property, v reflect.Value) error {
	field := reflect.New(p.goType)
	inner := field.Elem()
	for inner.Kind() == reflect.Pointer {
		inner.Set(reflect.New(inner.Type().Elem()))
		inner = inner.Elem()
	}
	inner.Set(v)
	codec := p.codec
	if part := p.optional(); part != nil {
		codec = part.Codec
	}
	_, err := codec.Encode(field.UnsafePointer())
	return err
}

// sharesMemory reports whether rows that were given the same value could
// change it for each other.
func sharesMemory(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Slice, reflect.Map, reflect.Interface:
		return true
	case reflect.Struct:
		return t != reflect.TypeFor[time.Time]()
	}
	return false
}

// parseLiteral reads a value of the type, or of what a pointer type points to.
func parseLiteral(text string, goType reflect.Type, t types.Type) (reflect.Value, error) {
	for goType.Kind() == reflect.Pointer {
		goType = goType.Elem()
	}
	v := reflect.New(goType)
	return v.Elem(), setLiteral(v, text, t)
}

func setLiteral(v reflect.Value, text string, t types.Type) error {
	if t.Kind() == types.KindJSON {
		return json.Unmarshal([]byte(text), v.Interface())
	}
	switch target := v.Interface().(type) {
	case *time.Time:
		return setTime(target, text)
	case *time.Duration:
		d, err := time.ParseDuration(text)
		*target = d
		return err
	case encoding.TextUnmarshaler:
		return target.UnmarshalText([]byte(text))
	case sql.Scanner:
		return target.Scan(text)
	}
	return setKind(v.Elem(), text)
}

// setTime takes RFC 3339, and what SQL writes.
func setTime(target *time.Time, text string) error {
	parsed, err := time.Parse(time.RFC3339Nano, text)
	for _, layout := range []string{time.DateTime, time.DateOnly} {
		if err != nil {
			parsed, err = time.Parse(layout, text)
		}
	}
	*target = parsed
	return err
}

func setKind(v reflect.Value, text string) error {
	var err error
	switch {
	case v.CanInt():
		var n int64
		n, err = strconv.ParseInt(text, 10, v.Type().Bits())
		v.SetInt(n)
	case v.CanUint():
		var n uint64
		n, err = strconv.ParseUint(text, 10, v.Type().Bits())
		v.SetUint(n)
	case v.CanFloat():
		var n float64
		n, err = strconv.ParseFloat(text, v.Type().Bits())
		v.SetFloat(n)
	case v.Kind() == reflect.Bool:
		var b bool
		b, err = strconv.ParseBool(text)
		v.SetBool(b)
	case v.Kind() == reflect.String:
		v.SetString(text)
	case v.Kind() == reflect.Slice && v.Type().Elem().Kind() == reflect.Uint8:
		v.SetBytes([]byte(text))
	default:
		err = errors.New("no such literal")
	}
	return err
}
