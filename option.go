// This file holds the options that say how a query loads relationships and
// columns. They are a tree of values; load_plan.go makes a plan of it.

package orm

import (
	"reflect"
	"slices"
)

// Option says how a query loads a relationship, or which columns it reads. It is
// an immutable value, and safe for concurrent use. One that does not fit (a field
// that is no relationship, or of another entity) is a [*UsageError] that comes
// out where SQL would be sent.
type Option struct {
	kind       optionKind
	name       string // of the function that made it
	strategy   lazyWord
	fields     []any
	nested     []Option
	conditions []Node
	group      string
	depth      int
}

type optionKind uint8

const (
	_             optionKind = iota
	optLoad                  // a relationship by a strategy
	optAll                   // all other relationships by a strategy
	optDefer                 // without columns
	optUndefer               // with deferred columns
	optGroup                 // with a group of deferred columns
	optOnly                  // with some columns only
	optWhere                 // members that meet conditions only
	optAlias                 // the reference under which the query joins
	optRecursive             // the same relationship again
	optExpression            // a field that is computed
)

// repeats reports whether the option makes the rows of a query more than its
// objects: it takes a collection from the query's own joins.
func (o Option) repeats() bool {
	if o.strategy != containsEager {
		return false
	}
	t := reflect.TypeOf(o.fields[0])
	return t != nil && t.Kind() == reflect.Pointer && t.Elem().Kind() != reflect.Pointer || slices.ContainsFunc(o.nested, Option.repeats)
}

func strategyOption(name string, strategy lazyWord, field any, nested []Option) Option {
	return Option{kind: optLoad, name: name, strategy: strategy, fields: []any{field}, nested: slices.Clone(nested)}
}

// SelectInLoad loads a relationship, given by the address of its field in an
// entity reference, by a second SELECT for the keys of all objects that were
// read: one for each 500 of them. A many-to-one relationship is read by the
// foreign keys that the objects hold, and emits no SQL for those of which the
// session holds the target.
//
//	users, err := orm.Query[User](s).Options(orm.SelectInLoad(&u.Posts)).All(ctx)
//	// SELECT users.id, users.name FROM users
//	// SELECT posts.id, posts.title, posts.author_id FROM posts WHERE posts.author_id IN (?, ?)
//
// Options that are nested in it are for what the relationship leads to.
func SelectInLoad(field any, options ...Option) Option {
	return strategyOption("SelectInLoad", lazySelectIn, field, options)
}

// JoinedLoad loads a relationship within the same SELECT, by a LEFT OUTER JOIN to
// an alias that nothing else in the query can refer to; by a JOIN where a foreign
// key that is NOT NULL leads to one object. The objects of the query stay the
// same, each once, in their order. With LIMIT, OFFSET, DISTINCT, GROUP BY or a lock,
// which are about the objects and not about what is joined to them, the query is
// put into a subquery where that makes a difference.
//
//	orm.Query[User](s).Options(orm.JoinedLoad(&u.Posts)).Limit(2)
//	// SELECT anon_1.id, anon_1.name, posts_1.id, … FROM (SELECT users.id, users.name FROM users LIMIT ?) AS anon_1
//	// LEFT OUTER JOIN posts AS posts_1 ON anon_1.id = posts_1.author_id
//
// Two collections of one object multiply each other's rows: load one of them by
// [SelectInLoad].
func JoinedLoad(field any, options ...Option) Option {
	return strategyOption("JoinedLoad", lazyJoined, field, options)
}

// SubqueryLoad loads a relationship by a second SELECT that repeats the query as
// a subquery, joined with what the relationship leads to. A query with LIMIT or
// OFFSET is not repeated, for it could find other rows; there, and below a
// relationship that is loaded otherwise, it does as [SelectInLoad].
//
//	orm.Query[User](s).Options(orm.SubqueryLoad(&u.Posts))
//	// SELECT anon_1.id, posts.id, … FROM (SELECT DISTINCT users.id FROM users) AS anon_1
//	// JOIN posts ON anon_1.id = posts.author_id
func SubqueryLoad(field any, options ...Option) Option {
	return strategyOption("SubqueryLoad", lazySubquery, field, options)
}

// ContainsEager fills a relationship from what the query itself joins, with the
// columns of the target added to its SELECT. A collection then has the objects
// that the query's conditions let through, and does not count as loaded. One that
// is loaded already is left as it is, unless the query has PopulateExisting.
// LIMIT counts the rows of the join; First and One add none to that of a
// collection.
//
//	orm.Query[Post](s).Join(&p.Author).Options(orm.ContainsEager(&p.Author)).Filter(orm.C(&u.Name).Eq("ed"))
//	// SELECT posts.id, …, users.id, users.name FROM posts JOIN users ON … WHERE users.name = ?
func ContainsEager(field any, options ...Option) Option {
	return strategyOption("ContainsEager", containsEager, field, options)
}

// FromAlias names the reference that the query joins, one made by [Alias]. It is
// nested in [ContainsEager].
//
//	orm.ContainsEager(&n.Parent, orm.FromAlias(parent))
func FromAlias(reference any) Option {
	return Option{kind: optAlias, name: "FromAlias", fields: []any{reference}}
}

// LazyLoad leaves a relationship to [Load], also where its tag says otherwise.
// It emits no SQL.
func LazyLoad(field any) Option { return strategyOption("LazyLoad", lazySelect, field, nil) }

// LazyLoadAll is [LazyLoad] for all relationships of the entity, and of those
// below it, of which no other option speaks.
func LazyLoadAll() Option {
	return Option{kind: optAll, name: "LazyLoadAll", strategy: lazySelect}
}

// RaiseLoad leaves a relationship alone, and makes [Load] of it an
// [ErrRaiseLoad] for the objects of the result. It emits no SQL. What a flush
// needs is read nevertheless.
func RaiseLoad(field any) Option {
	return strategyOption("RaiseLoad", lazyRaise, field, nil)
}

// RaiseLoadAll is [RaiseLoad] for all relationships of the entity, and of those
// below it, of which no other option speaks, in whatever order they stand.
//
//	orm.Query[User](s).Options(orm.SelectInLoad(&u.Posts), orm.RaiseLoadAll())
func RaiseLoadAll() Option {
	return Option{kind: optAll, name: "RaiseLoadAll", strategy: lazyRaise}
}

// NoLoad leaves a relationship empty, also where its tag says otherwise. It emits
// no SQL. [Load] still reads it.
func NoLoad(field any) Option { return strategyOption("NoLoad", lazyNoLoad, field, nil) }

// Where has a relationship loaded only with the objects that meet conditions,
// which are on its target. It is nested in an option that loads the relationship.
// The relationship then does not count as loaded: nothing that is missing is
// ever taken for removed, and [Load] reads it as a whole.
//
//	orm.SelectInLoad(&u.Posts, orm.Where(orm.C(&p.Title).Like("go%")))
//	// SELECT … FROM posts WHERE posts.author_id IN (?, ?) AND posts.title LIKE ?
func Where(conditions ...Expr[bool]) Option {
	return Option{kind: optWhere, name: "Where", conditions: conditionNodes(conditions)}
}

// Recursive loads the same relationship for what it leads to, so many levels deep
// in all. It is nested in [SelectInLoad] of a relationship that leads to its own
// struct. Each level is one SELECT; the first without objects ends it.
//
//	orm.SelectInLoad(&n.Children, orm.Recursive(3))
func Recursive(depth int) Option {
	return Option{kind: optRecursive, name: "Recursive", depth: depth}
}

// Defer leaves columns out of the SELECT, given by the addresses of their fields
// in an entity reference, until [Load] reads them.
func Defer(fields ...any) Option {
	return Option{kind: optDefer, name: "Defer", fields: slices.Clone(fields)}
}

// Undefer puts deferred columns into the SELECT.
//
//	post, err := orm.Query[Post](s).Options(orm.Undefer(&p.Body)).First(ctx)
//	// SELECT posts.id, posts.title, posts.body FROM posts LIMIT ?
func Undefer(fields ...any) Option {
	return Option{kind: optUndefer, name: "Undefer", fields: slices.Clone(fields)}
}

// UndeferGroup puts all deferred columns of a group into the SELECT.
func UndeferGroup(group string) Option {
	return Option{kind: optGroup, name: "UndeferGroup", group: group}
}

// LoadOnly reads only some columns. The primary key, a version and what other
// options need to find relationships are read nevertheless.
//
//	orm.Query[User](s).Options(orm.LoadOnly(&u.Name))   // SELECT users.id, users.name FROM users
func LoadOnly(fields ...any) Option {
	return Option{kind: optOnly, name: "LoadOnly", fields: slices.Clone(fields)}
}
