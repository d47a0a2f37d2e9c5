// This file writes SELECT and the set operations, clause by clause in the
// order of SQL.

package orm

import (
	"fmt"
	"slices"
	"strings"
)

// selectStatement writes a SELECT, and returns the columns of its result.
func (c *Compiler) selectStatement(s *SelectStatement) []resultColumn {
	outer, style, result := c.scope, c.style, c.depth == 0 || c.uniting
	defer func() { c.scope, c.style = outer, style }()
	c.scope, c.style, c.uniting = &scope{outer: outer, shared: s.shared, windows: s.windows}, qualified, false
	defer c.under(s.criteria)()
	c.useAll(s.ctes)
	from, criteria := c.restrict(c.settleFrom(s))
	start := len(c.slots)
	c.SQL("SELECT ")
	c.hints(s.hints)
	c.scope.tableHints = s.tableHints
	c.distinct(s)
	columns := c.selectList(s.columns, result)
	c.link(from...)
	c.from(from)
	c.where(slices.Concat(s.where, criteria))
	c.unlinked("SELECT")
	c.groupBy(s)
	c.having(s.having)
	c.windows(s.windows)
	c.orderBy(s.orderBy)
	c.rowLimit(s)
	c.lockRows(s.lock)
	for _, h := range s.suffixes {
		c.hint(h, " ", "")
	}
	c.fillParams(start, s.params)
	return columns
}

// settleFrom enters what the statement selects from into the scope, and
// returns it: what it names, and what its columns and conditions imply.
func (c *Compiler) settleFrom(s *SelectStatement) []Node {
	for _, n := range s.from {
		c.Fail(c.scope.add(n))
	}
	c.Fail(c.scope.sharesNamed())
	from := c.follow(s.from)
	if c.err != nil {
		return nil
	}
	added, correlated, err := c.scope.implied(slices.Concat(s.columns, s.where))
	c.Fail(err)
	for _, n := range added {
		from = extended(from, n)
	}
	for _, n := range s.columns {
		c.scope.selected(n)
	}
	if len(from) == 0 && correlated && !c.scope.outer.lateral {
		c.Fail(&UsageError{
			Kind: ErrArgument, Op: "compile", Subject: "subquery", Reason: "everything it selects from belongs to the enclosing statement",
			Advice: "name its own tables with From",
		})
	}
	return from
}

func (c *Compiler) distinct(s *SelectStatement) {
	if len(s.distinctOn) > 0 {
		c.need(c.features.DistinctOn, "DISTINCT ON", "group, or use a window function")
		c.SQL("DISTINCT ON ")
		c.group(s.distinctOn)
		c.SQL(" ")
	} else if s.distinct {
		c.SQL("DISTINCT ")
	}
}

// selectList writes the columns, with their labels. Those of the result are read
// by the expressions of their types.
func (c *Compiler) selectList(items []Node, result bool) []resultColumn {
	if len(items) == 0 {
		c.Fail(&UsageError{Kind: ErrArgument, Op: "compile", Subject: "SELECT", Reason: "it has no columns", Advice: "name them in Select or Columns"})
	}
	var columns []resultColumn
	known := true
	for i, item := range items {
		if i > 0 {
			c.SQL(", ")
		}
		more := c.selectItem(item, result)
		columns, known = append(columns, more...), known && more != nil
	}
	if !known {
		return nil
	}
	return columns
}

func (c *Compiler) selectItem(item Node, result bool) []resultColumn {
	item, err := resolved(item)
	if name, ok := item.(*nameNode); ok && err == nil {
		if composite := c.compositeNamed(name.name); composite != nil {
			return c.compositeItem(composite, result)
		}
		item, err = c.scope.byName(name.name)
	}
	if err != nil {
		c.Fail(err)
		return nil
	}
	if composite, ok := item.(*compositeNode); ok {
		return c.compositeItem(composite, result)
	}
	if e, ok := item.(entityItem); ok {
		e, err := c.readable(e)
		c.Fail(err)
		if !result || !c.resultItem(e) {
			commaList(c, e.entityColumns(), c.column)
		}
		return c.entityResult(e)
	}
	if result && c.resultItem(item) {
		return c.resultOf(outputsOf(item))
	}
	if label, ok := item.(*labelNode); ok {
		c.expr(label.of, precOr)
		c.SQL(" AS ")
		c.Ident(label.name)
	} else {
		c.expr(item, precOr)
	}
	return c.resultOf(outputsOf(item))
}

// resultOf is what the reader of the result is told of columns: nothing inside
// of another statement.
func (c *Compiler) resultOf(outputs []output) []resultColumn {
	if c.depth > 0 || len(outputs) == 0 {
		return nil
	}
	columns := make([]resultColumn, len(outputs))
	for i, o := range outputs {
		columns[i] = resultColumn{name: o.name, typ: o.sqlType()}
	}
	return columns
}

// entityResult is resultOf for the columns of an entity.
func (c *Compiler) entityResult(e entityItem) []resultColumn {
	columns := c.resultOf(outputsOf(e))
	for i := range columns {
		columns[i].entity = e
	}
	return columns
}

func (c *Compiler) from(items []Node) {
	for i, n := range items {
		if i == 0 {
			c.SQL(" FROM ")
		} else {
			c.SQL(", ")
		}
		c.linkedItem(n)
	}
}

// fromItem writes a table, an alias, a subquery or a join.
func (c *Compiler) fromItem(n Node) {
	n, err := resolved(n)
	if err != nil {
		c.Fail(err)
		return
	}
	switch n := n.(type) {
	case *Table:
		if n.inline() {
			c.inlineTable(n, n.name)
			return
		}
		c.tableBesideCTEs(n)
		c.tableName(n)
		c.hintTable(n)
	case *TableAlias:
		if n.table.inline() {
			c.inlineTable(n.table, n.name)
			return
		}
		c.tableBesideCTEs(n.table)
		c.tableName(n.table)
		c.SQL(" AS ")
		c.Ident(n.name)
		c.hintTable(n)
	case entityItem:
		c.fromItem(n.source())
	case *EntitySource:
		c.fromItem(n.from)
	case *Subquery:
		c.derivedTable(n)
	case *CTE:
		c.cteItem(n, "")
	case *CTEAlias:
		c.cteItem(n.cte, n.name)
	case *ValuesTable:
		c.values(n)
	case *TableFunction:
		c.tableFunction(n)
	case *SampledTable:
		c.sample(n)
	case *tableGroup:
		c.tableGroup(n)
	case *joinNode:
		c.join(n)
	case *errorNode:
		c.Fail(n.err)
	default:
		c.Fail(&UsageError{Kind: ErrArgument, Op: "select from", Subject: fmt.Sprintf("%T", n), Reason: "it is no table and no entity reference"})
	}
}

// derivedTable writes a SELECT in FROM. It sees nothing of the statement that it
// stands in, unless it is lateral: to SQL, items of one FROM do not know each
// other.
func (c *Compiler) derivedTable(s *Subquery) {
	outer := c.scope
	defer func() { c.scope = outer }()
	if s.lateral {
		c.need(c.features.Lateral, "LATERAL", "use Scalar for one value, or number the rows of a Subquery with a window function")
		c.SQL("LATERAL ")
		c.scope = &scope{outer: outer, lateral: true}
	} else {
		c.scope = nil
	}
	c.subselect(s.query)
	c.SQL(" AS ")
	c.Ident(s.name)
}

// join writes a join. Joins nest to the left, so a chain is written in a loop.
func (c *Compiler) join(n *joinNode) {
	first, joins := n.chain()
	c.fromItem(first)
	for _, j := range joins {
		c.joined(j)
	}
}

// chain takes a chain of joins apart: what it begins with, and the joins.
func (n *joinNode) chain() (Node, []*joinNode) {
	joins := []*joinNode{n}
	for {
		first := joins[len(joins)-1].left
		left, ok := first.(*joinNode)
		if !ok {
			slices.Reverse(joins)
			return first, joins
		}
		joins = append(joins, left)
	}
}

func (c *Compiler) joined(n *joinNode) {
	if n.kind == fullJoin {
		c.need(c.features.FullJoin, "FULL OUTER JOIN", "unite two outer joins")
	}
	c.SQL(n.kind)
	if severalTables(n.right) {
		c.SQL("(")
		c.fromItem(n.right)
		c.SQL(")")
	} else {
		c.fromItem(n.right)
	}
	if n.kind == crossJoin {
		return
	}
	on := n.on
	if on == nil {
		var err error
		if on, err = inferJoin(n); err != nil {
			c.Fail(err)
			return
		}
	}
	c.SQL(" ON ")
	c.expr(on, precOr)
}

func (c *Compiler) having(conditions []Node) { c.conditions(" HAVING ", conditions) }

func (c *Compiler) conditions(word sqlText, conditions []Node) {
	if len(conditions) == 0 {
		return
	}
	c.SQL(word)
	if len(conditions) == 1 {
		c.expr(conditions[0], precOr)
		return
	}
	c.list(&listNode{op: opAnd, items: conditions}, precOr)
}

func (c *Compiler) orderBy(items []Node) {
	if len(items) > 0 {
		c.SQL(" ORDER BY ")
		c.orderItems(items)
	}
}

func (c *Compiler) orderItems(items []Node) {
	commaList(c, c.columnsOf(items), func(n Node) {
		if o, ok := n.(*orderingNode); ok {
			c.ordering(o)
		} else {
			c.orderExpr(n, precOr)
		}
	})
}

func (c *Compiler) limit(limit, offset Node) {
	if limit != nil {
		c.SQL(" LIMIT ")
		c.expr(limit, precOr)
	} else if offset != nil && c.features.OffsetLimit != "" {
		c.SQL(" LIMIT ")
		c.buf = append(c.buf, c.features.OffsetLimit...)
	}
	if offset != nil {
		c.SQL(" OFFSET ")
		c.expr(offset, precOr)
	}
}

func (c *Compiler) lockRows(l *lockClause) {
	if l == nil {
		return
	}
	c.acts = true
	c.Fail(l.err)
	if l.noWait && l.skipLocked {
		c.Fail(&UsageError{Kind: ErrArgument, Op: "lock", Reason: "NoWait and SkipLocked exclude each other", Advice: "say what is to become of a row that is locked: an error, or that it is left out"})
	}
	if c.features.LocksIgnored {
		return
	}
	switch {
	case l.strength != "":
		c.need(c.features.KeyLocks, "a lock of keys or of all but keys", "use ForUpdate or ForShare")
		c.SQL(l.strength)
	case l.share:
		c.need(c.features.ForShare, "FOR SHARE", "use ForUpdate")
		c.SQL(" FOR SHARE")
	default:
		c.need(c.features.ForUpdate, "FOR UPDATE", "begin a transaction of level SERIALIZABLE")
		c.SQL(" FOR UPDATE")
	}
	if len(l.of) > 0 {
		c.need(c.features.LockOf, "FOR UPDATE OF", "lock all tables of the statement")
		c.SQL(" OF ")
		commaList(c, l.of, c.lockedItem)
	}
	if l.noWait {
		c.need(c.features.NoWait, "NOWAIT", "leave it out, and set a time for which to wait for a lock")
		c.SQL(" NOWAIT")
	}
	if l.skipLocked {
		c.need(c.features.SkipLocked, "SKIP LOCKED", "mark the rows by an UPDATE with a condition")
		c.SQL(" SKIP LOCKED")
	}
}

func (c *Compiler) lockedItem(n Node) {
	n, err := resolved(unsampled(n))
	c.Fail(err)
	if e, ok := n.(entityItem); ok {
		n = e.source()
	}
	switch n := n.(type) {
	case *errorNode:
		c.Fail(n.err)
	case fromNode:
		if !c.scope.has(n) {
			c.Fail(notInFrom("lock", n.fromName()))
		}
		c.Ident(c.scope.actual(n).fromName())
	}
}

// fillParams gives the statement's own values to its open parameters.
func (c *Compiler) fillParams(start int, values M) {
	for i := start; i < len(c.slots) && len(values) > 0; i++ {
		slot := &c.slots[i]
		if slot.param == nil {
			continue
		}
		if v, ok := values[slot.param.name]; ok {
			slot.value, slot.param, slot.place = v, nil, paramPlace(values, slot.param.name)
		}
	}
}

// subselect writes a statement in parentheses inside of another.
func (c *Compiler) subselect(query Node) {
	c.SQL("(")
	c.placed(query, func() { c.member(query) })
	c.SQL(")")
}

// member writes a statement inside of another.
func (c *Compiler) member(query Node) {
	if !c.enter() {
		return
	}
	defer c.leave()
	switch q := query.(type) {
	case *SelectStatement:
		c.selectStatement(q)
	case *SetOperation:
		c.setOperation(q)
	case *TextStatement:
		if scanned := c.userText(q.text, q.args); scanned != nil {
			c.textCTEs(q, scanned.verb)
		}
	case *errorNode:
		c.Fail(q.err)
	default:
		c.Fail(&UsageError{Kind: ErrArgument, Op: "compile", Subject: fmt.Sprintf("%T", q), Reason: "it is no SELECT"})
	}
}

// setOperation writes UNION and its kin, and returns the columns of the result.
func (c *Compiler) setOperation(s *SetOperation) []resultColumn {
	c.setWord(s)
	start, result := len(c.slots), c.depth == 0 || c.uniting
	c.useAll(s.ctes)
	for i, m := range s.members {
		if i > 0 {
			c.sameColumns(s.op, s.members[0], m)
			c.SQL(s.op)
		}
		c.uniting = result
		c.setMember(m)
	}
	c.uniting = false
	c.setOrder(s)
	c.limit(s.limit, s.offset)
	c.fillParams(start, s.params)
	return c.resultOf(s.outputs())
}

// setWord sees to it that the database has the operation.
func (c *Compiler) setWord(s *SetOperation) {
	switch s.op {
	case opIntersect, opExcept:
		c.need(c.features.Intersect, "INTERSECT and EXCEPT", "use Exists")
	case opIntersectAll, opExceptAll:
		c.need(c.features.SetAll, "INTERSECT ALL and EXCEPT ALL", "use Intersect or Except, or number the rows with a window function")
	}
}

// sameColumns sees to it that two members have as many columns, as far as these
// are known.
func (c *Compiler) sameColumns(op sqlText, first, other Node) {
	if has, wants, differ := unlikeCounts(other, first); differ {
		c.Fail(&UsageError{
			Kind: ErrArgument, Op: "compile", Subject: strings.TrimSpace(string(op)),
			Reason: fmt.Sprintf("the first member has %d columns and another %d", wants, has), Advice: "select the same columns in each",
		})
	}
}

// unlikeCounts compares the numbers of columns of two queries.
func unlikeCounts(a, b Node) (ofA, ofB int, differ bool) {
	ofA, known := columnCount(a)
	ofB, both := columnCount(b)
	return ofA, ofB, known && both && ofA != ofB
}

// columnCount is the number of columns of a query, if that is known here.
func columnCount(query Node) (count int, known bool) {
	switch q := query.(type) {
	case *SelectStatement:
		sources := sourcesIn(q.from)
		for _, item := range q.columns {
			n := len(outputsAmong(item, sources))
			if n == 0 {
				return 0, false
			}
			count += n
		}
		return count, count > 0
	case *SetOperation:
		return columnCount(q.members[0])
	case *TextStatement:
		return len(q.columns), len(q.columns) > 0
	}
	return 0, false
}

// setMember writes a member of a set operation. One with an order or a limit
// of its own stands in parentheses, or in a SELECT of its own.
func (c *Compiler) setMember(m Node) {
	switch {
	case plainMember(m):
		c.member(m)
	case c.features.SetParens:
		c.subselect(m)
	default:
		c.SQL("SELECT * FROM ")
		c.subselect(m)
		c.SQL(" AS member")
	}
}

func plainMember(m Node) bool {
	s, ok := m.(*SelectStatement)
	return ok && len(s.orderBy) == 0 && s.limit == nil && s.offset == nil && s.lock == nil
}

// setOrder writes the ORDER BY of a set operation. It has no tables, only the
// columns of the result, which have the names of the first member's.
func (c *Compiler) setOrder(s *SetOperation) {
	if len(s.orderBy) == 0 || c.err != nil {
		return
	}
	style, outer := c.style, c.scope
	defer func() { c.style, c.scope = style, outer }()
	c.style, c.scope = ofResult, &scope{outer: outer}
	if first, ok := firstMember(s).(*SelectStatement); ok {
		c.scope.shared = first.shared
		c.settleFrom(first)
	}
	c.scope.labels, c.scope.groups = nil, nil
	for _, o := range s.outputs() {
		c.scope.labels = append(c.scope.labels, o.name)
	}
	c.orderBy(s.orderBy)
}

// firstMember is the SELECT that gives the columns of a set operation their
// names.
func firstMember(s *SetOperation) Node {
	for {
		inner, ok := s.members[0].(*SetOperation)
		if !ok {
			return s.members[0]
		}
		s = inner
	}
}
