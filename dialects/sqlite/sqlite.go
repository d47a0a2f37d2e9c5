// This file is the dialect's front: its name, what SQLite can do, how a
// transaction begins, and the way to the driver.

// Package sqlite is the dialect of SQLite, on the driver modernc.org/sqlite,
// which needs no C compiler. A program imports it for its effect and opens a
// URL:
//
//	import _ "github.com/aurum-go/orm/dialects/sqlite"
//
//	engine, err := orm.Open("sqlite:///relative.db")      // sqlite:////absolute.db
//	engine, err := orm.Open("sqlite:///:memory:")         // or sqlite://
//
// Every connection has foreign keys on, waits up to five seconds for a lock,
// and takes nothing between double quotes for text. Files are in WAL mode. A
// database in memory belongs to its engine: all connections of the engine see
// it, and it is gone when the engine closes. The options behind the question
// mark are those of the driver (_pragma, _journal_mode …) and of SQLite (mode,
// cache …); they win over these settings.
//
// SQLite has no types for decimals, times, UUIDs and documents. They are kept
// as text, in columns whose declared names end in _TEXT, so that SQLite leaves
// the text as it is. The text of times and dates sorts as they do. Decimals
// compare by value under the collation "decimal", which this package registers
// with the driver, and which the command line tool of SQLite has as well.
package sqlite

import (
	"database/sql/driver"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"modernc.org/sqlite"

	"github.com/aurum-go/orm"
)

func init() {
	orm.RegisterDialect(dialect{}, "sqlite", "sqlite3")
	// Nobody else can have taken the name yet but a program that has its own
	// collation for decimals, which then is the one to use.
	_ = sqlite.RegisterCollationUtf8("decimal", compareDecimals)
}

// dialect is SQLite from version 3.39 on; the driver brings its own.
type dialect struct{ orm.StandardDialect }

var features = orm.Features{
	MaxIdentifier: 1000, MaxParams: 32766,
	InsertReturning: true, UpdateReturning: true, DeleteReturning: true, LateTriggers: true,
	PreparedLoops: true, LastInsertID: true, DefaultValues: true, OnConflict: true, WhereForConflict: true, UpdateFrom: true, ValuesColumns: true, UnionRows: true,
	NullsOrder: true, FullJoin: true, DistinctFrom: true, AggregateFilter: true, RowValues: true, RowNulls: true, RowOrder: true, RowValuesList: true,
	LocksIgnored: true, OffsetLimit: "-1", Intersect: true, WindowFunctions: true, FrameGroups: true, AggregateOrder: true, JSONOrder: true, EmptyDocuments: true, FrameExclude: true, LagDefault: true, KeysAtEnd: true, WaitingRows: true,
	CTE: true, MaterializedCTE: true, LeadingCTE: true, LeadingInsert: true, TableFunctions: true,
	TransactionalDDL: true, IfExists: true, IndexIfExists: true, PartialIndex: true, ExpressionIndex: true,
	DeferrableKeys: true,
	Savepoints:     true, Isolation: []string{"SERIALIZABLE"}, ReadOnlyTx: true, HoldsTxOnError: true,
	BinaryText: true, ASCIICase: true, VirtualColumns: true, TemporaryViews: true, ViewIfNotExists: true,
}

// The optional contracts, which the library finds by type assertion: a method
// that does not fit would go unnoticed.
var (
	_ orm.Opener              = dialect{}
	_ orm.ConnectorConfigurer = dialect{}
	_ orm.Beginner            = dialect{}
	_ orm.ErrorClassifier     = dialect{}
	_ orm.Introspector        = dialect{}
	_ orm.CastTyper           = dialect{}
	_ orm.ValueBinder         = dialect{}
	_ orm.FunctionRenderer    = dialect{}
	_ orm.DateRenderer        = dialect{}
	_ orm.MatchRenderer       = dialect{}
	_ orm.JSONBuilder         = dialect{}
	_ orm.JSONRenderer        = dialect{}
	_ orm.OperatorRenderer    = dialect{}
	_ orm.ExtractRenderer     = dialect{}
	_ orm.ColumnRenderer      = dialect{}
	_ orm.LongListRenderer    = dialect{}
)

func (dialect) Name() string { return "sqlite" }

func (dialect) Features() orm.Features { return features }

// BeginSQL takes the lock for writing at once: a transaction that reads first
// and then finds another one writing could not wait for it. One that only reads
// takes no such lock.
func (dialect) BeginSQL(o orm.TxOptions) ([]orm.SQL, error) {
	if o.ReadOnly {
		return []orm.SQL{"BEGIN"}, nil
	}
	return []orm.SQL{"BEGIN IMMEDIATE"}, nil
}

// ReadOnlySQL has the connection refuse writes, which no form of BEGIN does.
func (dialect) ReadOnlySQL(on bool) orm.SQL {
	if on {
		return "PRAGMA query_only = 1"
	}
	return "PRAGMA query_only = 0"
}

// Connector returns the driver's connector for the URL. SQLite has no sockets,
// so dial is not used.
func (dialect) Connector(u *orm.URL, _ orm.DialFunc) (driver.Connector, error) {
	if u.Host() != "" || u.User() != "" {
		return nil, &orm.UsageError{
			Kind: orm.ErrURL, Op: "open", Subject: "sqlite", Reason: "a file has no host and no user",
			Advice: "three slashes before a relative path, four before an absolute one",
		}
	}
	connector, err := sqlite.NewConnector(dataSource(u))
	if err != nil {
		return nil, fmt.Errorf("orm: open sqlite: %w", err)
	}
	return connector, nil
}

// ConnectorOptions has all statements prepared, which saves half of their time,
// and keeps a database in memory alive.
func (dialect) ConnectorOptions(u *orm.URL) orm.ConnectorSettings {
	return orm.ConnectorSettings{PrepareAll: true, KeepOne: inMemory(u)}
}

func inMemory(u *orm.URL) bool {
	return u.Database() == "" || u.Database() == ":memory:" || u.Query().Get("mode") == "memory"
}

// memories counts the databases in memory, so that each has a name of its own.
var memories atomic.Int64

// dataSource is the URL in the driver's form. A database in memory is one of
// the VFS memdb, whose connections lock each other out as those of a file do;
// a shared cache would have them fail at once.
func dataSource(u *orm.URL) string {
	query := u.Query()
	path := strings.TrimPrefix(u.Database(), "file:")
	if inMemory(u) {
		path = memoryName(path)
		query.Del("mode")
		query.Del("cache")
		query.Set("vfs", "memdb")
	} else {
		defaultTo(query, "journal_mode", "_journal_mode", "_journal", "WAL")
		defaultTo(query, "synchronous", "_synchronous", "_sync", "NORMAL")
	}
	defaultTo(query, "foreign_keys", "_foreign_keys", "_fk", "1")
	defaultTo(query, "busy_timeout", "_busy_timeout", "_timeout", "5000")
	if !query.Has("_dqs") {
		query.Set("_dqs", "0")
	}
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + query.Encode()
}

// memoryName is a name of the engine's own, or the given one, under which the
// engines of the program share a database: sqlite:///name?mode=memory.
func memoryName(given string) string {
	if given != "" && given != ":memory:" {
		return "/" + strings.TrimPrefix(given, "/")
	}
	return "/orm-" + strconv.FormatInt(memories.Add(1), 10)
}

// defaultTo sets a pragma by the driver's option for it, unless the URL says
// something of it in one of the three ways.
func defaultTo(query url.Values, pragma, option, alias, value string) {
	said := query.Has(option) || query.Has(alias) || slices.ContainsFunc(query["_pragma"], func(text string) bool {
		return strings.HasPrefix(strings.ToLower(strings.TrimSpace(text)), pragma)
	})
	readOnly := query.Get("mode") == "ro" || query.Get("immutable") == "1"
	if !said && !(readOnly && pragma == "journal_mode") {
		query.Set(option, value)
	}
}
