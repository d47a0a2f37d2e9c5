// This file shows the statements that a session sends for its user to listeners,
// who may change them.

package orm

import (
	"context"
	"fmt"
	"reflect"
)

// ExecutionKind says what a session sends a statement for.
type ExecutionKind uint8

// What statements are sent for.
const (
	// ExecuteStatement is a query, or any other statement of the user's.
	ExecuteStatement ExecutionKind = iota
	// ExecuteKey reads an object by its key: [Get], Refresh, and [Load] of columns.
	ExecuteKey
	// ExecuteRelationship reads a relationship, by [Load] or because an option or a tag
	// asks for it.
	ExecuteRelationship
)

// SessionExecution is a statement on its way from a session to the database. It
// belongs to the listener only while it is called.
type SessionExecution struct {
	Session      *Session
	Statement    Statement // may be replaced by another of its type
	Kind         ExecutionKind
	Relationship string // such as "User.Posts", of an ExecuteRelationship
}

// AddCriteria has criteria hold in the statement; see [WithCriteria]. They have no
// effect on SQL text and on an INSERT. A reference that is never NULL and that
// [JoinedLoad] joins is joined by then: criteria that hide its target hide the object
// as well, which those of WithCriteria do not.
func (x *SessionExecution) AddCriteria(criteria ...Criteria) {
	switch stmt := x.Statement.(type) {
	case *SelectStatement:
		x.Statement = stmt.WithCriteria(criteria...)
	case *UpdateStatement:
		x.Statement = stmt.WithCriteria(criteria...)
	case *DeleteStatement:
		x.Statement = stmt.WithCriteria(criteria...)
	case *MergeStatement:
		x.Statement = stmt.WithCriteria(criteria...)
	}
}

// DoExecute is called for every statement that the session sends for its user, before
// it is compiled: of queries, [Exec] and [Fetch], [Get] and Refresh, [Load], and what
// options and tags load. It is not called for what a flush sends, nor for what is
// joined, which is part of another statement. The listener may replace the statement
// by another one of the same columns, or add criteria; an error is returned in place
// of a result. It cannot use the session.
//
//	sessions.Events().DoExecute(func(ctx context.Context, x *orm.SessionExecution) error {
//		x.AddCriteria(orm.CriteriaFor(func(d *SoftDelete) orm.Expr[bool] { return orm.N(&d.DeletedAt).IsNull() }))
//		return nil
//	})
func (e *SessionEvents) DoExecute(f func(ctx context.Context, x *SessionExecution) error) (remove func()) {
	return e.execute.add(f)
}

func executeHooks(e *SessionEvents) *hooks[func(context.Context, *SessionExecution) error] {
	return &e.execute
}

// intercepts reports whether anybody listens to the session's statements.
func (s *Session) intercepts() bool { return heard(s, executeHooks) }

// intercept shows a statement of the user's to those who listen.
func (s *Session) intercept(ctx context.Context, stmt Statement) (Statement, error) {
	if !s.intercepts() {
		return stmt, nil
	}
	return s.execution(ctx, &SessionExecution{Session: s, Statement: stmt, Kind: ExecuteStatement})
}

// interceptLoad shows a SELECT to those who listen that reads a relationship, or an
// object by its key.
func (s *Session) interceptLoad(ctx context.Context, stmt *SelectStatement, rel *relationship) (*SelectStatement, error) {
	if !s.intercepts() {
		return stmt, nil
	}
	x := &SessionExecution{Session: s, Statement: stmt, Kind: ExecuteKey}
	if rel != nil {
		x.Kind, x.Relationship = ExecuteRelationship, rel.fullName()
	}
	changed, err := s.execution(ctx, x)
	if err != nil {
		return nil, err
	}
	return changed.(*SelectStatement), nil
}

// execution calls the listeners. A session of which they have changed a statement
// does not take for whole any more what it reads of a relationship.
func (s *Session) execution(ctx context.Context, x *SessionExecution) (Statement, error) {
	given := x.Statement
	err := emit(s, atExecute, executeHooks, func(f func(context.Context, *SessionExecution) error) error { return f(ctx, x) })
	if err != nil {
		return nil, err
	}
	if reflect.TypeOf(x.Statement) != reflect.TypeOf(given) {
		return nil, &UsageError{
			Kind: ErrHook, Op: "execute", Subject: fmt.Sprintf("%T", x.Statement), Reason: fmt.Sprintf("a listener of DoExecute has put it in the place of a %T", given),
			Advice: "replace a statement by another of its type",
		}
	}
	if x.Statement != given {
		s.altered = true
	}
	return x.Statement, nil
}
