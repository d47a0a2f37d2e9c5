// This file tells the rows of structs that inherit apart: by a column of the topmost
// one, the discriminator, or by an expression in its place.

package orm

import (
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/aurum-go/orm/types"
)

// discriminator is what a mapper knows of whose a row is.
type discriminator struct {
	sorts    *property           // the column, of the topmost struct
	kind     types.Ptr           // a struct in which it is what it is in rows of the mapper's, or nil
	sortsBy  func() Expr[string] // in the place of the column: an expression
	label    string              // what that is of rows of the mapper's
	labelled bool                // there is a label
}

// settleDiscriminator finds the column that tells whose a row is.
func (d *modelDraft) settleDiscriminator() {
	m := d.mapper
	w, ok := d.word("polymorphic_on")
	switch {
	case d.base != nil:
		m.sorts, m.sortsBy = m.top.sorts, m.top.sortsBy
	case ok && m.sortsBy != nil:
		d.wrongValue(w, 0, "the discriminator is said twice", "drop polymorphic_on, or PolymorphicOn from ConfigureMapper")
	case m.sortsBy != nil:
	case ok:
		name, known := d.columnNamed(plainText(w.value))
		if m.sorts = m.byColumn[name]; m.sorts == nil || !known {
			d.unknownColumn(w, 0, w.value)
		} else if m.sorts.deferred {
			d.wrongValue(w, 0, "the discriminator cannot be deferred", "")
		}
	case m.polymorphic() || len(m.concretes) > 0:
		d.wrong("", slices.Concat(m.heirs, m.concretes)[0].name+" inherits from it, and nothing tells their rows apart", `name a field that does: orm.Base with orm:"polymorphic_on:Kind"`)
	}
}

// settleKind finds what the discriminator says of rows of the very struct.
func (d *modelDraft) settleKind() {
	m := d.mapper
	w, ok := d.word("polymorphic_identity")
	switch {
	case !m.sorted() && ok && len(d.problems) == 0:
		d.wrongValue(w, 0, "there is no discriminator that could have this value", "say polymorphic_on, in the topmost struct")
	case !m.sorted() || len(d.problems) > 0:
	case m.virtual && ok:
		d.wrongValue(w, 0, "there are no rows of this very struct", "drop polymorphic_identity, or polymorphic_abstract")
	case m.virtual:
	case !ok && (d.base != nil || d.ancestor != nil || m.polymorphic() || len(m.concretes) > 0):
		d.wrong("", "nothing tells its rows from those of other structs", "say polymorphic_identity:…, or polymorphic_abstract if there are none")
	case ok:
		d.readKind(w)
	}
}

// sorted reports whether anything tells whose a row is.
func (m *Mapper) sorted() bool { return m.sorts != nil || m.sortsBy != nil }

func (d *modelDraft) readKind(w structWord) {
	m := d.mapper
	if m.sortsBy != nil {
		m.label, m.labelled = plainText(w.value), true
		return
	}
	value, reason, _ := literalDefault(w.value, m.sorts, m.sorts.column.typ)
	if reason != "" {
		d.wrongValue(w, 0, reason, "write a value of "+m.top.name+"."+m.sorts.name)
		return
	}
	kind := newBlock(m.goType, 1)
	reflect.NewAt(m.sorts.goType, fieldPtr(kind, m.sorts.offset)).Elem().Set(reflect.ValueOf(value.value))
	m.kind = kind
}

// kindIn is the discriminator as it is reached in a group.
func (m *Mapper) kindIn() func(*tableGroup) Node {
	if m.sorts != nil {
		return func(g *tableGroup) Node { return &columnNode{m.sorts.column, g} }
	}
	top := m.top
	return func(g *tableGroup) Node {
		return &renamedNode{of: top.sortsBy().n, own: top.from, entity: top.entityAt(g.partOf(top.table))}
	}
}

// kinds is what the discriminator says of rows of the struct and of its heirs.
func (m *Mapper) kinds() []any {
	kinds := []any{}
	for _, one := range append([]*Mapper{m}, m.heirs...) {
		switch {
		case one.labelled:
			kinds = append(kinds, one.label)
		case one.kind != nil:
			kinds = append(kinds, reflect.NewAt(m.sorts.goType, fieldPtr(one.kind, m.sorts.offset)).Elem().Interface())
		}
	}
	return kinds
}

// whose returns the mapper whose row a struct holds, by its discriminator.
func (m *Mapper) whose(row types.Ptr) (*Mapper, error) {
	if m.kind != nil && sameField(m.sorts, m.kind, row) {
		return m, nil
	}
	for _, heirs := range [][]*Mapper{m.heirs, m.concretes} {
		for _, heir := range heirs {
			if heir.kind != nil && sameField(m.sorts, heir.kind, row) {
				return heir, nil
			}
		}
	}
	return nil, m.unknownKind(reflect.NewAt(m.sorts.goType, fieldPtr(row, m.sorts.offset)).Elem().Interface())
}

// unknownKind is the error of a row whose discriminator says nothing.
func (m *Mapper) unknownKind(said any) error {
	var known []string
	for _, one := range slices.Concat([]*Mapper{m}, m.heirs, m.concretes) {
		if one.kind != nil || one.labelled {
			known = append(known, one.name)
		}
	}
	subject := m.name
	if m.sorts != nil {
		subject += "." + m.sorts.name
	}
	return &UsageError{
		Kind: ErrDecode, Op: "read", Subject: subject, Reason: fmt.Sprintf("%q is the polymorphic_identity of no struct", fmt.Sprint(said)),
		Advice: "there are those of " + strings.Join(known, ", "),
	}
}

// alikeKinds refuses identities that two structs of one family have.
func alikeKinds(drafts []*modelDraft) {
	for i, d := range drafts {
		for _, other := range drafts[:i] {
			m, o := d.mapper, other.mapper
			if d.root() == other.root() && (m.labelled && o.labelled && m.label == o.label || m.kind != nil && o.kind != nil && sameField(m.sorts, m.kind, o.kind)) {
				w, _ := d.word("polymorphic_identity")
				d.wrongValue(w, 0, fmt.Sprintf("the identity %q is that of %s already", plainText(w.value), o.name), "")
				break
			}
		}
	}
}
