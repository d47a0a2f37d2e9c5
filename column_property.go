// This file holds column properties: fields that take an SQL expression whenever
// their object is read, and stand for it in statements.

package orm

import (
	"reflect"

	"github.com/aurum-go/orm/types"
)

// columnProperty is a field that is mapped to an expression.
type columnProperty struct {
	offset uintptr
	goType reflect.Type
	node   Node
}

// ColumnProperty maps a field that is no column (tagged orm:"-"), given by its address
// in the entity reference of its struct, to an expression over that reference: a
// calculation, or a subquery that refers to it. Queries, what SelectInLoad and its like
// read, [Get] and Refresh read it with the columns of their objects. Nothing writes
// it, and nothing but reading the object again brings it up to date: a new
// object has it after Refresh. In expressions the field stands for the
// expression. NULL needs a pointer.
//
//	u, p := orm.Entity[User](), orm.Entity[Post]()
//	orm.ColumnProperty(&u.PostCount, orm.Scalar[int64](
//		orm.Select(orm.Count()).From(p).Where(orm.Eq(orm.C(&p.AuthorID), orm.C(&u.ID)))))
//
//	orm.Query[User](s).OrderBy(orm.C(&u.PostCount).Desc())
//	// SELECT users.id, users.name, (SELECT count(*) FROM posts WHERE posts.author_id = users.id) FROM users
//	// ORDER BY (SELECT count(*) FROM posts WHERE posts.author_id = users.id) DESC
//
// It is said where the program starts, before queries are made, and holds for all registries.
// [LoadOnly] leaves it out, [WithExpression] takes its place for a query, and [Fetch] of entities
// does not read it. It returns a function that takes it back. A field of no
// entity reference is an [ErrArgument], with which it panics.
func ColumnProperty[V any](field *V, e Expression) (remove func()) {
	ref, offset := mustField("ColumnProperty", field)
	switch {
	case ref.aliased:
		panic(&UsageError{Kind: ErrArgument, Op: "ColumnProperty", Subject: ref.goType.Name(), Reason: "the reference is an alias", Advice: "take the field of orm.Entity[T]()"})
	case e == nil:
		panic(&UsageError{Kind: ErrArgument, Op: "ColumnProperty", Subject: ref.goType.Name(), Reason: "the expression is nil"})
	}
	return listenersOf(ref.goType).computed.add(&columnProperty{offset, reflect.TypeFor[V](), e.expression()})
}

// computedAt is a column property of the mapper with where it lies in its struct.
type computedAt struct {
	*columnProperty
	offset uintptr
}

// columnProperties are the fields of the mapper's struct that are mapped to
// expressions.
func (m *Mapper) columnProperties() []computedAt {
	var list []computedAt
	for _, f := range m.lineage() {
		for _, c := range f.listeners.computed.list() {
			list = append(list, computedAt{c, f.offset + c.offset})
		}
	}
	return list
}

// computedNode is the expression that a field of an entity stands for, or nil.
func (e *entityFrom) computedNode(offset uintptr, goType reflect.Type) Node {
	for _, c := range e.mapper.columnProperties() {
		if c.offset == offset && c.goType == goType {
			return e.onSelf(c.node)
		}
	}
	return nil
}

// onSelf is an expression over the mapper's own table, for the entity.
func (e *entityFrom) onSelf(n Node) Node {
	if e.from == fromNode(e.mapper.table) {
		return n
	}
	return &renamedNode{of: n, own: e.mapper.table, entity: e}
}

// mustField finds the entity reference that a field belongs to, or panics.
func mustField[V any](op string, field *V) (*entityRef, uintptr) {
	owner, offset, ok := addresses.find(address(field))
	ref, isEntity := owner.(*entityRef)
	if !ok || !isEntity {
		panic(&UsageError{
			Kind: ErrArgument, Op: op, Subject: "*" + reflect.TypeFor[V]().String(), Reason: "the pointer does not point into an entity reference",
			Advice: "take the address of a field of orm.Entity[T]()",
		})
	}
	if ref.err != nil {
		panic(ref.err)
	}
	return ref, offset
}

// computedType is the type of an expression that a field stands for.
func (a *attribute) computedType() types.Type {
	if from, err := a.ref.entity(); err == nil {
		if n := from.computedNode(a.offset, a.goType); n != nil {
			return typeOf(n)
		}
	}
	return types.Type{}
}
