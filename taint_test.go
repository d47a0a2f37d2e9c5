// This file builds random statements of every kind out of values that carry a mark,
// and compiles them for every dialect: the mark never stands in the text, always in
// the arguments, and there are as many placeholders as arguments.

package orm_test

import (
	"database/sql"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

// The marks of texts and of numbers.
const (
	textMark   = "tAiNt"
	numberMark = 918273645
)

// taint makes values that are marked, and remembers them.
type taint struct {
	*rapid.T
	sent []string
}

var breakouts = []string{"", "'", `"`, "`", `\`, "--", "/*", ";", "?", "$1", ":x", "%", "_", "é", "''", `\'`, "]", "\n"}

func (d *taint) pick(n int) int { return rapid.IntRange(0, n-1).Draw(d.T, "pick") }

func (d *taint) text() string {
	s := breakouts[d.pick(len(breakouts))] + textMark + strconv.Itoa(len(d.sent)) + breakouts[d.pick(len(breakouts))]
	d.sent = append(d.sent, textMark+strconv.Itoa(len(d.sent)))
	return s
}

func (d *taint) number() int64 {
	n := int64(numberMark*1000 + len(d.sent))
	d.sent = append(d.sent, strconv.FormatInt(n, 10))
	return n
}

var (
	taintTable = orm.NewTable("notes", orm.NewMetadata(),
		orm.NewColumn("id", types.BigInteger(), orm.PrimaryKey()),
		orm.NewColumn("note", types.Text()),
		orm.NewColumn("doc", types.JSONType()),
	)
	noteID, noteText, noteDoc = orm.Col[int64](taintTable, "id"), orm.Col[string](taintTable, "note"), taintTable.C("doc")
)

// word is a random expression with marked values in it.
func (d *taint) word(depth int) orm.Expr[string] {
	if depth == 0 {
		if d.pick(2) == 0 {
			return noteText
		}
		return orm.Lit(d.text())
	}
	a := func() orm.Expr[string] { return d.word(depth - 1) }
	switch d.pick(13) {
	case 0:
		return orm.Concat(a(), orm.Lit(d.text()))
	case 1:
		return orm.Coalesce(a(), orm.Lit(d.text()))
	case 2:
		return orm.NullIf(a(), d.text())
	case 3:
		return orm.Case[string]().When(d.condition(depth-1), d.text()).Else(d.text())
	case 4:
		return orm.CaseOf[string](a()).When(d.text(), d.text()).End()
	case 5:
		return orm.Func[string]("replace", a(), d.text(), d.text())
	case 6:
		return orm.JSONPath[string](noteDoc, textMark+strconv.Itoa(d.pick(9)), d.pick(9))
	case 7:
		return orm.Raw[string]("substr(?, ?)", a(), d.text())
	case 8:
		return orm.Raw[string]("concat(:a, :b)", sql.Named("a", d.text()), sql.Named("b", a()))
	case 9:
		return orm.Op[string](a(), "||", d.text())
	case 10:
		return orm.Cast[string](orm.Lit(d.text()), types.Text())
	case 11:
		return orm.TypeCoerce[string](orm.Lit(d.text()), types.String(50))
	}
	return orm.Scalar[string](orm.Select(orm.Max(noteText)).From(taintTable.Alias("a" + strconv.Itoa(depth))).Where(orm.Lit(d.text()).Eq(d.text())))
}

// whole is a random expression with marked numbers in it.
func (d *taint) whole(depth int) orm.Expr[int64] {
	if depth == 0 {
		return noteID
	}
	a := func() orm.Expr[int64] { return d.whole(depth - 1) }
	switch d.pick(8) {
	case 0:
		return a().Plus(d.number()).Times(-d.number())
	case 1:
		return a().Minus(d.number()).Modulo(d.number())
	case 2:
		return a().IntDividedBy(d.number()).BitXor(1)
	case 3:
		return a().BitAnd(d.number()).BitOr(d.number())
	case 4:
		return orm.Length(d.word(depth - 1))
	case 5:
		return orm.Coalesce(orm.NullIf(a(), d.number()), orm.Lit(d.number()))
	case 6:
		return orm.CaseOf[int64](a()).When(d.number(), d.number()).Else(d.number())
	}
	return a().Negate()
}

// condition is a random condition with marked values in it.
func (d *taint) condition(depth int) orm.Expr[bool] {
	if depth > 0 {
		a := func() orm.Expr[bool] { return d.condition(depth - 1) }
		switch d.pick(4) {
		case 0:
			return orm.And(a(), a())
		case 1:
			return orm.Or(a(), a())
		case 2:
			return orm.Not(orm.And(a(), a()))
		}
	}
	w, n := func() orm.Expr[string] { return d.word(depth) }, func() orm.Expr[int64] { return d.whole(depth) }
	tests := []func() orm.Expr[bool]{
		func() orm.Expr[bool] { return w().Eq(d.text()) }, func() orm.Expr[bool] { return w().Ne(d.text()) },
		func() orm.Expr[bool] { return w().In(d.text(), d.text()) }, func() orm.Expr[bool] { return n().NotIn(d.number(), d.number(), d.number()) },
		func() orm.Expr[bool] { return w().Between(d.text(), d.text()) }, func() orm.Expr[bool] { return n().NotBetween(d.number(), d.number()) },
		func() orm.Expr[bool] { return w().Like(d.text()) }, func() orm.Expr[bool] { return w().NotILike(d.text()) },
		func() orm.Expr[bool] { return w().StartsWith(d.text()) }, func() orm.Expr[bool] { return w().IContains(d.text()) },
		func() orm.Expr[bool] { return w().EndsWith(d.text()) }, func() orm.Expr[bool] { return w().Matches(d.text()) },
		func() orm.Expr[bool] { return w().IsDistinctFrom(d.text()) }, func() orm.Expr[bool] { return n().IsNotDistinctFrom(d.number()) },
		func() orm.Expr[bool] {
			return orm.Tuple(n(), w()).In([]any{d.number(), d.text()}, []any{d.number(), d.text()})
		},
		func() orm.Expr[bool] { return orm.F("note").Eq(d.text()) },
		func() orm.Expr[bool] { return orm.Op[bool](noteText, "=", d.text()) },
		func() orm.Expr[bool] { return orm.Raw[bool]("note IN (?)", []string{d.text(), d.text()}) },
		func() orm.Expr[bool] {
			return n().InSelect(orm.Select(noteID).From(taintTable.Alias("i")).Where(orm.Lit(d.text()).Eq(d.text())))
		},
		func() orm.Expr[bool] {
			return orm.Exists(orm.Select(orm.Lit(d.text())).From(taintTable.Alias("e")).Limit(int(d.number())))
		},
	}
	return tests[d.pick(len(tests))]()
}

// rows is a random SELECT.
func (d *taint) rows(depth int) *orm.SelectStatement {
	return orm.Select(noteID.As("id"), d.word(depth).As("note")).From(taintTable).Where(d.condition(depth))
}

// taintedStatements are the kinds of statements.
var taintedStatements = []func(d *taint, depth int) orm.Statement{
	func(d *taint, depth int) orm.Statement { return d.rows(depth) },
	func(d *taint, depth int) orm.Statement {
		return d.rows(depth).OrderBy(d.word(depth).Desc().NullsLast()).Limit(int(d.number())).Offset(int(d.number()))
	},
	func(d *taint, depth int) orm.Statement {
		key := d.word(depth)
		return orm.Select(key.As("k"), orm.Count().Filter(d.condition(depth)), orm.StringAgg(noteText, "-")).From(taintTable).GroupBy(key.As("k")).Having(orm.Sum(noteID).Gt(d.number()))
	},
	func(d *taint, depth int) orm.Statement {
		return orm.Select(orm.LagBy(noteText, int(d.number())).Over(orm.PartitionBy(d.whole(depth)), orm.OrderBy(noteID)), orm.Sum(d.whole(depth)).Over()).From(taintTable)
	},
	func(d *taint, depth int) orm.Statement {
		other := taintTable.Alias("other")
		return orm.Select(noteID).From(taintTable).OuterJoin(other, orm.Col[string](other, "note").Eq(d.text()), d.condition(depth))
	},
	func(d *taint, depth int) orm.Statement {
		return orm.Union(d.rows(depth), orm.UnionAll(d.rows(depth), d.rows(0).Limit(int(d.number())))).OrderBy(orm.F("note")).Limit(int(d.number()))
	},
	func(d *taint, depth int) orm.Statement {
		cte := d.rows(depth).CTE("c")
		return orm.Select(cte.C("note")).From(cte).Where(orm.Col[string](cte, "note").Ne(d.text()))
	},
	func(d *taint, depth int) orm.Statement {
		s := d.rows(depth).Subquery("s")
		return orm.Select(s.C("note")).From(s).Where(orm.Col[int64](s, "id").Lt(d.number()))
	},
	func(d *taint, _ int) orm.Statement {
		v := orm.Values("v", orm.ResultColumn{Name: "a", Type: types.BigInteger()}, orm.ResultColumn{Name: "b", Type: types.Text()}).
			Rows([]any{d.number(), d.text()}, []any{d.number(), d.text()})
		return orm.Select(v.C("b")).From(v).Where(orm.Col[string](v, "b").Like(d.text()))
	},
	func(d *taint, _ int) orm.Statement {
		return orm.Insert(taintTable).Values(orm.M{"id": d.number(), "note": d.text()}, orm.M{"id": d.number(), "note": d.text()})
	},
	func(d *taint, depth int) orm.Statement {
		return orm.Insert(taintTable).FromSelect(d.rows(depth), noteID, noteText)
	},
	func(d *taint, depth int) orm.Statement {
		return orm.Insert(taintTable).Values(orm.M{"id": d.number(), "note": d.text()}).OnConflict(noteID).DoUpdateSet(noteText.SetExpr(d.word(depth)))
	},
	func(d *taint, depth int) orm.Statement {
		return orm.Update(taintTable).Set(noteText.Set(d.text()), noteID.SetExpr(d.whole(depth))).Where(d.condition(depth)).AllRows()
	},
	func(d *taint, depth int) orm.Statement {
		return orm.Delete(taintTable).Where(d.condition(depth)).AllRows()
	},
	func(d *taint, _ int) orm.Statement {
		return orm.Text("SELECT * FROM notes WHERE note = :a AND id IN (:b)", sql.Named("a", d.text()), sql.Named("b", []int64{d.number(), d.number()}))
	},
	func(d *taint, depth int) orm.Statement {
		return d.rows(depth).Where(orm.Eq(noteText, orm.Param[string]("p"))).Params(orm.M{"p": d.text()})
	},
	func(d *taint, _ int) orm.Statement {
		return orm.Select(orm.PercentileCont(0.5).WithinGroup(noteID), orm.Func[string]("f", d.text(), d.number())).From(taintTable)
	},
}

var taintedPlaceholder = regexp.MustCompile(`\$\d+`)

// placeholders counts the placeholders of a text that has no quotes with any in it.
func placeholders(text, dialect string) int {
	if dialect != "postgres" {
		return strings.Count(text, "?")
	}
	different := map[string]bool{}
	for _, p := range taintedPlaceholder.FindAllString(text, -1) {
		different[p] = true
	}
	return len(different)
}

// A check compiles each kind of statement twice for four dialects, so that the usual
// 100 checks compile 13,600 statements; each also by the cache of compiled
// statements, which must not mistake one for another.
func TestValuesNeverBecomeText(t *testing.T) {
	t.Parallel()
	compiled, caches := 0, map[string]orm.CompiledCache{}
	for _, dialect := range goldenDialects {
		caches[dialect] = orm.NewCompiledCache(get(orm.DialectByName(dialect))(t), 200)
	}
	rapid.Check(t, func(rt *rapid.T) {
		for kind, statement := range taintedStatements {
			for range 2 {
				d := &taint{T: rt}
				stmt := statement(d, rapid.IntRange(0, 2).Draw(rt, "depth"))
				for _, dialect := range goldenDialects {
					text, args, err := orm.Compile(stmt, dialect)
					compiled++
					if err == nil {
						d.check(kind, dialect, text, args)
					} else if !errors.Is(err, orm.ErrUnsupported) && !errors.Is(err, orm.ErrAmbiguous) { // a name beside a join
						rt.Fatalf("kind %d for %s: %v", kind, dialect, err)
					}
					if cached, plain := caches[dialect].Compile(stmt); !cmp.Equal(plain, cached) {
						rt.Fatalf("kind %d for %s (-by itself +by the cache):\n%s", kind, dialect, cmp.Diff(plain, cached))
					}
				}
			}
		}
	})
	t.Logf("%d statements", compiled)
}

func (d *taint) check(kind int, dialect, text string, args []any) {
	d.Helper()
	if strings.Contains(text, textMark) || strings.Contains(text, strconv.Itoa(numberMark)) || strings.Contains(text, ";") {
		d.Fatalf("kind %d for %s: a value stands in the text\n%s", kind, dialect, text)
	}
	if n := placeholders(text, dialect); n != len(args) {
		d.Fatalf("kind %d for %s: %d placeholders and %d arguments\n%s\n%q", kind, dialect, n, len(args), text, args)
	}
	all := fmt.Sprint(args...)
	for _, mark := range d.sent {
		if !strings.Contains(all, mark) {
			d.Fatalf("kind %d for %s: %s is not among the arguments\n%s\n%q", kind, dialect, mark, text, args)
		}
	}
}
