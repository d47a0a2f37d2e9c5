// This file tests the descriptions of SQL types and the words of struct tags.

package types

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTypeSaysWhatItIs(t *testing.T) {
	enum := Enum("a", "b").Named("letter")
	for _, tt := range []struct {
		what      string
		want, got any
	}{
		{"kind", KindNumeric, Numeric(12, 4).Kind()},
		{"precision", 12, Numeric(12, 4).Precision()},
		{"scale", 4, Numeric(12, 4).Scale()},
		{"length of text", 50, String(50).Length()},
		{"length of bytes", 16, LargeBinary(16).Length()},
		{"no length", 0, LargeBinary().Length()},
		{"unsigned", true, BigInteger().AsUnsigned().Unsigned()},
		{"signed", false, BigInteger().Unsigned()},
		{"with zone", false, DateTime().WithoutZone()},
		{"without zone", true, Timestamp().WithoutZone()},
		{"labels", []string{"a", "b"}, enum.Labels()},
		{"no labels", []string(nil), Text().Labels()},
		{"name of an enum", "letter", enum.Name()},
		{"text of an exact type", "CITEXT", Exact("CITEXT").Name()},
		{"elements", Text(), Array(Text()).Elem()},
		{"no elements", Type{}, Text().Elem()},
		{"nothing known", true, Type{}.IsZero()},
		{"something known", false, Boolean().IsZero()},
	} {
		if diff := cmp.Diff(tt.want, tt.got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.what, diff)
		}
	}
}

func TestEqualDescriptionsAreEqual(t *testing.T) {
	all := func() []Type {
		return []Type{
			{}, Boolean(), SmallInteger(), Integer(), BigInteger(), BigInteger().AsUnsigned(), Float(), Double(),
			Numeric(0, 0), Numeric(12, 4), String(0), String(50), Text(), LargeBinary(), LargeBinary(2), Date(), Time(),
			DateTime(), Timestamp(), Interval(), UUID(), JSONType(), Enum("a", "b"), Enum("a,b"), Enum("a','b"),
			Enum("a", "b").Named("x"), Array(Text()), Array(Array(Text())), Array(Enum("a")), Exact("CITEXT"), Exact("INET"),
		}
	}
	again := all()
	for i, a := range all() {
		for j, b := range again {
			if a.Equal(b) != (i == j) {
				t.Errorf("%v equals %v: %v", a, b, a.Equal(b))
			}
		}
	}
}

func TestLabelsCannotBeChangedFromOutside(t *testing.T) {
	given := []string{"a", "b"}
	enum := Enum(given...)
	given[0] = "x"
	enum.Labels()[1] = "x"
	if diff := cmp.Diff([]string{"a", "b"}, enum.Labels()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestTypesAreSpelt(t *testing.T) {
	want := "UNKNOWN BOOLEAN BIGINT UNSIGNED NUMERIC NUMERIC(12,4) VARCHAR VARCHAR(50) BLOB(2) DATETIME TIMESTAMP " +
		"ENUM('it''s','b') TEXT[][] CITEXT Kind(99)"
	var got []string
	for _, typ := range []Type{
		{}, Boolean(), BigInteger().AsUnsigned(), Numeric(0, 0), Numeric(12, 4), String(0), String(50), LargeBinary(2),
		DateTime(), Timestamp(), Enum("it's", "b"), Array(Array(Text())), Exact("CITEXT"), {kind: 99},
	} {
		got = append(got, typ.String())
	}
	if diff := cmp.Diff(want, strings.Join(got, " ")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestParseReadsTheWordsOfTags(t *testing.T) {
	for text, want := range map[string]Type{
		"boolean": Boolean(), "bool": Boolean(), "smallint": SmallInteger(), "integer": Integer(), "int": Integer(),
		"bigint": BigInteger(), "bigint unsigned": BigInteger().AsUnsigned(), "float": Float(), "double": Double(),
		"numeric": Numeric(0, 0), "numeric(12,4)": Numeric(12, 4), "decimal( 12 , 4 )": Numeric(12, 4), "numeric(9)": Numeric(9, 0),
		"string": String(0), "string(50)": String(50), "varchar(50)": String(50), "VARCHAR (50)": String(50), "text": Text(),
		"bytes": LargeBinary(), "bytes(16)": LargeBinary(16), "date": Date(), "time": Time(), "datetime": DateTime(),
		"timestamp": Timestamp(), "interval": Interval(), "uuid": UUID(), " json ": JSONType(),
		"enum(low,high)": Enum("low", "high"), "enum('a,b','it''s', c )": Enum("a,b", "it's", "c"),
		"array(text)": Array(Text()), "array(numeric(12,4))": Array(Numeric(12, 4)), "array(array(enum(a,b)))": Array(Array(Enum("a", "b"))),
		"exact(citext)": Exact("citext"), "exact(vector(3, 4))": Exact("vector(3, 4)"),
	} {
		got, err := Parse(text)
		if err != nil || got != want {
			t.Errorf("%q: got %v, %v, want %v", text, got, err, want)
		}
	}
}

func TestParseSaysWhatIsWrong(t *testing.T) {
	for text, want := range map[string]string{
		"":                     `"" is no type`,
		"strin":                `"strin" is no type (use one of array, bigint, bit, blob,`,
		"text(5)":              "nothing in parentheses",
		"string(x)":            `"x" is no positive whole number`,
		"string(0)":            `"0" is no positive`,
		"string(-1)":           `"-1" is no positive`,
		"string(99999999999)":  "no positive whole number",
		"string(1,2)":          "one length",
		"string()":             `"" is no positive`,
		"string(5":             "closing parenthesis",
		"string(5))":           "parenthesis too many",
		"string(5) x":          "closing parenthesis",
		"enum('a)":             "not closed",
		"numeric(1,2,3)":       "precision and a scale",
		"numeric(2,x)":         `"x" is no scale`,
		"numeric(2,5)":         "scale is greater",
		"enum":                 "no labels",
		"enum()":               "label of the enum is empty",
		"enum(a,a)":            `"a" occurs twice`,
		"enum(a\x00)":          "no text",
		"array":                "type of its elements",
		"array(text,text)":     "type of its elements",
		"array(wrong)":         `"wrong" is no type`,
		"exact()":              "text of the type is empty",
		"exact":                "text of the type is empty",
		"text unsigned":        "only integers",
		"boolean unsigned":     "only integers",
		"unsigned":             `"unsigned" is no type`,
		"numeric(99999999999)": "no positive whole number",
	} {
		got, err := Parse(text)
		wrong, ok := errors.AsType[*ParseError](err)
		if !ok || !got.IsZero() || !strings.Contains(err.Error(), want) || wrong.Text != text {
			t.Errorf("%q: got %v, %v, want %q", text, got, err, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{"numeric(12,4)", "enum('a,b',c)", "array(array(text))", "exact(a(b,c))", "string(", "bigint unsigned"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := Parse(text)
		if err == nil && got.problem() != "" {
			t.Errorf("%q was taken: %s", text, got.problem())
		}
		if again, _ := Parse(text); again != got {
			t.Errorf("%q gave %v and %v", text, got, again)
		}
	})
}
