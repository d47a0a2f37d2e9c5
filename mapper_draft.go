// This file reads a struct that is to be mapped: which of its fields are
// columns, with those of embedded structs where these stand, and what its own
// tag says.

package orm

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	"github.com/aurum-go/orm/types"
)

// structWord is a word of the struct's own tag, and where it stands.
type structWord struct {
	tagWord
	path string
	tag  fieldTag
}

// modelDraft is what a struct says of itself, before there is a table.
type modelDraft struct {
	goType     reflect.Type
	name       string
	words      []structWord // outer structs first
	fields     []*fieldDraft
	basePath   string
	baseOffset uintptr
	ambiguous  map[string]string // name that Go does not promote → path of the field
	keyColumns []string          // of the struct's own primary_key
	composites []*compositeDraft
	onto       *Table // that is there already, or nil
	columnName func(goName string) string
	mapper     *Mapper
	tableName  string
	schema     string
	rels       []*relationship
	items      []TableItem
	problems   []error
	inherits   inheritWord
	baseType   reflect.Type // the struct that it inherits from, or nil
	base       *modelDraft
	ancestor   *modelDraft // the struct of which it has all columns, or nil
	keyProps   []*property // of its own table, where that is joined to the base's
	keyed      *ForeignKey
	virtual    bool            // no row is of this very struct
	reusable   map[string]bool // columns that further structs which inherit may have, too
}

// beginModel reads the fields of a struct.
func beginModel(t reflect.Type, r *Registry) *modelDraft {
	d := &modelDraft{goType: t, name: t.Name(), ambiguous: map[string]string{}, columnName: r.fieldName}
	if d.name == "" {
		d.name = t.String()
	}
	d.readStruct(t, place{})
	if d.basePath == "" {
		if len(d.problems) == 0 {
			d.wrong("", "the struct does not embed orm.Base", "embed it by value")
		}
		return d
	}
	d.mapper = &Mapper{
		goType: t, name: d.name, registry: r, baseOffset: d.baseOffset, byField: map[string]*property{}, byColumn: map[string]*property{},
		line: []forebear{{listeners: listenersOf(t)}},
	}
	return d
}

func (d *modelDraft) wrong(path, reason, advice string) {
	d.problems = append(d.problems, &MapError{Type: d.name, Field: path, Reason: reason, Advice: advice})
}

func (d *modelDraft) wrongWord(path string, tag fieldTag, pos int, reason, advice string) {
	d.problems = append(d.problems, &MapError{Type: d.name, Field: path, Tag: tag.text, Pos: pos, Reason: reason, Advice: advice})
}

// wrongTag is a tag that could not be parsed.
func (d *modelDraft) wrongTag(path, text string, err error) {
	if problem, ok := errors.AsType[*MapError](err); ok {
		problem.Type, problem.Field, problem.Tag = d.name, path, text
	}
	d.problems = append(d.problems, err)
}

func (d *modelDraft) checkWords(v *vocabulary, path string, tag fieldTag) {
	for _, problem := range v.check(tag.words) {
		d.wrongTag(path, tag.text, problem)
	}
}

func (d *modelDraft) readStructWords(path string, tag fieldTag) {
	d.checkWords(structWords, path, tag)
	for _, w := range tag.words {
		d.words = append(d.words, structWord{w, path, tag})
	}
}

func (d *modelDraft) word(key string) (structWord, bool) {
	for _, w := range d.words {
		if w.key == key {
			return w, true
		}
	}
	return structWord{}, false
}

// wrongValue is a mistake in the value of a word of the struct's tag.
func (d *modelDraft) wrongValue(w structWord, offset int, reason, advice string) {
	d.wrongWord(w.path, w.tag, w.valuePos+offset, reason, advice)
}

var (
	baseType  = reflect.TypeFor[Base]()
	modelType = reflect.TypeFor[Model]()
)

// isModel reports whether a pointer to the struct is a [Model].
func isModel(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && reflect.PointerTo(t).Implements(modelType)
}

// isRelationship reports whether the type leads to other mapped structs.
func isRelationship(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array:
		return isRelationship(t.Elem())
	case reflect.Map:
		return isRelationship(t.Elem()) || isRelationship(t.Key())
	}
	return t == baseType || isModel(t)
}

// place is where in the model a struct lies that is read.
type place struct {
	path   string // of the embedded struct, with a dot behind
	index  []int
	offset uintptr
	prefix string // of column names
}

func (at place) in(f reflect.StructField) place {
	return place{
		path: at.path + f.Name + ".", index: append(slices.Clip(at.index), f.Index...), offset: at.offset + f.Offset, prefix: at.prefix,
	}
}

// readStruct reads the fields of the model, or of a struct embedded in it.
func (d *modelDraft) readStruct(t reflect.Type, at place) {
	for f := range t.Fields() {
		d.readField(f, at)
	}
}

func (d *modelDraft) readField(f reflect.StructField, at place) {
	tag, err := readTag(f.Tag)
	if err != nil {
		d.wrongTag(at.path+f.Name, tag.text, err)
		return
	}
	switch {
	case tag.skips():
	case f.Anonymous && f.Type == baseType:
		d.readBase(f, tag, at)
	case f.Anonymous && f.Type == reflect.PointerTo(baseType):
		d.wrong(at.path+f.Name, "a pointer to orm.Base is embedded", "embed orm.Base itself")
	case f.Anonymous && f.Type.Kind() == reflect.Pointer && f.Type.Elem().Kind() == reflect.Struct && !tag.has("composite"):
		d.wrong(at.path+f.Name, "a pointer is embedded", `embed the struct itself, or leave it out with orm:"-"`)
	case tag.has("composite"):
		d.readComposite(f, tag, at)
	case f.Anonymous && isModel(f.Type):
		d.readAbstract(f, tag, at)
	case f.Anonymous && isMixin(f.Type, tag):
		d.readMixin(f, tag, at)
	case !f.IsExported():
		d.refuseUnexported(f, tag, at)
	case isRelationship(f.Type):
		d.readRelationship(f, tag, at)
	default:
		d.readColumn(f, tag, at)
	}
}

func (d *modelDraft) readBase(f reflect.StructField, tag fieldTag, at place) {
	path := at.path + f.Name
	if d.basePath != "" {
		d.wrong(path, "orm.Base is embedded twice", "it is in "+d.basePath+" already")
		return
	}
	d.basePath, d.baseOffset = path, at.offset+f.Offset
	if d.copies(at) {
		tag.words = slices.DeleteFunc(tag.words, func(w tagWord) bool { return !slices.Contains(copiedWords, w.key) })
	}
	d.readStructWords(path, tag)
	if w, ok := tag.word("abstract"); ok && at.path == "" {
		d.wrongWord(path, tag, w.pos, "an abstract struct has no table of its own", "embed it in the structs that are registered")
	}
}

// readAbstract takes in a struct that embeds Base for others to embed.
func (d *modelDraft) readAbstract(f reflect.StructField, tag fieldTag, at place) {
	if !isAbstract(f.Type) {
		d.readInherited(f, tag, at)
		return
	}
	d.readStructWords(at.path+f.Name, tag)
	if w, ok := tag.word("abstract"); ok && at.path == "" {
		d.wrongWord(at.path+f.Name, tag, w.pos, "an abstract struct has no table of its own", "embed it in the structs that are registered")
	}
	d.readStruct(f.Type, at.in(f))
}

// isAbstract reports whether the tag by which a struct gets its Base says so.
func isAbstract(t reflect.Type) bool {
	for f := range t.Fields() {
		if f.Anonymous && (f.Type == baseType || isModel(f.Type)) {
			tag, err := readTag(f.Tag)
			return err == nil && tag.has("abstract")
		}
	}
	return false
}

// isMixin reports whether an embedded struct stands for its fields. One that
// is a value of its own (a time, a struct with a Value method) is a column.
func isMixin(t reflect.Type, tag fieldTag) bool {
	if t.Kind() != reflect.Struct || tag.has("type") {
		return false
	}
	_, _, err := types.Infer(t)
	return err != nil || tag.has("prefix")
}

func (d *modelDraft) readMixin(f reflect.StructField, tag fieldTag, at place) {
	d.checkWords(embeddedWords, at.path+f.Name, tag)
	inside := at.in(f)
	if w, ok := tag.word("prefix"); ok {
		inside.prefix += plainText(w.value)
	}
	d.readStruct(f.Type, inside)
}

func (d *modelDraft) refuseUnexported(f reflect.StructField, tag fieldTag, at place) {
	if tag.text != "" {
		d.wrong(at.path+f.Name, "the field is unexported and has a tag", "export the field, or drop the tag")
	}
}

func (d *modelDraft) readColumn(f reflect.StructField, tag fieldTag, at place) {
	path, inside := at.path+f.Name, at.in(f)
	if !d.promotes(f.Name, path, inside.index) {
		return
	}
	d.checkWords(columnWords, path, tag)
	draft := &fieldDraft{
		owner: d.name, path: path, field: f, offset: inside.offset, tag: tag, column: at.prefix + d.columnName(f.Name), key: tag.has("primary_key"),
	}
	draft.readColumnName("")
	d.fields = append(d.fields, draft)
}

// readColumnName reads the word column, behind a prefix.
func (f *fieldDraft) readColumnName(prefix string) {
	w, ok := f.tag.word("column")
	if !ok {
		if err := validateName(f.column); err != nil {
			f.wrong(nameReason(err), "it came from the registry's WithColumnName")
		}
		return
	}
	f.column = prefix + plainText(w.value)
	if err := validateName(f.column); err != nil {
		f.wrongWord(w, nameReason(err), "")
	}
}

// nameReason is an error of validateName as a reason of a [MapError].
func nameReason(err error) string {
	if usage, ok := errors.AsType[*UsageError](err); ok {
		return usage.Reason
	}
	return err.Error()
}

// promotes reports whether the model has the field under its name alone: a
// field of an embedded struct is hidden by one of that name further out.
func (d *modelDraft) promotes(name, path string, index []int) bool {
	visible, ok := d.goType.FieldByName(name)
	if ok && !slices.Equal(visible.Index, index) {
		if visible.Anonymous {
			d.wrong(path, "the field is hidden by the embedded struct "+visible.Name, "rename one of them")
		}
		return false
	}
	if ok {
		return true
	}
	if other, taken := d.ambiguous[name]; taken {
		d.wrong(path, fmt.Sprintf("the name %s is promoted from here and from %s", name, other), `declare a field of that name in the struct itself, or leave one out with orm:"-"`)
		return false
	}
	d.ambiguous[name] = path
	return true
}
