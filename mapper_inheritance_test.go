package orm

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type (
	kinBase struct {
		Base `orm:"table:kin;polymorphic_on:Kind;polymorphic_identity:base"`
		ID   int64
		Kind string `orm:"size:10"`
		Name string
	}
	kinPlain struct {
		Base
		ID int64
	}
	kinNumber struct {
		Base `orm:"polymorphic_on:Kind;polymorphic_identity:one"`
		ID   int64
		Kind int `orm:"deferred"`
	}
	kinCount struct {
		Base `orm:"polymorphic_on:Kind;polymorphic_identity:one"`
		ID   int64
		Kind int
	}
	kinHidden struct {
		Base `orm:"polymorphic_on:Kind;polymorphic_abstract;polymorphic_identity:x"`
		ID   int64
		Kind string
	}
)

func TestEveryMistakeOfInheritanceHasItsOwnWords(t *testing.T) {
	type WithoutDiscriminator struct {
		kinPlain `orm:"inherits:joined;polymorphic_identity:child"`
	}
	type First struct {
		kinBase `orm:"inherits:joined;polymorphic_identity:child"`
		Extra   string
	}
	type Second struct {
		kinBase `orm:"inherits:joined;polymorphic_identity:child"`
	}
	type Nameless struct {
		kinBase `orm:"inherits:single"`
	}
	type Collides struct {
		kinBase `orm:"inherits:joined;polymorphic_identity:collides"`
		Title   string `orm:"column:name"`
	}
	type Left struct {
		kinBase `orm:"inherits:single;polymorphic_identity:left"`
		Note    string
		Size    int `orm:"use_existing_column"`
	}
	type Right struct {
		kinBase `orm:"inherits:single;polymorphic_identity:right"`
		Note    string
		Size    string `orm:"use_existing_column"`
	}
	type Bare struct {
		Base `orm:"polymorphic_identity:bare"`
		ID   int64
	}
	type Wordy struct {
		kinBase `orm:"inherits:single;polymorphic_identity:wordy;polymorphic_on:Name;table:others;primary_key:name"`
		Key     int64  `orm:"primary_key"`
		Count   int    `orm:"version"`
		Must    string `orm:"notnull"`
	}
	want := sections(t, "testdata/inheritance_errors.txt")
	for _, test := range []struct {
		name   string
		models []Model
	}{
		{"no discriminator", []Model{&kinPlain{}, &WithoutDiscriminator{}}},
		{"an identity twice", []Model{&kinBase{}, &First{}, &Second{}}},
		{"no identity", []Model{&kinBase{}, &Nameless{}}},
		{"a column of the base", []Model{&kinBase{}, &Collides{}}},
		{"columns of siblings", []Model{&kinBase{}, &Left{}, &Right{}}},
		{"an identity of nothing", []Model{&Bare{}}},
		{"a discriminator that is not read", []Model{&kinNumber{}}},
		{"a discriminator of another type", []Model{&kinCount{}}},
		{"an identity of no rows", []Model{&kinHidden{}}},
		{"words of the topmost struct", []Model{&kinBase{}, &Wordy{}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := NewRegistry().Register(test.models...)
			if diff := cmp.Diff(want[test.name], strings.Join(errorTexts(err), "\n")); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if !errors.Is(err, ErrMapping) {
				t.Errorf("err = %v, want an ErrMapping", err)
			}
			delete(want, test.name)
		})
	}
	if len(want) > 0 {
		t.Errorf("sections without a case: %q", slices.Sorted(maps.Keys(want)))
	}
}

func TestSiblingsShareAColumnThatBothName(t *testing.T) {
	type Left struct {
		kinBase `orm:"inherits:single;polymorphic_identity:left"`
		Size    int `orm:"use_existing_column"`
	}
	type Right struct {
		kinBase `orm:"inherits:single;polymorphic_identity:right"`
		Size    int `orm:"use_existing_column"`
	}
	r := NewRegistry()
	if err := r.Register(&Right{}, &Left{}, &kinBase{}); err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, c := range r.Metadata().Table("kin").Columns() {
		names = append(names, c.Name())
	}
	if diff := cmp.Diff([]string{"id", "kind", "name", "size"}, names); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestBaseIsRegisteredWithItsHeirs(t *testing.T) {
	type Late struct {
		kinBase `orm:"inherits:joined;polymorphic_identity:late"`
	}
	r := NewRegistry()
	if err := r.Register(&kinBase{}); err != nil {
		t.Fatal(err)
	}
	want := []string{"orm: map Late: kinBase, from which it inherits, is not registered with it (register both by one call)"}
	if diff := cmp.Diff(want, errorTexts(r.Register(&Late{}))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
