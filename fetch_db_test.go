// This file tests what the databases give: the rows of statements as scalars,
// structs and maps, one by one and in streams, and hand-written SQL.

package orm_test

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aurum-go/orm"
	"github.com/aurum-go/orm/types"
)

var (
	readings = orm.NewTable("readings", orm.NewMetadata(),
		orm.NewColumn("id", types.BigInteger(), orm.PrimaryKey(), orm.Autoincrement(false)),
		orm.NewColumn("flag", types.Boolean()),
		orm.NewColumn("small", types.SmallInteger()),
		orm.NewColumn("big", types.BigInteger()),
		orm.NewColumn("ratio", types.Double()),
		orm.NewColumn("price", types.Numeric(12, 3)),
		orm.NewColumn("label", types.String(20)),
		orm.NewColumn("note", types.Text()),
		orm.NewColumn("raw", types.LargeBinary()),
		orm.NewColumn("day", types.Date()),
		orm.NewColumn("at", types.DateTime()),
		orm.NewColumn("doc", types.JSONType()),
	)
	readingAt  = time.Date(2024, 2, 29, 23, 59, 58, 123456000, time.UTC)
	readingDay = time.Date(2024, 2, 29, 0, 0, 0, 0, time.UTC)
)

// withReadings makes the table of readings: row 1 has values, row 2 is NULL but
// for its key.
func (db *testDB) withReadings(t *testing.T) *testDB {
	t.Helper()
	ctx := t.Context()
	must(t, readings.Metadata().CreateAll(ctx, db.Engine))
	get(orm.Exec(ctx, db.Engine, orm.Insert(readings).Values(orm.M{
		"id": 1, "flag": true, "small": 300, "big": int64(1) << 53, "ratio": 0.5, "price": "12.500", "label": "text", "note": "7",
		"raw": []byte{0, 255}, "day": readingDay, "at": readingAt, "doc": types.NewJSON([]int{1, 2}),
	})))(t)
	get(orm.Exec(ctx, db.Engine, orm.Insert(readings).Values(orm.M{"id": 2})))(t)
	db.statements()
	return db
}

// The database has a column more than the mapping knows, and another order.
func TestAllColumnsOfATableAreThoseOfItsDefinition(t *testing.T) {
	type spot struct {
		ID   int64
		Seen time.Time
		Note *string
	}
	spots := orm.NewTable("spots", orm.NewMetadata(),
		orm.NewColumn("id", types.BigInteger(), orm.PrimaryKey(), orm.Autoincrement(false)),
		orm.NewColumn("seen", types.DateTime()),
		orm.NewColumn("note", types.String(20)),
	)
	drifted := orm.NewTable("spots", orm.NewMetadata(),
		orm.NewColumn("note", types.String(20)),
		orm.NewColumn("later", types.Integer(), orm.Default(7)),
		orm.NewColumn("seen", types.DateTime()),
		orm.NewColumn("id", types.BigInteger(), orm.PrimaryKey(), orm.Autoincrement(false)),
	)
	want := []spot{{ID: 1, Seen: readingAt}}
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		ctx := t.Context()
		must(t, drifted.Metadata().CreateAll(ctx, db.Engine))
		get(orm.Exec(ctx, db.Engine, orm.Insert(spots).Values(orm.M{"id": 1, "seen": readingAt})))(t)
		expect(t, want, get(orm.Fetch[spot](ctx, db.Engine, orm.Select(spots)))(t))
		expect(t, want, get(orm.Fetch[spot](ctx, db.Engine, orm.Select(spots.Alias("s"))))(t))
		expect(t, want, get(orm.Fetch[spot](ctx, db.Engine, orm.Select(orm.Select(spots).Subquery("s"))))(t))
		expect(t, want, get(orm.Fetch[spot](ctx, db.Engine, orm.UnionAll(orm.Select(spots), orm.Select(spots).Limit(0))))(t))
		expect(t, []orm.M{{"id": int64(1), "seen": readingAt, "note": nil}}, get(orm.Fetch[orm.M](ctx, db.Engine, orm.Select(spots)))(t))
		_, err := orm.Fetch[spot](ctx, db.Engine, orm.Select(drifted))
		expect(t, true, errors.Is(err, orm.ErrSchemaMismatch))
	})
}

// reading is a column of a row, read into one type of Go.
type reading struct {
	column string
	read   func(ctx context.Context, ex orm.Executor, stmt orm.Statement) (any, error)
	want   any // the value, or the kind of the error
}

func readAs[T any](column string, want any) reading {
	return reading{column, func(ctx context.Context, ex orm.Executor, stmt orm.Statement) (any, error) {
		return orm.FetchOne[T](ctx, ex, stmt)
	}, want}
}

type label string

func valueReadings() []reading {
	seven, yes := int8(7), true
	return []reading{
		readAs[bool]("flag", true),
		readAs[*bool]("flag", &yes),
		readAs[sql.Null[bool]]("flag", sql.Null[bool]{V: true, Valid: true}),
		readAs[int]("small", 300),
		readAs[int8]("small", orm.ErrDecode),
		readAs[uint16]("small", uint16(300)),
		readAs[float64]("small", orm.ErrSchemaMismatch),
		readAs[int64]("big", int64(1)<<53),
		readAs[int32]("big", orm.ErrDecode),
		readAs[string]("big", orm.ErrSchemaMismatch),
		readAs[float64]("ratio", 0.5),
		readAs[float32]("ratio", float32(0.5)),
		readAs[int]("ratio", orm.ErrDecode),
		readAs[string]("price", "12.500"),
		readAs[float64]("price", 12.5),
		readAs[int]("price", orm.ErrDecode),
		readAs[string]("label", "text"),
		readAs[label]("label", label("text")),
		readAs[sql.NullString]("label", sql.NullString{String: "text", Valid: true}),
		readAs[[]byte]("label", []byte("text")),
		readAs[int]("label", orm.ErrSchemaMismatch),
		readAs[time.Time]("label", orm.ErrSchemaMismatch),
		readAs[int8]("note", orm.ErrSchemaMismatch),
		readAs[*int8]("note", orm.ErrSchemaMismatch),
		readAs[[]byte]("raw", []byte{0, 255}),
		readAs[string]("raw", orm.ErrSchemaMismatch),
		readAs[time.Time]("at", readingAt),
		readAs[*time.Time]("at", &readingAt),
		readAs[time.Time]("day", readingDay),
		readAs[int64]("at", orm.ErrSchemaMismatch),
		readAs[types.JSON[[]int]]("doc", types.NewJSON([]int{1, 2})),
		readAs[types.JSON[map[string]int]]("doc", orm.ErrDecode),
		readAs[*int8]("note of no type", &seven),
		readAs[int8]("note of no type", int8(7)),
		readAs[string]("note of no type", "7"),
		readAs[int]("label of no type", orm.ErrDecode),
		readAs[bool]("flag of no type", true),
		readAs[int64]("big of no type", int64(1)<<53),
		readAs[string]("price of no type", "12.500"),
		readAs[float64]("price of no type", 12.5),
		readAs[time.Time]("at of no type", readingAt),
		readAs[chan int]("id", orm.ErrSchemaMismatch),
		readAs[func()]("id", orm.ErrSchemaMismatch),
	}
}

// statement selects the column of row 1, by an expression of its type or by
// text that says nothing of it.
func (r reading) statement() orm.Statement {
	if column, ok := strings.CutSuffix(r.column, " of no type"); ok {
		return orm.Text(orm.SQL("SELECT " + column + " FROM readings WHERE id = 1"))
	}
	return orm.Select(readings.C(r.column)).Where(readings.C("id").Eq(1))
}

func TestScalarsAreReadByTheSameRulesOnEveryDatabase(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withReadings(t)
		for _, r := range valueReadings() {
			got, err := r.read(t.Context(), db.Engine, r.statement())
			if kind, refused := r.want.(orm.ErrorKind); refused {
				if !errors.Is(err, kind) {
					t.Errorf("%s into %T: %v, %v", r.column, got, got, err)
				}
				continue
			}
			if diff := cmp.Diff(r.want, got); err != nil || diff != "" {
				t.Errorf("%s into %T: %v (-want +got):\n%s", r.column, got, err, diff)
			}
		}
	})
}

func TestNULLNeedsRoom(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withReadings(t)
		ctx := t.Context()
		for _, column := range []string{"flag", "small", "big", "ratio", "price", "label", "note", "raw", "day", "at", "doc"} {
			null := orm.Select(readings.C(column)).Where(readings.C("id").Eq(2))
			row, err := orm.FetchOne[orm.M](ctx, db.Engine, null)
			if diff := cmp.Diff(orm.M{column: nil}, row); err != nil || diff != "" {
				t.Errorf("%s: %v (-want +got):\n%s", column, err, diff)
			}
		}
		both := orm.Select(readings.C("small")).OrderBy(readings.C("id"))
		_, err := orm.Fetch[int](ctx, db.Engine, both)
		for _, word := range []string{`"small"`, "row 2", "NULL"} {
			if !errors.Is(err, orm.ErrDecode) || !strings.Contains(err.Error(), word) {
				t.Errorf("the error does not say %s: %v", word, err)
			}
		}
		compare(t, []*int{new(300), nil}, get(orm.Fetch[*int](ctx, db.Engine, both))(t))
		compare(t, []sql.Null[int]{{V: 300, Valid: true}, {}}, get(orm.Fetch[sql.Null[int]](ctx, db.Engine, both))(t))
		type row struct {
			ID    int64
			Small int
		}
		_, err = orm.Fetch[row](ctx, db.Engine, orm.Select(readings.C("id"), readings.C("small")).OrderBy(readings.C("id")))
		if !errors.Is(err, orm.ErrDecode) || !strings.Contains(err.Error(), `"small"`) {
			t.Errorf("NULL in a struct: %v", err)
		}
	})
}

type audit struct {
	At  time.Time
	Day *time.Time
}

type readingRow struct {
	Key   int64 `orm:"column:id"`
	FLAG  *bool
	Label sql.NullString
	audit `orm:"prefix:seen_"`
	Notes []string `orm:"-"`
	notes []string //nolint:unused // a row leaves it alone
}

func TestStructsAreFilledByTheNamesOfColumns(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withReadings(t)
		ctx := t.Context()
		stmt := orm.Select(readings.C("at").As("seen_at"), readings.C("label"), readings.C("id"), readings.C("day").As("seen_day"), readings.C("flag")).
			Where(readings.C("id").Eq(1))
		want := readingRow{Key: 1, FLAG: new(true), Label: sql.NullString{String: "text", Valid: true}, audit: audit{readingAt, &readingDay}}
		got := get(orm.Fetch[readingRow](ctx, db.Engine, stmt))(t)
		compare(t, 1, len(got))
		if diff := cmp.Diff(want, got[0], cmp.AllowUnexported(readingRow{})); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		pointers := get(orm.Fetch[*readingRow](ctx, db.Engine, stmt))(t)
		compare(t, want.Key, pointers[0].Key)
		compare(t, want.Label, pointers[0].Label)
	})
}

func TestMapsHoldValuesOfTheColumnsTypes(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withReadings(t)
		got := get(orm.Fetch[orm.M](t.Context(), db.Engine, orm.Select(readings).OrderBy(readings.C("id"))))(t)
		compare(t, orm.M{
			"id": int64(1), "flag": true, "small": int64(300), "big": int64(1) << 53, "ratio": 0.5, "price": "12.500", "label": "text",
			"note": "7", "raw": []byte{0, 255}, "day": readingDay, "at": readingAt, "doc": []any{1.0, 2.0},
		}, got[0])
		plain := get(orm.FetchOne[map[string]any](t.Context(), db.Engine, orm.Select(readings.C("id")).Where(readings.C("id").Eq(2))))(t)
		compare(t, map[string]any{"id": int64(2)}, plain)
	})
}

func TestAnyTakesWhatAMapTakes(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withReadings(t)
		ctx := t.Context()
		for i, row := range get(orm.Fetch[orm.M](ctx, db.Engine, orm.Select(readings).OrderBy(readings.C("id"))))(t) {
			for column, want := range row {
				one := orm.Select(readings.C(column).As("value")).Where(readings.C("id").Eq(i + 1))
				compare(t, want, get(orm.FetchOne[any](ctx, db.Engine, one))(t))
				compare(t, struct{ Value any }{want}, get(orm.FetchOne[struct{ Value any }](ctx, db.Engine, one))(t))
			}
		}
		_, err := orm.Fetch[any](ctx, db.Engine, orm.Select(readings))
		if !errors.Is(err, orm.ErrSchemaMismatch) {
			t.Errorf("many columns for one value: %v", err)
		}
		_, err = orm.Fetch[any](ctx, db.Engine, orm.Text("SELECT 'x' AS at").Columns(orm.ResultColumn{Name: "at", Type: types.DateTime()}))
		if !errors.Is(err, orm.ErrDecode) {
			t.Errorf("a text for a time: %v", err)
		}
	})
}

func TestColumnsAndFieldsHaveToMatch(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withReadings(t)
		ctx := t.Context()
		type row struct {
			ID    int64
			Label string
		}
		id, name := readings.C("id"), readings.C("label")
		for _, test := range []struct {
			name string
			err  error
			says []string
		}{
			{"a field without a column", errOf(orm.Fetch[row](ctx, db.Engine, orm.Select(id).From(readings))), []string{"field Label has no column"}},
			{"a column without a field", errOf(orm.Fetch[row](ctx, db.Engine, orm.Select(id, name, readings.C("note")).From(readings))), []string{`column "note" has no field`}},
			{"both", errOf(orm.Fetch[row](ctx, db.Engine, orm.Select(id, name.As("title")).From(readings))), []string{`column "title" has no field`, "field Label has no column"}},
			{"two columns of a name", errOf(orm.Fetch[row](ctx, db.Engine, orm.Select(id, name, id).From(readings))), []string{"columns 1 and 3", `"id"`}},
			{"two in a map", errOf(orm.Fetch[orm.M](ctx, db.Engine, orm.Select(id, id).From(readings))), []string{"columns 1 and 2", `"id"`}},
			{"many for a scalar", errOf(orm.Fetch[int](ctx, db.Engine, orm.Select(id, name).From(readings))), []string{"2 columns", "id, label"}},
			{"of text", errOf(orm.Fetch[row](ctx, db.Engine, orm.Text("SELECT id, id AS other FROM readings"))), []string{`column "other" has no field`}},
		} {
			for _, word := range test.says {
				if !errors.Is(test.err, orm.ErrSchemaMismatch) || !strings.Contains(test.err.Error(), word) {
					t.Errorf("%s: the error does not say %s: %v", test.name, word, test.err)
				}
			}
		}
	})
}

func TestFetchRunsOnEngineConnAndSession(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withReadings(t)
		ctx := t.Context()
		ids := orm.Select(readings.C("id")).OrderBy(readings.C("id"))
		check := func(ex orm.Executor) {
			t.Helper()
			compare(t, []int{1, 2}, get(orm.Fetch[int](ctx, ex, ids))(t))
			compare(t, 1, get(orm.FetchOne[int](ctx, ex, ids.Limit(1)))(t))
			if _, err := orm.FetchOne[int](ctx, ex, ids); !errors.Is(err, orm.ErrMultipleRows) {
				t.Errorf("many: %v", err)
			}
			if _, err := orm.FetchOne[int](ctx, ex, ids.Limit(0)); !errors.Is(err, orm.ErrNoRows) || !errors.Is(err, sql.ErrNoRows) {
				t.Errorf("none: %v", err)
			}
			rows := get(orm.Fetch[int](ctx, ex, ids.Limit(0)))(t)
			compare(t, 0, len(rows))
			compare(t, []int{1, 2}, collect(t, orm.FetchIter[int](ctx, ex, ids)))
		}
		check(db.Engine)
		compare(t, 0, db.Stats().InUse)
		conn := get(db.Connect(ctx))(t)
		check(conn)
		compare(t, orm.TxActive, conn.State())
		must(t, conn.Close())
		s := db.session(t)
		check(s)
		if !s.InTransaction() {
			t.Error("the session has read outside of its transaction")
		}
		must(t, s.Commit(ctx))
		compare(t, 0, db.Stats().InUse)
	})
}

func collect[T any](t *testing.T, rows func(func(T, error) bool)) []T {
	t.Helper()
	var list []T
	for row, err := range rows {
		must(t, err)
		list = append(list, row)
	}
	return list
}

// manyRows is a result of 100,000 rows: 0 to 99,999 in no order.
const manyRows = `SELECT a.n + 10 * b.n + 100 * c.n + 1000 * d.n + 10000 * e.n AS n
	FROM digits a CROSS JOIN digits b CROSS JOIN digits c CROSS JOIN digits d CROSS JOIN digits e`

func (db *testDB) withDigits(t *testing.T) {
	t.Helper()
	run(t, db.Engine, "CREATE TABLE digits (n INTEGER PRIMARY KEY)")
	run(t, db.Engine, "INSERT INTO digits VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9)")
}

func TestStreamIsReadWholeOrCutOff(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withDigits(t)
		ctx := t.Context()
		var read int64
		db.Events().AfterExecute(func(_ context.Context, e *orm.Execution) error {
			read = e.Rows
			return nil
		})
		check := func(name string, ex orm.Executor, rollback func(context.Context) error) {
			t.Helper()
			rows := orm.FetchIter[int64](ctx, ex, orm.Text(manyRows))
			sum := int64(0)
			for _, n := range collect(t, rows) {
				sum += n
			}
			compare(t, int64(99999*100000/2), sum)
			n := 0
			for _, err := range rows {
				must(t, err)
				if n++; n == 10 {
					break
				}
			}
			if read != 10 {
				t.Errorf("%s: %d rows were read for the 10 that were wanted", name, read)
			}
			compare(t, any("inside"), panicOf(func() {
				for range rows {
					panic("inside")
				}
			}))
			must(t, rollback(ctx))
			compare(t, 10, get(orm.FetchOne[int](ctx, ex, orm.Text("SELECT count(*) FROM digits")))(t))
			must(t, rollback(ctx))
		}
		check("engine", db.Engine, func(context.Context) error { return nil })
		compare(t, 0, db.Stats().InUse)
		s := db.session(t)
		check("session", s, s.Rollback)
		compare(t, 0, db.Stats().InUse)
		conn := get(db.Connect(ctx))(t)
		check("conn", conn, conn.Rollback)
		must(t, conn.Close())
		compare(t, 0, db.Stats().InUse)
	})
}

func TestSessionTakesObjectsWhileARowIsRead(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s := newSky(t, db)
		ctx := t.Context()
		names := orm.Select(orm.C(&s.m.Name)).OrderBy(orm.C(&s.m.ID))
		for name, loop := range map[string]func(inside func()) error{
			"FetchIter": func(inside func()) error {
				for _, err := range orm.FetchIter[string](ctx, s.Session, names) {
					if err != nil {
						return err
					}
					inside()
				}
				return nil
			},
			"Iter": func(inside func()) error {
				for _, err := range s.moons().Iter(ctx) {
					if err != nil {
						return err
					}
					inside()
				}
				return nil
			},
		} {
			held, gone := &Planet{Name: name}, &Planet{Name: "Vulcan"}
			s.Add(held, gone)
			must(t, s.Flush(ctx))
			db.statements()
			must(t, loop(func() {
				s.Add(&Comet{Name: name})
				held.Name += "!"
				s.Delete(gone)
				if len(s.New()) == 0 || len(s.Dirty()) != 1 || !s.Contains(held) {
					t.Errorf("%s: in the loop the session knows nothing", name)
				}
				if err := s.Flush(ctx); !errors.Is(err, orm.ErrConcurrentUse) {
					t.Errorf("%s: a flush in the loop: %v", name, err)
				}
				if err := s.Commit(ctx); !errors.Is(err, orm.ErrConcurrentUse) {
					t.Errorf("%s: a commit in the loop: %v", name, err)
				}
			}))
			compare(t, 1, len(db.statements()))
			must(t, s.Commit(ctx))
			compare(t, int64(5), get(orm.Query[Comet](s.Session).FilterBy("Name", name).Count(ctx))(t))
			compare(t, name+"!!!!!", get(orm.Query[Planet](s.Session).FilterBy("ID", held.ID).One(ctx))(t).Name)
			compare(t, int64(0), get(orm.Query[Planet](s.Session).FilterBy("Name", "Vulcan").Count(ctx))(t))
			must(t, s.Commit(ctx))
		}
	})
}

func TestRollbackEndsAStream(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s := newSky(t, db)
		ctx := t.Context()
		rows, last := 0, error(nil)
		for _, err := range orm.FetchIter[string](ctx, s.Session, orm.Select(orm.C(&s.m.Name))) {
			if last = err; err == nil {
				rows++
				must(t, s.Rollback(ctx))
			}
		}
		if rows != 1 || !errors.Is(last, orm.ErrClosed) {
			t.Errorf("%d rows, then %v", rows, last)
		}
		compare(t, 0, db.Stats().InUse)
		compare(t, int64(5), get(s.moons().Count(ctx))(t))
	})
}

func TestAnotherGoroutineMeetsNoRaceWithAStream(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s := newSky(t, db)
		ctx := t.Context()
		var wg sync.WaitGroup
		for _, err := range orm.FetchIter[string](ctx, s.Session, orm.Select(orm.C(&s.m.Name))) {
			if err != nil && !errors.Is(err, orm.ErrConcurrentUse) {
				t.Errorf("the loop ends with %v", err)
			}
			for range 4 {
				wg.Go(func() {
					s.Add(&Comet{Name: "x"})
					if err := s.Flush(ctx); err != nil && !errors.Is(err, orm.ErrConcurrentUse) {
						t.Errorf("%v", err)
					}
				})
			}
		}
		wg.Wait()
		must(t, s.Rollback(ctx))
		compare(t, int64(5), get(s.moons().Count(ctx))(t))
	})
}

func TestStreamEndsWithItsContext(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withDigits(t)
		for n := range 20 { // the end falls before, into and behind the reading of a row
			ctx, cancel := context.WithCancel(t.Context())
			rows, last := 0, error(nil)
			for _, err := range orm.FetchIter[int](ctx, db.Engine, orm.Text(manyRows)) {
				last = err
				switch rows++; rows {
				case 1 + n*100:
					go cancel()
				case 50000: // it must not come too late
					<-ctx.Done()
				}
			}
			cancel()
			if !errors.Is(last, context.Canceled) || !errors.Is(last, orm.ErrCanceled) {
				t.Errorf("after %d rows: %v", rows, last)
			}
		}
		compare(t, 0, db.Stats().InUse)
	})
}

func TestStreamEndsWithTheErrorOfItsRow(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withReadings(t)
		ctx := t.Context()
		var got []int
		var last error
		for n, err := range orm.FetchIter[int](ctx, db.Engine, orm.Select(readings.C("small")).OrderBy(readings.C("id"))) {
			got, last = append(got, n), err
		}
		compare(t, []int{300, 0}, got)
		if !errors.Is(last, orm.ErrDecode) || !strings.Contains(last.Error(), "row 2") {
			t.Errorf("%v", last)
		}
		for _, err := range orm.FetchIter[int](ctx, db.Engine, orm.Text("SELECT nothing FROM nowhere")) {
			last = err
		}
		if !errors.Is(last, orm.ErrSyntax) {
			t.Errorf("%v", last)
		}
		compare(t, 0, db.Stats().InUse)
	})
}

func TestRowsShareNoMemory(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withDigits(t)
		ctx := t.Context()
		run(t, db.Engine, "CREATE TABLE blobs (id INTEGER PRIMARY KEY, doc VARCHAR(100) NOT NULL)")
		run(t, db.Engine, `INSERT INTO blobs VALUES (1, '{"a":1}'), (2, '{"b":2}'), (3, '{"c":3}')`)
		stmt := orm.Text("SELECT doc FROM blobs ORDER BY id")
		want := []string{`{"a":1}`, `{"b":2}`, `{"c":3}`}
		texts := make([]string, 0, 3)
		for _, b := range get(orm.Fetch[[]byte](ctx, db.Engine, stmt))(t) {
			texts = append(texts, string(b))
		}
		compare(t, want, texts)
		var keys []string
		for doc, err := range orm.FetchIter[types.JSON[map[string]int]](ctx, db.Engine, stmt.Columns(orm.ResultColumn{Name: "doc", Type: types.JSONType()})) {
			must(t, err)
			for key := range doc.V {
				keys = append(keys, key)
			}
		}
		compare(t, []string{"a", "b", "c"}, keys)
	})
}

func TestTextIsTheSameOnEveryDatabase(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withReadings(t)
		ctx := t.Context()
		for _, test := range []struct {
			name string
			stmt *orm.TextStatement
			want []int
		}{
			{"by position", orm.Text("SELECT id FROM readings WHERE id >= ? AND id < ? ORDER BY id", 1, 3), []int{1, 2}},
			{"by name, twice", orm.Text("SELECT id FROM readings WHERE id = :id OR id = :id + 1 ORDER BY id", sql.Named("id", 1)), []int{1, 2}},
			{"a list", orm.Text("SELECT id FROM readings WHERE id IN (:ids) ORDER BY id", sql.Named("ids", []int{2, 1, 5})), []int{1, 2}},
			{"a list by position", orm.Text("SELECT id FROM readings WHERE id IN (?) AND id > ?", []int64{1, 2}, 1), []int{2}},
			{"an empty list", orm.Text("SELECT id FROM readings WHERE id IN (?)", []int{}), nil},
			{"an expression", orm.Text("SELECT id FROM readings WHERE ? = ?", readings.C("id"), 2), []int{2}},
			{"quotes and comments", orm.Text("SELECT id /* :no ? */ FROM readings WHERE note <> ':no ?' AND id = ? -- :no ?", 1), []int{1}},
			{"a colon", orm.Text(`SELECT id FROM readings WHERE note <> 'a\:b' AND id = :id`, sql.Named("id", 1)), []int{1}},
		} {
			got, err := orm.Fetch[int](ctx, db.Engine, test.stmt)
			if diff := cmp.Diff(test.want, got); err != nil || diff != "" {
				t.Errorf("%s: %v (-want +got):\n%s", test.name, err, diff)
			}
		}
	})
}

func TestTextWithColumnsStandsInAStatement(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withReadings(t)
		ctx := t.Context()
		recent := orm.Text("SELECT id, at, price FROM readings WHERE id = ?", 1).Columns(
			orm.ResultColumn{Name: "id", Type: types.BigInteger()}, orm.ResultColumn{Name: "moment", Type: types.DateTime()},
			orm.ResultColumn{Name: "price", Type: types.Numeric(12, 3)})
		rows := get(orm.Fetch[orm.M](ctx, db.Engine, recent))(t)
		compare(t, "12.500", rows[0]["price"])
		sub := recent.Subquery("recent")
		got := get(orm.Fetch[int](ctx, db.Engine, orm.Select(sub.C("id")).From(sub).Where(orm.Eq(sub.C("id"), readings.C("id")))))(t)
		compare(t, []int{1}, got)
		if _, err := orm.Fetch[int](ctx, db.Engine, orm.Select(sub.C("nothing")).From(sub)); !errors.Is(err, orm.ErrUnknownName) {
			t.Errorf("%v", err)
		}
	})
}

func TestFragmentsOfTextStandInAStatement(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		db.withReadings(t)
		stmt := orm.Select(readings.C("id"), orm.Raw[int64]("id * ?", 10).As("tens")).
			Where(orm.Raw[bool]("id = :low OR id = :low + 1", sql.Named("low", 1)), readings.C("id").Gt(0)).
			OrderBy(orm.Raw[int64]("-id"))
		type row struct{ ID, Tens int64 }
		got := get(orm.Fetch[row](t.Context(), db.Engine, stmt))(t)
		if want := []row{{2, 20}, {1, 10}}; !slices.Equal(got, want) {
			t.Errorf("%v, not %v", got, want)
		}
	})
}
