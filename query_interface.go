// This file queries by an interface of Go: for the objects of all structs that
// implement it.

package orm

import (
	"cmp"
	"context"
	"reflect"
	"slices"

	"github.com/aurum-go/orm/types"
)

// InterfaceQuery is a query for the objects of all mapped structs that implement an
// interface. Its methods return a changed copy; a mistake in the chain is kept, and
// comes out where SQL would be sent.
type InterfaceQuery[I any] struct {
	queries []objectQuery // one for each struct, less those that others find
	err     error
}

// QueryAs begins a query for the objects of all mapped structs whose pointers
// implement an interface. What it returns are pointers to the structs that the
// objects are of. Structs that inherit are found with the ones that they inherit from,
// if these implement the interface, too; each other one has a statement of its own,
// in the order of their tables' names. A type that is no interface is an
// [ErrArgument], one that no mapped struct implements an [ErrNotRegistered]. It
// emits no SQL yet.
//
//	type Person interface{ FullName() string }
//
//	people, err := orm.QueryAs[Person](s).FilterBy("Name", "ann").All(ctx)
//	// SELECT … FROM employees WHERE employees.name = ?
//	// SELECT … FROM customers WHERE customers.name = ?
func QueryAs[I any](s *Session) *InterfaceQuery[I] {
	queries, err := queriesFor(s, typeFor[I]())
	return &InterfaceQuery[I]{queries, err}
}

func queriesFor(s *Session, t reflect.Type) ([]objectQuery, error) {
	switch {
	case s == nil:
		return nil, nilArgument("query", "session")
	case t.Kind() != reflect.Interface:
		return nil, &UsageError{Kind: ErrArgument, Op: "query", Subject: t.String(), Reason: "it is no interface", Advice: "use orm.Query for a struct"}
	}
	found := s.implementing(t)
	if len(found) == 0 {
		return nil, &UsageError{Kind: ErrNotRegistered, Op: "query", Subject: t.String(), Reason: "no mapped struct implements it", Advice: "register those that do; a method of the struct or of a pointer to it counts"}
	}
	queries := make([]objectQuery, len(found))
	for i, m := range found {
		queries[i] = queryFor(s, m.goType)
	}
	return queries, nil
}

// implementing are the mappers of structs that implement an interface, less those
// whose objects another one finds.
func (s *Session) implementing(t reflect.Type) []*Mapper {
	var found []*Mapper
	add := func(m *Mapper) {
		if reflect.PointerTo(m.goType).Implements(t) {
			found = append(found, m)
		}
	}
	if r := s.options.registry; r != nil {
		for _, m := range r.Mappers() {
			add(m)
		}
	} else {
		firstMappers.Range(func(_, m any) bool { add(m.(*Mapper)); return true })
	}
	slices.SortFunc(found, func(a, b *Mapper) int {
		return cmp.Or(cmp.Compare(a.table.FullName(), b.table.FullName()), cmp.Compare(a.name, b.name))
	})
	return slices.DeleteFunc(slices.Clone(found), func(m *Mapper) bool {
		return slices.ContainsFunc(found, func(o *Mapper) bool { return o != m && (m.is(o) || slices.Contains(o.concretes, m)) })
	})
}

// each changes the queries, one by one.
func (q *InterfaceQuery[I]) each(change func(*objectQuery) objectQuery) *InterfaceQuery[I] {
	changed := &InterfaceQuery[I]{make([]objectQuery, len(q.queries)), q.err}
	for i := range q.queries {
		changed.queries[i] = change(&q.queries[i])
	}
	return changed
}

// Filter adds conditions, which name fields by [F]: those that all of the structs
// have.
func (q *InterfaceQuery[I]) Filter(conditions ...Expr[bool]) *InterfaceQuery[I] {
	return q.each(func(q *objectQuery) objectQuery { return q.on(q.stmt.Where(conditions...)) })
}

// FilterBy adds conditions of equality; see [EntityQuery.FilterBy].
func (q *InterfaceQuery[I]) FilterBy(pairs ...any) *InterfaceQuery[I] {
	return q.each(func(q *objectQuery) objectQuery { return q.filterBy(pairs) })
}

// OrderBy orders the objects of each statement; see [EntityQuery.OrderBy].
func (q *InterfaceQuery[I]) OrderBy(items ...OrderItem) *InterfaceQuery[I] {
	return q.each(func(q *objectQuery) objectQuery { return q.on(q.stmt.OrderBy(items...)) })
}

// All returns the objects, statement by statement.
func (q *InterfaceQuery[I]) All(ctx context.Context) ([]I, error) {
	if q.err != nil {
		return nil, q.err
	}
	var objects []I
	for i := range q.queries {
		m := q.queries[i].mapper
		err := q.queries[i].each(ctx, func(p types.Ptr) bool {
			whole := mapperOfLink(linkAt(m, p))
			objects = append(objects, reflect.NewAt(whole.goType, p).Interface().(I))
			return true
		})
		if err != nil {
			return nil, err
		}
	}
	return objects, nil
}

// Count returns how many objects All would return: one statement for each struct.
func (q *InterfaceQuery[I]) Count(ctx context.Context) (int64, error) {
	if q.err != nil {
		return 0, q.err
	}
	var all int64
	for i := range q.queries {
		n, err := q.queries[i].count(ctx)
		if err != nil {
			return 0, err
		}
		all += n
	}
	return all, nil
}
