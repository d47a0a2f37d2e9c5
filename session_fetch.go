// This file makes objects of the session out of the entities in the rows of any
// statement.

package orm

import (
	"context"
	"slices"

	"github.com/aurum-go/orm/types"
)

// objects returns what makes objects of the session of the columns of entities.
func (s *Session) objects(stream bool) objectSource {
	source := &fetchedObjects{session: s}
	if stream {
		source.mode = loadStreamed
	}
	return source
}

// fetchedObjects are the objects of one result.
type fetchedObjects struct {
	session *Session
	mode    loadMode
	readers []*fetchedObject
}

// fetchedObject reads the objects of one entity.
type fetchedObject struct {
	optionalObject
	found []*instance // whose relationships are to be loaded
}

func (f *fetchedObjects) reader(e entityItem) (objectReader, error) {
	from := e.(*entityFrom)
	plan := &loadPlan{mapper: from.mapper, props: from.eagerProps(), more: from.eagerMore()}
	reader := &fetchedObject{optionalObject: optionalObject{loader: newEntityLoader(&f.session.unit, plan, f.mode)}}
	f.readers = append(f.readers, reader)
	return reader, nil
}

// take notes whose relationships the tags want loaded.
func (f *fetchedObject) take() (types.Ptr, error) {
	p, err := f.optionalObject.take()
	if p != nil && err == nil && f.loader.holds() && f.loader.mapper.loadsRelations() {
		f.found = append(f.found, instanceAt(f.loader.mapper, p))
	}
	return p, err
}

func (f *fetchedObject) explain(err error) error { return f.loader.reader.explain(err) }

// finish loads what the tags want loaded with the objects.
func (f *fetchedObjects) finish(ctx context.Context) error {
	for _, r := range f.readers {
		if err := r.loader.complete(ctx, f.session.conn); err != nil {
			return err
		}
		if len(r.found) == 0 {
			continue
		}
		plan, err := planFor(r.loader.mapper, nil, f.session.criteria)
		if err == nil {
			err = (&loadRun{unit: &f.session.unit, criteria: f.session.criteria}).after(ctx, plan, r.found, nil)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// eagerProps are the fields that the columns of an entity are for.
func (e *entityFrom) eagerProps() []*property {
	if len(e.eager) == len(e.mapper.eager)+len(e.mapper.more) {
		return e.mapper.eager
	}
	var props []*property
	for _, c := range e.eager {
		if p := e.mapper.byColumn[c.column.name]; p != nil && p.column == c.column {
			props = append(props, p)
		}
	}
	return props
}

// eagerMore are the fields of heirs that the columns of an entity are for.
func (e *entityFrom) eagerMore() []inherited {
	return slices.DeleteFunc(slices.Clone(e.mapper.more), func(i inherited) bool {
		return !slices.ContainsFunc(e.eager, func(c *columnNode) bool { return c.column == i.prop.column })
	})
}

func (f *fetchedObjects) abandon() {
	for _, r := range f.readers {
		r.loader.abandon()
	}
}
