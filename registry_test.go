// This file tests registration: what is refused and with which words, what
// several registries share, and that all of it may happen at once.

package orm

import (
	"database/sql"
	"errors"
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// errorTexts is an error, or each of those that were joined.
func errorTexts(err error) []string {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var texts []string
		for _, e := range joined.Unwrap() {
			texts = append(texts, e.Error())
		}
		return texts
	}
	if err == nil {
		return nil
	}
	return []string{err.Error()}
}

// forgetLater has the process forget the models after the test, so that the
// next run of it finds them as new as this one did.
func forgetLater(t *testing.T, models ...Model) {
	t.Helper()
	Entity[refUser]() // there is at least one reference
	t.Cleanup(func() {
		for _, model := range models {
			goType := reflect.TypeOf(model).Elem()
			firstMappers.Delete(goType)
			for key, ref := range *references.byKey.Load() {
				if key.goType == goType {
					ref.found.Store(nil)
				}
			}
		}
	})
}

func TestSeveralModelsAreMappedInTheOrderGiven(t *testing.T) {
	type Line struct {
		Base
		ID      int64
		OrderID int64 `orm:"foreign_key:order.id"`
	}
	type Order struct {
		Base
		ID int64
	}
	r := MustRegister(&Line{}, &Order{}, &Line{})
	var names []string
	for _, m := range r.Mappers() {
		names = append(names, m.Name())
	}
	if diff := cmp.Diff([]string{"Line", "Order"}, names); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	for _, table := range r.Metadata().Tables() {
		if err := table.Err(); err != nil {
			t.Error(err)
		}
	}
	before := r.Mappers()
	if err := r.Register(&Order{}, &Line{}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(len(before), len(r.Mappers())); diff != "" {
		t.Errorf("a second registration changes something (-want +got):\n%s", diff)
	}
}

func TestOptionsOfARegistry(t *testing.T) {
	type User struct {
		Base
		ID int64
	}
	type Log struct {
		Base `orm:"table:audit;schema:other"`
		ID   int64
	}
	metadata := NewMetadata()
	r := NewRegistry(WithMetadata(metadata), WithSchema("app"), WithTableName(func(name string) string { return "t_" + name }))
	if err := r.Register(&User{}, &Log{}); err != nil {
		t.Fatal(err)
	}
	if metadata.Table("app.t_User") == nil || metadata.Table("other.audit") == nil || r.Metadata() != metadata {
		t.Errorf("tables = %v", metadata.Tables())
	}
	naming := NamingConvention{PrimaryKey: "%(table)s_key"}
	if got := NewRegistry(WithNaming(naming)).Metadata().naming; got != naming {
		t.Errorf("naming = %v", got)
	}
}

func TestNothingIsRegisteredIfAnythingIsWrong(t *testing.T) {
	type Good struct {
		Base
		ID int64
	}
	type Bad struct {
		Base
		Name string
	}
	forgetLater(t, &Good{})
	r := NewRegistry()
	if err := r.Register(&Good{}, &Bad{}); !errors.Is(err, ErrMapping) {
		t.Fatalf("err = %v", err)
	}
	if len(r.Mappers()) != 0 || len(r.Metadata().Tables()) != 0 {
		t.Errorf("%d mappers, %d tables", len(r.Mappers()), len(r.Metadata().Tables()))
	}
	for _, model := range []Model{&Good{}, &Bad{}} {
		if _, err := Inspect(model); !errors.Is(err, ErrNotRegistered) {
			t.Errorf("%T: err = %v", model, err)
		}
	}
	if err := r.Register(&Good{}); err != nil {
		t.Errorf("after a failure: %v", err)
	}
}

func TestStructInTwoRegistriesBelongsToTheFirst(t *testing.T) {
	type User struct {
		Base
		ID int64
	}
	forgetLater(t, &User{})
	first, second := MustRegister(&User{}), MustRegister(&User{})
	m, err := Inspect(&User{})
	if err != nil {
		t.Fatal(err)
	}
	if m.Registry() != first {
		t.Error("not the first registry")
	}
	if m, err = second.Mapper(&User{}); err != nil || m.Registry() != second {
		t.Errorf("mapper %v, err %v", m, err)
	}
}

func TestUnknownStructIsNotRegistered(t *testing.T) {
	type Stranger struct {
		Base
		ID int64
	}
	_, err := Inspect(&Stranger{})
	want := []string{"orm: map orm.Stranger: no registry has it (register it: orm.MustRegister(&Stranger{}))"}
	if diff := cmp.Diff(want, errorTexts(err)); diff != "" || !errors.Is(err, ErrNotRegistered) {
		t.Errorf("(-want +got):\n%s", diff)
	}
	_, err = NewRegistry().Mapper(&Stranger{})
	want = []string{"orm: map orm.Stranger: this registry does not have it (register it: orm.MustRegister(&Stranger{}))"}
	if diff := cmp.Diff(want, errorTexts(err)); diff != "" || !errors.Is(err, ErrNotRegistered) {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestMustRegisterPanicsWithEveryProblem(t *testing.T) {
	type One struct{ Base }
	type Two struct{ Base }
	defer func() {
		err, _ := recover().(error)
		if got := len(errorTexts(err)); got != 2 {
			t.Errorf("%d problems: %v", got, err)
		}
	}()
	MustRegister(&One{}, &Two{})
}

func TestRegistrationAndLookUpAtOnce(t *testing.T) {
	type User struct {
		Base
		ID int64
	}
	r := NewRegistry()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if err := r.Register(&User{}); err != nil {
				t.Error(err)
			}
			if _, err := Inspect(&User{}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if len(r.Mappers()) != 1 || len(r.Metadata().Tables()) != 1 {
		t.Errorf("%d mappers, %d tables", len(r.Mappers()), len(r.Metadata().Tables()))
	}
}

func TestTableOfAnotherIsLeftAloneWhenRegistrationFails(t *testing.T) {
	type First struct {
		Base
		ID int64
	}
	type Second struct {
		Base
		ID int64
	}
	metadata := NewMetadata()
	var other *Table
	r := NewRegistry(WithMetadata(metadata), WithTableName(func(name string) string {
		if name == "Second" { // by now the name of the first was found to be free
			other = NewTable("First", metadata)
		}
		return name
	}))
	if err := r.Register(&First{}, &Second{}); !errors.Is(err, ErrDuplicateTable) {
		t.Fatalf("err = %v", err)
	}
	if metadata.Table("First") != other || metadata.Table("Second") != nil || len(r.Mappers()) != 0 {
		t.Errorf("tables %v, mappers %v", metadata.Tables(), r.Mappers())
	}
}

func TestTwoRegistriesOfOneMetadataAtOnce(t *testing.T) {
	type User struct {
		Base
		ID int64
	}
	metadata := NewMetadata()
	failed := make(chan error, 8)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() { failed <- NewRegistry(WithMetadata(metadata)).Register(&User{}) })
	}
	wg.Wait()
	close(failed)
	won := 0
	for err := range failed {
		if err == nil {
			won++
		}
	}
	if won != 1 || metadata.Table("user") == nil {
		t.Errorf("%d registries have the table, %v", won, metadata.Table("user"))
	}
}

// The structs below are wrong, each in one way.
type (
	wrongPart  struct{ X, Y int }
	wrongWhole struct {
		Part sql.Null[wrongPart] `orm:"composite"`
	}
	wrongOther struct {
		Base
		ID int64
	}
	WrongHidden struct{ WrongHidden string }
	wrongMixinA struct{ Note string }
	wrongMixinB struct{ Note string }
)

func TestEveryMistakeHasItsOwnWords(t *testing.T) {
	type NoKey struct {
		Base
		Name string
	}
	type TwoColumns struct {
		Base
		ID    int64
		Name  string
		Alias string `orm:"column:name"`
	}
	type BadWord struct {
		Base
		ID   int64
		Name string `orm:"siez:50"`
	}
	type OpenQuote struct {
		Base
		ID   int64
		Name string `orm:"size:5;default:'x"`
	}
	type BadType struct {
		Base
		ID   int64
		Name string `orm:"size:x"`
		Flag bool   `orm:"size:5"`
		Both string `orm:"type:text;size:5"`
	}
	type NoType struct {
		Base
		ID    int64
		Place wrongPart
	}
	type EmbeddedPointer struct {
		Base
		ID int64
		*wrongPart
	}
	type BasePointer struct {
		*Base
		ID int64
	}
	type BaseField struct {
		Base
		ID    int64
		Other Base
	}
	type Hidden struct {
		Base
		ID int64
		WrongHidden
	}
	type TwoBases struct {
		Base
		ID     int64
		Common struct{ Base } `orm:"-"`
		wrongAbstract
	}
	type Inherits struct {
		wrongOther `orm:"inherits:joined"`
	}
	type InheritsSomehow struct{ wrongOther }
	type InheritsOddly struct {
		wrongOther `orm:"inherits:multiple"`
	}
	type InheritsLate struct {
		Note       string
		wrongOther `orm:"inherits:single"`
	}
	type Polymorphic struct {
		Base `orm:"polymorphic_on:Kind"`
		ID   int64
	}
	type Abstract struct {
		Base `orm:"abstract"`
		ID   int64
	}
	type Relates struct {
		Base
		ID     int64
		One    *wrongOther            `orm:"back_populates:Many"`
		Many   []*wrongOther          `orm:"lzay:joined"`
		ByName map[string]*wrongOther `orm:"-"`
	}
	type Composite struct {
		Base
		ID     int64
		Number int64                `orm:"composite"`
		Start  *wrongPart           `orm:"composite;prefix:start_"`
		Maybe  sql.Null[wrongPart]  `orm:"composite;primary_key"`
		Count  sql.Null[int]        `orm:"composite;primary_key"`
		Other  wrongOther           `orm:"composite"`
		Empty  struct{ hidden int } `orm:"composite;size:3"`
		First  wrongPart            `orm:"composite;prefix:''"`
		Second wrongPart            `orm:"composite;prefix:''"`
		Outer  sql.Null[wrongWhole] `orm:"composite"`
	}
	type Twice struct {
		Base
		ID int64
		wrongMixinA
		wrongMixinB
	}
	type Unexported struct {
		Base
		ID   int64
		name string `orm:"size:5"` //nolint:unused // the tag is the mistake
	}
	type Versions struct {
		Base
		ID     int64     `orm:"version"`
		Text   string    `orm:"version"`
		Second int       `orm:"version;default:1"`
		Third  *int      `orm:"version;fetched"`
		Fourth string    `orm:"version;fetched;on_update:'x'"`
		Fifth  wrongStep `orm:"version"`
	}
	type NullKey struct {
		Base
		ID *int64
	}
	type KeyTwice struct {
		Base  `orm:"primary_key:(a)"`
		A     int64
		Other int64 `orm:"primary_key"`
	}
	type KeyRoles struct {
		Base
		ID int64 `orm:"nullable;deferred;on_update:1"`
	}
	type Null struct {
		Base
		ID   int64
		Name string `orm:"nullable;notnull"`
	}
	type Auto struct {
		Base
		ID    string `orm:"autoincrement"`
		Count int    `orm:"autoincrement"`
		Word  int    `orm:"autoincrement:maybe"`
	}
	type AutoDefault struct {
		Base
		ID int64 `orm:"autoincrement;default:1"`
	}
	type Defaults struct {
		Base
		ID    int64
		Count int    `orm:"default:many"`
		When  int    `orm:"default:now"`
		Level string `orm:"type:enum(low,high);default:medium"`
		Both  int    `orm:"server_default:1;fetched"`
	}
	type Computed struct {
		Base
		ID    int64 `orm:"computed:1"`
		Total int   `orm:"computed:id * 2;default:3;stored;virtual"`
		Kept  int   `orm:"stored"`
		No    int   `orm:"identity:sometimes"`
		Word  *int  `orm:"identity;default:1"`
	}
	type Keys struct {
		Base
		ID     int64
		Owner  int64 `orm:"foreign_key:users"`
		Other  int64 `orm:"foreign_key:users.id;ondelete:vanish"`
		Action int64 `orm:"onupdate:now"`
	}
	type Lists struct {
		Base `orm:"unique:name;index:(nmae);foreign_key:(id,name)->t(x);foreign_key:(id);index:(id,,name);unique:(id,ID);foreign_key:(id)->(x);primary_key:id"`
		ID   int64
		Name string
	}
	type Names struct {
		Base `orm:"table:'';schema:''"`
		ID   int64 `orm:"column:''"`
	}
	type Generic[T any] struct {
		Base
		ID int64
	}
	want := sections(t, "testdata/map_errors.txt")
	for _, test := range []struct {
		name  string
		model Model
	}{
		{"no primary key", &NoKey{}},
		{"two fields for one column", &TwoColumns{}},
		{"unknown word", &BadWord{}},
		{"open quote", &OpenQuote{}},
		{"sizes", &BadType{}},
		{"a struct that is no value", &NoType{}},
		{"embedded pointer", &EmbeddedPointer{}},
		{"pointer to Base", &BasePointer{}},
		{"Base as a field", &BaseField{}},
		{"field hidden by the embedded struct", &Hidden{}},
		{"two Bases", &TwoBases{}},
		{"inheritance", &Inherits{}},
		{"inheritance of which nothing says how", &InheritsSomehow{}},
		{"inheritance of no kind", &InheritsOddly{}},
		{"inheritance that does not come first", &InheritsLate{}},
		{"polymorphism", &Polymorphic{}},
		{"abstract", &Abstract{}},
		{"relationships", &Relates{}},
		{"composite", &Composite{}},
		{"promoted from two places", &Twice{}},
		{"unexported with a tag", &Unexported{}},
		{"versions", &Versions{}},
		{"key that may be NULL", &NullKey{}},
		{"key said twice", &KeyTwice{}},
		{"roles of a key", &KeyRoles{}},
		{"null and not", &Null{}},
		{"autoincrement", &Auto{}},
		{"autoincrement and default", &AutoDefault{}},
		{"defaults", &Defaults{}},
		{"computed", &Computed{}},
		{"foreign keys", &Keys{}},
		{"lists", &Lists{}},
		{"names", &Names{}},
		{"generic struct", &Generic[time.Time]{}},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := NewRegistry().Register(test.model)
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

// sections reads a file of texts under headings, each heading a line "== name".
func sections(t *testing.T, path string) map[string]string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, section := range strings.Split(string(data), "\n== ")[1:] {
		name, text, _ := strings.Cut(section, "\n")
		texts[name] = strings.TrimRight(text, "\n")
	}
	return texts
}

type wrongAbstract struct {
	Base `orm:"abstract"`
}

func TestArgumentThatIsNoModelIsRefused(t *testing.T) {
	type byValue struct{ *Base }
	for _, test := range []struct {
		name  string
		model Model
		want  string
	}{
		{"nil", nil, "orm: map <nil>: it is not a pointer to a struct that embeds orm.Base (give &User{})"},
		{"Base alone", &Base{}, "orm: map *orm.Base: it is not a pointer to a struct that embeds orm.Base (give &User{})"},
		{"a struct by value", byValue{&Base{}}, "orm: map orm.byValue: it is not a pointer to a struct that embeds orm.Base (give &User{})"},
	} {
		t.Run(test.name, func(t *testing.T) {
			err := NewRegistry().Register(test.model)
			if diff := cmp.Diff([]string{test.want}, errorTexts(err)); diff != "" || !errors.Is(err, ErrArgument) {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if _, err := Inspect(test.model); !errors.Is(err, ErrArgument) {
				t.Errorf("Inspect: err = %v", err)
			}
		})
	}
}

func TestTwoStructsCannotShareATable(t *testing.T) {
	type User struct {
		Base `orm:"table:people"`
		ID   int64
	}
	type Person struct {
		Base `orm:"table:people"`
		ID   int64
	}
	r := NewRegistry()
	want := []string{`orm: map Person: table "people" is that of User already (` + adviceForTable + `)`}
	if diff := cmp.Diff(want, errorTexts(r.Register(&User{}, &Person{}))); diff != "" {
		t.Errorf("in one call (-want +got):\n%s", diff)
	}
	if err := r.Register(&User{}); err != nil {
		t.Fatal(err)
	}
	want = []string{`orm: map Person: the metadata has a table "people" already (` + adviceForTable + `)`}
	if diff := cmp.Diff(want, errorTexts(r.Register(&Person{}))); diff != "" {
		t.Errorf("in two calls (-want +got):\n%s", diff)
	}
	if r.Metadata().Table("people") == nil {
		t.Error("the first table is gone")
	}
}

func TestProblemsOfAllStructsComeAtOnce(t *testing.T) {
	type First struct {
		Base `orm:"tabel:firsts"`
		Name string `orm:"size:0;uniqe"`
	}
	type Second struct {
		Base
		ID   int64
		Kind chan int
	}
	err := NewRegistry().Register(&First{}, nil, &Second{})
	if got := len(errorTexts(err)); got != 6 {
		t.Errorf("%d problems:\n%v", got, err)
	}
}

// wrongStep has a method NextVersion of another form.
type wrongStep string

func (w wrongStep) NextVersion() string { return string(w) }
