// This file holds the relationship, a field of a struct that leads to other
// mapped structs, and reads and writes such fields as lists of objects.

package orm

import (
	"cmp"
	"reflect"
	"slices"

	"github.com/aurum-go/orm/types"
)

// Direction says on which side of a relationship the foreign key is.
type Direction uint8

// The directions of relationships.
const (
	// ManyToOne: the foreign key is in the struct's own table.
	ManyToOne Direction = iota + 1
	// OneToMany: the foreign key is in the other table. With a single pointer it
	// is one to one.
	OneToMany
	// ManyToMany: both are joined by the rows of a link table.
	ManyToMany
)

var directionNames = [...]string{"", "many to one", "one to many", "many to many"}

// String returns the direction in words.
func (d Direction) String() string { return directionNames[d] }

// relationShape is how a field holds the objects that it leads to.
type relationShape uint8

const (
	shapeOne  relationShape = iota // *T
	shapeList                      // []*T
	shapeMap                       // map[K]*T
	shapeSet                       // map[*T]struct{}
)

// cascades are what happens to the objects of a relationship along with the
// object that has it.
type cascades uint8

const (
	cascadeSave cascades = 1 << iota
	cascadeMerge
	cascadeDelete
	cascadeOrphan
	cascadeRefresh
	cascadeExpunge

	cascadeDefault = cascadeSave | cascadeMerge
	cascadeAll     = cascadeSave | cascadeMerge | cascadeDelete | cascadeRefresh | cascadeExpunge
)

// passiveDeletes says how far the database is trusted to delete what refers to a
// deleted row.
type passiveDeletes uint8

const (
	passiveNo   passiveDeletes = iota // what is not loaded is read, and written
	passiveYes                        // what is not loaded is left to the database
	passiveFull                       // all is left to the database
)

// lazyWord is the word of the tag that says how a relationship is loaded where
// a query says nothing. What it does is known to the loaders.
type lazyWord string

const (
	lazyNone     lazyWord = ""
	lazySelect   lazyWord = "select"
	lazySelectIn lazyWord = "selectin"
	lazyJoined   lazyWord = "joined"
	lazySubquery lazyWord = "subquery"
	lazyRaise    lazyWord = "raise"
	lazyNoLoad   lazyWord = "noload"

	lazyWriteOnly lazyWord = "write_only" // never, not even when asked: see [Collection]
)

// relationship is a field that leads to other mapped structs. What its tag says
// is known at registration, the join when both sides are registered.
type relationship struct {
	name     string // the Go name
	index    int    // among those of the mapper
	offset   uintptr
	goType   reflect.Type
	shape    relationShape
	elem     reflect.Type // the struct that it leads to
	owner    *Mapper
	words    relationWords
	cascade  cascades
	lazy     lazyWord
	passive  passiveDeletes
	viewOnly bool
	postpone bool                // written by an UPDATE of its own, after both rows are there
	criteria func() []Expr[bool] // on the target, for what is read and not for what is written; or nil
	order    func() []OrderItem  // of a collection, in place of orderBy; or nil
	*relationJoin
}

// relationJoin is how the two sides of a relationship are joined.
type relationJoin struct {
	target    *Mapper
	direction Direction
	key       *ForeignKey // nil where a link table stands between
	pairs     []keyPair
	link      *linkTable
	back      *relationship // the same relationship as the other side has it, or nil
	keyField  *property     // of the target: the key of a map
	position  *property     // of the target: where it stands in the list, or nil
	orderBy   []relationOrder
}

// keyPair is two columns that are equal for objects that belong together.
type keyPair struct{ own, far *property }

// linkTable is the table of a many-to-many relationship.
type linkTable struct {
	table    *Table
	own, far []linkPair
	cascades bool // the database deletes the links of a row with it
	made     bool // it is in the metadata for the relationship alone
}

// linkPair is a column of a side and the column of the link table that refers to
// it.
type linkPair struct {
	prop   *property
	column *Column
}

type relationOrder struct {
	prop *property
	desc bool
}

// RelationshipInfo describes a relationship.
type RelationshipInfo struct {
	Name          string    // the field
	Target        *Mapper   // what it leads to
	Direction     Direction // where the foreign key is
	Many          bool      // it is a collection
	BackPopulates string    // the other side's field, or empty
	Secondary     *Table    // the link table of a many-to-many relationship, or nil
	ViewOnly      bool      // it is never written
}

// Relationships returns the relationships in the order of the fields. The error
// says what keeps them from being joined, such as a struct that is not
// registered.
func (m *Mapper) Relationships() ([]RelationshipInfo, error) {
	if err := m.registry.settle(); err != nil {
		return nil, err
	}
	list := make([]RelationshipInfo, len(m.rels))
	for i, r := range m.rels {
		list[i] = RelationshipInfo{Name: r.name, Target: r.target, Direction: r.direction, Many: r.shape != shapeOne, ViewOnly: r.viewOnly}
		if r.back != nil {
			list[i].BackPopulates = r.back.name
		}
		if r.link != nil {
			list[i].Secondary = r.link.table
		}
	}
	return list, nil
}

// relationOf returns the relationship at an offset of the struct.
func (m *Mapper) relationOf(offset uintptr, goType reflect.Type) *relationship {
	for _, r := range m.rels {
		if r.offset == offset && r.goType == goType {
			return r
		}
	}
	return nil
}

func (m *Mapper) relationNamed(name string) *relationship {
	for _, r := range m.rels {
		if r.name == name {
			return r
		}
	}
	return nil
}

func (m *Mapper) relationNames() []string {
	names := make([]string, len(m.rels))
	for i, r := range m.rels {
		names[i] = r.name
	}
	return names
}

// fullName is the relationship as errors name it.
func (r *relationship) fullName() string { return r.owner.name + "." + r.name }

func (r *relationship) has(c cascades) bool { return r.cascade&c != 0 }

func (r *relationship) writeOnly() bool { return r.lazy == lazyWriteOnly }

// refuseWhole is the error for a use of a write-only collection's field.
func (r *relationship) refuseWhole(kind ErrorKind, op string) error {
	return &UsageError{
		Kind: kind, Op: op, Subject: r.fullName(), Reason: "the collection is write-only: its field stays nil",
		Advice: "use the methods of orm.Collection",
	}
}

// primary is the one of the two sides of a relationship that speaks for both.
func (r *relationship) primary() *relationship {
	if r.back == nil || r.direction == ManyToOne {
		return r
	}
	if r.back.direction == ManyToOne || r.back.before(r) {
		return r.back
	}
	return r
}

// before orders the two sides of a many-to-many relationship.
func (r *relationship) before(o *relationship) bool {
	if r.owner != o.owner {
		return r.owner.table.FullName() < o.owner.table.FullName()
	}
	return r.index < o.index
}

// childPairs are the columns of the foreign key of the side that has it, with
// those that they refer to.
func (r *relationship) childPairs() []keyPair {
	if r.direction == ManyToOne {
		return r.pairs
	}
	pairs := make([]keyPair, len(r.pairs))
	for i, p := range r.pairs {
		pairs[i] = keyPair{p.far, p.own}
	}
	return pairs
}

func ownProps(pairs []keyPair) []*property {
	props := make([]*property, len(pairs))
	for i, p := range pairs {
		props[i] = p.own
	}
	return props
}

func farProps(pairs []keyPair) []*property {
	props := make([]*property, len(pairs))
	for i, p := range pairs {
		props[i] = p.far
	}
	return props
}

// read returns the objects that a field leads to now, in its order; of a map in
// that of its keys, of a set in none. The result may share the field's memory: it
// is not to be kept.
func (r *relationship) read(object types.Ptr) []types.Ptr {
	field := fieldPtr(object, r.offset)
	switch r.shape {
	case shapeOne:
		if *typedPointer[types.Ptr](field) == nil {
			return nil
		}
		return (*typedPointer[[1]types.Ptr](field))[:]
	case shapeList:
		return *typedPointer[[]types.Ptr](field)
	}
	return r.readMap(reflect.NewAt(r.goType, field).Elem())
}

func (r *relationship) readMap(m reflect.Value) []types.Ptr {
	if m.IsNil() {
		return nil
	}
	members, keys := make([]types.Ptr, 0, m.Len()), m.MapKeys()
	if r.shape == shapeMap {
		slices.SortFunc(keys, compareMapKeys)
	}
	for _, key := range keys {
		if r.shape == shapeSet {
			members = append(members, key.UnsafePointer())
		} else {
			members = append(members, m.MapIndex(key).UnsafePointer())
		}
	}
	return members
}

// compareMapKeys orders keys of a map that are numbers or texts, so that every
// run sends the same statements.
func compareMapKeys(a, b reflect.Value) int {
	switch {
	case a.CanInt():
		return cmp.Compare(a.Int(), b.Int())
	case a.CanUint():
		return cmp.Compare(a.Uint(), b.Uint())
	case a.Kind() == reflect.String:
		return cmp.Compare(a.String(), b.String())
	}
	return 0
}

// write makes a field lead to the objects, in memory of its own.
func (r *relationship) write(object types.Ptr, members []types.Ptr) {
	field := fieldPtr(object, r.offset)
	switch r.shape {
	case shapeOne:
		var one types.Ptr
		if len(members) > 0 {
			one = members[0]
		}
		*typedPointer[types.Ptr](field) = one
	case shapeList:
		*typedPointer[[]types.Ptr](field) = slices.Clip(slices.Clone(members))
	default:
		r.writeMap(reflect.NewAt(r.goType, field).Elem(), members)
	}
}

func (r *relationship) writeMap(field reflect.Value, members []types.Ptr) {
	m := reflect.MakeMapWithSize(r.goType, len(members))
	for _, p := range members {
		object := reflect.NewAt(r.elem, p)
		if r.shape == shapeSet {
			m.SetMapIndex(object, reflect.Zero(r.goType.Elem()))
		} else {
			m.SetMapIndex(r.mapKey(p), object)
		}
	}
	field.Set(m)
}

// mapKey is the key that a map has for an object.
func (r *relationship) mapKey(p types.Ptr) reflect.Value {
	return reflect.NewAt(r.keyField.goType, fieldPtr(p, r.keyField.offset)).Elem().Convert(r.goType.Key())
}

// editMap puts objects into a map and takes others out of it. What else is there
// keeps its key, and its place where a newcomer has the same key.
func (r *relationship) editMap(object types.Ptr, came, went []types.Ptr) {
	field := reflect.NewAt(r.goType, fieldPtr(object, r.offset)).Elem()
	if field.IsNil() {
		field.Set(reflect.MakeMap(r.goType))
	}
	gone := make(map[types.Ptr]bool, len(went))
	for _, p := range went {
		gone[p] = true
	}
	for entries := field.MapRange(); entries.Next(); {
		if gone[entries.Value().UnsafePointer()] {
			field.SetMapIndex(entries.Key(), reflect.Value{})
		}
	}
	for _, p := range came {
		if key := r.mapKey(p); !field.MapIndex(key).IsValid() {
			field.SetMapIndex(key, reflect.NewAt(r.elem, p))
		}
	}
}

// hides reports whether a map does not show an object because another one that is
// known has the same key.
func (r *relationship) hides(object, member types.Ptr, known []types.Ptr) bool {
	if r.shape != shapeMap {
		return false
	}
	key := r.mapKey(member)
	there := reflect.NewAt(r.goType, fieldPtr(object, r.offset)).Elem().MapIndex(key)
	return there.IsValid() && !there.IsNil() && slices.Contains(known, types.Ptr(there.UnsafePointer())) && r.mapKey(there.UnsafePointer()).Equal(key)
}

// empty is what a collection that was read and has no members looks like: not
// nil, so that it can be told from one that was not read.
func (r *relationship) empty(object types.Ptr) {
	if r.shape == shapeList {
		*typedPointer[[]types.Ptr](fieldPtr(object, r.offset)) = []types.Ptr{}
		return
	}
	r.write(object, nil)
}
