package orm_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/aurum-go/orm"
)

// Outlet and Receipt have keys of their own making, so that either can be on another
// database, or on several.
type Outlet struct {
	orm.Base `orm:"table:outlets"`

	ID       int64      `orm:"primary_key;autoincrement:false"`
	Region   string     `orm:"size:20"`
	Receipts []*Receipt `orm:"back_populates:Outlet"`
}

type Receipt struct {
	orm.Base `orm:"table:receipts"`

	ID       int64 `orm:"primary_key;autoincrement:false"`
	OutletID *int64
	Outlet   *Outlet `orm:"back_populates:Receipts"`
	Amount   int64
}

var trade = orm.MustRegister(&Outlet{}, &Receipt{})

const (
	outletsDDL  = "CREATE TABLE outlets (id BIGINT PRIMARY KEY, region VARCHAR(20))"
	receiptsDDL = "CREATE TABLE receipts (id BIGINT PRIMARY KEY, outlet_id BIGINT, amount BIGINT)"
)

// another opens a further empty database of the same kind, with some tables.
func (db *testDB) another(t *testing.T, tables ...string) *testDB {
	t.Helper()
	i := slices.IndexFunc(databases, func(d database) bool { return d.name == db.name() })
	other := openTestDB(t, databases[i].create(t))
	for _, ddl := range tables {
		run(t, other.Engine, ddl)
	}
	other.statements()
	return other
}

// twoEngines returns a session that has outlets on one engine and receipts on another.
func twoEngines(t *testing.T, db *testDB, options ...orm.SessionOption) (s *orm.Session, other *testDB) {
	t.Helper()
	run(t, db.Engine, outletsDDL)
	db.statements()
	other = db.another(t, receiptsDDL)
	return db.session(t, append(options, orm.Bind(&Receipt{}, other.Engine))...), other
}

func countOn(t *testing.T, db *testDB, table orm.SQL) int64 {
	t.Helper()
	n := get(orm.FetchOne[int64](t.Context(), db.Engine, orm.Text("SELECT count(*) FROM "+table)))(t)
	db.statements()
	return n
}

func outletWith(id int64, receipts ...int64) *Outlet {
	outlet := &Outlet{ID: id, Region: "eu"}
	for _, id := range receipts {
		outlet.Receipts = append(outlet.Receipts, &Receipt{ID: id, Amount: 10 * id})
	}
	return outlet
}

// Each row is written on the engine of its struct, in one transaction on each, and
// what a relationship leads to is loaded from there.
func TestSessionWritesAndReadsEachStructOnItsEngine(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, other := twoEngines(t, db)
		ctx := t.Context()
		here, there := db.watch(t), other.watch(t)
		s.Add(outletWith(1, 1, 2), outletWith(2, 3))
		must(t, s.Commit(ctx))
		expect(t, []string{"BEGIN", "INSERT", "COMMIT"}, heads(here.taken()))
		expect(t, []string{"BEGIN", "INSERT", "COMMIT"}, heads(there.taken()))
		s.ExpungeAll()
		outlets := get(orm.Query[Outlet](s).Options(orm.SelectInLoad(&orm.Entity[Outlet]().Receipts)).OrderBy(orm.C(&orm.Entity[Outlet]().ID)).All(ctx))(t)
		expect(t, []int{2, 1}, []int{len(outlets[0].Receipts), len(outlets[1].Receipts)})
		outlets[0].Receipts[1].Amount = 7
		s.Delete(outlets[1].Receipts[0])
		receipt := get(orm.Get[Receipt](ctx, s, 1))(t)
		expect(t, true, receipt.Outlet == outlets[0])
		expect(t, int64(7), get(orm.FetchOne[int64](ctx, s, orm.Select(orm.C(&orm.Entity[Receipt]().Amount)).Where(orm.C(&orm.Entity[Receipt]().ID).Eq(2))))(t))
		must(t, s.Commit(ctx))
		expect(t, int64(2), countOn(t, other, "receipts"))
		_, err := orm.Exec(ctx, s, orm.Update(orm.Entity[Receipt]()).Set(orm.C(&orm.Entity[Receipt]().Amount).Set(1)).AllRows())
		must(t, err)
		expect(t, int64(1), receipt.Amount)
		must(t, s.Rollback(ctx))
		expect(t, int64(10), receipt.Amount)
		expect(t, 0, len(db.session(t).New()))
	})
}

// A statement whose tables are on two engines is refused, before anything is sent; a
// relationship across engines that would be joined is loaded by itself or refused.
func TestStatementOfTwoEnginesIsRefused(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, other := twoEngines(t, db)
		ctx, outlet, receipt := t.Context(), orm.Entity[Outlet](), orm.Entity[Receipt]()
		for name, q := range map[string]*orm.EntityQuery[Outlet]{
			"join":        orm.Query[Outlet](s).Join(&outlet.Receipts),
			"joined load": orm.Query[Outlet](s).Options(orm.JoinedLoad(&outlet.Receipts)),
			"subquery":    orm.Query[Outlet](s).Filter(orm.C(&outlet.ID).InSelect(orm.Select(orm.C(&receipt.ID)))),
		} {
			_, err := q.All(ctx)
			if expectKind(t, orm.ErrUnsupported, err); err != nil && !strings.Contains(err.Error(), "different engines") {
				t.Errorf("%s: %v", name, err)
			}
		}
		expect(t, 0, len(db.statements())+len(other.statements()))
		s.Add(outletWith(1, 1))
		must(t, s.Flush(ctx))
		s.ExpungeAll()
		outlets := get(orm.Query[Outlet](s).Options(orm.SubqueryLoad(&outlet.Receipts)).All(ctx))(t)
		expect(t, 1, len(outlets[0].Receipts))
	})
}

// The struct counts before what it embeds, that before its table, and that before its
// metadata; what nothing is bound to is an error where the session has no engine.
func TestBindCountsTheMostSpecific(t *testing.T) {
	db := onSQLite(t)
	engines := map[string]*testDB{}
	for _, name := range []string{"model", "table", "metadata", "own"} {
		engines[name] = db.another(t, outletsDDL, receiptsDDL)
	}
	model := orm.Bind(&Receipt{}, engines["model"].Engine)
	base := orm.Bind(&orm.Base{}, engines["model"].Engine)
	table := orm.Bind(trade.Metadata().Table("receipts"), engines["table"].Engine)
	metadata := orm.Bind(trade.Metadata(), engines["metadata"].Engine)
	registry := orm.Bind(trade, engines["metadata"].Engine)
	tests := map[string]struct {
		own     *orm.Engine
		options []orm.SessionOption
		want    string
	}{
		"model before all":       {engines["own"].Engine, []orm.SessionOption{table, metadata, model}, "model"},
		"what is embedded":       {engines["own"].Engine, []orm.SessionOption{base, table, metadata}, "model"},
		"table before metadata":  {engines["own"].Engine, []orm.SessionOption{table, metadata}, "table"},
		"metadata before own":    {engines["own"].Engine, []orm.SessionOption{metadata}, "metadata"},
		"registry is its tables": {nil, []orm.SessionOption{registry}, "metadata"},
		"own where nothing is":   {engines["own"].Engine, []orm.SessionOption{orm.Bind(&User{}, engines["model"].Engine)}, "own"},
		"none":                   {nil, []orm.SessionOption{orm.Bind(&User{}, engines["model"].Engine)}, ""},
	}
	for name, test := range tests {
		s := orm.NewSession(test.own, test.options...)
		_, err := orm.Query[Receipt](s).All(t.Context())
		if test.want == "" {
			expectKind(t, orm.ErrArgument, err)
		} else {
			must(t, err)
		}
		for engine, db := range engines {
			if sent := len(db.statements()); (sent == 1) != (engine == test.want) {
				t.Errorf("%s: %d statements to %s", name, sent, engine)
			}
		}
		must(t, s.Close())
	}
	for name, option := range map[string]orm.SessionOption{"nil engine": orm.Bind(&Receipt{}, nil), "no struct": orm.Bind(7, db.Engine), "nil table": orm.Bind((*orm.Table)(nil), db.Engine), "nil replica": orm.Replicas(nil)} {
		s := orm.NewSession(db.Engine, option)
		if err := s.Flush(t.Context()); !errors.Is(err, orm.ErrArgument) {
			t.Errorf("%s: %v", name, err)
		}
		must(t, s.Close())
	}
}

// A nested block is one on all engines, also on one that is first needed within it.
func TestNestedBlockIsOnAllEngines(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, other := twoEngines(t, db)
		ctx, failure := t.Context(), errors.New("no")
		s.Add(&Outlet{ID: 1})
		must(t, s.Flush(ctx))
		err := s.Nested(ctx, func(ctx context.Context) error {
			s.Add(&Receipt{ID: 1}, &Outlet{ID: 2})
			must(t, s.Flush(ctx))
			return s.Nested(ctx, func(context.Context) error {
				s.Add(&Receipt{ID: 2})
				must(t, s.Flush(ctx))
				return failure
			})
		})
		expectKind(t, failure, err)
		must(t, s.Nested(ctx, func(context.Context) error {
			s.Add(&Receipt{ID: 3}, &Outlet{ID: 3})
			return nil
		}))
		must(t, s.Commit(ctx))
		expect(t, []int64{2, 1}, []int64{countOn(t, db, "outlets"), countOn(t, other, "receipts")})
	})
}

// breakBehind has the connection of one engine break when another one has committed.
func breakBehind(t *testing.T, first, then *testDB) {
	t.Helper()
	var conn *orm.Conn
	t.Cleanup(then.Events().Begin(func(_ context.Context, e *orm.TxEvent) { conn = e.Conn }))
	t.Cleanup(first.Events().Commit(func(context.Context, *orm.TxEvent) { must(t, conn.Invalidate()) }))
}

// A COMMIT that fails behind another one is an error that says which engine has
// committed; all objects are detached, and nothing is repeated.
func TestCommitInPartIsSaid(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s, other := twoEngines(t, db)
		ctx, outlet := t.Context(), outletWith(1, 1)
		breakBehind(t, db, other)
		s.Add(outlet)
		must(t, s.Flush(ctx))
		err := s.Commit(ctx)
		expectKind(t, orm.ErrPartialCommit, err)
		var partial *orm.PartialCommitError
		if !errors.As(err, &partial) || !slices.Equal(partial.Committed, []*orm.Engine{db.Engine}) || !slices.Equal(partial.Failed, []*orm.Engine{other.Engine}) {
			t.Fatalf("the error is %v", err)
		}
		expectState(t, orm.Detached, outlet, outlet.Receipts[0])
		expectKind(t, orm.ErrTxFailed, s.Flush(ctx))
		_ = s.Rollback(ctx)
		expect(t, []int64{1, 0}, []int64{countOn(t, db, "outlets"), countOn(t, other, "receipts")})
	})
}

// What only reads goes to the replica, until the session writes; locks, DML and what a
// flush sends go to the leader.
func TestReplicasAreReadUntilTheSessionWrites(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		run(t, db.Engine, outletsDDL)
		run(t, db.Engine, receiptsDDL)
		replica := db.another(t, outletsDDL, receiptsDDL)
		run(t, db.Engine, "INSERT INTO outlets VALUES (1, 'leader')")
		run(t, replica.Engine, "INSERT INTO outlets VALUES (1, 'replica')")
		sessions, ctx, e := orm.NewSessionFactory(db.Engine, orm.Replicas(replica.Engine)), t.Context(), orm.Entity[Outlet]()
		tests := map[string]struct {
			do   func(s *orm.Session) error
			want string // where it goes
			then string // where a read behind it goes
		}{
			"query":  {func(s *orm.Session) error { _, err := orm.Query[Outlet](s).All(ctx); return err }, "replica", "replica"},
			"get":    {func(s *orm.Session) error { _, err := orm.Get[Outlet](ctx, s, 1); return err }, "replica", "replica"},
			"fetch":  {func(s *orm.Session) error { _, err := orm.Fetch[int64](ctx, s, orm.Select(orm.C(&e.ID))); return err }, "replica", "replica"},
			"locked": {func(s *orm.Session) error { _, err := orm.Query[Outlet](s).ForUpdate().All(ctx); return err }, "leader", "leader"},
			"update": {func(s *orm.Session) error {
				_, err := orm.Query[Outlet](s).AllRows().Update(ctx, orm.C(&e.Region).Set("x"))
				return err
			}, "leader", "leader"},
			"flush": {func(s *orm.Session) error { s.Add(&Outlet{ID: 9}); return s.Flush(ctx) }, "leader", "leader"},
			"begin": {func(s *orm.Session) error { return s.Begin(ctx) }, "", "leader"},
		}
		where := func() string {
			leader, reader := len(db.statements()) > 0, len(replica.statements()) > 0
			return map[[2]bool]string{{true, false}: "leader", {false, true}: "replica", {true, true}: "both"}[[2]bool{leader, reader}]
		}
		where()
		for name, test := range tests {
			if name == "locked" && db.name() == "sqlite" {
				continue // it has no locks on rows, and the words are left out
			}
			s := sessions.New()
			must(t, test.do(s))
			if got := where(); got != test.want {
				t.Errorf("%s goes to %q", name, got)
			}
			get(orm.Query[Outlet](s).All(ctx))(t)
			if got := where(); got != test.then {
				t.Errorf("behind %s a query goes to %q", name, got)
			}
			must(t, s.Close())
		}
	})
}

// A function has the last word, and gets to know what is asked.
func TestRouteHasTheLastWord(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, db *testDB) {
		s0, other := twoEngines(t, db)
		_ = s0
		ctx, failure := t.Context(), errors.New("closed today")
		var asked []string
		s := db.session(t, orm.Route(func(_ context.Context, q orm.RouteRequest) (*orm.Engine, error) {
			text := q.Op
			switch {
			case q.Model == nil:
				return nil, failure
			case q.Model.Name() == "Receipt":
				asked = append(asked, text+" Receipt")
				return other.Engine, nil
			}
			asked = append(asked, text+" Outlet")
			return nil, nil
		}))
		s.Add(outletWith(1, 1))
		must(t, s.Flush(ctx))
		get(orm.Get[Receipt](ctx, s, 1))(t)
		get(orm.Query[Receipt](s).Count(ctx))(t)
		expect(t, []string{"flush Outlet", "flush Receipt", "select Receipt"}, slices.Compact(asked))
		_, err := orm.Exec(ctx, s, orm.Text("DELETE FROM outlets"))
		expectKind(t, failure, err)
		must(t, s.Commit(ctx))
		expect(t, []int64{1, 1}, []int64{countOn(t, db, "outlets"), countOn(t, other, "receipts")})
	})
}
