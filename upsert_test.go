// This file tests the upsert: what is written and what it does on every database,
// rows of objects, and the mistakes one can make.

package orm_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

func TestUpsertsHaveTheSameEffectOnEveryDatabase(t *testing.T) { runCases(t, upsertCases()) }

// tallyTable has a unique key besides its primary key.
var tallyTable = orm.NewTable("tally", company,
	orm.NewColumn("id", types.BigInteger(), orm.PrimaryKey()),
	orm.NewColumn("word", types.String(20), orm.NotNull()),
	orm.NewColumn("num", types.Integer(), orm.NotNull(), orm.ServerDefaultSQL("7")),
	orm.NewColumn("stamp", types.Integer()),
	orm.NewColumn("note", types.String(20), orm.Default("none")),
	orm.NewColumn("state", types.String(20), orm.OnUpdate("touched")),
	orm.Unique("word").Named("tally_word"),
)

var (
	tally = struct {
		word, note, state orm.Expr[string]
		num, stamp        orm.Expr[int]
	}{
		orm.Col[string](tallyTable, "word"), orm.Col[string](tallyTable, "note"), orm.Col[string](tallyTable, "state"),
		orm.Col[int](tallyTable, "num"), orm.Col[int](tallyTable, "stamp"),
	}
	tallies     = orm.Select(tally.word, tally.num, tally.stamp, tally.note, tally.state).OrderBy(tally.word)
	numbers     = orm.Select(tally.word, tally.num).OrderBy(tally.word)
	twoWords    = orm.Insert(tallyTable).Values(orm.M{"word": "two", "num": 5, "stamp": 15}, orm.M{"word": "six", "num": 6, "stamp": 60})
	secondTally = tallyTable.Alias("other")
)

func upsertCases() []sqlCase {
	return []sqlCase{
		{
			name: "named columns", stmt: twoWords.OnConflict(tally.word).DoUpdate(tally.num), check: tallies,
			rows: []string{"note=none num=1 stamp=10 state=NULL word=one", "note=none num=6 stamp=60 state=NULL word=six", "note=none num=5 stamp=20 state=new word=two"},
		},
		{
			name: "columns by their names", stmt: twoWords.OnConflict("word").DoUpdate("num", "stamp"), check: numbers,
			rows: []string{"num=1 word=one", "num=6 word=six", "num=5 word=two"},
		},
		{
			name: "all columns that have values, and no default", stmt: twoWords.OnConflict("word").DoUpdate(), check: tallies,
			rows: []string{"note=none num=1 stamp=10 state=NULL word=one", "note=none num=6 stamp=60 state=NULL word=six", "note=none num=5 stamp=15 state=new word=two"},
		},
		{name: "rows given afterwards", stmt: orm.Insert(tallyTable).OnConflict("word").DoUpdate().Values(orm.M{"word": "one", "num": 9}), check: numbers, rows: []string{"num=9 word=one", "num=2 word=two"}},
		{name: "do nothing", stmt: twoWords.OnConflict("word").DoNothing(), check: numbers, rows: []string{"num=1 word=one", "num=6 word=six", "num=2 word=two"}},
		{name: "do nothing whatever the key", stmt: twoWords.OnConflict().DoNothing(), check: numbers, rows: []string{"num=1 word=one", "num=6 word=six", "num=2 word=two"}},
		{name: "a constraint by its name", stmt: twoWords.OnConstraint("tally_word").DoUpdate("num"), check: numbers, rows: []string{"num=1 word=one", "num=6 word=six", "num=5 word=two"}},
		{
			name: "a key of two columns, in any order", stmt: orm.Insert(shelfTable).Values(orm.M{"x": 1, "y": 1, "label": "z"}, orm.M{"x": 5, "y": 1}).OnConflict("y", "x").DoUpdate(),
			check: orm.Select(shelf.label).OrderBy(shelf.x, shelf.y), rows: []string{"label=z", "label=b", "label=NULL", "label=empty"},
		},
		{
			name: "values of both rows", stmt: twoWords.OnConflict("word").DoUpdateSet(tally.num.SetExpr(orm.Add(tally.num, orm.Excluded(tally.num))), tally.note.Set("met")), check: tallies,
			rows: []string{"note=none num=1 stamp=10 state=NULL word=one", "note=none num=6 stamp=60 state=NULL word=six", "note=met num=7 stamp=20 state=new word=two"},
		},
		{
			name: "a SELECT for a value", stmt: twoWords.OnConflict("word").DoUpdateSet(tally.num.SetExpr(orm.Scalar[int](orm.Select(orm.Max(shelf.x)).Where(orm.Lt(shelf.x, tally.num))))), check: numbers,
			rows: []string{"num=1 word=one", "num=6 word=six", "num=1 word=two"},
		},
		{name: "NULL", stmt: twoWords.OnConflict("word").DoUpdateSet(tally.stamp.SetNull()), check: orm.Select(tally.stamp).OrderBy(tally.word), rows: []string{"stamp=10", "stamp=60", "stamp=NULL"}},
		{
			name: "a condition", stmt: orm.Insert(tallyTable).Values(orm.M{"word": "one", "num": 9, "stamp": 11}, orm.M{"word": "two", "num": 9, "stamp": 11}).
				OnConflict("word").DoUpdate("stamp", "num").DoUpdateWhere(orm.Gt(orm.Excluded(tally.stamp), tally.stamp)),
			check: tallies, rows: []string{"note=none num=9 stamp=11 state=NULL word=one", "note=none num=2 stamp=20 state=new word=two"},
		},
		{
			name: "a condition that asks for what is set", lacks: "mysql",
			stmt: twoWords.OnConflict("word").DoUpdate("stamp", "num").DoUpdateWhere(tally.stamp.Gt(1), tally.num.Gt(1)), check: numbers,
			rows: []string{"num=1 word=one", "num=6 word=six", "num=5 word=two"},
		},
		{name: "under another name", stmt: orm.Insert(secondTally).Values(orm.M{"word": "two", "num": 5}).OnConflict(secondTally.C("word")).DoUpdateSet(orm.Col[int](secondTally, "num").SetExpr(orm.Add(orm.Col[int](secondTally, "num"), orm.Excluded(orm.Col[int](secondTally, "num"))))), check: numbers, rows: []string{"num=1 word=one", "num=7 word=two"}},
		{name: "from a SELECT", stmt: orm.Insert(tallyTable).FromSelect(orm.Select(person.nick, person.age).Where(person.id.Eq(1)), tally.word, tally.num).OnConflict("word").DoUpdate(), check: numbers, rows: []string{"num=40 word=an_n", "num=1 word=one", "num=2 word=two"}},
		{name: "from a SELECT without a condition", stmt: orm.Insert(shelfTable).FromSelect(orm.Select(office.id, orm.Lit(1), office.city).From(officeTable), shelf.x, shelf.y, shelf.label).OnConflict("x", "y").DoUpdate(), check: orm.Select(shelf.x, shelf.y, shelf.label).OrderBy(shelf.x, shelf.y), rows: []string{"label=Berlin x=1 y=1", "label=b x=1 y=2", "label=Oslo x=2 y=1", "label=Turin x=3 y=1"}},
		{name: "from a set operation", stmt: orm.Insert(tallyTable).FromSelect(orm.UnionAll(orm.Select(tally.word, tally.num.Plus(10)), orm.Select(person.name, person.rank).Where(person.id.Eq(1))), tally.word, tally.num).OnConflict("word").DoUpdate(), check: numbers, rows: []string{"num=1 word=Ann", "num=11 word=one", "num=12 word=two"}},
		{name: "from the table itself", stmt: orm.Insert(tallyTable).FromSelect(orm.Select(tally.word, tally.num.Plus(10)), tally.word, tally.num).OnConflict("word").DoUpdate(), check: numbers, rows: []string{"num=11 word=one", "num=12 word=two"}},
		{name: "returning", stmt: twoWords.OnConflict("word").DoUpdate("num").Returning(tally.word, tally.num, tally.stamp), rows: []string{"num=5 stamp=20 word=two", "num=6 stamp=60 word=six"}},
		{name: "returning what both rows make", stmt: twoWords.OnConflict("word").DoUpdateSet(tally.num.SetExpr(orm.Add(tally.num, orm.Excluded(tally.num)))).Returning(tally.word, tally.num), rows: []string{"num=7 word=two", "num=6 word=six"}},
		{name: "a parameter given later", stmt: orm.Insert(tallyTable).Values(orm.M{"word": "one"}).OnConflict("word").DoUpdateSet(tally.num.SetExpr(orm.Param[int]("n"))).Params(orm.M{"n": 70}), check: numbers, rows: []string{"num=70 word=one", "num=2 word=two"}},
	}
}

func TestUpsertMistakesAreTypedErrors(t *testing.T) {
	bare := orm.NewTable("bare", orm.NewMetadata(), orm.NewColumn("a", types.Integer()))
	for name, test := range map[string]struct {
		stmt orm.Statement
		says string
	}{
		"a column that is no key":       {twoWords.OnConflict("num").DoNothing(), `no unique key of it is of the columns num (there are: pk_tally (id), tally_word (word))`},
		"more than a key":               {twoWords.OnConflict("word", "num").DoUpdate(), "tally_word (word)"},
		"less than a key":               {orm.Insert(shelfTable).Values(orm.M{"x": 1, "y": 1}).OnConflict("x").DoUpdate(), "(x, y)"},
		"a table without keys":          {orm.Insert(bare).Values(orm.M{"a": 1}).OnConflict("a").DoNothing(), "none"},
		"an unknown constraint":         {twoWords.OnConstraint("word").DoNothing(), `named "word" (there are: pk_tally (id), tally_word (word))`},
		"a constraint without a name":   {twoWords.OnConstraint("").DoNothing(), "tally_word (word)"},
		"an update on any conflict":     {twoWords.OnConflict().DoUpdate(), "is not said"},
		"nothing to set":                {orm.Insert(tallyTable).Values(orm.M{"word": "x"}).OnConflict("word").DoUpdate(), "nothing to set"},
		"a column twice":                {twoWords.OnConflict("word").DoUpdate("num", tally.num), "tally.num"},
		"a column of another table":     {twoWords.OnConflict("word").DoUpdate(person.age), "person.age"},
		"an expression for a key":       {twoWords.OnConflict(orm.Lower(tally.word)).DoNothing(), "not a column"},
		"a condition without an update": {twoWords.DoUpdateWhere(tally.num.Gt(1)), "no update"},
		"a condition on nothing":        {twoWords.OnConflict("word").DoNothing().DoUpdateWhere(tally.num.Gt(1)), "DoNothing"},
		"excluded outside":              {orm.Select(orm.Excluded(tally.num)).From(tallyTable), "no upsert"},
		"excluded of another table":     {twoWords.OnConflict("word").DoUpdateSet(tally.num.SetExpr(orm.Excluded(person.age))), "person.age"},
		"a row that is none":            {orm.Insert(tallyTable).Values(7), "int: it is no row"},
		"a slice of what is no row":     {orm.Insert(tallyTable).Values([]int{7}), "int: it is no row"},
		"an empty slice":                {orm.Insert(tallyTable).Values([]orm.M{}), "no rows in it"},
		"a nil row":                     {orm.Insert(tallyTable).Values(nil), "it is no row"},
		"an object for a table":         {orm.Insert(tallyTable).Values(&Ticket{}), "no entity reference"},
		"an object that is nil":         {orm.Insert(orm.Entity[Ticket]()).Values((*Ticket)(nil)), "the pointer is nil"},
		"an object of another struct":   {orm.Insert(orm.Entity[Ticket]()).Values(&User{}), "Ticket"},
	} {
		t.Run(name, func(t *testing.T) {
			for _, dialect := range []string{"sqlite", "postgres", "mysql"} {
				_, _, err := orm.Compile(test.stmt, dialect)
				if !errors.Is(err, orm.ErrArgument) || !strings.Contains(err.Error(), test.says) {
					t.Errorf("%s: the error is %v, not ErrArgument with %q", dialect, err, test.says)
				}
			}
		})
	}
}

// What an upsert has written to is not known by the keys of its rows: the row that
// was there may have another.
func TestUpsertReportsNoKeys(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withCompany(t)
		want := int64(2)
		if db.Dialect().Features().OnDuplicateKey {
			want = -1
		}
		res := get(orm.Exec(t.Context(), db.Engine, twoWords.OnConflict("word").DoUpdate()))(t)
		if res.RowsAffected() != want || res.InsertedPrimaryKeys() != nil {
			t.Errorf("%d rows with the keys %v", res.RowsAffected(), res.InsertedPrimaryKeys())
		}
		res = get(orm.ExecMany(t.Context(), db.Engine, orm.Insert(tallyTable).OnConflict("word").DoUpdate(), []orm.M{{"word": "one", "num": 5}, {"word": "ten", "num": 10}}))(t)
		if res.RowsAffected() != want || res.InsertedPrimaryKeys() != nil {
			t.Errorf("many: %d rows with the keys %v", res.RowsAffected(), res.InsertedPrimaryKeys())
		}
		got := get(orm.Fetch[int](t.Context(), db.Engine, orm.Select(tally.num).OrderBy(tally.word)))(t)
		if diff := cmp.Diff([]int{5, 6, 10, 5}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

func TestInsertOfObjectsLeavesOutWhatAZeroSaysNothingFor(t *testing.T) {
	u, a, k := orm.Entity[User](), orm.Entity[Account](), orm.Entity[Ticket]()
	age := 30
	for name, test := range map[string]struct {
		stmt orm.Statement
		want string
		args []any
	}{
		"a key that is counted up, and defaults": {orm.Insert(u).Values(&User{Name: "ed", Email: "e", Age: &age}), "INSERT INTO users (name, email, age, active, created_at) VALUES (?, ?, ?, ?, ?)", []any{"ed", "e", int64(30), int64(1)}},
		"NULL":                                   {orm.Insert(u).Values(&User{ID: 7, CreatedAt: in2020, Active: true}), "INSERT INTO users (id, name, email, age, active, created_at) VALUES (?, ?, ?, ?, ?, ?)", []any{int64(7), "", "", nil, int64(1)}},
		"a version begins with 1":                {orm.Insert(a).Values(&Account{Owner: "ed"}), "INSERT INTO accounts (owner, balance, version) VALUES (?, ?, ?)", []any{"ed", int64(0), int64(1)}},
		"a default of the database":              {orm.Insert(k).Values(&Ticket{Title: "t"}), "INSERT INTO tickets (title, owner_id) VALUES (?, ?)", []any{"t", nil}},
		"a slice of structs":                     {orm.Insert(k).Values([]Ticket{{Title: "t", Priority: 2}, {Title: "u", Priority: 1}}), "INSERT INTO tickets (title, priority, owner_id) VALUES (?, ?, ?), (?, ?, ?)", []any{"t", int64(2), nil, "u", int64(1), nil}},
		"a version is not overwritten":           {orm.Insert(a).Values(&Account{ID: 1, Owner: "ed", Version: 4}).OnConflict(&a.ID).DoUpdate(), "INSERT INTO accounts (id, owner, balance, version) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, balance = excluded.balance", []any{int64(1), "ed", int64(0), int64(4)}},
	} {
		text, args, err := orm.Compile(test.stmt, "sqlite")
		if must(t, err); text != test.want {
			t.Errorf("%s: %s", name, text)
		}
		if strings.Contains(text, "created_at") {
			args = args[:len(args)-1]
		}
		if diff := cmp.Diff(test.args, args); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// The values are those of the moment, and the objects stay as they are.
func TestInsertOfObjectsTakesTheirValuesAtOnce(t *testing.T) {
	db := onSQLite(t)
	must(t, models.CreateAll(t.Context(), db.Engine))
	u, ed := orm.Entity[User](), &User{Name: "ed", Email: "e"}
	insert := orm.Insert(u).Values(ed)
	ed.Name = "changed"
	res := get(orm.Exec(t.Context(), db.Engine, insert))(t)
	if diff := cmp.Diff([]any{int64(1)}, res.InsertedPrimaryKey()); diff != "" {
		t.Errorf("key (-want +got):\n%s", diff)
	}
	if name := get(orm.FetchOne[string](t.Context(), db.Engine, orm.Select(orm.C(&u.Name))))(t); name != "ed" || ed.ID != 0 || !ed.CreatedAt.IsZero() {
		t.Errorf("the row is of %q, the object is %+v", name, ed)
	}
}

// An upsert of objects gives back the session's own objects, as they are now.
func TestUpsertGivesTheObjectsOfTheSession(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		must(t, models.CreateAll(t.Context(), db.Engine))
		s, u := orm.NewSession(db.Engine), orm.Entity[User]()
		defer s.Close()
		old := &User{Name: "old", Email: "a", Active: true}
		s.Add(old)
		must(t, s.Flush(t.Context()))
		db.statements()

		upsert := orm.Insert(u).Values(&User{Name: "again", Email: "a"}, &User{Name: "new", Email: "b"}).OnConflict(&u.Email).DoUpdate(&u.Name)
		users := get(orm.FromStatement[User](s, upsert.Returning(u)).PopulateExisting().All(t.Context()))(t)
		if len(users) != 2 || users[0] != old || old.Name != "again" || !users[1].Active || users[1].Name != "new" {
			t.Errorf("the objects are %+v and %+v, and the old one is %+v", users[0], users[1], old)
		}
		if sent := db.statements(); len(sent) != 1 {
			t.Errorf("the statements are %q", sent)
		}
		if dirty := s.Dirty(); len(dirty) > 0 {
			t.Errorf("%d objects are dirty", len(dirty))
		}
		names := get(orm.Pluck(t.Context(), orm.Query[User](s).OrderBy(orm.C(&u.Email)), orm.C(&u.Name)))(t)
		if diff := cmp.Diff([]string{"again", "new"}, names); diff != "" {
			t.Errorf("rows (-want +got):\n%s", diff)
		}
	})
}

// An upsert on the key of a partial index, or of one on an expression, says so
// with the index's own words.
func TestUpsertOnAnIndexOfSomeRows(t *testing.T) {
	for _, url := range []string{"sqlite", "postgres"} {
		meta := orm.NewMetadata()
		table := orm.NewTable("page", meta, orm.NewColumn("id", types.BigInteger(), orm.PrimaryKey()),
			orm.NewColumn("slug", types.String(20)), orm.NewColumn("gone", types.Boolean(), orm.NotNull()), orm.NewColumn("hits", types.Integer()),
			orm.NewIndex("page_live", "slug").Unique().Where("gone = false"), orm.NewIndexOn("page_lower", orm.IndexPart{SQL: "lower(slug)"}).Unique())
		row := orm.Insert(table).Values(orm.M{"slug": "a", "gone": false, "hits": 1})
		for name, test := range map[string]struct {
			stmt *orm.InsertStatement
			want string
		}{
			"the index's condition": {row.OnConflict("slug").DoUpdate("hits"), "ON CONFLICT (slug) WHERE gone = false DO UPDATE SET hits = excluded.hits"},
			"a condition in words":  {row.OnConflict("slug").Where(orm.Not(orm.Col[bool](table, "gone"))).DoNothing(), "ON CONFLICT (slug) WHERE NOT gone DO NOTHING"},
			"an index by its name":  {row.OnConstraint("page_live").DoNothing(), "ON CONFLICT (slug) WHERE gone = false DO NOTHING"},
			"an expression":         {row.OnConstraint("page_lower").DoNothing(), "ON CONFLICT ((lower(slug))) DO NOTHING"},
		} {
			text, _, err := orm.Compile(test.stmt, url)
			if must(t, err); !strings.HasSuffix(text, test.want) {
				t.Errorf("%s on %s: %s", name, url, text)
			}
		}
		if _, _, err := orm.Compile(row.OnConflict("slug").Where(orm.True()).DoNothing(), "mysql"); !errors.Is(err, orm.ErrUnsupported) {
			t.Errorf("a condition of the key on MySQL: the error is %v", err)
		}
	}
}

// The index's own words are what the databases look for.
func TestUpsertFindsAnIndexOfSomeRows(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		if !db.Dialect().Features().PartialIndex {
			return
		}
		meta := orm.NewMetadata()
		table := orm.NewTable("page", meta, orm.NewColumn("id", types.BigInteger(), orm.PrimaryKey()),
			orm.NewColumn("slug", types.String(20)), orm.NewColumn("gone", types.Boolean(), orm.NotNull()), orm.NewColumn("hits", types.Integer()),
			orm.NewIndex("page_live", "slug").Unique().Where("gone = false"))
		must(t, meta.CreateAll(t.Context(), db.Engine))
		for _, gone := range []bool{true, true, false, false} {
			get(orm.Exec(t.Context(), db.Engine, orm.Insert(table).Values(orm.M{"slug": "a", "gone": gone, "hits": 1}).OnConflict("slug").DoUpdateSet(table.C("hits").Set(2))))(t)
		}
		got := get(orm.Fetch[int](t.Context(), db.Engine, orm.Select(table.C("hits")).OrderBy(table.C("id"))))(t)
		if diff := cmp.Diff([]int{1, 1, 2}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	})
}

// A database that cannot be told the key takes any: what is a mistake elsewhere
// changes the row there.
func TestUpsertOnAnotherKeyThanTheOneThatIsMet(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withCompany(t)
		_, err := orm.Exec(t.Context(), db.Engine, orm.Insert(tallyTable).Values(orm.M{"id": 50, "word": "one", "num": 3}).OnConflict("id").DoUpdate("num"))
		got := get(orm.FetchOne[int](t.Context(), db.Engine, orm.Select(tally.num).Where(tally.word.Eq("one"))))(t)
		if db.Dialect().Features().OnDuplicateKey {
			if must(t, err); got != 3 {
				t.Errorf("the row has %d", got)
			}
			return
		}
		if !errors.Is(err, orm.ErrUniqueViolation) || got != 1 {
			t.Errorf("the error is %v, and the row has %d", err, got)
		}
	})
}

// Doing nothing hides no other mistake, as INSERT IGNORE would.
func TestDoNothingHidesNoOtherMistake(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withCompany(t)
		if _, err := orm.Exec(t.Context(), db.Engine, orm.Insert(tallyTable).Values(orm.M{"word": "six", "num": nil}).OnConflict().DoNothing()); !errors.Is(err, orm.ErrNotNullViolation) {
			t.Errorf("NULL: the error is %v", err)
		}
		absent := orm.Insert(visitTable).Values(orm.M{"host_id": 77, "guest_id": 78, "day": in2020}).OnConflict().DoNothing()
		if _, err := orm.Exec(t.Context(), db.Engine, absent); !errors.Is(err, orm.ErrForeignKeyViolation) {
			t.Errorf("a foreign key: the error is %v", err)
		}
	})
}
