// This file holds the collection that is not read as a whole: it is asked of, and
// written, by the object that has it.

package orm

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	"github.com/aurum-go/orm/types"
)

// WriteOnlyCollection is a collection of an object, as [Collection] gives it.
type WriteOnlyCollection[T any] struct {
	session *Session
	owner   *instance
	rel     *relationship
	err     error
}

// Collection is a collection of an object that a session holds, for what takes no
// reading of all of it: to query and count, to add and to remove. It does so for
// every relationship that is a list; one that is too large to be ever read as a
// whole is tagged lazy:write_only. Then the field stays nil: to load it is an
// [ErrRaiseLoad], to assign to it an [ErrArgument] of the next flush. What is in it
// when the object is deleted is left to the database, as with passive_deletes.
//
//	posts := orm.Collection(u, &u.Posts)
//	err := posts.Add(&Post{Title: "hello"})
//	recent, err := posts.Query().OrderBy(orm.C(&p.ID).Desc()).Limit(10).All(ctx)
//	// SELECT … FROM posts WHERE posts.author_id = ? ORDER BY posts.id DESC LIMIT ?
//
// An object of no session is an [ErrDetached] of all methods, a field that is not
// a relationship of the object an [ErrArgument]. It belongs to one goroutine, as
// the session does, and emits no SQL itself.
func Collection[T any](owner Model, field *[]*T) WriteOnlyCollection[T] {
	c := WriteOnlyCollection[T]{session: SessionOf(owner), owner: instanceOf(owner)}
	if c.session == nil || isNil(owner) {
		return WriteOnlyCollection[T]{err: sessionless("use a collection of", owner)}
	}
	if c.rel = c.owner.mapper.ownRelation(owner, field); c.rel == nil {
		c.err = notOwnField(c.owner.mapper, field)
	} else if c.session.sharded(c.rel.target) {
		c.err = &UsageError{Kind: ErrUnsupported, Op: "use a collection of", Subject: c.rel.fullName(), Reason: "its objects are on several shards", Advice: "load it, or ask with Query and OnShard"}
	}
	return c
}

// Query is a query for the objects of the collection, in the order that the
// relationship has. It may be extended as any other.
//
//	orm.Collection(u, &u.Posts).Query()
//	// SELECT … FROM posts WHERE posts.author_id = ?
//	orm.Collection(p, &p.Tags).Query()
//	// SELECT … FROM tags JOIN post_tags ON tags.id = post_tags.tag_id WHERE post_tags.post_id = ?
//
// It goes by the key that the owner has now; without one it is an
// [ErrNotPersistent].
func (c WriteOnlyCollection[T]) Query() *EntityQuery[T] {
	return &EntityQuery[T]{c.query(typeFor[T]())}
}

func (c WriteOnlyCollection[T]) query(t reflect.Type) objectQuery {
	if c.err != nil {
		return noQuery(c.err)
	}
	q := queryFor(c.session, t)
	if q.err == nil && c.owner.state == Pending && c.owner.mapper.lacksKey(c.owner.object) {
		q.err = &UsageError{Kind: ErrNotPersistent, Op: "query", Subject: c.rel.fullName(), Reason: fmt.Sprintf("the %s has no key yet", c.owner.mapper.name), Advice: "flush it first"}
	}
	if q.err != nil {
		return q
	}
	target, err := q.entity.entity()
	if err != nil {
		return q.failed(err)
	}
	q.stmt = q.stmt.with(func(s *SelectStatement) { c.narrow(s, target) })
	return q
}

// narrow has a SELECT of the target find what belongs to the owner.
func (c WriteOnlyCollection[T]) narrow(s *SelectStatement, target *entityFrom) {
	if link := c.rel.link; link == nil {
		for _, p := range c.rel.pairs {
			s.where = append(s.where, c.belongs(target.column(p.far), p.own))
		}
	} else {
		s.from = []Node{&joinNode{left: s.from[0], right: link.table, kind: innerJoin, on: link.reaches(target.column, link.table)}}
		for _, p := range link.own {
			s.where = append(s.where, c.belongs(&columnNode{p.column, link.table}, p.prop))
		}
	}
	if c.rel.criteria != nil {
		s.where = append(s.where, conditionNodes(c.rel.criteria())...)
	}
	s.orderBy = c.rel.ordering(target)
}

// belongs is the condition that a column refers to the owner's.
func (c WriteOnlyCollection[T]) belongs(column Node, own *property) Node {
	v := reflect.NewAt(own.goType, fieldPtr(c.owner.object, own.offset)).Elem().Interface()
	if isNull(v) {
		return falseNode
	}
	return compareValue(opEq, column, v).n
}

// Count returns how many objects the collection has: "SELECT count(*) …".
func (c WriteOnlyCollection[T]) Count(ctx context.Context) (int64, error) {
	return c.Query().Count(ctx)
}

// Add has the next flush put objects into the collection, new ones or those of
// other owners, by what the relationship cascades. It reads nothing, and emits no
// SQL. Twice the same row of a link table is the database's
// [ErrUniqueViolation].
func (c WriteOnlyCollection[T]) Add(objects ...*T) error {
	return c.change("add", objects, func(member *instance) error {
		if !c.drop(member, true) || c.rel.link == nil {
			c.session.asked = append(c.session.asked, memberChange{c.owner, c.rel, member, false})
		}
		return nil
	})
}

// Remove has the next flush take objects out of the collection: their foreign key
// becomes NULL, or they are deleted, as delete-orphan says; of a link table the
// rows are deleted, and one that is not there is an [ErrStaleData]. It reads
// nothing, and emits no SQL. An object whose foreign key is that of another owner
// is an [ErrArgument].
func (c WriteOnlyCollection[T]) Remove(objects ...*T) error {
	return c.change("remove", objects, func(member *instance) error {
		added := c.drop(member, false)
		if c.rel.link == nil {
			link := parentLink{rel: c.rel, pairs: c.rel.childPairs(), parent: c.owner}
			switch foreign := link.differs(member.object); {
			case foreign && added:
				return nil
			case foreign:
				return &UsageError{Kind: ErrArgument, Op: "remove", Subject: c.rel.fullName(), Reason: fmt.Sprintf("the %s is not in the collection", member.mapper.name)}
			}
		} else if added {
			return nil
		}
		c.session.asked = append(c.session.asked, memberChange{c.owner, c.rel, member, true})
		return nil
	})
}

// drop takes back what was asked for a member, to come or to go.
func (c WriteOnlyCollection[T]) drop(member *instance, gone bool) bool {
	before := len(c.session.asked)
	c.session.asked = slices.DeleteFunc(c.session.asked, func(a memberChange) bool { return a == memberChange{c.owner, c.rel, member, gone} })
	return len(c.session.asked) < before
}

// change does something to each of the objects, which the session holds then.
func (c WriteOnlyCollection[T]) change(op string, objects []*T, do func(*instance) error) error {
	if c.err != nil {
		return c.err
	}
	s := c.session
	if err := s.enter(op); err != nil {
		return err
	}
	defer s.leave()
	switch {
	case c.owner.unit != &s.unit || c.owner.state == Deleted:
		return sessionless("use a collection of", c.owner.model())
	case c.rel.viewOnly:
		return &UsageError{Kind: ErrArgument, Op: op, Subject: c.rel.fullName(), Reason: "the relationship is only viewed"}
	}
	for _, object := range objects {
		member, err := c.member(op, pointerTo(object))
		if err == nil {
			err = do(member)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// member is what is known of an object, once the session holds it.
func (c WriteOnlyCollection[T]) member(op string, object types.Ptr) (*instance, error) {
	if object == nil {
		return nil, &UsageError{Kind: ErrArgument, Op: op, Subject: c.rel.fullName(), Reason: "the object is nil"}
	}
	added, err := c.session.follow(c.owner, c.rel, object)
	if err == nil && added != nil {
		err = c.session.saveFrom([]*instance{added}, false)
	}
	return c.rel.member(object), err
}
