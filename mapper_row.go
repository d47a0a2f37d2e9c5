// This file reads the row of an INSERT out of an object that no session knows.

package orm

import (
	"reflect"
	"time"

	"github.com/aurum-go/orm/types"
)

var _ rowMaker = (*entityFrom)(nil)

// objectRow is what an object gives the columns. What a zero says nothing for is left
// out, so that defaults count.
func (e *entityFrom) objectRow(object Model) (insertRow, error) {
	if given := reflect.TypeOf(object).Elem(); given != e.mapper.goType {
		return insertRow{}, &UsageError{Kind: ErrArgument, Op: "insert", Subject: given.String(), Reason: "what is inserted into is the entity reference of " + e.mapper.name, Advice: "give objects of that struct"}
	}
	var row insertRow
	base := modelPointer(object)
	for _, p := range e.mapper.props {
		zero := p.codec.IsZero(fieldPtr(base, p.offset))
		switch {
		case p == e.mapper.sorts && zero && e.mapper.kind != nil:
			row.made = append(row.made, Assignment{e.columns[p.index], p.bind(e.mapper.kind)})
		case p.version && !p.served:
			version := p.bind(base)
			if zero {
				version = p.firstVersion(base)
			}
			row.made = append(row.made, Assignment{e.columns[p.index], version})
		case p.served, zero && (p.auto || !p.column.server.IsZero() || !p.column.fallback.IsZero()):
		default:
			row.assigned = append(row.assigned, Assignment{e.columns[p.index], p.bind(base)})
		}
	}
	return row, nil
}

// bind is the value of the field, in its column's type.
func (p *property) bind(base types.Ptr) Node {
	return &bindNode{value: p.value(base), typ: p.column.Type()}
}

// firstVersion is the version of a new row: what its type says, the time of the
// statement, or 1.
func (p *property) firstVersion(base types.Ptr) Node {
	switch {
	case p.stepped:
		p.step(base, nil)
		return p.bind(base)
	case p.goType == reflect.TypeFor[time.Time]():
		return &fillNode{p.column, &ColumnDefault{now: true}}
	}
	return &bindNode{value: int64(1), typ: p.column.Type()}
}
