// This file looks at errors: that whatever the database refuses comes out as one
// of the library's kinds, with the names that the database tells, and without
// values.

package dialecttest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

func errorChecks() []check {
	return slices.Concat(violationChecks(), []check{
		{name: "an error of a trigger", run: raises},
		{name: "a number out of range", run: outOfRange},
		{name: "a text that is too long", run: tooLong},
		{name: "SQL that is not understood", run: fails(orm.ErrSyntax, "SELEC 1")},
		{name: "an unfinished statement", run: fails(orm.ErrSyntax, "SELECT (1")},
		{name: "an unknown table", run: fails(orm.ErrSyntax, "SELECT 1 FROM nowhere")},
		{name: "an unknown column", run: fails(orm.ErrSyntax, "SELECT nothing FROM family")},
		{name: "an unknown function", run: fails(orm.ErrSyntax, "SELECT nonesuch(1)")},
		{name: "a table that is there already", run: fails(orm.ErrSyntax, "CREATE TABLE family (id INTEGER)")},
		{name: "a table that is not there", run: fails(orm.ErrSyntax, "DROP TABLE nowhere")},
		{name: "a quoted name that is not there is no text", run: failsOnQuotedName},
		{name: "a write in a read-only transaction", needs: []need{needsReadOnly}, run: failsReadOnly, lacking: refusesOption(orm.ReadOnly())},
		{name: "an error in the middle of a result", run: failsInResult},
		{name: "more parameters than the database takes", run: refusesTooManyParams},
		{name: "as many parameters as the database takes", run: takesMostParams},
		{name: "a deadlock", needs: []need{needsRowLocks}, run: deadlocks},
		{name: "a lock that is not given", run: timesOut},
		{name: "a row that was changed meanwhile", run: failsSerialization},
		{name: "a connection that an administrator has ended", run: killed},
		{name: "a connection that was ended while it was idle", run: killedWhileIdle},
		{name: "a connection that was ended in a transaction", run: killedInTransaction},
		{name: "a NULL for what cannot be NULL", run: decodesNull},
		{name: "a number that does not fit", run: decodesTooLarge},
		{name: "columns that do not match", run: mismatches},
		{name: "more than one row", run: multipleRows},
		{name: "no row", run: noRows},
	})
}

// secret is a value that no error may show.
const secret = "s3cr3t"

// violation is a statement that violates a constraint of the tables family and
// member, and the names that an error about it can have.
type violation struct {
	name string
	kind orm.ErrorKind
	stmt func(family, member *orm.Table) orm.Statement
	named
}

// named are the table whose constraint is violated, its columns, and its own.
type named struct {
	table      string
	columns    []string
	constraint string
	fromParent bool // the row that is referred to is changed, so that not all databases tell the columns
}

func violations() []violation {
	name := named{table: "family", columns: []string{"name"}}
	home := named{table: "member", columns: []string{"family_id"}, constraint: "fk_home"}
	left := named{table: "member", columns: []string{"family_id"}, constraint: "fk_home", fromParent: true}
	check := named{table: "member", constraint: "ck_member_positive"}
	return []violation{
		{"a duplicate key", orm.ErrUniqueViolation, addFamily(orm.M{"id": 1, "name": secret}), named{table: "family", columns: []string{"id"}, constraint: "pk_family"}},
		{"a duplicate value", orm.ErrUniqueViolation, addFamily(orm.M{"id": 2, "name": "it's " + secret}), named{table: "family", columns: []string{"name"}, constraint: "uq_family_name"}},
		{"a duplicate pair", orm.ErrUniqueViolation, addMember(orm.M{"id": 2, "a": 1, "b": secret}), named{table: "member", columns: []string{"a", "b"}, constraint: "u_pair"}},
		{"a duplicate in a unique index", orm.ErrUniqueViolation, addMember(orm.M{"id": 2, "tag": secret}), named{table: "member", columns: []string{"tag"}, constraint: "ux_tag"}},
		{"a duplicate by an update", orm.ErrUniqueViolation, setFamily(5, "name", "it's "+secret), named{table: "family", columns: []string{"name"}, constraint: "uq_family_name"}},
		{"a reference to nothing", orm.ErrForeignKeyViolation, addMember(orm.M{"id": 2, "family_id": 424242, "tag": "t" + secret}), home},
		{"a row that is referred to", orm.ErrForeignKeyViolation, func(f, _ *orm.Table) orm.Statement { return orm.Delete(f).Where(f.C("id").Eq(1)) }, left},
		{"a key that is referred to", orm.ErrForeignKeyViolation, setFamily(1, "id", 9), left},
		{"NULL", orm.ErrNotNullViolation, addFamily(orm.M{"id": 2, "name": nil}), name},
		{"nothing for a column without a default", orm.ErrNotNullViolation, addFamily(orm.M{"id": 2}), name},
		{"NULL by an update", orm.ErrNotNullViolation, setFamily(5, "name", nil), name},
		{"a check that is false", orm.ErrCheckViolation, addMember(orm.M{"id": 2, "a": -1, "b": secret + "!"}), check},
		{"a check that is false by an update", orm.ErrCheckViolation, func(_, m *orm.Table) orm.Statement { return orm.Update(m).Set(m.C("a").Set(-5)).AllRows() }, check},
	}
}

func addFamily(row orm.M) func(family, member *orm.Table) orm.Statement {
	return func(family, _ *orm.Table) orm.Statement { return orm.Insert(family).Values(row) }
}

func addMember(row orm.M) func(family, member *orm.Table) orm.Statement {
	return func(_, member *orm.Table) orm.Statement { return orm.Insert(member).Values(row) }
}

func setFamily(id int, column string, v any) func(family, member *orm.Table) orm.Statement {
	return func(family, _ *orm.Table) orm.Statement {
		return orm.Update(family).Set(family.C(column).Set(v)).Where(family.C("id").Eq(id))
	}
}

// relatives makes the tables that the statements of this file violate.
func relatives(t *testing.T, db *database) (family, member *orm.Table) {
	t.Helper()
	m := orm.NewMetadata()
	family = orm.NewTable("family", m, key("id"), orm.NewColumn("name", types.String(50), orm.NotNull(), orm.Unique()))
	member = orm.NewTable("member", m,
		key("id"),
		orm.NewColumn("a", types.Integer()), orm.NewColumn("b", types.String(50)), orm.NewColumn("tag", types.String(50)),
		orm.NewColumn("family_id", types.BigInteger(), orm.References("family", "id").Named("fk_home")),
		orm.Unique("a", "b").Named("u_pair"), orm.Check("a >= 0").Named("positive"), orm.NewIndex("ux_tag", "tag").Unique(),
	)
	db.create(t, m)
	exec(t, db, orm.Insert(family).Values(orm.M{"id": 1, "name": "it's " + secret}, orm.M{"id": 5, "name": "other"}))
	exec(t, db, orm.Insert(member).Values(orm.M{"id": 1, "a": 1, "b": secret, "tag": secret, "family_id": 1}))
	return family, member
}

func violationChecks() []check {
	var checks []check
	for _, v := range violations() {
		checks = append(checks, check{name: v.name, run: v.run})
	}
	return checks
}

func (v violation) run(t *testing.T, db *database) {
	family, member := relatives(t, db)
	_, err := orm.Exec(t.Context(), db, v.stmt(family, member))
	wantKind(t, v.kind, err)
	if _, ok := errors.AsType[*orm.IntegrityError](err); !ok {
		t.Errorf("%T is no *orm.IntegrityError", err)
	}
	e := describes(t, db, err)
	tells := db.config.Tells[v.kind]
	if tells.Columns && !(v.fromParent && len(e.Columns) == 0) {
		equal(t, v.columns, e.Columns)
	}
	if !tells.Columns {
		equal(t, 0, len(e.Columns))
	}
	if tells.Constraint && v.constraint != "" && e.Constraint != v.constraint && !strings.EqualFold(e.Constraint, "PRIMARY") {
		t.Errorf("the error names constraint %q, not %q", e.Constraint, v.constraint)
	}
	if !tells.Constraint {
		equal(t, "", e.Constraint)
	}
	if e.Table != v.table && !(v.kind == orm.ErrForeignKeyViolation && e.Table == "family") {
		t.Errorf("the error names table %q, not %q", e.Table, v.table)
	}
}

// describes checks what every error of the database has: its dialect, a code,
// the statement, the driver's error; and no value.
func describes(t *testing.T, db *database, err error) *orm.DBError {
	t.Helper()
	e, ok := errors.AsType[*orm.DBError](err)
	if !ok {
		t.Fatalf("%T is no *orm.DBError", err)
	}
	equal(t, db.Dialect().Name(), e.Dialect)
	if e.Code == "" || e.SQL == "" || e.Op == "" || e.Err == nil {
		t.Errorf("the error has code %q, statement %q, operation %q, and cause %v", e.Code, e.SQL, e.Op, e.Err)
	}
	for _, value := range []string{secret, "424242"} {
		if strings.Contains(errorTexts(err), value) {
			t.Errorf("the error shows a value: %s", errorTexts(err))
		}
	}
	return e
}

// fails runs a text beside the table family.
func fails(kind orm.ErrorKind, text orm.SQL) func(t *testing.T, db *database) {
	return func(t *testing.T, db *database) {
		relatives(t, db)
		_, err := orm.Exec(t.Context(), db, orm.Text(text))
		wantKind(t, kind, err)
		describes(t, db, err)
	}
}

func failsOnQuotedName(t *testing.T, db *database) {
	relatives(t, db)
	_, err := orm.Exec(t.Context(), db, orm.Text(orm.SQL("SELECT name FROM family WHERE "+db.Dialect().QuoteIdent("nothing")+" = 'nothing'")))
	wantKind(t, orm.ErrSyntax, err)
}

func raises(t *testing.T, db *database) {
	table := db.table(t, "guarded", key("id"), orm.NewColumn("name", types.String(50)))
	if len(db.config.Server.Raise) == 0 {
		db.text(t, db, "Raise", "")
	}
	for _, text := range db.config.Server.Raise {
		exec(t, db, orm.Text(text))
	}
	_, err := orm.Exec(t.Context(), db, orm.Insert(table).Values(orm.M{"id": 1, "name": secret}))
	wantKind(t, orm.ErrRaised, err)
	describes(t, db, err)
	equal(t, 0, count(t, db, table))
}

func outOfRange(t *testing.T, db *database) {
	table := db.table(t, "small", key("id"), orm.NewColumn("v", types.SmallInteger()))
	exec(t, db, orm.Insert(table).Values(orm.M{"id": 1, "v": 30000}))
	_, err := orm.Exec(t.Context(), db, orm.Update(table).Set(table.C("v").SetExpr(table.C("v").Times(1000))).AllRows())
	wantKind(t, orm.ErrValue, err)
	describes(t, db, err)
	equal(t, []int{30000}, column[int](t, db, table, "v"))
}

func tooLong(t *testing.T, db *database) {
	table := db.table(t, "short", key("id"), orm.NewColumn("v", types.String(8)))
	exec(t, db, orm.Insert(table).Values(orm.M{"id": 1, "v": secret}))
	v := orm.Col[string](table, "v")
	_, err := orm.Exec(t.Context(), db, orm.Update(table).Set(v.SetExpr(orm.Concat(v, v))).AllRows())
	wantKind(t, orm.ErrValue, err)
	describes(t, db, err)
	equal(t, []string{secret}, column[string](t, db, table, "v"))
}

func failsReadOnly(t *testing.T, db *database) {
	family, _ := relatives(t, db)
	conn := db.conn(t, orm.ReadOnly())
	_, err := orm.Exec(t.Context(), conn, orm.Insert(family).Values(orm.M{"id": 2, "name": secret}))
	wantKind(t, orm.ErrReadOnly, err)
	describes(t, db, err)
}

// failsInResult divides by a number that is zero in the last row, where that is
// an error; where it is none, the result is whole.
func failsInResult(t *testing.T, db *database) {
	db.reading(t)
	id := orm.Col[float64](people, "id")
	stmt := orm.Select(orm.Divide(orm.Lit(1.0), id.Minus(4)).As("x")).From(people).OrderBy(people.C("id"))
	rows, err := orm.Fetch[*float64](t.Context(), db, stmt)
	if err != nil {
		wantKind(t, orm.ErrValue, err)
		equal(t, 0, len(rows))
		return
	}
	equal(t, 4, len(rows))
}

func refusesTooManyParams(t *testing.T, db *database) {
	db.reading(t)
	db.refusesUnsent(t, orm.ErrTooManyParams, insertOf(db.features.MaxParams+1))
}

func takesMostParams(t *testing.T, db *database) {
	table := db.table(t, "numbers", key("id"))
	equal(t, int64(db.features.MaxParams), exec(t, db, orm.Insert(table).Values(insertRows(db.features.MaxParams))).RowsAffected())
}

func insertOf(n int) orm.Statement {
	table := orm.NewTable("numbers", orm.NewMetadata(), key("id"))
	return orm.Insert(table).Values(insertRows(n))
}

func insertRows(n int) []orm.M {
	rows := make([]orm.M, n)
	for i := range rows {
		rows[i] = orm.M{"id": i}
	}
	return rows
}

func decodesNull(t *testing.T, db *database) {
	db.reading(t)
	_, err := orm.Fetch[int](t.Context(), db, orm.Select(people.C("age")).From(people).OrderBy(people.C("id")))
	wantKind(t, orm.ErrDecode, err)
	if !strings.Contains(err.Error(), "age") {
		t.Errorf("the error does not name the column: %v", err)
	}
}

func decodesTooLarge(t *testing.T, db *database) {
	db.reading(t)
	_, err := orm.Fetch[int8](t.Context(), db, ofAnn(people.C("id").Plus(1000)))
	wantKind(t, orm.ErrDecode, err)
}

func mismatches(t *testing.T, db *database) {
	db.reading(t)
	_, err := orm.Fetch[pair](t.Context(), db, orm.Select(people.C("name").As("a")).From(people))
	wantKind(t, orm.ErrSchemaMismatch, err)
}

func multipleRows(t *testing.T, db *database) {
	db.reading(t)
	_, err := orm.FetchOne[string](t.Context(), db, names())
	wantKind(t, orm.ErrMultipleRows, err)
}

func noRows(t *testing.T, db *database) {
	db.reading(t)
	_, err := orm.FetchOne[string](t.Context(), db, names(orm.False()))
	if !errors.Is(err, orm.ErrNoRows) {
		t.Errorf("want ErrNoRows, got: %v", err)
	}
}

// soon is a context for what must not wait for ever.
func soon(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	t.Cleanup(cancel)
	return ctx
}
