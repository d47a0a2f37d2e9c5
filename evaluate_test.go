// This file compares what expressions are evaluated to in memory with what each
// database makes of them, on random expressions over random rows.

package orm_test

import (
	"errors"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/aurum-go/orm"
)

// Sample has a column of every kind that is evaluated, and most of them twice: one
// that may be NULL.
type Sample struct {
	orm.Base `orm:"table:samples"`

	ID    int64
	Whole int64
	Maybe *int64
	Small int16
	Real  float64
	Half  *float64
	Fine  float32
	Text  string  `orm:"size:40"`
	Word  *string `orm:"size:40"`
	Yes   bool
	Flag  *bool
	At    time.Time
	Until *time.Time
	Day   time.Time `orm:"type:date"`
}

var samples = orm.MustRegister(&Sample{})

// dice makes random values and expressions.
type dice struct {
	*rand.Rand
	s *Sample
}

func (d *dice) half() bool { return d.IntN(2) == 0 }

func pick[T any](d *dice, list ...T) T { return list[d.IntN(len(list))] }

func maybe[T any](d *dice, v T) *T {
	if d.IntN(3) == 0 {
		return nil
	}
	return &v
}

func (d *dice) number() int64 {
	return pick[int64](d, 0, 1, -1, 2, 3, -7, 10, 1<<31, -1<<31, math.MaxInt64, math.MinInt64, math.MaxInt64-1, 1<<62)
}

func (d *dice) float() float64 {
	return pick[float64](d, 0, 1, -1, 0.5, 0.1, 2.5, -3.25, 1e10, 1e300, 1e-300, 3)
}

func (d *dice) word() string {
	return pick(d, "", "a", "A", "ab", "Ab", "b ", " b", "é", "É", "50%", "a_b", `a\b`, "a/b", "axb", "ABC", "abcabc")
}

func (d *dice) pattern() string {
	return pick(d, "%", "a%", "%b", "_", "a_b", `a\_b`, "%a%b%", "A%", "", "__%", "%c", `50\%`, "%é%", "a%c_b%")
}

func (d *dice) time() time.Time {
	return time.Date(2026, 1, 1+d.IntN(3), d.IntN(2), 0, 0, d.IntN(2)*1000, time.UTC)
}

func (d *dice) sample() *Sample {
	return &Sample{
		Whole: d.number(), Maybe: maybe(d, d.number()), Small: int16(d.IntN(300) - 150), Real: d.float(), Half: maybe(d, d.float()), Fine: float32(d.float()/1e300 + 0.1),
		Text: d.word(), Word: maybe(d, d.word()), Yes: d.half(), Flag: maybe(d, d.half()), At: d.time(), Until: maybe(d, d.time()), Day: d.time(),
	}
}

func (d *dice) whole(depth int) orm.Expr[int64] {
	if depth == 0 {
		return pick(d, orm.C(&d.s.Whole), orm.N(&d.s.Maybe), orm.N(&d.s.Maybe))
	}
	a, b, depth := d.whole(depth-1), d.whole(depth-1), depth-1
	switch d.IntN(13) {
	case 0:
		return orm.Add(a, b)
	case 1:
		return orm.Subtract(a, b)
	case 2:
		return orm.Multiply(a, b)
	case 3:
		return orm.IntDivide(a, b)
	case 4:
		return a.Modulo(d.number())
	case 5:
		return a.Plus(d.number())
	case 6:
		return a.Negate()
	case 7:
		return orm.Abs(a)
	case 8:
		return orm.Coalesce(a, b)
	case 9:
		return orm.NullIf(a, d.number())
	case 10:
		return orm.Length(d.text(depth))
	case 11:
		return orm.Case[int64]().WhenExpr(d.condition(depth), a).WhenExpr(d.condition(depth), b).ElseExpr(orm.C(&d.s.Whole))
	}
	return a.Times(2)
}

func (d *dice) real(depth int) orm.Expr[float64] {
	if depth == 0 {
		return pick(d, orm.C(&d.s.Real), orm.N(&d.s.Half))
	}
	a, b := d.real(depth-1), d.real(depth-1)
	switch d.IntN(7) {
	case 0:
		return orm.Add(a, b)
	case 1:
		return orm.Subtract(a, b)
	case 2:
		return orm.Multiply(a, b)
	case 3:
		return orm.Divide(a, b)
	case 4:
		return orm.Divide(d.whole(depth-1), d.whole(depth-1))
	case 5:
		return orm.Coalesce(a, b)
	}
	return a.Times(d.float())
}

func (d *dice) text(depth int) orm.Expr[string] {
	if depth == 0 {
		return pick(d, orm.C(&d.s.Text), orm.N(&d.s.Word))
	}
	a, b := d.text(depth-1), d.text(depth-1)
	switch d.IntN(7) {
	case 0:
		return orm.Concat(a, b)
	case 1:
		return orm.Trim(a)
	case 2:
		return orm.Lower(a)
	case 3:
		return orm.Upper(a)
	case 4:
		return orm.Coalesce(a, b)
	case 5:
		return orm.NullIf(a, d.word())
	}
	return orm.CaseOf[string](a).When(d.word(), d.word()).Else(d.word())
}

func (d *dice) moment() orm.Expr[time.Time] {
	return pick(d, orm.C(&d.s.At), orm.N(&d.s.Until), orm.Coalesce(orm.N(&d.s.Until), orm.C(&d.s.At)))
}

func (d *dice) condition(depth int) orm.Expr[bool] {
	if depth > 0 {
		a, b, c := d.condition(depth-1), d.condition(depth-1), d.condition(depth-1)
		switch d.IntN(6) {
		case 0, 1:
			return orm.And(a, b, c)
		case 2, 3:
			return orm.Or(a, b, c)
		case 4:
			return orm.Not(a)
		}
	}
	switch d.IntN(7) {
	case 0:
		return compared(d, d.real(depth), d.real(depth), d.float())
	case 1:
		return d.matched(depth)
	case 2:
		return compared(d, d.moment(), d.moment(), d.time())
	case 3:
		return compared(d, orm.C(&d.s.Day), orm.C(&d.s.Day), d.time())
	case 4:
		return compared(d, orm.C(&d.s.Fine), orm.C(&d.s.Fine), pick[float32](d, 0.1, 0.5, 1))
	case 5:
		return pick(d, orm.C(&d.s.Yes), orm.N(&d.s.Flag), orm.N(&d.s.Flag).IsNull(), orm.N(&d.s.Flag).Eq(true), orm.C(&d.s.Small).Plus(3).Gt(10))
	}
	return compared(d, d.whole(depth), d.whole(depth), d.number())
}

// compared is one of the comparisons of any two expressions of a type.
func compared[T any](d *dice, a, b orm.Expr[T], v T) orm.Expr[bool] {
	switch d.IntN(12) {
	case 0:
		return orm.Eq(a, b)
	case 1:
		return orm.Lt(a, b)
	case 2:
		return a.Eq(v)
	case 3:
		return a.Ne(v)
	case 4:
		return a.Ge(v)
	case 5:
		return a.IsNull()
	case 6:
		return a.IsDistinctFrom(v)
	case 7:
		return a.IsNotDistinctFrom(v)
	case 8:
		return a.In(v, v)
	case 9:
		return a.NotIn(v, v, v, v, v, v, v, v, v)
	case 10:
		return a.Between(v, v)
	}
	return orm.Ne(a, b)
}

func (d *dice) matched(depth int) orm.Expr[bool] {
	a := d.text(depth)
	switch d.IntN(7) {
	case 0:
		return a.Like(d.pattern())
	case 1:
		return a.NotLike(d.pattern())
	case 2:
		return a.ILike(d.pattern())
	case 3:
		return a.StartsWith(d.word())
	case 4:
		return a.EndsWith(d.word())
	case 5:
		return a.IContains(d.word())
	}
	return compared(d, a, d.text(depth), d.word())
}

// What is evaluated in memory is what the database makes of it: a difference is an
// object that no longer holds what its row does.
func TestEvaluationAgreesWithTheDatabase(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, ctx := db.withTables(t, samples).session(t), t.Context()
		seed := rand.Uint64()
		t.Logf("seed %d", seed)
		d := &dice{rand.New(rand.NewPCG(seed, 0)), orm.Entity[Sample]()}
		for range 40 {
			s.Add(d.sample())
		}
		must(t, s.Commit(ctx))
		rows := get(orm.Query[Sample](s).OrderBy(orm.C(&d.s.ID)).All(ctx))(t)
		must(t, s.Commit(ctx))
		known, all := 0, 0
		for range 300 {
			depth := d.IntN(4)
			condition, number, fraction, text := d.condition(depth), d.whole(depth), d.real(depth), d.text(depth)
			known += agree(t, db, rows, condition) + agree(t, db, rows, number) + agree(t, db, rows, fraction) + agree(t, db, rows, text)
			all += 4 * len(rows)
		}
		if least := all / 4; known < least {
			t.Errorf("%d of %d values were evaluated, which is fewer than %d", known, all, least)
		}
		t.Logf("%d of %d values were evaluated", known, all)
	})
}

// agree compares the values of an expression for all rows, and returns how many
// could be evaluated. Where the database fails there is nothing to compare.
func agree[T any](t *testing.T, db *testDB, rows []*Sample, e orm.Expr[T]) (known int) {
	t.Helper()
	ref := orm.Entity[Sample]()
	stmt := orm.Select(e.As("e")).From(ref).OrderBy(orm.C(&ref.ID))
	got, err := orm.Fetch[*T](t.Context(), db.Engine, stmt)
	if err != nil {
		if errors.Is(err, orm.ErrArgument) || errors.Is(err, orm.ErrUnsupported) {
			t.Fatalf("%v\n%s", err, db.statements())
		}
		return 0
	}
	for i, row := range rows {
		v, ok := orm.Evaluate(db.Engine, row, e)
		if !ok {
			continue
		}
		known++
		want := any(nil)
		if got[i] != nil {
			want = *got[i]
		}
		if v != want {
			text, args, _ := orm.Compile(stmt, db.name())
			t.Fatalf("evaluated to %v, the database has %v\n%s\n%v\n%+v", v, want, text, args, row)
		}
	}
	return known
}

// A condition is made ready once, and evaluated for each object without allocating.
func TestEvaluationDoesNotAllocate(t *testing.T) {
	db := openTestDB(t, "sqlite:///:memory:").withTables(t, samples) // nothing else runs while it is measured
	s := orm.Entity[Sample]()
	condition := orm.And(orm.C(&s.Whole).Plus(1).Gt(3), orm.C(&s.Yes), orm.Or(orm.C(&s.Text).Eq("b"), orm.C(&s.Text).In("a", "b", "c", "d", "e", "f", "g", "h", "i", "j")), orm.C(&s.Text).Like("%a_"))
	row := &Sample{Whole: 7, Yes: true, Text: "ab"}
	orm.EvaluationAllocates(db.Engine, row, condition, func(evaluate func()) {
		expect(t, 0.0, testing.AllocsPerRun(100, evaluate))
	})
}

// What only the database can tell is not evaluated, unless it does not matter.
func TestWhatIsNotEvaluated(t *testing.T) {
	db := onSQLite(t).withTables(t, samples)
	s := orm.Entity[Sample]()
	raw := orm.Raw[bool]("random() > 0")
	row := &Sample{Whole: math.MaxInt64, Text: "é"}
	for name, c := range map[string]struct {
		e     orm.Expression
		want  any
		known bool
	}{
		"text of SQL":                       {raw, nil, false},
		"text of SQL and what is false":     {orm.And(raw, orm.C(&s.Whole).Eq(1)), false, true},
		"text of SQL or what is true":       {orm.Or(raw, orm.C(&s.Text).Eq("é")), true, true},
		"text of SQL or what is NULL":       {orm.Or(raw, orm.N(&s.Maybe).Eq(1)), nil, false},
		"what overflows":                    {orm.C(&s.Whole).Plus(1), nil, false},
		"division by zero":                  {orm.C(&s.Whole).IntDividedBy(0), nil, false},
		"true division of whole numbers":    {orm.C(&s.Whole).DividedBy(2), nil, false},
		"the order of texts":                {orm.C(&s.Text).Gt("a"), nil, false},
		"a time that is kept as text":       {orm.C(&s.At).Eq(time.Time{}), nil, false},
		"NULL and anything":                 {orm.N(&s.Maybe).Plus(1), nil, true},
		"a pattern whose case matters":      {orm.C(&s.Text).Like("É"), false, true},
		"letters that are not ASCII":        {orm.Upper(orm.C(&s.Text)), "é", true},
		"a row beside another":              {orm.Tuple(orm.C(&s.Whole), orm.C(&s.Text)).Gt(math.MaxInt64, "a"), nil, false},
		"a row in which the first decides":  {orm.Tuple(orm.C(&s.Whole), orm.C(&s.Text)).Lt(1, "a"), false, true},
		"a row in a list":                   {orm.Tuple(orm.C(&s.Whole), orm.C(&s.Text)).In([]any{1, "a"}, []any{math.MaxInt64, "é"}), true, true},
		"a row in no list":                  {orm.Tuple(orm.C(&s.Whole), orm.C(&s.Text)).NotIn(), true, true},
		"a rounded number":                  {orm.Round(orm.C(&s.Whole)), nil, false},
		"a search for words":                {orm.Match(orm.C(&s.Text)).All("a"), nil, false},
		"an operator of the user":           {orm.NewOperator[int64]("+").Of(orm.C(&s.Whole), 1), nil, false},
		"the beginning of a month":          {orm.DateTrunc(orm.Month, orm.C(&s.At)), nil, false},
		"the type of a document":            {orm.JSONType(orm.C(&s.Text)), nil, false},
		"a function that is not this one's": {orm.Func[string]("upper", orm.C(&s.Text)), nil, false},
	} {
		v, ok := orm.Evaluate(db.Engine, row, c.e)
		if ok != c.known || ok && v != c.want {
			t.Errorf("%s: %v, %v", name, v, ok)
		}
	}
}
