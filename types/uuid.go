// This file carries UUIDs. They cross as text in the canonical spelling, 36
// characters in lower case; every spelling that PostgreSQL reads is understood.

package types

import (
	"database/sql/driver"
	"encoding/hex"
	"reflect"
	"strings"
)

const noUUID = refusal("the text is no UUID")

// parseUUID reads 32 hexadecimal digits, with dashes, braces or "urn:uuid:"
// around and between them.
func parseUUID(text string) (id [16]byte, err error) {
	text = strings.TrimPrefix(text, "urn:uuid:")
	if len(text) > 2 && text[0] == '{' && text[len(text)-1] == '}' {
		text = text[1 : len(text)-1]
	}
	switch {
	case len(text) == 32:
	case len(text) == 36 && text[8] == '-' && text[13] == '-' && text[18] == '-' && text[23] == '-':
		text = text[:8] + text[9:13] + text[14:18] + text[19:23] + text[24:]
	default:
		return id, noUUID
	}
	if _, err := hex.Decode(id[:], []byte(text)); err != nil {
		return id, noUUID
	}
	return id, nil
}

// formatUUID is the canonical spelling.
func formatUUID(id [16]byte) string {
	var text [36]byte
	hex.Encode(text[:8], id[:4])
	hex.Encode(text[9:13], id[4:6])
	hex.Encode(text[14:18], id[6:8])
	hex.Encode(text[19:23], id[8:10])
	hex.Encode(text[24:], id[10:])
	text[8], text[13], text[18], text[23] = '-', '-', '-', '-'
	return string(text[:])
}

func spellUUID(text string, _ Type) (string, error) {
	id, err := parseUUID(text)
	if err != nil {
		return "", err
	}
	return formatUUID(id), nil
}

func canonicalUUID(text string, t Type) (driver.Value, error) {
	canonical, err := spellUUID(text, t)
	if err != nil {
		return nil, err
	}
	return canonical, nil
}

// readUUID is the canonical text of what drivers give.
func readUUID(src any) (string, error) {
	id, err := readUUIDBytes(src, Type{})
	if err != nil {
		return "", err
	}
	return formatUUID(id), nil
}

// readUUIDBytes takes text, or the 16 bytes themselves.
func readUUIDBytes(src any, _ Type) (id [16]byte, err error) {
	switch v := src.(type) {
	case string:
		return parseUUID(v)
	case []byte:
		if len(v) == len(id) {
			return [16]byte(v), nil
		}
		return parseUUID(string(v))
	}
	return id, unexpected(src)
}

// newUUID is the codec of arrays of 16 bytes without methods of their own.
func newUUID(goType reflect.Type, sql Type) Codec {
	return &scalar[[16]byte]{
		base: base{goType, sql, OpCodec},
		bind: func(id [16]byte, _ Type) (driver.Value, error) { return formatUUID(id), nil },
		read: readUUIDBytes,
	}
}
