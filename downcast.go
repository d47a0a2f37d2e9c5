// This file finds the whole object of which a struct that others inherit from is a
// part.

package orm

// Downcast returns the whole of an object, as a pointer to the struct that it is
// of, or to one that this inherits from. It reports false where the object is
// something else. It emits no SQL: objects are always complete.
//
//	staff, err := orm.Query[Employee](s).All(ctx)
//	if engineer, ok := orm.Downcast[Engineer](staff[0]); ok { … }   // &engineer.Employee == staff[0]
//
// What a session has read or held is known for what it is. Of a struct that no
// session has ever seen, nothing but its own type is known.
func Downcast[T any](m Model) (*T, bool) {
	if m == nil {
		return nil, false
	}
	t := typeFor[T]()
	p := modelPointer(m)
	if p == nil {
		return nil, false
	}
	mapper := mapperOfLink(linkOf(m))
	if mapper == nil {
		whole, ok := m.(any).(*T)
		return whole, ok
	}
	for ; mapper != nil; mapper = mapper.base {
		if mapper.goType == t {
			return typedPointer[T](p), true
		}
	}
	return nil, false
}

// mapperOfLink is the mapper of what a session has left in an object, or nil.
func mapperOfLink(link any) *Mapper {
	switch link := link.(type) {
	case *instance:
		return link.mapper
	case *untracked:
		return link.mapper
	}
	return nil
}
