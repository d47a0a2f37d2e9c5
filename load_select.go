// This file writes the SELECT of the objects of a plan, and reads its rows: the
// objects, what is joined to them, and whose they are.

package orm

import (
	"context"
	"slices"

	"github.com/aurum-go/orm/types"
)

// selection is a SELECT of the objects of a plan, and of what is joined to them.
type selection struct {
	stmt     *SelectStatement
	entities []*selected // the plan's own objects, then what is joined
	keyNodes []Node      // columns that say whose an object is, where it does not itself
	owner    *Mapper     // whose fields they are read into
	keyProps []*property // the fields of owner, or of the object itself
	keys     []Node      // the columns by which the objects are asked for
}

// selected is one kind of object in a selection.
type selected struct {
	plan    *loadPlan
	column  func(*property) Node
	step    *loadStep // that leads to it; nil for the plan's own objects
	parent  int       // which of the entities has the relationship
	inner   bool      // every row has one
	carried []Node    // what a subquery has computed
}

// columns are those that are read of an entity.
func (e *selected) columns() []Node {
	nodes := make([]Node, len(e.plan.props))
	for i, p := range e.plan.props {
		nodes[i] = e.column(p)
	}
	nodes = append(nodes, e.computed()...)
	for _, more := range e.plan.more {
		nodes = append(nodes, e.heirColumn(more))
	}
	return nodes
}

// heirColumn is a column of a struct that inherits from that of the entity: of a
// table that it has as well, or of one of its own.
func (e *selected) heirColumn(i inherited) Node {
	if i.at != nil {
		return i.at
	}
	if slices.Contains(e.plan.mapper.tables(), i.prop.column.table) {
		return e.column(i.prop)
	}
	return &columnNode{i.prop.column, i.mapper.from}
}

// computed are the expressions for fields of the objects.
func (e *selected) computed() []Node {
	if e.carried != nil {
		return e.carried
	}
	var nodes []Node
	for _, f := range e.plan.computed {
		n := f.node
		if key, ok := e.column(e.plan.mapper.keys[0]).(*columnNode); ok && f.lasting {
			n = e.plan.mapper.entityAt(key.from).onSelf(n)
		}
		nodes = append(nodes, n)
	}
	return nodes
}

// entityOf is a mapper's table as a FROM item with the names of the fields.
func entityOf(m *Mapper) *entityFrom {
	return newEntityFrom(&entityRef{refKey: refKey{goType: m.goType}}, m)
}

// aliasOf is a mapper's table under another name.
func aliasOf(m *Mapper, name string) *entityFrom {
	return newEntityFrom(&entityRef{refKey: refKey{goType: m.goType, alias: name, aliased: true}}, m)
}

// column is the column of a property.
func (e *entityFrom) column(p *property) Node {
	if p.index < len(e.columns) && e.mapper.props[p.index] == p {
		return e.columns[p.index]
	}
	return &columnNode{p.column, e.from} // of a struct that inherits
}

// columnsOf are the columns of properties of an entity.
func (e *entityFrom) columnsOf(props []*property) []Node {
	nodes := make([]Node, len(props))
	for i, p := range props {
		nodes[i] = e.column(p)
	}
	return nodes
}

// selectObjects selects the objects of a query.
func selectObjects(plan *loadPlan, stmt *SelectStatement) (*selection, error) {
	root := &selected{plan: plan, column: entityOf(plan.mapper).column, inner: true}
	sel := &selection{stmt: stmt, entities: []*selected{root}}
	return sel, sel.join()
}

// selectRelated selects what a relationship leads to, in its order: from the
// target's table alone, or with the link table.
func selectRelated(step *loadStep) *selection {
	rel := step.rel
	e := entityOf(rel.target)
	sel := &selection{
		entities: []*selected{{plan: step.plan, column: e.column, inner: true}},
		stmt:     &SelectStatement{from: []Node{e}, orderBy: rel.ordering(e)},
	}
	if rel.link == nil {
		sel.keyProps = farProps(rel.pairs)
		sel.keys = e.columnsOf(sel.keyProps)
		return sel
	}
	link := rel.link
	sel.stmt.from = []Node{&joinNode{left: e, right: link.table, kind: " JOIN ", on: link.reaches(e.column, link.table)}}
	sel.owner, sel.keyProps = rel.owner, linkProps(link.own)
	for _, p := range link.own {
		sel.keyNodes = append(sel.keyNodes, &columnNode{p.column, link.table})
	}
	sel.keys = sel.keyNodes
	return sel
}

// ordering is the relationship's own order of its target, as items of ORDER BY.
func (r *relationship) ordering(target *entityFrom) []Node {
	var items []Node
	if r.order != nil {
		for _, n := range orderNodes(r.order()) {
			items = append(items, target.meant(n))
		}
	}
	for _, o := range r.orderBy {
		if items = append(items, target.column(o.prop)); o.desc {
			items[len(items)-1] = &orderingNode{of: target.column(o.prop), desc: true}
		}
	}
	return items
}

// meant is an expression in which the mapper's own table stands for the entity.
func (e *entityFrom) meant(n Node) Node {
	if o, ok := n.(*orderingNode); ok {
		renamed := *o
		renamed.of = e.onSelf(o.of)
		return &renamed
	}
	return e.onSelf(n)
}

// reaches is the condition that a link leads to the far side.
func (l *linkTable) reaches(far func(*property) Node, link fromNode) Node {
	var on []Expr[bool]
	for _, p := range l.far {
		on = append(on, condition(opEq, far(p.prop), &columnNode{p.column, link}))
	}
	return And(on...).n
}

// belongs is the condition that a link is the own side's.
func (l *linkTable) belongs(own func(*property) Node, link fromNode) Node {
	var on []Expr[bool]
	for _, p := range l.own {
		on = append(on, condition(opEq, own(p.prop), &columnNode{p.column, link}))
	}
	return And(on...).n
}

// refers is the condition that both sides of a relationship belong together.
func (r *relationship) refers(own, far func(*property) Node) Node {
	var on []Expr[bool]
	for _, p := range r.pairs {
		referred, referring := own(p.own), far(p.far)
		if r.direction == ManyToOne {
			referred, referring = referring, referred
		}
		on = append(on, condition(opEq, referred, referring))
	}
	return And(on...).n
}

// read sends a selection, and hands each object over with the struct that holds
// the fields which say whose it is.
func (r *loadRun) read(ctx context.Context, sel *selection, group *loadGroup, each func(object, row types.Ptr) error) error {
	if err := r.unit.turnTo(ctx, sel.entities[0].plan.mapper, true); err != nil {
		return err
	}
	conn := r.unit.conn
	stmt, err := r.intercepted(ctx, sel.stmt)
	if err != nil {
		return err
	}
	compiled, args, err := compileWithArgs(conn, stmt, r.criteria)
	if err == nil {
		err = r.unit.onOneEngine(compiled)
	}
	if err != nil {
		return err
	}
	cur, err := conn.query(ctx, compiled, args)
	if err != nil {
		return err
	}
	return r.receive(ctx, cur, sel, group, each)
}

// loadInterceptor is who has a say in the statements that read relationships.
type loadInterceptor interface {
	interceptLoad(ctx context.Context, stmt *SelectStatement, rel *relationship) (*SelectStatement, error)
}

// intercepted is a statement as those want it to be sent who listen.
func (r *loadRun) intercepted(ctx context.Context, stmt *SelectStatement) (*SelectStatement, error) {
	if i, ok := r.unit.owner.(loadInterceptor); ok && !r.hidden {
		return i.interceptLoad(ctx, stmt, r.within)
	}
	return stmt, nil
}

// receive reads the result of a selection. What was made of a result that is cut
// short is let go; what belongs together gets to know it at the end.
func (r *loadRun) receive(ctx context.Context, cur *cursor, sel *selection, group *loadGroup, each func(object, row types.Ptr) error) error {
	rows := r.newRows(sel, group)
	err := cur.drain("read", func() error { return rows.readAll(cur, each) })
	if err != nil {
		for _, e := range rows.entities {
			e.loader.abandon()
		}
		return err
	}
	if err := rows.complete(ctx, r.unit.conn); err != nil {
		return err
	}
	for _, e := range rows.entities[1:] {
		r.tellJoined(e)
	}
	return nil
}

// selectionRows reads the rows of a selection.
type selectionRows struct {
	entities []*joinedRows
	readers  []*rowReader
	dest     []any
	owner    types.Ptr // a struct for the fields that say whose an object is, or nil
}

func (r *loadRun) newRows(sel *selection, group *loadGroup) *selectionRows {
	rows := &selectionRows{}
	if sel.owner != nil {
		keys := newRowReader(sel.owner, sel.keyProps)
		rows.owner = newBlock(sel.owner.goType, 1)
		keys.aim(rows.owner)
		rows.readers, rows.dest = append(rows.readers, keys), append(rows.dest, keys.dest...)
	}
	for i, s := range sel.entities {
		e := &joinedRows{selected: s, optionalObject: optionalObject{loader: newEntityLoader(r.unit, s.plan, r.mode)}}
		e.loader.reader.computes(s.plan.computed)
		if i == 0 {
			e.loader.group = group
			rows.dest = append(rows.dest, e.loader.dest()...)
		} else {
			rows.dest = append(rows.dest, e.optional()...)
		}
		rows.entities, rows.readers = append(rows.entities, e), append(rows.readers, e.loader.reader)
	}
	return rows
}

// complete reads what the rows did not have of the objects, of those of other
// loaders as well.
func (s *selectionRows) complete(ctx context.Context, conn *Conn, others ...*entityLoader) error {
	for _, e := range s.entities {
		others = append(others, e.loader)
	}
	for _, l := range others {
		if err := l.complete(ctx, conn); err != nil {
			return err
		}
	}
	return nil
}

func (s *selectionRows) readAll(cur *cursor, each func(object, row types.Ptr) error) error {
	for cur.Next() {
		if err := s.scan(cur.Scan); err != nil {
			return err
		}
		whose := s.owner
		if whose == nil {
			whose = s.entities[0].row
		}
		if err := s.take(); err != nil {
			return err
		}
		if s.entities[0].object == nil {
			continue
		}
		if err := each(s.entities[0].object, whose); err != nil {
			return err
		}
	}
	return cur.Err()
}

// scan reads the present row.
func (s *selectionRows) scan(scan rowScanFunc) error {
	for _, e := range s.entities {
		e.aim()
	}
	return s.explain(scan(s.dest...))
}

// take makes objects of the row that was read.
func (s *selectionRows) take() error {
	for i, e := range s.entities {
		if err := s.explain(e.take(i, s.entities)); err != nil {
			return err
		}
	}
	return nil
}

// explain says of an error which field of which struct could not be read.
func (s *selectionRows) explain(err error) error {
	if err == nil {
		return nil
	}
	for _, r := range s.readers {
		if explained := r.explain(err); explained != err { //nolint:errorlint // it is itself where the reader has nothing to say
			return explained
		}
	}
	return err
}
