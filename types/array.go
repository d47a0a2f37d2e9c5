// This file carries slices as arrays, in PostgreSQL's text form:
//
//	{1,2,NULL}   {"a b","say \"hi\""}   {{1,2},{3,4}}

package types

import (
	"database/sql/driver"
	"encoding/hex"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"
)

// arrayCodec carries a slice. A nil slice is NULL, an empty one is not.
type arrayCodec struct {
	shape
	sql  Type
	elem Codec
}

func newArray(goType reflect.Type, sql Type) (Codec, error) {
	elem, err := codecFor(goType.Elem(), sql.Elem())
	if err != nil {
		return nil, err
	}
	return &arrayCodec{shapeOf(goType), sql, elem}, nil
}

func (c *arrayCodec) Nullable() bool { return true }

func (c *arrayCodec) Encode(p Ptr) (driver.Value, error) {
	slice := valueAt(c.goType, p)
	if slice.IsNil() {
		return nil, nil
	}
	text := []byte{'{'}
	for i := range slice.Len() {
		v, err := c.elem.Encode(elementAt(slice, i))
		if err == nil {
			text, err = appendElement(text, v, c.sql.Elem())
		}
		if err != nil {
			return nil, valueError(c.goType, c.sql, err)
		}
	}
	return string(append(text, '}')), nil
}

func elementAt(slice reflect.Value, i int) Ptr { return slice.Index(i).Addr().UnsafePointer() }

func (c *arrayCodec) Decode(p Ptr, src any) error {
	if src == nil {
		valueAt(c.goType, p).SetZero()
		return nil
	}
	items, err := readArray(src)
	if err != nil {
		return decodeError(c.goType, c.sql, err)
	}
	slice := reflect.MakeSlice(c.goType, len(items), len(items))
	for i, item := range items {
		v, err := item.value(c.sql.Elem())
		if err == nil {
			err = c.elem.Decode(elementAt(slice, i), v)
		}
		if err != nil {
			return decodeError(c.goType, c.sql, err)
		}
	}
	valueAt(c.goType, p).Set(slice)
	return nil
}

func (c *arrayCodec) Equal(a, b Ptr) bool {
	x, y := valueAt(c.goType, a), valueAt(c.goType, b)
	if x.IsNil() != y.IsNil() || x.Len() != y.Len() {
		return false
	}
	for i := range x.Len() {
		if !c.elem.Equal(elementAt(x, i), elementAt(y, i)) {
			return false
		}
	}
	return true
}

func (c *arrayCodec) normalizes() bool { return normalizes(c.elem) }

// Normalize gives the elements a new array, for others may hold the old one.
func (c *arrayCodec) Normalize(p Ptr) {
	slice := valueAt(c.goType, p)
	if slice.Len() == 0 || !c.normalizes() {
		return
	}
	fresh := reflect.New(c.goType)
	c.Copy(fresh.UnsafePointer(), p)
	for i := range slice.Len() {
		c.elem.Normalize(elementAt(fresh.Elem(), i))
	}
	slice.Set(fresh.Elem())
}

// encodeList is the array of values that have no common Go type.
func encodeList(values []any, t Type) (driver.Value, error) {
	text := []byte{'{'}
	for _, value := range values {
		v, err := EncodeValue(value, t.Elem())
		if err == nil {
			text, err = appendElement(text, v, t.Elem())
		}
		if err != nil {
			return nil, err
		}
	}
	return string(append(text, '}')), nil
}

// appendElement adds a comma if there is one to add, and the element.
func appendElement(text []byte, v driver.Value, t Type) ([]byte, error) {
	if len(text) > 1 {
		text = append(text, ',')
	}
	if v == nil {
		if t.kind == KindArray {
			return nil, refusal("an array inside an array cannot be nil")
		}
		return append(text, "NULL"...), nil
	}
	return appendItem(text, v, t)
}

// appendItem adds a value that is not NULL.
func appendItem(text []byte, v driver.Value, t Type) ([]byte, error) {
	switch v := v.(type) {
	case string:
		if t.kind == KindArray {
			return append(text, v...), nil
		}
		return appendQuoted(text, v), nil
	case int64:
		return strconv.AppendInt(text, v, 10), nil
	case float64:
		return appendFloat(text, v), nil
	case bool:
		return strconv.AppendBool(text, v), nil
	case []byte:
		return appendQuoted(text, `\x`+hex.EncodeToString(v)), nil
	case time.Time:
		return appendQuoted(text, timeElement(v, t)), nil
	}
	return nil, unexpected(v)
}

func appendFloat(text []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(text, "NaN"...)
	case math.IsInf(f, 1):
		return append(text, "Infinity"...)
	case math.IsInf(f, -1):
		return append(text, "-Infinity"...)
	}
	return strconv.AppendFloat(text, f, 'g', -1, 64)
}

func timeElement(v time.Time, t Type) string {
	text := FormatTime(v)
	switch {
	case t.kind == KindDate:
		return text[:len("2006-01-02")]
	case t.noZone:
		return text
	}
	return text + "+00"
}

func appendQuoted(text []byte, s string) []byte {
	text = append(text, '"')
	for i := range len(s) {
		if s[i] == '"' || s[i] == '\\' {
			text = append(text, '\\')
		}
		text = append(text, s[i])
	}
	return append(text, '"')
}

// arrayItem is an element as it stands in the text.
type arrayItem struct {
	text   string
	null   bool
	nested bool
}

// value is the element as a driver would give it for a column of type t.
func (i arrayItem) value(t Type) (any, error) {
	switch {
	case i.nested != (t.kind == KindArray):
		return nil, refusal("the array has another number of dimensions")
	case i.null:
		return nil, nil
	case t.kind == KindBytes:
		b, err := hex.DecodeString(strings.TrimPrefix(i.text, `\x`))
		if err != nil {
			return nil, refusal("an element is no hexadecimal text")
		}
		return b, nil
	}
	return i.text, nil
}

func readArray(src any) ([]arrayItem, error) {
	text, err := plainText(src)
	if err != nil {
		return nil, err
	}
	return parseArrayText(text)
}

const noArray = refusal("the text is no array")

// parseArrayText reads the elements of an array, outermost dimension. PostgreSQL
// writes the bounds before it if they do not start at 1: "[2:3]={7,8}".
func parseArrayText(text string) ([]arrayItem, error) {
	if strings.HasPrefix(text, "[") {
		_, text, _ = strings.Cut(text, "=")
	}
	text = strings.TrimSpace(text)
	if len(text) < 2 || text[0] != '{' || text[len(text)-1] != '}' {
		return nil, noArray
	}
	rest := strings.TrimSpace(text[1 : len(text)-1])
	items := []arrayItem{}
	for more := rest != ""; more; {
		item, behind, err := nextItem(strings.TrimSpace(rest))
		if err != nil {
			return nil, err
		}
		items = append(items, item)
		rest, more = strings.CutPrefix(strings.TrimSpace(behind), ",")
		if !more && rest != "" {
			return nil, noArray
		}
	}
	return items, nil
}

// nextItem takes one element off the text.
func nextItem(text string) (item arrayItem, rest string, err error) {
	switch {
	case strings.HasPrefix(text, `"`):
		return quotedItem(text[1:])
	case strings.HasPrefix(text, "{"):
		return nestedItem(text)
	}
	end := strings.IndexAny(text, `,{}"\`)
	if end < 0 {
		end = len(text)
	}
	word := strings.TrimSpace(text[:end])
	if word == "" {
		return item, "", noArray
	}
	return arrayItem{text: word, null: strings.EqualFold(word, "NULL")}, text[end:], nil
}

// quotedItem takes what stands behind an opening quote.
func quotedItem(text string) (item arrayItem, rest string, err error) {
	var plain []byte
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case '"':
			return arrayItem{text: string(plain)}, text[i+1:], nil
		case '\\':
			if i++; i == len(text) {
				return item, "", noArray
			}
		}
		plain = append(plain, text[i])
	}
	return item, "", noArray
}

// nestedItem takes an array, which stays text.
func nestedItem(text string) (item arrayItem, rest string, err error) {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{':
			depth++
		case c == '}':
			if depth--; depth == 0 {
				return arrayItem{text: text[:i+1], nested: true}, text[i+1:], nil
			}
		}
	}
	return item, "", noArray
}
