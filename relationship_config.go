// This file holds what a struct says of its relationships in code, because tags
// cannot: conditions and orders that are expressions.

package orm

import (
	"fmt"
	"reflect"
	"slices"
)

// MapperConfig is for what tags cannot say of a struct. A struct that has this
// method is asked once each time it is registered, as a zero value:
//
//	func (*User) ConfigureMapper(c *orm.MapperConfig) {
//		p := orm.Entity[Post]()
//		c.Relationship("Drafts").Where(func() orm.Expr[bool] { return orm.C(&p.Published).Eq(false) })
//	}
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
