// This file holds the entity that reads from something else than its table: a
// subquery, a CTE, a view.

package orm

// EntitySource is an entity reference with what it reads from in a statement: a
// FROM item, made by [As]. It is an immutable value.
type EntitySource struct {
	entity Node
	from   fromNode // nil where it was
}

// As has an entity reference read from a subquery, a CTE, a set operation or a
// view, within the statement whose FROM or JOIN has it. All that the statement
// says of the entity then means the columns of the same names there: in its select
// list, conditions, joins along relationships, and options that load.
//
//	old := orm.Select(u).Where(orm.C(&u.Age).Gt(60)).Subquery("old")
//	orm.Select(u).From(orm.As(u, old)).Where(orm.C(&u.Name).Eq("ed"))
//	// SELECT old.id, old.name, old.age FROM (SELECT users.id, … FROM users WHERE users.age > ?) AS old
//	// WHERE old.name = ?
//
// Several references of one struct, made by [Alias], may read from different
// sources. Objects are made of the columns that the source has; fields whose
// columns it lacks are deferred, and a source without the whole primary key is an
// [ErrSchemaMismatch]. To name a column that is not there is an [ErrUnknownName].
//
// The criteria of a session hold inside of a source, where it reads tables. On the
// rows of SQL text, of [Values], of a function and of another table they hold as
// they do on those of the entity's own table.
//
// [EntityQuery.From] does so for the objects of a query.
func As[T any](entity *T, source Selectable) *EntitySource {
	if entity == nil {
		return readFrom(nilItem(entity, "select from"), source)
	}
	return readFrom(referenceItem(entity, "select from", "an entity reference"), source)
}

func readFrom(entity Node, source Selectable) *EntitySource {
	s := &EntitySource{entity: entity}
	if !isNilPointer(source) && source != nil {
		s.from = source
	}
	return s
}

func (*EntitySource) node() {}
