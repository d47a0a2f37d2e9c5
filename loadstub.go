package orm

import "context"

func (u *unit) loadRelated(ctx context.Context, r *relationship, parents []*instance) error {
	return nil
}
