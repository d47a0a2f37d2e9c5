// This file holds entity references: one object for each mapped struct, whose
// fields name columns by their addresses, and the expressions made of these.

package orm

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/aurum-go/orm/types"
)

// Entity returns the entity reference of a mapped struct: the one *T whose
// field addresses name the columns of its table in expressions. Its field
// values mean nothing; do not read or write them.
//
//	u := orm.Entity[User]()
//	orm.Select(orm.C(&u.Name)).From(u)   // SELECT users.name FROM users
//
// It may be called before T is registered. If T is not registered when the
// statement is compiled, that is an [ErrNotRegistered]; if T is not a struct
// that embeds [Base], an [ErrArgument]. It emits no SQL, and is safe for
// concurrent use.
func Entity[T any]() *T { return referenceTo[T](refKey{goType: reflect.TypeFor[T]()}) }

// Alias returns a further entity reference, under another name in SQL, so that
// a table can stand in a statement more than once. There is one for each type
// and name, and it lives for ever: names are constants of the program.
//
//	manager := orm.Alias[Employee]("manager")
//	orm.C(&manager.Name)   // manager.name
func Alias[T any](name string) *T {
	return referenceTo[T](refKey{goType: reflect.TypeFor[T](), alias: name, aliased: true})
}

// EntityIn returns the entity reference of a struct as that registry maps it.
// It is needed only where a struct is mapped in several registries.
func EntityIn[T any](r *Registry) *T {
	return referenceTo[T](refKey{goType: reflect.TypeFor[T](), registry: r})
}

// C is the column of a field of an entity reference.
//
//	orm.C(&u.Name).Eq("ed")   // users.name = ?
//
// A pointer to anything else is an [ErrArgument], a field that is not mapped an
// [ErrUnknownName]; both come out when the statement is compiled.
func C[T any](field *T) Expr[T] { return Expr[T]{fieldAt(address(field), reflect.TypeFor[T]())} }

// N is the column of a pointer field, which is nullable, as an expression of
// what the field points to.
//
//	orm.N(&u.Age).Gt(18)   // users.age > ?
func N[T any](field **T) Expr[T] { return Expr[T]{fieldAt(address(field), reflect.TypeFor[*T]())} }

// F is the column of a field that is known only at run time, by its Go name. It
// is looked up among the entities of the statement: no such field is an
// [ErrUnknownName] that lists those that there are, one in several entities an
// [ErrAmbiguous]. In ORDER BY, a name that no field has may be a label of the
// select list.
func F(name string) Expr[any] { return Expr[any]{&nameNode{name}} }

func address[T any](p *T) uintptr { return reflect.ValueOf(p).Pointer() }

// refKey is what entity references are told apart by.
type refKey struct {
	goType   reflect.Type
	alias    string
	aliased  bool
	registry *Registry // nil: the first that has the struct
}

// entityRef is an entity reference. It is a [referent]: the owner of a range of
// addresses.
type entityRef struct {
	refKey
	pointer any   // the *T
	err     error // T cannot be an entity, or nil
	found   atomic.Pointer[entityFrom]
}

// references holds all entity references. They live for ever; reading takes no
// lock, because a new one replaces the whole map.
var references struct {
	write sync.Mutex
	byKey atomic.Pointer[map[refKey]*entityRef]
}

func referenceTo[T any](key refKey) *T { return referenceOf(key).pointer.(*T) }

func referenceOf(key refKey) *entityRef {
	if all := references.byKey.Load(); all != nil {
		if ref, ok := (*all)[key]; ok {
			return ref
		}
	}
	return addReference(key)
}

func addReference(key refKey) *entityRef {
	references.write.Lock()
	defer references.write.Unlock()
	all := map[refKey]*entityRef{}
	if old := references.byKey.Load(); old != nil {
		if ref, ok := (*old)[key]; ok {
			return ref
		}
		maps.Copy(all, *old)
	}
	pointer := reflect.New(key.goType)
	ref := &entityRef{refKey: key, pointer: pointer.Interface(), err: key.mistake()}
	addresses.add(pointer.Pointer(), key.goType.Size(), ref)
	all[key] = ref
	references.byKey.Store(&all)
	return ref
}

func (*entityRef) lasting() bool { return true }

// mistake is what keeps the type or the alias from being an entity at all.
func (k refKey) mistake() error {
	if !isModel(k.goType) {
		return notRegistered(k.goType, "")
	}
	if !k.aliased {
		return nil
	}
	if err := validateName(k.alias); err != nil {
		return &UsageError{Kind: ErrBadIdentifier, Op: "alias", Subject: k.goType.String(), Reason: nameReason(err)}
	}
	return nil
}

func (r *entityRef) fieldNode(offset uintptr, goType reflect.Type) Node {
	switch {
	case r.err != nil:
		return &errorNode{r.err}
	case offset == 0 && goType == r.goType:
		return &entityNode{r}
	}
	return &attribute{r, offset, goType}
}

// entity returns what the reference stands for in FROM, once its struct is
// registered.
func (r *entityRef) entity() (*entityFrom, error) {
	if found := r.found.Load(); found != nil {
		return found, nil
	}
	m, err := r.mapper()
	if err != nil {
		return nil, err
	}
	// Of two that come here at once one wins, so that there is one FROM item.
	r.found.CompareAndSwap(nil, newEntityFrom(r, m))
	return r.found.Load(), nil
}

func (r *entityRef) mapper() (*Mapper, error) {
	if r.registry != nil {
		return r.registry.mapperOf(r.goType)
	}
	return mapperFor(r.goType)
}

// entityNode is an entity reference as a whole.
type entityNode struct{ ref *entityRef }

func (*entityNode) node() {}

func (n *entityNode) resolve() (Node, error) {
	from, err := n.ref.entity()
	if err != nil {
		return nil, err
	}
	return from, nil
}

// attribute is a field of an entity reference.
type attribute struct {
	ref    *entityRef
	offset uintptr
	goType reflect.Type
}

func (*attribute) node() {}

func (a *attribute) resolve() (Node, error) {
	column, err := a.columnNode()
	if err == nil {
		return column, nil
	}
	if from, known := a.ref.entity(); known == nil {
		if n := from.computedNode(a.offset, a.goType); n != nil {
			return n, nil
		}
	}
	return nil, err
}

func (a *attribute) columnNode() (*columnNode, error) {
	from, err := a.ref.entity()
	if err != nil {
		return nil, err
	}
	if p := from.mapper.propertyOf(a.offset, a.goType); p != nil {
		return from.columns[p.index], nil
	}
	return nil, a.unmapped(from.mapper)
}

// sqlType is the zero Type as long as the struct is not registered.
func (a *attribute) sqlType() types.Type {
	if column, err := a.columnNode(); err == nil {
		return column.sqlType()
	}
	return a.computedType()
}

func (a *attribute) unmapped(m *Mapper) error {
	problem := &UsageError{
		Kind: ErrUnknownName, Op: "refer to field", Subject: a.fullName(), Reason: "the field is no column",
		Advice: "the columns are those of " + strings.Join(propertyNames(m.props), ", "),
	}
	if m.relationOf(a.offset, a.goType) != nil {
		problem.Reason, problem.Advice = "the field is a relationship and no column", "join it, or ask of it with orm.One or orm.Many"
	}
	return problem
}

// fullName is the field as errors name it.
func (a *attribute) fullName() string {
	field := fieldPath(a.ref.goType, a.offset, a.goType)
	if field == "" {
		field = fmt.Sprintf("a %s at offset %d", a.goType, a.offset)
	}
	return a.ref.goType.Name() + "." + field
}

// fieldPath finds the name of the field of a type at an offset, or "".
func fieldPath(t reflect.Type, offset uintptr, goType reflect.Type) string {
	for f := range t.Fields() {
		switch {
		case f.Offset == offset && f.Type == goType:
			return f.Name
		case f.Type.Kind() == reflect.Struct && f.Offset <= offset && offset < f.Offset+f.Type.Size():
			if inner := fieldPath(f.Type, offset-f.Offset, goType); inner != "" {
				return f.Name + "." + inner
			}
		}
	}
	return ""
}

// entityFrom is an entity reference whose struct is registered: a FROM item
// with the mapper of what comes out of it.
type entityFrom struct {
	ref     *entityRef
	mapper  *Mapper
	from    fromNode      // the *Table, or the one *TableAlias
	columns []*columnNode `form:"-"` // by the index of the property
	eager   []*columnNode `form:"-"` // those that an object is loaded from
}

var _ entityItem = (*entityFrom)(nil)

func newEntityFrom(r *entityRef, m *Mapper) *entityFrom {
	from := fromNode(m.table)
	if r.aliased {
		from = m.table.Alias(r.alias)
	}
	e := m.entityAt(from)
	e.ref = r
	for _, p := range m.eager {
		e.eager = append(e.eager, e.columns[p.index])
	}
	return e
}

func (*entityFrom) node() {}

// lasting reports whether there is the one of a reference, which lives for ever.
func (e *entityFrom) lasting() bool { return e.ref != nil && e.ref.found.Load() == e }

func (e *entityFrom) source() fromNode             { return e.from }
func (e *entityFrom) entityColumns() []*columnNode { return e.eager }
func (e *entityFrom) model() reflect.Type          { return e.mapper.goType }

func (e *entityFrom) within(names map[string]bool) (entityItem, error) {
	if err := e.mapper.keyWithin(names); err != nil {
		return e, err
	}
	narrow := *e
	narrow.eager = slices.DeleteFunc(slices.Clone(e.eager), func(c *columnNode) bool { return !names[c.column.name] })
	return &narrow, nil
}

// keyWithin reports the column of the primary key that is not among names.
func (m *Mapper) keyWithin(names map[string]bool) error {
	for _, key := range m.keys {
		if !names[key.column.name] {
			return &UsageError{
				Kind: ErrSchemaMismatch, Op: "read", Subject: m.name, Reason: fmt.Sprintf("there is no column %q of the primary key", key.column.name),
				Advice: "select the whole key",
			}
		}
	}
	return nil
}

// entityName is the alias, or the name of the struct.
func (e *entityFrom) entityName() string {
	if e.ref != nil && e.ref.aliased {
		return e.ref.alias
	}
	return e.mapper.name
}

// property is the column of the field of that Go name, or synonym.
func (e *entityFrom) property(name string) (*columnNode, bool) {
	p := e.mapper.named(name)
	if p == nil {
		return nil, false
	}
	return e.columns[p.index], true
}

func (e *entityFrom) fieldNames() []string { return propertyNames(e.mapper.props) }

func (m *Mapper) structType() reflect.Type { return m.goType }

// reference returns the entity reference of the mapper's struct, or the part of it
// that is an embedded struct of the type.
func (m *Mapper) reference(t reflect.Type) any {
	index, ok := embedded(m.goType, t)
	if !ok {
		return nil
	}
	key := refKey{goType: m.goType}
	if first, err := mapperFor(m.goType); err != nil || first != m {
		key.registry = m.registry
	}
	v := reflect.ValueOf(referenceOf(key).pointer).Elem()
	if len(index) > 0 {
		v = v.FieldByIndex(index)
	}
	return v.Addr().Interface()
}

// embedded finds a struct type in one that is it, or embeds it by value.
func embedded(in, t reflect.Type) (index []int, ok bool) {
	if in == t {
		return nil, true
	}
	for f := range in.Fields() {
		if f.Anonymous && f.IsExported() && f.Type.Kind() == reflect.Struct {
			if below, ok := embedded(f.Type, t); ok {
				return append(slices.Clone(f.Index), below...), true
			}
		}
	}
	return nil, false
}

// as is the mapper's entity as it is reached under a FROM item.
func (m *Mapper) as(from fromNode) entityItem { return m.entityAt(from) }

func (m *Mapper) entityAt(from fromNode) *entityFrom {
	e := &entityFrom{mapper: m, from: from, columns: make([]*columnNode, len(m.props))}
	for i, p := range m.props {
		e.columns[i] = &columnNode{p.column, from}
	}
	return e
}
