// This file tests which SQL type and which codec a Go type gets.

package types

import (
	"database/sql"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"log/slog"
	"net/netip"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// uuid is like the type of the well-known libraries.
type uuid [16]byte

func (u uuid) Value() (driver.Value, error) { return formatUUID(u), nil }

func (u *uuid) Scan(src any) (err error) {
	text, ok := src.(string)
	if !ok {
		return errors.New("only strings")
	}
	*u, err = parseUUID(text)
	return err
}

// sending sends its value, and panics if there is none.
type sending[T any] struct{ of *T }

func (s sending[T]) Value() (driver.Value, error) { return *s.of, nil }
func (s *sending[T]) Scan(any) error              { return nil }

// sends has a zero value that sends T's.
type sends[T any] struct{}

func (sends[T]) Value() (driver.Value, error) { return *new(T), nil }
func (*sends[T]) Scan(any) error              { return nil }

// number sends an integer.
type number struct{ n int64 }

func (n number) Value() (driver.Value, error) { return n.n, nil }
func (n *number) Scan(src any) error          { n.n = src.(int64); return nil }

func TestInferFindsTheTypeThatFits(t *testing.T) {
	type inferred struct {
		SQL      string
		Nullable bool
	}
	for _, tt := range []struct {
		value any
		want  inferred
	}{
		{true, inferred{"BOOLEAN", false}},
		{int(0), inferred{"BIGINT", false}},
		{int64(0), inferred{"BIGINT", false}},
		{int32(0), inferred{"INTEGER", false}},
		{int16(0), inferred{"SMALLINT", false}},
		{int8(0), inferred{"SMALLINT", false}},
		{uint8(0), inferred{"SMALLINT", false}},
		{uint16(0), inferred{"INTEGER", false}},
		{uint32(0), inferred{"BIGINT", false}},
		{uint(0), inferred{"BIGINT UNSIGNED", false}},
		{uint64(0), inferred{"BIGINT UNSIGNED", false}},
		{float32(0), inferred{"FLOAT", false}},
		{float64(0), inferred{"DOUBLE", false}},
		{"", inferred{"TEXT", false}},
		{Range[int64]{}, inferred{"int8range", false}},
		{&Range[int32]{}, inferred{"int4range", true}},
		{Range[string]{}, inferred{"numrange", false}},
		{Range[time.Time]{}, inferred{"tstzrange", false}},
		{Hstore{}, inferred{"hstore", true}},
		{level(""), inferred{"TEXT", false}},
		{[]byte{}, inferred{"BLOB", true}},
		{blob{}, inferred{"BLOB", true}},
		{time.Time{}, inferred{"DATETIME", false}},
		{stamp{}, inferred{"DATETIME", false}},
		{time.Duration(0), inferred{"INTERVAL", false}},
		{netip.Addr{}, inferred{"TEXT", false}},
		{slog.Level(0), inferred{"TEXT", false}},
		{url.URL{}, inferred{"", false}},
		{JSON[int]{}, inferred{"JSON", false}},
		{json.RawMessage{}, inferred{"JSON", true}},
		{[]int{}, inferred{"BIGINT[]", true}},
		{[][]string{}, inferred{"TEXT[][]", true}},
		{[]*bool{}, inferred{"BOOLEAN[]", true}},
		{new(1), inferred{"BIGINT", true}},
		{new(""), inferred{"TEXT", true}},
		{new(JSON[int]{}), inferred{"JSON", true}},
		{sql.NullInt16{}, inferred{"SMALLINT", true}},
		{sql.NullByte{}, inferred{"SMALLINT", true}},
		{sql.Null[time.Time]{}, inferred{"DATETIME", true}},
		{uuid{}, inferred{"UUID", false}},
		{number{}, inferred{"BIGINT", false}},
		{sending[string]{}, inferred{"TEXT", false}},
		{sends[string]{}, inferred{"TEXT", false}},
		{sends[float64]{}, inferred{"DOUBLE", false}},
		{sends[bool]{}, inferred{"BOOLEAN", false}},
		{sends[time.Time]{}, inferred{"DATETIME", false}},
		{sends[[]byte]{}, inferred{"BLOB", true}},
		{sends[any]{}, inferred{"TEXT", true}},
		{celsius(0), inferred{"BIGINT", false}},
		{optional(0), inferred{"SMALLINT", true}},
		{struct{}{}, inferred{"", false}},
		{[4]byte{}, inferred{"", false}},
		{map[string]int{}, inferred{"", false}},
		{[]address{}, inferred{"", false}},
		{make(chan int), inferred{"", false}},
		{func() {}, inferred{"", false}},
		{complex(1, 1), inferred{"", false}},
		{uintptr(1), inferred{"", false}},
	} {
		typ, nullable, err := Infer(reflect.TypeOf(tt.value))
		got := inferred{typ.String(), nullable}
		if err != nil {
			got.SQL = ""
			if _, ok := errors.AsType[*TypeError](err); !ok || !strings.Contains(err.Error(), "type:json") {
				t.Errorf("%T: %v", tt.value, err)
			}
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%T (-want +got):\n%s", tt.value, diff)
		}
		if err != nil {
			continue
		}
		codec := mustCodec(t, reflect.TypeOf(tt.value), Type{})
		if codec.Go() != reflect.TypeOf(tt.value) || codec.Nullable() != nullable {
			t.Errorf("%T: the codec is for %v, nullable %v", tt.value, codec.Go(), codec.Nullable())
		}
	}
}

func TestInferRefusesNothingAndInterfaces(t *testing.T) {
	for _, goType := range []reflect.Type{nil, reflect.TypeFor[any](), reflect.TypeFor[driver.Valuer]()} {
		if _, _, err := Infer(goType); err == nil {
			t.Errorf("%v was taken", goType)
		}
		if _, err := CodecFor(goType, Text()); err == nil {
			t.Errorf("%v got a codec", goType)
		}
	}
}

func TestCodecForRefusesPairsThatJuggle(t *testing.T) {
	for _, tt := range []struct {
		value any
		sql   Type
	}{
		{"", Integer()}, {"", Double()}, {"", DateTime()}, {"", Boolean()}, {"", LargeBinary()}, {"", Interval()},
		{1, Text()}, {1, Boolean()}, {1, DateTime()}, {1, Interval()}, {1, UUID()}, {1, LargeBinary()}, {1, Enum("1")},
		{true, Integer()}, {true, Text()}, {1.5, Integer()}, {1.5, Text()}, {1.5, DateTime()},
		{[]byte{}, Integer()}, {[]byte{}, Numeric(5, 2)}, {[]byte{}, Enum("a")}, {[4]byte{}, UUID()}, {[16]byte{}, Text()},
		{time.Time{}, Text()}, {time.Time{}, Time()}, {time.Time{}, BigInteger()}, {time.Second, DateTime()}, {time.Second, Text()},
		{[]int{}, Text()}, {[]int{}, Array(Text())}, {[]string{}, Integer()}, {1, Array(Integer())},
		{JSON[int]{}, Integer()}, {JSON[string]{}, String(5)}, {address{}, Text()}, {map[string]int{}, Text()},
		{new(1), Text()}, {sql.NullString{}, Integer()}, {make(chan int), JSONType()}, {func() {}, JSONType()},
		{netip.Addr{}, Integer()}, {netip.Addr{}, Boolean()},
		{"", String(-1)}, {"", Enum()}, {"", Enum("a", "a")}, {"", Exact(" ")}, {1, Numeric(2, 3)}, {1, Numeric(-2, -3)},
		{[]int{}, Array(Type{})}, {[]string{}, Array(String(-1))},
	} {
		_, err := CodecFor(reflect.TypeOf(tt.value), tt.sql)
		if _, ok := errors.AsType[*TypeError](err); !ok {
			t.Errorf("%T as %v: got %v", tt.value, tt.sql, err)
		}
	}
}

func TestJSONColumnsHoldAnyGoType(t *testing.T) {
	for _, v := range []any{
		1, true, 1.5, []int{1}, [2]bool{true}, map[string]any{"a": 1.5}, address{City: "Rome"}, new(address{}),
		time.Unix(0, 0).UTC(), netip.MustParseAddr("::1"), sql.Null[address]{V: address{City: "Rome"}, Valid: true},
	} {
		stored, err := encode(t, v, JSONType())
		if err != nil {
			t.Errorf("%T: %v", v, err)
			continue
		}
		back, err := decode(t, reflect.TypeOf(v), JSONType(), stored)
		if diff := cmp.Diff(v, back, exact); err != nil || diff != "" {
			t.Errorf("%T: %v (-want +got):\n%s", v, err, diff)
		}
	}
}

func TestIntegerKindsWithTextMethodsMayStayIntegers(t *testing.T) {
	for typ, want := range map[Type]driver.Value{Integer(): int64(4), Text(): "WARN", JSONType(): `"WARN"`} {
		got, err := encode(t, slog.LevelWarn, typ)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%v: %v (-want +got):\n%s", typ, err, diff)
		}
	}
}
