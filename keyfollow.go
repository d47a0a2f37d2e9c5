// This file has objects in memory follow where the database does by itself: a key
// was changed, and foreign keys with ON UPDATE CASCADE have changed with it.

package orm

import (
	"slices"

	"github.com/aurum-go/orm/types"
)

// rowChange is a row before and after an UPDATE.
type rowChange struct{ from, to types.Ptr }

// rowChanges are those of one mapper.
type rowChanges struct {
	mapper *Mapper
	rows   []rowChange
}

// followKeys follows the rows of a batch that were updated.
func (w *writer) followKeys(b *batch) error {
	if !w.unit.followed(b.mapper, b.columns) {
		return nil
	}
	changes := make([]rowChange, len(b.items))
	for i, inst := range b.items {
		changes[i] = rowChange{inst.snapshot, inst.object}
	}
	queue := []rowChanges{{b.mapper, changes}}
	for at := 0; at < len(queue); at++ {
		for m := range w.unit.identity.mappers() {
			for _, key := range m.table.foreignKeys {
				moved, err := w.unit.writer(w.conn, m).followKey(key, queue[at])
				if err != nil {
					return err
				}
				if len(moved.rows) > 0 {
					queue = append(queue, moved)
				}
			}
		}
	}
	return nil
}

// followed reports whether objects may refer to columns by a foreign key that
// follows them.
func (u *unit) followed(m *Mapper, columns columnSet) bool {
	for child := range u.identity.mappers() {
		for _, key := range child.table.foreignKeys {
			if key.onUpdate == Cascade && slices.ContainsFunc(key.pairsTo(child, m), func(p keyPair) bool { return columns.has(p.far.index) }) {
				return true
			}
		}
	}
	return false
}

// pairsTo are the columns of a foreign key of one mapper with those of another
// that they refer to, or none.
func (k *ForeignKey) pairsTo(from, to *Mapper) []keyPair {
	referred, err := k.Referred()
	if err != nil || referred[0].table != to.table || k == from.keyed {
		return nil
	}
	pairs := make([]keyPair, len(referred))
	for i, column := range referred {
		if pairs[i] = (keyPair{from.byColumn[k.columns[i]], to.byColumn[column.name]}); pairs[i].own == nil || pairs[i].far == nil {
			return nil
		}
	}
	return pairs
}

// followKey has the objects of the writer's mapper follow by one foreign key, and
// returns what that has changed.
func (w *writer) followKey(key *ForeignKey, changes rowChanges) (moved rowChanges, err error) {
	pairs := key.pairsTo(w.mapper, changes.mapper)
	if key.onUpdate != Cascade || pairs == nil {
		return moved, nil
	}
	byText := map[string]rowChange{}
	for _, c := range changes.rows {
		before, whole := rowText(farProps(pairs), c.from)
		if after, _ := rowText(farProps(pairs), c.to); whole && before != after {
			byText[before] = c
		}
	}
	if len(byText) == 0 {
		return moved, nil
	}
	moved.mapper = w.mapper
	var items []*instance
	for _, inst := range w.unit.identity.held(w.mapper) {
		if inst.shard != w.unit.shard {
			continue
		}
		text, whole := rowText(ownProps(pairs), inst.snapshot)
		c, known := byText[text]
		if !whole || !known {
			continue
		}
		old := inst.snapshot
		if err := w.follow(inst, pairs, c.to); err != nil {
			return moved, err
		}
		items, moved.rows = append(items, inst), append(moved.rows, rowChange{old, inst.snapshot})
	}
	if slices.ContainsFunc(pairs, func(p keyPair) bool { return p.own.key }) {
		err = w.rekeyAll(items, (*instance).stored)
	}
	return moved, err
}

// follow gives an object the foreign key that its row has now.
func (w *writer) follow(inst *instance, pairs []keyPair, parent types.Ptr) error {
	w.unit.remember(inst)
	old := inst.snapshot
	inst.snapshot = newBlock(inst.mapper.goType, 1)
	inst.mapper.snapshot(inst.snapshot, old)
	for _, pair := range pairs {
		if err := w.copyPart(pair, inst.snapshot, parent); err != nil {
			return err
		}
		if sameField(pair.own, inst.object, old) {
			pair.own.codec.Copy(fieldPtr(inst.object, pair.own.offset), fieldPtr(inst.snapshot, pair.own.offset))
		}
	}
	return nil
}
