// This file reads the fields of a struct that are relationships, with their
// tags, and finds the foreign keys that their names imply.

package orm

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// relationWords are the parts of a relationship's tag that name something which
// may not be registered yet.
type relationWords struct {
	tag                                                                 fieldTag
	path                                                                string
	back, secondary, orderBy, remoteSide, foreignKeys, mapKey, position tagWord
	singleParent                                                        bool
}

// relationTarget takes the type of a field apart: *T, []*T, map[K]*T, or
// map[*T]struct{}.
func relationTarget(t reflect.Type) (relationShape, reflect.Type, bool) {
	pointsToModel := func(t reflect.Type) bool { return t.Kind() == reflect.Pointer && isModel(t.Elem()) }
	switch {
	case pointsToModel(t):
		return shapeOne, t.Elem(), true
	case t.Kind() == reflect.Slice && pointsToModel(t.Elem()):
		return shapeList, t.Elem().Elem(), true
	case t.Kind() == reflect.Map && pointsToModel(t.Elem()):
		return shapeMap, t.Elem().Elem(), true
	case t.Kind() == reflect.Map && pointsToModel(t.Key()) && t.Elem() == reflect.TypeFor[struct{}]():
		return shapeSet, t.Key().Elem(), true
	}
	return 0, nil, false
}

func (d *modelDraft) readRelationship(f reflect.StructField, tag fieldTag, at place) {
	path := at.path + f.Name
	if f.Type == baseType {
		d.wrong(path, "orm.Base is a field", "embed it")
		return
	}
	shape, elem, ok := relationTarget(f.Type)
	if !ok {
		d.wrong(path, fmt.Sprintf("a %s is no relationship", f.Type), "use *T, []*T, map[K]*T or map[*T]struct{}")
		return
	}
	if !d.promotes(f.Name, path, at.in(f).index) {
		return
	}
	d.checkWords(relationshipWords, path, tag)
	r := &relationship{name: f.Name, index: len(d.rels), offset: at.in(f).offset, goType: f.Type, shape: shape, elem: elem, cascade: cascadeDefault}
	r.words = relationWords{tag: tag, path: path, singleParent: tag.has("single_parent")}
	for key, word := range map[string]*tagWord{
		"back_populates": &r.words.back, "secondary": &r.words.secondary, "order_by": &r.words.orderBy,
		"remote_side": &r.words.remoteSide, "foreign_keys": &r.words.foreignKeys, "key": &r.words.mapKey,
		"position": &r.words.position,
	} {
		*word, _ = tag.word(key)
	}
	if d.copies(at) {
		r.words.back = tagWord{} // the other side knows the struct that is copied
	}
	r.viewOnly, r.postpone = tag.has("viewonly"), tag.has("post_update")
	d.readCascade(r)
	d.readLazy(r)
	d.checkRelation(r)
	d.rels = append(d.rels, r)
}

func (d *modelDraft) wrongRelation(r *relationship, w tagWord, reason, advice string) {
	d.wrongWord(r.words.path, r.words.tag, w.valuePos, reason, advice)
}

var cascadeWords = map[string]cascades{
	"save-update": cascadeSave, "merge": cascadeMerge, "delete": cascadeDelete, "delete-orphan": cascadeOrphan,
	"refresh-expire": cascadeRefresh, "expunge": cascadeExpunge, "all": cascadeAll, "none": 0,
}

// readCascade reads "all,delete-orphan".
func (d *modelDraft) readCascade(r *relationship) {
	w, ok := r.words.tag.word("cascade")
	if !ok {
		if r.viewOnly {
			r.cascade = 0
		}
		return
	}
	r.cascade = 0
	for word := range strings.SplitSeq(w.value, ",") {
		c, known := cascadeWords[strings.TrimSpace(word)]
		if !known {
			d.wrongRelation(r, w, fmt.Sprintf("unknown cascade %q", strings.TrimSpace(word)), "there are: all, delete, delete-orphan, expunge, merge, none, refresh-expire, save-update")
		}
		r.cascade |= c
	}
	switch {
	case r.viewOnly && r.cascade != 0 && r.cascade&^(cascadeRefresh|cascadeExpunge|cascadeMerge) != 0:
		d.wrongRelation(r, w, "a relationship that is only viewed writes nothing", "drop viewonly, or the words save-update, delete and delete-orphan")
	case r.has(cascadeOrphan) && !r.has(cascadeDelete):
		d.wrongRelation(r, w, "delete-orphan goes with delete", "write cascade:all,delete-orphan")
	}
}

var lazyWords = []string{string(lazyJoined), string(lazyNoLoad), string(lazyRaise), string(lazySelect), string(lazySelectIn), string(lazySubquery), string(lazyWriteOnly)}

func (d *modelDraft) readLazy(r *relationship) {
	if w, ok := r.words.tag.word("lazy"); ok {
		r.lazy = lazyWord(w.value)
		if !slices.Contains(lazyWords, w.value) {
			d.wrongRelation(r, w, fmt.Sprintf("unknown loading strategy %q", w.value), "there are: "+strings.Join(lazyWords, ", "))
		}
	}
	if r.writeOnly() {
		r.passive = passiveYes
	}
	w, ok := r.words.tag.word("passive_deletes")
	switch {
	case !ok || w.value == "false" && !r.writeOnly():
	case w.value == "" || w.value == "true":
		r.passive = passiveYes
	case w.value == "all":
		r.passive = passiveFull
		if r.has(cascadeDelete) {
			d.wrongRelation(r, w, "passive_deletes:all leaves all to the database, and the cascade deletes", "drop delete from the cascade")
		}
	case r.writeOnly():
		d.wrongRelation(r, w, "a write-only collection is never read, not even to delete what is in it", "drop passive_deletes:"+w.value)
	default:
		d.wrongRelation(r, w, fmt.Sprintf("passive_deletes is true, false or all, not %q", w.value), "")
	}
}

func (d *modelDraft) checkRelation(r *relationship) {
	switch {
	case r.shape == shapeMap && r.words.mapKey.value == "":
		d.wrong(r.words.path, "a map needs the field of its key", `write key:Name, a field of `+r.elem.Name())
	case r.shape != shapeMap && r.words.mapKey.value != "":
		d.wrongRelation(r, r.words.mapKey, "only a map has a key", "")
	case r.shape == shapeOne && r.words.orderBy.value != "":
		d.wrongRelation(r, r.words.orderBy, "a single object has no order", "")
	case r.writeOnly() && r.shape != shapeList:
		d.wrong(r.words.path, "only a list can be write-only", "make the field a []*"+r.elem.Name())
	case r.words.position.value != "" && (r.shape != shapeList || r.viewOnly || r.writeOnly()):
		d.wrongRelation(r, r.words.position, "only the objects of a list that is read and written have positions", "")
	case r.words.position.value != "" && r.words.secondary.value != "":
		d.wrongRelation(r, r.words.position, "an object may be in several lists of a link table", "map the link table as a struct, with the position as its field")
	case r.shape == shapeOne && r.words.secondary.value != "":
		d.wrongRelation(r, r.words.secondary, "a link table joins collections", "make the field a []*"+r.elem.Name())
	case r.words.secondary.value != "" && r.words.foreignKeys.value != "":
		d.wrongRelation(r, r.words.foreignKeys, "a link table has the foreign keys", "write secondary:table(own,far) to choose among its columns")
	case r.words.secondary.value != "" && r.words.remoteSide.value != "":
		d.wrongRelation(r, r.words.remoteSide, "a link table has the foreign keys", "write secondary:table(own,far) to choose among its columns")
	}
}

// sketch is what has to be known of another struct to refer to its table.
type sketch struct {
	table string
	keys  []sketchKey
}

type sketchKey struct{ field, column string }

// sketchOf returns the table and key of a struct, registered or not.
func (r *Registry) sketchOf(t reflect.Type, self *modelDraft) sketch {
	if known, ok := r.byType.Load(t); ok {
		m := known.(*Mapper)
		s := sketch{table: m.table.FullName()}
		for _, p := range m.keys {
			s.keys = append(s.keys, sketchKey{p.name, p.column.name})
		}
		return s
	}
	d := self
	if t != self.goType {
		d = readModel(t, r)
	}
	owner := d.tableDraft()
	s := sketch{table: (&Table{name: owner.tableName, schema: owner.schema}).FullName()}
	for d.base != nil {
		d = d.base // the topmost has the key
	}
	for _, f := range d.fields {
		if f.key && !slices.Contains(d.keyColumns, f.column) {
			s.keys = append(s.keys, sketchKey{f.field.Name, f.column})
		}
	}
	for _, column := range d.keyColumns {
		for _, f := range d.fields {
			if f.column == column {
				s.keys = append(s.keys, sketchKey{f.field.Name, f.column})
			}
		}
	}
	return s
}

// implyKeys gives columns a foreign key whose fields are named by a
// relationship: AuthorID next to Author.
func (d *modelDraft) implyKeys(r *Registry) {
	for _, rel := range d.rels {
		if rel.shape != shapeOne {
			continue
		}
		target := r.sketchOf(rel.elem, d)
		fields := d.keyFieldsOf(rel, target)
		if len(fields) == 0 || d.refer(fields) || !rel.allowsKey(fields) {
			continue
		}
		if len(fields) == 1 {
			fields[0].implied = References(target.table, target.keys[0].column)
			continue
		}
		var columns, targets []string
		for i, f := range fields {
			columns, targets = append(columns, f.column), append(targets, target.keys[i].column)
		}
		d.items = append(d.items, ForeignKeyTo(columns, target.table, targets...))
	}
}

// allowsKey reports whether the tag names no other foreign key.
func (r *relationship) allowsKey(fields []*fieldDraft) bool {
	if r.words.foreignKeys.value == "" {
		return true
	}
	listed := cutNames(strings.Trim(r.words.foreignKeys.value, "()"))
	return len(listed) == len(fields) && !slices.ContainsFunc(listed, func(l listedName) bool {
		return !slices.ContainsFunc(fields, func(f *fieldDraft) bool { return l.name == f.field.Name || l.name == f.column })
	})
}

// keyFieldsOf are the fields named after a relationship and each field of the
// other side's key, or none.
func (d *modelDraft) keyFieldsOf(rel *relationship, target sketch) []*fieldDraft {
	var fields []*fieldDraft
	for _, key := range target.keys {
		i := slices.IndexFunc(d.fields, func(f *fieldDraft) bool { return f.field.Name == rel.name+key.field })
		if i < 0 {
			return nil
		}
		fields = append(fields, d.fields[i])
	}
	return fields
}

// refer reports whether the tags give columns a foreign key. One that has other
// columns as well is another one.
func (d *modelDraft) refer(fields []*fieldDraft) bool {
	if slices.ContainsFunc(fields, func(f *fieldDraft) bool { return f.tag.has("foreign_key") || f.implied != nil }) {
		return true
	}
	among := func(l listedName) bool {
		return slices.ContainsFunc(fields, func(f *fieldDraft) bool { return l.name == f.column || l.name == f.field.Name })
	}
	for _, w := range d.words {
		if w.key != "foreign_key" {
			continue
		}
		columns, _, _ := strings.Cut(w.value, "->")
		names := cutNames(strings.Trim(strings.TrimSpace(columns), "()"))
		if !slices.ContainsFunc(names, func(l listedName) bool { return !among(l) }) {
			return true
		}
	}
	return false
}
