// This file tests the texts that the package reads and writes itself: times,
// decimals, UUIDs, arrays; and JSON's own methods.

package types

import (
	"encoding/json"
	"errors"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var stringsType = reflect.TypeFor[[]string]()

func TestTimesAreReadInEveryFormThatDatabasesWrite(t *testing.T) {
	want := utc("2006-01-02 15:04:05.123456")
	for _, text := range []string{
		"2006-01-02 15:04:05.123456", "2006-01-02T15:04:05.123456Z", "2006-01-02t15:04:05.123456z", "2006-01-02 15:04:05.1234567",
		"2006-01-02 15:04:05.123456789", "2006-01-02 15:04:05.123456 Z", "2006-01-02 15:04:05.123456+00", "2006-01-02 15:04:05.123456 +00:00",
		"2006-01-02 16:04:05.123456+01", "2006-01-02 09:34:05.123456-0530", "2006-01-02 16:04:35.123456+01:00:30",
		"2006-01-02 16:04:05.123456 +0100 CET", "2006-01-02 15:04:05.123456 +0000 UTC", "2006-01-03 01:04:05.123456+10:00",
	} {
		if got, err := ParseTime(text); err != nil || got != want {
			t.Errorf("%q: got %v, %v", text, got, err)
		}
	}
	for text, want := range map[string]time.Time{
		"2006-01-02": utc("2006-01-02 00:00:00"), "2006-01-02 15:04": utc("2006-01-02 15:04:00"), "2006-01-02 15:04:05": utc("2006-01-02 15:04:05"),
		"2006-01-02 15:04:05.1": utc("2006-01-02 15:04:05.1"), "2000-02-29": utc("2000-02-29 00:00:00"),
	} {
		if got, err := ParseTime(text); err != nil || got != want {
			t.Errorf("%q: got %v, %v", text, got, err)
		}
	}
}

func TestTimesThatAreNoneAreRefused(t *testing.T) {
	for _, text := range []string{
		"", "x", "2006", "2006-01", "2006-1-2", "2006-01-02 ", "2006-01-02 15", "2006-01-02 15:4", "2006-01-02 15:04:", "2006-01-02 15:04:05.",
		"2006-01-02 15:04:05.1234567890", "2006-13-02", "2006-00-02", "2006-01-00", "2006-01-32", "2006-02-29", "1900-02-29", "0000-01-01",
		"12006-01-02", "-044-03-15", "2006-01-02 24:00:00", "2006-01-02 15:60:00", "2006-01-02 15:04:60", "2006-01-02 15:04:05 BC",
		"2006-01-02 15:04:05+", "2006-01-02 15:04:05+1", "2006-01-02 15:04:05+01:", "2006-01-02 15:04:05+00 ", "2006-01-02 15:04:05 +0000 U1",
		"2006-01-02 15:04:05ZZ", "2006-01-02 15:04:05x", "infinity", "-infinity", "2006-01-02\x0015:04:05", "２００６-01-02",
	} {
		if got, err := ParseTime(text); err == nil {
			t.Errorf("%q: got %v", text, got)
		}
	}
}

func TestOrderOfTimeTextsIsOrderOfInstants(t *testing.T) {
	times := []time.Time{
		utc("0001-01-01 00:00:00"), utc("0999-12-31 00:00:00"), utc("1969-12-31 23:59:59.999999"), utc("1970-01-01 00:00:00"),
		time.Date(2024, 1, 1, 1, 0, 0, 0, time.FixedZone("", 7200)), utc("2024-01-01 00:00:00"), utc("2024-01-01 00:00:00.000001"), utc("9999-12-31 23:59:59.999999"),
	}
	var texts []string
	for _, at := range times {
		text := FormatTime(at)
		if back, err := ParseTime(text); err != nil || !back.Equal(at) || len(text) != 26 {
			t.Errorf("%q: %v, %v", text, back, err)
		}
		texts = append(texts, text)
	}
	if !slices.IsSorted(texts) {
		t.Errorf("%q", texts)
	}
}

func FuzzParseTime(f *testing.F) {
	for _, seed := range []string{
		"2006-01-02 15:04:05.000000", "2006-01-02T15:04:05Z", "0001-01-01", "9999-12-31 23:59:59.999999-23:59", "2006-01-02 15:04:05 +0000 UTC", "infinity",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := ParseTime(text)
		if err != nil {
			if _, ok := errors.AsType[refusal](err); !ok {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		if got.Year() < 1 || got.Year() > 9999 {
			return
		}
		again, err := ParseTime(FormatTime(got))
		if err != nil || again != got {
			t.Errorf("%q: %v became %v, %v", text, got, again, err)
		}
	})
}

func TestDecimalsHaveOneSpelling(t *testing.T) {
	for _, tt := range []struct {
		text string
		typ  Type
		want string
	}{
		{"1.5", Numeric(5, 2), "1.50"},
		{"001.500", Numeric(5, 2), "1.50"},
		{"+.5", Numeric(5, 2), "0.50"},
		{"5.", Numeric(5, 2), "5.00"},
		{"-0", Numeric(5, 2), "0.00"},
		{"-0.01", Numeric(5, 2), "-0.01"},
		{"1.5e2", Numeric(5, 2), "150.00"},
		{"150E-2", Numeric(5, 2), "1.50"},
		{"1E-2", Numeric(5, 2), "0.01"},
		{"0.5", Numeric(2, 2), "0.50"},
		{"999", Numeric(3, 0), "999"},
		{"1.50", Numeric(0, 0), "1.50"},
		{"1e3", Numeric(0, 0), "1000"},
		{"-000", Numeric(0, 0), "0"},
	} {
		got, err := canonicalDecimal(tt.text, tt.typ)
		if err != nil || got != tt.want {
			t.Errorf("%q as %v: got %q, %v, want %q", tt.text, tt.typ, got, err, tt.want)
		}
	}
	for _, text := range []string{"", "-", "+", ".", "e", "1e", "1e+", "e5", "1.2.3", "--1", "1_000", "1 ", "0x1", "NaN", "Infinity", "１", "1e9999999999999999999", "1e-200000"} {
		if got, err := canonicalDecimal(text, Numeric(0, 0)); err == nil {
			t.Errorf("%q: got %q", text, got)
		}
	}
}

func FuzzDecimalKeepsItsValue(f *testing.F) {
	for _, seed := range []string{"1.5", "-0.01", "1e10", "150E-2", "+.5", "00012.3400"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := canonicalDecimal(text, Numeric(0, 0))
		if err != nil || len(got) > 1000 {
			return
		}
		want, ok := new(big.Rat).SetString(text)
		back, _ := new(big.Rat).SetString(got)
		if !ok || back == nil || want.Cmp(back) != 0 {
			t.Errorf("%q became %q", text, got)
		}
		if again, err := canonicalDecimal(got, Numeric(0, 0)); err != nil || again != got {
			t.Errorf("%q became %q, %v", got, again, err)
		}
	})
}

func TestArrayTexts(t *testing.T) {
	for text, want := range map[string][]arrayItem{
		"{}":                   {},
		" { } ":                {},
		"{1, 2}":               {{text: "1"}, {text: "2"}},
		`{NULL,null,"NULL"}`:   {{text: "NULL", null: true}, {text: "null", null: true}, {text: "NULL"}},
		`{"a,b","\"\\",""}`:    {{text: "a,b"}, {text: `"\`}, {text: ""}},
		`{a b}`:                {{text: "a b"}},
		`{{1,2},{"}",3}}`:      {{text: "{1,2}", nested: true}, {text: `{"}",3}`, nested: true}},
		`[0:1]={1,2}`:          {{text: "1"}, {text: "2"}},
		`[1:1][2:2]={{"\"{"}}`: {{text: `{"\"{"}`, nested: true}},
	} {
		got, err := parseArrayText(text)
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(arrayItem{})); err != nil || diff != "" {
			t.Errorf("%q: %v (-want +got):\n%s", text, err, diff)
		}
	}
	for _, text := range []string{
		"", "{", "}", "1", "{1", "1}", "{1,}", "{,1}", "{1,,2}", `{"a}`, `{"a"b}`, `{a"b"}`, `{a\b}`, "{{1}", "{1}}", "{1}{2}", `{"a\`, "[1:2]", "{1}x", `{a{b}}`,
	} {
		if got, err := parseArrayText(text); err == nil {
			t.Errorf("%q: got %v", text, got)
		}
	}
}

func FuzzArrayOfTextComesBack(f *testing.F) {
	f.Add("a", `"\{},`, "NULL")
	f.Add("", " ", "\t\n")
	f.Fuzz(func(t *testing.T, a, b, c string) {
		want := []string{a, b, c}
		stored, err := EncodeValue(want, Array(Text()))
		if err != nil {
			return
		}
		var got []string
		codec, err := CodecFor(stringsType, Array(Text()))
		if err == nil {
			err = codec.Decode(pointerTo(&got), stored)
		}
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v (-want +got):\n%s", err, diff)
		}
	})
}

func FuzzArrayText(f *testing.F) {
	for _, seed := range []string{"{}", "{1,2}", `{"a\"b",NULL}`, "{{1},{2}}", "[2:3]={1,2}", `{"`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		items, err := parseArrayText(text)
		for _, item := range items {
			if item.nested && (!strings.HasPrefix(item.text, "{") || item.null) {
				t.Errorf("%q has %v", text, item)
			}
		}
		if err != nil && err != noArray {
			t.Errorf("%q: %v", text, err)
		}
	})
}

func TestUUIDsAreReadInTheUsualForms(t *testing.T) {
	want := "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
	for _, text := range []string{want, strings.ToUpper(want), "{" + want + "}", "urn:uuid:" + want, strings.ReplaceAll(want, "-", "")} {
		if got, err := spellUUID(text, UUID()); err != nil || got != want {
			t.Errorf("%q: got %q, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "{}", "{", want[1:], want + "0", "{" + want, strings.ReplaceAll(want, "-", "_"), "g" + want[1:]} {
		if got, err := spellUUID(text, UUID()); err == nil {
			t.Errorf("%q: got %q", text, got)
		}
	}
}

func TestJSONPassesThrough(t *testing.T) {
	in := NewJSON(address{"Rome", []string{"a"}})
	text, err := json.Marshal(map[string]any{"at": in})
	if want := `{"at":{"city":"Rome","tags":["a"]}}`; err != nil || string(text) != want {
		t.Errorf("got %s, %v", text, err)
	}
	var out JSON[address]
	if err := json.Unmarshal([]byte(`{"city":"Rome","tags":["a"]}`), &out); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(in, out); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestJSONCrossesWithoutTheORM(t *testing.T) {
	in := NewJSON(address{"Rome", []string{"a"}})
	stored, err := in.Value()
	if want := `{"city":"Rome","tags":["a"]}`; err != nil || stored != want {
		t.Errorf("got %v, %v", stored, err)
	}
	out := NewJSON(address{"Paris", []string{"old", "tags"}})
	if err := out.Scan([]byte(`{"city":"Rome"}`)); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(NewJSON(address{City: "Rome"}), out); diff != "" {
		t.Errorf("it was merged (-want +got):\n%s", diff)
	}
	if err := out.Scan(nil); !errors.Is(err, ErrNull) {
		t.Errorf("got %v", err)
	}
	if err := out.Scan("{"); err == nil || out.V.City != "Rome" {
		t.Errorf("got %v, %v", out, err)
	}
}

func TestStructsThatEmbedDocumentsAreNone(t *testing.T) {
	type more struct {
		JSON[int]
		Other int
	}
	stored, err := EncodeValue(more{NewJSON(5), 6}, JSONType())
	if err != nil || stored != "5" {
		t.Errorf("it sends what its Value method gives: %v, %v", stored, err)
	}
}
