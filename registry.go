// This file holds Registry, the set of structs that are mapped, and the cache
// that finds the mapper of a Go type.

package orm

import (
	"fmt"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
)

// Registry is a set of mapped structs with the [Metadata] of their tables. A
// struct may be in several registries; functions that are given no registry
// mean the first that registered it. Safe for concurrent use.
type Registry struct {
	metadata   *Metadata
	naming     *NamingConvention
	tableName  func(goName string) string
	fieldName  func(goName string) string
	schema     string
	mistake    error         // of an option
	byType     sync.Map      // reflect.Type of a struct → *Mapper
	settled    atomic.Bool   // the structs are in use, and all relationships are joined
	converters atomic.Uint64 // how many the fields know of
	used       bool          // structs were asked for, with register held

	register sync.Mutex // held while structs are registered
	mu       sync.Mutex // guards mappers
	mappers  []*Mapper
}

// RegistryOption sets up a [Registry].
type RegistryOption func(*Registry)

// WithMetadata puts the tables of the registry's structs into a Metadata that
// is there already. Its naming convention counts, whatever [WithNaming] says.
func WithMetadata(m *Metadata) RegistryOption { return func(r *Registry) { r.metadata = m } }

// WithNaming names the constraints and indexes that have no name.
func WithNaming(n NamingConvention) RegistryOption { return func(r *Registry) { r.naming = &n } }

// WithTableName derives the names of tables from the names of structs. Without
// it, UserGroup is mapped to user_group; nothing is put into the plural. The
// word table in a struct's tag wins.
func WithTableName(name func(goName string) string) RegistryOption {
	return func(r *Registry) { r.tableName = name }
}

// WithColumnName derives the names of columns from the names of fields, in place of
// snake case. What stands before them by the word prefix stays, and the word column in
// a field's tag wins.
//
//	orm.WithColumnName(func(field string) string { return "col_" + strings.ToLower(field) })
func WithColumnName(name func(goName string) string) RegistryOption {
	return func(r *Registry) { r.fieldName = name }
}

// WithSchema puts the tables into a schema, unless a struct's tag says another.
func WithSchema(name string) RegistryOption { return func(r *Registry) { r.schema = name } }

// NewRegistry returns an empty registry.
func NewRegistry(options ...RegistryOption) *Registry {
	r := &Registry{tableName: snakeCase, fieldName: snakeCase}
	for _, o := range options {
		if o == nil {
			r.mistake = nilOption("make registry")
			continue
		}
		o(r)
	}
	switch {
	case r.metadata != nil:
	case r.naming != nil:
		r.metadata = NewMetadata(WithNamingConvention(*r.naming))
	default:
		r.metadata = NewMetadata()
	}
	return r
}

// MustRegister returns a new registry with the models, or panics with all that
// is wrong with them. It is for the variables of a program:
//
//	var models = orm.MustRegister(&User{}, &Post{})
func MustRegister(models ...Model) *Registry {
	r := NewRegistry()
	if err := r.Register(models...); err != nil {
		panic(err)
	}
	return r
}

// Register maps structs to tables, by their fields and tags. A model is a
// pointer to the struct; what it points to does not matter, and nil will do.
//
// The table is named by the word table in the tag of [Base], else by the struct
// in snake case; a column by the word column, else by its field. The primary
// key is made of the fields that are tagged so, else it is the field named ID.
// A type with a value for NULL (a pointer, a [database/sql.Null], a slice) makes
// a column nullable, any other makes it NOT NULL. Structs that are embedded
// without a Base, or with one that is tagged abstract, lend their fields.
//
// A struct that the registry has already is left as it is. If anything is
// wrong, nothing is registered, and the error joins a [*MapError] for each
// mistake. It emits no SQL. The order of models is free: foreign keys name
// tables, which are looked up when they are needed.
func (r *Registry) Register(models ...Model) error {
	err := r.enter(models)
	r.announce()
	return err
}

// enter is Register but for those who wait for it.
func (r *Registry) enter(models []Model) error {
	r.register.Lock()
	defer r.register.Unlock()
	if r.mistake != nil {
		return r.mistake
	}
	if problems := r.convertLate(); len(problems) > 0 {
		return joinErrors(problems)
	}
	drafts, err := r.draft(models)
	if err != nil {
		return err
	}
	return r.adopt(drafts)
}

// draft reads the structs that are new.
func (r *Registry) draft(models []Model) ([]*modelDraft, error) {
	structs, problems := r.newStructs(models)
	var drafts []*modelDraft
	drafted := map[reflect.Type]*modelDraft{}
	for _, t := range structs {
		base := baseOf(t)
		d := draftModel(t, r, drafted[base])
		if base != nil && drafted[base] == nil && len(d.problems) == 0 {
			d.wrong("", base.Name()+", from which it inherits, is not registered with it", "register both by one call")
		}
		if d.inherits != inheritsSingle {
			r.checkTable(d, drafts)
		}
		drafts, drafted[t] = append(drafts, d), d
		problems = append(problems, d.problems...)
	}
	return drafts, joinErrors(problems)
}

// newStructs are the structs that the registry does not have yet, each behind the
// one from which it inherits.
func (r *Registry) newStructs(models []Model) (structs []reflect.Type, problems []error) {
	for _, model := range models {
		t, err := modelStruct(model)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		if _, known := r.byType.Load(t); !known && !slices.Contains(structs, t) {
			structs = append(structs, t)
		}
	}
	slices.SortStableFunc(structs, func(a, b reflect.Type) int { return depthOf(a) - depthOf(b) })
	return structs, problems
}

// checkTable refuses a table that there is already.
func (r *Registry) checkTable(d *modelDraft, others []*modelDraft) {
	if d.tableName == "" {
		return
	}
	for _, other := range others {
		if other.tableName == d.tableName && other.schema == d.schema {
			d.wrong("", fmt.Sprintf("table %q is that of %s already", d.tableName, other.name), adviceForTable)
			return
		}
	}
	if r.metadata.Table((&Table{name: d.tableName, schema: d.schema}).FullName()) != nil {
		d.wrong("", fmt.Sprintf("the metadata has a table %q already", d.tableName), adviceForTable)
	}
}

const adviceForTable = `name it otherwise: orm.Base with orm:"table:…"; or map the struct in a registry of its own`

// adopt makes the tables, and shows the mappers once all of them are good.
func (r *Registry) adopt(drafts []*modelDraft) error {
	made := make([]*Mapper, len(drafts))
	var problems []error
	for i, d := range drafts {
		made[i] = d.adopt(r.metadata)
		problems = append(problems, made[i].table.mistakes...)
	}
	if len(problems) == 0 {
		problems = settleLineages(drafts)
	}
	if len(problems) > 0 {
		r.withdraw(made)
		return joinErrors(problems)
	}
	r.settled.Store(false)
	for _, m := range made {
		r.byType.Store(m.goType, m)
	}
	if wrong, _ := r.joinAll(append(r.Mappers(), made...)); len(wrong) > 0 {
		r.withdraw(made)
		return joinErrors(wrong)
	}
	r.mu.Lock()
	r.mappers = append(r.mappers, made...)
	r.mu.Unlock()
	for _, m := range made {
		firstMappers.LoadOrStore(m.goType, m)
	}
	return nil
}

// announce tells those who wait for mappers that they are complete, each once.
func (r *Registry) announce() {
	if !r.settled.Load() {
		return
	}
	var complete []*Mapper
	r.mu.Lock()
	for _, m := range r.mappers {
		if !m.announced.Swap(true) {
			complete = append(complete, m)
		}
	}
	r.mu.Unlock()
	for _, m := range complete {
		m.tellConfigured()
	}
}

// withdraw takes tables out of the metadata again. A table of the same name
// that somebody else has put there meanwhile is left alone.
func (r *Registry) withdraw(mappers []*Mapper) {
	for _, m := range mappers {
		r.byType.CompareAndDelete(m.goType, m)
		if m.borrowed {
			m.table.entity = nil
			continue
		}
		if r.metadata.Table(m.table.FullName()) == m.table {
			r.metadata.Remove(m.table)
		}
	}
}

// Metadata returns the set of the registry's tables.
func (r *Registry) Metadata() *Metadata { return r.metadata }

// Mappers returns the mappers in the order of registration.
func (r *Registry) Mappers() []*Mapper {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.mappers)
}

// Mapper returns the mapper of a model, an object or a nil pointer of its
// type. The error is an [ErrNotRegistered] for a struct that this registry does
// not have.
func (r *Registry) Mapper(model Model) (*Mapper, error) {
	t, err := modelStruct(model)
	if err != nil {
		return nil, err
	}
	return r.mapperOf(t)
}

func (r *Registry) mapperOf(t reflect.Type) (*Mapper, error) {
	if m, ok := r.byType.Load(t); ok {
		return m.(*Mapper), r.settle()
	}
	return nil, notRegistered(t, "this registry does not have it")
}

// firstMappers holds, for a struct, the mapper of the first registry that
// registered it: reflect.Type → *Mapper.
var firstMappers sync.Map

// mapperFor returns the mapper of a struct in the first registry that has it.
func mapperFor(t reflect.Type) (*Mapper, error) {
	if m, ok := firstMappers.Load(t); ok {
		return m.(*Mapper), m.(*Mapper).registry.settle()
	}
	return nil, notRegistered(t, "no registry has it")
}

func notRegistered(t reflect.Type, reason string) error {
	if !isModel(t) {
		return &UsageError{
			Kind: ErrArgument, Op: "map", Subject: t.String(), Reason: "it is not a struct that embeds orm.Base",
			Advice: "give a mapped struct",
		}
	}
	return &UsageError{
		Kind: ErrNotRegistered, Op: "map", Subject: t.String(), Reason: reason,
		Advice: fmt.Sprintf("register it: orm.MustRegister(&%s{})", t.Name()),
	}
}

// modelStruct returns the struct type of a model. Some values are models to
// the compiler and to nobody else: nil, *Base, a struct with a *Base in it.
func modelStruct(model Model) (reflect.Type, error) {
	t := reflect.TypeOf(model)
	if t == nil || t.Kind() != reflect.Pointer || t.Elem().Kind() != reflect.Struct || t.Elem() == baseType {
		return nil, &UsageError{
			Kind: ErrArgument, Op: "map", Subject: fmt.Sprint(t), Reason: "it is not a pointer to a struct that embeds orm.Base",
			Advice: "give &User{}",
		}
	}
	return t.Elem(), nil
}
