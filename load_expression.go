// This file fills fields that are mapped to no column with what a query computes.

package orm

import (
	"reflect"
	"slices"

	"github.com/aurum-go/orm/types"
)

// WithExpression has a query fill a field of its objects that is mapped to no column
// (tagged orm:"-") with an expression, as a column more of the same SELECT. It fills
// objects that the query makes, and those that it reads again
// ([EntityQuery.PopulateExisting]); others keep what they have. Nobody writes the
// field back, and nothing else reads it. NULL needs a pointer.
//
//	n := orm.Scalar[int64](orm.Select(orm.Count()).From(p).Where(orm.Eq(orm.C(&p.AuthorID), orm.C(&u.ID))))
//	users, err := orm.Query[User](s).Options(orm.WithExpression(&u.PostCount, n)).All(ctx)
//	// SELECT users.id, users.name, (SELECT count(*) FROM posts WHERE posts.author_id = users.id) FROM users
//
// It may be nested in SelectInLoad and SubqueryLoad; in what is joined it is an
// [ErrUnsupported]. A field that is mapped is an [ErrArgument].
func WithExpression(field any, e Expression) Option {
	o := Option{kind: optExpression, name: "WithExpression", fields: []any{field}}
	if e != nil {
		o.conditions = []Node{e.expression()}
	}
	return o
}

// computed is a field that takes an expression.
type computed struct {
	node   Node
	codec  types.Codec
	offset uintptr
	name   string

	lasting bool // it is a column property, and not of one query
}

// enterExpression notes a field that is to be computed.
func (p *planner) enterExpression(o Option) error {
	offset, goType, err := p.field(o, o.fields[0])
	if err != nil {
		return err
	}
	name := p.mapper.name + "." + fieldPath(p.mapper.goType, offset, goType)
	switch {
	case p.mapper.propertyOf(offset, goType) != nil || p.mapper.relationOf(offset, goType) != nil:
		return p.wrong(o, ErrArgument, name, "the field is mapped", `use one that is tagged orm:"-"`)
	case len(o.conditions) == 0:
		return p.wrong(o, ErrArgument, name, "the expression is nil", "")
	}
	codec, err := types.CodecFor(goType, typeOf(o.conditions[0]))
	if err != nil {
		return &UsageError{Kind: ErrSchemaMismatch, Op: o.name, Subject: name, Reason: "the expression cannot be read into it", Err: err}
	}
	p.computed = append(p.computed, computed{node: o.conditions[0], codec: codec, offset: offset, name: name})
	return nil
}

// withProperties adds the column properties of a mapper to the fields that a query
// computes, for which no option says otherwise.
func (m *Mapper) withProperties(fields []computed) ([]computed, error) {
	for _, c := range m.columnProperties() {
		if slices.ContainsFunc(fields, func(f computed) bool { return f.offset == c.offset }) {
			continue
		}
		name := m.name + "." + fieldPath(m.goType, c.offset, c.goType)
		if m.propertyOf(c.offset, c.goType) != nil || m.relationOf(c.offset, c.goType) != nil {
			return nil, &UsageError{Kind: ErrArgument, Op: "ColumnProperty", Subject: name, Reason: "the field is mapped", Advice: `use one that is tagged orm:"-"`}
		}
		codec, err := types.CodecFor(c.goType, typeOf(c.node))
		if err != nil {
			return nil, &UsageError{Kind: ErrSchemaMismatch, Op: "ColumnProperty", Subject: name, Reason: "the expression cannot be read into it", Err: err}
		}
		fields = append(fields, computed{node: c.node, codec: codec, offset: c.offset, name: name, lasting: true})
	}
	return fields, nil
}

// computes has a reader read expressions behind its columns.
func (r *rowReader) computes(fields []computed) {
	if len(fields) == 0 {
		return
	}
	r.computed = fields
	r.cells = append(r.cells, make([]cell, len(fields))...)
	for i, f := range fields {
		r.cells[len(r.props)+i].codec = f.codec
	}
	r.dest = make([]any, len(r.cells))
	for i := range r.cells {
		r.dest[i] = &r.cells[i]
	}
}

// copyComputed takes what was computed for a row over into an object: all of it, or
// the column properties alone.
func (r *rowReader) copyComputed(object, row types.Ptr, all bool) {
	for _, f := range r.computed {
		if !all && !f.lasting {
			continue
		}
		f.codec.Copy(fieldPtr(object, f.offset), fieldPtr(row, f.offset))
	}
}

// fieldOf is the field behind the number of a cell, for errors.
func (r *rowReader) fieldOf(cell int) (column, field string, goType reflect.Type) {
	if cell < len(r.props) {
		p := r.props[cell]
		return p.column.fullName(), r.mapper.name + "." + p.name, p.goType
	}
	f := r.computed[cell-len(r.props)]
	return "the expression", f.name, f.codec.Go()
}
