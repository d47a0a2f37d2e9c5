// This file tests what a compiled statement says of itself to those who run it.

package orm

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aurum-go/orm/types"
)

func TestOnlyWhatCertainlyReadsIsTakenForReading(t *testing.T) {
	table := NewTable("t", NewMetadata(), NewColumn("a", types.Integer()))
	a := Col[int](table, "a")
	plain := Select(a).Where(Coalesce(a, Lit(1)).Eq(1)).GroupBy(a).Having(Max(a).Gt(1))
	locked := plain.ForUpdate()
	for name, test := range map[string]struct {
		stmt Statement
		want bool
	}{
		"a SELECT":                         {plain, true},
		"a SELECT in a SELECT":             {Select(a).Where(a.InSelect(plain.From(table))), true},
		"a union":                          {Union(plain, plain), true},
		"a SELECT that locks":              {locked, false},
		"a SELECT in FROM that locks":      {Select(locked.Subquery("s")), false},
		"a union with one that locks":      {Union(plain, locked), false},
		"a function of any name":           {Select(Func[int]("nextval", "s")), false},
		"a function of any name in WHERE":  {plain.Where(Func[bool]("f")), false},
		"text in a SELECT":                 {plain.Where(Raw[bool]("f()")), false},
		"text in FROM":                     {Select(Text("SELECT f() AS a").Subquery("s")), false},
		"text":                             {Text("SELECT 1"), false},
		"an INSERT":                        {Insert(table).Values(M{"a": 1}), false},
		"an UPDATE":                        {Update(table).Set(a.Set(1)).AllRows(), false},
		"a DELETE":                         {Delete(table).AllRows(), false},
		"a SELECT with a bind and a label": {Select(Lit(1).As("x")), true},
	} {
		t.Run(name, func(t *testing.T) {
			compiled, err := compileFor(test.stmt, StandardDialect{})
			if err != nil {
				t.Fatal(err)
			}
			if compiled.read != test.want {
				t.Errorf("read is %t for %s", compiled.read, compiled.SQL)
			}
		})
	}
}

func TestCompiledKnowsTheColumnsOfItsResult(t *testing.T) {
	table := NewTable("t", NewMetadata(), NewColumn("a", types.Integer()), NewColumn("b", types.String(5)))
	a, b := Col[int](table, "a"), Col[string](table, "b")
	inner := Select(a.Plus(1).As("x"), b).Subquery("s")
	for name, test := range map[string]struct {
		stmt Statement
		want []resultColumn
	}{
		"columns":        {Select(a, b), []resultColumn{{name: "a", typ: types.Integer()}, {name: "b", typ: types.String(5)}}},
		"all of them":    {Select(table), []resultColumn{{name: "a", typ: types.Integer()}, {name: "b", typ: types.String(5)}}},
		"a subquery's":   {Select(inner.C("x"), inner), []resultColumn{{name: "x", typ: types.Integer()}, {name: "x", typ: types.Integer()}, {name: "b", typ: types.String(5)}}},
		"names":          {Select(F("b")).From(table), []resultColumn{{name: "b", typ: types.String(5)}}},
		"expressions":    {Select(Count(), a.Eq(1).As("e"), a.DividedBy(2), Sum(a)), []resultColumn{{name: "", typ: types.BigInteger()}, {name: "e", typ: types.Boolean()}, {name: "", typ: types.Double()}, {name: "", typ: types.BigInteger()}}},
		"a union's":      {Union(Select(b.As("n")), Select(b)), []resultColumn{{name: "n", typ: types.String(5)}}},
		"a value's":      {Select(Scalar[int](Select(a))), []resultColumn{{name: "", typ: types.Integer()}}},
		"what is told":   {Text("SELECT 1").Columns(ResultColumn{"x", types.Date()}), []resultColumn{{name: "x", typ: types.Date()}}},
		"text's":         {Text("SELECT 1"), nil},
		"values":         {Select(Lit("a"), Param[bool]("p").As("p")), []resultColumn{{name: "", typ: types.Text()}, {name: "p", typ: types.Boolean()}}},
		"a deep table's": {Select(Select(inner).Subquery("o").C("b")), []resultColumn{{name: "b", typ: types.String(5)}}},
	} {
		t.Run(name, func(t *testing.T) {
			compiled, err := compileFor(test.stmt, StandardDialect{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, compiled.columns, cmp.AllowUnexported(resultColumn{}), cmp.Comparer(types.Type.Equal)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
