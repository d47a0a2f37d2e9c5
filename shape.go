// This file keeps the statements that always look the same: those of the unit
// of work and of loading by key. Each is written once for an engine.

package orm

type shapeKind uint8

const (
	shapeInsert shapeKind = iota
	shapeUpdate
	shapeDelete
	shapeSelect
	shapeGet
	shapeLink
	shapeUnlink
	shapePurge
)

// shapeKey tells one fixed statement from another.
type shapeKey struct {
	mapper  *Mapper
	link    *linkTable
	kind    shapeKind
	columns columnSet
	back    columnSet
	rows    int
	lock    lockWords
}

// lockWords is a lock clause without tables.
type lockWords struct{ on, noWait, skipLocked bool }

// shape returns the statement for a key, writing it if it is not kept yet. Only
// those for one row and for a full chunk are kept, so the number is bounded by
// the mappings and the shapes in use.
func (e *Engine) shape(key shapeKey, write func(Dialect) (*Compiled, error)) (*Compiled, error) {
	if kept, ok := e.shapes.Load(key); ok {
		return kept.(*Compiled), nil
	}
	compiled, err := write(e.Dialect())
	if err == nil && (key.rows <= 1 || key.rows == chunkRows) {
		e.shapes.Store(key, compiled)
	}
	return compiled, err
}
