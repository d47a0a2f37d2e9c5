// This file holds the values of types that one database alone has. Elsewhere a
// column of them is refused.

package dialecttest

import (
	"math"
	"net/netip"
	"time"

	"github.com/aurum-go/orm/types"
)

// vendorTypes are the types that need no extension of the server.
func vendorTypes() []typeCases {
	return append(rangeTypes(), []typeCases{
		{types.Inet(), []valueCase{
			keeps("an address", netip.MustParseAddr("192.0.2.1")), keeps("an address of version 6", netip.MustParseAddr("2001:db8::1")),
			keeps("the least", netip.MustParseAddr("0.0.0.0")), keeps("the greatest", netip.MustParseAddr("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")),
			keeps("as text", "10.0.0.1"), refuses("no address", netip.Addr{}), refuses("empty", ""), refuses("a zone", netip.MustParseAddr("fe80::1%eth0")),
		}},
		{types.CIDR(), []valueCase{
			keeps("a network", netip.MustParsePrefix("10.0.0.0/8")), keeps("one host", netip.MustParsePrefix("192.0.2.1/32")), keeps("all", netip.MustParsePrefix("::/0")),
			refuses("bits of a host", netip.MustParsePrefix("10.1.2.3/8")), refuses("no network", netip.Prefix{}),
		}},
		{types.Bit(4), []valueCase{keeps("bits", "0101"), refuses("too few", "010"), refuses("too many", "01010"), refuses("no bits", "012a"), refuses("empty", "")}},
		{types.Set("red", "it's", "日本"), []valueCase{
			keeps("one", []string{"it's"}), keeps("all", []string{"red", "it's", "日本"}), keeps("none", []string{}),
			keepsAs("in another order, twice", []string{"日本", "red", "日本"}, []string{"red", "日本"}), refuses("another label", []string{"red", "blue"}), refuses("empty", []string{""}),
		}},
		{types.Year(), []valueCase{
			keeps("the least", int64(1901)), keeps("the greatest", int64(2155)), keeps("none", int64(0)),
			refuses("two digits", 70), refuses("too early", 1900), refuses("too late", 2156), refuses("a negative year", -1),
		}},
	}...)
}

func rangeTypes() []typeCases {
	whole := types.NewRange[int64]
	return []typeCases{
		{types.RangeType(types.BigInteger()), []valueCase{
			keeps("two numbers", whole(-1, 5)), keeps("the widest", whole(math.MinInt64, math.MaxInt64)), keeps("all numbers", types.Range[int64]{}), keeps("empty", types.EmptyRange[int64]()),
			keeps("without a lower bound", types.Range[int64]{Upper: types.Excluding[int64](0)}), keepsAs("another form", types.Range[int64]{Lower: types.Excluding[int64](0), Upper: types.Including[int64](2)}, whole(1, 3)),
			keepsAs("nothing between", whole(3, 3), types.EmptyRange[int64]()), refuses("bounds the wrong way round", whole(2, 1)),
			refuses("above the greatest", types.Range[int64]{Upper: types.Including[int64](math.MaxInt64)}),
		}},
		{types.RangeType(types.Numeric(0, 0)), []valueCase{
			keeps("two decimals", types.NewRange("-0.50", "12345678901234567890.1")), keeps("with both bounds", types.Range[string]{Lower: types.Including("1"), Upper: types.Including("1")}),
			keepsAs("nothing between", types.NewRange("1", "1.0"), types.EmptyRange[string]()), refuses("no number", types.NewRange("a", "b")), refuses("bounds the wrong way round", types.NewRange("10", "9")),
		}},
		{types.RangeType(types.Date()), []valueCase{
			keeps("two days", types.NewRange(day(2024, 2, 29), day(2024, 3, 1))), keeps("the first and the last", types.NewRange(day(1, 1, 1), day(9999, 12, 31))),
			keepsAs("one day", types.Range[time.Time]{Lower: types.Including(day(2024, 12, 31)), Upper: types.Including(day(2024, 12, 31))}, types.NewRange(day(2024, 12, 31), day(2025, 1, 1))),
		}},
		{types.RangeType(types.DateTime()), []valueCase{
			keeps("two instants", types.NewRange(seen, seen.Add(time.Microsecond))), keeps("without an upper bound", types.Range[time.Time]{Lower: types.Excluding(seen)}),
			keepsAs("nanoseconds are cut", types.NewRange(seen.Add(999), seen.Add(time.Second)), types.NewRange(seen, seen.Add(time.Second))),
		}},
	}
}
