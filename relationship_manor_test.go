// This file has the structs of the random test of relationships, and how that gets
// at their fields.

package orm_test

import (
	"slices"
	"strconv"

	"github.com/aurum-go/orm"
)

// Manor, Wing and Lamp own each other; a Wing may have a Warden, and has Crests.
// The Wardens are a tree.
type Manor struct {
	orm.Base `orm:"table:manors"`

	ID      int64
	Name    string  `orm:"size:50"`
	Version int     `orm:"version"`
	Wings   []*Wing `orm:"back_populates:Manor;cascade:all,delete-orphan"`
}

type Wing struct {
	orm.Base `orm:"table:wings"`

	ID       int64
	Name     string `orm:"size:50"`
	Version  int    `orm:"version"`
	ManorID  int64
	Manor    *Manor `orm:"back_populates:Wings"`
	WardenID *int64
	Warden   *Warden  `orm:"back_populates:Wings"`
	Lamps    []*Lamp  `orm:"back_populates:Wing;cascade:all,delete-orphan"`
	Crests   []*Crest `orm:"secondary:wing_crests;back_populates:Wings"`
}

type Lamp struct {
	orm.Base `orm:"table:lamps"`

	ID     int64
	Name   string `orm:"size:50"`
	WingID int64
	Wing   *Wing `orm:"back_populates:Lamps"`
}

type Warden struct {
	orm.Base `orm:"table:wardens"`

	ID     int64
	Name   string `orm:"size:50"`
	BossID *int64
	Boss   *Warden   `orm:"back_populates:Staff"`
	Staff  []*Warden `orm:"back_populates:Boss;cascade:all"`
	Wings  []*Wing   `orm:"back_populates:Warden"`
}

type Crest struct {
	orm.Base `orm:"table:crests"`

	ID    int64
	Name  string  `orm:"size:50;unique"`
	Wings []*Wing `orm:"secondary:wing_crests;back_populates:Crests"`
}

var manors = orm.MustRegister(&Manor{}, &Wing{}, &Lamp{}, &Warden{}, &Crest{})

// role is one of the structs.
type role int

const (
	manor role = iota
	wing
	lamp
	warden
	crest
)

var roleNames = [...]string{"manor", "wing", "lamp", "warden", "crest"}

// thing is one row, with the object that the session holds for it.
type thing struct {
	role role
	n    int // in the order in which they were made
	obj  orm.Model
	id   int64

	brought bool // into the session by the collection of what it was made in
}

func (x *thing) String() string {
	if x == nil {
		return "nobody"
	}
	return roleNames[x.role] + strconv.Itoa(x.n)
}

// GoString is what a failure prints.
func (x *thing) GoString() string { return x.String() }

func (t *tie) GoString() string { return t.name }

// fields are the columns of all structs.
func (x *thing) fields() (id *int64, name *string, version *int) {
	switch o := x.obj.(type) {
	case *Manor:
		return &o.ID, &o.Name, &o.Version
	case *Wing:
		return &o.ID, &o.Name, &o.Version
	case *Lamp:
		return &o.ID, &o.Name, new(int)
	case *Warden:
		return &o.ID, &o.Name, new(int)
	case *Crest:
		return &o.ID, &o.Name, new(int)
	}
	return nil, nil, nil
}

// tie is a relationship of a child and a parent, or, where it has no reference, one
// of the two sides of links.
type tie struct {
	name          string
	child, parent role
	cascade       bool // what a parent has is deleted with it
	orphan        bool // and when it is taken away

	ref    func(x *thing) orm.Model // nil for none
	setRef func(x *thing, to orm.Model)
	at     func(x *thing) any // the address of the field
	key    func(x *thing) int64
	setKey func(x *thing, to int64)
	all    func(x *thing) []orm.Model
	setAll func(x *thing, list []orm.Model)
	allAt  func(x *thing) any
}

// collection makes a collection of one type one of models.
func collection[P, C any, PM interface {
	*P
	orm.Model
}, CM interface {
	*C
	orm.Model
}](t tie, field func(PM) *[]CM) tie {
	t.all = func(x *thing) []orm.Model {
		var models []orm.Model
		for _, o := range *field(x.obj.(PM)) {
			models = append(models, o)
		}
		return models
	}
	t.setAll = func(x *thing, models []orm.Model) {
		typed := make([]CM, len(models))
		for i, o := range models {
			typed[i] = o.(CM)
		}
		*field(x.obj.(PM)) = typed
	}
	t.allAt = func(x *thing) any { return field(x.obj.(PM)) }
	return t
}

func reference[C, P any, CM interface {
	*C
	orm.Model
}, PM interface {
	*P
	orm.Model
}](t tie, field func(CM) *PM) tie {
	t.ref = func(x *thing) orm.Model {
		if p := *field(x.obj.(CM)); p != nil {
			return p
		}
		return nil
	}
	t.setRef = func(x *thing, to orm.Model) {
		*field(x.obj.(CM)), _ = to.(PM)
	}
	t.at = func(x *thing) any { return field(x.obj.(CM)) }
	return t
}

var (
	tieWing = collection(reference(tie{name: "Manor",
		key: func(x *thing) int64 { return x.obj.(*Wing).ManorID }, setKey: func(x *thing, to int64) { x.obj.(*Wing).ManorID = to },
		child: wing, parent: manor, cascade: true, orphan: true},
		func(w *Wing) **Manor { return &w.Manor }), func(m *Manor) *[]*Wing { return &m.Wings })
	tieLamp = collection(reference(tie{name: "Wing",
		key: func(x *thing) int64 { return x.obj.(*Lamp).WingID }, setKey: func(x *thing, to int64) { x.obj.(*Lamp).WingID = to },
		child: lamp, parent: wing, cascade: true, orphan: true},
		func(l *Lamp) **Wing { return &l.Wing }), func(w *Wing) *[]*Lamp { return &w.Lamps })
	tieWarden = collection(reference(tie{name: "Warden",
		key: func(x *thing) int64 { return orZero(x.obj.(*Wing).WardenID) }, setKey: func(x *thing, to int64) { x.obj.(*Wing).WardenID = &to },
		child: wing, parent: warden},
		func(w *Wing) **Warden { return &w.Warden }), func(w *Warden) *[]*Wing { return &w.Wings })
	tieStaff = collection(reference(tie{name: "Boss",
		key: func(x *thing) int64 { return orZero(x.obj.(*Warden).BossID) }, setKey: func(x *thing, to int64) { x.obj.(*Warden).BossID = &to },
		child: warden, parent: warden, cascade: true},
		func(w *Warden) **Warden { return &w.Boss }), func(w *Warden) *[]*Warden { return &w.Staff })
	ties = []*tie{&tieWing, &tieLamp, &tieWarden, &tieStaff}

	crestsOf = collection(tie{name: "Crests", child: crest, parent: wing}, func(w *Wing) *[]*Crest { return &w.Crests })
	wingsOf  = collection(tie{name: "Wings", child: wing, parent: crest}, func(c *Crest) *[]*Wing { return &c.Wings })
	lists    = append(slices.Clone(ties), &crestsOf, &wingsOf)
)

func orZero(p *int64) int64 {
	if p == nil {
		return 0
	}
	return *p
}
