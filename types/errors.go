// This file has the errors of the package. None of their texts contains a value
// that was bound or read.

package types

import (
	"errors"
	"fmt"
	"reflect"
)

// ErrNull is wrapped by the [*DecodeError] of a NULL that was read into a Go
// type that has no room for it.
var ErrNull = errors.New("types: NULL needs a pointer or sql.Null")

// ValueError says that a Go value cannot be bound against a column of a SQL
// type. Nothing was sent.
type ValueError struct {
	Go     reflect.Type // nil if the value had none
	SQL    Type
	Reason string
	Err    error // what the value's own method said, or nil
}

// Error describes the problem. What the value's own method said is left to
// Unwrap, because it may repeat the value.
func (e *ValueError) Error() string {
	return fmt.Sprintf("types: bind %s as %s: %s", nameOf(e.Go), e.SQL, e.Reason)
}

// Unwrap is the error of the value's own method.
func (e *ValueError) Unwrap() error { return e.Err }

// DecodeError says that a value of the database does not fit a Go type.
type DecodeError struct {
	Go     reflect.Type // nil if there was no target
	SQL    Type
	Reason string
	Err    error // ErrNull, what the target's own method said, or nil
}

// Error describes the problem. What the target's own method said is left to
// Unwrap, because it may repeat the value.
func (e *DecodeError) Error() string {
	return fmt.Sprintf("types: read %s into %s: %s", e.SQL, nameOf(e.Go), e.Reason)
}

// Unwrap is ErrNull, the error of the target's own method, or nil.
func (e *DecodeError) Unwrap() error { return e.Err }

// TypeError says that a Go type cannot stand for a SQL type, or for any.
type TypeError struct {
	Go     reflect.Type
	SQL    Type // zero if none was asked for
	Reason string
	Advice string
}

// Error describes the problem and says what to do.
func (e *TypeError) Error() string {
	subject := nameOf(e.Go)
	if !e.SQL.IsZero() {
		subject += " to " + e.SQL.String()
	}
	if e.Advice == "" {
		return fmt.Sprintf("types: map %s: %s", subject, e.Reason)
	}
	return fmt.Sprintf("types: map %s: %s (%s)", subject, e.Reason, e.Advice)
}

// ParseError says that the words of a struct tag name no type.
type ParseError struct {
	Text   string // the whole text
	Word   string // the word that is wrong
	Reason string
}

// Error names the word.
func (e *ParseError) Error() string {
	return fmt.Sprintf("types: parse type %q: %s", e.Text, e.Reason)
}

// refusal is a reason, on its way to the codec that knows the Go type.
type refusal string

func (r refusal) Error() string { return string(r) }

// valueError gives a refusal the types that it is about.
func valueError(goType reflect.Type, sql Type, err error) error {
	if r, ok := err.(refusal); ok { //nolint:errorlint // what others wrapped keeps their words
		return &ValueError{Go: goType, SQL: sql, Reason: string(r)}
	}
	if inner, ok := err.(*ValueError); ok { //nolint:errorlint // what others wrapped keeps their words
		return &ValueError{Go: goType, SQL: sql, Reason: inner.Reason, Err: inner.Err}
	}
	return &ValueError{Go: goType, SQL: sql, Reason: "it cannot be converted", Err: err}
}

// decodeError gives a refusal the types that it is about.
func decodeError(goType reflect.Type, sql Type, err error) error {
	switch e := err.(type) { //nolint:errorlint // what others wrapped keeps their words
	case refusal:
		return &DecodeError{Go: goType, SQL: sql, Reason: string(e)}
	case *DecodeError:
		return &DecodeError{Go: goType, SQL: sql, Reason: e.Reason, Err: e.Err}
	}
	return &DecodeError{Go: goType, SQL: sql, Reason: "it cannot be converted", Err: err}
}

// nullError is the error of a NULL without room.
func nullError(goType reflect.Type, sql Type) error {
	return &DecodeError{Go: goType, SQL: sql, Reason: "NULL has no place there (use a pointer or sql.Null)", Err: ErrNull}
}

// unexpected refuses a driver value by its Go type.
func unexpected(src any) error {
	return refusal(fmt.Sprintf("the driver gave a %T", src))
}

func nameOf(t reflect.Type) string {
	if t == nil {
		return "a value"
	}
	return t.String()
}
