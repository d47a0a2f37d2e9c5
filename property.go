// This file holds the property, a field of a struct that is a column, and how
// a field becomes one by its Go type and its tag.

package orm

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aurum-go/orm/types"
)

// property is a field that is a column. It is not changed after registration.
type property struct {
	name     string // the Go name, promoted ones without the path
	index    int    // in the mapper's props
	column   *Column
	offset   uintptr // from the start of the struct
	goType   reflect.Type
	codec    types.Codec
	op       types.Op
	key      bool
	deferred bool
	version  bool
	served   bool   // it is a version that the database makes
	stepped  bool   // it is a version whose type is a Versioner
	auto     bool   // the database counts it up
	group    string // of deferred properties that are loaded together
	onUpdate bool   // an UPDATE fills it
	synonym  string // another name of the field, or empty
}

// Versioner is a type of a field with the tag version whose values tell the one
// that follows, T being the type itself: a counter of its own kind, a random
// token, a hash. The first version of a row follows the zero value. NextVersion
// has to be a method of the type, not of a pointer to it, and its results have
// to differ from what they follow.
//
//	type Token string
//
//	func (Token) NextVersion() Token { return Token(rand.Text()) }
//
//	var _ orm.Versioner[Token] = Token("")
type Versioner[T any] interface{ NextVersion() T }

// fieldDraft is a field on its way to become a property.
type fieldDraft struct {
	owner    string // the struct, as errors name it
	path     string // the field, as errors name it: "Timestamps.CreatedAt"
	field    reflect.StructField
	offset   uintptr
	tag      fieldTag
	column   string
	key      bool
	implied  *ForeignKey // by the name of a relationship
	checks   []TableItem
	problems []error
}

func (f *fieldDraft) wrong(reason, advice string) {
	f.problems = append(f.problems, &MapError{Type: f.owner, Field: f.path, Reason: reason, Advice: advice})
}

// wrongWord is a mistake in a word of the tag.
func (f *fieldDraft) wrongWord(w tagWord, reason, advice string) {
	f.problems = append(f.problems, &MapError{
		Type: f.owner, Field: f.path, Tag: f.tag.text, Pos: w.valuePos, Reason: reason, Advice: advice,
	})
}

// define makes the property and its column. It returns nil where the mistakes
// leave nothing to go on with.
func (f *fieldDraft) define(keyOption bool) *property {
	sqlType, ok := f.sqlType()
	if !ok {
		return nil
	}
	codec, err := types.CodecFor(f.field.Type, sqlType)
	if err != nil {
		f.wrong(typesProblem(err))
		return nil
	}
	p := &property{
		name: f.field.Name, offset: f.offset, goType: f.field.Type, codec: codec, op: types.OpOf(codec),
		key: f.key, version: f.tag.has("version"), onUpdate: f.tag.has("on_update"),
	}
	p.served = p.version && f.tag.has("fetched")
	p.stepped = p.version && !p.served && isVersioner(p.goType)
	if w, ok := f.tag.word("deferred"); ok {
		p.deferred, p.group = true, w.value
	}
	if w, ok := f.tag.word("synonym"); ok {
		p.synonym = w.value
	}
	f.checkRoles(p, sqlType)
	p.column = NewColumn(f.column, sqlType, slices.Concat(
		f.nullOptions(codec.Nullable()), f.keyOptions(keyOption, sqlType), f.fillOptions(p, sqlType), f.referenceOptions(), f.plainOptions(),
	)...)
	f.readCheck()
	return p
}

// typesProblem is an error of package types in the words of a [MapError].
func typesProblem(err error) (reason, advice string) {
	var wrongType *types.TypeError
	var wrongWord *types.ParseError
	var wrongValue *types.ValueError
	switch {
	case errors.As(err, &wrongType):
		return wrongType.Reason, wrongType.Advice
	case errors.As(err, &wrongWord):
		return wrongWord.Reason, ""
	case errors.As(err, &wrongValue):
		return wrongValue.Reason, ""
	}
	return strings.TrimPrefix(err.Error(), "types: "), ""
}

// sqlType is the column's type: the tag's, else the one that fits the Go type.
func (f *fieldDraft) sqlType() (types.Type, bool) {
	size, sized := f.tag.word("size")
	if w, ok := f.tag.word("type"); ok {
		t, err := types.Parse(w.value)
		if err != nil {
			reason, advice := typesProblem(err)
			f.wrongWord(w, reason, advice)
		} else if sized {
			f.wrongWord(size, "the size is part of the type", fmt.Sprintf("write type:string(%s)", size.value))
		}
		return t, err == nil
	}
	t, _, err := types.Infer(f.field.Type)
	if err != nil {
		f.wrong(typesProblem(err))
		return t, false
	}
	if sized {
		t = f.sized(t, size)
	}
	return t, true
}

func (f *fieldDraft) sized(t types.Type, w tagWord) types.Type {
	size, err := strconv.Atoi(w.value)
	switch {
	case err != nil || size < 1:
		f.wrongWord(w, fmt.Sprintf("the size %q is not a positive number", w.value), "")
	case t.Kind() == types.KindText || t.Kind() == types.KindString:
		return types.String(size)
	case t.Kind() == types.KindBytes:
		return types.LargeBinary(size)
	default:
		f.wrongWord(w, fmt.Sprintf("a column of type %s has no size", t), "it is for strings and bytes")
	}
	return t
}

// checkRoles refuses roles that a column cannot have together.
func (f *fieldDraft) checkRoles(p *property, t types.Type) {
	if p.version {
		f.checkVersion(p, t)
	}
	if w, ok := f.tag.word("deferred"); ok && p.key {
		f.wrongWord(w, "a primary key cannot be deferred", "")
	}
	if p.key && standsForNull(p.goType) {
		f.wrong("a primary key is never NULL", fmt.Sprintf("use a type that has no NULL in place of %s", f.field.Type))
	}
}

// standsForNull reports whether the type is there to add NULL to another.
func standsForNull(t reflect.Type) bool {
	return t.Kind() == reflect.Pointer || t.PkgPath() == "database/sql"
}

func (f *fieldDraft) checkVersion(p *property, t types.Type) {
	w, _ := f.tag.word("version")
	switch {
	case p.codec.Nullable():
		f.wrongWord(w, "a version is never NULL", fmt.Sprintf("use a type that has no NULL in place of %s", f.field.Type))
	case !p.served && !p.stepped && !isCounter(f.field.Type, t) && !isClock(f.field.Type, t):
		f.wrongWord(w, fmt.Sprintf("a version is an integer or a time.Time, not %s", f.field.Type), "give the type a method NextVersion, or let the database make it, with fetched")
	case p.key:
		f.wrongWord(w, "a primary key cannot be the version", "")
	case p.deferred:
		f.wrongWord(w, "a version cannot be deferred", "")
	}
	for _, key := range []string{"nullable", "default", "server_default", "on_update"} {
		if other, ok := f.tag.word(key); ok {
			f.wrongWord(other, fmt.Sprintf("a version is made with every write, so %q cannot stand here", key), "")
		}
	}
}

func isCounter(goType reflect.Type, t types.Type) bool {
	return isInteger(goType.Kind()) && isIntegerColumn(t)
}

// isVersioner reports whether a type is a [Versioner] of itself.
func isVersioner(t reflect.Type) bool {
	method := reflect.Zero(t).MethodByName("NextVersion")
	return method.IsValid() && method.Type() == reflect.FuncOf(nil, []reflect.Type{t}, false)
}

// step has the type of a version say what follows.
func (p *property) step(object, row types.Ptr) {
	from := reflect.Zero(p.goType)
	if row != nil {
		from = reflect.NewAt(p.goType, fieldPtr(row, p.offset)).Elem()
	}
	field := fieldPtr(object, p.offset)
	reflect.NewAt(p.goType, field).Elem().Set(from.MethodByName("NextVersion").Call(nil)[0])
	p.codec.Normalize(field)
}

func isClock(goType reflect.Type, t types.Type) bool {
	return goType == reflect.TypeFor[time.Time]() && t.Kind() == types.KindDateTime
}

func isInteger(k reflect.Kind) bool { return k >= reflect.Int && k <= reflect.Uint64 }

func (f *fieldDraft) nullOptions(nullable bool) []ColumnOption {
	yes, saysYes := f.tag.word("nullable")
	_, saysNo := f.tag.word("notnull")
	switch {
	case saysYes && saysNo:
		f.wrongWord(yes, "the column is said to be nullable and notnull", "")
	case saysYes && f.key:
		f.wrongWord(yes, "a primary key is never NULL", "")
	}
	if saysYes || nullable && !saysNo {
		return []ColumnOption{Nullable()}
	}
	return []ColumnOption{NotNull()}
}

// keyOptions are those of the primary key. A key that the struct's tag names
// is a part of the table and not of its columns.
func (f *fieldDraft) keyOptions(keyOption bool, t types.Type) []ColumnOption {
	var options []ColumnOption
	if f.key && keyOption {
		options = append(options, PrimaryKey())
	}
	w, ok := f.tag.word("autoincrement")
	if !ok {
		return options
	}
	on := w.value == "" || w.value == "true"
	switch {
	case !on && w.value != "false":
		f.wrongWord(w, fmt.Sprintf("autoincrement is true or false, not %q", w.value), "")
	case on && !f.key:
		f.wrongWord(w, "only a primary key can be counted up by the database", "")
	case on && !isIntegerColumn(t):
		f.wrongWord(w, fmt.Sprintf("a column of type %s cannot be counted up", t), "")
	case on && (f.tag.has("default") || f.tag.has("server_default") || f.tag.has("fetched")):
		f.wrongWord(w, "a column with a default is not counted up", "")
	}
	return append(options, Autoincrement(on))
}

func isIntegerColumn(t types.Type) bool {
	switch t.Kind() {
	case types.KindSmallInteger, types.KindInteger, types.KindBigInteger:
		return true
	}
	return false
}

// fillOptions say what fills the column when a statement does not.
func (f *fieldDraft) fillOptions(p *property, t types.Type) []ColumnOption {
	var options []ColumnOption
	if w, ok := f.tag.word("default"); ok {
		filled := f.fill(w, p, t)
		options = append(options, columnOption(func(c *Column) { c.fallback = filled }))
	}
	if w, ok := f.tag.word("on_update"); ok {
		filled := f.fill(w, p, t)
		options = append(options, columnOption(func(c *Column) { c.onUpdate = filled }))
		if f.key {
			f.wrongWord(w, "a primary key is not filled by an UPDATE", "")
		}
	}
	w, ok := f.tag.word("server_default")
	if text, isText := unquoted(w.value); ok && isText {
		options = append(options, ServerDefaultText(text))
	} else if ok {
		options = append(options, ServerDefaultSQL(SQL(w.value)))
	}
	if fetched, also := f.tag.word("fetched"); also {
		options = append(options, FetchedValue())
		if ok {
			f.wrongWord(fetched, "a column has server_default or fetched, not both", "")
		}
	}
	return options
}

func (f *fieldDraft) fill(w tagWord, p *property, t types.Type) ColumnDefault {
	if w.value == "now" && (t.Kind() == types.KindDateTime || t.Kind() == types.KindDate) {
		return ColumnDefault{now: true}
	}
	filled, reason, advice := literalDefault(w.value, p, t)
	if reason != "" {
		f.wrongWord(w, reason, advice)
	}
	return filled
}

func (f *fieldDraft) referenceOptions() []ColumnOption {
	if f.implied != nil {
		return []ColumnOption{f.withActions(f.implied)}
	}
	w, ok := f.tag.word("foreign_key")
	if !ok {
		for _, key := range []string{"ondelete", "onupdate"} {
			if action, stands := f.tag.word(key); stands {
				f.wrongWord(action, fmt.Sprintf("the word %q says what a foreign key does, and the field has none", key), adviceForAction(key))
			}
		}
		return nil
	}
	dot := strings.LastIndexByte(w.value, '.')
	if dot < 1 || dot == len(w.value)-1 || strings.ContainsAny(w.value, "()") {
		f.wrongWord(w, fmt.Sprintf("the foreign key %q is not of the form table.column", w.value), "")
		return nil
	}
	return []ColumnOption{f.withActions(References(w.value[:dot], w.value[dot+1:]))}
}

// withActions adds what the tag says a foreign key does.
func (f *fieldDraft) withActions(fk *ForeignKey) *ForeignKey {
	if action, ok := f.action("ondelete"); ok {
		fk = fk.OnDelete(action)
	}
	if action, ok := f.action("onupdate"); ok {
		fk = fk.OnUpdate(action)
	}
	return fk
}

func adviceForAction(key string) string {
	if key == "onupdate" {
		return "a value for every UPDATE is on_update"
	}
	return ""
}

func (f *fieldDraft) action(key string) (Action, bool) {
	w, ok := f.tag.word(key)
	if !ok {
		return "", false
	}
	action, ok := actions[w.value]
	if !ok {
		f.wrongWord(w, fmt.Sprintf("unknown action %q", w.value), "there are: cascade, no_action, restrict, set_default, set_null")
	}
	return action, ok
}

func (f *fieldDraft) plainOptions() []ColumnOption {
	var options []ColumnOption
	if f.tag.has("unique") {
		options = append(options, Unique())
	}
	if f.tag.has("index") {
		options = append(options, IndexColumn())
	}
	if w, ok := f.tag.word("comment"); ok {
		options = append(options, ColumnComment(plainText(w.value)))
	}
	return options
}

// readCheck reads the field's check. One without a name gets the column's, on
// which the naming convention builds.
func (f *fieldDraft) readCheck() {
	w, ok := f.tag.word("check")
	if !ok {
		return
	}
	check := checkOf(w.value)
	if check.name == "" {
		check = check.Named(f.column)
	}
	f.checks = append(f.checks, check)
}
