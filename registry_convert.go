// This file has fields follow converters that were registered after their structs:
// package variables, where registries are usually made, come before every init.

package orm

import (
	"fmt"

	"github.com/aurum-go/orm/types"
)

// convertLate gives fields the converters that were registered since the structs
// were. Once a registry has been used, it is too late. It is called with register
// held.
func (r *Registry) convertLate() []error {
	known, now := r.converters.Load(), types.Registrations()
	if known == now {
		return nil
	}
	var problems []error
	for _, m := range r.Mappers() {
		for _, p := range m.props {
			if !types.RegisteredAfter(p.goType, known) {
				continue
			}
			if problem := m.convert(p, r.used); problem != nil {
				problems = append(problems, problem)
			}
		}
	}
	if len(problems) == 0 {
		r.converters.Store(now)
	}
	return problems
}

// convert gives a field the converter that its type has now.
func (m *Mapper) convert(p *property, used bool) error {
	late := func(reason string) error {
		return &MapError{Type: m.name, Field: p.name, Reason: fmt.Sprintf("the converter of %s was registered after the struct, %s", p.goType, reason), Advice: "call types.Register before orm.Register"}
	}
	switch {
	case used:
		return late("which was in use by then")
	case p.key || p.version:
		return late("and the field is a key or a version")
	case p.column.fallback.value != nil || p.column.onUpdate.value != nil:
		return late("and the field has a default")
	}
	sqlType := types.Type{}
	if !p.inferred {
		sqlType = p.column.typ
	}
	codec, err := types.CodecFor(p.goType, sqlType)
	if err == nil && p.inferred {
		sqlType, _, err = types.Infer(p.goType)
	}
	if err != nil {
		reason, advice := typesProblem(err)
		return &MapError{Type: m.name, Field: p.name, Reason: reason, Advice: advice}
	}
	if !p.nullSaid {
		p.column.nullable = codec.Nullable()
	}
	m.adoptCodec(p, codec)
	p.column.typ = sqlType
	return nil
}

// adoptCodec gives a property a codec.
func (m *Mapper) adoptCodec(p *property, codec types.Codec) {
	if codec.Mutable() && !p.codec.Mutable() {
		m.mutable = append(m.mutable, p)
	}
	p.codec, p.op = codec, types.OpOf(codec)
}
