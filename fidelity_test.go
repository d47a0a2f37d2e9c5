// This file holds what the tests of exact values share: a struct of one column
// of any Go type, and the rules that a value of it has to keep. It has the tests
// of numbers, texts and bytes; fidelity_time_test.go has those of times, and
// fidelity_custom_test.go those of documents and of types with their own forms.

package orm_test

import (
	"bytes"
	"database/sql"
	"errors"
	"math"
	"math/rand/v2"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

// keptCell is a struct of one column besides its key.
type keptCell[M, T any] interface {
	*M
	orm.Model
	key() *int64
	value() *T
}

// kept is the column that a Go type gets without a tag.
type kept[T any] struct {
	orm.Base `orm:"table:kept"`

	ID int64 `orm:"primary_key"`
	V  T
}

func (k *kept[T]) key() *int64 { return &k.ID }
func (k *kept[T]) value() *T   { return &k.V }

// keptTable is the table of such structs in one database.
type keptTable[M, T any, P keptCell[M, T]] struct {
	db     *testDB
	models *orm.Registry
}

// keptIn creates the table.
func keptIn[M, T any, P keptCell[M, T]](t *testing.T, db *testDB) *keptTable[M, T, P] {
	t.Helper()
	models := orm.MustRegister(P(new(M)))
	must(t, models.CreateAll(t.Context(), db.Engine))
	return &keptTable[M, T, P]{db, models}
}

// session runs work in a session of its own.
func (k *keptTable[M, T, P]) session(t *testing.T, work func(s *orm.Session)) {
	t.Helper()
	s := orm.NewSession(k.db.Engine, orm.WithRegistry(k.models))
	defer func() { must(t, s.Close()) }()
	work(s)
}

// save stores a value in a row of its own, and returns what the object holds.
func (k *keptTable[M, T, P]) save(t *testing.T, v T) (id int64, held T) {
	t.Helper()
	k.session(t, func(s *orm.Session) {
		object := P(new(M))
		*object.value() = v
		s.Add(object)
		must(t, s.Commit(t.Context()))
		k.isClean(t, s)
		id, held = *object.key(), *object.value()
	})
	return id, held
}

// read returns what a fresh session reads.
func (k *keptTable[M, T, P]) read(t *testing.T, id int64) (v T) {
	t.Helper()
	k.session(t, func(s *orm.Session) {
		v = *P(get(orm.Get[M](t.Context(), s, id))(t)).value()
		k.isClean(t, s)
	})
	return v
}

// change assigns a value to the object of a row, and returns what it holds then.
func (k *keptTable[M, T, P]) change(t *testing.T, id int64, v T) (held T) {
	t.Helper()
	k.session(t, func(s *orm.Session) {
		object := P(get(orm.Get[M](t.Context(), s, id))(t))
		*object.value() = v
		must(t, s.Commit(t.Context()))
		k.isClean(t, s)
		held = *object.value()
	})
	return held
}

// isClean checks that nothing is left to write.
func (k *keptTable[M, T, P]) isClean(t *testing.T, s *orm.Session) {
	t.Helper()
	k.db.statements()
	must(t, s.Flush(t.Context()))
	if sent := k.db.statements(); len(sent) > 0 {
		t.Errorf("a second flush sent %q", sent)
	}
}

// finds checks that the value finds its row. Documents are left out: databases
// differ in what they take for the same one.
func (k *keptTable[M, T, P]) finds(t *testing.T, id int64, v T) {
	t.Helper()
	if mapper := get(orm.Inspect(P(new(M))))(t); mapper.Table().Column("v").Type().Kind() == types.KindJSON {
		return
	}
	k.session(t, func(s *orm.Session) {
		e := orm.EntityIn[M](k.models)
		query := orm.Query[M](s).Filter(orm.C(P(e).value()).Eq(v))
		ids := get(orm.Pluck(t.Context(), query, orm.C(P(e).key())))(t)
		if !slices.Contains(ids, id) {
			t.Errorf("the value just saved, %v, finds rows %v, and not row %d", v, ids, id)
		}
	})
}

// keeps checks the rules of exact values: what was saved is what a fresh session
// reads and what the object holds, it finds its row, and nothing is left to
// write; the same once more when it is changed to the next value, unless that
// one is stored as the same.
func keeps[M, T any, P keptCell[M, T]](t *testing.T, values ...T) {
	t.Helper()
	keepsAs[M, T, P](t, func(v T) T { return v }, values...)
}

// keepsAs is keeps for values that come back in another form.
func keepsAs[M, T any, P keptCell[M, T]](t *testing.T, form func(T) T, values ...T) {
	t.Helper()
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		k := keptIn[M, T, P](t, db)
		for i, v := range values {
			id, held := k.save(t, v)
			k.cameBack(t, id, held, form(v))
			k.finds(t, id, v)
			if next := values[(i+1)%len(values)]; !cmp.Equal(form(v), form(next), keptOptions) {
				k.cameBack(t, id, k.change(t, id, next), form(next))
			}
		}
	})
}

func (k *keptTable[M, T, P]) cameBack(t *testing.T, id int64, held, want T) {
	t.Helper()
	got := k.read(t, id)
	if diff := cmp.Diff(want, got, keptOptions); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(got, held, keptOptions, strictTimes); diff != "" {
		t.Errorf("the object differs from what a fresh session reads (-read +held):\n%s", diff)
	}
}

// keptOptions compare values as databases do.
var keptOptions = cmp.Options{
	cmp.Comparer(func(a, b []byte) bool { return (a == nil) == (b == nil) && bytes.Equal(a, b) }),
	cmpopts.EquateNaNs(), cmpopts.EquateComparable(netip.Addr{}, netip.Prefix{}, netip.AddrPort{}),
}

// strictTimes takes times for equal only in the same zone.
var strictTimes = cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) && a.Location() == b.Location() })

// refusesOn checks, on the databases that a condition chooses, that values are
// refused with a typed error before anything is sent, saved or compared.
func refusesOn[M, T any, P keptCell[M, T]](t *testing.T, chosen func(orm.Dialect) bool, values ...T) {
	t.Helper()
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		k := keptIn[M, T, P](t, db)
		if !chosen(db.Dialect()) {
			return
		}
		id, _ := k.save(t, *new(T))
		for _, v := range values {
			k.refuses(t, id, v)
		}
	})
}

// refusesAll is refusesOn for every database.
func refusesAll[M, T any, P keptCell[M, T]](t *testing.T, values ...T) {
	t.Helper()
	refusesOn[M, T, P](t, func(orm.Dialect) bool { return true }, values...)
}

func (k *keptTable[M, T, P]) refuses(t *testing.T, id int64, v T) {
	t.Helper()
	k.session(t, func(s *orm.Session) {
		get(orm.Get[M](t.Context(), s, id))(t)
		e := orm.EntityIn[M](k.models)
		k.db.statements()
		_, err := orm.Query[M](s).Filter(orm.C(P(e).value()).Eq(v)).All(t.Context())
		k.isRefusal(t, v, err)

		added := P(new(M))
		*added.value() = v
		s.Add(added)
		k.isRefusal(t, v, s.Flush(t.Context()))
		must(t, s.Rollback(t.Context()))

		stored := P(get(orm.Get[M](t.Context(), s, id))(t))
		k.db.statements()
		*stored.value() = v
		k.isRefusal(t, v, s.Flush(t.Context()))
	})
}

func (k *keptTable[M, T, P]) isRefusal(t *testing.T, v T, err error) {
	t.Helper()
	var refusal *types.ValueError
	if !errors.Is(err, orm.ErrValue) || !errors.As(err, &refusal) {
		t.Errorf("%v: want an ErrValue with a *types.ValueError, got: %v", v, err)
	}
	if sent := k.db.statements(); len(sent) > 0 {
		t.Errorf("%v was sent: %q", v, sent)
	}
}

// seeded returns random numbers that ORM_TEST_SEED repeats.
func seeded(t *testing.T) *rand.Rand {
	t.Helper()
	seed, err := strconv.ParseUint(os.Getenv("ORM_TEST_SEED"), 10, 64)
	if err != nil {
		seed = rand.Uint64()
	}
	t.Logf("ORM_TEST_SEED=%d", seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// some makes n random values.
func some[T any](t *testing.T, n int, value func(r *rand.Rand) T) []T {
	t.Helper()
	r, list := seeded(t), make([]T, n)
	for i := range list {
		list[i] = value(r)
	}
	return list
}

// wholeNumber is any integer type.
type wholeNumber interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64
}

// anyNumber makes random numbers of all sizes.
func anyNumber[T wholeNumber](r *rand.Rand) T { return T(r.Uint64() >> r.IntN(64)) }

func TestIntegersAreExact(t *testing.T) {
	t.Run("int8", func(t *testing.T) {
		keeps[kept[int8], int8](t, append(some(t, 5, anyNumber[int8]), math.MinInt8, 0, math.MaxInt8)...)
	})
	t.Run("int16", func(t *testing.T) {
		keeps[kept[int16], int16](t, append(some(t, 5, anyNumber[int16]), math.MinInt16, math.MaxInt16)...)
	})
	t.Run("int32", func(t *testing.T) {
		keeps[kept[int32], int32](t, append(some(t, 5, anyNumber[int32]), math.MinInt32, math.MaxInt32)...)
	})
	t.Run("int64", func(t *testing.T) {
		keeps[kept[int64], int64](t, append(some(t, 9, anyNumber[int64]), math.MinInt64, 1<<53+1, math.MaxInt64)...)
	})
	t.Run("int", func(t *testing.T) {
		keeps[kept[int], int](t, append(some(t, 5, anyNumber[int]), math.MinInt, math.MaxInt)...)
	})
	t.Run("uint8", func(t *testing.T) {
		keeps[kept[uint8], uint8](t, append(some(t, 5, anyNumber[uint8]), 0, math.MaxUint8)...)
	})
	t.Run("uint16", func(t *testing.T) {
		keeps[kept[uint16], uint16](t, append(some(t, 5, anyNumber[uint16]), math.MaxUint16)...)
	})
	t.Run("uint32", func(t *testing.T) {
		keeps[kept[uint32], uint32](t, append(some(t, 5, anyNumber[uint32]), math.MaxUint32)...)
	})
	t.Run("uint", func(t *testing.T) { keeps[kept[uint], uint](t, 0, 1, math.MaxInt64) })
	t.Run("uint64", func(t *testing.T) { keeps[kept[uint64], uint64](t, 0, 1<<53+1, math.MaxInt64) })
	t.Run("named", func(t *testing.T) { keeps[kept[time.Month], time.Month](t, time.January, time.December) })
}

// holdsUint64 reports whether a database has whole numbers above those of int64.
func holdsUint64(d orm.Dialect) bool {
	name, err := d.TypeName(types.BigInteger().AsUnsigned())
	return err == nil && strings.Contains(name, "UNSIGNED")
}

func TestUnsignedIntegersAboveInt64AreExactOrRefused(t *testing.T) {
	upper := []uint64{math.MaxInt64 + 1, math.MaxUint64}
	t.Run("refused where there is no room", func(t *testing.T) {
		refusesOn[kept[uint64], uint64](t, func(d orm.Dialect) bool { return !holdsUint64(d) }, upper...)
	})
	t.Run("exact where there is room", func(t *testing.T) {
		onEachDatabase(t, func(t *testing.T, db *testDB) {
			k := keptIn[kept[uint64], uint64](t, db)
			if !holdsUint64(db.Dialect()) {
				return
			}
			for _, v := range upper {
				id, held := k.save(t, v)
				k.cameBack(t, id, held, v)
				k.finds(t, id, v)
			}
		})
	})
	t.Run("exact in a decimal column everywhere", func(t *testing.T) {
		keeps[keptLong[uint64], uint64](t, append(some(t, 5, anyNumber[uint64]), append(upper, 0)...)...)
	})
}

// keptLong is a column of whole numbers of twenty digits.
type keptLong[T any] struct {
	orm.Base `orm:"table:kept"`

	ID int64 `orm:"primary_key"`
	V  T     `orm:"type:numeric(20)"`
}

func (k *keptLong[T]) key() *int64 { return &k.ID }
func (k *keptLong[T]) value() *T   { return &k.V }

// keptSmall is a column that is smaller than what its field can hold.
type keptSmall[T any] struct {
	orm.Base `orm:"table:kept"`

	ID int64 `orm:"primary_key"`
	V  T     `orm:"type:smallint"`
}

func (k *keptSmall[T]) key() *int64 { return &k.ID }
func (k *keptSmall[T]) value() *T   { return &k.V }

func TestIntegerThatTheColumnCannotHoldIsRefused(t *testing.T) {
	t.Run("int64", func(t *testing.T) {
		refusesAll[keptSmall[int64], int64](t, math.MaxInt16+1, math.MinInt16-1, 1<<16, math.MaxInt64, math.MinInt64)
	})
	t.Run("uint64", func(t *testing.T) { refusesAll[keptSmall[uint64], uint64](t, math.MaxInt16+1, math.MaxUint64) })
}

func TestFloatsAreExact(t *testing.T) {
	bits64 := func(r *rand.Rand) float64 {
		for {
			if f := math.Float64frombits(r.Uint64()); !math.IsNaN(f) && !math.IsInf(f, 0) {
				return f
			}
		}
	}
	t.Run("float64", func(t *testing.T) {
		keeps[kept[float64], float64](t, append(some(t, 15, bits64), 0, 0.1, -1, 1e15, 0.30000000000000004, math.MaxFloat64, -math.MaxFloat64, 2.2250738585072014e-308)...)
	})
	t.Run("float32", func(t *testing.T) {
		keeps[kept[float32], float32](t, append(some(t, 15, func(r *rand.Rand) float32 { return float32(r.NormFloat64()) }), 0, 0.1, 16777216, 123456.7, math.MaxFloat32, -math.MaxFloat32)...)
	})
	t.Run("minus zero", func(t *testing.T) { keeps[kept[float64], float64](t, math.Copysign(0, -1), 1) })
	t.Run("pointer", func(t *testing.T) { keeps[kept[*float64], *float64](t, nil, new(0.1), new(0.0)) })
}

// keptSingle is a column of 32 bits under a field of 64.
type keptSingle struct {
	orm.Base `orm:"table:kept"`

	ID int64   `orm:"primary_key"`
	V  float64 `orm:"type:float"`
}

func (k *keptSingle) key() *int64     { return &k.ID }
func (k *keptSingle) value() *float64 { return &k.V }

func TestWideNumberInAFloatColumnIsTheNearestOneOf32Bits(t *testing.T) {
	nearest := func(f float64) float64 { return float64(float32(f)) }
	numbers := some(t, 15, func(r *rand.Rand) float64 { return r.NormFloat64() * math.Pow10(r.IntN(60)-30) })
	keepsAs[keptSingle, float64](t, nearest, append(numbers, 0.1, 1.0/3, 16777217, 123456.789, math.MaxFloat32)...)
	t.Run("beyond it", func(t *testing.T) { refusesAll[keptSingle, float64](t, 1e39, -1e300) })
}

func holdsNaN(d orm.Dialect) bool { return d.Features().NaN }

func TestNaNAndInfinityAreExactOrRefused(t *testing.T) {
	special := []float64{math.NaN(), math.Inf(1), math.Inf(-1)}
	t.Run("exact where there is room", func(t *testing.T) {
		onEachDatabase(t, func(t *testing.T, db *testDB) {
			k := keptIn[kept[float64], float64](t, db)
			if !holdsNaN(db.Dialect()) {
				return
			}
			for _, v := range special {
				id, held := k.save(t, v)
				k.cameBack(t, id, held, v)
				k.finds(t, id, v)
			}
		})
	})
	t.Run("refused where there is no room", func(t *testing.T) {
		refusesOn[kept[float64], float64](t, func(d orm.Dialect) bool { return !holdsNaN(d) }, special...)
	})
	t.Run("refused in a decimal column everywhere", func(t *testing.T) { refusesAll[keptDecimal[float64], float64](t, special...) })
}

func TestBooleansAreExact(t *testing.T) {
	type flag bool
	t.Run("bool", func(t *testing.T) { keeps[kept[bool], bool](t, true, false) })
	t.Run("named", func(t *testing.T) { keeps[kept[flag], flag](t, true, false) })
	t.Run("pointer", func(t *testing.T) { keeps[kept[*bool], *bool](t, nil, new(true), new(false)) })
}

// hostileStrings are more than text to somebody.
var hostileStrings = []string{
	"", " ", "  blanks  ", "it's", `"quoted"`, "`ticks`", `back\slash`, `\`, `\'`, "'; DROP TABLE kept; --", "/* comment", "?", "$1", ":name", "%s", "%", "_",
	"{}", "NULL", "null", "0", "1e5", "\t", "\r\n", "\x01\x7f", "\u00e9", "e\u0301", "日本", "🎉", "\u202eright to left", "\ufeffBOM", "\U0010ffff",
}

// anyText makes random texts of all planes.
func anyText(r *rand.Rand) string {
	runes := make([]rune, r.IntN(40))
	for i := range runes {
		for runes[i] == 0 || runes[i] >= 0xd800 && runes[i] < 0xe000 {
			runes[i] = rune(r.IntN(0x110000) >> r.IntN(14))
		}
	}
	return string(runes)
}

// keptSized is a column of at most eight characters.
type keptSized[T any] struct {
	orm.Base `orm:"table:kept"`

	ID int64 `orm:"primary_key"`
	V  T     `orm:"size:8"`
}

func (k *keptSized[T]) key() *int64 { return &k.ID }
func (k *keptSized[T]) value() *T   { return &k.V }

func TestTextsAreExact(t *testing.T) {
	type name string
	t.Run("hostile", func(t *testing.T) { keeps[kept[string], string](t, hostileStrings...) })
	t.Run("random", func(t *testing.T) { keeps[kept[string], string](t, some(t, 30, anyText)...) })
	t.Run("a million characters", func(t *testing.T) {
		keeps[kept[string], string](t, strings.Repeat("x", 1<<20), strings.Repeat("🎉", 1<<18))
	})
	t.Run("named", func(t *testing.T) { keeps[kept[name], name](t, "", "x") })
	t.Run("pointer", func(t *testing.T) { keeps[kept[*string], *string](t, nil, new(""), new("x")) })
	t.Run("as long as the column", func(t *testing.T) {
		keeps[keptSized[string], string](t, "", "12345678", "éééééééé", "🎉🎉🎉🎉🎉🎉🎉🎉", "blanks  ")
	})
}

func TestTextThatADatabaseWouldChangeIsRefused(t *testing.T) {
	broken := []string{"\x00", "a\x00b", "\xff", "a\xf0\x9f", "\xed\xa0\x80"}
	t.Run("no text", func(t *testing.T) { refusesAll[kept[string], string](t, broken...) })
	t.Run("no text, in a pointer", func(t *testing.T) { refusesAll[kept[*string], *string](t, new("\x00"), new("\xff")) })
	t.Run("too long", func(t *testing.T) {
		refusesAll[keptSized[string], string](t, "123456789", "ééééééééé", "12345678 ")
	})
}

func TestBytesAreExact(t *testing.T) {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	random := func(r *rand.Rand) []byte {
		b := make([]byte, r.IntN(1000))
		for i := range b {
			b[i] = byte(r.Uint32())
		}
		return b
	}
	type blob []byte
	t.Run("nil, empty, all", func(t *testing.T) {
		keeps[kept[[]byte], []byte](t, nil, []byte{}, []byte{0}, all, []byte("it's \\x00"), make([]byte, 1<<20))
	})
	t.Run("random", func(t *testing.T) { keeps[kept[[]byte], []byte](t, some(t, 10, random)...) })
	t.Run("named", func(t *testing.T) { keeps[kept[blob], blob](t, nil, blob{}, blob(all)) })
	t.Run("array", func(t *testing.T) { keeps[keptBytes[[4]byte], [4]byte](t, [4]byte{}, [4]byte{0, 1, 0xfe, 0xff}) })
	t.Run("too long", func(t *testing.T) { refusesAll[keptSized[[]byte], []byte](t, make([]byte, 9)) })
}

// keptBytes is a column of bytes.
type keptBytes[T any] struct {
	orm.Base `orm:"table:kept"`

	ID int64 `orm:"primary_key"`
	V  T     `orm:"type:bytes"`
}

func (k *keptBytes[T]) key() *int64 { return &k.ID }
func (k *keptBytes[T]) value() *T   { return &k.V }

func TestPointersAreNULLOrExact(t *testing.T) {
	t.Run("int", func(t *testing.T) { keeps[kept[*int], *int](t, nil, new(0), new(-1), new(math.MaxInt)) })
	t.Run("int8", func(t *testing.T) { keeps[kept[*int8], *int8](t, nil, new(int8(0)), new(int8(-128))) })
	t.Run("uint32", func(t *testing.T) { keeps[kept[*uint32], *uint32](t, nil, new(uint32(0)), new(uint32(math.MaxUint32))) })
	t.Run("float32", func(t *testing.T) { keeps[kept[*float32], *float32](t, nil, new(float32(0.1))) })
	t.Run("bytes", func(t *testing.T) { keeps[kept[*[]byte], *[]byte](t, nil, new([]byte{}), new([]byte{1})) })
	t.Run("duration", func(t *testing.T) {
		keeps[kept[*time.Duration], *time.Duration](t, nil, new(time.Duration(0)), new(time.Hour))
	})
}

func TestNullTypesAreNULLOrExact(t *testing.T) {
	at := time.Date(2024, 2, 29, 12, 30, 45, 123456000, time.UTC)
	t.Run("Null[string]", func(t *testing.T) {
		keeps[kept[sql.Null[string]], sql.Null[string]](t, sql.Null[string]{}, sql.Null[string]{V: "", Valid: true}, sql.Null[string]{V: "x", Valid: true})
	})
	t.Run("Null[int64]", func(t *testing.T) {
		keeps[kept[sql.Null[int64]], sql.Null[int64]](t, sql.Null[int64]{}, sql.Null[int64]{V: math.MinInt64, Valid: true})
	})
	t.Run("Null[Time]", func(t *testing.T) {
		keeps[kept[sql.Null[time.Time]], sql.Null[time.Time]](t, sql.Null[time.Time]{}, sql.Null[time.Time]{V: at, Valid: true})
	})
	t.Run("NullString", func(t *testing.T) {
		keeps[kept[sql.NullString], sql.NullString](t, sql.NullString{}, sql.NullString{Valid: true}, sql.NullString{String: "x", Valid: true})
	})
	t.Run("NullInt64", func(t *testing.T) {
		keeps[kept[sql.NullInt64], sql.NullInt64](t, sql.NullInt64{}, sql.NullInt64{Int64: math.MaxInt64, Valid: true})
	})
	t.Run("NullInt32", func(t *testing.T) {
		keeps[kept[sql.NullInt32], sql.NullInt32](t, sql.NullInt32{}, sql.NullInt32{Int32: math.MinInt32, Valid: true})
	})
	t.Run("NullInt16", func(t *testing.T) {
		keeps[kept[sql.NullInt16], sql.NullInt16](t, sql.NullInt16{}, sql.NullInt16{Int16: math.MinInt16, Valid: true})
	})
	t.Run("NullByte", func(t *testing.T) {
		keeps[kept[sql.NullByte], sql.NullByte](t, sql.NullByte{}, sql.NullByte{Byte: 255, Valid: true})
	})
	t.Run("NullFloat64", func(t *testing.T) {
		keeps[kept[sql.NullFloat64], sql.NullFloat64](t, sql.NullFloat64{}, sql.NullFloat64{Float64: 0.1, Valid: true})
	})
	t.Run("NullBool", func(t *testing.T) {
		keeps[kept[sql.NullBool], sql.NullBool](t, sql.NullBool{}, sql.NullBool{Valid: true}, sql.NullBool{Bool: true, Valid: true})
	})
	t.Run("NullTime", func(t *testing.T) {
		keeps[kept[sql.NullTime], sql.NullTime](t, sql.NullTime{}, sql.NullTime{Time: at, Valid: true})
	})
}

// TestNULLIsRefusedByWhatHasNoRoomForIt reads rows that somebody else has
// written: a NULL is an error that names the column, and no object is made of
// half a row.
func TestNULLIsRefusedByWhatHasNoRoomForIt(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		k := keptIn[keptNullable[string], string](t, db)
		run(t, db.Engine, "INSERT INTO kept (id, v) VALUES (1, NULL)")
		k.session(t, func(s *orm.Session) {
			object, err := orm.Get[keptNullable[string]](t.Context(), s, 1)
			if !errors.Is(err, orm.ErrDecode) || !strings.Contains(err.Error(), "kept.v") || object != nil {
				t.Errorf("want no object and an ErrDecode that names kept.v, got: %v, %v", object, err)
			}
			must(t, s.Rollback(t.Context()))
			run(t, db.Engine, "UPDATE kept SET v = 'x' WHERE id = 1")
			if got := get(orm.Get[keptNullable[string]](t.Context(), s, 1))(t); got.V != "x" {
				t.Errorf("half an object was left: %+v", got)
			}
		})
	})
}

// keptNullable is a column that may be NULL, though its field cannot.
type keptNullable[T any] struct {
	orm.Base `orm:"table:kept"`

	ID int64 `orm:"primary_key"`
	V  T     `orm:"nullable;size:50"`
}

func (k *keptNullable[T]) key() *int64 { return &k.ID }
func (k *keptNullable[T]) value() *T   { return &k.V }
