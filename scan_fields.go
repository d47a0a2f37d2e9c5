// This file finds the fields of a row struct for the columns of a result: fields for
// single columns, and those that take all columns of an entity.

package orm

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/aurum-go/orm/types"
)

// objectSource makes objects of the columns of entities. It is the session's.
type objectSource interface {
	// reader returns what reads the columns of an entity.
	reader(e entityItem) (objectReader, error)
	// finish completes the objects when all rows are read.
	finish(ctx context.Context) error
	// abandon lets go of the objects of a result that was cut short.
	abandon()
}

// objectReader reads the columns of one entity, row by row.
type objectReader interface {
	// dest are the places that database/sql scans into.
	dest() []any
	// aim is called before a row is scanned, take afterwards: it returns the
	// object, or nil where an outer join has none.
	aim()
	take() (types.Ptr, error)
	// explain says of an error which field could not be read.
	explain(err error) error
}

// element is what stands in the select list: a column, or an entity with all of
// its columns.
type element struct {
	entity       entityItem
	composite    *compositeKind
	first, count int
}

// scanObject is where the object of an entity goes.
type scanObject struct {
	element
	offset uintptr
}

func elementsOf(columns []string, known []resultColumn) []element {
	var elements []element
	for i := 0; i < len(columns); {
		e := element{first: i, count: 1}
		switch {
		case known == nil:
		case known[i].entity != nil:
			e.entity = known[i].entity
			e.count = len(e.entity.entityColumns())
		case known[i].composite != nil:
			e.composite = known[i].composite
			e.count = len(e.composite.parts)
		}
		elements = append(elements, e)
		i += e.count
	}
	return elements
}

// isObject reports whether a type is that of the element's objects.
func (e element) isObject(t reflect.Type) bool {
	return e.entity != nil && t.Kind() == reflect.Pointer && t.Elem() == e.entity.model()
}

// isRow reports whether a type is the element's struct itself.
func (e element) isRow(t reflect.Type) bool { return e.entity != nil && t == e.entity.model() }

// isComposite reports whether a type is that of the element's composite.
func (e element) isComposite(t reflect.Type) bool {
	return e.composite != nil && (t == e.composite.goType || t == e.composite.inner && !e.composite.optional)
}

// addComposite reads the columns of a composite into a field of its type.
func (p *scanPlan) addComposite(e element, offset uintptr) {
	for i, part := range e.composite.parts {
		p.fields[e.first+i] = scanField{part.codec, offset + part.offset}
	}
}

// addFields finds the field of every element, and sees to it that no field is
// left over.
func (p *scanPlan) addFields(t, row reflect.Type, elements []element, objects bool) error {
	fields := rowFields(row, 0, "")
	p.fields = make([]scanField, len(p.columns))
	var columns []int // that belong to no field of their entity
	for _, e := range elements {
		f, err := e.field(t, fields, objects)
		switch {
		case err != nil:
			return err
		case f == nil:
			for i := range e.count {
				columns = append(columns, e.first+i)
			}
		case e.isObject(f.goType):
			p.objects = append(p.objects, scanObject{e, f.offset})
		case e.isComposite(f.goType):
			p.addComposite(e, f.offset)
		default:
			if err := p.addRow(t, f, e); err != nil {
				return err
			}
		}
	}
	lonely, err := p.addColumns(t, fields, columns)
	if err != nil {
		return err
	}
	for _, f := range fields {
		if !f.taken {
			lonely = append(lonely, "field "+f.name+" has no column")
		}
	}
	return p.lonely(t, lonely, objects)
}

// lonely is the error for columns without a field, and fields without a column.
func (p *scanPlan) lonely(t reflect.Type, lonely []string, objects bool) error {
	if len(lonely) == 0 {
		return nil
	}
	advice := `name columns with As and fields with the tag orm:"column:x", or leave a field out with orm:"-"`
	if !objects && slices.ContainsFunc(p.known, func(c resultColumn) bool { return c.entity != nil }) {
		advice += "; objects are made by a Session"
	}
	return mismatch(t, strings.Join(lonely, ", "), advice)
}

// name is what the element is called in Go.
func (e element) name() string {
	if e.composite != nil {
		return e.composite.name
	}
	return e.entity.entityName()
}

// field finds the field that takes all columns of an entity or of a composite, if
// there is one. It takes it.
func (e element) field(t reflect.Type, fields []rowField, objects bool) (*rowField, error) {
	var found []*rowField
	for i := range fields {
		f := &fields[i]
		if !f.taken && (objects && e.isObject(f.goType) || e.isRow(f.goType) || e.isComposite(f.goType)) {
			found = append(found, f)
		}
	}
	if named := slices.IndexFunc(found, func(f *rowField) bool { return strings.EqualFold(f.name, e.name()) }); named >= 0 {
		found = found[named : named+1]
	}
	switch len(found) {
	case 0:
		return nil, nil
	case 1:
		found[0].taken = true
		return found[0], nil
	}
	return nil, mismatch(t, fmt.Sprintf("%s and %s could both take %s", found[0].name, found[1].name, e.name()), "name a field as the entity or its alias")
}

// addRow reads the columns of an entity into a field that is its struct.
func (p *scanPlan) addRow(t reflect.Type, f *rowField, e element) error {
	columns := make([]int, e.count)
	for i := range columns {
		columns[i] = e.first + i
	}
	lonely, err := p.addColumns(t, rowFields(f.goType, f.offset, ""), columns)
	if err == nil && len(lonely) > 0 {
		err = mismatch(t, strings.Join(lonely, ", "), "")
	}
	return err
}

// addColumns finds the fields of columns, and returns those that have none.
func (p *scanPlan) addColumns(t reflect.Type, fields []rowField, columns []int) (lonely []string, err error) {
	if err := p.duplicates(t, columns); err != nil {
		return nil, err
	}
	for _, i := range columns {
		at := findField(fields, p.columns[i])
		if at < 0 {
			lonely = append(lonely, "column "+quoted(p.columns[i])+" has no field")
			continue
		}
		f := &fields[at]
		f.taken = true
		if p.fields[i], err = p.scanField(t, f, i); err != nil {
			return nil, err
		}
	}
	return lonely, nil
}

func (p *scanPlan) scanField(t reflect.Type, f *rowField, column int) (scanField, error) {
	codec, err := decoderFor(f.goType, f.sqlType(p.typeAt(column)))
	if err != nil {
		return scanField{}, &UsageError{Kind: ErrSchemaMismatch, Op: "fetch", Subject: t.String() + "." + f.name, Reason: "column " + quoted(p.columns[column]) + " cannot be read into it", Err: err}
	}
	return scanField{codec, f.offset}, nil
}

// duplicates refuses columns of one name among those that are found by it.
func (p *scanPlan) duplicates(t reflect.Type, columns []int) error {
	for n, i := range columns {
		for _, first := range columns[:n] {
			if p.columns[first] == p.columns[i] {
				return mismatch(t, fmt.Sprintf("columns %d and %d of the result are both named %q", first+1, i+1, p.columns[i]), "name one of them with As")
			}
		}
	}
	return nil
}

// addPositions gives the elements to the fields of a tuple, in order.
func (p *scanPlan) addPositions(t reflect.Type, elements []element, objects bool) error {
	if len(elements) != t.NumField() {
		return mismatch(t, fmt.Sprintf("the result has %d columns (%s) and %d are wanted", len(elements), strings.Join(p.columns, ", "), t.NumField()), "")
	}
	p.fields = make([]scanField, len(p.columns))
	for i, e := range elements {
		in := t.Field(i)
		f := rowField{name: in.Name, offset: in.Offset, goType: in.Type}
		var err error
		switch {
		case objects && e.isObject(f.goType):
			p.objects = append(p.objects, scanObject{e, f.offset})
		case e.isComposite(f.goType):
			p.addComposite(e, f.offset)
		case e.entity == nil && e.count == 1:
			p.fields[e.first], err = p.scanField(t, &f, e.first)
		default:
			err = p.addRow(t, &f, e)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func mismatch(t reflect.Type, reason, advice string) error {
	return &UsageError{Kind: ErrSchemaMismatch, Op: "fetch", Subject: t.String(), Reason: reason, Advice: advice}
}

// rowField is a field of a row struct, those of embedded structs included.
type rowField struct {
	name   string
	column string // given by a tag, or ""
	snake  string
	offset uintptr
	goType reflect.Type
	typ    types.Type // given by a tag, or zero
	taken  bool
}

func (f *rowField) sqlType(known types.Type) types.Type {
	if f.typ.IsZero() {
		return known
	}
	return f.typ
}

func rowFields(t reflect.Type, base uintptr, prefix string) []rowField {
	var fields []rowField
	for f := range t.Fields() {
		tag := rowTag(f.Tag.Get("orm"))
		if tag.composite && tag.prefix == "" {
			tag.prefix = snakeCase(f.Name) + "_"
		}
		switch {
		case tag.skip:
		case isRowStruct(f.Type) && (f.Anonymous || f.IsExported() && tag.prefix != ""):
			fields = append(fields, rowFields(f.Type, base+f.Offset, prefix+tag.prefix)...)
		case f.IsExported():
			field := rowField{name: f.Name, snake: prefix + snakeCase(f.Name), offset: base + f.Offset, goType: f.Type, typ: tag.typ}
			if tag.column != "" {
				field.column = prefix + tag.column
			}
			fields = append(fields, field)
		}
	}
	return fields
}

type parsedRowTag struct {
	column, prefix string
	typ            types.Type
	skip           bool
	composite      bool
}

// rowTag reads the few words of a tag that matter for a row; the others are for
// mapped structs.
func rowTag(text string) parsedRowTag {
	tag := parsedRowTag{skip: strings.TrimSpace(text) == "-"}
	for word := range strings.SplitSeq(text, ";") {
		key, value, _ := strings.Cut(word, ":")
		value = strings.TrimSpace(value)
		switch strings.TrimSpace(key) {
		case "column":
			tag.column = value
		case "prefix":
			tag.prefix = value
		case "composite":
			tag.composite = true
		case "type":
			if t, err := types.Parse(value); err == nil {
				tag.typ = t
			}
		}
	}
	return tag
}

// findField prefers what was said over what is derived, and that over what only
// looks alike.
func findField(fields []rowField, column string) int {
	matches := []func(f *rowField) bool{
		func(f *rowField) bool { return f.column == column },
		func(f *rowField) bool { return f.column == "" && f.snake == column },
		func(f *rowField) bool { return f.column == "" && strings.EqualFold(f.name, column) },
	}
	for _, match := range matches {
		for i := range fields {
			if !fields[i].taken && match(&fields[i]) {
				return i
			}
		}
	}
	return -1
}
