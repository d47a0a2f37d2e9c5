// This file holds Compiled: a statement as text for one dialect, with the slots
// for its values.

package orm

import (
	"database/sql/driver"
	"fmt"
	"time"

	"github.com/aurum-go/orm/types"
)

// Statement is a statement of SQL: an immutable value that can be kept, extended
// and shared between goroutines. [Compile] shows its text.
type Statement interface {
	Node
	statement()
}

// Compiled is a statement as text for one dialect.
type Compiled struct {
	SQL       string
	dialect   Dialect
	slots     []bindSlot
	columns   []resultColumn // nil where only the database knows
	op        string         // select, insert, update, delete, merge, ddl, text
	table     string
	tables    []*Table    // all that it names
	apart     *UsageError // what strict mode says of it; or nil
	read      bool        // certainly only reads, and locks nothing
	ddl       bool
	txControl bool
}

// bindSlot is where a value goes: the value itself, or the name under which it
// comes later, or what makes it when the statement is sent.
type bindSlot struct {
	value any
	typ   types.Type
	place valuePlace // of the value in the statement; zero for one that the compiler has made
	list  *listSlot  // where a template has a whole list, or nil
	param *paramNode
	fill  *ColumnDefault
}

// Compile returns the text of a statement for a dialect ("sqlite", "postgres",
// "mysql", or "standard"), and its arguments in the order of the placeholders.
// An argument that cannot be had, such as that of a [Param] without a value, is
// an error that comes with the text. It emits no SQL. The dialect's package has
// to be imported.
func Compile(stmt Statement, dialect string) (string, []any, error) {
	d, err := DialectByName(dialect)
	if err != nil {
		return "", nil, err
	}
	compiled, err := compileFor(stmt, d)
	if err != nil {
		return "", nil, err
	}
	args, err := compiled.args(nil)
	return compiled.SQL, args, err
}

// compileFor writes a statement for a dialect.
func compileFor(stmt Statement, d Dialect) (*Compiled, error) { return compileUnder(stmt, d, nil) }

// compileUnder writes a statement for a dialect, with criteria that hold in it.
func compileUnder(stmt Statement, d Dialect, criteria []Criteria) (*Compiled, error) {
	c := newCompiler(d)
	c.criteria = criteria
	return c.compile(stmt)
}

// compile writes a statement as a whole.
func (c *Compiler) compile(stmt Statement) (*Compiled, error) {
	d := c.dialect
	compiled := &Compiled{dialect: d}
	if isNilPointer(stmt) {
		return nil, &UsageError{Kind: ErrArgument, Op: "compile", Subject: fmt.Sprintf("%T", stmt), Reason: "the statement is nil"}
	}
	c.with.rooted = c.leadsWith(stmt)
	c.statement(stmt, compiled)
	if c.with.top != nil {
		c.again(mark{}, c.with.top, stmt, func() { c.statement(stmt, compiled) })
	}
	if c.err != nil {
		return nil, c.err
	}
	if most := c.features.MaxParams; most > 0 && len(c.slots) > most {
		return nil, &UsageError{
			Kind: ErrTooManyParams, Op: "compile", Subject: compiled.op, Reason: fmt.Sprintf("the statement has %d parameters and %s takes %d", len(c.slots), d.Name(), most),
			Advice: "send it in parts",
		}
	}
	compiled.SQL, compiled.slots, compiled.apart, compiled.tables = string(c.buf), c.slots, c.apart, c.tables
	return compiled, nil
}

// statement writes a statement, and says of it what its execution has to know.
func (c *Compiler) statement(stmt Statement, out *Compiled) {
	switch s := stmt.(type) {
	case *SelectStatement:
		out.op, out.columns = "select", c.selectStatement(s)
		out.table, out.read = firstTable(s.from), !c.acts
	case *SetOperation:
		out.op, out.columns = "select", c.setOperation(s)
		out.read = !c.acts
	case *InsertStatement:
		out.op, out.columns = "insert", c.insert(s)
		out.table = targetName(s.into)
	case *UpdateStatement:
		out.op, out.columns = "update", c.update(s)
		out.table = targetName(s.target)
	case *DeleteStatement:
		out.op, out.columns = "delete", c.delete(s)
		out.table = targetName(s.target)
	case *MergeStatement:
		out.op = "merge"
		c.merge(s)
		out.table = targetName(s.into)
	case *TextStatement:
		c.text(s, out)
	case *DDLStatement:
		out.op, out.ddl = "ddl", true
		c.ddl(s)
	default:
		c.Fail(&UsageError{Kind: ErrArgument, Op: "compile", Subject: fmt.Sprintf("%T", stmt), Reason: "no such statement"})
	}
}

// args returns the values for the placeholders, encoded for the driver.
func (c *Compiled) args(params M) ([]any, error) { return c.argsAt(params, time.Now) }

// argsAt is args under a clock: columns that default to the time get one
// instant for the whole statement.
func (c *Compiled) argsAt(params M, clock func() time.Time) ([]any, error) {
	if len(c.slots) == 0 {
		return nil, nil
	}
	binder, _ := c.dialect.(ValueBinder)
	args := make([]any, len(c.slots))
	var now time.Time
	for i := range c.slots {
		slot := &c.slots[i]
		v, err := slot.current(params, func() time.Time {
			if now.IsZero() {
				now = clock().UTC().Truncate(time.Microsecond)
			}
			return now
		})
		if err != nil {
			return nil, err
		}
		if args[i], err = encodeArg(binder, v, slot.typ); err != nil {
			return nil, argumentError(i, err)
		}
	}
	return args, nil
}

// encodeArg makes a driver's value of a value of Go.
func encodeArg(binder ValueBinder, v any, t types.Type) (driver.Value, error) {
	encoded, err := types.EncodeValue(v, t)
	if err != nil || binder == nil {
		return encoded, err
	}
	return binder.BindValue(t, encoded)
}

func argumentError(i int, err error) error {
	return &UsageError{Kind: ErrValue, Op: "bind", Subject: fmt.Sprintf("parameter %d", i+1), Reason: "the value is refused", Err: err}
}

// current returns the slot's value as of now.
func (s *bindSlot) current(params M, now func() time.Time) (any, error) {
	switch {
	case s.param != nil:
		if v, ok := params[s.param.name]; ok {
			return v, nil
		}
		return nil, &UsageError{Kind: ErrArgument, Op: "bind", Subject: "parameter " + quoted(s.param.name), Reason: "it has no value", Advice: "give it one with Params"}
	case s.fill != nil:
		return s.fill.current(now)
	}
	return s.value, nil
}

// current returns what the default gives now. A default that is an expression
// has no value in Go; it stands in the statement itself.
func (d *ColumnDefault) current(now func() time.Time) (any, error) {
	switch {
	case d.now:
		return now(), nil
	case d.call != nil:
		return d.call()
	}
	return d.value, nil
}
