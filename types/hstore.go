// This file holds two types of PostgreSQL's extensions that have a Go type of their
// own: maps of texts, and vectors.

package types

import (
	"database/sql/driver"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Hstore is a map of texts, some of which may be NULL: a column of [HstoreType]. A
// nil map is NULL. Changes inside are seen when objects are compared.
type Hstore map[string]*string

// Value implements [driver.Valuer]: "a"=>"1", "b"=>NULL.
func (h Hstore) Value() (driver.Value, error) {
	if h == nil {
		return nil, nil
	}
	var text []byte
	for i, key := range slices.Sorted(maps.Keys(h)) {
		if i > 0 {
			text = append(text, ", "...)
		}
		text = append(appendQuoted(text, key), "=>"...)
		if v := h[key]; v == nil {
			text = append(text, "NULL"...)
		} else {
			text = appendQuoted(text, *v)
		}
	}
	return string(text), nil
}

// Scan implements sql.Scanner. The map is replaced.
func (h *Hstore) Scan(src any) error {
	if src == nil {
		*h = nil
		return nil
	}
	text, err := plainText(src)
	if err != nil {
		return err
	}
	read := Hstore{}
	for rest := strings.TrimSpace(text); rest != ""; {
		key, null, behind, ok := hstoreText(rest)
		behind, arrow := strings.CutPrefix(strings.TrimSpace(behind), "=>")
		if !ok || null || !arrow {
			return refusal("the text is no hstore")
		}
		value, null, behind, ok := hstoreText(strings.TrimSpace(behind))
		if !ok {
			return refusal("the text is no hstore")
		}
		read[key] = nil
		if !null {
			read[key] = &value
		}
		rest = strings.TrimSpace(strings.TrimPrefix(strings.TrimSpace(behind), ","))
	}
	*h = read
	return nil
}

// hstoreText reads one key or value: in quotation marks, as the server writes
// both, or NULL.
func hstoreText(text string) (value string, null bool, behind string, ok bool) {
	if len(text) >= 4 && strings.EqualFold(text[:4], "NULL") {
		return "", true, text[4:], true
	}
	return quotedText(text)
}

// quotedText reads a text in quotation marks, with backslashes or doubled marks
// inside.
func quotedText(text string) (value string, null bool, behind string, ok bool) {
	if text == "" || text[0] != '"' {
		return "", false, text, false
	}
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == '\\' && i+1 < len(text), text[i] == '"' && i+1 < len(text) && text[i+1] == '"':
			i++
			b.WriteByte(text[i])
		case text[i] == '"':
			return b.String(), false, text[i+1:], true
		default:
			b.WriteByte(text[i])
		}
	}
	return "", false, text, false
}

// Vector is a list of numbers: a column of [VectorType]. A nil vector is NULL.
type Vector []float32

// Value implements [driver.Valuer]: [1,2.5,3]. NaN and the infinities are errors.
func (v Vector) Value() (driver.Value, error) {
	if v == nil {
		return nil, nil
	}
	text := []byte{'['}
	for i, f := range v {
		if i > 0 {
			text = append(text, ',')
		}
		if wide := float64(f); math.IsNaN(wide) || math.IsInf(wide, 0) {
			return nil, refusal("a vector holds neither NaN nor infinity")
		}
		text = strconv.AppendFloat(text, float64(f), 'g', -1, 32)
	}
	return string(append(text, ']')), nil
}

// Scan implements sql.Scanner. The vector is replaced.
func (v *Vector) Scan(src any) error {
	if src == nil {
		*v = nil
		return nil
	}
	text, err := plainText(src)
	if err != nil {
		return err
	}
	inner, opened := strings.CutPrefix(text, "[")
	inner, closed := strings.CutSuffix(inner, "]")
	if !opened || !closed {
		return refusal("the text is no vector")
	}
	read := Vector{}
	for item := range strings.SplitSeq(inner, ",") {
		f, err := strconv.ParseFloat(strings.TrimSpace(item), 32)
		if err != nil && inner != "" {
			return fmt.Errorf("a number of the vector: %w", err)
		}
		if inner != "" {
			read = append(read, float32(f))
		}
	}
	*v = read
	return nil
}
