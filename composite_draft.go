// This file reads the fields of a struct that are composites, and finds them by
// their addresses and names.

package orm

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// composite is a field that is several columns.
type composite struct {
	compositeKind
	offset uintptr
	props  []*property
}

// compositeDraft is a composite on its way.
type compositeDraft struct {
	composite
	names []string   // of its properties
	root  []int      // where its struct is in the model
	null  *nullPlace // of the sql.Null that it is, or is in
	key   bool
}

// nullPlace is where in the model a sql.Null lies.
type nullPlace struct {
	index []int
	valid uintptr // the offset of what says whether it is there
}

// readComposite reads a composite of the model, or of a struct embedded in it.
func (d *modelDraft) readComposite(f reflect.StructField, tag fieldTag, at place) {
	switch inside := at.in(f); {
	case !f.IsExported():
		d.refuseUnexported(f, tag, at)
	case d.promotes(f.Name, at.path+f.Name, inside.index):
		inside.path = f.Name + "."
		d.enterComposite(f, tag, inside, nil)
	}
}

// enterComposite reads a composite at a place, which may be a part of others.
func (d *modelDraft) enterComposite(f reflect.StructField, tag fieldTag, at place, outer []*compositeDraft) {
	c := &compositeDraft{key: tag.has("primary_key")}
	c.name, c.goType, c.inner, c.offset = strings.TrimSuffix(at.path, "."), f.Type, f.Type, at.offset
	if len(outer) > 0 {
		above := outer[len(outer)-1]
		c.null, c.key = above.null, c.key || above.key
	}
	d.checkWords(compositeWords, c.name, tag)
	if c.optional = isNullStruct(f.Type); c.optional {
		value, valid := f.Type.Field(0), f.Type.Field(1)
		if c.null != nil {
			d.wrong(c.name, "an optional composite is part of another", "make one of the two a plain struct")
			return
		}
		c.null = &nullPlace{at.index, at.offset + valid.Offset}
		c.inner, at.index, at.offset = value.Type, append(slices.Clip(at.index), value.Index...), at.offset+value.Offset
	}
	if reason, advice := c.mistake(); reason != "" {
		d.wrong(c.name, reason, advice)
		return
	}
	c.root = at.index
	at.prefix += compositePrefix(f, tag)
	d.composites = append(d.composites, c)
	told := len(d.problems)
	d.readParts(c.inner, at, append(slices.Clip(outer), c))
	if len(c.names) == 0 && len(d.problems) == told {
		d.wrong(c.name, fmt.Sprintf("a %s has no fields that are columns", c.inner), "")
	}
}

// mistake is what keeps a type from being a composite.
func (c *compositeDraft) mistake() (reason, advice string) {
	switch {
	case c.goType.Kind() == reflect.Pointer && c.goType.Elem().Kind() == reflect.Struct:
		return "a composite is not a pointer", fmt.Sprintf("where it may be missing, make the field a sql.Null[%s]", c.goType.Elem().Name())
	case c.inner.Kind() != reflect.Struct:
		return fmt.Sprintf("a composite is a struct, and a %s is none", c.goType), "drop the word composite"
	case isModel(c.inner):
		return fmt.Sprintf("a %s has a table of its own", c.inner.Name()), "refer to it by a *" + c.inner.Name()
	case c.optional && c.key:
		return "a primary key is never NULL", "make the field a " + c.inner.Name()
	}
	return "", ""
}

// compositePrefix is what stands before the names of the columns.
func compositePrefix(f reflect.StructField, tag fieldTag) string {
	if w, ok := tag.word("prefix"); ok {
		return plainText(w.value)
	}
	return snakeCase(f.Name) + "_"
}

// readParts reads the fields of a struct that is a composite, or is embedded in one.
func (d *modelDraft) readParts(t reflect.Type, at place, of []*compositeDraft) {
	for f := range t.Fields() {
		tag, err := readTag(f.Tag)
		inside := at.in(f)
		switch {
		case err != nil:
			d.wrongTag(at.path+f.Name, tag.text, err)
		case tag.skips():
		case tag.has("composite") && f.IsExported():
			d.enterComposite(f, tag, inside, of)
		case f.Anonymous && isMixin(f.Type, tag):
			d.checkWords(embeddedWords, at.path+f.Name, tag)
			if w, ok := tag.word("prefix"); ok {
				inside.prefix += plainText(w.value)
			}
			inside.path = at.path
			d.readParts(f.Type, inside, of)
		case !f.IsExported():
			d.refuseUnexported(f, tag, at)
		case isRelationship(f.Type):
			d.wrong(at.path+f.Name, "a composite has no relationships", `leave the field out with orm:"-"`)
		default:
			d.readPart(f, tag, at, of)
		}
	}
}

// readPart reads a field that is one column.
func (d *modelDraft) readPart(f reflect.StructField, tag fieldTag, at place, of []*compositeDraft) {
	innermost, inside := of[len(of)-1], at.in(f)
	column := at.prefix + d.columnName(f.Name)
	f.Name = at.path + f.Name // by which the property is called
	d.checkWords(columnWords, f.Name, tag)
	draft := &fieldDraft{
		owner: d.name, path: f.Name, field: f, offset: inside.offset, tag: tag, column: column, key: innermost.key || tag.has("primary_key"),
	}
	draft.readColumnName(at.prefix)
	if innermost.null != nil {
		draft.valid = innermost.null.valid - inside.offset
		draft.checkOptional()
	}
	d.fields = append(d.fields, draft)
	for _, c := range of {
		part := compositePart{index: inside.index[len(c.root):], offset: inside.offset - c.offset}
		if innermost.null != nil && c.null == nil {
			part.null = innermost.null.index[len(c.root):]
		}
		c.names, c.parts = append(c.names, f.Name), append(c.parts, part)
	}
}

// checkOptional refuses what only a column can be that is never NULL.
func (f *fieldDraft) checkOptional() {
	if w, ok := f.tag.word("notnull"); ok {
		f.wrongWord(w, "the columns of an optional composite may be NULL", "")
	}
	if f.key {
		f.wrong("a primary key is never NULL", "make the composite a plain struct")
	}
}

// defineComposites gives the composites their properties.
func (d *modelDraft) defineComposites() {
	for _, draft := range d.composites {
		c := &draft.composite
		for i, name := range draft.names {
			p := d.mapper.byField[name]
			if p == nil {
				break // its mistake has been told
			}
			c.props = append(c.props, p)
			c.parts[i].codec = p.reader()
		}
		d.mapper.composites = append(d.mapper.composites, c)
	}
}

// compositeOf returns the composite at an offset of the struct, or nil.
func (m *Mapper) compositeOf(offset uintptr, goType reflect.Type) *composite {
	for _, c := range m.composites {
		if c.offset == offset && c.goType == goType {
			return c
		}
	}
	return nil
}

// propertiesOf returns the property at an offset of the struct, or those of the
// composite there.
func (m *Mapper) propertiesOf(offset uintptr, goType reflect.Type) []*property {
	if p := m.propertyOf(offset, goType); p != nil {
		return []*property{p}
	}
	if c := m.compositeOf(offset, goType); c != nil {
		return c.props
	}
	return nil
}

// splitKey is a key that is given as one composite as the values of its columns, in
// their order; any other is as it was.
func (m *Mapper) splitKey(key []any) []any {
	if len(key) != 1 || len(m.composites) == 0 {
		return key
	}
	for _, c := range m.composites {
		if len(c.props) != len(m.keys) || reflect.TypeOf(key[0]) != c.goType {
			continue
		}
		parts, ok := c.split(key[0])
		values := make([]any, 0, len(parts))
		for _, p := range m.keys {
			if at := slices.Index(c.props, p); ok && at >= 0 {
				values = append(values, parts[at])
			}
		}
		if len(values) == len(m.keys) {
			return values
		}
	}
	return key
}

// on is the composite as columns of a FROM item.
func (c *composite) on(from fromNode) *compositeNode {
	n := &compositeNode{kind: &c.compositeKind, columns: make([]*columnNode, len(c.props))}
	for i, p := range c.props {
		n.columns[i] = &columnNode{p.column, from}
	}
	return n
}

// composite is the composite field of that name.
func (e *entityFrom) composite(name string) *compositeNode {
	return e.mapper.spreader(e.from).named(name)
}

// spreader takes the mapper's composites out of expressions.
func (m *Mapper) spreader(from fromNode) *spreader {
	return &spreader{named: func(name string) *compositeNode {
		for _, c := range m.composites {
			if c.name == name {
				return c.on(from)
			}
		}
		return nil
	}}
}
