// This file reads objects that a row may lack, because an outer join has found
// none, or because a query that a struct is mapped to has no key in that row.

package orm

import (
	"errors"

	"github.com/aurum-go/orm/types"
)

// optionalObject reads the object of an entity, row by row.
type optionalObject struct {
	loader *entityLoader
	cells  []optionalCell
	row    types.Ptr // where the present row goes
}

// optionalCell is a cell that keeps NULL for later: where all of a row is NULL,
// there is no object.
type optionalCell struct {
	*cell
	null bool
}

// Scan takes a driver's value.
func (c *optionalCell) Scan(src any) error {
	if c.null = src == nil; c.null {
		return nil
	}
	return c.cell.Scan(src)
}

// dest are the places for the columns.
func (e *optionalObject) dest() []any {
	e.cells = make([]optionalCell, len(e.loader.reader.cells))
	dest := make([]any, len(e.cells))
	for i := range e.cells {
		e.cells[i].cell = &e.loader.reader.cells[i]
		dest[i] = &e.cells[i]
	}
	return e.loader.behind(dest)
}

// aim says where the next row goes.
func (e *optionalObject) aim() {
	e.row = e.loader.place()
	e.loader.reader.aim(e.row)
}

// take returns the object of the row that was read, or nil.
func (e *optionalObject) take() (types.Ptr, error) {
	if e.absent() {
		return nil, nil
	}
	if err := e.takeNulls(); err != nil {
		return nil, err
	}
	return e.loader.take(e.row)
}

// absent reports whether the row has no such object: its whole key is NULL.
func (e *optionalObject) absent() bool {
	keyed := false
	for i, p := range e.loader.props {
		if p.key && !e.cells[i].null {
			return false
		}
		keyed = keyed || p.key
	}
	return keyed
}

// takeNulls gives the fields of an object that is there their NULLs.
func (e *optionalObject) takeNulls() error {
	for _, c := range e.cells {
		if !c.null {
			continue
		}
		err := c.cell.Scan(nil)
		if p, ok := errors.AsType[*decodePanic](err); ok {
			panic(p.value)
		}
		if err != nil {
			return err
		}
	}
	return nil
}
