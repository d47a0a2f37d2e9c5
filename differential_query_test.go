// This file makes random queries for the differential tests, and finds their rows in
// memory: joins by nested loops, everything else by the definition of SQL.

package orm_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/aurum-go/orm"
)

// relation is a query in both forms.
type relation struct {
	stmt    orm.Subselect
	outputs []output
	rows    [][]any
	sorted  bool // the order of the rows is that of the result
}

// output is a column of a result.
type output struct {
	label string
	expr  orm.Expression
	order orm.Ordering
	desc  orm.Ordering
	of    func(view) any
	into  func(s *source, from orm.Selectable) // makes it a column of a source
}

func outputOf[T any](label string, t term[T], columns func(*source) *[]column[T]) output {
	labelled := t.expr.As(label)
	return output{label, labelled, labelled.Asc(), labelled.Desc(), t.of, func(s *source, from orm.Selectable) {
		list := columns(s)
		*list = append(*list, column[T]{label, orm.Col[T](from, label)})
	}}
}

func wholesOf(s *source) *[]column[int64]   { return &s.wholes }
func realsOf(s *source) *[]column[float64]  { return &s.reals }
func wordsOf(s *source) *[]column[string]   { return &s.words }
func truthsOf(s *source) *[]column[bool]    { return &s.truths }
func daysOf(s *source) *[]column[time.Time] { return &s.days }

// kinds are the kinds of values that a column may have.
const kinds = 5

// output makes a column of a kind.
func (m *maker) output(label string, kind, depth int) output {
	switch kind {
	case 0:
		return outputOf(label, m.whole(depth), wholesOf)
	case 1:
		return outputOf(label, m.word(depth), wordsOf)
	case 2:
		return outputOf(label, m.real(depth), realsOf)
	case 3:
		return outputOf(label, m.day(depth), daysOf)
	}
	return outputOf(label, m.truth(depth), truthsOf)
}

func (m *maker) kinds(most int) []int {
	return rapid.SliceOfN(rapid.IntRange(0, kinds-1), 1, most).Draw(m.T, "kinds")
}

// atlas gives each source of a query a name of its own.
type atlas struct {
	cells       []*Cell
	fibres      []*Fibre
	cellsTaken  int
	fibresTaken int
	othersTaken int
}

// table is a table under a name that nothing else in the query has.
func (a *atlas) table(m *maker) *source {
	if m.coin("cells") {
		a.cellsTaken++
		if a.cellsTaken == 1 {
			return cellSource(orm.Entity[Cell](), a.cells)
		}
		return cellSource(orm.Alias[Cell]("c"+strconv.Itoa(a.cellsTaken)), a.cells)
	}
	a.fibresTaken++
	if a.fibresTaken == 1 {
		return fibreSource(orm.Entity[Fibre](), a.fibres)
	}
	return fibreSource(orm.Alias[Fibre]("k"+strconv.Itoa(a.fibresTaken)), a.fibres)
}

// queries makes queries of an atlas.
type queries struct {
	*maker
	*atlas
}

func newQueries(t *rapid.T, fold bool, cells []*Cell, fibres []*Fibre) queries {
	a := &atlas{cells: cells, fibres: fibres}
	return queries{&maker{T: t, fold: fold, nested: 2, below: a.table}, a}
}

// alone is a maker of queries that see nothing of what is around them.
func (q queries) alone() queries {
	m := *q.maker
	m.sources, m.nested = nil, m.nested-1
	return queries{&m, q.atlas}
}

// fromItem is a table, or a query in FROM or WITH.
func (q queries) fromItem(depth int) *source {
	if q.nested < 2 || rapid.IntRange(0, 3).Draw(q.T, "from") < 3 {
		return q.table(q.maker)
	}
	r := q.alone().relation(depth - 1)
	q.othersTaken++
	return r.source("s"+strconv.Itoa(q.othersTaken), q.coin("cte"))
}

// source makes a query a source.
func (r relation) source(name string, asCTE bool) *source {
	var from orm.Selectable
	switch stmt := r.stmt.(type) {
	case *orm.SelectStatement:
		if from = stmt.Subquery(name); asCTE {
			from = stmt.CTE(name)
		}
	case *orm.SetOperation:
		if from = stmt.Subquery(name); asCTE {
			from = stmt.CTE(name)
		}
	}
	s := &source{from: from}
	for _, o := range r.outputs {
		o.into(s, from)
	}
	for _, row := range r.rows {
		values := datarow{}
		for i, o := range r.outputs {
			values[o.label] = row[i]
		}
		s.rows = append(s.rows, values)
	}
	return s
}

// mostViews is the number of rows from which nothing more is joined.
const mostViews = 100

// joinedFrom is FROM with up to two joins: what is selected from, and the rows.
func (q queries) joinedFrom(depth int) (apply func(*orm.SelectStatement) *orm.SelectStatement, views []view) {
	first := q.fromItem(depth)
	q.sources = append(q.sources, first)
	steps := []func(*orm.SelectStatement) *orm.SelectStatement{func(s *orm.SelectStatement) *orm.SelectStatement { return s.From(first.from) }}
	views = matching(view{}, first, always)
	for range rapid.IntRange(0, 2).Draw(q.T, "joins") {
		if len(views) > mostViews {
			break
		}
		var step func(*orm.SelectStatement) *orm.SelectStatement
		step, views = q.join(views, depth)
		steps = append(steps, step)
	}
	return func(s *orm.SelectStatement) *orm.SelectStatement {
		for _, step := range steps {
			s = step(s)
		}
		return s
	}, views
}

var always = term[bool]{orm.True(), func(view) any { return true }}

// join joins another source to what is there.
func (q queries) join(views []view, depth int) (step func(*orm.SelectStatement) *orm.SelectStatement, joined []view) {
	s := q.fromItem(depth)
	q.sources = append(q.sources, s)
	kind := rapid.IntRange(0, 2).Draw(q.T, "kind of join")
	on := always
	if kind < 2 {
		on = q.truth(1)
	}
	for _, v := range views {
		found := matching(v, s, on)
		if len(found) == 0 && kind == 1 {
			found = []view{v.with(s, nil)}
		}
		joined = append(joined, found...)
	}
	return func(stmt *orm.SelectStatement) *orm.SelectStatement {
		switch kind {
		case 0:
			return stmt.Join(s.from, on.expr)
		case 1:
			return stmt.OuterJoin(s.from, on.expr)
		}
		return stmt.CrossJoin(s.from)
	}, joined
}

// where filters rows.
func (q queries) where(views []view, depth int) (apply func(*orm.SelectStatement) *orm.SelectStatement, left []view) {
	condition := q.truth(depth)
	for _, v := range views {
		if condition.of(v) == true {
			left = append(left, v)
		}
	}
	return func(s *orm.SelectStatement) *orm.SelectStatement { return s.Where(condition.expr) }, left
}

// selection is a SELECT of columns of these kinds.
func (q queries) selection(kinds []int, depth int) relation {
	q = queries{new(*q.maker), q.atlas}
	from, views := q.joinedFrom(depth)
	where, views := q.where(views, depth)
	r := relation{}
	for i, kind := range kinds {
		r.outputs = append(r.outputs, q.output("o"+strconv.Itoa(i+1), kind, min(depth, 2)))
	}
	if q.coin("window") {
		r.outputs = append(r.outputs, q.windows(len(kinds))...)
	}
	r.rows = rowsOf(r.outputs, views)
	stmt := where(from(orm.Select(r.columns()...)))
	if q.coin("distinct") {
		stmt, r.rows = stmt.Distinct(), distinct(r.rows)
	}
	r.stmt = stmt
	return r
}

func (r relation) columns() []any {
	columns := make([]any, len(r.outputs))
	for i, o := range r.outputs {
		columns[i] = o.expr
	}
	return columns
}

// rowsOf are the values of the columns for each view.
func rowsOf(outputs []output, views []view) [][]any {
	rows := make([][]any, len(views))
	for i, v := range views {
		if v.group == nil {
			v.group = views
		}
		for _, o := range outputs {
			rows[i] = append(rows[i], o.of(v))
		}
	}
	return rows
}

func distinct(rows [][]any) [][]any {
	seen, list := map[string]bool{}, [][]any{}
	for _, row := range rows {
		if text := written(row); !seen[text] {
			seen[text] = true
			list = append(list, row)
		}
	}
	return list
}

// written is a row as text: equal rows have equal texts.
func written(row []any) string {
	parts := make([]string, len(row))
	for i, v := range row {
		switch v := v.(type) {
		case nil:
			parts[i] = "NULL"
		case float64:
			parts[i] = strconv.FormatFloat(v+0, 'g', -1, 64)
		case time.Time:
			parts[i] = v.UTC().Format(time.RFC3339Nano)
		default:
			parts[i] = fmt.Sprintf("%#v", v)
		}
	}
	return strings.Join(parts, " | ")
}

func allWritten(rows [][]any) []string {
	texts := make([]string, len(rows))
	for i, row := range rows {
		texts[i] = written(row)
	}
	return texts
}

// setOperation is UNION and its kin over members of the same kinds.
func (q queries) setOperation(kinds []int, depth int) relation {
	members := make([]relation, rapid.IntRange(2, 3).Draw(q.T, "members"))
	stmts := make([]orm.Subselect, len(members))
	for i := range members {
		if i == 0 && depth > 1 && rapid.IntRange(0, 4).Draw(q.T, "nested") == 4 {
			members[i] = q.setOperation(kinds, depth-1)
		} else {
			members[i] = q.plainSelection(kinds, depth-1)
		}
		if rapid.IntRange(0, 4).Draw(q.T, "limited") == 4 {
			members[i] = q.ordered(members[i])
		}
		stmts[i] = members[i].stmt
	}
	r := relation{outputs: members[0].outputs}
	switch rapid.IntRange(0, 3).Draw(q.T, "operation") {
	case 0:
		r.stmt, r.rows = orm.UnionAll(stmts...), allRows(members)
	case 1:
		r.stmt, r.rows = orm.Union(stmts...), distinct(allRows(members))
	case 2:
		r.stmt, r.rows = orm.Intersect(stmts...), among2(members, true)
	case 3:
		r.stmt, r.rows = orm.Except(stmts...), among2(members, false)
	}
	return r
}

// plainSelection is a selection that has just the columns of these kinds.
func (q queries) plainSelection(kinds []int, depth int) relation {
	r := q.alone().selection(kinds, depth)
	if len(r.outputs) == len(kinds) {
		return r
	}
	s := r.source("p"+strconv.Itoa(q.nextOther()), false)
	outputs := slices.Clone(r.outputs[:len(kinds)])
	stmt := orm.Select()
	var columns []any
	for i := range outputs {
		columns = append(columns, s.from.(orm.Selectable).C(outputs[i].label).As(outputs[i].label))
	}
	for i := range r.rows {
		r.rows[i] = r.rows[i][:len(kinds)]
	}
	r.outputs, r.stmt = outputs, stmt.Columns(columns...).From(s.from)
	return r
}

func (a *atlas) nextOther() int {
	a.othersTaken++
	return a.othersTaken
}

func allRows(members []relation) [][]any {
	var rows [][]any
	for _, m := range members {
		rows = append(rows, m.rows...)
	}
	return rows
}

// among2 are the different rows of the first member that all others have, or that
// none has.
func among2(members []relation, want bool) [][]any {
	var rows [][]any
	for _, row := range distinct(members[0].rows) {
		lacks := func(m relation) bool { return slices.Contains(allWritten(m.rows), written(row)) != want }
		if !slices.ContainsFunc(members[1:], lacks) {
			rows = append(rows, row)
		}
	}
	return rows
}

// ordered has the rows of a query in a total order, and perhaps some of them only.
func (q queries) ordered(r relation) relation {
	var items []orm.OrderItem
	var directions []direction
	for _, o := range r.outputs {
		d := direction{desc: q.coin("desc"), nullsFirst: q.coin("nulls first")}
		items, directions = append(items, d.item(o)), append(directions, d)
	}
	r.rows, r.sorted = slices.Clone(r.rows), true
	slices.SortStableFunc(r.rows, func(a, b []any) int {
		for i, d := range directions {
			if o := d.compare(a[i], b[i]); o != 0 {
				return o
			}
		}
		return 0
	})
	limit, offset := rapid.IntRange(-1, 6).Draw(q.T, "limit"), rapid.IntRange(-1, 4).Draw(q.T, "offset")
	r.rows = r.rows[min(max(offset, 0), len(r.rows)):]
	if limit >= 0 {
		r.rows = r.rows[:min(limit, len(r.rows))]
	}
	r.stmt = orderedStatement(r.stmt, items, limit, offset)
	return r
}

// orderedStatement adds the clauses; a number below zero stands for none.
func orderedStatement(stmt orm.Subselect, items []orm.OrderItem, limit, offset int) orm.Subselect {
	switch s := stmt.(type) {
	case *orm.SelectStatement:
		s = s.OrderBy(items...)
		if limit >= 0 {
			s = s.Limit(limit)
		}
		if offset >= 0 {
			s = s.Offset(offset)
		}
		return s
	case *orm.SetOperation:
		s = s.OrderBy(items...)
		if limit >= 0 {
			s = s.Limit(limit)
		}
		if offset >= 0 {
			s = s.Offset(offset)
		}
		return s
	}
	return stmt
}

// direction is how a column is ordered.
type direction struct{ desc, nullsFirst bool }

func (d direction) item(o output) orm.OrderItem {
	ordering := o.order
	if d.desc {
		ordering = o.desc
	}
	if d.nullsFirst {
		return ordering.NullsFirst()
	}
	return ordering.NullsLast()
}

func (d direction) compare(a, b any) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil || b == nil:
		if (a == nil) == d.nullsFirst {
			return -1
		}
		return 1
	case d.desc:
		return order(b, a)
	}
	return order(a, b)
}

// relation is any query.
func (q queries) relation(depth int) relation {
	return oneOf(q.maker, "query",
		func() relation { return q.selection(q.kinds(3), depth) },
		func() relation { return q.grouping(depth) },
		func() relation { return q.setOperation(q.kinds(2), depth) },
		func() relation {
			return q.ordered(oneOf(q.maker, "ordered",
				func() relation { return q.selection(q.kinds(3), depth) },
				func() relation { return q.grouping(depth) },
				func() relation { return q.setOperation(q.kinds(2), depth) }))
		},
	)
}
