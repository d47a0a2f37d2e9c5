// This file wraps a driver's connector, so that the engine can promise what database/sql and the drivers do not: no
// statement is sent twice, no call outlives its context by more than a grace period, a dead connection is not taken
// from the pool, and frequent statements stay prepared. What is wrapped: Connect, the connection, its statements, rows.

package orm

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"
	"reflect"
	"time"
)

// DialFunc opens a network connection, as the DialContext method of [net.Dialer] does. A dialect hands the one that it
// is given to its driver, which must call it with the context of its Connect (or one derived from that): so the engine
// learns which socket belongs to which connection. A dial with any other context is taken for a driver's request to
// cancel a statement, and cut off after the grace period. It emits no SQL and is safe for concurrent use.
type DialFunc func(ctx context.Context, network, address string) (net.Conn, error)

// defaultGrace is long enough for a cancelled statement to report itself, and short enough for a caller to wait.
const defaultGrace = 500 * time.Millisecond

// connectorOptions is what a dialect and the engine's settings decide about connections.
type connectorOptions struct {
	grace      time.Duration                                  // how long after a context's end a silent socket is closed; 0 = 500 ms
	statements int                                            // prepared statements kept per connection; 0 = none, for poolers in between
	prepareAll bool                                           // keep statements without arguments too
	connect    func(ctx context.Context, c driver.Conn) error // runs once per new connection; an error discards it
	closed     func(c driver.Conn)                            // is told of every connection that is closed, or nil
	isStale    func(error) bool                               // the database says that a kept statement is out of date
}

// connector is the driver.Connector below the pool of an engine. It is safe for concurrent use.
type connector struct {
	raw     driver.Connector
	options connectorOptions
	stats   connectorStats
}

// newConnector calls open once, with the dialer that the driver has to use, and wraps what it returns.
func newConnector(open func(DialFunc) (driver.Connector, error), o connectorOptions) (driver.Connector, error) {
	if o.grace <= 0 {
		o.grace = defaultGrace
	}
	c := &connector{options: o}
	raw, err := open(c.dial)
	if err != nil {
		return nil, err
	}
	c.raw = raw
	return c, nil
}

// dial is the DialFunc of the connector.
func (c *connector) dial(ctx context.Context, network, address string) (net.Conn, error) {
	s, ok := ctx.Value(socketKey{}).(*socket)
	if !ok {
		return c.dialToCancel(ctx, network, address)
	}
	var d net.Dialer
	nc, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	s.remember(nc)
	return nc, nil
}

// dialToCancel bounds the second connection by which a driver asks the server to cancel: lib/pq waits for it before it
// returns from a prepared statement, so a network that is silent would hold the caller beyond all watching.
func (c *connector) dialToCancel(ctx context.Context, network, address string) (net.Conn, error) {
	deadline := time.Now().Add(c.options.grace)
	d := net.Dialer{Deadline: deadline}
	nc, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	if err := nc.SetDeadline(deadline); err != nil {
		_ = nc.Close()
		return nil, err
	}
	return nc, nil
}

// Connect implements driver.Connector. Handshake and settings are watched as a statement is.
func (c *connector) Connect(ctx context.Context) (driver.Conn, error) {
	s := &socket{}
	w := s.watch(ctx, c.options.grace)
	conn, err := c.connect(context.WithValue(ctx, socketKey{}, s), s)
	w.end()
	if err == nil && s.isShut() {
		_ = conn.Close()
		err = &lostError{cause: driver.ErrBadConn}
	}
	if err != nil {
		s.shutdown()
		return nil, joinContext(ctx, err)
	}
	return conn, nil
}

func (c *connector) connect(ctx context.Context, s *socket) (driver.Conn, error) {
	raw, err := c.raw.Connect(ctx)
	if err != nil {
		return nil, err
	}
	conn := newDriverConn(raw, s, c)
	if c.options.connect == nil {
		return conn, nil
	}
	if err := c.options.connect(ctx, conn); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return conn, nil
}

// Driver implements driver.Connector.
func (c *connector) Driver() driver.Driver {
	return c.raw.Driver()
}

// Close implements io.Closer, which sql.DB calls when the pool is closed.
func (c *connector) Close() error {
	if closer, ok := c.raw.(io.Closer); ok {
		return closer.Close()
	}
	return nil
}

// driverConn is one physical connection. As database/sql promises to drivers, one goroutine uses it at a time.
type driverConn struct {
	raw     driver.Conn
	queryer driver.QueryerContext // nil if the driver can only prepare
	execer  driver.ExecerContext  // nil if the driver can only prepare
	socket  *socket               // nil if the driver dialled nothing
	options *connectorOptions
	stats   *connectorStats

	stmts   stmtCache
	retired []*preparedStmt // closed by their user while rows were open on the socket
	open    int             // result sets that are not closed yet
	lost    bool
}

var _ interface {
	driver.Conn
	driver.ConnPrepareContext
	driver.ConnBeginTx
	driver.QueryerContext
	driver.ExecerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
	driver.NamedValueChecker
} = (*driverConn)(nil)

func newDriverConn(raw driver.Conn, s *socket, c *connector) *driverConn {
	conn := &driverConn{raw: raw, options: &c.options, stats: &c.stats, stmts: newStmtCache(c.options.statements)}
	conn.queryer, _ = raw.(driver.QueryerContext)
	conn.execer, _ = raw.(driver.ExecerContext)
	if s.dialled() {
		conn.socket = s
	}
	return conn
}

// begin opens a call that talks to the server. Until it has returned, nothing was sent.
func (c *driverConn) begin(ctx context.Context) (*socketWatch, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if c.isBroken() {
		return nil, &lostError{cause: driver.ErrBadConn}
	}
	if c.isReading() {
		return nil, errRowsOpen
	}
	return c.socket.watch(ctx, c.options.grace), nil
}

// end closes a call: what it has put out of date is forgotten while the watch is still there to guard the round trips.
func (c *driverConn) end(ctx context.Context, w *socketWatch, err error) error {
	err = c.judge(ctx, err)
	c.settle()
	w.end()
	return err
}

// judge turns the driver's error into ours: a lost connection is named so, and the end of the context is never hidden.
func (c *driverConn) judge(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	if c.options.isStale != nil && c.options.isStale(err) {
		c.stmts.due = true
	}
	if c.isBroken() || meansLost(err) {
		c.markLost()
		err = &lostError{cause: err}
	}
	return joinContext(ctx, err)
}

// isReading reports that an answer may still be on its way. A socket carries one conversation: lib/pq would take the
// rows for the answer to the next statement, and go-sql-driver/mysql would give up the connection.
func (c *driverConn) isReading() bool {
	return c.open > 0 && c.socket != nil
}

func (c *driverConn) isBroken() bool {
	return c.lost || c.socket.isShut()
}

// markLost also closes the socket, so that nothing the driver does to clean up can wait for the other side.
func (c *driverConn) markLost() {
	c.lost = true
	c.socket.shutdown()
}

// QueryContext implements driver.QueryerContext.
func (c *driverConn) QueryContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, error) {
	w, err := c.begin(ctx)
	if err != nil {
		return nil, err
	}
	raw, p, err := c.query(ctx, query, args)
	if err != nil {
		return nil, c.end(ctx, w, err)
	}
	return c.openRows(ctx, raw, p, w), nil
}

// query returns the statement that the rows occupy, or nil if there is none.
func (c *driverConn) query(ctx context.Context, query string, args []driver.NamedValue) (driver.Rows, *preparedStmt, error) {
	p, err := c.prepared(ctx, query, args)
	if err != nil {
		return nil, nil, err
	}
	if p == nil && c.queryer != nil {
		raw, err := c.queryer.QueryContext(ctx, query, args)
		if !errors.Is(err, driver.ErrSkip) {
			return raw, nil, err
		}
	}
	if p == nil {
		if p, err = c.prepare(ctx, query); err != nil {
			return nil, nil, err
		}
	}
	raw, err := p.query(ctx, args)
	if err != nil {
		c.closeUnkept(p)
		return nil, nil, err
	}
	return raw, p, nil
}

func (c *driverConn) openRows(ctx context.Context, raw driver.Rows, p *preparedStmt, w *socketWatch) *driverRows {
	c.open++
	if p != nil {
		p.open++
	}
	return &driverRows{raw: raw, conn: c, stmt: p, watch: w, ctx: ctx}
}

// closeRows is the counterpart of openRows.
func (c *driverConn) closeRows(p *preparedStmt) {
	c.open--
	if p != nil {
		p.open--
		c.closeUnkept(p)
	}
}

// ExecContext implements driver.ExecerContext.
func (c *driverConn) ExecContext(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	w, err := c.begin(ctx)
	if err != nil {
		return nil, err
	}
	result, err := c.exec(ctx, query, args)
	if err = c.end(ctx, w, err); err != nil {
		return nil, err
	}
	return result, nil
}

func (c *driverConn) exec(ctx context.Context, query string, args []driver.NamedValue) (driver.Result, error) {
	p, err := c.prepared(ctx, query, args)
	if err != nil {
		return nil, err
	}
	if p == nil && c.execer != nil {
		result, err := c.execer.ExecContext(ctx, query, args)
		if !errors.Is(err, driver.ErrSkip) {
			return result, err
		}
	}
	if p == nil {
		if p, err = c.prepare(ctx, query); err != nil {
			return nil, err
		}
	}
	result, err := p.exec(ctx, args)
	c.closeUnkept(p)
	return result, err
}

// PrepareContext implements driver.ConnPrepareContext. The statement belongs to the caller, not to the cache.
func (c *driverConn) PrepareContext(ctx context.Context, query string) (driver.Stmt, error) {
	w, err := c.begin(ctx)
	if err != nil {
		return nil, err
	}
	p, err := c.prepare(ctx, query)
	if err = c.end(ctx, w, err); err != nil {
		return nil, err
	}
	p.kept = true
	return &driverStmt{conn: c, prepared: p}, nil
}

// Prepare implements driver.Conn.
func (c *driverConn) Prepare(query string) (driver.Stmt, error) {
	return c.PrepareContext(context.Background(), query)
}

// Ping implements driver.Pinger.
func (c *driverConn) Ping(ctx context.Context) error {
	w, err := c.begin(ctx)
	if err != nil {
		return err
	}
	if pinger, ok := c.raw.(driver.Pinger); ok {
		err = pinger.Ping(ctx)
	}
	return c.end(ctx, w, err)
}

// BeginTx implements driver.ConnBeginTx. The engine sends its own BEGIN; this is for those who use the pool directly.
func (c *driverConn) BeginTx(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	w, err := c.begin(ctx)
	if err != nil {
		return nil, err
	}
	tx, err := c.beginRaw(ctx, opts)
	if err = c.end(ctx, w, err); err != nil {
		return nil, err
	}
	return tx, nil
}

func (c *driverConn) beginRaw(ctx context.Context, opts driver.TxOptions) (driver.Tx, error) {
	if beginner, ok := c.raw.(driver.ConnBeginTx); ok {
		return beginner.BeginTx(ctx, opts)
	}
	if opts != (driver.TxOptions{}) {
		return nil, errors.New("orm: begin transaction: the driver has neither isolation levels nor read-only transactions (begin without options)")
	}
	return c.raw.Begin()
}

// Begin implements driver.Conn.
func (c *driverConn) Begin() (driver.Tx, error) {
	return c.BeginTx(context.Background(), driver.TxOptions{})
}

// ResetSession implements driver.SessionResetter: the pool is about to hand the connection out. Nothing was sent yet,
// so driver.ErrBadConn is the right answer here, and the pool takes another connection.
func (c *driverConn) ResetSession(ctx context.Context) error {
	if c.isBroken() || !c.socket.alive() {
		c.markLost()
		return driver.ErrBadConn
	}
	if resetter, ok := c.raw.(driver.SessionResetter); ok {
		return resetter.ResetSession(ctx)
	}
	return nil
}

// IsValid implements driver.Validator: the pool drops a connection that is not.
func (c *driverConn) IsValid() bool {
	if c.isBroken() {
		return false
	}
	validator, ok := c.raw.(driver.Validator)
	return !ok || validator.IsValid()
}

// CheckNamedValue implements driver.NamedValueChecker.
func (c *driverConn) CheckNamedValue(nv *driver.NamedValue) error {
	if checker, ok := c.raw.(driver.NamedValueChecker); ok {
		return checker.CheckNamedValue(nv)
	}
	return driver.ErrSkip // database/sql goes on with its default conversion
}

// Close implements driver.Conn. A server frees the statements of a connection that ends, so they are closed one by one
// only in an embedded database, where they are memory of this process.
func (c *driverConn) Close() error {
	if c.socket == nil {
		c.forget()
	}
	if c.options.closed != nil {
		c.options.closed(c)
	}
	return c.raw.Close()
}

// driverRows is an open result set. The watch that its query began lasts until it is closed.
type driverRows struct {
	raw    driver.Rows
	conn   *driverConn
	stmt   *preparedStmt // nil if the driver ran the text
	watch  *socketWatch
	ctx    context.Context // of the query: driver.Rows has no other way to know why it fails
	closed bool
}

var _ interface {
	driver.Rows
	driver.RowsNextResultSet
	driver.RowsColumnTypeScanType
	driver.RowsColumnTypeDatabaseTypeName
	driver.RowsColumnTypeNullable
	driver.RowsColumnTypeLength
	driver.RowsColumnTypePrecisionScale
} = (*driverRows)(nil)

// Columns implements driver.Rows.
func (r *driverRows) Columns() []string {
	return r.raw.Columns()
}

// Next implements driver.Rows. An end that comes from a socket which we have closed is no end: a short result must
// never look complete.
func (r *driverRows) Next(dest []driver.Value) error {
	err := r.raw.Next(dest)
	if err == nil || err == io.EOF && !r.conn.isBroken() { //nolint:errorlint // the end is io.EOF itself, says package driver
		return err
	}
	return r.conn.judge(r.ctx, err)
}

// Close implements driver.Rows.
func (r *driverRows) Close() error {
	if r.closed {
		return nil
	}
	r.closed = true
	err := r.raw.Close()
	r.conn.closeRows(r.stmt)
	return r.conn.end(r.ctx, r.watch, err)
}

// HasNextResultSet implements driver.RowsNextResultSet.
func (r *driverRows) HasNextResultSet() bool {
	sets, ok := r.raw.(driver.RowsNextResultSet)
	return ok && sets.HasNextResultSet()
}

// NextResultSet implements driver.RowsNextResultSet.
func (r *driverRows) NextResultSet() error {
	sets, ok := r.raw.(driver.RowsNextResultSet)
	if !ok {
		return io.EOF
	}
	err := sets.NextResultSet()
	if err == nil || err == io.EOF && !r.conn.isBroken() { //nolint:errorlint // the end is io.EOF itself, says package driver
		return err
	}
	return r.conn.judge(r.ctx, err)
}

// ColumnTypeScanType implements driver.RowsColumnTypeScanType.
func (r *driverRows) ColumnTypeScanType(index int) reflect.Type {
	if typed, ok := r.raw.(driver.RowsColumnTypeScanType); ok {
		return typed.ColumnTypeScanType(index)
	}
	return reflect.TypeFor[any]()
}

// ColumnTypeDatabaseTypeName implements driver.RowsColumnTypeDatabaseTypeName.
func (r *driverRows) ColumnTypeDatabaseTypeName(index int) string {
	if typed, ok := r.raw.(driver.RowsColumnTypeDatabaseTypeName); ok {
		return typed.ColumnTypeDatabaseTypeName(index)
	}
	return ""
}

// ColumnTypeNullable implements driver.RowsColumnTypeNullable.
func (r *driverRows) ColumnTypeNullable(index int) (nullable, ok bool) {
	if typed, ok := r.raw.(driver.RowsColumnTypeNullable); ok {
		return typed.ColumnTypeNullable(index)
	}
	return false, false
}

// ColumnTypeLength implements driver.RowsColumnTypeLength.
func (r *driverRows) ColumnTypeLength(index int) (length int64, ok bool) {
	if typed, ok := r.raw.(driver.RowsColumnTypeLength); ok {
		return typed.ColumnTypeLength(index)
	}
	return 0, false
}

// ColumnTypePrecisionScale implements driver.RowsColumnTypePrecisionScale.
func (r *driverRows) ColumnTypePrecisionScale(index int) (precision, scale int64, ok bool) {
	if typed, ok := r.raw.(driver.RowsColumnTypePrecisionScale); ok {
		return typed.ColumnTypePrecisionScale(index)
	}
	return 0, 0, false
}

// errRowsOpen is returned before anything was sent; the connection stays usable.
var errRowsOpen = errors.New("orm: execute statement: rows of an earlier statement are still open on this connection (read them to the end or close them)")

// lostError says that the connection ended while a statement was under way, so that nobody knows whether it was
// executed. It gives access to the driver's error, except that it is never driver.ErrBadConn: on that word,
// database/sql sends the statement again.
type lostError struct {
	cause error
}

func (e *lostError) Error() string {
	return "connection lost"
}

// Is looks into the driver's error for everything but driver.ErrBadConn.
func (e *lostError) Is(target error) bool {
	return target != driver.ErrBadConn && errors.Is(e.cause, target)
}

// As looks into the driver's error.
func (e *lostError) As(target any) bool {
	return errors.As(e.cause, target)
}

func (e *lostError) lost() bool {
	return true
}

// joinContext makes the end of the context visible in an error that was returned because of it.
func joinContext(ctx context.Context, err error) error {
	ended := ctx.Err()
	if err == nil || ended == nil || errors.Is(err, ended) {
		return err
	}
	return fmt.Errorf("%w: %w", ended, err)
}
