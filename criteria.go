// This file holds criteria: conditions that every statement of a session puts on
// the rows of a struct, whatever way it comes to them.

package orm

import (
	"fmt"
	"reflect"
	"slices"
)

// Criteria is a condition on all rows of a struct, for [WithCriteria]. It is an
// immutable value.
type Criteria struct{ is *criterion }

// criterion is a condition, which is asked for anew for each statement.
type criterion struct {
	goType reflect.Type
	on     func(reference any) Node
}

func (*criterion) lasting() bool { return true }

// CriteriaFor is a condition on the rows of a mapped struct, or of all structs
// that embed T: a mixin with the column deleted_at, or the tenant. The function
// gets the entity reference whose fields name the columns. It is called for each
// statement, so that it may use what has changed meanwhile, and for each place
// where one selects from such a table.
//
//	orm.CriteriaFor(func(d *SoftDelete) orm.Expr[bool] { return orm.N(&d.DeletedAt).IsNull() })
//	orm.CriteriaFor(func(t *OfTenant) orm.Expr[bool] { return orm.C(&t.Tenant).Eq(tenant) })
//
// Within the condition no criteria hold. A T that is not a struct, and a function
// that is nil, are an [ErrArgument] of every statement; a struct that no mapped
// one is or embeds has no effect. It emits no SQL.
func CriteriaFor[T any](condition func(*T) Expr[bool]) Criteria {
	c := &criterion{goType: reflect.TypeFor[T]()}
	if condition != nil {
		c.on = func(reference any) Node { return condition(reference.(*T)).n }
	}
	return Criteria{c}
}

// mistake says what is wrong with the criterion, or nil.
func (c *criterion) mistake() error {
	reason := ""
	switch {
	case c == nil:
		return &UsageError{Kind: ErrArgument, Op: "use criteria", Subject: "Criteria", Reason: "it is the zero value", Advice: "make it with CriteriaFor"}
	case c.goType.Kind() != reflect.Struct:
		reason = fmt.Sprintf("a %s is no struct", c.goType)
	case c.on == nil:
		reason = "the function is nil"
	default:
		return nil
	}
	return &UsageError{Kind: ErrArgument, Op: "use criteria", Subject: "CriteriaFor[" + c.goType.String() + "]", Reason: reason}
}

// restriction is what a statement says of criteria: more of them, or that those
// of the session do not hold.
type restriction struct {
	lifted bool
	added  []Criteria
}

// with adds criteria.
func (r restriction) with(criteria []Criteria) restriction {
	r.added = slices.Concat(r.added, criteria)
	return r
}

// within returns the criteria that hold in a statement of which others hold
// outside.
func (r restriction) within(outer []Criteria) []Criteria {
	if r.lifted {
		return r.added
	}
	for _, c := range r.added {
		if !slices.Contains(outer, c) {
			outer = append(slices.Clip(outer), c)
		}
	}
	return outer
}

// WithCriteria has further criteria hold in the statement, and in what is nested
// in it.
func (s *SelectStatement) WithCriteria(criteria ...Criteria) *SelectStatement {
	return s.with(func(s *SelectStatement) { s.criteria = s.criteria.with(criteria) })
}

// WithoutCriteria lifts the criteria of the session, and what WithCriteria has
// added before, for the statement and what is nested in it.
func (s *SelectStatement) WithoutCriteria() *SelectStatement {
	return s.with(func(s *SelectStatement) { s.criteria = restriction{lifted: true} })
}

// WithCriteria has further criteria hold in the statement; see
// [SelectStatement.WithCriteria]. They are no condition in the sense of
// [ErrNoFilter].
func (s *UpdateStatement) WithCriteria(criteria ...Criteria) *UpdateStatement {
	return s.with(func(s *UpdateStatement) { s.criteria = s.criteria.with(criteria) })
}

// WithoutCriteria lifts criteria; see [SelectStatement.WithoutCriteria].
func (s *UpdateStatement) WithoutCriteria() *UpdateStatement {
	return s.with(func(s *UpdateStatement) { s.criteria = restriction{lifted: true} })
}

// WithCriteria has further criteria hold in the statement; see
// [SelectStatement.WithCriteria]. They are no condition in the sense of
// [ErrNoFilter].
func (s *DeleteStatement) WithCriteria(criteria ...Criteria) *DeleteStatement {
	return s.with(func(s *DeleteStatement) { s.criteria = s.criteria.with(criteria) })
}

// WithoutCriteria lifts criteria; see [SelectStatement.WithoutCriteria].
func (s *DeleteStatement) WithoutCriteria() *DeleteStatement {
	return s.with(func(s *DeleteStatement) { s.criteria = restriction{lifted: true} })
}

// WithCriteria has further criteria hold in the statement; see [MergeInto] for what
// they do there, and [SelectStatement.WithCriteria].
func (s *MergeStatement) WithCriteria(criteria ...Criteria) *MergeStatement {
	return s.with(func(s *MergeStatement) { s.criteria = s.criteria.with(criteria) })
}

// WithoutCriteria lifts criteria; see [SelectStatement.WithoutCriteria].
func (s *MergeStatement) WithoutCriteria() *MergeStatement {
	return s.with(func(s *MergeStatement) { s.criteria = restriction{lifted: true} })
}
