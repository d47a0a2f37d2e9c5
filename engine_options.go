// This file holds what can be set when an engine is opened, and when a
// transaction is begun.

package orm

import (
	"io"
	"log/slog"
	"time"
)

// EngineOption sets up an [Engine].
type EngineOption func(*engineConfig)

type engineConfig struct {
	log           logConfig
	pool          PoolConfig
	statements    int
	compiled      int
	pooler        bool
	commitTimeout time.Duration
	grace         time.Duration
	clock         func() time.Time
	isolation     string
	strict        bool
	err           error
}

// PoolConfig says how many connections an engine keeps. Zero fields have the
// defaults named beside them.
type PoolConfig struct {
	MaxOpen     int           // open at once; 15; negative: no limit
	MaxIdle     int           // kept while nobody uses them; 5; negative: none
	MaxLifetime time.Duration // after which a connection is not used again; no limit
	MaxIdleTime time.Duration // after which an idle connection is closed; no limit
	Timeout     time.Duration // how long to wait for a connection; 30 s; negative: as long as the context allows
}

const (
	defaultMaxOpen       = 15
	defaultMaxIdle       = 5
	defaultPoolTimeout   = 30 * time.Second
	defaultStatements    = 256
	defaultCompiled      = 500
	defaultCommitTimeout = 10 * time.Second
)

func newEngineConfig(options []EngineOption) engineConfig {
	c := engineConfig{statements: defaultStatements, compiled: defaultCompiled, commitTimeout: defaultCommitTimeout, clock: time.Now}
	for _, o := range options {
		if o == nil {
			c.err = nilOption("open")
			continue
		}
		o(&c)
	}
	return c
}

func (p PoolConfig) withDefaults() PoolConfig {
	if p.MaxOpen == 0 {
		p.MaxOpen = defaultMaxOpen
	}
	if p.MaxIdle == 0 {
		p.MaxIdle = defaultMaxIdle
	}
	if p.Timeout == 0 {
		p.Timeout = defaultPoolTimeout
	}
	return p
}

// WithPool sets the size of the pool, and how long to wait for a connection of
// it. Of a pool that [OpenDB] was given, only Timeout counts.
func WithPool(p PoolConfig) EngineOption { return func(c *engineConfig) { c.pool = p } }

// WithEcho writes every statement to w, one line each, with BEGIN, COMMIT and
// ROLLBACK. Values are hidden unless [EchoValues] shows them. Lines are written
// one at a time. On a terminal they are coloured, unless NO_COLOR is set.
func WithEcho(w io.Writer) EngineOption { return func(c *engineConfig) { c.log.echo = w } }

// EchoValues shows parameter values in the echo and the log. They are hidden
// otherwise, for they may be secrets.
func EchoValues() EngineOption { return func(c *engineConfig) { c.log.values = true } }

// WithLogger logs statements at level Debug, and slow ones at Warn.
func WithLogger(l *slog.Logger) EngineOption { return func(c *engineConfig) { c.log.logger = l } }

// WithSlowQuery says from which time on a statement is slow. It takes effect
// together with [WithLogger].
func WithSlowQuery(d time.Duration) EngineOption { return func(c *engineConfig) { c.log.slow = d } }

// WithStatementCache sets how many prepared statements each connection keeps
// (256 if not set). 0 keeps none.
func WithStatementCache(n int) EngineOption {
	return func(c *engineConfig) { c.statements = max(n, 0) }
}

// WithCompiledCache sets how many compiled statements the engine keeps (500 if not
// set), so that those which differ in their values alone are written once: also in
// the lengths of IN lists, and in limits. It may grow by half before what was not
// used for longest is dropped. 0 keeps none. What is sent is the same with it and
// without. Text, DDL, an INSERT of several rows, and a list of more than 1,000 values are
// never kept. [Engine.CompiledCache] tells how it does.
func WithCompiledCache(n int) EngineOption {
	return func(c *engineConfig) { c.compiled = max(n, 0) }
}

// PoolerMode is for a connection pooler between program and database that
// changes the connection below after every transaction, such as PgBouncer: no
// statement is kept prepared, and the dialect uses its settings for poolers.
func PoolerMode() EngineOption {
	return func(c *engineConfig) { c.pooler, c.statements = true, 0 }
}

// WithCommitTimeout sets how long COMMIT and ROLLBACK may take (10 s if not
// set). They do not end with the caller's context; 0 lets them take as long as
// they need.
func WithCommitTimeout(d time.Duration) EngineOption {
	return func(c *engineConfig) { c.commitTimeout = d }
}

// WithSocketGrace sets how long after the end of a context the engine closes
// the socket of a call that has not returned (500 ms if not set).
func WithSocketGrace(d time.Duration) EngineOption { return func(c *engineConfig) { c.grace = d } }

// WithClock sets the clock behind defaults such as "now". It is called by many
// goroutines.
func WithClock(now func() time.Time) EngineOption { return func(c *engineConfig) { c.clock = now } }

// Strict refuses a statement with two or more items in FROM that no join and no
// condition connects, with an [ErrCartesian] before it is sent: every row of the
// one would be paired with every row of the other. CrossJoin, or Join on [True],
// says that this is meant. Without Strict such a statement runs, and the log of
// [WithLogger] or [WithEcho] has a warning, once for each shape of a statement.
// UPDATE with From and DELETE with Using are looked at in the same way, SQL text
// is not. [StrictMode] is for one session.
func Strict() EngineOption { return func(c *engineConfig) { c.strict = true } }

// WithIsolation sets the isolation level of transactions that ask for none
// themselves. Without it they have the database's default.
func WithIsolation(level string) EngineOption { return func(c *engineConfig) { c.isolation = level } }

// TxOption says how a connection runs its transactions.
type TxOption func(*txConfig)

// TxOptions is what the database is told when a transaction begins.
type TxOptions struct {
	Isolation  string // one of Features.Isolation, or "" for the database's default
	ReadOnly   bool
	Deferrable bool
}

type txConfig struct {
	TxOptions
	autocommit bool
	resolve    bool
	retries    int
	xid        string // of a transaction of two phases
	err        error
}

const defaultRetries = 3

// Isolation asks for an isolation level, as SQL writes it: "SERIALIZABLE". A
// level that the database does not have is an [ErrUnsupported]; it is never
// replaced by a weaker one.
func Isolation(level string) TxOption { return func(c *txConfig) { c.Isolation = level } }

// ReadOnly begins transactions that may only read.
func ReadOnly() TxOption { return func(c *txConfig) { c.ReadOnly = true } }

// Deferrable lets a serializable read-only transaction wait until it can run
// without the risk of a serialization failure. PostgreSQL has it.
func Deferrable() TxOption { return func(c *txConfig) { c.Deferrable = true } }

// Autocommit begins no transaction by itself: every statement stands alone. A
// write whose answer is lost then has an unknown outcome. Begin, Transact and a
// [Session] begin one all the same.
func Autocommit() TxOption { return func(c *txConfig) { c.autocommit = true } }

// Retries sets how often Transact repeats a unit that failed through nobody's
// fault (3 if not set; 0: never).
func Retries(n int) TxOption { return func(c *txConfig) { c.retries = max(n, 0) } }

// ResolveCommit finds out what became of a COMMIT whose answer was lost, where
// the database can tell (PostgreSQL): Commit then returns nil or an
// [ErrConnection] instead of an [ErrOutcomeUnknown]. It costs one more round
// trip for each transaction.
func ResolveCommit() TxOption { return func(c *txConfig) { c.resolve = true } }

func newTxConfig(base txConfig, options []TxOption) txConfig {
	for _, o := range options {
		if o == nil {
			base.err = nilOption("begin")
			continue
		}
		o(&base)
	}
	return base
}
