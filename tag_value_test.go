// This file tests the values in struct tags.

package orm

import (
	"database/sql"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aurum-go/orm/types"
)

func TestListsAndConditionsAreRead(t *testing.T) {
	type call struct {
		Name, Inside string
		Offset       int
		OK           bool
	}
	for value, want := range map[string]call{
		"(a,b)":             {"", "a,b", 1, true},
		"name(a,b)":         {"name", "a,b", 5, true},
		"name ( a )":        {"name", " a ", 6, true},
		"(a) or (b)":        {},
		"f(a) > 0":          {},
		"a > 0":             {},
		"f(x = ')')":        {"f", "x = ')'", 2, true},
		"a or (b)":          {},
		"p('unclosed":       {},
		"((a) and (b > 1))": {"", "(a) and (b > 1)", 1, true},
	} {
		name, inside, offset, ok := cutCall(value)
		if diff := cmp.Diff(want, call{name, inside, offset, ok}); diff != "" {
			t.Errorf("%q (-want +got):\n%s", value, diff)
		}
	}
}

func TestCheckHasANameOrNone(t *testing.T) {
	for value, want := range map[string]*CheckConstraint{
		"age > 0":                {"", "age > 0"},
		"(age > 0)":              {"", "age > 0"},
		"positive(age > 0)":      {"positive", "age > 0"},
		"length(name) > 2":       {"", "length(name) > 2"},
		"(a > 0) and (b > 0)":    {"", "(a > 0) and (b > 0)"},
		"named (a in ('x;y'))":   {"named", "a in ('x;y')"},
		"name <> 'it''s (fine)'": {"", "name <> 'it''s (fine)'"},
	} {
		if diff := cmp.Diff(want, checkOf(value), cmp.AllowUnexported(CheckConstraint{})); diff != "" {
			t.Errorf("%q (-want +got):\n%s", value, diff)
		}
	}
}

type tagLevel string

func TestLiteralsAreParsedIntoTheGoType(t *testing.T) {
	day := time.Date(2026, 2, 3, 0, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		name, text string
		goType     reflect.Type
		sqlType    types.Type
		want       any
	}{
		{"int", "-7", reflect.TypeFor[int](), types.BigInteger(), -7},
		{"pointer", "7", reflect.TypeFor[*int32](), types.Integer(), int32(7)},
		{"unsigned", "255", reflect.TypeFor[uint8](), types.SmallInteger(), uint8(255)},
		{"float", "0.5", reflect.TypeFor[float64](), types.Double(), 0.5},
		{"bool", "true", reflect.TypeFor[bool](), types.Boolean(), true},
		{"string", "new", reflect.TypeFor[string](), types.Text(), "new"},
		{"quoted string", "' a;b ''c'' '", reflect.TypeFor[string](), types.Text(), " a;b 'c' "},
		{"quoted number", "'7'", reflect.TypeFor[int](), types.BigInteger(), 7},
		{"empty string", "''", reflect.TypeFor[string](), types.Text(), ""},
		{"the word now as text", "now", reflect.TypeFor[string](), types.Text(), "now"},
		{"named string", "low", reflect.TypeFor[tagLevel](), types.Enum("low", "high"), tagLevel("low")},
		{"duration", "1m30s", reflect.TypeFor[time.Duration](), types.Interval(), 90 * time.Second},
		{"date", "2026-02-03", reflect.TypeFor[time.Time](), types.DateTime(), day},
		{"time as SQL has it", "2026-02-03 00:00:00", reflect.TypeFor[time.Time](), types.DateTime(), day},
		{"time as RFC 3339", "2026-02-03T00:00:00Z", reflect.TypeFor[time.Time](), types.DateTime(), day},
	} {
		t.Run(test.name, func(t *testing.T) {
			codec, err := types.CodecFor(test.goType, test.sqlType)
			if err != nil {
				t.Fatal(err)
			}
			got, reason, _ := literalDefault(test.text, &property{goType: test.goType, codec: codec}, test.sqlType)
			if reason != "" {
				t.Fatal(reason)
			}
			if diff := cmp.Diff(test.want, got.value); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestLiteralThatRowsCouldShareIsMadeForEachRow(t *testing.T) {
	for _, test := range []struct {
		name, text string
		goType     reflect.Type
		sqlType    types.Type
		want       any
	}{
		{"bytes", "abc", reflect.TypeFor[[]byte](), types.LargeBinary(), []byte("abc")},
		{"document", `{"a":1}`, reflect.TypeFor[map[string]int](), types.JSONType(), map[string]int{"a": 1}},
		{"null string", "x", reflect.TypeFor[sql.NullString](), types.Text(), sql.NullString{String: "x", Valid: true}},
	} {
		t.Run(test.name, func(t *testing.T) {
			codec, err := types.CodecFor(test.goType, test.sqlType)
			if err != nil {
				t.Fatal(err)
			}
			d, reason, _ := literalDefault(test.text, &property{goType: test.goType, codec: codec}, test.sqlType)
			if reason != "" {
				t.Fatal(reason)
			}
			if d.value != nil || d.call == nil {
				t.Fatalf("default = %+v", d)
			}
			got, err := d.call()
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestLiteralThatDoesNotFitIsRefused(t *testing.T) {
	for _, test := range []struct {
		name, text string
		goType     reflect.Type
		sqlType    types.Type
	}{
		{"no number", "many", reflect.TypeFor[int](), types.BigInteger()},
		{"too large", "256", reflect.TypeFor[uint8](), types.SmallInteger()},
		{"negative", "-1", reflect.TypeFor[uint](), types.BigInteger()},
		{"no bool", "maybe", reflect.TypeFor[bool](), types.Boolean()},
		{"no time", "tomorrow", reflect.TypeFor[time.Time](), types.DateTime()},
		{"no label", "medium", reflect.TypeFor[tagLevel](), types.Enum("low", "high")},
		{"no document", "{", reflect.TypeFor[map[string]int](), types.JSONType()},
	} {
		t.Run(test.name, func(t *testing.T) {
			codec, err := types.CodecFor(test.goType, test.sqlType)
			if err != nil {
				t.Fatal(err)
			}
			if d, reason, _ := literalDefault(test.text, &property{goType: test.goType, codec: codec}, test.sqlType); reason == "" {
				t.Errorf("default = %+v", d)
			}
		})
	}
}
