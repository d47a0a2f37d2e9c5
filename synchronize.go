// This file holds how an UPDATE or DELETE of the user brings the objects that a
// session holds in step with the rows that it writes.

package orm

// SyncMode says how the objects of a session follow an [UpdateStatement] or
// [DeleteStatement] that is run on it, and [EntityQuery.Update] and
// [EntityQuery.Delete]. After an UPDATE the objects whose rows it has met hold the
// new values, and what was changed in them and not flushed yet stays; after a DELETE
// they are [Deleted]. A rollback undoes either.
//
// Nothing cascades in memory: what a deleted object leads to is left alone, also
// where the database deletes it or clears its foreign key.
type SyncMode uint8

// The ways to follow.
const (
	// SyncAuto evaluates the condition and the new values in memory, where that
	// certainly gives what the database does, and reads the others: the keys of the
	// objects that meet the condition before the statement, and the new values after
	// it, by one SELECT for each 500. A session that holds no object of the struct
	// sends nothing more than the statement.
	SyncAuto SyncMode = iota
	// SyncEvaluate reads nothing. A condition that cannot be evaluated is an
	// [ErrUnsupported], and nothing is sent. Objects that are stale, or of which a
	// column was not loaded, are stale afterwards, and so are new values that are not
	// known: the next query, Get or Load that meets the row reads them.
	SyncEvaluate
	// SyncFetch evaluates nothing, and reads keys and the values that expressions have
	// given: for columns of which the mapping does not know all, such as a collation.
	SyncFetch
	// SyncNone leaves the objects as they are.
	SyncNone
)

// Synchronize says how objects of the session follow the statement. On an engine
// or connection it has no effect.
func (s *UpdateStatement) Synchronize(mode SyncMode) *UpdateStatement {
	return s.with(func(s *UpdateStatement) { s.sync = mode })
}

// Synchronize says how objects of the session follow the statement. On an engine
// or connection it has no effect.
func (s *DeleteStatement) Synchronize(mode SyncMode) *DeleteStatement {
	return s.with(func(s *DeleteStatement) { s.sync = mode })
}
