// This file tests types that one database has: their text forms, and their words
// in tags.

package types

import (
	"database/sql/driver"
	"errors"
	"math"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestTypesOfOneDatabaseHaveItsTextForm(t *testing.T) {
	at := time.Date(2024, 2, 29, 12, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		name  string
		value any
		sql   Type
		text  driver.Value
		back  any // if it is not the value
	}{
		{"a range", NewRange(1, 5), RangeType(BigInteger()), "[1,5)", nil},
		{"a range without bounds", Range[int]{}, RangeType(BigInteger()), "(,)", nil},
		{"a range with a lower bound", Range[int]{Lower: Including(1)}, RangeType(BigInteger()), "[1,)", nil},
		{"an empty range", EmptyRange[int](), RangeType(BigInteger()), "empty", nil},
		{"a range of another form", Range[int]{Lower: Excluding(1), Upper: Including(5)}, RangeType(BigInteger()), "[2,6)", NewRange(2, 6)},
		{"a range that holds nothing", NewRange(3, 3), RangeType(BigInteger()), "empty", EmptyRange[int]()},
		{"nothing between two numbers", Range[int]{Lower: Excluding(3), Upper: Excluding(4)}, RangeType(BigInteger()), "empty", EmptyRange[int]()},
		{"one number", Range[int]{Lower: Including(3), Upper: Including(3)}, RangeType(BigInteger()), "[3,4)", NewRange(3, 4)},
		{"a range of dates", Range[time.Time]{Lower: Excluding(at)}, RangeType(Date()), `["2024-03-01",)`, Range[time.Time]{Lower: Including(at.Truncate(24*time.Hour).AddDate(0, 0, 1))}},
		{"a range of instants", Range[time.Time]{Upper: Including(at)}, RangeType(DateTime()), `(,"2024-02-29 12:00:00.000000+00"]`, nil},
		{"a range of decimals", NewRange("-1.50", "2"), RangeType(Numeric(0, 0)), `["-1.50","2")`, nil},
		{"an hstore", Hstore{"a": new("1"), "b": nil, `"\`: new("=>")}, HstoreType(), `"\"\\"=>"=>", "a"=>"1", "b"=>NULL`, nil},
		{"an empty hstore", Hstore{}, HstoreType(), "", nil},
		{"no hstore", Hstore(nil), HstoreType(), nil, nil},
		{"a vector", Vector{1, -2.5, 1e-7}, VectorType(3), "[1,-2.5,1e-07]", nil},
		{"an empty vector", Vector{}, VectorType(3), "[]", nil},
		{"no vector", Vector(nil), VectorType(3), nil, nil},
		{"a set", []string{"b", "a", "b"}, Set("a", "b"), "a,b", []string{"a", "b"}},
		{"an empty set", []string{}, Set("a", "b"), "", nil},
		{"no set", []string(nil), Set("a", "b"), nil, nil},
		{"a year", 1999, Year(), int64(1999), nil},
		{"bits", "0101", Bit(4), "0101", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			text, err := encode(t, tt.value, tt.sql)
			if err != nil || text != tt.text {
				t.Fatalf("it is sent as %#v, %v", text, err)
			}
			if tt.back == nil {
				tt.back = tt.value
			}
			back, err := decode(t, reflect.TypeOf(tt.value), tt.sql, text)
			if diff := cmp.Diff(tt.back, back); diff != "" || err != nil {
				t.Errorf("it came back with %v (-want +got):\n%s", err, diff)
			}
			goType, p := held(tt.value)
			c := mustCodec(t, goType, tt.sql)
			c.Normalize(p)
			if diff := cmp.Diff(tt.back, reflect.NewAt(goType, p).Elem().Interface()); diff != "" {
				t.Errorf("normalized (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTypesOfOneDatabaseRefuseWhatTheyCannotHold(t *testing.T) {
	for _, tt := range []struct {
		value any
		sql   Type
	}{
		{NewRange(5, 1), RangeType(BigInteger())}, {Range[int]{Upper: Including(math.MaxInt)}, RangeType(BigInteger())},
		{Range[int32]{Upper: Including[int32](math.MaxInt32)}, RangeType(Integer())}, {NewRange("2", "1"), RangeType(Numeric(0, 0))},
		{NewRange("x", "y"), RangeType(Numeric(0, 0))}, {Vector{float32(math.NaN())}, VectorType(1)},
		{[]string{"c"}, Set("a", "b")}, {70, Year()}, {2156, Year()}, {"012", Bit(3)}, {"01", Bit(3)},
		{"10.0.0.1/33", Inet()}, {"fe80::1%eth0", Inet()}, {"10.0.0.1/8", CIDR()},
	} {
		_, err := encode(t, tt.value, tt.sql)
		if _, ok := errors.AsType[*ValueError](err); !ok {
			t.Errorf("%#v as %s: %v", tt.value, tt.sql, err)
		}
	}
}

func TestMalformedTextOfOneDatabaseIsAnError(t *testing.T) {
	for _, tt := range []struct {
		goType reflect.Type
		sql    Type
		texts  []any
	}{
		{reflect.TypeFor[Range[int]](), RangeType(BigInteger()), []any{"", "[", "1,5", "[1,5", "[1;5)", "[1,5,6)", "[a,5)", `["1,5)`, int64(1)}},
		{reflect.TypeFor[Hstore](), HstoreType(), []any{"a", `"a"`, `"a"=>`, `"a"=>"1`, `NULL=>"1"`, int64(1)}},
		{reflect.TypeFor[Vector](), VectorType(2), []any{"", "1,2", "[1,x]", "[1", int64(1)}},
		{reflect.TypeFor[[]string](), Set("a", "b"), []any{"c", "a,,b", int64(1)}},
	} {
		for _, text := range tt.texts {
			_, err := decode(t, tt.goType, tt.sql, text)
			if _, ok := errors.AsType[*DecodeError](err); !ok {
				t.Errorf("%#v as %s: %v", text, tt.sql, err)
			}
		}
	}
}

func TestTagsNameTypesOfOneDatabase(t *testing.T) {
	for text, want := range map[string]Type{
		"citext": CIText(), "inet": Inet(), "cidr": CIDR(), "tsvector": TSVector(), "hstore": HstoreType(), "jsonb": JSONType(),
		"bit(4)": Bit(4), "vector(3)": VectorType(3), "year": Year(), "set(a,'b')": Set("a", "b"),
		"int4range": RangeType(Integer()), "int8range": RangeType(BigInteger()), "numrange": RangeType(Numeric(0, 0)),
		"daterange": RangeType(Date()), "tsrange": RangeType(Timestamp()), "tstzrange": RangeType(DateTime()),
		"enum(a,b) named letter": Enum("a", "b").Named("letter"), "enum('a) named x on y') named letter": Enum("a) named x on y").Named("letter"),
		"text on postgres citext":                            Text().Variant("postgres", CIText()),
		"text on postgres citext on mysql varchar(80)":       Text().Variant("postgres", CIText()).Variant("mysql", String(80)),
		"array(enum(a)) on mysql json on sqlite string( 9 )": Array(Enum("a")).Variant("mysql", JSONType()).Variant("sqlite", String(9)),
	} {
		if got, err := Parse(text); err != nil || !got.Equal(want) {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"bit", "vector", "set()", "set(a,a)", "text named x", "enum(a) named ", "text on postgres", "text on postgres nonsense", "text on ", "set('a,b')"} {
		if got, err := Parse(text); err == nil {
			t.Errorf("%s is %v", text, got)
		} else if _, ok := errors.AsType[*ParseError](err); !ok {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestTypeMayDifferByDatabase(t *testing.T) {
	of := Text().Variant("postgres", CIText()).Variant("mysql", String(80)).Variant("mysql", String(90))
	for dialect, want := range map[string]Type{"postgres": CIText(), "mysql": String(90), "sqlite": of} {
		if got := of.On(dialect); !got.Equal(want) {
			t.Errorf("on %s it is %v", dialect, got)
		}
	}
	for _, wrong := range []Type{
		Text().BoundBy("lower()"), Text().ReadBy("?||?"), RangeType(Text()), VectorType(0), Set("a,b"), Exact(" "),
	} {
		if _, err := CodecFor(reflect.TypeFor[string](), wrong); err == nil {
			t.Errorf("%v is accepted", wrong)
		}
	}
}
