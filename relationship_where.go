// This file holds the conditions on what a relationship leads to.

package orm

import (
	"fmt"
	"reflect"

	"github.com/aurum-go/orm/types"
)

// ManyRef is a relationship of an entity reference that is a collection.
type ManyRef[T any] struct{ field Node }

// OneRef is a relationship of an entity reference that is a single object.
type OneRef[T any] struct{ field Node }

// Many is a collection, to be asked of in conditions.
//
//	orm.Many(&u.Posts).Any(orm.C(&p.Title).Eq("hello"))
//	// EXISTS (SELECT 1 FROM posts WHERE posts.author_id = users.id AND posts.title = ?)
//
// A field that is no relationship is an [ErrUnknownName], which comes out when
// the statement is compiled. Nothing is sent before that, and all of it is safe
// for concurrent use.
func Many[T any](field *[]*T) ManyRef[T] {
	return ManyRef[T]{fieldAt(address(field), reflect.TypeFor[[]*T]())}
}

// ManyOf is [Many] for a collection of any kind, of which the struct has to be
// told: a map or a set.
//
//	orm.ManyOf[Note](&u.Notes).Any()
//
// A struct that inherits from that of the collection leaves the objects that are
// of it: "… JOIN engineers …".
//
//	orm.ManyOf[Engineer](&c.Staff).Any(orm.C(&e.Language).Eq("Go"))
func ManyOf[T any](field any) ManyRef[T] {
	return ManyRef[T]{referenceItem(field, "follow", "the address of a relationship of an entity reference")}
}

// One is a single object, to be asked of in conditions.
//
//	orm.One(&p.Author).Is(ed)                          // posts.author_id = ?
//	orm.One(&p.Author).Has(orm.C(&u.Name).Eq("ed"))    // EXISTS (SELECT 1 FROM users WHERE users.id = posts.author_id AND users.name = ?)
func One[T any](field **T) OneRef[T] {
	return OneRef[T]{fieldAt(address(field), reflect.TypeFor[*T]())}
}

// Any holds if the collection has an object that meets all conditions; without
// any, if it has one at all. The conditions name the objects by the entity
// reference of their own struct, which means them even where the statement
// selects from that struct, too; all other references are those of the
// statement.
func (r ManyRef[T]) Any(conditions ...Expr[bool]) Expr[bool] { return exists[T](r.field, conditions) }

// IsEmpty holds if the collection has no object: "NOT EXISTS (…)".
func (r ManyRef[T]) IsEmpty() Expr[bool] { return Not(r.Any()) }

// Contains holds if the collection has the object. It goes by the object's
// columns, as they are in memory when the statement is compiled, which is each
// time before it is sent: its foreign key for a one-to-many relationship, its
// key for a many-to-many. An object that has no key yet is an [ErrNotPersistent].
func (r ManyRef[T]) Contains(object *T) Expr[bool] {
	return relationCondition[T](r.field, func(p *relationPath) (Node, error) {
		if object == nil {
			return nil, &UsageError{Kind: ErrArgument, Op: "compare", Subject: p.name, Reason: "the object is nil", Advice: "use IsEmpty for a collection without any"}
		}
		return p.same(object)
	})
}

// Has holds if there is an object and it meets all conditions, which name it by
// the entity reference of its own struct; see [ManyRef.Any].
func (r OneRef[T]) Has(conditions ...Expr[bool]) Expr[bool] { return exists[T](r.field, conditions) }

// Is holds if the object is that one: "posts.author_id = ?". It goes by the
// columns that the object has when the statement is compiled, as
// [ManyRef.Contains] does. For nil it is IsNull.
func (r OneRef[T]) Is(object *T) Expr[bool] {
	if object == nil {
		return r.IsNull()
	}
	return relationCondition[T](r.field, func(p *relationPath) (Node, error) { return p.same(object) })
}

// IsNot holds if the object is not that one, also if there is none:
// "(posts.author_id <> ? OR posts.author_id IS NULL)". For nil it negates IsNull.
func (r OneRef[T]) IsNot(object *T) Expr[bool] {
	return relationCondition[T](r.field, func(p *relationPath) (Node, error) {
		if object == nil {
			return p.some(), nil
		}
		same, err := p.same(object)
		switch {
		case err != nil:
			return nil, err
		case same == falseNode:
			return trueNode, nil
		}
		return Or(append([]Expr[bool]{Not(Expr[bool]{same})}, p.nulls(opIsNull)...)...).n, nil
	})
}

// IsNull holds if there is no object: "posts.author_id IS NULL" for one that a
// foreign key of the entity refers to, else "NOT EXISTS (…)".
func (r OneRef[T]) IsNull() Expr[bool] {
	return relationCondition[T](r.field, func(p *relationPath) (Node, error) {
		if p.refers {
			return Or(p.nulls(opIsNull)...).n, nil
		}
		return Not(Expr[bool]{&pathExists{path: p}}).n, nil
	})
}

func exists[T any](field Node, conditions []Expr[bool]) Expr[bool] {
	return Expr[bool]{&relationTest{field: field, goType: reflect.TypeFor[T](), conditions: conditionNodes(conditions)}}
}

func relationCondition[T any](field Node, condition func(*relationPath) (Node, error)) Expr[bool] {
	return Expr[bool]{&relationTest{field: field, goType: reflect.TypeFor[T](), condition: condition}}
}

// relationTest is a condition on a relationship. What it is in SQL is known once
// the structs are registered.
type relationTest struct {
	field     Node
	goType    reflect.Type                      // of the target, as the caller says
	condition func(*relationPath) (Node, error) // nil: that there are objects which meet the conditions

	conditions []Node
}

func (*relationTest) node()               {}
func (*relationTest) sqlType() types.Type { return types.Boolean() }

func (n *relationTest) resolve() (Node, error) {
	field, ok := n.field.(pathField)
	if !ok {
		return nil, n.mistake()
	}
	p, err := field.path(nil)
	if err == nil {
		p, err = n.narrow(field, p)
	}
	if err != nil {
		return nil, err
	}
	if target := p.to.(*entityFrom).mapper; target.goType != n.goType {
		return nil, &UsageError{
			Kind: ErrArgument, Op: "follow", Subject: p.name, Reason: fmt.Sprintf("it leads to %s and not to %s", target.name, n.goType.Name()),
			Advice: fmt.Sprintf("write orm.ManyOf[%s]", target.name),
		}
	}
	if n.condition == nil {
		return &pathExists{path: p, conditions: n.conditions}, nil
	}
	return n.condition(p)
}

// narrow is the path to those objects alone that are of a struct which inherits
// from the target.
func (n *relationTest) narrow(field pathField, p *relationPath) (*relationPath, error) {
	for _, heir := range p.to.(*entityFrom).mapper.heirs {
		if heir.goType == n.goType {
			return field.path(&entityNode{referenceOf(refKey{goType: heir.goType, registry: heir.otherRegistry()})})
		}
	}
	return p, nil
}

// mistake is what stands where a field of an entity belongs.
func (n *relationTest) mistake() error {
	if mistake, ok := n.field.(*errorNode); ok {
		return mistake.err
	}
	return &UsageError{Kind: ErrArgument, Op: "follow", Subject: n.goType.Name(), Reason: "it is an entity and no relationship", Advice: "give the address of a field"}
}

// nulls are the conditions that a column of the near side is NULL, or is not.
func (p *relationPath) nulls(op *operator) []Expr[bool] {
	nulls := make([]Expr[bool], len(p.pairs))
	for i, pair := range p.pairs {
		nulls[i] = Expr[bool]{&unaryNode{op, &columnNode{pair.near, p.from}}}
	}
	return nulls
}

// some is the condition that a relationship leads to an object at all.
func (p *relationPath) some() Node {
	if p.refers {
		return And(p.nulls(opIsNotNull)...).n
	}
	return &pathExists{path: p}
}

// same is the condition that a relationship leads to an object.
func (p *relationPath) same(object any) (Node, error) {
	near := p.from
	if p.link != nil {
		near = p.link.table
	}
	parts := make([]Expr[bool], len(p.pairs))
	for i, pair := range p.pairs {
		v, err := p.valueOf(object, pair.far)
		switch {
		case err != nil:
			return nil, err
		case isNull(v):
			return falseNode, nil // a foreign key with a NULL refers to nothing
		}
		parts[i] = compareValue(opEq, &columnNode{pair.near, near}, v)
	}
	if p.link == nil {
		return And(parts...).n, nil
	}
	return &pathExists{path: p, conditions: conditionNodes(parts), linkOnly: true}, nil
}

// valueOf is the value of a column in an object of the far side.
func (p *relationPath) valueOf(object any, c *Column) (any, error) {
	m, model := p.to.(*entityFrom).mapper, object.(Model)
	prop, address := m.byColumn[c.name], modelPointer(model)
	hasRow, unloaded := rowOf(model)
	switch {
	case !hasRow && m.lacksKey(address):
		return nil, &UsageError{Kind: ErrNotPersistent, Op: "compare", Subject: p.name, Reason: fmt.Sprintf("the %s has no key yet", m.name), Advice: "flush it first"}
	case unloaded.has(prop.index):
		return nil, &UsageError{Kind: ErrArgument, Op: "compare", Subject: p.name, Reason: fmt.Sprintf("the %s does not know its %s", m.name, prop.name), Advice: "read the object with the column, or orm.Load it"}
	}
	return prop.value(address), nil
}

// rowOf reports whether an object is known to have a row, and what of it was
// not read.
func rowOf(m Model) (bool, columnSet) {
	switch link := linkOf(m).(type) {
	case *instance:
		return link.state != Pending && link.state != Transient, link.unloaded
	case *untracked:
		return true, link.unloaded
	}
	return false, columnSet{}
}

// lacksKey reports whether a part of an object's key is yet to come: from the
// database, or from a default.
func (m *Mapper) lacksKey(object types.Ptr) bool {
	for _, p := range m.keys {
		filled := p.auto || !p.column.fallback.IsZero() || !p.column.server.IsZero()
		if filled && p.codec.IsZero(fieldPtr(object, p.offset)) {
			return true
		}
	}
	return false
}
