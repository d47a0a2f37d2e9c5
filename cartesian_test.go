// This file tests that a FROM of which nothing connects the parts is found, is
// refused in strict mode, and is warned of once otherwise.

package orm_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

// linkCase is a statement, and which of its items nothing connects.
type linkCase struct {
	name  string
	stmt  orm.Statement
	apart string // "" if all are connected
}

// two is a SELECT from persons and offices, under conditions.
func two(conditions ...orm.Expr[bool]) *orm.SelectStatement {
	return orm.Select(person.name, office.city).Where(conditions...)
}

var (
	sameOffice = orm.Eq(person.office, office.id)
	inBerlin   = orm.Select(office.id).Where(office.city.Eq("Berlin")).Subquery("in_berlin")
	threeRows  = orm.Values("three", orm.ResultColumn{Name: "n", Type: types.Integer()}).Rows([]any{1}, []any{2}, []any{3})
)

// linkCases is a function, for the compiler takes all variables of a package as
// one, and its time for that grows faster than they do.
func linkCases() []linkCase {
	return []linkCase{
		{name: "one table", stmt: orm.Select(person.name)},
		{name: "no table", stmt: orm.Select(orm.Lit(1))},
		{name: "two tables that columns imply", stmt: two(), apart: "person and office"},
		{name: "two tables in FROM", stmt: orm.Select(orm.Count()).From(officeTable, shelfTable), apart: "office and shelf"},
		{name: "a condition on each", stmt: two(person.age.Gt(1), office.floor.Gt(1)), apart: "person and office"},
		{name: "OR of a condition on each", stmt: two(orm.Or(person.age.Gt(1), office.floor.Gt(1))), apart: "person and office"},
		{name: "NOT of a condition on each", stmt: two(orm.Not(orm.Or(person.age.Gt(1), office.floor.Gt(1)))), apart: "person and office"},
		{name: "a condition that knows no table", stmt: two(orm.True()), apart: "person and office"},
		{name: "a comparison", stmt: two(sameOffice)},
		{name: "a comparison among others", stmt: two(person.age.Gt(1), sameOffice, office.floor.Gt(1))},
		{name: "a comparison in OR", stmt: two(orm.Or(sameOffice, person.age.Gt(1)))},
		{name: "a comparison in NOT", stmt: two(orm.Not(orm.And(sameOffice, person.age.Gt(1))))},
		{name: "a comparison that is no equality", stmt: two(orm.Lt(person.office, office.id))},
		{name: "text of the user", stmt: two(orm.Raw[bool]("? IN (?, 1)", person.office, office.id))},
		{name: "a function", stmt: two(orm.Coalesce(person.office, office.id).Gt(0))},
		{name: "a CASE", stmt: two(orm.Case[bool]().When(orm.And(person.age.Gt(1), office.floor.Gt(1)), true).Else(false))},
		{name: "EXISTS about both", stmt: two(orm.Exists(orm.Select(shelf.x).Where(orm.Eq(shelf.x, person.office), orm.Eq(shelf.y, office.id))))},
		{name: "EXISTS about one", stmt: two(orm.Exists(orm.Select(shelf.x).Where(orm.Eq(shelf.x, person.office)))), apart: "person and office"},
		{name: "a subquery that has a table of that name itself", stmt: two(orm.Exists(orm.Select(office.id).From(officeTable).Where(sameOffice))), apart: "person and office"},
		{name: "HAVING comes too late", stmt: orm.Select(orm.Count()).From(personTable, officeTable).Having(orm.Eq(orm.Max(person.office), orm.Max(office.id))), apart: "person and office"},
		{name: "ON of another join", stmt: orm.Select(orm.Count()).From(shelfTable, personTable).Join(officeTable, orm.And(sameOffice, orm.Eq(shelf.x, office.id)))},
		{name: "a join", stmt: orm.Select(orm.Count()).From(personTable).Join(officeTable)},
		{name: "an outer join", stmt: orm.Select(orm.Count()).From(personTable).OuterJoin(officeTable, sameOffice)},
		{name: "a join on TRUE", stmt: orm.Select(orm.Count()).From(personTable).Join(officeTable, orm.True())},
		{name: "a cross join", stmt: orm.Select(orm.Count()).From(personTable).CrossJoin(officeTable)},
		{name: "a join beside a table", stmt: orm.Select(orm.Count()).From(shelfTable, personTable).Join(officeTable), apart: "shelf and (person, office)"},
		{name: "a join beside a table that is compared", stmt: orm.Select(orm.Count()).From(shelfTable, personTable).Join(officeTable).Where(orm.Eq(shelf.x, office.id))},
		{name: "three in a row", stmt: orm.Select(orm.Count()).From(personTable, officeTable, shelfTable).Where(sameOffice, orm.Eq(office.id, shelf.x))},
		{name: "three in a circle but one", stmt: orm.Select(orm.Count()).From(personTable, officeTable, shelfTable, boss).Where(sameOffice, orm.Eq(office.id, shelf.x)), apart: "(person, office, shelf) and boss"},
		{name: "three apart", stmt: orm.Select(orm.Count()).From(personTable, officeTable, shelfTable), apart: "person, office and shelf"},
		{name: "a table and its alias", stmt: orm.Select(person.name, bossRow.name), apart: "person and boss"},
		{name: "a table and its alias, compared", stmt: orm.Select(person.name, bossRow.name).Where(orm.Eq(person.boss, bossRow.id))},
		{name: "a SELECT in FROM", stmt: orm.Select(person.name).From(personTable, inBerlin), apart: "person and in_berlin"},
		{name: "a SELECT in FROM, compared", stmt: orm.Select(person.name).From(personTable, inBerlin).Where(orm.Eq(person.office, orm.Col[int](inBerlin, "id")))},
		{name: "WITH", stmt: orm.Select(adult.name, office.city), apart: "adults and office"},
		{name: "WITH, compared", stmt: orm.Select(adult.name, office.city).Where(orm.Eq(adult.office, office.id))},
		{name: "inside of WITH", stmt: orm.Select(orm.Count()).From(two().CTE("pairs")), apart: "person and office"},
		{name: "inside of a SELECT in FROM", stmt: orm.Select(orm.Count()).From(two().Subquery("pairs")), apart: "person and office"},
		{name: "inside of IN", stmt: whoIf(person.office.InSelect(orm.Select(shelf.x).From(shelfTable, boss))), apart: "shelf and boss"},
		{name: "inside of UNION", stmt: orm.UnionAll(two(sameOffice), two()), apart: "person and office"},
		{name: "connected through the statement around it", stmt: whoIf(orm.Exists(orm.Select(office.id).From(officeTable, shelfTable).Where(sameOffice, orm.Eq(shelf.x, person.office))))},
		{name: "VALUES", stmt: orm.Select(person.name, threeRows.C("n")), apart: "person and three"},
		{name: "VALUES, compared", stmt: orm.Select(person.name).Where(orm.Eq(person.rank, orm.Col[int](threeRows, "n")))},
		{name: "LATERAL that uses the other", stmt: orm.Select(office.city).From(officeTable, eldest.Lateral("first"))},
		{name: "LATERAL that uses nothing", stmt: orm.Select(office.city).From(officeTable, orm.Select(orm.Max(shelf.x)).From(shelfTable).Lateral("most")), apart: "office and most"},
		{name: "a function of a column in FROM", stmt: orm.Select(shelf.x).From(shelfTable, orm.TableFunc("generate_series", 1, shelf.x).As("up_to", orm.ResultColumn{Name: "n"}))},
		{name: "a function in FROM", stmt: orm.Select(shelf.x).From(shelfTable, counted), apart: "shelf and counted"},
		{name: "a sample", stmt: orm.Select(orm.Count()).From(officeTable, orm.TableSample(personTable, 50)), apart: "office and person"},
		{name: "entities", stmt: orm.Select(orm.C(&owner.Name), orm.C(&rival.Title)), apart: "users and rival"},
		{name: "entities, compared", stmt: orm.Select(orm.C(&owner.Name), orm.C(&rival.Title)).Where(orm.Eq(orm.C(&owner.ID), orm.N(&rival.OwnerID)))},
		{name: "INSERT from a SELECT", stmt: orm.Insert(shelfTable).FromSelect(orm.Select(person.rank, office.id), shelf.x, shelf.y), apart: "person and office"},
		{name: "UPDATE FROM", stmt: orm.Update(personTable).Set(person.rank.SetExpr(office.id)).From(officeTable).Where(person.id.Eq(1)), apart: "person and office"},
		{name: "UPDATE FROM, compared", stmt: orm.Update(personTable).Set(person.rank.SetExpr(office.id)).From(officeTable).Where(sameOffice)},
		{name: "DELETE USING", stmt: orm.Delete(shelfTable).Using(officeTable).Where(office.floor.Gt(5)), apart: "shelf and office"},
		{name: "DELETE USING, compared", stmt: orm.Delete(shelfTable).Using(officeTable).Where(orm.Eq(shelf.x, office.id))},
	}
}

func TestStrictModeRefusesWhatNothingConnects(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withCompany(t)
		must(t, models.CreateAll(t.Context(), db.Engine))
		for _, c := range linkCases() {
			s := orm.NewSession(db.Engine, orm.StrictMode(true))
			db.statements()
			_, err := orm.Exec(t.Context(), s, c.stmt)
			sent := db.statements()
			must(t, s.Close())
			if usage, ok := errors.AsType[*orm.UsageError](err); ok && c.apart != "" {
				want := fmt.Sprintf("nothing connects %s, so that every row of the one is paired with every row of the other", c.apart)
				if usage.Kind != orm.ErrCartesian || usage.Reason != want || usage.Subject == "" || usage.Advice == "" || len(sent) > 0 {
					t.Errorf("%s: %q was sent, and the error is %v", c.name, sent, err)
				}
				continue
			}
			known := err == nil || errors.Is(err, orm.ErrUnsupported) || errors.Is(err, orm.ErrSyntax) // no such function, or ON goes too far
			if !known || err == nil && c.apart != "" {
				t.Errorf("%s: %v", c.name, err)
			}
		}
	})
}

func TestStrictModeIsThatOfTheSessionElseOfTheEngine(t *testing.T) {
	ctx, strict := t.Context(), get(orm.Open("sqlite:///:memory:", orm.Strict()))(t)
	defer strict.Close()
	must(t, company.CreateAll(ctx, strict))
	must(t, library.CreateAll(ctx, strict))
	for name, test := range map[string]struct {
		options []orm.SessionOption
		refused bool
	}{
		"as the engine": {nil, true},
		"lenient":       {[]orm.SessionOption{orm.StrictMode(false)}, false},
		"the last":      {[]orm.SessionOption{orm.StrictMode(false), orm.StrictMode(true)}, true},
	} {
		s := orm.NewSession(strict, test.options...)
		_, err := orm.Fetch[orm.M](ctx, s, two())
		w, b := orm.Entity[Writer](), orm.Entity[Book]()
		_, queryErr := orm.Query[Writer](s).Filter(orm.C(&b.Title).Eq("a")).All(ctx)
		_, joinErr := orm.Query[Writer](s).Join(&w.Books).Filter(orm.C(&b.Title).Eq("a")).All(ctx)
		must(t, joinErr)
		must(t, s.Close())
		if errors.Is(err, orm.ErrCartesian) != test.refused || errors.Is(queryErr, orm.ErrCartesian) != test.refused {
			t.Errorf("%s: %v, %v", name, err, queryErr)
		}
	}
	_, err := orm.Fetch[orm.M](ctx, strict, two())
	expectKind(t, orm.ErrCartesian, err)
	_, err = orm.Fetch[orm.M](ctx, strict, orm.Text("SELECT person.name FROM person, office"))
	must(t, err)
	expectKind(t, orm.ErrCartesian, strict.Transact(ctx, func(ctx context.Context, c *orm.Conn) error {
		_, err := orm.Exec(ctx, c, two())
		return err
	}))
}

func TestWhatNothingConnectsRunsAndIsWarnedOfOnce(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withCompany(t)
		var log, echo bytes.Buffer
		logged := openTestDB(t, db.url, orm.WithLogger(slog.New(slog.NewTextHandler(&log, nil))), orm.WithEcho(&echo))
		if db.name() == "sqlite" {
			logged.withCompany(t) // its memory is its own
		}
		log.Reset()
		count := func(conditions ...orm.Expr[bool]) {
			t.Helper()
			n := get(orm.FetchOne[int](t.Context(), logged.Engine, orm.Select(orm.Count()).From(officeTable, shelfTable).Where(conditions...)))(t)
			if n == 0 {
				t.Error("there are no rows")
			}
		}
		for range 3 {
			count()
		}
		count(office.id.In(1, 2))
		count(office.id.In(1, 2, 3))
		count(office.id.In(3, 2), shelf.x.In(1, 2, 3))
		count(orm.Eq(office.id, shelf.x))
		warnings := strings.Count(log.String(), "level=WARN")
		if diff := cmp.Diff(3, warnings); diff != "" {
			t.Errorf("warnings (-want +got):\n%s%s", diff, log.String())
		}
		for _, text := range []string{"cartesian product", "nothing connects office and shelf", "CrossJoin", "SELECT count(*) FROM office, shelf"} {
			if !strings.Contains(log.String(), text) {
				t.Errorf("the log does not say %q:\n%s", text, log.String())
			}
		}
		expect(t, 3, strings.Count(echo.String(), "WARNING: cartesian product"))
	})
}

func TestWarningsAreRememberedWithinBounds(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	logged := openTestDB(t, "sqlite:///:memory:", orm.WithLogger(slog.New(slog.NewTextHandler(&log, nil)))).withCompany(t)
	run := func(n int) int {
		log.Reset()
		label := "v" + fmt.Sprint(n)
		get(orm.Fetch[orm.M](t.Context(), logged.Engine, orm.Select(office.id.As(label)).From(officeTable, shelfTable).Limit(1)))(t)
		return strings.Count(log.String(), "level=WARN")
	}
	for n := range 600 {
		expect(t, 1, run(n))
	}
	expect(t, 0, run(599)) // it is among the last
	expect(t, 1, run(0))   // it was forgotten
}
