// This file writes INSERT, UPDATE and DELETE.

package orm

import (
	"fmt"
	"slices"

	"github.com/aurum-go/orm/types"
)

// target enters the table that is written to into a scope of its own, and
// returns it.
func (c *Compiler) target(n Node) *Table {
	c.scope = &scope{outer: c.scope}
	if unsampled(n) != n {
		c.Fail(&UsageError{Kind: ErrArgument, Op: "write", Reason: "a sample of a table cannot be written to"})
		return nil
	}
	if _, ok := n.(*EntitySource); ok {
		c.Fail(&UsageError{Kind: ErrArgument, Op: "write", Reason: "what an entity is read from is not what is written to", Advice: "name the table itself"})
		return nil
	}
	if err := c.scope.add(n); err != nil {
		c.Fail(err)
		return nil
	}
	t := tableOf(c.scope.items[0])
	if t != nil && t.inline() {
		c.Fail(&UsageError{Kind: ErrUnsupported, Op: "write", Subject: t.name, Reason: "it stands for a SELECT", Advice: "write to the tables that it reads"})
		return nil
	}
	if g := groupIn(c.scope.items[0]); g != nil && t == nil {
		c.Fail(&UsageError{
			Kind: ErrUnsupported, Op: "write", Subject: g.fromName(), Reason: "the rows of the struct are in several tables, and a statement writes one",
			Advice: "use the session, BulkInsert, or Update and Delete of orm.Query; or name one table",
		})
		return nil
	}
	if t == nil || len(c.scope.items) > 1 {
		c.Fail(&UsageError{Kind: ErrArgument, Op: "write", Reason: "it is not one table that can be written to", Advice: "give a table, an alias of one, or an entity reference"})
	}
	return t
}

// targetColumn is the column that an assignment means.
func (c *Compiler) targetColumn(n Node) *Column {
	n, err := resolved(n)
	if err != nil {
		c.Fail(err)
		return nil
	}
	switch n := n.(type) {
	case *columnNode:
		return c.writable(c.ownColumn(n))
	case *nameNode:
		column, err := c.nameOrColumn(n.name)
		c.Fail(err)
		if err != nil {
			return nil
		}
		return c.writable(column)
	case *errorNode:
		c.Fail(n.err)
	default:
		c.Fail(&UsageError{Kind: ErrArgument, Op: "assign", Reason: "what is assigned to is not a column"})
	}
	return nil
}

// writable refuses to assign to a column that the database computes.
func (c *Compiler) writable(column *Column) *Column {
	if column.computed != nil {
		c.Fail(&UsageError{Kind: ErrArgument, Op: "assign", Subject: column.fullName(), Reason: "the database computes the column", Advice: "assign to what it is computed from"})
	}
	return column
}

// ownColumn refuses to assign to a column of another table.
func (c *Compiler) ownColumn(n *columnNode) *Column {
	if c.scope.items[0] != c.scope.actual(n.from) {
		c.Fail(&UsageError{Kind: ErrArgument, Op: "assign", Subject: n.column.fullName(), Reason: "the column belongs to a table that is not written to", Advice: "assign to columns of " + c.scope.items[0].fromName()})
	}
	return n.column
}

// nameOrColumn is the column of a name: the name of a column, or of a field.
func (c *Compiler) nameOrColumn(name string) (*Column, error) {
	if t := tableOf(c.scope.items[0]); t != nil && t.named(name) != nil {
		return t.named(name), nil
	}
	column, err := c.scope.byName(name)
	if err != nil {
		return nil, err
	}
	return column.column, nil
}

// insert writes an INSERT, and returns the columns that come back.
func (c *Compiler) insert(s *InsertStatement) []resultColumn {
	outer, start := c.scope, len(c.slots)
	defer func() { c.scope = outer }()
	s, err := s.settled()
	c.Fail(err)
	if c.err != nil {
		return nil
	}
	c.useAll(s.ctes)
	t := c.target(s.into)
	if c.err != nil {
		return nil
	}
	c.SQL("INSERT ")
	c.hints(s.hints)
	c.SQL("INTO ")
	c.tableName(t)
	switch {
	case s.query != nil:
		c.insertQuery(t, s)
	case len(s.rows) == 0:
		c.insertRows(t, []insertRow{{}})
	default:
		c.insertRows(t, s.rows)
	}
	c.onConflict(t, s)
	columns := c.returning(s.returning, c.features.InsertReturning, "INSERT … RETURNING")
	c.fillParams(start, s.params)
	return columns
}

// insertQuery writes INSERT … SELECT. Columns that are not named and have a
// default of the client get it by columns that the SELECT is given in addition.
func (c *Compiler) insertQuery(t *Table, s *InsertStatement) {
	var columns []*Column
	for _, n := range s.columns {
		columns = append(columns, c.targetColumn(n))
	}
	var fills []Node
	for _, column := range t.columns {
		if len(s.columns) > 0 && !s.noDefaults && !column.fallback.IsZero() && !slices.Contains(columns, column) {
			columns, fills = append(columns, column), append(fills, &fillNode{column, &column.fallback})
		}
	}
	if c.err != nil {
		return
	}
	if len(columns) > 0 {
		c.SQL(" (")
		commaList(c, columns, func(column *Column) { c.Ident(column.name) })
		c.SQL(")")
		c.overriding(columns)
	}
	c.SQL(" ")
	scope := c.scope
	defer func() { c.scope = scope }()
	c.scope = nil
	rows := c.beforeConflict(s, withColumns(s.query, fills))
	c.placed(rows, func() { c.member(rows) })
}

// withColumns is a query with more columns.
func withColumns(query Node, more []Node) Node {
	source, ok := query.(rowSource)
	if !ok || len(more) == 0 {
		return query
	}
	if s, ok := source.(*SelectStatement); ok {
		return s.with(func(s *SelectStatement) { s.columns = extended(s.columns, more...) })
	}
	rows := &Subquery{query: source, name: "filled"}
	return &SelectStatement{columns: extended([]Node{&starNode{rows}}, more...), from: []Node{rows}}
}

// fillNode is what a default gives for a column, where an expression stands.
type fillNode struct {
	column *Column
	with   *ColumnDefault
}

func (*fillNode) node()                 {}
func (n *fillNode) sqlType() types.Type { return n.column.Type() }

func (c *Compiler) fill(n *fillNode) {
	write := func() { c.defaultValue(n.column, n.with) }
	if c.features.TypedValues {
		c.castTo(n.column.Type(), write)
	} else {
		write()
	}
}

// insertRows writes the columns and VALUES of rows. Columns stand in the order
// of the table; those of a client's default come by themselves.
func (c *Compiler) insertRows(t *Table, rows []insertRow) {
	given := make([]map[*Column]Node, len(rows))
	for i, row := range rows {
		given[i] = c.rowValues(row)
	}
	c.insertGiven(t, given)
}

// insertGiven is insertRows for the values of rows by column.
func (c *Compiler) insertGiven(t *Table, given []map[*Column]Node) {
	used := map[*Column]bool{}
	for _, values := range given {
		for column := range values {
			used[column] = true
		}
	}
	var columns []*Column
	for _, column := range t.columns {
		if used[column] || !column.fallback.IsZero() {
			columns = append(columns, column)
		}
	}
	if len(columns) == 0 {
		c.emptyInsert(len(given))
		return
	}
	c.SQL(" (")
	commaList(c, columns, func(column *Column) { c.Ident(column.name) })
	c.SQL(")")
	c.overriding(columns)
	c.SQL(" VALUES ")
	for i, values := range given {
		if i > 0 {
			c.SQL(", ")
		}
		c.insertRow(i, columns, values)
	}
}

func (c *Compiler) emptyInsert(rows int) {
	switch {
	case rows > 1:
		c.Fail(&UsageError{Kind: ErrArgument, Op: "insert", Reason: "rows without any value can only be inserted one by one"})
	case c.features.DefaultValues:
		c.SQL(" DEFAULT VALUES")
	default:
		c.SQL(" () VALUES ()")
	}
}

// rowValues are the values of a row by column.
func (c *Compiler) rowValues(row insertRow) map[*Column]Node {
	values := make(map[*Column]Node, len(row.assigned)+len(row.made))
	for _, a := range c.spreadSet(slices.Concat(row.assigned, row.made)) {
		column := c.targetColumn(a.column)
		if column == nil {
			continue
		}
		if _, twice := values[column]; twice {
			c.Fail(&UsageError{Kind: ErrArgument, Op: "insert", Subject: column.fullName(), Reason: "the column is assigned twice"})
		}
		values[column] = a.value
	}
	return values
}

func (c *Compiler) insertRow(i int, columns []*Column, values map[*Column]Node) {
	c.SQL("(")
	commaList(c, columns, func(column *Column) {
		value, ok := values[column]
		switch {
		case ok:
			c.assignedValue(column, value)
		case !column.fallback.IsZero():
			c.defaultValue(column, &column.fallback)
		case column.nullable && column.server.IsZero():
			c.SQL("NULL")
		default:
			c.Fail(&UsageError{
				Kind: ErrArgument, Op: "insert", Subject: column.fullName(), Reason: fmt.Sprintf("row %d has no value for it, others have", i+1),
				Advice: "give all rows of a statement the same columns",
			})
		}
	})
	c.SQL(")")
}

// assignedValue writes a value in the column's type.
func (c *Compiler) assignedValue(column *Column, value Node) {
	switch n := value.(type) {
	case *bindNode:
		t := n.typ
		if t.IsZero() {
			t = column.Type()
		}
		c.place(n, t)
	case *paramNode:
		c.bindSlot(bindSlot{param: n, typ: column.Type()})
	default:
		c.expr(value, precOr)
	}
}

// defaultValue writes what fills a column: an expression, or a placeholder for
// what the default gives when the statement is sent, once for each row.
func (c *Compiler) defaultValue(column *Column, d *ColumnDefault) {
	if d.expr != nil {
		c.expr(d.expr, precOr)
		return
	}
	c.bindSlot(bindSlot{fill: d, typ: column.Type()})
}

// update writes an UPDATE, and returns the columns that come back.
func (c *Compiler) update(s *UpdateStatement) []resultColumn {
	outer, start := c.scope, len(c.slots)
	defer func() { c.scope = outer }()
	defer c.under(s.criteria)()
	c.useAll(s.ctes)
	t := c.target(s.target)
	c.addItems(s.from)
	from, criteria := c.restrict(s.from)
	where := slices.Concat(s.where, c.criteriaOn(s.target), criteria)
	if c.err != nil {
		return nil
	}
	c.link(slices.Concat([]Node{s.target}, from)...)
	c.SQL("UPDATE ")
	c.hints(s.hints)
	c.linkedItem(s.target)
	if len(from) > 0 && c.features.UpdateJoin {
		c.SQL(", ")
		commaList(c, from, c.linkedItem)
	}
	c.SQL(" SET ")
	c.assignments(t, s.set)
	if len(from) > 0 && !c.features.UpdateJoin {
		c.need(c.features.UpdateFrom, "UPDATE … FROM", "use a subquery")
		c.from(from)
	}
	c.where(where)
	c.unlinked("UPDATE")
	c.guard("update", t, s.where, s.allRows)
	columns := c.returning(s.returning, c.features.UpdateReturning, "UPDATE … RETURNING")
	c.fillParams(start, s.params)
	return columns
}

// addItems enters further FROM items.
func (c *Compiler) addItems(items []Node) {
	for _, n := range items {
		if c.err == nil {
			c.Fail(c.scope.add(n))
		}
	}
}

func (c *Compiler) assignments(t *Table, set []Assignment) {
	if len(set) == 0 {
		c.Fail(&UsageError{Kind: ErrArgument, Op: "update", Subject: t.FullName(), Reason: "there is nothing to set"})
	}
	var done []*Column
	for i, a := range c.spreadSet(set) {
		column := c.targetColumn(a.column)
		if column == nil {
			return
		}
		if slices.Contains(done, column) {
			c.Fail(&UsageError{Kind: ErrArgument, Op: "update", Subject: column.fullName(), Reason: "the column is assigned twice"})
		}
		if i > 0 {
			c.SQL(", ")
		}
		c.assign(column, func() { c.assignedValue(column, a.value) })
		done = append(done, column)
	}
	for _, column := range t.columns {
		if !column.onUpdate.IsZero() && !slices.Contains(done, column) {
			c.SQL(", ")
			c.assign(column, func() { c.defaultValue(column, &column.onUpdate) })
		}
	}
}

// assign writes "column = value". The column stands alone, but for statements
// that write to one of several joined tables.
func (c *Compiler) assign(column *Column, value func()) {
	if c.features.UpdateJoin && len(c.scope.items) > 1 {
		c.qualifier(c.scope.items[0])
	}
	c.Ident(column.name)
	c.SQL(" = ")
	value()
}

// delete writes a DELETE, and returns the columns that come back.
func (c *Compiler) delete(s *DeleteStatement) []resultColumn {
	outer, start := c.scope, len(c.slots)
	defer func() { c.scope = outer }()
	defer c.under(s.criteria)()
	c.useAll(s.ctes)
	t := c.target(s.target)
	c.addItems(s.using)
	using, criteria := c.restrict(s.using)
	where := slices.Concat(s.where, c.criteriaOn(s.target), criteria)
	if c.err != nil {
		return nil
	}
	c.link(slices.Concat([]Node{s.target}, using)...)
	c.SQL("DELETE ")
	c.hints(s.hints)
	c.SQL("FROM ")
	c.deleteFrom(s, using)
	c.where(where)
	c.unlinked("DELETE")
	c.guard("delete", t, s.where, s.allRows)
	columns := c.returning(s.returning, c.features.DeleteReturning && !c.deletesByJoin(s), "DELETE … RETURNING")
	c.fillParams(start, s.params)
	return columns
}

// deletesByJoin reports whether the table stands among those that conditions may
// use, as MySQL has it; it takes an alias only so, and then returns no rows.
func (c *Compiler) deletesByJoin(s *DeleteStatement) bool {
	_, aliased := c.scope.items[0].(*TableAlias)
	return c.features.DeleteJoin && (aliased || len(s.using) > 0)
}

// deleteFrom writes the table, and those that conditions may use.
func (c *Compiler) deleteFrom(s *DeleteStatement, using []Node) {
	switch {
	case c.deletesByJoin(s):
		c.itemName(c.scope.items[0])
		c.SQL(" USING ")
		commaList(c, slices.Concat([]Node{s.target}, using), c.linkedItem)
	case len(using) > 0:
		c.need(c.features.DeleteUsing, "DELETE … USING", "use a subquery")
		c.linkedItem(s.target)
		c.SQL(" USING ")
		commaList(c, using, c.linkedItem)
	default:
		c.fromItem(s.target)
	}
}

// guard refuses to write to a whole table unless that was asked for.
func (c *Compiler) guard(op string, t *Table, where []Node, allRows bool) {
	if c.err == nil && !allRows && !restricts(where) {
		c.Fail(&UsageError{
			Kind: ErrNoFilter, Op: op, Subject: t.FullName(), Reason: "no condition leaves rows out, so all would be written",
			Advice: "add Where, or say AllRows()",
		})
	}
}

// returning writes RETURNING, and returns its columns.
func (c *Compiler) returning(items []Node, has bool, feature string) []resultColumn {
	if len(items) == 0 {
		return nil
	}
	c.need(has, feature, "read the rows with a SELECT")
	c.SQL(" RETURNING ")
	style := c.style
	defer func() { c.style = style }()
	if len(c.scope.items) == 1 {
		c.style = alone
	}
	return c.selectList(items, c.depth == 0)
}
