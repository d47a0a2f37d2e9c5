// This file tests reading: which results fit which Go types, and what becomes of
// the connection, whichever way the reading ends.

package orm

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aurum-go/orm/types"
)

const fetchText = "SELECT x"

// fetchOn scripts the one query of these tests.
func fetchOn(t *testing.T, columns []string, rows ...[]driver.Value) (*Engine, *fakeDB) {
	t.Helper()
	e, db := newTestEngine(t)
	db.On(fetchText).Rows(columns, rows...)
	return e, db
}

func fetched[T any](t *testing.T, columns []string, rows ...[]driver.Value) ([]T, error) {
	t.Helper()
	e, _ := fetchOn(t, columns, rows...)
	return Fetch[T](testContext(t), e, Text(fetchText))
}

func wantRows[T any](t *testing.T, want []T, columns []string, rows ...[]driver.Value) {
	t.Helper()
	got, err := fetched[T](t, columns, rows...)
	wantNoError(t, err)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-want +got)\n%s", diff)
	}
}

type cityRow struct {
	Name     string
	HTTPCode int
	People   *int64
}

type audited struct {
	CreatedAt time.Time
	By        string `orm:"column:author"`
}

type wideRow struct {
	ID int64
	audited
	Home   audited `orm:"-"`
	hidden string  //nolint:unused // a row leaves it alone
	Note   sql.Null[string]
}

type prefixedRow struct {
	ID      int64
	Audited `orm:"prefix:a_"`
}

// Audited is exported, as an embedded struct has to be to be set from outside.
type Audited struct {
	By string `orm:"column:author"`
	At int64
}

func TestFetchIntoEveryShape(t *testing.T) {
	five := int64(5)
	at := time.Date(2026, 1, 2, 3, 4, 5, 6000, time.UTC)
	t.Run("scalars", func(t *testing.T) {
		wantRows(t, []int64{1, 2}, []string{"n"}, []driver.Value{int64(1)}, []driver.Value{int64(2)})
		wantRows(t, []string{"a"}, []string{"n"}, []driver.Value{[]byte("a")})
		wantRows(t, []*int64{nil, &five}, []string{"n"}, []driver.Value{nil}, []driver.Value{int64(5)})
		wantRows(t, []time.Time{at}, []string{"n"}, []driver.Value{at})
		wantRows(t, []sql.Null[string]{{}, {V: "a", Valid: true}}, []string{"n"}, []driver.Value{nil}, []driver.Value{"a"})
	})
	t.Run("no rows", func(t *testing.T) { wantRows[int](t, nil, []string{"n"}) })
	columns := []string{"http_code", "PEOPLE", "name"}
	t.Run("structs by column name", func(t *testing.T) {
		wantRows(t, []cityRow{{"Perth", 200, &five}, {"Hobart", 404, nil}}, columns,
			[]driver.Value{int64(200), int64(5), "Perth"}, []driver.Value{int64(404), nil, "Hobart"})
	})
	t.Run("pointers to structs", func(t *testing.T) {
		wantRows(t, []*cityRow{{"Perth", 200, &five}, {"Hobart", 404, nil}}, columns,
			[]driver.Value{int64(200), int64(5), "Perth"}, []driver.Value{int64(404), nil, "Hobart"})
	})
	t.Run("embedded structs, tags, Null", func(t *testing.T) {
		got, err := fetched[wideRow](t, []string{"note", "author", "id", "created_at"}, []driver.Value{"n", "ed", int64(1), at})
		wantNoError(t, err)
		want := []wideRow{{ID: 1, audited: audited{CreatedAt: at, By: "ed"}, Note: sql.Null[string]{V: "n", Valid: true}}}
		if diff := cmp.Diff(want, got, cmp.AllowUnexported(wideRow{})); diff != "" {
			t.Errorf("rows (-want +got)\n%s", diff)
		}
	})
	t.Run("prefixes of embedded structs", func(t *testing.T) {
		wantRows(t, []prefixedRow{{1, Audited{"ed", 7}}}, []string{"id", "a_author", "a_at"}, []driver.Value{int64(1), "ed", int64(7)})
	})
	t.Run("maps", func(t *testing.T) {
		wantRows(t, []M{{"a": int64(1), "b": nil}}, []string{"a", "b"}, []driver.Value{int64(1), nil})
		wantRows(t, []map[string]any{{"a": "x"}}, []string{"a"}, []driver.Value{"x"})
	})
}

func TestFetchUsesTheTypesThatTheStatementKnows(t *testing.T) {
	e, _ := fetchOn(t, []string{"n", "d"}, []driver.Value{"12.50", []byte(`{"a":[1]}`)})
	stmt := Text(fetchText).Columns(ResultColumn{"n", types.Numeric(10, 2)}, ResultColumn{"d", types.JSONType()})
	rows, err := Fetch[M](testContext(t), e, stmt)
	wantNoError(t, err)
	want := []M{{"n": "12.50", "d": map[string]any{"a": []any{1.0}}}}
	if diff := cmp.Diff(want, rows); diff != "" {
		t.Errorf("rows (-want +got)\n%s", diff)
	}
	type document struct {
		N string
		D []int `orm:"type:json"`
	}
	e, _ = fetchOn(t, []string{"n", "d"}, []driver.Value{"x", `[1,2]`})
	documents, err := Fetch[document](testContext(t), e, Text(fetchText))
	wantNoError(t, err)
	if diff := cmp.Diff([]document{{"x", []int{1, 2}}}, documents); diff != "" {
		t.Errorf("rows (-want +got)\n%s", diff)
	}
}

func TestResultsThatDoNotFit(t *testing.T) {
	type loose struct {
		A int64
		B chan int
	}
	one := []driver.Value{int64(1), int64(2)}
	tests := []struct {
		name  string
		fetch func() error
		want  ErrorKind
		text  string
	}{
		{"two columns into a scalar", func() error { _, err := fetched[int](t, []string{"a", "b"}, one); return err }, ErrSchemaMismatch, "2 columns (a, b)"},
		{"a type without a codec", func() error { _, err := fetched[chan int](t, []string{"a"}, one[:1]); return err }, ErrSchemaMismatch, "chan int"},
		{"columns and fields without a partner", func() error { _, err := fetched[cityRow](t, []string{"name", "b"}, one); return err }, ErrSchemaMismatch,
			`column "b" has no field, field HTTPCode has no column, field People has no column`},
		{"two columns of one name into a struct", func() error { _, err := fetched[cityRow](t, []string{"name", "name"}, one); return err }, ErrSchemaMismatch,
			`columns 1 and 2 of the result are both named "name"`},
		{"two columns of one name into a map", func() error { _, err := fetched[M](t, []string{"a", "a"}, one); return err }, ErrSchemaMismatch, "columns 1 and 2"},
		{"a field without a codec", func() error { _, err := fetched[loose](t, []string{"a", "b"}, one); return err }, ErrSchemaMismatch, "loose.B"},
		{"NULL into a scalar", func() error { _, err := fetched[int](t, []string{"a"}, one[:1], []driver.Value{nil}); return err }, ErrDecode,
			`column "a": NULL does not fit into int (row 2)`},
		{"NULL into a field", func() error {
			_, err := fetched[cityRow](t, []string{"name", "http_code", "people"}, []driver.Value{nil, int64(1), nil})
			return err
		}, ErrDecode, `column "name": NULL does not fit into string (row 1)`},
		{"text into a number", func() error { _, err := fetched[int](t, []string{"a"}, []driver.Value{"hunter2"}); return err }, ErrDecode, `column "a": the value does not fit (row 1)`},
		{"a number that is too great", func() error { _, err := fetched[int8](t, []string{"a"}, []driver.Value{int64(300)}); return err }, ErrDecode, `column "a"`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := test.fetch()
			wantError(t, err, test.want)
			if !strings.Contains(fmt.Sprint(err), test.text) || strings.Contains(fmt.Sprint(err), "hunter2") {
				t.Errorf("text %q, want %q in it and no value", err, test.text)
			}
		})
	}
}

func TestUnfitValueDoesNotFailTheTransaction(t *testing.T) {
	e, db := fetchOn(t, []string{"a"}, []driver.Value{nil}, []driver.Value{int64(1)})
	c := mustConnect(t, e)
	_, err := Fetch[int](testContext(t), c, Text(fetchText))
	wantError(t, err, ErrDecode, types.ErrNull)
	wantState(t, c, TxActive)
	mustRun(t, c, insertOne)
	wantSent(t, db, "BEGIN", fetchText, "INSERT INTO a")
}

func TestFetchOne(t *testing.T) {
	tests := []struct {
		name string
		rows int
		want error
	}{
		{"none", 0, ErrNoRows},
		{"none, in the standard library's word", 0, sql.ErrNoRows},
		{"one", 1, nil},
		{"two", 2, ErrMultipleRows},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			e, _ := fetchOn(t, []string{"n"}, slices.Repeat([][]driver.Value{{int64(7)}}, test.rows)...)
			n, err := FetchOne[int](testContext(t), e, Text(fetchText))
			if !errors.Is(err, test.want) || (n == 7) != (test.want == nil) {
				t.Errorf("%d, %v; want error %v", n, err, test.want)
			}
		})
	}
}

func TestFetchReturnsNothingOfATruncatedResult(t *testing.T) {
	e, db := newTestEngine(t)
	db.On(fetchText).Rows([]string{"n"}, []driver.Value{int64(1)}).FailRows(serverSays(ErrConnection, "57P01"))
	rows, err := Fetch[int](testContext(t), e, Text(fetchText))
	wantError(t, err, ErrConnection)
	if rows != nil {
		t.Errorf("rows %v", rows)
	}
	_, err = FetchOne[int](testContext(t), e, Text(fetchText))
	wantError(t, err, ErrConnection)
	db.On(fetchText).Rows([]string{"n"}).FailRows(serverSays(ErrConnection, "57P01"))
	_, err = FetchOne[int](testContext(t), e, Text(fetchText))
	wantError(t, err, ErrConnection)
	if errors.Is(err, ErrNoRows) {
		t.Error("a result that broke off looks empty")
	}
}

func TestFetchIterYieldsRowsThenTheError(t *testing.T) {
	e, db := newTestEngine(t)
	db.On(fetchText).Rows([]string{"n"}, []driver.Value{int64(1)}, []driver.Value{int64(2)}).FailRows(serverSays(ErrDeadlock, "40P01"))
	seq := FetchIter[int](testContext(t), e, Text(fetchText))
	for range 2 {
		var got []int
		var errs []error
		for n, err := range seq {
			if err != nil {
				errs = append(errs, err)
				continue
			}
			got = append(got, n)
		}
		if diff := cmp.Diff([]int{1, 2}, got); diff != "" {
			t.Errorf("rows (-want +got)\n%s", diff)
		}
		if len(errs) != 1 || !errors.Is(errs[0], ErrDeadlock) {
			t.Errorf("errors %v", errs)
		}
	}
	for _, err := range FetchIter[string](testContext(t), e, Text("BEGIN")) {
		wantError(t, err, ErrTxControl)
	}
}

func TestFetchIterRowsAreIndependent(t *testing.T) {
	type row struct {
		Tags map[string]int `orm:"type:json"`
	}
	e, _ := fetchOn(t, []string{"tags"}, []driver.Value{`{"a":1}`}, []driver.Value{`{"b":2}`})
	var got []row
	for r, err := range FetchIter[row](testContext(t), e, Text(fetchText)) {
		wantNoError(t, err)
		got = append(got, r)
	}
	if diff := cmp.Diff([]row{{map[string]int{"a": 1}}, {map[string]int{"b": 2}}}, got); diff != "" {
		t.Errorf("rows (-want +got)\n%s", diff)
	}
}

func TestLeavingTheLoopGivesTheConnectionBack(t *testing.T) {
	e, db := fetchOn(t, []string{"n"}, []driver.Value{int64(1)}, []driver.Value{int64(2)})
	for range FetchIter[int](testContext(t), e, Text(fetchText)) {
		if e.Stats().InUse != 1 {
			t.Error("the connection is not in use while rows are read")
		}
		break
	}
	if n := e.Stats().InUse; n != 0 {
		t.Errorf("%d connections in use", n)
	}
	c := mustConnect(t, e)
	for range FetchIter[int](testContext(t), c, Text(fetchText)) {
		wantError(t, run(t, c, insertOne), ErrConcurrentUse)
		break
	}
	wantState(t, c, TxActive)
	mustRun(t, c, insertOne)
	wantSent(t, db, fetchText, "BEGIN", fetchText, "INSERT INTO a")
}

func TestLeavingTheLoopCutsTheQueryOff(t *testing.T) {
	e, db := newTestEngine(t)
	var during context.Context
	db.On(fetchText).Rows([]string{"n"}, []driver.Value{int64(1)}, []driver.Value{int64(2)})
	e.Events().BeforeExecute(func(ctx context.Context, _ *Execution) error { during = ctx; return nil })
	c, err := e.connect(testContext(t), txConfig{autocommit: true})
	wantNoError(t, err)
	cur, err := c.open(testContext(t), selectOne, nil, true)
	wantNoError(t, err)
	if cur.cancel == nil {
		t.Error("the query cannot be cut off")
	}
	db.Last().valid = false // as a driver answers whose connection a cancellation has cost
	wantNoError(t, cur.Close())
	if during.Err() != nil {
		t.Error("the caller's own context was canceled")
	}
	mustRun(t, c, insertOne)
	wantNoError(t, c.Close())
	if !slices.Contains(sent(db), "close conn") {
		t.Error("the dead connection went back to the pool")
	}
	inTx := mustConnect(t, e)
	wantNoError(t, inTx.Begin(testContext(t)))
	cur, err = inTx.open(testContext(t), selectOne, nil, true)
	wantNoError(t, err)
	if cur.cancel != nil {
		t.Error("a query in a transaction would be cut off, and the transaction with it")
	}
	wantNoError(t, cur.Close())
}

func TestPanicInTheLoopFailsTheTransaction(t *testing.T) {
	e, db := fetchOn(t, []string{"n"}, []driver.Value{int64(1)}, []driver.Value{int64(2)})
	c := mustConnect(t, e)
	err := recoverFrom(func() error {
		for range FetchIter[int](testContext(t), c, Text(fetchText)) {
			panic("boom")
		}
		return nil
	})
	if err == nil || err.Error() != "panic: boom" {
		t.Errorf("error %v", err)
	}
	wantState(t, c, TxFailed)
	wantNoError(t, c.Rollback(testContext(t)))
	wantSent(t, db, "BEGIN", fetchText, "ROLLBACK")
}

func TestPanicOfAScannerGivesTheConnectionBack(t *testing.T) {
	e, _ := fetchOn(t, []string{"n"}, []driver.Value{"x"})
	err := recoverFrom(func() error {
		_, err := Fetch[panickingScanner](testContext(t), e, Text(fetchText))
		return err
	})
	if err == nil || err.Error() != "panic: boom" {
		t.Errorf("error %v", err)
	}
}

type panickingScanner struct{}

func (*panickingScanner) Scan(any) error              { panic("boom") }
func (panickingScanner) Value() (driver.Value, error) { return nil, nil }

func TestFetchOfWhatCannotBeCompiledSendsNothing(t *testing.T) {
	e, db := newTestEngine(t)
	_, fetchErr := Fetch[int](testContext(t), e, Text("SELECT ?, :a", 1))
	_, execErr := Exec(testContext(t), e, Text("SELECT ?", struct{}{}))
	for _, err := range []error{fetchErr, execErr} {
		if err == nil {
			t.Error("no error")
		}
	}
	if log := db.Log(); len(log) != 0 {
		t.Errorf("log %q", log)
	}
}

func TestFetchReportsTheErrorOfTheQuery(t *testing.T) {
	e, db := newTestEngine(t)
	db.On(fetchText).Fail(serverSays(ErrSyntax, "42601"))
	_, err := Fetch[int](testContext(t), e, Text(fetchText))
	wantError(t, err, ErrSyntax)
	db.On("connect").Fail(serverSays(ErrResource, "53300"))
	wantNoError(t, e.Close())
	e, db = newTestEngine(t)
	db.On("connect").Fail(serverSays(ErrResource, "53300"))
	_, err = Fetch[int](testContext(t), e, Text(fetchText))
	wantError(t, err, ErrResource)
	_, err = Exec(testContext(t), e, Text(fetchText))
	wantError(t, err, ErrResource)
}

func TestScanPlansAreSharedAndTellTypesApart(t *testing.T) {
	goType := reflect.TypeFor[cityRow]()
	columns := []string{"name", "people", "http_code"}
	known := []resultColumn{{name: "name", typ: types.Text()}, {name: "people", typ: types.BigInteger()}, {name: "http_code", typ: types.Integer()}}
	plan := func(columns []string, known []resultColumn) *scanPlan {
		t.Helper()
		p, err := scanPlanFor(goType, columns, known, false)
		wantNoError(t, err)
		return p
	}
	first := plan(columns, known)
	if plan(slices.Clone(columns), slices.Clone(known)) != first {
		t.Error("the same columns have another plan")
	}
	if plan(columns, nil) == first {
		t.Error("columns of unknown types have the plan of known ones")
	}
	if p := plan(columns, known[:1]); p.known != nil {
		t.Error("types were taken for a result of another width")
	}
}

func TestScanPlansAreBounded(t *testing.T) {
	for i := range maxPlans + 10 {
		_, err := scanPlanFor(reflect.TypeFor[M](), []string{fmt.Sprint("c", i)}, nil, false)
		wantNoError(t, err)
	}
	plans.RLock()
	defer plans.RUnlock()
	if n := len(plans.byKey); n > maxPlans {
		t.Errorf("%d plans are kept", n)
	}
}

func TestResultTellsTheKeysOfItsRows(t *testing.T) {
	keys := [][]any{{int64(1)}, {int64(2)}}
	r := &Result{affected: 2, keys: keys}
	if diff := cmp.Diff(keys, r.InsertedPrimaryKeys()); diff != "" {
		t.Errorf("keys (-want +got)\n%s", diff)
	}
	if diff := cmp.Diff(keys[0], r.InsertedPrimaryKey()); diff != "" {
		t.Errorf("first key (-want +got)\n%s", diff)
	}
}
