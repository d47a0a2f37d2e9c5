// This file reads objects out of the rows of any statement: SQL text, a union, an
// INSERT with RETURNING.

package orm

import (
	"context"
	"database/sql"
	"fmt"
	"slices"

	"github.com/aurum-go/orm/types"
)

// StatementQuery reads objects from the rows of a statement, as it is. It is an
// immutable value; a mistake is kept, and comes out where SQL would be sent.
type StatementQuery[T any] struct{ rowQuery }

// rowQuery is what a [StatementQuery] knows.
type rowQuery struct {
	session *Session
	mapper  *Mapper
	stmt    Statement
	options []Option
	mode    loadMode
	refresh bool
	err     error
}

// FromStatement reads objects from the rows of any statement. Columns are taken
// for the fields that are mapped to columns of the same name, and others left out.
// The primary key has to be among them, or it is an [ErrSchemaMismatch]; fields
// whose columns are not are deferred, so that [Load] reads them. The objects are
// the session's, as those of a [Query]: a row of an object that it holds gives that
// object.
//
//	both := orm.Union(orm.Select(u).Where(young), orm.Select(u).Where(old))
//	users, err := orm.FromStatement[User](s, both).All(ctx)
func FromStatement[T any](s *Session, stmt Statement) *StatementQuery[T] {
	if s == nil {
		return &StatementQuery[T]{rowQuery{err: nilArgument("query", "session")}}
	}
	m, err := s.mapperOf(typeFor[T]())
	return &StatementQuery[T]{rowQuery{session: s, mapper: m, stmt: stmt, err: err}}
}

// FromSQL is [FromStatement] of SQL text, with arguments as those of [Text].
//
//	users, err := orm.FromSQL[User](s, "SELECT * FROM users WHERE name = :name", sql.Named("name", "ed")).All(ctx)
func FromSQL[T any](s *Session, text SQL, args ...any) *StatementQuery[T] {
	return FromStatement[T](s, Text(text, args...))
}

// Options says which relationships are loaded with the objects, by statements of
// their own. What would change the statement itself, as JoinedLoad or LoadOnly, is
// an [ErrUnsupported].
func (q *StatementQuery[T]) Options(options ...Option) *StatementQuery[T] {
	changed := *q
	changed.options = slices.Concat(q.options, options)
	return &changed
}

// PopulateExisting has objects that the session holds take what the rows say; see
// [EntityQuery.PopulateExisting].
func (q *StatementQuery[T]) PopulateExisting() *StatementQuery[T] {
	changed := *q
	changed.mode |= loadRefresh
	changed.refresh = true
	return &changed
}

// Untracked returns objects that the session does not hold; see
// [EntityQuery.Untracked].
func (q *StatementQuery[T]) Untracked() *StatementQuery[T] {
	changed := *q
	changed.mode |= loadUntracked
	return &changed
}

// All runs the statement and returns an object for each row. It flushes first.
func (q *StatementQuery[T]) All(ctx context.Context) ([]*T, error) {
	found, err := q.read(ctx)
	if err != nil {
		return nil, err
	}
	var objects []*T
	for _, object := range found {
		objects = append(objects, typedPointer[T](object))
	}
	return objects, nil
}

func (q *rowQuery) read(ctx context.Context) ([]types.Ptr, error) {
	plan, err := q.plan()
	if err != nil {
		return nil, err
	}
	var objects []types.Ptr
	err = q.session.spread(ctx, q.mapper, func(ctx context.Context) (bool, error) {
		part, err := q.all(ctx, plan)
		objects = append(objects, part...)
		return true, err
	})
	if err != nil {
		return nil, err
	}
	return objects, nil
}

// all runs the statement on one engine.
func (q *rowQuery) all(ctx context.Context, plan *loadPlan) ([]types.Ptr, error) {
	s := q.session
	if s.legs != nil {
		ctx = about(ctx, q.mapper.table)
	}
	p, err := prepareFor(ctx, s, q.stmt)
	if err != nil {
		return nil, err
	}
	conn, release, err := s.acquire(ctx, p.compiled)
	if err != nil {
		return nil, err
	}
	defer release()
	run := &loadRun{unit: &s.unit, criteria: s.criteria, mode: q.mode &^ loadUntracked, refresh: q.refresh}
	if q.mode&loadUntracked != 0 {
		run.unit = s.scratch()
		defer run.unit.releaseAll()
	}
	cur, err := conn.query(ctx, p.compiled, p.args)
	if err != nil {
		return nil, err
	}
	objects, err := readObjects(ctx, run, q.mapper, cur)
	if err != nil {
		return nil, err
	}
	return objects, run.after(ctx, plan, instancesAt(q.mapper, objects), nil)
}

// First returns the object of the first row, or [ErrNoRows]. The statement is sent
// as it is, so it should have a limit of its own.
func (q *StatementQuery[T]) First(ctx context.Context) (*T, error) {
	objects, err := q.All(ctx)
	return only(objects[:min(1, len(objects))], err)
}

// One returns the object of the only row. It returns [ErrNoRows] if there is none,
// and [ErrMultipleRows] if there are more.
func (q *StatementQuery[T]) One(ctx context.Context) (*T, error) { return only(q.All(ctx)) }

// OneOrNil is One that returns nil, and no error, if there is none.
func (q *StatementQuery[T]) OneOrNil(ctx context.Context) (*T, error) {
	return orNil(q.One(ctx))
}

// plan is what the options and the tags ask for, less the columns.
func (q *rowQuery) plan() (*loadPlan, error) {
	if q.err != nil {
		return nil, q.err
	}
	for _, o := range q.options {
		if o.strategy == lazyJoined || o.strategy == containsEager || o.kind == optExpression || o.kind == optDefer || o.kind == optUndefer || o.kind == optOnly || o.kind == optGroup {
			return nil, &UsageError{Kind: ErrUnsupported, Op: o.name, Subject: q.mapper.name, Reason: "the statement is sent as it is", Advice: "load relationships with SelectInLoad, and name the columns in the statement"}
		}
	}
	return planFor(q.mapper, q.options, q.session.criteria)
}

// readObjects makes an object of each row, by the names of its columns, and closes
// the result.
func readObjects(ctx context.Context, run *loadRun, m *Mapper, cur *cursor) ([]types.Ptr, error) {
	var objects []types.Ptr
	var loader *entityLoader
	err := cur.drain("read", func() error {
		columns, err := cur.Columns()
		if err != nil {
			return err
		}
		props, err := m.propsOf(columns)
		if err != nil {
			return err
		}
		read := slices.DeleteFunc(slices.Clone(props), func(p *property) bool { return p == nil })
		loader = newEntityLoader(run.unit, &loadPlan{mapper: m, props: read, more: m.more}, run.mode)
		dest := loader.among(props, columns)
		for cur.Next() {
			p := loader.place()
			loader.reader.aim(p)
			if err := loader.reader.explain(cur.Scan(dest...)); err != nil {
				return err
			}
			object, err := loader.takeRow(p)
			if err != nil {
				return loader.reader.explain(err)
			}
			if object != nil {
				objects = append(objects, object)
			}
		}
		return cur.Err()
	})
	if err == nil {
		err = loader.complete(ctx, run.unit.conn)
	}
	if err != nil && loader != nil {
		loader.abandon()
	}
	return objects, err
}

// propsOf finds the properties that columns of a result are for, and nil for
// others.
func (m *Mapper) propsOf(columns []string) ([]*property, error) {
	props := make([]*property, len(columns))
	for i, name := range columns {
		p := m.byColumn[name]
		if p != nil && slices.Contains(props, p) {
			return nil, &UsageError{Kind: ErrSchemaMismatch, Op: "read", Subject: m.name, Reason: "several columns of the result are named " + quoted(name), Advice: "select the columns of its table alone"}
		}
		props[i] = p
	}
	needed := m.keys
	if m.polymorphic() && m.sorts != nil {
		needed = append(slices.Clip(needed), m.sorts)
	}
	for _, key := range needed {
		if !slices.Contains(props, key) {
			return nil, &UsageError{Kind: ErrSchemaMismatch, Op: "read", Subject: m.name, Reason: fmt.Sprintf("the result has no column %q", key.column.name), Advice: "select the whole primary key, and the discriminator if there is one"}
		}
	}
	return props, nil
}

// among are the places for the columns of a result of which only some are read.
func (l *entityLoader) among(props []*property, columns []string) []any {
	var more []inherited
	own := l.reader.dest
	if l.keyless != nil {
		own = l.keyless.dest()
	}
	dest, next := make([]any, len(props)), 0
	for i, p := range props {
		if p != nil {
			dest[i] = own[next]
			next++
			continue
		}
		dest[i] = new(sql.RawBytes)
		if at := slices.IndexFunc(l.mapper.more, func(m inherited) bool { return m.prop.column.name == columns[i] }); at >= 0 {
			more = append(more, l.mapper.more[at])
		}
	}
	if l.family == nil {
		return dest
	}
	l.readsHeirs(more)
	for i := range more {
		dest[slices.Index(columns, more[i].prop.column.name)] = &l.family.aside[i]
	}
	return dest
}
