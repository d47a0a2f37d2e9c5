// This file writes the items of FROM that are neither tables nor statements:
// VALUES, functions, and samples.

package orm

import (
	"strconv"

	"github.com/aurum-go/orm/types"
)

// values writes rows of values in FROM, in the way in which the database gives
// their columns names.
func (c *Compiler) values(v *ValuesTable) {
	c.Fail(v.err)
	if c.err != nil {
		return
	}
	c.SQL("(")
	switch {
	case len(v.rows) == 0:
		c.noValues(v)
	case c.features.ValuesTable:
		c.SQL("VALUES ")
		c.valueRows(v, c.features.TypedValues)
	case c.features.ValuesColumns:
		c.numberedValues(v)
	default:
		c.need(c.features.UnionRows, "VALUES in FROM", "send the rows to a table first")
		c.unionRows(v)
	}
	c.SQL(") AS ")
	c.Ident(v.name)
	if c.features.ValuesTable {
		c.columnNames(v.columns, "")
	}
}

// columnNames writes the names that columns are given behind a name.
func (c *Compiler) columnNames(columns []ResultColumn, more string) {
	c.SQL(" (")
	commaList(c, columns, func(column ResultColumn) { c.Ident(column.Name) })
	if more != "" {
		c.SQL(", ")
		c.Ident(more)
	}
	c.SQL(")")
}

// noValues writes a table without rows.
func (c *Compiler) noValues(v *ValuesTable) {
	c.SQL("SELECT ")
	commaList(c, v.columns, func(column ResultColumn) {
		if c.features.TypedValues && !column.Type.IsZero() {
			c.castTo(column.Type, func() { c.SQL("NULL") })
		} else {
			c.SQL("NULL")
		}
		c.SQL(" AS ")
		c.Ident(column.Name)
	})
	c.SQL(" LIMIT 0")
}

// valueRows writes the rows of VALUES. Where a parameter has no type of its own,
// those of the first row are given one, which the others follow.
func (c *Compiler) valueRows(v *ValuesTable, typed bool) {
	for i, row := range v.rows {
		if i > 0 {
			c.SQL(", ")
		}
		c.SQL("(")
		for j, n := range row {
			if j > 0 {
				c.SQL(", ")
			}
			c.valueOf(unsized(v.columns[j].Type), n, typed && i == 0)
		}
		c.SQL(")")
	}
}

// unsized is a type without its size, for a cast would cut to that in silence.
func unsized(t types.Type) types.Type {
	switch t.Kind() {
	case types.KindString:
		return types.Text()
	case types.KindNumeric:
		return types.Numeric(0, 0)
	}
	return t
}

func (c *Compiler) valueOf(t types.Type, n Node, cast bool) {
	if cast && !t.IsZero() {
		c.castTo(t, func() { c.expr(n, precOr) })
	} else {
		c.expr(n, precOr)
	}
}

// numberedValues writes VALUES whose columns the database numbers.
func (c *Compiler) numberedValues(v *ValuesTable) {
	c.SQL("SELECT ")
	for i, column := range v.columns {
		if i > 0 {
			c.SQL(", ")
		}
		c.SQL("column")
		c.buf = strconv.AppendInt(c.buf, int64(i+1), 10)
		c.SQL(" AS ")
		c.Ident(column.Name)
	}
	c.SQL(" FROM (VALUES ")
	c.valueRows(v, false)
	c.SQL(")")
}

// unionRows writes one SELECT for each row. The first names the columns.
func (c *Compiler) unionRows(v *ValuesTable) {
	for i, row := range v.rows {
		if i > 0 {
			c.SQL(" UNION ALL ")
		}
		c.SQL("SELECT ")
		for j, n := range row {
			if j > 0 {
				c.SQL(", ")
			}
			t := v.columns[j].Type
			c.valueOf(t, n, travelsAsText(t.Kind()))
			if i == 0 {
				c.SQL(" AS ")
				c.Ident(v.columns[j].Name)
			}
		}
	}
}

// travelsAsText reports whether a bare parameter of the kind would be a text
// where nothing says what it is.
func travelsAsText(k types.Kind) bool {
	switch k {
	case types.KindNumeric, types.KindDate, types.KindTime, types.KindDateTime:
		return true
	}
	return false
}

// tableFunction writes a function in FROM.
func (c *Compiler) tableFunction(f *TableFunction) {
	c.Fail(f.err)
	c.need(c.features.TableFunctions, "a function in FROM", "read its rows with a statement of its own")
	if c.err != nil {
		return
	}
	c.function(f.call)
	if f.ordinality != "" {
		c.need(c.features.Ordinality, "WITH ORDINALITY", "count the rows with a window function")
		c.SQL(" WITH ORDINALITY")
	}
	c.SQL(" AS ")
	c.Ident(f.name)
	switch {
	case !c.features.FunctionColumns || len(f.columns) == 0 && f.ordinality == "":
	case len(f.columns) == 0:
		c.Fail(&UsageError{
			Kind: ErrArgument, Op: "select from", Subject: f.name, Reason: "a counting column has to stand behind others",
			Advice: "name the columns of the function with As",
		})
	default:
		c.columnNames(f.columns, f.ordinality)
	}
}

// sample writes a part of a table.
func (c *Compiler) sample(s *SampledTable) {
	c.need(c.features.TableSample, "TABLESAMPLE", "order by a random number, with a limit")
	n, err := resolved(s.of)
	c.Fail(err)
	if e, ok := n.(entityItem); ok {
		n = e.source()
	}
	if from, ok := n.(fromNode); ok && tableOf(from) == nil {
		c.Fail(&UsageError{Kind: ErrArgument, Op: "sample", Subject: from.fromName(), Reason: "it is not a table"})
	}
	c.fromItem(s.of)
	c.SQL(" TABLESAMPLE ")
	c.SQL(s.method)
	c.SQL(" (")
	c.Bind(s.percent, types.Double())
	c.SQL(")")
	if s.seed != nil {
		c.SQL(" REPEATABLE (")
		c.Bind(*s.seed, types.Double())
		c.SQL(")")
	}
}
