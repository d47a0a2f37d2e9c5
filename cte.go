// This file holds the common table expression: a statement that WITH gives a
// name to, so that others select from it.

package orm

import "slices"

// CTE is a statement under a name, which stands in WITH at the front of the
// statement that selects from it: a FROM item. It is an immutable value.
type CTE struct {
	name     string
	query    rowSource
	step     Node // of a recursive one
	columns  []string
	hint     sqlText
	distinct bool
	nesting  bool
	err      error
}

// CTEOption says how a [CTE] is written.
type CTEOption func(*CTE)

// CTEColumns gives the columns of a CTE names: "WITH t(a, b) AS (…)". Another
// number of names than the statement has columns is an [ErrArgument].
func CTEColumns(names ...string) CTEOption {
	return func(c *CTE) { c.columns = slices.Clone(names) }
}

// Materialized has the database calculate the rows of a CTE once: "AS
// MATERIALIZED (…)". It is advice, and left out where it cannot be given
// (MySQL).
func Materialized() CTEOption { return func(c *CTE) { c.hint = "MATERIALIZED " } }

// NotMaterialized has the database take a CTE for part of the statement that
// uses it: "AS NOT MATERIALIZED (…)". It is advice, and left out where it cannot
// be given (MySQL).
func NotMaterialized() CTEOption { return func(c *CTE) { c.hint = "NOT MATERIALIZED " } }

// Nesting keeps a CTE at the front of the innermost SELECT that uses it, which
// stands in parentheses. Without it, WITH stands once, at the front of the whole
// statement.
func Nesting() CTEOption { return func(c *CTE) { c.nesting = true } }

// DistinctRows joins the two parts of a recursive CTE by UNION in place of UNION
// ALL. Rows that are there already are left out, so that a walk through a graph
// with cycles ends.
func DistinctRows() CTEOption { return func(c *CTE) { c.distinct = true } }

// CTE makes the statement a FROM item that stands in WITH. It may be used as
// often as one likes; the columns of others are reached by its C and by [Col].
//
//	busy := orm.Select(orm.C(&p.AuthorID)).GroupBy(orm.C(&p.AuthorID)).Having(orm.Count().Gt(9)).CTE("busy")
//	orm.Select(busy.C("author_id")).From(busy)
//	// WITH busy AS (SELECT posts.author_id FROM posts GROUP BY posts.author_id HAVING count(*) > ?)
//	// SELECT busy.author_id FROM busy
//
// Of the enclosing statement it sees nothing. Criteria that hold where it is used
// hold in it. Two CTEs of one name in a statement are an [ErrAmbiguous], and so
// is one with the name of a table that the statement reads. Where WITH cannot
// stand before a statement that writes (MySQL), it stands before the SELECTs in
// parentheses inside of that.
func (s *SelectStatement) CTE(name string, options ...CTEOption) *CTE {
	return newCTE(name, s, options)
}

// RecursiveCTE makes a FROM item of the rows of the statement, and of those that
// a second one finds from the rows found last, over and over until there are no
// more. The second one selects from the CTE that the function is given.
//
//	tree := orm.Select(orm.C(&n.ID)).Where(orm.C(&n.ID).Eq(1)).RecursiveCTE("tree", func(tree *orm.CTE) *orm.SelectStatement {
//		return orm.Select(orm.C(&n.ID)).From(tree).Join(n, orm.Eq(orm.N(&n.ParentID), orm.Col[int64](tree, "id")))
//	})
//	// WITH RECURSIVE tree AS (SELECT nodes.id FROM nodes WHERE nodes.id = ? UNION ALL
//	// SELECT nodes.id FROM tree JOIN nodes ON nodes.parent_id = tree.id) …
//
// The first statement decides the names and types of the columns.
func (s *SelectStatement) RecursiveCTE(name string, step func(rows *CTE) *SelectStatement, options ...CTEOption) *CTE {
	return newRecursiveCTE(name, s, step, options)
}

// CTE makes the operation a FROM item that stands in WITH; see
// [SelectStatement.CTE].
func (s *SetOperation) CTE(name string, options ...CTEOption) *CTE { return newCTE(name, s, options) }

// RecursiveCTE makes a FROM item of the rows of the operation, and of those that
// are found from them; see [SelectStatement.RecursiveCTE].
func (s *SetOperation) RecursiveCTE(name string, step func(rows *CTE) *SelectStatement, options ...CTEOption) *CTE {
	return newRecursiveCTE(name, s, step, options)
}

// CTE makes the text, with its columns told by Columns, a FROM item that stands
// in WITH; see [SelectStatement.CTE].
func (s *TextStatement) CTE(name string, options ...CTEOption) *CTE { return newCTE(name, s, options) }

// CTE makes what the statement returns a FROM item that stands in WITH. All parts
// of a statement see the tables as they were before it. It is a [CompileError]
// where only a SELECT can stand in WITH (all but PostgreSQL).
//
//	gone := orm.Delete(log).Where(log.C("day").Lt(day)).Returning(log).CTE("gone")
//	orm.Insert(archive).FromSelect(orm.Select(gone))
//	// WITH gone AS (DELETE FROM log WHERE log.day < ? RETURNING id, day) INSERT INTO archive SELECT …
//
// One that is executed and not read from is added by AddCTE.
func (s *InsertStatement) CTE(name string, options ...CTEOption) *CTE {
	return newCTE(name, s, options)
}

// CTE makes what the statement returns a FROM item that stands in WITH; see
// [InsertStatement.CTE].
func (s *UpdateStatement) CTE(name string, options ...CTEOption) *CTE {
	return newCTE(name, s, options)
}

// CTE makes what the statement returns a FROM item that stands in WITH; see
// [InsertStatement.CTE].
func (s *DeleteStatement) CTE(name string, options ...CTEOption) *CTE {
	return newCTE(name, s, options)
}

func newCTE(name string, query rowSource, options []CTEOption) *CTE {
	c := &CTE{name: name, query: query}
	if isNilPointer(query) {
		c.query, c.err = nil, nilArgument("define CTE", "statement")
	}
	for _, o := range options {
		if o == nil {
			c.err = nilOption("define CTE")
			continue
		}
		o(c)
	}
	return c
}

func newRecursiveCTE(name string, query rowSource, step func(*CTE) *SelectStatement, options []CTEOption) *CTE {
	c := newCTE(name, query, options)
	if step == nil {
		c.err = &UsageError{Kind: ErrArgument, Op: "define CTE", Subject: name, Reason: "the function is nil"}
		return c
	}
	c.step = subselectNode(step(c))
	return c
}

// AddCTE has CTEs stand in WITH whether the statement selects from them or not:
// one that writes, or one whose name stands in hand-written SQL.
func (s *SelectStatement) AddCTE(ctes ...*CTE) *SelectStatement {
	return s.with(func(s *SelectStatement) { s.ctes = slices.Concat(s.ctes, ctes) })
}

// AddCTE has CTEs stand in WITH; see [SelectStatement.AddCTE].
func (s *SetOperation) AddCTE(ctes ...*CTE) *SetOperation {
	changed := *s
	changed.ctes = slices.Concat(s.ctes, ctes)
	return &changed
}

// AddCTE has CTEs stand in WITH; see [SelectStatement.AddCTE].
func (s *InsertStatement) AddCTE(ctes ...*CTE) *InsertStatement {
	return s.with(func(s *InsertStatement) { s.ctes = slices.Concat(s.ctes, ctes) })
}

// AddCTE has CTEs stand in WITH; see [SelectStatement.AddCTE].
func (s *UpdateStatement) AddCTE(ctes ...*CTE) *UpdateStatement {
	return s.with(func(s *UpdateStatement) { s.ctes = slices.Concat(s.ctes, ctes) })
}

// AddCTE has CTEs stand in WITH; see [SelectStatement.AddCTE].
func (s *DeleteStatement) AddCTE(ctes ...*CTE) *DeleteStatement {
	return s.with(func(s *DeleteStatement) { s.ctes = slices.Concat(s.ctes, ctes) })
}

// AddCTE has CTEs stand in WITH before the text, which then names them; see
// [SelectStatement.AddCTE]. The text has to begin with SELECT, or with a word that
// writes where the database takes WITH before that. One that has a WITH of its own,
// or is anything else, is an [ErrUnsupported].
//
//	orm.Text("SELECT name FROM users WHERE id IN (SELECT author_id FROM busy)").AddCTE(busy)
//	// WITH busy AS (SELECT …) SELECT name FROM users WHERE id IN (SELECT author_id FROM busy)
func (s *TextStatement) AddCTE(ctes ...*CTE) *TextStatement {
	changed := *s
	changed.ctes = slices.Concat(s.ctes, ctes)
	return &changed
}

// AddCTE has CTEs stand in WITH; see [SelectStatement.AddCTE].
func (s *MergeStatement) AddCTE(ctes ...*CTE) *MergeStatement {
	return s.with(func(s *MergeStatement) { s.ctes = slices.Concat(s.ctes, ctes) })
}

func (s *InsertStatement) outputs() []output { return listOutputs(s.returning) }
func (s *UpdateStatement) outputs() []output { return listOutputs(s.returning) }
func (s *DeleteStatement) outputs() []output { return listOutputs(s.returning) }

func (*CTE) node()              {}
func (c *CTE) fromName() string { return c.name }

// C is the column of that name or label.
func (c *CTE) C(name string) Expr[any] {
	if c == nil {
		return Expr[any]{nilItem(c, "refer to column")}
	}
	return Expr[any]{&derivedColumn{from: c, name: name}}
}

// Alias returns the CTE under another name, to select from it twice.
func (c *CTE) Alias(name string) *CTEAlias { return &CTEAlias{cte: c, name: name} }

func (c *CTE) outputs() []output {
	if c.query == nil {
		return nil
	}
	all := c.query.outputs()
	if len(c.columns) == 0 {
		return all
	}
	named := make([]output, len(c.columns))
	copy(named, all)
	for i, name := range c.columns {
		named[i].name = name
	}
	return named
}

// writes reports whether the CTE is an INSERT, UPDATE or DELETE.
func (c *CTE) writes() bool {
	switch c.query.(type) {
	case *InsertStatement, *UpdateStatement, *DeleteStatement:
		return true
	}
	return false
}

// CTEAlias is a [CTE] under another name.
type CTEAlias struct {
	cte  *CTE
	name string
}

func (*CTEAlias) node()              {}
func (a *CTEAlias) fromName() string { return a.name }

func (a *CTEAlias) outputs() []output {
	if a.cte == nil {
		return nil
	}
	return a.cte.outputs()
}

// C is the column of that name or label under the alias.
func (a *CTEAlias) C(name string) Expr[any] {
	if a == nil || a.cte == nil {
		return Expr[any]{nilItem((*CTE)(nil), "refer to column")}
	}
	return Expr[any]{&derivedColumn{from: a, name: name}}
}
