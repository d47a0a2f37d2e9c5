// This file writes what an INSERT does with a row that is there already.

package orm

import (
	"slices"
	"strings"
)

// onConflict writes ON CONFLICT … DO …, or what the database has for it.
func (c *Compiler) onConflict(t *Table, s *InsertStatement) {
	rule := s.conflict
	if rule == nil || c.err != nil {
		return
	}
	c.need(c.features.OnConflict || c.features.OnDuplicateKey, "INSERT … ON CONFLICT", "look for the row first, in the same transaction")
	key := c.conflictKey(t, rule)
	c.writesTo(t)
	set := c.conflictSet(t, s, key)
	if c.err != nil {
		return
	}
	c.upsert = c.scope
	defer func() { c.upsert = nil }()
	if c.features.OnConflict {
		c.conflictTarget(rule, key)
		c.conflictAction(rule, set)
	} else {
		c.duplicateKey(t, rule, set)
	}
}

// writesTo has columns of an alias written as those of the table: an INSERT knows
// no other name for it.
func (c *Compiler) writesTo(t *Table) {
	if alias, ok := c.scope.items[0].(*TableAlias); ok {
		c.scope = &scope{outer: c.scope.outer, items: []fromNode{t}, entities: c.scope.entities, renamed: map[fromNode]fromNode{alias: t}}
	}
}

// uniqueKeys are the keys of a table, the primary key first.
func (c *Compiler) uniqueKeys(t *Table) []uniqueKey {
	var keys []uniqueKey
	if len(t.primaryKey.columns) > 0 {
		keys = append(keys, uniqueKey{name: c.primaryKeyName(t), parts: indexParts(t.primaryKey.columns)})
	}
	for _, u := range t.uniques {
		keys = append(keys, uniqueKey{name: c.uniqueName(t, u), parts: indexParts(u.columns)})
	}
	for _, i := range t.indexes {
		if i.unique {
			keys = append(keys, uniqueKey{name: c.indexName(i), parts: i.parts, where: i.where, index: true})
		}
	}
	return keys
}

func indexParts(columns []string) []IndexPart { return NewIndex("", columns...).parts }

// conflictKey is the key that an upsert means, or nil if it means any.
func (c *Compiler) conflictKey(t *Table, rule *conflictRule) *uniqueKey {
	problem := &UsageError{Kind: ErrArgument, Op: "upsert", Subject: t.FullName()}
	keys := c.uniqueKeys(t)
	switch {
	case rule.named:
		for _, key := range keys {
			if rule.constraint != "" && key.name == rule.constraint {
				return &key
			}
		}
		problem.Reason = "it has no unique constraint or index named " + quoted(rule.constraint)
	case len(rule.target) > 0:
		columns := c.targetColumns(rule.target)
		if key := matchingKey(keys, columns); key != nil {
			return key
		}
		problem.Reason = "no unique key of it is of the columns " + columnNames(columns)
	case rule.nothing:
		return nil
	case rule.others || len(rule.columns) > 0 || len(rule.set) > 0:
		problem.Reason = "which of its keys is meant is not said"
	default:
		problem.Reason, problem.Advice = "there is a condition for an update, and no update", "say OnConflict and DoUpdate before DoUpdateWhere"
		c.Fail(problem)
		return nil
	}
	problem.Advice = "the table has none"
	if len(keys) > 0 {
		problem.Advice = thereAre(keyTexts(keys))
	}
	c.Fail(problem)
	return nil
}

func keyTexts(keys []uniqueKey) []string {
	texts := make([]string, len(keys))
	for i, key := range keys {
		texts[i] = key.String()
	}
	return texts
}

// matchingKey is the key of some columns: for all rows, if there is one, else for some.
func matchingKey(keys []uniqueKey, columns []*Column) *uniqueKey {
	var partial *uniqueKey
	for _, key := range keys {
		switch {
		case !key.plain(columns):
		case key.where == "":
			return &key
		case partial == nil:
			partial = &key
		}
	}
	return partial
}

func (c *Compiler) targetColumns(nodes []Node) []*Column {
	var columns []*Column
	for _, n := range nodes {
		if column := c.targetColumn(n); column != nil {
			columns = append(columns, column)
		}
	}
	return columns
}

func columnNames(columns []*Column) string {
	names := make([]string, len(columns))
	for i, column := range columns {
		names[i] = column.name
	}
	return strings.Join(names, ", ")
}

// conflictSet is what an upsert changes of a row that is there.
func (c *Compiler) conflictSet(t *Table, s *InsertStatement, key *uniqueKey) []Assignment {
	rule := s.conflict
	if rule.nothing || c.err != nil {
		return nil
	}
	columns := c.targetColumns(rule.columns)
	if rule.others {
		columns = c.valued(t, s, key)
	}
	var set []Assignment
	for _, column := range columns {
		n := &columnNode{column, c.scope.items[0]}
		set = append(set, Assignment{n, &excludedNode{n}})
	}
	set = append(set, rule.set...)
	c.checkSet(t, set)
	return set
}

func (c *Compiler) checkSet(t *Table, set []Assignment) {
	if len(set) == 0 {
		c.Fail(&UsageError{Kind: ErrArgument, Op: "upsert", Subject: t.FullName(), Reason: "there is nothing to set", Advice: "say DoNothing, or name columns in DoUpdate"})
	}
	var done []*Column
	for _, a := range set {
		column := c.targetColumn(a.column)
		if column != nil && slices.Contains(done, column) {
			c.Fail(&UsageError{Kind: ErrArgument, Op: "upsert", Subject: column.fullName(), Reason: "the column is assigned twice"})
		}
		done = append(done, column)
	}
}

// valued are the columns that the rows have values for, in the order of the table,
// less those of the key that is met and of the primary key.
func (c *Compiler) valued(t *Table, s *InsertStatement, key *uniqueKey) []*Column {
	given := map[*Column]bool{}
	for _, row := range s.rows {
		for _, a := range row.assigned {
			given[c.targetColumn(a.column)] = true
		}
	}
	for _, column := range c.targetColumns(s.columns) {
		given[column] = true
	}
	return slices.DeleteFunc(slices.Clone(t.columns), func(column *Column) bool {
		whole := s.query != nil && len(s.columns) == 0
		inKey := slices.ContainsFunc(key.parts, func(p IndexPart) bool { return p.Column == column.name })
		return !whole && !given[column] || inKey || slices.Contains(t.primaryKey.columns, column.name)
	})
}

// conflictTarget writes ON CONFLICT and the key.
func (c *Compiler) conflictTarget(rule *conflictRule, key *uniqueKey) {
	c.SQL(" ON CONFLICT")
	switch {
	case key == nil:
		return
	case rule.named && !key.index && c.features.OnConstraint:
		c.SQL(" ON CONSTRAINT ")
		c.Ident(key.name)
		return
	}
	c.SQL(" (")
	commaList(c, key.parts, func(p IndexPart) {
		if p.SQL == "" {
			c.Ident(p.Column)
			return
		}
		c.SQL("(")
		c.definition(p.SQL)
		c.SQL(")")
	})
	c.SQL(")")
	style := c.style
	defer func() { c.style = style }()
	c.style = alone
	switch {
	case len(rule.where) > 0:
		c.where(rule.where)
	case key.where != "":
		c.SQL(" WHERE ")
		c.definition(key.where)
	}
}

func (c *Compiler) conflictAction(rule *conflictRule, set []Assignment) {
	if rule.nothing {
		c.SQL(" DO NOTHING")
		if len(rule.only) > 0 {
			c.Fail(conditionForNothing())
		}
		return
	}
	c.SQL(" DO UPDATE SET ")
	commaList(c, set, func(a Assignment) {
		column := c.targetColumn(a.column)
		c.Ident(column.name)
		c.SQL(" = ")
		c.assignedValue(column, a.value)
	})
	c.where(rule.only)
}

func conditionForNothing() error {
	return &UsageError{Kind: ErrArgument, Op: "upsert", Subject: "DoUpdateWhere", Reason: "there is a condition for an update, and DoNothing"}
}

// duplicateKey writes ON DUPLICATE KEY UPDATE. It has no conditions of its own, so
// that each assignment asks for them; and an assignment of a column to itself is
// what does nothing. (INSERT IGNORE would hide other mistakes.)
func (c *Compiler) duplicateKey(t *Table, rule *conflictRule, set []Assignment) {
	c.need(len(rule.where) == 0, "a partial index", "leave the condition of the key out")
	c.SQL(" ON DUPLICATE KEY UPDATE ")
	if rule.nothing {
		if len(rule.only) > 0 {
			c.Fail(conditionForNothing())
		}
		name := t.columns[0].name
		if key := t.primaryKey.columns; len(key) > 0 {
			name = key[0]
		}
		itself := &columnNode{t.byName[name], t}
		c.column(itself)
		c.SQL(" = ")
		c.column(itself)
		return
	}
	if len(rule.only) > 0 {
		set = c.askedLast(rule, set)
	}
	commaList(c, set, func(a Assignment) {
		column := c.targetColumn(a.column)
		target := &columnNode{column, t}
		c.column(target)
		c.SQL(" = ")
		if len(rule.only) == 0 {
			c.assignedValue(column, a.value)
			return
		}
		c.SQL("IF(")
		c.list(&listNode{op: opAnd, items: rule.only}, precOr)
		c.SQL(", ")
		c.assignedValue(column, a.value)
		c.SQL(", ")
		c.column(target)
		c.SQL(")")
	})
}

// askedLast puts the column that the conditions ask for behind the others, for an
// assignment sees the ones before it.
func (c *Compiler) askedLast(rule *conflictRule, set []Assignment) []Assignment {
	asked, told := c.columnsAsked(rule.only)
	isAsked := func(a Assignment) bool { return slices.Contains(asked, c.targetColumn(a.column)) }
	if len(rule.set) == 0 {
		var last []Assignment
		var first []Assignment
		for _, a := range set {
			if isAsked(a) {
				last = append(last, a)
			} else {
				first = append(first, a)
			}
		}
		set = slices.Concat(first, last)
	}
	unclear := !told && len(set) > 1
	if unclear || slices.ContainsFunc(set[:len(set)-1], isAsked) {
		c.Unsupported("a condition on the update of an upsert that sees several of the columns that are set", "write the condition into the values, with orm.Case and DoUpdateSet")
	}
	return set
}

// columnsAsked are the columns of the row that is there in conditions, and whether
// these can be told.
func (c *Compiler) columnsAsked(conditions []Node) (columns []*Column, told bool) {
	told = walk(conditions, func(n Node) bool {
		switch n := n.(type) {
		case *rawNode, *existsNode, *scalarNode, *pathExists:
			return false
		case *inNode:
			return n.query == nil
		case *tupleInNode:
			return n.query == nil
		case *columnNode, *nameNode, lateNode:
			columns = append(columns, c.targetColumn(n))
		}
		return true
	})
	return columns, told
}

// excluded writes the value that an upsert would have inserted.
func (c *Compiler) excluded(n *excludedNode) {
	if c.upsert == nil {
		c.Fail(&UsageError{Kind: ErrArgument, Op: "compile", Subject: "Excluded", Reason: "no upsert is there that it could belong to", Advice: "use it in DoUpdateSet and DoUpdateWhere"})
		return
	}
	scope := c.scope
	c.scope = c.upsert
	column := c.targetColumn(n.of)
	c.scope = scope
	if column == nil {
		return
	}
	if c.features.OnConflict {
		c.SQL("excluded.")
		c.Ident(column.name)
		return
	}
	c.SQL("VALUES(")
	c.Ident(column.name)
	c.SQL(")")
}

// beforeConflict is the query of an INSERT, with a WHERE where the database would
// take the ON of ON CONFLICT for that of a join.
func (c *Compiler) beforeConflict(s *InsertStatement, query Node) Node {
	if s.conflict == nil || !c.features.WhereForConflict {
		return query
	}
	switch q := query.(type) {
	case *SelectStatement:
		if len(q.where) == 0 {
			return q.Where(True())
		}
	case *SetOperation:
		return Select(q.Subquery("rows")).Where(True())
	}
	return query
}
