// This file tests how large and how deep statements may be, and that values
// never become a part of their text.

package orm_test

import (
	"database/sql"
	"errors"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aurum-go/orm"
)

// chain joins n conditions one by one, as a program does that collects them.
func chain(n int, join func(...orm.Expr[bool]) orm.Expr[bool], one func(i int) orm.Expr[bool]) orm.Expr[bool] {
	c := one(0)
	for i := 1; i < n; i++ {
		c = join(c, one(i))
	}
	return c
}

func TestChainsOf100000ConditionsRun(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withCompany(t)
		older := func(int) orm.Expr[bool] { return orm.Gt(person.age, person.rank) }
		same := func(int) orm.Expr[bool] { return orm.Eq(person.age, person.rank) }
		list := make([]orm.Expr[bool], 100_000)
		for i := range list {
			list[i] = same(i)
		}
		for name, test := range map[string]struct {
			condition orm.Expr[bool]
			want      []string
		}{
			"AND, one by one":      {chain(100_000, orm.And, older), []string{"Ann", "Bob", "Dee", "Eve"}},
			"OR, one by one":       {orm.Or(chain(100_000, orm.Or, same), person.name.Eq("Bob")), []string{"Bob"}},
			"OR at once":           {orm.Or(orm.Or(list...), person.name.Eq("Cyd")), []string{"Cyd"}},
			"OR over values":       {chain(5_000, orm.Or, func(i int) orm.Expr[bool] { return person.age.Eq(i + 8) }), []string{"Ann", "Bob", "Dee"}},
			"NOT of AND":           {orm.Not(chain(1_000, orm.And, older)), []string{}},
			"AND of OR of and AND": {orm.And(chain(300, orm.Or, same).IsNotNull(), orm.Or(chain(300, orm.And, older), chain(300, orm.Or, same))), []string{"Ann", "Bob", "Dee", "Eve"}},
		} {
			got, err := orm.Fetch[string](t.Context(), db.Engine, whoIf(test.condition))
			if err != nil {
				t.Errorf("%s: %v", name, err)
			} else if diff := cmp.Diff(test.want, append([]string{}, got...)); diff != "" {
				t.Errorf("%s (-want +got):\n%s", name, diff)
			}
		}
	})
}

func TestChainWithMoreValuesThanTheDatabaseTakesIsATypedError(t *testing.T) {
	c := chain(100_000, orm.Or, func(i int) orm.Expr[bool] { return person.age.Eq(i) })
	for _, d := range goldenDialects {
		if _, _, err := orm.Compile(whoIf(c), d); !errors.Is(err, orm.ErrTooManyParams) {
			t.Errorf("%s: the error is %v", d, err)
		}
	}
}

// deep are ways to nest an expression or statement n times.
var deep = map[string]func(n int) orm.Statement{
	"sums": func(n int) orm.Statement {
		e := person.age
		for range n {
			e = e.Plus(1)
		}
		return oneValue(e)
	},
	"negations": func(n int) orm.Statement {
		e := person.age
		for range n {
			e = e.Negate()
		}
		return oneValue(e)
	},
	"functions": func(n int) orm.Statement {
		e := person.age
		for range n {
			e = orm.Coalesce(orm.Abs(e), e)
		}
		return whoIf(e.Eq(1))
	},
	"AND and OR": func(n int) orm.Statement {
		c := person.age.Eq(1)
		for range n / 2 {
			c = orm.And(person.rank.Eq(1), orm.Or(person.rank.Eq(2), c))
		}
		return orm.Update(personTable).Set(person.age.Set(1)).Where(c)
	},
	"NOT": func(n int) orm.Statement {
		c := person.age.Eq(1)
		for range n / 2 {
			c = orm.Not(orm.And(c, person.active))
		}
		return orm.Update(personTable).Set(person.age.Set(1)).Where(c)
	},
	"CASE": func(n int) orm.Statement {
		e := person.age
		for range n {
			e = orm.Case[int]().WhenExpr(person.active, e).Else(1)
		}
		return oneValue(e)
	},
	"subqueries": func(n int) orm.Statement {
		q := orm.Select(person.id).From(personTable)
		for range n {
			q = orm.Select(person.id).From(personTable).Where(person.id.InSelect(q))
		}
		return q
	},
	"derived tables": func(n int) orm.Statement {
		q := orm.Select(person.id)
		for range n {
			q = orm.Select(orm.Col[int64](q.Subquery("q"), "id"))
		}
		return q
	},
	"set operations": func(n int) orm.Statement {
		var q orm.Subselect = orm.Select(person.id)
		for range n {
			q = orm.Union(q, orm.Select(person.id))
		}
		return q.(orm.Statement)
	},
	"custom operators": func(n int) orm.Statement {
		e := person.age
		for range n {
			e = orm.Op[int](e, "|", person.rank)
		}
		return oneValue(e)
	},
}

func TestExpressionThatContainsItselfOverAndOverIsATypedError(t *testing.T) {
	e, c, d := person.age, person.age.Eq(1), person.rank.Eq(1)
	for range 100 {
		e, c = orm.Add(e, e), orm.And(c, c)
		d = orm.And(orm.Or(d, person.active), orm.Or(d, person.age.Gt(1)))
	}
	for name, stmt := range map[string]orm.Statement{
		"sums":     oneValue(e),
		"AND":      whoIf(c),
		"DELETE":   orm.Delete(personTable).Where(d),
		"NOT":      whoIf(orm.Not(d)),
		"function": whoIf(orm.Coalesce(e, e).Eq(1)),
	} {
		if _, _, err := orm.Compile(stmt, "sqlite"); !errors.Is(err, orm.ErrTooDeep) {
			t.Errorf("%s: the error is %v", name, err)
		}
	}
}

func TestNestingTooDeepIsATypedError(t *testing.T) {
	for name, nested := range deep {
		for _, n := range []int{10_000, 100_000} {
			if _, _, err := orm.Compile(nested(n), "sqlite"); !errors.Is(err, orm.ErrTooDeep) {
				t.Errorf("%s, %d deep: the error is %v", name, n, err)
			}
		}
	}
}

func TestNestingBelowTheLimitRunsOrIsATypedError(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withCompany(t)
		for name, nested := range deep {
			for _, n := range []int{10, 190} {
				if n > 10 && (name == "functions" || name == "subqueries") {
					continue // each level is written twice, or planned for seconds
				}
				err := send(t, db.Engine, nested(n))
				if err != nil && (n == 10 || !typedError(err)) {
					t.Errorf("%s, %d deep: %v", name, n, err)
				}
			}
		}
	})
}

// send runs a statement for its rows or for its effect.
func send(t *testing.T, ex orm.Executor, stmt orm.Statement) error {
	var err error
	switch stmt.(type) {
	case *orm.InsertStatement, *orm.UpdateStatement, *orm.DeleteStatement:
		_, err = orm.Exec(t.Context(), ex, stmt)
	default:
		_, err = orm.Fetch[orm.M](t.Context(), ex, stmt)
	}
	return err
}

// typedError reports whether an error is one of the closed list.
func typedError(err error) bool {
	var db *orm.DBError
	var usage *orm.UsageError
	return errors.As(err, &db) || errors.As(err, &usage)
}

const marker = "§marker'\"`\\;--"

// randomSQL makes statements in which every value holds the marker.
type randomSQL struct{ *rand.Rand }

func (r randomSQL) text() string { return marker + strconv.Itoa(r.IntN(1000)) }

func (r randomSQL) expr() orm.Expr[string] {
	switch r.IntN(8) {
	case 0:
		return orm.Lit(r.text())
	case 1:
		return orm.Concat(person.name, orm.Lit(r.text()), person.nick)
	case 2:
		return orm.Coalesce(person.nick, orm.Lit(r.text()))
	case 3:
		return orm.Case[string]().When(person.name.Eq(r.text()), r.text()).Else(r.text())
	case 4:
		return orm.Func[string]("replace", person.name, r.text(), r.text())
	case 5:
		return orm.Scalar[string](orm.Select(orm.Max(manager.name)).Where(manager.name.Ne(r.text())))
	case 6:
		return orm.Raw[string]("coalesce(person.nick, ?)", r.text())
	}
	return person.name
}

func (r randomSQL) condition(depth int) orm.Expr[bool] {
	if depth > 0 && r.IntN(4) > 0 {
		switch a, b := r.condition(depth-1), r.condition(depth-1); r.IntN(3) {
		case 0:
			return orm.And(a, b)
		case 1:
			return orm.Or(a, b)
		default:
			return orm.Not(a)
		}
	}
	switch r.IntN(11) {
	case 0:
		return person.name.In(r.text(), r.text())
	case 1:
		return person.name.Between(r.text(), r.text())
	case 2:
		return person.nick.Contains(r.text())
	case 3:
		return person.nick.ILike(r.text())
	case 4:
		return orm.Tuple(person.name, person.nick).In([]any{r.text(), r.text()})
	case 5:
		return person.name.IsDistinctFrom(r.text())
	case 6:
		return orm.Exists(orm.Select(manager.id).Where(orm.Eq(manager.name, person.name), manager.nick.Eq(r.text())))
	case 7:
		return orm.Eq(person.name, orm.Param[string]("p"))
	case 8:
		return orm.Raw[bool]("person.name = :n", sql.Named("n", r.text()))
	case 9:
		return orm.Op[bool](person.name, "=", r.text())
	}
	return orm.Lt(r.expr(), r.expr())
}

func (r randomSQL) statement() orm.Statement {
	params := orm.M{"p": r.text()}
	switch r.IntN(6) {
	case 0:
		return orm.Insert(personTable).Values(orm.M{"name": r.text(), "nick": orm.Concat(orm.Lit(r.text()), orm.Lit(r.text()))}, orm.M{"name": r.text(), "nick": r.text()})
	case 1:
		return orm.Update(personTable).Set(person.name.Set(r.text()), person.nick.SetExpr(r.expr())).Where(person.id.Eq(1), r.condition(2)).Params(params)
	case 2:
		return orm.Delete(personTable).Where(person.id.Gt(100), r.condition(2)).Params(params)
	case 3:
		return orm.Union(orm.Select(person.name).Where(r.condition(1)), orm.Select(person.nick).Where(r.condition(1))).Limit(r.IntN(9)).Params(params)
	case 4:
		return orm.Text("SELECT :b AS x WHERE 'a' IN (:a)", sql.Named("a", []string{r.text(), r.text()}), sql.Named("b", r.text()))
	}
	return orm.Select(r.expr().As("x"), person.name).From(personTable).Where(r.condition(3)).
		GroupBy(person.id).Having(orm.Max(person.nick).Ne(r.text())).OrderBy(r.expr().Desc().NullsLast()).Limit(r.IntN(9)).Params(params)
}

// TestValuesNeverStandInSQLText compiles random statements in which every value
// is marked. The mark must be in the arguments only, and there must be as many
// arguments as placeholders.
func TestValuesNeverStandInSQLText(t *testing.T) {
	seed := rand.Uint64()
	r := randomSQL{rand.New(rand.NewPCG(seed, seed))}
	for range 20_000 {
		stmt := r.statement()
		for _, d := range goldenDialects {
			text, args, err := orm.Compile(stmt, d)
			switch {
			case errors.Is(err, orm.ErrUnsupported):
			case err != nil:
				t.Fatalf("seed %d: %v", seed, err)
			case strings.Contains(text, "§") || strings.Contains(text, "marker"):
				t.Fatalf("seed %d: %s: a value stands in %s", seed, d, text)
			case d != "postgres" && strings.Count(text, "?") != len(args):
				t.Fatalf("seed %d: %s: %d arguments for %s", seed, d, len(args), text)
			case d == "postgres" && len(args) > 0 && !strings.Contains(text, "$"+strconv.Itoa(len(args))):
				t.Fatalf("seed %d: %s: %d arguments for %s", seed, d, len(args), text)
			}
		}
	}
}

// TestRandomStatementsAreUnderstood sends some of them, so that what is written
// is SQL to each database.
func TestRandomStatementsAreUnderstood(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withCompany(t)
		seed := rand.Uint64()
		r := randomSQL{rand.New(rand.NewPCG(seed, seed))}
		for range 300 {
			conn := get(db.Connect(t.Context()))(t)
			if err := send(t, conn, r.statement()); err != nil && !errors.Is(err, orm.ErrUnsupported) {
				sent := db.statements()
				t.Fatalf("seed %d: %v: %s", seed, err, sent[len(sent)-1])
			}
			must(t, conn.Close())
		}
	})
}
