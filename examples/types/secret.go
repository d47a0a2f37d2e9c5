// This file keeps texts that are to be read by the program alone.

package main

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"errors"

	"github.com/aurum-go/orm/types"
)

// Secret is encrypted in the database, by AES-GCM under the program's key. Each
// value has a nonce of its own, so that equal texts cannot be seen to be equal: a
// column of it cannot be asked for a value, and cannot be unique.
type Secret string

// aead is under a key that a program reads from a safe place.
var aead = newAEAD(sha256.Sum256([]byte("not a good key")))

func newAEAD(key [32]byte) cipher.AEAD {
	block, err := aes.NewCipher(key[:])
	if err != nil {
		panic(err)
	}
	sealer, err := cipher.NewGCM(block)
	if err != nil {
		panic(err)
	}
	return sealer
}

func init() {
	types.Register(types.Converter[Secret, []byte]{
		SQL: types.LargeBinary(),
		Bind: func(s Secret) ([]byte, error) {
			nonce := make([]byte, aead.NonceSize())
			_, _ = rand.Read(nonce) // it never fails
			return aead.Seal(nonce, nonce, []byte(s), nil), nil
		},
		Scan: func(b []byte) (Secret, error) {
			if len(b) < aead.NonceSize() {
				return "", errors.New("too short for a secret")
			}
			text, err := aead.Open(nil, b[:aead.NonceSize()], b[aead.NonceSize():], nil)
			return Secret(text), err
		},
	})
}
