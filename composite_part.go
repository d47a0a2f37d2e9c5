// This file holds the parts of composites as fields: they are columns like others,
// and those of an optional composite know whether the whole is there.

package orm

import (
	"database/sql/driver"
	"reflect"

	"github.com/aurum-go/orm/types"
)

// optionalCodec carries a part of a sql.Null. As long as that is not valid, the part
// is NULL; a part that is given a value makes it valid.
type optionalCodec struct {
	types.Codec
	valid uintptr // from the part to what says whether it is there
}

func (c *optionalCodec) there(p types.Ptr) *bool { return typedPointer[bool](fieldPtr(p, c.valid)) }

func (c *optionalCodec) Encode(p types.Ptr) (driver.Value, error) {
	if !*c.there(p) {
		return nil, nil
	}
	return c.Codec.Encode(p)
}

func (c *optionalCodec) Decode(p types.Ptr, src any) error {
	if src == nil && !c.Codec.Nullable() {
		*c.there(p) = false
	}
	return optionalReader{c}.Decode(p, src)
}

func (c *optionalCodec) Equal(a, b types.Ptr) bool {
	return *c.there(a) == *c.there(b) && (!*c.there(a) || c.Codec.Equal(a, b))
}

func (c *optionalCodec) Copy(dst, src types.Ptr) {
	c.Codec.Copy(dst, src)
	*c.there(dst) = *c.there(src)
}

func (c *optionalCodec) IsZero(p types.Ptr) bool { return !*c.there(p) }
func (c *optionalCodec) Nullable() bool          { return true }

func (c *optionalCodec) Normalize(p types.Ptr) {
	if *c.there(p) {
		c.Codec.Normalize(p)
	}
}

// optionalReader reads the part out of a row, into a sql.Null that is not valid: it
// is, if a part of it is not NULL.
type optionalReader struct{ *optionalCodec }

func (r optionalReader) Decode(p types.Ptr, src any) error {
	if src == nil && !r.Codec.Nullable() {
		zeroField(r.Go(), p)
		return nil
	}
	if src != nil {
		*r.there(p) = true
	}
	return r.Codec.Decode(p, src)
}

// optional is the codec of a part of an optional composite, or nil.
func (p *property) optional() *optionalCodec {
	c, _ := p.codec.(*optionalCodec)
	return c
}

// reader is what reads the property out of a row.
func (p *property) reader() types.Codec {
	if c := p.optional(); c != nil {
		return optionalReader{c}
	}
	return p.codec
}

// value is the value of the field in a struct, as any.
func (p *property) value(base types.Ptr) any {
	field := fieldPtr(base, p.offset)
	if c := p.optional(); c != nil && !*c.there(field) {
		return nil
	}
	return reflect.NewAt(p.goType, field).Elem().Interface()
}

// setValue puts a value of the field's type into it.
func (p *property) setValue(field types.Ptr, v reflect.Value) {
	held := reflect.New(p.goType)
	held.Elem().Set(v)
	if c := p.optional(); c != nil {
		c.Codec.Copy(field, held.UnsafePointer())
		*c.there(field) = true
		return
	}
	p.codec.Copy(field, held.UnsafePointer())
}
