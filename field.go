// This file finds and compares the fields of mapped structs without boxing their
// values.

package orm

import (
	"fmt"
	"reflect"

	"github.com/aurum-go/orm/types"
)

// sameField reports whether a field holds the same value in two structs.
func sameField(p *property, a, b types.Ptr) bool {
	a, b = fieldPtr(a, p.offset), fieldPtr(b, p.offset)
	if p.op == types.OpCodec {
		return p.codec.Equal(a, b)
	}
	return p.op.Equal(a, b)
}

// integerField reads an integer field of any width.
func integerField(p *property, base types.Ptr) int64 {
	v := reflect.NewAt(p.goType, fieldPtr(base, p.offset)).Elem()
	if v.CanUint() {
		return int64(v.Uint())
	}
	return v.Int()
}

// setInteger writes an integer field of any width, unless it is too narrow.
func setInteger(p *property, base types.Ptr, n int64) bool {
	v := reflect.NewAt(p.goType, fieldPtr(base, p.offset)).Elem()
	switch {
	case v.CanUint() && (n < 0 || v.OverflowUint(uint64(n))), v.CanInt() && v.OverflowInt(n):
		return false
	case v.CanUint():
		v.SetUint(uint64(n))
	default:
		v.SetInt(n)
	}
	return true
}

// columnsOf returns the property behind the address of one of an object's own
// fields, or those of a composite; none for any other address.
func (m *Mapper) columnsOf(model Model, field any) []*property {
	r := reflect.ValueOf(field)
	if r.Kind() != reflect.Pointer {
		return nil
	}
	return m.propertiesOf(r.Pointer()-reflect.ValueOf(model).Pointer(), r.Type().Elem())
}

// fieldsOf is columnsOf for several. One that is none is an [ErrArgument].
func (m *Mapper) fieldsOf(model Model, fields []any) ([]*property, error) {
	var props []*property
	for _, f := range fields {
		own := m.columnsOf(model, f)
		if len(own) == 0 {
			return nil, notOwnField(m, f)
		}
		props = append(props, own...)
	}
	return props, nil
}

func notOwnField(m *Mapper, f any) error {
	return &UsageError{
		Kind: ErrArgument, Op: "refer to field of", Subject: m.name, Reason: fmt.Sprintf("%T is not the address of a mapped field of this object", f),
		Advice: "as in orm.Load(ctx, u, &u.Body)",
	}
}
