// This file has a query read its objects from something else than their table.

package orm

import "slices"

// From has the query read its objects from a subquery, a CTE, a set operation or a
// view, in place of their table. Everything else goes on from there: conditions
// and orders on fields, joins along relationships, options, [EntityQuery.Count] and
// [EntityQuery.Iter]; the columns of the source beside those of the struct are its
// C. The objects are those of the session, as of any query; see [As] for columns
// that the source lacks, and for criteria.
//
//	recent := orm.Select(p).OrderBy(orm.C(&p.ID).Desc()).Limit(100).Subquery("recent")
//	orm.Query[Post](s).From(recent).Join(&p.Author).Filter(orm.C(&u.Name).Eq("ed"))
//	// SELECT recent.id, … FROM (SELECT posts.id, … LIMIT ?) AS recent JOIN users ON users.id = recent.author_id …
//
// It stands before Join; a second From replaces the first. [EntityQuery.Update] and
// [EntityQuery.Delete] write the rows of the table that have the keys of the source.
func (q *EntityQuery[T]) From(source Selectable) *EntityQuery[T] {
	return &EntityQuery[T]{q.fromSource(source)}
}

func (q *objectQuery) fromSource(source Selectable) objectQuery {
	if q.err != nil {
		return *q
	}
	if _, joins := q.stmt.from[0].(*joinNode); joins {
		return q.failed(&UsageError{Kind: ErrArgument, Op: "select from", Subject: q.mapper.name, Reason: "the query joins already", Advice: "call From before Join"})
	}
	read, entity := *q, &entityNode{q.entity}
	read.more = nil
	read.stmt = q.stmt.with(func(s *SelectStatement) { s.columns, s.from = []Node{entity}, []Node{readFrom(entity, source)} })
	return read
}

// narrow leaves out of a plan what the sources of the statement do not have.
func (p *loadPlan) narrow(own fromNode, sources map[fromNode]fromNode) (*loadPlan, error) {
	narrow := *p
	if source := sources[own]; source != nil {
		names := namesOf(source)
		if err := p.mapper.keyWithin(names); err != nil {
			return nil, err
		}
		narrow.props = nil
		for _, prop := range p.props {
			if names[prop.column.name] {
				narrow.props = append(narrow.props, prop)
			}
		}
		narrow.more = slices.DeleteFunc(slices.Clone(p.more), func(i inherited) bool { return i.at == nil && !names[i.prop.column.name] })
	}
	narrow.steps = nil
	for _, step := range p.steps {
		if step.strategy == containsEager {
			plan, err := step.plan.narrow(step.from.from, sources)
			if err != nil {
				return nil, err
			}
			joined := *step
			joined.plan, step = plan, &joined
		}
		narrow.steps = append(narrow.steps, step)
	}
	return &narrow, nil
}

// Union has the query find the objects of several queries, each once. What is said
// of the result afterwards, conditions, orders and options, is said of all of them;
// of the queries that are combined, conditions, orders, limits and criteria stay,
// each with its own. Options are those of the first.
//
//	orm.Query[User](s).Filter(young).Union(orm.Query[User](s).Filter(old)).OrderBy(orm.C(&u.Name))
//	// SELECT combined.id, … FROM (SELECT users.id, … FROM users WHERE … UNION SELECT …) AS combined ORDER BY combined.name
func (q *EntityQuery[T]) Union(others ...*EntityQuery[T]) *EntityQuery[T] {
	return q.combined(opUnion, others)
}

// UnionAll is Union that returns an object as often as the queries find it.
func (q *EntityQuery[T]) UnionAll(others ...*EntityQuery[T]) *EntityQuery[T] {
	return q.combined(opUnionAll, others)
}

// Intersect has the query find the objects that all queries find; see
// [EntityQuery.Union].
func (q *EntityQuery[T]) Intersect(others ...*EntityQuery[T]) *EntityQuery[T] {
	return q.combined(opIntersect, others)
}

// Except has the query find the objects that no other query finds; see
// [EntityQuery.Union].
func (q *EntityQuery[T]) Except(others ...*EntityQuery[T]) *EntityQuery[T] {
	return q.combined(opExcept, others)
}

func (q *EntityQuery[T]) combined(op sqlText, others []*EntityQuery[T]) *EntityQuery[T] {
	members := []*objectQuery{&q.objectQuery}
	for _, other := range others {
		if other == nil {
			return &EntityQuery[T]{q.failed(nilArgument("combine", "query"))}
		}
		members = append(members, &other.objectQuery)
	}
	return &EntityQuery[T]{combine(op, members)}
}

func combine(op sqlText, queries []*objectQuery) objectQuery {
	all := *queries[0]
	members := make([]Subselect, len(queries))
	for i, q := range queries {
		all.err = firstError(all.err, q.err)
		members[i] = q.narrow()
	}
	if all.err == nil {
		source := setOperation(op, members).Subquery("combined")
		if all.more != nil && all.mapper.union != nil {
			all.unite(source)
			return all
		}
		all.more = nil
		entity := &entityNode{all.entity}
		all.stmt = &SelectStatement{columns: []Node{entity}, from: []Node{readFrom(entity, source)}}
	}
	return all
}
