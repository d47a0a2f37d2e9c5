// This file turns what a caller may join into nodes, or into errors that say
// what may stand there.

package orm

import "fmt"

// joinItem is what is joined, with the conditions that are said in addition.
func joinItem(target any, more []any) (Node, []Expr[bool]) {
	var conditions []Expr[bool]
	var as Node
	for i, m := range more {
		switch c, ok := m.(Expr[bool]); {
		case ok:
			conditions = append(conditions, c)
		case i == 0:
			as = joinedAs(m)
		default:
			return badJoin(m, "it cannot stand there", "behind the target stands one entity reference at most, and conditions"), nil
		}
	}
	right := joinTarget(target)
	field, follows := right.(pathField)
	switch {
	case follows:
		return &pathJoin{field, as}, conditions
	case as != nil:
		return badJoin(more[0], "the target stands under its own name", "name the reference alone, or the address of a relationship before it"), nil
	}
	return right, conditions
}

func joinTarget(v any) Node {
	switch v.(type) {
	case Selectable, *SampledTable, *EntitySource, Subselect:
		return fromItem(v)
	}
	if isNilPointer(v) {
		return nilItem(v, "join")
	}
	return referenceItem(v, "join", "a table, an alias, a subquery, an entity reference, or the address of a relationship of one")
}

// joinedAs is the entity reference that is joined along a relationship.
func joinedAs(v any) Node {
	if isNilPointer(v) {
		return nilItem(v, "join")
	}
	if s, ok := v.(*EntitySource); ok {
		return s
	}
	return referenceItem(v, "join", "an entity reference, and conditions behind it")
}

func badJoin(v any, reason, advice string) Node {
	return &errorNode{&UsageError{Kind: ErrArgument, Op: "join", Subject: fmt.Sprintf("%T", v), Reason: reason, Advice: advice}}
}
