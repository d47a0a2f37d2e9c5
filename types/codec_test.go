// This file has what the tests of codecs share, and the round trip of every kind.

package types

import (
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"math"
	"math/big"
	"net/netip"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

type (
	level   string
	count   int32
	flag    bool
	ratio   float64
	blob    []byte
	stamp   time.Time
	address struct {
		City string   `json:"city"`
		Tags []string `json:"tags"`
	}
)

// held puts a value where a codec can reach it.
func held(v any) (reflect.Type, Ptr) {
	p := reflect.New(reflect.TypeOf(v))
	p.Elem().Set(reflect.ValueOf(v))
	return p.Type().Elem(), p.UnsafePointer()
}

func mustCodec(t *testing.T, goType reflect.Type, sql Type) Codec {
	t.Helper()
	c, err := CodecFor(goType, sql)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func encode(t *testing.T, v any, sql Type) (driver.Value, error) {
	t.Helper()
	goType, p := held(v)
	return mustCodec(t, goType, sql).Encode(p)
}

func decode(t *testing.T, goType reflect.Type, sql Type, src any) (any, error) {
	t.Helper()
	target := reflect.New(goType)
	err := mustCodec(t, goType, sql).Decode(target.UnsafePointer(), src)
	return target.Elem().Interface(), err
}

// exact compares Go values to the last bit, by what can be reached from outside.
var exact = cmp.Options{
	cmp.Comparer(func(a, b float64) bool { return math.Float64bits(a) == math.Float64bits(b) }),
	cmp.Comparer(func(a, b float32) bool { return math.Float32bits(a) == math.Float32bits(b) }),
	cmp.Comparer(func(a, b time.Time) bool { return a == b }), //nolint:staticcheck // the zone counts too
	cmp.Comparer(func(a, b stamp) bool { return a == b }),
	cmp.Comparer(func(a, b netip.Addr) bool { return a == b }),
	cmp.Comparer(func(a, b *big.Int) bool { return a.Cmp(b) == 0 }),
}

func utc(text string) time.Time {
	moment, err := time.Parse("2006-01-02 15:04:05.999999999", text)
	if err != nil {
		panic(err)
	}
	return moment
}

func TestEveryKindComesBackAsItWas(t *testing.T) {
	moment := utc("2024-02-29 23:59:59.123456")
	id := "6ba7b810-9dad-11d1-80b4-00c04fd430c8"
	raw := [16]byte{0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0, 0xc0, 0x4f, 0xd4, 0x30, 0xc8}
	long := strings.Repeat("日", 50)
	tests := []struct {
		name   string
		value  any
		sql    Type
		stored driver.Value
		also   []any // other forms in which drivers give it
	}{
		{"bool true", true, Boolean(), true, []any{int64(1), []byte("1"), "t", []byte("true"), []byte{1}}},
		{"bool false", false, Boolean(), false, []any{int64(0), []byte("0"), "f", "false", []byte{0}}},
		{"named bool", flag(true), Boolean(), true, []any{int64(1)}},
		{"int zero", 0, BigInteger(), int64(0), []any{[]byte("0"), "0", "-0"}},
		{"int64 least", int64(math.MinInt64), BigInteger(), int64(math.MinInt64), []any{"-9223372036854775808"}},
		{"int64 greatest", int64(math.MaxInt64), BigInteger(), int64(math.MaxInt64), []any{[]byte("9223372036854775807"), uint64(math.MaxInt64)}},
		{"int32 least", int32(math.MinInt32), Integer(), int64(math.MinInt32), nil},
		{"int16 greatest", int16(math.MaxInt16), SmallInteger(), int64(math.MaxInt16), []any{float64(32767)}},
		{"int8 least", int8(-128), SmallInteger(), int64(-128), nil},
		{"named int", count(7), Integer(), int64(7), []any{"7", []byte("7.00")}},
		{"uint8 greatest", uint8(255), SmallInteger(), int64(255), nil},
		{"uint16 greatest", uint16(65535), Integer(), int64(65535), nil},
		{"uint32 greatest", uint32(math.MaxUint32), BigInteger(), int64(math.MaxUint32), nil},
		{"uint64 fits", uint64(5), BigInteger().AsUnsigned(), int64(5), []any{"5", uint64(5)}},
		{"uint64 greatest", uint64(math.MaxUint64), BigInteger().AsUnsigned(), "18446744073709551615", []any{uint64(math.MaxUint64), []byte("18446744073709551615")}},
		{"int as decimal", 12, Numeric(6, 2), "12.00", []any{int64(12), float64(12), []byte("12")}},
		{"int as double", -3, Double(), float64(-3), []any{"-3"}},
		{"float64 typical", 1.5, Double(), 1.5, []any{"1.5", []byte("1.5")}},
		{"float64 negative zero", math.Copysign(0, -1), Double(), math.Copysign(0, -1), []any{"-0"}},
		{"float64 greatest", math.MaxFloat64, Double(), math.MaxFloat64, nil},
		{"float64 least", math.SmallestNonzeroFloat64, Double(), math.SmallestNonzeroFloat64, nil},
		{"float64 infinite", math.Inf(-1), Double(), math.Inf(-1), []any{"-Infinity"}},
		{"float64 whole", 3.0, Double(), 3.0, []any{int64(3)}},
		{"named float", ratio(0.25), Double(), 0.25, nil},
		{"float32 typical", float32(0.1), Float(), float64(float32(0.1)), []any{"0.1", float32(0.1), 0.1}},
		{"float32 greatest", float32(math.MaxFloat32), Float(), float64(math.MaxFloat32), nil},
		{"float as decimal", 0.5, Numeric(5, 3), "0.500", []any{[]byte("0.500"), 0.5}},
		{"float as free decimal", float32(0.1), Numeric(0, 0), "0.1", []any{[]byte("0.1")}},
		{"text empty", "", Text(), "", []any{[]byte{}}},
		{"text hostile", `'; DROP TABLE x; -- "\ %_`, Text(), `'; DROP TABLE x; -- "\ %_`, nil},
		{"text four byte characters", "日本🎉", String(3), "日本🎉", []any{[]byte("日本🎉")}},
		{"text of full length", long, String(50), long, nil},
		{"text with blanks", "ab ", String(3), "ab ", nil},
		{"named text", level("low"), Text(), "low", []any{[]byte("low")}},
		{"exact", "Ab", Exact("CITEXT"), "Ab", []any{[]byte("Ab")}},
		{"enum", level("low"), Enum("low", "high"), "low", []any{[]byte("low")}},
		{"decimal", "12345678901234567890.0123456789", Numeric(30, 10), "12345678901234567890.0123456789", []any{[]byte("12345678901234567890.0123456789")}},
		{"decimal filled", "-1.50", Numeric(10, 2), "-1.50", []any{"-1.5", -1.5, []byte("-01.500")}},
		{"uuid text", id, UUID(), id, []any{[]byte(id), strings.ToUpper(id), raw[:], "{" + id + "}", strings.ReplaceAll(id, "-", "")}},
		{"uuid bytes", raw, UUID(), id, []any{[]byte(id), raw[:], "urn:uuid:" + id}},
		{"bytes", []byte{0, 1, 255}, LargeBinary(), []byte{0, 1, 255}, []any{"\x00\x01\xff"}},
		{"bytes empty", []byte{}, LargeBinary(), []byte{}, []any{""}},
		{"bytes nil", []byte(nil), LargeBinary(), nil, nil},
		{"named bytes", blob("x"), LargeBinary(1), []byte("x"), nil},
		{"bytes as text", []byte("é"), Text(), "é", []any{[]byte("é")}},
		{"byte array", [3]byte{1, 2, 3}, LargeBinary(3), []byte{1, 2, 3}, nil},
		{"time", moment, DateTime(), moment, []any{"2024-02-29 23:59:59.123456", []byte("2024-02-29T23:59:59.123456Z"), "2024-03-01 01:59:59.123456+02", "2024-02-29 23:59:59.123456789 +0000 UTC"}},
		{"time without zone", moment, Timestamp(), moment, []any{moment.In(time.FixedZone("", 0))}},
		{"time year 1", utc("0001-01-01 00:00:00"), DateTime(), utc("0001-01-01 00:00:00"), nil},
		{"time year 9999", utc("9999-12-31 23:59:59.999999"), DateTime(), utc("9999-12-31 23:59:59.999999"), nil},
		{"time before 1970", utc("1969-12-31 23:59:59.999999"), DateTime(), utc("1969-12-31 23:59:59.999999"), nil},
		{"made from time", stamp(moment), DateTime(), moment, nil},
		{"date", utc("2024-02-29 00:00:00"), Date(), utc("2024-02-29 00:00:00"), []any{"2024-02-29", []byte("2024-02-29"), "2024-02-29 00:00:00"}},
		{"time of day", 23*time.Hour + 59*time.Minute + time.Microsecond, Time(), "23:59:00.000001", []any{[]byte("23:59:00.000001"), time.Date(0, 1, 1, 23, 59, 0, 1000, time.UTC)}},
		{"midnight", time.Duration(0), Time(), "00:00:00.000000", []any{"00:00"}},
		{"interval", -90 * time.Second, Interval(), int64(-90_000_000), []any{"-90000000", []byte("-90000000")}},
		{"interval as number", 5 * time.Nanosecond, BigInteger(), int64(5), nil},
		{"document", NewJSON(address{"Rome", []string{"a<b"}}), JSONType(), `{"city":"Rome","tags":["a<b"]}`, []any{[]byte(`{"tags": ["a<b"], "city": "Rome", "more": 1}`)}},
		{"document null", NewJSON[[]int](nil), JSONType(), "null", nil},
		{"document number", NewJSON(5), JSONType(), "5", []any{int64(5), float64(5)}},
		{"struct in a json column", address{"Rome", nil}, JSONType(), `{"city":"Rome","tags":null}`, nil},
		{"map in a json column", map[string]int{"a": 1}, JSONType(), `{"a":1}`, nil},
		{"nil map in a json column", map[string]int(nil), JSONType(), nil, nil},
		{"raw document", json.RawMessage(`{"a": 1}`), JSONType(), `{"a": 1}`, nil},
		{"document in text", `[1]`, JSONType(), `[1]`, nil},
		{"array of text", []string{"a", "", `"\{},`, "NULL"}, Array(Text()), `{"a","","\"\\{},","NULL"}`, nil},
		{"array of integers", []int{-1, 2}, Array(BigInteger()), "{-1,2}", []any{[]byte(" { -1 , 2 } "), "[2:3]={-1,2}"}},
		{"array empty", []int{}, Array(BigInteger()), "{}", nil},
		{"array nil", []int(nil), Array(BigInteger()), nil, nil},
		{"array with null", []*int{new(1), nil}, Array(BigInteger()), "{1,NULL}", nil},
		{"array of arrays", [][]string{{"a"}, {"}"}}, Array(Array(Text())), `{{"a"},{"}"}}`, nil},
		{"array of bytes", [][]byte{{1}, {}}, Array(LargeBinary()), `{"\\x01","\\x"}`, nil},
		{"array of booleans", []bool{true, false}, Array(Boolean()), "{true,false}", []any{"{t,f}"}},
		{"array of floats", []float64{0.5, math.Inf(1), math.Inf(-1)}, Array(Double()), "{0.5,Infinity,-Infinity}", nil},
		{"array of times", []time.Time{moment}, Array(DateTime()), `{"2024-02-29 23:59:59.123456+00"}`, nil},
		{"array of times without zone", []time.Time{moment}, Array(Timestamp()), `{"2024-02-29 23:59:59.123456"}`, nil},
		{"array of dates", []time.Time{utc("2024-02-29 00:00:00")}, Array(Date()), `{"2024-02-29"}`, []any{"{2024-02-29}"}},
		{"pointer", new(int64(5)), BigInteger(), int64(5), nil},
		{"pointer nil", (*int64)(nil), BigInteger(), nil, nil},
		{"pointer to named text", new(level("x")), Text(), "x", nil},
		{"pointer to time", &moment, DateTime(), moment, nil},
		{"pointer to array", new([2]byte{1, 2}), LargeBinary(), []byte{1, 2}, nil},
		{"pointer to pointer", new(new("x")), Text(), "x", nil},
		{"pointer to document", new(NewJSON(1)), JSONType(), "1", nil},
		{"null string", sql.NullString{String: "x", Valid: true}, Text(), "x", nil},
		{"null string without", sql.NullString{}, Text(), nil, nil},
		{"null time", sql.NullTime{Time: moment, Valid: true}, DateTime(), moment, nil},
		{"null of", sql.Null[count]{V: 5, Valid: true}, Integer(), int64(5), nil},
		{"null of without", sql.Null[count]{}, Integer(), nil, nil},
		{"text methods", netip.MustParseAddr("10.0.0.1"), Text(), "10.0.0.1", []any{[]byte("10.0.0.1")}},
		{"text methods for a decimal", big.NewInt(1234), Numeric(30, 0), "1234", []any{int64(1234), []byte("1234")}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			stored, err := encode(t, tt.value, tt.sql)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.stored, stored, exact); diff != "" {
				t.Errorf("stored (-want +got):\n%s", diff)
			}
			for _, src := range append([]any{stored}, tt.also...) {
				back, err := decode(t, reflect.TypeOf(tt.value), tt.sql, src)
				if err != nil {
					t.Fatalf("from %T: %v", src, err)
				}
				if diff := cmp.Diff(tt.value, back, exact); diff != "" {
					t.Errorf("from %T (-want +got):\n%s", src, diff)
				}
			}
		})
	}
}

func TestNotANumberComesBack(t *testing.T) {
	for _, v := range []any{math.NaN(), float32(math.NaN())} {
		stored, err := encode(t, v, Type{})
		if f, ok := stored.(float64); err != nil || !ok || f == f {
			t.Fatalf("%T: stored %v, %v", v, stored, err)
		}
		back, err := decode(t, reflect.TypeOf(v), Type{}, stored)
		if err != nil || back == back { //nolint:gocritic // NaN differs from itself
			t.Errorf("%T: %v, %v", v, back, err)
		}
	}
}

func TestEncodeRefusesWhatTheColumnCannotHold(t *testing.T) {
	tests := []struct {
		name  string
		value any
		sql   Type
		why   string
	}{
		{"integer too great", 1 << 40, Integer(), "out of range"},
		{"integer too small", math.MinInt16 - 1, SmallInteger(), "out of range"},
		{"negative unsigned", -1, BigInteger().AsUnsigned(), "out of range"},
		{"negative small unsigned", int8(-1), SmallInteger().AsUnsigned(), "out of range"},
		{"unsigned too great", uint64(1 << 63), BigInteger(), "out of range"},
		{"unsigned too great for 32 bits", uint64(math.MaxUint64), Integer().AsUnsigned(), "out of range"},
		{"integer with too many bits", int64(1<<53 + 1), Double(), "more digits"},
		{"greatest integer as double", int64(math.MaxInt64), Double(), "more digits"},
		{"greatest unsigned as double", uint64(math.MaxUint64), Double(), "more digits"},
		{"integer with too many bits for a float", 1<<24 + 1, Float(), "more digits"},
		{"integer with too many digits", 1000, Numeric(5, 2), "digits before the point"},
		{"float too great", 1e39, Float(), "out of range"},
		{"decimal not a number", math.NaN(), Numeric(10, 2), "NaN"},
		{"decimal infinite", math.Inf(1), Numeric(0, 0), "infinite"},
		{"decimal before the point", 12345.0, Numeric(6, 2), "digits before the point"},
		{"decimal behind the point", "1.005", Numeric(6, 2), "digits behind the point"},
		{"decimal that is none", "twelve", Numeric(6, 2), "no decimal"},
		{"decimal in hexadecimal", "0x10", Numeric(6, 2), "no decimal"},
		{"decimal empty", "", Numeric(6, 2), "no decimal"},
		{"decimal as a bomb", "1e999999999", Numeric(0, 0), "out of range"},
		{"text too long", "abcd", String(3), "3 characters"},
		{"text too long by a blank", "abc ", String(3), "3 characters"},
		{"text with NUL", "a\x00b", Text(), "NUL"},
		{"text that is not UTF-8", "a\xffb", Text(), "UTF-8"},
		{"exact with NUL", "\x00", Exact("CITEXT"), "NUL"},
		{"label unknown", level("medium"), Enum("low", "high"), "label"},
		{"label empty", "", Enum("low", "high"), "label"},
		{"uuid", "6ba7b810", UUID(), "UUID"},
		{"bytes too long", []byte("abc"), LargeBinary(2), "2 bytes"},
		{"byte array too long", [3]byte{}, LargeBinary(2), "2 bytes"},
		{"bytes that are no text", []byte{0xff}, Text(), "UTF-8"},
		{"year 10000", time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC), DateTime(), "year"},
		{"year 0", time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC), DateTime(), "year"},
		{"year 0 by its zone", time.Date(1, 1, 1, 0, 0, 0, 0, time.FixedZone("", 3600)), DateTime(), "year"},
		{"date before Christ", time.Date(-43, 3, 15, 0, 0, 0, 0, time.UTC), Date(), "year"},
		{"time of day negative", -time.Second, Time(), "24 hours"},
		{"time of day too great", 24 * time.Hour, Time(), "24 hours"},
		{"document without a form", NewJSON(math.NaN()), JSONType(), "no JSON form"},
		{"document that is none", "{", JSONType(), "no JSON"},
		{"raw document that is none", json.RawMessage("{"), JSONType(), "no JSON"},
		{"element out of range", []int{1 << 20}, Array(SmallInteger()), "out of range"},
		{"element with NUL", []string{"\x00"}, Array(Text()), "NUL"},
		{"nil array inside", [][]int{nil}, Array(Array(Integer())), "cannot be nil"},
		{"through a pointer", new("abcd"), String(3), "3 characters"},
		{"through null", sql.Null[string]{V: "abcd", Valid: true}, String(3), "3 characters"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			v, err := encode(t, tt.value, tt.sql)
			refused, ok := errors.AsType[*ValueError](err)
			if !ok || v != nil {
				t.Fatalf("got %v, %v", v, err)
			}
			if !strings.Contains(err.Error(), tt.why) || refused.SQL != tt.sql {
				t.Errorf("got %q about %v, want %q about %v", err, refused.SQL, tt.why, tt.sql)
			}
		})
	}
}

func TestDecodeRefusesWhatTheGoTypeCannotHold(t *testing.T) {
	tests := []struct {
		name   string
		target any
		sql    Type
		src    any
		why    string
	}{
		{"integer narrowing", int8(0), SmallInteger(), int64(128), "out of range"},
		{"integer narrowing below", int32(0), BigInteger(), int64(math.MinInt64), "out of range"},
		{"unsigned narrowing", uint16(0), Integer(), int64(65536), "out of range"},
		{"unsigned from negative", uint64(0), BigInteger(), int64(-1), "out of range"},
		{"signed from unsigned", int64(0), BigInteger(), uint64(1 << 63), "out of range"},
		{"signed from great text", int64(0), BigInteger(), "9223372036854775808", "out of range"},
		{"integer from fraction", 0, BigInteger(), 1.5, "no whole number"},
		{"integer from great float", 0, BigInteger(), 1e300, "no whole number"},
		{"integer from NaN", 0, BigInteger(), math.NaN(), "no whole number"},
		{"integer from fraction in text", 0, BigInteger(), "1.5", "no number"},
		{"integer from words", 0, BigInteger(), []byte("x"), "no number"},
		{"integer from time", 0, BigInteger(), time.Now(), "time.Time"},
		{"float from words", 0.0, Double(), "x", "no number"},
		{"float from great integer", 0.0, Double(), int64(1<<53 + 1), "too many digits"},
		{"float out of range", 0.0, Double(), "1e400", "out of range"},
		{"float narrowing", float32(0), Double(), 1e300, "out of range"},
		{"float beyond a column of 32 bits", float32(0), Float(), 1e300, "out of range"},
		{"wide float beyond a column of 32 bits", 0.0, Float(), "-1e300", "out of range"},
		{"float from bool", 0.0, Double(), true, "bool"},
		{"bool from number", false, Boolean(), int64(2), "neither 0 nor 1"},
		{"bool from words", false, Boolean(), "yes", "no truth value"},
		{"bool from float", false, Boolean(), 1.0, "float64"},
		{"text from number", "", Text(), int64(1), "int64"},
		{"label unknown", level(""), Enum("low"), "high", "label"},
		{"label unknown in bytes", level(""), Enum("low"), []byte("high"), "label"},
		{"label from number", level(""), Enum("low"), int64(1), "int64"},
		{"decimal from words", "", Numeric(5, 2), "NaN", "no decimal"},
		{"decimal from bool", "", Numeric(5, 2), true, "bool"},
		{"uuid malformed", "", UUID(), "6ba7b810-9dad-11d1-80b4-00c04fd430cX", "no UUID"},
		{"uuid with dashes elsewhere", "", UUID(), "6ba7b8109-dad-11d1-80b4-00c04fd430c8", "no UUID"},
		{"uuid bytes malformed", [16]byte{}, UUID(), []byte("x"), "no UUID"},
		{"uuid from number", [16]byte{}, UUID(), int64(1), "int64"},
		{"bytes from number", []byte{}, LargeBinary(), int64(1), "int64"},
		{"byte array of another length", [3]byte{}, LargeBinary(), []byte{1}, "3 bytes"},
		{"time infinite", time.Time{}, DateTime(), "infinity", "no date"},
		{"time before Christ", time.Time{}, DateTime(), []byte("0044-03-15 00:00:00 BC"), "no date"},
		{"time zero of MySQL", time.Time{}, DateTime(), "0000-00-00 00:00:00", "no date"},
		{"time from number", time.Time{}, DateTime(), int64(5), "int64"},
		{"date that does not exist", time.Time{}, Date(), "2023-02-29", "no date"},
		{"time of day", time.Duration(0), Time(), "24:00:00", "time of day"},
		{"time of day from number", time.Duration(0), Time(), int64(5), "int64"},
		{"interval too great", time.Duration(0), Interval(), int64(math.MaxInt64), "out of range"},
		{"interval in words", time.Duration(0), Interval(), "1 day", "no number"},
		{"document malformed", JSON[int]{}, JSONType(), "{", "no JSON"},
		{"document of another form", JSON[address]{}, JSONType(), `{"city":5}`, "number for city"},
		{"document of another kind", JSON[int]{}, JSONType(), `"secret"`, "is a string"},
		{"document with more behind", JSON[int]{}, JSONType(), "1 2", "no JSON"},
		{"document from time", JSON[int]{}, JSONType(), time.Now(), "time.Time"},
		{"raw document malformed", json.RawMessage{}, JSONType(), "{", "no JSON"},
		{"document in text malformed", "", JSONType(), "", "no JSON"},
		{"array malformed", []int{}, Array(Integer()), "1,2", "no array"},
		{"array of another kind", []int{}, Array(Integer()), "{a}", "no number"},
		{"array of more dimensions", []int{}, Array(Integer()), "{{1}}", "dimensions"},
		{"array of fewer dimensions", [][]int{}, Array(Array(Integer())), "{1}", "dimensions"},
		{"array of bytes malformed", [][]byte{}, Array(LargeBinary()), "{zz}", "hexadecimal"},
		{"array from number", []int{}, Array(Integer()), int64(1), "int64"},
		{"text method", netip.Addr{}, Text(), "10.0.0.256", "UnmarshalText"},
		{"through a pointer", new(0), BigInteger(), "x", "no number"},
		{"through null", sql.Null[int]{}, BigInteger(), "x", "no number"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := decode(t, reflect.TypeOf(tt.target), tt.sql, tt.src)
			if _, ok := errors.AsType[*DecodeError](err); !ok || !strings.Contains(err.Error(), tt.why) {
				t.Errorf("got %v, want %q", err, tt.why)
			}
		})
	}
}

func TestNullNeedsRoom(t *testing.T) {
	for _, v := range []any{
		true, 1, uint8(1), 1.5, "x", [16]byte{}, [3]byte{}, time.Time{}, time.Second, NewJSON(1), netip.Addr{},
		[]int{}, []string{},
	} {
		sql, goType := Type{}, reflect.TypeOf(v)
		switch goType.Kind() {
		case reflect.Array:
			sql = map[int]Type{16: UUID(), 3: LargeBinary(3)}[goType.Len()]
		case reflect.Slice:
			sql, goType = Array(Integer()), reflect.TypeFor[[]int]()
		}
		src := any(nil)
		if goType.Kind() == reflect.Slice {
			src = "{NULL}"
		}
		if _, err := decode(t, goType, sql, src); !errors.Is(err, ErrNull) {
			t.Errorf("%T: got %v", v, err)
		}
	}
}

func TestDecodeSharesNoMemoryWithTheDriver(t *testing.T) {
	for _, tt := range []struct {
		target any
		sql    Type
	}{
		{"", Text()}, {[]byte{}, LargeBinary()}, {[]byte{}, Text()}, {json.RawMessage{}, JSONType()},
		{JSON[json.RawMessage]{}, JSONType()}, {JSON[any]{}, JSONType()}, {[5]byte{}, LargeBinary()},
		{rememberer{}, LargeBinary()}, {rememberer{}, Text()}, {rememberer{}, Exact("TSVECTOR")},
	} {
		src := []byte(`"abc"`)
		got, err := decode(t, reflect.TypeOf(tt.target), tt.sql, src)
		want, _ := decode(t, reflect.TypeOf(tt.target), tt.sql, []byte(`"abc"`))
		copy(src, "XXXXX")
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(rememberer{})); err != nil || diff != "" {
			t.Errorf("%T in %v: %v (-want +got):\n%s", tt.target, tt.sql, err, diff)
		}
	}
}

// rememberer keeps the memory that it is given, as a Scanner should not.
type rememberer struct{ text []byte }

func (r rememberer) Value() (driver.Value, error) { return r.text, nil }

func (r *rememberer) Scan(src any) error {
	text, ok := src.([]byte)
	if !ok {
		return errors.New("only bytes")
	}
	r.text = text
	return nil
}

func TestFailedDecodeThroughPointerKeepsTheOld(t *testing.T) {
	old := new(5)
	target := old
	c := mustCodec(t, reflect.TypeFor[*int](), Type{})
	if err := c.Decode(pointerTo(&target), "x"); err == nil || target != old {
		t.Errorf("got %v, %v", target, err)
	}
}

func TestAnyZoneGoesInUTCComesOut(t *testing.T) {
	berlin, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	want := utc("2024-10-27 00:30:00.000001")
	for name, v := range map[string]time.Time{
		"first half of a fold": want.In(berlin),
		"zone with seconds":    want.In(time.FixedZone("", 3615)),
		"nanoseconds are cut":  want.Add(999),
	} {
		got, err := encode(t, v, DateTime())
		if diff := cmp.Diff(driver.Value(want), got, exact); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
	later, err := encode(t, want.Add(time.Hour).In(berlin), DateTime())
	if diff := cmp.Diff(driver.Value(want.Add(time.Hour)), later, exact); err != nil || diff != "" {
		t.Errorf("second half of the fold: %v (-want +got):\n%s", err, diff)
	}
}

func TestDateIsTheDayOfItsOwnCalendar(t *testing.T) {
	midnight := time.Date(2024, 3, 1, 0, 0, 0, 0, time.FixedZone("", 2*3600))
	got, err := encode(t, midnight, Date())
	if diff := cmp.Diff(driver.Value(utc("2024-03-01 00:00:00")), got, exact); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}
