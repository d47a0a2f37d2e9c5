// This file holds the engine: where the database is, which dialect it speaks,
// and the pool of connections to it. An engine is opened once and shared.

package orm

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// Opener is a [Dialect] that opens connections itself. [Open] needs it.
type Opener interface {
	// Connector returns the driver's connector for a URL. The driver dials with
	// dial, or with nothing if it is no network driver.
	Connector(u *URL, dial DialFunc) (driver.Connector, error)
}

// ConnectorConfigurer is an [Opener] that has wishes about its connections.
type ConnectorConfigurer interface {
	ConnectorOptions(u *URL) ConnectorSettings
}

// ConnectorSettings are a dialect's wishes about the connections of one URL.
type ConnectorSettings struct {
	PrepareAll bool // keep statements without parameters prepared too
	MaxOpen    int  // most connections at once; 0: as many as the pool may have
	KeepOne    bool // hold one connection open until Close: a database in memory ends with its last one
}

// PoolerDialect is an [Opener] that needs other settings behind a connection
// pooler. The URL that it returns is the one that is opened in [PoolerMode].
type PoolerDialect interface {
	PoolerURL(u *URL) *URL
}

// ServerProber is a [Dialect] that has to ask the server what it is. It is
// asked once for each engine, before the first statement; the engine then uses
// the dialect that it returns. query returns the columns of the first row as
// text, or nothing if there is no row.
type ServerProber interface {
	Probe(ctx context.Context, query func(ctx context.Context, text SQL) ([]string, error)) (Dialect, error)
}

// StaleStatementDetector is a [Dialect] that recognises the error by which the
// database says that a prepared statement is out of date. The statement is then
// forgotten; the error is returned all the same.
type StaleStatementDetector interface {
	IsStaleStatement(err error) bool
}

// Executor is what runs statements: an [Engine], on a connection of its own for
// each statement, a [Conn], or a [Session].
type Executor interface {
	// Engine returns the engine below.
	Engine() *Engine
	// acquire returns the connection to run c on, and what gives it back.
	acquire(ctx context.Context, c *Compiled) (*Conn, func(), error)
	// keepsConn reports whether the connection stays with the executor when it is
	// given back, so that a result can be read on it all the same.
	keepsConn() bool
	// objects returns what makes objects of the columns of entities, or nil where
	// nobody holds objects.
	objects(stream bool) objectSource
	// inherited are the criteria that hold in all that it runs.
	inherited() []Criteria
	// strict reports whether it refuses a FROM of which nothing connects the parts.
	strict() bool
}

// engineOf is the engine below an executor, if it is one that can be used.
func engineOf(ex Executor) (*Engine, error) {
	if ex == nil || isNilPointer(ex) {
		return nil, nilArgument("execute", "executor")
	}
	e := ex.Engine()
	if e == nil {
		return nil, nilArgument("execute", "engine")
	}
	return e, nil
}

var (
	_ Executor = (*Engine)(nil)
	_ Executor = (*Conn)(nil)
)

// Engine is a database: its dialect, and a pool of connections to it. Open one
// for each database and share it; it is safe for concurrent use. Its own
// statements stand alone; for transactions there are Transact, [Conn] and
// [Session].
type Engine struct {
	*database
	tx txConfig // of transactions that ask for nothing else
}

// database is what the engines of one pool share.
type database struct {
	config    engineConfig
	url       *URL // nil for a pool that somebody else has opened
	db        *sql.DB
	pool      *pool
	owned     bool
	connector driver.Connector
	settings  ConnectorSettings
	server    atomic.Pointer[server]
	meeting   chan struct{} // held by the one who meets the server for the first time
	keeper    driver.Conn   // guarded by meeting
	closed    atomic.Bool
	events    EngineEvents
	log       statementLog
	warned    warnings // of statements
	shapes    sync.Map // statements of the layers above that always look the same, by their keys
}

// server is what the engine knows of the database. It is immutable.
type server struct {
	dialect  Dialect
	features Features
	met      bool // nothing is left to ask it
	compiled *compiledCache
}

func (e *Engine) newServer(d Dialect, met bool) *server {
	return &server{dialect: d, features: d.Features(), met: met, compiled: newCompiledCache(d, e.config.compiled)}
}

// Open returns the engine of a database URL ([ParseURL] has the forms). The
// package of the dialect has to be imported, as in
//
//	import _ "github.com/aurum-go/orm/dialects/sqlite"
//
// or the error is an [ErrUnknownDialect]. It opens no connection and emits no
// SQL: the first statement does, and Ping.
func Open(databaseURL string, options ...EngineOption) (*Engine, error) {
	u, err := ParseURL(databaseURL)
	if err != nil {
		return nil, err
	}
	d, err := dialectByScheme(u.Scheme())
	if err != nil {
		return nil, err
	}
	return openEngine(d, u, options)
}

// openEngine puts the dialect's connector under a pool.
func openEngine(d Dialect, u *URL, options []EngineOption) (_ *Engine, err error) {
	opener, ok := d.(Opener)
	if !ok {
		return nil, &UsageError{Kind: ErrUnsupported, Op: "open", Subject: d.Name(), Reason: "the dialect opens no connections", Advice: "open a *sql.DB with a driver and hand it to OpenDB"}
	}
	e := newEngine(options)
	if e.config.err != nil {
		return nil, e.config.err
	}
	e.url, e.owned = u, true
	if c, ok := d.(ConnectorConfigurer); ok {
		e.settings = c.ConnectorOptions(u)
	}
	if e.connector, err = e.newConnector(opener, u); err != nil {
		return nil, err
	}
	e.server.Store(e.newServer(d, !e.settings.KeepOne && !isProber(d)))
	e.openPool()
	return e, nil
}

// OpenDB returns an engine on a pool that the caller has opened with any
// driver, and that the caller closes. The dialect is named as in "postgres".
// Some promises need the engine's own connections and do not hold here: calls
// that end with their context though the server is silent, prepared statements
// that are kept, the Connect event, and settings for each connection. It emits
// no SQL.
func OpenDB(db *sql.DB, dialect string, options ...EngineOption) (*Engine, error) {
	d, err := DialectByName(dialect)
	if err != nil {
		var schemeErr error
		if d, schemeErr = dialectByScheme(dialect); schemeErr != nil {
			return nil, err
		}
	}
	if db == nil {
		return nil, &UsageError{Kind: ErrArgument, Op: "open", Reason: "the pool is nil"}
	}
	e := newEngine(options)
	if e.config.err != nil {
		return nil, e.config.err
	}
	e.db = db
	e.server.Store(e.newServer(d, !isProber(d)))
	e.pool = &pool{db: db, timeout: e.config.pool.withDefaults().Timeout}
	return e, nil
}

func isProber(d Dialect) bool {
	_, ok := d.(ServerProber)
	return ok
}

func newEngine(options []EngineOption) *Engine {
	e := &Engine{&database{config: newEngineConfig(options), meeting: make(chan struct{}, 1)}, txConfig{retries: defaultRetries}}
	e.tx.Isolation = e.config.isolation
	e.log.set(e.config.log)
	return e
}

func (e *Engine) newConnector(opener Opener, u *URL) (driver.Connector, error) {
	if p, ok := opener.(PoolerDialect); ok && e.config.pooler {
		u = p.PoolerURL(u)
	}
	options := connectorOptions{
		grace: e.config.grace, statements: e.config.statements, prepareAll: e.settings.PrepareAll, connect: e.connected, closed: e.connectionClosed,
	}
	if s, ok := opener.(StaleStatementDetector); ok {
		options.isStale = s.IsStaleStatement
	}
	return newConnector(func(dial DialFunc) (driver.Connector, error) { return opener.Connector(u, dial) }, options)
}

// openPool makes the pool over the engine's connector.
func (e *Engine) openPool() {
	p := e.config.pool.withDefaults()
	if most := e.settings.MaxOpen; most > 0 && (p.MaxOpen < 0 || most < p.MaxOpen) {
		p.MaxOpen = most
	}
	e.connector = boundedConnector{e.connector, p.Timeout}
	e.db = sql.OpenDB(e.connector)
	e.db.SetMaxOpenConns(max(p.MaxOpen, 0))
	e.db.SetMaxIdleConns(p.MaxIdle)
	e.db.SetConnMaxLifetime(p.MaxLifetime)
	e.db.SetConnMaxIdleTime(p.MaxIdleTime)
	e.pool = &pool{db: e.db, timeout: p.Timeout}
	if p.MaxOpen > 0 {
		e.pool.slots = make(chan struct{}, p.MaxOpen)
	}
}

// With returns an engine on the same pool whose transactions have these options
// unless they ask for others: one for reports that only reads, say, beside the
// one that writes. What a connection or a transaction asks for comes before what
// a session asks for, and that before the options of the engine. The two share
// their events and statements, and closing one closes both. It emits no SQL;
// an option that the database does not have is the error of what uses it.
//
//	reports := engine.With(orm.ReadOnly(), orm.Isolation("REPEATABLE READ"))
func (e *Engine) With(options ...TxOption) *Engine {
	return &Engine{e.database, newTxConfig(e.tx, options)}
}

// Engine returns the engine itself: it is an [Executor].
func (e *Engine) Engine() *Engine { return e }

// Dialect returns the dialect of the database. Before the first connection it
// is the one that was registered; after that it is the one that the server's
// answers have led to.
func (e *Engine) Dialect() Dialect { return e.server.Load().dialect }

// Events returns the engine's events.
func (e *Engine) Events() *EngineEvents { return &e.events }

// URL returns the URL that was opened, which shows no password when printed;
// nil if the engine comes from OpenDB.
func (e *Engine) URL() *URL { return e.url }

// DB returns the pool below. Statements that are sent through it directly are
// none of the engine's: they fire no events, and what database/sql repeats after
// a lost connection it repeats.
func (e *Engine) DB() *sql.DB { return e.db }

// CompiledCache returns the figures of the cache of compiled statements; see
// [WithCompiledCache]. It emits no SQL.
func (e *Engine) CompiledCache() CompiledCacheStats { return e.server.Load().compiled.stats() }

// Stats returns the pool's counters.
func (e *Engine) Stats() sql.DBStats { return e.db.Stats() }

// Status returns the state of the pool in words: its size, how many connections
// are in use, who waits, and since when the oldest is held.
func (e *Engine) Status() string { return e.pool.status() }

// now is the time of defaults: in UTC, in whole microseconds, as every database
// keeps it.
func (e *Engine) now() time.Time { return e.config.clock().UTC().Truncate(time.Microsecond) }

// Ping checks that the database answers. Without a deadline in ctx it gives up
// after the commit timeout.
func (e *Engine) Ping(ctx context.Context) error {
	if _, has := ctx.Deadline(); !has {
		limited, cancel := withTimeout(ctx, e.config.commitTimeout)
		defer cancel()
		ctx = limited
	}
	var h holder
	raw, err := e.take(ctx, &h)
	if err != nil {
		return err
	}
	defer e.pool.give(&h, raw)
	if err := raw.PingContext(ctx); err != nil {
		return e.classify(ctx, "ping", nil, err)
	}
	return nil
}

// Close closes the connections of the pool, unless it came from OpenDB. It may
// be called again; everything else then gives [ErrClosed].
func (e *Engine) Close() error {
	if e.closed.Swap(true) || !e.owned {
		return nil
	}
	err := e.db.Close()
	e.meeting <- struct{}{}
	defer func() { <-e.meeting }()
	if e.keeper != nil {
		_ = e.keeper.Close() // the pool's error says the same and is the one that counts
		e.keeper = nil
	}
	if err != nil {
		return e.classify(context.Background(), "close", nil, err)
	}
	return nil
}

// Connect takes a connection out of the pool. Close it.
func (e *Engine) Connect(ctx context.Context, options ...TxOption) (*Conn, error) {
	config, err := e.txConfig(ctx, options)
	if err != nil {
		return nil, err
	}
	return e.connect(ctx, config)
}

func (e *Engine) connect(ctx context.Context, config txConfig) (*Conn, error) {
	c := newConn(e, config)
	if err := c.ensure(ctx); err != nil {
		return nil, err
	}
	return c, nil
}

// acquire gives every statement of the engine a connection of its own, outside
// of any transaction, unless it takes one to keep the statement from writing.
func (e *Engine) acquire(ctx context.Context, _ *Compiled) (*Conn, func(), error) {
	config := txConfig{autocommit: true}
	if e.tx.ReadOnly {
		var err error
		if config, err = e.txConfig(ctx, nil); err != nil {
			return nil, nil, err
		}
	}
	c, err := e.connect(ctx, config)
	if err != nil {
		return nil, nil, err
	}
	return c, func() { _ = c.closeFor(ctx) }, nil
}

func (*Engine) keepsConn() bool           { return false }
func (*Engine) inherited() []Criteria     { return nil }
func (e *Engine) strict() bool            { return e.config.strict }
func (*Engine) objects(bool) objectSource { return nil }

// txConfig puts options together and checks them against the database.
func (e *Engine) txConfig(ctx context.Context, options []TxOption) (txConfig, error) {
	s, err := e.ready(ctx)
	if err != nil {
		return txConfig{}, err
	}
	config := newTxConfig(e.tx, options)
	if config.err != nil {
		return txConfig{}, config.err
	}
	if config.autocommit && config.ReadOnly {
		return txConfig{}, &UsageError{Kind: ErrArgument, Op: "connect", Reason: "without a transaction nothing keeps a statement from writing", Advice: "use either ReadOnly or Autocommit"}
	}
	config.TxOptions, err = s.checkTxOptions(config.TxOptions)
	return config, err
}

// checkTxOptions refuses what the database does not have, and spells the
// isolation level as the database does.
func (s *server) checkTxOptions(o TxOptions) (TxOptions, error) {
	unsupported := func(feature, advice string) (TxOptions, error) {
		return TxOptions{}, &CompileError{Dialect: s.dialect.Name(), Feature: feature, Advice: advice}
	}
	switch {
	case o.ReadOnly && !s.features.ReadOnlyTx:
		return unsupported("a read-only transaction", "")
	case o.Deferrable && !s.features.DeferrableTx:
		return unsupported("a deferrable transaction", "")
	case o.Isolation == "":
		return o, nil
	}
	for _, level := range s.features.Isolation {
		if strings.EqualFold(level, o.Isolation) {
			o.Isolation = level
			return o, nil
		}
	}
	return unsupported("isolation level "+quoted(o.Isolation), thereAre(s.features.Isolation))
}

// take hands out a connection of the pool.
func (e *Engine) take(ctx context.Context, h *holder) (*sql.Conn, error) {
	if _, err := e.ready(ctx); err != nil {
		return nil, err
	}
	return e.takeRaw(ctx, h)
}

// takeRaw is take for the one who is about to meet the server.
func (e *Engine) takeRaw(ctx context.Context, h *holder) (*sql.Conn, error) {
	if e.closed.Load() {
		return nil, closedError("connect", "the engine")
	}
	if ctx.Err() != nil {
		return nil, canceledError(ctx, "connect")
	}
	raw, err := e.pool.take(ctx, h)
	if err == nil {
		return raw, nil
	}
	if _, ok := errors.AsType[*UsageError](err); ok {
		return nil, err
	}
	if isPoolClosed(err) {
		return nil, closedError("connect", "the engine")
	}
	db := e.describe(ctx, "connect", nil, err)
	if db.Kind == ErrCanceled && ctx.Err() == nil {
		db.Kind = ErrConnection // the pool's timeout has ended it, not the caller
	}
	return nil, e.handleConnectError(ctx, db)
}

// ready returns what is known of the server, which is asked if this is the
// first connection to it.
func (e *Engine) ready(ctx context.Context) (*server, error) {
	if s := e.server.Load(); s.met {
		return s, nil
	}
	select {
	case e.meeting <- struct{}{}:
	case <-ctx.Done():
		return nil, canceledError(ctx, "connect")
	}
	defer func() { <-e.meeting }()
	if s := e.server.Load(); s.met {
		return s, nil
	}
	return e.meet(ctx)
}

// meet opens the keeper and asks the server what it is.
func (e *Engine) meet(ctx context.Context) (*server, error) {
	if e.closed.Load() {
		return nil, closedError("connect", "the engine")
	}
	if e.settings.KeepOne && e.keeper == nil {
		keeper, err := e.connector.Connect(ctx)
		if err != nil {
			return nil, e.handleConnectError(ctx, e.describe(ctx, "connect", nil, err))
		}
		e.keeper = keeper
	}
	d, err := e.probe(ctx, e.Dialect())
	if err != nil {
		return nil, err
	}
	s := e.newServer(d, true)
	e.server.Store(s)
	return s, nil
}

func (e *Engine) probe(ctx context.Context, d Dialect) (Dialect, error) {
	prober, ok := d.(ServerProber)
	if !ok {
		return d, nil
	}
	var h holder
	raw, err := e.takeRaw(ctx, &h)
	if err != nil {
		return nil, err
	}
	defer e.pool.give(&h, raw)
	return prober.Probe(ctx, func(ctx context.Context, text SQL) ([]string, error) {
		row, err := firstRow(ctx, raw, string(text))
		if err != nil {
			return nil, e.classify(ctx, "probe", nil, err)
		}
		return row, nil
	})
}

// firstRow returns the first row of a query as text, nil if there is none. A
// NULL is an empty text.
func firstRow(ctx context.Context, raw *sql.Conn, text string, args ...any) (_ []string, err error) {
	rows, err := raw.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer func() {
		if closeErr := rows.Close(); err == nil {
			err = closeErr
		}
	}()
	columns, err := rows.Columns()
	if err != nil || !rows.Next() {
		return nil, firstError(err, rows.Err())
	}
	cells := make([]sql.NullString, len(columns))
	dest := make([]any, len(columns))
	for i := range cells {
		dest[i] = &cells[i]
	}
	if err := rows.Scan(dest...); err != nil {
		return nil, err
	}
	row := make([]string, len(cells))
	for i, cell := range cells {
		row[i] = cell.String
	}
	return row, nil
}

func closedError(op, subject string) error {
	return &UsageError{Kind: ErrClosed, Op: op, Reason: subject + " is closed"}
}
