package orm_test

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/lib/pq"

	"github.com/aurum-go/orm"
)

// Cargo has a column of each type that travels by COPY.
type Cargo struct {
	orm.Base `orm:"table:cargoes"`

	ID      int64 `orm:"primary_key;autoincrement:false"`
	Name    string
	Note    *string
	Code    string `orm:"size:30"`
	Image   []byte
	Papers  map[string]any `orm:"type:json"`
	Words   []string
	Counts  []int64
	Price   string `orm:"type:numeric(12,3)"`
	Token   UUID   `orm:"type:uuid"`
	Sold    bool
	Old     *bool
	Small   int16
	Weight  float64
	Light   float32
	Made    time.Time
	Seen    *time.Time
	Local   time.Time     `orm:"type:timestamp"`
	Day     time.Time     `orm:"type:date"`
	Clock   time.Duration `orm:"type:time"`
	Lasting time.Duration
	Grade   string    `orm:"type:enum(low,high)"`
	Stored  time.Time `orm:"default:now"`
	Status  string    `orm:"server_default:'new'"`
}

// UUID is a type of 16 bytes.
type UUID [16]byte

// Oddity has a column of a type that this library does not know.
type Oddity struct {
	orm.Base `orm:"table:oddities"`

	ID    int64
	Range string `orm:"type:exact(int4range)"`
}

var cargoes = orm.MustRegister(&Cargo{}, &Oddity{})

// openPostgres is an engine on a schema of the test's own.
func openPostgres(t *testing.T, options ...orm.EngineOption) *testDB {
	t.Helper()
	t.Parallel()
	return openTestDB(t, newPostgres(t), options...)
}

// hardTexts are those that a stream of text could misspell.
var hardTexts = []string{"", " ", `\N`, `\\N`, `\.`, "\\", "a\tb", "a\nb", "a\r\nb", "\b\f\v", `\t`, "NULL", `"q"`, "'", "é😀", "{", "{}", ",", `{"a"}`, `\x41`, "a ", "\x01", "\u2028"}

// cargo is a row of hard values.
func cargo(random *rand.Rand, id int) orm.M {
	hard := func() string { return hardTexts[random.IntN(len(hardTexts))] }
	numbers := []float64{0, math.Copysign(0, -1), 1.5, -1e300, 5e-324, math.MaxFloat64, math.Inf(1), math.Inf(-1), math.NaN()}
	times := []time.Time{time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(1969, 12, 31, 23, 59, 59, 999999000, time.UTC), time.Date(9999, 12, 31, 23, 59, 59, 1000, time.UTC), time.Date(2024, 3, 31, 2, 30, 0, 123456000, time.FixedZone("x", 5*3600+1800))}
	row := orm.M{
		"ID": id, "Name": hard(), "Note": hard(), "Code": hard(), "Image": []byte(hard() + "\x00\xff" + hard()),
		"Papers": map[string]any{hard(): hard(), "n": []any{1.5, nil, true}}, "Words": []string{hard(), hard()}, "Counts": []int64{math.MinInt64, 0, math.MaxInt64},
		"Price": fmt.Sprintf("%d.%03d", random.IntN(1e8)-5e7, random.IntN(1000)), "Token": UUID{0: byte(id), 15: 0xff}, "Sold": id%2 == 0, "Old": id%3 == 0, "Small": -id % 30000,
		"Weight": numbers[random.IntN(len(numbers))], "Light": float32(random.NormFloat64()), "Made": times[random.IntN(len(times))], "Seen": times[random.IntN(len(times))],
		"Local": times[random.IntN(len(times))], "Day": times[random.IntN(len(times))], "Clock": time.Duration(random.Int64N(86399999999)) * time.Microsecond, "Lasting": -time.Duration(random.Int64N(1e15)) * time.Microsecond,
		"Grade": "high", "Stored": times[3], "Status": hard(),
	}
	for _, name := range []string{"Note", "Image", "Papers", "Words", "Counts", "Old", "Seen"} {
		if random.IntN(4) == 0 {
			row[name] = nil
		}
	}
	return row
}

// What COPY stores is what an INSERT does, of every type.
func TestCopyStoresWhatInsertDoes(t *testing.T) {
	db := openPostgres(t).withTables(t, cargoes)
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	s, ctx := db.session(t), t.Context()
	rows := make([]orm.M, 1500)
	for i := range rows {
		rows[i] = cargo(random, i+1)
	}
	stored := func(options ...orm.BulkOption) []string {
		expect(t, int64(1500), get(orm.BulkInsert[Cargo](ctx, s, rows, options...))(t))
		sent := db.statements()
		if copied := strings.HasPrefix(sent[0], "COPY cargoes (id, name, "); copied != (len(options) == 0) || copied && len(sent) > 1 {
			t.Errorf("the statements are %q", sent[:1])
		}
		all := get(orm.Fetch[string](ctx, s, orm.Text("SELECT CAST(cargoes AS text) FROM cargoes ORDER BY id")))(t)
		must(t, s.Rollback(ctx))
		db.statements()
		return all
	}
	if diff := cmp.Diff(stored(orm.WithoutCopy()), stored()); diff != "" {
		t.Errorf("(-insert +copy):\n%s", diff)
	}
}

// Long runs of rows of the same columns go by COPY, others by INSERT, in their order,
// and a type that is not known keeps rows from it.
func TestCopyTakesLongRunsAlone(t *testing.T) {
	db := openPostgres(t).withModels(t).withTables(t, cargoes)
	s, ctx := db.session(t), t.Context()
	var executions []orm.Execution
	remove := db.Events().AfterExecute(func(_ context.Context, x *orm.Execution) error { executions = append(executions, *x); return nil })
	rows := make([]orm.M, 3001)
	for i := range rows {
		rows[i] = orm.M{"Owner": "a", "Balance": i}
		if i == 1700 {
			rows[i]["ID"] = 100_000
		}
	}
	var steps []int
	expect(t, int64(3001), get(orm.BulkInsert[Account](ctx, s, rows, orm.Progress(func(done, _ int) { steps = append(steps, done) })))(t))
	const stream, insert = "COPY accounts (owner, balance, version) FROM STDIN", "INSERT INTO accounts (id, owner, balance, version) VALUES (?, ?, ?, ?)"
	expect(t, []string{stream, insert, stream}, db.plainStatements())
	expect(t, []int{1000, 1700, 1701, 2701, 3001}, steps)
	expect(t, []int64{1700, 1, 1300}, []int64{executions[0].Rows, executions[1].Rows, executions[2].Rows})
	expect(t, -1, executions[0].Sets)
	expect(t, "insert", executions[0].Op)
	remove()
	balances := get(orm.Fetch[int](ctx, s, orm.Text("SELECT balance FROM accounts WHERE id < 100000 ORDER BY id")))(t)
	if len(balances) != 3000 || !slices.IsSorted(balances) {
		t.Errorf("%d rows, in order: %v", len(balances), slices.IsSorted(balances))
	}
	db.statements()
	get(orm.BulkInsert[Account](ctx, s, rows[:999]))(t)
	expect(t, 4, len(db.statements()))
	odd := make([]orm.M, 1000)
	for i := range odd {
		odd[i] = orm.M{"Range": "[1,5)"}
	}
	get(orm.BulkInsert[Oddity](ctx, s, odd))(t)
	expect(t, 4, len(db.statements()))
}

// What ends a COPY half way, the database, a value, the context or a panic, leaves
// nothing behind, and the next transaction works.
func TestCopyThatEndsHalfWayLeavesNothing(t *testing.T) {
	db := openPostgres(t, orm.WithPool(orm.PoolConfig{MaxOpen: 1})).withModels(t)
	s := db.session(t)
	boom := errors.New("boom")
	for name, test := range map[string]struct {
		bad    func(row orm.M, cancel context.CancelFunc)
		kind   error
		inText string
	}{
		"the database":    {func(row orm.M, _ context.CancelFunc) { row["ID"] = 1 }, orm.ErrUniqueViolation, ""},
		"a text too long": {func(row orm.M, _ context.CancelFunc) { row["Owner"] = strings.Repeat("x", 51) }, orm.ErrValue, ""},
		"a NUL":           {func(row orm.M, _ context.CancelFunc) { row["Owner"] = "a\x00b" }, orm.ErrValue, ""},
		"a value":         {func(row orm.M, _ context.CancelFunc) { row["Balance"] = "x" }, orm.ErrValue, "row 2501, Account.Balance"},
		"the context":     {func(_ orm.M, cancel context.CancelFunc) { cancel() }, context.Canceled, ""},
		"a panic":         {func(orm.M, context.CancelFunc) { panic(boom) }, boom, ""},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			get(orm.BulkInsert[Account](ctx, s, []orm.M{{"ID": 1, "Owner": "before", "Balance": 0}}))(t)
			rows := func(yield func(orm.M) bool) {
				for i := range 5000 {
					row := orm.M{"ID": i + 2, "Owner": "x", "Balance": i}
					if i == 2500 {
						test.bad(row, cancel)
					}
					if !yield(row) {
						return
					}
				}
			}
			db.statements()
			_, err := caught(func() (int64, error) { return orm.BulkInsertSeq[Account](ctx, s, rows) })
			expectKind(t, test.kind, err)
			if !strings.Contains(err.Error(), test.inText) {
				t.Errorf("the error is %v", err)
			}
			if sent := db.statements(); len(sent) != 1 || !strings.HasPrefix(sent[0], "COPY ") {
				t.Errorf("the statements are %q", sent)
			}
			expectKind(t, orm.ErrTxFailed, errors.Join(s.Commit(t.Context()), orm.ErrTxFailed))
			must(t, s.Rollback(t.Context()))
			expect(t, []int64{0}, get(orm.Fetch[int64](t.Context(), s, orm.Text("SELECT count(*) FROM accounts")))(t))
			must(t, s.Commit(t.Context()))
		})
	}
}

// caught returns a panic as an error.
func caught(f func() (int64, error)) (n int64, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = p.(error)
		}
	}()
	return f()
}

// A nested block survives a COPY that fails in it.
func TestCopyFailsItsNestedBlockAlone(t *testing.T) {
	db := openPostgres(t).withModels(t)
	s, ctx := db.session(t), t.Context()
	get(orm.BulkInsert[User](ctx, s, []orm.M{{"Name": "before", "Email": "b"}}))(t)
	err := s.Nested(ctx, func(ctx context.Context) error {
		_, err := orm.BulkInsert[User](ctx, s, manyUsers(2000, 1900))
		return err
	})
	violation, ok := errors.AsType[*orm.DBError](err)
	if !ok || violation.Kind != orm.ErrUniqueViolation || violation.Constraint != "uq_users_email" || violation.Table != "users" {
		t.Errorf("the error is %#v", err)
	}
	get(orm.BulkInsert[User](ctx, s, manyUsers(2000, -1)))(t)
	must(t, s.Commit(ctx))
	expect(t, []int64{2001}, get(orm.Fetch[int64](ctx, s, orm.Text("SELECT count(*) FROM users")))(t))
}

// A server that falls silent in the middle of a COPY does not keep the caller beyond
// his context.
func TestCopyIsCutOffWhereTheServerIsSilent(t *testing.T) {
	t.Parallel()
	p, url := newProxy(t, newPostgres(t))
	db := openTestDB(t, url).withModels(t)
	s := db.session(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	rows := make([]orm.M, 5000)
	for i := range rows {
		rows[i] = orm.M{"Owner": strings.Repeat("x", 50), "Balance": i}
	}
	began := time.Now()
	_, err := orm.BulkInsert[Account](ctx, s, rows, orm.Progress(func(done, _ int) {
		if done == 2000 {
			p.silence()
			began = time.Now()
			cancel()
		}
	}))
	expectKind(t, context.Canceled, err)
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("it took %s", took)
	}
	expect(t, 1, len(db.statements()))
}

// otherDriver stands for a driver that is not lib/pq.
type otherDriver struct{ driver.Connector }

func (otherDriver) Driver() driver.Driver { return otherDriver{}.driver() }

func (otherDriver) driver() driver.Driver { return &struct{ *pq.Driver }{} }

// A pool of the caller's takes COPY if its driver is lib/pq, and INSERTs if it is
// another one.
func TestCopyAsksWhichDriverThePoolHas(t *testing.T) {
	t.Parallel()
	url := newPostgres(t)
	openTestDB(t, url).withModels(t)
	connector := get(pq.NewConnector(url))(t)
	for want, c := range map[string]driver.Connector{"COPY": connector, "INSERT": otherDriver{connector}} {
		pool := sql.OpenDB(c)
		engine := get(orm.OpenDB(pool, "postgres"))(t)
		s := orm.NewSession(engine)
		var sent []string
		engine.Events().BeforeExecute(func(_ context.Context, x *orm.Execution) error { sent = append(sent, x.SQL); return nil })
		get(orm.BulkInsert[User](t.Context(), s, manyUsers(1000, -1)))(t)
		if len(sent) == 0 || !strings.HasPrefix(sent[0], want) {
			t.Errorf("%s is expected, and not %q", want, sent[:1])
		}
		_, err := orm.BulkInsert[User](t.Context(), s, manyUsers(1000, 900))
		expectKind(t, orm.ErrUniqueViolation, err)
		must(t, s.Rollback(t.Context()))
		expect(t, []int64{0}, get(orm.Fetch[int64](t.Context(), s, orm.Text("SELECT count(*) FROM users")))(t))
		must(t, s.Close())
		must(t, pool.Close())
	}
}
