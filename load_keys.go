// This file matches rows with the objects that they belong to, by the values of
// foreign keys and of what these refer to.

package orm

import (
	"reflect"
	"strings"

	"github.com/aurum-go/orm/types"
)

// relationKey returns the values of fields as one comparable value: the same for
// all types of Go that hold the same, such as int64, *int32 and sql.Null. A NULL
// among them refers to nothing.
func relationKey(props []*property, row types.Ptr) (key identityKey, null bool, err error) {
	if len(props) == 1 {
		switch p := props[0]; p.op {
		case types.Op64:
			return identityKey{number: *typedPointer[int64](fieldPtr(row, p.offset))}, false, nil
		case types.Op32, types.Op16, types.Op8:
			return identityKey{number: integerField(p, row)}, false, nil
		}
	}
	parts, null, err := keyParts(props, row)
	if null || err != nil {
		return identityKey{}, null, err
	}
	key, err = keyOfParts(parts)
	return key, false, err
}

// identityOf is the key under which the identity map has the object of a mapper
// that fields refer to, given in the order of its primary key.
func (m *Mapper) identityOf(props []*property, row types.Ptr) (identityKey, error) {
	if len(m.keys) == 1 {
		switch m.keys[0].op {
		case types.Op64, types.Op32, types.Op16, types.Op8, types.OpString:
			key, _, err := relationKey(props, row)
			return key, err
		}
	}
	parts, _, err := keyParts(props, row)
	if err != nil {
		return identityKey{}, err
	}
	return textKey(parts)
}

// keyParts are the values of fields as they are sent.
func keyParts(props []*property, row types.Ptr) (parts []any, null bool, err error) {
	parts = make([]any, len(props))
	for i, p := range props {
		v, err := p.codec.Encode(fieldPtr(row, p.offset))
		if err != nil {
			return nil, false, &UsageError{Kind: ErrValue, Op: "load", Subject: p.column.fullName(), Reason: "the key cannot be encoded", Err: err}
		}
		if v == nil {
			return nil, true, nil
		}
		parts[i] = v
	}
	return parts, false, nil
}

func keyOfParts(parts []any) (identityKey, error) {
	if len(parts) == 1 {
		switch v := parts[0].(type) {
		case int64:
			return identityKey{number: v}, nil
		case string:
			return identityKey{text: v}, nil
		}
	}
	return textKey(parts)
}

func textKey(parts []any) (identityKey, error) {
	var text []byte
	for _, v := range parts {
		var err error
		if text, err = appendKeyPart(text, v); err != nil {
			return identityKey{}, &UsageError{Kind: ErrValue, Op: "load", Subject: "key", Reason: "the key has no order", Err: err}
		}
	}
	return identityKey{text: string(text)}, nil
}

// foldedKey is relationKey without the case of texts and the spaces at their end.
// It reports false where there is no text.
func foldedKey(props []*property, row types.Ptr) (key identityKey, hasText bool, err error) {
	parts, null, err := keyParts(props, row)
	if null || err != nil {
		return identityKey{}, false, err
	}
	for i, v := range parts {
		if text, ok := v.(string); ok {
			parts[i], hasText = strings.ToLower(strings.TrimRight(text, " ")), true
		}
	}
	if !hasText {
		return identityKey{}, false, nil
	}
	key, err = keyOfParts(parts)
	return key, true, err
}

// keyIndex finds objects by the values of some of their fields.
type keyIndex struct {
	props []*property
	keys  []identityKey // in order
	byKey map[identityKey][]*instance
}

func newKeyIndex(props []*property) *keyIndex {
	return &keyIndex{props: props, byKey: map[identityKey][]*instance{}}
}

func (x *keyIndex) add(key identityKey, inst *instance) {
	if _, known := x.byKey[key]; !known {
		x.keys = append(x.keys, key)
	}
	x.byKey[key] = append(x.byKey[key], inst)
}

// values are the values of a key's fields.
func (x *keyIndex) values(key identityKey) []any {
	values := make([]any, len(x.props))
	for i, p := range x.props {
		values[i] = reflect.NewAt(p.goType, fieldPtr(x.byKey[key][0].snapshot, p.offset)).Elem().Interface()
	}
	return values
}

// foundMembers are the members of a relationship by the key that leads to them.
//
// A database may take spellings of a text for equal: then the key of a row is
// found under none, or nothing is found under a key. Such rows are kept by their
// text without its case.
type foundMembers struct {
	index  *keyIndex
	unique bool // a key leads to one member at most
	twice  bool // a member may be found twice
	byKey  map[identityKey][]types.Ptr
	folded map[identityKey][]types.Ptr
}

func newFoundMembers(rel *relationship, index *keyIndex) *foundMembers {
	return &foundMembers{index: index, unique: rel.direction == ManyToOne, twice: rel.link != nil, byKey: map[identityKey][]types.Ptr{}, folded: map[identityKey][]types.Ptr{}}
}

// add notes the member of a row by the fields that say to whom it belongs.
func (f *foundMembers) add(props []*property, row, member types.Ptr) error {
	key, null, err := relationKey(props, row)
	if null || err != nil {
		return err
	}
	_, known := f.index.byKey[key]
	if known {
		f.byKey[key] = append(f.byKey[key], member)
	}
	if known && !f.unique || key.text == "" {
		return nil
	}
	folded, ok, err := foldedKey(props, row)
	if ok && err == nil {
		f.folded[folded] = append(f.folded[folded], member)
	}
	return err
}

// of returns the members for a key, once each.
func (f *foundMembers) of(key identityKey) ([]types.Ptr, error) {
	members := f.byKey[key]
	if len(f.folded) > 0 && !(f.unique && len(members) > 0) {
		folded, ok, err := foldedKey(f.index.props, f.index.byKey[key][0].snapshot)
		if err != nil {
			return nil, err
		}
		if ok {
			members = append(members, f.folded[folded]...)
		}
	}
	if f.twice {
		members = lacking(members, nil)
	}
	return members, nil
}

// keysIn is the condition that a key is that of one of the objects.
func keysIn(m *Mapper, keys []Node, objects []types.Ptr) Node {
	rows := make([][]any, len(objects))
	for n, object := range objects {
		for _, p := range m.keys {
			rows[n] = append(rows[n], reflect.NewAt(p.goType, fieldPtr(object, p.offset)).Elem().Interface())
		}
	}
	if len(keys) > 1 {
		return &tupleInNode{columns: keys, rows: rows}
	}
	values := make([]any, len(rows))
	for n, row := range rows {
		values[n] = row[0]
	}
	return &inNode{operand: keys[0], values: values}
}
