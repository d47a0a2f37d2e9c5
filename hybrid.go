// This file holds hybrids: expressions that are written once, over the fields of a
// struct, and give their value for an object in memory as well as in SQL.

package orm

import (
	"fmt"
	"reflect"
	"strings"
	"sync/atomic"

	"github.com/aurum-go/orm/types"
)

// HybridProperty is a value that objects of T have, in Go and in SQL. It is
// immutable, and safe for concurrent use.
type HybridProperty[T, R any] struct {
	expr   func(ref *T) Expr[R]
	get    func(object *T) R
	set    func(object *T, v R)
	assign func(ref *T, v R) []Assignment
	form   *atomic.Pointer[hybridForm] // once it was needed
}

// Hybrid is an expression over the fields of a mapped struct, for [HybridProperty.Of]
// an object and [HybridProperty.Expr] in SQL. The function gets an entity reference
// each time. It emits no SQL, and may be called before T is registered.
//
//	var FullLabel = orm.Hybrid(func(p *Post) orm.Expr[string] {
//		return orm.Concat(orm.C(&p.Title), orm.Lit(": "), orm.C(&p.Body))
//	})
//
//	FullLabel.Of(post)                                     // "hello: world"
//	orm.Query[Post](s).Filter(FullLabel.Expr(p).Eq("a: b")) // … WHERE posts.title || ? || posts.body = ?
func Hybrid[T, R any](expr func(ref *T) Expr[R]) *HybridProperty[T, R] {
	return &HybridProperty[T, R]{expr: expr, form: &atomic.Pointer[hybridForm]{}}
}

// Getter returns the hybrid with a function that gives the value of an object, in
// place of the expression: for what only the database evaluates, such as a subquery.
// That both come to the same is up to them.
func (h *HybridProperty[T, R]) Getter(get func(object *T) R) *HybridProperty[T, R] {
	changed := *h
	changed.get = get
	return &changed
}

// Setter returns the hybrid with a function for [HybridProperty.Set].
func (h *HybridProperty[T, R]) Setter(set func(object *T, v R)) *HybridProperty[T, R] {
	changed := *h
	changed.set = set
	return &changed
}

// Updater returns the hybrid with the assignments that give it a value in SQL, for
// [HybridProperty.Assign].
func (h *HybridProperty[T, R]) Updater(assign func(ref *T, v R) []Assignment) *HybridProperty[T, R] {
	changed := *h
	changed.assign = assign
	return &changed
}

// Expr is the hybrid in SQL, of an entity reference: for conditions, select lists,
// ORDER BY and GROUP BY.
func (h *HybridProperty[T, R]) Expr(ref *T) Expr[R] { return h.expr(ref) }

// Of is the hybrid of an object, of what its fields hold now; NULL is the zero value. It
// emits no SQL. What cannot be had in Go, it panics with: the error of
// [HybridProperty.Eval], which tells NULL apart as well.
func (h *HybridProperty[T, R]) Of(object *T) R { return mustHave(h.Eval(object)) }

// Eval is the hybrid of an object, or nil for NULL. It emits no SQL. The error is an
// [ErrUnsupported] for a part of the expression that only a database evaluates (a
// subquery, SQL text, an order of texts, a sum that overflows) and for a column that
// was not loaded.
//
// Texts are equal if their bytes are, whatever collation the database has, and lower and
// upper change all letters, which they do on PostgreSQL and MySQL; SQLite changes
// those of ASCII.
func (h *HybridProperty[T, R]) Eval(object *T) (*R, error) {
	if h.get != nil && object != nil {
		v := h.get(object)
		return &v, nil
	}
	form := h.form.Load()
	if form == nil {
		var err error
		if form, err = formOf[T](h.expr(Entity[T]()).n); err != nil {
			return nil, err
		}
		h.form.Store(form)
	}
	return evalForm[T, R](form, object)
}

// Set gives the hybrid of an object a value, by its setter. Without one it is an
// [ErrUnsupported].
func (h *HybridProperty[T, R]) Set(object *T, v R) error {
	if h.set == nil {
		return hybridError[T](ErrUnsupported, "set", "it has no setter", "give it one with Setter")
	}
	if object == nil {
		return nilArgument("set hybrid", "object")
	}
	h.set(object, v)
	return nil
}

// Assign is what gives the hybrid a value in SQL, for the SET of an UPDATE and the row
// of an INSERT: what its updater says, or else the column that the hybrid is.
//
//	orm.Query[User](s).Update(ctx, FullName.Assign(u, "Ed Jones")...)
//	// UPDATE users SET first = ?, last = ?
//
// Without either the statement is an [ErrUnsupported].
func (h *HybridProperty[T, R]) Assign(ref *T, v R) []Assignment {
	if h.assign != nil {
		return h.assign(ref, v)
	}
	e := h.expr(ref)
	n, err := resolved(e.n)
	if err != nil {
		return []Assignment{{&errorNode{err}, nullNode}}
	}
	if _, ok := n.(*columnNode); !ok {
		err := hybridError[T](ErrUnsupported, "assign to", "it is no column", "say with Updater what is assigned")
		return []Assignment{{&errorNode{err}, nullNode}}
	}
	return []Assignment{e.Set(v)}
}

// HybridMethod is a [HybridProperty] with an argument; of several, make a struct.
type HybridMethod[T, A, R any] struct {
	expr func(ref *T, arg A) Expr[R]
	get  func(object *T, arg A) R
}

// Hybrid1 is a [Hybrid] with an argument, which is bound in SQL. A condition in place of a
// comparison is one:
//
//	var Named = orm.Hybrid1(func(u *User, name string) orm.Expr[bool] {
//		return orm.Eq(orm.Lower(orm.C(&u.Name)), orm.Lower(orm.Lit(name)))
//	})
//
//	Named.Of(user, "ED")                          // true for "Ed"
//	orm.Query[User](s).Filter(Named.Expr(u, "ED")) // … WHERE lower(users.name) = lower(?)
func Hybrid1[T, A, R any](expr func(ref *T, arg A) Expr[R]) *HybridMethod[T, A, R] {
	return &HybridMethod[T, A, R]{expr: expr}
}

// Getter is [HybridProperty.Getter] with the argument.
func (h *HybridMethod[T, A, R]) Getter(get func(object *T, arg A) R) *HybridMethod[T, A, R] {
	changed := *h
	changed.get = get
	return &changed
}

// Expr is [HybridProperty.Expr] with the argument.
func (h *HybridMethod[T, A, R]) Expr(ref *T, arg A) Expr[R] { return h.expr(ref, arg) }

// Of is [HybridProperty.Of] with the argument.
func (h *HybridMethod[T, A, R]) Of(object *T, arg A) R { return mustHave(h.Eval(object, arg)) }

// Eval is [HybridProperty.Eval] with the argument.
func (h *HybridMethod[T, A, R]) Eval(object *T, arg A) (*R, error) {
	if h.get != nil && object != nil {
		v := h.get(object, arg)
		return &v, nil
	}
	form, err := formOf[T](h.expr(Entity[T](), arg).n)
	if err != nil {
		return nil, err
	}
	return evalForm[T, R](form, object)
}

// hybridForm is an expression made ready for objects.
type hybridForm struct {
	mapper   *Mapper
	node     Node
	evaluate evaluation
	used     columnSet
	obstacle string
}

// inGo is how hybrids compare, whatever the database.
var inGo = &Features{BinaryText: true, NativeTimes: true}

func formOf[T any](n Node) (*hybridForm, error) {
	m, err := mapperFor(reflect.TypeFor[T]())
	if err != nil {
		return nil, err
	}
	if _, err := resolved(n); err != nil {
		return nil, err
	}
	return m.form(n), nil
}

// form makes an expression over the mapper's own entity ready for its objects.
func (m *Mapper) form(n Node) *hybridForm {
	e := &evaluator{mapper: m, from: m.from, features: inGo, letters: true}
	form := &hybridForm{mapper: m, node: n, evaluate: e.evaluation(n)}
	form.used, form.obstacle = e.used, e.obstacle
	return form
}

// evalForm evaluates an expression over an object.
func evalForm[T, R any](form *hybridForm, object *T) (*R, error) {
	if object == nil {
		return nil, nilArgument("evaluate hybrid", "object")
	}
	row := pointerTo(object)
	if _, _, isReference := addresses.find(uintptr(row)); isReference {
		return nil, hybridError[T](ErrArgument, "evaluate", "it is an entity reference, and no object", "use Expr")
	}
	if missing := form.mapper.notThere(row, form.used); len(missing) > 0 {
		return nil, hybridError[T](ErrUnsupported, "evaluate", "it needs what was not loaded: "+strings.Join(missing, ", "), "load it with orm.Load")
	}
	d, ok := form.evaluate(row)
	if !ok {
		reason := "the value is one that databases see differently"
		if form.obstacle != "" {
			reason = "it cannot be evaluated in Go, because of " + form.obstacle
		}
		return nil, hybridError[T](ErrUnsupported, "evaluate", reason, "give it a Getter")
	}
	if d.isNull() {
		return nil, nil
	}
	return datumInto[T, R](d, typeOf(form.node))
}

// datumInto is a value as a Go type, as if it came from the database.
func datumInto[T, R any](d datum, t types.Type) (*R, error) {
	codec, err := types.CodecFor(reflect.TypeFor[R](), t)
	if err != nil {
		codec, err = types.CodecFor(reflect.TypeFor[R](), types.Type{})
	}
	v := new(R)
	if err == nil {
		err = codec.Decode(pointerTo(v), d.value())
	}
	if err != nil {
		return nil, &UsageError{Kind: ErrDecode, Op: "evaluate", Subject: "hybrid of " + reflect.TypeFor[T]().Name(), Reason: fmt.Sprintf("the value does not fit a %s", reflect.TypeFor[R]()), Err: err}
	}
	return v, nil
}

// notThere are the fields of some columns that an object was read without.
func (m *Mapper) notThere(object types.Ptr, used columnSet) (names []string) {
	var unloaded columnSet
	var snapshot types.Ptr
	switch link := linkAt(m, object).(type) {
	case *instance:
		unloaded, snapshot = link.unloaded, link.snapshot
	case *untracked:
		unloaded = link.unloaded
	}
	for _, p := range used.pick(m) {
		if unloaded.has(p.index) && (snapshot == nil || sameField(p, object, snapshot)) {
			names = append(names, p.name)
		}
	}
	return names
}

func hybridError[T any](kind ErrorKind, op, reason, advice string) error {
	return &UsageError{Kind: kind, Op: op, Subject: "hybrid of " + reflect.TypeFor[T]().Name(), Reason: reason, Advice: advice}
}

// mustHave is a value that there is no other way to do without.
func mustHave[R any](v *R, err error) R {
	if err != nil {
		panic(err)
	}
	if v == nil {
		v = new(R)
	}
	return *v
}
