// This file carries JSON documents: the generic JSON type, any other Go type in
// a JSON column, and documents that Go keeps as text.

package types

import (
	"bytes"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
)

// JSON is a column that holds V as a JSON document. Changes inside V are seen
// when objects are compared. A nil V is the document null, not NULL; for NULL
// use a pointer or sql.Null.
type JSON[T any] struct{ V T }

// NewJSON is v as a document.
func NewJSON[T any](v T) JSON[T] { return JSON[T]{v} }

// MarshalJSON is the JSON of V.
func (j JSON[T]) MarshalJSON() ([]byte, error) { return json.Marshal(j.V) }

// UnmarshalJSON reads the JSON of V.
func (j *JSON[T]) UnmarshalJSON(data []byte) error { return json.Unmarshal(data, &j.V) }

// Value implements [driver.Valuer]: the document as text.
func (j JSON[T]) Value() (driver.Value, error) {
	return newDocument(reflect.TypeFor[JSON[T]](), JSONType()).Encode(pointerTo(&j))
}

// Scan implements sql.Scanner. V is replaced, never merged into. NULL is an error
// that wraps [ErrNull].
func (j *JSON[T]) Scan(src any) error {
	return newDocument(reflect.TypeFor[JSON[T]](), JSONType()).Decode(pointerTo(j), src)
}

var (
	documentPackage = reflect.TypeFor[JSON[int]]().PkgPath()
	rawMessageType  = reflect.TypeFor[json.RawMessage]()
)

// isDocument reports whether t is JSON[T] for some T.
func isDocument(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && t.PkgPath() == documentPackage && strings.HasPrefix(t.Name(), "JSON[")
}

// documentCodec carries a Go value as a document.
type documentCodec struct {
	shape
	sql      Type
	content  reflect.Type // the T of JSON[T], which has the same address, or the Go type itself
	nullable bool
}

func newDocument(goType reflect.Type, sql Type) *documentCodec {
	c := &documentCodec{shape: shapeOf(goType), sql: sql, content: goType}
	switch {
	case isDocument(goType):
		c.content = goType.Field(0).Type
	case goType.Kind() == reflect.Map, goType.Kind() == reflect.Slice, goType.Kind() == reflect.Interface:
		c.nullable = true
	}
	return c
}

func (c *documentCodec) Nullable() bool { return c.nullable }

func (c *documentCodec) Encode(p Ptr) (driver.Value, error) {
	v := valueAt(c.content, p)
	if c.nullable && v.IsNil() {
		return nil, nil
	}
	text, err := marshal(v.Addr().Interface())
	if err != nil {
		return nil, &ValueError{Go: c.goType, SQL: c.sql, Reason: "it has no JSON form", Err: err}
	}
	return text, nil
}

// marshal spells a document without the escapes that only HTML needs.
func marshal(v any) (string, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return "", err
	}
	return string(bytes.TrimSuffix(text.Bytes(), []byte("\n"))), nil
}

func (c *documentCodec) Decode(p Ptr, src any) error {
	if src == nil {
		if !c.nullable {
			return nullError(c.goType, c.sql)
		}
		valueAt(c.content, p).SetZero()
		return nil
	}
	text, err := readJSON(src)
	if err != nil {
		return decodeError(c.goType, c.sql, err)
	}
	fresh := reflect.New(c.content)
	if err := json.Unmarshal(text, fresh.Interface()); err != nil {
		return &DecodeError{Go: c.goType, SQL: c.sql, Reason: jsonProblem(err), Err: err}
	}
	valueAt(c.content, p).Set(fresh.Elem())
	return nil
}

// Equal takes values for equal that make one document, too: what is not part of
// the document is not part of the column.
func (c *documentCodec) Equal(a, b Ptr) bool {
	return deepEqual(valueAt(c.content, a), valueAt(c.content, b)) || sameEncoding(c, a, b)
}

// sameEncoding compares what two values send to the database.
func sameEncoding(c Codec, a, b Ptr) bool {
	x, err := c.Encode(a)
	if err != nil {
		return false
	}
	y, err := c.Encode(b)
	return err == nil && deepEqual(reflect.ValueOf(&x).Elem(), reflect.ValueOf(&y).Elem())
}

// readJSON takes what drivers give for documents. SQLite makes numbers of
// documents that are nothing else.
func readJSON(src any) ([]byte, error) {
	switch v := src.(type) {
	case []byte:
		return v, nil
	case string:
		return []byte(v), nil
	case int64, float64, bool:
		return json.Marshal(v)
	}
	return nil, unexpected(src)
}

// jsonProblem describes the error without the content of the document.
func jsonProblem(err error) string {
	if wrong, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		kind, _, _ := strings.Cut(wrong.Value, " ")
		if wrong.Field != "" {
			return fmt.Sprintf("the document has a %s for %s, which is %s", kind, wrong.Field, wrong.Type)
		}
		return "the document is a " + kind
	}
	if _, ok := errors.AsType[*json.SyntaxError](err); ok {
		return "the text is no JSON document"
	}
	return "the document does not fit"
}

func checkJSON(text string) error {
	if json.Valid([]byte(text)) {
		return nil
	}
	return refusal("the text is no JSON document")
}

// readDocumentText is the text of a document that the database gave.
func readDocumentText(src any) (string, error) {
	text, err := readJSON(src)
	if err != nil {
		return "", err
	}
	return string(text), checkJSON(string(text))
}

// sameDocument compares documents by their content: databases spell them anew.
func sameDocument(a, b []byte) bool {
	x, errX := anyDocument(a)
	y, errY := anyDocument(b)
	return errX == nil && errY == nil && deepEqual(reflect.ValueOf(&x).Elem(), reflect.ValueOf(&y).Elem())
}

// anyDocument reads a document without rounding its numbers.
func anyDocument(text []byte) (v any, err error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	err = decoder.Decode(&v)
	return v, err
}

// jsonText is the codec of strings that hold a document.
type jsonText struct{ scalar[string] }

func (c *jsonText) Equal(a, b Ptr) bool {
	x, y := *at[string](a), *at[string](b)
	return x == y || sameDocument([]byte(x), []byte(y))
}

// jsonBytes is the codec of byte slices that hold a document, as json.RawMessage.
type jsonBytes struct{ binaryCodec }

func (c *jsonBytes) Decode(p Ptr, src any) error {
	if src == nil {
		*at[[]byte](p) = nil
		return nil
	}
	text, err := readDocumentText(src)
	if err != nil {
		return decodeError(c.goType, c.sql, err)
	}
	*at[[]byte](p) = []byte(text)
	return nil
}

func (c *jsonBytes) Equal(a, b Ptr) bool {
	x, y := *at[[]byte](a), *at[[]byte](b)
	return (x == nil) == (y == nil) && (bytes.Equal(x, y) || sameDocument(x, y))
}
