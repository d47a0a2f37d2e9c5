// This file holds the compiler's verbs: the only way in which SQL is written.
// SQL writes text of this library, Ident a name, Bind a value's placeholder.
// The first error sticks, and comes out at the one exit.

package orm

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/aurum-go/orm/types"
)

// maxDepth is how deep expressions may nest. SQLite takes 1,000 levels of its
// own tree, which has up to two for one of ours.
const maxDepth = 400

// Compiler writes one statement for one dialect. A dialect meets it in its
// renderers. It is not safe for concurrent use.
type Compiler struct {
	dialect    Dialect
	features   Features
	buf        []byte
	slots      []bindSlot
	err        error
	depth      int
	parts      int // nodes that were written
	scope      *scope
	style      columnStyle
	criteria   []Criteria
	marked     bool // placeholders are marks for values that are put there
	listsWhole bool // a list of values has one placeholder
	byValue    bool // the text depends on a value
	asked      []asked
	acts       bool            // it locks rows, or calls what may do more than read
	reads      map[*Table]bool // tables that it selects from, if somebody wants to know
	upsert     *scope          // of the INSERT whose conflict is written, or nil
	with       withState
	uniting    bool        // the SELECT that comes next is a member of the result
	linking    int         // scopes that find out what connects their items
	apart      *UsageError // a FROM of which nothing connects the parts
	tables     []*Table    // that were written
}

// columnStyle is how columns are written.
type columnStyle uint8

const (
	qualified columnStyle = iota // table.name
	alone                        // name: there is one table only
	ofResult                     // name: of the result of a set operation
)

// newCompiler returns a compiler for a dialect.
func newCompiler(d Dialect) *Compiler {
	return &Compiler{dialect: d, features: d.Features(), buf: make([]byte, 0, 256)}
}

// SQL writes keywords and punctuation. Its argument is a literal of the
// program: no variable of type string is accepted.
func (c *Compiler) SQL(text sqlText) { c.buf = append(c.buf, text...) }

// UserSQL writes text that the user has declared to be SQL.
func (c *Compiler) UserSQL(text SQL) { c.buf = append(c.buf, text...) }

// Ident writes a name, quoted where the database would not take it for a plain
// lower-case word of its own.
func (c *Compiler) Ident(name string) {
	switch err := checkIdentifier(name, c.features.MaxIdentifier); {
	case err != nil:
		c.Fail(err)
	case lowerWord(name) && !c.dialect.Reserved(name):
		c.buf = append(c.buf, name...)
	default:
		c.buf = append(c.buf, c.dialect.QuoteIdent(name)...)
	}
}

// Bind writes a placeholder, and keeps the value for it. The value is encoded
// as the SQL type when the statement is sent; a zero Type goes by the value.
func (c *Compiler) Bind(v any, t types.Type) { c.bindSlot(bindSlot{value: v, typ: t}) }

func (c *Compiler) bindSlot(s bindSlot) {
	c.slots = append(c.slots, s)
	c.placeholderOf(len(c.slots))
}

// placeholderOf writes the placeholder of the slot of that number, or a mark, in
// the SQL that its type has around values.
func (c *Compiler) placeholderOf(n int) {
	before, behind := around(c.dialect, c.slots[n-1].typ)
	c.buf = append(c.buf, before...)
	if c.marked {
		c.buf = append(strconv.AppendInt(append(c.buf, marker...), int64(n), 10), marker...)
	} else {
		c.buf = append(c.buf, c.dialect.Placeholder(n)...)
	}
	c.buf = append(c.buf, behind...)
}

// Literal writes a text as a literal of the database. It is for definitions
// only, where parameters cannot stand.
func (c *Compiler) Literal(text string) {
	c.buf = append(c.buf, quoteLiteral(c.dialect, text)...)
}

// TypeName writes a type as it stands in CREATE TABLE.
func (c *Compiler) TypeName(t types.Type) {
	name, err := c.dialect.TypeName(t.On(c.dialect.Name()))
	c.Fail(err)
	c.buf = append(c.buf, name...)
}

// castTypeName writes a type as it stands in CAST.
func (c *Compiler) castTypeName(t types.Type) {
	caster, ok := c.dialect.(CastTyper)
	if !ok {
		c.TypeName(t)
		return
	}
	name, err := caster.CastTypeName(t.On(c.dialect.Name()))
	c.Fail(err)
	c.buf = append(c.buf, name...)
}

// Render writes a node in its usual form, with parentheses where it is no atom.
func (c *Compiler) Render(n Node) { c.expr(n, precAtom) }

// RenderItem writes a node as an item of a list, where a comma or a parenthesis
// ends it.
func (c *Compiler) RenderItem(n Node) { c.argument(n) }

// Dialect returns the dialect that is written.
func (c *Compiler) Dialect() Dialect { return c.dialect }

// Features returns the capabilities of the dialect.
func (c *Compiler) Features() Features { return c.features }

// Fail keeps the first error that is not nil.
func (c *Compiler) Fail(err error) {
	if c.err == nil && err != nil {
		c.err = err
	}
}

// Unsupported fails with a [CompileError].
func (c *Compiler) Unsupported(feature, advice string) {
	c.Fail(&CompileError{Dialect: c.dialect.Name(), Feature: feature, Advice: advice})
}

// need fails unless the dialect has the feature.
func (c *Compiler) need(has bool, feature, advice string) {
	if !has {
		c.Unsupported(feature, advice)
	}
}

// commaList writes items with commas between them.
func commaList[T any](c *Compiler, items []T, write func(T)) {
	for i, item := range items {
		if i > 0 {
			c.SQL(", ")
		}
		write(item)
	}
}

// enter counts a level of nesting; the caller undoes it with leave. It returns
// false where there is nothing more to write, as an error has been found.
func (c *Compiler) enter() bool {
	switch c.parts++; {
	case c.depth >= maxDepth:
		c.Fail(&UsageError{Kind: ErrTooDeep, Op: "compile", Subject: "expression", Reason: "it is nested too deep", Advice: "And and Or take any number of conditions at one level"})
	case c.parts > maxParts:
		c.Fail(&UsageError{Kind: ErrTooDeep, Op: "compile", Subject: "statement", Reason: fmt.Sprintf("it has more than %d parts", maxParts), Advice: "an expression that is used twice is written twice"})
	}
	if c.err != nil {
		return false
	}
	c.depth++
	return true
}

func (c *Compiler) leave() { c.depth-- }

// tableName writes a table with its schema.
func (c *Compiler) tableName(t *Table) {
	if !slices.Contains(c.tables, t) {
		c.tables = append(c.tables, t)
	}
	if t.schema != "" {
		c.Ident(t.schema)
		c.SQL(".")
	}
	c.Ident(t.name)
}

// lowerWord reports whether the name needs no quotes for its characters.
func lowerWord(name string) bool {
	for i := range len(name) {
		b := name[i]
		if b != '_' && (b < 'a' || b > 'z') && (i == 0 || b < '0' || b > '9') {
			return false
		}
	}
	return name != ""
}
