// This file keeps long texts in little room.

package main

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"

	"github.com/aurum-go/orm/types"
)

// Packed is compressed in the database. Equal texts are equal there, so that it can
// be asked for one.
type Packed string

func init() {
	types.Register(types.Converter[Packed, []byte]{SQL: types.LargeBinary(), Bind: pack, Scan: unpack})
}

func pack(p Packed) ([]byte, error) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, string(p)); err != nil {
		return nil, err
	}
	err := w.Close()
	return b.Bytes(), err
}

func unpack(b []byte) (Packed, error) {
	r, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(r)
	return Packed(text), err
}

func longText() string { return strings.Repeat("whereas and whereby, ", 1000) }
