// This file writes the SELECT of the objects of a plan, and reads its rows: the
// objects, and whose they are.

package orm

import (
	"context"

	"github.com/aurum-go/orm/types"
)

// selection is a SELECT of the objects of a plan.
type selection struct {
	stmt     *SelectStatement
	plan     *loadPlan
	entity   *entityFrom // the plan's objects in the statement
	keyNodes []Node      // columns that say whose an object is, where it does not itself
	owner    *Mapper     // whose fields they are read into
	keyProps []*property // the fields of owner, or of the object itself
	keys     []Node      // the columns by which the objects are asked for
}

// entityOf is a mapper's table as a FROM item with the names of the fields.
func entityOf(m *Mapper) *entityFrom {
	return newEntityFrom(&entityRef{refKey: refKey{goType: m.goType}}, m)
}

// columnsOf are the columns of properties of an entity.
func (e *entityFrom) columnsOf(props []*property) []Node {
	nodes := make([]Node, len(props))
	for i, p := range props {
		nodes[i] = e.columns[p.index]
	}
	return nodes
}

// selectRelated selects what a relationship leads to, in its order: from the
// target's table alone, or with the link table.
func selectRelated(step *loadStep) *selection {
	rel := step.rel
	e := entityOf(rel.target)
	sel := &selection{plan: step.plan, entity: e, stmt: &SelectStatement{from: []Node{e}}}
	if rel.link == nil {
		sel.keyProps = farProps(rel.pairs)
		sel.keys = e.columnsOf(sel.keyProps)
	} else {
		sel.joinLink(rel)
	}
	for _, o := range rel.orderBy {
		sel.stmt.orderBy = append(sel.stmt.orderBy, o.node(e.columns[o.prop.index]))
	}
	sel.stmt.columns = append(sel.keyNodes, e.columnsOf(step.plan.props)...)
	return sel
}

// joinLink joins the link table, and has its columns of the owner's key read into
// the owner's fields.
func (sel *selection) joinLink(rel *relationship) {
	link := rel.link
	var on []Expr[bool]
	for _, p := range link.far {
		on = append(on, condition(opEq, sel.entity.columns[p.prop.index], &columnNode{p.column, link.table}))
	}
	sel.stmt.from = []Node{&joinNode{left: sel.entity, right: link.table, kind: " JOIN ", on: And(on...).n}}
	sel.owner, sel.keyProps = rel.owner, linkProps(link.own)
	for _, p := range link.own {
		sel.keyNodes = append(sel.keyNodes, &columnNode{p.column, link.table})
	}
	sel.keys = sel.keyNodes
}

func (o relationOrder) node(of Node) Node {
	if o.desc {
		return &orderingNode{of: of, desc: true}
	}
	return of
}

// read sends a selection, and hands each object over with the struct that holds
// the fields which say whose it is.
func (r *loadRun) read(ctx context.Context, sel *selection, group *loadGroup, each func(object, row types.Ptr) error) error {
	conn := r.unit.conn
	compiled, args, err := compileWithArgs(conn, sel.stmt, r.unit.engine.Dialect())
	if err != nil {
		return err
	}
	cur, err := conn.query(ctx, compiled, args)
	if err != nil {
		return err
	}
	l := newEntityLoader(r.unit, sel.plan.mapper, sel.plan.props, r.mode())
	l.group = group
	err = cur.drain("read", func() error { return sel.readRows(cur, l, each) })
	if err != nil {
		l.abandon()
	}
	return err
}

func (sel *selection) readRows(cur *cursor, l *entityLoader, each func(object, row types.Ptr) error) error {
	readers, dest := []*rowReader{l.reader}, l.reader.dest
	var owner types.Ptr
	if sel.owner != nil {
		keys := newRowReader(sel.owner, sel.keyProps)
		owner = newBlock(sel.owner.goType, 1)
		keys.aim(owner)
		readers, dest = append(readers, keys), append(append([]any(nil), keys.dest...), dest...)
	}
	for cur.Next() {
		row := l.place()
		l.reader.aim(row)
		if err := explainAny(readers, cur.Scan(dest...)); err != nil {
			return err
		}
		object, err := l.take(row)
		if err != nil {
			return err
		}
		whose := row
		if owner != nil {
			whose = owner
		}
		if err := each(object, whose); err != nil {
			return err
		}
	}
	return cur.Err()
}

// explainAny says of an error which field of which struct could not be read.
func explainAny(readers []*rowReader, err error) error {
	if err == nil {
		return nil
	}
	for _, r := range readers {
		if explained := r.explain(err); explained != err { //nolint:errorlint // it is itself where the reader has nothing to say
			return explained
		}
	}
	return err
}
