// This file writes views, tables made of a query, and SELECTs that stand for tables.

package orm

import (
	"fmt"
	"slices"
	"time"
)

// inlineTable writes the SELECT that a table stands for, under a name.
func (c *Compiler) inlineTable(t *Table, name string) {
	outer := c.scope
	defer func() { c.scope = outer }()
	c.scope = nil
	c.subselect(c.selectedFor(t))
	c.SQL(" AS ")
	c.Ident(name)
}

// tableItem writes a table in the FROM of a statement of a fixed shape, whose
// placeholders are for other values.
func (c *Compiler) tableItem(t *Table) {
	if !t.inline() {
		c.tableName(t)
		return
	}
	c.SQL("(")
	c.literally(c.selectedFor(t))
	c.SQL(") AS ")
	c.Ident(t.name)
}

// createView writes CREATE VIEW.
func (c *Compiler) createView(s *DDLStatement) {
	t := s.table
	if t.derived == nil || t.derived.kind == derivedSelect {
		c.Fail(&UsageError{Kind: ErrArgument, Op: "create view", Subject: t.FullName(), Reason: "it is no view", Advice: "define it with NewView"})
		return
	}
	c.Fail(t.Err())
	c.SQL("CREATE ")
	if s.replaces {
		c.need(c.features.ReplaceView && t.derived.kind == derivedView, "CREATE OR REPLACE VIEW", "drop the view first")
		c.SQL("OR REPLACE ")
	}
	if s.temporary {
		c.need(c.features.TemporaryViews && t.derived.kind == derivedView, "a temporary view", "use a Subquery or a CTE")
		c.SQL("TEMPORARY ")
	}
	c.viewWord(t)
	c.ifNotExists(s, c.features.ViewIfNotExists || t.derived.kind == derivedMaterialized)
	c.tableName(t)
	c.SQL(" AS ")
	c.literally(c.selectedFor(t))
}

// selectedFor is the SELECT that the rows of a table come from, which has to have the
// table's columns.
func (c *Compiler) selectedFor(t *Table) Node {
	query := t.derived.selected()
	source, ok := query.(rowSource)
	if !ok {
		return query
	}
	var names []string
	for _, o := range source.outputs() {
		names = append(names, o.name)
	}
	for _, column := range t.columns {
		if len(names) > 0 && !slices.Contains(names, column.name) {
			c.Fail(&UsageError{
				Kind: ErrSchemaMismatch, Op: "select", Subject: t.FullName(), Reason: fmt.Sprintf("the query has no column %q", column.name), Advice: thereAre(names),
			})
		}
	}
	return query
}

func (c *Compiler) viewWord(t *Table) {
	if t.derived != nil && t.derived.kind == derivedMaterialized {
		c.need(c.features.MaterializedViews, "a materialized view", "use a view, or a table that is filled by INSERT … SELECT")
		c.SQL("MATERIALIZED ")
	}
	c.SQL("VIEW ")
}

func (c *Compiler) dropView(s *DDLStatement) {
	c.SQL("DROP ")
	c.viewWord(s.table)
	c.ifExists(s)
	c.tableName(s.table)
}

func (c *Compiler) refreshView(s *DDLStatement) {
	c.need(c.features.MaterializedViews, "a materialized view", "use a view, or a table that is filled by INSERT … SELECT")
	c.SQL("REFRESH MATERIALIZED VIEW ")
	c.tableName(s.table)
}

// createTableAs writes CREATE TABLE … AS SELECT.
func (c *Compiler) createTableAs(s *DDLStatement) {
	c.Fail(joinErrors(s.table.mistakes))
	c.SQL("CREATE ")
	if s.temporary {
		c.SQL("TEMPORARY ")
	}
	c.SQL("TABLE ")
	c.ifNotExists(s, c.features.IfExists)
	c.tableName(s.table)
	c.SQL(" AS ")
	c.literally(s.query)
}

// literally writes a query whose values are literals, as it is in a definition.
func (c *Compiler) literally(query Node) {
	start := len(c.slots)
	marked := c.marked
	c.marked = true
	at := len(c.buf)
	c.member(query)
	c.marked = marked
	if c.err != nil {
		return
	}
	inner := &Compiled{SQL: string(c.buf[at:]), dialect: c.dialect, slots: c.slots}
	text, err := inner.literal()
	c.Fail(err)
	c.buf, c.slots = append(c.buf[:at], text...), c.slots[:start]
}

// literal is the text with its values in it, all of which have to be told exactly.
func (c *Compiled) literal() (string, error) {
	binder, _ := c.dialect.(ValueBinder)
	return c.replaced(func(slot *bindSlot) (string, error) {
		v, err := slot.current(nil, time.Now)
		if err != nil {
			return "", err
		}
		encoded, err := encodeArg(binder, v, slot.typ)
		if err != nil {
			return "", err
		}
		switch v := encoded.(type) {
		case []byte:
			return "", &CompileError{Dialect: c.dialect.Name(), Feature: "bytes in the definition of a view", Advice: "compare with a column"}
		case time.Time:
			return quoteLiteral(c.dialect, v.UTC().Format("2006-01-02 15:04:05.999999")), nil
		}
		return literalText(c.dialect, encoded), nil
	})
}
