// This file holds the set operations: UNION, INTERSECT and EXCEPT.

package orm

// SetOperation is UNION, INTERSECT or EXCEPT over SELECTs. Like these it is an
// immutable value. Its columns have the names of the first member's.
type SetOperation struct {
	op      sqlText
	members []Node
	orderBy []Node
	limit   Node
	offset  Node
	params  M
	ctes    []*CTE
}

// The operations, as they stand between their members.
const (
	opUnion        sqlText = " UNION "
	opUnionAll     sqlText = " UNION ALL "
	opIntersect    sqlText = " INTERSECT "
	opIntersectAll sqlText = " INTERSECT ALL "
	opExcept       sqlText = " EXCEPT "
	opExceptAll    sqlText = " EXCEPT ALL "
)

// Union is the rows of any member, without duplicates. A member may be a set
// operation itself, and have an order and a limit of its own. Members of
// different numbers of columns are an [ErrArgument].
func Union(members ...Subselect) *SetOperation { return setOperation(opUnion, members) }

// UnionAll is the rows of all members, one after the other.
func UnionAll(members ...Subselect) *SetOperation { return setOperation(opUnionAll, members) }

// Intersect is the rows that all members have, without duplicates.
func Intersect(members ...Subselect) *SetOperation { return setOperation(opIntersect, members) }

// IntersectAll is the rows that all members have, each as often as the member
// has it that has it least. It is a [CompileError] where there is none (SQLite).
func IntersectAll(members ...Subselect) *SetOperation { return setOperation(opIntersectAll, members) }

// Except is the rows of the first member that no other has, without duplicates.
func Except(members ...Subselect) *SetOperation { return setOperation(opExcept, members) }

// ExceptAll is the rows of the first member, each as often as it has it more
// than the others. It is a [CompileError] where there is none (SQLite).
func ExceptAll(members ...Subselect) *SetOperation { return setOperation(opExceptAll, members) }

func setOperation(op sqlText, members []Subselect) *SetOperation {
	s := &SetOperation{op: op}
	for _, m := range members {
		s.members = append(s.members, subselectNode(m))
	}
	if len(members) < 2 {
		s.members = []Node{&errorNode{&UsageError{Kind: ErrArgument, Op: "combine", Reason: "a set operation needs two members"}}}
	}
	return s
}

func (*SetOperation) node()             {}
func (*SetOperation) statement()        {}
func (s *SetOperation) queryNode() Node { return s }

// OrderBy orders the combined rows, by columns or labels of the first member.
func (s *SetOperation) OrderBy(items ...OrderItem) *SetOperation {
	changed := *s
	changed.orderBy = extended(s.orderBy, orderNodes(items)...)
	return &changed
}

// Limit returns at most n of the combined rows.
func (s *SetOperation) Limit(n int) *SetOperation {
	changed := *s
	changed.limit = rowCount("limit", n)
	return &changed
}

// Offset leaves out the first n of the combined rows.
func (s *SetOperation) Offset(n int) *SetOperation {
	changed := *s
	changed.offset = rowCount("offset", n)
	return &changed
}

// Params gives values to the parameters that [Param] left open.
func (s *SetOperation) Params(values M) *SetOperation {
	changed := *s
	changed.params = s.params.merged(values)
	return &changed
}

// Subquery makes the operation a FROM item under a name.
func (s *SetOperation) Subquery(name string) *Subquery { return &Subquery{query: s, name: name} }

// Lateral makes the operation a FROM item that may use the items before it; see
// [SelectStatement.Lateral].
func (s *SetOperation) Lateral(name string) *Subquery {
	return &Subquery{query: s, name: name, lateral: true}
}

func (s *SetOperation) outputs() []output {
	if first, ok := s.members[0].(rowSource); ok {
		return first.outputs()
	}
	return nil
}
