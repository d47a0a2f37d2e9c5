// This file keeps prepared statements per connection: which texts are worth it, the least-recently-used order,
// when a statement may be closed, and how a driver's statement is run: by us, or by a user of the pool who prepared it.

package orm

import (
	"container/list"
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
)

// maxKeptText bounds the memory of the keys: longer texts are built for one occasion and would only push others out.
const maxKeptText = 16 << 10

// connectorStats counts over all connections of a connector. It is safe for concurrent use.
type connectorStats struct {
	prepared atomic.Int64 // statements that a driver was asked to prepare
	reused   atomic.Int64 // calls that were served by a kept statement
}

// preparedStmt is a driver's statement together with what decides when it may be closed: nobody keeps it any longer,
// and no rows of it are open.
type preparedStmt struct {
	stmt driver.Stmt
	text string
	kept bool // by the cache, or by the user who prepared it
	open int  // result sets
}

// stmtCache is a bounded least-recently-used map from text to statement. It belongs to one connection, and like a
// driver's connection it is not safe for concurrent use. It closes nothing itself: it says what fell out.
type stmtCache struct {
	limit  int
	byText map[string]*list.Element
	order  *list.List // of *preparedStmt, the most recently used first
	due    bool       // everything is to be forgotten once the call under way is over
}

func newStmtCache(limit int) stmtCache {
	return stmtCache{limit: limit, byText: map[string]*list.Element{}, order: list.New()}
}

func (sc *stmtCache) find(text string) *preparedStmt {
	e, ok := sc.byText[text]
	if !ok {
		return nil
	}
	sc.order.MoveToFront(e)
	return e.Value.(*preparedStmt)
}

// add keeps p and returns the statement that had to make room for it, or nil.
func (sc *stmtCache) add(p *preparedStmt) *preparedStmt {
	p.kept = true
	sc.byText[p.text] = sc.order.PushFront(p)
	if sc.order.Len() <= sc.limit {
		return nil
	}
	oldest := sc.order.Remove(sc.order.Back()).(*preparedStmt)
	delete(sc.byText, oldest.text)
	return oldest
}

// takeAll empties the cache and returns what was in it.
func (sc *stmtCache) takeAll() []*preparedStmt {
	all := make([]*preparedStmt, 0, sc.order.Len())
	for e := sc.order.Front(); e != nil; e = e.Next() {
		all = append(all, e.Value.(*preparedStmt))
	}
	sc.order.Init()
	clear(sc.byText)
	sc.due = false
	return all
}

// prepared returns the kept statement for query and makes it if it is worth keeping. A nil statement means: run the
// text unprepared.
func (c *driverConn) prepared(ctx context.Context, query string, args []driver.NamedValue) (*preparedStmt, error) {
	if c.stmts.limit <= 0 {
		return nil, nil
	}
	eligible := c.mayKeep(query, args)
	if eligible {
		if p := c.stmts.find(query); p != nil {
			return c.reuse(p), nil
		}
	}
	kind := classifyText(query)
	if kind == textUnsettles {
		c.stmts.due = true
	}
	if !eligible || kind != textPlain {
		return nil, nil
	}
	p, err := c.prepare(ctx, query)
	if err != nil {
		return nil, err
	}
	if oldest := c.stmts.add(p); oldest != nil {
		c.drop(oldest)
	}
	return p, nil
}

func (c *driverConn) mayKeep(query string, args []driver.NamedValue) bool {
	return (len(args) > 0 || c.options.prepareAll) && len(query) <= maxKeptText
}

func (c *driverConn) reuse(p *preparedStmt) *preparedStmt {
	if p.open > 0 {
		return nil
	}
	c.stats.reused.Add(1)
	return p
}

// prepare asks the driver for a statement, which nobody keeps yet.
func (c *driverConn) prepare(ctx context.Context, query string) (*preparedStmt, error) {
	c.stats.prepared.Add(1)
	var stmt driver.Stmt
	var err error
	if pc, ok := c.raw.(driver.ConnPrepareContext); ok {
		stmt, err = pc.PrepareContext(ctx, query)
	} else {
		stmt, err = c.raw.Prepare(query)
	}
	if err != nil {
		return nil, err
	}
	return &preparedStmt{stmt: stmt, text: query}, nil
}

// drop ends the keeping of p.
func (c *driverConn) drop(p *preparedStmt) {
	p.kept = false
	c.closeUnkept(p)
}

// closeUnkept closes p unless it is still wanted; open rows want it too. Nobody could do anything about a statement
// that fails to close, so its error counts only if the connection has ended.
func (c *driverConn) closeUnkept(p *preparedStmt) {
	if !p.kept && p.open == 0 {
		_ = c.closeStmt(p)
	}
}

func (c *driverConn) closeStmt(p *preparedStmt) error {
	err := p.stmt.Close()
	if meansLost(err) {
		c.markLost()
	}
	return err
}

// settle does what had to wait for the end of a call, when no rows stand between us and the server.
func (c *driverConn) settle() {
	for _, p := range c.retired {
		c.closeUnkept(p)
	}
	c.retired = nil
	if c.stmts.due {
		c.forget()
	}
}

func (c *driverConn) forget() {
	for _, p := range c.stmts.takeAll() {
		c.drop(p)
	}
}

var errNamedArgs = errors.New("orm: execute statement: the driver knows no named parameters (pass them by position)")

// query runs the statement with its result set.
func (p *preparedStmt) query(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	if err := p.checkCount(args); err != nil {
		return nil, err
	}
	if sq, ok := p.stmt.(driver.StmtQueryContext); ok {
		return sq.QueryContext(ctx, args)
	}
	values, err := positionalValues(args)
	if err != nil {
		return nil, err
	}
	return p.stmt.Query(values)
}

// exec runs the statement for its effect.
func (p *preparedStmt) exec(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	if err := p.checkCount(args); err != nil {
		return nil, err
	}
	if se, ok := p.stmt.(driver.StmtExecContext); ok {
		return se.ExecContext(ctx, args)
	}
	values, err := positionalValues(args)
	if err != nil {
		return nil, err
	}
	return p.stmt.Exec(values)
}

// checkCount does what database/sql promises to drivers that know how many placeholders they have.
func (p *preparedStmt) checkCount(args []driver.NamedValue) error {
	if n := p.stmt.NumInput(); n >= 0 && n != len(args) {
		return fmt.Errorf("orm: execute statement: it has %d placeholders and got %d arguments (pass one for each)", n, len(args))
	}
	return nil
}

func positionalValues(args []driver.NamedValue) ([]driver.Value, error) {
	values := make([]driver.Value, len(args))
	for i, arg := range args {
		if arg.Name != "" {
			return nil, errNamedArgs
		}
		values[i] = arg.Value
	}
	return values, nil
}

// driverStmt is a statement that a user of the pool has prepared.
type driverStmt struct {
	conn     *driverConn
	prepared *preparedStmt
}

var _ interface {
	driver.Stmt
	driver.StmtQueryContext
	driver.StmtExecContext
	driver.NamedValueChecker
} = (*driverStmt)(nil)

// QueryContext implements driver.StmtQueryContext.
func (s *driverStmt) QueryContext(ctx context.Context, args []driver.NamedValue) (driver.Rows, error) {
	w, err := s.conn.begin(ctx)
	if err != nil {
		return nil, err
	}
	raw, err := s.prepared.query(ctx, args)
	if err != nil {
		return nil, s.conn.end(ctx, w, err)
	}
	return s.conn.openRows(ctx, raw, s.prepared, w), nil
}

// ExecContext implements driver.StmtExecContext.
func (s *driverStmt) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	w, err := s.conn.begin(ctx)
	if err != nil {
		return nil, err
	}
	result, err := s.prepared.exec(ctx, args)
	if err = s.conn.end(ctx, w, err); err != nil {
		return nil, err
	}
	return result, nil
}

// Query implements driver.Stmt.
func (s *driverStmt) Query(args []driver.Value) (driver.Rows, error) {
	return s.QueryContext(context.Background(), namedValues(args))
}

// Exec implements driver.Stmt.
func (s *driverStmt) Exec(args []driver.Value) (driver.Result, error) {
	return s.ExecContext(context.Background(), namedValues(args))
}

// NumInput implements driver.Stmt.
func (s *driverStmt) NumInput() int {
	return s.prepared.stmt.NumInput()
}

// CheckNamedValue implements driver.NamedValueChecker.
func (s *driverStmt) CheckNamedValue(nv *driver.NamedValue) error {
	if checker, ok := s.prepared.stmt.(driver.NamedValueChecker); ok {
		return checker.CheckNamedValue(nv)
	}
	return s.conn.CheckNamedValue(nv)
}

// Close implements driver.Stmt. While rows come in, a request to close would get in between them, so it waits for their
// end.
func (s *driverStmt) Close() error {
	c, p := s.conn, s.prepared
	if !p.kept {
		return nil
	}
	p.kept = false
	switch {
	case p.open > 0:
		return nil
	case c.isReading():
		c.retired = append(c.retired, p)
		return nil
	}
	return c.judge(context.Background(), c.closeStmt(p))
}

func namedValues(args []driver.Value) []driver.NamedValue {
	named := make([]driver.NamedValue, len(args))
	for i, arg := range args {
		named[i] = driver.NamedValue{Ordinal: i + 1, Value: arg}
	}
	return named
}

// textKind is what the first words of a statement mean for the cache.
type textKind uint8

const (
	textPlain     textKind = iota // worth keeping
	textPasses                    // never kept: its text does not come again or means another thing each time, or it acts while it is prepared
	textUnsettles                 // never kept, and the kept ones may mean something else afterwards
)

// classifyText looks at the first words only; what hides behind them is found out by the isStale option.
func classifyText(query string) textKind {
	first, rest := nextWord(query)
	switch strings.ToUpper(first) {
	case "ALTER", "CREATE", "DEALLOCATE", "DISCARD", "DROP", "RENAME", "RESET", "TRUNCATE", "USE":
		return textUnsettles
	case "SET":
		return classifySet(rest)
	case "SAVEPOINT", "RELEASE", "PRAGMA", "DECLARE", "FETCH", "CLOSE":
		return textPasses
	case "ROLLBACK":
		return classifyRollback(rest)
	}
	return textPlain
}

// classifySet exempts the two settings of a transaction that change no statement's meaning and are sent over and over.
func classifySet(rest string) textKind {
	switch second, _ := nextWord(rest); strings.ToUpper(second) {
	case "TRANSACTION", "CONSTRAINTS":
		return textPasses
	}
	return textUnsettles
}

// classifyRollback tells ROLLBACK, which comes again, from ROLLBACK TO a savepoint, whose name does not.
func classifyRollback(rest string) textKind {
	for range 2 {
		var word string
		word, rest = nextWord(rest)
		if strings.EqualFold(word, "TO") {
			return textPasses
		}
	}
	return textPlain
}

// nextWord returns the first word of letters after blanks and comments, and what follows it.
func nextWord(text string) (word, rest string) {
	text = skipBlanks(text)
	end := strings.IndexFunc(text, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '_'
	})
	if end < 0 {
		end = len(text)
	}
	return text[:end], text[end:]
}

// skipBlanks drops leading white space and comments.
func skipBlanks(text string) string {
	for {
		text = strings.TrimLeft(text, " \t\r\n\f\v")
		switch {
		case strings.HasPrefix(text, "--"), strings.HasPrefix(text, "#"):
			_, text, _ = strings.Cut(text, "\n")
		case strings.HasPrefix(text, "/*"):
			_, text, _ = strings.Cut(text[2:], "*/")
		default:
			return text
		}
	}
}
