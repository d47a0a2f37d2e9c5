// This file makes and removes the tables of the structs that a registry maps.

package orm

import "context"

// CreateAll makes the tables of the registry's structs that the database does
// not have; see [Metadata.CreateAll].
func (r *Registry) CreateAll(ctx context.Context, ex Executor, options ...SchemaOption) error {
	if err := r.settle(); err != nil {
		return err
	}
	return r.Metadata().CreateAll(ctx, ex, options...)
}

// DropAll removes the tables of the registry's structs, and all their rows; see
// [Metadata.DropAll].
func (r *Registry) DropAll(ctx context.Context, ex Executor, options ...SchemaOption) error {
	if err := r.settle(); err != nil {
		return err
	}
	return r.Metadata().DropAll(ctx, ex, options...)
}
