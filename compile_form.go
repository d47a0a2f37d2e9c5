// This file writes the form of a statement: everything that its text depends on,
// and nothing of its values. Two statements of one form have one text. How the
// structs of statements are written is read from their types, so that a field is
// part of the form unless its tag says otherwise:
//
//	form:"value"      a value: its Go type is written, and its place is noted
//	form:"list"       a list of values: whether it is empty is written
//	form:"rows"       a list of rows of values
//	form:"arguments"  values and expressions that stand in text of the user
//	form:"never"      a value on which the text depends: with it there is no form
//	form:"-"          does not matter to the text

package orm

import (
	"encoding/binary"
	"maps"
	"reflect"
	"slices"
	"sync/atomic"

	"github.com/aurum-go/orm/types"
)

// maxForm bounds a form in bytes: larger statements are made for one occasion.
const maxForm = 8 << 10

// maxFormNodes bounds the nodes of a form, among which each is looked for.
const maxFormNodes = 256

// lasting is what a form names by its address, as long as it says so: a thing of
// which there is one for as long as it is used. All else is written out.
type lasting interface{ lasting() bool }

// valuePlace is where a value stands in a statement: the address of the value, or that
// of the values that the statement gives to parameters, and the name.
type valuePlace struct {
	at   types.Ptr
	name string
}

// held is what stands at a place now.
type held struct {
	valuePlace
	value any
	list  []any
	rows  [][]any
}

// formWriter writes one form. It is not safe for concurrent use.
type formWriter struct {
	text  []byte
	held  []held
	nodes []formNode
	pins  []types.Ptr // what the text has the addresses of
	none  bool        // the statement has no form
}

// formNode is a node that was written: one that comes again is the same one.
type formNode struct {
	at   types.Ptr
	plan *formPlan
}

func (w *formWriter) reset() {
	clear(w.held)
	clear(w.nodes)
	clear(w.pins)
	w.text, w.held, w.nodes, w.pins, w.none = w.text[:0], w.held[:0], w.nodes[:0], w.pins[:0], false
}

func (w *formWriter) byte(b byte)     { w.text = append(w.text, b) }
func (w *formWriter) number(n uint64) { w.text = binary.AppendUvarint(w.text, n) }

func (w *formWriter) string(s string) {
	w.number(uint64(len(s)))
	w.text = append(w.text, s...)
}

// address writes what lasts. It is kept with the form, lest another thing come to
// lie there.
func (w *formWriter) address(at types.Ptr) {
	w.text = binary.NativeEndian.AppendUint64(w.text, addressNumber(at))
	w.pins = append(w.pins, at)
}

// goType writes the Go type of a value.
func (w *formWriter) goType(v any) {
	if v == nil {
		w.byte(0)
		return
	}
	w.byte(1)
	w.address(reflect.ValueOf(reflect.TypeOf(v)).UnsafePointer())
}

// node writes a node of any kind.
func (w *formWriter) node(n any) {
	if n == nil {
		w.byte(0)
		return
	}
	v := reflect.ValueOf(n)
	if v.Kind() != reflect.Pointer || v.IsNil() {
		w.none = true
		return
	}
	plan := formPlanOf(v.Type().Elem())
	w.number(plan.number)
	if once, ok := n.(lasting); ok && once.lasting() {
		w.byte(1)
		w.address(v.UnsafePointer())
		return
	}
	w.part(v.UnsafePointer(), plan)
}

// part writes a node out, or says which of those before it is.
func (w *formWriter) part(at types.Ptr, plan *formPlan) {
	if w.none || len(w.text) > maxForm || len(w.nodes) >= maxFormNodes {
		w.none = true
		return
	}
	node := formNode{at, plan}
	if i := slices.Index(w.nodes, node); i >= 0 {
		w.byte(2)
		w.number(uint64(i))
		return
	}
	w.nodes = append(w.nodes, node)
	w.byte(3)
	plan.write(w, at)
}

// formPlan is how a struct is written.
type formPlan struct {
	number uint64
	steps  []formStep
}

// formStep writes a part of a struct, which lies at an address.
type formStep func(w *formWriter, at types.Ptr)

func (p *formPlan) write(w *formWriter, at types.Ptr) {
	for _, step := range p.steps {
		step(w, at)
	}
}

// formPlans are the plans that were made. They live for ever, as types do.
var formPlans atomic.Pointer[map[reflect.Type]*formPlan]

func formPlanOf(t reflect.Type) *formPlan {
	if known := formPlans.Load(); known != nil {
		if plan, ok := (*known)[t]; ok {
			return plan
		}
	}
	return addFormPlan(t)
}

func addFormPlan(t reflect.Type) *formPlan {
	for {
		old, plans := formPlans.Load(), map[reflect.Type]*formPlan{}
		if old != nil {
			maps.Copy(plans, *old)
		}
		if plans[t] == nil {
			plans[t] = &formPlan{number: uint64(len(plans)), steps: formSteps(t)}
		}
		if formPlans.CompareAndSwap(old, &plans) {
			return plans[t]
		}
	}
}

// formSteps are the steps of the fields of a struct, or the one of another type.
func formSteps(t reflect.Type) []formStep {
	if t.Kind() != reflect.Struct {
		return []formStep{formStepOf(t)}
	}
	var steps []formStep
	for f := range t.Fields() {
		var step formStep
		switch f.Tag.Get("form") {
		case "-":
			continue
		case "value":
			step = formValue
		case "list":
			step = formList
		case "rows":
			step = formRows
		case "arguments":
			step = formArguments
		case "never":
			step = formNothing(f.Type)
		default:
			step = formStepOf(f.Type)
		}
		steps = append(steps, func(w *formWriter, at types.Ptr) { step(w, fieldPtr(at, f.Offset)) })
	}
	return steps
}

var (
	nodeType  = reflect.TypeFor[Node]()
	paramType = reflect.TypeFor[M]()
	goTypes   = reflect.TypeFor[reflect.Type]()
	sqlTypes  = reflect.TypeFor[types.Type]()
)

// formStepOf is how a field of a type is written.
func formStepOf(t reflect.Type) formStep {
	switch t.Kind() {
	case reflect.Bool, reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64, reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32,
		reflect.Uint64, reflect.Uintptr, reflect.Float32, reflect.Float64:
		size := t.Size()
		return func(w *formWriter, at types.Ptr) { w.text = append(w.text, bytesAt(at, size)...) }
	case reflect.String:
		return func(w *formWriter, at types.Ptr) { w.string(*typedPointer[string](at)) }
	case reflect.Interface:
		return formInterface(t)
	case reflect.Pointer:
		return formPointer(t)
	case reflect.Slice:
		return formSlice(t)
	case reflect.Struct:
		if t == sqlTypes {
			return formSQLType()
		}
		return (&formPlan{steps: formSteps(t)}).write
	case reflect.Map:
		if t == paramType {
			return formParams
		}
	}
	return formNothing(t)
}

// formNothing has no way to write a type: what is not zero has no form.
func formNothing(t reflect.Type) formStep {
	return func(w *formWriter, at types.Ptr) {
		if !reflect.NewAt(t, at).Elem().IsZero() {
			w.none = true
		}
	}
}

func formInterface(t reflect.Type) formStep {
	switch {
	case t == nodeType:
		return func(w *formWriter, at types.Ptr) { w.node(*typedPointer[Node](at)) }
	case t.Implements(nodeType):
		return func(w *formWriter, at types.Ptr) {
			if v := reflect.NewAt(t, at).Elem(); v.IsNil() {
				w.node(nil)
			} else {
				w.node(v.Elem().Interface())
			}
		}
	case t == goTypes:
		return func(w *formWriter, at types.Ptr) {
			if is := *typedPointer[reflect.Type](at); is == nil {
				w.byte(0)
			} else {
				w.byte(1)
				w.address(reflect.ValueOf(is).UnsafePointer())
			}
		}
	case t.NumMethod() == 0:
		return func(w *formWriter, at types.Ptr) { w.scalar(*typedPointer[any](at)) }
	}
	return formNothing(t)
}

// scalar writes a value that is itself part of the text, such as a key in a path.
func (w *formWriter) scalar(v any) {
	w.goType(v)
	switch v := v.(type) {
	case nil:
	case string:
		w.string(v)
	case int:
		w.text = binary.AppendVarint(w.text, int64(v))
	case int64:
		w.text = binary.AppendVarint(w.text, v)
	default:
		w.none = true
	}
}

// formPointer writes what a pointer leads to.
func formPointer(t reflect.Type) formStep {
	asNode := t.Implements(reflect.TypeFor[lasting]())
	return func(w *formWriter, at types.Ptr) {
		to := *typedPointer[types.Ptr](at)
		switch {
		case to == nil:
			w.byte(0)
		case asNode:
			w.node(reflect.NewAt(t.Elem(), to).Interface())
		default:
			w.part(to, formPlanOf(t.Elem()))
		}
	}
}

func formSlice(t reflect.Type) formStep {
	if t.Elem() == nodeType {
		return formNodes
	}
	element, size := formStepOf(t.Elem()), t.Elem().Size()
	return func(w *formWriter, at types.Ptr) {
		list := reflect.NewAt(t, at).Elem()
		n := list.Len()
		w.number(uint64(n))
		first := list.UnsafePointer()
		for i := 0; i < n && !w.none; i++ {
			element(w, fieldPtr(first, uintptr(i)*size))
		}
		w.none = w.none || len(w.text) > maxForm
	}
}

func formNodes(w *formWriter, at types.Ptr) {
	nodes := *typedPointer[[]Node](at)
	w.number(uint64(len(nodes)))
	for i := 0; i < len(nodes) && !w.none; i++ {
		w.node(nodes[i])
	}
}

// formSQLType writes a type. Equal ones are equal by ==, so what it points to lasts.
func formSQLType() formStep {
	var fields []formStep
	for f := range sqlTypes.Fields() {
		field := formAddress
		if f.Type.Kind() != reflect.Pointer {
			field = formStepOf(f.Type)
		}
		fields = append(fields, func(w *formWriter, at types.Ptr) { field(w, fieldPtr(at, f.Offset)) })
	}
	whole := &formPlan{steps: fields}
	return func(w *formWriter, at types.Ptr) {
		if typedPointer[types.Type](at).IsZero() {
			w.byte(0)
			return
		}
		w.byte(1)
		whole.write(w, at)
	}
}

func formAddress(w *formWriter, at types.Ptr) { w.address(*typedPointer[types.Ptr](at)) }

// formParams notes the values that a statement gives to its parameters.
func formParams(w *formWriter, at types.Ptr) {
	values := *typedPointer[M](at)
	w.number(uint64(len(values)))
	if len(values) == 0 {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		w.string(name)
		w.held = append(w.held, held{valuePlace: paramPlace(values, name), value: values[name]})
	}
}

// paramPlace is the place of the value of a parameter.
func paramPlace(values M, name string) valuePlace {
	return valuePlace{reflect.ValueOf(values).UnsafePointer(), name}
}

func formValue(w *formWriter, at types.Ptr) {
	v := *typedPointer[any](at)
	w.goType(v)
	w.held = append(w.held, held{valuePlace: valuePlace{at: at}, value: v})
}

// formList notes a list of values. One that is passed as a whole is no matter of
// forms.
func formList(w *formWriter, at types.Ptr) {
	list := *typedPointer[[]any](at)
	w.listLength(len(list))
	w.held = append(w.held, held{valuePlace: valuePlace{at: at}, list: list})
}

func formRows(w *formWriter, at types.Ptr) {
	rows := *typedPointer[[][]any](at)
	w.listLength(len(rows))
	w.none = w.none || slices.ContainsFunc(rows, func(row []any) bool { return slices.ContainsFunc(row, isExpression) })
	w.held = append(w.held, held{valuePlace: valuePlace{at: at}, rows: rows})
}

func isExpression(v any) bool {
	_, ok := v.(Expression)
	return ok
}

func (w *formWriter) listLength(n int) {
	switch {
	case n > longList:
		w.none = true
	case n > 0:
		w.byte(1)
	default:
		w.byte(0)
	}
}

// formArguments notes the values among the arguments of a text, and writes the
// expressions. The length of a list among them is part of the text.
func formArguments(w *formWriter, at types.Ptr) {
	args := *typedPointer[[]any](at)
	w.number(uint64(len(args)))
	for i := range args {
		name, v, named := types.NamedArg(args[i])
		if !named {
			v = args[i]
		}
		w.string(name)
		if e, ok := v.(Expression); ok {
			w.byte(1)
			w.node(e.expression())
			continue
		}
		w.byte(0)
		w.goType(v)
		w.none = w.none || isArgumentList(reflect.ValueOf(v))
		w.held = append(w.held, held{valuePlace: valuePlace{at: pointerTo(&args[i])}, value: v})
	}
}
