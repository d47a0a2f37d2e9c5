// This file writes expressions.

package orm

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aurum-go/orm/types"
)

// LongListRenderer is a [Dialect] that has a way to pass a long list of values
// as one parameter. It returns false for a list that it cannot pass so.
type LongListRenderer interface {
	RenderLongIn(c *Compiler, operand Node, negated bool, values []any, t types.Type) bool
}

// longList is the number of values from which a list is passed as one parameter.
const longList = 1000

// expr writes an expression where an operator of the given precedence waits
// for it, in parentheses if it binds less tightly.
func (c *Compiler) expr(n Node, outer int) {
	if !c.enter() {
		return
	}
	defer c.leave()
	switch n := n.(type) {
	case *columnNode:
		c.column(n)
	case *bindNode:
		c.bind(n)
	case *binaryNode:
		if !c.spread(n, outer) {
			c.binary(n, outer)
		}
	case *listNode:
		c.list(n, outer)
	case *unaryNode:
		if !c.spread(n, outer) {
			c.unary(n, outer)
		}
	case *constNode:
		c.SQL(n.text)
	case *inNode:
		if !c.spread(n, outer) {
			c.in(n, outer)
		}
	case *tupleInNode:
		c.tupleIn(n, outer)
	case *rowNode:
		c.rowComparison(n, outer)
	case *betweenNode:
		if !c.spread(n, outer) {
			c.between(n, outer)
		}
	case *likeNode:
		c.like(n, outer)
	case *funcNode:
		c.function(n)
	case *overNode:
		c.over(n)
	case *jsonNode:
		c.jsonPath(n)
	case *matchNode:
		c.match(n)
	case *groupingNode:
		c.grouping(n)
	case *labelNode:
		c.expr(n.of, outer)
	case *rawNode:
		c.raw(n)
	case *paramNode:
		c.param(n)
	case *caseNode:
		c.caseExpr(n)
	case *castNode:
		c.cast(n)
	case *coercedNode:
		c.coerced(n, outer)
	case *collateNode:
		c.collate(n, outer)
	case *extractNode:
		c.extract(n)
	case *dateNode:
		c.date(n)
	case *keywordNode:
		c.SQL(n.text)
	default:
		c.reference(n, outer)
	}
}

// reference writes what stands for something else: a SELECT, a relationship, a
// column by its name, a value that the statement gives.
func (c *Compiler) reference(n Node, outer int) {
	switch n := n.(type) {
	case *existsNode:
		c.exists(n)
	case *scalarNode:
		c.subselect(n.query)
	case *pathExists:
		c.pathExists(n)
	case *kindsNode:
		c.kinds(n)
	case *renamedNode:
		c.renamed(n, outer)
	case *derivedColumn:
		c.derived(n)
	case *starNode:
		c.star(n)
	case *orderingNode:
		c.ordering(n)
	case *nameNode:
		c.named(n, outer)
	case *defaultNode:
		c.need(c.features.DefaultKeyword, "DEFAULT as a value", "set the value itself")
		c.SQL("DEFAULT")
	case *fillNode:
		c.fill(n)
	case *excludedNode:
		c.excluded(n)
	case *sequenceNode:
		c.acts = true
		c.nextNumber(n.of)
	case *compositeNode:
		c.expr(n.misplaced(), outer)
	case *errorNode:
		c.Fail(n.err)
	case lateNode:
		known, err := resolved(n)
		c.Fail(err)
		if err == nil {
			c.expr(known, outer)
		}
	case nil:
		c.Fail(&UsageError{Kind: ErrArgument, Op: "compile", Subject: "expression", Reason: "it is the zero Expr"})
	default:
		c.Fail(&UsageError{Kind: ErrArgument, Op: "compile", Subject: fmt.Sprintf("%T", n), Reason: "it is not an expression"})
	}
}

// open writes a parenthesis if the inner operator binds less tightly than the
// outer, and tells whether it did.
func (c *Compiler) open(inner, outer int) bool {
	if inner < outer {
		c.SQL("(")
		return true
	}
	return false
}

func (c *Compiler) close(opened bool) {
	if opened {
		c.SQL(")")
	}
}

func (c *Compiler) column(n *columnNode) {
	from := n.from
	if g := groupIn(c.scope.actual(from)); g != nil {
		if from = g.partOf(n.column.table); from == nil {
			c.Fail(notInFrom("refer to column", n.column.fullName()))
			return
		}
	}
	c.columnOf(from, n.column.name)
}

// columnOf writes a column of a FROM item, which has to be there.
func (c *Compiler) columnOf(from fromNode, name string) {
	if actual := c.scope.actual(from); actual != from {
		c.Fail(lacksColumn(actual, name))
		from = actual
	}
	if c.scope.hides(from) {
		c.Fail(&UsageError{
			Kind: ErrAmbiguous, Op: "refer to column", Subject: from.fromName() + "." + name, Reason: "an item of FROM of that name stands in between",
			Advice: "give that one another name, with Alias",
		})
	}
	if c.linking > 0 {
		c.mention(from)
	}
	switch {
	case c.style == ofResult:
		c.resultName(name)
	case c.scope != nil && !c.scope.provides(from):
		c.Fail(notInFrom("refer to column", from.fromName()+"."+name))
	}
	if c.style == qualified {
		c.qualifier(from)
	}
	c.Ident(name)
}

// resultName sees to it that a set operation has a column of that name, and one.
func (c *Compiler) resultName(name string) {
	found, err := c.scope.label(name)
	c.Fail(err)
	if !found && err == nil {
		c.Fail(&UsageError{
			Kind: ErrUnknownName, Op: "order by", Subject: quoted(name), Reason: "the result of a set operation has no such column",
			Advice: thereAre(c.scope.labels),
		})
	}
}

func notInFrom(op, subject string) error {
	return &UsageError{
		Kind: ErrUnknownName, Op: op, Subject: subject, Reason: "the statement does not select from its table",
		Advice: "name the table with From or Join",
	}
}

// qualifier writes "name." for a FROM item.
func (c *Compiler) qualifier(from fromNode) {
	c.itemName(from)
	c.SQL(".")
}

// itemName writes the name by which a statement refers to a FROM item.
func (c *Compiler) itemName(from fromNode) {
	if t, ok := from.(*Table); ok {
		c.tableName(t)
	} else {
		c.Ident(from.fromName())
	}
}

func (c *Compiler) derived(n *derivedColumn) {
	_, err := n.find()
	c.Fail(err)
	c.columnOf(n.from, n.name)
}

func (c *Compiler) exists(n *existsNode) {
	c.SQL("EXISTS ")
	c.subselect(n.query)
}

// collate binds tighter than arithmetic signs to some databases only.
func (c *Compiler) collate(n *collateNode, outer int) {
	opened := c.open(precUnary, outer)
	c.expr(n.of, precCollate)
	c.SQL(" COLLATE ")
	c.Ident(n.name)
	c.close(opened)
}

func (c *Compiler) binary(n *binaryNode, outer int) {
	if n.op.spelt != nil {
		c.speltOperator(n, outer)
		return
	}
	opened := c.open(n.op.precedence, outer)
	if !c.ownOperator(n) {
		c.standardOperator(n)
	}
	c.close(opened)
}

func (c *Compiler) ownOperator(n *binaryNode) bool {
	r, ok := c.dialect.(OperatorRenderer)
	if !ok {
		return false
	}
	name := n.op.name
	if name == "" {
		name = strings.TrimSpace(string(n.op.text))
	}
	return r.RenderOperator(c, name, n.left, n.right)
}

func (c *Compiler) standardOperator(n *binaryNode) {
	switch n.op {
	case opDivide:
		// SQL divides whole numbers into whole numbers; a fraction makes it true division.
		c.expr(n.left, precMultiply)
		c.SQL(" / (")
		c.expr(n.right, precAdd)
		c.SQL(" + 0.0)")
		return
	case opDistinct, opNotDistinct:
		c.need(c.features.DistinctFrom, "IS DISTINCT FROM", "use Ne, and IsNull for what may be NULL")
	case opRegexp, opNotRegexp, opIRegexp, opNotIRegexp:
		c.need(c.features.Regexp, "a regular expression", "match with Like")
	}
	left, right := n.op.operands()
	c.operand(n.left, n.op, left)
	c.SQL(n.op.text)
	c.operand(n.right, n.op, right)
}

// operand writes an operand, without parentheses if it goes on with the same
// operator and that is associative.
func (c *Compiler) operand(n Node, op *operator, outer int) {
	if b, ok := n.(*binaryNode); ok && op.associative && b.op == op {
		outer = op.precedence
	}
	c.expr(n, outer)
}

// balanced is the number of conditions from which a list is written as a tree
// of shorter ones: databases parse a chain into a tree as deep as it is long.
const balanced = 200

func (c *Compiler) list(n *listNode, outer int) {
	opened := c.open(n.op.precedence, outer)
	c.listItems(n.op, n.flat())
	c.close(opened)
}

func (c *Compiler) listItems(op *operator, items []Node) {
	if len(items) > balanced {
		half := len(items) / 2
		c.SQL("(")
		c.listItems(op, items[:half])
		c.SQL(")")
		c.SQL(op.text)
		c.SQL("(")
		c.listItems(op, items[half:])
		c.SQL(")")
		return
	}
	for i, item := range items {
		if i > 0 {
			c.SQL(op.text)
		}
		c.part(item, op.precedence)
	}
}

func (c *Compiler) unary(n *unaryNode, outer int) {
	opened := c.open(n.op.precedence, outer)
	switch test := n.op == opIsNull || n.op == opIsNotNull; {
	case test && !c.features.RowNulls && comparesRows(n.operand):
		c.SQL("((")
		c.expr(n.operand, precOr)
		c.SQL(") + 0)") // a number may be NULL, to every database
		c.SQL(n.op.text)
	case n.op.postfix:
		c.expr(n.operand, n.op.precedence+1)
		c.SQL(n.op.text)
	default:
		c.SQL(n.op.text)
		c.expr(n.operand, n.op.precedence+1)
	}
	c.close(opened)
}

// comparesRows reports whether an expression compares rows of values.
func comparesRows(n Node) bool {
	return !walk([]Node{n}, func(n Node) bool {
		switch n.(type) {
		case *rowNode, *tupleInNode:
			return false
		}
		return true
	})
}

func (c *Compiler) in(n *inNode, outer int) {
	if n.query == nil && len(n.values) == 0 {
		c.emptyList(n.negated)
		return
	}
	opened := c.open(precCompare, outer)
	defer func() { c.close(opened) }()
	t := c.metType(n.operand, n.operand)
	if long, ok := c.dialect.(LongListRenderer); ok && len(n.values) > longList && !t.Varies() && long.RenderLongIn(c, n.operand, n.negated, n.values, t) {
		return
	}
	c.expr(n.operand, precCompare+1)
	c.inWord(n.negated)
	if n.query != nil {
		c.subselect(n.query)
		return
	}
	c.SQL("(")
	if c.listsWhole {
		c.placeOf(bindSlot{place: valuePlace{at: pointerTo(&n.values)}, list: &listSlot{row: []types.Type{t}}})
	} else {
		c.listValues(n.values, t)
	}
	c.SQL(")")
}

func (c *Compiler) listValues(values []any, t types.Type) {
	for i := range values {
		if i > 0 {
			c.SQL(", ")
		}
		c.placeOf(bindSlot{value: values[i], typ: t, place: valuePlace{at: pointerTo(&values[i])}})
	}
}

func (c *Compiler) inWord(negated bool) {
	if negated {
		c.SQL(" NOT IN ")
	} else {
		c.SQL(" IN ")
	}
}

// emptyList writes what it means to be in a list without values.
func (c *Compiler) emptyList(negated bool) {
	if negated {
		c.SQL("TRUE")
	} else {
		c.SQL("FALSE")
	}
}

func (c *Compiler) tupleIn(n *tupleInNode, outer int) {
	if n.query == nil && len(n.rows) == 0 {
		c.emptyList(n.negated)
		return
	}
	c.need(c.features.RowValues, "a row value", "compare column by column")
	opened := c.open(precCompare, outer)
	c.group(n.columns)
	c.inWord(n.negated)
	if n.query != nil {
		c.subselect(n.query)
	} else {
		c.rowList(n)
	}
	c.close(opened)
}

// rowComparison writes rows side by side where the database compares them well,
// and else column by column.
func (c *Compiler) rowComparison(n *rowNode, outer int) {
	if len(n.left) == 1 || !c.features.RowOrder {
		c.expr(n.spelledOut(), outer)
		return
	}
	opened := c.open(precCompare, outer)
	c.group(n.left)
	c.SQL(n.op.text)
	c.group(n.right)
	c.close(opened)
}

func (c *Compiler) rowList(n *tupleInNode) {
	c.SQL("(")
	if c.features.RowValuesList {
		c.SQL("VALUES ")
	}
	if row, ok := c.rowTypes(n); ok && c.listsWhole {
		c.placeOf(bindSlot{place: valuePlace{at: pointerTo(&n.rows)}, list: &listSlot{row: row, tuple: true}})
		c.SQL(")")
		return
	}
	c.byValue = true
	commaList(c, n.rows, func(row []any) {
		c.SQL("(")
		for i := range row {
			if i > 0 {
				c.SQL(", ")
			}
			c.rowValue(&row[i], n.columns[i])
		}
		c.SQL(")")
	})
	c.SQL(")")
}

// rowTypes are the types of the values of a row, unless they go by the values.
func (c *Compiler) rowTypes(n *tupleInNode) ([]types.Type, bool) {
	row := make([]types.Type, len(n.columns))
	for i, column := range n.columns {
		if untyped(column) {
			return nil, false
		}
		row[i] = c.metType(column, column)
	}
	return row, true
}

// rowValue writes a value in a list of rows.
func (c *Compiler) rowValue(v *any, column Node) {
	value := bindValue(*v, column)
	if b, ok := value.(*bindNode); ok && !untyped(b) {
		c.placeOf(bindSlot{value: b.value, typ: c.metType(b, b.like), place: valuePlace{at: pointerTo(v)}})
		return
	}
	c.expr(value, precOr)
}

func (c *Compiler) group(items []Node) {
	c.SQL("(")
	commaList(c, c.columnsOf(items), func(n Node) { c.expr(n, precOr) })
	c.SQL(")")
}

func (c *Compiler) between(n *betweenNode, outer int) {
	opened := c.open(precCompare, outer)
	c.expr(n.operand, precCompare+1)
	if n.negated {
		c.SQL(" NOT")
	}
	c.SQL(" BETWEEN ")
	c.expr(n.low, precCompare+1)
	c.SQL(" AND ")
	c.expr(n.high, precCompare+1)
	c.close(opened)
}

func (c *Compiler) like(n *likeNode, outer int) {
	opened := c.open(precCompare, outer)
	lower := n.fold && !c.features.ILike
	c.folded(n.operand, lower)
	if n.negated {
		c.SQL(" NOT")
	}
	if n.fold && c.features.ILike {
		c.SQL(" ILIKE ")
	} else {
		c.SQL(" LIKE ")
	}
	c.folded(n.pattern, lower)
	switch {
	case n.escaped:
		c.SQL(" ESCAPE '/'")
	case !c.features.LikeBackslash:
		c.SQL(` ESCAPE '\'`)
	}
	c.close(opened)
}

func (c *Compiler) folded(n Node, lower bool) {
	if !lower {
		c.expr(n, precCompare+1)
		return
	}
	c.SQL("lower(")
	c.expr(n, precOr)
	c.SQL(")")
}

// star writes the columns of a table, so that the result is what the mapping
// says, whatever else the database's table has. Where the columns are not known
// it writes *, or t.* for those of one FROM item.
func (c *Compiler) star(n *starNode) {
	from, ok := n.of.(fromNode)
	if ok {
		from = c.scope.actual(from)
	}
	if ok && c.scope != nil && !c.scope.provides(from) {
		c.Fail(notInFrom("select", from.fromName()))
		return
	}
	if t := tableOf(from); t != nil && len(t.columns) > 0 {
		commaList(c, t.columns, func(column *Column) { c.columnOf(from, column.name) })
		return
	}
	if ok && c.style == qualified {
		c.qualifier(from)
	}
	c.SQL("*")
}

func (c *Compiler) ordering(n *orderingNode) {
	if n.nulls != nullsUnsaid && !c.features.NullsOrder {
		// Where nothing can be said of NULLs, a column before this one says it.
		c.orderOperand(n.of, precCompare+1)
		if n.nulls == nullsFirst {
			c.SQL(" IS NOT NULL, ")
		} else {
			c.SQL(" IS NULL, ")
		}
	}
	c.orderExpr(n.of, precOr)
	if n.desc {
		c.SQL(" DESC")
	}
	switch {
	case !c.features.NullsOrder:
	case n.nulls == nullsFirst:
		c.SQL(" NULLS FIRST")
	case n.nulls == nullsLast:
		c.SQL(" NULLS LAST")
	}
}

// orderOperand writes an expression of ORDER BY as part of another, where MySQL
// takes the label of an aggregate for a mistake.
func (c *Compiler) orderOperand(n Node, outer int) {
	if c.scope != nil {
		name := c.scope.orderName(n)
		if i := slices.IndexFunc(c.scope.groups, func(l *labelNode) bool { return l.name == name }); i >= 0 {
			c.expr(c.scope.groups[i].of, outer)
			return
		}
	}
	c.orderExpr(n, outer)
}

// orderExpr writes an expression of ORDER BY: its label if the select list has
// that.
func (c *Compiler) orderExpr(n Node, outer int) {
	if c.scope == nil {
		c.expr(n, outer)
		return
	}
	name := c.scope.orderName(n)
	switch found, err := c.scope.label(name); {
	case err != nil:
		c.Fail(err)
	case found:
		c.Ident(name)
	default:
		c.expr(n, outer)
	}
}

// groupExpr is orderExpr for GROUP BY, where a name means a column of a table
// first, and so is only written where there is none.
func (c *Compiler) groupExpr(n Node) {
	label, ok := n.(*labelNode)
	switch {
	case ok && c.scope.hasColumn(label.name):
		c.expr(label.of, precOr)
	case ok:
		c.orderExpr(n, precOr)
	default:
		c.expr(n, precOr)
	}
}

// named writes the column that a field's name means here.
func (c *Compiler) named(n *nameNode, outer int) {
	if c.scope == nil {
		c.Fail(&UsageError{Kind: ErrUnknownName, Op: "refer to", Subject: quoted(n.name), Reason: "there is no FROM in which to look the name up"})
		return
	}
	column, err := c.scope.byName(n.name)
	if err != nil {
		c.Fail(err)
		return
	}
	c.expr(column, outer)
}
