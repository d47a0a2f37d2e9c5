package main

import (
	"bytes"
	"testing"
)

func TestValuesComeBackAsTheyWere(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), &out); err != nil {
		t.Fatal(err)
	}
	const want = `6ba7b810-9dad-11d1-80b4-00c04fd430c8 12345678901234.0001 1234 21000
12345678901234.0001, 32 bytes that are not "1234", fewer than 1000 bytes: true
`
	if got := out.String(); got != want {
		t.Errorf("it printed:\n%s", got)
	}
}

// TestSecretIsReadUnderItsKeyAlone changes one byte of what was stored.
func TestSecretIsReadUnderItsKeyAlone(t *testing.T) {
	sealed := aead.Seal(make([]byte, aead.NonceSize()), make([]byte, aead.NonceSize()), []byte("1234"), nil)
	sealed[len(sealed)-1] ^= 1
	if _, err := aead.Open(nil, sealed[:aead.NonceSize()], sealed[aead.NonceSize():], nil); err == nil {
		t.Error("a changed secret was read")
	}
}
