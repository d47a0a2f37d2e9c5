// This file tests types of programs and of other libraries: converters, Value and
// Scan, MarshalText and UnmarshalText.

package types

import (
	"database/sql/driver"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// celsius is stored as millidegrees.
type celsius float64

// optional is NULL if it is negative.
type optional int

var errCold = errors.New("below absolute zero")

func init() {
	Register(Converter[celsius, int64]{
		Bind: func(c celsius) (int64, error) {
			if c < -273.15 {
				return 0, errCold
			}
			return int64(math.Round(float64(c) * 1000)), nil
		},
		Scan: func(n int64) (celsius, error) {
			if n < -273_150 {
				return 0, errCold
			}
			return celsius(float64(n) / 1000), nil
		},
	})
	Register(Converter[optional, *int16]{
		SQL: SmallInteger(),
		Bind: func(o optional) (*int16, error) {
			if o < 0 {
				return nil, nil
			}
			return new(int16(o)), nil
		},
		Scan: func(n *int16) (optional, error) {
			if n == nil {
				return -1, nil
			}
			return optional(*n), nil
		},
	})
}

// fraction has several forms of one number.
type fraction struct{ over, under int64 }

func (f fraction) Value() (driver.Value, error) {
	if f.under == 0 {
		return nil, nil
	}
	return float64(f.over) / float64(f.under), nil
}

func (f *fraction) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*f = fraction{}
	case float64:
		*f = fraction{int64(v * 2), 2}
	default:
		return fmt.Errorf("no %T", src)
	}
	return nil
}

func TestConvertersCarryTypesOfTheProgram(t *testing.T) {
	for _, tt := range []struct {
		value  any
		sql    Type
		stored driver.Value
	}{
		{celsius(36.6), Type{}, int64(36600)},
		{celsius(36.6), Numeric(12, 1), "36600.0"},
		{new(celsius(36.6)), Type{}, int64(36600)},
		{(*celsius)(nil), Type{}, nil},
		{optional(5), Type{}, int64(5)},
		{optional(-1), Type{}, nil},
		{[]celsius{1, 2}, Type{}, "{1000,2000}"},
	} {
		stored, err := encode(t, tt.value, tt.sql)
		if diff := cmp.Diff(tt.stored, stored); err != nil || diff != "" {
			t.Errorf("%T: %v (-want +got):\n%s", tt.value, err, diff)
		}
		back, err := decode(t, reflect.TypeOf(tt.value), tt.sql, stored)
		if diff := cmp.Diff(tt.value, back); err != nil || diff != "" {
			t.Errorf("%T back: %v (-want +got):\n%s", tt.value, err, diff)
		}
	}
	if got, err := EncodeValue(celsius(1), BigInteger()); err != nil || got != int64(1000) {
		t.Errorf("a value in an expression: %v, %v", got, err)
	}
	typ, nullable, err := Infer(reflect.TypeFor[optional]())
	if err != nil || typ != SmallInteger() || !nullable {
		t.Errorf("got %v, %v, %v", typ, nullable, err)
	}
}

func TestConvertersMayRefuse(t *testing.T) {
	_, err := encode(t, celsius(-300), Type{})
	if _, ok := errors.AsType[*ValueError](err); !ok || !errors.Is(err, errCold) {
		t.Errorf("bind: %v", err)
	}
	_, err = decode(t, reflect.TypeFor[celsius](), Type{}, int64(-300_000))
	if _, ok := errors.AsType[*DecodeError](err); !ok || !errors.Is(err, errCold) {
		t.Errorf("scan: %v", err)
	}
	_, err = decode(t, reflect.TypeFor[celsius](), Type{}, "x")
	if wrong, ok := errors.AsType[*DecodeError](err); !ok || wrong.Go != reflect.TypeFor[celsius]() {
		t.Errorf("read: %v", err)
	}
	if _, err = decode(t, reflect.TypeFor[celsius](), Type{}, nil); !errors.Is(err, ErrNull) {
		t.Errorf("null: %v", err)
	}
	_, err = encode(t, optional(1<<10), Exact("TINYINT"))
	if err != nil {
		t.Errorf("other column: %v", err)
	}
	if _, err := CodecFor(reflect.TypeFor[celsius](), Text()); err == nil {
		t.Error("a column that does not fit the other side was taken")
	}
}

func TestRegisterPanicsOnErrorsOfTheProgram(t *testing.T) {
	type fresh int
	identity := func(n int) (int, error) { return n, nil }
	for name, tt := range map[string]struct {
		register func()
		want     string
	}{
		"twice": {func() {
			Register(Converter[celsius, int]{Bind: func(celsius) (int, error) { return 0, nil }, Scan: func(int) (celsius, error) { return 0, nil }})
		}, "custom_test.go:"},
		"functions missing": {func() { Register(Converter[fresh, int]{}) }, "Bind or Scan is missing"},
		"to itself":         {func() { Register(Converter[int, int]{Bind: identity, Scan: identity}) }, "to itself"},
		"of a plain type": {func() {
			Register(Converter[string, int]{Bind: strconv.Atoi, Scan: func(int) (string, error) { return "", nil }})
		}, "define a type of your own"},
		"of time": {func() {
			Register(Converter[time.Time, int64]{
				Bind: func(time.Time) (int64, error) { return 0, nil },
				Scan: func(int64) (time.Time, error) { return time.Time{}, nil },
			})
		}, "define a type of your own"},
		"of an interface": {func() {
			Register(Converter[error, int]{Bind: func(error) (int, error) { return 0, nil }, Scan: func(int) (error, error) { return nil, nil }})
		}, "register the types that it holds"},
		"to a type without a column": {func() {
			Register(Converter[fresh, address]{Bind: func(fresh) (address, error) { return address{}, nil }, Scan: func(address) (fresh, error) { return 0, nil }})
		}, "no column type fits"},
		"to another column": {func() {
			Register(Converter[fresh, int]{SQL: Text(), Bind: func(fresh) (int, error) { return 0, nil }, Scan: func(int) (fresh, error) { return 0, nil }})
		}, "map int to TEXT"},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				err, _ := recover().(error)
				if err == nil || !strings.HasPrefix(err.Error(), "types: register ") || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("got %v, want %q", err, tt.want)
				}
				if name == "twice" && strings.Count(err.Error(), "custom_test.go:") != 2 {
					t.Errorf("it does not say both places: %v", err)
				}
			}()
			tt.register()
		})
	}
	if _, ok := converterOf(reflect.TypeFor[fresh]()); ok {
		t.Error("a refused converter was kept")
	}
}

func TestValueMethodsAreCheckedAgainstTheColumn(t *testing.T) {
	moment := utc("2024-02-29 12:00:00.5")
	for _, tt := range []struct {
		given any
		sql   Type
		want  driver.Value
		why   string
	}{
		{"x", Text(), "x", ""},
		{nil, Text(), nil, ""},
		{[]byte(nil), Text(), nil, ""},
		{[]byte("x"), Text(), "x", ""},
		{[]byte("x"), LargeBinary(), []byte("x"), ""},
		{[]byte(`{"a":1}`), JSONType(), `{"a":1}`, ""},
		{"6BA7B8109DAD11D180B400C04FD430C8", UUID(), "6ba7b810-9dad-11d1-80b4-00c04fd430c8", ""},
		{make([]byte, 16), UUID(), "00000000-0000-0000-0000-000000000000", ""},
		{"12.34", Numeric(12, 4), "12.3400", ""},
		{[]byte("12.34"), Numeric(12, 4), "12.3400", ""},
		{"1.234e1", Numeric(12, 4), "12.3400", ""},
		{"2024-02-29", Date(), utc("2024-02-29 00:00:00"), ""},
		{"2024-02-29T13:00:00.5+01:00", DateTime(), moment, ""},
		{"12:30", Time(), "12:30:00.000000", ""},
		{`{"a","b"}`, Array(Text()), `{"a","b"}`, ""},
		{"a", Enum("a"), "a", ""},
		{moment.In(time.FixedZone("", 60)), DateTime(), moment, ""},
		{int64(5), Integer(), int64(5), ""},
		{int64(5), Numeric(5, 1), "5.0", ""},
		{int(5), Integer(), int64(5), ""},
		{"12.34567", Numeric(12, 4), nil, "behind the point"},
		{"x", Integer(), nil, "no place"},
		{"x", UUID(), nil, "no UUID"},
		{[]byte("x"), UUID(), nil, "no UUID"},
		{"b", Enum("a"), nil, "label"},
		{"abcd", String(3), nil, "3 characters"},
		{"soon", Date(), nil, "no date"},
		{"soon", Time(), nil, "time of day"},
		{"soon", Array(Text()), nil, "no array"},
		{"soon", JSONType(), nil, "no JSON"},
		{int64(1 << 40), Integer(), nil, "out of range"},
		{int64(5), Text(), nil, "no place"},
		{address{}, Text(), nil, "gives a types.address"},
		{errCold, Text(), nil, "Value method refuses"},
	} {
		v := giving{&tt.given}
		got, err := encode(t, v, tt.sql)
		if diff := cmp.Diff(tt.want, got, exact); diff != "" {
			t.Errorf("%T as %v (-want +got):\n%s", tt.given, tt.sql, diff)
		}
		_, refused := errors.AsType[*ValueError](err)
		if refused != (tt.why != "") || refused && !strings.Contains(err.Error(), tt.why) {
			t.Errorf("%T as %v: got %v, want %q", tt.given, tt.sql, err, tt.why)
		}
	}
}

// giving gives what it is told to, and takes everything.
type giving struct{ what *any }

func (g giving) Value() (driver.Value, error) {
	if err, ok := (*g.what).(error); ok {
		return nil, err
	}
	return *g.what, nil
}

func (g *giving) Scan(src any) error {
	g.what = &src
	return nil
}

func TestScanMethodsGetOneFormFromEveryDriver(t *testing.T) {
	moment := utc("2024-02-29 12:00:00.5")
	for _, tt := range []struct {
		sql  Type
		want any
		from []any
	}{
		{Boolean(), true, []any{true, int64(1), "t", []byte("1")}},
		{BigInteger(), int64(5), []any{int64(5), []byte("5"), "5"}},
		{BigInteger().AsUnsigned(), uint64(1 << 63), []any{uint64(1 << 63), "9223372036854775808"}},
		{Double(), 1.5, []any{1.5, []byte("1.5"), float32(1.5)}},
		{Float(), float64(float32(0.1)), []any{0.1, []byte("0.1"), float32(0.1), float64(float32(0.1))}},
		{Numeric(5, 2), "1.50", []any{"1.50", []byte("1.50"), 1.5}},
		{Text(), "x", []any{"x", []byte("x")}},
		{JSONType(), `{"a": 1}`, []any{`{"a": 1}`, []byte(`{"a": 1}`)}},
		{LargeBinary(), []byte("x"), []any{"x", []byte("x")}},
		{DateTime(), moment, []any{moment, "2024-02-29 12:00:00.500000", moment.In(time.FixedZone("", 60))}},
		{Date(), utc("2024-02-29 00:00:00"), []any{"2024-02-29", moment}},
		{Array(Text()), "{a}", []any{"{a}", []byte("{a}")}},
		{Exact("TSVECTOR"), []byte("x"), []any{[]byte("x")}},
		{Exact("TSVECTOR"), "x", []any{"x"}},
	} {
		for _, src := range tt.from {
			got, err := decode(t, reflect.TypeFor[giving](), tt.sql, src)
			if err != nil {
				t.Errorf("%v from %T: %v", tt.sql, src, err)
				continue
			}
			if diff := cmp.Diff(tt.want, *got.(giving).what, exact); diff != "" {
				t.Errorf("%v from %T (-want +got):\n%s", tt.sql, src, diff)
			}
		}
	}
}

func TestNullGoesOnlyToScanMethodsThatCanStoreIt(t *testing.T) {
	if back, err := decode(t, reflect.TypeFor[fraction](), Double(), nil); err != nil || back != (fraction{}) {
		t.Errorf("got %v, %v", back, err)
	}
	for _, goType := range []reflect.Type{reflect.TypeFor[uuid](), reflect.TypeFor[giving]()} {
		if _, err := decode(t, goType, Text(), nil); !errors.Is(err, ErrNull) {
			t.Errorf("%v: %v", goType, err)
		}
	}
}

func TestScanMethodsThatAssertOneFormWork(t *testing.T) {
	for _, v := range []any{uuid{1}, onlyBytes("x")} {
		stored, err := encode(t, v, Type{})
		if err != nil {
			t.Fatal(err)
		}
		for _, src := range []any{stored, []byte(stored.(string))} {
			back, err := decode(t, reflect.TypeOf(v), Type{}, src)
			if diff := cmp.Diff(v, back); err != nil || diff != "" {
				t.Errorf("%T from %T: %v (-want +got):\n%s", v, src, err, diff)
			}
		}
	}
	if _, err := decode(t, reflect.TypeFor[onlyBytes](), BigInteger(), int64(1)); err == nil {
		t.Error("an integer was taken")
	}
}

// onlyBytes asserts bytes without looking.
type onlyBytes string

func (o onlyBytes) Value() (driver.Value, error) { return string(o), nil }
func (o *onlyBytes) Scan(src any) error          { *o = onlyBytes(src.([]byte)); return nil }

func TestOtherPanicsOfScanMethodsAreNotHidden(t *testing.T) {
	defer func() {
		if got := recover(); got != errCold {
			t.Errorf("got %v", got)
		}
	}()
	_, err := decode(t, reflect.TypeFor[panicking](), Text(), "x")
	t.Errorf("no panic: %v", err)
}

type panicking struct{}

func (panicking) Value() (driver.Value, error) { panic(errCold) }
func (*panicking) Scan(any) error              { panic(errCold) }

// half has a Value method only; its kind does the rest.
type half string

func (h half) Value() (driver.Value, error) { return strings.ToUpper(string(h)), nil }

// otherHalf has a Scan method only.
type otherHalf int

func (o *otherHalf) Scan(src any) error { *o = otherHalf(src.(int64) * 2); return nil }

// hopeless has a Value method and no kind that could be read.
type hopeless struct{}

func (hopeless) Value() (driver.Value, error) { return "x", nil }

func TestOneOfBothMethodsIsEnoughForPlainKinds(t *testing.T) {
	stored, err := encode(t, half("a"), Text())
	if err != nil || stored != "A" {
		t.Errorf("got %v, %v", stored, err)
	}
	if back, err := decode(t, reflect.TypeFor[half](), Text(), []byte("A")); err != nil || back != half("A") {
		t.Errorf("got %v, %v", back, err)
	}
	stored, err = encode(t, otherHalf(2), Integer())
	if err != nil || stored != int64(2) {
		t.Errorf("got %v, %v", stored, err)
	}
	if back, err := decode(t, reflect.TypeFor[otherHalf](), Integer(), "2"); err != nil || back != otherHalf(4) {
		t.Errorf("got %v, %v", back, err)
	}
	if _, err := CodecFor(reflect.TypeFor[hopeless](), Text()); err == nil || !strings.Contains(err.Error(), "give it the other") {
		t.Errorf("got %v", err)
	}
}

// day is a date with text methods, as those of other libraries.
type calendarDay struct{ year, month, day int }

func (d calendarDay) MarshalText() ([]byte, error) {
	if d.month == 0 {
		return nil, errCold
	}
	return fmt.Appendf(nil, "%04d-%02d-%02d", d.year, d.month, d.day), nil
}

func (d *calendarDay) UnmarshalText(text []byte) error {
	_, err := fmt.Sscanf(string(text), "%d-%d-%d", &d.year, &d.month, &d.day)
	return err
}

// wrapped has the text methods of time.Time.
type wrapped struct{ time.Time }

func TestTextMethodsServeDatesAndTimes(t *testing.T) {
	day := calendarDay{2024, 2, 29}
	stored, err := encode(t, day, Date())
	if diff := cmp.Diff(driver.Value(utc("2024-02-29 00:00:00")), stored, exact); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	for _, src := range []any{stored, "2024-02-29"} {
		if back, err := decode(t, reflect.TypeFor[calendarDay](), Date(), src); err != nil || back != day {
			t.Errorf("got %v, %v", back, err)
		}
	}
	stored, err = encode(t, wrapped{moment}, DateTime())
	if diff := cmp.Diff(driver.Value(moment), stored, exact); err != nil || diff != "" {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
	back, err := decode(t, reflect.TypeFor[wrapped](), DateTime(), stored)
	if err != nil || !back.(wrapped).Equal(moment) {
		t.Errorf("got %v, %v", back, err)
	}
	if back, err := decode(t, reflect.TypeFor[versioned](), Time(), time.Date(0, 1, 1, 12, 0, 0, 0, time.UTC)); err != nil || back.(versioned).text != "12:00:00.000000" {
		t.Errorf("got %v, %v", back, err)
	}
}

func TestTextMethodsMayRefuse(t *testing.T) {
	_, err := encode(t, calendarDay{}, Text())
	if _, ok := errors.AsType[*ValueError](err); !ok || !errors.Is(err, errCold) {
		t.Errorf("got %v", err)
	}
	_, err = encode(t, versioned{text: "medium"}, Enum("low"))
	if _, ok := errors.AsType[*ValueError](err); !ok {
		t.Errorf("got %v", err)
	}
	_, err = decode(t, reflect.TypeFor[calendarDay](), Date(), int64(5))
	if _, ok := errors.AsType[*DecodeError](err); !ok {
		t.Errorf("got %v", err)
	}
}
