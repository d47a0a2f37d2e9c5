// This file holds validators: functions that see, and may change or refuse, what a
// flush is about to write into a field.

package orm

import (
	"fmt"
	"reflect"
	"slices"

	"github.com/aurum-go/orm/types"
)

// Validate has a function see every value that a flush is about to write into a
// field, given by its address in an entity reference: of new objects, and of those
// where it was changed. What the function returns is written, and is what the object
// holds; its error, or a panic, keeps the flush from being sent. The error is an
// [ErrValue] that names the field and wraps the function's; those of several objects
// come together. The session goes on, so that the value can be set right.
//
//	u := orm.Entity[User]()
//	orm.Validate(&u.Email, func(v string) (string, error) {
//		if !strings.Contains(v, "@") {
//			return v, errors.New("no e-mail address")
//		}
//		return strings.ToLower(v), nil
//	})
//
// It is not called for what is read, for a zero that leaves a column to its default,
// for what SQL computes ([Assign]), and by [Update], [BulkInsert] and their like. It is
// called again for the objects that listeners of their rows may have changed,
// so it has to accept what it has returned. A validator of a struct that embeds a
// mapped one takes the place of those that the embedded one has for the same field.
//
// It returns a function that takes the validator out again. A field that is not one
// of an entity reference is an [ErrArgument], with which it panics.
func Validate[V any](field *V, f func(v V) (V, error)) (remove func()) {
	ref, offset := mustField[V]("Validate", field)
	l := &fieldListener{offset: offset, goType: reflect.TypeFor[V](), validate: func(field types.Ptr) error {
		v, err := f(*typedPointer[V](field))
		if err == nil {
			*typedPointer[V](field) = v
		}
		return err
	}}
	listeners := listenersOf(ref.goType)
	return listen(listeners, &listeners.validators, l)
}

// ValidateMembers has a function see every object that comes to a relationship, given
// by the address of its field in an entity reference, before a flush writes it: of
// either side, for both are in step by then. Its error keeps the flush from being sent,
// as that of [Validate] does. What is loaded, and what leaves, it does not see.
//
//	u := orm.Entity[User]()
//	orm.ValidateMembers(&u.Posts, func(p *Post) error { … })
//
// It returns a function that takes the validator out again. A field that is not one
// of an entity reference, and one that leads to something else than M, is an
// [ErrArgument], with which it panics.
func ValidateMembers[F, M any](field *F, f func(member *M) error) (remove func()) {
	ref, offset := mustField("ValidateMembers", field)
	if to := relatedType(reflect.TypeFor[F]()); to != reflect.TypeFor[M]() {
		panic(&UsageError{
			Kind: ErrArgument, Op: "ValidateMembers", Subject: reflect.TypeFor[F]().String(), Reason: "it does not lead to " + reflect.TypeFor[M]().String(),
			Advice: "give a function of what the field leads to",
		})
	}
	l := &fieldListener{offset: offset, goType: reflect.TypeFor[F](), admit: func(member types.Ptr) error { return f(typedPointer[M](member)) }}
	listeners := listenersOf(ref.goType)
	return listen(listeners, &listeners.validators, l)
}

// relatedType is the struct that a field of a relationship leads to, or nil.
func relatedType(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Slice || t.Kind() == reflect.Map {
		t = t.Elem()
	}
	if t.Kind() != reflect.Pointer {
		return nil
	}
	return t.Elem()
}

// validateMembers validates what comes to the relationships of a flush.
func (s *Session) validateMembers(w *relationWork) error {
	var owners []*instance
	for inst := range w.touched {
		if inst.unit == &s.unit && inst.mapper.listenedTo() {
			owners = append(owners, inst)
		}
	}
	slices.SortFunc(owners, compareInstances)
	var problems []error
	for _, inst := range owners {
		for _, f := range inst.mapper.lineage() {
			for _, l := range f.listeners.validators.list() {
				problems = append(problems, s.admit(inst, inst.mapper.relationOf(f.offset+l.offset, l.goType), l)...)
			}
		}
	}
	return joinErrors(problems)
}

// admit validates what comes to one relationship of an object.
func (s *Session) admit(inst *instance, r *relationship, l *fieldListener) (problems []error) {
	if r == nil || l.admit == nil {
		return nil
	}
	came, _ := inst.relationChange(r)
	for _, p := range came {
		if err := s.at(atValidate, func() error { return l.admit(p) }); err != nil {
			problems = append(problems, &UsageError{Kind: ErrValue, Op: "validate", Subject: r.fullName(), Reason: "the validator refuses a member", Err: err})
		}
	}
	return problems
}

// validateBatch validates the objects of a batch.
func (s *Session) validateBatch(b *batch) error {
	var problems []error
	if b.kind != batchDelete {
		for _, inst := range b.items {
			if err := s.validate(inst, false); err != nil {
				problems = append(problems, err)
			}
		}
	}
	return joinErrors(problems)
}

// validate calls the validators of what is to be written of an object: for each
// field those of the innermost struct that has any. Foreign keys that it takes from
// others have to have followed.
func (s *Session) validate(inst *instance, followed bool) error {
	var problems []error
	var done []*property
	for _, f := range slices.Backward(inst.mapper.lineage()) {
		var here []*property
		for _, l := range f.listeners.validators.list() {
			p := inst.mapper.propertyOf(f.offset+l.offset, l.goType)
			switch {
			case p == nil && l.admit == nil:
				problems = append(problems, notValidated(inst.mapper, l))
				continue
			case p == nil || slices.Contains(done, p) || !inst.writes(p) || !followed && inst.linksTo(p):
				continue
			}
			here = append(here, p)
			err := s.at(atValidate, func() error { return l.validate(fieldPtr(inst.object, p.offset)) })
			if err != nil {
				problems = append(problems, &UsageError{Kind: ErrValue, Op: "validate", Subject: inst.mapper.name + "." + p.name, Reason: "the validator refuses the value", Err: err})
			}
		}
		done = append(done, here...)
	}
	return joinErrors(problems)
}

// notValidated is the error for a validator of a field that no column has.
func notValidated(m *Mapper, l *fieldListener) error {
	return &UsageError{
		Kind: ErrArgument, Op: "validate", Subject: fmt.Sprintf("a %s of %s", l.goType, m.name), Reason: "the field is no column",
		Advice: "the members of a relationship are for ValidateMembers",
	}
}

// writes reports whether a flush writes the value that the object holds.
func (i *instance) writes(p *property) bool {
	switch {
	case i.exprs[p.index] != nil || p.served:
		return false
	case i.snapshot != nil:
		return i.explicit.has(p.index) || !sameField(p, i.object, i.snapshot)
	}
	return !i.usesDefault(p) || !p.auto && p.column.server.IsZero() && p.column.fallback.IsZero()
}
