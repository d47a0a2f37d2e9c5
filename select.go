// This file holds the SELECT: an immutable value, one field for each clause.

package orm

import (
	"slices"
	"strconv"

	"github.com/aurum-go/orm/types"
)

// SelectStatement is a SELECT. Its methods return a changed copy, so that a
// statement can be kept, extended twice and shared between goroutines. A mistake
// is kept, and comes out where SQL would be sent.
type SelectStatement struct {
	columns    []Node
	distinct   bool
	distinctOn []Node
	from       []Node
	where      []Node
	groupBy    []Node
	having     []Node
	windows    []namedWindow
	orderBy    []Node
	limit      Node
	offset     Node
	ties       bool // rows that are equal to the last come along
	lock       *lockClause
	hints      []hint
	tableHints []tableHint
	suffixes   []hint
	params     M
	criteria   restriction
	ctes       []*CTE
	shared     *correlation
}

// Select begins a SELECT of expressions, of all columns of tables, or of entity
// references. Tables that the columns and conditions use are put into FROM by
// themselves, unless From names them.
//
//	orm.Select(orm.C(&u.Name), orm.Count().As("n")).From(u).GroupBy(orm.C(&u.Name))
//	// SELECT users.name, count(*) AS n FROM users GROUP BY users.name
//
// The columns of a table are written out, in the order of its definition; a
// table that was defined without columns gives all that the database has:
//
//	orm.Select(users)                             // SELECT users.id, users.name FROM users
//	orm.Select(orm.NewTable("users", metadata))   // SELECT users.* FROM users
func Select(columns ...any) *SelectStatement {
	s := &SelectStatement{columns: make([]Node, len(columns))}
	for i, c := range columns {
		s.columns[i] = selectItem(c)
	}
	return s
}

func (*SelectStatement) node()             {}
func (*SelectStatement) statement()        {}
func (s *SelectStatement) queryNode() Node { return s }

// with returns a copy that the function has changed.
func (s *SelectStatement) with(change func(*SelectStatement)) *SelectStatement {
	changed := *s
	change(&changed)
	return &changed
}

// Columns returns the statement with another select list.
func (s *SelectStatement) Columns(columns ...any) *SelectStatement {
	return s.with(func(s *SelectStatement) { s.columns = Select(columns...).columns })
}

// From adds tables, aliases, subqueries or entity references to FROM. An item
// named here is never taken from an enclosing statement.
func (s *SelectStatement) From(items ...any) *SelectStatement {
	return s.with(func(s *SelectStatement) {
		for _, item := range items {
			s.from = extended(s.from, fromItem(item))
		}
	})
}

// Join joins a table, alias, subquery or entity reference to the last item of
// FROM: "JOIN t ON …". What follows are conditions. Without any they are found
// from the one foreign key between it and what stands before; none is an
// [ErrNoForeignKey], several are an [ErrAmbiguous]. Of a table that is joined to
// itself by a key, what stands before refers to the target.
//
// The target may also be the address of a relationship of an entity in FROM,
// which is then joined by the columns of the relationship; a link table comes
// along. Conditions are added to these. A reference in front of them is the one
// under which the target is joined:
//
//	From(u).Join(&u.Posts)                     // JOIN posts ON posts.author_id = users.id
//	From(n).Join(&n.Parent, parent)            // JOIN nodes AS parent ON parent.id = nodes.parent_id
//	From(p).Join(&p.Tags, orm.C(&t.ID).Gt(1))  // JOIN post_tags ON … JOIN tags ON … AND tags.id > ?
func (s *SelectStatement) Join(target any, more ...any) *SelectStatement {
	return s.join(innerJoin, target, more)
}

// OuterJoin is Join that keeps rows without a partner: "LEFT OUTER JOIN".
func (s *SelectStatement) OuterJoin(target any, more ...any) *SelectStatement {
	return s.join(outerJoin, target, more)
}

// FullJoin is Join that keeps rows without a partner of both sides: "FULL
// OUTER JOIN". It is a [CompileError] where there is none (MySQL).
func (s *SelectStatement) FullJoin(target any, more ...any) *SelectStatement {
	return s.join(fullJoin, target, more)
}

// CrossJoin joins every row with every other: "CROSS JOIN".
func (s *SelectStatement) CrossJoin(target any) *SelectStatement {
	return s.joined(&joinNode{right: fromItem(target), kind: crossJoin})
}

const (
	innerJoin sqlText = " JOIN "
	outerJoin sqlText = " LEFT OUTER JOIN "
	fullJoin  sqlText = " FULL OUTER JOIN "
	crossJoin sqlText = " CROSS JOIN "
)

func (s *SelectStatement) join(kind sqlText, target any, more []any) *SelectStatement {
	right, conditions := joinItem(target, more)
	n := &joinNode{right: right, kind: kind}
	switch on := conditionNodes(conditions); len(on) {
	case 0:
	case 1:
		n.on = on[0]
	default:
		n.on = &listNode{op: opAnd, items: on}
	}
	return s.joined(n)
}

// joined adds a join to the last item of FROM.
func (s *SelectStatement) joined(n *joinNode) *SelectStatement {
	return s.with(func(s *SelectStatement) {
		if len(s.from) == 0 {
			s.from = []Node{&errorNode{&UsageError{
				Kind: ErrArgument, Op: "join", Reason: "there is nothing to join to yet", Advice: "call From before Join",
			}}}
			return
		}
		n.left = s.from[len(s.from)-1]
		s.from = extended(s.from[:len(s.from)-1], n)
	})
}

// Where adds conditions; all that were ever added are joined with AND.
func (s *SelectStatement) Where(conditions ...Expr[bool]) *SelectStatement {
	return s.with(func(s *SelectStatement) { s.where = extended(s.where, conditionNodes(conditions)...) })
}

// GroupBy adds expressions to GROUP BY. A labelled expression is grouped by its
// label if the select list has that, and no table a column of the name.
func (s *SelectStatement) GroupBy(items ...Expression) *SelectStatement {
	return s.with(func(s *SelectStatement) {
		s.groupBy = extended(s.groupBy, expressionNodes(items)...)
	})
}

// Having adds conditions on groups.
func (s *SelectStatement) Having(conditions ...Expr[bool]) *SelectStatement {
	return s.with(func(s *SelectStatement) { s.having = extended(s.having, conditionNodes(conditions)...) })
}

// Window names a window, for [WindowName] to refer to: "WINDOW w AS (…)". One
// that is built on another of the statement has to come after it. Two of one name
// are an [ErrAmbiguous].
//
//	orm.Select(orm.Rank().Over(orm.WindowName("w"))).Window("w", orm.OrderBy(age))
//	// SELECT rank() OVER w FROM person WINDOW w AS (ORDER BY age)
func (s *SelectStatement) Window(name string, options ...WindowOption) *SelectStatement {
	return s.with(func(s *SelectStatement) {
		s.windows = append(slices.Clip(s.windows), namedWindow{name, newWindow(options)})
	})
}

// OrderBy adds expressions to ORDER BY. A labelled expression is ordered by its
// label if the select list has that; a label that is there twice is an
// [ErrAmbiguous].
func (s *SelectStatement) OrderBy(items ...OrderItem) *SelectStatement {
	return s.with(func(s *SelectStatement) { s.orderBy = extended(s.orderBy, orderNodes(items)...) })
}

// Unordered returns the statement without its ORDER BY.
func (s *SelectStatement) Unordered() *SelectStatement {
	return s.with(func(s *SelectStatement) { s.orderBy = nil })
}

// Limit returns at most n rows. The number travels as a parameter. A negative
// one is an [ErrArgument].
func (s *SelectStatement) Limit(n int) *SelectStatement {
	return s.with(func(s *SelectStatement) { s.limit, s.ties = rowCount("limit", n), false })
}

// LimitWithTies returns the first n rows, and those behind them that are equal
// to the last in the order: "FETCH FIRST ? ROWS WITH TIES". A statement without
// an order is an [ErrArgument]. It is a [CompileError] on SQLite, MySQL, and
// MariaDB before 10.6.
func (s *SelectStatement) LimitWithTies(n int) *SelectStatement {
	return s.with(func(s *SelectStatement) { s.limit, s.ties = rowCount("limit", n), true })
}

// Offset leaves out the first n rows.
func (s *SelectStatement) Offset(n int) *SelectStatement {
	return s.with(func(s *SelectStatement) { s.offset = rowCount("offset", n) })
}

func rowCount(op string, n int) Node {
	if n < 0 {
		return &errorNode{&UsageError{Kind: ErrArgument, Op: op, Subject: strconv.Itoa(n), Reason: "the number is negative"}}
	}
	return &bindNode{value: int64(n), typ: types.BigInteger()}
}

// Distinct leaves out rows that are equal to another.
func (s *SelectStatement) Distinct() *SelectStatement {
	return s.with(func(s *SelectStatement) { s.distinct = true })
}

// DistinctOn keeps the first row of each set of equal expressions (PostgreSQL).
func (s *SelectStatement) DistinctOn(items ...Expression) *SelectStatement {
	return s.with(func(s *SelectStatement) {
		s.distinctOn = extended(s.distinctOn, expressionNodes(items)...)
	})
}

// Params gives values to the parameters that [Param] left open.
func (s *SelectStatement) Params(values M) *SelectStatement {
	return s.with(func(s *SelectStatement) { s.params = s.params.merged(values) })
}

// lockClause is FOR UPDATE or FOR SHARE.
type lockClause struct {
	share, noWait, skipLocked bool
	strength                  sqlText // in place of UPDATE and SHARE
	of                        []Node
	err                       error
}

// with adds what options say.
func (l lockClause) with(options []LockOption) lockClause {
	for _, o := range options {
		if o == nil {
			l.err = nilOption("lock")
			continue
		}
		o(&l)
	}
	return l
}

// LockOption says how FOR UPDATE waits, and which tables it locks.
type LockOption func(*lockClause)

// NoWait fails with [ErrLockTimeout] in place of waiting: "NOWAIT".
func NoWait() LockOption { return func(l *lockClause) { l.noWait = true } }

// SkipLocked leaves out rows that another transaction has locked.
func SkipLocked() LockOption { return func(l *lockClause) { l.skipLocked = true } }

// LockOf locks only the rows of the named tables: "OF t".
func LockOf(items ...any) LockOption {
	return func(l *lockClause) {
		for _, item := range items {
			l.of = append(l.of, fromItem(item))
		}
	}
}

// ForUpdate locks the rows until the transaction ends. SQLite, which locks the
// whole database for a writer, leaves the clause out.
func (s *SelectStatement) ForUpdate(options ...LockOption) *SelectStatement {
	return s.locked(lockClause{}, options)
}

// ForShare locks the rows against changes by others.
func (s *SelectStatement) ForShare(options ...LockOption) *SelectStatement {
	return s.locked(lockClause{share: true}, options)
}

// ForNoKeyUpdate is ForUpdate that lets others refer to the rows: "FOR NO KEY
// UPDATE" (PostgreSQL).
func (s *SelectStatement) ForNoKeyUpdate(options ...LockOption) *SelectStatement {
	return s.locked(lockClause{strength: " FOR NO KEY UPDATE"}, options)
}

// ForKeyShare locks the rows against deletion and changes of their keys: "FOR
// KEY SHARE" (PostgreSQL).
func (s *SelectStatement) ForKeyShare(options ...LockOption) *SelectStatement {
	return s.locked(lockClause{strength: " FOR KEY SHARE"}, options)
}

func (s *SelectStatement) locked(l lockClause, options []LockOption) *SelectStatement {
	l = l.with(options)
	return s.with(func(s *SelectStatement) { s.lock = &l })
}

// Subquery makes the statement a FROM item under a name.
func (s *SelectStatement) Subquery(name string) *Subquery {
	return &Subquery{query: s, name: name}
}

// Lateral makes the statement a FROM item under a name that is calculated for
// each row of the items before it, whose columns it may use. It is a
// [CompileError] where there is none (SQLite, MariaDB).
//
//	last := orm.Select(orm.C(&p.Title)).From(p).Where(orm.Eq(orm.C(&p.AuthorID), orm.C(&u.ID))).
//		OrderBy(orm.C(&p.ID).Desc()).Limit(3).Lateral("last")
//	orm.Select(orm.C(&u.Name), last.C("title")).From(u).Join(last, orm.True())
//	// SELECT users.name, last.title FROM users JOIN LATERAL (SELECT posts.title FROM posts
//	// WHERE posts.author_id = users.id ORDER BY posts.id DESC LIMIT $1) AS last ON TRUE
func (s *SelectStatement) Lateral(name string) *Subquery {
	return &Subquery{query: s, name: name, lateral: true}
}

func (s *SelectStatement) outputs() []output {
	sources := sourcesIn(s.from)
	var all []output
	for _, n := range s.columns {
		all = append(all, outputsAmong(n, sources)...)
	}
	return all
}

// outputsAmong are the columns that an item of the select list gives where some
// entities are read from other sources than their tables.
func outputsAmong(n Node, sources map[fromNode]fromNode) []output {
	all := outputsOf(n)
	if len(sources) == 0 {
		return all
	}
	if n, err := resolved(n); err == nil {
		if e, ok := n.(entityItem); ok && sources[e.source()] != nil {
			names := namesOf(sources[e.source()])
			all = slices.DeleteFunc(all, func(o output) bool { return !names[o.name] })
		}
	}
	return all
}

// listOutputs are the columns that a select list gives.
func listOutputs(items []Node) []output {
	var all []output
	for _, n := range items {
		all = append(all, outputsOf(n)...)
	}
	return all
}

// resultColumn is one column of a statement's result, for the one who reads it.
type resultColumn struct {
	name   string
	typ    types.Type
	entity entityItem // whose column it is among those of the whole entity, or nil

	composite *compositeKind // whose column it is among those of the composite, or nil
}

// outputsOf are the columns that an item of the select list gives.
func outputsOf(n Node) []output {
	n, err := resolved(n)
	if err != nil {
		return nil
	}
	switch n := n.(type) {
	case *starNode:
		return starOutputs(n.of)
	case entityItem:
		var all []output
		for _, c := range n.entityColumns() {
			all = append(all, output{name: c.column.name, of: c})
		}
		return all
	case *compositeNode:
		all := make([]output, len(n.columns))
		for i, c := range n.columns {
			all[i] = output{name: c.column.name, of: c}
		}
		return all
	case nil:
		return nil
	}
	return []output{{name: outputName(n), of: n}}
}

// starOutputs are the columns of a FROM item.
func starOutputs(of Node) []output {
	switch of := of.(type) {
	case *Table:
		all := make([]output, len(of.columns))
		for i, c := range of.columns {
			all[i] = output{name: c.name, typ: c.Type()}
		}
		return all
	case *TableAlias:
		return starOutputs(of.table)
	case derivedItem:
		return of.outputs()
	}
	return nil
}

// outputName is the name of a column in the result: its label or its own. Other
// expressions have whatever name the database thinks of.
func outputName(n Node) string {
	switch n := n.(type) {
	case *labelNode:
		return n.name
	case *columnNode:
		return n.column.name
	case *derivedColumn:
		return n.name
	}
	return ""
}

// Scalar makes a SELECT of one column a value: "(SELECT max(x) FROM t)". FROM
// items that only its conditions imply are those of the enclosing statement.
func Scalar[T any](query Subselect) Expr[T] { return Expr[T]{&scalarNode{query: subselectNode(query)}} }

// firstTable is the name of the table that a statement is mainly about.
func firstTable(from []Node) string {
	if len(from) == 0 {
		return ""
	}
	n, err := resolved(unsampled(from[0]))
	if err != nil {
		return ""
	}
	switch n := n.(type) {
	case *joinNode:
		return firstTable([]Node{n.left})
	case *EntitySource:
		return firstTable([]Node{n.entity})
	case entityItem:
		return firstTable([]Node{n.source()})
	case *Table:
		return n.name
	case *TableAlias:
		return n.table.name
	}
	return ""
}

// targetName is the name of the table that is written to.
func targetName(target Node) string { return firstTable([]Node{target}) }
