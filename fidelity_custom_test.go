// This file holds the tests of exact values whose types have forms of their own:
// decimals, UUIDs, labels, documents, arrays, and types of the user that cross by
// their methods or by a converter.

package orm_test

import (
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"math/big"
	"math/rand/v2"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

// keptDecimal is a column of thirty digits, ten of them behind the point.
type keptDecimal[T any] struct {
	orm.Base `orm:"table:kept"`

	ID int64 `orm:"primary_key"`
	V  T     `orm:"type:numeric(30,10)"`
}

func (k *keptDecimal[T]) key() *int64 { return &k.ID }
func (k *keptDecimal[T]) value() *T   { return &k.V }

// money is a decimal as libraries have them: a whole number and a scale.
type money struct {
	units big.Int
	scale int
}

func parseMoney(text string) (m money, err error) {
	whole, fraction, _ := strings.Cut(text, ".")
	if _, ok := m.units.SetString(whole+fraction, 10); !ok {
		return m, fmt.Errorf("%q is no decimal", text)
	}
	m.scale = len(fraction)
	return m, nil
}

func (m money) rat() *big.Rat {
	return new(big.Rat).SetFrac(&m.units, new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(m.scale)), nil))
}

// Equal is what go-cmp and programs compare by.
func (m money) Equal(other money) bool { return m.rat().Cmp(other.rat()) == 0 }

func (m money) Value() (driver.Value, error) { return m.rat().FloatString(m.scale), nil }

func (m *money) Scan(src any) (err error) {
	switch v := src.(type) {
	case string:
		*m, err = parseMoney(v)
	case []byte:
		*m, err = parseMoney(string(v))
	default:
		err = fmt.Errorf("a decimal is no %T", src)
	}
	return err
}

// anyMoney makes random decimals that fit the column.
func anyMoney(r *rand.Rand) money {
	digits := make([]byte, 1+r.IntN(20))
	for i := range digits {
		digits[i] = '0' + byte(r.IntN(10))
	}
	text := string(digits)
	if n := r.IntN(11); n > 0 {
		text += "." + strings.Repeat("0123456789", 1)[:n]
	}
	if r.IntN(2) == 0 {
		text = "-" + text
	}
	m, _ := parseMoney(text)
	return m
}

func someMoney(t *testing.T, texts ...string) []money {
	t.Helper()
	list := some(t, 10, anyMoney)
	for _, text := range texts {
		list = append(list, get(parseMoney(text))(t))
	}
	return list
}

func TestDecimalsAreExact(t *testing.T) {
	t.Run("of a library", func(t *testing.T) {
		keeps[keptDecimal[money], money](t, someMoney(t, "0", "-0.1", "0.0000000001", "12345678901234567890.0123456789", "-99999999999999999999.9999999999")...)
	})
	t.Run("as text", func(t *testing.T) {
		keeps[keptDecimal[string], string](t, "0.0000000000", "12345678901234567890.0123456789", "-1.5000000000")
	})
	t.Run("pointer", func(t *testing.T) {
		keeps[keptDecimal[*money], *money](t, append([]*money{nil}, new(get(parseMoney("0.1"))(t)))...)
	})
	t.Run("text has one form", func(t *testing.T) {
		keepsAs[keptDecimal[string], string](t, func(string) string { return "1500.0000000000" }, "1500", "1.5e3", "+1500.0", "001500")
	})
	t.Run("whole numbers", func(t *testing.T) { keeps[keptDecimal[int64], int64](t, 0, math.MaxInt64, math.MinInt64, 1<<53+1) })
}

func TestDecimalThatTheColumnWouldRoundIsRefused(t *testing.T) {
	t.Run("of a library", func(t *testing.T) {
		refusesAll[keptDecimal[money], money](t, get(parseMoney("0.00000000001"))(t), get(parseMoney("100000000000000000000"))(t))
	})
	t.Run("as text", func(t *testing.T) {
		refusesDecimalText(t, "0.00000000001", "100000000000000000000", "abc", "NaN", "Infinity", "1.2.3", "0x10", "1e999999999")
	})
}

// refusesDecimalText is refusesAll where the zero value is no decimal either.
func refusesDecimalText(t *testing.T, texts ...string) {
	t.Helper()
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		k := keptIn[keptDecimal[string], string](t, db)
		id, _ := k.save(t, "1")
		for _, text := range append(texts, "") {
			k.refuses(t, id, text)
		}
	})
}

// uuid is a type as libraries have them.
type uuid [16]byte

func (u uuid) Value() (driver.Value, error) {
	return fmt.Sprintf("%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:]), nil
}

func (u *uuid) Scan(src any) error {
	text, ok := src.(string)
	if !ok {
		return fmt.Errorf("a UUID is no %T", src)
	}
	var parts [5][]byte
	_, err := fmt.Sscanf(strings.ReplaceAll(text, "-", " "), "%x %x %x %x %x", &parts[0], &parts[1], &parts[2], &parts[3], &parts[4])
	n := 0
	for _, part := range parts {
		n += copy(u[n:], part)
	}
	return err
}

func anyUUID(r *rand.Rand) (u uuid) {
	for i := range u {
		u[i] = byte(r.Uint32())
	}
	return u
}

// keptUUID is a column of UUIDs.
type keptUUID[T any] struct {
	orm.Base `orm:"table:kept"`

	ID int64 `orm:"primary_key"`
	V  T     `orm:"type:uuid"`
}

func (k *keptUUID[T]) key() *int64 { return &k.ID }
func (k *keptUUID[T]) value() *T   { return &k.V }

func TestUUIDsAreExact(t *testing.T) {
	const id = "0f1e2d3c-4b5a-4978-8796-a5b4c3d2e1f0"
	t.Run("of a library", func(t *testing.T) { keeps[kept[uuid], uuid](t, append(some(t, 8, anyUUID), uuid{})...) })
	t.Run("bytes", func(t *testing.T) { keeps[keptUUID[[16]byte], [16]byte](t, [16]byte{}, [16]byte{1, 15: 255}) })
	t.Run("text has one form", func(t *testing.T) {
		keepsAs[keptUUID[string], string](t, func(string) string { return id }, id, strings.ToUpper(id), strings.ReplaceAll(id, "-", ""), "{"+id+"}")
	})
	t.Run("what is none", func(t *testing.T) {
		onEachDatabase(t, func(t *testing.T, db *testDB) {
			k := keptIn[keptUUID[string], string](t, db)
			row, _ := k.save(t, id)
			for _, text := range []string{"", "x", id[1:], id + "0", strings.ReplaceAll(id, "0", "g")} {
				k.refuses(t, row, text)
			}
		})
	})
}

// level is a text of three labels.
type level string

// keptLevel is a column of labels.
type keptLevel[T any] struct {
	orm.Base `orm:"table:kept"`

	ID int64 `orm:"primary_key"`
	V  T     `orm:"type:enum(low,mid,'it''s')"`
}

func (k *keptLevel[T]) key() *int64 { return &k.ID }
func (k *keptLevel[T]) value() *T   { return &k.V }

func TestLabelsAreExactAndNoOthers(t *testing.T) {
	t.Run("kept", func(t *testing.T) { keeps[keptLevel[level], level](t, "low", "mid", "it's") })
	t.Run("pointer", func(t *testing.T) { keeps[keptLevel[*level], *level](t, nil, new(level("low"))) })
	t.Run("refused", func(t *testing.T) {
		onEachDatabase(t, func(t *testing.T, db *testDB) {
			k := keptIn[keptLevel[level], level](t, db)
			id, _ := k.save(t, "low")
			for _, v := range []level{"", "high", "LOW", "low ", "\x00"} {
				k.refuses(t, id, v)
			}
		})
	})
}

// keptDocument is a column of documents.
type keptDocument[T any] struct {
	orm.Base `orm:"table:kept"`

	ID int64 `orm:"primary_key"`
	V  T     `orm:"type:json"`
}

func (k *keptDocument[T]) key() *int64 { return &k.ID }
func (k *keptDocument[T]) value() *T   { return &k.V }

type address struct {
	Street string            `json:"street"`
	No     int64             `json:"no"`
	Tags   []string          `json:"tags,omitempty"`
	More   map[string]any    `json:"more,omitempty"`
	At     time.Time         `json:"at,omitzero"`
	Labels map[string]string `json:"labels,omitempty"`
}

func TestDocumentsAreExact(t *testing.T) {
	home := address{Street: `it's "home" \ 日本🎉 <&>`, No: math.MaxInt64, Tags: []string{"", "a"}, More: map[string]any{"x": 1.5, "y": nil, "z": []any{true}}, At: edges[8]}
	texts := map[string]string{}
	for i, s := range hostileStrings {
		texts[fmt.Sprint(i)] = s
	}
	t.Run("JSON of a struct", func(t *testing.T) {
		keeps[kept[types.JSON[address]], types.JSON[address]](t, types.NewJSON(address{}), types.NewJSON(home))
	})
	t.Run("JSON of a map", func(t *testing.T) {
		keeps[kept[types.JSON[map[string]string]], types.JSON[map[string]string]](t, types.NewJSON(map[string]string{}), types.NewJSON(texts), types.NewJSON(map[string]string(nil)))
	})
	t.Run("JSON of a list", func(t *testing.T) {
		keeps[kept[types.JSON[[]int]], types.JSON[[]int]](t, types.NewJSON([]int{}), types.NewJSON([]int{1, -2}))
	})
	t.Run("pointer to JSON", func(t *testing.T) { keeps[kept[*types.JSON[int]], *types.JSON[int]](t, nil, new(types.NewJSON(5))) })
	t.Run("struct", func(t *testing.T) { keeps[keptDocument[address], address](t, address{}, home) })
	t.Run("pointer to a struct", func(t *testing.T) { keeps[keptDocument[*address], *address](t, nil, &home) })
	t.Run("map", func(t *testing.T) {
		keeps[keptDocument[map[string]string], map[string]string](t, nil, map[string]string{}, texts)
	})
	t.Run("list", func(t *testing.T) {
		keeps[keptDocument[[]address], []address](t, nil, []address{}, []address{home, {}})
	})
	t.Run("anything", func(t *testing.T) {
		keeps[keptDocument[any], any](t, nil, "text", 1.5, true, []any{}, map[string]any{"a": nil})
	})
	t.Run("what has no form", func(t *testing.T) {
		refusesAll[keptDocument[map[string]float64], map[string]float64](t, map[string]float64{"x": math.NaN()})
	})
}

// TestChangesInsideOfDocumentsAreSeen changes what an object refers to, without
// an assignment to its field.
func TestChangesInsideOfDocumentsAreSeen(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		k := keptIn[keptDocument[map[string]string], map[string]string](t, db)
		id, _ := k.save(t, map[string]string{"a": "1"})
		k.session(t, func(s *orm.Session) {
			object := get(orm.Get[keptDocument[map[string]string]](t.Context(), s, id))(t)
			object.V["a"], object.V["b"] = "2", "3"
			must(t, s.Commit(t.Context()))
		})
		k.cameBack(t, id, map[string]string{"a": "2", "b": "3"}, map[string]string{"a": "2", "b": "3"})
	})
}

func TestRawDocumentsKeepTheirMeaning(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		k := keptIn[kept[json.RawMessage], json.RawMessage](t, db)
		for _, text := range []string{`{"b":1,"a":[1.50,null]}`, `"x"`, `null`, `12345678901234567890`, `[]`} {
			id, _ := k.save(t, json.RawMessage(text))
			var want, got any
			must(t, json.Unmarshal([]byte(text), &want))
			must(t, json.Unmarshal(k.read(t, id), &got))
			if fmt.Sprint(want) != fmt.Sprint(got) {
				t.Errorf("%s came back as %v", text, got)
			}
		}
		id, held := k.save(t, nil)
		k.cameBack(t, id, held, nil)
		for _, text := range []string{"", "{", "{'a':1}", "\"\xff\""} {
			k.refuses(t, id, json.RawMessage(text))
		}
	})
}

// celsius crosses as thousandths of a degree, by a converter.
type celsius float64

// mood crosses as text, and its zero value is NULL.
type mood int

func init() {
	types.Register(types.Converter[celsius, int64]{
		Bind: func(c celsius) (int64, error) { return int64(math.Round(float64(c) * 1000)), nil },
		Scan: func(n int64) (celsius, error) { return celsius(float64(n) / 1000), nil },
	})
	types.Register(types.Converter[mood, *string]{Bind: bindMood, Scan: scanMood})
}

var moods = []string{"", "glad", "sad"}

func bindMood(m mood) (*string, error) {
	switch {
	case m == 0:
		return nil, nil
	case m < 0 || int(m) >= len(moods):
		return nil, errors.New("there is no such mood")
	}
	return &moods[m], nil
}

func scanMood(text *string) (mood, error) {
	for i, name := range moods {
		if text == nil || *text == name {
			return mood(i), nil
		}
	}
	return 0, errors.New("there is no such mood")
}

func TestConvertedTypesAreExact(t *testing.T) {
	t.Run("number", func(t *testing.T) { keeps[kept[celsius], celsius](t, 0, -273.15, 36.6) })
	t.Run("pointer", func(t *testing.T) { keeps[kept[*celsius], *celsius](t, nil, new(celsius(1.5))) })
	t.Run("NULL of its own", func(t *testing.T) { keeps[kept[mood], mood](t, 0, 1, 2) })
	t.Run("refused by the converter", func(t *testing.T) { refusesAll[kept[mood], mood](t, -1, 3) })
}

func TestTypesWithTextMethodsAreExact(t *testing.T) {
	t.Run("address", func(t *testing.T) {
		keeps[kept[netip.Addr], netip.Addr](t, netip.Addr{}, netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1%eth0"), netip.IPv6Unspecified())
	})
	t.Run("prefix", func(t *testing.T) {
		keeps[kept[netip.Prefix], netip.Prefix](t, netip.Prefix{}, netip.MustParsePrefix("10.0.0.0/8"))
	})
	t.Run("pointer", func(t *testing.T) { keeps[kept[*netip.Addr], *netip.Addr](t, nil, new(netip.MustParseAddr("::1"))) })
	t.Run("number with methods", func(t *testing.T) {
		keeps[kept[slog.Level], slog.Level](t, slog.LevelDebug, slog.LevelError, slog.LevelInfo+1)
	})
	t.Run("methods of the pointer", func(t *testing.T) {
		onEachDatabase(t, func(t *testing.T, db *testDB) {
			k := keptIn[kept[big.Int], big.Int](t, db)
			want, _ := new(big.Int).SetString("-123456789012345678901234567890", 10)
			id, _ := k.save(t, *want)
			if got := k.read(t, id); got.Cmp(want) != 0 {
				t.Errorf("%s came back as %s", want, &got)
			}
		})
	})
}

func TestArraysAreExactWhereThereAreAny(t *testing.T) {
	t.Run("whole numbers", func(t *testing.T) { keepsArrays(t, nil, []int64{}, []int64{0, math.MinInt64, math.MaxInt64}) })
	t.Run("texts", func(t *testing.T) { keepsArrays(t, nil, []string{}, hostileStrings, []string{""}) })
	t.Run("floats", func(t *testing.T) { keepsArrays(t, []float64{0.1, math.Inf(1), math.NaN(), -1e300}) })
	t.Run("booleans", func(t *testing.T) { keepsArrays(t, []bool{true, false}) })
	t.Run("instants", func(t *testing.T) { keepsArrays(t, []time.Time{asStored(edges[0]), asStored(edges[2])}) })
	t.Run("pointers", func(t *testing.T) { keepsArrays(t, []*int32{nil, new(int32(7))}) })
	t.Run("arrays", func(t *testing.T) { keepsArrays(t, [][]int64{{1, 2}, {3, 4}}) })
}

// keepsArrays checks slices where columns can be arrays; elsewhere the table is
// refused, in words that help.
func keepsArrays[T any](t *testing.T, values ...T) {
	t.Helper()
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		if _, err := db.Dialect().TypeName(types.Array(types.Text())); err != nil {
			err := orm.MustRegister(&kept[T]{}).CreateAll(t.Context(), db.Engine)
			if !errors.Is(err, orm.ErrUnsupported) || !strings.Contains(err.Error(), "type:json") {
				t.Errorf("want an ErrUnsupported that says what to do, got: %v", err)
			}
			return
		}
		k := keptIn[kept[T], T](t, db)
		for _, v := range values {
			id, held := k.save(t, v)
			k.cameBack(t, id, held, v)
			k.finds(t, id, v)
		}
	})
}

// TestMalformedValuesOfTheDatabaseAreErrors reads what only a database without
// strict columns can hold, written past the library.
func TestMalformedValuesOfTheDatabaseAreErrors(t *testing.T) {
	db := onSQLite(t)
	run(t, db.Engine, "CREATE TABLE kept (id INTEGER PRIMARY KEY, v)")
	malformed[keptLevel[level], level](t, db, "'high'", "5")
	malformed[keptUUID[string], string](t, db, "'x'", "5", "x'00'")
	malformed[keptDocument[address], address](t, db, "'{'", "''", "'[]'")
	malformed[kept[bool], bool](t, db, "2", "'x'")
	malformed[kept[int8], int8](t, db, "128", "-129", "1.5", "'x'", "''")
	malformed[kept[uint8], uint8](t, db, "-1", "256")
	malformed[kept[float64], float64](t, db, "'x'")
	malformed[kept[time.Time], time.Time](t, db, "'yesterday'", "'2024-02-30 00:00:00'", "''", "'2024-01-01 25:00:00'")
	malformed[keptClock[time.Duration], time.Duration](t, db, "'25:00:00'", "'x'")
	malformed[keptDecimal[string], string](t, db, "'x'", "'1.2.3'")
	malformed[kept[netip.Addr], netip.Addr](t, db, "'x'")
	malformed[kept[mood], mood](t, db, "'furious'")
}

func TestNumberThatTheFieldCannotHoldIsAnErrorOnEveryDatabase(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		run(t, db.Engine, "CREATE TABLE kept (id INTEGER PRIMARY KEY, v DOUBLE PRECISION)")
		malformed[kept[float32], float32](t, db, "1e300", "-1e300")
		malformed[keptSingle, float64](t, db, "1e300", "-1e300")
	})
}

func malformed[M, T any, P keptCell[M, T]](t *testing.T, db *testDB, literals ...string) {
	t.Helper()
	k := &keptTable[M, T, P]{db, orm.MustRegister(P(new(M)))}
	for _, literal := range literals {
		run(t, db.Engine, "DELETE FROM kept")
		run(t, db.Engine, "INSERT INTO kept (id, v) VALUES (1, "+literal+")")
		k.session(t, func(s *orm.Session) {
			_, err := orm.Get[M](t.Context(), s, 1)
			if !errors.Is(err, orm.ErrDecode) || !strings.Contains(err.Error(), "kept.v") {
				t.Errorf("%T of %s: want an ErrDecode that names kept.v, got: %v", *new(T), literal, err)
			}
		})
	}
}
