package orm

import "reflect"

// Descend has those who listen to a struct hear of the objects of a model that embeds
// it, before its own. The returned function takes that back.
func Descend(model Model, from reflect.Type) (undo func()) {
	m, _ := Inspect(model)
	f, _ := m.goType.FieldByName(from.Name())
	line := m.line
	m.line = append([]forebear{{listenersOf(from), f.Offset}}, line...)
	return func() { m.line = line }
}
