// This file holds the identity map: one object for each row.

package orm

import (
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"time"

	"github.com/aurum-go/orm/types"
)

// identityKey is the primary key of a row, as a comparable value: a lone
// integer as it is, anything else as text.
type identityKey struct {
	number int64
	text   string
}

// identityTable holds the objects of one mapper, and of those that inherit from it.
type identityTable struct {
	byKey map[identityKey]*instance
	all   []*instance // in no order; slot says where
}

// identityMap holds the objects of a session, by the topmost of their mappers: in
// what inherits, a key is that of one object.
type identityMap map[*Mapper]*identityTable

// table returns the objects of a mapper, and of those related to it, making room
// for them.
func (m identityMap) table(mapper *Mapper) *identityTable {
	t := m[mapper.top]
	if t == nil {
		t = &identityTable{byKey: map[identityKey]*instance{}}
		m[mapper.top] = t
	}
	return t
}

// held are the objects of a mapper, those of mappers that inherit from it included.
// It is to be read only.
func (m identityMap) held(mapper *Mapper) []*instance {
	t := m[mapper.top]
	switch {
	case t == nil:
		return nil
	case mapper == mapper.top:
		return t.all
	}
	return slices.DeleteFunc(slices.Clone(t.all), func(inst *instance) bool { return !inst.mapper.is(mapper) })
}

// mappers are those whose objects it may hold.
func (m identityMap) mappers() iter.Seq[*Mapper] {
	return func(yield func(*Mapper) bool) {
		for top := range m {
			if !yield(top) {
				return
			}
			for _, heir := range top.heirs {
				if !yield(heir) {
					return
				}
			}
		}
	}
}

func (t *identityTable) get(key identityKey) *instance { return t.byKey[key] }

// of returns the object of a key, unless it is of another mapper.
func (t *identityTable) of(m *Mapper, key identityKey) *instance {
	if inst := t.byKey[key]; inst != nil && (inst.mapper == m || inst.mapper.is(m)) {
		return inst
	}
	return nil
}

// put enters an object under its key.
func (t *identityTable) put(i *instance) {
	i.slot = len(t.all)
	t.all = append(t.all, i)
	t.byKey[i.key] = i
}

// remove takes an object out.
func (t *identityTable) remove(i *instance) {
	last := len(t.all) - 1
	if i.slot > last || t.all[i.slot] != i {
		return
	}
	t.all[i.slot] = t.all[last]
	t.all[i.slot].slot = i.slot
	t.all[last] = nil
	t.all = t.all[:last]
	t.leave(i)
}

// leave gives an object's key up, and take enters it under another one.
func (t *identityTable) leave(i *instance) {
	if t.byKey[i.key] == i {
		delete(t.byKey, i.key)
	}
}

func (t *identityTable) take(i *instance, key identityKey) {
	i.key = key
	t.byKey[key] = i
}

// keyAt returns the identity of the struct at an address. The key is what the
// database gave, so that spellings which it takes for equal are one.
func (m *Mapper) keyAt(p types.Ptr) (identityKey, error) {
	if len(m.keys) == 1 {
		key := m.keys[0]
		switch key.op {
		case types.Op64:
			return identityKey{number: *typedPointer[int64](fieldPtr(p, key.offset))}, nil
		case types.Op32, types.Op16, types.Op8:
			return identityKey{number: integerField(key, p)}, nil
		case types.OpString:
			return identityKey{text: *typedPointer[string](fieldPtr(p, key.offset))}, nil
		}
	}
	var text []byte
	for _, key := range m.keys {
		v, err := key.codec.Encode(fieldPtr(p, key.offset))
		if err != nil {
			return identityKey{}, &UsageError{Kind: ErrValue, Op: "identify", Subject: key.column.fullName(), Reason: "the key cannot be encoded", Err: err}
		}
		if text, err = appendKeyPart(text, v); err != nil {
			return identityKey{}, &UsageError{Kind: ErrValue, Op: "identify", Subject: key.column.fullName(), Reason: "the key has no order", Err: err}
		}
	}
	return identityKey{text: string(text)}, nil
}

// in is the key of a row of a shard; 0 is none.
func (k identityKey) in(shard int) identityKey {
	if shard != 0 {
		k.text = string([]byte{byte(shard >> 8), byte(shard)}) + k.text
	}
	return k
}

// appendKeyPart writes a part of a key so that no two lists of parts look the
// same.
func appendKeyPart(text []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return nil, errors.New("NULL cannot be part of a primary key")
	case int64:
		return binary.BigEndian.AppendUint64(append(text, 'i'), uint64(v)), nil
	case string:
		return append(binary.AppendUvarint(append(text, 's'), uint64(len(v))), v...), nil
	case []byte:
		return append(binary.AppendUvarint(append(text, 'b'), uint64(len(v))), v...), nil
	case bool:
		if v {
			return append(text, 't'), nil
		}
		return append(text, 'f'), nil
	case time.Time:
		return binary.BigEndian.AppendUint64(append(text, 'd'), uint64(v.UnixMicro())), nil
	case float64:
		return fmt.Appendf(append(text, 'n'), "%x;", v), nil
	}
	return nil, fmt.Errorf("a %T cannot be part of a primary key", v)
}

// compareInstances orders objects by table and key.
func compareInstances(a, b *instance) int {
	return cmp.Or(
		strings.Compare(a.mapper.table.FullName(), b.mapper.table.FullName()),
		cmp.Compare(a.key.number, b.key.number),
		strings.Compare(a.key.text, b.key.text),
	)
}
