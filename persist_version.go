// This file makes the versions of rows: by counting, by the clock, by the type of
// the field, or by asking the database what it has made.

package orm

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/aurum-go/orm/types"
)

// setVersion gives an object the version that follows the one of its row, if
// there is a row: what its type says, or the next number, or the time by the
// engine's clock, which goes on though the clock may not.
func (w *writer) setVersion(p *property, object, row types.Ptr) error {
	switch {
	case p.stepped:
		p.step(object, row)
		return nil
	case p.goType == reflect.TypeFor[time.Time]():
		now := w.unit.engine.now()
		if row != nil {
			if next := typedPointer[time.Time](fieldPtr(row, p.offset)).Add(time.Microsecond); now.Before(next) {
				now = next
			}
		}
		*typedPointer[time.Time](fieldPtr(object, p.offset)) = now
		return nil
	case row == nil:
		return w.setNumber(p, object, 1)
	}
	return w.setNumber(p, object, integerField(p, row)+1)
}

// checkVersion refuses to write an object whose version is not that of the row which
// was read: it was set by hand, from a form perhaps that somebody else has overtaken.
func (w *writer) checkVersion(p *property, inst *instance) error {
	if p.served || inst.snapshot == nil || sameField(p, inst.object, inst.snapshot) {
		return nil
	}
	reason := "the object and its row have different versions"
	if given := describeVersion(p, inst.object); given != "" {
		reason = fmt.Sprintf("the object has version %s and its row %s", given, describeVersion(p, inst.snapshot))
	}
	return &UsageError{Kind: ErrStaleData, Op: "flush", Subject: w.mapper.name, Reason: inst.describeKey() + ": " + reason, Advice: "versions are not set by hand; read the object again, and repeat"}
}

// servedBack is what an UPDATE of ordinary rows returns, with the key of its row, of
// what the database makes with every write; and what has to be read afterwards.
func (w *writer) servedBack() (back, late []*property) {
	served := w.mapper.served
	if !w.features.UpdateReturning {
		return nil, served
	}
	late = latecomers(served, w.features)
	if len(late) < len(served) {
		back = w.withKeys(slices.DeleteFunc(slices.Clone(served), func(p *property) bool { return slices.Contains(late, p) }))
	}
	return back, late
}

// latecomers are those of the columns that the database fills when the statement
// has returned already.
func latecomers(columns []*property, f *Features) []*property {
	if !f.LateTriggers {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(columns), func(p *property) bool { return p.key || p.column.server.kind != serverFetched })
}

// readLate reads columns of rows that were written just now.
func (w *writer) readLate(ctx context.Context, rows []*instance, columns []*property) error {
	if len(columns) == 0 {
		return nil
	}
	columns = w.withKeys(columns)
	found, err := w.readByKeys(ctx, rows, columns, (*instance).current)
	if err != nil {
		return err
	}
	return w.matchByKey(rows, found, columns)
}

// describeConflict says what became of a row. Some databases find that it has
// changed, and go on showing it as it was when the transaction began.
func describeConflict(version *property, row, snapshot types.Ptr) string {
	if sameField(version, row, snapshot) {
		return " was changed or deleted since this transaction began"
	}
	was, is := describeVersion(version, snapshot), describeVersion(version, row)
	if was == "" {
		return " has another version"
	}
	return fmt.Sprintf(" has version %s in place of %s", is, was)
}

// describeVersion tells a number or a time, and nothing of what may be a secret.
func describeVersion(p *property, base types.Ptr) string {
	switch {
	case p.goType == reflect.TypeFor[time.Time]():
		return typedPointer[time.Time](fieldPtr(base, p.offset)).Format(time.RFC3339Nano)
	case isInteger(p.goType.Kind()):
		return strconv.FormatInt(integerField(p, base), 10)
	}
	return ""
}
