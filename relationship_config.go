// This file holds what a struct says of its mapping in code, because tags cannot:
// conditions and orders that are expressions, and what differs between the structs
// that embed another.

package orm

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// MapperConfig is for what tags cannot say of a struct. A struct that has this
// method is asked once each time it is registered, as a zero value:
//
//	func (*User) ConfigureMapper(c *orm.MapperConfig) {
//		p := orm.Entity[Post]()
//		c.Relationship("Drafts").Where(func() orm.Expr[bool] { return orm.C(&p.Published).Eq(false) })
//	}
//
// The method of an embedded struct is promoted, as Go has it, and so speaks for every
// struct that embeds that one. A struct with a method of its own calls it if it wants
// to; one that embeds two has to.
//
// What is wrong in it is a [MapError] of the registration. It is of use only
// while the method runs, and the method must not ask the registry for anything:
// the functions that it gives are called later, and may.
type MapperConfig struct{ draft *modelDraft }

// RelationshipConfig is what a [MapperConfig] says of one relationship.
type RelationshipConfig struct {
	draft *modelDraft
	rel   *relationship
}

// mapperConfigurer is a model that has more to say than its tags.
type mapperConfigurer interface{ ConfigureMapper(c *MapperConfig) }

// configure asks the model.
func (d *modelDraft) configure() {
	if model, ok := reflect.TypeAssert[mapperConfigurer](reflect.New(d.goType)); ok {
		model.ConfigureMapper(&MapperConfig{d})
	} else if unheard := configurersIn(d.goType); len(unheard) > 0 {
		d.wrong("", "ConfigureMapper is promoted from more than one of "+strings.Join(unheard, " and "), "declare one of its own that calls them")
	}
}

// configurersIn are the embedded structs that have more to say.
func configurersIn(t reflect.Type) []string {
	var names []string
	for f := range t.Fields() {
		if f.Anonymous && f.Type.Kind() == reflect.Struct && reflect.PointerTo(f.Type).Implements(reflect.TypeFor[mapperConfigurer]()) {
			names = append(names, f.Name)
		}
	}
	return names
}

// Name returns the name of the struct that is mapped, which for the method of an
// embedded struct is the one that embeds it.
func (c *MapperConfig) Name() string { return c.draft.name }

// TableName returns the name of its table.
func (c *MapperConfig) TableName() string { return c.draft.tableName }

// Table adds constraints, indexes and options to the table: parts that are made anew
// by each call of the method. They name columns as the database has them.
func (c *MapperConfig) Table(items ...TableItem) {
	for _, item := range items {
		if isNilItem(item) {
			c.draft.wrong("", "an item that ConfigureMapper adds to the table is nil", "")
			continue
		}
		c.draft.items = append(c.draft.items, item)
	}
}

// Relationship returns what can be said of the relationship that is the field of
// that name.
func (c *MapperConfig) Relationship(field string) *RelationshipConfig {
	names := make([]string, len(c.draft.rels))
	for i, rel := range c.draft.rels {
		if names[i] = rel.name; rel.name == field {
			return &RelationshipConfig{c.draft, rel}
		}
	}
	if d := c.draft.base; d != nil && slices.ContainsFunc(d.rels, func(r *relationship) bool { return r.name == field }) {
		return &RelationshipConfig{c.draft, &relationship{shape: shapeList}} // the base has said it
	}
	advice := "it has none"
	if len(names) > 0 {
		advice = nearestOf(field, names)
	}
	c.draft.wrong("", fmt.Sprintf("ConfigureMapper speaks of a relationship %q, which is not there", field), advice)
	return &RelationshipConfig{c.draft, &relationship{words: relationWords{path: field}, shape: shapeList}}
}

// PolymorphicOn tells whose a row is by an expression over the struct's own entity
// reference, in place of a column that says so: a CASE, mostly. The
// polymorphic_identity of the struct, and of those that inherit from it, is what it
// gives for their rows. It has to be one that [Hybrid] could evaluate in Go. The
// function is called each time that SQL is made.
//
//	func (*Account) ConfigureMapper(c *orm.MapperConfig) {
//		a := orm.Entity[Account]()
//		c.PolymorphicOn(func() orm.Expr[string] {
//			return orm.Case[string]().When(orm.C(&a.Limit).Gt(0), "credit").Else("plain")
//		})
//	}
func (c *MapperConfig) PolymorphicOn(kind func() Expr[string]) {
	d := c.draft
	switch {
	case d.base != nil || d.ancestor != nil: // its own base says so
	case kind == nil:
		d.wrong("", "the expression of PolymorphicOn is nil", "")
	default:
		d.mapper.sortsBy = kind
	}
}

// Where adds a condition on the objects that the relationship leads to. It holds
// for what is read: loading, joins and the conditions of [Many] and [One]. What
// is written does not ask for it. The function is called each time that SQL is
// made, and names the target by its own entity reference.
func (c *RelationshipConfig) Where(criteria func() Expr[bool]) *RelationshipConfig {
	if criteria == nil {
		c.draft.wrong(c.rel.words.path, "the condition of ConfigureMapper is nil", "")
		return c
	}
	before := c.rel.criteria
	c.rel.criteria = func() []Expr[bool] {
		if before == nil {
			return []Expr[bool]{criteria()}
		}
		return append(before(), criteria())
	}
	return c
}

// BackPopulates is the word back_populates of the tag, for a field of an embedded
// struct whose other side depends on the struct that embeds it.
//
//	func (*Owned) ConfigureMapper(c *orm.MapperConfig) {
//		c.Relationship("Owner").BackPopulates(c.Name() + "s")   // Owner.Cats, Owner.Dogs
//	}
func (c *RelationshipConfig) BackPopulates(field string) *RelationshipConfig {
	if c.rel.words.back.value != "" && c.rel.words.back.value != field {
		c.draft.wrong(c.rel.words.path, "the other side is said twice", "drop back_populates from the tag, or BackPopulates from ConfigureMapper")
	}
	c.rel.words.back.value = field
	return c
}

// View has the struct be mapped to a view, which CreateAll makes of the query: its
// columns are found by their names. Objects of the struct are read and not written.
// The function has to give the same query whenever it is called.
func (c *MapperConfig) View(query func() Subselect) { c.derive(derivedView, query) }

// Select has the struct be mapped to a query, which stands in FROM in place of a
// table. Objects of the struct are read and not written. The function has to give the
// same query whenever it is called.
//
//	func (*Total) ConfigureMapper(c *orm.MapperConfig) {
//		o := orm.Entity[Order]()
//		c.Select(func() orm.Subselect {
//			return orm.Select(orm.C(&o.CustomerID), orm.Sum(orm.C(&o.Price)).As("price")).GroupBy(orm.C(&o.CustomerID))
//		})
//	}
//	// SELECT total.customer_id, total.price FROM (SELECT orders.customer_id, sum(orders.price) AS price …) AS total
func (c *MapperConfig) Select(query func() Subselect) { c.derive(derivedSelect, query) }

func (c *MapperConfig) derive(kind derivationKind, query func() Subselect) {
	if query == nil {
		c.draft.wrong("", "the query of ConfigureMapper is nil", "")
		return
	}
	c.draft.items = append([]TableItem{derivedFrom(kind, query)}, c.draft.items...)
}

// OrderBy orders a collection by expressions, where the word order_by of the tag
// does not do. The function is called each time that SQL is made, and names the
// target by its own entity reference.
func (c *RelationshipConfig) OrderBy(order func() []OrderItem) *RelationshipConfig {
	switch {
	case order == nil:
		c.draft.wrong(c.rel.words.path, "the order of ConfigureMapper is nil", "")
	case c.rel.shape == shapeOne:
		c.draft.wrong(c.rel.words.path, "a single object has no order", "drop OrderBy from ConfigureMapper")
	case c.rel.words.orderBy.value != "":
		c.draft.wrong(c.rel.words.path, "the order is said twice", "drop order_by from the tag, or OrderBy from ConfigureMapper")
	}
	c.rel.order = order
	return c
}
