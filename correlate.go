// This file holds what a subquery says of the items of FROM that it shares with
// the statement around it.

package orm

// correlation says which FROM items of an enclosing statement a subquery may use.
type correlation struct {
	items  []Node
	except bool // all but these
}

// Correlate says which FROM items a subquery shares with the statement around it,
// in place of all that its columns and conditions imply. The others it selects
// from by itself. Without any item it shares none. An item that From names as well
// is an [ErrArgument].
//
//	older := orm.Select(orm.Count()).From(p).Where(orm.Lt(orm.C(&p.ID), orm.C(&u.ID))).Correlate(u)
//	orm.Select(orm.C(&u.Name)).Where(orm.Scalar[int64](older).Gt(3))
//	// SELECT users.name FROM users WHERE (SELECT count(*) FROM posts WHERE posts.id < users.id) > ?
func (s *SelectStatement) Correlate(items ...any) *SelectStatement {
	return s.with(func(s *SelectStatement) { s.shared = newCorrelation(items, false) })
}

// CorrelateExcept has a subquery share all FROM items with the statement around
// it but these, which it selects from by itself.
func (s *SelectStatement) CorrelateExcept(items ...any) *SelectStatement {
	return s.with(func(s *SelectStatement) { s.shared = newCorrelation(items, true) })
}

func newCorrelation(items []any, except bool) *correlation {
	c := &correlation{items: make([]Node, len(items)), except: except}
	for i, item := range items {
		c.items[i] = fromItem(item)
	}
	return c
}

// has reports whether an item may be that of an enclosing statement.
func (c *correlation) has(from fromNode) (bool, error) {
	if c == nil {
		return true, nil
	}
	for _, item := range c.items {
		n, err := resolved(item)
		if err != nil {
			return false, err
		}
		switch n := n.(type) {
		case *errorNode:
			return false, n.err
		case entityItem:
			if n.source() == from {
				return !c.except, nil
			}
		case fromNode:
			if n == from {
				return !c.except, nil
			}
		}
	}
	return c.except, nil
}
