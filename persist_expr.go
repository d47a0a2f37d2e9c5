// This file writes objects of which some columns get what SQL expressions give.
// Such a statement has no fixed shape: it is made for the one object.

package orm

import (
	"context"
	"slices"

	"github.com/aurum-go/orm/types"
)

// assign notes an expression for a column.
func (i *instance) assign(a Assignment) error {
	wrong := func(reason string) error {
		return &UsageError{Kind: ErrArgument, Op: "assign to", Subject: i.mapper.name, Reason: reason}
	}
	n, err := resolved(a.column)
	if err != nil {
		return err
	}
	column, ok := n.(*columnNode)
	if !ok || !slices.Contains(i.mapper.tables(), column.column.table) {
		return wrong("what is assigned to is no column of " + i.mapper.table.FullName())
	}
	p := i.mapper.byColumn[column.column.name]
	if p.key || p.version {
		return wrong("the value of " + p.name + " has to be known")
	}
	if i.exprs == nil {
		i.exprs = map[int]Node{}
	}
	i.exprs[p.index] = a.value
	return nil
}

// assignments are expressions where there are any, and the fields' values.
func (i *instance) assignments(props []*property) []Assignment {
	list := make([]Assignment, len(props))
	for n, p := range props {
		value, ok := i.exprs[p.index]
		if !ok {
			value = p.valueNode(i.object)
		}
		list[n] = Assignment{i.mapper.columnNode(p), value}
	}
	return list
}

func (m *Mapper) columnNode(p *property) *columnNode { return &columnNode{p.column, p.column.table} }

// valueNode is a field's value in an expression.
func (p *property) valueNode(base types.Ptr) Node {
	return &bindNode{value: p.value(base), typ: p.column.typ}
}

// sendExprs writes UPDATE t SET a = a + ? WHERE t.id = ?.
func (u *updateBatch) sendExprs(ctx context.Context, b *batch) error {
	inst := b.items[0]
	stmt := &UpdateStatement{target: u.mapper.table, set: inst.assignments(u.set)}
	for _, p := range u.where {
		stmt.where = append(stmt.where, condition(opEq, u.mapper.columnNode(p), p.valueNode(inst.snapshot)).n)
	}
	compiled, args, err := compileWithArgs(u.conn, stmt, nil)
	if err != nil {
		return err
	}
	return u.exec(ctx, b, b.items, compiled, args)
}

// sendExprs writes INSERT INTO t (a) VALUES (lower(?)). What the database fills
// in is not read back, but for the key.
func (in *insertBatch) sendExprs(ctx context.Context, inst *instance) error {
	stmt := &InsertStatement{into: in.mapper.table, rows: []insertRow{{assigned: inst.assignments(in.columns)}}}
	result, err := execInsert(ctx, in.conn, stmt, nil)
	if err != nil {
		return err
	}
	for _, p := range in.back {
		if p != in.auto && !p.served {
			inst.expired = inst.expired.with(p.index)
		}
	}
	if in.auto != nil {
		if len(result.keys) == 0 {
			return in.keyUnknown()
		}
		if err := in.setNumber(in.auto, inst.object, result.keys[0][0].(int64)); err != nil {
			return err
		}
	}
	served := slices.DeleteFunc(slices.Clone(in.back), func(p *property) bool { return !p.served })
	return in.readLate(ctx, []*instance{inst}, served)
}
