// This file tests the SELECT: what stands in FROM, the order of its clauses,
// subqueries and their correlation, and the words that lock rows.

package orm_test

import (
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

func TestSelectsGiveTheSameRowsOnEveryDatabase(t *testing.T) { runCases(t, selectCases()) }

func TestSubqueriesGiveTheSameRowsOnEveryDatabase(t *testing.T) { runCases(t, subqueryCases()) }

func TestLocksAreTakenWhereTheDatabaseHasThem(t *testing.T) { runCases(t, lockCases()) }

var (
	boss    = personTable.Alias("boss")
	bossRow = personColumns(boss)
	manager = personColumns(personTable.Alias("manager"))
)

// rival and owner are entity references.
var rival, owner = orm.Alias[Ticket]("rival"), orm.Entity[User]()

// byAge counts people by their age.
var byAge = orm.Select(person.age.As("age"), orm.Count().As("n")).GroupBy(person.age)

func selectCases() []sqlCase {
	return []sqlCase{
		{name: "FROM is what the columns use", stmt: orm.Select(person.name).OrderBy(person.id).Limit(2), rows: nameRows("Ann", "Bob")},
		{name: "all columns of a table", stmt: orm.Select(officeTable).OrderBy(office.id), rows: []string{"city=Berlin floor=3 id=1", "city=Oslo floor=NULL id=2", "city=Turin floor=1 id=3"}},
		{name: "all columns of a table of which none is known", stmt: orm.Select(orm.NewTable("office", orm.NewMetadata())), rows: []string{"city=Berlin floor=3 id=1", "city=Oslo floor=NULL id=2", "city=Turin floor=1 id=3"}},
		{name: "FROM is what the conditions use", stmt: orm.Select(office.city).Where(orm.Eq(office.id, person.office), person.name.Eq("Eve")), rows: []string{"city=Oslo"}},
		{name: "FROM is named", stmt: orm.Select(orm.Count().As("n")).From(officeTable), rows: []string{"n=3"}},
		{name: "two tables in FROM", stmt: orm.Select(orm.Count().As("n")).From(officeTable, shelfTable), rows: []string{"n=9"}},
		{name: "a table under another name", stmt: orm.Select(bossRow.name).From(boss).Where(bossRow.boss.IsNull()).OrderBy(bossRow.id), rows: nameRows("Ann", "Eve")},
		{name: "all columns of an alias", stmt: orm.Select(officeTable.Alias("o")).Where(orm.Raw[bool]("o.id = 3")), rows: []string{"city=Turin floor=1 id=3"}},
		{name: "an entity", stmt: orm.Select(orm.Entity[Ticket]()).Where(orm.N(&orm.Entity[Ticket]().OwnerID).Eq(1))},
		{name: "an entity under another name", stmt: orm.Select(orm.C(&rival.Title), orm.F("Status")).From(rival).Where(orm.F("Priority").Gt(1)).OrderBy(orm.C(&rival.ID))},
		{name: "two entities", stmt: orm.Select(orm.C(&owner.Name), orm.C(&rival.Title)).From(owner).Join(rival)},
		{name: "another select list", stmt: whoIf(person.age.Eq(7)).Columns(person.id.As("v")), rows: valueRows(5)},

		{name: "order", stmt: orm.Select(person.name).OrderBy(person.name.Desc()), rows: nameRows("Eve", "Dee", "Cyd", "Bob", "Ann")},
		{name: "order by two", stmt: orm.Select(person.name).Where(person.age.IsNotNull()).OrderBy(person.age).OrderBy(person.name.Desc()), rows: nameRows("Eve", "Dee", "Bob", "Ann")},
		{name: "order with NULLs first", stmt: orm.Select(person.name).OrderBy(person.age.Asc().NullsFirst(), person.id), rows: nameRows("Cyd", "Eve", "Bob", "Dee", "Ann")},
		{name: "order with NULLs last", stmt: orm.Select(person.name).OrderBy(person.age.Asc().NullsLast(), person.id), rows: nameRows("Eve", "Bob", "Dee", "Ann", "Cyd")},
		{name: "descending order with NULLs first", stmt: orm.Select(person.name).OrderBy(person.age.Desc().NullsFirst(), person.id), rows: nameRows("Cyd", "Ann", "Bob", "Dee", "Eve")},
		{name: "descending order with NULLs last", stmt: orm.Select(person.name).OrderBy(person.age.Desc().NullsLast(), person.id), rows: nameRows("Ann", "Bob", "Dee", "Eve", "Cyd")},
		{name: "order of a condition with NULLs last", stmt: orm.Select(person.name).OrderBy(person.age.Gt(20).Desc().NullsLast(), person.id), rows: nameRows("Ann", "Bob", "Dee", "Eve", "Cyd")},
		{name: "order by a label", stmt: orm.Select(person.age.Negate().As("v")).Where(person.age.IsNotNull()).OrderBy(person.age.Negate().As("v")), rows: valueRows(-40, -30, -30, -7)},
		{name: "order by a label with NULLs last", stmt: orm.Select(person.age.Negate().As("v")).OrderBy(person.age.Negate().As("v").Desc().NullsLast()), rows: valueRows(-7, -30, -30, -40, nil)},
		{name: "order by a label that is not selected", stmt: orm.Select(person.name).Where(person.age.IsNotNull()).OrderBy(person.age.Negate().As("v"), person.id), rows: nameRows("Ann", "Bob", "Dee", "Eve")},
		{name: "order by a label's name", stmt: orm.Select(person.age.Negate().As("v")).Where(person.age.IsNotNull()).OrderBy(orm.F("v").Desc()), rows: valueRows(-7, -30, -30, -40)},
		{name: "order by a name that is a column's and a label's", stmt: orm.Select(person.age.As("name")).Where(person.age.Lt(40)).OrderBy(orm.F("name").Desc()), rows: []string{"name=7", "name=30", "name=30"}},
		{name: "no order after all", stmt: orm.Select(orm.Count().As("n")).From(personTable).OrderBy(person.name).Unordered(), rows: []string{"n=5"}},

		{name: "limit", stmt: whoIf().Limit(2), rows: nameRows("Ann", "Bob")},
		{name: "limit of nothing", stmt: whoIf().Limit(0), rows: nameRows()},
		{name: "offset without a limit", stmt: whoIf().Offset(3), rows: nameRows("Dee", "Eve")},
		{name: "limit and offset", stmt: whoIf().Limit(2).Offset(2), rows: nameRows("Cyd", "Dee")},
		{name: "the last limit counts", stmt: whoIf().Limit(2).Limit(1), rows: nameRows("Ann")},
		{name: "distinct", stmt: orm.Select(person.age.As("v")).Where(person.age.IsNotNull()).Distinct().OrderBy(person.age), rows: valueRows(7, 30, 40)},
		{
			name: "distinct on", stmt: orm.Select(person.name).DistinctOn(person.age).Where(person.age.IsNotNull()).OrderBy(person.age, person.name.Desc()),
			rows: nameRows("Eve", "Dee", "Ann"), lacks: "sqlite mysql",
		},
		{name: "group", stmt: byAge.Where(person.age.IsNotNull()).OrderBy(person.age), rows: []string{"age=7 n=1", "age=30 n=2", "age=40 n=1"}},
		{name: "group and order by a label", stmt: byAge.Where(person.age.IsNotNull()).OrderBy(orm.Count().As("n").Desc(), person.age), rows: []string{"age=30 n=2", "age=7 n=1", "age=40 n=1"}},
		{
			name: "order by the label of an aggregate with NULLs last", rows: []string{"age=30 n=2", "age=7 n=1", "age=40 n=1"},
			stmt: byAge.Where(person.age.IsNotNull()).OrderBy(orm.Count().As("n").Desc().NullsLast(), person.age),
		},
		{name: "groups with a condition", stmt: byAge.Having(orm.Count().Gt(1)), rows: []string{"age=30 n=2"}},
		{name: "groups with two conditions", stmt: byAge.Having(orm.Count().Ge(1)).Having(orm.Or(person.age.Gt(30), person.age.Eq(7))).OrderBy(person.age), rows: []string{"age=7 n=1", "age=40 n=1"}},
		{
			name: "group by a label", rows: []string{"band=false n=1", "band=true n=3"},
			stmt: orm.Select(grown.As("band"), orm.Count().As("n")).Where(person.age.IsNotNull()).GroupBy(grown.As("band")).OrderBy(grown.As("band")),
		},
		{
			name: "group by a label that is also a column's name", rows: []string{"n=1 name=A", "n=1 name=B"},
			stmt: orm.Select(firstLetter.As("name"), orm.Count().As("n")).Where(person.id.Le(2)).GroupBy(firstLetter.As("name")).OrderBy(firstLetter.As("name")),
		},
		{
			name: "group by an expression with a value", rows: []string{"n=2 v=3", "n=2 v=0", "n=1 v=4"},
			stmt: orm.Select(decade.As("v"), orm.Count().As("n")).From(personTable).GroupBy(decade).OrderBy(orm.Count().Desc(), decade.Desc()),
		},
		{name: "a parameter given later", stmt: whoIf(orm.Eq(person.name, orm.Param[string]("who"))).Params(orm.M{"who": "Eve"}), rows: nameRows("Eve")},
		{name: "a parameter used twice", stmt: whoIf(orm.Or(orm.Eq(person.age, orm.Param[int]("n")), orm.Eq(person.rank, orm.Param[int]("n")))).Params(orm.M{"n": 7}), rows: nameRows("Eve")},
		{name: "the last value of a parameter counts", stmt: whoIf(orm.Eq(person.name, orm.Param[string]("who"))).Params(orm.M{"who": "Eve"}).Params(orm.M{"who": "Bob"}), rows: nameRows("Bob")},
		{name: "a parameter in the select list", stmt: oneValue(orm.Param[int]("n")).Params(orm.M{"n": 3}), rows: valueRows(3)},
	}
}

var (
	grown       = person.age.Plus(0).Ge(30)
	firstLetter = orm.Func[string]("substr", person.name, 1, 1)
	// decade has values in it, so that it stands in a statement under several
	// placeholders.
	decade = orm.Coalesce(person.age.IntDividedBy(10), orm.Lit(0)).Plus(0)
)

// mates selects the people of an office that is not this statement's.
var mates = orm.Select(person.id).Where(orm.Eq(person.office, office.id))

func subqueryCases() []sqlCase {
	return []sqlCase{
		{
			name: "a SELECT in FROM", rows: []string{"n=2 v=30"},
			stmt: func() orm.Statement {
				ages := byAge.Subquery("ages")
				return orm.Select(orm.Col[int](ages, "age").As("v"), ages.C("n")).Where(orm.Col[int](ages, "n").Gt(1))
			}(),
		},
		{name: "all columns of a SELECT in FROM", stmt: orm.Select(whoIf(person.age.Eq(7)).Unordered().Subquery("young")), rows: nameRows("Eve")},
		{
			name: "a SELECT in FROM beside the table it is of", rows: nameRows("Bob", "Dee"),
			stmt: func() orm.Statement {
				ages := byAge.Having(orm.Count().Gt(1)).Subquery("ages")
				return orm.Select(person.name).From(personTable, ages).Where(orm.Eq(person.age, orm.Col[int](ages, "age"))).OrderBy(person.id)
			}(),
		},
		{
			name: "a SELECT in FROM sees nothing of the items beside it", rows: []string{"n=9"},
			stmt: orm.Select(orm.Count().As("n")).From(officeTable, orm.Select(office.city).Subquery("other")),
		},
		{
			name: "a SELECT in FROM in a SELECT in FROM", rows: valueRows(30),
			stmt: func() orm.Statement {
				inner := byAge.Subquery("a")
				outer := orm.Select(orm.Col[int](inner, "age").As("x"), inner.C("n").As("y")).Subquery("b")
				return orm.Select(orm.Col[int](outer, "x").As("v")).Where(orm.Col[int](outer, "y").Eq(2))
			}(),
		},
		{name: "a value from a SELECT", stmt: whoIf(orm.Eq(person.age, orm.Scalar[int](orm.Select(orm.Max(manager.age))))), rows: nameRows("Ann")},
		{
			name: "a value from a SELECT about the row", rows: valueRows(2, 2, 0),
			stmt: orm.Select(orm.Scalar[int64](orm.Select(orm.Count(person.id)).From(personTable).Where(orm.Eq(person.office, office.id))).As("v")).From(officeTable).OrderBy(office.id),
		},
		{name: "EXISTS about the row", stmt: orm.Select(office.city).Where(orm.Not(orm.Exists(mates))), rows: []string{"city=Turin"}},
		{name: "EXISTS of a set operation", stmt: orm.Select(office.city).Where(orm.Not(orm.Exists(orm.UnionAll(mates, mates)))), rows: []string{"city=Turin"}},
		{name: "EXISTS for a value", stmt: oneValue(orm.Exists(orm.Select(person.id).Where(person.age.Eq(7)))), rows: valueRows(true)},
		{
			name: "EXISTS over two levels", rows: []string{"city=Berlin"},
			stmt: orm.Select(office.city).Where(orm.Exists(
				orm.Select(manager.id).Where(orm.Eq(manager.office, office.id), orm.Exists(orm.Select(visit.host).Where(orm.Eq(visit.host, manager.id), orm.Lt(visit.guest, orm.Cast[int64](office.id.Plus(2), types.BigInteger()))))))),
		},
		{
			name: "what FROM names is not the enclosing statement's", rows: []string{"city=Berlin", "city=Oslo", "city=Turin"},
			stmt: orm.Select(office.city).Where(orm.Exists(mates.From(personTable, officeTable))).OrderBy(office.id),
		},
		{
			name: "IN about the row", rows: nameRows("Ann", "Bob"),
			stmt: whoIf(orm.Lit(3).InSelect(orm.Select(office.floor).Where(orm.Eq(office.id, person.office)))),
		},
		{
			name: "parameters of a subquery", rows: nameRows("Cyd", "Eve"),
			stmt: whoIf(person.office.InSelect(orm.Select(office.id).Where(orm.Eq(office.city, orm.Param[string]("city"))))).Params(orm.M{"city": "Oslo"}),
		},
		{
			name: "a subquery's own value of a parameter", rows: nameRows("Cyd"),
			stmt: whoIf(
				person.office.InSelect(orm.Select(office.id).Where(orm.Eq(office.city, orm.Param[string]("x"))).Params(orm.M{"x": "Oslo"})),
				orm.Eq(person.name, orm.Param[string]("x"))).Params(orm.M{"x": "Cyd"}),
		},
		{
			name: "text in FROM", rows: valueRows(41),
			stmt: func() orm.Statement {
				old := orm.Text("SELECT age FROM person WHERE age > ?", 30).Columns(orm.ResultColumn{Name: "age", Type: types.Integer()}).Subquery("old")
				return orm.Select(orm.Col[int](old, "age").Plus(1).As("v"))
			}(),
		},
		{name: "text in IN", stmt: whoIf(person.id.InSelect(orm.Text("SELECT host_id FROM visit WHERE guest_id IN (?)", []int{2, 5}))), rows: nameRows("Ann", "Bob")},
	}
}

func lockCases() []sqlCase {
	return []sqlCase{
		{name: "for update", stmt: whoIf(person.id.Eq(1)).ForUpdate(), rows: nameRows("Ann")},
		{name: "for share", stmt: whoIf(person.id.Eq(1)).ForShare(), rows: nameRows("Ann"), lacks: "mysql"}, // MariaDB's word is another
		{name: "for update without waiting", stmt: whoIf(person.id.Eq(1)).ForUpdate(orm.NoWait()), rows: nameRows("Ann")},
		{name: "for update of rows that are free", stmt: whoIf(person.id.Eq(1)).ForUpdate(orm.SkipLocked()), rows: nameRows("Ann")},
		{
			name: "for update of one of two tables", rows: nameRows("Ann"), lacks: "mysql", // MySQL has it, MariaDB does not
			stmt: whoIf(person.id.Eq(1)).From(personTable).Join(officeTable).ForUpdate(orm.LockOf(personTable)),
		},
		{name: "for update of an alias", stmt: orm.Select(bossRow.name).From(boss, officeTable).ForUpdate(orm.LockOf(boss), orm.NoWait())},
		{name: "for update at the end", stmt: whoIf(person.id.Lt(9)).Limit(1).Offset(1).ForUpdate(), rows: nameRows("Bob")},
	}
}

func TestSelectMistakesAreTypedErrors(t *testing.T) {
	var noTable *orm.Table
	var noStatement *orm.SelectStatement
	twice := orm.Select(person.age.As("n"), person.id.As("n"))
	ids := orm.Select(person.id, boss.C("id"))
	for name, test := range map[string]struct {
		stmt orm.Statement
		want orm.ErrorKind
	}{
		"no columns":                         {orm.Select(), orm.ErrArgument},
		"a SELECT in FROM without a name":    {orm.Select(person.name).From(orm.Select(person.name)), orm.ErrArgument},
		"a text in the select list":          {orm.Select("name"), orm.ErrArgument},
		"a text in FROM":                     {orm.Select(person.name).From("person"), orm.ErrArgument},
		"nil in the select list":             {orm.Select(nil), orm.ErrArgument},
		"a table that is not there":          {orm.Select(person.name).From(noTable), orm.ErrArgument},
		"columns of one that is not there":   {orm.Select(noTable), orm.ErrArgument},
		"a statement that is nil":            {noStatement, orm.ErrArgument},
		"a subquery that is nil":             {whoIf(orm.Exists(nil)), orm.ErrArgument},
		"a typed subquery that is nil":       {whoIf(person.id.InSelect(noStatement)), orm.ErrArgument},
		"a value from a query that is nil":   {oneValue(orm.Scalar[int](nil)), orm.ErrArgument},
		"nil in the order":                   {whoIf().OrderBy(nil), orm.ErrArgument},
		"a zero order":                       {whoIf().OrderBy(orm.Ordering{}.NullsLast()), orm.ErrArgument},
		"nil in the groups":                  {whoIf().GroupBy(nil), orm.ErrArgument},
		"count of nil":                       {oneValue(orm.Count(nil)), orm.ErrArgument},
		"a zero expression":                  {orm.Select(orm.Expr[int]{}), orm.ErrArgument},
		"a pointer to no entity":             {orm.Select(orm.C(new(string))), orm.ErrArgument},
		"an unknown column":                  {orm.Select(personTable.C("nmae")), orm.ErrUnknownName},
		"an unknown column of an alias":      {orm.Select(boss.C("nmae")), orm.ErrUnknownName},
		"an unknown column of a subquery":    {orm.Select(byAge.Subquery("a").C("x")), orm.ErrUnknownName},
		"a column without a name":            {orm.Select(orm.Select(orm.Count()).From(personTable).Subquery("a").C("count")), orm.ErrUnknownName},
		"two columns of one name":            {orm.Select(orm.Select(person.id.As("x"), person.age.As("x")).Subquery("a").C("x")), orm.ErrAmbiguous},
		"a column of a table not in FROM":    {whoIf().OrderBy(office.city), orm.ErrUnknownName},
		"a group of a table not in FROM":     {whoIf().Unordered().GroupBy(office.city), orm.ErrUnknownName},
		"a lock of a table not in FROM":      {whoIf().ForUpdate(orm.LockOf(officeTable)), orm.ErrUnknownName},
		"a lock of no table":                 {whoIf().ForUpdate(orm.LockOf("person")), orm.ErrArgument},
		"order by a label of two":            {twice.OrderBy(orm.Count().As("n")), orm.ErrAmbiguous},
		"order by a label's name, of two":    {twice.OrderBy(orm.F("n").Desc()), orm.ErrAmbiguous},
		"group by a label of two":            {twice.GroupBy(person.age.As("n")), orm.ErrAmbiguous},
		"order a union by a label of two":    {orm.Union(twice, twice).OrderBy(orm.F("n")), orm.ErrAmbiguous},
		"order a union by a column of two":   {orm.Union(ids, ids).OrderBy(person.id), orm.ErrAmbiguous},
		"order by a name of nothing":         {twice.OrderBy(orm.F("m")), orm.ErrUnknownName},
		"one table twice":                    {whoIf().From(personTable, personTable), orm.ErrAmbiguous},
		"one alias twice":                    {orm.Select(orm.Count()).From(boss, personTable.Alias("boss")), orm.ErrAmbiguous},
		"a subquery without a name":          {orm.Select(byAge.Subquery("")), orm.ErrBadIdentifier},
		"a negative limit":                   {whoIf().Limit(-1), orm.ErrArgument},
		"a negative offset":                  {whoIf().Offset(-1), orm.ErrArgument},
		"a parameter without a value":        {whoIf(orm.Eq(person.name, orm.Param[string]("who"))), orm.ErrArgument},
		"a subquery with nothing of its own": {orm.Select(office.city).Where(orm.Exists(orm.Select(office.id).Where(office.floor.Gt(1)))), orm.ErrArgument},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := orm.Compile(test.stmt, "postgres")
			if !errors.Is(err, test.want) {
				t.Errorf("the error is %v, not %v", err, test.want)
			}
		})
	}
}

func TestErrorOfAMissingColumnListsThoseThatThereAre(t *testing.T) {
	_, _, err := orm.Compile(orm.Select(officeTable.C("town")), "sqlite")
	want := "orm: refer to column office.\"town\": there is no such column (there are: id, city, floor)"
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestMistakesOfATableComeOutOfItsStatements(t *testing.T) {
	broken := orm.NewTable("broken", orm.NewMetadata(), orm.NewColumn("a", types.Integer()), orm.NewColumn("a", types.Integer()))
	for _, stmt := range []orm.Statement{orm.Select(broken), orm.Insert(broken).Values(orm.M{"a": 1}), orm.Delete(broken).AllRows()} {
		if _, _, err := orm.Compile(stmt, "sqlite"); !errors.Is(err, orm.ErrArgument) {
			t.Errorf("the error is %v", err)
		}
	}
}

func TestMissingParameterIsAnErrorBeforeAnythingIsSent(t *testing.T) {
	db := onSQLite(t).withCompany(t)
	_, err := orm.Fetch[string](t.Context(), db.Engine, whoIf(orm.Eq(person.name, orm.Param[string]("who"))))
	if !errors.Is(err, orm.ErrArgument) || !strings.Contains(err.Error(), `"who"`) {
		t.Errorf("the error is %v", err)
	}
	if sent := db.statements(); len(sent) > 0 {
		t.Errorf("sent %v", sent)
	}
}

func TestLimitsAndValuesDoNotChangeTheText(t *testing.T) {
	text := func(stmt orm.Statement) string {
		text, _, err := orm.Compile(stmt, "sqlite")
		must(t, err)
		return text
	}
	if diff := cmp.Diff(text(whoIf(person.age.Gt(1)).Limit(1).Offset(2)), text(whoIf(person.age.Gt(30)).Limit(10).Offset(20))); diff != "" {
		t.Error(diff)
	}
}

func TestDerivingAStatementNeverChangesItsBase(t *testing.T) {
	base := orm.Select(person.name).From(personTable).Where(person.age.Gt(1)).OrderBy(person.id)
	insert := orm.Insert(shelfTable).Values(orm.M{"x": 1, "y": 1})
	update := orm.Update(personTable).Set(person.age.Set(1)).Where(person.id.Eq(1))
	remove := orm.Delete(personTable).Where(person.id.Eq(1))
	union := orm.Union(base.Unordered(), base.Unordered()).OrderBy(person.name)
	filtered := orm.Sum(person.age).Filter(person.age.Gt(1))
	cases := orm.Case[int]().When(person.age.Eq(1), 1)
	bases := map[string]orm.Statement{
		"select": base, "insert": insert, "update": update, "delete": remove, "union": union,
		"filter": oneValue(filtered), "case": oneValue(cases.End()),
	}
	before := map[string]string{}
	for name, stmt := range bases {
		before[name], _, _ = orm.Compile(stmt, "postgres")
	}
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			one := base.Where(person.age.Lt(i)).OrderBy(person.name).GroupBy(person.name).Having(orm.Count().Gt(int64(i))).Join(officeTable).Limit(i).Distinct().ForUpdate()
			two := base.Where(person.rank.Eq(i)).OrderBy(person.age.Desc()).From(shelfTable).Offset(i).Params(orm.M{"i": i}).DistinctOn(person.age)
			for _, stmt := range []orm.Statement{
				one, two, base.Columns(person.id), base.Unordered(), one.Unordered(),
				insert.Values(orm.M{"x": i, "y": 2}), insert.Set(shelf.x.Set(i), shelf.y.Set(i)), insert.Returning(shelf.x),
				update.Set(person.rank.Set(i)).Where(person.rank.Eq(i)).Returning(person.id).From(officeTable).AllRows(),
				remove.Where(person.rank.Eq(i)).Using(officeTable).Returning(person.id).AllRows(),
				union.OrderBy(person.name.Desc()).Limit(i).Offset(i),
				oneValue(filtered.Filter(person.age.Lt(i))), oneValue(cases.When(person.age.Eq(i), i).Else(i)), oneValue(cases.Else(i)),
			} {
				if _, _, err := orm.Compile(stmt, "postgres"); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	for name, stmt := range bases {
		after, _, err := orm.Compile(stmt, "postgres")
		must(t, err)
		if diff := cmp.Diff(before[name], after); diff != "" {
			t.Errorf("%s (-before +after):\n%s", name, diff)
		}
	}
}

func TestTwoStatementsFromOneBaseDoNotMeet(t *testing.T) {
	base := whoIf(person.active, person.age.Gt(1))
	one, two := base.Where(person.name.Eq("one")), base.Where(person.name.Eq("two"))
	for want, stmt := range map[string]*orm.SelectStatement{"one": one, "two": two} {
		_, args, err := orm.Compile(stmt, "sqlite")
		must(t, err)
		if diff := cmp.Diff([]any{int64(1), want}, args); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

func TestNestedSubqueriesAreWrittenInReasonableTime(t *testing.T) {
	columns := make([]any, 12)
	for i := range columns {
		columns[i] = person.age.As("c" + string(rune('a'+i)))
	}
	sub := orm.Select(columns...).Subquery("s0")
	for depth := range 30 {
		for i := range columns {
			name := "c" + string(rune('a'+i))
			columns[i] = orm.Col[int](sub, name).Plus(1).As(name)
		}
		sub = orm.Select(columns...).Subquery("s" + string(rune('a'+depth%26)))
	}
	if _, _, err := orm.Compile(orm.Select(sub.C("ca")), "sqlite"); err != nil {
		t.Error(err)
	}
}
