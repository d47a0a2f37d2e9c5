// This file holds the association proxy: a collection of link objects seen as what
// stands behind them.

package orm

import (
	"iter"
	"reflect"
	"slices"
)

// AssociationProxy is a collection of link objects, seen as the values or objects
// behind them, as [Proxy] gives it.
type AssociationProxy[L any, V comparable] struct {
	field *[]*L
	value func(*L) *V
}

// Proxy sees a collection of link objects as what stands behind them: a column of
// the link object, or the object that it leads to. The function gives the address
// of that field.
//
//	keywords := orm.Proxy(&u.UserKeywords, func(l *UserKeyword) **Keyword { return &l.Keyword })
//	for k := range keywords.All() {
//	keywords.Append(k)   // u.UserKeywords = append(u.UserKeywords, &UserKeyword{Keyword: k})
//
// It holds nothing of its own: all that it does is done to the field, and written
// by the next flush. The field of an entity reference makes conditions: see
// [AssociationProxy.Any]. It emits no SQL.
func Proxy[L any, V comparable](field *[]*L, value func(link *L) *V) AssociationProxy[L, V] {
	return AssociationProxy[L, V]{field, value}
}

// All are the values behind the link objects, in their order. Objects that were
// not loaded are nil.
func (p AssociationProxy[L, V]) All() iter.Seq[V] {
	return func(yield func(V) bool) {
		for _, link := range *p.field {
			if link != nil && !yield(*p.value(link)) {
				return
			}
		}
	}
}

// Append makes a link object for a value, puts it into the collection, and returns
// it, for what else there is to say in it.
func (p AssociationProxy[L, V]) Append(v V) *L {
	link := new(L)
	*p.value(link) = v
	*p.field = append(*p.field, link)
	return link
}

// Remove takes the first link object with a value out of the collection, and
// reports whether there is one. With the cascade delete-orphan its row is deleted.
func (p AssociationProxy[L, V]) Remove(v V) bool {
	at := slices.IndexFunc(*p.field, func(link *L) bool { return link != nil && *p.value(link) == v })
	if at >= 0 {
		*p.field = slices.Concat((*p.field)[:at], (*p.field)[at+1:])
	}
	return at >= 0
}

// Any holds if the collection of an entity reference has what meets all
// conditions. They are on the object behind the link, or on the link object where
// a column of it stands for the value.
//
//	orm.Proxy(&u.UserKeywords, func(l *UserKeyword) **Keyword { return &l.Keyword }).Any(orm.C(&k.Name).Eq("go"))
//	// EXISTS (SELECT 1 FROM user_keywords WHERE user_keywords.user_id = users.id AND
//	//   EXISTS (SELECT 1 FROM keywords WHERE keywords.id = user_keywords.keyword_id AND keywords.name = ?))
func (p AssociationProxy[L, V]) Any(conditions ...Expr[bool]) Expr[bool] {
	if !p.leads() {
		return Many(p.field).Any(conditions...)
	}
	nodes := conditionNodes(conditions)
	return p.behind(func(path *relationPath) (Node, error) { return &pathExists{path: path, conditions: nodes}, nil })
}

// Contains holds if the collection of an entity reference has the value.
//
//	orm.Proxy(&u.Tags, func(t *Tag) *string { return &t.Name }).Contains("go")
//	// EXISTS (SELECT 1 FROM tags WHERE tags.user_id = users.id AND tags.name = ?)
func (p AssociationProxy[L, V]) Contains(v V) Expr[bool] {
	if !p.leads() {
		return Many(p.field).Any(compareValue(opEq, p.linkField(), v))
	}
	return p.behind(func(path *relationPath) (Node, error) {
		if v == *new(V) {
			return Not(Expr[bool]{path.some()}).n, nil
		}
		return path.same(v)
	})
}

// behind is the condition that a link object leads to what meets a condition.
func (p AssociationProxy[L, V]) behind(condition func(*relationPath) (Node, error)) Expr[bool] {
	test := &relationTest{field: p.linkField(), goType: reflect.TypeFor[V]().Elem(), condition: condition}
	return Many(p.field).Any(Expr[bool]{test})
}

// leads reports whether the value is an object that the link object leads to.
func (AssociationProxy[L, V]) leads() bool {
	t := reflect.TypeFor[V]()
	return t.Kind() == reflect.Pointer && isModel(t.Elem())
}

// linkField is the field of the value in the entity reference of the link objects.
func (p AssociationProxy[L, V]) linkField() Node {
	return fieldAt(address(p.value(Entity[L]())), reflect.TypeFor[V]())
}
