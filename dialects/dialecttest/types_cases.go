// This file holds the values: of each type the least, the greatest, the usual
// and the hostile ones.

package dialecttest

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

// numberTypes are booleans, whole numbers, floats and decimals.
func numberTypes() []typeCases {
	return []typeCases{
		{types.Boolean(), []valueCase{keeps("true", true), keeps("false", false), refuses("1", 1), refuses("text", "true")}},
		{types.SmallInteger(), wholeNumbers(math.MinInt16, math.MaxInt16)},
		{types.Integer(), wholeNumbers(math.MinInt32, math.MaxInt32)},
		{types.BigInteger(), []valueCase{
			keeps("0", int64(0)), keeps("the least", int64(math.MinInt64)), keeps("the greatest", int64(math.MaxInt64)),
			keeps("above the exact floats", int64(1)<<53+1), keepsAs("a small Go type", int8(-5), int64(-5)), keepsAs("a pointer", new(int64(7)), int64(7)),
			refuses("above the greatest", uint64(math.MaxInt64)+1), refuses("a fraction", 1.5), refuses("text", "1"), refuses("a boolean", true),
		}},
		{types.SmallInteger().AsUnsigned(), unsignedNumbers(math.MaxUint16)},
		{types.Integer().AsUnsigned(), unsignedNumbers(math.MaxUint32)},
		{types.BigInteger().AsUnsigned(), []valueCase{
			keeps("0", uint64(0)), keeps("the greatest signed", uint64(math.MaxInt64)),
			keepsOrRefuses("above the greatest signed", uint64(math.MaxInt64)+1), keepsOrRefuses("the greatest", uint64(math.MaxUint64)),
			refuses("-1", -1), refuses("text", "1"),
		}},
		{types.Float(), []valueCase{
			keeps("0", float32(0)), keeps("one tenth", float32(0.1)), keeps("the greatest", float32(math.MaxFloat32)),
			keeps("the least", float32(-math.MaxFloat32)), keeps("near zero", float32(1.17549435e-38)), keeps("seven digits", float32(123456.7)),
			keepsOrRefuses("NaN", float32(math.NaN())), keepsOrRefuses("infinity", float32(math.Inf(1))),
			refuses("above the greatest", math.MaxFloat64), refuses("text", "1.5"),
		}},
		{types.Double(), []valueCase{
			keeps("0", 0.0), keeps("one tenth", 0.1), keeps("the greatest", math.MaxFloat64), keeps("the least", -math.MaxFloat64),
			keeps("near zero", 2.2250738585072014e-308), keeps("17 digits", 0.30000000000000004), keeps("a whole number", 1e15),
			keepsOrRefuses("NaN", math.NaN()), keepsOrRefuses("infinity", math.Inf(1)), keepsOrRefuses("minus infinity", math.Inf(-1)),
			{"minus zero", keepsMinusZero}, refuses("text", "1.5"),
		}},
		{types.Numeric(10, 2), []valueCase{
			keeps("0", "0.00"), keeps("a cent", "0.01"), keeps("the greatest", "99999999.99"), keeps("the least", "-99999999.99"),
			keepsAs("fewer digits", "1.5", "1.50"), keepsAs("an exponent", "1e3", "1000.00"), keepsAs("a whole number", 5, "5.00"),
			keepsAs("minus zero", "-0.00", "0.00"), keepsAs("leading zeros", "007", "7.00"),
			refuses("too many digits", "100000000.00"), refuses("too many digits behind the point", "0.001"),
			refuses("no number", "abc"), refuses("NaN", "NaN"), refuses("empty text", ""), refuses("a float that is NaN", math.NaN()),
		}},
		{types.Numeric(30, 10), []valueCase{
			keeps("thirty digits", "12345678901234567890.0123456789"), keeps("minus thirty digits", "-99999999999999999999.9999999999"),
			keeps("the smallest", "0.0000000001"), keepsAs("above the exact floats", int64(1)<<53+1, "9007199254740993.0000000000"),
		}},
		{types.Numeric(18, 0), []valueCase{keeps("eighteen digits", "123456789012345678"), refuses("a fraction", "0.5")}},
	}
}

func wholeNumbers(least, greatest int64) []valueCase {
	return []valueCase{
		keeps("0", int64(0)), keeps("42", int64(42)), keeps("the least", least), keeps("the greatest", greatest),
		refuses("below the least", least-1), refuses("above the greatest", greatest+1), refuses("text", "1"),
	}
}

func unsignedNumbers(greatest int64) []valueCase {
	return []valueCase{keeps("0", int64(0)), keeps("the greatest", greatest), refuses("-1", -1), refuses("above the greatest", greatest+1)}
}

// keepsMinusZero: a zero comes back that is equal; its sign need not.
func keepsMinusZero(t *testing.T, c *typedColumn) {
	exec(t, c.db, c.insert(math.Copysign(0, -1)))
	equal(t, 0.0, fetchOne[float64](t, c.db, orm.Select(c.table.C("v")).From(c.table)))
	c.finds(t, 0.0)
}

// hostileTexts are texts that are more than text to somebody.
func hostileTexts() []string {
	return []string{
		"", " ", "  two blanks around  ", "it's", `"quoted"`, "`ticks`", `back\slash`, `\`, `\'`, `\\`, `'; DROP TABLE people; --`, "-- comment", "/* comment",
		"?", "??", "$1", ":name", "%s", "%", "_", "{}", "{1,NULL}", "$$", "$tag$", "NULL", "null", "0", "1e5", "TRUE", "[1]",
		"\t", "\n", "\r\n", "\x01\x1f\x7f", "\u00e9", "e\u0301", "日本", "🎉", "👩‍👩‍👧", "\u202eright to left", "\ufeffBOM", "\U0010ffff", "\u00a0", "ß", "İ",
		strings.Repeat("x", 300), strings.Repeat("🎉", 300),
	}
}

// textTypes are texts, bounded and not, and bytes.
func textTypes() []typeCases {
	var hostile []valueCase
	for _, s := range hostileTexts() {
		hostile = append(hostile, keeps("text "+abridged(s), s))
	}
	million := strings.Repeat("0123456789abcdé🎉", 1<<16)
	return []typeCases{
		{types.Text(), append(hostile,
			keeps("more than a million bytes", million), keepsAs("bytes that are text", []byte("abc"), "abc"),
			refuses("NUL", "a\x00b"), refuses("broken UTF-8", "a\xffb"), refuses("half a character", "\xf0\x9f"), refuses("a surrogate", "\xed\xa0\x80"),
			refuses("a number", 5), refuses("a boolean", false), refuses("a time", seen),
		)},
		{types.String(1), []valueCase{keeps("one character of four bytes", "🎉"), refuses("two characters", "ab")}},
		{types.String(50), []valueCase{
			keeps("empty", ""), keeps("blanks behind", "abc  "), keeps("as long as it may be", strings.Repeat("é", 50)),
			keeps("as long as it may be, of four bytes", strings.Repeat("🎉", 50)), refuses("one character more", strings.Repeat("é", 51)),
			refuses("one blank more", strings.Repeat("x", 50)+" "), refuses("NUL", "\x00"), refuses("broken UTF-8", "\xff"),
		}},
		{types.String(5000), []valueCase{keeps("long", strings.Repeat("日", 5000))}},
		{types.LargeBinary(), []valueCase{
			keeps("empty", []byte{}), keeps("NUL", []byte{0}), keeps("all bytes", allBytes()), keeps("broken UTF-8", []byte{0xff, 0xfe}),
			keeps("text", []byte(`it's \x41 \\`)), keeps("a million bytes", bytes.Repeat(allBytes(), 1<<12)),
			refuses("a number", 1), refuses("a time", seen),
		}},
		{types.LargeBinary(16), []valueCase{keeps("as long as it may be", make([]byte, 16)), refuses("one byte more", make([]byte, 17))}},
	}
}

func allBytes() []byte {
	b := make([]byte, 256)
	for i := range b {
		b[i] = byte(i)
	}
	return b
}

// abridged is a text in a form that a case can be named by.
func abridged(s string) string {
	if len(s) > 40 {
		s = s[:4] + "…"
	}
	text, _ := json.Marshal(strings.ReplaceAll(s, "/", "∕"))
	return string(text)
}

// timeTypes are dates, times of day, instants and intervals.
func timeTypes() []typeCases {
	instant := func() []valueCase {
		list := []valueCase{
			keepsAs("a zone", time.Date(2024, 7, 1, 12, 0, 0, 0, time.FixedZone("", 5*3600+1800)), time.Date(2024, 7, 1, 6, 30, 0, 0, time.UTC)),
			keepsAs("a zone with seconds", time.Date(1890, 1, 1, 0, 0, 0, 0, time.FixedZone("LMT", 1172)), time.Date(1889, 12, 31, 23, 40, 28, 0, time.UTC)),
			keepsAs("nanoseconds are cut", seen.Add(999), seen), keepsAs("nanoseconds before 1970 are cut", time.Unix(-1, 999_999_999).UTC(), time.Unix(-1, 999_999_000).UTC()),
			refuses("the year 10000", time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)), refuses("the year 0", time.Date(0, 12, 31, 0, 0, 0, 0, time.UTC)),
			refuses("a year before Christ", time.Date(-44, 3, 15, 0, 0, 0, 0, time.UTC)),
			refuses("text", "2024-01-01 00:00:00"), refuses("a number", 1),
		}
		for _, at := range instants() {
			list = append(list, keeps(at.Format("2006-01-02 15.04.05.999999"), at))
		}
		return list
	}
	return []typeCases{
		{types.Date(), []valueCase{
			keeps("a leap day", day(2024, 2, 29)), keeps("the first day", day(1, 1, 1)), keeps("the last day", day(9999, 12, 31)),
			keeps("before 1970", day(1969, 12, 31)), keeps("a day that the Julian calendar has not", day(1582, 10, 10)),
			keepsAs("the day of a time's own zone", time.Date(2024, 7, 1, 23, 30, 0, 0, time.FixedZone("", -8*3600)), day(2024, 7, 1)),
			refuses("the year 10000", day(10000, 1, 1)), refuses("the year 0", day(0, 12, 31)), refuses("text", "2024-02-29"),
		}},
		{types.Time(), []valueCase{
			keeps("midnight", time.Duration(0)), keeps("the last microsecond", 24*time.Hour-time.Microsecond),
			keeps("a microsecond", time.Microsecond), keeps("noon", 12*time.Hour), keepsAs("nanoseconds are cut", 12*time.Hour+999, 12*time.Hour),
			refuses("24 hours", 24*time.Hour), refuses("a negative time", -time.Second), refuses("text", "12:00"),
		}},
		{types.DateTime(), instant()},
		{types.Timestamp(), instant()},
		{types.Interval(), []valueCase{
			keeps("0", time.Duration(0)), keeps("a microsecond", time.Microsecond), keeps("minus an hour", -time.Hour),
			keeps("the greatest", time.Duration(math.MaxInt64).Truncate(time.Microsecond)), keeps("the least", time.Duration(math.MinInt64).Truncate(time.Microsecond)),
			keepsAs("nanoseconds are cut", 1999*time.Nanosecond, time.Microsecond), refuses("text", "1h"),
		}},
	}
}

// instants are in ascending order.
func instants() []time.Time {
	at := func(year, month, day, hour, minute, second, micro int) time.Time {
		return time.Date(year, time.Month(month), day, hour, minute, second, micro*1000, time.UTC)
	}
	return []time.Time{
		at(1, 1, 1, 0, 0, 0, 0), at(1, 1, 1, 0, 0, 0, 1), at(999, 12, 31, 23, 59, 59, 999999), at(1582, 10, 10, 0, 0, 0, 0), at(1899, 12, 31, 0, 0, 0, 0),
		at(1969, 12, 31, 23, 59, 59, 999999), at(1970, 1, 1, 0, 0, 0, 0), at(1970, 1, 1, 0, 0, 0, 1), at(2024, 2, 29, 12, 30, 45, 100000),
		at(2024, 3, 31, 0, 59, 59, 999999), at(2024, 3, 31, 1, 30, 0, 0), at(2024, 10, 27, 0, 30, 0, 0), at(2024, 10, 27, 1, 30, 0, 0),
		at(2038, 1, 19, 3, 14, 8, 0), at(9999, 12, 31, 23, 59, 59, 999999),
	}
}

// otherTypes are UUIDs, documents, labels and arrays.
func otherTypes() []typeCases {
	const id = "0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0"
	return []typeCases{
		{types.UUID(), []valueCase{
			keeps("canonical", id), keeps("all zeros", "00000000-0000-0000-0000-000000000000"), keeps("all ones", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
			keepsAs("capitals", strings.ToUpper(id), id), keepsAs("without dashes", strings.ReplaceAll(id, "-", ""), id), keepsAs("in braces", "{"+id+"}", id),
			keepsAs("16 bytes", [16]byte{0x0f, 0x1e, 0x2d, 0x3c, 0x4b, 0x5a, 0x49, 0x78, 0x87, 0x96, 0xa5, 0xb4, 0xc3, 0xd2, 0xe1, 0xf0}, id),
			refuses("no UUID", "xyz"), refuses("too short", id[:35]), refuses("empty", ""), refuses("a number", 1),
		}},
		{types.JSONType(), []valueCase{
			keeps("an object", types.NewJSON(map[string]any{"a": 1.0, "b": []any{true, nil, "x"}})), keeps("an empty object", types.NewJSON(map[string]any{})),
			keeps("a list", types.NewJSON([]int{1, 2, 3})), keeps("a number", types.NewJSON(42)), keeps("a large number", types.NewJSON(int64(math.MaxInt64))),
			keeps("a fraction", types.NewJSON(0.1)), keeps("text", types.NewJSON(strings.Join(hostileTexts()[:40], "|"))), keeps("true", types.NewJSON(true)),
			keeps("null that is not NULL", types.NewJSON[*int](nil)), keeps("text as it is", json.RawMessage(`[1]`)), {"null is not NULL", documentNull},
			refuses("broken text", `{"a":`), refuses("empty text", ""), refuses("text with NUL", "\"\x00\""), refuses("what has no form", types.NewJSON(math.NaN())),
		}},
		{types.Enum("low", "it's", "日本"), []valueCase{
			keeps("a label", "low"), keeps("a label with a quote", "it's"), keeps("a label with other characters", "日本"),
			refuses("another label", "high"), refuses("empty", ""), refuses("a label in capitals", "LOW"), refuses("a number", 1),
		}},
		{types.Enum("sad", "it's", "日本").Named("mood"), []valueCase{
			keeps("a label", "sad"), keeps("a label with a quote", "it's"), keeps("a label with other characters", "日本"), refuses("another label", "glad"),
		}},
		{types.Array(types.BigInteger()), []valueCase{
			keeps("numbers", []int64{1, -2, math.MaxInt64}), keeps("empty", []int64{}), keeps("a NULL inside", []*int64{new(int64(1)), nil}),
		}},
		{types.Array(types.Text()), []valueCase{
			keeps("texts", []string{"a", "", "NULL", `qu"ote`, `back\slash`, "{}", "a,b", "日本🎉", " "}), keeps("empty", []string{}), refuses("NUL inside", []string{"\x00"}),
		}},
	}
}

func documentNull(t *testing.T, c *typedColumn) {
	exec(t, c.db, c.insert(types.NewJSON[any](nil)))
	equal(t, 0, fetchOne[int](t, c.db, orm.Select(orm.Count()).From(c.table).Where(c.table.C("v").IsNull())))
}
