// This file carries truth values.

package types

import (
	"database/sql/driver"
	"reflect"
)

func bindBool(v bool, t Type) (driver.Value, error) {
	switch t.kind {
	case KindUnknown, KindBoolean, KindExact:
		return v, nil
	}
	return nil, refusal("a bool has no place there")
}

// readBool takes what drivers give for truth values: MySQL and SQLite have
// numbers.
func readBool(src any, _ Type) (bool, error) {
	switch v := src.(type) {
	case bool:
		return v, nil
	case int64:
		if v == 0 || v == 1 {
			return v == 1, nil
		}
		return false, refusal("the number is neither 0 nor 1")
	case []byte:
		return parseBool(string(v))
	case string:
		return parseBool(v)
	}
	return false, unexpected(src)
}

func parseBool(text string) (bool, error) {
	switch text {
	case "1", "t", "true", "T", "TRUE", "True", "\x01":
		return true, nil
	case "0", "f", "false", "F", "FALSE", "False", "\x00":
		return false, nil
	}
	return false, refusal("the text is no truth value")
}

func newBool(goType reflect.Type, sql Type) Codec {
	return &scalar[bool]{base: base{goType, sql, OpBool}, bind: bindBool, read: readBool}
}
