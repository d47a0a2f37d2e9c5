// This file tests values without a field: arguments of expressions, and columns
// that are read into maps.

package types

import (
	"database/sql"
	"database/sql/driver"
	"errors"
	"math"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// sender has a Value method, and no way back.
type sender struct{ text string }

func (s *sender) Value() (driver.Value, error) { return s.text, nil }

func TestEncodeValueBindsByTheColumn(t *testing.T) {
	moment := utc("2024-02-29 12:00:00.5")
	for _, tt := range []struct {
		value any
		sql   Type
		want  driver.Value
	}{
		{nil, Integer(), nil},
		{(*int)(nil), Integer(), nil},
		{(*sender)(nil), Text(), nil},
		{sql.NullString{}, Text(), nil},
		{5, Type{}, int64(5)},
		{5, Integer(), int64(5)},
		{5, Double(), float64(5)},
		{5, Numeric(6, 2), "5.00"},
		{int8(5), BigInteger(), int64(5)},
		{int16(5), SmallInteger(), int64(5)},
		{int32(5), Exact("MEDIUMINT"), int64(5)},
		{int64(5), BigInteger(), int64(5)},
		{uint(5), BigInteger(), int64(5)},
		{uint8(5), BigInteger(), int64(5)},
		{uint16(5), BigInteger(), int64(5)},
		{uint32(5), BigInteger(), int64(5)},
		{uint64(math.MaxUint64), Type{}, "18446744073709551615"},
		{uint64(math.MaxUint64), Numeric(20, 0), "18446744073709551615"},
		{uint64(1 << 63), Double(), float64(1 << 63)},
		{count(5), Double(), float64(5)},
		{new(count(5)), Integer(), int64(5)},
		{1.5, Numeric(6, 2), "1.50"},
		{0.1 + 0.2, Numeric(6, 2), "0.30"},
		{float32(0.1), Double(), float64(float32(0.1))},
		{"12.5", Numeric(6, 2), "12.50"},
		{"x", Type{}, "x"},
		{"x", Enum("x"), "x"},
		{level("x"), String(1), "x"},
		{"6BA7B8109DAD11D180B400C04FD430C8", UUID(), "6ba7b810-9dad-11d1-80b4-00c04fd430c8"},
		{[]byte("x"), Type{}, []byte("x")},
		{[]byte(nil), Type{}, nil},
		{true, Boolean(), true},
		{flag(true), Type{}, true},
		{moment.In(time.FixedZone("", 3600)), Type{}, moment},
		{moment, Date(), utc("2024-02-29 00:00:00")},
		{time.Hour, Time(), "01:00:00.000000"},
		{time.Hour, Type{}, int64(3_600_000_000)},
		{time.Hour, BigInteger(), int64(time.Hour)},
		{NewJSON(1), JSONType(), "1"},
		{address{"Rome", nil}, JSONType(), `{"city":"Rome","tags":null}`},
		{map[string]any{"a": 1}, JSONType(), `{"a":1}`},
		{5, JSONType(), "5"},
		{`"x"`, JSONType(), `"x"`},
		{[]int{1, 2}, Array(BigInteger()), "{1,2}"},
		{[]any{1, nil, int8(2)}, Array(BigInteger()), "{1,NULL,2}"},
		{[]any{}, Array(Text()), "{}"},
		{[]uint8{1, 2}, Array(SmallInteger()), "{1,2}"},
		{uuid{1}, UUID(), "01000000-0000-0000-0000-000000000000"},
		{&sender{"x"}, Text(), "x"},
		{sender{"x"}, Text(), "x"},
	} {
		got, err := EncodeValue(tt.value, tt.sql)
		if diff := cmp.Diff(tt.want, got, exact); err != nil || diff != "" {
			t.Errorf("%T as %v: %v (-want +got):\n%s", tt.value, tt.sql, err, diff)
		}
	}
}

func TestEncodeValueDoesNotJuggleTypes(t *testing.T) {
	for _, tt := range []struct {
		value any
		sql   Type
	}{
		{0, Text()}, {0, String(5)}, {0, Boolean()}, {0, Enum("0")}, {0, DateTime()}, {0, UUID()}, {0, LargeBinary()}, {0, Interval()},
		{count(0), Text()}, {uint64(math.MaxUint64), Text()}, {uint64(math.MaxUint64), BigInteger()}, {new(0), Text()},
		{"0", Integer()}, {"0", BigInteger()}, {"0", Double()}, {"true", Boolean()}, {"2024-01-01", Date()}, {"x", LargeBinary()},
		{"x", Array(Text())}, {"01:00:00", Time()}, {"x", JSONType()},
		{1.0, Integer()}, {1.5, BigInteger()}, {1.5, Text()}, {float32(1), Integer()}, {true, Integer()}, {true, Text()},
		{time.Now(), Text()}, {time.Now(), BigInteger()}, {time.Hour, Text()}, {time.Hour, DateTime()},
		{[]byte("1"), Integer()}, {[]byte("1"), Numeric(5, 2)}, {[]byte("a"), Enum("a")},
		{[]int{1}, Type{}}, {[]int{1}, Integer()}, {[]string{"a"}, Text()}, {&[]int{1}, Type{}}, {[]any{1}, Type{}}, {[]any{1}, Integer()},
		{[2]int{}, Type{}}, {map[string]int{}, Type{}}, {map[string]int{}, Text()}, {address{}, Type{}}, {address{}, Text()},
		{&address{}, Text()}, {struct{}{}, Integer()}, {func() {}, Type{}}, {make(chan int), Text()}, {complex(1, 1), Double()},
		{sql.Out{}, Type{}}, {sql.Named("a", 1), Type{}}, {errors.New("x"), Text()}, {reflect.ValueOf(1), Integer()},
		{[]any{"a"}, Array(Integer())}, {[]any{[]any(nil)}, Array(Integer())}, {sender{"x"}, Integer()}, {number{n: 1}, Text()},
	} {
		got, err := EncodeValue(tt.value, tt.sql)
		refused, ok := errors.AsType[*ValueError](err)
		if !ok || got != nil || refused.Reason == "" {
			t.Errorf("%T as %v: got %v, %v", tt.value, tt.sql, got, err)
		}
	}
}

func TestErrorsDoNotRepeatTheValue(t *testing.T) {
	const secret = "hunter2"
	for _, tt := range []struct {
		value any
		sql   Type
	}{
		{secret, Integer()}, {secret, String(3)}, {secret, Enum("a")}, {secret, UUID()}, {secret, Numeric(5, 2)}, {secret, JSONType()},
		{secret + "\x00", Text()}, {[]byte(secret), LargeBinary(2)}, {NewJSON(map[string]any{secret: math.NaN()}), JSONType()},
		{map[string]int{secret: 1}, Text()}, {refusing(secret), Text()}, {[]string{secret}, Array(Enum("a"))},
	} {
		_, err := EncodeValue(tt.value, tt.sql)
		if err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("%T as %v: %v", tt.value, tt.sql, err)
		}
	}
	for _, tt := range []struct {
		target any
		sql    Type
	}{
		{1, Integer()}, {1.5, Double()}, {true, Boolean()}, {"", UUID()}, {"", Numeric(5, 2)}, {"", Enum("a")}, {time.Time{}, DateTime()},
		{time.Second, Time()}, {JSON[int]{}, JSONType()}, {[]int{}, Array(Integer())}, {refusing(""), Text()}, {[3]byte{}, LargeBinary(3)},
	} {
		for _, src := range []any{secret, `"` + secret + `"`, "{" + secret + "}", `{"` + secret + `":1}`} {
			_, err := decode(t, reflect.TypeOf(tt.target), tt.sql, src)
			if err == nil || strings.Contains(err.Error(), secret) {
				t.Errorf("%T as %v: %v", tt.target, tt.sql, err)
			}
		}
	}
}

// refusing repeats its value in its errors.
type refusing string

func (r refusing) Value() (driver.Value, error) { return nil, errors.New("no " + string(r)) }
func (r *refusing) Scan(src any) error          { return errors.New("no " + src.(string)) }

func TestErrorTexts(t *testing.T) {
	_, bound := EncodeValue(0, Text())
	_, withoutType := DecodeAny("x", Integer())
	_, read := decode(t, reflect.TypeFor[int8](), SmallInteger(), int64(500))
	_, null := decode(t, reflect.TypeFor[string](), Text(), nil)
	_, pair := CodecFor(reflect.TypeFor[string](), Integer())
	_, unknown := CodecFor(reflect.TypeFor[chan int](), Type{})
	_, list := EncodeValue([]int{1}, Type{})
	_, words := Parse("string(x)")
	_, moment := ParseTime("yesterday")
	got := []string{
		bound.Error(), withoutType.Error(), read.Error(), null.Error(), pair.Error(), unknown.Error(), list.Error(),
		words.Error(), moment.Error(),
	}
	want := []string{
		"types: bind int as TEXT: an integer has no place there",
		"types: read INTEGER into a value: the text is no number",
		"types: read SMALLINT into int8: the value is out of range",
		"types: read TEXT into string: NULL has no place there (use a pointer or sql.Null)",
		"types: map string to INTEGER: its values have no place there (change the type of the field or of the column)",
		`types: map chan int: no column type fits it (tag it type:json, give it a converter with types.Register, or leave it out with "-")`,
		"types: bind []int as UNKNOWN: a slice or array is no value (use In for a list)",
		`types: parse type "string(x)": "x" is no positive whole number`,
		"types: parse time: the text is no date and time",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestDecodeAnyGivesTheNaturalGoValue(t *testing.T) {
	moment := utc("2024-02-29 12:00:00.5")
	for _, tt := range []struct {
		src  any
		sql  Type
		want any
	}{
		{nil, Text(), nil},
		{int64(1), Type{}, int64(1)},
		{"x", Type{}, "x"},
		{[]byte("x"), Type{}, []byte("x")},
		{moment.In(time.FixedZone("", 3600)), Type{}, moment},
		{int64(1), Boolean(), true},
		{[]byte("5"), BigInteger(), int64(5)},
		{[]byte("18446744073709551615"), BigInteger().AsUnsigned(), uint64(math.MaxUint64)},
		{"5", BigInteger().AsUnsigned(), int64(5)},
		{[]byte("1.5"), Double(), 1.5},
		{float32(0.1), Float(), float64(float32(0.1))},
		{"0.1", Float(), float64(float32(0.1))},
		{0.1, Float(), float64(float32(0.1))},
		{[]byte("1.50"), Numeric(5, 2), "1.50"},
		{1.5, Numeric(5, 2), "1.50"},
		{[]byte("12345.5"), Numeric(5, 2), "12345.5"},
		{[]byte("x"), Text(), "x"},
		{[]byte("a"), Enum("a"), "a"},
		{[]byte("6BA7B8109DAD11D180B400C04FD430C8"), UUID(), "6ba7b810-9dad-11d1-80b4-00c04fd430c8"},
		{"x", LargeBinary(), []byte("x")},
		{"2024-02-29 12:00:00.500000", DateTime(), moment},
		{"2024-02-29", Date(), utc("2024-02-29 00:00:00")},
		{[]byte("01:00:00"), Time(), time.Hour},
		{int64(1000), Interval(), time.Millisecond},
		{[]byte(`{"a":[1,null]}`), JSONType(), map[string]any{"a": []any{1.0, nil}}},
		{[]byte("{1,NULL}"), Array(Integer()), []any{int64(1), nil}},
		{`{{a},{b}}`, Array(Array(Text())), []any{[]any{"a"}, []any{"b"}}},
	} {
		got, err := DecodeAny(tt.src, tt.sql)
		if diff := cmp.Diff(tt.want, got, exact); err != nil || diff != "" {
			t.Errorf("%T of %v: %v (-want +got):\n%s", tt.src, tt.sql, err, diff)
		}
	}
}

func TestDecodeAnyRefusesWhatDoesNotFit(t *testing.T) {
	for _, tt := range []struct {
		src any
		sql Type
	}{
		{"x", Integer()}, {"x", Boolean()}, {int64(1), Text()}, {"b", Enum("a")}, {"x", DateTime()}, {"{", JSONType()}, {time.Now(), JSONType()},
		{"{x}", Array(Integer())}, {"x", Array(Integer())}, {"{1}", Array(Array(Integer()))}, {"x", UUID()}, {"x", Time()}, {1e300, Float()}, {-1.5, BigInteger().AsUnsigned()},
	} {
		got, err := DecodeAny(tt.src, tt.sql)
		if _, ok := errors.AsType[*DecodeError](err); !ok || got != nil {
			t.Errorf("%T of %v: got %v, %v", tt.src, tt.sql, got, err)
		}
	}
}

func TestDecodeAnyCopiesBytes(t *testing.T) {
	for _, sql := range []Type{{}, LargeBinary(), Exact("BYTEA")} {
		src := []byte("abc")
		got, err := DecodeAny(src, sql)
		src[0] = 'X'
		if diff := cmp.Diff(any([]byte("abc")), got); err != nil || diff != "" {
			t.Errorf("%v: %v (-want +got):\n%s", sql, err, diff)
		}
	}
}

func TestNamedArgTakesApart(t *testing.T) {
	if name, value, ok := NamedArg(sql.Named("a", 5)); name != "a" || value != 5 || !ok {
		t.Errorf("got %q, %v, %v", name, value, ok)
	}
	for _, v := range []any{nil, 5, "a", struct{ Name string }{"a"}} {
		if _, _, ok := NamedArg(v); ok {
			t.Errorf("%T was taken", v)
		}
	}
}

func TestValuesMayBeBoundAtOnceByManyGoroutines(t *testing.T) {
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			for range 100 {
				enum := Enum("low", "high")
				got, err := EncodeValue(level("low"), enum)
				if err != nil || got != "low" || enum != Enum("low", "high") {
					t.Errorf("got %v, %v", got, err)
				}
				if got, err := EncodeValue(uuid{}, UUID()); err != nil || got == nil {
					t.Errorf("got %v, %v", got, err)
				}
			}
		})
	}
	group.Wait()
}

func TestPlainValuesCrossWithoutWaste(t *testing.T) {
	moment := utc("2024-02-29 12:00:00.5")
	for _, tt := range []struct {
		name   string
		value  any
		src    any
		encode float64 // the value in an interface
		decode float64 // the memory that the value itself needs
	}{
		{"int64", int64(1 << 40), int64(1 << 40), 1, 0},
		{"int32 from text", int32(1 << 20), []byte("1048576"), 1, 0},
		{"float64", 1.5, 1.5, 1, 0},
		{"bool", true, int64(1), 0, 0},
		{"string", "abc", []byte("abc"), 1, 1},
		{"time", moment, "2024-02-29 12:00:00.500000", 1, 0},
		{"time in bytes", moment, []byte("2024-02-29 12:00:00.500000"), 1, 0},
		{"pointer", new(int64(1 << 40)), int64(1 << 40), 1, 1},
		{"null", sql.NullInt64{Int64: 1 << 40, Valid: true}, int64(1 << 40), 1, 0},
	} {
		goType, p := held(tt.value)
		codec := mustCodec(t, goType, Type{})
		var kept driver.Value
		encodes := testing.AllocsPerRun(100, func() { kept, _ = codec.Encode(p) })
		decodes := testing.AllocsPerRun(100, func() {
			if codec.Decode(p, tt.src) != nil {
				kept = nil
			}
		})
		equals := testing.AllocsPerRun(100, func() {
			if !codec.Equal(p, p) {
				kept = nil
			}
		})
		if kept == nil || encodes > tt.encode || decodes > tt.decode || equals != 0 {
			t.Errorf("%s: %v, %v and %v allocations", tt.name, encodes, decodes, equals)
		}
	}
}
