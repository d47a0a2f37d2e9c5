// This file is the dialect's front: its name, what PostgreSQL can do, how it
// marks names and parameters, how a transaction begins, and the way to the
// driver.

// Package postgres is the dialect of PostgreSQL, on the driver
// github.com/lib/pq. A program imports it for its effect and opens a URL:
//
//	import _ "github.com/aurum-go/orm/dialects/postgres"
//
//	engine, err := orm.Open("postgres://user:password@host:5432/database")
//
// The options behind the question mark are those of the driver: sslmode,
// connect_timeout, search_path and so on. The driver asks for TLS unless
// sslmode says otherwise. The session's time zone is UTC unless the option
// TimeZone says otherwise. Other drivers work through [orm.OpenDB]; errors are
// read by their SQLSTATE.
package postgres

import (
	"context"
	"database/sql/driver"
	"fmt"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lib/pq"

	"github.com/aurum-go/orm"
)

func init() { orm.RegisterDialect(dialect{}, "postgres", "postgresql") }

// dialect is PostgreSQL from version 14 on, which is what the driver takes.
type dialect struct{ orm.StandardDialect }

var features = orm.Features{
	MaxIdentifier: 63, MaxParams: 65535,
	InsertReturning: true, UpdateReturning: true, DeleteReturning: true,
	MultiRowReturning: true, DefaultValues: true, DefaultKeyword: true, OnConflict: true, OnConstraint: true, Merge: true, UpdateFrom: true, DeleteUsing: true,
	ValuesTable: true, TypedValues: true,
	NullsOrder: true, DistinctOn: true, FullJoin: true, ILike: true, LikeBackslash: true, Regexp: true, DistinctFrom: true,
	AggregateFilter: true, RowValues: true, RowNulls: true, RowOrder: true, ForUpdate: true, ForShare: true, NoWait: true, SkipLocked: true, LockOf: true,
	Intersect: true, SetAll: true, SetParens: true, WindowFunctions: true, FrameGroups: true, GroupingSets: true, GroupingFunction: true, AggregateOrder: true, JSONOrder: true, GreatestSkips: true, JSONContains: true, OrderedSets: true, WithTies: true, KeyLocks: true,
	FrameExclude: true, LagDefault: true, KeysAtEnd: true,
	CTE: true, MaterializedCTE: true, WritingCTE: true, LeadingCTE: true, LeadingInsert: true,
	Lateral: true, TableFunctions: true, FunctionColumns: true, Ordinality: true, TableSample: true,
	TransactionalDDL: true, AlterConstraint: true, IfExists: true, IndexIfExists: true, PartialIndex: true,
	ExpressionIndex: true, IndexUsing: true, Comments: true, Schemas: true, EnumTypes: true, DeferrableKeys: true, Identity: true, Sequences: true, NextvalText: true,
	ReplaceView: true, TemporaryViews: true, MaterializedViews: true,
	Savepoints: true, ReadOnlyTx: true, DeferrableTx: true,
	Isolation: []string{"READ UNCOMMITTED", "READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"},
	NaN:       true, BinaryText: true, NativeTimes: true,
}

// The optional contracts, which the library finds by type assertion: a method
// that does not fit would go unnoticed.
var (
	_ orm.Opener                 = dialect{}
	_ orm.PoolerDialect          = dialect{}
	_ orm.StaleStatementDetector = dialect{}
	_ orm.Beginner               = dialect{}
	_ orm.TwoPhaser              = dialect{}
	_ orm.CommitResolver         = dialect{}
	_ orm.ErrorClassifier        = dialect{}
	_ orm.Introspector           = dialect{}
	_ orm.ValueBinder            = dialect{}
	_ orm.FunctionRenderer       = dialect{}
	_ orm.DateRenderer           = dialect{}
	_ orm.MatchRenderer          = dialect{}
	_ orm.JSONBuilder            = dialect{}
	_ orm.JSONRenderer           = dialect{}
	_ orm.OperatorRenderer       = dialect{}
	_ orm.ExtractRenderer        = dialect{}
	_ orm.ColumnRenderer         = dialect{}
	_ orm.LongListRenderer       = dialect{}
	_ orm.CursorDeclarer         = dialect{}
	_ orm.BulkCopier             = dialect{}
)

func (dialect) Name() string { return "postgres" }

func (dialect) Features() orm.Features { return features }

func (dialect) Placeholder(n int) string { return "$" + strconv.Itoa(n) }

// BeginSQL says everything in one statement, and so in one round trip.
func (dialect) BeginSQL(o orm.TxOptions) ([]orm.SQL, error) {
	begin := "BEGIN"
	if o.Isolation != "" {
		begin += " ISOLATION LEVEL " + o.Isolation
	}
	if o.ReadOnly {
		begin += " READ ONLY"
	}
	if o.Deferrable {
		begin += " DEFERRABLE"
	}
	return []orm.SQL{orm.SQL(begin)}, nil
}

// TwoPhaseSQL prepares the transaction that BEGIN has begun.
func (dialect) TwoPhaseSQL(step orm.TwoPhaseStep, xid string, begin orm.SQL) []orm.SQL {
	switch step {
	case orm.TwoPhaseBegin:
		return []orm.SQL{begin}
	case orm.TwoPhasePrepare:
		return []orm.SQL{orm.SQL("PREPARE TRANSACTION '" + xid + "'")}
	case orm.TwoPhaseCommit:
		return []orm.SQL{orm.SQL("COMMIT PREPARED '" + xid + "'")}
	case orm.TwoPhaseRollback:
		return []orm.SQL{orm.SQL("ROLLBACK PREPARED '" + xid + "'")}
	}
	return []orm.SQL{"ROLLBACK"}
}

// PreparedSQL lists the prepared transactions of the database.
func (dialect) PreparedSQL() orm.SQL {
	return "SELECT gid FROM pg_prepared_xacts WHERE database = current_database() ORDER BY prepared, gid"
}

// CursorSQL has the server keep a result within the transaction.
func (dialect) CursorSQL(name string, rows int) (declare, fetch, end orm.SQL) {
	return orm.SQL("DECLARE " + name + " NO SCROLL CURSOR FOR "), orm.SQL("FETCH " + strconv.Itoa(rows) + " FROM " + name), orm.SQL("CLOSE " + name)
}

// serverSQL tells one server from another, and a standby that has been promoted
// from the server that it took over from.
const serverSQL = `CAST((SELECT system_identifier FROM pg_control_system()) AS text),
	CAST((SELECT timeline_id FROM pg_control_checkpoint()) AS text)`

// TxIDSQL asks for the number of the transaction that is open.
func (dialect) TxIDSQL() orm.SQL {
	return "SELECT CAST(pg_current_xact_id_if_assigned() AS text), " + serverSQL
}

// StatusSQL asks what became of the transaction of that number; the answer is
// NULL where the server no longer knows.
func (dialect) StatusSQL() orm.SQL { return "SELECT pg_xact_status(CAST($1 AS xid8)), " + serverSQL }

// PoolerURL has the driver send a statement and its values in one go: between
// two messages a pooler may change the connection below.
func (dialect) PoolerURL(u *orm.URL) *orm.URL { return u.WithQuery("binary_parameters", "yes") }

// Connector returns lib/pq's connector for the URL.
func (dialect) Connector(u *orm.URL, dial orm.DialFunc) (driver.Connector, error) {
	config, err := pq.NewConfig(connectionString(u))
	if err != nil {
		return nil, &orm.UsageError{Kind: orm.ErrURL, Op: "open", Subject: "postgres", Reason: "the driver refuses an option of the URL", Err: err}
	}
	connector, err := pq.NewConnectorConfig(config)
	if err != nil {
		return nil, fmt.Errorf("orm: open postgres: %w", err)
	}
	connector.Dialer(dialer(dial))
	return connector, nil
}

// connectionString is the URL in the driver's form: key='value' pairs.
func connectionString(u *orm.URL) string {
	options := map[string]string{"TimeZone": "UTC"}
	for key, values := range u.Query() {
		if strings.EqualFold(key, "TimeZone") {
			key = "TimeZone"
		}
		options[key] = values[0]
	}
	set := func(key, value string) {
		if value != "" {
			options[key] = value
		}
	}
	hosts, ports := hostsAndPorts(u)
	set("host", hosts)
	set("port", ports)
	set("user", u.User())
	set("dbname", u.Database())
	if password, ok := u.Password(); ok {
		options["password"] = password
	}
	pairs := make([]string, 0, len(options))
	for _, key := range slices.Sorted(maps.Keys(options)) {
		pairs = append(pairs, key+"='"+valueEscaper.Replace(options[key])+"'")
	}
	return strings.Join(pairs, " ")
}

var valueEscaper = strings.NewReplacer(`\`, `\\`, `'`, `\'`)

// hostsAndPorts splits "one:5432,two:5433", as a URL for several servers has
// it, into the driver's two lists.
func hostsAndPorts(u *orm.URL) (hosts, ports string) {
	if !strings.Contains(u.Host(), ",") {
		if u.Port() == 0 {
			return u.Host(), ""
		}
		return u.Host(), strconv.Itoa(u.Port())
	}
	var hostList, portList []string
	for item := range strings.SplitSeq(u.Host(), ",") {
		host, port, err := net.SplitHostPort(item)
		if err != nil {
			host, port = strings.Trim(item, "[]"), "5432"
		}
		hostList, portList = append(hostList, host), append(portList, port)
	}
	return strings.Join(hostList, ","), strings.Join(portList, ",")
}

// dialer has the driver open its sockets through the engine.
type dialer orm.DialFunc

func (d dialer) Dial(network, address string) (net.Conn, error) {
	return d(context.Background(), network, address)
}

func (d dialer) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return d(ctx, network, address)
}

// DialContext is the one of the three that the driver calls when it has a
// context.
func (d dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	return d(ctx, network, address)
}
