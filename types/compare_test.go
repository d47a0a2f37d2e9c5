// This file tests what change detection needs of codecs: comparison, copies and
// the form in which values come back.

package types

import (
	"database/sql"
	"encoding/json"
	"math"
	"math/big"
	"net/netip"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// pair is two values of one type, and how they compare in a column.
type pair struct {
	name string
	a, b any
	sql  Type
	same bool
}

var moment = time.Date(2024, 2, 29, 12, 0, 0, 1000, time.UTC)

var pairs = []pair{
	{"int", 1, 1, Type{}, true},
	{"int other", 1, 1 << 40, Type{}, false},
	{"int16 other", int16(1), int16(1 << 8), Type{}, false},
	{"uint8 other", uint8(1), uint8(2), Type{}, false},
	{"int32 other", int32(1), int32(1 << 16), Type{}, false},
	{"bool other", true, false, Type{}, false},
	{"text", "a", string([]byte("a")), Type{}, true},
	{"text other", "a", "a ", Type{}, false},
	{"float NaN", math.NaN(), math.Log(-1), Type{}, true},
	{"float NaN and number", math.NaN(), 1.0, Type{}, false},
	{"float zeros", 0.0, math.Copysign(0, -1), Type{}, false},
	{"float32 NaN", float32(math.NaN()), float32(math.NaN()), Type{}, true},
	{"float64 in 32 bits", 0.1, float64(float32(0.1)), Float(), true},
	{"float64 beyond 32 bits", 1e39, 1e300, Float(), false},
	{"float64 in 64 bits", 0.1, float64(float32(0.1)), Double(), false},
	{"float as decimal", 0.1 + 0.2, 0.3, Numeric(5, 2), true},
	{"float as decimal other", 0.31, 0.3, Numeric(5, 2), false},
	{"float not a decimal", math.Inf(1), 0.3, Numeric(5, 2), false},
	{"decimal text", "1.5", "+01.500", Numeric(6, 2), true},
	{"decimal text other", "1.5", "1.51", Numeric(6, 2), false},
	{"decimal text wrong", "x", "y", Numeric(6, 2), false},
	{"uuid text", "6ba7b810-9dad-11d1-80b4-00c04fd430c8", "6BA7B8109DAD11D180B400C04FD430C8", UUID(), true},
	{"time by instant", moment, moment.In(time.FixedZone("", 3600)), Type{}, true},
	{"time by microsecond", moment, moment.Add(999), Type{}, true},
	{"time other", moment, moment.Add(1000), Type{}, false},
	{"time before 1970", time.Unix(-1, 0), time.Unix(-1, 999), Type{}, true},
	{"time before 1970 other", time.Unix(-1, 0), time.Unix(-1, -1), Type{}, false},
	{"date by day", moment, moment.Add(time.Hour), Date(), true},
	{"date other", moment, moment.Add(12 * time.Hour), Date(), false},
	{"interval by microsecond", time.Second, time.Second + 999, Type{}, true},
	{"interval other", time.Second, time.Second + 1000, Type{}, false},
	{"bytes", []byte("a"), []byte("a"), Type{}, true},
	{"bytes other", []byte("a"), []byte("b"), Type{}, false},
	{"bytes nil and empty", []byte(nil), []byte{}, Type{}, false},
	{"byte array other", [2]byte{1}, [2]byte{2}, LargeBinary(), false},
	{"pointer", new(1), new(1), Type{}, true},
	{"pointer other", new(1), new(2), Type{}, false},
	{"pointer nil", (*int)(nil), new(0), Type{}, false},
	{"pointers nil", (*int)(nil), (*int)(nil), Type{}, true},
	{"null", sql.Null[int]{V: 1}, sql.Null[int]{V: 2}, Type{}, true},
	{"null and zero", sql.Null[int]{}, sql.Null[int]{Valid: true}, Type{}, false},
	{"null other", sql.NullString{String: "a", Valid: true}, sql.NullString{String: "b", Valid: true}, Type{}, false},
	{"array", []string{"a"}, []string{"a"}, Type{}, true},
	{"array other", []string{"a"}, []string{"b"}, Type{}, false},
	{"array longer", []string{"a"}, []string{"a", "b"}, Type{}, false},
	{"array nil and empty", []string{}, []string(nil), Type{}, false},
	{"array of times", []time.Time{moment}, []time.Time{moment.Add(1)}, Type{}, true},
	{"document", NewJSON(address{"a", []string{"b"}}), NewJSON(address{"a", []string{"b"}}), Type{}, true},
	{"document other inside", NewJSON(address{"a", []string{"b"}}), NewJSON(address{"a", []string{"c"}}), Type{}, false},
	{"document nil and empty", NewJSON([]int{}), NewJSON([]int(nil)), Type{}, false},
	{"document without what JSON leaves out", NewJSON(private{1, 1}), NewJSON(private{1, 2}), Type{}, true},
	{"document that has no form", NewJSON(math.Inf(1)), NewJSON(math.Inf(-1)), Type{}, false},
	{"document map", NewJSON(map[string]any{"a": 1.0}), NewJSON(map[string]any{"a": "1"}), Type{}, false},
	{"document map with another key", NewJSON(map[string]any{"a": nil}), NewJSON(map[string]any{"b": nil}), Type{}, false},
	{"raw document", json.RawMessage(`{"a":1,"b":2}`), json.RawMessage(`{"b": 2, "a": 1}`), Type{}, true},
	{"raw document other", json.RawMessage(`9007199254740993`), json.RawMessage(`9007199254740992`), Type{}, false},
	{"raw document wrong", json.RawMessage(`{`), json.RawMessage(`[`), Type{}, false},
	{"document in text", `[1, 2]`, `[1,2]`, JSONType(), true},
	{"text methods", netip.MustParseAddr("::1"), netip.MustParseAddr("::2"), Type{}, false},
	{"text methods by text", versioned{"a", 1}, versioned{"a", 2}, Text(), true},
	{"big numbers", *big.NewInt(1 << 40), *big.NewInt(1 << 40), Text(), true},
	{"value methods", fraction{1, 2}, fraction{2, 4}, Double(), true},
	{"value methods other", fraction{1, 2}, fraction{2, 3}, Double(), false},
	{"uuid with methods", uuid{1}, uuid{1}, UUID(), true},
	{"converter", celsius(1), celsius(1), Type{}, true},
	{"converter other", celsius(1), celsius(2), Type{}, false},
	{"made from time", stamp(moment), stamp(moment.Add(1)), Type{}, true},
}

type private struct {
	A int `json:"a"`
	B int `json:"-"`
}

// versioned has text methods that leave something out.
type versioned struct {
	text    string
	version int
}

func (v versioned) MarshalText() ([]byte, error) { return []byte(v.text), nil }
func (v *versioned) UnmarshalText(b []byte) error {
	v.text = string(b)
	return nil
}

func TestEqualIsWhatTheDatabaseWouldSay(t *testing.T) {
	for _, tt := range pairs {
		t.Run(tt.name, func(t *testing.T) {
			goType, a := held(tt.a)
			_, b := held(tt.b)
			codec := mustCodec(t, goType, tt.sql)
			if codec.Equal(a, b) != tt.same || codec.Equal(b, a) != tt.same {
				t.Errorf("not %v", tt.same)
			}
			if !codec.Equal(a, a) && tt.name != "document that has no form" {
				t.Error("it is not equal to itself")
			}
		})
	}
}

func TestOpComparesAsTheCodecDoes(t *testing.T) {
	seen := map[Op]bool{}
	for _, tt := range pairs {
		goType, a := held(tt.a)
		_, b := held(tt.b)
		codec := mustCodec(t, goType, tt.sql)
		op := OpOf(codec)
		seen[op] = true
		if op != OpCodec && op.Equal(a, b) != codec.Equal(a, b) {
			t.Errorf("%s: op %d says %v", tt.name, op, op.Equal(a, b))
		}
		if op == OpCodec && op.Equal(a, a) {
			t.Errorf("%s: only the codec can say that", tt.name)
		}
	}
	for op := OpCodec; op <= OpTime; op++ {
		if !seen[op] {
			t.Errorf("no pair has op %d", op)
		}
	}
}

func TestCopyIsEqual(t *testing.T) {
	for _, tt := range pairs {
		t.Run(tt.name, func(t *testing.T) {
			goType, src := held(tt.a)
			_, dst := held(tt.b)
			codec := mustCodec(t, goType, tt.sql)
			codec.Copy(dst, src)
			if diff := cmp.Diff(tt.a, valueAt(goType, dst).Interface(), exact, cmp.AllowUnexported(versioned{}, fraction{}, big.Int{})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestCopySharesNoMemoryWithTheOriginal(t *testing.T) {
	copySharesNothing(t, []byte("a"), func(b *[]byte) { (*b)[0] = 'b' })
	copySharesNothing(t, json.RawMessage("1"), func(b *json.RawMessage) { (*b)[0] = '2' })
	copySharesNothing(t, new(1), func(p **int) { **p = 2 })
	copySharesNothing(t, new(new("a")), func(p ***string) { ***p = "b" })
	copySharesNothing(t, new(moment), func(p **time.Time) { **p = time.Time{} })
	copySharesNothing(t, []string{"a"}, func(s *[]string) { (*s)[0] = "b" })
	copySharesNothing(t, [][]int{{1}}, func(s *[][]int) { (*s)[0][0] = 2 })
	copySharesNothing(t, []*int{new(1)}, func(s *[]*int) { *(*s)[0] = 2 })
	copySharesNothing(t, sql.Null[[]byte]{V: []byte("a"), Valid: true}, func(n *sql.Null[[]byte]) { n.V[0] = 'b' })
	copySharesNothing(t, NewJSON(address{"a", []string{"b"}}), func(j *JSON[address]) { j.V.Tags[0] = "c" })
	copySharesNothing(t, NewJSON(&address{City: "a"}), func(j *JSON[*address]) { j.V.City = "b" })
	copySharesNothing(t, NewJSON(map[string][]int{"a": {1}}), func(j *JSON[map[string][]int]) { j.V["a"][0] = 2 })
	copySharesNothing(t, NewJSON[any](map[string]any{"a": []any{1.0}}), func(j *JSON[any]) { j.V.(map[string]any)["a"].([]any)[0] = 2.0 })
	copySharesNothing(t, new(NewJSON([]int{1})), func(j **JSON[[]int]) { (*j).V[0] = 2 })
	copySharesNothing(t, *big.NewInt(5), func(n *big.Int) { n.Add(n, big.NewInt(1)) })
}

// copySharesNothing changes the original in place and looks at the copy.
func copySharesNothing[T any](t *testing.T, original T, change func(*T)) {
	t.Helper()
	codec := mustCodec(t, reflect.TypeFor[T](), Type{})
	var snapshot, untouched T
	codec.Copy(pointerTo(&snapshot), pointerTo(&original))
	codec.Copy(pointerTo(&untouched), pointerTo(&snapshot))
	change(&original)
	if !codec.Mutable() {
		t.Errorf("%T is said to be immutable", original)
	}
	if codec.Equal(pointerTo(&snapshot), pointerTo(&original)) {
		t.Errorf("%T: the change is not seen", original)
	}
	if !codec.Equal(pointerTo(&snapshot), pointerTo(&untouched)) {
		t.Errorf("%T: the copy changed with the original", original)
	}
}

func TestOnlyTypesWithoutReferencesAreImmutable(t *testing.T) {
	for _, tt := range []struct {
		value any
		sql   Type
		want  bool
	}{
		{1, Type{}, false}, {"", Type{}, false}, {1.5, Type{}, false}, {true, Type{}, false}, {time.Time{}, Type{}, false},
		{[16]byte{}, UUID(), false}, {netip.Addr{}, Type{}, false}, {sql.NullString{}, Type{}, false}, {celsius(0), Type{}, false},
		{fraction{}, Double(), false}, {JSON[int]{}, Type{}, false}, {JSON[[2]string]{}, Type{}, false},
		{[]byte{}, Type{}, true}, {new(1), Type{}, true}, {[]int{}, Type{}, true}, {JSON[[]int]{}, Type{}, true},
		{JSON[address]{}, Type{}, true}, {JSON[any]{}, Type{}, true}, {sql.Null[[]byte]{}, Type{}, true}, {big.Int{}, Type{}, true},
	} {
		if got := mustCodec(t, reflect.TypeOf(tt.value), tt.sql).Mutable(); got != tt.want {
			t.Errorf("%T: %v", tt.value, got)
		}
	}
}

func TestIsZeroIsGosZeroValue(t *testing.T) {
	for _, tt := range []struct {
		value any
		sql   Type
		want  bool
	}{
		{0, Type{}, true}, {1, Type{}, false}, {"", Type{}, true}, {"x", Type{}, false}, {0.0, Type{}, true}, {false, Type{}, true},
		{time.Time{}, Type{}, true}, {time.Time{}.In(time.FixedZone("", 60)), Type{}, true}, {moment, Type{}, false}, {time.Second, Type{}, false},
		{[]byte(nil), Type{}, true}, {[]byte{}, Type{}, false}, {(*int)(nil), Type{}, true}, {new(0), Type{}, false},
		{sql.NullInt64{}, Type{}, true}, {sql.NullInt64{Valid: true}, Type{}, false}, {[]int(nil), Type{}, true}, {[]int{}, Type{}, false},
		{JSON[int]{}, Type{}, true}, {NewJSON(1), Type{}, false}, {[2]byte{}, LargeBinary(), true}, {[2]byte{1}, LargeBinary(), false},
		{[16]byte{}, UUID(), true}, {uuid{}, UUID(), true}, {celsius(0), Type{}, true}, {celsius(1), Type{}, false},
	} {
		goType, p := held(tt.value)
		if got := mustCodec(t, goType, tt.sql).IsZero(p); got != tt.want {
			t.Errorf("%#v: %v", tt.value, got)
		}
	}
}

func TestNormalizeGivesTheFormThatComesBack(t *testing.T) {
	local := time.FixedZone("", 7200)
	for _, tt := range []struct {
		name        string
		value, want any
		sql         Type
	}{
		{"time", moment.Add(999).In(local), moment, Type{}},
		{"clock", time.Now().Truncate(time.Microsecond), nil, Type{}},
		{"date", time.Date(2024, 3, 1, 1, 0, 0, 0, local), utc("2024-03-01 00:00:00"), Date()},
		{"interval", time.Second + 1, time.Second, Type{}},
		{"time of day", time.Second + 1, time.Second, Time()},
		{"decimal", "1.5", "1.50", Numeric(5, 2)},
		{"decimal wrong", "x", "x", Numeric(5, 2)},
		{"uuid", "6BA7B8109DAD11D180B400C04FD430C8", "6ba7b810-9dad-11d1-80b4-00c04fd430c8", UUID()},
		{"float in 32 bits", 0.1, float64(float32(0.1)), Float()},
		{"float beyond 32 bits", 1e300, 1e300, Float()},
		{"float as decimal", 0.1 + 0.2, 0.3, Numeric(5, 2)},
		{"float as great decimal", 1e20, 1e20, Numeric(5, 2)},
		{"float", 0.1 + 0.2, 0.1 + 0.2, Double()},
		{"pointer", new(moment.Add(1)), new(moment), Type{}},
		{"pointer nil", (*time.Time)(nil), (*time.Time)(nil), Type{}},
		{"null", sql.NullTime{Time: moment.Add(1), Valid: true}, sql.NullTime{Time: moment, Valid: true}, Type{}},
		{"without value", sql.NullTime{Time: moment.Add(1)}, sql.NullTime{Time: moment.Add(1)}, Type{}},
		{"array", []time.Time{moment.Add(1)}, []time.Time{moment}, Type{}},
		{"text", " a ", " a ", String(5)},
		{"document", NewJSON(moment.Add(1)), NewJSON(moment.Add(1)), Type{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			goType, p := held(tt.value)
			codec := mustCodec(t, goType, tt.sql)
			want := tt.want
			if want == nil {
				want = tt.value.(time.Time).Round(0).UTC()
			}
			codec.Normalize(p)
			got := valueAt(goType, p).Interface()
			if diff := cmp.Diff(want, got, exact); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			stored, err := codec.Encode(p)
			if err != nil {
				return
			}
			back, err := decode(t, goType, tt.sql, stored)
			if diff := cmp.Diff(got, back, exact); err != nil || diff != "" && tt.name != "without value" {
				t.Errorf("what comes back: %v (-want +got):\n%s", err, diff)
			}
		})
	}
}

// node can point to itself.
type node struct {
	Name string
	Next *node
	List []*node
	Map  map[string]*node
	Any  any
	priv []int
	addr netip.Addr
}

func TestDataThatPointsToItselfIsCopiedAndCompared(t *testing.T) {
	ring := func(name string) *node {
		n := &node{Name: name, priv: []int{1}, addr: netip.MustParseAddr("10.0.0.1")}
		n.Next, n.List, n.Map, n.Any = n, []*node{n, nil}, map[string]*node{"a": n}, map[string]any{"n": n, "t": moment}
		return n
	}
	original := ring("a")
	var clone *node
	deepCopy(reflect.ValueOf(&clone).Elem(), reflect.ValueOf(&original).Elem())
	same := func(a, b *node) bool { return deepEqual(reflect.ValueOf(&a).Elem(), reflect.ValueOf(&b).Elem()) }
	if !same(original, clone) || !same(original, ring("a")) || same(original, ring("b")) {
		t.Error("rings compare wrongly")
	}
	if clone == original || clone.Next != clone || clone.List[0] != clone || clone.Map["a"] != clone || clone.Any.(map[string]any)["n"] != clone {
		t.Error("the clone is no ring of its own")
	}
	original.priv[0] = 2
	if clone.priv[0] != 1 || !clone.addr.Is4() {
		t.Error("unexported fields are not copied as they should be")
	}
}

func TestStructuresCompare(t *testing.T) {
	type deep struct {
		F func()
		C complex128
		I any
		A [2]float32
		t time.Time
	}
	f := func() {}
	for _, tt := range []struct {
		name string
		a, b deep
		want bool
	}{
		{"empty", deep{}, deep{}, true},
		{"functions", deep{F: f}, deep{F: f}, false},
		{"NaN", deep{C: complex(math.NaN(), 1)}, deep{C: complex(math.NaN(), 1)}, true},
		{"dynamic types", deep{I: 1}, deep{I: int64(1)}, false},
		{"nil and value", deep{I: nil}, deep{I: 1}, false},
		{"arrays", deep{A: [2]float32{0, 1}}, deep{A: [2]float32{0, 2}}, false},
		{"times", deep{t: moment}, deep{t: moment.In(time.Local)}, true},
	} {
		if got := deepEqual(reflect.ValueOf(&tt.a).Elem(), reflect.ValueOf(&tt.b).Elem()); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

func TestNormalizeChangesNothingThatOthersMayHold(t *testing.T) {
	instant, list := moment.Add(1), []time.Time{moment.Add(1), moment}
	for _, value := range []any{&instant, list} {
		goType, p := held(value)
		mustCodec(t, goType, Type{}).Normalize(p)
	}
	if diff := cmp.Diff([]time.Time{moment.Add(1), moment.Add(1), moment}, append([]time.Time{instant}, list...)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestNormalizeKeepsThePointerToWhatHasItsForm(t *testing.T) {
	normal := moment
	goType, p := held(&normal)
	mustCodec(t, goType, Type{}).Normalize(p)
	if *at[*time.Time](p) != &normal {
		t.Error("a pointer to another value")
	}
}
